"""What each package costs, takes and brings: one numpy column per measure, one formula per measure.

A package is one creator on one offer making exactly k posts. The model's columns are the packages, followed by
the switches: yes/no columns that are 1 where their packages are used at all (set-up cost and hours hang on them).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from optimizer.language.measures import KINDS
from optimizer.program.offered import Offered, OfTerms
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
        offered: the same as columns.
        offer: index of each package's offer, shape (packages,).
        posts: posts per creator of each package, shape (packages,).
        switches: for each switch, the packages that turn it on: first those of set-ups, then those of `per: creator`
            shares, then those of groups with a floor that may be left out (`or_none`).
        switch_names: what each is called in the program, e.g. used_OFFER, unique or not.
        setup_of: offer index of each set-up switch.
        share_of: package of each switch of a `per: creator` share.
        measures: measure -> value of one unit of each column (packages, then switches), NaN where not known.
        room_min, room_max: creators per offer, inf where there is no maximum, shape (offers,).
    """

    terms: tuple[Terms, ...]
    offered: Offered
    offer: Ints
    posts: Ints
    switches: tuple[Ints, ...]
    switch_names: tuple[str, ...]
    setup_of: tuple[int, ...]
    share_of: tuple[int, ...]
    measures: Measures
    room_min: Floats
    room_max: Floats

    @cached_property
    def reach(self) -> Floats:
        """People reached by one creator alone, NaN where not known, shape (packages,)."""
        return self.measures["gross_reach"][: self.count]

    @cached_property
    def audience_impressions(self) -> Floats:
        """Impressions on real people of the audience, for frequency, shape (packages,)."""
        return self.measures.real * self.measures.k * self.measures.column("impressions_per_post")

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
    return packages_of(
        scenario, terms, OfTerms(terms), share_limited=share_limited, groups=groups, set_up=set_up
    )


def packages_of(
    scenario: Scenario,
    terms: Sequence[Terms],
    offered: Offered,
    *,
    share_limited: Sequence[int] = (),
    groups: Mapping[str, Ints] | None = None,
    set_up: Collection[int] = (),
) -> Packages:
    """The same of offers in whatever form; `terms` may be empty where nobody asks for them one by one."""
    fewest, most = offered.posts
    choices = most - fewest + 1
    offer = np.repeat(np.arange(len(offered)), choices)
    posts = np.arange(len(offer)) - np.repeat(np.cumsum(choices) - choices, choices) + fewest[offer]

    paid_once = offered.number("setup_cost", 0.0), offered.number("setup_hours", 0.0)
    setup_of = tuple(sorted({*np.flatnonzero((paid_once[0] != 0) | (paid_once[1] != 0)).tolist(), *set_up}))
    groups = groups or {}
    switches = [np.flatnonzero(offer == i) for i in setup_of] + [np.array([p]) for p in share_limited]
    switches += list(groups.values())
    names = [f"used_{terms[i].name}" for i in setup_of]
    names += [f"booked_{terms[offer[p]].name}_x{posts[p]}" for p in share_limited]
    names += [f"any_{name}" for name in groups]
    once = {name: np.zeros(len(switches)) for name in ("cost", "hours")}
    for s, i in enumerate(setup_of):
        once["cost"][s], once["hours"][s] = (each[i] for each in paid_once)
    once["profit"] = -once["cost"]
    return Packages(
        terms=tuple(terms),
        offered=offered,
        offer=offer.astype(np.int64),
        posts=posts.astype(np.int64),
        switches=tuple(switches),
        switch_names=tuple(names),
        setup_of=setup_of,
        share_of=tuple(share_limited),
        measures=Measures(scenario, offered, offer, posts, once),
        room_min=offered.room[0],
        room_max=offered.room[1],
    )


