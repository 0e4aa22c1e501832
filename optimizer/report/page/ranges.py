"""The least certain numbers that this plan rests on: low to high around the value used, with their sources."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from optimizer.language.measures import KINDS
from optimizer.language.numbers import percent, plain_number, printable, significant
from optimizer.plan.plan import Assumption, Plan
from optimizer.report.layout.parts import Table
from optimizer.report.page.chart import NARROW, WIDE, Chart, Rows, Spec, data, drawing, place, text, tips
from optimizer.report.page.colours import light
from optimizer.report.page.mix import result_measure
from optimizer.scenario.fields import MONEY_FIELDS, SALES_FIELDS, SHARE_FIELDS

MOST_BARS = 8
FARTHEST = 4.0
"""The axis ends at a quarter and at four times the value used."""
ORIGINS = {
    "benchmark": "benchmark",
    "assumption": "assumed",
    "default": "default",
    "yours": "yours",
    "derived": "computed",
}
_COST = frozenset(MONEY_FIELDS) - frozenset(SALES_FIELDS)
_HOURS = frozenset({"hours_per_creator", "hours_per_post", "setup_hours"})
_SHOWN = frozenset({"followers", "reachable", "reach_rate", "impressions_per_post"})
_SALES = {"clicks": ("click_rate",), "conversions": ("click_rate", "conversion_rate"),
          "revenue": ("click_rate", "conversion_rate", "value_per_conversion"),
          "cost_of_goods": ("click_rate", "conversion_rate", "cost_per_conversion")}  # fmt: skip


class Doubt(NamedTuple):
    """One uncertain number, for one offer or several with the same figures."""

    assumption: Assumption
    offers: list[str]
    weight: float
    """How far it may move its part of the plan: (high - low) / value x the share of the offers it is for."""

    @property
    def name(self) -> str:
        """In words."""
        return printable(self.assumption.field.replace("_", " ").replace(".", ": "))

    @property
    def whose(self) -> str:
        """The offers in short."""
        if not self.offers:
            return "all"
        return printable(self.offers[0]) + (f" + {len(self.offers) - 1} more" if len(self.offers) > 1 else "")

    @property
    def source(self) -> str:
        """Origin and source."""
        a = self.assumption
        return ORIGINS[a.origin] + (f": {printable(a.source)}" if a.source else "")


def doubts(plan: Plan) -> list[Doubt]:
    """Uncertain numbers of booked offers, those that may move the plan most first."""
    found: dict[tuple[str, float, float, float, str, str], list[tuple[str, float]]] = {}
    first: dict[tuple[str, float, float, float, str, str], Assumption] = {}
    shares = {kind: _shares(plan, kind) for kind in ("cost", "hours", result_measure(plan) or "creators")}
    asked = _asked(plan)
    again = any(line.posts_per_creator > 1 for line in plan.lines)
    for a in plan.assumptions:
        if a.origin == "derived" or not a.low < a.high or a.value <= 0 or not _matters(a.field, asked, again):
            continue
        kind = (
            "cost"
            if a.field in _COST
            else "hours"
            if a.field in _HOURS
            else result_measure(plan) or "creators"
        )
        share = shares[kind].get(a.offer, 0.0) if a.offer else 1.0
        if share > 0:
            key = (a.field, a.low, a.value, a.high, a.origin, a.source)
            found.setdefault(key, []).append((a.offer, share))
            first.setdefault(key, a)
    result = [
        Doubt(first[key], [offer for offer, _ in offers if offer],
              _width(first[key]) * sum(share for _, share in offers))
        for key, offers in found.items()
    ]  # fmt: skip
    return sorted(result, key=lambda doubt: -doubt.weight)


def _width(a: Assumption) -> float:
    """Range relative to what the number stands for: decay takes away, so what is left counts."""
    return (a.high - a.low) / (1 - a.value if a.field == "repeat_decay" and a.value < 1 else a.value)


def _shares(plan: Plan, measure: str) -> dict[str, float]:
    """Share of each booked offer in a total."""
    amounts: dict[str, float] = {}
    for line in plan.lines:
        value = line.of(measure)
        amounts[line.offer] = amounts.get(line.offer, 0.0) + max(0.0, value or 0.0)
    total = sum(amounts.values())
    return {offer: value / total for offer, value in amounts.items()} if total else {}


def _asked(plan: Plan) -> set[str]:
    asked = {goal.measure for goal in plan.objectives} | {limit.measure for limit in plan.limits} | {"cost"}
    weighted = any(a.field.startswith("engagement_weights.") and a.value != 1 for a in plan.assumptions)
    return asked | set(KINDS) if weighted and asked & {"engagements", "cpe"} else asked


def _matters(field: str, asked: set[str], again: bool) -> bool:
    """Whether a number moves anything that the scenario asks for; `again`: whether anybody posts more than once."""
    if field == "repeat_decay":
        return again
    if field in _HOURS:
        return "hours" in asked
    if field == "audience.overlap" or field == "audience.people":
        return "reach" in asked
    if field.startswith("engagement_mix."):
        return any(
            field.removeprefix("engagement_mix.") in kinds for name, kinds in KINDS.items() if name in asked
        )
    if field in SALES_FIELDS:
        return any(field in fields for measure, fields in _SALES.items() if measure in asked) or (
            "profit" in asked or ("cpa" in asked and field in _SALES["conversions"]) or
            ("cpc" in asked and field == "click_rate")
        )  # fmt: skip
    if field in _SHOWN - {"followers"}:
        return bool(asked - {"cost", "hours", "creators", "posts", "engagements", "cpe", *KINDS})
    return True


def ranges_chart(plan: Plan) -> Chart | None:
    """The least certain numbers; None where every number is certain."""
    found = doubts(plan)
    if not found:
        return None
    shown = found[:MOST_BARS]
    wide, narrow = (_drawn(shown, width) for width in (WIDE, NARROW))
    notes = (
        "Bars run from low to high; the line is the value used. The wider a range and the larger the part of the plan "
        "that rests on it, the higher it stands."
    )
    if len(found) > len(shown):
        notes += f" {len(found) - len(shown)} more have a range."
    return Chart("ranges", "The least certain numbers", _finding(shown), wide, narrow, ranges_table(shown),
                 notes=notes)  # fmt: skip


def ranges_table(shown: list[Doubt]) -> Table:
    """The same as a table, with sources."""
    rows = [
        [d.name, d.whose, _value(d.assumption, "low"), _value(d.assumption, "value"), _value(d.assumption, "high"),
         d.source]
        for d in shown
    ]  # fmt: skip
    return Table("", ["number", "offers", "low", "used", "high", "origin and source"], rows,
                 [False, False, True, True, True, False])  # fmt: skip


def sources_table(shown: list[Doubt]) -> Table:
    """The same in two columns, sources in short."""
    rows = [
        [f"{d.name}, {d.whose}: {_value(d.assumption, 'value')} "
         f"({_value(d.assumption, 'low')} to {_value(d.assumption, 'high')})", _short(d.source, 84)]
        for d in shown
    ]  # fmt: skip
    return Table("", ["number: used (low to high)", "origin and source"], rows, [False, False])


def _value(a: Assumption, side: str) -> str:
    value: float = getattr(a, side)
    return percent(value) if a.field in SHARE_FIELDS else plain_number(float(f"{value:.4g}"))


def _drawn(shown: list[Doubt], width: int) -> Spec:
    rows: Rows = []
    for i, doubt in enumerate(shown):
        a = doubt.assumption
        value = _value(a, "value")
        span = f"{_value(a, 'low')} to {_value(a, 'high')}"
        name = f"{doubt.name}, {doubt.whose}"
        tail = value if width < WIDE else f"{value} ({span})"
        room = (width - 20) // 6 - len(tail)
        rows.append(
            {
                "row": i,
                "name": name if len(name) <= room else name[: max(1, room - 1)] + "…",
                "whole": name,
                "used": value,
                "tail": tail,
                "span": span,
                "low": max(a.low / a.value, 1 / FARTHEST),
                "high": min(a.high / a.value, FARTHEST),
                "one": 1,
                "origin": ORIGINS[a.origin],
                "source": _short(doubt.source),
            }
        )
    scale = {"type": "log", "base": 2, "domain": [1 / FARTHEST, FARTHEST], "nice": False}
    axis = {
        "values": [0.25, 0.5, 1, 2, 4],
        "labelExpr": "datum.value < 1 ? '÷' + 1 / datum.value : datum.value == 1 ? 'used' : '×' + datum.value",
        "title": "times the value used",
        "grid": True,
    }
    y = {"field": "row", "type": "ordinal", "axis": None}
    tooltip = tips(whole="number", used="used", span="range", source="source")
    x = place("low", scale=scale, axis=axis)
    label = {"align": "left", "dy": -8}
    layers = [
        {"data": data(rows), "mark": {"type": "bar", "height": 8, "yOffset": 4, "cornerRadius": 4},
         "encoding": {"y": y, "tooltip": tooltip, "x": x, "x2": {"field": "high"}, "color": {
             "condition": {"test": "datum.origin === 'benchmark'", "value": light("accent")},
             "value": light("mark")}}},
        {"data": data(rows), "mark": {"type": "tick", "color": light("ink"), "height": 14, "thickness": 2,
                                      "yOffset": 4},
         "encoding": {"y": y, "x": place("one", scale=scale)}},
        text("name", mark=label, data=data(rows), encoding={"y": y, "x": {"value": 0}, "tooltip": tooltip}),
        text("tail", "muted", mark={**label, "align": "right"}, data=data(rows),
             encoding={"y": y, "x": {"value": width - 2}, "tooltip": tooltip}),
    ]  # fmt: skip
    return drawing(width, (36 if width > NARROW else 29) * len(rows) + 40, layers)


def _short(source: str, most: int = 120) -> str:
    return source if len(source) <= most else source[: most - 1].rsplit(" ", 1)[0].rstrip(",;:(") + " …"


def _finding(shown: list[Doubt]) -> str:
    return "; ".join(_parts(shown)) + "."


def _parts(shown: list[Doubt]) -> Iterator[str]:
    for doubt in shown:
        a = doubt.assumption
        down = "0" if a.low <= 0 else significant(a.low / a.value, 2)
        up = significant(a.high / a.value, 2) if math.isfinite(a.high) else "any"
        yield (
            f"{doubt.name} of {doubt.whose}: {_value(a, 'value')}, may be {_value(a, 'low')} to {_value(a, 'high')} "
            f"({down} to {up} times)"
        )
