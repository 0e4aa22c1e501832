"""The Assumptions sheet: every number behind the plan with range, origin and source, and what the workbook uses now."""

from __future__ import annotations

from typing import Any

from optimizer.plan.plan import Assumption, Plan
from optimizer.report.sections.assumptions import ORIGINS
from optimizer.report.workbook.book import INPUT_INK, MUTED, Sheet
from optimizer.report.workbook.plan_sheet import PlanSheet
from optimizer.report.workbook.rates import FIELDS
from optimizer.scenario.fields import SHARE_FIELDS

SIZE = "audience.segments."
MOST_ROWS = 3000
"""Beyond this only the numbers of booked offers are listed; the plan as JSON has them all."""
SOURCE_WIDTH = 44
"""Longer sources become notes under the table, each once."""
HEADERS = ["Offer", "Number", "Value", "Low", "High", "In use now", "Origin", "Source"]


def assumption_sheet(sheet: Sheet, on: PlanSheet) -> None:
    """Fill the sheet for one plan."""
    sheet.title("Assumptions", _counts(on.plan))
    assumption_rows(sheet, on, 3)
    sheet.raw.freeze_panes(4, 2)
    sheet.raw.repeat_rows(3)
    sheet.finish()


def assumption_rows(sheet: Sheet, on: PlanSheet, row: int) -> int:
    """The table from a row on; returns the last row used."""
    plan = on.plan
    booked = {line.offer for line in plan.lines}
    chosen = sorted(plan.assumptions, key=lambda a: bool(a.offer) and a.offer not in booked)
    left_out = 0
    if len(chosen) > MOST_ROWS:
        few = [a for a in chosen if not a.offer or a.offer in booked]
        left_out, chosen = len(chosen) - len(few), few
    sheet.header(row, HEADERS, left=(0, 1, 6, 7))
    notes: dict[str, int] = {}
    before = None
    for a in chosen:
        row += 1
        starts = a.offer != before
        before = a.offer
        look: dict[str, Any] = {"top": 4} if starts else {}
        offer: dict[str, Any] = {"bold": True} if starts else {"font_color": MUTED}
        sheet.text(row, 0, a.offer or "whole scenario", **offer, **look)
        sheet.text(row, 1, label_of(a.field), indent=1, **look)
        kind = _kind(a)
        form = sheet.style.format(kind, [a.value, a.low, a.high])
        sheet.value(row, 2, a.value, kind, num_format=form, **look)
        ranged = a.low != a.high
        for column, value in ((3, a.low), (4, a.high)):
            if ranged:
                sheet.value(row, column, value, kind, num_format=form, font_color=MUTED, **look)
            else:
                sheet.text(row, column, "", **look)
        _in_use(sheet, row, on, a, kind, form, look)
        sheet.text(row, 6, a.origin, indent=1, **look)
        source = a.source
        if len(source) > SOURCE_WIDTH:
            source = f"note {notes.setdefault(source, len(notes) + 1)}"
        sheet.text(row, 7, source, indent=1, font_color=MUTED, **look)
    if left_out:
        row += 2
        sheet.text(
            row,
            0,
            f"{left_out:,} numbers of offers that are not booked are left out here; the plan as JSON has them.",
        )
    if notes:
        row += 2
        sheet.heading(row, "Notes on sources")
        for text, note in notes.items():
            row += 1
            sheet.line(row, f"{note}. {text}", len(HEADERS), 165)
    return row


def _in_use(
    sheet: Sheet, row: int, on: PlanSheet, a: Assumption, kind: str, form: str, look: dict[str, Any]
) -> None:
    """What the workbook calculates with now: marked where it is no longer the plan's number."""
    source = {"fees.agency": on.agency, "fees.contingency": on.contingency}.get(a.field)
    if a.field == "audience.people" and on.reach is not None:
        source = on.reach.people if on.reach.live else None
    if a.field.startswith(SIZE) and on.reach is not None:
        source = on.reach.size_of(a.field.removeprefix(SIZE))
    if on.lines and a.offer:
        source = on.rates.cell_of(a.offer, a.field)
    if source is None:
        sheet.text(row, 5, "", **look)
        return
    now = sheet.formula(row, 5, source, kind, num_format=form, font_color=INPUT_INK, **look)
    rule = {
        "type": "formula",
        "criteria": f"=ABS({now.text.partition('!')[2]}-$C${row + 1})>1E-9*ABS($C${row + 1})",
        "format": sheet.book.tint("#8A5A00", "#FFE3A3"),
    }
    sheet.raw.conditional_format(row, 5, row, 5, rule)


def label_of(field: str) -> str:
    """A number's name as a planner reads it; the scenario's own word where there is none better."""
    if field in FIELDS:
        return FIELDS[field][0]
    start, _, rest = field.partition(".")
    labels = {
        "cost_per_post": "Fee per post",
        "audience.people": "People in the audience",
        "audience.overlap": "Overlap of two audiences",
        "fees.agency": "Agency fee",
        "fees.contingency": "Contingency",
    }
    if field in labels:
        return labels[field]
    if start == "bundle_discount":
        return f"Discount from {rest} posts"
    if start == "exchange_rates":
        return f"Exchange rate of {rest}"
    if start == "engagement_weights":
        return f"Worth of: {rest}"
    if start == "segments":
        return f"Share in {rest}"
    if field.startswith(SIZE):
        return f"People in {field.removeprefix(SIZE)}"
    return rest if start == "measures" else field


def _kind(a: Assumption) -> str:
    if a.field in SHARE_FIELDS or a.field.startswith(("bundle_discount.", "segments.")):
        return "rate"
    if a.field == "cost_per_post":
        return "price"
    return FIELDS[a.field][1] if a.field in FIELDS else "number"


def _counts(plan: Plan) -> str:
    counts = {origin: sum(a.origin == origin for a in plan.assumptions) for origin in ORIGINS}
    words = ", ".join(f"{number} {ORIGINS[origin]}" for origin, number in counts.items() if number)
    return f"Every number behind the plan, as solved: {words}." if words else "No numbers."
