"""Pictures of the documents, as `python -m tests.pictures`: the page of a plan (by Chromium), a bridge, benchmarks.

Apart from `tests.regenerate`, which needs no browser. Each stays under 230 kB.
"""

from __future__ import annotations

import struct
import sys
import tempfile
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from optimizer import load_scenario, optimize
from optimizer.benchmarks.figures import DEFAULT_FORMATS
from optimizer.benchmarks.making.compose import FIELDS
from optimizer.benchmarks.making.observations import PLATFORMS, observations
from optimizer.benchmarks.making.source import source_rows
from optimizer.benchmarks.making.stated import stated
from optimizer.benchmarks.packaged import load_set
from optimizer.finance.compare.compare import compare
from optimizer.finance.frontier.around import around_today
from optimizer.report.page.bridges import bridge_chart
from optimizer.report.page.chart import NARROW, row_of
from optimizer.report.page.of_benchmarks import DRAWN, SIZES, Cited, curve_drawing
from optimizer.report.page.pages import plan_page
from optimizer.report.page.render import png
from optimizer.report.page.risk import distribution_chart
from tests.documents import ROOT
from tests.programs import require

IMAGES = ROOT / "docs" / "images"
MOST_BYTES = 230_000
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-lcd-text",
]  # grey letters: half of the bytes
BOLD: dict[str, Any] = {
    "name": "Bold",
    "budget": 130_000,
    "effort_hours": 900,
    "fees": {"agency": 0.12, "contingency": 0.05},
}
"""What differs in the picture of the bridge: the README's bold.yaml."""


def page_picture() -> bytes:
    """The top of the page of launch-us: the answer, key figures and charts."""
    from playwright.sync_api import sync_playwright

    scenario = load_scenario(ROOT / "scenarios" / "launch-us.yaml")
    text = plan_page(optimize(scenario), *around_today(scenario))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "plan.html"
        file.write_text(text.replace("</style>", "figcaption { display: none }</style>"), encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=require("chromium"), args=FLAGS)
        page = browser.new_context(
            viewport={"width": 1120, "height": 900}, java_script_enabled=False
        ).new_page()
        page.goto(file.as_uri())
        end = page.locator("section.charts").first.locator(".plot").last.bounding_box()
        assert end is not None
        shot: bytes = page.screenshot(
            full_page=True, clip={"x": 0, "y": 0, "width": 1120, "height": end["y"] + end["height"] + 24}
        )
        browser.close()
    return packed(shot)


def packed(picture: bytes) -> bytes:
    """The same PNG with its data deflated as far as it goes; browsers prefer to be quick."""
    kept, pixels, at = [], b"", 8
    while at < len(picture):
        (size,) = struct.unpack(">I", picture[at : at + 4])
        chunk = picture[at : at + 12 + size]
        if chunk[4:8] == b"IDAT":
            pixels += chunk[8:-4]
        else:
            kept.append(chunk)
        at += 12 + size
    body = b"IDAT" + zlib.compress(zlib.decompress(pixels), 9)
    whole = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return b"".join([picture[:8], *kept[:-1], whole, kept[-1]])


def bridge_picture() -> bytes:
    """The bridge from launch-us to the README's bold budget."""
    base = load_scenario(ROOT / "scenarios" / "launch-us.yaml")
    comparison = compare([base, base.with_changes(BOLD)])
    chart = bridge_chart(comparison.bridges[0], comparison.currency, "bridge")
    assert chart is not None
    return packed(png(chart.wide))


def ranges_picture() -> bytes:
    """What the engagements of launch-us may come to, as on its page."""
    plan = optimize(load_scenario(ROOT / "scenarios" / "launch-us.yaml"))
    assert plan.risk is not None
    chart = distribution_chart(plan, plan.risk)
    assert chart is not None
    return packed(png(chart.wide))


def benchmark_picture(platform: str) -> bytes:
    """Fee, reach rate and engagement rate of a platform's usual format: cited figures, curve, band."""
    benchmarks = load_set("global-2026")
    format = DEFAULT_FORMATS[platform]
    panels = []
    for field, kind in FIELDS.items():
        curve = next(
            c for c in benchmarks.curves if (c.field, c.platform, c.format) == (field, platform, format)
        )
        title = f"{DRAWN[field]}, {'USD' if kind == 'fee' else '%'}" + (
            f" of {curve.base}" if curve.base else ""
        )
        at = [(float(size), curve.at(float(size))) for size in SIZES]
        panels.append(curve_drawing(field, at, title, NARROW, cited=_cited(kind, platform)))
    return packed(png(row_of(panels, 24)))


def _cited(kind: str, platform: str) -> list[Cited]:
    """Rows about a platform's usual format that print this very number, at the middle of their band."""
    found = []
    for row in observations(source_rows(), stated()):
        others = {name.partition("@")[0].strip("/") for name in row.coefficients if "@" in name}
        if row.kind == kind and row.row.platform == platform and others == {kind}:
            if any(":" in name for name in row.coefficients):
                continue
            found.append(Cited(10 ** (row.size + 5), 10**row.value, row.row.evidence))
    return found


def main() -> None:
    """Write all; with names as arguments, only those."""
    IMAGES.mkdir(exist_ok=True)
    pictures: dict[str, Callable[[], bytes]] = {
        "plan-page.png": page_picture, "bridge.png": bridge_picture, "ranges.png": ranges_picture,
    }  # fmt: skip
    pictures |= {f"benchmarks-{p}.png": partial(benchmark_picture, p) for p in PLATFORMS}
    for name in sys.argv[1:] or pictures:
        picture = pictures[name]()
        assert len(picture) < MOST_BYTES, f"{name} is too large: {len(picture)} bytes"
        (IMAGES / name).write_bytes(picture)
        print(f"wrote docs/images/{name}, {len(picture):,} bytes")


if __name__ == "__main__":
    main()
