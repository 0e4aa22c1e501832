"""All commands, in the order in which `optimize --help` lists them."""

from __future__ import annotations

from optimizer.cli import plan  # isort: skip (commands are listed in this order)
from optimizer.cli import whatif as analysis

from optimizer.cli import compare  # isort: skip
from optimizer.cli import frontier  # isort: skip
from optimizer.cli.frame import cli

__all__ = ["analysis", "cli", "compare", "frontier", "plan"]
