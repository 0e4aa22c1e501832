"""The command that says what it costs to be sure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from optimizer.cli.errors import translated_errors
from optimizer.cli.group import cli
from optimizer.cli.options import (
    form_of,
    jobs_options,
    load,
    output_options,
    scenario_options,
    scheduler_option,
    workers,
)
from optimizer.cli.output import check_apart, emit
from optimizer.cli.progress import progress

if TYPE_CHECKING:
    from optimizer.report.layout.csv import Dialect

FORMATS = ("text", "json", "csv", "md", "xlsx", "html")


@cli.command()
@scenario_options
@click.option("--confidence", "confidences", metavar="LIST", default="80,90,95", show_default=True,
              help="What to promise: in what percentage of the cases.")  # fmt: skip
@click.option("--target", metavar="RESULT",
              help="A result to reach, e.g. 50k: today's chance, and the plan with the best one.")  # fmt: skip
@output_options(*FORMATS)
@jobs_options
@scheduler_option
def risk(scenario: str, changes: tuple[str, ...], gap: str | None, time_limit: str | None, confidences: str,
         target: str | None, form: str | None, output: str | None, dialect: Dialect | None, jobs: int | None,
         total_time: float | None, scheduler: str | None) -> None:  # fmt: skip
    """Show what a safe result costs, and what can be promised.

    About ten plans from the best expected result to the most dependable one, each proven; what each comes to in bad
    and in good cases; where the mix turns. For example: optimize risk scenario.yaml --target 50k.
    """
    form = form_of(form, output, FORMATS, dialect)
    with translated_errors(form):
        if form == "html":
            from optimizer.report.page.pages import check_packages

            check_packages()
        from optimizer.risk.safety.asked import checked
        from optimizer.risk.safety.safety import safety

        with workers(jobs, scheduler) as executor:
            loaded = load(scenario, changes, gap, time_limit, executor=executor)
            check_apart(output)
            checked(loaded, confidences, target)  # before anything is solved
            with progress() as say:
                result = safety(
                    loaded,
                    confidences=confidences,
                    target=target,
                    executor=executor,
                    time_limit=total_time,
                    on_progress=say,
                )
        emit(result, form, output, dialect, everything=output is not None)
    if result.skipped:
        click.echo(f"{result.skipped} of the plans were not solved in time", err=True)
