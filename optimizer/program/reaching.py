"""Reach where it is no curve of one linear index: over several segments, or with several offers of one person.

    reach = sum over segments g of f_g(c_g),    f_g(c) = A_g (1 - (1 + c / (A_g a_g))^(-a_g))

with contacts c_g = A_g Z_g, a sum over packages in which only the largest counts of several offers of one person. Each
f_g is concave and rises, and so is reach in the bookings: it can be as high as possible, or at least so much, by
tangents (`optimizer.solve.curved`). A ceiling on it, or its least, cannot, and is refused.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from optimizer.language.errors import PathItem, Problem, did_you_mean
from optimizer.language.measures import REACH
from optimizer.program.audiences import Audiences, Bools
from optimizer.program.packages import Floats, Packages
from optimizer.program.reach import Curves
from optimizer.program.rows import contacts_of
from optimizer.program.rules import Row, Rule, fixed
from optimizer.scenario.scenario import Goal, Limit, Scenario

LARGEST = 1e3
"""Contacts of the largest creator, in the unit of a program: much above the solver's tolerance."""


@dataclass(frozen=True, eq=False)
class Reaching:
    """Reach that must be at least a bound, or be as high as possible.

    Its worth is in people; of one segment (with persons) in contacts of that segment, in which it is linear but for
    these.

    Attributes:
        name: unique in its program.
        reach: of all packages.
        numbers: the segments that count.
        counted: which packages count, shape (packages,).
        persons: packages of each person of whom several offers are counted.
        bound: least worth, None for an objective.
        switches: further columns of the program, after its packages.
        room: creators there are of each package, infinite where nobody says, shape (packages,).
        switch: the column without which a floor asks nothing, None where it always asks.
        rule: name of the rule, "" for an objective.
        learnt: counts at which it was looked at: where the next solve begins.
    """

    name: str
    reach: Audiences
    numbers: tuple[int, ...]
    counted: Bools
    persons: tuple[tuple[int, ...], ...]
    bound: float | None
    switches: int
    room: Floats
    switch: int | None = None
    rule: str = ""
    learnt: list[Floats] = field(default_factory=list)

    @cached_property
    def curves(self) -> Curves:
        """How audiences add up in each segment that counts."""
        return Curves.of([self.reach.models[g] for g in self.numbers])

    @property
    def linear(self) -> bool:
        """Whether it is one segment, whose contacts say it all."""
        return len(self.numbers) == 1

    @cached_property
    def contacts_of_one(self) -> Floats:
        """Contacts A z of one creator in each segment that counts, shape (segments, packages)."""
        index = np.where(self.counted, self.reach.index[list(self.numbers)], 0.0)
        return np.asarray(self.curves.people[:, None] * index)

    @cached_property
    def curve_of_one(self) -> Floats:
        """Worth of one creator alone in each segment that counts, shape (segments, packages)."""
        one = self.contacts_of_one
        return one if self.linear else self.curves.reached(one / self.curves.people[:, None])

    def contacts(self, creators: Floats) -> Floats:
        """Contacts of a plan in each segment that counts, shape (segments,)."""
        totals = self.reach.totals(creators, self.counted)[list(self.numbers)]
        return np.asarray(totals * self.curves.people)

    @cached_property
    def most(self) -> tuple[Floats, Floats]:
        """The most contacts, by room alone, and the most worth of each segment that counts, shape (segments,) each."""
        one = self.contacts_of_one
        room = np.where(one > 0, self.room, 0.0)  # infinite x 0 is no number
        contacts = np.sum(np.where(one > 0, one, 0.0) * room, axis=1)
        return contacts, contacts if self.linear else self.curves.people

    def worth(self, columns: Floats) -> float:
        """Its value in a plan; `columns` are packages, then switches."""
        at = self.contacts(columns[: len(self.counted)])
        return float(at[0]) if self.linear else float(np.sum(self.curve(at)))

    def gains(self, columns: Floats) -> Floats:
        """By how much one creator more of each package raises its worth, shape (packages,)."""
        creators = columns[: len(self.counted)]
        at, one = self.contacts(creators), self.contacts_of_one
        if self.persons:
            one = one.copy()
        for person in self.persons:
            mine = list(person)
            largest = np.max(np.where(creators[mine] > 0, one[:, mine], 0.0), axis=1, keepdims=True)
            one[:, mine] = np.maximum(one[:, mine] - largest, 0.0)
        if self.linear:
            return np.asarray(one[0])
        if not self.persons and np.all(np.isinf(self.curves.shapes)):
            # A (e^-Z - e^-(Z + z)) = e^-Z times what one creator reaches alone
            return np.asarray(np.exp(-at / self.curves.people) @ self.curve_of_one)
        more = self.curves.reached((at[:, None] + one) / self.curves.people[:, None])
        return np.asarray(np.add.reduce(more - self.curve(at)[:, None], axis=0))

    def floor_after(self, columns: Floats) -> Floats:
        """What its worth must be with one creator more of each package, shape (packages,)."""
        bound = -np.inf if self.bound is None else self.bound
        if self.switch is None or columns[self.switch] > 0:
            return np.full(len(self.counted), bound)
        return np.where(self.counted, bound, -np.inf)

    @property
    def segments(self) -> tuple[str, ...]:
        """Names of the segments that count; none where the audience has no names for them."""
        names = self.reach.segments.names
        return () if len(self.numbers) == len(names) else tuple(names[g] for g in self.numbers)

    def people(self, columns: Floats) -> float:
        """People reached in a plan."""
        at = self.contacts(columns[: len(self.counted)])
        return math.fsum(self.curves.reached(at / self.curves.people))

    def curve(self, contacts: Floats) -> Floats:
        """Worth of so many contacts in each of its segments, shape (segments,)."""
        return contacts if self.linear else self.curves.reached(contacts / self.curves.people)

    def slope(self, contacts: Floats) -> Floats:
        """How much more worth one contact more is in each, shape (segments,)."""
        return np.ones(1) if self.linear else self.curves.slope(contacts / self.curves.people)

    @property
    def unit(self) -> float:
        """Contacts are counted in this in a program, so that the largest of one creator is about `LARGEST`."""
        largest = float(np.max(self.contacts_of_one, initial=0.0))
        return 2.0 ** math.floor(math.log2(largest / LARGEST)) if largest > 0 else 1.0

    @property
    def kept_row(self) -> str:
        """Name of the row that keeps its bound in a program that is solved by cuts."""
        return f"{self.name} kept"

    def kept_by(self, worth: Floats, tightened: float, unit: float) -> Row:
        """The row that keeps its bound in such a program.

        Args:
            worth: the columns that add up to its worth, in the unit, shape (columns,).
            tightened: by how much the bound is raised.
            unit: in which worth is counted.
        """
        assert self.bound is not None
        least, coefficients = (self.bound + tightened) / unit, worth.copy()
        if self.switch is None:
            return Row(self.kept_row, coefficients, least, np.inf)
        if math.isinf(least):
            coefficients[:] = 0.0
            least = 1.0
        coefficients[self.switch] = -least
        return Row(self.kept_row, coefficients, 0.0, np.inf)

    def kept(self, columns: Floats, rounding: float) -> bool:
        """Whether a plan keeps its bound, by floats, but for a relative rounding."""
        if self.bound is None or (self.switch is not None and columns[self.switch] == 0):
            return True
        return self.worth(columns) >= self.bound - rounding * max(1.0, abs(self.bound))

    def row(self) -> Row:
        """A row that every plan keeps that reaches so many: its worth is no more than its contacts."""
        coefficients = np.zeros(len(self.counted) + self.switches)
        coefficients[: len(self.counted)] = self.contacts_of_one.sum(axis=0)
        return Row(self.name, coefficients, -np.inf if self.bound is None else self.bound, np.inf)

    def held(self, bound: float) -> Reaching:
        """An objective as a limit: at least that much."""
        return replace(self, bound=bound)


