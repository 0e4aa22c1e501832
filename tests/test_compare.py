"""Comparisons: columns, differences, limits, inputs, currencies, scenarios without a plan."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from pathlib import Path

import pytest

from optimizer import ScenarioError, load_scenario, optimize
from optimizer.finance.compare.compare import Comparison, compare
from optimizer.finance.compare.pinned import pinned
from optimizer.report.layout.text import sections_text
from optimizer.report.sections.compare import comparison_sections
from optimizer.scenario.currency import in_currency
from tests.builders import offer, scenario
from tests.finance import planned_pairs

SCENARIOS = Path(__file__).parents[1] / "scenarios"
QUICKSTART = load_scenario(SCENARIOS / "quickstart.yaml")
LESS = QUICKSTART.with_changes({"name": "Less", "budget": 10_000})
MORE = QUICKSTART.with_changes({"name": "More", "effort_hours": 240})
NOTHING = QUICKSTART.with_changes({"name": "Nothing", "offers[3].creators.min": 2})
"""Two mega creators cost 36,000 of the 20,000."""


def test_figures_are_those_of_the_plans_and_differences_are_from_the_base() -> None:
    found = compare([QUICKSTART, LESS, MORE])
    plans = [optimize(s, draws=0) for s in (QUICKSTART, LESS, MORE)]
    assert [column.plan for column in found.columns] == [
        plan.model_copy(update={"solver": column.plan.solver}) if column.plan else None
        for plan, column in zip(plans, found.columns, strict=True)
    ]
    goal = found.figures[0]
    assert (goal.measure, goal.values) == ("engagements", (32_000, 21_400, 37_200))
    assert goal.differences == (0, -10_600, 5_200)
    assert goal.shares == (0, pytest.approx(-0.33125), pytest.approx(0.1625))
    for figure in found.figures:
        assert figure.values == tuple(getattr(plan.totals, figure.measure) for plan in plans)
    assert [b.other for b in found.bridges] == ["Less", "More"]


def test_tiers_add_up_and_a_tier_that_a_plan_lacks_is_0() -> None:
    found = compare([QUICKSTART, LESS, MORE], bridges=False)
    assert [group.group for group in found.by_tier] == ["micro", "macro"]
    assert found.by_tier[0].creators == (10, 17, 24)  # solved by hand in the scenario's comments
    assert found.by_tier[1].creators == (5, 1, 3)
    for groups in (found.by_tier, found.by_platform):
        for i, column in enumerate(found.columns):
            assert column.plan is not None
            assert sum(g.cost[i] or 0 for g in groups) == pytest.approx(column.plan.totals.cost)
            assert sum(g.result[i] or 0 for g in groups) == pytest.approx(column.plan.totals.engagements)


def test_limits_stand_side_by_side_by_name() -> None:
    ruled = QUICKSTART.with_changes(
        {"name": "Ruled", "limits": [{"name": "faces", "measure": "creators", "max": 12}]}
    )
    found = compare([QUICKSTART, ruled], bridges=False)
    assert [limit.name for limit in found.limits] == ["budget", "effort_hours", "faces"]
    faces = found.limits[2].columns
    assert faces[0] is None
    assert faces[1] is not None
    assert (faces[1].max, faces[1].binding) == (12, True)
    assert [(d.group, d.label, d.values) for d in found.inputs] == [
        ("limits", "limit faces (creators)", ("–", "at most 12"))
    ]


def test_steps_are_five_percent_more_planned_again() -> None:
    found = compare([QUICKSTART, MORE], bridges=False)
    for column, base in zip(found.columns, (QUICKSTART, MORE), strict=True):
        for step, path in ((column.budget_step, "budget"), (column.hours_step, "effort_hours")):
            assert step is not None
            number = getattr(base, path)
            assert step.step == pytest.approx(0.05 * number)
            more = optimize(base.with_changes({path: number * 1.05, "solver.gap": 0}))
            assert step.gain == pytest.approx(more.objective.value - optimize(base).objective.value)
            assert step.per_unit == pytest.approx((step.gain or 0) / step.step)


def test_inputs_differ_number_by_number_as_they_are_written() -> None:
    other = QUICKSTART.with_changes(
        {
            "name": "Other",
            "budget": 30_000,
            "fees.agency": 0.1,
            "offers[0].engagement_rate": 0.06,
            "offers[1].followers": 50_000,
            "offers[2].creators.max": 12,
            "offers[3].name": "star",
            "objective": "reach",
            "audience": {"people": 9e6},
        }
    )
    found = compare([QUICKSTART, other], bridges=False)
    assert {(d.group, d.label): d.values for d in found.inputs} == {
        ("budget", "budget"): ("20,000 USD", "30,000 USD"),
        ("prices", "fees.agency"): ("0 %", "10 %"),
        ("response", "audience.people"): ("–", "9,000,000"),
        ("response", "engagement_rate of nano-instagram-post"): ("5 %", "6 %"),
        ("response", "followers of micro-instagram-post"): ("40,000", "50,000"),
        ("limits", "creators of macro-instagram-post"): ("0 to 10", "0 to 12"),
        ("offers", "offer mega-instagram-post"): ("mega instagram post", "–"),
        ("offers", "offer star"): ("–", "mega instagram post"),
        ("objective", "objective"): ("maximize engagements", "maximize reach"),
    }


def test_a_benchmark_set_is_compared_by_what_it_fills_in() -> None:
    text = {"tier": "nano", "platform": "instagram", "creators": {"max": 3}}
    base = scenario(objective="engagements", budget=500, benchmarks="global-2026", offers=[text])
    other = scenario(objective="engagements", budget=500, benchmarks="global-2026",
                     offers=[text | {"authentic": "80%"}])  # fmt: skip
    found = compare([base, other], bridges=False)
    assert [(d.label, d.values) for d in found.inputs] == [("authentic of nano-instagram", ("70 %", "80 %"))]


def test_a_scenario_without_a_plan_is_a_column_that_says_so() -> None:
    found = compare([QUICKSTART, NOTHING, MORE])
    column = found.columns[1]
    assert (column.status, column.plan) == ("infeasible", None)
    assert "budget" in column.message
    assert found.figures[0].values == (32_000, None, 37_200)
    assert found.figures[0].differences == (0, None, 5_200)
    assert [bridge.other for bridge in found.bridges] == ["More"]
    assert (
        "Nothing has no plan: these 2 limits cannot hold together: budget, mega-instagram-post."
        in found.sentences
    )
    text = sections_text("", comparison_sections(found))
    assert "Nothing" in text
    assert "37,200" in text


def test_a_base_without_a_plan_leaves_the_others_to_be_read() -> None:
    found = compare([NOTHING, QUICKSTART])
    assert found.figures[0].values == (None, 32_000)
    assert found.figures[0].differences == (None, None)
    assert found.bridges == ()
    assert found.sentences == (
        "The base, Nothing, has no plan, so nothing can be compared with it: these 2 limits cannot hold together: "
        "budget, mega-instagram-post.",
    )
    assert "32,000" in sections_text("", comparison_sections(found))


def test_a_stopped_search_says_how_far_from_the_best_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    from optimizer.finance.compare import compare as module
    from optimizer.language.errors import SolverError

    plan = optimize(MORE)
    goal = plan.objective.model_copy(update={"gap": 0.02})
    stopped = plan.model_copy(update={"status": "feasible", "objective": goal})
    found = compare([optimize(QUICKSTART), stopped], bridges=False)
    assert found.columns[1].status == "feasible"
    assert "More was stopped before the proof: at most 2 % better is possible." in found.sentences

    def late(*_: object) -> None:
        raise SolverError("no plan was found in 1 seconds", timed_out=True)

    monkeypatch.setattr("optimizer.finance.compare.compare.optimize_within", late)
    lost = module.compare([plan, QUICKSTART], bridges=False)
    assert (lost.columns[1].status, lost.columns[1].message) == (
        "not_found",
        "no plan was found in 1 seconds",
    )
    assert lost.figures[0].values == (37_200, None)


def test_saved_plans_are_taken_as_they_are() -> None:
    saved = optimize(MORE)
    found = compare([QUICKSTART, saved])
    again = compare([QUICKSTART, MORE])
    assert found.columns[1].plan == saved
    assert found.bridges == again.bridges
    assert found.figures == again.figures


EURO = scenario(
    name="Euro",
    currency="EUR",
    budget=900,
    exchange_rates={"USD": 1.1, "VND": 28_000},
    objective="engagements",
    offers=[
        offer("a", 90, engagements_per_post=30, hours_per_creator=1, most=6, setup_cost=20),
        offer("b", 150, engagements_per_post=40, hours_per_creator=2, most=6, currency="USD"),
        offer("c", 4_000_000, engagements_per_post=44, hours_per_creator=2, most=6, currency="VND"),
    ],
    limits=[{"measure": "cost", "where": {"name": "a"}, "max": 400}, {"measure": "cpe", "max": 3.3}],
)


def test_another_currency_changes_no_plan() -> None:
    plan = optimize(EURO)
    for currency, rate in (("USD", 1 / 1.1), ("CHF", 1.05), ("VND", 1 / 28_000)):
        other = optimize(in_currency(EURO, currency, rate))
        assert [(x.offer, x.creators) for x in other.lines] == [(x.offer, x.creators) for x in plan.lines]
        assert other.totals.cost == pytest.approx(plan.totals.cost / rate)
        assert other.totals.cpe == pytest.approx(plan.totals.cpe / rate)
        assert [limit.binding for limit in other.limits] == [limit.binding for limit in plan.limits]


def test_a_scenario_in_another_currency_needs_a_rate() -> None:
    with pytest.raises(
        ScenarioError, match="In yen is in JPY, Quickstart in USD, and there is no exchange rate"
    ):
        compare([QUICKSTART, QUICKSTART.with_changes({"name": "In yen", "currency": "JPY"})])


def test_rates_come_from_the_option_else_the_base_else_the_other() -> None:
    dollars = scenario(name="Dollars", budget=990, objective="engagements", offers=[
        offer("a", 99, engagements_per_post=30, hours_per_creator=1, most=6)])  # fmt: skip
    found = compare([dollars, EURO], bridges=False)
    assert found.columns[1].exchange_rate == pytest.approx(1 / 1.1)
    assert (found.columns[1].currency, found.currency) == ("EUR", "USD")
    cost = optimize(EURO).totals.cost
    assert cost is not None
    assert found.figures[1].values[1] == pytest.approx(cost * 1.1)
    base = dollars.with_changes({"exchange_rates": {"EUR": 0.8}})
    assert compare([base, EURO], bridges=False).columns[1].exchange_rate == 0.8
    assert compare([base, EURO], rates={"EUR": 0.5}, bridges=False).columns[1].exchange_rate == 0.5


def test_a_currency_alone_makes_no_difference() -> None:
    found = compare([EURO, in_currency(EURO, "USD", 1 / 1.1)])
    assert found.currency == "EUR"
    assert [b.groups for b in found.bridges] == [()] or all(
        abs(p) < 1e-6 for b in found.bridges for m in b.measures for p in m.parts
    )
    assert found.figures[0].differences == (0, 0)


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_last_bits_of_converted_money_are_no_difference(path: Path) -> None:
    one = load_scenario(path)
    found = compare([one, in_currency(one, "CHF", 1 / 1.1)], rates={"CHF": 1.1}, draws=0)
    assert found.inputs == ()
    assert all(bridge.groups == () for bridge in found.bridges)
    assert not any("comes from" in sentence or "made up of" in sentence for sentence in found.sentences)


def test_a_small_difference_is_written_in_enough_digits() -> None:
    one, two = (QUICKSTART.with_changes({"budget": b}) for b in (1_234_567.1, 1_234_567.2))
    limits = [{"measure": "cost", "max": 123_456.78}], [{"measure": "cost", "max": 123_456.87}]
    found = compare([one.with_changes({"limits": limits[0]}), two.with_changes({"limits": limits[1]})])
    assert [d.values for d in found.inputs] == [
        ("1,234,567.1 USD", "1,234,567.2 USD"),
        ("at most 123,456.78", "at most 123,456.87"),
    ]
    assert [len(group.changes) for group in found.bridges[0].groups] == [1, 1]


def test_more_of_a_limit_is_told_for_the_objective_of_the_base_only() -> None:
    floor = [{"name": "goal", "measure": "engagements", "min": 25_000}]
    cheap = QUICKSTART.with_changes({"name": "Cheap", "objective": {"minimize": "cost"}, "limits": floor})
    found = compare([QUICKSTART, cheap], bridges=False)
    assert found.columns[0].hours_step is not None
    assert (found.columns[1].budget_step, found.columns[1].hours_step) == (None, None)
    assert "Not for another objective: Cheap." in " ".join(
        sections_text("", comparison_sections(found)).split()
    )
    saved = sections_text("", comparison_sections(compare([cheap, cheap], bridges=False)))
    assert "hours: USD saved (per hour)" in saved  # +1,425 is no higher cost
    assert "+1,425" in saved


def test_a_worker_that_fails_costs_one_column() -> None:
    class Broken(Executor):
        asked = 0

        def submit(self, function, /, *job, **_):  # type: ignore[no-untyped-def]
            self.asked += 1
            future: Future[object] = Future()
            if self.asked == 2:
                future.set_exception(RuntimeError("out of\nmemory"))
            else:
                future.set_result(function(*job))
            return future

    found = compare([QUICKSTART, LESS, MORE], executor=Broken())
    assert [column.status for column in found.columns] == ["optimal", "failed", "optimal"]
    assert "Less has no plan: RuntimeError: out of memory." in found.sentences


def test_sentences_round_what_the_table_shows() -> None:
    prices = [{"name": "a", "cost_per_post": c, "engagements_per_post": 10} for c in (12_000.4, 12_300.6)]
    one, two = (
        scenario(objective="engagements", budget=50_000, name=name, offers=[price | {"creators": {"max": 1}}])
        for name, price in zip("AB", prices, strict=True)
    )
    found = compare([one, two])
    assert "B brings the same engagements as A for 300 USD more (+2.5 %)." in found.sentences
    text = sections_text("", comparison_sections(found))
    assert "+300.20" in text


def test_what_is_too_small_to_print_is_no_change() -> None:
    one, two = (
        scenario(objective="engagements", budget=50_000, name=name,
                 offers=[offer("a", price, engagements_per_post=10, most=1)])
        for name, price in (("A", 12_000.40), ("B", 12_000.400001))
    )  # fmt: skip
    found = compare([one, two], bridges=False)
    assert found.sentences == ("B brings the same engagements as A for the same cost.",)
    assert "0.0000" not in sections_text("", comparison_sections(found)).partition("What differs")[0]


def test_things_that_the_user_names_are_counted_without_bending_their_name() -> None:
    boxes = [offer("a", 10, engagements_per_post=1, most=9, measures={"boxes": 2})]
    one, two = (
        scenario(objective="boxes", measures={"boxes": {"per": "creator"}}, budget=b, name=n, offers=boxes)
        for n, b in (("A", 20), ("B", 50))
    )
    found = compare([one, two], bridges=False)
    assert found.sentences[0].endswith("each further one costs 5.00 USD.")


def test_names_are_unique() -> None:
    found = compare(
        [QUICKSTART, QUICKSTART, MORE], bridges=False, sources=["a/base.yaml", "b/next.yaml", "c.yaml"]
    )
    assert [column.name for column in found.columns] == ["base", "next", "More"]
    found = compare([QUICKSTART, QUICKSTART], bridges=False)
    assert [column.name for column in found.columns] == ["Quickstart", "Quickstart-2"]


def test_without_any_plan_there_are_no_empty_tables() -> None:
    text = sections_text("", comparison_sections(compare([NOTHING, NOTHING])))
    assert "Results" not in text
    assert "Limits" not in text


def test_one_scenario_is_no_comparison() -> None:
    with pytest.raises(ValueError, match="at least two"):
        compare([QUICKSTART])


@pytest.mark.parametrize("number", range(4))
def test_reports_of_random_pairs_fit_the_screen(number: int) -> None:
    base, other = planned_pairs(4)[number]
    found = compare([base, other, base])
    text = sections_text("t", comparison_sections(found))
    assert max(len(line) for line in text.splitlines()) <= 80
    assert Comparison.model_validate_json(found.model_dump_json()) == found


def test_pinned_scenarios_say_what_is_written() -> None:
    one = pinned(QUICKSTART)
    assert one.written["micro-instagram-post"]["engagement_rate"] == 0.025
    assert "engagements_per_post" not in one.written["micro-instagram-post"]
    assert one.offers["micro-instagram-post"]["engagements_per_post"] == 1_000
