"""Objectives over stress cases, against every plan of small scenarios."""

from __future__ import annotations

import copy
import io
import random
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from optimizer import (
    InfeasibleError,
    Plan,
    Scenario,
    ScenarioError,
    SolverError,
    alternatives,
    around_today,
    check,
    compare,
    explain,
    frontier,
    optimize,
    parse_scenario,
    save_lp,
)
from optimizer.plan.saved import read_plan
from optimizer.report import formats
from tests.builders import offer, scenario
from tests.enumeration import World
from tests.more import more
from tests.near import in_world
from tests.random_scenarios import random_scenario
from tests.stress_by_hand import CASES, applies, by_hand

CLOSE = 1e-9
ADDING = ("engagements", "impressions", "clicks", "revenue", "profit", "cost", "hours", "gross_reach")


def stressed_scenario(seed: int, by: str) -> dict[str, Any]:
    """A random scenario with an objective over some cases."""
    data = random_scenario(seed)
    for each in data["offers"]:  # as many plans in every case
        each["creators"] = {"max": 3, **each.get("creators", {})}
    rng = random.Random(seed)
    names = [name for name in CASES if applies(data, name)]
    chosen = rng.sample(names, min(len(names), rng.choice([1, 2, 3])))
    data["stress"] = {name: CASES[name][0] for name in chosen}
    world = World(data)
    known = [m for m in ADDING if all(p[m] is not None for packages in world.packages for p in packages)]
    measure = rng.choice(known)
    sense = "minimize" if measure in ("cost", "hours") else "maximize"
    goal: dict[str, Any] = {sense: measure, "over": "stress", "by": by}
    data["objective"] = goal
    if rng.random() < 0.4:
        data["objective"] = [goal | {"within": "3%"}, {"minimize": "creators"}]
    return data


def expected(data: dict[str, Any]) -> tuple[list[float], dict[str, list[float]]] | None:
    """Best value of each objective, and best values of the cases alone; None without a plan."""
    goals = data["objective"] if isinstance(data["objective"], list) else [data["objective"]]
    first = goals[0]
    measure = first.get("maximize") or first["minimize"]
    sign = 1.0 if "maximize" in first else -1.0
    base = World(data)
    worlds = [World(by_hand(data, name)) for name in data["stress"]]
    alone = []
    for world in worlds:
        values = [sign * world.total(plan, measure) for plan in world.plans() if world.keeps_limits(plan)]
        alone.append(max(values, default=None))
    if first["by"] == "regret" and None in alone:
        return [], {}
    scored = []
    for together in zip(base.plans(), *(world.plans() for world in worlds), strict=True):
        plan = together[0]
        if base.keeps_limits(plan):
            values = [sign * w.total(p, measure) for w, p in zip(worlds, together[1:], strict=True)]
            behind = [b - v for b, v in zip(alone, values, strict=True)] if first["by"] == "regret" else []
            score = -max(behind) if behind else min(values)
            scored.append((score, plan))
    if not scored:
        return None
    best = max(score for score, _ in scored)
    of = abs(best) if first["by"] == "worst" else max(abs(b) for b in alone)
    result = [sign * best if first["by"] == "worst" else -best]
    if len(goals) > 1:
        floor = best - 0.03 * of
        kept = [plan for score, plan in scored if score >= floor - 1e-9 * max(1, abs(floor))]
        result.append(min(base.total(plan, "creators") for plan in kept))
    return result, {"alone": [None if b is None else sign * b for b in alone]}


@pytest.mark.parametrize("by", ["worst", "regret"])
@pytest.mark.parametrize("seed", range(more(25, 400)))
def test_the_plan_is_the_best_of_all(seed: int, by: str) -> None:
    data = stressed_scenario(seed, by)
    wanted = expected(data)
    made = Scenario.model_validate(data)
    assert [p for p in check(made) if p.path[0] in ("offers", "stress")] == []
    if wanted is None or not wanted[0]:
        with pytest.raises(InfeasibleError if by == "worst" else (InfeasibleError, ScenarioError)):
            optimize(made, draws=0)
        return
    plan = optimize(made, draws=0)
    values, alone = wanted
    assert plan.status == "optimal"
    first = plan.objective
    assert first.best == pytest.approx(values[0], rel=CLOSE, abs=1e-6)
    assert first.bound == pytest.approx(values[0], rel=1e-6, abs=1e-5)
    if len(values) > 1:
        assert plan.objectives[1].value == pytest.approx(values[1])
    else:
        assert first.value == pytest.approx(values[0], rel=CLOSE, abs=1e-6)
    assert first.over is not None
    _cases_are_recounted(data, plan, alone["alone"])
    assert read_plan(plan.model_dump_json(), "plan.json") == plan


