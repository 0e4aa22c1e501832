"""The smallest budget (the fewest hours) for a goal against complete enumeration, and by hand."""

from __future__ import annotations

import math
from functools import cache
from itertools import islice
from typing import Any

import numpy as np
import pytest

from optimizer import InfeasibleError, Scenario, ScenarioError, optimize
from optimizer.report.layout.markdown import sections_markdown
from optimizer.report.layout.text import sections_text
from optimizer.report.sections.goal import goal_sections
from optimizer.whatif.goal import goal, goal_scenario, rounded_up
from optimizer.whatif.goal_result import GoalAnswer
from tests.builders import offer, scenario
from tests.enumeration import World
from tests.near import least_budget
from tests.planned import plan_or_none
from tests.random_scenarios import random_scenario

MEASURES = ("engagements", "impressions", "reach", "posts")


def asked(seed: int) -> tuple[dict[str, Any], str, float] | None:
    """A random scenario with limits that are shares of its budget, and a goal that may be in reach."""
    data = random_scenario(seed)
    if not all("max" in o["creators"] for o in data["offers"]) or World(data).size > 500:
        return None
    rng = np.random.default_rng(seed)
    measure = MEASURES[seed % 4] if "audience" in data else "engagements"
    data["limits"] = [limit for limit in data["limits"] if "budget" not in str(limit)][:1]
    data["budget"] = data.get("budget", 1000.0)
    world = World(data)
    dear = max(p["cost"] for packages in world.packages for p in packages)
    if seed % 3:
        share = float(rng.uniform(0.15, 0.6))
        data["limits"].append({"measure": "cost", "per": "creator", "max": f"{100 * share:.3g}% of budget"})
        data["budget"] = max(data["budget"], round(dear, 2))
    if seed % 2:
        where = {"platform": data["offers"][0]["platform"]}
        data["limits"].append({"measure": "cost", "where": where, "min": f"{rng.integers(5, 60)}% of budget"})
    free = {key: value for key, value in data.items() if key != "budget"} | {"limits": []}
    most = max(World(free).total(plan, measure) for plan in World(free).plans())
    wanted = float(f"{most * rng.uniform(0.2, 0.95):.3g}")
    return data, measure, wanted


COUNT = 45


@cache
def cases() -> list[tuple[dict[str, Any], str, float]]:
    return list(islice((case for seed in range(700, 860) if (case := asked(seed)) is not None), COUNT))


@cache
def enumerated(number: int) -> tuple[World, float]:
    """A case without its budget, and the least budget that reaches its goal."""
    data, measure, wanted = cases()[number]
    world = World({key: value for key, value in data.items() if key != "budget"})
    return world, least_budget(world, measure, wanted)


@pytest.mark.parametrize("number", range(COUNT))
def test_the_least_budget_is_that_of_complete_enumeration(number: int) -> None:
    data, measure, wanted = cases()[number]
    planned = Scenario.model_validate(data)
    world, least = enumerated(number)
    if math.isinf(least):
        try:
            answer = goal(planned, {measure: wanted})
        except InfeasibleError:  # without the goal there is no plan either
            assert math.isinf(least_budget(world, "creators", 0))
            return
        assert not answer.reached
        assert answer.obstacles
        return
    answer = goal(planned, {measure: wanted})
    assert answer.plan is not None
    assert answer.proven
    assert answer.needed is not None
    assert answer.needed - least <= 0.01 + 1e-9 * least
    assert answer.needed >= least * (1 - 1e-9)
    assert answer.goals[0].reached >= wanted * (1 - 1e-9)
    assert answer.plan.totals.cost <= answer.needed * (1 + 1e-12)

    # And so says the core: with that budget the goal is in reach, with a little less it is not.
    assert most_with(planned, measure, answer.needed) >= wanted * (1 - 1e-9)
    assert most_with(planned, measure, answer.needed - 0.02) < wanted


def most_with(planned: Scenario, measure: str, budget: float) -> float:
    """The most of a measure that the scenario brings with a budget; minus infinity without a plan."""
    if budget < 0:
        return -math.inf
    data = planned.model_dump(mode="json", exclude_unset=True)
    asked = {**data, "objective": {"maximize": measure}, "budget": budget}
    plan = plan_or_none(Scenario.model_validate(asked))
    return -math.inf if plan is None else plan.objective.value


def test_the_cases_have_floors_and_ceilings_that_are_shares_and_some_that_no_money_reaches() -> None:
    assert len(cases()) == COUNT
    limits = [str(data["limits"]) for data, _, _ in cases()]
    both = [text for text in limits if "'max': " in text and "per" in text and "'min': " in text]
    assert len([text for text in limits if "% of budget" in text]) >= 25
    assert len(both) >= 10
    assert 3 <= sum(math.isinf(enumerated(number)[1]) for number in range(COUNT)) <= 20


