"""Commands that explain a plan and look around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli.frame import (
    cli,
    emit,
    form_of,
    load,
    output_options,
    progress,
    scenario_options,
    translated_errors,
)

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

    with ProcessPoolExecutor(count) as executor:
        yield executor


@cli.command()
@scenario_options
@output_options
@jobs_options
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(("prices", "rules", "negotiation", "tipping")),
    help="Only this part. Repeatable.",
)
def explain(scenario: str, changes: tuple[str, ...], gap: str | None, time_limit: str | None, form: str | None,
            output: str | None, jobs: int | None, total_time: float | None, only: tuple[str, ...]) -> None:  # fmt: skip
    """Say why: prices of limits, cost of rules, what to negotiate.

    By solving again with changed numbers, so that every answer holds for whole creators. For a scenario without a plan:
    which limits cannot hold together, and the smallest changes that make a plan possible.
    """
    form = form_of(form, output)
    with translated_errors(form):
        loaded = load(scenario, changes, gap, time_limit)
        from optimizer.explain import SECTIONS
        from optimizer.explain import explain as explained
        from optimizer.report.explanation import explanation_sections

        with progress() as say, pool(jobs) as executor:
            result = explained(
                loaded,
                sections=[part for part in SECTIONS if not only or part in only],
                executor=executor,
                time_limit=total_time,
                on_progress=lambda part, done, total: say(f"{part} {done}/{total}"),
            )
        parts = explanation_sections(result)
        emit(result.scenario.name, parts, form, output, lambda: result.model_dump_json(indent=2) + "\n")
