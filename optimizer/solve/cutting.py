"""The best plan where limits or the objective are curves: solved by cuts, to value and bound.

A curve is a limit or objective with a confidence (`dependable`), or reach over several segments (`curved`). Each is a
criterion: it has further columns and rows which allow a little more than the scenario, so that the bound of the program
is a true one. Its plan is then counted with the true curve; cuts are added where it lies, and it is solved again, until
value and bound meet within the gap. The cuts of the continuous program come first, because they cost little.
"""

from __future__ import annotations

import math
import time
from contextlib import suppress
from dataclasses import replace

import numpy as np

from optimizer.language.errors import SolverError
from optimizer.program.packages import Floats
from optimizer.program.rules import Row
from optimizer.solve.bookable import cleaned, least_plan
from optimizer.solve.criterion import Criterion
from optimizer.solve.dependable import sure_criterion, sure_kept
from optimizer.solve.model import Extra, build_model
from optimizer.solve.moves import better_by_one, filled
from optimizer.solve.question import Checked, Found, NoPlanError, Question, UnboundedError
from optimizer.solve.search import allowed, reach_broken, recounted_reach, search_plain
from optimizer.solve.solver import solve
from optimizer.solve.summed import TOO_MANY, SummedReach, reach_criterion

MAX_ROUNDS = 60
CONTINUOUS_ROUNDS = 30
TOGETHER_ROUNDS = 8
"""Of the solver, while segments are summed; if value and bound have not met then, each has rows of its own, unless
there are too many."""
SUMMED_ROUNDS = 200
"""Where one row holds for all segments together, each says less and costs less."""
CONTINUOUS_TIME, CLIMBING_TIME = 0.4, 0.1
"""Shares of the time there is for the continuous program, and for plans one booking apart before the solver begins."""
NEAR = 1e-5
"""Relative; a continuous program whose value moves by less has its cuts where they are needed."""
SOLVER_ROUNDING = 1e-5
"""Relative; the objective has columns that hold within the solver's tolerance only."""
AGREES = 1e-9
"""Relative; sums of floats and of decimals that are the same."""
FINEST = 1e-6
"""Relative gap: cuts of floats do not meet closer."""


def search_by_cuts(question: Question, seconds: float) -> Found:
    """The best plan for a question some of whose limits, or whose objective, are curves.

    Arguments and errors are those of `ask.search`.
    """
    first = _ByCuts(question, seconds)
    if not first.together or any(len(floor.reaching.numbers) >= TOO_MANY for floor in first.floors):
        return first.found()
    found = None
    with suppress(SolverError):
        found = first.found(TOGETHER_ROUNDS)
        if found.proven or question.max_nodes is not None:
            return found
        question = replace(question, start=found.columns)
    try:
        again = _ByCuts(question, first.left, together=False).found()
    except SolverError:
        if found is None:
            raise
        return found
    if found is None or found.bound is None or again.proven:
        return again
    better = min if question.maximize else max
    return replace(again, bound=found.bound if again.bound is None else better(found.bound, again.bound))


def with_cuts(question: Question, seconds: float) -> Question:
    """The question with the columns and rows of its curves as they are where its answer lies: a linear program that has
    it as its answer, within the gap. Where there is none, or it is not found in time, as they are then."""
    solver = _ByCuts(question, seconds)
    with suppress(NoPlanError, SolverError):
        solver.found()
    extra, rows, objective = solver.model(whole=True)
    return replace(
        question, objective=objective, rows=[*question.rows, *rows], extra=extra, reaching=None, reachings=()
    )