@pytest.mark.parametrize("seed", [821, 822, 823, 824, 828, 830, 831, 833, 834, 835, 836, 837])
def test_the_fewest_hours_are_those_of_complete_enumeration(seed: int) -> None:
    data = random_scenario(seed)
    world = World({key: value for key, value in data.items() if key != "effort_hours"})
    wanted = 0.4 * max(world.total(plan, "posts") for plan in world.plans())
    least = least_budget(world, "posts", wanted, "effort_hours")
    try:
        answer = goal(Scenario.model_validate(data), {"posts": wanted}, least="hours")
    except InfeasibleError:
        assert math.isinf(least_budget(world, "creators", 0, "effort_hours"))
        return
    if math.isinf(least):
        assert not answer.reached
    else:
        assert answer.needed == pytest.approx(least, abs=0.01)
        assert answer.unit == "hours"


def seeding(**fields: Any) -> Scenario:
    return scenario(
        budget=1000,
        effort_hours=30,
        objective="engagements",
        offers=[
            offer("small", 100, engagements_per_post=100, hours_per_creator=3, most=20),
            offer("large", 500, engagements_per_post=400, hours_per_creator=2, most=20),
        ],
        **fields,
    )


def test_several_goals_at_once() -> None:
    # 10 small ones (30 hours) bring 1,000; 1,200 need 9 small and 1 large (29 hours), 1,400 dollars
    answer = goal(seeding(), {"engagements": 1200, "creators": 10})
    assert (answer.needed, answer.bound, answer.today) == (1400, 1400, 1000)
    assert [(g.measure, g.wanted, g.reached) for g in answer.goals] == [
        ("engagements", 1200, 1300),
        ("creators", 10, 10),
    ]
    text = sections_text("Goal", goal_sections(answer))
    assert "The least budget for 1,200 engagements and 10 creators: 1,400 USD." in text
    assert "That is 400 USD more than today's 1,000 USD, 40 %." in text
    assert max(map(len, text.splitlines())) <= 80


def test_the_fewest_hours_keep_the_budget() -> None:
    answer = goal(seeding(), {"engagements": 900}, least="hours")
    # 1,000 dollars: 5 small and 1 large bring 900 in 17 hours, 9 small in 27
    assert (answer.needed, answer.plan.totals.cost) == (17, 1000)
    assert goal(seeding(), {"engagements": 1001}, least="hours").reached is False


def test_where_no_money_helps_the_limit_in_the_way_is_named_with_the_most_there_is() -> None:
    answer = goal(seeding(), {"engagements": 10_000})
    assert not answer.reached
    assert answer.needed is None
    (wanted,) = answer.goals
    assert (wanted.most, wanted.most_status, wanted.held_by) == (6000, "proven", ("effort_hours",))
    assert [o.name for o in answer.obstacles] == ["effort_hours", "goal: engagements"]
    text = sections_text("Goal", goal_sections(answer))
    assert "More money does not help: effort_hours holds engagements at 6,000, not" in text
    assert "engagements: at least 10,000 engagements" in text
    assert "10,000" in sections_markdown("Goal", goal_sections(answer))


def test_where_only_the_creators_there_are_stand_in_the_way_they_are_named() -> None:
    planned = seeding().with_changes({"effort_hours": None})
    answer = goal(planned, {"creators": 41})
    assert (answer.goals[0].most, answer.goals[0].held_by) == (40, ())
    text = sections_text("Goal", goal_sections(answer))
    assert "the creators available hold creators at 40, not 41" in text


def test_what_holds_the_most_is_named_even_where_the_goal_is_beyond_all_creators() -> None:
    answer = goal(seeding(), {"creators": 41})
    assert (answer.goals[0].most, answer.goals[0].held_by) == (15, ("effort_hours",))
    assert [o.name for o in answer.obstacles] == ["goal: creators"]


def test_goals_that_are_in_reach_one_by_one_but_not_together_say_so() -> None:
    planned = scenario(
        effort_hours=10,
        objective="engagements",
        measures={"samples": {"per": "creator"}},
        offers=[
            offer("a", 1, engagements_per_post=100, hours_per_creator=1, measures={"samples": 0}),
            offer("b", 1, engagements_per_post=0, hours_per_creator=1, measures={"samples": 1}),
        ],
    )
    answer = goal(planned, {"engagements": 600, "samples": 5})
    assert [(g.most, g.held_by) for g in answer.goals] == [(1000, ()), (10, ())]
    assert {o.name for o in answer.obstacles} == {"effort_hours", "goal: engagements", "goal: samples"}
    text = sections_text("Goal", goal_sections(answer))
    assert "each goal is in reach by itself, but not all together" in text
    assert goal(planned, {"engagements": 600, "samples": 4}).needed == 10


