"""Limits of a plan, offers it does not use, and what it assumes."""

from __future__ import annotations

import re

import pytest

from optimizer import Plan, Scenario, optimize, parse_scenario
from optimizer.__version__ import __version__
from optimizer.plan.limit_results import NEARLY
from tests.builders import Data, offer, scenario
from tests.stories import plan
from tests.test_result import every_scenario, limit_of, outcome, planned

# Limits.


def test_a_limit_has_value_sides_slack_and_words() -> None:
    found = planned(
        offer("one", 100, tier="nano", engagements_per_post=10),
        offer("two", 100, tier="micro", engagements_per_post=9, hours_per_creator=1),
        budget=1090,
        limits=[
            {"measure": "cost", "where": {"tier": "micro"}, "min": "25% of cost", "max": "50% of budget"},
            {"measure": "cpe", "max": 15},
            {"measure": "creators", "min": 2, "max": 30},
        ],
    )
    untold = {
        "name",
        "binding",
        "or_none",
        "unused",
        "scope",
        "signed",
        "confidence",
        "dependable",
        "k",
        "drawn_k",
    }
    dumped = {limit.name: limit.model_dump(exclude=untold) for limit in found.limits}
    assert dumped["budget"] == {
        "measure": "cost",
        "value": 1000,
        "min": None,
        "max": 1090,
        "slack": 90,
        "text": "",
    }
    assert dumped["cost (micro)"] == {
        "measure": "cost", "value": 300, "min": 250, "max": 545, "slack": 50, "text": "25% of cost to 50% of budget",
    }  # fmt: skip
    cpe = limit_of(found, "cpe")
    assert (cpe.value, cpe.max) == (pytest.approx(1000 / 97), 15)
    assert cpe.slack == pytest.approx(15 - 1000 / 97)
    assert limit_of(found, "creators").slack == 8  # to the nearer side


def test_reach_limits_are_in_people() -> None:
    sized = offer("one", 100, followers=1000, reach_rate=1, engagements_per_post=1, most=2)
    audience = {"people": 10_000, "overlap": "10%"}
    found = planned(sized, audience=audience, limits=[{"measure": "reach", "min": "15% of audience"}])
    reach = limit_of(found, "reach")
    assert (reach.value, reach.min) == (pytest.approx(1900), 1500)
    assert reach.slack == pytest.approx(400)
    assert reach.binding  # one creator fewer reaches 1,000


def test_a_limit_for_each_creator_shows_the_one_nearest_to_a_side() -> None:
    found = planned(
        offer("one", 100, engagements_per_post=10, most=1),
        offer("two", 150, engagements_per_post=30, most=1),
        limits=[
            {"measure": "cost", "per": "creator", "max": "20% of budget", "name": "fee"},
            {"measure": "engagements", "per": "creator", "min": 10, "name": "result"},
            {"measure": "cpe", "per": "creator", "max": 12, "name": "price"},
        ],
    )
    fee, result, price = (limit_of(found, name) for name in ("fee", "result", "price"))
    assert (fee.value, fee.max, fee.slack, fee.binding) == (150, 200, 50, False)
    assert (result.value, result.min, result.slack, result.binding) == (10, 10, 0, True)
    assert (price.value, price.slack, price.binding) == (10, 2, False)


def test_a_ratio_of_nothing_and_a_creator_of_nobody_have_no_value() -> None:
    found = planned(
        budget=50,
        limits=[
            {"measure": "cpe", "max": 15},
            {"measure": "cost", "per": "creator", "max": 500, "name": "fee"},
        ],
    )
    for name in ("cpe", "fee"):
        limit = limit_of(found, name)
        assert (limit.value, limit.slack, limit.binding) == (None, None, False)


BINDING = [
    # a ceiling binds where no further creator fits
    ("no room for one more", {"budget": 1090}, "budget", True),
    ("room for one more, but none is left", {"budget": 1300, "most": 10}, "budget", False),
    ("room for one more elsewhere, that nobody wants", {"budget": 1050, "most": 10, "useless": 60}, "budget", False),
    ("no room for the set-up of the other", {"budget": 1190, "most": 10, "other": {"setup_cost": 100}}, "budget", True),
    ("no room for the other", {"budget": 1090, "most": 10, "other": {}}, "budget", True),
    ("a share of hours", {"budget": 1000, "effort_hours": 21.5}, "effort_hours", True),
    ("hours enough for one more", {"budget": 1000, "effort_hours": 22}, "effort_hours", False),
    # nearly all of it is used
    ("98 %", {"budget": 1020, "most": 10}, "budget", True),
    ("less than 98 %", {"budget": 1021, "most": 10}, "budget", False),
    # a floor binds where a creator fewer would break it
    ("floor", {"budget": 1000, "limits": [{"measure": "engagements", "min": 91}]}, "engagements", True),
    ("floor with room", {"budget": 1000, "limits": [{"measure": "engagements", "min": 90}]}, "engagements", False),
    ("nothing left", {"budget": 1000, "limits": [{"measure": "creators", "max": 10}]}, "creators", True),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "name", "binding"), [c[1:] for c in BINDING], ids=[c[0] for c in BINDING])
