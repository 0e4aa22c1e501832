"""Field types of a scenario: what each kind of value accepts, and how it stands in the JSON schema."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeAlias

from pydantic import AfterValidator, PlainSerializer, PlainValidator, WithJsonSchema

from optimizer.language.countries import parse_country
from optimizer.language.errors import FieldError
from optimizer.language.measures import FIXED
from optimizer.language.names import composed, word
from optimizer.language.quantities import (
    Estimate,
    kind_of,
    parse_estimate,
    parse_number,
    plain,
    refuse_two_numbers,
    shown,
)
from optimizer.scenario.described import Written

_TEXT_NUMBER = {"type": "string", "pattern": r"^\s*[+-]?[0-9_.]+([eE][+-]?[0-9]+)?\s*(k|K|M|m|B|bn|%)?\s*$"}


WIDEST_SPREAD = 3.0
"""Of a logarithm: beyond it nothing is known about anybody."""
CONFIDENCES = (0.5, 0.999)
"""Below a half a promise is a hope; beyond 999 in 1,000 the draws say nothing."""


class Bound(NamedTuple):
    """One side of a limit: a fixed number (`of` is None) or a share of something.

    `of` is "budget", "effort_hours", "audience" or a measure; `number` is then the share, 0.2 for "20% of".
    """

    number: float
    of: str | None = None

    def text(self) -> str | float:
        """As it would be written in a scenario; reading it gives the same number again."""
        if self.of is None:
            return self.number
        percent = f"{plain(round(self.number * 100, 10))}%"
        return f"{percent if parse_number(percent) == self.number else plain(self.number)} of {self.of}"

    def __str__(self) -> str:
        """For messages: `20`, `20% of budget`."""
        text = self.text()
        return text if isinstance(text, str) else plain(text)


def parse_bound(value: Any) -> Bound:
    """A number, or text like `20% of budget`.

    Raises:
        ValueError: with a message for the user.
    """
    if isinstance(value, Bound):
        return value
    if isinstance(value, str):
        text = composed(value.strip())
        share = re.fullmatch(r"([^a-z]+?|\S+)\s+of\s+(?:the\s+)?(\w+)", text)
        if share:
            number = parse_number(share.group(1))
            if number > 1 and share.group(2) in FIXED and not share.group(1).endswith("%"):
                hint = f"write {plain(number)}% of {share.group(2)}"
                raise FieldError(f"{text!r} would be {plain(number)} times the {share.group(2)}", hint)
            return Bound(number, share.group(2))
        if text.endswith("%"):
            raise FieldError(f"{text} of what?", f"write {text} of budget, or {text} of cost")
    return Bound(parse_number(value))


def _check(number: float, value: Any, low: float | None, high: float | None, positive: bool) -> None:
    """Refuse what lies outside a field's range; `value` is what the user wrote."""
    if high is not None and not 0 <= number <= high:
        wrote_a_number = isinstance(value, int | float) and 1 < number <= 100
        hint = f"write {plain(number)}%" if wrote_a_number else ""
        raise FieldError(f"{100 * number:.6g} % is no share: a share lies between 0 and 100 %", hint)
    if positive and number <= 0:
        raise FieldError(f"{plain(number)} is too small: this must be above 0")
    if low is not None and number < low:
        raise FieldError(f"{plain(number)} is negative, which this cannot be")


def _estimate(
    low: float | None = None, high: float | None = None, positive: bool = False, large: bool = False
) -> Any:
    def parse(value: Any) -> Estimate:
        if large:
            refuse_two_numbers(value)
        estimate = parse_estimate(value)
        written = value if isinstance(value, list | tuple) else [value]
        for number, part in zip(estimate, written, strict=False):
            _check(number, part, low, high, positive)
        return estimate

    one = [_number_schema(low, high), _TEXT_NUMBER]
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
        Written("number | text | [low, typical, high]"),
    ]


