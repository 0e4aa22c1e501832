"""Stress cases made by hand, on scenarios as plain data: a second telling of what the words of a change mean.

Nothing here imports from `optimizer`; `tests.enumeration` has the numbers.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from tests.enumeration import number

Data = dict[str, Any]


def times(value: Any, factor: float) -> Any:
    """A number as scenarios write it, or a range of them, by a factor."""
    return [number(part) * factor for part in value] if isinstance(value, list) else number(value) * factor


def all_by(offer: Data, factor: float, *fields: str) -> None:
    for field in fields:
        if field in offer:
            offer[field] = times(offer[field], factor)


def fees(offer: Data) -> None:
    all_by(offer, 1.2, "cost_per_post", "cpm")  # both, so that impressions, which may follow from them, stay


def less_engaging(offer: Data) -> None:
    if offer["platform"] == "instagram":
        all_by(offer, 0.7, "engagement_rate", "engagements_per_post")


def fewer_deliver(offer: Data) -> None:
    offer["completion"] = number(offer.get("completion", 1)) - 0.1


def slower(offer: Data) -> None:
    all_by(offer, 1.3, "hours_per_creator", "hours_per_post", "setup_hours")


def less_seen(offer: Data) -> None:
    if "reach_rate" in offer:
        all_by(offer, 0.8, "reach_rate")
    elif "impressions_per_post" in offer:
        all_by(offer, 0.8, "impressions_per_post")
    else:  # impressions follow from two prices
        shown = 1000 * number(offer["cost_per_post"]) / number(offer.pop("cpm"))
        offer["impressions_per_post"] = 0.8 * shown


def smaller_baskets(offer: Data) -> None:
    all_by(offer, 0.5, "value_per_conversion")


def set_up(offer: Data) -> None:
    if offer["name"] == "offer a":
        offer["setup_cost"] = 60 * (25_400 if offer.get("currency") == "VND" else 1)


CASES: dict[str, tuple[str, Callable[[Data], None]]] = {
    "dearer": ("fees +20%", fees),
    "less engaging": ("instagram engagement_rate x0.7", less_engaging),
    "fewer deliver": ("completion -10 points", fewer_deliver),
    "slower": ("hours +30%", slower),
    "less seen": ("reach_rate -20%", less_seen),
    "smaller baskets": ("value_per_conversion x0.5", smaller_baskets),
    "set up": ("offer 'offer a' setup_cost = 60", set_up),
}
"""Name -> the change in words, and the same by hand."""


def applies(data: Data, name: str) -> bool:
    """Whether a case changes anything in a scenario."""
    changed = by_hand(data, name)
    return bool(changed != copy.deepcopy(data))


def by_hand(data: Data, name: str) -> Data:
    """The scenario in a case."""
    changed = copy.deepcopy(data)
    for offer in changed["offers"]:
        CASES[name][1](offer)
    return changed
