"""Scenario -> its program: columns, rules and rows without a solver, or every reason why there are none."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from optimizer.language.errors import PathItem, Problem
from optimizer.language.measures import REACH
from optimizer.language.paths import format_path
from optimizer.program import reach as audience
from optimizer.program.checks import (
    confidence_problems,
    custom_measure_problems,
    objective_problems,
    whole_creator_problems,
    within_problems,
)
from optimizer.program.forms import Varying, varying
from optimizer.program.missing import unknown_numbers
from optimizer.program.packages import Floats, Ints, Packages, build_packages, offers_of
from optimizer.program.reach import ReachModel
from optimizer.program.rows import build_rows, caps_from
from optimizer.program.rules import Row, Rule, build_rules, left_out, needs_switch, values_of
from optimizer.program.stressed import Stressed, added_setups, over_problems, stress_cases
from optimizer.program.sure import Sure, multiplier, sure_goal, sures_of
from optimizer.program.terms import Terms, resolve
from optimizer.scenario.scenario import Goal, Scenario

WHOLE = 1e-9
"""Relative; somebody who reaches so nearly everybody reaches everybody, and there is no index of that."""


@dataclass(frozen=True)
class Program:
    """A scenario resolved into columns and rules.

    Attributes:
        reach: the reach model, None without an audience.
        excluded: packages that a limit per creator rules out, shape (packages,).
        numbers: which of the scenario's rules, in their order, each rule is; -1 for one that is none of them.
        problems: why it cannot be planned, whatever the solver says (see `solve.ready`); empty if it can.
        multipliers: k of limits and objectives with a confidence, by name, as they are solved for.
        drawn: the k that the draws of one plan ask for, where they are others.
        unlimited: why nothing limits an objective, once `solve.ready` has asked.
    """

    scenario: Scenario
    packages: Packages
    rules: list[Rule]
    reach: ReachModel | None
    excluded: Floats
    numbers: tuple[int, ...]
    problems: tuple[Problem, ...] = field(default=())
    multipliers: Mapping[str, float] = field(default_factory=dict)
    drawn: Mapping[str, float] = field(default_factory=dict)
    _sures: dict[Rule | int, list[Sure]] = field(default_factory=dict, repr=False, compare=False)
    unlimited: list[tuple[Problem, ...]] = field(default_factory=list, init=False, repr=False, compare=False)

    @cached_property
    def varying(self) -> Varying:
        """What varies, and how."""
        return varying(self.scenario, self.packages, self.reach)

    @cached_property
    def rows(self) -> list[Row]:
        """Linear rows of every rule, in the order of the rules."""
        return [row for rule in self.rules for row in self.rows_of(rule)]

    @cached_property
    def caps(self) -> Floats:
        """Most creators each package can have by room and by simple ceilings; inf where nothing caps it."""
        none = np.full(self.packages.count, np.inf)
        simple = [row for rule in self.rules if not needs_switch(rule) for row in self._rows(rule, none)]
        return np.where(self.excluded > 0, 0.0, caps_from(simple, self.packages))

    def rows_of(self, rule: Rule) -> list[Row]:
        """Linear rows of one rule; of one with a confidence, those of its mean."""
        return self._rows(rule, self.caps)

    def _rows(self, rule: Rule, caps: Floats) -> list[Row]:
        if rule.confidence is not None:
            return [sure.row() for sure in self.sures_of(rule)]
        return build_rows(rule, self.scenario, self.packages, self.reach, caps)

    def sures_of(self, rule: Rule) -> list[Sure]:
        """The sides of a limit with a confidence; none of one without."""
        if rule.confidence is None:
            return []
        if rule not in self._sures:
            self._sures[rule] = sures_of(self.varying, rule)
        return self._sures[rule]

    @cached_property
    def sures(self) -> list[Sure]:
        """Every limit that has a confidence."""
        return [sure for rule in self.rules for sure in self.sures_of(rule)]

    def sure_goal(self, goal: Goal) -> Sure | None:
        """An objective with a confidence; None for one without."""
        if goal.confidence is None:
            return None
        position = self.scenario.objective.index(goal)
        if position not in self._sures:
            found = sure_goal(self.varying, goal, position)
            self._sures[position] = [] if found is None else [found]
        return next(iter(self._sures[position]), None)

    def multiplier(self, sure: Sure) -> float:
        """The k of a limit or objective with a confidence."""
        return multiplier(sure, self.multipliers)

    def with_multipliers(
        self, multipliers: Mapping[str, float], drawn: Mapping[str, float] | None = None
    ) -> Program:
        """The same with other k, and with those that the draws of a plan ask for."""
        return replace(self, multipliers=dict(multipliers), drawn=dict(drawn or {}))

    def by_its_draws(self) -> Program:
        """The same with the k that the draws of the plan ask for."""
        return self.with_multipliers({**self.multipliers, **self.drawn}) if self.drawn else self

    def relaxed(self, rules: list[Rule], room_min: Floats) -> Program:
        """The same columns with fewer rules and other bookings."""
        excluded = np.zeros(self.packages.count)
        for rule in rules:
            out = left_out(rule, self.scenario, self.packages, self.reach)
            excluded = np.maximum(excluded, out.astype(float))
        known = {id(rule): number for rule, number in zip(self.rules, self.numbers, strict=True)}
        numbers = tuple(known.get(id(rule), -1) for rule in rules)
        packages = replace(self.packages, room_min=room_min)
        return Program(
            self.scenario, packages, rules, self.reach, excluded, numbers,
            multipliers=self.multipliers, _sures=self._sures,
        )  # fmt: skip

    def goal_values(self, goal: Goal) -> Floats:
        """Linear column of an objective; for reach, A z, which reach increases in; with a confidence, its mean."""
        sure = self.sure_goal(goal)
        if sure is not None:
            return sure.moments.mean
        return values_of(goal.measure, self.packages, self.reach)

    def goal_linear(self, goal: Goal, columns: Floats) -> float:
        """Linear value of an objective in a plan; with a confidence, its dependable one."""
        sure = self.sure_goal(goal)
        if sure is not None:
            return sure.sign * sure.worth(columns, self.multiplier(sure))
        return float(self.goal_values(goal) @ columns)

    def goal_amount(self, goal: Goal, linear: float) -> float:
        """An objective in its own unit from its linear value."""
        if goal.measure == REACH.name and self.reach is not None:
            return float(self.reach.reached(linear / self.reach.people))
        return linear


def program_of(scenario: Scenario) -> Program:
    """Resolve a scenario; the result is kept with the scenario, which never changes."""
    result: Program | None = scenario._program
    if result is None or result.scenario is not scenario:  # pydantic's model_copy takes the result along
        result = scenario._program = _resolved(scenario)
    return result


def with_known(scenario: Scenario, multipliers: Mapping[str, float]) -> Scenario:
    """The scenario with the k of a plan of it, for questions about scenarios like it."""
    if not multipliers:
        return scenario
    known = scenario.model_copy()
    known._multipliers = dict(multipliers)
    return known


def _resolved(scenario: Scenario) -> Program:
    terms, problems = resolve(scenario)
    cases, case_problems = stress_cases(scenario, terms)
    set_up = added_setups(scenario, cases)
    packages = build_packages(scenario, terms, set_up=set_up)
    rules, rule_problems = build_rules(scenario, packages)
    limited = [rule.columns[: packages.count] for rule in rules if needs_switch(rule)]
    groups: dict[str, Ints] = {}
    for rule in rules:
        group = np.flatnonzero(rule.columns[: packages.count])
        if rule.or_none and not any(np.array_equal(group, other) for other in groups.values()):
            groups[rule.name] = group
    if limited or groups:
        chosen = np.flatnonzero(np.any(limited, axis=0)) if limited else ()
        packages = build_packages(
            scenario, terms, share_limited=[int(p) for p in chosen], groups=groups, set_up=set_up
        )
        rules, _ = build_rules(scenario, packages)
    problems += rule_problems
    problems += custom_measure_problems(scenario)
    problems += objective_problems(scenario)
    problems += within_problems(scenario)
    problems += over_problems(scenario)
    problems += confidence_problems(scenario)
    problems += whole_creator_problems(scenario)
    reach, reach_problems = _reach_model(scenario, packages)
    problems += reach_problems
    problems += unknown_numbers(scenario, packages, rules, problems)
    problems += case_problems or (not problems and _unplannable(scenario, cases)) or []
    nothing = np.zeros(packages.count)
    numbers = tuple(range(len(rules)))
    known = scenario._multipliers or {}
    program = Program(scenario, packages, rules, reach, nothing, numbers, tuple(problems), multipliers=known)
    return program if problems else program.relaxed(rules, packages.room_min)


def _unplannable(scenario: Scenario, cases: Mapping[str, Stressed]) -> list[Problem]:
    """Stress cases that leave a scenario which cannot be planned, whatever the plan."""
    found = []
    for name, case in cases.items():
        for problem in program_of(case.scenario).problems[:1]:
            place = format_path(case.scenario.written(problem.path))
            message = f"with this the scenario cannot be planned: {place}: {problem.message}"
            found.append(Problem(("stress", name), message, problem.hint))
    return found


def _reach_model(scenario: Scenario, packages: Packages) -> tuple[ReachModel | None, list[Problem]]:
    if scenario.audience is None:
        users: list[tuple[PathItem, ...]] = [
            ("objective", i, goal.sense)
            for i, goal in enumerate(scenario.objective)
            if goal.measure == REACH.name
        ]
        users += [
            ("limits", i, "measure") for i, limit in enumerate(scenario.limits) if limit.measure == REACH.name
        ]
        hint = "add audience: {people: 12M, overlap: 8%}"
        return None, [Problem(path, "reach needs the size of the audience", hint) for path in users[:1]]
    people = scenario.audience.people
    problems = []
    for index in offers_of(packages.offer[packages.reach >= people * (1 - WHOLE)]):
        most = float(np.nanmax(packages.reach[packages.offer == index]))
        short = f"{most:,.0f} people, but the audience has only {people:,.0f}"
        problems.append(
            Problem(
                ("offers", int(index)),
                f"one creator of {packages.terms[index].name} would reach "
                + (f"all {people:,.0f} people of the audience" if most <= people * (1 + WHOLE) else short),
                "lower on_target, the share of followers who belong to the audience, "
                "or correct audience.people",
            )
        )
    if problems:
        return None, problems
    whole = [_whole_audience(t) for t in packages.terms]
    model = audience.fit(people, whole, list(packages.room_max), scenario.audience.overlap)
    largest = np.max(people * model.index(packages.reach[np.isfinite(packages.reach)]), initial=0.0)
    if largest > 1e13:
        overlap = scenario.audience.overlap or 0.0
        problem = Problem(
            ("audience", "overlap"),
            f"an overlap of {100 * overlap:.4g} % cannot be combined with creators who reach most of the "
            "audience",
            "lower the overlap or the largest creators' reach_rate",
        )
        return model, [problem]
    return model, []


def _whole_audience(terms: Terms) -> float:
    reachable = terms.get("reachable")
    if reachable is None:
        return math.nan
    return reachable * (terms.get("authentic") or 0.0) * (terms.get("on_target") or 0.0)
