"""Reserves: who to call when somebody who is booked says no.

For each named creator b of a plan x (booked on an offer with room for one), with all other bookings kept as they are:

    one       max over packages c that are not booked of  value(x - b + c),   every limit kept
    several   max over plans y >= x - b, none of hers,  of  value(y),         every limit kept
    nobody    value(x - b),                                                   where every limit is kept

and what that loses against value(x), in the first objective. Of single creators who lose the same the one who is better
in the next objectives comes first, then the one who costs less, then the one who takes fewer hours. `one` and `nobody`
are counted, for everybody (`swaps`); `several` is solved for exactly, because two small ones may fit where no single
one does, or do more. Every answer is recounted in decimals.

Who to ask next is in the order of

    gain(c) = max over named b of  value(x - b + c) - value(x),   every limit kept:

what the plan would gain (with an optimal plan: lose least) if c replaced the booking that fits worst beside her.

Beyond `PAIRS` pairs of a place and a package, only those packages are tried that are worth most at the prices y of the
limits in the linear program: c's objective - sum over rows of y times her coefficient.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from optimizer.__version__ import __version__
from optimizer.flow import CONFLICT_SECONDS, optimize_within
from optimizer.infeasible.ways_out import infeasible
from optimizer.jobs.clock import Clock
from optimizer.jobs.runner import Runner
from optimizer.language.errors import Problem, ScenarioError
from optimizer.language.measures import unit_of
from optimizer.language.numbers import gained, tidy
from optimizer.plan.booked import columns_of_plan
from optimizer.plan.filled import filled_of
from optimizer.plan.over_cases import refuse_over_cases
from optimizer.plan.plan import Plan
from optimizer.program.packages import Floats, Ints
from optimizer.program.program import Program
from optimizer.scenario.given import given_scenario
from optimizer.scenario.scenario import Scenario
from optimizer.solve.question import NoPlanError
from optimizer.solve.ready import ready, refuse_confidence
from optimizer.solve.sieve import among_kept
from optimizer.whatif.reserves.rest import whoever_fits
from optimizer.whatif.reserves.result import Booked, Candidate, Place, Reserves, StandIn, Way
from optimizer.whatif.reserves.swaps import (
    Seat,
    Swaps,
    amount,
    broken,
    has_room,
    seats_of,
    tidied,
    worth_most,
)

BASE_SHARE = 0.4
"""Of a time limit, for the plan, where there is none yet."""
PAIRS = 20_000_000
"""Pairs of a place and a package that are all tried: seconds, and 200 places among 100,000 packages."""
SHORTLIST = 5_000
"""Packages that are tried where there are more pairs."""
SOLVED = 1_000
"""Packages up to which every place is also solved for; beyond, only those in which nobody fits alone."""
_NO_CHANCES = (
    "`reserves` counts what a replacement loses by typical numbers",
    "leave confidence out, or ask `optimize risk` which plan is safe",
)
Progress = Callable[[int, int], None]


def reserves(
    asked: Plan | Scenario,
    *,
    candidates: int = 20,
    executor: Executor | None = None,
    time_limit: float | None = None,
    on_progress: Progress | None = None,
) -> Reserves:
    """For each named creator of a plan the best replacement and what it loses; and who to ask next, in order.

    Named are creators on offers with room for one (`creators: {max: 1}`). All other bookings stay as they are, and all
    limits hold after the replacement.

    Args:
        asked: a plan, whose bookings are taken as they are, or a scenario, which is planned first.
        candidates: how many to name that should be asked next, at most.
        executor: any `concurrent.futures.Executor` for the places; None solves in this process.
        time_limit: seconds for everything; what is not settled by then is said in `unsettled`.
        on_progress: called with (done, all) after each place that is solved for.

    Raises:
        ValueError: where `candidates` is negative.
        ScenarioError: where the plan books no named creator, creators are fractions, anything has a confidence, an
            objective is held against stress cases, or as `optimize`.
        InfeasibleError, SolverError: as `optimize`.
    """
    if not candidates >= 0:
        raise ValueError(f"candidates must be a number from 0 upwards, not {candidates!r}")
    clock = Clock(time_limit)
    scenario = _scenario(asked)
    program = ready(among_kept(scenario))
    plan = _plan(asked, scenario, program, clock)
    columns = columns_of_plan(program, plan)
    signed = [limit.signed.offer for limit in plan.limits if limit.signed is not None]
    seats = seats_of(program, columns, signed)
    if not seats:
        raise ScenarioError([scenario.locate(_nobody_named(program, columns))])
    room = np.flatnonzero(has_room(program.packages, columns) & (program.excluded == 0))
    whole = len(seats) * len(room) <= PAIRS
    tried = room if whole else worth_most(program, room, SHORTLIST, clock)
    swaps = Swaps(program, columns, np.sort(tried))
    search = _Search(swaps, plan, Runner(executor, _seconds(clock), on_progress), whole)
    places = search.places(seats)
    named = search.next(candidates)
    goal = scenario.objective[0]
    return Reserves(
        scenario=plan.scenario,
        currency=scenario.currency,
        measure=goal.measure,
        sense=goal.sense,
        unit=unit_of(goal.measure, scenario.currency),
        value=plan.objective.value,
        plan=plan,
        places=sorted(places, key=_hardest_first),
        next=named,
        method="all" if whole else "prices",
        tried=len(tried),
        packages=len(room),
        unsettled=search.unsettled,
        notes=list(_notes(program, columns, seats)),
        version=__version__,
    )


def _scenario(asked: Plan | Scenario) -> Scenario:
    """The scenario of what was asked about, where it can be asked about."""
    scenario = Scenario.model_validate(asked.inputs) if isinstance(asked, Plan) else given_scenario(asked)
    refuse_over_cases(scenario, "a replacement loses")
    refuse_confidence(scenario, *_NO_CHANCES)
    if not scenario.solver.whole_creators:
        problem = Problem(
            ("solver", "whole_creators"),
            "nobody is booked by name where creators are fractions",
            "leave it out, and ask again",
        )
        raise ScenarioError([scenario.locate(problem)])
    return scenario


def _plan(asked: Plan | Scenario, scenario: Scenario, program: Program, clock: Clock) -> Plan:
    if isinstance(asked, Plan):
        return asked
    try:
        return optimize_within(scenario, BASE_SHARE * clock.left)
    except NoPlanError:
        raise infeasible(program, max(0.1, min(CONFLICT_SECONDS, clock.left))) from None


def _nobody_named(program: Program, columns: Floats) -> Problem:
    booked = columns[: program.packages.count] > 0
    if not booked.any():
        return Problem(("offers",), "the plan books nobody, so there is nobody to replace", "")
    named = [program.packages.terms[o].creators_max == 1 for o in program.packages.offer[booked]]
    if any(named):
        return Problem(
            ("offers",),
            "every named creator of the plan is signed or required, so that none of them can say no",
            "leave creators: {min: 1} out where somebody may still say no",
        )
    return Problem(
        ("offers",),
        "the plan books no named creator: all its offers have room for more than one, so another one of the same "
        "offer steps in",
        "name people as offers with creators: {max: 1}, or ask `optimize alternatives` for other mixes",
    )


def _seconds(clock: Clock) -> float | None:
    return None if clock.left == float("inf") else max(0.0, clock.left)


def _hardest_first(place: Place) -> tuple[bool, float]:
    found = place.one if place.best == "one" else place.several if place.best == "several" else place.nobody
    return place.best is not None, 0.0 if place.best is None or found is None else -found.loses


def _notes(program: Program, columns: Floats, seats: Sequence[Seat]) -> Iterator[str]:
    packages = program.packages
    asked = {p for seat in seats for p in seat.drops}
    rest = [p for p in np.flatnonzero(columns[: packages.count] > 0) if int(p) not in asked]
    terms = [packages.terms[packages.offer[p]] for p in rest]
    fixed = list(dict.fromkeys(one.name for one in terms if one.creators_max == 1))
    many = list(dict.fromkeys(one.name for one in terms if one.creators_max != 1))
    if fixed:
        yield f"not asked about, because signed or required: {', '.join(fixed)}"
    if many:
        yield (
            f"not asked about, because another one of the same offer steps in: {', '.join(many)} (room for more than "
            "one)"
        )


# --- one plan ------------------------------------------------------------------------------------------------


@dataclass
class _Tried:
    """Who fits in one seat: packages, and the objective with each, both shape (fitting,)."""

    seat: Seat
    at: Ints
    values: Floats


class _Search:
    """Places of one plan, filled one by one."""

    def __init__(self, swaps: Swaps, plan: Plan, runner: Runner, whole: bool) -> None:
        self.swaps, self.plan, self.runner, self.whole = swaps, plan, runner, whole
        self.program, self.packages = swaps.program, swaps.program.packages
        self.goal = self.program.scenario.objective[0]
        self.sign = 1.0 if self.goal.sense == "maximize" else -1.0
        self.tried: list[_Tried] = []
        self.unsettled: list[str] = []

    def places(self, seats: Sequence[Seat]) -> list[Place]:
        """Each place, with all ways to fill it."""
        found: list[tuple[Seat, StandIn | None, StandIn | None, int]] = []
        for number, seat in enumerate(seats):
            if self.runner.clock.over:
                names = ", ".join(seat.name for seat in seats[number:])
                self.unsettled.append(f"who comes in for {names}, because time was up")
                break
            at = self.swaps.fitting(seat)
            self.tried.append(_Tried(seat, at, self.swaps.values(seat, at)))
            one = self._one(seat, at)
            nobody = None if broken(self.program, seat.without) else self.stand_in(seat.without, seat)
            fits = len(np.unique(self.packages.offer[at]))
            found.append((seat, one, nobody, fits))
        solved = self._solved(
            [seat for seat, one, _, _ in found if one is None or self.packages.count <= SOLVED]
        )
        filled = [self._place(*each, *solved.get(each[0].drops, (None, False))) for each in found]
        empty = [each[0] for each, place in zip(found, filled, strict=True) if place.best is None]
        anew = self._solved(empty, anew=True)
        return [
            place.model_copy(update={"anew": anew[each[0].drops][0]}) if each[0].drops in anew else place
            for each, place in zip(found, filled, strict=True)
        ]

    def _one(self, seat: Seat, at: Ints) -> StandIn | None:
        for package in self.swaps.ordered(seat, at):
            columns = self.swaps.with_one(seat, int(package))
            if not broken(self.program, columns):
                return self.stand_in(columns, seat)
        return None

    def stand_in(self, columns: Floats, seat: Seat) -> StandIn:
        """What a plan comes to in which a seat is filled."""
        before = self.swaps.columns
        value = self.program.goal_amount(self.goal, self.program.goal_linear(self.goal, columns))
        more = np.round(columns - seat.without, 9)[: self.packages.count]

        def change(measure: str) -> float | None:
            old, new = amount(self.program, measure, before), amount(self.program, measure, columns)
            return None if old is None or new is None else gained(new, old, 1.0) + 0.0

        return StandIn(
            books=[self.booked(int(p), float(more[p])) for p in np.flatnonzero(more > 0)],
            value=tidy(value),
            loses=-gained(value, self.plan.objective.value, self.sign) + 0.0,
            cost=change("cost"),
            hours=change("hours"),
        )

    def booked(self, package: int, creators: float = 1.0) -> Booked:
        """A package by name."""
        offer, posts = self.packages.key(package)
        terms = self.packages.terms[self.packages.offer[package]]
        return Booked(
            offer=offer,
            posts_per_creator=posts,
            creators=creators,
            several=len(terms.posts) > 1,
            filled=filled_of(terms),
        )

    def _solved(
        self, seats: Sequence[Seat], *, anew: bool = False
    ) -> dict[tuple[int, ...], tuple[StandIn | None, bool]]:
        """The best plan without each of these, and whether it is proven: beside all other bookings, or `anew`."""
        left = self.runner.clock.left
        until = float("inf") if left == float("inf") else time.time() + left
        text = self.program.scenario.model_dump_json(exclude_unset=True)
        jobs = []
        for seat in seats:
            kept = np.zeros(self.packages.count) if anew else seat.without[: self.packages.count]
            out = np.unique(self.packages.offer[seat.own])
            jobs.append((text, tuple(kept.tolist()), tuple(out.tolist()), until))
        result: dict[tuple[int, ...], tuple[StandIn | None, bool]] = {}
        late = []
        for seat, answer in zip(seats, self.runner.run(whoever_fits, jobs), strict=True):
            if answer is None:
                late.append(seat.name)
                continue
            creators, proven = answer
            found = None
            if creators is not None:
                found = self.stand_in(self.packages.with_switches(np.array(creators)), seat)
            result[seat.drops] = (found, proven)
        if late:
            what = "what a new plan loses without" if anew else "whether several do better in the place of"
            self.unsettled.append(f"{what} {', '.join(late)}, because time was up")
        return result

    def _place(
        self, seat: Seat, one: StandIn | None, nobody: StandIn | None, fits: int, solved: StandIn | None, proven: bool
    ) -> Place:  # fmt: skip
        several = solved
        for known in (one, nobody):  # the same again is no other way
            if several is not None and known is not None and not self._better(several, known):
                several = None
        ways: list[tuple[Way, StandIn | None]] = [("one", one), ("several", several), ("nobody", nobody)]
        best: Way | None = None
        least: StandIn | None = None
        for way, found in ways:
            if found is not None and (least is None or self._better(found, least)):
                best, least = way, found
        return Place(
            name=seat.name,
            drops=[self.booked(p, float(self.swaps.columns[p])) for p in seat.drops],
            best=best,
            one=one,
            several=several,
            nobody=nobody,
            anew=None,
            fits=fits,
            in_the_way=[] if fits else self.swaps.in_the_way(seat),
            proven=proven,
        )

    def _better(self, found: StandIn, than: StandIn) -> bool:
        return gained(found.value, than.value, self.sign) > 0

    # --- who to ask next -------------------------------------------------------------------------------------

    def next(self, wanted: int) -> list[Candidate]:
        """The offers that lose least in the place where they lose least, one entry for each."""
        if not wanted or not self.tried:
            return []
        at = np.concatenate([one.at for one in self.tried])
        seat = np.repeat(np.arange(len(self.tried)), [len(one.at) for one in self.tried])
        worse = -self.sign * np.concatenate([one.values for one in self.tried])
        cost = np.concatenate(
            [self.swaps.after(self.packages.measures["cost"], one.seat, one.at) for one in self.tried]
        )
        order = np.lexsort([seat, at, tidied(np.nan_to_num(cost)), tidied(worse)])
        fits: dict[int, set[int]] = {}
        for offer, number in zip(self.packages.offer[at].tolist(), seat.tolist(), strict=True):
            fits.setdefault(offer, set()).add(number)
        found: list[Candidate] = []
        taken: set[int] = set()
        for i in order:
            package, offer = int(at[i]), int(self.packages.offer[at[i]])
            if offer in taken:
                continue
            if self.runner.clock.over:
                self.unsettled.append(f"{wanted - len(found)} of {wanted} to ask next, because time was up")
                break
            place = self.tried[seat[i]].seat
            columns = self.swaps.with_one(place, package)
            if broken(self.program, columns):
                continue
            taken.add(offer)
            found.append(
                Candidate(
                    books=self.booked(package),
                    in_for=place.name,
                    stand_in=self.stand_in(columns, place),
                    fits=len(fits[offer]),
                )
            )
            if len(found) == wanted:
                break
        return found
