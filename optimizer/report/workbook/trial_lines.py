"""Lines with 0 creators for the offers that a plan does not book, so that trying one is typing a number."""

from __future__ import annotations

from optimizer.plan.plan import Line, Plan
from optimizer.report.workbook.plan_numbers import OfferNumbers, PlanNumbers

NEEDS: dict[str, tuple[str, ...]] = {
    "cost": ("cost_per_post",),
    "hours": ("hours_per_creator",),
    "impressions": ("impressions_per_post",),
    "engagements": ("engagements_per_post",),
    "clicks": ("impressions_per_post", "click_rate"),
    "conversions": ("impressions_per_post", "click_rate", "conversion_rate"),
    "revenue": ("impressions_per_post", "click_rate", "conversion_rate", "value_per_conversion"),
    "profit": (
        "impressions_per_post",
        "click_rate",
        "conversion_rate",
        "value_per_conversion",
        "cost_per_post",
    ),
    "gross_reach": ("reachable", "reach_rate"),
}
"""Measure -> the numbers of an offer without which it is not known."""


def trial_lines(plan: Plan, made_of: PlanNumbers) -> list[Line]:
    """One line for each offer that is not booked, with the fewest posts per creator, in the order of the scenario."""
    found = []
    for unused in plan.unused:
        offer = made_of.offers[unused.offer]
        amounts = {measure: 0.0 if _known(offer, needs) else None for measure, needs in NEEDS.items()}
        own = {name: 0.0 if f"measures.{name}" in offer.numbers else None for name in plan.totals.measures}
        found.append(
            Line(
                offer=unused.offer,
                tier=unused.tier,
                platform=unused.platform,
                format=unused.format,
                tags=unused.tags,
                posts_per_creator=offer.posts[0],
                room=offer.creators[1],
                creators=0,
                posts=0,
                measures=own,
                **amounts,
            )
        )
    return found


def _known(offer: OfferNumbers, needs: tuple[str, ...]) -> bool:
    return all(field in offer.numbers for field in needs)
