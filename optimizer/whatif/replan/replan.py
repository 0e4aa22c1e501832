"""A new plan after contracts are signed: keep those, change as few bookings as possible, lose little.

Three solves in order, on the new scenario with the signed bookings as further floors:

    1  best     the best first objective there still is
    2  changes  minimise  sum over packages of (added_p + dropped_p)
                subject to  n_p - added_p + dropped_p = creators of package p in the old plan
                            first objective within a share of 1
    3  lean     the least cost, then the fewest hours, with as few changes as 2

`keep_all_but` is one more row in all of them: sum of dropped_p at most so many.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Literal

import numpy as np

from optimizer.__version__ import __version__
from optimizer.flow import CONFLICT_SECONDS
from optimizer.infeasible.conflicts import Member, describe, find_conflict
from optimizer.infeasible.smallest_change import possible
from optimizer.infeasible.ways_out import infeasible
from optimizer.jobs.clock import Clock
from optimizer.language.errors import Conflict, InfeasibleError, KeyPath, PathItem, ScenarioError, WayOut
from optimizer.language.measures import unit_in, unit_of
from optimizer.language.numbers import tidy
from optimizer.language.quantities import grouped, plain
from optimizer.language.records import Record
from optimizer.plan.build import plan_of
from optimizer.plan.over_cases import refuse_over_cases
from optimizer.plan.plan import Plan, ScenarioStamp, given_plan
from optimizer.plan.simulated import with_risk
from optimizer.plan.typical import typical_of
from optimizer.program.draws import DRAWS, SEED, check_draws
from optimizer.program.program import Program, program_of
from optimizer.program.rules import Rule
from optimizer.program.signed import with_signed
from optimizer.scenario.given import given_scenario, given_share
from optimizer.scenario.scenario import Scenario
from optimizer.scenario.signed import SIGNED, Signed, by_offer, signed_from
from optimizer.solve.exact import Best, best_for, find_best
from optimizer.solve.kept import with_named
from optimizer.solve.question import Found, NoPlanError
from optimizer.solve.ready import problems_of, ready, refuse_confidence
from optimizer.solve.sieve import among_kept
from optimizer.whatif.replan.bookings import KEEP_ALL_BUT, NOISE, Book, book_of
from optimizer.whatif.replan.signed import signed_problems


class Change(Record):
    """One package in the old plan and in the new one. Unit of all numbers: creators."""

    offer: str
    posts_per_creator: int
    several: bool
    """Whether the offer is sold with different numbers of posts, so that a name needs the number."""
    before: float
    after: float
    kept: float
    added: float
    dropped: float
    signed: float
    """Creators signed for this number of posts; where an offer has several and it is open, see
    `Replan.signed`."""
    offered: bool = True
    """False where the new scenario does not offer the package any more."""


class Replan(Record):
    """The new plan, and what it changes."""

    scenario: ScenarioStamp
    before: ScenarioStamp
    """The scenario of the old plan."""
    plan: Plan
    """Verified; the signed bookings stand among its limits."""
    measure: str
    sense: Literal["maximize", "minimize"]
    unit: str
    """Of the values below."""
    free: float
    """Best first objective of the new scenario if nothing were signed."""
    best: float
    """Best with what is signed (and with `keep_all_but`)."""
    value: float
    """Of the new plan."""
    old_value: float | None
    """Of the old plan, as it was planned; None where it does not have that measure."""
    proven: bool
    """Whether free, best and the number of changes are proven; False where time was up."""
    within: float
    """Share of `best` that could be given up to change less."""
    price_of_signed: float
    """What the signed bookings cost: free - best (best - free, when minimising)."""
    price_of_calm: float
    """What changing few bookings costs on top: best - value (value - best, when minimising)."""
    changes: tuple[Change, ...]
    """Every package of the old or the new plan, in the order of the scenario."""
    added: float
    """Creators added, all packages together."""
    dropped: float
    """Creators dropped, all packages together."""
    kept: float
    """Creators of the old plan that stay as they are."""
    least_changes: float
    """No plan within the share changes fewer bookings (added + dropped); equal to their sum where proven."""
    changes_at_best: float
    """Fewest changes (added + dropped) where nothing of `best` is given up."""
    cost_before: float | None
    """Cost of the old plan, as it was planned."""
    signed: tuple[Signed, ...]
    keep_all_but: float | None
    notes: tuple[str, ...] = ()
    """What the new plan starts from, in words: what is done, and what of money and hours is left."""
    version: str

    @property
    def price(self) -> float:
        """The price of keeping, in the objective's unit: how much better the free plan would be."""
        return self.price_of_signed + self.price_of_calm


