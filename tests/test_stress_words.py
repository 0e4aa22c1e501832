"""Changes in words: what is read, what they write into a scenario, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from optimizer import Scenario, ScenarioError, check, parse_scenario
from optimizer.language.errors import FieldError
from optimizer.program.program import program_of
from optimizer.program.stressed import stressed, stressed_with_notes
from optimizer.scenario.stress import number_named, parse_change, split_case
from tests.more import more
from tests.random_scenarios import random_scenario
from tests.stress_by_hand import CASES, applies, by_hand


@pytest.mark.parametrize(
    ("text", "kind", "number", "name", "words"),
    [
        ("fees +20%", "times", 1.2, "fees", []),
        ("fees +20 %", "times", 1.2, "fees", []),
        ("fees \u221220%", "times", 0.8, "fees", []),
        ("fees x1.2", "times", 1.2, "fees", []),
        ("fees * 1.2", "times", 1.2, "fees", []),
        ("price +20%", "times", 1.2, "fees", []),
        ("rates +5%", "times", 1.05, "fees", []),
        ("completion -10 points", "points", -0.1, "completion", []),
        ("completion -10 pp", "points", -0.1, "completion", []),
        ("completion -10 percentage points", "points", -0.1, "completion", []),
        ("instagram engagement_rate x0.7", "times", 0.7, "engagement_rate", ["instagram"]),
        ("instagram engagement rate x0.7", "times", 0.7, "engagement_rate", ["instagram"]),
        ("nano, tiktok hours_per_creator +30%", "times", 1.3, "hours_per_creator", ["nano", "tiktok"]),
        ("nano and micro hours +30%", "times", 1.3, "hours", ["nano", "micro"]),
        ("offer 'My name' cost_per_post = 300", "to", 300, "cost_per_post", ["offer", "'My name'"]),
        ("name='it''s me' fees to 300", "to", 300, "fees", ["name='it's me'"]),
        ('"a b" fees = 3k', "to", 3000, "fees", ["'a b'"]),
        ("flight=march reach_rate -20%", "times", 0.8, "reach_rate", ["flight=march"]),
        ("budget -15%", "times", 0.85, "budget", []),
        ("effort_hours -100", "plus", -100, "effort_hours", []),
        ("effort hours -100", "plus", -100, "effort_hours", []),
        ("audience overlap +5 points", "points", 0.05, "audience_overlap", []),
        ("audience.people x0.5", "times", 0.5, "audience_people", []),
        ("agency +5 points", "points", 0.05, "fees_agency", []),
        ("completion = 80%", "to", 0.8, "completion", []),
        ("leads x0.5", "times", 0.5, "conversion_rate", []),
        ("average order value -10%", "times", 0.9, "value_per_conversion", []),
    ],
)
def test_a_change_is_read(text: str, kind: str, number: float, name: str, words: list[str]) -> None:
    change = parse_change(text)
    assert (change.kind, float(change.number)) == (kind, pytest.approx(number))
    named = number_named(change.words, frozenset())
    assert named is not None
    assert ([str(word) for word in named[0]], named[1]) == (words, name)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fees 20%", "does not end in a change"),
        ("fees", "does not end in a change"),
        ("", "does not end in a change"),
        ("+20%", "does not say what changes"),
        ("fees +0%", "changes nothing"),
        ("fees x1", "changes nothing"),
        ("fees -120%", "would leave less than nothing"),
        ("fees x10 points", "multiplies by points"),
        ("completion = 10 points", "sets a value to points"),
        ("fees +20,5%", "has a decimal comma"),
        ("budget -5,000", "could mean two numbers"),
        ("star's fees x2", "cannot be read at"),
    ],
)
def test_what_is_no_change_is_said(text: str, message: str) -> None:
    with pytest.raises(FieldError, match=message):
        parse_change(text)


def test_semicolons_part_the_changes_of_a_case_but_not_names() -> None:
    assert split_case("fees +20%; 'a; b' fees -5% ;") == ("fees +20%", "'a; b' fees -5%")


# --- against the same made by hand ---------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(more(60, 500)))
def test_words_are_what_the_same_is_by_hand(seed: int) -> None:
    data = random_scenario(seed)
    for name, (words, _) in CASES.items():
        if not applies(data, name):
            continue
        found = program_of(stressed(Scenario.model_validate(data), words))
        expected = program_of(Scenario.model_validate(by_hand(data, name)))
        assert found.problems == expected.problems, words
        for measure, values in expected.packages.measures.items():
            np.testing.assert_allclose(found.packages.measures[measure], values, rtol=1e-9, err_msg=words)
        np.testing.assert_allclose(found.packages.reach, expected.packages.reach, rtol=1e-9)


TEXT = """
budget: 60_000
effort_hours: 300
objective: engagements
audience: {people: 12M, overlap: 8%}
fees: {agency: 10%}
exchange_rates: {EUR: 0.8}
measures: {samples: creator}
offers:
  - {name: My name, tier: macro, platform: instagram, format: reel, followers: 400k, cost_per_post: [800, 1000, 1500],
     engagements_per_post: 5000, hours_per_creator: 10, completion: [80%, 90%, 95%], creators: {max: 3}}
  - {tier: nano, platform: tiktok, format: video, country: IT, followers: 5000, cost_per_post: 60, cpm: 20,
     engagement_rate: 6%, hours_per_creator: 4, hours_per_post: 1, creators: {max: 30}, tags: {flight: march}}
  - {tier: micro, platform: tiktok, followers: 40k, currency: EUR, cost_per_post: 160, reach_rate: 30%,
     engagement_rate: 4%, hours_per_creator: 5, creators: {max: 10}, tags: {flight: may}, measures: {samples: 2}}
