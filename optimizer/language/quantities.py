"""Numbers as planners write them: `5%`, `12M`, `412k`, `60_000`, and ranges `[low, typical, high]`."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from numbers import Real
from typing import Any, NamedTuple

from optimizer.language.errors import FieldError

_POWER = {"": 0, "%": -2, "k": 3, "K": 3, "M": 6, "m": 6, "B": 9, "bn": 9}
_NUMBER = re.compile(
    r"([+-]?(?:[0-9]+(?:_[0-9]+)*\.?(?:[0-9]+)?|\.[0-9]+))(?:[eE]([+-]?[0-9]{1,4}))?\s*(k|K|M|m|B|bn|%)?"
)
_TWO_NUMBERS = re.compile(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}")
"""Three thousand, or three with three decimals."""
LARGEST = 1e300


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
        raise FieldError(f"{str(value).lower()} is not a number")
    if isinstance(value, int | float):
        if not -LARGEST < value < LARGEST:
            raise FieldError(
                f"{shown(value)} is not a finite number"
                if value != value or abs(value) == math.inf
                else f"{shown(value)} is too large"
            )
        return float(value)
    if value is None:
        raise FieldError("a number is missing here", "write one or leave the line out")
    if not isinstance(value, str):
        if isinstance(value, Real | Decimal):  # numpy's integers, fractions, decimals
            return parse_number(float(value))
        raise FieldError(f"one number is wanted here, not a {kind_of(value)}")
    text = value.strip()
    if not text:
        raise FieldError("a number is missing here", "write one or leave the line out")
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise _why_no_number(text)
    digits, exponent, suffix = match.groups(default="")
    # One conversion from text, no arithmetic: "0.7%" is the same double as 0.007, so that shares tie out.
    number = float(f"{digits.replace('_', '')}e{int(exponent or 0) + _POWER[suffix]}")
    if not -LARGEST < number < LARGEST:
        raise FieldError(f"{shown(text)} is too large")
    return number


def refuse_two_numbers(value: Any) -> None:
    """Refuse what is written like 3.000 where numbers often run into thousands; ranges are looked at part by part.

    Only what was written counts: a number that was worked out has no thousands separator. 0.125 and 1.25 are no
    thousands, and 1.250k and 1.250% are not written by anybody who separates them.

    Raises:
        ValueError: with a message for the user.
    """
    if isinstance(value, list | tuple):
        for part in value:
            refuse_two_numbers(part)
        return
    text = value.strip() if isinstance(value, str) else getattr(value, "written", "")
    if could_be_two_numbers(text):
        whole, _, decimals = text.partition(".")
        fraction = decimals.rstrip("0")
        smaller = whole + (f".{fraction}{'0' * (len(fraction) == 3)}" if fraction else "")
        why = "could mean two numbers, because a point separates thousands in half of the world"
        raise FieldError(f"{text!r} {why}", f"write {whole}_{decimals} or {smaller}")


def could_be_two_numbers(text: str) -> bool:
    """Whether a number is written so that its point may be one of thousands: 3.000, 1.234."""
    return _TWO_NUMBERS.fullmatch(text) is not None


def parse_estimate(value: Any) -> Estimate:
    """A number or a `[low, typical, high]` range, as an `Estimate`.

    Raises:
        ValueError: with a message for the user.
    """
    if isinstance(value, Estimate):
        return value
    if isinstance(value, list | tuple):
        if len(value) != 3:
            raise FieldError(
                f"a range has three numbers, this has {len(value)}", "write [low, typical, high]"
            )
        low, typical, high = (parse_number(part) for part in value)
        if not low <= typical <= high:
            numbers = f"{plain(low)}, {plain(typical)}, {plain(high)}"
            raise FieldError(
                f"a range rises from low to high, {numbers} does not", "write [low, typical, high]"
            )
        return Estimate(low, typical, high)
    number = parse_number(value)
    return Estimate(number, number, number)


def plain(number: float) -> str:
    """A number as short text without loss: 60000, 0.05, 1.5."""
    if number == int(number) and abs(number) < 1e15:
        return f"{int(number)}"
    text = repr(number)
    return f"{Decimal(text):f}" if "e" in text and _FEWEST_DIGITS < abs(number) < _MOST_DIGITS else text


_FEWEST_DIGITS, _MOST_DIGITS = 1e-15, 1e21
"""Between these a number is written out rather than with an exponent."""


def grouped(number: float, digits: int = 10) -> str:
    """A number for people: thousands separators, so many significant digits or all whole ones, never an exponent."""
    if number == 0 or not math.isfinite(number):
        return "0" if number == 0 else str(number)
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(number))))
    text = f"{Decimal(repr(float(number))):,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def kind_of(value: Any) -> str:
    """What a value is, for messages: list, mapping, text."""
    kinds = {"dict": "mapping", "list": "list", "tuple": "list", "str": "text"}
    return kinds.get(type(value).__name__, type(value).__name__)


def shown(value: Any) -> str:
    """A value for messages: text in quotes, whole numbers without a point, nothing too long."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and abs(value) >= 10**40:
        return f"a number of {len(str(abs(value)))} digits"
    text = plain(value) if isinstance(value, float) and math.isfinite(value) else repr(value)
    return text if len(text) <= 50 else f"{text[:40]}...{text[-1] if isinstance(value, str) else ''}"


