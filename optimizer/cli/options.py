"""Options that commands share, and what they say: scenarios, plans, formats, processes."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import click

from optimizer.cli.output import check_output
from optimizer.cli.streams import input_bytes
from optimizer.language import files

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from optimizer.load import Opened
    from optimizer.plan.plan import Plan
    from optimizer.report.layout.csv import Dialect
    from optimizer.results.reading import ResultsReading
    from optimizer.scenario.scenario import Scenario


MAX_BYTES = 100_000_000
"""Of a file that is no scenario, such as a plan of many offers, or of standard input."""


FORMATS = ("text", "json", "csv", "md")


CSV_DIALECTS = ("plain", "excel", "excel-semicolon", "excel-comma")


_SUFFIXES = {
    ".json": "json", ".csv": "csv", ".md": "md", ".txt": "text", ".xlsx": "xlsx", ".html": "html", ".htm": "html"
}  # fmt: skip


def scenario_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The scenario and what may change in it; shared by every command that reads one."""
    for decorator in reversed(
        (
            click.argument("scenario", type=click.Path(dir_okay=True, allow_dash=True)),
            click.option("--set", "changes", multiple=True, metavar="PATH=VALUE",
                         help="Change a value, e.g. --set budget=80000 or --set offers.NAME.cpm=12; of all offers that "
                         "fit: --set 'offers[tier=nano].cpm=12'. Repeatable."),
            click.option("--gap", metavar="SHARE", help="Relative gap at which to stop, e.g. 0.1%."),
            click.option("--time-limit", metavar="SECONDS", help="Longest time to solve."),
        )
    ):  # fmt: skip
        command = decorator(command)
    return command


