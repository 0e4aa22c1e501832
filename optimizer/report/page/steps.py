"""Charts of an explanation: what a step of each limit brings, and which assumptions turn the plan."""

from __future__ import annotations

from optimizer.finance.compare.findings import signed
from optimizer.language.measures import counted_in
from optimizer.language.numbers import UNKNOWN, few_digits, percent, plain_number, printable, significant
from optimizer.report.layout.parts import Table
from optimizer.report.page.chart import (
    NARROW,
    WIDE,
    Chart,
    Rows,
    Spec,
    data,
    drawing,
    place,
    row_of,
    text,
    tips,
)
from optimizer.report.page.colours import light
from optimizer.scenario.fields import SHARE_FIELDS
from optimizer.whatif.explain.prices import LimitPrice
from optimizer.whatif.explain.result import Explanation
from optimizer.whatif.explain.tipping import TippingPoint

MOST_LIMITS = 6
FARTHEST = 4.0
AXIS_WORDS = "datum.value < 1 ? '÷' + 1 / datum.value : datum.value == 1 ? 'today' : '×' + datum.value"


def steps_chart(explanation: Explanation) -> Chart | None:
    """The gain of each step of each limit; None where no price was asked for."""
    prices = [price for price in explanation.prices if any(point.gain is not None for point in price.points)]
    if not prices:
        return None
    shown = prices[:MOST_LIMITS]
    panels = [(price, _rows(explanation, price)) for price in shown]
    wide, narrow = (_drawn(panels, width) for width in (WIDE, NARROW))
    unit = printable(explanation.unit)
    cells = [
        [printable(price.name), row["step"], row["label"], row["per"]]
        for price, rows in panels
        for row in rows
    ]
    table = Table("", ["limit", "step", f"gain, {unit}", "per unit"], cells, [False, True, True, True])
    finding = " ".join(
        f"{printable(price.name)}: " + ", ".join(f"{row['step']} {row['label']}" for row in rows) + "."
        for price, rows in panels
    )
    notes = "Each bar is a plan of its own, with whole creators."
    if len(prices) > len(shown):
        notes += f" {len(prices) - len(shown)} more limits are in the table below."
    title = f"What a step of each limit brings, in {unit}"
    return Chart("steps", title, finding, wide, narrow, table, notes=notes)


def _rows(explanation: Explanation, price: LimitPrice) -> Rows:
    rows: Rows = []
    unit = "points" if price.of else printable(price.unit)
    for point in price.points:
        if point.gain is None:
            continue
        sign = "+" if point.step > 0 else "-"
        step = counted_in(few_digits(abs(point.step)), unit)
        rows.append({"step": f"{sign}{step}", "gain": point.gain,
                     "label": signed(point.gain, _digits(point.gain)),
                     "per": UNKNOWN if point.per_unit is None else significant(point.per_unit),
                     "colour": light("gain" if point.gain >= 0 else "loss"),
                     "name": printable(price.name)})  # fmt: skip
    return rows


def _digits(value: float) -> int:
    return 0 if abs(value) >= 10 or value == round(value) else 2


def _drawn(panels: list[tuple[LimitPrice, Rows]], width: int) -> Spec:
    gains = [row["gain"] for _, rows in panels for row in rows]
    low, high = min(0.0, *gains), max(0.0, *gains)
    span = (high - low) or 1.0
    longest = max((len(row["step"]) for _, rows in panels for row in rows), default=0)
    room = min(165, max(116, 6.9 * longest + 14))  # "+2,500 engagements" is not cut
    each = width - room - 12
    pad = span * 62 / each * 1.2
    scale = {"domain": [low - (pad if low < 0 else 0), high + pad], "nice": False}
    colour = {"field": "colour", "type": "nominal", "scale": None, "legend": None}
    drawn: list[Spec] = []
    for price, rows in panels:
        y = {"field": "step", "type": "nominal", "sort": None, "title": None,
             "axis": {"minExtent": room - 6, "labelLimit": room - 8}}  # fmt: skip
        x = place("gain", stack=None, scale=scale, axis=None)
        tooltip = tips(name="limit", step="step", label="gain", per="per unit")
        layers: list[Spec] = [
            {"data": data(rows), "mark": {"type": "bar", "height": 10, "cornerRadiusEnd": 2},
             "encoding": {"y": y, "x": x, "color": colour, "tooltip": tooltip}},
            {"data": data([{"zero": 0}]), "mark": {"type": "rule", "color": light("mark")},
             "encoding": {"x": place("zero", scale=scale, axis=None)}},
        ]  # fmt: skip
        for wanted, align, dx in ((True, "left", 4), (False, "right", -4)):
            chosen = [row for row in rows if (row["gain"] >= 0) is wanted]
            if chosen:
                mark = {"align": align, "dx": dx}
                layers.append(text("label", data=data(chosen), mark=mark, encoding={"y": y, "x": x}))
        drawn.append({"title": {"text": printable(price.name), "fontSize": 11}, "width": each, "height": {"step": 19},
                      "layer": layers})  # fmt: skip
    return row_of(drawn, 12, stacked=True)


