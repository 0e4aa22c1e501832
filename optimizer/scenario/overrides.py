"""Changes to the plain data of a scenario, given by their paths; and its problems, placed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from optimizer.language.errors import (
    KeyPath,
    Mark,
    Marks,
    Nothing,
    Problem,
    ScenarioError,
    in_file_order,
    located,
)
from optimizer.language.files import actual_name
from optimizer.scenario.changes import Layer, positioned, set_path
from optimizer.scenario.each import expanded


def _once(problems: Iterable[Problem]) -> list[Problem]:
    """Each mistake once: one line of an `each`, or under an anchor, may stand for many offers."""
    first: dict[Any, Problem] = {}
    for problem in problems:
        item = problem.line is not None and any(isinstance(part, int) for part in problem.path[1:2])
        path = (*problem.path[:1], *problem.path[2:]) if item else problem.path
        same = (item, replace(problem, path=path))
        first.setdefault(same, problem)
    return list(first.values())


def overridden(
    layer: Layer, changes: Mapping[str, Any], folder: Path, problems: list[Problem], option: str = ""
) -> Layer:
    """Data with values changed by their paths, every `each` written out and a benchmark set that is a file inside.

    Args:
        layer: the data; changed.
        changes: path -> value, as for `--set`.
        folder: where a set is looked for that no file names.
        problems: what is wrong is added here.
        option: what messages call the changes, before their path; "" for those of `with_changes`.
    """
    return inlined(changed(layer, changes, problems, option), folder, problems)


def inlined(layer: Layer, folder: Path, problems: list[Problem]) -> Layer:
    """Data with what other files say of the offers inside; as `overridden`, which does it last."""
    problems += _inline_benchmarks(*layer, folder)
    problems += _inline_measured(*layer, folder)
    return layer


def changed(layer: Layer, changes: Mapping[str, Any], problems: list[Problem], option: str = "") -> Layer:
    """Data with values changed by their paths and every `each` written out; as `overridden`, which does it first."""
    for text, value in changes.items():
        _open_measured(layer.data, text)
        key, _, inner = text.partition(".")
        now = layer.data.get(key)
        if inner and key in _SHORT_FOR and now is not None and not isinstance(now, dict | list):
            layer.data[key] = {_SHORT_FOR[key]: now}
        sure = key in _CAPS and not inner and isinstance(now, dict) and not isinstance(value, dict | None)
        at = f"{text}.max" if sure else text  # how sure stays as it is
        try:
            set_path(*layer, at, value, Mark(f"{option}{text}" if option else "with_changes"))
        except ScenarioError as error:
            problems += error.problems
    return Layer(*expanded(*layer, problems))


_CAPS = ("budget", "effort_hours")
_SHORT_FOR = {"objective": "maximize", **dict.fromkeys(_CAPS, "max")}
"""Keys that a bare value is short for a mapping at -> where it stands in there: `budget: 500` is `{max: 500}`."""


def nothing_behind(marks: Marks) -> list[KeyPath]:
    """Paths behind which nothing is written, not even null."""
    return [path for path, mark in marks.items() if isinstance(mark, Nothing)]


def placed(problems: Iterable[Problem], layer: Layer) -> list[Problem]:
    """Each mistake once, with file, line and column, in the order of the file."""
    found = [
        replace(p, path=positioned(p.path, layer.data))
        for p in _once(located(p, layer.marks) for p in problems)
    ]
    return in_file_order(found, layer.marks.get((), Mark()).file)


def _inline_benchmarks(data: dict[str, Any], marks: Marks, folder: Path) -> list[Problem]:
    """A set given as a file becomes part of the scenario, so that the scenario is complete in itself."""
    name = data.get("benchmarks")
    if not isinstance(name, str) or not ("/" in name or "\\" in name or _SET_FILE.search(name)):
        return []
    from optimizer.benchmarks.packaged import load_set

    folder = _folder_of(marks.get(("benchmarks",), Mark()), folder)
    try:
        data["benchmarks"] = load_set(name, folder).model_dump(mode="json")
    except ValueError as error:
        del data["benchmarks"]
        return [Problem(("benchmarks",), str(error))]
    return []


def _folder_of(mark: Mark, folder: Path) -> Path:
    """Where a file is looked for: an inherited one from the file that names it, an overriding one from here."""
    if mark.file is None:
        return folder
    return Path() if mark.line is None else Path(actual_name(mark.file)).parent


_MEASURED = ("overlaps", "followers")
"""Keys of the audience that name a file."""


def _open_measured(data: dict[str, Any], text: str) -> None:
    """Make room for a change inside `audience.overlaps: pairs.csv`; another file takes the place of what one said."""
    audience = data.get("audience")
    parts = text.split(".")
    if (
        len(parts) < 3
        or parts[0] != "audience"
        or parts[1] not in _MEASURED
        or not isinstance(audience, dict)
    ):
        return
    now = audience.get(parts[1])
    if isinstance(now, str):
        audience[parts[1]] = {"file": now}
    elif isinstance(now, dict) and parts[2] == "file":
        audience[parts[1]] = {key: value for key, value in now.items() if key in ("unlisted", "segments")}


def _inline_measured(data: dict[str, Any], marks: Marks, folder: Path) -> list[Problem]:
    """What files of overlaps or followers say about the scenario's creators becomes part of it."""
    audience = data.get("audience")
    found: list[Problem] = []
    if not isinstance(audience, dict):
        return []
    for key in _MEASURED:
        written = audience.get(key)
        named = {"file": written} if isinstance(written, str) else written
        if not isinstance(named, dict) or not isinstance(named.get("file"), str):
            continue
        if not {"pairs", "groups"}.isdisjoint(named):  # read before, as in a saved plan
            continue
        from optimizer.scenario.creator_files import Creators
        from optimizer.scenario.followers import read_followers
        from optimizer.scenario.overlaps import read_overlaps

        at = ("audience", key)
        mark = marks.get((*at, "file"), marks.get(at, Mark()))
        path = _folder_of(mark, folder) / Path(named["file"].strip()).expanduser()
        read = read_overlaps if key == "overlaps" else read_followers
        try:
            said = read(path, named["file"].strip(), Creators(data.get("offers")))
            data["audience"] = audience = {**audience, key: {**named, **said}}
        except ScenarioError as error:
            data["audience"] = audience = {k: v for k, v in audience.items() if k != key}
            found += error.problems
    return found


_SET_FILE = re.compile(r"\.(ya?ml|json)\s*$", re.IGNORECASE)
