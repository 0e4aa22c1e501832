"""An objective over stress cases in a plan: what it is in each of them."""

from __future__ import annotations

from typing import Literal

from optimizer.language.records import Record


class CaseOfObjective(Record):
    """A plan in one stress case, in the measure's unit."""

    case: str
    value: float
    """Of this plan in the case."""
    best: float | None = None
    """Of the best plan of the case alone, under its own limits; None where only the worst case counts."""
    regret: float | None = None
    """How far this plan is behind that; negative where it is ahead, because it need not keep the limits of the case."""


class OverCases(Record):
    """An objective over stress cases: its value is that of the case that decides."""

    by: Literal["worst", "regret"]
    """worst: the result in the worst case; regret: the largest distance to the best plan of a case, which is brought
    down whatever is regretted."""
    decides: str
    """Name of the worst case, or of that with the largest regret."""
    cases: tuple[CaseOfObjective, ...]
