"""Workbooks in tests: reading them, and having LibreOffice calculate them anew."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
from openpyxl.worksheet.formula import ArrayFormula

from optimizer import Plan, Scenario, optimize
from tests.builders import offer, scenario
from tests.programs import require

RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item>
</oor:items>
"""
"""A profile in which every formula is calculated anew when a file is opened, whatever value it carries."""


class Formula(NamedTuple):
    """A formula and the value stored with it."""

    sheet: str
    at: str
    text: str
    value: Any


class Workbook:
    """A workbook as a reader sees it: formulas beside stored values."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    @cached_property
    def written(self) -> Any:
        """With formulas."""
        return openpyxl.load_workbook(io.BytesIO(self.content))

    @cached_property
    def values(self) -> Any:
        """With the values stored beside them."""
        return openpyxl.load_workbook(io.BytesIO(self.content), data_only=True)

    @property
    def sheets(self) -> list[str]:
        return list(self.written.sheetnames)

    def formulas(self) -> Iterator[Formula]:
        """Every formula, array formulas too."""
        for sheet in self.written:
            for row in sheet.iter_rows():
                for cell in row:
                    value = cell.value
                    text = value.text if isinstance(value, ArrayFormula) else value
                    if isinstance(value, ArrayFormula) or cell.data_type == "f":
                        yield Formula(
                            sheet.title,
                            cell.coordinate,
                            str(text),
                            self.values[sheet.title][cell.coordinate].value,
                        )

    def cells(self) -> Iterator[tuple[str, Any]]:
        """Sheet and cell of everything that is written."""
        for sheet in self.written:
            for row in sheet.iter_rows():
                yield from ((sheet.title, cell) for cell in row if cell.value is not None)

    def shown(self) -> Iterator[tuple[str, Any]]:
        """Sheet and cell of every value."""
        for sheet in self.values:
            for row in sheet.iter_rows():
                yield from ((sheet.title, cell) for cell in row if cell.value is not None)

    def find(self, sheet: str, row: str, column: str, *, below: str | None = None) -> str:
        """The address of a cell by the labels of its row (first column) and column (any header), exactly written.

        `below`: a heading under which the row stands.
        """
        pages = self.values[sheet]
        start = 1 if below is None else next(c.row for c in pages["A"] if c.value == below)
        at = next(c.row for c in pages["A"][start - 1 :] if c.value == row)
        header = next(
            c for cells in pages.iter_rows(max_row=at) for c in cells if c.value == column and c.row < at
        )
        return f"{header.column_letter}{at}"

    def value(self, sheet: str, row: str, column: str, *, below: str | None = None) -> Any:
        return self.values[sheet][self.find(sheet, row, column, below=below)].value

    def checks(self) -> dict[tuple[str, str], Any]:
        """(group, name) -> answer, from the sheet Checks."""
        found, group = {}, ""
        for row in self.values["Checks"].iter_rows(min_row=6, values_only=True):
            if row[0] and row[1] is None and row[5] is None and not str(row[0]).endswith("."):
                group = row[0]
            if isinstance(row[5], bool):
                found[group, row[0]] = row[5]
        return found


def recalculated(files: Mapping[str, bytes], folder: Path) -> dict[str, Workbook]:
    """The workbooks after LibreOffice has calculated every formula anew; one start for all of them."""
    profile, source, target = folder / "profile", folder / "in", folder / "out"
    for place in (profile / "user", source, target):
        place.mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(RECALCULATE, encoding="utf-8")
    for name, content in files.items():
        (source / f"{name}.xlsx").write_bytes(content)
    convert(profile, "xlsx:Calc MS Excel 2007 XML", target, [source / f"{name}.xlsx" for name in files])
    return {name: Workbook((target / f"{name}.xlsx").read_bytes()) for name in files}


class Both(NamedTuple):
    """A workbook as it was written, and as LibreOffice calculates it."""

    stored: Workbook
    fresh: Workbook


def both(files: Mapping[str, bytes], folder: Path) -> dict[str, Both]:
    """Workbooks as written and recalculated."""
    fresh = recalculated(files, folder)
    return {name: Both(Workbook(content), fresh[name]) for name, content in files.items()}


def convert(profile: Path, form: str, target: Path, files: list[Path]) -> None:
    """Have LibreOffice convert files; it may give up the first time it sets up a profile, so it gets a second try."""
    command = [require("soffice"), "--headless", f"-env:UserInstallation={profile.as_uri()}", "--convert-to", form,
               "--outdir", str(target), *map(str, files)]  # fmt: skip
    for last in (False, True):
        run = subprocess.run(command, check=last, capture_output=True, timeout=240)
        if run.returncode == 0:
            return


def wrong_cells(before: Workbook, after: Workbook) -> list[str]:
    """Formulas whose stored value is not what LibreOffice makes of them, and formulas that come to an error."""
    wrong = []
    for formula in before.formulas():
        stored, fresh = formula.value, after.values[formula.sheet][formula.at].value
        error = isinstance(fresh, str) and fresh.startswith("#")
        if error or not same(stored, fresh):
            wrong.append(f"{formula.sheet}!{formula.at} {formula.text}: stored {stored!r}, is {fresh!r}")
    return wrong


def same(stored: Any, fresh: Any) -> bool:
    """Equal to a part in 1e9; text and TRUE or FALSE exactly."""
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (stored, fresh))
    if numbers:
        return bool(abs(stored - fresh) <= 1e-9 * max(1.0, abs(stored)))
    return type(stored) is type(fresh) and bool(stored == fresh)


# --- plans with everything a workbook must bear ----------------------------------------------------------

HOSTILE = (
    '=HYPERLINK("http://x")',
    "+1",
    "-1",
    "@sum(A1)",
    "a'b\"c",
    "\x1b[31mred\x07",
    "[x]:*?/\\",
    "*",
    "<>nano",
)


def hostile() -> Plan:
    """Names that a spreadsheet would read as formulas, patterns, comparisons or codes."""
    offers = [
        offer(name, 10.0 + i, platform=HOSTILE[-1 - i], tier="micro" if i % 2 else "nano", most=1,
              engagements_per_post=100 + i, tags={"flight": name})
        for i, name in enumerate(HOSTILE)
    ]  # fmt: skip
    return optimize(
        scenario(
            name="=cmd|' /C calc'!A0 & [launch]: one/two?",
            budget=100,
            objective="engagements",
            offers=offers,
            limits=[
                {"measure": "cost", "where": {"flight": list(HOSTILE[:3])}, "max": 40, "name": "=1+1"},
                {"measure": "cost", "per": "platform", "max": 90},
            ],
        )
    )


def set_up() -> Plan:
    """Set-up cost and hours, two lines of one offer, bundles, commission, fees, own measures, every kind of limit."""
    shared = {"hours_per_creator": 2, "hours_per_post": 1, "engagement_rate": "4%", "reach_rate": "30%",
              "click_rate": "1%", "conversion_rate": "5%", "value_per_conversion": 40,
              "cost_per_conversion": 15, "authentic": "90%",
              "repeat_decay": "10%", "completion": "95%"}  # fmt: skip
    return optimize(
        scenario(
            name="Everything",
            budget=9_000,
            effort_hours=110,
            objective=[{"maximize": "engagements", "within": "5%"}, {"maximize": "reach"}],
            audience={"people": 500_000, "overlap": "45%"},
            fees={"agency": "12%", "contingency": "3%"},
            engagement_weights={"likes": 0.5},
            measures={"samples": "creator", "videos": "post"},
            offers=[
                offer("one", 120, tier="nano", platform="tiktok", followers=8_000, most=20, **shared,
                      posts_per_creator={"min": 1, "max": 4}, bundle_discount={2: "5%", 4: "20%"},
                      setup_cost=150, setup_hours=3, measures={"samples": 1, "videos": 0.5},
                      engagement_mix={"likes": "70%", "reactions": "10%", "comments": "20%"}),
                offer("two", tier="micro", platform="instagram", followers=40_000, cpm=25, least=2, most=9, **shared,
                      commission="10%", cost_per_creator=30, tags={"market": "US"}, measures={"samples": 2},
                      engagement_mix={"likes": "90%", "comments": "10%"}),
                offer("three", 900, tier="macro", platform="instagram", followers=150_000, most=3, **shared,
                      engagement_mix={"likes": "94.5%", "comments": "5%"}, measures={"videos": 1}),
            ],
            limits=[
                {"measure": "cost", "where": {"tier": ["nano", "micro"]}, "min": "30% of cost"},
                {"measure": "cost", "per": "creator", "max": "20% of budget"},
                {"measure": "cpe", "per": "creator", "where": {"tier": "macro"}, "max": 5},
                {"measure": "hours", "per": "platform", "max": "80% of effort_hours"},
                {"measure": "posts", "per": "creator", "min": 1, "max": 4},
                {"measure": "reach", "where": {"platform": "instagram"}, "min": "2% of audience"},
                {"measure": "reach", "max": 400_000},
                {"measure": "cpm", "max": 60},
                {"measure": "cpa", "where": {"tier": "micro"}, "max": 400, "name": "dear sales"},
                {"measure": "samples", "max": 40},
                {"measure": "profit", "min": -9_000},
            ],
        )
    )  # fmt: skip


def or_none(**changes: Any) -> Plan:
    """Floors that may be left out: of creators, one kept and two left out; of a share of what is spent."""
    offers = [
        offer("tiktok", 100, engagements_per_post=300, hours_per_post=1, most=2),
        offer("instagram", 90, engagements_per_post=150, hours_per_post=1, most=9),
        offer("youtube", 60, engagements_per_post=20, hours_per_post=1, most=2),
    ]
    limits = [
        {"measure": "creators", "per": "offer", "min": 3, "or_none": True},
        {"measure": "cost", "where": {"name": "youtube"}, "min": "40% of cost", "max": 900, "or_none": True},
    ]
    data = {"budget": 1000, "objective": "engagements", "offers": offers, "limits": limits, **changes}
    return optimize(scenario(**data))


def unknown() -> Plan:
    """Numbers that nobody knows: totals with an unknown part are unknown."""
    return optimize(
        scenario(
            name="Unknown",
            objective="engagements",
            budget=1_000,
            offers=[
                offer("known", 100, tier="nano", engagements_per_post=50, impressions_per_post=1_000, most=4,
                      click_rate="1%", hours_per_creator=2),
                offer("half known", 100, engagements_per_post=60, most=3, tier="micro"),
            ],
        )
    )  # fmt: skip


def nobody() -> Plan:
    """A plan that books nobody."""
    return optimize(
        scenario(
            objective={"minimize": "cost"},
            budget=100,
            offers=[offer("one", 10, tier="nano", engagements_per_post=5)],
            limits=[{"measure": "cpe", "max": 3}, {"measure": "cost", "per": "creator", "max": 20}],
        )
    )


def fractions(**audience: Any) -> Plan:
    """Parts of creators, yen, and audiences that hardly overlap."""
    return optimize(
        scenario(
            name="Fractions",
            currency="JPY",
            budget=1_000_000,
            objective="reach",
            audience={"people": 1_000_000, **audience},
            offers=[
                offer(f"{i}", 33_333 + 1_111 * i, followers=20_000 * (i + 1), reach_rate="31%", most=7)
                for i in range(4)
            ],
            solver={"whole_creators": False},
        )
    )


def scenario_of(plan: Plan) -> Scenario:
    return Scenario.model_validate(plan.inputs)
