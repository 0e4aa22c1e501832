"""What a plan may come to, in words and tables: two lines for the top, then ranges and where they come from."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from optimizer.language.measures import COUNTED, KINDS, MEASURES, REACH, is_money, unit_of
from optimizer.language.numbers import chance, number, percent, printable, significant
from optimizer.plan.plan import Plan, asked_for
from optimizer.plan.risk import Chance, Driver, Range, Risk
from optimizer.plan.typical import first_range
from optimizer.report.layout.parts import Section, Sentences, Table
from optimizer.scenario.fields import MONEY_FIELDS, SALES_FIELDS, SHARE_FIELDS

MOST_CHANCES = 6
"""Limits that the line at the top names; the table of limits has the others."""
MOST_DRIVERS = 5
MOVED = 0.1
"""A median that is so far from the plan's own number is explained."""
WORTH_ASKING = 0.02
"""Share of the variance below which no call is worth making."""
WORTH_TELLING = 0.05
"""Share of the cases that exceed the budget from which on the reason is told."""
NOTHING_VARIES = "No number of this plan has a range, so it has none either."
_FEES = tuple(field for field in MONEY_FIELDS if field not in SALES_FIELDS)


def risk_lines(plan: Plan) -> list[str]:
    """For the top of a report: the likely range of the first objective, and the chance to keep the limits."""
    risk = plan.risk
    if risk is None or not plan.lines:
        return []
    if not risk.varies:
        return [NOTHING_VARIES]
    likely = likely_range(plan, risk)
    return [line for line in (likely and f"{likely}{_reached(plan, risk)}.", _kept(plan, risk)) if line]


def likely_range(plan: Plan, risk: Risk) -> str:
    """The likely range of the first objective in words, without the full stop; "" where it is not known."""
    found = first_range(plan, risk)
    if found is None:
        return ""
    unit = words_of(plan, plan.objective.measure)
    if found.sd == 0:
        return (
            f"{_capital(rounded([found.p50])[0])} {unit} in every case: nothing that it rests on has a range"
        )
    low, half, high = rounded([found.p10, found.p50, found.p90])
    if half == high:
        return f"Likely {low} to {high} {unit}, half of the cases {high}: 1 in 10 is below {low}"
    below, above = ("worse", "better") if plan.objective.sense == "maximize" else ("lower", "higher")
    return (
        f"Likely {low} to {high} {unit}, half of the cases above {half}: 1 in 10 is {below}, 1 in 10 {above}"
    )


def _reached(plan: Plan, risk: Risk) -> str:
    """How often the plan's own number is reached; nothing of a number that is reached in so many cases as asked."""
    goal = plan.objective
    found = first_range(plan, risk)
    varies = found is not None and found.sd > 0
    if goal.confidence is not None or goal.over is not None or not varies:
        return ""
    more = goal.sense == "maximize"
    as_good = sum(each >= goal.value if more else each <= goal.value for each in risk.distribution)
    share = percent(round(as_good / len(risk.distribution), 2))
    (own,) = rounded([goal.value])
    return f"; {own} or {'more' if more else 'less'} in {share} of the cases"


def words_of(plan: Plan, measure: str) -> str:
    """The unit of a measure after a number: "engagements", "USD of profit", "people"."""
    unit = printable(unit_of(measure, plan.currency))
    return f"{unit} of {measure.replace('_', ' ')}" if is_money(measure) and measure != "cost" else unit


def may_fail(risk: Risk) -> list[Chance]:
    """Limits that some cases break, in their order."""
    return [each for each in risk.chances if each.chance < 1]


def _worth_naming(plan: Plan, risk: Risk) -> list[Chance]:
    """The same, and limits that have a confidence, whatever came of it."""
    sure = {limit.name for limit in plan.limits if limit.confidence is not None}
    return [each for each in risk.chances if each.chance < 1 or each.limit in sure]


def _kept(plan: Plan, risk: Risk) -> str:
    failing = _worth_naming(plan, risk)
    if not risk.chances:
        return ""
    if not failing:
        return "Every limit is kept in all cases."
    shown = failing
    if len(failing) > MOST_CHANCES:
        least = sorted(failing, key=lambda each: each.chance)[: MOST_CHANCES - 1]
        shown = [each for each in failing if each in least]
    text = ", ".join(f"{printable(each.limit)} {chance(each.chance)}" for each in shown)
    if len(shown) < len(failing):
        text += f" and {len(failing) - len(shown)} more"
    together = f"; all limits together {chance(risk.all_kept or 0.0)}" if len(failing) > 1 else ""
    return f"Chance to keep: {text}{together}."


