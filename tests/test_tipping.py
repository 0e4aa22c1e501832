"""Tipping points: where they are said to be, `optimize` books other offers, and one step nearer it does not."""

from __future__ import annotations

import math
import time
from functools import cache
from pathlib import Path

import pytest

from optimizer import Scenario, ScenarioError, load_scenario
from optimizer.jobs.clock import Clock
from optimizer.program.program import program_of
from optimizer.solve.answer import answer_changed, linear_program
from optimizer.whatif.explain import tipping
from optimizer.whatif.explain.explain import explain
from optimizer.whatif.explain.tipping import (
    Candidate,
    TippingPoint,
    effects_of,
    most_influential,
    tipping_point,
)
from tests.builders import offer, scenario
from tests.planned import plan_or_none
from tests.random_scenarios import random_scenario

SCENARIOS = Path(__file__).parents[1] / "scenarios"
SEEDS = (26, 43, 44)


def booked(asked: Scenario) -> set[str]:
    """Offers in the plan that `optimize` makes; none where there is no plan."""
    plan = plan_or_none(asked)
    return set() if plan is None else {line.offer for line in plan.lines}


def at(asked: Scenario, point: TippingPoint, value: float) -> Scenario:
    """The scenario with that assumption changed, written as a user would: in the offer's own currency."""
    terms = program_of(asked).packages.terms
    index = next(t.index for t in terms if t.name == point.offer)
    own = asked.offers[index]
    path = f"offers[{index}]"
    changes: dict[str, object] = {}
    if point.field in ("cost_per_post", "cost_per_creator", "value_per_conversion", "cost_per_conversion"):
        value *= asked.exchange_rates.get(own.currency or "", 1.0)
    if point.field == "cost_per_post" and own.cpm is not None:  # or the fee would change the impressions
        shown = terms[index].numbers["impressions_per_post"].estimate.typical
        changes = {f"{path}.cpm": None, f"{path}.impressions_per_post": shown}
    if point.field == "engagement_rate":
        changes = {f"{path}.engagement_base": terms[index].engagement_base}
    return asked.with_changes({**changes, f"{path}.{point.field}": value})


def assert_tips(asked: Scenario, points: list[TippingPoint]) -> int:
    """How many of the points tip the plan; those that do not must book the same at both ends."""
    today = booked(asked)
    for point in points:
        assert point.low <= point.value <= point.high
        if point.changes_at is None:
            assert (point.distance, point.direction, point.change, point.step) == (None, None, "", 0)
            for end in (point.low, point.high):
                try:
                    turned = at(asked, point, end)
                except ScenarioError:  # more people reached than there are impressions, say
                    continue
                assert booked(turned) == today, point
            continue
        assert point.low - 1e-9 <= point.changes_at <= point.high + 1e-9
        assert (point.changes_at > point.value) == (point.direction == "up")
        assert point.distance == pytest.approx(abs(point.changes_at - point.value) / abs(point.value))
        there = booked(at(asked, point, point.changes_at))
        assert there != today, point
        nearer = point.changes_at + (-point.step if point.direction == "up" else point.step)
        assert 0 < point.step <= abs(point.changes_at - point.value) * (1 + 1e-9)
        assert booked(at(asked, point, nearer)) == today, point
        if there:
            assert all(name in point.change for name in there ^ today)
            assert ("come" in point.change) == bool(there - today)
            assert ("drop" in point.change) == bool(today - there)
        else:
            assert point.change == "no plan is possible"
    return sum(point.changes_at is not None for point in points)


def points_of(asked: Scenario) -> list[TippingPoint]:
    return explain(asked, sections=["tipping"]).tipping


def assert_nearest_first(points: list[TippingPoint]) -> None:
    distances = [point.distance for point in points]
    known = [distance for distance in distances if distance is not None]
    assert distances == sorted(known) + [None] * (len(distances) - len(known))