"""


def written(*changes: str) -> tuple[Scenario, Any]:
    before = parse_scenario(TEXT)
    after = stressed(before, changes)
    differences = []
    for one, other in zip(before.offers, after.offers, strict=True):
        old, new = (o.model_dump(mode="json", exclude_unset=True) for o in (one, other))
        differences.append({k: new.get(k) for k in {**old, **new} if old.get(k) != new.get(k)})
    return after, differences


@pytest.mark.parametrize(
    ("change", "first", "second", "third"),
    [
        ("fees +20%", {"cost_per_post": [960, 1200, 1800]}, {"cost_per_post": 72, "cpm": 24}, {"cost_per_post": 192}),
        ("completion -10 points", {"completion": [0.8 * 8 / 9, 0.8, 0.95 * 8 / 9]}, {"completion": 0.9},
         {"completion": 0.9}),
        ("instagram engagement_rate x0.7", {"engagements_per_post": 3500}, {}, {}),
        ("nano tiktok hours_per_creator +30%", {}, {"hours_per_creator": 5.2}, {}),
        ("nano micro hours x0.5", {}, {"hours_per_creator": 2, "hours_per_post": 0.5}, {"hours_per_creator": 2.5}),
        ("offer 'My name' cost_per_post = 300", {"cost_per_post": [240, 300, 450]}, {}, {}),
        ("flight=march reach_rate -20%", {}, {"impressions_per_post": 2400, "cpm": None}, {}),
        ("may reach -20%", {}, {}, {"reach_rate": 0.24}),
        ("may impressions -20%", {}, {}, {"reach_rate": 0.24}),
        ("italy fees = 90", {}, {"cost_per_post": 90, "cpm": None, "impressions_per_post": 3000}, {}),
        ("micro fees +10", {}, {}, {"cost_per_post": 168}),  # 10 USD are 8 EUR
        ("micro fees = 100", {}, {}, {"cost_per_post": 80}),
        ("cpm = 10", {}, {"cost_per_post": 30, "cpm": 10}, {}),
        ("samples -50%", {}, {}, {"measures": {"samples": 1}}),
        ("'My name' setup_cost +500", {"setup_cost": 500}, {}, {}),
        ("micro engagements +10%", {}, {}, {"engagement_rate": 0.044, "engagement_base": "followers"}),
        ("micro engagements = 1000", {}, {},
         {"engagements_per_post": 1000, "engagement_rate": None}),
        ("micro followers x0.5", {}, {}, {"followers": 20000}),
        ("completion +20 points", {"completion": [0.8 / 0.9, 1, 1]}, {}, {}),
    ],
)  # fmt: skip
def test_what_is_written_into_the_offers(change: str, first: Any, second: Any, third: Any) -> None:
    _, found = written(change)
    for one, expected in zip(found, (first, second, third), strict=True):
        assert one.keys() == expected.keys()
        for key, value in expected.items():
            assert one[key] == (
                value if isinstance(value, str | dict | None) else pytest.approx(value, rel=1e-12)
            ), key


def test_the_changed_scenario_is_the_one_written_by_hand() -> None:
    by_words = stressed(
        parse_scenario(TEXT), ["fees +20%", "budget -15%", "agency +5 points", "effort_hours -100"]
    )
    text = TEXT
    for old, new in (
        ("60_000", "51_000"),
        ("agency: 10%", "agency: 15%"),
        ("effort_hours: 300", "effort_hours: 200"),
        ("[800, 1000, 1500]", "[960, 1200, 1800]"),
        ("cost_per_post: 60, cpm: 20", "cost_per_post: 72, cpm: 24"),
        ("cost_per_post: 160", "cost_per_post: 192"),
    ):
        assert old in text
        text = text.replace(old, new)
    assert by_words == parse_scenario(text)
    assert by_words.sha256() == parse_scenario(text).sha256()


def test_changes_of_one_case_follow_each_other() -> None:
    _, found = written("fees +20%", "micro fees x0.5")
    assert found[2] == {"cost_per_post": 96}


def test_what_creators_bring_does_not_move_with_fees() -> None:
    for change in ("fees +37%", "fees x0.1", "nano cost_per_post = 33", "nano cpm +13%", "nano fees = 0"):
        before, after = parse_scenario(TEXT), stressed(parse_scenario(TEXT), change)
        one, other = program_of(before).packages, program_of(after).packages
        for measure in ("impressions", "engagements", "gross_reach", "hours"):
            np.testing.assert_allclose(
                other.measures[measure], one.measures[measure], rtol=1e-12, err_msg=change
            )
        assert not np.allclose(other.measures["cost"], one.measures["cost"])


FILLED = """
budget: 60_000
benchmarks: global-2026
objective: engagements
offers:
  - {tier: nano, platform: instagram, format: reel, creators: {max: 60}}
  - {tier: micro, platform: tiktok, format: video, creators: {max: 30}}
  - {platform: youtube, followers: 300k, format: video, creators: {max: 5}}
