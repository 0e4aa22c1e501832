"""The objective, as it can be written.

Part of the scenario schema; see `optimizer.scenario.scenario`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import model_validator

from optimizer.language.errors import FieldError
from optimizer.language.synonyms import measure_meant
from optimizer.scenario.fields import Confidence, Key, ShareNumber, Texts
from optimizer.scenario.offer import Frozen

if TYPE_CHECKING:
    from optimizer.scenario.fields import NumberLike


class Goal(Frozen):
    """One objective: maximise or minimise a measure."""

    maximize: Key | None = None
    """Measure to bring as high as possible."""
    minimize: Key | None = None
    """Measure to bring as low as possible."""
    segment: Texts | None = None
    """For reach: which segments of the audience it counts, one or a list. Default: all."""
    within: ShareNumber = 0.0
    """In a list of objectives: how much of this one may be given up for the next. Unit: share."""
    confidence: Confidence | None = None
    """How sure the result must be, 50 % to 99.9 %: 90% maximises what is reached in 9 of 10 cases, given the ranges
    of all numbers. Default: the typical result. Unit: share."""
    over: Literal["stress"] | None = None
    """stress: the measure is held against every case of `stress:`, and `by` says how."""
    by: Literal["worst", "regret"] | None = None
    """With over: worst brings the result in the worst case as high (low) as possible; regret brings the largest
    distance to the best plan of a case, had one known, as low as possible."""

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            maximize: str | None = None,
            minimize: str | None = None,
            segment: str | Sequence[str] | None = None,
            within: NumberLike | None = None,
            confidence: NumberLike | None = None,
            over: Literal["stress"] | None = None,
            by: Literal["worst", "regret"] | None = None,
        ) -> None: ...

    @model_validator(mode="after")
    def _one_direction(self) -> Self:
        if (self.maximize is None) == (self.minimize is None):
            raise FieldError(
                "an objective goes one way, up or down", "write {maximize: MEASURE} or {minimize: MEASURE}"
            )
        if (self.over is None) != (self.by is None):
            given, example = ("by", "over: stress") if self.over is None else ("over", "by: worst")
            raise FieldError(
                f"over and by are given together, here is only {given}", f"add {example}", at=(given,)
            )
        if self.over is not None and self.confidence is not None:
            raise FieldError(
                "a result over stress cases has no confidence: the cases are no draws",
                "leave confidence out, or over and by",
                at=("confidence",),
            )
        return self

    @property
    def segments(self) -> tuple[str, ...]:
        """Which segments it counts; none for all of them."""
        return self.segment or ()

    @property
    def measure(self) -> str:
        """The measure, whichever way it goes."""
        return self.maximize or self.minimize or ""

    @property
    def sense(self) -> Literal["maximize", "minimize"]:
        """The direction."""
        return "maximize" if self.maximize is not None else "minimize"

    @property
    def result_sense(self) -> Literal["maximize", "minimize"]:
        """The direction of its value in the plan: a regret is brought down, whatever is regretted."""
        return "minimize" if self.by == "regret" else self.sense

    def plain(self) -> Goal:
        """The same for one scenario, without cases."""
        return self.model_copy(update={"over": None, "by": None})

    def named(self, own: Collection[str]) -> Goal:
        """With its measure under its own name where another word was written; `own` are the user's, which win."""
        return self.model_copy(update={self.sense: measure_meant(self.measure, own)})
