"""Offers of several kinds, such as objects and the rows of large rosters, one behind another."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from optimizer.program.offered import Offered
from optimizer.roster.labels import Floats, Ints, Labels, joined


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
