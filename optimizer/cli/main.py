"""The entry point of the command. Heavy imports stand inside the commands.

Signals and streams come first, so that Ctrl-C ends the command also while the rest is imported.
"""

from __future__ import annotations


def main() -> None:
    """Entry point of the command `optimize`."""
    from optimizer.cli import signals, streams

    streams.hold_places()  # before anything else opens a file
    signals.watch()
    import gc
    import os

    streams.set_up()
    # A plan's objects live until it is printed: looking for garbage among them costs a fifth of a short command.
    gc.set_threshold(200_000, 20, 20)
    # Pydantic would search every installed package for plugins, which costs more than a small plan.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from optimizer.cli.commands import cli

    cli(prog_name="optimize")
