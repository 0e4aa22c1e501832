"""What results of one's own say against the set below: factors, with what of them is still unknown."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from pydantic import Field, model_validator

from optimizer.benchmarks.borders import Borders, tier_borders, tier_of
from optimizer.benchmarks.figures import FIELDS, MIX, RATES, TENTH, Figure, Name, digits
from optimizer.language.errors import did_you_mean
from optimizer.language.names import folded
from optimizer.language.numbers import counted
from optimizer.language.quantities import plain
from optimizer.language.records import Record


class Learnt(Record):
    """A factor on one field of the set below, for a platform, a tier and format there, or one creator.

    Tier None with platform: every tier and format there that has no entry of its own.
    """

    field: str
    """One of `FIELDS` but followers."""
    platform: Name
    tier: Name | None = None
    """By followers with the usual borders, where they are known; else as it is named."""
    format: Name | None = None
    creator: str | None = None
    """One creator, by account or name; None: everybody there."""
    factor: float = Field(gt=0)
    """Times what the set below says; a mean over creators, of one creator the mean over posts."""
    low: float = Field(gt=0)
    """8 in 10: with `high` what is not known of this factor, everything together."""
    high: float = Field(gt=0)
    shared: float | None = Field(default=None, ge=0)
    """Of one creator: the part of that which all creators there have in common, sd of the natural logarithm; None where
    a plan does not tell the two apart."""
    spread: float | None = Field(default=None, ge=0)
    """Between creators, sd of the natural logarithm; of one creator: what is not known of this one alone."""
    post_spread: float | None = Field(default=None, ge=0)
    results: int = Field(ge=1)
    """Rows, or bookings where a number is told once for a booking."""
    creators: int = Field(ge=1)
    """Who are behind them; at least 1 for each row that names nobody."""
    weight: float = Field(ge=0, le=1)
    """Of own results, the rest being what was known before."""
    slope: float = 0.0
    """By size within a tier: the factor of somebody with f followers is times (f / followers)^slope."""
    followers: float | None = Field(default=None, gt=0)
    """Size for which the factor, `old`, `new` and its range are stated: the middle of these creators."""
    old: float = Field(ge=0)
    """Typical value of the set below at that size, in its unit."""
    new: float = Field(ge=0)
    """Typical value with the results."""
    new_low: float = Field(ge=0)
    """8 in 10."""
    new_high: float = Field(ge=0)

    @model_validator(mode="after")
    def _known(self) -> Learnt:
        if self.field not in FIELDS or self.field == "followers":
            hint = did_you_mean(self.field, [field for field in FIELDS if field != "followers"])
            raise ValueError(f"{self.field!r} is nothing that is learnt ({hint})")
        if not self.low <= self.high:
            raise ValueError(f"low and high must rise; {plain(self.low)}, {plain(self.high)} does not")
        return self

    @property
    def key(self) -> tuple[str, str, str | None, str | None, str | None]:
        """What makes the entry unique within its set."""
        creator = None if self.creator is None else folded(self.creator)
        return (self.field, self.platform, self.tier, self.format, creator)

    def at(self, followers: float | None) -> Learnt:
        """The entry as it holds for so many followers."""
        if not self.slope or self.followers is None or not followers or followers < 0:
            return self
        times = (followers / self.followers) ** self.slope
        scaled = {name: getattr(self, name) * times for name in ("low", "factor", "high")}
        return self.model_copy(update={**scaled, "followers": followers})

    @property
    def source(self) -> str:
        """Where it comes from: `own results: 14 of 6 creators, weight 62 %`."""
        whose = "" if self.creator is not None else f" of {counted(self.creators, 'creators')}"
        return f"own results: {self.results:,}{whose}, weight {100 * self.weight:.0f} %"

    def apply(self, figure: Figure, by: str) -> Figure:
        """What the set below says, with the results; a creator's own uncertainty is in his spread, not in the range.

        `by` is the name of the set that says so.
        """
        most = 1.0 if self.field in RATES else math.inf  # a share cannot be more than all
        if self.shared is None:
            factors = (min(self.low, self.factor), self.factor, max(self.high, self.factor))
        else:
            half = math.exp(TENTH * self.shared)
            factors = (self.factor / half, self.factor, self.factor * half)
        if self.field in MIX:  # three digits would no longer add up to a whole
            low, typical, high = (min(most, figure.typical * factor) for factor in factors)
        else:
            low, typical, high = (min(most, digits(figure.typical * factor)) for factor in factors)
        return figure.model_copy(
            update={
                "low": low, "typical": typical, "high": high,
                "kind": "benchmark", "sources": (self.source,), "weights": (), "publishers": 0,
                "figures": self.results, "years": "",
                "spread": figure.spread if self.spread is None else self.spread,
                "post_spread": figure.post_spread if self.post_spread is None else self.post_spread,
                "note": f"by {by}; without them {plain(figure.typical)}",
            }
        )  # fmt: skip


def entries_of(value: Any) -> Any:
    """The rows of a table as `learn` writes it (CSV, names of columns first) as entries; anything else as it is.

    Raises:
        ValueError: with a message for the user, where a row has other columns.
    """
    if not isinstance(value, str):
        return value
    head, *rows = csv.reader(io.StringIO(value.strip()))
    odd = [name for name in head if name not in Learnt.model_fields]
    if odd:
        raise ValueError(f"no column {odd[0]!r} ({did_you_mean(odd[0], Learnt.model_fields)})")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(head):
            raise ValueError(f"row {number} has {len(row)} values for {len(head)} columns")
    return [{name: text for name, text in zip(head, row, strict=True) if text} for row in rows]


def table_of(entries: Iterable[Learnt]) -> list[str]:
    """The lines of that table."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    names = list(Learnt.model_fields)
    write(names)
    for entry in entries:
        write(["" if (value := getattr(entry, name)) is None else _cell(value) for name in names])
    return out.getvalue().splitlines()


def _cell(value: object) -> str:
    if isinstance(value, float):
        return plain(value)
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(value))


Key = tuple[str, str, str | None, str | None, str | None]
USUAL = "grin"
"""The tier borders by which results are grouped, whatever borders a scenario has."""


def usual_tier(followers: float | None, tier: str | None) -> str | None:
    """The tier by which an offer finds what was learnt: that of its followers, where they are known."""
    if not followers or followers < 0:
        return tier
    borders = usual_borders()
    return tier_of(max(followers, min(low for low, _ in borders.values())), borders)


@lru_cache(maxsize=1)
def usual_borders() -> Borders:
    """Lower and upper followers of each."""
    return tier_borders(USUAL, None)


def find(
    learnt: dict[Key, Learnt],
    field: str,
    platform: str,
    tier: str | None,
    format: str | None,
    names: Sequence[str] = (),
) -> Learnt | None:
    """The most specific entry for an offer: of its creator, else of tier and format there, else of the platform.

    Args:
        learnt: by key.
        field: a number of an offer.
        platform: a word.
        tier: likewise, or None.
        format: as it is meant there.
        names: the offer's and its person's.
    """
    for name in names:
        found = learnt.get((field, platform, None, format, folded(name)))
        if found is not None:
            return found
    return learnt.get((field, platform, tier, format, None)) or learnt.get(
        (field, platform, None, None, None)
    )
