"""YAML (or JSON) file -> Scenario, with every problem located as file:line:column.

The only module that reads scenario files: text by `optimizer.language.yaml12`, then `extends`, overrides, checks.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from optimizer.language.errors import (
    Mark,
    Marks,
    Nothing,
    PathItem,
    Problem,
    ScenarioError,
    did_you_mean,
    in_file_order,
    located,
)
from optimizer.language.files import actual_name, decoded, read_bytes, shown_name, shown_reason
from optimizer.language.quantities import shown
from optimizer.language.yaml12 import Path_, fail, read_yaml
from optimizer.scenario.changes import Layer, laid_over, positioned, set_path
from optimizer.scenario.each import expanded
from optimizer.scenario.scenario import FILTER_KEYS, Scenario
from optimizer.scenario.validation import REQUIRED, missing_values, problems_of

MAX_BYTES = 10_000_000
MAX_EXTENDS = 20


def load_scenario(path: str | os.PathLike[str], overrides: Mapping[str, Any] | None = None) -> Scenario:
    """Read, merge, validate and check a scenario file.

    Args:
        path: a YAML or JSON file.
        overrides: values that replace those in the file, e.g.
            `{"budget": 80_000, "audience.overlap": "10%"}`;
            list items are chosen by index (`offers[0].cpm`) or by name (`offers.my-offer.cpm`).

    Returns:
        A scenario that can be planned.

    Raises:
        ScenarioError: with every problem found, each with file, line, column and how to mend it.
    """
    problems: list[Problem] = []
    layer = _read_with_bases(Path(path), (), problems)
    return _finish(layer, problems, overrides or {}, Path(path).parent)


def parse_scenario(
    text: str, overrides: Mapping[str, Any] | None = None, *, name: str = "<text>"
) -> Scenario:
    """As `load_scenario`, from text; `extends` and benchmark paths are relative to the working directory."""
    problems: list[Problem] = []
    layer = _over_its_base(_read_text(text, name), Path(name), (), problems)
    return _finish(layer, problems, overrides or {}, Path())


def change_scenario(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """See `Scenario.with_changes`."""
    data = scenario.model_dump(mode="json", exclude_unset=True)
    return _finish(Layer(data, dict(scenario._marks)), [], changes, Path(), option="")


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


# --- reading -----------------------------------------------------------------------------------------------


def _read_with_bases(path: Path, chain: tuple[Path, ...], problems: list[Problem]) -> Layer:
    return _over_its_base(_read_text(_read_file(path), shown_name(path)), path, chain, problems)


def _read_file(path: Path) -> str:
    mark = Mark(shown_name(path))
    if os.path.isdir(path):
        raise fail("this is a folder, not a scenario file", mark)
    try:
        raw = read_bytes(path, MAX_BYTES)
    except FileNotFoundError:
        raise fail("there is no such file", mark, _near(path)) from None
    except OSError as error:
        raise fail(f"cannot be read: {shown_reason(error)}", mark) from None
    if len(raw) > MAX_BYTES:
        raise fail(
            f"the file is larger than {MAX_BYTES // 1_000_000} MB",
            mark,
            "a scenario is a few kilobytes; is this the right file?",
        )
    return decoded(raw, shown_name(path))


def _near(path: Path, besides: str = "") -> str:
    """A hint that names a scenario file in the same folder with nearly that name."""
    try:
        near = [shown_name(p.name) for p in path.parent.glob("*.y*ml") if p.name != besides]
    except OSError:  # a folder that may not be listed
        return ""
    hint = did_you_mean(path.name, near)
    return hint if hint.startswith("did") else ""


def _read_text(text: str, file: str) -> Layer:
    data, marks = read_yaml(text, file)
    if data is None:
        raise fail("the file is empty", Mark(file, 1, 1), "`optimize new` writes a scenario to start from")
    if not isinstance(data, dict):
        hint = "`optimize new` writes a scenario to start from"
        raise fail("a scenario consists of keys and values, such as budget: 60000", marks[()], hint)
    if "inputs" in data:
        from optimizer.plan.saved import PLAN_KEYS, carried

        if data.keys() >= PLAN_KEYS:
            return Layer(*carried(text, file, marks))
    own = [
        key for key in data if key.startswith("x-")
    ]  # the user's own, for anchors; nothing here reads them
    return Layer(
        {key: value for key, value in data.items() if key not in own},
        {at: mark for at, mark in marks.items() if at[:1] not in [(key,) for key in own]},
    )


def _over_its_base(layer: Layer, path: Path, chain: tuple[Path, ...], problems: list[Problem]) -> Layer:
    """What a file says together with the file it extends, every `each` written out."""
    data, marks = expanded(*layer, problems)
    base_name = data.get("extends")
    mark, at = marks.get(("extends",), Mark(shown_name(path))), ("extends",)
    if base_name is None and not isinstance(mark, Nothing):
        return Layer({key: value for key, value in data.items() if key != "extends"}, marks)
    if not isinstance(base_name, str):
        raise fail("one file is wanted here", mark, "write e.g. extends: house-rates.yaml", at)
    try:
        here, base = Path(os.path.realpath(path)), path.parent / base_name  # also of a loop of links
        _check_base(base, base_name, here, path, chain, mark)
    except (OSError, ValueError, RuntimeError) as error:  # a name too long, a NUL in it
        why = error.strerror if isinstance(error, OSError) else "this is no name of a file"
        raise fail(f"{shown(base_name)} cannot be read: {why}", mark, path=at) from None
    inherited = _read_with_bases(base, (*chain, here), problems)
    del data["extends"]
    return Layer(*expanded(*laid_over(inherited, Layer(data, marks), problems), problems))


def _check_base(
    base: Path, base_name: str, here: Path, path: Path, chain: tuple[Path, ...], mark: Mark
) -> None:
    at = ("extends",)
    if (there := Path(os.path.realpath(base))) == here or there in chain:
        raise fail(
            f"{base_name} leads back to itself", mark, "scenarios cannot extend each other in a circle", at
        )
    if len(chain) >= MAX_EXTENDS:
        raise fail(f"more than {MAX_EXTENDS} files extend each other", mark, path=at)
    if os.path.isdir(base) or not os.path.exists(base):
        try:
            base.stat()
            what = f"{base_name} is a folder"
        except (FileNotFoundError, NotADirectoryError):
            what = f"there is no file {base_name}"
        except (OSError, ValueError) as error:
            raise fail(
                f"{base_name} cannot be read: {getattr(error, 'strerror', error)}", mark, path=at
            ) from None
        raise fail(what, mark, _near(base, path.name) or "the path starts from this file's folder", at)


# --- validation --------------------------------------------------------------------------------------------


def _finish(
    layer: Layer, problems: list[Problem], overrides: Mapping[str, Any], folder: Path, option: str = "--set "
) -> Scenario:
    from optimizer.program.program import prepare

    data, marks = layer
    for text, value in overrides.items():
        try:
            set_path(data, marks, text, value, Mark(f"{option}{text}" if option else "with_changes"))
        except ScenarioError as error:
            problems += error.problems
    data, marks = expanded(data, marks, problems)
    problems += _inline_benchmarks(data, marks, folder)
    missing = missing_values(data, [path for path, mark in marks.items() if isinstance(mark, Nothing)])
    scenario, found = _validate(data)
    unknown = [p.path for p in found if p.message.startswith("unknown key")]
    missing = [m for m in missing if m.path not in unknown]
    problems += missing
    problems += [p for p in found if not any(p.path == m.path[: len(p.path)] for m in missing)]
    if scenario is None or problems:
        problems += _problems_of_the_rest(data, problems)
    else:
        problems += prepare(scenario).problems
    if problems or scenario is None:
        placed = [
            replace(p, path=positioned(p.path, data)) for p in _once(located(p, marks) for p in problems)
        ]
        raise ScenarioError(in_file_order(placed, marks.get((), Mark()).file))
    scenario._marks = marks
    return scenario


def _once(problems: Iterable[Problem]) -> list[Problem]:
    """Each mistake once: one line of an `each`, or under an anchor, may stand for many offers."""
    first: dict[Any, Problem] = {}
    for problem in problems:
        item = problem.line is not None and any(isinstance(part, int) for part in problem.path[1:2])
        path = (*problem.path[:1], *problem.path[2:]) if item else problem.path
        same = (item, replace(problem, path=path))
        first.setdefault(same, problem)
    return list(first.values())


_LABELS = (*FILTER_KEYS, "tags", "followers", "each")
_FOLLOWS: dict[str, tuple[Path_, ...]] = {
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


def _problems_of_the_rest(data: Any, found: Sequence[Problem]) -> list[Problem]:
    """Checks what is left of a scenario without its invalid values, so that every problem is said at once."""
    from optimizer.program.program import problems_besides_freedom

    cut = [_what_to_cut(p) for p in found]
    rest_of_data = _pruned(data, cut)
    if any(path[:1] == ("objective",) for path in cut) or "objective" not in rest_of_data:
        rest_of_data["objective"] = "creators"
    scenario, _ = _validate(rest_of_data)
    if scenario is None:
        return []
    labels = any(p.path[0] == "offers" and len(p.path) > 2 and p.path[2] in _LABELS for p in found if p.path)
    causes = {p.path[0] for p in found if p.path} | ({"labels"} if labels else set())
    follows = {place for cause in causes for place in _FOLLOWS.get(str(cause), ())}
    rest = []
    for problem in problems_besides_freedom(scenario):
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


def _what_to_cut(problem: Problem) -> Path_:
    """Limits and objectives go as a whole, since half of one says something else."""
    if problem.path[:1] in (("limits",), ("objective",)):
        return problem.path[:2]
    return problem.path[:-1] if problem.message == REQUIRED else problem.path


def _kept(item: Any, path: Path_) -> bool:
    """Whether `_pruned` leaves the labels of an item instead of dropping it."""
    return path[0] == "offers" and isinstance(item, dict)


def _inline_benchmarks(data: dict[str, Any], marks: Marks, folder: Path) -> list[Problem]:
    """A set given as a file becomes part of the scenario, so that the scenario is complete in itself."""
    name = data.get("benchmarks")
    if not isinstance(name, str) or not ("/" in name or "\\" in name or _SET_FILE.search(name)):
        return []
    from optimizer.benchmarks.packaged import load_set

    file = marks.get(("benchmarks",), Mark()).file
    if file is not None:  # an inherited set is found from the file that names it, an overriding one from here
        folder = (
            Path() if file == "with_changes" or file.startswith("--set ") else Path(actual_name(file)).parent
        )
    try:
        data["benchmarks"] = load_set(name, folder).model_dump(mode="json")
    except ValueError as error:
        del data["benchmarks"]
        return [Problem(("benchmarks",), str(error))]
    return []


_SET_FILE = re.compile(r"\.(ya?ml|json)\s*$", re.IGNORECASE)


def _validate(data: Any) -> tuple[Scenario | None, list[Problem]]:
    try:
        return Scenario.model_validate(data), []
    except ValidationError as error:
        return None, problems_of(error.errors(include_url=False))
    except RecursionError:
        return None, [Problem((), "values are nested too deeply")]


def _pruned(data: Any, paths: Sequence[Path_], at: Path_ = ()) -> Any:
    """A copy of `data` without the values at `paths`; list items go whole, of offers the labels stay."""
    inner: dict[PathItem, list[Path_]] = {}
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
