"""What is shown of reach over segments, measured overlaps and persons: text, page, CSV, comparison, questions."""

from __future__ import annotations

import csv
import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from optimizer import Scenario, alternatives, compare, explain, frontier, load_scenario, optimize, replan
from optimizer.cli.commands import cli
from optimizer.plan.plan import Plan
from optimizer.report.formats import csv as csv_of
from optimizer.report.formats import markdown, page, text
from optimizer.report.page.document import Beside
from optimizer.report.page.of_plan import page_of_plan
from optimizer.report.page.reach import segments_chart
from optimizer.report.page.render import svg
from optimizer.report.sections.reach import between_words, moved_line, shown_reach
from optimizer.report.sections.segments import floor_of

KNOWN = {"cost_per_post": 100, "hours_per_post": 1, "reach_rate": 1.0, "impressions_per_post": 3000}


def two(**more: Any) -> dict[str, Any]:
    """ana reaches 1,000 in US; kim's two offers reach 400 of ID each, the same people."""
    offers = [
        {"name": "ana", "followers": 2000, "segments": {"US": 0.5}, "creators": {"max": 1}, **KNOWN},
        {"name": "kim post", "person": "Kim Vale", "followers": 1000, "segments": {"ID": 0.4},
         "creators": {"min": 1, "max": 1}, **KNOWN},
        {"name": "kim video", "person": "Kim Vale", "followers": 1000, "segments": {"ID": 0.4},
         "creators": {"min": 1, "max": 1}, **KNOWN},
    ]  # fmt: skip
    limits = [{"measure": "reach", "segment": "ID", "min": 300}]
    audience = {"segments": {"US": 10_000, "ID": 2_000}}
    return {"name": "Two", "budget": 300, "objective": "reach", "audience": audience, "limits": limits,
            "offers": offers, **more}  # fmt: skip


def three(pairs: list[tuple[str, str, float]] | None = None, **more: Any) -> dict[str, Any]:
    """Three creators whose posts reach 1,000 of an audience of 10,000 each."""
    offers = [
        {"name": name, "followers": 1000, "creators": {"max": 1}, **KNOWN} for name in ("ana", "bo", "cy")
    ]
    overlaps = {"unit": "people", "pairs": pairs or [("ana", "bo", 500), ("bo", "cy", 0)]}
    audience = {"people": 10_000, "overlaps": overlaps}
    return {
        "name": "Three",
        "budget": 300,
        "objective": "reach",
        "audience": audience,
        "offers": offers,
        **more,
    }


@cache
def segmented() -> Plan:
    return optimize(Scenario(**two()), draws=0)


@cache
def overlapping() -> Plan:
    return optimize(Scenario(**three()), draws=0)


def lines_of(plan: Plan) -> list[str]:
    return text(plan, 200).splitlines()


def table(plan: Plan, title: str) -> list[list[str]]:
    found = lines_of(plan)
    start = found.index(title)
    rows = []
    for line in found[start + 1 :]:
        if not line.strip():
            break
        rows.append(line.split())
    return rows


def test_reach_by_segment_is_a_table_with_what_a_limit_asks_for() -> None:
    """By hand: 1,000 of 10,000, 400 of 2,000; ana's 1,500 impressions in US are 1.5 each, kim's 2,400 in ID 6."""
    rows = table(segmented(), "Reach by segment")
    assert rows[0] == ["segment", "people", "reached", "share", "frequency", "asked", "for"]
    assert rows[2:4] == [
        ["US", "10k", "1,000", "10", "%", "1.5"],
        ["ID", "2,000", "400", "20", "%", "6.0", "300"],
    ]
    assert "| ID | 2,000 | 400 | 20 % | 6.0 | 300 |" in markdown(segmented())
    free = optimize(Scenario(**two(limits=[])), draws=0)
    assert table(free, "Reach by segment")[0] == ["segment", "people", "reached", "share", "frequency"]


def test_a_floor_is_of_a_segment_where_it_counts_all_bookings_in_it_alone() -> None:
    limits = [
        {"measure": "reach", "segment": "ID", "where": {"name": "kim post"}, "min": 390},
        {"measure": "reach", "segment": "ID", "per": "creator", "min": 0},
        {"measure": "reach", "segment": ["US", "ID"], "min": 395},
        {"measure": "reach", "min": 396},
        {"measure": "reach", "segment": "ID", "min": 250, "name": "low"},
        {"measure": "reach", "segment": "ID", "min": 260, "name": "high"},
    ]
    plan = optimize(Scenario(**two(limits=limits)), draws=0)
    assert (floor_of(plan, "ID"), floor_of(plan, "US")) == (260, None)