@cache
def quickstart() -> Scenario:
    return load_scenario(SCENARIOS / "quickstart.yaml")


def test_quickstart_tips_where_it_says() -> None:
    points = points_of(quickstart())
    assert_nearest_first(points)
    assert assert_tips(quickstart(), points) >= 1
    assert len(points) == 6


def test_random_scenarios_tip_where_they_say() -> None:
    tipping = 0
    for seed in SEEDS:
        asked = Scenario.model_validate(random_scenario(seed))
        points = points_of(asked)
        assert_nearest_first(points)
        tipping += assert_tips(asked, points)
    assert tipping >= 5


def duel(**fields: object) -> Scenario:
    """40 engagements for 100 against 30 for 90: the first, until it costs more than 120 or brings less than 33.3."""
    first = {"engagements_per_post": 40, "most": 1, **fields}
    offers = [
        offer("first", **({"cost_per_post": 100} | first)),  # type: ignore[arg-type]
        offer("second", 90, engagements_per_post=30, most=1),
    ]
    return scenario(budget=130, objective="engagements", offers=offers, exchange_rates={"VND": 25_400})


def the_point(asked: Scenario, field: str) -> TippingPoint:
    (index,) = (t.index for t in program_of(asked).packages.terms if t.name == "first")
    text = asked.model_dump_json(exclude_unset=True)
    candidate = Candidate(index=index, field=field, effect=1.0, has_range=True)
    return tipping_point(text, candidate, answer_changed(text, {}).creators)


def test_a_range_is_where_it_is_looked_for_and_what_it_is_measured_against() -> None:
    wide = the_point(duel(cost_per_post=[80, 100, 180], source="a letter"), "cost_per_post")
    assert (wide.low, wide.value, wide.high, wide.has_range) == (80, 100, 180, True)
    # Above 130 it cannot be paid. Tried are 110, 120 and 140, and then 130 and 135 between the last two.
    assert (wide.changes_at, wide.step, wide.direction) == (135, 5, "up")
    assert wide.distance == 0.35
    assert (wide.origin, wide.source, wide.change) == (
        "yours",
        "a letter",
        "second comes in; first drops out",
    )
    narrow = the_point(duel(cost_per_post=[95, 100, 125]), "cost_per_post")
    assert narrow.changes_at is None
    guessed = the_point(duel(), "cost_per_post")
    assert (guessed.low, guessed.high, guessed.has_range) == (75, 125, False)


def test_a_price_in_another_currency_is_turned_in_the_scenarios() -> None:
    asked = duel(cost_per_post=[2_032_000, 2_540_000, 4_572_000], currency="VND")
    point = the_point(asked, "cost_per_post")
    assert (point.low, point.value, point.high) == pytest.approx((80, 100, 180))
    assert point.changes_at == pytest.approx(135)
    assert assert_tips(asked, [point]) == 1
    once = duel(cost_per_post=0, cost_per_creator=[2_032_000, 2_540_000, 4_572_000], currency="VND")
    assert the_point(once, "cost_per_creator").changes_at == pytest.approx(135)


def test_the_nearer_of_two_directions_is_the_one_that_is_shown() -> None:
    # 40 for 100 is booked; below 30 the second is. Above, with 90 in the budget of 130, nothing changes.
    point = the_point(duel(engagements_per_post=[8, 40, 60]), "engagements_per_post")
    assert point.direction == "down"
    assert point.changes_at is not None
    assert point.changes_at <= 30 < point.changes_at + point.step + 1e-9


def test_assumptions_with_a_range_are_looked_at_first_and_those_without_effect_not_at_all() -> None:
    asked = duel(engagements_per_post=[39, 40, 41], followers=10, cost_per_creator=5)
    found = effects_of(asked.with_changes({"budget": 1000}).model_dump_json(exclude_unset=True), 0)
    assert {c.field for c in found} == {"engagements_per_post"}, "nothing else moves the linear program"
    binding = asked.with_changes({"budget": 103})
    found = effects_of(binding.model_dump_json(exclude_unset=True), 0)
    assert {c.field for c in found} == {"engagements_per_post", "cost_per_post", "cost_per_creator"}
    first, *rest = most_influential(found)
    assert (first.field, first.has_range) == ("engagements_per_post", True)
    assert [c.effect for c in rest] == sorted((c.effect for c in rest), reverse=True)
    assert [c.field for c in most_influential(found, 2)] == [first.field, rest[0].field]


