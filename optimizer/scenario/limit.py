"""The limit: a floor or ceiling on a measure, as it can be written.

Part of the scenario schema; see `optimizer.scenario.scenario`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from optimizer.language.countries import parse_country
from optimizer.language.errors import FieldError
from optimizer.language.measures import LARGE
from optimizer.language.names import WORDS
from optimizer.language.quantities import refuse_two_numbers
from optimizer.language.synonyms import measure_meant
from optimizer.scenario.fields import Bound, BoundField, Confidence, Key, Text, Texts, parse_word
from optimizer.scenario.offer import Frozen

if TYPE_CHECKING:
    from optimizer.scenario.fields import BoundLike, NumberLike


_PARSED: dict[str, Callable[[Any], str]] = {**dict.fromkeys(WORDS, parse_word), "country": parse_country}
"""How the values of a filter are read, where they are no free text."""


def filter_text(where: Mapping[str, Iterable[str]]) -> str:
    """A filter in words, e.g. "nano + micro, tiktok"; "" for all offers."""
    return ", ".join(" + ".join(values) for values in where.values())


class Limit(Frozen):
    """A floor or ceiling on a measure, over all offers or some of them."""

    stands_at: ClassVar[tuple[str, ...]] = ("limits", "*")

    name: Text | None = None
    """Name in the plan; unique. Default: made from measure and filter."""
    measure: Key
    """{measures}, or one of the scenario's own measures. Other words for some: sales, leads, orders, views."""
    where: dict[Key, Texts] = Field(default_factory=dict)
    """Which offers it counts: name, tier, platform, format, country or a tag, each one value or a list.
    Default: all."""
    segment: Texts | None = None
    """For reach: which segments of the audience it counts, one or a list. Default: all."""
    per: Key | None = None
    """Hold it for each creator, offer, tier, platform, format, country or value of a tag by itself."""
    min: BoundField | None = None
    """Floor: a number, '20% of budget', '30% of audience' (for reach), or '50% of cost' (of a
    measure's total)."""
    max: BoundField | None = None
    """Ceiling, written like the floor."""
    or_none: bool = False
    """Whether the floor holds only where any creator it counts is booked: at least min, or none at all. With
    `per`, for each value by itself."""
    confidence: Confidence | None = None
    """How sure it must be kept, 50 % to 99.9 %, given the ranges of all numbers: 90% is in 9 of 10 cases. Default:
    kept by typical values. Unit: share."""

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            name: str | None = None,
            measure: str,
            where: Mapping[str, str | Sequence[str]] | None = None,
            segment: str | Sequence[str] | None = None,
            per: str | None = None,
            min: BoundLike | None = None,
            max: BoundLike | None = None,
            or_none: bool | None = None,
            confidence: NumberLike | None = None,
        ) -> None: ...

    @property
    def segments(self) -> tuple[str, ...]:
        """Which segments it counts; none for all of them."""
        return self.segment or ()

    def where_text(self) -> str:
        """The filter in words, e.g. "nano + micro, tiktok"; "" for all offers."""
        return filter_text(self.where)

    @field_validator("min", "max", mode="before")
    @classmethod
    def _is_one_number(cls, value: Any, info: ValidationInfo) -> Any:
        if measure_meant(str(info.data.get("measure"))) in LARGE:
            refuse_two_numbers(value)
        return value

    def named(self, own: Collection[str]) -> Limit:
        """With measures under their own names where other words were written; `own` are the user's, which win."""
        sides: dict[str, Bound] = {
            side: bound._replace(of=measure_meant(bound.of, own))
            for side in ("min", "max")
            if (bound := getattr(self, side)) is not None and bound.of is not None
        }
        return self.model_copy(update={"measure": measure_meant(self.measure, own), **sides})

    @field_validator("where")
    @classmethod
    def _words_are_small(cls, where: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return {
            key: tuple(_PARSED[key](value) for value in values) if key in _PARSED else values
            for key, values in where.items()
        }

    @model_validator(mode="after")
    def _has_a_side(self) -> Self:
        if self.min is None and self.max is None:
            raise FieldError("a limit needs a min, a max or both", "write e.g. max: 20% of budget")
        if self.or_none and self.min is None:
            raise FieldError("or_none is about a floor, but there is no min", "add min", at=("or_none",))
        if self.or_none and self.per == "creator":
            raise FieldError(
                "a limit per creator holds only for creators who are booked",
                "leave or_none out",
                at=("or_none",),
            )
        if self.confidence is not None and self.per == "creator":
            raise FieldError(
                "a limit per creator leaves creators out by their typical numbers and knows no chance",
                "leave confidence out",
                at=("confidence",),
            )
        if self.min and self.max and self.min.of == self.max.of and self.min.number > self.max.number:
            raise FieldError(f"min {self.min} is above max {self.max}", at=("min",))
        return self
