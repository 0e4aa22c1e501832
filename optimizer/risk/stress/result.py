"""What a stress test holds: the plan as booked in every case, the best plan had one known, and the regret between."""

from __future__ import annotations

from typing import Literal

from optimizer.language.records import Record
from optimizer.language.statuses import AnswerStatus
from optimizer.plan.plan import ScenarioStamp


class InCase(Record):
    """What a plan comes to, recounted in decimals."""

    value: float | None
    """Of the measure; None where it is not known."""
    cost: float | None
    hours: float | None
    creators: float


class BrokenLimit(Record):
    """A limit that the plan as booked does not keep in a case, in the limit's unit."""

    name: str
    measure: str
    value: float | None
    min: float | None
    max: float | None
    by: float | None
    """How much too little, or too much; None where the value is not known."""


class OtherBooking(Record):
    """Creators of one offer with so many posts each, where the best plan of the case has others."""

    offer: str
    posts_per_creator: int
    booked: float
    best: float


class StressCase(Record):
    """One case."""

    name: str
    changes: tuple[str, ...]
    """In words, made in this order."""
    touched: tuple[str, ...]
    """Names of the offers whose numbers change; empty where only numbers of the whole scenario do."""
    notes: tuple[str, ...]
    """What is worth knowing of the change, such as a share that was cut at 100 %."""
    booked: InCase
    """The same creators, by the numbers of the case."""
    change: float | None
    """What the measure is more or less than planned, signed as the measure is."""
    broken: tuple[BrokenLimit, ...]
    """Limits that the plan as booked breaks in the case; empty where it keeps all."""
    status: AnswerStatus
    """Of the best plan of the case: optimal (proven), feasible, infeasible (no plan keeps every limit), ..."""
    message: str
    """Why there is no best plan."""
    best: InCase | None
    """The best plan of the case for the measure, had one known; None where there is none."""
    regret: float | None
    """How much of the measure the plan as booked is behind the best one; negative where it is ahead because it breaks
    limits, which the best plan keeps."""
    regret_share: float | None
    """regret / value of the best plan; None where that is 0."""
    instead: tuple[OtherBooking, ...]
    """What the best plan books otherwise."""

    @property
    def keeps_limits(self) -> bool:
        """Whether the plan as booked keeps every limit in the case."""
        return not self.broken


class Stress(Record):
    """A stress test of one plan."""

    scenario: ScenarioStamp
    currency: str
    measure: str
    """Of the first objective."""
    sense: Literal["maximize", "minimize"]
    unit: str
    planned: InCase
    """The plan by the numbers of the scenario as it stands."""
    cases: tuple[StressCase, ...]
    """In the order they were given: first those of the scenario."""
    hurts_most: str | None
    """Name of the case in which least is left of the result: of the plan as booked, or, where that breaks limits, of
    the best plan that keeps them if that is less; a case in which no plan keeps every limit comes before all others.
    None where none hurts."""
    sentences: tuple[str, ...]
    """The findings in plain words, most important first."""
    version: str
