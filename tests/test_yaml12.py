"""YAML by the 1.2 core rules, and where every value stands."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from optimizer import ScenarioError
from optimizer.language.errors import Mark
from optimizer.language.yaml12 import WrittenFloat, WrittenInt, read_yaml


def value(text: str) -> Any:
    return read_yaml(text, "f")[0]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        # YAML 1.1 turns these into booleans, minutes and octal numbers; 1.2 does not
        ("no", "no"),
        ("off", "off"),
        ("on", "on"),
        ("yes", "yes"),
        ("y", "y"),
        ("12:30", "12:30"),
        ("1:30:00", "1:30:00"),
        ("0123", 123),
        ("1_000", "1_000"),
        ("2025-03-01", "2025-03-01"),
        ("0b11", "0b11"),
        # the 1.2 core schema
        ("true", True),
        ("True", True),
        ("FALSE", False),
        ("tRUE", "tRUE"),
        ("null", None),
        ("~", None),
        ("", None),
        ("Null", None),
        ("nULL", "nULL"),
        ("12", 12),
        ("+12", 12),
        ("-0", 0),
        ("0o17", 15),
        ("0x1F", 31),
        ("0o18", "0o18"),
        ("0x_1", "0x_1"),
        ("0x-1", "0x-1"),
        ("1e3", 1000.0),
        ("-1.5E-2", -0.015),
        (".5", 0.5),
        ("5.", 5.0),
        ("1.5", 1.5),
        (".", "."),
        ("1e", "1e"),
        ("5%", "5%"),
        ("12M", "12M"),
        # not numbers for us: the loader says what is wrong with them
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("1e400", "1e400"),
    ],
)
def test_plain_scalar(written: str, meant: Any) -> None:
    got = value(f"a: {written}\n")["a"]
    assert got == meant
    assert isinstance(got, type(meant))
    assert type(got) in (type(meant), WrittenInt, WrittenFloat)  # which are an int and a float


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a: 1.234", "1.234"),
        ("{a: 1.234}", "1.234"),
        ("a: 3.000", "3.000"),
        ('{"a": 1.234}', ""),  # a program wrote it, for which a point is a point
        ('\ufeff\n {"a": 1.234}', ""),
        ("a: 1.25", ""),
        ("a: 1234.125", ""),
    ],
)
def test_a_number_that_may_mean_a_thousand_remembers_how_it_was_written(text: str, written: str) -> None:
    assert getattr(value(text)["a"], "written", "") == written


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("'12'", "12"),
        ('"true"', "true"),
        ("'~'", "~"),
        ("''", ""),
        ('"a\\tb"', "a\tb"),
        ("!!str 12", "12"),
        ("! 12", "12"),
    ],
)
def test_quoted_scalar_stays_text(written: str, meant: str) -> None:
    assert value(f"a: {written}\n") == {"a": meant}


def test_number_of_many_digits_is_read_exactly_or_stays_text() -> None:
    assert value("9" * 300) == int("9" * 300)
    assert value("9" * 5000) == "9" * 5000  # Python refuses to convert it, and it would be slow


def test_block_text() -> None:
    assert value("a: |\n  one\n  two\nb: >\n  one\n  two\n") == {"a": "one\ntwo\n", "b": "one two\n"}


def test_keys_keep_their_spelling() -> None:
    assert value("{no: 1, 007: 2, 1e3: 3, true: 4, '5': 5, 0x2: 6}") == {
        "no": 1,
        "007": 2,
        "1e3": 3,
        "true": 4,
        "5": 5,
        "0x2": 6,
    }


def test_empty_text_is_nothing() -> None:
    assert value("") is None
    assert value("# only a comment\n") is None
    assert value("---\n") is None


def test_marks_of_keys_items_and_the_root() -> None:
    _, marks = read_yaml("# comment\nbudget: 5\noffers:\n  - name: a\n    cpm: [1, 2,\n      3]\n", "f.yaml")
    assert marks == {
        (): Mark("f.yaml", 2, 1),
        ("budget",): Mark("f.yaml", 2, 1),
        ("offers",): Mark("f.yaml", 3, 1),
        ("offers", 0): Mark("f.yaml", 4, 5),
        ("offers", 0, "name"): Mark("f.yaml", 4, 5),
        ("offers", 0, "cpm"): Mark("f.yaml", 5, 5),
        ("offers", 0, "cpm", 0): Mark("f.yaml", 5, 11),
        ("offers", 0, "cpm", 1): Mark("f.yaml", 5, 14),
        ("offers", 0, "cpm", 2): Mark("f.yaml", 6, 7),
    }


def test_columns_count_characters_not_bytes() -> None:
    _, marks = read_yaml("{ä€😀: 1, b: 2}", "f")
    assert marks["b",] == Mark("f", 1, 10)


def test_anchor_gives_separate_copies() -> None:
    data = value("a: &x {m: [1]}\nb: *x\n")
    assert data == {"a": {"m": [1]}, "b": {"m": [1]}}
    data["a"]["m"].append(2)
    assert data["b"] == {"m": [1]}


def test_anchor_may_be_defined_again() -> None:
    assert value("[&x 1, *x, &x 2, *x]") == [1, 1, 2, 2]


def test_marks_of_an_alias_lead_to_the_value() -> None:
    _, marks = read_yaml("a: &x\n  m: 1\nb: *x\n", "f")
    assert marks["b",].line == 3
    assert marks["b", "m"].line == 2


@pytest.mark.parametrize(
    "text",
    [
        "a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\n",
        "a: &a {x: 1, y: 2}\nb: {y: 3, <<: *a}\n",
        "a: &a\n  x: 1\n  y: 2\nb:\n  <<: *a\n  y: 3\n",
        "a: &a {x: 1, y: 2}\nb: {<<: {x: 1}, y: 3}\n",
        "a: &a {x: 1, y: 2}\nb: {<<: [*a, {x: 9, y: 9}], y: 3}\n",
    ],
)
def test_merge_key_gives_way_to_own_keys_wherever_it_stands(text: str) -> None:
    assert value(text)["b"] == {"x": 1, "y": 3}


def test_merge_of_merged_mapping() -> None:
    text = "a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b, x: 3}\n"
    assert value(text)["c"] == {"x": 3, "y": 2}


def test_first_of_several_merged_mappings_wins() -> None:
    assert value("{<<: [{x: 1}, {x: 2, y: 2}]}") == {"x": 1, "y": 2}


def test_duplicate_key_is_refused_but_not_a_merged_one() -> None:
    assert value("a: &a {x: 1}\nb: {<<: *a, x: 2}\n")["b"] == {"x": 2}
    with pytest.raises(ScenarioError, match=r"f:1:8: the key 'x' is written twice, first in line 1"):
        value("{x: 1, x: 2}")


JSON = {
    "name": "é 😀 \u2028",
    "a": [1, 2.5, None, True, {"b": "x"}],
    "q": 'say "no"\n',
    "empty": {},
    "none": [],
}


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_json_is_read(ascii_only: bool, indent: int | str | None) -> None:
    assert value(json.dumps(JSON, ensure_ascii=ascii_only, indent=indent)) == JSON


@pytest.mark.parametrize("text", ["\ufeffa: 1\nb: 2\n", "a: 1\r\nb: 2\r\n", "a: 1\rb: 2\r", "a: 1\nb: 2"])
def test_byte_order_mark_and_line_ends_make_no_difference(text: str) -> None:
    data, marks = read_yaml(text, "f")
    assert data == {"a": 1, "b": 2}
    assert marks["b",] == Mark("f", 2, 1)


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.system [ls]",
        "!!python/name:a x",
        "!!binary x",
        "!!set {a}",
        "!x y",
        "!!int 5",
    ],
)
def test_tags_are_refused_wherever_they_stand(tag: str) -> None:
    for text in (f"{tag}\n", f"a: {tag}\n", f"- {tag}\n"):
        with pytest.raises(ScenarioError, match="is not allowed"):
            value(text)


def test_reads_a_large_file_in_one_pass() -> None:
    """30,000 values; a quadratic step anywhere would take minutes."""
    text = "offers:\n" + "  - {name: a, cost_per_post: 60, tags: {market: US}}\n" * 6000
    data, marks = read_yaml(text, "f")
    assert len(data["offers"]) == 6000
    assert marks["offers", 5999, "tags", "market"] == Mark("f", 6001, 41)


def test_infinite_and_nan_never_come_out() -> None:
    for text in ("1e999", "-1e999", ".inf", ".NaN", "inf"):
        got = value(text)
        assert not (isinstance(got, float) and not math.isfinite(got))
