"""The sheets of a frontier: a curve with its chart, or a coloured map, and the points behind them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from optimizer.finance.frontier.findings import priced
from optimizer.finance.frontier.result import Frontier, FrontierPoint
from optimizer.language.numbers import UNKNOWN, made_line
from optimizer.language.statuses import STATUS_WORDS
from optimizer.report.sections.frontier import gives_up
from optimizer.report.workbook.book import ACCENT, MUTED, SERIES, Sheet
from optimizer.report.workbook.cells import Cell, Range, Term, cell, either
from optimizer.report.workbook.checks import ARITHMETIC, SOLVED, Checks, Verdict
from optimizer.report.workbook.frontier_map import (
    MAP_WIDTH,
    RISING,
    across,
    axis_kind,
    axis_label,
    best_of,
    map_checks,
    maps,
    never,
    one_map,
)
from optimizer.report.workbook.limit_sheet import kind_of
from optimizer.report.workbook.summary import summary_start

MOST_ROWS = 60
"""Of one printed page of the Summary."""


@dataclass
class Points:
    """Where the points stand: axis and best value, for charts and checks; `today` is the row of the scenario itself."""

    sheet: str
    first: int = 0
    last: int = 0
    today: int | None = None
    at: list[Cell] = field(default_factory=list)
    best: list[Cell] = field(default_factory=list)
    value: list[Cell] = field(default_factory=list)
    cost: list[Cell] = field(default_factory=list)


def frontier_sheet(sheet: Sheet, frontier: Frontier, checks: Checks) -> Points:
    """Fill the Frontier sheet."""
    axes = " and ".join(axis.label for axis in frontier.axes)
    sheet.title("Frontier", f"The {best_of(frontier)} for each {axes}; every point is a plan of its own.")
    row = 3
    if len(frontier.axes) == 2:
        row = maps(sheet, frontier, row)
    points = _table(sheet, frontier, row, checks)
    if len(frontier.axes) == 2:
        map_checks(frontier, points.best, checks)
    else:
        _curve_chart(sheet, frontier, points, points.last + 4)
        sheet.raw.freeze_panes(row + 1, 1)
    _count_checks(frontier, points, checks)
    sheet.raw.repeat_rows(row)
    sheet.finish()
    if len(frontier.axes) == 2:
        sheet.raw.set_column(0, max(len(frontier.axes[1].values), 6), MAP_WIDTH)
    return points


def _table(sheet: Sheet, frontier: Frontier, row: int, checks: Checks) -> Points:
    """Every point in a row, the scenario as it is below them."""
    axes, curve = frontier.axes, len(frontier.axes) == 1
    groups = list(dict.fromkeys(share.group for point in frontier.points for share in point.mix))
    name = frontier.measure.capitalize()
    given_up = gives_up(frontier)
    labels = [*(axis_label(axis) for axis in axes), f"{name}, possible" if given_up else name]
    each = f"{frontier.currency} each, by what is spent" if priced(frontier) else "For each further unit"
    labels += ["Gain", each] if curve else []
    labels += [f"{name} of the plan"] if given_up else []
    labels += ["Cost", "Hours", "Creators", "Leads", *(f"{group}, share of cost" for group in groups)]
    labels += ["1 in 10 below", "1 in 10 above"] if frontier.draws else []
    labels += ["Held by", "Status"]
    texts = [len(labels) - 2, len(labels) - 1, labels.index("Leads")]
    sheet.header(row, labels, left=texts, lines=2)
    points = Points(sheet.name, first=row + 1, last=row + len(frontier.points))
    kind = kind_of(frontier.measure)
    look = {"num_format": sheet.style.format(kind, [p.best for p in frontier.points])}
    for i, point in enumerate(frontier.points):
        _point(sheet, row + 1 + i, frontier, point, groups, points, look, curve)
    if curve:
        _gains(sheet, frontier, points, look, checks)
    if frontier.today is not None:
        points.today = points.last + 2
        sheet.text(points.today - 1, 0, "Today", bold=True, font_color=ACCENT)
        _point(sheet, points.today, frontier, frontier.today, groups, None, look | {"bold": True}, curve)
        _today_check(frontier, points, checks, kind)
    return points


def _point(
    sheet: Sheet,
    row: int,
    frontier: Frontier,
    point: FrontierPoint,
    groups: list[str],
    points: Points | None,
    look: dict[str, Any],
    curve: bool,
) -> None:
    for column, (axis, value) in enumerate(zip(frontier.axes, point.at, strict=True)):
        kind = axis_kind(axis, frontier.currency)
        written = sheet.value(row, column, value, kind, num_format=sheet.style.format(kind, axis.values))
        if points is not None and column == 0:
            points.at.append(written)
    column = len(frontier.axes)
    best = sheet.value(row, column, point.best, kind_of(frontier.measure), **look)
    column += 3 if curve else 1
    own = best
    if gives_up(frontier):  # the plan beside its own cost, not the best that it gives up
        own = sheet.value(row, column, point.value, kind_of(frontier.measure), **look)
        column += 1
    totals = point.totals
    amounts = []
    for name in ("cost", "hours", "creators"):
        amount = None if totals is None else getattr(totals, name)
        amounts.append(sheet.value(row, column, amount, kind_of(name)))
        column += 1
    if points is not None:
        points.best.append(best)
        points.value.append(own)
        points.cost.append(amounts[0])
    sheet.text(row, column, point.leader or "", indent=1)
    cost = None if totals is None else totals.cost
    shares = {share.group: share.cost for share in point.mix}
    for i, group in enumerate(groups, 1):
        spent = shares.get(group, 0.0 if point.mix else None)
        share = spent / cost if spent is not None and cost else None
        sheet.value(row, column + i, share, "share", font_color=MUTED)
    column += len(groups) + 1
    if frontier.draws:  # drawn, so constants
        for end in (None, None) if point.range is None else (point.range.p10, point.range.p90):
            sheet.value(row, column, end, kind_of(frontier.measure), font_color=MUTED)
            column += 1
    sheet.text(row, column, ", ".join(point.binding), indent=1)
    sheet.text(
        row,
        column + 1,
        STATUS_WORDS[point.status].sheet + (f": {point.message}" if point.message else ""),
        indent=1,
        runs_on=True,
    )


def _gains(sheet: Sheet, frontier: Frontier, points: Points, look: dict[str, Any], checks: Checks) -> None:
    """What each step brings, and what that is for one more unit: by formula from the points."""
    kind = kind_of(frontier.measure)
    signed = sheet.style.format("change_" + kind, [b.value for b in points.best])
    solved = {m.high: m for m in frontier.marginals}
    before: int | None = None
    gains: list[Cell] = []
    for i, best in enumerate(points.best):
        if best.value is None:
            continue
        if before is not None:
            gain = best - points.best[before]
            written = sheet.formula(best.row, 2, gain, kind, num_format=signed)
            unit = written / (points.at[i] - points.at[before])
            if priced(frontier):
                spent, more = points.cost[i] - points.cost[before], points.value[i] - points.value[before]
                unit = either((spent * more).above(0), spent / more, Term(f'"{UNKNOWN}"', None))
            each = sheet.formula(best.row, 3, unit, "number", guard=True, num_format="#,##0.00##")
            gains.append(written)
            known = solved.get(frontier.points[i].at[0])
            if known is not None and known.low == frontier.points[before].at[0]:
                label = f"gain up to {known.high:,.10g}"
                checks.equal(SOLVED, label, written, known.gain, "reach" if kind == "money" else kind)
                solved_each = known.cost_of_each if priced(frontier) else known.per_unit
                checks.equal(SOLVED, f"{label}, for each unit", each, solved_each, "reach")
        before = i
    known_best = [b for b in points.best if b.value is not None]
    if len(known_best) > 1 and gains:
        total = Term(f"SUM({Range([gains[0], gains[-1]]).text})", sum(float(g.value or 0) for g in gains))
        checks.equal(
            ARITHMETIC, "gains to last less first point", total, known_best[-1] - known_best[0], kind
        )
        if frontier.axes[0].path in RISING:
            name = f"more {frontier.axes[0].label} {never(frontier)}"
            checks.true(ARITHMETIC, name, _never_worse(frontier, gains))


def _never_worse(frontier: Frontier, gains: list[Cell]) -> Term:
    """Whether no step goes the wrong way, beyond the last digits."""
    span = Range([gains[0], gains[-1]])
    size = max(abs(float(g.value or 0)) for g in gains) or 1.0
    numbers = [float(g.value or 0) for g in gains]
    if frontier.sense == "maximize":
        return Term(f"MIN({span.text})", min(numbers)).at_least(-1e-6 * size)
    return Term(f"MAX({span.text})", max(numbers)).at_most(1e-6 * size)


def _today_check(frontier: Frontier, points: Points, checks: Checks, kind: str) -> None:
    """Where today's numbers are among the points, both must be the same plan's."""
    assert frontier.today is not None
    assert points.today is not None
    for i, point in enumerate(frontier.points):
        if point.at == frontier.today.at and point.best is not None and frontier.today.best is not None:
            column = len(frontier.axes)
            today = cell(points.sheet, points.today, column, frontier.today.best)
            checks.equal(ARITHMETIC, "today on the frontier to today's plan", points.best[i], today, kind)


def _count_checks(frontier: Frontier, points: Points, checks: Checks) -> None:
    planned = Term(f"COUNT({Range(points.best).text})", sum(b.value is not None for b in points.best))
    without = Term(f'COUNTIF({Range(points.best).text},"–")', sum(b.value is None for b in points.best))
    expected = 1
    for axis in frontier.axes:
        expected *= len(axis.values)
    checks.equal(
        ARITHMETIC, "points with and without a plan to all points", planned + without, expected, "count"
    )


def _runs(rows: list[int]) -> list[tuple[int, int]]:
    """First and last of each run of neighbouring rows."""
    breaks = [i for i in range(1, len(rows)) if rows[i] != rows[i - 1] + 1]
    return [(rows[begin], rows[end - 1]) for begin, end in pairwise([0, *breaks, len(rows)]) if end > begin]


def _curve_chart(sheet: Sheet, frontier: Frontier, points: Points, row: int, column: int = 0) -> None:
    """The curve, with today's point on it."""
    axis = frontier.axes[0]
    chart = sheet.book.file.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    runs = _runs([best.row for best in points.best if best.value is not None])
    for first, last in runs:  # a series each: spreadsheets draw the dash of a point without a plan as 0
        chart.add_series({
            "name": best_of(frontier),
            "categories": [points.sheet, first, 0, last, 0],
            "values": [points.sheet, first, 1, last, 1],
            "line": {"color": SERIES[0], "width": 2},
            "marker": {"type": "circle", "size": 3, "fill": {"color": SERIES[0]}, "border": {"color": SERIES[0]}},
        })  # fmt: skip
    today = frontier.today
    given_up = gives_up(frontier)
    on_axis = today is not None and axis.values[0] <= today.at[0] <= axis.values[-1]
    if points.today is not None and on_axis and today is not None and today.best is not None:
        own = 4 if given_up else 1
        chart.add_series({
            "name": "today's plan" if given_up else "today",
            "categories": [points.sheet, points.today, 0, points.today, 0],
            "values": [points.sheet, points.today, own, points.today, own],
            "line": {"none": True},
            "marker": {"type": "square", "size": 13, "fill": {"color": SERIES[2]}, "border": {"color": SERIES[2]}},
        })  # fmt: skip
    small = {"num_font": {"size": 9}, "name_font": {"size": 9, "bold": False}}
    lines = {"visible": True, "line": {"color": "#E3E8EB"}}
    plain = "#,##0" if max(abs(v) for v in axis.values) >= 100 else "General"
    step, low, high = _ticks(axis.values[0], axis.values[-1])
    scale = {"min": low, "max": high, "major_unit": step, "major_gridlines": {"visible": False}}
    chart.set_x_axis(small | scale | {"name": axis_label(axis), "num_format": plain, "label_position": "low"})
    chart.set_y_axis(small | {"name": frontier.measure, "num_format": "#,##0.##" if _small(frontier) else "#,##0",
                              "major_gridlines": lines, "line": {"none": True}})  # fmt: skip
    chart.set_legend({"position": "top", "font": {"size": 9}, "delete_series": list(range(1, len(runs)))})
    chart.set_chartarea({"border": {"none": True}})
    chart.set_size({"width": 900, "height": 340})
    words = f"{best_of(frontier).capitalize()} over {axis.label}, from {axis.values[0]:,.6g} to {axis.values[-1]:,.6g}"
    sheet.raw.insert_chart(row, column, chart, {"description": words, "object_position": 1})


