"""Which limits cannot hold together, when no plan satisfies all of them."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from optimizer.errors import Conflict, PathItem, Problem
from optimizer.limits import Row, Rule
from optimizer.measures import unit_of
from optimizer.model import build_model
from optimizer.prepare import Prepared
from optimizer.quantities import plain
from optimizer.solve import solve


def find_conflict(prepared: Prepared, seconds: float) -> tuple[Conflict, ...]:
    """A set of limits that cannot hold together; none of them can be dropped from it.

    Deletion filter: start from all limits, leave one out at a time, and keep it out while the rest still conflicts.
    Creators available on each offer stand as they are. Bookings (creators.min) count as limits.

    Args:
        prepared: an infeasible scenario.
        seconds: time to spend; what is not settled by then stays in the set, which is then not minimal.
    """
    deadline = time.perf_counter() + seconds
    members: list[Rule | int] = [
        *prepared.rules,
        *(int(o) for o in np.flatnonzero(prepared.packages.room_min > 0)),
    ]
    kept = list(members)
    for member in members:
        rest = [m for m in kept if m is not member]
        if time.perf_counter() > deadline:
            break
        if _impossible(prepared, rest, max(0.1, deadline - time.perf_counter())):
            kept = rest
    return tuple(_describe(prepared, member) for member in kept)


def _impossible(prepared: Prepared, members: Sequence[Rule | int], seconds: float) -> bool:
    rules = [m for m in members if isinstance(m, Rule)]
    booked = {m for m in members if not isinstance(m, Rule)}
    packages = prepared.packages
    room = np.array([low if o in booked else 0.0 for o, low in enumerate(packages.room_min)])
    relaxed = prepared.relaxed(rules, room)
    rows: list[Row] = relaxed.rows
    model = build_model(relaxed, np.zeros(packages.columns), maximize=False, rows=rows)
    options = prepared.scenario.solver
    return solve(model, solver=options.name, gap=1.0, time_limit=seconds).status == "infeasible"


def _describe(prepared: Prepared, member: Rule | int) -> Conflict:
    path: tuple[PathItem, ...]
    if isinstance(member, Rule):
        name, text, path = member.name, describe_rule(prepared, member), member.path
    else:
        terms = prepared.packages.terms[member]
        name, path = terms.name, ("offers", terms.index, "creators", "min")
        text = f"creators of {terms.name}: at least {plain(terms.creators_min)} booked"
    found = prepared.scenario.locate(Problem(path, ""))
    place = ":".join(str(part) for part in (found.file, found.line) if part is not None)
    return Conflict(name, text, path, place)


def describe_rule(prepared: Prepared, rule: Rule) -> str:
    """A limit in plain words, e.g. "cost of tiktok at least 20% of budget"."""
    currency = prepared.scenario.currency
    sides = []
    for word, bound in (("at least", rule.minimum), ("at most", rule.maximum)):
        if bound is not None:
            unit = "" if bound.of else f" {unit_of(rule.measure, currency)}"
            number = bound.text() if bound.of else f"{bound.number:,.10g}"
            sides.append(f"{word} {number}{unit}")
    of = f" of {rule.where}" if rule.where else ""
    each = " for each creator" if rule.per_creator else ""
    return f"{rule.measure}{of}{each}: {' and '.join(sides)}"
