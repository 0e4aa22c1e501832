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
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from optimizer.program.packages import Floats
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
    choice = np.zeros(roster.creators, dtype=np.int8)
    distance = np.empty(roster.creators)
    total = float(priced_sides(roster, y).sum())
    times = np.broadcast_to(np.asarray(weight, dtype=float), (roster.creators,))
    for piece, part in chunks(roster):
        v = worths(part, y)
        nothing = _nothing(part)
        best = v.argmax(axis=0)
        gain = np.take_along_axis(v, best[None], axis=0)[0]
        booked = gain > nothing
        top = np.where(booked, gain, nothing)
        speeds = None if radius is None else weighed(part, radius)
        own = (
            np.ones(len(top))
            if speeds is None
            else np.where(booked, np.take_along_axis(speeds, best[None], axis=0)[0], 0.0)
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            nearest = np.where(booked, _ratio(top - nothing, own), np.inf)
            for k in range(part.width):
                other = _ratio(top - v[k], own if speeds is None else own + speeds[k])
                nearest = np.where(booked & (best == k), nearest, np.minimum(nearest, other))
        choice[piece] = np.where(booked, best + 1, 0)
        distance[piece] = nearest
        total += float(top @ times[piece])
    return Looked(choice, total, distance)


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
    sides = priced_sides(roster, y)
    sums = sides.tolist()
    off = [UNIT * float(np.abs(sides).sum())]
    for _, part in chunks(roster):
        v = worths(part, y)
        top = np.maximum(v.max(axis=0), _nothing(part))
        size = np.where(np.isneginf(v), 0.0, np.abs(part.value) + weighed(part, y)).max(axis=0)
        sums.append(float(top.sum()))
        off.append(UNIT * ((len(part.families) + 2) * float(size.sum()) + ADDED * float(np.abs(top).sum())))
    if not all(math.isfinite(one) for one in sums):
        return -math.inf if -math.inf in sums else math.inf
    return math.fsum(sums) + 2.0 * math.fsum(off)


def margins(roster: Roster, y: Floats) -> tuple[Choice, Floats]:
    """The best of each creator, and by how much it is better than the second."""
    seen = look(roster, allowed_prices(roster, y))
    return seen.choice, seen.distance


def must_and_cannot(roster: Roster) -> Bools:
    """Creators who have to be booked and have no package, shape (creators,)."""
    if roster.must is None:
        return np.zeros(roster.creators, dtype=bool)
    return roster.must & np.isneginf(roster.value).all(axis=0)