def test_totals_say_that_overlap_is_inside_segments_and_who_is_one_person() -> None:
    shown = "\n".join(lines_of(segmented()))
    assert "reach: about 1,400 people, 12 % of the audience (estimate, audiences taken as independent inside each " \
        "segment)" in shown  # fmt: skip
    assert (
        "one person on several offers reaches the same people, counted once: Kim Vale (kim post, kim video)"
        in shown
    )
    audience = {"segments": {"US": 10_000, "ID": 2_000}, "overlap": "12%"}
    again = text(optimize(Scenario(**two(audience=audience)), draws=0), 200)
    assert "with 12 % overlap inside each segment)" in again


def test_measured_overlaps_put_reach_between_two_numbers() -> None:
    """By hand: ana and bo share 500 of 1,000 each, bo and cy nobody, ana and cy are unknown (up to 1,000).

    At most 3,000 - 500 - 0. At least: of ana and bo 1,500; with cy, who may lie in ana, no more for sure but 1,500 +
    what bo and cy do not share: bo and cy alone are 2,000.
    """
    plan = overlapping()
    assert plan.measured is not None
    assert (plan.measured.how, plan.measured.creators, plan.measured.pairs, plan.measured.unknown) == (
        "overlaps", 3, 2, 1
    )  # fmt: skip
    assert plan.measured.high == pytest.approx(2500)
    assert 2000 - 1e-6 <= plan.measured.low <= 2000 + 1e-6
    assert between_words(plan).startswith(
        "between 2,000 and 2,500 people whatever the audiences, estimate 2,"
    )
    shown = "\n".join(lines_of(plan))
    assert f"  {between_words(plan)}\n" in shown
    assert "(estimate, from measured overlaps, 25 % on average)" in shown  # 500 / (1,000 + 1,000)
    assert "segments fitted to 2 of 3 pairs of 3 creators: overlaps met to" in shown
    assert plan.measured.low <= plan.totals.reach <= plan.measured.high
    assert moved_line(plan) == ""


def test_bounds_are_rounded_outwards() -> None:
    plan = overlapping()
    measured = plan.measured.model_copy(update={"low": 311_580.2, "high": 395_100.0})
    plan = plan.model_copy(update={"measured": measured})
    assert between_words(plan).startswith("between 311k and 396k people")


@pytest.mark.parametrize(
    ("low", "high", "side", "shown"), [(100.0, 2000.0, "more", 2000), (2600.0, 2700.0, "fewer", 2600)]
)
def test_an_estimate_beyond_the_bounds_is_shown_at_them_and_the_proof_stays_its_own(
    low: float, high: float, side: str, shown: int
) -> None:
    plan = overlapping()
    plan = plan.model_copy(update={"measured": plan.measured.model_copy(update={"low": low, "high": high})})
    assert shown_reach(plan) == shown
    found = lines_of(plan)
    assert found[1].startswith(f"{shown:,} people for 300 USD")
    estimate = f"{round(plan.totals.reach):,}"
    said = (
        f"The estimate, which is what was proven, is {estimate} people: {side} than sizes and measured pairs allow, so "
        f"{shown:,} are shown."
    )
    assert said in found
    assert any(line.strip().startswith(f"reach: about {shown:,} people") for line in found)
    assert any(line.strip().startswith(f"maximize reach: found {estimate} people, bound") for line in found)
    tile = page_of_plan(plan, None, None).tiles[0]
    assert tile.value == f"{shown:,}"


def test_bounds_of_everybody_known_are_one_number_and_say_nothing() -> None:
    plan = optimize(Scenario(**three([("ana", "bo", 500)], budget=200, limits=[
        {"measure": "creators", "where": {"name": "cy"}, "max": 0}])), draws=0)  # fmt: skip
    assert plan.measured.low == pytest.approx(plan.measured.high) == pytest.approx(1500)
    assert between_words(plan) == ""


def test_followers_are_counted_and_have_no_bounds() -> None:
    groups = [[["ana", "bo"], 500], [["ana"], 500], [["bo"], 500], [["cy"], 1000]]
    audience = {"people": 10_000, "followers": {"groups": groups}}
    plan = optimize(Scenario(**three(audience=audience)), draws=0)
    assert (plan.measured.how, plan.measured.segments, plan.measured.low) == ("followers", 5, None)
    assert plan.totals.reach == pytest.approx(2500, rel=1e-3)
    shown = "\n".join(lines_of(plan))
    assert "(estimate, from who follows whom)" in shown
    assert "counted over 5 groups of people who follow the same of 3 creators" in shown


