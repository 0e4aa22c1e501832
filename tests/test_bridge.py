"""The bridge: hand-solved, against the definition, and its three properties on random pairs of scenarios."""

from __future__ import annotations

import itertools
import math
import random
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from optimizer import Offer, Scenario, load_scenario, optimize
from optimizer.finance.compare.bridge import Bridge, average_over_orders, bridge
from optimizer.finance.compare.findings import bridge_sentence
from optimizer.finance.compare.pinned import (
    GROUPS,
    OFFER_FIELDS,
    SCENARIO_FIELDS,
    groups_that_differ,
    hybrid,
    pinned,
)
from optimizer.report.layout.parts import Table
from optimizer.report.sections.bridge import bridge_sections, printed
from optimizer.scenario.fields import NUMBER_FIELDS
from optimizer.scenario.scenario import SolverOptions
from tests.builders import offer, scenario
from tests.finance import planned_pairs
from tests.more import more
from tests.planned import plan_or_none

SCENARIOS = Path(__file__).parents[1] / "scenarios"
QUICKSTART = load_scenario(SCENARIOS / "quickstart.yaml")


def part(found: Bridge, measure: str, group: str) -> float:
    chosen = next(m for m in found.measures if m.measure == measure)
    return chosen.parts[[g.key for g in found.groups].index(group)]


PAIRS = more(14, 60)


@cache
def there(number: int) -> Bridge:
    return bridge(*planned_pairs(PAIRS)[number])


def test_half_the_money_and_half_as_many_hours_more_by_hand() -> None:
    # Best engagements with 20,000 or 10,000 USD and 160 or 240 hours, solved by hand in the scenario's comments and:
    # 10,000 USD and 240 hours buy 23 micro and 10 nano creators (9,950 USD, 234 hours), 23,000 + 2,500 engagements.
    value = {(20, 160): 32_000, (10, 160): 21_400, (20, 240): 37_200, (10, 240): 25_500}
    other = QUICKSTART.with_changes({"budget": 10_000, "effort_hours": 240})
    found = bridge(optimize(QUICKSTART), optimize(other))
    money = ((value[10, 160] - value[20, 160]) + (value[10, 240] - value[20, 240])) / 2
    hours = ((value[20, 240] - value[20, 160]) + (value[10, 240] - value[10, 160])) / 2
    assert [g.key for g in found.groups] == ["budget", "effort_hours"]
    engagements = found.measures[0]
    assert (engagements.start, engagements.end, engagements.change) == (32_000, 25_500, -6_500)
    assert engagements.parts == (money, hours) == (-11_150, 4_650)
    assert (engagements.orders, engagements.of_orders, found.solved) == (2, 2, 2)


def test_the_average_is_that_of_its_definition() -> None:
    """Shapley's value by walking through every order, some of them blocked."""
    rng = random.Random(7)
    for groups in (1, 2, 3, 4, 5):
        for blocked in (0.0, 0.15, 0.4):
            full = (1 << groups) - 1
            values: dict[int, Fraction | None] = {
                mask: None if 0 < mask < full and rng.random() < blocked else Fraction(rng.randint(-999, 999))
                for mask in range(1 << groups)
            }
            sums = [Fraction(0)] * groups
            orders = 0
            for order in itertools.permutations(range(groups)):
                masks = [0]
                for g in order:
                    masks.append(masks[-1] | 1 << g)
                way = [values[mask] for mask in masks]
                if any(value is None for value in way):
                    continue
                orders += 1
                for g, before, after in zip(order, way, way[1:], strict=False):
                    assert before is not None
                    assert after is not None
                    sums[g] += after - before
            expected = [total / orders if orders else Fraction(0) for total in sums]
            assert average_over_orders(values, groups) == (expected, orders)


@pytest.mark.parametrize("number", range(PAIRS))
def test_parts_add_up_and_swapping_negates_them(number: int) -> None:
    base, other = planned_pairs(PAIRS)[number]
    found, back = there(number), bridge(other, base)
    assert [g.key for g in found.groups] == [g.key for g in back.groups]
    assert {m.measure for m in found.measures} == {m.measure for m in back.measures}
    for one in found.measures:
        assert sum(Decimal(repr(p)) for p in one.parts) == Decimal(repr(one.change))
        assert Decimal(repr(one.end)) - Decimal(repr(one.start)) == Decimal(repr(one.change))
        assert one.orders <= one.of_orders == math.factorial(len(found.groups))
        opposite = next(m for m in back.measures if m.measure == one.measure)
        assert opposite.parts == tuple(-p for p in one.parts)
    value = next(m for m in found.measures if m.measure == base.objective.measure)
    assert value.start == pytest.approx(base.objective.value, rel=1e-11)


def test_random_pairs_differ_in_many_ways_and_some_orders_are_blocked() -> None:
    """The test above would prove little if all pairs were alike."""
    found = [there(number) for number in range(PAIRS)]
    assert {g.key for one in found for g in one.groups} >= {
        "budget",
        "effort_hours",
        "prices",
        "response",
        "limits",
    }
    assert max(len(one.groups) for one in found) >= 4
    assert any(m.orders < m.of_orders for one in found for m in one.measures)


