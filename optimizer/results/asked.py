"""What a user says of the columns of results: their headers, and how they are read where that could be in two ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from optimizer.language.errors import Problem, ScenarioError
from optimizer.results.dates import ORDERS, Order
from optimizer.roster.column import Asked

_KEYS = ("from", "decimal", "unit", "currency", "order")
_POWERS = {"thousand": 3, "million": 6, "one": 0}
_HINT = "write e.g. paid: Fee, or paid: {from: Fee, decimal: ',', currency: EUR}"


class Wanted(NamedTuple):
    """What is said of the columns.

    Attributes:
        columns: field -> header of its column, and how its numbers are read.
        order: of day and month in the column of dates.
    """

    columns: dict[str, tuple[str, Asked]]
    order: Order | None = None


def wanted_of(columns: Mapping[str, Any] | None) -> Wanted:
    """What is said of the columns.

    Args:
        columns: field -> header, or a mapping with `from` and any of `decimal` (its sign), `unit` (thousand, million,
            one), `currency` and, for dates, `order`.

    Raises:
        ScenarioError: where it says something else.
    """
    problems: list[Problem] = []
    found: dict[str, tuple[str, Asked]] = {}
    order: Order | None = None
    for field, said in (columns or {}).items():
        given = said if isinstance(said, Mapping) else {"from": said}
        wrong = _wrong(given)
        if wrong:
            problems.append(Problem(("columns", field), wrong, _HINT))
            continue
        unit = given.get("unit")
        asked = Asked(given.get("decimal"), None, _POWERS.get(unit or ""), given.get("currency"))
        found[field] = str(given["from"]), asked
        order = given.get("order", order)
    if problems:
        raise ScenarioError(problems)
    return Wanted(found, order)


def _wrong(given: Mapping[str, Any]) -> str:
    """What is wrong with what is said of one column; "" for nothing."""
    if not isinstance(given.get("from"), str | int) or given["from"] == "":
        return "a header is wanted here"
    unknown = [key for key in given if key not in _KEYS]
    if unknown:
        return f"unknown key {unknown[0]!r}; known: {', '.join(_KEYS)}"
    for key, known in (("decimal", (".", ",")), ("unit", tuple(_POWERS)), ("order", ORDERS)):
        if key in given and given[key] not in known:
            return f"{key} is one of {', '.join(map(repr, known))}, not {given[key]!r}"
    return "" if given.get("currency") is None else wrong_currency(given["currency"])


def wrong_currency(code: Any) -> str:
    """What is wrong with a code of a currency; "" for nothing."""
    sound = (
        isinstance(code, str)
        and len(code) == len("EUR")
        and code.isascii()
        and code.isalpha()
        and code.isupper()
    )
    return "" if sound else f"{code!r} is not a currency code of three capital letters, such as EUR"
