"""Fees that are far from what creators of that size ask, by the benchmark model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from optimizer.benchmarks.lookup import Place, benchmarks_of
from optimizer.roster.rows import Creator

SET = "global-2026"
FAR = 4.0
"""Beyond the range of single creators by this factor, a digit, a currency or a unit is wrong more often than not."""
NEAR_DOLLAR = frozenset((None, "USD", "EUR", "GBP", "CHF", "CAD", "AUD", "NZD", "SGD"))
"""Currencies within a factor of two of the dollar, so that no rate is needed to see what is four times off."""


class FarFee(NamedTuple):
    """A fee, and what is usual at that size, in dollars."""

    creator: Creator
    why: str


def far_fees(
    creators: Iterable[Creator], platform: str | None, format: str | None, currency: str | None
) -> Iterator[FarFee]:
    """Fees of `cost_per_post` far outside what creators of that size ask.

    Args:
        creators: of a roster.
        platform: of those that name none.
        format: likewise.
        currency: of prices that name none; None for dollars.
    """
    figures = benchmarks_of(SET)
    for creator in creators:
        fee, followers = creator.values.get("cost_per_post"), creator.values.get("followers")
        where = creator.platform or platform
        if (
            not isinstance(fee, Decimal)
            or not isinstance(followers, Decimal)
            or not followers
            or where is None
        ):
            continue
        if (creator.currency or currency) not in NEAR_DOLLAR or not fee:
            continue
        form = creator.values.get("format", format)
        country = creator.values.get("country")
        place = Place(
            None,
            where,
            None if form is None else str(form),
            float(followers),
            None if country is None else str(country),
        )
        try:
            found = figures.figure("cost_per_post", place)
        except ValueError:  # a country that the set does not know
            found = figures.figure("cost_per_post", place._replace(country=None))
        if found is None:
            continue
        low, high = found.figure.range_of_creators
        if float(fee) > FAR * high:
            yield FarFee(creator, f"far above what {followers:,.0f} followers cost (to {high:,.0f} USD)")
        elif float(fee) < low / FAR:
            yield FarFee(creator, f"far below what {followers:,.0f} followers cost (from {low:,.0f} USD)")
