"""How names are compared: as they are written, capitals and all, in Unicode's composed form (NFC).

Tiers, platforms and formats are words of a small vocabulary: they are kept in small letters, and under one name where
they have several (`optimizer.language.synonyms`).
"""

from __future__ import annotations

from unicodedata import normalize

from optimizer.language.synonyms import LABELS


def composed(text: str) -> str:
    """The text with an e and its two dots as one character, however it was typed."""
    return normalize("NFC", text)


def word(text: str) -> str:
    """A tier, platform or format as it is kept and compared."""
    small = composed(composed(text).lower())
    return LABELS.get(small, small)


TIERS = ("nano", "micro", "mid", "macro", "mega")
"""The usual tiers, from small to large."""


WORDS = ("tier", "platform", "format")
"""Labels that are words in small letters, however they are written; names and tags are compared as written."""


def tier_order(group: str | None) -> int:
    """Where a tier stands from small to large; groups that are no usual tier come after all of them."""
    return TIERS.index(group) if group in TIERS else len(TIERS)


def folded(text: str) -> str:
    """A creator's name for comparing with one written elsewhere: without capitals, doubled spaces and a leading @."""
    return " ".join(normalize("NFKC", text).casefold().split()).removeprefix("@").strip()


def bare(text: str) -> str:
    """Letters and digits of a name alone, without accents: what two spellings of one name share."""
    return "".join(c for c in normalize("NFKD", text.casefold()) if c.isalnum())
