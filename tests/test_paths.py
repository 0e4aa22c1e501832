"""Paths: every name can be addressed, a name goes before a position, and what is printed can be typed back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from optimizer import InfeasibleError, Scenario, ScenarioError, optimize, parse_scenario
from optimizer.finance.frontier.axes import axes_of
from optimizer.finance.frontier.frontier import frontier
from optimizer.language.paths import Position, format_path, split_assignment, steps_of
from optimizer.scenario.changes import value_at
from optimizer.whatif.explain.explain import explain
from optimizer.whatif.goal import goal
from optimizer.whatif.replan.replan import replan
from tests import shell

AWKWARD = [
    "1", "0", "007", "2024", "-3", "3.5", "1e3", "#0", "#", "a=b", "p[q]", "p[q", "q]p", "j.doe", ".", "..", "a.", '"',
    '"big" joe', "'", "O'Neil", "''", "back\\slash", "\\", '\\"', "two words", "tab\there", "line\nend", "é", "Zoë",
    "日本 語", "🎬", "[0]", '["x"]', "x]=[y", "null", "true", "offers", "*", "a:b", "a,b", "{a}", "\u0007",
]  # fmt: skip


def text_of(names: list[str]) -> str:
    offers = [{"name": name, "cost_per_post": 5, "creators": {"max": 3}} for name in names]
    return json.dumps({"budget": 100, "objective": "creators", "offers": offers})


def prices(scenario: Scenario) -> list[float]:
    return [offer.cost_per_post.typical for offer in scenario.offers if offer.cost_per_post]


@pytest.mark.parametrize("name", AWKWARD, ids=ascii)
def test_every_name_has_a_path_that_leads_to_it_alone(name: str) -> None:
    names = [n for n in ("x", "other", "3", "0") if n != name]
    names.insert(2, name)
    scenario = parse_scenario(text_of(names))
    path = format_path(("offers", name, "cost_per_post"))
    assert split_assignment(f"{path}=7=8") == (path, "7=8")
    assert [step.text for step in steps_of(path)] == ["offers", name, "cost_per_post"]
    wanted = [7 if n == name else 5 for n in names]
    assert prices(scenario.with_changes({path: 7})) == wanted
    assert prices(parse_scenario(text_of(names), {path: 7})) == wanted
    assert value_at(scenario.model_dump(mode="json"), path)[0] == ("offers", 2, "cost_per_post")
    (axis,) = axes_of(scenario, f"{path}=5,6,7")
    assert (axis.path, axis.today) == (path, 5)


@pytest.mark.parametrize("key", [*AWKWARD, "", " ", " a "], ids=ascii)
def test_a_printed_path_is_read_as_the_same_path(key: str) -> None:
    for path in [(key,), ("offers", Position(3), "tags", key), (key, key, Position(0), key)]:
        steps = steps_of(format_path(path))
        assert [step.text for step in steps] == [str(part) for part in path]
        assert [step.may_be_name for step in steps] == [isinstance(part, str) for part in path]


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("offers[p[q]].cpm", ["offers", "p[q]", "cpm"]),
        ("offers[a=b].cpm", ["offers", "a=b", "cpm"]),
        ("offers['p[q'].cpm", ["offers", "p[q", "cpm"]),
        ("offers['it''s'].cpm", ["offers", "it's", "cpm"]),
        (r'offers["a\"b\\c"].cpm', ["offers", 'a"b\\c', "cpm"]),
        ('offers["Big" Joe].cpm', ["offers", '"Big" Joe', "cpm"]),
        ("offers.O'Neil.cpm", ["offers", "O'Neil", "cpm"]),
        ("offers.two words.cpm", ["offers", "two words", "cpm"]),
        ("offers.Zoe\u0308.cpm", ["offers", "Zoë", "cpm"]),
        ('["x-y"][0]', ["x-y", "0"]),
    ],
)
def test_names_may_be_typed_in_several_ways(text: str, steps: list[str]) -> None:
    assert [step.text for step in steps_of(text)] == steps


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a..b", "a[", "a]", "a[]", "a[b", r'a["\d"]', "a[[b]"])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a path|backslash"):
        steps_of(text)
    with pytest.raises(ScenarioError):
        parse_scenario(text_of(["a"]), {text: 1})


@pytest.mark.parametrize(
    ("assignment", "parts"),
    [
        ("budget=5", ("budget", "5")),
        (" budget = 5", ("budget", " 5")),
        ("limits=[{name: a=b}]", ("limits", "[{name: a=b}]")),
        ('offers["a]=b"].cpm=7', ('offers["a]=b"].cpm', "7")),
        ("offers[a.cpm=7", ("offers[a.cpm", "7")),
        ("budget", None),
        ("offers[a=b]", None),
    ],
)
def test_the_first_equals_sign_outside_brackets_ends_the_path(assignment: str, parts: Any) -> None:
    assert split_assignment(assignment) == parts


# --- names and positions -----------------------------------------------------------------------------------

NUMBERED = text_of(["1", "2", "0", "x"])


@pytest.mark.parametrize(
    ("path", "changed"),
    [("offers.1", 0), ("offers[1]", 0), ('offers["1"]', 0), ("offers[#1]", 1), ("offers.0", 2), ("offers[#0]", 0),
     ("offers[3]", 3), ("offers.x", 3)],
)  # fmt: skip
def test_a_name_is_found_before_a_position(path: str, changed: int) -> None:
    wanted = [7 if index == changed else 5 for index in range(4)]
    assert prices(parse_scenario(NUMBERED, {f"{path}.cost_per_post": 7})) == wanted
    assert prices(parse_scenario(NUMBERED).with_changes({f"{path}.cost_per_post": 7})) == wanted


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("offers.3", "nothing in offers is named '3' (known: 1, 2, 0, x)"),
        ("offers.2024", "nothing in offers is named '2024' (known: 1, 2, 0, x)"),
        (
            "offers[2024]",
            "offers has 4 items, counted from 0, so there is no offers[2024] (known: 1, 2, 0)",
        ),
        ('offers["3"]', "nothing in offers is named '3' (known: 1, 2, 0, x)"),
        ("offers[#9]", "offers has 4 items, counted from 0, so there is no offers[9]"),
        ("offers[²]", "nothing in offers is named '²' (known: 1, 2, 0, x)"),
        ("offers[#x]", "nothing in offers is named '#x' (did you mean 'x'?)"),
        ("offers." + "9" * 5000, "nothing in offers is named"),
        ("budget[#0]", "budget is no list"),
        ("fees[#0]", "fees is no list"),
    ],
)
def test_a_number_that_is_no_name_is_not_taken_for_another_offer(path: str, message: str) -> None:
    for change in (parse_scenario(NUMBERED).with_changes, lambda c: parse_scenario(NUMBERED, c)):
        with pytest.raises(ScenarioError) as caught:
            change({f"{path}.cost_per_post": 7})
        assert caught.value.problems[0].message.startswith(message.split(" (")[0])
        assert message.endswith("named") or str(caught.value).endswith(message)


def test_a_number_may_be_a_key_of_a_mapping() -> None:
    scenario = parse_scenario(
        text_of(["a"]), {"offers.a.bundle_discount.3": "10%", "offers.a.tags.2024": "x"}
    )
    assert scenario.offers[0].bundle_discount == {3: 0.1}
    assert scenario.offers[0].tags == {"2024": "x"}


def test_printed_positions_are_marked_where_something_is_named_like_them() -> None:
    for names, printed in ((["1", "b"], "offers[#1].cpm"), (["a", "b"], "offers[1].cpm")):
        broken = text_of(names).replace('"name": "b"', '"name": "b", "cpm": -1')
        with pytest.raises(ScenarioError) as caught:
            parse_scenario(broken)
        assert f" {printed}: -1 is too small" in str(caught.value)
        mended = parse_scenario(broken, {printed: 4})
        assert [offer.cpm.typical for offer in mended.offers if offer.cpm] == [4]


SHUFFLED = """\
budget: 1000
effort_hours: 60
objective: engagements
offers:
- {name: "2", cost_per_post: 90, engagements_per_post: 900, hours_per_creator: 4, creators: {min: 1, max: 6}}
- {name: "0", cost_per_post: 50, engagements_per_post: 450, hours_per_creator: 3, creators: {max: 8}}
- {name: "1", cost_per_post: 200, engagements_per_post: 1900, hours_per_creator: 5, creators: {min: 1, max: 3}}
limits:
- {name: "1", measure: cost, where: {name: "0"}, max: 40% of cost}
- {measure: creators, where: {name: "2"}, max: 5}
"""


def renamed(text: str) -> str:
    for number, letter in enumerate("abc"):
        text = text.replace(f'"{number}"', f'"{letter}"')
    return text


def test_analyses_of_numbered_offers_are_those_of_the_same_offers_under_other_names() -> None:
    numbered, lettered = parse_scenario(SHUFFLED), parse_scenario(renamed(SHUFFLED))
    assert optimize(numbered).totals.cost == optimize(lettered).totals.cost
    one, other = (explain(s, sections=("prices", "rules", "negotiation")) for s in (numbered, lettered))
    words = {"offer", "name", "text", "path", "change"}
    for part in ("prices", "rules", "negotiation"):
        assert [x.model_dump(exclude=words) for x in getattr(one, part)] == [
            x.model_dump(exclude=words) for x in getattr(other, part)
        ]
    for price in one.prices:  # each path leads to the number it was printed for
        number = f"{price.number * 100:g}% of {price.of}" if price.of else price.number
        assert numbered.with_changes({price.path: number}) == numbered
    found = frontier(numbered, "offers.1.cost_per_post=150,200,250")
    same = frontier(lettered, "offers.b.cost_per_post=150,200,250")
    assert [point.best for point in found.points] == [point.best for point in same.points]
    needed = [goal(scenario, {"engagements": 5000}).needed for scenario in (numbered, lettered)]
    assert needed[0] == needed[1]


def test_ways_out_of_numbered_offers_can_be_typed_back() -> None:
    scenario = parse_scenario(SHUFFLED.replace("budget: 1000", "budget: 200"))
    with pytest.raises(InfeasibleError) as caught:
        optimize(scenario)
    ways = [way for way in caught.value.ways_out if way.possible]
    assert {path for way in ways for path in way.changes} >= {"budget", "offers[#2].creators.min"}
    for way in ways:
        optimize(scenario.with_changes(way.changes))
    for path in [member["path"] for member in caught.value.record()["conflict"]]:  # type: ignore[attr-defined]
        value_at(scenario.model_dump(mode="json"), path)
    assert "offers[#2].creators.min" in str(caught.value.record()["conflict"])


def test_ways_out_of_a_replan_keep_the_limits_of_numbered_names() -> None:
    text = """\
