"""Rows of a roster -> creators; every row that makes none has a reason, every one that cannot be read a problem."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from optimizer.language.quantities import plain
from optimizer.roster.accounts import Account
from optimizer.roster.cells import Read, Value
from optimizer.roster.headers import Headed, known_in
from optimizer.roster.keep import Keep
from optimizer.roster.result import Dropped, Duplicate, Refusal
from optimizer.roster.totals import adds_up, begins_like_total, called_total, headers_again, is_last
from optimizer.roster.words import MONEY

ENOUGH = ("followers", "reachable", "impressions_per_post", "engagements_per_post", "tier")
"""Of a row without any of these nothing can be known, and nothing filled."""


@dataclass
class Creator:
    """One row that takes part.

    Attributes:
        line: of the file.
        name: of the account, without @.
        platform: None where neither file nor defaults say it.
        values: field -> number or text; `tags.NAME` and `measures.NAME` too.
        columns: field -> column of its cell, counted from 1.
        currency: of its prices; None where none is written.
        ranges: field -> low and high, where a range is written; its value is the middle.
    """

    line: int
    name: str
    platform: str | None
    values: dict[str, Decimal | str]
    columns: dict[str, int]
    currency: str | None = None
    ranges: dict[str, tuple[Decimal, Decimal]] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same booking: platform, account in small letters, format."""
        return self.platform or "", self.name.casefold(), str(self.values.get("format", ""))


@dataclass
class Sorted:
    """What became of the rows."""

    creators: list[Creator] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    notes: set[int] = field(default_factory=set)
    """Rows, by position, that no column counts: totals, notes, the headers again, rows of too many or few cells."""


def sorted_rows(
    headed: Headed,
    columns: Sequence[Read],
    defaults: Mapping[str, Any],
    keep: Keep,
    refuse: Callable[[Refusal], None],
) -> Sorted:
    """Creators, and what became of all other rows.

    Args:
        headed: headers and rows.
        columns: all columns, read.
        defaults: fields for rows that leave them empty.
        keep: which rows take part.
        refuse: takes what is wrong with a row.
    """
    result = Sorted()
    used = [read for read in columns if read.use.field is not None]
    names = next((read for read in used if read.use.field == "name"), None)
    creators: list[Creator] = []
    for row in range(len(headed.rows)):
        made = made_of(headed, row, used, names, result, refuse)
        if made is not None:
            creators.append(made)
    sized = any(read.use.field == "followers" for read in used)
    for creator in each_once(creators, result, refuse):
        reason = left_out(creator, defaults, sized) or keep.reason(
            creator.line, with_defaults(creator, defaults)
        )
        if reason is None:
            result.creators.append(creator)
        else:
            result.dropped.append(Dropped(line=creator.line, reason=reason))
    result.dropped.sort(key=lambda one: one.line)
    result.refused.sort()
    return result


def made_of(
    headed: Headed,
    row: int,
    used: Sequence[Read],
    names: Read | None,
    result: Sorted,
    refuse: Callable[[Refusal], None],
) -> Creator | None:
    """The creator of a row; None for one that is dropped or refused, which `result` notes."""
    line = headed.rows[row].line
    torn = None if row in headed.below else misshapen(headed, row, used)
    if torn:
        result.notes.add(row)
    reason = None if torn else no_creator(headed, row, names, used)
    if reason is not None:
        result.notes.add(row)
        result.dropped.append(Dropped(line=line, reason=reason))
        return None
    wrong = [torn] if torn else list(wrong_cells(line, row, used))
    if wrong and not torn and known_in(headed.rows[row].cells) > len(used) / 2:
        wrong = [other_headers(line)]
        result.notes.add(row)
    for refusal in wrong:
        refuse(refusal)
    made = None
    if not wrong and not any(row in read.open for read in used):
        made = creator_of(headed, row, used, refuse)
    if made is None:
        result.refused.append(line)
    return made