def test_the_page_has_the_picture_beside_the_table_and_marks_the_floor() -> None:
    plan = segmented()
    chart = segments_chart(plan)
    assert chart is not None
    (block,) = [b for b in page_of_plan(plan, None, None).blocks if isinstance(b, Beside) and b.left == chart]
    assert block.title == "Reach by segment"
    bars, ticks, *_ = chart.wide["layer"]
    assert [(row["name"], row["share"], row["label"]) for row in bars["data"]["values"]] == [
        ("US", pytest.approx(0.1), "1,000 of 10k, 10 %"), ("ID", pytest.approx(0.2), "400 of 2,000, 20 %"),
    ]  # fmt: skip
    assert [(row["name"], row["where"]) for row in ticks["data"]["values"]] == [("ID", pytest.approx(0.15))]
    assert chart.takeaway == "ID is reached most, 20 % of it, US least, 10 %."
    assert (
        chart.finding
        == "US: 1,000 of 10k people, 10 %; ID: 400 of 2,000 people, 20 % (at least 300 asked for)."
    )
    for spec in (chart.wide, chart.narrow):
        drawn = svg(spec, "x")
        assert ">400 of 2,000, 20 %<" in drawn
    assert 'id="segments"' in page(plan)


def test_a_page_without_segments_has_no_picture_of_them_and_says_what_reach_lies_between() -> None:
    plan = overlapping()
    assert segments_chart(plan) is None
    assert page_of_plan(plan, None, None).tiles[0].note == "maximized; 2,000 to 2,500 whatever the audiences"
    assert between_words(plan) in page(plan)


def test_many_segments_are_drawn_as_far_as_there_is_room() -> None:
    names = [f"part {i}" for i in range(20)]
    audience = {"segments": {name: 1000 + i for i, name in enumerate(names)}}
    offer = {"name": "ana", "followers": 2000, "segments": dict.fromkeys(names, 0.05), **KNOWN}
    plan = optimize(
        Scenario(**two(audience=audience, limits=[], offers=[offer | {"creators": {"max": 1}}])), draws=0
    )
    chart = segments_chart(plan)
    assert [row["name"] for row in chart.wide["layer"][0]["data"]["values"]] == names[4:]
    assert "4 smaller ones are in the table." in chart.notes
    assert len(chart.table.rows) == 20


def test_csv_and_json_name_the_person_where_there_is_one() -> None:
    header, *rows = csv.reader(io.StringIO(csv_of(segmented())))
    assert header[-1] == "person"
    assert [(row[0], row[-1]) for row in rows] == [
        ("ana", ""),
        ("kim post", "Kim Vale"),
        ("kim video", "Kim Vale"),
    ]
    assert "person" not in csv_of(overlapping()).splitlines()[0]
    data = json.loads(segmented().model_dump_json())
    assert [line["person"] for line in data["lines"]] == [None, "Kim Vale", "Kim Vale"]
    limits = {limit["name"]: limit["scope"]["segments"] for limit in data["limits"]}
    assert limits == {"budget": [], "reach (ID)": ["ID"]}


def test_a_comparison_puts_the_segments_side_by_side() -> None:
    """Without ana nobody of US is reached."""
    base = Scenario(**two(budget=300))
    found = compare([base, base.with_changes({"budget": 200})], names=["All", "Less"], draws=0)
    us, indonesia = found.segments
    assert (us.name, indonesia.name) == ("US", "ID")
    assert us.reached == (pytest.approx(1000), 0)
    assert indonesia.shares == (pytest.approx(0.2), pytest.approx(0.2))
    shown = text(found, 120)
    assert "  US 1,000 (10 %)    0 (0 %) -1,000 -100 %" in shown
    assert "  ID   400 (20 %) 400 (20 %)      0    0 %" in shown
    rows = [row for row in csv.reader(io.StringIO(csv_of(found))) if row[0] == "segment"]
    assert [(row[1], row[4], float(row[5])) for row in rows] == [
        ("US", "All", pytest.approx(1000)), ("US", "Less", 0),
        ("ID", "All", pytest.approx(400)), ("ID", "Less", pytest.approx(400)),
    ]  # fmt: skip


