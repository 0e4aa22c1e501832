"""What was read of files of results, as records: every column and every row accounted for."""

from __future__ import annotations

from optimizer.language.records import Record
from optimizer.roster.result import Column, FileRead


class ResultsFile(FileRead):
    """A file of results, read: rows = kept + dropped."""

    not_delivered: int
    """Rows of those kept that say that nothing was delivered: 0 posts."""
    columns: tuple[Column, ...]
    """All of the file, over the rows kept."""


class ResultsAccount(Record):
    """What was read."""

    files: tuple[ResultsFile, ...]
    """In the order they were given."""
    currency: str | None
    """Of all money; None where no file says."""
