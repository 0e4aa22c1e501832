"""Rows of a large roster as columns: the same numbers, labels and rows of limits as of offers, to the last digit."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from optimizer.program.joined import Joined
from optimizer.program.many import OfRows
from optimizer.program.offered import OfTerms
from optimizer.program.program import program_of, program_over
from optimizer.program.terms import resolve
from optimizer.roster import expand
from optimizer.roster.bulk_read import read_bulk
from optimizer.roster.bulk_rows import Taken
from optimizer.scenario.fields import NUMBER_FIELDS
from optimizer.scenario.offer import ENGAGEMENT_KINDS, Offer
from optimizer.scenario.roster import RosterFile
from optimizer.scenario.scenario import Scenario
from optimizer.scenario.validation import validated

LABELS = ("name", "tier", "platform", "format", "country", "niche")
SHARED: dict[str, dict[str, Any]] = {
    "filled": {"defaults": {"hours_per_creator": 6}},
    "three posts": {
        "defaults": {"format": "reel", "hours_per_post": 1.5},
        "offer": {"posts_per_creator": {"min": 1, "max": 3}, "bundle_discount": {2: "5%", 3: "10%"}},
    },
    "own tier": {"offer": {"tier": "micro", "engagement_mix": {"likes": 0.9, "comments": 0.1}}},
    "tags and measures": {
        "defaults": {"tags": {"niche": "none"}, "measures": {"points": 2}},
        "offer": {"measures": {"stars": 3}},
    },
    "nothing filled": {"fill": "never", "defaults": {"engagement_rate": 0.02}},
    "by cpm": {"ignore": ["fee"], "defaults": {"cpm": 9}},
    "foreign": {"defaults": {"currency": "CHF", "commission": "5%", "click_rate": 0.01, "conversion_rate": 0.1,
                             "value_per_conversion": 40}},
}  # fmt: skip
"""What all rows share -> the keys of the roster."""


def roster(count: int, seed: int) -> str:
    """A roster of creators who do not exist, with gaps."""
    draw = random.Random(seed)
    lines = ["username,followers,platform,country,niche,fee,engagement rate,reach rate,avg views,tier"]
    for number in range(count):
        followers = int(10 ** draw.gauss(4.4, 0.8))
        sized = draw.random() < 0.9
        row = [
            f"creator{number:05}",
            followers if sized else "",
            draw.choice(("instagram", "tiktok", "youtube", "threads", "")),
            draw.choice(("IT", "Germany", "US", "")),
            draw.choice(("food", "home", "")),
            draw.choice((round(followers * 0.01 + draw.random(), 2), "", "0")),
            draw.choice((f"{draw.uniform(0.5, 9):.2f}", "")),
            *draw.choice(
                (
                    (f"{draw.uniform(2, 60):.1f}", ""),
                    ("", int(followers * draw.uniform(0.7, 1.2))),
                    ("", ""),
                    ("0", ""),
                )
            ),
            "" if sized else "micro",
        ]
        lines.append(",".join(map(str, row)))
    return "\n".join(lines) + "\n"


def both(keys: dict[str, Any], **scenario: Any) -> tuple[OfTerms, OfRows, Scenario]:
    """The offers of a roster one by one, and its rows as columns."""
    asked = RosterFile(file="r.csv", **keys)
    found = read_bulk(roster(240, 5).encode(), "r.csv", asked, "USD", head=20)
    assert found is not None
    taken = found.creators
    assert isinstance(taken, Taken)
    names = list(taken.names)
    made = expand.offers_of(list(taken), names, asked, "USD")
    data = {
        "budget": 50_000,
        "objective": "creators",
        "benchmarks": "global-2026",
        **scenario,
        "offers": made,
    }
    measures = {name: "post" for name in ("points", "stars") if "measures" in str(keys)}
    whole = Scenario.model_validate({**data, "measures": measures})
    terms, _ = resolve(whole)
    return OfTerms(terms), OfRows(whole, taken, names, asked, whole.offers[0]), whole


@pytest.mark.parametrize("keys", SHARED.values(), ids=SHARED.keys())
def test_columns_have_the_numbers_of_offers(
    keys: dict[str, Any],
) -> None:
    weights = {"engagement_weights": {"comments": 3}}
    alone, together, scenario = both(keys, exchange_rates={"CHF": 0.9}, country="CH", **weights)
    for field in (*NUMBER_FIELDS, *(f"engagement_mix.{kind}" for kind in ENGAGEMENT_KINDS)):
        if field not in ("engagement_rate", "cpm"):  # only what measures are made of
            np.testing.assert_array_equal(together.number(field), alone.number(field), err_msg=field)
    np.testing.assert_array_equal(together.weight, alone.weight)
    for name in scenario.measures:
        np.testing.assert_array_equal(together.own(name), alone.own(name))
    for key in LABELS:
        mine, theirs = together.labels(key), alone.labels(key)
        assert mine.values == theirs.values, key
        assert mine.codes.tolist() == theirs.codes.tolist(), key


LIMITS = (
    {"measure": "posts", "max": 90},
    {"measure": "engagements", "min": 900, "where": {"platform": ["tiktok", "youtube"]}},
    {"measure": "cost", "per": "country", "max": "60% of cost"},
    {"measure": "creators", "where": {"niche": "food", "country": "IT"}, "max": 7},
    {"measure": "cpe", "max": 4},
    {"measure": "hours", "per": "tier", "max": "50% of effort_hours"},
    {"measure": "cost", "per": "creator", "max": 900},
    {"measure": "impressions", "per": "niche", "min": 1_000},
)


def test_programs_have_the_same_rows() -> None:
    keys = {
        "defaults": {"platform": "instagram"},
        "offer": {"posts_per_creator": {"min": 1, "max": 3}, "bundle_discount": {2: "5%"}},
    }
    _, together, scenario = both(keys, effort_hours=300, limits=LIMITS, fees={"agency": 0.1})
    whole, columns = program_of(scenario), program_over(scenario, Joined([together]))
    assert not whole.problems
    assert not columns.problems
    assert [row.name for row in columns.rows] == [row.name for row in whole.rows]
    for mine, theirs in zip(columns.rows, whole.rows, strict=True):
        np.testing.assert_array_equal(mine.coefficients, theirs.coefficients, err_msg=mine.name)
        assert (mine.lower, mine.upper) == (theirs.lower, theirs.upper)
    np.testing.assert_array_equal(columns.excluded, whole.excluded)
    np.testing.assert_array_equal(columns.packages.posts, whole.packages.posts)
    for name in whole.packages.measures:
        np.testing.assert_array_equal(columns.packages.measures[name], whole.packages.measures[name])


def test_rows_that_contradict_themselves_are_those_that_no_offer_can_be_made_of() -> None:
    text = (
        "username,followers,platform,fee,cpm,reach rate\n"
        "fine,10000,instagram,100,50,20%\n"
        "dear,10000,instagram,100,70,20%\n"
        "near,10000,instagram,100,51,20%\n"
        "open,10000,instagram,100,,20%\n"
    )
    asked = RosterFile(file="r.csv")
    found = read_bulk(text.encode(), "r.csv", asked, "USD", head=2)
    assert found is not None
    taken = found.creators
    assert isinstance(taken, Taken)
    scenario = Scenario.model_validate(
        {
            "budget": 1,
            "objective": "creators",
            "benchmarks": "global-2026",
            "offers": [{"name": "x", "tier": "micro"}],
        }
    )
    rows = OfRows(scenario, taken, taken.names, asked, scenario.offers[0])
    made = expand.offers_of(list(taken), taken.names, asked, "USD")
    wrong = [bool(validated(Offer, offer)[1].problems) for offer in made]
    assert dict(zip(taken.names, wrong, strict=True)) == {
        "dear": True,
        "fine": False,
        "near": False,
        "open": False,
    }
    assert rows.doubtful().tolist() == wrong


def test_parts_stand_one_behind_another() -> None:
    alone, together, _ = both(SHARED["three posts"])
    two, once = Joined([alone, together]), alone.number("cost_per_post")
    np.testing.assert_array_equal(two.number("cost_per_post"), np.concatenate([once, once]))
    assert two.labels("platform").values == alone.labels("platform").values
    offer = np.repeat(np.arange(2 * len(alone)), 3)
    posts = np.tile([1, 2, 3], 2 * len(alone))
    assert two.discounts(offer, posts).tolist() == [0.0, 0.05, 0.1] * (2 * len(alone))
