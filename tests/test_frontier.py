"""Curves and maps: every point is a plan of its own, and what is said about them is so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer import Scenario, load_scenario, optimize
from optimizer.finance.frontier.around import around_today, round_numbers
from optimizer.finance.frontier.findings import sentences
from optimizer.finance.frontier.frontier import frontier
from optimizer.finance.frontier.result import Frontier, FrontierPoint, MixShare
from optimizer.finance.frontier.turning_points import marginals, stretches, turning_points
from optimizer.language.errors import ScenarioError
from tests.builders import offer, scenario
from tests.planned import plan_or_none
from tests.random_scenarios import random_scenario

SCENARIOS = Path(__file__).resolve().parents[1] / "scenarios"
QUICKSTART = SCENARIOS / "quickstart.yaml"
few = settings(
    max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def quickstart() -> Scenario:
    return load_scenario(QUICKSTART)


# --- points are plans --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "over"),
    [
        ("quickstart", {"budget": [0, 3_000, 12_345.67, 20_000, 90_000]}),
        ("launch-us", {"budget": [20_000, 70_000, 100_000], "effort_hours": [400, 800]}),
        ("launch-us", {"offers.micro-instagram-reel.creators.max": [0, 10, 30]}),
        ("too-tight", {"budget": [5_000, 20_000, 25_000, 30_000]}),
        ("vietnam-launch", {"audience.overlap": [0.05, 0.2]}),
    ],
)
def test_every_point_equals_a_plan_of_its_own(name: str, over: dict[str, list[float]]) -> None:
    path = SCENARIOS / f"{name}.yaml"
    found = frontier(load_scenario(path), over)
    assert [list(axis.values) for axis in found.axes] == list(over.values())
    for point in found.points:
        changes = dict(zip(over, point.at, strict=True)) | {"solver.gap": 0}
        plan = plan_or_none(load_scenario(path, changes))
        if plan is None:
            assert (point.status, point.value, point.totals) == ("infeasible", None, None)
            continue
        assert (point.status, point.totals) == (plan.status, plan.totals)
        assert (point.value, point.best, point.gap) == (
            plan.objective.value, plan.objective.best, plan.objective.gap,
        )  # fmt: skip
        assert point.binding == tuple(limit.name for limit in plan.limits if limit.binding)
        assert [(b.offer, b.posts_per_creator, b.creators) for b in point.bookings] == [
            (line.offer, line.posts_per_creator, line.creators) for line in plan.lines
        ]
        assert sum(share.cost or 0 for share in point.mix) == pytest.approx(plan.totals.cost or 0, abs=1e-6)
        assert sum(share.creators for share in point.mix) == plan.totals.creators


def test_a_gap_of_the_scenarios_own_is_kept(quickstart: Scenario) -> None:
    loose = quickstart.with_changes({"solver.gap": 0.2})
    found = frontier(loose, {"budget": [20_000]})
    assert found.points[0].totals == optimize(loose).totals


def test_the_curve_that_the_quickstart_solves_by_hand(quickstart: Scenario) -> None:
    money = frontier(quickstart, {"budget": [10_000, 20_000]})
    assert [point.best for point in money.points] == [21_400, 32_000]
    assert [(m.low, m.high, m.gain, m.per_unit) for m in money.marginals] == [(10_000, 20_000, 10_600, 1.06)]
    hours = frontier(quickstart, {"effort_hours": [120, 160, 240]})
    assert [point.best for point in hours.points] == [28_400, 32_000, 37_200]
    assert [m.per_unit for m in hours.marginals] == [90, 65]
    # half the money: 17 micro (6,800 USD) and one macro (3,200); all of it: 10 micro and five macro
    assert [point.leader for point in money.points] == ["micro", "macro"]
    assert [(t.kind, t.group, t.instead_of, t.below, t.at) for t in money.turns] == [
        ("turns", "macro", "micro", 10_000, 20_000)
    ]
    assert [(s.group, s.creators, s.cost) for s in money.points[1].mix] == [
        ("micro", 10, 4_000), ("macro", 5, 16_000),
    ]  # fmt: skip


def test_a_map_goes_row_by_row_and_knows_today(quickstart: Scenario) -> None:
    found = frontier(quickstart, ["budget=10k,20k", "effort_hours=120:240:40"])
    assert [point.at for point in found.points] == [
        (b, h) for b in (10_000, 20_000) for h in (120, 160, 200, 240)
    ]
    assert found.today == found.points[5]
    assert found.today is not None
    assert found.today.value == 32_000
    assert (found.marginals, found.turns, found.stretches) == ((), (), ())


def test_today_is_solved_where_it_is_no_point_and_none_without_a_plan(quickstart: Scenario) -> None:
    found = frontier(quickstart, "budget=5k:15k:5k")
    assert found.today is not None
    assert (found.today.at, found.today.value, len(found.points)) == ((20_000,), 32_000, 3)
    assert frontier(load_scenario(SCENARIOS / "too-tight.yaml"), "budget=30k").today is None


@few
@given(st.integers(0, 400), st.sampled_from(["budget", "effort_hours"]))
def test_more_money_or_hours_never_hurt_where_only_ceilings_depend_on_them(seed: int, path: str) -> None:
    data = random_scenario(seed)
    data["limits"] = [
        limit
        for limit in data["limits"]
        if not any(f"of {path}" in str(limit.get(side, "")) for side in ("min", "max"))
    ]
    if path not in data:
        return
    found = frontier(Scenario.model_validate(data), {path: [data[path] * n / 4 for n in range(9)]})
    statuses = [point.status for point in found.points]
    assert set(statuses) <= {"optimal", "infeasible"}
    first = statuses.index("optimal") if "optimal" in statuses else len(statuses)
    assert set(statuses[first:]) <= {"optimal"}, "a plan that was possible with less is possible with more"
    sign = 1 if found.sense == "maximize" else -1
    assert all(sign * m.gain >= -1e-9 * abs(m.gain + 1) for m in found.marginals)


def test_points_that_nothing_limits_or_that_make_no_scenario_say_so() -> None:
    one = scenario(
        objective="engagements",
        budget=100,
        offers=[offer("a", 10, engagements_per_post=5, creators={"min": 2, "max": 8})],
    )
    found = frontier(one, {"offers.a.creators.max": [1, 2, 8]})
    assert [point.status for point in found.points] == ["refused", "optimal", "optimal"]
    assert found.points[0].message == "offers[0].creators.min: min 2 is above max 1"
    assert (
        found.sentences[-1] == "Up to 1 creator the scenario is not valid: " + found.points[0].message + "."
    )
    free = scenario(
        objective="engagements",
        effort_hours=50,
        offers=[offer("a", 0, engagements_per_post=5, hours_per_post=1)],
    )
    found = frontier(free, {"offers.a.hours_per_post": [0, 1]})
    assert [point.status for point in found.points] == ["unlimited", "optimal"]
    assert found.stretches[0].status == "unlimited"


# --- findings ----------------------------------------------------------------------------------------------


def point(at: float, best: float | None, mix: dict[str, float] | None = None, **fields: Any) -> FrontierPoint:
    """A point as if solved; `mix` is money by group."""
    shares = [
        MixShare(group=group, creators=1, cost=cost, hours=1, result=cost)
        for group, cost in (mix or {}).items()
    ]
    leader = max(mix, key=lambda group: mix[group]) if mix else None
    status = fields.pop("status", "infeasible" if best is None else "optimal")
    return FrontierPoint(at=[at], status=status, value=best, best=best, mix=shares, leader=leader, **fields)


def curve(base: Frontier, points: list[FrontierPoint], today: FrontierPoint | None = None) -> Frontier:
    axis = base.axes[0].model_copy(update={"values": [p.at[0] for p in points]})
    made = base.model_copy(
        update={
            "axes": [axis],
            "points": points,
            "today": today,
            "marginals": marginals(points),
            "turns": turning_points(points),
            "stretches": stretches(points),
        }
    )
    return made.model_copy(update={"sentences": sentences(made)})


@pytest.fixture(scope="module")
def base(quickstart: Scenario) -> Frontier:
    return frontier(quickstart, "budget=20k")


HAND_MADE = [
    point(10, None),
    point(20, None),
    point(30, 100.0, {"nano": 30.0}, binding=["budget"]),
    point(40, 180.0, {"nano": 15.0, "macro": 25.0}, binding=["budget"]),
    point(50, None, status="failed", message="MemoryError"),
    point(60, 240.0, {"macro": 60.0}, binding=["budget"]),
    point(70, 240.0, {"macro": 60.0}, binding=["effort_hours"]),
    point(80, 240.0, {"macro": 60.0}, binding=["effort_hours"]),
]


def test_marginals_turns_and_stretches_of_a_hand_made_curve() -> None:
    assert [(m.low, m.high, m.gain, m.per_unit) for m in marginals(HAND_MADE)] == [
        (30, 40, 80, 8), (60, 70, 0, 0), (70, 80, 0, 0),
    ]  # fmt: skip
    assert [(t.kind, t.group, t.instead_of, t.below, t.at) for t in turning_points(HAND_MADE)] == [
        ("turns", "macro", "nano", 30, 40),
        ("enters", "macro", None, 30, 40),
        ("leaves", "nano", None, 40, 60),
    ]
    assert [(s.low, s.high, s.status) for s in stretches(HAND_MADE)] == [
        (10, 20, "infeasible"), (50, 50, "failed"),
    ]  # fmt: skip


def test_the_findings_in_words(base: Frontier) -> None:
    found = curve(base, HAND_MADE, today=HAND_MADE[2])
    assert found.sentences == (
        "The next 10 USD after today's 30 bring 80 engagements.",  # what the plans cost is not known here
        "From 40 USD on most of the money goes to macro instead of nano (at 30 not yet).",
        "Beyond 60 USD more budget brings nothing (tried up to 80 USD): effort_hours holds the plan.",
        "Up to 20 USD there is no plan: .",
        "1 of 8 points failed (at 50 USD): MemoryError.",
        "Macro comes in at 40 USD; nano is out from 60 USD on.",
    )


def test_many_turns_make_two_sentences(base: Frontier) -> None:
    points = [point(n, float(n), {"nano": 1.0 + n % 2, "macro": 1.5}) for n in range(10, 20)]
    lead = [line for line in curve(base, points).sentences if "money" in line]
    assert len(lead) == 2
    assert lead[0].startswith(
        "The largest share of the money changes hands 9 times between 11 USD and 19 USD"
    )
    assert lead[1].startswith("From 19 USD on most of the money goes to nano instead of macro")


def test_points_not_proven_and_points_left_out_are_said(base: Frontier) -> None:
    points = [
        point(10, 5.0, {"nano": 1.0}, status="feasible", gap=0.02),
        point(20, None, status="skipped", message="time was up"),
    ]
    assert curve(base, points).sentences[-2:] == (
        "Time was up before 1 of 2 points; allow more with --total-time.",
        "One point is not proven best, because the search stopped early: at most 2 % better is possible.",
    )


def test_a_stretch_without_a_plan_names_the_limits() -> None:
    found = frontier(load_scenario(SCENARIOS / "too-tight.yaml"), "budget=15k:30k:5k")
    (stretch,) = found.stretches
    assert (stretch.low, stretch.high, stretch.status) == (15_000, 20_000, "infeasible")
    assert stretch.message == "budget, community first and the booking of face cannot hold together"
    assert f"Up to 20,000 USD there is no plan: {stretch.message}." in found.sentences


def test_the_findings_of_a_map_tell_where_the_lead_turns(quickstart: Scenario) -> None:
    found = frontier(quickstart, ["budget=5k:20k:5k", "effort_hours=80:320:40"])
    assert found.sentences[0] == "The next 40 hours after today's 160 bring 2,600 engagements, 65.0 per hour."
    turn = next(line for line in found.sentences if "micro instead of macro" in line)
    assert "at 10,000 USD from 160 hours on" in turn
    by_place = {tuple(p.at): p for p in found.points}
    assert [by_place[10_000, h].leader for h in (120, 160)] == ["macro", "micro"]
    assert any(
        line.startswith("What holds the plan, of 28 points: money alone at") for line in found.sentences
    )


def test_the_mix_is_told_apart_by_what_differs() -> None:
    def made(*fields: dict[str, Any]) -> Frontier:
        offers = [offer(f"o{i}", 10, engagements_per_post=5, most=3, **each) for i, each in enumerate(fields)]
        return frontier(scenario(objective="engagements", budget=90, offers=offers), {"budget": [90]})

    assert made({"tier": "mega"}, {"tier": "nano"}).mix_by == "tier"
    assert [share.group for share in made({"tier": "mega"}, {"tier": "nano"}).points[0].mix] == [
        "nano",
        "mega",
    ]
    assert made({"tier": "nano", "platform": "x"}, {"platform": "tiktok"}).mix_by == "platform"
    assert made({"platform": "x"}, {"platform": "x"}).mix_by == "offer"


def test_minimising_saves() -> None:
    least = scenario(
        objective={"minimize": "cost"},
        effort_hours=20,
        offers=[
            offer("cheap", 10, engagements_per_post=10, hours_per_creator=4),
            offer("dear", 50, engagements_per_post=10, hours_per_creator=1),
        ],
        limits=[{"measure": "engagements", "min": 100}],
    )
    found = frontier(least, {"effort_hours": [5, 20, 30, 40, 50]})
    # c + d = 10 and 4 c + d <= hours: c = (hours - 10) / 3, rounded down
    assert [p.best for p in found.points] == [None, 380, 260, 100, 100]
    assert found.sentences[0] == "The next 10 hours after today's 20 save 120 USD."
    assert any(line.startswith("Beyond 40 hours more hours save nothing") for line in found.sentences)


# --- around today ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("today", [160, 800, 12_345, 20_000, 33_000, 60_000, 100_000, 1e6, 7, 0.5])
def test_round_numbers_from_a_quarter_to_twice_today(today: float) -> None:
    numbers = round_numbers(today, 13)
    assert today in numbers
    assert 10 <= len(numbers) <= 18
    assert numbers == sorted(set(numbers))
    assert 0.15 * today <= numbers[0] <= 0.4 * today
    assert 1.8 * today <= numbers[-1] <= 2.2 * today
    assert all(float(f"{n:.4g}") == n for n in numbers if n != today), "round"


def test_around_today_is_a_curve_over_the_budget_and_a_map(quickstart: Scenario) -> None:
    made, grid = around_today(quickstart)
    assert made is not None
    assert grid is not None
    assert [axis.path for axis in made.axes] == ["budget"]
    assert [axis.path for axis in grid.axes] == ["budget", "effort_hours"]
    assert made.today is not None
    assert made.today in made.points
    assert grid.today in grid.points
    assert made.today.value == 32_000
    assert 36 <= len(grid.points) <= 81


def test_around_today_without_a_budget_is_a_curve_over_the_hours() -> None:
    offers = [offer("a", 10, engagements_per_post=5, hours_per_post=1, most=50)]
    made, grid = around_today(scenario(objective="engagements", effort_hours=20, offers=offers))
    assert made is not None
    assert ([axis.path for axis in made.axes], grid) == (["effort_hours"], None)
    assert around_today(scenario(objective="engagements", offers=offers)) == (None, None)


def test_around_today_has_fewer_points_where_time_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    from optimizer.finance.frontier import frontier as module

    now, solve = [1_000.0], module.solve_point

    def slow(*job: Any) -> FrontierPoint:
        now[0] += 0.1
        return solve(*job)

    monkeypatch.setattr(module, "solve_point", slow)
    with monkeypatch.context() as patch:  # a clock of its own, so that a busy machine changes nothing
        patch.setattr(time, "perf_counter", lambda: now[0])
        patch.setattr(time, "time", lambda: now[0])
        made, grid = around_today(load_scenario(QUICKSTART), time_limit=1.2)
    assert now[0] - 1_000 <= 1.2
    assert made is not None
    assert 3 <= len(made.points) < 13
    assert all(p.status != "skipped" for p in made.points)
    assert made.points[0].at[0] < 20_000 < made.points[-1].at[0]  # around today, not the first of many
    assert made.axes[0].values == tuple(p.at[0] for p in made.points)
    assert grid is None


def test_a_scenario_that_cannot_be_planned_is_refused() -> None:
    broken = Scenario.model_validate({"objective": "engagements", "budget": 5, "offers": [offer("a", 1)]})
    with pytest.raises(ScenarioError, match="engagements of a are not known"):
        frontier(broken, {"budget": [1, 2]})


def test_a_tie_is_no_turn() -> None:
    # With 240 hours 24 micro and three macro creators cost 9,600 USD each: the lead of macro is lost by nobody.
    found = frontier(load_scenario(QUICKSTART), {"effort_hours": [200, 240]})
    assert [(share.group, share.cost) for share in found.points[1].mix] == [
        ("micro", 9_600),
        ("macro", 9_600),
    ]
    assert [turn for turn in found.turns if turn.kind == "turns"] == []
