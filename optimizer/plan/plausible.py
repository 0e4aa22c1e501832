"""Flags about numbers that can hardly be meant: rates, prices and shares beside what is usual, as public data show it.

Thresholds are judgement, named here, with the reason beside them.
"""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.language.quantities import grouped
from optimizer.plan.flags import amount_text, booked_terms, names_text, note, percent, warn
from optimizer.plan.plan import Flag, Plan
from optimizer.program.prices import too_dear, upside_down
from optimizer.program.program import Program
from optimizer.program.spread import BY_COUNTRY, BY_SIZE, share_field
from optimizer.scenario.scenario import Scenario

COUNTRY = 5_000_000
"""People. Of the countries that a scenario can name nearly all have more, so that a smaller audience is a city, an age
group or an interest."""
MAX_ENGAGED = 0.2
"""Of the people who see a post. Beyond one in five, followers, reach and impressions are mixed up more often than a
creator is that good."""
CPM_USD = (1.0, 500.0)
"""Beyond these sides a digit or a currency is wrong more often than a price is meant."""
NEAR_DOLLAR = frozenset(("EUR", "GBP", "CHF", "CAD", "AUD", "NZD", "SGD"))
"""Currencies within a factor of two of the dollar in the past fifteen years, so that no rate is needed here."""


def budget_below_prices(program: Program, plan: Plan) -> Iterator[Flag]:
    """Not even the cheapest booking can be paid."""
    dear = None if plan.lines else too_dear(program)
    if dear is not None:
        message = f"{dear.text[0].upper()}{dear.text[1:]}."
        yield warn("budget-below-prices", message, "Check budget, prices and currency.")


def rate_upside_down(program: Program, plan: Plan) -> Iterator[Flag]:
    """An exchange rate that was probably meant the other way round."""
    own = program.scenario.currency
    for wrong in upside_down(program):
        yield warn(
            "rate-upside-down",
            f"With {grouped(wrong.rate, 6)} {wrong.currency} for 1 {own}, a post of {wrong.offer} costs "
            f"{amount_text(wrong.price)} {own}; the other way round it would be {amount_text(wrong.turned)} {own}.",
            f"Check exchange_rates: how many {wrong.currency} make 1 {own}? "
            f"The other way round is {{{wrong.currency}: {grouped(1 / wrong.rate, 6).replace(',', '_')}}}.",
        )


def on_target_assumed(program: Program, plan: Plan) -> Iterator[Flag]:
    """All followers are taken to belong to an audience that is too small for that."""
    audience = program.scenario.audience
    if audience is not None and audience.segments:
        return  # see `segments_assumed`
    booked = {t.name: t for t in booked_terms(program, plan) if t.numbers["on_target"].origin == "default"}
    if audience is None or not booked:
        return
    together = sum(
        line.creators
        * (booked[line.offer].get("reachable") or 0.0)
        * (booked[line.offer].get("authentic") or 0.0)
        for line in plan.lines
        if line.offer in booked
    )
    why = ""
    if audience.people < COUNTRY:
        why = f"of {audience.people:,.0f} people, which is smaller than a country"
    elif together > audience.people:
        why = f"of {audience.people:,.0f} people, although they are {together:,.0f} in all"
    if why:
        yield warn(
            "on-target-assumed",
            f"Every follower of {names_text(list(booked))} is taken to belong to the audience {why}.",
            "Set on_target, the share of followers in your market and age group; creators' own statistics show it.",
        )


def segments_assumed(program: Program, plan: Plan) -> Iterator[Flag]:
    """Audiences that nobody said how they are spread over the segments of the scenario's."""
    audience = program.scenario.audience
    if audience is None or not audience.segments:
        return
    first = share_field(next(iter(audience.segments)))
    example = ", ".join(f"{name}: 40%" for name in list(audience.segments)[:2])
    for how, words in (
        (BY_COUNTRY, "all of it is taken to be in the segment of the creator's country"),
        (BY_SIZE, "it is taken to be spread by their size"),
    ):
        names = [t.name for t in booked_terms(program, plan) if t.numbers[first].source == how]
        if names:
            yield warn(
                "segments-assumed",
                f"How the audience of {names_text(names)} is spread over the segments is not given: {words}.",
                f"Give its segments, e.g. {{{example}}}; creators' own statistics show countries and ages.",
            )


