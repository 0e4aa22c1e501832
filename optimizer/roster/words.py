"""What a header means: the table of headers that other tools write, and how two headers are the same one."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple
from unicodedata import combining, normalize

from optimizer.language.measures import TOLD
from optimizer.roster.vocabulary import vocabulary

MONEY = frozenset({
    "cost_per_post", "cpm", "cost_per_creator", "value_per_conversion", "cost_per_conversion", "setup_cost",
    "paid", "revenue",
})  # fmt: skip
SHARES = frozenset({
    "engagement_rate", "reach_rate", "click_rate", "conversion_rate", "authentic", "on_target", "completion",
    "commission", "repeat_decay", "paid_if_missed",
})  # fmt: skip
AUDIENCE = frozenset({"followers", "reachable", "impressions_per_post", "engagements_per_post"})
OF_RESULTS = frozenset(TOLD) - {"followers"}
"""Numbers of what a campaign brought, which no offer has."""
COUNTS = AUDIENCE | (OF_RESULTS - {"paid", "hours", "revenue"})
OTHER_NUMBERS = frozenset({"hours_per_creator", "hours_per_post", "setup_hours", "spread", "post_spread"})
NUMBERS = (MONEY | SHARES | AUDIENCE | OTHER_NUMBERS) - OF_RESULTS
"""Numbers of an offer."""
TEXTS = ("name", "full_name", "url", "person", "platform", "format", "country", "tier", "currency")
SHORTEST, LONG = 6, 9
"""Letters of a header from which one slip of the pen can be told, and from which two."""


def is_number(field: str) -> bool:
    """Whether a column used for a field holds numbers."""
    return field in NUMBERS or field in OF_RESULTS or field.startswith("measures.")


class Header(NamedTuple):
    """A header without what it says of units.

    Attributes:
        key: its words without accents, fillers and gaps, by which headers are compared.
        percent: whether it says that its numbers are percentages.
        power: of ten, in which its numbers are counted: 3 for thousands.
        currency: of its numbers, by code; None where it names none.
    """

    key: str
    percent: bool = False
    power: int = 0
    currency: str | None = None


_LONG = {
    "eng": "engagement",
    "impr": "impressions",
    "imps": "impressions",
    "pct": "percent",
    "influencers": "influencer",
    "creators": "creator",
}


def plain_word(text: str) -> str:
    """Small letters without accents."""
    small = normalize("NFKD", text.casefold().replace("đ", "d"))
    return "".join(c for c in small if not combining(c))


@cache
def header(text: str) -> Header:
    """A header, read: `Avg. Views (k)` is avgviews in thousands."""
    spaced = re.sub(r"(?<=[a-zß-ÿ0-9])(?=[A-ZÀ-Þ][a-z])|(?<=[a-z])(?=[A-Z])", " ", normalize("NFC", text))
    small = spaced.casefold().replace("_", " ")
    percent, power, currency = False, 0, None
    bare = re.sub(r"[(\[{].*?[)\]}]", " ", small)
    for part in re.findall(r"[(\[{](.*?)[)\]}]", small):
        found = _unit(part)
        percent, power, currency = percent or found[0], power or found[1], currency or found[2]
    if "%" in bare:
        percent, bare = True, bare.replace("%", " ")
    words = re.findall(r"[^\W_]+\$?|[€£₫₹₩฿₺¥$]|[@#]", bare)
    currencies, counted = vocabulary("currency"), vocabulary("counted_in")
    if len(words) > 1:
        tail = words[-1]
        if tail in currencies and tail not in ("rm", "ft", "try", "pen"):
            words, currency = words[:-1], currency or currencies[tail]
        elif tail in ("k", "mio", "tsd", "000", "000s", "thousand", "thousands"):
            words, power = words[:-1], power or int(counted[tail])
        elif words[0] in currencies and len(words[0]) < 3:
            words, currency = words[1:], currency or currencies[words[0]]
    return Header(_key(words), percent, power, currency)


def _key(words: list[str]) -> str:
    averages, fillers = vocabulary("average"), vocabulary("filler")
    full = [_LONG.get(word, "avg" if word in averages else word) for word in words]
    kept = [word for word in full if word not in fillers and not word.isdigit()] or full
    return "".join(dict.fromkeys(plain_word(word) for word in kept))


def _unit(text: str) -> tuple[bool, int, str | None]:
    """What stands in brackets: percent, thousands, a currency; or nothing of these."""
    percent, power, currency = False, 0, None
    for word in re.findall(r"[^\W_]+\$?|[€£₫₹₩฿₺¥$%]", text):
        percent = percent or word in ("%", "percent", "prozent", "pct")
        power = power or int(vocabulary("counted_in").get(word, 0))
        currency = currency or vocabulary("currency").get(word)
    return percent, power, currency


_OTHER_UNITS = frozenset(
    [
        "%",
        "percent",
        "people",
        "text",
        "number",
        "followers",
        "per post",
        "count",
        "#",
        "no.",
        "abs.",
        "anzahl",
        "name",
    ]
)


def is_unit(text: str) -> bool:
    """Whether a cell below a header only says its unit: `%`, `(k)`, `USD`."""
    inner = text.strip().strip("()[]{}").casefold().removeprefix("in ").strip()
    return inner in _OTHER_UNITS or inner in vocabulary("counted_in") or inner in vocabulary("currency")


@cache
def table() -> dict[str, str]:
    """Key of a header of a roster -> field that it means; the first of several."""
    return table_of("optimizer.roster")


def table_of(room: str) -> dict[str, str]:
    """Key of a header -> field that it means, by the file `headers.csv` of a room; the first of several."""
    text = files(room).joinpath("headers.csv").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for line in csv.DictReader(text.splitlines()):
        for one in line["headers"].split("|"):
            found.setdefault(header(one).key, line["field"])
    return found


@cache
def meant(text: str) -> str | None:
    """The field of a roster that a header means; None for one that is not known."""
    return found_in(text, table(), averages=True)


def found_in(text: str, known: Mapping[str, str], *, averages: bool) -> str | None:
    """The field that a header means; None for one that is not known.

    Args:
        text: the header.
        known: key of a header -> field.
        averages: whether an average of a known field is that field.
    """
    read = header(text)
    found = known.get(read.key)
    if found is None and averages and len(read.key) > len("avg"):
        found = known.get(read.key.removeprefix("avg")) or known.get(read.key.removesuffix("avg"))
    if found is None:
        for platform in ("instagram", "tiktok", "youtube", "ig", "tt", "yt", "insta"):
            rest = (
                read.key.removeprefix(platform)
                if read.key.startswith(platform)
                else read.key.removesuffix(platform)
            )
            if rest != read.key and (found := known.get(rest)) is not None:
                break
    return found


def near(text: str) -> str | None:
    """The field of a roster of which a header is nearly one; None where it means one, or is near none."""
    return None if meant(text) is not None else near_in(text, table())


def near_in(text: str, known: Mapping[str, str]) -> str | None:
    """The field of a header with a slip of the pen or two in it; None where none is so near.

    Args:
        text: the header, which means no field.
        known: key of a header -> field.
    """
    key = header(text).key
    if len(key) < SHORTEST:
        return None
    most = 1 if len(key) < LONG else 2
    candidates = (one for one in known if abs(len(one) - len(key)) <= most and one[0] == key[0])
    slips = {one: _slips(key, one) for one in candidates}
    best = min(slips, key=lambda one: slips[one], default=None)
    return known[best] if best is not None and slips[best] <= most else None


def _slips(one: str, other: str) -> int:
    """Letters to change, put in or take out to make one word the other (Levenshtein)."""
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        before, row[0] = row[0], i
        for j, target in enumerate(other, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (letter != target))
    return row[-1]
