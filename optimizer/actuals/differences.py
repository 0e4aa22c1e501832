"""Each measure of each line, planned and actual, and which factor brought how much of the difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.actuals.came import Came
from optimizer.actuals.factors import factors, shapley
from optimizer.actuals.planned import Floats
from optimizer.actuals.result import Difference
from optimizer.language.adding_up import adding_up, quantum_of, stepped
from optimizer.language.measures import KINDS

CHAINS: dict[str, tuple[tuple[str, str], ...]] = {
    "impressions": (("views", "impressions"),),
    "gross_reach": (("reach", "gross_reach"),),
    **{name: (("views", "impressions"), ("response", name)) for name in ("engagements", *KINDS)},
    "clicks": (("views", "impressions"), ("click_rate", "clicks")),
    "conversions": (("views", "impressions"), ("click_rate", "clicks"), ("conversion_rate", "conversions")),
}
CHAINS["revenue"] = (*CHAINS["conversions"], ("value", "revenue"))
"""Measure -> after creators, deliveries and posts: the part that each further quantity is the doing of."""


NOISE = 1e-9
"""Relative; smaller differences are of the arithmetic."""


@dataclass(frozen=True)
class Side:
    """Planned or actual quantities; all arrays have shape (lines,).

    Attributes:
        booked, delivered, posts: creators, of these who delivered, and their posts.
        paid_for: creators who delivered or were paid; those whose hours and money are spent.
        paid_posts: posts of these, as booked where nothing was delivered.
        amounts: measure, "paid" or "hours" -> how much.
        setup: "cost" or "hours" -> spent once.
        contingency: money that is planned for surprises.
    """

    booked: Floats
    delivered: Floats
    posts: Floats
    paid_for: Floats
    paid_posts: Floats
    amounts: Mapping[str, Floats]
    setup: Mapping[str, Floats]
    contingency: Floats


def sides(came: Came, running: bool) -> tuple[Side, Side]:
    """What was planned of the bookings that are settled, and what came of them.

    Args:
        came: the results.
        running: whether a booking without results is still to come, so that nothing of it is compared yet.
    """
    planned, more = came.planned, len(came.extras)

    def wide(values: Floats) -> Floats:
        return np.append(values, np.zeros(more))

    settled = came.by_line(came.done if running else came.creators)
    creators = wide(planned.creators)
    if running:
        share = wide(np.divide(settled[: len(planned.lines)], planned.creators))
        booked = settled
    else:
        share = wide(np.ones(len(planned.lines)))
        booked = np.maximum(creators, settled)
    expected = {name: wide(planned.of(name)) * share for name in came.amounts if name != "paid"}
    expected["paid"] = wide(planned.paid) * share
    fees = planned.program.scenario.fees
    setup = {"cost": wide(planned.setup_cost), "hours": wide(planned.setup_hours)}
    k = wide(planned.posts_each)
    plan = Side(
        booked=creators * share,
        delivered=wide(planned.delivering) * share,
        posts=wide(planned.delivering * planned.posts_each) * share,
        paid_for=creators * share,
        paid_posts=creators * share * k,
        amounts=expected,
        setup=setup,
        contingency=wide(planned.fees * fees.contingency) * share,
    )
    weight = came.done if running else came.creators
    there = came.posts > 0
    paid = there | (came.amounts.get("paid", np.zeros(len(there))) > 0)
    posts = np.where(
        there, came.posts, np.append(planned.posts_each, np.ones(more))[came.line] * came.creators
    )
    actual = Side(
        booked=booked,
        delivered=came.by_line(weight * there),
        posts=came.by_line(came.posts),
        paid_for=came.by_line(weight * paid),
        paid_posts=came.by_line(posts * paid),
        amounts={name: came.by_line(values) for name, values in came.amounts.items()},
        setup=setup,
        contingency=np.zeros(came.lines),
    )
    return plan, actual


def differences(measure: str, came: Came, plan: Side, actual: Side) -> list[Difference]:
    """One measure of each line, in its order; numbers of all lines in the same steps, so that sums are exact."""
    start, end, parts = parts_of(measure, came, plan, actual)
    quantum = quantum_of(max(abs(float(start.sum())), abs(float(end.sum())), *np.abs(start), *np.abs(end)))
    found = []
    for n in range(came.lines):
        a, b = stepped(float(start[n]), quantum), stepped(float(end[n]), quantum)
        mine = adding_up([float(values[n]) for values in parts.values()], b - a, quantum)
        found.append(
            Difference(
                planned=float(a),
                actual=float(b),
                change=float(b - a),
                parts={name: float(part) for name, part in zip(parts, mine, strict=True)},
            )
        )
    return found


def parts_of(measure: str, came: Came, plan: Side, actual: Side) -> tuple[Floats, Floats, dict[str, Floats]]:
    """Planned and actual amounts of each line, and parts of the differences, shape (lines,) each."""
    if measure == "cost":
        rates = came.planned.program.scenario.fees
        on_top = np.append(
            _over(came.planned.fees * rates.agency, came.planned.paid),
            np.full(len(came.extras), rates.agency),
        )
        ends = [side.amounts["paid"] * (1 + on_top) for side in (plan, actual)]
        parts = _split(_spent(plan, ends[0]), _spent(actual, ends[1]), ("mix", "delivery", "posts", "price"))
        parts["contingency"] = actual.contingency - plan.contingency
        start = ends[0] + plan.contingency + plan.setup["cost"]
        return start, ends[1] + actual.contingency + actual.setup["cost"], parts
    if measure == "hours":
        ends = [side.amounts["hours"] for side in (plan, actual)]
        parts = _split(_spent(plan, ends[0]), _spent(actual, ends[1]), ("mix", "delivery", "posts", "hours"))
        return ends[0] + plan.setup["hours"], ends[1] + actual.setup["hours"], parts
    if measure == "cost_of_goods":
        each = np.append(came.planned.number("cost_per_conversion", 0.0), np.zeros(len(came.extras)))
        start, end, parts = parts_of("conversions", came, plan, actual)
        return start * each, end * each, {name: part * each for name, part in parts.items()}
    if measure == "profit":
        revenue, goods, cost = (
            parts_of(name, came, plan, actual) for name in ("revenue", "cost_of_goods", "cost")
        )
        names = dict.fromkeys([*revenue[2], *goods[2], *cost[2]])
        nothing = np.zeros(came.lines)
        parts = {
            name: revenue[2].get(name, nothing) - goods[2].get(name, nothing) - cost[2].get(name, nothing)
            for name in names
        }
        return revenue[0] - goods[0] - cost[0], revenue[1] - goods[1] - cost[1], parts
    steps = [(part, q) for part, q in CHAINS[measure] if q == measure or _both_know(q, plan, actual)]
    chains = [
        [side.booked, side.delivered, side.posts, *(side.amounts[q] for _, q in steps)]
        for side in (plan, actual)
    ]
    parts = _split(chains[0], chains[1], ("mix", "delivery", "posts", *(part for part, _ in steps)))
    return plan.amounts[measure], actual.amounts[measure], parts


def _both_know(quantity: str, plan: Side, actual: Side) -> bool:
    return all(
        quantity in side.amounts and not bool(np.isnan(side.amounts[quantity]).any())
        for side in (plan, actual)
    )


def _spent(side: Side, amount: Floats) -> list[Floats]:
    return [side.booked, side.paid_for, side.paid_posts, amount]


def _split(plan: Sequence[Floats], actual: Sequence[Floats], names: Sequence[str]) -> dict[str, Floats]:
    """Part of each step of a chain. What there is without the step before (views of no post) is of the last."""
    a, b = factors(plan, actual)
    parts = shapley(a, b)
    without = (actual[-1] - b.prod(axis=1)) - (plan[-1] - a.prod(axis=1))
    largest = np.maximum(np.abs(actual[-1]), np.abs(plan[-1]))
    parts[:, -1] += np.where(np.abs(without) > NOISE * largest, without, 0.0)
    return dict(zip(names, parts.T, strict=True))


def _over(top: Floats, bottom: Floats) -> Floats:
    return np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1.0), 0.0)
