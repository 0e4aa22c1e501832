"""What the rows of a very large roster say, as columns: their own cells, else what all rows share."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from optimizer.language.errors import Problem
from optimizer.language.quantities import parse_estimate
from optimizer.program.offered import bundled
from optimizer.roster.bulk_rows import Taken
from optimizer.roster.labels import Floats, Ints, Labels
from optimizer.roster.rows import DOLLARS
from optimizer.scenario.fields import MONEY_FIELDS
from optimizer.scenario.offer import PostRoom
from optimizer.scenario.roster import RosterFile
from optimizer.scenario.scenario import Offer, Scenario

LABELS = ("tier", "platform", "format", "country")


class Written:
    """What the rows of one roster say.

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
        return self.written(key)

    def written(self, key: str) -> Labels:
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
        return values / self.rates if field in MONEY_FIELDS else values

    @cached_property
    def rates(self) -> Floats:
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


def _filled(labels: Labels, standing: str) -> Labels:
    """Labels with one value where there is none."""
    missing = labels.codes < 0
    if not missing.any():
        return labels
    values = labels.values if standing in labels.values else [*labels.values, standing]
    codes = np.where(missing, values.index(standing), labels.codes)
    return Labels(codes, values).part(np.arange(len(codes)))
