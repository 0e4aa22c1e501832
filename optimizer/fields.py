"""Field types of a scenario: what each kind of value accepts, and how it stands in the JSON schema."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from optimizer.quantities import Estimate, parse_estimate, parse_number, plain

_TEXT_NUMBER = {"type": "string", "pattern": r"^\s*[+-]?[0-9_.]+([eE][+-]?[0-9]+)?\s*(k|K|M|m|B|bn|%)?\s*$"}


class Bound(NamedTuple):
    """One side of a limit: a fixed number (`of` is None) or a share of something.

    `of` is "budget", "effort_hours", "audience" or a measure; `number` is then the share, 0.2 for "20% of".
    """

    number: float
    of: str | None = None

    def text(self) -> str | float:
        """As it would be written in a scenario."""
        return self.number if self.of is None else f"{plain(round(self.number * 100, 10))}% of {self.of}"


def parse_bound(value: Any) -> Bound:
    """A number, or text like `20% of budget`.

    Raises:
        ValueError: with a message for the user.
    """
    if isinstance(value, Bound):
        return value
    if isinstance(value, str):
        share = re.fullmatch(r"\s*(\S+)\s+of\s+(?:the\s+)?(\w+)\s*", value)
        if share:
            return Bound(parse_number(share.group(1)), share.group(2))
        if value.strip().endswith("%"):
            raise ValueError(
                f"{value.strip()} of what? write '{value.strip()} of budget' or '{value.strip()} of cost'"
            )
    return Bound(parse_number(value))


def _checked(low: float | None, high: float | None, hint: str) -> Callable[[float], None]:
    def check(number: float) -> None:
        if low is not None and number < low:
            raise ValueError(f"{plain(number)} is too small: {hint}")
        if high is not None and number > high:
            raise ValueError(f"{plain(number)} is too large: {hint}")

    return check


def _estimate(
    low: float | None = None, high: float | None = None, hint: str = "", positive: bool = False
) -> Any:
    check = _checked(low, high, hint)

    def parse(value: Any) -> Estimate:
        estimate = parse_estimate(value)
        for number in estimate:
            check(number)
        if positive and estimate.low <= 0:
            raise ValueError("must be above 0")
        return estimate

    number: dict[str, Any] = {"type": "number"}
    if low is not None:
        number["minimum"] = low
    if high is not None:
        number["maximum"] = high
    one = [number, _TEXT_NUMBER]
    three = {
        "type": "array",
        "items": {"anyOf": one},
        "minItems": 3,
        "maxItems": 3,
        "description": "[low, typical, high]",
    }
    return Annotated[
        Estimate,
        PlainValidator(parse),
        PlainSerializer(lambda e: e.plain()),
        WithJsonSchema({"anyOf": [*one, three]}),
    ]


def _number(
    low: float | None = None, high: float | None = None, hint: str = "", positive: bool = False
) -> Any:
    check = _checked(low, high, hint)

    def parse(value: Any) -> float:
        number = parse_number(value)
        check(number)
        if positive and number <= 0:
            raise ValueError("must be above 0")
        return number

    number: dict[str, Any] = {"type": "number"}
    if low is not None:
        number["minimum"] = low
    if high is not None:
        number["maximum"] = high
    return Annotated[float, PlainValidator(parse), WithJsonSchema({"anyOf": [number, _TEXT_NUMBER]})]


_SHARE_HINT = "a share lies between 0 and 100 %; 3 means 300 %, so write 3%"

if TYPE_CHECKING:  # what a validated field holds
    Amount = PositiveAmount = Share = AnyAmount = Estimate
    Number = PositiveNumber = ShareNumber = float
else:
    Amount = _estimate(low=0, hint="it cannot be negative")
    PositiveAmount = _estimate(low=0, positive=True)
    Share = _estimate(low=0, high=1, hint=_SHARE_HINT)
    AnyAmount = _estimate()  # a user's own measure, which may be negative
    Number = _number(low=0, hint="it cannot be negative")
    PositiveNumber = _number(low=0, positive=True)
    ShareNumber = _number(low=0, high=1, hint=_SHARE_HINT)


def _parse_count(value: Any) -> int:
    number = parse_number(value)
    if number != int(number) or number < 1:
        raise ValueError(f"{plain(number)} is not a whole number of posts from 1 upwards")
    return int(number)


Posts = Annotated[int, PlainValidator(_parse_count), WithJsonSchema({"type": "integer", "minimum": 1})]

BoundField = Annotated[
    Bound,
    PlainValidator(parse_bound),
    PlainSerializer(lambda b: b.text()),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number"},
                _TEXT_NUMBER,
                {"type": "string", "pattern": r"^\s*\S+\s+of\s+\w+\s*$"},
            ]
        }
    ),
]


def _parse_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return plain(float(value)) if isinstance(value, float) else str(value)
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a short text is wanted here")
    return value.strip()


def _parse_lower(value: Any) -> str:
    return _parse_text(value).lower()


def _parse_texts(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list | tuple) else [value]
    if not values:
        raise ValueError("the list is empty; name at least one value or leave the filter out")
    return tuple(_parse_text(v) for v in values)


_SCALAR = {"type": ["string", "number", "boolean"]}
Text = Annotated[str, PlainValidator(_parse_text), WithJsonSchema(_SCALAR)]
LowerText = Annotated[str, PlainValidator(_parse_lower), WithJsonSchema({"type": "string"})]
Texts = Annotated[
    tuple[str, ...],
    PlainValidator(_parse_texts),
    PlainSerializer(lambda t: list(t)),
    WithJsonSchema({"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR, "minItems": 1}]}),
]
