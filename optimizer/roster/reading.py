"""What comes of a file of creators, and what its readers share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from optimizer.roster.result import Refusal, Roster
from optimizer.roster.rows import Creator
from optimizer.roster.uses import Use

MOST_REFUSED = 50
"""Problems told of one file; the rest are counted."""


class Reading(NamedTuple):
    """A file, read.

    Attributes:
        roster: what is shown: columns, rows left out, problems.
        creators: rows that take part, in the order of their names, so that the order of the file changes nothing.
    """

    roster: Roster
    creators: Sequence[Creator]


def fields_of(defaults: Mapping[str, Any]) -> set[str]:
    """Fields that all rows share."""
    tags = defaults.get("tags")
    return {*defaults, *(f"tags.{key}" for key in (tags if isinstance(tags, dict) else ()))}


def in_order(refusals: Sequence[Refusal]) -> list[Refusal]:
    """Problems in the order of the file, not too many of them."""
    found = sorted(
        dict.fromkeys(refusals), key=lambda one: (one.line is not None, one.line or 0, one.column or 0)
    )
    more = len(found) - MOST_REFUSED
    if more > 0:
        found = found[:MOST_REFUSED]
        found.append(Refusal(message=f"{more} more problems", hint="mend these first"))
    return found


def note_of(use: Use) -> str:
    """What is worth knowing of a column besides its field."""
    note = use.note
    if use.field is not None and note and "links" not in note and "platform" not in note:
        return ""
    return note
