"""One creator for another: every package that is not booked in the place of one who says no, as columns of numpy.

With all other bookings as they are, a swap is exact arithmetic and takes no solver: each row of the limits moves by the
coefficient of whoever comes in, and by the switches that she is the first to turn on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optimizer.jobs.clock import Clock
from optimizer.language.errors import SolverError
from optimizer.language.measures import MEASURES
from optimizer.program.packages import Floats, Ints, Packages
from optimizer.program.program import Program
from optimizer.program.rules import Bools, Row
from optimizer.solve.answer import linear_program
from optimizer.solve.bookable import SAME, bookings_of, fitted_of
from optimizer.solve.verify import violations
from optimizer.whatif.explain.estimates import prices_of_rows


@dataclass(frozen=True)
class Seat:
    """A place in the plan that may become empty.

    Attributes:
        name: the person, or the offer.
        drops: packages of the plan that go with her.
        without: the plan without them, shape (columns,).
        own: whether a package is her own, so that it is not asked instead, shape (packages,).
    """

    name: str
    drops: tuple[int, ...]
    without: Floats
    own: Bools


def seats_of(program: Program, columns: Floats, signed: Sequence[str]) -> list[Seat]:
    """The named creators of a plan: booked on an offer with room for one, and neither signed nor required.

    Somebody with offers of her own name (`person`) says no to all of them.

    Args:
        program: the scenario.
        columns: the plan, shape (columns,).
        signed: offers whose bookings are signed.
    """
    packages = program.packages
    places: dict[str, list[int]] = {}
    people = [terms.person or f"\0{terms.name}" for terms in packages.terms]  # no person is called so
    for p in np.flatnonzero(columns[: packages.count] > 0):
        terms = packages.terms[packages.offer[p]]
        if terms.creators_max == 1:
            places.setdefault(people[terms.index], []).append(int(p))
    seats = []
    for person, mine in places.items():
        offers = [packages.terms[packages.offer[p]] for p in mine]
        if any(terms.creators_min > 0 or terms.name in signed for terms in offers):
            continue
        creators = columns[: packages.count].copy()
        creators[mine] = 0.0
        same = {i for i, other in enumerate(people) if other == person}
        own = np.array([int(o) in same for o in packages.offer])
        seats.append(Seat(person.removeprefix("\0"), tuple(mine), packages.with_switches(creators), own))
    return seats


@dataclass(frozen=True)
class Swaps:
    """Everybody who may come in, for any seat of one plan.

    Attributes:
        program: the scenario.
        columns: the plan, shape (columns,).
        tried: packages that may be asked.
    """

    program: Program
    columns: Floats
    tried: Ints

    @cached_property
    def rows(self) -> list[tuple[str, Row]]:
        """Each row with the name of its limit."""
        return [(rule.name, row) for rule in self.program.rules for row in self.program.rows_of(rule)]

    @cached_property
    def _switched(self) -> tuple[Ints, Ints]:
        """Package and column of each pair of a package and a switch that it turns on."""
        packages = self.program.packages
        columns = [
            np.full(len(on), packages.count + s, dtype=np.int64) for s, on in enumerate(packages.switches)
        ]
        none = np.zeros(0, dtype=np.int64)
        return np.concatenate([none, *packages.switches]), np.concatenate([none, *columns])

    def after(self, values: Floats, seat: Seat, at: Ints) -> Floats:
        """A linear sum over the plan with one creator of each of these packages in the seat, shape (at,)."""
        before = float(np.where(seat.without != 0, values, 0.0) @ seat.without)
        more = values[at].astype(float)
        which, columns = self._switched
        if len(which):
            off = seat.without[columns] == 0
            once = np.bincount(
                which[off], weights=values[columns[off]], minlength=self.program.packages.count
            )
            more = more + once[at]
        return before + more

    def open(self, seat: Seat) -> Ints:
        """Packages that have room left, hers left out."""
        return self.tried[~seat.own[self.tried]]

    def fitting(self, seat: Seat) -> Ints:
        """Those of which one creator keeps every limit, up to the last digits."""
        at = self.open(seat)
        for _, row in self.rows:
            at = at[self._kept(row, seat, at)]
        for kept in self._reached(seat):
            at = at[kept[at]]
        return at

    def _kept(self, row: Row, seat: Seat, at: Ints) -> Bools:
        value = self.after(row.coefficients, seat, at)
        slack = SAME * np.maximum(1.0, np.abs(value))
        return np.asarray((value >= row.lower - slack) & (value <= row.upper + slack))

    def _reached(self, seat: Seat) -> Iterator[Bools]:
        """Of each floor on reach that no row says, which packages keep it."""
        for floor in self.program.reachings:
            value = floor.worth(seat.without) + floor.gains(seat.without)
            slack = SAME * np.maximum(1.0, np.abs(value))
            yield np.asarray(value >= floor.floor_after(seat.without) - slack)

    def in_the_way(self, seat: Seat) -> list[str]:
        """Limits that keep packages out of a seat, the one that keeps out most first."""
        at = self.open(seat)
        out: dict[str, Bools] = {}
        for name, row in self.rows:
            out[name] = out.get(name, np.zeros(len(at), dtype=bool)) | ~self._kept(row, seat, at)
        for floor, kept in zip(self.program.reachings, self._reached(seat), strict=True):
            out[floor.rule] = out.get(floor.rule, np.zeros(len(at), dtype=bool)) | ~kept[at]
        found = [name for name, some in out.items() if some.any()]
        return sorted(found, key=lambda name: -int(out[name].sum()))

    def values(self, seat: Seat, at: Ints, goal_number: int = 0) -> Floats:
        """An objective of the plan with one creator of each of these packages in the seat, in its unit, shape (at,)."""
        program = self.program
        goal = program.scenario.objective[goal_number]
        reaching = program.reaching_goal(goal)
        if reaching is None:
            linear = self.after(program.goal_values(goal), seat, at)
        else:
            linear = reaching.worth(seat.without) + reaching.gains(seat.without)[at]
        model = program.model_of(goal)
        return linear if model is None else np.asarray(model.reached(linear / model.people))

    def ordered(self, seat: Seat, at: Ints) -> Ints:
        """Packages by the objectives in order, then the least cost, the fewest hours, then as the scenario has them."""
        keys: list[Floats] = []
        for number, goal in enumerate(self.program.scenario.objective):
            sign = -1.0 if goal.sense == "maximize" else 1.0
            keys.append(sign * tidied(self.values(seat, at, number)))
        for measure in ("cost", "hours"):
            keys.append(tidied(np.nan_to_num(self.after(self.program.packages.measures[measure], seat, at))))
        return at[np.lexsort([np.arange(len(at)), *reversed(keys)])]

    def with_one(self, seat: Seat, package: int) -> Floats:
        """The plan with one creator of a package in the seat, shape (columns,)."""
        packages = self.program.packages
        creators = seat.without[: packages.count].copy()
        creators[package] += 1.0
        return packages.with_switches(creators)


def has_room(packages: Packages, columns: Floats) -> Bools:
    """Packages of offers on which one creator more can be booked, shape (packages,)."""
    booked = np.bincount(packages.offer, weights=columns[: packages.count], minlength=len(packages.terms))
    return np.asarray((booked + 1 <= packages.room_max)[packages.offer])


def broken(program: Program, columns: Floats) -> list[str]:
    """Limits that a plan breaks, counted in decimals; "" for the room of an offer."""
    bookings = bookings_of(program, columns)
    found = violations(program.scenario, program.packages.terms, bookings, fitted_of(program))
    names = {number: rule.name for rule, number in zip(program.rules, program.numbers, strict=True)}
    return [names.get(one.limit, "") for one in found]


def tidied(values: Floats) -> Floats:
    """Values in which the last digits of sums make no difference."""
    scale = float(np.max(np.abs(values), initial=0.0))
    return np.asarray(np.round(values / scale, 12)) if scale > 0 else values


def amount(program: Program, measure: str, columns: Floats) -> float | None:
    """What a plan has of a measure; None where that is not known."""
    assert measure in MEASURES
    total = float(np.where(columns != 0, program.packages.measures[measure], 0.0) @ columns)
    return None if np.isnan(total) else total


def worth_most(program: Program, room: Ints, most: int, clock: Clock) -> Ints:
    """So many of these packages that are worth most at the prices of the limits: c - y a in the linear program.

    Raises:
        SolverError: where there was no time for these.
    """
    goal = program.scenario.objective[0]
    try:
        found = linear_program(program, clock)
    except TimeoutError:
        found = None
    if found is None or found.value is None:
        raise SolverError("time was up before the prices of the limits were known", timed_out=True)
    prices = prices_of_rows(program, found.model)
    value = (program.goal_values(goal) if found.contributes is None else found.contributes)[room].astype(
        float
    )
    for row in program.rows:
        value -= prices.get(row.name, 0.0) * row.coefficients[room]
    sign = -1.0 if goal.sense == "maximize" else 1.0
    return room[np.argsort(sign * value, kind="stable")[:most]]
