"""What each kind of row says alone, and what all say with equal weights: the curves of Instagram posts.

A kind of evidence alone is the same fit on its rows only; a kind of figure alone (fees, CPM, ...) says nothing about
the other curves, so CPM rows are summed up as they are, beside what the whole fit implies.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import numpy as np

from optimizer.benchmarks.making.fit import Fit, fit
from optimizer.benchmarks.making.observations import Observation, curve, observations
from optimizer.benchmarks.making.source import CENTRE, EVIDENCE, source_rows
from optimizer.benchmarks.making.stated import Stated, stated

SIZES = (5_000, 50_000, 500_000)
_LEAST_ROWS = 3


def alone() -> dict[str, Any]:
    """Name of a selection -> number of rows, and fee, reach rate and engagement rate at `SIZES` or None."""
    known = stated()
    rows = observations(source_rows(), known)
    whole = fit(rows, known)
    found: dict[str, Any] = {"all rows": _said(whole, rows)}
    equal = _equal(known)
    found["all rows, equal weights"] = _said(fit(observations(source_rows(), equal), equal), rows)
    for evidence in EVIDENCE:
        own = [row for row in rows if row.row.evidence == evidence]
        found[f"{evidence} only"] = _said(fit(own, known, variances=whole.variances), own)
    return found


def quoted_cpm() -> dict[str, dict[str, list[float]]]:
    """Platform -> "booked" and "quoted" -> lowest, median and highest CPM that rows print, US dollars per 1,000."""
    found: dict[str, dict[str, list[float]]] = {}
    for row in observations(source_rows(), stated()):
        if row.kind == "cpm" and row.row.middle is not None:
            times = 1000.0 if row.row.metric == "cpv" else 1.0
            how = "booked" if row.row.evidence == "transaction" else "quoted"
            price = row.row.dollars(row.row.middle) * times
            found.setdefault(row.row.platform, {}).setdefault(how, []).append(price)
    return {
        platform: {
            how: [round(float(np.quantile(prices, share)), 1) for share in (0, 0.5, 1)]
            for how, prices in kinds.items()
        }
        for platform, kinds in found.items()
    }


def _equal(known: Stated) -> Stated:
    data = deepcopy(known.data)
    for group in ("evidence", "rows"):
        for entry in data[group].values():
            entry["variance"] = 1.0
    return Stated(data)


def _said(fitted: Fit, rows: Sequence[Observation]) -> dict[str, Any]:
    said: dict[str, Any] = {"rows": len(rows)}
    for name, kind in (("fee", "fee"), ("reach", "reach"), ("engagement", "engagement")):
        own = sum(row.kind == kind for row in rows)
        said[name] = (
            None
            if own < _LEAST_ROWS
            else [
                float(f"{10 ** fitted.at(curve(kind, 'instagram', None, math.log10(size) - CENTRE))[0]:.3g}")  # type: ignore[arg-type]
                for size in SIZES
            ]
        )
    return said
