"""The cells of a very large CSV file, column by column: one list for each, no object for a row.

What stands in a row is put together again where one row is asked for, so that everything that looks at single rows
works as with small files.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import overload

import numpy as np

from optimizer.language.csv_in import INVISIBLE, without_formula
from optimizer.roster.grid import GridRow
from optimizer.roster.labels import Bools, Ints

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

    columns: list[list[str]]
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
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=separator != "\t"
    )
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
    columns = rows.columns
    if not text.isascii() or any(sign in text for sign in _BLANKS):
        columns = [list(map(str.strip, column)) for column in columns]
    if any(sign in text for sign in INVISIBLE):
        columns = [[cell.strip(INVISIBLE).strip() for cell in column] for column in columns]
    if '="' in text:
        columns = [list(map(without_formula, column)) for column in columns]
    return _without_empty(Cells(columns, np.array(rows.lines, dtype=np.int64), frozenset(rows.short)))


_BLANKS = " \t\v\f\x1c\x1d\x1e\x1f"


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
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=separator != "\t"
    )
    begin = first
    for cells in reader:
        if begin >= start and cells:
            yield begin
        begin = reader.line_num + first


def _without_empty(cells: Cells) -> Cells:
    """Rows without any text are none."""
    if "" not in cells.columns[0]:
        return cells
    empty = np.ones(len(cells), dtype=bool)
    for column in cells.columns:
        empty &= blank(column)
        if not empty.any():
            return cells
    kept = np.flatnonzero(~empty).tolist()
    places = {row: at for at, row in enumerate(kept)} if cells.short else {}
    return Cells(
        [[column[row] for row in kept] for column in cells.columns],
        cells.lines[kept],
        frozenset(places[row] for row in cells.short if row in places),
    )


def blank(column: Sequence[str]) -> Bools:
    """Which cells are empty, shape (rows,)."""
    if "" not in column:
        return np.zeros(len(column), dtype=bool)
    return np.array([cell == "" for cell in column], dtype=bool)
