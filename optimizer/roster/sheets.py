"""The rows of a workbook; needs the package of the extra `xlsx`."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from optimizer.language.errors import MissingPackageError, Problem, ScenarioError, did_you_mean
from optimizer.roster.grid import Cell, Grid, GridRow

LOOKED_AT = 40
"""Rows of a sheet among which headers are looked for."""


def workbook_grid(
    raw: bytes, name: str, what: str, known: Callable[[Sequence[Cell]], int], sheet: str | None = None
) -> Grid:
    """The rows of one sheet, numbers as they are stored.

    Args:
        raw: all of the file.
        name: what messages call it.
        what: it lists, in words.
        known: how many cells of a row are headers that are known.
        sheet: which one; where left out, the first of those with the most headers that are known.

    Raises:
        MissingPackageError: without the package.
        ScenarioError: where it is no workbook, or has no such sheet.
    """
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise MissingPackageError(f"workbooks of {what} (or save the file as CSV UTF-8)", "xlsx") from None
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        names = book.sheet_names
        if sheet is not None and sheet not in names:
            hint = did_you_mean(sheet, names)
            raise ScenarioError([Problem(("sheet",), f"{name} has no sheet {sheet!r}", hint)])
        grids = [
            Grid(rows, "workbook", sheet=one)
            for one in (names if sheet is None else [sheet])
            if (rows := _rows(book.get_sheet_by_name(one)))
        ]
        if grids:
            return max(grids, key=lambda grid: max(known(row.cells) for row in grid.rows[:LOOKED_AT]))
    except CalamineError as error:
        hint = "open it and save it as CSV UTF-8"
        raise ScenarioError(
            [Problem((), f"this is no workbook that can be read: {error}", hint, file=name)]
        ) from None
    raise ScenarioError(
        [Problem((), "the workbook is empty", "export it again", file=name, line=1, column=1)]
    )


def _rows(sheet: Any) -> list[GridRow]:
    found = []
    for line, row in enumerate(sheet.to_python(skip_empty_area=False), start=1):
        cells = [_cell(value) for value in row]
        while cells and cells[-1] == "":
            cells.pop()
        if any(cell != "" for cell in cells):
            found.append(GridRow(line, cells))
    return found


def _cell(value: Any) -> Cell:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return Decimal(repr(value)).normalize() + 0
    if isinstance(value, datetime | date | time | timedelta):
        return str(value)
    return str(value).strip()
