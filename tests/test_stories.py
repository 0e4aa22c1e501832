"""Every number that a scenario's story tells is its plan's."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import pytest

from optimizer import Plan, load_scenario
from optimizer.benchmarks.lookup import Place, benchmarks_of
from optimizer.plan.plan import Line
from optimizer.program.program import program_of
from tests.stories import FOLDER, booked, plan, story


class Claim(NamedTuple):
    """A number in a story: the words it stands in, the changes made, its place in the plan, its rounding."""

    name: str
    words: str
    changes: tuple[str, ...]
    number: float
    of: Callable[[Plan], float | None]
    tolerance: float


def value(found: Plan) -> float:
    return found.objective.value


def best(found: Plan) -> float:
    """The first objective before anything is given up for the next."""
    return found.objectives[0].best


def total(field: str) -> Callable[[Plan], float | None]:
    return lambda found: getattr(found.totals, field)


def creators(*offers: str) -> Callable[[Plan], float]:
    return lambda found: booked(found, *offers)


def line(found: Plan, offer: str) -> Line:
    """The one line of an offer."""
    (only,) = (line for line in found.lines if line.offer == offer)
    return only


def line_share(measure: str, *offers: str) -> Callable[[Plan], float]:
    """Share of the total that some offers bring."""

    def share(found: Plan) -> float:
        mine = sum(getattr(line, measure) for line in found.lines if line.offer in offers)
        return mine / getattr(found.totals, measure)

    return share


def cpe_of(*offers: str) -> Callable[[Plan], float]:
    """Cost of each engagement that some offers bring together."""

    def cpe(found: Plan) -> float:
        mine = [line for line in found.lines if line.offer in offers]
        return float(sum(line.cost for line in mine) / sum(line.engagements for line in mine))

    return cpe


def bundles_of(posts: int | str, *offers: str) -> tuple[str, ...]:
    """The changes that make bundles of another size of what launch-us buys in threes."""
    return tuple(f"offers.{offer}.posts_per_creator={posts}" for offer in offers or BUNDLED)


def of_tier(measure: str, tier: str) -> Callable[[Plan], float]:
    return lambda found: sum(getattr(line, measure) for line in found.lines if line.tier == tier)


def against(name: str, field: str, *changes: str) -> Callable[[Plan], float]:
    """A total, relative to that of another plan of the scenario."""
    return lambda found: getattr(found.totals, field) / getattr(plan(name, *changes).totals, field) - 1


Q, L, B, P, T, A, V, X, M = (
    "quickstart", "launch-us", "small-business-niche", "product-seeding", "traffic-and-leads", "always-on",
    "vietnam-launch", "too-tight", "macro-vs-micro",
)  # fmt: skip
PROFIT = ("objective=profit",)
NO_YOUTUBE = ("limits.youtube share.min=0% of cost",)
HALF_HOURS = ("effort_hours=400",)
MEGA = (*HALF_HOURS, "limits.one creator.max=20% of budget")
DEARER = ("offers.micro-instagram-reel.cost_per_post=550",)
BUNDLED = ("micro-instagram-reel", "mid-instagram-reel", "micro-tiktok-video", "mid-tiktok-video")
LOCAL = ("offers.national-macro.on_target=100%", "limits.one creator.max=100% of budget")
ONE_PURSE = ("budget=36_000", "limits.month.max=36_000")
FREE = ("limits.instagram share.max=100% of cost",)
NANO = ("nano-instagram-reel", "nano-tiktok-video")
YOUTUBE = ("micro-youtube-video", "mid-youtube-video")
STORIES = line_share("conversions", "story-micro", "story-mid")
TIKTOK = tuple(f"tiktok-{month}" for month in ("september", "october", "november"))
NO_MACRO = ("offers.macro.engagement_rate=1.34%",)
NO_NORTH = ("limits.north.min=0% of cost",)
NO_FACE = ("offers.face.creators.min=0",)
FACE_50, FACE_55 = ("budget=21_860",), ("limits.community first.min=45% of cost",)
CLAIMS = [
    Claim(Q, "six macro and two micro, 28,400", ("effort_hours=120",), 28_400, value, 0),
    Claim(Q, "24 of them and three macro, 37,200", ("effort_hours=240",), 37_200, value, 0),
    Claim(Q, "17 micro and one macro, 21,400", ("budget=10_000",), 21_400, value, 0),
    Claim(L, "26 micro creators on Instagram", (), 26, creators("micro-instagram-reel"), 0),
    Claim(L, "7 micro and 12 mid-size ones on TikTok", (), 7, creators("micro-tiktok-video"), 0),
    Claim(L, "7 micro and 12 mid-size ones on TikTok", (), 12, creators("mid-tiktok-video"), 0),
    Claim(L, "bring 98 % of the engagements", (), 0.98, line_share("engagements", *BUNDLED), 0.005),
    Claim(L, "none of the 26 is booked", DEARER, 0, creators("micro-instagram-reel"), 0),
    Claim(L, "six mid-size creators on Instagram", DEARER, 6, creators("mid-instagram-reel"), 0),
    Claim(L, "29 micro ones on TikTok", DEARER, 29, creators("micro-tiktok-video"), 0),
    Claim(L, "would bring 37,900 engagements", bundles_of(1), 37_900, value, 50),
    Claim(L, "pairs 42,700", bundles_of(2), 42_700, value, 50),
    Claim(L, "bundles 45,200", (), 45_200, value, 50),
    Claim(L, "one reel each: 42,700 engagements", bundles_of(1, *BUNDLED[:1]), 42_700, value, 50),
    Claim(L, "4.6 % fewer engagements", (), -0.046, against(L, "engagements", "objective=engagements"), 5e-4),
    Claim(L, "6 % more people", (), 0.06, against(L, "reach", "objective=engagements"), 0.005),
    Claim(L, "513,000 against 482,000", (), 513_000, total("reach"), 500),
    Claim(L, "513,000 against 482,000", ("objective=engagements",), 482_000, total("reach"), 500),
    Claim(L, "five videos", (), 5, creators(*YOUTUBE), 0),
    Claim(L, "bring 1.4 % of the engagements", (), 0.014, line_share("engagements", *YOUTUBE), 5e-4),
    Claim(L, "at 25 USD each", (), 25, cpe_of(*YOUTUBE), 0.5),
    Claim(L, "whole plan pays 2.21", (), 2.21, total("cpe"), 0.005),
    Claim(L, "at most 52,500 engagements instead of 47,400", NO_YOUTUBE, 52_500, best, 50),
    Claim(L, "at most 52,500 engagements instead of 47,400", (), 47_400, best, 50),
    Claim(L, "Instagram's half costs 3 % (49,000 without it)", FREE, 49_000, best, 50),
    Claim(L, "Three nano creators use up what is left", (), 3, creators(*NANO), 0),
    Claim(L, "with 1,600 hours 62 are booked", ("effort_hours=1_600",), 62, creators(*NANO), 0),
    Claim(L, "30 % of the money stays unspent", HALF_HOURS, 70_000, total("cost"), 500),
    Claim(L, "both are booked", MEGA, 2, creators("mega-tiktok-video"), 0),
    Claim(L, "6 % more engagements", MEGA, 0.06, against(L, "engagements", *HALF_HOURS), 0.005),
    Claim(L, "31,700 against 29,800", MEGA, 31_700, value, 50),
    Claim(L, "31,700 against 29,800", HALF_HOURS, 29_800, value, 50),
    Claim(L, "29 % more people", MEGA, 0.29, against(L, "reach", *HALF_HOURS), 0.005),
    Claim(L, "456,000 against 353,000", MEGA, 456_000, total("reach"), 500),
    Claim(L, "456,000 against 353,000", HALF_HOURS, 353_000, total("reach"), 500),
    Claim(B, "15,500 people for 2,000 USD", (), 15_500, value, 50),
    Claim(B, "15,500 people for 2,000 USD", (), 2_000, total("cost"), 5),
    Claim(B, "all twelve regulars", (), 12, creators("regulars"), 0),
    Claim(B, "four food bloggers", (), 4, creators("food-nano"), 0),
    Claim(B, "all three city guides", (), 3, creators("city-guide-micro"), 0),
    Claim(B, "a third of it in bread", (), 1 / 3, lambda p: 35 * p.totals.creators / p.totals.cost, 0.01),
    Claim(B, "claims 55,000 people", LOCAL, 55_000, value, 500),
    Claim(B, "it books the show", LOCAL, 1, creators("national-macro"), 0),
    Claim(B, "at 30 hours none is left", ("effort_hours=30",), 0, creators("regulars"), 0),
    Claim(B, "12,900 people", ("effort_hours=30",), 12_900, value, 50),
    Claim(B, "no city guide, all regulars, 8,500 people", ("budget=1_000",), 8_500, value, 50),
    Claim(B, "no city guide, all regulars", ("budget=1_000",), 0, creators("city-guide-micro"), 0),
    Claim(P, "94 orders", (), 94, value, 0.5),
    Claim(P, "bring 6,360 USD", (), 6_360, total("revenue"), 5),
    Claim(P, "cost 3,740 USD to make", (), 3_740, total("cost_of_goods"), 5),
    Claim(P, "commission of the creators 6,000 USD", (), 6_000, total("cost"), 5),
    Claim(P, "The plan loses 3,380 USD", (), -3_380, total("profit"), 5),
    Claim(P, "an order leaves 17.80", (), 17.8, lambda p: 68 * (1 - 0.15) - 40, 0),
    Claim(P, "gives away 37 USD for each", (), 37, lambda p: 30 * 95 / line(p, "micro-story").conversions, 0.5),
    Claim(P, "An order costs 64 USD", (), 64, total("cpa"), 0.5),
    Claim(P, "Thirty micro creators with stories", (), 30, creators("micro-story"), 0),
    Claim(P, "twenty-one nano and ten micro", (), 21, creators("pledged-nano"), 0),
    Claim(P, "twenty-one nano and ten micro", (), 10, creators("micro-reel"), 0),
    Claim(P, "it would be 103 orders", ("limits.videos.min=0",), 103, value, 0.5),
    Claim(P, "thirty nano creators with a pledge", PROFIT, 30, creators("pledged-nano"), 0),
    Claim(P, "thirty nano creators with a pledge", PROFIT, 30, total("creators"), 0),
    Claim(P, "at a loss of 1,660 USD", PROFIT, -1_660, total("profit"), 5),
    Claim(P, "69 USD for each of 24 videos", PROFIT, 69, lambda p: -p.totals.profit / p.totals.measures["videos"], 0.5),
    Claim(P, "for each of 24 videos", PROFIT, 24, lambda p: p.totals.measures["videos"], 0.01),
    Claim(P, "nobody would be booked", (*PROFIT, "limits.videos.min=0"), 0, total("creators"), 0),
    Claim(P, "73 orders", ("offers.micro-story.completion=50%",), 73, total("conversions"), 0.5),
    Claim(T, "two thirds of the sign-ups", (), 2 / 3, STORIES, 0.01),
    Claim(T, "instead of 679", (), 679, value, 0.5),
    Claim(T, "1 % fewer sign-ups", (), -0.01, against(T, "conversions", "objective=conversions"), 0.005),
    Claim(T, "5 % more visits", (), 0.05, against(T, "clicks", "objective=conversions"), 0.005),
    Claim(T, "it brings 415 sign-ups", ("objective=engagements",), 415, total("conversions"), 0.5),
    Claim(T, "at the same 48 USD", ("objective=engagements",), 48, total("cpa"), 0.5),
    Claim(T, "without it 867 sign-ups", FREE, 867, value, 0.5),
    Claim(T, "all of them from stories", FREE, 1, STORIES, 0),
    Claim(T, "leaves 517 sign-ups", ("limits.cpa.max=40",), 517, value, 0.5),
    Claim(T, "40 % of the money unspent", ("limits.cpa.max=40",), 21_000, total("cost"), 800),
    Claim(T, "833 sign-ups", ("effort_hours=400",), 833, value, 0.5),
    Claim(T, "all 25 micro creators", ("effort_hours=400",), 25, creators("story-micro"), 0),
    Claim(A, "830 USD go back", (), 36_000 - 830, total("cost"), 5),
    Claim(A, "2 % better", ONE_PURSE, 0.02, against(A, "engagements"), 0.005),
    Claim(A, "2 % more, money is short", ("limits.desk.max=160",), 0.02, against(A, "engagements"), 0.005),
    Claim(A, "21 % fewer", ("limits.month.max=9_000",), -0.21, against(A, "engagements"), 0.005),
    Claim(A, "a TikTok creator comes in", ("engagement_weights={}",), 1, creators("tiktok-september"), 0),
    Claim(A, "With weights none does", (), 0, creators(*TIKTOK), 0),
    Claim(V, "about 400,000 people", (), 400_000, value, 2_000),
    Claim(V, "41 KOC", (), 41, creators("koc-tiktok-hcmc", "koc-tiktok-hanoi"), 0),
    Claim(V, "eighteen mid-size creators", (), 18, creators("beauty-mid-hcmc", "beauty-mid-hanoi"), 0),
    Claim(V, "two KOL", (), 2, creators("kol-macro-hcmc"), 0),
    Claim(V, "82 hours and 1,600 USD", (), 82, of_tier("hours", "nano"), 0),
    Claim(V, "82 hours and 1,600 USD", (), 1_600, of_tier("cost", "nano"), 5),
    Claim(V, "it would be 415,000", ("limits.reviews.min=0",), 415_000, value, 500),
    Claim(V, "without it 461,000 people", NO_NORTH, 461_000, value, 500),
    Claim(V, "with five KOL in the south", NO_NORTH, 5, creators("kol-macro-hcmc"), 0),
    Claim(V, "7 % fewer", ("exchange_rates.VND=23_000",), -0.07, against(V, "reach"), 0.005),
    Claim(V, "7,800 USD with the agency's fee", (), 7_800, lambda p: 180e6 / 25_400 * 1.1, 10),
    Claim(X, "27,200 engagements", NO_FACE, 27_200, value, 50),
    Claim(X, "50 to 55 % of the money", FACE_50, 0.50, line_share("cost", "face"), 0.005),
    Claim(X, "50 to 55 % of the money", FACE_55, 0.55, line_share("cost", "face"), 0.005),
    Claim(X, "40 to 44 % of the engagements", FACE_50, 0.40, line_share("engagements", "face"), 0.005),
    Claim(X, "40 to 44 % of the engagements", FACE_55, 0.44, line_share("engagements", "face"), 0.005),
    Claim(M, "66 of them", NO_MACRO, 66, creators("micro"), 0),
    Claim(M, "a quarter of the money left", NO_MACRO, 27_000, total("cost"), 700),
    Claim(M, "ten macro and 25 micro", ("budget=50_000",), 10, creators("macro"), 0),
    Claim(M, "ten macro and 25 micro", ("budget=50_000",), 25, creators("micro"), 0),
    Claim(M, "82 % of the engagements", ("effort_hours=282",), 0.82 * 121_500, value, 600),
]  # fmt: skip


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: f"{claim.name}: {claim.words}")
def test_a_story_claims_what_its_plan_says(claim: Claim) -> None:
    assert claim.words in " ".join(story(claim.name))
    assert claim.of(plan(claim.name, *claim.changes)) == pytest.approx(
        claim.number, abs=claim.tolerance + 1e-9
    )


# --- by hand ----------------------------------------------------------------------------------------------


def numbers(line: str) -> list[float]:
    """The numbers of a line, with thousands and decimals."""
    return [float(found.replace(",", "")) for found in re.findall(r"\d[\d,]*(?:\.\d+)?", line)]


def rows(name: str, start: str, count: int) -> list[list[float]]:
    """The numbers of the table rows below a line of the story."""
    lines = story(name)
    first = next(i for i, line in enumerate(lines) if line.startswith(start)) + 1
    return [numbers(line) for line in lines[first:] if line][:count]


BUDGET, HOURS = 20_000, 160
TIERS = {
    "nano": (75, 5, 250),
    "micro": (400, 8, 1_000),
    "macro": (3_200, 16, 4_400),
    "mega": (18_000, 40, 13_200),
}
"""Cost, hours and engagements of one creator, as in the table of the quickstart's story."""


