"""Figures that follow the number of followers: curves, points, and what a country does to fees."""

from __future__ import annotations

from itertools import pairwise
from math import log10, sqrt
from typing import Literal

from pydantic import Field

from optimizer.benchmarks.figures import RATES, TENTH, UNITS, Figure, Name, Text, Texts, digits
from optimizer.language.quantities import plain
from optimizer.language.records import Record

Share = tuple[str, float]
"""A publisher with year, and how much it counts, from 0 to 1."""
CENTRE = 5.0
"""log10 of the followers at which a curve's level is stated: 100,000."""


class Country(Record):
    """What fees in a country are against those of the mix of the sources."""

    code: str = Field(pattern="^[A-Z]{2}$")
    """ISO 3166-1 alpha-2."""
    name: str
    factor: float = Field(gt=0)
    """Times the mix, typical."""
    sd: float = Field(ge=0)
    """Standard deviation of log10 of the factor."""
    kind: Literal["benchmark", "assumption"]
    sources: Texts = ()
    note: str = ""

    @property
    def origin_text(self) -> str:
        """The factor and where it comes from, in one line."""
        why = ", ".join(self.sources) if self.kind == "benchmark" else "by price level"
        return f"{self.name} x {plain(digits(self.factor))} of the mix of countries ({why})"


class Curve(Record):
    """A field as a straight line in the logarithm of followers, on one platform in one format.

    log10 of the typical value = level + slope x, with x = log10(followers) - 5; log10 of the 80 % range lies
    1.2816 sd on either side, sd^2 = variance[0] + variance[1] x + variance[2] x^2. Money in the set's currency.
    """

    field: Literal["cost_per_post", "reach_rate", "engagement_rate"]
    platform: Name | None
    """None: of a platform that no figure is about."""
    format: Name | None
    base: Literal["followers", "impressions"] | None = None
    level: float
    slope: float
    variance: tuple[float, float, float]
    spread: float
    post_spread: float
    kind: Literal["benchmark", "assumption"]
    sources: tuple[Share, ...] = ()
    """Publishers with year and how much each counts at 100,000 followers, the weightiest first."""
    figures: int
    publishers: int
    years: Text = ""
    note: str = ""

    def at(self, followers: float, market: Country | None = None) -> Figure:
        """The figure for so many followers (above 0), in a country or in the mix of the sources."""
        x = log10(followers) - CENTRE
        value = self.level + self.slope * x
        variance = self.variance[0] + self.variance[1] * x + self.variance[2] * x * x
        note = self.note
        if self.field == "cost_per_post":
            if market is None:
                note = "mix of countries, mostly prices in US dollars" + (f"; {note}" if note else "")
            else:
                value += log10(market.factor)
                variance += market.sd**2
                note = f"{market.origin_text}" + (f"; {note}" if note else "")
        half = TENTH * sqrt(variance)
        low, typical, high = (digits(10**v) for v in (value - half, value, value + half))
        if self.field in RATES:
            low, typical, high = (min(1.0, number) for number in (low, typical, high))
        return Figure.model_construct(
            field=self.field, tier=None, platform=self.platform, format=self.format,
            low=low, typical=typical, high=high,
            unit=f"fraction of {self.base}" if self.base else UNITS[self.field], base=self.base,
            kind=self.kind, sources=tuple(name for name, _ in self.sources),
            weights=tuple(weight for _, weight in self.sources), figures=self.figures,
            publishers=self.publishers, years=self.years, note=note, spread=self.spread,
            post_spread=self.post_spread,
        )  # fmt: skip


class Points(Record):
    """A field that follows size where only a few sizes are known or thought of: straight between them.

    `low`, `typical` and `high` are straight lines in log10(followers) between the points, on the logarithm of
    the value, and level outside them.
    """

    field: str
    followers: tuple[float, ...]
    """Rising."""
    low: tuple[float, ...]
    typical: tuple[float, ...]
    high: tuple[float, ...]
    kind: Literal["benchmark", "assumption"]
    sources: Texts = ()
    figures: int = 0
    years: Text = ""
    note: str = ""

    def at(self, followers: float) -> Figure:
        """The figure for so many followers, above 0."""
        low, typical, high = (
            digits(_between(followers, self.followers, values))
            for values in (self.low, self.typical, self.high)
        )
        return Figure.model_construct(
            field=self.field, tier=None, platform=None, format=None, low=low, typical=typical, high=high,
            unit=UNITS[self.field], base=None, kind=self.kind, sources=self.sources, weights=(),
            figures=self.figures, publishers=0, years=self.years, note=self.note, spread=None,
            post_spread=None,
        )  # fmt: skip


def _between(followers: float, sizes: tuple[float, ...], values: tuple[float, ...]) -> float:
    """The value at so many followers, on straight lines between the points on a log-log scale."""
    if followers <= sizes[0]:
        return values[0]
    for (left, right), (low, high) in zip(pairwise(sizes), pairwise(values), strict=True):
        if followers <= right:
            part = log10(followers / left) / log10(right / left)
            return float(low * (high / low) ** part)
    return values[-1]
