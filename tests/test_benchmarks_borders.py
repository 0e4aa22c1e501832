"""Tier borders: the packaged ones, and a user's own."""

import pytest

from optimizer.benchmarks.borders import borders_from_mapping, borders_note, packaged_borders, tier_borders
from optimizer.language.errors import FieldError


def test_packaged_borders():
    assert packaged_borders() == ["grin", "mediakix", "micro-10k"]
    assert tier_borders("grin", "tiktok") == {
        "nano": (1_000, 10_000),
        "micro": (10_000, 100_000),
        "macro": (100_000, 1_000_000),
        "mega": (1_000_000, None),
    }
    assert tier_borders("micro-10k", None) == {
        "nano": (0, 1_000),
        "micro": (1_000, 10_000),
        "macro": (10_000, 100_000),
        "mega": (100_000, None),
    }


@pytest.mark.parametrize(
    ("platform", "border"),
    [
        ("instagram", 100_000),
        ("youtube", 250_000),
        ("Facebook", 250_000),
        ("tiktok", 100_000),
        (None, 100_000),
    ],
)
def test_mediakix_begins_macro_by_platform(platform, border):
    borders = tier_borders("mediakix", platform)
    assert (borders["micro"], borders["macro"]) == ((10_000, border), (border, None))
    assert "mega" not in borders


def test_notes_say_what_was_confirmed():
    assert "numbers not" in borders_note("grin")
    assert "Not found in any stored copy: the 250k" in borders_note("mediakix")
    assert "Not confirmed" in borders_note("micro-10k")


def test_own_borders_end_where_the_next_begins():
    own = {"star": "500k", "fan": 1_000, "pro": {"default": 20_000, "youtube": "50k"}}
    assert borders_from_mapping(own, "instagram") == {
        "fan": (1_000, 20_000),
        "pro": (20_000, 500_000),
        "star": (500_000, None),
    }
    assert borders_from_mapping(own, "youtube")["fan"] == (1_000, 50_000)
    assert list(borders_from_mapping(own, None)) == ["fan", "pro", "star"]


@pytest.mark.parametrize(
    ("own", "at", "message", "hint"),
    [
        ({}, (), "tier_borders names no tier", "write for instance {nano: 1k, micro: 10k}"),
        ({"nano": "1,000"}, ("nano",), "'1,000' could mean two numbers", ""),
        ({"nano": -1}, ("nano",), "a number of followers cannot be negative (-1)", ""),
        ({"nano": True}, ("nano",), "true is not a number", ""),
        ({"nano": 5, "micro": 5}, (), "nano and micro both begin at 5 followers", ""),
        ({"nano": {"youtube": 5}}, ("nano",), "has no bound for tiktok", "add `default`"),
    ],
)
def test_wrong_borders_say_what_is_wrong_and_with_which_tier(own, at, message, hint):
    with pytest.raises(FieldError) as caught:
        borders_from_mapping(own, "tiktok")
    assert caught.value.at == at
    assert caught.value.message.startswith(message)
    assert caught.value.hint == hint


def test_unknown_borders():
    with pytest.raises(ValueError, match=r"no tier borders 'grinn' \(did you mean 'grin'\?\)"):
        tier_borders("grinn", None)
