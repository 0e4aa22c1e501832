"""Independent jobs through any executor, in order, with progress and a deadline."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from contextlib import suppress
from typing import Any, Protocol, runtime_checkable

from optimizer.jobs.clock import Clock
from optimizer.jobs.processes import CANNOT_START, Workers
from optimizer.language.errors import SolverError

Failed = Callable[[tuple[Any, ...], BaseException], Any]
ENDED_TWICE = "a process that solved a part of this was ended from outside, twice (for its memory?)"


@runtime_checkable
class Sharing(Protocol):
    """An executor whose workers keep data."""

    def share(self, data: Any, *, few: bool = False) -> Any:
        """What jobs are given for it."""
        ...


class Runner:
    """Runs independent jobs through an executor (or one after the other), in order, with progress and a deadline.

    Args:
        executor: any `concurrent.futures.Executor`; None runs in this process.
        seconds: time for all jobs; None for no limit. Jobs that do not start in time give None, and so do those that
            raise TimeoutError.
        on_progress: called with (done, all) after each job.
        on_failure: called with a job that failed and why; what it returns is the job's result. Without it the
            exception is raised. Jobs that a dying worker took along are run again, one at a time, so that only those
            fail which end their worker; without `on_failure` that is a SolverError.
    """

    def __init__(
        self,
        executor: Executor | None = None,
        seconds: float | None = None,
        on_progress: Callable[[int, int], None] | None = None,
        on_failure: Failed | None = None,
    ) -> None:
        self.executor = executor
        self.clock = Clock(seconds)
        self._say = on_progress or (lambda done, total: None)
        self._failed = on_failure
        self.skipped = 0

    def shared(self, data: Any, *, few: bool = False) -> Any:
        """Large data for jobs, as they are given it: sent to the workers of a cluster once, to one of them where `few`
        jobs get it; with each job to other processes."""
        return self.executor.share(data, few=few) if isinstance(self.executor, Sharing) else data

    def run(self, function: Callable[..., Any], jobs: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Results of `function(*job)` in the order of the jobs; None for a job that time did not allow."""
        futures = [self._submitted(function, job) for job in jobs]
        results: list[Any] = [None] * len(jobs)
        lost: list[tuple[int, BaseException]] = []
        done = 0
        try:
            for position, (job, future) in enumerate(zip(jobs, futures, strict=True)):
                try:
                    results[position] = self._result(function, job, future)
                except _LostError as error:
                    lost.append((position, error.why))
                    continue
                done += 1
                self._say(done, len(jobs))
            for position, again in self._one_by_one(function, [(n, jobs[n], why) for n, why in lost]):
                results[position] = again
                done += 1
                self._say(done, len(jobs))
        except BaseException:  # nobody waits for the rest any more
            for future in futures:
                if future is not None:
                    future.cancel()
            raise
        return results

    def _submitted(self, function: Callable[..., Any], job: tuple[Any, ...]) -> Future[Any] | None:
        if self.executor is None:
            return None
        try:
            return self.executor.submit(function, *job)
        except (
            Exception
        ) as error:  # a worker died while jobs were handed over, or none can be started any more
            future: Future[Any] = Future()
            gone = isinstance(error, CANNOT_START) and not isinstance(error, BrokenExecutor)
            future.set_exception(BrokenExecutor(str(error)) if gone else error)
            return future

    def _result(self, function: Callable[..., Any], job: tuple[Any, ...], future: Future[Any] | None) -> Any:
        try:
            if future is not None:
                left = self.clock.left
                return future.result(timeout=None if left == float("inf") else max(0.0, left))
            if not self.clock.over:
                return function(*job)
        except TimeoutError:
            if future is not None:
                future.cancel()
        except (Exception, CancelledError, SystemExit) as error:
            if worker_died(error):
                raise _LostError(error) from None
            if self._failed is None:
                raise
            return self._failed(job, error)
        self.skipped += 1
        return None

    def _one_by_one(
        self, function: Callable[..., Any], jobs: Sequence[tuple[int, tuple[Any, ...], BaseException]]
    ) -> Iterator[tuple[int, Any]]:
        """Run jobs again that were lost with a worker; whatever ends its worker now is to blame itself.

        A broken pool of processes may take no more jobs, so they run in a process of their own, a new one after each
        that ends, or in this one where no process can be started; a cluster has other workers.
        """
        alone: Workers | None = None
        try:
            for position, job, why in jobs:
                future: Future[Any] | None = None
                try:
                    if not isinstance(why, BrokenExecutor):
                        assert self.executor is not None
                        future = self.executor.submit(function, *job)
                    else:
                        with suppress(*CANNOT_START):
                            alone = alone or Workers(1)
                            future = alone.submit(function, *job)
                    yield position, self._result(function, job, future)
                except _LostError as error:  # lost again
                    if self._failed is None:
                        raise SolverError(ENDED_TWICE) from None
                    yield position, self._failed(job, error.why)
        finally:
            if alone is not None:
                alone.shutdown()


class _LostError(Exception):
    """A job was lost because the worker that ran it, or others beside it, died."""

    def __init__(self, why: BaseException) -> None:
        self.why = why
        super().__init__(str(why))


def worker_died(error: BaseException) -> bool:
    """Whether a pool of processes is broken, or a Dask cluster (whose package need not be there) lost a worker."""
    return isinstance(error, BrokenExecutor) or type(error).__name__ == "KilledWorker"
