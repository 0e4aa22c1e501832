"""The best result along one number: a curve with today's point, the turns of the mix and stretches without a plan."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.finance.frontier.findings import priced
from optimizer.finance.frontier.result import Axis, Frontier, FrontierPoint
from optimizer.finance.frontier.words import axis_value, is_share
from optimizer.language.measures import one_of
from optimizer.language.names import tier_order
from optimizer.language.numbers import UNKNOWN, measured, percent, printable, significant
from optimizer.language.statuses import STATUS_WORDS, UNSETTLED
from optimizer.report.layout.parts import Table
from optimizer.report.page.chart import (
    FULL,
    NARROW,
    TITLE_ON_TOP,
    WIDE,
    Chart,
    Rows,
    Spec,
    data,
    drawing,
    place,
    room_for,
    text,
    tips,
)
from optimizer.report.page.colours import group_colours, light

COMMAS = ",~f"
"""Numbers on axes: 1,000 and 0.5."""


def reached(point: FrontierPoint) -> float | None:
    """The best value of the first objective at a point."""
    return point.best if point.best is not None else point.value


def without_word(status: str) -> str:
    """Where there is no plan: whether none exists or none was looked for long enough."""
    return "not solved" if status in UNSETTLED else "no plan"


def takeaway_of(frontier: Frontier) -> str:
    """The first of the frontier's own findings."""
    return printable(frontier.sentences[0]) if frontier.sentences else ""


def title_of(axis: Axis) -> str:
    """A title with the unit: "budget, USD"."""
    label = printable(axis.label)
    return label if not axis.unit or axis.unit in label.split() else f"{label}, {printable(axis.unit)}"


def curve_chart(frontier: Frontier, *, full: bool = False) -> Chart | None:
    """The result curve of a frontier of one axis; None where it has no plan at all."""
    solved = [(point.at[0], value) for point in frontier.points if (value := reached(point)) is not None]
    if len(frontier.axes) != 1 or not solved:
        return None
    axis = frontier.axes[0]
    wide, narrow = (_drawn(frontier, solved, width) for width in (FULL if full else WIDE, NARROW))
    notes = "Every point is a plan of its own, solved to its proof." if _proven(frontier) else ""
    if _ranged(frontier):
        notes += f" The band holds 8 in 10 of {frontier.draws:,} drawn cases: 1 in 10 lies below it, 1 in 10 above."
    if _gives_up(frontier):
        notes += (
            " The line is the best possible; the diamond is today's plan, which gives some of it up for the next "
            "objective."
        )
    return Chart(
        "curve", f"{_result(frontier)} at every {printable(axis.label)}", _finding(frontier, solved), wide, narrow,
        curve_table(frontier), takeaway_of(frontier), notes.strip(), full,
    )  # fmt: skip


def curve_table(frontier: Frontier) -> Table:
    """Every point of a curve."""
    axis = frontier.axes[0]
    gains = {m.high: m.cost_of_each if priced(frontier) else m.per_unit for m in frontier.marginals}
    if is_share(axis):
        gains = {high: None if gain is None else 0.01 * gain for high, gain in gains.items()}
    per = f"per {'point' if is_share(axis) else printable(one_of(axis.unit)) or 'unit'}"
    if priced(frontier):
        per = f"{frontier.currency} each, by what is spent"
    rows: list[list[str]] = []
    ranged = _ranged(frontier)
    for point in frontier.points:
        value = reached(point)
        mark = " (today)" if axis.today == point.at[0] else ""
        gain = gains.get(point.at[0])
        rows.append(
            [axis_value(axis, point.at[0]) + mark, measured(value), "" if gain is None else significant(gain),
             printable(point.leader or "") if value is not None else printable(
                 point.message or STATUS_WORDS[point.status].why)]
        )  # fmt: skip
        if ranged:
            ends = ("", "") if point.range is None else (point.range.p10, point.range.p90)
            rows[-1][2:2] = [measured(end) if isinstance(end, float) else end for end in ends]
    columns = [printable(axis.label), _result(frontier).lower(), per, f"leading {frontier.mix_by}"]
    if ranged:
        columns[2:2] = ["1 in 10 below", "1 in 10 above"]
    return Table("", columns, rows, [False, *[True] * (len(columns) - 2), False])


def _ranged(frontier: Frontier) -> bool:
    """Whether there is a band to draw."""
    return any(point.range is not None and point.range.sd > 0 for point in frontier.points)


def _result(frontier: Frontier) -> str:
    word = "Best" if frontier.sense == "maximize" else "Least"
    return f"{word} {printable(frontier.measure)}"


