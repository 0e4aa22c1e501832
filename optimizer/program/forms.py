"""Every measure as a sum of products of numbers that vary: what one column brings, written out.

A package's value of a measure is a sum of parts; a part is its value at typical numbers times how far each number that
varies is from typical:

    part(column) = value(column) x product over numbers f of g_f(z_f)

with z_f standard normal, the same for all creators of an offer. Three kinds of parts differ by what a creator does:

    result   x E D / completion      E: how this creator differs from the offer's typical one (mean 1), D: 1 where
                                     the creator delivers, else 0
    fee      x (m + (1 - m) D)       m = paid_if_missed, the share of a fee that is due in any case
    certain  x 1                     product, shipping, set-up, hours

Derived numbers vary with what they follow from: engagements per post = engagement rate x followers, and so on. The
followers of a tier do not vary: they are what the planner looks for, not something that is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

from optimizer.benchmarks.correlation import CORRELATION
from optimizer.language.measures import KINDS, RATIOS, REACH
from optimizer.program.audiences import Audiences
from optimizer.program.filling import Sourced
from optimizer.program.packages import Floats, Packages
from optimizer.program.ranged import Kind, Ranged
from optimizer.program.rules import Bools, values_of
from optimizer.program.terms import Terms
from optimizer.scenario.fields import SHARE_FIELDS
from optimizer.scenario.scenario import Scenario

Does = Literal["result", "fee", "certain"]
Shape = Literal["power", "repeats", "reached", "due"]


class Factor(NamedTuple):
    """How one number of an offer enters a part.

    Attributes:
        field: the number.
        shape: power: (number / typical)^exponent; repeats: what k posts bring with this repeat decay; reached: who k
            posts reach at this reach rate, both relative to typical.
        exponent: of a power.
    """

    field: str
    shape: Shape
    exponent: float = 1.0


@dataclass(frozen=True)
class Part:
    """One sum of products over all columns.

    Attributes:
        values: at typical numbers, shape (columns,); 0 where a column has nothing of it.
        does: what a creator does to it.
        factors: of each offer, in the order of the offers.
    """

    values: Floats
    does: Does
    factors: tuple[tuple[Factor, ...], ...]


Form = tuple[Part, ...]
"""A linear form over the columns whose coefficients vary: a measure, or what a limit says of several."""


@dataclass(frozen=True)
class Varying:
    """What varies in a scenario.

    Attributes:
        scenario: whose numbers they are.
        packages: the columns.
        reach: whose audience is whose, None without an audience.
        ranged: of each offer, field -> the number that varies.
        spread, post_spread: of each offer, standard deviations of logarithms, shape (offers,).
        delivers: typical share of booked creators who deliver, shape (offers,).
        due: share of a fee that is due to one who does not, shape (offers,).
        correlation: of the same number of two offers, shape (offers, offers); 1 on the diagonal.
        shares: market, platform, tier -> share of variance that is common.
    """

    scenario: Scenario
    packages: Packages
    reach: Audiences | None
    ranged: tuple[Mapping[str, Ranged], ...]
    spread: Floats
    post_spread: Floats
    delivers: Floats
    due: Floats
    correlation: Floats
    shares: Mapping[str, float]

    @property
    def anything(self) -> bool:
        """Whether anything varies at all."""
        sure = not self.spread.any() and not self.post_spread.any() and bool(np.all(self.delivers == 1))
        return not sure or any(self.ranged)


def varying(scenario: Scenario, packages: Packages, reach: Audiences | None) -> Varying:
    """What varies in a scenario."""
    terms = packages.terms

    def column(field: str, missing: float) -> Floats:
        values = [t.get(field) for t in terms]
        return np.array([missing if v is None else v for v in values], dtype=float)

    shares = shares_of(scenario)
    common = np.zeros((len(terms), len(terms)))
    for group, label in LABELS.items():
        numbers: dict[str | None, int] = {}
        codes = np.array([numbers.setdefault(label(t), len(numbers)) for t in terms])
        common += shares[group] * (codes[:, None] == codes[None, :])
    common[np.diag_indices(len(terms))] = 1.0
    return Varying(
        scenario,
        packages,
        reach,
        tuple(_ranged(t) for t in terms),
        column("spread", 0.0),
        column("post_spread", 0.0),
        column("completion", 1.0),
        column("paid_if_missed", 1.0),
        common,
        shares,
    )


LABELS: dict[str, Callable[[Terms], str | None]] = {
    "market": lambda terms: terms.country,
    "platform": lambda terms: terms.platform,
    "tier": lambda terms: terms.tier,
}
"""What offers have in common -> where it is read from; offers that do not say are taken as one group."""


def shares_of(scenario: Scenario) -> dict[str, float]:
    """Share of the variance that offers of one market, platform, tier have in common: the scenario's, or the usual."""
    chosen = scenario.correlation
    shares = {}
    for group, usual in CORRELATION.items():
        given: float | None = getattr(chosen, group)
        shares[group] = usual.share if given is None else given
    return shares


