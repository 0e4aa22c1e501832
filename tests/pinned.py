"""Held-out quality of the packaged benchmark model, measured once; see `make benchmarks`."""

from __future__ import annotations

from typing import Any

QUALITY: dict[str, Any] = {
    "measured_on": "2026-11-28",
    "held_out": {
        "cpe": {
            "rows": 12,
            "median_factor_error": 1.95,
            "coverage": 0.83,
            "same_rows": 2,
            "same_rows_factor_error": 1.28,
            "cell_median_factor_error": 1.33,
        },
        "cpm": {
            "rows": 37,
            "median_factor_error": 2.55,
            "coverage": 0.81,
            "same_rows": 4,
            "same_rows_factor_error": 2.19,
            "cell_median_factor_error": 1.52,
        },
        "engagement": {
            "rows": 139,
            "median_factor_error": 1.44,
            "coverage": 0.82,
            "same_rows": 98,
            "same_rows_factor_error": 1.25,
            "cell_median_factor_error": 1.24,
        },
        "fee": {
            "rows": 160,
            "median_factor_error": 1.78,
            "coverage": 0.81,
            "same_rows": 72,
            "same_rows_factor_error": 1.76,
            "cell_median_factor_error": 2.5,
        },
        "reach": {
            "rows": 59,
            "median_factor_error": 1.39,
            "coverage": 0.81,
            "same_rows": 34,
            "same_rows_factor_error": 1.41,
            "cell_median_factor_error": 1.41,
        },
    },
}
"""Rows, median factor error, share inside the 80 % range; the medians of cells beside, on the same rows."""
