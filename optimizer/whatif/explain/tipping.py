"""What decides the plan: the value at which an assumption, changed alone, changes who is booked."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np

from optimizer.jobs.clock import Clock
from optimizer.language.errors import ScenarioError
from optimizer.language.numbers import tidy
from optimizer.language.records import Record
from optimizer.program.filling import Origin
from optimizer.program.levers import lever_of
from optimizer.program.program import Program, program_of
from optimizer.program.terms import Terms
from optimizer.program.varied import varied
from optimizer.scenario.fields import SALES_FIELDS, SHARE_FIELDS
from optimizer.scenario.scenario import Scenario
from optimizer.solve.answer import answer, linear_program, scenario_of
from optimizer.solve.lexicographic import WHAT_IF
from optimizer.solve.ready import ready
from optimizer.whatif.explain.estimates import prices_of_rows, worth

FIELDS = (
    "cost_per_post", "cost_per_creator", "engagement_rate", "engagements_per_post", "reach_rate", "followers",
    "hours_per_creator", "hours_per_post", "click_rate", "conversion_rate", "value_per_conversion",
    "cost_per_conversion", "authentic", "on_target", "completion", "repeat_decay",
)  # fmt: skip
"""Assumptions of an offer that are looked at."""
_SOLD = {"clicks", "conversions", "revenue", "cost_of_goods", "profit", "cpc", "cpa"}
SPREAD = 0.25
"""A number without a range is tried this share up and down."""
UNBOUNDED = 1e300
"""Effect of a number at one end of which there is no plan."""
OUTWARDS = (0.125, 0.25, 0.5, 1.0)
"""Values tried, as shares of the way to either end of the range, until who is booked changes."""
HALVINGS = 2
"""Bisections between the last value tried that books the same offers and the first that does not."""
MOST = 6
"""Assumptions looked at: those with the largest effect on the objective between their low and high."""


NO_PLAN = frozenset({-1})
"""Stands for the offers booked where there is no plan."""


class TippingPoint(Record):
    """One assumption, and where it turns the plan.

    `changes_at` was planned and books other offers than today; at the value `step` nearer to today's it does not.
    """

    offer: str
    field: str
    value: float
    low: float
    high: float
    has_range: bool
    """False where no range was given and 25 % up and down were tried."""
    origin: Origin
    source: str
    effect: float
    """Change of the objective between low and high in the linear program; for ranking only."""
    changes_at: float | None
    """Nearest value found at which other offers are booked; None where the plan books the same all along."""
    step: float
    distance: float | None
    """|changes_at - value| / value."""
    direction: Literal["up", "down"] | None
    change: str
    """What happens there, e.g. "mega-tiktok comes in"."""


class Candidate(Record):
    """An assumption to look at."""

    index: int
    field: str
    effect: float
    has_range: bool


def effects_of(
    scenario_json: str, index: int, until: float = math.inf, ranged: bool | None = None
) -> list[Candidate]:
    """How much each assumption of one offer moves the objective between its low and high.

    Measured in the linear program of the first objective, which is cheap; the tipping points themselves are then found
    with whole creators.

    Args:
        scenario_json: the scenario.
        index: which offer.
        until: moment of `time.time()` at which to stop.
        ranged: only those with a range, or only those without; None for all.

    Raises:
        TimeoutError: where time was up.
    """
    scenario = scenario_of(scenario_json)
    clock = Clock.until(until)
    terms = program_of(scenario).packages.terms[index]
    today = Relaxed.of(scenario_json, until)
    asked = {goal.measure for goal in scenario.objective} | {limit.measure for limit in scenario.limits}
    found: list[Candidate] = []
    for field in FIELDS:
        sourced = terms.numbers.get(field)
        if sourced is None or sourced.origin in ("derived", "default") or not sourced.estimate.typical:
            continue
        if ranged is not None and sourced.estimate.is_range != ranged:
            continue
        if field in SALES_FIELDS and not asked & _SOLD:
            continue
        ends = [
            today.value_with(_with(scenario, index, field, end), index, clock) for end in _span(terms, field)
        ]
        known = [end for end in ends if end is not None]
        effect = max(known) - min(known) if len(known) == 2 else UNBOUNDED
        if effect > 0:
            found.append(
                Candidate(index=index, field=field, effect=effect, has_range=sourced.estimate.is_range)
            )
    return found


class Relaxed:
    """The linear program of the first objective today, from which that with one offer changed often follows.

    Attributes:
        value: its best; None where it has none.
        columns: its plan, shape (columns,).
        prices: row -> change of the best per unit of its side.
    """

    def __init__(self, program: Program, clock: Clock) -> None:
        self.program = program
        found = linear_program(program, clock)
        self.value = found.value
        self.curved = found.contributes is not None
        self.columns = found.solution.values[: program.packages.columns]
        self.prices = {} if self.value is None else prices_of_rows(program, found.model)

    @staticmethod
    @lru_cache(maxsize=8)
    def of(scenario_json: str, until: float) -> Relaxed:
        """That of a scenario; the last ones are kept."""
        return Relaxed(program_of(scenario_of(scenario_json)), Clock.until(until))

    def value_with(self, scenario: Scenario | None, index: int, clock: Clock) -> float | None:
        """The best of a scenario that differs from today's in numbers of one offer; None where it has none."""
        if scenario is None:
            return None
        program = program_of(scenario)
        if self.value is not None and self._is_the_same(program, index):
            return self.value
        return linear_program(program, clock).value

    def _is_the_same(self, program: Program, index: int) -> bool:
        """Whether the best is today's: no number of the linear program is another, or only those of an offer that is
        not in, and stays out.

        A creator of package p brings c_p and takes a_rp of row r, whose prices y_r stay those of an optimum as long as
        no package is worth booking: c_p <= sum_r y_r a_rp (max), the condition of optimality of a linear program.
        """
        before, packages = self.program, program.packages
        mine = packages.offer == index
        if self.curved or packages.switches or len(before.rows) != len(program.rows):
            return False
        goal = before.scenario.objective[0]
        numbers = [(before.goal_values(goal), program.goal_values(goal))]
        for row, changed in zip(before.rows, program.rows, strict=True):
            if (row.lower, row.upper) != (changed.lower, changed.upper):
                return False
            numbers.append((row.coefficients, changed.coefficients))
        if not all(np.array_equal(one[~mine], other[~mine]) for one, other in numbers):
            return False
        if all(np.array_equal(one[mine], other[mine]) for one, other in numbers):
            return True
        if packages.room_min[index] > 0 or np.any(self.columns[mine] != 0):
            return False
        return bool(np.all(worth(program, index, self.prices) <= 0))


