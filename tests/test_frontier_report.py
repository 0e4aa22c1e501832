"""`optimize frontier`: text, Markdown, CSV, JSON, exit codes and messages."""

from __future__ import annotations

import csv
import io
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from optimizer import load_scenario
from optimizer.cli.commands import cli
from optimizer.finance.frontier import frontier as module
from optimizer.finance.frontier.frontier import frontier
from optimizer.finance.frontier.result import Frontier, FrontierPoint
from optimizer.report.formats import csv as csv_of
from optimizer.report.layout.parts import Table
from optimizer.report.layout.text import sections_text
from optimizer.report.sections.frontier import frontier_sections, mix_text
from tests.builders import scenario
from tests.once import jobs_done_once

SCENARIOS = Path(__file__).resolve().parents[1] / "scenarios"
QUICKSTART = str(SCENARIOS / "quickstart.yaml")


def run(*words: object) -> Result:
    result = CliRunner().invoke(cli, ["frontier", *map(str, words)], prog_name="optimize")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


solved_once = pytest.fixture(scope="module", autouse=True)(jobs_done_once)


@pytest.fixture(scope="module")
def curve() -> Frontier:
    return frontier(load_scenario(QUICKSTART), "budget=5k:60k:5k")


@pytest.fixture(scope="module")
def grid() -> Frontier:
    return frontier(load_scenario(QUICKSTART), ["budget=5k:60k:5k", "effort_hours=40:400:40"])


def fail_at_ten(text: str, at: list[float], *rest: Any) -> FrontierPoint:
    if at == [10_000]:
        raise OSError("disk\nfull")
    return solve_point(text, at, *rest)


solve_point = module.solve_point

# --- text and Markdown -------------------------------------------------------------------------------------


def test_the_answer_the_findings_and_the_curve(curve: Frontier) -> None:
    text = sections_text("Quickstart", frontier_sections(curve))
    assert text.splitlines()[1:3] == [
        "Most engagements for budget from 5,000 to 60,000 USD: 13,250 to 48,400",
        "engagements; today (20,000 USD) 32,000.",
    ]
    plain = re.sub(r"\s+", " ", text)
    assert all(sentence in plain for sentence in curve.sentences)
    row = next(line for line in text.splitlines() if "*20,000" in line)
    # 32,000 for 20,000 USD, 32,000 - 26,450 = 5,550 more than for 15,000 USD
    assert row.split()[:6] == [
        "*20,000", "32,000", "0.923", "20,000", "0.625", "160",
    ]  # fmt: skip
    assert "*: today" in text


def test_maps_show_values_leaders_and_what_holds(grid: Frontier) -> None:
    tables = [part for part in frontier_sections(grid) if isinstance(part, Table)]
    assert [table.title for table in tables] == [
        "Most engagements", "Largest share of the money", "What holds the plan",
    ]  # fmt: skip
    by_place = {tuple(point.at): point for point in grid.points}
    column = 1 + grid.axes[1].values.index(160)
    row = grid.axes[0].values.index(20_000)
    assert [table.rows[row][column] for table in tables] == ["[32k]", "macro", "both"]
    assert tables[1].rows[0][-1] == by_place[5_000, 400].leader


@pytest.mark.parametrize("kind", ["curve", "grid"])
def test_text_stays_within_80_columns(kind: str, request: pytest.FixtureRequest) -> None:
    found = request.getfixturevalue(kind)
    lines = sections_text("Quickstart", frontier_sections(found)).splitlines()
    assert max(map(len, lines)) <= 80


def test_long_names_and_many_limits_stay_within_80_columns() -> None:
    launch = load_scenario(SCENARIOS / "launch-us.yaml")
    for over in ("limits.youtube share.min=0%:60%:30%", "offers.micro-instagram-reel.cost_per_post=200,400"):
        lines = sections_text("x", frontier_sections(frontier(launch, over))).splitlines()
        assert max(map(len, lines)) <= 80


