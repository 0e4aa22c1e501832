"""What a plan may come to, drawn: 50 equally likely results as dots, chances of limits and drivers as bars."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from optimizer.finance.compare.comparison import Comparison, figure_of
from optimizer.finance.compare.findings import counts_money
from optimizer.language.numbers import chance, printable
from optimizer.plan.plan import Plan
from optimizer.plan.risk import Risk
from optimizer.plan.typical import first_range, typical_of
from optimizer.report.layout.parts import Table
from optimizer.report.page.chart import (
    FULL,
    NARROW,
    WIDE,
    Chart,
    Rows,
    Spec,
    data,
    drawing,
    place,
    text,
    tips,
)
from optimizer.report.page.colours import light
from optimizer.report.page.curve import COMMAS
from optimizer.report.sections.plan import number_and_unit
from optimizer.report.sections.risk import (
    MOST_DRIVERS,
    driver_words,
    drivers_table,
    label_of,
    likely_range,
    may_fail,
    narrowing,
    rounded,
    words_of,
)

BINS = {FULL: 46, NARROW: 24}
"""Columns of dots: of a width that lets dots touch."""
MOST_BARS = 8
HALF = 0.5


class Bar(NamedTuple):
    """One bar of a share: 0 to 1."""

    name: str
    share: float
    colour: str


def risk_charts(plan: Plan) -> list[Chart]:
    """The distribution, the chances and the drivers, those that there are."""
    risk = plan.risk
    if risk is None or not risk.varies or not plan.lines:
        return []
    drawn = [distribution_chart(plan, risk), chances_chart(risk), drivers_chart(plan, risk)]
    return [chart for chart in drawn if chart is not None]


def distribution_chart(plan: Plan, risk: Risk) -> Chart | None:
    """The first objective in 50 equally likely cases, the plan's own number marked; None where it does not vary."""
    measure = plan.objective.measure
    found = risk.measures.get(measure)
    if found is None or found.sd == 0 or len(risk.distribution) != 99:
        return None
    likely = f"{likely_range(plan, risk)}."
    wide, narrow = (_dots(plan, risk, width) for width in (FULL, NARROW))
    shares = (1, 5, 10, 25, 50, 75, 90, 95, 99)
    values = rounded([risk.distribution[share - 1] for share in shares])
    rows = [[f"{share} % of the cases", value] for share, value in zip(shares, values, strict=True)]
    own, unit = number_and_unit(plan, measure, _own(plan))
    table = Table("", ["below", label_of(plan, measure)], rows, [False, True])
    finding = f"{likely} The plan's own number, with everything at its typical value, is {own} {unit}."
    notes = (
        "Each dot is one of 50 equally likely cases. The line is the plan's number, with everything at its typical "
        "value; the 1 % best and worst lie beyond the dots."
    )
    return Chart("distribution", f"What {label_of(plan, measure)} may come to", finding, wide, narrow, table, likely,
                 notes, full=True)  # fmt: skip


def _own(plan: Plan) -> float:
    """The plan's number with everything at its typical value; the objective's own value may be a dependable one."""
    typical = typical_of(plan, plan.objective)
    return plan.objective.value if typical is None else typical


