"""The JSON schema of a scenario file, for editors and for `docs/reference/scenario.md`."""

from __future__ import annotations

import ast
import inspect
import json
from typing import Any

from pydantic import BaseModel

from optimizer import offer, scenario

SCHEMA_ID = "scenario.schema.json"


def scenario_schema() -> dict[str, Any]:
    """JSON schema (draft 2020-12) of a scenario file, with the field docs as descriptions."""
    schema = scenario.Scenario.model_json_schema()
    docs = field_docs()
    for name, definition in {"Scenario": schema, **schema.get("$defs", {})}.items():
        for field, prop in definition.get("properties", {}).items():
            text = docs.get(name, {}).get(field)
            if text:
                prop["description"] = text
    properties = schema["properties"]
    properties["extends"] = {
        "type": "string",
        "description": "Another scenario file, relative to this one; mappings merge, lists replace.",
    }
    goal = schema["$defs"]["Goal"]
    one = {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/Goal"}]}
    goal_text = properties["objective"]["description"]
    properties["objective"] = {
        "anyOf": [*one["anyOf"], {"type": "array", "items": one, "minItems": 1}],
        "description": goal_text,
    }
    goal["oneOf"] = [{"required": ["maximize"]}, {"required": ["minimize"]}]
    own = properties["measures"]["additionalProperties"]
    properties["measures"]["additionalProperties"] = {
        "anyOf": [own, {"enum": ["creator", "post"]}, {"type": "null"}]
    }
    schema["title"] = "Scenario of creatormix"
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return schema


def schema_text() -> str:
    """The schema as it is committed in `scenarios/scenario.schema.json`."""
    return json.dumps(scenario_schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def field_docs() -> dict[str, dict[str, str]]:
    """Model -> field -> the string under the field in `scenario.py` and `offer.py`.

    Read from the source when a schema is asked for, so that planning does not pay for it.
    """
    docs: dict[str, dict[str, str]] = {}
    for node in (node for module in (offer, scenario) for node in ast.parse(inspect.getsource(module)).body):
        if isinstance(node, ast.ClassDef):
            found: dict[str, str] = {}
            for field, text in zip(node.body, node.body[1:], strict=False):
                if (
                    isinstance(field, ast.AnnAssign)
                    and isinstance(field.target, ast.Name)
                    and isinstance(text, ast.Expr)
                    and isinstance(text.value, ast.Constant)
                ):
                    found[field.target.id] = " ".join(str(text.value.value).split())
            docs[node.name] = found
    return docs


def documented_models() -> list[tuple[str, type[BaseModel]]]:
    """The parts of a scenario with the key each stands under, in reading order."""
    return [
        ("", scenario.Scenario),
        ("audience", scenario.Audience),
        ("dates", scenario.Dates),
        ("fees", scenario.Fees),
        ("objective", scenario.Goal),
        ("offers[]", offer.Offer),
        ("offers[].creators", offer.CreatorRoom),
        ("offers[].posts_per_creator", offer.PostRoom),
        ("limits[]", scenario.Limit),
        ("measures", scenario.CustomMeasure),
        ("solver", scenario.SolverOptions),
    ]
