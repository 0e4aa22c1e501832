"""Numbers that an objective or a limit needs and an offer does not have."""

from __future__ import annotations

import numpy as np

from optimizer.language.errors import Problem
from optimizer.language.measures import KINDS, MEASURES, REACH, is_money
from optimizer.program.packages import Packages, offers_of
from optimizer.program.rules import Rule, parts_of
from optimizer.program.terms import Terms
from optimizer.scenario.scenario import Scenario


def unknown_numbers(
    scenario: Scenario, packages: Packages, rules: list[Rule], problems: list[Problem]
) -> list[Problem]:
    """Every offer that lacks a number which the objective or a limit asks for, once per number.

    Not for offers that have another problem already, nor where figures are missing only because the benchmark
    set, its currency or the tiers could not be read.
    """
    if any(p.path[:1] in (("benchmarks",), ("exchange_rates",), ("tier_borders",)) for p in problems):
        return []
    told = {p.path[1] for p in problems if p.path[:1] == ("offers",) and p.path[2:] != ("name",)}
    everything = np.ones(packages.count, dtype=bool)
    uses = [(goal.measure, everything, "the objective needs") for goal in scenario.objective]
    for rule in rules:
        user = f"{rule.name} limits" if len(rule.path) == 1 else f"the limit {rule.name!r} needs"
        uses.append((rule.measure, rule.columns[: packages.count], user))
        for bound in (rule.minimum, rule.maximum):
            if bound is not None and bound.of is not None and bound.of in packages.measures:
                uses.append((bound.of, everything, user))
    asked: dict[tuple[int, str], Problem] = {}
    for measure, columns, user in uses:
        for part in parts_of(measure):
            if part == REACH.name:
                values = packages.reach
            elif part in packages.measures:
                values = packages.measures[part][: packages.count]
            else:
                continue
            for index in offers_of(packages.offer[columns & np.isnan(values)]):
                if index not in told:
                    terms = packages.terms[index]
                    hint = _what_is_missing(scenario, terms, part)
                    message = f"{_not_known(part, terms.name)}, but {user} {_PRONOUN.get(part, 'them')}"
                    asked.setdefault((index, hint), Problem(("offers", index), message, hint))
    return list(asked.values())


_CHAIN = {
    "clicks": ("click_rate",),
    "conversions": ("click_rate", "conversion_rate"),
    "revenue": ("click_rate", "conversion_rate", "value_per_conversion"),
    "cost_of_goods": ("click_rate", "conversion_rate", "cost_per_conversion"),
}
"""Measure -> the rates from impressions to it."""
_SINGULAR = ("reach", "gross_reach")
_PRONOUN = dict.fromkeys([*_SINGULAR, *(name for name in MEASURES if is_money(name))], "it")


def _not_known(measure: str, offer: str) -> str:
    """Grammar: `cost of X is not known`, `hours of X are not known`, `X does not say its samples`."""
    if measure not in MEASURES and measure != REACH.name:
        return f"{offer} does not say its {measure}"
    return f"{measure} of {offer} {'is' if measure in _PRONOUN else 'are'} not known"


def _engagements(terms: Terms) -> str:
    """The fields from which engagements would follow."""
    if terms.get("engagement_rate") is None:
        return "engagements_per_post, or engagement_rate and followers"
    return "impressions_per_post" if terms.engagement_base == "impressions" else "followers"


def _what_is_missing(scenario: Scenario, terms: Terms, measure: str) -> str:
    """The fields to give, as a hint."""

    def lacks(name: str) -> bool:
        return terms.get(name) is None

    if measure in ("reach", "gross_reach"):
        need = (
            "reach_rate"
            if not lacks("reachable")
            else "followers and reach_rate"
            if lacks("reach_rate")
            else "followers"
        )
    elif measure == "cost" and (lacks("cost_per_post") and lacks("cost_per_creator")):
        need = "cost_per_post, 0 where there is no fee"
    elif measure in ("cost", "profit") and terms.get("commission") and not lacks("cost_per_post"):
        return "commission is a share of revenue, so " + _what_is_missing(scenario, terms, "revenue")
    elif measure == "profit":
        return _what_is_missing(scenario, terms, "cost" if lacks("cost_per_post") else "revenue")
    elif measure == "hours":
        need = "hours_per_creator or hours_per_post"
    elif measure == "engagements" and terms.weight is None:
        need = "engagement_mix, because engagement_weights tell kinds apart"
    elif measure in KINDS and not any(field.startswith("engagement_mix.") for field in terms.numbers):
        need = "engagement_mix, the share of each kind"
        if lacks("engagements_per_post"):
            need += f"; {_engagements(terms)}"
    elif measure == "engagements" or measure in KINDS:
        need = _engagements(terms)
    elif measure == "impressions" or (measure in _CHAIN and lacks("impressions_per_post")):
        need = "impressions_per_post, or followers and reach_rate"
    elif measure in _CHAIN:
        need = " and ".join(name for name in _CHAIN[measure] if lacks(name))
    elif measure in MEASURES:
        need = " and ".join(name for name in MEASURES[measure].needs if lacks(name))
    else:
        need = f"measures: {{{measure}: ...}}"
    never = scenario.offers[terms.index].fill == "never"
    if never and measure not in scenario.measures:
        return f"give {need}, or leave out fill: never"
    if scenario.benchmarks is None or measure in scenario.measures:
        return f"give {need}"
    if terms.platform is None:
        who = (
            "platform"
            if terms.tier is not None or not lacks("followers")
            else "platform and followers or a tier"
        )
        return f"give {need}, or {who}, so that the benchmark set can fill it"
    if terms.tier is None and lacks("followers"):
        return f"give {need}, or followers or a tier, so that the benchmark set can fill it"
    return f"give {need}; the benchmark set has no such figure for {terms.tier}, {terms.platform}"