def tipping_chart(explanation: Explanation) -> Chart | None:
    """Where each assumption turns the plan, relative to today's value; None where none does."""
    found = [t for t in explanation.tipping if t.changes_at is not None and t.value > 0]
    if not found:
        return None
    wide, narrow = (_tipping_drawn(found, width) for width in (WIDE, NARROW))
    cells = [
        [printable(t.field.replace("_", " ")), printable(t.offer), _value(t, t.value), _value(t, t.changes_at),
         percent(t.distance, 2), printable(t.change)]
        for t in found
    ]  # fmt: skip
    table = Table("", ["number", "offer", "today", "turns at", "away", "what happens"], cells,
                  [False, False, True, True, True, False])  # fmt: skip
    finding = " ".join(
        f"{row[0]} of {row[1]}, today {row[2]}: at {row[3]} ({row[4]} away) {row[5]}." for row in cells
    )
    notes = "The bar is the range, the line today's value, the diamond where other offers are booked."
    return Chart("tipping", "Which assumptions turn the plan", finding, wide, narrow, table, notes=notes)


def _value(t: TippingPoint, value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return percent(value) if t.field in SHARE_FIELDS else plain_number(float(f"{value:.4g}"))


def _tipping_drawn(found: list[TippingPoint], width: int) -> Spec:
    rows: Rows = []
    for i, t in enumerate(found):
        assert t.changes_at is not None
        name = f"{t.field.replace('_', ' ')}, {t.offer}"
        tail = f"turns at {_value(t, t.changes_at)}"
        room = (width - 20) // 6 - len(tail)
        name = printable(name)
        rows.append(
            {
                "row": i,
                "name": name if len(name) <= room else name[: max(1, room - 1)] + "…",
                "whole": name,
                "tail": tail,
                "today": _value(t, t.value),
                "low": min(max(t.low / t.value, 1 / FARTHEST), FARTHEST),
                "high": max(min(t.high / t.value, FARTHEST), 1 / FARTHEST),
                "at": min(max(t.changes_at / t.value, 1 / FARTHEST), FARTHEST),
                "one": 1,
                "change": printable(t.change),
            }
        )
    scale = {"type": "log", "base": 2, "domain": [1 / FARTHEST, FARTHEST], "nice": False}
    axis = {
        "values": [0.25, 0.5, 1, 2, 4],
        "title": "times today's value",
        "grid": True,
        "labelExpr": AXIS_WORDS,
    }
    y = {"field": "row", "type": "ordinal", "axis": None}
    tooltip = tips(whole="number", today="today", tail="plan", change="what happens")
    x = place("low", scale=scale, axis=axis)
    label = {"align": "left", "dy": -9}
    layers: list[Spec] = [
        {"data": data(rows), "mark": {"type": "bar", "height": 7, "yOffset": 6, "cornerRadius": 3,
                                     "color": light("mark")},
         "encoding": {"y": y, "x": x, "x2": {"field": "high"}, "tooltip": tooltip}},
        {"data": data(rows), "mark": {"type": "tick", "color": light("ink"), "height": 13, "thickness": 2,
                                      "yOffset": 6},
         "encoding": {"y": y, "x": place("one", scale=scale)}},
        {"data": data(rows), "mark": {"type": "point", "shape": "diamond", "filled": True, "size": 110, "opacity": 1,
                                      "color": light("loss"), "stroke": light("paper"), "yOffset": 6},
         "encoding": {"y": y, "x": place("at", scale=scale), "tooltip": tooltip}},
        text("name", mark=label, data=data(rows), encoding={"y": y, "x": {"value": 0}, "tooltip": tooltip}),
        text("tail", mark={**label, "align": "right", "fontWeight": 600}, data=data(rows),
             encoding={"y": y, "x": {"value": width - 2}}),
    ]  # fmt: skip
    return drawing(width, 38 * len(rows) + 40, layers)