def rounded(values: Sequence[float]) -> list[str]:
    """Numbers of one range in three digits, more where the range is so narrow that they would all look the same."""
    size, width = max(abs(v) for v in values), max(values) - min(values)
    digits = 3
    if size > 0 and width > 0:
        digits = max(3, math.floor(math.log10(size)) - math.floor(math.log10(width)) + 2)
    digits = min(digits, 12)

    def shown(value: float) -> str:
        if abs(value) >= 100:
            return number(float(f"{value:.{digits}g}"))
        return (
            number(value) if size >= 100 and digits == 3 and abs(value) >= 1 else significant(value, digits)
        )

    return [shown(value) for value in values]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# --- further down ---------------------------------------------------------------------------------------------


def risk_sections(plan: Plan) -> Iterator[Section]:
    """Ranges of what the plan shows, and where the range of the first objective comes from."""
    risk = plan.risk
    if risk is None or not risk.varies or not plan.lines:
        return
    table = ranges_table(plan, risk)
    if table.rows:
        yield table
    remarks = list(_remarks(plan, risk))
    if remarks:
        yield Sentences("", remarks, "range-remarks")
    if risk.drivers:
        yield drivers_table(plan, risk)
        yield Sentences("", [narrowing(plan, risk)], "narrowing")


def shown_measures(plan: Plan, risk: Risk) -> list[str]:
    """The measures that a plan's totals show and that vary, the objectives first."""
    goals = [goal.measure for goal in plan.objectives]
    limited = {limit.measure for limit in plan.limits}
    order = [*goals, *COUNTED, *risk.measures, REACH.name]

    def told(measure: str) -> bool:
        if measure in (*KINDS, "gross_reach", "cost_of_goods"):
            return measure in goals or measure in limited
        return asked_for(plan, measure)

    return [m for m in dict.fromkeys(order) if m in risk.measures and risk.measures[m].sd > 0 and told(m)]


def ranges_table(plan: Plan, risk: Risk) -> Table:
    """What each measure may come to, beside the plan's own number."""
    rows = []
    for measure in shown_measures(plan, risk):
        found = risk.measures[measure]
        value = plan.totals.of(measure)
        own = "" if value is None else rounded([value])[0]
        rows.append([label_of(plan, measure), own, *rounded([found.p10, found.p50, found.p90])])
    note = f"{number(risk.draws)} cases drawn (seed {risk.seed}); plan: every number at its typical value."
    return Table(
        "What it may come to",
        ["", "plan", "1 in 10 below", "half above", "1 in 10 above"],
        rows,
        [False, True, True, True, True],
        frozenset({0}) if rows and shown_measures(plan, risk)[0] == plan.objective.measure else frozenset(),
        note,
        "ranges",
    )


def label_of(plan: Plan, measure: str) -> str:
    """A measure as the head of a row, money with its currency."""
    name = printable(measure.replace("_", " ") if measure in MEASURES else measure)
    return f"{name}, {plan.currency}" if is_money(measure) else name


def _remarks(plan: Plan, risk: Risk) -> Iterator[str]:
    moved = [m for m in shown_measures(plan, risk) if _is_moved(plan.totals.of(m), risk.measures[m])]
    if moved:
        names = [printable(m.replace("_", " ") if m in MEASURES else m) for m in moved[:3]]
        yield (
            f"Why the half is not the plan's own number for {_and(names)}: ranges reach further to one side than to "
            "the other, and of creators who differ, a few do very well and most do less than the average."
        )
    quotes = fees_with_ranges(plan)
    budget = next(
        (c for c in risk.chances for x in plan.limits if x.name == c.limit and x.scope.cap == "budget"), None
    )
    if budget is not None and 1 - budget.chance >= WORTH_TELLING and quotes:
        offers, whose = quotes
        yield (
            f"The budget is exceeded in {chance(1 - budget.chance)} of the cases because the fees of "
            f"{_offers(offers)} are {whose}, not quotes: a quote is a plain number (cost_per_post: 450), and "
            "with quotes for all of them the cost hardly moves."
        )


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def _is_moved(value: float | None, found: Range) -> bool:
    return value is not None and value > 0 and abs(found.p50 / value - 1) > MOVED


