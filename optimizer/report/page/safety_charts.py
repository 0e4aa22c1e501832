"""Plans from bold to safe: expected result against the bad case, and what each may come to beside who is booked."""

from __future__ import annotations

from optimizer.language.names import tier_order
from optimizer.language.numbers import percent, printable
from optimizer.report.layout.parts import Table
from optimizer.report.page.chart import (
    FULL,
    NARROW,
    TITLE_ON_TOP,
    Chart,
    Rows,
    Spec,
    data,
    drawing,
    place,
    room_for,
    row_of,
    text,
    tips,
)
from optimizer.report.page.colours import group_colours, light
from optimizer.report.sections.safety import plans_table
from optimizer.risk.safety.findings import bad, good, rounded
from optimizer.risk.safety.result import SafePlan, Safety, shares_of

COMMAS = ",~f"


def trade_chart(s: Safety) -> Chart | None:
    """One dot for each plan: what is expected of it over what it comes to in bad cases."""
    if not s.varies or len(s.plans) < 2:
        return None
    wide, narrow = (_trade(s, width) for width in (FULL, NARROW))
    side, way = ("below", "right") if s.sense == "maximize" else ("above", "left")
    upward = "higher" if s.sense == "maximize" else "lower"
    notes = (
        f"Across: the result that 1 in 10 cases is {side}. Upwards: the expected result. The further {way}, the safer; "
        f"the {upward}, the more is expected. The line joins plans that are each the best for some weight of the two; "
        "the diamond is today's plan."
    )
    columns = ["plan", "expected", "bad case"]
    rows = [[_name(s, p), rounded(p.expected), rounded(bad(s, p))] for p in s.plans]
    return Chart("trade", "What safety costs", _trade_finding(s), wide, narrow,
                 Table("", columns, rows, [False, True, True]), _trade_takeaway(s), notes, True)  # fmt: skip


def _name(s: Safety, plan: SafePlan) -> str:
    return f"plan {plan.number}" + (" (today)" if plan.number == s.today else "")


def _trade_finding(s: Safety) -> str:
    parts = [f"{_name(s, p)}: expected {rounded(p.expected)}, bad case {rounded(bad(s, p))}" for p in s.plans]
    return f"In {printable(s.unit)}. {'; '.join(parts)}."


def _trade_takeaway(s: Safety) -> str:
    """Whether another plan is better than today's both ways, and which comes to most in bad cases."""
    sign, today = (1.0 if s.sense == "maximize" else -1.0), s.plan_of(s.today)
    both = [
        plan
        for plan in s.plans
        if sign * plan.expected > sign * today.expected and sign * bad(s, plan) > sign * bad(s, today)
    ]
    safest = max(s.plans, key=lambda plan: sign * bad(s, plan))
    if both:
        better = max(both, key=lambda plan: sign * bad(s, plan))
        return f"Plan {better.number} is better than today's plan both in bad cases and on average."
    if safest.number == s.today:
        return "No other plan is better than today's in bad cases."
    return f"Plan {safest.number} is the safest; today's plan is expected to bring as much or more."


def _trade(s: Safety, width: int) -> Spec:
    rows: Rows = [
        {
            "bad": bad(s, p),
            "expected": p.expected,
            "name": _name(s, p),
            "label": "today" if p.number == s.today else str(p.number),
            "today": p.number == s.today,
            "k": -1.0 if p.criterion is None else p.criterion.k,
            "told": f"expected {rounded(p.expected)}, bad case {rounded(bad(s, p))}",
        }
        for p in s.plans
    ]
    side, unit = "below" if s.sense == "maximize" else "above", printable(s.unit)
    x = place("bad", scale=_scale([bad(s, p) for p in s.plans]), title=f"Bad case (1 in 10 is {side}), {unit}",
              axis={"format": COMMAS, "tickCount": 6 if width > NARROW else 4, "labelFlush": 20})  # fmt: skip
    room = room_for([rounded(s.plans[0].expected)])
    y = place("expected", scale=_scale([p.expected for p in s.plans]), title=f"Expected {printable(s.measure)}",
              axis={"format": COMMAS, "tickCount": 5, **TITLE_ON_TOP, **room})  # fmt: skip
    tooltip = tips(name="plan", told="result")
    line = [row for row in rows if row["k"] >= 0]
    layers = [
        {"data": data(line), "mark": {"type": "line", "color": light("mark"), "strokeWidth": 1.5},
         "encoding": {"x": x, "y": y, "order": place("k")}},
        {"data": data([row for row in rows if not row["today"]]),
         "mark": {"type": "circle", "size": 130, "opacity": 1, "color": light("accent")},
         "encoding": {"x": x, "y": y, "tooltip": tooltip}},
        {"data": data([row for row in rows if row["today"]]),
         "mark": {"type": "point", "shape": "diamond", "size": 190, "filled": True, "opacity": 1,
                  "color": light("warn")},
         "encoding": {"x": x, "y": y, "tooltip": tooltip}},
        text("label", data=data(rows), mark={"dy": -14}, encoding={"x": x, "y": y}),
    ]  # fmt: skip
    return drawing(width, 330 if width > NARROW else 260, layers)


