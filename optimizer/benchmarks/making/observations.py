"""Rows of the source table -> observations of one linear model on the log10 scale.

With x = log10(followers) - 5, and for each platform p, format g and field (fee, reach rate, engagement rate):

    log fee        = a[p] + b[p] x + g[format] + country + asked + e      fee in US dollars per post
    log reach rate = the same with its own coefficients + brands          share of followers
    log engagement = the same with its own coefficients + brands          share of its base
    log CPM        = 3 + log fee - 5 - x - log reach rate + quoted        US dollars per 1,000 impressions
    log CPE        = log fee - 5 - x - log engagement [- log reach] + quoted   US dollars per engagement

The last two are identities, so that rows about CPM and CPE pull on the curves of fee, reach and engagement.
Engagement rates are shares of followers on Instagram, Facebook and X, of views on TikTok and YouTube; a row with
the other base is one of engagement and reach together.

Coefficients have names: `fee` (common level), `fee/` (common slope), `fee@tiktok`, `fee/@tiktok` (how a platform
departs from them), `fee:reel` (format), `fee any platform`, `fee #IT` (country), `fee price level`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from optimizer.benchmarks.making.prices import price_level
from optimizer.benchmarks.making.source import CENTRE, FEE_METRICS, Row
from optimizer.benchmarks.making.stated import Stated

Kind = Literal["fee", "reach", "engagement", "cpm", "cpe"]
Coefficients = dict[str, float]

PLATFORMS = ("instagram", "tiktok", "youtube", "facebook", "x")
OF_VIEWS = ("tiktok", "youtube")
"""Platforms whose engagement rate is a share of views (impressions); the others' is one of followers."""
FORMATS: dict[str, dict[str, str | None]] = {
    "instagram": {
        "": None, "post": None, "sponsored post": None, "organic post": None, "photo": None,
        "reel": "reel", "story": "story", "carousel": "carousel",
    },
    "tiktok": {"": None, "video": None, "post": None},
    "youtube": {
        "": None, "video": None, "sponsored video": None, "post": None, "integration": None,
        "post or integration": None, "dedicated video": "dedicated", "short": "short",
    },
    "facebook": {"": None, "post": None, "reel": "reel"},
    "x": {"": None, "post": None, "promotional tweet": None, "sponsored post": None},
    "all": {"": None, "post": None},
}  # fmt: skip
"""Platform -> format as printed -> our format, None for the usual one; rows of any other format do not count."""
LIKES_SHARE = 0.9
"""Likes among likes, comments and saves (88 to 94 % on Instagram): turns a like rate into an engagement rate."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One equation: value = sum of coefficients x their factors + error.

    Attributes:
        value: log10 of the row's middle, in the unit of its kind.
        coefficients: name -> factor.
        size: log10(followers) - 5 that the row is about.
        variance: of the error, as a multiple of a measured row's.
    """

    row: Row
    kind: Kind
    value: float
    coefficients: Coefficients
    size: float
    variance: float

    @property
    def group(self) -> tuple[str, Kind]:
        """Publisher and kind: rows that share a level and a slope of their own."""
        return (self.row.name, self.kind)


def curve(
    field: Kind, platform: str | None, format: str | None, size: float, sign: float = 1.0
) -> Coefficients:
    """The coefficients that make up log10 of a field at a size, times `sign`."""
    parts = {field: sign, f"{field}/": sign * size}
    if platform in PLATFORMS:
        parts |= {f"{field}@{platform}": sign, f"{field}/@{platform}": sign * size}
    else:
        parts[f"{field} any platform"] = sign
    if format is not None:
        parts[f"{field}:{format}"] = sign
    return parts


def observations(rows: Iterable[Row], stated: Stated) -> list[Observation]:
    """Every row that says something about a price, a reach or an engagement rate of the model."""
    found = (_observe(row, stated) for row in rows if not row.left_out)
    return [observation for observation in found if observation is not None]


def _observe(row: Row, stated: Stated) -> Observation | None:
    platform = "all" if row.platform in ("instagram+tiktok", "tiktok+instagram") else row.platform
    format = row.format.partition(",")[0].strip()
    if platform not in FORMATS or format not in FORMATS[platform]:
        return None
    ours = FORMATS[platform][format]
    if row.metric in FEE_METRICS:
        return _fee(row, stated, platform, ours)
    if row.metric in ("reach_rate", "view_rate"):
        return _reach(row, stated, platform, ours)
    if row.metric in ("engagement_rate", "like_rate"):
        return _engagement(row, stated, platform, ours)
    if row.metric in ("cpm", "cpv", "cpe"):
        return _price_of_response(row, stated, platform, ours)
    return None


