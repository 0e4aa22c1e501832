"""Random small scenarios of named creators, and what happens when one says no, from every plan there is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.enumeration import World
from tests.random_scenarios import Data, random_scenario

MOST_PLANS = 40_000
PRICES = ("cost_per_post", "cpm", "cost_per_creator")


def named_scenario(seed: int) -> Data | None:
    """`random_scenario` with every creator an offer of her own, each a little different; None where it is too large."""
    rng = np.random.default_rng(seed)
    data = random_scenario(seed)
    offers, names = [], {}
    for offer in data["offers"]:
        copies = [_copy(rng, offer, n) for n in range(max(2, offer.get("creators", {}).get("max", 3)))]
        names[offer["name"]] = [copy["name"] for copy in copies]
        offers += copies
    data["offers"] = offers
    for limit in data["limits"]:
        wanted = limit.get("where", {}).get("name")
        if wanted is not None:
            listed = wanted if isinstance(wanted, list) else [wanted]
            limit["where"]["name"] = [copy for name in listed for copy in names[name]]
    return data if World(data).size <= MOST_PLANS else None


def _copy(rng: np.random.Generator, offer: Data, number: int) -> Data:
    """Another creator like that: by another price, now and then at the same one."""
    by = 1.0 if rng.random() < 0.2 else float(rng.uniform(0.7, 1.3))
    copy = dict(offer, name=f"{offer['name']} {number + 1}", creators={"max": 1})
    if "cost_per_post" in offer and "cpm" in offer:
        return copy  # three numbers that must fit
    for price in PRICES:
        if price in copy and not isinstance(copy[price], list):
            copy[price] = round(copy[price] * by, 2)
    return copy


@dataclass
class Replaced:
    """Ways to fill one place, by how much each loses; None where there is none."""

    one: float | None
    best: float | None
    nobody: float | None
    of: dict[str, float] = field(default_factory=dict)
    """Offer -> the least that it loses alone in this place."""


def replaced(world: World, base: Any, dropped: set[int]) -> Replaced:
    """Every plan that keeps all bookings of `base` but those of some offers, of which it has none."""
    measure, sign, _ = world.goals[0]
    before = sign * world.total(base, measure)
    choices = []
    for o, options in enumerate(world.options):
        if o in dropped:
            choices.append([option for option in options if not any(option["counts"])])
        else:
            kept = base[o]["counts"]
            choices.append(
                [x for x in options if all(n >= k for n, k in zip(x["counts"], kept, strict=True))]
            )
    found = Replaced(None, None, None)
    smaller = World(world.data)
    smaller.options = choices  # type: ignore[misc]
    for plan in smaller.plans():
        entered = [
            o for o, option in enumerate(plan) if o not in dropped and option["counts"] != base[o]["counts"]
        ]
        if not world.keeps_limits(plan):
            continue
        loses = before - sign * world.total(plan, measure)
        found.best = loses if found.best is None else min(found.best, loses)
        if not entered:
            found.nobody = loses
        elif len(entered) == 1:
            found.one = loses if found.one is None else min(found.one, loses)
            name = world.offers[entered[0]]["name"]
            found.of[name] = min(loses, found.of.get(name, loses))
    return found