def curved(reach: Audiences | None, segments: Sequence[str], counted: Bools | None = None) -> bool:
    """Whether reach in some segments, of some packages, is no curve of one linear index."""
    return reach is not None and (len(reach.numbers(segments)) > 1 or bool(reach.persons_in(counted)))


def reaching_rule(
    rule: Rule, scenario: Scenario, packages: Packages, reach: Audiences | None
) -> Reaching | None:
    """A floor on such reach; None for any other rule."""
    counted = rule.columns[: packages.count]
    people = fixed(rule.minimum, scenario)
    if (
        rule.measure != REACH.name
        or rule.per_creator
        or people is None
        or not curved(reach, rule.segments, counted)
    ):
        return None
    assert reach is not None
    bound = contacts_of(people, reach, rule.segments)
    switch = packages.group_switch(counted) if rule.or_none else None
    return Reaching(
        rule.name, reach, tuple(reach.numbers(rule.segments)), counted, tuple(reach.persons_in(counted)), bound,
        len(packages.switches), packages.room_max[packages.offer], switch, rule.name,
    )  # fmt: skip


def reaching_goal(goal: Goal, position: int, packages: Packages, reach: Audiences | None) -> Reaching | None:
    """Such reach as an objective; None for any other one."""
    if goal.measure != REACH.name or not curved(reach, goal.segments):
        return None
    assert reach is not None
    everything = np.ones(packages.count, dtype=bool)
    numbers = tuple(reach.numbers(goal.segments))
    return Reaching(
        f"objective {position + 1}", reach, numbers, everything, tuple(reach.persons_in()), None,
        len(packages.switches), packages.room_max[packages.offer],
    )  # fmt: skip


