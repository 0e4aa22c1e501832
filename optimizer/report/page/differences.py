"""Scenarios side by side: how far each is from the base, and who gets the money in each."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence

from optimizer.finance.compare.comparison import Comparison, GroupFigures
from optimizer.finance.compare.findings import relevant, shown, signed_percent
from optimizer.language.numbers import UNKNOWN, percent, printable
from optimizer.report.layout.parts import Table
from optimizer.report.page.chart import FULL, NARROW, Chart, Rows, Spec, data, place, row_of, text, tips
from optimizer.report.page.colours import group_colours, light

PANELS = ("cost", "hours", "creators", "cpe")
"""Figures that are drawn beside the objective."""
MOST_PANELS = 4


def differences_chart(comparison: Comparison) -> Chart | None:
    """Key figures of every scenario against the base in percent; None where nothing can be compared."""
    figures = relevant(comparison)
    goal = figures[:1]
    chosen = goal + [f for f in figures[1:] if f.measure in PANELS]
    chosen = [f for f in chosen if any(share is not None for share in f.shares[1:])][:MOST_PANELS]
    others = [i for i in range(1, len(comparison.columns)) if comparison.columns[i].plan is not None]
    if not chosen or not others:
        return None
    names = [printable(column.name) for column in comparison.columns]
    panels: list[tuple[str, Rows]] = []
    for figure in chosen:
        rows: Rows = []
        for i in others:
            share = figure.shares[i]
            rows.append(
                {
                    "name": names[i],
                    "share": 0.0 if share is None else share,
                    "label": UNKNOWN if share is None else signed_percent(share) if share else "0 %",
                    "value": f"{shown(figure, figure.values[i], comparison)} {printable(figure.unit)}",
                    "base": f"{shown(figure, figure.values[0], comparison)} {printable(figure.unit)}",
                }
            )
        panels.append((printable(figure.label), rows))
    wide, narrow = (_drawn(panels, width) for width in (FULL, NARROW))
    table = Table(
        "",
        ["scenario", *(title for title, _ in panels)],
        [[names[i], *(rows[n]["label"] for _, rows in panels)] for n, i in enumerate(others)],
        [False] + [True] * len(panels),
    )
    finding = " ".join(
        f"{names[i]}: " + ", ".join(f"{title} {rows[n]['label']}" for title, rows in panels) + "."
        for n, i in enumerate(others)
    )
    return Chart("differences", f"Against {names[0]}, in percent", finding, wide, narrow, table, full=True)


def _drawn(panels: list[tuple[str, Rows]], width: int) -> Spec:
    stacked = width <= NARROW
    longest = max(len(row["name"]) for row in panels[0][1])
    room = min(180 if not stacked else 110, 7 * longest + 14)
    gap = 24
    each = width - room - 16 if stacked else (width - room - gap * (len(panels) - 1) - 16) / len(panels)
    ends = [row["share"] for _, rows in panels for row in rows]
    low, high = min(0.0, *ends), max(0.0, *ends)
    span = (high - low) or 1.0
    sides = 1 + (
        low < 0 < high
    )  # "+33.3 %" beside the longest bar of each side takes 64 pixels in a wide font
    pad = span * 64 / max(each - 64 * sides, 64)
    scale = {"domain": [low - (pad if low < 0 else span * 0.02), high + pad], "nice": False}
    drawn: list[Spec] = []
    for position, (title, rows) in enumerate(panels):
        first = position == 0 or stacked
        y = {"field": "name", "type": "nominal", "sort": None, "title": None,
             "axis": names_axis(room, rows) if first else None}  # fmt: skip
        x = place("share", stack=None, scale=scale, axis=None)
        up, down = ([row for row in rows if (row["share"] >= 0) is wanted] for wanted in (True, False))
        layers: list[Spec] = [
            {"data": data(rows), "mark": {"type": "bar", "height": 14, "color": light("accent"), "cornerRadiusEnd": 2},
             "encoding": {"y": y, "x": x, "tooltip": tips(name="scenario", value=title, base="base", label="change")}},
            {"data": data([{"zero": 0}]), "mark": {"type": "rule", "color": light("mark")},
             "encoding": {"x": place("zero", scale=scale, axis=None)}},
        ]  # fmt: skip
        for chosen, align, dx in ((up, "left", 4), (down, "right", -4)):
            if chosen:
                layers.append(
                    text(
                        "label", data=data(chosen), mark={"align": align, "dx": dx}, encoding={"y": y, "x": x}
                    )
                )
        drawn.append({"title": {"text": title, "frame": "group"}, "width": each, "height": {"step": 26},
                      "layer": layers})  # fmt: skip
    return row_of(drawn, gap if not stacked else 14, stacked=stacked)


def names_axis(room: int, rows: Rows) -> Spec:
    """An axis of names in up to two lines."""
    fold = textwrap.TextWrapper(max(8, room // 7), max_lines=2, placeholder=" …", break_long_words=False)
    lines = {str(row["name"]): fold.wrap(str(row["name"])) or [""] for row in rows}
    return {
        "labelLimit": room - 8,
        "minExtent": room - 4,
        "labelColor": light("ink"),
        "labelExpr": f"{json.dumps(lines)}[datum.value]",
    }


def shares_chart(comparison: Comparison) -> Chart | None:
    """Who gets the money, and what it brings, in every scenario; None where that is not known."""
    for by, groups in (("tier", comparison.by_tier), ("platform", comparison.by_platform)):
        if len(groups) > 1 and any(group.group != "other" for group in groups):
            return _shares(comparison, by, groups)
    return None


def _shares(comparison: Comparison, by: str, groups: Sequence[GroupFigures]) -> Chart | None:
    names = [printable(column.name) for column in comparison.columns]
    labels = [printable(group.group) for group in groups]
    panels: list[tuple[str, Rows]] = []
    for title, measure in (("Money", "cost"), (printable(comparison.result_measure).capitalize(), "result")):
        rows: Rows = []
        for i, name in enumerate(names):
            values = [getattr(group, measure)[i] for group in groups]
            total = sum(value or 0.0 for value in values)
            below = any(
                (value or 0.0) < 0 for value in values
            )  # parts of a sum of gains and losses are no shares
            if comparison.columns[i].plan is None or total <= 0 or below:
                continue
            for n, value in enumerate(values):
                if value:
                    share = value / total
                    label = percent(share, 2)
                    rows.append(
                        {"name": name, "group": labels[n], "order": n, "share": share, "label": label}
                    )
        if rows:
            panels.append((title, rows))
    if not panels:
        return None
    wide, narrow = (_shares_drawn(panels, labels, width) for width in (FULL, NARROW))
    cells = []
    for name in names:
        for title, rows in panels:
            found = {row["group"]: row["label"] for row in rows if row["name"] == name}
            if found:
                cells.append([name, title.lower(), *(found.get(label, "") for label in labels)])
    table = Table("", ["scenario", "share of", *labels], cells, [False, False] + [True] * len(labels))
    finding = " ".join(
        f"{row[0]}, {row[1]}: "
        + ", ".join(f"{label} {cell}" for label, cell in zip(labels, row[2:], strict=True) if cell)
        + "."
        for row in cells
    )  # fmt: skip
    return Chart("mix", f"The mix by {by} in every scenario", finding, wide, narrow, table, full=True)


def _shares_drawn(panels: list[tuple[str, Rows]], labels: list[str], width: int) -> Spec:
    stacked = width <= NARROW
    longest = max(len(row["name"]) for row in panels[0][1])
    room = min(180 if not stacked else 110, 7 * longest + 14)
    gap = 28
    each = width - room - 10 if stacked else (width - room - gap * (len(panels) - 1) - 10) / len(panels)
    drawn_groups = {row["group"] for _, rows in panels for row in rows}
    all_colours = dict(zip(labels, group_colours(labels), strict=True))
    labels = [label for label in labels if label in drawn_groups]  # the legend names what is drawn
    colours = [light(all_colours[label]) for label in labels]
    drawn: list[Spec] = []
    for position, (title, rows) in enumerate(panels):
        first = position == 0 or stacked
        rows = [{**row, "inside": row["label"] if row["share"] * each > 38 else ""} for row in rows]
        y = {"field": "name", "type": "nominal", "sort": None, "title": None,
             "axis": names_axis(room, rows) if first else None}  # fmt: skip
        legend = {"title": None, "orient": "top", "symbolType": "square", "columns": 5 if not stacked else 3}
        colour = {"field": "group", "type": "nominal", "scale": {"domain": labels, "range": colours},
                  "legend": legend if position == 0 else None}  # fmt: skip
        order = {"field": "order", "type": "quantitative"}
        x = place("share", stack="zero", scale={"domain": [0, 1]}, axis=None)
        layers: list[Spec] = [
            {"mark": {"type": "bar", "height": 18, "stroke": light("paper"), "strokeWidth": 1},
             "encoding": {"color": colour, "tooltip": tips(name="scenario", group="group", label=title.lower())}},
            text("inside", "paper", mark={"fontWeight": 600},
                 encoding={"x": {**x, "bandPosition": 0.5}, "detail": {"field": "group", "type": "nominal"}}),
        ]  # fmt: skip
        drawn.append({"title": {"text": title, "frame": "group"}, "width": each, "height": {"step": 28},
                      "data": data(rows), "encoding": {"y": y, "x": x, "order": order}, "layer": layers})  # fmt: skip
    apart = {"scale": {"color": "independent"}}  # one legend serves all panels
    return {**row_of(drawn, gap if not stacked else 14, stacked=stacked), "resolve": apart}
