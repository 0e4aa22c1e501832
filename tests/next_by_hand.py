"""What knowing a number is worth, by looking at every plan: the definitions a second time, in plain Python.

Nothing here imports from `optimizer`. Scenarios are plain data whose uncertain numbers are `[low, typical, high]`.
"""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Any

from tests.enumeration import TOLERANCE, World, number, product

Data = dict[str, Any]
TENTH = NormalDist().inv_cdf(0.9)
COMMON = {"market": 0.30, "platform": 0.20, "tier": 0.10}
SHARES = ("reach_rate", "engagement_rate", "click_rate", "conversion_rate", "authentic", "on_target", "completion",
          "commission", "repeat_decay")  # fmt: skip
TESTED = ("engagement_rate", "engagements_per_post", "reach_rate", "impressions_per_post", "click_rate",
          "conversion_rate")  # fmt: skip


def moved(field: str, numbers: list[Any], place: float) -> float:
    """A number at a place of its range."""
    low, typical, high = (number(one) or 0.0 for one in numbers)
    end, steps = (low, -place / TENTH) if place < 0 else (high, place / TENTH)
    if field in SHARES:
        if not (0 < end < 1 and 0 < typical < 1):
            return min(1.0, max(0.0, typical + steps * (end - typical)))
        middle, far = math.log(typical / (1 - typical)), math.log(end / (1 - end))
        return 1 / (1 + math.exp(-(middle + steps * (far - middle))))
    if end <= 0:
        return max(0.0, typical + steps * (end - typical))
    return typical * (end / typical) ** steps


def correlation(data: Data, one: Data, other: Data) -> float:
    """Of the same number of two offers."""
    shares = {**COMMON, **data.get("correlation", {})}
    alike = {
        "market": one.get("country") == other.get("country"),
        "platform": one.get("platform") == other.get("platform"),
        "tier": one.get("tier") == other.get("tier"),
    }
    return sum(shares[group] for group, same in alike.items() if same)


def deviation(offer: Data, field: str) -> float:
    """Standard deviation of the logarithm of a number, by its range."""
    low, typical, high = (number(one) or 0.0 for one in offer[field])
    return math.log(high / low) / (2 * TENTH) if low > 0 else (high - low) / (2 * TENTH * typical)


def alone(offer: Data, field: str) -> float:
    """Spread of the one creator there is, where a test post tells of her."""
    one = offer.get("creators", {}).get("max", math.inf) <= 1
    return float(offer.get("spread", 0.0)) if one and field in TESTED else 0.0


def belief(offer: Data, field: str, told: float = 1.0) -> NormalDist:
    """Where the number is expected once it is known, or told of with that correlation, in steps of its range.

    Worked out on the logarithm: a number of steps u is u d more; d^2 is what is not known of creators like her, s^2
    what is not known of her. Told of part of it, the expected factor of one creator stays 1.
    """
    d, s = deviation(offer, field), alone(offer, field)
    if not s:
        return NormalDist(0.0, told)
    return NormalDist(-0.5 * told**2 * s**2 / d, told * math.sqrt(d**2 + s**2) / d)


def with_known(data: Data, offer: int, field: str, place: float) -> Data:
    """The scenario in which one number is at a place of its range."""
    changed = copy.deepcopy(data)
    own = data["offers"][offer]
    known = belief(own, field)
    z = (place - known.mean) / known.stdev
    for index, other in enumerate(data["offers"]):
        if not (isinstance(other.get(field), list) and number(other[field][0]) != number(other[field][2])):
            continue
        r = 1.0 if index == offer else correlation(data, own, other)
        if index == offer:
            changed["offers"][index][field] = moved(field, other[field], place)
        elif r > 0:
            # of her logarithm, d^2 of d^2 + s^2 is what others have in common with her
            changed["offers"][index][field] = moved(field, other[field], r * z / known.stdev)
    for one in changed["offers"]:  # a post reaches no more people than it is shown
        shown, people = (
            number(one.get("impressions_per_post")),
            number(one.get("reachable", one.get("followers"))),
        )
        seen = number(one.get("reach_rate"))
        if shown is not None and people is not None and seen is not None and seen * people > shown:
            one["reach_rate"] = shown / people
    return changed


def gain(data: Data, today: list[tuple[int, ...]], offer: int, field: str, place: float) -> float:
    """What the best plan brings there more than today's."""
    world = World(with_known(data, offer, field, place))
    measure, sign, _ = world.goals[0]
    kept = [plan for plan in world.plans() if world.keeps_limits(plan)]
    if not kept:
        return 0.0

    def best(test: Callable[[int, int], bool]) -> float | None:
        values = [
            sign * world.total(plan, measure)
            for plan in kept
            if all(
                test(n, before)
                for option, counts in zip(plan, today, strict=True)
                for n, before in zip(option["counts"], counts, strict=True)
            )
        ]
        return max(values, default=None)

    value = best(int.__eq__)
    if value is None:
        value = best(int.__le__)
    if value is None:
        value = best(int.__ge__)
    if value is None:
        booked = [world.option(o, counts) for o, counts in enumerate(today)]
        value = sign * world.total(booked, measure)
    most = best(lambda n, before: True)
    assert most is not None
    difference = most - value
    return max(0.0, 0.0 if abs(difference) <= TOLERANCE * max(1.0, abs(value)) else difference)


def expectation(gains: dict[float, float], law: NormalDist, steps: int = 8000) -> float:
    """Of gains that are straight between the places they are known at, and stay beyond: density times gain, summed."""
    places = sorted(gains)

    def at(place: float) -> float:
        if place <= places[0]:
            return gains[places[0]]
        if place >= places[-1]:
            return gains[places[-1]]
        left, right = next(pair for pair in itertools.pairwise(places) if pair[0] <= place <= pair[1])
        share = (place - left) / (right - left)
        return gains[left] + share * (gains[right] - gains[left])

    step = 16 * law.stdev / steps
    middles = [law.mean - 8 * law.stdev + (n + 0.5) * step for n in range(steps)]
    return sum(law.pdf(place) * at(place) for place in middles) * step


def counted(offer: Data, field: str) -> float | None:
    """What one post is expected to bring of what a number is counted by; None where that is not known."""

    def of(name: str) -> float | None:
        return number(offer.get(name))

    people = number(offer.get("reachable", offer.get("followers")))
    shown = of("impressions_per_post")
    if shown is None and offer.get("cpm") is not None and offer.get("cost_per_post") is not None:
        shown = 1000 * (of("cost_per_post") or 0.0) / (of("cpm") or 1.0)
    if shown is None:
        shown = product(people, of("reach_rate"))
    if field in ("engagement_rate", "engagements_per_post"):
        by_impressions = offer.get("engagement_base") == "impressions"
        each = of("engagements_per_post")
        return (
            product(of("engagement_rate"), shown if by_impressions else of("followers"))
            if each is None
            else each
        )
    rates = {"click_rate": ["click_rate"], "conversion_rate": ["click_rate", "conversion_rate"]}.get(
        field, []
    )
    return product(shown, *(of(rate) for rate in rates))


def told(offer: Data, field: str, counted: float | None) -> float:
    """Correlation of what one test post says with the number."""
    one = offer.get("creators", {}).get("max", math.inf) <= 1
    spread = float(offer.get("spread", 0.0))
    noise = float(offer.get("post_spread", 0.0)) ** 2 + (0.0 if counted is None else 1 / counted)
    variance = deviation(offer, field) ** 2
    if one:
        variance += spread**2
    else:
        noise += spread**2
    return math.sqrt(variance / (variance + noise))