def output_options(*formats: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Format and file of the result."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        if "csv" in formats:
            command = click.option("--csv", "dialect", type=click.Choice(CSV_DIALECTS),
                                   help="How CSV is written. Default: plain. Opens in Excel by a double click: excel "
                                   "(where people write 1,234.5), excel-semicolon (1'234.5), excel-comma (1.234,5)."
                                   )(command)  # fmt: skip
        command = click.option("-o", "--output", type=click.Path(dir_okay=False), metavar="FILE",
                               help="Write to a file.")(command)  # fmt: skip
        return click.option("--format", "form", type=click.Choice(formats),
                            help="Default: by the ending of -o, else text.")(command)  # fmt: skip

    return decorate


def load(
    path: str,
    changes: tuple[str, ...],
    gap: str | None,
    time_limit: str | None,
    text: str | None = None,
    executor: Executor | None = None,
) -> Scenario:
    """The scenario from a file or `-`, or the one a saved plan carries, with the changes of the command line.

    `text` is what standard input said, where it was read already; `executor` a cluster for very large rosters.
    """
    return finished([opened(path, changes, gap, time_limit, text)], executor)[0]


def finished(files: Sequence[Opened], executor: Executor | None = None) -> list[Scenario]:
    """The scenarios of opened files; says where not each creator of large rosters became an offer."""
    from optimizer import load

    scenarios = load.finished(files, executor)
    for loaded in scenarios:
        if loaded._sieved is not None:
            click.echo(kept_told(loaded._sieved.creators, loaded._sieved.kept), err=True)
    return scenarios


def opened(
    path: str, changes: tuple[str, ...], gap: str | None, time_limit: str | None, text: str | None = None
) -> Opened:
    """A scenario's file and rosters, read, as for `load`."""
    from optimizer import load
    from optimizer.language.paths import split_assignment

    overrides: dict[str, Any] = {}
    for change in changes:
        written = split_assignment(files.as_typed(change))
        if written is None:
            raise click.UsageError(f"--set {change}: write PATH=VALUE, e.g. --set budget=80000")
        overrides[written[0]] = load.parse_value(written[1], f"--set {written[0]}")
    for key, option in (("solver.gap", gap), ("solver.time_limit", time_limit)):
        if option is not None:
            overrides[key] = load.parse_value(option)
    if path == "-":
        return load.opened_text(read(path) if text is None else text, overrides, name="<stdin>")
    return load.opened(path, overrides)


def kept_told(creators: int, kept: int) -> str:
    """What is said where not each creator of large rosters became an offer."""
    return f"{creators:,} creators: the {kept:,} that the best plan books or comes nearest to booking became offers"


def scheduler_told(scenario: Scenario) -> str:
    """Whether a cluster was of use, and where it was not, what it is for."""
    parts = 0 if scenario._sieved is None else scenario._sieved.parts
    if parts:
        return f"--scheduler: the workers looked at the rows in {parts:,} part{'s' if parts > 1 else ''}"
    from optimizer.solve.everybody import SPREAD

    return (
        f"--scheduler: not used; it is for rosters of {SPREAD:,} creators and more in CSV files, "
        "all others are planned here"
    )


def rosters_told(scenario: Scenario) -> list[str]:
    """A line for each file of creators that a scenario names: its rows, and how many make offers."""
    lines = []
    for roster in scenario._rosters:
        out = len(roster.dropped)
        left = f", {out:,} left out (optimize roster {roster.file} says which)" if out else ""
        lines.append(f"{roster.file}: {roster.rows:,} rows, {roster.kept:,} creators{left}")
    return lines


def read(path: str) -> str:
    """The text of a file or `-`, which is UTF-8 whatever the locale says.

    Raises:
        ScenarioError: where it is not.
    """
    try:
        raw = input_bytes() if path == "-" else files.read_bytes(path, MAX_BYTES)
    except OSError as error:
        what = "standard input" if path == "-" else files.shown_name(path)
        raise click.UsageError(f"{what} cannot be read: {files.shown_reason(error)}") from None
    if len(raw) > MAX_BYTES:
        raise click.UsageError(f"{files.shown_name(path)} is larger than {MAX_BYTES // 1_000_000} MB")
    return files.decoded(raw, "<stdin>" if path == "-" else files.shown_name(path))


def saved_plan(path: str, text: str | None = None) -> Plan:
    """A plan that was saved as JSON, recounted, with the scenario it was made from; `text` where it was read already.

    Raises:
        ScenarioError: where it is none, or was edited.
    """
    from optimizer.plan.saved import read_plan

    return read_plan(read(path) if text is None else text, "<stdin>" if path == "-" else path)


def results_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """How files of results are read, where their headers do not say it."""
    return click.option(
        "--column",
        "named_columns",
        multiple=True,
        metavar="FIELD=HEADER",
        help="Which column holds what, e.g. --column paid='Net fee'. Repeatable.",
    )(command)


def results(paths: Sequence[str], named_columns: Sequence[str], currency: str | None) -> ResultsReading:
    """Files of results, read.

    Args:
        paths: of the files.
        named_columns: FIELD=HEADER each, or FIELD={from: HEADER, ...}.
        currency: of money for which no file names one.
    """
    from optimizer.language.errors import ScenarioError
    from optimizer.load import parse_value
    from optimizer.results.read import read_results

    columns = {}
    for text in map(files.as_typed, named_columns):
        field, equals, header = text.partition("=")
        if not equals or not field.strip() or not header.strip():
            raise click.UsageError(f"--column {text}: write FIELD=HEADER, e.g. --column paid='Net fee'")
        said: Any = header.strip()
        if said.startswith("{"):  # how its numbers are read, too, as messages say it
            said = parse_value(said, "--column")
        columns[field.strip()] = said
    try:
        return read_results(paths, columns=columns or None, currency=currency)
    except ScenarioError as error:
        told = [replace(one, hint=_COLUMNS.sub(_as_option, one.hint)) for one in error.problems]
        raise ScenarioError(told) from None


_COLUMNS = re.compile(r"columns: \{(\w+): (\{[^{}]*\}|[^{}]*)\}")
"""How messages say which column holds what, as a file or Python has it."""


def _as_option(said: re.Match[str]) -> str:
    """The same as it is typed."""
    import shlex  # only for messages

    text = f"{said[1]}={said[2]}"
    return f'--column "{text}"' if "'" in text else f"--column {shlex.quote(text)}"


def form_of(
    form: str | None, output: str | None, formats: Sequence[str], dialect: Dialect | None = None
) -> str:
    """The format asked for, or that of the file's ending, or CSV where a `dialect` of it is, or text; of `formats`.
    A file without ending gets text.

    Raises:
        click.UsageError: for an ending that says nothing or something else than `--format`, and for a file that
            cannot be written, so that it is said before the work is done.
    """
    ending = Path(output).suffix if output is not None and output != "-" else ""
    meant = _SUFFIXES.get(ending.lower())
    if form is None and dialect is not None and meant is None:
        form = "csv"
    if form is None:
        if ending and meant is None:
            known = [end for end, of in _SUFFIXES.items() if of in formats]
            raise click.UsageError(
                f"{files.shown_name(str(output))}: the ending {ending} names no format; "
                f"known: {', '.join(known)}; or say it with --format"
            )
        form = meant or "text"
    elif meant is not None and meant != form and (form, meant) != ("mediaplan-json", "json"):
        raise click.UsageError(
            f"{files.shown_name(str(output))} ends as {meant} but --format asks for {form}; leave one of them out"
        )
    if form not in formats:
        raise click.UsageError(
            f"there is no {form} of this; use --format {', '.join(formats[:-1])} or {formats[-1]}"
        )
    if dialect is not None and form != "csv":
        raise click.UsageError(f"--csv says how CSV is written, but this is {form}")
    if form == "xlsx" and (output is None or (output == "-" and sys.stdout.isatty())):
        raise click.UsageError("a workbook needs a file: -o plan.xlsx")
    check_output(output)
    return form


def ending_of(path: str | None, what: str, endings: Sequence[str]) -> None:
    """Refuse a file whose ending promises something else than it gets; none is fine.

    Raises:
        click.UsageError: which names the endings.
    """
    ending = "" if path is None or path == "-" else Path(path).suffix
    if ending and ending.lower() not in endings:
        raise click.UsageError(
            f"{files.shown_name(str(path))}: {what} ends in {' or '.join(endings)}, not in {ending}"
        )


def no_risk_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Leaving out what a plan may come to."""
    return click.option(
        "--no-risk",
        is_flag=True,
        help="Leave out what the result may come to, given the ranges of the numbers.",
    )(command)


def risk_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What a plan may come to: whether, from how many drawn cases, and which."""
    for decorator in reversed(
        (
            no_risk_option,
            click.option("--draws", type=click.IntRange(100, 1_000_000), metavar="N",
                         help="Cases to draw for what it may come to, 100 to 1,000,000. Default: 10,000."),
            click.option("--seed", type=click.IntRange(0), metavar="N",
                         help="Draw other cases; the same seed draws the same ones. Default: 1."),
        )
    ):  # fmt: skip
        command = decorator(command)
    return command


class Drawn(TypedDict, total=False):
    """Arguments of functions that draw."""

    draws: int
    seed: int


def drawn(no_risk: bool, draws: int | None, seed: int | None) -> Drawn:
    """What `risk_options` ask for, as arguments of a function that draws; those left out have its defaults.

    Raises:
        click.UsageError: where the options contradict each other.
    """
    asked = Drawn()
    if draws is not None:
        asked["draws"] = draws
    if seed is not None:
        asked["seed"] = seed
    if no_risk and asked:
        said = " and ".join(f"--{name}" for name in asked)
        raise click.UsageError(f"--no-risk draws nothing, so {said} {'say' if len(asked) > 1 else 'says'} nothing; "
                               "leave one of them out")  # fmt: skip
    return Drawn(draws=0) if no_risk else asked


def jobs_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Processes and time of commands that solve many times."""
    for decorator in reversed(
        (
            click.option(
                "--jobs",
                type=click.IntRange(1),
                metavar="N",
                help="Processes. Default: one per processor it may use.",
            ),
            click.option(
                "--total-time",
                type=click.FloatRange(0.1),
                metavar="SECONDS",
                help="Longest time for the whole command.",
            ),
        )
    ):
        command = decorator(command)
    return command


@contextmanager
def pool(jobs: int | None) -> Iterator[Executor | None]:
    """As `optimizer.jobs.processes.pool`, imported when it is needed."""
    from optimizer.jobs.processes import pool as processes

    with processes(jobs) as executor:
        yield executor


def on_cluster_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """A Dask cluster for the rows of a very large roster."""
    return click.option(
        "--scheduler",
        metavar="ADDRESS",
        help="Look at the rows of a roster of 200,000 and more on a Dask cluster, e.g. tcp://10.0.0.5:8786.",
    )(command)


def scheduler_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """A Dask cluster instead of processes of this machine; goes with `jobs_options`."""
    return click.option(
        "--scheduler",
        metavar="ADDRESS",
        help="Solve on a Dask cluster, e.g. tcp://10.0.0.5:8786, instead of in processes here.",
    )(command)


@contextmanager
def workers(jobs: int | None, scheduler: str | None) -> Iterator[Executor | None]:
    """The executor that `--jobs` and `--scheduler` ask for; None solves in this process."""
    if scheduler is None:
        with pool(jobs) as executor:
            yield executor
        return
    if jobs is not None:
        raise click.UsageError("--jobs is for processes of this machine; leave it out with --scheduler")
    with on_cluster(scheduler) as executor:
        yield executor


@contextmanager
def on_cluster(scheduler: str | None) -> Iterator[Executor | None]:
    """The executor that `--scheduler` asks for; None without one."""
    if scheduler is None:
        yield None
        return
    from optimizer.jobs.cluster import ClusterError, cluster

    try:
        with cluster(scheduler) as executor:
            yield executor
    except ClusterError as error:
        raise click.UsageError(f"--scheduler: {error}") from None
