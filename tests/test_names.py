"""Names are compared as they are written, in composed form: the same answer in every part of the product."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path

import pytest

from optimizer import Limit, Offer, Scenario, ScenarioError, load_scenario, optimize, parse_scenario
from optimizer.finance.compare.bridge import bridge
from optimizer.finance.compare.compare import compare
from optimizer.finance.frontier.frontier import frontier
from optimizer.language.yaml12 import read_yaml
from optimizer.load import parse_value
from optimizer.mediaplan.read import scenario_from_mediaplan
from optimizer.whatif.goal import goal
from optimizer.whatif.replan.replan import replan
from optimizer.whatif.replan.signed import parse_signed
from tests import shell

CASED = """\
budget: 100
objective: creators
offers:
  - {name: A, cost_per_post: 5, creators: {max: 3}, tags: {market: US}}
  - {name: a, cost_per_post: 6, creators: {max: 3}, tags: {market: us}}
  - {name: ß, cost_per_post: 6, creators: {max: 3}, platform: TikTok, tags: {market: us}}
  - {name: ss, cost_per_post: 6, creators: {max: 3}, platform: tiktok, tags: {market: US}}
limits:
  - {measure: creators, where: {name: A}, max: 1}
  - {measure: creators, where: {name: ss}, max: 2}
"""
COMPOSED, DECOMPOSED = "Zo\u00eb", "Zoe\u0308"


def booked(scenario: Scenario) -> dict[str, float]:
    return {line.offer: line.creators for line in optimize(scenario).lines}


def test_names_that_differ_in_case_are_two_offers() -> None:
    scenario = parse_scenario(CASED)
    assert booked(scenario) == {"A": 1, "a": 3, "ß": 3, "ss": 2}
    assert booked(scenario.with_changes({"offers.a.creators.max": 2})) == {"A": 1, "a": 2, "ß": 3, "ss": 2}
    assert {limit.name: limit.value for limit in optimize(scenario).limits}["creators (A)"] == 1
    curve = frontier(scenario, "offers.A.cost_per_post=5,90")
    assert [point.best for point in curve.points] == [9, 8]


def test_tags_are_compared_as_written_and_words_in_small_letters() -> None:
    tags = CASED.split("limits:")[0] + "limits: [{measure: creators, where: {market: us}, max: 1}]\n"
    assert booked(parse_scenario(tags)) in ({"A": 3, "a": 1, "ss": 3}, {"A": 3, "ß": 1, "ss": 3})
    each = CASED.split("limits:")[0] + "limits: [{measure: creators, per: market, max: 1}]\n"
    assert sum(booked(parse_scenario(each)).values()) == 2
    words = CASED.split("limits:")[0] + "limits: [{measure: creators, where: {platform: TIKTOK}, max: 1}]\n"
    assert sum(booked(parse_scenario(words)).values()) == 7
    assert parse_scenario(words).limits == parse_scenario(words.replace("TIKTOK", "tiktok")).limits


def test_comparisons_bridges_and_replans_keep_them_apart() -> None:
    scenario = parse_scenario(CASED)
    other = scenario.with_changes({"offers.a.creators.max": 1, "name": "Less"})
    assert compare([scenario, other]).figures[0].values
    parts = bridge(optimize(scenario), optimize(other))
    assert sum(parts.measures[0].parts) == pytest.approx(-2)
    again = replan(optimize(scenario), other, keep={"A": 1})
    assert {change.offer: change.dropped for change in again.changes}["a"] == 2
    assert [one.offer for one in parse_signed("offer,creators\nA,1\na,1\n", scenario)] == ["A", "a"]


@pytest.mark.parametrize("one", [COMPOSED, DECOMPOSED])
@pytest.mark.parametrize("other", [COMPOSED, DECOMPOSED])
def test_an_accent_may_be_typed_in_two_ways(one: str, other: str, tmp_path: Path) -> None:
    text = f"""\
objective: {one}s
offers:
  - {{name: {one}, platform: {one}, tags: {{{one}: {one}}}, cost_per_post: 5, creators: {{max: 3}},
     measures: {{{one}s: 2}}}}
  - {{name: b, cost_per_post: 5, creators: {{max: 3}}, measures: {{{one}s: 1}}}}
measures: {{{other}s: creator}}
limits:
  - {{measure: creators, where: {{name: {other}}}, max: 2}}
  - {{measure: {other}s, where: {{{other}: {other}}}, max: 50% of {other}s}}
  - {{measure: creators, where: {{platform: {other}}}, per: {other}, max: 2, name: {one}}}
