"""The bridge as a waterfall: from the base to another scenario input by input, from planned to actual part by part."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.finance.compare.bridge import Bridge, MeasureBridge
from optimizer.finance.compare.findings import bridge_sentence
from optimizer.language.numbers import number, printable
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
from optimizer.report.page.colours import light
from optimizer.report.sections.bridge import bridge_sections, printed

LETTER = 7.5
"""Pixels that a letter under a bar takes in a wide font."""
ZOOM = 0.35
"""Where all that happens is within this share of the height at the top, the axis begins higher, and says so."""


@dataclass(frozen=True)
class Steps:
    """One measure on its way.

    Attributes:
        measure: from start to end; as many parts as there are labels.
        ends: what the two are called.
        about: and what they are.
        labels: of the parts.
        whys: what each part is about, for its tooltip.
        better_up: whether more is better, so that a step for the worse has the colour of a loss.
    """

    measure: MeasureBridge
    ends: tuple[str, str]
    about: tuple[str, str]
    labels: Sequence[str]
    whys: Sequence[str]
    better_up: bool


def bridge_chart(bridge: Bridge, currency: str, key: str, *, better_up: bool = True) -> Chart | None:
    """The waterfall of a bridge's objective; None where there is no bridge or nothing differs.

    `better_up`: whether more of it is better, so that a step for the worse has the colour of a loss.
    """
    if not bridge.measures or not bridge.groups:
        return None
    measure = bridge.measures[0]
    whys = []
    for group in bridge.groups:
        more = len(group.changes) - 4
        shown = "; ".join(printable(change) for change in group.changes[:4])
        whys.append(shown + (f"; and {more} more" if more > 0 else ""))
    ends = printable(bridge.base), printable(bridge.other)
    labels = [printable(group.label) for group in bridge.groups]
    steps = Steps(measure, ends, ("the base", "the other scenario"), labels, whys, better_up)
    table = next(part for part in bridge_sections(bridge, currency) if isinstance(part, Table))
    table = Table("", table.columns, table.rows, table.numeric, table.strong)
    title = f"From {ends[0]} to {ends[1]}: {printable(measure.measure)}"
    return steps_chart(steps, currency, key, title, table, bridge_sentence(bridge, currency))


def steps_chart(
    steps: Steps, currency: str, key: str, title: str, table: Table, takeaway: str, *, notes: str = ""
) -> Chart:
    """The waterfall of one measure.

    Args:
        steps: the measure on its way.
        currency: of money.
        key: of the chart.
        title: of the chart.
        table: its data.
        takeaway: the finding in one short sentence.
        notes: how to read it, before what is to be said of every waterfall.
    """
    measure = steps.measure
    rows = _bars(steps, currency)
    wide, narrow = _upright(measure, rows), _lying(measure, rows)
    start, parts, end = printed(measure, currency)
    listed = ", ".join(f"{label} {part}" for label, part in zip(steps.labels, parts, strict=True))
    finding = f"{steps.ends[0]} has {start} {printable(measure.unit)}; {listed or 'nothing differs'}; "
    finding += f"{steps.ends[1]} has {end}."
    said = [notes, "The sign stands at every bar. The parts add up to the change."]
    if _floor(rows) != 0:
        said.append("The axis does not begin at 0.")
    text = " ".join(part for part in said if part)
    return Chart(key, title, finding, wide, narrow, table, takeaway, text, full=_width(rows) == FULL)


def _bars(steps: Steps, currency: str) -> Rows:
    """Every bar from its low to its high end."""
    measure = steps.measure
    start, parts, end = printed(measure, currency)
    rows: Rows = [_bar(steps.ends[0], 0.0, measure.start, "total", start, steps.about[0])]
    level = measure.start
    for name, part, label, why in zip(steps.labels, measure.parts, parts, steps.whys, strict=True):
        kind = "gain" if (part >= 0) is steps.better_up else "loss"
        rows.append(_bar(name, level, level + part, kind, label, why))
        level += part
    rows.append(_bar(steps.ends[1], 0.0, measure.end, "total", end, steps.about[1]))
    for i, row in enumerate(rows):
        row["row"] = i
    return rows


def _bar(name: str, begin: float, end: float, kind: str, label: str, why: str) -> dict[str, object]:
    return {"name": name, "low": min(begin, end), "high": max(begin, end), "kind": kind, "label": label, "why": why,
            "colour": light(kind), "end": end}  # fmt: skip


def _floor(rows: Rows) -> float:
    """Where the axis begins: 0, or a round number below everything that happens where that is far up."""
    moving = [row for row in rows if row["kind"] != "total"]
    least: float = min(
        [row["low"] for row in moving] + [row["high"] for row in rows if row["kind"] == "total"]
    )
    most: float = max(row["high"] for row in rows)
    if least <= (1 - ZOOM) * most or min(row["low"] for row in rows) < 0:
        return 0.0
    span = most - least
    step = 10 ** max(0, len(str(int(max(span, 1)))) - 1)
    floor: float = (least - 0.4 * span) // step * step
    return max(0.0, floor)


def _marks(measure: MeasureBridge, rows: Rows) -> tuple[Spec, Spec, Spec, Spec]:
    """The axis of values, what all bars share, the bars and the lines between them."""
    floor = _floor(rows)
    shown = [{**row, "low": max(row["low"], floor)} for row in rows] if floor else rows
    least = min(0.0, *(row["low"] for row in rows)) if floor == 0 else floor
    most = max(0.0, *(row["high"] for row in rows))
    room = (most - least) * 0.12
    scale = {"domain": [least - (room if least < 0 else 0), most + room], "nice": False, "zero": False}
    title = printable(measure.measure) + (
        f", {printable(measure.unit)}" if measure.unit != measure.measure else ""
    )
    if floor:
        title += f" (from {number(floor)})"
    value = place("low", scale=scale, axis={"title": title, "format": ",~f", "tickCount": 5})
    tooltip = tips(name="step", label=printable(measure.unit), why="what differs")
    joints = [
        {"row": i, "next": i + 1, "level": rows[i]["end"]} for i in range(len(rows) - 1)
    ]  # fmt: skip
    colour = {"field": "colour", "type": "nominal", "scale": None, "legend": None}
    return value, {"tooltip": tooltip, "color": colour}, data(shown), data(joints)


def _breaks(rows: Rows) -> Rows:
    """Gaps across the foot of the bars of an axis that does not begin at 0."""
    floor = _floor(rows)
    span: float = max(row["high"] for row in rows) - floor
    low, high = floor + 0.06 * span, floor + 0.085 * span
    return [{"row": row["row"], "low": low, "high": high} for row in rows if row["kind"] == "total" and floor]


def _width(rows: Rows) -> int:
    return WIDE if len(rows) <= 6 else FULL


def _upright(measure: MeasureBridge, rows: Rows) -> Spec:
    value, encoding, bars, joints = _marks(measure, rows)
    value["axis"] |= TITLE_ON_TOP | room_for(f"{end:,.0f}" for end in value["scale"]["domain"])
    names = [str(row["name"]) for row in rows]
    width = _width(rows)
    each = (width - 70) / len(rows)
    if max((len(word) for name in names for word in name.split()), default=0) > each / LETTER:
        return _lying(measure, rows, width)  # words are not cut
    x = {"field": "row", "type": "ordinal", "scale": {"paddingInner": 0.35, "paddingOuter": 0.2},
         "axis": {"title": None, "labelAngle": 0, "labelLimit": each * 1.02, "ticks": False, "labelColor": light("ink"),
                  "labelExpr": _labels(names, int(each / LETTER))}}  # fmt: skip
    joint = {"type": "rule", "color": light("mark"), "strokeWidth": 1}
    layers: list[Spec] = [
        {"data": joints, "mark": joint,
         "encoding": {"x": x, "x2": {"field": "next"}, "y": {**value, "field": "level"}}},
        {"data": bars, "mark": {"type": "bar", "cornerRadius": 1},
         "encoding": {**encoding, "x": x, "y": value, "y2": {"field": "high"}}},
        {"data": data(_breaks(rows)), "mark": {"type": "bar", "color": light("paper")},
         "encoding": {"x": x, "y": value, "y2": {"field": "high"}}},
        text("label", data=bars, mark={"baseline": "bottom", "dy": -5, "fontWeight": 600},
             encoding={"x": x, "y": {**value, "field": "high"}}),
    ]  # fmt: skip
    return drawing(width, 300 if width < FULL else 340, [part for part in layers if part["data"]["values"]])


def _lying(measure: MeasureBridge, rows: Rows, width: int = NARROW) -> Spec:
    value, encoding, bars, _ = _marks(measure, rows)
    value["axis"] |= {"tickCount": 3, "grid": True}
    y = {"field": "row", "type": "ordinal", "axis": None}
    head = {"align": "left", "dy": -9}
    layers: list[Spec] = [
        {"data": bars, "mark": {"type": "bar", "height": 11, "yOffset": 6, "cornerRadius": 1},
         "encoding": {**encoding, "y": y, "x": value, "x2": {"field": "high"}}},
        {"data": data(_breaks(rows)), "mark": {"type": "bar", "height": 11, "yOffset": 6, "color": light("paper")},
         "encoding": {"y": y, "x": value, "x2": {"field": "high"}}},
        text("name", data=bars, mark={**head, "limit": width - 110}, encoding={"y": y, "x": {"value": 0}}),
        text("label", data=bars, mark={**head, "align": "right", "fontWeight": 600},
             encoding={"y": y, "x": {"value": width - 2}}),
    ]  # fmt: skip
    return drawing(width, 38 * len(rows) + 44, [part for part in layers if part["data"]["values"]])


def _labels(names: list[str], room: int) -> str:
    """An expression for the names under the bars, in up to three lines of so many characters."""
    fold = textwrap.TextWrapper(max(4, room), max_lines=3, placeholder=" …", break_long_words=False)
    lines = [fold.wrap(name) or [""] for name in names]
    return f"{json.dumps(lines)}[datum.value]"