def test_the_quickstart_table_follows_from_the_file() -> None:
    for offer in load_scenario(FOLDER / "quickstart.yaml").offers:
        cost, hours, engagements = TIERS[offer.tier]
        followers, rate = offer.followers.typical, offer.engagement_rate.typical
        assert followers * rate == pytest.approx(engagements)
        assert (offer.cost_per_post.typical, offer.hours_per_creator.typical) == (cost, hours)
        told = next(numbers(line) for line in story("quickstart") if line.startswith(f"{offer.tier} "))
        per_dollar, per_hour = round(engagements / cost + 1e-9, 2), round(engagements / hours)
        assert told == pytest.approx(
            [followers, 100 * rate, engagements, cost, hours, per_dollar, per_hour], abs=0.006
        )


def test_the_quickstart_with_one_tier_alone_is_counted_right() -> None:
    for tier, (cost, hours, engagements) in TIERS.items():
        count = min(BUDGET // cost, HOURS // hours)
        told = next(numbers(line) for line in story("quickstart") if line.startswith(f"{tier} only"))
        assert told[-4:] == [count, count * engagements, count * cost, count * hours]


def test_the_quickstart_mixes_of_macro_and_micro_are_counted_right() -> None:
    told = rows("quickstart", "macro    money allows", 7)
    for macro, row in enumerate(told):
        money, hours = (BUDGET - 3_200 * macro) // 400, (HOURS - 16 * macro) // 8
        micro = min(money, hours)
        assert row == [macro, money, hours, micro, macro, 4_400, micro, 1_000, macro * 4_400 + micro * 1_000]
    assert max(told, key=lambda row: row[-1])[:4] == [5, 10, 10, 10]


def test_the_quickstart_proof_by_prices_holds_and_is_the_plan() -> None:
    dollar, hour = 1, 75
    worth = {tier: cost * dollar + hours * hour for tier, (cost, hours, _) in TIERS.items()}
    assert worth == {"nano": 450, "micro": 1_000, "macro": 4_400, "mega": 21_000}
    assert all(engagements <= worth[tier] for tier, (_, _, engagements) in TIERS.items())
    bound = BUDGET * dollar + HOURS * hour
    assert bound == 5 * 4_400 + 10 * 1_000 == 32_000
    found = plan("quickstart")
    assert found.objective.value == pytest.approx(bound)
    assert {line.tier: line.creators for line in found.lines} == {"macro": 5, "micro": 10}


# --- where the mix turns ----------------------------------------------------------------------------------


def mix(hours: int) -> dict[str, float]:
    """Money on micro and macro at that many hours."""
    found = plan("macro-vs-micro", f"effort_hours={hours}")
    money = {"micro": 0.0, "macro": 0.0}
    return money | {line.offer: line.cost for line in found.lines}


def test_macro_vs_micro_turns_where_its_table_says() -> None:
    told = rows("macro-vs-micro", "hours         micro", 9)
    assert [row[0] for row in told] == [564, 552, 551, 420, 408, 407, 264, 263, 216]
    for hours, micro, macro, engagements, *_ in told:
        found = plan("macro-vs-micro", f"effort_hours={hours:g}")
        assert (booked(found, "micro"), booked(found, "macro")) == (micro, macro)
        assert found.objective.value == pytest.approx(engagements)


@pytest.mark.parametrize("hours", [*range(100, 641, 36), 263, 264, 407, 408, 551, 552])
def test_macro_vs_micro_turns_once_from_macro_to_micro(hours: int) -> None:
    money = mix(hours)
    assert (money["micro"] > money["macro"]) == (hours >= 408)
    assert (money["micro"] == 0) == (hours <= 263)
    assert (money["macro"] == 0) == (hours >= 552)


def test_macro_vs_micro_says_what_the_turn_and_the_ends_are_worth() -> None:
    assert mix(408) == {"micro": 19_200, "macro": 16_000}
    assert mix(407) == {"micro": 16_000, "macro": 20_000}
    assert (
        plan("macro-vs-micro", "effort_hours=5_000").objective.value
        == plan("macro-vs-micro", "effort_hours=564").objective.value
    )
    assert booked(plan("macro-vs-micro", "effort_hours=215"), "macro") == 8
    lost, saved = 121_500 - 97_200, 564 - 216
    assert lost / saved == pytest.approx(70, abs=0.5)


def test_macro_vs_micro_has_equal_rates_and_the_economies_of_scale_it_tells_of() -> None:
    micro, macro = load_scenario(FOLDER / "macro-vs-micro.yaml").offers
    assert micro.engagement_rate == macro.engagement_rate
    for offer, engagements, hours, per_hour in ((micro, 1_350, 6, 225), (macro, 10_800, 24, 450)):
        assert offer.followers.typical * offer.engagement_rate.typical == pytest.approx(engagements)
        assert offer.hours_per_creator.typical + offer.hours_per_post.typical == hours
        assert engagements / hours == per_hour


# --- the rest of what is told -----------------------------------------------------------------------------


def binding(found: Plan) -> set[str]:
    return {limit.name for limit in found.limits if limit.binding}


def unit(name: str, offer: str) -> dict[str, float]:
    """What the first package of an offer costs, takes and brings."""
    packages = program_of(load_scenario(FOLDER / f"{name}.yaml")).packages
    index = next(p for p in range(packages.count) if packages.key(p)[0] == offer)
    return {"reach": float(packages.reach[index])} | {
        m: float(v[index]) for m, v in packages.measures.items()
    }


def test_launch_us_mix_turns_with_what_is_short_as_its_table_says() -> None:
    told = rows(L, "hours    budget", 5)
    assert [row[:2] for row in told] == [
        [400, 100_000], [800, 50_000], [800, 100_000], [800, 150_000], [1_600, 100_000],
    ]  # fmt: skip
    for hours, budget, *shares, engagements in told:
        found = plan(L, f"effort_hours={hours:g}", f"budget={budget:g}")
        assert {line.tier for line in found.lines} <= {"nano", "micro", "mid", "macro"}
        for tier, share in zip(("nano", "micro", "mid", "macro"), shares, strict=True):
            assert 100 * of_tier("cost", tier)(found) / found.totals.cost == pytest.approx(share, abs=0.5)
        assert found.objective.value == pytest.approx(engagements, abs=50)
    first = next(i for i, text in enumerate(story(L)) if text.startswith("hours    budget")) + 1
    short = [text.split()[7].rstrip(":") for text in story(L)[first : first + 5]]
    held = [binding(plan(L, f"effort_hours={row[0]:g}", f"budget={row[1]:g}")) for row in told]
    words = {("budget",): "money", ("effort_hours",): "hours", ("budget", "effort_hours"): "both"}
    assert short == [words[tuple(sorted(each & {"budget", "effort_hours"}))] for each in held]


def test_launch_us_rules_out_mega_at_no_cost() -> None:
    rule = "limits.one creator.max=100% of budget"
    ruled_out = {unused.offer for unused in plan(L).unused if unused.reason == "left out by a limit"}
    assert ruled_out == {"mega-tiktok-video"}
    assert plan(L, rule).lines == plan(L).lines


def test_launch_us_says_of_a_micro_reel_what_the_benchmarks_say() -> None:
    fees = {
        each.offer: (each.value, each.low, each.high)
        for each in plan(L).assumptions
        if each.field == "cost_per_post"
    }
    assert fees["micro-instagram-reel"] == (482, 176, 1_320)
    assert 550 / fees["micro-instagram-reel"][0] - 1 == pytest.approx(0.14, abs=0.005)
    followers = {each.offer: each.value for each in plan(L).assumptions if each.field == "followers"}
    assert (followers["nano-instagram-reel"], followers["micro-instagram-reel"]) == (3_160, 31_600)
    told = " ".join(story(L))
    for words in (
        "482 USD",
        "176 to 1,320",
        "instead of 482",
        "14 % dearer",
        "3,160 followers",
        "31,600 followers",
    ):
        assert words in told


def test_launch_us_notes_the_dear_rule_and_warns_of_nothing() -> None:
    assert [(flag.code, flag.severity) for flag in plan(L).flags] == [("dear-line", "note")]


def test_launch_us_hours_are_those_its_story_counts() -> None:
    assert unit(L, "micro-instagram-reel")["hours"] == pytest.approx(8 + 3 * 2) == pytest.approx(14)
    single = bundles_of(1, "micro-instagram-reel")
    (line,) = (line for line in plan(L, *single).lines if line.offer == "micro-instagram-reel")
    assert line.hours / line.creators == pytest.approx(10)
    assert unit(L, "nano-instagram-reel")["hours"] == pytest.approx(8.5)


def test_launch_us_loses_next_to_nothing_by_buying_bundles_of_exactly_three() -> None:
    assert "the best plan has 0.5 % more" in " ".join(story(L))
    free = plan(L, *bundles_of("{min: 1, max: 3}"), "objective=engagements")
    assert free.objective.value / best(plan(L)) - 1 == pytest.approx(0.005, abs=5e-4)


def test_launch_us_uses_up_money_and_hours() -> None:
    assert binding(plan(L)) == {"budget", "effort_hours", "youtube share"}
    assert plan(L).totals.cost > 0.99 * 100_000


def test_launch_us_pays_11_percent_for_youtube_3_for_instagram_and_nothing_for_the_other_rules() -> None:
    for change, loss in ((*NO_YOUTUBE, 0.11), (*FREE, 0.03)):
        assert best(plan(L, change)) / best(plan(L)) - 1 == pytest.approx(loss, abs=0.005)
    for change in ("tiktok share.min=0% of cost", "community.min=0% of cost"):
        assert best(plan(L, f"limits.{change}")) == pytest.approx(best(plan(L)))


def test_small_business_show_looks_like_a_bargain_and_is_none() -> None:
    show = unit(B, "national-macro")
    assert show["impressions"] == pytest.approx(77_000, rel=0.03)
    assert show["reach"] == pytest.approx(500, abs=50)
    assert show["cost"] > 0.8 * 2_000
    assert binding(plan(B)) == {"budget", "effort_hours"}


def test_product_seeding_prices_of_a_video_and_of_a_paid_order() -> None:
    parcel, pledged, paid = (unit(P, name) for name in ("parcel-nano", "pledged-nano", "paid-micro-story"))
    assert 60 / parcel["videos"] == pytest.approx(150)
    assert 60 / pledged["videos"] == pytest.approx(75)
    assert paid["cost"] / paid["conversions"] == pytest.approx(99, abs=0.5)
    assert binding(plan(P)) == {"budget", "accepted"}
    assert 0 > plan(P, "objective=profit").totals.profit > plan(P).totals.profit


def test_product_seeding_says_that_it_loses_money() -> None:
    (flag,) = (flag for flag in plan(P).flags if flag.code == "loss")
    assert flag.message.startswith("This plan brings 6,362.84 USD of revenue and loses 3,375.95 USD")


def test_product_seeding_gifts_stay_below_200_dollars_and_carry_no_fee() -> None:
    for offer in load_scenario(FOLDER / "product-seeding.yaml").offers:
        assert offer.cost_per_creator.typical < 200
        assert (offer.cost_per_post is None) == (offer.tags["deal"] == "paid")


def test_traffic_small_stories_are_cheap_and_mid_size_ones_quick() -> None:
    lines = {line.offer: line for line in plan(T).lines}
    assert lines["story-micro"].cpa == pytest.approx(28, abs=0.5)
    for offer, each in (("story-mid", 61), ("story-micro", 14)):
        assert lines[offer].conversions / lines[offer].creators == pytest.approx(each, abs=0.5)
    first = plan(T, "objective=conversions")
    assert booked(first, "youtube-mid") > booked(plan(T), "youtube-mid") == 0
    assert booked(first, "tiktok-mid") < booked(plan(T), "tiktok-mid")


def test_always_on_september_and_october_lack_hours_and_november_money() -> None:
    assert binding(plan(A)) == {"desk: september", "desk: october", "month: november"}
    fees = {o.name: o.cost_per_post.typical for o in load_scenario(FOLDER / "always-on.yaml").offers}
    assert fees["micro-november"] / fees["micro-september"] == pytest.approx(4 / 3, abs=0.03)
    assert all(booked(plan(A), f"ambassador-{m}") == 3 for m in ("september", "october", "november"))


def test_vietnam_singer_is_left_out_by_the_rule_for_one_face() -> None:
    reasons = {unused.offer: (unused.reason, unused.detail) for unused in plan(V).unused}
    assert reasons["singer-mega"] == ("left out by a limit", "one face")
    assert unit(V, "singer-mega")["cost"] == pytest.approx(7_800, abs=10)


def test_vietnam_prices_in_dong_are_planned_in_dollars() -> None:
    assert unit(V, "koc-tiktok-hcmc")["cost"] == pytest.approx((700_000 + 250_000) / 25_400 * 1.1)


def test_too_tight_warns_of_the_face_and_pays_it_half_above_the_benchmark() -> None:
    warned = {"one-creator-spend", "one-creator-result"}
    for ways in (FACE_50, FACE_55, ("offers.face.cost_per_post=8_690",)):
        assert {flag.code for flag in plan(X, *ways).flags} == warned
    assert plan(X, *NO_FACE).flags == ()
    place = Place(None, "instagram", "reel", 600_000, "US")
    found = benchmarks_of("global-2026").figure("cost_per_post", place)
    assert found is not None
    fee = found.figure
    assert (fee.typical, fee.low, fee.high) == pytest.approx((6_190, 2_140, 17_900), rel=0.003)
    told = " ".join(story(X))
    assert "half above the 6,190 USD" in told
    assert "2,140 to 17,900" in told
    assert 9_500 / fee.typical - 1 == pytest.approx(0.5, abs=0.05)
    assert plan(X, "offers.face.cost_per_post=6_190").status == "optimal"


@pytest.mark.parametrize("name", [M, T])
def test_the_warning_a_story_announces_is_given(name: str) -> None:
    assert "The plan warns that" in " ".join(story(name))
    assert "rate-outside-benchmark" in {flag.code for flag in plan(name).flags if flag.severity == "warning"}