def _number_schema(low: float | None, high: float | None) -> dict[str, Any]:
    sides = {"minimum": low, "maximum": high}
    return {"type": "number"} | {side: bound for side, bound in sides.items() if bound is not None}


def _number(
    low: float | None = None, high: float | None = None, positive: bool = False, large: bool = False
) -> Any:
    def parse(value: Any) -> float:
        if large:
            refuse_two_numbers(value)
        number = parse_number(value)
        _check(number, value, low, high, positive)
        return number

    return Annotated[
        float,
        PlainValidator(parse),
        WithJsonSchema({"anyOf": [_number_schema(low, high), _TEXT_NUMBER]}),
        Written("number | text"),
    ]


if TYPE_CHECKING:
    # what may be written where a scenario is built in Python
    NumberLike: TypeAlias = float | str
    AmountLike: TypeAlias = float | str | Sequence[float | str] | Estimate
    BoundLike: TypeAlias = float | str | Bound
    # what a validated field holds
    Amount: TypeAlias = Estimate
    LargeAmount: TypeAlias = Estimate
    PositiveLargeAmount: TypeAlias = Estimate
    Share: TypeAlias = Estimate
    AnyAmount: TypeAlias = Estimate
    Number: TypeAlias = float
    PositiveNumber: TypeAlias = float
    LargeNumber: TypeAlias = float
    PositiveLargeNumber: TypeAlias = float
    ShareNumber: TypeAlias = float
    Spread: TypeAlias = float
    Confidence: TypeAlias = float
else:
    Amount = _estimate(low=0)
    # money, people and what is counted of them: often thousands, so that 3.000 could mean two numbers
    LargeAmount = _estimate(low=0, large=True)
    PositiveLargeAmount = _estimate(low=0, positive=True, large=True)
    LargeNumber = _number(low=0, large=True)
    PositiveLargeNumber = _number(low=0, positive=True, large=True)
    Share = _estimate(low=0, high=1)
    AnyAmount = _estimate()  # a user's own measure, which may be negative
    Number = _number(low=0)
    PositiveNumber = _number(low=0, positive=True)
    ShareNumber = _number(low=0, high=1)
    Spread = Annotated[
        float,
        PlainValidator(lambda value: _parse_spread(value)),
        WithJsonSchema({"anyOf": [_number_schema(0, WIDEST_SPREAD), _TEXT_NUMBER]}),
        Written("number | text"),
    ]
    Confidence = Annotated[
        float,
        PlainValidator(lambda value: parse_confidence(value)),
        WithJsonSchema({"anyOf": [_number_schema(*CONFIDENCES), _TEXT_NUMBER]}),
        Written("number | text"),
    ]


def _parse_spread(value: Any) -> float:
    number = parse_number(value)
    if number < 0 or number > WIDEST_SPREAD:
        raise FieldError(
            f"{plain(number)} is no spread: it lies between 0 and {plain(WIDEST_SPREAD)}",
            "it is the standard deviation of the natural logarithm; 0.7 means that 8 in 10 lie within a factor of 2.5",
        )
    return number


def parse_confidence(value: Any) -> float:
    """How sure something must be, 0.5 to 0.999.

    Raises:
        ValueError: with a message for the user.
    """
    number = parse_number(value)
    low, high = CONFIDENCES
    if not low <= number <= high:
        wrote_percent = isinstance(value, int | float) and low <= number / 100 <= high
        hint = f"write {plain(number)}%" if wrote_percent else "write e.g. 90%: in 9 of 10 cases"
        said = f"{plain(number)}" if number > 1 else f"{100 * number:.6g} %"
        raise FieldError(f"{said} is no confidence: it lies between 50 and 99.9 %", hint)
    return number


def parse_posts(value: Any) -> int:
    """A number of posts per creator.

    Raises:
        ValueError: with a message for the user.
    """
    number = parse_number(value)
    if number != int(number) or number < 1:
        raise ValueError(f"{plain(number)} is not a whole number of posts from 1 upwards")
    return int(number)


