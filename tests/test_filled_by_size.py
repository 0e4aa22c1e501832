"""Offers filled from the benchmarks by their own followers and country: no steps, no price in a tier's name."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from optimizer import Scenario, ScenarioError, optimize
from optimizer.program.program import program_of
from optimizer.program.terms import Terms, resolve


def terms_of(*offers: dict[str, Any], **top: Any) -> list[Terms]:
    asked = Scenario(
        objective="engagements",
        budget=1e9,
        benchmarks="global-2026",
        offers=[dict(offer) for offer in offers],
        **top,
    )
    found, problems = resolve(asked)
    assert problems == []
    return found


def fee(terms: Terms) -> float:
    value = terms.get("cost_per_post")
    assert value is not None
    return value


def creator(followers: float, **more: Any) -> dict[str, Any]:
    return {
        "name": f"c{followers:.0f}",
        "platform": "instagram",
        "format": "reel",
        "followers": followers,
        **more,
    }


def test_fees_of_a_list_of_creators_follow_their_size_smoothly() -> None:
    sizes = [1_000 * 1.03**step for step in range(300)]  # to 7 million, three percent at a time
    fees = [fee(terms) for terms in terms_of(*(creator(size) for size in sizes))]
    for small, large in pairwise(fees):
        assert small <= large <= small * 1.05
    near = [fee(terms) for terms in terms_of(creator(99_000), creator(101_000))]
    assert near[1] / near[0] < 1.03


def test_borders_of_tiers_change_names_and_no_number() -> None:
    offers = [creator(size) for size in (2_000, 40_000, 99_000, 101_000, 2_000_000)]
    usual, other = (terms_of(*offers, tier_borders=name) for name in ("grin", "micro-10k"))
    assert [terms.tier for terms in usual] == ["nano", "micro", "micro", "macro", "mega"]
    assert [terms.tier for terms in other] == ["micro", "macro", "macro", "mega", "mega"]
    assert [terms.numbers for terms in usual] == [terms.numbers for terms in other]


def test_a_tier_alone_is_the_middle_of_its_borders_and_says_so() -> None:
    bare = {"tier": "micro", "platform": "tiktok"}
    (usual,), (other,) = (terms_of(bare, tier_borders=name) for name in ("grin", "micro-10k"))
    assert [terms.get("followers") for terms in (usual, other)] == [31_600, 3_160]
    source = usual.numbers["followers"]
    assert (source.origin, source.source) == ("assumption", "geometric middle of micro (10,000 to 100,000)")
    assert fee(usual) > 3 * fee(other)
    (mega,) = terms_of({"tier": "mega", "platform": "tiktok"})
    assert mega.get("followers") == 3_160_000
    assert "no upper border, ten times 1,000,000 is taken" in mega.numbers["followers"].source
    (mid,) = terms_of({"tier": "mid", "platform": "tiktok"})
    assert mid.get("followers") == 158_000  # the usual borders have none; the set's own
    (named,) = terms_of(
        {"tier": "mid", "platform": "tiktok"}, tier_borders={"nano": 0, "mid": "20k", "star": "200k"}
    )
    assert named.get("followers") == pytest.approx(63_200, rel=0.01)


def test_a_country_of_the_offer_before_that_of_the_scenario() -> None:
    offers = [creator(50_000), creator(60_000, country="Vietnam"), creator(70_000, country="vn")]
    italy = terms_of(*offers, country="Italy")
    nowhere = terms_of(*offers)
    assert [terms.country for terms in italy] == ["IT", "VN", "VN"]
    assert [terms.country for terms in nowhere] == [None, "VN", "VN"]
    assert fee(italy[0]) < fee(nowhere[0])
    assert fee(italy[1]) == fee(nowhere[1])
    assert italy[1].get("reach_rate") == terms_of(creator(60_000))[0].get("reach_rate")
    assert "mix of countries" in nowhere[0].numbers["cost_per_post"].source
    assert "Italy x 0.8" in italy[0].numbers["cost_per_post"].source


def test_a_country_can_be_filtered_by_and_held_one_by_one() -> None:
    plan = optimize(
        Scenario(
            objective="engagements", budget=2_000, benchmarks="global-2026", country="DE",
            offers=[creator(20_000, creators={"max": 9}), creator(21_000, country="VN", creators={"max": 9})],
            limits=[
                {"measure": "creators", "where": {"country": "vietnam"}, "max": 2},
                {"measure": "creators", "per": "country", "min": 1},
            ],
        )
    )  # fmt: skip
    booked = {line.offer: line.creators for line in plan.lines}
    assert booked["c21000"] == 2
    assert booked["c20000"] >= 1


@pytest.mark.parametrize("where", ["scenario", "offer"])
def test_an_unknown_country_is_refused_with_the_list(where: str) -> None:
    top: dict[str, Any] = {"objective": "creators", "offers": [creator(5_000, creators={"max": 1})]}
    (top if where == "scenario" else top["offers"][0])["country"] = "Narnia"
    with pytest.raises(ScenarioError, match=r"unknown country 'Narnia'.*known, by code or name: .*IT, .*VN"):
        Scenario(**top)


def test_a_format_that_the_set_does_not_know_is_the_problem_only_where_it_is_asked() -> None:
    asked: dict[str, Any] = {"objective": "engagements", "budget": 1_000, "benchmarks": "global-2026"}
    live = creator(5_000, creators={"max": 1}) | {"format": "live"}
    with pytest.raises(ScenarioError, match=r"offers\[0\].format: global-2026 knows no instagram live"):
        optimize(Scenario(**asked, offers=[live]))
    own = {"cost_per_post": 50, "reach_rate": 0.2, "engagements_per_post": 100}
    assert optimize(Scenario(**asked, offers=[live | own])).objective.value > 0


def test_the_unknown_format_is_said_once_with_every_other_problem() -> None:
    asked = Scenario(
        objective="engagements", budget=1_000, benchmarks="global-2026",
        offers=[creator(5_000) | {"format": "live"}, creator(6_000) | {"format": "igtv"}],
    )  # fmt: skip
    problems = [str(problem) for problem in program_of(asked).problems]
    assert sum("knows no instagram live" in problem for problem in problems) == 1
    assert sum("knows no instagram igtv" in problem for problem in problems) == 1


def test_a_misspelt_platform_is_the_problem_and_a_foreign_one_a_flag() -> None:
    asked: dict[str, Any] = {"objective": "engagements", "budget": 1_000, "benchmarks": "global-2026"}
    with pytest.raises(ScenarioError, match=r"knows no platform 'youtbe' \(did you mean 'youtube'\?\)"):
        optimize(Scenario(**asked, offers=[creator(5_000, creators={"max": 1}) | {"platform": "youtbe"}]))
    foreign = optimize(
        Scenario(**asked, offers=[creator(5_000, creators={"max": 1}) | {"platform": "twitch"}])
    )
    assert "platform-without-figures" in {flag.code for flag in foreign.flags}


def test_a_number_with_two_readings_in_a_set_is_refused() -> None:
    figure = {"field": "followers", "tier": "nano", "typical": "5.000"}
    house = {"name": "house", "as_of": "2026", "figures": [figure]}
    asked = Scenario(objective="creators", benchmarks=house, offers=[creator(5_000, creators={"max": 1})])
    assert any("could mean two numbers" in str(problem) for problem in program_of(asked).problems)
