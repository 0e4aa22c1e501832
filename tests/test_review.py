"""Quality flags: each fires where it should, with these words, and not just beside it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from typing import Any

import pytest

from optimizer import Plan, optimize
from optimizer.plan import filled, measured, plausible
from optimizer.plan import review as module
from optimizer.plan.review import CHECKS, review
from optimizer.program.program import program_of
from tests.builders import Data, scenario
from tests.flag_cases import CASES as OF_PLANS
from tests.flag_cases import MICRO, SET, Case, ask, deal
from tests.measured_cases import CASES as OF_OVERLAPS
from tests.plausible_cases import CASES as OF_NUMBERS

CASES = [*OF_PLANS, *OF_NUMBERS, *OF_OVERLAPS]


def reviewed(data: Data, edit: Callable[[Plan], Plan] | None = None) -> tuple[Any, Plan]:
    """The prepared scenario and its plan, with the flags of the plan as edited."""
    asked = scenario(**data)
    found = optimize(asked)
    program = program_of(asked)
    if edit is not None:
        found = edit(found)
        found = found.model_copy(update={"flags": review(program, found)})
    return program, found


@pytest.mark.parametrize("case", CASES, ids=[f"{c.code}-{i}" for i, c in enumerate(CASES)])
def test_a_flag_is_raised_in_these_words_and_not_just_beside(case: Case) -> None:
    program, found = reviewed(case.fires, case.edit)
    flags = [flag for flag in found.flags if flag.code == case.code]
    assert [(f.severity, f.message, f.advice) for f in flags] == [(case.severity, case.message, case.advice)]
    check = next(check for check in CHECKS if check.__name__ == case.check)
    assert flags == [flag for flag in check(program, found) if flag.code == case.code]
    assert case.code not in [flag.code for flag in reviewed(case.near)[1].flags]


def test_a_plan_about_which_nothing_is_left_unsaid_has_no_flags() -> None:
    assert reviewed(ask())[1].flags == ()


def test_every_check_and_every_code_has_a_case() -> None:
    """A new check or code needs a case in `CASES`."""
    tree = ast.parse(
        inspect.getsource(module)
        + inspect.getsource(plausible)
        + inspect.getsource(measured)
        + inspect.getsource(filled)
    )
    codes = {
        call.args[0].value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("warn", "note")
        if isinstance(call.args[0], ast.Constant)
    }
    assert codes == {case.code for case in CASES}
    assert {check.__name__ for check in CHECKS} == {case.check for case in CASES}
    yielding = {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and node.returns
        and ast.unparse(node.returns) == "Iterator[Flag]"
    }
    assert yielding == {check.__name__ for check in CHECKS}


def test_warnings_come_before_notes() -> None:
    data = ask(deal(completion=None, hours_per_creator=None, cost_per_post=400, source=None), budget=4000)
    found = reviewed({**data, "limits": [{"measure": "creators", "max": 2}]})[1]
    severities = [flag.severity for flag in found.flags]
    assert severities == sorted(severities, key=["warning", "note"].index)
    assert set(severities) == {"warning", "note"}
    assert severities.index("note") > 1


def test_many_names_are_counted_not_listed() -> None:
    offers = [deal(f"o{i}", completion=None, creators={"max": 2}) for i in range(5)]
    found = reviewed(ask(*offers))[1]
    assert [f.message for f in found.flags] == [
        "Every booked creator of o0, o1, o2 and 2 more is taken to deliver."
    ]


def test_one_creator_alone_is_no_concentration() -> None:
    """Where one creator is the whole plan, everybody sees it."""
    found = reviewed(ask(deal(creators={"max": 1}, cost_per_post=900), budget=900))[1]
    assert found.flags == ()


def test_counting_creators_is_not_a_result_that_one_of_them_carries() -> None:
    found = reviewed(ask(deal(creators={"max": 3}), objective="creators", budget=300))[1]
    assert [f.code for f in found.flags] == ["one-creator-spend", "one-creator-result"]
    assert found.flags[1].message == "One creator of one carries 33 % of the engagements."


def test_a_rate_from_the_set_itself_is_never_outside_of_it() -> None:
    filled = {key: value for key, value in MICRO.items() if key != "engagement_rate"}
    found = reviewed(ask(deal(**filled), benchmarks=SET))[1]
    assert "rate-outside-benchmark" not in [f.code for f in found.flags]


def test_without_a_set_rates_are_held_against_the_packaged_one() -> None:
    found = reviewed(ask(deal(**MICRO, engagement_rate="60%")))[1]
    assert [f.code for f in found.flags] == ["rate-outside-benchmark"]
    assert found.flags[0].message.startswith("engagement_rate is above the public range: one 60 % (public ")


@pytest.mark.parametrize(
    ("price", "budget", "rate"),
    [
        (1_000_000_000_000, 1000, 0.00004),  # above the budget whichever way round
        (500_000, None, 25_000),  # nothing to hold it against, and more than a cent
    ],
)
def test_a_rate_that_is_no_better_the_other_way_round_is_not_doubted(
    price: float, budget: float | None, rate: float
) -> None:
    koc = deal("koc", cost_per_post=price, currency="VND", creators={"max": 1})
    data = ask(
        deal(creators={"max": 1}), koc, exchange_rates={"VND": rate}, budget=budget, objective="creators"
    )
    assert "rate-upside-down" not in [flag.code for flag in reviewed(data)[1].flags]


def test_one_price_that_fits_is_enough_to_trust_a_rate() -> None:
    dear = deal("dear", cost_per_post=9000, currency="INR")
    alone = reviewed(ask(dear, exchange_rates={"INR": 0.0125}))[1]
    assert "rate-upside-down" in [flag.code for flag in alone.flags]
    beside = reviewed(ask(dear, deal(cost_per_post=10, currency="INR"), exchange_rates={"INR": 0.0125}))[1]
    assert "rate-upside-down" not in [flag.code for flag in beside.flags]


def test_a_benchmark_set_in_a_currency_whose_rate_is_upside_down_is_seen_too() -> None:
    fee = {"field": "cost_per_post", "tier": "micro", "low": 80, "typical": 100, "high": 120, "kind": "assumption",
           "note": "a guess"}  # fmt: skip
    figures = {**SET, "figures": [fee]}
    dong = {
        "benchmarks": figures,
        "currency": "VND",
        "budget": 250e6,
        "limits": [{"measure": "creators", "max": 9}],
    }
    priced = deal(tier="micro", platform="instagram", cost_per_post=None)
    wrong = reviewed(ask(priced, **dong, exchange_rates={"USD": 25_000}))[1]
    assert "rate-upside-down" in [flag.code for flag in wrong.flags]
    right = reviewed(ask(priced, **dong, exchange_rates={"USD": 0.00004}))[1]
    assert "rate-upside-down" not in [flag.code for flag in right.flags]


def test_gifts_have_no_cpm_to_doubt() -> None:
    data = ask(deal(cost_per_post=0, impressions_per_post=1000), limits=[{"measure": "creators", "max": 3}])
    assert "unusual-cpm" not in [flag.code for flag in reviewed(data)[1].flags]


def test_the_flags_stand_in_text_and_json() -> None:
    from optimizer.report.formats import text

    plan = reviewed(ask(deal(impressions_per_post=100), budget=1000))[1]
    assert "lies outside 1 to 500 USD: one 1,000." in " ".join(text(plan).split())
    assert "unusual-cpm" in plan.model_dump_json()
