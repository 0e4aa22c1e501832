"""The columns of a very large CSV file, read in one go where every cell is written plainly, else cell by cell.

What comes of it is the same as in `cells`; numbers and labels are arrays besides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, overload

import numpy as np

from optimizer.roster.accounts import Account
from optimizer.roster.bulk import Cells
from optimizer.roster.bulk_numbers import MOST_DIGITS, Plain, plain
from optimizer.roster.cells import (
    FEW_FOLLOWERS,
    FEWEST,
    MOST_WRONG,
    NO_NAME,
    Read,
    check_currencies,
    read_numbers,
    read_texts,
)
from optimizer.roster.column import Decimals, Numbers, Unsigned, bare_scale, decimals_of, described
from optimizer.roster.figures import ERRORS, Token, is_blank
from optimizer.roster.grid import Cell
from optimizer.roster.headers import Headed
from optimizer.roster.labels import Bools, Floats, Labels, labels_of
from optimizer.roster.result import Refusal
from optimizer.roster.texts import Texts
from optimizer.roster.uses import Use
from optimizer.roster.vocabulary import vocabulary
from optimizer.roster.words import AUDIENCE, SHARES, header, is_number

MOST_LABELS = 0.2
"""Of the rows: a column with more different texts is read cell by cell."""
LONGEST_ERROR = 24
"""Letters of the longest word that says that a cell says nothing."""
_OF_ERRORS = "+-nanifty %NANIFTY"
"""Letters of what programs write where a number failed, and of a dash."""


class Alike(Sequence[str]):
    """One text for every row."""

    def __init__(self, text: str, rows: int) -> None:
        self.text, self.rows = text, rows

    def __len__(self) -> int:
        return self.rows

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> list[str]: ...
    def __getitem__(self, row: int | slice) -> str | list[str]:
        return [self.text] * len(range(*row.indices(self.rows))) if isinstance(row, slice) else self.text


class Worked(Sequence[Any]):
    """A value of each row, worked out when it is asked for, by a function that other processes can be given."""

    def __init__(self, value: Callable[[int], Any], rows: int) -> None:
        self.value, self.rows = value, rows
        self.taken_out: set[int] = set()

    def __len__(self) -> int:
        return self.rows

    @overload
    def __getitem__(self, row: int) -> Any: ...
    @overload
    def __getitem__(self, row: slice) -> list[Any]: ...
    def __getitem__(self, row: int | slice) -> Any:
        if isinstance(row, slice):
            return [self[at] for at in range(*row.indices(self.rows))]
        return None if row in self.taken_out else self.value(row)


@dataclass
class BulkRead(Read):
    """One column, read, with its values as arrays.

    Attributes:
        numbers: of a column of numbers, NaN where there is none, shape (rows,).
        labels: of a column of labels.
        names: of the column of names, "" where there is none.
        silent: rows of which nothing is used and that is no fault of theirs, shape (rows,).
        total: exact sum of the numbers as read.
    """

    numbers: Floats | None = None
    labels: Labels | None = None
    names: Texts | None = None
    silent: Bools | None = None
    total: Decimal | None = None


def bulk_columns(
    headed: Headed,
    cells: Cells,
    uses: Sequence[Use],
    delimiter: str | None,
    refuse: Callable[[Refusal], None],
) -> list[BulkRead]:
    """Every column of the file; arguments as those of `cells.read_columns`."""
    written = {use.column: plain(cells.columns[use.column], use.field or "") for use in uses if _number(use)}
    proven: dict[int, Decimals] = {}
    for use in uses:
        if _number(use) and use.asked.decimal is None:
            found = written[use.column]
            sign = (
                decimals_of(cells.columns[use.column].kinds()[1], use.field or "")
                if found is None
                else "."
                if found.point
                else None
            )
            if sign is not None:
                proven[use.column] = sign
    result = []
    for use in uses:
        column = cells.columns[use.column]
        if not _number(use):
            result.append(_names(use, column) or _labels(use, column, headed, refuse))
            continue
        one = written[use.column]
        read = (
            None
            if one is None or (one.point and use.asked.decimal == ",")
            else _plain(use, column, one, headed)
        )
        if read is None:
            others = frozenset(sign for other, sign in proven.items() if other != use.column)
            objects: list[Cell] = list(column)
            singly = read_numbers(use, objects, others, delimiter, headed, refuse)
            if not any(other.field == "currency" for other in uses):
                check_currencies(singly, objects)
            read = by_cell(singly)
        result.append(read)
    return result


def _number(use: Use) -> bool:
    return use.field is not None and is_number(use.field)


def by_cell(read: Read) -> BulkRead:
    """A column that was read cell by cell."""
    values = read.values
    rows = len(values)
    said = {*read.wrong, *read.open, *read.unused}
    silent = np.array([value is None and row not in said for row, value in enumerate(values)], dtype=bool)
    shared = {name: getattr(read, name) for name in Read.__dataclass_fields__}
    made = BulkRead(**shared, silent=silent)
    if read.currencies is not None:
        made.numbers = np.array(
            [float(value) if isinstance(value, Decimal) else np.nan for value in values], dtype=float
        )
        made.total = sum((value for value in values if isinstance(value, Decimal)), Decimal(0))
        different = set(read.currencies)
        if len(different) == 1:
            made.currencies = Alike(different.pop(), rows)  # type: ignore[assignment]
    elif read.use.field == "name":
        made.names = Texts.of([value.name if isinstance(value, Account) else "" for value in values])
        made.labels = labels_of([value.platform if isinstance(value, Account) else None for value in values])
    elif read.use.field == "url":
        made.labels = labels_of([value.platform if isinstance(value, Account) else None for value in values])
    elif read.use.field is not None:
        made.labels = labels_of([value if isinstance(value, str) else None for value in values])
    return made


def _plain(use: Use, cells: Texts, written: Plain, headed: Headed) -> BulkRead | None:
    """A column of plain numbers; None where something about it has to be said."""
    what = use.field or ""
    head = header(use.title)
    rows = len(cells)
    empty = cells.empty
    filled = np.flatnonzero(~empty)
    found = Numbers([], [], blanks=int(empty.sum()))
    raw = written.values()
    scale = bare_scale(_unsigned(raw, cells), False, what, use.title, head, use.asked, found)
    if scale is None:
        return None
    power = scale.adjusted()
    numbers = written.values(power) if power else raw.copy()  # rounded once, as the exact number is
    values = Worked(partial(_scaled, cells, power), rows)
    tokens = [Token("1.5")] if written.point else [Token("1")] if len(filled) else []
    currency = use.asked.currency or head.currency or ""
    form = described(tokens, False, ".", scale, what)
    if currency and currency not in form:
        form = f"{currency} {form}"
    read = BulkRead(
        use,
        values,  # type: ignore[arg-type]
        found.blanks,
        form,
        Alike(currency, rows),  # type: ignore[arg-type]
        numbers=numbers,
        silent=empty,
    )
    most = np.nanmax(raw, initial=0.0)
    if written.digits > MOST_DIGITS or most * 10.0**written.digits > 2**52:
        read.total = sum((value for value in values if value is not None), Decimal(0))
    else:
        whole = np.rint(raw[filled] * 10.0**written.digits)
        exact = sum(int(part.sum()) for part in np.array_split(whole.astype(np.int64), 1 + rows // 1_000))
        read.total = Decimal(exact).scaleb(power - written.digits)
    return read if _usual(read, values, cells, raw, headed) else None


def _unsigned(raw: Floats, cells: Texts) -> Unsigned | None:
    nonzero = np.flatnonzero(raw > 0)
    if not len(nonzero):
        return None
    sizes = raw[nonzero]
    count = len(sizes)
    order = np.argpartition(sizes, sorted({(count - 1) // 2, count // 2, count - 1}))
    low, high, most = (Decimal(cells[nonzero[order[at]]]) for at in ((count - 1) // 2, count // 2, count - 1))
    first = int(nonzero[0])
    return Unsigned(first, Decimal(cells[first]), (low + high) / 2, most)


def _usual(read: BulkRead, values: Worked, cells: Texts, raw: Floats, headed: Headed) -> bool:
    """What `cells` checks of numbers: whether nothing has to be said about the column as a whole."""
    what, use = read.use.field or "", read.use
    numbers = read.numbers
    assert numbers is not None
    if what in SHARES:
        for row in np.flatnonzero(numbers > 1).tolist():
            read.odd.append((row, cells[row], "above 100 %: not used"))
            read.unused.add(row)
            values.taken_out.add(row)
            assert read.total is not None
            read.total -= values.value(row)
            numbers[row] = np.nan
    if what in AUDIENCE:
        known = np.flatnonzero(~np.isnan(numbers))
        if not len(known):
            return True
        broken = known[numbers[known] != np.rint(numbers[known])]
        if what == "followers":
            if len(broken) > max(1, MOST_WRONG * len(known)):
                return False
            read.odd += [(row, cells[row], "not whole") for row in broken.tolist()]
            asked = use.asked.power is not None or header(use.title).power
            if len(known) >= FEWEST and np.median(numbers[known]) < FEW_FOLLOWERS and not asked:
                return False
        read.odd += [(row, cells[row], "0: nobody sees this") for row in known[numbers[known] == 0].tolist()]
    return True


def _names(use: Use, cells: Texts) -> BulkRead | None:
    """Names of accounts that are no links; None for other columns, and where names are not plain."""
    if use.field != "name" or not cells.plain or cells.has('/#"'):
        return None
    if cells.has("@"):
        at = (cells.first() == ord("@")).astype(np.int64)
        cells = Texts(cells.letters, cells.starts + at, cells.sizes - at).trimmed()
    first = cells.first()
    if (first == ord("'")).any():  # spreadsheets keep =name so
        return None
    dubious = np.flatnonzero(_ERROR_FIRST[first] & (cells.sizes <= LONGEST_ERROR))
    dubious = dubious[cells.part(dubious).among(_OF_ERRORS)]
    if any(cell in NO_NAME or ERRORS.fullmatch(cell) for cell in cells.part(dubious)):
        return None
    if len(cells) and np.count_nonzero(_ALPHA[first]) * 2 < len(cells):
        return None  # perhaps numbers: looked at one by one
    empty = cells.empty
    values = Worked(partial(_account, cells), len(cells))
    return BulkRead(
        use,
        values,  # type: ignore[arg-type]
        int(empty.sum()),
        "text",
        names=cells,
        labels=Labels(np.full(len(cells), -1, dtype=np.int64), []),
        silent=empty,
    )


def _labels(use: Use, cells: Texts, headed: Headed, refuse: Callable[[Refusal], None]) -> BulkRead:
    """A column of labels by its different texts; one of ever new texts, or with something to say, cell by cell."""
    if use.field is None:
        return _unused(use, cells)
    if use.field in ("name", "url"):
        return by_cell(read_texts(use, list(cells), headed, refuse))
    codes, different = cells.kinds()
    if len(different) > max(1000, MOST_LABELS * len(cells)):
        return by_cell(read_texts(use, list(cells), headed, refuse))
    told: list[Refusal] = []
    few = read_texts(use, [*different], headed, told.append)
    if told or few.odd or few.wrong or few.unused:
        return by_cell(read_texts(use, list(cells), headed, refuse))
    made = labels_of([value if isinstance(value, str) else None for value in few.values])
    labels = Labels(np.asarray(made.codes[codes]), made.values)
    return BulkRead(
        use,
        Worked(labels.at, len(cells)),  # type: ignore[arg-type]
        int((labels.codes < 0).sum()),
        few.format,
        labels=labels,
        silent=np.asarray(labels.codes < 0),
    )


def _scaled(cells: Texts, power: int, row: int) -> Decimal | None:
    return Decimal(cells[row]).scaleb(power) if cells[row] else None


def _account(cells: Texts, row: int) -> Account | None:
    return Account(cells[row]) if cells[row] else None


def _said(cells: Texts, silent: Bools, row: int) -> str | None:
    return None if silent[row] else cells[row]


def _unused(use: Use, cells: Texts) -> BulkRead:
    """A column that is not used: which cells say nothing."""
    silent = cells.are(vocabulary("blank")) | cells.empty
    dubious = np.flatnonzero(_ERROR_FIRST[cells.first()] & (cells.sizes <= LONGEST_ERROR) & ~silent)
    silent[dubious] = [is_blank(cell) for cell in cells.part(dubious)]
    texts = Worked(partial(_said, cells, silent), len(cells))
    return BulkRead(use, texts, int(silent.sum()), silent=silent)  # type: ignore[arg-type]


_ERROR_FIRST = np.zeros(256, dtype=bool)
_ERROR_FIRST[[*b"#+-nNiI", *range(128, 256)]] = True
"""Bytes with which an error begins, or a letter that is taken for one of these."""
_ALPHA = np.array([chr(letter).isalpha() and letter < 128 for letter in range(256)], dtype=bool)
