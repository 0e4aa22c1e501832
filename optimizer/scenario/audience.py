"""The audience, as it can be written. Part of the scenario schema; see `optimizer.scenario.scenario`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, model_validator

from optimizer.language.errors import FieldError
from optimizer.scenario.fields import Key, PositiveLargeNumber, ShareNumber
from optimizer.scenario.measured import Followers, Overlaps
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

    overlaps: Overlaps | None = None
    """Overlaps of pairs of creators as measured: pairs.csv, or {file: pairs.csv, unlisted: zero, segments: 20}."""
    followers: Followers | None = None
    """Who follows whom, person by person: audiences.csv. Reach is then counted."""

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            people: NumberLike | None = None,
            overlap: NumberLike | None = None,
            segments: Mapping[str, NumberLike] | None = None,
            overlaps: str | Overlaps | Mapping[str, Any] | None = None,
            followers: str | Followers | Mapping[str, Any] | None = None,
        ) -> None: ...

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.overlaps is not None and self.followers is not None:
            raise FieldError(
                "overlaps and followers both say who follows whom",
                "followers say more: leave overlaps out",
                at=("overlaps",),
            )
        if not self.is_measured:
            return self
        if self.overlap is not None:
            raise FieldError(
                "measured overlaps take the place of one overlap for all pairs",
                "leave overlap out",
                at=("overlap",),
            )
        if self.segments:
            raise FieldError(
                "segments of your own and those fitted to measured overlaps cannot be combined: an export does not say "
                "in which segment people are shared",
                "leave segments out, or the measured overlaps",
                at=("segments",),
            )
        return self

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
        return len(self.segments) > 1 or self.is_measured

    @property
    def is_measured(self) -> bool:
        """Whether overlaps or followers were measured, so that segments are fitted or counted."""
        return self.overlaps is not None or self.followers is not None
