"""Every way in which a command can end, as messages and exit codes.

The library raises, this module translates: 0 done; 1 a bug; 2 bad usage, a bad scenario, or a file or stream that
cannot be read or written; 3 no plan satisfies the limits; 4 stopped before any plan was found; 141 nobody reads the
output any more. 129, 130 and 143 are those of `optimizer.cli.signals`.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from optimizer.cli.streams import CLOSED_PIPE, StandardOutputError

if TYPE_CHECKING:
    from optimizer.language.errors import InfeasibleError


@contextmanager
def told() -> Iterator[None]:
    """What is left to tell when a command has ended: bad usage, streams that failed."""
    try:
        yield
    except (KeyboardInterrupt, click.Abort):
        click.echo("stopped", err=True)
        sys.exit(130)
    except StandardOutputError as error:
        if error.reader_gone:
            sys.exit(CLOSED_PIPE)
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)
    except click.ClickException as error:
        text = io.StringIO()
        error.show(text)
        click.echo("\n".join(map(shown, text.getvalue().split("\n"))), err=True, nl=False)
        sys.exit(error.exit_code)


def shown(text: str) -> str:
    """Text from files, safe to show."""
    from optimizer.language.numbers import printable

    return printable(text)


@contextmanager
def translated_errors(form: str, done: str = "planned") -> Iterator[None]:
    """The library's errors as messages and exit codes.

    Args:
        form: of the output.
        done: what the command would have done, for the line that says that nothing was.
    """
    from optimizer.language.errors import InfeasibleError, MissingPackageError, ScenarioError, SolverError

    try:
        yield
    except MissingPackageError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except ScenarioError as error:
        for problem in error.problems:
            click.echo(shown(str(problem)), err=True)
        count = len(error.problems)
        click.echo(f"{count} problem{'s' if count != 1 else ''}; nothing was {done}", err=True)
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
    from optimizer.report.layout.markdown import escape

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
