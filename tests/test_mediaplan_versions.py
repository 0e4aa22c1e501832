"""Media plans of the older standards 1.0 and 2.0 give the scenario that the same plan gives in 3.0.

The files are made up, after the published schemas (https://github.com/planmatic/mediaplanpy, folder
src/mediaplanpy/schema/definitions) and the list of changes from 2.0 to 3.0 (planmatic/mediaplanschema).
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from optimizer import ScenarioError, parse_scenario
from optimizer.mediaplan.read import scenario_from_mediaplan
from tests.test_mediaplan_reader import changed

Data = dict[str, Any]

ONE: Data = {
    "meta": {
        "id": "m1", "schema_version": "v1.0.0", "name": "Spring", "created_by": "A. Planner",
        "created_at": "2025-06-04T10:00:00Z",
    },
    "campaign": {
        "id": "c1", "name": "Spring launch", "objective": "awareness", "start_date": "2025-07-01",
        "end_date": "2025-08-31", "budget_total": 50_000, "product_name": "Tea", "audience_name": "Adults",
        "audience_age_start": 25, "audience_age_end": 54, "audience_gender": "Any", "audience_interests": ["tea"],
        "location_type": "Country", "locations": ["France"],
    },
    "lineitems": [
        {
            "id": "1", "name": "Reels by creators", "start_date": "2025-07-01", "end_date": "2025-08-31",
            "cost_total": 20_000, "channel": "Social", "vehicle": "Instagram", "adformat": "Reel", "kpi": "CPM",
            "dim_custom1": "Hero", "cost_media": 18_000, "cost_buying": 2_000, "metric_impressions": 900_000,
            "metric_clicks": 9_000, "metric_views": 400_000, "metric_custom1": 7,
        },
        {
            "id": "2", "name": "Shorts by creators", "start_date": "2025-07-01", "end_date": "2025-08-31",
            "cost_total": 15_000, "vehicle_custom": "YouTube", "metric_impressions": 700_000, "metric_clicks": 4_000,
            "metric_views": 500_000,
        },
    ],
}  # fmt: skip

TWO: Data = {
    "meta": {
        "id": "m2", "schema_version": "2.0", "name": "Spring", "created_by_id": "7", "created_by_name": "A. Planner",
        "created_at": "2025-09-01T10:00:00Z", "is_current": True, "is_archived": False, "parent_id": "m1",
    },
    "campaign": ONE["campaign"] | {
        "budget_currency": "EUR", "agency_name": "Agency", "advertiser_name": "Tea House",
        "workflow_status_name": "Draft",
    },
    "lineitems": [
        ONE["lineitems"][0] | {
            "cost_currency": "EUR", "dayparts": "All day", "inventory": "Open", "metric_engagements": 30_000,
            "metric_followers": 200, "metric_leads": 40, "metric_max_daily_spend": 900,
        },
        ONE["lineitems"][1] | {
            "cost_currency": "EUR", "metric_engagements": 20_000, "metric_followers": 100, "metric_leads": 20,
        },
    ],
    "dictionary": {
        "custom_dimensions": {"dim_custom1": {"status": "enabled", "caption": "Role"}},
        "custom_metrics": {"metric_custom1": {"status": "enabled", "caption": "Brand lift"}},
        "custom_costs": {"cost_custom1": {"status": "enabled", "caption": "Fee"}},
    },
}  # fmt: skip


def as_three(document: Data) -> Data:
    """The same plan in 3.0, by the published list of changes."""
    three: Data = json.loads(json.dumps(document))
    three["meta"]["schema_version"] = "3.0"
    three["meta"].setdefault("created_by_name", three["meta"].pop("created_by", None))
    for key in [k for k in three["campaign"] if k.startswith(("audience_", "location"))]:
        del three["campaign"][key]
    three["campaign"]["target_audiences"] = [{"name": "Adults", "demo_age_start": 25}]
    if "dictionary" in three:
        three["dictionary"]["lineitem_custom_dimensions"] = three["dictionary"].pop("custom_dimensions")
    return three


def read(document: Data) -> str:
    return scenario_from_mediaplan(json.dumps(document))


@pytest.mark.parametrize("document", [ONE, TWO], ids=["1.0", "2.0"])
def test_an_older_file_gives_what_the_same_plan_gives_in_3(document: Data) -> None:
    standard = document["meta"]["schema_version"].removeprefix("v")[:3]
    text = read(document)
    head = f'# From the media plan "Spring launch" (Media Plan Open Data Standard {standard}), made by A. Planner.'
    assert text.splitlines()[0] == head
    assert text.splitlines()[1:] == read(as_three(document)).splitlines()[1:]


def test_what_a_file_of_1_0_says_is_in_the_scenario() -> None:
    found = parse_scenario(read(ONE))
    assert (found.name, found.budget, found.currency) == ("Spring launch", 50_000, "USD")
    assert [o.name for o in found.offers] == ["Reels by creators", "Shorts by creators"]
    assert found.offers[0].platform == "instagram"
    assert found.offers[0].tags == {"channel": "Social"}, (
        "1.0 has no dictionary that says what its dimensions mean"
    )
    assert found.objective[0].measure == "clicks"


def test_what_a_file_of_2_0_says_is_in_the_scenario() -> None:
    found = parse_scenario(read(TWO))
    assert found.currency == "EUR"
    assert found.offers[0].tags == {"Role": "Hero", "channel": "Social"}
    assert found.objective[0].measure == "engagements"
    assert set(found.measures) == {"views", "new_followers", "leads", "Brand lift"}


@pytest.mark.parametrize("version", ["1", "1.0", "v1.0", "1.0.0", "2", "v2.0", "2.0.1", "3", "v3.0.0"])
def test_versions_are_read_however_they_are_written(version: str) -> None:
    standard = version.removeprefix("v")[0] + ".0"
    assert f"Standard {standard})" in read(changed(ONE, ("meta.schema_version", version)))


@pytest.mark.parametrize("version", ["0.0", "4.0", "10.0", "vv1", "", "latest", "1.x", "-1.0"])
def test_other_versions_are_refused_with_those_known(version: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        read(changed(ONE, ("meta.schema_version", version)))
    [problem] = caught.value.problems
    assert problem.message == f"version {version!r} of the standard is not known, only 1.0, 2.0 and 3.0"


def test_problems_of_older_files_are_told_at_their_own_names() -> None:
    wrong = changed(
        TWO,
        ("dictionary.custom_dimensions.dim_custom1.caption", 5),
        ("campaign.budget_total", -1),
        ("lineitems.1.end_date", "soon"),
    )
    with pytest.raises(ScenarioError) as caught:
        read(wrong)
    places = [".".join(map(str, problem.path)) for problem in caught.value.problems]
    assert "dictionary.custom_dimensions.dim_custom1.caption" in places
    assert {"campaign.budget_total", "lineitems.1.end_date"} <= set(places)
    with pytest.raises(ScenarioError, match=r"meta\.created_by: a string is wanted here, not 5"):
        read(changed(ONE, ("meta.created_by", 5)))
