"""Frontier -> sections for text and Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from optimizer.finance.frontier.findings import (
    counts_things,
    held_by,
    is_money_by_hours,
    priced,
    rows_of,
)
from optimizer.finance.frontier.result import Frontier, FrontierPoint, amounts_of
from optimizer.finance.frontier.turning_points import marginals
from optimizer.finance.frontier.words import axis_value, is_share, result_text
from optimizer.language.measures import one_of
from optimizer.language.numbers import (
    UNKNOWN,
    cases,
    measured,
    money_digits,
    number,
    printable,
    rounded_to_total,
    short,
    significant,
    tenths,
)
from optimizer.language.statuses import STATUS_WORDS
from optimizer.report.layout.parts import Section, Sentences, Table

MOST_ROWS = 45
"""Rows of a curve on the screen; files have all of them."""


GIVEN_UP = (
    "These are the best values; the plans give some of them up for the next objective, as the scenario asks."
)
HELD = {"effort_hours": "hours"}
"""Limits that a narrow column shortens."""


def frontier_sections(f: Frontier, *, every_point: bool = False) -> Iterator[Section]:
    """The whole report: what it is, the findings, then the table or the maps behind them."""
    yield Sentences("", [_headline(f), *([GIVEN_UP] if gives_up(f) else [])])
    if f.sentences:
        yield Sentences("Findings", [printable(line) for line in f.sentences], "findings")
    if len(f.axes) == 1:
        yield _curve(f, every_point)
    else:
        yield from _maps(f)


def _headline(f: Frontier) -> str:
    what = f"{'Most' if f.sense == 'maximize' else 'Least'} {printable(f.measure).replace('_', ' ')}"
    places = []
    for axis in f.axes:
        low, high = axis_value(axis, axis.values[0], unit=False), axis_value(axis, axis.values[-1])
        places.append(
            f"{printable(axis.label)} from {low} to {high}"
            if len(axis.values) > 1
            else f"{printable(axis.label)} at {high}"
        )
    planned = [point.best for point in f.points if point.best is not None]
    text = f"{what} for {' and '.join(places)}: "
    if not planned:
        return text + "no point has a plan."
    least, most = min(planned), max(planned)
    spread = result_text(f, most) if least == most else f"{measured(least)} to {result_text(f, most)}"
    now = ""
    if f.today is not None and f.today.best is not None:
        at = " and ".join(axis_value(a, v) for a, v in zip(f.axes, f.today.at, strict=True))
        now = f"; today ({at}) {measured(f.today.value)}"
        if f.today.value != f.today.best:
            now += f" of {measured(f.today.best)} possible"
    return text + spread + now + "."


# --- curves ------------------------------------------------------------------------------------------------


def _curve(f: Frontier, every_point: bool) -> Table:
    axis = f.axes[0]
    points = _chosen(f, every_point)
    if f.today is not None and f.today.at[0] not in axis.values:
        points = sorted([*points, f.today], key=lambda point: point.at[0])
    # between the rows that are shown: today's may stand between two points, and long curves are thinned
    steps = marginals(points)
    scale = 0.01 if is_share(axis) else 1.0
    per_unit = {m.high: m.cost_of_each if priced(f) else m.per_unit * scale for m in steps}
    each = counts_things(f) and any(p.totals is not None and p.totals.cost is not None for p in f.points)
    costs = f.measure != "cost" and any(p.totals is not None and p.totals.cost is not None for p in f.points)
    hours = f.measure != "hours" and any(
        p.totals is not None and p.totals.hours is not None for p in f.points
    )
    unit = "point" if is_share(axis) else printable(one_of(axis.unit)) if axis.unit else "1 more"
    per = f"{f.currency} each" if priced(f) else f"per {unit}"
    chosen = [
        (printable(axis.label if len(axis.label) <= 16 else axis.what), True, True),
        ("possible" if gives_up(f) else "result", True, True),
        (per, True, bool(steps) and not (priced(f) and gives_up(f))),
        ("result" if gives_up(f) else "in plan", True, gives_up(f)),
        (per, True, bool(steps) and priced(f) and gives_up(f)),
        ("cost", True, costs),
        ("average", True, each),
        ("hours", True, hours),
        ("% of money" if costs or f.measure == "cost" else "% of creators", False, True),
        ("held by", False, True),
    ]
    rows, strong = [], set()
    for position, point in enumerate(points):
        at = axis_value(axis, point.at[0], unit=False)
        if f.today is not None and point.at == f.today.at:
            strong.add(position)
            at = f"*{at}"
        row = [at, *_cells(f, point, per_unit.get(point.at[0]))]
        rows.append([cell for cell, (_, _, wanted) in zip(row, chosen, strict=True) if wanted])
    columns = [(name, numeric) for name, numeric, wanted in chosen if wanted]
    left_out = len(f.points) - sum(point in f.points for point in points)
    plain = is_share(axis) or not axis.unit or axis.unit in axis.label.split()
    about = printable(axis.label) + ("" if plain else f" in {printable(axis.unit)}")
    note = f"{_capital(about)}, result in {printable(f.unit)}{_sure(f)}{'; *: today' if strong else ''}."
    if gives_up(f):
        note += " Possible: before some of it is given up for the next objective; all else is of the plan."
    if steps and priced(f):
        note += f" {f.currency} each: what each further one since the point above costs, by what is spent"
        note += "; average: cost / result."
    elif steps:
        note += f" Per {unit}: what each further {unit} since the point above changes in the "
        note += "possible result." if gives_up(f) else "result."
    if each and not (steps and priced(f)):
        note += f" Average: cost / result, in {f.currency}."
    if left_out:
        note += f" {left_out} points between these are left out; --format csv has all."
    return Table(
        "Curve", [name for name, _ in columns], rows, [n for _, n in columns], frozenset(strong), note
    )


def gives_up(f: Frontier) -> bool:
    """Whether plans give some of the first objective up for the next one."""
    return any(point.value != point.best for point in f.points)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cells(f: Frontier, point: FrontierPoint, per_unit: float | None) -> list[str]:
    if point.value is None or point.totals is None:
        return [STATUS_WORDS[point.status].cell, *[""] * 8]
    totals = point.totals
    price = totals.cost / point.value if totals.cost is not None and point.value > 0 else None
    return [
        measured(point.best),
        "" if per_unit is None else significant(per_unit),
        measured(point.value),
        "" if per_unit is None else significant(per_unit),
        number(totals.cost, money_digits([totals.cost], f.currency) if (totals.cost or 0) < 1000 else 0),
        UNKNOWN if price is None else significant(price),
        tenths(totals.hours),
        re.sub(r" (?=[\d<])", "\N{NO-BREAK SPACE}", mix_text(point)),
        printable(", ".join(HELD.get(name, name) for name in point.binding)) or UNKNOWN,
    ]


def _chosen(f: Frontier, every_point: bool) -> list[FrontierPoint]:
    """All points, or as many as fit a screen: both ends, evenly between, and where the lead turns."""
    if every_point or len(f.points) <= MOST_ROWS:
        return list(f.points)
    step = -(-len(f.points) // (MOST_ROWS - 10))
    turns = [turn for turn in f.turns if turn.kind == "turns"][:4]
    places = {place for turn in turns for place in (turn.below, turn.at)}
    places |= {place for s in f.stretches[:2] for place in (s.low, s.high)}
    if f.today is not None:
        places.add(f.today.at[0])
    last = len(f.points) - 1
    return [p for i, p in enumerate(f.points) if i % step == 0 or i == last or p.at[0] in places]


def shares_of(point: FrontierPoint) -> dict[str, float]:
    """Share of each group in the cost; in the creators where cost is not known. Empty without bookings."""
    _, amounts = amounts_of(point.mix)
    whole = sum(amounts.values())
    return {group: amount / whole for group, amount in amounts.items()} if whole else {}


def mix_text(point: FrontierPoint) -> str:
    """`macro 80, micro 20`, in percent, the largest first; they add up to 100."""
    shares = shares_of(point)
    if not shares:
        return "nobody"
    rounded = dict(zip(shares, rounded_to_total([100 * s for s in shares.values()], 0, 100.0), strict=True))
    ordered = sorted(shares, key=lambda group: -shares[group])
    return ", ".join(
        f"{printable(group)} {number(rounded[group])}" if rounded[group] else f"{printable(group)} <1"
        for group in ordered
    )


# --- maps --------------------------------------------------------------------------------------------------


def _maps(f: Frontier) -> Iterator[Table]:
    down, across = f.axes
    head = f"{printable(down.label)} down ({_unit(down.unit)}), {printable(across.label)} across ({_unit(across.unit)})"
    cells = [[_value_cell(f, point) for point in row] for row in rows_of(f)]
    brackets = " In brackets: today." if f.today is not None and f.today in f.points else ""
    note = f"{_capital(head)}.{brackets}"
    yield _matrix(
        f, f"Most {f.unit}" if f.sense == "maximize" else f"Least {printable(f.measure)}", cells, note
    )
    leads = [
        [printable(point.leader or ("nobody" if point.value is not None else "")) for point in row]
        for row in rows_of(f)
    ]
    yield _matrix(f, "Largest share of the money", leads, f"By {f.mix_by}.")
    if is_money_by_hours(f):
        held = [[held_by(point) if point.value is not None else "" for point in row] for row in rows_of(f)]
        yield _matrix(f, "What holds the plan", held, "")


def _unit(unit: str) -> str:
    return printable(unit) or "share"


def _value_cell(f: Frontier, point: FrontierPoint) -> str:
    if point.best is None:
        return STATUS_WORDS[point.status].cell
    text = short(point.best) if abs(point.best) >= 100 else measured(point.best)
    return f"[{text}]" if f.today is not None and point.at == f.today.at else text


def _matrix(f: Frontier, title: str, cells: list[list[str]], note: str) -> Table:
    down, across = f.axes
    rows = [
        [axis_value(down, value, unit=False), *row] for value, row in zip(down.values, cells, strict=True)
    ]
    columns = ["", *(axis_value(across, value, unit=False) for value in across.values)]
    return Table(title, columns, rows, [True] * len(columns), note=note)


def _sure(f: Frontier) -> str:
    """How sure the results are, where the objective has a confidence."""
    return "" if f.confidence is None else f", reached in {cases(f.confidence)}"
