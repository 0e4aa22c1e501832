"""Results as what a plan counts: creators who delivered, posts, and each measure in the plan's own unit, by line.

Results count what a platform shows. A plan counts meaningful engagements, so with u the share of real people and t the
share of the audience asked for (as planned: no results know them) and w the worth of each kind,

    engagements   u t sum over kinds of w_kind x count      where every kind that the plan expects is counted
                  u t w x engagements                       where only their sum is, w that of the planned mix
    likes, ...    u t x count
    gross reach   u t x people reached

Impressions, clicks, conversions, revenue, money and hours are taken as they are. What a row does not say counts as
planned for so many posts, and is counted as such: payments, hours, clicks and sales are often told once for a creator
and not for each post, so they are only missing where no row of a booking has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.language.measures import KINDS
from optimizer.results.table import Results
from optimizer.review.bookings import UNPLANNED, Rows, rows_of
from optimizer.review.planned import Floats, Ints, Planned

Bools = NDArray[np.bool_]

ONCE = frozenset({"clicks", "conversions", "revenue", "paid", "hours"})
"""Told once for a creator rather than for each post."""
_RAW = {"impressions": "impressions", "gross_reach": "reach", **{name: name for name in (*KINDS, *ONCE)}}
"""Measure -> the number of the results that it is read from."""


@dataclass(frozen=True)
class Extra:
    """Creators who were not planned: an offer that is not booked, or creators alike in platform, format and tier."""

    offer: str
    platform: str
    format: str
    tier: str


@dataclass(frozen=True)
class Came:
    """What came, by line: those of the plan, then one for each kind of creators that it does not book.

    Attributes:
        planned: the plan.
        extras: what the lines beyond the plan's are.
        rows: which group of rows each row is of.
        group: of each booking, the group of rows it was told by, shape (bookings,).
        line: of each booking, shape (bookings,).
        creators: that each booking stands for, shape (bookings,).
        posts: delivered by each booking, shape (bookings,).
        done: of each booking, how much of it is settled, in creators, shape (bookings,).
        amounts: measure, "paid" or "hours" -> what each booking brought or took, shape (bookings,).
        as_planned: measure -> bookings whose results do not say it, so that it counts as planned.
        posts_as_planned: bookings whose results do not say how many posts they made.
    """

    planned: Planned
    extras: tuple[Extra, ...]
    rows: Rows
    group: Ints
    line: Ints
    creators: Floats
    posts: Floats
    done: Floats
    amounts: Mapping[str, Floats]
    as_planned: Mapping[str, int]
    posts_as_planned: int

    @property
    def lines(self) -> int:
        """Lines of the plan and beyond."""
        return len(self.planned.lines) + len(self.extras)

    def by_line(self, values: Floats) -> Floats:
        """Sums of numbers of bookings, shape (lines,)."""
        return sums(self.line, values, self.lines)

    @property
    def delivered(self) -> Floats:
        """Whether each booking delivered anything, shape (bookings,)."""
        return (self.posts > 0).astype(float)


def sums(of: Ints, values: NDArray[Any], groups: int) -> Floats:
    """Sums of values over what each is of, shape (groups,)."""
    return np.bincount(of, weights=values, minlength=groups).astype(float)


def came_of(planned: Planned, results: Results) -> Came:
    """What the results of a plan come to.

    Args:
        planned: the plan.
        results: money in its currency.
    """
    rows = rows_of(planned.lines, results)
    count = len(rows.names)
    of_offer = _lines_of(planned)
    offers: list[str | None] = [None] * count
    for row, name in enumerate(rows.offer):
        offers[int(rows.group[row])] = name
    each = np.array([_posts_each(planned, of_offer.get(name or "", ())) for name in offers])
    made, told = _posts(rows, results, each)
    posts = sums(rows.group, made, count)
    creators = _creators(planned, rows, results, offers, of_offer, posts, each)
    extras, own_line = _extras(rows, results, offers, len(planned.lines))
    group, line, part = _assigned(planned, rows, results, offers, of_offer, own_line, posts, creators)
    scale = _Scale(planned, extras)
    per_group = _Fill(scale, group, line, part, count)
    amounts, missing = _amounts(per_group, rows, results, made, posts, creators)
    posts, creators = posts[group] * part, creators[group] * part
    wanted = np.append(planned.posts_each, np.ones(len(extras)))[line]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(posts > 0, np.minimum(1.0, posts / (wanted * creators)), 1.0)
    return Came(
        planned=planned,
        extras=extras,
        rows=rows,
        group=group,
        line=line,
        creators=creators,
        posts=posts,
        done=creators * share,
        amounts={name: values[group] * part for name, values in amounts.items()},
        as_planned=missing,
        posts_as_planned=int(np.sum(~told)),
    )


def _lines_of(planned: Planned) -> dict[str, list[int]]:
    """Offer -> its lines, those with most posts first."""
    found: dict[str, list[int]] = {}
    for number, line in enumerate(planned.lines):
        found.setdefault(line.offer, []).append(number)
    for mine in found.values():
        mine.sort(key=lambda number: -planned.lines[number].posts_per_creator)
    return found


def _posts_each(planned: Planned, lines: Sequence[int]) -> float:
    """Posts that a creator of some lines makes, on average; 1 where nobody was planned."""
    people = sum(planned.creators[number] for number in lines)
    return float(sum(planned.creators[n] * planned.posts_each[n] for n in lines) / people) if people else 1.0


def _posts(rows: Rows, results: Results, each: Floats) -> tuple[Floats, Bools]:
    """Posts of each row, shape (rows,), and of which bookings they are told, shape (bookings,).

    A row that says no number is one post where it names one or stands beside others of its creator, and where it is
    alone all the posts that were planned; a row without any result is none.
    """
    said = results.numbers["posts"]
    count = len(rows.names)
    told = sums(rows.group, ~np.isnan(said), count) > 0
    outcome = np.zeros(results.rows, dtype=bool)
    for name in ("impressions", "reach", "engagements", *KINDS, "clicks", "conversions"):
        outcome |= np.nan_to_num(results.numbers[name]) > 0
    names_one = np.array([bool(text) for text in results.texts["post"]], dtype=bool)
    active = outcome | names_one
    beside = sums(rows.group, active, count)
    alone = (beside[rows.group] == 1) & ~names_one
    guessed = np.where(active, np.where(alone, each[rows.group], 1.0), 0.0)
    nothing = np.ones(results.rows, dtype=bool)  # neither posts nor a single result: only a bill, say
    for name in ("impressions", "reach", "engagements", *KINDS, "clicks", "conversions"):
        nothing &= np.isnan(results.numbers[name])
    empty = sums(rows.group, ~nothing | names_one, count) == 0
    first = np.zeros(results.rows, dtype=bool)
    first[np.unique(rows.group, return_index=True)[1]] = True
    guessed = np.where(empty[rows.group] & first, each[rows.group], guessed)
    guessed = np.where(told[rows.group], np.where(names_one & np.isnan(said), 1.0, 0.0), guessed)
    known = told | (sums(rows.group, names_one, count) > 0)
    return np.where(np.isnan(said), guessed, said), known


def _creators(
    planned: Planned,
    rows: Rows,
    results: Results,
    offers: Sequence[str | None],
    of_offer: Mapping[str, Sequence[int]],
    posts: Floats,
    each: Floats,
) -> Floats:
    """Creators that each booking stands for, shape (bookings,): one who is named; else as many as the rows say, or as
    the posts make."""
    said = np.full(len(rows.names), np.nan)
    numbers = results.numbers["creators"]
    told = np.flatnonzero(~np.isnan(numbers))
    np.fmax.at(said, rows.group[told], numbers[told])
    result = np.ones(len(rows.names))
    for number, named in enumerate(rows.named):
        if named:
            continue
        room = sum(planned.creators[n] for n in of_offer.get(offers[number] or "", ()))
        guess = max(1.0, np.ceil(posts[number] / each[number] - 1e-9))
        result[number] = said[number] if said[number] > 0 else min(guess, room) if room else guess
    return result


def _extras(
    rows: Rows, results: Results, offers: Sequence[str | None], lines: int
) -> tuple[tuple[Extra, ...], Ints]:
    """Lines beyond the plan's, and of each booking that has none of the plan's which of them is its own."""
    found: dict[Extra, int] = {}
    own = np.full(len(offers), UNPLANNED, dtype=np.int64)
    for row in range(results.rows):
        number = int(rows.group[row])
        if offers[number] is None and own[number] == UNPLANNED:
            extra = Extra(
                *(str(results.texts[name][row]) for name in ("offer", "platform", "format", "tier"))
            )
            own[number] = lines + found.setdefault(extra, len(found))
    return tuple(found), own


def _assigned(
    planned: Planned,
    rows: Rows,
    results: Results,
    offers: Sequence[str | None],
    of_offer: Mapping[str, Sequence[int]],
    own_line: Ints,
    posts: Floats,
    creators: Floats,
) -> tuple[Ints, Ints, Floats]:
    """The line of each booking: group, line and part of the group, each of shape (bookings,).

    Of an offer with several numbers of posts, a creator is of the line that the row names by `posts_per_creator`; the
    others fill the lines from most posts to least, those who made most first. What names no creator is of all of them,
    in proportion to their posts.
    """
    booked = np.full(len(offers), np.nan)
    told = np.flatnonzero(~np.isnan(results.numbers["posts_per_creator"]))
    booked[rows.group[told]] = results.numbers["posts_per_creator"][told]
    found: list[tuple[int, int, float]] = []
    waiting: dict[str, list[int]] = {}
    left = planned.creators.copy()
    for number, offer in enumerate(offers):
        if offer is None:
            found.append((number, int(own_line[number]), 1.0))
            continue
        lines = of_offer[offer]
        exact = [n for n in lines if planned.posts_each[n] == booked[number]]
        if len(lines) == 1 or exact:
            line = (exact or lines)[0]
            left[line] -= creators[number]
            found.append((number, line, 1.0))
        elif not rows.named[number]:
            weights = [planned.creators[n] * planned.posts_each[n] for n in lines]
            found += [(number, n, w / sum(weights)) for n, w in zip(lines, weights, strict=True)]
        else:
            waiting.setdefault(offer, []).append(number)
    for offer, numbers in waiting.items():
        for number in sorted(numbers, key=lambda one: (-posts[one], rows.names[one])):
            line = next((n for n in of_offer[offer] if left[n] > 0), of_offer[offer][-1])
            left[line] -= 1
            found.append((number, line, 1.0))
    found.sort()
    places = np.array([one[:2] for one in found], dtype=np.int64).reshape(-1, 2)
    return places[:, 0], places[:, 1], np.array([part for _, _, part in found])


class _Scale:
    """What one post, or one creator, is expected to bring, by line; beyond the plan as on average within it."""

    def __init__(self, planned: Planned, extras: Sequence[Extra]) -> None:
        self.planned, self.more = planned, len(extras)
        self.expected = planned.delivering * planned.posts_each

    def per_post(self, measure: str) -> Floats:
        """Shape (lines,); NaN where not known."""
        return self._each(self.planned.of(measure), self.expected)

    def per_creator(self, amounts: Floats) -> Floats:
        """Shape (lines,)."""
        return self._each(amounts, self.planned.creators)

    def factor(self, values: Floats) -> Floats:
        """A number of each line; beyond the plan its average over the plan's posts."""
        weights = self.expected
        average = float(values @ weights / weights.sum()) if weights.sum() > 0 else 1.0
        return np.append(values, np.full(self.more, average))

    def _each(self, amounts: Floats, of: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            own = np.where(of > 0, amounts / of, np.nan)
            average = amounts.sum() / of.sum() if of.sum() > 0 else np.nan
        return np.append(own, np.full(self.more, average))


class _Fill:
    """Numbers of lines as numbers of groups, in proportion to the parts of a group that each line has."""

    def __init__(self, scale: _Scale, group: Ints, line: Ints, part: Floats, groups: int) -> None:
        self.scale, self.group, self.line, self.part, self.groups = scale, group, line, part, groups

    def of(self, by_line: Floats) -> Floats:
        """Shape (groups,)."""
        return sums(self.group, by_line[self.line] * self.part, self.groups)


def _amounts(
    fill: _Fill, rows: Rows, results: Results, made: Floats, posts: Floats, creators: Floats
) -> tuple[dict[str, Floats], dict[str, int]]:
    """Measure -> what each booking brought, shape (bookings,); and how many count as planned."""
    scale, planned = fill.scale, fill.scale.planned
    real = fill.of(scale.factor(planned.real))
    found: dict[str, Floats] = {}
    missing: dict[str, int] = {}

    def add(
        name: str, values: Floats, unknown: Floats | Bools, filled: Floats, times: Floats | float
    ) -> None:
        """Values by row and what stands for unknown ones, summed over each booking."""
        total = sums(rows.group, np.where(unknown, filled, np.nan_to_num(values)), fill.groups)
        found[name] = total * times
        missing[name] = int(np.sum(sums(rows.group, unknown, fill.groups) > 0))

    for name, raw in _RAW.items():
        values = results.numbers[raw]
        if not results.known(raw):
            continue
        unknown = np.isnan(values)
        if name in ONCE:
            silent = sums(rows.group, ~unknown, fill.groups) == 0
            if name == "paid":
                expected = fill.of(scale.per_creator(planned.paid)) * creators
                due = fill.of(scale.factor(planned.number("paid_if_missed", 1.0)))
                expected = np.where(posts > 0, expected, expected * due)
            elif name == "hours":
                expected = fill.of(scale.per_creator(planned.of("hours"))) * creators
            else:
                expected = fill.of(scale.per_post(name)) * posts
            found[name] = np.where(
                silent,
                expected,
                sums(rows.group, np.nan_to_num(values), fill.groups),
            )
            missing[name] = int(np.sum(silent & ((posts > 0) | (name in ("paid", "hours")))))
            continue
        times = np.ones(fill.groups) if name == "impressions" else real
        with np.errstate(divide="ignore", invalid="ignore"):
            each = fill.of(scale.per_post(name)) / times
        add(name, values, unknown & (made > 0), each[rows.group] * made, times)
    if results.known("engagements") or any(results.known(kind) for kind in KINDS):
        counted, unknown = _engagements(fill, rows, results)
        with np.errstate(divide="ignore", invalid="ignore"):
            each = fill.of(scale.per_post("engagements")) / real
        add("engagements", counted, unknown & (made > 0), each[rows.group] * made, real)
    return found, missing


def _engagements(fill: _Fill, rows: Rows, results: Results) -> tuple[Floats, Bools]:
    """Weighted engagements of each row before shares of people, and where no row says any, shape (rows,) each."""
    scale, planned = fill.scale, fill.scale.planned
    total = results.numbers["engagements"]
    weight = fill.of(scale.factor(planned.weight))[rows.group]
    worth, said, covered = np.zeros(results.rows), np.zeros(results.rows), np.zeros(results.rows)
    whole, some = np.ones(results.rows, dtype=bool), np.zeros(results.rows, dtype=bool)
    for kind in KINDS:
        count, each = results.numbers[kind], planned.worth[kind]
        share = fill.of(scale.factor(np.nan_to_num(planned.kinds[kind])))[rows.group]
        known = ~np.isnan(count)
        some |= known
        whole &= known | (share <= 0)
        worth += np.where(known, each * np.nan_to_num(count), 0.0)
        covered += np.where(known, each * share, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        grown = np.where((covered > 0) & ~whole, worth * weight / covered, worth)
    said = np.where(whole & some, worth, np.where(~np.isnan(total), total * weight, grown))
    return said, np.isnan(total) & ~some
