"""Many made-up results, for measuring."""

from __future__ import annotations

import numpy as np

from optimizer.language.measures import TOLD
from optimizer.results.table import TEXTS, Results


def made_results(rows: int, creators: int) -> Results:
    """Results of posts: two platforms, every measure that a fee, a reach and a response is learnt from."""
    rng = np.random.default_rng(0)
    who = rng.integers(0, creators, rows)
    followers = np.exp(rng.normal(10.5, 1.0, creators))[who]
    views = followers * 0.3 * np.exp(rng.normal(0, 0.8, creators))[who] * np.exp(rng.normal(0, 0.5, rows))
    texts = {name: np.full(rows, "", dtype=object) for name in TEXTS}
    numbers = {name: np.full(rows, np.nan) for name in TOLD}
    texts["creator"][:] = [f"creator_{number}" for number in who.tolist()]
    texts["platform"][:] = np.where(who % 2 == 1, "instagram", "tiktok")
    texts["format"][:] = np.where(who % 2 == 1, "reel", "video")
    numbers |= {
        "posts": np.ones(rows), "followers": followers, "impressions": np.round(views),
        "likes": np.round(views * 0.05), "comments": np.round(views * 0.002), "shares": np.round(views * 0.001),
        "saves": np.round(views * 0.001), "clicks": np.round(views * 0.006), "paid": np.round(followers * 0.01),
        "hours": np.full(rows, 5.0),
    }  # fmt: skip
    line = np.arange(1, rows + 1)
    return Results(texts, numbers, np.zeros(rows, dtype=np.int64), line, ("made.csv",), "USD")
