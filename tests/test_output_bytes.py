"""What a pipe gets: for every format of every command the result and nothing else, byte by byte, from processes, and
also where the solver talks (see tests/planted/sitecustomize.py)."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from optimizer.cli.commands import cli
from tests.forked import Forked, chatty, forked_command
from tests.shell import Ran, optimize

TINY = """\
name: Tiny
budget: 1_000
effort_hours: 20
objective: engagements
dates: {start: 2026-03-01, end: 2026-03-31}
offers:
  - {name: ann, cost_per_post: 120, engagements_per_post: 900, impressions_per_post: 9_000, hours_per_creator: 3,
     creators: {max: 3}}
  - {name: bob, cost_per_post: 310, engagements_per_post: 2_000, impressions_per_post: 30_000, hours_per_creator: 2,
     creators: {max: 2}}
"""
MORE = "extends: tiny.yaml\nname: More\nbudget: 1_200\n"
NAMED = """\
extends: tiny.yaml
name: Named
offers:
  - {name: ann, cost_per_post: 620, engagements_per_post: 900, hours_per_creator: 3, creators: {max: 1}}
  - {name: bob, cost_per_post: 310, engagements_per_post: 400, hours_per_creator: 2, creators: {max: 1}}
  - {name: cat, cost_per_post: 300, engagements_per_post: 350, hours_per_creator: 2, creators: {max: 1}}
