"""The command that puts scenarios side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from optimizer.cli.errors import shown, translated_errors
from optimizer.cli.group import cli
from optimizer.cli.options import (
    drawn,
    finished,
    form_of,
    jobs_options,
    opened,
    output_options,
    read,
    risk_options,
    saved_plan,
    scheduler_option,
    workers,
)
from optimizer.cli.output import check_apart, emit
from optimizer.cli.progress import progress
from optimizer.language.files import shown_name

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from optimizer.load import Opened
    from optimizer.plan.plan import Plan
    from optimizer.report.layout.csv import Dialect
    from optimizer.scenario.scenario import Scenario

COMPARE_FORMATS = ("text", "json", "csv", "md", "xlsx", "html")


@cli.command()
@click.argument("base", type=click.Path(allow_dash=True))
@click.argument("others", nargs=-1, required=True, type=click.Path(allow_dash=True), metavar="OTHER...")
@click.option("--set", "changes", multiple=True, metavar="PATH=VALUE",
              help="Change a value in every scenario. Repeatable.")  # fmt: skip
@click.option("--gap", metavar="SHARE", help="Relative gap at which to stop, e.g. 0.1%.")
@click.option("--time-limit", metavar="SECONDS", help="Longest time to solve each.")
@output_options(*COMPARE_FORMATS)
@jobs_options
@scheduler_option
@click.option("--rate", "rates", multiple=True, metavar="CODE=NUMBER",
              help="Exchange rate: units of CODE for 1 unit of the base's currency. Repeatable.")  # fmt: skip
@click.option("--no-bridge", is_flag=True, help="Do not work out what caused each change.")
@risk_options
def compare(base: str, others: tuple[str, ...], changes: tuple[str, ...], gap: str | None, time_limit: str | None,
            form: str | None, output: str | None, dialect: Dialect | None, jobs: int | None,
            total_time: float | None, scheduler: str | None, rates: tuple[str, ...],
            no_bridge: bool, no_risk: bool, draws: int | None, seed: int | None) -> None:  # fmt: skip
    """Put scenarios side by side: what changes against the base, and why.

    BASE and OTHER are scenarios, or plans saved with -o plan.json, which are taken as they are unless --set, --gap
    or --time-limit is given. The bridge says how much of each change comes from budget, hours, prices, response,
    limits, offers and objective.
    """
    form = form_of(form, output, COMPARE_FORMATS, dialect)
    risk = drawn(no_risk, draws, seed)
    with translated_errors(form):
        if form == "html":
            from optimizer.report.page.pages import check_packages

            check_packages()
        given = _exchange_rates(rates)
        from optimizer.finance.compare.compare import compare as compared

        paths = (base, *others)
        if paths.count("-") > 1:
            raise click.UsageError("only one scenario can come from standard input (-)")
        with workers(jobs, scheduler) as executor:
            items = scenarios_and_plans(paths, changes, gap, time_limit, executor)
            check_apart(output)
            _check_rates(given, [item.currency for item in items])
            with progress() as say:
                result = compared(
                    items,
                    sources=["" if path == "-" else shown_name(path) for path in paths],
                    rates=given,
                    bridges=not no_bridge,
                    executor=executor,
                    time_limit=total_time,
                    on_progress=lambda what, done, total: say(f"{what} {done}/{total}"),
                    **risk,
                )
        emit(result, form, output, dialect)
    first = result.columns[0]
    if first.plan is None:  # then nothing is compared, whatever became of the others
        click.echo(shown(result.sentences[0]), err=True)
        raise SystemExit(3 if first.status == "infeasible" else 4)


def scenarios_and_plans(
    paths: Sequence[str],
    changes: tuple[str, ...],
    gap: str | None,
    time_limit: str | None,
    executor: Executor | None = None,
) -> list[Scenario | Plan]:
    """Saved plans as they are, unless something is to change in them; else scenarios. The problems of all at once.

    The rows of several scenarios with very large rosters are looked at by the executor, a job for each.
    """
    from optimizer.language.errors import Problem, ScenarioError
    from optimizer.plan.saved import is_saved_plan

    found: list[Plan | Opened] = []
    problems: list[Problem] = []
    for path in paths:
        text = _text_of(path)
        try:
            if is_saved_plan(text) and not (changes or gap or time_limit):
                found.append(saved_plan(path, text))
            else:
                found.append(opened(path, changes, gap, time_limit, text))
        except ScenarioError as error:
            problems += error.problems
    files = [one for one in found if isinstance(one, tuple)]
    scenarios: Iterator[Scenario] = iter(())
    try:
        scenarios = iter(finished(files, executor))
    except ScenarioError as error:
        if not problems:
            raise
        problems += error.problems
    if problems:  # those of --set are the same in every file
        raise ScenarioError(dict.fromkeys(problems))
    return [next(scenarios) if isinstance(one, tuple) else one for one in found]


def _text_of(path: str) -> str:
    """What a file says; nothing where it cannot be read, which reading it as a scenario will tell."""
    try:
        return read(path)
    except click.UsageError:
        if path == "-":
            raise
        return ""


def _check_rates(rates: dict[str, float], currencies: Sequence[str]) -> None:
    """Refuse a rate that would change nothing, such as one that was meant the other way round."""
    base, used = currencies[0], dict.fromkeys(code for code in currencies if code != currencies[0])
    for code in rates:
        if code not in used:
            hint = (
                f"write --rate {next(iter(used))}=…, how many make 1 {base}" if used else f"all are in {base}"
            )
            raise click.UsageError(f"--rate {code}: no scenario after the base is in {code}; {hint}")


def _exchange_rates(rates: tuple[str, ...]) -> dict[str, float]:
    from optimizer.language.quantities import parse_number

    found = {}
    for rate in rates:
        code, equals, value = rate.partition("=")
        if not equals:
            raise click.UsageError(f"--rate {rate}: write CODE=NUMBER, e.g. --rate EUR=0.92")
        try:
            number = parse_number(value)
        except ValueError as error:
            raise click.UsageError(f"--rate {rate}: {error}") from None
        if not number > 0:
            raise click.UsageError(f"--rate {rate}: a rate is above 0, e.g. --rate EUR=0.92")
        found[code.strip().upper()] = number
    return found
