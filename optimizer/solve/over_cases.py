"""Objectives over stress cases, as linear programs: the worst case as good as can be, or the least regret.

    v_c        value of each column in case c; x the plan, which keeps the limits of the scenario as it stands
    by worst   maximise t    subject to t <= v_c . x for every case c   (minimise t >= v_c . x where less is better)
    by regret  minimise t    subject to t >= b_c - v_c . x for every c  (t >= v_c . x - b_c where less is better)

b_c is the best value of case c alone, under its own limits, proven. Only the listed cases count, not the scenario as it
stands. In the program t is counted in a power of two near the largest value, so that the solver's tolerances mean the
same in any unit; of a regret, t begins at the largest b_c, so that the gap is a share of what is regretted.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from optimizer.language.errors import Problem, ScenarioError, SolverError
from optimizer.program.cases import Case, cases, values_in
from optimizer.program.packages import Floats
from optimizer.program.program import Program
from optimizer.program.rules import Row
from optimizer.scenario.scenario import Goal
from optimizer.solve.ask import search
from optimizer.solve.model import Extra
from optimizer.solve.question import Found, NoPlanError, Question, UnboundedError
from optimizer.solve.ready import refusal_of

SHARE_FOR_BEST = 0.5
"""Share of an objective's time for the best plans of the cases alone."""


@dataclass(frozen=True)
class OverCases:
    """One objective over the cases of a scenario.

    Attributes:
        goal: the objective.
        values: of each case, one unit of each column, shape (cases, columns).
        names: of the cases.
        best: value of the best plan of each case alone; None where only the worst case counts.
        known: whether all of `best` are proven.
        seconds: time in the solver for these.
    """

    goal: Goal
    values: Floats
    names: tuple[str, ...]
    best: Floats | None = None
    known: bool = True
    seconds: float = 0.0

    @property
    def _unit(self) -> float:
        largest = float(np.max(np.abs(self.values), initial=0.0))
        return 2.0 ** round(math.log2(largest)) if largest > 0 else 1.0

    @property
    def _offset(self) -> float:
        """What t is above the regret."""
        return 0.0 if self.best is None else float(np.max(np.abs(self.best), initial=0.0))

    @property
    def maximize(self) -> bool:
        """Whether t is to be high."""
        return self.best is None and self.goal.sense == "maximize"

    def value(self, columns: Floats) -> float:
        """The worst value of a plan, or its largest regret."""
        at = self.values @ columns
        if self.best is None:
            return float(np.min(at) if self.goal.sense == "maximize" else np.max(at))
        return float(np.max(self.best - at if self.goal.sense == "maximize" else at - self.best))

    def asked(self, question: Question) -> Question:
        """The question for t, under the limits and further rows of another one."""
        width = question.program.packages.columns
        unit, offset = self._unit, self._offset
        rows = list(question.rows)
        for number, (name, values) in enumerate(zip(self.names, self.values, strict=True)):
            along = np.append(-values, unit)
            if self.best is None and self.goal.sense == "maximize":
                rows.append(Row(f"case_{name}", along, -np.inf, 0.0))
            elif self.best is None:
                rows.append(Row(f"case_{name}", along, 0.0, np.inf))
            else:
                best = float(self.best[number])
                if self.goal.sense == "maximize":
                    rows.append(Row(f"case_{name}", np.append(values, unit), best + offset, np.inf))
                else:
                    rows.append(Row(f"case_{name}", along, offset - best, np.inf))
        return replace(
            question,
            objective=np.append(np.zeros(width), unit),
            maximize=self.maximize,
            rows=rows,
            extra=[Extra("over_cases", lower=-math.inf)],
            counted=lambda columns: self.value(columns) + offset,
        )

    def found(self, found: Found) -> Found:
        """The answer in the measure's unit, t recounted."""
        value = self.value(found.columns)
        bound = None if found.bound is None else found.bound - self._offset
        if bound is not None:
            bound = max(bound, value) if self.maximize else min(bound, value)
        return replace(
            found,
            value=value,
            bound=bound,
            proven=found.proven and self.known,
            seconds=found.seconds + self.seconds,
        )

    def held(self, least: float) -> list[Row]:
        """Rows that keep the objective at `least` or better in later solves."""
        rows = []
        for number, (name, values) in enumerate(zip(self.names, self.values, strict=True)):
            side = least
            if self.best is not None:
                best = float(self.best[number])
                side = best - least if self.goal.sense == "maximize" else best + least
            up = self.goal.sense == "maximize"
            rows.append(Row(f"hold_{name}", values, side if up else -np.inf, np.inf if up else side))
        return rows

    def given_up(self, best: float) -> float:
        """The value that later solves must keep: best less `within` of it; of a regret, within of what is regretted."""
        of = abs(best) if self.best is None else self._offset
        return best + (-1.0 if self.maximize else 1.0) * self.goal.within * of

    def best_of(self) -> dict[str, float] | None:
        """Case -> value of its best plan."""
        if self.best is None:
            return None
        return {name: float(best) for name, best in zip(self.names, self.best, strict=True)}


def over_cases(
    program: Program, goal: Goal, seconds: float, say: Callable[[str], None] = lambda text: None
) -> OverCases | None:
    """What an objective over stress cases asks; None for any other objective.

    Args:
        program: the scenario.
        goal: one of its objectives.
        seconds: time for this objective; a part of it is spent on the best plan of each case.
        say: told of each step.

    Raises:
        ScenarioError: where a case alone has no plan, so that there is nothing to regret.
        SolverError: where time was up before any plan of a case was found.
    """
    if goal.over is None:
        return None
    listed = cases(program.scenario)
    values = np.array([values_in(case, program.packages, goal) for case in listed])
    names = tuple(case.name for case in listed)
    if goal.by == "worst":
        return OverCases(goal, values, names)
    until = time.perf_counter() + SHARE_FOR_BEST * seconds
    best = []
    known, spent = True, 0.0
    for number, case in enumerate(listed):
        say(f"solving for the best {goal.measure} in {case.name}")
        left = max(0.01, until - time.perf_counter()) / (len(listed) - number)
        found = _best_alone(program, goal, case, left)
        best.append(found.value)
        known = known and found.proven
        spent += found.seconds
    return OverCases(goal, values, names, np.array(best), known, spent)


def _best_alone(program: Program, goal: Goal, case: Case, seconds: float) -> Found:
    own = case.program
    refusal = refusal_of(own)
    place = ("stress", case.name)
    if refusal is not None:
        problem = refusal.problems[0]
        raise ScenarioError([program.scenario.locate(Problem(place, problem.message, problem.hint))])
    question = Question(own, own.goal_values(goal.plain()), maximize=goal.sense == "maximize", gap=0.0)
    try:
        return search(question, seconds)
    except NoPlanError:
        message = "in this case no plan keeps every limit, so there is no best one to compare with"
        hint = "leave the case out, or take by: worst"
        raise ScenarioError([program.scenario.locate(Problem(place, message, hint))]) from None
    except UnboundedError:
        raise ScenarioError(
            [program.scenario.locate(Problem(place, f"in this case nothing limits {goal.measure}"))]
        ) from None
    except SolverError as error:
        if not error.timed_out:
            raise
        message = f"time was up before the best plan of the case {case.name} was found"
        raise SolverError(message, timed_out=True) from None
