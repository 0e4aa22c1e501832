"""Pydantic's errors -> Problems in a planner's words: where, what, how to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from types import UnionType
from typing import Annotated, Any, NamedTuple, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from optimizer.language.errors import FieldError, KeyPath, Problem, did_you_mean, nearest
from optimizer.language.names import WORDS
from optimizer.language.quantities import kind_of, shown
from optimizer.language.synonyms import meaning, usual_tag

M = TypeVar("M", bound=BaseModel)


class Refusal(NamedTuple):
    """What is wrong with data as one model.

    Attributes:
        problems: one for each cause, the path of each from the model's own root.
        unknown: paths of keys that do not exist.
        required: paths of keys that have to be there and are not.
    """

    problems: list[Problem]
    unknown: frozenset[KeyPath] = frozenset()
    required: frozenset[KeyPath] = frozenset()


_EXAMPLES: list[tuple[KeyPath, str]] = [
    (("offers", "*", "tags"), "tags: {market: US}"),
    (("offers", "*", "measures"), "measures: {samples: 1}"),
    (("offers", "*", "engagement_mix"), "engagement_mix: {likes: 90%, comments: 10%}"),
    (("offers", "*", "bundle_discount"), "bundle_discount: {2: 5%, 3: 10%}"),
    (("offers", "*"), "- {tier: nano, cost_per_post: 60}"),
    (("rosters", "*", "file"), "file: creators.csv"),
    (("rosters", "*", "columns"), "columns: {followers: Followers}"),
    (("rosters", "*", "columns", "*"), "{from: Followers, decimal: ','}"),
    (("rosters", "*", "columns", "*", "from"), "from: Followers"),
    (("rosters", "*", "defaults"), "defaults: {platform: instagram}"),
    (("rosters", "*", "keep"), "keep: {followers: {min: 5_000}}"),
    (("rosters", "*", "offer"), "offer: {posts_per_creator: {min: 1, max: 3}}"),
    (("rosters", "*"), "- {file: creators.csv}"),
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
    (("stress",), "stress: {dearer: fees +20%}"),
    (("engagement_weights",), "engagement_weights: {likes: 0, saves: 2}"),
    (("offers", "*", "posts_per_creator", "max"), "max: 3"),
    (("objective",), "objective: engagements"),
    (("offers",), "offers: [{tier: nano, cost_per_post: 60, creators: {max: 20}}]"),
]
"""What could stand at a path, for hints."""


def validated(model: type[M], data: Any, written: Iterable[KeyPath] = ()) -> tuple[M | None, Refusal]:
    """The model that data make, or what is wrong with them.

    Args:
        model: a model of `scenario.scenario`.
        data: plain values.
        written: paths behind which nothing stands; where nothing is inherited there, a value is missing.
    """
    lacking = [_missing(path, model) for path in written if path and _value(data, path) is None]
    made, found = None, Refusal([])
    try:
        made = model.model_validate(data)
    except ValidationError as error:
        found = problems_in(error, model)
    except RecursionError:
        found = Refusal([Problem((), "values are nested too deeply")])
    lacking = [p for p in lacking if p.path not in found.unknown]
    rest = [p for p in found.problems if not any(p.path == m.path[: len(p.path)] for m in lacking)]
    return made, found._replace(problems=[*lacking, *rest])


def problems_in(error: ValidationError, model: type[BaseModel]) -> Refusal:
    """The same from pydantic's own error."""
    errors = [e for e in error.errors(include_url=False) if not _is_echo(e)]
    problems = list(dict.fromkeys(_problem(e, model) for e in errors))
    at = {kind: frozenset(tuple(e["loc"]) for e in errors if e["type"] == kind) for kind in _KEYS}
    return Refusal(problems, at["extra_forbidden"], at["missing"])


_KEYS = ("extra_forbidden", "missing")


def _value(data: Any, path: KeyPath) -> Any:
    """The value at a path; a stand-in that is not None where the path leads nowhere any more."""
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return ...
    return data


def _missing(path: KeyPath, root: type[BaseModel]) -> Problem:
    wanted, required = "a value is" if _model_at(path, root) is None else "keys and values are", False
    for model_at, inner in ((path[:-1], False), (path[:-2], True)):  # a field, or a free name inside one
        model = _model_at(model_at, root)
        key = str(path[len(model_at)]) if len(path) > len(model_at) else ""
        if model is not None and key in model.model_fields:
            schema = model.model_json_schema()["properties"][key]
            if inner and "additionalProperties" not in schema:
                continue  # an item of a list
            wanted = _kind(schema["additionalProperties"] if inner else schema)
            required = model.model_fields[key].is_required() and not inner
            break
    hint = _example(path, root) or ("write it" if required else "write it, or remove the line")
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