"""
NOTHING = "extends: tiny.yaml\nname: Nothing\nlimits: [{measure: posts, min: 50}]\n"

CREATORS = "Username,Followers,Fee\nanna.runs,12000,150 USD\nben_bakes,48000,600 USD\n"

RESULTS = "offer,posts,impressions,engagements,paid\nann,1,8000,700,130\nbob,1,31000,2100,310\n"

CHEAP = ("--jobs", "1")
SOLVING: dict[str, tuple[str, ...]] = {
    "plan": ("plan", "tiny.yaml"),
    "explain": ("explain", "tiny.yaml", *CHEAP, "--only", "prices"),
    "alternatives": ("alternatives", "tiny.yaml", *CHEAP),
    "goal": ("goal", "tiny.yaml", "--engagements", "3000"),
    "replan": ("replan", "plan.json", "more.yaml"),
    "reserves": ("reserves", "named.yaml", *CHEAP),
    "compare": ("compare", "tiny.yaml", "more.yaml", *CHEAP),
    "frontier": ("frontier", "tiny.yaml", "--over", "budget=600:1200:300", *CHEAP),
    "risk": ("risk", "tiny.yaml", "--target", "3k", *CHEAP),
    "stress": ("stress", "tiny.yaml", "--change", "fees +20%"),
    "learn": ("learn", "--next", "tiny.yaml", "--set", "offers.bob.cost_per_post=[250, 310, 400]", *CHEAP),
}
QUIET: dict[str, tuple[str, ...]] = {
    "report": ("report", "plan.json"),
    "check": ("check", "tiny.yaml"),
    "roster": ("roster", "creators.csv"),
    "review": ("review", "plan.json", "results.csv"),
    "new": ("new",),
    "schema": ("schema",),
    "benchmarks": ("benchmarks", "nano", "instagram"),
    "completion": ("completion",),
}
"""Commands in which nothing is solved."""
FIRST_LINE = {
    "plan": "Tiny", "explain": "Tiny", "alternatives": "Tiny", "goal": "Tiny", "replan": "More", "reserves": "Named",
    "compare": "More compared with Tiny", "frontier": "Tiny", "risk": "Tiny", "stress": "Tiny", "learn": "Tiny",
    "report": "Tiny", "review": "Tiny: what came of it",
    "roster": "creators.csv", "benchmarks": "instagram post, 3,160 followers (nano)",
}  # fmt: skip


def formats_of(command: str) -> list[str]:
    """As the command itself lists them."""
    found = [option for option in cli.commands[command].params if option.name == "form"]
    return list(found[0].type.choices) if found and isinstance(found[0].type, click.Choice) else []


CASES = [(command, form) for command in (*SOLVING, *QUIET) for form in formats_of(command)]


@pytest.fixture(scope="module")
def forked() -> Iterator[Forked]:
    with forked_command() as one:
        yield one


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("tiny", TINY), ("more", MORE), ("named", NAMED), ("nothing", NOTHING)):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "creators.csv").write_text(CREATORS, encoding="utf-8")
    (tmp_path / "results.csv").write_text(RESULTS, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory, forked: Forked) -> str:
    """The plan of `tiny.yaml`, as JSON."""
    place = tmp_path_factory.mktemp("saved")
    (place / "tiny.yaml").write_text(TINY, encoding="utf-8")
    return forked.optimize("tiny.yaml", "--format", "json", cwd=place).text


def runs_in(log: Path) -> set[str]:
    """The processes in which a planted solver ran."""
    return set(log.read_text(encoding="ascii").split()) if log.exists() else set()


# --- each format, whole and alone ----------------------------------------------------------------------------


def only_text(out: bytes, command: str) -> None:
    lines = out.decode("utf-8").splitlines()
    assert lines[0].startswith(FIRST_LINE[command])
    assert out.endswith(b"\n")
    assert max(map(len, lines)) <= 80


def only_json(out: bytes, command: str) -> None:
    assert out.startswith(b"{")
    assert out.endswith(b"}\n")
    json.loads(out)


def only_csv(out: bytes, command: str) -> None:
    rows = list(csv.reader(io.StringIO(out.decode("utf-8"), newline="")))
    assert len(rows) >= 2
    assert {len(row) for row in rows} == {len(rows[0])}
    assert len(rows[0]) > 5
    assert all(name.isidentifier() for name in rows[0])


def only_md(out: bytes, command: str) -> None:
    text = out.decode("utf-8")
    assert text.startswith(f"# {FIRST_LINE[command]}")
    assert text.endswith("\n")


def only_html(out: bytes, command: str) -> None:
    text = out.decode("utf-8")
    assert text.startswith("<!DOCTYPE html>\n")
    assert text.rstrip("\n").endswith("</html>")
    assert text.count("<html") == 1


def only_xlsx(out: bytes, command: str) -> None:
    assert out.startswith(b"PK")
    assert zipfile.ZipFile(io.BytesIO(out)).testzip() is None


ONLY: dict[str, Any] = {
    "text": only_text, "json": only_json, "csv": only_csv, "md": only_md, "html": only_html, "xlsx": only_xlsx,
    "mediaplan-json": only_json,
}  # fmt: skip


def test_every_command_is_here() -> None:
    assert set(cli.commands) == set(SOLVING) | set(QUIET)
    assert {form for _, form in CASES} == set(ONLY)


@pytest.mark.parametrize(("command", "form"), CASES)
def test_the_result_and_nothing_else_though_the_solver_talks(
    command: str, form: str, folder: Path, saved: str, forked: Forked
) -> None:
    (folder / "plan.json").write_text(saved, encoding="utf-8")
    log = folder / "log"
    words = [*SOLVING.get(command, QUIET.get(command, ())), "--format", form]
    if form == "xlsx":
        words += ["-o", "result.xlsx"]
    # Workers start anew, without what is loaded here, so one page made with them is enough: that of a plan.
    ran = forked.optimize(*words, cwd=folder, planted=log, drawn=False, workers=command == "plan")
    assert ran.code == 0, ran.message
    assert b"PLANTED" not in ran.out
    out = ran.out
    if form == "xlsx":
        assert ran.out == b""
        out = (folder / "result.xlsx").read_bytes()
    ONLY[form](out, command)
    if command in SOLVING:
        assert runs_in(log), "no solver ran, so nothing was tested"
    elif not runs_in(log):
        assert ran.message == ("wrote result.xlsx\n" if form == "xlsx" else "")
    if (command, form) == ("plan", "html") and processors() > 1:
        assert len(runs_in(log)) > 1, "the curve and the map are made by workers"


def processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("json", ("explain", "tiny.yaml", "--only", "prices")),
        ("csv", ("compare", "tiny.yaml", "more.yaml")),
        ("text", ("frontier", "tiny.yaml", "--over", "budget=600:1200:100")),
    ],
)
def test_the_same_from_worker_processes_and_from_the_installed_command(
    form: str, words: tuple[str, ...], folder: Path
) -> None:
    log = folder / "log"
    ran = optimize(*words, "--format", form, "--jobs", "2", cwd=folder, env=chatty(log))
    assert ran.code == 0, ran.message
    assert b"PLANTED" not in ran.out
    ONLY[form](ran.out, words[0])
    assert len(runs_in(log)) > 1, "no worker solved anything, so nothing was tested"


def test_the_planted_solver_is_heard_where_nothing_keeps_it_silent(folder: Path) -> None:
    code = "import highspy\nh = highspy.Highs()\nh.setOptionValue('output_flag', False)\nh.addVar(0, 1)\nh.run()\n"
    ran = optimize(
        command=(sys.executable, "-c", code + "print('end')"), cwd=folder, env=chatty(folder / "log")
    )
    lines = ran.text.splitlines()
    for way in ("by a constructor", "by a constructor, held back", "by a run", "by a run, held back"):
        assert f"PLANTED {way}" in lines
    assert any(line.startswith("Running HiGHS") for line in lines)
    assert lines[-2:] == ["end", "PLANTED after a run, held back"]
    assert len(runs_in(folder / "log")) == 1


# --- the solver as it is: standard error and exit codes, too -------------------------------------------------


@pytest.mark.parametrize("command", SOLVING)
def test_standard_error_is_empty_or_names_the_file(
    command: str, folder: Path, saved: str, forked: Forked
) -> None:
    (folder / "plan.json").write_text(saved, encoding="utf-8")
    shown = forked.optimize(*SOLVING[command], cwd=folder)
    assert (shown.code, shown.err) == (0, b"")
    only_text(shown.out, command)
    written = forked.optimize(*SOLVING[command], "-o", "result.json", cwd=folder)
    assert written == Ran(0, b"", b"wrote result.json\n")
    only_json((folder / "result.json").read_bytes(), command)


@pytest.mark.parametrize("ending", ["txt", "csv", "md", "xlsx"])
def test_a_plan_in_a_file_of_each_ending(ending: str, folder: Path, saved: str, forked: Forked) -> None:
    (folder / "plan.json").write_text(saved, encoding="utf-8")
    ran = forked.optimize("report", "plan.json", "-o", f"result.{ending}", cwd=folder)
    assert ran == Ran(0, b"", f"wrote result.{ending}\n".encode())
    ONLY[{"txt": "text"}.get(ending, ending)]((folder / f"result.{ending}").read_bytes(), "plan")


def test_commands_without_formats(folder: Path, forked: Forked) -> None:
    def said(*words: str) -> str:
        ran = forked.optimize(*words, cwd=folder)
        assert (ran.code, ran.err) == (0, b"")
        return ran.text

    assert said("check", "tiny.yaml") == (
        "Tiny: can be planned. 2 offers make 2 packages; 2 limits; 18 numbers.\n"
    )
    starter = Path(__file__).resolve().parents[1] / "optimizer" / "starter.yaml"
    assert said("new") == starter.read_text(encoding="utf-8")
    assert json.loads(said("schema"))["title"]
    assert forked.optimize("new", "mine.yaml", cwd=folder).out == b""
    assert forked.optimize("schema", "-o", "schema.json", cwd=folder).out == b""
    assert json.loads((folder / "schema.json").read_bytes())["title"]
    for shell, first in (
        ("bash", "_optimize_completion() {"),
        ("zsh", "#compdef optimize"),
        ("fish", "function _opt"),
    ):
        assert said("completion", shell).startswith(first)


@pytest.mark.parametrize("command", ["plan", "explain", "alternatives", "goal"])
def test_without_a_plan_standard_output_is_whole_too(command: str, folder: Path, forked: Forked) -> None:
    words = [word.replace("tiny", "nothing").replace("3000", "9M") for word in SOLVING[command]]
    ran = forked.optimize(*words, "--format", "json", cwd=folder, planted=folder / "log")
    assert ran.code == 3
    assert runs_in(folder / "log")
    only_json(ran.out, command)


def test_without_a_plan_text_says_it_on_standard_error(folder: Path, forked: Forked) -> None:
    ran = forked.optimize("nothing.yaml", cwd=folder)
    assert (ran.code, ran.out) == (3, b"")
    assert ran.message.startswith("No plan satisfies every limit")
    wrong = forked.optimize("tiny.yaml", "--set", "budget=lots", "--format", "json", cwd=folder)
    assert (wrong.code, wrong.out) == (2, b"")
    assert wrong.message.endswith("1 problem; nothing was planned\n")
