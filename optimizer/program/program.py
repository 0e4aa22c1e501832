"""Scenario -> its program: columns, rules and rows without a solver, or every reason why there are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from optimizer.language.errors import Problem
from optimizer.language.measures import REACH
from optimizer.language.paths import format_path
from optimizer.program.audiences import Audiences, audiences_of
from optimizer.program.checks import (
    confidence_problems,
    custom_measure_problems,
    objective_problems,
    whole_creator_problems,
    within_problems,
)
from optimizer.program.forms import Varying, varying
from optimizer.program.missing import unknown_numbers
from optimizer.program.offered import Offered
from optimizer.program.packages import Floats, Ints, Packages, build_packages, packages_of
from optimizer.program.reach import ReachModel
from optimizer.program.reaching import Reaching, reach_problems, reaching_goal, reaching_rule
from optimizer.program.rows import build_rows, caps_from
from optimizer.program.rules import Row, Rule, build_rules, left_out, needs_switch, parts_of, values_of
from optimizer.program.stressed import Stressed, added_setups, over_problems, stress_cases
from optimizer.program.sure import Sure, multiplier, sure_goal, sures_of
from optimizer.program.terms import resolve
from optimizer.scenario.scenario import Goal, Scenario


@dataclass(frozen=True)
class Program:
    """A scenario resolved into columns and rules.

    Attributes:
        reach: whose audience is whose, None without an audience.
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
    reach: Audiences | None
    excluded: Floats
    numbers: tuple[int, ...]
    problems: tuple[Problem, ...] = field(default=())
    multipliers: Mapping[str, float] = field(default_factory=dict)
    drawn: Mapping[str, float] = field(default_factory=dict)
    _sures: dict[Rule | int, list[Sure]] = field(default_factory=dict, repr=False, compare=False)
    _reaching: dict[Rule | int, Reaching | None] = field(default_factory=dict, repr=False, compare=False)
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

    def reaching_of(self, rule: Rule) -> Reaching | None:
        """A floor on reach that is no curve of one index; None for any other rule."""
        if rule not in self._reaching:
            self._reaching[rule] = reaching_rule(rule, self.scenario, self.packages, self.reach)
        return self._reaching[rule]

    @cached_property
    def reachings(self) -> list[Reaching]:
        """Every such floor."""
        found = (self.reaching_of(rule) for rule in self.rules)
        return [one for one in found if one is not None]

    def reaching_goal(self, goal: Goal) -> Reaching | None:
        """An objective of that kind; None for any other."""
        if goal.measure != REACH.name or goal not in self.scenario.objective:
            return reaching_goal(goal, 0, self.packages, self.reach)
        position = self.scenario.objective.index(goal)
        if position not in self._reaching:
            self._reaching[position] = reaching_goal(goal, position, self.packages, self.reach)
        return self._reaching[position]

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
            multipliers=self.multipliers, _sures=self._sures, _reaching=self._reaching,
        )  # fmt: skip

    def goal_values(self, goal: Goal) -> Floats:
        """Linear column of an objective; for reach, A z, which reach increases in; with a confidence, its mean.

        Of reach over several segments a plan's sum of these is no less than its reach.
        """
        sure = self.sure_goal(goal)
        if sure is not None:
            return sure.moments.mean
        return values_of(goal.measure, self.packages, self.reach, goal.segments)

    def goal_linear(self, goal: Goal, columns: Floats) -> float:
        """Linear value of an objective in a plan; with a confidence, its dependable one."""
        sure = self.sure_goal(goal)
        if sure is not None:
            return sure.sign * sure.worth(columns, self.multiplier(sure))
        reaching = self.reaching_goal(goal)
        if reaching is not None:
            return reaching.worth(columns)
        return float(self.goal_values(goal) @ columns)

    def goal_amount(self, goal: Goal, linear: float) -> float:
        """An objective in its own unit from its linear value."""
        model = self.model_of(goal)
        return linear if model is None else float(model.reached(linear / model.people))

    def model_of(self, goal: Goal) -> ReachModel | None:
        """The curve from linear value to people of an objective of reach in one segment; None where they are one."""
        if goal.measure != REACH.name or self.reach is None:
            return None
        numbers = self.reach.numbers(goal.segments)
        return self.reach.models[numbers[0]] if len(numbers) == 1 else None


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
    reach, audience_problems = audiences_of(scenario, packages) if not _misspread(problems) else (None, [])
    problems += audience_problems
    problems += reach_problems(scenario, rules, packages, reach)
    problems += unknown_numbers(scenario, packages, rules, problems)
    problems += case_problems or (not problems and _unplannable(scenario, cases)) or []
    nothing = np.zeros(packages.count)
    numbers = tuple(range(len(rules)))
    known = scenario._multipliers or {}
    program = Program(scenario, packages, rules, reach, nothing, numbers, tuple(problems), multipliers=known)
    return program if problems else program.relaxed(rules, packages.room_min)


def program_over(scenario: Scenario, offered: Offered) -> Program:
    """A program whose offers are columns: linear limits and objectives alone, without switches, reach, confidence.

    Args:
        scenario: everything but the offers; what it has of these is for messages.
        offered: the offers.
    """
    packages = packages_of(scenario, (), offered)
    rules, problems = build_rules(scenario, packages)
    problems += objective_problems(scenario)
    problems += within_problems(scenario)
    problems += over_problems(scenario)
    problems += confidence_problems(scenario)
    nothing = np.zeros(packages.count)
    program = Program(scenario, packages, rules, None, nothing, tuple(range(len(rules))), tuple(problems))
    return program if problems else program.relaxed(rules, packages.room_min)


def without_numbers(program: Program) -> Ints:
    """Offers that lack a number which the objective or a limit asks for, shape (found,)."""
    packages = program.packages
    missing = np.zeros(packages.count, dtype=bool)
    uses = [(goal.measure, np.ones(packages.count, dtype=bool)) for goal in program.scenario.objective]
    for rule in program.rules:
        uses.append((rule.measure, rule.columns[: packages.count]))
        uses += [
            (bound.of, np.ones(packages.count, dtype=bool))
            for bound in (rule.minimum, rule.maximum)
            if bound is not None and bound.of is not None and bound.of in packages.measures
        ]
    for measure, columns in uses:
        for part in parts_of(measure):
            if part in packages.measures:
                missing |= columns & np.isnan(packages.measures[part][: packages.count])
    found = np.zeros(len(packages.offered), dtype=bool)
    found[packages.offer[missing]] = True
    return np.flatnonzero(found)


def _unplannable(scenario: Scenario, cases: Mapping[str, Stressed]) -> list[Problem]:
    """Stress cases that leave a scenario which cannot be planned, whatever the plan."""
    found = []
    for name, case in cases.items():
        for problem in program_of(case.scenario).problems[:1]:
            place = format_path(case.scenario.written(problem.path))
            message = f"with this the scenario cannot be planned: {place}: {problem.message}"
            found.append(Problem(("stress", name), message, problem.hint))
    return found


def _misspread(problems: Sequence[Problem]) -> bool:
    """Whether it is not known how audiences are spread over segments, so that nothing follows from that."""
    return any(p.path[2:3] == ("segments",) for p in problems)
