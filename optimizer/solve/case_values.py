"""What a plan comes to in each stress case, recounted in decimals; no solver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from optimizer.language.numbers import tidy
from optimizer.program.cases import cases
from optimizer.program.packages import Floats
from optimizer.program.program import Program
from optimizer.scenario.scenario import Goal
from optimizer.solve.bookable import bookings_of
from optimizer.solve.verify import verify


@dataclass(frozen=True)
class CaseValue:
    """A plan in one case.

    Attributes:
        name: of the case.
        value: of the measure, by this plan.
        best: of the best plan of the case alone, had one known it; None where only the worst case counts.
    """

    name: str
    value: float
    best: float | None = None

    def regret(self, goal: Goal) -> float | None:
        """How far the plan is behind that best; negative where it is ahead, because it keeps other limits."""
        if self.best is None:
            return None
        behind = self.best - self.value if goal.sense == "maximize" else self.value - self.best
        return tidy(behind)


def case_values(
    program: Program, goal: Goal, columns: Floats, best: Mapping[str, float] | None = None
) -> tuple[CaseValue, ...]:
    """A plan in every case of its scenario, recounted.

    Args:
        program: of the scenario as it stands.
        goal: an objective over the cases.
        columns: the plan, shape (columns,).
        best: case -> value of its best plan.
    """
    bookings = bookings_of(program, columns)
    result = []
    for case in cases(program.scenario):
        total = verify(case.scenario, case.program.packages.terms, bookings).totals[goal.measure]
        value = float("nan") if total is None else tidy(float(total))
        result.append(CaseValue(case.name, value, None if best is None else best.get(case.name)))
    return tuple(result)


def decisive(goal: Goal, values: Sequence[CaseValue]) -> CaseValue:
    """The case that counts: the worst one, or that of the largest regret; the first of equal ones."""
    if goal.by == "regret":
        return max(values, key=lambda one: one.regret(goal) or 0.0)
    return (min if goal.sense == "maximize" else max)(values, key=lambda one: one.value)
