"""Numbers as planners write them."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.language.errors import FieldError
from optimizer.language.quantities import (
    Estimate,
    parse_estimate,
    parse_number,
    plain,
    refuse_two_numbers,
    shown,
)
from optimizer.language.yaml12 import read_yaml
from optimizer.scenario.fields import Bound, parse_bound


def written_number(text: str) -> object:
    """The number that a file holds."""
    return read_yaml(f"a: {text}", "f")[0]["a"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (60_000, 60_000),
        (0.05, 0.05),
        (-3, -3),
        ("60000", 60_000),
        ("60_000", 60_000),
        ("1_000_000.50", 1_000_000.5),
        ("5%", 0.05),
        ("5 %", 0.05),
        (" 5% ", 0.05),
        ("0.1%", 0.001),
        ("100%", 1),
        ("-5%", -0.05),
        ("12M", 12e6),
        ("12m", 12e6),
        ("1.5 M", 1.5e6),
        ("412k", 412e3),
        ("412K", 412e3),
        ("2B", 2e9),
        ("2bn", 2e9),
        ("1e3", 1000),
        (".5", 0.5),
        ("5.", 5),
        ("+7", 7),
    ],
)
def test_number(written: object, meant: float) -> None:
    assert parse_number(written) == meant


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("3.000", "write 3_000 or 3"),
        ("25.500", "write 25_500 or 25.5"),
        (" 1.234 ", "write 1_234 or 1.2340"),
        ("-999.010", "write -999_010 or -999.01"),
        ([5, "7.000", 9], "write 7_000 or 7"),
        (written_number("412.000"), "write 412_000 or 412"),
        (written_number("1.234"), "write 1_234 or 1.2340"),
    ],
)
def test_three_digits_after_a_point_could_be_thousands(written: object, hint: str) -> None:
    with pytest.raises(FieldError) as caught:
        refuse_two_numbers(written)
    assert caught.value.hint == hint
    for smaller in hint.split(" ")[1::2]:
        refuse_two_numbers(smaller)
        parse_number(smaller)


@pytest.mark.parametrize(
    "clear",
    [
        "0.125", "1.25", "1.2340", "1234.500", "1_234.500", "1.250k", "1.250%", "1.234e3", ".125", "5.", "3000",
        1.234, 3.0, 3000, None, [1.234, 1.5, 2.125], written_number("1.10"), written_number("0.500"),
        written_number("3_000"),
    ],
)  # fmt: skip
def test_other_numbers_mean_one_thing(clear: object) -> None:
    assert not refused(clear)


def refused(written: object) -> bool:
    try:
        refuse_two_numbers(written)
    except ValueError:
        return True
    return False


def test_percent_is_the_same_double_as_the_fraction() -> None:
    """35% == 0.35 and 0.7% == 0.007 exactly, so that shares tie out; 0.7 / 100 is another double."""
    wrong = [n for n in range(100_001) if parse_number(f"{n // 1000}.{n % 1000:03}%") != float(f"{n}e-5")]
    assert wrong == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [("0.3M", 300_000), ("1.1k", 1100), ("2.3M", 2_300_000), ("4.35M", 4_350_000), ("1.005k", 1005)],
)
def test_suffix_gives_the_number_without_rounding_noise(written: str, meant: int) -> None:
    assert parse_number(written) == meant


def test_numbers_of_other_libraries() -> None:
    assert parse_number(np.int64(3)) == 3
    assert parse_number(np.float32(0.5)) == 0.5
    assert parse_number(Decimal("0.1")) == 0.1
    assert parse_number(Fraction(1, 4)) == 0.25


@pytest.mark.parametrize(
    "wrong",
    ["", " ", "five", "5 5", "10,000", "1,5", "5%%", "5kk", "_5", "5_", "5__0", "--5", "5e", "0x10", "$5",
     "5k%", "٣", "1e400",
     10**400, math.nan, math.inf, -math.inf, True, False, None, [5], (), {}, b"5", object()],
)  # fmt: skip
def test_no_number(wrong: object) -> None:
    with pytest.raises(FieldError):
        parse_number(wrong)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e299, max_value=1e299))
def test_plain_text_gives_the_same_number_again(number: float) -> None:
    assert parse_number(plain(number)) == number


@given(st.lists(st.floats(-1e12, 1e12), min_size=3, max_size=3).map(sorted))
def test_range_as_written_gives_the_same_range_again(numbers: list[float]) -> None:
    estimate = parse_estimate(numbers)
    assert estimate == tuple(numbers)
    assert parse_estimate(estimate.plain()) == estimate


@given(st.floats(0, 10), st.sampled_from(["budget", "cost", "audience"]))
def test_bound_as_written_gives_the_same_bound_again(number: float, of: str) -> None:
    bound = Bound(min(number, 1.0), of)
    assert parse_bound(bound.text()) == bound
    assert parse_bound(Bound(number).text()) == Bound(number)


@given(st.text(max_size=12) | st.from_regex(r"[-+0-9_.,eEkM% $USD]{1,12}", fullmatch=True))
def test_any_text_is_a_finite_number_or_an_error_that_says_why(text: str) -> None:
    try:
        number = parse_number(text)
    except FieldError as error:
        message = error.message
    else:
        message = ""
        assert math.isfinite(number)
    assert len(message) < 200


def test_number_as_range_has_three_equal_sides() -> None:
    assert parse_estimate("5%") == Estimate(0.05, 0.05, 0.05)
    assert not parse_estimate(5).is_range


def test_range() -> None:
    estimate = parse_estimate(["1k", 2000, "0.1M"])
    assert estimate == Estimate(1000, 2000, 100_000)
    assert estimate.is_range
    assert estimate.scaled(2) == Estimate(2000, 4000, 200_000)


@pytest.mark.parametrize(("written", "meant"), [
    ("20% of budget", Bound(0.2, "budget")), ("20% of the budget", Bound(0.2, "budget")),
    ("0.2 of cost", Bound(0.2, "cost")), ("20 % of cost", Bound(0.2, "cost")),
    ("2 of cost", Bound(2, "cost")),
    (" 5 ", Bound(5)), ("12k", Bound(12_000)), (3, Bound(3)),
])  # fmt: skip
def test_bound(written: object, meant: Bound) -> None:
    assert parse_bound(written) == meant


def test_bound_in_messages() -> None:
    assert str(Bound(30.0)) == "30"
    assert str(Bound(0.2, "budget")) == "20% of budget"
    assert str(Bound(1 / 3, "cost")) == f"{1 / 3!r} of cost"


def test_shown_is_short() -> None:
    assert shown("x" * 500) == "'" + "x" * 39 + "...'"
    assert shown(10**60) == "a number of 61 digits"
    assert shown(5.0) == "5"
    assert shown(True) == "true"
