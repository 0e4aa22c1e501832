"""A scenario with a few numbers changed, hundreds of times over: only what changes is read and resolved again.

`Scenario.with_changes` writes the whole scenario out and validates all of it, which for a hundred offers takes as long
as solving. Here an offer, a limit or a number is validated by itself, and the terms of all other offers are taken over
from the scenario it was changed from. The result is the same (`tests/test_varied.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from optimizer.language.errors import ScenarioError
from optimizer.language.quantities import LARGEST
from optimizer.program.program import prepare
from optimizer.scenario.offer import Offer
from optimizer.scenario.scenario import Limit, Scenario, SolverOptions

_OFFER = re.compile(r"offers\[(#?)(\d+)\]\.(\w+(?:\.\w+)?)")
_SIDE = re.compile(r"limits\[(#?)(\d+)\]\.(min|max)")
_NUMBERS = ("budget", "effort_hours")


def varied(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """As `scenario.with_changes(changes)`, for numbers of offers and limits, budget and hours, and `solver`.

    Raises:
        ScenarioError: as `with_changes`.
    """
    if not changes:
        return scenario
    try:
        parts = _parts(scenario, changes)
    except (ValidationError, IndexError):
        parts = None
    if parts is None:  # another part of the scenario, or wrong: said in full
        return scenario.with_changes(changes)
    result = scenario.model_copy(update=parts)
    result._like = scenario if scenario._like is None else scenario._like
    prepare(result._like)  # there is something to take over from
    problems = prepare(result).problems
    if problems:
        raise ScenarioError(scenario.locate(p) for p in problems)
    return result


def _parts(scenario: Scenario, changes: Mapping[str, Any]) -> dict[str, Any] | None:
    """Fields of the scenario with what was changed in them; None where that takes more than this."""
    offers: dict[int, dict[str, Any]] = {}
    limits: dict[int, dict[str, Any]] = {}
    solver: dict[str, Any] = {}
    parts: dict[str, Any] = {}
    for path, value in changes.items():
        if path in _NUMBERS and (value is None or (isinstance(value, int | float) and 0 <= value < LARGEST)):
            parts[path] = None if value is None else float(value)
        elif path == "limits" and isinstance(value, list):
            parts["limits"] = tuple(Limit.model_validate(limit) for limit in value)
        elif path.startswith("solver.") and path.count(".") == 1:
            solver[path.removeprefix("solver.")] = value
        elif (match := _SIDE.fullmatch(path)) and _by_position(match, scenario.limits):
            limits.setdefault(int(match[2]), {})[match[3]] = value
        elif (match := _OFFER.fullmatch(path)) and _by_position(match, scenario.offers):
            offers.setdefault(int(match[2]), {})[match[3]] = value
        else:
            return None
    if limits:
        if "limits" in parts:
            return None
        parts["limits"] = _replaced(scenario.limits, limits, Limit)
    if offers:
        parts["offers"] = _replaced(scenario.offers, offers, Offer)
    if solver:
        data = scenario.solver.model_dump(mode="json", exclude_unset=True) | solver
        parts["solver"] = SolverOptions.model_validate(data)
    return parts


def _by_position(match: re.Match[str], items: Sequence[Any]) -> bool:
    """Whether `[3]` is a position, which it is unless something is named 3 (see `paths.py`); `[#3]` always is."""
    return bool(match[1]) or all(item.name != match[2] for item in items)


def _replaced(items: tuple[Any, ...], changes: Mapping[int, Mapping[str, Any]], kind: type[Any]) -> Any:
    """Offers or limits, some of them with other numbers; `creators.min` is a number of the mapping `creators`."""
    result = list(items)
    for index, fields in changes.items():
        data = items[index].model_dump(mode="json", exclude_unset=True)
        for field, value in fields.items():
            key, _, inner = field.partition(".")
            at = data if not inner else data.setdefault(key, {})
            if value is None:
                at.pop(inner or key, None)
            else:
                at[inner or key] = value
        result[index] = kind.model_validate(data)
    return tuple(result)
