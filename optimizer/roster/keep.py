"""Which rows of a roster take part: `keep: {followers: {min: 5_000}, country: [IT, CH]}`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from optimizer.language.errors import did_you_mean
from optimizer.language.names import word
from optimizer.language.quantities import grouped, parse_number, shown
from optimizer.roster.places import code_of
from optimizer.roster.result import Refusal
from optimizer.roster.words import NUMBERS

EXAMPLE = "write e.g. keep: {followers: {min: 5_000, max: 50_000}, country: [IT, CH]}"


class Rule(NamedTuple):
    """One filter: a range of numbers, or values as they are compared; `others` are cells of a column by line."""

    key: str
    least: float | None
    most: float | None
    values: frozenset[str] | None
    others: Mapping[int, str] | None = None

    def reason(self, line: int, given: Mapping[str, Any]) -> str | None:
        """Why a row is left out; None where it is not."""
        value = self.others.get(line) if self.others is not None else given.get(self.key)
        if value is None or value == "":
            return f"no {self.key}, which keep asks for"
        if self.values is not None:
            meets = _compared(self.key, value) in self.values
            return None if meets else f"{self.key} {value} is not among those to keep"
        number = float(value) if isinstance(value, Decimal) else parse_number(value)
        if self.least is not None and number < self.least:
            return f"{self.key} {grouped(number)} is below {grouped(self.least)}"
        if self.most is not None and number > self.most:
            return f"{self.key} {grouped(number)} is above {grouped(self.most)}"
        return None


class Keep(NamedTuple):
    """All filters of a roster."""

    rules: tuple[Rule, ...] = ()

    def reason(self, line: int, given: Mapping[str, Any]) -> str | None:
        """Why a row is left out, by the first filter that says so; None where none does.

        Args:
            line: of the row.
            given: field -> value of the row, defaults included.
        """
        return next((why for rule in self.rules if (why := rule.reason(line, given)) is not None), None)


def keep_of(
    written: Mapping[str, Any],
    fields: Collection[str],
    cells: Callable[[str], Mapping[int, str] | None],
    refuse: Callable[[Refusal], None],
) -> Keep:
    """The filters, checked.

    Args:
        written: field or header -> value, values, or a range.
        fields: that rows or defaults can have.
        cells: header -> line -> text of a column that is not used; None where there is no such header.
        refuse: takes what is wrong.
    """
    rules = []
    for key, value in written.items():
        place = ("keep", key)
        others = None
        name = key if key in fields else f"tags.{key}" if f"tags.{key}" in fields else None
        if name is None:
            others, name = cells(key), key
            if others is None:
                hint = did_you_mean(key, sorted(fields)) or EXAMPLE
                refuse(
                    Refusal(message=f"no column is {key!r}, and none has this header", hint=hint, place=place)
                )
                continue
        rule = _rule(name, value, others, place, refuse)
        if rule is not None:
            rules.append(rule)
    return Keep(tuple(rules))


def _rule(
    name: str,
    value: Any,
    others: Mapping[int, str] | None,
    place: tuple[str, str],
    refuse: Callable[[Refusal], None],
) -> Rule | None:
    if isinstance(value, dict):
        if (
            not value
            or set(value) - {"min", "max"}
            or (name not in NUMBERS and not name.startswith("measures."))
        ):
            what = (
                "a range is for numbers"
                if set(value) <= {"min", "max"} and value
                else "a range has a min, a max or both"
            )
            refuse(Refusal(message=what, hint=EXAMPLE, place=place))
            return None
        try:
            sides = {side: parse_number(number) for side, number in value.items()}
        except ValueError as error:
            refuse(Refusal(message=str(error), hint=EXAMPLE, place=place))
            return None
        return Rule(name, sides.get("min"), sides.get("max"), None, others)
    listed: Sequence[Any] = value if isinstance(value, list) else [value]
    if not listed or any(isinstance(one, dict | list) or one is None for one in listed):
        refuse(Refusal(message=f"{shown(value)} is no value to keep", hint=EXAMPLE, place=place))
        return None
    if name in NUMBERS:
        refuse(Refusal(message=f"{name} is a number, so a range is wanted", hint=EXAMPLE, place=place))
        return None
    if name == "country":
        unknown = [one for one in listed if code_of(str(one)) is None]
        if unknown:
            hint = "write codes or names: country: [IT, Switzerland]"
            refuse(
                Refusal(message=f"{shown(unknown[0])} is no country that is known", hint=hint, place=place)
            )
            return None
    return Rule(name, None, None, frozenset(_compared(name, one) for one in listed), others)


def _compared(name: str, value: Any) -> str:
    text = str(value).strip()
    return (code_of(text) or text) if name == "country" else word(text)
