"""Rates of exchange for those who need one that is usual rather than today's; not what the fit rests on."""

from __future__ import annotations

import csv

from optimizer.benchmarks.making.source import RATES


def usual_rate(currency: str) -> float | None:
    """Units of a currency for one dollar, with which the sources were read; None for a currency in none of them."""
    with RATES.open(encoding="utf-8", newline="") as lines:
        known = {
            line["year"]: float(line["per_dollar"])
            for line in csv.DictReader(lines)
            if line["currency"] == currency
        }
    return known.get("", known[max(known)]) if known else None  # "" is the usual one, else the newest year's
