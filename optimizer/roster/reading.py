"""What comes of a file of creators, and what its readers share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from optimizer.roster.cells import Read
from optimizer.roster.result import Column, Odd, Refusal, Roster
from optimizer.roster.rows import Creator
from optimizer.roster.uses import Use

R = TypeVar("R", bound=Read)
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


def titled(columns: Sequence[R], title: str) -> R | None:
    """The column with a header, in whatever letters; None where none has it."""
    return next(
        (one for one in columns if one.use.title and one.use.title.casefold() == title.casefold()), None
    )


def account(
    read: Read,
    line: Callable[[int], int],
    notes: Collection[int],
    *,
    values: int,
    blanks: int,
    total: Decimal | None,
) -> Column:
    """What is said of one column.

    Args:
        read: the column.
        line: of each row by its position.
        notes: rows that no column counts.
        values: cells that say something.
        blanks: cells that say nothing.
        total: sum of its numbers, None where it has none.
    """
    use = read.use
    shown = None if total is None else int(total) if total == total.to_integral_value() else float(total)
    odd = [
        Odd(line=line(row), value=value, why=why) for row, value, why in sorted(read.odd) if row not in notes
    ]
    return Column(
        name=use.title,
        used_as=use.field if use.field != "url" else "platform",
        note=note_of(use),
        format=read.format,
        values=values,
        sum=shown,
        blanks=blanks,
        odd=tuple(odd),
        ranges=sum(row not in notes for row in read.ranges),
    )


def note_of(use: Use) -> str:
    """What is worth knowing of a column besides its field."""
    note = use.note
    if use.field is not None and note and "links" not in note and "platform" not in note:
        return ""
    return note
