"""A Dask cluster as an executor: `with cluster("tcp://scheduler:8786") as executor: frontier(..., executor=executor)`.

Dask is imported here only, and only when asked for (extra `cluster`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager
from typing import Any

from optimizer.__version__ import __version__
from optimizer.jobs.runner import ENDED_TWICE, worker_died
from optimizer.language.errors import MissingPackageError, OptimizerError, SolverError

SECONDS = 10.0
"""How long to wait for the scheduler, and for its first worker."""
PAUSE = 0.2
"""Before a part of some data is sent again."""
PASS_SECONDS = 300.0
"""How long to wait for what workers find in the data that they hold, of which they see a million rows in a second."""


class ClusterError(OptimizerError):
    """A cluster cannot be used: not reachable, without workers, or with other versions."""


class Cluster(Executor):
    """The workers of a Dask scheduler: an executor, and a place for data that many jobs look at."""

    def __init__(self, client: Any, address: str) -> None:
        self._client = client
        self._executor = client.get_executor(pure=False)
        self.address = address

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """See `concurrent.futures.Executor.submit`."""
        future: Future[Any] = self._executor.submit(fn, *args, **kwargs)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """See `concurrent.futures.Executor.shutdown`; the workers stay."""
        self._executor.shutdown(wait=wait)

    def threads(self) -> int:
        """How many jobs the workers do at a time."""
        return sum(self._client.ncores().values())

    def share(self, data: Any, *, few: bool = False) -> Any:
        """Send data to all workers, or to one where `few` jobs get it, once; jobs that are given the answer get the
        data.

        Raises:
            ClusterError: where the scheduler or all workers are lost.
        """
        try:
            return self._client.scatter(data, broadcast=not few, hash=False, timeout=PASS_SECONDS)
        except (Exception, CancelledError) as error:
            raise _lost(self.address, error) from None

    def hold(self, parts: Sequence[Any]) -> Held:
        """Send each part to a worker, once, for jobs to come."""
        return Held(self._client, self.address, parts)


class Held:
    """Parts of some data at the workers of a cluster.

    Raises:
        ClusterError: where the scheduler or all workers are lost.
    """

    def __init__(self, client: Any, address: str, parts: Sequence[Any]) -> None:
        self._client = client
        self._address = address
        self._parts = parts
        threads = [name for name, count in sorted(client.ncores().items()) for _ in range(count)]
        self._there = [
            self._sent(part, threads[number % len(threads) :][:1]) for number, part in enumerate(parts)
        ]

    def each(self, function: Callable[..., Any], jobs: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Results of `function(part, *job)` for each part and its job, in their order.

        A part whose worker was lost is sent again, once.

        Raises:
            SolverError: where a worker was lost twice, or a job fails.
            ClusterError: where the scheduler or all workers are lost, or do not answer.
        """
        waiting = [self._submitted(function, number, job) for number, job in enumerate(jobs)]
        results = []
        for number, (job, future) in enumerate(zip(jobs, waiting, strict=True)):
            try:
                results.append(self._result(future))
            except _LostError:
                self._there[number] = self._sent(self._parts[number])
                try:
                    results.append(self._result(self._submitted(function, number, job)))
                except _LostError:
                    raise SolverError(ENDED_TWICE) from None
        return results

    def release(self) -> None:
        """Let the workers forget the parts."""
        self._there = []

    def _sent(self, part: Any, workers: list[str] | None = None) -> Any:
        """Send a part, to these workers or any; again for a while, because where one has just died the scheduler may
        not know it yet, and another may be about to take its place."""
        end = time.monotonic() + SECONDS
        while True:
            try:
                (future,) = self._client.scatter([part], workers=workers, hash=False, timeout=SECONDS)
                return future
            except (Exception, CancelledError) as error:
                # Dask stumbles in many ways over a scheduler or worker that is gone
                if self._client.status != "running" or time.monotonic() > end:
                    raise _lost(self._address, error) from None
            workers = None
            time.sleep(PAUSE)

    def _submitted(self, function: Callable[..., Any], number: int, job: tuple[Any, ...]) -> Any:
        try:
            return self._client.submit(function, self._there[number], *job, pure=False)
        except Exception as error:  # the client is closed
            raise _lost(self._address, error) from None

    def _result(self, future: Any) -> Any:
        try:
            return future.result(timeout=PASS_SECONDS)
        except TimeoutError as error:
            raise _lost(self._address, error) from None
        except (Exception, CancelledError) as error:
            if worker_died(error) or isinstance(error, CancelledError):
                raise _LostError from None
            text = " ".join(str(error).split())
            raise SolverError(f"a worker of the cluster failed ({type(error).__name__}: {text})") from error