def fees_with_ranges(plan: Plan) -> tuple[list[str], str] | None:
    """Booked offers whose fees are ranges, and whose ranges these are; None where there is none."""
    booked = {line.offer for line in plan.lines}
    found = [a for a in plan.assumptions if a.offer in booked and a.field in _FEES and a.low < a.high]
    if not found:
        return None
    theirs = all(a.origin in ("benchmark", "assumption") for a in found)
    yours = all(a.origin == "yours" for a in found)
    whose = "ranges of the benchmarks" if theirs else "ranges" if not yours else "ranges of yours"
    return list(dict.fromkeys(a.offer for a in found)), whose


def _offers(names: Sequence[str]) -> str:
    shown = [printable(name) for name in names]
    if len(shown) == 1:
        return shown[0]
    return f"{shown[0]} and {shown[1]}" if len(shown) == 2 else f"{shown[0]} and {len(shown) - 1} more offers"


def drivers_table(plan: Plan, risk: Risk) -> Table:
    """The numbers that make the first objective vary, with their share of its variance."""
    rows = [[driver_words(plan, d), chance(d.share_of_variance)] for d in risk.drivers[:MOST_DRIVERS]]
    rest = 1 - sum(d.share_of_variance for d in risk.drivers[:MOST_DRIVERS])
    if rest >= 0.005:
        rows.append(["all else, and what numbers cause together", chance(rest)])
    goal = printable(plan.objective.measure.replace("_", " "))
    return Table(
        f"Where the range of {goal} comes from",
        ["", "share of variance"],
        rows,
        [False, True],
        key="drivers",
    )


def driver_words(plan: Plan, driver: Driver) -> str:
    """A driver in plain words: which number of which offer, with its range."""
    offer = printable(driver.offer)
    if driver.field == "spread":
        return f"how creators of {offer} differ"
    if driver.field == "completion":
        return f"who of {offer} delivers"
    field = printable(driver.field.removeprefix("measures."))
    return f"{field} of {offer}{_span(plan, driver)}"


def _span(plan: Plan, driver: Driver) -> str:
    """The range of the number: ", 2 to 6 %"."""
    found = next((a for a in plan.assumptions if (a.offer, a.field) == (driver.offer, driver.field)), None)
    if found is None or found.low == found.high:
        return ""
    if found.field in SHARE_FIELDS:
        return f", {percent(found.low, 2)} to {percent(found.high, 2)}"
    low, high = rounded([found.low, found.high])
    return f", {low} to {high}"


_ASKED = {
    "a quote from": _FEES,
    "the {field} of the last posts of the creators you have in mind for": (
        "engagement_rate", "engagements_per_post", "reach_rate", "impressions_per_post", "reachable", "followers",
        "repeat_decay",
    ),
    "an audience report of": ("authentic", "on_target"),
    "{field} of a past campaign like": ("click_rate", "conversion_rate", "value_per_conversion"),
}  # fmt: skip
"""What to ask for -> the fields that it answers."""


def narrowing(plan: Plan, risk: Risk) -> str:
    """Which quote or answer would narrow the range most."""
    first = risk.drivers[0]
    asked = next(
        (
            d
            for d in risk.drivers
            if d.field not in ("spread", "completion") and d.share_of_variance >= WORTH_ASKING
        ),
        None,
    )
    parts = []
    if first.field == "spread":
        parts.append(
            f"How creators of {printable(first.offer)} differ weighs most ({chance(first.share_of_variance)}): it "
            "shrinks with more and smaller bookings, or with named creators and their own numbers."
        )
    elif first.field == "completion":
        parts.append(
            f"Who of {printable(first.offer)} delivers weighs most ({chance(first.share_of_variance)}): signed dates "
            "and a fee on delivery narrow it."
        )
    if asked is not None:
        what = next((words for words, fields in _ASKED.items() if asked.field in fields), "a firm {field} of")
        lead = "What to ask first" if asked is first else "Of what can be asked, first"
        parts.append(
            f"{lead}: {what.format(field=printable(asked.field))} {printable(asked.offer)} "
            f"({chance(asked.share_of_variance)} of the variance)."
        )
    return " ".join(parts) or "No single answer would narrow it much: many numbers have a small part each."
