"""Shapley values of a product: against every order of switching, added up, swapped."""

from __future__ import annotations

import itertools
import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.actuals.factors import factors, shapley
from optimizer.language.adding_up import adding_up, quantum_of, stepped

NUMBERS = st.floats(0, 1e6, allow_nan=False)


def by_orders(a: list[float], b: list[float]) -> list[float]:
    """The average over all orders in which factors are switched, from the definition."""
    parts = [Fraction(0)] * len(a)
    orders = list(itertools.permutations(range(len(a))))
    for order in orders:
        now = [Fraction(value) for value in a]
        for factor in order:
            before = math.prod(now)
            now[factor] = Fraction(b[factor])
            parts[factor] += math.prod(now) - before
    return [float(part / len(orders)) for part in parts]


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 6])
def test_parts_are_the_average_over_all_orders(length: int) -> None:
    rng = np.random.default_rng(length)
    for _ in range(20):
        a, b = rng.uniform(0, 3, (2, length))
        expected = by_orders(a.tolist(), b.tolist())
        assert shapley(a[None], b[None])[0] == pytest.approx(expected, rel=1e-11, abs=1e-11)


def test_two_factors_by_hand() -> None:
    # 10 creators x 100 views planned, 8 x 130 came: (8 - 10) x (100 + 130) / 2 and (130 - 100) x (10 + 8) / 2
    assert shapley(np.array([[10.0, 100.0]]), np.array([[8.0, 130.0]])).tolist() == [[-230.0, 270.0]]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=7))
def test_swapping_negates_every_part_to_the_last_bit(pairs: list[tuple[float, float]]) -> None:
    a, b = (np.array([values]) for values in zip(*pairs, strict=True))
    assert np.array_equal(shapley(a, b), -shapley(b, a))


def test_what_one_side_does_not_have_is_the_doing_of_the_factor_before() -> None:
    planned = [np.array([4.0]), np.array([4.0]), np.array([8.0]), np.array([800.0])]
    nobody = [np.array([4.0]), np.array([0.0]), np.array([0.0]), np.array([0.0])]
    a, b = factors(planned, nobody)
    assert b.tolist() == [[4.0, 0.0, 2.0, 100.0]]
    assert shapley(a, b).tolist() == [[0.0, -800.0, 0.0, 0.0]]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6, allow_nan=False), min_size=1, max_size=8))
def test_rounded_parts_add_up_and_negate(parts: list[float]) -> None:
    quantum = quantum_of(max(map(abs, parts)))
    change = stepped(math.fsum(parts), quantum)
    rounded = adding_up(parts, change, quantum)
    assert sum(rounded) == change
    assert adding_up([-part for part in parts], -change, quantum) == [-part for part in rounded]
    assert all(
        abs(Fraction(r) - Fraction(p)) <= 2 * Fraction(quantum) for r, p in zip(rounded, parts, strict=True)
    )
    assert all(r == 0 for r, p in zip(rounded, parts, strict=True) if p == 0) or not any(parts)


def test_steps_are_twelve_digits_of_the_largest() -> None:
    assert quantum_of(123_456.0) == Decimal("0.000001")
    assert quantum_of(0.0) == 1
    assert stepped(0.1 + 0.2, quantum_of(1.0)) == Decimal("0.3")
