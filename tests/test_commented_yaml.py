"""Text of scenario files: what is written is what is read, by our reader and by PyYAML."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from optimizer.language.yaml12 import read_yaml
from optimizer.language.yaml_text import comment, list_lines, mapping_lines, scalar

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
# Keys are names, which our reader composes; and it merges whatever stands at "<<", quoted or not.
KEY = TEXT.map(lambda key: unicodedata.normalize("NFC", key)).filter(lambda key: key != "<<")
VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEY, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(KEY, VALUE, min_size=1, max_size=4))
@example({"a": 6.801661265155245e16})  # whole, and more digits than a float has
def test_a_mapping_comes_back_as_it_was(data: dict[str, Any]) -> None:
    text = "\n".join(mapping_lines(data)) + "\n"
    assert read_yaml(text, "text")[0] == data


@given(TEXT)
def test_other_readers_see_the_same_text(text: str) -> None:
    assert yaml.safe_load(f"a: {scalar(text)}") == {"a": text} or text[:4].isdigit()  # YAML 1.1 has dates


@given(st.text())
def test_a_comment_is_one_line_whatever_stands_in_it(text: str) -> None:
    assert read_yaml(f"a: 1   # {comment(text)}\nb: 2\n", "text")[0] == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (60000.0, "60000"), (0.05, "0.05"), (True, "true"), (None, "null"), ("Spring launch", "Spring launch"),
        (12.345, "12.3450"), (0.125, "0.125"),
        ("no", '"no"'), ("12M", '"12M"'), ("20% of budget", "20% of budget"), ("2026-03-01", "2026-03-01"),
        ("a: b", '"a: b"'), ("a\nb", '"a\\nb"'), ("é", '"é"'), ("", '""'), ("\ud800", '"\N{REPLACEMENT CHARACTER}"'),
    ],
)  # fmt: skip
def test_values_stand_as_a_planner_would_write_them(value: Any, written: str) -> None:
    assert scalar(value) == written


def test_what_is_short_stands_in_one_line_and_long_items_apart() -> None:
    offer = {"name": "a", "tier": "nano", "creators": {"max": 3}, "notes": "x" * 90}
    assert list_lines([offer, {"name": "b"}, offer], 2) == [
        "  - name: a", "    tier: nano", "    creators: {max: 3}", f"    notes: {'x' * 90}",
        "  - {name: b}",
        "", "  - name: a", "    tier: nano", "    creators: {max: 3}", f"    notes: {'x' * 90}",
    ]  # fmt: skip
