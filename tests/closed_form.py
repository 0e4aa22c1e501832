"""Mean and standard deviation of simple plans, in closed form and plain Python: a second telling of what varies.

Nothing here imports from `optimizer`. It knows offers of one package whose cost per post, engagements per post and
hours per creator are plain or [low, typical, high] with typical in the geometric middle, so that they are lognormal:

    E[U] = exp(s^2 / 2),   E[U U'] = exp((s^2 + s'^2) / 2 + r s s'),   s = ln(high / typical) / 1.28155

and whose creators deliver with a chance c and differ by a lognormal of mean 1.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

NINTH = 1.2815515655446004
COMMON = {"country": 0.30, "platform": 0.20, "tier": 0.10}
Data = Mapping[str, Any]
FIELD = {"cost": "cost_per_post", "engagements": "engagements_per_post", "hours": "hours_per_creator"}


def typical(number: Any) -> float:
    return float(number[1] if isinstance(number, list) else number)


def sigma(number: Any) -> float:
    return math.log(number[2] / number[1]) / NINTH if isinstance(number, list) else 0.0


def common(one: Data, other: Data) -> float:
    """Correlation of the same number of two offers."""
    return 1.0 if one is other else sum(r for key, r in COMMON.items() if one.get(key) == other.get(key))


class Sum:
    """A weighted sum of measures over a plan: {measure: weight}."""

    def __init__(self, offers: Sequence[Data], weights: Mapping[str, float]) -> None:
        self.offers, self.weights = offers, weights

    def part(self, offer: Data, measure: str) -> float:
        """The typical value of one creator, times its weight."""
        delivers = offer.get("completion", 1.0) if measure == "engagements" else 1.0
        return self.weights[measure] * typical(offer[FIELD[measure]]) * delivers

    def factor(self, offer: Data, measure: str) -> float:
        """Mean of what a creator multiplies a fee by; everything else is 1 on average."""
        if measure != "cost":
            return 1.0
        due = offer.get("paid_if_missed", 1.0)
        return float(due + (1 - due) * offer.get("completion", 1.0))

    def mean(self, counts: Sequence[float]) -> float:
        return sum(
            n * self.part(o, m) * self.factor(o, m) * math.exp(sigma(o[FIELD[m]]) ** 2 / 2)
            for n, o in zip(counts, self.offers, strict=True)
            for m in self.weights
        )

    def variance(self, counts: Sequence[float]) -> float:
        total = 0.0
        for (n, one), (k, other) in itertools.product(zip(counts, self.offers, strict=True), repeat=2):
            for m in self.weights:  # other measures have other numbers, which are independent
                s, t = sigma(one[FIELD[m]]), sigma(other[FIELD[m]])
                size = self.part(one, m) * self.factor(one, m) * self.part(other, m) * self.factor(other, m)
                total += n * k * size * math.exp((s * s + t * t) / 2) * math.expm1(common(one, other) * s * t)
        return total + sum(n * self.of_creator(o) for n, o in zip(counts, self.offers, strict=True))

    def of_creator(self, offer: Data) -> float:
        """What one creator adds by being different and by delivering or not."""
        c, due = offer.get("completion", 1.0), offer.get("paid_if_missed", 1.0)
        squared = math.exp(offer.get("spread", 0.0) ** 2)
        total = 0.0
        for m, k in itertools.product(self.weights, repeat=2):
            s, t = sigma(offer[FIELD[m]]), sigma(offer[FIELD[k]])
            size = self.part(offer, m) * self.part(offer, k)
            expected = math.exp(2 * s * s) if m == k else math.exp((s * s + t * t) / 2)
            pair = {m, k}
            if pair == {"engagements"}:
                between = (c * squared - c * c) / c**2
            elif pair == {"cost"}:
                between = (1 - due) ** 2 * (c - c * c)
            elif pair == {"cost", "engagements"}:
                between = (1 - due) * (c - c * c) / c
            else:
                between = 0.0
            total += size * expected * between
        return total

    def sd(self, counts: Sequence[float]) -> float:
        return math.sqrt(max(0.0, self.variance(counts)))


def plans(offers: Sequence[Data]) -> Iterator[tuple[int, ...]]:
    """Every plan of whole creators."""
    return itertools.product(*(range(int(o["creators"]["max"]) + 1) for o in offers))
