"""Media plan files that cannot be read, or are hostile, are refused with the place; the command line."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer import Problem, Scenario, ScenarioError, optimize, parse_scenario
from optimizer.language.yaml12 import read_yaml
from optimizer.load import parse_value
from optimizer.mediaplan.read import scenario_from_mediaplan
from optimizer.mediaplan.write import mediaplan_json
from tests.builders import offer, scenario
from tests.test_mediaplan import DATES, GOLDEN, SET_DATES, exported, run
from tests.test_mediaplan_reader import FOREIGN, changed, only_lines, parsed, read

# --- what cannot be read -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            "meta.schema_version", "4.0",
            "meta.schema_version: version '4.0' of the standard is not known, only 1.0, 2.0 and 3.0",
        ),
        ("meta.schema_version", 3, "meta.schema_version: a string is wanted here, not 3"),
        ("meta.schema_version", None, "meta.schema_version: this field is missing"),
        ("meta", None, "meta: this field is missing (a media plan has meta, campaign and lineitems)"),
        ("meta", [1], "meta: an object is wanted here, not a list"),
        ("campaign", None, "campaign: this field is missing"),
        ("campaign", "x", "campaign: an object is wanted here, not 'x'"),
        ("campaign.name", None, "campaign.name: this field is missing"),
        ("campaign.name", 5, "campaign.name: a string is wanted here, not 5"),
        ("campaign.start_date", "1 March", "campaign.start_date: '1 March' is not a day"),
        ("campaign.end_date", "2026-01-01", "campaign.end_date: the last day 2026-01-01 comes before the first day"),
        ("campaign.budget_total", None, "campaign.budget_total: this field is missing"),
        ("campaign.budget_total", "700000", "campaign.budget_total: a number is wanted here, not '700000'"),
        ("campaign.budget_total", -1, "campaign.budget_total: -1 is too small: this cannot be below 0"),
        ("campaign.target_audiences.0.population_size", 1.5, "population_size: a whole number is wanted here, not 1.5"),
        ("campaign.target_audiences", {}, "campaign.target_audiences: a list is wanted here, not an object"),
        ("lineitems", None, "lineitems: this field is missing"),
        ("lineitems", {}, "lineitems: a list is wanted here, not an object"),
        ("lineitems", [], "lineitems: nothing is in the list, so there is nothing to buy"),
        ("lineitems.1", 7, "lineitems[1]: an object is wanted here, not 7"),
        ("lineitems.1.cost_total", None, "lineitems[1].cost_total: this field is missing"),
        ("lineitems.1.cost_total", True, "lineitems[1].cost_total: a number is wanted here, not true"),
        ("lineitems.1.cost_total", -0.5, "lineitems[1].cost_total: -0.5 is too small"),
        ("lineitems.1.metric_clicks", "12", "lineitems[1].metric_clicks: a number is wanted here, not '12'"),
        ("lineitems.1.dim_custom3", 4, "lineitems[1].dim_custom3: a string is wanted here, not 4"),
        ("lineitems.1.is_aggregate", "no", "lineitems[1].is_aggregate: true or false is wanted here, not 'no'"),
        ("lineitems.1.end_date", "2026-09-01", "lineitems[1].end_date: the last day 2026-09-01 comes before"),
        ("lineitems.1.cost_currency_exchange_rate", 0, "cost_currency_exchange_rate: 0 is too small"),
        ("dictionary.custom_metrics", {"metric_custom1": {"caption": "x" * 101}}, "caption: this is longer than 100"),
        ("dictionary.custom_metrics", {"metric_custom1": {"caption": 3}}, "metric_custom1.caption: a string is wanted"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_with_its_place(path: str, value: Any, message: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        scenario_from_mediaplan(json.dumps(changed(FOREIGN, (path, value))), name="plan.json")
    assert len(refused.value.problems) == 1
    assert str(refused.value).startswith("plan.json: ")
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "plan.json:1:1: this is not JSON: expecting value"),
        ('{"meta": }', "plan.json:1:10: this is not JSON: expecting value"),
        ("[1]", "an object is wanted here, not a list (a media plan has meta, campaign and lineitems)"),
        ("5", "an object is wanted here, not 5 (a media plan has meta, campaign and lineitems)"),
        ('{"a": NaN}', "this is not JSON: NaN is no number"),
        ('{"a": ' + "9" * 5_000 + "}", "this is not JSON: "),
        ('{"a": ' + "[" * 200_000 + "]" * 200_000 + "}", "values are nested too deeply"),
        ('{"lines": [], "scenario": {}}', "optimize report PLAN --format mediaplan-json -o FILE"),
        (" " * 10_000_001, "the file is larger than 10 MB"),
    ],
)
def test_what_is_no_media_plan_is_refused_in_one_line(text: str, message: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        scenario_from_mediaplan(text, name="plan.json")
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_our_own_properties_changed_into_something_else_are_refused() -> None:
    path = "lineitems.0.custom_properties.creatormix"
    for document in (exported("quickstart"), only_lines(exported("quickstart"))):
        with pytest.raises(ScenarioError) as refused:
            read(changed(document, (f"{path}.creators", 0), (f"{path}.posts_per_creator", "two")))
        assert "lineitems[0].custom_properties.creatormix.creators: 0 is too small" in str(refused.value)
        assert "creatormix.posts_per_creator: a whole number is wanted here, not 'two'" in str(refused.value)


def test_only_aggregates_are_nothing_to_buy() -> None:
    with pytest.raises(ScenarioError, match="lineitems: only aggregates are in the list"):
        read(changed(FOREIGN, ("lineitems", [FOREIGN["lineitems"][3]])))


# --- hostile files -----------------------------------------------------------------------------------------

HOSTILE = [
    "a: b #c", "=1+1", "no", "null", "12M", "- x", "'", '"', "\\", "a\nb", "a\r\n  offers: []", "{a: b}", "[x]", "*a",
    "&a", "!!python/object:os.system", "%YAML", "<<", "\u202ex", "\x1b[31m", "\x00", "\ud800", "\ufeff", "\x85",
    "\u2028", "日本", "😀", " spaced ", "# c", "a" * 100, "...", "---", "|", ">", "?", "1e5", "0x10", "~", "true",
    "2026-01-01", "20% of budget",
]  # fmt: skip


@pytest.mark.parametrize("word", HOSTILE)
def test_no_text_of_a_file_can_become_anything_else(word: str) -> None:
    item = {**FOREIGN["lineitems"][2], "name": word, "vehicle": word, "adformat": word, "channel": word}
    item |= {"channel_custom": "Influencer", "dim_custom1": word, "buy_commitment": word, "metric_custom5": 3}
    document = changed(
        FOREIGN, ("lineitems", [item]), ("campaign.name", word), ("meta.created_by_name", word)
    )
    document["dictionary"]["custom_metrics"] = {"metric_custom5": {"status": "enabled", "caption": word}}
    document["dictionary"]["lineitem_custom_dimensions"]["dim_custom1"]["caption"] = word
    document["campaign"] |= {"budget_currency": word, "kpi_name1": word}
    document["campaign"]["target_audiences"][0]["name"] = word
    back = parsed(document)
    kept = word.replace("\ud800", "\N{REPLACEMENT CHARACTER}")
    assert len(back.offers) == 1
    assert back.name == (kept if kept.strip() else None)
    assert back.offers[0].name == (" ".join(kept.split()) or "line item 1")
    assert back.offers[0].tags.get("channel", "") == kept.strip()
    assert back.currency == "USD"


def test_names_in_our_own_file_come_back_unharmed() -> None:
    names = list(
        dict.fromkeys(word.strip() for word in HOSTILE if word.strip() and word not in ("\ud800", "<<"))
    )
    offers = [offer(name, 1, most=1, engagements_per_post=1, tags={"t": name}) for name in names]
    fields = {"name": "\n: #", "notes": "a\nb", "budget": 9, "objective": "engagements", "offers": offers}
    found = optimize(scenario(dates=DATES, **fields))
    assert parsed(json.loads(mediaplan_json(found))) == Scenario.model_validate(found.inputs)


def places(value: Any, path: str = "") -> list[str]:
    """Every path in a document, for `changed`."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    inner = [f"{path}.{key}" if path else str(key) for key, _ in items]
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return inner + [p for at, v in zip(inner, values, strict=True) for p in places(v, at)]


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.floats(allow_nan=False), st.text(max_size=5),
    st.just([]), st.just({}), st.just([{}]), st.just(10**400), st.just(-1e308), st.just(1e308),
)  # fmt: skip
DOCUMENTS = [FOREIGN, json.loads(GOLDEN.read_text("utf-8"))]
DOCUMENTS.append(only_lines(DOCUMENTS[1]))
PLACES = [places(document) for document in DOCUMENTS]


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_file_with_anything_in_it_is_read_or_refused(data: st.DataObject) -> None:
    which = data.draw(st.integers(0, len(DOCUMENTS) - 1))
    document = copy.deepcopy(DOCUMENTS[which])
    for _ in range(data.draw(st.integers(1, 2))):
        path, value = data.draw(st.sampled_from(PLACES[which])), data.draw(JUNK)
        try:
            document = changed(document, (path, value))
        except (KeyError, IndexError, TypeError):  # the first change took this place away
            continue
    text, problems = refusals(lambda: read(document))
    assert all(problem.message for problem in problems)
    if text is not None:
        read_yaml(text, "text")
        _, problems = refusals(lambda: parse_scenario(text))
        assert all(problem.line for problem in problems)


