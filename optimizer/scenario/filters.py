"""Which offers a filter in a path means, as in `offers[tier=nano,platform=tiktok].cpm`: by what is written in them."""

from __future__ import annotations

import json
import re
from typing import Any

from optimizer.language.countries import parse_country
from optimizer.language.errors import Mark, did_you_mean, fail
from optimizer.language.names import WORDS
from optimizer.language.paths import Step
from optimizer.scenario.fields import parse_word
from optimizer.scenario.offer import FILTER_KEYS

_PART = re.compile(r"""\s*([^=,'"\s]+)\s*=\s*(?:'((?:[^']|'')*)'|("(?:[^"\\]|\\.)*")|([^,'"]*?))\s*(?:,|$)""")


def filtered(items: list[Any], names: list[str], step: Step, mark: Mark) -> list[int]:
    """Positions of the offers that fit, at least one.

    Args:
        items: offers as data.
        names: of each, as in the plan.
        step: the filter.
        mark: where messages say it stands.

    Raises:
        ScenarioError: where the text is no filter, or nothing fits.
    """
    where = _where(step.text, mark)
    tags = [key for item in items for key in _tags(item)]
    known = [*FILTER_KEYS, *dict.fromkeys(tags)]
    for key in where:
        if key not in known:
            raise fail(f"no offer has a {key!r} to filter by", mark, did_you_mean(key, known))
    labels = {
        key: [_label(item, name, key) for item, name in zip(items, names, strict=True)] for key in where
    }
    for key, values in where.items():
        for value in values:
            if value not in labels[key]:
                there = list(dict.fromkeys(label for label in labels[key] if label))
                raise fail(f"no offer is written with {key}={value}", mark, did_you_mean(value, there))
    fitting = [i for i in range(len(items)) if all(labels[key][i] in values for key, values in where.items())]
    if not fitting:
        hint = "each of these is there, but not in one offer"
        raise fail(f"no offer fits {step.text}", mark, hint)
    return fitting


def _where(text: str, mark: Mark) -> dict[str, list[str]]:
    """Key -> values, each read as in an offer."""
    where: dict[str, list[str]] = {}
    at = 0
    while at < len(text):
        found = _PART.match(text, at)
        if found is None:
            raise fail(f"[{text}] is no filter", mark, "write e.g. [tier=nano,platform=tiktok]")
        key, single, double, bare = found.groups()
        value = bare if single is None and double is None else json.loads(double) if double else single
        value = value.replace("''", "'") if single is not None else value
        where.setdefault("name" if key == "offer" else key, []).append(_read(key, str(value)))
        at = found.end()
    return where


def _tags(item: Any) -> dict[str, Any]:
    tags = item.get("tags") if isinstance(item, dict) else None
    return tags if isinstance(tags, dict) else {}


def _label(item: Any, name: str, key: str) -> str:
    """A label of an offer as it is compared; "" where it has none."""
    if key == "name":
        return name
    value = item.get(key) if key in FILTER_KEYS and isinstance(item, dict) else _tags(item).get(key)
    return "" if value is None or isinstance(value, dict | list) else _read(key, str(value))


def _read(key: str, value: str) -> str:
    try:
        return (
            parse_word(value) if key in WORDS else parse_country(value) if key == "country" else value.strip()
        )
    except ValueError:
        return value
