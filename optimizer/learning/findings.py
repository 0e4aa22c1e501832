"""What to test next, in sentences."""

from __future__ import annotations

from optimizer.language.among import among
from optimizer.language.measures import counted_in, is_money
from optimizer.language.numbers import few_digits, measured, number, percent, tenths
from optimizer.learning.result import NextTests, NumberWorth

WAY_WORDS = {
    "quote": "a quote",
    "question": "a question",
    "test_post": "a test post",
    "time_sheet": "a time sheet",
    "none": "no test",
}

PARTLY = 0.95
"""A test that brings more than this share of a number's value tells it, as far as a sentence goes."""

OWN_FIGURES = " Figures of past posts, asked for, may tell as much for less."


def about(result: NextTests, value: float) -> str:
    """A value of the objective to two digits, with its unit: "3,400 engagements"."""
    rounded = float(f"{value:.2g}")
    text = few_digits(rounded) if is_money(result.measure) else measured(rounded)
    return counted_in(text, result.unit)


def sentences(result: NextTests) -> list[str]:
    """The findings, most important first."""
    few = among(result.scenario.kept, result.scenario.creators)
    lines = [_first(result), *few, *_rest(result), *_broken(result), *_without(result)]
    if result.not_asked:
        verb = "matters" if result.not_asked == 1 else "matter"
        lines.append(
            f"Not solved for: {_numbers(result.not_asked)} with a range that {verb} less by a rough estimate."
        )
    if not result.proven:
        lines.append(
            "Today's plan is not proven to be the best in this time, so the values are too high by as much as it falls "
            "short."
        )
    return lines


def _numbers(count: int) -> str:
    return "1 number" if count == 1 else f"{number(count)} numbers"


def _first(result: NextTests) -> str:
    if not result.numbers:
        if result.unsettled:
            return "Nothing is known about any number: time was up. Allow more with --total-time."
        if result.without:
            return "No number with a range can change this plan, so there is nothing worth asking."
        return (
            "No number has a range, so there is nothing that could turn out otherwise: write [low, typical, high] for "
            "what you are not sure of."
        )
    best = result.numbers[0]
    if best.worth_it:
        return f"{_ask(best)} first: {_worth(result, best)}; {_costs(result, best)}."
    most = max(result.numbers, key=lambda one: one.value)
    if most.value == 0:
        return "No answer would change this plan: where it is best today it stays the best, whatever these numbers are."
    told = f"; {_costs(result, most)}" if most.way != "none" else f", and {_cannot(most)}"
    more = OWN_FIGURES if most.way == "test_post" else ""
    return f"Nothing is worth asking. What matters most is {_name(most)}: {_worth(result, most)}{told}.{more}"


def _name(one: NumberWorth) -> str:
    return f"{one.field} of {one.offer}"


def _ask(one: NumberWorth) -> str:
    verb = {"test_post": "Test", "time_sheet": "Measure"}.get(one.way, "Ask")
    return f"{verb} {_name(one)}"


def _worth(result: NextTests, one: NumberWorth) -> str:
    share = f" ({percent(one.share, 2)})" if one.share is not None else ""
    return f"knowing it is worth about {about(result, one.value)}{share}"


def _cannot(one: NumberWorth) -> str:
    return f"{WAY_WORDS[one.way]} tells it before many creators are booked"


def _costs(result: NextTests, one: NumberWorth) -> str:
    """`a test post tells 52 % of it, worth 1,900 engagements, and costs 480 USD and 4 hours, which would have ...`."""
    start = f"{WAY_WORDS[one.way]}"
    if one.way == "test_post" and one.test_value is not None and one.test_value < PARTLY * one.value:
        start += f" tells part of it, worth {about(result, one.test_value)}, and"
    spent = [
        *([f"{few_digits(float(round(one.cost, 2)))} {result.currency}"] if one.cost else []),
        *([f"{tenths(one.hours)} {'hour' if one.hours == 1 else 'hours'}"] if one.hours else []),
    ]
    if not spent:
        return f"{start} costs nothing"
    costs = f"{start} costs {' and '.join(spent)}"
    if one.brought is None:
        return f"{costs}, without which no plan keeps every limit"
    if one.brought == 0:
        return f"{costs}, which would have brought nothing"
    saved = "brought" if result.sense == "maximize" else "saved"
    return f"{costs}, which would have {saved} {about(result, one.brought)}"


def _rest(result: NextTests) -> list[str]:
    """How many are worth it, and the next ones."""
    if not result.numbers:
        return []
    worth = [one for one in result.numbers if one.worth_it]
    lines = []
    if len(worth) > 1:
        names = ", ".join(_name(one) for one in worth[1:4])
        more = f" and {len(worth) - 4} more" if len(worth) > 4 else ""
        lines.append(f"Worth asking after that: {names}{more}.")
    most = max(result.numbers, key=lambda one: one.value)
    if worth and most.value > worth[0].value and not most.worth_it and most.way != "none":
        lines.append(
            f"{_name(most)[:1].upper()}{_name(most)[1:]} matters most, but is not worth it: {_worth(result, most)}; "
            f"{_costs(result, most)}.{OWN_FIGURES if most.way == 'test_post' else ''}"
        )
    untold = [one for one in result.numbers if one.way == "none" and one.value > 0]
    if untold and worth:
        most = untold[0]
        lines.append(
            f"Of what no test tells, {_name(most)} matters most: knowing it would be worth {about(result, most.value)}."
        )
    return lines


def _broken(result: NextTests) -> list[str]:
    risky = [one for one in result.numbers if one.broken >= 0.005]
    if not risky:
        return []
    most = max(risky, key=lambda one: one.broken)
    return [
        f"In {percent(most.broken, 2)} of the cases {_name(most)} turns out so that today's plan breaks a limit, "
        "whatever of it is dropped or added; that a limit is kept is worth more than the value says."
    ]


def _without(result: NextTests) -> list[str]:
    if not result.without:
        return []
    fields = ", ".join(one.field for one in result.without)
    count = sum(one.offers for one in result.without)
    return [
        f"{_numbers(count)} with a range ({fields}) {'enters' if count == 1 else 'enter'} neither the objective nor a "
        "limit: knowing more about them is worth nothing here."
    ]