class _ByCuts:
    def __init__(self, question: Question, seconds: float, *, together: bool = True) -> None:
        self.question = question
        self.program = question.program
        self.deadline = time.perf_counter() + seconds
        self.columns = self.program.packages.columns
        self._whole = self.program.scenario.solver.whole_creators
        self.gap = max(question.gap, FINEST)
        self.spent = 0.0
        self.asked = [(sure, self.program.multiplier(sure)) for sure in question.all_sures]
        self.floors = [
            reach_criterion(one, one is question.reaching, self._whole, together=together)
            for one in question.all_reachings
        ]
        self.criteria: list[Criterion] = [
            sure_criterion(sure, k, self._most_of, objective=sure is question.sure)
            for sure, k in self.asked
            if k > 0  # where k is 0, the row of the mean says it all
        ]
        self.criteria += self.floors
        self.only_reach = len(self.floors) == len(self.criteria)
        self.near = max(NEAR, self.gap / 10) if self.only_reach else NEAR
        self.part = 0.5 if self.only_reach else 0.25  # of the gap, for each solve; the rest is for the cuts
        self.at_once = self.only_reach and question.twice  # cuts around the continuous plan mostly do
        summed = [floor for floor in self.floors if isinstance(floor, SummedReach)]
        self.summed = next((floor for floor in summed if floor.sets_objective), None)
        self.together = bool(summed)
        self.rounds = SUMMED_ROUNDS if summed else CONTINUOUS_ROUNDS
        self.bound: float | None = None
        self.objective = next((c for c in self.criteria if c.sets_objective), None)
        for criterion in self.criteria:
            criterion.recall()

    @property
    def left(self) -> float:
        return self.deadline - time.perf_counter()

    def _most_of(self, objective: Floats) -> float:
        """The most that the limits allow of a linear objective, shape (columns,), with fractions of creators."""
        rows = [*self.program.rows, *self.question.own_rows]
        model = build_model(self.program, objective, maximize=True, rows=rows, continuous=True)
        solution = solve(model, solver="highs", gap=0.0, time_limit=max(0.01, self.left))
        self.spent += solution.seconds
        if solution.status == "infeasible":
            raise NoPlanError
        if not len(solution.values):
            if solution.status == "unbounded":
                raise UnboundedError
            raise SolverError("time was up", timed_out=True)
        return float(objective @ solution.values[: self.columns])

    # --- one model ---------------------------------------------------------------------------------------------

    def model(self, *, whole: bool) -> tuple[list[Extra], list[Row], Floats]:
        """Further columns, rows and objective over all columns."""
        extra = list(self.question.extra)
        firsts = []
        for number, criterion in enumerate(self.criteria):
            firsts.append(self.columns + len(extra))
            extra += criterion.extra(number, whole=whole)
        width = self.columns + len(extra)
        rows = []
        objective = np.zeros(width)
        objective[: len(self.question.objective)] = self.question.objective
        for criterion, first in zip(self.criteria, firsts, strict=True):
            rows += criterion.rows(self.columns, first, width, whole=whole)
            if criterion is self.objective:
                criterion.weigh(objective, first)
        return extra, rows, objective

    def _continuous(self, begun: Floats | None) -> Floats | None:
        """Cuts where the best plans of the continuous program lie.

        This program's value may bound nothing; its plans are good places. Where reach over many segments is all that
        is curved, it bounds what whole creators bring, and `bound` keeps it.

        Args:
            begun: a plan that is there.

        Returns:
            The last one, rounded down to whole creators, to begin with.
        """
        if begun is not None and self.summed is not None:
            self.summed.begin(begun)
        before, rounded = None, None
        until = (1 - CONTINUOUS_TIME) * self.left
        for _ in range(self.rounds):
            extra, rows, objective = self.model(whole=False)
            model = build_model(
                self.program,
                objective,
                maximize=self.question.maximize,
                rows=[*self.program.rows, *self.question.rows, *rows],
                continuous=True,
                extra=extra,
            )
            solution = solve(model, solver="highs", gap=0.0, time_limit=max(0.01, self.left))
            self.spent += solution.seconds
            if not len(solution.values) or self.left < 0.1:
                return rounded  # the integer program will say why
            counts = solution.values[: self.columns]
            rounded = self._rounded(counts)
            value = float(objective @ solution.values[: len(objective)])
            if self.summed is not None and self.only_reach and solution.status == "optimal":
                most = value * (1 + SOLVER_ROUNDING)
                self.bound = most if self.bound is None else min(self.bound, most)
            above = [criterion.learn(counts, end=False) for criterion in self.criteria]
            for criterion in self.criteria:
                criterion.remember(counts, whole=False)
            moved = math.inf if before is None else abs(value - before)
            if moved <= self.near * max(abs(value), 1e-9) and max(above) <= self.near:
                break
            if self.left < until:
                break
            before = value
        for criterion in self.criteria:
            criterion.surround(counts)
        return rounded

    def _begin(self, *plans: Floats | None) -> Floats | None:
        """The best of some plans that keep everything; None where none does."""
        good = [
            plan
            for plan in plans
            if plan is not None
            and not self.question.extra
            and allowed(self.question, plan)
            and self.kept(plan)
        ]
        sign = 1.0 if self.question.maximize else -1.0
        return max(good, key=lambda plan: sign * self.value(plan), default=None)

    def _rounded(self, counts: Floats) -> Floats | None:
        """Whole creators of a continuous plan, rounded down; None where bookings are lost by that."""
        packages = self.program.packages
        whole = packages.with_switches(np.floor(counts[: packages.count] + 1e-6))
        booked = np.bincount(packages.offer, weights=whole[: packages.count], minlength=len(packages.terms))
        return None if np.any(booked < packages.room_min) else whole

    # --- the loop ----------------------------------------------------------------------------------------------

    def found(self, rounds: int = MAX_ROUNDS) -> Found:
        begun = self._begin(self._filled(), self.question.start)
        best = self._climbed(self._begin(self._continuous(begun), begun))
        best_value = 0.0 if best is None else self.value(best)
        best_further: Floats | None = None
        bound = self.bound
        raw, nodes, ended = "", 0, False
        checked = Checked()
        mistaken = 0
        confirmed = self.at_once
        better = max if self.question.maximize else min
        for _ in range(rounds):
            if self.left <= 0 and best is not None:
                break
            extra, rows, objective = self.model(whole=True)
            inner = replace(
                self.question,
                objective=objective,
                rows=[*self.question.rows, *rows],
                extra=extra,
                sure=None,
                sures=(),
                reaching=None,
                reachings=(),
                gap=self.gap * self.part,
                start=None if best is None else self._start(best),
                twice=confirmed,
                same=SOLVER_ROUNDING,
            )
            try:
                found = search_plain(inner, max(0.01, self.left))
            except SolverError as error:
                if best is None and not error.timed_out:
                    raise
                break
            self.spent += found.seconds
            nodes = max(nodes, found.nodes)
            raw, checked = found.raw_status, found.checked
            if found.bound is not None and (found.proven or self.only_reach):
                bound = (
                    found.bound
                    if bound is None
                    else (min if self.question.maximize else max)(bound, found.bound)
                )
            counts = cleaned(self.program, found.columns)
            further = found.further[: len(self.question.extra)] if found.further is not None else None
            value, kept = self.value(counts, further), self.kept(counts)
            if kept and (best is None or better(value, best_value) == value):
                best, best_value, best_further = counts, value, further
            if best is not None and bound is not None and self._met(best_value, bound):
                if self.question.twice and not confirmed:
                    confirmed = True
                    continue
                improved, changes = self._improved(best, bound)
                checked = replace(checked, changes=checked.changes + changes)
                if improved is None:
                    ended = True
                    break
                # a plan one booking away is better than the bound, which is therefore false
                best, best_value, bound = improved, self.value(improved), None
                mistaken += 1
                for criterion in self.criteria:
                    criterion.learn(improved)
                continue
            confirmed = False
            if not found.proven and (self.left <= 0 or self.question.max_nodes is not None):
                break
            for criterion in self.criteria:
                criterion.learn(counts)
                criterion.remember(counts, whole=True)
        if best is None:
            best = self._least()
            best_value = self.value(best)
        if bound is not None:
            bound = better(bound, best_value)
        checked = replace(checked, mistaken=checked.mistaken + mistaken)
        self._recount(best)
        return Found(best, best_value, bound, ended, self.spent, raw, nodes, checked, best_further)

    def _recount(self, plan: Floats) -> None:
        """Hold reach that is the objective against a recount in decimals.

        Raises:
            SolverError: where it is another number.
        """
        wish = self.question.reaching
        if wish is None or not self.question.recounted:
            return
        exact = recounted_reach(self.program, plan, wish.segments)
        value = wish.people(plan)
        if exact is None or abs(exact - value) > AGREES * max(1.0, abs(value)):
            raise SolverError(f"the plan failed verification: it reaches {value:.10g}, recounted {exact}")

    def _filled(self) -> Floats | None:
        """A plan to begin with, of segments so many that the solver finds it hard to; None of fewer."""
        if self.summed is None or self.question.extra:
            return None
        rows = [*self.program.rows, *self.question.own_rows]
        return filled(self.program, rows, least_plan(self.program), self.summed.reaching)

    def _climbed(self, plan: Floats | None) -> Floats | None:
        """Where bookings lead that each make a plan better, of segments so many that the solver finds it hard to."""
        if self.summed is None:
            return plan
        until = (1 - CLIMBING_TIME) * self.left
        while plan is not None and self.left > until:
            higher, _ = self._improved(plan, self.value(plan))
            if higher is None or self.value(higher) <= self.value(plan):
                break
            plan = higher
        return plan

    def _improved(self, plan: Floats, bound: float) -> tuple[Floats | None, int]:
        """A plan that differs by one booking and is better than a bound allows; and how many were looked at."""
        question = self.question
        if not (question.plain and question.recounted and self.only_reach) or question.max_nodes is not None:
            return None, 0
        if not self._whole or len(question.own_rows) < len(question.rows):
            return None, 0
        looked_at, candidates = better_by_one(
            self.program,
            question.objective[: self.columns],
            question.maximize,
            [*self.program.rows, *question.rows],
            plan,
            bound,
            worth=question.reaching,
            floors=[floor.reaching for floor in self.floors if not floor.sets_objective],
        )
        for columns in candidates:
            if allowed(question, columns) and self.kept(columns):
                value = self.value(columns)
                if abs(value - bound) > SOLVER_ROUNDING * max(1e-6, abs(bound)):
                    return columns, looked_at
        return None, looked_at

    def _least(self) -> Floats:
        """The plan that books just what must be booked, where time was up before any other was found.

        Raises:
            SolverError: where that keeps not everything.
        """
        counts = self._begin(least_plan(self.program))
        if counts is not None:
            return counts
        raise SolverError("time was up before any plan was found", timed_out=True)

    def _met(self, value: float, bound: float) -> bool:
        return abs(bound - value) <= self.gap * max(abs(value), 1e-9)

    def _start(self, counts: Floats) -> Floats:
        further = np.zeros(len(self.question.extra))
        own = [value for criterion in self.criteria for value in criterion.start(counts)]
        return np.concatenate([counts, further, own])

    def value(self, counts: Floats, further: Floats | None = None) -> float:
        """The objective by its true curve; `further` are the question's own further columns."""
        if self.objective is not None:
            return self.objective.worth(counts)
        if further is None:
            further = np.zeros(len(self.question.extra))
        return self.question.value(counts, np.concatenate([counts, further]))

    def kept(self, counts: Floats) -> bool:
        """Whether every limit that is a curve is kept, by its true curve; floors on reach in decimals."""
        if not all(sure_kept(sure, k, counts) for sure, k in self.asked):
            return False
        if not all(floor.kept(counts) for floor in self.floors):
            return False
        broken = reach_broken(self.program, counts)
        for floor in self.floors:
            if floor.reaching.rule in broken:  # by rounding alone
                floor.tightened = 2 * (floor.tightened + broken[floor.reaching.rule])
        return not broken