def _ticks(low: float, high: float) -> tuple[float, float, float]:
    """Step, begin and end of an axis in round numbers."""
    if high <= low:
        return max(abs(low), 1.0), low - max(abs(low), 1.0), low + max(abs(low), 1.0)
    rough = (high - low) / 8
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * m for m in (1, 2, 2.5, 5, 10) if unit * m >= rough * (1 - 1e-9))
    return step, math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step


def _small(frontier: Frontier) -> bool:
    return max((abs(p.best) for p in frontier.points if p.best is not None), default=0.0) < 10


def frontier_summary(sheet: Sheet, frontier: Frontier, points: Points, verdict: Verdict) -> None:
    """One page: the findings, the chart, where the mix turns and where there is no plan."""
    axes = " and ".join(axis.label for axis in frontier.axes)
    row = summary_start(
        sheet, f"{frontier.scenario.name}: what {axes} bring" + ("s" if len(frontier.axes) == 1 else ""),
        f"{frontier.sense.capitalize()} {frontier.measure} · money in {frontier.currency} · "
        + made_line(frontier.scenario.made, [frontier.scenario.author], frontier.version),
        list(frontier.sentences), verdict, None, columns=8, characters=150,
    )  # fmt: skip
    if len(frontier.axes) == 1:
        _curve_chart(sheet, frontier, points, row)
        row += 19
        row = _turns(sheet, frontier, row)
    else:
        sheet.heading(row, best_of(frontier).capitalize(), across(frontier))
        one_map(sheet, frontier, row + 2, points.sheet, points.first, leaders=False)
        row += len(frontier.axes[0].values) + 4
    row = _stretches(sheet, frontier, row)
    stamp = f"sha256 {frontier.scenario.sha256}, creatormix {frontier.version}"
    text = f"Scenario {frontier.scenario.name}, {stamp}. Every point is solved by itself and verified."
    sheet.line(row, text, 8, 150, font_color=MUTED)
    sheet.finish(A=26, B=18, C=18, D=16, E=16, F=16, G=16, H=16)
    if row < MOST_ROWS:
        sheet.raw.fit_to_pages(1, 1)


