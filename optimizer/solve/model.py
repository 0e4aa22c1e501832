"""Columns and rows -> PuLP problem. Always a minimisation: an objective to maximise is negated here, once.

    minimise    -sum m_p n_p                      (or +, where the objective is minimised)
    subject to  lower <= sum c_p n_p <= upper     for every row of every limit
                creators.min <= sum_k n[o, k] <= creators.max        for every offer o
                n_p <= cap_p y_s,  y_s <= sum n_p                    for every package p of a switch s
                n_p integer (continuous if whole_creators is false), y_s in {0, 1}

Names in the PuLP problem are for people who read the LP file; the code goes by position.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import pulp

from optimizer.program.packages import Floats
from optimizer.program.program import Program
from optimizer.program.rules import Bools, Row

LARGEST_COEFFICIENT = 1e6
SMALLEST_COEFFICIENT = 1e-3
"""Rows outside these are scaled by a power of two, so that the solver's absolute tolerance means little in any unit."""
SHARED_ROWS = 20
"""From so many rows on, what they have in common gets a column of its own."""


@dataclass(frozen=True)
class Extra:
    """A column besides packages and switches, for questions about plans rather than about the scenario.

    Attributes:
        name: for LP files.
        lower, upper: its bounds; either may be infinite.
        whole: whether it is an integer.
    """

    name: str
    lower: float = 0.0
    upper: float = math.inf
    whole: bool = False


@dataclass(frozen=True)
class Total:
    """A column that stands for what many rows have in common: variable = factor x values . columns."""

    variable: Any
    values: Floats
    factor: float


@dataclass
class Model:
    """A PuLP problem and the way back from it.

    Attributes:
        problem: the PuLP problem, a minimisation.
        variables: PuLP variables in the order of the columns.
        rows: name of every limit row -> names of its PuLP constraints; "room_min 3" and "room_max 3" for the
            creators of offer 3.
        factors: PuLP constraint -> the power of two its coefficients were multiplied by.
        scale: the PuLP objective is `scale` x the linear objective (negated when maximising).
        integer: whether any column is integer.
        totals: columns of sums, beside those in `variables`.
    """

    problem: Any
    variables: list[Any]
    rows: dict[str, list[str]]
    scale: float
    integer: bool
    factors: dict[str, float] = field(default_factory=dict)
    totals: list[Total] = field(default_factory=list)


def build_model(
    program: Program,
    objective: Floats,
    *,
    maximize: bool,
    rows: Sequence[Row],
    tightened: Mapping[str, float] | None = None,
    name: str = "plan",
    continuous: bool = False,
    extra: Sequence[Extra] = (),
) -> Model:
    """Build the problem for one objective.

    Args:
        program: columns, caps and switches.
        objective: value of one unit of each column, shape (columns,), or (columns + extra,).
        maximize: direction.
        rows: rows of the limits, and floors that hold earlier objectives.
        tightened: row name -> by how much its sides move inwards (see `flow`).
        name: name of the problem in LP files.
        continuous: relax every column to fractions, whatever the scenario says; room is then always a row, so that
            it has a price.
        extra: further columns after those of the packages and switches; objective and rows that use them are that
            much longer.
    """
    packages = program.packages
    whole = program.scenario.solver.whole_creators and not continuous
    problem = pulp.LpProblem(_clean(name), pulp.LpMinimize)
    names = _Names()
    category = pulp.LpInteger if whole else pulp.LpContinuous
    variables = []
    alone = (np.bincount(packages.offer, minlength=len(packages.terms)) == 1) & (not continuous)
    for p in range(packages.count):
        offer, posts = packages.key(p)
        o = packages.offer[p]
        low = packages.room_min[o] if alone[o] else 0.0
        high = packages.room_max[o]
        if program.excluded[p]:
            high = 0.0
        # A bound beside the room row would take part of the room's price away from it.
        upper = None if math.isinf(high) or (continuous and high > 0) else high
        variables.append(
            problem.add_variable(names.new(f"n_{offer}_x{posts}"), min(low, high), upper, category)
        )
    for label in packages.switch_names:
        kind = pulp.LpContinuous if continuous else pulp.LpInteger
        variables.append(problem.add_variable(names.new(label), 0, 1, kind))
    for column in extra:
        lower, upper = (None if math.isinf(side) else side for side in (column.lower, column.upper))
        kind = pulp.LpInteger if column.whole and not continuous else pulp.LpContinuous
        variables.append(problem.add_variable(names.new(column.name), lower, upper, kind))

    scale = (-1.0 if maximize else 1.0) * power_of_two(objective)
    problem.setObjective(_sum(variables, scale * objective))
    yes_or_no = bool(packages.switches) or any(column.whole for column in extra)
    integer = whole or (yes_or_no and not continuous)
    model = Model(problem, variables, {}, scale, integer)
    _add_rooms(model, program, names, alone)
    _add_links(model, program, names)
    totals = _add_totals(model, rows, names)
    for row in rows:
        _add_row(model, row, names, (tightened or {}).get(row.name, 0.0), totals)
    return model


