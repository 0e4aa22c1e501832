"""The command that shows what is read of a file of creators."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from optimizer.cli.errors import translated_errors
from optimizer.cli.group import cli
from optimizer.cli.options import ending_of
from optimizer.cli.output import check_apart, check_output, emit_sections, emit_text, write
from optimizer.cli.streams import encoded
from optimizer.language.files import as_typed, shown_name

if TYPE_CHECKING:
    from optimizer.roster.reading import Reading
    from optimizer.scenario.roster import RosterFile


@cli.command()
@click.argument("file", type=click.Path())
@click.option("--set", "changes", multiple=True, metavar="PATH=VALUE",
              help="Say how it is read, as in a scenario's rosters: --set columns.followers=Fans, "
              "--set defaults.platform=tiktok, --set 'keep.country=[IT, CH]'. Repeatable.")  # fmt: skip
@click.option(
    "--format", "form", type=click.Choice(("text", "json", "md")), default="text", help="Default: text."
)
@click.option("--all", "everything", is_flag=True, help="Show every row left out and every odd value.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), metavar="FILE",
              help="Also write the offers as a scenario that plans (.yaml).")  # fmt: skip
def roster(file: str, changes: tuple[str, ...], form: str, everything: bool, output: str | None) -> None:
    """Show what is read of a file of creators: columns, rows, what is odd.

    FILE is CSV, TSV, XLSX or JSON records, as discovery tools export it. Nothing is planned.
    """
    ending_of(output, "a scenario", (".yaml", ".yml"))
    if output is not None:
        check_output(output)
    with translated_errors("text"):
        asked, reading = read(file, changes)
        check_apart(output)
        from optimizer.report.sections.roster import roster_json, roster_sections, roster_title

        if form == "json":
            emit_text(roster_json(reading.roster) + "\n", None)
        elif output != "-":
            parts = roster_sections(reading.roster, everything=everything)
            emit_sections(roster_title(reading.roster), parts, form, None)
    if reading.roster.problems:
        count = len(reading.roster.problems)
        click.echo(
            f"{count} problem{'s' if count != 1 else ''} to be mended; nothing can be planned yet", err=True
        )
        sys.exit(2)
    if output is not None:
        from optimizer.roster.starter import offers_scenario

        with translated_errors("text"):
            text = offers_scenario(reading, asked, shown_name(file))
        if output == "-":
            emit_text(text, None)
        else:
            write(output, encoded(text))
            click.echo(f"wrote {shown_name(output)}; next: optimize {shown_name(output)}", err=True)


def read(file: str, changes: tuple[str, ...]) -> tuple[RosterFile, Reading]:
    """A file of creators with what options say of it.

    Raises:
        ScenarioError: where it cannot be read, or an option does not say what is meant.
    """
    from pathlib import Path

    from optimizer.language.errors import Mark, ScenarioError
    from optimizer.language.paths import split_assignment
    from optimizer.load import parse_value
    from optimizer.roster.expand import asked_of
    from optimizer.roster.read import read_roster
    from optimizer.scenario.changes import Layer, set_path

    layer = Layer({"rosters": [{"file": file}]}, {})
    for change in changes:
        written = split_assignment(as_typed(change))
        if written is None:
            raise click.UsageError(f"--set {change}: write PATH=VALUE, e.g. --set defaults.platform=tiktok")
        value = parse_value(written[1], f"--set {written[0]}")
        set_path(*layer, f"rosters[0].{written[0]}", value, Mark(f"--set {written[0]}"))
    problems: list[object] = []
    asked = asked_of(layer.data["rosters"][0], 0, layer, problems)  # type: ignore[arg-type]
    if asked is None:
        raise ScenarioError(problems)  # type: ignore[arg-type]
    return asked, read_roster(Path(file), asked)


def scenario_text(file: str, path: str) -> str:
    """A scenario to start from, which names the file of creators by its path from the scenario's folder.

    Raises:
        ScenarioError: where the file cannot be read, or something in it has to be mended.
    """
    import os

    from optimizer.language.errors import Problem, ScenarioError
    from optimizer.roster.starter import roster_scenario

    asked, reading = read(file, ())
    if reading.roster.problems:
        raise ScenarioError(
            Problem(
                (),
                f"{one.header}: {one.message}" if one.header else one.message,
                one.hint,
                shown_name(file),
                one.line,
                one.column,
            )
            for one in reading.roster.problems
        )
    folder = "." if path == "-" else os.path.dirname(path) or "."
    try:
        name = os.path.relpath(file, folder)
    except ValueError:  # another drive
        name = os.path.abspath(file)
    return roster_scenario(reading, asked, shown_name(name).replace(os.sep, "/"))
