"""Words that planners use for what this program calls by another name: one table for keys, measures and labels.

A measure, a platform and a format are understood by their other names, in capitals or small, one or many. A key is
not: an error names the right one, so that a file has one way to say a thing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Meaning(NamedTuple):
    """What a word stands for.

    Attributes:
        key: of an offer.
        measure: the one that is nearest.
        is_measure: whether the word is as good as the measure's name.
    """

    key: str
    measure: str
    is_measure: bool = False


_SOLD = Meaning("conversion_rate", "conversions", is_measure=True)
_PAID = Meaning("cost_per_post", "cost")
_EARNED = Meaning("value_per_conversion", "revenue")
MEANINGS: dict[str, Meaning] = {
    "lead": _SOLD,
    "sale": _SOLD,
    "order": _SOLD,
    "view": Meaning("impressions_per_post", "impressions", is_measure=True),
    "fee": _PAID,
    "rate": _PAID,
    "price": _PAID,
    "cost": _PAID,
    "aov": _EARNED,
    "basket": _EARNED,
    "average_order_value": _EARNED,
}
"""A word in the singular -> what it stands for."""

TAGS = ("market", "flight")
"""Words that are no keys but usual tags: `tags: {market: IT}`."""

LABELS: dict[str, str] = {
    "reels": "reel",
    "stories": "story",
    "shorts": "short",
    "posts": "post",
    "videos": "video",
    "ig": "instagram",
    "insta": "instagram",
    "yt": "youtube",
    "tt": "tiktok",
    "fb": "facebook",
    "twitter": "x",
}
"""Other names of formats and platforms, in small letters."""


def _singular(word: str, known: Iterable[str]) -> str:
    """The word of a table that is meant, whatever its capitals and number; "" for none of them."""
    small = word.strip().casefold().replace(" ", "_").replace("-", "_")
    return next((form for form in (small, small.removesuffix("s")) if form in known), "")


def meaning(word: str) -> Meaning | None:
    """What a word stands for; None where it is none of the table."""
    return MEANINGS.get(_singular(word, MEANINGS))


def stands_for(word: str) -> tuple[str, ...]:
    """Every name that a word may be another name of: measure and key, or a format or platform; () for none."""
    meant, label = meaning(word), LABELS.get(word.strip().casefold())
    return (meant.measure, meant.key) if meant is not None else () if label is None else (label,)


def usual_tag(word: str) -> str | None:
    """The usual tag that is meant, e.g. "market" for "Markets"; None for another word."""
    return _singular(word, TAGS) or None


def measure_meant(word: str, own: Iterable[str] = ()) -> str:
    """The measure that a word names: "conversions" for "sales"; a word that is no other name of one stays as it is.

    Args:
        word: where a measure is named.
        own: names of the user's own measures. One that is the same word, in whatever form, keeps it: what is meant is
            then not certain, and an error asks.
    """
    meant = meaning(word)
    if meant is None or not meant.is_measure:
        return word
    same = _singular(word, MEANINGS)
    return word if any(_singular(name, MEANINGS) == same for name in own) else meant.measure
