"""Plans from bold to safe: targets, and what else may be asked."""

from __future__ import annotations

from contextlib import suppress

import pytest

from optimizer import Scenario, load_scenario, optimize, safety
from optimizer.language.errors import InfeasibleError, ScenarioError, SolverError
from tests.documents import ROOT
from tests.once import jobs_done_once
from tests.risky import STARS, Kind, moments, plans, world
from tests.test_safety import CLOSE, ROUNDING, asked, assert_more_k_never_raises_either, counts, sweep

"""Relative: of means and deviations that are integrated."""
DEAR = [
    Kind("quoted", 1_000, 3_000, 1.0, 0.0, 6),
    Kind("guessed", 900, 3_000, 1.0, 0.0, 6, dear=1.8),
]


solved_once = pytest.fixture(scope="module", autouse=True)(jobs_done_once)


# --- targets -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", [15_000, 25_000, 33_000, 40_000])
def test_the_plan_for_a_target_has_the_most_standard_deviations_above_it(target: float) -> None:
    found = safety(asked(), target=target)
    t = found.target
    assert t is not None
    assert t.by_criterion is not None
    assert t.ratio is not None
    ratios = [(mean - target) / sd for mean, sd in map(moments, plans()) if sd > 0]
    mean, sd = moments(counts(found.plan_of(t.by_criterion)))
    assert t.ratio == pytest.approx((mean - target) / sd, rel=ROUNDING)
    assert t.ratio == pytest.approx(max(ratios), rel=1e-5)
    assert t.proof is not None
    assert t.proof.status == "optimal"
    assert t.proof.k == pytest.approx(t.ratio, rel=1e-5)
    assert t.proof.bound == pytest.approx(target, rel=CLOSE * 2)
    assert t.chance == max(plan.target_chance or 0.0 for plan in found.plans)
    assert t.chance >= (found.plan_of(t.by_criterion).target_chance or 0.0)
    assert t.today_chance == found.plan_of(found.today).target_chance
    assert "target" in found.plan_of(t.plan).origins


def test_beyond_the_best_expected_result_nothing_is_proven() -> None:
    found = safety(asked(), target="90k")
    t = found.target
    assert t is not None
    assert (t.value, t.by_criterion, t.ratio, t.proof) == (90_000, None, None, None)
    assert t.chance == max(plan.target_chance or 0.0 for plan in found.plans)
    assert any("no proof is possible" in line for line in found.sentences)


def test_a_target_that_a_plan_reaches_for_certain() -> None:
    sure = Kind("sure", 500, 1_000, 1.0, 0.0, 10)
    found = safety(Scenario.model_validate(world([STARS[0], sure])), target=9_000)
    assert found.target is not None
    assert found.target.chance == 1
    assert found.target.ratio is None
    assert found.target.by_criterion is not None


# --- what may be asked -------------------------------------------------------------------------------------


def test_where_less_is_wanted_everything_goes_the_other_way() -> None:
    limits = [{"measure": "engagements", "min": 12_000}]
    data = world(DEAR, objective={"minimize": "cost"}, limits=limits, budget=20_000)
    found = safety(Scenario.model_validate(data), target=4_600)
    allowed = [plan for plan in plans(DEAR, 20_000) if sum(plan) >= 4]
    every = [moments(plan, DEAR, cost=True) for plan in allowed]
    assert found.sense == "minimize"
    for plan in sweep(found):
        c = plan.criterion
        assert c is not None
        best = min(mean + c.k * sd for mean, sd in every)
        assert c.value == pytest.approx(best, rel=CLOSE)
        assert c.bound is not None
        assert c.bound <= best * (1 + ROUNDING)
    told = [p.dependable for p in found.promises]
    assert told == sorted(told)
    assert counts(found.plan_of(found.promises[-1].plan), DEAR) == (4, 0)
    assert found.plans[0].expected == min(plan.expected for plan in found.plans)
    assert found.target is not None
    assert found.target.chance == 1
    assert any("stays within 4,600 USD" in line for line in found.sentences)


def test_reach_goes_by_its_index_and_is_drawn_as_people() -> None:
    scenario = load_scenario(ROOT / "scenarios" / "small-business-niche.yaml")
    found, own = safety(scenario, target=8_000), optimize(scenario)
    assert own.risk is not None
    reach, today = own.risk.measures["reach"], found.plan_of(found.today)
    assert (today.p10, today.p50, today.p90) == (reach.p10, reach.p50, reach.p90)
    assert (today.expected, today.sd) == (reach.mean, reach.sd)
    assert found.unit == "people"
    assert all(plan.criterion is not None and plan.criterion.status == "optimal" for plan in sweep(found))
    assert found.plans[0].criterion is not None
    assert_more_k_never_raises_either(found)
    assert found.target is not None
    assert 0 < found.target.today_chance < 1