class Measures(Mapping[str, Floats]):
    """Measure -> value of one unit of each column (packages, then switches), NaN where not known.

    Worked out when first asked for. What one creator with each package counts: for one creator on offer o making k
    posts (money in the scenario's currency):

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

    def __init__(
        self, scenario: Scenario, offered: Offered, offer: Ints, posts: Ints, once: Mapping[str, Floats]
    ) -> None:
        """Args:
        scenario: for fees and the user's own measures.
        offered: the offers.
        offer, posts: offer and posts of each package, shape (packages,).
        once: measure -> what switches count, shape (switches,); 0 for any other measure.
        """
        self._fees, self._own = scenario.fees, scenario.measures
        self._offered, self._offer, self._posts, self._once = offered, offer, posts, once
        self._known: dict[str, Floats] = {}
        self._switches = len(once["cost"])
        self._names = dict.fromkeys([*FORMULAS, *scenario.measures])

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __getitem__(self, name: str) -> Floats:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._known:
            values = self._of_packages(name)
            once = self._once.get(name, np.zeros(self._switches))
            self._known[name] = np.concatenate([values, once]) if self._switches else values
        return self._known[name]

    def of(self, name: str) -> Floats:
        """A measure of packages alone, shape (packages,)."""
        return self[name][: len(self._offer)]

    def column(self, field: str, missing: float = np.nan) -> Floats:
        """A number of each package's offer, shape (packages,)."""
        return self._offered.number(field, missing)[self._offer]

    @property
    def k(self) -> Floats:
        """Posts of each package, shape (packages,)."""
        return self._posts.astype(float)

    @property
    def real(self) -> Floats:
        """Share of what is delivered to real people of the audience, shape (packages,)."""
        return np.asarray(self.column("completion") * self.column("authentic") * self.column("on_target"))

    @property
    def cost(self) -> Floats:
        """What a creator costs, shape (packages,)."""
        discount = self._offered.discounts(self._offer, self._posts)
        paid = self.column("cost_per_creator") + self.column("cost_per_post") * self.k * (1 - discount)
        cost = paid * (1 + self._fees.agency + self._fees.contingency)
        commission = self.column("commission", 0.0)
        if commission.any():
            cost = cost + np.where(commission > 0, commission * self.of("revenue"), 0.0)
        return np.asarray(cost)

    @property
    def weight(self) -> Floats:
        """Worth of an average engagement, shape (packages,)."""
        return self._offered.weight[self._offer]

    @property
    def each_engagement(self) -> Floats:
        """Engagements before they are weighed, shape (packages,)."""
        decay, k = self.column("repeat_decay", 0.0), self.k
        with np.errstate(divide="ignore"):  # sum of (1 - d)^j = (1 - (1 - d)^k) / d, exact for small d too
            series = np.where(decay > 0, -np.expm1(k * np.log1p(-decay)) / np.where(decay > 0, decay, 1.0), k)
        return np.asarray(self.real * self.column("engagements_per_post") * series)

    def of_kinds(self, kinds: Collection[str]) -> Floats:
        """Engagements of some kinds, shape (packages,)."""
        shares = {kind: self.column(f"engagement_mix.{kind}", 0.0) for kind in ENGAGEMENT_KINDS}
        mix = np.sum(list(shares.values()), axis=0)
        mix = np.where(mix > 0, mix, np.nan)  # no mix is known
        return np.asarray(self.each_engagement * np.sum([shares[kind] for kind in kinds], axis=0) / mix)

    def _of_packages(self, name: str) -> Floats:
        if name in self._own:
            times = self.k if self._own[name].per == "post" else 1.0
            return np.asarray(self._offered.own(name)[self._offer] * times)
        return np.asarray(FORMULAS[name](self))


FORMULAS: dict[str, Callable[[Measures], Floats]] = {
    "cost": lambda m: m.cost,
    "hours": lambda m: m.column("hours_per_creator") + m.column("hours_per_post") * m.k,
    "creators": lambda m: np.ones(len(m.k)),
    "posts": lambda m: m.k,
    "impressions": lambda m: m.column("completion") * m.k * m.column("impressions_per_post"),
    "engagements": lambda m: m.weight * m.each_engagement,
    **{name: partial(Measures.of_kinds, kinds=kinds) for name, kinds in KINDS.items()},
    "clicks": lambda m: m.of("impressions") * m.column("click_rate"),
    "conversions": lambda m: m.of("clicks") * m.column("conversion_rate"),
    "revenue": lambda m: m.of("conversions") * m.column("value_per_conversion"),
    "cost_of_goods": lambda m: m.of("conversions") * m.column("cost_per_conversion"),
    "profit": lambda m: m.of("revenue") - m.of("cost_of_goods") - m.of("cost"),
    "gross_reach": lambda m: m.real * m.column("reachable") * (1 - (1 - m.column("reach_rate")) ** m.k),
}
"""Measure -> what one creator with each package counts, shape (packages,)."""


def offers_of(indices: Ints) -> list[int]:
    """Each offer once, in order (`np.unique` would load a good part of numpy that nothing else here needs)."""
    return sorted(set(indices.tolist()))
