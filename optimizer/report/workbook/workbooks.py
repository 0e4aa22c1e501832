"""Workbooks for spreadsheets: a plan, a comparison, a frontier and other results with live formulas and tie-outs.

Every formula carries the value it has when the file is made, so that viewers which do not calculate show the right
numbers, and every workbook has a sheet of checks. Equal results give equal bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optimizer.actuals.result import Review
    from optimizer.finance.compare.comparison import Comparison
    from optimizer.finance.frontier.result import Frontier
    from optimizer.plan.plan import Plan
    from optimizer.risk.safety.result import Safety
    from optimizer.risk.stress.result import Stress
    from optimizer.whatif.reserves.result import Reserves


def plan_workbook(plan: Plan) -> bytes:
    """A plan as an XLSX file: Summary, Plan, Limits, Ranges (where any number has one), Assumptions, Checks.

    Counts of creators, posts per creator, fees, rates and limits are input cells; everything else follows by formula.
    """
    from optimizer.report.workbook.assumption_sheet import assumption_sheet
    from optimizer.report.workbook.book import Book
    from optimizer.report.workbook.checks import Checks
    from optimizer.report.workbook.inputs import inputs_sheet
    from optimizer.report.workbook.limit_sheet import LimitBlock
    from optimizer.report.workbook.plan_checks import plan_checks
    from optimizer.report.workbook.plan_sheet import PlanSheet
    from optimizer.report.workbook.risk_sheet import risk_sheet
    from optimizer.report.workbook.summary import stamp, summary_sheet

    book = Book(plan.currency, plan.scenario.name, stamp(plan))
    summary = book.sheet("Summary", portrait=True)
    on = PlanSheet(book.sheet("Plan"), plan)
    limit_sheet = book.sheet("Limits")
    limit_sheet.title("Limits", "Value, sides and what is left, live over the Plan sheet.")
    limits = LimitBlock(limit_sheet, on, 3)
    limit_sheet.finish()
    if plan.risk is not None and plan.risk.varies and plan.lines:
        risk_sheet(book.sheet("Ranges", portrait=True), plan, plan.risk)
    assumption_sheet(book.sheet("Assumptions"), on)
    checks = Checks()
    plan_checks(checks, on, limits)
    verdict = checks.write(book.sheet("Checks", portrait=True), inputs=True)
    summary_sheet(summary, on, limits, verdict)
    inputs_sheet(book)
    return book.content()


def comparison_workbook(comparison: Comparison) -> bytes:
    """A comparison as an XLSX file: Summary, Compare, Bridge, Limits, Assumptions, Checks, a Plan for each scenario.

    The figures follow the Plan sheets, which are live; bridges come from planning again, so their parts are constants.
    """
    from optimizer.finance.compare.findings import more_is_better
    from optimizer.language.numbers import made_line
    from optimizer.report.workbook.assumption_sheet import assumption_rows
    from optimizer.report.workbook.book import Book
    from optimizer.report.workbook.bridge_sheet import bridge_sheet
    from optimizer.report.workbook.checks import Checks
    from optimizer.report.workbook.compare_sheet import (
        CompareSheet,
        compare_summary,
        input_differences,
        totals_of,
    )
    from optimizer.report.workbook.inputs import inputs_sheet
    from optimizer.report.workbook.limit_sheet import LimitBlock
    from optimizer.report.workbook.plan_checks import plan_checks
    from optimizer.report.workbook.plan_sheet import PlanSheet

    columns = comparison.columns
    authors = [c.plan.scenario.author for c in columns if c.plan is not None]
    made = made_line(comparison.made, authors, comparison.version)
    stamps = " · ".join(c.plan.scenario.sha256[:12] for c in columns[:4] if c.plan is not None)
    title = " and ".join([columns[0].name, *(c.name for c in columns[1:])][:2])
    title = title if len(columns) == 2 else f"{columns[0].name} and {len(columns) - 1} others"
    book = Book(comparison.currency, title, f"{made} · sha256 {stamps}")
    checks = Checks()
    names = [
        "Summary",
        "Compare",
        *(["Bridge"] if comparison.bridges else []),
        "Limits",
        "Assumptions",
        "Checks",
    ]
    sheets = {name: book.sheet(name, portrait=name in ("Bridge", "Checks")) for name in names}
    plans = [
        None if c.plan is None else PlanSheet(book.sheet(f"Plan {i} {c.name}"), c.plan, c.name)
        for i, c in enumerate(columns, 1)
    ]
    compare = CompareSheet(sheets["Compare"], comparison, plans, checks)
    charts = []
    if comparison.bridges:
        totals = {c.name: totals_of(p) for c, p in zip(columns, plans, strict=True) if p is not None}
        charts = bridge_sheet(
            sheets["Bridge"], comparison.bridges, checks, totals,
            better_up=lambda measure: more_is_better(comparison, measure),
        )  # fmt: skip
    sheet = sheets["Limits"]
    sheet.title("Limits", "Value, sides and what is left, live over the Plan sheets.")
    row = 3
    for column, plan in zip(columns, plans, strict=True):
        if plan is not None:
            sheet.heading(row, column.name)
            limits = LimitBlock(sheet, plan, row + 1)
            plan_checks(checks, plan, limits, f"{column.name}: ")
            row = limits.end + 1
    sheet.finish()
    sheet = sheets["Assumptions"]
    sheet.title("Assumptions", f"What differs, then every number of {columns[0].name}.")
    row = input_differences(sheet, comparison, 3)
    if plans[0] is not None:
        sheet.heading(row + 2, f"Every number of {columns[0].name}")
        assumption_rows(sheet, plans[0], row + 3)
    sheet.finish()
    verdict = checks.write(sheets["Checks"], inputs=any(plan is not None for plan in plans))
    compare_summary(sheets["Summary"], comparison, compare, charts, verdict)
    inputs_sheet(book)
    return book.content()


def frontier_workbook(frontier: Frontier) -> bytes:
    """A frontier as an XLSX file: Summary, Frontier (a curve with a chart, or a coloured map), Checks."""
    from optimizer.language.numbers import made_line
    from optimizer.report.workbook.book import Book
    from optimizer.report.workbook.checks import Checks
    from optimizer.report.workbook.frontier_sheet import frontier_sheet, frontier_summary

    made = made_line(frontier.scenario.made, [frontier.scenario.author], frontier.version)
    stamp = f"{made} · sha256 {frontier.scenario.sha256[:12]}"
    book = Book(frontier.currency, frontier.scenario.name, stamp)
    sheets = [book.sheet(name, portrait=name == "Checks") for name in ("Summary", "Frontier", "Checks")]
    checks = Checks()
    points = frontier_sheet(sheets[1], frontier, checks)
    verdict = checks.write(sheets[2], inputs=False)
    frontier_summary(sheets[0], frontier, points, verdict)
    return book.content()


def stress_workbook(result: Stress) -> bytes:
    """A stress test as an XLSX file: Summary, Cases (as booked, best had one known, regret by formula), Checks."""
    from optimizer.language.numbers import made_line
    from optimizer.report.workbook.book import Book
    from optimizer.report.workbook.checks import Checks
    from optimizer.report.workbook.stress_sheet import cases_sheet, stress_summary

    made = made_line(result.scenario.made, [result.scenario.author], result.version)
    book = Book(result.currency, result.scenario.name, f"{made} · sha256 {result.scenario.sha256[:12]}")
    summary, cases, checked = (
        book.sheet(name, portrait=name != "Cases") for name in ("Summary", "Cases", "Checks")
    )
    checks = Checks()
    rows = cases_sheet(cases, result, checks)
    verdict = checks.write(checked, inputs=False)
    stress_summary(summary, result, rows, verdict)
    return book.content()


def safety_workbook(safety: Safety) -> bytes:
    """What it costs to be sure as an XLSX file: Summary, Plans (with a chart), Bookings, Checks.

    The plans and what is drawn of them are constants: they come from the solver and from draws.
    """
    from optimizer.language.numbers import made_line
    from optimizer.report.workbook.book import Book
    from optimizer.report.workbook.checks import Checks
    from optimizer.report.workbook.safety_sheet import bookings_sheet, plans_sheet, safety_summary

    made = made_line(safety.scenario.made, [safety.scenario.author], safety.version)
    stamp = f"{made} · sha256 {safety.scenario.sha256[:12]}"
    book = Book(safety.currency, safety.scenario.name, stamp)
    names = ("Summary", "Plans", "Bookings", "Checks")
    sheets = [book.sheet(name, portrait=name == "Checks") for name in names]
    checks = Checks()
    plans = plans_sheet(sheets[1], safety, checks)
    bookings_sheet(sheets[2], safety, checks)
    verdict = checks.write(sheets[3], inputs=False)
    safety_summary(sheets[0], safety, plans, verdict)
    return book.content()


def reserves_workbook(result: Reserves) -> bytes:
    """Who comes in for whom as an XLSX file: Summary, Says no (each way to fill each place), Ask next, Checks."""
    from optimizer.language.numbers import made_line
    from optimizer.report.workbook.book import Book
    from optimizer.report.workbook.checks import Checks
    from optimizer.report.workbook.reserves_sheet import next_sheet, places_sheet, reserves_summary

    made = made_line(result.scenario.made, [result.scenario.author], result.version)
    book = Book(result.currency, result.scenario.name, f"{made} · sha256 {result.scenario.sha256[:12]}")
    names = ("Summary", "Says no", "Ask next", "Checks")
    summary, places, asked, checked = (
        book.sheet(name, portrait=name in ("Summary", "Checks")) for name in names
    )
    checks = Checks()
    places_sheet(places, result, checks)
    next_sheet(asked, result, checks)
    verdict = checks.write(checked, inputs=False)
    reserves_summary(summary, result, verdict)
    return book.content()


def review_workbook(review: Review) -> bytes:
    """A plan against results as an XLSX file: Summary, Bridge, Lines, Tiers and Platforms (where lines have any),
    Bookings, Not matched, Read (of files), Forecast (of a running campaign), Checks.

    Planned, actual and parts of each line are constants; everything else follows.
    """
    from optimizer.language.numbers import made_line
    from optimizer.report.workbook.book import Book
    from optimizer.report.workbook.checks import Checks
    from optimizer.report.workbook.review_bookings import (
        bookings_sheet,
        forecast_sheet,
        read_sheet,
        unmatched_sheet,
    )
    from optimizer.report.workbook.review_lines import GROUPS, groups_sheet, kinds_of_groups, lines_sheet
    from optimizer.report.workbook.review_sheet import Place, bridge_sheet, measure_checks, review_summary

    made = made_line(review.scenario.made, [review.scenario.author], review.version)
    book = Book(review.currency, review.scenario.name, f"{made} · sha256 {review.scenario.sha256[:12]}")
    checks = Checks()
    summary, bridge = book.sheet("Summary"), book.sheet("Bridge", portrait=True)
    lines = lines_sheet(book.sheet("Lines"), review, checks)
    measure_checks(review, lines, checks)
    charts = bridge_sheet(bridge, review, lines, checks)
    for by in kinds_of_groups(review):
        groups_sheet(book.sheet(GROUPS[by], portrait=True), review, by, lines, checks)
    counts = bookings_sheet(book.sheet("Bookings"), review, lines, checks) if review.bookings else None
    unmatched_sheet(book.sheet("Not matched", portrait=True), review)
    if review.read is not None:
        read_sheet(book.sheet("Read"), review.read)
    forecast = forecast_sheet(book.sheet("Forecast"), review, lines, checks) if review.forecast else {}
    verdict = checks.write(book.sheet("Checks", portrait=True), inputs=False)
    review_summary(summary, review, Place(lines, counts, forecast), charts, verdict)
    return book.content()
