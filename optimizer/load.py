"""YAML (or JSON) file -> Scenario, with every problem located as file:line:column.

`scenario.read` reads, `scenario.overrides` changes, `scenario.validation` says what is not valid; here all of it comes
together with whether it can be planned, so that every problem is said at once.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import Any

from optimizer.language.errors import (
    KeyPath,
    Marks,
    Nothing,
    PathItem,
    Problem,
    ScenarioError,
    UnlimitedError,
)
from optimizer.language.yaml12 import read_yaml
from optimizer.program.program import program_of
from optimizer.roster.expand import with_rosters
from optimizer.scenario.changes import Layer
from optimizer.scenario.overrides import changed, inlined, nothing_behind, placed
from optimizer.scenario.read import over_its_base, read_text, read_with_bases
from optimizer.scenario.scenario import FILTER_KEYS, Scenario
from optimizer.scenario.validation import validated
from optimizer.solve.ready import problems_of


def load_scenario(
    path: str | os.PathLike[str],
    overrides: Mapping[str, Any] | None = None,
    *,
    executor: Executor | None = None,
) -> Scenario:
    """Read, merge, validate and check a scenario file.

    Args:
        path: a YAML or JSON file.
        overrides: values that replace those in the file, e.g.
            `{"budget": 80_000, "audience.overlap": "10%"}`;
            list items are chosen by index (`offers[0].cpm`) or by name (`offers.my-offer.cpm`).
        executor: of a cluster (`optimizer.cluster`), whose workers look at the rows of rosters of 200,000 and more;
            any other is not used.

    Returns:
        A scenario that can be planned.

    Raises:
        ScenarioError: with every problem found, each with file, line, column and how to mend it.
    """
    problems: list[Problem] = []
    layer = read_with_bases(Path(path), problems, _carried)
    return _checked(layer, problems, overrides or {}, Path(path).parent, executor)


def parse_scenario(
    text: str,
    overrides: Mapping[str, Any] | None = None,
    *,
    name: str = "<text>",
    executor: Executor | None = None,
) -> Scenario:
    """As `load_scenario`, from text; `extends` and benchmark paths are relative to the working directory.

    Args:
        text: YAML or JSON.
        overrides: as for `load_scenario`.
        name: what messages call the text.
        executor: as for `load_scenario`.

    Raises:
        ScenarioError: as `load_scenario`.
    """
    problems: list[Problem] = []
    layer = over_its_base(read_text(text, name, _carried), Path(name), problems, _carried)
    return _checked(layer, problems, overrides or {}, Path(), executor)


def parse_value(text: str, option: str = "--set") -> Any:
    """The value of a `--set path=value` option, read as YAML; null removes.

    Raises:
        ScenarioError: where the text is not YAML, or a value is missing in it, as where a shell's variable was empty.
    """
    data, marks = read_yaml(text, option)
    missing = [path for path, mark in marks.items() if isinstance(mark, Nothing)]
    if missing or (data is None and text.strip() in ("", "-")):
        hint = "null removes what is there"
        raise ScenarioError(
            Problem(path, "a value is missing here", hint, option) for path in missing or [()]
        )
    return data


def _carried(text: str, name: str, marks: Marks) -> tuple[dict[str, Any], Marks]:
    from optimizer.plan.saved import carried  # few files are plans, and reading one takes what makes one

    return carried(text, name, marks)


def _checked(
    layer: Layer,
    problems: list[Problem],
    overrides: Mapping[str, Any],
    folder: Path,
    executor: Executor | None,
) -> Scenario:
    on_offers = {path: value for path, value in overrides.items() if path.startswith("offers")}
    first = {path: value for path, value in overrides.items() if path not in on_offers}
    layer = changed(layer, first, problems, "--set ")
    layer, rosters, large = with_rosters(layer, folder, problems)
    if rosters is None:  # of creators that could not be read nothing more is known
        raise ScenarioError(placed(problems, layer))
    if large is not None:
        from optimizer.solve.kept import sieved_scenario  # few scenarios have so many creators

        found = sieved_scenario(large, folder, problems, on_offers, executor)
        if isinstance(found, Scenario):
            found._rosters = rosters
            return found
        layer = found
    layer = inlined(changed(layer, on_offers, problems, "--set "), folder, problems)
    scenario, refusal = validated(Scenario, layer.data, nothing_behind(layer.marks))
    problems += refusal.problems
    if scenario is None or problems:
        rest, unlimited = _problems_of_the_rest(layer.data, problems, refusal.required), False
    else:
        program = program_of(scenario)
        rest, unlimited = list(problems_of(program)), not program.problems
    if scenario is None or problems or rest:
        error = UnlimitedError if unlimited else ScenarioError
        raise error(placed([*problems, *rest], layer))
    scenario._marks = layer.marks
    scenario._rosters = rosters
    return scenario


_LABELS = (*FILTER_KEYS, "tags", "followers", "each")
_FOLLOWS: dict[str, tuple[KeyPath, ...]] = {
    "budget": (("limits", "min"), ("limits", "max")),
    "effort_hours": (("limits", "min"), ("limits", "max")),
    "audience": (
        ("limits", "measure"),
        ("limits", "max"),
        ("limits", "min"),
        ("objective",),
        ("objective", "maximize"),
    ),
    "currency": (("offers", "currency"), ("exchange_rates",), ("offers",)),
    "exchange_rates": (("offers", "currency"), ("exchange_rates",), ("offers",)),
    "benchmarks": (("offers",), ("exchange_rates",)),
    "tier_borders": (("offers",), ("offers", "tier"), ("limits", "where")),
    "measures": (
        ("offers", "measures"),
        ("limits", "measure"),
        ("limits", "min"),
        ("limits", "max"),
        ("objective",),
        ("objective", "maximize"),
        ("objective", "minimize"),
    ),
    "labels": (("limits", "where"), ("limits", "per")),
}
"""A key that could not be read -> where problems that come of that alone would be found."""


def _problems_of_the_rest(
    data: Any, found: Sequence[Problem], required: Collection[KeyPath]
) -> list[Problem]:
    """Checks what is left of a scenario without its invalid values, so that every problem is said at once.

    Not whether anything limits the objective: that may be what is missing.
    """
    cut = [_what_to_cut(p.path, required) for p in found]
    rest_of_data = _pruned(data, cut)
    if any(path[:1] == ("objective",) for path in cut) or "objective" not in rest_of_data:
        rest_of_data["objective"] = "creators"
    scenario, _ = validated(Scenario, rest_of_data)
    if scenario is None:
        return []
    labels = any(p.path[0] == "offers" and len(p.path) > 2 and p.path[2] in _LABELS for p in found if p.path)
    causes = {p.path[0] for p in found if p.path} | ({"labels"} if labels else set())
    follows = {place for cause in causes for place in _FOLLOWS.get(str(cause), ())}
    rest = []
    for problem in program_of(scenario).problems:
        path = problem.path
        if len(path) > 1 and isinstance(path[1], int):  # dropped items have shifted the later ones
            kept = [
                i
                for i in range(len(data[path[0]]))
                if (path[0], i) not in cut or _kept(data[path[0]][i], path)
            ]
            path = (path[0], kept[path[1]], *path[2:])
        keys = tuple(part for part in path if isinstance(part, str))[:2]
        echoes = any(p.path[: len(path)] == path[: len(p.path)] for p in found)
        if not echoes and keys not in follows:
            rest.append(replace(problem, path=path))
    return rest


def _what_to_cut(path: KeyPath, required: Collection[KeyPath]) -> KeyPath:
    """Limits and objectives go as a whole, since half of one says something else."""
    if path[:1] in (("limits",), ("objective",)):
        return path[:2]
    return path[:-1] if path in required else path


def _kept(item: Any, path: KeyPath) -> bool:
    """Whether `_pruned` leaves the labels of an item instead of dropping it."""
    return path[0] == "offers" and isinstance(item, dict)


def _pruned(data: Any, paths: Sequence[KeyPath], at: KeyPath = ()) -> Any:
    """A copy of `data` without the values at `paths`; list items go whole, of offers the labels stay."""
    inner: dict[PathItem, list[KeyPath]] = {}
    for path in paths:
        if path:
            inner.setdefault(path[0], []).append(path[1:])

    def keep(key: PathItem, value: Any) -> Any:
        if key not in inner:
            return value
        if () not in inner[key]:
            return _pruned(value, inner[key], (*at, key))
        if at == ("offers",) and isinstance(value, dict):
            labels = {name: value[name] for name in _LABELS if name in value}
            return _pruned(labels, inner[key], (*at, key)) if labels else {"name": f"offer {key}"}
        return _CUT

    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    kept = [(key, keep(key, value)) for key, value in pairs]
    kept = [(key, value) for key, value in kept if value is not _CUT]
    if isinstance(data, dict):
        return dict(kept)
    return [value for _, value in kept] if isinstance(data, list) else data


_CUT = object()
