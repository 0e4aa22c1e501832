"""Where one tier ends and the next begins: sources differ, so borders are data with a source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from optimizer.language.errors import FieldError, did_you_mean
from optimizer.language.quantities import parse_number, plain, refuse_two_numbers

Borders = dict[str, tuple[float, float | None]]


@dataclass(frozen=True, slots=True)
class BorderSet:
    """Named tier borders: the follower count from which each tier holds, and what is known about them.

    A lower bound is one number for every platform, or one per platform with a `default`.
    """

    lower: Mapping[str, float | Mapping[str, float]]
    source: str
    note: str


BORDERS: dict[str, BorderSet] = {
    "grin": BorderSet(
        lower={"nano": 1_000, "micro": 10_000, "macro": 100_000, "mega": 1_000_000},
        source="GRIN, How to Work with Nano, Micro, Macro, and Mega Influencers",
        note="The four types were seen at GRIN, the numbers not (the stored copy of the page ends before "
        "them). The same numbers were read at Fiverr (2025), Archive (about 2023) and Sconzy (about 2022). "
        "There is no mid tier here; many others put mid at 50k to 500k and begin macro at 500k.",
    ),
    "mediakix": BorderSet(
        lower={
            "nano": 1_000,
            "micro": 10_000,
            "macro": {"default": 100_000, "youtube": 250_000, "facebook": 250_000},
        },
        source="Mediakix, study of 742 sponsored posts of 16 brands, 2017",
        note="Confirmed: micro 10k to 100k and macro above 100k on Instagram, without an upper end, so mega "
        "is part of macro. Nano 1k to 10k is from its page of 2019. Not found in any stored copy: the 250k "
        "on YouTube and Facebook; a later edition of the page says macro is 500k to 1M on Instagram and 100k "
        "to 1M average views on YouTube. TikTok and X, which it does not treat, take Instagram's border.",
    ),
    "micro-10k": BorderSet(
        lower={"nano": 0, "micro": 1_000, "macro": 10_000, "mega": 100_000},
        source="an Italian convention: micro 1k to 10k, mega above 100k",
        note="Not confirmed: no Italian source that was read has it (DeRev 2021: nano 5k to 10k, micro 10k "
        "to 50k; MareMedia: micro 10k to 100k). Macro from 10k to 100k is what lies between the two, and "
        "nano below 1k is as at Reach Influencers (2021); both are our inference.",
    ),
}
"""The packaged tier borders."""


def packaged_borders() -> list[str]:
    """Names of the tier borders that come with the package, the usual one first."""
    return list(BORDERS)


def tier_borders(name: str, platform: str | None) -> Borders:
    """Lower and upper follower count of each tier, from small to large; the last may have no upper end.

    Raises `ValueError` with a message for the user where there are no borders of that name.
    """
    return borders_from_mapping(_named(name).lower, platform)


def borders_note(name: str) -> str:
    """Source of the named borders, and what of them was confirmed and what not.

    Raises `ValueError` with a message for the user where there are no borders of that name.
    """
    borders = _named(name)
    return f"{borders.source}. {borders.note}"


def borders_from_mapping(mapping: Mapping[str, float | Mapping[str, float]], platform: str | None) -> Borders:
    """A user's own borders: each tier from its lower bound to where the next begins.

    Args:
        mapping: tier -> lower bound in followers, or tier -> {default: bound, youtube: bound, ...}.
        platform: whose borders are wanted; None, or a platform the mapping does not name, takes `default`.

    Raises:
        FieldError: with a message for the user; `at` is the tier, where one is to blame.
    """
    if not mapping:
        raise FieldError("tier_borders names no tier", "write for instance {nano: 1k, micro: 10k}")
    lower = {tier: _bound(tier, bound, platform) for tier, bound in mapping.items()}
    order = sorted(lower, key=lambda tier: lower[tier])
    for tier, following in pairwise(order):
        if lower[tier] == lower[following]:
            raise FieldError(f"{tier} and {following} both begin at {plain(lower[tier])} followers")
    ends: list[float | None] = [*(lower[tier] for tier in order[1:]), None]
    return {tier: (lower[tier], end) for tier, end in zip(order, ends, strict=True)}


def tier_of(followers: float, borders: Borders) -> str | None:
    """The tier of so many followers, None where no tier has them."""
    for tier, (lower, upper) in borders.items():
        if followers >= lower and (upper is None or followers < upper):
            return tier
    return None


def span_of(tier: str, borders: Borders) -> tuple[float, float, float] | None:
    """Lower border, geometric middle and upper border of a tier, in followers; None where there is no such tier.

    An open end is taken one power of ten away.
    """
    lower, upper = borders.get(tier, (0.0, None))
    low = lower or (upper or 0.0) / 10
    high = upper or low * 10
    return (low, float(f"{(low * high) ** 0.5:.3g}"), high) if low else None


def _named(name: str) -> BorderSet:
    if name not in BORDERS:
        raise ValueError(f"no tier borders {name!r} ({did_you_mean(name, BORDERS)})")
    return BORDERS[name]


def _bound(tier: str, bound: float | Mapping[str, float], platform: str | None) -> float:
    if isinstance(bound, Mapping):
        chosen = bound.get((platform or "default").lower(), bound.get("default"))
        if chosen is None:
            where = platform or "an offer without platform"
            raise FieldError(f"has no bound for {where}", "add `default`", at=(tier,))
        bound = chosen
    try:
        refuse_two_numbers(bound)
        number = parse_number(bound)
    except ValueError as error:
        raise FieldError(str(error), at=(tier,)) from None
    if number < 0:
        raise FieldError(f"a number of followers cannot be negative ({plain(number)})", at=(tier,))
    return number
