"""What was read of files of results, as records: every column and every row accounted for."""

from __future__ import annotations

from optimizer.language.records import Record
from optimizer.roster.result import Column, Dropped


class ResultsFile(Record):
    """A file of results, read: rows = kept + dropped."""

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
    """Rows that are results."""
    dropped: tuple[Dropped, ...]
    """Rows that are none, each with its reason."""
    not_delivered: int
    """Rows of those kept that say that nothing was delivered: 0 posts."""
    columns: tuple[Column, ...]
    """All of the file; sums are of all rows but totals, notes and headers, those left out for another reason
    included."""


class ResultsAccount(Record):
    """What was read."""

    files: tuple[ResultsFile, ...]
    """In the order they were given."""
    currency: str | None
    """Of all money; None where no file says."""
