"""Worker processes: as many as this process may use, gone when it is gone, replaced when one is killed, and none where
the machine cannot start any."""

from __future__ import annotations

import math
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, InvalidStateError, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import get_all_start_methods, get_context, parent_process
from multiprocessing.connection import wait
from multiprocessing.util import get_temp_dir
from pathlib import Path
from shutil import rmtree
from typing import Any

from optimizer.language.files import UNFINISHED

CANNOT_START = (OSError, ImportError, NotImplementedError, EOFError, RuntimeError)
"""What it is where a machine has no shared memory, no semaphores, or no room for a process or thread more."""


def processors() -> int:
    """How many processors this process may use: those it is bound to, and what its control group is given of them."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    count = bound or os.cpu_count() or 1
    return max(1, min(count, math.ceil(_quota(Path("/sys/fs/cgroup")))))


def _quota(root: Path) -> float:
    """Processors' worth of time that a control group (version 2) and those above it allow; infinite for no limit."""
    least = math.inf
    try:
        own = next(
            line[3:].strip()
            for line in Path("/proc/self/cgroup").read_text().splitlines()
            if line[:3] == "0::"
        )
    except (OSError, StopIteration, UnicodeDecodeError):
        own = "/"
    folder = root / own.lstrip("/")
    for place in (folder, *folder.parents):
        with suppress(OSError, ValueError, ZeroDivisionError):
            allowed, period = (place / "cpu.max").read_text().split()
            if allowed != "max":
                least = min(least, int(allowed) / int(period))
        if place == root:
            break
    return least if math.isfinite(least) else float(10**6)


class _Cancellable(Future[Any]):
    """A job that may have been cancelled when its worker is found dead: no error, as in Python 3.12.1 and newer, while
    older ones print a traceback."""

    def set_exception(self, exception: BaseException | None) -> None:
        with suppress(InvalidStateError):
            super().set_exception(exception)


class Workers(Executor):
    """A pool of processes that is made anew after one of them was killed.

    Raises:
        one of CANNOT_START, where this machine cannot have one.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._open: set[Future[Any]] = set()
        UNFINISHED.add(get_temp_dir())  # which the interpreter removes where it ends by itself
        _start_helpers()
        self._pool = self._made()

    def _made(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self._count, mp_context=get_context(_method()), initializer=_begin, initargs=(get_temp_dir(),)
        )

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """See `concurrent.futures.Executor.submit`."""
        try:
            future = self._pool.submit(fn, *args, **kwargs)
        except BrokenExecutor:
            self._pool = self._made()
            future = self._pool.submit(fn, *args, **kwargs)
        future.__class__ = _Cancellable
        self._open.add(future)
        future.add_done_callback(self._open.discard)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes; what is still solved is not waited for."""
        for future in list(self._open):
            future.cancel()
        if any(not future.done() for future in list(self._open)):
            for process in list((self._pool._processes or {}).values()):
                process.kill()
        self._pool.shutdown(wait=wait, cancel_futures=True)


@contextmanager
def pool(jobs: int | None) -> Iterator[Executor | None]:
    """Worker processes, as many as processors unless told; None, for this process, where one is enough or the machine
    cannot start any."""
    count = processors() if jobs is None else jobs
    workers = None
    if count > 1:
        with suppress(*CANNOT_START):
            workers = Workers(count)
    if workers is None:
        yield None
        return
    with workers:
        yield workers


def _method() -> str:
    # A fork would copy the threads of the progress line and of the solver in whatever state they are.
    return "forkserver" if "forkserver" in get_all_start_methods() else "spawn"


def _start_helpers() -> None:
    """Start the processes that start and tidy up after workers, deaf to Ctrl-C and without a word about what a killed
    command left behind (which they remove)."""
    if _method() != "forkserver":
        return
    from multiprocessing import forkserver, resource_tracker

    key, quiet = "PYTHONWARNINGS", "ignore::UserWarning:multiprocessing.resource_tracker"
    before = os.environ.get(key)
    os.environ[key] = quiet if before is None else f"{before},{quiet}"
    try:
        resource_tracker.ensure_running()  # which unblocks signals again, so it comes first
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            forkserver.ensure_running()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    finally:
        if before is None:
            del os.environ[key]
        else:
            os.environ[key] = before


def _begin(folder: str) -> None:
    """In each worker: no traceback on Ctrl-C, and an end soon after that of the process that has started it, whose
    folder for temporary files goes then, too."""
    with suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is None:
        return

    def leave() -> None:
        wait([parent.sentinel])
        rmtree(folder, ignore_errors=True)
        os._exit(1)

    threading.Thread(target=leave, name="parent", daemon=True).start()
