"""Ranges side by side, who beats whom how often, and the band around a frontier."""

from __future__ import annotations

import csv
import io
import math
from typing import Any

import pytest

from optimizer import compare, frontier, optimize
from optimizer.language.numbers import chance
from optimizer.plan.simulated import range_of
from optimizer.report import formats
from optimizer.report.page.curve import curve_chart
from optimizer.report.page.risk import compared_chart
from optimizer.report.sections.compare import risk_table
from optimizer.report.sections.risk import rounded
from optimizer.solve.ready import ready
from tests.builders import scenario
from tests.ranged_cases import BASE, OFFERS, opened, risk, values_of

# --- comparisons -------------------------------------------------------------------------------------------------


def one_more() -> list[Any]:
    """B books one creator more than A; everything else is the same, and three in four deliver."""
    offers = [{**OFFERS[0], "creators": {"min": n, "max": n}} for n in (5, 6)]
    return [
        scenario(**{**BASE, "name": name, "offers": [offer]})
        for name, offer in zip("AB", offers, strict=True)
    ]


def test_under_common_chance_one_creator_more_is_better_whenever_he_delivers() -> None:
    found = compare(one_more(), bridges=False).risk
    assert found is not None
    assert found.beats[0] is None
    # 3 in 4 deliver; three standard errors of 10,000 cases are 1.3 points
    assert found.beats[1] == pytest.approx(0.75, abs=0.015)
    assert found.equal[1] == pytest.approx(1 - (found.beats[1] or 0))


def test_a_comparison_tells_ranges_side_by_side_and_who_wins_how_often() -> None:
    result = compare(one_more(), bridges=False)
    found = result.risk
    assert found is not None
    assert f"B beats A in {chance(found.beats[1] or 0)} of the cases; in" in " ".join(result.sentences)
    table = risk_table(result, found)
    a, b = found.measures["engagements"]
    assert a is not None
    assert b is not None
    assert table.rows[1] == [
        "  1 in 10 below",
        rounded([a.p10, a.p50, a.p90])[0],
        rounded([b.p10, b.p50, b.p90])[0],
    ]
    assert table.rows[-1] == ["beats A in", "", chance(found.beats[1] or 0)]
    rows = list(csv.DictReader(io.StringIO(formats.csv(result))))
    told = {
        (r["item"], r["measure"], r["scenario"]): r["value"]
        for r in rows
        if r["section"] in ("range", "chance")
    }
    assert float(told["p90", "engagements", "B"]) == b.p90
    assert float(told["beats A", "engagements", "B"]) == found.beats[1]
    chart = compared_chart(result)
    assert chart is not None
    assert [row["low"] for row in values_of(chart.wide, "often")][:2] == [a.p10, b.p10]
    sheet = opened(formats.workbook(result))["Compare"]
    cells = [cell.value for row in sheet.iter_rows() for cell in row]
    assert any(isinstance(v, float) and math.isclose(v, found.beats[1] or 0) for v in cells)


def test_the_plans_of_a_comparison_have_the_ranges_they_have_alone() -> None:
    found = compare(one_more(), bridges=False).risk
    assert found is not None
    alone = [risk(optimize(case)).measures["engagements"] for case in one_more()]
    assert list(found.measures["engagements"]) == alone


def test_a_comparison_without_risk_or_without_ranges_has_none() -> None:
    assert compare(one_more(), bridges=False, draws=0).risk is None
    sure = {"name": "x", "cost_per_post": 9, "engagements_per_post": 5, "hours_per_creator": 1}
    plain = [scenario(**{**BASE, "offers": [sure], "budget": budget}) for budget in (90, 180)]
    assert compare(plain, bridges=False).risk is None


# --- frontiers ---------------------------------------------------------------------------------------------------


def test_every_point_of_a_frontier_has_the_range_of_its_plan() -> None:
    found = frontier(scenario(**BASE), {"budget": [1_000, 3_000]})
    assert found.draws == 2_000
    for point in found.points:
        there = scenario(**{**BASE, "budget": point.at[0]})
        assert point.range == range_of(ready(there), optimize(there, draws=0), 2_000)
    rows = list(csv.DictReader(io.StringIO(formats.csv(found))))
    assert [float(row["p10"]) for row in rows] == [p.range.p10 for p in found.points if p.range is not None]
    chart = curve_chart(found)
    assert chart is not None
    band = values_of(chart.wide, "high")
    assert [row["high"] for row in band][:2] == [p.range.p90 for p in found.points if p.range is not None]
    assert "8 in 10 of 2,000 drawn cases" in chart.notes
    sheet = opened(formats.workbook(found))["Frontier"]
    heads = [cell.value for row in sheet.iter_rows() for cell in row]
    assert "1 in 10 below" in heads


def test_a_frontier_without_risk_has_no_band() -> None:
    found = frontier(scenario(**BASE), {"budget": [1_000, 3_000]}, draws=0)
    assert (found.draws, [point.range for point in found.points]) == (0, [None, None])
    chart = curve_chart(found)
    assert chart is not None
    assert values_of(chart.wide, "likely") == []
    assert "1 in 10 below" not in formats.page(found)
