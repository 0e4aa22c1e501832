"""The report: no name gets out of its cell, whatever it is written to; saved plans; colour."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.cells import cell_len

from optimizer import Plan, optimize
from optimizer.plan.plan import FLAT
from optimizer.report.formats import csv as csv_of
from optimizer.report.formats import markdown
from optimizer.report.formats import text as text_of
from optimizer.report.layout.markdown import escape
from optimizer.report.layout.parts import Sentences
from optimizer.report.layout.text import styled_text
from optimizer.report.sections.plan import headline, sections
from tests.builders import offer, scenario
from tests.stories import PLANNED, plan
from tests.test_report import HOSTILE, STEERING, TITLES, every_scenario, quick_plan, small, wide


@pytest.fixture(scope="module")
def hostile() -> Plan:
    """A plan in which every name a user can choose is out to break the report."""
    return optimize(
        scenario(
            name="\x1b[2J<b>title</b>",
            budget=5000,
            objective={"maximize": "a|b"},
            measures={"a|b": {"per": "creator", "unit": "\u202eunit"}, "=m\x1b[0m": {"per": "post"}},
            offers=[
                offer(
                    name,
                    90 + i,
                    tier="nano",
                    platform=f"<i>\x1b]0;{i}",
                    tags={"=t\x1b[1m": name},
                    source=f"<u>{name}",
                    hours_per_creator=1,
                    measures={"a|b": 1 + i % 3, "=m\x1b[0m": 2},
                    most=1,
                )
                for i, name in enumerate(HOSTILE)
            ]
            + [offer("\x1b[7mnever", 9000, hours_per_creator=1, measures={"a|b": 1})],
            limits=[{"name": "`\x1b[5mlimit`|", "measure": "cost", "max": 4000}],
        )
    )


# Order, and what stands first.


@every_scenario
def test_a_report_begins_with_the_answer_and_keeps_its_order(name: str) -> None:
    found = plan(name)
    parts = list(sections(found))
    titles = [re.sub("the range of .* comes", "the range comes", part.title) for part in parts if part.title]
    assert titles == [title for title in TITLES if title in titles]
    assert {"Plan", "Totals", "Limits", "Assumptions", "Certificate"} <= set(titles)
    assert ("Not used" in titles) == bool(found.unused)
    assert ("What it may come to" in titles) == (found.risk is not None and found.risk.varies)
    assert ("Worth knowing" in titles) == bool(found.flags)
    assert isinstance(parts[0], Sentences)
    assert parts[0].lines[0] == headline(found)
    title, answer, *_ = text_of(found).splitlines()
    assert title == found.scenario.name
    assert headline(found).startswith(answer)
    assert markdown(found).startswith(f"# {escape(title)}\n\n**{escape(headline(found))}**\n")


# Nothing gets out.


class Tags(HTMLParser):
    """The tags of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_no_name_can_steer_a_terminal_or_turn_the_reading_direction(hostile: Plan) -> None:
    assert len(hostile.lines) == len(HOSTILE)
    for output in (text_of(hostile), markdown(hostile), csv_of(hostile), hostile._repr_html_()):
        assert not STEERING.findall(output)
        assert "red" in output
    assert "never" in text_of(hostile)


def test_no_name_becomes_a_tag_of_the_html_table(hostile: Plan) -> None:
    page = Tags(hostile._repr_html_())
    assert page.seen == {"table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert "<script>alert(1)</script>" in page.text


def test_the_html_table_has_the_records_without_columns_that_no_line_knows() -> None:
    found = quick_plan()
    text = Tags(found._repr_html_()).text
    for row in found.records():
        assert row["offer"] in text
        assert f"{row['engagements']:,.10g}" in text
    assert all(row["clicks"] is None for row in found.records()) == ("clicks" not in text)
    assert "<td>" not in small(budget=0)._repr_html_()


def test_no_cell_of_the_csv_is_a_formula_and_no_name_is_lost(hostile: Plan) -> None:
    text = csv_of(hostile)
    rows = list(csv.reader(io.StringIO(text)))
    assert len({len(row) for row in rows}) == 1
    assert len(rows) == 1 + len(HOSTILE)
    for cell in (cell for row in rows for cell in row if not re.fullmatch(r"-?[\d.e+-]+", cell)):
        assert not cell.startswith(("=", "+", "-", "@"))
    at = {row[0]: row for row in rows[1:]}
    assert {'\'=HYPERLINK("http://x")', "'+1", "'-1", "'@sum", "a|b", "<script>alert(1)</script>"} <= set(at)


def test_a_negative_number_of_the_csv_stays_a_number() -> None:
    found = quick_plan()
    line = found.lines[0].model_copy(update={"profit": -12.5, "offer": "＝1"})
    row = next(csv.DictReader(io.StringIO(csv_of(found.model_copy(update={"lines": [line]})))))
    assert row["profit"] == "-12.5"
    assert row["offer"] == "'＝1"


def test_names_do_not_break_a_markdown_table_or_list(hostile: Plan) -> None:
    cells = re.compile(r"(?<!\\)\|")
    text = markdown(hostile)
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({len(cells.findall(line)) for line in block.splitlines()}) == 1
    assert not re.search(r"(?<!\\)[<`]", text)
    assert "# \N{REPLACEMENT CHARACTER}\\[2J\\<b\\>title" in text


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a_b*c", r"a\_b\*c"), ("[x](y)", r"\[x\](y)"), ("&lt;", r"\&lt;"), ("- item", r"\- item"),
        ("1. item", r"1\. item"), ("12) item", r"12\) item"), ("+ item", r"\+ item"), ("-1 USD", "-1 USD"),
        ("1.5 hours", "1.5 hours"), ("a - b", "a - b"), ("# a", r"\# a"), ("~~a~~", r"\~\~a\~\~"),
    ],
)  # fmt: skip
def test_markdown_shows_text_as_it_is(text: str, escaped: str) -> None:
    assert escape(text) == escaped