"""


@pytest.mark.parametrize(
    ("change", "factors"),
    [
        ("fees +20%", {"cost": 1.2}),
        ("engagement_rate x0.7", {"engagements": 0.7}),
        ("hours x1.5", {"hours": 1.5}),
        ("reach -20%", {"impressions": 0.8, "gross_reach": 0.8, "engagements": None}),
        ("followers x0.9", {"impressions": 0.9, "gross_reach": 0.9, "engagements": 0.9, "conversions": 0.9}),
        ("click_rate x2", {"clicks": 2}),
        ("authentic x0.5", {"engagements": 0.5, "gross_reach": 0.5}),
    ],
)
def test_numbers_of_the_benchmarks_move_alone(change: str, factors: dict[str, float | None]) -> None:
    before = parse_scenario(FILLED)
    after = stressed(before, change)
    assert check(after) == ()
    assert after.offer_names() == before.offer_names()
    one, other = program_of(before).packages.measures, program_of(after).packages.measures
    follows = {"clicks": "impressions", "conversions": "clicks"}
    for measure in ("cost", "hours", "impressions", "gross_reach", "engagements", "clicks", "conversions"):
        where, factor = measure, factors.get(measure, 0)
        while factor == 0 and where in follows:
            where = follows[where]
            factor = factors.get(where, 0)
        if factor is not None:
            np.testing.assert_allclose(
                other[measure], one[measure] * (factor or 1), rtol=1e-9, err_msg=measure
            )


def test_a_share_that_is_cut_is_said_once() -> None:
    case = stressed_with_notes(parse_scenario(TEXT), ["completion +5 points", "authentic x0.5"])
    assert case.notes == ()
    case = stressed_with_notes(parse_scenario(TEXT), ["completion +20 points", "agency -30 points"])
    assert case.notes == ("completion of 1 offer is cut at 100 %", "fees agency is cut at 0 %")
    assert case.touched == ("My name",)  # the others were at 100 %


@pytest.mark.parametrize(
    ("change", "message", "hint"),
    [
        ("feees +20%", "'feees' is no number", "did you mean 'fees'"),
        ("spread x2", "spread moves no typical number", "change it with --set and plan again"),
        ("nanno fees +20%", "no offer is 'nanno'", "did you mean 'nano'"),
        ("nano instagram fees +20%", "no offer is nano and instagram", "not in one offer"),
        ("market=IT fees +20%", "no offer has a 'market'", "known: name"),
        ("cpm +20%", None, None),
        ("instagram cpm +20%", "the offer has no cpm", "cost_per_post or fees"),
        ("click_rate +20%", "none of the 3 offers has click_rate", ""),
        ("repeat_decay x2", "none of the 3 offers has repeat_decay", ""),
        ("commission x2", "none of the 3 offers has commission", ""),
        ("authentic +10 points", "authentic is 100 % already in these offers", ""),
        ("'My name' cost_per_post = 1000", "cost_per_post is 1,000 already in that offer", ""),
        ("budget = 60000", "budget is 60,000 already", ""),
        ("budget +10 points", "budget is no share", "+10%"),
        ("completion +5", "could be points or percent", "+5 points or +5%"),
        ("completion = 500%", "between 0 and 100 %", ""),
        ("fees = 20%", "fees is no share", "+20%"),
        ("hours +5", "hours are several numbers", "by a factor only"),
        ("nano budget -5%", "one number of the whole scenario", "leave nano out"),
        ("effort_hours -301", "so -1 would be left", ""),
        ("'My name' fees -1001", "so -1 would be left", ""),
        ("audience people = 0", "so 0 would be left", ""),
        ("followers x0", "would be 0", "above 0"),
        ("budget +1.500", "could mean two numbers", "1_500"),
        ("'My name' engagement_rate -1 point", "gives engagements_per_post", "a factor"),
        ("contingency x2", "contingency is 0 % already", ""),
    ],
)
def test_what_touches_nothing_or_cannot_be_is_refused(
    change: str, message: str | None, hint: str | None
) -> None:
    if message is None:
        assert stressed_with_notes(parse_scenario(TEXT), [change]).touched == ("nano-tiktok-video-IT-march",)
        return
    with pytest.raises(ScenarioError) as caught:
        stressed(parse_scenario(TEXT), change)
    (problem,) = caught.value.problems
    assert change in problem.message
    assert message in problem.message
    assert (hint or "") in problem.hint + problem.message


def test_a_word_with_two_meanings_asks() -> None:
    text = TEXT.replace("flight: may", "flight: nano")
    with pytest.raises(
        ScenarioError, match=r"'nano' could be tier or flight \(write tier=nano or flight=nano\)"
    ):
        stressed(parse_scenario(text), "nano fees +5%")
    found = stressed_with_notes(parse_scenario(text), ["flight=nano fees +5%"])
    assert found.touched == ("micro-tiktok-nano",)


def test_several_values_of_one_key_are_alternatives() -> None:
    found = stressed_with_notes(parse_scenario(TEXT), ["nano, micro, macro, tiktok fees +5%"])
    assert found.touched == ("nano-tiktok-video-IT-march", "micro-tiktok-may")


def test_a_measure_of_ones_own_wins_over_a_word() -> None:
    text = TEXT.replace("samples", "fees x")
    assert stressed_with_notes(parse_scenario(text), ["'fees x' +50%"]).touched == ("micro-tiktok-may",)


def test_what_the_change_leaves_must_be_a_scenario() -> None:
    with pytest.raises(ScenarioError, match="could not be so: one post reaches"):
        stressed(
            parse_scenario(TEXT.replace("reach_rate: 30%", "reach_rate: 30%, impressions_per_post: 13000")),
            "micro reach_rate x2",
        )


# --- in the scenario -----------------------------------------------------------------------------------------

STRESS = """
stress:
  dearer: fees +20%
  bad luck: [completion -10 points, instagram engagement_rate x0.7]
