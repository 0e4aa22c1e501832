"""Held-out quality of the packaged benchmark model, measured once; see `make benchmarks`."""

from __future__ import annotations

from typing import Any

QUALITY: dict[str, Any] = {
    "measured_on": "2026-11-28",
    "held_out": {
        "cpe": {
            "rows": 15,
            "median_factor_error": 2.46,
            "coverage": 0.87,
            "same_rows": 2,
            "same_rows_factor_error": 1.46,
            "cell_median_factor_error": 1.33,
        },
        "cpm": {
            "rows": 37,
            "median_factor_error": 2.4,
            "coverage": 0.81,
            "same_rows": 4,
            "same_rows_factor_error": 2.03,
            "cell_median_factor_error": 1.52,
        },
        "engagement": {
            "rows": 139,
            "median_factor_error": 1.44,
            "coverage": 0.81,
            "same_rows": 98,
            "same_rows_factor_error": 1.24,
            "cell_median_factor_error": 1.24,
        },
        "fee": {
            "rows": 161,
            "median_factor_error": 1.77,
            "coverage": 0.82,
            "same_rows": 72,
            "same_rows_factor_error": 1.77,
            "cell_median_factor_error": 2.5,
        },
        "reach": {
            "rows": 60,
            "median_factor_error": 1.42,
            "coverage": 0.82,
            "same_rows": 34,
            "same_rows_factor_error": 1.44,
            "cell_median_factor_error": 1.41,
        },
    },
}
"""Rows, median factor error, share inside the 80 % range; the medians of cells beside, on the same rows."""
