"""The JSON schema of a scenario file, for editors and for `docs/reference/scenario.md`."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel

from optimizer.scenario import offer, roster, scenario
from optimizer.scenario.described import field_docs, summary

SCHEMA_ID = "scenario.schema.json"
FILE_KEYS = {
    "extends": "Another scenario file, relative to this one; mappings merge, lists replace, null removes. "
    "`offers: {NAME: {...}}` changes an offer of it by name, `limits: {NAME: {...}}` a limit.",
    "rosters": "Files of named creators, as discovery tools export them: each row that takes part becomes an offer "
    "with room for one creator. `optimize roster FILE` shows what is read of one. Where no benchmark set is named, "
    "global-2026 fills what rows leave out. `offers: {NAME: {...}}` beside it changes a row by its name, null takes "
    "it out.",
    "x-...": "Any key that begins so is left alone: a place for YAML anchors.",
}
"""Keys at the top of a file that no scenario has any more once it is read."""
OFFER_KEYS = {
    "each": "One offer for every combination of labels: {market: [US, UK]}, or {market: {US: {}, UK: {cost_per_post: "
    "50}}} where a value changes more. The name, if there is one, gets the values appended: reel-US.",
}
"""Keys of an offer in a file, written out once it is read."""


def scenario_schema() -> dict[str, Any]:
    """JSON schema (draft 2020-12) of a scenario file, with the field docs as descriptions."""
    schema = scenario.Scenario.model_json_schema()
    listed_roster = roster.RosterFile.model_json_schema()
    schema["$defs"] |= listed_roster.pop("$defs")
    schema["$defs"]["RosterFile"] = listed_roster
    column = listed_roster["properties"]["columns"]
    column["additionalProperties"] = {"anyOf": [{"type": "string"}, column["additionalProperties"]]}
    models = {model.__name__: model for _, model in documented_models()}
    for name, definition in {"Scenario": schema, **schema["$defs"]}.items():
        definition["description"] = summary(models[name])
        for field, text in field_docs(models[name]).items():
            alias = models[name].model_fields[field].alias or field
            definition["properties"][alias]["description"] = text
    properties = schema["properties"]
    properties["extends"] = {"type": "string", "description": FILE_KEYS["extends"]}
    properties["rosters"] = {
        "type": "array",
        "items": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/RosterFile"}]},
        "description": FILE_KEYS["rosters"],
    }
    schema["patternProperties"] = {"^x-": {"description": FILE_KEYS["x-..."]}}
    definitions = schema["$defs"]
    definitions["Offer"]["properties"]["each"] = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {
            "anyOf": [
                {"type": "array", "items": {"type": ["string", "number", "boolean"]}, "minItems": 1},
                {
                    "type": "object",
                    "additionalProperties": {"$ref": "#/$defs/OfferChange"},
                    "minProperties": 1,
                },
            ]
        },
        "description": OFFER_KEYS["each"],
    }
    for key, name in (("offers", "Offer"), ("limits", "Limit")):
        definitions[f"{name}Change"] = _change_of(definitions[name]["properties"], name)
        listed = properties[key]
        text = listed.pop("description")
        listed.pop("default", None)
        named = {
            "type": "object",
            "additionalProperties": {"anyOf": [{"$ref": f"#/$defs/{name}Change"}, {"type": "null"}]},
        }
        properties[key] = {"anyOf": [listed, named], "description": text}
    for cap in ("budget", "effort_hours"):
        properties[cap]["anyOf"].insert(-1, _sure_cap(cap))
    for key in ("overlaps", "followers"):
        definitions["Audience"]["properties"][key]["anyOf"].insert(0, {"type": "string"})
    goal = definitions["Goal"]
    one = {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/Goal"}]}
    goal_text = properties["objective"]["description"]
    properties["objective"] = {
        "anyOf": [*one["anyOf"], {"type": "array", "items": one, "minItems": 1}],
        "description": goal_text,
    }
    goal["oneOf"] = [{"required": ["maximize"]}, {"required": ["minimize"]}]
    own = properties["measures"]["additionalProperties"]
    properties["measures"]["additionalProperties"] = {"anyOf": [own, {"enum": ["creator", "post"]}]}
    required = schema.pop("required")
    listed_too = [{"required": ["rosters" if key == "offers" else key for key in required]}]
    schema["anyOf"] = [{"required": ["extends"]}, {"required": required}, *listed_too]
    schema["title"] = "Scenario of creatormix"
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return schema


def _sure_cap(cap: str) -> dict[str, Any]:
    """A cap that must be kept with a confidence."""
    keys = {"max": f"The {cap.replace('_', ' ')}.", "confidence": "How sure it must be kept. Unit: share."}
    parts = {key: {"type": ["number", "string"], "description": text} for key, text in keys.items()}
    return {"type": "object", "required": ["max"], "additionalProperties": False, "properties": parts}


def _change_of(properties: dict[str, Any], name: str) -> dict[str, Any]:
    """A part of an offer or a limit, laid over one that is whole: any of its keys, and null takes a key away."""
    parts = {}
    for key, schema in properties.items():
        mapping = "$ref" in str(schema) or "'object'" in str(schema)  # of which a part will do as well
        rest = {"type": ["object", "null"] if mapping else "null"}
        parts[key] = {"anyOf": [{"$ref": f"#/$defs/{name}/properties/{key}"}, rest]}
    return {"type": "object", "additionalProperties": False, "properties": parts}


def schema_text() -> str:
    """The schema as it is committed in `scenarios/scenario.schema.json`."""
    return json.dumps(scenario_schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def documented_models() -> list[tuple[str, type[BaseModel]]]:
    """The parts of a scenario with the key each stands under, in reading order."""
    return [
        ("", scenario.Scenario),
        ("audience", scenario.Audience),
        ("audience.overlaps", scenario.Overlaps),
        ("audience.followers", scenario.Followers),
        ("dates", scenario.Dates),
        ("fees", scenario.Fees),
        ("correlation", scenario.Correlation),
        ("objective", scenario.Goal),
        ("offers[]", offer.Offer),
        ("offers[].creators", offer.CreatorRoom),
        ("offers[].posts_per_creator", offer.PostRoom),
        ("rosters[]", roster.RosterFile),
        ("rosters[].columns", roster.RosterColumn),
        ("limits[]", scenario.Limit),
        ("measures", scenario.CustomMeasure),
        ("solver", scenario.SolverOptions),
    ]
