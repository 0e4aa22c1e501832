"""Benchmark sets: sourced low / typical / high figures that fill what an offer leaves out.

    set_ = load_set("global-2025")
    set_.lookup("cost_per_post", "micro", "instagram", "reel")     # a Figure, or None

`benchmarks.csv` is the source table, `assumptions.yaml` the reasoning where nobody publishes a figure, and
`global-2025.yaml` what `derive.py` makes of the two (it is not needed to read a set). `borders.py` holds
where one tier ends and the next begins.
"""

from __future__ import annotations

from optimizer.benchmarks.borders import borders_from_mapping, borders_note, packaged_borders, tier_borders
from optimizer.benchmarks.packaged import load_set, packaged_sets
from optimizer.benchmarks.schema import DEFAULT_FORMATS, FIELDS, TIERS, BenchmarkSet, Figure

__all__ = [
    "DEFAULT_FORMATS",
    "FIELDS",
    "TIERS",
    "BenchmarkSet",
    "Figure",
    "borders_from_mapping",
    "borders_note",
    "load_set",
    "packaged_borders",
    "packaged_sets",
    "tier_borders",
]