def test_equal_scenarios_give_zeros_however_they_are_written() -> None:
    same = QUICKSTART.with_changes({"name": "Another name", "offers[0].notes": "a note", "budget": "20k"})
    found = bridge(optimize(QUICKSTART), optimize(same))
    assert found.groups == ()
    assert [(m.change, m.parts) for m in found.measures] == [(0.0, ())] * len(found.measures)
    # A fee instead of the CPM it follows from is the same number: 1,000 x 400 / (40,000 x 20 %) = 50.
    priced = QUICKSTART.with_changes({"offers[1].cost_per_post": None, "offers[1].cpm": 50})
    assert bridge(optimize(QUICKSTART), optimize(priced)).groups == ()


def test_the_order_of_limits_means_nothing() -> None:
    base = load_scenario(SCENARIOS / "launch-us.yaml")
    turned = base.with_changes(
        {"limits": [m.model_dump(mode="json", exclude_unset=True) for m in base.limits[::-1]]}
    )
    assert groups_that_differ(pinned(base), pinned(turned)) == []


def test_every_number_of_an_offer_and_every_key_of_a_scenario_belongs_to_a_group() -> None:
    fields = {field for fields in OFFER_FIELDS.values() for field in fields}
    follows = {"cpm", "engagement_rate"}  # from the numbers that are pinned
    assert set(NUMBER_FIELDS) - follows <= fields
    words = {"name", "currency", "source", "notes", "engagement_base", "fill"}
    assert set(Offer.model_fields) - fields - follows == words
    keys = {key for keys in SCENARIO_FIELDS.values() for key in keys}
    filled_in = {"benchmarks", "country", "exchange_rates", "currency", "offers", "solver"}
    assert (
        set(Scenario.model_fields) - keys
        == {"name", "author", "notes", "dates", "chosen_from"} - keys | filled_in
    )
    assert set(SolverOptions.model_fields) <= keys


def test_a_single_change_has_caused_everything() -> None:
    other = QUICKSTART.with_changes({"offers.macro-instagram-post.cost_per_post": 2_500})
    found = bridge(optimize(QUICKSTART), optimize(other))
    (group,) = found.groups
    assert (group.key, group.changes) == (
        "prices",
        ("cost_per_post of macro-instagram-post: 3,200 -> 2,500",),
    )
    assert all(m.parts == (m.change,) for m in found.measures)
    assert found.solved == 0


FLOOR = {
    "objective": "engagements",
    "offers": [offer("a", 90, engagements_per_post=10, hours_per_creator=1, most=5)],
}


def test_orders_through_mixtures_without_a_plan_are_left_out() -> None:
    base = scenario(**FLOOR, budget=100, limits=[{"measure": "creators", "min": 1}])
    other = scenario(**FLOOR, budget=300, limits=[{"measure": "creators", "min": 3}])
    found = bridge(optimize(base), optimize(other), names=("small", "large"))
    # Three creators cost 270: the large floor with the small budget has no plan, so the money always comes first.
    (value, *_) = found.measures
    assert [g.key for g in found.groups] == ["budget", "limits"]
    assert (value.parts, value.orders, value.of_orders) == ((20, 0), 1, 2)
    assert found.without_plan == ("limits and room of large with budget of small",)
    (table,) = bridge_sections(found, "USD")
    assert isinstance(table, Table)
    assert "1 of 2 orders" in table.note
    assert found.without_plan[0] in table.note


def test_no_way_at_all_is_said() -> None:
    base = scenario(**FLOOR, budget=100, effort_hours=1, limits=[{"measure": "creators", "min": 1, "max": 1}])
    other = scenario(
        objective="engagements",
        budget=300,
        effort_hours=3,
        offers=[offer("b", 100, engagements_per_post=10, hours_per_creator=1, most=5)],
        limits=[{"name": "b", "measure": "creators", "where": {"name": "b"}, "min": 3}],
    )
    base = base.with_changes({"limits": [{"measure": "creators", "where": {"name": "a"}, "min": 1}]})
    found = bridge(optimize(base), optimize(other))
    assert found.measures == ()
    assert "no plan" in found.message
    assert bridge_sentence(found, "USD") == ""


def test_an_offer_comes_and_goes_with_all_its_numbers() -> None:
    base = scenario(
        objective="engagements", budget=100, offers=[offer("a", 50, engagements_per_post=5, most=9)]
    )
    other = scenario(
        objective="engagements",
        budget=100,
        offers=[
            offer("a", 50, engagements_per_post=5, most=9),
            offer("b", 20, engagements_per_post=4, most=2),
        ],
    )
    found = bridge(optimize(base), optimize(other))
    assert [(g.key, g.changes) for g in found.groups] == [("offers", ("offer b: – -> offered",))]
    assert found.measures[0].parts == (3,)  # two b and one a: 13 instead of 10


