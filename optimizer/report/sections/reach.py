"""Reach among the totals of a plan: the estimate, between which numbers it lies, what was measured, who is one person.

Where overlaps are measured, the estimate that is shown is kept between the bounds that hold whatever the audiences;
what was maximised and proven stays the estimate itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from optimizer.language.measures import REACH
from optimizer.language.numbers import few_digits, measured, percent, printable, short, significant
from optimizer.plan.audience import MeasuredAudience
from optimizer.plan.plan import Plan

SHOWN = 3
"""Significant digits of a bound, rounded outwards so that it stays one."""
MOST_PERSONS = 3
"""Persons with several bookings who are named."""


def shown_reach(plan: Plan) -> float | None:
    """The estimate of reach, or the bound that it lies beyond."""
    found, reach = plan.measured, plan.totals.reach
    if reach is None or found is None or found.low is None or found.high is None:
        return reach
    return min(max(reach, found.low), found.high)


def moved(plan: Plan) -> bool:
    """Whether another number than the estimate is shown."""
    return shown_reach(plan) != plan.totals.reach


def of_all_reach(plan: Plan) -> bool:
    """Whether the first objective is the plan's reach, all of it, at typical values."""
    goal = plan.objective
    return goal.measure == REACH.name and not goal.segments and goal.confidence is None and goal.over is None


def moved_line(plan: Plan) -> str:
    """Why another number than the estimate is shown; "" where none is."""
    shown, reach = shown_reach(plan), plan.totals.reach
    if shown is None or reach is None or shown == reach:
        return ""
    side = "more" if reach > shown else "fewer"
    proof = ", which is what was proven," if of_all_reach(plan) else ""
    return (
        f"The estimate{proof} is {measured(float(round(reach)))} people: {side} than sizes and measured pairs "
        f"allow, so {measured(float(round(shown)))} are shown."
    )


def reach_lines(plan: Plan) -> Iterator[str]:
    """Reach and what belongs to it, each in a line; nothing where it is not known."""
    totals, audience, shown = plan.totals, plan.audience, shown_reach(plan)
    if audience is None or shown is None:
        return
    share = f"{percent(shown / audience.people, 2)} of the audience"
    yield f"reach: about {short(shown)} people, {share} ({_estimated(plan)})"
    if plan.measured is not None:
        yield from measured_facts(plan, plan.measured)
    extra = []
    if totals.frequency is not None:
        extra.append(f"average frequency {significant(totals.frequency, 2)}")
    if totals.reach_two_or_more is not None and totals.reach_two_or_more >= 0.5:
        extra.append(f"about {short(totals.reach_two_or_more)} people reached by two or more creators")
    if extra:
        yield "; ".join(extra)
    if words := persons_line(plan):
        yield words


def _estimated(plan: Plan) -> str:
    audience, found = plan.audience, plan.measured
    assert audience is not None
    average = "" if audience.overlap is None else f", {percent(audience.overlap)} on average"
    if found is not None:
        how = "measured overlaps" if found.how == "overlaps" else "who follows whom"
        return f"estimate, from {how}{average if found.how == 'overlaps' else ''}"
    inside = " inside each segment" if len(plan.segments) > 1 else ""
    if audience.overlap is None:
        return f"estimate, audiences taken as independent{inside}"
    return f"estimate, with {percent(audience.overlap)} overlap{inside}"


def measured_facts(plan: Plan, found: MeasuredAudience) -> Iterator[str]:
    """Between which numbers reach lies, and how well what was measured is met."""
    if between := between_words(plan):
        yield between
    if found.how == "followers":
        groups, creators = _of(found.segments, "group"), _of(found.creators, "creator")
        yield f"counted over {groups} of people who follow the same of {creators}"
        return
    pairs = found.pairs + found.unknown
    known = f"all {found.pairs:,}" if not found.unknown else f"{found.pairs:,} of {pairs:,}"
    text = f"{_of(found.segments, 'segment')} fitted to {known} pairs of {_of(found.creators, 'creator')}"
    text += f": overlaps met to {_error(found.error)}"
    yield text if found.held_out is None else f"{text}, those of pairs held out to {_error(found.held_out)}"


def between_words(plan: Plan) -> str:
    """ "between 312k and 396k people whatever the audiences, estimate 386k"; "" where nothing is between."""
    found, shown = plan.measured, shown_reach(plan)
    if found is None or shown is None or not bounds(found):
        return ""
    return f"between {' and '.join(bounds(found))} people whatever the audiences, estimate {short(shown)}"


def bounds(found: MeasuredAudience) -> list[str]:
    """Fewest and most people, rounded outwards; empty where these are not known, or one number."""
    if found.low is None or found.high is None or found.high - found.low < 0.5:
        return []
    return [short(_outwards(found.low, up=False)), short(_outwards(found.high, up=True))]


def persons_line(plan: Plan) -> str:
    """Persons with several bookings, whose reach counts once; "" where there are none."""
    offers: dict[str, list[str]] = {}
    for line in plan.lines:
        if line.person is not None and line.offer not in offers.setdefault(line.person, []):
            offers[line.person].append(line.offer)
    several = {person: names for person, names in offers.items() if len(names) > 1}
    if not several:
        return ""
    named = [
        f"{printable(person)} ({', '.join(printable(name) for name in names)})"
        for person, names in list(several.items())[:MOST_PERSONS]
    ]
    more = f" and {len(several) - MOST_PERSONS} more" if len(several) > MOST_PERSONS else ""
    return f"one person on several offers reaches the same people, counted once: {', '.join(named)}{more}"


def _outwards(people: float, *, up: bool) -> float:
    """In three digits, rounded down or up: a lower bound stays one."""
    if people < 1:
        return 0.0 if not up else float(math.ceil(people))
    unit = 10.0 ** (math.floor(math.log10(people)) + 1 - SHOWN)
    return (math.ceil(people / unit - 1e-9) if up else math.floor(people / unit + 1e-9)) * unit


def _error(error: float | None) -> str:
    return (
        "unknown"
        if error is None
        else f"{few_digits(100 * error, 2)} %"
        if error >= 0.0005
        else "under 0.1 %"
    )


def _of(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
