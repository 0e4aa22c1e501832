"""The plan's lines as a table, with a subtotal for each tier and platform that has several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from optimizer.language.measures import MEASURES, RATIOS, is_money
from optimizer.language.names import tier_order
from optimizer.language.numbers import (
    count,
    money_digits,
    number,
    printable,
    rounded_to_total,
    short,
    significant,
    tenths,
)
from optimizer.plan.plan import Line, Plan, sum_amounts
from optimizer.report.layout.parts import Table

HEADERS = {
    "impressions": "impr.",
    "engagements": "engagements",
    "conversions": "conv.",
}


def sorted_lines(plan: Plan) -> list[Line]:
    """Lines by tier (small to large), then platform, in the order of the offers."""
    order = {line.offer: position for position, line in reversed(list(enumerate(plan.lines)))}
    return sorted(
        plan.lines,
        key=lambda x: (
            tier_order(x.tier),
            x.platform or "",
            order[x.offer],
            x.posts_per_creator,
        ),
    )


def lines_table(plan: Plan) -> Table:
    """Creators, posts, cost, hours and results of every line; what is printed adds up to the total that is printed."""
    lines = sorted_lines(plan)
    digits = money_digits([plan.totals.cost, *(line.cost for line in lines)], plan.currency)
    costs = rounded_to_total([line.cost for line in lines], digits, plan.totals.cost)
    shown = _results(plan)
    results = {
        m: rounded_to_total([x.of(m) for x in lines], _digits(lines, m, plan), plan.totals.of(m))
        for m in shown
    }
    ratio = _ratio(plan, shown)
    has_cost = any(line.cost is not None for line in lines)
    has_impressions = any(line.impressions is not None for line in lines)
    columns = ["offer", "creators", "posts", *["cost"] * has_cost, "hours", *["impr."] * has_impressions]
    columns += [_header(m) for m in shown] + ([ratio.upper()] if ratio else [])

    def row(label: str, creators: str, chosen: Sequence[int]) -> list[str]:
        part = sum_amounts([lines[i] for i in chosen])
        cells = [label, creators, count(part.posts)]
        cells += [number(_sum(costs[i] for i in chosen), digits)] * has_cost + [tenths(part.hours)]
        cells += [short(part.impressions)] * has_impressions
        cells += [number(_sum(results[m][i] for i in chosen), _digits(lines, m, plan)) for m in shown]
        return cells + ([significant(getattr(part, ratio))] if ratio else [])

    groups: dict[tuple[str, str], list[int]] = {}
    for i, line in enumerate(lines):
        groups.setdefault((line.tier or "", line.platform or ""), []).append(i)
    rows = []
    for key, members in groups.items():
        for i in members:
            line = lines[i]
            times = f" ×{line.posts_per_creator}" if line.posts_per_creator > 1 else ""
            room = f"/{count(line.room)}" if line.room is not None else ""
            rows.append(
                row(
                    printable(line.offer) + times + asked_marks(line.filled), count(line.creators) + room, [i]
                )
            )
        label = " ".join(part for part in key if part)
        if len(members) > 1 and len(groups) > 1 and label:
            rows.append(row(f"= {printable(label)}", count(sum(lines[i].creators for i in members)), members))
    rows.append(row("total", count(plan.totals.creators), range(len(lines))))
    return Table(
        "Plan",
        columns,
        rows,
        [False] + [True] * (len(columns) - 1),
        frozenset({len(rows) - 1}),
        _legend(plan, lines, has_cost),
        key="lines",
    )


USUAL = {
    "cost_per_post": ("fee?", "no fee given; what creators of that size usually ask."),
    "engagement_rate": ("ER?", "no engagement rate given; what creators of that size usually have."),
}
"""Field that nobody gave -> its mark and what that means."""


def asked_marks(filled: Sequence[str]) -> str:
    """What stands behind the name of a creator for whom nobody gave some fields: ` fee? ER?`."""
    return "".join(f" {USUAL[field][0]}" for field in filled)


def _header(measure: str) -> str:
    return HEADERS.get(measure) or (measure.replace("_", " ") if measure in MEASURES else printable(measure))


def _legend(plan: Plan, lines: Sequence[Line], has_cost: bool) -> str:
    parts = [f"Cost in {plan.currency}."] if has_cost else []
    repeated = next((x for x in lines if x.posts_per_creator > 1), None)
    if repeated is not None:
        parts.append(f"×{repeated.posts_per_creator}: {repeated.posts_per_creator} posts by each creator.")
    limited = next((x for x in lines if x.room is not None), None)
    if limited is not None:
        booked, room = count(limited.creators), count(limited.room)
        parts.append(f"{booked}/{room}: {booked} booked of {room} available.")
    marks = {field: mark for field, mark in USUAL.items() if any(field in line.filled for line in lines)}
    parts += [f"{mark}: {meaning}" for mark, meaning in marks.values()]
    return " ".join(parts)


def _results(plan: Plan) -> list[str]:
    """Result columns worth their space: engagements, and what the plan is about where that is something else."""
    goals = [goal.measure for goal in plan.objectives]
    names = [
        "engagements",
        *(
            m
            for m in goals
            if m in MEASURES and m not in ("cost", "hours", "creators", "posts", "impressions")
        ),
    ]
    names += [m for m in (*goals, *(limit.measure for limit in plan.limits)) if m in plan.totals.measures]
    known = [m for m in dict.fromkeys(names) if any(line.of(m) is not None for line in plan.lines)]
    return known[:2]


def _ratio(plan: Plan, shown: Sequence[str]) -> str | None:
    """Price per unit of what the plan is about, else per engagement."""
    for measure in (plan.objective.measure, "engagements"):
        for name, ratio in RATIOS.items():
            if ratio.denominator == measure and measure in shown and plan.totals.cost is not None:
                return name
    return None


def _digits(lines: Sequence[Line], measure: str, plan: Plan) -> int:
    """Decimals a result deserves: none for large counts, two for small ones."""
    values = [v for line in lines if (v := line.of(measure)) is not None]
    if is_money(measure):
        return money_digits(values, plan.currency)
    if all(abs(v - round(v)) < 1e-9 for v in values):
        return 0
    size = sum(abs(v) for v in values)
    return 0 if size >= 1000 else 1 if size >= 10 else 2


def _sum(values: Iterable[float | None]) -> float | None:
    values = list(values)
    return None if any(v is None for v in values) else sum(v for v in values if v is not None)
