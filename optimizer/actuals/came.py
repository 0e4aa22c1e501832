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

import numpy as np

from optimizer.actuals.bookings import Rows
from optimizer.actuals.groups import Bools, Extra, Groups, groups_of, sums
from optimizer.actuals.planned import Floats, Ints, Planned
from optimizer.language.measures import KINDS
from optimizer.results.table import Results

ONCE = frozenset({"clicks", "conversions", "revenue", "paid", "hours"})
"""Told once for a creator rather than for each post."""
_RAW = {"impressions": "impressions", "gross_reach": "reach", **{name: name for name in (*KINDS, *ONCE)}}
"""Measure -> the number of the results that it is read from."""


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
        done: of each booking, how much of it is settled, in creators, shape (bookings,); 0 for those of a running
            campaign of whom nothing is told yet.
        amounts: measure, "paid" or "hours" -> what each booking brought or took, shape (bookings,).
        as_planned: measure -> bookings whose results do not say it, so that it counts as planned.
        posts_as_planned: bookings whose results do not say how many posts they made.
        paid_only: bookings of a running campaign that are paid and have no results: still to come.
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
    paid_only: int

    @property
    def lines(self) -> int:
        """Lines of the plan and beyond."""
        return len(self.planned.lines) + len(self.extras)

    def by_line(self, values: Floats) -> Floats:
        """Sums of numbers of bookings, shape (lines,)."""
        return sums(self.line, values, self.lines)


def came_of(planned: Planned, results: Results, running: bool = False) -> Came:
    """What the results of a plan come to.

    Args:
        planned: the plan.
        results: money in its currency.
        running: whether bookings of whom nothing is told are still to come.
    """
    groups = groups_of(planned, results, running)
    group, line, part = groups.assigned()
    fill = _Fill(_Scale(planned, groups.extras), group, line, part, groups.count)
    amounts, missing = _amounts(fill, groups)
    posts, creators = groups.posts[group] * part, groups.creators[group] * part
    wanted = np.append(planned.posts_each, np.ones(len(groups.extras)))[line]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(posts > 0, np.minimum(1.0, posts / (wanted * creators)), 1.0)
    waiting = groups.waiting[group]
    return Came(
        planned=planned,
        extras=groups.extras,
        rows=groups.rows,
        group=group,
        line=line,
        creators=creators,
        posts=posts,
        done=np.where(waiting, 0.0, creators * share),
        amounts={name: np.where(waiting, 0.0, values[group] * part) for name, values in amounts.items()},
        as_planned=missing,
        posts_as_planned=int(np.sum(~groups.told & ~groups.waiting)),
        paid_only=int(np.sum(groups.waiting & groups.paid)),
    )


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


def _amounts(fill: _Fill, groups: Groups) -> tuple[dict[str, Floats], dict[str, int]]:
    """Measure -> what each group brought, shape (groups,); and how many count as planned."""
    scale, planned, rows, results = fill.scale, groups.planned, groups.rows, groups.results
    made, posts, creators = groups.made, groups.posts, groups.creators
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
