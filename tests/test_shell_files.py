"""Files and streams as a user's shell sees them: what is read, what is written, and what is left where that fails."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.forked import Forked, forked_command
from tests.shell import COMMAND, optimize

pytestmark = pytest.mark.skipif(os.name == "nt", reason="devices, links and modes of POSIX")

SCENARIO = "name: Café\nbudget: 100\nobjective: creators\noffers: [{name: Zoë, cost_per_post: 5, creators: {max: 3}}]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "s.yaml").write_text(SCENARIO, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def forked() -> Iterator[Forked]:
    """For what does not depend on how the process starts."""
    with forked_command() as one:
        yield one


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def one_line(message: str) -> bool:
    """A message without a traceback; usage may stand before it."""
    return (
        "Traceback" not in message and "Exception ignored" not in message and len(message.splitlines()) <= 4
    )


def test_text_is_utf_8_in_and_out_whatever_the_locale_says(folder: Path) -> None:
    c_locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for env in ({"PYTHONIOENCODING": "cp1252"}, {"PYTHONIOENCODING": "utf-16"}, c_locale):
        ran = optimize("-", "--format", "json", given=SCENARIO.encode(), cwd=folder, env=env)
        assert json.loads(ran.out)["lines"][0]["offer"] == "Zoë", env
        assert ran.err == b""
    for word, place in (("latin-1", "<stdin>:1:10: byte 0xe9"), ("utf-16", "<stdin>:1:1: byte 0xff")):
        ran = optimize("-", given=SCENARIO.encode(word), cwd=folder, env={"PYTHONIOENCODING": "latin-1"})
        assert ran.code == 2
        assert ran.message.startswith(f"{place} is not UTF-8 text (save the file as UTF-8)")
    ran = optimize("-", "--format", "csv", given=b"\xef\xbb\xbf" + SCENARIO.encode(), cwd=folder)
    assert ran.text.splitlines()[1].startswith("Zoë,")


def test_words_of_the_command_line_are_utf_8_whatever_the_locale_says(folder: Path) -> None:
    c_locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    words = ("--set", "offers.Zoë.creators.max=2".encode(), "--set", "name=Søren".encode())
    ran = optimize("s.yaml", *words, "--format", "json", cwd=folder, env=c_locale)
    assert ran.code == 0, ran.message
    plan = json.loads(ran.out)
    assert (plan["scenario"]["name"], plan["lines"][0]["creators"]) == ("Søren", 2)


def test_a_name_with_control_characters_does_not_reach_the_terminal(folder: Path) -> None:
    name = b"a\x1b[31m.json"
    ran = optimize("s.yaml", "-o", name, cwd=folder)
    assert ran.code == 0
    assert b"\x1b" not in ran.err


def test_a_saved_plan_with_a_byte_order_mark_is_read(folder: Path) -> None:
    assert optimize("s.yaml", "-o", "p.json", cwd=folder).code == 0
    (folder / "b.json").write_bytes(b"\xef\xbb\xbf" + (folder / "p.json").read_bytes())
    assert optimize("report", "b.json", cwd=folder).text.startswith("Café\n")


def test_pipes_descriptors_and_links_are_written_through_and_modes_stay(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    reader = subprocess.Popen(["cat", "pipe"], cwd=folder, stdout=subprocess.PIPE)
    assert optimize("s.yaml", "--format", "json", "-o", "pipe", cwd=folder).code == 0
    assert json.loads(reader.communicate(timeout=20)[0])["status"] == "optimal"
    assert stat.S_ISFIFO((folder / "pipe").stat().st_mode)
    (folder / "private.json").touch(mode=0o600)
    (folder / "link.json").symlink_to("private.json")
    assert optimize("s.yaml", "-o", "link.json", cwd=folder).code == 0
    assert (folder / "link.json").is_symlink()
    assert stat.S_IMODE((folder / "private.json").stat().st_mode) == 0o600
    assert json.loads((folder / "private.json").read_text("utf-8"))["status"] == "optimal"
    ran = optimize("s.yaml", "--format", "csv", "-o", "/dev/fd/1", cwd=folder)
    assert ran.text.splitlines()[1].startswith("Zoë,")
    assert optimize("s.yaml", "--format", "csv", "-o", "-", cwd=folder).out == ran.out
    assert left(folder) == {"s.yaml", "pipe", "private.json", "link.json"}


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root may make a device")
def test_a_device_stays_a_device(folder: Path) -> None:
    try:
        os.mknod(folder / "null.json", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("devices cannot be made here")
    for words in (("s.yaml", "-o", "null.json"), ("schema", "-o", "null.json")):
        assert optimize(*words, cwd=folder).code == 0
        assert stat.S_ISCHR((folder / "null.json").stat().st_mode)


def test_no_output_takes_the_place_of_what_is_read_or_of_another_output(folder: Path, forked: Forked) -> None:
    assert forked.optimize("s.yaml", "-o", "p.json", cwd=folder).code == 0
    (folder / "over.yaml").write_text("extends: s.yaml\nbudget: 50\n", encoding="utf-8")
    (folder / "keep.csv").write_text("offer,creators\nZoë,2\n", encoding="utf-8")
    os.link(folder / "s.yaml", folder / "hard.json")
    (folder / "soft.json").symlink_to("p.json")
    before = {name: (folder / name).read_bytes() for name in left(folder)}
    for words in (
        ("p.json", "-o", "p.json"),
        ("p.json", "-o", "./soft.json"),
        ("s.yaml", "-o", "hard.json"),
        ("over.yaml", "-o", "hard.json"),
        ("report", "p.json", "--format", "json", "-o", "soft.json"),
        ("compare", "s.yaml", "over.yaml", "-o", "hard.json"),
        ("replan", "p.json", "s.yaml", "--keep", "keep.csv", "--format", "json", "-o", "hard.json"),
        ("s.yaml", "-o", "new.txt", "--save-lp", "new.txt"),
    ):
        ran = forked.optimize(*words, cwd=folder)
        assert ran.code == 2, words
        assert ran.out == b""
        assert "would be lost" in ran.message or "are one place" in ran.message, words
    assert {name: (folder / name).read_bytes() for name in left(folder)} == before


def test_endings_that_promise_something_else_are_refused(folder: Path, forked: Forked) -> None:
    for words, says in (
        (("-o", "plan.pdf"), "the ending .pdf names no format; known: .json, .csv, .md, .txt, .xlsx, .html"),
        (("-o", "plan.csv", "--format", "json"), "ends as csv but --format asks for json"),
    ):
        ran = forked.optimize("s.yaml", *words, cwd=folder)
        assert (ran.code, ran.out) == (2, b"")
        assert says in ran.message
    assert left(folder) == {"s.yaml"}


def test_long_and_undecodable_names(folder: Path) -> None:
    name = "a" * 245 + ".json"
    assert optimize("s.yaml", "-o", name, cwd=folder).code == 0
    assert name in left(folder)
    strange = b"q\xff.yaml"
    try:
        Path(os.fsdecode(bytes(folder) + b"/" + strange)).write_text(SCENARIO, encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes no such name")
    ran = optimize("compare", "s.yaml", strange, "--format", "json", cwd=folder)
    assert ran.code == 0, ran.message
    assert json.loads(ran.out)["columns"][1]["source"] == "q\N{REPLACEMENT CHARACTER}.yaml"


def test_what_cannot_be_read_or_written_is_said_in_one_line(folder: Path, forked: Forked) -> None:
    (folder / "loop.yaml").symlink_to("loop.yaml")
    (folder / "loops.yaml").write_text("extends: loop.yaml\n", encoding="utf-8")
    for words, says in (
        (("loop.yaml",), "Too many levels of symbolic links"),
        (("loops.yaml",), "Too many levels of symbolic links"),
        (("s.yaml", "-o", "loop.yaml", "--format", "json"), "Too many levels of symbolic links"),
        (("s.yaml", "-o", "no/such/folder.json"), "No such file or directory"),
        (("s.yaml", "-o", "/dev/full", "--format", "json"), "No space left on device"),
        (("new", "a" * 300), "File name too long"),
    ):
        ran = forked.optimize(*words, cwd=folder)
        assert ran.code == 2, (words, ran.message)
        assert says in ran.message, (words, ran.message)
        assert "Traceback" not in ran.message
    assert left(folder) == {"s.yaml", "loop.yaml", "loops.yaml"}


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can act as somebody else")
def test_a_folder_that_must_not_be_looked_into(folder: Path) -> None:
    (folder / "locked").mkdir(mode=0o700)
    (folder / "other.yaml").write_text("extends: locked/base.yaml\n", encoding="utf-8")
    folder.chmod(0o755)
    for parent in folder.parents:
        if not parent.stat().st_mode & 0o001:
            pytest.skip("another user cannot come here")
    nobody = {"user": 65534, "group": 65534, "extra_groups": []}
    for words in (("s.yaml", "-o", "locked/a/b.json"), ("new", "locked/z.yaml"), ("other.yaml",)):
        ran = optimize(*words, cwd=folder, env={"HOME": "/"}, **nobody)
        if "No module named" in ran.message or ran.code in (126, 127):
            pytest.skip("another user cannot run this interpreter")
        assert ran.code == 2, (words, ran.message)
        assert "Permission denied" in ran.message
        assert "Traceback" not in ran.message


def test_streams_that_are_full_closed_or_left(folder: Path) -> None:
    run = " ".join(f"'{word}'" for word in COMMAND)
    cases = [
        (f"{run} s.yaml >&-", 2, "standard output is closed; write to a file: -o FILE"),
        (f"{run} - <&-", 2, "standard input cannot be read: it is closed"),
        (f"{run} s.yaml 2>&-", 0, ""),
        (f"{run} s.yaml -o kept.json >&-", 0, "wrote kept.json"),
        (f"{run} frontier s.yaml --over budget=10:30:10 --jobs 1 | true; exit ${{PIPESTATUS[0]}}", 141, ""),
    ]
    if Path("/dev/full").exists():
        cases += [(f"{run} {words} > /dev/full", 2, "standard output cannot be written: No space left on device")
                  for words in ("s.yaml", "schema", "check s.yaml")]  # fmt: skip
    for line, code, says in cases:
        ran = subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, timeout=60, check=False)
        message = ran.stderr.decode()
        assert ran.returncode in (code, 0 if code == 141 else code), (line, message)
        assert says in message, (line, message)
        assert one_line(message), message


def test_a_terminal_that_knows_nothing_gets_no_control_characters(folder: Path) -> None:
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    try:
        ran = optimize("s.yaml", cwd=folder, env={"TERM": "dumb"}, stdout=slave, stderr=slave)
        os.close(slave)
        shown = os.read(master, 100_000)
    finally:
        os.close(master)
    assert ran.code == 0
    assert "Café" in shown.decode("utf-8")
    assert b"\x1b" not in shown


def test_the_command_is_a_module_too(folder: Path) -> None:
    ran = optimize("s.yaml", "--format", "csv", cwd=folder, command=(sys.executable, "-m", "optimizer"))
    assert ran.text.splitlines()[1].startswith("Zoë,")
