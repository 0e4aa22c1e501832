"""All commands, in the order in which `optimize --help` lists them."""

from __future__ import annotations

from optimizer.cli import plan  # isort: skip (commands are listed in this order)
from optimizer.cli import roster  # isort: skip
from optimizer.cli import benchmarks  # isort: skip
from optimizer.cli import whatif  # isort: skip
from optimizer.cli import compare  # isort: skip
from optimizer.cli import frontier  # isort: skip
from optimizer.cli import risk  # isort: skip
from optimizer.cli import stress  # isort: skip
from optimizer.cli import review  # isort: skip
from optimizer.cli import learn  # isort: skip
from optimizer.cli.group import cli

__all__ = [
    "benchmarks",
    "cli",
    "compare",
    "frontier",
    "learn",
    "plan",
    "review",
    "risk",
    "roster",
    "stress",
    "whatif",
]
