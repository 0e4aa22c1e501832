"""The optimizer against complete enumeration: random small scenarios whose every plan is looked at."""

from __future__ import annotations

import copy
import math
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from optimizer import InfeasibleError, Plan, Scenario, optimize
from optimizer.infeasible import ways_out
from optimizer.program.program import program_of
from tests.builders import offer, scenario
from tests.enumeration import RATIOS, Answer, Rule, World
from tests.more import more
from tests.near import in_world
from tests.random_scenarios import KINDS_FROM, OR_NONE_FROM, random_scenario

SEEDS = (
    *range(more(160, 600)),
    *range(OR_NONE_FROM, OR_NONE_FROM + 30),
    *range(OR_NONE_FROM + 300, OR_NONE_FROM + 330),
    *range(KINDS_FROM, KINDS_FROM + 60),
)
"""Of those with a floor that may be left out, some in which each kind of it decides."""
CLOSE = 1e-9
"""Relative; both sides add the same few numbers in another order."""


@pytest.fixture(scope="module", autouse=True)
def conflicts_alone() -> Iterator[None]:
    """Without ways out of a conflict, which would take more than half of the time: `test_conflicts.py` tries each of
    those it finds in scenarios like these, and with MORE they are looked for here, too."""
    with pytest.MonkeyPatch.context() as patch:
        if more(True, False):
            patch.setattr(ways_out, "_ways_out", lambda *words: [])
        yield


@cache
def enumerated(seed: int) -> tuple[World, Answer]:
    world = World(random_scenario(seed))
    return world, world.solve()


@cache
def planned(seed: int) -> Plan | InfeasibleError:
    try:
        return optimize(Scenario.model_validate(random_scenario(seed)))
    except InfeasibleError as error:
        return error


def close(expected: float | None) -> Any:
    return None if expected is None else pytest.approx(expected, rel=CLOSE, abs=CLOSE)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_plan_is_better_nor_as_good_and_leaner(seed: int) -> None:
    world, answer = enumerated(seed)
    plan = planned(seed)
    assert isinstance(plan, Plan) == answer.feasible
    if not isinstance(plan, Plan):
        return
    found = in_world(world, plan)
    assert world.keeps_limits(found)
    assert plan.status == "optimal"
    for objective, best in zip(plan.objectives, answer.best, strict=True):
        assert objective.best == close(best)
        assert objective.bound == close(best)
        assert objective.gap == (0 if best else objective.gap)
        assert objective.value == close(world.total(found, objective.measure))
    assert plan.totals.cost == close(answer.cost)
    assert plan.totals.hours == close(answer.hours)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_plan_follows_from_the_formulas_or_the_conflict_is_real(seed: int) -> None:
    world, result = enumerated(seed)[0], planned(seed)
    if isinstance(result, Plan):
        assert_follows_from_the_formulas(world, result)
    elif all("max" in offer["creators"] for offer in world.offers):  # else only the budget makes plans finite
        assert_smallest_conflict(world, result)


def assert_follows_from_the_formulas(world: World, plan: Plan) -> None:
    found = in_world(world, plan)
    for measure in world.measures:
        got = plan.totals.measures[measure] if measure in world.own else getattr(plan.totals, measure)
        assert got == close(world.total(found, measure)), measure
    for ratio, (below, factor) in RATIOS.items():
        bottom = world.total(found, below)
        assert getattr(plan.totals, ratio) == close(factor * plan.totals.cost / bottom if bottom else None)
    if world.people is not None:
        reach = world.total(found, "reach")
        assert plan.totals.reach == close(reach)
        assert plan.totals.reach_two_or_more == pytest.approx(world.reached_by_two(found), abs=1e-6)
        seen = world.total(found, "on audience")
        assert plan.totals.frequency == close(seen / reach if reach else None)
        assert plan.audience is not None
        assert (plan.audience.shape or math.inf) == pytest.approx(world.shape, rel=1e-6)
    for rule, limit in zip(world.rules, plan.limits, strict=True):
        assert limit.measure == rule.measure
        for side, got in ((rule.low, limit.min), (rule.high, limit.max)):
            assert got == close(None if side is None else world.side(side, found))
        if rule.per != "creator":
            assert limit.value == close(value_of(world, rule, found))
        assert limit.slack is None or limit.slack >= -1e-9 * max(1, abs(limit.value))


