"""Numbers as people write them: rounding that adds up, units, cents, no exponents."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from optimizer.language import numbers as words

cents = st.floats(-1e7, 1e7, allow_nan=False).map(lambda x: round(x, 6))


@settings(max_examples=150, deadline=None)
@given(st.lists(cents, min_size=1, max_size=30), st.sampled_from([0, 1, 2]))
@example([0.5], 0)  # a half goes away from zero
@example([-2.5], 0)
def test_rounded_amounts_add_up_and_none_moves_by_a_whole_unit(values: list[float], digits: int) -> None:
    rounded = words.rounded_to_total(values, digits)
    unit = Decimal(1).scaleb(-digits)
    exact = sum((Decimal(repr(v)) for v in values), Decimal(0))
    printed = [Decimal(words.number(v, digits).replace(",", "")) for v in rounded]
    assert sum(printed) == exact.quantize(unit, ROUND_HALF_UP)
    assert all(abs(p - Decimal(repr(v))) < unit for p, v in zip(printed, values, strict=True))


def test_rounding_gives_the_largest_remainders_their_unit_and_leaves_unknown_sums_alone() -> None:
    assert words.rounded_to_total([0.4, 0.35, 0.25], 0) == [1.0, 0.0, 0.0]
    assert words.rounded_to_total([33.333, 33.333, 33.334], 2) == [33.33, 33.33, 33.34]
    assert words.rounded_to_total([1.5, None], 0) == [1.5, None]
    assert words.rounded_to_total([], 2) == []


@pytest.mark.parametrize(
    ("function", "arguments", "text"),
    [
        ("number", (None,), "–"), ("number", (59940,), "59,940"), ("number", (0.146, 2), "0.15"),
        ("number", (-0.004, 2), "0.00"), ("number", (-0.0,), "0"), ("number", (-12.5, 1), "-12.5"),
        ("number", (2.675, 2), "2.68"), ("number", (1e15,), "1,000,000,000,000,000"),
        ("count", (None,), "–"), ("count", (3.0,), "3"), ("count", (2.5,), "2.50"), ("count", (1200,), "1,200"),
        ("significant", (None,), "–"), ("significant", (0.0,), "0"), ("significant", (0.14523,), "0.145"),
        ("significant", (12.345,), "12.3"), ("significant", (1240.4,), "1,240"),
        ("significant", (0.00012345,), "0.000123"), ("significant", (99.96,), "100"),
        ("significant", (9.999,), "10.0"), ("significant", (-0.5,), "-0.500"), ("significant", (1.26, 2), "1.3"),
        ("measured", (None,), "–"), ("measured", (59940.4,), "59,940"), ("measured", (16.0,), "16"),
        ("measured", (0.3333,), "0.333"),
        ("percent", (None,), "–"), ("percent", (0.043,), "4.3 %"), ("percent", (1,), "100 %"),
        ("percent", (0.12345,), "12.3 %"), ("percent", (0.12345, 2), "12 %"), ("percent", (12.34,), "1,230 %"),
        ("percent", (1e-7,), "0.00001 %"), ("percent", (0,), "0 %"), ("percent", (0.10,), "10 %"),
        ("gap_percent", (None,), "unknown"), ("gap_percent", (0.0,), "0 %"), ("gap_percent", (0.01,), "1 %"),
        ("gap_percent", (0.00001234,), "0.0012 %"), ("gap_percent", (1e-8,), "0.000001 %"),
        ("gap_percent", (0.997,), "100 %"), ("gap_percent", (15.0,), "1,500 %"),
        ("plain_number", (0,), "0"), ("plain_number", (0.00005,), "0.00005"), ("plain_number", (0.15,), "0.15"),
        ("plain_number", (31622.7766,), "31,622.8"), ("plain_number", (999999.9,), "1,000,000"),
        ("plain_number", (12345678.9,), "12,345,679"), ("plain_number", (-3.5,), "-3.5"),
        ("plain_number", (-0.0,), "0"), ("plain_number", (100.0,), "100"),
        ("short", (None,), "–"), ("short", (842.4,), "842"), ("short", (9999,), "9,999"), ("short", (36000,), "36k"),
        ("short", (36049,), "36k"), ("short", (36050.1,), "36.1k"), ("short", (999_499,), "999k"),
        ("short", (999_600,), "1M"), ("short", (1_240_000,), "1.24M"), ("short", (2.5e9,), "2.5B"),
    ],
)  # fmt: skip
def test_numbers_read_as_people_write_them(function: str, arguments: tuple[Any, ...], text: str) -> None:
    assert getattr(words, function)(*arguments) == text


@given(st.floats(1e-9, 1e12))
def test_no_number_is_shown_with_an_exponent(value: float) -> None:
    for function in (words.significant, words.percent, words.gap_percent, words.plain_number, words.short):
        assert "e" not in function(value), function


def test_halves_are_rounded_as_in_the_workbook() -> None:
    # a spreadsheet shows 66,061.125 as 66,061.13; a report that says .12 does not tie out with it
    assert [words.number(v, 2) for v in (66_061.125, -0.125, 2.675, 1e300)][:3] == [
        "66,061.13",
        "-0.13",
        "2.68",
    ]
    assert words.rounded_to_total([0.125, 0.25], 2, 0.375) == [0.13, 0.25]
    assert words.rounded_parts([0.125, 1.0], 2, 1.13) == [0.13, 1.0]


@pytest.mark.parametrize(
    ("values", "currency", "digits"),
    [
        ([1, 2.0, None], "USD", 0),
        ([1, 2.01], "USD", 2),
        ([1, 2.004], "USD", 0),
        ([1.5], "VND", 0),
        ([], "EUR", 0),
    ],
)
def test_money_has_cents_where_it_needs_them(values: list[float], currency: str, digits: int) -> None:
    assert words.money_digits(values, currency) == digits


@pytest.mark.parametrize(
    ("value", "base", "sign", "gain"),
    [
        (110.0, 100.0, 1.0, 10.0),
        (110.0, 100.0, -1.0, -10.0),
        (14_941.3 + 4.7e-9, 14_941.3, 1.0, 0.0),  # the rounding of a sum, not a gain
        (100.0, 100.0, -1.0, 0.0),
        (1e-6, 0.0, 1.0, 1e-6),
    ],
)
def test_a_gain_is_none_where_only_the_last_bits_differ(
    value: float, base: float, sign: float, gain: float
) -> None:
    found = words.gained(value, base, sign)
    assert found == pytest.approx(gain, rel=1e-9)
    assert str(found) != "-0.0"
