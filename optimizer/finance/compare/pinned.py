"""Scenarios with every number written out, and hybrids that take some inputs from one scenario and some from another.

A number may come from the planner, a benchmark set, a price triangle, an exchange rate or a default. Pinned, each offer
carries what all of that came to, so that two scenarios can be compared number by number however they were written.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from optimizer.program.program import program_of
from optimizer.program.terms import Terms
from optimizer.scenario.scenario import Scenario

GROUPS: dict[str, str] = {
    "budget": "budget",
    "effort_hours": "coordination hours",
    "prices": "prices",
    "rates": "exchange rates",
    "response": "response assumptions",
    "hours": "hours per creator and post",
    "limits": "limits and room",
    "offers": "offers added or dropped",
    "objective": "objective",
    "solver": "solver settings",
}
"""Inputs that are switched together in a bridge, in the order they are shown, with their names for people."""

OFFER_FIELDS: dict[str, tuple[str, ...]] = {
    "prices": ("cost_per_post", "cost_per_creator", "setup_cost", "commission", "bundle_discount",
               "cost_per_conversion", "paid_if_missed"),
    "response": ("followers", "reachable", "reach_rate", "impressions_per_post", "engagements_per_post",
                 "engagement_mix", "click_rate", "conversion_rate", "value_per_conversion", "authentic", "on_target",
                 "segments", "completion", "repeat_decay", "spread", "post_spread", "measures"),
    "hours": ("hours_per_creator", "hours_per_post", "setup_hours"),
    "limits": ("creators", "posts_per_creator"),
    "offers": ("tier", "platform", "format", "country", "tags", "person"),
}  # fmt: skip
"""Group -> fields of an offer that belong to it."""

SCENARIO_FIELDS: dict[str, tuple[str, ...]] = {
    "budget": ("budget", "budget_confidence"),
    "effort_hours": ("effort_hours", "effort_hours_confidence"),
    "prices": ("fees",),
    "response": ("audience", "measures", "engagement_weights", "correlation"),
    "limits": ("limits", "whole_creators"),
    "offers": ("tier_borders",),
    "objective": ("objective", "stress"),
    "solver": ("gap", "time_limit", "name"),
}
"""Group -> keys of the scenario that belong to it."""

_OPTIONS = ("gap", "time_limit", "name", "whole_creators")
"""Those that stand under `solver`."""


class Pinned(NamedTuple):
    """A scenario with every number written out.

    Attributes:
        currency: of all money.
        whole: keys of the scenario -> value; a key that is not set is absent.
        offers: name -> field -> value; a number that is not known is absent.
        written: name -> numbers that do not follow from others: yours, from benchmarks, assumed, or by default.
        foreign: name -> number in money -> the currency it was given in, where that is not `currency`. Its value in
            `offers` and `written` is converted.
        rates: currency -> units of it per 1 unit of `currency`.
    """

    currency: str
    whole: dict[str, Any]
    offers: dict[str, dict[str, Any]]
    written: dict[str, dict[str, float]]
    foreign: dict[str, dict[str, str]]
    rates: dict[str, float]

    def number(self, name: str, field: str, rates: Mapping[str, float] | None = None) -> Any:
        """A number of an offer as it was written, or as it follows from others; None where it is not known.

        Args:
            name, field: which.
            rates: exchange rates to convert it at instead of the scenario's own, where both know its currency.
        """
        value = self.written[name].get(field, self.offers[name].get(field, WITHOUT.get(field)))
        return value if rates is None or value is None else value * self.factor(name, field, rates)

    def factor(self, name: str, field: str, rates: Mapping[str, float]) -> float:
        """What a number that was converted at the scenario's own rates is multiplied by to be converted at others."""
        code = self.foreign.get(name, {}).get(field)
        known = code is not None and code in self.rates and code in rates
        return self.rates[code] / rates[code] if code is not None and known else 1.0


WITHOUT = {
    "setup_cost": 0.0,
    "setup_hours": 0.0,
    "cost_per_creator": 0.0,
    "commission": 0.0,
    "repeat_decay": 0.0,
    "cost_per_conversion": 0.0,
}
"""Numbers that mean the same where they are left out."""


