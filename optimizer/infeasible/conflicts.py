"""Which limits cannot hold together, when no plan satisfies all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from optimizer.jobs.clock import Clock
from optimizer.language.errors import Conflict, PathItem, Problem, SolverError
from optimizer.language.measures import RATIOS, unit_of
from optimizer.language.numbers import percent
from optimizer.language.quantities import grouped, plain
from optimizer.program.program import Program
from optimizer.program.reaching import Reaching
from optimizer.program.rules import Rule, total, values_of
from optimizer.solve.ask import has_plan, search
from optimizer.solve.model import build_model
from optimizer.solve.question import Question, UnboundedError
from optimizer.solve.solver import solve

MOST_SECONDS = 10.0
"""For the most that creators can bring to a limit."""
FINE = 1e-5
"""Relative gap of that, for reach over several segments."""
Member = Rule | int
"""A limit, or (by the index of its offer) a booking: creators.min."""


def find_conflict(
    program: Program, seconds: float, without: Sequence[Member] = ()
) -> tuple[list[Member], bool]:
    """A set of limits that cannot hold together, and whether none of them can be dropped from it.

    By a deletion filter: all limits, one left out at a time, for good while the rest still conflicts. Creators
    available on each offer stand as they are. Bookings (creators.min) count as limits. The answer is False where time
    was up for some member, which then stays in the set.

    Args:
        program: an infeasible scenario.
        seconds: time to spend; what is not settled by then stays in the set, which is then perhaps not minimal.
        without: members to leave out from the start.
    """
    members: list[Member] = [
        *program.rules,
        *(int(o) for o in np.flatnonzero(program.packages.room_min > 0)),
    ]
    kept = [m for m in members if not any(m is w for w in without)]
    return deletion_filter(kept, lambda rest, left: impossible(program, rest, left), Clock(seconds))


def deletion_filter(
    members: Sequence[Member], conflict: Callable[[Sequence[Member], float], bool | None], clock: Clock
) -> tuple[list[Member], bool]:
    """Members without any one of which the rest is in no conflict any more, and whether that is settled.

    Args:
        members: what cannot hold together.
        conflict: whether some of them cannot, asked with the seconds there are; None where it was not found out.
        clock: time to spend; what is not settled by then stays.

    Source: J. W. Chinneck, Feasibility and Infeasibility in Optimization, Springer 2008, section 6.2.
    """
    kept, settled = list(members), True
    for member in members:
        if clock.over:
            return kept, False
        rest = [m for m in kept if m is not member]
        without_it = conflict(rest, max(0.1, clock.left))
        if without_it:
            kept = rest
        settled = settled and without_it is not None
    return kept, settled


def impossible(program: Program, members: Sequence[Member], seconds: float) -> bool | None:
    """Whether these limits and bookings alone leave no plan; None where that was not found out in time."""
    rules = [m for m in members if isinstance(m, Rule)]
    booked = {m for m in members if not isinstance(m, Rule)}
    packages = program.packages
    room = np.array([low if o in booked else 0.0 for o, low in enumerate(packages.room_min)])
    relaxed = program.relaxed(rules, room)
    found = has_plan(relaxed, seconds, twice=False)  # asked dozens of times
    return None if found is None else not found


def most_possible(program: Program, rule: Rule) -> float | None:
    """The nearest to a rule's side that the creators there are can come, with no other limit; None where unclear."""
    if rule.per_creator or rule.measure in RATIOS or rule.minimum is None or rule.maximum is not None:
        return None
    if rule.or_none or rule.confidence is not None:
        return None
    packages = program.packages
    relaxed = program.relaxed([], np.zeros(len(packages.terms)))
    floor = program.reaching_of(rule)
    if floor is not None:
        return _most_reached(relaxed, rule, floor)
    values = np.where(rule.columns, values_of(rule.measure, packages, program.reach, rule.segments), 0.0)
    model = build_model(relaxed, values, maximize=True, rows=[])
    options = program.scenario.solver
    solution = solve(model, solver=options.name, gap=options.gap, time_limit=MOST_SECONDS)
    if solution.status != "optimal":
        return None
    return total(rule, packages, program.reach, solution.values)


def _most_reached(relaxed: Program, rule: Rule, floor: Reaching) -> float | None:
    """The most people that the creators there are can reach."""
    wish = replace(floor, bound=None, switch=None)
    question = Question(relaxed, wish.row().coefficients, maximize=True, gap=FINE, twice=False, reaching=wish)
    try:
        found = search(question, MOST_SECONDS)
    except (SolverError, UnboundedError):
        return None
    return total(rule, relaxed.packages, relaxed.reach, found.columns) if found.proven else None


def describe(program: Program, member: Member) -> Conflict:
    """A member in words, with its place in the file."""
    path: tuple[PathItem, ...]
    if isinstance(member, Rule):
        name, text, path = member.name, describe_rule(program, member), member.path
    else:
        terms = program.packages.terms[member]
        name, path = terms.name, ("offers", terms.index, "creators", "min")
        text = f"creators of {terms.name}: at least {plain(terms.creators_min)} booked"
    found = program.scenario.locate(Problem(path, ""))
    place = ":".join(str(part) for part in (found.file, found.line) if part is not None)
    return Conflict(name, text, program.scenario.written(path), place)


def describe_rule(program: Program, rule: Rule) -> str:
    """A limit in plain words, e.g. "cost of tiktok at least 20% of budget"."""
    currency = program.scenario.currency
    sides = []
    for word, bound in (("at least", rule.minimum), ("at most", rule.maximum)):
        if bound is not None:
            unit = "" if bound.of else f" {unit_of(rule.measure, currency)}"
            number = bound.text() if bound.of else grouped(bound.number)
            sides.append(
                f"{word} {number}{unit}" + (", or none" if rule.or_none and word == "at least" else "")
            )
    of = f" of {rule.where}" if rule.where else ""
    of += f" in {' + '.join(rule.segments)}" if rule.segments else ""
    each = " for each creator" if rule.per_creator else ""
    own = program.scenario.limits[int(rule.path[1])].name if rule.path[0] == "limits" else None
    text = f"{rule.measure}{of}{each}: {' and '.join(sides)}"
    if rule.confidence is not None:
        text += f", in {percent(rule.confidence)} of the cases"
    return f"{own}: {text}" if own else text
