"""The numbers of one offer: its own, what follows from them, and what the benchmarks fill in."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple

from optimizer.language.errors import Problem
from optimizer.language.quantities import Estimate
from optimizer.program.tiers import TierBorders
from optimizer.scenario.fields import MONEY_FIELDS, NUMBER_FIELDS
from optimizer.scenario.offer import ENGAGEMENT_KINDS, MIX_TOLERANCE, EngagementBase
from optimizer.scenario.scenario import Offer, Scenario

if TYPE_CHECKING:
    from optimizer.benchmarks.lookup import Benchmarks, Found

Origin = Literal["yours", "benchmark", "assumption", "derived", "default"]


class Sourced(NamedTuple):
    """A number and where it comes from; `follows_from` are the fields that a derived number is worked out from."""

    estimate: Estimate
    origin: Origin
    source: str = ""
    follows_from: tuple[str, ...] = ()


class Numbers:
    """The numbers of one offer while they are put together: its own, then derived ones and those of the benchmarks."""

    def __init__(
        self,
        scenario: Scenario,
        index: int,
        offer: Offer,
        tier: str | None,
        numbers: dict[str, Sourced],
        benchmarks: Benchmarks | None,
        problems: list[Problem],
    ) -> None:
        self.scenario, self.index, self.offer, self.tier = scenario, index, offer, tier
        self.numbers, self.benchmarks, self.problems = numbers, benchmarks, problems
        self._found: dict[tuple[str, float | None], Found | None] = {}
        self.country = offer.country or scenario.country
        foreign = offer.currency if offer.currency != scenario.currency else None
        self.currencies = {f: foreign for f in MONEY_FIELDS if foreign is not None and f in numbers}

    def typical(self, field: str) -> float | None:
        """The typical value, None where it is not known."""
        return self.numbers[field].estimate.typical if field in self.numbers else None

    def derive(self, field: str, number: float, how: str, *follows_from: str) -> None:
        """Set a field from others; `how` is the formula in words."""
        self.numbers[field] = Sourced(Estimate(number, number, number), "derived", how, follows_from)

    def figure(self, field: str, *, asked: bool = True) -> Found | None:
        """What the benchmarks say of such an offer; None where they say nothing.

        Args:
            field: a number of the offer.
            asked: whether the offer needs it, so that a platform or format they do not know is a problem.
        """
        if self.benchmarks is None or self.offer.platform is None:
            return None
        from optimizer.benchmarks.lookup import Place

        followers = self.typical("followers")
        if followers is None and self.tier is None:
            return None
        if (field, followers) not in self._found:
            names = tuple(name for name in (self.offer.name, self.offer.person) if name)
            place = Place(self.tier, self.offer.platform, self.offer.format, followers, self.country, names)
            self._found[field, followers] = self.benchmarks.figure(field, place)
        found = self._found[field, followers]
        if asked and field in _BY_FORMAT:
            self._check_place(known=found is not None)
        return found

    def fill(self, field: str) -> None:
        """Take a field from the benchmarks, where the offer leaves it out and they have it."""
        found = self.figure(field) if field not in self.numbers else None
        if found is None:
            return
        factor = 1.0
        own, theirs = self.scenario.currency, found.currency
        if field in MONEY_FIELDS and theirs != own:
            rate = self.scenario.exchange_rates.get(theirs)
            if rate is None:
                message = f"the benchmark set is in {theirs}, the scenario in {own}"
                self._add(Problem(("exchange_rates",), message, _rate_hint(theirs, own)))
                return
            factor = 1.0 / rate
            self.currencies[field] = theirs
        figure = found.figure
        estimate = Estimate(figure.low, figure.typical, figure.high).scaled(factor)
        origin: Origin = "benchmark" if figure.kind == "benchmark" else "assumption"
        self.numbers[field] = Sourced(estimate, origin, figure.source_text)

    def _check_place(self, *, known: bool) -> None:
        """Name platform or format as the problem: a misspelt platform, or a format the set does not know there."""
        if self.benchmarks is None or self.offer.platform is None:
            return
        meant = self.benchmarks.unknown_platform(self.offer.platform)
        if meant is not None:
            message = f"{self.benchmarks.name} knows no platform {self.offer.platform!r}"
            self._add(Problem(("offers", self.index, "platform"), message, f"did you mean {meant!r}?"))
        wrong = None if known else self.benchmarks.unknown_format(self.offer.platform, self.offer.format)
        if wrong is not None:
            hint = "choose one of them, or give fee, reach and engagement yourself"
            self._add(Problem(("offers", self.index, "format"), wrong, hint))

    def _add(self, problem: Problem) -> None:
        if problem not in self.problems:
            self.problems.append(problem)


_BY_FORMAT = ("cost_per_post", "reach_rate", "engagement_rate")
"""Fields that depend on the format."""


def fill_followers(known: Numbers, borders: TierBorders) -> None:
    """Followers of an offer that names its tier only: of a set of one's own, else the middle of the tier."""
    if "followers" in known.numbers or known.benchmarks is None or known.tier is None:
        return
    found = known.figure("followers")
    middle = borders.middle(known.tier, known.offer.platform)
    if middle is not None and (found is None or not found.own):
        known.numbers["followers"] = Sourced(middle.followers, "assumption", middle.reason)
    else:
        known.fill("followers")


def fill_engagement(known: Numbers) -> EngagementBase:
    """Engagements per post, from the rate; the answer is what the rate is a share of."""
    base: EngagementBase = known.offer.engagement_base or "followers"
    if "engagements_per_post" in known.numbers:
        return base
    if "engagement_rate" not in known.numbers:
        found = known.figure("engagement_rate")
        base = found.figure.base or base if found is not None else base
        known.fill("engagement_rate")
    of = "impressions_per_post" if base == "impressions" else "followers"
    rate, people = known.typical("engagement_rate"), known.typical(of)
    if rate is not None and people is not None:
        known.derive("engagements_per_post", rate * people, f"engagement_rate x {of}", "engagement_rate", of)
    return base


