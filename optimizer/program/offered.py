"""The offers of a scenario as columns of numbers and labels, whether each is an object or a row of a large file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np

from optimizer.program.terms import Terms
from optimizer.roster.labels import Floats, Ints, Labels, labels_of


class Offered(Protocol):
    """What is known of every offer, as far as a program needs it; all arrays have shape (offers,)."""

    def __len__(self) -> int:
        """Number of offers."""

    def number(self, field: str, missing: float = np.nan) -> Floats:
        """Typical values of a field; `missing` where it is not known."""

    def own(self, measure: str) -> Floats:
        """Values of one of the scenario's own measures, NaN where not known."""

    def labels(self, key: str) -> Labels:
        """Name, tier, platform, format, country or a tag."""

    @property
    def tag_keys(self) -> list[str]:
        """Keys of all tags, in the order of the offers."""

    @property
    def weight(self) -> Floats:
        """Worth of an average engagement, NaN where the mix is not known."""

    @property
    def posts(self) -> tuple[Ints, Ints]:
        """Fewest and most posts of a creator."""

    @property
    def room(self) -> tuple[Floats, Floats]:
        """Fewest and most creators, inf where there is no maximum."""

    def discounts(self, offer: Ints, posts: Ints) -> Floats:
        """Share off cost_per_post of packages: that of the largest bundle with at most so many posts.

        Args:
            offer: index of the offer of each package, rising, shape (packages,).
            posts: posts of each package, shape (packages,).
        """


class OfTerms(Offered):
    """Offers that are objects."""

    def __init__(self, terms: Sequence[Terms]) -> None:
        self.terms = terms
        self._known: dict[tuple[str, float], Floats] = {}

    def __len__(self) -> int:
        return len(self.terms)

    def number(self, field: str, missing: float = np.nan) -> Floats:
        """Typical values of a field."""
        key = (field, -1.0 if np.isnan(missing) else missing)
        if key not in self._known:
            self._known[key] = _column(self.terms, lambda t: t.get(field), missing)
        return self._known[key]

    def own(self, measure: str) -> Floats:
        """Values of an own measure."""
        return _column(
            self.terms, lambda t: t.measures[measure].estimate.typical if measure in t.measures else None
        )

    def labels(self, key: str) -> Labels:
        """A label of each."""
        return labels_of([t.labels(key) for t in self.terms])

    @property
    def tag_keys(self) -> list[str]:
        """Keys of all tags."""
        return list(dict.fromkeys(key for t in self.terms for key in t.tags))

    @property
    def weight(self) -> Floats:
        """Worth of an average engagement."""
        return _column(self.terms, lambda t: t.weight)

    @property
    def posts(self) -> tuple[Ints, Ints]:
        """Fewest and most posts."""
        first = np.array([t.posts.start for t in self.terms], dtype=np.int64)
        return first, np.array([t.posts.stop - 1 for t in self.terms], dtype=np.int64)

    @property
    def room(self) -> tuple[Floats, Floats]:
        """Fewest and most creators."""
        most = _column(self.terms, lambda t: t.creators_max, np.inf)
        return np.array([t.creators_min for t in self.terms], dtype=float), most

    def discounts(self, offer: Ints, posts: Ints) -> Floats:
        """Share off cost_per_post of packages."""
        discount = np.zeros(len(offer))
        for i, t in enumerate(self.terms):
            if t.bundle_discount:
                mine = slice(int(np.searchsorted(offer, i)), int(np.searchsorted(offer, i, side="right")))
                discount[mine] = bundled(t.bundle_discount, posts[mine])
        return discount


def bundled(discounts: Mapping[int, float], posts: Ints) -> Floats:
    """Share off for so many posts each, by thresholds -> shares."""
    discount = np.zeros(len(posts))
    for threshold, share in sorted(discounts.items()):
        discount[posts >= threshold] = share
    return discount


def _column(
    terms: Sequence[Terms], value: Callable[[Terms], float | None], missing: float = np.nan
) -> Floats:
    found = (value(t) for t in terms)
    return np.array([missing if v is None else v for v in found], dtype=float)
