"""What was learnt: entries by field and group, how many results were new, what did not count, and the set they make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import PrivateAttr, computed_field

from optimizer.benchmarks.figures import digits
from optimizer.benchmarks.learnt import Key, Learnt
from optimizer.language.names import folded
from optimizer.language.records import Record
from optimizer.learning.closed_forms import Floats, Ints
from optimizer.results.result import ResultsAccount

if TYPE_CHECKING:
    from optimizer.benchmarks.schema import BenchmarkSet
    from optimizer.learning.rows import Rows


class Moved(Record):
    """A result too far out to be counted as it is: it counts as far as results usually go."""

    field: str
    name: str
    """Creator, or offer; empty where the row names neither."""
    platform: str
    times: float
    """Result over the packaged typical figure for such a creator."""


class LeftOut(Record):
    """Rows that say nothing that can be learnt from, and why."""

    why: str
    rows: int


class Learned(Record):
    """What results say against a packaged set."""

    name: str
    """Of the set."""
    over: str
    """The packaged set that it stands above."""
    as_of: str
    """Latest date of a result; "undated" where none says one."""
    currency: str
    """Of money."""
    results: int
    """Rows that are known, those of before included."""
    new: int
    """Rows that were not known before."""
    known: int
    """Rows that were: they count once."""
    replaced: int
    """Rows whose id was known, and that say something else now."""
    creators: int
    """Named ones."""
    groups: tuple[Learnt, ...]
    """For each field the platforms, then formats and tiers in them."""
    moved: tuple[Moved, ...]
    left_out: tuple[LeftOut, ...]
    read: ResultsAccount | None = None
    """What was read of the files, where they were given as read."""
    version: str

    _people: tuple[People, ...] = PrivateAttr(default=())
    _rows: Any = PrivateAttr(default=None)

    @computed_field  # type: ignore[prop-decorator]
    @cached_property
    def people(self) -> tuple[Learnt, ...]:
        """Named creators, for each field, platform and format."""
        return tuple(entry for each in self._people for entry in each.entries())

    def of(
        self,
        field: str,
        platform: str,
        tier: str | None = None,
        format: str | None = None,
        creator: str | None = None,
    ) -> Learnt | None:
        """The entry for a field and group, or one creator; None where there is none of just that."""
        return self._by_key.get((field, platform, tier, format, None if creator is None else folded(creator)))

    @cached_property
    def _by_key(self) -> dict[Key, Learnt]:
        return {entry.key: entry for entry in (*self.groups, *self.people)}

    def benchmarks(self) -> BenchmarkSet:
        """The set, for `Scenario(benchmarks=...)` and files; it remembers the results it was made from."""
        from optimizer.benchmarks.schema import BenchmarkSet
        from optimizer.learning.rows import packed

        return BenchmarkSet(
            name=self.name,
            as_of=self.as_of,
            currency=self.currency,
            description=f"What {self.results:,} results of our own say against {self.over}.",
            over=self.over,
            learnt=(*self.groups, *self.people),
            made={"results": packed(self._rows)},
        )


def learned_of(people: Sequence[People], rows: Rows, **values: Any) -> Learned:
    """What was learnt, with the creators as columns and the results behind it."""
    found = Learned(**values)
    found._people, found._rows = tuple(people), rows
    return found


def four(number: float) -> float:
    """With four significant digits, which is more than results carry."""
    return float(f"{number:.4g}")


@dataclass(frozen=True)
class People:
    """Named creators of one platform for one field of an offer, as columns of shape (creators,): see `Learnt`.

    Attributes:
        limit: what a value cannot exceed: 1 for a share.
    """

    field: str
    platform: str
    limit: float
    spreads: bool
    post_spread: float | None
    format: Sequence[str | None]
    creator: Sequence[str]
    factor: Floats
    low: Floats
    high: Floats
    shared: Floats | None
    spread: Floats
    results: Ints
    weight: Floats
    followers: Floats
    old: Floats

    def entries(self) -> Iterator[Learnt]:
        """One for each creator whom the packaged set has a figure for."""
        post = None if self.post_spread is None or not self.spreads else four(self.post_spread)
        for i in np.flatnonzero(self.old > 0).tolist():
            factor, low, high = (four(float(x[i])) for x in (self.factor, self.low, self.high))
            old, size = float(self.old[i]), float(self.followers[i])
            yield Learnt.model_construct(
                field=self.field, platform=self.platform, tier=None, format=self.format[i], creator=self.creator[i],
                factor=factor, low=low, high=high, shared=None if self.shared is None else four(float(self.shared[i])),
                spread=four(float(self.spread[i])) if self.spreads else None, post_spread=post,
                results=int(self.results[i]), creators=1, weight=round(min(1.0, float(self.weight[i])), 4),
                followers=digits(size) if size > 0 else None, old=old,
                new=min(self.limit, digits(old * factor)), new_low=min(self.limit, digits(old * low)),
                new_high=min(self.limit, digits(old * high)),
            )  # fmt: skip
