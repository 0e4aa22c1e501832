"""The command that plans at many budgets (or hours, or anything else) at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from optimizer.cli.errors import shown, translated_errors
from optimizer.cli.group import cli
from optimizer.cli.options import (
    form_of,
    jobs_options,
    load,
    no_risk_option,
    output_options,
    scenario_options,
    scheduler_option,
    workers,
)
from optimizer.cli.output import check_apart, emit
from optimizer.cli.progress import progress
from optimizer.language.files import as_typed

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from optimizer.finance.frontier.result import Frontier
    from optimizer.report.layout.csv import Dialect
    from optimizer.scenario.scenario import Scenario

FORMATS = ("text", "json", "csv", "md", "xlsx", "html")
NAMED = 5
"""Failed points that are named on stderr."""


@cli.command()
@scenario_options
@click.option(
    "--over",
    "over",
    multiple=True,
    required=True,
    metavar="PATH=VALUES",
    help="What to vary: START:STOP:STEP or a list, e.g. budget=20k:120k:5k or effort_hours=80,160,240. "
    "Once for a curve, twice for a map.",
)
@output_options(*FORMATS)
@jobs_options
@scheduler_option
@no_risk_option
def frontier(scenario: str, changes: tuple[str, ...], gap: str | None, time_limit: str | None, over: tuple[str, ...],
             form: str | None, output: str | None, dialect: Dialect | None, jobs: int | None, total_time: float | None,
             scheduler: str | None, no_risk: bool) -> None:  # fmt: skip
    """Find the best result at every budget, or along any number.

    For example: optimize frontier scenario.yaml --over budget=20k:120k:5k. Any number of the scenario can be varied,
    written as for --set; a second --over makes a map. Every point is a plan of its own, solved to the proven best.
    """
    form = form_of(form, output, FORMATS, dialect)
    with translated_errors(form):
        if form == "html":
            from optimizer.report.page.pages import check_packages

            check_packages()
        over = tuple(map(as_typed, over))
        from optimizer.finance.frontier.axes import axes_of
        from optimizer.finance.frontier.frontier import frontier as solved
        from optimizer.finance.frontier.one_point import RANGE_DRAWS

        with workers(jobs, scheduler) as executor:
            loaded = _loaded(scenario, changes, gap, time_limit, over, executor)
            check_apart(output)
            axes = axes_of(loaded, over)
            with progress() as say:
                result = solved(
                    loaded,
                    axes,
                    executor=executor,
                    time_limit=total_time,
                    on_progress=lambda done, total: say(f"points {done}/{total}"),
                    draws=0 if no_risk else RANGE_DRAWS,
                )
        emit(result, form, output, dialect, everything=output is not None)
    _say_failures(result)
    statuses = {point.status for point in result.points}
    if not statuses & {"optimal", "feasible"}:
        raise SystemExit(3 if statuses == {"infeasible"} else 4)


def _loaded(
    path: str,
    changes: tuple[str, ...],
    gap: str | None,
    time_limit: str | None,
    over: tuple[str, ...],
    executor: Executor | None,
) -> Scenario:
    """The scenario; one that only the numbers that are varied would limit is no mistake here."""
    from optimizer.language.errors import UnlimitedError

    try:
        return load(path, changes, gap, time_limit, executor=executor)
    except UnlimitedError:
        caps = [name for name in ("budget", "effort_hours") if any(o.startswith(f"{name}=") for o in over)]
        if not caps or path == "-":
            raise
    from optimizer.scenario.scenario import Scenario

    limited = load(path, (*changes, *(f"{name}=0" for name in caps)), gap, time_limit)
    data = limited.model_dump(mode="json", exclude_unset=True)
    free = Scenario.model_validate({key: value for key, value in data.items() if key not in caps})
    free._rows = limited._rows  # each point has a cap of its own
    return free


def _say_failures(result: Frontier) -> None:
    from optimizer.finance.frontier.words import axis_value

    failed = [point for point in result.points if point.status == "failed"]
    for point in failed[:NAMED]:
        at = ", ".join(
            f"{a.path} {axis_value(a, v, unit=False)}" for a, v in zip(result.axes, point.at, strict=True)
        )
        click.echo(shown(f"failed at {at}: {point.message}"), err=True)
    if failed:
        more = f" ({len(failed) - NAMED} more than named here)" if len(failed) > NAMED else ""
        click.echo(f"{len(failed)} of {len(result.points)} points failed{more}", err=True)
    left = sum(point.status == "skipped" for point in result.points)
    if left:
        click.echo(f"time was up before {left} of {len(result.points)} points", err=True)
