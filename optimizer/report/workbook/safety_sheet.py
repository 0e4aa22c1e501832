"""The sheets of `optimize risk`: plans from bold to safe with a chart, what can be promised, who is booked."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.language.numbers import cases, made_line
from optimizer.language.statuses import STATUS_WORDS
from optimizer.report.sections.safety import kept_of
from optimizer.report.workbook.book import ACCENT, MUTED, SERIES, Sheet
from optimizer.report.workbook.cells import Cell, Range, Term
from optimizer.report.workbook.checks import ARITHMETIC, Checks, Verdict
from optimizer.report.workbook.limit_sheet import kind_of
from optimizer.report.workbook.summary import summary_start
from optimizer.risk.safety.findings import SHOWN, bad, good, turn_text
from optimizer.risk.safety.result import SafePlan, Safety, shares_of

CONSTANT = "Constants: plans come from the solver, what they may come to from draws."
EXPECTED, BAD = 3, 5
"""Columns that the chart draws."""


@dataclass
class Plans:
    """Where the plans stand: first and last row, and today's."""

    sheet: str
    first: int
    last: int
    today: int


def plans_sheet(sheet: Sheet, s: Safety, checks: Checks) -> Plans:
    """Fill the Plans sheet."""
    sheet.title("Plans", f"From the best expected result to the most dependable one. {CONSTANT}")
    limits = list(dict.fromkeys(chance.limit for plan in s.plans for chance in plan.chances))
    groups = list(dict.fromkeys(share.group for plan in s.plans for share in plan.mix))
    kind, name = kind_of(s.measure), s.measure.capitalize()
    labels = ["Plan", "k", "Sure of it", f"{name}, expected", "Standard deviation", "Bad case, 1 in 10",
              "Half of the cases", "Good case, 1 in 10"]  # fmt: skip
    labels += [f"In {cases(level)}" for level in s.confidences]
    labels += ["Reaches the target"] if s.target is not None else []
    labels += ["Cost", "Hours", "Creators", *(f"Keeps {limit}" for limit in limits)]
    labels += [*(f"{group}, share" for group in groups), "Bound", "Gap", "Status"]
    row = 3
    sheet.header(row, labels, left=(len(labels) - 1,), lines=2)
    plans = Plans(sheet.name, row + 1, row + len(s.plans), row + s.today)
    look = {"num_format": sheet.style.format(kind, [plan.expected for plan in s.plans])}
    expected, numbers = [], []
    for i, plan in enumerate(s.plans):
        at = row + 1 + i
        bold = {"bold": True} if plan.number == s.today else {}
        c = plan.criterion
        cells: list[tuple[float | None, str]] = [(plan.number, "count")]
        cells += [(None if c is None else c.k, "number"), (plan.sureness, "share")]
        results = (plan.expected, plan.sd, bad(s, plan), plan.p50, good(s, plan))
        cells += [(value, kind) for value in results]
        cells += [(value, kind) for value in plan.dependable]
        cells += [(plan.target_chance, "share")] if s.target is not None else []
        cells += [(plan.cost, "money"), (plan.hours, "hours"), (plan.creators, "count")]
        cells += [(kept_of(plan, limit), "share") for limit in limits]
        shares = shares_of(plan.mix)
        cells += [(shares.get(group, 0.0), "share") for group in groups]
        cells += [(None if c is None else c.bound, kind), (None if c is None else c.gap, "share")]
        written = [
            sheet.value(at, column, value, each, **(bold | _format(column, each, kind, look)))
            for column, (value, each) in enumerate(cells)
        ]
        numbers.append(written[0])
        expected.append(written[EXPECTED])
        status = "" if c is None else STATUS_WORDS[c.status].sheet
        today = "today's plan" if plan.number == s.today else ""
        sheet.text(
            at, len(cells), ", ".join(word for word in (today, status) if word), indent=1, runs_on=True
        )
        _checks(s, plan, written, len(groups), checks)
    best = Term(
        f"{'MAX' if s.sense == 'maximize' else 'MIN'}({Range(expected).text})",
        (max if s.sense == "maximize" else min)(plan.expected for plan in s.plans),
    )
    if s.measure != "reach":  # its order is that of the index
        checks.equal(ARITHMETIC, "plan 1 has the best expected result", expected[0], best, kind)
    count = Term(f"COUNT({Range(numbers).text})", len(numbers))
    checks.equal(ARITHMETIC, "plans to the last one's number", count, numbers[-1], "count")
    if s.varies:
        _chart(sheet, s, plans, plans.last + 3)
    sheet.raw.freeze_panes(row + 1, 1)
    sheet.raw.repeat_rows(row)
    sheet.finish()
    return plans


