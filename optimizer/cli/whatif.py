"""Commands that explain a plan and look around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli.compare import scenarios_and_plans
from optimizer.cli.errors import translated_errors
from optimizer.cli.group import cli
from optimizer.cli.options import (
    form_of,
    jobs_options,
    load,
    no_risk_option,
    output_options,
    pool,
    results,
    results_options,
    saved_plan,
    scenario_options,
)
from optimizer.cli.output import check_apart, emit
from optimizer.cli.progress import progress
from optimizer.language.files import as_typed
from optimizer.language.measures import LARGE, MEASURES, REACH, is_money
from optimizer.language.synonyms import measure_meant

if TYPE_CHECKING:
    from optimizer.report.layout.csv import Dialect

REPORT_FORMATS = ("text", "json", "md")
PAGE_FORMATS = (*REPORT_FORMATS, "html")
RESERVE_FORMATS = ("text", "json", "csv", "md", "xlsx", "html")


@cli.command()
@scenario_options
@output_options(*PAGE_FORMATS)
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
    form = form_of(form, output, PAGE_FORMATS)
    with translated_errors(form):
        loaded = load(scenario, changes, gap, time_limit)
        check_apart(output)
        if form == "html":
            from optimizer.report.page.pages import check_packages

            check_packages()
        from optimizer.whatif.explain.explain import explain as explained
        from optimizer.whatif.explain.result import SECTIONS

        with progress() as say, pool(jobs) as executor:
            result = explained(
                loaded,
                sections=[part for part in SECTIONS if not only or part in only],
                executor=executor,
                time_limit=total_time,
                on_progress=lambda part, done, total: say(f"{part} {done}/{total}"),
            )
        emit(result, form, output)


@cli.command()
@scenario_options
@output_options(*REPORT_FORMATS)
@jobs_options
@click.option(
    "--within", default="2%", show_default=True, metavar="SHARE", help="How much of the best may be given up."
)
@click.option(
    "--plans", default=3, show_default=True, type=click.IntRange(0, 20), help="Other plans to look for."
)
def alternatives(scenario: str, changes: tuple[str, ...], gap: str | None, time_limit: str | None, form: str | None,
                 output: str | None, jobs: int | None, total_time: float | None, within: str,
                 plans: int) -> None:  # fmt: skip
    """Find plans that are nearly as good.

    For each tier, platform and offer the least and the most it can have; and whole plans as different from the best and
    from each other as possible. All limits hold in all of them.
    """
    form = form_of(form, output, REPORT_FORMATS)
    with translated_errors(form):
        loaded = load(scenario, changes, gap, time_limit)
        check_apart(output)
        from optimizer.whatif.alternatives.alternatives import alternatives as found_alternatives

        with progress() as say, pool(jobs) as executor:
            result = found_alternatives(
                loaded,
                within=share_of("--within", within),
                plans=plans,
                executor=executor,
                time_limit=total_time,
                on_progress=lambda part, done, total: say(f"{part} {done}/{total}"),
            )
        emit(result, form, output)


_NO_GOAL = ("cost", "hours", "cost_of_goods", "gross_reach")
_FIRST, _LAST = ("engagements", REACH.name), ("creators", "posts")
FLOORS = (*_FIRST, *(name for name in MEASURES if name not in (*_FIRST, *_LAST, *_NO_GOAL)), *_LAST)


def floor_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """One option for each measure that can be a goal."""
    for name in reversed(FLOORS):
        command = click.option(
            f"--{name}",
            metavar="NUMBER",
            help=f"At least so {'much' if name == REACH.name or is_money(name) else 'many'} {name}, e.g. 50k.",
        )(command)
    return command


@cli.command(context_settings={"token_normalize_func": measure_meant})  # --sales is --conversions
@scenario_options
@output_options(*REPORT_FORMATS)
@floor_options
@click.option(
    "--measure",
    "own",
    multiple=True,
    metavar="NAME=NUMBER",
    help="At least so much of a measure of your own. Repeatable.",
)
@click.option(
    "--least",
    type=click.Choice(("cost", "hours")),
    default="cost",
    show_default=True,
    help="What to keep as low as possible.",
)
@click.option(
    "--total-time", type=click.FloatRange(0.1), metavar="SECONDS", help="Longest time for the whole command."
)
@no_risk_option
def goal(scenario: str, changes: tuple[str, ...], gap: str | None, time_limit: str | None, form: str | None,
         output: str | None, own: tuple[str, ...], least: str, total_time: float | None,
         no_risk: bool, **floors: str | None) -> None:  # fmt: skip
    """Find the smallest budget (or fewest hours) for a goal.

    For example: optimize goal scenario.yaml --engagements 50k. Where no money is enough, says how much can be reached
    and which limit stands in the way.
    """
    form = form_of(form, output, REPORT_FORMATS)
    with translated_errors(form):
        wanted = {
            name: number_of(f"--{name}", text, large=True)
            for name, text in floors.items()
            if text is not None
        }
        for text in map(as_typed, own):
            name, equals, value = text.rpartition("=")  # a name may hold the sign, a number cannot
            if not equals:
                raise click.UsageError(f"--measure {text}: write NAME=NUMBER")
            name = name.strip()
            wanted[name] = number_of(f"--measure {name}", value, large=measure_meant(name) in LARGE)
        if not wanted:
            raise click.UsageError("name a goal, e.g. --engagements 50k or --reach 1M")
        loaded = load(scenario, changes, gap, time_limit)
        check_apart(output)
        from optimizer.program.draws import DRAWS
        from optimizer.whatif.goal import goal as found_goal

        with progress() as say:
            result = found_goal(
                loaded,
                wanted,
                least=least,  # type: ignore[arg-type]
                time_limit=total_time,
                on_progress=say,
                draws=0 if no_risk else DRAWS,
            )
        emit(result, form, output, title=loaded.title)
    if result.plan is None:
        raise SystemExit(3)


@cli.command()
@click.argument("plan_file", metavar="PLAN", type=click.Path())
@scenario_options
@output_options(*REPORT_FORMATS)
@click.option(
    "--keep",
    type=click.Path(),
    metavar="FILE",
    help="Signed bookings: a CSV with columns offer,creators[,posts_per_creator].",
)
@click.option(
    "--results",
    "result_files",
    multiple=True,
    type=click.Path(),
    metavar="FILE",
    help="What came so far (see `optimize review`): stays booked, and the caps hold for what is left. Repeatable.",
)
@results_options
@click.option(
    "--keep-all-but", type=click.FloatRange(0), metavar="N", help="Drop at most N creators of the old plan."
)
@click.option(
    "--within",
    default="2%",
    show_default=True,
    metavar="SHARE",
    help="How much of the best may be given up to change less.",
)
@click.option(
    "--total-time", type=click.FloatRange(0.1), metavar="SECONDS", help="Longest time for the whole command."
)
@no_risk_option
def replan(plan_file: str, scenario: str, changes: tuple[str, ...], gap: str | None, time_limit: str | None,
           form: str | None, output: str | None, keep: str | None, result_files: tuple[str, ...],
           named_columns: tuple[str, ...], keep_all_but: float | None, within: str,
           total_time: float | None, no_risk: bool) -> None:  # fmt: skip
    """Plan again after contracts are signed, or in the middle of a campaign.

    PLAN is the old plan (JSON), SCENARIO what holds now. Keeps what is signed and changes as few bookings as possible.
    With --results, what is done stays too, and the new plan has the money and hours that are really left.
    """
    form = form_of(form, output, REPORT_FORMATS)
    with translated_errors(form):
        old = saved_plan(plan_file)
        loaded = load(scenario, changes, gap, time_limit)
        from optimizer.program.draws import DRAWS
        from optimizer.whatif.replan.replan import replan as planned_again
        from optimizer.whatif.replan.signed import read_signed

        signed = read_signed(keep, loaded) if keep else []
        notes: tuple[str, ...] = ()
        if result_files:
            from optimizer.actuals.left import both, left_of

            left = left_of(old, results(result_files, named_columns, old.currency).results, loaded)
            loaded, signed, notes = left.scenario, both(left.signed, signed), left.notes
        check_apart(output)
        with progress() as say:
            result = planned_again(
                old,
                loaded,
                keep=signed,
                notes=notes,
                keep_all_but=keep_all_but,
                within=share_of("--within", within),
                time_limit=total_time,
                on_progress=say,
                draws=0 if no_risk else DRAWS,
            )
        emit(result, form, output, title=loaded.title)


@cli.command()
@scenario_options
@output_options(*RESERVE_FORMATS)
@jobs_options
@click.option(
    "--next",
    "candidates",
    default=20,
    show_default=True,
    type=click.IntRange(0),
    help="How many to ask next.",
)
def reserves(scenario: str, changes: tuple[str, ...], gap: str | None, time_limit: str | None, form: str | None,
             output: str | None, dialect: Dialect | None, jobs: int | None, total_time: float | None,
             candidates: int) -> None:  # fmt: skip
    """Say who to book if a named creator says no.

    SCENARIO may be a saved plan: then its bookings are taken as they are. For each creator on an offer with room for
    one the best replacement and what it loses, all other bookings kept; and who to ask next, in order.
    """
    form = form_of(form, output, RESERVE_FORMATS, dialect)
    with translated_errors(form):
        (asked,) = scenarios_and_plans([scenario], changes, gap, time_limit)
        check_apart(output)
        if form == "html":
            from optimizer.report.page.pages import check_packages

            check_packages()
        from optimizer.whatif.reserves.reserves import reserves as found_reserves

        with progress() as say, pool(jobs) as executor:
            result = found_reserves(
                asked,
                candidates=candidates,
                executor=executor,
                time_limit=total_time,
                on_progress=lambda done, total: say(f"places {done}/{total}"),
            )
        emit(result, form, output, dialect)


def number_of(option: str, text: str, *, large: bool = False) -> float:
    """The number of an option, written as in a scenario; `large` for money, people and what is counted of them."""
    from optimizer.language.quantities import parse_number, refuse_two_numbers

    try:
        if large:
            refuse_two_numbers(text)
        return parse_number(text)
    except ValueError as error:
        raise click.UsageError(f"{option}: {error}") from None


def share_of(option: str, text: str) -> float:
    """The share of an option, between 0 and 100 %."""
    share = number_of(option, text)
    if not 0 <= share <= 1:
        hint = f"; {text} means {100 * share:g} %, so write {text}%" if share > 1 and "%" not in text else ""
        raise click.UsageError(f"{option}: {text} is no share between 0 and 100 %{hint}")
    return share
