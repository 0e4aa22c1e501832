"""A figure: low, typical and high of one field, what it is of, and where it comes from."""

from __future__ import annotations

from datetime import date
from math import exp, hypot, log
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from optimizer.language.errors import did_you_mean
from optimizer.language.names import word
from optimizer.language.quantities import parse_number, plain, refuse_two_numbers
from optimizer.language.records import Record

TENTH = 1.2815515655446004
"""The 90th percentile of the standard normal: an 80 % range is the typical value -+ this many sd."""
DEFAULT_FORMATS = {
    "instagram": "post",
    "tiktok": "video",
    "youtube": "video",
    "facebook": "post",
    "x": "post",
}
"""The format meant by an offer that names a platform and no format."""

_ALSO = {
    ("tiktok", "post"): "video",
    ("youtube", "post"): "video",
    ("instagram", "video"): "reel",
    ("facebook", "video"): "reel",
}
"""Platform and a word for a format there -> the format that is meant."""


def meant_format(platform: str | None, format: str | None) -> str | None:
    """The format that is meant on a platform, in our words: the usual one where none is named."""
    if platform is None or format is None:
        return DEFAULT_FORMATS.get(platform or "") if format is None else word(format)
    return _ALSO.get((word(platform), word(format)), word(format))


UNITS = {
    "followers": "people",
    "cost_per_post": "USD per post",
    "reach_rate": "fraction of followers",
    "engagement_rate": "fraction of followers",
    "click_rate": "fraction of impressions",
    "conversion_rate": "fraction of clicks",
    "authentic": "fraction of the audience",
    "completion": "fraction of booked creators",
    "repeat_decay": "fraction lost with each further post",
    "hours_per_creator": "hours per creator",
    "hours_per_post": "hours per post",
    "engagement_mix.likes": "fraction of engagements",
    "engagement_mix.comments": "fraction of engagements",
    "engagement_mix.shares": "fraction of engagements",
    "engagement_mix.saves": "fraction of engagements",
}

FIELDS = tuple(UNITS)
"""The fields of an offer that a set can fill; `engagement_mix.likes` is `likes` inside `engagement_mix`."""

MIX = tuple(field for field in FIELDS if field.startswith("engagement_mix."))
"""Shares of one whole: the kinds of engagement."""
RATES = frozenset(FIELDS) - {"followers", "cost_per_post", "hours_per_creator", "hours_per_post"}
"""The fields that are fractions from 0 to 1."""

Number = Annotated[float, BeforeValidator(parse_number)]
Name = Annotated[str, BeforeValidator(lambda value: word(value) if isinstance(value, str) else value)]
Text = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, int | date) else value)]
Texts = Annotated[
    tuple[str, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)
]
Key = tuple[str, str | None, str | None, str | None]


