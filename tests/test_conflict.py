"""The conflict of the trade shows with default numbers: 54 plans of nothing but the packaged benchmarks."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.conflict import BUDGETS, GOALS, HOURS, ROOM, Cell, cells


@pytest.fixture(scope="module")
def found() -> list[Cell]:
    return cells()


def test_there_are_54_and_every_tier_from_nano_to_macro_is_in_the_best_plan_of_some(
    found: list[Cell],
) -> None:
    assert len(found) == len(GOALS) * len(BUDGETS) * len(HOURS) == 54
    for tier in ROOM:
        assert any(cell.shares[tier] > 0.2 for cell in found), tier


def test_the_share_of_nano_rises_with_hours_and_that_of_mega_falls(found: list[Cell]) -> None:
    def share(tier: str, hours: int) -> float:
        own = [cell for cell in found if cell.hours == hours]
        return sum(cell.shares[tier] for cell in own) / len(own)

    for fewer, more in pairwise(HOURS):
        assert share("nano", fewer) <= share("nano", more)
        assert share("mega", fewer) >= share("mega", more)
    assert share("nano", HOURS[-1]) > share("nano", HOURS[0]) + 0.2


def test_with_few_hours_the_money_cannot_be_spent(found: list[Cell]) -> None:
    largest = [cell for cell in found if cell.budget == BUDGETS[-1]]
    assert all(cell.spent < 0.5 for cell in largest if cell.hours == HOURS[0])
    assert all(cell.spent > 0.95 for cell in largest if cell.hours == HOURS[-1])