def test_effects_are_those_of_the_linear_program_although_few_are_solved_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    solved = []

    def counted(*words: object) -> object:
        solved.append(words)
        return linear_program(*words)  # type: ignore[arg-type]

    settled = 0
    for seed in range(10):
        try:
            asked = Scenario.model_validate(random_scenario(seed))
            program = program_of(asked)
            if program.problems:
                continue
            text = asked.model_dump_json()
            today = tipping.Relaxed.of(text, math.inf)
        except ScenarioError:
            continue
        names = [(i, f) for i, t in enumerate(program.packages.terms) for f in ("cost_per_post", "engagement_rate")
                 if f in t.numbers]  # fmt: skip
        for index, field in names:
            for by in (0.5, 0.9, 1.1, 2.0):
                value = program.packages.terms[index].numbers[field].estimate.typical * by
                changed = tipping._with(asked, index, field, value)
                if changed is None:
                    continue
                with monkeypatch.context() as patch:
                    patch.setattr(tipping, "linear_program", counted)
                    found = today.value_with(changed, index, Clock(None))
                expected = linear_program(program_of(changed)).value
                assert found == (None if expected is None else pytest.approx(expected, rel=1e-9, abs=1e-9))
                settled += 1
    assert len(solved) < settled - 15


def test_a_value_at_which_there_is_no_plan_is_a_tipping_point() -> None:
    floor = {"measure": "engagements", "min": 35}
    asked = duel(engagements_per_post=[20, 40, 60]).with_changes({"limits": [floor]})
    point = the_point(asked, "engagements_per_post")
    assert point.change == "no plan is possible"
    assert assert_tips(asked, [point]) == 1


def test_a_value_that_the_scenario_does_not_allow_is_not_called_a_change() -> None:
    # More reach than impressions is refused; that says nothing about the plan.
    offers = [
        offer("first", 100, followers=1000, reach_rate=[0.1, 0.2, 0.9], impressions_per_post=210, most=1),
        offer("second", 100, followers=900, reach_rate="20%", most=1),
    ]
    asked = scenario(budget=100, objective="gross_reach", offers=offers)
    point = the_point(asked, "reach_rate")
    assert point.direction == "down"
    assert point.change == "second comes in; first drops out"


def test_time_that_is_up_is_no_answer() -> None:
    asked = duel()
    text = asked.model_dump_json(exclude_unset=True)
    candidate = Candidate(index=0, field="cost_per_post", effect=1.0, has_range=False)
    with pytest.raises(TimeoutError):
        tipping_point(text, candidate, (1.0, 0.0), until=time.time() - 1)


def test_the_cost_of_goods_turns_a_plan_for_profit() -> None:
    """1 sale of 100 each for 10: goods of 40 leave 50 and goods of 45 leave 45, until the first cost 45, too."""
    sales = {"impressions_per_post": 1_000, "click_rate": "1%", "conversion_rate": "10%",
             "value_per_conversion": 100, "most": 1}  # fmt: skip
    first = offer("first", 10, **sales, cost_per_conversion=[30, 40, 60])
    asked = scenario(
        budget=10, objective="profit", offers=[first, offer("second", 10, **sales, cost_per_conversion=45)]
    )
    (point,) = (p for p in points_of(asked) if (p.offer, p.field) == ("first", "cost_per_conversion"))
    assert point.changes_at is not None
    assert point.changes_at - point.step <= 45 <= point.changes_at
    assert point.change == "second comes in; first drops out"