_NO_CHANCES = (
    "`replan` keeps what is signed by typical numbers",
    "leave confidence out, or plan again with creators: {min: ...} for what is signed",
)
"""Why a scenario with a confidence is refused, and what to ask instead."""


def replan(
    old: Plan,
    scenario: Scenario,
    *,
    keep: Mapping[str, float] | Sequence[Signed] = (),
    keep_all_but: float | None = None,
    within: float = 0.02,
    time_limit: float | None = None,
    on_progress: Callable[[str], None] | None = None,
    draws: int = DRAWS,
    notes: Sequence[str] = (),
) -> Replan:
    """The best plan for a changed scenario that keeps what is signed and changes as few bookings as possible.

    Args:
        old: the plan that bookings were made from.
        scenario: the scenario as it is now.
        keep: signed bookings: offer -> creators, or from `read_signed`.
        keep_all_but: at most so many creators of the old plan may be dropped.
        within: share of the best (with what is signed) that may be given up in order to change less.
        time_limit: seconds for everything.
        on_progress: called with a short text at each step.
        draws: cases to draw for what the new plan may come to; 0 for none.
        notes: what is worth knowing of where it starts from, for the report.

    Raises:
        ValueError: where `within` is no share or `keep_all_but` is negative.
        ScenarioError: where a signed booking names no offer, or the scenario cannot be planned.
        InfeasibleError: where the scenario has no plan, or none that keeps what is signed; the conflict
            names them.
        SolverError: where time was up before any plan was found.
    """
    check_draws(draws, SEED)
    old, within = given_plan(old), given_share("within", within)
    if keep_all_but is not None and not keep_all_but >= 0:
        raise ValueError(f"keep_all_but must be a number of bookings from 0 upwards, not {keep_all_but!r}")
    say = on_progress or (lambda text: None)
    clock = Clock(time_limit)
    signed = [one for one in signed_from(keep) if one.creators]
    refuse_over_cases(given_scenario(scenario), "a plan made again gives up")
    refuse_confidence(scenario, *_NO_CHANCES)
    names = [*(line.offer for line in old.lines), *(one.offer for one in signed)]
    program = ready(among_kept(with_named(scenario, names)))
    scenario = program.scenario
    problems = signed_problems(signed, scenario)
    if problems:
        raise ScenarioError(problems)
    say("planning without what is signed")
    try:
        free = find_best(program, clock.left)
    except NoPlanError:
        raise infeasible(program, _some(clock)) from None
    say("planning with what is signed")
    book = book_of(with_signed(program, signed), old, keep_all_but)
    try:
        if book.allowed is not None and book.allowed < 0:
            raise NoPlanError
        best = find_best(book.program, clock.left, book.rows, book.extra)
    except NoPlanError:
        raise _no_plan(program, book, signed, clock) from None
    say("looking for the fewest changes")
    near = fewest = book.fewest(best, within, clock)
    at_best = fewest if within == 0 else book.fewest(best, 0.0, clock)
    say("looking for less cost")
    for measure in ("cost", "hours"):
        near = book.lean(measure, best, within, near, clock)
    found = _result(old, book, signed, free, best, within, near, fewest, at_best)
    found = found.model_copy(update={"notes": tuple(notes)})
    if not draws:
        return found
    return found.model_copy(update={"plan": with_risk(book.program, found.plan, draws)})


