"""All creators of a very large roster, for passes over them: here, or by the workers of a cluster, each with a part.

Only passes over everybody are spread. What is found in them is small and comes back: who is booked, who is nearest to
something else, sums. Samples, linear programs, integer programs and the recount stay here.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.jobs.cluster import Cluster
from optimizer.program.packages import Floats, Ints
from optimizer.solve.pricing import (
    Looked,
    allowed_prices,
    bound,
    bound_of,
    look,
    nearest,
    sight,
    sums_of,
    total_of,
)
from optimizer.solve.roster import CHUNK, Choice, Roster

SPREAD = 200_000
"""Creators from which on passes are spread over a cluster, where there is one: of fewer, asking takes as long."""
NOBODY: Ints = np.zeros(0, dtype=np.int64)


class Everybody:
    """A roster, looked at in this process.

    Attributes:
        roster: the creators.
        parts: into how many parts they were given to others; 0 where they are here.
    """

    parts = 0

    def __init__(self, roster: Roster) -> None:
        self.roster = roster

    def look(self, y: Floats, radius: Floats | None = None, *, near: int = 0, at: Ints = NOBODY) -> Looked:
        """As `pricing.look`; the distance of creators who are neither among the `near` smallest nor `at` these
        positions may be infinite."""
        return look(self.roster, y, radius)

    def bound(self, y: Floats, sides: Roster) -> float:
        """As `pricing.bound`, with the sides of the rows as in another roster of the same creators."""
        return bound(sides, y)


class _Seen(NamedTuple):
    """What a worker tells of its part: who is booked and with what, some distances, and what its pieces add to L(y)."""

    booked: NDArray[np.int32]
    choice: Choice
    told: NDArray[np.int32]
    distance: Floats
    sums: list[float]


def seen_of_part(part: Roster, y: Floats, radius: Floats | None, near: int, at: Ints) -> _Seen:
    """A pass over one part, by a worker; `at` are positions in it."""
    found = sight(part, y, radius)
    booked = np.flatnonzero(found.choice)
    told = np.union1d(nearest(found.distance, near), at).astype(np.int32)
    return _Seen(booked.astype(np.int32), found.choice[booked], told, found.distance[told], found.sums)


class Spread(Everybody):
    """A roster whose parts are at the workers of a cluster, sent there once.

    Parts are whole pieces of `pricing.chunks`, and what these add up to is added in their order. So everything comes to
    the same numbers as here, however many parts there are.

    Raises:
        SolverError, ClusterError: in every method, as `jobs.cluster.Held.each`.
    """

    def __init__(self, roster: Roster, cluster: Cluster) -> None:
        super().__init__(roster)
        pieces = -(-roster.creators // CHUNK)
        self.parts = max(1, min(cluster.threads(), pieces))
        ends = [CHUNK * (pieces * part // self.parts) for part in range(self.parts)] + [roster.creators]
        self._slices = [slice(first, end) for first, end in pairwise(ends)]
        self.held = cluster.hold([roster.part(piece) for piece in self._slices])

    def look(self, y: Floats, radius: Floats | None = None, *, near: int = 0, at: Ints = NOBODY) -> Looked:
        """See `Everybody`."""
        choice = np.zeros(self.roster.creators, dtype=np.int8)
        distance = np.full(self.roster.creators, np.inf)
        sums: list[float] = []
        jobs = [
            (y, radius, near, at[(at >= piece.start) & (at < piece.stop)] - piece.start)
            for piece in self._slices
        ]
        for piece, seen in zip(self._slices, self.held.each(seen_of_part, jobs), strict=True):
            choice[piece][seen.booked] = seen.choice
            distance[piece][seen.told] = seen.distance
            sums += seen.sums
        return Looked(choice, total_of(self.roster, y, sums), distance)

    def bound(self, y: Floats, sides: Roster) -> float:
        """See `Everybody`."""
        y = allowed_prices(sides, y)
        return bound_of(sides, y, self.held.each(sums_of, [(y,)] * self.parts))


@contextmanager
def everybody(roster: Roster, executor: Executor | None) -> Iterator[Everybody]:
    """The creators of a roster, at the workers where the executor is a cluster and there are enough of them."""
    if not isinstance(executor, Cluster) or roster.creators < SPREAD:
        yield Everybody(roster)
        return
    spread = Spread(roster, executor)
    try:
        yield spread
    finally:
        spread.held.release()
