"""How far a plan's numbers may be off: ranges, chances, and what they come from. Numbers only."""

from __future__ import annotations

from optimizer.language.records import FrozenDict, FrozenMap, Record


class Range(Record):
    """What one measure of a plan may come to, in the measure's unit."""

    p10: float
    """One case in ten is below."""
    p50: float
    """Half of the cases are below."""
    p90: float
    """One case in ten is above."""
    mean: float
    """Average of all cases; above the half where good luck goes further than bad luck."""
    sd: float
    """Standard deviation; 0 where nothing about it varies."""


class Chance(Record):
    """How often a limit is kept."""

    limit: str
    """Name of the limit."""
    chance: float
    """Share of the cases."""


class Driver(Record):
    """A number whose range makes the first objective vary."""

    assumption: str
    """In words: "engagement_rate of micro-instagram-reel"; "spread of" is how creators differ, "completion of" who
    delivers."""
    offer: str
    field: str
    share_of_variance: float
    """Part of the variance of the first objective that it causes by itself; what numbers cause together is nobody's."""


class Risk(Record):
    """What a plan may come to, given the ranges of all numbers: simulated, creator by creator."""

    draws: int
    """How many cases were drawn."""
    seed: int
    varies: bool
    """Whether any number of the plan has a range at all."""
    measures: FrozenMap[str, Range] = FrozenDict()
    """Measure -> its range; cost, hours, reach and whatever else is known."""
    objective: Range | None = None
    """Range of the first objective where no measure of the whole plan is that: reach in some segments."""
    distribution: tuple[float, ...] = ()
    """The first objective's 1st to 99th percentile, one for each percent."""
    chances: tuple[Chance, ...] = ()
    """Of every limit but those for each creator, in their order."""
    all_kept: float | None = None
    """How often all of these are kept together; None where there is none."""
    drivers: tuple[Driver, ...] = ()
    """The ten largest, largest first."""
