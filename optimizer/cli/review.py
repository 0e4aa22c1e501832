"""The command that holds a plan against what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from optimizer.cli.errors import translated_errors
from optimizer.cli.group import cli
from optimizer.cli.options import form_of, output_options, results, results_options, saved_plan
from optimizer.cli.output import check_apart, emit

if TYPE_CHECKING:
    from optimizer.report.layout.csv import Dialect

REVIEW_FORMATS = ("text", "json", "csv", "md", "xlsx", "html")


@cli.command()
@click.argument("plan_file", metavar="PLAN", type=click.Path(allow_dash=True))
@click.argument("result_files", metavar="RESULTS...", nargs=-1, required=True, type=click.Path())
@output_options(*REVIEW_FORMATS)
@results_options
@click.option("--running", is_flag=True, help="The campaign still runs: what has no row is still to come.")
def review(plan_file: str, result_files: tuple[str, ...], form: str | None, output: str | None,
           dialect: Dialect | None, named_columns: tuple[str, ...], running: bool) -> None:  # fmt: skip
    """Hold a plan against what came of it: what differs, and why.

    PLAN is a saved plan (JSON), RESULTS what was paid and reached, by post, creator or offer: CSV, XLSX or JSON as a
    platform or tool exports them. The parts of each difference add up. With --running also how it will end.
    """
    form = form_of(form, output, REVIEW_FORMATS, dialect)
    with translated_errors(form, "reviewed"):
        plan = saved_plan(plan_file)
        check_apart(output)
        if form == "html":
            from optimizer.report.page.pages import check_packages

            check_packages()
        from optimizer.actuals.review import review as reviewed

        found = results(result_files, named_columns, plan.currency)
        emit(reviewed(plan, found, running=running), form, output, dialect=dialect)
