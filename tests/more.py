"""How many random cases the tests look at: few in every run, many where MORE is set, as `make fuzz` does."""

from __future__ import annotations

import os
from typing import TypeVar

Cases = TypeVar("Cases")


def more(few: Cases, many: Cases) -> Cases:
    """A number of cases, or the cases themselves."""
    return many if os.environ.get("MORE") else few