"""


def test_stress_is_part_of_the_scenario_and_kept() -> None:
    scenario = parse_scenario(TEXT + STRESS)
    wanted = {
        "dearer": ("fees +20%",),
        "bad luck": ("completion -10 points", "instagram engagement_rate x0.7"),
    }
    assert scenario.stress == wanted
    assert scenario.with_changes({"budget": 50_000}).stress == wanted
    assert Scenario.model_validate_json(scenario.model_dump_json()) == scenario
    assert Scenario.model_validate(scenario.model_dump(mode="json", exclude_unset=True)) == scenario
    changed = scenario.with_changes({"stress.dearer": "fees +30%"})
    assert changed.stress["dearer"] == ("fees +30%",)
    assert scenario.with_changes({"stress.bad luck": None}).stress.keys() == {"dearer"}
    assert scenario.sha256() != parse_scenario(TEXT).sha256()


def test_stress_is_inherited(tmp_path: Any) -> None:
    from optimizer import load_scenario

    (tmp_path / "base.yaml").write_text(TEXT + STRESS)
    (tmp_path / "mine.yaml").write_text(
        "extends: base.yaml\nstress: {dearer: fees +50%, less: budget -10%}\n"
    )
    found = load_scenario(tmp_path / "mine.yaml").stress
    assert found["dearer"] == ("fees +50%",)
    assert found.keys() == {"dearer", "bad luck", "less"}


def test_every_problem_of_every_case_is_said_where_it_stands() -> None:
    text = (
        TEXT
        + """
stress:
  one: [fees 20%, foo]
  two: {fees: 20%}
  three: []
"""
    )
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text)
    lines = [(p.line, p.path) for p in caught.value.problems]
    start = TEXT.count("\n") + 3
    assert lines == [
        (start, ("stress", "one", 0)),
        (start, ("stress", "one", 1)),
        (start + 1, ("stress", "two")),
        (start + 2, ("stress", "three")),
    ]
    text = (
        TEXT
        + """
stress:
  one: [nanno fees +2%, fees +5%, foo x2]
  two: budget +5 points
"""
    )
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text)
    lines = [(p.line, p.path) for p in caught.value.problems]
    assert lines == [
        (start, ("stress", "one", 0)),
        (start, ("stress", "one", 2)),
        (start + 1, ("stress", "two")),
    ]


def test_a_case_that_leaves_nothing_to_plan_is_said() -> None:
    text = TEXT + "stress: {tiny: audience people = 1000}\n"
    with pytest.raises(ScenarioError, match="with this the scenario cannot be planned"):
        parse_scenario(text)