def test_later_objectives_are_left_out_and_said_to_be() -> None:
    goals = [{"maximize": "engagements", "within": "10%"}, {"minimize": "cost"}]
    found = safety(asked(objective=goals))
    assert found.left_out == ("cost",)
    assert (
        found.sentences[-1]
        == "Only today's plan looks at cost: all others are the best for engagements alone."
    )
    plain = safety(asked())
    assert [plan.bookings for plan in sweep(found)] == [plan.bookings for plan in sweep(plain)]
    assert "sweep" not in found.plan_of(found.today).origins


def test_limits_with_a_confidence_are_kept_by_every_plan() -> None:
    dear = [
        Kind(k.name, k.cost, k.brings, k.factor, k.spread, k.most, dear=1.4) for k in (STARS[0], STARS[2])
    ]
    data = world(dear, budget={"max": 9_000, "confidence": 0.9})
    found = safety(Scenario.model_validate(data), confidences=[0.9])
    assert len(found.plans) > 2
    for plan in found.plans:
        chances = {chance.limit: chance.chance for chance in plan.chances}
        assert chances["budget"] > 0.88


def test_where_nothing_varies_there_is_one_plan() -> None:
    plain = [Kind(k.name, k.cost, k.brings, 1.0, 0.0, k.most) for k in STARS]
    found = safety(Scenario.model_validate(world(plain)), target=1)
    assert not found.varies
    assert [plan.number for plan in found.plans] == [1]
    assert found.sentences[0].startswith("No number behind engagements has a range")
    assert found.sentences[1] == "It reaches 1 engagement."
    assert found.turns == ()


def test_everything_wrong_is_said_at_once() -> None:
    fractions = asked(solver={"whole_creators": False})
    with pytest.raises(ScenarioError) as caught:
        safety(fractions, confidences="40,abc,90", target="many")
    told = [str(problem) for problem in caught.value.problems]
    assert len(told) == 4
    assert "40 % is no confidence" in told[0]
    assert "'abc' is not a number" in told[1]
    assert "'many' is not a number" in told[2]
    assert "a fraction of a creator has no chance of its own" in told[3]
    for confidences in ([], [0.9] * 21, "90,,95", [90]):
        with pytest.raises(ScenarioError):
            safety(asked(), confidences=confidences)
    with pytest.raises(InfeasibleError):
        safety(asked(limits=[{"measure": "engagements", "min": 1e9}]))
    with pytest.raises(TypeError):
        safety("scenario.yaml")  # type: ignore[arg-type]


def test_objectives_over_stress_cases_have_no_chances() -> None:
    goal = {"maximize": "engagements", "over": "stress", "by": "worst"}
    stressed = asked(objective=goal, stress={"dearer": "fees +20%"})
    with pytest.raises(ScenarioError) as caught:
        safety(stressed)
    (problem,) = caught.value.problems
    assert problem.path == ("objective", 0, "over")
    assert "has no chances" in problem.message
    goals = ["engagements", goal]
    later = safety(
        Scenario.model_validate(world(STARS[:2], objective=goals, stress={"dearer": "fees +20%"})),
        confidences=[0.9],
    )
    assert later.left_out == ("engagements",)


def test_a_target_beyond_the_audience_is_no_target() -> None:
    with pytest.raises(ScenarioError, match="the audience has"):
        safety(load_scenario(ROOT / "scenarios" / "small-business-niche.yaml"), target="99M")


def test_time_that_is_up_leaves_todays_plan_or_an_error() -> None:
    scenario = load_scenario(ROOT / "scenarios" / "launch-us.yaml")
    with pytest.raises(SolverError) as caught:
        safety(scenario, time_limit=1e-9)
    assert caught.value.timed_out
    found = None
    for seconds in (1.0, 2.0, 4.0):  # whichever is enough for today's plan
        with suppress(SolverError):
            found = safety(scenario, time_limit=seconds)
            break
    assert found is not None
    assert found.skipped > 0
    assert any(f"{found.skipped} plans were not solved in time" in line for line in found.sentences)
