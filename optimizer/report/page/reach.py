"""Reach by segment: a bar for each, how much of it is reached, with a mark where a limit asks for so many at least."""

from __future__ import annotations

from optimizer.language.numbers import percent, printable, short
from optimizer.plan.plan import Plan
from optimizer.report.layout.parts import Table
from optimizer.report.page.chart import NARROW, WIDE, Chart, Rows, Spec, data, drawing, place, text, tips
from optimizer.report.page.colours import light
from optimizer.report.sections.segments import floor_of, segments_table

MOST_BARS = 16
"""The largest are drawn; the table has all."""


def segments_chart(plan: Plan) -> Chart | None:
    """What is reached of each segment; None where the audience has fewer than two, or where that is not known."""
    known = [one for one in plan.segments if one.reached is not None and one.share is not None]
    if len(plan.segments) < 2 or len(known) < len(plan.segments):
        return None
    drawn = sorted(known, key=lambda one: -one.people)[:MOST_BARS]
    chosen = {one.name for one in drawn}
    rows: Rows = []
    for one in (one for one in known if one.name in chosen):  # in the order of the scenario
        floor = floor_of(plan, one.name)
        rows.append(
            {
                "row": len(rows),
                "name": printable(one.name),
                "share": one.share,
                "label": f"{short(one.reached)} of {short(one.people)}, {percent(one.share, 2)}",
                "floor": None if floor is None else floor / one.people,
                "least": "none" if floor is None else f"at least {short(floor)}",
            }
        )
    wide, narrow = (_drawn(rows, width) for width in (WIDE, NARROW))
    notes = "Bars: share of the segment that is reached at least once, estimated."
    if any(row["floor"] is not None for row in rows):
        notes += " Upright line: what a limit asks for at least."
    if len(known) > len(drawn):
        notes += f" {len(known) - len(drawn)} smaller ones are in the table."
    table = segments_table(plan)
    return Chart("segments", "Share of each segment reached", _finding(plan), wide, narrow,
                 Table("", table.columns, table.rows, table.numeric), _takeaway(plan), notes)  # fmt: skip


def _drawn(rows: Rows, width: int) -> Spec:
    most = max([row["share"] for row in rows] + [row["floor"] or 0.0 for row in rows])
    scale = {"domain": [0, min(1.0, 1.08 * most) or 1.0], "nice": False}
    step = 36 if width > NARROW else 30
    room = (width - 20) // 7
    named = [
        row | {"short": cut(row["name"], room - len(row["label"])), "where": row["floor"]} for row in rows
    ]
    floors = [row for row in named if row["floor"] is not None]
    y = {"field": "row", "type": "ordinal", "axis": None}
    tooltip = tips(name="segment", label="reached", least="asked for")
    axis = {
        "format": ".0%" if most > 0.05 else ".1%",
        "title": "share of the segment",
        "grid": False,
        "tickCount": 5,
    }
    position = place("share", scale=scale, axis=axis)
    bar = {"type": "bar", "height": 9, "yOffset": 4, "cornerRadiusEnd": 2, "color": light("accent")}
    label = {"align": "left", "dx": 0, "dy": -8}
    layers: list[Spec] = [
        {"data": data(named), "mark": bar, "encoding": {"y": y, "x": position, "tooltip": tooltip}},
        {"data": data(floors), "mark": {"type": "tick", "color": light("ink"), "thickness": 2, "height": 17, "size": 17,
                                        "yOffset": 4, "orient": "vertical"},
         "encoding": {"y": y, "x": place("where", scale=scale, axis=axis), "tooltip": tooltip}},
        text("short", mark=label, data=data(named), encoding={"y": y, "x": {"value": 0}}),
        text("label", mark={**label, "align": "right", "fontWeight": 600}, data=data(named),
             encoding={"y": y, "x": {"value": width - 2}}),
    ]  # fmt: skip
    return drawing(width, step * len(rows) + 40, [layer for layer in layers if layer["data"]["values"]])


def cut(name: str, room: int) -> str:
    """A name as long as there is room for it."""
    return name if len(name) <= room else name[: max(1, room - 1)] + "…"


def _finding(plan: Plan) -> str:
    parts = []
    for one in plan.segments:
        floor = floor_of(plan, one.name)
        asked = "" if floor is None else f" (at least {short(floor)} asked for)"
        parts.append(
            f"{printable(one.name)}: {short(one.reached)} of {short(one.people)} people, {percent(one.share, 2)}{asked}"
        )
    return "; ".join(parts) + "."


def _takeaway(plan: Plan) -> str:
    """The segment of which most is reached, and the one of which least is."""
    order = sorted(plan.segments, key=lambda one: -(one.share or 0.0))
    first, last = order[0], order[-1]
    if (first.share or 0.0) - (last.share or 0.0) < 0.005:
        return "All segments are reached alike."
    return (
        f"{printable(first.name)} is reached most, {percent(first.share, 2)} of it, "
        f"{printable(last.name)} least, {percent(last.share, 2)}."
    )
