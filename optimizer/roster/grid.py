"""A file as rows of cells, whatever it is: CSV in any dialect, a workbook, JSON records."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from optimizer.language.errors import Problem, ScenarioError

Cell = str | Decimal
"""Text as written, or a number that the file holds as one (workbooks, JSON)."""
DELIMITERS = (",", ";", "\t", "|")
_SEP = re.compile(r'"?sep=([^"\n])"?[ ,;\t]*\n', re.IGNORECASE)
"""A first line by which Excel is told the delimiter."""
SAMPLE = 200
"""Rows by which a delimiter is told."""
csv.field_size_limit(10_000_000)  # a cell may hold a whole biography


class GridRow(NamedTuple):
    """One row that is not empty: the line it begins on, counted from 1, and its cells, without blanks around."""

    line: int
    cells: list[Cell]


class Grid(NamedTuple):
    """All rows of a file that are not empty, and how they were told apart."""

    rows: list[GridRow]
    encoding: str
    delimiter: str | None = None
    sheet: str | None = None


def csv_grid(
    text: str,
    encoding: str,
    name: str,
    known: Callable[[Sequence[Cell]], int],
    delimiter: str | None = None,
) -> Grid:
    """The rows of a CSV file.

    Args:
        text: of the file.
        encoding: it was in, for the report.
        name: what messages call it.
        known: how many cells of a row are headers that are known.
        delimiter: of the cells; where left out, the one by which most headers are known, then by which most rows have
            the same width, then the most cells.

    Raises:
        ScenarioError: where the file is empty, or no CSV.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    declared = _SEP.match(text)
    skipped = 0
    if declared:
        delimiter = delimiter or declared[1]
        text, skipped = text[declared.end() :], 1
    if not text.strip("".join(DELIMITERS) + ' \n"\ufeff'):
        _fail(name, "the file is empty", 1, "export it again, with a line of headers")
    if delimiter is None:
        delimiter = max(DELIMITERS, key=lambda one: _fit(text, one, known))
    return Grid(_rows(text, delimiter, name, skipped), encoding, delimiter)


def _rows(text: str, delimiter: str, name: str, skipped: int, most: int | None = None) -> list[GridRow]:
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=delimiter != "\t"
    )
    rows: list[GridRow] = []
    line = 1 + skipped
    try:
        for cells in reader:
            stripped: list[Cell] = [_stripped(cell) for cell in cells]
            if any(stripped):
                rows.append(GridRow(line, stripped))
            line = reader.line_num + 1 + skipped
            if most is not None and len(rows) >= most:
                break
    except csv.Error as error:
        _fail(name, f"this is not CSV: {error}", line, "save it again as CSV UTF-8")
    return rows


def _stripped(cell: str) -> str:
    """A cell without blanks and invisible characters around it."""
    return cell.strip().strip("\ufeff\u200b\u200e\u200f\u2060").strip()


def _fit(text: str, delimiter: str, known: Callable[[Sequence[Cell]], int]) -> tuple[int, float, int]:
    """How well a delimiter fits: headers known, share of rows of the usual width, that width."""
    rows = _rows(text, delimiter, "", 0, SAMPLE)
    if not rows:
        return 0, 0.0, 0
    width, count = Counter(len(row.cells) for row in rows).most_common(1)[0]
    most = max((known(row.cells) for row in rows[:40]), default=0)
    if width < 2:
        return min(most, 1), 0.0, 1
    return most, round(count / len(rows), 1), width


def _fail(name: str, message: str, line: int, hint: str) -> None:
    raise ScenarioError([Problem((), message, hint, file=name, line=line, column=1)])
