"""The sheets of a comparison: Summary, Compare, and what differs in the inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from optimizer.finance.compare.comparison import ComparedRisk, Comparison, Figure, GroupFigures
from optimizer.finance.compare.findings import digits_for, relevant
from optimizer.finance.compare.pinned import GROUPS
from optimizer.language.numbers import UNKNOWN, gap_percent, made_line
from optimizer.report.sections.compare import RANGE_ROWS
from optimizer.report.workbook.book import ACCENT, MUTED, Sheet
from optimizer.report.workbook.bridge_sheet import Waterfall
from optimizer.report.workbook.cells import Cell, Term, either, is_number, rounded
from optimizer.report.workbook.checks import ARITHMETIC, SOLVED, Checks, Verdict
from optimizer.report.workbook.limit_sheet import kind_of
from optimizer.report.workbook.plan_sheet import PlanSheet
from optimizer.report.workbook.summary import summary_start

PERCENT = "+0.0%;-0.0%;0.0%"
MOST_ROWS = 60
"""Of one printed page."""
Totals = dict[str, dict[str, Cell]]
"""Name of a scenario -> measure -> its live total."""


def totals_of(on: PlanSheet) -> dict[str, Cell]:
    """The live totals of a plan, reach among them."""
    if on.reach is None:
        return on.totals
    segments = on.plan.objective.segments
    found: dict[str, object] = {
        "reach": on.reach.reach, "reach_two_or_more": on.reach.twice, "frequency": on.reach.frequency,
    }  # fmt: skip
    if segments:
        found[f"reach in {' + '.join(segments)}"] = on.reach.of(segments)
    return on.totals | {name: cell for name, cell in found.items() if isinstance(cell, Cell)}


class CompareSheet:
    """Every figure of every scenario, with change and percent against the base.

    Attributes:
        values: measure -> the cell of each scenario.
        changes, shares: measure -> the cells of the other scenarios.
    """

    def __init__(
        self, sheet: Sheet, comparison: Comparison, plans: Sequence[PlanSheet | None], checks: Checks
    ) -> None:
        self._comparison, self._plans, self._checks = comparison, plans, checks
        self.sheet = sheet
        self.values: dict[str, list[Cell]] = {}
        self.changes: dict[str, list[Cell]] = {}
        self.shares: dict[str, list[Cell]] = {}
        base = comparison.columns[0].name
        sheet.title("Compare", f"Each scenario against {base}; money in {comparison.currency}.")
        row = self._head(3)
        for figure in comparison.figures:
            row += 1
            self._figure(row, figure, figure.label, [self._total(i, figure.measure) for i in self._all])
        for title, groups, key in (
            ("By tier", comparison.by_tier, "tier"),
            ("By platform", comparison.by_platform, "platform"),
        ):
            row = self._groups(row + 2, title, groups, key)
        row = self._steps(row + 2)
        if comparison.risk is not None:
            row = self._risk(row + 2, comparison.risk)
        sheet.raw.freeze_panes(5, 1)
        sheet.raw.repeat_rows(3, 4)
        sheet.finish()

    @property
    def _all(self) -> range:
        return range(len(self._comparison.columns))

    def _head(self, row: int) -> int:
        names = [column.name for column in self._comparison.columns]
        labels = ["", "base"]
        self.sheet.text(row, 1, names[0], runs_on=True, bold=True, font_color=ACCENT, align="right")
        for i, name in enumerate(names[1:], 1):
            at = self._column(i)
            self.sheet.raw.merge_range(row, at, row, at + 2, "", self.sheet.book.format(bold=True))
            self.sheet.text(row, at, name, runs_on=True, bold=True, font_color=ACCENT, align="center")
            labels += ["plan", "change", "%"]
        self.sheet.header(row + 1, labels)
        return row + 1

    def _column(self, scenario: int) -> int:
        return 1 if scenario == 0 else 3 * scenario - 1

    def _total(self, scenario: int, measure: str) -> Cell | None:
        on = self._plans[scenario]
        return None if on is None else totals_of(on).get(measure)

    def _figure(self, row: int, figure: Figure, label: str, live: Sequence[Cell | None]) -> None:
        first = figure is self._comparison.figures[0]
        self.sheet.text(row, 0, _labelled(figure, label), bold=first)
        cells = self._cells(row, figure.measure, figure.values, live, bold=first)
        self.values[figure.measure] = cells
        self.changes[figure.measure], self.shares[figure.measure] = [], []
        digits = digits_for(figure.measure, figure.values, self._comparison.currency)
        kind = (
            "reach"
            if figure.measure in ("reach", "reach_two_or_more", "frequency")
            else kind_of(figure.measure)
        )
        for i, cell in enumerate(cells[1:], 1):
            change, share = self._against(row, i, figure.measure, figure.values, cell, cells[0])
            self.changes[figure.measure].append(change)
            self.shares[figure.measure].append(share)
            name = f"{self._comparison.columns[i].name}, {figure.measure}"
            exact = figure.differences[i]
            self._checks.equal(SOLVED, f"change to {name}", cell - cells[0], exact, kind)
            if change.value is not None:
                printed = rounded(cells[0], digits) + change
                other = either(is_number(change), rounded(cell, digits), change)
                self._checks.equal(ARITHMETIC, f"base and change to {name}", printed, other, kind)

    def _against(
        self, row: int, scenario: int, measure: str, values: Sequence[float | None], cell: Cell, base: Cell
    ) -> tuple[Cell, Cell]:
        """Change and percent: of the numbers as they are printed, so that what is printed adds up."""
        at = self._column(scenario)
        digits = digits_for(measure, values, self._comparison.currency)
        difference = rounded(rounded(cell, digits) - rounded(base, digits), digits)
        form = self.sheet.style.format("change_" + self._kind(measure, values), values)
        change = self.sheet.formula(row, at + 1, difference, "number", num_format=form, guard=True)
        # 0 where nothing of the change is left in the digits that are shown
        grown = either(change.equals(0), 0.0, (cell - base) / base)
        # growth from a loss or from nothing is no percentage
        share = either(base.above(0), grown, Term(f'"{UNKNOWN}"', None))
        return change, self.sheet.formula(row, at + 2, share, "share", num_format=PERCENT, guard=True)

    def _kind(self, measure: str, values: Sequence[float | None]) -> str:
        """The number format: as many decimals as the report prints."""
        digits = digits_for(measure, values, self._comparison.currency)
        return f"digits_{digits}" + ("_money" if kind_of(measure) in ("money", "price") else "")

    def form(self, figure: Figure, *, change: bool = False) -> str:
        """The number format of a figure or of its changes."""
        kind = self._kind(figure.measure, figure.values)
        return self.sheet.style.format(f"change_{kind}" if change else kind)

    def _cells(
        self,
        row: int,
        measure: str,
        values: Sequence[float | None],
        live: Sequence[Cell | None],
        *,
        bold: bool = False,
    ) -> list[Cell]:
        look: dict[str, Any] = {
            "num_format": self.sheet.style.format(self._kind(measure, values)),
            "bold": bold,
        }
        cells = []
        for i, (value, source) in enumerate(zip(values, live, strict=True)):
            at = self._column(i)
            if source is not None and value is not None:
                cells.append(
                    self.sheet.formula(row, at, source, "number", guard=source.value is None, **look)
                )
            else:
                cells.append(self.sheet.value(row, at, value, "number", **look))
        return cells

    def _groups(self, row: int, title: str, groups: Sequence[GroupFigures], key: str) -> int:
        if not groups or all(group.group == "other" for group in groups):
            return row - 2
        self.sheet.heading(row, title)
        result = self._comparison.result_measure
        for group in groups:
            row += 1
            self.sheet.text(row, 0, group.group, bold=True)
            for measure, values in (
                ("creators", group.creators),
                ("cost", group.cost),
                (result, group.result),
            ):
                if all(value is None for value in values):
                    continue
                row += 1
                live = [self._subtotal(i, key, group.group, measure) for i in self._all]
                self.sheet.text(row, 0, measure.replace("_", " "), indent=1)
                cells = self._cells(row, measure, values, live)
                for i, cell in enumerate(cells[1:], 1):
                    self._against(row, i, measure, values, cell, cells[0])
        return row

    def _subtotal(self, scenario: int, key: str, label: str, measure: str) -> Cell | None:
        on = self._plans[scenario]
        for group in on.groups if on is not None else ():
            if group.key == key and label in group.rows:
                return group.rows[label].get(measure)
        return None

    def _steps(self, row: int) -> int:
        """What 5 % more budget or hours would bring: by planning again, so these are constants."""
        columns = self._comparison.columns
        if not any(c.budget_step or c.hours_step for c in columns):
            return row
        measure = self._comparison.measure
        self.sheet.heading(
            row, "What 5 % more would bring", "Each planned again with 5 % more of it, whole creators."
        )
        row += 1
        kind = kind_of(measure)
        for what, steps in (
            ("budget", [c.budget_step for c in columns]),
            ("hours", [c.hours_step for c in columns]),
        ):
            if not any(steps):
                continue
            gains = [step.gain if step else None for step in steps]
            each = [step.per_unit if step else None for step in steps]
            unit = self._comparison.currency if what == "budget" else "hour"
            saved = " saved" if self._comparison.sense == "minimize" else ""
            labels = (f"5 % more {what}, {measure}{saved}", f"for each {unit}")
            for label, values, k in ((labels[0], gains, "change_" + kind), (labels[1], each, "number")):
                row += 1
                self.sheet.text(row, 0, label)
                most = max((abs(v) for v in values if v), default=0.0)
                form = (
                    self.sheet.style.format(k, values) if k != "number" else "0.00" if most >= 1 else "0.0000"
                )
                for i, value in enumerate(values):
                    self.sheet.value(row, self._column(i), value, kind, num_format=form)
        return row

    def _risk(self, row: int, risk: ComparedRisk) -> int:
        """What each may come to, and how often it beats the base: drawn, so these are constants."""
        note = f"Constants: {risk.draws:,} drawn cases (seed {risk.seed}), the same for all. They do not follow edits."
        self.sheet.heading(row, "What they may come to", note)
        row += 1
        for measure, ranges in risk.measures.items():
            if all(found is None or found.sd == 0 for found in ranges):
                continue
            kind = kind_of(measure)
            known = [value for found in ranges if found is not None for value in (found.p10, found.p90)]
            for key, words in RANGE_ROWS:
                row += 1
                self.sheet.text(row, 0, f"{measure.replace('_', ' ').capitalize()}, {words}")
                for i, found in enumerate(ranges):
                    value = None if found is None else getattr(found, key)
                    self.sheet.value(row, self._column(i), value, kind, font_color=MUTED,
                                     num_format=self.sheet.style.format(kind, known))  # fmt: skip
        row += 1
        self.sheet.text(row, 0, f"Beats {self._comparison.columns[0].name} in")
        for i, share in enumerate(risk.beats):
            if i:
                self.sheet.value(row, self._column(i), share, "share", font_color=MUTED)
        return row


def compare_summary(
    sheet: Sheet,
    comparison: Comparison,
    on: CompareSheet,
    charts: Sequence[Waterfall],
    verdict: Verdict,
) -> None:
    """One page: the findings, each scenario in a line, and the bridge to the first."""
    names = [column.name for column in comparison.columns]
    title = f"{names[1]} compared with {names[0]}" if len(names) == 2 else f"{len(names)} scenarios compared"
    row = summary_start(
        sheet, title, _about(comparison), list(comparison.sentences), verdict,
        all(column.status == "optimal" for column in comparison.columns if column.plan is not None),
        columns=8, characters=150,
    )  # fmt: skip
    sheet.heading(row, "Results")
    goal = comparison.figures[0]
    other = [f for f in relevant(comparison)[1:] if f.measure in ("cost", "hours")]
    price = next((f for f in comparison.figures if f.measure in ("cpe", "cpa", "cpc", "cpm")), None)
    shown = [*other, *([price] if price else [])][:3]
    row += 1
    sheet.header(
        row,
        [
            "Scenario",
            _labelled(goal, goal.label),
            "Change",
            "%",
            *(_labelled(f, f.label) for f in shown),
            "Status",
        ],
        left=(0, 4 + len(shown)),
        lines=2,
    )
    for i, column in enumerate(comparison.columns):
        row += 1
        sheet.text(row, 0, column.name, bold=i == 0)
        _linked(sheet, row, 1, on.values[goal.measure][i], on.form(goal))
        if i:
            sheet.formula(row, 2, on.changes[goal.measure][i - 1], num_format=on.form(goal, change=True))
            sheet.formula(row, 3, on.shares[goal.measure][i - 1], num_format=PERCENT)
        for at, figure in enumerate(shown, 4):
            _linked(sheet, row, at, on.values[figure.measure][i], on.form(figure))
        status = column.status if column.plan is not None else "no plan"
        sheet.text(row, 4 + len(shown), status, indent=1, runs_on=True)
    row += 2
    for chart in charts[:1]:
        chart.insert(sheet, row, 0, 900, 300)
        row += 17
    sheet.heading(row, "Certificates")
    for column in comparison.columns:
        row += 1
        plan = column.plan
        text = f"{column.name}: no plan."
        if plan is not None:
            text = (
                f"{column.name}: {plan.objective.asked}, gap "
                f"{gap_percent(plan.objective.gap)}; {plan.solver.version}; sha256 {plan.scenario.sha256[:16]}"
            )
        if column.exchange_rate is not None:
            text += (
                f"; {column.currency} converted at {column.exchange_rate:,.10g} for 1 {comparison.currency}"
            )
        sheet.line(row, text, 8, 150, font_color=MUTED)
    sheet.finish(A=34, B=17, C=15, D=9, E=17, F=13, G=14, H=30)
    if row < MOST_ROWS:
        sheet.raw.fit_to_pages(1, 1)


def _about(comparison: Comparison) -> str:
    authors = [column.plan.scenario.author for column in comparison.columns if column.plan is not None]
    made = made_line(comparison.made, authors, comparison.version)
    return f"Base: {comparison.columns[0].name} · money in {comparison.currency} · {made}"


def _linked(sheet: Sheet, row: int, column: int, cell: Cell, form: str) -> None:
    sheet.formula(row, column, cell, "number", num_format=form)


def input_differences(sheet: Sheet, comparison: Comparison, row: int) -> int:
    """What is not the same in every scenario; returns the last row used."""
    sheet.heading(row, "What differs")
    if not comparison.inputs:
        sheet.text(row + 1, 0, "Nothing: the inputs are the same.", runs_on=True)
        return row + 1
    row += 1
    names = [column.name for column in comparison.columns]
    sheet.header(row, ["Input", *names], left=range(len(names) + 1))
    for group in dict.fromkeys(d.group for d in comparison.inputs):
        row += 1
        sheet.text(row, 0, GROUPS[group], bold=True)
        for difference in comparison.inputs:
            if difference.group == group:
                row += 1
                sheet.text(row, 0, difference.label, indent=1)
                for i, value in enumerate(difference.values, 1):
                    sheet.text(row, i, value or UNKNOWN, indent=1)
    return row


def _labelled(figure: Figure, label: str) -> str:
    """The name with its unit, where the number format does not show one."""
    label = label[:1].upper() + label[1:] if label.islower() or " " in label else label
    plain = kind_of(figure.measure) in ("money", "price") or figure.unit in (
        "",
        figure.measure,
        label.lower(),
    )
    return label if plain else f"{label}, {figure.unit}"
