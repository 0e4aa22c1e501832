"""Loading: files, extends, overrides, what-ifs."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import pytest

from optimizer import Scenario, ScenarioError, check, load_scenario, optimize, parse_scenario
from optimizer.load import parse_value
from optimizer.program.program import program_of
from optimizer.scenario.scenario import PostRoom

FULL = """\
name: Spring
currency: USD
exchange_rates: {VND: 25_000}
budget: 60_000
effort_hours: 220
objective: [{maximize: engagements, within: 3%}, reach]
audience: {people: 12M, overlap: 8%}
fees: {agency: 15%}
offers:
  - tier: nano
    platform: instagram
    followers: [2k, 4k, 8k]
    cost_per_post: 60
    engagement_rate: 5%
    reach_rate: 20%
    hours_per_creator: 3
    creators: {max: 120}
    posts_per_creator: {min: 1, max: 3}
    measures: {samples: 1}
  - name: j.doe
    tier: macro
    platform: tiktok
    followers: 412k
    cpm: 22
    engagement_rate: 2%
    reach_rate: 20%
    hours_per_creator: 8
    creators: {max: 1}
    bundle_discount: {2: 5%}
    tags: {market: US}
measures: {samples: {per: creator}}
limits:
  - {measure: creators, where: {tier: macro}, max: 1, name: macro}
  - {measure: cost, where: {platform: tiktok}, max: 33.3% of budget}