def value_of(world: World, rule: Rule, found: Any) -> float | None:
    if rule.measure not in RATIOS:
        return world.total(found, rule.measure, rule.offers)
    below, factor = RATIOS[rule.measure]
    bottom = world.total(found, below, rule.offers)
    return factor * world.total(found, "cost", rule.offers) / bottom if bottom else None


def assert_smallest_conflict(world: World, error: InfeasibleError) -> None:
    """No plan keeps the limits named, and leaving out any one of them leaves a plan."""
    names = [rule.name for rule in program_of(Scenario.model_validate(world.data)).rules]
    members: list[Any] = [
        ("booking", conflict.path[1]) if conflict.path[0] == "offers" else names.index(conflict.name)
        for conflict in error.conflict
    ]
    assert not World(world.data, members).solve().feasible
    for member in members:
        rest = [m for m in members if m != member]
        assert World(world.data, rest).solve().feasible, f"{member} is not needed for the conflict"


def test_the_scenarios_put_every_kind_of_limit_to_the_test() -> None:
    answers = [enumerated(seed) for seed in SEEDS]
    feasible = [(world, answer) for world, answer in answers if answer.feasible]
    held = [answer for _, answer in feasible if answer.decisive]
    assert len(feasible) > 0.6 * len(answers)
    assert len(held) > 0.7 * len(feasible), "in too many scenarios the limits do not matter"
    assert len(answers) - len(feasible) > 0.1 * len(answers)
    assert sum(answer.plans for _, answer in answers) > 80_000

    decisive = Counter(kind for _, answer in answers for kind in answer.decisive)
    for kind in (
        "sum", "sum % of budget", "sum % of effort_hours", "sum % of a total", "ratio", "reach",
        "reach % of audience", "sum per creator", "sum % of budget per creator", "reach per creator",
        "sum % of a total per creator", "ratio per creator", "ratio per platform", "sum per offer",
        "sum per tier", "sum per platform", "sum per flight", "sum or none", "sum % of a total or none",
        "sum per offer or none", "reach % of audience or none",
    ):  # fmt: skip
        assert decisive[kind] >= 2, f"{kind}: decisive in {decisive[kind]} scenarios"


def test_the_scenarios_use_every_part_of_the_formulas() -> None:
    used: Counter[str] = Counter()
    for seed in SEEDS:
        world, answer = enumerated(seed)
        if not answer.feasible:
            continue
        used.update({key for offer in world.offers for key in offer})
        used.update(key for key in world.data)
        used.update({f"{len(world.goals)} objectives", *(f"goal {measure}" for measure, _, _ in world.goals)})
        used.update("overlap fitted" for _ in range(math.isfinite(world.shape)))
        used.update("room without end" for offer in world.offers if "max" not in offer["creators"])
        used.update("within gave way" for _ in range(gave_way(world, answer)))
    for part in (
        "authentic", "on_target", "completion", "repeat_decay", "bundle_discount", "cost_per_creator",
        "setup_cost", "setup_hours", "commission", "cpm", "cost_per_post", "impressions_per_post",
        "reach_rate", "reachable", "engagement_rate", "engagement_base", "engagements_per_post",
        "engagement_mix", "cost_per_conversion", "goal comments", "goal shares",
        "hours_per_creator", "hours_per_post", "posts_per_creator", "currency", "tags",
        "measures", "fees", "audience", "exchange_rates", "engagement_weights", "budget", "effort_hours",
        "2 objectives", "3 objectives", "goal cost", "goal hours", "goal reach", "goal engagements",
        "goal profit", "goal samples", "overlap fitted", "room without end", "within gave way",
    ):  # fmt: skip
        assert used[part] >= 4, f"{part}: in {used[part]} scenarios with a plan"


