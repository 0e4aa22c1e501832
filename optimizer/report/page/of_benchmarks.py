"""What the benchmarks say of a creator, by size, as a page: fee, reach rate and engagement rate with their ranges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from optimizer.benchmarks.answer import Answer
from optimizer.benchmarks.figures import Figure
from optimizer.benchmarks.lookup import Benchmarks
from optimizer.language.numbers import percent, plain_number, printable
from optimizer.report.layout.parts import Sentences, Table
from optimizer.report.page.chart import (
    NARROW,
    TITLE_ON_TOP,
    WIDE,
    Chart,
    Rows,
    Spec,
    data,
    drawing,
)
from optimizer.report.page.colours import light
from optimizer.report.page.document import Block, Charts, Page
from optimizer.report.sections.benchmarks import answer_sections, answer_title

DRAWN = {"cost_per_post": "Fee of a post", "reach_rate": "Reach rate", "engagement_rate": "Engagement rate"}
"""Fields that follow size -> title of their chart."""
SIZES = tuple(round(10 ** (3 + step / 8)) for step in range(33))
"""1,000 to 10 million followers, eight to a power of ten."""
_SHOWN = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
_HEIGHT = 260


class Cited(NamedTuple):
    """A figure of a source, to be drawn beside the curve: the value at so many followers, on which evidence."""

    followers: float
    value: float
    evidence: str


def page_of_benchmarks(benchmarks: Benchmarks, found: Answer) -> Page:
    """The answer for one creator, and how it follows size."""
    lead, *rest = answer_sections(found)
    assert isinstance(lead, Sentences)
    charts = [chart for field in DRAWN if (chart := _chart(benchmarks, found, field)) is not None]
    blocks: list[Block] = [Charts("By number of followers", charts), *rest]
    return Page(
        kind="Benchmarks",
        title=answer_title(benchmarks, found),
        lead=lead.lines[0],
        proof="",
        proven=False,
        lines=lead.lines[1:],
        tiles=[],
        blocks=blocks,
        foot=f"{printable(benchmarks.name)}, sources read until {printable(benchmarks.sets[-1].as_of)}",
    )


def _chart(benchmarks: Benchmarks, found: Answer, field: str) -> Chart | None:
    at = [
        (size, each.figure)
        for size in SIZES
        if (each := benchmarks.figure(field, found.place._replace(followers=float(size)))) is not None
    ]
    here = found.fields.get(field)
    if not at or here is None:
        return None
    unit = found.currency if field == "cost_per_post" else "%"
    title = f"{DRAWN[field]}, {unit}" + (f" of {here.figure.base}" if here.figure.base else "")
    show = plain_number if field == "cost_per_post" else percent
    rows = [
        [f"{size:,}", show(f.typical), f"{show(f.low)} to {show(f.high)}"] for size, f in at if size in _SHOWN
    ]
    finding = (
        f"At {found.followers:,.0f} followers typically {show(here.figure.typical)}; 8 in 10 sources between "
        f"{show(here.figure.low)} and {show(here.figure.high)}."
    )
    wide, narrow = (
        curve_drawing(field, at, title, width, marked=(found.followers, here.figure))
        for width in (WIDE, NARROW)
    )
    columns = ["followers", "typical", "8 in 10 sources"]
    return Chart(
        field.replace("_", "-"), title, finding, wide, narrow, Table("", columns, rows, [True, True, True]),
        finding, "Line: typical value; band: 8 in 10 sources. Both axes by factors of ten.",
    )  # fmt: skip


def curve_drawing(
    field: str,
    at: Sequence[tuple[float, Figure]],
    title: str,
    width: float,
    *,
    marked: tuple[float, Figure] | None = None,
    cited: Sequence[Cited] = (),
) -> Spec:
    """A curve with its band on two logarithmic axes; with the point that was asked for, or with cited figures."""
    times = 1.0 if field == "cost_per_post" else 100.0
    rows: Rows = [
        {"followers": size, "typical": f.typical * times, "low": f.low * times, "high": f.high * times}
        for size, f in at
    ]
    x = {
        "field": "followers", "type": "quantitative", "scale": {"type": "log", "domain": [SIZES[0], SIZES[-1]]},
        "axis": {"title": "followers", "format": "~s", "values": list(_SHOWN), "grid": False},
    }  # fmt: skip
    powers = [10.0**power for power in range(-3, 8)]
    axis = {"title": title, **TITLE_ON_TOP, "values": powers, "format": "~s" if times == 1 else "~g"}
    y = {"type": "quantitative", "scale": {"type": "log"}, "axis": axis}
    layers: list[Spec] = [
        {"mark": {"type": "area", "color": light("heat2")}, "data": data(rows),
         "encoding": {"x": x, "y": {"field": "low", **y}, "y2": {"field": "high"}}},
    ]  # fmt: skip
    if cited:
        points = [{"followers": c.followers, "value": c.value * times, "evidence": c.evidence} for c in cited]
        layers.append({
            "mark": {"type": "point", "filled": True, "size": 34, "opacity": 0.75, "clip": True}, "data": data(points),
            "encoding": {
                "x": x, "y": {"field": "value", **y},
                "color": {"field": "evidence", "type": "nominal", "scale": _EVIDENCE,
                          "legend": {"title": None, "orient": "bottom"}},
                "shape": {"field": "evidence", "type": "nominal", "scale": {"domain": _EVIDENCE["domain"]},
                          "legend": {"title": None, "orient": "bottom"}},
            },
        })  # fmt: skip
    layers.append({
        "mark": {"type": "line", "color": light("accent"), "strokeWidth": 2}, "data": data(rows),
        "encoding": {"x": x, "y": {"field": "typical", **y}},
    })  # fmt: skip
    if marked is not None:
        followers, figure = marked
        point = [{"followers": followers, "typical": figure.typical * times}]
        layers.append({
            "mark": {"type": "point", "filled": True, "size": 90, "color": light("warn")}, "data": data(point),
            "encoding": {"x": x, "y": {"field": "typical", **y}},
        })  # fmt: skip
    return drawing(width, _HEIGHT, layers)


_EVIDENCE = {
    "domain": ["transaction", "measured", "survey", "rate card", "opinion"],
    "range": [light(name) for name in ("warn", "mid", "mega", "micro", "mark")],
}
