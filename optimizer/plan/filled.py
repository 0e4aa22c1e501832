"""Bookings of one person that rest on numbers which the benchmarks filled in: by line, and as a flag."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.plan.flags import names_text, percent, warn
from optimizer.plan.not_given import ASKED, filled_fields
from optimizer.plan.plan import Flag, Plan
from optimizer.program.program import Program
from optimizer.program.terms import Terms


def filled_of(terms: Terms) -> tuple[str, ...]:
    """The same of terms."""
    fields = [field for field in ("followers", *ASKED) if field in terms.numbers]
    numbers = {f: (terms.numbers[f].estimate.typical, terms.numbers[f].origin) for f in fields}
    return filled_fields(terms.creators_max, numbers)


def rests_on_filled(program: Program, plan: Plan) -> Iterator[Flag]:
    """A named creator is booked at a fee or a rate that is only usual at that size."""
    booked = {line.offer for line in plan.lines}
    named = [terms.name for terms in program.packages.terms if terms.name in booked and _is_one(terms)]
    for field, what in ASKED.items():
        filled = [line for line in plan.lines if field in line.filled]
        if not filled:
            continue
        cost = sum(line.cost or 0.0 for line in filled)
        share = cost / plan.totals.cost if plan.totals.cost else 0.0
        of = f", {percent(share)} of the money," if share else ""
        names = list(dict.fromkeys(line.offer for line in filled))
        does = "has" if len(names) == 1 else "have"
        yield warn(
            "filled-in",
            f"{len(names)} of {len(named)} named creators booked{of} {does} no {what} of their own: it is the "
            f"benchmarks' for that size ({names_text(names)}).",
            "Ask them for their price before you promise the plan."
            if field == "cost_per_post"
            else "Ask them for their own statistics before you promise the result.",
        )


def _is_one(terms: Terms) -> bool:
    """Whether an offer is one person: room for one, whose own followers are given."""
    followers = terms.numbers.get("followers")
    return terms.creators_max == 1 and followers is not None and followers.origin == "yours"
