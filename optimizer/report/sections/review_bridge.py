"""From planned to actual as a bridge, for charts: the parts of a measure that are not 0."""

from __future__ import annotations

from typing import NamedTuple

from optimizer.actuals.result import PARTS, Difference, LineReview, MeasureReview, Review
from optimizer.finance.compare.bridge import MeasureBridge
from optimizer.language.measures import is_money
from optimizer.language.numbers import printable

PLANNED, ACTUAL = "planned", "actual"


class ReviewBridge(NamedTuple):
    """One measure from planned to actual, and the keys of its parts, in the order of the chain."""

    keys: list[str]
    measure: MeasureBridge


def bridge_of(one: MeasureReview) -> ReviewBridge:
    """The bridge of a measure; without parts where nothing differs."""
    parts = {part: one.total.parts[part] for part in parts_in_order(one.total) if one.total.parts[part]}
    return ReviewBridge(
        list(parts),
        MeasureBridge(
            measure=one.measure,
            unit=one.unit,
            start=one.total.planned,
            end=one.total.actual,
            change=one.total.change,
            parts=list(parts.values()),
            orders=1,
            of_orders=1,
        ),
    )


def parts_in_order(difference: Difference) -> list[str]:
    """Keys of its parts, in the order of the chain."""
    return [part for part in PARTS if part in difference.parts]


def charted(review: Review) -> list[MeasureReview]:
    """The measures that are drawn: the objective's, or the first of those that results are about, and cost."""
    first = review.measures[:1]
    return [*first, *(one for one in review.measures[1:] if one.measure == "cost")]


def bridge_title(review: Review, one: MeasureReview) -> str:
    """ "Cost, EUR: from planned to actual"; of a running campaign nothing is compared that is still to come."""
    return f"{measure_label(one)}: from {PLANNED} to {ACTUAL}{', so far' if review.running else ''}"


def measure_label(one: MeasureReview) -> str:
    """The name of a measure, with its currency where it is money: "Cost, EUR"."""
    name = printable(one.measure.replace("_", " ")).capitalize()
    return f"{name}, {one.unit}" if is_money(one.measure) else name


def line_name(line: LineReview) -> str:
    """What a line is called; creators beyond the plan without a name by where they posted."""
    place = ", ".join(part for part in (line.tier, line.platform, line.format) if part)
    return line.offer or " ".join(["not in the plan", *([f"({place})"] if place else [])])


def read_from(review: Review) -> str:
    """The names of the files, as far as there are any."""
    files = () if review.read is None else review.read.files
    return printable(", ".join(file.file for file in files)) or "results"