def reach_problems(
    scenario: Scenario, rules: Sequence[Rule], packages: Packages, reach: Audiences | None
) -> list[Problem]:
    """What cannot be asked of reach: segments that are not there, and what such reach cannot be held to."""
    named = {} if scenario.audience is None else scenario.audience.segments
    problems = _unknown_segments(scenario, list(named))
    if problems or reach is None:
        return problems
    for index, goal in enumerate(scenario.objective):
        if goal.measure == REACH.name:
            if goal.sense == "minimize" and curved(reach, goal.segments):
                problems.append(_least(("objective", index, "minimize"), reach, goal.segments))
            if goal.confidence is not None and curved(reach, ()):
                problems.append(_chance(("objective", index, "confidence"), reach))
    told: set[tuple[PathItem, ...]] = set()
    for rule in rules:
        if rule.measure != REACH.name or rule.path in told:
            continue
        found = [*_share_problems(rule, scenario, reach)]
        capped = rule.maximum is not None and not rule.per_creator
        if capped and curved(reach, rule.segments, rule.columns[: packages.count]):
            found.append(_ceiling((*rule.path, "max"), reach, rule.segments))
        if rule.confidence is not None and curved(reach, ()):
            found.append(_chance((*rule.path, "confidence"), reach))
        if found:
            told.add(rule.path)
        problems += found
    return problems


def _share_problems(rule: Rule, scenario: Scenario, reach: Audiences) -> list[Problem]:
    """A share of the audience as a side of reach in some of it, which could be read in two ways."""
    if not rule.segments or len(rule.segments) == len(reach.models):
        return []
    where, some, every = " + ".join(rule.segments), reach.size(rule.segments), reach.people
    return [
        Problem(
            (*rule.path, side),
            f"{bound} could be of all {every:,.0f} people or of the {some:,.0f} of {where}",
            f"write {round(bound.number * some):_} for the latter",
        )
        for side, bound in (("min", rule.minimum), ("max", rule.maximum))
        if bound is not None and bound.of == "audience"
    ]


def _unknown_segments(scenario: Scenario, named: list[str]) -> list[Problem]:
    asked: list[tuple[tuple[PathItem, ...], Goal | Limit]] = [
        (("objective", i), goal) for i, goal in enumerate(scenario.objective)
    ]
    asked += [(("limits", i), limit) for i, limit in enumerate(scenario.limits)]
    problems = []
    for path, one in asked:
        if one.segments and one.measure != REACH.name:
            message = (
                f"segments are parts of the audience, so only reach is counted in them, not {one.measure}"
            )
            hint = "leave segment out, or choose offers with where"
            problems.append(
                Problem((*path, "segment"), message, hint if path[0] == "limits" else "leave segment out")
            )
            continue
        for number, name in enumerate(one.segments):
            if name not in named and scenario.audience is not None:
                message = f"the audience has no segment {name!r}"
                hint = (
                    did_you_mean(name, named) if named else f"write audience: {{segments: {{{name}: ...}}}}"
                )
                place = (*path, "segment", number) if len(one.segments) > 1 else (*path, "segment")
                problems.append(Problem(place, message, hint))
    return problems


def _why(reach: Audiences, segments: Sequence[str]) -> str:
    if len(reach.numbers(segments)) > 1:
        return "reach over several segments"
    return "reach with several offers of one person"


def _ceiling(path: tuple[PathItem, ...], reach: Audiences, segments: Sequence[str]) -> Problem:
    return Problem(
        path,
        f"{_why(reach, segments)} cannot have a ceiling: the plans below it are no region that a linear program can "
        "describe",
        _INSTEAD if len(reach.numbers(segments)) > 1 else "limit impressions or gross_reach instead",
    )


def _least(path: tuple[PathItem, ...], reach: Audiences, segments: Sequence[str]) -> Problem:
    return Problem(
        path,
        f"{_why(reach, segments)} cannot be minimised: each further creator adds less, so no linear program knows the "
        "least",
        "minimise impressions or gross_reach instead",
    )


def _chance(path: tuple[PathItem, ...], reach: Audiences) -> Problem:
    return Problem(
        path,
        f"{_why(reach, ())} cannot have a confidence: what somebody more reaches depends on who else is booked, "
        "segment by segment, so its spread is known only of a plan that is there",
        "leave confidence out and look at the range of the plan, or take impressions or gross_reach",
    )


_INSTEAD = "limit one segment (segment: NAME), impressions or gross_reach instead"
