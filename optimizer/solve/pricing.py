"""One pass over a roster at given prices of its rows: what is best for each creator, and what no plan can beat.

With a price y[r] for one unit of row r (positive where less is wanted, negative where more is), a package is worth

    v[k, i] = c[k, i] - sum over r of y[r] a[r, k, i]

and for any prices whatever, no plan has more than

    L(y) = sum over r of S(y[r]) + sum over i of max(0, max over k of v[k, i])
    S(y) = y upper for y > 0, y lower for y < 0

because a plan x that keeps the rows has  sum c x = sum v x + sum over r of y[r] (a[r] x),  a creator gives at most one
of the v, or 0, and y[r] (a[r] x) is at most S(y[r]). A side that is infinite has no price of its sign.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from optimizer.program.packages import Floats, Ints
from optimizer.program.rules import Bools
from optimizer.solve.roster import CHUNK, Choice, Family, Roster

UNIT = float(np.finfo(float).eps)
ADDED = 40
"""Roundings on the way of one number into the sum of a chunk: numpy adds blocks of 128 in 8 lanes, then by pairs."""


@dataclass(frozen=True)
class Looked:
    """What a pass saw.

    Attributes:
        choice: the best of each creator.
        total: L(y), in floats.
        distance: by how much the prices must move before something else is best for a creator, in units of the
            radius; without a radius, by how much the best is better than the second. Shape (creators,).
    """

    choice: Choice
    total: float
    distance: Floats


@dataclass(frozen=True)
class Sight:
    """What a pass saw of some creators; as `Looked`, but for the sums.

    Attributes:
        choice, distance: as there.
        sums: of each piece (`chunks`), what its creators add to L(y). Pieces are added up in their order, so that a
            pass in parts comes to the same number, to the last digit, as one pass over everybody.
    """

    choice: Choice
    distance: Floats
    sums: list[float]


def priced_sides(roster: Roster, y: Floats) -> Floats:
    """y[r] times the side that it is the price of, shape (rows,)."""
    sides = np.where(y > 0, roster.upper, roster.lower)
    return np.where(y == 0, 0.0, y * np.where(y == 0, 0.0, sides))


def allowed_prices(roster: Roster, y: Floats) -> Floats:
    """Prices of the right sign: none for a side that is infinite."""
    y = np.where(np.isinf(roster.upper), np.minimum(y, 0.0), y)
    return np.where(np.isinf(roster.lower), np.maximum(y, 0.0), y)


def worths(roster: Roster, y: Floats) -> Floats:
    """v: what each package is worth at prices, shape (packages of a creator, creators)."""
    v = roster.value.astype(float, copy=True)
    for priced, coefficients in _priced(roster.families, y):
        v -= priced * coefficients
    return v


def weighed(roster: Roster, y: Floats) -> Floats:
    """sum over r of |y[r] a[r, k, i]|, shape (packages of a creator, creators)."""
    s = np.zeros(roster.value.shape)
    for priced, coefficients in _priced(roster.families, np.abs(y)):
        s += priced * np.abs(coefficients)
    return s


def _priced(families: tuple[Family, ...], y: Floats) -> Iterator[tuple[Floats | float, Floats]]:
    known = np.append(y, 0.0)  # row number -1: no row, no price
    for family in families:
        if isinstance(family.row, int):
            if y[family.row] != 0:
                yield float(y[family.row]), family.coefficients.astype(float, copy=False)
        else:
            yield known[family.row], family.coefficients.astype(float, copy=False)


def chunks(roster: Roster) -> Iterator[tuple[slice, Roster]]:
    """The creators in pieces that fit the cache."""
    for first in range(0, roster.creators, CHUNK):
        piece = slice(first, min(first + CHUNK, roster.creators))
        yield piece, roster.part(piece)


def look(roster: Roster, y: Floats, radius: Floats | None = None, weight: Floats | float = 1.0) -> Looked:
    """What is best for each creator at prices, and how surely.

    Args:
        roster: the creators.
        y: prices, shape (rows,).
        radius: how far each price may be off, shape (rows,), > 0: `distance` t then says that the choice is best for
            all prices within t times it. Not all of them are found, but none that is not so.
        weight: how many creators each stands for.
    """
    seen = sight(roster, y, radius, weight)
    return Looked(seen.choice, total_of(roster, y, seen.sums), seen.distance)


def total_of(roster: Roster, y: Floats, sums: Iterable[float]) -> float:
    """L(y) in floats, from what each piece of the creators adds to it."""
    total = float(priced_sides(roster, y).sum())
    for one in sums:
        total += one
    return total


def sight(part: Roster, y: Floats, radius: Floats | None = None, weight: Floats | float = 1.0) -> Sight:
    """As `look`, of a part of the creators, whose sums others will add up."""
    choice = np.zeros(part.creators, dtype=np.int8)
    distance = np.empty(part.creators)
    sums: list[float] = []
    times = np.broadcast_to(np.asarray(weight, dtype=float), (part.creators,))
    for piece, some in chunks(part):
        v = worths(some, y)
        nothing = _nothing(some)
        best = v.argmax(axis=0)
        gain = np.take_along_axis(v, best[None], axis=0)[0]
        booked = gain > nothing
        top = np.where(booked, gain, nothing)
        speeds = None if radius is None else weighed(some, radius)
        own = (
            np.ones(len(top))
            if speeds is None
            else np.where(booked, np.take_along_axis(speeds, best[None], axis=0)[0], 0.0)
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            nearest = np.where(booked, _ratio(top - nothing, own), np.inf)
            for k in range(some.width):
                other = _ratio(top - v[k], own if speeds is None else own + speeds[k])
                nearest = np.where(booked & (best == k), nearest, np.minimum(nearest, other))
        choice[piece] = np.where(booked, best + 1, 0)
        distance[piece] = nearest
        # not a dot product, whose order of adding up depends on the threads that it may use
        sums.append(float((top * times[piece]).sum()))
    return Sight(choice, distance, sums)


def _ratio(margin: Floats, speed: Floats) -> Floats:
    """margin / speed; where nothing moves it is infinite, even for a tie (either will do)."""
    return np.where(speed > 0, margin / speed, np.inf)


def _nothing(part: Roster) -> Floats | float:
    """What a creator is worth who is not booked: 0, or -inf for one who must be."""
    return np.zeros(part.creators) if part.must is None else np.where(part.must, -np.inf, 0.0)


def bound(roster: Roster, y: Floats) -> float:
    """L(y), rounded upwards: no plan has more, whatever the prices.

    Every number is within (n + 1) roundings of what it stands for, relative to the sum of what it is made of, with n
    families; so are the sums. All of that is added up and put on top, twice.
    """
    y = allowed_prices(roster, y)
    return bound_of(roster, y, [sums_of(roster, y)])


def sums_of(part: Roster, y: Floats) -> tuple[list[float], list[float]]:
    """What the creators of a part add to L(y), piece by piece, and by how much each may be off."""
    sums: list[float] = []
    off: list[float] = []
    for _, some in chunks(part):
        v = worths(some, y)
        top = np.maximum(v.max(axis=0), _nothing(some))
        size = np.where(np.isneginf(v), 0.0, np.abs(some.value) + weighed(some, y)).max(axis=0)
        sums.append(float(top.sum()))
        off.append(UNIT * ((len(some.families) + 2) * float(size.sum()) + ADDED * float(np.abs(top).sum())))
    return sums, off


def bound_of(roster: Roster, y: Floats, parts: Iterable[tuple[list[float], list[float]]]) -> float:
    """`bound` from the sums of all parts, at prices that are allowed."""
    sides = priced_sides(roster, y)
    sums = sides.tolist()
    off = [UNIT * float(np.abs(sides).sum())]
    for of_part, off_part in parts:
        sums += of_part
        off += off_part
    if not all(math.isfinite(one) for one in sums):
        return -math.inf if -math.inf in sums else math.inf
    return math.fsum(sums) + 2.0 * math.fsum(off)


def nearest(distance: Floats, count: int) -> Ints:
    """Positions of the smallest numbers, rising; of equal ones the first, so that parts agree on who they are."""
    if count >= len(distance):
        return np.arange(len(distance))
    last = np.partition(distance, count - 1)[count - 1] if count else -np.inf
    surely = np.flatnonzero(distance < last)
    ties = np.flatnonzero(distance == last)[: count - len(surely)]
    return np.sort(np.concatenate([surely, ties]))


def must_and_cannot(roster: Roster) -> Bools:
    """Creators who have to be booked and have no package, shape (creators,)."""
    if roster.must is None:
        return np.zeros(roster.creators, dtype=bool)
    return roster.must & np.isneginf(roster.value).all(axis=0)
