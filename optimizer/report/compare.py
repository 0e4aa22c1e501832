"""A comparison as sentences and tables, most important first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from optimizer.comparison import Column, ComparedLimit, Comparison, Figure, GroupFigures, Step, figure_of
from optimizer.measures import RATIOS, cost_of_each, unit_of
from optimizer.pinned import GROUPS
from optimizer.plan import LimitResult
from optimizer.report.bridge import bridge_sections, bridge_sentence, digits_for, round_to, signed
from optimizer.report.format import (
    UNKNOWN,
    gap_percent,
    measured,
    number,
    percent,
    plain_number,
    printable,
    significant,
)
from optimizer.report.further import each_further
from optimizer.report.lines import tenths
from optimizer.report.parts import Section, Sentences, Table
from optimizer.report.sections import asked_for

MOST_INPUTS = 40
"""Lines of input differences on the screen; Markdown, JSON and workbook have all."""

MAX_VALUE = 20
"""Inputs longer than this are words, which are set flush left and folded."""


def comparison_sections(comparison: Comparison, *, every_input: bool = False) -> Iterator[Section]:
    """The whole report: findings, results, tiers and platforms, limits, inputs, bridges."""
    yield Sentences("", list(comparison.sentences))
    yield from _results(comparison)
    for title, groups in (("By tier", comparison.by_tier), ("By platform", comparison.by_platform)):
        if groups and any(group.group != "other" for group in groups):
            yield _groups_table(title, comparison, groups)
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


def sentences(comparison: Comparison) -> list[str]:
    """The findings: what each scenario brings against the base, why, and which have no plan."""
    base = comparison.columns[0]
    found = []
    if base.plan is None:
        why = printable(base.message).rstrip(".")
        found.append(
            f"The base, {printable(base.name)}, has no plan, so nothing can be compared with it: {why}."
        )
    bridges = {bridge.other: bridge for bridge in comparison.bridges}
    for position, column in enumerate(comparison.columns[1:], 1):
        if column.plan is not None and base.plan is not None:
            found.append(_against_base(comparison, position))
            if column.name in bridges:
                why = bridge_sentence(bridges[column.name], comparison.currency, comparison.measure)
                found += [why] if why else []
    for column in comparison.columns:
        if column.plan is None:
            if column is not base:
                why = printable(column.message).rstrip(".")
                found.append(f"{printable(column.name)} has no plan: {why}.")
        elif column.status == "feasible":
            gap = column.plan.objective.gap
            most = (
                "how far from the best is not known"
                if gap is None
                else f"at most {gap_percent(gap)} better is possible"
            )
            found.append(f"{printable(column.name)} was stopped before the proof: {most}.")
    return found


def _against_base(comparison: Comparison, position: int) -> str:
    """One scenario against the base in one sentence."""
    base, other = (printable(comparison.columns[i].name) for i in (0, position))
    goal = comparison.figures[0]
    cost = next((f for f in comparison.figures if f.measure == "cost"), None)
    verb = "brings" if comparison.sense == "maximize" else "needs"
    more = goal.differences[position]
    if more is None:
        return f"{other}: its {printable(goal.label)} cannot be compared with {base}'s."
    text = f"{other} {verb} {_than(goal, position, comparison, base)}"
    if cost is None or goal is cost or cost.differences[position] is None:
        return f"{text}."
    paid = cost.differences[position] or 0.0
    text += f" for {_than(cost, position, comparison)}"
    price = cost_of_each(paid, more)
    if comparison.sense == "maximize" and price is not None and goal.measure not in ("revenue", "profit"):
        text += f"; {each_further(goal.measure, comparison.currency, price, more=more > 0)}"
    return f"{text}."


def _than(figure: Figure, position: int, comparison: Comparison, base: str = "") -> str:
    """A difference in words: "11,140 more engagements than A (+20.6 %)"; money without cents."""
    difference, share = figure.differences[position] or 0.0, figure.shares[position]
    unit = f" {printable(figure.unit)}" if figure.unit else ""
    of = f" of {figure.measure}" if figure.measure in ("revenue", "profit") else ""
    shown_digits = digits_for(figure.measure, figure.values, comparison.currency)
    rounded = _rounded_difference(figure, position, shown_digits)
    if not difference or not rounded:
        return f"the same {printable(figure.label)}" + (f" as {base}" if base else "")
    size = number(abs(rounded), 0 if abs(difference) >= 100 else shown_digits)
    if figure.unit in (comparison.currency, "hours"):
        text = f"{size}{unit}{of} {'more' if difference > 0 else 'less'}"
    else:
        text = f"{size} {'more' if difference > 0 else 'fewer'}{unit}"
    return (
        text
        + (f" than {base}" if base else "")
        + (f" ({signed_percent(share)})" if share is not None else "")
    )


def _rounded_difference(figure: Figure, position: int, digits: int) -> float:
    """The difference of two numbers as they are printed, so that a reader can check it."""
    value, base = figure.values[position], figure.values[0]
    if value is None or base is None:
        return 0.0
    return round_to(round_to(value, digits) - round_to(base, digits), digits)


def signed_percent(share: float | None) -> str:
    """A change in percent: +12.3 %."""
    if share is None:
        return ""
    return percent(share) if share <= 0 else f"+{percent(share)}"


def shown(figure: Figure, value: float | None, comparison: Comparison) -> str:
    """A value of a figure in as many decimals as the others in its row."""
    return number(value, digits_for(figure.measure, figure.values, comparison.currency))


def more_is_better(comparison: Comparison, measure: str) -> bool:
    """Whether a rise of a measure is good news: by the objective, else by what the measure is."""
    if measure == comparison.measure:
        return comparison.sense == "maximize"
    return measure not in ("cost", "hours", "creators", "posts") and measure not in RATIOS


def relevant(comparison: Comparison) -> list[Figure]:
    """The figures worth a line: what is 0 or nobody's wish everywhere is left out."""
    plans = [column.plan for column in comparison.columns if column.plan is not None]
    goals = {goal.measure for plan in plans for goal in plan.objectives}
    wanted = {m for m in ("clicks", "conversions") if any(asked_for(plan, m) for plan in plans)}
    quiet = (
        {"clicks", "cpc", "conversions", "cpa", "gross_reach", "posts", "revenue", "profit"} - goals - wanted
    )
    if "clicks" in wanted:
        quiet -= {"cpc"}
    if "conversions" in wanted:
        quiet -= {"cpa", "revenue", "profit"}
    return [f for f in comparison.figures if f.measure not in quiet]


