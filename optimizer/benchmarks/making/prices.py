"""Price levels of countries, `price_levels.csv`: the World Bank's ratio of PPP to market exchange rate, US = 1."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from optimizer.language.countries import country_code

LEVELS = Path(__file__).with_name("price_levels.csv")
SOURCE = "World Bank, price level ratio of PPP conversion factor (GDP) to market exchange rate"
_REGIONS = {
    "LATAM": ("MX", "BR", "CO", "AR", "CL", "PE"),
    "Nordics": ("SE", "NO", "DK", "FI"),
    "Portugal/Spain": ("PT", "ES"),
}
"""Regions that sources speak of -> the countries that stand for them."""


@dataclass(frozen=True, slots=True)
class PriceLevel:
    """Price level of a country, US = 1."""

    code: str
    name: str
    level: float
    year: int


@lru_cache(maxsize=1)
def price_levels() -> tuple[PriceLevel, ...]:
    """Every country of the table, by code."""
    with LEVELS.open(encoding="utf-8", newline="") as lines:
        return tuple(
            PriceLevel(r["code"], r["name"], float(r["price_level"]), int(r["year"]))
            for r in csv.DictReader(lines)
        )


def price_level(name: str) -> float:
    """Price level of a country or region as sources write it, US = 1; of a region the mean of its countries."""
    by_code = {level.code: level.level for level in price_levels()}
    codes = _REGIONS.get(name) or (country_code(name) or name,)
    return sum(by_code[code] for code in codes) / len(codes)