def most_influential(found: list[Candidate], most: int = MOST) -> list[Candidate]:
    """Those that move the objective most, those with a range first."""
    return sorted(found, key=lambda c: (not c.has_range, -c.effect))[:most]


def tipping_point(
    scenario_json: str, candidate: Candidate, today: tuple[float, ...], until: float = math.inf
) -> TippingPoint:
    """Where one assumption turns the plan.

    Args:
        scenario_json: the scenario.
        candidate: which number of which offer.
        today: creators per package in today's plan.
        until: moment of `time.time()` at which to stop.

    Raises:
        TimeoutError: where nothing was found out by then.
    """
    scenario = scenario_of(scenario_json)
    clock = Clock.until(until)
    program = program_of(scenario)
    terms = program.packages.terms[candidate.index]
    sourced = terms.numbers[candidate.field]
    value = sourced.estimate.typical
    low, high = _span(terms, candidate.field)
    before = _booked(program, today)

    def offers_at(number: float) -> frozenset[int] | None:
        changed = _with(scenario, candidate.index, candidate.field, tidy(number))
        if changed is None:
            return None
        result = answer(changed, WHAT_IF, clock)
        if result.status == "not_found":
            raise TimeoutError
        if result.status == "infeasible":
            return NO_PLAN
        return _booked(program, result.creators) if result.found else None

    best = _nearest_turn(value, low, high, before, offers_at)
    names = [t.name for t in program.packages.terms]
    return TippingPoint(
        offer=terms.name,
        field=candidate.field,
        value=tidy(value),
        low=tidy(low),
        high=tidy(high),
        has_range=sourced.estimate.is_range,
        origin=sourced.origin,
        source=sourced.source,
        effect=tidy(candidate.effect),
        changes_at=None if best is None else tidy(best.at),
        step=0.0 if best is None else tidy(best.step),
        distance=None if best is None else tidy(abs(best.at - value) / abs(value)),
        direction=None if best is None else best.direction,
        change="" if best is None else _in_words(names, before, best.offers),
    )