def misshapen(headed: Headed, row: int, used: Sequence[Read]) -> Refusal | None:
    """What is wrong with a row of too many cells, or of too few that then stand under wrong headers."""
    one, width = headed.rows[row], len(headed.titles)
    if len(one.cells) > width:
        message = f"{len(one.cells)} cells below {width} headers: {str(one.cells[width])!r} stands under none"
        hint = "put text that holds the delimiter in quotes, or remove the cell"
        return Refusal(message=message, hint=hint, line=one.line, column=width + 1)
    if row not in headed.short:
        return None
    if any(row in read.wrong or any(row == at for at, _, _ in read.odd) for read in used):
        message = f"this row has fewer cells than the {width} headers, and what it has does not fit them"
        hint = "is a delimiter missing? put one between cells that are glued together"
        return Refusal(message=message, hint=hint, line=one.line, column=1)
    return None


def other_headers(line: int) -> Refusal:
    """What is wrong with a row of headers that are not those above."""
    message = "headers in another order stand here: a second table begins"
    return Refusal(message=message, hint="put each table in a file of its own", line=line, column=1)


def wrong_cells(line: int, row: int, used: Sequence[Read]) -> Iterator[Refusal]:
    """What is wrong with single cells of a row."""
    for read in used:
        if row in read.wrong:
            message, hint = read.wrong[row]
            yield Refusal(
                message=message, hint=hint, line=line, column=read.use.column + 1, header=read.use.title
            )


def no_creator(headed: Headed, row: int, names: Read | None, used: Sequence[Read]) -> str | None:
    """Why a row names no creator; None where it does, or where nothing says who is named."""
    if names is None:
        return "the headers again" if headers_again(headed, row) else None
    name = names.values[row]
    reason = aside(headed, row, name.name if isinstance(name, Account) else None, used)
    return f"no name in column {names.use.title!r}" if reason is None and name is None else reason


def aside(headed: Headed, row: int, name: str | None, used: Sequence[Read]) -> str | None:
    """Why a row holds none of what the file lists: totals, notes, the headers again; None where it may.

    Args:
        headed: headers and rows.
        row: by its position.
        name: what the row is of; None where it names nothing.
        used: columns that are used.
    """
    if headers_again(headed, row):
        return "the headers again"
    filled = [cell for cell in headed.rows[row].cells if cell != ""]
    first = next((cell for cell in filled if isinstance(cell, str)), "")
    if called_total(first) and (name is None or is_last(headed, row) or adds_up(headed, row, used)):
        return "a line of totals"
    if begins_like_total(first) and adds_up(headed, row, used):
        return "a line of totals"
    if len(filled) == 1 and len(headed.titles) > 2 and (name is None or " " in name):
        return "a note: only one cell is filled"
    if name is not None and row in headed.below:
        many = "1 cell is" if len(filled) == 1 else f"{len(filled)} cells are"
        return f"below the list, behind an empty line: only {many} filled"
    return None


def creator_of(
    headed: Headed, row: int, used: Sequence[Read], refuse: Callable[[Refusal], None]
) -> Creator | None:
    """The creator of a row; None where its prices are in two currencies."""
    line = headed.rows[row].line
    name, platform, linked = "", None, None
    values: dict[str, Decimal | str] = {}
    columns: dict[str, int] = {}
    ranges: dict[str, tuple[Decimal, Decimal]] = {}
    currencies: dict[str, Read] = {}
    for read in used:
        what, value = read.use.field or "", read.values[row]
        if isinstance(value, Account):
            name = value.name if what == "name" else name
            linked = value.platform or linked
            columns[what] = read.use.column + 1
        elif value is not None:
            values[what] = value
            columns[what] = read.use.column + 1
            if row in read.ranges:
                ranges[what] = read.ranges[row]
            if what in MONEY and read.currencies is not None and read.currencies[row]:
                currencies[read.currencies[row]] = read
    if not name:
        return None
    platform = str(values.pop("platform")) if "platform" in values else linked
    stated = values.pop("currency", None)
    for code, read in currencies.items():
        several = len(currencies) > 1 or (
            stated is not None and code != stated and not _dollars(code, str(stated))
        )
        if "/" in code or several:
            options = (
                code.replace("/", " or ")
                if "/" in code
                else " and ".join(sorted({*currencies, *([str(stated)] if stated else [])}))
            )
            what = "could be in" if "/" in code else "are in"
            message = f"the prices of this row {what} {options}"
            hint = f"say which: columns: {{{read.use.field}: {{from: {read.use.title}, currency: {options[:3]}}}}}"
            refuse(
                Refusal(
                    message=message, hint=hint, line=line, column=read.use.column + 1, header=read.use.title
                )
            )
            return None
    currency = str(stated) if stated is not None else next(iter(currencies), None)
    return Creator(line, name, platform, values, columns, currency, ranges)


