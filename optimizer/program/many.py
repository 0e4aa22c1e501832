"""The rows of very large rosters as columns of numbers: what `terms` works out for one offer, for all of them at once.

The same formulas in the same order, and typical values only: the ranges of those that are booked are worked out when
they have become offers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.language.errors import Problem
from optimizer.language.quantities import parse_estimate
from optimizer.program.offered import Offered, bundled
from optimizer.program.terms import FILLED_ALWAYS, benchmark_set
from optimizer.program.tiers import TierBorders
from optimizer.roster.bulk_rows import Taken, kinds_of
from optimizer.roster.labels import Bools, Floats, Ints, Labels, joined
from optimizer.roster.rows import DOLLARS
from optimizer.scenario.fields import MONEY_FIELDS
from optimizer.scenario.offer import ENGAGEMENT_KINDS, MIX_TOLERANCE, PostRoom
from optimizer.scenario.roster import RosterFile
from optimizer.scenario.scenario import TRIANGLE_TOLERANCE, Offer, Scenario

if TYPE_CHECKING:
    from optimizer.benchmarks.lookup import Benchmarks, Place
    from optimizer.benchmarks.typicals import Typicals

LABELS = ("tier", "platform", "format", "country")


@dataclass(frozen=True)
class Group:
    """Offers that differ in their numbers only: which, shape (rows,), and what they have in common."""

    rows: Ints
    place: Place


class OfRows(Offered):
    """The rows of one roster.

    Args:
        scenario: the scenario that they are offers of; its own offers are not looked at.
        taken: rows that take part.
        names: of these in the plan.
        asked: what the scenario says of the file.
        example: the offer that one of the rows makes: it has what all rows share, as it is read.
    """

    def __init__(
        self, scenario: Scenario, taken: Taken, names: Sequence[str], asked: RosterFile, example: Offer
    ) -> None:
        self.scenario, self.taken, self.names, self.asked, self.example = (
            scenario, taken, names, asked, example
        )  # fmt: skip
        self.problems: list[Problem] = []
        self._known: dict[str, Floats] = {}
        self._said: dict[str, Labels] = {}

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.taken)

    # --- what the rows say -----------------------------------------------------------------------------------

    def labels(self, key: str) -> Labels:
        """A label of each: as the row or what all rows share says; of a tier, else by followers."""
        if key not in self._said:
            self._said[key] = self._labels(key)
        return self._said[key]

    def _labels(self, key: str) -> Labels:
        if key in ("name", "offer"):
            return Labels(np.arange(len(self)), list(self.names))
        if key == "tier":
            return self._tiers()
        return self._written(key)

    def _written(self, key: str) -> Labels:
        """A label as the row, or what all rows share, says it; a country, else as the scenario does."""
        tag = key not in (*LABELS, "person")
        field = f"tags.{key}" if tag else key
        own = self.taken.platform if key == "platform" else self.taken.label(field)
        first = dict(self.asked.offer.get("tags") or {}) if tag else self.asked.offer
        usual = dict(self.asked.defaults.get("tags") or {}) if tag else self.asked.defaults
        nothing = Labels(np.full(len(self), -1, dtype=np.int64), [])
        found = nothing if own is None or key in first else own
        standing = self._read(key, first.get(key, usual.get(key)), tag=tag)
        if standing is None and key == "country":
            standing = self.scenario.country
        return found if standing is None else _filled(found, standing)

    def _read(self, key: str, value: Any, *, tag: bool) -> str | None:
        """A label that all rows share, as an offer has it."""
        if value is None:
            return None
        offer = Offer.model_validate({"tags": {key: value}} if tag else {key: value})
        return offer.tags[key] if tag else getattr(offer, key)

    @property
    def tag_keys(self) -> list[str]:
        """Keys of all tags."""
        own = [field.removeprefix("tags.") for field in self.taken.fields() if field.startswith("tags.")]
        shared = [*dict(self.asked.defaults.get("tags") or {}), *dict(self.asked.offer.get("tags") or {})]
        return list(dict.fromkeys([*own, *shared]))

    @property
    def posts(self) -> tuple[Ints, Ints]:
        """Fewest and most posts."""
        room = self.example.posts_per_creator
        low, high = (room.min, room.max) if isinstance(room, PostRoom) else (room, room)
        return np.full(len(self), low, dtype=np.int64), np.full(len(self), high, dtype=np.int64)

    @property
    def room(self) -> tuple[Floats, Floats]:
        """Fewest and most creators."""
        room = self.example.creators
        most = np.inf if room.max is None else room.max
        return np.full(len(self), float(room.min)), np.full(len(self), float(most))

    def discounts(self, offer: Ints, posts: Ints) -> Floats:
        """Share off cost_per_post of packages."""
        return bundled(self.example.bundle_discount, posts)

    def given(self, field: str) -> Floats:
        """A number as it is written, in the scenario's currency; NaN where it is not."""
        own = self.taken.number(field)
        values = np.full(len(self), np.nan) if own is None or field in self.asked.offer else own.copy()
        standing = self.asked.offer.get(field, self.asked.defaults.get(field))
        if standing is not None:
            values[np.isnan(values)] = parse_estimate(standing).typical
        return values / self._rates if field in MONEY_FIELDS else values

    @cached_property
    def _rates(self) -> Floats:
        """Units of each row's currency for one of the scenario's."""
        currency = self.scenario.currency
        forced = self.asked.offer.get("currency")
        standing = self.asked.defaults.get("currency", currency)
        rates = []
        for code in (*self.taken.currency.values, None):
            if forced is not None:
                code = forced
            elif code is None or code == currency or (code == "USD" and currency in DOLLARS):
                code = standing
            rate = 1.0 if code == currency else self.scenario.exchange_rates.get(code)
            rates.append(np.nan if rate is None else rate)
        return np.array(rates)[self.taken.currency.codes]

    # --- what is filled --------------------------------------------------------------------------------------

    @cached_property
    def _benchmarks(self) -> Benchmarks | None:
        return None if self.example.fill == "never" else benchmark_set(self.scenario, self.problems)

    @cached_property
    def _borders(self) -> TierBorders:
        borders = TierBorders(self.scenario, self.problems)
        for platform in (*self.labels("platform").values, None):
            borders.add(platform)
        return borders

    def _tiers(self) -> Labels:
        written = self._written("tier")
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
        followers = self.number("followers")[rows] if field != "followers" else self.given("followers")[rows]
        if place.tier is None and np.isnan(followers).all():
            return None
        found = typicals(self._benchmarks, field, place, followers)
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
        values = values.copy()
        for group in self.groups:
            rows = group.rows[missing[group.rows]]
            if len(rows):
                found = self._figures(field, rows, group.place)
                if found is not None:
                    values[rows] = found.values
        return values

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
        values, others = self.given(field), self.given(other)
        if fill:
            values, others = self._fill(field, values), self._fill(other, others)
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

    def own(self, measure: str) -> Floats:
        """Values of an own measure: 0 where only others are listed, NaN where none is."""
        fields = [field for field in self.taken.fields() if field.startswith("measures.")]
        shared = {
            **dict(self.asked.defaults.get("measures") or {}),
            **dict(self.asked.offer.get("measures") or {}),
        }
        listed = np.full(len(self), bool(shared))
        for field in fields:
            values = self.taken.number(field)
            if values is not None:
                listed |= ~np.isnan(values)
        column = self.taken.number(f"measures.{measure}")
        forced = measure in dict(self.asked.offer.get("measures") or {})
        values = np.full(len(self), np.nan) if column is None or forced else column.copy()
        if measure in shared:
            values[np.isnan(values)] = parse_estimate(shared[measure]).typical
        return np.where(np.isnan(values) & listed, 0.0, values)

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
        if np.isnan(self._rates).any():
            doubtful |= np.isnan(self._rates)
        return doubtful


