"""A small scenario with ranges, and how tests look at what is shown of them."""

from __future__ import annotations

from functools import cache
from typing import Any

from optimizer import Plan, optimize
from optimizer.plan.risk import Risk
from tests.builders import scenario
from tests.workbooks import Workbook

Data = dict[str, Any]
OFFERS: list[Data] = [
    {"name": "small", "tier": "micro", "followers": 1_000, "cost_per_post": [80, 100, 130], "creators": {"max": 20},
     "engagement_rate": ["2%", "4%", "8%"], "spread": 0.5, "completion": "75%", "hours_per_creator": 2,
     "posts_per_creator": 1},
    {"name": "large", "tier": "macro", "followers": 50_000, "cost_per_post": 2_000, "creators": {"max": 1},
     "engagement_rate": ["1%", "2%", "3%"], "hours_per_creator": [4, 6, 12], "posts_per_creator": 1},
]  # fmt: skip
BASE: Data = {"name": "A", "objective": "engagements", "budget": 3_000, "effort_hours": 200, "offers": OFFERS,
              "limits": [{"name": "hands", "measure": "creators", "max": 40}]}  # fmt: skip


def opened(content: bytes) -> Any:
    """A workbook as it is written."""
    return Workbook(content).written


@cache
def planned(**changes: Any) -> Plan:
    return optimize(scenario(**{**BASE, **changes}))


def risk(plan: Plan | None = None) -> Risk:
    found = (plan or planned()).risk
    assert found is not None
    return found


def values_of(spec: Data, field: str) -> list[Any]:
    """The rows of every layer that has a field."""
    return [row for layer in spec["layer"] for row in layer["data"]["values"] if field in row]
