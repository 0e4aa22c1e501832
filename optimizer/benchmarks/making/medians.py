"""Fields with a few public figures and no curve: click and conversion rates.

typical = median of the rows' middles; low and high = medians of the bounds that sources print, on the log scale,
since figures differ by factors.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

from optimizer.benchmarks.curves import Points
from optimizer.benchmarks.figures import Figure, digits
from optimizer.benchmarks.making.source import Row, source_rows
from optimizer.language.names import TIERS

_CLICKS: dict[tuple[str, str], str | None] = {
    ("instagram", "post"): "post", ("instagram", "story link sticker"): "story", ("x", "post"): "post",
    **{("youtube", f"sponsored link, {niche}"): None
       for niche in ("finance", "software", "fitness", "gaming", "beauty", "lifestyle")},
}  # fmt: skip
"""Platform and printed format -> our format, of click rates; None: every format."""
_CLICK_UNITS = (
    "percent of impressions", "percent of viewers", "percent of story views", "percent of story viewers",
)  # fmt: skip


def median_figures() -> list[Figure]:
    """Click rates by platform and format."""
    cells: dict[tuple[str, str | None], list[Row]] = defaultdict(list)
    for row in source_rows():
        printed = (row.platform, row.format)
        wanted = row.metric == "click_through_rate" and not row.left_out and row.unit in _CLICK_UNITS
        if wanted and printed in _CLICKS:
            cells[row.platform, _CLICKS[printed]].append(row)
    return [_median("click_rate", platform, format, rows) for (platform, format), rows in cells.items()]


def median_points() -> list[Points]:
    """Conversion rates by size: one publisher, by tier."""
    by_tier: dict[str, list[Row]] = defaultdict(list)
    for row in source_rows():
        if (
            row.metric == "conversion_rate"
            and not row.left_out
            and row.tier in TIERS
            and row.size is not None
        ):
            by_tier[row.tier].append(row)
    ordered = sorted(by_tier.values(), key=lambda rows: rows[0].size or 0.0)
    triples = [summary(rows) for rows in ordered]
    rows = [row for group in ordered for row in group]
    return [
        Points(
            field="conversion_rate",
            followers=tuple(digits(10 ** ((group[0].size or 0.0) + 5)) for group in ordered),
            low=tuple(t[0] for t in triples),
            typical=tuple(t[1] for t in triples),
            high=tuple(t[2] for t in triples),
            kind="benchmark",
            sources=tuple(dict.fromkeys(row.source for row in rows)),
            figures=len(rows),
            years=str(rows[0].year),
            note="one publisher without sample; of clicks",
        )
    ]


def summary(rows: Sequence[Row]) -> tuple[float, float, float]:
    """Low, typical and high of rows in percent, as fractions with three digits."""
    typical = _median_of([row.middle for row in rows if row.middle])
    low = _median_of([row.low for row in rows if row.low]) if any(row.low for row in rows) else typical / 2
    high = (
        _median_of([row.high for row in rows if row.high]) if any(row.high for row in rows) else typical * 2
    )
    return digits(low / 100), digits(typical / 100), digits(high / 100)


def _median_of(values: Iterable[float]) -> float:
    logs = sorted(math.log(value) for value in values)
    middle = len(logs) // 2
    return math.exp(logs[middle] if len(logs) % 2 else (logs[middle - 1] + logs[middle]) / 2)


def _median(field: str, platform: str, format: str | None, rows: Sequence[Row]) -> Figure:
    low, typical, high = summary(rows)
    ordered = sorted(rows, key=lambda row: (-(row.year or 0), row.source))
    years = sorted({row.year for row in rows if row.year})
    return Figure(
        field=field, platform=platform, format=format, low=low, typical=typical, high=high,
        unit="fraction of impressions", figures=len(rows),
        sources=tuple(dict.fromkeys(row.source for row in ordered)),
        years="-".join(str(year) for year in dict.fromkeys((years[0], years[-1]))) if years else "",
    )  # fmt: skip