class Figure(Record):
    """One low / typical / high figure of a set: what it is of, and where it comes from.

    Rates are fractions (0.05), money is in the set's currency, effort in hours. A tier, platform or
    format of None means any. In a file `low` and `high` may be left out where no range is known.
    """

    field: str
    """The offer field it fills, one of `FIELDS`."""
    tier: Name | None = None
    """nano, micro, mid, macro, mega or a tier of the set's own."""
    platform: Name | None = None
    """instagram, tiktok, youtube, facebook, x or another."""
    format: Name | None = None
    """post, reel, story, video or another."""
    low: Number
    """A low value that is still ordinary, in `unit`."""
    typical: Number
    """The value the optimizer plans with, in `unit`."""
    high: Number
    """A high value that is still ordinary, in `unit`."""
    unit: str
    """Unit in words; by default the one of the field."""
    base: Literal["followers", "impressions"] | None = None
    """What an engagement rate is a fraction of; None for every other field."""
    kind: Literal["benchmark", "assumption"] = "benchmark"
    """benchmark: read from cited figures; assumption: reasoned, because nobody publishes it."""
    sources: Texts = ()
    """Publisher and year of each figure used, those that count most first; of an assumption, its anchors."""
    weights: tuple[float, ...] = ()
    """How much each of `sources` counts, adding up to at most 1; empty where they count alike."""
    publishers: int = Field(default=0, ge=0)
    """Number of publishers behind it, where `sources` does not name all of them; 0: as many as named."""
    spread: float | None = Field(default=None, ge=0)
    """Between creators of one size: standard deviation of the natural logarithm; None where nobody knows."""
    post_spread: float | None = Field(default=None, ge=0)
    """Between posts of one creator: standard deviation of the natural logarithm; None where nobody knows."""
    figures: int = Field(default=0, ge=0)
    """Number of cited figures (rows of the source table) behind it."""
    years: Text = ""
    """First and last year of the figures, such as "2021-2025"; empty where there are none."""
    note: str = ""
    """The reasoning behind an assumption; the caveats of a benchmark."""

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, data: Any) -> Any:
        """Take low and high from typical, unit and base from the field, where a file leaves them out."""
        if not isinstance(data, dict):
            return data
        if "typical" not in data:
            raise ValueError("typical is missing")
        if data.get("field") in ("followers", "cost_per_post"):
            for part in ("low", "typical", "high"):
                refuse_two_numbers(data.get(part))
        base = data.get("base")
        unit = f"fraction of {base}" if base else UNITS.get(str(data.get("field")), "")
        full = {"low": data["typical"], "high": data["typical"], "unit": unit, **data}
        if full.get("field") == "engagement_rate":
            full.setdefault("base", "followers")
        return full

    @model_validator(mode="after")
    def _check(self) -> Self:
        """Refuse what cannot be right: an unknown field, a crossed range, a rate that is no fraction."""
        if self.field not in UNITS:
            raise ValueError(
                f"{self.field!r} is no figure a set can hold ({did_you_mean(self.field, FIELDS)})"
            )
        numbers = ", ".join(plain(number) for number in (self.low, self.typical, self.high))
        if not self.low <= self.typical <= self.high:
            raise ValueError(f"low, typical, high must rise; {numbers} does not")
        if self.low < 0:
            raise ValueError(f"a figure cannot be negative: {numbers}")
        if self.field in RATES and self.base != "impressions" and self.high > 1:
            raise ValueError(f"{self.field} is a fraction from 0 to 1, so 5% is 0.05 or 5%; found {numbers}")
        if (self.base is None) == (self.field == "engagement_rate"):
            raise ValueError("base (followers or impressions) belongs to engagement_rate, and only there")
        if self.format is not None and self.platform is None:
            raise ValueError(f"a format ({self.format}) needs its platform")
        return self

    @property
    def key(self) -> Key:
        """Field, tier, platform and format: what makes the figure unique within its set."""
        return (self.field, self.tier, self.platform, self.format)

    @property
    def range_of_creators(self) -> tuple[float, float]:
        """From low to high, widened by how much creators of one size differ: 8 in 10 single creators."""
        if not self.spread or not 0 < self.low < self.high:
            return self.low, self.high
        own = TENTH * self.spread
        low = self.typical * exp(-hypot(log(self.typical / self.low), own))
        high = self.typical * exp(hypot(log(self.high / self.typical), own))
        return digits(low), digits(min(high, 1.0) if self.field in RATES else high)

    @property
    def source_text(self) -> str:
        """Where the number comes from, in one line, as the list of assumptions of a plan prints it."""
        if self.kind == "assumption":
            return self.note or "no reason given"
        cited = self.citation
        if self.weights:
            shares = zip(self.sources[:2], self.weights[:2], strict=True)
            cited = "curve: " + ", ".join(
                f"{source} counts {100 * weight:.0f} %" for source, weight in shares
            )
        return "; ".join(part for part in (cited, self.note) if part) or "no source given"

    @property
    def citation(self) -> str:
        """The first two sources and how many more there are; empty where none is named."""
        shown, more = self.sources[:2], len(self.sources) - 2
        return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def describe(field: str, tier: str | None, platform: str | None, format: str | None = None) -> str:
    """A figure's place in words: `cost_per_post of nano on instagram (reel)`."""
    text = field + (f" of {tier}" if tier else "") + (f" on {platform}" if platform else "")
    return text + (f" ({format})" if format else "")


def digits(number: float) -> float:
    """The number with three significant digits: the sources carry no more."""
    return float(f"{number:.3g}")