def _dots(plan: Plan, risk: Risk, width: int) -> Spec:
    goal, values = plan.objective, risk.distribution
    found = first_range(plan, risk)
    assert found is not None, "a chart of dots is drawn where the range is known"
    own = _own(plan)
    least = min(0.0, values[0], own)
    most = max(values[-1], own, 0.0)
    most += 0.02 * (most - least)
    bins = BINS[width]
    step = (most - least) / bins
    bad, good = ("warn", "good") if goal.sense == "maximize" else ("good", "warn")
    heights: dict[int, int] = {}
    rows: Rows = []
    unit = words_of(plan, goal.measure)
    for share in range(1, 100, 2):
        value = values[share - 1]
        column = min(bins - 1, int((value - least) / step))
        heights[column] = heights.get(column, 0) + 1
        colour = bad if value < found.p10 else good if value > found.p90 else "accent"
        rows.append(
            {
                "x": least + (column + 0.5) * step,
                "y": heights[column] - 0.5,
                "colour": light(colour),
                "said": f"{rounded([value])[0]} {unit}",
                "below": f"{share} % of the cases are below",
            }
        )
    size = (width - 8) / bins
    top = max(heights.values())
    line = 16 / size  # a line of words, in dots
    low, high = rounded([found.p10, found.p90])
    marks = [
        (found.p10, f"1 in 10 below {low}", "muted"),
        (own, f"plan {number_and_unit(plan, goal.measure, own)[0]}", "ink"),
        (found.p90, f"1 in 10 above {high}", "muted"),
    ]
    marks.sort(reverse=True)  # the line of one to the right stays below the words of one to the left
    rules: list[Spec] = []
    domain = [0, top + 3.6 * line]
    scale = {"domain": [least, most], "nice": False, "zero": False}
    axis = {
        "title": label_of(plan, goal.measure),
        "format": COMMAS,
        "values": _ticks(least, most, max(3, width // 110)),
        "grid": False,
    }
    if most >= 1e6:
        axis = {**axis, "labelExpr": "replace(format(datum.value, '~s'), 'G', 'B')"}
        del axis["format"]
    x = place("x", scale=scale, axis=axis)
    y = place("y", scale={"domain": domain, "nice": False}, axis=None)
    for row, (value, words, colour) in enumerate(marks, 1):
        late = (most - value) / (most - least) * width < 7 * len(words) + 8  # no room to the right
        here = [{"x": value, "y": top + row * line, "zero": 0, "word": printable(words)}]
        bold = colour == "ink"
        rule = {"type": "rule", "color": light(colour), "strokeWidth": 1.5 if bold else 1}
        rules += [
            {"data": data(here), "mark": rule if bold else {**rule, "strokeDash": [3, 3]},
             "encoding": {"x": x, "y": y, "y2": {"field": "zero"}}},
            text("word", colour, mark={"align": "right" if late else "left", "dx": -4 if late else 4, "dy": 4,
                                       "fontWeight": 600 if bold else 400},
                 data=data(here), encoding={"x": x, "y": y}),
        ]  # fmt: skip
    dot = {"type": "point", "filled": True, "size": 0.6 * size * size, "opacity": 1, "stroke": None}
    dots: Spec = {
        "data": data(rows),
        "mark": dot,
        "encoding": {"x": x, "y": y, "color": {"field": "colour", "type": "nominal", "scale": None},
                     "tooltip": tips(said="result", below="of all")},
    }  # fmt: skip
    return drawing(width, domain[1] * size + 46, [*rules, dots])


def _ticks(least: float, most: float, count: int) -> list[float]:
    """About so many round numbers on an axis; none so near its end that paper would cut it off."""
    rough = (most - least) / count
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * digits for digits in (1, 2, 2.5, 5, 10) if unit * digits >= rough)
    last = least + 0.92 * (most - least)
    return [n * step for n in range(math.ceil(least / step), math.floor(last / step) + 1)]


def chances_chart(risk: Risk) -> Chart | None:
    """How often each limit is kept that some cases break; None where none is broken."""
    failing = may_fail(risk)
    if not failing:
        return None
    bars = [Bar(printable(c.limit), c.chance, _kept(c.chance)) for c in failing[:MOST_BARS]]
    if len(failing) > 1 and risk.all_kept is not None:
        bars.append(Bar("all limits together", risk.all_kept, _kept(risk.all_kept)))
    rows = [[printable(c.limit), chance(c.chance)] for c in risk.chances]
    if risk.all_kept is not None:
        rows.append(["all limits together", chance(risk.all_kept)])
    finding = "; ".join(f"{bar.name}: kept in {chance(bar.share)} of the cases" for bar in bars) + "."
    sure = len(risk.chances) - len(failing)
    notes = "Below a half is drawn in another colour." if any(bar.share < HALF for bar in bars) else ""
    if sure:
        notes += f" {sure} more {'limit is' if sure == 1 else 'limits are'} kept in every case."
    if len(failing) > MOST_BARS:
        notes += f" {len(failing) - MOST_BARS} more are in the table."
    wide, narrow = (
        _bars(bars, width, "share of the cases in which it is kept", whole=True) for width in (WIDE, NARROW)
    )
    return Chart("chances", "Chance to keep the limits", finding, wide, narrow,
                 Table("", ["limit", "kept in"], rows, [False, True]), notes=notes.strip())  # fmt: skip


def _kept(share: float) -> str:
    return "warn" if share < HALF else "accent"


def drivers_chart(plan: Plan, risk: Risk) -> Chart | None:
    """The numbers that make the first objective vary; None where none does by itself."""
    if not risk.drivers:
        return None
    bars = [Bar(driver_words(plan, d), d.share_of_variance, "accent") for d in risk.drivers[:MOST_DRIVERS]]
    finding = "; ".join(f"{bar.name}: {chance(bar.share)} of the variance" for bar in bars) + "."
    wide, narrow = (_bars(bars, width, "share of the variance", whole=False) for width in (WIDE, NARROW))
    table = replace(drivers_table(plan, risk), title="")
    notes = narrowing(plan, risk)
    return Chart("drivers", "Where the range comes from", finding, wide, narrow, table, notes=notes)


def _bars(bars: Sequence[Bar], width: int, title: str, *, whole: bool) -> Spec:
    """Bars of shares with their names above; `whole`: up to 100 %."""
    rows: Rows = []
    for i, bar in enumerate(bars):
        said = chance(bar.share)
        room = (width - 24) // 6 - len(said)
        name = bar.name if len(bar.name) <= room else bar.name[: room - 1] + "…"
        rows.append(
            {"row": i, "name": name, "whole": bar.name, "share": max(0.0, bar.share), "said": said,
             "colour": light(bar.colour)}
        )  # fmt: skip
    most = 1.0 if whole else max(0.1, *(bar.share for bar in bars))
    y = {"field": "row", "type": "ordinal", "axis": None}
    tooltip = tips(whole="what", said=title)
    axis = {"format": ".0%", "title": title, "grid": False, "tickCount": 4}
    x = place("share", scale={"domain": [0, most], "nice": not whole}, axis=axis)
    label = {"align": "left", "dy": -8}
    base = {"y": y, "tooltip": tooltip}
    layers: list[Spec] = [
        {"data": data(rows), "mark": {"type": "bar", "height": 9, "yOffset": 4, "cornerRadiusEnd": 2},
         "encoding": {**base, "x": x, "color": {"field": "colour", "type": "nominal", "scale": None}}},
        text("name", mark=label, data=data(rows), encoding={**base, "x": {"value": 0}}),
        text("said", mark={**label, "align": "right", "fontWeight": 600}, data=data(rows),
             encoding={**base, "x": {"value": width - 2}}),
    ]  # fmt: skip
    return drawing(width, (36 if width > NARROW else 29) * len(rows) + 40, layers)


def compared_chart(comparison: Comparison) -> Chart | None:
    """The likely range of the base's first objective in every scenario; None where none has one."""
    risk = comparison.risk
    ranges = () if risk is None else risk.measures.get(comparison.measure, ())
    known = [
        (column, found, risk.beats[i])
        for i, (column, found) in enumerate(zip(comparison.columns, ranges, strict=False))
        if risk is not None and found is not None and column.plan is not None
    ]
    if not any(found.sd > 0 for _, found, _ in known):
        return None
    goal = figure_of(comparison.measure, [None], comparison.currency)
    name = printable(goal.label) + (f", {comparison.currency}" if counts_money(goal) else "")
    base = printable(comparison.columns[0].name)
    rows: Rows = []
    cells, parts = [], []
    for i, (column, found, beats) in enumerate(known):
        low, half, high = rounded([found.p10, found.p50, found.p90])
        own = column.plan.totals.of(comparison.measure) if column.plan is not None else None
        often = "" if beats is None else f"beats {base} in {chance(beats)}"
        rows.append({"row": i, "name": printable(column.name), "low": found.p10, "half": found.p50, "high": found.p90,
                     "own": found.p50 if own is None else own, "said": f"{low} to {high}", "often": often})  # fmt: skip
        cells.append([printable(column.name), low, half, high, "" if beats is None else chance(beats)])
        parts.append(f"{printable(column.name)}: {low} to {high}, half of the cases above {half}"
                     + (f"; {often} of the cases" if often else ""))  # fmt: skip
    table = Table("", ["scenario", "1 in 10 below", "half above", "1 in 10 above", f"beats {base} in"], cells,
                  [False, True, True, True, True])  # fmt: skip
    wide, narrow = (_spans(rows, width, name) for width in (FULL, NARROW))
    notes = (
        "Bars leave out the worst and the best case in ten; the line is the half, the diamond the plan's own number. "
        "What scenarios share goes well or badly for all of them, so bars that overlap may still have a clear winner."
    )
    return Chart("spans", f"What {name} may come to in every scenario", ". ".join(parts) + ".", wide, narrow, table,
                 notes=notes, full=True)  # fmt: skip


def _spans(rows: Rows, width: int, title: str) -> Spec:
    """A bar from one case in ten to nine in ten for each scenario, with its half and the plan's own number."""
    ends = [row[key] for row in rows for key in ("low", "high", "own")]
    scale = {"domain": [min(0.0, *ends), max(0.0, *ends)], "nice": True}
    axis = {
        "title": title,
        "format": COMMAS,
        "tickCount": max(3, width // 110),
        "grid": False,
        "labelBound": True,
    }
    y = {"field": "row", "type": "ordinal", "axis": None}
    x = place("low", scale=scale, axis=axis)
    tooltip = tips(name="scenario", said="1 in 10 below, 1 in 10 above", often="against the base")
    label = {"align": "left", "dy": -9}
    room = (width - 20) // 7
    shown = [
        {**row, "label": row["name"] if len(row["name"]) <= room - len(row["often"]) else
         row["name"][: max(1, room - len(row["often"]) - 1)] + "…"}
        for row in rows
    ]  # fmt: skip
    layers = [
        {"data": data(shown), "mark": {"type": "bar", "height": 9, "yOffset": 5, "cornerRadius": 4,
                                       "color": light("heat3")},
         "encoding": {"y": y, "x": x, "x2": {"field": "high"}, "tooltip": tooltip}},
        {"data": data(shown), "mark": {"type": "tick", "color": light("ink"), "height": 15, "thickness": 2,
                                       "yOffset": 5},
         "encoding": {"y": y, "x": place("half", scale=scale)}},
        {"data": data(shown), "mark": {"type": "point", "shape": "diamond", "filled": True, "size": 110, "yOffset": 5,
                                       "color": light("warn"), "opacity": 1},
         "encoding": {"y": y, "x": place("own", scale=scale), "tooltip": tooltip}},
        text("label", mark=label, data=data(shown), encoding={"y": y, "x": {"value": 0}}),
        text("often", "muted", mark={**label, "align": "right"}, data=data(shown),
             encoding={"y": y, "x": {"value": width - 2}}),
    ]  # fmt: skip
    return drawing(width, (40 if width > NARROW else 34) * len(rows) + 46, layers)
