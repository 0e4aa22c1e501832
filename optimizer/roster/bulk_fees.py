"""Which fees of a very large file may be far from what creators of that size ask."""

from __future__ import annotations

import numpy as np

from optimizer.benchmarks.lookup import Place, benchmarks_of
from optimizer.roster.bulk_rows import Taken, kinds_of
from optimizer.roster.fees import FAR, SET
from optimizer.roster.labels import Bools, Floats, Labels

STEPS, ALMOST = 60, 0.9
"""Sizes between which the range of fees is taken as straight (on logarithms), and how near to far is looked at."""


def may_be_far(
    taken: Taken, fees: Floats, followers: Floats, platform: str | None, format: str | None
) -> Bools:
    """Rows of a large file that `far_fees` has to look at: fees that are nearly as far off, or more.

    Args:
        taken: rows that take part.
        fees, followers: of these, shape (taken,).
        platform, format: as in `far_fees`.
    """
    figures = benchmarks_of(SET)
    rows = len(taken)
    none = Labels(np.full(rows, -1, dtype=np.int64), [])
    places = [taken.platform, taken.label("format") or none, taken.label("country") or none]
    first, kind = kinds_of([labels.codes for labels in places])
    likely = np.zeros(rows, dtype=bool)
    for number, row in enumerate(first.tolist()):
        where, form, country = (labels.at(row) for labels in places)
        if (where or platform) is None:
            continue
        mine = np.flatnonzero((kind == number) & (fees > 0) & (followers > 0))
        if not len(mine):
            continue
        sizes = np.unique(np.geomspace(followers[mine].min(), followers[mine].max(), STEPS))
        ranges = []
        for size in sizes.tolist():
            place = Place(None, where or platform, form or format, size, country)
            try:
                found = figures.figure("cost_per_post", place)
            except ValueError:
                found = figures.figure("cost_per_post", place._replace(country=None))
            if found is None:
                break
            ranges.append(found.figure.range_of_creators)
        if len(ranges) < len(sizes):
            continue
        low, high = (
            np.exp(np.interp(np.log(followers[mine]), np.log(sizes), np.log([one[side] for one in ranges])))
            for side in (0, 1)
        )
        likely[mine] = (fees[mine] > ALMOST * FAR * high) | (fees[mine] < low / FAR / ALMOST)
    return likely