def test_a_long_curve_is_thinned_on_the_screen_and_whole_in_files() -> None:
    found = frontier(load_scenario(QUICKSTART), "budget=10k:40k:250")
    screen, whole = (
        next(part for part in frontier_sections(found, every_point=every) if isinstance(part, Table))
        for every in (False, True)
    )
    assert len(whole.rows) == 121
    assert 20 < len(screen.rows) <= 60
    assert f"{121 - len(screen.rows)} points between these are left out" in screen.note
    assert any("*20,000" in row for row in screen.rows)


def test_what_each_unit_brings_is_told_from_the_row_above() -> None:
    """Today's 20,000 stands between two points: 20,000 - 14,875 spent for 32,000 - 26,450 engagements, then 24,800 -
    20,000 for 36,800 - 32,000: by what is spent, as in a comparison of the two plans."""
    found = frontier(load_scenario(QUICKSTART), "budget=15k:25k:10k")
    (table,) = (part for part in frontier_sections(found) if isinstance(part, Table))
    assert [row[:3] for row in table.rows] == [
        ["15,000", "26,450", ""],
        ["*20,000", "32,000", "0.923"],
        ["25,000", "36,800", "1.00"],
    ]
    long = frontier(load_scenario(QUICKSTART), "budget=10k:40k:250")
    (table,) = (part for part in frontier_sections(long) if isinstance(part, Table))
    chosen = [1, 2, table.columns.index("cost")]  # result, USD each, cost
    column = [[float(row[i].replace(",", "").replace("–", "") or 0) for i in chosen] for row in table.rows]
    priced = 0
    for above, row in pairwise(column):
        more, spent = row[0] - above[0], row[2] - above[2]
        if more > 0 and spent > 0:
            priced += 1
            assert row[1] == pytest.approx(spent / more, rel=6e-3, abs=1e-3)
    assert priced > 10


def test_a_map_that_books_nobody_somewhere_does_not_say_at_every_point() -> None:
    one = load_scenario(QUICKSTART, {"offers": [{"tier": "nano", "cost_per_post": 75, "engagements_per_post": 9,
                                                 "hours_per_creator": 5}]})  # fmt: skip
    found = frontier(one, ["budget=0,1k", "effort_hours=100,200"])
    assert not any("money goes to" in s and "at every point" in s for s in found.sentences)
    assert any(s.endswith("wherever creators are booked.") for s in found.sentences)


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_solved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def solved(*_: object, **__: object) -> None:
        raise AssertionError("solved all the same")

    monkeypatch.setattr("optimizer.finance.frontier.frontier.frontier", solved)
    result = run(QUICKSTART, "--over", "budget=5k:45k:50", "-o", tmp_path / "none" / "x.csv")
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_more_money_that_makes_it_worse_saves_nothing() -> None:
    """5 % of the budget have to go to nano creators of 75 USD and 5 hours: 14 at 20,000 USD, 15 at 22,000."""
    stars = {"name": "nano", "measure": "cost", "where": {"tier": "nano"}, "min": "5% of budget"}
    hours = load_scenario(QUICKSTART, {"objective": {"minimize": "hours"}, "limits": [stars]})
    found = frontier(hours, "budget=20k:24k:2k")
    assert found.sentences[0] == "The next 2,000 USD after today's 20,000 make the result worse, by 5 hours."


def test_shares_in_words_add_up_to_100(curve: Frontier) -> None:
    by_budget = {point.at[0]: mix_text(point) for point in curve.points}
    assert by_budget[20_000] == "macro 80, micro 20"
    for text in by_budget.values():
        assert sum(int(n) for n in re.findall(r"(?<![<\d])\d+", text)) in (99, 100)


# --- CSV ---------------------------------------------------------------------------------------------------


def test_a_csv_has_one_row_for_each_point_and_unrounded_numbers(curve: Frontier) -> None:
    rows = list(csv.DictReader(io.StringIO(csv_of(curve))))
    assert len(rows) == len(curve.points)
    assert list(rows[0])[:8] == [
        "budget",
        "status",
        "message",
        "value",
        "best",
        "gap",
        "marginal",
        "cost_of_each",
    ]
    for row, point, before in zip(rows, curve.points, [None, *curve.points], strict=False):
        assert (float(row["budget"]), row["status"]) == (point.at[0], "optimal")
        assert point.totals is not None
        assert float(row["value"]) == point.value
        assert float(row["cost"]) == point.totals.cost
        shares = [float(row[name]) for name in row if name.startswith("share_")]
        assert sum(shares) == pytest.approx(1)
        assert row["binding"] == "; ".join(point.binding)
        if before is not None and before.best is not None and point.best is not None:
            assert float(row["marginal"]) == pytest.approx((point.best - before.best) / 5_000)
    assert rows[0]["marginal"] == ""


