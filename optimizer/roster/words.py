"""What a header means: the table of headers that other tools write, and how two headers are the same one."""

from __future__ import annotations

import csv
import re
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import NamedTuple
from unicodedata import combining, normalize

MONEY = frozenset({"cost_per_post", "cpm", "cost_per_creator", "value_per_conversion", "cost_per_conversion", "setup_cost"})
SHARES = frozenset({
    "engagement_rate", "reach_rate", "click_rate", "conversion_rate", "authentic", "on_target", "completion",
    "commission", "repeat_decay", "paid_if_missed",
})  # fmt: skip
COUNTS = frozenset({"followers", "reachable", "impressions_per_post", "engagements_per_post"})
OTHER_NUMBERS = frozenset({"hours_per_creator", "hours_per_post", "setup_hours", "spread", "post_spread"})
NUMBERS = MONEY | SHARES | COUNTS | OTHER_NUMBERS
TEXTS = ("name", "full_name", "url", "person", "platform", "format", "country", "tier", "currency")
NEAR = 0.84
"""Similarity of a header that is probably a known one with a slip of the pen in it."""


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


_FILLERS = frozenset(
    "number nb nombre numero nº n° no of anzahl num count total jumlah so luong the de des du la le les in by per "
    "pro je par por für for di da do dos el los der die das and und e et y a à last days day month months d est "
    "estimated approx geschätzt estimé stimato estimado ước tính dự kiến perkiraan public current".split()
)
_AVG = frozenset("avg average mean median ø durchschnittlich durchschnittliche moyen moyenne moyens moyennes medio media medie medi "
                 "promedio médio média rata trung bình".split())  # fmt: skip
_LONG = {"eng": "engagement", "impr": "impressions", "imps": "impressions", "pct": "percent", "influencers": "influencer", "creators": "creator"}
_UNITS = {
    "k": 3, "thousand": 3, "thousands": 3, "tsd": 3, "000": 3, "000s": 3, "1000": 3, "1000s": 3, "milliers": 3, "migliaia": 3, "miles": 3,
    "milhares": 3, "nghìn": 3, "ribu": 3, "m": 6, "mio": 6, "mn": 6, "million": 6, "millions": 6, "millionen": 6,
    "milioni": 6, "millones": 6, "milhões": 6, "triệu": 6, "juta": 6,
}  # fmt: skip
CURRENCIES = {
    "$": "USD", "us$": "USD", "usd": "USD", "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP", "gbp": "GBP",
    "chf": "CHF", "sfr": "CHF", "fr.": "CHF", "c$": "CAD", "ca$": "CAD", "cad": "CAD", "a$": "AUD", "au$": "AUD", "aud": "AUD",
    "nz$": "NZD", "nzd": "NZD", "s$": "SGD", "sgd": "SGD", "hk$": "HKD", "hkd": "HKD", "r$": "BRL", "brl": "BRL", "mx$": "MXN",
    "mxn": "MXN", "₫": "VND", "vnd": "VND", "vnđ": "VND", "đ": "VND", "đồng": "VND", "rp": "IDR", "rp.": "IDR", "idr": "IDR",
    "₹": "INR", "inr": "INR", "rs": "INR", "rs.": "INR", "jpy": "JPY", "cny": "CNY", "rmb": "CNY", "₩": "KRW", "krw": "KRW",
    "฿": "THB", "thb": "THB", "₺": "TRY", "try": "TRY", "tl": "TRY", "zł": "PLN", "pln": "PLN", "kč": "CZK", "czk": "CZK",
    "sek": "SEK", "nok": "NOK", "dkk": "DKK", "aed": "AED", "sar": "SAR", "zar": "ZAR", "₦": "NGN", "ngn": "NGN", "₱": "PHP",
    "php": "PHP", "myr": "MYR", "rm": "MYR", "twd": "TWD", "nt$": "TWD", "₪": "ILS", "ils": "ILS", "₽": "RUB", "rub": "RUB",
    "₴": "UAH", "uah": "UAH", "huf": "HUF", "ft": "HUF", "ron": "RON", "cop": "COP", "clp": "CLP", "ars": "ARS", "pen": "PEN",
}  # fmt: skip
"""Signs and codes of money in small letters -> ISO 4217. A bare `$` is that of the United States, unless the scenario
counts in another dollar; `¥` and `kr` are those of several countries and are asked back."""
SEVERAL = {"¥": ("JPY", "CNY"), "kr": ("SEK", "NOK", "DKK"), "kr.": ("DKK", "SEK", "NOK")}


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
    if len(words) > 1:
        tail = words[-1]
        if tail in CURRENCIES and tail not in ("rm", "ft", "try", "pen"):
            words, currency = words[:-1], currency or CURRENCIES[tail]
        elif tail in ("k", "mio", "tsd", "000", "000s", "thousand", "thousands"):
            words, power = words[:-1], power or _UNITS[tail]
        elif words[0] in CURRENCIES and len(words[0]) < 3:
            words, currency = words[1:], currency or CURRENCIES[words[0]]
    return Header(_key(words), percent, power, currency)


def _key(words: list[str]) -> str:
    full = [_LONG.get(word, "avg" if word in _AVG else word) for word in words]
    kept = [word for word in full if word not in _FILLERS and not word.isdigit()] or full
    return "".join(dict.fromkeys(plain_word(word) for word in kept))


def _unit(text: str) -> tuple[bool, int, str | None]:
    """What stands in brackets: percent, thousands, a currency; or nothing of these."""
    percent, power, currency = False, 0, None
    for word in re.findall(r"[^\W_]+\$?|[€£₫₹₩฿₺¥$%]", text):
        percent = percent or word in ("%", "percent", "prozent", "pct")
        power = power or _UNITS.get(word, 0)
        currency = currency or CURRENCIES.get(word)
    return percent, power, currency


UNIT_WORDS = frozenset([*_UNITS, *CURRENCIES, "%", "percent", "people", "text", "number", "followers", "per post"])


def is_unit(text: str) -> bool:
    """Whether a cell below a header only says its unit: `%`, `(k)`, `USD`."""
    inner = text.strip().strip("()[]{}").casefold().removeprefix("in ").strip()
    return inner in UNIT_WORDS


@cache
def table() -> dict[str, str]:
    """Key of a header -> field that it means; the first of several."""
    found: dict[str, str] = {}
    for line in csv.DictReader(_lines()):
        for text in line["headers"].split("|"):
            found.setdefault(header(text).key, line["field"])
    return found


def _lines() -> list[str]:
    text = files("optimizer.roster").joinpath("headers.csv").read_text(encoding="utf-8")
    return text.splitlines()


@cache
def meant(text: str) -> str | None:
    """The field that a header means; None for one that is not known."""
    read = header(text)
    known = table()
    found = known.get(read.key)
    if found is None:
        for platform in ("instagram", "tiktok", "youtube", "ig", "tt", "yt", "insta"):
            rest = read.key.removeprefix(platform) if read.key.startswith(platform) else read.key.removesuffix(platform)
            if rest != read.key and (found := known.get(rest)) is not None:
                break
    return found


def near(text: str) -> str | None:
    """The field of a known header that is nearly this one; None where none is."""
    key = header(text).key
    if len(key) < 5 or meant(text) is not None:
        return None
    close = get_close_matches(key, table(), n=1, cutoff=NEAR)
    return table()[close[0]] if close else None
