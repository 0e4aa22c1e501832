"""Commands that plan, check and show."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from optimizer.cli.errors import shown, translated_errors
from optimizer.cli.group import cli
from optimizer.cli.options import (
    FORMATS,
    drawn,
    ending_of,
    form_of,
    load,
    on_cluster,
    on_cluster_option,
    output_options,
    read,
    risk_options,
    rosters_told,
    saved_plan,
    scenario_options,
    scheduler_told,
)
from optimizer.cli.output import (
    check_apart,
    check_output,
    emit,
    emit_text,
    write,
    write_filled,
)
from optimizer.cli.progress import progress
from optimizer.cli.streams import encoded
from optimizer.language.files import shown_name

if TYPE_CHECKING:
    from optimizer.report.layout.csv import Dialect
    from optimizer.scenario.scenario import Scenario

PLAN_FORMATS = (*FORMATS, "xlsx", "html", "mediaplan-json")


@cli.command()
@scenario_options
@output_options(*PLAN_FORMATS)
@risk_options
@on_cluster_option
@click.option(
    "--save-lp", type=click.Path(dir_okay=False), metavar="FILE", help="Also write the program as an LP file."
)
def plan(scenario: str, changes: tuple[str, ...], gap: str | None, time_limit: str | None, form: str | None,
         output: str | None, dialect: Dialect | None, no_risk: bool, draws: int | None, seed: int | None,
         scheduler: str | None, save_lp: str | None) -> None:  # fmt: skip
    """Plan a scenario (what `optimize scenario.yaml` does)."""
    form = form_of(form, output, PLAN_FORMATS, dialect)
    risk = drawn(no_risk, draws, seed)
    if save_lp:
        ending_of(save_lp, "an LP file", (".lp", ".txt"))
        check_output(save_lp)
    with translated_errors(form):
        with on_cluster(scheduler) as executor:
            loaded = load(scenario, changes, gap, time_limit, executor=executor)
        if scheduler is not None:
            click.echo(scheduler_told(loaded), err=True)
        for line in rosters_told(loaded):
            click.echo(shown(line), err=True)
        check_apart(output or "-", save_lp)
        from optimizer import flow

        if form == "mediaplan-json":  # before minutes of solving
            from optimizer.mediaplan.write import require_dates

            require_dates(loaded)
        if form == "html":
            from optimizer.report.page.pages import check_packages

            check_packages()
        if save_lp:
            write_filled(save_lp, lambda scratch: flow.save_lp(loaded, scratch))
        with progress() as say:
            result = flow.optimize(loaded, on_progress=say, **risk)
        if form == "html":
            from optimizer.cli.pages import emit_plan_page

            emit_plan_page(result, loaded, output)
        else:
            emit(result, form, output, dialect)


@cli.command()
@click.argument("plan_file", metavar="PLAN", type=click.Path(allow_dash=True))
@output_options(*PLAN_FORMATS)
def report(plan_file: str, form: str | None, output: str | None, dialect: Dialect | None) -> None:
    """Show a saved plan again, without solving.

    PLAN is a file made with: optimize scenario.yaml -o plan.json
    """
    with translated_errors("text"):
        saved = saved_plan(plan_file)
        form = form_of(form, output, PLAN_FORMATS, dialect)
        check_apart(output)
        if form == "html":
            from optimizer.cli.pages import emit_plan_page

            emit_plan_page(saved, None, output)
        else:
            emit(saved, form, output, dialect)


@cli.command()
@scenario_options
def check(scenario: str, changes: tuple[str, ...], gap: str | None, time_limit: str | None) -> None:
    """Check a scenario without solving it.

    Where a roster of 5,000 rows and more does not become an offer each, all of them are planned to find those that do.
    """
    with translated_errors("text"):
        loaded = load(scenario, changes, gap, time_limit)
        from optimizer.program.program import program_of

        program = program_of(loaded)
        numbers = sum(len(terms.numbers) for terms in program.packages.terms)
        for line in rosters_told(loaded):
            click.echo(shown(line))
        click.echo(
            f"{shown(loaded.title)}: can be planned. {_of_all(loaded)}"
            f"{len(loaded.offers)} offers make {program.packages.count} packages; "
            f"{len(program.rules)} limits; {numbers} numbers."
        )
        if program.reach is not None and program.reach.measured is not None:
            from optimizer.report.sections.measured import measured_lines

            for line in measured_lines(program.reach.measured):
                click.echo(shown(line))


def _of_all(scenario: Scenario) -> str:
    """What was done with all creators of large rosters, of whom some are offers."""
    known = scenario._sieved
    if known is None:
        return ""
    found = "a plan was found" if known.booked else "no plan was found yet"
    return f"All {known.creators:,} creators were looked at, and {found}; those nearest to it became offers. "


@cli.command()
@click.argument("path", default="-", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--from-mediaplan", "mediaplan", metavar="FILE", type=click.Path(allow_dash=True),
              help="Start from a media plan (Media Plan Open Data Standard 1.0 to 3.0, JSON).")  # fmt: skip
@click.option("--from-roster", "roster", metavar="FILE", type=click.Path(),
              help="Start from a file of creators (CSV, TSV, XLSX, JSON records).")  # fmt: skip
def new(path: str, mediaplan: str | None, roster: str | None) -> None:
    """Write a commented starter scenario to a file."""
    ending_of(path, "a scenario", (".yaml", ".yml"))
    if path != "-" and os.path.lexists(path):
        raise click.UsageError(f"{shown_name(path)} exists already; choose another name")
    check_output(path)
    if mediaplan is not None and roster is not None:
        raise click.UsageError(
            "--from-mediaplan and --from-roster start from two files; leave one of them out"
        )
    if roster is not None:
        from optimizer.cli.roster import scenario_text

        with translated_errors("text"):
            text = scenario_text(roster, path)
    elif mediaplan is None:
        from importlib.resources import files

        text = files("optimizer").joinpath("starter.yaml").read_text(encoding="utf-8")
    else:
        from optimizer.mediaplan.read import scenario_from_mediaplan

        with translated_errors("text"):
            text = scenario_from_mediaplan(read(mediaplan), name=shown_name(mediaplan))
    if path == "-":
        emit_text(text, None)
        return
    write(path, encoded(text))
    then = "optimize check" if mediaplan is not None else "optimize"
    click.echo(shown(f"wrote {shown_name(path)}; next: {then} {shown_name(path)}"), err=True)


@cli.command()
@click.option("-o", "--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write to a file.")
def schema(output: str | None) -> None:
    """Print the JSON schema of scenario files."""
    from optimizer.scenario.json_schema import schema_text

    ending_of(output, "a JSON schema", (".json",))
    check_output(output)
    if output is None or output == "-":
        emit_text(schema_text(), None)
    else:
        write(output, encoded(schema_text()))


@cli.command()
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def completion(shell: str) -> None:
    """Print a shell's completion script.

    For bash: eval "$(optimize completion bash)"
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(cli, {}, "optimize", "_OPTIMIZE_COMPLETE").source())
