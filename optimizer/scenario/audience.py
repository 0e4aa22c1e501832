"""The audience, as it can be written. Part of the scenario schema; see `optimizer.scenario.scenario`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

from pydantic import Field, model_validator

from optimizer.language.errors import FieldError
from optimizer.scenario.fields import Key, PositiveLargeNumber, ShareNumber
from optimizer.scenario.offer import Frozen

if TYPE_CHECKING:
    from optimizer.scenario.fields import NumberLike

SAME = 1e-9
"""Relative; a size written beside its parts that differs from their sum by less is the same."""


class Audience(Frozen):
    """The people the campaign wants to reach, and how much creators' audiences overlap."""

    people: PositiveLargeNumber = Field(default=None)  # type: ignore[assignment]  # never left so
    """Size of the audience; not needed where segments say it. Unit: people."""
    overlap: ShareNumber | None = None
    """Share of the smaller of two typical creators' audiences that also follows the other, in each segment.
    Default: independence, flagged in the plan."""
    segments: dict[Key, PositiveLargeNumber] = Field(default_factory=dict)
    """Parts of the audience that have nobody in common, e.g. {US: 18M, ID: 22M}: markets, ages, interests. Offers say
    under `segments` what share of their audience belongs to each. Unit: people."""

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            people: NumberLike | None = None,
            overlap: NumberLike | None = None,
            segments: Mapping[str, NumberLike] | None = None,
        ) -> None: ...

    @model_validator(mode="after")
    def _people_are_those_of_the_segments(self) -> Self:
        given: float | None = self.people
        if not self.segments:
            if given is None:
                raise FieldError("this key is required", "write e.g. people: 12M", at=("people",))
            return self
        parts = sum(self.segments.values())
        if given is not None and abs(given - parts) > SAME * parts:
            raise FieldError(
                f"the audience has {given:,.0f} people, but its segments have {parts:,.0f} together",
                "leave people out: it is the sum of the segments; whoever is in none can be a segment of its own",
                at=("people",),
            )
        self.__dict__["people"] = (
            parts  # not among the fields that were set, so that a changed segment changes it
        )
        return self

    @property
    def many(self) -> bool:
        """Whether it has several parts, so that reach is no longer a curve of one index."""
        return len(self.segments) > 1
