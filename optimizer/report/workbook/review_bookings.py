"""The sheets of a review about single bookings and about what is left: ranges, what was not matched, the forecast."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.actuals.result import BookingReview, Review
from optimizer.language.numbers import UNKNOWN
from optimizer.report.workbook.book import MUTED, Sheet
from optimizer.report.workbook.cells import Cell, Range, Term, either, every, fixed_total, is_number
from optimizer.report.workbook.checks import ARITHMETIC, SOLVED, Checks
from optimizer.report.workbook.limit_sheet import kind_of
from optimizer.report.workbook.review_lines import Lines
from optimizer.results.result import ResultsAccount

INSIDE, BELOW, ABOVE = "inside", "below", "above"
PLACES = (INSIDE, BELOW, ABOVE)
HEADER, FIRST = 6, 7


@dataclass(frozen=True)
class Counts:
    """How many bookings have a range, and how many lie where, live."""

    bookings: Cell
    places: dict[str, Cell]


def bookings_sheet(sheet: Sheet, review: Review, lines: Lines, checks: Checks) -> Counts | None:
    """Each booking and its planned range, the furthest from plan first; returns the counts, None without bookings."""
    one = review.measures[0]
    name = one.measure.replace("_", " ").capitalize()
    sheet.title(
        "Bookings",
        f"{name} of each booking that results are about, the furthest from plan first. In 8 of 10 cases a booking lies "
        "between low and high.",
    )
    kind = kind_of(one.measure)
    values = [value for b in review.bookings for value in (b.planned, b.actual)]
    look = {"num_format": sheet.style.format(kind, values)}
    signed = {"num_format": sheet.style.format("change_" + kind, values)}
    labels = [
        "Booking",
        "Offer",
        "Creators",
        "Posts",
        "Planned",
        "Low",
        "High",
        "Actual",
        "Change",
        "Against range",
    ]
    sheet.header(HEADER, labels, left=(0, 1, 9))
    creators = [b.creators for b in review.bookings]
    posts = [b.posts for b in review.bookings]
    people = {"num_format": sheet.style.format("count", creators)}
    made = {"num_format": sheet.style.format("count", posts)}
    actuals, against = [], []
    for row, b in enumerate(review.bookings, FIRST):
        sheet.text(row, 0, b.name)
        sheet.text(row, 1, b.offer, indent=1)
        sheet.value(row, 2, b.creators, "count", **people)
        sheet.value(row, 3, b.posts, "count", **made)
        planned = sheet.value(row, 4, b.planned, kind, **look)
        low, high = (
            sheet.value(row, column, side, kind, **look) for column, side in ((5, b.low), (6, b.high))
        )
        actuals.append(sheet.value(row, 7, b.actual, kind, **look))
        sheet.formula(row, 8, actuals[-1] - planned, kind, guard=True, **signed)
        where = _place(b, low, actuals[-1], high)
        against.append(sheet.formula(row, 9, where, "text", align="left", indent=1))
    counts = None
    if actuals:
        counts = _counts(sheet, Range(against))
        _checks(review, lines, Range(actuals), counts, checks)
    sheet.raw.freeze_panes(FIRST, 1)
    sheet.raw.repeat_rows(HEADER)
    if actuals:
        sheet.raw.autofilter(HEADER, 0, FIRST + len(actuals) - 1, len(labels) - 1)
    sheet.finish()
    return counts


def _place(b: BookingReview, low: Cell, actual: Cell, high: Cell) -> Term:
    """inside, below or above; a dash where no range is known."""
    said = {word: Term(f'"{word}"', word) for word in (*PLACES, UNKNOWN)}
    where = either(_less(actual, low), said[BELOW], either(_less(high, actual), said[ABOVE], said[INSIDE]))
    known = every([is_number(low), is_number(actual), is_number(high)])
    if b.low is None or b.high is None:
        where = Term(where.text, UNKNOWN)
    return either(known, where, said[UNKNOWN])


def _less(one: Cell, other: Cell) -> Term:
    return other.above(one)


def _counts(sheet: Sheet, against: Range) -> Counts:
    """Above the table: how many lie where."""
    sheet.header(3, ["", "With a range", *(word.capitalize() for word in PLACES), "Share inside"])
    sheet.text(4, 0, "Bookings", bold=True)
    cells = {
        word: sheet.formula(
            4, 2 + n, Term(f'COUNTIF({against.text},"{word}")', against.values.count(word)), "count"
        )
        for n, word in enumerate(PLACES)
    }
    known = sheet.formula(4, 1, fixed_total(Range(list(cells.values()))), "count")
    sheet.formula(4, 5, cells[INSIDE] / known, "share", guard=True)
    return Counts(known, cells)


def _checks(review: Review, lines: Lines, actuals: Range, counts: Counts, checks: Checks) -> None:
    one = review.measures[0]
    ranges = one.ranges
    for word, cell in {"with a range": counts.bookings, **counts.places}.items():
        expected = 0 if ranges is None else getattr(ranges, "bookings" if word == "with a range" else word)
        checks.equal(SOLVED, f"Bookings {word}", cell, expected, "count")
    if one.measure == "hours":
        return  # lines have hours of set-up, which are nobody's
    of_lines = lines.of_plan(lines.columns[one.measure]["actual"])
    kind = kind_of(one.measure)
    checks.equal(ARITHMETIC, "Bookings to the lines of the plan", fixed_total(actuals), of_lines, kind)


def unmatched_sheet(sheet: Sheet, review: Review) -> None:
    """Rows of the results without a booking, and bookings without a row."""
    sheet.title("Not matched", "Nothing is left out: who is in no plan, and whom no row is about.")
    row = 3
    sheet.heading(
        row, f"Rows without a booking: {len(review.unmatched):,}", "Counted on lines beyond the plan."
    )
    row += 2
    sheet.header(row, ["Name", "Why", "File", "Line"], left=(0, 1, 2))
    for one in review.unmatched:
        row += 1
        sheet.text(row, 0, one.name)
        sheet.text(row, 1, one.why, indent=1)
        sheet.text(row, 2, one.file, indent=1)
        sheet.value(row, 3, one.line, "number", num_format="0")
    row += 2
    what = "Still to come." if review.running else "Counted as not delivered."
    sheet.heading(row, f"Bookings without a row: {len(review.missing):,}", what)
    row += 2
    sheet.header(row, ["Offer", "Posts each", "Creators"])
    for missing in review.missing:
        row += 1
        sheet.text(row, 0, missing.offer)
        sheet.value(row, 1, missing.posts_per_creator, "count")
        sheet.value(row, 2, missing.creators, "count")
    sheet.finish()


def read_sheet(sheet: Sheet, read: ResultsAccount) -> None:
    """What was read: each column of each file with its sum, and each row that is no result."""
    money = "" if read.currency is None else f" Money is in {read.currency}."
    sheet.title("Read", f"Every column and every row of the results; sums are of all rows but totals.{money}")
    row = 3
    sheet.header(
        row,
        ["File", "Column", "Used as", "Values", "Blank", "Sum", "Written as", "Note"],
        left=(0, 1, 2, 6, 7),
    )
    for file in read.files:
        for column in file.columns:
            row += 1
            sheet.text(row, 0, file.file)
            sheet.text(row, 1, column.name, indent=1)
            sheet.text(row, 2, column.used_as or UNKNOWN, indent=1)
            sheet.value(row, 3, column.values, "count")
            sheet.value(row, 4, column.blanks, "count")
            sheet.value(row, 5, column.sum, "number")
            sheet.text(row, 6, column.format, indent=1)
            sheet.text(row, 7, column.note, indent=1)
    row += 2
    sheet.heading(row, f"Rows that are no results: {sum(len(file.dropped) for file in read.files):,}")
    row += 1
    sheet.header(row, ["File", "Why", "Line"], left=(0, 1))
    for file in read.files:
        for dropped in file.dropped:
            row += 1
            sheet.text(row, 0, file.file)
            sheet.text(row, 1, dropped.reason, indent=1, runs_on=True)
            sheet.value(row, 2, dropped.line, "number", num_format="0")
    sheet.finish()


def forecast_sheet(sheet: Sheet, review: Review, lines: Lines, checks: Checks) -> dict[str, list[Cell]]:
    """How a running campaign will end: what is done is live, the ranges are constants.

    Returns:
        Measure -> the cells of done, 1 in 10 below, half, 1 in 10 above, promised and chance.
    """
    found = {}
    sheet.title(
        "Forecast",
        f"What is done as it is, the rest as planned in {review.draws:,} drawn cases (seed {review.seed}).",
    )
    note = "Constants: ranges and chances were drawn when this file was made. They do not follow what is changed."
    sheet.text(2, 0, note, runs_on=True, font_color=MUTED, italic=True)
    labels = ["Measure", "Done", "To come, planned", "Together", "1 in 10 below", "Half above", "1 in 10 above",
              "Average", "Promised", "Promise", "Half against promise", "Chance to keep it"]  # fmt: skip
    row = 4
    sheet.header(row, labels, left=(0, 9), lines=2)
    for one in review.forecast:
        row += 1
        kind = kind_of(one.measure)
        values = [one.done, one.end.p10, one.end.p50, one.end.p90, one.promised]
        look = {"num_format": sheet.style.format(kind, values)}
        signed = {"num_format": sheet.style.format("change_" + kind, values)}
        name = one.measure.replace("_", " ").capitalize()
        sheet.text(row, 0, name)
        done = sheet.formula(row, 1, lines.totals[one.measure]["actual"], kind, guard=True, **look)
        rest = sheet.value(row, 2, one.to_come, kind, **look)
        sheet.formula(row, 3, done + rest, kind, guard=True, **look)
        drawn = [
            sheet.value(row, 4 + n, getattr(one.end, key), kind, font_color=MUTED, **look)
            for n, key in enumerate(("p10", "p50", "p90", "mean"))
        ]
        promised = sheet.value(row, 8, one.promised, kind, **look)
        word = UNKNOWN if one.promised is None else "at least" if one.at_least else "at most"
        sheet.text(row, 9, word, indent=1)
        sheet.formula(row, 10, drawn[1] - promised, kind, guard=True, **signed)
        chance = sheet.value(row, 11, one.chance, "share", font_color=MUTED)
        found[one.measure] = [done, *drawn[:3], promised, chance]
        checks.equal(SOLVED, f"{name}: done", done, one.done, kind)
        low, half, high = drawn[:3]
        in_order = every([low.at_most(half), half.at_most(high)])
        checks.true(ARITHMETIC, f"{name}: 1 in 10, half and 9 in 10 in order", in_order)
    sheet.finish()
    return found
