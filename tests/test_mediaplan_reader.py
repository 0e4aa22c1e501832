"""Media plan files as a start: our own give their scenario back, others their line items."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from optimizer import Scenario, ScenarioError, load_scenario, optimize, parse_scenario
from optimizer.mediaplan.read import scenario_from_mediaplan
from optimizer.mediaplan.write import mediaplan_json
from tests.builders import offer, scenario
from tests.stories import FOLDER, PLANNED, plan
from tests.test_mediaplan import DATES, SET_DATES, errors, exported, small

Data = dict[str, Any]

FOREIGN: Data = {
    "meta": {"id": "m", "schema_version": "3.0", "created_by_name": "A. Planner", "created_at": "2026-01-05T10:00:00Z"},
    "campaign": {
        "id": "c", "name": "Autumn launch", "start_date": "2026-09-01", "end_date": "2026-11-30",
        "budget_currency": "USD", "budget_total": 700_000, "kpi_name1": "metric_leads", "kpi_value1": 900,
        "target_audiences": [{"name": "IT buyers", "population_size": 285_000}],
    },
    "lineitems": [
        {
            "id": "1", "name": "Feed ads", "start_date": "2026-09-01", "end_date": "2026-11-30", "channel": "Digital",
            "vehicle": "LinkedIn", "adformat": "Single Image", "buy_commitment": "Committed", "dim_custom1": "B2B",
            "cost_currency": "USD", "cost_total": 400_000, "cost_minimum": 370_000, "cost_maximum": 430_000,
            "metric_impressions": 12_000_000, "metric_clicks": 180_000, "metric_reach": 1_800_000,
            "metric_leads": 700, "metric_conversions": 140, "metric_audience_size": 285_000,
            "metric_formulas": {"metric_leads": {"formula_type": "power_function", "coefficient": 10.5}},
        },
        {
            "id": "2", "name": "Video", "start_date": "2026-09-15", "end_date": "2026-11-15", "channel": "Digital",
            "vehicle_custom": "YouTube", "cost_currency": "EUR", "cost_currency_exchange_rate": 1.25,
            "cost_total": 160_000, "metric_impressions": 15_000_000, "metric_clicks": 150_000, "metric_leads": 350,
        },
        {
            "id": "3", "name": "Reels by creators", "start_date": "2026-09-01", "end_date": "2026-11-30",
            "channel": "Social", "cost_total": 30_000, "metric_impressions": 900_000, "metric_engagements": 28_000,
            "metric_leads": 90,
        },
        {
            "id": "4", "name": "All digital", "start_date": "2026-09-01", "end_date": "2026-11-30",
            "is_aggregate": True, "aggregation_level": "channel", "cost_total": 560_000,
        },
    ],
    "dictionary": {"lineitem_custom_dimensions": {"dim_custom1": {"status": "enabled", "caption": "Business"}}},
}  # fmt: skip


def changed(document: Data, *changes: tuple[str, Any]) -> Data:
    """A copy with values changed at dotted paths; None takes the key away."""
    result = copy.deepcopy(document)
    for path, value in changes:
        *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        at: Any = result
        for step in steps:
            at = at[step]
        if value is None:
            del at[last]
        else:
            at[last] = value
    return result


def read(document: Data) -> str:
    return scenario_from_mediaplan(json.dumps(document))


def parsed(document: Data) -> Scenario:
    return parse_scenario(read(document))


def only_lines(document: Data) -> Data:
    """As a tool that keeps no custom properties of the plan would hand it on."""
    return changed(document, ("meta.custom_properties", None))


# --- our own files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PLANNED)
def test_our_own_file_gives_its_scenario_back(name: str) -> None:
    back = parsed(exported(name))
    before = load_scenario(FOLDER / f"{name}.yaml", {"dates": DATES})
    assert back == before
    assert back.sha256() == before.sha256()


@pytest.mark.parametrize("name", ["quickstart", "vietnam-launch", "product-seeding"])
def test_planning_what_was_read_back_gives_the_same_file(name: str) -> None:
    before = plan(name, SET_DATES)
    again = optimize(parsed(exported(name)))
    assert again.lines == before.lines
    assert mediaplan_json(again) == mediaplan_json(before)


def test_a_file_written_without_a_name_or_with_several_goals_comes_back_too() -> None:
    goals = [{"maximize": "engagements", "within": "3%"}, {"minimize": "cost"}]
    found = small(
        name=None, objective=goals, limits=[{"measure": "cost", "per": "creator", "max": "50% of budget"}]
    )
    assert parsed(json.loads(mediaplan_json(found))) == Scenario.model_validate(found.inputs)


def test_one_goal_is_written_as_a_planner_would() -> None:
    assert "\nobjective: engagements\n" in read(exported("quickstart"))
    found = small(objective={"minimize": "cost"}, budget=None)
    assert "\nobjective: {minimize: cost}\n" in read(json.loads(mediaplan_json(found)))


def test_changes_of_the_campaign_are_taken_over_and_named() -> None:
    document = changed(
        exported("quickstart"),
        ("campaign.name", "Second try"), ("campaign.end_date", "2026-04-15"), ("campaign.budget_total", 25_000),
    )  # fmt: skip
    text = read(document)
    back = parse_scenario(text)
    assert (back.name, back.budget) == ("Second try", 25_000)
    assert back.dates is not None
    assert str(back.dates.end) == "2026-04-15"
    assert "# The file was changed since:" in text
    assert "#   - its budget is 25000" in text


def test_a_currency_that_was_changed_is_not_taken_for_a_rate() -> None:
    text = read(changed(exported("quickstart"), ("campaign.budget_currency", "EUR")))
    assert "#   - its currency is EUR: not taken over, because no rate is known" in text
    assert parse_scenario(text).currency == "USD"


def test_a_negotiated_fee_is_taken_over() -> None:
    text = read(changed(exported("quickstart"), ("lineitems.1.cost_total", 15_000)))
    assert "#   - macro-instagram-post: cost_total 16000 -> 15000: cost_per_post x 0.9375" in text
    back = parse_scenario(text)
    assert back.offers[2].cost_per_post is not None
    assert back.offers[2].cost_per_post.typical == 3_000
    booked = next(line for line in optimize(back).lines if line.tier == "macro")
    assert (booked.cost or 0) / booked.creators == 3_000


def test_a_fee_is_what_is_left_after_set_up_and_commission() -> None:
    document = json.loads(mediaplan_json(small()))
    position = next(i for i, item in enumerate(document["lineitems"]) if item["partner"] == "one")
    line = next(line for line in small().lines if line.offer == "one")
    fixed = document["lineitems"][position]["custom_properties"]["creatormix"]["fixed_cost"]
    assert fixed == pytest.approx(33.33 + 0.1 * (line.revenue or 0))
    cost = document["lineitems"][position]["cost_total"]
    back = parsed(
        changed(document, (f"lineitems.{position}.cost_total", round(fixed + (cost - fixed) / 2, 2)))
    )
    assert back.offers[0].cost_per_post is not None
    assert back.offers[0].cost_per_post.typical == pytest.approx(99.99 / 2, rel=1e-3)
    assert back.offers[0].setup_cost is not None
    assert back.offers[0].setup_cost.typical == 33.33


def test_a_benchmark_fee_that_was_changed_becomes_a_fee_of_the_offer() -> None:
    document = exported("launch-us")
    item = document["lineitems"][0]
    back = parsed(changed(document, ("lineitems.0.cost_total", item["cost_total"] * 2)))
    assert sum(offer.cost_per_post is not None for offer in back.offers) == 1
    offer = next(offer for offer in back.offers if offer.cost_per_post is not None)
    known = item["custom_properties"]["creatormix"]["numbers"]["cost_per_post"]
    assert offer.cost_per_post is not None
    assert offer.cost_per_post.typical == pytest.approx(2 * known)


def test_results_that_were_changed_are_taken_over_or_named() -> None:
    text = read(
        changed(
            exported("quickstart"),
            ("lineitems.0.metric_engagements", 12_000), ("lineitems.0.metric_impressions", 88_000),
            ("lineitems.0.metric_custom2", 90),
        )
    )  # fmt: skip
    back = parse_scenario(text).offers[1]
    assert back.engagement_rate is None
    assert back.engagements_per_post is not None
    assert back.engagements_per_post.typical == pytest.approx(1_200)
    assert back.impressions_per_post is not None
    assert back.impressions_per_post.typical == pytest.approx(8_800)
    assert "metric_custom2 80 -> 90: not taken over" in text


@pytest.mark.parametrize(("cost", "words"), [(0, "cost_per_post x 0"), (1, "cost_per_post x 0.000")])
def test_a_line_may_become_free(cost: float, words: str) -> None:
    assert words in read(changed(exported("quickstart"), ("lineitems.0.cost_total", cost)))


def test_a_line_that_was_removed_is_named_and_one_that_was_added_becomes_an_offer() -> None:
    document = exported("quickstart")
    added = {**FOREIGN["lineitems"][2], "cost_total": 3_000}
    text = read(changed(document, ("lineitems", [document["lineitems"][0], added])))
    with pytest.raises(
        ScenarioError, match="hours of Reels by creators are not known, but effort_hours limits them"
    ):
        parse_scenario(text)
    back = parse_scenario(text, {"effort_hours": None})
    assert "the line of macro-instagram-post was removed; the offer can still be booked here" in text
    assert "added: the line item Reels by creators, as an offer" in text
    assert [offer.name for offer in back.offers][-1] == "Reels by creators"
    assert len(back.offers) == 5


def test_two_changed_lines_of_one_offer_do_not_add_up() -> None:
    one = offer("one", 10, most=2, engagements_per_post=1, posts_per_creator={"min": 1, "max": 2})
    found = optimize(scenario(dates=DATES, budget=30, objective="engagements", offers=[one]))
    document = json.loads(mediaplan_json(found))
    text = read(changed(document, ("lineitems.0.cost_total", 20), ("lineitems.1.cost_total", 40)))
    assert "one, 2 posts each: not taken over, another line of one was changed too" in text
    assert parse_scenario(text).offers[0].cost_per_post == (20, 20, 20)


def test_a_scenario_in_the_file_that_is_none_is_refused_with_its_place() -> None:
    path = "meta.custom_properties.creatormix.scenario"
    with pytest.raises(ScenarioError) as refused:
        read(changed(exported("quickstart"), (f"{path}.offers.1.cpm", -3), (f"{path}.budgett", 5)))
    assert len(refused.value.problems) == 2
    assert "<text>: meta.custom_properties.creatormix.scenario.offers[1].cpm: -3 is too small" in str(
        refused.value
    )
    assert "remove meta.custom_properties.creatormix to read the line items alone" in str(refused.value)


@pytest.mark.parametrize("name", PLANNED)
def test_the_lines_alone_can_be_planned_and_cost_and_bring_the_same(name: str) -> None:
    before = plan(name, SET_DATES)
    back = parsed(only_lines(exported(name)))
    assert len(back.offers) == len(before.lines)
    for read_back, line in zip(back.offers, before.lines, strict=True):
        posts = line.posts
        assert read_back.cost_per_post is not None
        setup = read_back.setup_cost.typical if read_back.setup_cost else 0.0
        # within a cent: those of the lines are rounded so that they add up to those of the plan
        assert read_back.cost_per_post.typical * posts + setup == pytest.approx(line.cost, abs=0.0101)
        assert read_back.posts_per_creator == line.posts_per_creator
        assert (read_back.tier, read_back.platform, read_back.tags) == (line.tier, line.platform, line.tags)
        assert read_back.creators.max == line.room
        for field, value in (
            ("impressions_per_post", line.impressions),
            ("engagements_per_post", line.engagements),
        ):
            estimate = getattr(read_back, field)
            assert (estimate is None) == (value is None)
            assert value is None or estimate.typical * posts == pytest.approx(value, abs=0.011)


# --- files from elsewhere ----------------------------------------------------------------------------------


def test_the_example_of_these_tests_follows_the_standard() -> None:
    assert errors(FOREIGN) == []


def test_every_line_item_becomes_an_offer_that_plans() -> None:
    back = parsed(FOREIGN)
    assert [offer.name for offer in back.offers] == ["Feed ads", "Video", "Reels by creators"]
    assert (back.name, back.currency, back.budget) == ("Autumn launch", "USD", 700_000)
    assert back.exchange_rates == {"EUR": 0.8}
    assert back.objective[0].measure == "leads"
    feed, video, reels = back.offers
    assert (feed.platform, feed.format) == ("linkedin", "single image")
    assert feed.tags == {"Business": "B2B", "channel": "Digital"}
    assert (video.platform, video.currency) == ("youtube", "EUR")
    assert reels.measures["leads"].typical == 90
    found = optimize(back)
    assert found.totals.cost == 630_000  # 400,000 + 160,000 EUR at 1.25 + 30,000
    assert found.objective.value == 700 + 350 + 90
    assert found.totals.clicks is None  # the reels do not say theirs
    assert sum(line.clicks or 0 for line in found.lines) == pytest.approx(330_000)


def test_what_a_planner_should_know_stands_in_comments() -> None:
    text = read(FOREIGN)
    for words in (
        "# channel Digital: not influencer activity, as far as the file says",
        "# cost_minimum 370000 in the file",
        "# buy_commitment Committed; creators: {min: 1, max: 1} holds it in the plan",
        "# runs from 2026-09-15 to 2026-11-15",
        "# left out, because they sum up others: All digital",
        "# audience: {people: 285000}   # IT buyers",
        "# effort_hours: ...",
        "made by A. Planner.",
    ):
        assert words in text
    assert "not influencer activity" not in text[text.index("Reels") :]


def test_a_gap_is_left_as_a_comment_and_check_asks_for_it() -> None:
    document = changed(FOREIGN, ("campaign.kpi_name1", None), ("lineitems.2.metric_impressions", None))
    for item in document["lineitems"]:
        item.pop("metric_leads", None)
    text = read(document)
    assert "    # impressions_per_post: ...   # not in the file, and the objective needs it" in text
    assert "    # click_rate: ...   # not in the file, and the objective needs it" in text
    assert "objective: clicks   # some line items do not say it: fill it in below" in text
    with pytest.raises(ScenarioError, match="clicks of Reels by creators are not known"):
        parse_scenario(text)
    filled = text.replace("    # impressions_per_post: ...", "    impressions_per_post: 5000")
    filled = filled.replace("    # click_rate: ...", "    click_rate: 1%")
    assert optimize(parse_scenario(filled)).totals.clicks == pytest.approx(180_000 + 150_000 + 50)


def test_the_objective_says_why_it_is_not_the_first_kpi() -> None:
    text = read(changed(FOREIGN, ("lineitems.2.metric_leads", None)))
    assert "objective: impressions   # the first KPI is metric_leads, which not every line item says" in text


@pytest.mark.parametrize(
    ("campaign_says", "line_says", "words", "currency"),
    [
        (None, None, "currency: USD   # the file names none: correct it", "USD"),
        (None, "EUR", "currency: EUR   # of the line items; the campaign names none", "EUR"),
        ("eur", "EUR", "currency: EUR\n", "EUR"),
        ("$: #1", None, 'currency: USD   # the file says "$: #1": write its code of three letters', "USD"),
        ("USD", "Euro", "# cost_currency Euro is no code of three letters: taken as USD", "USD"),
    ],
)
def test_doubts_about_the_currency_are_said(
    campaign_says: str | None, line_says: str | None, words: str, currency: str
) -> None:
    item = FOREIGN["lineitems"][2] | {"cost_currency": line_says}
    document = changed(FOREIGN, ("lineitems", [item]), ("campaign.budget_currency", "USD"))
    document["campaign"]["budget_currency"] = campaign_says
    assert words in read(document)
    assert parsed(document).currency == currency


def test_a_budget_of_nothing_is_a_gap() -> None:
    document = changed(FOREIGN, ("campaign.budget_total", 0))
    assert "# budget: ...   # 0 in the file" in read(document)
    assert parsed(document).budget is None


def test_a_currency_without_a_rate_is_asked_for() -> None:
    document = changed(FOREIGN, ("lineitems.1.cost_currency_exchange_rate", None))
    assert "# in EUR, for which the file has no rate: add exchange_rates: {EUR: ...} above" in read(document)
    with pytest.raises(ScenarioError, match="no exchange rate for EUR"):
        parsed(document)


def test_two_rates_of_one_currency_are_both_kept() -> None:
    other = {**FOREIGN["lineitems"][1], "name": "Later", "cost_currency_exchange_rate": 1.5}
    document = changed(FOREIGN, ("lineitems", [*FOREIGN["lineitems"], other]))
    offers = {offer.name: offer for offer in parsed(document).offers}
    assert offers["Video"].cost_per_post == (200_000,) * 3
    assert offers["Later"].cost_per_post == (240_000,) * 3
    assert "# 160000 EUR at 1.5 USD each" in read(document)


def test_results_that_contradict_each_other_are_left_out_and_named() -> None:
    document = changed(
        FOREIGN, ("lineitems.0.metric_clicks", 13_000_000), ("lineitems.1.metric_conversions", 2e6)
    )
    text = read(document)
    assert "# metric_clicks 13000000 is more than metric_impressions: left out" in text
    assert "# metric_conversions 2000000 is more than metric_clicks: left out" in text
    assert parse_scenario(text).offers[0].click_rate is None


def test_equal_and_empty_names_are_told_apart() -> None:
    items = [{**FOREIGN["lineitems"][2], "name": name} for name in ("Reels", "Reels", " ")]
    assert [offer.name for offer in parsed(changed(FOREIGN, ("lineitems", items))).offers] == [
        "Reels", "Reels-2", "line item 3",
    ]  # fmt: skip


def test_null_is_as_good_as_left_out_and_v3_0_as_3_0() -> None:
    document = changed(FOREIGN, ("meta.schema_version", "v3.0"), ("lineitems.0.metric_views", False))
    document["lineitems"][0]["metric_views"] = None
    document["lineitems"][0]["partner"] = document["campaign"]["objective"] = document["dictionary"] = None
    assert parsed(document).offers[0].name == "Feed ads"
    assert scenario_from_mediaplan("\ufeff" + json.dumps(FOREIGN)) == read(FOREIGN)
