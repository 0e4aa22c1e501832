"""The map of a frontier of two axes: the best result as a colour, who leads as a word, today as a marker."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from optimizer.finance.frontier.result import Axis, Frontier, FrontierPoint
from optimizer.finance.frontier.words import axis_value
from optimizer.language.names import tier_order
from optimizer.language.numbers import UNKNOWN, measured, printable, short
from optimizer.language.statuses import STATUS_WORDS
from optimizer.report.layout.parts import Table
from optimizer.report.page.chart import (
    FULL,
    NARROW,
    TITLE_ON_TOP,
    WIDE,
    Chart,
    Rows,
    Spec,
    data,
    drawing,
    place,
    room_for,
    text,
    tips,
)
from optimizer.report.page.colours import HEAT_STEPS, light
from optimizer.report.page.curve import axis_numbers, reached, takeaway_of, title_of, without_word

CODES = {"nano": "na", "micro": "mi", "mid": "md", "macro": "ma", "mega": "me"}
SMALLEST = 24
"""Pixels of a cell below which it carries no word."""


class Cell(NamedTuple):
    """A point of the map with its borders, half-way to its neighbours."""

    point: FrontierPoint
    column: int
    row: int
    left: float
    right: float
    bottom: float
    top: float


def map_chart(frontier: Frontier, *, full: bool = False) -> Chart | None:
    """The map of a frontier of two axes; None where it has no plan at all."""
    if len(frontier.axes) != 2 or all(reached(point) is None for point in frontier.points):
        return None
    cells = _cells(frontier)
    codes = _codes(frontier)
    wide, narrow = (_drawn(frontier, cells, codes, width) for width in (FULL if full else WIDE, NARROW))
    across, up = (printable(axis.label) for axis in frontier.axes)
    key = ", ".join(f"{code} {name}" for name, code in codes.items())
    money = (
        "the money"
        if any(point.mix and point.mix[0].cost is not None for point in frontier.points)
        else "creators"
    )
    notes = f"The stronger the colour, the more. The letters say who has most of {money}: {key}."
    if _place_of_today(frontier, cells) is not None:
        notes += " The diamond is today."
    verb = "Best" if frontier.sense == "maximize" else "Least"
    title = f"{verb} {printable(frontier.measure)} by {across} and {up}"
    return Chart(
        "map",
        title,
        _finding(frontier),
        wide,
        narrow,
        map_table(frontier),
        takeaway_of(frontier),
        notes,
        full,
    )


def map_table(frontier: Frontier) -> Table:
    """The map as a table: the first axis across, the second down, largest first."""
    across, down = frontier.axes
    width = len(down.values)
    rows = []
    for j in reversed(range(width)):
        cells = []
        for i in range(len(across.values)):
            point = frontier.points[i * width + j]
            value = reached(point)
            leader = f" {printable(point.leader)}" if point.leader else ""
            cells.append(without_word(point.status) if value is None else f"{short(value)}{leader}")
        rows.append([axis_value(down, down.values[j]), *cells])
    columns = [
        f"{printable(down.label)} \\ {printable(across.label)}",
        *(axis_value(across, v) for v in across.values),
    ]
    return Table("", columns, rows, [False] + [True] * len(across.values))


def _edges(values: Sequence[float]) -> list[float]:
    if len(values) == 1:
        return [values[0] - 0.5, values[0] + 0.5]
    middles = [(a + b) / 2 for a, b in pairwise(values)]
    return [values[0] - (middles[0] - values[0]), *middles, values[-1] + (values[-1] - middles[-1])]


def _cells(frontier: Frontier) -> list[Cell]:
    across, up = (_edges(axis.values) for axis in frontier.axes)
    height = len(frontier.axes[1].values)
    return [
        Cell(point, n // height, n % height, across[n // height], across[n // height + 1], up[n % height],
             up[n % height + 1])
        for n, point in enumerate(frontier.points)
    ]  # fmt: skip


def _codes(frontier: Frontier) -> dict[str, str]:
    """Each leader and its letters."""
    leaders = list(dict.fromkeys(point.leader for point in frontier.points if point.leader))
    leaders.sort(key=lambda name: tier_order(name))
    if all(name in CODES for name in leaders):
        return {name: CODES[name] for name in leaders}
    return {printable(name): chr(ord("A") + i) if i < 26 else "…" for i, name in enumerate(leaders)}


def _step(frontier: Frontier, value: float) -> int:
    values = [v for point in frontier.points if (v := reached(point)) is not None]
    low, high = min(values), max(values)
    share = (value - low) / (high - low) if high > low else 0.5
    return min(HEAT_STEPS, 1 + int(share * HEAT_STEPS))


def _drawn(frontier: Frontier, cells: list[Cell], codes: dict[str, str], width: int) -> Spec:
    across, up = frontier.axes
    columns, lines = len(across.values), len(up.values)
    size = (width - 62) / columns
    height = (
        min(360.0 if width > NARROW else 165.0, max(lines * min(38.0, max(20.0, size * 0.7)), 140.0)) + 48
    )
    rows: Rows = []
    for cell in cells:
        value = reached(cell.point)
        step = None if value is None else _step(frontier, value)
        leader = printable(cell.point.leader or "")
        code = codes.get(leader, "")
        rows.append(
            {
                "x": cell.left,
                "x2": cell.right,
                "y": cell.bottom,
                "y2": cell.top,
                "cx": cell.point.at[0],
                "cy": cell.point.at[1],
                "colour": light("hairline") if step is None else light(f"heat{step}"),
                "on": light("muted") if step is None else light(f"on{step}"),
                "code": "×" if step is None else leader if size > 50 and len(leader) < 6 else code,
                "number": "" if value is None else short(value),
                "across": axis_value(across, cell.point.at[0]),
                "up": axis_value(up, cell.point.at[1]),
                "result": STATUS_WORDS[cell.point.status].why
                if value is None
                else f"{measured(value)} {printable(frontier.unit)}",
                "leader": leader or UNKNOWN,
                "binding": ", ".join(printable(name) for name in cell.point.binding) or "nothing",
            }
        )
    ends = {"nice": False, "zero": False}
    few = max(1, -(-columns // max(2, int(width / 62))))
    x = place("x", scale={**ends, "domain": [cells[0].left, cells[-1].right]},
              axis={"title": title_of(across), "values": across.values[::few], "grid": False, "domain": False,
                    "ticks": False, **axis_numbers(across)})  # fmt: skip
    y = place("y", scale={**ends, "domain": [cells[0].bottom, cells[-1].top]},
              axis={"title": title_of(up), **TITLE_ON_TOP, "values": up.values[:: max(1, -(-lines // 9))],
                    "grid": False, **axis_numbers(up), **room_for(_marked(up))})  # fmt: skip
    tooltip = tips(across=printable(across.label), up=printable(up.label), result=printable(frontier.measure),
                   leader=f"leading {frontier.mix_by}", binding="held back by")  # fmt: skip
    as_is = {"type": "nominal", "scale": None, "legend": None}
    middle = {"x": {**x, "field": "cx"}, "y": {**y, "field": "cy"}, "tooltip": tooltip,
              "color": {"field": "on", **as_is}}  # fmt: skip
    layers: list[Spec] = [
        {"data": data(rows), "mark": {"type": "rect", "stroke": light("paper"), "strokeWidth": 1},
         "encoding": {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"},
                      "color": {"field": "colour", **as_is}, "tooltip": tooltip}},
        *_borders(frontier, cells, x, y),
    ]  # fmt: skip
    # today's number between round ones makes cells thinner than the others: each has the words it has room for
    pixels = (
        (width - 62) / (cells[-1].right - cells[0].left),
        (height - 48) / (cells[-1].top - cells[0].bottom),
    )
    both, alone = [], []
    for cell, row in zip(cells, rows, strict=True):
        broad, high = (cell.right - cell.left) * pixels[0], (cell.top - cell.bottom) * pixels[1]
        # words stand at the value, which is not the middle where the neighbours are unevenly far
        above, below = (cell.top - row["cy"]) * pixels[1], (row["cy"] - cell.bottom) * pixels[1]
        beside = 2 * min(row["cx"] - cell.left, cell.right - row["cx"]) * pixels[0]
        if high > 25 and min(above, below) > 11 and beside >= 34 and row["number"]:
            both.append(row)
        elif min(broad, beside) >= SMALLEST - 4 and min(above, below) > 5.5:
            alone.append(row if beside >= 34 else {**row, "code": "×" if not row["number"] else codes.get(
                str(row["leader"]), "")})  # fmt: skip
    for rows_of, mark, size_of in (
        (both, {"dy": -5, "fontWeight": 600}, ("code", 10)),
        (both, {"dy": 7}, ("number", 9)),
        (alone, {"fontWeight": 600}, ("code", 10)),
    ):
        if rows_of:
            layers.append(text(size_of[0], size=size_of[1], mark=mark, data=data(rows_of), encoding=middle))
    layers += _today(frontier, cells, x, y)
    return drawing(width, height, layers)


def _marked(axis: Axis) -> list[str]:
    """Its numbers about as the axis shows them."""
    large = max(abs(value) for value in axis.values) >= 1e6
    return [short(value) if large else axis_value(axis, value, unit=False) for value in axis.values]


def _borders(frontier: Frontier, cells: list[Cell], x: Spec, y: Spec) -> list[Spec]:
    """A line between cells with different leaders: where the mix turns."""
    height = len(frontier.axes[1].values)
    rows: Rows = []
    for n, cell in enumerate(cells):
        right = cells[n + height] if n + height < len(cells) else None
        above = cells[n + 1] if cell.row + 1 < height else None
        for other, line in (
            (right, {"x": cell.right, "x2": cell.right, "y": cell.bottom, "y2": cell.top}),
            (above, {"x": cell.left, "x2": cell.right, "y": cell.top, "y2": cell.top}),
        ):
            if other is not None and None is not cell.point.leader != other.point.leader is not None:
                rows.append(line)
    if not rows:
        return []
    mark = {"type": "rule", "color": light("ink"), "strokeWidth": 1.5}
    encoding = {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"}}
    return [{"data": data(rows), "mark": mark, "encoding": encoding}]


def _place_of_today(frontier: Frontier, cells: list[Cell]) -> tuple[float, float] | None:
    """Where today's numbers are; None where that is unknown or off the map."""
    across, up = (axis.today for axis in frontier.axes)
    if across is None or up is None:
        return None
    inside = cells[0].left <= across <= cells[-1].right and cells[0].bottom <= up <= cells[-1].top
    return (across, up) if inside else None


