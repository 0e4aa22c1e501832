"""The cells of a very large CSV file, column by column, as `texts`: no object for a cell or a row.

Where cells begin and end is found for the whole file at once (`bulk_cut`), and by the csv module where quotes stand
elsewhere than around cells. What stands in a row is put together again where one row is asked for, so that everything
that looks at single rows works as with small files.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import overload

import numpy as np

from optimizer.language.csv_in import INVISIBLE, without_formula
from optimizer.roster.bulk_cut import cut
from optimizer.roster.grid import GridRow
from optimizer.roster.labels import Bools, Ints
from optimizer.roster.texts import Texts

CHUNK = 65_536
"""Rows that are turned into columns in one go."""


@dataclass
class Cells(Sequence[GridRow]):
    """Rows below the headers, by columns.

    Attributes:
        columns: the cells of each column, without blanks around them.
        lines: of the file, on which each row begins, shape (rows,).
        short: rows that had fewer cells than there are headers.
    """

    columns: list[Texts]
    lines: Ints
    short: frozenset[int]
    totals: Bools | None = None
    """Rows that are called totals and nothing else, shape (rows,), once that is known."""

    def __len__(self) -> int:
        return len(self.lines)

    @overload
    def __getitem__(self, row: int) -> GridRow: ...
    @overload
    def __getitem__(self, row: slice) -> list[GridRow]: ...
    def __getitem__(self, row: int | slice) -> GridRow | list[GridRow]:
        if isinstance(row, slice):
            return [self[at] for at in range(*row.indices(len(self)))]
        return GridRow(int(self.lines[row]), [column[row] for column in self.columns])

    def __iter__(self) -> Iterator[GridRow]:
        return (self[row] for row in range(len(self)))


def cells_of(text: str, separator: str, first: int, start: int, width: int) -> Cells | None:
    """The cells of a CSV file; None where a row has more cells than there are headers.

    Args:
        text: as `undeclared` leaves it.
        separator: of the cells.
        first: number of the line with which the text begins.
        start: line on which the first row below the headers begins.
        width: number of columns.

    Raises:
        csv.Error: where it is no CSV.
    """
    found = cut(text, separator, start - first, width)
    if found is None:
        rows = _by_csv(text, separator, first, start, width)
        if rows is None:
            return None
        columns = [Texts.of(column) for column in rows.columns]
        lines, short = np.array(rows.lines, dtype=np.int64), np.array(rows.short, dtype=np.int64)
    else:
        if any(cell.strip() for _, cell in found.beyond):
            return None
        columns, lines, short = found.columns, found.lines + first, found.short
    columns = _bare(columns, text)
    return _without_empty(Cells(columns, lines, frozenset(short.tolist())))


def _bare(columns: Sequence[Texts], text: str) -> list[Texts]:
    """Cells without blanks and invisible signs around them, and ="text" as its text."""
    columns = [column.trimmed() for column in columns]
    strip: Callable[[str], str] | None = None
    if not text.isascii() and any(sign in text for sign in INVISIBLE):
        strip = _without_invisible
    elif not text.isascii() and any(sign in text for sign in _WIDE_BLANKS):
        strip = str.strip
    if strip is not None:
        odd = [np.flatnonzero((column.first() >= 128) | (column.last() >= 128)) for column in columns]
        columns = [column.each(rows, strip) for column, rows in zip(columns, odd, strict=True)]
    if '="' in text:
        formulas = [np.flatnonzero(column.first() == ord("=")) for column in columns]
        columns = [column.each(rows, without_formula) for column, rows in zip(columns, formulas, strict=True)]
    return columns


def _without_invisible(cell: str) -> str:
    return cell.strip().strip(INVISIBLE).strip()


_WIDE_BLANKS = "\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""What `str.strip` takes off besides the blanks of ASCII."""


def _by_csv(text: str, separator: str, first: int, start: int, width: int) -> _Rows | None:
    reader = _reader(text, separator)
    rows = _Rows(width)
    begin = first
    while begin < start and next(reader, None) is not None:
        begin = reader.line_num + first
    while chunk := list(islice(reader, CHUNK)):
        end = reader.line_num + first
        lines = range(begin, end) if end - begin == len(chunk) else None
        if not rows.take(chunk, lines):
            return None
        begin = end
    if rows.unplaced:  # text in quotes runs over several lines
        rows.lines = list(_lines(text, separator, first, start))
    return rows


def _reader(text: str, separator: str) -> csv._reader:  # type: ignore[name-defined]
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=separator != "\t")


class _Rows:
    """Rows on their way into columns."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.columns: list[list[str]] = [[] for _ in range(width)]
        self.lines: list[int] = []
        self.short: list[int] = []
        self.unplaced = False

    def take(self, chunk: list[list[str]], lines: Sequence[int] | None) -> bool:
        """Takes some rows in; whether none has more cells than there are headers.

        Args:
            chunk: the rows.
            lines: on which they begin; None where that has to be found out.
        """
        self.unplaced = self.unplaced or lines is None
        lines = range(len(chunk)) if lines is None else lines
        if set(map(len, chunk)) != {self.width}:
            filled = [(line, cells) for line, cells in zip(lines, chunk, strict=True) if cells]
            lines, chunk = [line for line, _ in filled], [cells for _, cells in filled]
            for number, cells in enumerate(chunk, start=len(self.lines)):
                if len(cells) < self.width:
                    self.short.append(number)
                    cells += [""] * (self.width - len(cells))
                elif any(cell.strip() for cell in cells[self.width :]):
                    return False
                else:
                    del cells[self.width :]
        self.lines += lines
        for column, found in zip(self.columns, zip(*chunk, strict=True), strict=False):
            column.extend(found)
        return True


def _lines(text: str, separator: str, first: int, start: int) -> Iterator[int]:
    """The line on which each row below the headers begins."""
    reader = _reader(text, separator)
    begin = first
    for cells in reader:
        if begin >= start and cells:
            yield begin
        begin = reader.line_num + first


def _without_empty(cells: Cells) -> Cells:
    """Rows without any text are none."""
    empty = np.ones(len(cells), dtype=bool)
    for column in cells.columns:
        empty &= column.empty
        if not empty.any():
            return cells
    kept = np.flatnonzero(~empty)
    places = {row: at for at, row in enumerate(kept.tolist())} if cells.short else {}
    return Cells(
        [column.part(kept) for column in cells.columns],
        cells.lines[kept],
        frozenset(places[row] for row in cells.short if row in places),
    )
