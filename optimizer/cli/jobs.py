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
                "--jobs",
                type=click.IntRange(1),
                metavar="N",
                help="Processes. Default: one per processor it may use.",
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
    """As `optimizer.jobs.processes.pool`, imported when it is needed."""
    from optimizer.jobs.processes import pool as processes

    with processes(jobs) as executor:
        yield executor
