"""How good the curves are on publishers they have not seen: each is left out in turn, and its figures predicted.

The prediction is what a planner would be told: the curve at the row's followers, format and country, without
knowing whether the row is asked or paid. The baseline on the same rows is the median of the other publishers'
figures of the same tier, platform and format, as the sets before had it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from optimizer.benchmarks.figures import TENTH
from optimizer.benchmarks.making.fit import Fit, Variances, fit
from optimizer.benchmarks.making.observations import Coefficients, Kind, Observation, observations
from optimizer.benchmarks.making.source import source_rows
from optimizer.benchmarks.making.stated import stated

NEXT_ROW = 2.0
"""Variance of the next publisher's figure, as a multiple of a measured one's: a rate card or an opinion."""
_POOLED = 10
"""Publishers on all platforms that count beside those of one where its range is calibrated."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A figure, and what the model said of it without its publisher. Values are log10.

    Attributes:
        sd: of the prediction, before calibration.
        cell: median of the other publishers' figures of the same tier, platform and format; None without any.
    """

    observation: Observation
    predicted: float
    sd: float
    cell: float | None

    @property
    def error(self) -> float:
        """Distance of the figure from the prediction."""
        return abs(self.observation.value - self.predicted)


@dataclass(frozen=True, slots=True)
class Score:
    """Quality on held-out rows of one kind: factors (1 is perfect) and the share inside the 80 % range."""

    rows: int
    factor: float
    coverage: float
    same_rows: int
    same_factor: float
    cell_factor: float


def told(parts: Coefficients) -> Coefficients:
    """The coefficients of what a planner is told: neither asked nor paid, neither brands nor quoted."""
    left = ("asked", "reach brands", "engagement brands", "cpm quoted", "cpe quoted", "engagement decade")
    return {name: factor for name, factor in parts.items() if name not in left}


def spread_of_publishers(variances: Variances, size: float) -> float:
    """Variance of the next publisher's figure around the curve."""
    return (
        variances.level**2 * float(np.sqrt(NEXT_ROW))
        + variances.slope**2 * size**2
        + variances.row**2 * NEXT_ROW
    )


@lru_cache(maxsize=1)
def held_out() -> tuple[HeldOut, ...]:
    """Every row, predicted without its publisher."""
    known = stated()
    rows = observations(source_rows(), known)
    variances = fit(rows, known).variances
    found: list[HeldOut] = []
    for publisher in sorted({row.row.name for row in rows}):
        rest = [row for row in rows if row.row.name != publisher]
        without = fit(rest, known, variances=variances)
        found += [_predict(row, rest, without) for row in rows if row.row.name == publisher]
    return tuple(found)


def _predict(row: Observation, rest: Sequence[Observation], without: Fit) -> HeldOut:
    parts = told(row.coefficients)
    missing = [name for name in parts if name not in without.names]
    value, variance = without.at(parts)
    known = stated()
    for name in missing:  # a platform, format or country that only this publisher speaks of
        mean, sd = known.expected(name) or (0.0, 0.0)
        value += mean * parts[name]
        variance += (sd * parts[name]) ** 2
    variance += spread_of_publishers(without.variances[row.kind], row.size)
    return HeldOut(row, value, float(np.sqrt(variance)), _cell(row, rest))


def _cell(row: Observation, rest: Sequence[Observation]) -> float | None:
    """The median that the old set would have had: rows of the same cell, in dollars."""
    if row.row.tier in ("", "all") or row.row.currency not in ("", "USD"):
        return None
    place = (row.kind, row.row.tier, row.row.platform, _format(row))
    per_size = row.size if row.kind in ("cpm", "cpe") else 0.0
    values = [
        other.value - (other.size if other.kind in ("cpm", "cpe") else 0.0)
        for other in rest
        if (other.kind, other.row.tier, other.row.platform, _format(other)) == place
        and other.row.currency in ("", "USD")
    ]
    return float(np.median(values)) + per_size if values else None


def _format(row: Observation) -> tuple[str, ...]:
    return tuple(name.partition(":")[2] for name in row.coefficients if ":" in name)


def widening(kind: Kind, platform: str | None) -> float:
    """Factor on the standard deviation by which 80 % of held-out figures lie inside the range; at least 1.

    The 80th percentile of |error| / sd against the normal's: over the publishers of this platform, whose rows move
    together and so count as their median, and, as `_POOLED` publishers, over all platforms; then times what is
    still missing to 80 % of all rows of the kind.
    """
    by_platform, rest = _widenings()[kind]
    return max(1.0, by_platform.get(platform or "", rest))


@lru_cache(maxsize=1)
def _widenings() -> dict[Kind, tuple[dict[str, float], float]]:
    by_kind: dict[Kind, list[HeldOut]] = defaultdict(list)
    for row in held_out():
        by_kind[row.observation.kind].append(row)
    found: dict[Kind, tuple[dict[str, float], float]] = {}
    for kind, rows in by_kind.items():
        common = _percentile(rows)
        own: dict[str, float] = {}
        for platform in {row.observation.row.platform for row in rows}:
            here = [row for row in rows if row.observation.row.platform == platform]
            publishers = len({row.observation.row.name for row in here})
            pooled = (publishers * _percentile(here) + _POOLED * common) / (publishers + _POOLED)
            own[platform] = max(1.0, pooled)
        ratios = [_ratio(row) / own[row.observation.row.platform] for row in rows]
        missing = max(1.0, float(np.quantile(ratios, 0.8, method="higher")))
        found[kind] = {at: factor * missing for at, factor in own.items()}, common * missing
    return found


def _ratio(row: HeldOut) -> float:
    return row.error / row.sd / TENTH


def _percentile(rows: Sequence[HeldOut]) -> float:
    """The 80th percentile over publishers of the median ratio of their rows."""
    by_publisher: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        by_publisher[row.observation.row.name].append(_ratio(row))
    return float(np.quantile([np.median(ratios) for ratios in by_publisher.values()], 0.8))


def scores() -> dict[Kind, Score]:
    """Held-out quality by kind; the range is the calibrated one that the set gives."""
    by_kind: dict[Kind, list[HeldOut]] = defaultdict(list)
    for row in held_out():
        by_kind[row.observation.kind].append(row)
    return {kind: _score(kind, rows) for kind, rows in by_kind.items()}


def _score(kind: Kind, rows: Sequence[HeldOut]) -> Score:
    same = [row for row in rows if row.cell is not None]
    cells = [abs(row.observation.value - row.cell) for row in same if row.cell is not None]
    inside = [row.error <= TENTH * row.sd * widening(kind, row.observation.row.platform) for row in rows]
    return Score(
        rows=len(rows),
        factor=_factor([row.error for row in rows]),
        coverage=float(np.mean(inside)),
        same_rows=len(same),
        same_factor=_factor([row.error for row in same]),
        cell_factor=_factor(cells),
    )


def _factor(errors: Sequence[float]) -> float:
    return float(10 ** np.median(errors)) if errors else float("nan")
