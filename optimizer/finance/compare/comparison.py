"""The result of a comparison: columns, figures, limits, inputs and bridges. Numbers only; reports know words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from optimizer.finance.compare.bridge import Bridge
from optimizer.finance.compare.differences import InputDifference
from optimizer.language.measures import unit_of
from optimizer.language.numbers import tidy
from optimizer.language.records import FrozenMap, Record
from optimizer.plan.plan import LimitResult, Plan
from optimizer.plan.risk import Range

ColumnStatus = Literal["optimal", "feasible", "infeasible", "not_found", "failed"]


class Step(Record):
    """What a little more of a limit would bring, by planning again."""

    step: float
    """How much more: 5 % of the limit, in its unit."""
    gain: float | None
    """Improvement of the first objective; None where the re-solve found nothing."""
    per_unit: float | None


class Column(Record):
    """One scenario of the comparison; money in the comparison's currency."""

    name: str
    """Unique among the columns."""
    source: str
    """Name of the file, without folders; "" in the library."""
    status: ColumnStatus
    message: str
    """Why there is no plan, in one sentence; "" where there is one."""
    plan: Plan | None
    currency: str
    """The scenario's own."""
    exchange_rate: float | None
    """Units of that currency per 1 unit of the comparison's; None where they are the same."""
    budget_step: Step | None
    """5 % more budget; None without a budget or a plan, or where the first objective is not the base's."""
    hours_step: Step | None
    """5 % more coordination hours."""


class Figure(Record):
    """One measure in every column; None where not known or without a plan."""

    measure: str
    label: str
    unit: str
    values: tuple[float | None, ...]
    differences: tuple[float | None, ...]
    """value - value of the base; the base's own is 0."""
    shares: tuple[float | None, ...]
    """difference / value of the base; None where that is not above 0: from a loss nothing grows in percent."""


class GroupFigures(Record):
    """Creators, cost and result of one tier or platform in every column."""

    group: str
    creators: tuple[float | None, ...]
    cost: tuple[float | None, ...]
    result: tuple[float | None, ...]
    """Of the base's first objective where it adds up, else engagements."""


class ComparedLimit(Record):
    """A limit in every column; None where the column has no such limit or no plan."""

    name: str
    measure: str
    columns: tuple[LimitResult | None, ...]


class ComparedSegment(Record):
    """A segment of the audience in every column; None where a column has no plan, or its reach is not known."""

    name: str
    people: tuple[float | None, ...]
    """Size of the segment."""
    reached: tuple[float | None, ...]
    """People of it reached at least once."""
    shares: tuple[float | None, ...]
    """The same as a share of the segment."""


class ComparedRisk(Record):
    """What every column may come to, drawn with common chance: what two plans share goes well or badly for both."""

    draws: int
    seed: int
    measures: FrozenMap[str, tuple[Range | None, ...]]
    """The base's first objective, then cost: the range in every column; None where it is not known."""
    beats: tuple[float | None, ...]
    """Share of the cases in which a column is better than the base by the base's first objective; None for the base,
    and where there is nothing to compare."""
    equal: tuple[float | None, ...]
    """Share of the cases in which both bring the same, likewise."""


class Comparison(Record):
    """Scenarios side by side; the first column is the base."""

    currency: str
    measure: str
    """The base's first objective."""
    sense: Literal["maximize", "minimize"]
    columns: tuple[Column, ...]
    figures: tuple[Figure, ...]
    """The objective first."""
    by_tier: tuple[GroupFigures, ...]
    by_platform: tuple[GroupFigures, ...]
    result_measure: str
    """What `GroupFigures.result` counts."""
    segments: tuple[ComparedSegment, ...] = ()
    """Reach by segment; none unless the audiences of all plans have the same segments."""
    limits: tuple[ComparedLimit, ...]
    inputs: tuple[InputDifference, ...]
    bridges: tuple[Bridge, ...]
    """From the base to each other column, in their order; empty where not asked for."""
    sentences: tuple[str, ...]
    """The findings in plain words, most important first."""
    version: str
    made: str = ""
    """The day of the comparison, as 2026-11-27, in UTC."""
    risk: ComparedRisk | None = None
    """What the columns may come to; None where nobody asked, or no number of any of them has a range."""


LABELS = {
    "cost": "cost",
    "hours": "coordination hours",
    "gross_reach": "gross reach",
    "cost_of_goods": "cost of goods",
    "frequency": "average frequency",
    "cpm": "CPM",
    "cpe": "CPE",
    "cpc": "CPC",
    "cpa": "CPA",
}


def share_of_change(change: float | None, base: float | None) -> float | None:
    """A change as a share of the base; None where the base is not above 0, from which nothing grows in percent."""
    return None if change is None or base is None or base <= 0 else tidy(change / base)


def figure_of(measure: str, values: Sequence[float | None], currency: str) -> Figure:
    """A measure in every column with its differences from the first."""
    first = values[0]
    differences = [None if v is None or first is None else tidy(v - first) + 0.0 for v in values]  # not -0.0
    return Figure(
        measure=measure,
        label=LABELS.get(measure, measure),
        unit="" if measure == "frequency" else unit_of(measure, currency),
        values=values,
        differences=differences,
        shares=[share_of_change(d, first) for d in differences],
    )
