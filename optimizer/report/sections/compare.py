"""A comparison as sentences and tables, most important first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from optimizer.finance.compare.comparison import (
    Column,
    ComparedLimit,
    ComparedRisk,
    Comparison,
    Figure,
    GroupFigures,
    Step,
    figure_of,
)
from optimizer.finance.compare.findings import (
    counts_money,
    difference_text,
    relevant,
    share_text,
    shown,
    signed,
)
from optimizer.finance.compare.pinned import GROUPS
from optimizer.language.measures import RATIOS, REACH, is_money, unit_of
from optimizer.language.numbers import (
    UNKNOWN,
    chance,
    gap_percent,
    measured,
    number,
    percent,
    plain_number,
    printable,
    significant,
    tenths,
)
from optimizer.plan.plan import LimitResult
from optimizer.report.layout.parts import Section, Sentences, Table
from optimizer.report.sections.bridge import bridge_sections
from optimizer.report.sections.risk import rounded

MOST_INPUTS = 40
"""Lines of input differences on the screen; Markdown, JSON and workbook have all."""

MAX_VALUE = 20
"""Inputs longer than this are words, which are set flush left and folded."""


def comparison_sections(comparison: Comparison, *, every_input: bool = False) -> Iterator[Section]:
    """The whole report: findings, results, tiers and platforms, limits, inputs, bridges."""
    yield Sentences("", list(comparison.sentences))
    yield from _results(comparison)
    if comparison.risk is not None:
        yield risk_table(comparison, comparison.risk)
    for title, groups in (("By tier", comparison.by_tier), ("By platform", comparison.by_platform)):
        if groups and any(group.group != "other" for group in groups):
            yield _groups_table(title, comparison, groups)
    if comparison.segments:
        yield _segments_table(comparison)
    if comparison.limits:
        yield _limits_table(comparison)
    steps = list(_step_rows(comparison))
    if steps:
        yield Table("What 5 % more would bring", ["", *_names(comparison)], steps,
                    [False] + [True] * len(comparison.columns),
                    note=_step_note(comparison))  # fmt: skip
    yield _inputs_table(comparison, every_input)
    for bridge in comparison.bridges:
        yield from bridge_sections(bridge, comparison.currency)
    yield Sentences("Certificates", list(_certificates(comparison)))


def _names(comparison: Comparison) -> list[str]:
    return [printable(column.name) for column in comparison.columns]


def _results(comparison: Comparison) -> Iterator[Section]:
    figures = relevant(comparison)
    if not figures:
        return
    names = _names(comparison)
    labels = [_label(figure, comparison.currency) for figure in figures]
    if len(names) == 2:
        rows = [
            [
                label,
                *(shown(f, v, comparison) for v in f.values),
                difference_text(f, 1, comparison),
                share_text(f, 1, comparison),
            ]
            for label, f in zip(labels, figures, strict=True)
        ]
        yield Table(
            "Results", ["", *names, "change", "%"], rows, [False, True, True, True, True], frozenset({0})
        )
        return
    values = [
        [label, *(shown(f, v, comparison) for v in f.values)]
        for label, f in zip(labels, figures, strict=True)
    ]
    yield Table("Results", ["", *names], values, [False] + [True] * len(names), frozenset({0}))
    changes = []
    for label, f in zip(labels, figures, strict=True):
        cells = []
        for i in range(1, len(names)):
            share, change = share_text(f, i, comparison), difference_text(f, i, comparison)
            cells.append(change + (f" ({share})" if share and change.strip("0.,") else ""))
        changes.append([label, *cells])
    yield Table(
        f"Change from {names[0]}",
        ["", *names[1:]],
        changes,
        [False] + [True] * (len(names) - 1),
        frozenset({0}),
    )


RANGE_ROWS = (("p10", "1 in 10 below"), ("p50", "half above"), ("p90", "1 in 10 above"))
"""Field of a range -> its row."""


def risk_table(comparison: Comparison, risk: ComparedRisk) -> Table:
    """What each scenario may come to, and how often it beats the base."""
    rows: list[list[str]] = []
    strong = set()
    for measure, ranges in risk.measures.items():
        if all(found is None or found.sd == 0 for found in ranges):
            continue
        strong.add(len(rows))
        name = _label(figure_of(measure, [None], comparison.currency), comparison.currency)
        rows.append([name, *[""] * len(ranges)])
        cells = [
            [UNKNOWN] * 3 if found is None else rounded([found.p10, found.p50, found.p90]) for found in ranges
        ]
        rows += [[f"  {words}", *(column[i] for column in cells)] for i, (_, words) in enumerate(RANGE_ROWS)]
    base = printable(comparison.columns[0].name)
    strong.add(len(rows))
    rows.append([f"beats {base} in", *("" if share is None else chance(share) for share in risk.beats)])
    note = (
        f"{number(risk.draws)} cases drawn (seed {risk.seed}), the same for all: what two scenarios share goes well or "
        "badly for both."
    )
    return Table("What they may come to", ["", *_names(comparison)], rows,
                 [False] + [True] * len(comparison.columns), frozenset(strong), note, "ranges")  # fmt: skip


def _label(figure: Figure, currency: str) -> str:
    return printable(f"{figure.label}, {currency}" if counts_money(figure) else figure.label)


def _groups_table(title: str, comparison: Comparison, groups: Sequence[GroupFigures]) -> Table:
    """Creators, cost and result of each tier or platform, with the change from the base."""
    names = _names(comparison)
    two = len(names) == 2
    rows: list[list[str]] = []
    strong = set()
    for group in groups:
        strong.add(len(rows))
        rows.append([printable(group.group), *[""] * (len(names) + 2 * two)])
        measures = (
            ("creators", group.creators),
            ("cost", group.cost),
            (comparison.result_measure, group.result),
        )
        for measure, values in measures:
            if any(value is not None for value in values):
                figure = figure_of(measure, values, comparison.currency)
                rows.append(
                    [f"  {_label(figure, comparison.currency)}", *_cells(figure, comparison, two=two)]
                )
    columns = ["", *names, *(["change", "%"] if two else [])]
    changes = not two and any("(" in cell for row in rows for cell in row[2:])
    note = f"In brackets the change from {names[0]}." if changes else ""
    return Table(title, columns, rows, [False] + [True] * (len(columns) - 1), frozenset(strong), note)


def _segments_table(comparison: Comparison) -> Table:
    """People of each segment reached, with the share of the segment that they are."""
    names = _names(comparison)
    rows = []
    for segment in comparison.segments:
        cells = [
            UNKNOWN if value is None else f"{number(value)} ({percent(share, 2)})"
            for value, share in zip(segment.reached, segment.shares, strict=True)
        ]
        row = [printable(segment.name), *cells]
        if len(names) == 2:
            figure = figure_of(REACH.name, segment.reached, comparison.currency)
            row += [difference_text(figure, 1, comparison), share_text(figure, 1, comparison)]
        rows.append(row)
    columns = ["", *names, *(["change", "%"] if len(names) == 2 else [])]
    sizes = [set(segment.people) - {None} for segment in comparison.segments]
    note = "People reached at least once, estimated; in brackets the share of the segment."
    note += " Not all segments have the same size everywhere." if any(len(size) > 1 for size in sizes) else ""
    return Table(
        "Reach by segment", columns, rows, [False] + [True] * (len(columns) - 1), note=note, key="segments"
    )


def _cells(figure: Figure, comparison: Comparison, *, two: bool) -> list[str]:
    cells = [shown(figure, value, comparison) for value in figure.values]
    shares = [share_text(figure, i, comparison) if share else "" for i, share in enumerate(figure.shares)]
    if two:
        return [*cells, difference_text(figure, 1, comparison), share_text(figure, 1, comparison)]
    return [
        cell + (f" ({share})" if share and share != "0 %" else "")
        for cell, share in zip(cells, shares, strict=True)
    ]


def _limits_table(comparison: Comparison) -> Table:
    rows = [
        [printable(limit.name), *(_limit_cell(limit, result, comparison) for result in limit.columns)]
        for limit in comparison.limits
    ]
    return Table("Limits", ["", *_names(comparison)], rows, [False] + [True] * len(comparison.columns),
                 note=_limits_note(comparison))  # fmt: skip


def _limits_note(comparison: Comparison) -> str:
    held = any(x is not None and x.binding for limit in comparison.limits for x in limit.columns)
    return f"What the plan has, in brackets what is allowed{'; * holds the plan back' if held else ''}."


def _limit_cell(limit: ComparedLimit, result: LimitResult | None, comparison: Comparison) -> str:
    if result is None:
        return UNKNOWN

    def bare(value: float | None) -> str:
        if value is None:
            return UNKNOWN
        if limit.measure in RATIOS:
            return significant(value)
        if is_money(limit.measure):
            return number(value)
        return tenths(value) if limit.measure == "hours" else measured(value)

    sides = [
        f"{word} {bare(side)}" + (" or none" if result.or_none and word == "min" else "")
        for word, side in (("min", result.min), ("max", result.max))
        if side is not None
    ]
    return f"{bare(result.value)} ({', '.join(sides)}){'*' if result.binding else ''}"


def _step_note(comparison: Comparison) -> str:
    steps = [s for c in comparison.columns for s in (c.budget_step, c.hours_step) if s is not None]
    note = "Each planned again with 5 % more of it, whole creators"
    note += "; per unit in brackets." if any(s.gain and s.per_unit for s in steps) else "."
    others = [
        printable(column.name)
        for column in comparison.columns
        if column.plan is not None
        and (column.plan.objective.measure, column.plan.objective.sense)
        != (comparison.measure, comparison.sense)
    ]
    return note + (f" Not for another objective: {', '.join(others)}." if others else "")


def _step_rows(comparison: Comparison) -> Iterator[list[str]]:
    what = printable(unit_of(comparison.measure, comparison.currency))
    what += " saved" if comparison.sense == "minimize" else ""
    budgets = [column.budget_step for column in comparison.columns]
    hours = [column.hours_step for column in comparison.columns]
    for label, steps in (
        (f"budget: {what} (per {comparison.currency} of budget)", budgets),
        (f"hours: {what} (per hour)", hours),
    ):
        if any(step is not None for step in steps):
            yield [label, *(_step_cell(step) for step in steps)]


def _step_cell(step: Step | None) -> str:
    if step is None or step.gain is None:
        return UNKNOWN
    per = f" ({significant(step.per_unit)})" if step.gain and step.per_unit else ""
    return signed(step.gain, 0 if abs(step.gain) >= 100 or not step.gain else 2) + per


def _inputs_table(comparison: Comparison, everything: bool) -> Section:
    if not comparison.inputs:
        return Sentences("What differs in the inputs", ["Nothing: the inputs are the same."])
    rows: list[list[str]] = []
    strong = set()
    listed = comparison.inputs if everything else comparison.inputs[:MOST_INPUTS]
    for group in dict.fromkeys(difference.group for difference in listed):
        strong.add(len(rows))
        rows.append([GROUPS[group], *[""] * len(comparison.columns)])
        rows += [
            [f"  {printable(d.label)}", *(printable(v) for v in d.values)] for d in listed if d.group == group
        ]
    left = len(comparison.inputs) - len(listed)
    note = f"And {left} more: --format md, json or xlsx has all." if left else ""
    words = any(len(value) > MAX_VALUE for difference in listed for value in difference.values)
    return Table("What differs in the inputs", ["", *_names(comparison)], rows,
                 [False] + [not words] * len(comparison.columns), frozenset(strong), note)  # fmt: skip


def _certificates(comparison: Comparison) -> Iterator[str]:
    for column in comparison.columns:
        yield _certificate(column)


def _certificate(column: Column) -> str:
    name = printable(column.name)
    source = f" ({printable(column.source)})" if column.source else ""
    if column.plan is None:
        return f"{name}{source}: no plan"
    plan = column.plan
    proof = "proven" if plan.status == "optimal" else "not proven"
    rate = ""
    if column.exchange_rate is not None:
        paid = f"{plain_number(column.exchange_rate)} {column.currency} for 1 {plan.currency}"
        if column.exchange_rate < 0.01:
            paid = f"{plain_number(1 / column.exchange_rate)} {plan.currency} for 1 {column.currency}"
        rate = f"; planned in {plan.currency} at {paid}"
    return (
        f"{name}{source}: {proof}, gap {gap_percent(plan.objective.gap)}; "
        f"sha256 {plan.scenario.sha256[:16]}; creatormix {plan.version}{rate}"
    )
