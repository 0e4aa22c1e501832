"""The source table `figures.csv`: one row per cited figure, as printed, with what we read into it as columns.

Beside what a page prints (low, typical, high, unit, year) a row says of which followers it speaks, on which
evidence it rests, whether accounts of brands or pages were measured, and in `left_out` why it does not count:

    low quality    a page without sources that contradicts itself or others
    template       a text generator, content farm or rewritten copy stands behind it
    not measured   a tool's own default or rule of thumb
    outlier        a study far away from every other one
    repeat         it repeats another row of the table
    other unit     it counts something else than it says: engagements on YouTube at a fortieth of what every other
                   source's fees and rates imply, which can only be views
    selected       of one creator, or from a list selected on what is measured, so that its level is biased
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

SOURCE = Path(__file__).with_name("figures.csv")
RATES = Path(__file__).with_name("exchange_rates.csv")

Evidence = Literal["transaction", "measured", "survey", "rate card", "opinion"]
EVIDENCE: tuple[Evidence, ...] = get_args(Evidence)
REASONS = ("low quality", "template", "not measured", "outlier", "repeat", "other unit", "selected")
"""Why a row is left out."""
FEE_METRICS = {
    "cost_per_post": 1.0, "fee": 1.0, "cost_per_1k_followers": 1e2, "cost_per_10k_followers": 1e1,
    "cost_per_follower": 1e5,
}  # fmt: skip
"""Metrics of a price per post -> the factor that makes them the price of a post to 100,000 followers."""
CENTRE = 5.0
"""log10 of the followers at which a curve's level is stated: 100,000."""


@dataclass(frozen=True, slots=True)
class Row:
    """One cited figure as printed in its source; numbers are None where not printed."""

    line: int
    metric: str
    tier: str
    follower_low: float | None
    follower_high: float | None
    platform: str
    format: str
    low: float | None
    typical: float | None
    high: float | None
    unit: str
    currency: str
    country: str
    year: int | None
    dated: str
    publisher: str
    evidence: Evidence
    accounts: str
    left_out: str
    note: str

    @property
    def name(self) -> str:
        """The publisher without the page that repeats it: `Klear`."""
        return self.publisher.partition(" (")[0].partition(", ")[0]

    @property
    def source(self) -> str:
        """Publisher and year: `HypeAuditor 2018`; `about` where the page itself is undated."""
        about = "about " if self.dated else ""
        return f"{self.name} {about}{self.year}" if self.year else self.name

    @property
    def middle(self) -> float | None:
        """The printed typical value, else sqrt(low x high); None for an open range."""
        if self.typical is not None:
            return self.typical
        return math.sqrt(self.low * self.high) if self.low and self.high else None

    @property
    def size(self) -> float | None:
        """log10 of the middle of its band of followers, less `CENTRE`; None where it names no band.

        An open band, as of mega creators, is taken one power of ten wide.
        """
        if self.follower_low is None and self.follower_high is None:
            return None
        low = self.follower_low or (self.follower_high or 0.0) / 10
        high = self.follower_high or low * 10
        return math.log10(low * high) / 2 - CENTRE

    def dollars(self, amount: float) -> float:
        """Money of the row in US dollars, at the rate of its year."""
        return amount / _per_dollar(self.currency or "USD", self.year)


@lru_cache(maxsize=1)
def source_rows() -> tuple[Row, ...]:
    """Every row of the table, those left out included."""
    with SOURCE.open(encoding="utf-8", newline="") as lines:
        return tuple(_row(line, record) for line, record in enumerate(csv.DictReader(lines), 2))


def _row(line: int, record: dict[str, str]) -> Row:
    def number(name: str) -> float | None:
        return float(record[name]) if record[name] else None

    evidence = next(kind for kind in EVIDENCE if kind == record["evidence"])
    return Row(
        line=line, metric=record["metric"], tier=record["tier"], follower_low=number("follower_low"),
        follower_high=number("follower_high"), platform=record["platform"], format=record["format"],
        low=number("low"), typical=number("typical"), high=number("high"), unit=record["unit"],
        currency=record["currency"], country=record["country"],
        year=int(record["year"]) if record["year"] else None, dated=record["dated"],
        publisher=record["publisher"], evidence=evidence, accounts=record["accounts"],
        left_out=record["left_out"], note=record["note"],
    )  # fmt: skip


@lru_cache(maxsize=1)
def _rates() -> dict[str, dict[int | None, float]]:
    found: dict[str, dict[int | None, float]] = {}
    with RATES.open(encoding="utf-8", newline="") as lines:
        for record in csv.DictReader(lines):
            year = int(record["year"]) if record["year"] else None
            found.setdefault(record["currency"], {})[year] = float(record["per_dollar"])
    return found


def _per_dollar(currency: str, year: int | None) -> float:
    """Units of a currency for one dollar: of that year, else the usual one, else of the nearest year."""
    known = _rates()[currency]
    if year in known:
        return known[year]
    if None in known:
        return known[None]
    return known[min((y for y in known if y is not None), key=lambda y: (abs(y - (year or y)), y))]
