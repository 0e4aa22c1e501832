"""The sheets of a stress test: every case as booked and with hindsight, changes and regrets by formula."""

from __future__ import annotations

from dataclasses import dataclass, field

from optimizer.language.numbers import UNKNOWN, made_line
from optimizer.language.statuses import STATUS_WORDS
from optimizer.report.sections.stress import broken_lines, broken_names
from optimizer.report.workbook.book import MUTED, SERIES, Sheet
from optimizer.report.workbook.cells import Cell
from optimizer.report.workbook.checks import ARITHMETIC, SOLVED, Checks, Verdict
from optimizer.report.workbook.limit_sheet import kind_of
from optimizer.report.workbook.summary import summary_start
from optimizer.risk.stress.result import Stress


@dataclass
class CaseRows:
    """Where the cases stand, for the chart and the checks."""

    sheet: str
    first: int
    planned: Cell
    booked: list[Cell] = field(default_factory=list)
    best: list[Cell] = field(default_factory=list)

    @property
    def last(self) -> int:
        """Row of the last case."""
        return self.first + len(self.booked) - 1


def cases_sheet(sheet: Sheet, result: Stress, checks: Checks) -> CaseRows:
    """Fill the Cases sheet. Values are constants: each comes from a recount or a solve of its own."""
    sheet.title("Cases", "The plan as booked and the best plan had one known; differences follow by formula.")
    name = result.measure.replace("_", " ").capitalize()
    labels = ["Case", f"{name} as booked", "Change", "Change, %", "Cost", "Hours", f"{name}, best", "Regret",
              "Regret, %", "Cost, best", "Hours, best", "Limits", "Best plan", "What changes"]  # fmt: skip
    texts = (0, 11, 12, 13)
    sheet.header(3, labels, left=texts, lines=2)
    kind = kind_of(result.measure)
    values = [result.planned.value, *(case.booked.value for case in result.cases)]
    values += [case.best.value for case in result.cases if case.best is not None]
    look = {"num_format": sheet.style.format(kind, values)}
    signed = {"num_format": sheet.style.format("change_" + kind, values)}
    row = 4
    sheet.text(row, 0, "as planned", font_color=MUTED)
    planned = sheet.value(row, 1, result.planned.value, kind, **look)
    sheet.value(row, 4, result.planned.cost, "money")
    sheet.value(row, 5, result.planned.hours, "hours")
    rows = CaseRows(sheet.name, row + 1, planned)
    up = 1.0 if result.sense == "maximize" else -1.0
    for case in result.cases:
        row += 1
        worst = {"bold": True} if case.name == result.hurts_most else {}
        sheet.text(row, 0, case.name, **worst)
        booked = sheet.value(row, 1, case.booked.value, kind, **look)
        change = sheet.formula(row, 2, booked - planned, kind, guard=True, **signed)
        sheet.formula(row, 3, change / planned, "share", guard=True)
        sheet.value(row, 4, case.booked.cost, "money")
        sheet.value(row, 5, case.booked.hours, "hours")
        best = sheet.value(row, 6, None if case.best is None else case.best.value, kind, **look)
        behind = best - booked if up > 0 else booked - best
        regret = sheet.formula(row, 7, behind, kind, guard=True, **look)
        sheet.formula(row, 8, regret / best, "share", guard=True)
        sheet.value(row, 9, None if case.best is None else case.best.cost, "money")
        sheet.value(row, 10, None if case.best is None else case.best.hours, "hours")
        sheet.text(row, 11, broken_names(case), indent=1)
        sheet.text(row, 12, STATUS_WORDS[case.status].sheet, indent=1)
        sheet.text(row, 13, "; ".join(case.changes), indent=1, runs_on=True)
        rows.booked.append(booked)
        rows.best.append(best)
        if case.change is not None:
            checks.equal(
                SOLVED, f"{case.name}: change", change, case.change, "reach" if kind == "money" else kind
            )
        if case.regret is not None:
            checks.equal(
                SOLVED, f"{case.name}: regret", regret, case.regret, "reach" if kind == "money" else kind
            )
            if case.keeps_limits:
                checks.true(ARITHMETIC, f"{case.name}: the best plan is not behind", behind.at_least(-1e-6))
    sheet.raw.freeze_panes(4, 1)
    sheet.finish()
    return rows


def stress_summary(sheet: Sheet, result: Stress, rows: CaseRows, verdict: Verdict) -> None:
    """One page: the findings, the picture, the limits that break."""
    row = summary_start(
        sheet,
        f"{result.scenario.name}: stress test",
        f"{result.sense.capitalize()} {result.measure} · money in {result.currency} · "
        + made_line(result.scenario.made, [result.scenario.author], result.version),
        list(result.sentences),
        verdict,
        None,
    )
    _chart(sheet, result, rows, row)
    row += max(14, 2 * len(result.cases) + 8)
    broken = [line for case in result.cases for line in broken_lines(result, case)]
    if broken:
        sheet.heading(row, "Limits that break as booked")
        row += 1
        for line in broken:
            sheet.line(row, line, 6, 108)
            row += 1
        row += 1
    stamp = f"sha256 {result.scenario.sha256}, creatormix {result.version}"
    text = f"Scenario {result.scenario.name}, {stamp}. Recounted in every case; the best plans are solved one by one."
    sheet.line(row, text, 6, 108, font_color=MUTED)
    sheet.finish(A=31, B=16, C=21, D=16, E=14, F=20)
    sheet.raw.fit_to_pages(1, 1)


def _chart(sheet: Sheet, result: Stress, rows: CaseRows, row: int) -> None:
    chart = sheet.book.file.add_chart({"type": "bar"})
    labels = {"value": True, "font": {"size": 9}, "num_format": "#,##0.##" if _small(result) else "#,##0"}
    for name, column, colour in (("as booked", 1, SERIES[0]), ("best had one known", 6, SERIES[2])):
        chart.add_series({
            "name": name,
            "categories": [rows.sheet, rows.first, 0, rows.last, 0],
            "values": [rows.sheet, rows.first, column, rows.last, column],
            "fill": {"color": colour}, "gap": 60,
            "data_labels": labels,
        })  # fmt: skip
    small = {"num_font": {"size": 9}, "name_font": {"size": 9, "bold": False}}
    begin = {"min": 0} if min(_values(result), default=0.0) >= 0 else {}
    chart.set_x_axis(small | begin | {"visible": False, "major_gridlines": {"visible": False}})
    chart.set_y_axis(small | {"reverse": True})
    chart.set_legend({"position": "top", "font": {"size": 9}})
    chart.set_title({"name": f"{result.measure.replace('_', ' ').capitalize()} in every case",
                     "name_font": {"size": 11, "bold": False}})  # fmt: skip
    chart.set_chartarea({"border": {"none": True}})
    chart.set_size({"width": 820, "height": 110 + 44 * len(result.cases)})
    words = ", ".join(f"{case.name}: {case.booked.value or UNKNOWN}" for case in result.cases)
    sheet.raw.insert_chart(row, 0, chart, {"description": f"As booked and best in every case. {words}"[:250],
                                           "object_position": 1})  # fmt: skip


def _values(result: Stress) -> list[float]:
    found = [case.booked.value for case in result.cases]
    found += [case.best.value for case in result.cases if case.best is not None]
    return [value for value in found if value is not None]


def _small(result: Stress) -> bool:
    return max((abs(value) for value in _values(result)), default=0.0) < 100
