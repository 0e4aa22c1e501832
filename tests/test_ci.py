"""What continuous integration does where the newest versions break something, and where the pinned ones do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import DEAREST
from tests.shell import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the scripts of .ci are for bash")

PYTHON = """#!/bin/sh
# Stands for an interpreter that makes environments, and for the one in them.
case "$*" in
  "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  --version) echo "Python 3.99.1" ;;
  *" --quiet "*"list"*) ;;
  *"pip list"*) printf 'creatormix==0.1.0\\npip==99\\nPyYAML==%s\\nhighspy==77.7\\n' "$PINNED" ;;
  *"--upgrade-strategy"*) [ "$BREAKS" = install ] && echo "ERROR: no such version" && exit 1 ;;
  *pytest*) [ "$BREAKS" = tests ] && printf 'E   1 == 2\\nFAILED tests/test_x.py::test_y - no\\n' && exit 1 ;;
esac
exit 0
"""
MAKE = """#!/bin/sh
# Stands for make: notes what it is asked for.
echo "$*" >> "$NOTES"
case "$*" in
  test-newest*)
    for word in "$@"; do case "$word" in NEWEST=*) folder="${word#NEWEST=}" ;; esac; done
    mkdir -p "$folder"; echo "summary of $folder: FAILED tests/test_x.py::test_y" > "$folder/summary.txt"
    [ "$BREAKS" != newest ] ;;
  "$BREAKS") exit 1 ;;
esac
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    shutil.copytree(ROOT / "locks", tmp_path / "locks")
    (tmp_path / "optimizer").mkdir()
    (tmp_path / "bin").mkdir()
    for name, text in (("fake-python", PYTHON), ("make", MAKE)):
        (tmp_path / "bin" / name).write_text(text, encoding="utf-8")
        (tmp_path / "bin" / name).chmod(0o755)
    (tmp_path / ".ci" / "programs").write_text("#!/bin/sh\n", encoding="utf-8")
    return tmp_path


def script(project: Path, name: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a script of .ci; of the variables around it only the path, since make passes its own on (VENV, PYTHON)."""
    path = f"{project / 'bin'}{os.pathsep}{os.environ['PATH']}"
    env = {"PATH": path, "NOTES": str(project / "notes"), "BREAKS": "nothing", **variables}
    return subprocess.run([project / ".ci" / name], env=env, capture_output=True, text=True, timeout=60)


def newest(project: Path, breaks: str) -> tuple[int, str]:
    lock = (project / "locks" / "test.txt").read_text(encoding="utf-8")
    pinned = lock.partition("\npyyaml==")[2].split()[0]
    done = script(
        project, "test-newest", BREAKS=breaks, PINNED=pinned, PYTHON=str(project / "bin" / "fake-python")
    )
    summary = (project / ".venv-newest" / "summary.txt").read_text(encoding="utf-8")
    assert done.stdout.endswith(summary)
    return done.returncode, summary


def test_the_newest_run_names_the_versions_that_are_not_the_pinned_ones(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VENV", ".venv-other-pulp")  # as when CI runs these tests by `make test VENV=...`
    assert newest(project, "nothing") == (
        0,
        "Newest versions, Python 3.99.1: the tests pass\nOther than pinned in locks/test.txt:\n  highspy==77.7\n",
    )


@pytest.mark.parametrize(
    ("breaks", "line"),
    [("tests", "FAILED tests/test_x.py::test_y - no"), ("install", "ERROR: no such version")],
)
def test_the_newest_run_says_what_went_wrong_and_where_to_read_on(
    breaks: str, line: str, project: Path
) -> None:
    code, summary = newest(project, breaks)
    assert code != 0
    assert "Python 3.99.1: THE TESTS DO NOT PASS" in summary
    assert f"What went wrong:\n  {line}\nWhat to do: CONTRIBUTING.md, " in summary
    title = summary.rpartition('"')[0].rpartition('"')[2]
    assert f"### {title}\n" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_ci_tries_the_newest_before_the_pinned_versions_and_passes_without_a_word_about_it(
    project: Path,
) -> None:
    done = script(project, "run")
    asked = (project / "notes").read_text(encoding="utf-8").splitlines()
    assert done.returncode == 0
    assert asked[0] == "lint"
    assert asked[1].startswith("test-newest ")
    assert asked[-1] == "test"
    assert "!!!" not in done.stdout + done.stderr


def test_where_the_newest_break_something_ci_says_so_loudly_and_the_build_passes(project: Path) -> None:
    done = script(project, "run", BREAKS="newest")
    asked = (project / "notes").read_text(encoding="utf-8").splitlines()
    assert done.returncode == 0
    assert asked[-1] == "test"
    banner = done.stdout.split("!" * 118)[1]
    assert "TODAY'S NEWEST DEPENDENCIES BREAK SOMETHING" in banner
    assert "summary of .venv-newest: FAILED tests/test_x.py::test_y" in banner
    assert done.stdout.splitlines()[-1].startswith("The pinned versions are fine. The newest are NOT")


@pytest.mark.parametrize("breaks", ["lint", "test"])
def test_where_the_pinned_versions_break_something_the_build_fails(breaks: str, project: Path) -> None:
    assert script(project, "run", BREAKS=breaks).returncode != 0


def test_the_files_that_are_run_first_are_there() -> None:
    assert [name for name in DEAREST if not (ROOT / "tests" / f"{name}.py").exists()] == []
