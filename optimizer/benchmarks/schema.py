"""What a benchmark set is: figures and curves with their sources, and the order in which they fill an offer."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from optimizer.benchmarks.corrections import Correction, corrections_of
from optimizer.benchmarks.curves import Country, Curve, Points
from optimizer.benchmarks.figures import DEFAULT_FORMATS, MIX, Figure, Key, Text, describe, meant_format
from optimizer.benchmarks.learnt import Key as LearntKey
from optimizer.benchmarks.learnt import Learnt, entries_of
from optimizer.language.names import word
from optimizer.language.records import Record


def _none(value: Any) -> Any:
    return None if isinstance(value, str) and value.strip().lower() in ("none", "") else value


class BenchmarkSet(Record):
    """Sourced low / typical / high figures that fill what an offer leaves out."""

    name: str
    """Name by which a scenario asks for it."""
    as_of: Text
    """Day on which its sources were last read, as an ISO date."""
    currency: str = Field(default="USD", pattern="^[A-Z]{3}$")
    """ISO 4217 code of every money figure."""
    description: str = ""
    """What it covers and how it was made."""
    over: Annotated[str | None, BeforeValidator(_none)] = "global-2026"
    """The packaged set that says what this one leaves out; None: nothing does."""
    corrections: Annotated[tuple[Correction, ...], BeforeValidator(corrections_of)] = ()
    """Factors on what the set below says; in a file `{cost_per_post: x 0.8 for micro instagram}`."""
    learnt: Annotated[tuple[Learnt, ...], BeforeValidator(entries_of)] = ()
    """What results of one's own say against the set below, as `optimize learn` writes it: a table in CSV, or a list;
    corrections come after."""
    figures: tuple[Figure, ...] = ()
    """The figures, in the order of `FIELDS`."""
    curves: tuple[Curve, ...] = ()
    """Fields that follow the number of followers."""
    points: tuple[Points, ...] = ()
    """Fields that follow it from a few points."""
    countries: tuple[Country, ...] = ()
    """Countries it knows, by code."""
    made: dict[str, Any] = Field(default_factory=dict)
    """How a fitted set was made: coefficients with their uncertainty, weights with reasons, held-out quality."""

    @model_validator(mode="after")
    def _unique(self) -> Self:
        """Refuse two figures for the same field, tier, platform and format."""
        seen: set[Key] = set()
        for figure in self.figures:
            if figure.key in seen:
                raise ValueError(f"two figures for {describe(*figure.key)}; keep one")
            seen.add(figure.key)
        learnt: set[LearntKey] = set()
        for entry in self.learnt:
            if entry.key in learnt:
                raise ValueError(
                    f"learnt: two entries for {' '.join(str(part) for part in entry.key if part)}"
                )
            learnt.add(entry.key)
        if self.learnt and self.over is None:
            raise ValueError("learnt: factors need a set below them (over)")
        return self

    @cached_property
    def learnt_by_key(self) -> dict[LearntKey, Learnt]:
        """What was learnt, for looking up."""
        return {entry.key: entry for entry in self.learnt}

    @cached_property
    def _by_key(self) -> dict[Key, Figure]:
        return {figure.key: figure for figure in self.figures}

    @cached_property
    def _curves(self) -> dict[tuple[str, str | None, str | None], Curve]:
        return {(curve.field, curve.platform, curve.format): curve for curve in self.curves}

    @cached_property
    def _points(self) -> dict[str, Points]:
        return {points.field: points for points in self.points}

    @cached_property
    def platforms(self) -> dict[str, tuple[str, ...]]:
        """Platform -> the formats it has figures or curves for, the usual one first."""
        found: dict[str, list[str]] = {}
        places = [(curve.platform, curve.format) for curve in self.curves]
        places += [(figure.platform, figure.format) for figure in self.figures]
        for platform, format in places:
            if platform is not None and format is not None:
                found.setdefault(platform, []).append(format)
        return {
            platform: tuple(sorted(set(formats), key=lambda f: (f != DEFAULT_FORMATS.get(platform), f)))
            for platform, formats in found.items()
        }

    @cached_property
    def named_platforms(self) -> tuple[str, ...]:
        """Platforms that it says something about, with or without a format."""
        named = [curve.platform for curve in self.curves] + [figure.platform for figure in self.figures]
        return tuple(dict.fromkeys(platform for platform in named if platform is not None))

    def lookup(
        self,
        field: str,
        tier: str | None,
        platform: str | None,
        format: str | None = None,
        *,
        followers: float | None = None,
        market: Country | None = None,
    ) -> Figure | None:
        """The most specific figure for an offer, or None where the set has none.

        Tried in this order: a figure of tier + platform + format, tier + platform, platform + format, tier,
        platform, general; then the curve of platform and format at so many followers; then the points. A figure
        without a format serves every format; an offer that names no format means the platform's usual one
        (`DEFAULT_FORMATS`). A platform the set does not know is served by tier, and by the curve of no platform.
        """
        found = self.says(field, tier, platform, format)
        if found is None or isinstance(found, Figure):
            return found
        if not followers or followers < 0:
            return None
        return found.at(followers, market) if isinstance(found, Curve) else found.at(followers)

    def says(
        self, field: str, tier: str | None, platform: str | None, format: str | None
    ) -> Figure | Curve | Points | None:
        """What `lookup` takes: a figure, or what follows the number of followers, where that is known."""
        asked = (field, tier, platform, format)
        if asked not in self._tables:
            self._tables[asked] = self._table(*asked)
        figure, platform, format = self._tables[asked]
        if figure is not None:
            return figure
        known = platform in self.platforms
        curve = self._curves.get((field, platform, format) if known else (field, None, None))
        return self._points.get(field) if curve is None else curve

    def has_mix(self, tier: str | None, platform: str | None, format: str | None) -> bool:
        """Whether it says anything about the kinds of engagement there."""
        return any(self.lookup(field, tier, platform, format) is not None for field in MIX)

    @cached_property
    def _tables(self) -> dict[Key, tuple[Figure | None, str | None, str | None]]:
        """What was looked up before: many offers ask the same."""
        return {}

    def _table(
        self, field: str, tier: str | None, platform: str | None, format: str | None
    ) -> tuple[Figure | None, str | None, str | None]:
        """The most specific figure that does not follow size, and platform and format as the set has them."""
        tier, platform = (None if part is None else word(part) for part in (tier, platform))
        format = meant_format(platform, format)
        for key in (
            (field, tier, platform, format),
            (field, tier, platform, None),
            (field, None, platform, format),
            (field, tier, None, None),
            (field, None, platform, None),
            (field, None, None, None),
        ):
            figure = self._by_key.get(key)
            if figure is not None:
                return figure, platform, format
        return None, platform, format
