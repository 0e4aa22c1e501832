"""Charts of pages where numbers are awkward: below 0, huge, tiny, uneven, without a plan, or where less is better."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from optimizer import load_scenario, optimize
from optimizer.finance.compare.bridge import Bridge, BridgeGroup, MeasureBridge
from optimizer.finance.compare.compare import compare
from optimizer.finance.compare.comparison import Comparison
from optimizer.finance.compare.findings import more_is_better
from optimizer.finance.frontier.frontier import frontier
from optimizer.finance.frontier.result import Frontier, Stretch, Turn
from optimizer.report.page.bridges import bridge_chart
from optimizer.report.page.chart import Chart, Spec
from optimizer.report.page.colours import light
from optimizer.report.page.curve import curve_chart, mix_along_chart
from optimizer.report.page.grid import map_chart
from optimizer.report.page.mix import mix_chart
from optimizer.report.page.of_plan import tiles
from optimizer.report.page.render import svg
from optimizer.scenario.scenario import Scenario
from tests.builders import offer, scenario
from tests.stories import FOLDER


def quick(**changes: Any) -> Scenario:
    return load_scenario(FOLDER / "quickstart.yaml").with_changes(changes)


def loss(price: float = 300) -> Scenario:
    """Creators who are booked already and bring less than they cost: 20 of revenue each."""
    brings = {
        "impressions_per_post": 1_000,
        "click_rate": "1%",
        "conversion_rate": "5%",
        "value_per_conversion": 40,
    }
    return scenario(
        name=f"At {price}",
        budget=5_000,
        objective={"maximize": "profit"},
        offers=[
            offer("booked", price, tier="nano", least=3, most=4, **brings),
            offer("good", 100, tier="micro", most=6, **brings),
        ],
    )  # fmt: skip


@cache
def curve(over: str = "budget=4k:12k:4k") -> Frontier:
    return frontier(quick(), over)


def drawn(chart: Chart | None) -> str:
    assert chart is not None
    return svg(chart.wide, "x")


def layers(chart: Chart | None, field: str) -> list[Spec]:
    """Layers of text that show a field."""
    assert chart is not None
    found = chart.wide["layer"]
    return [layer for layer in found if layer.get("encoding", {}).get("text", {}).get("field") == field]


def domain(chart: Chart | None) -> list[float]:
    """Ends of the axis of results."""
    assert chart is not None
    line = next(layer for layer in chart.wide["layer"] if layer["mark"]["type"] == "line")
    ends: list[float] = line["encoding"]["y"]["scale"]["domain"]
    return ends


def test_the_axis_of_results_stays_beside_a_stretch_without_a_plan() -> None:
    floored = frontier(quick(limits=[{"measure": "engagements", "min": 9_000}]), "budget=1k:21k:10k")
    text = drawn(curve_chart(floored))
    assert ">no plan<" in text
    assert ">engagements<" in text, "title of the axis"
    assert ">30,000<" in text, "a number of the axis"


def test_a_curve_below_0_has_0_at_the_top_and_room_below() -> None:
    least, most = domain(curve_chart(frontier(loss(), "budget=500:4500:2000")))
    # by hand: three creators at 300 less 3 x 20 of revenue = -840
    assert least < -840
    assert 0 <= most < 840


def test_a_stretch_that_was_not_solved_is_not_said_to_have_no_plan() -> None:
    points = [*curve().points]
    points[2] = points[2].model_copy(update={"status": "skipped", "value": None, "best": None, "mix": []})
    stretch = Stretch(low=12_000, high=12_000, status="skipped", message="")
    cut = curve().model_copy(update={"points": points, "stretches": [stretch]})
    chart, money = curve_chart(cut), mix_along_chart(cut)
    assert ">not solved<" in drawn(chart)
    assert ">no plan<" not in drawn(chart)
    assert money is not None
    assert money.notes == "Share of the money; gaps were not solved."
    grid = frontier(quick(), ["budget=4k:12k:4k", "effort_hours=80:160:80"])
    grid = grid.model_copy(
        update={"points": [*grid.points[:-1], points[2].model_copy(update={"at": [12e3, 160.0]})]}
    )
    found = map_chart(grid)
    assert found is not None
    assert found.finding.count("not solved at 1") == 1
    assert found.table.rows[0][-1] == "not solved"


def test_words_at_turns_do_not_overlap() -> None:
    turns = [Turn(below=4_000 + 100 * i, at=4_100 + 100 * i, kind="turns", group="micro") for i in range(9)]
    chart = curve_chart(curve().model_copy(update={"turns": turns}))
    named = [
        row
        for layer in layers(chart, "word")
        for row in layer["data"]["values"]
        if row["word"] == "micro leads"
    ]
    assert len(named) == 3, "one in each of three lines of text; the others have no room"


def test_todays_plan_that_gives_something_up_is_told_from_the_best() -> None:
    both = quick(objective=[{"maximize": "engagements", "within": "10%"}, {"minimize": "cost"}])
    chart = curve_chart(frontier(both, "budget=10k:30k:10k"))
    assert ">today's plan " in drawn(chart).replace("&#39;", "'")
    assert chart is not None
    assert "The line is the best possible" in chart.notes
    plain = curve_chart(curve("budget=10k:30k:10k"))
    assert plain is not None
    assert ">today 32,000<" in drawn(plain)
    assert "best possible" not in plain.notes


def test_large_numbers_on_axes_are_millions_and_billions() -> None:
    huge = curve("budget=500M:1500M:500M")
    text = drawn(curve_chart(huge))
    assert ">1B<" in text
    assert "G<" not in text, "nobody in finance counts in giga"
    assert ">500M<" in drawn(
        map_chart(frontier(quick(), ["budget=500M:1500M:500M", "effort_hours=80:160:80"]))
    )


def test_shares_of_a_limit_are_percent_under_the_mix() -> None:
    rule = {"name": "small", "measure": "cost", "where": {"tier": "micro"}, "min": "0% of cost"}
    text = drawn(mix_along_chart(frontier(quick(limits=[rule]), "limits.small.min=0%:40%:20%")))
    assert ">40 %<" in text
    assert ">0.4<" not in text


def test_words_of_the_map_stand_only_in_cells_with_room_for_them() -> None:
    chart = map_chart(frontier(quick(), ["budget=4k:20k:4k", "effort_hours=50,100,150,160,200"]))
    (numbers,) = layers(chart, "number")
    rows = {row["cy"] for row in numbers["data"]["values"]}
    assert rows == {50.0, 100.0, 200.0}, "150 and 160 are 10 pixels apart"


def bars(chart: Chart | None) -> list[dict[str, Any]]:
    assert chart is not None
    found: list[dict[str, Any]] = next(
        layer["data"]["values"] for layer in chart.wide["layer"] if layer["mark"]["type"] == "bar"
    )
    return found


def by_hand(start: float, parts: list[float], measure: str = "profit") -> Bridge:
    groups = [BridgeGroup(key=f"g{i}", label=f"g{i}", changes=["x"]) for i in range(len(parts))]
    end = start + sum(parts)
    figure = MeasureBridge(measure=measure, unit="USD", start=start, end=end, change=end - start, parts=parts,
                           orders=1, of_orders=1)  # fmt: skip
    return Bridge(
        base="a", other="b", groups=groups, measures=[figure], solved=0, without_plan=[], message=""
    )


@pytest.mark.parametrize(
    ("start", "parts", "ends"),
    [
        (-840.0, [-350.0, -330.0], [(-840, 0), (-1190, -840), (-1520, -1190), (-1520, 0)]),
        (-840.0, [1700.0, 340.0], [(-840, 0), (-840, 860), (860, 1200), (0, 1200)]),
        (500.0, [-800.0], [(0, 500), (-300, 500), (-300, 0)]),
    ],
)
def test_bars_of_a_bridge_below_0_begin_and_end_where_they_should(
    start: float, parts: list[float], ends: list[tuple[float, float]]
) -> None:
    chart = bridge_chart(by_hand(start, parts), "USD", "bridge")
    assert [(bar["low"], bar["high"]) for bar in bars(chart)] == ends
    assert chart is not None
    assert "does not begin at 0" not in chart.notes


@pytest.mark.parametrize(("better_up", "colours"), [(True, ["gain", "loss"]), (False, ["loss", "gain"])])
def test_a_step_for_the_worse_has_the_colour_of_a_loss(better_up: bool, colours: list[str]) -> None:
    chart = bridge_chart(by_hand(500, [60, -20], "cost"), "USD", "bridge", better_up=better_up)
    assert [bar["colour"] for bar in bars(chart)[1:3]] == [light(name) for name in colours]


def test_more_cost_is_bad_news_and_more_of_what_is_maximized_is_good() -> None:
    def compared(objective: Any) -> Comparison:
        base = quick(objective=objective, limits=[{"measure": "engagements", "min": 9_000}])
        return compare([base, base.with_changes({"name": "Other", "budget": 15_000})], bridges=False)

    cheap, rich = compared({"minimize": "cost"}), compared("engagements")
    assert [more_is_better(cheap, m) for m in ("cost", "engagements", "cpe")] == [False, True, False]
    assert [more_is_better(rich, m) for m in ("cost", "engagements", "hours")] == [False, True, False]


def test_money_of_an_objective_is_named_once_and_tiny_shares_are_short() -> None:
    first = next(iter(tiles(optimize(loss()))))
    assert (first.label, first.value, first.unit) == ("profit", "-840", "USD")
    plan = optimize(
        scenario(
            budget=9e11,
            objective="engagements",
            offers=[
                offer("a", 0.004, tier="nano", engagements_per_post=3, most=60),
                offer("b", 1_234_567_890.12, tier="mega", engagements_per_post=5e8, most=20),
            ],
        )
    )
    chart = mix_chart(plan)
    assert chart is not None
    assert [row[4] for row in chart.table.rows] == ["< 0.1 %", "100 %"]
