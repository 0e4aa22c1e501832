"""What a plan may come to, as it is told: text, page, workbook, comparison, frontier and command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from optimizer import goal, optimize
from optimizer.cli.commands import cli
from optimizer.language.numbers import chance
from optimizer.plan.saved import read_plan
from optimizer.report import formats
from optimizer.report.page.risk import chances_chart, distribution_chart, drivers_chart
from optimizer.report.sections.risk import (
    NOTHING_VARIES,
    likely_range,
    narrowing,
    ranges_table,
    risk_lines,
    risk_sections,
    rounded,
)
from tests.builders import scenario
from tests.ranged_cases import BASE, OFFERS, opened, planned, risk, values_of

# --- the two lines -------------------------------------------------------------------------------------------


def test_the_lines_at_the_top_say_the_range_and_the_chances() -> None:
    likely, kept = risk_lines(planned())
    found = risk().measures["engagements"]
    low, half, high = rounded([found.p10, found.p50, found.p90])
    (own,) = rounded([planned().objective.value])
    distribution = risk().distribution
    reached = sum(each >= planned().objective.value for each in distribution) / len(distribution)
    assert likely == (
        f"Likely {low} to {high} engagements, half of the cases above {half}: 1 in 10 is worse, 1 in 10 better; "
        f"{own} or more in {100 * reached:.0f} % of the cases."
    )
    budget = next(c.chance for c in risk().chances if c.limit == "budget")
    assert 0.2 < budget < 0.8
    assert kept == f"Chance to keep: budget {chance(budget)}."  # hours and hands are kept in all cases
    assert formats.text(planned()).splitlines()[3].startswith("Likely ")


def test_less_is_better_where_less_is_wanted() -> None:
    plan = optimize(scenario(**{**BASE, "objective": {"minimize": "cost"},
                                "limits": [{"measure": "engagements", "min": 300}]}))  # fmt: skip
    assert "1 in 10 is lower, 1 in 10 higher; " in risk_lines(plan)[0]
    assert risk_lines(plan)[0].endswith(" % of the cases.")
    assert " or less in " in risk_lines(plan)[0]
    assert " USD, half" in risk_lines(plan)[0]


def test_where_every_limit_is_kept_that_is_said() -> None:
    assert risk_lines(planned(budget=90_000, effort_hours=2_000))[1] == "Every limit is kept in all cases."


def test_several_limits_that_may_fail_have_a_chance_together() -> None:
    plan = planned(budget=3_000, effort_hours=26)
    failing = [c for c in risk(plan).chances if c.chance < 1]
    assert [c.limit for c in failing] == ["budget", "effort_hours"]
    assert risk_lines(plan)[1].endswith(f"; all limits together {chance(risk(plan).all_kept or 0)}.")
    assert (risk(plan).all_kept or 0) <= min(c.chance for c in failing)


def test_where_nothing_varies_one_line_says_so_and_there_is_no_table() -> None:
    plain = [
        {
            "name": "x",
            "cost_per_post": 10,
            "engagements_per_post": 5,
            "creators": {"max": 4},
            "hours_per_creator": 1,
        }
    ]
    plan = optimize(scenario(**{**BASE, "offers": plain, "limits": []}))
    assert not risk(plan).varies
    assert risk_lines(plan) == [NOTHING_VARIES]
    assert list(risk_sections(plan)) == []
    assert "What it may come to" not in formats.text(plan) + formats.markdown(plan) + formats.page(plan)


def test_without_risk_nothing_at_all_is_shown() -> None:
    plan = optimize(scenario(**BASE), draws=0)
    assert plan.risk is None
    whole = formats.text(plan) + formats.markdown(plan) + formats.page(plan)
    for word in ("Likely", "Chance to keep", NOTHING_VARIES, "What it may come to", "1 in 10"):
        assert word not in whole
    assert "Ranges" not in opened(formats.workbook(plan)).sheetnames


def test_an_objective_that_does_not_vary_is_said_to_be_sure() -> None:
    sure = [{**OFFERS[0], "engagement_rate": "4%", "spread": 0, "completion": "100%"}]
    plan = optimize(scenario(**{**BASE, "offers": sure, "budget": 1_000}))
    assert risk_lines(plan)[0] == "400 engagements in every case: nothing that it rests on has a range."
    assert risk(plan).drivers == ()


# --- numbers and words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([18_387, 46_110, 112_400], ["18,400", "46,100", "112,000"]),
        ([0.123, 4.5, 99.96], ["0.123", "4.50", "100"]),
        ([43_651, 43_660, 43_702], ["43,651", "43,660", "43,702"]),
        ([-4_191, -2_958, 258.8], ["-4,190", "-2,960", "259"]),
        ([0, 0, 12], ["0", "0", "12.0"]),
        ([-737.4, 75.04, 886.9], ["-737", "75", "887"]),
    ],
)
def test_ranges_have_three_digits_or_as_many_as_tell_them_apart(
    values: list[float], texts: list[str]
) -> None:
    assert rounded(values) == texts


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0 %"), (0.0001, "<1 %"), (0.424, "42 %"), (0.9999, ">99 %"), (1, "100 %")]
)
def test_only_what_never_or_always_happens_is_0_or_100_percent(share: float, text: str) -> None:
    assert chance(share) == text


def test_the_table_has_what_varies_with_the_plan_beside_it() -> None:
    table = ranges_table(planned(), risk())
    assert [row[0] for row in table.rows] == ["engagements", "cost, USD", "hours"]
    assert table.rows[1][1] == rounded([planned().totals.cost or 0])[0]
    assert "10,000 cases drawn (seed 1)" in table.note


def test_low_chances_of_the_budget_are_explained_by_fees_that_are_no_quotes() -> None:
    text = " ".join(formats.text(planned()).split())
    assert "because the fees of small are ranges of yours, not quotes" in text
    quoted = [{**OFFERS[0], "cost_per_post": 100}, OFFERS[1]]
    assert "not quotes" not in " ".join(
        formats.text(optimize(scenario(**{**BASE, "offers": quoted}))).split()
    )


def test_what_to_ask_first_is_the_number_that_causes_most() -> None:
    first = risk().drivers[0]
    assert (first.field, first.offer) in (("engagement_rate", "small"), ("engagement_rate", "large"))
    assert narrowing(planned(), risk()).startswith(
        f"What to ask first: the engagement_rate of the last posts of the creators you have in mind for {first.offer}"
    )
    differing = [{**OFFERS[0], "spread": 1.5, "creators": {"max": 2}}]
    plan = optimize(scenario(**{**BASE, "offers": differing}))
    assert narrowing(plan, risk(plan)).startswith("How creators of small differ weighs most")


# --- page and workbook -------------------------------------------------------------------------------------------


def test_the_picture_has_50_dots_five_of_them_beyond_each_end() -> None:
    chart = distribution_chart(planned(), risk())
    assert chart is not None
    for spec in (chart.wide, chart.narrow):
        dots = values_of(spec, "below")
        assert len(dots) == 50
        colours = [dot["colour"] for dot in dots]
        assert [colours.count(c) for c in dict.fromkeys(colours)] == [5, 40, 5]
        words = {row["word"] for row in values_of(spec, "word")}
        assert any(word.startswith("plan ") for word in words)
        assert sum(word.startswith("1 in 10 ") for word in words) == 2
    assert f"{likely_range(planned(), risk())}." in chart.finding
    assert risk_lines(planned())[0].startswith(likely_range(planned(), risk()))
    below = {row[0]: row[1] for row in chart.table.rows}
    found = risk().measures["engagements"]
    assert (below["10 % of the cases"], below["90 % of the cases"]) == tuple(rounded([found.p10, found.p90]))


def test_chances_and_drivers_are_bars_of_their_shares() -> None:
    plan = planned(budget=3_000, effort_hours=26)
    chances, drivers = chances_chart(risk(plan)), drivers_chart(plan, risk(plan))
    assert chances is not None
    assert drivers is not None
    shares = [row["share"] for row in values_of(chances.wide, "said")][:3]
    assert shares == [c.chance for c in risk(plan).chances if c.chance < 1] + [risk(plan).all_kept]
    assert values_of(drivers.wide, "said")[0]["share"] == risk(plan).drivers[0].share_of_variance
    page = formats.page(plan)
    for title in ("What it may come to", "Chance to keep the limits", "Where the range comes from"):
        assert title in page


def test_the_workbook_has_ranges_as_constants_and_says_so() -> None:
    sheet = opened(formats.workbook(planned()))["Ranges"]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell for cell in cells if str(cell.value).startswith("=")]
    assert any("Constants: drawn when this file was made" in str(cell.value) for cell in cells)
    rows = {row[0].value: [cell.value for cell in row[1:]] for row in sheet.iter_rows() if row[0].value}
    found = risk().measures["engagements"]
    assert rows["engagements (objective)"][:4] == [
        pytest.approx(v) for v in (planned().totals.engagements, found.p10, found.p50, found.p90)
    ]
    assert rows["budget"][0] == pytest.approx(next(c.chance for c in risk().chances if c.limit == "budget"))


# --- goals, saved plans, command line ------------------------------------------------------------------------------


def test_a_goal_says_how_sure_it_is_to_be_reached() -> None:
    answer = goal(scenario(**BASE), {"engagements": 900})
    assert answer.plan is not None
    share = next(c.chance for c in risk(answer.plan).chances if c.limit == "goal: engagements")
    assert f"goal: engagements {chance(share)}" in " ".join(formats.text(answer).split())
    without = goal(scenario(**BASE), {"engagements": 900}, draws=0)
    assert without.plan is not None
    assert without.plan.risk is None


def test_a_saved_plan_reads_back_equal_and_one_of_old_without_risk_too() -> None:
    text = planned().model_dump_json()
    assert read_plan(text, "plan.json") == planned()
    old = json.loads(text)
    del old["risk"]
    assert read_plan(json.dumps(old), "plan.json").risk is None


def test_json_has_the_shape_of_the_documents() -> None:
    found = json.loads(planned().model_dump_json())["risk"]
    assert {
        "draws",
        "seed",
        "varies",
        "measures",
        "objective",
        "distribution",
        "chances",
        "all_kept",
        "drivers",
    } == set(found)
    assert {"p10", "p50", "p90", "mean", "sd"} == set(found["measures"]["engagements"])
    assert {"cost", "hours"} <= set(found["measures"])
    assert found["objective"] is None  # reach in some segments only
    assert len(found["distribution"]) == 99
    assert found["distribution"][9] == found["measures"]["engagements"]["p10"]
    assert set(found["chances"][0]) == {"limit", "chance"}
    assert {"assumption", "share_of_variance"} < set(found["drivers"][0])


def test_strengths_of_correlation_are_assumptions_where_anything_varies() -> None:
    rows = {a.field: a for a in planned().assumptions if a.field.startswith("correlation.")}
    assert {field: a.value for field, a in rows.items()} == {
        "correlation.market": 0.3,
        "correlation.platform": 0.2,
        "correlation.tier": 0.1,
    }
    assert all(a.origin == "assumption" and a.source and not a.offer for a in rows.values())
    own = optimize(scenario(**BASE, correlation={"market": "45%"}))
    mine = next(a for a in own.assumptions if a.field == "correlation.market")
    assert (mine.value, mine.origin) == (0.45, "yours")


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "a.yaml"
    path.write_text(json.dumps(BASE), encoding="utf-8")
    return str(path)


def run(*arguments: str) -> Any:
    return CliRunner().invoke(cli, list(arguments))


def test_the_command_draws_as_it_is_told(file: str) -> None:
    asked = json.loads(run(file, "--draws", "500", "--seed", "7", "--format", "json").stdout)["risk"]
    assert (asked["draws"], asked["seed"]) == (500, 7)
    assert (
        json.loads(run(file, "--format", "json").stdout)["risk"]
        == json.loads(planned().model_dump_json())["risk"]
    )
    assert json.loads(run(file, "--no-risk", "--format", "json").stdout)["risk"] is None
    assert "Likely" not in run(file, "--no-risk").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--draws", "99"], "'--draws': 99 is not in the range 100<=x<=1000000"),
        (["--draws", "1000001"], "'--draws': 1000001 is not in the range"),
        (["--seed", "-1"], "'--seed': -1 is not in the range x>=0"),
        (
            ["--no-risk", "--draws", "500"],
            "--no-risk draws nothing, so --draws says nothing; leave one of them out",
        ),
        (["--no-risk", "--draws", "500", "--seed", "2"], "so --draws and --seed say nothing"),
    ],
)
def test_options_that_mean_nothing_are_refused(file: str, arguments: list[str], said: str) -> None:
    found = run(file, *arguments)
    assert found.exit_code == 2
    assert said in " ".join(found.stderr.split())


def test_compare_frontier_and_goal_leave_it_out_where_asked(file: str, tmp_path: Path) -> None:
    other = tmp_path / "b.yaml"
    other.write_text(json.dumps({**BASE, "name": "B", "budget": 4_000}), encoding="utf-8")
    pair = ["compare", file, str(other), "--no-bridge"]
    assert "B beats A in" in run(*pair).stdout
    assert "beats" not in run(*pair, "--no-risk").stdout
    curve = ["frontier", file, "--over", "budget=1k,3k", "--jobs", "1", "--format", "json"]
    assert json.loads(run(*curve).stdout)["points"][0]["range"]["p10"] > 0
    assert json.loads(run(*curve, "--no-risk").stdout)["points"][0]["range"] is None
    assert "Likely" in run("goal", file, "--engagements", "300").stdout
    assert "Likely" not in run("goal", file, "--engagements", "300", "--no-risk").stdout


def test_a_saved_plan_is_shown_with_its_ranges_without_drawing(file: str, tmp_path: Path) -> None:
    saved = str(tmp_path / "p.json")
    assert run(file, "--draws", "300", "-o", saved).exit_code == 0
    shown = run("report", saved).stdout
    assert "Likely" in shown
    assert "300 cases drawn" in shown
