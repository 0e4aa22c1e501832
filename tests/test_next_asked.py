"""What to test next: what must not matter, what is refused, what is not there, and what is said."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest

from optimizer import NextTests, Scenario, ScenarioError, next_tests
from optimizer.learning.next import MOST
from optimizer.learning.numbers import uncertain_numbers
from optimizer.learning.worth import NODES
from optimizer.program.program import program_of
from optimizer.report.formats import markdown, text
from tests import next_by_hand as by_hand
from tests.builders import Data, offer, scenario
from tests.test_next import NEAR, the_one, two

# --- what must not matter --------------------------------------------------------------------------------------


def mixed() -> Data:
    """Four offers with several ranges, hours and platforms that hang together."""
    return {
        "name": "Mixed",
        "currency": "USD",
        "budget": 3000,
        "effort_hours": 40,
        "objective": "engagements",
        "offers": [
            offer("a", engagements_per_post=[300, 500, 900], platform="instagram", tier="micro", most=4, spread=0.5,
                  post_spread=0.2, hours_per_creator=[3, 4, 6], cost_per_post=[180, 250, 400]),
            offer("b", 300, engagements_per_post=[400, 650, 800], platform="tiktok", tier="micro", most=4,
                  hours_per_creator=5, completion=[0.7, 0.9, 0.95]),
            offer("c", 900, engagements_per_post=[1000, 1900, 3600], platform="tiktok", tier="macro", most=1,
                  hours_per_creator=6, spread=0.7, post_spread=0.3, setup_cost=100),
            offer("d", 120, engagements_per_post=210, platform="instagram", tier="nano", most=8,
                  hours_per_creator=[2, 3, 3.5], click_rate=[0.001, 0.01, 0.02]),
        ],
        "solver": {"gap": 0},
    }  # fmt: skip


@pytest.fixture(scope="module")
def found() -> NextTests:
    return next_tests(Scenario.model_validate(mixed()))


def test_the_order_of_offers_changes_nothing(found: NextTests) -> None:
    data = mixed()
    data["offers"].reverse()
    again = next_tests(Scenario.model_validate(data))
    assert [(n.offer, n.field) for n in again.numbers] == [(n.offer, n.field) for n in found.numbers]
    for one, other in zip(found.numbers, again.numbers, strict=True):
        assert other.value == pytest.approx(one.value, rel=1e-9)
        assert other.net == (None if one.net is None else pytest.approx(one.net, rel=1e-9))
    assert again.sentences == found.sentences


def test_the_currency_changes_nothing(found: NextTests) -> None:
    data = mixed()
    data |= {"currency": "VND", "budget": 3000 * 25_000}
    for one in data["offers"]:
        for field in ("cost_per_post", "setup_cost"):
            if field in one:
                value = one[field]
                one[field] = [25_000 * n for n in value] if isinstance(value, list) else 25_000 * value
    again = next_tests(Scenario.model_validate(data))
    for one in found.numbers:
        other = the_one(again, one.offer, one.field)
        assert other.value == pytest.approx(one.value, rel=1e-6, abs=1e-6)
        if one.cost is not None:
            assert other.cost == pytest.approx(25_000 * one.cost)
            assert other.net == pytest.approx(one.net, rel=1e-6, abs=1e-6)


def test_an_offer_in_another_currency_is_the_same_offer(found: NextTests) -> None:
    data = mixed() | {"exchange_rates": {"EUR": 0.8}}
    data["offers"][0] |= {"currency": "EUR", "cost_per_post": [0.8 * n for n in (180, 250, 400)]}
    again = next_tests(Scenario.model_validate(data))
    for one in found.numbers:
        assert the_one(again, one.offer, one.field).value == pytest.approx(one.value, rel=1e-6, abs=1e-6)


def test_what_a_record_says_fits_together(found: NextTests) -> None:
    assert found.planned > 0
    assert found.proven
    assert {(n.field, n.offers) for n in found.without} == {("click_rate", 1)}
    for one in found.numbers:
        assert one.value >= 0
        assert one.low < one.high
        if one.way == "none":
            assert (one.test_value, one.cost, one.net, one.worth_it, one.tells) == (
                None,
                None,
                None,
                False,
                0,
            )
            continue
        assert one.test_value is not None
        assert 0 <= one.test_value <= one.value
        assert one.net == pytest.approx(one.test_value - (one.brought or 0))
        assert one.worth_it == (one.net > 0)
    nets = [n.net for n in found.numbers if n.net is not None]
    assert nets == sorted(nets, reverse=True)
    assert the_one(found, "b", "completion").way == "none"
    assert the_one(found, "c", "engagements_per_post").cost == 1000  # the fee and the set-up
    assert the_one(found, "c", "engagements_per_post").one_creator
    assert the_one(found, "a", "engagements_per_post").along == 2
    assert the_one(found, "a", "hours_per_creator").hours == 0
    assert NextTests.model_validate_json(found.model_dump_json()) == found


def test_text_and_markdown_say_the_answer_first(found: NextTests) -> None:
    told = text(found)
    first = found.numbers[0]
    assert told.splitlines()[0] == "Mixed"
    assert f"{first.field} of {first.offer} first: knowing it is worth about" in " ".join(told.split())
    assert max(map(len, told.splitlines())) <= 80
    assert "What to ask" in told
    assert "| number | known | by | told |" in markdown(found)


# --- what is refused, and what is not there --------------------------------------------------------------------


def test_without_ranges_there_is_nothing_to_ask() -> None:
    data = two()
    data["offers"][1]["engagements_per_post"] = 8
    found = next_tests(Scenario.model_validate(data))
    assert found.numbers == ()
    assert found.sentences[0].startswith("No number has a range")


def test_a_number_that_cannot_change_the_plan_is_worth_nothing() -> None:
    """However well the other does, it stays below the sure one."""
    data = two()
    data["offers"][1]["engagements_per_post"] = [1, 1.1, 1.2]
    found = next_tests(Scenario.model_validate(data))
    assert [one.value for one in found.numbers] == [0]
    assert found.sentences[0].startswith("No answer would change this plan")
    data["offers"][1] |= {"engagements_per_post": 8, "click_rate": [0.01, 0.02, 0.05]}
    found = next_tests(Scenario.model_validate(data))
    assert found.numbers == ()
    assert [(one.field, one.offers) for one in found.without] == [("click_rate", 1)]
    assert (
        found.sentences[0] == "No number with a range can change this plan, so there is nothing worth asking."
    )


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"objective": {"maximize": "engagements", "confidence": "90%"}}, "by typical numbers"),
        (
            {"objective": {"maximize": "engagements", "over": "stress", "by": "worst"},
             "stress": {"dear": ["fees +20%"]}},
            "stress cases",
        ),
        (
            {"objective": "reach", "audience": {"segments": {"US": 50_000, "ID": 50_000}}},
            "reach over several segments",
        ),
    ],
)  # fmt: skip
def test_what_has_no_answer_is_refused_with_a_way_out(fields: Data, message: str) -> None:
    data = two(**fields)
    for one in data["offers"]:
        one |= {"followers": 1000, "reach_rate": "20%"}
    with pytest.raises(ScenarioError) as caught:
        next_tests(Scenario.model_validate(data))
    (problem,) = caught.value.problems
    assert message in problem.message
    assert problem.hint


def test_reach_in_one_segment_is_supported() -> None:
    data = two(objective="reach", audience={"people": 50_000, "overlap": "10%"})
    for one, rate in zip(data["offers"], ([0.05, 0.2, 0.4], [0.1, 0.15, 0.5]), strict=True):
        one |= {"followers": 10_000, "reach_rate": rate}
    found = next_tests(Scenario.model_validate(data))
    one = max(found.numbers, key=lambda n: n.value)
    index = 0 if one.offer == "sure" else 1
    today = [(10,), (0,)] if found.planned else []
    gains = {node: by_hand.gain(data, today, index, one.field, node) for node in NODES}
    assert found.unit == "people"
    assert one.value == pytest.approx(by_hand.expectation(gains, NormalDist()), **NEAR)


def test_of_many_numbers_those_that_matter_most_are_solved_for() -> None:
    data = mixed()
    data["offers"] = [
        offer(f"o{n}", 100 + 10 * n, engagements_per_post=[100, 200 + 20 * n, 400 + 40 * n], most=3,
              hours_per_creator=[1, 2, 3])
        for n in range(10)
    ]  # fmt: skip
    found = next_tests(Scenario.model_validate(data))
    assert len(found.numbers) == MOST
    assert found.not_asked == 20 - MOST
    assert any("Not solved for: 8 numbers" in line for line in found.sentences)


def test_time_is_kept_to() -> None:
    found = next_tests(Scenario.model_validate(mixed()), time_limit=0.01)
    assert found.unsettled == len(uncertain_numbers(program_of(Scenario.model_validate(mixed())))) - 1
    assert found.numbers == ()
    assert "time was up" in found.sentences[0]


@pytest.mark.parametrize("hours", [-1, math.nan, math.inf])
def test_hours_of_asking_are_a_number(hours: float) -> None:
    with pytest.raises(ValueError, match="quote_hours"):
        next_tests(scenario(**two()), quote_hours=hours)
