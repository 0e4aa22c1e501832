"""What the fit is told instead of estimating it: `stated.yaml`, each number with its reason."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

STATED = Path(__file__).with_name("stated.yaml")
_FIELD = {"fee": "cost_per_post", "reach": "reach_rate", "engagement": "engagement_rate"}


@dataclass(frozen=True)
class Stated:
    """The stated numbers; standard deviations of log10 unless said otherwise."""

    data: dict[str, Any]

    def evidence(self, kind: str) -> float:
        """Variance of a row on such evidence, as a multiple of a measured one's."""
        return float(self.data["evidence"][kind]["variance"])

    def row(self, why: str) -> float:
        """Factor on the variance of a row that was read into more than it prints."""
        return float(self.data["rows"][why]["variance"])

    def sd(self, what: str) -> float:
        """How far things of a kind lie apart."""
        return float(self.data["levels"][what]["sd"])

    def spread(self, field: str, platform: str | None) -> tuple[float, float]:
        """Standard deviation of the natural logarithm between creators of one size, and between posts of one."""
        spreads = self.data["spreads"][field]
        chosen = spreads.get(platform, spreads["any"])
        return float(chosen["creators"]), float(chosen["posts"])

    def format(self, field: str, format: str) -> tuple[float, float]:
        """Expected log10 factor of a format against the usual one, and its standard deviation."""
        entry = self.data["formats"][_FIELD[field]][format]
        return math.log10(entry["factor"]), float(entry["sd"])

    def expected(self, name: str) -> tuple[float, float] | None:
        """What is expected of a coefficient before any row is seen: mean and sd; None where nothing is."""
        if name in ("fee", "reach", "engagement", "fee/", "reach/", "engagement/"):
            return None
        field, _, format = name.partition(":")
        if format:
            return self.format(field, format)
        if "/@" in name:
            return 0.0, self.sd("platform slope")
        if "@" in name:
            return 0.0, self.sd("platform engagement" if name.startswith("engagement") else "platform")
        if "#" in name:
            return 0.0, self.sd("country")
        if name == "fee price level":
            return float(self.data["levels"]["price level"]["mean"]), self.sd("price level")
        return 0.0, self.sd(name if name == "asked" else name.partition(" ")[2])


@lru_cache(maxsize=1)
def stated() -> Stated:
    """The numbers of `stated.yaml`."""
    return Stated(yaml.safe_load(STATED.read_text(encoding="utf-8")))
