"""A frontier as rows of CSV, one for each point."""

from __future__ import annotations

from optimizer.finance.frontier.result import Frontier
from optimizer.language.measures import COUNTED, RATIOS
from optimizer.report.sections.frontier import shares_of


def frontier_rows(f: Frontier) -> list[list[object]]:
    """The header and a row for each point; numbers unrounded, unknown ones empty.

    Columns: each axis by its path, status, message, value, best, gap, marginal (per unit, from the point before; on
    curves), cost_of_each (what each further unit of the result costs since then, by what is spent), p10, p50, p90 (what
    the value may come to: one case in ten below, half, one in ten above), every total, leader, share_GROUP (of the
    cost, or of the creators where cost is not known), binding.
    """
    own = list(dict.fromkeys(n for p in f.points if p.totals is not None for n in p.totals.measures))
    groups = list(dict.fromkeys(share.group for point in f.points for share in point.mix))
    steps = {m.high: m for m in f.marginals}
    header = [axis.path for axis in f.axes]
    header += [
        "status",
        "message",
        "value",
        "best",
        "gap",
        "marginal",
        "cost_of_each",
        "p10",
        "p50",
        "p90",
        *COUNTED,
        "reach",
        *RATIOS,
    ]
    header += [
        *(f"measure_{name}" for name in own),
        "leader",
        *(f"share_{group}" for group in groups),
        "binding",
    ]
    rows: list[list[object]] = [list(header)]
    for point in f.points:
        totals, shares = point.totals, shares_of(point)
        row: list[object] = [*point.at, point.status, point.message, point.value, point.best, point.gap]
        step = steps.get(point.at[0]) if len(f.axes) == 1 else None
        row += [None, None] if step is None else [step.per_unit, step.cost_of_each]
        row += [None if point.range is None else getattr(point.range, key) for key in ("p10", "p50", "p90")]
        row += [getattr(totals, name, None) for name in (*COUNTED, "reach", *RATIOS)]
        row += [None if totals is None else totals.measures.get(name) for name in own]
        row.append(point.leader)
        row += [None if totals is None else shares.get(group, 0.0) for group in groups]
        row.append("; ".join(point.binding))
        rows.append(row)
    return rows
