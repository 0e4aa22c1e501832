"""The picture of a stress test: in every case the plan as booked, and the best plan had one known."""

from __future__ import annotations

from optimizer.language.numbers import UNKNOWN, printable
from optimizer.language.statuses import STATUS_WORDS
from optimizer.report.layout.parts import Table
from optimizer.report.page.chart import FULL, NARROW, Chart, Rows, Spec, data, drawing, place, text, tips
from optimizer.report.page.colours import light
from optimizer.report.page.differences import names_axis
from optimizer.report.sections.stress import broken_names, changed_text, regret_text
from optimizer.risk.stress.findings import amount, figure
from optimizer.risk.stress.result import Stress

BOOKED, BEST = "as booked", "best had one known"
ROW = 44
"""Pixels of one case."""


def stress_chart(result: Stress) -> Chart | None:
    """Two bars for each case and a line for what was planned; None where nothing is known."""
    rows = _rows(result)
    if not rows or result.planned.value is None:
        return None
    wide, narrow = (_drawn(result, rows, width) for width in (FULL, NARROW))
    unit = printable(result.unit)
    table = Table(
        "",
        ["case", BOOKED, "change", "limits", BEST, "regret"],
        [
            [
                printable(case.name),
                figure(result.measure, case.booked.value, result.currency),
                changed_text(result, case),
                printable(broken_names(case)),
                STATUS_WORDS[case.status].cell
                if case.best is None
                else figure(result.measure, case.best.value, result.currency),
                regret_text(result, case),
            ]
            for case in result.cases
        ],
        [False, True, True, False, True, True],
    )
    planned = amount(result.measure, result.planned.value, result.currency)
    finding = f"Planned: {planned}. " + " ".join(
        f"{printable(case.name)}: as booked {amount(result.measure, case.booked.value, result.currency)}, limits "
        f"{printable(broken_names(case))}; best had one known "
        + (UNKNOWN if case.best is None else amount(result.measure, case.best.value, result.currency))
        + "."
        for case in result.cases
    )
    takeaway = printable(result.sentences[1])
    notes = (
        f"The line is what was planned, {planned}. Pale bars: the plan as booked breaks a limit in that case."
    )
    title = f"{printable(result.measure).capitalize().replace('_', ' ')} in every case" + (
        f", in {unit}" if unit != result.measure else ""
    )
    return Chart("stress", title, finding, wide, narrow, table, takeaway, notes, full=True)


def _rows(result: Stress) -> Rows:
    rows: Rows = []
    for case in result.cases:
        name = printable(case.name)
        for who, one in ((BOOKED, case.booked), (BEST, case.best)):
            if one is None:
                label, value = STATUS_WORDS[case.status].cell, 0.0
            elif one.value is None:
                label, value = UNKNOWN, 0.0
            else:
                label, value = figure(result.measure, one.value, result.currency), one.value
            broken = who == BOOKED and not case.keeps_limits
            if broken:
                label += ", " + printable(broken_names(case))
            rows.append({"name": name, "who": who, "value": value, "label": label,
                         "kind": "breaks a limit" if broken else who})  # fmt: skip
    return rows


def _drawn(result: Stress, rows: Rows, width: int) -> Spec:
    stacked = width <= NARROW
    longest = max(len(row["name"]) for row in rows)
    room = min(190 if not stacked else 96, 7 * longest + 14)
    planned = float(result.planned.value or 0.0)
    ends = [planned, *(row["value"] for row in rows)]
    low, high = min(0.0, *ends), max(0.0, *ends)
    span = (high - low) or 1.0
    each = width - room - 24
    fold = 24 if stacked else 60
    rows = [
        {**row, "label": row["label"] if len(row["label"]) <= fold else row["label"][: fold - 1] + "…"}
        for row in rows
    ]
    # words that would stand out on the right stand inside the bar's end
    per_pixel = span / each
    outside: Rows = []
    inside: Rows = []
    for row in rows:
        needs = 6.2 * len(row["label"]) + 10
        fits = (high - row["value"]) / per_pixel + 40 >= needs
        (outside if fits or row["value"] / per_pixel < needs else inside).append(row)
    pad = max(
        (6.2 * len(row["label"]) + 12 - (high - row["value"]) / per_pixel for row in outside), default=0.0
    )
    pad = min(max(pad, 8.0), each * 0.45)
    scale = {"domain": [low, high + span * pad / max(each - pad, 40.0)], "nice": False}
    y = {"field": "name", "type": "nominal", "sort": None, "title": None, "axis": names_axis(room, rows),
         "scale": {"paddingInner": 0.22, "paddingOuter": 0.1}}  # fmt: skip
    offset = {"field": "who", "type": "nominal", "sort": [BOOKED, BEST], "scale": {"paddingInner": 0.1}}
    x = place("value", stack=None, scale=scale, axis=None)
    kinds = [BOOKED, "breaks a limit", BEST]
    shown = [kind for kind in kinds if any(row["kind"] == kind for row in rows)]
    colours = {BOOKED: light("accent"), "breaks a limit": light("heat3"), BEST: light("mark")}
    legend = {"title": None, "orient": "top", "symbolType": "square", "columns": 1 if stacked else 3}
    in_order = {"domain": shown, "range": [colours[kind] for kind in shown]}
    colour = {"field": "kind", "type": "nominal", "scale": in_order, "legend": legend}
    layers: list[Spec] = [
        {"data": data(rows), "mark": {"type": "bar", "cornerRadiusEnd": 2},
         "encoding": {"y": y, "yOffset": offset, "x": x, "color": colour,
                      "tooltip": tips(name="case", who="plan", label=printable(result.measure))}},
        {"data": data([{"planned": planned}]),
         "mark": {"type": "rule", "color": light("ink"), "strokeDash": [4, 3]},
         "encoding": {"x": place("planned", scale=scale, axis=None)}},
    ]  # fmt: skip
    places = {"y": y, "yOffset": offset, "x": x}
    if outside:
        mark = {"align": "left", "dx": 4, "baseline": "middle"}
        layers.append(text("label", data=data(outside), mark=mark, encoding=places))
    for row_kind, ink in (("dark", "paper"), ("pale", "ink")):
        chosen = [row for row in inside if (row["kind"] == "breaks a limit") == (row_kind == "pale")]
        if chosen:
            mark = {"align": "right", "dx": -5, "baseline": "middle"}
            layers.append(text("label", ink, data=data(chosen), mark=mark, encoding=places))
    return drawing(width, ROW * len(result.cases) + (80 if stacked else 34), layers)


def _cut(label: str, longest: int) -> str:
    return label if len(label) <= longest else label[: longest - 1] + "…"
