"""Results for tests, from plain rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from optimizer import Plan
from optimizer.language.measures import TOLD
from optimizer.results.table import TEXTS, Results

Row = dict[str, Any]


def results(rows: Sequence[Row], currency: str | None = None) -> Results:
    """Rows as columns; what a row leaves out it does not say."""
    assert all(set(row) <= {*TEXTS, *TOLD} for row in rows)
    return Results(
        texts={name: np.array([row.get(name, "") for row in rows], dtype=object) for name in TEXTS},
        numbers={name: np.array([row.get(name, np.nan) for row in rows], dtype=float) for name in TOLD},
        file=np.zeros(len(rows), dtype=np.int64),
        line=np.arange(2, len(rows) + 2),
        files=("results.csv",),
        currency=currency,
    )


def as_planned(plan: Plan) -> list[Row]:
    """Results that say what the plan says, for plans whose creators all deliver to real people of the audience, without
    fees on top: one row for each creator."""
    rows: list[Row] = []
    for line in plan.lines:
        creators = round(line.creators)
        for number in range(creators):
            row: Row = {
                "offer": line.offer,
                "creator": f"{line.offer}-{line.posts_per_creator}-{number}",
                "posts_per_creator": line.posts_per_creator,
                "posts": line.posts_per_creator,
            }
            for name, measure in (("paid", "cost"), ("impressions", "impressions"), ("hours", "hours"),
                                  ("engagements", "engagements"), ("clicks", "clicks"), ("reach", "gross_reach"),
                                  ("conversions", "conversions"), ("revenue", "revenue")):  # fmt: skip
                value = line.of(measure)
                if value is not None:
                    row[name] = (value - (line.setup_cost if name == "paid" else 0.0)) / creators
            rows.append(row)
    return rows