def _fee(row: Row, stated: Stated, platform: str, format: str | None) -> Observation | None:
    if not row.unit.endswith(("per post", "per video", "per story", "followers", "follower", "subscribers")):
        return None  # prices of deals, payments, packages and assets are not prices of a post
    amount, size, extra = row.middle, row.size, 1.0
    if amount is None and row.low and row.follower_low and not row.high:
        amount, size, extra = row.low, math.log10(row.follower_low) - CENTRE, stated.row("border")
    if row.metric in ("cost_per_1k_followers", "cost_per_10k_followers", "cost_per_follower"):
        size = 0.0  # the price of a follower, stated for no size, times 100,000 of them
    if not amount or size is None or row.low == 0.0:
        return None
    value = math.log10(row.dollars(amount) * FEE_METRICS[row.metric])
    parts = _sum(curve("fee", platform, format, size), _market(row))
    return Observation(row, "fee", value, parts, size, stated.evidence(row.evidence) * extra)


def _reach(row: Row, stated: Stated, platform: str, format: str | None) -> Observation | None:
    if row.middle is None:
        return None
    size, extra = (0.0, stated.row("no band")) if row.size is None else (row.size, 1.0)
    parts = curve("reach", platform, format, size)
    if row.accounts:
        parts["reach brands"] = 1.0
    value = math.log10(row.middle / 100)
    return Observation(row, "reach", value, parts, size, stated.evidence(row.evidence) * extra)


def _engagement(row: Row, stated: Stated, platform: str, format: str | None) -> Observation | None:
    if row.middle is None or format == "story":
        return None
    size, extra = (0.0, stated.row("no band")) if row.size is None else (row.size, 1.0)
    parts = curve("engagement", platform, format, size)
    of_views = any(word in row.unit for word in ("views", "impressions", "reach"))
    if "followers" in row.unit and platform in OF_VIEWS:
        parts = _sum(parts, curve("reach", platform, format, size))
    elif of_views and platform not in OF_VIEWS:
        parts = _sum(parts, curve("reach", platform, format, size, -1.0))
    elif "followers" not in row.unit and not of_views:
        extra *= stated.row("no base")
    if row.accounts:
        parts["engagement brands"] = 1.0
    parts["engagement decade"] = _decade(row)
    likes = math.log10(LIKES_SHARE) if row.metric == "like_rate" else 0.0
    value = math.log10(row.middle / 100) - likes
    return Observation(row, "engagement", value, parts, size, stated.evidence(row.evidence) * extra)


def _price_of_response(row: Row, stated: Stated, platform: str, format: str | None) -> Observation | None:
    """Observations of fee less reach (CPM, price of a view) or fee less engagement (CPE)."""
    if row.middle is None or "followers" in row.unit or row.format == "ad":
        return None
    size, extra = (0.0, stated.row("no band")) if row.size is None else (row.size, 1.0)
    value = math.log10(row.dollars(row.middle)) + CENTRE + size
    fee = _sum(curve("fee", platform, format, size), _market(row))
    if row.metric == "cpe":
        kind: Kind = "cpe"
        parts = _sum(fee, curve("engagement", platform, format, size, -1.0))
        if platform in OF_VIEWS:
            parts = _sum(parts, curve("reach", platform, format, size, -1.0))
    else:
        kind = "cpm"
        value += 0.0 if row.metric == "cpv" else -3.0
        parts = _sum(fee, curve("reach", platform, format, size, -1.0))
    if row.evidence not in ("transaction", "measured"):
        parts[f"{kind} quoted"] = 1.0
    return Observation(row, kind, value, parts, size, stated.evidence(row.evidence) * extra)


_MIX = ("", "USA", "USA mostly", "USA 82 percent of spend", "global")
"""Countries of rows that make up the mix: prices in dollars, most of them American."""


def _market(row: Row) -> Coefficients:
    """Country and asked against paid: half the distance to either side of the curve."""
    parts = {"asked": 0.5 if row.evidence in ("rate card", "opinion") else -0.5}
    if row.country not in _MIX:
        parts |= {f"fee #{row.country}": 1.0, "fee price level": math.log10(price_level(row.country))}
    return parts


NOW = 2025
"""The year of a row that names none, and of what the curves say."""


def _decade(row: Row) -> float:
    """Decades from now to the row's year: engagement rates fall over the years (reach shows no trend)."""
    return ((row.year or NOW) - NOW) / 10


def _sum(*parts: Mapping[str, float]) -> Coefficients:
    total: Counter[str] = Counter()
    for part in parts:
        for name, factor in part.items():
            total[name] += factor  # type: ignore[assignment]
    return dict(total)
