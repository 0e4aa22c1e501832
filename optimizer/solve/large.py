"""A question about very many offers with room for one creator each, answered by prices (`lagrangian`).

Where a question cannot be put so, or finds no answer this way, it goes to the solver whole, as small ones do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from optimizer.language.errors import SolverError
from optimizer.program.packages import Floats, Ints
from optimizer.program.rules import Bools, Row
from optimizer.solve.bookable import keeps
from optimizer.solve.lagrangian import Planned, plan_roster
from optimizer.solve.question import Checked, Found, NoPlanError, Question
from optimizer.solve.roster import Choice, Family, Roster
from optimizer.solve.search import breaking
from optimizer.solve.solver import SETTINGS

SHARE_OF_TIME = 0.5
"""Of the time there is, where the solver may have to do it whole afterwards."""
MOST_EMPTY = 10
"""By how many times a table of all packages, as many for each creator, may be larger than what is in it."""
DENSE = 0.5
"""A row that counts more than that share of the creators has a table of its own."""


@dataclass(frozen=True)
class Asked:
    """A question as arrays.

    Attributes:
        roster: the arrays.
        rows: the limits' rows and the question's own, in the order of the roster's.
        outwards: by how much the sides of each row move outwards for a proof, shape (rows,).
    """

    roster: Roster
    rows: list[Row]
    outwards: Floats


def search_large(question: Question, seconds: float) -> Found | None:
    """The best plan for a question about many offers; None where this way does not find any.

    Args:
        question: what is asked.
        seconds: time to spend.

    Raises:
        NoPlanError: where prices prove that there is none.
    """
    asked = as_roster(question)
    if isinstance(asked, str):
        return None
    try:
        planned = planned_for(question, asked, SHARE_OF_TIME * seconds)
    except SolverError:
        return None
    if planned.status == "infeasible":
        raise NoPlanError
    if planned.bound is None:
        return None
    return _found(question, asked, planned)


def planned_for(question: Question, asked: Asked, seconds: float) -> Planned:
    """The plan of a question as arrays, recounted in decimals like any other."""
    packages = question.program.packages

    def broken(choice: Choice) -> Mapping[int, float]:
        columns = columns_of(question, choice)
        found: dict[int, float] = {}
        for row, amount in breaking(question, columns):
            number = next(r for r, one in enumerate(asked.rows) if one is row or one.name == row.name)
            found[number] = max(amount, found.get(number, 0.0))
        if not question.recounted:
            found |= {r: 0.0 for r, row in enumerate(asked.rows) if not keeps([row], columns)}
        return found

    start = None
    if question.start is not None and len(question.start) >= packages.count:
        start = choice_of(question, question.start)
    return plan_roster(
        asked.roster,
        gap=question.gap,
        seconds=seconds,
        broken=broken,
        outwards=asked.outwards,
        start=start,
        max_nodes=question.max_nodes,
    )


def _found(question: Question, asked: Asked, planned: Planned) -> Found:
    columns = columns_of(question, planned.choice)
    value = question.value(columns, columns)
    assert planned.bound is not None
    bound = question.best_of(planned.bound if question.maximize else -planned.bound, value)
    roster = asked.roster
    core = planned.open if planned.proof == "core" else 0
    proof = Checked(planned.opinions, prices=roster.rows, creators=roster.creators, core=core)
    status = "Optimal" if planned.status == "optimal" else "Feasible"
    return Found(columns, value, bound, planned.status == "optimal", planned.seconds, status, 0, proof)


def as_roster(question: Question) -> Asked | str:
    """The arrays of a question, or why it cannot be put so."""
    program, packages = question.program, question.program.packages
    if reason := why_not(question):
        return reason
    offers = len(packages.offered)
    place = _places(question)
    sign = 1.0 if question.maximize else -1.0
    width = int(place.max(initial=0)) + 1
    free = (program.excluded == 0) & (packages.room_max[packages.offer] >= 1)
    worth = np.where(free, sign * question.objective[: packages.count], -np.inf)
    value = _table(worth, place, packages.offer, width, offers, missing=-np.inf)
    rows = [*program.rows, *question.rows]
    loose = SETTINGS[0].loose if question.recounted else 0.0
    outwards = [
        (loose if number < len(program.rows) else 0.0) * float(np.max(np.abs(row.coefficients), initial=0.0))
        for number, row in enumerate(rows)
    ]
    must = packages.room_min >= 1
    lower, upper = np.array([row.lower for row in rows]), np.array([row.upper for row in rows])
    families = _families([_table(row.coefficients, place, packages.offer, width, offers) for row in rows])
    roster = Roster(value, families, lower, upper, must if must.any() else None)
    return Asked(roster, rows, np.array(outwards))


def why_not(question: Question) -> str:
    """Why a question cannot be answered by prices; empty where it can."""
    program, packages = question.program, question.program.packages
    if program.scenario.solver.name != "highs":
        return "another solver than HiGHS was asked for"
    if not program.scenario.solver.whole_creators:
        return "creators are fractions"
    if len(packages.switches):
        return "something is paid, worked or decided once for several packages (set-up, or_none, shares per creator)"
    if question.extra or question.counted is not None:
        return "the question has columns of its own"
    if question.all_sures or question.all_reachings:
        return "something has a confidence, or is reach by segment"
    if np.any(packages.room_max > 1) or np.any(packages.room_max % 1):
        return "an offer has room for more than one creator"
    if np.any(packages.room_min > packages.room_max) or np.any(packages.room_min % 1):
        return "an offer cannot be booked as it must"
    most = int(np.bincount(packages.offer).max(initial=0))
    if most * len(packages.offered) > MOST_EMPTY * packages.count:
        return "an offer has very many more packages than others"
    if np.isnan(question.objective).any():
        return "a number of the objective is not known"
    return ""


def _places(question: Question) -> Ints:
    """Which of its offer's packages each package is, shape (packages,)."""
    offer = question.program.packages.offer
    first = np.searchsorted(offer, np.arange(len(question.program.packages.offered)))
    places: Ints = np.arange(len(offer)) - first[offer]
    return places