def _filled(labels: Labels, standing: str) -> Labels:
    """Labels with one value where there is none."""
    missing = labels.codes < 0
    if not missing.any():
        return labels
    values = labels.values if standing in labels.values else [*labels.values, standing]
    codes = np.where(missing, values.index(standing), labels.codes)
    return Labels(codes, values).part(np.arange(len(codes)))


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


class Joined(Offered):
    """Several sets of offers, one behind another."""

    def __init__(self, parts: Sequence[Offered]) -> None:
        self.parts = parts
        self._known: dict[tuple[str, float], Floats] = {}
        self._said: dict[str, Labels] = {}

    def __len__(self) -> int:
        """Number of offers."""
        return sum(map(len, self.parts))

    @cached_property
    def starts(self) -> Ints:
        """The first offer of each part, and the end of the last."""
        return np.cumsum([0, *map(len, self.parts)])

    def number(self, field: str, missing: float = np.nan) -> Floats:
        """Typical values of a field."""
        key = (field, -1.0 if np.isnan(missing) else missing)
        if len(self.parts) == 1:
            return self.parts[0].number(field, missing)
        if key not in self._known:
            self._known[key] = np.concatenate([part.number(field, missing) for part in self.parts])
        return self._known[key]

    def own(self, measure: str) -> Floats:
        """Values of an own measure."""
        return np.concatenate([part.own(measure) for part in self.parts])

    def labels(self, key: str) -> Labels:
        """A label of each."""
        if key not in self._said:
            self._said[key] = joined([part.labels(key) for part in self.parts])
        return self._said[key]

    @property
    def tag_keys(self) -> list[str]:
        """Keys of all tags."""
        return list(dict.fromkeys(key for part in self.parts for key in part.tag_keys))

    @property
    def weight(self) -> Floats:
        """Worth of an average engagement."""
        return np.concatenate([part.weight for part in self.parts])

    @property
    def posts(self) -> tuple[Ints, Ints]:
        """Fewest and most posts."""
        low, high = zip(*(part.posts for part in self.parts), strict=True)
        return np.concatenate(low), np.concatenate(high)

    @property
    def room(self) -> tuple[Floats, Floats]:
        """Fewest and most creators."""
        low, high = zip(*(part.room for part in self.parts), strict=True)
        return np.concatenate(low), np.concatenate(high)

    def discounts(self, offer: Ints, posts: Ints) -> Floats:
        """Share off cost_per_post of packages."""
        found = []
        for part, start, end in zip(self.parts, self.starts, self.starts[1:], strict=False):
            mine = slice(int(np.searchsorted(offer, start)), int(np.searchsorted(offer, end)))
            found.append(part.discounts(offer[mine] - start, posts[mine]))
        return np.concatenate(found)
