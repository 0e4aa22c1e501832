"""Processes and time of commands that solve many times."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from concurrent.futures import Executor


def jobs_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Processes and time of commands that solve many times."""
    for decorator in reversed(
        (
            click.option(
                "--jobs", type=click.IntRange(1), metavar="N", help="Processes. Default: one per core."
            ),
            click.option(
                "--total-time",
                type=click.FloatRange(0.1),
                metavar="SECONDS",
                help="Longest time for the whole command.",
            ),
        )
    ):
        command = decorator(command)
    return command


@contextmanager
def pool(jobs: int | None) -> Iterator[Executor | None]:
    """Worker processes; none for one job."""
    import os

    count = jobs or os.cpu_count() or 1
    if count == 1:
        yield None
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_all_start_methods, get_context

    # A fork would copy the threads of the progress line and of the solver in whatever state they are.
    method = "forkserver" if "forkserver" in get_all_start_methods() else "spawn"
    executor = ProcessPoolExecutor(count, mp_context=get_context(method))
    try:
        yield executor
    finally:
        # nobody waits for what is still solved: time was up, or the command failed
        processes = list((executor._processes or {}).values())
        executor.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
