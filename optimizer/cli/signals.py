"""Ctrl-C, SIGTERM and SIGHUP end the command at once, wherever it is, with every process that it started.

A signal handler of Python runs between two steps of Python, which may be minutes apart while C code works. So the
handlers do nothing, and a thread waits for the byte that the interpreter writes the moment a signal arrives.
"""

from __future__ import annotations

import os
import signal
import sys

TYPE_CHECKING = False  # as in `optimizer`
if TYPE_CHECKING:
    from typing import Any

CODES = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129}
"""Exit codes, as shells have them: 128 and the number of the signal."""


def watch() -> None:
    """Have this process end on the signals of CODES that it does not ignore (as under nohup)."""
    wanted = {
        number: code
        for name, code in CODES.items()
        if (number := getattr(signal, name, None)) is not None and signal.getsignal(number) != signal.SIG_IGN
    }
    if os.name == "nt":  # where waiting in C code is cut short by Ctrl-C, and no pipe can be woken
        for number, code in wanted.items():
            signal.signal(number, lambda *_, code=code: _stop(code))
        return
    import threading

    ear, mouth = os.pipe()
    os.set_blocking(mouth, False)
    signal.set_wakeup_fd(mouth, warn_on_full_buffer=False)
    for number in wanted:
        signal.signal(number, _nothing)

    def listen() -> None:
        while True:
            for number in os.read(ear, 16):
                if number in wanted:
                    _stop(wanted[number])

    threading.Thread(target=listen, name="signals", daemon=True).start()


def _nothing(number: int, frame: Any) -> None:
    """What the interpreter itself does about a signal; the thread does the rest."""


def _stop(code: int) -> None:
    """End this process and all it started, with nothing unfinished left."""
    try:
        _end_descendants()
        _remove_unfinished()
        _say_stopped()
    finally:
        os._exit(code)


def _end_descendants() -> None:
    """Kill what this process started, and what that started, on Linux; elsewhere they see by themselves that it is gone
    (`optimizer.jobs.processes`)."""
    import contextlib

    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc") if os.path.isdir("/proc/self") else ():
        if name.isdigit():
            with (
                contextlib.suppress(OSError, ValueError, IndexError),
                open(f"/proc/{name}/stat", "rb") as file,
            ):
                parent = int(file.read().rpartition(b")")[2].split()[1])
                children.setdefault(parent, []).append(int(name))
    below = list(children.get(os.getpid(), ()))
    for process in below:
        below += children.get(process, ())
    tracker = getattr(sys.modules.get("multiprocessing.resource_tracker"), "_resource_tracker", None)
    for process in below:
        # that one removes the semaphores of the others, and then ends
        if process != getattr(tracker, "_pid", None):
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)


def _remove_unfinished() -> None:
    # looked up, not imported: what is not loaded yet has made no file
    files = sys.modules.get("optimizer.language.files")
    output = sys.modules.get("optimizer.cli.output")
    if files is None:
        return
    import contextlib
    import shutil

    if output is not None:
        output.MAKING.acquire(timeout=0.2)
    for path in list(files.UNFINISHED):
        if os.path.isdir(path):
            shutil.rmtree(path, ignore_errors=True)
        with contextlib.suppress(OSError):
            os.unlink(path)


def _say_stopped() -> None:
    import select

    if os.name == "nt" or select.select([], [2], [], 0.2)[1]:  # a full pipe is not waited for
        clear = "\r\033[K" if os.isatty(2) and os.environ.get("TERM") != "dumb" else ""
        clear = "" if os.environ.get("NO_COLOR") else clear
        os.write(2, f"{clear}stopped\n".encode())
