"""Which tier a number of followers belongs to, by the borders a scenario chooses."""

from __future__ import annotations

from optimizer.errors import Problem, did_you_mean
from optimizer.names import word
from optimizer.offer import TIERS
from optimizer.scenario import Scenario

BorderTable = dict[str, tuple[float, float | None]]
"""Tier -> lower border and upper border (None: no end). Unit: followers."""


class TierBorders:
    """Tier borders by platform, and the tiers that may be named."""

    def __init__(self, scenario: Scenario, problems: list[Problem]) -> None:
        self._chosen = scenario.tier_borders
        self._by_platform: dict[str | None, BorderTable] = {}
        wrong: list[Problem] = []
        for platform in dict.fromkeys(offer.platform for offer in scenario.offers):
            try:
                self._by_platform[platform] = self._read(platform)
            except ValueError as error:
                wrong.append(self._problem(str(error)))
                self._by_platform[platform] = {}
        self.unknown = bool(wrong)
        problems += dict.fromkeys(wrong)

    def _read(self, platform: str | None) -> BorderTable:
        from optimizer import benchmarks

        if isinstance(self._chosen, dict):
            own = {
                word(tier): {word(p): v for p, v in bound.items()} if isinstance(bound, dict) else bound
                for tier, bound in self._chosen.items()
            }
            return benchmarks.borders_from_mapping(own, platform)
        return benchmarks.tier_borders(self._chosen, platform)

    def _problem(self, message: str) -> Problem:
        from optimizer import benchmarks

        if isinstance(self._chosen, dict):
            message, _, hint = message.partition("; ")
            place, _, rest = message.partition(" ")
            written = {word(tier): tier for tier in self._chosen}
            tier = place.removeprefix("tier_borders.").rstrip(":")
            if place != tier and tier in written:
                return Problem(("tier_borders", written[tier]), rest, hint)
            return Problem(("tier_borders",), message, hint)
        hint = did_you_mean(self._chosen, benchmarks.packaged_borders())
        return Problem(("tier_borders",), f"there are no tier borders called {self._chosen!r}", hint)

    def of(self, platform: str | None) -> BorderTable:
        """The borders on a platform."""
        return self._by_platform[platform]

    def tier_of(self, followers: float, platform: str | None) -> str | None:
        """The tier of so many followers, None where no tier has them."""
        for tier, (lower, upper) in self.of(platform).items():
            if followers >= lower and (upper is None or followers < upper):
                return tier
        return None

    def known(self, platform: str | None) -> list[str]:
        """Tiers that may be named on a platform."""
        return list(dict.fromkeys([*TIERS, *self.of(platform)]))
