"""One cell -> the parts of a number: digits as written, thousands or millions, percent, currency. No locale yet."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple
from unicodedata import normalize

from optimizer.roster.vocabulary import vocabulary

ERRORS = re.compile(
    r"#(n/a|na|nv|value|ref|div/0|name|num|null|wert|bezug|zahl|valeur|valor|¡valor|¡ref|error|calc|spill|getting_data|¿nombre)[!?]?"
    r"|[-+]?(nan|inf|infinity) ?%?",
    re.IGNORECASE,
)
"""What spreadsheets and programs show where a formula failed."""
_BARE = re.compile(r"[0-9](?:[0-9.,]*[0-9])?")
_BODY = re.compile(r"[0-9](?:[0-9.,'’_ ]*[0-9])?|[.,][0-9]+")
REMEMBERED = 100_000
"""Cells that are looked at again for their column as a whole."""
_DIGITS = {start + digit: str(digit) for start in (0xFF10, 0x0660, 0x06F0) for digit in range(10)}
"""Full-width and Arabic digits."""
_DIGITS |= {0xFF0C: ",", 0xFF0E: ".", 0x066B: ".", 0x066C: ","}
_GAPS = re.compile("[\u00a0\u2007\u2009\u202f\t]")


class Token(NamedTuple):
    """A number before it is known what its points and commas mean.

    Attributes:
        body: digits with their separators; every kind of gap is a blank.
        negative: whether a minus stands before it, or brackets around.
        power: of ten, by a word or letter behind it.
        percent: whether a percent sign stands behind it.
        currency: ISO code, "" where none is written; several joined by a slash where the sign means several.
    """

    body: str
    negative: bool = False
    power: int | None = None
    percent: bool = False
    currency: str = ""


@lru_cache(maxsize=REMEMBERED)
def is_blank(text: str) -> bool:
    """Whether a cell says that it says nothing: empty, a dash, n/a, an error of a formula."""
    return not text or text.casefold() in vocabulary("blank") or ERRORS.fullmatch(text) is not None


@lru_cache(maxsize=REMEMBERED)
def token(text: str) -> Token | None:
    """The parts of a number; None where the text is none, is a range, or is a formula."""
    if _BARE.fullmatch(text):  # most cells
        return Token(text)
    text = _GAPS.sub(" ", normalize("NFC", text).translate(_DIGITS)).strip()
    negative = False
    if text.startswith("(") and text.endswith(")"):
        text, negative = text[1:-1].strip(), True
    found = _BODY.search(text)
    if found is None:
        return None
    before, after = text[: found.start()].strip(), text[found.end() :].strip()
    after = re.sub(r"^[.,][-–—]+", "", after).strip()  # 1'200.-
    currency = ""
    if before[:1] in ("-", "−", "+", "~", "≈"):
        negative, before = negative or before[0] in "-−", before[1:].strip()
    if before[-1:] in ("-", "−") and len(before) > 1:
        negative, before = True, before[:-1].strip()
    if before:
        currency = _currency(before.casefold())
        if not currency:
            return None
    power, percent = None, False
    powers, units = vocabulary("power"), vocabulary("unit")
    for word in re.findall(r"[^\W\d_]+\.?|[^\w\s]\$?|\d", after.casefold()):
        for part in _split(word):
            if part in powers and power is None and not percent:
                power = int(powers[part])
            elif part in ("%", "percent", "prozent"):
                percent = True
            elif _currency(part) and not currency:
                currency = _currency(part)
            elif part not in units and part not in ("/", "|", ":") and part != "":
                return None
    return Token(found[0], negative, power, percent, currency)


def span(text: str) -> tuple[Token, Token] | None:
    """The two ends of a range such as `500–800 $`, `1-2k`, `von 3 bis 5 %`; None where the text is none.

    What only one end says of currency and percent holds for both; thousands are left as they are written. An end with a
    leading zero or a sign is no end of a range but part of a date, a telephone number, a difference.
    """
    text = text.strip()
    text = text[before.end() :] if (before := _FROM.match(text)) else text
    found = []
    for at in _BETWEEN.finditer(text):
        ends = [token(text[: at.start()].strip()), token(text[at.end() :].strip())]
        if None not in ends:
            found.append([end for end in ends if end is not None])
    if len(found) != 1:
        return None
    ((low, high),) = found
    if text.startswith("+") or any(end.negative or re.match("0[0-9]", end.body) for end in (low, high)):
        return None
    if low.currency and high.currency and low.currency != high.currency:
        return None
    currency, percent = low.currency or high.currency, low.percent or high.percent
    return low._replace(currency=currency, percent=percent), high._replace(currency=currency, percent=percent)


def _ends() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What may stand before a range, and between its ends: a sign, or a word with a gap on both sides."""
    words = vocabulary("between")
    before = "|".join(re.escape(word) for word, where in words.items() if where == "from")
    between = sorted((word for word, where in words.items() if where != "from"), key=len, reverse=True)
    signs = "|".join(re.escape(word) for word in between if not word[0].isalpha())
    rest = "|".join(re.escape(word) for word in between if word[0].isalpha())
    return (
        re.compile(rf"(?:{before})\s+", re.IGNORECASE),
        re.compile(rf"\s*(?:{signs})\s*|\s+(?:{rest})\s+", re.IGNORECASE),
    )


_FROM, _BETWEEN = _ends()


def _currency(word: str) -> str:
    word = word.strip()
    return vocabulary("currency").get(word, "")


def _split(word: str) -> list[str]:
    """A word that is glued of a power and a unit: `kfollowers`."""
    bare = word.rstrip(".")
    units, currencies = vocabulary("unit"), vocabulary("currency")
    known = (vocabulary("power"), units, currencies)
    if any(word in one or bare in one for one in known):
        return [word if any(word in one for one in known) else bare]
    for power in ("mio", "k", "m"):
        rest = bare.removeprefix(power)
        if rest != bare and (rest in units or rest in currencies):
            return [power, rest]
    return [word]


@lru_cache(maxsize=REMEMBERED)
def read_body(body: str, decimal: str) -> Decimal | None:
    """The digits of a number, if `decimal` is its decimal sign; None where they cannot be read so."""
    whole, point, fraction = body.partition(decimal)
    if decimal in fraction or (not (fraction.isascii() and fraction.isdigit()) and point):
        return None
    if not whole:
        whole = "0"
    groups = re.split(r"[.,'’_ ]", whole)
    if len(groups) > 1 and not _grouped(groups, set(re.findall(r"[.,'’_ ]", whole))):
        return None
    return Decimal("".join(groups) + point.replace(",", ".") + fraction)


def _grouped(groups: list[str], separators: set[str]) -> bool:
    """Whether digits stand in threes, behind one kind of separator; or as in India, two by two but the last three."""
    if (
        len(separators) > 1
        or not 1 <= len(groups[0]) <= 3
        or groups[0].startswith("0")
        or len(groups[-1]) != 3
    ):
        return False
    inner = {len(group) for group in groups[1:-1]}
    return inner <= {3} or (inner == {2} and len(groups[0]) <= 2 and separators == {","})