def _gives_up(frontier: Frontier) -> bool:
    """Whether today's plan stays short of the best on purpose, for its next objective."""
    today = frontier.today
    return (
        today is not None
        and today.value is not None
        and today.best is not None
        and measured(today.value) != measured(today.best)
    )


def _proven(frontier: Frontier) -> bool:
    return all(point.status == "optimal" for point in frontier.points if reached(point) is not None)


def _finding(frontier: Frontier, solved: list[tuple[float, float]]) -> str:
    axis = frontier.axes[0]
    (low, first), (high, last) = solved[0], solved[-1]
    unit = printable(frontier.unit)
    parts = [
        f"From {axis_value(axis, low)} to {axis_value(axis, high)} the {_result(frontier).lower()} goes from "
        f"{measured(first)} to {measured(last)} {unit}"
    ]
    if axis.today is not None and frontier.today is not None and frontier.today.value is not None:
        parts.append(f"today's plan at {axis_value(axis, axis.today)} has {measured(frontier.today.value)}")
    turns = [turn for turn in frontier.turns if turn.kind == "turns"]
    for turn in turns[:3]:
        instead = f" from {printable(turn.instead_of)}" if turn.instead_of else ""
        parts.append(f"at {axis_value(axis, turn.at)} it turns{instead} to {printable(turn.group)}")
    for stretch in frontier.stretches:
        where = axis_value(axis, stretch.low)
        if stretch.high != stretch.low:
            where = f"{where} to {axis_value(axis, stretch.high)}"
        parts.append(f"{where}: {STATUS_WORDS[stretch.status].why}")
    return "; ".join(parts) + "."


def _drawn(frontier: Frontier, solved: list[tuple[float, float]], width: int) -> Spec:
    axis = frontier.axes[0]
    ends = [axis.values[0], axis.values[-1]]
    unit = printable(frontier.unit)
    height = 300 if width > NARROW else 205
    rows: Rows = []
    run = 0  # a line stops where there is no plan
    for point in frontier.points:
        value = reached(point)
        if value is None:
            run += 1
            continue
        rows.append(
            {
                "x": point.at[0],
                "y": value,
                "run": run,
                "at": axis_value(axis, point.at[0]),
                "result": f"{measured(value)} {unit}",
                "leader": printable(point.leader or UNKNOWN),
                "binding": ", ".join(printable(name) for name in point.binding) or "nothing",
                "open": "proven" if point.status == "optimal" else "not proven",
            }
        )
        if _ranged(frontier) and point.range is not None:
            low, high = point.range.p10, point.range.p90
            rows[-1] |= {"low": low, "high": high, "likely": f"{measured(low)} to {measured(high)} {unit}"}
    band = [row for row in rows if "low" in row]
    drawn = [value for _, value in solved] + [row[end] for row in band for end in ("low", "high")]
    least, top = _ends(drawn, 0.22 if frontier.turns else 0.08)
    x = place(
        "x", scale={"domain": ends, "nice": False, "zero": False, "padding": 8},
        axis={"title": title_of(axis), **axis_numbers(axis), "tickCount": max(3, width // 90), "grid": False},
    )  # fmt: skip
    title = printable(frontier.measure) + (f", {unit}" if unit not in ("", frontier.measure) else "")
    y = place("y", scale={"domain": [least, top], "nice": False},
              axis={"title": title, "format": COMMAS, "tickCount": 5, **TITLE_ON_TOP,
                    **room_for(f"{end:,.0f}" for end in (least, top))})  # fmt: skip
    tooltip = tips(at=printable(axis.label), result=_result(frontier).lower(), leader=f"leading {frontier.mix_by}",
                   binding="held back by", open="status")  # fmt: skip
    if band:
        tooltip += tips(likely="8 in 10 cases")
    layers: list[Spec] = [
        *_stretches(frontier, x, y),
        *_band(band, x, y),
        *_turns(frontier, x, top, width),
        {"data": data(rows), "mark": {"type": "line", "color": light("accent"), "strokeWidth": 2},
         "encoding": {"x": x, "y": y, "detail": {"field": "run", "type": "nominal"}}},
        {"data": data(rows), "mark": {"type": "point", "filled": True, "size": 34 if width > NARROW else 22,
                                      "color": light("accent"), "opacity": 1},
         "encoding": {"x": x, "y": y, "tooltip": tooltip}},
        *_today(frontier, x, y),
    ]  # fmt: skip
    return drawing(width, height, layers)


def _band(rows: Rows, x: Spec, y: Spec) -> list[Spec]:
    """The likely range around the curve."""
    if not rows:
        return []
    return [
        {"data": data(rows), "mark": {"type": "area", "color": light("accent"), "opacity": 0.15},
         "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"},
                      "detail": {"field": "run", "type": "nominal"}}},
    ]  # fmt: skip


