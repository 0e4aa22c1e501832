"""How many random cases the tests look at: few in every run, many where MORE is set, as `make fuzz` does."""

from __future__ import annotations

import os


def more(few: int, many: int) -> int:
    """A number of cases."""
    return many if os.environ.get("MORE") else few
