"""The columns of a roster, read: numbers by the whole column, countries, platforms and other labels cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median

from optimizer.language.names import word
from optimizer.roster.accounts import Account, account
from optimizer.roster.column import Decimals, decimals_of, numbers
from optimizer.roster.figures import ERRORS, is_blank, token
from optimizer.roster.grid import Cell
from optimizer.roster.headers import Headed
from optimizer.roster.places import code_of
from optimizer.roster.result import Refusal
from optimizer.roster.uses import Use
from optimizer.roster.words import AUDIENCE, OF_RESULTS, SHARES, header, is_number

MOST_WRONG = 0.5
"""Beyond half of a column it is the header that is wrong, not the cells."""
FEWEST = 3
"""Cells from which a column can be judged."""
FEW_FOLLOWERS = 100
"""A column of followers with a smaller median is counted in thousands, or is another column."""

Value = Decimal | str | Account


@dataclass
class Read:
    """One column, read.

    Attributes:
        values: for each row the value, None where it is blank or cannot be read.
        currencies: for each row the currency written there, "" for none.
        odd: row -> (as written, why).
        wrong: row -> what is wrong with its cell, with a hint.
        unused: rows whose cell says something that cannot be meant, so that its value is not used.
        open: rows whose cell says something that is not read, because something about the whole column is asked back.
        ranges: row -> low and high, where a range is written; its value is the middle.
    """

    use: Use
    values: list[Value | None]
    blanks: int
    format: str = ""
    currencies: list[str] | None = None
    odd: list[tuple[int, str, str]] = field(default_factory=list)
    wrong: dict[int, tuple[str, str]] = field(default_factory=dict)
    open: frozenset[int] = frozenset()
    ranges: dict[int, tuple[Decimal, Decimal]] = field(default_factory=dict)
    unused: set[int] = field(default_factory=set)


def read_columns(
    headed: Headed, uses: Sequence[Use], delimiter: str | None, refuse: Callable[[Refusal], None]
) -> list[Read]:
    """Every column of the file, those that are not used as plain text.

    What is wrong with a whole column goes to `refuse`; what is wrong with one cell stays with it.
    """
    width = len(headed.titles)
    # a row with cells too many is refused, and says nothing about its columns
    rows = [row.cells if len(row.cells) <= width else [""] * width for row in headed.rows]
    cells: dict[int, list[Cell]] = {use.column: [row[use.column] for row in rows] for use in uses}
    proven: dict[int, Decimals] = {}
    for use in uses:
        if use.field is not None and is_number(use.field):
            sign = decimals_of(cells[use.column], use.field)
            if sign is not None and use.asked.decimal is None:
                proven[use.column] = sign
    result = []
    for use in uses:
        column = cells[use.column]
        if use.field is not None and is_number(use.field):
            others = frozenset(sign for other, sign in proven.items() if other != use.column)
            read = read_numbers(use, column, others, delimiter, headed, refuse)
            if not any(other.field == "currency" for other in uses):
                check_currencies(read, column)
            result.append(read)
        else:
            result.append(read_texts(use, column, headed, refuse))
    return result


def read_numbers(
    use: Use,
    cells: list[Cell],
    others: frozenset[Decimals],
    delimiter: str | None,
    headed: Headed,
    refuse: Callable[[Refusal], None],
) -> Read:
    """A column of numbers, read."""
    what = use.field or ""
    head = header(use.title)
    found = numbers(cells, what, use.title, head, use.asked, others, delimiter)
    read = Read(use, list(found.values), found.blanks, found.format, found.currencies, ranges=found.ranges)
    currency = use.asked.currency or head.currency
    if currency:
        read.currencies = [written or currency for written in found.currencies]
        if currency not in read.format:
            read.format = f"{currency} {read.format}"
    filled = len(cells) - found.blanks
    whole = [wrong for wrong in found.wrong if wrong.whole]
    cellwise = [wrong for wrong in found.wrong if not wrong.whole]
    for wrong in whole[:1]:
        refuse(refusal_at(wrong.row, wrong.message, wrong.hint, use, headed))
    if len(cellwise) > max(FEWEST - 1, MOST_WRONG * filled):
        shown = ", ".join(repr(str(cells[wrong.row])) for wrong in cellwise[:2])
        message = f"this column is to be {what}, but holds no numbers: {shown}"
        refuse(refusal_at(cellwise[0].row, message, moved_hint(what), use, headed))
    else:
        read.wrong = {wrong.row: (wrong.message, wrong.hint) for wrong in cellwise}
    said = {row for row, cell in enumerate(cells) if isinstance(cell, Decimal) or not is_blank(cell)}
    read.open = frozenset(row for row in said if read.values[row] is None and row not in read.wrong)
    _check_values(read, cells, headed, refuse)
    if found.errors:
        read.odd += [
            (row, cell, "an error of a formula, taken as empty")
            for row, cell in enumerate(cells)
            if isinstance(cell, str) and ERRORS.fullmatch(cell)
        ]
    return read


def check_currencies(read: Read, cells: list[Cell]) -> None:
    """Prices without a currency among others that have one, where nothing else says which they are in."""
    written = read.currencies or []
    whose = "theirs" if read.use.field in OF_RESULTS else "the scenario's"
    if any(written):
        read.odd += [
            (
                row,
                str(cells[row]),
                f"no currency, while others of the column have one: taken as {whose}",
            )
            for row, value in enumerate(read.values)
            if isinstance(value, Decimal) and value and not written[row]
        ]


def moved_hint(what: str) -> str:
    """What to do where a column holds something else than its header says."""
    return f"are the headers moved against the columns? else say which column: columns: {{{what}: HEADER}}"


def refusal_at(row: int, message: str, hint: str, use: Use, headed: Headed) -> Refusal:
    """What is wrong with one cell."""
    line = headed.rows[row].line
    return Refusal(message=message, hint=hint, line=line, column=use.column + 1, header=use.title)


def _check_values(read: Read, cells: list[Cell], headed: Headed, refuse: Callable[[Refusal], None]) -> None:
    """Numbers that their field cannot have, or can hardly have."""
    what, use = read.use.field or "", read.use
    known = [(row, value) for row, value in enumerate(read.values) if isinstance(value, Decimal)]
    negative = [(row, value) for row, value in known if value < 0]
    if not what.startswith("measures."):
        for row, _ in negative:
            read.wrong[row] = (
                f"{cells[row]!s} is negative, which {what} cannot be",
                "correct the cell, or leave it empty",
            )
            read.values[row] = None
    known = [(row, value) for row, value in known if value >= 0]
    if what in SHARES:
        for row, value in known:
            if max([value, *read.ranges.get(row, ())]) > 1:
                read.odd.append((row, str(cells[row]), "above 100 %: not used"))
                read.unused.add(row)
                read.values[row] = None
                read.ranges.pop(row, None)
    if what in AUDIENCE and known:
        broken = [row for row, value in known if value != value.to_integral_value()]
        if what == "followers" and len(broken) > max(1, MOST_WRONG * len(known)):
            message = f"{cells[broken[0]]!s} is no number of followers, and half of the column is like it"
            hint = "say columns: {followers: HEADER}, or unit: thousand where it is counted in thousands"
            refuse(refusal_at(broken[0], message, hint, use, headed))
        else:
            read.odd += [(row, str(cells[row]), "not whole") for row in broken if what == "followers"]
        read.odd += [(row, str(cells[row]), "0: nobody sees this") for row, value in known if not value]
        middle = median([value for _, value in known])
        asked = use.asked.power is not None or header(use.title).power
        if what == "followers" and len(known) >= FEWEST and middle < FEW_FOLLOWERS and not asked:
            message = f"half of the creators would have fewer than {FEW_FOLLOWERS} followers"
            hint = (
                f"say columns: {{followers: {{from: {use.title}, unit: thousand}}}}, or unit: one where it is so; "
                "or which column it is"
            )
            refuse(refusal_at(known[0][0], message, hint, use, headed))


def read_texts(use: Use, cells: list[Cell], headed: Headed, refuse: Callable[[Refusal], None]) -> Read:
    """A column of names or labels, read."""
    texts = ["" if is_blank(text := cell_text(cell)) else text for cell in cells]
    blanks = texts.count("")
    if use.field in ("name", "url"):
        # of a name only what is empty or an error says nothing: a creator may be called none or unknown
        texts = [cell_text(cell) for cell in cells]
        texts = ["" if text in NO_NAME or ERRORS.fullmatch(text) else text for text in texts]
        blanks = texts.count("")
        accounts = [account(text) if text else None for text in texts]
        read = Read(use, list(accounts), blanks, "text")
        if use.field == "name":
            check_names(read, texts, headed, refuse)
        return read
    read = Read(use, [text or None for text in texts], blanks, "" if use.field is None else "text")
    if use.field == "country":
        read.format = "countries"
        read.values = [code_of(text) if text else None for text in texts]
        read.unused = {row for row, text in enumerate(texts) if text and read.values[row] is None}
        read.odd = [
            (row, text, "no country that is known: taken as empty")
            for row, text in enumerate(texts)
            if text and read.values[row] is None
        ]
        if len(read.odd) > max(FEWEST - 1, MOST_WRONG * (len(cells) - blanks)):
            row, text, _ = read.odd[0]
            message = f"this column is to be country, but holds none: {text!r}"
            refuse(refusal_at(row, message, moved_hint("country"), use, headed))
    elif use.field in ("platform", "format"):
        read.values = [word(text) if text else None for text in texts]
        for row, text in enumerate(texts):
            named = account(text) if text and "/" in text and use.field == "platform" else None
            if named is not None and named.platform:
                read.values[row] = named.platform
            elif _is_figure(text):
                read.wrong[row] = (
                    f"{text!r} is a number, not a {use.field}",
                    "is a cell missing, so that the others stand under wrong headers?",
                )
            elif use.field == "platform" and any(sign in text for sign in ",;/&+|"):
                read.wrong[row] = (
                    f"{text!r} names several platforms",
                    "write a row for each, with its own numbers",
                )
    elif use.field == "currency":
        read.values = [text.upper() if text else None for text in texts]
        for row, text in enumerate(texts):
            found = token(f"1 {text}") if text else None
            if text and (found is None or len(found.currency) != 3):
                read.wrong[row] = (f"{text!r} is not a currency", "write a code of three letters, e.g. EUR")
            elif found is not None:
                read.values[row] = found.currency
    elif use.field == "tier":
        read.values = [word(text.split("(")[0].strip()) if text else None for text in texts]
    return read


def _is_figure(text: str) -> bool:
    """Whether a label is a bare number, percentage or price."""
    return not any(letter.isalpha() for letter in text) and token(text) is not None


NO_NAME = frozenset(("", "-", "–", "—", "N/A", "n/a", "@"))


def cell_text(cell: Cell) -> str:
    """A cell as text."""
    return cell if isinstance(cell, str) else f"{cell.normalize():f}"


def check_names(read: Read, texts: list[str], headed: Headed, refuse: Callable[[Refusal], None]) -> None:
    """A column of names that holds numbers is another column."""
    filled = [(row, text) for row, text in enumerate(texts) if text]
    numeric = [row for row, text in filled if text[0] != "@" and token(text) is not None]
    if len(filled) >= FEWEST and len(numeric) > MOST_WRONG * len(filled):
        message = f"this column is to name the creators, but holds numbers: {texts[numeric[0]]!r}"
        refuse(refusal_at(numeric[0], message, moved_hint(read.use.field or "name"), read.use, headed))