def _scale(values: list[float]) -> Spec:
    """From the least to the largest, with room for labels; not from 0, because plans lie near each other."""
    low, high = min(values), max(values)
    room = 0.12 * ((high - low) or abs(high) or 1.0)
    return {"domain": [low - room, high + room], "zero": False, "nice": False}


def bands_chart(s: Safety) -> Chart | None:
    """What each plan may come to, from the bad case to the good one, and its mix beside it."""
    if not s.varies:
        return None
    wide, narrow = (_bands(s, width) for width in (FULL, NARROW))
    spread = [
        f"{_name(s, p)}: {rounded(p.p10)} to {rounded(p.p90)}, half above {rounded(p.p50)}" for p in s.plans
    ]
    notes = (
        "Bars run from the bad case to the good one: 8 in 10 cases lie on them. The line is half of the cases, the dot "
        "the expected result."
    )
    if s.target is not None:
        notes += " The dashed line is the target."
    table = plans_table(s)
    return Chart("bands", "What each plan may come to", f"In {printable(s.unit)}. {'; '.join(spread)}.", wide, narrow,
                 Table("", table.columns, table.rows, table.numeric), "", notes, True)  # fmt: skip


def _bands(s: Safety, width: int) -> Spec:
    stacked = width <= NARROW
    each = width - 16 if stacked else (width - 40) / 2
    names = [_name(s, p) for p in s.plans]
    rows: Rows = [
        {
            "name": _name(s, p),
            "low": p.p10,
            "half": p.p50,
            "high": p.p90,
            "expected": p.expected,
            "told": f"{rounded(bad(s, p))} to {rounded(good(s, p))}, expected {rounded(p.expected)}",
        }
        for p in s.plans
    ]
    height = {"step": 30}
    y = {"field": "name", "type": "nominal", "sort": names, "title": None, "axis": {"labelColor": light("ink"),
         "minExtent": 86, "labelLimit": 100}}  # fmt: skip
    x = place(
        "low",
        title=printable(s.unit),
        axis={"format": COMMAS, "tickCount": 5, "grid": True, "labelFlush": 20},
    )
    tooltip = tips(name="plan", told="result")
    layers: list[Spec] = [
        {"mark": {"type": "bar", "height": 12, "cornerRadius": 6, "color": light("heat3")},
         "encoding": {"x": x, "x2": {"field": "high"}, "tooltip": tooltip}},
        {"mark": {"type": "tick", "color": light("ink"), "height": 16, "thickness": 2},
         "encoding": {"x": place("half")}},
        {"mark": {"type": "circle", "color": light("accent"), "size": 60, "opacity": 1},
         "encoding": {"x": place("expected"), "tooltip": tooltip}},
    ]  # fmt: skip
    if s.target is not None:
        layers.append(
            {"data": data([{"target": s.target.value}]),
             "mark": {"type": "rule", "strokeDash": [4, 3], "color": light("warn"), "strokeWidth": 1.5},
             "encoding": {"x": place("target"), "y": None}}
        )  # fmt: skip
    bands: Spec = {
        "title": {"text": "Result", "frame": "group"},
        "width": each - 100,
        "height": height,
        "data": data(rows),
        "encoding": {"y": y},
        "layer": layers,
    }
    both = row_of([bands, _mix(s, names, each, labelled=stacked)], 20, stacked=stacked)
    return {**both, "resolve": {"legend": {"color": "independent"}}}


def _mix(s: Safety, names: list[str], width: float, *, labelled: bool) -> Spec:
    seen = list(dict.fromkeys(m.group for p in s.plans for m in p.mix))
    groups = [printable(g) for g in (sorted(seen, key=tier_order) if s.mix_by == "tier" else seen)]
    colours = group_colours(groups)
    order = {group: i for i, group in enumerate(groups)}
    rows: Rows = [
        {
            "name": name,
            "group": printable(group),
            "share": share,
            "place": order[printable(group)],
            "told": percent(share, 2),
        }
        for name, plan in zip(names, s.plans, strict=True)
        for group, share in shares_of(plan.mix).items()
    ]
    axis = {"labelColor": light("ink"), "minExtent": 86, "labelLimit": 100} if labelled else None
    encoding = {
        "y": {"field": "name", "type": "nominal", "sort": names, "title": None, "axis": axis},
        "x": place("share", title=None, stack="zero", scale={"domain": [0, 1]},
                   axis={"format": "%", "tickCount": 5, "grid": False, "labelFlush": 20}),
        "order": place("place"),
        "color": {"field": "group", "type": "nominal", "title": None,
                  "scale": {"domain": groups, "range": [light(c) for c in colours]},
                  "legend": {"orient": "bottom", "columns": 3 if labelled else 6}},
        "tooltip": tips(name="plan", group="group", told="share"),
    }  # fmt: skip
    by_money = all(share.cost is not None for plan in s.plans for share in plan.mix)
    return {
        "title": {"text": f"Share of the {'money' if by_money else 'creators'}", "frame": "group"},
        "width": width - (100 if labelled else 10),
        "height": {"step": 30},
        "data": data(rows),
        "mark": {"type": "bar", "height": 14},
        "encoding": encoding,
    }
