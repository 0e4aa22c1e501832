"""The cells of a very large CSV file, column by column: one list for each, no object for a row.

What stands in a row is put together again where one row is asked for, so that everything that looks at single rows
works as with small files.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
    columns: list[list[str]] = [[] for _ in range(width)]
    lines: list[int] = []
    short: list[int] = []
    chunk: list[list[str]] = []
    begin = first

    def keep() -> bool:
        if any(len(cells) != width for cells in chunk):
            before = len(lines) - len(chunk)
            for number, cells in enumerate(chunk):
                if len(cells) < width:
                    short.append(before + number)
                    cells += [""] * (width - len(cells))
                elif any(cell.strip() for cell in cells[width:]):
                    return False
                else:
                    del cells[width:]
        for column, found in zip(columns, zip(*chunk, strict=True), strict=False):
            column.extend(found)
        chunk.clear()
        return True

    for cells in reader:
        if begin >= start and cells:
            chunk.append(cells)
            lines.append(begin)
            if len(chunk) == CHUNK and not keep():
                return None
        begin = reader.line_num + first
    if chunk and not keep():
        return None
    marked = any(sign in text for sign in INVISIBLE)
    for number, column in enumerate(columns):
        columns[number] = list(map(str.strip, column))
        if marked:
            columns[number] = [cell.strip(INVISIBLE).strip() for cell in columns[number]]
        if '="' in text:
            columns[number] = list(map(without_formula, columns[number]))
    return _without_empty(Cells(columns, np.array(lines, dtype=np.int64), frozenset(short)))


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