def test_a_limit_binds_by_the_stated_rule(fields: Data, name: str, binding: bool) -> None:
    fields = dict(fields)
    room = {"most": fields.pop("most")} if "most" in fields else {}
    offers = [offer("one", 100, engagements_per_post=10, hours_per_creator=2, **room)]
    if "other" in fields:
        offers.append(offer("other", 100, engagements_per_post=9, hours_per_creator=2, **fields.pop("other")))
    if "useless" in fields:
        offers.append(offer("useless", fields.pop("useless"), engagements_per_post=0, hours_per_creator=2))
    found = planned(*offers, **fields)
    assert found.totals.creators == 10
    assert limit_of(found, name).binding == binding


def test_nearly_is_two_hundredths() -> None:
    assert NEARLY == 0.02


@pytest.mark.parametrize(("share", "binding"), [("29%", True), ("20%", False)])
def test_a_floor_on_a_share_binds_where_a_creator_fewer_would_break_it(share: str, binding: bool) -> None:
    """Three of ten creators: without one of them two of nine, 22 %, are left."""
    found = planned(
        offer("one", 100, tier="nano", engagements_per_post=10),
        offer("two", 100, tier="micro", engagements_per_post=9, least=3),
        limits=[
            {
                "name": "share",
                "measure": "creators",
                "where": {"tier": "micro"},
                "min": f"{share} of creators",
            }
        ],
    )
    limit = limit_of(found, "share")
    assert (limit.value, limit.min) == (3, pytest.approx(float(share[:-1]) / 10))
    assert limit.binding == binding


def test_with_fractions_a_limit_binds_where_nothing_is_left() -> None:
    one = offer("one", 100, engagements_per_post=10, most=9.9)
    found = planned(one, solver={"whole_creators": False}, limits=[{"measure": "creators", "max": 9.9}])
    assert limit_of(found, "creators").binding
    assert not limit_of(found, "budget").binding  # although 99 % is used


@every_scenario
def test_every_limit_is_kept_and_its_slack_is_the_distance_to_the_nearer_side(name: str) -> None:
    for limit in plan(name).limits:
        if limit.value is None:
            continue
        sides = [
            *([] if limit.min is None else [limit.value - limit.min]),
            *([] if limit.max is None else [limit.max - limit.value]),
        ]
        assert limit.slack == pytest.approx(min(sides), abs=1e-6)
        assert limit.slack >= 0
        assert limit.binding or limit.slack > 0


@pytest.mark.parametrize("name", ["美妆", "25% rule", "_", "-", "e1", "x" * 300])
def test_a_limit_may_have_any_name(name: str) -> None:
    """Solvers take fewer: PuLP 4 refuses names that begin with an underscore."""
    found = planned(limits=[{"name": name, "measure": "creators", "max": 9}])
    assert limit_of(found, name).value == 9


# Not used.


def test_why_offers_are_not_used() -> None:
    found = planned(
        offer("one", 100, engagements_per_post=10),
        offer(
            "dear",
            100,
            tier="nano",
            platform="x",
            format="post",
            engagements_per_post=9,
            tags={"city": "Hue"},
        ),
        offer("none", 10, engagements_per_post=10, most=0),
        offer("large", 400, engagements_per_post=900),
        limits=[
            {"name": "fee", "measure": "cost", "per": "creator", "max": 300},
            {"name": "strength", "measure": "engagements", "per": "creator", "max": 800},
            {"name": "weakness", "measure": "engagements", "per": "creator", "min": 1},
        ],
    )
    assert [(x.offer, x.reason, x.detail) for x in found.unused] == [
        ("dear", "not worth it here", ""),
        ("none", "no room", ""),
        ("large", "left out by a limit", "fee, strength"),
    ]
    dear = found.unused[0]
    assert (dear.tier, dear.platform, dear.format, dear.tags) == ("nano", "x", "post", {"city": "Hue"})


@every_scenario
def test_every_offer_is_either_in_a_line_or_not_used(name: str) -> None:
    found = plan(name)
    used, unused = {line.offer for line in found.lines}, {offer.offer for offer in found.unused}
    assert not used & unused
    assert used | unused == {a.offer for a in found.assumptions if a.offer}


# Assumptions.


def origins(found: Plan, name: str) -> dict[str, tuple[float, float, float, str, str]]:
    chosen = [a for a in found.assumptions if a.offer == name]
    return {a.field: (a.low, a.value, a.high, a.origin, a.source) for a in chosen}


