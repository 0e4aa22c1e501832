"""Factors on what a set below says: `cost_per_post: x 0.8 for micro instagram`."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from pydantic import Field, model_validator

from optimizer.benchmarks.figures import FIELDS, RATES, Figure, digits
from optimizer.language.countries import COUNTRIES
from optimizer.language.errors import did_you_mean
from optimizer.language.names import word
from optimizer.language.quantities import parse_number, plain
from optimizer.language.records import Record
from optimizer.language.synonyms import meaning

_TEXT = re.compile(
    r"^\s*[x×*]\s*(?P<factor>[0-9][0-9.,_]*\s*%?)(?:\s+for\s+(?P<words>.+?))?\s*$", re.IGNORECASE
)
_SHORT = {"reach": "reach_rate", "engagement": "engagement_rate"}
"""Short names of fields, besides the planners' words of `optimizer.language.synonyms`."""


class Correction(Record):
    """A factor on one field, for the offers that all of `words` fit: a tier, platform, format or country."""

    field: str
    factor: float = Field(gt=0)
    words: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _known(self) -> Correction:
        if self.field == "followers":
            raise ValueError("followers are not corrected; give a figure of followers for the tier")
        if self.field not in FIELDS:
            raise ValueError(
                f"{self.field!r} is no figure a set can hold ({did_you_mean(self.field, FIELDS)})"
            )
        return self

    @property
    def text(self) -> str:
        """As it is written: `x 0.8 for micro instagram`."""
        return f"x {plain(self.factor)}" + (f" for {' '.join(self.words)}" if self.words else "")

    def apply(self, figure: Figure, by: str) -> Figure:
        """The figure times the factor; `by` is the name of the set that says so."""
        most = 1.0 if self.field in RATES else math.inf  # a share cannot be more than all
        low, typical, high = (
            min(most, digits(number * self.factor)) for number in (figure.low, figure.typical, figure.high)
        )
        note = f"{self.text} by {by}" + (f"; {figure.note}" if figure.note else "")
        return figure.model_copy(update={"low": low, "typical": typical, "high": high, "note": note})


def _is_correction(item: Any) -> bool:
    return isinstance(item, Correction) or (isinstance(item, Mapping) and "factor" in item)


def _words(text: str) -> tuple[str, ...]:
    """Tiers, platforms and formats in small letters, countries as codes; `on` and `in` say nothing.

    A country is written by its name, or as a code in capitals: `it` and `in` are words, too.
    """
    for name, code in sorted(
        ((name, code) for code, name in COUNTRIES.items()), key=lambda pair: -len(pair[0])
    ):
        text = re.sub(rf"\b{re.escape(name)}\b", code, text, flags=re.IGNORECASE)
    parts = [part for part in re.split(r"[\s,]+", text) if part and part not in ("on", "in", "the")]
    return tuple(part if part in COUNTRIES else word(part) for part in parts)


def _field(text: str) -> str:
    meant = meaning(text)
    return meant.key if meant is not None else _SHORT.get(word(text), text)


def corrections_of(value: Any) -> Any:
    """`{field: text or list of texts}` as a list of corrections; anything else is left as it is.

    Raises:
        ValueError: with a message for the user, where a text is no correction.
    """
    if isinstance(value, str) or (isinstance(value, list) and value and not all(map(_is_correction, value))):
        raise ValueError("wants fields with their factors, e.g. {cost_per_post: x 0.8 for micro instagram}")
    if not isinstance(value, Mapping):
        return value
    found = []
    for field, texts in value.items():
        for text in texts if isinstance(texts, list | tuple) else [texts]:
            match = _TEXT.match(text) if isinstance(text, str) else None
            if match is None:
                raise ValueError(
                    f"{field}: {text!r} is no correction; write for instance x 0.8, or x 0.8 for micro instagram"
                )
            words = _words(match["words"] or "")
            found.append({
                "field": _field(str(field)),
                "factor": parse_number(match["factor"]),
                "words": words,
            })  # fmt: skip
    return found
