"""Plans as media plan files: valid by the published schema, tying out to the cent, equal for equal plans.

`python -m tests.test_mediaplan` writes the golden file anew.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner
from referencing import Registry, Resource

from optimizer import Plan, Scenario, ScenarioError, optimize
from optimizer.cli.commands import cli
from optimizer.mediaplan.write import mediaplan_json
from tests.builders import offer, scenario
from tests.stories import FOLDER, PLANNED, plan

PUBLISHED = Path(__file__).parent / "published" / "mediaplan"
GOLDEN = PUBLISHED / "quickstart.mediaplan.json"
DATES = {"start": "2026-03-01", "end": "2026-03-31"}
SET_DATES = "dates={start: 2026-03-01, end: 2026-03-31}"
QUICKSTART = str(FOLDER / "quickstart.yaml")
every_plan = pytest.mark.parametrize("name", PLANNED)

Data = dict[str, Any]


@cache
def exported(name: str) -> Data:
    return json.loads(mediaplan_json(plan(name, SET_DATES)))


@cache
def validator() -> jsonschema.Draft202012Validator:
    schemas = {path.name: json.loads(path.read_text("utf-8")) for path in PUBLISHED.glob("*.schema.json")}
    resources = [(name, Resource.from_contents(schema)) for name, schema in schemas.items()]
    return jsonschema.Draft202012Validator(
        schemas["mediaplan.schema.json"],
        registry=Registry().with_resources(resources),
        format_checker=jsonschema.FormatChecker(),
    )


def errors(document: Data) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in validator().iter_errors(document)]


def small(**changes: Any) -> Plan:
    """Two posts or one from up to three creators, with every part of a cost."""
    fields = {
        "name": "small",
        "dates": DATES,
        "budget": 1_000,
        "objective": "engagements",
        "fees": {"agency": "15%", "contingency": "5%"},
        "offers": [
            offer(
                "one",
                99.99,
                most=3,
                cost_per_creator=10,
                setup_cost=33.33,
                posts_per_creator={"min": 1, "max": 2},
                impressions_per_post=1_000,
                engagements_per_post=30,
                click_rate="1%",
                conversion_rate="10%",
                value_per_conversion=40,
                commission="10%",
            ),
            offer("two", 77.77, least=1, most=4, impressions_per_post=500, engagements_per_post=5,
                  click_rate="1%", conversion_rate="10%", value_per_conversion=40),
        ],
    }  # fmt: skip
    return optimize(scenario(**{**fields, **changes}))


def document(found: Plan) -> Data:
    return json.loads(mediaplan_json(found))


def total(items: list[Data], field: str) -> float:
    return round(sum(item.get(field, 0) for item in items), 6)


# --- the published schema ----------------------------------------------------------------------------------


@every_plan
def test_every_worked_scenario_gives_a_valid_file(name: str) -> None:
    assert errors(exported(name)) == []


def test_the_schema_can_fail() -> None:
    broken = json.loads(json.dumps(exported("quickstart")))
    del broken["lineitems"][0]["cost_total"]
    broken["campaign"]["start_date"] = "March"
    broken["dictionary"]["custom_costs"] = {"cost_custom1": {"status": "enabled"}}
    assert len(errors(broken)) == 3


def test_a_plan_that_books_nobody_gives_a_valid_file() -> None:
    found = document(optimize(scenario(dates=DATES, budget=0, objective="engagements",
                                       offers=[offer("a", 5, engagements_per_post=1)])))  # fmt: skip
    assert errors(found) == []
    assert found["lineitems"] == []
    assert found["campaign"]["budget_total"] == 0


def test_hostile_names_give_a_valid_file_with_the_names_unharmed() -> None:
    names = ["=1+1", 'a"b\\c', "<script>", "x\u202ey", "\x9b31m", "é日本", "a: b #c", "no"]
    offers = [offer(name, 1, most=1, engagements_per_post=1, tags={name + "!": "a" * 200}) for name in names]
    found = optimize(
        scenario(name="n" * 300, dates=DATES, budget=100, objective="engagements", offers=offers)
    )
    text = mediaplan_json(found)
    assert errors(json.loads(text)) == []
    assert [item["partner"] for item in json.loads(text)["lineitems"]] == names
    assert not {"\x9b", "\u202e"} & set(text)


# --- what it says ------------------------------------------------------------------------------------------


@every_plan
def test_line_items_add_up_to_the_plan(name: str) -> None:
    found, items = plan(name, SET_DATES), exported(name)["lineitems"]
    assert len(items) == len(found.lines)
    assert total(items, "cost_total") == round(found.totals.cost or 0, 2)
    for measure in ("impressions", "engagements", "clicks", "conversions"):
        value = getattr(found.totals, measure)
        if value is not None:
            assert total(items, f"metric_{measure}") == pytest.approx(value, abs=0.0051)
    assert total(items, "metric_units") == found.totals.posts


@every_plan
def test_the_parts_of_a_cost_add_up_to_it(name: str) -> None:
    found, document = plan(name, SET_DATES), exported(name)
    parts = ["cost_media", *document["dictionary"].get("custom_costs", {})]
    for item in document["lineitems"]:
        assert round(sum(item[part] for part in parts), 6) == item["cost_total"]
    assert found.totals.cost_parts is not None
    cents = 0.01 * len(found.lines) + 1e-6
    assert total(document["lineitems"], "cost_media") == pytest.approx(
        found.totals.cost_parts.creators, abs=cents
    )


@every_plan
def test_a_cost_lies_between_its_minimum_and_maximum(name: str) -> None:
    document = exported(name)
    for item in document["lineitems"]:
        assert 0 <= item["cost_minimum"] <= item["cost_total"] <= item["cost_maximum"]
        assert item["cost_maximum"] <= document["campaign"]["budget_total"]


@every_plan
def test_a_formula_gives_the_metric_of_its_line(name: str) -> None:
    document = exported(name)
    for item in document["lineitems"]:
        for metric, formula in item.get("metric_formulas", {}).items():
            assert document["dictionary"]["standard_metrics"][metric] == {
                key: formula[key] for key in ("formula_type", "base_metric")
            }
            assert item["cost_total"] / formula["coefficient"] == pytest.approx(item[metric], rel=1e-9)


def test_every_part_of_a_cost_stands_under_its_caption() -> None:
    found = small()
    items, captions = document(found)["lineitems"], document(found)["dictionary"]["custom_costs"]
    assert [entry["caption"] for entry in captions.values()] == [
        "Agency fee", "Contingency", "Commission on sales", "Set-up",
    ]  # fmt: skip
    parts = found.totals.cost_parts
    assert parts is not None
    for field, value in zip(
        captions, (parts.agency, parts.contingency, parts.commission, parts.setup), strict=True
    ):
        assert value > 0
        assert total(items, field) == pytest.approx(value, abs=0.01 * len(items))
    one = next(item for item in items if item["partner"] == "one")
    assert "metric_formulas" not in one  # its set-up is paid once, so nothing is in proportion to the cost
    assert one["cost_minimum"] == 0


def test_bookings_that_are_fixed_cannot_cost_less() -> None:
    found = document(small())
    two = next(item for item in found["lineitems"] if item["partner"] == "two")
    assert two["metric_custom1"] == 2
    assert two["cost_minimum"] == round(77.77 * 1.2, 2)
    assert two["cost_maximum"] == round(4 * 77.77 * 1.2, 2)


def test_the_budget_bounds_what_a_line_may_cost_and_without_either_there_is_no_maximum() -> None:
    fields = {"dates": DATES, "objective": "engagements", "offers": [offer("a", 10, engagements_per_post=1)]}
    capped = document(optimize(scenario(**fields, budget=95)))["lineitems"][0]
    assert (capped["cost_total"], capped["cost_maximum"]) == (90, 95)
    free = document(optimize(scenario(**fields, limits=[{"measure": "creators", "max": 3}])))
    assert "cost_maximum" not in free["lineitems"][0]
    assert free["campaign"]["budget_total"] == 30


def test_two_lines_of_one_offer_are_told_apart() -> None:
    one = offer("one", 10, most=2, engagements_per_post=1, posts_per_creator={"min": 1, "max": 2})
    found = optimize(scenario(dates=DATES, budget=30, objective="engagements", offers=[one]))
    items = document(found)["lineitems"]
    assert [item["name"] for item in items] == ["one, 1 post each", "one, 2 posts each"]
    assert len({item["id"] for item in items}) == 2


def test_the_file_of_a_small_plan_is_as_pinned() -> None:
    assert mediaplan_json(plan("quickstart", SET_DATES)) == GOLDEN.read_text(encoding="utf-8")


def test_equal_plans_give_equal_bytes_and_another_scenario_another_id() -> None:
    again = plan.__wrapped__("quickstart", SET_DATES)
    assert mediaplan_json(again) == mediaplan_json(plan("quickstart", SET_DATES))
    other = document(plan("quickstart", SET_DATES, "budget=15_000"))
    first = exported("quickstart")
    assert other["meta"]["id"] != first["meta"]["id"]
    assert other["campaign"]["id"] == first["campaign"]["id"]
    assert not {item["id"] for item in other["lineitems"]} & {item["id"] for item in first["lineitems"]}


def test_the_time_in_the_file_is_the_first_day_of_the_campaign() -> None:
    assert exported("quickstart")["meta"]["created_at"] == "2026-03-01T00:00:00Z"


def test_reach_is_a_number_of_the_campaign_never_of_a_line() -> None:
    found = exported("vietnam-launch")
    assert found["campaign"]["kpi_name1"] == "metric_reach"
    assert found["campaign"]["kpi_value1"] == pytest.approx(
        plan("vietnam-launch", SET_DATES).totals.reach, abs=0.01
    )
    assert not any("metric_reach" in item or "kpi_value" in item for item in found["lineitems"])


def test_tags_hours_and_own_measures_have_captions() -> None:
    found = exported("product-seeding")
    captions = {k: v["caption"] for k, v in found["dictionary"]["custom_metrics"].items()}
    assert list(captions.values())[:2] == ["Creators", "Coordination hours"]
    assert {"sets", "videos"} <= set(captions.values())
    assert found["dictionary"]["lineitem_custom_dimensions"]["dim_custom2"]["caption"] == "deal"
    hours = next(field for field, caption in captions.items() if caption == "Coordination hours")
    assert total(found["lineitems"], hours) == pytest.approx(plan("product-seeding", SET_DATES).totals.hours)


def test_a_currency_without_cents_gets_none() -> None:
    found = document(small(currency="JPY"))
    assert all(isinstance(item["cost_total"], int) for item in found["lineitems"])
    assert {item["cost_currency"] for item in found["lineitems"]} == {"JPY"}


# --- refusals and the command line -------------------------------------------------------------------------


def run(*words: str, given: str | None = None) -> Any:
    result = CliRunner().invoke(cli, list(words), prog_name="optimize", input=given)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def test_a_plan_without_dates_is_refused() -> None:
    with pytest.raises(ScenarioError) as refused:
        mediaplan_json(plan("quickstart"))
    assert str(refused.value) == (
        "dates: a media plan needs the first and the last day of the campaign "
        "(write dates: {start: 2026-03-01, end: 2026-03-31} in the scenario)"
    )


def test_a_plan_with_an_unknown_cost_is_refused() -> None:
    found = optimize(Scenario.model_validate({
        "dates": DATES, "objective": "engagements",
        "offers": [offer("gift", most=2, engagements_per_post=3)]}))  # fmt: skip
    with pytest.raises(ScenarioError, match="that of gift is not known"):
        mediaplan_json(found)


def test_a_scenario_without_dates_is_refused_before_it_is_solved(monkeypatch: pytest.MonkeyPatch) -> None:
    from optimizer import flow

    monkeypatch.setattr(flow, "optimize", None)
    result = run(QUICKSTART, "--format", "mediaplan-json")
    assert result.exit_code == 2
    assert "quickstart.yaml:" in result.stderr
    assert "dates: a media plan needs the first and the last day" in result.stderr


def test_the_command_writes_the_same_file_from_a_scenario_and_from_a_saved_plan(tmp_path: Path) -> None:
    saved, written = tmp_path / "plan.json", tmp_path / "media.json"
    assert run(QUICKSTART, "--set", SET_DATES, "-o", str(saved)).exit_code == 0
    assert run("report", str(saved), "--format", "mediaplan-json", "-o", str(written)).exit_code == 0
    direct = run(QUICKSTART, "--set", SET_DATES, "--format", "mediaplan-json")
    assert direct.stdout == written.read_text("utf-8") == GOLDEN.read_text("utf-8")


# --- the other export --------------------------------------------------------------------------------------


def test_the_columns_of_the_csv_never_change() -> None:
    header = run(str(FOLDER / "product-seeding.yaml"), "--format", "csv").stdout.splitlines()[0]
    assert header == (
        "offer,tier,platform,format,posts_per_creator,creators,posts,cost,hours,impressions,engagements,likes,"
        "comments,shares,saves,clicks,conversions,revenue,cost_of_goods,profit,gross_reach,cpm,cpe,cpc,cpa,tag_deal,measure_sets,measure_videos"
    )


if __name__ == "__main__":
    GOLDEN.write_text(mediaplan_json(plan("quickstart", SET_DATES)), encoding="utf-8")
