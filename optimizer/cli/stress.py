"""The command that puts a plan under stress."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from optimizer.cli.compare import scenarios_and_plans
from optimizer.cli.errors import translated_errors
from optimizer.cli.group import cli
from optimizer.cli.options import form_of, output_options
from optimizer.cli.output import check_apart, emit
from optimizer.cli.progress import progress
from optimizer.language.files import as_typed

if TYPE_CHECKING:
    from optimizer.report.layout.csv import Dialect

STRESS_FORMATS = ("text", "json", "csv", "md", "xlsx", "html")


@cli.command()
@click.argument("scenario", metavar="SCENARIO|PLAN", type=click.Path(dir_okay=True, allow_dash=True))
@click.option("--change", "cases", multiple=True, metavar="CHANGE",
              help="A case: a change in words, e.g. --change 'fees +20%'; several with semicolons between. "
              "Repeatable: each is a case of its own.")  # fmt: skip
@click.option("--set", "changes", multiple=True, metavar="PATH=VALUE",
              help="Change a value before planning, e.g. --set budget=80000. Repeatable.")  # fmt: skip
@click.option("--gap", metavar="SHARE", help="Relative gap at which to stop, e.g. 0.1%.")
@click.option("--time-limit", metavar="SECONDS", help="Longest time to solve each.")
@output_options(*STRESS_FORMATS)
def stress(scenario: str, cases: tuple[str, ...], changes: tuple[str, ...], gap: str | None, time_limit: str | None,
           form: str | None, output: str | None, dialect: Dialect | None) -> None:  # fmt: skip
    """Say how bad it can get: the plan as booked, should things come otherwise, and the best plan had one known.

    Tests the cases under stress: in the scenario, then those of --change. SCENARIO is planned first; a PLAN saved with
    -o plan.json is taken as it is booked, unless --set, --gap or --time-limit is given.
    """
    form = form_of(form, output, STRESS_FORMATS, dialect)
    with translated_errors(form):
        if form == "html":
            from optimizer.report.page.pages import check_packages

            check_packages()
        (loaded,) = scenarios_and_plans([scenario], changes, gap, time_limit)
        check_apart(output)
        from optimizer.risk.stress.stress import stress as tested

        with progress() as say:
            result = tested(loaded, [as_typed(case) for case in cases], on_progress=say)
        emit(result, form, output, dialect)
