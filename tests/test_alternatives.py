"""Near-optimal alternatives against complete enumeration, and by hand."""

from __future__ import annotations

from concurrent.futures import Executor, Future, ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from typing import Any

import pytest

from optimizer import InfeasibleError, Scenario, ScenarioError, SolverError
from optimizer.program.program import program_of
from optimizer.report.layout.markdown import sections_markdown
from optimizer.report.layout.text import sections_text
from optimizer.report.sections.alternatives import alternatives_sections, swap_text
from optimizer.solve.bookable import fitted_of
from optimizer.solve.verify import Booking, verify
from optimizer.whatif.alternatives.alternatives import Alternatives, alternatives
from optimizer.whatif.alternatives.ranges import Range
from tests.builders import offer, scenario
from tests.enumeration import World
from tests.near import allowed, amount, apart, best_of, in_world, near_best
from tests.random_scenarios import random_scenario

CLOSE = 1e-9
SEEDS = (
    401, 402, 404, 405, 408, 412, 436, 440, 445, 446, 447, 452, 459, 460, 462, 467, 469, 471, 472,
    473, 479, 480, 487, 491, 496, 501, 508, 511, 512, 513, 519, 520, 522, 523, 532, 535, 538, 540,
    541, 551, 553, 556, 558, 559, 562, 564, 566, 567, 574, 587,
)  # fmt: skip
"""Random scenarios that have a plan, and few enough (60 to 1,200) that every one can be looked at."""


def verified(planned: Scenario, plan: Any) -> bool:
    program = program_of(planned)
    names = [terms.name for terms in program.packages.terms]
    bookings = [Booking(names.index(x.offer), x.posts_per_creator, float(x.creators)) for x in plan.lines]
    return not verify(planned, program.packages.terms, bookings, fitted_of(program)).violations


def within_of(seed: int) -> float:
    return (0.0, 0.02, 0.1, 0.3)[seed % 4]


@cache
def answered(seed: int) -> Alternatives:
    return alternatives(Scenario.model_validate(random_scenario(seed)), within=within_of(seed), plans=2)


@pytest.mark.parametrize("seed", SEEDS)
def test_ranges_and_plans_equal_those_of_complete_enumeration(seed: int) -> None:
    data = random_scenario(seed)
    world, planned = World(data), Scenario.model_validate(data)
    within = within_of(seed)
    share = max(within, world.goals[0][2] if len(world.goals) > 1 else 0.0)
    found = answered(seed)
    plans = allowed(world)
    near = near_best(world, plans, share)
    assert found.within == pytest.approx(share)
    assert found.objective.best == pytest.approx(best_of(world, plans), rel=CLOSE, abs=CLOSE)
    assert found.unsettled == ()
    for group in found.groups:
        offers = [o for o in range(len(world.offers)) if world.label(o, group.kind) == group.name]
        assert_range(group.creators, [sum(amount(p[o], "creators") for o in offers) for p in near])
        assert group.cost is not None
        assert_range(group.cost, [sum(amount(p[o], "cost") for o in offers) for p in near])
        least, most = group.creators.least.value, group.creators.most.value
        assert group.verdict == ("must-have" if least else "free" if most else "never")

    before = [in_world(world, found.base)]
    assert before[0] in near
    for plan in found.plans:
        assert verified(planned, plan.plan)
        this = in_world(world, plan.plan)
        assert this in near
        claimed = min(apart(this, other, before[0]) for other in before)
        possible = max(min(apart(p, other, before[0]) for other in before) for p in near)
        assert plan.apart == pytest.approx(claimed, rel=1e-6)
        assert plan.apart == pytest.approx(possible, rel=1e-6)
        assert plan.apart_bound == pytest.approx(possible, rel=1e-6)
        assert plan.proven
        before.append(this)
    if len(found.plans) < 2:
        assert max(min(apart(p, other, before[0]) for other in before) for p in near) < 1e-9
    for i, one in enumerate(before):
        assert found.distances[i] == pytest.approx(
            [apart(one, other, before[0]) for other in before], abs=1e-9
        )


