"""Ctrl-C, SIGTERM, workers that die, machines without shared memory, and time limits: how a command ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.shell import end, optimize, start

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes by /proc")


def market_split(offers: int = 30, rows: int = 4) -> str:
    """A program that takes minutes: weights that have to come to exactly half of their sum, in several rows."""
    rng = np.random.default_rng(8)
    weights = rng.integers(1, 100, (rows, offers))
    lines = ["name: split", "budget: 1_000_000", "objective: {minimize: slack}", "measures:"]
    lines += [f"  m{r}: {{per: creator}}" for r in range(rows)] + ["  slack: {per: creator}", "offers:"]

    def measures(amounts: list[int], slack: int) -> str:
        return ", ".join([*(f"m{r}: {amount}" for r, amount in enumerate(amounts)), f"slack: {slack}"])

    def add(name: str, cost: int, most: int, counted: str) -> None:
        room = f"cost_per_post: {cost}, creators: {{max: {most}}}"
        lines.append(f"  - {{name: {name}, {room}, measures: {{{counted}}}}}")

    for o in range(offers):
        add(f"c{o}", 1000 + o, 1, measures(weights[:, o].tolist(), 0))
    for r in range(rows):
        for sign, word in ((1, "up"), (-1, "down")):
            add(f"{word}{r}", 0, 50, measures([sign * int(q == r) for q in range(rows)], 1))
    lines.append("limits:")
    for r in range(rows):
        half = int(weights[r].sum() // 2)
        lines.append(f"  - {{name: low{r}, measure: m{r}, min: {half}}}")
        lines.append(f"  - {{name: high{r}, measure: m{r}, max: {half}}}")
    return "\n".join(lines) + "\n"


@pytest.fixture(autouse=True)
def signals_as_in_a_shell() -> Iterator[None]:
    """Commands that these tests start ignore no signal, although the tests may run in the background (nohup, &)."""
    ignored = [
        n for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if signal.getsignal(n) == signal.SIG_IGN
    ]
    for number in ignored:
        signal.signal(number, lambda *_: None)  # one that is caught is a program's default again
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "hard.yaml").write_text(market_split(), encoding="utf-8")
    (tmp_path / "small.yaml").write_text(
        "budget: 100\nobjective: creators\noffers: [{name: a, cost_per_post: 5, creators: {max: 3}}]\n",
        encoding="utf-8",
    )
    return tmp_path


def of_group(group: int) -> list[int]:
    """Processes of a group that still run."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                fields = Path("/proc", name, "stat").read_bytes().rpartition(b")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == group and fields[0] != b"Z":
                found.append(int(name))
    return found


def watches(process: int) -> bool:
    """Whether a process has taken care of signals; before, Python is still starting, and may lose a Ctrl-C."""
    status = Path("/proc", str(process), "status").read_text(encoding="ascii")
    caught = int(status.partition("SigCgt:")[2].split()[0], 16)
    return bool(caught >> (signal.SIGTERM - 1) & 1)


def output_of(process: subprocess.Popen[bytes]) -> bytes:
    """Standard error of a process that is to end by itself; where it does not, what each of its threads is doing."""
    try:
        return process.communicate(timeout=20)[1]
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)
        pytest.fail(f"{process.args} still runs:\n{process.communicate(timeout=20)[1].decode()}")


COMMANDS = (
    ("hard.yaml",),
    ("explain", "hard.yaml", "--jobs", "2"),
    ("frontier", "hard.yaml", "--over", "budget=14k:17k:1k", "--jobs", "2"),
)


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_ends_everything_within_about_a_second(folder: Path, name: str, code: int) -> None:
    number = getattr(signal, name)
    tell = {"PYTHONFAULTHANDLER": "1"}
    running = [(words, start(*words, cwd=folder, env=tell)) for words in COMMANDS]
    early: list[tuple[tuple[str, ...], subprocess.Popen[bytes]]] = []
    try:
        time.sleep(3.0)  # they solve, and in two of them workers do
        early = [(words, start(*words, cwd=folder, env=tell)) for words in COMMANDS[:2]]
        while not all(watches(process.pid) for _, process in early):
            time.sleep(0.01)
        # these are still reading their own code
        for words, process in [*running, *early]:
            assert process.poll() is None, words
            os.killpg(process.pid, number) if name == "SIGINT" else os.kill(process.pid, number)
            began = time.monotonic()
            err = output_of(process)
            took = time.monotonic() - began
            deadline = time.monotonic() + 3
            while of_group(process.pid) and time.monotonic() < deadline:
                time.sleep(0.05)
            assert of_group(process.pid) == [], words
            assert process.returncode == code, (words, err)
            assert b"Traceback" not in err
            assert took < 5  # about one; a busy machine needs more
    finally:
        for _, process in [*running, *early]:
            end(process)
    assert {path.name for path in folder.iterdir()} == {"hard.yaml", "small.yaml"}