def _ranged(terms: Terms) -> dict[str, Ranged]:
    numbers = {**terms.numbers, **{f"measures.{name}": value for name, value in terms.measures.items()}}
    found = {}
    for field, sourced in numbers.items():
        low, typical, high = sourced.estimate
        by_tier = field == "followers" and sourced.origin != "yours"
        if low < high and typical != 0 and not by_tier and sourced.origin != "derived":
            found[field] = Ranged(low, typical, high, _kind(field))
    return found


def _kind(field: str) -> Kind:
    if field.startswith("measures."):
        return "signed"
    return "share" if field in SHARE_FIELDS else "amount"


def _inverse(sourced: Sourced) -> tuple[str, ...]:
    """Fields that a derived number is divided by."""
    match sourced.follows_from:
        case ("cost_per_post", "cpm"):
            return ("cpm",)
        case ("impressions_per_post", "reachable"):
            return ("reachable",)
        case _:
            return ()


class _Offer:
    """The numbers of one offer as products of those that vary."""

    def __init__(self, terms: Terms, ranged: Mapping[str, Ranged]) -> None:
        self.terms, self.ranged = terms, ranged

    def powers(self, *fields: str) -> dict[str, float]:
        """Number that varies -> its exponent in the product of some numbers."""
        total: dict[str, float] = {}
        for field in fields:
            for name, exponent in self._powers_of(field).items():
                total[name] = total.get(name, 0.0) + exponent
        return {name: exponent for name, exponent in total.items() if exponent}

    def _powers_of(self, field: str) -> dict[str, float]:
        own = field.startswith("measures.")
        sourced = (
            self.terms.measures.get(field.removeprefix("measures.")) if own else self.terms.numbers.get(field)
        )
        if sourced is None:
            return {}
        if sourced.origin != "derived":
            return {field: 1.0} if field in self.ranged else {}
        inverse = _inverse(sourced)
        total: dict[str, float] = {}
        for other in sourced.follows_from:
            sign = -1.0 if other in inverse else 1.0
            for name, exponent in self._powers_of(other).items():
                total[name] = total.get(name, 0.0) + sign * exponent
        return total

    def product(self, *fields: str) -> tuple[Factor, ...]:
        """The factors of a product of numbers."""
        return tuple(Factor(name, "power", exponent) for name, exponent in self.powers(*fields).items())

    def reached(self) -> tuple[Factor, ...]:
        """Factors of reachable x share reached by k posts. A rate that follows from impressions scales it."""
        rate = self.terms.numbers.get("reach_rate")
        if rate is not None and rate.origin == "derived":
            return self.product("reachable", "reach_rate")
        own = (Factor("reach_rate", "reached"),) if "reach_rate" in self.ranged else ()
        return (*self.product("reachable"), *own)

    def repeated(self) -> tuple[Factor, ...]:
        """Factor of what k posts bring."""
        return (Factor("repeat_decay", "repeats"),) if "repeat_decay" in self.ranged else ()


_REAL = ("authentic", "on_target")
_IMPRESSIONS = ("impressions_per_post",)
_CLICKS = (*_IMPRESSIONS, "click_rate")
_CONVERSIONS = (*_CLICKS, "conversion_rate")
_REVENUE = (*_CONVERSIONS, "value_per_conversion")
_PRODUCTS: dict[str, tuple[str, ...]] = {
    "impressions": _IMPRESSIONS,
    "clicks": _CLICKS,
    "conversions": _CONVERSIONS,
    "revenue": _REVENUE,
    "cost_of_goods": (*_CONVERSIONS, "cost_per_conversion"),
}
"""Measure -> the numbers it is the product of, besides completion."""


