"""A plan against results: numbers only; reports know words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Literal

from optimizer.language.records import FrozenDict, FrozenMap, Record
from optimizer.plan.plan import ScenarioStamp
from optimizer.plan.risk import Range
from optimizer.results.result import ResultsAccount

PARTS: dict[str, str] = {
    "mix": "who was booked",
    "delivery": "who delivered",
    "posts": "posts of each",
    "views": "views per post",
    "reach": "people per post",
    "response": "response",
    "click_rate": "click rate",
    "conversion_rate": "conversion rate",
    "value": "value of a sale",
    "goods": "cost of goods",
    "hours": "hours per post",
    "price": "price",
    "contingency": "contingency",
}
"""Part of a difference -> what a reader calls it, in the order of the chain."""


class Difference(Record):
    """One measure, planned and actual; the parts add up exactly to the change."""

    planned: float
    actual: float
    change: float
    """actual - planned."""
    parts: FrozenMap[str, float]
    """Key of `PARTS` -> what it brought. As decimals (`Decimal(repr(part))`) they add up to `change`, and those of all
    lines to those of the whole, to the last digit."""


class Inside(Record):
    """How many bookings came out as their ranges said."""

    bookings: int
    """Whose planned range is known and wide enough to miss."""
    inside: int
    """Between what 1 case in 10 stays below and 1 in 10 exceeds: 8 in 10 are expected."""
    below: int
    above: int


class MeasureReview(Record):
    """One measure of the whole campaign."""

    measure: str
    unit: str
    total: Difference
    bookings_as_planned: int
    """Bookings whose results do not say it, so that it counts as planned."""
    planned_range: Range | None = None
    """Of the plan's total, where it was drawn and nothing is still to come."""
    within: bool | None = None
    """Whether the actual total lies inside."""
    ranges: Inside | None = None
    """Of single bookings; None where no range is known."""


class LineReview(Record):
    """One line of the plan, or creators beyond it."""

    offer: str
    """Of creators beyond the plan what the results call them."""
    planned: bool
    """Whether it is in the plan."""
    tier: str | None
    platform: str | None
    format: str | None
    posts_per_creator: int | None
    creators_planned: float
    creators_booked: float
    """As planned, or more where more delivered."""
    creators_delivered: float
    posts_planned: float
    posts_delivered: float
    open: float = 0.0
    """Creators whose work is still to come."""
    measures: FrozenMap[str, Difference]


class GroupReview(Record):
    """Lines that share a tier or a platform."""

    by: Literal["tier", "platform"]
    value: str
    measures: FrozenMap[str, Difference]


class BookingReview(Record):
    """One booking and what it brought of the first measure."""

    name: str
    offer: str
    creators: float
    posts: float
    planned: float
    actual: float
    low: float | None = None
    """1 case in 10 stays below; None where no range is known."""
    high: float | None = None


class UnmatchedRow(Record):
    """A row of the results that no booking is behind."""

    file: str
    line: int
    name: str
    why: str


class Missing(Record):
    """Bookings of a line that no row is about."""

    offer: str
    posts_per_creator: int
    creators: float


class Forecast(Record):
    """How one measure will end: what is done as it is, the rest as planned with its ranges."""

    measure: str
    unit: str
    done: float
    """So far."""
    to_come: float
    """Planned of the rest."""
    end: Range
    promised: float | None
    """What the plan says, or a cap on money or hours; None where it promises nothing of it."""
    at_least: bool
    """Whether the promise is a floor."""
    chance: float | None
    """Of keeping it."""


class Review(Record):
    """A plan against what came of it."""

    scenario: ScenarioStamp
    """Of the plan."""
    files: tuple[str, ...]
    """Of results, as named."""
    read: ResultsAccount | None = None
    """What was read of which file; None for results that were put together in Python."""
    currency: str
    running: bool
    """Whether bookings without a row are still to come; otherwise they did not deliver."""
    objective: str
    """First measure of the plan."""
    rows: int
    """Of the results."""
    creators_planned: float
    creators_delivered: float
    """Of those planned: who made at least one post."""
    creators_open: float
    """Whose work is still to come, parts of one included."""
    posts_planned: float
    posts_open: float
    """Of these still to come."""
    posts_delivered: float
    """Of everybody."""
    measures: tuple[MeasureReview, ...]
    """The objective first, where results are about it."""
    without_results: tuple[str, ...]
    """Measures that the plan promises something of and no row says."""
    lines: tuple[LineReview, ...]
    groups: tuple[GroupReview, ...]
    bookings: tuple[BookingReview, ...]
    """The furthest from plan first."""
    unmatched: tuple[UnmatchedRow, ...]
    missing: tuple[Missing, ...]
    matched_by_place: int
    """Rows matched by platform, format and tier alone."""
    posts_as_planned: int
    """Bookings whose results do not say how many posts they made."""
    paid_only: int
    """Bookings of a running campaign that are paid and have no results yet: still to come."""
    forecast: tuple[Forecast, ...] = ()
    """Of a running campaign."""
    draws: int = 0
    seed: int = 0
    version: str

    def of(self, measure: str) -> MeasureReview | None:
        """The review of one measure, if results are about it."""
        return next((one for one in self.measures if one.measure == measure), None)


def added(differences: Iterable[Mapping[str, Difference]]) -> FrozenDict[str, Difference]:
    """Differences of several lines added up in decimals, so that nothing is lost."""
    totals: dict[str, list[Decimal]] = {}
    parts: dict[str, dict[str, Decimal]] = {}
    for line in differences:
        for measure, one in line.items():
            total = totals.setdefault(measure, [Decimal(0)] * 3)
            for n, value in enumerate((one.planned, one.actual, one.change)):
                total[n] += Decimal(repr(value))
            mine = parts.setdefault(measure, {})
            for part, value in one.parts.items():
                mine[part] = mine.get(part, Decimal(0)) + Decimal(repr(value))
    return FrozenDict({
        measure: Difference(
            planned=float(total[0]), actual=float(total[1]), change=float(total[2]),
            parts={part: float(value) for part, value in parts[measure].items()},
        )
        for measure, total in totals.items()
    })  # fmt: skip