def columns_of(question: Question, choice: Choice) -> Floats:
    """A plan as creators per package, shape (columns,)."""
    packages = question.program.packages
    columns = np.zeros(packages.columns)
    columns[choice[packages.offer] == _places(question) + 1] = 1.0
    return columns


def choice_of(question: Question, columns: Floats) -> Choice:
    """Creators per package as a plan, shape (creators,)."""
    packages = question.program.packages
    choice = np.zeros(len(packages.offered), dtype=np.int8)
    booked = np.flatnonzero(columns[: packages.count] > 0.5)
    choice[packages.offer[booked]] = _places(question)[booked] + 1
    return choice


def _table(
    numbers: Floats, place: Ints, offer: Ints, width: int, offers: int, missing: float = 0.0
) -> Floats:
    """Numbers of packages, `missing` where an offer has no such package, shape (width, offers)."""
    if len(place) == width * offers:
        return np.ascontiguousarray(numbers[: len(place)].reshape(offers, width).T)
    table = np.full((width, offers), missing)
    table[place, offer] = numbers[: len(place)]
    return table


def _families(tables: list[Floats]) -> tuple[Family, ...]:
    """Rows that count no creator in common share a table."""
    alone: list[Family] = []
    shared: list[tuple[Floats, Ints, Bools]] = []
    for number, table in enumerate(tables):
        mine = (table != 0).any(axis=0)
        if np.count_nonzero(mine) > DENSE * len(mine):
            alone.append(Family(table, number))
            continue
        for numbers, row, taken in shared:
            if not np.any(taken & mine):
                numbers += table
                row[mine] = number
                taken |= mine
                break
        else:
            shared.append((table.copy(), np.where(mine, number, -1), mine.copy()))
    return (*alone, *(Family(numbers, row) for numbers, row, _ in shared))
