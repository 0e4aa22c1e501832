"""Scenario -> the terms of each offer: every number it needs, in the scenario's currency, with its origin.

A number is the user's own, comes from the benchmark set, follows from other numbers (the price triangle), or
is a documented default. What stays unknown is left out, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from optimizer.language.errors import Problem, did_you_mean
from optimizer.language.quantities import Estimate
from optimizer.program.filling import (
    Numbers,
    Sourced,
    close_triangle,
    fill_differences,
    fill_engagement,
    fill_followers,
    fill_mix,
    given_numbers,
)
from optimizer.program.spread import fill_segments
from optimizer.program.tiers import TierBorders
from optimizer.scenario.offer import ENGAGEMENT_KINDS, EngagementBase
from optimizer.scenario.scenario import TRIANGLE_TOLERANCE, Offer, PostRoom, Scenario

if TYPE_CHECKING:
    from optimizer.benchmarks.lookup import Benchmarks


FILLED_ALWAYS = (
    "click_rate", "conversion_rate", "authentic", "completion", "repeat_decay", "hours_per_creator",
    "hours_per_post",
)  # fmt: skip
"""Fields taken from the benchmark set as they are; followers, prices and engagement need more thought."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What one offer costs, takes and brings per creator and per post.

    Attributes:
        numbers: field -> value; a field that is not known is absent. Money in the scenario's currency. Shares of kinds
            of engagement are `engagement_mix.KIND`: none where the mix is not known, else a kind that is absent has 0.
            Shares of the audience in each segment of the scenario's are `segments.NAME`, all of them, adding up to
            on_target; none where the audience has no segments.
        weight: worth of one average engagement (likes, comments, ... weighted), None if the mix is unknown.
        engagement_base: what engagement_rate is a share of.
        posts: every allowed number of posts per creator.
        bundle_discount: posts -> share off cost_per_post from there on.
        currencies: number in money -> the currency it was given in, where that is not the scenario's.
        person: who posts, where several offers are the same person's; None for somebody else on each.
    """

    index: int
    name: str
    tier: str | None
    platform: str | None
    format: str | None
    country: str | None
    tags: Mapping[str, str]
    numbers: dict[str, Sourced]
    weight: float | None
    engagement_base: EngagementBase
    creators_min: float
    creators_max: float | None
    posts: range
    bundle_discount: Mapping[int, float]
    measures: Mapping[str, Sourced]
    borders: tuple[float, float | None] | None
    currencies: Mapping[str, str]
    person: str | None = None

    def get(self, field: str) -> float | None:
        """The typical value of a field, or None where it is not known."""
        sourced = self.numbers.get(field)
        return None if sourced is None else sourced.estimate.typical

    def labels(self, key: str) -> str | None:
        """The value by which a filter or `per` sees this offer: name, tier, platform, format, country or a tag."""
        if key in ("name", "offer"):
            return self.name
        if key in ("tier", "platform", "format", "country"):
            value: str | None = getattr(self, key)
            return value
        return self.tags.get(key)


def resolve(scenario: Scenario) -> tuple[list[Terms], list[Problem]]:
    """The terms of every offer, and what is wrong with them.

    Raises:
        Nothing: problems are returned, so that all of them can be said at once.
    """
    problems: list[Problem] = []
    benchmarks = benchmark_set(scenario, problems)
    borders = TierBorders(scenario, problems)
    names = _names(scenario, problems)
    known = _known_terms(scenario)
    terms = [
        known[index]
        if index in known and known[index].name == names[index]
        else _resolve_offer(scenario, index, offer, names[index], benchmarks, borders, problems)
        for index, offer in enumerate(scenario.offers)
    ]
    return terms, problems


_SHARED = (
    "currency",
    "exchange_rates",
    "country",
    "benchmarks",
    "tier_borders",
    "engagement_weights",
    "measures",
    "audience",
)
"""Fields of a scenario that the terms of an offer rest on besides the offer itself."""


def _known_terms(scenario: Scenario) -> dict[int, Terms]:
    """Terms that were resolved already: of offers that a scenario shares with the one it was changed from."""
    like: Scenario | None = scenario._like
    if like is None or like._program is None or like._program.problems:
        return {}
    if any(getattr(scenario, field) is not getattr(like, field) for field in _SHARED):
        return {}
    terms = like._program.packages.terms
    pairs = enumerate(zip(scenario.offers, like.offers, strict=False))
    return {index: terms[index] for index, (mine, theirs) in pairs if mine is theirs}


def benchmark_set(scenario: Scenario, problems: list[Problem]) -> Benchmarks | None:
    """The sets that fill what offers leave out; None without any, and for one that cannot be read."""
    if scenario.benchmarks is None:
        return None
    from pydantic import ValidationError

    from optimizer.benchmarks.lookup import benchmarks_of

    try:
        return benchmarks_of(scenario.benchmarks)
    except ValidationError as error:
        problems += [_wrong_figure(detail) for detail in error.errors(include_url=False)]
        return None
    except ValueError as error:
        problems.append(Problem(("benchmarks",), str(error)))
        return None


def _wrong_figure(detail: Any) -> Problem:
    """One error in a set that is written into the scenario itself, in our words."""
    path = ("benchmarks", *detail["loc"])
    if detail["type"] == "missing":
        return Problem(path, "this key is required")
    if detail["type"] == "extra_forbidden":
        return Problem(path, f"unknown key {detail['loc'][-1]!r}")
    if detail["type"] == "value_error":
        return Problem(path, str(detail["ctx"]["error"]))
    return Problem(path, "this is not what a benchmark set holds here", "see the packaged set for an example")


def _names(scenario: Scenario, problems: list[Problem]) -> list[str]:
    """One unique name per offer; only names the user wrote can clash."""
    written: dict[str, int] = {}
    for index, offer in enumerate(scenario.offers):
        if offer.name is not None and written.setdefault(offer.name, index) != index:
            first = written[offer.name]
            problems.append(
                Problem(
                    ("offers", index, "name"),
                    f"{offer.name!r} is the name of {scenario.path_to('offers', first)} already",
                    "choose another name",
                )
            )
    return scenario.offer_names()


def _resolve_offer(
    scenario: Scenario,
    index: int,
    offer: Offer,
    name: str,
    benchmarks: Benchmarks | None,
    borders: TierBorders,
    problems: list[Problem],
) -> Terms:
    path = ("offers", index)
    if offer.tier is not None and not borders.unknown and offer.tier not in borders.known(offer.platform):
        hint = did_you_mean(offer.tier, borders.known(offer.platform))
        problems.append(Problem((*path, "tier"), f"unknown tier {offer.tier!r}", hint))
    numbers = given_numbers(scenario, index, offer, problems)
    fill_segments(scenario, index, offer, numbers, problems)
    tier = offer.tier
    if tier is None and "followers" in numbers:
        tier = borders.tier_of(numbers["followers"].estimate.typical, offer.platform)
    filled = None if offer.fill == "never" else benchmarks
    known = Numbers(scenario, index, offer, tier, numbers, filled, problems)
    fill_followers(known, borders)
    close_triangle(known)
    base = fill_engagement(known)
    fill_mix(known)
    for field in FILLED_ALWAYS:
        known.fill(field)
    posts = offer.posts_per_creator
    allowed = range(posts.min, posts.max + 1) if isinstance(posts, PostRoom) else range(posts, posts + 1)
    _defaults(numbers, repeats=allowed[-1] > 1)
    fill_differences(known)
    _check_impressions(numbers, path, problems)
    return Terms(
        index=index,
        name=name,
        tier=tier,
        platform=offer.platform,
        format=offer.format,
        country=known.country,
        tags=offer.tags,
        numbers=numbers,
        weight=_weight(scenario, numbers),
        engagement_base=base,
        creators_min=offer.creators.min,
        creators_max=offer.creators.max,
        posts=allowed,
        bundle_discount=offer.bundle_discount,
        measures=_own_measures(scenario, offer),
        borders=borders.of(offer.platform).get(tier) if tier else None,
        currencies=known.currencies,
        person=offer.person,
    )


def _own_measures(scenario: Scenario, offer: Offer) -> dict[str, Sourced]:
    """Values of the scenario's own measures.

    An offer that lists some has 0 of the others; one that lists none has not said.
    """
    zero = Sourced(Estimate(0.0, 0.0, 0.0), "default", "not among the offer's measures")
    own = dict.fromkeys(scenario.measures, zero) if offer.measures else {}
    return own | {name: Sourced(value, "yours", offer.source or "") for name, value in offer.measures.items()}


def _defaults(numbers: dict[str, Sourced], *, repeats: bool) -> None:
    """What is taken where nobody says anything; a price list that names one price has no other."""
    one, zero = Estimate(1.0, 1.0, 1.0), Estimate(0.0, 0.0, 0.0)
    numbers.setdefault("authentic", Sourced(one, "default", "every follower is real"))
    numbers.setdefault("on_target", Sourced(one, "default", "every follower belongs to the audience"))
    numbers.setdefault("completion", Sourced(one, "default", "every booked creator delivers"))
    if repeats or "repeat_decay" in numbers:
        numbers.setdefault(
            "repeat_decay", Sourced(zero, "default", "a second post brings as much as the first")
        )
    if "value_per_conversion" in numbers:
        how = "cost of goods not given: profit is before cost of goods"
        numbers.setdefault("cost_per_conversion", Sourced(zero, "default", how))
    for group in (("cost_per_post", "cost_per_creator"), ("hours_per_creator", "hours_per_post")):
        if any(field in numbers for field in group):
            for field in group:
                other = group[1 - group.index(field)]
                numbers.setdefault(field, Sourced(zero, "default", f"none given beside {other}"))


def _check_impressions(
    numbers: Mapping[str, Sourced], path: tuple[str, int], problems: list[Problem]
) -> None:
    if all(field in numbers for field in ("reachable", "reach_rate", "impressions_per_post")):
        reached = numbers["reachable"].estimate.typical * numbers["reach_rate"].estimate.typical
        shown = numbers["impressions_per_post"].estimate.typical
        if reached > shown * (1 + TRIANGLE_TOLERANCE):
            message = f"one post reaches {reached:,.0f} people but has only {shown:,.0f} impressions"
            hint = (
                "correct followers, reachable, reach_rate, impressions_per_post, or the cpm they follow from"
            )
            problems.append(Problem(path, message, hint))


def _weight(scenario: Scenario, numbers: Mapping[str, Sourced]) -> float | None:
    """Worth of one average engagement: sum over kinds of share x weight; a kind without a weight counts 1."""
    weights = scenario.engagement_weights
    if all(weight == 1 for weight in weights.values()):
        return 1.0
    fields = {kind: numbers.get(f"engagement_mix.{kind}") for kind in ENGAGEMENT_KINDS}
    mix = {kind: known.estimate.typical for kind, known in fields.items() if known is not None}
    if not mix:
        return None
    worth = sum(share * weights.get(kind, 1.0) for kind, share in mix.items())
    return float(worth / sum(mix.values()))
