"""A plan against results as CSV: one row for each line of the plan, for those beyond it, and for all of them."""

from __future__ import annotations

from collections.abc import Mapping

from optimizer.actuals.result import Difference, LineReview, MeasureReview, Review
from optimizer.language.measures import COUNTED
from optimizer.language.numbers import tidy
from optimizer.report.sections.review_bridge import parts_in_order

COUNTS = ("creators_planned", "creators_delivered", "posts_planned", "posts_delivered")


def review_rows(review: Review) -> list[list[object]]:
    """The header and the rows; numbers unrounded, unknown ones empty.

    Columns: offer (of creators beyond the plan what the results call them), planned (yes or no), tier, platform,
    format, posts_per_creator, creators_planned, creators_delivered, posts_planned, posts_delivered; then of each
    measure that plan and results know, in the order of every table: MEASURE_planned, MEASURE_actual, MEASURE_change
    and MEASURE_PART, what each part brought of the change. They add up along each row and down each column to the
    last one, "total", of which `planned` is empty.
    """
    measures = sorted(review.measures, key=lambda one: COUNTED.index(one.measure))
    header: list[object] = ["offer", "planned", "tier", "platform", "format", "posts_per_creator", *COUNTS]
    for one in measures:
        keys = ("planned", "actual", "change", *parts_in_order(one.total))
        header += [f"{one.measure}_{key}" for key in keys]
    rows = [header]
    for line in review.lines:
        row: list[object] = [
            line.offer,
            "yes" if line.planned else "no",
            line.tier,
            line.platform,
            line.format,
        ]
        row += [line.posts_per_creator, *(getattr(line, name) for name in COUNTS)]
        rows.append(row + _numbers(measures, line.measures))
    totals: list[object] = ["total", *[None] * 5, *(tidy(_sum(review.lines, name)) for name in COUNTS)]
    rows.append(totals + _numbers(measures, {one.measure: one.total for one in measures}))
    return rows


def _numbers(measures: list[MeasureReview], of: Mapping[str, Difference]) -> list[object]:
    found: list[object] = []
    for one in measures:
        mine = of[one.measure]
        found += [mine.planned, mine.actual, mine.change, *(mine.parts[p] for p in parts_in_order(one.total))]
    return found


def _sum(lines: tuple[LineReview, ...], name: str) -> float:
    return float(sum(getattr(line, name) for line in lines))