def test_audiences_with_other_segments_are_not_put_side_by_side() -> None:
    other = two(audience={"segments": {"US": 10_000, "VN": 2_000}}, limits=[])
    other["offers"] = [{k: v for k, v in offer.items() if k != "segments"} for offer in other["offers"]]
    found = compare([Scenario(**two()), Scenario(**other)], draws=0)
    assert found.segments == ()
    assert "Reach by segment" not in text(found, 120)


def test_limits_and_axes_name_the_segment() -> None:
    scenario = Scenario(**two())
    free = {"offers[1].creators.min": 0, "offers[2].creators.min": 0}
    tight = scenario.with_changes({"objective": {"minimize": "cost"}, "limits[0].min": 390, **free})
    found = explain(tight, sections=["prices", "rules"])
    asked = {rule.name: rule.text for rule in found.rules}
    assert asked["reach (ID)"] == "reach in ID at least 390"
    assert "reach (ID): 390, in USD per person" in text(found, 120)
    curve = (
        frontier(scenario, "limits[0].min=200,300", draws=0)
        if False
        else frontier(scenario, "limits[0].min=200,300")
    )
    assert curve.axes[0].label == "floor of reach in ID"
    assert "per person" in text(curve, 120)
    sizes = frontier(scenario, "audience.segments.ID=1000,2000")
    assert (sizes.axes[0].label, sizes.axes[0].unit) == ("people in ID", "people")


def test_nobody_is_priced_a_second_time_who_is_one_person_or_measured() -> None:
    """A second ana would be another creator, of whom nothing is measured."""
    for data in (three(budget=200), two()):
        found = explain(Scenario(**data), sections=["prices"])
        rooms = [price for price in found.prices if price.name.endswith("available")]
        named = {"kim post", "kim video"} if data["name"] == "Two" else {"ana", "bo", "cy"}
        told = [price for price in rooms if price.name.removesuffix(": available") in named]
        assert told
        assert all(point.step < 0 for price in told for point in price.points)
    more = [p.points for p in found.prices if p.name == "ana: available"]
    assert any(point.step > 0 for points in more for point in points), "ana of Two is nobody in particular"


def test_answers_about_reach_in_one_segment_say_in_which() -> None:
    scenario = Scenario(**two(objective={"maximize": "reach", "segment": "ID"}))
    found = explain(scenario, sections=["rules"])
    assert text(found, 120).splitlines()[1] == "Why this plan: maximize reach in ID, 400 people in ID."
    curve = text(frontier(scenario, "budget=200,300"), 120)
    assert "Budget in USD, result in people in ID" in curve
    near = text(alternatives(scenario), 120)
    assert "at least 392 people in ID (best 400 people in ID)" in near
    again = text(replan(optimize(scenario, draws=0), scenario, draws=0), 120)
    assert "The plan brings 400 people in ID" in again


def test_a_comparison_of_reach_in_one_segment_is_about_that() -> None:
    scenario = Scenario(**two(objective={"maximize": "reach", "segment": "US"}))
    found = compare([scenario, scenario.with_changes({"budget": 200})], names=["All", "Less"], draws=0)
    first = found.figures[0]
    assert (first.measure, first.unit, first.values) == (
        "reach in US",
        "people in US",
        (pytest.approx(1000), 0),
    )
    assert text(found, 200).splitlines()[1].startswith("Less brings 1,000 fewer people in US than All")


def test_an_export_is_planned_and_shown_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_text("a,b,people\nana,bo,500\nbo,cy,100\n", encoding="utf-8")
    rows = "".join(
        f"  - {{name: {name}, followers: 1000, reach_rate: 100%, cost_per_post: 100, creators: {{max: 1}}}}\n"
        for name in ("ana", "bo", "cy")
    )
    for said, flagged in (("pairs.csv", True), ("{file: pairs.csv, unlisted: unknown}", False)):
        (tmp_path / "s.yaml").write_text(
            f"budget: 300\nobjective: reach\naudience: {{people: 10_000, overlaps: {said}}}\noffers:\n{rows}",
            encoding="utf-8",
        )
        result = CliRunner().invoke(cli, [str(tmp_path / "s.yaml")])
        assert result.exit_code == 0, result.output
        words = " ".join(result.output.split())
        assert ("The export lists 2 of 3 pairs" in words) is flagged
        assert "between 1,900 and 2,400 people whatever the audiences" in words
        flags = [flag.code for flag in optimize(load_scenario(tmp_path / "s.yaml")).flags]
        assert flags.count("overlaps-unlisted") == int(flagged)
