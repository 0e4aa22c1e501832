"""Planning again in the middle of a campaign: what is done stays, and only what is left is spent."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer import Scenario, optimize
from optimizer.actuals.left import both, left_of
from optimizer.scenario.signed import Signed
from optimizer.whatif.replan.replan import replan
from tests.builders import offer, scenario
from tests.results_made import Row, results


def campaign(**fields: Any) -> Scenario:
    """Money for twelve creators of an offer that is cheaper for each engagement, and hours for ten."""
    return scenario(**{
        "budget": 1200, "effort_hours": 30, "objective": "engagements",
        "offers": [
            offer("good", 100, most=8, engagements_per_post=30, hours_per_creator=1, hours_per_post=1),
            offer("fair", 100, most=20, engagements_per_post=20, hours_per_creator=1, hours_per_post=1),
        ],
        **fields,
    })  # fmt: skip


def done(count: int, **fields: Any) -> list[Row]:
    return [{"offer": "good", "creator": f"c{n}", "posts": 1, "engagements": 30, "paid": 100, "hours": 2, **fields}
            for n in range(count)]  # fmt: skip


def test_dearer_creators_leave_less_for_the_rest() -> None:
    plan = optimize(campaign())
    assert {line.offer: line.creators for line in plan.lines} == {"good": 8, "fair": 4}
    left = left_of(plan, results(done(4, paid=150)), campaign())
    assert left.scenario.budget == 1000  # four were 50 dearer each
    assert left.scenario.effort_hours == 30
    assert left.signed == [Signed(offer="good", creators=4, posts_per_creator=1)]
    again = replan(plan, left.scenario, keep=left.signed, within=0.0, notes=left.notes)
    # 4 at 150 and 6 at 100 are the 1,200 there were; at planned prices that is 1,000
    assert {line.offer: line.creators for line in again.plan.lines} == {"good": 8, "fair": 2}
    assert left.notes == (
        "4 of 12 creators are done or at work and stay booked.",
        "They took 600 USD, 200 more than planned: by planned numbers the new plan may take 1,000 USD instead "
        "of 1,200.",
        "They took 8 hours, as planned.",
    )
    assert again.notes == left.notes


def test_who_failed_frees_the_money_and_keeps_the_place() -> None:
    plan = optimize(campaign())
    rows = [
        *done(3),
        {"offer": "good", "creator": "gone", "posts": 0, "engagements": 0, "paid": 0, "hours": 1},
    ]
    left = left_of(plan, results(rows), campaign())
    assert (left.scenario.budget, left.scenario.effort_hours) == (1300, 31)
    again = replan(plan, left.scenario, keep=left.signed, within=0.0)
    assert {line.offer: line.creators for line in again.plan.lines} == {"good": 8, "fair": 5}


def test_unplanned_creators_are_paid_from_the_same_money() -> None:
    plan = optimize(campaign())
    stranger: Row = {"creator": "stranger", "platform": "x", "paid": 250, "hours": 4, "posts": 1}
    left = left_of(plan, results([*done(2), stranger]), campaign())
    assert (left.scenario.budget, left.scenario.effort_hours) == (950, 26)


def test_what_rows_do_not_say_counts_as_planned() -> None:
    plan = optimize(campaign())
    left = left_of(plan, results([{"offer": "good", "creator": "c", "engagements": 31}]), campaign())
    assert (left.scenario.budget, left.scenario.effort_hours) == (1200, 30)
    assert left.notes[1:] == ("No row says anything about paid: it counts as planned.",
                              "No row says anything about hours: it counts as planned.")  # fmt: skip


def test_a_contingency_is_free_again_for_the_rest() -> None:
    changed = campaign(fees={"contingency": "20%"})
    plan = optimize(changed)
    left = left_of(plan, results(done(5)), changed)
    assert left.scenario.budget == pytest.approx(1200 + 5 * 20)


def test_done_and_signed_count_once() -> None:
    one, two = (Signed(offer="a", creators=n, posts_per_creator=1) for n in (2, 3))
    other = Signed(offer="b", creators=1)
    assert both([one], [two, other]) == [two, other]
    assert both([two], [one]) == [two]
