"""Stress cases: changes in words, such as `fees +20%` or `instagram engagement_rate x0.7`, and how they are read.

    [filter words] NUMBER CHANGE

    nano, tiktok hours_per_creator +30%     relative, as x1.3 is
    completion -10 points                   percentage points, of shares only
    budget -5_000                           an amount, in the scenario's currency where it is money
    offer 'My name' cost_per_post = 300     to that value

Filter words name tiers, platforms, formats, countries, offers or values of tags; `flight=march` says which is meant.
What the words mean for the offers of a scenario is said by `optimizer.program.stressed`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, PlainValidator, WithJsonSchema

from optimizer.language.errors import FieldError
from optimizer.language.names import composed
from optimizer.language.quantities import kind_of, parse_number, shown
from optimizer.language.synonyms import meaning
from optimizer.scenario.described import Written
from optimizer.scenario.fields import NUMBER_FIELDS

EXAMPLE = "write e.g. fees +20%, completion -10 points, nano hours_per_creator x1.3 or budget = 50_000"

GROUPS: dict[str, tuple[str, ...]] = {
    "fees": ("cost_per_post",),
    "hours": ("hours_per_creator", "hours_per_post", "setup_hours"),
    "reach": ("reach_rate",),
}
"""One word for several numbers of an offer; fees move cpm along, where prices are given so."""
WHOLE: dict[str, tuple[str, ...]] = {
    "budget": ("budget",),
    "effort_hours": ("effort_hours",),
    "audience_people": ("audience", "people"),
    "audience_overlap": ("audience", "overlap"),
    "fees_agency": ("fees", "agency"),
    "fees_contingency": ("fees", "contingency"),
}
"""Numbers of the whole scenario, which take no filter -> where they stand."""
_OTHER_WORDS = {
    "people": "audience_people",
    "overlap": "audience_overlap",
    "agency": "fees_agency",
    "agency_fee": "fees_agency",
    "contingency": "fees_contingency",
    "engagements": "engagements_per_post",
    "impressions": "impressions_per_post",
}
PLAIN_FIELDS = ("spread", "post_spread", "paid_if_missed")
"""Numbers of an offer without a range."""
KNOWN = (*NUMBER_FIELDS, *PLAIN_FIELDS, *GROUPS, *WHOLE, *_OTHER_WORDS)


@dataclass(frozen=True)
class Word:
    """A word of a filter: a value, and of which key where that was said."""

    value: str
    key: str | None = None
    quoted: bool = False

    def __str__(self) -> str:
        """As it was written, about."""
        value = f"'{self.value}'" if self.quoted else self.value
        return value if self.key is None else f"{self.key}={value}"


@dataclass(frozen=True)
class Change:
    """One change, read but not yet held against a scenario.

    Attributes:
        text: as written.
        words: filter and number, in order; the last one or more are the number's name.
        kind: "times" the number; "points" to add to a share; "plus", an amount; "to" that value.
        number: of the change; 1.2 for +20%, 0.1 for +10 points.
        share: whether a value was written as a percentage.
        written: the number alone, as written.
    """

    text: str
    words: tuple[Word, ...]
    kind: Literal["times", "points", "plus", "to"]
    number: Decimal
    share: bool = False
    written: str = ""


_CHANGE = re.compile(
    r"""^(?P<words>.*?)\s*
    (?P<op>[-+\u2212*=]|(?<=\s)[x\u00d7](?=\s*[\d.])|(?<=\s)to(?=\s))\s*(?P<minus>(?<=[=o\s])-)?
    (?P<number>[\d.,][\d.,_'\u2019]*\s*(?:k|K|M|m|B|bn)?)\s*
    (?P<unit>%|percent|percentage\ points?|%?\ ?-?points?|%?\ ?-?pts?|pp)?$""",
    re.VERBOSE | re.DOTALL,
)
_WORD = re.compile(
    r"""(?:(?P<key>[^\s,'"=]+)\s*=\s*)?(?:'(?P<single>(?:[^']|'')*)'|(?P<double>"(?:[^"\\]|\\.)*")|(?P<bare>[^\s,'"=]+))"""
)
_BETWEEN = re.compile(r"[\s,]*")
_AND = ("and", "or", "&", "+")
"""Words that may stand between others."""


def parse_change(text: str) -> Change:
    """One change in words.

    Raises:
        FieldError: where it is none.
    """
    text = composed(text.strip())
    found = _CHANGE.match(text)
    if found is None:
        raise FieldError(f"{shown(text)} does not end in a change", EXAMPLE)
    words = _words(found["words"], text)
    if not words:
        raise FieldError(f"{shown(text)} does not say what changes", EXAMPLE)
    op, unit = found["op"].replace("\u2212", "-"), found["unit"] or ""
    written = found["number"].strip()
    number = Decimal(repr(parse_number(written)))
    percent = unit in ("%", "percent")
    if percent:
        number /= 100
    if found["minus"] and op not in ("=", "to"):
        raise FieldError(f"{shown(text)} has two signs", EXAMPLE)
    if op in ("+", "-"):
        signed = number if op == "+" else -number
        if signed == 0:
            raise FieldError(f"{shown(text)} changes nothing", EXAMPLE)
        if percent:
            if signed < -1:
                raise FieldError(
                    f"{shown(text)} would leave less than nothing", "the most that can go is -100%"
                )
            return Change(text, words, "times", 1 + signed)
        if unit:
            return Change(text, words, "points", signed / 100)
        return Change(text, words, "plus", signed, written=written)
    if op in ("*", "x", "\u00d7"):
        if unit and not percent:
            raise FieldError(f"{shown(text)} multiplies by points", "write x0.7 or -10 points")
        if number == 1:
            raise FieldError(f"{shown(text)} changes nothing", EXAMPLE)
        return Change(text, words, "times", number)
    if unit and not percent:
        raise FieldError(f"{shown(text)} sets a value to points", "write = 80% or -10 points")
    return Change(text, words, "to", -number if found["minus"] else number, percent, written)


def _words(text: str, whole: str) -> tuple[Word, ...]:
    words: list[Word] = []
    at = _BETWEEN.match(text).end()  # type: ignore[union-attr]
    while at < len(text):
        found = _WORD.match(text, at)
        if found is None:
            hint = "put a name with blanks or signs between quotes, e.g. offer 'My name' fees +20%"
            raise FieldError(f"{shown(whole)} cannot be read at {shown(text[at:])}", hint)
        if found["single"] is not None:
            value, quoted = found["single"].replace("''", "'"), True
        elif found["double"] is not None:
            value, quoted = _unquoted(found["double"], whole), True
        else:
            value, quoted = found["bare"], False
        key = found["key"]
        if not (key is None and not quoted and value.casefold() in _AND):
            words.append(Word(composed(value), None if key is None else composed(key), quoted))
        at = _BETWEEN.match(text, found.end()).end()  # type: ignore[union-attr]
    return tuple(words)


def _unquoted(text: str, whole: str) -> str:
    try:
        return str(json.loads(text, strict=False))
    except ValueError:
        raise FieldError(f"{shown(whole)}: a backslash between double quotes is written \\\\") from None


def number_named(words: tuple[Word, ...], own: frozenset[str]) -> tuple[tuple[Word, ...], str] | None:
    """The filter words of a change and the number it names; None where its last words are the name of none.

    Args:
        words: of the change.
        own: names of the scenario's own measures, which win.
    """
    for length in range(min(3, len(words)), 0, -1):
        last = words[-length:]
        if any(word.key is not None for word in last):
            continue
        written = "_".join(word.value for word in last)
        if length == 1 and written in own:
            return words[:-1], written
        if any(word.quoted for word in last):
            continue
        name = written.casefold().replace("-", "_").replace(".", "_")
        name = _OTHER_WORDS.get(name, name)
        if name in KNOWN:
            return words[:-length], name
        meant = meaning(name)
        if meant is not None:
            return words[:-length], "fees" if meant.key == "cost_per_post" else meant.key
    return None


def split_case(text: str) -> tuple[str, ...]:
    """The changes of one case as they are typed on a command line, with semicolons between them."""
    parts: list[str] = []
    depth, start = "", 0
    for at, sign in enumerate(text):
        if depth:
            depth = "" if sign == depth else depth
        elif sign in "'\"":
            depth = sign
        elif sign == ";":
            parts.append(text[start:at])
            start = at + 1
    return tuple(part.strip() for part in (*parts, text[start:]) if part.strip())


def _parse_text(value: Any) -> str:
    if not isinstance(value, str):
        raise FieldError(f"a change in words is wanted here, not {_not(value)}", EXAMPLE)
    parse_change(value)
    return composed(value.strip())


def _not(value: Any) -> str:
    return f"a {kind_of(value)}" if isinstance(value, dict | list | tuple) else shown(value)


def _listed(value: Any) -> Any:
    if isinstance(value, list | tuple):
        if not value:
            raise FieldError("the list is empty", EXAMPLE)
        return value
    return [value]


if TYPE_CHECKING:
    Changes: TypeAlias = tuple[str, ...]
else:
    ChangeText = Annotated[
        str, PlainValidator(_parse_text), WithJsonSchema({"type": "string"}), Written("text")
    ]
    Changes = Annotated[
        tuple[ChangeText, ...],
        BeforeValidator(_listed),
        WithJsonSchema(
            {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
        ),
        Written("text | list[text]"),
    ]
"""The changes of one case: one, or a list."""
