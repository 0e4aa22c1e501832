"""The public face: just these names, each documented, with an example; wrong arguments say what is meant."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

import optimizer
from optimizer import (
    Goal,
    Limit,
    Offer,
    Plan,
    Scenario,
    ScenarioError,
    alternatives,
    bridge,
    compare,
    explain,
    frontier,
    goal,
    next_tests,
    optimize,
    replan,
    reserves,
)
from optimizer.language.records import FrozenDict
from optimizer.report import formats
from tests.builders import offer, scenario
from tests.documents import ROOT, blocks
from tests.library_page import FORMATS, PARTS, public, sections
from tests.stories import plan

PUBLIC = {
    "load_scenario", "parse_scenario", "optimize", "check", "Scenario", "Offer", "Limit", "Plan", "OptimizerError",
    "ScenarioError", "InfeasibleError", "SolverError", "Problem", "explain", "alternatives", "goal", "replan",
    "compare", "bridge", "frontier", "around_today", "save_lp", "cluster", "read_signed", "Explanation",
    "Alternatives", "GoalAnswer", "Replan", "Comparison", "Bridge", "Frontier", "Goal", "Conflict", "WayOut",
    "reserves", "Reserves", "stress", "Stress", "mediaplan_json", "scenario_from_mediaplan", "safety", "Safety",
    "read_roster", "Roster", "next_tests", "NextTests", "read_results", "review", "Review", "learn", "Learned",
}  # fmt: skip
PAGE = ROOT / "docs" / "how-to" / "use-as-a-library.md"
functions = pytest.mark.parametrize(
    "thing",
    [thing for _, _, thing in public() if inspect.isfunction(thing)],
    ids=lambda thing: thing.__name__,
)


def test_the_exported_names_are_just_those() -> None:
    assert set(optimizer.__all__) == PUBLIC == {name for names in PARTS.values() for name in names}
    assert set(optimizer._HOME) == PUBLIC
    assert set(dir(optimizer)) >= PUBLIC


def test_a_name_is_what_it_says_and_no_module_of_that_name() -> None:
    for name in PUBLIC:
        assert not inspect.ismodule(getattr(optimizer, name)), name
    with pytest.raises(AttributeError, match="no attribute 'optimise'"):
        _ = optimizer.optimise


def test_the_names_that_type_checkers_see_are_those_that_are_there() -> None:
    tree = ast.parse(Path(optimizer.__file__).read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.name: str(node.module)
        for node in block.body
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("optimizer")
        for alias in node.names
    }
    assert seen == {name: f"optimizer.{home}" for name, home in optimizer._HOME.items()}


@functions
def test_every_public_function_says_what_each_argument_means_and_what_it_raises(thing: Any) -> None:
    doc = sections(thing.__doc__ or "")
    named = {name.strip() for names, _ in doc.get("Args", []) for name in names.split(",")}
    signature = inspect.signature(thing)
    assert named == set(signature.parameters)
    assert signature.return_annotation is not inspect.Signature.empty
    assert all(p.annotation is not inspect.Parameter.empty for p in signature.parameters.values())
    assert "Raises" in doc or thing.__name__ in ("text", "markdown", "check")


def test_every_public_name_is_in_an_example() -> None:
    code = "\n".join("\n".join(block.lines) for block in blocks(PAGE) if block.language == "python")
    used = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    used |= {
        alias.name
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert not PUBLIC - used
    assert not set(FORMATS) - used


# Building one in Python.


def test_building_a_scenario_raises_every_problem_like_a_file() -> None:
    with pytest.raises(ScenarioError) as caught:
        Scenario(
            budgett=5,  # type: ignore[call-arg]
            objective="engagements",
            offers=[{"cost_per_post": "x"}, {"tierr": "nano"}],
            limits=[{"measure": "cost"}],
        )
    assert [str(problem) for problem in caught.value.problems] == [
        "offers[0].cost_per_post: 'x' is not a number (write it like 60000, 60_000, 12M, 412k or 5%)",
        "offers[1].tierr: unknown key 'tierr' (did you mean 'tier'?)",
        "limits[0]: a limit needs a min, a max or both (write e.g. max: 20% of budget)",
        "budgett: unknown key 'budgett' (did you mean 'budget'?)",
    ]


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Offer(tiers="nano"), "tiers: unknown key 'tiers' (did you mean 'tier'?)"),  # type: ignore[call-arg]
        (lambda: Limit(measure="cost"), "a limit needs a min, a max or both (write e.g. max: 20% of budget)"),
        (lambda: Goal(), "an objective goes one way, up or down (write {maximize: MEASURE} or {minimize: MEASURE})"),
        (lambda: Scenario(objective="cost"), "offers: this key is required (write e.g. offers: [{tier: nano, "  # type: ignore[call-arg]
         "cost_per_post: 60, creators: {max: 20}}])"),
    ],
)  # fmt: skip
def test_building_a_part_of_one_does_too(build: Any, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        build()
    assert str(caught.value) == message


@pytest.mark.parametrize("model", [Scenario, Offer, Limit, Goal])
def test_signature_and_help_show_every_field_with_what_it_takes(model: Any) -> None:
    signature = inspect.signature(model)
    assert list(signature.parameters) == list(model.model_fields)
    for name, field in model.model_fields.items():
        assert (signature.parameters[name].default is inspect.Parameter.empty) == field.is_required()
        assert f"    {name}: " in inspect.getdoc(model)
    assert "Annotated" not in str(signature)
    assert "Validator" not in str(signature)


def test_help_shows_units_and_the_signature_what_may_be_written() -> None:
    text = inspect.getdoc(Offer) or ""
    assert re.search(r"hours_per_creator: .*Unit: hours", text)
    assert re.search(r"cost_per_post: .*Unit: .*currency", text)
    assert "cost_per_post: number | text | [low, typical, high] | None = None" in str(
        inspect.signature(Offer)
    )


@pytest.mark.parametrize("name", ["Offer", "Limit", "Goal", "Scenario"])
def test_type_checkers_are_told_the_fields_there_are(name: str) -> None:
    """Their `__init__` is written by hand, because what may be written is not what a field holds."""
    model = getattr(optimizer, name)
    file = {"Offer": "offer", "Limit": "limit", "Goal": "goal"}.get(name, "scenario")
    tree = ast.parse((ROOT / "optimizer" / "scenario" / f"{file}.py").read_text(encoding="utf-8"))
    (written,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)
    (block,) = (node for node in written.body if isinstance(node, ast.If))
    (init,) = block.body
    assert isinstance(init, ast.FunctionDef)
    assert [arg.arg for arg in init.args.kwonlyargs] == list(model.model_fields)
    required = [default is None for default in init.args.kw_defaults]
    assert required == [field.is_required() for field in model.model_fields.values()]


# Wrong arguments.


@pytest.mark.parametrize("ask", [optimize, explain, alternatives, reserves, optimizer.check, optimizer.around_today],
                         ids=lambda ask: ask.__name__)  # fmt: skip
def test_the_name_of_a_file_is_no_scenario(ask: Any) -> None:
    with pytest.raises(TypeError, match=r"not the name of a file: load_scenario\('spring.yaml'\)"):
        ask("spring.yaml")


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda s: optimize({"budget": 5}), TypeError, r"not a dictionary: Scenario\(\*\*values\)"),
        (lambda s: optimize(None), TypeError, "a Scenario is wanted, not NoneType"),
        (lambda s: goal("x.yaml", {"cost": 1}), TypeError, "load_scenario"),
        (lambda s: frontier("x.yaml", {"budget": [1]}), TypeError, "load_scenario"),
        (lambda s: compare([s, "x.yaml"]), TypeError, "load_scenario"),
        (lambda s: compare(s), ValueError, "a list of at least two scenarios"),
        (lambda s: bridge("a.json", "b.json"), TypeError, "a Plan is wanted, not the name of a file"),
        (lambda s: replan(s, s), TypeError, "a Plan is wanted, not Scenario"),
        (lambda s: alternatives(s, within="2%"), TypeError, "number between 0 and 1, not text: within=0.02"),
        (lambda s: alternatives(s, within="two"), TypeError, "within is a number between 0 and 1, not text$"),
        (lambda s: alternatives(s, within=2), ValueError, r"share between 0 and 1 \(2 % is 0.02\), not 2"),
        (lambda s: explain(s, sections=["price"]), ValueError, "no section 'price' .did you mean 'prices'"),
        (lambda s: explain(s, sections="prices"), TypeError, r"a list is wanted, not text: \['prices'\]"),
        (lambda s: optimize(s).subtotals("tiers"), ValueError, "'tiers' .known: tier, platform, format, offer"),
        (lambda s: formats.csv(explain(s, sections=[])), TypeError, "CSV of a plan, .* not of Explanation"),
        (lambda s: formats.workbook(optimize(s).lines[0]), TypeError, "workbook of a plan"),
        (lambda s: s.with_changes({"budgett": 5}), ScenarioError, "did you mean 'budget'"),
    ],
)  # fmt: skip
def test_a_wrong_argument_says_what_is_meant(ask: Any, error: type[Exception], message: str) -> None:
    asked = scenario(
        objective="engagements", budget=20, offers=[offer("one", 10, most=3, engagements_per_post=5)]
    )
    with pytest.raises(error, match=message):
        ask(asked)


# Nothing in a result can be changed.


def values_in(value: Any) -> list[Any]:
    inner = value.__dict__.values() if hasattr(type(value), "model_fields") else value
    inner = value.values() if isinstance(value, dict) else inner
    found = [value]
    if hasattr(type(value), "model_fields") or isinstance(value, dict | list | tuple):
        found += [deep for one in inner for deep in values_in(one)]
    return found


def results() -> list[Any]:
    made = plan("quickstart")
    asked = Scenario.model_validate(made.inputs)
    lean = asked.with_changes({"budget": 10_000})
    people = scenario(
        objective="engagements",
        budget=20,
        offers=[offer(name, 10, most=1, engagements_per_post=5) for name in ("ann", "bob", "cat")],
    )
    return [
        made,
        explain(asked),
        alternatives(asked, plans=1),
        goal(asked, {"engagements": 20_000}),
        replan(made, lean, keep={"macro-instagram-post": 1}),
        compare([asked, lean]),
        bridge(made, optimize(lean)),
        reserves(people),
        next_tests(asked.with_changes({"offers.0.cost_per_post": [50, 75, 90]})),
        frontier(asked, {"budget": [10_000, 20_000]}),
    ]


def test_nothing_in_a_result_can_be_changed() -> None:
    for result in results():
        for value in values_in(result):
            assert not isinstance(value, list), type(result)
            assert not isinstance(value, dict) or isinstance(value, FrozenDict), type(result)
        with pytest.raises(Exception, match="frozen"):
            result.version = "2"
        again = type(result).model_validate_json(result.model_dump_json())
        assert again == result


def test_a_frozen_dictionary_refuses_every_change_and_travels() -> None:
    import copy
    import pickle

    found = plan("quickstart").inputs
    for change in (
        lambda: found.update(budget=5), lambda: found.pop("budget"), lambda: found.clear(),
        lambda: found.setdefault("x", 1), lambda: found.popitem(), lambda: found.__setitem__("budget", 5),
        lambda: found.__delitem__("budget"), lambda: found["offers"][0].update(name="x"), lambda: found.__ior__({}),
    ):  # fmt: skip
        with pytest.raises(TypeError, match=r"a result cannot be changed; take a copy: dict\(...\)"):
            change()
    assert pickle.loads(pickle.dumps(found)) == copy.deepcopy(found) == found
    assert dict(found) == found
    copied = plan("quickstart").model_copy(update={"lines": []})
    assert copied.lines == ()


# Formats.


def test_every_result_has_text_markdown_and_a_page() -> None:
    for result in results():
        assert formats.text(result)
        assert formats.markdown(result).startswith("# ")
        assert formats.page(result).startswith("<!DOCTYPE html>")


def test_a_plan_is_the_same_by_the_library_and_by_the_command() -> None:
    made: Plan = plan("quickstart")
    assert formats.csv(made).splitlines()[0].startswith("offer,tier")
    assert formats.workbook(made)[:2] == b"PK"