def test_another_objective_is_a_cause_too() -> None:
    base = load_scenario(SCENARIOS / "launch-us.yaml", {"objective": "engagements"})
    other = base.with_changes({"objective": "reach"})
    found = bridge(optimize(base), optimize(other))
    assert [g.key for g in found.groups] == ["objective"]
    assert [m.measure for m in found.measures][:2] == ["engagements", "reach"]
    assert part(found, "engagements", "objective") < 0 < part(found, "reach", "objective")


def test_any_executor_gives_the_same_bridge() -> None:
    other = QUICKSTART.with_changes({"budget": 30_000, "effort_hours": 240, "offers[1].cost_per_post": 450})
    plans = optimize(QUICKSTART), optimize(other)
    with ThreadPoolExecutor(2) as executor:
        assert bridge(*plans, executor=executor) == bridge(*plans)


def test_little_time_is_no_crash() -> None:
    other = QUICKSTART.with_changes({"budget": 30_000, "effort_hours": 240})
    found = bridge(optimize(QUICKSTART), optimize(other), time_limit=0.0)
    assert found.measures == ()
    assert found.message


def test_orders_that_time_did_not_allow_are_not_said_to_have_no_plan() -> None:
    other = QUICKSTART.with_changes({"budget": 30_000, "effort_hours": 240, "fees": {"agency": "10%"}})

    class Late(Executor):
        """Plans the first two mixtures and loses the others."""

        done = 0

        def submit(self, function, /, *job, **_):  # type: ignore[no-untyped-def]
            self.done += 1
            future: Future[object] = Future()
            if self.done > 2:
                future.set_exception(RuntimeError("worker lost"))
            else:
                future.set_result(function(*job))
            return future

    found = bridge(optimize(QUICKSTART), optimize(other), executor=Late())
    assert found.without_plan == ()
    assert len(found.not_in_time) == 4
    assert (found.measures[0].orders, found.measures[0].of_orders) == (1, 6)
    (table,) = bridge_sections(found, "USD")
    assert isinstance(table, Table)
    assert "not planned in time" in table.note
    assert "no plan" not in table.note
    assert bridge_sentence(found, "USD").endswith("prices -2,400 (from 1 of 6 orders of switching).")


def test_other_plans_of_the_same_inputs_have_no_bridge() -> None:
    plan = optimize(QUICKSTART)
    other = optimize(QUICKSTART.with_changes({"budget": 10_000})).model_copy(update={"inputs": plan.inputs})
    found = bridge(plan, other)
    assert found.measures == ()
    assert found.message.startswith("the inputs are the same, the plans are not")


def test_a_change_that_changes_nothing_has_no_cause() -> None:
    other = QUICKSTART.with_changes({"budget": 20_100})
    found = bridge(optimize(QUICKSTART), optimize(other))
    assert [g.key for g in found.groups] == ["budget"]
    assert bridge_sentence(found, "USD") == ""


def test_a_sentence_names_a_measure_that_was_not_spoken_of() -> None:
    other = QUICKSTART.with_changes({"budget": 10_000, "effort_hours": 240})
    found = bridge(optimize(QUICKSTART), optimize(other))
    assert bridge_sentence(found, "USD", "engagements").startswith("The change of -6,500 in Quickstart is")
    assert bridge_sentence(found, "USD", "reach").startswith("The change of -6,500 in engagements in Quick")


def test_plans_in_two_currencies_are_refused() -> None:
    euro = QUICKSTART.with_changes({"currency": "EUR"})
    with pytest.raises(ValueError, match="one currency"):
        bridge(optimize(QUICKSTART), optimize(euro))


def test_printed_parts_add_up_to_the_printed_change() -> None:
    for number in range(PAIRS):
        for measure in there(number).measures:
            start, parts, end = printed(measure, "USD")
            total = sum(Decimal(text.replace(",", "")) for text in (start, *parts))
            assert total == Decimal(end.replace(",", ""))


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_pinned_scenario_has_the_same_plan(path: Path) -> None:
    original = load_scenario(path)
    one = pinned(original)
    again = hybrid(one, one, [])
    expected, found = plan_or_none(original), plan_or_none(again)
    if expected is None or found is None:
        assert expected is found
        return
    for measure in (
        "creators",
        "posts",
        "cost",
        "hours",
        "engagements",
        "reach",
        "clicks",
        "revenue",
        "impressions",
    ):
        value = getattr(expected.totals, measure)
        assert getattr(found.totals, measure) == (None if value is None else pytest.approx(value, rel=1e-9))


@pytest.mark.parametrize("number", range(0, PAIRS, 4))
def test_hybrids_meet_both_scenarios_at_their_ends(number: int) -> None:
    base, other = planned_pairs(PAIRS)[number]
    one, two = (pinned(Scenario.model_validate(plan.inputs)) for plan in (base, other))
    groups = groups_that_differ(one, two)
    for switched, plan in ((), base), (groups, other):
        assert optimize(hybrid(one, two, switched), draws=0).objective.best == pytest.approx(
            plan.objective.best, rel=1e-9
        )
    for size in range(len(groups) + 1):
        for chosen in itertools.combinations(groups, size):
            rest = [group for group in GROUPS if group not in chosen]
            try:
                mixed = hybrid(one, two, chosen)
            except ValueError:
                continue
            assert mixed == hybrid(two, one, rest)
