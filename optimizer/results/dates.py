"""A column of dates -> ISO dates. Whether 11/03 is in March or in November is decided by the whole column, or asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Literal, NamedTuple

from optimizer.results.words import vocabulary_of
from optimizer.roster.words import plain_word

Order = Literal["day-first", "month-first"]
ORDERS: tuple[Order, Order] = ("day-first", "month-first")
CENTURY = 2000
"""Of years of two digits: campaigns with creators are younger."""
_EARLIEST = 2005
_TIME = r"(?:[T,\s]\s*(?:[^\W\d_]{1,3}\s+)?\d{1,2}[:.h]\d{2}.*)?"
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})" + _TIME)
_COMPACT = re.compile(r"(20\d{2})(\d{2})(\d{2})")
_BY_NUMBERS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})" + _TIME)
_BY_NAME = re.compile(
    r"(?:[^\W\d_]+\.?,?\s+)?(\d{1,2})(?:st|nd|rd|th|\.|º|er)?[\s-]+(?:de\s+)?([^\W\d_]+)\.?,?[\s-]+(?:de\s+)?(\d{4}|\d{2})"
    + _TIME
)
_NAME_FIRST = re.compile(
    r"(?:[^\W\d_]+\.?,\s+)?([^\W\d_]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})" + _TIME
)
_SECONDS = re.compile(r"1[0-9]{9}(?:[0-9]{3})?")


class Numbered(NamedTuple):
    """A date of which it is not known yet which number is the day."""

    first: int
    second: int
    year: int
    dotted: bool
    """Written with points, which puts the day first everywhere."""


class Dates(NamedTuple):
    """A column of dates, read.

    Attributes:
        values: text of a cell -> ISO date.
        unreadable: cells that hold none.
        doubtful: a cell that could be two dates, where no other of the column tells which.
        readings: of that cell: day first, month first.
        contrary: a cell with the month first and one with the day first.
        order: of the numbers, where it matters.
    """

    values: Mapping[str, str]
    unreadable: frozenset[str]
    doubtful: str | None = None
    readings: tuple[str, str] | None = None
    contrary: tuple[str, str] | None = None
    order: Order | None = None


def dates_of(cells: Sequence[str], order: Order | None = None) -> Dates:
    """The dates of a column.

    Args:
        cells: its different texts, none of them empty, in the order of the rows.
        order: of day and month, as the user says; None where it is to be found.
    """
    found = {cell: _read(cell) for cell in cells}
    numbered = {cell: one for cell, one in found.items() if isinstance(one, Numbered) and not one.dotted}
    fitting = [one for one in ORDERS if all(_date(each, one) is not None for each in numbered.values())]
    contrary = None
    if not fitting:
        firsts = [next((c for c, n in numbered.items() if _date(n, one) is None), "") for one in ORDERS]
        sound = [cell for cell, n in numbered.items() if any(_date(n, one) is not None for one in ORDERS)]
        if all(first in sound for first in firsts):
            contrary = firsts[0], firsts[1]
        fitting = [one for one in ORDERS if all(_date(numbered[cell], one) is not None for cell in sound)]
    decided = order or (fitting[0] if len(fitting) == 1 else None)
    doubtful = None
    if decided is None and contrary is None:
        doubtful = next((c for c, n in numbered.items() if _date(n, ORDERS[0]) != _date(n, ORDERS[1])), None)
    values, unreadable = {}, set()
    for cell, one in found.items():
        made = one
        if contrary is not None and cell in numbered:
            continue
        if isinstance(one, Numbered):
            made = _date(one, ORDERS[0] if one.dotted else (decided or ORDERS[0]))
        if isinstance(made, date):
            values[cell] = made.isoformat()
        else:
            unreadable.add(cell)
    readings = None
    if doubtful is not None:
        both = [_date(numbered[doubtful], one) for one in ORDERS]
        readings = str(both[0]), str(both[1])
    return Dates(values, frozenset(unreadable), doubtful, readings, contrary, decided if numbered else None)


def is_date(text: str) -> bool:
    """Whether a cell holds a date, in whatever order."""
    found = _read(text)
    return isinstance(found, date) or (
        isinstance(found, Numbered) and any(_date(found, one) is not None for one in ORDERS)
    )


def _read(text: str) -> date | Numbered | None:
    """A date as it is written, behind it perhaps the time of day."""
    text = text.strip().strip("'")
    for form in (_ISO, _COMPACT):
        if found := form.fullmatch(text):
            return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _BY_NUMBERS.fullmatch(text):
        return Numbered(int(found[1]), int(found[3]), _year(found[4]), found[2] == ".")
    if _SECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(text[:10]), UTC).date()
    if found := _BY_NAME.fullmatch(text):
        return _named(found[3], found[2], found[1])
    if found := _NAME_FIRST.fullmatch(text):
        return _named(found[3], found[1], found[2])
    return None


def _named(year: str, month: str, day: str) -> date | None:
    known = {plain_word(name): int(number) for name, number in vocabulary_of("month").items()}
    number = known.get(plain_word(month))
    return None if number is None else _day(_year(year), number, int(day))


def _date(one: Numbered, order: Order) -> date | None:
    day, month = (one.first, one.second) if order == "day-first" else (one.second, one.first)
    return _day(one.year, month, day)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year >= _EARLIEST else None
    except ValueError:
        return None


def _year(text: str) -> int:
    return int(text) if len(text) == len("2026") else CENTURY + int(text)
