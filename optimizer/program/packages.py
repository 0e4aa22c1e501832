"""What each package costs, takes and brings: one numpy column per measure, one formula per measure.

A package is one creator on one offer making exactly k posts. The model's columns are the packages, followed by
the switches: yes/no columns that are 1 where their packages are used at all (set-up cost and hours hang on them).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.language.measures import KINDS
from optimizer.program.terms import Terms
from optimizer.scenario.offer import ENGAGEMENT_KINDS
from optimizer.scenario.scenario import Scenario

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Packages:
    """All columns of the model.

    Attributes:
        terms: the offers, in the order of the scenario.
        offer: index of each package's offer, shape (packages,).
        posts: posts per creator of each package, shape (packages,).
        reach: people reached by one creator alone, NaN where not known, shape (packages,).
        switches: for each switch, the packages that turn it on: first those of set-ups, then those of `per: creator`
            shares, then those of groups with a floor that may be left out (`or_none`).
        switch_names: what each is called in the program, e.g. used_OFFER, unique or not.
        setup_of: offer index of each set-up switch.
        share_of: package of each switch of a `per: creator` share.
        measures: measure -> value of one unit of each column (packages, then switches), NaN where not known.
        audience_impressions: impressions on real people of the audience, for frequency, shape (packages,).
        room_min, room_max: creators per offer, inf where there is no maximum, shape (offers,).
    """

    terms: tuple[Terms, ...]
    offer: Ints
    posts: Ints
    reach: Floats
    switches: tuple[Ints, ...]
    switch_names: tuple[str, ...]
    setup_of: tuple[int, ...]
    share_of: tuple[int, ...]
    measures: dict[str, Floats]
    audience_impressions: Floats
    room_min: Floats
    room_max: Floats

    @property
    def count(self) -> int:
        """Number of packages."""
        return len(self.offer)

    @property
    def columns(self) -> int:
        """Number of columns: packages and switches."""
        return len(self.offer) + len(self.switches)

    def key(self, package: int) -> tuple[str, int]:
        """Offer name and posts per creator of a package."""
        return self.terms[self.offer[package]].name, int(self.posts[package])

    def group_switch(self, group: NDArray[np.bool_]) -> int | None:
        """The column of the switch that exactly these packages turn on together; None where there is none.

        Args:
            group: which packages, shape (packages,).
        """
        first = len(self.setup_of) + len(self.share_of)
        for s in range(first, len(self.switches)):
            if np.array_equal(self.switches[s], np.flatnonzero(group)):
                return self.count + s
        return None

    def with_switches(self, creators: Floats) -> Floats:
        """Creators per package, shape (packages,), completed by the switches they turn on, shape (columns,)."""
        on = [float(np.any(creators[packages] > 0)) for packages in self.switches]
        return np.concatenate([creators, np.array(on, dtype=float)])


def build_packages(
    scenario: Scenario,
    terms: Sequence[Terms],
    *,
    share_limited: Sequence[int] = (),
    groups: Mapping[str, Ints] | None = None,
    set_up: Collection[int] = (),
) -> Packages:
    """The columns of a scenario.

    Args:
        scenario: for fees and the user's own measures.
        terms: the resolved offers.
        share_limited: packages that need a switch of their own, because a limit per creator is a share of a total.
        groups: packages that need a switch together, because a floor holds only where any of them is booked; by a
            name for that floor.
        set_up: offers, by index, that have a switch even where using them costs nothing once.
    """
    offer = np.repeat(np.arange(len(terms)), [len(t.posts) for t in terms])
    posts = np.concatenate([np.arange(t.posts.start, t.posts.stop) for t in terms]).astype(np.int64)

    per_package, reach, audience_impressions = _values(scenario, terms, offer, posts)
    setup_of = tuple(
        i for i, t in enumerate(terms) if t.get("setup_cost") or t.get("setup_hours") or i in set_up
    )
    groups = groups or {}
    switches = [np.flatnonzero(offer == i) for i in setup_of] + [np.array([p]) for p in share_limited]
    switches += list(groups.values())
    names = [f"used_{terms[i].name}" for i in setup_of]
    names += [f"booked_{terms[offer[p]].name}_x{posts[p]}" for p in share_limited]
    names += [f"any_{name}" for name in groups]
    once = {name: np.zeros(len(switches)) for name in per_package}
    for s, i in enumerate(setup_of):
        once["cost"][s] = terms[i].get("setup_cost") or 0.0
        once["hours"][s] = terms[i].get("setup_hours") or 0.0
    once["profit"] = -once["cost"]
    return Packages(
        terms=tuple(terms),
        offer=offer.astype(np.int64),
        posts=posts,
        reach=reach,
        switches=tuple(switches),
        switch_names=tuple(names),
        setup_of=setup_of,
        share_of=tuple(share_limited),
        measures={name: np.concatenate([values, once[name]]) for name, values in per_package.items()},
        audience_impressions=audience_impressions,
        room_min=np.array([t.creators_min for t in terms], dtype=float),
        room_max=np.array([np.inf if t.creators_max is None else t.creators_max for t in terms], dtype=float),
    )


def _values(
    scenario: Scenario, terms: Sequence[Terms], offer: Ints, posts: Ints
) -> tuple[dict[str, Floats], Floats, Floats]:
    """What one creator with each package counts: every measure, reach, and impressions on real people of the audience.

    For one creator on offer o making k posts (money in the scenario's currency):

        cost        = (cost_per_creator + cost_per_post k (1 - discount_k)) (1 + agency + contingency)
                      + commission x revenue
        hours       = hours_per_creator + hours_per_post k
        impressions = completion k impressions_per_post
        engagements = completion authentic on_target weight engagements_per_post sum_{j<k} (1 - repeat_decay)^j
        reach       = completion authentic on_target reachable (1 - (1 - reach_rate)^k)
        likes       = engagements / weight share of likes and reactions in the mix; comments, shares, saves likewise
        clicks      = impressions click_rate;  conversions = clicks conversion_rate
        revenue     = conversions value_per_conversion;  cost_of_goods = conversions cost_per_conversion
        profit      = revenue - cost_of_goods - cost

    Source: design section 4; `docs/explanation/model.md` explains each.
    """

    def column(field: str, missing: float = np.nan) -> Floats:
        values = [t.get(field) for t in terms]
        return np.array([missing if v is None else v for v in values], dtype=float)[offer]

    k = posts.astype(float)
    delivered = column("completion")
    real = delivered * column("authentic") * column("on_target")
    decay = column("repeat_decay", 0.0)
    with np.errstate(divide="ignore"):  # sum of (1 - d)^j = (1 - (1 - d)^k) / d, exact for small d too
        series = np.where(decay > 0, -np.expm1(k * np.log1p(-decay)) / np.where(decay > 0, decay, 1.0), k)
    weight = np.array([np.nan if t.weight is None else t.weight for t in terms], dtype=float)[offer]
    discount = _discounts(terms, offer, posts)

    impressions = delivered * k * column("impressions_per_post")
    clicks = impressions * column("click_rate")
    conversions = clicks * column("conversion_rate")
    revenue = conversions * column("value_per_conversion")
    commission = column("commission", 0.0)
    paid = column("cost_per_creator") + column("cost_per_post") * k * (1 - discount)
    cost = paid * (1 + scenario.fees.agency + scenario.fees.contingency)
    cost = cost + np.where(commission > 0, commission * revenue, 0.0)
    goods = conversions * column("cost_per_conversion")
    engagements = real * column("engagements_per_post") * series
    shares = {kind: column(f"engagement_mix.{kind}", 0.0) for kind in ENGAGEMENT_KINDS}
    mix = np.sum(list(shares.values()), axis=0)
    mix = np.where(mix > 0, mix, np.nan)  # no mix is known
    reach = real * column("reachable") * (1 - (1 - column("reach_rate")) ** k)
    per_package = {
        "cost": cost,
        "hours": column("hours_per_creator") + column("hours_per_post") * k,
        "creators": np.ones(len(offer)),
        "posts": k,
        "impressions": impressions,
        "engagements": weight * engagements,
        **{
            name: engagements * np.sum([shares[kind] for kind in kinds], axis=0) / mix
            for name, kinds in KINDS.items()
        },
        "clicks": clicks,
        "conversions": conversions,
        "revenue": revenue,
        "cost_of_goods": goods,
        "profit": revenue - goods - cost,
        "gross_reach": reach,
    }
    for name, custom in scenario.measures.items():
        value = np.array(
            [t.measures[name].estimate.typical if name in t.measures else np.nan for t in terms], dtype=float
        )
        per_package[name] = value[offer] * (k if custom.per == "post" else 1.0)
    return per_package, reach, real * k * column("impressions_per_post")


def _discounts(terms: Sequence[Terms], offer: Ints, posts: Ints) -> Floats:
    """Share off cost_per_post: that of the largest bundle with at most k posts."""
    discount = np.zeros(len(offer))
    for i, t in enumerate(terms):
        for threshold, share in sorted(t.bundle_discount.items()):
            discount[(offer == i) & (posts >= threshold)] = share
    return discount


def offers_of(indices: Ints) -> list[int]:
    """Each offer once, in order (`np.unique` would load a good part of numpy that nothing else here needs)."""
    return sorted(set(indices.tolist()))
