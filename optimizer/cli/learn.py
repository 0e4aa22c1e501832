"""The command that says what to test next."""

from __future__ import annotations

import click

from optimizer.cli.errors import translated_errors
from optimizer.cli.group import cli
from optimizer.cli.options import form_of, jobs_options, load, output_options, pool
from optimizer.cli.output import check_apart, emit
from optimizer.cli.progress import progress
from optimizer.cli.whatif import number_of

FORMATS = ("text", "json", "md")


@cli.command()
@click.argument("results", nargs=-1, type=click.Path())
@click.option("--next", "scenario", type=click.Path(allow_dash=True), metavar="SCENARIO",
              help="Say which number of this scenario is worth asking for or testing first.")  # fmt: skip
@click.option("--set", "changes", multiple=True, metavar="PATH=VALUE",
              help="Change a value of the scenario, e.g. --set budget=80000. Repeatable.")  # fmt: skip
@click.option("--time-limit", metavar="SECONDS", help="Longest time to solve each.")
@click.option("--quote-hours", metavar="HOURS", default="0.5", show_default=True,
              help="What it takes to get a quote or an answer.")  # fmt: skip
@output_options(*FORMATS)
@jobs_options
def learn(results: tuple[str, ...], scenario: str | None, changes: tuple[str, ...], time_limit: str | None,
          quote_hours: str, form: str | None, output: str | None, jobs: int | None,
          total_time: float | None) -> None:  # fmt: skip
    """Say what to test next: which number, if known, would be worth most to this plan.

    For each number with a range: what the plan would gain if it were known, what a quote, an answer or a test post
    tells of it, what that costs and would have brought, and so whether it is worth it.
    """
    form = form_of(form, output, FORMATS)
    with translated_errors(form):
        if scenario is None or results:
            raise click.UsageError("name a scenario: optimize learn --next scenario.yaml")
        hours = number_of("--quote-hours", quote_hours)
        if hours < 0:
            raise click.UsageError(f"--quote-hours: {quote_hours} is negative")
        loaded = load(scenario, changes, None, time_limit)
        check_apart(output)
        from optimizer.learning.next import next_tests

        with progress() as say, pool(jobs) as executor:
            result = next_tests(
                loaded,
                quote_hours=hours,
                executor=executor,
                time_limit=total_time,
                on_progress=lambda part, done, total: say(f"{part} {done}/{total}"),
            )
        emit(result, form, output)