def assert_range(found: Range, values: list[float]) -> None:
    for end, expected in ((found.least, min(values)), (found.most, max(values))):
        assert end.proven
        assert end.value == pytest.approx(expected, rel=CLOSE, abs=1e-6)
    assert min(values) - 1e-6 <= found.base <= max(values) + 1e-6


def test_the_random_scenarios_show_every_verdict_and_several_plans() -> None:
    results = [answered(seed) for seed in SEEDS]
    verdicts = {group.verdict for result in results for group in result.groups}
    assert verdicts == {"must-have", "never", "free"}
    assert sum(bool(result.plans) for result in results) >= 16
    assert {result.objective.sense for result in results} == {"maximize", "minimize"}


def three_ways(**fields: Any) -> Scenario:
    """Money for ten creators: `sure` is far better than the others, `this` and `that` are nearly equal."""
    return scenario(
        budget=1000,
        objective="engagements",
        offers=[
            offer("sure", 100, tier="nano", platform="x", engagements_per_post=200, most=4),
            offer("this", 100, tier="micro", platform="x", engagements_per_post=101, most=6),
            offer("that", 100, tier="micro", platform="y", engagements_per_post=100, most=6),
            offer("poor", 100, tier="mega", platform="y", engagements_per_post=10, most=6),
        ],
        **fields,
    )


def test_must_haves_matters_of_taste_and_what_is_never_needed_are_told_apart() -> None:
    # best: 4 x 200 + 6 x 101 = 1,406; within 1 % 1,391.94 must stay, so 6 of `this` or `that` in any mix
    found = alternatives(three_ways(), within=0.01, plans=1)
    verdicts = {group.name: group.verdict for group in found.groups}
    assert verdicts == {
        "nano": "must-have", "micro": "must-have", "mega": "never", "x": "must-have", "y": "free",
        "sure": "must-have", "this": "free", "that": "free", "poor": "never",
    }  # fmt: skip
    assert found.objective.floor == pytest.approx(1391.94)
    (other,) = found.plans
    assert swap_text(other.swaps) == "+6 that, -6 this"
    assert (other.value, other.apart) == (1400, 0.6)
    assert other.given_up == pytest.approx(6 / 1406)
    assert other.plan.objective.gap == pytest.approx(6 / 1400)
    assert other.plan.status == "feasible"
    assert found.distances == ((0, 0.6), (0.6, 0))
    assert found.names == ["base", "A"]


def test_a_minimised_objective_may_rise_by_the_share() -> None:
    planned = scenario(
        objective={"minimize": "cost"},
        limits=[{"measure": "engagements", "min": 1000}],
        offers=[
            offer("cheap", 50, engagements_per_post=100, most=20),
            offer("dear", 54, engagements_per_post=100, most=20),
        ],
    )
    found = alternatives(planned, within=0.05, plans=1)
    assert (found.objective.best, found.objective.floor) == (500, 525)
    dear = next(group for group in found.groups if group.name == "dear")
    assert dear.creators.most.value == 6, "six at 4 more each"
    (other,) = found.plans
    assert other.plan.totals.cost == 524
    assert other.given_up == pytest.approx(24 / 500)


def test_reach_is_kept_in_people_and_not_in_the_index() -> None:
    planned = scenario(
        objective={"maximize": "reach"},
        budget=10,
        audience={"people": 1000},
        offers=[
            offer("a", 1, platform="x", followers=900, reach_rate=0.5, most=10),
            offer("b", 1, platform="x", followers=800, reach_rate=0.5, most=10),
        ],
    )
    found = alternatives(planned, within=0.05, plans=1)
    assert found.objective.floor == pytest.approx(0.95 * found.objective.best)
    for plan in found.plans:
        assert plan.plan.totals.reach is not None
        assert plan.plan.totals.reach >= found.objective.floor * (1 - 1e-9)
    # Ten of `a` reach 1 - 0.55^10 = 99.7 %, five 95.0 %, four 90.8 %; half of the index is 95 % of the
    # people.
    (everything,) = [group for group in found.groups if group.name == "x"]
    assert everything.creators.least.value == 5