def engagement_above_reach(program: Program, plan: Plan) -> Iterator[Flag]:
    """More of the people whom a post reaches engage than ever do."""
    found = []
    for terms in booked_terms(program, plan):
        people, rate = terms.get("reachable"), terms.get("reach_rate")
        engaged = terms.get("engagements_per_post")
        if people and rate and engaged is not None and engaged / (people * rate) > MAX_ENGAGED:
            found.append(f"{terms.name} {100 * engaged / (people * rate):.3g} %")
    if found:
        yield warn(
            "engagement-above-reach",
            f"One post engages more than {percent(MAX_ENGAGED)} of the people whom it reaches: {names_text(found)}.",
            "Check engagement_rate and its base, reach_rate and followers.",
        )


def unusual_cpm(program: Program, plan: Plan) -> Iterator[Flag]:
    """A price per 1,000 impressions that nobody asks."""
    unit, factor = _dollars(program.scenario)
    low, high = CPM_USD
    found = [
        f"{line.offer} {grouped(line.cpm * factor, 3)}"
        for line in plan.lines
        if factor and line.cpm and not low <= line.cpm * factor <= high
    ]
    if found:
        yield warn(
            "unusual-cpm",
            f"The price per 1,000 impressions lies outside {low:.0f} to {high:.0f} {unit}: {names_text(found)}.",
            "Check prices, currency, followers and reach_rate.",
        )


def _dollars(scenario: Scenario) -> tuple[str, float]:
    """A unit in which CPMs can be judged, and how many make 1 of the scenario's currency; 0 where none is known."""
    if "USD" in scenario.exchange_rates:
        return "USD", scenario.exchange_rates["USD"]
    return scenario.currency, 1.0 if scenario.currency in {"USD", *NEAR_DOLLAR} else 0.0


def fees_of_no_country(program: Program, plan: Plan) -> Iterator[Flag]:
    """Fees taken from the benchmarks' curves without saying in which market."""
    filled = [
        terms
        for terms in booked_terms(program, plan)
        if terms.country is None
        and "cost_per_post" in terms.numbers
        and terms.numbers["cost_per_post"].origin in ("benchmark", "assumption")
    ]
    if not filled or program.scenario.benchmarks is None:
        return
    from optimizer.benchmarks.lookup import Place, benchmarks_of

    sets = benchmarks_of(program.scenario.benchmarks)
    names = []
    for terms in filled:
        place = Place(terms.tier, terms.platform, terms.format, terms.get("followers"))
        found = sets.figure("cost_per_post", place)
        if found is not None and found.figure.weights:  # a curve, not a figure of one's own
            names.append(terms.name)
    if names:
        yield note(
            "no-country",
            f"No country is given, so the fees of {names_text(names)} are the mix of the public sources, mostly prices "
            "in the United States.",
            "Set country to the market, e.g. country: IT; elsewhere fees are down to a third.",
        )


def platform_without_figures(program: Program, plan: Plan) -> Iterator[Flag]:
    """Numbers of a platform that no figure is about, so that another one's were taken."""
    if program.scenario.benchmarks is None:
        return
    booked = [t for t in booked_terms(program, plan) if t.platform is not None and t.get("followers")]
    filled = [
        t for t in booked if any(t.numbers[f].origin == "assumption" for f in _FROM_CURVES if f in t.numbers)
    ]
    if not filled:
        return
    from optimizer.benchmarks.lookup import benchmarks_of

    known = benchmarks_of(program.scenario.benchmarks).named_platforms
    foreign = [t for t in filled if t.platform not in known]
    if foreign:
        yield warn(
            "platform-without-figures",
            f"The benchmarks have no figures about {names_text([t.platform or '' for t in foreign])}, so "
            f"{names_text([t.name for t in foreign])} is filled with those of Instagram, with a wider range.",
            "Give its fee, reach and engagement yourself.",
        )


_FROM_CURVES = ("cost_per_post", "reach_rate", "engagement_rate")