def pinned(scenario: Scenario) -> Pinned:
    """A scenario with every number written out, typical values only.

    Raises:
        Nothing: what is not known is left out.
    """
    data = scenario.model_dump(mode="json", exclude_defaults=True)
    keys = [key for keys in SCENARIO_FIELDS.values() for key in keys if key not in _OPTIONS]
    whole: dict[str, Any] = {key: data[key] for key in keys if key in data}
    if all(goal.over is None for goal in scenario.objective):
        whole.pop("stress", None)  # changes no plan
    if "limits" in whole:  # their order means nothing, nor that of the offers they count
        whole["limits"] = sorted(map(_filters_in_order, whole["limits"]), key=_without_last_bits)
    options: dict[str, Any] = scenario.solver.model_dump()
    whole |= {key: options[key] for key in _OPTIONS}
    if all(weight == 1 for weight in whole.get("engagement_weights", {}).values()):
        whole.pop("engagement_weights", None)  # as good as none
    offers, written, foreign = {}, {}, {}
    for terms, given in zip(program_of(scenario).packages.terms, scenario.offers, strict=True):
        numbers = {field: terms.get(field) for fields in OFFER_FIELDS.values() for field in fields}
        found: dict[str, Any] = {name: value for name, value in numbers.items() if value is not None}
        if not found.get("impressions_per_post", 1.0):
            del found["impressions_per_post"]  # 0 = reachable x a reach rate of 0, which is pinned too
        for field in ("engagement_mix", "segments"):
            parts = parts_of(terms, field)
            if parts:
                found[field] = parts
        found["creators"] = given.creators.model_dump(exclude_none=True)
        found["posts_per_creator"] = {"min": terms.posts.start, "max": terms.posts.stop - 1}
        if terms.bundle_discount:
            found["bundle_discount"] = {str(k): share for k, share in terms.bundle_discount.items()}
        own = {name: sourced.estimate.typical for name, sourced in terms.measures.items()}
        if own:
            found["measures"] = own
        offers[terms.name] = found | _labels(terms)
        written[terms.name] = _written(terms)
        foreign[terms.name] = _foreign(terms)
    return Pinned(scenario.currency, whole, offers, written, foreign, dict(scenario.exchange_rates))


def parts_of(terms: Terms, whole: str) -> dict[str, float]:
    """Kind of engagement (of engagement_mix) or segment (of segments) -> share; empty where these are not known."""
    prefix = f"{whole}."
    return {
        field.removeprefix(prefix): sourced.estimate.typical
        for field, sourced in terms.numbers.items()
        if field.startswith(prefix)
    }


def _foreign(terms: Terms) -> dict[str, str]:
    """Currencies of numbers in money; a fee that follows from a CPM has the CPM's."""
    found = dict(terms.currencies)
    fee = terms.numbers.get("cost_per_post")
    if fee is not None and fee.origin == "derived" and "cpm" in found:
        found["cost_per_post"] = found["cpm"]
    return found


def _filters_in_order(limit: Mapping[str, Any]) -> dict[str, Any]:
    where = limit.get("where")
    return {**limit, "where": {key: sorted(where[key]) for key in sorted(where)}} if where else dict(limit)


def _written(terms: Terms) -> dict[str, float]:
    return {
        field: sourced.estimate.typical
        for field, sourced in terms.numbers.items()
        if sourced.origin != "derived"
    }


def _labels(terms: Terms) -> dict[str, Any]:
    labels = {
        "tier": terms.tier,
        "platform": terms.platform,
        "format": terms.format,
        "country": terms.country,
        "person": terms.person,
        "tags": dict(terms.tags),
    }
    return {name: value for name, value in labels.items() if value}


NOISE = 1e-9
"""Relative difference up to which two numbers are the same one: a fee that went through an exchange rate or a CPM is
off in its last bits."""


def _without_last_bits(limit: Mapping[str, Any]) -> str:
    """A limit as text by which equal ones are sorted alike, however their money was converted."""
    numbers = {key: f"{value:.9g}" if isinstance(value, float) else value for key, value in limit.items()}
    return json.dumps(numbers, sort_keys=True)