def refusals(function: Callable[[], Any]) -> tuple[Any, tuple[Problem, ...]]:
    """What a function returns, or the problems with which it refuses."""
    try:
        return function(), ()
    except ScenarioError as refused:
        return None, refused.problems


# --- the command line --------------------------------------------------------------------------------------


def test_new_starts_from_a_media_plan(tmp_path: Path) -> None:
    target = tmp_path / "mine.yaml"
    made = run("new", str(target), "--from-mediaplan", str(GOLDEN))
    assert made.exit_code == 0
    assert made.stderr == f"wrote {target}; next: optimize check {target}\n"
    assert run("check", str(target)).stdout.startswith("Quickstart: can be planned. 4 offers")
    assert run("new", "--from-mediaplan", str(GOLDEN)).stdout == target.read_text("utf-8")
    again = run("new", str(target), "--from-mediaplan", str(GOLDEN))
    assert again.exit_code == 2
    assert "exists already" in again.stderr


def test_new_refuses_what_it_cannot_read(tmp_path: Path) -> None:
    old = tmp_path / "old.json"
    old.write_text(json.dumps(changed(FOREIGN, ("meta.schema_version", "0.0"))), encoding="utf-8")
    refused = run("new", str(tmp_path / "x.yaml"), "--from-mediaplan", str(old))
    assert refused.exit_code == 2
    assert (
        f"{old}: meta.schema_version: version '0.0' of the standard is not known, only 1.0, 2.0 and 3.0"
        in refused.stderr
    )
    assert not (tmp_path / "x.yaml").exists()
    missing = run("new", "--from-mediaplan", str(tmp_path / "none.json"))
    assert missing.exit_code == 2
    assert "cannot be read" in missing.stderr
    assert run("new", "--from-mediaplan", "-", given=json.dumps(FOREIGN)).exit_code == 0


def test_dates_may_be_set_on_the_command_line() -> None:
    assert parse_value(SET_DATES.partition("=")[2]) == DATES