# --- where nothing keeps it ---------------------------------------------------------------------------------


def _some(clock: Clock) -> float:
    """Time for finding out why there is no plan."""
    return max(0.1, min(CONFLICT_SECONDS, clock.left))


def _no_plan(program: Program, book: Book, signed: Sequence[Signed], clock: Clock) -> InfeasibleError:
    """Why nothing keeps what is signed, or too much would have to be dropped."""
    if book.allowed is not None:
        free = [row for row in book.rows if row.name != KEEP_ALL_BUT]
        with suppress(NoPlanError):
            found = best_for(
                book.program,
                book.dropped(),
                maximize=False,
                seconds=_some(clock),
                rows=free,
                extra=book.extra,
            )
            return _too_many(book, found)
    scenario = program.scenario
    data = scenario.model_dump(mode="json", exclude_unset=True)
    floors = [
        {"name": f"{SIGNED}{offer}", "measure": "creators", "where": {"name": offer},
         "min": sum(one.creators for one in ones)}
        for offer, ones in by_offer(signed).items()
    ]  # fmt: skip
    data["limits"] = [*data.get("limits", []), *floors]
    together = Scenario.model_validate(data)
    together._marks = dict(scenario._marks)
    held = program_of(together)
    at: dict[KeyPath, str] = {
        ("limits", len(scenario.limits) + n): offer for n, offer in enumerate(by_offer(signed))
    }
    if not problems_of(held) and not possible(together):
        why = infeasible(held, _some(clock))
        conflict = [
            _as_signed(found.name, by_offer(signed)[at[found.path]]) if found.path in at else found
            for found in why.conflict
        ]
        minimal, ways = why.minimal, [_in_words(way, at) for way in why.ways_out]
    else:  # only the numbers of posts that are signed do not fit
        members, minimal = find_conflict(book.program, _some(clock))
        conflict, ways = [_member(book.program, member, signed) for member in members], []
    message = "what is signed does not fit the scenario any more"
    return InfeasibleError(message, conflict, minimal=minimal, ways_out=ways)


def _member(program: Program, member: Member, signed: Sequence[Signed]) -> Conflict:
    if not isinstance(member, Rule) or member.signed is None:
        return describe(program, member)
    exact = member.signed.posts_per_creator is not None
    return _as_signed(member.name, [member.signed] if exact else by_offer(signed)[member.signed.offer])


def _as_signed(name: str, ones: Sequence[Signed]) -> Conflict:
    """Signed bookings of one offer as they were given, rather than as the floor they stand for."""
    text = f"signed: {' and '.join(one.text for one in ones)}"
    return Conflict(name, text, ("keep", ones[0].offer), ones[0].place)


def _in_words(way: WayOut, floors: Mapping[tuple[PathItem, ...], str]) -> WayOut:
    """A way out that the scenario alone can take; what concerns a signed booking is only said.

    Args:
        way: of the scenario with a floor for what is signed.
        floors: where such a floor stands -> the offer.
    """
    text = way.text
    for one in way.turned:
        offer = floors.get(one.path[:2])
        if offer is not None:
            size = grouped(tidy(one.before - one.after))
            words = f"release {size} of the signed creators of {offer} (keep {grouped(one.after)})"
            text = text.replace(one.text, words)
    return replace(way, text=text, turned=tuple(t for t in way.turned if t.path[:2] not in floors))


def _too_many(book: Book, found: Found) -> InfeasibleError:
    after = found.columns[: len(book.old)]
    gone = sum(creators for _, _, creators in book.gone)
    least = tidy(float(np.maximum(book.old - after, 0.0).sum() + gone))
    asked = tidy((book.allowed or 0.0) + gone)
    text = f"at most {plain(asked)} bookings of the old plan dropped"
    message = f"at least {plain(least)} bookings of the old plan must be dropped, not only {plain(asked)}"
    if gone:
        message += f" (not offered any more: {plain(gone)})"
    way = WayOut(f"allow {plain(least)} bookings to be dropped (--keep-all-but {plain(least)})")
    return InfeasibleError(message, [Conflict(KEEP_ALL_BUT, text)], ways_out=[way])


