"""The Bridge sheet: from the base to each other scenario, with a waterfall chart of the objective."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from optimizer.finance.compare.bridge import Bridge, MeasureBridge
from optimizer.finance.compare.findings import digits_for, heading
from optimizer.language.numbers import number as written
from optimizer.report.workbook.book import BAND, MUTED, SERIES, Sheet
from optimizer.report.workbook.cells import Cell, Range, cell, either, fixed_total, function
from optimizer.report.workbook.checks import ARITHMETIC, SOLVED, Checks
from optimizer.report.workbook.limit_sheet import kind_of

CHART_ROWS = 17
SMALL = 0.2
"""Where all the steps together move less than this share of the total, the axis does not start at 0."""
WIDE = 62
"""Width of the column that says what differs."""
HELPER_COLUMN = 12
"""First column of what the charts draw, right of what is printed."""
HELPERS = ["Hidden", "Total", "Up", "Down"]
BELOW = ["Up, below 0", "Down, below 0"]
"""Where a bridge goes below 0: spreadsheets stack what is below 0 apart from what is above."""


@dataclass
class Waterfall:
    """Where a chart finds its numbers: first and last row, and the columns from `column` on; six below 0, else four."""

    sheet: str
    first: int
    last: int
    column: int
    measure: MeasureBridge
    title: str
    better_up: bool

    def insert(self, onto: Sheet, row: int, column: int, width: int, height: int) -> None:
        """Draw it: stacked columns, of which the one next to 0 is invisible and carries the steps."""
        chart = onto.book.file.add_chart({"type": "column", "subtype": "stacked"})
        rise, fall = (SERIES[1], SERIES[3]) if self.better_up else (SERIES[3], SERIES[1])
        names = ("", self.measure.measure, "more", "less", "more, below 0", "less, below 0")
        below = (rise, fall) if self.goes_below() else ()
        for i, color in enumerate((None, SERIES[0], rise, fall, *below)):
            at = self.column + i
            fill = {"none": True} if color is None else {"color": color}
            chart.add_series({
                "name": names[i],
                "categories": [self.sheet, self.first, 0, self.last, 0],
                "values": [self.sheet, self.first, at, self.last, at],
                "fill": fill, "border": {"none": True}, "gap": 40,
            })  # fmt: skip
        axis: dict[str, Any] = {"num_format": "#,##0.##" if self._size() < 10 else "#,##0", "num_font": {"size": 9},
                "major_gridlines": {"visible": True, "line": {"color": "#E3E8EB"}},
                "line": {"none": True}}  # fmt: skip
        floor = self._floor()
        if floor:
            axis |= {"min": floor, "name": f"{self.measure.measure} (axis starts at {written(floor)})",
                     "name_font": {"size": 9, "bold": False}}  # fmt: skip
        chart.set_y_axis(axis)
        chart.set_x_axis({"num_font": {"size": 9}, "label_position": "low"})
        chart.set_title({"name": self.title, "name_font": {"size": 11}, "overlay": False})
        drawn = {
            2: any(part > 0 for part in self.measure.parts),
            3: any(part < 0 for part in self.measure.parts),
        }
        unseen = [0, *(series for series, seen in drawn.items() if not seen), *([4, 5] if below else [])]
        chart.set_legend({"position": "bottom", "delete_series": unseen, "font": {"size": 9}})
        chart.set_chartarea({"border": {"none": True}})
        chart.set_size({"width": width, "height": height})
        parts = ", ".join(f"{part:+,.6g}" for part in self.measure.parts)
        words = (
            f"{self.title}: from {self.measure.start:,.6g} to {self.measure.end:,.6g} by {parts or 'nothing'}"
        )
        onto.raw.insert_chart(row, column, chart, {"description": words[:250], "object_position": 1})

    def write(self, sheet: Sheet) -> None:
        """The columns that it draws, over the sheet that has the measure in its second column."""
        helpers = [*HELPERS, *(BELOW if self.goes_below() else [])]
        sheet.header(self.first - 1, helpers, column=self.column, left=())
        sheet.text(self.first - 2, self.column, "What the chart draws", runs_on=True, font_color=MUTED)
        _helpers(sheet, self.measure, self.first, self.last, self.column, len(helpers))

    def goes_below(self) -> bool:
        """Whether any step is below 0."""
        return min(self._levels()) < 0

    def _levels(self) -> list[float]:
        levels = [self.measure.start]
        for part in self.measure.parts:
            levels.append(levels[-1] + part)
        return [*levels, self.measure.end]

    def _size(self) -> float:
        return max(abs(level) for level in self._levels())

    def _floor(self) -> float:
        """Where the axis begins: 0, or a round number below all levels where the steps are small."""
        low, high = min(self._levels()), max(self._levels())
        if low <= 0 or high - low >= SMALL * high or high == low:
            return 0.0
        step = 10.0 ** math.floor(math.log10(high - low))
        return max(0.0, math.floor((low - (high - low) * 0.6) / step) * step)


def bridge_sheet(
    sheet: Sheet,
    bridges: Sequence[Bridge],
    checks: Checks,
    totals: dict[str, dict[str, Cell]],
    *,
    better_up: Callable[[str], bool],
) -> list[Waterfall]:
    """Fill the sheet.

    Args:
        sheet: the sheet.
        bridges: from the base to each other scenario.
        checks: takes the tie-outs.
        totals: the live totals of each scenario, for the checks.
        better_up: whether more of a measure is better.
    """
    sheet.title(
        "Bridge",
        "How much of each change comes from which inputs, by planning again with groups of inputs switched; "
        "averaged over the orders of switching.",
    )
    charts = []
    row = 3
    for bridge in bridges:
        row, chart = _block(sheet, bridge, row, checks, totals, better_up)
        charts += [chart] if chart else []
    sheet.finish()
    for column in {len(bridge.measures) + 1 for bridge in bridges}:
        sheet.raw.set_column(column, column, WIDE)
    sheet.raw.print_area(0, 0, max(row, 1), max(len(b.measures) for b in bridges) + 1)
    return charts


def _block(
    sheet: Sheet,
    bridge: Bridge,
    row: int,
    checks: Checks,
    totals: dict[str, dict[str, Cell]],
    better_up: Callable[[str], bool],
) -> tuple[int, Waterfall | None]:
    title = f"From {bridge.base} to {bridge.other}"
    sheet.heading(row, title)
    if bridge.message or not bridge.measures:
        sheet.text(row + 1, 0, bridge.message or "Nothing differs.", runs_on=True)
        return row + 3, None
    row += 1
    measures, groups = bridge.measures, bridge.groups
    changed = len(measures) + 1
    labels = ["", *(heading(m, sheet.style.currency) for m in measures)]
    sheet.header(row, [*labels, "What differs"], left=(0, changed))
    chart = Waterfall(
        sheet.name,
        row + 1,
        row + len(groups) + 2,
        HELPER_COLUMN,
        measures[0],
        f"{measures[0].measure.capitalize()}: {title[0].lower()}{title[1:]}",
        better_up(measures[0].measure),
    )
    first = row + 1
    last = first + len(groups) + 1
    sheet.text(first, 0, bridge.base, bold=True)
    sheet.text(last, 0, bridge.other, bold=True)
    for i, group in enumerate(groups, 1):
        sheet.text(first + i, 0, group.label)
        shown = [*group.changes[:3], *([f"{len(group.changes) - 3} more"] if len(group.changes) > 3 else [])]
        sheet.text(first + i, changed, "; ".join(shown), indent=1, font_color=MUTED)
    for column, m in enumerate(measures, 1):
        _measure(sheet, bridge, m, first, column, checks, totals)
    chart.write(sheet)
    note = f"{bridge.solved} plans made in between." if bridge.solved else "One kind of input differs."
    if measures[0].orders < measures[0].of_orders:
        note += f" From {measures[0].orders:,} of {measures[0].of_orders:,} orders: the others pass through mixtures"
        reasons = ((bridge.without_plan, "have no plan"), (bridge.not_in_time, "were not planned in time"))
        why = [f"{len(found):,} that {words}" for found, words in reasons if found]
        note += f" of inputs, {' and '.join(why)}."
    sheet.text(last + 1, 0, note, runs_on=True, font_color=MUTED)
    chart.insert(sheet, last + 3, 0, 760, 300)
    return last + 3 + CHART_ROWS, chart


def _measure(
    sheet: Sheet,
    bridge: Bridge,
    m: MeasureBridge,
    first: int,
    column: int,
    checks: Checks,
    totals: dict[str, dict[str, Cell]],
) -> None:
    """One measure: start, the parts, and the end, which follows from them."""
    kind = kind_of(m.measure)
    digits = bridge_digits(m, sheet.style.currency)
    form = sheet.style.format(digits)
    signed = sheet.style.format("change_" + digits)
    look: dict[str, Any] = {"bold": True, "bg_color": BAND}
    start = sheet.value(first, column, m.start, kind, num_format=form, **look)
    parts = [
        sheet.value(first + i, column, part, kind, num_format=signed) for i, part in enumerate(m.parts, 1)
    ]
    end = start + fixed_total(Range(parts)) if parts else start * 1
    last = sheet.formula(first + len(parts) + 1, column, end, kind, num_format=form, **look)
    name = f"bridge to {bridge.other}, {m.measure}"
    checks.equal(ARITHMETIC, f"{name}: start and parts to end", last, m.end, kind)
    if parts:
        checks.equal(ARITHMETIC, f"{name}: parts to change", fixed_total(Range(parts)), m.change, kind)
    checked = "reach" if m.measure == "reach" else kind
    for label, end_cell in ((bridge.base, start), (bridge.other, last)):
        live = totals.get(label, {}).get(m.measure)
        if live is not None:
            checks.equal(SOLVED, f"{name}: to the plan of {label}", end_cell, live, checked)


def bridge_digits(m: MeasureBridge, currency: str) -> str:
    """The number format: one decimal more than a report prints, so that what is rounded still adds up."""
    money = kind_of(m.measure) in ("money", "price")
    digits = digits_for(m.measure, [m.start, m.end], currency)
    whole = all(value == round(value) for value in (m.start, m.end, *m.parts))
    exact = whole or (money and kind_of(m.measure) == "money")
    return f"digits_{digits if exact else digits + 1}" + ("_money" if money else "")


def _helpers(sheet: Sheet, m: MeasureBridge, first: int, last: int, column: int, count: int) -> None:
    """The columns that the chart draws: what is hidden, totals, steps up, steps down; above 0, then below."""
    look: dict[str, Any] = {
        "font_color": MUTED,
        "num_format": "#,##0.00",
    }
    values = [m.start, *m.parts, m.end]
    cells = [cell(sheet.name, first + i, 1, value) for i, value in enumerate(values)]
    for row in (first, last):
        for i in range(count):
            if i != 1:
                sheet.value(row, column + i, 0.0, **look)
        sheet.formula(row, column + 1, cells[row - first] * 1, **look)
    for i in range(1, last - first):
        row = first + i
        before = fixed_total(Range(cells[:i]))
        after = fixed_total(Range(cells[: i + 1]))
        low, high = function("MIN", min, before, after), function("MAX", max, before, after)
        sheet.value(row, column + 1, 0.0, **look)
        if count == len(HELPERS):
            sheet.formula(row, column, low, **look)
            sheet.formula(row, column + 2, function("MAX", max, cells[i], 0), **look)
            sheet.formula(row, column + 3, function("MAX", max, -cells[i], 0), **look)
            continue
        above_low, above_high = (function("MAX", max, end, 0) for end in (low, high))
        below_low, below_high = (function("MIN", min, end, 0) for end in (low, high))
        sheet.formula(row, column, above_low + below_high, **look)
        for side, part in ((2, above_high - above_low), (4, below_low - below_high)):
            sheet.formula(row, column + side, either(cells[i].above(0), part, 0.0), **look)
            sheet.formula(row, column + side + 1, either(cells[i].above(0), 0.0, part), **look)
