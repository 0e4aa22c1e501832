"""Numbers as planners write them: `5%`, `12M`, `412k`, `60_000`, and ranges `[low, typical, high]`."""

from __future__ import annotations

import math
import re
from typing import Any, NamedTuple

_SUFFIX = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "m": 1e6, "B": 1e9, "bn": 1e9}
_NUMBER = re.compile(r"([+-]?(?:\d+(?:_\d+)*\.?(?:\d+)?|\.\d+)(?:[eE][+-]?\d+)?)\s*(k|K|M|m|B|bn|%)?")


class Estimate(NamedTuple):
    """A number with its uncertainty: low <= typical <= high, all in the field's unit.

    The optimizer plans with `typical`; a plain number has all three equal.
    """

    low: float
    typical: float
    high: float

    @property
    def is_range(self) -> bool:
        """Whether the three numbers differ."""
        return self.low != self.high

    def scaled(self, factor: float) -> Estimate:
        """All three numbers times `factor` (> 0)."""
        return Estimate(self.low * factor, self.typical * factor, self.high * factor)

    def plain(self) -> float | list[float]:
        """As it would be written in a scenario: one number, or three."""
        return [self.low, self.typical, self.high] if self.is_range else self.typical


def parse_number(value: Any) -> float:
    """The number meant by a scenario value.

    Args:
        value: an int, a float, or text such as `"5%"`, `"12M"`, `"412k"`, `"60_000"`.

    Returns:
        A finite float; `"5%"` is 0.05.

    Raises:
        ValueError: with a message for the user, where the value is no number or means two things.
    """
    if isinstance(value, bool):
        raise ValueError(f"{str(value).lower()} is not a number")
    if isinstance(value, int | float):
        number = float(value) if abs(value) < 1e300 else math.inf
        if not math.isfinite(number):
            raise ValueError(f"{value} is not a finite number")
        return number
    if value is None:
        raise ValueError("a number is missing here: write one or leave the line out")
    if not isinstance(value, str):
        raise ValueError(f"a number is wanted here, not a {_kind(value)}")
    text = value.strip()
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise ValueError(_why_no_number(text))
    digits, suffix = match.groups(default="")
    number = float(digits.replace("_", ""))
    # Division keeps "35%" the same double as 0.35, so that shares tie out.
    number = number / 100.0 if suffix == "%" else number * _SUFFIX[suffix]
    if not math.isfinite(number):
        raise ValueError(f"{text!r} is too large")
    return number


def parse_estimate(value: Any) -> Estimate:
    """A number or a `[low, typical, high]` range, as an `Estimate`.

    Raises:
        ValueError: with a message for the user.
    """
    if isinstance(value, Estimate):
        return value
    if isinstance(value, list | tuple):
        if len(value) != 3:
            raise ValueError(f"a range is [low, typical, high]; this has {len(value)} numbers")
        low, typical, high = (parse_number(part) for part in value)
        if not low <= typical <= high:
            raise ValueError(
                f"a range goes from low to high; {plain(low)}, {plain(typical)}, {plain(high)} does not"
            )
        return Estimate(low, typical, high)
    number = parse_number(value)
    return Estimate(number, number, number)


def plain(number: float) -> str:
    """A number as short text without loss: 60000, 0.05, 1.5."""
    return f"{int(number)}" if number == int(number) and abs(number) < 1e15 else repr(number)


def _kind(value: Any) -> str:
    return {"dict": "mapping", "list": "list", "tuple": "list"}.get(
        type(value).__name__, type(value).__name__
    )


def _why_no_number(text: str) -> str:
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", text):
        clean = text.replace(",", "_")
        return f"{text!r} could mean two numbers, because a comma is a decimal point in half of the world; write {clean}"
    if re.fullmatch(r"[+-]?\d+,\d+", text):
        return f"{text!r} has a comma; write the decimal point as a dot: {text.replace(',', '.')}"
    if re.fullmatch(r"[+-]?\.?(nan|inf|infinity)", text, re.IGNORECASE):
        return f"{text!r} is not a finite number; leave the line out where there is no limit"
    money = re.fullmatch(r"(?:[$€£¥₫]|[A-Z]{3})\s*(\S+)|(\S+)\s*(?:[$€£¥₫]|[A-Z]{3})", text)
    if money and _NUMBER.fullmatch(money.group(1) or money.group(2)):
        return f"{text!r} carries a currency; write {money.group(1) or money.group(2)} and set `currency`"
    return f"{text!r} is not a number; write it like 60000, 60_000, 12M, 412k or 5%"