@pytest.mark.parametrize(
    ("measures", "times"), [({"likes", "comments", "shares", "saves"}, 10), ({"cost_of_goods"}, 3)]
)
def test_limits_on_kinds_and_on_goods_decide_some_of_them(measures: set[str], times: int) -> None:
    decided = 0
    for seed in range(KINDS_FROM, KINDS_FROM + 60):
        world, answer = enumerated(seed)
        other = [n for n, rule in enumerate(world.rules) if rule.measure not in measures]
        bookings: list[Any] = [("booking", o) for o in range(len(world.offers))]
        decided += World(world.data, [*other, *bookings]).solve().best != answer.best
    assert decided >= times


def gave_way(world: World, answer: Answer) -> bool:
    """Whether a later objective is better because an earlier one may give up a share."""
    if len(world.goals) < 2:
        return False
    data = copy.deepcopy(world.data)
    data["objective"] = [
        {k: v for k, v in goal.items() if k != "within"} if isinstance(goal, dict) else goal
        for goal in data["objective"]
    ]
    return World(data).solve().best[1] != answer.best[1]


# --- what the random scenarios have brought to light, each by itself ---


def test_an_offer_that_meets_a_ratio_exactly_is_not_shut_out_by_rounding() -> None:
    # 57.50 - 1.15 x 50 is 7e-15 in floating point.
    exact = [offer("exact", 57.5, engagements_per_post=50, most=3)]
    ceiling = {"measure": "cpe", "max": 1.15}
    plan = optimize(scenario(budget=1000, objective="engagements", offers=exact, limits=[ceiling]))
    assert plan.totals.engagements == 150
    each = ceiling | {"per": "creator"}
    assert optimize(scenario(budget=1000, objective="posts", offers=exact, limits=[each])).totals.posts == 3


def test_a_share_of_a_total_that_may_be_negative_holds_only_creators_who_are_booked() -> None:
    # Each creator may make up at most half of the samples; those who send some back make the total negative.
    senders = [
        offer("back", 10, engagements_per_post=90, measures={"samples": -3}, most=2),
        offer("out", 10, engagements_per_post=10, measures={"samples": 4}, most=4),
    ]
    concentration = {
        "measure": "samples",
        "per": "creator",
        "max": "50% of samples",
        "where": {"name": "out"},
    }
    plan = optimize(
        scenario(
            budget=20,
            objective="engagements",
            measures={"samples": "creator"},
            offers=senders,
            limits=[concentration],
        )
    )
    assert plan.totals.engagements == 180
    assert plan.totals.measures == {"samples": -6}


def test_a_conflict_is_found_where_only_a_limit_in_it_makes_the_room_finite() -> None:
    endless = [offer("a", 100, engagements_per_post=10), offer("b", 50, engagements_per_post=4)]
    limits = [
        {"measure": "engagements", "per": "creator", "min": "5% of engagements"},
        {"measure": "engagements", "min": 500},
    ]
    with pytest.raises(InfeasibleError) as caught:
        optimize(scenario(budget=1000, objective="engagements", offers=endless, limits=limits))
    assert [conflict.name for conflict in caught.value.conflict] == ["budget", "engagements"]


def test_the_people_reached_twice_by_an_empty_plan_are_none() -> None:
    dear = [offer("dear", 100, followers=1000, reach_rate="10%")]
    plan = optimize(scenario(budget=50, objective="reach", audience={"people": 10_000}, offers=dear))
    assert (plan.totals.reach, plan.totals.reach_two_or_more, plan.lines) == (0, 0, ())