def test_a_csv_of_a_map_has_both_axes_and_points_without_a_plan_are_empty(grid: Frontier) -> None:
    header, *rows = csv.reader(io.StringIO(csv_of(grid)))
    assert header[:3] == ["budget", "effort_hours", "status"]
    assert len(rows) == len(grid.points)
    tight = frontier(load_scenario(SCENARIOS / "too-tight.yaml"), "budget=5k,30k")
    none, _ = csv.DictReader(io.StringIO(csv_of(tight)))
    assert (none["status"], none["value"], none["cost"], none["share_micro"]) == ("infeasible", "", "", "")


# --- the command -------------------------------------------------------------------------------------------


def test_every_format_by_option_and_by_ending(tmp_path: Path, curve: Frontier) -> None:
    words = (QUICKSTART, "--over", "budget=5k:60k:5k", "--jobs", "1")
    assert Frontier.model_validate_json(run(*words, "--format", "json").stdout) == curve
    assert run(*words, "--format", "csv").stdout == csv_of(curve)
    assert run(*words).stdout == sections_text("Quickstart", frontier_sections(curve))
    for ending, start in (
        (".md", "# Quickstart\n"),
        (".json", "{"),
        (".csv", "budget,status"),
        (".txt", "Q"),
    ):
        path = tmp_path / f"frontier{ending}"
        result = run(*words, "-o", path)
        assert (result.exit_code, result.stdout, result.stderr) == (0, "", f"wrote {path}\n")
        assert path.read_text(encoding="utf-8").startswith(start)


def test_two_processes_say_the_same_as_one() -> None:
    words = (QUICKSTART, "--over", "budget=10k,20k", "--over", "effort_hours=120,160", "--format", "json")
    one, two = run(*words, "--jobs", "1"), run(*words, "--jobs", "2")
    assert (one.exit_code, two.exit_code) == (0, 0)
    assert one.stdout == two.stdout


def test_changes_and_the_gap_of_the_command_line_hold_at_every_point() -> None:
    words = (QUICKSTART, "--over", "budget=20k", "--jobs", "1", "--format", "json")
    fewer = Frontier.model_validate_json(run(*words, "--set", "effort_hours=120").stdout)
    assert fewer.points[0].best == 28_400
    loose = Frontier.model_validate_json(run(*words, "--gap", "30%").stdout)
    assert loose.points[0].gap is not None


def test_no_plan_anywhere_is_exit_3_and_what_failed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(SCENARIOS / "too-tight.yaml", "--over", "budget=5k:15k:5k", "--jobs", "1")
    assert result.exit_code == 3
    assert "no point has a plan" in result.stdout
    monkeypatch.setattr(module, "solve_point", fail_at_ten)
    result = run(QUICKSTART, "--over", "budget=10k,20k", "--jobs", "1")
    assert result.exit_code == 0
    assert result.stderr == "failed at budget 10,000: OSError: disk full\n1 of 2 points failed\n"
    result = run(QUICKSTART, "--over", "budget=10k", "--jobs", "1")
    assert result.exit_code == 4
    assert "no point has a plan" in result.stdout


