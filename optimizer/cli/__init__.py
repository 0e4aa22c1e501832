"""The command line: thin, and quick to start. Heavy imports stand inside the commands.

The library raises, this package translates: 0 done; 1 a bug; 2 bad usage or a bad scenario; 3 no plan satisfies
the limits; 4 stopped before any plan was found.
"""

from __future__ import annotations

import gc
import os

from optimizer.cli import plan  # isort: skip (commands are listed in this order)
from optimizer.cli import analysis  # isort: skip
from optimizer.cli import compare  # isort: skip
from optimizer.cli import frontier  # isort: skip
from optimizer.cli.frame import cli

__all__ = ["analysis", "cli", "compare", "frontier", "main", "plan"]


def main() -> None:
    """Entry point of the command `optimize`."""
    # A plan's objects live until it is printed: looking for garbage among them costs a fifth of a short command.
    gc.set_threshold(200_000, 20, 20)
    # Pydantic would search every installed package for plugins, which costs more than a small plan.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    cli(prog_name="optimize")
