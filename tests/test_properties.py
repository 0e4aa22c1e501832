"""What must hold for every scenario: more room never hurts, units and order do not matter, plans add up."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from optimizer import Plan, Scenario
from optimizer.language.measures import COUNTED
from optimizer.program.program import program_of
from optimizer.solve.bookable import fitted_of
from optimizer.solve.verify import Booking, verify
from tests.more import more
from tests.planned import plan_or_none

Data = dict[str, Any]
CLOSE = 1e-9
RATE = 25_400
"""Dong per dollar: large, and no power of two."""

few = settings(
    max_examples=more(15, 200),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)

cents = st.integers(500, 60_000).map(lambda amount: amount / 100)
quarters = st.integers(1, 40).map(lambda amount: amount / 4)
percent = st.integers(5, 95).map(lambda share: f"{share}%")


@st.composite
def offers(draw: st.DrawFn) -> Data:
    return draw(
        st.fixed_dictionaries(
            {
                "tier": st.sampled_from(["nano", "micro", "macro"]),
                "platform": st.sampled_from(["instagram", "tiktok"]),
                "followers": st.integers(10, 500).map(lambda hundreds: 100 * hundreds),
                "reach_rate": percent,
                "cost_per_post": cents,
                "hours_per_creator": quarters,
                "engagements_per_post": st.integers(1, 900),
                "engagement_mix": st.sampled_from(
                    [
                        {"likes": "100%"},
                        {"likes": "70%", "reactions": "5%", "comments": "20%", "shares": "4.5%"},
                    ]
                ),
                "click_rate": st.integers(1, 9).map(lambda share: f"{share}%"),
                "conversion_rate": st.integers(1, 9).map(lambda share: f"{share}%"),
                "value_per_conversion": cents,
                "creators": st.integers(1, 6).map(lambda most: {"max": most}),
            },
            optional={
                "cost_per_creator": cents,
                "hours_per_post": quarters,
                "posts_per_creator": st.sampled_from([2, {"max": 2}, {"min": 2, "max": 3}, {"max": 3}]),
                "repeat_decay": percent,
                "bundle_discount": st.sampled_from([{2: "5%"}, {2: "8%", 3: "15%"}]),
                "commission": st.sampled_from(["5%", "12%"]),
                "cost_per_conversion": cents,
                "authentic": percent,
                "completion": percent,
                "setup_cost": cents,
                "setup_hours": quarters,
                "tags": st.sampled_from([{"flight": "march"}, {"flight": "april"}]),
            },
        )
    )


GOALS = st.sampled_from(
    [
        "engagements", "engagements", "reach", "profit", "conversions", "impressions",
        [{"maximize": "engagements", "within": "5%"}, {"maximize": "reach"}],
        [{"maximize": "reach", "within": "2%"}, {"minimize": "hours"}],
    ]
)  # fmt: skip
CEILINGS = [
    {"measure": "creators", "where": {"tier": ["macro"]}, "max": 1},
    {"measure": "cost", "per": "creator", "max": "40% of cost"},
    {"measure": "cost", "per": "creator", "max": 700},
    {"measure": "cost", "where": {"platform": ["tiktok"]}, "max": "60% of cost"},
    {"measure": "creators", "per": "tier", "max": "70% of creators"},
    {"measure": "cost", "per": "platform", "max": 1500},
    {"measure": "cpe", "max": 2.5},
    {"measure": "cpm", "per": "creator", "max": 400},
    {"measure": "reach", "max": 60_000},
]
FLOORS = [
    {"measure": "engagements", "min": 150},
    {"measure": "posts", "where": {"platform": ["instagram"]}, "min": 1},
    {"measure": "cost", "where": {"tier": ["nano", "micro"]}, "min": "20% of cost"},
    {"measure": "reach", "min": "2% of audience"},
    {"measure": "profit", "min": -5000},
]


@st.composite
def scenarios(draw: st.DrawFn, whole: bool = True) -> Data:
    """Scenarios whose limits do not depend on the budget; with `whole` false, without yes/no decisions."""
    made = draw(st.lists(offers(), min_size=1, max_size=4))
    for number, each in enumerate(made):
        each["name"] = f"offer {number}"
        if not whole:
            each.pop("setup_cost", None)
            each.pop("setup_hours", None)
    limits = draw(st.lists(st.sampled_from([*CEILINGS, *FLOORS]), max_size=3, unique_by=str))
    return {
        "objective": draw(GOALS),
        "budget": draw(st.integers(2, 40)) * 100,
        "effort_hours": draw(st.integers(4, 80)) / 2,
        "audience": {"people": 200_000} | draw(st.sampled_from([{}, {"overlap": "30%"}])),
        "offers": made,
        "limits": [copy.deepcopy(limit) for limit in limits if whole or limit.get("max") != "40% of cost"],
        "solver": {"gap": 0},
    }  # fmt: skip


def drop_filters_without_offers(data: Data) -> Data:
    """A filter must match an offer; leave out values that none has."""
    kept = []
    for limit in data["limits"]:
        where = {
            key: [value for value in values if any(each[key] == value for each in data["offers"])]
            for key, values in limit.get("where", {}).items()
        }
        if all(where.values()):
            kept.append(limit | ({"where": where} if where else {}))
    return data | {"limits": kept}


whole_scenarios = scenarios().map(drop_filters_without_offers)
linear_scenarios = scenarios(whole=False).map(drop_filters_without_offers)


def plan(data: Data) -> Plan | None:
    return plan_or_none(Scenario.model_validate(data))


def some_plan(data: Data) -> Plan:
    made = plan(data)
    assume(made is not None)
    assert made is not None
    return made


def better_or_equal(new: Plan | None, old: Plan) -> bool:
    """Whether the first objective is at least as good."""
    if new is None:
        return False
    sign = 1 if old.objective.sense == "maximize" else -1
    return sign * new.objective.best >= sign * old.objective.best - CLOSE * max(1, abs(old.objective.best))


def assert_same(new: Plan | None, old: Plan | None, money: float = 1.0) -> None:
    """The same result, cost and hours; `money` is how much of the new currency one of the old one is."""
    assert (new is None) == (old is None)
    if new is None or old is None:
        return
    for one, other in zip(new.objectives, old.objectives, strict=True):
        factor = money if one.measure in ("cost", "profit", "revenue", "cost_of_goods") else 1.0
        assert one.best == pytest.approx(other.best * factor, rel=CLOSE, abs=CLOSE)
        assert one.value == pytest.approx(other.value * factor, rel=CLOSE, abs=CLOSE)
    assert new.totals.cost == pytest.approx(old.totals.cost * money, rel=CLOSE)
    assert new.totals.hours == pytest.approx(old.totals.hours, rel=CLOSE)


# --- more room never hurts ---


@few
@given(whole_scenarios, st.integers(1, 3000))
def test_more_budget_never_hurts(data: Data, more: int) -> None:
    assert better_or_equal(plan(data | {"budget": data["budget"] + more}), some_plan(data))


@few
@given(whole_scenarios, quarters)
def test_more_hours_never_hurt(data: Data, more: float) -> None:
    assert better_or_equal(plan(data | {"effort_hours": data["effort_hours"] + more}), some_plan(data))


@few
@given(whole_scenarios, st.data())
def test_removing_a_limit_never_hurts(data: Data, draw: st.DataObject) -> None:
    assume(data["limits"])
    left_out = draw.draw(st.integers(0, len(data["limits"]) - 1))
    rest = [limit for number, limit in enumerate(data["limits"]) if number != left_out]
    assert better_or_equal(plan(data | {"limits": rest}), some_plan(data))


@few
@given(whole_scenarios, st.data())
def test_room_for_one_more_creator_never_hurts(data: Data, draw: st.DataObject) -> None:
    # The assumed overlap is fitted over pairs of creators, so with it room changes what reach means.
    data = data | {"audience": {"people": 200_000}}
    roomier = copy.deepcopy(data)
    draw.draw(st.sampled_from(roomier["offers"]))["creators"]["max"] += 1
    assert better_or_equal(plan(roomier), some_plan(data))


@few
@given(linear_scenarios)
def test_parts_of_creators_are_never_worse_than_whole_ones(data: Data) -> None:
    whole = some_plan(data)
    parts = plan(data | {"solver": {"gap": 0, "whole_creators": False}})
    assert better_or_equal(parts, whole)


# --- what must not matter ---


def in_dong(data: Data) -> Data:
    """All money times the exchange rate."""
    made = copy.deepcopy(data) | {"currency": "VND", "budget": data["budget"] * RATE}
    for each in made["offers"]:
        for name in (
            "cost_per_post",
            "cost_per_creator",
            "setup_cost",
            "value_per_conversion",
            "cost_per_conversion",
        ):
            if name in each:
                each[name] *= RATE
    for limit in made["limits"]:
        for side in ("min", "max"):
            if limit["measure"] in ("cost", "profit", "cpe", "cpm") and isinstance(
                limit.get(side), int | float
            ):
                limit[side] *= RATE
    return made


@few
@given(whole_scenarios)
def test_another_currency_changes_nothing_but_money(data: Data) -> None:
    assert_same(plan(in_dong(data)), plan(data), money=RATE)


@few
@given(whole_scenarios, st.data())
def test_prices_in_another_currency_change_nothing(data: Data, draw: st.DataObject) -> None:
    foreign = in_dong(data)["offers"]
    chosen = draw.draw(st.sets(st.integers(0, len(foreign) - 1)))
    mixed = [
        foreign[i] | {"currency": "VND"} if i in chosen else each for i, each in enumerate(data["offers"])
    ]
    assert_same(plan(data | {"offers": mixed, "exchange_rates": {"VND": RATE}}), plan(data))


@few
@given(whole_scenarios, st.randoms(use_true_random=False))
def test_the_order_of_offers_and_limits_changes_nothing(data: Data, random: Any) -> None:
    shuffled = copy.deepcopy(data)
    random.shuffle(shuffled["offers"])
    random.shuffle(shuffled["limits"])
    assert_same(plan(shuffled), plan(data))


@few
@given(whole_scenarios, offers(), st.booleans())
def test_an_offer_that_cannot_be_used_changes_nothing(data: Data, useless: Data, unaffordable: bool) -> None:
    data = data | {"audience": {"people": 200_000}}  # see above: an offer more is an audience more
    useless = useless | {"name": "useless"}
    if unaffordable:
        useless["cost_per_creator"] = data["budget"] + 0.01
    else:
        useless["creators"] = {"max": 0}
    assert_same(plan(data | {"offers": [useless, *data["offers"]]}), plan(data))


@few
@given(whole_scenarios, st.data())
def test_an_offer_that_costs_more_and_brings_less_changes_nothing(data: Data, draw: st.DataObject) -> None:
    data = data | {"audience": {"people": 200_000}, "limits": []}
    twin = copy.deepcopy(draw.draw(st.sampled_from(data["offers"])))
    twin |= {"name": "twin", "cost_per_post": twin["cost_per_post"] + 1}
    twin |= {"hours_per_creator": twin["hours_per_creator"] + 1, "engagements_per_post": 0, "on_target": 0}
    twin |= {
        "impressions_per_post": twin["followers"] * float(twin["reach_rate"][:-1]) / 100,
        "click_rate": 0,
    }
    without = data | {
        "objective": draw.draw(st.sampled_from(["engagements", "reach", "conversions", "profit"]))
    }
    assert_same(plan(without | {"offers": [*without["offers"], twin]}), plan(without))


@few
@given(whole_scenarios)
def test_the_same_scenario_gives_the_same_plan(data: Data) -> None:
    first, again = some_plan(data), some_plan(copy.deepcopy(data))
    without_time = {"solver": again.solver.model_copy(update={"seconds": 0})}
    assert first.model_copy(update=without_time) == again.model_copy(update=without_time)


# --- plans add up ---


@few
@given(
    st.one_of(
        whole_scenarios, linear_scenarios.map(lambda data: data | {"solver": {"whole_creators": False}})
    )
)
def test_every_plan_verifies_and_adds_up(data: Data) -> None:
    made = some_plan(data)
    scenario = Scenario.model_validate(data)
    program = program_of(scenario)
    position = {terms.name: terms.index for terms in program.packages.terms}
    bookings = [Booking(position[line.offer], line.posts_per_creator, line.creators) for line in made.lines]
    counted = verify(scenario, program.packages.terms, bookings, fitted_of(program))
    assert counted.violations == ()
    for measure in COUNTED:
        total = getattr(made.totals, measure)
        assert total == pytest.approx(float(counted.totals[measure]), rel=CLOSE, abs=CLOSE)
        assert total == pytest.approx(
            sum(getattr(line, measure) for line in made.lines), rel=CLOSE, abs=CLOSE
        )
        parts = [getattr(amounts, measure) for _, amounts in made.subtotals("tier", "platform")]
        assert total == pytest.approx(sum(parts), rel=CLOSE, abs=CLOSE)
    assert made.totals.reach == pytest.approx(float(counted.reach), rel=CLOSE, abs=CLOSE)
    assert sum(made.totals.cost_parts.model_dump().values()) == pytest.approx(made.totals.cost, rel=CLOSE)
    spare = CLOSE if scenario.solver.whole_creators else 1e-6  # parts of creators are rounded
    assert made.totals.cost <= data["budget"] * (1 + spare)
    assert made.totals.hours <= data["effort_hours"] * (1 + spare)
    used = {line.offer for line in made.lines}
    assert used | {unused.offer for unused in made.unused} == set(position)
    assert not used & {unused.offer for unused in made.unused}


@few
@given(whole_scenarios)
def test_the_report_states_what_the_solver_optimised(data: Data) -> None:
    made = some_plan(data)
    for objective in made.objectives:
        assert getattr(made.totals, objective.measure) == pytest.approx(objective.value, rel=CLOSE, abs=CLOSE)
        given_up = objective.within * abs(objective.best)
        assert abs(objective.value - objective.best) <= given_up + CLOSE * max(1, abs(objective.best))
    assert made.status == "optimal"


@few
@given(whole_scenarios)
def test_a_saved_plan_reads_back_unchanged(data: Data) -> None:
    made = some_plan(data)
    text = made.model_dump_json()
    assert Plan.model_validate_json(text) == made
    assert Plan.model_validate_json(text).model_dump_json() == text


@few
@given(whole_scenarios)
def test_a_saved_scenario_gives_the_same_plan(data: Data) -> None:
    scenario = Scenario.model_validate(data)
    again = Scenario.model_validate_json(scenario.model_dump_json())
    assert again.sha256() == scenario.sha256()
    assert_same(plan(again.model_dump(mode="json", exclude_unset=True)), plan(data))
