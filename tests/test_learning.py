"""Learning from results: closed forms by hand, and made-up worlds whose truth is known."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from optimizer.benchmarks.figures import TENTH
from optimizer.learning.closed_forms import (
    beta_binomial,
    gamma_poisson,
    limited,
    log_gamma,
    medians,
    normal_normal,
    variance_factor,
)
from optimizer.learning.counted import Counts, levels_of_counts
from optimizer.learning.hierarchy import TOGETHER, Measured, levels_of

# --- closed forms --------------------------------------------------------------------------------------------


def test_one_normal_measurement_halves_the_way_where_both_are_equally_sure() -> None:
    mean, variance = normal_normal(2.0, 1.0, 0.0, 1.0)
    assert (float(mean), float(variance)) == (1.0, 0.5)
    mean, variance = normal_normal(3.0, 1.0, 0.0, 2.0)  # weight 2/3
    assert float(mean) == pytest.approx(2.0)
    assert float(variance) == pytest.approx(2.0 / 3.0)


def test_what_was_not_measured_stays_as_it_was() -> None:
    mean, variance = normal_normal(np.nan, np.inf, 0.7, 0.2)
    assert (float(mean), float(variance)) == (0.7, 0.2)


def test_three_hits_of_eight_after_two_of_two() -> None:
    mean, variance = beta_binomial(3, 8, 0.5, 2)  # Beta(1, 1) -> Beta(4, 6)
    assert float(mean) == pytest.approx(0.4)
    assert float(variance) == pytest.approx(4 * 6 / (100 * 11))


def test_five_events_over_ten_after_one_over_two() -> None:
    mean, variance = gamma_poisson(5, 10, 0.5, 1)  # Gamma(1, 2) -> Gamma(6, 12)
    assert float(mean) == pytest.approx(0.5)
    assert float(variance) == pytest.approx(6 / 144)


def test_the_logarithm_of_the_gamma_function() -> None:
    x = np.array([1e-3, 0.5, 1.0, 2.0, 7.3, 1e3, 1e7])
    expected = np.array([math.lgamma(each) for each in x])
    assert log_gamma(x) == pytest.approx(expected, rel=1e-10, abs=1e-10)


def test_a_middle_by_group_and_values_moved_to_a_border() -> None:
    of = np.array([0, 1, 0, 1, 1, 3])
    found = medians(of, np.array([1.0, 5.0, 2.0, 9.0, 6.0, 4.0]), 4)
    assert found[[0, 1, 3]].tolist() == [1.5, 6.0, 4.0]
    assert math.isnan(found[2])
    assert limited(np.array([-9.0, 0.5, 9.0]), 0.0, 1.0, 3.0).tolist() == [-3.0, 0.5, 3.0]


def test_assumed_variances_yield_to_many_measurements_and_not_to_one() -> None:
    rng = np.random.default_rng(1)
    many = 4.0 * rng.normal(size=20_000) ** 2
    assert variance_factor(many, np.ones(20_000), 6.0) == pytest.approx(4.0, rel=0.03)
    assert variance_factor(np.array([1e6]), np.ones(1), 6.0) < 2.5
    assert variance_factor(np.empty(0), np.empty(0), 6.0) == 1.0


def test_one_creator_with_one_result_by_hand() -> None:
    """With s known for sure (many like him are not needed: the prior holds it), one cell, one creator."""
    level = levels_of(measured(np.array([1.0]), np.array([0]), post=0.5, spread=0.8, variance=0.3))
    # at s = 0.8: y - (-s^2/2 - t^2/2) against 0, with variance s^2 + t^2 and the range's 0.3
    weight = 0.3 / (0.3 + 0.64 + 0.25)
    by_hand = weight * (1.0 + 0.32 + 0.125)
    assert level.cells[0][0] == pytest.approx(by_hand, abs=0.12)  # s is not known for sure
    assert 0.0 < level.platform[0] < level.cells[0][0]
    assert level.platform[0] == pytest.approx(level.cells[0][0] * TOGETHER, rel=0.05)


# --- made-up worlds ------------------------------------------------------------------------------------------


def measured(
    y: Any, creator: Any, *, post: float, spread: float, variance: float, cells: Any = None
) -> Measured:
    count = int(creator.max()) + 1
    cell = np.zeros(count, dtype=np.int64) if cells is None else cells
    size = int(cell.max()) + 1
    return Measured(
        y, np.full(len(y), post**2), creator, cell, np.ones(count), np.full(size, variance), spread
    )


class World:
    """Creators of four cells whose true rates are known: means of the posts they make."""

    def __init__(self, rng: np.random.Generator, creators: int, posts: int, spread: float = 0.8) -> None:
        post, variance = 0.5, 0.3
        common = rng.normal(0, math.sqrt(variance / 2))
        self.cells = common + rng.normal(0, math.sqrt(variance / 2), 4)
        cell = (
            np.append(np.arange(4), rng.integers(0, 4, creators - 4))
            if creators > 4
            else np.zeros(creators, int)
        )
        self.truth = self.cells[cell] - spread**2 / 2 + rng.normal(0, spread, creators)
        of = np.repeat(np.arange(creators), posts)
        y = self.truth[of] - post**2 / 2 + rng.normal(0, post, len(of))
        self.measured = measured(y, of, post=post, spread=0.8, variance=variance, cells=cell)
        self.raw = np.log(np.bincount(of, np.exp(y)) / posts)
        middle = np.bincount(cell, self.raw) / np.bincount(cell)
        self.tier = middle[cell]


def test_learning_beats_the_own_value_and_the_tiers_for_1_to_50_results_and_ranges_are_true() -> None:
    rng = np.random.default_rng(7)
    for posts in range(1, 51):
        errors: dict[str, list[float]] = {"learn": [], "raw": [], "tier": []}
        inside: list[bool] = []
        for _ in range(8):
            world = World(rng, 250, posts)
            mean, variance = levels_of(world.measured).creators
            errors["learn"] += ((mean - world.truth) ** 2).tolist()
            errors["raw"] += ((world.raw - world.truth) ** 2).tolist()
            errors["tier"] += ((world.tier - world.truth) ** 2).tolist()
            inside += (np.abs(mean - world.truth) <= TENTH * np.sqrt(variance)).tolist()
        error = {name: float(np.mean(values)) for name, values in errors.items()}
        assert error["learn"] < min(error["raw"], error["tier"]), posts
        assert 0.76 <= np.mean(inside) <= 0.84, posts


@pytest.mark.parametrize("creators", [1, 3, 12])
def test_few_creators_have_wide_ranges_that_are_true(creators: int) -> None:
    rng = np.random.default_rng(11)
    inside: list[bool] = []
    of_cells: list[bool] = []
    for _ in range(900 // creators):
        world = World(rng, creators, 3)
        found = levels_of(world.measured)
        inside += (np.abs(found.creators[0] - world.truth) <= TENTH * np.sqrt(found.creators[1])).tolist()
        known = world.cells[: len(found.cells[0])]
        of_cells += (np.abs(found.cells[0] - known) <= TENTH * np.sqrt(found.cells[1])).tolist()
    assert 0.76 <= np.mean(inside) <= 0.84
    assert 0.75 <= np.mean(of_cells) <= 0.85


@pytest.mark.parametrize("spread", [0.4, 1.4])
def test_a_wrong_packaged_spread_is_overturned_by_a_hundred_creators(spread: float) -> None:
    rng = np.random.default_rng(5)
    found = [levels_of(World(rng, 100, 5, spread).measured).spread for _ in range(10)]
    assert np.mean(found) == pytest.approx(spread, rel=0.15)
    alone = [levels_of(World(rng, 1, 5, spread).measured).spread for _ in range(10)]
    assert np.mean(alone) == pytest.approx(0.8, rel=0.35)


def test_one_absurd_result_moves_nothing() -> None:
    world = World(np.random.default_rng(3), 40, 1)
    before = levels_of(world.measured)
    y = world.measured.y.copy()
    y[0] += math.log(1000.0)
    after = levels_of(replace(world.measured, y=y))
    assert after.moved.tolist() == [0]
    assert np.abs(after.cells[0] - before.cells[0]).max() < 0.15
    assert after.spread == pytest.approx(before.spread, rel=0.1)
    assert after.weight[0] < 1e-6


@pytest.mark.parametrize("events", [True, False])
@pytest.mark.parametrize("trials", [100, 2000])
def test_counted_numbers_beat_both_too(events: bool, trials: int) -> None:
    rng = np.random.default_rng(13)
    typical = np.array([0.02, 0.04])
    errors: dict[str, list[float]] = {"learn": [], "raw": [], "packaged": []}
    inside: list[bool] = []
    for _ in range(40):
        p = typical * np.exp(rng.normal(0, 0.35) + rng.normal(0, 0.35, 2))
        cell = rng.integers(0, 2, 40)
        cell[:2] = (0, 1)
        if events:
            shape = 1 / math.expm1(0.36)
            rate = rng.gamma(shape, p[cell] / shape)
            hits = rng.poisson(rate * trials)
        else:
            size = (1 - p[cell]) / (p[cell] * math.expm1(0.36)) - 1
            rate = rng.beta(size * p[cell], size * (1 - p[cell]))
            hits = rng.binomial(trials, rate)
        counts = Counts(
            hits.astype(float), np.full(40, float(trials)), np.zeros(40), np.arange(40), cell, typical,
            np.full(2, 0.25), 0.6, events,
        )  # fmt: skip
        found = levels_of_counts(counts)
        mean, variance = found.creators
        truth = np.log(rate / typical[cell])
        expected = typical[cell] * np.exp(mean + (variance - found.shared) / 2)
        scale = p[cell]
        errors["learn"] += (((expected - rate) / scale) ** 2).tolist()
        errors["raw"] += (((hits / trials - rate) / scale) ** 2).tolist()
        errors["packaged"] += (((typical[cell] - rate) / scale) ** 2).tolist()
        inside += (np.abs(truth - mean) <= TENTH * np.sqrt(variance)).tolist()
    error = {name: float(np.mean(values)) for name, values in errors.items()}
    assert error["learn"] < min(error["raw"], error["packaged"])
    assert 0.74 <= np.mean(inside) <= 0.86


class CountedWorld:
    """Creators of two cells whose rates are known, and whose posts have rates of their own: gammas, or logarithms that
    are normal."""

    def __init__(
        self, rng: np.random.Generator, posts: int, *, gammas: bool, events: bool, post: float
    ) -> None:
        creators, spread = 60, 0.8 if events else 0.6
        self.typical = np.full(2, 0.006 if events else 0.02)
        cells = self.typical * np.exp(rng.normal(0, 0.35) + rng.normal(0, 0.35, 2))
        cell = np.append([0, 1], rng.integers(0, 2, creators - 2))

        def around(mean: Any, sd: float) -> Any:
            if gammas:
                return mean * rng.gamma(1 / math.expm1(sd**2), math.expm1(sd**2), len(mean))
            return mean * np.exp(rng.normal(-(sd**2) / 2, sd, len(mean)))

        rate = around(cells[cell], spread)
        of = np.repeat(np.arange(creators), posts)
        trials = np.ceil((20_000 if events else 2_000) * np.exp(rng.normal(0, 0.7, len(of))))
        each = np.minimum(around(rate[of], post), 1.0)
        hits = rng.poisson(each * trials) if events else rng.binomial(trials.astype(int), each)
        self.truth = np.log(rate / self.typical[cell])
        total = np.bincount(of, hits) + 0.5
        self.raw = np.log(total / np.bincount(of, trials) / self.typical[cell])
        self.counts = Counts(
            hits.astype(float), trials, np.full(len(of), 0.4**2), of, cell, self.typical, np.full(2, 0.25),
            spread, events,
        )  # fmt: skip


@pytest.mark.parametrize("gammas", [True, False])
@pytest.mark.parametrize("events", [True, False])
def test_ranges_of_counted_rates_are_true_where_posts_of_a_creator_differ(events: bool, gammas: bool) -> None:
    rng = np.random.default_rng(17)
    for posts in (1, 2, 3, 6, 12, 20):
        errors: list[tuple[float, float]] = []
        inside: list[bool] = []
        for _ in range(40):
            world = CountedWorld(rng, posts, gammas=gammas, events=events, post=0.4)
            mean, variance = levels_of_counts(world.counts).creators
            inside += (np.abs(mean - world.truth) <= TENTH * np.sqrt(variance)).tolist()
            errors += zip((mean - world.truth) ** 2, (world.raw - world.truth) ** 2, strict=True)
        own, raw = np.mean(errors, axis=0)
        assert own < raw, posts
        assert 0.76 <= np.mean(inside) <= 0.84, posts


@pytest.mark.parametrize("post", [0.2, 0.8])
def test_what_is_assumed_of_posts_that_are_counted_yields_to_results(post: float) -> None:
    rng = np.random.default_rng(19)
    found = [
        levels_of_counts(CountedWorld(rng, 6, gammas=True, events=True, post=post).counts).noise
        for _ in range(8)
    ]
    assert math.sqrt(math.log1p(0.4**2 * np.mean(found))) == pytest.approx(post, rel=0.15)


def test_posts_that_convert_all_their_clicks_have_ranges() -> None:
    counts = Counts(
        np.array([5.0, 5.0, 0.0]), np.array([5.0, 5.0, 9.0]), np.full(3, 0.16), np.array([0, 0, 1]),
        np.array([0, 0]), np.array([0.6]), np.array([0.25]), 0.6, False,
    )  # fmt: skip
    found = levels_of_counts(counts)
    assert np.isfinite(found.creators).all()
    assert 0.6 * math.exp(found.creators[0][1]) < 0.6 < 0.6 * math.exp(found.creators[0][0]) <= 1.0
