"""Rosters too large to make an offer of each row: the plan and its bound are over all rows, the scenario has a few."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from optimizer.finance.frontier.frontier import frontier
from optimizer.flow import optimize
from optimizer.language.errors import InfeasibleError, ScenarioError, SolverError
from optimizer.load import load_scenario
from optimizer.plan.saved import read_plan
from optimizer.report import formats
from optimizer.roster import expand, read
from optimizer.scenario.scenario import Scenario
from optimizer.solve import kept, sieve
from optimizer.whatif.goal import goal
from tests.shell import optimize as command
from tests.test_many import roster

ROWS = 700


@pytest.fixture(autouse=True)
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "FROM", 1)
    monkeypatch.setattr(expand, "LARGE", 500)
    monkeypatch.setattr(sieve, "NEAREST", 60)
    monkeypatch.setattr(kept, "MOST_WHOLE", 600)


def written(folder: Path, text: str | None = None, **keys: Any) -> Path:
    """A scenario of a roster in a folder."""
    (folder / "creators.csv").write_text(roster(ROWS, 11) if text is None else text, encoding="utf-8")
    own = {
        "objective": "engagements",
        "budget": 20_000,
        "effort_hours": 400,
        "limits": [
            {"measure": "posts", "max": 70},
            {"measure": "cost", "where": {"platform": "tiktok"}, "max": "50% of cost"},
        ],
        "rosters": [
            {
                "file": "creators.csv",
                "defaults": {"platform": "instagram", "hours_per_creator": 6},
                "offer": {"posts_per_creator": {"min": 1, "max": 3}},
            }
        ],
    }  # fmt: skip
    path = folder / "s.json"
    path.write_text(json.dumps({**own, **keys}), encoding="utf-8")
    return path


def whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> Scenario:
    """The same with an offer for each row."""
    with monkeypatch.context() as usual:
        usual.setattr(expand, "LARGE", sys.maxsize)
        return load_scenario(path)


def test_the_plan_is_that_of_all_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path)
    few, every = load_scenario(path), whole(path, monkeypatch)
    assert 60 < len(few.offers) < 200
    assert len(every.offers) > 690
    offers = {offer.name: offer for offer in every.offers}
    assert all(offer == offers[offer.name] for offer in few.offers)
    mine, theirs = optimize(few, draws=0), optimize(every, draws=0)
    assert mine.objective.bound is not None
    assert mine.objective.bound >= theirs.objective.value * (1 - 1e-12)
    assert mine.objective.value == pytest.approx(
        theirs.objective.value, rel=1e-3
    )  # nearer where there is time
    checked = mine.solver.checked
    assert (checked.creators, checked.kept, checked.prices) == (len(every.offers), len(few.offers), 4)
    for text in (formats.text(mine), formats.markdown(mine), formats.page(mine)):
        shown = " ".join(text.split())
        assert f"bound over all {len(every.offers)} creators" in shown
        assert f"; the {len(few.offers)} booked or nearest to it became offers" in shown


def test_a_saved_plan_is_read_and_recounted(tmp_path: Path) -> None:
    plan = optimize(load_scenario(written(tmp_path)), draws=200)
    saved = read_plan(plan.model_dump_json(), "plan.json")
    assert saved == plan
    assert len(saved.inputs["offers"]) == saved.solver.checked.kept
    assert saved.risk is not None


def test_a_bound_is_for_its_question_only(tmp_path: Path) -> None:
    few = load_scenario(written(tmp_path))
    assert few._sieved.holds_for(few)
    again = few.model_copy(update={"budget": 40_000.0})
    assert not few._sieved.holds_for(again)
    changed = few.with_changes({"budget": 40_000})
    assert changed._sieved is None
    more = optimize(again, draws=0)
    assert more.objective.value > optimize(few, draws=0).objective.value
    assert more.solver.checked.kept == 0
    bound = more.objective.bound
    assert bound is not None
    assert bound >= more.objective.value


def test_of_a_later_objective_nothing_is_proven(tmp_path: Path) -> None:
    few = load_scenario(written(tmp_path, objective=["engagements", {"minimize": "hours"}]))
    plan = optimize(few, draws=0)
    first, second = plan.objectives
    assert first.bound is not None
    assert second.bound is None
    assert plan.status == "feasible"


def test_other_offers_have_another_bound(tmp_path: Path) -> None:
    few = load_scenario(written(tmp_path))
    cheaper = tuple(offer.model_copy(update={"cost_per_post": None}) for offer in few.offers)
    assert not few._sieved.holds_for(few.model_copy(update={"offers": cheaper}))
    assert few._sieved.holds_for(few.model_copy(update={"name": "another title"}))


def test_changes_come_before_the_rows_are_chosen(tmp_path: Path) -> None:
    path = written(tmp_path)
    little, much = (load_scenario(path, {"budget": budget}) for budget in (5_000, 60_000))
    assert little._sieved.booked != much._sieved.booked
    plans = [optimize(one, draws=0) for one in (little, much)]
    assert plans[0].objective.value < plans[1].objective.value


def test_no_plan_is_said_so(tmp_path: Path) -> None:
    limits = [{"measure": "engagements", "min": 10_000_000_000}]
    with pytest.raises(InfeasibleError, match="cannot"):
        optimize(load_scenario(written(tmp_path, limits=limits)))


def test_no_plan_among_a_few_is_no_proof(tmp_path: Path) -> None:
    few = load_scenario(written(tmp_path, limits=[{"measure": "engagements", "min": 10_000_000_000}]))
    assert few._sieved.status == "infeasible"
    few._sieved.__dict__["status"] = "not_known"
    with pytest.raises(SolverError, match="does not mean that there is none"):
        optimize(few)


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ({"budget": {"max": 20_000, "confidence": "90%"}}, "something has a confidence"),
        ({"audience": {"people": "9M", "overlap": "5%"}, "objective": "reach"}, "reach is asked for"),
        ({"limits": [{"measure": "cost", "max": "10% of cost", "per": "creator"}]}, "a limit for each creator"),
        ({"limits": [{"measure": "cost", "min": 900, "per": "platform", "or_none": True}]}, "a limit may be left out"),
        ({"solver": {"whole_creators": False}}, "creators are fractions"),
    ],
)  # fmt: skip
def test_what_prices_cannot_plan_is_refused(tmp_path: Path, keys: dict[str, Any], reason: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(written(tmp_path, **keys))
    (problem,) = caught.value.problems
    assert f"can only be planned by prices, but {reason}" in problem.message
    assert "at most 600 rows with keep" in problem.hint


def test_rows_that_lack_a_number_are_named_by_their_lines(tmp_path: Path) -> None:
    path = written(tmp_path)
    data = json.loads(path.read_text())
    data["rosters"][0]["fill"] = "never"
    path.write_text(json.dumps(data))
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    problems = caught.value.problems
    assert len(problems) >= 20
    rows = [problem for problem in problems if str(problem.file).endswith("creators.csv")]
    assert len(rows) >= 20
    assert all(problem.line is not None and problem.line > 1 for problem in rows)
    assert "of creator0" in rows[0].message
    assert any("more rows like these" in problem.message for problem in problems)


def test_a_row_that_no_offer_can_be_made_of_is_named(tmp_path: Path) -> None:
    path = written(tmp_path)
    data = json.loads(path.read_text())
    data["rosters"][0]["offer"]["currency"] = "SEK"
    path.write_text(json.dumps(data))
    with pytest.raises(ScenarioError, match="SEK"):
        load_scenario(path)


def test_single_rows_are_not_changed(tmp_path: Path) -> None:
    path = written(tmp_path)
    name = load_scenario(path).offers[0].name
    with pytest.raises(ScenarioError, match="not one at a time can be changed"):
        load_scenario(path, {f"offers.{name}.cost_per_post": 1})


def test_questions_about_other_budgets_are_refused(tmp_path: Path) -> None:
    few = load_scenario(written(tmp_path))
    with pytest.raises(ScenarioError, match="a goal asks for other budgets, and of 700 creators only the"):
        goal(few, {"engagements": 500_000})
    with pytest.raises(ScenarioError, match="a frontier shows other budgets"):
        frontier(few, {"budget": [10_000, 30_000]})


def test_offers_beside_a_roster_are_kept(tmp_path: Path) -> None:
    own = {"name": "agency", "cost_per_post": 900, "engagements_per_post": 1, "hours_per_creator": 1,
           "impressions_per_post": 10, "platform": "instagram", "creators": {"max": 1}}  # fmt: skip
    few = load_scenario(written(tmp_path, offers=[own]))
    assert few.offers[0].name == "agency"
    assert optimize(few, draws=0).solver.checked.creators > ROWS - 60
    many = {**own, "creators": {"max": 4}}
    with pytest.raises(ScenarioError, match="room for more than one creator"):
        load_scenario(written(tmp_path, offers=[many]))


def test_two_rosters(tmp_path: Path) -> None:
    other = roster(ROWS, 12).replace("creator0", "other0")
    (tmp_path / "others.csv").write_text(other, encoding="utf-8")
    shared = {"defaults": {"platform": "tiktok", "hours_per_creator": 6}}
    rosters = [{"file": "creators.csv", **shared}, {"file": "others.csv", **shared}]
    few = load_scenario(written(tmp_path, rosters=rosters, limits=[]))
    names = {str(offer.name)[:5] for offer in few.offers}
    assert names == {"creat", "other"}
    assert few._sieved.creators > 2 * ROWS - 120
    gap = optimize(few, draws=0).objective.gap
    assert gap is not None
    assert gap < 1e-3  # nearer where there is time


def test_commands_say_that_they_work_among_a_few(tmp_path: Path) -> None:
    # a process of its own, with the usual sizes
    text = roster(5_400, 3)
    path = written(tmp_path, text=text)
    ran = command(str(path), "--no-risk", "-o", str(tmp_path / "plan.json"))
    assert ran.code == 0, ran.message
    assert "creators: the" in ran.message
    assert "became offers; changes and questions are answered among these" in ran.message
    saved = json.loads((tmp_path / "plan.json").read_text())
    assert saved["solver"]["checked"]["creators"] > 5_000
    again = command("report", str(tmp_path / "plan.json"))
    assert "became offers" in " ".join(again.text.split())
