"""The Summary of a review and the sheet with its charts: from planned to actual, part by part, live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from optimizer.actuals.result import PARTS, MeasureReview, Review
from optimizer.language.measures import more_is_good
from optimizer.language.numbers import UNKNOWN, made_line
from optimizer.report.layout.parts import Sentences
from optimizer.report.sections.review import review_sections
from optimizer.report.sections.review_bridge import (
    ACTUAL,
    PLANNED,
    bridge_of,
    bridge_title,
    charted,
    measure_label,
    read_from,
)
from optimizer.report.workbook.book import BAND, MUTED, Sheet
from optimizer.report.workbook.bridge_sheet import CHART_ROWS, HELPER_COLUMN, Waterfall, bridge_digits
from optimizer.report.workbook.cells import Cell, Range, Term, either, every, fixed_total, is_number
from optimizer.report.workbook.checks import ARITHMETIC, Checks, Verdict
from optimizer.report.workbook.limit_sheet import kind_of
from optimizer.report.workbook.review_bookings import PLACES, Counts
from optimizer.report.workbook.review_lines import Lines
from optimizer.report.workbook.summary import summary_start

LEAST_COLUMNS = 8
"""Of the Summary, so that sentences have room."""
PERCENT = "+0.0%;-0.0%;0.0%"


@dataclass(frozen=True)
class Place:
    """Where the numbers of the other sheets stand that the Summary shows."""

    lines: Lines
    counts: Counts | None
    forecast: dict[str, list[Cell]]
    """Measure -> done, 1 in 10 below, half, 1 in 10 above, promised, chance."""


def bridge_sheet(sheet: Sheet, review: Review, lines: Lines, checks: Checks) -> list[Waterfall]:
    """The objective and cost from planned to actual, each with its chart; live over the Lines sheet."""
    sheet.title("Bridge", "From planned to actual, by what each part brought on all lines together.")
    charts, row = [], 3
    for one in charted(review):
        keys, m = bridge_of(one)
        title = bridge_title(review, one)
        first, last = row + 2, row + 3 + len(keys)
        kind, digits = kind_of(one.measure), bridge_digits(m, review.currency)
        form, signed = sheet.style.format(digits), sheet.style.format("change_" + digits)
        look: dict[str, Any] = {"bold": True, "bg_color": BAND, "num_format": form}
        totals = lines.totals[one.measure]
        sheet.heading(row, title)
        sheet.header(row + 1, ["", measure_label(one)])
        sheet.text(first, 0, PLANNED, bold=True)
        start = sheet.formula(first, 1, totals["planned"], kind, guard=True, **look)
        parts = []
        for i, key in enumerate(keys, 1):
            sheet.text(first + i, 0, PARTS[key])
            parts.append(sheet.formula(first + i, 1, totals[key], kind, guard=True, num_format=signed))
        sheet.text(last, 0, ACTUAL, bold=True)
        total = start + fixed_total(Range(parts)) if parts else start * 1
        finish = sheet.formula(last, 1, total, kind, guard=True, **look)
        name = f"{measure_label(one)}: bridge to actual"
        checks.equal(ARITHMETIC, name, finish, totals["actual"], kind)
        chart = Waterfall(
            sheet.name, first, last, HELPER_COLUMN, m, title, better_up=more_is_good(one.measure)
        )
        chart.write(sheet)
        chart.insert(sheet, last + 2, 0, 760, 300)
        charts.append(chart)
        row = last + 2 + CHART_ROWS
    sheet.finish(A=30)
    sheet.raw.print_area(0, 0, max(row, 1), 8)
    return charts


def review_summary(
    sheet: Sheet, review: Review, on: Place, charts: list[Waterfall], verdict: Verdict
) -> None:
    """One page: the findings, each measure from planned to actual, ranges, the forecast and the charts."""
    used = [part for part in PARTS if any(part in one.total.parts for one in review.measures)]
    columns = max(LEAST_COLUMNS, len(used) + 5)
    characters = 30 + 13 * (columns - 1)
    first = next(iter(review_sections(review)))
    row = summary_start(
        sheet,
        f"{review.scenario.name}: {'the campaign so far' if review.running else 'plan and results'}",
        f"{read_from(review)} · money in {review.currency} · "
        + made_line(review.scenario.made, [review.scenario.author], review.version),
        list(first.lines) if isinstance(first, Sentences) else [],
        verdict,
        None,
        columns=columns,
        characters=characters,
    )
    row = _counts(sheet, review, on.lines, row)
    row = _measures(sheet, review, on.lines, used, row)
    row = _ranges(sheet, review, on, row)
    row = _forecast(sheet, review, on, row)
    for chart in charts:
        chart.insert(sheet, row, 0, 900, 300)
        row += CHART_ROWS
    text = f"Plan {review.scenario.name}, sha256 {review.scenario.sha256}, creatormix {review.version}. "
    text += (
        "Planned, actual and parts of each line are constants on the sheet Lines; everything else follows."
    )
    sheet.line(row, text, columns, characters, font_color=MUTED)
    widths = {chr(ord("A") + n): 14.0 for n in range(1, columns)}
    sheet.finish(A=30, **widths)
    sheet.raw.fit_to_pages(1, 1)


def _counts(sheet: Sheet, review: Review, lines: Lines, row: int) -> int:
    """Creators of the plan and posts of everybody, live."""
    if not lines.counted:
        return row
    sheet.heading(row, "Creators and posts")
    sheet.header(row + 1, ["", "Planned", "Delivered", *(["To come"] if review.running else [])])
    people = lines.of_plan(lines.counts["creators_delivered"])
    rows: dict[str, list[Term]] = {
        "Creators of the plan": [lines.counted["creators_planned"], people],
        "Posts of everybody": [lines.counted["posts_planned"], lines.counted["posts_delivered"]],
    }
    if review.running:
        rows["Creators of the plan"].append(lines.counted["open"])
    for at, (label, terms) in enumerate(rows.items(), row + 2):
        sheet.text(at, 0, label)
        for column, term in enumerate(terms, 1):
            sheet.formula(at, column, term, "count", guard=True)
    return row + 5


def measure_checks(review: Review, lines: Lines, checks: Checks) -> None:
    """Each measure: planned and parts of all lines come to what is actual."""
    for one in review.measures:
        totals = lines.totals[one.measure]
        parts = [cell for key, cell in totals.items() if key in PARTS]
        reached = totals["planned"] + fixed_total(Range(parts))
        name = f"{measure_label(one)}: planned and parts to actual"
        checks.equal(ARITHMETIC, name, reached, totals["actual"], kind_of(one.measure))


def _measures(sheet: Sheet, review: Review, lines: Lines, used: list[str], row: int) -> int:
    """Each measure in a row: planned, what each part brought, actual."""
    sheet.heading(row, "From planned to actual" + (", so far" if review.running else ""))
    row += 1
    labels = ["", "Planned", *(PARTS[part].capitalize() for part in used), "Actual", "Change", "%"]
    sheet.header(row, labels, lines=2)
    for n, one in enumerate(review.measures):
        row += 1
        kind, totals, bold = kind_of(one.measure), lines.totals[one.measure], {"bold": n == 0}
        digits = bridge_digits(bridge_of(one).measure, review.currency)
        form, signed = sheet.style.format(digits), sheet.style.format("change_" + digits)
        sheet.text(row, 0, measure_label(one), **bold)
        planned = sheet.formula(row, 1, totals["planned"], kind, guard=True, num_format=form, **bold)
        parts = [
            sheet.formula(row, column, totals[part], kind, guard=True, num_format=signed)
            for column, part in enumerate(used, 2)
            if part in totals
        ]
        at = 2 + len(used)
        reached = planned + fixed_total(Range(parts))
        actual = sheet.formula(row, at, reached, kind, guard=True, num_format=form, **bold)
        change = sheet.formula(row, at + 1, actual - planned, kind, guard=True, num_format=signed)
        grown = either(planned.above(0), change / planned, Term(f'"{UNKNOWN}"', None))
        sheet.formula(row, at + 2, grown, "share", guard=True, num_format=PERCENT)
    return row + 2


def _ranges(sheet: Sheet, review: Review, on: Place, row: int) -> int:
    """Where the whole and its bookings lie in the ranges that were planned."""
    known = [one for one in review.measures if one.planned_range is not None and one.within is not None]
    counted = [one for one in review.measures if one.ranges is not None]
    if not known and not counted:
        return row
    sheet.heading(row, "Against the planned ranges", "In 8 of 10 cases a number lies inside.")
    row += 2
    whole = ["1 in 10 below", "1 in 10 above", "Actual", "Inside"] if known else []
    labels = ["", *whole, "Bookings with a range", *(word.capitalize() for word in PLACES)]
    sheet.header(row, labels, lines=2)
    for n, one in enumerate(review.measures):
        if one not in known and one not in counted:
            continue
        row += 1
        sheet.text(row, 0, measure_label(one))
        _whole(sheet, row, one, on.lines.totals[one.measure]["actual"])
        if one.ranges is None:
            continue
        for column, word in enumerate(("bookings", *PLACES), 1 + len(whole)):
            if n == 0 and on.counts is not None:
                cell = on.counts.bookings if word == "bookings" else on.counts.places[word]
                sheet.formula(row, column, cell, "count")
            else:
                sheet.value(row, column, getattr(one.ranges, word), "count", font_color=MUTED)
    return row + 2


def _whole(sheet: Sheet, row: int, one: MeasureReview, total: Cell) -> None:
    """The range of the whole, and whether what came is inside."""
    if one.planned_range is None or one.within is None:
        return
    kind = kind_of(one.measure)
    form = {"num_format": sheet.style.format(kind, [one.total.actual, one.planned_range.p10])}
    low = sheet.value(row, 1, one.planned_range.p10, kind, font_color=MUTED, **form)
    high = sheet.value(row, 2, one.planned_range.p90, kind, font_color=MUTED, **form)
    actual = sheet.formula(row, 3, total, kind, guard=True, **form)
    inside = every([is_number(actual), actual.at_least(low), actual.at_most(high)])
    sheet.formula(row, 4, either(inside, Term('"yes"', "yes"), Term('"no"', "no")), "text")


def _forecast(sheet: Sheet, review: Review, on: Place, row: int) -> int:
    if not review.forecast:
        return row
    sheet.heading(row, "How it will end")
    row += 1
    labels = ["", "Done", "1 in 10 below", "Half above", "1 in 10 above", "Promised", "Chance to keep it"]
    sheet.header(row, labels, lines=2)
    for one in review.forecast:
        row += 1
        kind = kind_of(one.measure)
        sheet.text(row, 0, one.measure.replace("_", " ").capitalize())
        look = {"num_format": sheet.style.format(kind, [one.end.p10, one.end.p90, one.promised])}
        *amounts, chance = on.forecast[one.measure]
        for column, cell in enumerate(amounts, 1):
            sheet.formula(row, column, cell, kind, guard=cell.value is None, **look)
        sheet.formula(row, 6, chance, "share", guard=chance.value is None)
    return row + 2