def test_a_worker_that_is_killed_costs_time_and_not_the_answer(folder: Path) -> None:
    process = start("explain", "small.yaml", "--jobs", "2", cwd=folder)
    try:
        deadline = time.monotonic() + 20
        workers: list[int] = []
        while not workers and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
            workers = [
                p
                for p in of_group(process.pid)
                if _parents(p).count(process.pid) and _depth(p, process.pid) > 1
            ]
        for worker in workers[:1]:
            os.kill(worker, signal.SIGKILL)
        out, err = process.communicate(timeout=60)
    finally:
        end(process)
    assert process.returncode == 0, err
    assert b"Findings" in out
    assert b"Traceback" not in err


def _parent(process: int) -> int:
    try:
        return int(Path("/proc", str(process), "stat").read_bytes().rpartition(b")")[2].split()[1])
    except (OSError, IndexError):
        return 0


def _parents(process: int) -> list[int]:
    found = []
    while process > 1:
        process = _parent(process)
        found.append(process)
    return found


def _depth(process: int, top: int) -> int:
    above = _parents(process)
    return above.index(top) + 1 if top in above else 0


def test_a_machine_that_cannot_start_processes_needs_more_time(folder: Path) -> None:
    """As without shared memory: no semaphore can be made."""
    (folder / "sitecustomize.py").write_text(
        "import _multiprocessing\n"
        "class No:\n"
        "    SEM_VALUE_MAX = 1\n"
        "    def __init__(self, *args): raise OSError(30, 'Read-only file system')\n"
        "_multiprocessing.SemLock = No\n",
        encoding="utf-8",
    )
    env = {"PYTHONPATH": str(folder)}
    for words in (("explain", "small.yaml"), ("frontier", "small.yaml", "--over", "budget=10:30:10")):
        ran = optimize(*words, "--jobs", "2", cwd=folder, env=env)
        assert ran.code == 0, ran.message
        assert ran.err == b""
        assert ran.out


def test_commands_end_when_their_time_is_up(folder: Path) -> None:
    commands = (
        ("hard.yaml", "--time-limit", "2"),
        ("explain", "hard.yaml", "--total-time", "2"),
        ("compare", "hard.yaml", "small.yaml", "--total-time", "2"),
    )
    began = time.monotonic()
    running = [(words, start(*words, cwd=folder)) for words in commands]
    try:
        for words, process in running:
            out, err = process.communicate(timeout=60)
            assert time.monotonic() - began < 25, words  # a few seconds each; a busy machine needs more
            assert b"Traceback" not in err
            assert process.returncode in (0, 4), (words, err)
            assert b"Nothing stands out." not in out  # at most "in what was looked at"
    finally:
        for _, process in running:
            end(process)


def test_a_command_that_is_killed_leaves_no_worker_for_long(folder: Path) -> None:
    process = start("explain", "hard.yaml", "--jobs", "2", "--time-limit", "3", cwd=folder)
    try:
        time.sleep(5.0)
        process.kill()
        process.wait(10)
        deadline = time.monotonic() + 10
        while of_group(process.pid) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert of_group(process.pid) == []
    finally:
        end(process)


def test_jobs_follow_the_processors_this_process_may_use() -> None:
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("processors cannot be taken away here")
    program = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))});"
        "from optimizer.jobs.processes import processors; print(processors())"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert ran.stdout.strip() == b"1"


def test_what_is_half_written_goes_when_a_signal_ends_the_command(tmp_path: Path) -> None:
    (half := tmp_path / "half").write_text("half", encoding="utf-8")
    (folder := tmp_path / "folder").mkdir()
    (folder / "half").write_text("half", encoding="utf-8")
    code = (
        "import os, signal, sys, time\n"
        "from optimizer.cli.signals import watch\n"
        "from optimizer.language.files import UNFINISHED\n"
        "UNFINISHED.update(sys.argv[1:])\n"
        "watch()\n"
        "os.kill(os.getpid(), signal.SIGTERM)\n"
        "time.sleep(20)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, half, folder], timeout=20)
    assert done.returncode == 143
    assert not list(tmp_path.iterdir())