def _dollars(written: str, stated: str) -> bool:
    """Whether a bare $ stands for the dollar that another column names."""
    return written == "USD" and stated in DOLLARS


DOLLARS = frozenset(("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "COP", "CLP", "ARS"))
"""Currencies whose sign is $."""


def each_once(
    creators: Sequence[Creator], result: Sorted, refuse: Callable[[Refusal], None]
) -> list[Creator]:
    """Each account once: identical rows are dropped, contradicting ones refused."""
    rows: dict[tuple[str, str, str], list[Creator]] = {}
    for creator in creators:
        rows.setdefault(creator.key, []).append(creator)
    kept = []
    for same in rows.values():
        first, *others = same
        if not others:
            kept.append(first)
            continue
        lines = tuple(one.line for one in same)
        differ = next((one for one in others if _says(one) != _says(first)), None)
        result.duplicates.append(Duplicate(name=first.name, lines=lines, identical=differ is None))
        if differ is None:
            first.name = min((one.name for one in same), key=lambda name: (name != name.casefold(), name))
            kept.append(first)
            result.dropped += [
                Dropped(line=one.line, reason=f"the same as line {first.line}: {one.name}") for one in others
            ]
            continue
        mine, theirs = _says(first), _says(differ)
        what = next(key for key in {**mine, **theirs} if mine.get(key) != theirs.get(key))
        said = f"{what} is {_shown(mine.get(what))} there and {_shown(theirs.get(what))} here"
        message = f"{first.name} stands in line {first.line} too, and they differ: {said}"
        refuse(
            Refusal(
                message=message,
                hint="remove one of the rows",
                line=differ.line,
                column=differ.columns.get(what, 1),
            )
        )
        result.refused += lines
    return kept


def _says(creator: Creator) -> dict[str, Decimal | str]:
    ends = {f"{what}, {side}": value for what, pair in creator.ranges.items()
            for side, value in zip(("low", "high"), pair, strict=True)}  # fmt: skip
    return creator.values | ends | ({"currency": creator.currency} if creator.currency else {})


def _shown(value: Value | None) -> str:
    if isinstance(value, Decimal):
        return plain(float(value))
    return "empty" if value is None else str(value)


def with_defaults(creator: Creator, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """What filters see of a creator: its own values, else what all rows share."""
    given: dict[str, Any] = {key: value for key, value in defaults.items() if not isinstance(value, dict)}
    given |= {f"tags.{key}": value for key, value in dict(defaults.get("tags") or {}).items()}
    given |= creator.values
    if creator.platform is not None:
        given["platform"] = creator.platform
    return given | {"name": creator.name}


def left_out(creator: Creator, defaults: Mapping[str, Any], sized: bool) -> str | None:
    """Why a creator cannot be booked at all; None where it can. `sized`: whether the file says followers."""
    followers = creator.values.get("followers")
    if followers is not None and not followers:
        return "0 followers"
    enough = ("followers", "tier") if sized else ENOUGH
    if not any(what in creator.values or what in defaults for what in enough):
        return (
            "no followers"
            if sized
            else "nothing that says what it brings: no followers, views or engagements"
        )
    return None
