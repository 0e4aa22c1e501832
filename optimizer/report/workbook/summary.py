"""The Summary of a plan: one page for people who decide."""

from __future__ import annotations

from typing import Any

from optimizer.language.measures import MEASURES, RATIOS
from optimizer.language.numbers import gap_percent, made_line, printable
from optimizer.plan.plan import LimitResult, Plan, asked_for
from optimizer.report.layout.parts import Sentences
from optimizer.report.sections.certificate import tried
from optimizer.report.sections.confidence import by_criterion
from optimizer.report.sections.plan import sections
from optimizer.report.workbook.book import BAND, MUTED, SERIES, Sheet
from optimizer.report.workbook.cells import Cell, Term, rounded
from optimizer.report.workbook.checks import Verdict, limit_status, tie_status
from optimizer.report.workbook.columns import PARTS, RESULT_OF
from optimizer.report.workbook.inputs import status
from optimizer.report.workbook.limit_sheet import LimitBlock, kind_of
from optimizer.report.workbook.plan_sheet import PlanSheet

WIDTH = 6
"""Columns of the page."""
CHARACTERS = 108
"""Of a line of text across them."""
MOST_ROWS = 90
"""Of one printed page."""
PART_LABELS = {"paid": "Paid to creators", "agency": "Agency fee", "contingency": "Contingency",
               "commission": "Commission", "setup": "Set-up"}  # fmt: skip


def stamp(plan: Plan) -> str:
    """Which scenario and which version, short enough for the foot of a page."""
    made = made_line(plan.scenario.made, [plan.scenario.author], plan.version)
    return f"{made} · sha256 {plan.scenario.sha256[:12]}"


def summary_start(
    sheet: Sheet,
    title: str,
    subtitle: str,
    answer: list[str],
    verdict: Verdict,
    proven: bool | None,
    *,
    columns: int = WIDTH,
    characters: int = CHARACTERS,
) -> int:
    """Title, status of checks, limits and inputs (where there are inputs: `proven` is None elsewhere), and the answer;
    returns the next free row."""
    sheet.title(title, subtitle)
    lines = [tie_status(verdict), limit_status(verdict), None if proven is None else status(proven)]
    row = 2
    for line in lines:
        if line is not None:
            sheet.status(row, line)
            row += 1
    row += 1
    for i, text in enumerate(answer):
        sheet.line(row, text, columns, characters, **({"font_size": 13, "bold": True} if i == 0 else {}))
        row += 1
    return row + 1


def summary_sheet(sheet: Sheet, on: PlanSheet, limits: LimitBlock, verdict: Verdict) -> None:
    """Fill the Summary, which stands first, once the other sheets are written."""
    plan = on.plan
    dates = f" · {on.made_of.dates[0]} to {on.made_of.dates[1]}" if on.made_of.dates else ""
    made = made_line(plan.scenario.made, [plan.scenario.author], plan.version)
    first = next(sections(plan))
    answer = first.lines if isinstance(first, Sentences) else []
    row = summary_start(
        sheet,
        plan.scenario.name,
        f"Media plan{dates} · money in {plan.currency} · {made}",
        list(answer),
        verdict,
        plan.status == "optimal",
    )
    row = _figures(sheet, on, row)
    row = _held_by(sheet, limits, row)
    row = _mix(sheet, on, row)
    row = _money(sheet, on, row)
    row = _worth_knowing(sheet, plan, row)
    row = certificate(sheet, plan, row)
    sheet.finish(A=31, B=16, C=21, D=16, E=14, F=20)
    if row < MOST_ROWS:
        sheet.raw.fit_to_pages(1, 1)


def _figures(sheet: Sheet, on: PlanSheet, row: int) -> int:
    sheet.heading(row, "Key figures")
    row += 1
    sheet.header(row, ["", "In this workbook", "As solved", "Change"])
    totals, plan = on.totals, on.plan
    goals = {goal.measure for goal in plan.objectives if not goal.segments}
    row = _in_segments(sheet, on, row)
    wanted = [goal.measure for goal in plan.objectives]
    wanted += [*(m for m in MEASURES if m != "gross_reach"), "reach", *on.own, *RATIOS]
    for measure in dict.fromkeys(wanted):
        cell = totals.get(measure)
        solved = plan.totals.of(measure)
        if measure == "reach":
            cell = on.reach.reach if on.reach is not None else None
        if cell is None or solved is None or not asked_for(plan, RESULT_OF.get(measure, measure)):
            continue
        row += 1
        kind, bold = kind_of(measure), measure in goals
        form = sheet.style.format(kind, [solved])
        label = measure.upper() if measure in RATIOS else measure.replace("_", " ").capitalize()
        label += ", estimate" if measure == "reach" else ""
        label = measure if measure in on.own else label
        sheet.text(row, 0, label + (" (objective)" if bold else ""), bold=bold)
        now = sheet.formula(row, 1, cell, kind, num_format=form, bold=bold)
        then = sheet.value(row, 2, solved, kind, num_format=form, font_color=MUTED)
        change = _change(now, then)
        sheet.formula(
            row, 3, change, kind, num_format=sheet.style.format("change_" + kind, [solved]), guard=True
        )
    return row + 2


