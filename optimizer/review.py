"""Quality flags."""

from __future__ import annotations
from optimizer.plan import Flag, Plan
from optimizer.prepare import Prepared


def review(prepared: Prepared, plan: Plan) -> list[Flag]:
    """All flags."""
    return []
