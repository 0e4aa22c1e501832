"""Flag about bookings of one person that rest on numbers which the benchmarks filled in."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.plan.flags import names_text, percent, warn
from optimizer.plan.plan import Flag, Plan
from optimizer.program.program import Program
from optimizer.program.terms import Terms

FILLED = ("benchmark", "assumption")
"""Origins of numbers that nobody gave."""
_ASKED = {"cost_per_post": "fee", "engagement_rate": "engagement rate"}


def rests_on_filled(program: Program, plan: Plan) -> Iterator[Flag]:
    """A named creator is booked at a fee or a rate that is only usual at that size."""
    cost = {line.offer: line.cost or 0.0 for line in plan.lines}
    booked = [terms for terms in program.packages.terms if terms.name in cost and _is_one(terms)]
    for field, what in _ASKED.items():
        filled = [terms for terms in booked if _is_filled(terms, field)]
        if not filled:
            continue
        share = sum(cost[terms.name] for terms in filled) / plan.totals.cost if plan.totals.cost else 0.0
        of = f", {percent(share)} of the money," if share else ""
        does = "has" if len(filled) == 1 else "have"
        names = names_text([terms.name for terms in filled])
        yield warn(
            "filled-in",
            f"{len(filled)} of {len(booked)} named creators booked{of} {does} no {what} of their own: it is the "
            f"benchmarks' for that size ({names}).",
            "Ask them for their price before you promise the plan."
            if field == "cost_per_post"
            else "Ask them for their own statistics before you promise the result.",
        )


def _is_one(terms: Terms) -> bool:
    """Whether an offer is one person: room for one, whose own followers are given."""
    followers = terms.numbers.get("followers")
    return terms.creators_max == 1 and followers is not None and followers.origin == "yours"


def _is_filled(terms: Terms, field: str) -> bool:
    number = terms.numbers.get(field)
    return number is not None and number.origin in FILLED and bool(number.estimate.typical)