def _problem(error: Any, root: type[BaseModel]) -> Problem:
    path: KeyPath = tuple(error["loc"])
    kind: str = error["type"]
    value = error.get("input")
    if kind == "value_error":
        cause = error["ctx"]["error"]
        if isinstance(cause, FieldError):
            return Problem((*path, *cause.at), cause.message, cause.hint)
        return Problem(path, str(cause))
    if kind == "extra_forbidden":
        return Problem(path, f"unknown key {path[-1]!r}", _hint_for_key(path, root, value))
    if kind == "missing":
        return Problem(path, "this key is required", _example(path, root))
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return Problem(path, f"keys and values are wanted here, not {_not(value)}", _example(path, root))
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
        return Problem(path, f"text is wanted here, not {_not(value)}", _example(path, root))
    if kind in ("bool_type", "bool_parsing"):
        return Problem(path, f"true or false is wanted here, not {_not(value)}")
    if kind == "literal_error":
        options = error["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return Problem(path, f"unknown value {shown(value)}", did_you_mean(str(value), options))
    if kind == "too_short":
        return Problem(path, "the list is empty", _example(path, root))
    return Problem(path, f"{shown(value)} cannot stand here")


def _hint_for_key(path: KeyPath, root: type[BaseModel], value: Any) -> str:
    key = str(path[-1])
    if re.fullmatch(r"\d[\d.]*", key):  # {cost_per_post: 10,000}
        return "inside { } a comma begins a new key, so write 10_000 for ten thousand"
    if re.fullmatch(r"\d+\s*(k|K|M|m|B|bn|%)", key):  # {agency: 3,2%}
        return "inside { } a comma begins a new key, so write a decimal with a point, as in 3.2%"
    model = _model_at(path[:-1], root)
    if model is None:
        return ""
    # how sure a cap must be stands beside it in a file, {max: ..., confidence: ...}
    known = [name for name in model.model_fields if not name.endswith("_confidence")]
    known += getattr(model, "only_in_files", ())
    return _elsewhere(key, value, known) or did_you_mean(key, known)


def _elsewhere(key: str, value: Any, known: Sequence[str]) -> str:
    """Where a planner's word belongs, by the keys that there are; "" where the nearest of these will do."""
    tag, label = usual_tag(key), key.strip().lower()
    if "where" in known and (tag or label in WORDS):
        return f"write where: {{{tag or label}: {_in_braces(value)}}}"
    if tag and "tags" in known:
        return f"write {'each' if isinstance(value, list) else 'tags'}: {{{tag}: {_in_braces(value)}}}"
    if tag and "offers" in known:
        return f"write tags: {{{tag}: {_in_braces(value)}}} in the offers"
    meant, near = meaning(key), nearest(key, known)
    if meant is None or (near is not None and meaning(near) == meant):
        return ""
    if "where" in known:
        return f"write measure: {meant.measure}"
    if "offers" in known:
        return f"write {meant.key} in the offers"
    if meant.key in known and meant.is_measure:
        return f"write {meant.key}, from which {meant.measure} follow"
    return ""


def _in_braces(value: Any) -> str:
    """A label, or some of them, as they stand in a mapping in one line; "..." for anything else."""
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return f"[{', '.join(map(_in_braces, value))}]"
    return value if isinstance(value, str) and re.fullmatch(r"\w[\w -]*", value) else "..."


def _example(path: KeyPath, root: type[BaseModel]) -> str:
    """What could stand at a path of a model, which itself stands somewhere in a scenario."""
    whole = (*getattr(root, "stands_at", ()), *path)
    for pattern, example in _EXAMPLES:
        if len(pattern) == len(whole) and all(p in ("*", s) for p, s in zip(pattern, whole, strict=True)):
            return f"write e.g. {example}"
    return ""


def _model_at(path: KeyPath, root: type[BaseModel]) -> type[BaseModel] | None:
    """The model that stands at a path below another; None where something else does."""
    at: Any = root
    for part in path:
        model = _model_in(at)
        if model is not None:
            if part not in model.model_fields:
                return None
            at = model.model_fields[str(part)].annotation
        else:
            inner = [
                arg
                for kind in _kinds(at)
                for arg in get_args(kind)[-1 if get_origin(kind) is dict else 0 :][:1]
            ]
            if not inner:
                return None
            at = inner[0]
    return _model_in(at)


def _kinds(annotation: Any) -> Sequence[Any]:
    """The types of a union; a type that is none is its only one."""
    if get_origin(annotation) is Annotated:
        return _kinds(get_args(annotation)[0])
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    found = [kind for kind in _kinds(annotation) if isinstance(kind, type) and issubclass(kind, BaseModel)]
    return found[0] if found else None


def _not(value: Any) -> str:
    """A value as the wrong thing in the wrong place."""
    if value is None:
        return "nothing"
    return f"a {kind_of(value)}" if isinstance(value, dict | list | tuple) else shown(value)