def _cases_are_recounted(data: dict[str, Any], plan: Plan, alone: list[float | None]) -> None:
    """Every case has the value that the booked plan has in it, and the deciding one is the worst."""
    over = plan.objective.over
    assert over is not None
    for one, name, best in zip(over.cases, data["stress"], alone, strict=True):
        world = World(by_hand(data, name))
        value = world.total(in_world(world, plan), plan.objective.measure)
        assert (one.case, one.value) == (name, pytest.approx(value, rel=CLOSE, abs=1e-9))
        if over.by == "regret":
            assert one.best == pytest.approx(best, rel=CLOSE, abs=1e-9)
        else:
            assert one.best is None
    (decisive,) = (one for one in over.cases if one.case == over.decides)
    assert plan.objective.value == pytest.approx(decisive.regret if over.by == "regret" else decisive.value)


BASE = """
budget: 1000
objective: {OBJECTIVE}
offers:
  - {name: star, platform: instagram, cost_per_post: 500, engagements_per_post: 1000, creators: {max: 2}}
  - {name: small, platform: tiktok, cost_per_post: 100, engagements_per_post: 150, creators: {max: 10}}
stress:
  instagram turns: instagram engagements x0.4
  tiktok turns: tiktok engagements x0.9
"""


def planned(objective: str) -> Plan:
    return optimize(parse_scenario(BASE.replace("{OBJECTIVE}", objective)), draws=0)


def test_the_worst_case_decides_for_the_small_ones() -> None:
    typical = planned("engagements")
    safe = planned("{maximize: engagements, over: stress, by: worst}")
    assert [(line.offer, line.creators) for line in typical.lines] == [
        ("star", 2)
    ]  # 2,000, but 800 in a bad case
    assert [(line.offer, line.creators) for line in safe.lines] == [("small", 10)]
    assert safe.objective.value == 1350  # 10 x 150 x 0.9, and 1,500 in the other
    assert safe.objective.over is not None
    assert safe.objective.over.decides == "tiktok turns"


def test_the_least_regret_is_worked_out_by_hand() -> None:
    plan = planned("{maximize: engagements, over: stress, by: regret}")
    # alone: 10 small 1,500 where Instagram turns; 2 stars 2,000 where TikTok does.
    # 1 star and 5 small: 400 + 750 = 1,150 (350 behind) and 1,000 + 675 = 1,675 (325 behind)
    assert [(line.offer, line.creators) for line in plan.lines] == [("star", 1), ("small", 5)]
    assert (plan.objective.value, plan.objective.sense) == (350, "minimize")
    assert plan.objective.over is not None
    assert [one.best for one in plan.objective.over.cases] == [1500, 2000]
    assert [one.regret for one in plan.objective.over.cases] == [350, 325]
    assert plan.objective.gap == 0


def test_only_the_listed_cases_count() -> None:
    text = BASE.replace("{OBJECTIVE}", "{maximize: engagements, over: stress, by: worst}")
    text = text.replace("  tiktok turns: tiktok engagements x0.9\n", "  luck: engagements x2\n")
    text = text.replace("  instagram turns: instagram engagements x0.4\n", "")
    plan = optimize(parse_scenario(text), draws=0)
    assert plan.objective.value == 4000  # of a case that is better than the scenario as it stands


def test_fractions_of_creators_and_a_time_limit_go_along() -> None:
    text = BASE.replace("{OBJECTIVE}", "{maximize: engagements, over: stress, by: regret}")
    text += "solver: {whole_creators: false, time_limit: 20}\n"
    plan = optimize(parse_scenario(text), draws=0)
    # x stars, 10 - 5 x small: 750 x - 400 x ... behind by 350 x where Instagram turns, by 650 - 325 x where TikTok does
    at = 650 / 675
    assert plan.objective.value == pytest.approx(350 * at, rel=1e-6)
    assert plan.lines[0].creators == pytest.approx(at, rel=1e-6)