def _why_no_number(text: str) -> FieldError:
    """The error for text that is no number, with the number it probably means."""
    bare = re.sub(r"\s*(k|K|M|m|B|bn|%)$", "", text)
    suffix = text[len(bare) :].strip().replace("K", "k")
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", bare):
        why = "could mean two numbers, because a comma is a decimal point in half of the world"
        smaller = (
            f" or {bare.replace(',', '.')}{suffix}" if suffix and re.fullmatch(r"[^,]+,\d+", bare) else ""
        )
        return FieldError(f"{text!r} {why}", f"write {bare.replace(',', '_')}{suffix}{smaller}")
    if re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})*,\d+", bare):
        number = bare.replace(".", "_").replace(",", ".")
        return FieldError(f"{text!r} has a decimal comma", f"write {number}{suffix}")
    if re.fullmatch(r"[+-]?\d{1,3}(\.\d{3}){2,}", text):
        return FieldError(f"{text!r} has more than one decimal point", f"write {text.replace('.', '_')}")
    if re.fullmatch(r"[+-]?\d{1,3}([ '\u2019\u00a0\u202f]\d{3})+(\.\d+)?", text):
        number = re.sub(r"[ '\u2019\u00a0\u202f]", "_", text)
        return FieldError(f"{text!r} has gaps between the digits", f"write {number}")
    if re.fullmatch(r"[+-]?\.?(nan|inf|infinity)", text, re.IGNORECASE):
        return FieldError(f"{text!r} is not a finite number", "leave the line out where there is no limit")
    money = re.fullmatch(r"(?:[$€£¥₫]|[A-Z]{3})\s*(\S+)|(\S+?)\s*(?:[$€£¥₫]|[A-Z]{3})", text)
    amount = (money.group(1) or money.group(2)) if money else ""
    if re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+", amount):  # 500.000 dong are half a million
        amount = amount.replace(".", "_")
    if _NUMBER.fullmatch(amount):
        return FieldError(f"{text!r} carries a currency", f"write {amount} and set currency")
    return FieldError(f"{shown(text)} is not a number", "write it like 60000, 60_000, 12M, 412k or 5%")


def nice_step(size: float) -> float:
    """The largest of 1, 2 or 5 times a power of ten that is not above `size`; 1 for nothing."""
    if size <= 0:
        return 1.0
    exponent = math.floor(math.log10(size) + 1e-9)
    digit = max(m for m in (1, 2, 5) if m * 10.0**exponent <= size * (1 + 1e-9))
    return float(f"{digit}e{exponent}")
