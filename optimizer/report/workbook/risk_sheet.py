"""The sheet of what a plan may come to: drawn when the file was made, so its numbers are constants and say so."""

from __future__ import annotations

from optimizer.language.numbers import UNKNOWN
from optimizer.plan.plan import Plan
from optimizer.plan.risk import Risk
from optimizer.report.sections.risk import driver_words, label_of, narrowing, risk_lines, shown_measures
from optimizer.report.workbook.book import MUTED, Sheet
from optimizer.report.workbook.limit_sheet import kind_of

WIDTH, CHARACTERS = 7, 110
CONSTANT = "Constants: drawn when this file was made. They do not follow what is changed in the yellow cells."


def risk_sheet(sheet: Sheet, plan: Plan, risk: Risk) -> None:
    """Fill the sheet Ranges: ranges, chances and drivers."""
    sheet.title("Ranges", f"What the plan may come to in {risk.draws:,} drawn cases (seed {risk.seed}).")
    row = 2
    sheet.text(row, 0, CONSTANT, runs_on=True, font_color=MUTED, italic=True)
    for text in risk_lines(plan):
        row += 1
        sheet.line(row, text, WIDTH, CHARACTERS)
    row = _ranges(sheet, plan, risk, row + 2)
    row = _chances(sheet, risk, row)
    _drivers(sheet, plan, risk, row)
    sheet.finish(A=44, B=16, C=16, D=16, E=16, F=16, G=16)


def _ranges(sheet: Sheet, plan: Plan, risk: Risk, row: int) -> int:
    sheet.heading(row, "What it may come to")
    row += 1
    labels = [
        "",
        "As solved",
        "1 in 10 below",
        "Half above",
        "1 in 10 above",
        "Average",
        "Standard deviation",
    ]
    sheet.header(row, labels, lines=2)
    for measure in shown_measures(plan, risk):
        row += 1
        found = risk.measures[measure]
        values = [plan.totals.of(measure), found.p10, found.p50, found.p90, found.mean, found.sd]
        form = sheet.style.format(kind_of(measure), values)
        bold = measure == plan.objective.measure
        sheet.text(row, 0, label_of(plan, measure) + (" (objective)" if bold else ""), bold=bold)
        for column, value in enumerate(values, 1):
            sheet.value(row, column, value, kind_of(measure), num_format=form, font_color=MUTED)
    return row + 2


def _chances(sheet: Sheet, risk: Risk, row: int) -> int:
    if not risk.chances:
        return row
    sheet.heading(row, "Chance to keep the limits")
    row += 1
    sheet.header(row, ["Limit", "Kept in"])
    together = [] if risk.all_kept is None else [("All limits together", risk.all_kept)]
    for name, share in [*((each.limit, each.chance) for each in risk.chances), *together]:
        row += 1
        sheet.text(row, 0, name)
        sheet.value(row, 1, share, "share", font_color=MUTED)
    return row + 2


def _drivers(sheet: Sheet, plan: Plan, risk: Risk, row: int) -> int:
    if not risk.drivers:
        return row
    goal = plan.objective.measure.replace("_", " ")
    sheet.heading(row, f"Where the range of {goal} comes from")
    row += 1
    sheet.header(row, ["Number", "Share of variance", "Offer", "Field"], left=(0, 2, 3), lines=2)
    for driver in risk.drivers:
        row += 1
        sheet.text(row, 0, driver_words(plan, driver))
        sheet.value(row, 1, driver.share_of_variance, "share", font_color=MUTED)
        sheet.text(row, 2, driver.offer or UNKNOWN, indent=1)
        sheet.text(row, 3, driver.field, indent=1, runs_on=True)
    row += 1
    sheet.line(row, narrowing(plan, risk), WIDTH, CHARACTERS, font_color=MUTED)
    return row
