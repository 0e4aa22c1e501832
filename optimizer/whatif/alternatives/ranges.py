"""How far each part of a plan can go near the best: its least and its most money and creators."""

from __future__ import annotations

import math
import time
from typing import Literal

import numpy as np

from optimizer.language.errors import SolverError
from optimizer.language.numbers import tidy
from optimizer.language.records import Record
from optimizer.program.packages import Floats, Packages
from optimizer.program.program import Program, program_of
from optimizer.program.reaching import Reaching
from optimizer.program.rules import Bools, Row
from optimizer.solve.answer import scenario_of
from optimizer.solve.exact import Best, best_for
from optimizer.solve.question import NoPlanError, UnboundedError
from optimizer.solve.unlimited import improving_direction

NOTHING = 1e-6
"""Fewer creators than this are nobody (fractional creators carry the solver's rounding)."""
TIME_WAS_UP = "time was up"
Kind = Literal["tier", "platform", "offer"]
Verdict = Literal["must-have", "never", "free", "unsettled"]


class End(Record):
    """One end of a range."""

    value: float | None
    """Least or most that was found, in a verified plan; None where nothing limits it, or it is not known."""
    bound: float | None
    """No plan within the share goes beyond this; None where that is not known."""
    reason: str = ""
    """Why value is not proven; "" where it is, within the gap that the scenario asks for."""

    @property
    def proven(self) -> bool:
        """Whether no plan within the share goes further (by more than the scenario's gap)."""
        return not self.reason


class Range(Record):
    """What one part can have, in creators or in the plan's currency."""

    base: float
    """What it has in the base plan."""
    least: End
    most: End


class GroupRange(Record):
    """A tier, a platform or an offer: what it can have while the objective stays within the share."""

    kind: Kind
    name: str
    verdict: Verdict
    """must-have: every plan within the share books it; never: none does; free: some do and some do not;
    unsettled: not known in the time there was."""
    booked: float
    """Creators that the scenario books itself (creators.min)."""
    creators: Range
    cost: Range | None
    """None where the cost of a part of it is not known."""


class Ranges(Record):
    """The ranges of one set of offers; what a job brings back."""

    creators: Range
    cost: Range | None


def groups_of(program: Program) -> list[tuple[Kind, str, tuple[int, ...]]]:
    """Every tier, platform and offer with the offers in it."""
    groups: list[tuple[Kind, str, tuple[int, ...]]] = []
    kinds: tuple[Kind, ...] = ("tier", "platform", "offer")
    for kind in kinds:
        found: dict[str, list[int]] = {}
        for index, terms in enumerate(program.packages.terms):
            label = terms.labels(kind)
            if label is not None:
                found.setdefault(label, []).append(index)
        groups += [(kind, label, tuple(offers)) for label, offers in found.items()]
    return groups


def columns_of(packages: Packages, offers: tuple[int, ...]) -> Bools:
    """Packages and switches that belong to some offers, shape (columns,)."""
    mine = np.isin(packages.offer, offers)
    return np.concatenate([mine, np.array([mine[s[0]] for s in packages.switches], dtype=bool)])


def group_ranges(
    scenario_json: str,
    offers: tuple[int, ...],
    best: Best,
    share: float,
    base: tuple[float, ...],
    until: float | None,
) -> Ranges:
    """Least and most creators and money of some offers; top-level, so that any executor can run it.

        minimise and maximise   sum over the offers' packages of n (or of cost n)
        subject to              every limit of the scenario, and the objective within `share` of the best

    Args:
        scenario_json: the scenario.
        offers: which.
        best: the best value of the first objective.
        share: how much of it may be given up.
        base: creators per package in the base plan; what it shows already is not solved for.
        until: `time.time()` at which to stop; None for never.
    """
    program = program_of(scenario_of(scenario_json))
    packages = program.packages
    row = best.row(program, share)
    mine = columns_of(packages, offers)
    plan = packages.with_switches(np.array(base))
    room = [packages.room_max[o] for o in offers]
    creators = _range(
        program,
        np.where(mine, packages.measures["creators"], 0.0),
        row,
        plan,
        (float(sum(packages.room_min[o] for o in offers)), float(sum(room))),
        until,
    )
    prices = packages.measures["cost"][mine]
    if np.isnan(prices).any():
        return Ranges(creators=creators, cost=None)
    values = np.where(mine, packages.measures["cost"], 0.0)
    only_packages = not mine[packages.count :].any() or not values[packages.count :].any()
    if only_packages and np.all(values[: packages.count][mine[: packages.count]] == prices[0]):
        return Ranges(creators=creators, cost=_priced(creators, float(prices[0])))
    nobody = creators.most.bound is not None and creators.most.bound <= NOTHING
    spent = float(values @ plan)
    most = 0.0 if nobody else most_money(program, offers)
    least = spent if nobody else 0.0
    if creators.least.value is not None and creators.least.value <= NOTHING and not nobody:
        start = End(value=0.0, bound=0.0)
        high = _end(program, values, True, row, plan, most, until)
        return Ranges(creators=creators, cost=Range(base=tidy(spent), least=start, most=high))
    return Ranges(creators=creators, cost=_range(program, values, row, plan, (least, most), until))


