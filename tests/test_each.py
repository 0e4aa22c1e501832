"""`each`: an offer written once is the offers written out, in every respect."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from optimizer import Scenario, ScenarioError, load_scenario, optimize, parse_scenario
from optimizer.scenario.json_schema import scenario_schema

SHORT = """\
x-room: &room {creators: {max: 4}, hours_per_creator: 2}
budget: 2_000
objective: engagements
offers:
  - {name: first, <<: *room, cost_per_post: 90, engagements_per_post: 700}
  - name: reel
    <<: *room
    each:
      market:
        US: {cost_per_post: 80, creators: {min: 1}}
        UK: {}
        3: {hours_per_creator: null, tags: {zone: asia}}
      flight: [march, april]
    cost_per_post: 60
    engagements_per_post: 500
    tags: {line: a}
  - platform: TikTok
    <<: *room
    each: {tier: [Nano, micro], format: {video: {cost_per_post: 40}, story: {}}}
    cost_per_post: 30
    engagements_per_post: 300
  - {name: last, <<: *room, cost_per_post: 95, engagements_per_post: 700}
limits:
  - {measure: cost, per: market, max: 30% of budget}
  - {measure: creators, where: {flight: april, market: [US, "3"]}, max: 3}
"""

LONG = """\
budget: 2_000
objective: engagements
offers:
  - {name: first, hours_per_creator: 2, creators: {max: 4}, cost_per_post: 90, engagements_per_post: 700}
  - {name: reel-US-march, tags: {line: a, market: US, flight: march}, hours_per_creator: 2,
     creators: {min: 1, max: 4}, cost_per_post: 80, engagements_per_post: 500}
  - {name: reel-US-april, tags: {line: a, market: US, flight: april}, hours_per_creator: 2,
     creators: {min: 1, max: 4}, cost_per_post: 80, engagements_per_post: 500}
  - {name: reel-UK-march, tags: {line: a, market: UK, flight: march}, hours_per_creator: 2,
     creators: {max: 4}, cost_per_post: 60, engagements_per_post: 500}
  - {name: reel-UK-april, tags: {line: a, market: UK, flight: april}, hours_per_creator: 2,
     creators: {max: 4}, cost_per_post: 60, engagements_per_post: 500}
  - {name: reel-3-march, tags: {line: a, zone: asia, market: 3, flight: march},
     creators: {max: 4}, cost_per_post: 60, engagements_per_post: 500}
  - {name: reel-3-april, tags: {line: a, zone: asia, market: 3, flight: april},
     creators: {max: 4}, cost_per_post: 60, engagements_per_post: 500}
  - {tier: nano, platform: tiktok, format: video, hours_per_creator: 2, creators: {max: 4}, cost_per_post: 40,
     engagements_per_post: 300}
  - {tier: nano, platform: tiktok, format: story, hours_per_creator: 2, creators: {max: 4}, cost_per_post: 30,
     engagements_per_post: 300}
  - {tier: micro, platform: tiktok, format: video, hours_per_creator: 2, creators: {max: 4}, cost_per_post: 40,
     engagements_per_post: 300}
  - {tier: micro, platform: tiktok, format: story, hours_per_creator: 2, creators: {max: 4}, cost_per_post: 30,
     engagements_per_post: 300}
  - {name: last, hours_per_creator: 2, creators: {max: 4}, cost_per_post: 95, engagements_per_post: 700}
limits:
  - {measure: cost, per: market, max: 30% of budget}
  - {measure: creators, where: {flight: april, market: [US, 3]}, max: 3}
"""

NAMES = [
    "first", "reel-US-march", "reel-US-april", "reel-UK-march", "reel-UK-april", "reel-3-march", "reel-3-april",
    "nano-tiktok-video", "nano-tiktok-story", "micro-tiktok-video", "micro-tiktok-story", "last",
]  # fmt: skip


def test_written_once_and_written_out_are_one_scenario_with_one_plan() -> None:
    short, long = parse_scenario(SHORT), parse_scenario(LONG)
    assert short.offer_names() == NAMES
    assert short == long
    assert short.sha256() == long.sha256()
    one, other = optimize(short), optimize(long)
    assert one.lines == other.lines
    assert one.inputs == other.inputs
    assert Scenario.model_validate(one.inputs) == short


def test_offers_of_each_are_addressed_like_those_written_out() -> None:
    for changes in (
        {"offers.reel-3-april.cost_per_post": 7},
        {"offers[6].cost_per_post": 7},
        {"offers.micro-tiktok-story.creators.max": 2, "offers.reel-US-march.tags.flight": "may"},
    ):
        assert parse_scenario(SHORT, changes) == parse_scenario(LONG, changes)
        assert parse_scenario(SHORT).with_changes(changes) == parse_scenario(LONG).with_changes(changes)


def test_a_file_that_extends_changes_offers_of_each_by_name_and_may_use_each_itself(tmp_path: Path) -> None:
    (tmp_path / "house.yaml").write_text(SHORT)
    (tmp_path / "long.yaml").write_text(LONG)
    top = """\
