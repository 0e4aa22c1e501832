"""Changes to the plain data of a scenario: one file over another, one value by its path.

Data are dicts, lists and scalars as a file holds them; beside them go the marks, which say where each value stands.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, NamedTuple

from optimizer.language.errors import KeyPath, Mark, Marks, PathItem, Problem, did_you_mean, fail, nearest
from optimizer.language.names import WORDS
from optimizer.language.paths import Step, format_path, position, steps_of
from optimizer.language.quantities import shown
from optimizer.scenario.fields import parse_text, parse_word
from optimizer.scenario.filters import filtered
from optimizer.scenario.offer_names import joined_labels, unique_names

NAMED = ("offers", "limits")
"""Lists whose items are told apart by their names."""


class Layer(NamedTuple):
    """What one file says, and where it says it."""

    data: dict[str, Any]
    marks: Marks


# --- one file over another ---------------------------------------------------------------------------------


def laid_over(base: Layer, top: Layer, problems: list[Problem]) -> Layer:
    """A file over the one it extends: mappings merge, null removes, everything else (lists too) is replaced.

    `offers` and `limits` given as a mapping change items of the base's list by name.
    """
    named = {}
    for key in NAMED:
        if isinstance(top.data.get(key), dict) and isinstance(base.data.get(key), list):
            base, top, named[key] = _by_name(base, top, key, problems)
    replaced: set[KeyPath] = set()
    data = _merged(base.data, top.data, (), replaced)
    for key, changes in named.items():
        data[key] = [
            _merged(item, changes[i], (key, i), replaced) if i in changes else item
            for i, item in enumerate(data[key])
        ]
    kept = {p: m for p, m in base.marks.items() if not any(p[:n] in replaced for n in range(1, len(p) + 1))}
    return Layer(data, {**kept, **top.marks})


def _merged(
    base: dict[str, Any], top: dict[str, Any], path: KeyPath, replaced: set[KeyPath]
) -> dict[str, Any]:
    result = dict(base)
    for key, value in top.items():
        inner = (*path, key)
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = _merged(result[key], value, inner, replaced)
            continue
        replaced.add(inner)
        if value is None and key in result:
            del result[key]
        else:
            result[key] = value
    return result


def _by_name(
    base: Layer, top: Layer, key: str, problems: list[Problem]
) -> tuple[Layer, Layer, dict[int, dict[str, Any]]]:
    """The base without the items that are taken out, the rest of the file, and its changes by position."""
    items = base.data[key]
    names = names_of(items, key)
    changes: dict[str, Any] = {}
    for name, change in top.data[key].items():
        mark = top.marks.get((key, name), Mark())
        if name not in names:
            hint = did_you_mean(name, [n for n in names if n]) if any(names) else "none of them has a name"
            message = f"nothing in {key} of the scenario that this one extends is named {name!r}"
            problems.append(Problem((key, name), message, hint, *mark))
        elif change is not None and not isinstance(change, dict):
            hint = (
                f"write e.g. {name}: {{cost_per_post: 60}}"
                if key == "offers"
                else f"write e.g. {name}: {{max: 5}}"
            )
            message = f"keys and values are wanted here, not {shown(change)}"
            problems.append(Problem((key, name), message, hint, *mark))
        elif change is None or isinstance(items[names.index(name)], dict):
            changes[name] = change
    kept = [i for i, name in enumerate(names) if changes.get(name, i) is not None]
    place = {i: new for new, i in enumerate(kept)}
    at = {name: place[names.index(name)] for name, change in changes.items() if change is not None}
    return (
        Layer({**base.data, key: [items[i] for i in kept]}, moved(base.marks, (key,), place)),
        Layer({k: v for k, v in top.data.items() if k != key}, moved(top.marks, (key,), at)),
        {at[name]: change for name, change in changes.items() if change is not None},
    )


def moved(marks: Marks, prefix: KeyPath, places: Mapping[Any, PathItem]) -> Marks:
    """Marks with the items at a path moved to other places; what has no place is left out."""
    depth = len(prefix)
    result: Marks = {}
    for path, mark in marks.items():
        if len(path) <= depth or path[:depth] != prefix:
            result[path] = mark
        elif path[depth] in places:
            result[(*prefix, places[path[depth]], *path[depth + 1 :])] = mark
    return result


def names_of(items: list[Any], key: str) -> list[str]:
    """Names of items as in the plan: those written, "" where none is, and of offers the default ones."""
    mappings = [item if isinstance(item, dict) else {} for item in items]
    names = [label_text(item.get("name")) or None for item in mappings]
    if key != "offers":
        return [name or "" for name in names]
    return unique_names((name, _default_name(item)) for name, item in zip(names, mappings, strict=True))


def _default_name(offer: dict[str, Any]) -> str:
    tags = offer.get("tags")
    labels = [label_text(offer.get(key), key) for key in WORDS]
    return joined_labels(
        [*labels, *(label_text(v) for v in (tags.values() if isinstance(tags, dict) else ()))]
    )


def label_text(value: Any, key: str = "") -> str:
    """A label as the plan shows it; "" where the value can be none."""
    try:
        return parse_word(value) if key in WORDS else parse_text(value)
    except ValueError:
        return ""


def positioned(path: KeyPath, data: Any) -> KeyPath:
    """A path whose position is marked as one where something in its list is named like it."""
    if len(path) < 2 or path[0] not in NAMED or not isinstance(path[1], int):
        return path
    items = data.get(path[0])
    names = names_of(items, path[0]) if isinstance(items, list) else []
    return (path[0], position(path[1], names), *path[2:])


# --- one value by its path ---------------------------------------------------------------------------------


def set_path(data: dict[str, Any], marks: Marks, text: str, value: Any, mark: Mark) -> None:
    """Change one value in place, or that of every offer a filter means; None removes it. Paths as in
    `optimizer.language.paths`.

    Raises:
        ScenarioError: where the text is no path, or leads to nothing.
    """
    for steps in _meant(data, _steps(text, mark), mark):
        _set(data, marks, steps, value, mark)


def _meant(data: dict[str, Any], steps: list[Step], mark: Mark) -> list[list[Step]]:
    """The path, or one for each offer that its filter means."""
    offers = data.get("offers")
    if (
        len(steps) < 3
        or steps[0].text != "offers"
        or not steps[1].may_be_filter
        or not isinstance(offers, list)
    ):
        return [steps]
    names = names_of(offers, "offers")
    if steps[1].text in names:
        return [steps]
    at = [Step(str(i), False, True, False) for i in filtered(offers, names, steps[1], mark)]
    return [[steps[0], step, *steps[2:]] for step in at]


def _set(data: dict[str, Any], marks: Marks, steps: list[Step], value: Any, mark: Mark) -> None:
    at: Any = data
    path: KeyPath = ()
    for number, step in enumerate(steps):
        key: PathItem = _index(at, step, path, mark) if isinstance(at, list) else _key(step, path, mark)
        path = (*path, key)
        if number == len(steps) - 1:
            if value is None and isinstance(at, dict) and key in at:
                del at[str(key)]
            else:
                at[key] = copy.deepcopy(value)
        elif isinstance(at, list) or isinstance(at.get(key), dict | list):
            at = at[key]
            if not isinstance(at, dict | list):
                raise fail(f"{format_path(path)} has no keys", mark)
        elif steps[number + 1].may_be_position and (at.get(key) is not None or key in (*NAMED, "objective")):
            raise fail(f"{format_path(path)} is no list", mark)
        else:
            at[key] = {}
            at = at[key]
            marks[path] = mark
    for known in [p for p in marks if p[: len(path)] == path]:
        del marks[known]
    _mark_all(marks, path, value, mark)


def value_at(data: Any, text: str) -> tuple[KeyPath, Any]:
    """Where a path leads in a scenario's data and the value there, None where there is none yet.

    Raises:
        ScenarioError: where the text is no path, or leads to nothing.
    """
    mark = Mark()
    path: KeyPath = ()
    for step in _steps(text, mark):
        if isinstance(data, list):
            path = (*path, index := _index(data, step, path, mark))
            data = data[index]
        elif isinstance(data, dict | None):
            path = (*path, key := _key(step, path, mark))
            data = (data or {}).get(key)
        else:
            raise fail(f"{format_path(path)} has no keys", mark)
    return path, data


def _steps(text: str, mark: Mark) -> list[Step]:
    try:
        return steps_of(text)
    except ValueError as error:
        hint = 'write e.g. budget, audience.overlap, offers[0].cpm or offers["a name"].cpm'
        raise fail(str(error), mark, hint) from None


def _key(step: Step, path: KeyPath, mark: Mark) -> str:
    if not step.may_be_name:
        raise fail(f"{format_path(path) or 'a scenario'} is no list", mark)
    return step.text


def _index(items: list[Any], step: Step, path: KeyPath, mark: Mark) -> int:
    """Which item of a list a step means: the one of that name, or else the one at that position."""
    where = format_path(path)
    names = names_of(items, where)
    if step.may_be_name and step.text in names and step.text:
        return names.index(step.text)
    numbers = [name for name in names if name.isdecimal()]
    if not step.may_be_position or (step.dotted and numbers):
        raise fail(f"nothing in {where} is named {step.text!r}", mark, _names_like(step.text, names, path))
    index = int(step.text) if len(step.text) < 10 else len(items)
    if index < len(items):
        return index
    count = "1 item" if len(items) == 1 else f"{len(items)} items"
    hint = _names_like(step.text, numbers, path) if step.may_be_name else ""
    raise fail(f"{where} has {count}, counted from 0, so there is no {where}[{step.text}]", mark, hint)


def _names_like(text: str, names: list[str], path: KeyPath) -> str:
    """A hint that can be typed: where the nearest name needs brackets and quotes, the path has them."""
    known = [name for name in names if name]
    near = nearest(text, known)
    if near is not None and format_path((near,)) != near:
        return f"did you mean {format_path((*path, near))}?"
    return did_you_mean(text, known)


def _mark_all(marks: Marks, path: KeyPath, value: Any, mark: Mark) -> None:
    marks[path] = mark
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        _mark_all(marks, (*path, key), inner, mark)