def _add_totals(model: Model, rows: Sequence[Row], names: _Names) -> dict[int, Total]:
    """A column for what many rows have in common, t = shared . x, by the id of the shared array.

    A limit that ties each creator to a share of a total has a row for each package, and each with all packages in it:
    some ten million coefficients for 4,000 packages, which are two or three for each row so.
    """
    arrays = {id(row.shared): row.shared for row in rows if row.shared is not None}
    counts = Counter(id(row.shared) for row in rows)
    found = {}
    for key, shared in arrays.items():
        if counts[key] < SHARED_ROWS:
            continue
        factor = power_of_two(shared)
        name = names.new("total")
        variable = model.problem.add_variable(name, None, None, pulp.LpContinuous)
        model.problem += (_sum(model.variables, factor * shared) - variable == 0, names.new(f"sum_{name}"))
        found[key] = Total(variable, shared, factor)
        model.totals.append(found[key])
    return found


def _add_rooms(model: Model, program: Program, names: _Names, alone: Bools) -> None:
    """creators.min <= sum over k of n[o, k] <= creators.max; an offer of one package has it as bounds already."""
    packages = program.packages
    ends = np.cumsum(np.bincount(packages.offer, minlength=len(packages.terms)))
    for o, terms in enumerate(packages.terms):
        first = int(ends[o - 1]) if o else 0
        if alone[o] and not program.excluded[first]:
            continue
        total = expression([(variable, 1.0) for variable in model.variables[first : int(ends[o])]])
        if packages.room_min[o] > 0:
            made = model.rows.setdefault(f"room_min {o}", [])
            made.append(names.new(f"room_min_{terms.name}"))
            model.problem += (total >= packages.room_min[o], made[-1])
        if math.isfinite(packages.room_max[o]):
            made = model.rows.setdefault(f"room_max {o}", [])
            made.append(names.new(f"room_max_{terms.name}"))
            model.problem += (total <= packages.room_max[o], made[-1])


def _add_links(model: Model, program: Program, names: _Names) -> None:
    """A switch is on exactly where its packages are used."""
    packages = program.packages
    for s, turned_on in enumerate(packages.switches):
        switch = model.variables[packages.count + s]
        single = s < len(packages.setup_of) + len(packages.share_of)  # of one offer, rather than of a group
        label = packages.key(int(turned_on[0]))[0] if single else packages.switch_names[s]
        row = np.zeros(packages.columns)
        row[turned_on] = 1.0
        model.problem += (_sum(model.variables, row) - switch >= 0, names.new(f"off_{label}"))
        for p in turned_on:
            cap = float(program.caps[p])
            offer, posts = packages.key(int(p))
            if math.isinf(cap):  # only when limits are left out to find a conflict
                continue
            model.problem += (
                model.variables[p] - cap * switch <= 0,
                names.new(f"on_{label}_x{posts}" if single else f"on_{label}_{offer}_x{posts}"),
            )


