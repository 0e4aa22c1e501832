"""Planners' other words for measures, platforms and formats are understood wherever one is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from optimizer import Scenario, ScenarioError, optimize, parse_scenario
from optimizer.cli.commands import cli
from optimizer.finance.frontier.axes import axes_of
from optimizer.language.errors import did_you_mean
from optimizer.language.measures import MEASURES
from optimizer.language.names import word
from optimizer.language.synonyms import LABELS, MEANINGS, TAGS, measure_meant
from optimizer.scenario.offer import Offer
from optimizer.scenario.scenario import Limit
from optimizer.whatif.goal import goal

SHOP = """\
objective: {objective}
budget: 400
offers:
  - {{name: a, platform: Insta, format: Reels, cost_per_post: 50, impressions_per_post: 4000, click_rate: 1%,
     conversion_rate: 5%, creators: {{max: 4}}}}
  - {{name: b, platform: twitter, format: stories, cost_per_post: 40, impressions_per_post: 8000, click_rate: 1%,
     conversion_rate: 1%, creators: {{max: 4}}}}
"""


def shop(objective: str, rest: str = "") -> Scenario:
    return parse_scenario(SHOP.format(objective=objective) + rest)


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(w) for w in words])


def test_the_table_names_what_there_is() -> None:
    assert {meant.key for meant in MEANINGS.values()} <= set(Offer.model_fields)
    assert {meant.measure for meant in MEANINGS.values()} <= set(MEASURES)
    assert not set(LABELS) & set(LABELS.values())
    assert not set(TAGS) & set(Offer.model_fields)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("sales", "conversions"), ("Sale", "conversions"), ("LEADS", "conversions"), ("lead", "conversions"),
        ("orders", "conversions"), ("Order", "conversions"), (" views ", "impressions"), ("view", "impressions"),
        ("conversions", "conversions"), ("fee", "fee"), ("aov", "aov"), ("rates", "rates"), ("sales tax", "sales tax"),
        ("saless", "saless"), ("s", "s"), ("", ""),
    ],
)  # fmt: skip
def test_a_measure_by_another_name(said: str, meant: str) -> None:
    assert measure_meant(said) == meant


def test_a_measure_of_ones_own_keeps_its_name_in_every_form() -> None:
    assert measure_meant("sales", {"sales"}) == "sales"
    assert measure_meant("Sale", {"sales"}) == "Sale"
    assert measure_meant("sales", {"orders", "samples"}) == "conversions"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Reels", "reel"), ("stories", "story"), ("SHORTS", "short"), ("posts", "post"), ("videos", "video"),
        ("ig", "instagram"), ("Insta", "instagram"), ("YT", "youtube"), ("fb", "facebook"), ("Twitter", "x"),
        ("reel", "reel"), ("live", "live"),
    ],
)  # fmt: skip
def test_a_platform_or_format_by_another_name(said: str, meant: str) -> None:
    assert word(said) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("sales", "conversions"),
        ("{maximize: Leads}", "{maximize: conversions}"),
        ("[{maximize: order}]", "[{maximize: conversions}]"),
        ("[sale, {minimize: cost}]", "[conversions, {minimize: cost}]"),
    ],
)
def test_an_objective_by_another_name_is_the_same_scenario_and_the_plan_says_its_own(
    said: str, meant: str
) -> None:
    asked, same = shop(said), shop(meant)
    assert asked == same
    assert asked.sha256() == same.sha256()
    plan = optimize(asked)
    assert plan.objective.measure == "conversions"
    assert plan.objective.value == 4 * 4000 * 0.01 * 0.05 + 4 * 8000 * 0.01 * 0.01


def test_limits_shares_and_filters_by_other_names() -> None:
    rest = """\
limits:
  - {measure: orders, where: {platform: ig, format: Reels}, max: 60% of sales}
  - {measure: Views, where: {format: [stories]}, max: 16_000}
