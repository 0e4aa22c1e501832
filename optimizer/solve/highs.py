"""HiGHS through PuLP, as this package needs it: silent on standard output, one thread, back in time.

What was measured (1.15.1 and 1.16.0) and what is done about it:

- From 1.16 on, `Highs()` prints a banner before anything can be asked of it, and no option of any version keeps other
  C code from printing. So standard output is shielded on the level of the file descriptor.
- `time_limit` is not looked at in every step of presolve, and a signal waits until `run` returns. So `run` (which
  gives the interpreter up) works in a thread of ours, and whoever waits for it can leave.
- The scheduler belongs to the thread that first ran; "threads" set later makes `run` fail in that thread. Threads of
  ours have schedulers of their own, and are kept, because a scheduler takes time to make.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from queue import SimpleQueue
from typing import Any

import numpy as np
import pulp

from optimizer.language.errors import SolverError
from optimizer.program.packages import Floats

GRACE = 0.7
"""Seconds beyond its time limit that HiGHS may take to stop by itself."""
INTERRUPT_GRACE = 0.5
"""Seconds that it may take to notice that it is asked to."""


class OverrunError(Exception):
    """HiGHS did not come back in time; it is left to itself, and nothing of it can be read."""


class _Shield:
    """Keeps C code from writing to the standard output of this process; shared by threads that solve at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._depth = 0
        self._saved = -1

    def raised(self, to: int | None) -> None:
        with self._lock:
            self._depth += 1
            if self._depth > 1:
                return
            _flush()
            try:
                self._saved = os.dup(1)
            except OSError:  # closed: nothing to keep
                self._saved = -1
                return
            try:
                if to is None:
                    raise OSError
                os.dup2(to, 1)
            except OSError:
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, 1)
                os.close(nowhere)

    def lowered(self) -> None:
        with self._lock:
            self._depth -= 1
            if self._depth == 0 and self._saved >= 0:
                _flush()
                os.dup2(self._saved, 1)
                os.close(self._saved)


_SHIELD = _Shield()


@contextmanager
def shielded(to: int | None) -> Iterator[None]:
    """Whatever is written to standard output meanwhile goes to another file descriptor; nowhere for None."""
    _SHIELD.raised(to)
    try:
        yield
    finally:
        _SHIELD.lowered()


@lru_cache(maxsize=1)
def _c_library() -> Any:
    return ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None)


def _flush() -> None:
    """What C code has printed and still holds back."""
    with suppress(OSError, AttributeError):
        _c_library().fflush(None)


@lru_cache(maxsize=1)
def highs_version() -> str:
    """E.g. "HiGHS 1.15.1"."""
    import highspy

    make: Any = highspy.Highs
    with shielded(None):
        return f"HiGHS {make().version()}"


class _Worker:
    """A thread that runs one solve after another; one for each solve at a time.

    HiGHS makes a scheduler for each thread that runs it, which takes as long as solving a small program: 0.5 of 2.8 ms.
    """

    def __init__(self) -> None:
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        threading.Thread(target=self._work, name="HiGHS", daemon=True).start()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()

    def begin(self, job: Callable[[], None]) -> None:
        self._jobs.put(job)

    def end(self) -> None:
        """No more once what it works on is done."""
        self._jobs.put(None)


_IDLE: list[_Worker] = []
"""Workers without work; appending and taking are atomic."""
if hasattr(os, "register_at_fork"):  # a child has the memory of its parent, but not its threads
    os.register_at_fork(after_in_child=_IDLE.clear)


def run(highs: Any, seconds: float) -> None:
    """`highs.run()` in another thread; a KeyboardInterrupt is raised at once, and the search then ends soon.

    Args:
        highs: a configured `highspy.Highs`.
        seconds: its time limit.

    Raises:
        OverrunError: where it does not end in time.
    """
    wanted_no_more, done = threading.Event(), threading.Event()
    failure: list[BaseException] = []

    def work() -> None:
        try:
            highs.run()
        except BaseException as error:
            failure.append(error)
        done.set()

    def interrupt(event: Any) -> None:
        if wanted_no_more.is_set():
            event.interrupt()

    highs.cbMipInterrupt.subscribe(interrupt)
    try:
        worker = _IDLE.pop()
    except IndexError:
        worker = _Worker()
    # Other threads of a program may print meanwhile; on standard error nothing of that is lost.
    with shielded(2):
        worker.begin(work)
        try:
            done.wait(min(seconds + GRACE, threading.TIMEOUT_MAX))
        except BaseException:
            wanted_no_more.set()
            worker.end()
            raise
        if not done.is_set():
            wanted_no_more.set()
            done.wait(INTERRUPT_GRACE)
    if not done.is_set():
        worker.end()
        raise OverrunError
    _IDLE.append(worker)
    if failure:
        raise failure[0]


class _Highs(pulp.HiGHS):  # type: ignore[misc]
    """PuLP's HiGHS with a starting plan and a look at the solver itself; the same under PuLP 3.3 and 4."""

    start: dict[str, float] | None = None
    highs: Any = None
    deadline: float = 0.0

    def callSolver(self, lp: Any) -> None:  # noqa: N802 (PuLP's name)
        self.highs = lp.solverModel
        if self.start is not None:
            columns = lp.exported_variables() if hasattr(lp, "exported_variables") else lp.variables()
            # PuLP adds a column of its own to an objective of nothing but zeros
            values = np.array([self.start.get(v.name, 0.0) for v in columns], dtype=float)
            self.highs.setSolution(len(values), np.arange(len(values), dtype=np.int32), values)
        seconds = max(0.01, self.deadline - time.perf_counter())
        self.highs.setOptionValue("time_limit", seconds)
        run(self.highs, seconds)


def solve_problem(
    problem: Any, *, seconds: float, gap: float, start: dict[str, float] | None, options: dict[str, Any]
) -> Any:
    """Solve a PuLP problem; the variables get their values.

    Args:
        problem: a minimisation.
        seconds: time, the building of HiGHS's own model included.
        gap: relative gap at which the search may stop.
        start: variable name -> value of a plan to start from; a variable that is left out is 0.
        options: HiGHS options.

    Returns:
        The `highspy.Highs` after its run.

    Raises:
        SolverError: where HiGHS is not installed.
        OverrunError: where it did not end in time.
    """
    if not _Highs().available():
        raise SolverError("the solver HiGHS is not installed; run: pip install highspy")
    engine = _Highs(msg=False, gapRel=gap, gapAbs=0.0, threads=1, **options)
    engine.start = start
    engine.deadline = time.perf_counter() + seconds
    highs_version()  # from 1.16 on the first `Highs()` of a process prints a banner: this one, for nobody
    try:
        with shielded(2):  # from the making of HiGHS's own model on
            problem.solve(engine)
    except KeyError:
        # PuLP 3.3 has no word for some of HiGHS's statuses (solution limit); HiGHS itself has.
        values = engine.highs.getSolution().col_value
        for variable, value in zip(problem.variables(), values, strict=True):
            variable.varValue = value
    return engine.highs


def values_of(variables: list[Any]) -> Floats:
    """The values that a solve gave to variables, shape (variables,).

    One that no row and no objective asks for, and that PuLP therefore leaves out, stands at its lower bound.
    """
    return np.array(
        [(v.lowBound or 0.0) if v.varValue is None else v.varValue for v in variables], dtype=float
    )
