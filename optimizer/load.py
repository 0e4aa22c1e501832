"""YAML (or JSON) file -> Scenario, with every problem located as file:line:column.

The only module that reads scenario files: text by `optimizer.yaml12`, then `extends`, overrides, validation, checks.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from optimizer.errors import PathItem, Problem, ScenarioError, did_you_mean
from optimizer.quantities import plain
from optimizer.scenario import (
    Audience,
    CreatorRoom,
    CustomMeasure,
    Fees,
    Goal,
    Limit,
    Offer,
    PostRoom,
    Scenario,
    SolverOptions,
)
from optimizer.yaml12 import Mark, Marks, Path_, fail, read_yaml

MAX_BYTES = 10_000_000
MAX_EXTENDS = 20


def load_scenario(path: str | os.PathLike[str], overrides: Mapping[str, Any] | None = None) -> Scenario:
    """Read, merge, validate and check a scenario file.

    Args:
        path: a YAML or JSON file.
        overrides: values that replace those in the file, e.g. `{"budget": 80_000, "audience.overlap": "10%"}`;
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
    return _finish(data, {}, changes, Path())


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
        near = [p.name for p in path.parent.glob("*.y*ml")] if path.parent.is_dir() else []
        hint = did_you_mean(path.name, near)
        raise fail("no such file", mark, hint if hint.startswith("did") else "") from None
    except OSError as error:
        raise fail(f"cannot be read: {error.strerror}", mark) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        message = f"byte 0x{raw[error.start]:02x} is not UTF-8 text"
        raise fail(message, Mark(str(path), line, column), "save the file as UTF-8") from None


def _read_text(text: str, file: str) -> tuple[dict[str, Any], Marks]:
    data, marks = read_yaml(text, file)
    if not isinstance(data, dict):
        empty = data is None
        raise fail("the file is empty" if empty else "a scenario is a mapping of keys to values", Mark(file, 1, 1),
                    "start with `optimize new`")  # fmt: skip
    return data, marks


def _merge_base(
    data: dict[str, Any], marks: Marks, path: Path, chain: tuple[Path, ...]
) -> tuple[dict[str, Any], Marks]:
    base_name = data.pop("extends", None)
    if base_name is None:
        return data, marks
    mark = marks.get(("extends",), Mark(str(path)))
    if not isinstance(base_name, str):
        raise fail("extends names one file, e.g. house-rates.yaml", mark, path=("extends",))
    here = path.resolve()
    base = (path.parent / base_name).resolve()
    if base == here or base in chain or len(chain) >= MAX_EXTENDS:
        raise fail(
            f"{base_name} extends this file again",
            mark,
            "scenarios cannot extend each other in a circle",
            ("extends",),
        )
    if not base.is_file():
        raise fail(f"there is no file {base_name}", mark, "the path is relative to this file", ("extends",))
    base_data, base_marks = _read_with_bases(path.parent / base_name, (*chain, here))
    return _merged(base_data, data), {**base_marks, **marks}


def _merged(base: dict[str, Any], top: dict[str, Any]) -> dict[str, Any]:
    """Mappings merge, everything else (lists too) is replaced."""
    result = dict(base)
    for key, value in top.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = _merged(result[key], value) if both else value
    return result


# --- overrides ---------------------------------------------------------------------------------------------


def _set_path(data: dict[str, Any], marks: Marks, text: str, value: Any) -> None:
    """Change one value in place; `text` is a path such as `offers[0].cpm` or `limits.mega.max`."""
    mark = Mark(f"--set {text}")
    steps: list[PathItem] = [int(m[1]) if m[1] else m[0] for m in re.finditer(r"\[(\d+)\]|[^.\[\]]+", text)]
    if not steps:
        raise fail("a path is missing before the =", mark, "write e.g. --set budget=80000")
    at: Any = data
    path: Path_ = ()
    for position, step in enumerate(steps):
        if isinstance(at, list):
            step = _index(at, step, (*path, step), mark)
        elif not isinstance(at, dict):
            raise fail(f"{_show(path)} is not a mapping or a list", mark)
        else:
            step = str(step)
        path = (*path, step)
        if position == len(steps) - 1:
            at[step] = value
        else:
            if isinstance(at, dict) and not isinstance(at.get(str(step)), dict | list):
                at[str(step)] = {}
            at = at[step]
    for known in [p for p in marks if p[: len(path)] == path]:
        del marks[known]
    marks[path] = mark


