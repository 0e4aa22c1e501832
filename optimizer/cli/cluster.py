"""Where a command's jobs run: in processes of this machine, or on a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli.jobs import pool

if TYPE_CHECKING:
    from concurrent.futures import Executor


def scheduler_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """A Dask cluster instead of processes of this machine; goes with `jobs_options`."""
    return click.option(
        "--scheduler",
        metavar="ADDRESS",
        help="Solve on a Dask cluster, e.g. tcp://10.0.0.5:8786, instead of in processes here.",
    )(command)


@contextmanager
def workers(jobs: int | None, scheduler: str | None) -> Iterator[Executor | None]:
    """The executor that `--jobs` and `--scheduler` ask for; None solves in this process."""
    if scheduler is None:
        with pool(jobs) as executor:
            yield executor
        return
    if jobs is not None:
        raise click.UsageError("--jobs is for processes of this machine; leave it out with --scheduler")
    from optimizer.jobs.cluster import ClusterError, cluster

    try:
        with cluster(scheduler) as executor:
            yield executor
    except ClusterError as error:
        raise click.UsageError(f"--scheduler: {error}") from None
