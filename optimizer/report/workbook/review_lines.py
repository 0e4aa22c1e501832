"""The sheets of a review with its numbers: every line planned and actual, and sums by tier and platform, live."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from optimizer.actuals.result import PARTS, MeasureReview, Review
from optimizer.language.numbers import UNKNOWN
from optimizer.report.sections.review_bridge import line_name, parts_in_order
from optimizer.report.workbook.book import BAND, Sheet, safe
from optimizer.report.workbook.cells import Cell, Range, Term, cell, fixed_total, rounded, total, total_where
from optimizer.report.workbook.checks import ARITHMETIC, SOLVED, Checks
from optimizer.report.workbook.limit_sheet import kind_of

HEADER, FIRST = 3, 4
TEXTS = ("offer", "planned", "tier", "platform", "format")
COUNTS = {
    "posts_per_creator": "Posts each",
    "creators_planned": "Creators planned",
    "creators_delivered": "Creators delivered",
    "open": "Creators to come",
    "posts_planned": "Posts planned",
    "posts_delivered": "Posts delivered",
}
GROUPS = {"tier": "Tiers", "platform": "Platforms"}
OF_A_PAGE = 18
"""Columns of a printed page."""
TOTAL: dict[str, Any] = {"bold": True, "top": 1, "bg_color": BAND}


@dataclass
class Lines:
    """Where the numbers of the lines stand.

    Attributes:
        labels: "planned", "tier" and "platform" -> the column.
        columns: measure -> "planned", "actual", "change" or a part -> the column.
        totals: the same -> the cell below it.
        counts: key of `COUNTS` -> the column of creators or posts.
        counted: the same -> the cell below it.
    """

    labels: dict[str, Range] = field(default_factory=dict)
    columns: dict[str, dict[str, Range]] = field(default_factory=dict)
    totals: dict[str, dict[str, Cell]] = field(default_factory=dict)
    counts: dict[str, Range] = field(default_factory=dict)
    counted: dict[str, Cell] = field(default_factory=dict)

    def of_plan(self, values: Range) -> Term:
        """The sum of a column over the lines of the plan, without those beyond it."""
        labels = self.labels["planned"]
        mine = [v for v, label in zip(values.values, labels.values, strict=True) if label == "yes"]
        text = f'SUMIFS({values.text},{labels.text},"yes")'
        return Term(text, math.fsum(float(value) for value in mine if isinstance(value, int | float)))


def label_of(measure: str, key: str) -> str:
    """The head of a column: "Cost: price"."""
    return f"{measure.replace('_', ' ').capitalize()}: {PARTS.get(key, key)}"


def forms_of(sheet: Sheet, one: MeasureReview) -> tuple[str, str, str]:
    """Kind of a measure, its number format, and the one of its changes."""
    kind = kind_of(one.measure)
    values = [one.total.planned, one.total.actual]
    return kind, sheet.style.format(kind, values), sheet.style.format("change_" + kind, values)


def lines_sheet(sheet: Sheet, review: Review, checks: Checks) -> Lines:
    """Fill the sheet: planned, actual and parts are constants, changes and totals follow."""
    to_come = " of what is settled" if review.running else ""
    sheet.title(
        "Lines",
        f"Planned and actual{to_come}, and what each part brought of the change; money in {review.currency}. Changes "
        "and totals follow the numbers beside and above them.",
    )
    found = Lines()
    last = FIRST + len(review.lines)
    column = 0
    for key in TEXTS:
        sheet.header(HEADER, ["In the plan" if key == "planned" else key.capitalize()], column, lines=3)
        values = [line_name(line) if key == "offer" else _text(getattr(line, key)) for line in review.lines]
        indent = 0 if key == "offer" else 1
        cells = [sheet.text(FIRST + i, column, value, indent=indent) for i, value in enumerate(values)]
        if cells:
            found.labels[key] = Range(cells)
        column += 1
    sheet.text(last, 0, "Total", **TOTAL)
    for at in range(1, column):
        sheet.text(last, at, "", **TOTAL)
    for key, label in COUNTS.items():
        if key == "open" and not review.running:
            continue
        sheet.header(HEADER, [label], column, left=(), lines=3)
        numbers = [getattr(line, key) for line in review.lines]
        look = {"num_format": sheet.style.format("count", numbers)}
        written = [sheet.value(FIRST + i, column, value, "count", **look) for i, value in enumerate(numbers)]
        if key == "posts_per_creator" or not written:
            sheet.text(last, column, "", **TOTAL)
        else:
            found.counts[key] = Range(written)
            found.counted[key] = sheet.formula(
                last, column, total(Range(written)), "count", guard=True, **TOTAL, **look
            )
        column += 1
    _count_checks(review, found, checks)
    for one in review.measures:
        column = _measure(sheet, review, one, column, found, checks)
    sheet.raw.freeze_panes(FIRST, 1)
    _paper(sheet, column)
    if review.lines:
        sheet.raw.autofilter(HEADER, 0, last - 1, column - 1)
    sheet.finish()
    return found


def _count_checks(review: Review, found: Lines, checks: Checks) -> None:
    """Creators and posts of all lines are those of the review."""
    for key, below in found.counted.items():
        of_plan = key == "creators_delivered"
        expected = review.creators_open if key == "open" else getattr(review, key)
        live = found.of_plan(found.counts[key]) if of_plan else below
        name = f"{COUNTS[key]}: lines {'of the plan ' if of_plan else ''}to total"
        checks.equal(SOLVED, name, live, expected, "count")


def _paper(sheet: Sheet, columns: int) -> None:
    """As many pages side by side as can be read, each with the names."""
    sheet.raw.repeat_rows(HEADER)
    sheet.raw.repeat_columns(0)
    sheet.raw.fit_to_pages(-(-columns // OF_A_PAGE), 0)


def _text(value: str | bool | None) -> str:
    """As a label: "yes" or "no", a dash where nothing is known."""
    return UNKNOWN if value is None else value if isinstance(value, str) else "yes" if value else "no"


def _measure(
    sheet: Sheet, review: Review, one: MeasureReview, column: int, found: Lines, checks: Checks
) -> int:
    """The columns of one measure; returns the next free one."""
    name, parts = one.measure, parts_in_order(one.total)
    kind, form, signed = forms_of(sheet, one)
    keys = ["planned", "actual", "change", *parts]
    labels = [label_of(name, key) for key in (*keys, "not explained")]
    sheet.header(HEADER, labels, column, left=(), lines=3)
    cells: dict[str, list[Cell]] = {key: [] for key in keys}
    left: list[Cell] = []
    digits = _digits(review, name)
    for i, line in enumerate(review.lines):
        row, mine = FIRST + i, line.measures[name]
        planned = sheet.value(row, column, mine.planned, kind, num_format=form)
        actual = sheet.value(row, column + 1, mine.actual, kind, num_format=form)
        change = sheet.formula(row, column + 2, actual - planned, kind, guard=True, num_format=signed)
        written = [
            sheet.value(row, column + 3 + n, mine.parts[part], kind, num_format=signed)
            for n, part in enumerate(parts)
        ]
        missing = rounded(change - fixed_total(Range(written)), digits)
        left.append(sheet.formula(row, column + len(keys), missing, kind, guard=True, num_format=signed))
        for key, found_here in zip(keys, (planned, actual, change, *written), strict=True):
            cells[key].append(found_here)
    found.columns[name] = {key: Range(cells[key]) for key in keys}
    last = FIRST + len(review.lines)
    totals = {}
    for n, key in enumerate(keys):
        look = {"num_format": form if n < 2 else signed}
        totals[key] = sheet.formula(
            last, column + n, total(Range(cells[key])), kind, guard=True, **TOTAL, **look
        )
        value = getattr(one.total, key) if n < 3 else one.total.parts[key]
        checks.equal(SOLVED, f"{label_of(name, key)}: lines to total", totals[key], value, kind)
    sheet.text(last, column + len(keys), "", **TOTAL)
    found.totals[name] = totals
    wrong = Term(f"SUMPRODUCT(--({Range(left).text}<>0))", sum(rest.value != 0 for rest in left))
    checks.equal(ARITHMETIC, label_of(name, "lines whose parts miss the change"), wrong, 0, "count")
    return column + len(labels)


def _digits(review: Review, measure: str) -> int:
    """Decimals to which a change and its parts agree whatever their order: nine digits of the largest number."""
    differences = [line.measures[measure] for line in review.lines]
    size = max((abs(value) for one in differences for value in (one.planned, one.actual)), default=1.0)
    return 8 - math.floor(math.log10(max(1.0, size)))


def groups_sheet(sheet: Sheet, review: Review, by: str, lines: Lines, checks: Checks) -> None:
    """Sums of the lines of each tier or platform, one below the other, live over the Lines sheet."""
    title = GROUPS[by]
    sheet.title(title, f"Sums over the sheet Lines; money in {review.currency}.")
    groups = [group for group in review.groups if group.by == by]
    labels = [safe(group.value or UNKNOWN) for group in groups]
    sheet.header(HEADER, ["", *labels, "Total"])
    names = [cell(sheet.name, HEADER, column, label) for column, label in enumerate(labels, 1)]
    row = HEADER
    for one in review.measures:
        kind, form, signed = forms_of(sheet, one)
        for key, values in lines.columns[one.measure].items():
            row += 1
            look: dict[str, Any] = {"num_format": form if key in ("planned", "actual") else signed}
            look |= {"bold": True} if key in ("planned", "actual", "change") else {}
            what = label_of(one.measure, key)
            sheet.text(row, 0, what, indent=0 if "bold" in look else 1, bold="bold" in look)
            cells = [
                sheet.formula(
                    row, column, total_where(lines.labels[by], name, values), kind, guard=True, **look
                )
                for column, name in enumerate(names, 1)
            ]
            of_all = total(Range(cells))
            written = sheet.formula(row, len(names) + 1, of_all, kind, guard=True, bg_color=BAND, **look)
            of_lines = lines.totals[one.measure][key]
            checks.equal(ARITHMETIC, f"{what}: {title.lower()} to lines", written, of_lines, kind)
            if key == "change":
                for group, label, found in zip(groups, labels, cells, strict=True):
                    checks.equal(
                        SOLVED, f"{what} of {label}", found, group.measures[one.measure].change, kind
                    )
    sheet.raw.freeze_panes(FIRST, 1)
    sheet.raw.repeat_rows(HEADER)
    sheet.finish()


def kinds_of_groups(review: Review) -> Sequence[str]:
    """By what there are sums: tiers and platforms, where lines have any."""
    return [by for by in GROUPS if any(group.by == by for group in review.groups)]
