"""Who gets the money: creators, money, hours and result of each tier, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from optimizer.language.measures import MEASURES, unit_of
from optimizer.language.names import tier_order
from optimizer.language.numbers import (
    count,
    counted,
    money_digits,
    number,
    percent,
    printable,
    rounded_to_total,
)
from optimizer.plan.plan import Amounts, Plan, told_apart_by
from optimizer.report.layout.parts import Table
from optimizer.report.page.chart import NARROW, WIDE, Chart, Rows, Spec, data, place, row_of, text, tips
from optimizer.report.page.colours import group_colours, light

MOST_GROUPS = 8


class Part(NamedTuple):
    """One panel: what is counted, its total and the value of each group."""

    measure: str
    title: str
    total: str
    values: list[float]
    texts: list[str]


def result_measure(plan: Plan) -> str | None:
    """What the plan brings, as a measure that adds up over lines: the first objective's, else engagements, ..."""
    wanted = [goal.measure for goal in plan.objectives if goal.measure not in ("cost", "hours", "creators")]
    names = [*wanted, "engagements", "conversions", "clicks", "impressions", *plan.totals.measures]
    return next((name for name in names if plan.totals.of(name)), None)


def mix_chart(plan: Plan) -> Chart | None:
    """Creators, money, hours and result by tier; None where there is nothing to compare, or too much to see."""
    by = told_apart_by(plan.lines)
    groups = plan.subtotals(by)
    if by == "tier":
        groups.sort(key=lambda item: tier_order(item[0][0]))
    if not 1 < len(groups) <= 3 * MOST_GROUPS:
        return None
    names = [printable(values[0]) for values, _ in groups]
    parts = list(_parts(plan, [amounts for _, amounts in groups]))
    if len(groups) > MOST_GROUPS:  # only offers are so many: the dearest are drawn, the table has all
        order = sorted(range(len(groups)), key=lambda i: -parts[min(1, len(parts) - 1)].values[i])[
            :MOST_GROUPS
        ]
    else:
        order = list(range(len(groups)))
    wide, narrow = (_drawn(names, parts, order, width) for width in (WIDE, NARROW))
    columns = [by, *(part.title.lower() for part in parts for _ in (0, 1))]
    rows = [
        [name, *(cell for part in parts for cell in (part.texts[i], _share(part, i)))]
        for i, name in enumerate(names)
    ]
    table = Table("", columns, rows, [False] + [True] * (len(columns) - 1))
    return Chart("mix", f"The mix by {by}", _finding(names, parts), wide, narrow, table,
                 _takeaway(names, parts))  # fmt: skip


def _parts(plan: Plan, groups: Sequence[Amounts]) -> list[Part]:
    measures = ["creators", "cost", "hours", result_measure(plan)]
    parts = []
    for measure in dict.fromkeys(measures):
        if measure is None or not plan.totals.of(measure):
            continue
        known = [amounts.of(measure) for amounts in groups]
        values = [value for value in known if value is not None]
        total = plan.totals.of(measure)
        if len(values) < len(known) or min(values) < 0 or total is None:
            continue
        unit = unit_of(measure, plan.currency)
        if measure in ("creators", "hours"):
            texts, whole = [counted(v, measure) for v in values], counted(total, measure).split(" ")[0]
        else:
            digits = money_digits([total, *values], plan.currency) if unit == plan.currency else 0
            fitted = rounded_to_total(values, digits, total)
            texts, whole = [f"{number(v, digits)} {printable(unit)}" for v in fitted], number(total)
        title = {"cost": "Money", "creators": "Creators", "hours": "Hours"}.get(
            measure, MEASURES[measure].header if measure in MEASURES else measure.capitalize()
        )
        shown = f"{whole} {plan.currency}" if unit == plan.currency else whole
        parts.append(Part(measure, printable(title), shown, values, texts))
    return parts


def _share(part: Part, i: int) -> str:
    total = sum(part.values)
    share = part.values[i] / total if total else None
    return "< 0.1 %" if share is not None and 0 < share < 0.0005 else percent(share, 2)


def _drawn(names: list[str], parts: list[Part], order: list[int], width: int) -> Spec:
    colours = group_colours(names)
    room = 50 if max(len(names[i]) for i in order) <= 5 else min(130, width // 3)
    gap, slack = (18, 12) if width > NARROW else (10, 16)  # slack: fonts differ between machines
    each = (width - room - gap * (len(parts) - 1) - slack) / len(parts)
    step = max(26, min(44, 150 // len(order)))
    size = 12 if width > NARROW else 10
    panels = []
    most = max(max(part.values[i] for i in order) / sum(part.values) for part in parts)
    for position, part in enumerate(parts):
        rows: Rows = [
            {"group": names[i], "share": part.values[i] / sum(part.values), "label": _share(part, i),
             "amount": part.texts[i]}
            for i in order
        ]  # fmt: skip
        y = {
            "field": "group",
            "type": "nominal",
            "sort": None,
            "title": None,
            "axis": {"labelColor": light("ink"), "labelLimit": room - 6, "minExtent": room - 4}
            if position == 0
            else None,
        }
        x = place("share", stack=None, scale={"domain": [0, most * (1.5 if each > 90 else 2.1)]}, axis=None)
        colour = {
            "field": "group",
            "type": "nominal",
            "scale": {"domain": [names[i] for i in order], "range": [light(colours[i]) for i in order]},
            "legend": None,
        }
        tooltip = tips(group="group", amount=part.title.lower(), label="share")
        panels.append(
            {
                "title": {
                    "text": part.title,
                    "subtitle": part.total,
                    "frame": "group",
                    "fontSize": size,
                    "subtitleFontSize": size - 1,
                },
                "width": each,
                "height": {"step": step},
                "data": data(rows),
                "encoding": {"y": y, "x": x, "tooltip": tooltip},
                "layer": [
                    {
                        "mark": {"type": "bar", "height": 0.58 * step, "cornerRadiusEnd": 2},
                        "encoding": {"color": colour},
                    },
                    text("label", mark={"align": "left", "dx": 4}),
                ],
            }
        )
    return row_of(panels, gap)


def _takeaway(names: list[str], parts: list[Part]) -> str:
    """Who has most of the money, and what that brings."""
    money, result = next((part for part in parts if part.measure == "cost"), None), parts[-1]
    if money is None or result.measure in ("creators", "cost", "hours") or len(names) < 2:
        return ""
    first = max(range(len(names)), key=lambda i: money.values[i])
    brings = f"{_share(result, first)} of the {result.title.lower()}"
    return f"{names[first]} takes {_share(money, first)} of the money and brings {brings}."


def _finding(names: list[str], parts: list[Part]) -> str:
    """Each total and who has it, largest first."""
    sentences = []
    for part in parts:
        order = sorted((i for i, value in enumerate(part.values) if value), key=lambda i: -part.values[i])
        shown = [f"{names[i]} {_share(part, i)}" for i in order[:5]]
        more = f" and {count(len(order) - 5)} more" if len(order) > 5 else ""
        sentences.append(f"{part.title} ({part.total}): {', '.join(shown)}{more}.")
    return " ".join(sentences)