def _index(items: list[Any], step: PathItem, path: Path_, mark: Mark) -> int:
    if isinstance(step, str) and step.isdigit():
        step = int(step)
    if isinstance(step, int):
        if step >= len(items):
            raise fail(f"there is no item {step}; the list has {len(items)}, counted from 0", mark, path=path)
        return step
    names = [_name(item) for item in items]
    if step not in names:
        raise fail(f"no item is named {step!r}", mark, did_you_mean(step, [n for n in names if n]), path[:-1])
    return names.index(step)


def _name(item: Any) -> str:
    if not isinstance(item, dict):
        return ""
    if item.get("name") is not None:
        return str(item["name"])
    tags = item.get("tags") if isinstance(item.get("tags"), dict) else {}
    return "-".join(
        str(part)
        for part in (item.get("tier"), item.get("platform"), item.get("format"), *(tags or {}).values())
        if part
    )


def _show(path: Path_) -> str:
    return ".".join(str(p) for p in path)


# --- validation --------------------------------------------------------------------------------------------


def _finish(data: dict[str, Any], marks: Marks, overrides: Mapping[str, Any], folder: Path) -> Scenario:
    from optimizer.prepare import prepare

    problems: list[Problem] = []
    for text, value in overrides.items():
        try:
            _set_path(data, marks, text, value)
        except ScenarioError as error:
            problems += error.problems
    _inline_benchmarks(data, folder, problems)
    scenario, found = _validate(data)
    problems += found
    if scenario is None:
        problems += _problems_of_the_rest(data, found)
    else:
        problems += prepare(scenario).problems
    if problems or scenario is None:
        raise ScenarioError(_located(p, marks) for p in problems)
    scenario._locate = lambda problem: _located(problem, marks)
    return scenario


def _problems_of_the_rest(data: Any, found: Sequence[Problem]) -> list[Problem]:
    """Checks what is left of a scenario without its invalid values, so that every problem is said at once."""
    from optimizer.prepare import prepare

    cut = [p.path[:-1] if p.message == _REQUIRED else p.path for p in found]
    scenario, _ = _validate(_pruned(data, cut))
    spoilt = {p.path[:2] for p in found} | {p.path[:1] for p in found if len(p.path) == 1}
    rest = []
    for problem in prepare(scenario).problems if scenario else ():
        path = problem.path
        if len(path) > 1 and isinstance(path[1], int):  # dropped items have shifted the later ones
            kept = [i for i in range(len(data[path[0]])) if (path[0], i) not in cut]
            path = (path[0], kept[path[1]], *path[2:])
        if path and path[:2] not in spoilt and path[:1] not in spoilt:
            rest.append(replace(problem, path=path))
    return rest


def _inline_benchmarks(data: dict[str, Any], folder: Path, problems: list[Problem]) -> None:
    """A set given as a file becomes part of the scenario, so that the scenario is complete in itself."""
    name = data.get("benchmarks")
    if isinstance(name, str) and name.endswith((".yaml", ".yml", ".json")):
        from optimizer.benchmarks import load_set

        try:
            data["benchmarks"] = load_set(name, folder).model_dump(mode="json")
        except ValueError as error:
            problems.append(Problem(("benchmarks",), str(error)))
            del data["benchmarks"]


def _validate(data: Any) -> tuple[Scenario | None, list[Problem]]:
    try:
        return Scenario.model_validate(data), []
    except ValidationError as error:
        return None, [_problem(e) for e in error.errors(include_url=False) if not _is_echo(e)]
    except RecursionError:
        return None, [Problem((), "values are nested too deeply")]


