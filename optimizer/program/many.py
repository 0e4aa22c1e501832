"""The rows of very large rosters as columns of numbers: what `terms` works out for one offer, for all of them at once.

The same formulas in the same order, and typical values only: the ranges of those that are booked are worked out when
they have become offers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from optimizer.program.offered import Offered
from optimizer.program.terms import FILLED_ALWAYS, benchmark_set
from optimizer.program.tiers import TierBorders
from optimizer.program.written import LABELS, Written
from optimizer.roster.bulk_rows import kinds_of
from optimizer.roster.labels import Bools, Floats, Ints, Labels
from optimizer.scenario.fields import MONEY_FIELDS
from optimizer.scenario.offer import ENGAGEMENT_KINDS, MIX_TOLERANCE
from optimizer.scenario.scenario import TRIANGLE_TOLERANCE

if TYPE_CHECKING:
    from optimizer.benchmarks.lookup import Benchmarks, Place
    from optimizer.benchmarks.typicals import Typicals


@dataclass(frozen=True)
class Group:
    """Offers that differ in their numbers only: which, shape (rows,), and what they have in common."""

    rows: Ints
    place: Place


class OfRows(Written, Offered):
    """The rows of one roster; what they leave out is filled as for offers."""

    def _labels(self, key: str) -> Labels:
        return self._tiers() if key == "tier" else super()._labels(key)

    # --- what is filled --------------------------------------------------------------------------------------

    @cached_property
    def _benchmarks(self) -> Benchmarks | None:
        return None if self.example.fill == "never" else benchmark_set(self.scenario, self.problems)

    @cached_property
    def _named(self) -> bool:
        """Whether a set knows the results of single creators."""
        sets = () if self._benchmarks is None else self._benchmarks.sets
        return any(entry.creator is not None for each in sets for entry in each.learnt)

    @cached_property
    def _borders(self) -> TierBorders:
        borders = TierBorders(self.scenario, self.problems)
        for platform in (*self.labels("platform").values, None):
            borders.add(platform)
        return borders

    def _tiers(self) -> Labels:
        written = self.written("tier")
        followers, platform = self.given("followers"), self.labels("platform")
        codes, names = written.codes.copy(), list(written.values)
        open_ = (codes < 0) & ~np.isnan(followers)
        for number, where in enumerate([*platform.values, None]):
            mine = open_ & (platform.codes == (number if where is not None else -1))
            if not mine.any():
                continue
            for tier, (low, high) in self._borders.of(where).items():
                if tier not in names:
                    names.append(tier)
                inside = followers >= low if high is None else (followers >= low) & (followers < high)
                codes[mine & inside] = names.index(tier)
                mine = mine & ~inside
        return Labels(codes, names).part(np.arange(len(self)))

    @cached_property
    def groups(self) -> list[Group]:
        """The rows by platform, format, country and tier."""
        from optimizer.benchmarks.lookup import Place

        labels = {key: self.labels(key) for key in LABELS}
        first, kind = kinds_of([each.codes for each in labels.values()])
        order = np.argsort(kind, kind="stable")
        ends = np.searchsorted(kind[order], np.arange(len(first) + 1))
        found = []
        for number, row in enumerate(first.tolist()):
            said = {key: each.at(row) for key, each in labels.items()}
            place = Place(said["tier"], said["platform"], said["format"], None, said["country"])
            found.append(Group(order[ends[number] : ends[number + 1]], place))
        return found

    def _figures(self, field: str, rows: Ints, place: Place) -> Typicals | None:
        """What the benchmarks say of some rows; None where they say nothing of such."""
        from optimizer.benchmarks.typicals import typicals

        if self._benchmarks is None or place.platform is None:
            return None
        if place.country is not None:
            self._benchmarks.market(place.country)
        where = (field, place.tier, place.platform, place.format)
        if all(each.says(*where) is None for each in self._benchmarks.sets):
            return None
        followers = self.number("followers")[rows] if field != "followers" else self.given("followers")[rows]
        if place.tier is None and np.isnan(followers).all():
            return None
        names = [self.names[row] for row in rows.tolist()] if self._named else None
        found = typicals(self._benchmarks, field, place, followers, names)
        if place.tier is None:
            found.values[np.isnan(followers)] = np.nan
        own, theirs = self.scenario.currency, found.currency
        if field in MONEY_FIELDS and theirs != own:
            rate = self.scenario.exchange_rates.get(theirs)
            return found._replace(values=found.values * (np.nan if rate is None else 1.0 / rate))
        return found

    def _fill(self, field: str, values: Floats, wanted: Bools | None = None) -> Floats:
        """Values with those of the benchmarks where there are none (and they are wanted)."""
        missing = np.isnan(values) if wanted is None else np.isnan(values) & wanted
        if not missing.any():
            return values
        values, every = values.copy(), bool(missing.all())
        for group in self.groups:
            rows = group.rows if every else group.rows[missing[group.rows]]
            if len(rows):
                found = self._figures(field, rows, group.place)
                if found is not None:
                    values[rows] = found.values
        return values

    def _filled(self, field: str) -> Floats:
        """A field as it is given, else of the benchmarks; kept."""
        key = f"filled {field}"
        if key not in self._known:
            self._known[key] = self._fill(field, self.given(field))
        return self._known[key]

    def number(self, field: str, missing: float = np.nan) -> Floats:
        """Typical values of a field."""
        if field not in self._known:
            self._known[field] = self._number(field)
        values = self._known[field]
        return values if np.isnan(missing) else np.where(np.isnan(values), missing, values)

    def _number(self, field: str) -> Floats:
        if field in _WORKED:
            return _WORKED[field](self)
        if field.startswith("engagement_mix."):
            return self._mix[field.removeprefix("engagement_mix.")]
        values = self.given(field)
        if field in FILLED_ALWAYS:
            values = self._fill(field, values)
        usual = _DEFAULTS.get(field)
        if field == "repeat_decay" and self.posts[1].max(initial=1) > 1:
            usual = 0.0
        if usual is not None:
            values = np.where(np.isnan(values), usual, values)
        return values

    def _beside(self, field: str, other: str, fill: bool) -> Floats:
        """A number that is 0 where only the other of the two is given."""
        values, others = (self._filled(each) if fill else self.given(each) for each in (field, other))
        return np.where(np.isnan(values) & ~np.isnan(others), 0.0, values)

    def followers(self) -> Floats:
        """Of a tier alone those of its middle, else of a set of one's own."""
        values = self.given("followers")
        missing = np.isnan(values)
        if not missing.any() or self._benchmarks is None:
            return values
        for group in self.groups:
            rows = group.rows[missing[group.rows]]
            if not len(rows) or group.place.tier is None:
                continue
            found = self._figures("followers", rows, group.place)
            middle = self._borders.middle(group.place.tier, group.place.platform)
            if middle is not None and (found is None or not found.own or np.isnan(found.values).all()):
                values[rows] = middle.followers.typical
            elif found is not None:
                values[rows] = found.values
        return values

    def reachable(self) -> Floats:
        """As given, else followers."""
        values = self.given("reachable")
        return np.where(np.isnan(values), self.number("followers"), values)

    @cached_property
    def _shown(self) -> Floats:
        """Impressions per post that are given, or follow from fee and cpm."""
        values, cost, cpm = (self.given(f) for f in ("impressions_per_post", "cost_per_post", "cpm"))
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(np.isnan(values) & (cpm != 0), 1000 * cost / cpm, values)

    def reach_rate(self) -> Floats:
        """As given, else of impressions, else of the benchmarks."""
        values, shown, reachable = self.given("reach_rate"), self._shown, self.number("reachable")
        with np.errstate(divide="ignore", invalid="ignore"):
            derived = np.where(reachable > 0, np.minimum(1.0, shown / reachable), np.nan)
        follows = np.isnan(values) & ~np.isnan(derived)
        return self._fill("reach_rate", np.where(follows, derived, values))

    def impressions(self) -> Floats:
        """As given, else of fee and cpm, else reachable x reach_rate."""
        reachable = self.number("reachable")
        reached = np.where(reachable > 0, reachable * self.number("reach_rate"), np.nan)
        return np.where(np.isnan(self._shown), reached, self._shown)

    @cached_property
    def _fee(self) -> Floats:
        values, cpm = self.given("cost_per_post"), self.given("cpm")
        open_ = np.isnan(values)
        if (open_ & ~np.isnan(cpm)).any():
            values = np.where(
                open_ & ~np.isnan(cpm), cpm * self.number("impressions_per_post") / 1000, values
            )
        return self._fill("cost_per_post", values, open_ & np.isnan(cpm))

    def cost_per_post(self) -> Floats:
        """As given, else of cpm and impressions, else of the benchmarks."""
        once = self.given("cost_per_creator")
        return np.where(np.isnan(self._fee) & ~np.isnan(once), 0.0, self._fee)

    def cost_per_creator(self) -> Floats:
        """As given, else 0 beside a fee."""
        values = self.given("cost_per_creator")
        return np.where(np.isnan(values) & ~np.isnan(self._fee), 0.0, values)

    @cached_property
    def _of_impressions(self) -> Bools:
        """Rows whose engagement rate is a share of impressions, shape (rows,)."""
        usual = self.example.engagement_base or "followers"
        result = np.full(len(self), usual == "impressions")
        missing = np.isnan(self.given("engagement_rate"))
        for group in self.groups if missing.any() else ():
            rows = group.rows[missing[group.rows]]
            found = self._figures("engagement_rate", rows, group.place) if len(rows) else None
            if found is not None and found.base is not None:
                result[rows] = np.where(
                    np.isnan(found.values), usual == "impressions", found.base == "impressions"
                )
        return result

    def engagements_per_post(self) -> Floats:
        """As given, else rate x what it is a share of."""
        values = self.given("engagements_per_post")
        rate = self._fill("engagement_rate", self.given("engagement_rate"))
        people = self.number("followers")
        if self._of_impressions.any():
            people = np.where(self._of_impressions, self.number("impressions_per_post"), people)
        return np.where(np.isnan(values), rate * people, values)

    @cached_property
    def _mix(self) -> Mapping[str, Floats]:
        """Kind of engagement -> share, NaN where not known."""
        given = self.example.engagement_mix
        if given is not None:
            return {kind: np.full(len(self), given.get(kind, np.nan)) for kind in ENGAGEMENT_KINDS}
        found = {kind: np.full(len(self), np.nan) for kind in ENGAGEMENT_KINDS}
        for group in self.groups:
            figures = {
                kind: self._figures(f"engagement_mix.{kind}", group.rows, group.place)
                for kind in ENGAGEMENT_KINDS
            }
            known = {kind: each.values for kind, each in figures.items() if each is not None}
            total = np.zeros(len(group.rows))
            for values in known.values():
                total = total + np.nan_to_num(values)
            whole = np.abs(total - 1.0) <= MIX_TOLERANCE
            for kind, values in known.items():
                found[kind][group.rows] = np.where(whole, values, np.nan)
        return found

    @property
    def weight(self) -> Floats:
        """Worth of an average engagement."""
        weights = self.scenario.engagement_weights
        if all(weight == 1 for weight in weights.values()):
            return np.ones(len(self))
        worth, total = np.zeros(len(self)), np.zeros(len(self))
        for kind in ENGAGEMENT_KINDS:
            share = np.nan_to_num(self._mix[kind])
            worth, total = worth + share * weights.get(kind, 1.0), total + share
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(total > 0, worth / total, np.nan)

    def doubtful(self) -> Bools:
        """Rows whose numbers contradict each other, so that no offer can be made of them, shape (rows,)."""
        rate, counted = self.given("engagement_rate"), self.given("engagements_per_post")
        doubtful = ~np.isnan(rate) & ~np.isnan(counted)
        shown = self.given("impressions_per_post")
        with np.errstate(divide="ignore", invalid="ignore"):
            if not np.isnan(shown).all():
                reached = self.number("reachable") * self.number("reach_rate")
                doubtful |= reached > shown * (1 + TRIANGLE_TOLERANCE)
            cpm = self.given("cpm")
            if not np.isnan(cpm).all():
                reached = np.where(
                    np.isnan(shown), self.number("reachable") * self.given("reach_rate"), shown
                )
                implied = 1000 * self.given("cost_per_post") / reached
                doubtful |= np.abs(implied - cpm) > TRIANGLE_TOLERANCE * cpm
        if np.isnan(self.rates).any():
            doubtful |= np.isnan(self.rates)
        return doubtful


_WORKED: dict[str, Callable[[OfRows], Floats]] = {
    "followers": OfRows.followers,
    "reachable": OfRows.reachable,
    "reach_rate": OfRows.reach_rate,
    "impressions_per_post": OfRows.impressions,
    "cost_per_post": OfRows.cost_per_post,
    "cost_per_creator": OfRows.cost_per_creator,
    "engagements_per_post": OfRows.engagements_per_post,
    "hours_per_creator": lambda rows: rows._beside("hours_per_creator", "hours_per_post", True),
    "hours_per_post": lambda rows: rows._beside("hours_per_post", "hours_per_creator", True),
    "cost_per_conversion": lambda rows: np.where(
        np.isnan(rows.given("cost_per_conversion")) & ~np.isnan(rows.given("value_per_conversion")),
        0.0,
        rows.given("cost_per_conversion"),
    ),
}
"""Field -> how it is worked out, where it is more than given or filled."""
_DEFAULTS = {"authentic": 1.0, "on_target": 1.0, "completion": 1.0}
