"""What the headers and words of a file of results mean: its own table, and what a list of creators shares with it."""

from __future__ import annotations

import re
from functools import cache

from optimizer.roster import words
from optimizer.roster.vocabulary import vocabulary

DERIVED, ESTIMATE = "derived", "estimate"
"""Fields of columns that are known and not used: what follows from other columns, and what was no result."""
_SHARED = {
    "name": "creator",
    "full_name": "full_name",
    "url": "link",
    "person": "person",
    "platform": "platform",
    "format": "format",
    "country": "country",
    "tier": "tier",
    "followers": "followers",
    "currency": "currency",
    **dict.fromkeys(words.SHARES, DERIVED),
}
"""Field of a roster -> what a column headed so is in results."""
_OF_ROSTERS = frozenset(words.NUMBERS - words.SHARES - {"followers"})
"""Numbers of a roster are for one post, or planned."""


@cache
def table() -> dict[str, str]:
    """Key of a header -> field that it means."""
    found = words.table_of("optimizer.results")
    for key, field in words.table().items():
        if field in _SHARED:
            found.setdefault(key, _SHARED[field])
        elif field in _OF_ROSTERS:
            found.setdefault(key, DERIVED)
    return found


@cache
def meant(text: str) -> str | None:
    """The field that a header means; None for one that is not known."""
    found = words.found_in(text, table(), averages=False)
    if found is None and words.found_in(text, table(), averages=True) is not None:
        return DERIVED  # an average
    return found


def near(text: str) -> str | None:
    """The field of which a header is nearly one; None where it means one, or is near none."""
    return None if meant(text) is not None else words.near_in(text, table())


def vocabulary_of(kind: str) -> dict[str, str]:
    """Word in small letters -> what it stands for.

    Args:
        kind: `status` (of a booking: yes, no, later), `month` (its number).
    """
    return vocabulary(kind, "optimizer.results")


@cache
def status_of(text: str) -> str | None:
    """Whether a cell says that something was delivered: yes, no, or later; None where it says none of these.

    Words behind the first may follow: `Cancelled (illness)`, `published late`.
    """
    known = vocabulary_of("status")
    said = re.sub(r"[(\[].*?[)\]]", " ", text.casefold()).strip(" .!:-–—*_")
    parts = re.split(r"[\s,;:/]+", said)
    for count in range(len(parts), 0, -1):
        found = known.get(" ".join(parts[:count]))
        if found is not None and (count == len(parts) or len(" ".join(parts[:count])) >= _TELLING):
            return found
    return None


_TELLING = 6
"""Letters from which the first words of a cell decide, whatever follows: cancelled, posted, but not no or on."""
