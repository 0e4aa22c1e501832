"""Pages as text: complete without a browser, self-contained, escaped, equal for equal plans, of enough contrast."""

from __future__ import annotations

import json
import re
import sys
import xml.etree.ElementTree as ET
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from optimizer import optimize
from optimizer.cli import pages
from optimizer.cli.commands import cli
from optimizer.language.errors import MissingPackageError
from optimizer.report.layout.parts import Table
from optimizer.report.page import document
from optimizer.report.page.colours import COLOURS, HEAT_STEPS, TIERS, chart_rules
from optimizer.report.page.document import Charts
from optimizer.report.page.of_plan import page_of_plan
from optimizer.report.page.pages import plan_page
from optimizer.report.page.ranges import doubts
from optimizer.report.sections.plan import headline, sections
from tests.builders import offer, scenario
from tests.pages import HOSTILE, PAGES, SCENARIOS, around, comparison, hostile_plan, page_of, plan

every_page = pytest.mark.parametrize("name", PAGES)


@cache
def markup(name: str) -> str:
    """A page without its scripts."""
    return PAGES[name]().partition("<script")[0]


class Read(HTMLParser):
    """Elements, text and tables of a page."""

    VOID = frozenset({"meta", "br", "img", "link", "input"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[int] = []
        self.rows: list[list[str]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("script", "style"):
            return
        self.text += data
        if {"td", "th"} & set(self.open[-2:]):
            self.rows[-1][-1] += data


@every_page
def test_a_page_is_well_formed_and_asks_for_nothing(name: str) -> None:
    page = Read(PAGES[name]())
    assert page.open == []
    for tag, attributes in page.elements:
        assert tag not in ("link", "iframe", "object", "embed", "base", "form", "img"), tag
        for key in ("src", "href", "xlink:href", "action", "srcset"):
            assert not (attributes.get(key) or "").strip() or (attributes[key] or "").startswith("#")
        assert not [key for key in attributes if key.startswith("on")], "no inline handlers"
    style = PAGES[name]().partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style


@every_page
def test_a_page_may_run_its_own_scripts_and_nothing_else(name: str) -> None:
    policy = next(
        a["content"] for tag, a in Read(PAGES[name]()).elements if tag == "meta" and "http-equiv" in a
    )
    assert policy is not None
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-eval" not in policy
    assert "unsafe-inline" not in policy.partition("style-src")[0]


@every_page
def test_headings_are_in_order_and_every_chart_has_words_and_data(name: str) -> None:
    text = PAGES[name]()
    page = Read(text)
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(page.headings))
    ids = [a["id"] for _, a in page.elements if a.get("id")]
    assert len(ids) == len(set(ids))
    figures = re.findall(r"<figure.*?</figure>", text, re.S)
    assert figures
    for figure in figures:
        label = re.search(r'role="img" aria-label="([^"]+)"', figure)
        assert label
        assert len(label.group(1)) > 30
        assert re.search(r"\d", label.group(1)), "the finding has its numbers"
        assert figure.count("<svg ") == 2
        assert "<details>" in figure
        assert "<table>" in figure
    for tag, attributes in page.elements:
        if tag == "th":
            assert attributes.get("scope") in ("col", "row")
    tags = [tag for tag, _ in page.elements]
    assert {"header", "main", "footer"} <= set(tags)
    assert ("html", {"lang": "en"}) in page.elements


@every_page
def test_drawings_are_well_formed_and_share_no_names(name: str) -> None:
    found = re.findall(r"<svg .*?</svg>", markup(name), re.S)
    names: list[str] = []
    for drawing in found:
        tree = ET.fromstring(drawing)
        assert len(list(tree.iter())) > 10
        own = [e.attrib["id"] for e in tree.iter() if "id" in e.attrib]
        names += own
        for used in re.findall(r"url\(#([^)]+)\)", drawing):
            assert used in own
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", ["quickstart", "launch-us"])
def test_equal_plans_give_equal_pages(name: str) -> None:
    again = plan(name).model_validate_json(plan(name).model_dump_json())
    slower = again.model_copy(update={"solver": again.solver.model_copy(update={"seconds": 99.0})})
    assert plan_page(slower, *around(name)) == page_of(name)


@pytest.mark.parametrize("name", ["quickstart", "launch-us"])
def test_a_page_has_every_number_of_the_text_report(name: str) -> None:
    page = Read(page_of(name))
    rows = [[" ".join(cell.split()) for cell in row] for row in page.rows]
    said = " ".join(page.text.split())
    for part in sections(plan(name), every_assumption=True):
        if isinstance(part, Table):
            for row in part.rows:
                assert [" ".join(cell.split()) for cell in row] in rows, part.title
        elif part.title != "Certificate":
            for line in part.lines:
                assert " ".join(line.replace("`", "").split()) in said
    assert headline(plan(name)) in said
    assert plan(name).scenario.sha256 in said


def test_the_answer_stands_first_and_the_certificate_last() -> None:
    text = " ".join(Read(page_of("launch-us")).text.split())
    order = ["US skincare launch", headline(plan("launch-us")), "Proven:", "Held back by", "99,985.92",
             "The mix by tier", "Use of limits", "Best engagements at every budget", "Totals", "Worth knowing",
             "Not used", "Assumptions", "The least certain numbers", "Certificate"]  # fmt: skip
    places = [text.index(part, text.index("</style>") if "</style>" in text else 0) for part in order]
    assert places == sorted(places)


def test_names_from_files_stay_text() -> None:
    page = PAGES["hostile"]()
    assert "<script>window.bad" not in page
    assert "<img" not in markup("hostile")
    assert "\u202e" not in page
    assert "\u2028" not in page
    assert "{{7*7}}" in page, "and are not templates"
    assert page.count("<script") == 3
    island = page.partition('id="specs">')[2].partition("</script>")[0]
    assert "<" not in island
    specs = json.loads(island)
    assert "limits" in specs
    shown = Read(page).text
    assert "</script><script>window.bad=1</script>" in shown


def test_hostile_names_are_in_the_sample() -> None:
    assert hostile_plan().scenario.name == HOSTILE
    assert any(HOSTILE in line.offer for line in hostile_plan().lines)


def test_a_plan_without_curve_and_map_has_the_other_charts() -> None:
    (charts,) = [b for b in page_of_plan(plan("quickstart"), None, None).blocks if isinstance(b, Charts)]
    assert [chart.key for chart in charts.charts] == ["mix", "limits"]


def test_shares_of_the_mix_are_those_of_the_plan() -> None:
    (chart, *_) = [b for b in page_of_plan(plan("quickstart"), None, None).blocks if isinstance(b, Charts)]
    table = chart.charts[0].table
    # by hand: five macro at 3,200 and ten micro at 400; 22,000 and 10,000 engagements; 80 and 80 hours
    assert table.rows == [
        [
            "micro",
            "10 creators",
            "67 %",
            "4,000 USD",
            "20 %",
            "80 hours",
            "50 %",
            "10,000 engagements",
            "31 %",
        ],
        [
            "macro",
            "5 creators",
            "33 %",
            "16,000 USD",
            "80 %",
            "80 hours",
            "50 %",
            "22,000 engagements",
            "69 %",
        ],
    ]


def test_least_certain_numbers_are_of_booked_offers_and_matter() -> None:
    found = doubts(plan("launch-us"))
    booked = {line.offer for line in plan("launch-us").lines}
    assert found
    assert all(set(doubt.offers) <= booked for doubt in found)
    assert all(doubt.assumption.low < doubt.assumption.high for doubt in found)
    assert [doubt.weight for doubt in found] == sorted((doubt.weight for doubt in found), reverse=True)
    assert "conversion_rate" not in {doubt.assumption.field for doubt in found}, "nobody asks for sales"


def test_a_comparison_shows_every_scenario_and_the_bridge() -> None:
    text = " ".join(Read(PAGES["comparison"]()).text.split())
    for column in comparison().columns:
        assert column.name in text
    assert "From Quickstart to Half: engagements" in text
    assert comparison().columns[2].plan is None
    assert comparison().sentences[-1] in text


def test_stretches_without_a_plan_are_marked_on_the_curve() -> None:
    page = PAGES["curve"]()
    still = page.partition('<div class="still wide">')[2].partition("</svg>")[0]
    assert ">no plan<" in still
    assert "no plan keeps every limit" in page


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_contrast_is_aa(theme: str) -> None:
    of = {name: getattr(colour, theme) for name, colour in COLOURS.items()}
    for ground in ("paper", "surface"):
        for name in ("ink", "muted", "accent", "good", "warn"):
            assert contrast(of[name], of[ground]) >= 4.5, f"{name} on {ground}"
        for name in (*TIERS, "gain", "loss", "total", "mark", "accent"):
            assert contrast(of[name], of[ground]) >= 3, f"{name} on {ground}"
    for name in (*TIERS, "total"):
        assert contrast(of["paper"], of[name]) >= 4.5, f"words on {name}"
    for step in range(1, HEAT_STEPS + 1):
        assert contrast(of[f"on{step}"], of[f"heat{step}"]) >= 4.5
    assert contrast(of["muted"], of["hairline"]) >= 4.5, "what a cell without a plan says"


def test_every_light_colour_has_one_name() -> None:
    values = [colour.light for colour in COLOURS.values()]
    assert len(values) == len(set(values))
    assert chart_rules().count("{") == 2 * len(values)


def test_charts_use_named_colours_only() -> None:
    named = {colour.light for colour in COLOURS.values()} | {"none", "transparent"}
    for name in PAGES:
        for drawing in re.findall(r"<svg .*?</svg>", markup(name), re.S):
            assert set(re.findall(r'(?:fill|stroke)="([^"]+)"', drawing)) <= named


@pytest.mark.parametrize("missing", ["vl_convert", "jinja2"])
def test_a_missing_package_is_one_line(missing: str, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setitem(sys.modules, missing, None)
    document._environment.cache_clear()
    with pytest.raises(MissingPackageError, match="pages with charts"):
        plan_page(plan("quickstart"))
    run = CliRunner().invoke(cli, [str(SCENARIOS / "quickstart.yaml"), "-o", str(tmp_path / "plan.html")])
    assert run.exit_code == 2
    assert run.stderr.splitlines() == [
        "pages with charts need optional packages: pip install 'creatormix[report]'"
    ]
    assert not (tmp_path / "plan.html").exists()


def test_the_command_line_writes_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "SECONDS", 3600.0)  # however busy the machine: with little time left
    time = ["--time-limit", "3600"]  # there are fewer points in the charts
    saved, first, second = (str(tmp_path / name) for name in ("plan.json", "plan.html", "again.html"))
    for words in (
        [str(SCENARIOS / "quickstart.yaml"), *time, "-o", saved],
        [str(SCENARIOS / "quickstart.yaml"), *time, "-o", first],
        ["report", saved, "-o", second],
        [
            "explain",
            str(SCENARIOS / "quickstart.yaml"),
            "--only",
            "prices",
            "--jobs",
            "1",
            "-o",
            str(tmp_path / "why.html"),
        ],
    ):
        run = CliRunner().invoke(cli, words)
        assert run.exit_code == 0, run.output
    text = Path(first).read_text(encoding="utf-8")
    assert 'id="curve"' in text
    assert "32,000 engagements for 20,000 USD" in text
    assert Path(second).read_text(encoding="utf-8") == text, "the same plan gives the same page"
    assert 'id="steps"' in (tmp_path / "why.html").read_text(encoding="utf-8")


def test_a_limit_of_ones_own_named_budget_is_not_the_budget() -> None:
    posts = {"name": "budget", "measure": "posts", "max": 4}
    asked: dict[str, Any] = {"objective": "creators", "offers": [offer("a", 5, most=3)], "limits": [posts]}
    without = plan_page(optimize(scenario(**asked)), None, None)
    assert "of 4 budget" not in Read(without).text
    assert "of 50 budget" in Read(plan_page(optimize(scenario(budget=50, **asked)), None, None)).text
