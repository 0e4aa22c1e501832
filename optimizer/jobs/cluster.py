"""A Dask cluster as an executor: `with cluster("tcp://scheduler:8786") as executor: frontier(..., executor=executor)`.

Dask is imported here only, and only when asked for (extra `cluster`).
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from optimizer.__version__ import __version__
from optimizer.language.errors import MissingPackageError, OptimizerError

SECONDS = 10.0
"""How long to wait for the scheduler, and for its first worker."""


class ClusterError(OptimizerError):
    """A cluster cannot be used: not reachable, without workers, or with other versions."""


@contextmanager
def cluster(address: str, seconds: float = SECONDS) -> Iterator[Executor]:
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
            yield client.get_executor(pure=False)
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
    reason = (
        getattr(error, "strerror", None) or " ".join(str(error).split()) or type(error).__name__
    ).lower()
    return ClusterError(f"the Dask scheduler {address} cannot be reached ({reason})")


def versions() -> dict[str, str]:
    """What has to be the same everywhere, so that every point is solved alike."""
    from importlib.metadata import version

    return {"creatormix": __version__, "pulp": version("pulp"), "highspy": version("highspy")}


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
