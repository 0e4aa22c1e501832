"""What the story of the four markets says beside single numbers of plans: goals, what is short, where people are."""

from __future__ import annotations

import pytest

from optimizer import InfeasibleError, load_scenario
from optimizer.whatif.goal import goal
from tests.stories import FOLDER, plan, story
from tests.story_numbers import F, people_in

TEN_MILLION = {"reach": 10e6}
PATH = FOLDER / f"{F}.yaml"
TOLD = " ".join(story(F))


def test_no_money_is_enough_for_ten_million_because_hours_hold_it() -> None:
    answer = goal(load_scenario(PATH), TEN_MILLION, draws=0)
    (floor,) = answer.goals
    assert answer.needed is None
    assert floor.most == pytest.approx(9_560_000, abs=5_000)
    assert "effort_hours" in floor.held_by
    assert "budget" not in floor.held_by
    assert "With any budget it would be 9,560,000 people: hours hold it there" in TOLD


def test_hours_are_short_by_650_and_with_5000_less_money_does() -> None:
    fewest = goal(load_scenario(PATH), TEN_MILLION, least="hours", draws=0)
    assert fewest.needed is not None
    assert 4_600 < fewest.needed <= 4_650
    cheapest = goal(load_scenario(PATH, {"effort_hours": 5_000}), TEN_MILLION, draws=0)
    assert cheapest.needed == pytest.approx(1_810_000, abs=5_000)
    assert "with 5,000 hours 1,810,000 USD would do for ten million" in TOLD


def test_floors_ceiling_and_budget_hold_in_the_plan_and_two_floors_ask_nothing() -> None:
    found = plan(F)
    assert {limit.name for limit in found.limits if limit.binding} == {
        "budget", "effort_hours", "people in US"}  # fmt: skip
    for segment, least in (("US", 4e6), ("GB", 8e5), ("BR", 1.5e6), ("ID", 2e6)):
        assert people_in(segment)(found) >= least
    assert sum(s.reached or 0.0 for s in found.segments) == pytest.approx(found.objective.value)
    assert max(line.cost / line.creators for line in found.lines) <= 0.08 * 2_000_000
    for free in ("BR", "ID"):
        without = plan(F, f"limits.people in {free}.min=0").objective.value
        assert without == pytest.approx(found.objective.value, rel=1e-4)
    assert [u.offer for u in found.unused if u.reason == "left out by a limit"] == ["the singer"]


def test_with_twice_the_overlap_all_creators_there_are_do_not_reach_four_million_americans() -> None:
    with pytest.raises(InfeasibleError) as caught:
        plan(F, "audience.overlap=20%")
    assert [member.name for member in caught.value.conflict] == ["people in US"]


def test_segments_are_a_ninth_of_the_populations_and_americans_a_third_of_british_followers() -> None:
    scenario = load_scenario(PATH)
    assert scenario.audience is not None
    for name, millions in (("US", 345.4), ("GB", 69.1), ("BR", 212.0), ("ID", 283.5)):
        assert scenario.audience.segments[name] == pytest.approx(millions * 1e6 / 9, rel=0.012)
        assert f"{millions}" in TOLD
    assert scenario.audience.people / 10 == pytest.approx(10e6, rel=0.01)
    for offer in scenario.offers:
        if offer.country == "GB":
            on_target = sum(offer.segments.values())
            assert offer.segments["US"] / on_target == pytest.approx(0.35, abs=0.03)
