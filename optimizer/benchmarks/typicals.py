"""The typical figures of very many creators at once: the same numbers as `Benchmarks.figure` says of each alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.benchmarks.corrections import Correction
from optimizer.benchmarks.curves import CENTRE, Country, Curve, Points
from optimizer.benchmarks.figures import MIX, RATES, Figure
from optimizer.benchmarks.learnt import Learnt, usual_borders
from optimizer.benchmarks.lookup import Benchmarks, Place
from optimizer.benchmarks.packaged import packaged_sets
from optimizer.language.names import folded

Floats = NDArray[np.float64]
CLOSE = 1e-7
"""Nearer than that to the middle between two numbers of three digits, rounding is left to `Figure` itself: numpy's
logarithms and powers may differ from Python's in the last digit."""


class Typicals(NamedTuple):
    """Typical figures, NaN where nothing is said, shape (creators,); the rest as in `Found` and `Figure`."""

    values: Floats
    currency: str = "USD"
    own: bool = False
    base: str | None = None


def typicals(
    benchmarks: Benchmarks, field: str, place: Place, followers: Floats, names: Sequence[str] | None = None
) -> Typicals:
    """The typical figures of creators of one kind.

    Args:
        benchmarks: the sets.
        field: a number of an offer.
        place: what the creators have in common; its followers only say by which tier results are looked up.
        followers: of each, NaN where not known, shape (creators,).
        names: of each, by which sets know the results of single creators, shape (creators,).

    Raises:
        ValueError: for a country that no set knows.
    """
    parts = _learnt_apart(benchmarks, field, place, followers, names)
    if parts is not None:
        return parts
    market = None if place.country is None else benchmarks.market(place.country)
    unknown = np.full(len(followers), np.nan)
    for depth, each in enumerate(benchmarks.sets):
        said = each.says(field, place.tier, place.platform, place.format)
        if said is None:
            if field in MIX and each.has_mix(place.tier, place.platform, place.format):
                return Typicals(unknown)
            continue
        corrections = benchmarks.changes(field, place, depth)

        one = partial(_one, said, market, corrections)
        base = said.base if not isinstance(said, Points) else None
        own = each.name not in packaged_sets()
        if isinstance(said, Figure):
            return Typicals(np.full(len(followers), one(1.0)), each.currency, own, base)
        known = followers > 0
        values = unknown.copy()
        if depth + 1 < len(benchmarks.sets) and not known.all():
            # below a set that follows size, another may have figures that do not
            rest = [
                s.says(field, place.tier, place.platform, place.format) for s in benchmarks.sets[depth + 1 :]
            ]
            if any(isinstance(other, Figure) for other in rest):
                found = benchmarks.figure(field, place._replace(followers=None))
                values[~known] = np.nan if found is None else found.figure.typical
        sizes = followers[known]
        raw = _curve(said, sizes, market) if isinstance(said, Curve) else _points(said, sizes)
        values[known] = _rounded(raw, field, [_factor(c, sizes) for c, _ in corrections], sizes, one)
        return Typicals(values, each.currency, own, base)
    return Typicals(unknown)


def _learnt_apart(
    benchmarks: Benchmarks, field: str, place: Place, followers: Floats, names: Sequence[str] | None
) -> Typicals | None:
    """The same for creators whose own results are known and for each tier by itself, put together; None where nothing
    was learnt, or where they are apart already."""
    learnt = [entry for each in benchmarks.sets for entry in each.learnt if entry.field == field]
    if not learnt or place.names or not len(followers):
        return None
    lows = sorted(low for low, _ in usual_borders().values())
    kind = np.searchsorted(lows, np.where(followers > 0, followers, -1.0), side="right")
    kind = np.where(followers > 0, np.maximum(kind, 1), 0)
    known = {folded(entry.creator) for entry in learnt if entry.creator is not None}
    alone = np.zeros(len(followers), dtype=bool)
    if names is not None and known:
        alone = np.array([folded(name) in known for name in names], dtype=bool)
    values = np.full(len(followers), np.nan)
    found = Typicals(values)
    for number in np.unique(kind[~alone]).tolist():
        rows = np.flatnonzero(~alone & (kind == number))
        found = _part(benchmarks, field, place, followers[rows])
        values[rows] = found.values
    for row in np.flatnonzero(alone).tolist():
        mine = place._replace(names=(names[row],) if names is not None else ())
        found = _part(benchmarks, field, mine, followers[row : row + 1])
        values[row] = found.values[0]
    return found._replace(values=values)


