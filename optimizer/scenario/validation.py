"""Pydantic's errors -> Problems in a planner's words: where, what, how to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel

from optimizer.language.errors import FieldError, PathItem, Problem, did_you_mean
from optimizer.language.quantities import kind_of, shown
from optimizer.scenario.scenario import (
    Audience,
    CreatorRoom,
    CustomMeasure,
    Dates,
    Fees,
    Goal,
    Limit,
    Offer,
    PostRoom,
    Scenario,
    SolverOptions,
)

Path_ = tuple[PathItem, ...]

REQUIRED = "this key is required"

_MODELS: list[tuple[Path_, type[BaseModel]]] = [
    (("offers", "*", "creators"), CreatorRoom),
    (("offers", "*", "posts_per_creator"), PostRoom),
    (("offers", "*"), Offer),
    (("limits", "*"), Limit),
    (("objective", "*"), Goal),
    (("audience",), Audience),
    (("dates",), Dates),
    (("fees",), Fees),
    (("measures", "*"), CustomMeasure),
    (("solver",), SolverOptions),
    ((), Scenario),
]

_EXAMPLES: list[tuple[Path_, str]] = [
    (("offers", "*", "tags"), "tags: {market: US}"),
    (("offers", "*", "measures"), "measures: {samples: 1}"),
    (("offers", "*", "engagement_mix"), "engagement_mix: {likes: 90%, comments: 10%}"),
    (("offers", "*", "bundle_discount"), "bundle_discount: {2: 5%, 3: 10%}"),
    (("offers", "*"), "- {tier: nano, cost_per_post: 60}"),
    (("limits", "*", "where"), "where: {platform: tiktok}"),
    (("limits", "*", "measure"), "measure: cost"),
    (("limits", "*"), "- {measure: cost, max: 500}"),
    (("audience", "people"), "people: 12M"),
    (("audience",), "audience: {people: 12M, overlap: 8%}"),
    (("dates",), "dates: {start: 2026-03-01, end: 2026-03-31}"),
    (("fees",), "fees: {agency: 15%}"),
    (("measures", "*"), "samples: {per: creator}"),
    (("measures",), "measures: {samples: {per: creator}}"),
    (("solver",), "solver: {gap: 0.1%}"),
    (("exchange_rates",), "exchange_rates: {VND: 25400}"),
    (("engagement_weights",), "engagement_weights: {likes: 0, saves: 2}"),
    (("offers", "*", "posts_per_creator", "max"), "max: 3"),
    (("objective",), "objective: engagements"),
    (("offers",), "offers: [{tier: nano, cost_per_post: 60, creators: {max: 20}}]"),
]
"""What could stand at a path, for hints."""


def problems_of(errors: Iterable[Any]) -> list[Problem]:
    """The problems in `ValidationError.errors()`, one for each cause."""
    found = [_problem(error) for error in errors if not _is_echo(error)]
    return list(dict.fromkeys(found))


def missing_values(data: Any, paths: Iterable[Path_]) -> list[Problem]:
    """The problems of keys and items behind which nothing is written, and which inherit nothing to remove."""
    return [_missing(path) for path in paths if path and _value(data, path) is None]


def _value(data: Any, path: Path_) -> Any:
    """The value at a path; a stand-in that is not None where the path leads nowhere any more."""
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return ...
    return data


def _missing(path: Path_) -> Problem:
    wanted, required = "a value is" if _at(path, _MODELS) is None else "keys and values are", False
    for model_at, inner in ((path[:-1], False), (path[:-2], True)):  # a field, or a free name inside one
        model = _at(model_at, _MODELS)
        key = str(path[len(model_at)]) if len(path) > len(model_at) else ""
        if model is not None and key in model.model_fields:
            schema = model.model_json_schema()["properties"][key]
            if inner and "additionalProperties" not in schema:
                continue  # an item of a list
            wanted = _kind(schema["additionalProperties"] if inner else schema)
            required = model.model_fields[key].is_required() and not inner
            break
    hint = _example(path) or ("write it" if required else "write it, or remove the line")
    return Problem(path, f"{wanted} missing here", hint)


def _kind(schema: Any) -> str:
    """What a schema asks for first, with the verb that follows."""
    options = schema.get("anyOf", schema.get("allOf")) if isinstance(schema, dict) else None
    if options:
        return _kind(options[0])
    kinds = {
        "number": "a number is",
        "integer": "a number is",
        "array": "a list is",
        "boolean": "true or false is",
    }
    if isinstance(schema, dict) and ("$ref" in schema or schema.get("type") == "object"):
        return "keys and values are"
    kind = schema.get("type") if isinstance(schema, dict) else None
    return kinds.get(kind, "text is") if isinstance(kind, str) else "text is" if kind else "a value is"


def _is_echo(error: Any) -> bool:
    """Pydantic repeats a broken item as "at least 1 item after validation, not 0"."""
    return error["type"] == "too_short" and bool(error["input"])


def _problem(error: Any) -> Problem:
    path: Path_ = tuple(error["loc"])
    kind: str = error["type"]
    value = error.get("input")
    if kind == "value_error":
        cause = error["ctx"]["error"]
        if isinstance(cause, FieldError):
            return Problem((*path, *cause.at), cause.message, cause.hint)
        return Problem(path, str(cause))
    if kind == "extra_forbidden":
        return Problem(path, f"unknown key {path[-1]!r}", _hint_for_key(path))
    if kind == "missing":
        return Problem(path, REQUIRED, _example(path))
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return Problem(path, f"keys and values are wanted here, not {_not(value)}", _example(path))
    if kind in ("tuple_type", "list_type"):
        hint = "start each item with a dash"
        if isinstance(value, dict) and any(str(key).startswith("-") for key in value):
            hint = "a list item needs a space after the dash"
        elif (
            path in (("offers",), ("limits",))
            and isinstance(value, dict)
            and all(isinstance(v, dict | None) for v in value.values())
        ):
            hint += f"; names as keys change {path[0]} of a scenario that this one extends"
        return Problem(path, f"a list is wanted here, not {_not(value)}", hint)
    if kind == "string_type":
        return Problem(path, f"text is wanted here, not {_not(value)}", _example(path))
    if kind in ("bool_type", "bool_parsing"):
        return Problem(path, f"true or false is wanted here, not {_not(value)}")
    if kind == "literal_error":
        options = error["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return Problem(path, f"unknown value {shown(value)}", did_you_mean(str(value), options))
    if kind == "too_short":
        return Problem(path, "the list is empty", _example(path))
    return Problem(path, f"{shown(value)} cannot stand here")


def _hint_for_key(path: Path_) -> str:
    key = str(path[-1])
    if re.fullmatch(r"\d[\d.]*", key):  # {cost_per_post: 10,000}
        return "inside { } a comma begins a new key, so write 10_000 for ten thousand"
    model = _at(path[:-1], _MODELS)
    only_in_files = {Scenario: ["extends"], Offer: ["each"]}
    known = [*model.model_fields, *only_in_files.get(model, [])] if model else []
    return did_you_mean(key, known)


def _example(path: Path_) -> str:
    example = _at(path, _EXAMPLES)
    return f"write e.g. {example}" if example else ""


def _at(path: Path_, table: Sequence[tuple[Path_, Any]]) -> Any:
    for pattern, entry in table:
        if len(pattern) == len(path) and all(p in ("*", s) for p, s in zip(pattern, path, strict=True)):
            return entry
    return None


def _not(value: Any) -> str:
    """A value as the wrong thing in the wrong place."""
    if value is None:
        return "nothing"
    return f"a {kind_of(value)}" if isinstance(value, dict | list | tuple) else shown(value)