def test_every_number_stands_with_its_origin() -> None:
    found = planned(
        offer("one", [80, 100, 150], followers=2000, cpm=50, engagement_rate="10%", source="rate card 2026",
              measures={"samples": 2}),
        measures={"samples": {}, "clips": {}},
    )  # fmt: skip
    one = origins(found, "one")
    assert one["cost_per_post"] == (80, 100, 150, "yours", "rate card 2026")
    assert one["impressions_per_post"] == (2000, 2000, 2000, "derived", "1000 x cost_per_post / cpm")
    assert one["engagements_per_post"] == (200, 200, 200, "derived", "engagement_rate x followers")
    assert one["completion"] == (1, 1, 1, "default", "every booked creator delivers")
    assert one["measures.samples"] == (2, 2, 2, "yours", "rate card 2026")
    assert one["measures.clips"] == (0, 0, 0, "default", "not among the offer's measures")
    assert "repeat_decay" not in one  # nobody posts twice


def test_numbers_of_the_benchmark_set_carry_its_source_and_its_own_assumptions_their_reason() -> None:
    found = planned({"tier": "micro", "platform": "tiktok", "format": "video", "creators": {"max": 3}},
                    benchmarks="global-2026", budget=100_000)  # fmt: skip
    numbers = origins(found, "micro-tiktok-video")
    kinds = {origin for *_, origin, _ in numbers.values()}
    assert kinds == {"benchmark", "assumption", "derived", "default"}
    for low, value, high, origin, source in numbers.values():
        assert low <= value <= high
        assert source
        assert origin != "benchmark" or re.search(r"\b20\d\d\b", source)  # publisher and year


def test_numbers_of_the_whole_scenario_come_first_under_no_offer() -> None:
    found = planned(
        offer("one", 100, followers=1000, reach_rate=1, engagements_per_post=10,
              engagement_mix={"likes": "50%", "comments": "50%"}),
        audience={"people": 10_000, "overlap": "20%"}, fees={"agency": "15%"}, exchange_rates={"VND": 25_400},
        engagement_weights={"likes": 0.5},
    )  # fmt: skip
    count = len(origins(found, ""))
    assert [a.offer for a in found.assumptions[:count]] == [""] * count
    assert {field: (value, origin) for field, (_, value, _, origin, _) in origins(found, "").items()} == {
        "audience.people": (10_000, "yours"),
        "audience.overlap": (0.2, "yours"),
        "exchange_rates.VND": (25_400, "yours"),
        "fees.agency": (0.15, "yours"),
        "engagement_weights.likes": (0.5, "yours"),
    }


def test_an_overlap_that_nobody_gave_is_listed_as_a_default_with_its_meaning() -> None:
    sized = offer("one", 100, followers=1000, reach_rate=1, engagements_per_post=10, most=3)
    found = planned(sized, audience={"people": 10_000})
    low, value, high, origin, source = origins(found, "")["audience.overlap"]
    assert (low, high) == (value, value)
    assert value == pytest.approx(0.1)  # what independence gives
    assert (origin, source) == ("default", "none given: audiences are taken as independent")


# How it was found.


def test_the_plan_says_how_it_was_found_and_what_it_answers() -> None:
    asked = scenario(name="A name", budget=1000, currency="EUR", objective="engagements",
                     offers=[offer("one", 100, engagements_per_post=10)])  # fmt: skip
    found = optimize(asked)
    assert found.solver.name == "highs"
    assert re.fullmatch(r"HiGHS \d+\.\d+\.\d+", found.solver.version)
    assert found.solver.raw_status == "Optimal"
    assert 0 <= found.solver.seconds < 60
    assert (found.scenario.name, found.scenario.sha256) == ("A name", asked.sha256())
    assert (found.currency, found.version, found.whole_creators) == ("EUR", __version__, True)
    made = outcome(100.0)
    assert (made.solver.seconds, made.solver.raw_status) == (1.235, "Status")
    assert made.scenario.name == "Scenario"


def test_a_plan_carries_its_scenario() -> None:
    scenario = parse_scenario(
        "budget: 20\nobjective: creators\ndates: {start: 2026-03-01, end: 2026-03-31}\n"
        "offers: [{creators: {max: 3}, cost_per_post: [3, 4, 5], bundle_discount: {2: 5%}}]\n"
    )
    plan = Plan.model_validate_json(optimize(scenario).model_dump_json())
    again = Scenario.model_validate(plan.inputs)
    assert again == scenario
    assert again.sha256() == plan.scenario.sha256
    assert again.dates is not None
    assert str(again.dates.end) == "2026-03-31"
    assert [a.value for a in plan.assumptions if a.field == "bundle_discount.2"] == [0.05]
