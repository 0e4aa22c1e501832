"""Lines with 0 creators for the offers that a plan does not book, so that trying one is typing a number."""

from __future__ import annotations

from optimizer.language.measures import MEASURES
from optimizer.plan.not_given import filled_fields
from optimizer.plan.plan import Line, Plan
from optimizer.report.workbook.plan_numbers import OfferNumbers, PlanNumbers


def trial_lines(plan: Plan, made_of: PlanNumbers) -> list[Line]:
    """One line for each offer that is not booked, with the fewest posts per creator, in the order of the scenario."""
    found = []
    for unused in plan.unused:
        offer = made_of.offers[unused.offer]
        amounts = {name: 0.0 if _known(offer, m.needs) else None for name, m in MEASURES.items()}
        own = {name: 0.0 if f"measures.{name}" in offer.numbers else None for name in plan.totals.measures}
        found.append(
            Line(
                offer=unused.offer,
                tier=unused.tier,
                platform=unused.platform,
                format=unused.format,
                tags=unused.tags,
                person=offer.person,
                posts_per_creator=offer.posts[0],
                room=offer.creators[1],
                filled=filled_fields(
                    offer.creators[1], {f: (n.value, n.origin) for f, n in offer.numbers.items()}
                ),
                measures=own,
                **(amounts | {"creators": 0, "posts": 0}),
            )
        )
    return found


def _known(offer: OfferNumbers, needs: tuple[str, ...]) -> bool:
    mixed = any(field.startswith("engagement_mix.") for field in offer.numbers)
    return all(mixed if field == "engagement_mix" else field in offer.numbers for field in needs)
