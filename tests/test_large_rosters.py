"""Rosters too large to make an offer of each row: the plan and its bound are over all rows, the scenario has a few."""

from __future__ import annotations

import json
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from optimizer.finance.compare.compare import compare
from optimizer.finance.frontier.frontier import frontier
from optimizer.flow import optimize
from optimizer.language.errors import InfeasibleError, ScenarioError, SolverError
from optimizer.load import finished, load_scenario, opened
from optimizer.plan.saved import read_plan
from optimizer.report import formats
from optimizer.roster import expand, read
from optimizer.scenario.scenario import Scenario
from optimizer.solve import kept, sieve
from optimizer.whatif.explain.explain import explain
from optimizer.whatif.goal import goal
from optimizer.whatif.replan.replan import replan
from optimizer.whatif.replan.signed import read_signed
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
        assert "Looked at here" not in shown


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


def test_a_goal_is_planned_over_all_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path)
    few, every = load_scenario(path), whole(path, monkeypatch)
    wanted = {"engagements": 400_000}
    found = goal(few, wanted, draws=0)
    least = every.with_changes({"objective": {"minimize": "cost"}, "budget": None, "effort_hours": 400})
    floor = {"measure": "engagements", "min": 400_000}
    limits = [*least.model_dump(mode="json", exclude_unset=True)["limits"], floor]
    theirs = optimize(least.with_changes({"limits": limits}), draws=0)
    assert (found.kept, found.creators) == (0, len(every.offers))
    assert found.plan is not None
    assert found.needed is not None
    assert found.bound is not None
    assert theirs.objective.bound is not None
    assert found.plan.totals.engagements is not None
    assert found.plan.totals.engagements >= 400_000
    assert found.bound <= theirs.objective.value * (1 + 1e-12)
    assert theirs.objective.bound <= found.needed * (1 + 1e-12)
    assert found.needed == pytest.approx(theirs.objective.value, rel=2e-3)
    assert not found.proven
    text = " ".join(formats.text(found).split())
    assert f"All {len(every.offers)} creators were looked at for this" in text
    assert "Not proven to the last digit: no less than" in text


def test_a_goal_out_of_reach_is_so_over_all_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path)
    few, every = load_scenario(path), whole(path, monkeypatch)
    found = goal(few, {"engagements": 10_000_000_000}, draws=0)
    assert found.plan is None
    assert (found.kept, found.creators) == (0, len(every.offers))
    (one,) = found.goals
    assert one.most is not None
    most = optimize(every.with_changes({"budget": None}), draws=0).objective
    assert one.most_status == "proven"
    assert most.value * (1 - 1e-12) <= one.most <= most.value * 1.01
    assert one.held_by


def test_a_goal_that_moves_a_share_is_told_by_the_few(tmp_path: Path) -> None:
    limits = [{"measure": "cost", "where": {"platform": "tiktok"}, "max": "50% of budget"}]
    few = load_scenario(written(tmp_path, limits=limits))
    found = goal(few, {"engagements": 300_000}, draws=0)
    assert found.kept == len(few.offers)
    assert f"Looked at here: {found.kept} of {found.creators} creators" in " ".join(
        formats.text(found).split()
    )


def test_a_frontier_looks_at_all_rows_for_each_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path)
    few, every = load_scenario(path), whole(path, monkeypatch)
    found = frontier(few, {"budget": [5_000, 60_000]}, draws=0)
    assert found.over_all
    booked = [{one.offer for one in point.bookings} for point in found.points]
    assert booked[1] - set(few.offer_names())  # creators whom today's budget does not keep
    for point, budget in zip(found.points, (5_000, 60_000), strict=True):
        theirs = optimize(every.with_changes({"budget": budget}), draws=0)
        assert point.value == pytest.approx(theirs.objective.value, rel=2e-3)
    assert f"All {few._sieved.creators} creators were looked at for each point" in " ".join(found.sentences)


def test_a_frontier_over_one_offer_is_told_by_the_few(tmp_path: Path) -> None:
    few = load_scenario(written(tmp_path, objective="posts"))
    path = few.path_to("offers", 0, "cost_per_post")
    found = frontier(few, {path: [1, 50]}, draws=0)
    assert not found.over_all
    assert any(line.startswith(f"Looked at here: {len(few.offers)} of") for line in found.sentences)


