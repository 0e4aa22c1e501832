"""Creators -> offers as a scenario holds them, each with room for one creator, and the place of every value."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from optimizer.language.errors import Mark, Marks
from optimizer.language.names import word
from optimizer.roster.rows import DOLLARS, Creator
from optimizer.roster.words import MONEY
from optimizer.scenario.roster import RosterFile

_TOGETHER = ("tags", "measures")
"""Fields that are mappings of which columns may give a part."""


def offers_of(
    creators: Sequence[Creator], names: Sequence[str], asked: RosterFile, currency: str
) -> list[dict[str, Any]]:
    """The offers of a roster, in the order of the creators.

    Args:
        creators: rows that take part.
        names: of these in the plan.
        asked: defaults and fields of all rows.
        currency: of the scenario.
    """
    source = Path(asked.file.replace("\\", "/")).name
    return [
        _offer(creator, name, asked, currency, source) for creator, name in zip(creators, names, strict=True)
    ]


def names_of(creators: Sequence[tuple[Creator, RosterFile]]) -> list[str]:
    """A name for each: that of the account; where several have it, with platform and format behind it."""
    plain = Counter(creator.name.casefold() for creator, _ in creators)
    result = []
    for creator, asked in creators:
        several = plain[creator.name.casefold()] > 1
        labels = [label for label in labels_of(creator, asked) if label] if several else []
        result.append("-".join([creator.name, *labels]))
    return result


def labels_of(creator: Creator, asked: RosterFile) -> tuple[str | None, str | None]:
    """Platform and format, as the row or what all rows share says."""
    shared = {**asked.defaults, **asked.offer}

    def label(key: str, own: object) -> str | None:
        said = asked.offer.get(key) or own or shared.get(key)
        return None if said is None else word(str(said))

    return label("platform", creator.platform), label("format", creator.values.get("format"))


def _offer(creator: Creator, name: str, asked: RosterFile, currency: str, source: str) -> dict[str, Any]:
    made: dict[str, Any] = {"name": name}
    if creator.platform is not None:
        made["platform"] = creator.platform
    for key, value in creator.values.items():
        group, _, inner = key.partition(".")
        plain: Any = number_of(value) if isinstance(value, Decimal) else value
        if key in creator.ranges:
            low, high = creator.ranges[key]
            plain = [number_of(low), plain, number_of(high)]
        if inner:
            made.setdefault(group, {})[inner] = plain
        else:
            made[key] = plain
    if creator.currency is not None and any(field in made for field in MONEY):
        dollars = creator.currency == "USD" and currency in DOLLARS
        if not dollars and creator.currency != currency:
            made["currency"] = creator.currency
    made.setdefault("source", source)
    made["creators"] = {"max": 1}
    for key, value in asked.defaults.items():
        if key in _TOGETHER and isinstance(value, dict):
            made[key] = {**copy.deepcopy(value), **made.get(key, {})}
        else:
            made.setdefault(key, copy.deepcopy(value))
    for key, value in asked.offer.items():
        together = key in _TOGETHER and isinstance(value, dict)
        made[key] = {**made.get(key, {}), **copy.deepcopy(value)} if together else copy.deepcopy(value)
    if asked.fill is not None:
        made["fill"] = asked.fill
    return made


def number_of(value: Decimal) -> int | float:
    """A number as a scenario holds it."""
    return int(value) if value == value.to_integral_value() else float(value)


def marks_of(
    creators: Sequence[Creator],
    offers: Sequence[Mapping[str, Any]],
    asked: RosterFile,
    file: str,
    first: int,
    shared: Mapping[tuple[str, str], Mark],
) -> Marks:
    """Where each value of the offers stands: a cell of the file, or a line of the scenario.

    Args:
        creators: rows that take part.
        offers: of these.
        asked: defaults and fields of all rows.
        file: as messages name it.
        first: position of the first of these offers in the scenario.
        shared: marks of `defaults` and `offer` by ("defaults", key).
    """
    marks: Marks = {}
    for position, (creator, offer) in enumerate(zip(creators, offers, strict=True), start=first):
        at = ("offers", position)
        marks[at] = Mark(file, creator.line, creator.columns.get("name", 1))
        for key in offer:
            where = next((shared[k] for k in (("offer", key), ("defaults", key)) if k in shared), None)
            if key in asked.offer or key not in creator.columns:
                if where is not None:
                    marks[(*at, key)] = where
            else:
                marks[(*at, key)] = Mark(file, creator.line, creator.columns[key])
        for key, column in creator.columns.items():
            group, _, inner = key.partition(".")
            if inner and inner not in (asked.offer.get(group) or {}):
                marks[(*at, group, inner)] = Mark(file, creator.line, column)
    return marks