# --- the answer ---------------------------------------------------------------------------------------------


def _result(
    old: Plan,
    book: Book,
    signed: list[Signed],
    free: Best,
    best: Best,
    within: float,
    near: Found,
    fewest: Found,
    at_best: Found,
) -> Replan:
    program, goal = book.program, best.goal
    plan = plan_of(program, near, best)
    sign = 1.0 if goal.sense == "maximize" else -1.0
    at_most, at_signed = (program.goal_amount(goal, one.linear) for one in (free, best))
    value = plan.objective.value
    changes = _changes(book, signed, near)
    gone = sum(creators for _, _, creators in book.gone)
    same_money = old.currency == plan.currency
    return Replan(
        scenario=plan.scenario,
        before=old.scenario,
        plan=plan,
        measure=goal.measure,
        sense=goal.sense,
        unit=unit_in(goal.measure, plan.currency, goal.segments),
        free=tidy(at_most),
        best=tidy(at_signed),
        value=value,
        old_value=typical_of(old, old.objective)
        if old.objective.segments == goal.segments and goal.segments
        else old.totals.of(goal.measure)
        if same_money or not _is_money(goal.measure)
        else None,
        proven=free.proven and best.proven and fewest.proven,
        within=within,
        price_of_signed=_price(sign * (at_most - at_signed), at_most),
        price_of_calm=_price(sign * (at_signed - value), at_signed),
        changes=changes,
        added=tidy(sum(change.added for change in changes)),
        dropped=tidy(sum(change.dropped for change in changes)),
        kept=tidy(sum(change.kept for change in changes)),
        least_changes=tidy(gone + _least(program, fewest)),
        changes_at_best=tidy(book.changed(at_best)),
        cost_before=old.totals.cost if same_money else None,
        signed=signed,
        keep_all_but=None if book.allowed is None else tidy(book.allowed + gone),
        version=__version__,
    )


def _least(program: Program, fewest: Found) -> float:
    """The bound on the number of changes; whole where creators are."""
    if fewest.bound is None:
        return 0.0
    whole = program.scenario.solver.whole_creators
    return float(math.ceil(fewest.bound - NOISE)) if whole else fewest.bound


def _price(difference: float, size: float) -> float:
    """A difference of two values; rounding is none."""
    return 0.0 if abs(difference) <= 1e-9 * max(1.0, abs(size)) else tidy(difference)


def _is_money(measure: str) -> bool:
    return unit_of(measure, "money") == "money"


def _changes(book: Book, signed: Sequence[Signed], near: Found) -> list[Change]:
    packages = book.program.packages
    after = near.columns[: packages.count]
    result = []
    for p in np.flatnonzero((book.old > NOISE) | (after > NOISE)):
        offer, posts = packages.key(int(p))
        several = int(np.sum(packages.offer == packages.offer[p])) > 1
        mine = [
            one.creators
            for one in signed
            if one.offer == offer
            and (one.posts_per_creator == posts or (one.posts_per_creator is None and not several))
        ]
        result.append(_change(offer, posts, several, float(book.old[p]), float(after[p]), sum(mine)))
    for offer, posts, creators in book.gone:
        result.append(_change(offer, posts, True, creators, 0.0, 0.0).model_copy(update={"offered": False}))
    return result


def _change(offer: str, posts: int, several: bool, before: float, after: float, signed: float) -> Change:
    return Change(
        offer=offer,
        posts_per_creator=posts,
        several=several,
        before=tidy(before),
        after=tidy(after),
        kept=tidy(min(before, after)),
        added=tidy(max(0.0, after - before)),
        dropped=tidy(max(0.0, before - after)),
        signed=tidy(signed),
    )