def _in_segments(sheet: Sheet, on: PlanSheet, row: int) -> int:
    """Objectives that are reach in some segments; returns the last row used."""
    for goal in on.plan.objectives:
        if not goal.segments or on.reach is None:
            continue
        row += 1
        form = sheet.style.format("big", [goal.value])
        sheet.text(row, 0, f"Reach in {' + '.join(goal.segments)}, estimate (objective)", bold=True)
        now = sheet.formula(row, 1, on.reach.of(goal.segments), "big", num_format=form, bold=True, guard=True)
        then = sheet.value(row, 2, goal.value, "big", num_format=form, font_color=MUTED)
        change_form = sheet.style.format("change_big", [goal.value])
        sheet.formula(row, 3, _change(now, then), "big", num_format=change_form, guard=True)
    return row


def _change(now: Cell, then: Cell) -> Term:
    """The change, without the last digits in which two ways of adding up differ."""
    size = abs(float(then.value or 0.0))
    return rounded(now - then, max(0, min(6, 12 - len(str(int(size))))))


def _held_by(sheet: Sheet, limits: LimitBlock, row: int) -> int:
    sheet.heading(row, "What holds the plan")
    row += 1
    binding = [x for x in limits.rows if x.made_of.result.binding]
    others = [x for x in limits.rows if not x.made_of.result.binding]
    if not limits.rows:
        sheet.text(row, 0, "No limit but the creators available.")
        return row + 2
    sheet.header(row, ["Limit", "In the plan", "Allowed", "Left", "Used", "Kept"])
    for x in (binding + others)[:10]:
        row += 1
        kind, result = kind_of(x.made_of.result.measure), x.made_of.result
        form = sheet.style.format(kind, [result.value, result.min, result.max])
        bold = result.binding
        sheet.text(row, 0, result.name + (" (holds the plan)" if bold else ""), bold=bold)
        sheet.formula(row, 1, x.value, kind, num_format=form)
        side = x.minimum if x.maximum is None or _nearer_to_min(result) else x.maximum
        assert side is not None
        prefix = '"min "' if side is x.minimum else '"max "'
        sheet.formula(row, 2, side, kind, num_format=prefix + form)
        sheet.formula(row, 3, x.slack, kind, num_format=form)
        if x.used is not None:
            sheet.formula(row, 4, x.used, "share")
        sheet.truth(row, 5, x.kept)
    if len(limits.rows) > 10:
        row += 1
        sheet.text(row, 0, f"{len(limits.rows) - 10} more on sheet Limits", font_color=MUTED)
    return row + 2


def _nearer_to_min(result: LimitResult) -> bool:
    """Whether a limit with two sides is nearer to the lower one."""
    if result.value is None or result.min is None or result.max is None or result.unused:
        return False
    return result.value - result.min < result.max - result.value


def _mix(sheet: Sheet, on: PlanSheet, row: int) -> int:
    """Creators, money and result by tier (else platform), as a table and side by side in a chart."""
    group = next((g for g in on.groups if len(g.rows) > 1), on.groups[0] if on.groups else None)
    if group is None:
        return row
    result = on.plan.objective.measure
    if result not in on.totals or result in ("cost", "hours", "creators", "posts"):
        result = next((m for m in ("engagements", "conversions", "impressions") if m in on.totals), "posts")
    has_cost = "cost" in on.totals
    sheet.heading(row, f"Mix by {group.key}")
    row += 1
    name = result if result in on.own else result.replace("_", " ").capitalize()
    labels = [
        group.key.capitalize(),
        "Creators",
        *(["Cost", "Share of cost"] if has_cost else []),
        name,
        f"Share of {result}",
    ]
    sheet.header(row, labels)
    first = row + 1
    for label, cells in group.rows.items():
        row += 1
        sheet.text(row, 0, label)
        keys = ["creators", *(["cost", "share"] if has_cost else []), result]
        for column, key in enumerate(keys, 1):
            kind = {"share": "share"}.get(key, kind_of(key))
            form = sheet.style.format(kind, [on.totals[key].value, cells[key].value])
            sheet.formula(row, column, cells[key], kind, num_format=form)
        sheet.formula(row, len(keys) + 1, cells[result] / on.totals[result], "share", guard=True)
    if has_cost and len(group.rows) > 1:
        negative = any(float(cells[result].value or 0) < 0 for cells in group.rows.values())
        _mix_chart(sheet, row + 2, first, row, name, negative=negative)
        return row + 2 + 12
    return row + 2