def _ends(values: Sequence[float], room: float) -> tuple[float, float]:
    """Ends of the axis of results: with 0, room for words above, and below where values are negative."""
    least, most = min(0.0, *values), max(0.0, *values)
    span = (most - least) or 1.0
    return least - (0.12 * span if least < 0 else 0.0), most + room * span


def axis_numbers(axis: Axis) -> Spec:
    """How numbers stand on an axis: 25%, 1,000, 0.5, 500M, 2B."""
    if is_share(axis):
        return {"format": "~%"}
    if max(abs(v) for v in axis.values) >= 1e6:
        return {"labelExpr": "replace(format(datum.value, '~s'), 'G', 'B')"}
    return {"format": COMMAS}


def _stretches(frontier: Frontier, x: Spec, y: Spec) -> list[Spec]:
    """Bands where there is no plan, out to the middle of the gap to the next plan."""
    if not frontier.stretches:
        return []
    values = frontier.axes[0].values
    least, top = y["scale"]["domain"]
    rows = []
    for stretch in frontier.stretches:
        first, last = values.index(stretch.low), values.index(stretch.high)
        low = (values[first - 1] + stretch.low) / 2 if first else stretch.low
        high = (values[last + 1] + stretch.high) / 2 if last + 1 < len(values) else stretch.high
        rows.append({"x": low, "high": high, "mid": (low + high) / 2, "word": without_word(stretch.status),
                     "top": top, "least": least, "why": STATUS_WORDS[stretch.status].why})  # fmt: skip
    tooltip = tips(why="here")
    return [
        {"data": data(rows), "mark": {"type": "rect", "color": light("hairline"), "opacity": 0.7},
         "encoding": {"x": x, "x2": {"field": "high"}, "y": {**y, "field": "top"}, "y2": {"field": "least"},
                      "tooltip": tooltip}},
        text("word", "muted", mark={"angle": 270, "fontStyle": "italic"}, data=data(rows),
             encoding={"x": {**x, "field": "mid"}, "tooltip": tooltip}),
    ]  # fmt: skip


def _turns(frontier: Frontier, x: Spec, top: float, width: int) -> list[Spec]:
    """A dashed line where another group takes the lead, named at the top, one below the other where they are near."""
    turns = [turn for turn in frontier.turns if turn.kind == "turns"]
    if not turns:
        return []
    axis = frontier.axes[0]
    reach = (axis.values[-1] - axis.values[0]) or 1.0
    rows = []
    taken = [-30.0, -30.0, -30.0]  # how far the words of each line of text reach
    for turn in turns:
        at = (turn.below + turn.at) / 2
        place_x = (at - axis.values[0]) / reach * width
        right = place_x > width * 0.72
        word = f"{printable(turn.group)} leads"
        long = 6.2 * len(word) + 12
        left_end, right_end = (place_x - long, place_x) if right else (place_x, place_x + long)
        level = next((i for i, end in enumerate(taken) if left_end >= end), None)
        if level is None:  # no room for the word: the line, its tooltip and the findings say it
            word, level = "", 0
        else:
            taken[level] = right_end
        rows.append({"x": at, "word": word, "level": level,
                     "right": right, "at": axis_value(axis, turn.at), "top": top})  # fmt: skip
    tooltip = tips(word="from here on", at="from")
    layers: list[Spec] = [
        {"data": data(rows), "mark": {"type": "rule", "color": light("mark"), "strokeDash": [3, 3]},
         "encoding": {"x": x, "tooltip": tooltip}},
    ]  # fmt: skip
    for level in range(3):
        for right in (False, True):
            chosen = [row for row in rows if row["level"] == level and row["right"] == right]
            if chosen:
                mark = {"align": "right" if right else "left", "dx": -5 if right else 5}
                where = {"x": x, "y": {"value": 7 + 14 * level}, "tooltip": tooltip}
                layers.append(text("word", "muted", mark=mark, data=data(chosen), encoding=where))
    return layers


def _today(frontier: Frontier, x: Spec, y: Spec) -> list[Spec]:
    axis, today = frontier.axes[0], frontier.today
    if axis.today is None or today is None or today.value is None:
        return []
    if not axis.values[0] <= axis.today <= axis.values[-1]:
        return []
    late = (axis.today - axis.values[0]) > 0.6 * ((axis.values[-1] - axis.values[0]) or 1)
    least, top = y["scale"]["domain"]
    low = today.value - least < 0.2 * (top - least)  # under it stands the axis
    word = "today's plan" if _gives_up(frontier) else "today"
    rows: Rows = [{"x": axis.today, "y": today.value, "word": f"{word} {measured(today.value)}",
                   "at": axis_value(axis, axis.today),
                   "result": f"{measured(today.value)} {printable(frontier.unit)}"}]  # fmt: skip
    tooltip = tips(at="today", result="this plan")
    mark = {"type": "point", "shape": "diamond", "filled": True, "size": 150, "color": light("loss"), "opacity": 1,
            "stroke": light("paper"), "strokeWidth": 1.5}  # fmt: skip
    label = {
        "align": "right" if late else "left",
        "dx": 10 if late else 4,
        "dy": -14 if low else 24 if late else 18,
        "fontWeight": 600,
    }
    return [
        {"data": data(rows), "mark": mark, "encoding": {"x": x, "y": y, "tooltip": tooltip}},
        text("word", mark=label, data=data(rows), encoding={"x": x, "y": y}),
    ]