def alike(one: Any, two: Any) -> bool:
    """Whether two inputs are the same, apart from the last bits of their numbers."""
    if isinstance(one, Mapping) and isinstance(two, Mapping):
        return one.keys() == two.keys() and all(alike(one[key], two[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(two, list | tuple):
        return len(one) == len(two) and all(map(alike, one, two))
    if isinstance(one, int | float) and isinstance(two, int | float):
        return math.isclose(one, two, rel_tol=NOISE)
    return bool(one == two)


def unnamed(limits: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Limits without their names, sorted: what a limit is called changes no plan."""
    bare = [{key: value for key, value in limit.items() if key != "name"} for limit in limits]
    return sorted(bare, key=_without_last_bits)


def same_field(base: Pinned, other: Pinned, name: str, field: str) -> bool:
    """Whether an offer that both have says the same in one field, whatever the exchange rates are."""
    one, two = (scenario.offers[name].get(field, WITHOUT.get(field)) for scenario in (base, other))
    same_currency = base.foreign[name].get(field) == other.foreign[name].get(field)
    if same_currency and isinstance(one, int | float):
        one = one * base.factor(name, field, other.rates)
    return alike(one, two)


def _rates_differ(base: Pinned, other: Pinned) -> bool:
    """Whether money that an offer of either asks for in another currency is converted differently."""
    used = {code for s in (base, other) for codes in s.foreign.values() for code in codes.values()}
    both = [code for code in used if code in base.rates and code in other.rates]
    return any(not alike(base.rates[code], other.rates[code]) for code in both)


def _whole_differs(base: Pinned, other: Pinned, key: str) -> bool:
    one, two = base.whole.get(key), other.whole.get(key)
    if key == "limits":
        one, two = unnamed(one or []), unnamed(two or [])
    return not alike(one, two)


def groups_that_differ(base: Pinned, other: Pinned) -> list[str]:
    """Keys of the groups in which two scenarios differ, in the order of `GROUPS`."""
    common = [name for name in base.offers if name in other.offers]
    different = []
    for group in GROUPS:
        # Borders matter through the tiers they give, which are among the offers' labels.
        keys = [key for key in SCENARIO_FIELDS.get(group, ()) if key != "tier_borders"]
        fields = OFFER_FIELDS.get(group, ())
        if (
            any(_whole_differs(base, other, key) for key in keys)
            or any(not same_field(base, other, n, f) for n in common for f in fields)
            or (group == "rates" and _rates_differ(base, other))
            or (group == "offers" and set(base.offers) != set(other.offers))
        ):
            different.append(group)
    return different


def hybrid(base: Pinned, other: Pinned, switched: Collection[str]) -> Scenario:
    """The scenario that has the groups in `switched` from `other` and all else from `base`.

    An offer that only one of the two has is there where the group "offers" comes from that one, with all its numbers.
    `hybrid(base, other, S)` equals `hybrid(other, base, all groups but S)`.

    Raises:
        pydantic.ValidationError: where the two do not go together.
    """

    def side(group: str) -> Pinned:
        return other if group in switched else base

    data: dict[str, Any] = {"currency": base.currency, "solver": {}}
    for group, keys in SCENARIO_FIELDS.items():
        for key in keys:
            if key in side(group).whole:
                inside = data["solver"] if key in _OPTIONS else data
                inside[key] = side(group).whole[key]
    data["measures"] = _both(
        base.whole.get("measures", {}), other.whole.get("measures", {}), "response" in switched
    )
    offers = []
    for name in sorted(side("offers").offers):  # sorted: the same plan whichever of the two is the base
        found: dict[str, Any] = {"name": name}
        for group, fields in OFFER_FIELDS.items():
            owner = side(group) if name in base.offers and name in other.offers else side("offers")
            numbers = {f: owner.offers[name][f] for f in fields if f in owner.offers[name]}
            for field in owner.foreign[name].keys() & numbers.keys():
                numbers[field] *= owner.factor(name, field, side("rates").rates)
            found |= numbers
        offers.append(found)
    return Scenario.model_validate(data | {"offers": offers})


def _both(base: Mapping[str, Any], other: Mapping[str, Any], switched: bool) -> dict[str, Any]:
    """Declared measures of both, so that limits and offers of either find theirs."""
    return {**base, **other} if switched else {**other, **base}