"""


NO_PATH = 'this is not a path (write e.g. budget, audience.overlap, offers[0].cpm or offers["a name"].cpm)'


def problems(text: str, overrides: dict[str, Any] | None = None) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text, overrides)
    return [str(problem) for problem in caught.value.problems]


# --- files -------------------------------------------------------------------------------------------------


def test_file_and_text_give_the_same_scenario(tmp_path: Path) -> None:
    path = tmp_path / "spring.yaml"
    path.write_text(FULL, encoding="utf-8")
    assert load_scenario(path) == load_scenario(str(path)) == parse_scenario(FULL)


@pytest.mark.parametrize(
    "change", [lambda t: "\ufeff" + t, lambda t: t.replace("\n", "\r\n")], ids=["BOM", "CRLF"]
)
def test_files_of_other_editors_give_the_same_scenario(tmp_path: Path, change: Any) -> None:
    path = tmp_path / "spring.yaml"
    path.write_bytes(change(FULL).encode())
    assert load_scenario(path) == parse_scenario(FULL)


def test_null_means_left_out() -> None:
    text = (
        "objective: creators\nbudget: null\nlimits: ~\nfees: Null\n"
        "offers:\n  - {creators: {max: 3, min: null}, tags: null}\n"
    )
    assert parse_scenario(text) == parse_scenario("objective: creators\noffers: [{creators: {max: 3}}]\n")


@pytest.mark.parametrize("written", ["cost", "{maximize: cost}", "[cost]", "[{maximize: cost, within: 0}]"])
def test_short_and_long_objectives_are_the_same(written: str) -> None:
    offers = "offers: [{cost_per_post: 5, creators: {max: 3}}]\n"
    assert parse_scenario(f"objective: {written}\n{offers}") == parse_scenario(f"objective: cost\n{offers}")


# --- extends -----------------------------------------------------------------------------------------------


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)


def test_mappings_merge_and_lists_are_replaced(tmp_path: Path) -> None:
    write(
        tmp_path,
        house="currency: EUR\nfees: {agency: 15%, contingency: 5%}\nbudget: 5\n"
        "limits: [{measure: creators, max: 9}, {measure: creators, max: 8}]\n",
        top="extends: house.yaml\nobjective: creators\nfees: {agency: 10%}\nbudget: 6\n"
        "offers: [{cost_per_post: 1}]\nlimits: [{measure: creators, max: 7}]\n",
    )
    scenario = load_scenario(tmp_path / "top.yaml")
    assert scenario.currency == "EUR"
    assert (scenario.fees.agency, scenario.fees.contingency) == (0.10, 0.05)
    assert scenario.budget == 6
    assert [limit.max.number for limit in scenario.limits if limit.max] == [7]


def test_null_takes_back_what_the_base_says(tmp_path: Path) -> None:
    write(tmp_path, house="budget: 5\n", top="extends: house.yaml\nobjective: creators\nbudget: null\n"
          "offers: [{creators: {max: 1}}]\n")  # fmt: skip
    assert load_scenario(tmp_path / "top.yaml").budget is None


def test_bases_chain_each_from_its_own_folder(tmp_path: Path) -> None:
    (tmp_path / "house").mkdir()
    write(tmp_path, group="currency: EUR\nfees: {agency: 1%, contingency: 1%}\n")
    write(tmp_path / "house", rates="extends: ../group.yaml\nfees: {agency: 2%}\n")
    write(tmp_path, top="extends: house/rates.yaml\nobjective: creators\noffers: [{creators: {max: 1}}]\n")
    scenario = load_scenario(tmp_path / "top.yaml")
    assert scenario.currency == "EUR"
    assert (scenario.fees.agency, scenario.fees.contingency) == (0.02, 0.01)


def test_offers_and_limits_change_by_name_through_several_files(tmp_path: Path) -> None:
    write(
        tmp_path,
        group="x-base: &base {cost_per_post: 5, creators: {min: 1, max: 9}}\nobjective: creators\nbudget: 90\n"
        "offers:\n- {name: ana, <<: *base, cpm: 4}\n- {tier: nano, platform: x, <<: *base, tags: {m: US, n: 1}}\n"
        "- {name: '2024', <<: *base}\n"
        "limits:\n- {measure: cost, max: 80}\n- {name: few, measure: creators, where: {name: ana}, max: 7}\n",
        house="x-mine:\nextends: group.yaml\noffers:\n  ana: {cpm: , creators: {max: 8}}\n"
        "  nano-x-US-1: {tags: {m: null}}\n"
        "  2024: null\nlimits: {few: {where: {name: [ana, nano-x-1]}}}\n",
        top="extends: house.yaml\noffers: {ana: {creators: {min: null}}, nano-x-1: {name: bo, posts_per_creator: 2}}\n",
        out="objective: creators\nbudget: 90\noffers:\n- {name: ana, cost_per_post: 5, creators: {max: 8}}\n"
        "- {name: bo, tier: nano, platform: x, cost_per_post: 5, creators: {min: 1, max: 9}, tags: {n: 1},\n"
        "   posts_per_creator: 2}\n"
        "limits:\n- {measure: cost, max: 80}\n- {name: few, measure: creators, where: {name: [ana, bo]}, max: 7}\n",
    )
    (tmp_path / "last.yaml").write_text("extends: top.yaml\nlimits: {few: {where: {name: [ana, bo]}}}\n")
    assert load_scenario(tmp_path / "last.yaml") == load_scenario(tmp_path / "out.yaml")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(tmp_path / "last.yaml", {"offers.bo.cost_per_post": -1, "limits.few.where.tier": "mid"})
    assert [p.file for p in caught.value.problems] == [
        "--set offers.bo.cost_per_post", "--set limits.few.where.tier",
    ]  # fmt: skip
    (tmp_path / "group.yaml").write_text((tmp_path / "group.yaml").read_text().replace("max: 9", "max: -9"))
    with pytest.raises(ScenarioError) as caught:
        load_scenario(tmp_path / "last.yaml")
    assert [(Path(p.file or "").name, p.line, p.path) for p in caught.value.problems] == [
        ("group.yaml", 1, ("offers", 1, "creators", "max")),  # ana has another max by now
    ]


def test_problems_point_into_the_file_that_has_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(
        tmp_path,
        house="limits:\n- {measure: creators,\n   max: 8}\n- {measure: creators,\n   name: a, max: 8}\n"
        "solver: {gap: 0, time_limit: -1}\n",
        top="extends: house.yaml\nobjective: creators\noffers: [{creators: {max: 1}}]\n"
        "solver: {gap: -1}\nlimits:\n- max: 3\n",
    )
    with pytest.raises(ScenarioError) as caught:
        load_scenario("top.yaml")
    assert [(p.file, p.line, p.column, p.path) for p in caught.value.problems] == [
        ("top.yaml", 4, 10, ("solver", "gap")),
        ("top.yaml", 6, 3, ("limits", 0, "measure")),  # not the measure of the list that was replaced
        ("house.yaml", 6, 18, ("solver", "time_limit")),
    ]


# --- overrides ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value", "got"),
    [
        ("budget", 80_000, lambda s: s.budget == 80_000),
        ("budget", "80k", lambda s: s.budget == 80_000),
        ("audience.overlap", "10%", lambda s: s.audience.overlap == 0.1),
        ("solver.gap", 0, lambda s: s.solver.gap == 0 and s.solver.time_limit == 60),
        ("offers[0].cost_per_post", 70, lambda s: s.offers[0].cost_per_post.typical == 70),
        ("offers.0.cost_per_post", [1, 2, 3], lambda s: s.offers[0].cost_per_post == (1, 2, 3)),
        ("offers.nano-instagram.cost_per_post", 70, lambda s: s.offers[0].cost_per_post.typical == 70),
        ("offers[j.doe].followers", "500k", lambda s: s.offers[1].followers.typical == 500_000),
        ("offers[1].tags.flight", "march", lambda s: s.offers[1].tags == {"market": "US", "flight": "march"}),
        ("offers[1].posts_per_creator.max", 2, lambda s: s.offers[1].posts_per_creator == PostRoom(max=2)),
        ("limits.macro.max", 0, lambda s: s.limits[0].max.number == 0),
        ("limits[1].max", "20% of cost", lambda s: s.limits[1].max == (0.2, "cost")),
        ("objective", "reach", lambda s: [g.measure for g in s.objective] == ["reach"]),
        ("objective[0].within", "1%", lambda s: s.objective[0].within == 0.01),
        ("fees.contingency", 0.05, lambda s: (s.fees.agency, s.fees.contingency) == (0.15, 0.05)),
        ("limits", [], lambda s: s.limits == ()),
        ("effort_hours", None, lambda s: s.effort_hours is None),
    ],
)
def test_override_and_what_if_change_one_value(path: str, value: Any, got: Any) -> None:
    before = parse_scenario(FULL)
    overridden, changed = parse_scenario(FULL, {path: value}), before.with_changes({path: value})
    assert got(overridden)
    assert overridden == changed
    assert not got(before)
    assert before == parse_scenario(FULL)


def test_several_overrides_apply_in_order() -> None:
    scenario = parse_scenario(FULL, {"audience": {"people": "1M"}, "audience.overlap": "5%"})
    assert scenario.audience is not None
    assert (scenario.audience.people, scenario.audience.overlap) == (1e6, 0.05)


def test_overriding_leaves_the_callers_values_alone() -> None:
    audience = {"people": "1M"}
    parse_scenario(FULL, {"audience": audience, "audience.overlap": "5%"})
    assert audience == {"people": "1M"}


def test_offers_are_chosen_by_the_names_of_the_plan() -> None:
    text = "objective: creators\nbudget: 1\noffers:\n" + "- {tier: Nano, platform: x, cost_per_post: 1}\n" * 3
    scenario = parse_scenario(text + "- {name: nano-x-2, cost_per_post: 1}\n")
    names = [terms.name for terms in program_of(scenario).packages.terms]
    assert names == ["nano-x", "nano-x-3", "nano-x-4", "nano-x-2"]
    for index, name in enumerate(names):
        changed = scenario.with_changes({f"offers.{name}.cost_per_post": 9})
        prices = [offer.cost_per_post.typical for offer in changed.offers if offer.cost_per_post]
        assert prices == [9 if i == index else 1 for i in range(4)]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("bugdet", 1, "bugdet: unknown key 'bugdet' (did you mean 'budget'?)"),
        ("budget", -1, "budget: -1 is negative, which this cannot be"),
        ("budget", "80,5", "budget: '80,5' has a decimal comma (write 80.5)"),
        ("offers[5].cpm", 1, "offers has 2 items, counted from 0, so there is no offers[5]"),
        ("offers.j-doe.cpm", 1, "nothing in offers is named 'j-doe' (did you mean offers[\"j.doe\"]?)"),
        ("limits.mega.max", 1, "nothing in limits is named 'mega' (known: macro)"),
        ("", 1, NO_PATH),
        ("offers[", 1, NO_PATH),
        ("budget[0]", 1, "budget is no list"),
        ("offers[0].cpm.typical", 1, "offers[0].cpm: one number is wanted here, not a mapping"),
        ("offers[0].tier", "mirco", "offers[0].tier: unknown tier 'mirco' (did you mean 'micro'?)"),
        ("limits", [{"measure": "cost", "where": {"tier": ["nano", "mid"]}, "max": 1}],
         "limits[0].where.tier[1]: no offer has the tier 'mid' (known: nano, macro)"),
    ],
)  # fmt: skip
def test_problem_of_an_override_names_the_option(path: str, value: Any, message: str) -> None:
    assert problems(FULL, {path: value}) == [f"--set {path}: {message}"]


def test_problems_of_overrides_come_with_those_of_the_file() -> None:
    found = problems(FULL.replace("name: Spring", "nmae: Spring"), {"budget": -1, "nothing[": 0})
    assert [message.split(":")[0] for message in found] == ["<text>", "--set nothing[", "--set budget"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("80000", 80_000),
        ("no", "no"),
        ("{market: US}", {"market": "US"}),
        ("[1, 2]", [1, 2]),
        ("null", None),
        ("5%", "5%"),
    ],
)
def test_value_of_an_option_is_yaml(text: str, value: Any) -> None:
    assert parse_value(text) == value


def test_value_of_an_option_that_is_no_yaml_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"this \[ is not closed"):
        parse_value("[1, 2")


# --- what-ifs ----------------------------------------------------------------------------------------------


def test_scenario_is_frozen() -> None:
    scenario = parse_scenario(FULL)
    with pytest.raises(ValueError, match="frozen"):
        scenario.budget = 1  # type: ignore[misc]
    with pytest.raises(ValueError, match="frozen"):
        scenario.offers[0].cpm = None  # type: ignore[misc]


def test_what_if_is_checked_again_and_points_to_the_file_for_the_rest() -> None:
    scenario = parse_scenario(FULL, name="spring.yaml")
    with pytest.raises(ScenarioError) as caught:
        scenario.with_changes({"audience": None, "budget": -5})
    assert [str(p) for p in caught.value.problems] == [
        "with_changes: budget: -5 is negative, which this cannot be",
    ]
    bare = scenario.with_changes({"audience": None})  # valid; whether it can be planned is another question
    needed = (
        "spring.yaml:6:50: objective[1]: reach needs the size of the audience "
        "(add audience: {people: 12M, overlap: 8%})"
    )
    assert [str(p) for p in check(bare)] == [needed]
    with pytest.raises(ScenarioError) as caught:
        optimize(bare)
    assert [str(p) for p in caught.value.problems] == [needed]


def test_what_if_of_a_scenario_made_in_python() -> None:
    scenario = Scenario.model_validate({"objective": "creators", "offers": [{"creators": {"max": 3}}]})
    assert scenario.with_changes({"offers.offer.creators.max": 5}).offers[0].creators.max == 5
    assert scenario.with_changes({}) == scenario


def test_plan_of_a_what_if_is_its_own_also_through_pydantic() -> None:
    """Preparation is kept with a scenario; a copy must not take it over."""
    scenario = parse_scenario("objective: creators\nbudget: 10\noffers: [{cost_per_post: 1}]\n")
    assert optimize(scenario).objective.value == 10
    assert optimize(scenario.with_changes({"budget": 7})).objective.value == 7
    assert optimize(scenario.model_copy(update={"budget": 4.0})).objective.value == 4
    assert optimize(scenario).objective.value == 10


def test_scenario_can_be_pickled_and_copied_after_use() -> None:
    scenario = parse_scenario(FULL)
    assert check(scenario) == ()
    assert pickle.loads(pickle.dumps(scenario)) == scenario
    assert copy.deepcopy(scenario) == scenario
