"""Results -> what they say of each number of an offer, against the packaged set: the door of this room."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import exp, log1p, sqrt
from typing import NamedTuple

import numpy as np

from optimizer.__version__ import __version__
from optimizer.benchmarks.answer import middle_of_tier
from optimizer.benchmarks.figures import FIELDS, RATES, TENTH, Figure, digits
from optimizer.benchmarks.learnt import Learnt
from optimizer.benchmarks.lookup import Benchmarks, Place
from optimizer.benchmarks.packaged import load_set, packaged_sets
from optimizer.benchmarks.schema import BenchmarkSet
from optimizer.language.errors import Problem, ScenarioError, did_you_mean
from optimizer.language.measures import KINDS
from optimizer.language.names import tier_order
from optimizer.learning.assumed import ASSUMED, COUNTED, LOGARITHMIC, variance_of
from optimizer.learning.closed_forms import Floats, Ints, sums
from optimizer.learning.counted import Counts, levels_of_counts
from optimizer.learning.hierarchy import HELD, TOGETHER, Levels, Measured, levels_of
from optimizer.learning.learned import Learned, LeftOut, Moved, People, four, learned_of
from optimizer.learning.observed import Observed
from optimizer.learning.rows import Rows, merged, no_rows, rates_of, rows_of, unpacked
from optimizer.learning.said import Cell, Logs
from optimizer.plan.plan import Plan, given_plan
from optimizer.results.reading import ResultsReading
from optimizer.results.table import Results

FILLS = {field: (field,) for field in (*LOGARITHMIC, *COUNTED)} | {
    "hours": ("hours_per_creator", "hours_per_post")
}
"""What is modelled -> the fields of an offer that it is a factor on."""
SPREADS = ("cost_per_post", "reach_rate", "engagement_rate")
"""Fields for which a set says how much creators differ."""
DIFFER = ("reach_rate", "engagement_rate")
"""Fields of which a plan draws how creators differ: what is not known of one creator alone goes there, not into the
range that all creators of an offer share."""
_SD_OF_LOG = 1e-4
"""Least sd of a factor that is told; below it a range would be its own middle."""


def learn(
    results: ResultsReading | Results | Sequence[Results],
    plans: Iterable[Plan] = (),
    *,
    over: str = "global-2026",
    name: str = "house",
    house: BenchmarkSet | None = None,
    exchange_rates: Mapping[str, float] | None = None,
) -> Learned:
    """Learns from results what creators cost and bring, held by the packaged set.

    Args:
        results: of one or several campaigns (`optimizer.results.read.read_results`).
        plans: what was planned, which says what kind of offer each booking is of.
        over: the packaged set that is learnt over; that of `house`, where it is given.
        name: of the set that is made.
        house: a set that was learnt before; what it learnt from counts, too, each result once.
        exchange_rates: how many of another currency make 1 of the set's; those of the plans hold, too.

    Returns:
        `Learned`; its `benchmarks()` are a set for scenarios.

    Raises:
        ScenarioError: where nothing can be learnt: no result, no rate for a currency, a `house` that was not learnt.
        ValueError: for an unknown packaged set.
    """
    read = results.account if isinstance(results, ResultsReading) else None
    if isinstance(results, ResultsReading):
        results = results.results
    given = [results] if isinstance(results, Results) else list(results)
    before = no_rows()
    if house is not None:
        before, over = _remembered(house), house.over or over
    if over not in packaged_sets():
        raise ValueError(f"no packaged set {over!r} ({did_you_mean(over, packaged_sets())})")
    benchmarks = Benchmarks(load_set(over))
    currency = benchmarks.sets[0].currency
    known = [given_plan(plan) for plan in plans]
    rates = {**rates_of(known, currency), **(exchange_rates or {})}
    now = [rows_of(each, known, currency, rates) for each in given]
    found = merged(before, now)
    if not len(found.rows):
        raise ScenarioError([Problem((), "the results have no row", "learn from a file with results")])
    observed = Observed(found.rows, benchmarks)
    groups: list[Learnt] = []
    people: list[People] = []
    moved: list[Moved] = []
    for field in (*LOGARITHMIC, *COUNTED):
        _Field(observed, field).add_to(groups, people, moved)
    groups += _mixes(observed)
    if not groups:
        raise ScenarioError([Problem((), "nothing can be learnt from these results", _needs(observed))])
    dates = [
        date for date in set(found.rows.texts["date"].tolist()) if re.fullmatch(r"\d{4}-\d\d-\d\d", date)
    ]
    people.sort(key=lambda each: (FIELDS.index(each.field), each.platform))
    return learned_of(
        people,
        found.rows,
        name=name,
        over=over,
        as_of=max(dates, default="undated"),
        currency=currency,
        results=len(found.rows),
        new=found.new,
        known=found.known,
        replaced=found.replaced,
        creators=sum(1 for each in observed.names if each),
        groups=tuple(sorted(groups, key=_order)),
        moved=tuple(moved),
        left_out=tuple(_left_out(observed, given, known)),
        read=read,
        version=__version__,
    )


def _remembered(house: BenchmarkSet) -> Rows:
    memory = house.made.get("results")
    if not isinstance(memory, str):
        hint = "write a new set with -o, or give the one that `optimize learn` wrote"
        message = f"benchmark set {house.name} was not learnt from results, so nobody can go on from it"
        raise ScenarioError([Problem((), message, hint)])
    try:
        return unpacked(memory)
    except ValueError as error:
        raise ScenarioError([Problem((), f"benchmark set {house.name}: {error}")]) from None


def _needs(observed: Observed) -> str:
    if not observed.count:
        return "every row needs a platform: add a column, or the plan with --plan"
    return "rows need followers or a tier, and posts with what they cost or brought: add columns, or --plan"


def _left_out(observed: Observed, given: Sequence[Results], plans: Sequence[Plan]) -> Iterator[LeftOut]:
    for why, rows in observed.left_out.items():
        yield LeftOut(why=why, rows=rows)
    if observed.gifts:
        yield LeftOut(why="paid nothing: gifts say nothing of fees", rows=observed.gifts)
    no_size = int(np.sum(np.isnan(observed.followers)))
    if no_size:
        yield LeftOut(why="without followers or tier: reach and fees are not compared", rows=no_size)
    silent = [each for each in given if each.currency is None and each.known("paid")]
    if silent and not plans:
        rows = sum(int(np.sum(~np.isnan(each.numbers["paid"]))) for each in silent)
        yield LeftOut(why="paid in an unknown currency: fees are not learnt", rows=rows)


def _order(entry: Learnt) -> tuple[object, ...]:
    return (
        FIELDS.index(entry.field),
        entry.platform,
        entry.format or "",
        tier_order(entry.tier),
        entry.tier or "",
    )


class _Group(NamedTuple):
    """Where an entry holds, and its numbers on the log scale."""

    platform: str
    tier: str | None
    format: str | None
    mean: float
    variance: float
    spread: float
    post_spread: float | None
    results: int
    creators: int
    weight: float
    size: float
    slope: float = 0.0


class _Field:
    """One field on every platform that there are results of."""

    def __init__(self, observed: Observed, field: str) -> None:
        self.observed, self.field = observed, field

    def add_to(self, groups: list[Learnt], people: list[People], moved: list[Moved]) -> None:
        """Add what was learnt, and the results that were moved."""
        observed = self.observed
        platform = [cell.platform for cell in observed.cells]
        said = observed.logs(self.field) if self.field in LOGARITHMIC else observed.tallies(self.field)
        units, inside = np.unique(said.unit, return_inverse=True)
        if not len(units):
            return
        cell = observed.cell[units]
        places = np.array([platform[number] for number in cell.tolist()], dtype=object)
        for where in sorted(set(places.tolist())):
            mine = np.flatnonzero(places == where)
            cells, of_cell = np.unique(cell[mine], return_inverse=True)
            known = [observed.cells[number] for number in cells.tolist()]
            sizes = [self._size(units[mine[of_cell == number]], each) for number, each in enumerate(known)]
            figures = [self._figure(each, size) for each, size in zip(known, sizes, strict=True)]
            variances = np.array([0.25 if figure is None else variance_of(figure) for figure in figures])
            first = next((figure for figure in figures if figure is not None), None)
            if first is None:
                continue
            assumed = ASSUMED[self.field]
            spread = assumed.spread if first.spread is None else first.spread
            post: float | None = None
            at = np.full(len(units), -1, dtype=np.int64)
            at[mine] = np.arange(len(mine))
            rows = np.flatnonzero(at[inside] >= 0)
            creator = at[inside[rows]]
            results = sums(creator, np.ones(len(rows)), len(mine)).astype(np.int64)
            if isinstance(said, Logs):
                levels = levels_of(
                    Measured(
                        said.y[rows],
                        said.d[rows],
                        creator,
                        of_cell,
                        observed.h[units[mine]],
                        variances,
                        spread,
                        self._sizes(units[mine], np.array(sizes)[of_cell]),
                    )
                )
                moved += self._moved(said.row[rows[levels.moved]], said.y[rows[levels.moved]])
                if first.post_spread:
                    post = first.post_spread * sqrt(levels.noise)
            else:
                typical = np.array([1.0 if figure is None else figure.typical for figure in figures])
                hits, trials = said.hits[rows], said.trials[rows]
                counts = Counts(
                    hits, trials, said.d[rows], creator, of_cell, typical, variances, spread,
                    self.field == "click_rate",
                )  # fmt: skip
                levels = levels_of_counts(counts)
                of, over = (sums(creator, each, len(mine))[levels.moved] for each in (hits, trials))
                ratio = of / over / typical[of_cell[levels.moved]]
                moved += self._moved(observed.first[units[mine[levels.moved]]], np.log(ratio))
            for group in self._groups(levels, known, of_cell, units[mine], results, variances, sizes, post):
                groups += self._told(group)
            if self.field != "completion":
                people += self._people(levels, where, units[mine], results, np.array(sizes)[of_cell], post)

    def _groups(
        self,
        levels: Levels,
        cells: Sequence[Cell],
        of_cell: Ints,
        units: Ints,
        results: Ints,
        variances: Floats,
        sizes: Sequence[float],
        post: float | None,
    ) -> Iterator[_Group]:
        observed = self.observed
        people = np.round(1.0 / observed.h[units]).astype(np.int64)
        b, b_var = levels.platform
        mean_range = float(np.mean(variances))
        size = float(np.exp(np.mean(np.log(sizes)))) if all(each > 0 for each in sizes) else float("nan")
        yield _Group(
            cells[0].platform, None, None, b, b_var + (1.0 - TOGETHER) * mean_range, levels.spread, post,
            int(results.sum()), int(people.sum()), max(0.0, 1.0 - b_var / (TOGETHER * mean_range)), size,
        )  # fmt: skip
        m, m_var = levels.cells
        for number, cell in enumerate(cells):
            mine = of_cell == number
            yield _Group(
                cell.platform, cell.tier, cell.format, float(m[number]), float(m_var[number]), levels.spread,
                post, int(results[mine].sum()), int(people[mine].sum()),
                float(levels.cell_weight[number]), sizes[number],
                levels.slope,
            )  # fmt: skip

    def _people(
        self, levels: Levels, platform: str, units: Ints, results: Ints, usual: Floats, post: float | None
    ) -> Iterator[People]:
        """The named creators among some units, for each field of an offer."""
        observed = self.observed
        names = [observed.names[unit] for unit in units.tolist()]
        named = np.flatnonzero(np.array([bool(name) for name in names], dtype=bool))
        if not len(named):
            return
        theta, variance = (each[named] for each in levels.creators)
        shared = levels.shared[named]
        inner = np.maximum(variance - shared, 0.0)
        half = TENTH * np.sqrt(variance)
        sizes = np.where(observed.size[units] > 0, observed.size[units], usual)[named]
        cells = [observed.cells[number] for number in observed.cell[units[named]].tolist()]
        for field in FILLS[self.field]:
            yield People(
                field=field, platform=platform, limit=_limit(field), spreads=field in SPREADS, post_spread=post,
                format=[cell.format for cell in cells], creator=[names[i] for i in named.tolist()],
                factor=np.exp(theta + inner / 2.0), low=np.exp(theta - half), high=np.exp(theta + half),
                shared=np.sqrt(shared) if field in DIFFER else None, spread=np.sqrt(inner), results=results[named],
                weight=levels.weight[named], followers=sizes,
                old=observed.typical_of_units(field, units[named], sizes),
            )  # fmt: skip

    def _told(self, group: _Group) -> Iterator[Learnt]:
        """The entries of a group, one for each field of an offer."""
        half = TENTH * max(sqrt(group.variance), _SD_OF_LOG)
        for field in FILLS[self.field]:
            cell = Cell(group.platform, group.tier, group.format)
            figure = self.observed.figure(field, cell, group.size)
            if figure is None:
                continue
            factor, low, high = (four(exp(x)) for x in (group.mean, group.mean - half, group.mean + half))
            old = figure.typical
            most, spread = _limit(field), field in SPREADS
            yield Learnt(
                field=field, platform=group.platform, tier=group.tier, format=group.format,
                factor=factor, low=low, high=high,
                spread=four(group.spread) if spread else None,
                post_spread=None if group.post_spread is None or not spread else four(group.post_spread),
                slope=four(group.slope), results=group.results, creators=group.creators,
                weight=round(min(1.0, group.weight), 4),
                followers=digits(group.size) if group.size > 0 else None, old=old,
                new=min(most, digits(old * factor)), new_low=min(most, digits(old * low)),
                new_high=min(most, digits(old * high)),
            )  # fmt: skip

    def _moved(self, rows: Ints, logs: Floats) -> Iterator[Moved]:
        texts = self.observed.texts
        for row, value in zip(rows.tolist(), logs.tolist(), strict=True):
            name = texts["creator"][row] or texts["offer"][row]
            yield Moved(
                field=self.field, name=name, platform=texts["platform"][row], times=digits(exp(value))
            )

    def _sizes(self, units: Ints, usual: Floats) -> Floats | None:
        """ln of followers against those for which the cell is stated; None for a number that does not follow size."""
        if self.field not in SPREADS:
            return None
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.log(self.observed.size[units] / usual))

    def _size(self, units: Ints, cell: Cell) -> float:
        """Followers in the middle of some units of a cell."""
        sizes = self.observed.size[units]
        if np.isfinite(sizes).any():
            return float(np.exp(np.nanmedian(np.log(sizes))))
        if cell.tier is None:
            return float("nan")
        try:
            return middle_of_tier(self.observed.benchmarks, Place(cell.tier, cell.platform))
        except ValueError:
            return float("nan")

    def _figure(self, cell: Cell, size: float) -> Figure | None:
        return self.observed.figure(FILLS[self.field][0], cell, size)


def _limit(field: str) -> float:
    return 1.0 if field in RATES else float("inf")


def _mixes(observed: Observed) -> Iterator[Learnt]:
    """Shares of the kinds of engagement, by platform and format: creators count alike, the packaged mix like `HELD` of
    them.

    Dirichlet-multinomial with as many effective counts as creators: (HELD x packaged + sum of shares) / (HELD + n). A
    packaged share of 0 stays 0: that kind is not public there.
    """
    packaged = observed.mixes
    whole = np.ones(observed.count, dtype=bool)
    total = np.zeros(observed.count)
    for kind in KINDS:
        known = ~np.isnan(observed.numbers[kind])
        whole &= known | (packaged[kind] == 0)
        total += np.where(packaged[kind] > 0, np.nan_to_num(observed.numbers[kind]), 0.0)
    whole &= total > 0
    groups: dict[tuple[str, str], list[int]] = {}
    for row in np.flatnonzero(whole).tolist():
        groups.setdefault((observed.texts["platform"][row], observed.format[row]), []).append(row)
    for (platform, format), mine in sorted(groups.items()):
        rows = np.array(mine, dtype=np.int64)
        units, inside = np.unique(observed.unit[rows], return_inverse=True)
        n = len(units)
        cell = observed.cells[observed.cell[units[0]]]
        figures = {
            kind: observed.figure(f"engagement_mix.{kind}", cell, float(observed.size[units[0]]))
            for kind in KINDS
        }
        old = {kind: 0.0 if figure is None else figure.typical for kind, figure in figures.items()}
        if not sum(old.values()) > 0:
            continue
        each = sums(inside, total[rows], n)
        new = {}
        for kind in KINDS:
            shares = (
                sums(inside, np.nan_to_num(observed.numbers[kind][rows]), n) / each
                if old[kind]
                else np.zeros(n)
            )
            new[kind] = (HELD * old[kind] + float(shares.sum())) / (HELD + n)
        scale = sum(old.values()) / sum(new.values())
        for kind in KINDS:
            if not old[kind]:
                continue
            share = new[kind] * scale
            sd = sqrt(share * (1.0 - share) / (HELD + n + 1.0)) / share
            half = TENTH * sqrt(log1p(min(sd, 2.0) ** 2))
            factor = share / old[kind]
            yield Learnt(
                field=f"engagement_mix.{kind}", platform=platform, format=format or None,
                factor=factor, low=factor * exp(-half), high=factor * exp(half),
                results=len(rows), creators=n, weight=round(n / (HELD + n), 4), old=old[kind], new=share,
                new_low=share * exp(-half), new_high=min(1.0, share * exp(half)),
            )  # fmt: skip
