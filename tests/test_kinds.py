"""Likes, comments, shares and saves: planned for, limited, reported, and unknown where the mix is."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from optimizer import Plan, goal, optimize
from optimizer.finance.compare.bridge import bridge
from optimizer.finance.compare.pinned import hybrid, pinned
from optimizer.plan.plan import Assumption
from optimizer.report import formats
from optimizer.report.page.ranges import doubts
from tests.builders import Data, offer, scenario

KINDS = ("likes", "comments", "shares", "saves")
LOUD = offer(
    "loud", 100, engagements_per_post=100, engagement_mix={"likes": "95%", "comments": "2%", "shares": "3%"}
)
WARM = offer("warm", 100, engagements_per_post=50, engagement_mix={"likes": "80%", "comments": "20%"})
TWO: Data = {"budget": 1_000, "objective": "engagements", "offers": [LOUD, WARM]}
FLOOR = {"measure": "comments", "min": 51}


def totals_line(plan: Plan) -> list[str]:
    return [line.strip() for line in formats.text(plan).splitlines() if line.strip().startswith("of these")]


def booked(plan: Plan) -> dict[str, float]:
    return {line.offer: line.creators for line in plan.lines}


# --- planning, by hand ------------------------------------------------------------------------------------


def test_a_comment_floor_books_those_whose_followers_write() -> None:
    """2 comments of each loud one and 10 of each warm one: 2 (10 - b) + 10 b >= 51 from b = 4 on (52)."""
    assert booked(optimize(scenario(**TWO))) == {"loud": 10}
    plan = optimize(scenario(**TWO, limits=[FLOOR]))
    assert booked(plan) == {"loud": 6, "warm": 4}
    assert (plan.objective.value, plan.totals.comments) == (800, 52)
    (limit,) = (limit for limit in plan.limits if limit.measure == "comments")
    assert (limit.value, limit.min, limit.slack, limit.binding) == (52, 51, 1, True)


def test_most_comments_is_another_plan_than_most_engagements() -> None:
    plan = optimize(scenario(**{**TWO, "objective": "comments"}))
    assert booked(plan) == {"warm": 10}
    assert plan.objective.value == 100
    assert formats.text(plan).splitlines()[1].startswith("100 comments for 1,000 USD")


def test_a_share_of_a_kind_is_a_limit_like_any_other() -> None:
    """Comments at least 8 % of engagements: 2 a + 10 b >= 0.08 (100 a + 50 b), so b >= a."""
    plan = optimize(scenario(**TWO, limits=[{"measure": "comments", "min": "8% of engagements"}]))
    assert booked(plan) == {"loud": 5, "warm": 5}


def test_the_least_budget_for_so_many_comments() -> None:
    assert goal(scenario(**TWO), {"comments": 45}).needed == 500


# --- results ----------------------------------------------------------------------------------------------


def test_kinds_are_in_lines_records_csv_json_and_add_up_to_the_engagements() -> None:
    plan = optimize(scenario(**TWO, limits=[FLOOR]))
    expected = {"likes": 6 * 95 + 4 * 40, "comments": 52, "shares": 18, "saves": 0}
    rows = list(csv.DictReader(io.StringIO(formats.csv(plan))))
    saved = json.loads(plan.model_dump_json())
    for kind, total in expected.items():
        assert getattr(plan.totals, kind) == pytest.approx(total)
        assert sum(record[kind] for record in plan.records()) == pytest.approx(total)
        assert sum(float(row[kind]) for row in rows) == pytest.approx(total)
        assert saved["totals"][kind] == pytest.approx(total)
    assert sum(expected.values()) == plan.totals.engagements


def test_the_report_names_the_kinds_in_one_line() -> None:
    plan = optimize(scenario(**TWO, limits=[FLOOR]))
    line = "of these: 730 likes, 52 comments, 18 shares, 0 saves"
    assert totals_line(plan) == [line]
    assert line in formats.markdown(plan)
    assert line in formats.page(plan)


def test_weighted_engagements_are_told_apart_from_the_kinds_that_are_counted() -> None:
    plan = optimize(scenario(**TWO, engagement_weights={"likes": 0, "comments": 3}))
    assert booked(plan) == {"warm": 10}  # 50 x 20 % x 3 = 30 each, against 100 x (2 % x 3 + 3 %) = 9
    assert plan.totals.engagements == pytest.approx(300)
    assert totals_line(plan) == ["of these, unweighted: 400 likes, 100 comments, 0 shares, 0 saves"]


def test_without_a_mix_kinds_are_unknown_and_not_spoken_of() -> None:
    plain = offer("plain", 100, engagements_per_post=200)
    plan = optimize(scenario(**{**TWO, "offers": [plain, WARM]}))
    assert booked(plan) == {"plain": 10}
    assert [getattr(plan.totals, kind) for kind in KINDS] == [None] * 4
    assert totals_line(plan) == []


def test_a_total_with_an_unknown_part_is_unknown() -> None:
    plain = offer("plain", 100, engagements_per_post=200, most=2)
    plan = optimize(scenario(**{**TWO, "offers": [plain, WARM]}))
    assert set(booked(plan)) == {"plain", "warm"}
    assert plan.totals.comments is None


# --- the mix of a benchmark set ---------------------------------------------------------------------------


def figures(**shares: Any) -> Data:
    """A set that knows what a micro creator on TikTok costs and brings, and such a mix."""
    known = (
        {"field": "engagement_rate", "base": "followers", "typical": 0.05},
        {"field": "followers", "typical": 20_000},
    )
    rows = [*known, *({"field": f"engagement_mix.{kind}", **share} for kind, share in shares.items())]
    where = {
        "tier": "micro",
        "platform": "tiktok",
        "kind": "benchmark",
        "sources": ["Panel 2026"],
        "years": "2026",
    }
    return {
        "name": "ours",
        "as_of": "2026-01-15",
        "currency": "USD",
        "over": None,
        "figures": [where | row for row in rows],
    }


FILLED = offer("filled", 100, tier="micro", platform="tiktok", most=5)


def mix_of(plan: Plan) -> dict[str, Assumption]:
    return {a.field: a for a in plan.assumptions if a.field.startswith("engagement_mix.")}


def test_a_mix_comes_from_the_set_with_its_origin() -> None:
    shares = {"likes": {"typical": 0.9}, "comments": {"low": 0.05, "typical": 0.1, "high": 0.2}}
    plan = optimize(scenario(**{**TWO, "offers": [FILLED]}, benchmarks=figures(**shares), limits=[FLOOR]))
    assert plan.totals.comments == pytest.approx(5 * 20_000 * 0.05 * 0.1)
    found = mix_of(plan)
    assert set(found) == {"engagement_mix.likes", "engagement_mix.comments"}
    comments = found["engagement_mix.comments"]
    assert (comments.low, comments.value, comments.high, comments.origin) == (0.05, 0.1, 0.2, "benchmark")
    assert "Panel" in comments.source
    text = formats.text(plan)
    assert "engagement_mix: likes, comments" in text
    assert "90, 10 % (5 % to 20 %)" in text


def test_part_of_a_mix_says_nothing() -> None:
    shares = {"comments": {"typical": 0.1}}
    plan = optimize(scenario(**{**TWO, "offers": [FILLED]}, benchmarks=figures(**shares)))
    assert mix_of(plan) == {}
    assert plan.totals.comments is None


def test_an_own_mix_stands_for_the_whole_mix_of_the_set() -> None:
    shares = {"likes": {"typical": 0.9}, "saves": {"typical": 0.1}}
    own = {**FILLED, "engagement_mix": {"likes": "70%", "comments": "30%"}, "source": "our panel"}
    plan = optimize(scenario(**{**TWO, "offers": [own]}, benchmarks=figures(**shares)))
    found = {field: (a.value, a.origin, a.source) for field, a in mix_of(plan).items()}
    assert found == {
        "engagement_mix.likes": (0.7, "yours", "our panel"),
        "engagement_mix.comments": (0.3, "yours", "our panel"),
    }
    assert plan.totals.saves == 0


def test_saves_on_youtube_are_none_as_its_figures_say_and_not_unknown() -> None:
    video = {"tier": "micro", "platform": "youtube", "format": "video", "creators": {"min": 1, "max": 1}}
    plan = optimize(
        scenario(objective="engagements", budget=50_000, offers=[video], benchmarks="global-2026")
    )
    assert plan.totals.saves == 0
    assert plan.totals.likes is not None
    assert plan.totals.comments is not None
    assert plan.totals.likes + plan.totals.comments == pytest.approx(plan.totals.engagements)
    assert mix_of(plan)["engagement_mix.saves"].origin == "assumption"


@pytest.mark.parametrize(
    ("changes", "doubted"),
    [
        ({}, False),
        ({"limits": [FLOOR]}, True),
        ({"limits": [{"measure": "likes", "min": 50}]}, False),
        ({"engagement_weights": {"likes": 0.5}}, True),
    ],
)
def test_the_range_of_a_mix_is_a_doubt_where_it_decides_something(changes: Data, doubted: bool) -> None:
    shares = {"likes": {"typical": 0.9}, "comments": {"low": 0.05, "typical": 0.1, "high": 0.2}}
    plan = optimize(scenario(**{**TWO, "offers": [FILLED]}, benchmarks=figures(**shares), **changes))
    fields = {doubt.assumption.field for doubt in doubts(plan)}
    assert ("engagement_mix.comments" in fields) is doubted


# --- compared ---------------------------------------------------------------------------------------------


def test_a_scenario_with_every_number_written_out_counts_the_same_kinds() -> None:
    weighted = scenario(**TWO, engagement_weights={"likes": 0, "comments": 3}, limits=[FLOOR])
    plain = scenario(**{**TWO, "offers": [LOUD, {**WARM, "engagements_per_post": 60}]}, limits=[FLOOR])
    for base, other in ((weighted, plain), (plain, weighted)):
        ends = pinned(base), pinned(other)
        for switched, same in (((), base), (("response",), other)):
            mixed = optimize(hybrid(*ends, switched)).totals
            whole = optimize(same).totals
            for measure in ("engagements", *KINDS):
                assert getattr(mixed, measure) == pytest.approx(getattr(whole, measure)), measure


def test_a_bridge_says_that_the_mix_or_its_weights_have_changed() -> None:
    base = optimize(scenario(**TWO, engagement_weights={"comments": 2}))
    other = optimize(scenario(**TWO, engagement_weights={"comments": 30}))
    (group,) = bridge(base, other).groups
    assert (group.key, group.changes) == ("response", ("engagement_weights.comments: 2 -> 30",))
    mixed = {**LOUD, "engagement_mix": {"likes": "90%", "comments": "10%"}}
    other = optimize(scenario(**{**TWO, "offers": [mixed, WARM]}))
    (group,) = bridge(optimize(scenario(**TWO)), other).groups
    assert group.changes == (
        "engagement_mix of loud: likes: 95 %, comments: 2 %, shares: 3 % -> likes: 90 %, comments: 10 %",
    )
