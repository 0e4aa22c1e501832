"""Revenue - cost of goods - cost = profit: the same to the cent wherever it is printed, and a loss is said."""

from __future__ import annotations

import json
import re

import pytest

from optimizer import Plan, compare, optimize
from optimizer.cli.whatif import FLOORS
from optimizer.finance.compare.findings import more_is_better
from optimizer.plan.contribution import contribution
from optimizer.report import formats
from tests.builders import Data, offer, scenario

SHOP = offer(
    "shop",
    100,
    impressions_per_post=10_000,
    click_rate="1%",
    conversion_rate="2%",
    value_per_conversion=45,
    cost_per_conversion=15,
    commission="10%",
    most=5,
)
"""Each sells 2: revenue 90, goods 30, cost 100 + 9; profit -49."""
SELL: Data = {"budget": 1_000, "objective": "revenue", "offers": [SHOP]}


def sold(**fields: object) -> Plan:
    return optimize(scenario(**{**SELL, "offers": [{**SHOP, **fields}]}))


def line_of(plan: Plan) -> str:
    text = " ".join(formats.text(plan).partition("Totals")[2].split())
    found = re.search(r"[\d.,]+ USD of revenue.*?of profit", text)
    assert found is not None
    return found.group()


def test_a_plan_for_revenue_says_that_it_loses_money() -> None:
    plan = sold()
    assert (plan.totals.revenue, plan.totals.cost_of_goods, plan.totals.cost) == (450, 150, 545)
    assert plan.totals.profit == -245
    assert line_of(plan) == "450 USD of revenue - 150 cost of goods - 545 cost = -245 USD of profit"
    words = "This plan brings 450 USD of revenue and loses 245 USD, because it takes 150 of goods and 545 of cost."
    advice = "Maximize profit instead, or limit the loss: {measure: profit, min: 0}."
    (flag,) = (flag for flag in json.loads(plan.model_dump_json())["flags"] if flag["code"] == "loss")
    assert flag == {"code": "loss", "severity": "warning", "message": words, "advice": advice}
    assert f"warning: {words} {advice}" in " ".join(formats.text(plan).split())
    assert words in formats.page(plan)
    assert words in formats.markdown(plan)


def test_what_it_advises_mends_it() -> None:
    asked = scenario(**SELL)
    for change in ({"objective": "profit"}, {"limits": [{"measure": "profit", "min": 0}]}):
        plan = optimize(asked.with_changes(change))
        assert plan.lines == ()
        assert "loss" not in {flag.code for flag in plan.flags}


def test_goods_change_what_is_most_profitable_and_not_what_brings_most_revenue() -> None:
    """Revenue 90 and 80 each at a cost of 10; goods of 60 leave 20 of one, and goods of 20 leave 50 of the other."""
    sales = {"cost_per_post": 10, "commission": 0, "creators": {"max": 1}}
    offers = [
        {**SHOP, **sales, "name": "dear", "cost_per_conversion": 30},
        {**SHOP, **sales, "name": "cheap", "value_per_conversion": 40, "cost_per_conversion": 10},
    ]
    asked = scenario(**{**SELL, "offers": offers, "budget": 10})
    assert [line.offer for line in optimize(asked).lines] == ["dear"]
    best = optimize(asked.with_changes({"objective": "profit"}))
    assert ([line.offer for line in best.lines], best.objective.value) == (["cheap"], 50)


@pytest.mark.parametrize("cents", range(1, 40, 3))
def test_what_is_printed_adds_up_to_the_cent(cents: int) -> None:
    plan = sold(
        value_per_conversion=45 + cents / 300, cost_per_conversion=15 + cents / 700, cost_per_post=33.333
    )
    parts = contribution(plan)
    assert parts is not None
    revenue, goods, cost, profit = (round(100 * float(part.replace(",", ""))) for part in parts)
    assert revenue - goods - cost == profit
    assert goods == pytest.approx(100 * plan.totals.cost_of_goods, abs=2)
    text = formats.text(plan)
    assert f"cost: {parts.cost} USD" in text
    assert f"- {parts.goods} cost of goods - {parts.cost} cost" in " ".join(text.split())


def test_goods_that_nobody_priced_are_named_as_a_default_and_not_subtracted() -> None:
    plan = sold(cost_per_conversion=None)
    assert line_of(plan) == "450 USD of revenue, -95 USD of profit"
    (default,) = (a for a in plan.assumptions if a.field == "cost_per_conversion")
    assert (default.value, default.origin) == (0, "default")
    assert default.source == "cost of goods not given: profit is before cost of goods"
    assert default.source in formats.markdown(plan)
    assert "goods-ignored" in {flag.code for flag in plan.flags}


def test_nobody_is_asked_for_the_cost_of_goods_where_there_is_no_revenue() -> None:
    plan = optimize(
        scenario(
            **{
                **SELL,
                "objective": "conversions",
                "offers": [
                    {
                        key: value
                        for key, value in SHOP.items()
                        if key not in ("value_per_conversion", "cost_per_conversion", "commission")
                    }
                ],
            }
        )
    )
    assert "cost_per_conversion" not in {a.field for a in plan.assumptions}
    assert not {"goods-ignored", "loss"} & {flag.code for flag in plan.flags}


def test_goods_are_named_where_they_are_asked_about_once() -> None:
    known = optimize(scenario(**SELL, limits=[{"measure": "cost_of_goods", "min": 60}]))
    assert "cost of goods: " not in formats.text(known)
    assert "150 cost of goods" in line_of(known)
    dear = {key: value for key, value in SHOP.items() if key not in ("value_per_conversion", "commission")}
    asked = scenario(
        **{**SELL, "objective": {"minimize": "cost_of_goods"}, "offers": [{**dear, "creators": {"min": 2}}]}
    )
    text = formats.text(optimize(asked))
    assert "60 USD of cost of goods for 200 USD" in text
    assert "cost of goods: 60 USD\n" in text


def test_a_comparison_names_the_goods_and_the_parts_tie_out() -> None:
    cheaper = scenario(**{**SELL, "offers": [{**SHOP, "cost_per_conversion": 10}]}, name="Cheaper")
    found = compare([scenario(**SELL, name="Today"), cheaper])
    figures = {figure.measure: figure for figure in found.figures}
    assert figures["cost_of_goods"].differences == (0, -50)
    assert figures["profit"].differences == (0, 50)
    text = formats.text(found)
    assert "cost of goods, USD" in text
    assert "cost_per_conversion of shop" in text
    assert not more_is_better(found, "cost_of_goods")
    assert more_is_better(found, "profit")


def test_nobody_has_a_floor_on_the_cost_of_goods_for_a_goal() -> None:
    assert {"profit", "comments"} <= set(FLOORS)
    assert "cost_of_goods" not in FLOORS


@pytest.mark.parametrize(("each", "loses"), [(100, False), (100.0004, False), (100.01, True)])
def test_a_loss_that_no_cent_shows_is_none(each: float, loses: bool) -> None:
    """Five who sell 2 for 65 with goods of 15 and no commission: each leaves 100."""
    plan = sold(value_per_conversion=65, commission=0, cost_per_post=each)
    assert ("loss" in {flag.code for flag in plan.flags}) is loses
