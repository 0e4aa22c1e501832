"""Bookings against the ranges they were planned with: a bar for each range, a dot for what came."""

from __future__ import annotations

from typing import Any

from optimizer.actuals.result import BookingReview, Review
from optimizer.language.measures import more_is_good
from optimizer.language.numbers import UNKNOWN, printable
from optimizer.report.layout.parts import Table
from optimizer.report.page.chart import FULL, NARROW, Chart, Rows, Spec, data, drawing, place, text, tips
from optimizer.report.page.colours import light
from optimizer.report.sections.risk import rounded

MOST = 30
"""Bookings that are drawn."""
FARTHEST = 4.0
"""The axis ends at so many times what was planned."""
INSIDE, BELOW, ABOVE, NO_RANGE = "inside", "below", "above", "no range"


def bookings_chart(review: Review) -> Chart | None:
    """The bookings furthest from plan; None where results are about none of them."""
    some = [one for one in review.bookings if one.planned > 0]
    if not some:
        return None
    shown = some[:MOST]
    measure = review.measures[0]
    better_up = more_is_good(measure.measure)
    wide, narrow = (_drawn(shown, width, better_up) for width in (FULL, NARROW))
    name = printable(measure.measure.replace("_", " "))
    rows = [
        [printable(one.name), *_numbers(one), place_of(one)]
        for one in shown
    ]  # fmt: skip
    columns = ["booking", "1 in 10 below", "planned", "1 in 10 above", "came", "against its range"]
    table = Table("", columns, rows, [False, True, True, True, True, False])
    finding = "; ".join(
        f"{row[0]}: {row[4]} {printable(measure.unit)} came, planned {row[2]}"
        + ("" if row[5] == NO_RANGE else f" ({row[1]} to {row[3]})")
        for row in rows
    )
    ranged = any(one.low is not None for one in shown)
    bars = (
        "Each bar is what was planned in 8 of 10 cases, the line the plan"
        if ranged
        else "The line is the plan"
    )
    notes = f"The furthest from plan first. {bars}, the dot what came; the axis is in times the plan."
    if any(one.actual > FARTHEST * one.planned for one in shown):
        notes += f" A triangle lies beyond {FARTHEST:.0f} times."
    if len(some) > len(shown):
        notes += f" {len(some) - len(shown):,} more bookings are nearer to plan."
    title = f"Bookings against {'their ranges' if ranged else 'plan'}: {name}"
    return Chart("bookings", title, f"{finding}.", wide, narrow, table, _takeaway(review), notes, full=True)


def _takeaway(review: Review) -> str:
    ranges = review.measures[0].ranges
    if ranges is None:
        return ""
    return (
        f"{ranges.inside:,} of {ranges.bookings:,} bookings lie inside the range that was planned for them."
    )


def place_of(one: BookingReview) -> str:
    """Where a booking lies: inside, below or above its range, or that it has none."""
    if one.low is None or one.high is None:
        return NO_RANGE
    return BELOW if one.actual < one.low else ABOVE if one.actual > one.high else INSIDE


def _numbers(one: BookingReview) -> list[str]:
    """Low, planned, high and what came, in digits that go together."""
    low, planned, high, came = rounded([one.low or 0.0, one.planned, one.high or 0.0, one.actual])
    return [UNKNOWN if one.low is None else low, planned, UNKNOWN if one.high is None else high, came]


def _drawn(shown: list[BookingReview], width: int, better_up: bool) -> Spec:
    good, bad = ("gain", "loss") if better_up else ("loss", "gain")
    colours = {INSIDE: "total", ABOVE: good, BELOW: bad, NO_RANGE: "mark"}
    rows: Rows = []
    for i, one in enumerate(shown):
        where = place_of(one)
        low, planned, high, came = _numbers(one)
        tail = f"{came} of {planned}" + ("" if width <= NARROW or where == NO_RANGE else f", {where}")
        room = (width - 16) // 7 - len(tail)
        name = printable(one.name)
        row: dict[str, Any] = {
            "row": i,
            "name": name if len(name) <= room else name[: max(1, room - 1)] + "…",
            "whole": name,
            "tail": tail,
            "said": came,
            "planned": planned,
            "range": UNKNOWN if where == NO_RANGE else f"{low} to {high}",
            "where": where,
            "at": min(max(one.actual / one.planned, 0.0), FARTHEST),
            "shape": "triangle-right" if one.actual > FARTHEST * one.planned else "circle",
            "colour": light(colours[where]),
            "one": 1,
        }
        if one.low is not None and one.high is not None:
            row |= {
                "low": min(max(one.low / one.planned, 0.0), FARTHEST),
                "high": min(one.high / one.planned, FARTHEST),
            }
        rows.append(row)
    most = max(1.5, *(max(row["at"], row.get("high", 0.0)) for row in rows))
    scale = {"domain": [-0.02 * most, 1.02 * most], "nice": False}  # a dot at an end is whole
    axis = {"title": "times the plan", "tickCount": 4 if width <= NARROW else 8, "format": "~f", "grid": True,
            "labelBound": True}  # fmt: skip
    y = {"field": "row", "type": "ordinal", "axis": None}
    x = place("at", scale=scale, axis=axis)
    tooltip = tips(
        whole="booking", said="came", planned="planned", range="8 in 10 cases", where="against its range"
    )
    label = {"align": "left", "dy": -8}
    ranged = [row for row in rows if "low" in row]
    own = {"type": "nominal", "scale": None, "legend": None}
    layers: list[Spec] = [
        {"data": data(ranged), "mark": {"type": "bar", "height": 8, "yOffset": 5, "cornerRadius": 4,
                                        "color": light("heat3")},
         "encoding": {"y": y, "x": place("low", scale=scale, axis=axis), "x2": {"field": "high"}, "tooltip": tooltip}},
        {"data": data(rows), "mark": {"type": "tick", "color": light("ink"), "height": 13, "thickness": 2,
                                      "yOffset": 5},
         "encoding": {"y": y, "x": place("one", scale=scale, axis=axis)}},
        {"data": data(rows), "mark": {"type": "point", "filled": True, "size": 80, "yOffset": 5, "opacity": 1},
         "encoding": {"y": y, "x": x, "color": {"field": "colour", **own}, "shape": {"field": "shape", **own},
                      "tooltip": tooltip}},
        text("name", mark=label, data=data(rows), encoding={"y": y, "x": {"value": 0}, "tooltip": tooltip}),
        text("tail", "muted", mark={**label, "align": "right"}, data=data(rows),
             encoding={"y": y, "x": {"value": "width"}, "tooltip": tooltip}),
    ]  # fmt: skip
    used = [layer for layer in layers if layer["data"]["values"]]
    return drawing(width, (34 if width > NARROW else 30) * len(rows) + 44, used)
