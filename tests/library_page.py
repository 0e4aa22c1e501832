"""`docs/reference/library.md`, made of the public names: signature, arguments, shapes, errors."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from typing import Any, get_args

import optimizer
from optimizer.language.measures import MEASURES
from optimizer.language.records import Record
from optimizer.report import formats
from optimizer.scenario.described import field_docs

FORMATS = ("text", "markdown", "csv", "page", "workbook")
"""Public functions of `optimizer.report.formats`."""
PARTS: dict[str, tuple[str, ...]] = {
    "Read and plan": (
        "load_scenario", "parse_scenario", "read_roster", "Roster", "check", "optimize", "save_lp",
    ),
    "Scenarios": ("Scenario", "Offer", "Limit", "Goal"),
    "The plan": ("Plan",),
    "Questions about a plan": (
        "explain", "Explanation", "alternatives", "Alternatives", "goal", "GoalAnswer", "replan", "Replan",
        "read_signed", "reserves", "Reserves",
    ),
    "Questions about budgets": (
        "compare", "Comparison", "bridge", "Bridge", "frontier", "Frontier", "around_today",
        "stress", "Stress",
    ),
    "Questions about risk": (
        "safety", "Safety",
    ),
    "What came of a plan": ("read_results", "review", "Review"),
    "Questions about numbers": ("learn", "Learned", "next_tests", "NextTests"),
    "Other tools": ("mediaplan_json", "scenario_from_mediaplan", "cluster"),
    "Errors": (
        "OptimizerError", "ScenarioError", "Problem", "InfeasibleError", "Conflict", "WayOut", "SolverError",
    ),
}  # fmt: skip
SECTIONS = ("Args", "Attributes", "Returns", "Raises", "Yields", "Source")


def public() -> Iterator[tuple[str, str, Any]]:
    """Every public name: where it is imported from, the name, the thing."""
    for names in PARTS.values():
        for name in names:
            yield "optimizer", name, getattr(optimizer, name)
    for name in FORMATS:
        yield "optimizer.report.formats", name, getattr(formats, name)


def sections(doc: str) -> dict[str, list[tuple[str, str]]]:
    """A docstring in its sections: "" for the text before them, each a list of (name, text)."""
    found: dict[str, list[tuple[str, str]]] = {"": []}
    current, text = "", []
    for line in [*inspect.cleandoc(doc).splitlines(), "End:"]:
        head = line.removesuffix(":")
        if line.endswith(":") and head in (*SECTIONS, "End"):
            found[current] = (
                list(_items(text)) if current in ("Args", "Attributes", "Raises") else [("", _plain(text))]
            )
            current, text = head, []
        else:
            text.append(line)
    return found


def _items(lines: list[str]) -> Iterator[tuple[str, str]]:
    name, text = "", []
    for line in lines:
        entry = re.match(r" {4}(?=\S)([\w, ]+):\s*(.*)", line)
        if entry:
            if name:
                yield name, " ".join(text)
            name, text = entry[1], [entry[2]]
        elif line.strip():
            text.append(line.strip())
    if name:
        yield name, " ".join(text)


def _plain(lines: list[str]) -> str:
    return "\n".join(lines).strip()


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def signature_of(name: str, thing: Any) -> str:
    """As it is called: one line, or one line for each argument."""
    signature = inspect.signature(thing)
    parameters = []
    for parameter in signature.parameters.values():
        default = "" if parameter.default is inspect.Parameter.empty else f" = {parameter.default!r}"
        parameters.append(f"{parameter.name}: {parameter.annotation}{default}")
    kinds = [parameter.kind for parameter in signature.parameters.values()]
    if inspect.Parameter.KEYWORD_ONLY in kinds:
        parameters.insert(kinds.index(inspect.Parameter.KEYWORD_ONLY), "*")
    end = f" -> {signature.return_annotation}"
    line = f"{name}({', '.join(parameters)}){end}"
    if len(line) <= 100:
        return line
    return f"{name}(\n" + "".join(f"    {part},\n" for part in parameters) + f"){end}"


def fields_of(thing: Any) -> list[tuple[str, str, str]]:
    """Field, type and meaning of a result, those it inherits first."""
    rows = []
    models = [
        model for model in thing.__mro__ if model.__module__.startswith("optimizer") and model is not Record
    ]
    for model in reversed(models):
        counted = model.__name__ == "Counted"  # made of the table of measures
        docs = {name: measure.meaning for name, measure in MEASURES.items()} if counted else field_docs(model)
        for name, kind in inspect.get_annotations(model).items():
            if name in model.model_fields:
                shown = model.model_fields[name].annotation if counted else kind
                rows.append(
                    (name, str(shown).replace("typing.Optional[float]", "float | None"), docs.get(name, ""))
                )
    return rows


def parts_of(things: Iterable[Any]) -> list[Any]:
    """The records that results are made of and that have no public name, in the order in which they are met."""
    found: dict[str, Any] = {}
    waiting = list(things)
    while waiting:
        for field in waiting.pop(0).model_fields.values():
            for kind in _kinds(field.annotation):
                if kind.__name__ not in found:
                    found[kind.__name__] = kind
                    waiting.append(kind)
    named = {name for names in PARTS.values() for name in names}
    return [kind for name, kind in found.items() if name not in named]


def _kinds(annotation: Any) -> Iterator[Any]:
    if inspect.isclass(annotation) and issubclass(annotation, Record):
        yield annotation
    for part in get_args(annotation):
        yield from _kinds(part)


def entry(home: str, name: str, thing: Any) -> Iterator[str]:
    """What the page says of one name."""
    yield f"### {name}\n"
    yield f"`from {home} import {name}`\n"
    described = name in PARTS["Scenarios"]
    if inspect.isfunction(thing):
        yield f"```text\n{signature_of(name, thing)}\n```\n"
    doc = sections(vars(thing).get("__doc__") or "" if described else thing.__doc__ or "")
    yield doc[""][0][1] + "\n"
    if described:
        yield f"Its keys, units and defaults are those of [the file](scenario.md); `help({name})` shows them.\n"
    elif hasattr(thing, "model_fields"):
        yield from _field_table(thing)
    for head, title in (("Args", "argument"), ("Attributes", "attribute")):
        if head in doc:
            yield f"| {title} | meaning |\n|---|---|"
            yield from (f"| `{field}` | {_cell(text)} |" for field, text in doc[head])
            yield ""
    if "Returns" in doc:
        yield f"Returns: {' '.join(doc['Returns'][0][1].split())}\n"
    for error, text in doc.get("Raises", []):
        yield f"- raises `{error}` {_cell(text)}"
    if "Raises" in doc:
        yield ""


def _field_table(thing: Any) -> Iterator[str]:
    yield "| field | type | meaning |\n|---|---|---|"
    for field, kind, text in fields_of(thing):
        yield f"| `{field}` | `{_cell(kind)}` | {_cell(text)} |"
    yield ""


def library_reference() -> str:
    """The whole page."""
    lines = [
        "# Library\n",
        "Every public name, where it is imported from, what it takes, gives and raises. How they work together:",
        "[use as a library](../how-to/use-as-a-library.md). Results are frozen records of tuples; `model_dump_json()`",
        "writes one, `model_validate_json(text)` of its class reads it back. None means not known, never 0.",
    ]
    for title, names in PARTS.items():
        lines.append(f"\n## {title}\n")
        for name in names:
            lines += entry("optimizer", name, getattr(optimizer, name))
    lines.append("\n## Formats\n")
    for name in FORMATS:
        lines += entry("optimizer.report.formats", name, getattr(formats, name))
    lines.append("\n## What results are made of\n")
    for part in parts_of(
        thing for _, _, thing in public() if inspect.isclass(thing) and issubclass(thing, Record)
    ):
        lines += [
            f"### {part.__name__}\n",
            sections(part.__doc__ or "")[""][0][1] + "\n",
            *_field_table(part),
        ]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"
