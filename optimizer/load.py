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
from typing import TYPE_CHECKING, Any, NamedTuple

from optimizer.language.errors import (
    KeyPath,
    Marks,
    Nothing,
    OptimizerError,
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

if TYPE_CHECKING:
    from optimizer.roster.expand import Large
    from optimizer.roster.result import Roster


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
        SolverError: where planning all rows of a roster of 5,000 and more fails.
        ClusterError: where the cluster is lost while its workers look at them.
    """
    return _finished(opened(path, overrides), executor)


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
        ScenarioError, SolverError, ClusterError: as `load_scenario`.
    """
    return _finished(opened_text(text, overrides, name=name), executor)


class Opened(NamedTuple):
    """A scenario file and its rosters, read: what is left is whether it can be planned, and by which rows of very large
    rosters.

    Attributes:
        layer: the data, with the changes that stand before rosters are written out.
        problems: what was found wrong so far.
        on_offers: changes of single offers, by path.
        folder: of files that no file names.
        rosters: what was read of each file of creators.
        large: rosters too large to make an offer of each row.
    """

    layer: Layer
    problems: list[Problem]
    on_offers: dict[str, Any]
    folder: Path
    rosters: tuple[Roster, ...]
    large: Large | None


def opened(path: str | os.PathLike[str], overrides: Mapping[str, Any] | None = None) -> Opened:
    """The first half of `load_scenario`; `finished` is the other.

    Raises:
        ScenarioError: where a file of creators cannot be read.
    """
    problems: list[Problem] = []
    layer = read_with_bases(Path(path), problems, _carried)
    return _opened(layer, problems, overrides or {}, Path(path).parent)


def opened_text(text: str, overrides: Mapping[str, Any] | None = None, *, name: str = "<text>") -> Opened:
    """The first half of `parse_scenario`."""
    problems: list[Problem] = []
    layer = over_its_base(read_text(text, name, _carried), Path(name), problems, _carried)
    return _opened(layer, problems, overrides or {}, Path())


def finished(files: Sequence[Opened], executor: Executor | None = None) -> list[Scenario]:
    """The scenarios of files that were opened; the rows of several that have very large rosters are looked at by the
    executor, one job for each.

    Args:
        files: in any order.
        executor: any; of one large roster a cluster looks at the parts, as for `load_scenario`.

    Raises:
        ScenarioError: with the problems of all of them.
        SolverError, ClusterError: as `load_scenario`.
    """
    large = [one for one in files if one.large is not None]
    answers: dict[int, Any] = {}
    if executor is not None and len(large) > 1:
        from optimizer.jobs.runner import Runner

        runner = Runner(executor, on_failure=lambda job, error: NOT_LOOKED)
        jobs = [
            (runner.shared(one.large, few=True), one.folder, one.problems, one.on_offers) for one in large
        ]
        answers = {id(one): found for one, found in zip(large, runner.run(_picked_there, jobs), strict=True)}
    scenarios: list[Scenario] = []
    problems: list[Problem] = []
    for one in files:
        try:
            scenarios.append(_finished(one, executor, answers.get(id(one), NOT_LOOKED)))
        except ScenarioError as error:
            if len(files) == 1:
                raise
            problems += error.problems
    if problems:  # those of changes are the same in every file
        raise ScenarioError(dict.fromkeys(problems))
    return scenarios


NOT_LOOKED = "not looked at"
"""Of the rows of a large roster that no worker has looked at; then this process does."""


def _picked_there(large: Large, folder: Path, problems: list[Problem], on_offers: Mapping[str, Any]) -> Any:
    """As `kept.picked`, by a worker: errors are answers."""
    from optimizer.solve.kept import picked

    try:
        return picked(large, folder, problems, on_offers)
    except OptimizerError:
        return NOT_LOOKED  # this process will find it, too, and say it with its place


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


def _opened(layer: Layer, problems: list[Problem], overrides: Mapping[str, Any], folder: Path) -> Opened:
    on_offers = {path: value for path, value in overrides.items() if path.startswith("offers")}
    first = {path: value for path, value in overrides.items() if path not in on_offers}
    layer = changed(layer, first, problems, "--set ")
    layer, rosters, large = with_rosters(layer, folder, problems)
    if rosters is None:  # of creators that could not be read nothing more is known
        raise ScenarioError(placed(problems, layer))
    return Opened(layer, problems, on_offers, folder, rosters, large)


def _finished(one: Opened, executor: Executor | None, looked: Any = NOT_LOOKED) -> Scenario:
    """The scenario of an opened file; `looked` is what a worker picked of its large rosters."""
    layer, problems, on_offers, folder, rosters, large = one
    if large is not None:
        from optimizer.solve.kept import picked, picked_scenario  # few scenarios have so many creators

        if isinstance(looked, str):
            looked = picked(large, folder, problems, on_offers, executor)
        found = picked_scenario(large, folder, looked)
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
