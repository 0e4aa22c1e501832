"""What all commands share: the group, options, reading, writing, progress, errors as messages and exit codes.

The library raises, this module translates: 0 done; 1 a bug; 2 bad usage or a bad scenario; 3 no plan satisfies
the limits; 4 stopped before any plan was found.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from optimizer.errors import InfeasibleError
    from optimizer.plan import Plan
    from optimizer.report.csv_text import Dialect
    from optimizer.report.parts import Section
    from optimizer.scenario import Scenario

FORMATS = ("text", "json", "csv", "md")
CSV_DIALECTS = ("plain", "excel", "excel-semicolon", "excel-comma")
_SUFFIXES = {
    ".json": "json", ".csv": "csv", ".md": "md", ".txt": "text", ".xlsx": "xlsx", ".html": "html", ".htm": "html"
}  # fmt: skip


class DefaultGroup(click.Group):
    """A group whose default command is `plan`: a first argument that is no command is a scenario."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `plan` in front where the first argument is neither a command nor an option of the group."""
        own = {name for param in self.params for name in (*param.opts, *param.secondary_opts)} | {
            "--help",
            "-h",
        }
        if args and args[0] not in own and (args[0].startswith("-") or args[0] not in self.commands):
            self._refuse_typos(args[0])
            args = ["plan", *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In order of use rather than of the alphabet."""
        return list(self.commands)

    def _refuse_typos(self, word: str) -> None:
        from difflib import get_close_matches

        near = get_close_matches(word, self.commands, n=1)
        if near and not Path(word).exists() and not Path(word).suffix:
            raise click.UsageError(f"{word!r} is neither a command nor a file; did you mean {near[0]!r}?")

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Commands, and scenario files for the default command."""
        from click.shell_completion import CompletionItem

        return [*super().shell_complete(ctx, incomplete), CompletionItem(incomplete, type="file")]


def _version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        from optimizer import __version__

        click.echo(f"creatormix {__version__}")
        ctx.exit()


@click.group(cls=DefaultGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Show the version."
)
def cli() -> None:
    """Find the mix of creators that brings the most under a budget and a cap on coordination hours.

    `optimize scenario.yaml` plans a scenario; it is short for `optimize plan scenario.yaml`.
    Start with `optimize new my-scenario.yaml`.
    """


def scenario_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The scenario and what may change in it; shared by every command that reads one."""
    for decorator in reversed(
        (
            click.argument("scenario", type=click.Path(dir_okay=True, allow_dash=True)),
            click.option("--set", "changes", multiple=True, metavar="PATH=VALUE",
                         help="Change a value, e.g. --set budget=80000 or --set offers.NAME.cpm=12. Repeatable."),
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
    path: str, changes: tuple[str, ...], gap: str | None, time_limit: str | None, text: str | None = None
) -> Scenario:
    """The scenario from a file or `-`, or the one a saved plan carries, with the changes of the command line.

    `text` is what standard input said, where it was read already.
    """
    from optimizer.load import load_scenario, parse_scenario, parse_value
    from optimizer.paths import split_assignment

    overrides: dict[str, Any] = {}
    for change in changes:
        written = split_assignment(change)
        if written is None:
            raise click.UsageError(f"--set {change}: write PATH=VALUE, e.g. --set budget=80000")
        overrides[written[0]] = parse_value(written[1], f"--set {written[0]}")
    for key, option in (("solver.gap", gap), ("solver.time_limit", time_limit)):
        if option is not None:
            overrides[key] = parse_value(option)
    if path == "-":
        return parse_scenario(read(path) if text is None else text, overrides, name="<stdin>")
    return load_scenario(path, overrides)


def read(path: str) -> str:
    """The text of a file or `-`."""
    if path == "-":
        return sys.stdin.read()
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise click.UsageError(f"{path} cannot be read: {why}") from None


def saved_plan(path: str, text: str | None = None) -> Plan:
    """A plan that was saved as JSON, recounted, with the scenario it was made from; `text` where it was read already.

    Raises:
        ScenarioError: where it is none, or was edited.
    """
    from optimizer.saved import read_plan

    return read_plan(read(path) if text is None else text, "<stdin>" if path == "-" else path)


def form_of(
    form: str | None, output: str | None, formats: Sequence[str], dialect: Dialect | None = None
) -> str:
    """The format asked for, or that of the file's ending, or CSV where a `dialect` of it is, or text; of `formats`."""
    if form is None and dialect is not None and not (output and Path(output).suffix.lower() in _SUFFIXES):
        form = "csv"
    if form is None:
        form = _SUFFIXES.get(Path(output).suffix.lower(), "text") if output else "text"
    if form not in formats:
        raise click.UsageError(
            f"there is no {form} of this; use --format {', '.join(formats[:-1])} or {formats[-1]}"
        )
    if dialect is not None and form != "csv":
        raise click.UsageError(f"--csv says how CSV is written, but this is {form}")
    if form == "xlsx" and not output:
        raise click.UsageError("a workbook needs a file: -o plan.xlsx")
    if output and not Path(output).parent.is_dir():  # said before the work is done, not after
        raise click.UsageError(f"{output} cannot be written: No such file or directory")
    return form


def emit_plan(result: Plan, form: str, output: str | None, dialect: Dialect | None = None) -> None:
    """A plan to the screen or a file."""
    if form == "csv":
        from optimizer.report.tables import plan_csv

        emit_text(plan_csv(result, dialect or "plain"), output)
        return
    if form == "xlsx":
        from optimizer.report.workbook import plan_workbook

        emit_bytes(plan_workbook(result), str(output))
        return
    if form == "mediaplan-json":
        from optimizer.report.mediaplan import mediaplan_json

        emit_text(mediaplan_json(result), output)
        return
    from optimizer.report.sections import sections

    parts = sections(result, every_assumption=form == "md")
    emit(result.scenario.name, parts, form, output, lambda: result.model_dump_json(indent=2) + "\n")


def emit(
    title: str, parts: Iterable[Section], form: str, output: str | None, as_json: Callable[[], str]
) -> None:
    """Any report as text, JSON or Markdown, to the screen (in colour on a terminal) or a file."""
    if form == "json":
        emit_text(as_json(), output)
    elif form == "md":
        from optimizer.report.markdown import sections_markdown

        emit_text(sections_markdown(title, parts), output)
    else:
        from optimizer.report.text import MAX_WIDTH, MIN_WIDTH, print_sections, sections_text

        if output or not sys.stdout.isatty():
            emit_text(sections_text(title, parts), output)
            return
        from rich.console import Console

        width = min(max(Console().width, MIN_WIDTH), MAX_WIDTH)
        print_sections(title, parts, Console(width=width, highlight=False))


def emit_text(text: str, output: str | None) -> None:
    """Finished text to the screen or a file."""
    if output:
        write(output, text)
        click.echo(f"wrote {output}", err=True)
    else:
        click.echo(text, nl=False)


def emit_bytes(content: bytes, output: str) -> None:
    """A finished file of another kind than text."""
    written(output, lambda temporary: temporary.write_bytes(content))
    click.echo(f"wrote {output}", err=True)


def write(path: str, text: str) -> None:
    """Write text to a file, whole or not at all."""
    written(path, lambda temporary: temporary.write_text(text, encoding="utf-8", newline="\n"))


def written(path: str, fill: Callable[[Path], object]) -> None:
    """Have a file filled under another name, and give it its own once it is whole."""
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        fill(temporary)
        temporary.replace(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise click.UsageError(f"{path} cannot be written: {error.strerror}") from None


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """What is going on, on stderr, once it takes longer than two seconds and somebody watches."""
    if not sys.stderr.isatty():
        yield lambda text: None
        return
    import threading
    import time

    state = {"text": "reading"}
    began = time.monotonic()
    done = threading.Event()

    def watch() -> None:
        shown = False
        while not done.wait(0.5 if shown else 2.0):
            shown = True
            click.echo(f"\r{state['text']} … {time.monotonic() - began:.0f} s\033[K", err=True, nl=False)
        if shown:
            click.echo("\r\033[K", err=True, nl=False)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield lambda text: state.update(text=text)
    finally:
        done.set()
        thread.join()


def shown(text: str) -> str:
    """Text from files, safe to show."""
    from optimizer.report.format import printable

    return printable(text)


@contextmanager
def translated_errors(form: str) -> Iterator[None]:
    """The library's errors as messages and exit codes."""
    from optimizer.errors import InfeasibleError, MissingPackageError, ScenarioError, SolverError

    try:
        yield
    except MissingPackageError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except ScenarioError as error:
        for problem in error.problems:
            click.echo(shown(str(problem)), err=True)
        count = len(error.problems)
        click.echo(f"{count} problem{'s' if count != 1 else ''}; nothing was planned", err=True)
        sys.exit(2)
    except InfeasibleError as error:
        if form == "json":
            import json

            click.echo(json.dumps(error.record(), indent=2))
        elif form == "md":
            click.echo(_infeasible_markdown(error))
        click.echo(f"No plan satisfies every limit: {error.message}.", err=True)
        for member in error.conflict:
            place = f"   ({member.place})" if member.place else ""
            click.echo(shown(f"  - {member.text}{place}"), err=True)
        if not error.minimal:
            click.echo("  (time was up: perhaps not all of these are needed for the conflict)", err=True)
        if error.ways_out:
            click.echo("Ways out:", err=True)
        for way in error.ways_out:
            result = f": {way.result}" if way.result else ""
            click.echo(shown(f"  - {way.text}{result}"), err=True)
        sys.exit(3)
    except SolverError as error:
        if form == "json":
            import json

            status = "not_found" if error.timed_out else "failed"
            click.echo(json.dumps({"status": status, "message": str(error)}, indent=2))
        click.echo(f"No plan: {error}.", err=True)
        sys.exit(4)
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
        sys.exit(130)


def _infeasible_markdown(error: InfeasibleError) -> str:
    from optimizer.report.markdown import escape

    lines = ["# No plan", "", f"No plan satisfies every limit: {escape(error.message)}.", ""]
    lines += [
        f"- {escape(shown(c.text))}" + (f" ({escape(shown(c.place))})" if c.place else "")
        for c in error.conflict
    ]
    if error.ways_out:
        lines += ["", "## Ways out", ""]
        lines += [
            f"- {escape(shown(w.text + (f': {w.result}' if w.result else '')))}" for w in error.ways_out
        ]
    return "\n".join(lines)
