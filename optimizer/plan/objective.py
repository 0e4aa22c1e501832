"""What was asked for and how well it was met: the objectives of a plan."""

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


class ObjectiveResult(Record):
    """What was asked for and how well it was met, in the measure's unit."""

    measure: str
    sense: Literal["maximize", "minimize"]
    value: float
    """Reached by this plan."""
    best: float
    """Best found when this objective was solved; differs from value only where `within` gave some of it up."""
    bound: float | None
    """No plan can do better than this; None where the solver proved nothing."""
    gap: float | None
    """(bound - best) / best as a share, never negative; None where bound is unknown or best is 0. Of a regret: the same
    difference as a share of the largest best value of a case."""
    within: float = 0.0
    """Share of best that later objectives were allowed to give up; of a regret, of what the gap is a share of."""
    over: OverCases | None = None
    """Of an objective over stress cases: what it is in each; None for any other."""

    @property
    def asked(self) -> str:
        """What was asked for: "maximize engagements", "maximize engagements in the worst of 3 cases"."""
        if self.over is None:
            return f"{self.sense} {self.measure}"
        count = len(self.over.cases)
        cases = "the one case" if count == 1 else f"{count} cases"
        if self.over.by == "regret":
            return f"minimize the largest regret of {self.measure} in {cases}"
        return f"{self.sense} {self.measure} in {cases if count == 1 else f'the worst of {cases}'}"
