"""What a chart of the page is: a drawing for wide screens and one for phones and print, its finding and its data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from optimizer.report.layout.parts import Table
from optimizer.report.page.colours import light

Spec = dict[str, Any]
"""A Vega-Lite specification."""
Rows = list[dict[str, Any]]

WIDE = 520
"""Pixels of a chart beside another one on a screen."""
NARROW = 328
"""Pixels of a chart on a phone, and of two side by side on A4."""
FULL = 920
"""Pixels of a chart over the whole page: as wide as still reads well when A4 shrinks it."""
TITLE_ON_TOP = {"titleAngle": 0, "titleAlign": "left", "titleBaseline": "bottom", "titleX": -30, "titleY": -9}
"""Places the title of an upward axis over it, where no font is too wide for it."""
FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'


@dataclass(frozen=True)
class Chart:
    """One chart.

    Attributes:
        key: its name in addresses; unique on a page, lower-case letters and hyphens.
        title: what it shows.
        finding: what it says, with the numbers: the text for whoever does not see it.
        wide: Vega-Lite for screens.
        narrow: Vega-Lite for phones and print.
        table: its data.
        takeaway: the finding in one short sentence, shown above the drawing; "" where the title says it all.
        notes: how to read it.
        full: whether it takes the whole width of the page.
    """

    key: str
    title: str
    finding: str
    wide: Spec
    narrow: Spec
    table: Table
    takeaway: str = ""
    notes: str = ""
    full: bool = False


def drawing(width: float, height: float, layers: list[Spec], **more: Any) -> Spec:
    """A chart of layers that fits into so many pixels, axes included."""
    return {
        **_head(),
        "width": width,
        "height": height,
        "autosize": {"type": "fit", "contains": "padding"},
        "layer": layers,
        **more,
    }


def row_of(panels: list[Spec], spacing: float, *, stacked: bool = False) -> Spec:
    """Panels side by side, or below each other; each has its own width."""
    return {**_head(), "vconcat" if stacked else "hconcat": panels, "spacing": spacing}


def data(rows: Rows) -> Spec:
    """Data of a chart or a layer."""
    return {"values": rows}


def text(field: str, colour: str = "ink", *, size: float = 11, **more: Any) -> Spec:
    """A layer of text."""
    mark = {"type": "text", "color": light(colour), "fontSize": size, **more.pop("mark", {})}
    encoding = {"text": {"field": field, "type": "nominal"}, **more.pop("encoding", {})}
    return {"mark": mark, "encoding": encoding, **more}


def room_for(labels: Iterable[str]) -> Spec:
    """Room beside an upward axis for its numbers in the widest of usual fonts: paper cuts off what stands out."""
    return {"minExtent": 7 * max((len(label) for label in labels), default=1) + 6}


def place(field: str, **more: Any) -> Spec:
    """A quantitative position."""
    return {"field": field, "type": "quantitative", **more}


def tips(**titles: str) -> list[Spec]:
    """A tooltip: fields of ready-made text and their titles."""
    return [{"field": name, "type": "nominal", "title": title} for name, title in titles.items()]


def _head() -> Spec:
    ink, muted, hairline, mark = (light(name) for name in ("ink", "muted", "hairline", "mark"))
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "background": None,
        "padding": 1,
        "config": {
            "aria": False,
            "font": FONT,
            "view": {"stroke": None},
            "text": {"font": FONT, "fontSize": 11, "color": ink},
            "title": {"color": ink, "subtitleColor": muted, "fontSize": 12, "subtitleFontSize": 11,
                      "fontWeight": 600, "anchor": "start", "subtitlePadding": 2, "offset": 6},
            "axis": {"labelColor": muted, "titleColor": muted, "labelFontSize": 11, "titleFontSize": 11,
                     "titleFontWeight": "normal", "gridColor": hairline, "domainColor": mark, "tickColor": mark,
                     "tickSize": 4, "labelPadding": 4, "titlePadding": 8, "labelLimit": 170},
            "axisY": {"domain": False, "ticks": False},
            "legend": {"labelColor": muted, "titleColor": muted, "labelFontSize": 11, "titleFontSize": 11,
                       "titleFontWeight": "normal", "symbolStrokeWidth": 0},
        },
    }  # fmt: skip
