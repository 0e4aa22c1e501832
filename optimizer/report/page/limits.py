"""How much of each limit the plan uses: bars with a line at 100 %, floors shown as floors."""

from __future__ import annotations

from typing import NamedTuple

from optimizer.language.numbers import percent, printable
from optimizer.plan.plan import LimitResult, Plan
from optimizer.report.layout.parts import Table
from optimizer.report.page.chart import NARROW, WIDE, Chart, Rows, Spec, data, drawing, place, text, tips
from optimizer.report.page.colours import light
from optimizer.report.sections.plan import amount, number_and_unit

MOST_BARS = 10
FARTHEST = 2.0
"""Bars of floors end here: twice what is asked for."""


class Use(NamedTuple):
    """One limit: its use of the side that is nearer to holding the plan."""

    limit: LimitResult
    floor: bool
    share: float
    text: str


def limits_chart(plan: Plan) -> Chart | None:
    """Use of limits; None where none can be shown as a share."""
    uses = [use for limit in plan.limits if (use := _use(plan, limit)) is not None]
    if not uses:
        return None
    position = {use.limit.name: i for i, use in enumerate(uses)}
    uses.sort(key=lambda use: (not use.limit.binding, position[use.limit.name]))
    shown = uses[:MOST_BARS]
    wide, narrow = (_drawn(plan, shown, width) for width in (WIDE, NARROW))
    rows = [
        [printable(u.limit.name), "floor" if u.floor else "ceiling", u.text, percent(u.share),
         "binding" if u.limit.binding else ""]
        for u in uses
    ]  # fmt: skip
    table = Table("", ["limit", "kind", "plan and limit", "used", "holds the plan"], rows,
                  [False, False, False, True, False])  # fmt: skip
    floors = sum(u.floor for u in shown)
    notes = "Filled: a ceiling. Outlined: a floor, which must reach the line." if floors else ""
    if floors == len(shown):
        notes = "All are floors, which must reach the line."
    if len(uses) > len(shown):
        notes += f" {len(uses) - len(shown)} more are in the table."
    return Chart("limits", "Use of limits", _finding(shown), wide, narrow, table, notes=notes)


def _use(plan: Plan, limit: LimitResult) -> Use | None:
    if limit.value is None:
        return None
    sides = []
    if limit.max is not None and limit.max > 0:
        sides.append((abs(limit.max - limit.value), False, limit.max))
    if limit.min is not None and limit.min > 0 and not limit.unused:
        sides.append((abs(limit.value - limit.min), True, limit.min))
    if not sides or limit.value < 0:
        return None
    _, floor, side = min(sides)
    word = "at least" if floor else "of at most"
    bare, unit = number_and_unit(plan, limit.measure, limit.value)
    same = unit == number_and_unit(plan, limit.measure, side)[1]
    value, whole = (
        bare if same else amount(plan, limit.measure, limit.value),
        amount(plan, limit.measure, side),
    )
    joint = f"{value}, {word} {whole}" if floor else f"{value} {word} {whole}"
    return Use(limit, floor, limit.value / side, printable(joint))


def _drawn(plan: Plan, uses: list[Use], width: int) -> Spec:
    rows: Rows = []
    for i, use in enumerate(uses):
        used = percent(use.share)
        name = printable(use.limit.name) + (" (binding)" if use.limit.binding else "")
        room = (width - 20) // 7 - len(used)
        rows.append(
            {
                "row": i,
                "name": name if len(name) <= room else name[: room - 1] + "…",
                "whole": printable(use.limit.name),
                "kind": "floor" if use.floor else "ceiling",
                "share": min(use.share, FARTHEST),
                "used": used,
                "text": use.text,
                "holds": "yes" if use.limit.binding else "no",
            }
        )
    most = max(1.0, *(row["share"] for row in rows))
    step = 36 if width > NARROW else 29
    scale = {"domain": [0, max(1.3, most * 1.02)], "nice": False}
    y = {"field": "row", "type": "ordinal", "axis": None}
    tooltip = tips(whole="limit", text="plan", used="used", holds="binding")
    base = {"y": y, "tooltip": tooltip}
    end = {"value": width - 2}
    bar = {"type": "bar", "height": 9, "yOffset": 4, "cornerRadiusEnd": 2}
    ceilings = [row for row in rows if row["kind"] == "ceiling"]
    floors = [row for row in rows if row["kind"] == "floor"]
    axis = {"values": [0, 0.5, 1, 1.5, 2], "format": ".0%", "title": "share of the limit", "grid": False}
    position = place("share", scale=scale, axis=axis)
    label = {"align": "left", "dx": 0, "dy": -8}
    layers: list[Spec] = [
        {"data": data(ceilings), "mark": {**bar, "stroke": None},
         "encoding": {**base, "x": position, "color": {
             "condition": {"test": "datum.holds === 'yes'", "value": light("accent")}, "value": light("mark")}}},
        {"data": data(floors), "mark": {**bar, "fill": light("surface"), "stroke": light("mark"), "strokeWidth": 1.5},
         "encoding": {**base, "x": position, "stroke": {
             "condition": {"test": "datum.holds === 'yes'", "value": light("accent")}, "value": light("mark")}}},
        {"data": data([{"one": 1}]), "mark": {"type": "rule", "color": light("ink"), "strokeWidth": 1.2},
         "encoding": {"x": place("one", scale=scale, axis=axis)}},
        text("name", mark=label, data=data(rows), encoding={**base, "x": {"value": 0}}),
        text("used", mark={**label, "align": "right", "fontWeight": 600}, data=data(rows),
             encoding={**base, "x": end}),
    ]  # fmt: skip
    return drawing(width, step * len(rows) + 40, [layer for layer in layers if layer["data"]["values"]])


def _finding(uses: list[Use]) -> str:
    parts = []
    for use in uses:
        name = printable(use.limit.name)
        held = ", binding" if use.limit.binding else ""
        parts.append(
            f"{name}: {use.text} ({percent(use.share)} of the {'floor' if use.floor else 'limit'}{held})"
        )
    return "; ".join(parts) + "."
