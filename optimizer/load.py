"""YAML (or JSON) file -> Scenario, with every problem located as file:line:column.

The only module that reads scenario files: text by `optimizer.yaml12`, then `extends`, overrides, checks.
"""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from optimizer.errors import (
    Mark,
    Marks,
    PathItem,
    Problem,
    ScenarioError,
    did_you_mean,
    format_path,
    in_file_order,
    located,
)
from optimizer.offer import numbered
from optimizer.problems import REQUIRED, problems_of
from optimizer.scenario import FILTER_KEYS, Scenario
from optimizer.yaml12 import Path_, fail, read_yaml

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
    data, marks = _read_with_bases(Path(path), ())
    return _finish(data, marks, overrides or {}, Path(path).parent)


def parse_scenario(
    text: str, overrides: Mapping[str, Any] | None = None, *, name: str = "<text>"
) -> Scenario:
    """As `load_scenario`, from text; `extends` and benchmark paths are relative to the working directory."""
    data, marks = _read_text(text, name)
    data, marks = _merge_base(data, marks, Path(name), ())
    return _finish(data, marks, overrides or {}, Path())


def change_scenario(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """See `Scenario.with_changes`."""
    data = scenario.model_dump(mode="json", exclude_unset=True)
    return _finish(data, dict(scenario._marks), changes, Path(), option="")


def value_at(data: Any, text: str) -> tuple[Path_, Any]:
    """Where a path leads in a scenario's data and the value there, None where there is none yet.

    Raises:
        ScenarioError: where the text is no path, or leads to nothing.
    """
    mark = Mark()
    path: Path_ = ()
    for step in _steps(text, mark):
        if isinstance(data, list):
            path = (*path, index := _index(data, step, path, mark))
            data = data[index]
        elif isinstance(data, dict | None):
            path = (*path, step)
            data = (data or {}).get(step)
        else:
            raise fail(f"{format_path(path)} has no keys", mark)
    return path, data


def parse_value(text: str) -> Any:
    """The value of a `--set path=value` option, read as YAML.

    Raises:
        ScenarioError: where the text is not YAML.
    """
    return read_yaml(text, "--set")[0] if text.strip() else None


# --- reading -----------------------------------------------------------------------------------------------


def _read_with_bases(path: Path, chain: tuple[Path, ...]) -> tuple[dict[str, Any], Marks]:
    data, marks = _read_text(_read_file(path), str(path))
    return _merge_base(data, marks, path, chain)


def _read_file(path: Path) -> str:
    mark = Mark(str(path))
    try:
        if path.is_dir():
            raise fail("this is a folder, not a scenario file", mark)
        if path.stat().st_size > MAX_BYTES:
            raise fail(
                f"the file is larger than {MAX_BYTES // 1_000_000} MB",
                mark,
                "a scenario is a few kilobytes; is this the right file?",
            )
        raw = path.read_bytes()
    except FileNotFoundError:
        raise fail("there is no such file", mark, _near(path)) from None
    except OSError as error:
        raise fail(f"cannot be read: {error.strerror}", mark) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        start = raw.rfind(b"\n", 0, error.start) + 1
        column = len(raw[start : error.start].decode("utf-8-sig")) + 1
        message = f"byte 0x{raw[error.start]:02x} is not UTF-8 text"
        raise fail(message, Mark(str(path), line, column), "save the file as UTF-8") from None


def _near(path: Path, besides: str = "") -> str:
    """A hint that names a scenario file in the same folder with nearly that name."""
    near = [p.name for p in path.parent.glob("*.y*ml") if p.name != besides] if path.parent.is_dir() else []
    hint = did_you_mean(path.name, near)
    return hint if hint.startswith("did") else ""


def _read_text(text: str, file: str) -> tuple[dict[str, Any], Marks]:
    data, marks = read_yaml(text, file)
    if data is None:
        raise fail("the file is empty", Mark(file, 1, 1), "`optimize new` writes a scenario to start from")
    if not isinstance(data, dict):
        hint = "`optimize new` writes a scenario to start from"
        raise fail("a scenario consists of keys and values, such as budget: 60000", marks[()], hint)
    return data, marks


def _merge_base(
    data: dict[str, Any], marks: Marks, path: Path, chain: tuple[Path, ...]
) -> tuple[dict[str, Any], Marks]:
    base_name = data.pop("extends", None)
    if base_name is None:
        return data, marks
    mark, at = marks.get(("extends",), Mark(str(path))), ("extends",)
    if not isinstance(base_name, str):
        raise fail("one file is wanted here", mark, "write e.g. extends: house-rates.yaml", at)
    here = path.resolve()
    base = path.parent / base_name
    if base.resolve() == here or base.resolve() in chain:
        raise fail(
            f"{base_name} leads back to itself", mark, "scenarios cannot extend each other in a circle", at
        )
    if len(chain) >= MAX_EXTENDS:
        raise fail(f"more than {MAX_EXTENDS} files extend each other", mark, path=at)
    if not base.is_file():
        what = f"{base_name} is a folder" if base.is_dir() else f"there is no file {base_name}"
        raise fail(what, mark, _near(base, path.name) or "the path starts from this file's folder", at)
    base_data, base_marks = _read_with_bases(base, (*chain, here))
    replaced: set[Path_] = set()
    merged = _merged(base_data, data, (), replaced)
    kept = {p: m for p, m in base_marks.items() if not any(p[:n] in replaced for n in range(1, len(p)))}
    return merged, {**kept, **marks}


def _merged(base: dict[str, Any], top: dict[str, Any], path: Path_, replaced: set[Path_]) -> dict[str, Any]:
    """Mappings merge, everything else (lists too) is replaced."""
    result = dict(base)
    for key, value in top.items():
        inner = (*path, key)
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = _merged(result[key], value, inner, replaced)
        else:
            result[key] = value
            replaced.add(inner)
    return result


# --- overrides ---------------------------------------------------------------------------------------------


_STEP = r"\[[^\[\]]+\]|[^.\[\]]+"


def _set_path(data: dict[str, Any], marks: Marks, text: str, value: Any, mark: Mark) -> None:
    """Change one value in place; a path is `offers[0].cpm`, `limits.mega.max` or `offers[j.doe].cpm`."""
    steps = _steps(text, mark)
    at: Any = data
    path: Path_ = ()
    for position, step in enumerate(steps):
        key: PathItem = _index(at, step, path, mark) if isinstance(at, list) else step
        path = (*path, key)
        if position == len(steps) - 1:
            at[key] = copy.deepcopy(value)
        elif isinstance(at, list) or isinstance(at.get(key), dict | list):
            at = at[key]
            if not isinstance(at, dict | list):
                raise fail(f"{format_path(path)} has no keys", mark)
        elif steps[position + 1].isdigit():
            raise fail(f"{format_path(path)} is no list", mark)
        else:
            at[key] = {}
            at = at[key]
            marks[path] = mark
    for known in [p for p in marks if p[: len(path)] == path]:
        del marks[known]
    _mark_all(marks, path, value, mark)


def _steps(text: str, mark: Mark) -> list[str]:
    if not re.fullmatch(rf"({_STEP})(\.?({_STEP}))*", text):
        raise fail("this is not a path", mark, "write e.g. budget, audience.overlap or offers[0].cpm")
    return [part.strip("[]") for part in re.findall(_STEP, text)]


def _mark_all(marks: Marks, path: Path_, value: Any, mark: Mark) -> None:
    marks[path] = mark
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        _mark_all(marks, (*path, key), inner, mark)


def _index(items: list[Any], step: str, path: Path_, mark: Mark) -> int:
    where = format_path(path)
    if step.isdigit():
        if int(step) >= len(items):
            count = "1 item" if len(items) == 1 else f"{len(items)} items"
            raise fail(f"{where} has {count}, counted from 0, so there is no {where}[{int(step)}]", mark)
        return int(step)
    names = _names(items, defaults=path == ("offers",))
    if step not in names:
        raise fail(f"nothing in {where} is named {step!r}", mark, did_you_mean(step, [n for n in names if n]))
    return names.index(step)


def _names(items: list[Any], *, defaults: bool) -> list[str]:
    """Names as in the plan: those written, and the default ones of offers (see `terms.resolve`)."""
    mappings = [item if isinstance(item, dict) else {} for item in items]
    names = ["" if item.get("name") is None else str(item["name"]).strip() for item in mappings]
    for index, item in enumerate(mappings if defaults else []):
        if not names[index]:
            labels = [
                str(item[key]).strip().lower() for key in ("tier", "platform", "format") if item.get(key)
            ]
            tags = item["tags"].values() if isinstance(item.get("tags"), dict) else ()
            names[index] = numbered("-".join([*labels, *(str(tag) for tag in tags)]) or "offer", names)
    return names


# --- validation --------------------------------------------------------------------------------------------


def _finish(
    data: dict[str, Any], marks: Marks, overrides: Mapping[str, Any], folder: Path, option: str = "--set "
) -> Scenario:
    from optimizer.prepare import prepare

    problems: list[Problem] = []
    for text, value in overrides.items():
        try:
            _set_path(data, marks, text, value, Mark(f"{option}{text}" if option else "with_changes"))
        except ScenarioError as error:
            problems += error.problems
    problems += _inline_benchmarks(data, marks, folder)
    scenario, found = _validate(data)
    problems += found
    if scenario is None or problems:
        problems += _problems_of_the_rest(data, problems)
    else:
        problems += prepare(scenario).problems
    if problems or scenario is None:
        raise ScenarioError(in_file_order((located(p, marks) for p in problems), marks.get((), Mark()).file))
    scenario._marks = marks
    return scenario


_LABELS = (*FILTER_KEYS, "tags", "followers")
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
    from optimizer.prepare import problems_besides_freedom

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
    from optimizer.benchmarks import load_set

    file = marks.get(("benchmarks",), Mark()).file
    if file is not None:  # an inherited set is found from the file that names it, an overriding one from here
        folder = Path() if file == "with_changes" or file.startswith("--set ") else Path(file).parent
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