def _part(benchmarks: Benchmarks, field: str, place: Place, followers: Floats) -> Typicals:
    """Creators of one tier, or one creator: `place` says by which followers what was learnt is looked up."""
    size = float(followers[0])
    names = place.names or ("",)
    return typicals(
        benchmarks, field, place._replace(followers=size if size > 0 else None, names=names), followers
    )


def _one(
    said: Figure | Curve | Points,
    market: Country | None,
    corrections: list[tuple[Correction | Learnt, str]],
    size: float,
) -> float:
    """The typical value for so many followers, with everything that corrects it."""
    figure = _at(said, size, market)
    for correction, by in corrections:
        change = (
            correction.at(size)
            if isinstance(correction, Learnt) and not isinstance(said, Figure)
            else correction
        )
        figure = change.apply(figure, by)
    return figure.typical


def _factor(change: Correction | Learnt, followers: Floats) -> float | Floats:
    """What a change multiplies the figures of creators of such sizes by."""
    if isinstance(change, Learnt) and change.slope and change.followers is not None:
        return np.asarray(change.factor * (followers / change.followers) ** change.slope)
    return change.factor


def _at(said: Figure | Curve | Points, size: float, market: Country | None) -> Figure:
    if isinstance(said, Figure):
        return said
    return said.at(size, market) if isinstance(said, Curve) else said.at(size)


def _curve(curve: Curve, followers: Floats, market: Country | None) -> Floats:
    value = curve.level + curve.slope * (np.log10(followers) - CENTRE)
    if curve.field == "cost_per_post" and market is not None:
        value = value + np.log10(market.factor)
    return np.asarray(10.0**value)


def _points(points: Points, followers: Floats) -> Floats:
    sizes, values = np.log10(points.followers), np.array(points.typical)
    if np.all(values > 0):
        return np.asarray(10.0 ** np.interp(np.log10(followers), sizes, np.log10(values)))
    return np.array([points.at(size).typical for size in followers.tolist()])


def _rounded(
    raw: Floats, field: str, factors: list[float | Floats], followers: Floats, one: Callable[[float], float]
) -> Floats:
    """Three digits, at most 1 for a share, then each correction likewise; close calls one by one."""
    most = 1.0 if field in RATES else np.inf
    values, close = _digits(raw)
    values = np.minimum(most, values)
    for factor in factors:
        values, closer = _digits(values * factor)
        values, close = np.minimum(most, values), close | closer
    for i in np.flatnonzero(close).tolist():
        values[i] = one(float(followers[i]))
    return values


def _digits(numbers: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Numbers with three significant digits, as `figures.digits`, and which of them are close calls."""
    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.floor(np.log10(numbers)) - 2.0
    odd = ~np.isfinite(power) | (power > 12) | (power < -18)
    power = np.where(odd, 0.0, power)
    up, down = 10.0 ** np.maximum(power, 0.0), 10.0 ** np.maximum(-power, 0.0)
    scaled = numbers / up * down
    whole = np.rint(scaled)
    # whole numbers times or by an exact power of ten are rounded once, as text is when it is read
    close = odd | (np.abs(scaled - np.floor(scaled) - 0.5) < CLOSE * scaled)
    close |= (np.abs(scaled - 100.0) < 1e-6) | (np.abs(scaled - 1000.0) < 1.0)
    return np.asarray(whole * up / down), close
