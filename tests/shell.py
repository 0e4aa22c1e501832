"""Runs the real command `optimize` as a process: what a user's shell sees, in bytes.

A process costs about 0.4 s, so let one run answer many questions:

    ran = optimize("scenarios/quickstart.yaml", "--format", "json")
    assert (ran.code, ran.err) == (0, b"")
    assert json.loads(ran.out)["status"] == "optimal"

Where a test has to act while the command runs (signals, pipes, devices), `start` gives the running process.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
COMMAND = (str(Path(sysconfig.get_path("scripts"), "optimize" + (".exe" if os.name == "nt" else ""))),)
"""The command as `pip` installed it beside the interpreter of these tests."""
MODULE = (sys.executable, "-m", "optimizer")
"""The same as a module."""
_OF_THE_TESTER = (
    "COLUMNS", "LINES", "FORCE_COLOR", "CLICOLOR_FORCE", "NO_COLOR", "TTY_COMPATIBLE", "PYTHONUNBUFFERED",
    "PYTHONIOENCODING", "PYTHONUTF8",
)  # fmt: skip
"""Variables of whoever runs the tests that a user does not have: about the terminal, and about Python's own streams,
where PYTHONUNBUFFERED for one also hides what C code prints too late."""


@dataclass(frozen=True)
class Ran:
    """A finished run.

    Attributes:
        code: exit code; below zero where a signal ended it, as in `subprocess`.
        out: all of standard output.
        err: all of standard error.
    """

    code: int
    out: bytes
    err: bytes

    @property
    def text(self) -> str:
        """Standard output, which is UTF-8."""
        return self.out.decode("utf-8")

    @property
    def message(self) -> str:
        """Standard error, which is UTF-8."""
        return self.err.decode("utf-8")


def environment(changes: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """The environment of these tests without what is theirs alone, and with changes; None removes."""
    variables = {name: value for name, value in os.environ.items() if name not in _OF_THE_TESTER}
    for name, value in (changes or {}).items():
        if value is None:
            variables.pop(name, None)
        else:
            variables[name] = value
    return variables


def start(
    *words: str | bytes | os.PathLike[str],
    command: Sequence[str] = COMMAND,
    cwd: str | os.PathLike[str] = ROOT,
    env: Mapping[str, str | None] | None = None,
    **streams: Any,
) -> subprocess.Popen[bytes]:
    """Start the command and return at once. It leads a process group of its own; end it with `end`.

    Args:
        words: arguments.
        command: what is run: COMMAND, MODULE, or either behind another program, e.g. ("nice", *COMMAND).
        cwd: the folder it runs in; default: the project, so that `scenarios/quickstart.yaml` is found.
        env: changes to the environment; None removes a variable.
        streams: further arguments of `subprocess.Popen`, e.g. `stdout=`. Unless told otherwise standard input is
            empty, standard output and standard error are pipes.
    """
    options: dict[str, Any] = {
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "start_new_session": os.name != "nt",
    } | streams
    return subprocess.Popen([*command, *words], cwd=cwd, env=environment(env), **options)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a started command with all processes of its group, finished or not, and close its pipes."""
    if os.name == "nt":
        process.kill()
    else:
        # macOS refuses where nothing but a process that has already ended is left of the group
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()


def optimize(
    *words: str | bytes | os.PathLike[str],
    given: bytes | None = None,
    timeout: float = 60,
    command: Sequence[str] = COMMAND,
    cwd: str | os.PathLike[str] = ROOT,
    env: Mapping[str, str | None] | None = None,
    **streams: Any,
) -> Ran:
    """Run the command to its end.

    Args:
        words: arguments.
        given: standard input; nothing to read where None.
        timeout: seconds after which it is ended with all its processes, and the test fails.
        command, cwd, env, streams: as in `start`. Output that goes elsewhere than to a pipe is b"" in the answer.

    Raises:
        subprocess.TimeoutExpired: where it takes longer.
    """
    if given is not None:
        streams = {"stdin": subprocess.PIPE} | streams
    process = start(*words, command=command, cwd=cwd, env=env, **streams)
    try:
        out, err = process.communicate(given, timeout=timeout)
    finally:
        end(process)
    return Ran(process.returncode, out or b"", err or b"")