def _add_row(model: Model, row: Row, names: _Names, tighten: float, totals: Mapping[int, Total]) -> None:
    coefficients = row.coefficients
    if tighten and row.switch is not None:
        coefficients = coefficients.copy()
        coefficients[row.switch] -= tighten
        tighten = 0.0
    if not coefficients.any():
        # PuLP has no empty rows: 0 <= -1 is kept as an impossible row on the first column, 0 <= 1 is dropped.
        if row.lower > 0 or row.upper < 0:
            model.problem += (model.variables[0] <= -1, names.new(row.name))
        return
    factor = power_of_two(coefficients)
    common = totals.get(id(row.shared))
    if common is None:
        total = _sum(model.variables, factor * coefficients)
    else:
        rest = np.where(coefficients == common.values, 0.0, coefficients - common.values)
        total = _sum(model.variables, factor * rest) + (factor / common.factor) * common.variable

    def add(ending: str, constraint: Any) -> None:
        name = names.new(row.name + ending)
        model.rows.setdefault(row.name, []).append(name)
        model.factors[name] = factor
        model.problem += (constraint, name)

    if math.isfinite(row.lower) and row.lower == row.upper:
        add("", total == factor * row.lower)
        return
    if row.lower > -math.inf:
        lower = row.lower + tighten
        ending = "_min" if math.isfinite(row.upper) else ""
        add(ending, model.variables[0] <= -1 if math.isinf(lower) else total >= factor * lower)
    if row.upper < math.inf:
        add("_max" if math.isfinite(row.lower) else "", total <= factor * (row.upper - tighten))


def _sum(variables: Sequence[Any], coefficients: Floats) -> Any:
    used = coefficients.nonzero()[0]
    pairs = zip(used.tolist(), coefficients[used].tolist(), strict=True)
    return expression([(variables[i], coefficient) for i, coefficient in pairs])


def power_of_two(coefficients: Floats) -> float:
    """The factor that brings a row's largest coefficient into what a solver is at ease with."""
    largest = float(np.abs(coefficients).max(initial=0.0))
    if largest == 0 or SMALLEST_COEFFICIENT <= largest <= LARGEST_COEFFICIENT:
        return 1.0
    target = LARGEST_COEFFICIENT if largest > LARGEST_COEFFICIENT else 1.0
    return 2.0 ** math.floor(math.log2(target / largest))


_NO_NAME_IN_LP_FILES = re.compile(
    "(max|min)(imi[sz]e|imum)?|obj|st|subject|such|bounds?|free|inf(inity)?|nan|gen(erals?)?|int(egers?)?|bin(ary|aries)?"
    "|semis?|sos[12]?|lazy|user|end|e[0-9]*",  # e9: the exponent of the number before it
    re.IGNORECASE,
)
"""What one reader or another takes for something else than a name."""


class _Names:
    """Unique names of letters, digits and underscores, which every LP reader takes for names."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def new(self, wish: str) -> str:
        base = name = _clean(wish)
        number = 2
        while name in self._taken:
            name, number = f"{base}_{number}", number + 1
        self._taken.add(name)
        return name


@lru_cache(maxsize=50_000)
def _clean(text: str) -> str:
    name = re.sub(r"[^A-Za-z0-9_]+", "_", text).strip("_")[:80]
    # PuLP 4 keeps names that begin with an underscore for itself
    bare = name and not name[0].isdigit() and not _NO_NAME_IN_LP_FILES.fullmatch(name)
    return name if bare else f"x_{name}".rstrip("_")


def expression(terms: Sequence[tuple[Any, float]]) -> Any:
    """A sum of coefficient x variable, by the fastest way that this PuLP has."""
    if not terms:
        return pulp.lpSum([])
    batch = getattr(pulp, "lpSum_vars_coefs", None)
    return pulp.LpAffineExpression(terms) if batch is None else batch(terms)
