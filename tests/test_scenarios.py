"""The worked scenarios: they plan to the pinned result, and every number their stories tell is the plan's."""

from __future__ import annotations

import json
import math
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest

from optimizer import InfeasibleError, Plan, load_scenario, optimize
from optimizer.load import parse_value
from optimizer.schema import schema_text
from optimizer.yaml12 import read_yaml

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "scenarios"
EXPECTED = Path(__file__).parent / "expected"
STARTER = ROOT / "optimizer" / "starter.yaml"
EDITOR_LINE = "# yaml-language-server: $schema=scenario.schema.json"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
PLANNED = [name for name in NAMES if name != "too-tight"]
SHARES = {"youtube": "limits.youtube share.min", "instagram": "limits.instagram share.max"}


def text(name: str) -> str:
    return (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


def story(name: str) -> str:
    """The comment that a scenario begins with, without the marks, as one line per paragraph line."""
    lines = text(name).splitlines()
    end = next(i for i, line in enumerate(lines) if not line.startswith("#"))
    return "\n".join(line.removeprefix("#").strip() for line in lines[:end])


@lru_cache(maxsize=None)
def plan(name: str, *changes: str) -> Plan:
    """The plan of a scenario, each change written as after `--set`."""
    overrides = {path: parse_value(value) for path, _, value in (change.partition("=") for change in changes)}
    return optimize(load_scenario(FOLDER / f"{name}.yaml", overrides))


def booked(found: Plan, offer: str) -> float:
    return sum(line.creators for line in found.lines if line.offer == offer)


def bookings(found: Plan) -> dict[str, dict[str, float]]:
    """Offer -> posts per creator -> creators."""
    result: dict[str, dict[str, float]] = {}
    for line in found.lines:
        result.setdefault(line.offer, {})[str(line.posts_per_creator)] = line.creators
    return result


def amounts(found: Plan) -> dict[str, Any]:
    """What is pinned of a plan."""
    return {
        "status": found.status,
        "objectives": {goal.measure: goal.value for goal in found.objectives},
        "cost": found.totals.cost,
        "hours": found.totals.hours,
        "creators": bookings(found),
    }


# --- every shipped scenario ----------------------------------------------------------------------------------


def test_the_scenarios_that_the_readme_lists_are_those_there_are() -> None:
    listed = re.findall(r"^\| \[`([a-z-]+)\.yaml`\]", (FOLDER / "README.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(listed) == NAMES
    assert len(NAMES) == 9


def test_the_committed_schema_is_current() -> None:
    assert (FOLDER / "scenario.schema.json").read_text(encoding="utf-8") == schema_text()


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_carries_the_editor_line_and_a_story_with_sources(name: str) -> None:
    assert text(name).splitlines()[0] == EDITOR_LINE
    told = story(name)
    for part in ("Who: ", "Wants: ", "The conflict", "eaches", "Try next", "assum"):
        assert part in told or name == "too-tight", part
    assert re.search(r"\b20(1\d|2\d)\b", told) or "source:" in text(name) or name == "too-tight"


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_satisfies_the_json_schema(name: str) -> None:
    schema = json.loads(schema_text())
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    assert [error.message for error in validator.iter_errors(read_yaml(text(name), name)[0])] == []


def test_the_json_schema_refuses_a_misspelt_key() -> None:
    data = read_yaml(text("quickstart"), "quickstart")[0] | {"budgett": 5}
    errors = list(jsonschema.Draft202012Validator(json.loads(schema_text())).iter_errors(data))
    assert any("budgett" in error.message for error in errors)


@pytest.mark.parametrize("name", PLANNED)
def test_a_scenario_plans_to_its_pinned_result(name: str) -> None:
    expected = json.loads((EXPECTED / f"{name}.json").read_text(encoding="utf-8"))
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d: \S.*", entry) for entry in expected.pop("history"))
    found = amounts(plan(name))
    assert found["status"] == "optimal"
    assert found.pop("creators") == expected.pop("creators")
    assert found.pop("objectives") == pytest.approx(expected.pop("objectives"), rel=1e-9)
    assert found == pytest.approx(expected, rel=1e-9)


def test_every_pinned_result_belongs_to_a_scenario() -> None:
    assert sorted(path.stem for path in EXPECTED.glob("*.json")) == PLANNED


def tries(name: str) -> list[tuple[str, ...]]:
    """The `--set` options of each line that the story says to try."""
    found = []
    for line in story(name).splitlines():
        if line.removeprefix("Try next:").strip().startswith("--set"):
            words = shlex.split(line[line.index("--set") :])
            found.append(tuple(words[i + 1] for i, word in enumerate(words) if word == "--set"))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_everything_a_story_says_to_try_has_a_proven_plan(name: str) -> None:
    options = tries(name)
    assert len(options) >= 3
    for changes in options:
        assert plan(name, *changes).status == "optimal", changes


# --- what the stories claim ----------------------------------------------------------------------------------


class Claim(NamedTuple):
    """A number in a story: the words it stands in, the changes it is about, where it is in the plan, its rounding."""

    name: str
    words: str
    changes: tuple[str, ...]
    number: float
    of: Callable[[Plan], float | None]
    tolerance: float


def value(found: Plan) -> float:
    return found.objective.value


def total(field: str) -> Callable[[Plan], float | None]:
    return lambda found: getattr(found.totals, field)


def creators(*offers: str) -> Callable[[Plan], float]:
    return lambda found: sum(booked(found, offer) for offer in offers)


def line_share(measure: str, *offers: str) -> Callable[[Plan], float]:
    """Share of the total that some offers bring."""

    def share(found: Plan) -> float:
        mine = sum(getattr(line, measure) for line in found.lines if line.offer in offers)
        return mine / getattr(found.totals, measure)

    return share


def against(name: str, field: str, *changes: str) -> Callable[[Plan], float]:
    """A total, relative to that of another plan of the scenario."""
    return lambda found: getattr(found.totals, field) / getattr(plan(name, *changes).totals, field) - 1


Q, L, B, P, T, A, V, X, M = (
    "quickstart", "launch-us", "small-business-niche", "product-seeding", "traffic-and-leads", "always-on",
    "vietnam-launch", "too-tight", "macro-vs-micro",
)  # fmt: skip
NO_YOUTUBE = ("limits.youtube share.min=0% of cost",)
MEGA = ("effort_hours=400", "budget=250_000", "limits.one creator.max=20% of budget")
LOCAL = ("offers.national-macro.on_target=100%", "limits.one creator.max=100% of budget")
ONE_PURSE = ("budget=36_000", "limits.month.max=36_000")
FREE = ("limits.instagram share.max=100% of cost",)
NO_NORTH = ("limits.north.min=0% of cost",)
CLAIMS = [
    Claim(Q, "six macro and two micro, 28,400", ("effort_hours=120",), 28_400, value, 0),
    Claim(Q, "24 of them and three macro, 37,200", ("effort_hours=240",), 37_200, value, 0),
    Claim(Q, "17 micro and one macro, 21,400", ("budget=10_000",), 21_400, value, 0),
    Claim(L, "instead of 54,300", (), 54_300, value, 50),
    Claim(L, "2.2 % fewer engagements", (), -0.022, against(L, "engagements", "objective=engagements"), 5e-4),
    Claim(L, "6 % more people", (), 0.06, against(L, "reach", "objective=engagements"), 0.005),
    Claim(L, "637,000 against 600,000", (), 637_000, total("reach"), 500),
    Claim(L, "637,000 against 600,000", ("objective=engagements",), 600_000, total("reach"), 500),
    Claim(L, "56,700 engagements instead of", NO_YOUTUBE, 56_700, value, 50),
    Claim(L, "Nano creators are not in it", (), 0, creators("nano-instagram-reel", "nano-tiktok-video"), 0),
    Claim(L, "now a mega creator is booked", MEGA, 1, creators("mega-tiktok-video"), 0),
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
    Claim(P, "against 6,000 USD", (), 6_000, total("cost"), 5),
    Claim(P, "The 25 videos", (), 25, lambda p: p.totals.measures["videos"], 0.5),
    Claim(P, "An order costs 64 USD", (), 64, total("cpa"), 0.5),
    Claim(P, "Thirty micro creators with stories", (), 30, creators("micro-story"), 0),
    Claim(P, "twenty-one nano and ten micro", (), 21, creators("pledged-nano"), 0),
    Claim(P, "twenty-one nano and ten micro", (), 10, creators("micro-reel"), 0),
    Claim(P, "it would be 103 orders", ("limits.videos.min=0",), 103, value, 0.5),
    Claim(P, "one nano creator less", ("objective=profit",), 20, creators("pledged-nano"), 0),
    Claim(P, "73 orders", ("offers.micro-story.completion=50%",), 73, total("conversions"), 0.5),
    Claim(T, "two thirds of the sign-ups", (), 2 / 3, line_share("conversions", "story-micro", "story-mid"), 0.01),
    Claim(T, "instead of 679", (), 679, value, 0.5),
    Claim(T, "1 % fewer sign-ups", (), -0.01, against(T, "conversions", "objective=conversions"), 0.005),
    Claim(T, "5 % more visits", (), 0.05, against(T, "clicks", "objective=conversions"), 0.005),
    Claim(T, "it brings 415 sign-ups", ("objective=engagements",), 415, total("conversions"), 0.5),
    Claim(T, "at the same 48 USD", ("objective=engagements",), 48, total("cpa"), 0.5),
    Claim(T, "without it 867 sign-ups", FREE, 867, value, 0.5),
    Claim(T, "all of them from stories", FREE, 1, line_share("conversions", "story-micro", "story-mid"), 0),
    Claim(T, "leaves 517 sign-ups", ("limits.cpa.max=40",), 517, value, 0.5),
    Claim(T, "40 % of the money unspent", ("limits.cpa.max=40",), 21_000, total("cost"), 800),
    Claim(T, "833 sign-ups", ("effort_hours=400",), 833, value, 0.5),
    Claim(T, "all 25 micro creators", ("effort_hours=400",), 25, creators("story-micro"), 0),
    Claim(A, "830 USD go back", (), 36_000 - 830, total("cost"), 5),
    Claim(A, "2 % better", ONE_PURSE, 0.02, against(A, "engagements"), 0.005),
    Claim(A, "2 % more, money is short", ("limits.desk.max=160",), 0.02, against(A, "engagements"), 0.005),
    Claim(A, "21 % fewer", ("limits.month.max=9_000",), -0.21, against(A, "engagements"), 0.005),
    Claim(A, "a TikTok creator comes in", ("engagement_weights={}",), 1, creators("tiktok-september"), 0),
    Claim(A, "With weights none does", (), 0, creators(*(f"tiktok-{m}" for m in ("september", "october", "november"))), 0),
    Claim(V, "about 400,000 people", (), 400_000, value, 2_000),
    Claim(V, "41 KOC", (), 41, creators("koc-tiktok-hcmc", "koc-tiktok-hanoi"), 0),
    Claim(V, "eighteen mid-size creators", (), 18, creators("beauty-mid-hcmc", "beauty-mid-hanoi"), 0),
    Claim(V, "two KOL", (), 2, creators("kol-macro-hcmc"), 0),
    Claim(V, "82 hours and 1,600 USD", (), 82, lambda p: sum(x.hours for x in p.lines if x.tier == "nano"), 0),
    Claim(V, "82 hours and 1,600 USD", (), 1_600, lambda p: sum(x.cost for x in p.lines if x.tier == "nano"), 5),
    Claim(V, "it would be 415,000", ("limits.reviews.min=0",), 415_000, value, 500),
    Claim(V, "without it 461,000 people", NO_NORTH, 461_000, value, 500),
    Claim(V, "with five KOL in the south", NO_NORTH, 5, creators("kol-macro-hcmc"), 0),
    Claim(V, "7 % fewer", ("exchange_rates.VND=23_000",), -0.07, against(V, "reach"), 0.005),
    Claim(V, "7,800 USD with the agency's fee", (), 7_800, lambda p: 180e6 / 25_400 * 1.1, 10),
    Claim(X, "31,600 engagements", ("offers.face.creators.min=0",), 31_600, value, 50),
    Claim(M, "66 of them", ("offers.macro.engagement_rate=1.34%",), 66, creators("micro"), 0),
    Claim(M, "a quarter of the money left", ("offers.macro.engagement_rate=1.34%",), 27_000, total("cost"), 700),
    Claim(M, "ten macro and 25 micro", ("budget=50_000",), 10, creators("macro"), 0),
    Claim(M, "ten macro and 25 micro", ("budget=50_000",), 25, creators("micro"), 0),
    Claim(M, "82 % of the engagements", ("effort_hours=282",), 0.82 * 121_500, value, 600),
]  # fmt: skip


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: f"{claim.name}: {claim.words}")
def test_a_story_claims_what_its_plan_says(claim: Claim) -> None:
    assert claim.words in " ".join(story(claim.name).split())
    assert claim.of(plan(claim.name, *claim.changes)) == pytest.approx(claim.number, abs=claim.tolerance + 1e-9)
