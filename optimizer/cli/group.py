"""The group of all commands; the first argument that is none of them is a scenario."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli.errors import told
from optimizer.language import files

if TYPE_CHECKING:
    pass


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

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """As click's own, with every way to end told in the same words; see `optimizer.cli.errors`."""
        files.READ.clear()
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, False, **extra)
        with told():
            code = super().main(args, prog_name, complete_var, False, **extra)
            sys.stdout.flush()
        sys.exit(code if isinstance(code, int) else 0)

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
        from optimizer.__version__ import __version__

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