def _today(frontier: Frontier, cells: list[Cell], x: Spec, y: Spec) -> list[Spec]:
    across, up = frontier.axes
    place_of = _place_of_today(frontier, cells)
    if place_of is None:
        return []
    value = None if frontier.today is None else frontier.today.value
    rows: Rows = [{"x": place_of[0], "y": place_of[1], "across": axis_value(across, place_of[0]),
                   "up": axis_value(up, place_of[1]), "result": measured(value)}]  # fmt: skip
    nearest = min(cells, key=lambda c: (abs(c.point.at[0] - place_of[0]), abs(c.point.at[1] - place_of[1])))
    box: Rows = [{"x": nearest.left, "x2": nearest.right, "y": nearest.bottom, "y2": nearest.top}]
    tooltip = tips(across="today", up="and", result="this plan")
    exact = nearest.point.at == tuple(place_of)
    colour = {
        "type": "rect",
        "fill": light("paper"),
        "fillOpacity": 0,
        "stroke": light("loss"),
        "strokeWidth": 3,
    }
    corner = {"type": "point", "shape": "diamond", "filled": True, "size": 90, "color": light("loss"), "opacity": 1,
              "stroke": light("paper"), "strokeWidth": 1.5}  # fmt: skip
    if exact:  # beside the word of its cell, not over it
        rows[0] |= {"x": nearest.right, "y": nearest.top}
    around = {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"}}
    layers: list[Spec] = [{"data": data(box), "mark": colour, "encoding": around}] if exact else []
    return [*layers, {"data": data(rows), "mark": corner, "encoding": {"x": x, "y": y, "tooltip": tooltip}}]


def _finding(frontier: Frontier) -> str:
    across, up = frontier.axes
    solved = [(point, value) for point in frontier.points if (value := reached(point)) is not None]
    sign = 1 if frontier.sense == "maximize" else -1
    worst, best = (pick(solved, key=lambda item: sign * item[1]) for pick in (min, max))
    unit = printable(frontier.unit)

    def where(point: FrontierPoint) -> str:
        return f"{axis_value(across, point.at[0])} and {axis_value(up, point.at[1])}"

    parts = [
        f"From {measured(worst[1])} {unit} at {where(worst[0])} to {measured(best[1])} at {where(best[0])}",
    ]
    counts: dict[str, int] = {}
    for point, _ in solved:
        if point.leader:
            counts[point.leader] = counts.get(point.leader, 0) + 1
    for name in sorted(counts, key=lambda name: tier_order(name)):
        parts.append(f"{printable(name)} leads at {counts[name]} of {len(frontier.points)} points")
    missing = [without_word(point.status) for point in frontier.points if reached(point) is None]
    parts += [f"{word} at {missing.count(word)}" for word in dict.fromkeys(missing)]
    if frontier.today is not None and frontier.today.value is not None:
        parts.append(f"today: {measured(frontier.today.value)}")
    return "; ".join(parts) + "."
