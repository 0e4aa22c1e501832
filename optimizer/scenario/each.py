"""`each` in an offer: one offer written, one for every combination of its labels meant.

    - {name: reel, each: {market: [US, UK], flight: {march: {}, may: {cost_per_post: 70}}}, cost_per_post: 60}

is reel-US-march, reel-US-may, reel-UK-march and reel-UK-may. A label goes over a list of values, or over a mapping
from values to what else is different there. After this step nothing of `each` is left: paths, names, plan and
fingerprint are those of the offers written out.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import product
from math import prod
from typing import Any, NamedTuple

from optimizer.language.errors import KeyPath, Mark, Marks, PathItem, Problem
from optimizer.language.quantities import kind_of, shown
from optimizer.scenario.changes import label_text
from optimizer.scenario.offer import FILTER_KEYS, Offer

MAX_OFFERS = 10_000
"""Offers that `each` may make in one scenario; far more than can be planned in minutes."""
EXAMPLE = "write e.g. each: {market: [US, UK]}"


class _Choice(NamedTuple):
    """One value of one label, and what else is different with it."""

    label: str
    value: Any
    at: KeyPath
    """Where the value stands, below the offer."""
    changes: dict[str, Any]


def expanded(data: dict[str, Any], marks: Marks, problems: list[Problem]) -> tuple[dict[str, Any], Marks]:
    """The data with the offers of every `each` written out, and the marks of all that.

    What is wrong with an `each` is added to `problems`, with its place; that offer then stands as it is without it.
    """
    offers = data.get("offers")
    if not isinstance(offers, list) or not any(isinstance(o, dict) and "each" in o for o in offers):
        return data, marks
    by_offer: dict[PathItem, Marks] = {}
    rest: Marks = {}
    for path, mark in marks.items():
        if len(path) > 1 and path[0] == "offers":
            by_offer.setdefault(path[1], {})[path[2:]] = mark
        else:
            rest[path] = mark
    result: list[Any] = []
    for index, offer in enumerate(offers):
        own = by_offer.get(index, {})
        choices = _choices(offer, len(result), own, problems) if isinstance(offer, dict) else []
        count = prod(len(values) for values in choices)
        if count > 1 and len(result) + count > MAX_OFFERS:
            message = f"this makes {count:,} offers; at most {MAX_OFFERS:,} can be made"
            problems.append(
                Problem(("offers", len(result), "each"), message, "", *own.get(("each",), Mark()))
            )
            choices, count = [], 1
        for combination in product(*choices):
            at = ("offers", len(result))
            made, placed = _one(offer, own, combination) if combination else (_without(offer), own)
            rest.update({(*at, *path): mark for path, mark in placed.items()})
            result.append(made)
    return {**data, "offers": result}, rest


def _without(offer: Any) -> Any:
    return {key: value for key, value in offer.items() if key != "each"} if isinstance(offer, dict) else offer


def _one(offer: dict[str, Any], own: Marks, combination: tuple[_Choice, ...]) -> tuple[dict[str, Any], Marks]:
    """One of the offers, and the marks below it."""
    made = copy.deepcopy(_without(offer))
    marks = {path: mark for path, mark in own.items() if path[:1] != ("each",)}
    for choice in combination:
        _change(made, choice.changes, (), choice.at, own, marks)
    for choice in combination:
        here = own.get(choice.at, Mark())
        if choice.label in FILTER_KEYS:
            made[choice.label], marks[choice.label,] = choice.value, here
        else:
            tags = made["tags"] if isinstance(made.get("tags"), dict) else {}
            made["tags"] = {**tags, choice.label: choice.value}
            marks.setdefault(("tags",), here)
            marks["tags", choice.label] = here
    parts = [label_text(offer.get("name")), *(label_text(c.value, c.label) for c in combination)]
    if parts[0] or any(choice.label == "name" for choice in combination):
        made["name"] = "-".join(part for part in parts if part)
        marks.setdefault(("name",), own.get(("each",), Mark()))
    return made, marks


def _change(
    made: dict[str, Any], changes: dict[str, Any], path: KeyPath, at: KeyPath, own: Marks, marks: Marks
) -> None:
    """Mappings merge, null removes, everything else is replaced; in place."""
    for key, value in changes.items():
        inner, source = (*path, key), (*at, key)
        if isinstance(value, dict) and isinstance(made.get(key), dict):
            _change(made[key], value, inner, source, own, marks)
            continue
        for known in [p for p in marks if p[: len(inner)] == inner]:
            del marks[known]
        if value is None:
            made.pop(key, None)
            continue
        made[key] = copy.deepcopy(value)
        marks.update({(*inner, *p[len(source) :]): m for p, m in own.items() if p[: len(source)] == source})


def _choices(offer: dict[str, Any], index: int, own: Marks, problems: list[Problem]) -> list[list[_Choice]]:
    """For each label its values; [] where there is no `each`, or something is wrong with it."""
    if "each" not in offer:
        return []
    wrong: list[Problem] = []
    each = offer["each"]
    if not isinstance(each, dict) or not each:
        what = "names no label" if each == {} else f"is a mapping from labels to values, not {_not(each)}"
        wrong.append(Problem(("each",), f"each {what}", EXAMPLE))
        each = {}
    choices = []
    for label, values in each.items():
        found = _wrong_label(offer, label)
        if found is None:
            choices.append(list(_values(label, values, wrong)))
        else:
            wrong.append(found)
    if wrong:
        for problem in wrong:
            mark = next(
                own[problem.path[:n]] for n in range(len(problem.path), 0, -1) if problem.path[:n] in own
            )
            path = ("offers", index, *problem.path)
            problems.append(Problem(path, problem.message, problem.hint, *mark))
        return []
    return choices


def _wrong_label(offer: dict[str, Any], label: str) -> Problem | None:
    at = ("each", label)
    if label in FILTER_KEYS:
        if label != "name" and offer.get(label) is not None:
            return Problem(at, f"{label} stands beside each too", "keep one of them")
    elif label in ("creator", "offer"):
        return Problem(at, f"{label!r} has a meaning already", "choose another name for the tag")
    elif label == "tags":
        return Problem(at, "each names the tags themselves", EXAMPLE)
    elif label in (*Offer.model_fields, "each"):
        hint = f"write e.g. each: {{market: {{US: {{{label}: ...}}, UK: {{{label}: ...}}}}}}"
        return Problem(
            at, f"each goes over labels (tier, platform, format, a tag, name), and {label} is none", hint
        )
    elif isinstance(offer.get("tags"), dict) and label in offer["tags"]:
        return Problem(at, f"the tag {label} stands beside each too", "keep one of them")
    return None


def _values(label: str, values: Any, wrong: list[Problem]) -> Iterator[_Choice]:
    at = ("each", label)
    if not isinstance(values, list | dict) or not values:
        what = "the list is empty" if values == [] else f"values are wanted here, not {_not(values)}"
        wrong.append(Problem(at, what, f"write e.g. {label}: [a, b]"))
        return
    seen: set[str] = set()
    for place, value in enumerate(values):
        inner = (*at, value if isinstance(values, dict) else place)
        text = label_text(value, label)
        if not text:
            hint = f"where a value changes more, write {label}: {{VALUE: {{...}}, ...}}"
            wrong.append(Problem(inner, f"one word is wanted here, not {_not(value)}", hint))
        elif text in seen:
            wrong.append(Problem(inner, f"{text!r} stands here twice", "keep one of them"))
        seen.add(text)
        changes = values[value] if isinstance(values, dict) else {}
        if not isinstance(changes, dict):
            hint = "write {} where nothing else is different"
            wrong.append(Problem(inner, f"keys and values are wanted here, not {_not(changes)}", hint))
            continue
        for key in ("name", "each"):
            if key in changes:
                hint = "the name is made of the values" if key == "name" else "write all labels in one each"
                wrong.append(Problem((*inner, key), f"{key} cannot stand inside each", hint))
        yield _Choice(label, value, inner, changes)


def _not(value: Any) -> str:
    if value is None:
        return "nothing"
    return f"a {kind_of(value)}" if isinstance(value, dict | list) else shown(value)