def _mix_chart(sheet: Sheet, at: int, first: int, last: int, result: str, *, negative: bool) -> None:
    chart = sheet.book.file.add_chart({"type": "bar"})
    for column, name, color in (
        (3, "Share of cost", SERIES[0]),
        (5, f"Share of {result.lower()}", SERIES[2]),
    ):
        chart.add_series({
            "name": name,
            "categories": [sheet.name, first, 0, last, 0],
            "values": [sheet.name, first, column, last, column],
            "fill": {"color": color},
            "gap": 60,
            "data_labels": {"value": True, "num_format": "0%", "font": {"size": 8}},
        })  # fmt: skip
    chart.set_x_axis(
        {
            "num_format": "0%",
            **({} if negative else {"min": 0}),
            "major_gridlines": {"visible": False},
            "visible": False,
        }
    )
    chart.set_y_axis({"reverse": True, "line": {"none": True}, "num_font": {"size": 9}})
    chart.set_legend({"position": "top", "font": {"size": 9}})
    chart.set_chartarea({"border": {"none": True}})
    chart.set_size({"width": 760, "height": 215})
    sheet.raw.insert_chart(at, 0, chart, {"description": f"Share of cost and share of {result.lower()}, by group",
                                          "object_position": 1})  # fmt: skip


def _money(sheet: Sheet, on: PlanSheet, row: int) -> int:
    parts = [key for key in PARTS if key in on.totals and (key == "paid" or on.totals[key].value)]
    if len(parts) < 2:
        return row
    sheet.heading(row, "Where the money goes")
    for key in parts:
        row += 1
        sheet.text(row, 0, PART_LABELS[key])
        sheet.formula(row, 1, on.totals[key], "money")
        sheet.formula(row, 2, on.totals[key] / on.totals["cost"], "share", guard=True)
    row += 1
    look: dict[str, Any] = {"bold": True, "top": 1, "bg_color": BAND}
    sheet.text(row, 0, "Cost", **look)
    sheet.formula(row, 1, on.totals["cost"], "money", **look)
    sheet.formula(row, 2, on.totals["cost"] / on.totals["cost"], "share", guard=True, **look)
    return row + 2


def _worth_knowing(sheet: Sheet, plan: Plan, row: int) -> int:
    if not plan.flags:
        return row
    sheet.heading(row, "Worth knowing")
    for flag in plan.flags:
        row += 1
        sheet.line(row, f"{flag.severity}: {flag.message} {flag.advice}".strip(), WIDTH, CHARACTERS)
    return row + 2


def certificate(sheet: Sheet, plan: Plan, row: int) -> int:
    """What was found, what was proven, and by what; returns the last row used."""
    sheet.heading(row, "Certificate")
    row += 1
    sheet.header(row, ["Objective", "Found", "Nothing beats", "Gap"])
    for goal in plan.objectives:
        row += 1
        kind = kind_of(goal.measure)
        form = sheet.style.format(kind, [goal.best])
        sheet.text(row, 0, goal.asked + by_criterion(goal))
        sheet.value(row, 1, goal.best, kind, num_format=form)
        sheet.value(row, 2, goal.bound, kind, num_format=form)
        sheet.text(row, 3, gap_percent(goal.gap), align="right")
    s = plan.solver
    row += 1
    sheet.line(row, f"Solver {printable(s.version)} ({printable(s.raw_status)}); every total and limit recounted in "
               "decimal arithmetic.", WIDTH, CHARACTERS, font_color=MUTED)  # fmt: skip
    if words := tried(s.checked):
        row += 1
        sheet.line(row, f"Checked: {words}.", WIDTH, CHARACTERS, font_color=MUTED)
    row += 1
    sheet.line(row, f"Scenario {plan.scenario.name}, sha256 {plan.scenario.sha256}, creatormix {plan.version}.",
               WIDTH, CHARACTERS, font_color=MUTED)  # fmt: skip
    return row