# Formats.


def test_the_csv_has_the_same_columns_whatever_the_plan() -> None:
    stable = [
        "offer", "tier", "platform", "format", "posts_per_creator", "creators", "posts", "cost", "hours", "impressions",
        "engagements", "likes", "comments", "shares", "saves", "clicks", "conversions", "revenue", "cost_of_goods",
        "profit", "gross_reach", "cpm", "cpe", "cpc", "cpa",
    ]  # fmt: skip
    assert list(FLAT) == stable
    for found in (quick_plan(), small(budget=0)):
        assert csv_of(found).splitlines()[0].split(",") == stable
    tagged = csv_of(plan("vietnam-launch")).splitlines()[0].split(",")
    assert tagged[: len(stable)] == stable
    assert all(re.match(r"tag_|measure_", name) for name in tagged[len(stable) :])


@every_scenario
def test_records_are_flat_rows_of_the_same_keys(name: str) -> None:
    found = plan(name)
    records = found.records()
    assert [list(row) for row in records] == [found.columns()] * len(found.lines)
    assert all(v is None or isinstance(v, str | int | float) for row in records for v in row.values())
    assert sum(row["creators"] for row in records) == found.totals.creators
    rows = list(csv.DictReader(io.StringIO(csv_of(found))))
    assert [float(row["cost"]) for row in rows] == [row["cost"] for row in records]  # unrounded


def test_a_tag_that_only_some_offers_have_is_none_for_the_others() -> None:
    offers = [
        offer("one", 100, engagements_per_post=10, most=1),
        offer("two", 100, engagements_per_post=10, most=1, tags={"city": "Hue"}),
    ]
    assert [row["tag_city"] for row in small(offers=offers).records()] == [None, "Hue"]


@every_scenario
def test_markdown_lists_every_assumption(name: str) -> None:
    found = plan(name)
    text = markdown(found)
    table = text[text.index("## Assumptions") : text.index("## Certificate")]
    rows = [line for line in table.splitlines() if line.startswith("|")][2:]
    for a in found.assumptions:
        cells = (f"| {escape(a.field)} |", escape(a.offer) or "| all |", escape(a.source))
        assert any(all(cell in row for cell in cells) for row in rows), a


@every_scenario
def test_a_plan_survives_json(name: str) -> None:
    found = plan(name)
    assert Plan.model_validate_json(found.model_dump_json()) == found
    assert text_of(Plan.model_validate_json(found.model_dump_json(indent=2))) == text_of(found)


SHOW = """
import sys
from optimizer.cli.commands import cli
for path in sys.argv[1:]:
    cli(["report", path], standalone_mode=False)
heavy = {"pulp", "highspy", "rich"} & set(sys.modules)
print("loaded:", sorted(heavy))
"""


def test_saved_plans_read_the_same_without_solver(tmp_path: Path) -> None:
    """Reading recounts them, which needs the scenario's numbers and no solver."""
    files = []
    for name in PLANNED:
        files.append(tmp_path / f"{name}.json")
        files[-1].write_text(plan(name).model_dump_json(), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", SHOW, *map(str, files)],
        capture_output=True,
        cwd=Path(__file__).parents[1],
        check=True,
    )
    expected = "".join(text_of(plan(name)) for name in PLANNED) + "loaded: []\n"
    assert done.stdout.decode() == expected


# Colours.

ESCAPES = re.compile(r"\x1b\[[\d;]*m")


def coloured(found: Plan, width: int = 80, *, colours: bool = True) -> str:
    return styled_text(found.scenario.name, sections(found), width, colours=colours)


@every_scenario
def test_colour_adds_nothing_but_colour(name: str) -> None:
    found = wide(plan(name), "美妆达人 [bold]x[/bold] " * 4) if name == "quickstart" else plan(name)
    text = coloured(found)
    assert ESCAPES.sub("", text) == text_of(found)
    assert re.search(r"\x1b\[1;32m" + re.escape(headline(found)[:20]), text)


def test_a_wide_terminal_is_used() -> None:
    text = ESCAPES.sub("", coloured(plan("launch-us"), 120))
    assert text == text_of(plan("launch-us"), 120)
    assert 80 < max(map(cell_len, text.splitlines())) <= 120


def test_no_color_means_no_colour() -> None:
    text = coloured(quick_plan(), colours=False)
    codes = {int(code) for found in ESCAPES.findall(text) for code in re.findall(r"\d+", found)}
    assert not codes & {*range(30, 50), *range(90, 108)}
    assert ESCAPES.sub("", text) == text_of(quick_plan())
