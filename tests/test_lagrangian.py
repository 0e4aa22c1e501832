"""Rosters as arrays: what is called best is so, the bound is never below it, and every plan keeps every row exactly."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from optimizer.solve.box import Sizes, sample_of
from optimizer.solve.lagrangian import Planned, plan_roster
from optimizer.solve.pricing import allowed_prices, bound, look, priced_sides, worths
from optimizer.solve.roster import Family, Roster
from tests.more import more
from tests.roster_arrays import dense, large, small, whole

CASES = more(100, 1000)
FEW = Sizes(sample=12, growth=2, undecided=12, rest=4, core=25)
"""So few at a time that sixty creators take every step that a million do."""
SAME = 1e-9


def exactly(roster: Roster, planned: Planned) -> tuple[Fraction, list[Fraction]]:
    """Value and rows of a plan in fractions."""
    table = dense(roster)
    booked = [(int(k) - 1, i) for i, k in enumerate(planned.choice) if k]
    value = sum((Fraction(float(roster.value[key])) for key in booked), Fraction(0))
    rows = [sum((Fraction(float(table[r][key])) for key in booked), Fraction(0)) for r in range(roster.rows)]
    return value, rows


def assert_keeps_everything(roster: Roster, planned: Planned) -> None:
    value, rows = exactly(roster, planned)
    assert planned.value == float(value)
    for r, total in enumerate(rows):
        assert np.isinf(roster.lower[r]) or total >= Fraction(float(roster.lower[r]))
        assert np.isinf(roster.upper[r]) or total <= Fraction(float(roster.upper[r]))
    if roster.must is not None:
        assert np.all(planned.choice[roster.must] > 0)


def faults(seed: int, sizes: Sizes | None) -> list[str]:
    """What is wrong with the answer to one random roster."""
    roster = small(seed)
    truth = whole(roster)
    planned = plan_roster(roster, gap=1e-6, seconds=30, sizes=sizes)
    if truth.value is None:
        return [f"{seed}: a plan where there is none"] if planned.bound is not None else []
    if planned.status == "infeasible":
        return [f"{seed}: called impossible"]
    if planned.bound is None:
        return [f"{seed}: no plan"] if sizes is None else []
    assert_keeps_everything(roster, planned)
    found = []
    slack = 1e-9 * max(1.0, abs(truth.value))
    if planned.bound < truth.value - slack:
        found.append(f"{seed}: the bound {planned.bound} is below the best, {truth.value}")
    if planned.value < truth.value - max(planned.gap, SAME) * abs(planned.value) - slack:
        found.append(f"{seed}: {planned.value} is further from the best, {truth.value}, than it says")
    if sizes is None and planned.gap > 0.1:
        found.append(f"{seed}: hardly proven")
    return found


@pytest.mark.parametrize("sizes", [None, FEW], ids=["together", "few at a time"])
def test_random_rosters_are_planned_to_the_gap_that_is_stated(sizes: Sizes | None) -> None:
    assert [fault for seed in range(CASES) for fault in faults(seed, sizes)] == []


@pytest.mark.parametrize(("sizes", "proven"), [(None, 0.98), (FEW, 0.8)], ids=["together", "few at a time"])
def test_nearly_all_are_proven_and_many_by_prices_alone(sizes: Sizes | None, proven: float) -> None:
    answers = [plan_roster(small(seed), gap=1e-6, seconds=30, sizes=sizes) for seed in range(60)]
    plans = [one for one in answers if one.bound is not None]
    assert len(plans) >= 50
    assert sum(one.status == "optimal" for one in plans) >= proven * len(plans)
    by_prices = sum(one.proof == "prices" for one in plans)
    assert 0.2 * len(plans) <= by_prices < len(plans)


def test_the_random_rosters_are_of_every_kind() -> None:
    rosters = [small(seed) for seed in range(100)]
    assert {roster.rows for roster in rosters} == set(range(1, 9))
    assert {roster.width for roster in rosters} == {1, 2, 3}
    assert max(roster.creators for roster in rosters) == 60
    impossible = sum(whole(roster).value is None for roster in rosters[:50])
    assert 3 <= impossible <= 25
    assert any(roster.must is not None for roster in rosters)
    assert any(not isinstance(family.row, int) for roster in rosters for family in roster.families)


# --- the bound ---


def exact_bound(roster: Roster, y: np.ndarray) -> Fraction:
    """L(y) in fractions."""
    table = dense(roster)
    total = Fraction(0)
    for r, price in enumerate(y):
        if price:
            total += Fraction(float(price)) * Fraction(
                float(roster.upper[r] if price > 0 else roster.lower[r])
            )
    for i in range(roster.creators):
        best = None if roster.must is not None and roster.must[i] else Fraction(0)
        for k in range(roster.width):
            if np.isfinite(roster.value[k, i]):
                worth = Fraction(float(roster.value[k, i])) - sum(
                    (Fraction(float(p)) * Fraction(float(table[r, k, i])) for r, p in enumerate(y)),
                    Fraction(0),
                )
                best = worth if best is None or worth > best else best
        if best is None:
            return Fraction(-(10**30))
        total += best
    return total


@pytest.mark.parametrize("seed", range(40))
def test_at_any_prices_the_bound_is_rounded_upwards_and_by_very_little(seed: int) -> None:
    rng = np.random.default_rng(seed)
    roster = small(seed)
    size, sizes = roster.scales()
    y = allowed_prices(roster, rng.normal(size=roster.rows) * size / sizes * 10.0 ** rng.integers(-3, 4))
    if seed % 3 == 0:  # numbers of very different sizes
        value = roster.value * 10.0 ** rng.integers(-8, 9, roster.value.shape)
        roster = replace(roster, value=value)
    exact = exact_bound(roster, y)
    stated = bound(roster, y)
    if np.isneginf(stated):
        assert exact < -(10**20)
        return
    weight = abs(float(exact)) + sum(abs(float(one)) for one in worths(roster, y).flat if np.isfinite(one))
    assert Fraction(stated) >= exact
    weight += sum(abs(one) for one in priced_sides(roster, y))
    assert stated <= float(exact) + 1e-12 * weight
    truth = whole(roster) if seed % 3 else None
    if truth is not None and truth.value is not None:
        assert stated >= truth.value - SAME * max(1.0, abs(truth.value))


@pytest.mark.parametrize("seed", range(20))
def test_who_is_decided_within_a_radius_is_decided_the_same_at_all_prices_in_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    roster = small(seed)
    size, sizes = roster.scales()
    y = rng.uniform(0, 0.5, roster.rows) * size / sizes
    radius = 0.02 * size / sizes
    seen = look(roster, y, radius)
    for _ in range(20):
        t = float(np.exp(rng.uniform(-4, 3)))
        other = look(roster, y + t * radius * rng.uniform(-1, 1, roster.rows), radius)
        decided = seen.distance > t
        assert np.array_equal(seen.choice[decided], other.choice[decided])


@pytest.mark.parametrize(("price", "above"), [(1.0, 120.0), (1.2, 122.0), (0.9, 122.0)])
def test_the_bound_of_the_page_by_hand(price: float, above: float) -> None:
    roster = one_row(np.array([[60.0, 50.0, 30.0]]), np.array([[50.0, 40.0, 30.0]]), -np.inf, 100.0)
    assert bound(roster, np.array([price])) == pytest.approx(above, rel=1e-13)
    assert plan(roster).value == 110.0


# --- degenerate rosters ---


def one_row(value: np.ndarray, numbers: np.ndarray, low: float, high: float) -> Roster:
    return Roster(value, (Family(numbers, 0),), np.array([low]), np.array([high]))


def plan(roster: Roster, gap: float = 0.0) -> Planned:
    planned = plan_roster(roster, gap=gap, seconds=30)
    if planned.bound is not None:
        assert_keeps_everything(roster, planned)
        assert planned.bound >= planned.value
    return planned


def test_no_rows_at_all_books_the_best_package_of_everybody_it_is_worth_it_for() -> None:
    value = np.array([[3.0, -1.0, 2.0], [1.0, -2.0, 5.0]])
    planned = plan(Roster(value, (), np.zeros(0), np.zeros(0)))
    assert (planned.status, planned.value, planned.choice.tolist()) == ("optimal", 8.0, [1, 0, 2])


def test_where_everything_is_affordable_nothing_has_a_price() -> None:
    planned = plan(one_row(np.array([[3.0, 4.0]]), np.array([[10.0, 10.0]]), -np.inf, 20.0))
    assert (planned.status, planned.value, planned.prices.tolist()) == ("optimal", 7.0, [0.0])


def test_one_creator_who_fits_and_one_who_does_not() -> None:
    assert plan(one_row(np.array([[5.0]]), np.array([[10.0]]), -np.inf, 10.0)).value == 5.0
    dear = plan(one_row(np.array([[5.0]]), np.array([[10.0]]), -np.inf, 9.99))
    assert (dear.status, dear.value, dear.bound) == ("optimal", 0.0, 0.0)


def test_a_floor_that_nobody_meets_is_proven_impossible_by_prices() -> None:
    planned = plan(one_row(np.ones((1, 5)), np.ones((1, 5)), 6.0, np.inf))
    assert (planned.status, planned.proof, planned.bound) == ("infeasible", "prices", None)
    assert planned.prices[0] < 0


def test_rows_that_fight_are_proven_impossible_by_prices_together() -> None:
    numbers = np.ones((1, 9))
    roster = Roster(
        numbers,
        (Family(2 * numbers, 0), Family(3 * numbers, 1)),
        np.array([-np.inf, 15.0]),
        np.array([9.0, np.inf]),
    )
    planned = plan(roster)
    assert (planned.status, planned.proof) == ("infeasible", "prices")
    assert planned.prices[0] > 0 > planned.prices[1]


def test_a_side_above_the_other_and_a_creator_who_must_and_cannot() -> None:
    assert plan(one_row(np.ones((1, 2)), np.ones((1, 2)), 2.0, 1.0)).status == "infeasible"
    nobody = replace(
        one_row(np.array([[-np.inf, 1.0]]), np.ones((1, 2)), 0.0, 2.0), must=np.array([True, False])
    )
    assert plan(nobody).status == "infeasible"


def test_a_plan_that_only_fractions_keep_is_not_called_possible() -> None:
    planned = plan(one_row(np.ones((1, 5)), np.full((1, 5), 2.0), 3.0, 3.0))
    assert planned.status == "not_known"
    assert planned.bound is None


def test_worthless_and_harmful_creators_are_booked_only_for_a_floor() -> None:
    cost = np.array([[3.0, 2.0, 4.0]])
    assert plan(one_row(-cost, cost, 5.0, np.inf)).value == -5.0
    assert plan(one_row(-cost, cost, -np.inf, 5.0)).value == 0.0
    zero = plan(one_row(0 * cost, cost, 5.0, np.inf))
    assert (zero.status, zero.value, zero.bound) == ("optimal", 0.0, 0.0)


def test_ten_thousand_twins_are_planned_to_the_last_one() -> None:
    twins = np.ones((1, 10_000))
    planned = plan(one_row(7 * twins, 3 * twins, -np.inf, 10_000.0), gap=1e-3)
    assert (planned.status, planned.value) == ("optimal", 7.0 * 3333)


def test_value_in_proportion_to_cost_fills_the_budget() -> None:
    rng = np.random.default_rng(0)
    cost = np.round(rng.uniform(10, 100, (3, 6_000)), 2)
    planned = plan(one_row(cost, cost, -np.inf, 50_000.0), gap=1e-5)
    assert planned.status == "optimal"
    assert 49_999.5 <= planned.value <= 50_000.0


# --- large rosters ---


@pytest.mark.parametrize(("creators", "limits", "gap"), [(30_000, 3, 1e-5), (20_000, 23, 2e-4)])
def test_a_large_roster_is_planned_and_proven_by_prices(creators: int, limits: int, gap: float) -> None:
    roster = large(creators, limits)
    planned = plan_roster(roster, gap=gap, seconds=120)
    assert (planned.status, planned.proof) == ("optimal", "prices")
    assert planned.gap <= gap
    assert planned.open <= 1_800
    assert not roster.broken(planned.choice)
    table = np.array(dense(roster))
    choice = planned.choice
    booked = np.flatnonzero(choice)
    totals = table[:, choice[booked] - 1, booked].sum(axis=1)
    off = 1e-9 * np.abs(totals)
    assert np.all(totals <= roster.upper + off)
    assert np.all(totals >= roster.lower - off)
    assert planned.bound == pytest.approx(bound(roster, planned.prices), rel=1e-15)


def test_numbers_of_single_precision_are_taken_as_what_they_are() -> None:
    roster = large(5_000)
    half = replace(
        roster,
        value=roster.value.astype(np.float32).astype(float),
        families=tuple(Family(f.coefficients.astype(np.float32), f.row) for f in roster.families),
    )
    double = replace(half, families=tuple(Family(f.coefficients.astype(float), f.row) for f in half.families))
    one, other = (plan_roster(case, gap=1e-4, seconds=60) for case in (half, double))
    assert (one.value, one.bound) == (other.value, other.bound)


def test_a_row_of_three_creators_among_twenty_thousand_is_met() -> None:
    roster = large(20_000)
    row = np.full(20_000, -1)
    row[[5, 77, 4_001]] = 3
    few = replace(
        roster,
        families=(*roster.families, Family(np.broadcast_to(1.0, (3, 20_000)), row)),
        lower=np.append(roster.lower, 2.0),
        upper=np.append(roster.upper, 3.0),
    )
    chosen, weight = sample_of(few, 2_000)
    assert {5, 77, 4_001} <= set(chosen.tolist())
    assert weight.sum() == pytest.approx(20_000)
    planned = plan(few, gap=1e-4)
    assert planned.status == "optimal"
    assert np.count_nonzero(planned.choice[[5, 77, 4_001]]) >= 2


def test_a_start_is_kept_where_no_better_plan_is_found() -> None:
    roster = large(5_000)
    best = plan_roster(roster, gap=1e-5, seconds=60)
    again = plan_roster(roster, gap=0.5, seconds=60, start=best.choice)
    assert again.value >= best.value


def test_no_time_at_all_says_so() -> None:
    planned = plan_roster(large(5_000, 23), gap=1e-4, seconds=0.0)
    assert (planned.status, planned.bound) == ("not_known", None)