def test_where_a_cost_is_not_known_creators_stand_for_money() -> None:
    planned = scenario(
        objective="engagements",
        effort_hours=10,
        offers=[
            offer("a", engagements_per_post=100, hours_per_creator=1, most=10, cost_per_post=5),
            offer("b", engagements_per_post=99, hours_per_creator=1, most=10),
        ],
    )
    found = alternatives(planned, within=0.02, plans=1)
    assert found.measured_by == "creators"
    assert next(g for g in found.groups if g.name == "b").cost is None
    assert found.plans[0].apart == 1.0
    assert "creators moved" in sections_text("x", alternatives_sections(found))


def test_an_end_that_nothing_limits_says_so() -> None:
    planned = scenario(
        objective={"minimize": "hours"},
        limits=[{"measure": "engagements", "min": 100}],
        offers=[
            offer("a", 10, engagements_per_post=100, hours_per_creator=1, most=3),
            offer("free of work", 10, engagements_per_post=50, hours_per_creator=0),
        ],
    )
    found = alternatives(planned, plans=1)
    (group,) = [g for g in found.groups if g.name == "free of work"]
    assert group.verdict == "must-have"
    assert group.creators.most.value is None
    assert group.creators.most.reason == "nothing limits it"
    assert found.plans == ()
    assert "nothing limits" in found.unsettled[-1]
    assert "2 to any" in sections_text("x", alternatives_sections(found))


def test_bookings_and_all_limits_hold_in_every_plan() -> None:
    planned = three_ways(limits=[{"measure": "cost", "where": {"platform": "y"}, "min": "30% of cost"}])
    found = alternatives(planned, within=0.05, plans=3)
    for plan in (found.base, *(a.plan for a in found.plans)):
        assert verified(planned, plan)
        on_y = sum(line.cost or 0 for line in plan.lines if line.platform == "y")
        assert on_y >= 0.3 * (plan.totals.cost or 0)
    y = next(group for group in found.groups if group.name == "y")
    assert (y.verdict, y.creators.least.value) == ("must-have", 3)


def test_a_scenario_that_gives_up_more_for_its_next_objective_widens_the_share() -> None:
    planned = three_ways().with_changes(
        {"objective": [{"maximize": "engagements", "within": "5%"}, {"minimize": "cost"}]}
    )
    found = alternatives(planned, within=0.01, plans=1)
    assert (found.within, found.asked) == (0.05, 0.01)
    assert "gives up 5 %" in found.notes[0]
    assert found.base.objective.value >= found.objective.floor - 1e-6


def test_a_base_plan_that_stopped_within_a_wide_gap_is_solved_exactly() -> None:
    found = alternatives(three_ways(solver={"gap": 0.5}), within=0, plans=1)
    assert found.base.objective.value == 1406
    assert found.plans == ()
    assert "no other plan" in found.notes[-1]


def test_the_same_question_gives_the_same_answer() -> None:
    def told(result: Alternatives) -> Any:
        same = result.model_dump()
        for plan in (same["base"], *(a["plan"] for a in same["plans"])):
            plan["solver"]["seconds"] = 0
        return same

    assert told(alternatives(three_ways(), within=0.05)) == told(alternatives(three_ways(), within=0.05))


def test_an_executor_gives_the_same_ranges_and_progress_is_told() -> None:
    steps: list[tuple[str, int, int]] = []
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        apart_ = alternatives(
            three_ways(), within=0.01, executor=executor, on_progress=lambda *step: steps.append(step)
        )
    here = alternatives(three_ways(), within=0.01)
    assert apart_.groups == here.groups
    assert ("ranges", 7, 7) in steps, "nine groups, of which nano is sure and mega is poor"
    assert steps[-1][0] == "plans"