"""
    asked = shop("leads", rest)
    first, second = asked.limits
    assert (first.measure, str(first.max)) == ("conversions", "60% of conversions")
    assert first.where == {"platform": ("instagram",), "format": ("reel",)}
    assert (second.measure, second.where) == ("impressions", {"format": ("story",)})
    plan = optimize(asked)
    assert {line.offer: line.creators for line in plan.lines} == {"a": 1, "b": 2}  # 2 of 3.6; 2 x 8,000 views
    assert [limit.name for limit in plan.limits] == [
        "budget", "conversions (instagram, reel)", "impressions (story)",
    ]  # fmt: skip


def test_a_measure_of_ones_own_wins() -> None:
    rest = "measures: {sales: creator}\nlimits: [{measure: sales, max: 9}, {measure: leads, min: 1}]\n"
    text = SHOP.format(objective="sales").replace("name: ", "measures: {sales: 5}, name: ")
    asked = parse_scenario(text + rest)
    assert asked.objective[0].measure == "sales"
    assert [limit.measure for limit in asked.limits] == ["sales", "conversions"]
    assert optimize(asked).objective.value == 5  # 9 allows one of 5


def test_a_limit_made_in_python_keeps_what_it_leaves_out() -> None:
    changed = shop("sales").with_changes({"limits": [{"measure": "sales", "max": "50% of orders"}]})
    assert changed.limits[0] == Limit(measure="conversions", max="50% of conversions")
    assert changed.model_dump(mode="json", exclude_unset=True)["limits"] == [
        {"measure": "conversions", "max": "50% of conversions"}
    ]


def test_names_of_offers_and_tables_have_the_one_name() -> None:
    (one, other) = parse_scenario(
        "objective: creators\noffers:\n  - {platform: ig, each: {format: [Reels, stories]}, creators: {max: 1}}\n"
    ).offer_names()
    assert (one, other) == ("instagram-reel", "instagram-story")


def test_a_tag_by_its_usual_word_works_as_any_other() -> None:
    rest = "limits: [{measure: cost, per: market, max: 50}, {measure: cost, where: {market: IT}, min: 50}]\n"
    plan = optimize(
        parse_scenario(
            SHOP.format(objective="sales").replace("name: a,", "name: a, tags: {market: IT},") + rest
        )
    )
    assert next(line.creators for line in plan.lines if line.offer == "a") == 1


def test_goals_by_other_names(tmp_path: Path) -> None:
    asked = shop("creators")
    answer = goal(asked, {"sales": 4})
    assert [floor.measure for floor in answer.goals] == ["conversions"]
    assert answer.needed == 100
    file = tmp_path / "shop.yaml"
    file.write_text(SHOP.format(objective="creators"), encoding="utf-8")
    for words in (["--sales", "4"], ["--Lead", "4"], ["--measure", "orders=4"], ["--conversions", "4"]):
        result = run("goal", file, *words, "--format", "json")
        assert result.exit_code == 0, result.output
        assert '"measure": "conversions"' in result.stdout
    assert '"measure": "impressions"' in run("goal", file, "--views", "8k", "--format", "json").stdout


def test_an_axis_that_is_a_share_of_a_measure_by_another_name() -> None:
    asked = shop("sales", "limits: [{name: mine, measure: sales, where: {name: b}, max: 50% of sales}]\n")
    (axis,) = axes_of(asked, "limits.mine.max=10% of orders,20% of orders")
    assert axis.of == "conversions"
    assert "orders" not in axis.label


@pytest.mark.parametrize(
    ("said", "known", "hint"),
    [
        ("fee", ["fees", "cost_per_post"], "did you mean 'fees'?"),  # the same word in another form
        ("fee", ["feed", "cost_per_post"], "did you mean 'cost_per_post'?"),
        ("Views", ["reviews", "impressions_per_post"], "did you mean 'impressions_per_post'?"),
        ("yt", ["instagram", "youtube"], "did you mean 'youtube'?"),
        ("leads", ["loads"], "did you mean 'loads'?"),
        ("orders", ["border"], "did you mean 'border'?"),
    ],
)
def test_the_right_word_comes_before_a_spelling_that_is_near(said: str, known: list[str], hint: str) -> None:
    assert did_you_mean(said, known) == hint


def test_the_benchmarks_of_a_platform_are_found_by_another_name() -> None:
    assert (
        run("benchmarks", "micro", "ig", "reels").stdout
        == run("benchmarks", "micro", "instagram", "reel").stdout
    )


def test_changes_of_the_command_line_name_the_right_key() -> None:
    with pytest.raises(ScenarioError, match=r"--set offers.a.price: .*did you mean 'cost_per_post'\?"):
        parse_scenario(SHOP.format(objective="sales"), {"offers.a.price": 3})
    with pytest.raises(ScenarioError, match=r"no offers\[0\].fee \(did you mean 'cost_per_post'\?\)"):
        axes_of(shop("sales"), "offers.a.fee=1,2")
    assert (
        parse_scenario(SHOP.format(objective="cost"), {"objective": "sales"}).objective[0].measure
        == "conversions"
    )
