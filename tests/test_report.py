"""The report: what stands first, that it adds up, that it fits."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from optimizer import Plan, optimize
from optimizer.language.numbers import counted, tenths
from optimizer.report.formats import text as text_of
from optimizer.report.layout.parts import Table
from optimizer.report.layout.text import sections_text
from optimizer.report.sections.lines import lines_table
from optimizer.report.sections.plan import amount, sections
from tests.builders import offer, scenario
from tests.stories import PLANNED, plan

every_scenario = pytest.mark.parametrize("name", PLANNED)
TITLES = [
    "Plan",
    "Totals",
    "Reach by segment",
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
