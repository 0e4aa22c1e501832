"""What the benchmarks say of one creator: every figure, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.benchmarks.borders import span_of, tier_borders, tier_of
from optimizer.benchmarks.figures import meant_format
from optimizer.benchmarks.lookup import Benchmarks, Found, Place
from optimizer.language.errors import did_you_mean
from optimizer.language.names import TIERS

USUAL = "grin"
"""The tier borders of whoever names none."""


@dataclass(frozen=True, slots=True)
class Implied:
    """What follows from the typical figures of one post; None where one of them is missing.

    Attributes:
        impressions: followers x reach rate, per post.
        engagements: engagement rate x its base, per post.
        cpm: 1000 x fee / impressions, money per 1,000 impressions.
        cpe: fee / engagements, money per engagement.
        cpe_planned: the same of engagements as a plan counts them: of real followers (authentic), and counting that
            some booked creators never post (completion).
        engagements_of_reach: engagements / impressions, a fraction.
        engagements_of_followers: engagements / followers, a fraction.
        hours: of a creator with one post.
        hours_per_1000_engagements: hours / engagements x 1000.
    """

    impressions: float | None
    engagements: float | None
    cpm: float | None
    cpe: float | None
    cpe_planned: float | None
    engagements_of_reach: float | None
    engagements_of_followers: float | None
    hours: float | None
    hours_per_1000_engagements: float | None


@dataclass(frozen=True, slots=True)
class Answer:
    """Figures and what they imply for a creator of one size, on one platform in one format."""

    place: Place
    followers: float
    size_is_assumed: bool
    fields: dict[str, Found]
    implied: Implied

    @property
    def currency(self) -> str:
        """Of the fee."""
        fee = self.fields.get("cost_per_post")
        return fee.currency if fee is not None else "USD"


def answer(benchmarks: Benchmarks, place: Place) -> Answer:
    """The answer for a creator; one of a tier alone has the followers of its geometric middle.

    Raises:
        ValueError: with a message for the user, where neither followers nor a known tier are given, or the
            country is unknown.
    """
    place = place._replace(format=meant_format(place.platform, place.format))
    followers = place.followers
    if followers is None:
        followers = middle_of_tier(benchmarks, place)
    if place.tier is None:
        place = place._replace(tier=tier_of(followers, tier_borders(USUAL, place.platform)))
    place = place._replace(followers=followers)
    fields = {field: found for field, found in benchmarks.fill(place).items() if field != "followers"}
    return Answer(place, followers, place.followers is None, fields, _implied(fields, followers))


def middle_of_tier(benchmarks: Benchmarks, place: Place) -> float:
    """Followers that stand for a tier: of a set's own figure, else the geometric middle by the usual borders.

    Raises:
        ValueError: for a tier that neither knows.
    """
    own = benchmarks.figure("followers", place)
    if own is not None and own.own:
        return own.figure.typical
    borders = tier_borders(USUAL, place.platform)
    span = span_of(place.tier or "", borders)
    if span is not None:
        return span[1]
    if own is not None:
        return own.figure.typical
    hint = did_you_mean(place.tier or "", dict.fromkeys([*TIERS, *borders]))
    raise ValueError(f"unknown tier {place.tier!r} ({hint})")


def _implied(fields: dict[str, Found], followers: float) -> Implied:
    def typical(field: str) -> float | None:
        return fields[field].figure.typical if field in fields else None

    fee, reach, rate = typical("cost_per_post"), typical("reach_rate"), typical("engagement_rate")
    impressions = None if reach is None else followers * reach
    engagements = None
    if rate is not None:
        base = impressions if fields["engagement_rate"].figure.base == "impressions" else followers
        engagements = None if base is None else rate * base
    counted = engagements
    for share in (typical("authentic"), typical("completion")):
        counted = None if counted is None or share is None else counted * share
    once, post = typical("hours_per_creator"), typical("hours_per_post")
    hours = None if once is None or post is None else once + post
    return Implied(
        impressions=impressions,
        engagements=engagements,
        cpm=_ratio(fee, impressions, 1000),
        cpe=_ratio(fee, engagements),
        cpe_planned=_ratio(fee, counted),
        engagements_of_reach=_ratio(engagements, impressions),
        engagements_of_followers=_ratio(engagements, followers),
        hours=hours,
        hours_per_1000_engagements=_ratio(hours, engagements, 1000),
    )


def _ratio(above: float | None, below: float | None, times: float = 1.0) -> float | None:
    return None if above is None or not below else times * above / below
