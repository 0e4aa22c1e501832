"""Commands that explain a plan and look around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli.frame import (
    cli,
    console,
    form_of,
    load,
    output_options,
    progress,
    scenario_options,
    translated_errors,
    write,
)

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from optimizer.report.parts import Section


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
        emit(result, result.scenario.name, explanation_sections(result), form, output)


def emit(result: Any, title: str, sections: Iterable[Section], form: str, output: str | None) -> None:
    """A result as text, JSON or Markdown, to the screen or a file."""
    if form == "csv":
        raise click.UsageError("there is no CSV of this; use --format json, md or text")
    if form == "json":
        text = result.model_dump_json(indent=2) + "\n"
    elif form == "md":
        from optimizer.report.markdown import sections_markdown

        text = sections_markdown(title, sections)
    else:
        import sys

        from optimizer.report.text import print_sections, sections_text

        if not output and sys.stdout.isatty():
            print_sections(title, sections, console())
            return
        text = sections_text(title, sections)
    if output:
        write(output, text)
        click.echo(f"wrote {output}", err=True)
    else:
        click.echo(text, nl=False)