class _LostError(Exception):
    """A part was lost with its worker."""


@contextmanager
def cluster(address: str, seconds: float = SECONDS) -> Iterator[Cluster]:
    """An executor that runs jobs on the workers of a Dask scheduler, e.g. "tcp://10.0.0.5:8786".

    Args:
        address: of the scheduler.
        seconds: how long to wait for it, and for its first worker.

    Raises:
        MissingPackageError: where Dask is not installed.
        ClusterError: where the scheduler cannot be reached, has no workers, or these have other versions.
    """
    try:
        from distributed import Client
    except ImportError:
        raise MissingPackageError("clusters (--scheduler)", "cluster") from None
    _check_address(address, seconds)
    import logging

    connect: Any = Client

    # Dask writes whole tracebacks to stderr where a scheduler or worker is lost; errors and failed points say it in one
    # line.
    names = ("distributed", "distributed.client", "tornado.application", "asyncio")
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        try:
            client = connect(address, timeout=seconds, set_as_default=False)
        except (OSError, TimeoutError, ValueError, ImportError) as error:
            raise _unreachable(address, error) from None
        try:
            _check_workers(client, address, seconds)
            yield Cluster(client, address)
        finally:
            client.close(timeout=seconds)
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _check_address(address: str, seconds: float) -> None:
    """Refuse what is no address and where nobody answers, which Dask would say late and at length."""
    import socket
    from urllib.parse import urlsplit

    if address.startswith("inproc://"):
        return
    try:
        parts = urlsplit(address)
        if parts.scheme not in ("tcp", "tls", "ws", "wss") or not parts.hostname or not parts.port:
            raise ClusterError(
                f"{address!r} is no address of a Dask scheduler; write it like tcp://10.0.0.5:8786"
            )
        socket.create_connection((parts.hostname, parts.port), timeout=seconds).close()
    except ValueError as error:  # a port that is no number
        raise ClusterError(f"{address!r} is no address of a Dask scheduler ({error})") from None
    except OSError as error:
        raise _unreachable(address, error) from None


def _unreachable(address: str, error: BaseException) -> ClusterError:
    return ClusterError(f"the Dask scheduler {address} cannot be reached ({_reason(error)})")


def _lost(address: str, error: BaseException) -> ClusterError:
    why = type(error).__name__
    return ClusterError(
        f"the Dask scheduler {address}, or its last worker, was lost while it was at work ({why})"
    )


def _reason(error: BaseException) -> str:
    return (getattr(error, "strerror", None) or " ".join(str(error).split()) or type(error).__name__).lower()


def versions() -> dict[str, str]:
    """What has to be the same everywhere, so that every point is solved alike."""
    from importlib.metadata import version

    return {"creatormix": __version__, **{name: version(name) for name in ("pulp", "highspy", "numpy")}}


def _check_workers(client: Any, address: str, seconds: float) -> None:
    try:
        client.wait_for_workers(1, timeout=seconds)
    except TimeoutError:
        raise ClusterError(f"the Dask scheduler {address} has no workers") from None
    own = versions()
    try:
        found = client.run(versions, on_error="return")
    except Exception as error:
        raise ClusterError(f"the workers of {address} cannot be asked for their versions ({error})") from None
    for worker, theirs in found.items():
        if not isinstance(theirs, dict):
            why = " ".join(str(theirs).split())
            raise ClusterError(f"the worker {worker} cannot run creatormix ({why}); install it there")
        for name, version in own.items():
            if theirs.get(name) != version:
                text = f"the worker {worker} has {name} {theirs.get(name)}, this machine has {version}"
                raise ClusterError(f"{text}; install the same version on both")
