"""Independent recount of mean and standard deviation, for limits and objectives with a confidence.

The counting shares nothing with `forms`, `moments` or `ranged`, on purpose: formulas are told a second time from the
terms, sums are decimal, and expectations of two correlated numbers are taken another way, by what they have in common:

    z = sqrt(r) c + sqrt(1 - r) e,  z' = sqrt(r) c + sqrt(1 - r) e':   E[g(z) g'(z')] = E_c[ E_e[g] E_e'[g'] ]
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from optimizer.language.measures import RATIOS, REACH
from optimizer.program.packages import Floats
from optimizer.program.program import Program
from optimizer.program.sure import Sure
from optimizer.program.terms import Terms
from optimizer.scenario.fields import SHARE_FIELDS, Bound
from optimizer.scenario.scenario import Scenario
from optimizer.solve.verify import Booking, Counter

NINTH = NormalDist().inv_cdf(0.9)
CLOSE = 1e-4
"""Relative difference of two standard deviations that counts as integration error."""


@dataclass(frozen=True)
class Factor:
    """A number (low, typical, high, a share or not) and how it enters: as a power, as reached or repeats by k posts."""

    low: float
    typical: float
    high: float
    share: bool
    enters: str
    by: float

    def at(self, z: Floats) -> Floats:
        """What it multiplies a value by, at standard normal z."""
        number = np.where(z < 0, self._side(self.low, -z), self._side(self.high, z))
        if self.enters == "reached":
            reached = 1 - (1 - np.minimum(number, 1.0)) ** self.by
            return np.asarray(reached / (1 - (1 - self.typical) ** self.by))
        if self.enters == "repeats":
            decay, typical = np.zeros_like(z), 0.0
            for j in range(int(self.by)):
                decay, typical = decay + (1 - number) ** j, typical + (1 - self.typical) ** j
            return np.asarray(decay / typical)
        if self.enters == "due":
            return np.asarray(self.by + (1 - self.by) * number)
        return np.asarray((number / self.typical) ** self.by)

    def _side(self, end: float, far: Floats) -> Floats:
        steps = far / NINTH
        if self.share and 0 < end < 1 and 0 < self.typical < 1:
            odds = (
                self.typical
                / (1 - self.typical)
                * (end / (1 - end) * (1 - self.typical) / self.typical) ** steps
            )
            return odds / (1 + odds)
        if not self.share and end > 0 and self.typical > 0:
            return self.typical * (end / self.typical) ** steps
        straight = self.typical + steps * (end - self.typical)
        return np.clip(straight, 0.0, 1.0 if self.share else np.inf)


@dataclass(frozen=True)
class _Piece:
    """value x factors x what the creator does, for one booking; `does` as result, fee or certain."""

    booking: Booking
    offer: int
    value: Decimal
    does: str
    factors: Mapping[str, Factor]
    creators: Decimal


def _grid(step: float) -> tuple[Floats, Floats]:
    z = np.arange(-10, 10 + step / 2, step)
    weights = np.exp(-z * z / 2)
    return z, weights / weights.sum()


@lru_cache(maxsize=4096)
def _given_common(factor: Factor, correlation: float) -> Floats:
    """E[g | c] at the points of the coarse grid."""
    common, _ = _grid(0.1)
    rest, weights = _grid(0.02 if correlation == 0 else 0.05)
    z = math.sqrt(correlation) * common[:, None] + math.sqrt(1 - correlation) * rest[None, :]
    return np.asarray(factor.at(z) @ weights)


@lru_cache(maxsize=65536)
def _pair(one: Factor | None, other: Factor | None, correlation: float) -> float:
    """E[g g'] of two numbers, one of which may be missing (1)."""
    if correlation >= 1:
        z, weights = _grid(0.01)
        ones = np.ones_like(z)
        first = ones if one is None else one.at(z)
        second = ones if other is None else other.at(z)
        return float((first * second) @ weights)
    _, weights = _grid(0.1)
    parts = [1.0 if each is None else _given_common(each, correlation) for each in (one, other)]
    return float(np.sum(parts[0] * parts[1] * weights))


class SureRecount:
    """Mean and variance of what a limit or an objective counts, for some bookings."""

    def __init__(
        self,
        scenario: Scenario,
        terms: Sequence[Terms],
        bookings: Sequence[Booking],
        shares: Mapping[str, float],
        shape: float | None = None,
    ) -> None:
        self.scenario, self.terms, self.shares, self.shape = scenario, terms, shares, shape
        self.bookings = [b for b in bookings if b.creators]
        self.counter = Counter(scenario, terms, self.bookings, None)

    def moments(self, pieces: Sequence[_Piece]) -> tuple[Decimal, Decimal]:
        """Mean and standard deviation."""
        mean = Decimal(0)
        means = []
        for piece in pieces:
            each = piece.value * piece.creators
            for factor in self._with_delivery(piece).values():
                each *= Decimal(repr(_pair(factor, None, 0.0)))
            means.append(each)
            mean += each
        variance = Decimal(0)
        for i, one in enumerate(pieces):
            for j, other in enumerate(pieces[: i + 1]):
                double = 1 if i == j else 2
                product = one.value * other.value
                for field, both in self._both(one, other):
                    product *= Decimal(repr(_pair(*both, self._correlation(one.offer, other.offer, field))))
                variance += double * (product * one.creators * other.creators - means[i] * means[j])
                if one.booking is other.booking:
                    variance += double * self._of_creator(one, other) * one.creators
        return mean, max(Decimal(0), variance).sqrt()

    def _both(self, one: _Piece, other: _Piece) -> list[tuple[str, tuple[Factor | None, Factor | None]]]:
        mine, theirs = self._with_delivery(one), self._with_delivery(other)
        return [(field, (mine.get(field), theirs.get(field))) for field in dict.fromkeys([*mine, *theirs])]

    def _correlation(self, one: int, other: int, field: str) -> float:
        del field
        if one == other:
            return 1.0
        a, b = self.terms[one], self.terms[other]
        same = {
            "market": a.country == b.country,
            "platform": a.platform == b.platform,
            "tier": a.tier == b.tier,
        }
        return sum(self.shares[name] for name, alike in same.items() if alike)

    def _chance(self, offer: int) -> Factor | None:
        return self._factor(offer, "completion")

    def _typical(self, offer: int) -> float:
        value = self.terms[offer].get("completion")
        return 1.0 if value is None else value

    def _due(self, offer: int) -> float:
        due = self.terms[offer].get("paid_if_missed")
        return 1.0 if due is None else due

    def _with_delivery(self, piece: _Piece) -> dict[str, Factor]:
        factors = dict(piece.factors)
        typical, due = self._typical(piece.offer), self._due(piece.offer)
        chance = self._chance(piece.offer) or Factor(typical, typical, typical, True, "power", 1.0)
        if piece.does == "result" and chance.low < chance.high:
            factors["completion"] = chance
        if piece.does == "fee" and due < 1:
            factors["completion"] = Factor(chance.low, chance.typical, chance.high, True, "due", due)
        return factors

    def _of_creator(self, one: _Piece, other: _Piece) -> Decimal:
        """What one creator adds to the covariance of two pieces of his."""
        kinds = {one.does, other.does}
        if "certain" in kinds:
            return Decimal(0)
        terms, offer = self.terms[one.offer], one.offer
        typical, due = self._typical(offer), self._due(offer)
        chance = self._chance(offer)
        first, second = typical, typical**2
        if chance is not None:
            first, second = typical * _pair(chance, None, 0.0), typical**2 * _pair(chance, chance, 1.0)
        spread, posts = terms.get("spread") or 0.0, terms.get("post_spread") or 0.0
        squared = math.exp(spread**2) * (1 + (math.exp(posts**2) - 1) / one.booking.posts)
        if kinds == {"result"}:
            between = (first * squared - second) / typical**2
        elif kinds == {"fee"}:
            between = (1 - due) ** 2 * (first - second)
        else:
            between = (1 - due) * (first - second) / typical
        product = one.value * other.value * Decimal(repr(between))
        for field in dict.fromkeys([*one.factors, *other.factors]):
            product *= Decimal(repr(_pair(one.factors.get(field), other.factors.get(field), 1.0)))
        return product

    # --- what is counted ---------------------------------------------------------------------------------------

    def pieces(self, measure: str, offers: Sequence[int], times: Decimal = Decimal(1)) -> list[_Piece]:
        """What a measure is made of, over the bookings of some offers, times a number."""
        found = []
        for booking in self.bookings:
            if booking.offer in offers:
                creators = Decimal(repr(float(booking.creators)))
                for value, does, factors in self._of_one(measure, booking):
                    if value:
                        found.append(_Piece(booking, booking.offer, times * value, does, factors, creators))
        for offer in dict.fromkeys(b.offer for b in self.bookings if b.offer in offers):
            once = self.counter.setup(measure, offer)
            if once:
                field = "setup_hours" if measure == "hours" else "setup_cost"
                alone = Booking(offer, 1, 1.0)
                found.append(
                    _Piece(alone, offer, times * once, "certain", self._product(offer, (field,)), Decimal(1))
                )
        return found

    def _of_one(self, measure: str, booking: Booking) -> list[tuple[Decimal, str, dict[str, Factor]]]:
        offer, posts = booking.offer, booking.posts
        sold = ("impressions_per_post", "click_rate", "conversion_rate")
        if measure == "profit":
            minus = [
                (-value, does, factors)
                for part in ("cost_of_goods", "cost")
                for value, does, factors in self._of_one(part, booking)
            ]
            return [*self._of_one("revenue", booking), *minus]
        if measure == "cost":
            return self._cost(booking, sold)
        if measure == "hours":
            once = self.counter.number(offer, "hours_per_creator") or Decimal(0)
            each = (self.counter.number(offer, "hours_per_post") or Decimal(0)) * posts
            return [
                (once, "certain", self._product(offer, ("hours_per_creator",))),
                (each, "certain", self._product(offer, ("hours_per_post",))),
            ]
        value = self.counter.one(measure, offer, posts) or Decimal(0)
        if measure in ("creators", "posts"):
            return [(value, "certain", {})]
        if measure in self.scenario.measures:
            own = self._factor(offer, f"measures.{measure}")
            return [(value, "certain", {} if own is None else {f"measures.{measure}": own})]
        goods = {"revenue": "value_per_conversion", "cost_of_goods": "cost_per_conversion"}
        fields = {
            "impressions": sold[:1],
            "clicks": sold[:2],
            "conversions": sold,
            **{name: (*sold, field) for name, field in goods.items()},
        }
        if measure in fields:
            return [(value, "result", self._product(offer, fields[measure]))]
        if measure == REACH.name:
            value = self._index(value)
        if measure in ("gross_reach", REACH.name):
            factors = self._product(offer, ("authentic", "on_target", "reachable"))
            rate = self.terms[offer].numbers.get("reach_rate")
            if rate is not None and rate.origin == "derived":
                factors = self._product(offer, ("authentic", "on_target", "reachable", "reach_rate"))
            elif (own := self._factor(offer, "reach_rate")) is not None:
                factors["reach_rate"] = _entering(own, "reached", posts)
            return [(value, "result", factors)]
        factors = self._product(offer, ("authentic", "on_target", "engagements_per_post"))
        decay = self._factor(offer, "repeat_decay")
        if decay is not None:
            factors["repeat_decay"] = _entering(decay, "repeats", posts)
        return [(value, "result", factors)]

    def _index(self, reached: Decimal) -> Decimal:
        """Reach of one creator as the index that adds up, of the size of people."""
        assert self.scenario.audience is not None, "reach needs an audience"
        people = Decimal(repr(self.scenario.audience.people))
        missed = -(1 - reached / people).ln()
        if self.shape is None or math.isinf(self.shape):
            return people * missed
        a = Decimal(repr(self.shape))
        return people * a * ((missed / a).exp() - 1)

    def _cost(self, booking: Booking, sold: tuple[str, ...]) -> list[tuple[Decimal, str, dict[str, Factor]]]:
        offer = booking.offer
        fees = self.scenario.fees
        times = 1 + Decimal(repr(fees.agency)) + Decimal(repr(fees.contingency))
        once = (self.counter.number(offer, "cost_per_creator") or Decimal(0)) * times
        commission = Decimal(0)
        if rate := self.counter.number(offer, "commission"):
            commission = rate * (self.counter.one("revenue", offer, booking.posts) or Decimal(0))
        whole = self.counter.one("cost", offer, booking.posts) or Decimal(0)
        on_sales = ("commission", *sold, "value_per_conversion")
        return [
            (once, "certain", self._product(offer, ("cost_per_creator",))),
            (whole - once - commission, "fee", self._product(offer, ("cost_per_post",))),
            (commission, "result", self._product(offer, on_sales)),
        ]

    def _product(self, offer: int, fields: Sequence[str]) -> dict[str, Factor]:
        powers: dict[str, float] = {}
        for field in fields:
            self._add(offer, field, 1.0, powers)
        found = {}
        for field, power in powers.items():
            factor = self._factor(offer, field)
            if factor is not None and power:
                found[field] = _entering(factor, "power", power)
        return found

    def _add(self, offer: int, field: str, power: float, powers: dict[str, float]) -> None:
        """Follow a derived number back to what it is worked out from."""
        number = self.terms[offer].numbers.get(field)
        if number is None:
            return
        if number.origin != "derived":
            powers[field] = powers.get(field, 0.0) + power
            return
        for other in number.follows_from:
            divides = (field, other) in (("impressions_per_post", "cpm"), ("reach_rate", "reachable"))
            self._add(offer, other, -power if divides else power, powers)

    def _factor(self, offer: int, field: str) -> Factor | None:
        """The number as one that varies, None where it does not."""
        terms = self.terms[offer]
        own = field.removeprefix("measures.") if field.startswith("measures.") else None
        number = terms.numbers.get(field) if own is None else terms.measures.get(own)
        if number is None or number.origin == "derived":
            return None
        low, typical, high = number.estimate
        if low == high or typical == 0 or (field == "followers" and number.origin != "yours"):
            return None
        if own is not None and low <= 0:
            return _Straight(low, typical, high, False, "power", 1.0)
        return Factor(low, typical, high, field in SHARE_FIELDS, "power", 1.0)

    def limit(self, measure: str, offers: Sequence[int], bound: Bound | None) -> list[_Piece]:
        """What a limit compares with a number: a measure less a share of a total, or a ratio multiplied out."""
        everyone = range(len(self.terms))
        if measure in RATIOS and bound is not None:
            ratio = RATIOS[measure]
            top = self.pieces(ratio.numerator, offers, Decimal(repr(ratio.factor)))
            return [*top, *self.pieces(ratio.denominator, offers, -Decimal(repr(bound.number)))]
        found = self.pieces(measure, offers)
        if (
            bound is not None
            and bound.of is not None
            and bound.of not in ("budget", "effort_hours", "audience")
        ):
            found += self.pieces(bound.of, everyone, -Decimal(repr(bound.number)))
        return found


class _Straight(Factor):
    """A user's own measure that may be negative: straight on both sides, without a cut."""

    def _side(self, end: float, far: Floats) -> Floats:
        return self.typical + far / NINTH * (end - self.typical)


def _entering(factor: Factor, enters: str, by: float) -> Factor:
    return type(factor)(factor.low, factor.typical, factor.high, factor.share, enters, by)


def disagreements(program: Program, columns: Floats) -> list[str]:
    """Limits and objectives with a confidence whose mean or sd in a plan is not what this recount comes to."""
    packages = program.packages
    bookings = [
        Booking(int(packages.offer[p]), int(packages.posts[p]), float(columns[p]))
        for p in np.flatnonzero(columns[: packages.count] > 0)
    ]
    one = None if program.reach is None else program.reach.one
    shape = None if one is None else one.shape
    recount = SureRecount(program.scenario, packages.terms, bookings, program.varying.shares, shape)
    found = []
    everyone = range(len(packages.terms))
    asked: list[tuple[Sure, list[_Piece]]] = []
    for rule in program.rules:
        offers = sorted(set(packages.offer[rule.columns[: packages.count]].tolist()))
        for sure in program.sures_of(rule):
            bound = rule.minimum if sure.sign > 0 else rule.maximum
            asked.append((sure, recount.limit(rule.measure, offers, bound)))
    for goal in program.scenario.objective:
        wish = program.sure_goal(goal)
        if wish is not None:
            asked.append((wish, recount.pieces(goal.measure, everyone)))
    with localcontext() as context:
        context.prec = 40
        for sure, pieces in asked:
            mean, sd = (float(number) for number in recount.moments(pieces))
            theirs, spread = sure.moments.mean_of(columns), sure.moments.sd_of(columns)
            size = sum(abs(float(piece.value * piece.creators)) for piece in pieces)
            if abs(mean - theirs) > CLOSE * max(spread, 1e-3 * size) or abs(sd - spread) > CLOSE * max(
                spread, 1e-3 * size
            ):
                found.append(
                    f"{sure.name}: mean {theirs:.8g} and sd {spread:.8g}, recounted {mean:.8g} and {sd:.8g}"
                )
    return found