Posts = Annotated[
    int,
    PlainValidator(parse_posts),
    WithJsonSchema({"type": "integer", "minimum": 1}),
    Written("int"),
]

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
    Written("number | text"),
]


def _parse_note(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        written = getattr(value, "written", None)
        if isinstance(written, str):
            return written
        return plain(float(value)) if isinstance(value, float) else str(value)
    if not isinstance(value, str):
        raise ValueError(f"text is wanted here, not {'nothing' if value is None else f'a {kind_of(value)}'}")
    return composed(value)


def parse_text(value: Any) -> str:
    """A name or label as it is compared: without blanks around it, in composed form; a number is its digits.

    Raises:
        ValueError: with a message for the user.
    """
    text = _parse_note(value).strip()
    if not text:
        raise FieldError("the text is empty", "write one or leave the line out")
    return text


def parse_word(value: Any) -> str:
    """A tier, platform or format: as `parse_text`, in small letters.

    Raises:
        ValueError: with a message for the user.
    """
    return word(parse_text(value))


def _parse_texts(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list | tuple) else [value]
    if not values:
        raise FieldError("the list is empty", "name at least one value or leave the filter out")
    return tuple(parse_text(v) for v in values)


_SCALAR = {"type": ["string", "number", "boolean"]}
Text = Annotated[str, PlainValidator(parse_text), WithJsonSchema(_SCALAR), Written("text")]
Note = Annotated[str, PlainValidator(_parse_note), WithJsonSchema(_SCALAR), Written("text")]
Key = Annotated[str, AfterValidator(composed), Written("text")]
"""A name that the user gives to a tag, a measure: text and no number, in composed form."""
LowerText = Annotated[str, PlainValidator(parse_word), WithJsonSchema({"type": "string"}), Written("text")]
CountryCode = Annotated[
    str, PlainValidator(parse_country), WithJsonSchema({"type": "string"}), Written("text")
]
"""A country by its code, however it is written."""
Texts = Annotated[
    tuple[str, ...],
    PlainValidator(_parse_texts),
    PlainSerializer(lambda t: list(t)),
    WithJsonSchema({"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR, "minItems": 1}]}),
    Written("text | list[text]"),
]


def _parse_day(value: Any) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value if re.fullmatch(r"\d{4}-\d\d-\d\d", value) else "")
    except (TypeError, ValueError):
        raise FieldError(f"{shown(value)} is not a day", "write year-month-day, e.g. 2026-03-01") from None


Day = Annotated[
    date,
    PlainValidator(_parse_day),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "format": "date"}),
    Written("date | text"),
]


SHARE_FIELDS = frozenset({
    "commission", "reach_rate", "engagement_rate", "click_rate", "conversion_rate", "authentic", "on_target",
    "completion", "repeat_decay", "audience.overlap", "fees.agency", "fees.contingency",
    "engagement_mix.likes", "engagement_mix.reactions", "engagement_mix.comments", "engagement_mix.shares",
    "engagement_mix.saves", "paid_if_missed", "confidence", "budget_confidence", "effort_hours_confidence",
    "correlation.market", "correlation.platform", "correlation.tier",
})  # fmt: skip
"""Numbers that read better as percentages."""
SALES_FIELDS = ("click_rate", "conversion_rate", "value_per_conversion", "cost_per_conversion")
"""Numbers of an offer from which clicks, conversions, revenue and cost of goods follow."""


MONEY_FIELDS = (
    "cost_per_post", "cpm", "cost_per_creator", "setup_cost", "value_per_conversion", "cost_per_conversion",
)  # fmt: skip


NUMBER_FIELDS = (
    "followers", "reachable", "reach_rate", "impressions_per_post", "cost_per_post", "cpm",
    "cost_per_creator", "setup_cost", "commission", "engagement_rate", "engagements_per_post",
    "click_rate", "conversion_rate", "value_per_conversion", "cost_per_conversion", "authentic", "on_target",
    "completion", "repeat_decay", "hours_per_creator", "hours_per_post", "setup_hours",
)  # fmt: skip
