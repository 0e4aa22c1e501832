"""Pages as a reader opens them: Chromium, network off, with JavaScript and without, on a phone, dark, on paper."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from optimizer import load_scenario
from optimizer.finance.compare.compare import compare
from optimizer.report.page.pages import comparison_page
from tests.pages import PAGES, plan
from tests.programs import needs, require
from tests.stories import FOLDER

pytestmark = needs("chromium")

QUIET = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
PAPER = 695
"""The width of A4 within the margins, at 96 pixels to the inch."""
DRAWN = "document.querySelectorAll('.chart').length === document.querySelectorAll('.chart.is-live .live svg').length"
every_page = pytest.mark.parametrize("name", PAGES)

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=require("chromium"), args=QUIET)
        yield found
        found.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


def until(page: Any, expression: str) -> None:
    """Wait until something is true; the page's own policy forbids Playwright's way of asking."""
    for _ in range(600):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(25)
    raise AssertionError(f"never true: {expression}")


@pytest.fixture
def opened(browser: Any, folder: Path) -> Open:
    """Open a page with the network off; a request, an error or a message on the console is a failure."""

    @contextmanager
    def visit(name: str, *, width: int = 1280, **settings: Any) -> Iterator[Any]:
        file = folder / f"{name}.html"
        if not file.exists():
            file.write_text(PAGES[name](), encoding="utf-8")
        wrong: list[str] = []
        context = browser.new_context(viewport={"width": width, "height": 800}, **settings)
        context.set_offline(True)
        page = context.new_page()
        page.on("console", lambda message: wrong.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on(
            "request",
            lambda request: (
                None if request.url == file.as_uri() else wrong.append(f"request: {request.url[:80]}")
            ),
        )
        page.goto(file.as_uri())
        if settings.get("java_script_enabled", True):
            until(page, DRAWN)
        yield page
        context.close()
        assert not wrong

    return visit


@every_page
def test_every_chart_is_drawn_without_an_error_or_a_request_and_fits_a_phone_and_paper(
    name: str, opened: Open
) -> None:
    with opened(name) as page:
        count = "all => all.map(e => e.querySelectorAll('path, line, text').length)"
        marks = page.eval_on_selector_all(".chart .live", count)
        assert marks
        assert all(number > 8 for number in marks)
        assert not page.locator(".still:visible").count(), "the still drawing has given way"
        before = page.locator(".live svg").first.get_attribute("width")
        page.set_viewport_size({"width": 360, "height": 740})
        until(page, f"document.querySelector('.live svg').getAttribute('width') !== '{before}'")
        no_wider_than(360, page)
        page.set_viewport_size({"width": PAPER, "height": 800})
        page.emulate_media(media="print")
        assert cut_off(page) == []


def cut_off(page: Any) -> list[str]:
    """Numbers and names of drawings that are not wholly on the paper."""
    drawn = "[...document.querySelectorAll('.still svg text')].filter(t => t.getBoundingClientRect().width"
    found: list[str] = page.evaluate(f"{drawn}).map(t => t.textContent)")
    assert found, "drawings are on paper"
    cut: list[str] = page.evaluate(
        f"{drawn} && (t.getBoundingClientRect().left < -1 || t.getBoundingClientRect().right > innerWidth + 1))"
        ".map(t => t.textContent)"
    )
    return cut


@every_page
def test_without_javascript_the_page_is_complete_and_fits_a_phone(name: str, opened: Open) -> None:
    with opened(name, java_script_enabled=False) as page:
        charts = page.locator(".chart").count()
        assert charts == page.locator(".chart .still.wide svg:visible").count()
        assert page.locator("section > .scroll table, .beside table").first.is_visible()
        page.locator("summary").first.click()
        assert page.locator("details[open] table").first.is_visible(), "data open without a script"
        page.set_viewport_size({"width": 360, "height": 740})
        assert charts == page.locator(".chart .still.narrow svg:visible").count()
        assert page.locator(".chart .still svg:visible").count() == charts
        no_wider_than(360, page)


def no_wider_than(width: int, page: Any) -> None:
    """Nothing scrolls sideways but tables in their own boxes, also with everything open."""
    page.locator("details").evaluate_all("all => all.forEach(e => e.open = true)")
    assert page.locator("html").evaluate("e => e.scrollWidth") == width
    right = "all => all.map(e => e.getBoundingClientRect().right)"
    assert max(page.locator(".chart svg:visible").evaluate_all(right)) <= width


@pytest.mark.parametrize("name", ["quickstart", "launch-us"])
def test_the_cells_of_the_page_are_the_numbers_of_the_plan(name: str, opened: Open) -> None:
    found = plan(name)
    with opened({"quickstart": "plan", "launch-us": "reach plan"}[name]) as page:
        tables = page.evaluate(
            "[...document.querySelectorAll('section > .scroll table')].map(t => [...t.rows].map(r => "
            "[...r.cells].map(c => c.innerText.trim())))"
        )
        tiles = dict(page.evaluate("[...document.querySelectorAll('.tiles div')].map(d => [d.children[0].innerText, "
                                   "d.querySelector('b').innerText])"))  # fmt: skip
    head, *lines = tables[0]
    at = {column: position for position, column in enumerate(head)}
    booked = {(line.offer, line.posts_per_creator): line for line in found.lines}
    seen = set()
    for row in lines:
        line = next((line for (offer, posts), line in booked.items()
                     if row[0] == offer + (f" ×{posts}" if posts > 1 else "")), None)  # fmt: skip
        if line is None:
            continue
        seen.add(row[0])
        assert number(row[at["creators"]].partition("/")[0]) == line.creators
        assert number(row[at["posts"]]) == line.posts
        assert number(row[at["cost"]]) == pytest.approx(line.cost, abs=0.011)
        assert number(row[at["hours"]]) == pytest.approx(line.hours, abs=0.051)
        assert number(row[at["engagements"]]) == pytest.approx(line.engagements, abs=1)
    assert len(seen) == len(found.lines)
    total = lines[-1]
    assert number(total[at["cost"]]) == pytest.approx(found.totals.cost, abs=0.0051)
    assert number(total[at["creators"]]) == found.totals.creators
    assert number(tiles["Cost, " + found.currency]) == pytest.approx(found.totals.cost, abs=0.0051)
    assert number(tiles["Engagements"]) == pytest.approx(found.totals.engagements, abs=0.51)
    assert number(tiles["Coordination, hours"]) == pytest.approx(found.totals.hours, abs=0.051)


def number(text: str) -> float:
    return float(text.replace(",", ""))


def test_a_tooltip_tells_the_numbers_of_a_bar(opened: Open) -> None:
    with opened("plan") as page:
        bars = page.locator("#mix .live .mark-rect path")
        texts = []
        for i in range(bars.count()):
            bars.nth(i).hover()
            tip = page.locator("#vg-tooltip-element.visible")
            tip.wait_for(timeout=3_000)
            texts.append(re.sub(r"\s+", " ", tip.inner_text()))
        assert any("macro" in t and "16,000 USD" in t and "80 %" in t for t in texts)


def test_names_from_files_are_not_run(opened: Open) -> None:
    with opened("hostile") as page:
        for selector in ("#limits .live .mark-rect path", "#mix .live .mark-rect path"):
            page.locator(selector).first.hover()
            page.locator("#vg-tooltip-element.visible").wait_for(timeout=3_000)
        assert page.evaluate("window.bad === undefined")
        assert page.locator("img").count() == 0
        assert page.locator("main b:not(.tiles b), main i").count() == 0


def test_dark_follows_the_reader_and_paper_is_light(opened: Open) -> None:
    colours = """() => [getComputedStyle(document.body).backgroundColor,
        getComputedStyle(document.querySelector('#limits svg text:not([display])')).fill,
        getComputedStyle(document.querySelector('#mix .live .mark-rect path')).fill]"""
    with opened("plan") as page:
        bright = page.evaluate(colours)
        page.emulate_media(color_scheme="dark")
        dark = page.evaluate(colours)
        assert all(a != b for a, b in zip(bright, dark, strict=True))
        page.emulate_media(color_scheme="dark", media="print")
        assert page.evaluate(colours)[1:] == bright[1:], "no ink is spent on a dark page"


@pytest.mark.parametrize("name", ["plan", "reach plan"])
def test_a_plan_is_two_pages_of_a4_and_three_with_ranges(name: str, opened: Open) -> None:
    with opened(name) as page:
        paper = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == (3 if "What it may come to" in PAGES[name]() else 2)
    (box,) = set(re.findall(rb"/MediaBox\s*\[([^\]]+)\]", paper))
    left, bottom, right, top = (float(part) for part in box.split())
    assert (right - left) / 72 * 25.4 == pytest.approx(210, abs=1)
    assert (top - bottom) / 72 * 25.4 == pytest.approx(297, abs=1)


def test_no_column_of_many_scenarios_is_lost_on_paper(opened: Open) -> None:
    base = load_scenario(FOLDER / "quickstart.yaml")
    others = [
        base.with_changes({"name": f"Variant number {i} with a long name", "budget": 10_000 + 1_000 * i})
        for i in range(7)
    ]
    PAGES["eight"] = lambda: comparison_page(compare([base, *others], bridges=False))
    try:
        with opened("eight", width=PAPER) as page:
            page.emulate_media(media="print")
            wide = page.evaluate(
                "[...document.querySelectorAll('table')].filter(t => t.offsetWidth > t.parentElement.clientWidth + 1)"
                ".map(t => t.caption && t.caption.textContent)"
            )
    finally:
        del PAGES["eight"]
    assert wide == []


def test_the_keyboard_reaches_the_data(opened: Open) -> None:
    with opened("plan") as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        page.keyboard.press("Enter")
        assert page.locator("#mix details[open] table").is_visible()