def test_a_measure_that_may_be_negative_is_no_special_case() -> None:
    text = """
budget: 1000
objective: {minimize: samples, over: stress, by: worst}
measures: {samples: creator}
offers:
  - {name: a, cost_per_post: 100, creators: {min: 1, max: 3}, measures: {samples: -2}}
  - {name: b, cost_per_post: 100, creators: {max: 3}, measures: {samples: 1}}
stress: {less: samples x0.5, more: offer b samples = -3}
"""
    plan = optimize(parse_scenario(text), draws=0)
    assert plan.objective.value == -3  # 3 a alone: -3 in `less`, -6 in `more`
    assert [(line.offer, line.creators) for line in plan.lines] == [("a", 3)]


@pytest.mark.parametrize(
    ("objective", "place", "message"),
    [
        ("{maximize: engagements, over: stress}", "objective[0].over", "over and by are given together"),
        ("{maximize: engagements, by: worst}", "objective[0].by", "over and by are given together"),
        ("{maximize: cpe, over: stress, by: worst}", "objective[0].maximize", "cpe is a ratio"),
        (
            "{maximize: reach, over: stress, by: worst}",
            "objective[0].over",
            "no linear program proves the best",
        ),
        (
            "{maximize: engagements, over: stress, by: worst, confidence: 90%}",
            "confidence",
            "has no confidence",
        ),
        ("{maximize: engagements, over: draws, by: worst}", "objective[0].over", "unknown value 'draws'"),
    ],
)
def test_what_cannot_be_combined_is_refused_where_it_stands(objective: str, place: str, message: str) -> None:
    text = BASE.replace("{OBJECTIVE}", objective) + "audience: {people: 1M}\n"
    text = text.replace(
        "engagements_per_post: 1", "followers: 20000, reach_rate: 20%, engagements_per_post: 1"
    )
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text)
    said = str(caught.value)
    assert "<text>:3:" in said
    assert message in said
    assert place.split(".")[-1] in said


def test_an_objective_over_no_cases_is_refused() -> None:
    text = BASE.replace("{OBJECTIVE}", "{maximize: engagements, over: stress, by: worst}").split("stress:\n")[
        0
    ]
    with pytest.raises(ScenarioError, match="there are no stress cases to decide over"):
        parse_scenario(text)


def test_a_confidence_elsewhere_does_not_go_with_it() -> None:
    text = BASE.replace("{OBJECTIVE}", "{maximize: engagements, over: stress, by: worst}")
    text = text.replace("budget: 1000", "budget: {max: 1000, confidence: 80%}")
    with pytest.raises(ScenarioError, match="does not go with a confidence elsewhere"):
        parse_scenario(text)


def test_a_case_without_a_plan_has_nothing_to_regret() -> None:
    text = BASE.replace("{OBJECTIVE}", "{maximize: engagements, over: stress, by: regret}")
    text += "  poor: budget = 50\nlimits: [{measure: engagements, min: 100}]\n"
    with pytest.raises(ScenarioError) as caught:
        optimize(parse_scenario(text), draws=0)
    (problem,) = caught.value.problems
    assert problem.path == ("stress", "poor")
    assert problem.line is not None
    assert "no plan keeps every limit" in problem.message
    assert optimize(parse_scenario(text.replace("regret", "worst")), draws=0).objective.value == 1350


def test_an_edited_case_of_a_saved_plan_is_found() -> None:
    plan = planned("{maximize: engagements, over: stress, by: regret}")
    text = plan.model_dump_json()
    for old, new in (
        ('"value":1150.0', '"value":1160.0'),
        ('"decides":"instagram turns"', '"decides":"tiktok turns"'),
    ):
        assert old in text
        with pytest.raises(ScenarioError):
            read_plan(text.replace(old, new), "plan.json")


def test_a_later_objective_may_go_over_cases_too() -> None:
    plan = planned("[{minimize: creators}, {maximize: engagements, over: stress, by: worst}]")
    assert plan.lines == ()
    plan = planned("[{maximize: posts, within: 30%}, {maximize: engagements, over: stress, by: worst}]")
    assert plan.objectives[1].value == 1350


