"""The command that learns from results, and says what to test next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from optimizer.cli.errors import translated_errors
from optimizer.cli.group import cli
from optimizer.cli.options import (
    ending_of,
    form_of,
    jobs_options,
    load,
    pool,
    results_options,
    saved_plan,
)
from optimizer.cli.options import results as read_results
from optimizer.cli.output import check_apart, check_output, emit, emit_text, write
from optimizer.cli.progress import progress
from optimizer.cli.streams import encoded
from optimizer.cli.whatif import number_of
from optimizer.language.files import shown_name

if TYPE_CHECKING:
    from optimizer.benchmarks.schema import BenchmarkSet

FORMATS = ("text", "json", "md")


@cli.command()
@click.argument("results", nargs=-1, type=click.Path())
@click.option("--plan", "plans", multiple=True, type=click.Path(), metavar="PLAN",
              help="A saved plan that results are of: says what each booking is. Repeatable.")  # fmt: skip
@click.option("--house", type=click.Path(), metavar="FILE",
              help="Go on from a set that was learnt before; each result counts once.")  # fmt: skip
@results_options
@click.option("--currency", metavar="CODE", help="Of what was paid, where no file and no plan says it: EUR.")
@click.option("--rate", "rates", multiple=True, metavar="CODE=NUMBER",
              help="How many of a currency make 1 of the set's, e.g. --rate EUR=0.92. Repeatable.")  # fmt: skip
@click.option("--next", "scenario", type=click.Path(allow_dash=True), metavar="SCENARIO",
              help="Say instead which number of this scenario is worth asking for or testing first.")  # fmt: skip
@click.option("--set", "changes", multiple=True, metavar="PATH=VALUE",
              help="With --next: change a value of the scenario, e.g. --set budget=80000. Repeatable.")  # fmt: skip
@click.option("--time-limit", metavar="SECONDS", help="With --next: longest time to solve each.")
@click.option("--quote-hours", metavar="HOURS", default="0.5", show_default=True,
              help="With --next: what it takes to get a quote or an answer.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(dir_okay=False), metavar="FILE",
              help="Write what was learnt as a benchmark set (.yaml); with --next, the answer.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(FORMATS),
              help="Default: text; with --next by the ending of -o.")  # fmt: skip
@jobs_options
def learn(results: tuple[str, ...], plans: tuple[str, ...], house: str | None, named_columns: tuple[str, ...],
          currency: str | None, rates: tuple[str, ...], scenario: str | None, changes: tuple[str, ...],
          time_limit: str | None, quote_hours: str, form: str | None, output: str | None, jobs: int | None,
          total_time: float | None) -> None:  # fmt: skip
    """Learn from results what creators cost and bring, or say what to test next.

    RESULTS are files as `optimize review` reads them. Each number of the packaged benchmarks is moved as far as the
    results deserve, by platform, tier and format, and for named creators; -o house.yaml writes that as a set, which a
    scenario uses with `benchmarks: house.yaml`.

    With --next: which number, if known, would be worth most to this scenario's plan, what a quote, an answer or a test
    post tells of it, what that costs and would have brought, and so whether it is worth it.
    """
    if scenario is None:
        _learn(results, plans, house, named_columns, currency, rates, form or "text", output)
        return
    form = form_of(form, output, FORMATS)
    with translated_errors(form):
        if results or plans or house:
            raise click.UsageError(
                "--next asks about a scenario; learn from results first, then use the set in it"
            )
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


def _learn(
    paths: tuple[str, ...],
    plans: tuple[str, ...],
    house: str | None,
    named_columns: tuple[str, ...],
    currency: str | None,
    rates: tuple[str, ...],
    form: str,
    output: str | None,
) -> None:
    ending_of(output, "a benchmark set", (".yaml", ".yml"))
    if output is not None:
        check_output(output)
    with translated_errors(form, "learnt"):
        if not paths:
            raise click.UsageError(
                "name files of results: optimize learn results.csv -o house.yaml; or a scenario: --next"
            )
        exchange_rates = _rates(rates)
        known = [saved_plan(path) for path in plans]
        code = currency or next((plan.currency for plan in known), None)
        found = read_results(paths, named_columns, code)
        check_apart(output)
        from optimizer.learning.house import house_text
        from optimizer.learning.learn import learn as learnt

        before = None if house is None else _set(house)
        name = "house" if output in (None, "-") else Path(output).stem
        result = learnt(found, known, name=name, house=before, exchange_rates=exchange_rates)
        if output == "-":
            emit_text(house_text(result), None)
            return
        emit(result, form, None)
        if output is not None:
            write(output, encoded(house_text(result)))
            told = shown_name(output)
            click.echo(f"wrote {told}; in a scenario: benchmarks: {told}", err=True)


def _rates(texts: tuple[str, ...]) -> dict[str, float]:
    """Exchange rates of the command line."""
    found = {}
    for text in texts:
        code, equals, value = text.partition("=")
        if not equals or len(code) != 3:
            raise click.UsageError(f"--rate {text}: write CODE=NUMBER, e.g. --rate EUR=0.92")
        rate = number_of(f"--rate {code}", value)
        if not rate > 0:
            raise click.UsageError(f"--rate {text}: a rate is above 0")
        found[code.upper()] = rate
    return found


def _set(path: str) -> BenchmarkSet:
    """A set that was learnt before, from its file."""
    from optimizer.benchmarks.packaged import load_set

    try:
        return load_set(path if Path(path).suffix else f"./{path}")
    except ValueError as error:
        raise click.UsageError(str(error)) from None