def test_a_measure_that_nothing_holds_is_said_to_have_no_limit() -> None:
    planned = scenario(
        objective="engagements",
        budget=10,
        offers=[
            offer("a", 1, engagements_per_post=100, most=3),
            offer("b", 1, engagements_per_post=0),
        ],
    )
    answer = goal(planned, {"engagements": 301, "posts": 5})
    assert [(g.most, g.most_status) for g in answer.goals] == [(300, "proven"), (None, "unlimited")]
    assert "no limit" in sections_text("Goal", goal_sections(answer))


def test_a_share_of_the_budget_is_a_share_of_the_one_that_is_found() -> None:
    # 400 engagements: one large alone costs 500, but may take at most 20 % of the budget, so it would
    # need 2,500 of it; four small ones need 400, and 500 so that each takes a fifth.
    limits = [{"name": "one", "measure": "cost", "per": "creator", "max": "20% of budget"}]
    answer = goal(seeding(limits=limits), {"engagements": 400})
    assert (answer.needed, answer.plan.totals.cost, answer.moving) == (500, 400, ("one",))
    text = sections_text("Goal", goal_sections(answer))
    assert "The plan uses 400 USD of it; only those limits ask for more." in text
    # a floor on the large ones as well: 30 % of the budget on them needs one, so a budget of 2,500 at
    # least, of which 30 % are 750: two large ones. 1,000 are then 40 %, and the budget is still 2,500.
    limits.append({"measure": "cost", "where": {"name": "large"}, "min": "30% of budget"})
    answer = goal(seeding(limits=limits), {"engagements": 400})
    assert (answer.needed, answer.plan.totals.cost) == (2500, 1000)


def test_the_answer_is_a_scenario_of_its_own_that_gives_the_same_plan() -> None:
    answer = goal(seeding(), {"engagements": 1200})
    again = optimize(goal_scenario(seeding(), {"engagements": 1200}))
    assert answer.plan.scenario == again.scenario
    assert answer.plan.lines == again.lines


def test_a_budget_is_rounded_up_to_the_cent_but_not_for_noise() -> None:
    assert rounded_up(12.341, 0.01) == 12.35
    assert rounded_up(12.34, 0.01) == 12.34
    assert rounded_up(12.340000000000002, 0.01) == 12.34
    assert rounded_up(24_999_981.25, 1.0) == 24_999_982
    assert rounded_up(0.0, 0.01) == 0.0


def test_what_is_no_goal_is_refused_all_at_once() -> None:
    with pytest.raises(ScenarioError) as error:
        goal(seeding(), {"engagement": 1, "cpe": 2, "cost": 3, "reach": 4, "posts": math.nan})
    assert [str(problem) for problem in error.value.problems] == [
        "goal.engagement: unknown measure 'engagement' (did you mean 'engagements'?)",
        "goal.cpe: cpe is a ratio, not something to reach "
        "(ask for engagements, and set a limit on cpe in the scenario)",
        "goal.cost: cost cannot be both the goal and what is to be least",
        "goal.reach: reach needs the size of the audience (add audience: {people: 12M, overlap: 8%})",
        "goal.posts: nan is not a number",
    ]
    with pytest.raises(ScenarioError, match="no goal is given"):
        goal(seeding(), {})


def test_a_scenario_that_has_no_plan_at_any_money_is_infeasible_and_not_the_goal() -> None:
    limits = [{"measure": "creators", "min": 16}]
    with pytest.raises(InfeasibleError) as error:
        goal(seeding(limits=limits), {"engagements": 100})
    assert {member.name for member in error.value.conflict} == {"effort_hours", "creators"}


def test_fractions_of_creators_refuse_a_share_of_the_budget_for_each() -> None:
    limits = [{"measure": "cost", "per": "creator", "max": "60% of budget"}]
    planned = seeding(limits=limits, solver={"whole_creators": False})
    with pytest.raises(ScenarioError, match="needs whole creators"):
        goal(planned, {"engagements": 100})


def test_results_survive_json() -> None:
    for wanted in (1200, 10_000):
        answer = goal(seeding(), {"engagements": wanted})
        assert GoalAnswer.model_validate_json(answer.model_dump_json()) == answer
