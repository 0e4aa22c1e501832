"""Maps over two axes: coloured matrices of the best value and of the leading group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from optimizer.finance.frontier.result import Axis, Frontier
from optimizer.report.workbook.book import BAND, Sheet
from optimizer.report.workbook.cells import Cell, Term, cell, function
from optimizer.report.workbook.checks import ARITHMETIC, Checks
from optimizer.report.workbook.limit_sheet import kind_of

MAP_WIDTH = 17
"""Of each column of a map."""
RISING = ("budget", "effort_hours")
"""Axes along which more can never bring less."""


def axis_kind(axis: Axis, currency: str) -> str:
    """The kind of number an axis has."""
    if axis.unit == currency:
        return "axis"
    return "rate" if axis.of else "number"


def axis_label(axis: Axis) -> str:
    """The name of an axis with its unit."""
    label = axis.label[:1].upper() + axis.label[1:]
    return f"{label}, {axis.unit}" if axis.unit and axis.unit not in ("hours",) else label


def best_of(frontier: Frontier) -> str:
    """What every point is about: "best engagements", "least cost"."""
    return f"{'best' if frontier.sense == 'maximize' else 'least'} {frontier.measure}"


def never(frontier: Frontier) -> str:
    """What more room cannot do to the objective."""
    return "never brings less" if frontier.sense == "maximize" else f"never takes more {frontier.measure}"


def maps(sheet: Sheet, frontier: Frontier, row: int) -> int:
    """Best value and leading group over both axes; values follow the list of points below by formula."""
    rows = frontier.axes[0].values
    first = row + 2 * (len(rows) + 5) + 1  # where the list of points will begin
    for title, leaders in (
        (best_of(frontier).capitalize(), False),
        (f"Which {frontier.mix_by} leads the spending", True),
    ):
        sheet.heading(row, title, across(frontier))
        row += 2
        one_map(sheet, frontier, row, sheet.name, first, leaders=leaders)
        row += len(rows) + 3
    return first - 1


def across(frontier: Frontier) -> str:
    """How to read a map."""
    down, right = (axis_label(axis) for axis in frontier.axes)
    text = f"{down} down, {right} across"
    if any(point.best is None for point in frontier.points):
        text += "; an empty cell has no plan"
    if frontier.today is not None and any(point.at == frontier.today.at for point in frontier.points):
        text += "; the frame is today"
    return text + "."


def one_map(sheet: Sheet, frontier: Frontier, row: int, points: str, first: int, *, leaders: bool) -> None:
    """One map; its values are those of the list that begins in row `first` of the sheet `points`."""
    rows, columns = (axis.values for axis in frontier.axes)
    kinds = [axis_kind(axis, frontier.currency) for axis in frontier.axes]
    head: dict[str, Any] = {"bold": True, "bg_color": BAND}
    for j, value in enumerate(columns, 1):
        form = sheet.style.format(kinds[1], columns)
        sheet.value(row, j, value, kinds[1], num_format=form, **head)
    kind = kind_of(frontier.measure)
    form = sheet.style.format(kind, [p.best for p in frontier.points])
    today = None if frontier.today is None else frontier.today.at
    for i, value in enumerate(rows, 1):
        sheet.value(row + i, 0, value, kinds[0], num_format=sheet.style.format(kinds[0], rows), **head)
        for j in range(1, len(columns) + 1):
            at = (i - 1) * len(columns) + j - 1
            point = frontier.points[at]
            here: dict[str, Any] = {"border": 2} if point.at == today else {}
            if leaders:
                sheet.text(row + i, j, point.leader or "", align="center", **here)
            elif point.best is None:
                sheet.text(row + i, j, "", **here)
            else:
                sheet.formula(
                    row + i, j, cell(points, first + at, 2, point.best), kind, num_format=form, **here
                )
    if leaders:
        _group_colors(sheet, frontier, row)
    else:
        scale = {
            "type": "3_color_scale",
            "min_color": "#FBF3DF",
            "mid_color": "#BFE0DC",
            "max_color": "#5AA9AE",
        }
        sheet.raw.conditional_format(row + 1, 1, row + len(rows), len(columns), scale)


def _group_colors(sheet: Sheet, frontier: Frontier, row: int) -> None:
    rows, columns = (axis.values for axis in frontier.axes)
    leaders = dict.fromkeys(point.leader for point in frontier.points if point.leader)
    grounds = ("#D6E6EC", "#F8E3BC", "#E9D3CB", "#DDD7EA", "#D9EAD9")
    for leader, ground in zip(leaders, grounds, strict=False):
        rule = {"type": "cell", "criteria": "==", "value": '"' + str(leader).replace('"', '""') + '"',
                "format": sheet.book.tint("#1B2733", ground)}  # fmt: skip
        sheet.raw.conditional_format(row + 1, 1, row + len(rows), len(columns), rule)


def map_checks(frontier: Frontier, best: Sequence[Cell], checks: Checks) -> None:
    """Along axes where more can never bring less, it does not."""
    width = len(frontier.axes[1].values)
    worst: list[Term] = []
    for axis, step in ((0, width), (1, 1)):
        if frontier.axes[axis].path not in RISING:
            continue
        for i, point in enumerate(frontier.points):
            there = i + step
            if there >= len(frontier.points) or (axis == 1 and there % width == 0):
                continue
            here, next_ = best[i], best[there]
            if point.best is not None and next_.value is not None:
                worst.append(next_ - here if frontier.sense == "maximize" else here - next_)
    if not worst:
        return
    size = max(abs(float(b.value or 0)) for b in best) or 1.0
    for number, part in enumerate(worst[i : i + 100] for i in range(0, len(worst), 100)):
        least = function("MIN", min, *part)
        name = f"more budget or hours {never(frontier)}" + (f" ({number + 1})" if len(worst) > 100 else "")
        checks.true(ARITHMETIC, name, least.at_least(-1e-6 * size))