def _format(column: int, kind: str, result: str, look: dict[str, str]) -> dict[str, str]:
    """Two digits of k; one format for all results."""
    if column == 1:
        return {"num_format": "0.00"}
    return look if kind == result and column > 2 else {}


def _checks(s: Safety, plan: SafePlan, written: list[Cell], groups: int, checks: Checks) -> None:
    """Cases in their order, and shares that add up."""
    low, half, high = written[BAD : BAD + 3]
    if s.sense == "minimize":
        low, high = high, low
    ordered = Term(f"AND({low.text}<={half.text},{half.text}<={high.text})", plan.p10 <= plan.p50 <= plan.p90)
    checks.true(ARITHMETIC, f"plan {plan.number}: bad case, half and good case in order", ordered)
    shares = written[len(written) - 2 - groups : len(written) - 2]
    if plan.mix and shares:
        total = Term(f"SUM({Range(shares).text})", sum(float(cell.value or 0) for cell in shares))
        checks.equal(ARITHMETIC, f"plan {plan.number}: shares of the mix to all of it", total, 1.0, "share")


def _chart(sheet: Sheet, s: Safety, plans: Plans, row: int) -> None:
    """One dot for each plan: the bad case across, what is expected upwards."""
    chart = sheet.book.file.add_chart({"type": "scatter"})
    series = (
        ("plans", plans.first, plans.last, "circle", 8, SERIES[0]),
        ("today", plans.today, plans.today, "square", 12, SERIES[2]),
    )
    for name, first, last, shape, size, colour in series:
        chart.add_series({
            "name": name,
            "categories": [plans.sheet, first, BAD, last, BAD],
            "values": [plans.sheet, first, EXPECTED, last, EXPECTED],
            "marker": {"type": shape, "size": size, "fill": {"color": colour}, "border": {"color": colour}},
        })  # fmt: skip
    small = {"num_font": {"size": 9}, "name_font": {"size": 9, "bold": False}, "num_format": "#,##0.##"}
    lines = {"visible": True, "line": {"color": "#E3E8EB"}}
    sides = [_ends([bad(s, plan) for plan in s.plans]), _ends([plan.expected for plan in s.plans])]
    across = {"name": "bad case, 1 in 10", "major_gridlines": {"visible": False}, "label_position": "low"}
    chart.set_x_axis(small | across | sides[0])
    chart.set_y_axis(small | sides[1] | {"name": f"{s.measure}, expected", "major_gridlines": lines,
                                         "line": {"none": True}, "label_position": "low"})  # fmt: skip
    chart.set_legend({"position": "top", "font": {"size": 9}})
    chart.set_chartarea({"border": {"none": True}})
    chart.set_size({"width": 900, "height": 340})
    words = f"Expected {s.measure} of each plan over its bad case"
    sheet.raw.insert_chart(row, 0, chart, {"description": words, "object_position": 1})


