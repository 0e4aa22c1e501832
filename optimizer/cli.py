"""The command line: thin, and quick to start. Heavy imports stand inside the commands.

The library raises, this module translates: 0 done; 1 a bug; 2 bad usage or a bad scenario; 3 no plan satisfies
the limits; 4 stopped before any plan was found.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from optimizer.plan import Plan
    from optimizer.scenario import Scenario

FORMATS = ("text", "json", "csv", "md")
_SUFFIXES = {".json": "json", ".csv": "csv", ".md": "md", ".txt": "text"}


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


def _scenario_options(command: Callable[..., Any]) -> Callable[..., Any]:
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


def _output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for decorator in reversed(
        (
            click.option(
                "--format",
                "form",
                type=click.Choice(FORMATS),
                help="Default: by the ending of -o, else text.",
            ),
            click.option(
                "-o", "--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write to a file."
            ),
        )
    ):
        command = decorator(command)
    return command


@cli.command()
@_scenario_options
@_output_options
@click.option(
    "--save-lp", type=click.Path(dir_okay=False), metavar="FILE", help="Also write the program as an LP file."
)
def plan(scenario: str, changes: tuple[str, ...], gap: str | None, time_limit: str | None, form: str | None,
         output: str | None, save_lp: str | None) -> None:  # fmt: skip
    """Plan a scenario (what `optimize scenario.yaml` does)."""
    form = _format(form, output)
    with _translated_errors(form):
        loaded = _load(scenario, changes, gap, time_limit)
        from optimizer import flow

        if save_lp:
            flow.save_lp(loaded, save_lp)
        with _progress() as say:
            result = flow.optimize(loaded, on_progress=say)
        _emit(result, form, output)


@cli.command()
@click.argument("plan_file", metavar="PLAN", type=click.Path(allow_dash=True))
@_output_options
def report(plan_file: str, form: str | None, output: str | None) -> None:
    """Show a saved plan again, without solving.

    PLAN is a file made with: optimize scenario.yaml -o plan.json
    """
    with _translated_errors("text"):
        from pydantic import ValidationError

        from optimizer.plan import Plan

        try:
            saved = Plan.model_validate_json(_read(plan_file))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise click.UsageError(
                f"{plan_file} is not a plan saved by this version ({place or 'file'}: {first['msg']}); "
                "make one with: optimize scenario.yaml -o plan.json"
            ) from None
        _emit(saved, _format(form, output), output)


@cli.command()
@_scenario_options
def check(scenario: str, changes: tuple[str, ...], gap: str | None, time_limit: str | None) -> None:
    """Check a scenario without solving it."""
    with _translated_errors("text"):
        loaded = _load(scenario, changes, gap, time_limit)
        from optimizer.prepare import prepare

        prepared = prepare(loaded)
        numbers = sum(len(terms.numbers) for terms in prepared.packages.terms)
        click.echo(
            f"{_shown(loaded.title)}: can be planned. {len(loaded.offers)} offers make {prepared.packages.count} packages; "
            f"{len(prepared.rules)} limits; {numbers} numbers."
        )


@cli.command()
@click.argument("path", default="-", type=click.Path(dir_okay=False, allow_dash=True))
def new(path: str) -> None:
    """Write a commented starter scenario to a file."""
    from importlib.resources import files

    text = files("optimizer").joinpath("starter.yaml").read_text(encoding="utf-8")
    if path == "-":
        click.echo(text, nl=False)
        return
    if Path(path).exists():
        raise click.UsageError(f"{path} exists already; choose another name")
    _write(path, text)
    click.echo(f"wrote {path}; next: optimize {path}", err=True)


@cli.command()
@click.option("-o", "--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write to a file.")
def schema(output: str | None) -> None:
    """Print the JSON schema of scenario files."""
    from optimizer.schema import schema_text

    _write(output, schema_text()) if output else click.echo(schema_text(), nl=False)


@cli.command()
@click.argument("tier", required=False)
@click.argument("platform", required=False)
@click.option("--set", "set_name", default="global-2025", show_default=True, metavar="NAME",
              help="A packaged set or a file.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", help="Default: text.")
def benchmarks(tier: str | None, platform: str | None, set_name: str, form: str) -> None:
    """Show benchmark figures with their sources."""
    from optimizer.benchmarks import load_set

    try:
        chosen = load_set(set_name, Path())
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    from optimizer.report.benchmarks import benchmarks_json, print_benchmarks

    try:
        if form == "json":
            click.echo(benchmarks_json(chosen, tier, platform))
        else:
            print_benchmarks(chosen, tier, platform, _console())
    except ValueError as error:
        raise click.UsageError(str(error)) from None


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


# --- helpers -----------------------------------------------------------------------------------------------


def _load(path: str, changes: tuple[str, ...], gap: str | None, time_limit: str | None) -> Scenario:
    from optimizer.load import load_scenario, parse_scenario, parse_value

    overrides: dict[str, Any] = {}
    for change in changes:
        key, equals, value = change.partition("=")
        if not equals:
            raise click.UsageError(f"--set {change}: write PATH=VALUE, e.g. --set budget=80000")
        overrides[key.strip()] = parse_value(value)
    for key, option in (("solver.gap", gap), ("solver.time_limit", time_limit)):
        if option is not None:
            overrides[key] = parse_value(option)
    if path == "-":
        return parse_scenario(sys.stdin.read(), overrides, name="<stdin>")
    return load_scenario(path, overrides)


def _read(path: str) -> str:
    if path == "-":
        return sys.stdin.read()
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise click.UsageError(f"{path} cannot be read: {why}") from None


def _format(form: str | None, output: str | None) -> str:
    if form is not None:
        return form
    return _SUFFIXES.get(Path(output).suffix.lower(), "text") if output else "text"


def _render(result: Plan, form: str) -> str:
    if form == "json":
        return result.model_dump_json(indent=2) + "\n"
    if form == "csv":
        from optimizer.report.tables import plan_csv

        return plan_csv(result)
    if form == "md":
        from optimizer.report.markdown import plan_markdown

        return plan_markdown(result)
    from optimizer.report.text import plan_text

    return plan_text(result)


def _emit(result: Plan, form: str, output: str | None) -> None:
    if output:
        _write(output, _render(result, form))
        click.echo(f"wrote {output}", err=True)
    elif form == "text" and sys.stdout.isatty():
        from optimizer.report.text import print_plan

        print_plan(result, _console())
    else:
        click.echo(_render(result, form), nl=False)


def _console() -> Any:
    from rich.console import Console

    from optimizer.report.text import MAX_WIDTH, MIN_WIDTH

    if not sys.stdout.isatty():
        return Console(width=MIN_WIDTH, color_system=None, highlight=False)
    return Console(width=min(max(Console().width, MIN_WIDTH), MAX_WIDTH), highlight=False)


def _write(path: str, text: str) -> None:
    """Write a file whole or not at all."""
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        temporary.replace(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise click.UsageError(f"{path} cannot be written: {error.strerror}") from None


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
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


def _shown(text: str) -> str:
    from optimizer.report.format import printable

    return printable(text)


@contextmanager
def _translated_errors(form: str) -> Iterator[None]:
    """The library's errors as messages and exit codes."""
    from optimizer.errors import InfeasibleError, ScenarioError, SolverError

    try:
        yield
    except ScenarioError as error:
        for problem in error.problems:
            click.echo(_shown(str(problem)), err=True)
        count = len(error.problems)
        click.echo(f"{count} problem{'s' if count != 1 else ''}; nothing was planned", err=True)
        sys.exit(2)
    except InfeasibleError as error:
        if form == "json":
            import json

            conflict = [{"name": c.name, "text": c.text, "place": c.place} for c in error.conflict]
            click.echo(
                json.dumps({"status": "infeasible", "message": str(error), "conflict": conflict}, indent=2)
            )
        click.echo(f"No plan satisfies every limit: {error}.", err=True)
        for member in error.conflict:
            place = f"   ({member.place})" if member.place else ""
            click.echo(_shown(f"  - {member.text}{place}"), err=True)
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


def main() -> None:
    """Entry point of the command `optimize`."""
    # Pydantic would search every installed package for plugins, which costs more than a small plan.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    cli(prog_name="optimize")