extends: {base}
offers:
  reel-US-march: {cost_per_post: 55}
  reel-UK-april: null
  first: {each: {market: [VN, TH]}}
limits: []
"""
    found = []
    for base in ("house.yaml", "long.yaml"):
        (tmp_path / "top.yaml").write_text(top.replace("{base}", base))
        found.append(load_scenario(tmp_path / "top.yaml"))
    assert found[0] == found[1]
    assert found[0].offer_names()[:4] == ["first-VN", "first-TH", "reel-US-march", "reel-US-april"]
    assert "reel-UK-april" not in found[0].offer_names()
    assert [offer.cost_per_post.typical for offer in found[0].offers[:4] if offer.cost_per_post] == [
        90,
        90,
        55,
        80,
    ]


@pytest.mark.parametrize(
    ("offer", "names"),
    [
        ("{name: reel, each: {platform: [TikTok, x]}}", ["reel-tiktok", "reel-x"]),
        ("{each: {name: [ana, ben]}}", ["ana", "ben"]),
        ("{name: crew, each: {name: [ana, ben], market: [US]}}", ["crew-ana-US", "crew-ben-US"]),
        ("{each: {market: [US, UK]}}", ["US", "UK"]),
        ("{tier: nano, tags: {line: a}, each: {market: [US, UK]}}", ["nano-a-US", "nano-a-UK"]),
        ("{each: {flag: [true, 2024, 1.50, Zoe\u0308]}, name: n}", ["n-true", "n-2024", "n-1.50", "n-Zoë"]),
    ],
)
def test_names_are_made_of_the_values(offer: str, names: list[str]) -> None:
    offer = offer.replace("{", "{creators: {max: 1}, ", 1)
    assert parse_scenario(f"objective: creators\noffers: [{offer}]\n").offer_names() == names


def test_one_of_each_can_be_set_from_the_command_line_and_each_itself_too() -> None:
    text = "objective: creators\noffers: [{name: a, creators: {max: 1}}]\n"
    scenario = parse_scenario(text, {"offers.a.each": {"market": ["US", "UK"]}})
    assert scenario.offer_names() == ["a-US", "a-UK"]


def test_sixty_offers_need_not_be_sixty_lines() -> None:
    markets = ", ".join(f"M{n}" for n in range(10))
    text = (
        "objective: creators\nbudget: 100\noffers:\n- {name: o, cost_per_post: 1, creators: {max: 1}, "
        f"each: {{market: [{markets}], flight: [a, b, c], format: [reel, story]}}}}\n"
    )
    scenario = parse_scenario(text)
    assert len(set(scenario.offer_names())) == 60
    assert optimize(scenario).objective.value == 60


def test_a_problem_of_one_combination_points_to_the_line_that_made_it() -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(
            SHORT.replace("{cost_per_post: 80, creators", "{cost_per_post: -80, creators"), name="s.yaml"
        )
    assert [str(problem) for problem in caught.value.problems] == [
        "s.yaml:10:14: offers[1].cost_per_post: -80 is negative, which this cannot be"
    ]


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        (SHORT, True),
        (
            "extends: a.yaml\noffers: {a: {cpm: null, posts_per_creator: {min: 2}, each: {m: [US]}}, b: null}",
            True,
        ),
        ("extends: a.yaml\noffers: {a: {cost: 5}}", False),
        ("extends: a.yaml\nlimits: {a: {max: 5% of cost}}", True),
        ("objective: creators\noffers: [{each: {}}]", False),
        ("objective: creators\noffers: [{each: {m: []}}]", False),
        ("objective: creators\noffers: [{each: {m: {US: {cost: 5}}}}]", False),
        ("objective: creators", False),
        ("extends: a.yaml\nx-mine: [1, {a: b}]", True),
        ("extends: a.yaml\ny-mine: 1", False),
    ],
)
def test_the_json_schema_knows_what_only_files_hold(text: str, valid: bool) -> None:
    data: Any = json.loads(json.dumps(yaml.safe_load(text), default=str))
    assert jsonschema.Draft202012Validator(scenario_schema()).is_valid(data) == valid
