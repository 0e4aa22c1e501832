"""The report: what stands first, that it adds up, that it fits, and that no name gets out of its cell."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from optimizer import Plan, optimize
from optimizer.language.numbers import counted, tenths
from optimizer.plan.plan import FLAT
from optimizer.report.formats import csv as csv_of
from optimizer.report.formats import markdown
from optimizer.report.formats import text as text_of
from optimizer.report.layout.markdown import escape
from optimizer.report.layout.parts import Sentences, Table
from optimizer.report.layout.text import sections_text, styled_text
from optimizer.report.sections.lines import lines_table
from optimizer.report.sections.plan import amount, headline, sections
from tests.builders import offer, scenario
from tests.stories import PLANNED, plan

every_scenario = pytest.mark.parametrize("name", PLANNED)
TITLES = [
    "Plan",
    "Totals",
    "What it may come to",
    "Where the range comes from",
    "Limits",
    "Not used",
    "Worth knowing",
    "Assumptions",
    "Certificate",
]
HOSTILE = ["\x1b[31mred", '=HYPERLINK("http://x")', "<script>alert(1)</script>", "a|b", "`x`", "+1", "-1", "@sum",
           "\u202etxt.exe", "\u2066x\x07\u0085\u2028", "*b* _i_ [l](u)", "\u202aline\nbreak\ttab"]  # fmt: skip
STEERING = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def titled(found: Plan, title: str) -> Any:
    return next(part for part in sections(found) if part.title == title)


def small(**fields: Any) -> Plan:
    """Two offers, money for a few of each."""
    defaults = {
        "budget": 1000,
        "objective": "engagements",
        "offers": [
            offer("one", 100, tier="nano", engagements_per_post=10, most=3),
            offer("two", 150, tier="micro", engagements_per_post=14, most=4),
        ],
    }
    return optimize(scenario(**{**defaults, **fields}))


def lines_between(text: str, title: str) -> list[str]:
    """The lines of one section of the text, without its title."""
    lines = text.splitlines()
    start = lines.index(title) + 1
    end = next((i for i in range(start, len(lines)) if not lines[i]), len(lines))
    return lines[start:end]


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


def test_lines_stand_by_tier_and_platform_with_a_subtotal_where_there_are_several() -> None:
    offers = [
        offer(name, 100, tier=tier, platform=platform, engagements_per_post=10, most=1)
        for name, tier, platform in (
            ("d", "mega", "x"),
            ("c", "nano", "tiktok"),
            ("b", "nano", "instagram"),
            ("a", "nano", "instagram"),
        )
    ]
    table = lines_table(small(offers=offers))
    assert [row[0] for row in table.rows] == ["b", "a", "= nano instagram", "c", "d", "total"]
    assert [row[1] for row in table.rows] == ["1/1", "1/1", "2", "1/1", "1/1", "4"]
    assert [row[3] for row in table.rows] == ["100", "100", "200", "100", "100", "400"]
    assert table.strong == {5}


def test_the_columns_are_those_a_planner_asks_for() -> None:
    assert lines_table(plan("quickstart")).columns == [
        "offer", "creators", "posts", "cost", "hours", "impr.", "engagements", "CPE",
    ]  # fmt: skip
    clicks = lines_table(plan("traffic-and-leads")).columns
    assert {"cost", "hours", "impr.", "engagements"} < set(clicks)
    assert clicks[-1] in ("CPC", "CPA")


# Numbers.


def money(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


@every_scenario
def test_printed_costs_add_up_to_the_printed_total(name: str) -> None:
    found = plan(name)
    table = lines_table(found)
    at = list(table.columns).index("cost")
    costs = [money(row[at]) for row in table.rows if not row[0].startswith("= ") and row[0] != "total"]
    assert sum(costs) == money(table.rows[-1][at])
    printed = next(line for line in titled(found, "Totals").lines if line.startswith("cost: "))
    whole, _, parts = printed.removeprefix("cost: ").partition(" = ")
    assert money(whole.split()[0]) == money(table.rows[-1][at])
    if parts:
        assert sum(money(part.split()[-1]) for part in parts.split(" + ")) == money(whole.split()[0])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0.01, 99999.0).map(lambda x: round(x, 3)), min_size=2, max_size=6))
@example([10.004, 10.004, 10.004])  # whole to the cent, their sum is not
@example([1.515, 31072.515, 99998.515])  # half a cent
def test_a_plan_of_random_fees_adds_up_in_print(fees: list[float]) -> None:
    found = quick_plan()
    lines = [found.lines[0].model_copy(update={"offer": f"o{i}", "cost": fee}) for i, fee in enumerate(fees)]
    total = float(f"{sum(fees):.13g}")
    parts = found.totals.cost_parts.model_copy(update={"creators": total - 0.004, "agency": 0.004})
    totals = found.totals.model_copy(update={"cost": total, "cost_parts": parts})
    found = found.model_copy(update={"lines": lines, "totals": totals})
    table = lines_table(found)
    at = list(table.columns).index("cost")
    printed = [money(row[at]) for row in table.rows]
    assert sum(printed[:-1]) in (printed[-1], 2 * printed[-1])  # once more where the lines have a subtotal
    line = titled(found, "Totals").lines[0]
    assert money(line.split()[1]) == printed[-1]
    assert sum(money(part.split()[-1]) for part in line.split(" = ")[1].split(" + ")) == printed[-1]


def quick_plan() -> Plan:
    return plan("quickstart")


def test_hours_and_counts_take_the_singular_where_they_are_one() -> None:
    assert [tenths(v) for v in (None, 3, 3.04, 3.06, 146.5)] == ["–", "3", "3", "3.1", "146.5"]
    shown = [counted(v, u) for v, u in ((1, "creators"), (2, "posts"), (1.0, "hours"), (1.5, "hours"))]
    assert shown == ["1 creator", "2 posts", "1 hour", "1.5 hours"]
    found = quick_plan()
    assert amount(found, "conversions", 1) == "1 conversion"
    assert amount(found, "engagements", 1234.5) == "1,235 engagements", "as a spreadsheet rounds"
    assert amount(found, "cost", 12.5) == "12.50 USD"
    assert amount(found, "profit", -12) == "-12 USD of profit"
    assert amount(found, "cpm", None) == "–"
    assert amount(found, "cpe", 0.25) == "0.25 USD per engagement"


# Width.


def wide(found: Plan, name: str) -> Plan:
    """The plan with offers renamed and numbers that need room."""
    lines = [
        line.model_copy(update={"offer": f"{name} {i}", "cost": 1.23e9, "impressions": 9.9e9, "room": 12345})
        for i, line in enumerate(found.lines)
    ]
    limits = [x.model_copy(update={"name": name, "text": f"25% of {name}"}) for x in found.limits]
    unused = [x.model_copy(update={"offer": name, "detail": name}) for x in found.unused]
    assumptions = [
        a.model_copy(update={"offer": lines[0].offer, "source": name, "origin": "benchmark"})
        for a in found.assumptions
    ]
    updates = {"lines": lines, "limits": limits, "unused": unused, "assumptions": assumptions}
    return found.model_copy(update=updates)


@every_scenario
@pytest.mark.parametrize("label", [
    "", "a-name-without-any-place-to-break-" * 4, "美妆达人直播带货合作伙伴" * 5, "뷰티 크리에이터 " * 9, "x " * 60,
], ids=["own", "unbroken", "chinese", "korean", "short words"])  # fmt: skip
def test_no_line_is_wider_than_80_columns(name: str, label: str) -> None:
    found = wide(plan(name), label) if label else plan(name)
    text = text_of(found)
    assert max(map(cell_len, text.splitlines())) <= 80
    if label:  # folded, not cut: every sign of the label is there
        assert text.count(label[0]) >= len(label.replace(" ", "")) // len(set(label)) * len(found.lines)


def test_a_table_of_twelve_columns_is_drawn_below_itself() -> None:
    columns = ["plan", *(f"alternative {i}" for i in range(1, 13))]
    rows = [[f"row {i}", *(f"{1234567 + i:,}" for _ in range(12))] for i in range(2)]
    table = Table("T", columns, rows, [False] + [True] * 12, frozenset(), "A note.")
    lines = sections_text("", [table]).splitlines()
    assert max(map(len, lines)) <= 80
    assert sum(line.count("1,234,567") for line in lines) == 12
    assert sum(line.strip().startswith("row 0") for line in lines) > 1  # each part has the label
    assert lines[-1].strip() == "A note."
    assert sum("note" in line for line in lines) == 1


def test_wide_characters_stay_in_their_columns() -> None:
    rows = [["美妆 creator with a long label that folds somewhere", "1"], ["plain", "22"]]
    lines = sections_text("", [Table("T", ["name", "n"], rows, [False, True])], 30).splitlines()
    assert max(map(cell_len, lines)) <= 30
    assert "美妆 creator" in lines[4]
    assert {cell_len(line) for line in (lines[4], lines[-1])} == {cell_len(lines[3])}


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
