"""Of many offers, explanations ask about the booked and the nearest to coming in, and say how many were left out."""

from __future__ import annotations

import re

import pytest

from optimizer.jobs.clock import Clock
from optimizer.program.program import program_of
from optimizer.report.formats import text
from optimizer.scenario.scenario import Scenario
from optimizer.whatif.explain import explain as made
from optimizer.whatif.explain.estimates import margins
from optimizer.whatif.explain.explain import explain
from optimizer.whatif.explain.result import Explanation
from tests.builders import offer, scenario


def people(count: int, budget: float = 300, **fields: object) -> Scenario:
    """p0 is the best buy and the last the worst; 100 each, so that `budget` books the first ones."""
    offers = [
        offer(f"p{i}", 100, engagements_per_post=1000 - 20 * i, most=1, hours_per_creator=1, **fields)
        for i in range(count)
    ]
    return scenario(budget=budget, objective="engagements", offers=offers[::-1])  # the order says nothing


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made, "BOOKED", 5)
    monkeypatch.setattr(made, "OTHERS", 2)


def asked_about(found: Explanation) -> list[str]:
    return sorted((n.offer for n in found.negotiation), key=lambda name: int(name[1:]))


def words(found: Explanation) -> str:
    return re.sub(r"\s+", " ", text(found))


@pytest.mark.usefixtures("few")
def test_the_booked_and_the_nearest_are_asked_about_and_the_rest_is_counted() -> None:
    found = explain(people(9), sections=["negotiation", "tipping"])
    assert asked_about(found) == [f"p{i}" for i in range(5)]  # three are booked, two are nearest
    assert [n.offer for n in found.negotiation if n.used] == ["p2", "p1", "p0"]
    assert (found.offers, found.offers_asked) == (9, 5)
    left_out = "4 of 9 offers are farther from the plan, by the prices of its limits, and were"
    assert f"{left_out} not asked about." in words(found)
    assert f"{left_out} not looked at." in words(found)
    assert {t.offer for t in found.tipping} <= set(asked_about(found))


@pytest.mark.usefixtures("few")
def test_others_are_asked_about_however_many_are_booked() -> None:
    found = explain(people(12, budget=700), sections=["negotiation"])
    # of seven who are booked the five nearest to leaving, and two of the others
    assert asked_about(found) == ["p2", "p3", "p4", "p5", "p6", "p7", "p8"]
    assert (found.offers, found.offers_asked) == (12, 7)


@pytest.mark.usefixtures("few")
def test_up_to_so_many_all_are_asked_about() -> None:
    found = explain(people(5), sections=["negotiation", "tipping"])
    assert asked_about(found) == [f"p{i}" for i in range(5)]
    assert (found.offers, found.offers_asked) == (5, 5)
    assert "farther from the plan" not in words(found)


@pytest.mark.usefixtures("few")
def test_one_that_is_left_out_is_said_in_the_singular() -> None:
    found = explain(people(6), sections=["negotiation"])
    assert "1 of 6 offers is farther from the plan, by the prices of its limits, and was not" in words(found)


@pytest.mark.usefixtures("few")
def test_numbers_without_a_range_are_looked_at_where_few_have_one() -> None:
    one = people(9).model_dump(mode="json", exclude_unset=True)
    next(o for o in one["offers"] if o["name"] == "p2")["cost_per_post"] = [90, 100, 140]
    found = explain(Scenario.model_validate(one), sections=["tipping"])
    assert sum(t.has_range for t in found.tipping) == 1
    assert len(found.tipping) == 6
    for person in one["offers"]:
        person["engagements_per_post"] = [0.5 * (n := person["engagements_per_post"]), n, 1.5 * n]
    found = explain(Scenario.model_validate(one), sections=["tipping"])
    assert all(t.has_range for t in found.tipping)


def test_margins_by_hand() -> None:
    offers = [
        offer("booked", 100, engagements_per_post=300, most=1),
        offer("partly", 100, engagements_per_post=200, most=1),
        offer("out", 100, engagements_per_post=100, most=1),
        offer("no room", 100, engagements_per_post=900, most=0),
    ]
    asked = scenario(budget=150, objective="engagements", offers=offers)
    # 1 + a half are booked, so that money is worth 2 engagements: 300 - 200, 200 - 200 and 100 - 200 of their sum
    assert margins(program_of(asked), Clock(None)) == pytest.approx([100 / 500, 0, -100 / 300, float("-inf")])
    least = asked.with_changes(
        {"objective": {"minimize": "cost"}, "limits": [{"measure": "engagements", "min": 400}]}
    )
    # the second is booked by half, so that an engagement is worth 0.5: 100 - 150, 100 - 100, 100 - 50, less is better
    assert margins(program_of(least), Clock(None)) == pytest.approx([50 / 250, 0, -50 / 150, float("-inf")])