def _is_echo(error: Any) -> bool:
    """Pydantic repeats a broken item as "at least 1 item after validation, not 0"."""
    return error["type"] == "too_short" and bool(error["input"])


_REQUIRED = "this key is required"

_MODELS: list[tuple[tuple[str, ...], type[BaseModel]]] = [
    (("offers", "*", "creators"), CreatorRoom),
    (("offers", "*", "posts_per_creator"), PostRoom),
    (("offers", "*"), Offer),
    (("limits", "*"), Limit),
    (("objective", "*"), Goal),
    (("objective",), Goal),
    (("audience",), Audience),
    (("fees",), Fees),
    (("measures", "*"), CustomMeasure),
    (("solver",), SolverOptions),
    ((), Scenario),
]


def _model_at(path: Path_) -> type[BaseModel] | None:
    for pattern, model in _MODELS:
        if len(pattern) == len(path) and all(p in ("*", s) for p, s in zip(pattern, path, strict=True)):
            return model
    return None


def _problem(error: Any) -> Problem:
    path: Path_ = tuple(error["loc"])
    kind: str = error["type"]
    if kind == "extra_forbidden":
        model = _model_at(path[:-1])
        known = [*model.model_fields, *(["extends"] if model is Scenario else [])] if model else []
        return Problem(path, f"unknown key {path[-1]!r}", did_you_mean(str(path[-1]), known))
    if kind == "missing":
        hints = {"offers": "list what can be bought", "objective": "write e.g. objective: engagements"}
        return Problem(path, _REQUIRED, hints.get(str(path[-1]), ""))
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return Problem(path, f"a mapping of keys to values is wanted here, not {_shown(error['input'])}")
    if kind in ("tuple_type", "list_type"):
        return Problem(
            path, f"a list is wanted here, not {_shown(error['input'])}", "start each item with a dash"
        )
    if kind == "string_type":
        return Problem(path, f"a text is wanted here, not {_shown(error['input'])}")
    if kind == "bool_type" or kind == "bool_parsing":
        return Problem(path, f"true or false is wanted here, not {_shown(error['input'])}")
    if kind == "literal_error":
        options = error["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return Problem(
            path, f"{_shown(error['input'])} is not known here", did_you_mean(str(error["input"]), options)
        )
    if kind == "too_short":
        return Problem(path, "the list is empty", "name at least one")
    message = error["msg"].removeprefix("Value error, ")
    return Problem(path, message[:1].lower() + message[1:] if message.startswith("Input ") else message)


def _shown(value: Any) -> str:
    if isinstance(value, dict | list | tuple):
        return "a mapping" if isinstance(value, dict) else "a list"
    if value is None:
        return "nothing"
    return plain(value) if isinstance(value, float) else repr(value)


def _pruned(data: Any, paths: Sequence[Path_]) -> Any:
    """A copy of `data` without the values at `paths` (list items are dropped whole)."""
    inner: dict[PathItem, list[Path_]] = {}
    for path in paths:
        if path:
            inner.setdefault(path[0], []).append(path[1:])
    if isinstance(data, dict):
        return {
            k: _pruned(v, inner[k]) if k in inner else v
            for k, v in data.items()
            if () not in inner.get(k, [])
        }
    if isinstance(data, list):
        return [
            _pruned(v, inner[i]) if i in inner else v
            for i, v in enumerate(data)
            if () not in inner.get(i, [])
        ]
    return data


def _lookup(path: Sequence[PathItem], marks: Marks) -> Mark:
    for length in range(len(path), -1, -1):
        mark = marks.get(tuple(path[:length]))
        if mark is not None:
            return mark
    return Mark()


def _located(problem: Problem, marks: Marks) -> Problem:
    if problem.file is not None:
        return problem
    mark = _lookup(problem.path, marks)
    return replace(problem, file=mark.file, line=mark.line, column=mark.column)