def _ends(values: list[float]) -> dict[str, float]:
    """Axis ends in two digits around the values: plans lie near each other, far from 0."""
    low, high = min(values), max(values)
    room = 0.1 * ((high - low) or abs(high) or 1.0)
    size = 10.0 ** (len(f"{max(room, 1e-9):.0f}") - 1) if room >= 1 else room
    return {"min": (low - room) // size * size, "max": -(-(high + room) // size) * size}


def bookings_sheet(sheet: Sheet, s: Safety, checks: Checks) -> None:
    """Creators of every offer in every plan."""
    sheet.title("Bookings", "Creators of each offer in each plan; constants.")
    keys = list(dict.fromkeys((b.offer, b.posts_per_creator) for plan in s.plans for b in plan.bookings))
    row = 3
    plans = [f"Plan {plan.number}" + (", today" if plan.number == s.today else "") for plan in s.plans]
    sheet.header(row, ["Offer", "Posts of each", *plans])
    columns: list[list[Cell]] = [[] for _ in s.plans]
    for i, (offer, posts) in enumerate(keys, 1):
        sheet.text(row + i, 0, offer)
        sheet.value(row + i, 1, posts, "count")
        for column, plan in enumerate(s.plans):
            booked = sum(
                b.creators for b in plan.bookings if (b.offer, b.posts_per_creator) == (offer, posts)
            )
            columns[column].append(sheet.value(row + i, 2 + column, booked, "count"))
    for column, plan in enumerate(s.plans):
        if columns[column]:
            total = Term(f"SUM({Range(columns[column]).text})", plan.creators)
            written = sheet.formula(row + len(keys) + 1, 2 + column, total, "count", bold=True)
            checks.equal(
                ARITHMETIC, f"plan {plan.number}: creators of all offers", written, plan.creators, "count"
            )
    if keys:
        sheet.text(row + len(keys) + 1, 0, "All", bold=True)
    sheet.raw.freeze_panes(row + 1, 1)
    sheet.finish()


def safety_summary(sheet: Sheet, s: Safety, plans: Plans, verdict: Verdict) -> None:
    """One page: the findings, the chart, what can be promised, where the mix turns."""
    row = summary_start(
        sheet, f"{s.scenario.name}: what safety costs",
        f"{s.sense.capitalize()} {s.measure} · money in {s.currency} · "
        + made_line(s.scenario.made, [s.scenario.author], s.version),
        list(s.sentences), verdict, None, columns=8, characters=150,
    )  # fmt: skip
    if s.varies:
        _chart(sheet, s, plans, row)
        row = _promises(sheet, s, row + 19)
        row = _turns(sheet, s, row)
    stamp = f"sha256 {s.scenario.sha256}, creatormix {s.version}"
    text = f"Scenario {s.scenario.name}, {stamp}. {s.draws:,} draws for each plan, seed {s.seed}. {CONSTANT}"
    sheet.line(row, text, 8, 150, font_color=MUTED)
    sheet.finish(A=26, B=18, C=18, D=16, E=16, F=16, G=16, H=16)
    sheet.raw.fit_to_pages(1, 1)


def _promises(sheet: Sheet, s: Safety, row: int) -> int:
    sheet.heading(row, "What can be promised")
    row += 1
    sheet.header(
        row, ["In", "At least" if s.sense == "maximize" else "At most", "Plan", "Plan 1", "Expected given up"]
    )
    kind = kind_of(s.measure)
    for promise in s.promises:
        row += 1
        sheet.text(row, 0, cases(promise.confidence))
        sheet.value(row, 1, promise.dependable, kind)
        sheet.value(row, 2, promise.plan, "count")
        sheet.value(row, 3, promise.boldest, kind)
        sheet.value(row, 4, promise.given_up_share, "share")
    return row + 2


def _turns(sheet: Sheet, s: Safety, row: int) -> int:
    if len(s.turns) <= SHOWN:  # the findings have them
        return row
    sheet.heading(row, "Where the mix turns")
    for turn in s.turns:
        row += 1
        sheet.text(row, 0, turn_text(s, turn), runs_on=True, font_color=ACCENT)
    return row + 2
