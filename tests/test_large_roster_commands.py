"""What every command does on a roster too large to make an offer of each row, and that every output says so."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Sequence
from html import unescape
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from optimizer.cli.commands import cli
from optimizer.roster import expand, read
from optimizer.solve import kept, sieve
from tests.shell import ROOT
from tests.test_many import roster

ROWS = 700
PAGE = ROOT / "docs/how-to/a-hundred-thousand-creators.md"
FEW = r"Looked at here: [\d,]+ of 700 creators, whom the plan over all of them books or comes nearest to booking"
ALL = r"bound over all 700 creators"
CASES: dict[str, tuple[Sequence[str], str]] = {
    "plan": (["plan", "s.json", "--no-risk"], ALL),
    "check": (["check", "s.json"], r"All 700 creators were looked at, and a plan was found"),
    "report": (["report", "plan.json"], ALL),
    "explain": (["explain", "s.json", "--only", "prices", "--jobs", "1"], FEW),
    "alternatives": (["alternatives", "s.json", "--plans", "0", "--jobs", "1", "--total-time", "3"], FEW),
    "goal": (
        ["goal", "s.json", "--engagements", "300k", "--no-risk"],
        r"All 700 creators were looked at for this",
    ),
    "replan": (["replan", "plan.json", "s.json", "--set", "budget=15000", "--no-risk"], FEW),
    "reserves": (["reserves", "s.json", "--jobs", "1"], FEW),
    "compare": (
        ["compare", "s.json", "b.json", "--jobs", "1", "--no-risk"],
        r"plan and bound are over all 700 creators; what a little more brings, and what causes a change, is told by",
    ),
    "frontier": (
        ["frontier", "s.json", "--over", "budget=5k,30k", "--jobs", "1", "--no-risk"],
        r"All 700 creators were looked at for each point",
    ),
    "risk": (["risk", "s.json", "--jobs", "1", "--total-time", "5"], FEW),
    "stress": (["stress", "s.json", "--change", "fees +20%"], FEW),
    "learn": (["learn", "--next", "s.json", "--jobs", "1", "--total-time", "5"], FEW),
}
"""Command -> its words, and what each of its outputs says."""
SILENT = {"roster", "new", "benchmarks", "schema", "completion", "review"}
"""Commands that plan nothing."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a roster, two scenarios and a saved plan."""
    folder = tmp_path_factory.mktemp("large")
    (folder / "creators.csv").write_text(roster(ROWS + 40, 11), encoding="utf-8")
    own = {
        "objective": "engagements",
        "budget": 20_000,
        "effort_hours": 400,
        "limits": [{"measure": "posts", "max": 70}],
        "rosters": [
            {
                "file": "creators.csv",
                "keep": {"followers": {"min": 0}},
                "defaults": {"platform": "instagram", "hours_per_creator": 6},
                "offer": {"posts_per_creator": {"min": 1, "max": 3}},
            }
        ],
    }  # fmt: skip
    (folder / "s.json").write_text(json.dumps(own), encoding="utf-8")
    (folder / "b.json").write_text(json.dumps({**own, "budget": 30_000}), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        small(patch, folder)
        assert run("plan", "s.json", "--no-risk", "-o", "plan.json").exit_code == 0
    return folder


def small(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Few rows are many."""
    patch.chdir(folder)
    patch.setattr(read, "FROM", 1)
    patch.setattr(expand, "LARGE", 500)
    patch.setattr(sieve, "NEAREST", 60)
    patch.setattr(kept, "MOST_WHOLE", 600)


def run(*words: str) -> Any:
    """The command in this process, where few rows may be many."""
    return CliRunner().invoke(cli, list(words))


def formats_of(command: str) -> list[str]:
    """The formats it writes; text where it has no choice."""
    option = next((one for one in cli.commands[command].params if one.name == "form"), None)
    if option is None:
        return ["text"]
    assert isinstance(option.type, click.Choice)
    return [str(one) for one in option.type.choices if one not in ("csv", "mediaplan-json")]


def said(command: str, form: str, folder: Path) -> str:
    """What an output says, as one line."""
    words = [*CASES[command][0], *(["--format", form] if formats_of(command) != ["text"] else [])]
    if form == "xlsx":
        words += ["-o", str(folder / f"{command}.xlsx")]
    ran = run(*words)
    assert ran.exit_code == 0, ran.output
    if form == "xlsx":
        with zipfile.ZipFile(io.BytesIO((folder / f"{command}.xlsx").read_bytes())) as book:
            text = unescape(re.sub(r"<[^>]+>", " ", book.read("xl/sharedStrings.xml").decode("utf-8")))
    elif form == "html":
        text = unescape(re.sub(r"<[^>]+>", " ", ran.stdout))
    elif form == "md":
        text = ran.stdout.replace("\\", "")
    else:
        text = ran.stdout
    return " ".join(text.split())


@pytest.mark.parametrize(("command", "form"), [(name, form) for name in CASES for form in formats_of(name)])
def test_every_output_says_whom_it_is_about(
    command: str, form: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(monkeypatch, place)
    text = said(command, form, place)
    if form != "json":
        words = CASES[command][1].replace("700", str(creators_of(place)))
        assert re.search(words, text), text[:3000]
        return
    found = json.loads(text)
    stamps = (
        [plan["plan"]["scenario"] for plan in found["columns"]]
        if command == "compare"
        else [found.get("scenario", found)]
    )
    for stamp in stamps:
        assert stamp["creators"] == creators_of(place)
        assert (stamp["kept"] == 0) if command == "goal" else 60 < stamp["kept"] < 300


def creators_of(place: Path) -> int:
    """Rows that take part."""
    found: int = json.loads((place / "plan.json").read_text())["scenario"]["creators"]
    return found


def test_every_command_is_in_the_table_of_the_page() -> None:
    assert {*CASES, *SILENT} == set(cli.commands)
    rows = re.findall(r"^\| `([a-z-]+)(?: --next)?`", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [row for row in rows if row in CASES] == list(CASES)
    assert set(rows) - set(CASES) <= {"roster", "new", "review", "--save-lp"}


def test_an_lp_file_says_how_many_creators_it_has(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch, place)
    ran = run("plan", "s.json", "--no-risk", "--save-lp", str(place / "a.lp"))
    assert ran.exit_code == 0
    first = (place / "a.lp").read_text(encoding="utf-8").splitlines()[0]
    assert re.search(rf"_\d+_of_{creators_of(place)}_creators", first), first


def test_a_reason_says_who_told_it(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch, place)
    ran = run("plan", "s.json", "--set", "effort_hours=20", "--set", "limits[0].min=60")
    assert ran.exit_code == 3
    assert re.search(rf"\(told by [\d,]+ of {creators_of(place)} creators\)", ran.stderr), ran.stderr
