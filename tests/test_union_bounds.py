"""Bounds of reach against people who are counted one by one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from optimizer.program.union_bounds import Bounds, thinned, union_bounds

CASES = 1000


def random_sets(rng: np.random.Generator) -> tuple[int, list[set[int]]]:
    """Up to 8 sets among up to 20 people, clustered more often than not."""
    people = int(rng.integers(2, 21))
    groups = rng.integers(0, 3, people)
    follows = rng.uniform(0, 1, (int(rng.integers(1, 9)), 3)) ** rng.choice([0.3, 1, 4])
    sets = [{p for p in range(people) if rng.random() < row[groups[p]]} for row in follows]
    return people, [one for one in sets if one] or [{0}]


def measured(sets: list[set[int]], known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    reached = np.array([len(one) for one in sets], dtype=float)
    shared = np.array([[float(len(one & other)) for other in sets] for one in sets])
    return reached, np.where(known, shared, np.nan)


@pytest.mark.parametrize("share", [1.0, 0.5, 0.0])
def test_true_unions_are_always_inside(share: float) -> None:
    rng = np.random.default_rng(12)
    tight = 0
    for _ in range(CASES):
        people, sets = random_sets(rng)
        known = np.triu(rng.random((len(sets), len(sets))) < share, 1)
        reached, shared = measured(sets, known | known.T)
        low, high = union_bounds(people, reached, shared)
        union = len(set().union(*sets))
        assert low - 1e-9 <= union <= high + 1e-9
        assert max(reached) <= low + 1e-9
        assert high <= min(people, sum(reached)) + 1e-9
        tight += high - low < 1e-9
    assert tight > (CASES / 5 if share == 1 else 20)


def test_any_people_with_these_overlaps_are_inside() -> None:
    """Not only the union that was measured: every way of 5 people to follow three creators with the same pairs."""
    by_pairs: dict[tuple[float, ...], set[int]] = {}
    for people in itertools.combinations_with_replacement(range(8), 5):
        sets = [{n for n, who in enumerate(people) if who >> c & 1} for c in range(3)]
        if all(sets):
            reached, shared = measured(sets, np.ones((3, 3), dtype=bool))
            key = (*reached, *shared[np.triu_indices(3, 1)])
            by_pairs.setdefault(key, set()).add(len(set().union(*sets)))
    several = [unions for unions in by_pairs.values() if len(unions) > 1]
    assert several
    for key, unions in by_pairs.items():
        shared = np.zeros((3, 3))
        shared[np.triu_indices(3, 1)] = key[3:]
        low, high = union_bounds(5, np.array(key[:3]), shared + shared.T)
        assert low - 1e-9 <= min(unions)
        assert max(unions) <= high + 1e-9


def test_three_creators_by_hand() -> None:
    """Sizes 6, 5, 4, shared 3 (1, 2), 2 (1, 3), 1 (2, 3) among 20.

    Most: 15 less the tree 3 + 2 = 10. Least: means of N are 11/6, 9/5 and 7/4; all between 1 and 2, so
    6 (1/6 + 5/12) + 5 (1/5 + 4/10) + 4 (1/4 + 3/8) = 3.5 + 3 + 2.5 = 9.
    """
    shared = np.array([[0, 3, 2], [3, 0, 1], [2, 1, 0]], dtype=float)
    low, high = union_bounds(20, np.array([6.0, 5.0, 4.0]), shared)
    assert (low, high) == pytest.approx((9.0, 10.0))


def test_a_pair_that_is_not_known_says_what_must_hold() -> None:
    reached, unknown = np.array([600.0, 500.0]), np.full((2, 2), np.nan)
    assert union_bounds(1000, reached, unknown) == (600.0, 1000.0)  # 100 must be shared, 500 may be
    assert union_bounds(5000, reached, unknown) == (600.0, 1100.0)
    assert union_bounds(5000, reached, np.full((2, 2), 200.0)) == (900.0, 900.0)


def test_a_creator_whose_overlaps_are_not_known_takes_nothing_away() -> None:
    """Two who share nobody reach 2,000; with a third of whom nothing is known it is not less."""
    reached = np.array([1000.0, 1000.0, 900.0])
    shared = np.array([[0, 0, np.nan], [0, 0, np.nan], [np.nan, np.nan, 0]])
    assert union_bounds(10_000, reached, shared) == pytest.approx((2000.0, 2900.0))


def test_overlaps_that_cannot_be_are_taken_as_the_nearest_that_can() -> None:
    reached = np.array([600.0, 500.0])
    assert union_bounds(1000, reached, np.full((2, 2), 900.0)) == (600.0, 600.0)
    assert union_bounds(1000, reached, np.zeros((2, 2))) == (1000.0, 1000.0)


def test_nobody_and_one() -> None:
    assert union_bounds(10, np.array([]), np.zeros((0, 0))) == (0.0, 0.0)
    assert union_bounds(10, np.array([4.0]), np.zeros((1, 1))) == (4.0, 4.0)
    assert union_bounds(10, np.array([4.0, 0.0]), np.zeros((2, 2))) == (4.0, 4.0)


def test_an_estimate_is_kept_inside() -> None:
    bounds = Bounds(900.0, 1000.0)
    assert [bounds.nearest(x) for x in (850.0, 950.0, 1200.0)] == [900.0, 950.0, 1000.0]


def test_parts_of_audiences_at_random_share_the_product() -> None:
    """1,000 follow both; one reaches half, the other a fifth of its followers: 100 see both, by drawing too."""
    shared = np.array([[np.nan, 1000.0], [1000.0, np.nan]])
    fractions = np.array([0.5, 0.2])
    assert thinned(shared, fractions)[0, 1] == 100.0
    rng = np.random.default_rng(3)
    both = np.mean([np.sum((rng.random(1000) < 0.5) & (rng.random(1000) < 0.2)) for _ in range(2000)])
    assert both == pytest.approx(100.0, abs=1.0)


def test_expected_reach_of_parts_is_inside() -> None:
    """For sets whose members are reached at random, the expectation is counted person by person."""
    rng = np.random.default_rng(13)
    for _ in range(CASES):
        people, sets = random_sets(rng)
        fractions = rng.uniform(0.05, 1, len(sets))
        reached, shared = measured(sets, np.ones((len(sets), len(sets)), dtype=bool))
        missed = [
            np.prod([1 - f for f, one in zip(fractions, sets, strict=True) if p in one])
            for p in range(people)
        ]
        low, high = union_bounds(people, reached * fractions, thinned(shared, fractions))
        assert low - 1e-9 <= people - sum(missed) <= high + 1e-9
