"""The sheets of reserves: each way to fill each place, and who to ask next; what is lost follows by formula."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from optimizer.language.numbers import UNKNOWN, made_line
from optimizer.report.sections.reserves import answer, booked_text, called, no_way, worth_knowing
from optimizer.report.workbook.book import MUTED, Sheet
from optimizer.report.workbook.cells import Cell
from optimizer.report.workbook.checks import ARITHMETIC, SOLVED, Checks, Verdict
from optimizer.report.workbook.limit_sheet import kind_of
from optimizer.report.workbook.summary import summary_start
from optimizer.whatif.reserves.result import Place, Reserves, StandIn

WAYS = {
    "one": "one creator", "several": "several together", "nobody": "nobody", "anew": "planned again without her",
}  # fmt: skip


class _Numbers:
    """What stands in a place: the objective and what it loses, money and hours, from a column onwards."""

    def __init__(self, sheet: Sheet, result: Reserves, column: int) -> None:
        self.sheet, self.result, self.at = sheet, result, column
        found = [way for place in result.places for _, way in _ways(place)]
        found += [one.stand_in for one in result.next]
        self.kind = kind_of(result.measure)
        values = [result.value, *(one.value for one in found)]
        self.form = sheet.style.format(self.kind, values)
        money, hours = ([getattr(one, of) for one in found] for of in ("cost", "hours"))
        self.signed = {
            "money": sheet.style.format("change_money", money),
            "hours": sheet.style.format("change_hours", hours),
        }
        self.planned: dict[str, Cell] = {}

    @property
    def labels(self) -> list[str]:
        """Headers of these columns."""
        name = self.result.measure.replace("_", " ")
        name = name[:1].upper() + name[1:]
        return [
            f"{name} then",
            "Loses",
            "Loses, %",
            "Cost, change",
            "Cost then",
            "Hours, change",
            "Hours then",
        ]

    def as_booked(self, row: int) -> None:
        """The plan as it is booked, which everything else is held against."""
        totals = self.result.plan.totals
        look: dict[str, Any] = {"font_color": MUTED}
        self.sheet.text(row, 0, "as booked", **look)
        value = self.sheet.value(row, self.at, self.result.value, self.kind, num_format=self.form, **look)
        cost = self.sheet.value(row, self.at + 4, totals.cost, "money", **look)
        hours = self.sheet.value(row, self.at + 6, totals.hours, "hours", **look)
        self.planned = {"value": value, "cost": cost, "hours": hours}

    def write(self, row: int, found: StandIn | None, name: str, checks: Checks, **look: Any) -> None:
        """One row, and a check that the formula gives what was counted."""
        sheet, at = self.sheet, self.at
        if found is None:
            for column in range(7):
                sheet.value(row, at + column, None, "number")
            return
        value = sheet.value(row, at, found.value, self.kind, num_format=self.form, **look)
        planned = self.planned["value"]
        behind = planned - value if self.result.sense == "maximize" else value - planned
        loses = sheet.formula(row, at + 1, behind, self.kind, guard=True, num_format=self.form, **look)
        sheet.formula(row, at + 2, loses / planned, "share", guard=True, **look)
        checks.equal(
            SOLVED, f"{name}: loses", loses, found.loses, "reach" if self.kind == "money" else self.kind
        )
        for column, kind, change in ((3, "money", found.cost), (5, "hours", found.hours)):
            more = sheet.value(row, at + column, change, kind, num_format=self.signed[kind], **look)
            of = self.planned["cost" if kind == "money" else "hours"]
            then = sheet.formula(row, at + column + 1, of + more, kind, guard=True, **look)
            limit = self.result.plan.inputs.get("budget" if kind == "money" else "effort_hours")
            if change is not None and isinstance(limit, int | float):
                spare = 0.005 if kind == "money" else 1e-6
                what = "cost" if kind == "money" else kind
                checks.true(ARITHMETIC, f"{name}: {what} within {limit:,.10g}", then.at_most(limit + spare))


def _ways(place: Place) -> Iterator[tuple[str, StandIn]]:
    """Each way to fill a place that there is, the best first."""
    ways = {"one": place.one, "several": place.several, "nobody": place.nobody, "anew": place.anew}
    for name in sorted(ways, key=lambda way: way != place.best):
        found = ways[name]
        if found is not None:
            yield name, found


def places_sheet(sheet: Sheet, result: Reserves, checks: Checks) -> None:
    """A row for each way to fill each place, the hardest to replace first and the best way of each first."""
    sheet.title(
        "If somebody says no", "All other bookings stay, all limits hold. The way that loses least first."
    )
    numbers = _Numbers(sheet, result, 4)
    labels = ["Says no", "Way", "Book instead", "Fit alone", *numbers.labels]
    sheet.header(3, labels, left=(0, 1, 2), lines=2)
    row = 4
    numbers.as_booked(row)
    for place in result.places:
        name = called(place)
        found = list(_ways(place))
        if place.best is None:
            row += 1
            sheet.text(row, 0, name, bold=True)
            sheet.text(row, 1, "none", indent=1, bold=True)
            sheet.text(row, 2, "nobody fits", indent=1, bold=True)
            sheet.value(row, 3, place.fits, "count")
            numbers.write(row, None, name, checks)
        for way, one in found:
            row += 1
            look: dict[str, Any] = {"bold": True} if way == place.best else {"font_color": MUTED}
            sheet.text(row, 0, name, **look)
            sheet.text(row, 1, WAYS[way], indent=1, **look)
            sheet.text(row, 2, booked_text(one.books) or UNKNOWN, indent=1, **look)
            sheet.value(row, 3, place.fits, "count", **look)
            numbers.write(row, one, f"{name}, {WAYS[way]}", checks, **look)
    sheet.raw.freeze_panes(4, 1)
    sheet.raw.autofilter(3, 0, row, len(labels) - 1)
    sheet.finish()


def next_sheet(sheet: Sheet, result: Reserves, checks: Checks) -> None:
    """Who to ask next, the one who loses least first."""
    sheet.title(
        "Who to ask next", "In the place where each loses least; all other bookings stay, all limits hold."
    )
    numbers = _Numbers(sheet, result, 4)
    sheet.header(
        3, ["Ask next", "Rank", "In the place of", "Fits in places", *numbers.labels], left=(0, 2), lines=2
    )
    numbers.as_booked(4)
    names = {place.name: called(place) for place in result.places}
    for row, one in enumerate(result.next, 5):
        name = booked_text([one.books])
        sheet.text(row, 0, name)
        sheet.value(row, 1, row - 4, "count")
        sheet.text(row, 2, names[one.in_for], indent=1)
        sheet.value(row, 3, one.fits, "count")
        numbers.write(row, one.stand_in, name, checks)
    sheet.raw.freeze_panes(4, 1)
    sheet.finish()


def reserves_summary(sheet: Sheet, result: Reserves, verdict: Verdict) -> None:
    """One page: the findings, where nobody comes in, what is worth knowing."""
    row = summary_start(
        sheet,
        f"{result.scenario.name}: who else, if somebody says no",
        f"{result.sense.capitalize()} {result.measure} · money in {result.currency} · "
        + made_line(result.scenario.made, [result.scenario.author], result.version),
        list(answer(result)),
        verdict,
        None,
    )
    nobody = [no_way(result, place) for place in result.places if place.best is None]
    parts = (
        ("Nobody comes in", nobody),
        ("Worth knowing", worth_knowing(result)),
        ("Not settled in the time there was", result.unsettled),
    )
    for title, lines in parts:
        if lines:
            sheet.heading(row, title)
            row += 1
            for line in lines:
                sheet.line(row, line, 6, 108)
                row += 1
            row += 1
    stamp = f"sha256 {result.scenario.sha256}, creatormix {result.version}"
    held = "Every replacement is recounted; the sheets hold constants, what is lost follows."
    text = f"Scenario {result.scenario.name}, {stamp}. {held}"
    sheet.line(row, text, 6, 108, font_color=MUTED)
    sheet.finish(A=31, B=16, C=21, D=16, E=14, F=20)
    sheet.raw.fit_to_pages(1, 1)
