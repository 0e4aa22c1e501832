"""Whose audience is whose: what each package reaches of every segment of the audience, and how that adds up.

    reach = sum over segments g of A_g (1 - (1 + Z_g/a_g)^(-a_g)),    Z_g = sum of z_g over all creators booked

with an index z_g of each package in each segment, as in `optimizer.program.reach` for one. Several offers of one person
reach the same people: their audiences lie one in another, and in Z_g only the largest index that is booked counts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from optimizer.language.errors import PathItem, Problem
from optimizer.language.measures import REACH
from optimizer.program import reach as one_segment
from optimizer.program.measured import Measured, measured, whole_audience
from optimizer.program.packages import Floats, Packages, offers_of
from optimizer.program.reach import Curves, ReachModel
from optimizer.program.segments import Segments
from optimizer.program.spread import share_field
from optimizer.program.terms import Terms
from optimizer.scenario.scenario import Scenario

Bools = NDArray[np.bool_]

WHOLE = 1e-9
"""Relative; somebody who reaches so nearly everybody reaches everybody, and there is no index of that."""
LARGEST_CONTACTS = 1e13
"""An index times people beyond which no solver gets along with it."""
FEW = 3
"""Segments that are named in a message about one of them."""


@dataclass(frozen=True, eq=False)
class Audiences:
    """What each package reaches of the audience, segment by segment.

    Attributes:
        segments: the parts of the audience; one without a name where the scenario names none.
        models: how audiences add up inside each.
        alone: people of each segment that one creator alone reaches, NaN where not known, shape (segments, packages).
        index: index z of these, shape (segments, packages).
        persons: packages of each person who has several offers.
        overlap: the assumed overlap, or the average of measured ones; None where none was given.
        measured: what overlaps or followers come to, None where none were measured.
    """

    segments: Segments
    models: tuple[ReachModel, ...]
    alone: Floats
    index: Floats
    persons: tuple[tuple[int, ...], ...]
    overlap: float | None
    measured: Measured | None = None

    @cached_property
    def people(self) -> float:
        """Size of the audience."""
        return float(math.fsum(self.segments.people))

    @cached_property
    def curves(self) -> Curves:
        """The models of all segments at once."""
        return Curves.of(self.models)

    @property
    def one(self) -> ReachModel | None:
        """The model of an audience of one segment; None where it has several."""
        return self.models[0] if len(self.models) == 1 else None

    @property
    def chance(self) -> float | None:
        """The overlap that independence would give, averaged over segments by size; None where there are no pairs."""
        if self.measured is not None:
            return None
        known = [(m.people, m.chance) for m in self.models if m.chance is not None]
        if self.one is not None or not known:
            return self.models[0].chance if self.one is not None else None
        return math.fsum(p * c for p, c in known) / math.fsum(p for p, _ in known)

    @property
    def independent(self) -> bool:
        """Whether audiences overlap as chance has it, in every segment that is not fitted to something better."""
        return self.measured is None and all(math.isinf(model.shape) for model in self.models)

    def numbers(self, names: Sequence[str]) -> list[int]:
        """Which segments are meant; all of them by no name."""
        return [self.segments.names.index(name) for name in names] or list(range(len(self.models)))

    def size(self, names: Sequence[str] = ()) -> float:
        """People of some segments."""
        return (
            self.people if not names else float(math.fsum(self.models[g].people for g in self.numbers(names)))
        )

    def persons_in(self, counted: Bools | None = None) -> list[tuple[int, ...]]:
        """Packages of each person of whom several offers are counted; `counted` has shape (packages,)."""
        if counted is None:
            return list(self.persons)
        kept = [tuple(p for p in person if counted[p]) for person in self.persons]
        return [person for person in kept if len(person) > 1]

    def of_one(self, names: Sequence[str] = ()) -> Floats:
        """People of some segments that one creator alone reaches, shape (packages,)."""
        return np.asarray(np.add.reduce(self.alone[self.numbers(names)], axis=0))

    def contacts(self, names: Sequence[str] = ()) -> Floats:
        """A z ("effective contacts") of each package, added up over segments, shape (packages,).

        Of one segment reach is a curve of their sum; of several it is no more than their sum.
        """
        some = self.numbers(names)
        return np.asarray(np.add.reduce(self.curves.people[some, None] * self.index[some], axis=0))

    def totals(self, creators: Floats, counted: Bools | None = None) -> Floats:
        """Index Z of each segment, shape (segments,).

        Args:
            creators: how many of each package, shape (packages,).
            counted: which packages count, shape (packages,); all by default.
        """
        n = creators if counted is None else np.where(counted, creators, 0.0)
        booked = np.flatnonzero(n > 0)
        total = self.index[:, booked] @ n[booked]
        for person in self.persons:
            total = total - self._twice(person, n)
        return np.maximum(total, 0.0)

    def _twice(self, person: Sequence[int], creators: Floats) -> Floats:
        """What a plain sum of indices has too much for one person, shape (segments,)."""
        mine = [p for p in person if creators[p] > 0]
        if len(mine) < 2:
            return np.zeros(len(self.models))
        index, n = self.index[:, mine], creators[mine]
        return np.asarray(index @ n - [_most(row, n) for row in index])

    def reached_in(self, creators: Floats, counted: Bools | None = None) -> Floats:
        """People of each segment reached at least once, shape (segments,); arguments as those of `totals`."""
        return self.curves.reached(self.totals(creators, counted))

    def reached(self, creators: Floats, names: Sequence[str] = (), counted: Bools | None = None) -> float:
        """People of some segments reached at least once."""
        each = self.reached_in(creators, counted)
        return float(math.fsum(each[self.numbers(names)]))

    def exactly_one(self, creators: Floats) -> float:
        """People reached by exactly one of the creators booked, all offers of a person being one creator."""
        booked = np.flatnonzero(creators > 0)
        together = [[p for p in person if creators[p] > 0] for person in self.persons]
        together = [mine for mine in together if len(mine) > 1]
        rest = np.array([p for p in booked if not any(p in mine for mine in together)], dtype=np.int64)
        once = 0.0
        for model, index in zip(self.models, self.index, strict=True):
            largest = [_most(index[mine], creators[mine]) for mine in together]
            units = np.concatenate([creators[rest], np.ones(len(largest))])
            once += model.exactly_one(units, np.concatenate([index[rest], largest]))
        return once


def _most(index: Floats, creators: Floats) -> float:
    """The largest index booked of one person; of fractions of bookings the largest ones first, one creator in all."""
    left, total = 1.0, 0.0
    for p in np.argsort(-index, kind="stable"):
        take = min(left, float(creators[p]))
        total += take * float(index[p])
        left -= take
    return total


def audiences_of(scenario: Scenario, packages: Packages) -> tuple[Audiences | None, list[Problem]]:
    """What each package reaches of the audience, or None and why that cannot be said; None where nobody asks."""
    if scenario.audience is None:
        return None, _no_audience(scenario)
    measures, problems = measured(scenario, packages.terms)
    if problems:
        return None, problems
    segments = segments_of(scenario, packages.terms) if measures is None else measures.segments
    alone = packages.reach * segments.shares.T[:, packages.offer]
    whole_one = Segments(("",), np.array([float(np.sum(segments.people))]), np.ones((len(packages.terms), 1)))
    asked = (segments, alone) if measures is None else (whole_one, packages.reach[None, :])
    problems = _too_many(scenario, packages, *asked)
    if problems:
        return None, problems
    overlap = scenario.audience.overlap
    whole = np.array([whole_audience(t) for t in packages.terms])
    of_person = _offers_of_persons(packages.terms)
    models = []
    for g, people in enumerate(segments.people):
        if measures is not None:  # inside a segment that was fitted or counted nobody has anything in common
            models.append(ReachModel(float(people), math.inf, None, None))
            continue
        audience, room = _each_once(whole * segments.shares[:, g], packages.room_max, of_person)
        models.append(one_segment.fit(float(people), list(audience), list(room), overlap))
    index = Curves.of(models).index(alone)
    told = overlap if measures is None else measures.average_overlap
    persons = tuple(
        tuple(int(p) for p in np.flatnonzero(np.isin(packages.offer, offers))) for offers in of_person
    )
    result = Audiences(segments, tuple(models), alone, index, persons, told, measures)
    contacts = result.contacts()
    if np.max(contacts[np.isfinite(packages.reach)], initial=0.0) > LARGEST_CONTACTS:
        problem = Problem(
            ("audience", "overlap"),
            f"an overlap of {100 * (overlap or 0.0):.4g} % cannot be combined with creators who reach most of the "
            "audience",
            "lower the overlap or the largest creators' reach_rate",
        )
        return result, [problem]
    return result, []


def segments_of(scenario: Scenario, terms: Sequence[Terms]) -> Segments:
    """The segments that the scenario names, or all of its audience as one."""
    assert scenario.audience is not None, "reach needs an audience"
    named = scenario.audience.segments
    if not named:
        return Segments(("",), np.array([scenario.audience.people]), np.ones((len(terms), 1)))
    people = np.array(list(named.values()))
    shares = np.array([[t.get(share_field(name)) or 0.0 for name in named] for t in terms])
    total = shares.sum(axis=1, keepdims=True)
    spread = np.where(total > 0, shares / np.where(total > 0, total, 1.0), people / people.sum())
    return Segments(tuple(named), people, spread)


def _no_audience(scenario: Scenario) -> list[Problem]:
    users: list[tuple[PathItem, ...]] = [
        ("objective", i, goal.sense)
        for i, goal in enumerate(scenario.objective)
        if goal.measure == REACH.name
    ]
    users += [
        ("limits", i, "measure") for i, limit in enumerate(scenario.limits) if limit.measure == REACH.name
    ]
    hint = "add audience: {people: 12M, overlap: 8%}"
    return [Problem(path, "reach needs the size of the audience", hint) for path in users[:1]]


def _too_many(scenario: Scenario, packages: Packages, segments: Segments, alone: Floats) -> list[Problem]:
    """Offers one creator of which would reach all people of a segment, or more."""
    problems = []
    for g, people in enumerate(segments.people):
        for index in offers_of(packages.offer[alone[g] >= people * (1 - WHOLE)]):
            most = float(np.nanmax(alone[g][packages.offer == index]))
            name = segments.names[g]
            whose = f"segment {name}" if name else "audience"
            short = f"{most:,.0f} people, but the {whose} has only {people:,.0f}"
            shares, place = "on_target, the share of followers who belong to the audience", "audience.people"
            if name:
                place = f"audience.segments.{name}"
                shares = f"segments.{name}, the share of followers who belong to it"
            problems.append(
                Problem(
                    ("offers", int(index)),
                    f"one creator of {packages.terms[index].name} would reach "
                    + (f"all {people:,.0f} people of the {whose}" if most <= people * (1 + WHOLE) else short),
                    f"lower {shares}, or correct {place}",
                )
            )
    return problems


def _offers_of_persons(terms: Sequence[Terms]) -> list[list[int]]:
    """Offers of each person who has several."""
    found: dict[str, list[int]] = {}
    for index, t in enumerate(terms):
        if t.person is not None:
            found.setdefault(t.person, []).append(index)
    return [offers for offers in found.values() if len(offers) > 1]


def _each_once(audience: Floats, room: Floats, persons: Sequence[Sequence[int]]) -> tuple[Floats, Floats]:
    """Audiences and room for the fit of the overlap: of a person, whose audiences lie one in another, the largest."""
    keep = np.ones(len(audience), dtype=bool)
    for offers in persons:
        known = np.nan_to_num(audience[list(offers)], nan=-1.0)
        largest = offers[int(np.argmax(known))]
        keep[[o for o in offers if o != largest]] = False
    return audience[keep], room[keep]