def test_a_scenario_of_a_few_says_so_wherever_it_goes(tmp_path: Path) -> None:
    few = load_scenario(written(tmp_path))
    again = few.with_changes({"budget": 40_000})
    carried = Scenario.model_validate(optimize(again, draws=0).inputs)
    assert few.chosen_from == again.chosen_from == carried.chosen_from == few._sieved.creators
    plan = optimize(carried, draws=0)
    assert (plan.scenario.kept, plan.scenario.creators) == (len(few.offers), few.chosen_from)
    for text in (formats.text(plan), formats.markdown(plan), formats.page(plan)):
        assert f"Looked at here: {len(few.offers)} of {few.chosen_from:.0f} creators" in " ".join(
            text.split()
        )


def test_replanning_keeps_whom_the_old_plan_booked(tmp_path: Path) -> None:
    path = written(tmp_path)
    old = optimize(load_scenario(path, {"budget": 60_000}), draws=0)
    poorer = load_scenario(path, {"budget": 8_000})
    gone = {line.offer for line in old.lines} - set(poorer.offer_names())
    assert gone
    found = replan(old, poorer, draws=0)
    assert all(change.offered for change in found.changes)
    signed = tmp_path / "signed.csv"
    signed.write_text(f"offer,creators\n{min(gone)},1\n", encoding="utf-8")
    kept_one = replan(old, poorer, keep=read_signed(signed, poorer), draws=0)
    assert min(gone) in {line.offer for line in kept_one.plan.lines}
    assert "Looked at here" in formats.text(kept_one)


def test_compared_scenarios_differ_in_what_differs(tmp_path: Path) -> None:
    path = written(tmp_path)
    pair = [load_scenario(path, {"budget": budget}) for budget in (8_000, 40_000)]
    assert set(pair[0].offer_names()) != set(pair[1].offer_names())
    found = compare(pair, names=["poor", "rich"], draws=0)
    assert [one.group for one in found.inputs] == ["budget"]
    for column, one in zip(found.columns, pair, strict=True):
        assert column.plan is not None
        assert column.plan.solver.checked.creators == one._sieved.creators
        assert column.plan.objective.bound == pytest.approx(one._sieved.bound)
    assert [part.name for part in found.bridges[0].groups] == ["budget"]
    assert sum("plan and bound are over all" in line for line in found.sentences) == 2


def test_an_explanation_prices_the_limits(tmp_path: Path) -> None:
    few = load_scenario(written(tmp_path))
    found = explain(few, sections=["prices"])
    assert found.prices
    assert any("Looked at here" in line for line in found.sentences)


def test_rows_travel_to_other_processes(tmp_path: Path) -> None:
    few = load_scenario(written(tmp_path))
    rows = pickle.loads(pickle.dumps(few._rows))
    there, here = rows.anew({"budget": 30_000}), few._rows.anew({"budget": 30_000})
    assert there.offer_names() == here.offer_names()
    assert there._sieved.bound == here._sieved.bound


def test_several_files_are_looked_at_by_an_executor(tmp_path: Path) -> None:
    path = written(tmp_path)
    opens = [opened(path, {"budget": budget}) for budget in (8_000, 40_000)]
    with ThreadPoolExecutor(2) as executor:
        there = finished(opens, executor)
    here = [load_scenario(path, {"budget": budget}) for budget in (8_000, 40_000)]
    for one, other in zip(there, here, strict=True):
        assert one == other
        assert one._sieved.bound == other._sieved.bound
    broken = opened(path, {"budget": 0, "limits[0].min": 60})
    lacking = opened(path, {"objective": "nonsense"})
    with ThreadPoolExecutor(2) as executor, pytest.raises(ScenarioError, match="nonsense"):
        finished([broken, lacking], executor)


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
    assert "became offers\n" in ran.message
    saved = json.loads((tmp_path / "plan.json").read_text())
    assert saved["solver"]["checked"]["creators"] > 5_000
    again = command("report", str(tmp_path / "plan.json"))
    assert "became offers" in " ".join(again.text.split())
