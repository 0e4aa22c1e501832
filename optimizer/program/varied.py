"""A scenario with a few numbers changed, hundreds of times over: only what changes is read and resolved again.

`Scenario.with_changes` writes the whole scenario out and validates all of it, which for a hundred offers takes as long
as solving. Here an offer, a limit or a number is validated by itself, and the terms of all other offers are taken over
from the scenario it was changed from. The result is the same (`tests/test_varied.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from optimizer.language.errors import KeyPath
from optimizer.language.quantities import LARGEST
from optimizer.program.program import program_of
from optimizer.scenario.offer import Offer
from optimizer.scenario.scenario import Limit, Scenario, SolverOptions


def varied(scenario: Scenario, changes: Mapping[KeyPath, Any]) -> Scenario:
    """As `scenario.with_changes(changes)`, for numbers of offers and limits, budget and hours, and `solver`.

    Args:
        scenario: what is changed.
        changes: path -> value, e.g. `{("offers", 3, "cost_per_post"): 70}`; None removes.

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
    program_of(result._like)  # there is something to take over from
    return result


def _parts(scenario: Scenario, changes: Mapping[KeyPath, Any]) -> dict[str, Any] | None:
    """Fields of the scenario with what was changed in them; None where that takes more than this."""
    offers: dict[int, dict[KeyPath, Any]] = {}
    limits: dict[int, dict[KeyPath, Any]] = {}
    solver: dict[str, Any] = {}
    parts: dict[str, Any] = {}
    for path, value in changes.items():
        match path:
            case ("budget" | "effort_hours" as name,) if value is None or _is_size(value):
                parts[name] = None if value is None else float(value)
            case ("limits",) if isinstance(value, list):
                parts["limits"] = tuple(Limit.model_validate(limit) for limit in value)
            case ("solver", str(name)):
                solver[name] = value
            case ("limits", int(index), "min" | "max" as side):
                limits.setdefault(index, {})[side,] = value
            case ("offers", int(index), str(), *_):
                offers.setdefault(index, {})[path[2:]] = value
            case _:
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


def _is_size(value: Any) -> bool:
    return isinstance(value, int | float) and 0 <= value < LARGEST


def _replaced(items: tuple[Any, ...], changes: Mapping[int, Mapping[KeyPath, Any]], kind: type[Any]) -> Any:
    """Offers or limits, some of them with other numbers, also of a mapping inside, as the minimum of `creators` is."""
    result = list(items)
    for index, fields in changes.items():
        data = items[index].model_dump(mode="json", exclude_unset=True)
        for (*outer, key), value in fields.items():
            at = data
            for part in outer:
                at = at.setdefault(str(part), {})
            if value is None:
                at.pop(key, None)
            else:
                at[key] = value
        result[index] = kind.model_validate(data)
    return tuple(result)
