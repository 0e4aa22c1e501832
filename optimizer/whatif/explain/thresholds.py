"""The value of a fee or a rate at which an offer enters or leaves the plan: by bounds, and by planning where they
leave it open."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np

from optimizer.jobs.clock import Clock
from optimizer.language.errors import ScenarioError, SolverError
from optimizer.language.numbers import tidy
from optimizer.language.quantities import grouped
from optimizer.language.records import Record
from optimizer.program.levers import Lever
from optimizer.program.packages import Floats
from optimizer.program.program import Program, program_of
from optimizer.program.varied import varied
from optimizer.scenario.scenario import Scenario
from optimizer.solve.answer import answer_program, in_time, linear_program, proven_in_time
from optimizer.solve.bookable import bookings_of, fitted_of
from optimizer.solve.continuous import Held
from optimizer.solve.lexicographic import BEST_VALUE, WHAT_IF, Effort, Outcome, given_up, hold, make_lean
from optimizer.solve.question import NoPlanError
from optimizer.solve.ready import ready
from optimizer.solve.solved import solve_verified
from optimizer.solve.verify import verify
from optimizer.whatif.explain.bisection import change

NOISE = 1e-6
"""Relative; a bound nearer to a value than this is not told from it."""
WITNESSES = 3
"""Plans with the offer in that are tried again at other values before solving there."""


class Threshold(Record):
    """A value at which the plan changes, between `inside` and `outside`.

    At `inside` the sentence holds, as planning there or a bound shows; at `outside` it does not. They are at most 5 %
    apart, or one step (2 % of today's value). None where no such value was found; `reason` says why.
    """

    inside: float | None
    outside: float | None
    reason: str = ""
    settled: bool = True
    """False where time was up before it was found out."""
    about: float | None = None
    """Where the linear program has it, with fractions of creators; given only where nothing was planned."""
    no_plan: bool = False
    """Whether at `outside` no plan is left at all: the offer has to be in, so it cannot drop out."""


class Rivals:
    """What one offer competes with: the best that can be had without it, whatever its fee and rate.

    Args:
        scenario, index: the offer.
        creators: creators per package in today's plan.
        clock: when to stop.
    """

    def __init__(self, scenario: Scenario, index: int, creators: tuple[float, ...], clock: Clock) -> None:
        self.scenario, self.index, self.creators, self.clock = scenario, index, creators, clock
        self.program = program_of(scenario)
        self.mine = self.program.packages.offer == index
        self.today = self.count(creators)
        self._without: tuple[float, ...] | None = None

    def count(self, plan: tuple[float, ...] | Floats) -> float:
        """Creators of the offer in a plan."""
        return float(np.asarray(plan)[: len(self.mine)][self.mine].sum()) if len(plan) else 0.0

    @property
    def without(self) -> tuple[float, ...]:
        """The best plan without the offer; empty where there is none, because the offer has to be in.

        Raises:
            TimeoutError: where time was up.
        """
        if self._without is None:
            if not self.today:
                self._without = self.creators
            elif self.program.packages.room_min[self.index] > 0:
                self._without = ()
            else:
                left_out = with_room(self.program, self.index, most=0.0)
                found = answer_program(left_out, BEST_VALUE, self.clock)
                if found.status not in ("optimal", "infeasible"):
                    raise TimeoutError
                self._without = found.creators
        return self._without


class Search:
    """Where, along one fee or rate, the plan begins or ceases to have more than so many creators of an offer.

    Each value is settled by the first of these that says something:

        bound     the linear program with one creator more falls short of a plan that is known
        witness   a plan with more of it that is known, keeps every limit there, and beats every plan without
        best      the best plan with one creator more beats every plan without, or falls short
        plan      the scenario is planned there as `optimize` does it

    "Beats" and "falls short" leave room for the gap at which `optimize` may stop, and for what it gives up (`within`)
    for its next objective. The first three also guess where they do not settle, so that little is planned; with such
    objectives the guess is the plan before it is made lean, which is made only where the guess turns.

    Args:
        rivals: what the offer competes with.
        lever: the fee or the rate.
        more_than: 0 to ask whether it is booked at all.
        estimate: where the linear program has the threshold, if that is known.
    """

    def __init__(self, rivals: Rivals, lever: Lever, more_than: float, estimate: float | None = None) -> None:
        self.rivals, self.lever, self.more_than, self.estimate = rivals, lever, more_than, estimate
        self.start = round(lever.number / lever.step)
        self.settled = {self.start: self._holds(rivals.today)}
        self.guessed = dict(self.settled)
        self.several = any(goal.within for goal in rivals.scenario.objective)
        """Whether something is given up for a next objective: then the best of the first says little."""
        self.bounded: dict[int, bool] = {}
        self.no_plan: set[int] = set()
        self._scenarios: dict[int, Program | None] = {}
        self._outcomes: dict[int, Outcome] = {}
        self._witnesses: list[tuple[float, ...]] = [rivals.creators] if self.settled[self.start] else []

    def threshold(self, end: int) -> Threshold:
        """The threshold between today's value and `end`, in steps."""
        today_holds = self.settled[self.start]
        try:
            found = self._found(end)
        except TimeoutError:
            return Threshold(inside=None, outside=None, reason="time was up", settled=False)
        if found is None:
            word = "at" if end <= self.start else "up to"
            never = f"{'even' if today_holds else 'not even'} {word} {grouped(tidy(end * self.lever.step))}"
            if self.start == end:
                never = "it is 0 already" if end == 0 else "it is as high as it can be"
            return Threshold(inside=None, outside=None, reason=never)
        inside, outside = found if today_holds else found[::-1]
        return Threshold(
            inside=self._number(inside), outside=self._number(outside), no_plan=outside in self.no_plan
        )

    def _found(self, end: int) -> tuple[int, int] | None:
        today_holds = self.settled[self.start]
        if self.start == end or (not today_holds and self._bounded(end)):
            return None
        rough = self._near_estimate(end) or change(self._linear, self.start, end, None)
        if not self._bounded(end) and rough is None and self._has_it(end) == today_holds:
            return None
        return change(self._has_it, self.start, end, change(self._guess, self.start, end, rough))

    def _near_estimate(self, end: int) -> tuple[int, int] | None:
        """The steps on both sides of the linear program's threshold, if it is known and lies on this way."""
        if self.estimate is None or self.several:
            return None
        way = 1 if end > self.start else -1
        near = (
            math.floor(self.estimate / self.lever.step)
            if way > 0
            else math.ceil(self.estimate / self.lever.step)
        )
        if way * (near - self.start) < 0:  # it should have turned already
            near = self.start
        return (near, near + way) if way * (end - near) > 0 else None

    def _holds(self, creators: float) -> bool:
        return creators > self.more_than + 1e-6

    def _number(self, steps: int) -> float:  # today's value need not be a whole number of steps
        return tidy(self.lever.number if steps == self.start else steps * self.lever.step)

    def _program(self, steps: int) -> Program | None:
        """The scenario with that value; None where nothing limits it any more, or it is not valid."""
        if steps not in self._scenarios:
            try:
                there = varied(self.rivals.scenario, self.lever.change(self._number(steps)))
                self._scenarios[steps] = ready(there)
            except ScenarioError:
                self._scenarios[steps] = None
        return self._scenarios[steps]

    def _known(self, program: Program) -> float | None:
        """Best first objective (linear) that is known without more of the offer; None where there is no plan."""
        rivals = self.rivals
        if not self.more_than:
            return _value(program, rivals.without) if rivals.without else None
        return _value(program, rivals.creators) if keeps_limits(program, rivals.creators) else None

    def _bounded(self, steps: int) -> bool:
        """Whether the linear program shows that the plan has no more of the offer there."""
        if steps not in self.bounded:
            program = self._program(steps)
            self.bounded[steps] = program is not None and self._linear_falls_short(program, steps)
        return self.bounded[steps]

    def _linear_falls_short(self, program: Program, steps: int) -> bool:
        if not program.scenario.solver.whole_creators:
            return False
        if self.more_than + 1 > program.packages.room_max[self.rivals.index]:
            return True
        relaxed = linear_program(self._with_more(program), self.rivals.clock)
        if relaxed.solution.status == "infeasible":
            self._not_in(steps)
            return True
        known = self._known(program) if relaxed.value is not None else None
        if known is None or relaxed.value is None:
            return False
        return _beats(program, known, relaxed.value)

    def _with_more(self, program: Program) -> Program:
        return with_room(program, self.rivals.index, least=self.more_than + 1)

    def _not_in(self, steps: int) -> None:
        """There is no plan with more of it; where there is none without it either, there is none at all."""
        if not self.more_than and not self.rivals.without:
            self.no_plan.add(steps)

    def _linear(self, steps: int) -> bool:
        """Whether the linear program of all objectives in order has more of it: a guess of where to look, no more."""
        program = self._program(steps)
        if program is None:
            return self._holds(np.inf)
        if steps == self.start:
            return self.settled[steps]
        rows: list[Held] = list(program.rows)
        creators: Floats = np.zeros(0)
        for goal in program.scenario.objective:
            found = linear_program(program, self.rivals.clock, goal, rows)
            if found.value is None:
                break
            creators = found.solution.values
            best = program.goal_linear(goal, creators)
            noise = NOISE * max(1.0, abs(best)) * (1.0 if goal.sense == "maximize" else -1.0)
            rows.append(hold(program, goal, given_up(program, goal, best) - noise))
        return self._holds(self.rivals.count(creators))

    def _has_it(self, steps: int) -> bool:
        if not self._proven(steps) and not self.several and steps not in self.guessed:
            self._guess(steps)
        if steps not in self.settled:
            program = self._program(steps)
            self.settled[steps] = program is None or self._planned(program, steps)
        return self.settled[steps]

    def _proven(self, steps: int) -> bool:
        """Whether it is settled without planning there."""
        if steps not in self.settled:
            program = self._program(steps)
            if program is None:  # with no limit at all, ever more of it
                self.settled[steps] = True
            elif self._bounded(steps):
                self.settled[steps] = False
            elif self._witnessed(program):
                self.settled[steps] = True
        return steps in self.settled

    def _guess(self, steps: int) -> bool:
        """Whether it has more of it, probably; settled where that is proven."""
        if self._proven(steps):
            return self.settled[steps]
        if steps not in self.guessed:
            program = self._program(steps)
            assert program is not None
            if not program.scenario.solver.whole_creators:
                self.guessed[steps] = self.settled[steps] = self._planned(program, steps)
            else:
                by = self._by_objectives if self.several else self._by_best
                self.guessed[steps] = by(program, steps)
        return self.guessed[steps]

    def _witnessed(self, program: Program) -> bool:
        without = self._known(program) if not self.more_than and self._witnesses else None
        return without is not None and any(
            _beats(program, _value(program, creators), without) and keeps_limits(program, creators)
            for creators in self._witnesses[:WITNESSES]
        )

    def _by_best(self, program: Program, steps: int) -> bool:
        """Whether the best plan that has more of it is better than what is known; settled where it is by far."""
        effort = Effort(
            first_only=True, twice=False, lean=False, start=self._witnesses[0] if self._witnesses else None
        )
        try:
            outcome = solve_verified(in_time(self._with_more(program), self.rivals.clock), effort=effort)
        except NoPlanError:
            self._not_in(steps)
            self.settled[steps] = False
            return False
        except SolverError:
            raise TimeoutError from None
        self._witnesses.insert(0, tuple(float(n) for n in outcome.columns[: program.packages.count]))
        stage, known = outcome.stages[0], self._known(program)
        if known is None:
            if not self.more_than:  # none is left without it
                self.settled[steps] = True
            return True
        if stage.bound is not None and _beats(program, known, stage.bound):
            self.settled[steps] = False
        elif not self.more_than and _beats(program, stage.best, known):
            self.settled[steps] = True
        better = stage.best - known if stage.goal.sense == "maximize" else known - stage.best
        return better >= 0

    def _by_objectives(self, program: Program, steps: int) -> bool:
        """Whether a plan has more of it before it is made lean."""
        outcome = self._outcome(program, steps)
        return outcome is not None and self._has_more(outcome)

    def _planned(self, program: Program, steps: int) -> bool:
        outcome = self._outcome(program, steps)
        if outcome is None:
            return False
        left = min(program.scenario.solver.time_limit, self.rivals.clock.left)
        make_lean(program, outcome, time.perf_counter() + left)
        return self._has_more(outcome)

    def _outcome(self, program: Program, steps: int) -> Outcome | None:
        """The plan there as `optimize` makes it, before it is made lean; None where there is none."""
        if steps not in self._outcomes:
            try:
                self._outcomes[steps] = proven_in_time(
                    program, replace(WHAT_IF, lean=False), self.rivals.clock
                )
            except NoPlanError:
                self.no_plan.add(steps)
                return None
            except SolverError:
                raise TimeoutError from None
        return self._outcomes[steps]

    def _has_more(self, outcome: Outcome) -> bool:
        return self._holds(self.rivals.count(outcome.columns))


def with_room(
    program: Program, index: int, *, least: float | None = None, most: float | None = None
) -> Program:
    """The same scenario with other numbers of creators of one offer; everything else, reach too, stays."""
    low, high = program.packages.room_min.copy(), program.packages.room_max.copy()
    if least is not None:
        low[index] = max(low[index], least)
    if most is not None:
        high[index] = most
    return replace(program, packages=replace(program.packages, room_min=low, room_max=high))


def _value(program: Program, creators: tuple[float, ...]) -> float:
    """The first objective of a plan, linear."""
    columns = program.packages.with_switches(np.asarray(creators))
    goal = program.scenario.objective[0]
    if program.reaching_goal(goal) is not None:
        return program.goal_linear(goal, columns)
    return float(np.where(columns != 0, program.goal_values(goal), 0.0) @ columns)


def _beats(program: Program, one: float, other: float) -> bool:
    """Whether `optimize` cannot return a plan as bad as `other` where there is one as good as `one` (linear values).

    It may stop at its gap from the best, and give up a share (`within`) of what it found for its next objective.
    """
    goal, gap = program.scenario.objective[0], program.scenario.solver.gap
    sign = 1.0 if goal.sense == "maximize" else -1.0
    kept = given_up(program, goal, one - sign * 2 * gap * abs(one))
    return sign * (other - kept) < -NOISE * max(1.0, abs(kept))


def keeps_limits(program: Program, creators: tuple[float, ...]) -> bool:
    """Whether a plan keeps every limit of a scenario, recounted in decimal arithmetic."""
    columns = program.packages.with_switches(np.asarray(creators))
    found = verify(
        program.scenario, program.packages.terms, bookings_of(program, columns), fitted_of(program)
    )
    return not found.violations