def _names(comparison: Comparison) -> list[str]:
    return [printable(column.name) for column in comparison.columns]


def _results(comparison: Comparison) -> Iterator[Section]:
    figures = relevant(comparison)
    if not figures:
        return
    names = _names(comparison)
    labels = [_label(figure) for figure in figures]
    if len(names) == 2:
        rows = [
            [
                label,
                *(shown(f, v, comparison) for v in f.values),
                _difference(f, 1, comparison),
                _share(f, 1, comparison),
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
            share, change = _share(f, i, comparison), _difference(f, i, comparison)
            cells.append(change + (f" ({share})" if share and change.strip("0.,") else ""))
        changes.append([label, *cells])
    yield Table(
        f"Change from {names[0]}",
        ["", *names[1:]],
        changes,
        [False] + [True] * (len(names) - 1),
        frozenset({0}),
    )


def _share(figure: Figure, position: int, comparison: Comparison) -> str:
    """A change in percent; 0 % where nothing of it is left in the digits that are printed."""
    share = figure.shares[position]
    seen = share and _difference(figure, position, comparison).strip("0.,")
    return signed_percent(share if seen or share is None else 0.0)


def _label(figure: Figure) -> str:
    return printable(
        f"{figure.label}, {figure.unit.partition(' per ')[0]}" if _is_money(figure) else figure.label
    )


def _is_money(figure: Figure) -> bool:
    return figure.measure in RATIOS or figure.measure in ("cost", "revenue", "profit")


def _difference(figure: Figure, position: int, comparison: Comparison) -> str:
    if figure.differences[position] is None:
        return UNKNOWN
    digits = digits_for(figure.measure, figure.values, comparison.currency)
    return signed(_rounded_difference(figure, position, digits), digits)


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
                rows.append([f"  {_label(figure)}", *_cells(figure, comparison, two=two)])
    columns = ["", *names, *(["change", "%"] if two else [])]
    changes = not two and any("(" in cell for row in rows for cell in row[2:])
    note = f"In brackets the change from {names[0]}." if changes else ""
    return Table(title, columns, rows, [False] + [True] * (len(columns) - 1), frozenset(strong), note)


def _cells(figure: Figure, comparison: Comparison, *, two: bool) -> list[str]:
    cells = [shown(figure, value, comparison) for value in figure.values]
    shares = [_share(figure, i, comparison) if share else "" for i, share in enumerate(figure.shares)]
    if two:
        return [*cells, _difference(figure, 1, comparison), _share(figure, 1, comparison)]
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
        if limit.measure in ("cost", "revenue", "profit"):
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