def fill_mix(known: Numbers) -> None:
    """Shares of the kinds of engagement: the offer's own, else those of the benchmark set, where they make a whole."""
    if known.offer.engagement_mix is not None:
        for kind, share in known.offer.engagement_mix.items():
            yours = Sourced(Estimate(share, share, share), "yours", known.offer.source or "")
            known.numbers[f"engagement_mix.{kind}"] = yours
        return
    figures = {f"engagement_mix.{kind}": known.figure(f"engagement_mix.{kind}") for kind in ENGAGEMENT_KINDS}
    found = {field: each.figure.typical for field, each in figures.items() if each is not None}
    if abs(sum(found.values()) - 1.0) <= MIX_TOLERANCE:  # of part of a mix, nothing follows
        for field in found:
            known.fill(field)


def given_numbers(
    scenario: Scenario, index: int, offer: Offer, problems: list[Problem]
) -> dict[str, Sourced]:
    """The user's own numbers, money converted into the scenario's currency."""
    rate = 1.0
    if offer.currency is not None and offer.currency != scenario.currency:
        known = scenario.exchange_rates.get(offer.currency)
        if known is None:
            hint = _rate_hint(offer.currency, scenario.currency)
            message = f"there is no exchange rate for {offer.currency}"
            problems.append(Problem(("offers", index, "currency"), message, hint))
        rate = known or 1.0
    numbers = {}
    for field in NUMBER_FIELDS:
        estimate: Estimate | None = getattr(offer, field)
        if estimate is not None:
            if field in MONEY_FIELDS and rate != 1.0:
                estimate = Estimate(*(number / rate for number in estimate))
            numbers[field] = Sourced(estimate, "yours", offer.source or "")
    return numbers


def _rate_hint(other: str, own: str) -> str:
    return f"add exchange_rates: {{{other}: ...}}, how many {other} make 1 {own}"


def close_triangle(known: Numbers) -> None:
    """Complete cost_per_post, cpm, impressions per post and reach rate, the rest from benchmarks.

    cpm = 1000 x cost_per_post / impressions_per_post
    reach_rate = impressions_per_post / reachable, at most 1
    """
    numbers, typical, derive = known.numbers, known.typical, known.derive
    if "reachable" not in numbers and "followers" in numbers:
        estimate = numbers["followers"].estimate
        numbers["reachable"] = Sourced(estimate, "derived", "followers", ("followers",))
    reachable = typical("reachable")
    cost, cpm = typical("cost_per_post"), typical("cpm")
    if "impressions_per_post" not in numbers and cost is not None and cpm:
        how = "1000 x cost_per_post / cpm"
        derive("impressions_per_post", 1000 * cost / cpm, how, "cost_per_post", "cpm")
    shown = typical("impressions_per_post")
    if "reach_rate" not in numbers:
        if shown is not None and reachable:
            how = "impressions_per_post / reachable"
            derive("reach_rate", min(1.0, shown / reachable), how, "impressions_per_post", "reachable")
        else:
            known.fill("reach_rate")
    rate = typical("reach_rate")
    if shown is None and reachable and rate is not None:
        shown = reachable * rate
        derive("impressions_per_post", shown, "reachable x reach_rate", "reachable", "reach_rate")
    if cost is None and cpm is not None and shown is not None:
        how = "cpm x impressions_per_post / 1000"
        derive("cost_per_post", cpm * shown / 1000, how, "cpm", "impressions_per_post")
    elif cost is None and cpm is None:
        known.fill("cost_per_post")


def fill_differences(known: Numbers) -> None:
    """How much creators and posts differ, and what is due to those who do not deliver; plain numbers without a range.

    One spread serves all that a creator brings: that of engagements, which rests on reach where the rate is a share of
    impressions; that of reach where nothing is known of engagements.
    """
    offer = known.offer
    for field in ("spread", "post_spread"):
        given = getattr(offer, field)
        if given is not None:
            known.numbers[field] = Sourced(Estimate(given, given, given), "yours", offer.source or "")
            continue
        found, reach = (known.figure(name, asked=False) for name in ("engagement_rate", "reach_rate"))
        parts = [each.figure for each in (found, reach) if each is not None]
        if found is not None and found.figure.base == "followers":
            parts = [found.figure]
        spreads = [getattr(figure, field) for figure in parts]
        if spreads and None not in spreads:
            both = " and of reach_rate" if len(parts) > 1 else ""
            size = float(f"{math.hypot(*spreads):.3g}")
            reason = f"assumption of {known.benchmarks.name if known.benchmarks else ''}: between " + (
                f"creators of one size, of {parts[0].field}{both}"
                if field == "spread"
                else f"posts of one creator, of {parts[0].field}{both}"
            )
            known.numbers[field] = Sourced(Estimate(size, size, size), "assumption", reason)
    may_miss = "completion" in known.numbers and known.numbers["completion"].estimate.low < 1
    if offer.paid_if_missed is not None:
        share = offer.paid_if_missed
        known.numbers["paid_if_missed"] = Sourced(Estimate(share, share, share), "yours", offer.source or "")
    elif may_miss and "cost_per_post" in known.numbers:
        share, how = (1.0, "a fee is due whether or not the creator delivers")
        if not known.typical("cost_per_post"):
            share, how = (0.0, "there is no fee")
        known.numbers["paid_if_missed"] = Sourced(Estimate(share, share, share), "default", how)
