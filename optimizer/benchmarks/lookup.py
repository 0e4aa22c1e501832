"""Where the figures of an offer come from: a set, and the packaged one below it."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from optimizer.benchmarks.corrections import Correction
from optimizer.benchmarks.curves import Country
from optimizer.benchmarks.figures import FIELDS, MIX, Figure, meant_format
from optimizer.benchmarks.learnt import Learnt, find, usual_tier
from optimizer.benchmarks.packaged import load_set, packaged_sets
from optimizer.benchmarks.schema import BenchmarkSet
from optimizer.language.errors import nearest
from optimizer.language.names import TIERS, word


class Place(NamedTuple):
    """What an offer is, as far as figures depend on it. Followers above 0, where they are known."""

    tier: str | None
    platform: str | None
    format: str | None = None
    followers: float | None = None
    country: str | None = None
    """Code, such as IT."""
    names: tuple[str, ...] = ()
    """What the offer and its person are called: by these a set knows the results of single creators."""


class Found(NamedTuple):
    """A figure, the currency it is in where it is money, and whether it is of a set of one's own."""

    figure: Figure
    currency: str
    own: bool


class Benchmarks:
    """A benchmark set on top of the one it stands over.

    Raises:
        ValueError: with a message for the user, where the set below does not exist or a correction speaks of
            something that no set knows.
    """

    def __init__(self, top: BenchmarkSet) -> None:
        self.sets: list[BenchmarkSet] = [top]
        if top.over is not None:
            if top.over not in packaged_sets():  # a path would be looked for elsewhere tomorrow
                known = f"{', '.join(packaged_sets())}, or none"
                raise ValueError(
                    f"benchmark set {top.name}: over: no packaged set {top.over!r} (known: {known})"
                )
            self.sets.append(load_set(top.over))
        self._check_corrections()

    @property
    def name(self) -> str:
        """Name of the set on top."""
        return self.sets[0].name

    @cached_property
    def platforms(self) -> dict[str, tuple[str, ...]]:
        """Platform -> formats that some set knows, the usual one first."""
        found: dict[str, list[str]] = {}
        for each in self.sets:
            for platform, formats in each.platforms.items():
                found.setdefault(platform, []).extend(formats)
        return {platform: tuple(dict.fromkeys(formats)) for platform, formats in found.items()}

    @cached_property
    def countries(self) -> dict[str, Country]:
        """Code -> country, of the topmost set that knows it."""
        found: dict[str, Country] = {}
        for each in reversed(self.sets):
            found |= {country.code: country for country in each.countries}
        return found

    def market(self, code: str) -> Country:
        """What a country does to fees.

        Raises:
            ValueError: with the list of countries, where no set knows it.
        """
        if code not in self.countries:
            known = ", ".join(sorted(self.countries))
            raise ValueError(f"{self.name} knows no country {code!r}; it knows {known}")
        return self.countries[code]

    def figure(self, field: str, place: Place) -> Found | None:
        """The figure of the topmost set that has one, corrected by those above it; None where no set has one."""
        market = None if place.country is None else self.market(place.country)
        for depth, each in enumerate(self.sets):
            figure = each.lookup(
                field, place.tier, place.platform, place.format, followers=place.followers, market=market
            )
            if figure is None and field in MIX and each.has_mix(place.tier, place.platform, place.format):
                return None  # kinds of engagement are shares of one whole, so they come from one set
            if figure is not None:
                for change, by in self.changes(field, place, depth):
                    figure = change.apply(figure, by)
                return Found(figure, each.currency, each.name not in packaged_sets())
        return None

    def changes(self, field: str, place: Place, depth: int) -> list[tuple[Correction | Learnt, str]]:
        """What the sets above a depth change in what it says, in order, and the sets these are of: first what a set has
        learnt from results, then its corrections."""
        market = None if place.country is None else self.market(place.country)
        found: list[tuple[Correction | Learnt, str]] = []
        for above in reversed(self.sets[:depth]):
            learnt = self._learnt(above, field, place)
            if learnt is not None:
                found.append((learnt, above.name))
            found += [
                (correction, above.name)
                for correction in above.corrections
                if correction.field == field and self._fits(correction.words, place, market)
            ]
        return found

    def _learnt(self, above: BenchmarkSet, field: str, place: Place) -> Learnt | None:
        if not above.learnt or place.platform is None:
            return None
        platform = word(place.platform)
        tier = None if place.tier is None else word(place.tier)
        format = meant_format(platform, place.format)
        tier = usual_tier(place.followers, tier)
        found = find(above.learnt_by_key, field, platform, tier, format, place.names)
        return None if found is None else found.at(place.followers)

    def fill(self, place: Place) -> dict[str, Found]:
        """Every figure there is for such an offer, by field and in the order of `FIELDS`."""
        found = ((field, self.figure(field, place)) for field in FIELDS)
        return {field: each for field, each in found if each is not None}

    def unknown_platform(self, platform: str) -> str | None:
        """A known platform that is probably meant by a word that no set knows; None for a known or a foreign one."""
        known = self.named_platforms
        return None if word(platform) in known else nearest(word(platform), known)

    @cached_property
    def named_platforms(self) -> tuple[str, ...]:
        """Every platform that some set says something about."""
        return tuple(dict.fromkeys(name for each in self.sets for name in each.named_platforms))

    def unknown_format(self, platform: str | None, format: str | None) -> str | None:
        """What is wrong with a format of a platform that the sets know; None where nothing is."""
        if platform is None or format is None:
            return None
        known = self.platforms.get(word(platform))
        if known is None or meant_format(platform, format) in known:
            return None
        return (
            f"{self.name} knows no {word(platform)} {word(format)}; its formats there are {', '.join(known)}"
        )

    def _fits(self, words: tuple[str, ...], place: Place, market: Country | None) -> bool:
        platform = None if place.platform is None else word(place.platform)
        format = meant_format(platform, place.format)
        mine = {word(part) for part in (place.tier, platform, format) if part is not None}
        if market is not None:
            mine.add(market.code)
        return set(words) <= mine

    def _check_corrections(self) -> None:
        known = {*TIERS, *self.platforms, *(f for formats in self.platforms.values() for f in formats)}
        known |= set(self.countries)
        known |= {figure.tier for each in self.sets for figure in each.figures if figure.tier is not None}
        for each in self.sets:
            for correction in each.corrections:
                if each.over is None:
                    raise ValueError(f"benchmark set {each.name}: a correction needs a set below it (over)")
                for part in correction.words:
                    if part not in known:
                        meant = nearest(part, known | {country.name for country in self.countries.values()})
                        hint = (
                            f"did you mean {meant!r}?"
                            if meant
                            else "a country by name, or by code in capitals"
                        )
                        if part in ("and", "or"):
                            hint = "all words must fit; write a list, one correction for each"
                        raise ValueError(
                            f"benchmark set {each.name}: corrections: {part!r} is no tier, platform, format or "
                            f"country ({hint})"
                        )


def benchmarks_of(chosen: str | dict[str, object]) -> Benchmarks:
    """The sets behind what a scenario names: a packaged one, or one written into it.

    Raises:
        ValueError: with a message for the user (of pydantic for a set that is malformed).
    """
    top = BenchmarkSet.model_validate(chosen) if isinstance(chosen, dict) else load_set(chosen)
    return Benchmarks(top)
