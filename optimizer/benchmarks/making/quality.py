"""How good the set is, in numbers that are carried in it: held-out scores, and what its curves imply."""

from __future__ import annotations

from datetime import date
from typing import Any

from optimizer.benchmarks.making.alone import alone, quoted_cpm
from optimizer.benchmarks.making.compose import FIELDS, Widenings
from optimizer.benchmarks.making.holdout import scores, widening
from optimizer.benchmarks.making.observations import PLATFORMS
from optimizer.benchmarks.schema import BenchmarkSet

BOOKED_CPM = {"instagram": (32, 42), "tiktok": (25, 35), "youtube": (51, 61), "x": (25, 33)}
"""CPM of bookings, US dollars: inzpire.me 2025; X weighted by spend, The Scout 2025."""
SIZES = (5_000, 50_000, 500_000, 2_000_000)


def measured(today: date, rests_on: str) -> tuple[Widenings, dict[str, Any]]:
    """Leave every publisher out once: factors on the ranges, and the scores, rounded as they are printed."""
    widenings = {
        field: {platform: round(widening(kind, platform), 2) for platform in (*PLATFORMS, "")}
        for field, kind in FIELDS.items()
    }
    found = {
        kind: {
            "rows": score.rows,
            "median_factor_error": round(score.factor, 2),
            "coverage": round(score.coverage, 2),
            "same_rows": score.same_rows,
            "same_rows_factor_error": round(score.same_factor, 2),
            "cell_median_factor_error": round(score.cell_factor, 2),
        }
        for kind, score in sorted(scores().items())
    }
    return widenings, {
        "measured_on": today.isoformat(), "rests_on": rests_on, "held_out": found, "alone": alone(),
        "cpm": quoted_cpm(),
    }  # fmt: skip


def printed(benchmarks: BenchmarkSet) -> str:
    """The scores as `make benchmarks` prints them."""
    quality = benchmarks.made["quality"]
    lines = [
        f"{benchmarks.name}: {benchmarks.made['rows']} rows, {len(benchmarks.curves)} curves, "
        f"{len(benchmarks.countries)} countries",
        "",
        f"One publisher left out at a time, measured on {quality['measured_on']}",
        "                  median factor error          in the      same rows, median factor error",
        "  kind        rows       of the curve   80 % range      rows   curve   median of the cell",
    ]
    for kind, score in quality["held_out"].items():
        lines.append(
            f"  {kind:<10} {score['rows']:>5} {score['median_factor_error']:>18.2f} {score['coverage']:>11.0%}"
            f" {score['same_rows']:>9} {score['same_rows_factor_error']:>7.2f}"
            f" {score['cell_median_factor_error']:>20.2f}"
        )
    lines += [
        "",
        "CPM of the curves, US dollars",
        "  platform   " + "".join(f"{s:>11,}" for s in SIZES) + "   booked",
    ]
    for platform, (low, high) in BOOKED_CPM.items():
        implied = "".join(f"{implied_cpm(benchmarks, platform, size):>11.0f}" for size in SIZES)
        lines.append(f"  {platform:<11}{implied}   {low} to {high}")
    return "\n".join(lines)


def implied_cpm(
    benchmarks: BenchmarkSet, platform: str, followers: float, format: str | None = None
) -> float:
    """1000 x fee / (followers x reach rate), US dollars per 1,000 impressions."""
    fee = benchmarks.lookup("cost_per_post", None, platform, format, followers=followers)
    reach = benchmarks.lookup("reach_rate", None, platform, format, followers=followers)
    assert fee is not None
    assert reach is not None
    return 1000 * fee.typical / (followers * reach.typical)