def unsettled(program: Program, offers: tuple[int, ...], base: tuple[float, ...]) -> Ranges:
    """What is known without solving: what the base plan has, and the room there is."""
    packages = program.packages
    mine = columns_of(packages, offers)
    plan = packages.with_switches(np.array(base))
    creators = np.where(mine, packages.measures["creators"], 0.0)
    room = (
        float(sum(packages.room_min[o] for o in offers)),
        float(sum(packages.room_max[o] for o in offers)),
    )
    cost = np.where(mine, packages.measures["cost"], 0.0)
    money = None if np.isnan(cost).any() else _at_base(cost, plan, (0.0, most_money(program, offers)))
    return Ranges(creators=_at_base(creators, plan, room), cost=money)


def verdict_of(creators: Range) -> Verdict:
    """What a range of creators means: see `GroupRange.verdict`."""
    least, most = creators.least, creators.most
    if least.bound is not None and least.bound > NOTHING:
        return "must-have"
    if most.bound is not None and most.bound <= NOTHING:
        return "never"
    without = least.value is not None and least.value <= NOTHING
    with_it = most.value is None or most.value > NOTHING
    return "free" if without and with_it else "unsettled"


def most_money(program: Program, offers: tuple[int, ...]) -> float:
    """Most that some offers could cost by room and simple ceilings; infinite without any."""
    packages = program.packages
    cost = packages.measures["cost"]
    total = 0.0
    for o in offers:
        packages_of = np.flatnonzero(packages.offer == o)
        caps, prices = program.caps[packages_of], cost[packages_of]
        costly = (prices > 0) & (caps > 0)
        by_package = float(np.sum(caps[costly] * prices[costly]))
        by_room = float(packages.room_max[o] * np.max(prices, initial=0.0)) if costly.any() else 0.0
        setup = sum(
            float(cost[packages.count + s]) for s, owner in enumerate(packages.setup_of) if owner == o
        )
        total += min(by_package, by_room) + setup
    budget = program.scenario.budget
    return total if budget is None else min(total, budget)


def _at_base(values: Floats, plan: Floats, trivial: tuple[float, float]) -> Range:
    at = tidy(float(values @ plan))
    low, high = trivial
    return Range(
        base=at,
        least=End(value=at, bound=low, reason="" if at == low else TIME_WAS_UP),
        most=End(value=at, bound=None if np.isinf(high) else high, reason="" if at == high else TIME_WAS_UP),
    )


def _priced(creators: Range, price: float) -> Range:
    """The same range in money, where every creator costs the same."""

    def end(one: End) -> End:
        value, bound = (None if number is None else tidy(number * price) for number in (one.value, one.bound))
        return End(value=value, bound=bound, reason=one.reason)

    return Range(base=tidy(creators.base * price), least=end(creators.least), most=end(creators.most))


def _range(
    program: Program,
    values: Floats,
    row: Row | Reaching,
    plan: Floats,
    trivial: tuple[float, float],
    until: float | None,
) -> Range:
    return Range(
        base=tidy(float(values @ plan)),
        least=_end(program, values, False, row, plan, trivial[0], until),
        most=_end(program, values, True, row, plan, trivial[1], until),
    )


def _end(
    program: Program,
    values: Floats,
    maximize: bool,
    row: Row | Reaching,
    plan: Floats,
    trivial: float,
    until: float | None,
) -> End:
    """One end; `trivial` is what the room alone allows."""
    at = tidy(float(values @ plan))
    if at == trivial:
        return End(value=at, bound=at)
    bound = None if np.isinf(trivial) else tidy(trivial)
    whole = program.scenario.solver.whole_creators and bool(np.isin(values, (0.0, 1.0)).all())
    uncapped = np.isinf(program.caps)
    if maximize and np.any(values[: program.packages.count][uncapped] > 0):
        gain = values[: program.packages.count]
        held = row if isinstance(row, Row) else row.row()
        if improving_direction(gain, uncapped, [*program.rows, held], (), program) is not None:
            return End(value=None, bound=None, reason="nothing limits it")
    left = np.inf if until is None else until - time.time()
    if left <= 0:
        return End(value=at, bound=bound, reason=TIME_WAS_UP)
    try:
        found = best_for(
            program,
            values,
            maximize=maximize,
            seconds=left,
            rows=[row],
            gap=program.scenario.solver.gap,
        )
    except UnboundedError:
        return End(value=None, bound=None, reason="nothing limits it")
    except NoPlanError:
        return End(value=at, bound=bound, reason="the solver's rounding left no plan")
    except SolverError as error:
        return End(value=at, bound=bound, reason=str(error))
    nearer, farther = (min, max) if maximize else (max, min)
    value = farther(tidy(found.value), at)  # the base plan is one of the plans within the share
    known = [number for number in (found.bound, bound) if number is not None]
    nearest = farther(nearer(known), value) if known else None
    if nearest is not None and whole:
        nearest = math.floor(nearest + NOTHING) if maximize else math.ceil(nearest - NOTHING)
    reason = "" if found.proven or nearest == value else TIME_WAS_UP
    return End(value=value, bound=None if nearest is None else tidy(nearest), reason=reason)