"""
    scenario = parse_scenario(text)
    assert scenario.offer_names() == [COMPOSED, "b"]
    assert booked(scenario) == {COMPOSED: 1, "b": 3} or booked(scenario)[COMPOSED] <= 2
    assert scenario.with_changes({f"offers.{other}.creators.max": 0, f"limits.{other}.max": 1}).limits[2].max
    assert [s.offer for s in parse_signed(f"offer,creators\n{other},1\n", scenario)] == [COMPOSED]
    assert replan(optimize(scenario), scenario, keep={other: 1}).signed[0].offer == COMPOSED
    assert goal(scenario, {f"{other}s": 2}).needed == 10  # two of b: what Zoë brings may be half at most
    (tmp_path / "base.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "top.yaml").write_text(
        f"extends: base.yaml\noffers: {{{other}: {{cost_per_post: 9}}}}\n", encoding="utf-8"
    )
    changed = load_scenario(tmp_path / "top.yaml")
    assert changed == scenario.with_changes({"offers[0].cost_per_post": 9})
    built = Scenario(
        objective="creators",
        offers=[Offer(name=one, creators={"max": 3}, tags={one: one})],
        limits=[
            Limit(measure="creators", where={"name": other}, max=1),
            Limit(measure="creators", per=other, max=2),
        ],
    )
    assert booked(built) == {COMPOSED: 1}


def test_a_name_that_is_a_number_is_compared_as_it_is_written() -> None:
    text = """\
objective: creators
offers:
  - {name: 007, creators: {max: 3}, tags: {flight: 01, part: 1.10}}
  - {name: 7, creators: {max: 3}, tags: {flight: 1, part: 1.1}}
  - {name: x, creators: {max: 1}, each: {flight: {01: {}, 1: {}}}}
limits:
  - {measure: creators, where: {flight: 01}, max: 2}
  - {measure: creators, where: {part: 1.1, name: [7, 007]}, max: 1}
"""
    scenario = parse_scenario(text)
    assert scenario.offer_names() == ["007", "7", "x-01", "x-1"]
    assert scenario.limits[1].where == {"part": ("1.1",), "name": ("7", "007")}
    assert optimize(scenario).objective.value == 4
    assert parse_scenario(text, {"offers.7.creators.max": 0}).offers[1].creators.max == 0
    assert parse_scenario(text, {"offers.007.creators.max": 00}).offers[0].creators.max == 0
    again = Scenario.model_validate_json(scenario.model_dump_json(exclude_unset=True))
    assert again == scenario
    assert copy.deepcopy(scenario) == pickle.loads(pickle.dumps(scenario)) == scenario


def test_a_media_plan_may_type_accents_in_two_ways() -> None:
    lines = [{"id": f"{i}", "name": name, "start_date": "2026-03-01", "end_date": "2026-03-31", "cost_total": 10.0}
             for i, name in enumerate([COMPOSED, DECOMPOSED, COMPOSED.upper()])]  # fmt: skip
    campaign = {"id": "c", "name": "C", "objective": "o", "start_date": "2026-03-01", "end_date": "2026-03-31",
                "budget_total": 30.0}  # fmt: skip
    meta = {"id": "m", "schema_version": "3.0", "created_by_name": "n", "created_at": "2026-01-01T00:00:00Z"}
    plan = {"meta": meta, "campaign": campaign, "lineitems": lines, "dictionary": {}}
    for ascii_only in (True, False):
        text = scenario_from_mediaplan(json.dumps(plan, ensure_ascii=ascii_only))
        offers = read_yaml(text, "plan")[0]["offers"]
        assert [offer["name"] for offer in offers] == [COMPOSED, f"{COMPOSED}-2", COMPOSED.upper()]


def test_a_file_whose_name_is_decomposed_is_found_as_it_is_written(tmp_path: Path) -> None:
    (tmp_path / f"{DECOMPOSED}.yaml").write_text("objective: creators\noffers: [{creators: {max: 1}}]\n")
    (tmp_path / "top.yaml").write_text(f"extends: {DECOMPOSED}.yaml\n", encoding="utf-8")
    assert load_scenario(tmp_path / "top.yaml").offers


def test_borders_of_own_tiers_find_their_platform_however_it_is_written() -> None:
    text = """\
objective: creators
tier_borders: {Small: 1k, Big: {default: 100k, YouTube: 250k}}
offers:
  - {platform: Youtube, followers: 200k, creators: {max: 1}}
  - {platform: instagram, followers: 200k, creators: {max: 1}}
limits: [{measure: creators, where: {tier: SMALL}, max: 0}]
"""
    assert booked(parse_scenario(text)) == {"instagram": 1}


def test_empty_and_null_values_of_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(CASED, encoding="utf-8")
    for empty in ("budget= ", "offers.a.creators={max: }", "limits=[{measure: creators, max: }]"):
        path, value = empty.split("=")
        with pytest.raises(ScenarioError, match=r"a value is missing here \(null removes what is there\)"):
            parse_value(value, path)
    ran = shell.optimize(tmp_path / "s.yaml", "--set", "budget=")
    assert (ran.code, ran.out) == (2, b"")
    assert ran.message.startswith("--set budget: a value is missing here (null removes what is there)\n")
    ran = shell.optimize(tmp_path / "s.yaml", "--set", "budget=null", "--set", "offers.a.tags.market=null", "--format",
                         "json")  # fmt: skip
    inputs = json.loads(ran.out)["inputs"]
    assert "budget" not in inputs
    assert inputs["offers"][1].get("tags", {}) == {}