def _turns(sheet: Sheet, frontier: Frontier, row: int) -> int:
    if not frontier.turns:
        return row
    sheet.heading(row, "Where the mix changes")
    row += 1
    sheet.header(row, ["From", "Below that", "What happens"], left=(2,))
    kind = axis_kind(frontier.axes[0], frontier.currency)
    form = sheet.style.format(kind, frontier.axes[0].values)
    for turn in frontier.turns:
        row += 1
        sheet.value(row, 0, turn.at, kind, num_format=form)
        sheet.value(row, 1, turn.below, kind, num_format=form, font_color=MUTED)
        words = {
            "turns": f"{turn.group} takes the largest share of the money"
            + (f" instead of {turn.instead_of}" if turn.instead_of else ""),
            "enters": f"{turn.group} enters",
            "leaves": f"{turn.group} leaves",
        }[turn.kind]
        sheet.text(row, 2, words, indent=1, runs_on=True)
    return row + 2


def _stretches(sheet: Sheet, frontier: Frontier, row: int) -> int:
    if not frontier.stretches:
        return row
    sheet.heading(row, "Where there is no plan")
    row += 1
    sheet.header(row, ["From", "To", "Why"], left=(2,))
    kind = axis_kind(frontier.axes[0], frontier.currency)
    form = sheet.style.format(kind, frontier.axes[0].values)
    for stretch in frontier.stretches:
        row += 1
        sheet.value(row, 0, stretch.low, kind, num_format=form)
        sheet.value(row, 1, stretch.high, kind, num_format=form)
        text = STATUS_WORDS[stretch.status].sheet + (f": {stretch.message}" if stretch.message else "")
        sheet.text(row, 2, text, indent=1, runs_on=True)
    return row + 2