class _Turn(NamedTuple):
    """A number at which other offers are booked; at the one `step` nearer to today's they are not."""

    at: float
    step: float
    offers: frozenset[int]
    direction: Literal["up", "down"]


def _nearest_turn(
    value: float,
    low: float,
    high: float,
    before: frozenset[int],
    offers_at: Callable[[float], frozenset[int] | None],
) -> _Turn | None:
    """The nearest number found between low and high at which other offers are booked than before.

    Args:
        value: today's number.
        low, high: how far to look.
        before: offers booked today.
        offers_at: offers booked at a number; None where that is not known. Raises TimeoutError.
    """
    best: _Turn | None = None
    ends: list[tuple[float, Literal["up", "down"]]] = [(low, "down"), (high, "up")]
    done = 0.0
    for fraction in OUTWARDS:  # who is booked may change back farther out, so the nearest is tried first
        for end, direction in ends:
            far = value + fraction * (end - value)
            there = before if end == value else offers_at(far)
            farther = best is not None and abs(best.at - value) <= abs(far - value)
            if there is None or there == before or farther:
                continue
            near = value + done * (end - value)
            with suppress(TimeoutError):  # a change was found, only not as near as it might be
                for _ in range(HALVINGS):
                    middle = (near + far) / 2
                    offers = offers_at(middle)
                    if offers is None:
                        break
                    if offers == before:
                        near = middle
                    else:
                        far, there = middle, offers
            best = _Turn(far, abs(far - near), there, direction)
        if best is not None:
            break
        done = fraction
    return best


def _span(terms: Terms, field: str) -> tuple[float, float]:
    estimate = terms.numbers[field].estimate
    if estimate.is_range:
        return estimate.low, estimate.high
    most = 1.0 if field in SHARE_FIELDS else math.inf
    return estimate.typical * (1 - SPREAD), min(most, estimate.typical * (1 + SPREAD))


def _with(scenario: Scenario, index: int, field: str, value: float) -> Scenario | None:
    """The scenario with one number of one offer changed, everything that rests on it following."""
    try:
        return ready(varied(scenario, lever_of(scenario, index, field).change(value))).scenario
    except ScenarioError:
        return None


def _booked(program: Program, creators: tuple[float, ...]) -> frozenset[int]:
    """Offers with at least one creator."""
    used = np.asarray(creators) > 1e-6
    return frozenset(int(o) for o in np.unique(program.packages.offer[used]))


def _in_words(names: list[str], before: frozenset[int], after: frozenset[int]) -> str:
    if after == NO_PLAN:
        return "no plan is possible"
    if not after:
        return "nobody is booked any more"
    parts = []
    come, go = sorted(after - before), sorted(before - after)
    if come:
        parts.append(", ".join(names[i] for i in come) + (" comes in" if len(come) == 1 else " come in"))
    if go:
        parts.append(", ".join(names[i] for i in go) + (" drops out" if len(go) == 1 else " drop out"))
    return "; ".join(parts)