def test_the_program_of_each_is_the_one_on_paper(tmp_path: Path) -> None:
    """t stands in units of 1,024, a power of two near the largest value of a creator."""

    def rows(by: str) -> dict[str, str]:
        text = BASE.replace("{OBJECTIVE}", f"{{maximize: engagements, over: stress, by: {by}}}")
        save_lp(parse_scenario(text), tmp_path / "p.lp")
        joined = (tmp_path / "p.lp").read_text().replace("\n ", " ")
        return dict(line.split(": ", 1) for line in joined.splitlines() if ": " in line)

    found = rows("worst")  # most t, with t <= 400 stars + 150 small and t <= 1,000 stars + 135 small
    assert found["OBJ"] == "- 1024 over_cases"
    assert found["case_instagram_turns"] == "- 150 n_small_x1 - 400 n_star_x1 + 1024 over_cases <= 0"
    assert found["case_tiktok_turns"] == "- 135 n_small_x1 - 1000 n_star_x1 + 1024 over_cases <= 0"
    assert found["budget"] == "100 n_small_x1 + 500 n_star_x1 <= 1000"
    found = rows(
        "regret"
    )  # least t, which is 2,000 above the regret: 1,500 + 2,000 - ..., 2,000 + 2,000 - ...
    assert found["OBJ"] == "1024 over_cases"
    assert found["case_instagram_turns"] == "150 n_small_x1 + 400 n_star_x1 + 1024 over_cases >= 3500"
    assert found["case_tiktok_turns"] == "135 n_small_x1 + 1000 n_star_x1 + 1024 over_cases >= 4000"


def test_reports_say_which_case_decides_and_what_it_is_in_each() -> None:
    plan = planned("{maximize: engagements, over: stress, by: worst}")
    lines = " ".join(formats.text(plan).split())
    assert '1,350 engagements in the worst of 2 cases ("tiktok turns") for 1,000 USD' in lines
    assert "no plan within these limits brings more in its worst case" in lines
    said = "As the scenario stands: 1,500 engagements. By case: instagram turns 1,500, tiktok turns 1,350."
    assert said in lines
    assert (
        "maximize engagements in the worst of 2 cases: found 1,350 engagements, bound 1,350 engagements"
        in lines
    )
    plan = planned("{maximize: engagements, over: stress, by: regret}")
    lines = " ".join(formats.text(plan).split())
    assert (
        'At most 350 engagements behind the best plan in any of 2 cases (most in "instagram turns")' in lines
    )
    assert "instagram turns 1,150 (best 1,500), tiktok turns 1,675 (best 2,000)" in lines
    assert "minimize the largest regret of engagements in 2 cases" in formats.page(plan)
    book = openpyxl.load_workbook(io.BytesIO(formats.workbook(plan)), data_only=True)
    assert book["Checks"]["B4"].value is True


@pytest.mark.parametrize(
    "ask", [explain, alternatives, lambda s: frontier(s, {"budget": [500, 900]}), around_today]
)
def test_questions_about_one_scenario_are_refused_where_over_stands(ask: Any) -> None:
    text = BASE.replace("{OBJECTIVE}", "{maximize: engagements, over: stress, by: worst}")
    with pytest.raises(
        ScenarioError, match=r"is held against stress cases \(ask without over and by"
    ) as caught:
        ask(parse_scenario(text))
    assert caught.value.problems[0].line == 3


def test_a_comparison_shows_both_plans_without_a_bridge_between() -> None:
    text = BASE.replace("{OBJECTIVE}", "{maximize: engagements, over: stress, by: worst}")
    compared = compare([parse_scenario(text, {"objective": "engagements"}), parse_scenario(text)])
    assert [figure.values for figure in compared.figures if figure.measure == "engagements"] == [(2000, 1500)]
    assert compared.bridges == ()


def test_time_that_is_up_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def up(*_: object) -> None:
        raise SolverError("time was up before any plan was found", timed_out=True)

    monkeypatch.setattr("optimizer.solve.over_cases.search", up)
    with pytest.raises(SolverError, match="time was up before the best plan of the case instagram turns"):
        planned("{maximize: engagements, over: stress, by: regret}")


def test_currency_and_order_of_offers_change_nothing() -> None:
    data = {
        "budget": 900,
        "objective": {"maximize": "engagements", "over": "stress", "by": "regret"},
        "stress": {"dearer": "fees +20%", "less": "nano engagements x0.5"},
        "solver": {"gap": 0},
    }
    offers = [
        offer("a", 90, engagements_per_post=100, most=4, tier="nano"),
        offer("b", 140, engagements_per_post=170, most=4, tier="micro"),
        offer("c", 210, engagements_per_post=260, most=3, tier="micro"),
    ]
    one = optimize(scenario(offers=offers, **copy.deepcopy(data)), draws=0)
    turned = optimize(scenario(offers=offers[::-1], **copy.deepcopy(data)), draws=0)
    assert one.objective.value == pytest.approx(turned.objective.value)
