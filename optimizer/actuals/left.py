"""What a campaign that runs leaves to plan: its open bookings, and the money and hours that are left for them.

A new plan keeps every booking of which anything is done, at its planned cost, hours and results. So that it spends what
is really left, the caps move by what the done ones cost and took beyond that:

    budget       - (cost of what is done, rows beyond the plan included - planned cost of the same)
    effort_hours - (hours of what is done - planned hours of the same)

where the planned cost of what is done holds its share of the contingency, which is free again for the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.actuals.came import came_of
from optimizer.actuals.differences import parts_of, sides
from optimizer.actuals.planned import planned_of
from optimizer.actuals.review import in_currency_of
from optimizer.language.measures import unit_of
from optimizer.language.numbers import count, measured, tidy
from optimizer.plan.plan import Plan, given_plan
from optimizer.program.program import program_of
from optimizer.program.varied import varied
from optimizer.results.table import Results
from optimizer.scenario.scenario import Scenario
from optimizer.scenario.signed import Signed


@dataclass(frozen=True)
class Left:
    """What is left to plan.

    Attributes:
        scenario: the new one with its caps on money and hours moved.
        signed: bookings of which anything is done.
        notes: what was done, in words.
    """

    scenario: Scenario
    signed: list[Signed]
    notes: tuple[str, ...]


def left_of(plan: Plan, results: Results, scenario: Scenario) -> Left:
    """What results so far leave to plan.

    Args:
        plan: the one that runs.
        results: so far; bookings without a row are open.
        scenario: what holds now, with the whole budget and all hours.

    Raises:
        ScenarioError: where money is in a currency for which the plan's scenario has no rate.
    """
    plan = given_plan(plan)
    own = Scenario.model_validate(plan.inputs)
    came = came_of(planned_of(program_of(own), plan), in_currency_of(own, results), running=True)
    before, after = sides(came, running=True)
    signed = []
    done = came.by_line((came.done > 0) * came.creators)
    for number, line in enumerate(plan.lines):
        creators = min(float(done[number]), float(line.creators))
        if creators > 0:
            signed.append(
                Signed(offer=line.offer, creators=tidy(creators), posts_per_creator=line.posts_per_creator)
            )
    settled = tidy(sum(one.creators for one in signed))
    notes = [
        f"{count(settled)} of {count(plan.totals.creators)} creators are done or at work and stay booked."
    ]
    changes: dict[str, float] = {}
    for measure, told, cap in (("cost", "paid", "budget"), ("hours", "hours", "effort_hours")):
        limit = getattr(scenario, cap)
        if limit is None:
            continue
        unit = unit_of(measure, plan.currency)
        if told not in came.amounts:
            notes.append(f"No row says anything about {told}: it counts as planned.")
            continue
        planned, actual, _ = parts_of(measure, came, before, after)
        more = float(actual.sum() - planned.sum())
        changes[cap] = max(0.0, tidy(limit - more))
        if not changes[cap] - limit:
            notes.append(f"They took {measured(tidy(float(actual.sum())))} {unit}, as planned.")
            continue
        word = "more" if more > 0 else "less"
        notes.append(
            f"They took {measured(tidy(float(actual.sum())))} {unit}, {measured(tidy(abs(more)))} {word} than planned: "
            f"by planned numbers the new plan may take {measured(changes[cap])} {unit} instead of {measured(limit)}."
        )
    return Left(varied(scenario, {(cap,): value for cap, value in changes.items()}), signed, tuple(notes))


def both(done: Sequence[Signed], signed: Sequence[Signed]) -> list[Signed]:
    """What is done and what is signed as one list: a booking in both counts once, with the larger number."""
    found = {(one.offer, one.posts_per_creator): one for one in done}
    for one in signed:
        key = (one.offer, one.posts_per_creator)
        if key not in found or found[key].creators < one.creators:
            found[key] = one
    return list(found.values())
