"""The source table `benchmarks.csv`: its rows, which of them count, and in which unit.

A row is left out, for the first of these reasons that holds (`REASONS`):

    low quality    its note calls it low quality
    computed       we computed it from a raw file; those lists are selected, so their levels are biased
    template       a text generator, content farm or rewritten copy stands behind it
    not measured   a tool's own default or rule of thumb for reach, engagement or price per thousand
    outlier        its note calls the study an outlier
    repeat         it repeats another row of the table
    other tiers    its tiers do not mean what ours mean
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

Base = Literal["followers", "impressions"]

SOURCE = Path(__file__).with_name("benchmarks.csv")

REASONS: dict[str, re.Pattern[str]] = {
    "low quality": re.compile(r"low quality", re.IGNORECASE),
    "computed": re.compile(r"\bCOMPUTED\b"),
    "template": re.compile(r"AI-assistant template|AI-written|content-farm|spun copy"),
    "not measured": re.compile(r"calculator assumptions|calculator defaults|vendor estimation rule"),
    "outlier": re.compile(r"outlier", re.IGNORECASE),
    "repeat": re.compile(r"same defaults as"),
    "other tiers": re.compile(r"local tier bounds"),
}
"""Why a row is left out: what its note says."""

_ABOUT = re.compile(r"about (\d{4}) by context")


@dataclass(frozen=True, slots=True)
class Row:
    """One cited figure as printed in its source; low, typical, high are None where not printed."""

    metric: str
    tier: str
    platform: str
    format: str
    low: float | None
    typical: float | None
    high: float | None
    unit: str
    as_of: str
    publisher: str
    note: str

    @property
    def left_out(self) -> str | None:
        """The reason for which the row does not count, or None where it does."""
        return next((reason for reason, mark in REASONS.items() if mark.search(self.note)), None)

    @property
    def year(self) -> int | None:
        """Year of the figure: the printed one, else the one its context suggests."""
        if self.as_of:
            return int(self.as_of)
        about = _ABOUT.search(self.note)
        return int(about[1]) if about else None

    @property
    def source(self) -> str:
        """Publisher and year: `HypeAuditor 2018`; `about` where the page itself is undated."""
        name = self.publisher.partition(" (")[0]
        about = "" if self.as_of else "about "
        return f"{name} {about}{self.year}" if self.year else name

    @property
    def triple(self) -> tuple[float | None, float | None, float | None]:
        """Low, typical and high as they enter the medians.

        Without a typical value the midpoint is sqrt(low x high). A typical value with only one bound
        beside it keeps the typical value alone: those pairs are a mean and a median, not a range.
        """
        if self.typical is None:
            both = self.low is not None and self.high is not None
            return (self.low, math.sqrt((self.low or 0.0) * (self.high or 0.0)) if both else None, self.high)
        if self.low is None or self.high is None:
            return (None, self.typical, None)
        return (self.low, self.typical, self.high)

    @property
    def from_brands(self) -> bool:
        """Whether the figure was measured on accounts of brands rather than of creators."""
        return any(
            word in self.note for word in ("brand accounts", "brand profiles", "for brands", "brand posts")
        )


@lru_cache(maxsize=1)
def source_rows() -> tuple[Row, ...]:
    """Every row of `benchmarks.csv`, those left out included."""
    with SOURCE.open(encoding="utf-8", newline="") as lines:
        return tuple(_row(record) for record in csv.DictReader(lines))


def _row(record: dict[str, str]) -> Row:
    numbers = [float(record[name]) if record[name] else None for name in ("low", "typical", "high")]
    texts = {
        name: record[name] for name in ("metric", "tier", "platform", "format", "unit", "publisher", "note")
    }
    return Row(**texts, as_of=record["as_of"], low=numbers[0], typical=numbers[1], high=numbers[2])


@dataclass(frozen=True, slots=True)
class Reading:
    """How the rows of some metrics become one field of an offer.

    `units` maps a printed unit to the factor into ours (and, for engagement rates, to its base); a row in
    any other unit is left out. So euro, pound and rupee figures never meet dollars in one median, and
    prices per deal, payment or asset never meet prices per post.
    """

    field: str
    metrics: frozenset[str]
    units: dict[str, float]
    formats: dict[str, str | None]
    open_ended: bool = False  # "10,000+" says something about a price; "can be 100%+" nothing about a rate


_FEED = {"post": "post", "sponsored post": "post", "photo": "post", "promotional tweet": "post",
         "reel": "reel", "story": "story", "video": "video", "sponsored video": "video"}  # fmt: skip
_OF_FOLLOWERS = ("percent of followers", "percent of subscribers", "percent of fans",
                 "percent of followers (as printed)")  # fmt: skip

READINGS = (
    Reading("cost_per_post", frozenset({"cost_per_post"}),
            {"USD per post": 1.0, "USD per video": 1.0, "USD per story": 1.0}, dict(_FEED), open_ended=True),
    Reading("reach_rate", frozenset({"reach_rate", "view_rate"}),
            dict.fromkeys(_OF_FOLLOWERS, 0.01), dict(_FEED)),
    Reading("engagement_rate", frozenset({"engagement_rate"}),
            {"percent": 0.01, "percent of followers": 0.01, "percent of views": 0.01}, dict(_FEED)),
    Reading("click_rate", frozenset({"click_through_rate"}),
            dict.fromkeys(("percent of impressions", "percent of viewers", "percent of story views",
                           "percent of story viewers"), 0.01),
            {"post": "post", "story link sticker": "story",
             **{f"sponsored link, {niche}": "video"
                for niche in ("finance", "software", "fitness", "gaming", "beauty", "lifestyle")}}),
    Reading("conversion_rate", frozenset({"conversion_rate"}),
            dict.fromkeys(("percent of clicks", "percent of clicks (campaign CVR)"), 0.01),
            {"link": None, "affiliate link": None}),
)  # fmt: skip
"""The fields with public figures; everything else is in `assumptions.yaml`."""

ENGAGEMENT_BASES: dict[str, tuple[Base, frozenset[str]]] = {
    "instagram": ("followers", frozenset({"percent of followers", "percent"})),
    "tiktok": ("impressions", frozenset({"percent of views"})),
    "youtube": ("impressions", frozenset({"percent of views", "percent"})),
    "facebook": ("followers", frozenset({"percent of followers", "percent"})),
    "x": ("followers", frozenset({"percent of followers", "percent"})),
    "all": ("followers", frozenset({"percent of followers", "percent"})),
}
"""Base of the engagement rate per platform, and the printed units that are read as that base.

Instagram, Facebook, X: rates are by followers, and a row that names no base is read so, as calculators
there count. TikTok: practice is divided, so only rows that say "of views" count (every tier has two or
more). YouTube: rates are by views; its only source with tiers names no base, and by subscribers its
levels (nano 3.2 %) would mean some 10 % of views, which nothing supports. Rates of reach or of
impressions on Instagram are left out, so no median mixes bases.
"""


def counted(reading: Reading, rows: Iterable[Row]) -> list[Row]:
    """The rows that enter the medians of one field."""
    return [row for row in rows if row.metric in reading.metrics and _counts(reading, row)]


def _counts(reading: Reading, row: Row) -> bool:
    if row.left_out or row.unit not in reading.units or (row.format and row.format not in reading.formats):
        return False
    if reading.field == "engagement_rate":
        known = ENGAGEMENT_BASES.get(row.platform)
        if known is None or row.unit not in known[1]:
            return False
    return row.triple[1] is not None or (reading.open_ended and row.low is not None)
