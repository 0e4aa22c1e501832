"""The words for everything that can be counted: measures, ratios of two measures, and reach.

This table is the one owner of a measure's name, unit and meaning; packages compute them, limits and
objectives refer to them, reports print them.
"""

from __future__ import annotations

from typing import NamedTuple


class Measure(NamedTuple):
    """A countable property of a package that adds up over a plan.

    `unit` is for sentences ("218 hours"); money measures have the unit "money", shown as the currency.
    """

    name: str
    unit: str
    meaning: str


class Ratio(NamedTuple):
    """`factor` x numerator / denominator; a limit on it is linear once multiplied out."""

    name: str
    numerator: str
    denominator: str
    factor: float
    meaning: str


MEASURES: dict[str, Measure] = {
    m.name: m
    for m in (
        Measure("cost", "money", "everything that is paid: creators, fees on top, commission, set-up"),
        Measure("hours", "hours", "coordination work: finding, briefing, approving, chasing"),
        Measure("creators", "creators", "people or accounts booked"),
        Measure("posts", "posts", "deliverables booked"),
        Measure("impressions", "impressions", "times a post is expected to be shown, repeats included"),
        Measure(
            "engagements", "engagements", "meaningful engagements: weighted, from real people of the audience"
        ),
        Measure("clicks", "clicks", "visits: impressions x click rate"),
        Measure("conversions", "conversions", "sales or leads: clicks x conversion rate"),
        Measure("revenue", "money", "conversions x value per conversion"),
        Measure("profit", "money", "revenue - cost"),
        Measure("gross_reach", "people", "people reached by each creator, added up with duplicates"),
    )
}

RATIOS: dict[str, Ratio] = {
    r.name: r
    for r in (
        Ratio("cpm", "cost", "impressions", 1000.0, "cost per 1,000 impressions"),
        Ratio("cpe", "cost", "engagements", 1.0, "cost per engagement"),
        Ratio("cpc", "cost", "clicks", 1.0, "cost per click"),
        Ratio("cpa", "cost", "conversions", 1.0, "cost per conversion"),
    )
}

REACH = Measure("reach", "people", "distinct people reached at least once, duplicates removed")

RESERVED = frozenset({*MEASURES, *RATIOS, REACH.name, "budget", "effort_hours", "audience"})
"""Names that a user's own measure cannot take."""


def cost_of_each(spent: float | None, gained: float | None) -> float | None:
    """What each further unit of a result costs between two plans: difference in cost / difference in result.

    None where the two do not move the same way, so that there is no such price. Whatever names a price of one more
    unit takes it from here: money that is allowed but not spent is no part of it.
    """
    return None if spent is None or gained is None or spent * gained <= 0 else spent / gained


WHOLE_MONEY = frozenset(("VND", "JPY", "KRW", "CLP", "ISK", "XAF", "XOF", "IDR"))
"""Currencies that are counted in whole units; of the others the smallest unit is the hundredth."""


def coin_of(currency: str) -> float:
    """The smallest unit that a currency is counted in."""
    return 1.0 if currency in WHOLE_MONEY else 0.01


def counted_in(text: str, unit: str) -> str:
    """A number, written out, with its unit in the singular where it is one: "1 creator", "1 person", "12 posts"."""
    if text != "1":
        return f"{text} {unit}"
    whole = "person" if unit == "people" else unit.removesuffix("s") if unit in _PLURALS else unit
    return f"1 {whole}"


_PLURALS = frozenset(
    {"hours", "creators", "posts", "impressions", "engagements", "clicks", "conversions", "points", "offers"}
)


def unit_of(measure: str, currency: str) -> str:
    """The unit of a measure or ratio for sentences, e.g. "hours", "USD", "USD per engagement"."""
    if measure in RATIOS:
        ratio = RATIOS[measure]
        per = "1,000 impressions" if measure == "cpm" else ratio.denominator.removesuffix("s")
        return f"{currency} per {per}"
    if measure == REACH.name:
        return REACH.unit
    unit = MEASURES[measure].unit if measure in MEASURES else measure
    return currency if unit == "money" else unit
