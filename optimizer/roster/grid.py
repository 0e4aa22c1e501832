"""A file as rows of cells, whatever it is: CSV in any dialect, a workbook, JSON records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from optimizer.language.csv_in import SEPARATORS, csv_rows, undeclared
from optimizer.language.errors import Problem, ScenarioError

Cell = str | Decimal
"""Text as written, or a number that the file holds as one (workbooks, JSON)."""
SAMPLE = 200
"""Rows by which a delimiter is told."""


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
    text, declared, first = undeclared(text)
    delimiter = delimiter or declared
    if not text.strip("".join(SEPARATORS) + ' \n"\ufeff'):
        raise ScenarioError(
            [
                Problem(
                    (),
                    "the file is empty",
                    "export it again, with a line of headers",
                    file=name,
                    line=1,
                    column=1,
                )
            ]
        )
    if delimiter is None:
        delimiter = delimiter_of(text, known)
    rows = csv_rows(text, delimiter, name, first)
    return Grid([GridRow(row.line, [*row.cells]) for row in rows], encoding, delimiter)


def delimiter_of(text: str, known: Callable[[Sequence[Cell]], int]) -> str:
    """The delimiter that fits a text best; `known` as in `csv_grid`."""
    return max(SEPARATORS, key=lambda one: _fit(text, one, known))


def _fit(text: str, delimiter: str, known: Callable[[Sequence[Cell]], int]) -> tuple[int, float, int]:
    """How well a delimiter fits: headers known, share of rows of the usual width, that width."""
    rows = csv_rows(text, delimiter, "", most=SAMPLE)
    if not rows:
        return 0, 0.0, 0
    width, count = Counter(len(row.cells) for row in rows).most_common(1)[0]
    most = max((known(row.cells) for row in rows[:40]), default=0)
    if width < 2:
        return min(most, 1), 0.0, 1
    return most, round(count / len(rows), 1), width
