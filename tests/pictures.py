"""Pictures for the README, as `python -m tests.pictures`: the page of a plan (by Chromium) and a bridge.

Apart from `tests.regenerate`, which needs no browser. Each stays under 200 kB.
"""

from __future__ import annotations

import struct
import tempfile
import zlib
from pathlib import Path
from typing import Any

from optimizer import load_scenario, optimize
from optimizer.finance.compare.compare import compare
from optimizer.finance.frontier.around import around_today
from optimizer.report.page.bridges import bridge_chart
from optimizer.report.page.pages import plan_page
from optimizer.report.page.render import png
from tests.documents import ROOT
from tests.programs import require

IMAGES = ROOT / "docs" / "images"
MOST_BYTES = 200_000
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
        end = page.locator("section.charts .plot").last.bounding_box()
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


def main() -> None:
    """Write both."""
    IMAGES.mkdir(exist_ok=True)
    for name, picture in (("plan-page.png", page_picture()), ("bridge.png", bridge_picture())):
        assert len(picture) < MOST_BYTES, f"{name} is too large: {len(picture)} bytes"
        (IMAGES / name).write_bytes(picture)
        print(f"wrote docs/images/{name}, {len(picture):,} bytes")


if __name__ == "__main__":
    main()
