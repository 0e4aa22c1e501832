"""Points in other processes, on other machines, in time or not: never lost, and the same everywhere."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path
from typing import Any

import pytest

from optimizer import Scenario, load_scenario
from optimizer.finance.frontier import frontier as module
from optimizer.finance.frontier.frontier import frontier
from optimizer.finance.frontier.one_point import solve_point
from optimizer.finance.frontier.result import FrontierPoint
from optimizer.jobs.cluster import ClusterError, cluster, versions
from optimizer.jobs.processes import Workers
from optimizer.jobs.runner import Runner
from optimizer.language.errors import MissingPackageError

SCENARIOS = Path(__file__).resolve().parents[1] / "scenarios"
OVER = {"budget": [5_000, 10_000, 20_000, 40_000], "effort_hours": [80, 160]}
BAD = 10_000


@pytest.fixture(scope="module")
def quickstart() -> Scenario:
    return load_scenario(SCENARIOS / "quickstart.yaml")


@pytest.fixture(scope="module")
def serial(quickstart: Scenario) -> str:
    return frontier(quickstart, OVER).model_dump_json()


def processes(count: int) -> ProcessPoolExecutor:
    method = "forkserver" if "forkserver" in get_all_start_methods() else "spawn"
    return ProcessPoolExecutor(count, mp_context=get_context(method))


def raise_at_bad(text: str, at: list[float], *rest: Any) -> FrontierPoint:
    if at[0] == BAD:
        raise MemoryError("no room\nfor it")
    return solve_point(text, at, *rest)


def die_at_bad(text: str, at: list[float], *rest: Any) -> FrontierPoint:
    if at[0] == BAD:
        os._exit(7)
    return solve_point(text, at, *rest)


def stop_at_bad(text: str, at: list[float], *rest: Any) -> FrontierPoint:
    if at[0] == BAD:
        raise SystemExit(3)
    return solve_point(text, at, *rest)


def unpicklable_at_bad(text: str, at: list[float], *rest: Any) -> Any:
    return threading.Lock() if at[0] == BAD else solve_point(text, at, *rest)


def statuses(quickstart: Scenario, executor: Executor | None) -> dict[float, str]:
    found = frontier(quickstart, {"budget": [5_000, BAD, 20_000, 30_000]}, executor=executor)
    failed = [point for point in found.points if point.status == "failed"]
    assert all(point.message and "\n" not in point.message for point in failed)
    assert any("1 of 4 points failed (at 10,000 USD)" in line for line in found.sentences)
    whole = frontier(quickstart, {"budget": [20_000]}).points[0]
    assert next(point for point in found.points if point.at == (20_000,)) == whole, "others are untouched"
    return {point.at[0]: point.status for point in found.points}


ONE_FAILED = {5_000: "optimal", BAD: "failed", 20_000: "optimal", 30_000: "optimal"}


@pytest.mark.parametrize("broken", [raise_at_bad, stop_at_bad])
def test_a_point_that_fails_here_takes_no_other_along(
    quickstart: Scenario, monkeypatch: pytest.MonkeyPatch, broken: Any
) -> None:
    monkeypatch.setattr(module, "solve_point", broken)
    found = frontier(quickstart, {"budget": [5_000, BAD]})
    assert [point.status for point in found.points] == ["optimal", "failed"]
    with ThreadPoolExecutor(2) as executor:
        monkeypatch.setattr(module, "solve_point", broken)
        assert frontier(quickstart, {"budget": [5_000, BAD]}, executor=executor) == found


def test_what_a_failed_worker_said_stands_in_one_line(
    quickstart: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "solve_point", raise_at_bad)
    found = frontier(quickstart, {"budget": [BAD]})
    assert found.points[0].message == "MemoryError: no room for it"


def test_a_worker_process_that_dies_is_a_failed_point_and_the_others_are_solved(
    quickstart: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    for broken in (die_at_bad, unpicklable_at_bad):
        with monkeypatch.context() as patch, processes(2) as executor:
            patch.setattr(module, "solve_point", broken)
            assert statuses(quickstart, executor) == ONE_FAILED


class Cancelling(Executor):
    """Runs every job but the second at once; that one it cancels, and the last it does not take."""

    def __init__(self) -> None:
        self.jobs = 0

    def submit(self, function: Any, /, *job: Any, **rest: Any) -> Future[Any]:
        self.jobs += 1
        future: Future[Any] = Future()
        if self.jobs == 2:
            future.cancel()
            future.set_running_or_notify_cancel()
        elif self.jobs == 4:
            raise RuntimeError("cannot schedule new futures after shutdown")
        else:
            future.set_result(function(*job))
        return future


def test_cancelled_jobs_are_failed_points_and_jobs_that_are_not_taken_run_elsewhere(
    quickstart: Scenario,
) -> None:
    found = frontier(quickstart, {"budget": [5_000, BAD, 20_000, 30_000]}, executor=Cancelling())
    assert [point.status for point in found.points] == ["optimal", "failed", "optimal", "optimal"]
    assert "CancelledError" in found.points[1].message


def test_without_a_word_for_failures_the_runner_raises_as_before() -> None:
    def fails() -> None:
        raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        Runner().run(fails, [()])
    with ThreadPoolExecutor(1) as executor, pytest.raises(ValueError, match="x"):
        Runner(executor).run(fails, [()])


def test_who_stops_the_runner_stops_the_jobs_that_wait() -> None:
    started: list[int] = []

    def work(number: int) -> None:
        started.append(number)
        time.sleep(0.05)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with ThreadPoolExecutor(1) as executor, pytest.raises(KeyboardInterrupt):
        Runner(executor, on_progress=stop).run(work, [(n,) for n in range(50)])
    assert len(started) < 5


# --- everywhere the same -----------------------------------------------------------------------------------


def test_threads_and_processes_give_the_same_bytes(quickstart: Scenario, serial: str) -> None:
    for pool in (ThreadPoolExecutor(3), processes(2)):
        with pool as executor:
            assert frontier(quickstart, OVER, executor=executor).model_dump_json() == serial


def test_progress_counts_every_point(quickstart: Scenario) -> None:
    said: list[tuple[int, int]] = []
    frontier(quickstart, {"budget": [1_000, 2_000, 20_000]}, on_progress=lambda *at: said.append(at))
    assert said == [(1, 3), (2, 3), (3, 3)]


def test_a_worker_that_dies_when_jobs_were_given_up_is_no_error_of_theirs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[object] = []
    monkeypatch.setattr("threading.excepthook", said.append)
    with Workers(1) as workers:
        first, *_, last = [workers.submit(time.sleep, 60) for _ in range(8)]
        while not first.running():
            time.sleep(0.01)
        assert last.cancel()
        for process in workers._pool._processes.values():
            process.kill()
        with pytest.raises(BrokenExecutor):
            first.result(timeout=30)
    assert not said


def test_points_that_time_does_not_allow_are_skipped(quickstart: Scenario) -> None:
    for executor in (None, ThreadPoolExecutor(1)):
        began = time.perf_counter()
        # time for hundreds of points, of thousands, and for one where the machine is busy
        found = frontier(quickstart, {"budget": range(5_000, 45_000, 20)}, time_limit=1.5, executor=executor)
        assert time.perf_counter() - began < 10
        kinds = [point.status for point in found.points]
        assert 0 < kinds.count("skipped") < len(kinds)
        assert kinds[0] == "optimal"
        assert any("Time was up before" in line for line in found.sentences)


# --- Dask --------------------------------------------------------------------------------------------------


def test_a_dask_cluster_gives_the_same_bytes(scheduler: str, quickstart: Scenario, serial: str) -> None:
    with cluster(scheduler) as executor:
        assert frontier(quickstart, OVER, executor=executor).model_dump_json() == serial


def test_a_dask_worker_that_dies_is_a_failed_point(
    scheduler: str, quickstart: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "solve_point", die_at_bad)
    with cluster(scheduler) as executor:
        assert statuses(quickstart, executor) == ONE_FAILED


def test_a_scheduler_that_is_not_there_is_said_at_once() -> None:
    for address, message in (
        ("tcp://127.0.0.1:1", "cannot be reached"),
        ("127.0.0.1:8786", "is no address of a Dask scheduler; write it like tcp://10.0.0.5:8786"),
        ("tcp://127.0.0.1", "is no address"),
        ("tcp://host:port", "is no address"),
    ):
        with pytest.raises(ClusterError, match=message), cluster(address, seconds=2):
            pass


def test_workers_with_another_version_are_refused(scheduler: str, monkeypatch: pytest.MonkeyPatch) -> None:
    own = versions()
    monkeypatch.setattr("optimizer.jobs.cluster.__version__", "9.9")
    with pytest.raises(ClusterError) as caught, cluster(scheduler):
        pass
    assert f"has creatormix {own['creatormix']}, this machine has 9.9" in str(caught.value)


def test_without_dask_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with (
        pytest.raises(MissingPackageError, match=r"pip install 'creatormix\[cluster\]'"),
        cluster("tcp://h:1"),
    ):
        pass
