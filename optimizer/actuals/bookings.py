"""Rows of results -> the bookings they are of, each row to one booking or to none, with the reason.

A row is of the offer it names; else of the offer that is called as its creator, or is of that person; else, where
exactly one offer of many creators is booked on its platform, in its format and tier, of that. Within an offer that was
booked with several numbers of posts, a creator belongs to the line of the number he was booked with, where the row says
so; else those who delivered most belong to the lines with most posts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.language.errors import nearest
from optimizer.language.names import composed, word
from optimizer.plan.plan import Line
from optimizer.results.table import Ints, Results
from optimizer.roster.accounts import account


@dataclass(frozen=True)
class Unmatched:
    """A row that no booking of the plan is behind: its position, what it is of, and why."""

    row: int
    name: str
    why: str


@dataclass(frozen=True)
class Rows:
    """Rows by what they are of.

    Attributes:
        offer: name of the offer of each row, None where the plan books none such.
        group: number of the booking that each row is of, shape (rows,); rows of one creator share it.
        names: of each booking: the creator, or the offer where a row names none.
        named: whether a booking is a creator who is named.
        unmatched: rows of no booking.
        by_place: rows that were matched by platform, format and tier alone.
    """

    offer: list[str | None]
    group: Ints
    names: list[str]
    named: list[bool]
    unmatched: list[Unmatched]
    by_place: int


def rows_of(lines: Sequence[Line], results: Results) -> Rows:
    """Which booking each row is of."""
    finder = _Finder(lines)
    texts = results.texts
    keys = list(
        zip(
            *(texts[name].tolist() for name in ("offer", "creator", "platform", "format", "tier")),
            strict=True,
        )
    )
    found: dict[tuple[str, ...], tuple[str | None, str, bool, int]] = {}
    groups: dict[tuple[str, ...], int] = {}
    names: list[str] = []
    named: list[bool] = []
    offer: list[str | None] = []
    group = np.empty(results.rows, dtype=np.int64)
    unmatched: list[Unmatched] = []
    by_place = 0
    for row, key in enumerate(keys):
        if key not in found:
            name, why, placed = finder.find(*key)
            creator = _key(key[1])
            own = (name, creator) if name is not None else ("", key[0], creator, *key[2:])
            if own not in groups:
                groups[own] = len(names)
                names.append(key[1] or key[0] or " ".join(part for part in key[2:] if part))
                named.append(bool(creator))
            found[key] = (name, why, placed, groups[own])
        name, why, placed, group[row] = found[key]
        offer.append(name)
        by_place += placed
        if name is None:
            unmatched.append(Unmatched(row, names[group[row]], why))
    return Rows(offer, group, names, named, unmatched, by_place)


def _key(name: str) -> str:
    found = account(name) if name else None
    return found.key if found is not None else composed(name).casefold()


class _Finder:
    """The offers that are booked, by every name they go by."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = {line.offer: line for line in lines}
        self.creators: dict[str, float] = {}
        self.by_name: dict[str, list[str]] = {}
        for line in lines:
            self.creators[line.offer] = self.creators.get(line.offer, 0.0) + line.creators
            for name in (line.offer, line.person or line.offer):
                entry = self.by_name.setdefault(_key(name), [])
                if line.offer not in entry:
                    entry.append(line.offer)

    def find(
        self, offer: str, creator: str, platform: str, format: str, tier: str
    ) -> tuple[str | None, str, bool]:
        """The offer of such a row, else why there is none; and whether it was found by its place alone."""
        if offer:
            name = composed(offer)
            if name in self.lines:
                return name, "", False
            called = self.by_name.get(_key(offer), [])
            if len(called) == 1:
                return called[0], "", False
            meant = nearest(name, self.lines)
            return (
                None,
                f"the plan books no offer {name!r}" + (f" (did you mean {meant!r}?)" if meant else ""),
                False,
            )
        if creator:
            called = self.by_name.get(_key(creator), [])
            fitting = [name for name in called if self._fits(name, platform, format)]
            if len(fitting) == 1:
                return fitting[0], "", False
            if len(fitting) > 1:
                return None, f"fits several bookings: {', '.join(fitting)}; add a column offer", False
            if called:
                line = self.lines[called[0]]
                place = " ".join(part for part in (line.platform, line.format) if part)
                return None, f"booked on {place}, not {' '.join(p for p in (platform, format) if p)}", False
        if platform or tier or format:
            many = [
                name
                for name, line in self.lines.items()
                if (line.room is None or line.room > 1)
                and self._fits(name, platform, format)
                and (not tier or line.tier is None or line.tier == word(tier))
            ]
            if len(many) == 1:
                return many[0], "", True
            if many:
                return None, f"could be of {len(many)} offers, such as {many[0]}; add a column offer", False
        return None, "not in the plan", False

    def _fits(self, offer: str, platform: str, format: str) -> bool:
        line = self.lines[offer]
        return (not platform or line.platform is None or line.platform == word(platform)) and (
            not format or line.format is None or line.format == word(format)
        )
