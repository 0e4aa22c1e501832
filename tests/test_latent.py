"""Latent segments against segments that were planted, real audiences, and their own promises."""

from __future__ import annotations

import csv
import json
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from optimizer.program.latent import BAD_FIT, COUNTS, LARGEST, Latent, fit_latent
from tests.programs import needs_shared_data, shared_data

PEOPLE = 1_000_000.0
OVERLAPS = shared_data() / "overlap"


def planted(creators: int, segments: int, seed: int = 1) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Names, sizes and overlaps of creators who are followed mostly in one of some segments."""
    rng = np.random.default_rng(seed)
    people = rng.dirichlet(np.full(segments, 3.0)) * PEOPLE
    follows = rng.uniform(0.001, 0.01, (creators, segments))
    follows[np.arange(creators), rng.integers(0, segments, creators)] = rng.uniform(0.1, 0.6, creators)
    shared = (follows * people) @ follows.T
    np.fill_diagonal(shared, np.nan)
    return [f"creator {i:03}" for i in range(creators)], follows @ people, shared


def follows_of(found: Latent, sizes: np.ndarray) -> np.ndarray:
    """p, shape (creators, segments)."""
    return found.segments.shares * sizes[:, None] / found.segments.people


def predicted(found: Latent, sizes: np.ndarray) -> np.ndarray:
    follows = follows_of(found, sizes)
    return (follows * found.segments.people) @ follows.T


def missed_by(found: Latent, sizes: np.ndarray, shared: np.ndarray) -> float:
    """Sum of absolute errors over sum of overlaps."""
    pairs = np.triu_indices(len(sizes), 1)
    return float(np.sum(np.abs(predicted(found, sizes) - shared)[pairs]) / np.sum(shared[pairs]))


@pytest.mark.parametrize(("creators", "segments"), [(12, 2), (30, 4), (60, 8)])
def test_planted_segments_are_recovered(creators: int, segments: int) -> None:
    names, sizes, shared = planted(creators, segments)
    found = fit_latent(PEOPLE, names, sizes, shared)
    assert missed_by(found, sizes, shared) < 0.03
    assert found.error == pytest.approx(missed_by(found, sizes, shared), rel=1e-9)
    assert found.held_out is not None
    assert found.held_out < 0.06
    assert not found.bad


def test_sizes_and_people_are_met_exactly() -> None:
    names, sizes, shared = planted(25, 3)
    for count in (None, 1, 7):
        found = fit_latent(PEOPLE, names, sizes, shared, count)
        follows = follows_of(found, sizes)
        np.testing.assert_allclose(np.sum(found.segments.people), PEOPLE, rtol=1e-12)
        np.testing.assert_allclose(np.sum(found.segments.shares, axis=1), 1.0, rtol=1e-12)
        np.testing.assert_allclose(follows @ found.segments.people, sizes, rtol=1e-12)
        assert np.all(found.segments.people >= 0)
        assert np.all(follows >= 0)
        assert np.all(follows < 1)
        assert found.segments.latent
        assert found.segments.names == tuple(str(g + 1) for g in range(len(found.segments.people)))
        assert np.all(np.diff(found.segments.people) <= 0)


def test_pairs_that_are_not_known_are_predicted() -> None:
    names, sizes, shared = planted(60, 5)
    known = np.triu(np.random.default_rng(4).random(shared.shape) < 0.4, 1)
    some = np.where(known | known.T, shared, np.nan)
    found = fit_latent(PEOPLE, names, sizes, some)
    hidden = np.triu(~known, 1)
    missed = np.sum(np.abs(predicted(found, sizes) - shared)[hidden]) / np.sum(shared[hidden])
    assert missed < 0.08
    assert found.known == pytest.approx(np.mean(known[np.triu_indices(60, 1)]))


def test_the_order_of_creators_changes_nothing() -> None:
    names, sizes, shared = planted(20, 3)
    first = fit_latent(PEOPLE, names, sizes, shared)
    order = np.random.default_rng(2).permutation(20)
    other = fit_latent(PEOPLE, [names[i] for i in order], sizes[order], shared[np.ix_(order, order)])
    np.testing.assert_array_equal(other.segments.people, first.segments.people)
    np.testing.assert_array_equal(other.segments.shares, first.segments.shares[order])
    assert other.tried == first.tried


def test_the_same_question_has_the_same_answer() -> None:
    one, other = (fit_latent(PEOPLE, *planted(15, 3)) for _ in range(2))
    np.testing.assert_array_equal(one.segments.shares, other.segments.shares)


def test_the_unit_of_people_changes_nothing() -> None:
    """An audience of 40 million in thousands is the same audience."""
    names, sizes, shared = planted(20, 3)
    found = fit_latent(PEOPLE, names, sizes, shared, 4)
    thousands = fit_latent(PEOPLE / 1000, names, sizes / 1000, shared / 1000, 4)
    np.testing.assert_allclose(thousands.segments.people * 1000, found.segments.people, rtol=1e-3)
    np.testing.assert_allclose(thousands.segments.shares, found.segments.shares, atol=1e-3)


def test_audiences_that_overlap_by_chance_are_one_segment() -> None:
    """Nothing is left to explain, so the fewest segments are chosen: one, which is independence."""
    sizes = np.linspace(20_000, 300_000, 25)
    shared = np.outer(sizes, sizes) / PEOPLE
    found = fit_latent(PEOPLE, [f"{i:02}" for i in range(25)], sizes, shared)
    assert len(found.segments.people) == 1
    assert found.error == pytest.approx(0, abs=1e-9)


def test_the_number_is_the_fewest_that_predicts_held_out_pairs_nearly_best() -> None:
    names, sizes, shared = planted(40, 4)
    found = fit_latent(PEOPLE, names, sizes, shared)
    assert found.chosen
    assert tuple(found.tried) == COUNTS
    good = [n for n, error in found.tried.items() if error <= 1.2 * min(found.tried.values())]
    assert len(found.segments.people) == good[0]
    assert found.tried[1] > 10 * found.tried[good[0]]
    assert found.held_out == found.tried[good[0]]


def test_a_given_number_is_kept() -> None:
    found = fit_latent(PEOPLE, *planted(20, 3), 7)
    assert not found.chosen
    assert len(found.segments.people) == 7
    assert list(found.tried) == [7]


def test_few_pairs_are_fitted_and_none_is_held_out() -> None:
    """Three creators: two share half of the smaller, the third nobody with either."""
    sizes = np.array([100_000.0, 80_000.0, 50_000.0])
    shared = np.array([[np.nan, 40_000, 0], [40_000, np.nan, 0], [0, 0, np.nan]])
    found = fit_latent(PEOPLE, ["a", "b", "c"], sizes, shared)
    assert found.held_out is None
    assert predicted(found, sizes)[0, 1] == pytest.approx(40_000, rel=0.03)
    assert predicted(found, sizes)[0, 2] < 800
    assert predicted(found, sizes)[1, 2] < 800


def test_overlaps_that_no_audience_has_are_a_bad_fit() -> None:
    """Numbers drawn without any structure: half of the pairs share everybody, half nobody."""
    rng = np.random.default_rng(8)
    sizes = np.full(40, 100_000.0)
    shared = np.triu(rng.integers(0, 2, (40, 40)) * 100_000.0, 1)
    found = fit_latent(PEOPLE, [f"{i:02}" for i in range(40)], sizes, shared + shared.T)
    assert found.held_out is not None
    assert found.held_out > BAD_FIT
    assert found.bad


def test_few_of_many_pairs_are_told_apart() -> None:
    names, sizes, shared = planted(30, 3)
    some = np.full_like(shared, np.nan)
    for i in range(29):
        some[i, i + 1] = some[i + 1, i] = shared[i, i + 1]
    assert fit_latent(PEOPLE, names, sizes, some).few
    assert not fit_latent(PEOPLE, names, sizes, shared).few


def test_nobody_shared_and_a_creator_with_nearly_everybody() -> None:
    sizes = np.array([0.999 * PEOPLE, 400_000.0, 300_000.0])
    found = fit_latent(PEOPLE, ["a", "b", "c"], sizes, np.zeros((3, 3)), 5)
    assert np.all(np.isfinite(found.segments.shares))
    np.testing.assert_allclose(np.sum(found.segments.shares, axis=1), 1.0, rtol=1e-12)
    assert np.max(found.segments.shares[0] * LARGEST * PEOPLE / found.segments.people) < 1


def test_many_creators_take_seconds() -> None:
    """250 creators, of whom 120 choose the number."""
    names, sizes, shared = planted(250, 6)
    start = time.process_time()
    found = fit_latent(PEOPLE, names, sizes, shared)
    assert missed_by(found, sizes, shared) < 0.05
    assert time.process_time() - start < 30


def real(name: str) -> tuple[float, dict[str, set[str]], list[dict]]:
    audiences: dict[str, set[str]] = defaultdict(set)
    with (OVERLAPS / f"{name}_audience.csv").open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            audiences[row["creator"]].add(row["audience_member"])
    truth = json.loads(Path(OVERLAPS / f"{name}_truth.json").read_text(encoding="utf-8"))
    return truth["universe"], audiences, truth.get("subset_truth", [])


@needs_shared_data
def test_real_audiences_are_reached_as_estimated() -> None:
    """The random plans of the truth file: median error within 2 %, 9 of 10 within 8 %."""
    people, audiences, plans = real("facebook100")
    names = sorted(audiences)
    sizes = np.array([len(audiences[name]) for name in names], dtype=float)
    shared = np.array([[float(len(audiences[a] & audiences[b])) for b in names] for a in names])
    start = time.process_time()
    found = fit_latent(people, names, sizes, shared)
    assert time.process_time() - start < 20
    follows = follows_of(found, sizes)
    errors = []
    for plan in plans:
        at = [names.index(name) for name in plan["creators"]]
        reach = np.sum(found.segments.people * (1 - np.prod(1 - follows[at], axis=0)))
        errors.append(reach / plan["true_dedup_reach"] - 1)
    low, median, high = np.quantile(errors, [0.05, 0.5, 0.95])
    assert abs(median) < 0.02
    assert max(-low, high) < 0.08
    assert len(errors) == 100
    assert not found.bad
