"""The words for everything that can be counted: measures, ratios of two measures, and reach.

This table is the one owner of a measure's name, unit and meaning; packages compute them, limits and
objectives refer to them, reports print them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Measure(NamedTuple):
    """A countable property of a package that adds up over a plan.

    `unit` is for sentences ("218 hours"); money measures have the unit "money", shown as the currency. `needs` are the
    fields of an offer without which it is not known.
    """

    name: str
    unit: str
    meaning: str
    needs: tuple[str, ...] = ()

    @property
    def header(self) -> str:
        """As the head of a column: "Gross reach"."""
        return self.name.replace("_", " ").capitalize()


class Ratio(NamedTuple):
    """`factor` x numerator / denominator; a limit on it is linear once multiplied out."""

    name: str
    numerator: str
    denominator: str
    factor: float
    meaning: str


_SOLD = ("impressions_per_post", "click_rate", "conversion_rate", "value_per_conversion")
_MIXED = ("engagements_per_post", "engagement_mix")

MEASURES: dict[str, Measure] = {
    m.name: m
    for m in (
        Measure("cost", "money", "everything that is paid: creators, fees on top, commission, set-up",
                ("cost_per_post",)),
        Measure("hours", "hours", "coordination work: finding, briefing, approving, chasing",
                ("hours_per_creator",)),
        Measure("creators", "creators", "people or accounts booked"),
        Measure("posts", "posts", "deliverables booked"),
        Measure("impressions", "impressions", "times a post is expected to be shown, repeats included",
                ("impressions_per_post",)),
        Measure("engagements", "engagements", "meaningful engagements: weighted, from real people of the audience",
                ("engagements_per_post",)),
        Measure("likes", "likes", "likes and other reactions from real people of the audience, unweighted", _MIXED),
        Measure("comments", "comments", "comments from real people of the audience, unweighted", _MIXED),
        Measure("shares", "shares", "posts shared by real people of the audience, unweighted", _MIXED),
        Measure("saves", "saves", "posts saved by real people of the audience, unweighted", _MIXED),
        Measure("clicks", "clicks", "visits: impressions x click rate", _SOLD[:2]),
        Measure("conversions", "conversions", "sales or leads: clicks x conversion rate", _SOLD[:3]),
        Measure("revenue", "money", "conversions x value per conversion", _SOLD),
        Measure("cost_of_goods", "money", "conversions x cost per conversion: making and shipping what is sold",
                (*_SOLD[:3], "cost_per_conversion")),
        Measure("profit", "money", "contribution: revenue - cost of goods - cost", (*_SOLD, "cost_per_post")),
        Measure("gross_reach", "people", "people reached by each creator, added up with duplicates",
                ("reachable", "reach_rate")),
    )
}  # fmt: skip
"""All that is counted. A measure is a line here, a formula in `program.packages` and its second telling in
`solve.verify`; totals, JSON, records, limits, shares, columns of tables and sheets, and the glossary follow."""

KINDS: dict[str, tuple[str, ...]] = {
    "likes": ("likes", "reactions"),
    "comments": ("comments",),
    "shares": ("shares",),
    "saves": ("saves",),
}
"""Measure of one kind of engagement -> the kinds of an `engagement_mix` that it counts. Facebook's and LinkedIn's
reactions are what a like is elsewhere, so they count as likes."""

COUNTED = ("creators", "posts", *(name for name in MEASURES if name not in ("creators", "posts")))
"""The same in the order of a table: who is booked, then what that comes to."""

OUTCOMES = ("impressions", "reach", "engagements", *KINDS, "clicks", "conversions")
"""What results may tell that only a post can bring. `engagements` are all kinds together."""
TOLD = ("creators", "posts", "posts_per_creator", "followers", "paid", "hours", *OUTCOMES, "revenue")
"""What a row of results may count. `posts`: delivered, 0 for a creator who did not deliver; `posts_per_creator`: as
booked; `paid`: to the creator."""

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

LARGE = frozenset({*(name for name in MEASURES if name != "hours"), *RATIOS, REACH.name})
"""Measures and ratios that are money, people or what is counted of them: often thousands."""

FIXED = ("budget", "effort_hours", "audience")
"""What a side of a limit can be a share of besides measures: numbers of the scenario that no plan changes."""

RESERVED = frozenset({*MEASURES, *RATIOS, REACH.name, *FIXED})
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
    return f"{text} {unit if text != '1' else one_of(unit)}"


def one_of(unit: str) -> str:
    """A unit in the singular: "creator", "person", "USD"."""
    if unit == "people" or unit.startswith("people in "):
        return "person" + unit.removeprefix("people")
    return unit.removesuffix("s") if unit in _PLURALS else unit


_PLURALS = frozenset({"points", "offers", *(m.unit for m in MEASURES.values() if m.unit.endswith("s"))})


def is_money(measure: str) -> bool:
    """Whether a measure is an amount of money."""
    return measure in MEASURES and MEASURES[measure].unit == "money"


SPENT = frozenset({"cost", "hours", "creators", "posts", "cost_of_goods"})
"""What a plan gives for its results."""


def more_is_good(measure: str) -> bool:
    """Whether a rise of a measure or ratio is good news where nobody has asked for the opposite."""
    return measure not in SPENT and measure not in RATIOS


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


def unit_in(measure: str, currency: str, segments: Sequence[str]) -> str:
    """The same of an objective, with the segments of the audience it counts in: "people in US"."""
    return unit_of(measure, currency) + (f" in {' + '.join(segments)}" if segments else "")
