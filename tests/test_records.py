"""Models of results: when they are built, and of what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic.errors import PydanticUserError

from optimizer.language.records import Deferred

if TYPE_CHECKING:
    from fractions import Fraction as OnlyThere


class Later(Deferred):
    """Named like a variable of whoever makes the first one."""

    number: OnlyThere


class Number(Deferred):
    """Built where first one is made."""

    number: int


def test_a_model_is_built_without_the_variables_of_its_caller() -> None:
    """Python 3.13.0 crashes where a generator is asked for them; `Later` shows that nobody asks."""
    OnlyThere = int  # noqa: F841, N806
    with pytest.raises(PydanticUserError, match="not fully defined"):
        Later(number=1)


def test_the_first_model_can_be_made_in_a_generator() -> None:
    assert tuple(Number(number=number).number for number in range(2)) == (0, 1)
