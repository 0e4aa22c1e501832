"""What a benchmark set is: figures with their sources, and the order in which they fill an offer."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from optimizer.language.errors import did_you_mean
from optimizer.language.names import word
from optimizer.language.quantities import parse_number, plain
from optimizer.language.records import Record

DEFAULT_FORMATS = {
    "instagram": "post",
    "tiktok": "video",
    "youtube": "video",
    "facebook": "post",
    "x": "post",
}
"""The format meant by an offer that names a platform and no format."""

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

_RATES = frozenset(field for field, unit in UNITS.items() if unit.startswith("fraction"))

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
    """Publisher and year of each figure used, the newest first; of an assumption, its anchors."""
    figures: int = Field(default=0, ge=0)
    """Number of cited figures (rows of the source table) in the median."""
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
        if self.field in _RATES and self.base != "impressions" and self.high > 1:
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
    def publishers(self) -> tuple[str, ...]:
        """The distinct publishers behind `sources`, without their years."""
        return tuple(dict.fromkeys(_publisher(source) for source in self.sources))

    @property
    def origin_text(self) -> str:
        """Where the number comes from, in one line, as the list of assumptions of a plan prints it."""
        if self.kind == "assumption":
            return f"assumption: {self.note or 'no reason given'}"
        if len(self.publishers) <= 1:
            count = "one figure" if self.figures <= 1 else f"{self.figures} figures"
            return f"benchmark: {count} from one publisher, {self.citation or 'not named'}"
        years = f", {self.years}" if self.years else ""
        return f"benchmark: median of {self.figures} figures from {len(self.publishers)} publishers{years}"

    @property
    def citation(self) -> str:
        """The first two sources and how many more there are; empty where none is named."""
        shown, more = self.sources[:2], len(self.sources) - 2
        return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


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
    figures: tuple[Figure, ...]
    """The figures, in the order of `FIELDS`."""

    @model_validator(mode="after")
    def _unique(self) -> Self:
        """Refuse two figures for the same field, tier, platform and format."""
        seen: set[Key] = set()
        for figure in self.figures:
            if figure.key in seen:
                raise ValueError(f"two figures for {describe(*figure.key)}; keep one")
            seen.add(figure.key)
        return self

    @cached_property
    def _by_key(self) -> dict[Key, Figure]:
        return {figure.key: figure for figure in self.figures}

    def lookup(
        self, field: str, tier: str | None, platform: str | None, format: str | None = None
    ) -> Figure | None:
        """The most specific figure for an offer, or None where the set has none.

        Tried in this order: tier + platform + format, tier + platform, platform + format, tier, platform,
        general. A figure without a format serves every format; an offer that names no format means the
        platform's usual one (`DEFAULT_FORMATS`). A platform the set does not know is served by tier.
        """
        tier, platform, format = (None if part is None else word(part) for part in (tier, platform, format))
        if format is None and platform is not None:
            format = DEFAULT_FORMATS.get(platform)
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
                return figure
        return None

    def fill(self, tier: str | None, platform: str | None, format: str | None = None) -> dict[str, Figure]:
        """Every figure the set has for such an offer, by field and in the order of `FIELDS`."""
        found = ((field, self.lookup(field, tier, platform, format)) for field in FIELDS)
        return {field: figure for field, figure in found if figure is not None}


def describe(field: str, tier: str | None, platform: str | None, format: str | None = None) -> str:
    """A figure's place in words: `cost_per_post of nano on instagram (reel)`."""
    text = field + (f" of {tier}" if tier else "") + (f" on {platform}" if platform else "")
    return text + (f" ({format})" if format else "")


def _publisher(source: str) -> str:
    """`HypeAuditor about 2019` without its year: `HypeAuditor`."""
    words = source.split()
    if words and words[-1].isdigit() and len(words[-1]) == 4:
        words.pop()
        if words and words[-1] == "about":
            words.pop()
    return " ".join(words)