class Stuck(Executor):
    """An executor that never gets to its jobs."""

    def submit(self, *_: Any, **__: Any) -> Future[Any]:  # type: ignore[override]
        return Future()


def test_what_time_did_not_allow_is_said_and_not_made_up() -> None:
    found = alternatives(three_ways(), within=0.01, executor=Stuck(), time_limit=1.5)
    ranges = {group.name: group for group in found.groups}
    assert ranges["sure"].verdict == "unsettled"
    assert ranges["sure"].creators.least.value == 4, "what the base plan has is known"
    assert ranges["sure"].creators.least.bound == 0
    assert ranges["sure"].creators.most.proven, "all there are"
    assert any("least creators of offer sure" in line for line in found.unsettled)
    assert swap_text(found.plans[0].swaps) == "+6 that, -6 this", (
        "whole plans have their own share of the time"
    )
    text = sections_text("x", alternatives_sections(found))
    assert "Not settled" in text
    assert "not settled" in text
    assert "?" in text


def test_plans_that_time_did_not_allow_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_slow(*_: Any, **__: Any) -> Any:
        raise SolverError("time was up", timed_out=True)

    monkeypatch.setattr("optimizer.whatif.alternatives.alternatives.most_different", too_slow)
    found = alternatives(three_ways(), within=0.01)
    assert found.plans == ()
    assert found.unsettled == ("3 of 3 other plans: time was up",)
    assert found.notes == (), "that there is no other plan is not known"


def test_results_survive_json() -> None:
    found = alternatives(three_ways(), within=0.05)
    assert Alternatives.model_validate_json(found.model_dump_json()) == found
    with pytest.raises(ValueError, match="extra"):
        Alternatives.model_validate({**found.model_dump(), "colour": 1})


def test_the_report_fits_80_columns_and_names_what_is_fixed_and_what_is_free() -> None:
    found = alternatives(three_ways(), within=0.01)
    text = sections_text("Three ways", alternatives_sections(found))
    assert max(map(len, text.splitlines())) <= 80
    assert "In every such plan: sure." in text
    assert "In none of them: poor." in text
    assert "A matter of taste: this, that." in text
    assert "A: +6 that, -6 this" in text
    markdown = sections_markdown("Three ways", alternatives_sections(found))
    assert "| A | 1,400 | 0.43 % | 1,000 |" in markdown


@pytest.mark.parametrize(("field", "value"), [("within", 2), ("within", -0.1), ("plans", -1), ("plans", 99)])
def test_a_share_or_a_number_out_of_range_is_refused(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=field):
        alternatives(three_ways(), **{field: value})


def test_a_scenario_without_a_plan_or_a_limit_is_refused_as_by_optimize() -> None:
    with pytest.raises(InfeasibleError) as error:
        alternatives(three_ways(limits=[{"measure": "engagements", "min": 5000}]))
    assert "engagements" in [member.name for member in error.value.conflict]
    with pytest.raises(ScenarioError, match="no limit holds"):
        alternatives(scenario(objective="engagements", offers=[offer("a", 1, engagements_per_post=1)]))


def test_fractions_of_creators_have_alternatives_too() -> None:
    found = alternatives(three_ways(solver={"whole_creators": False}), within=0.01, plans=1)
    verdicts = {group.name: group.verdict for group in found.groups if group.kind == "offer"}
    # 1 % of 1,406 is 14.06: 8.06 more than a full swap of `this`, so 0.08 of `poor` fit in, at 91 each
    assert verdicts == {"sure": "must-have", "this": "free", "that": "free", "poor": "free"}
    poor = next(group for group in found.groups if group.name == "poor")
    assert poor.creators.most.value == pytest.approx(14.06 / 91, rel=1e-6)
    assert found.plans[0].value >= found.objective.floor * (1 - 1e-6)
