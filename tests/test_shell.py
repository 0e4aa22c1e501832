"""The helper that runs the command as a process: it hands over and returns what it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.shell import Ran, environment, optimize

ECHO = """
import json, os, sys
given = sys.stdin.buffer.read()
print(json.dumps([sys.argv[1:], os.getcwd(), os.environ.get("SAID"), os.environ.get("HOME"), given.decode()]))
sys.stderr.buffer.write(b"\\xff")
sys.exit(5)
"""


def test_words_folder_environment_and_input_arrive_and_bytes_and_code_come_back(tmp_path: Path) -> None:
    ran = optimize(
        "a b", "é", command=(sys.executable, "-c", ECHO), cwd=tmp_path, env={"SAID": "x", "HOME": None},
        given=b"line\r\n",
    )  # fmt: skip
    assert json.loads(ran.out) == [["a b", "é"], str(tmp_path.resolve()), "x", None, "line\r\n"]
    assert (ran.code, ran.err) == (5, b"\xff")


def test_the_command_is_the_installed_one_of_this_interpreter() -> None:
    from optimizer.__version__ import __version__

    assert optimize("--version") == Ran(0, f"creatormix {__version__}{os.linesep}".encode(), b"")


def test_what_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(30)'])\n"
        "open('child', 'w').write(str(child.pid))\ntime.sleep(30)\n"
    )
    began = time.monotonic()
    with pytest.raises(subprocess.TimeoutExpired):
        optimize(command=(sys.executable, "-c", code), cwd=tmp_path, timeout=1)
    assert time.monotonic() - began < 10
    child = int((tmp_path / "child").read_text())
    if sys.platform == "linux":
        for _ in range(50):
            state = Path(f"/proc/{child}/stat")
            if not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] == "Z":
                break
            time.sleep(0.1)
        else:
            pytest.fail(f"the child {child} still runs")


def test_the_terminal_of_whoever_runs_the_tests_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert "COLUMNS" not in environment()
    assert environment({"COLUMNS": "90"})["COLUMNS"] == "90"
