"""The threads that solves run in: kept, replaced where one does not come back, not taken along by a fork."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

import pytest

from optimizer.solve import highs


class Solver:
    """What `highs.run` needs of a solver; it does as it is told, and remembers which thread did it."""

    def __init__(self, work: Callable[[], None] = lambda: None) -> None:
        self.cbMipInterrupt = self
        self.work = work
        self.thread = 0

    def subscribe(self, callback: object) -> None:
        """Nobody is interrupted here."""

    def run(self) -> None:
        self.thread = threading.get_ident()
        self.work()


def thread_of_one(seconds: float = 10.0) -> int:
    solver = Solver()
    highs.run(solver, seconds)
    return solver.thread


def test_solves_one_after_the_other_run_in_the_same_thread_and_not_in_the_callers() -> None:
    first = thread_of_one()
    assert [thread_of_one() for _ in range(3)] == [first] * 3
    assert first != threading.get_ident()


def test_solves_at_the_same_time_run_in_threads_of_their_own() -> None:
    together = threading.Barrier(2, timeout=10)
    solvers = [Solver(together.wait), Solver(together.wait)]
    callers = [threading.Thread(target=highs.run, args=(solver, 10.0)) for solver in solvers]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert solvers[0].thread != solvers[1].thread


def test_one_that_does_not_come_back_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(highs, "GRACE", 0.0)
    monkeypatch.setattr(highs, "INTERRUPT_GRACE", 0.0)
    let_go = threading.Event()
    stuck = Solver(lambda: let_go.wait(30) and None)
    with pytest.raises(highs.OverrunError):
        highs.run(stuck, 0.01)
    assert thread_of_one() != stuck.thread
    let_go.set()
    deadline = time.monotonic() + 10
    while stuck.thread in {thread.ident for thread in threading.enumerate()} and time.monotonic() < deadline:
        time.sleep(0.01)
    assert stuck.thread not in {thread.ident for thread in threading.enumerate()}


def test_what_goes_wrong_in_the_thread_is_raised_and_the_thread_is_kept() -> None:
    def fail() -> None:
        raise ValueError("no such option")

    before = thread_of_one()
    with pytest.raises(ValueError, match="no such option"):
        highs.run(Solver(fail), 10.0)
    assert thread_of_one() == before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_child_of_a_fork_starts_its_own_thread() -> None:
    thread_of_one()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            solver = Solver()
            highs.run(solver, 5.0)  # in a thread that only the parent has it would never end
            code = 0 if solver.thread else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