def form_of(vary: Varying, measure: str) -> Form:
    """A measure (or the index of reach, of the size of people) as parts.

    Raises:
        KeyError: for a ratio, which is no sum.
    """
    packages = vary.packages
    offers = [_Offer(t, r) for t, r in zip(packages.terms, vary.ranged, strict=True)]
    values = values_of(measure, packages, vary.reach)
    values = np.where(np.isnan(values), 0.0, values)

    def part(values: Floats, does: Does, factors: Callable[[_Offer], tuple[Factor, ...]]) -> Part:
        return Part(values, does, tuple(factors(offer) for offer in offers))

    if measure in _PRODUCTS:
        return (part(values, "result", lambda o: o.product(*_PRODUCTS[measure])),)
    if measure == "engagements" or measure in KINDS:
        return (
            part(values, "result", lambda o: (*o.product(*_REAL, "engagements_per_post"), *o.repeated())),
        )
    if measure in ("gross_reach", REACH.name):
        return (part(values, "result", lambda o: (*o.product(*_REAL), *o.reached())),)
    if measure in ("creators", "posts"):
        return (part(values, "certain", lambda o: ()),)
    if measure in vary.scenario.measures:
        return (part(values, "certain", lambda o: o.product(f"measures.{measure}")),)
    if measure == "hours":
        return _hours(vary, part)
    if measure == "cost":
        return _cost(vary, values, part)
    if measure == "profit":
        minus = [*form_of(vary, "cost_of_goods"), *form_of(vary, "cost")]
        return (*form_of(vary, "revenue"), *(replace(p, values=-p.values) for p in minus))
    raise KeyError(measure)


_Maker = Callable[[Floats, Does, Callable[[_Offer], tuple[Factor, ...]]], Part]


def _of_packages(vary: Varying, values: Floats) -> Floats:
    """Values of packages as values of columns: switches have none."""
    packages = vary.packages
    return np.concatenate([values, np.zeros(packages.columns - packages.count)])


def _column(vary: Varying, field: str) -> Floats:
    packages = vary.packages
    values = [t.get(field) or 0.0 for t in packages.terms]
    return np.array(values, dtype=float)[packages.offer]


def _set_up(vary: Varying, measure: str) -> Floats:
    """What switches cost or take, shape (columns,)."""
    packages = vary.packages
    values = packages.measures[measure].copy()
    values[: packages.count] = 0.0
    return values


def _hours(vary: Varying, part: _Maker) -> Form:
    posts = vary.packages.posts.astype(float)
    once = _of_packages(vary, _column(vary, "hours_per_creator"))
    each = _of_packages(vary, _column(vary, "hours_per_post") * posts)
    return _kept(
        part(once, "certain", lambda o: o.product("hours_per_creator")),
        part(each, "certain", lambda o: o.product("hours_per_post")),
        part(_set_up(vary, "hours"), "certain", lambda o: o.product("setup_hours")),
    )


def _cost(vary: Varying, values: Floats, part: _Maker) -> Form:
    """Product and shipping, fees, set-up, commission."""
    packages, fees = vary.packages, vary.scenario.fees
    times = 1 + fees.agency + fees.contingency
    once = _column(vary, "cost_per_creator") * times
    rate = _column(vary, "commission")
    revenue = np.where(rate > 0, packages.measures["revenue"][: packages.count], 0.0)
    commission = np.where(np.isnan(revenue), 0.0, revenue) * rate
    fee = np.maximum(0.0, values[: packages.count] - once - commission)
    fee = np.where(fee <= 1e-12 * np.abs(values[: packages.count]), 0.0, fee)
    return _kept(
        part(_of_packages(vary, once), "certain", lambda o: o.product("cost_per_creator")),
        part(_of_packages(vary, fee), "fee", lambda o: o.product("cost_per_post")),
        part(_of_packages(vary, commission), "result", lambda o: o.product("commission", *_REVENUE)),
        part(_set_up(vary, "cost"), "certain", lambda o: o.product("setup_cost")),
    )


def _kept(*parts: Part) -> Form:
    """The parts that come to anything; one at least."""
    return tuple(p for p in parts if p.values.any()) or parts[:1]


def weighted(form: Form, weights: Floats | float) -> Form:
    """A form times weights, shape (columns,) or one number; parts without any are left out."""
    return _kept(*(replace(p, values=p.values * weights) for p in form))


def limit_form(
    vary: Varying, measure: str, columns: Bools, share: float | None = None, of: str | None = None
) -> Form:
    """What a limit compares with a number: a measure over some columns, less a share of another one's total; of a
    ratio, numerator x factor less the bound x denominator.

    Args:
        vary: the scenario.
        measure: measure, ratio or reach (then as an index).
        columns: which columns it counts, shape (columns,).
        share, of: the bound, where it is a share of a measure's total; of a ratio, the bound itself.
    """
    chosen = columns.astype(float)
    if measure in RATIOS:
        ratio = RATIOS[measure]
        top = weighted(form_of(vary, ratio.numerator), ratio.factor * chosen)
        return (*top, *weighted(form_of(vary, ratio.denominator), -(share or 0.0) * chosen))
    form = weighted(form_of(vary, measure), chosen)
    return form if of is None else (*form, *weighted(form_of(vary, of), -(share or 0.0)))
