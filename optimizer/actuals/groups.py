"""Rows of results -> groups of rows of one booking: how many posts, how many creators, and whose line they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.actuals.bookings import Rows, rows_of
from optimizer.actuals.planned import Floats, Ints, Planned
from optimizer.language.measures import OUTCOMES
from optimizer.results.table import Results

Bools = NDArray[np.bool_]


class Extra(NamedTuple):
    """Creators who were not planned: an offer that is not booked, or creators alike in platform, format and tier."""

    offer: str
    platform: str
    format: str
    tier: str


def sums(of: Ints, values: NDArray[Any], groups: int) -> Floats:
    """Sums of values over what each is of, shape (groups,)."""
    return np.bincount(of, weights=values, minlength=groups).astype(float)


@dataclass(frozen=True)
class Groups:
    """Rows by the booking they are of.

    Attributes:
        planned: the plan.
        results: the rows.
        rows: which group each row is of.
        offers: of each group the offer that is booked, None for none.
        running: whether bookings of whom nothing is told are still to come.
    """

    planned: Planned
    results: Results
    rows: Rows
    offers: Sequence[str | None]
    running: bool

    @property
    def count(self) -> int:
        """How many groups."""
        return len(self.offers)

    def any(self, rows: Bools) -> Bools:
        """Whether any row of each group is meant, shape (groups,)."""
        return sums(self.rows.group, rows, self.count) > 0

    @cached_property
    def lines_of(self) -> Mapping[str | None, Sequence[int]]:
        """Offer -> its lines, those with most posts first."""
        found: dict[str | None, list[int]] = {}
        for number, line in enumerate(self.planned.lines):
            found.setdefault(line.offer, []).append(number)
        for mine in found.values():
            mine.sort(key=lambda number: -self.planned.lines[number].posts_per_creator)
        return found

    @cached_property
    def posts_each(self) -> Floats:
        """Posts that a creator of each group makes by the plan, on average; 1 beyond it. Shape (groups,)."""
        creators, posts = self.planned.creators, self.planned.posts_each
        of_offer = {
            offer: float(sum(creators[n] * posts[n] for n in lines) / sum(creators[n] for n in lines))
            for offer, lines in self.lines_of.items()
        }
        return np.array([of_offer.get(offer, 1.0) for offer in self.offers])

    # --- posts ---------------------------------------------------------------------------------------------

    @cached_property
    def told(self) -> Bools:
        """Which groups say how many posts they made, shape (groups,)."""
        return self.any(~np.isnan(self.results.numbers["posts"]) | self._names_one)

    @cached_property
    def silent(self) -> Bools:
        """Groups that say nothing of posts and what they brought, shape (groups,): only a bill, or a name."""
        says = self._names_one | ~np.isnan(self.results.numbers["posts"])
        for name in OUTCOMES:
            says = says | ~np.isnan(self.results.numbers[name])
        return ~self.any(says)

    @cached_property
    def paid(self) -> Bools:
        """Which groups were paid anything, shape (groups,)."""
        return self.any(np.nan_to_num(self.results.numbers["paid"]) > 0)

    @cached_property
    def waiting(self) -> Bools:
        """Groups of a running campaign of whom nothing has come yet, shape (groups,). A file that tells of nobody what
        posts brought is no list of what is done: then all count as delivered."""
        return self.silent & (self.running and not bool(self.silent.all()))

    @cached_property
    def made(self) -> Floats:
        """Posts that each row stands for, shape (rows,).

        As it says. Else a row that names a post is that one; of the rows that say what came of a post each is one where
        there are several of a booking, and all posts that were planned where there is one. A booking of which nothing
        is told counts as planned where it was paid, or where nothing is told of anybody.
        """
        said, of = self.results.numbers["posts"], self.rows.group
        outcome = np.zeros(self.results.rows, dtype=bool)
        for name in OUTCOMES:
            outcome |= np.nan_to_num(self.results.numbers[name]) > 0
        active = outcome | self._names_one
        alone = (sums(of, active, self.count)[of] == 1) & ~self._names_one
        guessed = np.where(active, np.where(alone, self.posts_each[of], 1.0), 0.0)
        first = np.zeros(self.results.rows, dtype=bool)
        first[np.unique(of, return_index=True)[1]] = True
        as_planned = self.silent & (self.paid | bool(self.silent.all())) & ~self.waiting
        guessed = np.where(as_planned[of] & first, self.posts_each[of], guessed)
        by_number = self.any(np.nan_to_num(said) > 0)  # told once for all rows of the booking
        guessed = np.where(by_number[of], np.where(self._names_one, 1.0, 0.0), guessed)
        return np.where(np.isnan(said), guessed, said)

    @cached_property
    def posts(self) -> Floats:
        """Posts of each group, shape (groups,)."""
        return sums(self.rows.group, self.made, self.count)

    @cached_property
    def _names_one(self) -> Bools:
        return np.asarray(self.results.texts["post"] != "", dtype=bool)

    # --- creators and lines --------------------------------------------------------------------------------

    @cached_property
    def creators(self) -> Floats:
        """Creators that each group stands for, shape (groups,): one who is named; else as many as the rows say, or as
        the posts make."""
        said = np.full(self.count, np.nan)
        numbers = self.results.numbers["creators"]
        known = np.flatnonzero(~np.isnan(numbers))
        np.fmax.at(said, self.rows.group[known], numbers[known])
        result = np.ones(self.count)
        for number, offer in enumerate(self.offers):
            if self.rows.named[number]:
                continue
            room = sum(self.planned.creators[n] for n in self.lines_of.get(offer, ()))
            guess = max(1.0, np.ceil(self.posts[number] / self.posts_each[number] - 1e-9))
            result[number] = said[number] if said[number] > 0 else min(guess, room) if room else guess
        return result

    @cached_property
    def _beyond(self) -> tuple[tuple[Extra, ...], dict[int, int]]:
        """Kinds of creators beyond the plan, and the kind of each group that is of no booking."""
        found: dict[Extra, int] = {}
        kind: dict[int, int] = {}
        for one in self.rows.unmatched:
            number = int(self.rows.group[one.row])
            if number not in kind:
                texts = (str(self.results.texts[name][one.row]) for name in Extra._fields)
                kind[number] = found.setdefault(Extra(*texts), len(found))
        return tuple(found), kind

    @property
    def extras(self) -> tuple[Extra, ...]:
        """Kinds of creators beyond the plan."""
        return self._beyond[0]

    def assigned(self) -> tuple[Ints, Ints, Floats]:
        """Bookings: group, line, and part of the group, shape (bookings,) each.

        Of an offer with several numbers of posts, a creator is of the line that `posts_per_creator` names; the others
        fill the lines from most posts to least, those who made most first. What names no creator is of all of them, in
        proportion to their posts. Lines beyond the plan come after those of the plan.
        """
        said = self.results.numbers["posts_per_creator"]
        known = np.flatnonzero(~np.isnan(said))
        booked = np.full(self.count, np.nan)
        booked[self.rows.group[known]] = said[known]
        creators, each = self.planned.creators, self.planned.posts_each
        left = creators.copy()
        found: list[tuple[int, int, float]] = []
        waiting: dict[str, list[int]] = {}
        for number, offer in enumerate(self.offers):
            if offer is None:
                found.append((number, len(self.planned.lines) + self._beyond[1][number], 1.0))
                continue
            lines = self.lines_of[offer]
            exact = [n for n in lines if each[n] == booked[number]]
            if len(lines) == 1 or exact:
                line = (exact or lines)[0]
                left[line] -= self.creators[number]
                found.append((number, line, 1.0))
            elif not self.rows.named[number]:
                weights = [creators[n] * each[n] for n in lines]
                found += [(number, n, float(w / sum(weights))) for n, w in zip(lines, weights, strict=True)]
            else:
                waiting.setdefault(offer, []).append(number)
        for offer, numbers in waiting.items():
            for number in sorted(numbers, key=lambda one: (-self.posts[one], self.rows.names[one])):
                line = next((n for n in self.lines_of[offer] if left[n] > 0), self.lines_of[offer][-1])
                left[line] -= 1
                found.append((number, line, 1.0))
        found.sort()
        places = np.array([one[:2] for one in found], dtype=np.int64).reshape(-1, 2)
        return places[:, 0], places[:, 1], np.array([part for _, _, part in found])


def groups_of(planned: Planned, results: Results, running: bool) -> Groups:
    """Rows by the booking of a plan that they are of."""
    rows = rows_of(planned.lines, results)
    offers: list[str | None] = [None] * len(rows.names)
    for row, name in enumerate(rows.offer):
        offers[int(rows.group[row])] = name
    return Groups(planned, results, rows, offers, running)
