"""Numbers of a frontier in words."""

from __future__ import annotations

from optimizer.finance.frontier.result import Axis, Frontier
from optimizer.language.numbers import measured, number, percent
from optimizer.scenario.fields import SHARE_FIELDS


def is_share(axis: Axis) -> bool:
    """Whether its numbers read better as percentages."""
    last = axis.path.replace("]", "").rsplit(".", 1)[-1]
    return axis.of is not None or last in SHARE_FIELDS or axis.path in SHARE_FIELDS


def axis_value(axis: Axis, value: float, *, unit: bool = True) -> str:
    """A number of an axis: "40,000 USD", "25 %"."""
    if is_share(axis):
        return percent(value)
    text = number(value) if value == round(value) else f"{value:,.10g}"
    word = axis.unit.removesuffix("s") if value == 1 and axis.unit.islower() else axis.unit
    return f"{text} {word}" if unit and axis.unit else text


def result_text(f: Frontier, value: float) -> str:
    """A value of the objective with its unit: "32,000 engagements"."""
    text = measured(value)
    return f"{text} {f.unit.removesuffix('s') if text == '1' else f.unit}"