budget: 100
objective: creators
offers:
- {name: "1", cost_per_post: 10, creators: {max: 5}}
- {name: "0", cost_per_post: 11, creators: {max: 5}}
limits:
- {name: "1", measure: creators, where: {name: "0"}, max: 4}
- {name: "0", measure: creators, where: {name: "1"}, max: 4}
"""
    scenario = parse_scenario(text)
    with pytest.raises(InfeasibleError) as caught:
        replan(optimize(scenario), scenario, keep={"1": 5})
    assert [way.changes for way in caught.value.ways_out] == [{"limits[#1].max": 5.0}, {}]
    assert replan(optimize(scenario), scenario.with_changes({"limits[#1].max": 5.0}), keep={"1": 5}).plan


def test_the_command_takes_every_name(tmp_path: Path) -> None:
    names = ["1", "2", "2024", "a=b", "p[q]", "it's", "Zo\u00eb", "x]"]
    (tmp_path / "s.yaml").write_text(text_of(names), encoding="utf-8")
    changes = {"offers.1": 7, "offers[a=b]": 8, 'offers["p[q]"]': 9, "offers.2024": 10, "offers['it''s']": 11,
               "offers.Zoe\u0308": 12, 'offers["x]"]': 13}  # fmt: skip
    options = [part for path, price in changes.items() for part in ("--set", f"{path}.cost_per_post={price}")]
    ran = shell.optimize(tmp_path / "s.yaml", *options, "--format", "json")
    inputs = json.loads(ran.out)["inputs"]
    assert [offer["cost_per_post"] for offer in inputs["offers"]] == [7, 5, 10, 8, 9, 11, 12, 13]
    curve = shell.optimize("frontier", tmp_path / "s.yaml", "--over", 'offers["a=b"].cost_per_post=5,50', "--format",
                           "json", "--jobs", "1")  # fmt: skip
    assert [point["at"] for point in json.loads(curve.out)["points"]] == [[5], [50]]
