"""What `--over` accepts, and what it says where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer import Scenario, load_scenario
from optimizer.finance.frontier.axes import axes_of, change_of, steps
from optimizer.finance.frontier.frontier import frontier
from optimizer.language.errors import ScenarioError

SCENARIOS = Path(__file__).resolve().parents[1] / "scenarios"


@pytest.fixture(scope="module")
def launch() -> Scenario:
    return load_scenario(SCENARIOS / "launch-us.yaml")


@pytest.fixture(scope="module")
def quickstart() -> Scenario:
    return load_scenario(SCENARIOS / "quickstart.yaml")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("budget=20k:40k:5k", [20_000, 25_000, 30_000, 35_000, 40_000]),
        ("budget=20k:38k:5k", [20_000, 25_000, 30_000, 35_000]),
        (" budget = 20_000 : 40_000 : 20_000 ", [20_000, 40_000]),
        ("budget=20k,40k,80k", [20_000, 40_000, 80_000]),
        ("budget=100,200,300", [100, 200, 300]),
        ("budget=50k", [50_000]),
        ("budget=0:0.5:0.1", [0, 0.1, 0.2, 0.3, 0.4, 0.5]),
        ("offers[0].hours_per_creator=1.125,1.250", [1.125, 1.25]),
        ("audience.overlap=5%:15%:5%", [0.05, 0.1, 0.15]),
        ("audience.overlap=0.1:0.7:0.1", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]),
        ("offers[0].creators.max=0:2:1", [0, 1, 2]),
    ],
)
def test_ranges_and_lists(launch: Scenario, text: str, values: list[float]) -> None:
    (axis,) = axes_of(launch, text)
    assert list(axis.values) == values


def test_steps_are_exact_decimals() -> None:
    assert steps(0.1, 0.7, 0.1) == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
    assert steps(0, 1e-3, 1e-4)[3] == 0.0003
    assert len(steps(0, 1, 0.001)) == 1001


@pytest.mark.parametrize(
    ("path", "label", "unit", "today", "of"),
    [
        ("budget", "budget", "USD", 100_000, None),
        ("effort_hours", "coordination hours", "hours", 800, None),
        ("audience.people", "audience people", "people", 30e6, None),
        ("audience.overlap", "audience overlap", "", 0.08, None),
        ("fees.agency", "fees agency", "", 0.15, None),
        ("limits.tiktok share.min", "floor of tiktok share, share of cost", "", 0.25, "cost"),
        ("limits[4].max", "ceiling of one creator, share of budget", "", 0.1, "budget"),
        ("offers[1].creators.max", "creators available of micro-instagram-reel", "creators", 30, None),
        ("offers.nano-tiktok-video.on_target", "on_target of nano-tiktok-video", "", 0.45, None),
        ("offers[1].posts_per_creator", "posts per creator of micro-instagram-reel", "posts", 3, None),
        ("offers[0].posts_per_creator.max", "most posts per creator of nano-instagram-reel", "posts", 2, None),
    ],
)  # fmt: skip
def test_any_number_of_the_scenario_has_a_name_a_unit_and_today(
    launch: Scenario, path: str, label: str, unit: str, today: float, of: str | None
) -> None:
    (axis,) = axes_of(launch, {path: [today]})
    assert (axis.path, axis.label, axis.unit, axis.today, axis.of) == (path, label, unit, today, of)


def test_today_of_a_number_that_the_benchmarks_fill_and_of_a_range(launch: Scenario) -> None:
    (axis,) = axes_of(launch, {"offers[1].cost_per_post": [100, 200]})
    assert axis.today is not None
    assert axis.today > 0
    changed = launch.with_changes({"offers[1].cost_per_post": [100, 150, 300]})
    assert axes_of(changed, {"offers[1].cost_per_post": [100, 200]})[0].today == 150


def test_a_share_stays_a_share_of_the_same(launch: Scenario) -> None:
    for text in ("limits.tiktok share.min=0%:50%:10%", "limits.tiktok share.min=0% of cost, 50% of cost"):
        (axis,) = axes_of(launch, text)
        assert axis.of == "cost"
        assert change_of(axis, 0.5) == {"limits.tiktok share.min": "50% of cost"}
    (axis,) = axes_of(launch, "limits.tiktok share.min=10% of budget, 20% of budget")
    assert change_of(axis, 0.1) == {"limits.tiktok share.min": "10% of budget"}
    found = frontier(launch, {"limits.tiktok share.min": [0.3]})
    shares = {m.group: m.cost or 0.0 for m in found.points[0].mix}
    assert found.points[0].binding.count("tiktok share") <= 1
    assert sum(shares.values()) > 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("budgt=1:2:1", "--over budgt: there is no budgt (did you mean 'budget'?)"),
        (
            "offers[0].cost=1",
            "--over offers[0].cost: there is no offers[0].cost (did you mean 'cost_per_post'?)",
        ),
        ("limits.nobody.max=1", "nothing in limits is named 'nobody'"),
        ("offers.nobody.cpm=1", "nothing in offers is named 'nobody' (known: nano-instagram-post"),
        ("offers[9].cpm=1", "there is no offers[9]"),
        ("budget..x=1", "this is not a path"),
        ("budget.x=1", "budget has no keys"),
        ("name=1:2:1", "--over name: this holds 'Quickstart', no number"),
        ("offers[0]=1", "this holds a mapping, no number"),
        ("offers[0].creators=1", "(vary e.g. offers[0].creators.min)"),
        ("solver.whole_creators=0,1", "this holds yes or no, no number"),
        ("objective=1:2:1", "this holds a list, no number"),
        ("budget", "a path and its values are wanted here (write PATH=START:STOP:STEP"),
        ("budget=", "a path and its values are wanted here"),
        ("budget=1:2", "'1:2' is no range (write START:STOP:STEP, e.g. 20k:120k:5k)"),
        ("budget=1:2:0", "a step of 0 never gets from 1 to 2 (make it positive)"),
        ("budget=1:2:-1", "a step of -1 never gets from 1 to 2"),
        ("budget=40k:20k:5k", "40k is above 20k (write 20k:40k:5k)"),
        ("budget=a:b:c", "'a' is not a number"),
        ("budget=1,,2", "a number is missing here"),
        ("budget=20,000", "20,000 could be one number or two (write 20_000"),
        (
            "budget=25.000:100.000:5.000",
            "--over budget: '25.000' could mean two numbers, because a point separates thousands in half of the world "
            "(write 25_000 or 25)",
        ),
        ("offers[0].creators.max=1,2.000", "--over offers[0].creators.max: '2.000' could mean two numbers"),
        ("budget=3,2,2", "the values have to rise (write 2,3)"),
        ("budget=0:1M:1", "1,000,001 points are more than 10,000 (take larger steps or a shorter range)"),
        ("budget=-5:5:5", "--over budget=-5: -5 is negative"),
        (
            "offers[0].creators.max=0:3:0.5",
            "--over offers[0].creators.max=0.5: 0.5 creators cannot be booked",
        ),
        ("offers[0].posts_per_creator=1:2:0.5", "1.5 is not a whole number of posts"),
        ("audience.people=1:2:1k:1", "is no range"),
        ("offers[0].engagement_rate=5:20:5", "500 % is no share"),
    ],
)
def test_what_makes_no_axis_says_where_what_and_how_to_mend(
    quickstart: Scenario, text: str, message: str
) -> None:
    with pytest.raises(ScenarioError) as caught:
        axes_of(quickstart, text)
    assert message in str(caught.value)
    assert str(caught.value).startswith("--over")
    assert len(caught.value.problems) == 1


def test_a_share_above_all_of_it_is_refused(launch: Scenario) -> None:
    with pytest.raises(ScenarioError, match=r"50 would be 50 times the cost \(write 50%\)"):
        axes_of(launch, "limits.tiktok share.min=0:50:10")


def test_every_problem_is_said_at_once(quickstart: Scenario) -> None:
    with pytest.raises(ScenarioError) as caught:
        axes_of(quickstart, ["budget=1k:2k:1k", "budget=1:2:1", "foo=1", "effort_hours=x"])
    assert [str(problem) for problem in caught.value.problems] == [
        "--over budget: this number is varied already (vary two different numbers)",
        "--over foo: there is no foo (known: name, author, notes, dates, currency, exchange_rates, budget, "
        "effort_hours, objective, country, benchmarks, tier_borders, audience, engagement_weights, fees, correlation, "
        "offers, measures, limits, stress, solver, chosen_from)",
        "--over effort_hours: 'x' is not a number (write it like 60000, 60_000, 12M, 412k or 5%)",
        "--over: 4 numbers to vary are too many (one makes a curve, two make a map)",
    ]
    with pytest.raises(ScenarioError, match=r"offers\[0\].reach_rate is the same number"):
        axes_of(quickstart, {"offers[0].reach_rate": [0.1], "offers.nano-instagram-post.reach_rate": [0.1]})
    with pytest.raises(ScenarioError, match="40,401 points are more than 10,000"):
        axes_of(quickstart, ["budget=0:200:1", "effort_hours=0:200:1"])
    with pytest.raises(ScenarioError, match="nothing to vary"):
        axes_of(quickstart, [])


def test_numbers_of_python_are_checked_as_well(quickstart: Scenario) -> None:
    assert axes_of(quickstart, {"budget": range(10_000, 30_000, 10_000)})[0].values == (10_000, 20_000)
    for values, message in (
        ([], "no values"),
        ([2, 1], "have to rise"),
        (["x"], "not a number"),
        (5, "not iterable"),
    ):
        with pytest.raises(ScenarioError, match=message):
            axes_of(quickstart, {"budget": values})  # type: ignore[dict-item]