def mix_along_chart(frontier: Frontier) -> Chart | None:
    """Who gets the money at every point of a curve, stacked; None where the mix is not known or one group has all."""
    axis = frontier.axes[0]
    groups = list(dict.fromkeys(share.group for point in frontier.points for share in point.mix))
    groups.sort(key=lambda group: tier_order(group))
    if len(frontier.axes) != 1 or not 1 < len(groups) <= 8:
        return None
    rows: Rows = []
    cells: list[list[str]] = []
    for point in frontier.points:
        money = {share.group: share.cost for share in point.mix}
        if not money or any(cost is None for cost in money.values()):
            continue
        total = sum(cost or 0.0 for cost in money.values())
        if total <= 0:
            continue
        row = [axis_value(axis, point.at[0])]
        for position, group in enumerate(groups):
            share = (money.get(group) or 0.0) / total
            row.append(percent(share, 2) if share else "")
            if share:
                rows.append({"x": axis_value(axis, point.at[0], unit=False), "group": printable(group), "share": share,
                             "order": position, "at": row[0], "label": percent(share, 2),
                             "money": f"{measured(money[group])} {frontier.currency}"})  # fmt: skip
        cells.append(row)
    if not rows:
        return None
    names = [printable(group) for group in groups]
    table = Table("", [printable(axis.label), *names], cells, [False] + [True] * len(groups))
    first, last = cells[0], cells[-1]
    finding = " ".join(
        f"At {row[0]}: "
        + ", ".join(f"{name} {cell}" for name, cell in zip(names, row[1:], strict=True) if cell)
        + "."
        for row in (first, last)
    )
    wide, narrow = (_mix_drawn(frontier, rows, names, width) for width in (FULL, NARROW))
    return Chart("mix-along", f"Who gets the money at every {printable(axis.label)}", finding, wide, narrow, table,
                 notes=_mix_notes(frontier, cells), full=True)  # fmt: skip


def _mix_notes(frontier: Frontier, cells: list[list[str]]) -> str:
    if len(cells) == len(frontier.points):
        return "Share of the money."
    words = dict.fromkeys(without_word(stretch.status) for stretch in frontier.stretches)
    gaps = {"no plan": "have no plan", "not solved": "were not solved"}
    return f"Share of the money; gaps {' or '.join(gaps[word] for word in words) or 'spend nothing'}."


def _mix_drawn(frontier: Frontier, rows: Rows, names: list[str], width: int) -> Spec:
    axis = frontier.axes[0]
    labels = [axis_value(axis, value, unit=False) for value in axis.values]
    fitting = (width - 60) // (7 * max(len(label) for label in labels) + 10)
    every = max(1, -(-len(labels) // max(2, fitting)))
    x = {"field": "x", "type": "ordinal", "sort": None, "scale": {"domain": labels, "paddingInner": 0.12},
         "axis": {"title": title_of(axis), "values": labels[::every], "labelAngle": 0, "domain": False,
                  "ticks": False}}  # fmt: skip
    y = place("share", stack="zero", scale={"domain": [0, 1]},
              axis={"format": ".0%", "title": None, "tickCount": 3})  # fmt: skip
    colours = [light(name) for name in group_colours(names)]
    legend = {
        "title": "share of the money",
        "titleOrient": "left",
        "orient": "top",
        "symbolType": "square",
        "columns": 5 if width > NARROW else 3,
    }
    colour = {
        "field": "group",
        "type": "nominal",
        "scale": {"domain": names, "range": colours},
        "legend": legend,
    }
    tooltip = tips(at=printable(axis.label), group=frontier.mix_by, label="share", money="money")
    mark = {"type": "bar", "stroke": light("paper"), "strokeWidth": 0.5}
    encoding = {"x": x, "y": y, "color": colour, "order": {"field": "order", "type": "quantitative"},
                "tooltip": tooltip}  # fmt: skip
    return drawing(width, 240, [{"data": data(rows), "mark": mark, "encoding": encoding}])