def test_time_that_is_up_is_said() -> None:
    result = run(QUICKSTART, "--over", "budget=5k:45k:10", "--jobs", "1", "--total-time", "1.5")
    assert result.exit_code == 0
    assert re.search(r"time was up before [\d,]+ of 4,?001 points", result.stderr)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "Missing option '--over'"),
        (("--over", "budgt=1:2:1"), "--over budgt: there is no budgt (did you mean 'budget'?)"),
        (("--over", "budget=1:2:0"), "1 problem; nothing was planned"),
        (("--over", "budget=1k", "--scheduler", "tcp://127.0.0.1:1"), "the Dask scheduler tcp://127.0.0.1:1 cannot be"),
        (("--over", "budget=1k", "--scheduler", "tcp://x:1", "--jobs", "2"), "leave it out with --scheduler"),
        (("--over", "budget=1k", "--format", "xlsx"), "a workbook needs a file"),
    ],
)  # fmt: skip
def test_bad_usage_is_exit_2_without_a_traceback(words: tuple[str, ...], message: str) -> None:
    result = run(QUICKSTART, *words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_a_page_without_its_packages_is_refused_before_anything_is_solved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(module, "solve_point", None)
    result = run(QUICKSTART, "--over", "budget=10k,20k", "--jobs", "1", "--format", "html")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "pip install 'creatormix[report]'" in result.stderr


def test_workbooks_and_pages_are_written(tmp_path: Path) -> None:
    for ending, start in ((".xlsx", b"PK"), (".html", b"<!")):
        path = tmp_path / f"frontier{ending}"
        result = run(QUICKSTART, "--over", "budget=10k,20k,30k", "--jobs", "1", "-o", path)
        assert (result.exit_code, result.stderr) == (0, f"wrote {path}\n")
        assert path.read_bytes().startswith(start)


def test_a_map_without_any_plan_in_a_corner_says_where_plans_begin() -> None:
    tight = load_scenario(SCENARIOS / "too-tight.yaml")
    found = frontier(tight, ["budget=10k:40k:10k", "effort_hours=100:500:100"])
    assert (
        "There is no plan at 14 of 20 points: none below 30,000 USD, none below 300 hours." in found.sentences
    )
    tables = [part for part in frontier_sections(found) if isinstance(part, Table)]
    assert tables[0].rows[0][1:] == ["no plan"] * 5


def test_what_is_given_up_for_the_next_objective_stands_beside_the_best() -> None:
    found = frontier(load_scenario(SCENARIOS / "launch-us.yaml"), "budget=55k:65k:5k")
    values, bests = ([getattr(p, name) for p in found.points] for name in ("value", "best"))
    assert bests == sorted(bests)
    assert all(value <= best for value, best in zip(values, bests, strict=True))
    answer, *_, table = frontier_sections(found)
    assert "give some of them up for the next objective" in answer.lines[1]  # type: ignore[union-attr]
    assert isinstance(table, Table)
    assert table.columns[1] == "possible"
    place = table.columns.index("result")
    assert table.columns[place + 2] == "cost"  # of the same plan
    for row, p in zip(table.rows, [*found.points, found.today], strict=True):
        assert p is not None
        assert (row[1], row[place]) == (f"{p.best:,.0f}", f"{p.value:,.0f}")


def test_a_scenario_that_only_the_varied_number_limits_has_a_curve(tmp_path: Path) -> None:
    path = tmp_path / "open.yaml"
    path.write_text(
        "objective: engagements\noffers: [{name: a, cost_per_post: 10, engagements_per_post: 3}]\n",
        encoding="utf-8",
    )
    result = run(path, "--over", "budget=10:50:20", "--format", "json", "--jobs", 1)
    assert result.exit_code == 0, result.stderr
    found = Frontier.model_validate_json(result.stdout)
    assert [point.best for point in found.points] == [3, 9, 15]
    assert found.today is None
    assert found.axes[0].today is None
    refused = run(path, "--over", "offers.a.cost_per_post=10:50:20")
    assert refused.exit_code == 2
    assert "no limit holds engagements" in refused.stderr


def test_a_long_axis_is_headed_by_what_it_is() -> None:
    voice = {"name": "somebody", "cost_per_post": 5, "creators": {"max": 3}, "measures": {"part of voice": 2}}
    asked = scenario(
        budget=100, objective="part of voice", measures={"part of voice": {"per": "post"}}, offers=[voice]
    )
    found = frontier(asked, "offers.somebody.measures.part of voice=1,2")
    assert found.axes[0].label == "part of voice of somebody"
    (table,) = [part for part in frontier_sections(found) if isinstance(part, Table)]
    assert table.columns[0] == "part of voice"
