"""Which tier a number of followers belongs to, by the borders a scenario chooses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from optimizer.language.errors import FieldError, Problem, did_you_mean
from optimizer.language.names import TIERS, word
from optimizer.language.quantities import Estimate
from optimizer.scenario.scenario import Scenario

BorderTable = dict[str, tuple[float, float | None]]
"""Tier -> lower border and upper border (None: no end). Unit: followers."""


class Middle(NamedTuple):
    """Followers that stand for a tier, with its borders as low and high; and why. Unit: followers."""

    followers: Estimate
    reason: str


class TierBorders:
    """Tier borders by platform, and the tiers that may be named."""

    def __init__(self, scenario: Scenario, problems: list[Problem]) -> None:
        self._by_platform: dict[str | None, BorderTable] = {}
        self._chosen = scenario.tier_borders
        wrong: list[Problem] = []
        for platform in dict.fromkeys(offer.platform for offer in scenario.offers):
            self.add(platform, wrong)
        self.unknown = bool(wrong)
        problems += dict.fromkeys(wrong)

    def add(self, platform: str | None, problems: list[Problem] | None = None) -> None:
        """Takes a platform in."""
        if platform not in self._by_platform:
            self._by_platform[platform] = _borders(
                self._chosen, platform, [] if problems is None else problems
            )

    def of(self, platform: str | None) -> BorderTable:
        """The borders on a platform."""
        return self._by_platform[platform]

    def tier_of(self, followers: float, platform: str | None) -> str | None:
        """The tier of so many followers, None where no tier has them."""
        from optimizer.benchmarks.borders import tier_of

        return tier_of(followers, self.of(platform))

    def middle(self, tier: str, platform: str | None) -> Middle | None:
        """The geometric middle of a tier; an open end is taken one power of ten away. None: no such tier."""
        from optimizer.benchmarks.borders import span_of

        span = span_of(tier, self.of(platform))
        if span is None:
            return None
        low, _, high = span
        reason = f"geometric middle of {tier}"
        if self.of(platform)[tier][1] is None:
            reason += f"; no upper border, ten times {low:,.0f} is taken"
        return Middle(Estimate(*span), f"{reason} ({low:,.0f} to {high:,.0f})")

    def known(self, platform: str | None) -> list[str]:
        """Tiers that may be named on a platform."""
        return list(dict.fromkeys([*TIERS, *self.of(platform)]))


def _borders(chosen: str | Mapping[str, Any], platform: str | None, problems: list[Problem]) -> BorderTable:
    from optimizer.benchmarks.borders import borders_from_mapping, packaged_borders, tier_borders

    if isinstance(chosen, str):
        if chosen in packaged_borders():
            return tier_borders(chosen, platform)
        hint = did_you_mean(chosen, packaged_borders())
        problems.append(Problem(("tier_borders",), f"there are no tier borders called {chosen!r}", hint))
        return {}
    own = {
        word(tier): {word(p): v for p, v in bound.items()} if isinstance(bound, dict) else bound
        for tier, bound in chosen.items()
    }
    written = {word(tier): tier for tier in chosen}
    try:
        return borders_from_mapping(own, platform)
    except FieldError as error:
        at = [written.get(str(tier), str(tier)) for tier in error.at]
        problems.append(Problem(("tier_borders", *at), error.message, error.hint))
        return {}
