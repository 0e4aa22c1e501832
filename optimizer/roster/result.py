"""What was read of a roster, as records: every column and every row accounted for."""

from __future__ import annotations

from optimizer.language.records import Record


class Odd(Record):
    """A value that was read as it stands and can hardly be meant."""

    line: int
    """Of the file, counted from 1; of JSON the line on which the record begins."""
    value: str
    """As written."""
    why: str
    """In words."""


class Column(Record):
    """One column of the file."""

    name: str
    """Its header; a second one of the same name ends in (2)."""
    used_as: str | None
    """Field of an offer; None where it is not used."""
    note: str = ""
    """Why it is not used, or what else is worth knowing."""
    format: str = ""
    """How its values are written, in words; "" where it is not used."""
    values: int
    """Cells that say something."""
    sum: int | float | None = None
    """Of its numbers as read, rates as fractions; None where they are no numbers."""
    blanks: int
    """Cells that say nothing: empty, a dash, n/a, an error of a formula."""
    ranges: int = 0
    """Cells that hold a range, such as 500-800: the middle is the number, the ends are its low and high."""
    odd: tuple[Odd, ...] = ()
    """Values that can hardly be meant."""


class Dropped(Record):
    """A row that makes no offer."""

    line: int
    """Of the file, counted from 1."""
    reason: str
    """In words."""


class Duplicate(Record):
    """An account that stands in several rows."""

    name: str
    """The account."""
    lines: tuple[int, ...]
    """Of its rows."""
    identical: bool
    """Whether the rows say the same; then all but the first are dropped, else they are a problem."""


class Refusal(Record):
    """What has to be mended before the roster can be planned."""

    message: str
    """What is wrong, in words."""
    hint: str = ""
    """How to mend it."""
    line: int | None = None
    """Of the file, counted from 1; None where it is about the whole file."""
    column: int | None = None
    """Of the cell, counted from 1."""
    header: str | None = None
    """Of the column."""
    place: tuple[str | int, ...] = ()
    """Key of the roster in the scenario that is to blame, if any."""


class FileRead(Record):
    """A file, read: how it is written, and its rows."""

    file: str
    """As named."""
    encoding: str
    """In words."""
    delimiter: str | None
    """Of a CSV file."""
    sheet: str | None = None
    """Of a workbook."""
    header_line: int
    """Of the headers, counted from 1."""
    rows: int
    """Rows below the headers that are not empty."""
    kept: int
    """Rows that take part."""
    dropped: tuple[Dropped, ...]
    """Rows that do not, each with its reason."""


class Roster(FileRead):
    """A file of creators, read: rows = kept + dropped + refused; each row kept becomes an offer."""

    refused: tuple[int, ...]
    """Lines of rows that cannot be read; see `problems`."""
    columns: tuple[Column, ...]
    """All of the file."""
    duplicates: tuple[Duplicate, ...]
    """Accounts in several rows."""
    problems: tuple[Refusal, ...]
    """What has to be mended; empty where the roster can be planned."""
