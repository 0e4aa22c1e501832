"""What a plan's numbers are made of, read from the plan alone: each offer's numbers, each limit's sides and offers.

For readers that calculate with a plan, such as a workbook of live formulas. The numbers are those the plan was made
with (`Plan.assumptions`), never looked up again: a plan of last year keeps last year's benchmarks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from optimizer.plan.plan import Assumption, LimitResult, Plan
from optimizer.scenario.fields import parse_bound
from optimizer.scenario.scenario import Bound, Scenario


@dataclass(frozen=True)
class OfferNumbers:
    """The numbers of one offer; money in the plan's currency.

    Attributes:
        numbers: field -> the number with its origin; also "measures.NAME". A field that is not known is absent.
        weight: worth of one average engagement, None if not known.
        discounts: posts per creator -> share off cost_per_post from there on.
        creators: fewest and most creators, None where there is no maximum.
        posts: fewest and most posts per creator.
        person: who posts; None for somebody else on each.
    """

    name: str
    numbers: Mapping[str, Assumption]
    weight: float | None
    discounts: Mapping[int, float]
    creators: tuple[float, float | None]
    posts: tuple[int, int]
    person: str | None = None


@dataclass(frozen=True)
class LimitNumbers:
    """One limit of a plan.

    Attributes:
        result: value and sides in the plan.
        minimum, maximum: the sides as they were written: a number, or a share of something.
        offers: names of the offers it counts.
        everything: whether these are all offers.
        where: these offers in words, "" for all.
        per_creator: whether each creator must satisfy it, rather than the sum.
        or_none: whether the floor holds only where anything it counts is booked.
        segments: of the audience in which reach is counted; none for all of it.
    """

    result: LimitResult
    minimum: Bound | None
    maximum: Bound | None
    offers: frozenset[str]
    everything: bool
    where: str
    per_creator: bool
    or_none: bool = False
    segments: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlanNumbers:
    """Everything a plan's totals and limits are calculated from.

    Attributes:
        agency, contingency: shares on top of what creators are paid.
        offers: name -> its numbers, in the order of the scenario.
        limits: in the order of `Plan.limits`.
        weights: kind of engagement -> what one counts; a kind that is absent counts 1.
        per_post: own measures that are given per post; the others are given per creator.
        dates: first and last day, where given.
    """

    agency: float
    contingency: float
    offers: Mapping[str, OfferNumbers]
    limits: tuple[LimitNumbers, ...]
    weights: Mapping[str, float]
    per_post: frozenset[str]
    dates: tuple[str, str] | None


def plan_numbers(plan: Plan) -> PlanNumbers:
    """What a plan's numbers are made of.

    Raises:
        pydantic.ValidationError: where `plan.inputs` is not a scenario that this version can read.
    """
    scenario = Scenario.model_validate(plan.inputs)
    numbers: dict[str, dict[str, Assumption]] = {}
    for assumption in plan.assumptions:
        if assumption.offer:
            numbers.setdefault(assumption.offer, {})[assumption.field] = assumption
    offers = {}
    for (name, own), given in zip(numbers.items(), scenario.offers, strict=True):
        weight = own.get("engagement_weight")
        posts = given.posts_per_creator
        offers[name] = OfferNumbers(
            name=name,
            numbers=own,
            weight=weight.value if weight else None if scenario.engagement_weights else 1.0,
            discounts=dict(sorted(given.bundle_discount.items())),
            creators=(given.creators.min, given.creators.max),
            posts=(posts, posts) if isinstance(posts, int) else (posts.min, posts.max),
            person=given.person,
        )
    return PlanNumbers(
        agency=scenario.fees.agency,
        contingency=scenario.fees.contingency,
        offers=offers,
        limits=tuple(_limit(result, list(offers)) for result in plan.limits),
        weights=scenario.engagement_weights,
        per_post=frozenset(name for name, own in scenario.measures.items() if own.per == "post"),
        dates=None if scenario.dates is None else (str(scenario.dates.start), str(scenario.dates.end)),
    )


def _limit(result: LimitResult, names: list[str]) -> LimitNumbers:
    scope = result.scope
    return LimitNumbers(
        result=result,
        minimum=None if scope.min is None else parse_bound(scope.min),
        maximum=None if scope.max is None else parse_bound(scope.max),
        offers=frozenset(names if scope.offers is None else scope.offers),
        everything=scope.offers is None,
        where=scope.where,
        per_creator=scope.per_creator,
        or_none=result.or_none,
        segments=scope.segments,
    )
