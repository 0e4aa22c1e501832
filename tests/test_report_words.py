"""The report's sentences: the answer, how sure it is, what is an estimate, and what is only shown when asked for."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer import Plan, optimize
from optimizer.plan.certificate import ObjectiveResult
from optimizer.report.formats import text as text_of
from optimizer.report.sections.plan import headline, sections
from tests.builders import offer, scenario
from tests.stories import plan


def small(**fields: Any) -> Plan:
    """Two offers, money for ten creators of the better one."""
    defaults = {
        "budget": 1000,
        "objective": "engagements",
        "offers": [
            offer("one", 100, engagements_per_post=10, hours_per_creator=2),
            offer("two", 150, engagements_per_post=14, hours_per_creator=1),
        ],
    }
    return optimize(scenario(**{**defaults, **fields}))


def lines(found: Plan, title: str = "") -> list[str]:
    return next(part.lines for part in sections(found) if part.title == title)


def with_objectives(found: Plan, *goals: dict[str, Any], status: str = "optimal") -> Plan:
    """The plan as if its objectives had come out like this."""
    default = {
        "measure": "engagements",
        "sense": "maximize",
        "value": 100,
        "best": 100,
        "bound": 100,
        "gap": 0,
    }
    made = [ObjectiveResult.model_validate({**default, **goal}) for goal in goals]
    return found.model_copy(update={"objective": made[0], "objectives": made, "status": status})


def test_the_answer_says_what_for_how_much_and_how_many() -> None:
    found = small()
    assert lines(found)[:4] == [
        "100 engagements for 1,000 USD and 20 hours: 10 creators, 10 posts.",
        "Proven best: no plan within these limits brings more.",
        "No number of this plan has a range, so it has none either.",
        "Held back by budget.",
    ]


def test_one_creator_is_singular_and_unknown_hours_are_not_named() -> None:
    found = small(offers=[offer("one", 100, engagements_per_post=1, most=1)])
    assert headline(found) == "1 engagement for 100 USD: 1 creator, 1 post."


def test_the_least_cost_is_the_answer_and_says_for_what() -> None:
    found = small(budget=None, objective={"minimize": "cost"}, limits=[{"measure": "engagements", "min": 96}])
    assert lines(found)[:2] == [
        "1,000 USD for 96 engagements and 12 hours: 8 creators, 8 posts.",
        "Proven best: no plan within these limits needs less.",
    ]


def test_the_least_hours_are_named_once() -> None:
    found = small(objective={"minimize": "hours"}, limits=[{"measure": "engagements", "min": 80}])
    assert headline(found) == "6 hours for 900 USD: 6 creators, 6 posts."


def test_a_plan_without_creators_says_so() -> None:
    found = small(effort_hours=0)
    text = text_of(found).splitlines()
    assert text[:2] == ["Scenario", "The best plan books nobody."]
    assert "Plan" not in text
    assert "Totals" not in text
    assert "  one, two (left out by a limit: effort_hours)" in text
    assert "  warning: The best plan books nobody. Check the sign of the objective and the" in text


def test_a_plan_without_creators_because_none_can_be_paid_says_what_the_cheapest_costs() -> None:
    found = small(budget=50)
    answer = "The best plan books nobody. The budget is 50 USD; the cheapest booking, one, costs 100 USD."
    assert headline(found) == answer
    assert "nothing-booked" not in [flag.code for flag in found.flags]


def test_where_every_creator_is_booked_no_limit_is_blamed() -> None:
    found = small(budget=5000, offers=[offer("one", 100, engagements_per_post=10, most=3)])
    assert lines(found)[3] == "Held back by the creators available, not by any limit."


def test_several_limits_are_joined_in_words() -> None:
    found = small(
        offers=[offer("one", 100, engagements_per_post=10, hours_per_creator=2)],
        effort_hours=20,
        limits=[{"measure": "creators", "max": 10}],
    )
    assert "Held back by budget, effort_hours and creators." in lines(found)


@pytest.mark.parametrize(
    ("goals", "status", "sentence"),
    [
        ([{}], "optimal", "Proven best: no plan within these limits brings more."),
        ([{"sense": "minimize"}], "optimal", "Proven best: no plan within these limits needs less."),
        (
            [{"bound": 100.009, "gap": 0.00009}],
            "optimal",
            "Proven best to within 0.009 %: no plan brings more than 100 engagements.",
        ),
        (
            [{"bound": 150, "gap": 0.5}],
            "feasible",
            "Stopped before the proof: at most 50 % better is possible (150 engagements).",
        ),
        (
            [{"bound": 1600, "gap": 15.0}],
            "feasible",
            "Stopped before the proof: at most 1,500 % better is possible (1,600 engagements).",
        ),
        (
            [{"bound": None, "gap": None}],
            "feasible",
            "Stopped before the proof: a valid plan, but how far from the best is not known.",
        ),
        (
            [{}, {"measure": "reach"}],
            "feasible",
            "Nothing is better for engagements; stopped before the proof for reach.",
        ),
        (
            [{"value": 97, "within": 0.03}, {"measure": "reach"}],
            "optimal",
            "Proven: no plan brings more than 100 engagements; 3 % of that is given up for reach.",
        ),
        (
            [{"value": 97, "within": 0.03, "bound": 101, "gap": 0.01}, {"measure": "reach"}, {"measure": "clicks"}],
            "optimal",
            "Proven to within 1 %: no plan brings more than 101 engagements; 3 % of that is given up for reach and "
            "clicks.",
        ),
        (
            [{"value": 100, "within": 0.03}, {"measure": "reach"}],
            "optimal",
            "Proven best: no plan within these limits brings more.",
        ),
    ],
)  # fmt: skip
def test_the_proof_is_said_as_it_is(goals: list[dict[str, Any]], status: str, sentence: str) -> None:
    assert lines(with_objectives(small(), *goals, status=status))[1] == sentence


def test_optimal_is_not_said_of_a_plan_that_is_not_proven() -> None:
    found = with_objectives(small(), {"bound": 150, "gap": 0.5}, status="feasible")
    assert "Proven" not in text_of(found)
    assert "maximize engagements: found 100 engagements, bound 150 engagements, gap 50 %" in lines(
        found, "Certificate"
    )


def test_what_later_objectives_come_to_stands_in_the_answer() -> None:
    found = small(objective=[{"maximize": "engagements", "within": "10%"}, {"minimize": "hours"}])
    assert found.objective.best == 100
    assert lines(found)[1] == (
        "Proven: no plan brings more than 100 engagements; "
        f"{100 - found.objective.value:g} % of that is given up for hours."
    )
    assert lines(found)[-1] == f"Then the least hours: {found.totals.hours:g} hours."


def test_reach_is_an_estimate_with_its_overlap_beside_it() -> None:
    sized = offer("one", 100, followers=10_000, reach_rate="20%", engagements_per_post=10)
    given = small(offers=[sized], audience={"people": "1M", "overlap": "8%"})
    people = f"{given.totals.reach / 1000:.3g}k"
    share = f"{given.totals.reach / 1e6:.2g}"
    assert (
        f"reach: about {people} people, {100 * float(share):g} % of the audience (estimate, with 8 % overlap)"
        in (lines(given, "Totals"))
    )
    assert any(
        line.startswith("average frequency 1") and line.endswith("people reached by two or more creators")
        for line in lines(given, "Totals")
    )
    assumed = small(offers=[sized], audience={"people": "1M"})
    assert any("(estimate, audiences taken as independent)" in line for line in lines(assumed, "Totals"))
    assert not any("reach" in line for line in lines(small(offers=[sized]), "Totals"))


def test_weights_of_engagements_stand_beside_the_number() -> None:
    mixed = offer("one", 100, engagements_per_post=10, engagement_mix={"likes": "80%", "comments": "20%"})
    weighted = small(offers=[mixed], engagement_weights={"likes": 0, "comments": 1.5})
    assert "30 engagements, 33.3 USD each (CPE), weighted: likes count 0, comments count 1.5" in (
        lines(weighted, "Totals")
    )
    plain = small(offers=[mixed], engagement_weights={"likes": 1, "comments": 1})
    assert "100 engagements, 10.0 USD each (CPE)" in lines(plain, "Totals")


FUNNEL = {"tier": "micro", "platform": "instagram", "format": "post", "creators": {"max": 5}}


def test_clicks_and_conversions_appear_only_where_somebody_asked() -> None:
    filled: dict[str, Any] = {"offers": [FUNNEL], "benchmarks": "global-2026", "budget": 100_000}

    def shown(**fields: Any) -> list[bool]:
        total = " ".join(lines(small(**{**filled, **fields}), "Totals"))
        return [" clicks, " in total, " conversions, " in total]

    assert shown() == [False, False]
    assert shown(objective="clicks") == [True, False]
    assert shown(limits=[{"measure": "cpc", "max": 1000}]) == [True, False]
    assert shown(limits=[{"measure": "conversions", "min": 1}]) == [False, True]
    assert shown(offers=[{**FUNNEL, "click_rate": "1%"}]) == [True, False]
    assert shown(offers=[{**FUNNEL, "conversion_rate": "1%"}]) == [False, True]


def test_the_money_is_split_where_there_is_more_than_fees_of_creators() -> None:
    fees = small(fees={"agency": "15%", "contingency": "5%"}, budget=1200)
    assert lines(fees, "Totals")[0] == "cost: 1,200 USD = creators 1,000 + agency fee 150 + contingency 50"
    assert lines(small(), "Totals")[0] == "cost: 1,000 USD"


def test_own_measures_have_their_unit_in_the_answer_and_a_line_in_the_totals() -> None:
    found = small(
        measures={"samples": {"per": "creator"}},
        objective="samples",
        offers=[offer("one", 100, measures={"samples": 2.5})],
    )
    assert headline(found) == "25 samples for 1,000 USD: 10 creators, 10 posts."
    assert "samples: 25" in lines(found, "Totals")


def test_fractions_of_creators_are_said_to_be_a_bound() -> None:
    found = small(budget=1050, solver={"whole_creators": False})
    text = text_of(found)
    assert headline(found) == "105 engagements for 1,050 USD and 21 hours: 10.50 creators, 10.50 posts."
    assert "warning: This plan books fractions of creators: it is a bound on what is" in text
    assert "Binding: less is left than" not in text


def test_a_limit_shows_what_is_used_allowed_and_left() -> None:
    found = small(
        budget=1090,
        limits=[
            {"measure": "cost", "where": {"name": "two"}, "min": "10% of cost", "name": "some of two"},
            {"measure": "creators", "max": 20},
            {"measure": "cpe", "max": 1_000},
        ],
    )
    table = next(part for part in sections(found) if part.title == "Limits")
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["budget"] == ["1,050", "max 1,090", "96.3 %", "40", "binding"]
    assert rows["some of two"] == ["150", "min 105 (10% of cost)", "", "45", "binding"]
    assert rows["creators"] == ["10", "max 20", "50 %", "10", ""]
    assert rows["cpe"] == [f"{found.totals.cpe:.1f}", "max 1,000", "1.01 %", "990", ""]
    assert table.strong == {0, 1}


def test_offers_not_used_are_gathered_by_reason_and_long_lists_are_cut() -> None:
    never = [offer(f"dear {i}", 500, engagements_per_post=1) for i in range(10)]
    none = offer("none", 10, engagements_per_post=1, most=0)
    large = offer("large", 900, engagements_per_post=500)
    found = small(
        offers=[offer("one", 100, engagements_per_post=10), *never, none, large],
        limits=[{"measure": "cost", "per": "creator", "max": 600, "name": "one creator"}],
    )
    assert lines(found, "Not used") == [
        "dear 0, dear 1, dear 2, dear 3, dear 4, dear 5, dear 6, dear 7, 2 more (not worth it here)",
        "none (no room)",
        "large (left out by a limit: one creator)",
    ]


def test_assumptions_are_counted_by_origin() -> None:
    found = plan("quickstart")
    by = {
        origin: sum(a.origin == origin for a in found.assumptions)
        for origin in ("yours", "default", "derived")
    }
    assert lines(found, "Assumptions") == [
        f"Numbers behind this plan: {by['yours']} yours, {by['default']} defaults, "
        f"{by['derived']} computed from others."
    ]


def test_the_certificate_names_solver_status_and_scenario() -> None:
    found = plan("quickstart")
    goal, solver, checked, stamp = lines(found, "Certificate")
    assert goal == "maximize engagements: found 32,000 engagements, bound 32,000 engagements, gap 0 %"
    assert solver.startswith(f"solver {found.solver.version} ({found.solver.raw_status}, ")
    assert solver.endswith("s); every total and limit recounted in decimal arithmetic")
    assert checked.startswith("checked: solved twice with different settings, the same answer; ")
    assert checked.endswith(" plans that differ by one booking: none is better")
    assert stamp == f"scenario Quickstart, sha256 {found.scenario.sha256[:16]}; creatormix {found.version}"
