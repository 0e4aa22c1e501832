"""Explanation -> findings in plain sentences, tables, Markdown and text."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.language.measures import counted_in, one_of
from optimizer.language.numbers import (
    UNKNOWN,
    few_digits,
    number,
    percent,
    plain_number,
    printable,
    signed_few,
    significant,
)
from optimizer.language.statuses import STATUS_WORDS, UNSETTLED
from optimizer.report.layout.parts import Section, Sentences, Table
from optimizer.whatif.explain.findings import amount_text, field_text, money_text, span_text
from optimizer.whatif.explain.prices import LimitPrice
from optimizer.whatif.explain.result import Explanation
from optimizer.whatif.explain.thresholds import Threshold


def explanation_sections(explanation: Explanation) -> Iterator[Section]:
    """The whole report: findings, then the tables behind them."""
    goal = explanation.objective
    yield Sentences(
        "",
        [f"Why this plan: {printable(goal.asked)}, {amount_text(explanation, explanation.best)}."],
    )
    yield Sentences("Findings", [printable(line) for line in explanation.sentences or _nothing(explanation)])
    if explanation.prices:
        yield _price_table(explanation)
    if explanation.rules:
        yield _rule_table(explanation)
    if explanation.negotiation:
        yield _negotiation_table(explanation)
    if explanation.tipping:
        yield _tipping_lines(explanation)
    if explanation.unsettled:
        yield Sentences(
            "Not settled", [f"Time was up for {_of_all(explanation)}; allow more with --total-time."]
        )


def _of_all(e: Explanation) -> str:
    """How many questions were not answered: "12 of 53 questions"."""
    if e.asked > e.unsettled:
        return f"{number(e.unsettled)} of {number(e.asked)} questions"
    return "the only question" if e.unsettled == 1 else f"all {number(e.unsettled)} questions"


def _nothing(e: Explanation) -> list[str]:
    """What to say where there is no finding: that is one only where everything was looked at."""
    if not e.asked:
        return ["Nothing was asked."]
    if e.unsettled >= e.asked:
        return ["Nothing was looked at: time was up."]
    if e.unsettled:
        left = f"time was up for {_of_all(e)}"
        return [f"Nothing stands out in what was looked at; {left}."]
    return ["Nothing stands out."]


def _rate(value: float | None) -> str:
    """A price per unit; 0 is written so."""
    return "–" if value is None else "0" if abs(value) < 1e-12 else significant(value)


def _price_table(e: Explanation) -> Table:
    rows: list[list[str]] = []
    strong: set[int] = set()
    for price in e.prices:
        strong.add(len(rows))
        today = f"{percent(price.number)} of {price.of}" if price.of else few_digits(price.number)
        per = f"{printable(e.unit)} per {'point' if price.of else printable(one_of(price.unit))}"
        rows.append([f"{printable(price.name)}: {today}, in {per}", "", "", _rate(price.local_price)])
        for point in price.points:
            gain = _without_gain(point.status) if point.gain is None else signed_few(point.gain)
            sign = "+" if point.step > 0 else "-"
            rows.append(
                [
                    f"  {sign}{counted_in(few_digits(abs(point.step)), _unit(price))}",
                    gain,
                    _rate(point.per_unit),
                    "",
                ]
            )
        turn = []
        for word, size in (("better", price.next_better), ("worse", price.next_worse)):
            more = "more" if (word == "better") == (price.side == "max") else "less"
            within = counted_in(few_digits(size), _unit(price))
            turn.append(f"{word} within {within} {more}" if size is not None else f"never {word}")
        rows.append([f"  {'; '.join(turn)}", "", "", ""])
    title = "Price of limits"
    note = (
        "By re-solving with whole creators; positive per unit means that relaxing helps. The local rate is that of the "
        "linear program with fractions of creators, true only for tiny steps."
    )
    if e.not_priced:
        more = (
            "offer whose creators are all booked is"
            if e.not_priced == 1
            else "offers whose creators are all booked are"
        )
        note += f" {number(e.not_priced)} more {more} not priced; these cost least by that rate."
    return Table(
        title,
        ["step", "gain", "per unit", "local rate"],
        rows,
        [False, True, True, True],
        frozenset(strong),
        note,
    )


def _unit(price: LimitPrice) -> str:
    return "points" if price.of else printable(price.unit)


def _rule_table(e: Explanation) -> Table:
    rows = []
    for rule in e.rules:
        gain = {"unlimited": "unlimited", "refused": "others rest on it"}.get(rule.status) or (
            "–" if rule.gain is None else f"+{number(rule.gain)}"  # an improvement, also where less is wanted
        )
        share = "" if rule.share is None else percent(rule.share, 2)
        rows.append([printable(rule.name), printable(rule.text), gain, share])
    return Table(
        "What each rule costs: the plan without it",
        ["rule", "asks", "gain" if e.objective.sense == "maximize" else "saved", "%"],
        rows,
        [False, False, True, True],
    )


def _threshold(t: Threshold | None, *, rate: bool = False) -> str:
    if t is None:
        return ""
    at = t.about if t.inside is None else t.inside
    if at is None:
        return t.reason or UNKNOWN
    shown = percent(at) if rate and at <= 1 else plain_number(float(f"{at:.4g}") if t.inside is None else at)
    if t.inside is None:
        return f"about {shown}"
    return f"{shown}, then no plan" if t.no_plan else shown


def _negotiation_table(e: Explanation) -> Table:
    rows = []
    for n in sorted(e.negotiation, key=lambda n: not n.used):
        fee = _threshold(n.stays_to if n.used else n.enters_at)
        more = _threshold(n.more_from)
        today = (
            ""
            if n.rate is None
            else percent(n.rate)
            if n.rate_name == "engagement_rate"
            else plain_number(n.rate)
        )
        show = _threshold(n.must_show, rate=n.rate_name == "engagement_rate")
        booked = number(n.creators) if n.used else "not in"
        rows.append(
            [printable(n.offer), booked, "–" if n.fee is None else money_text(n.fee), fee, more, today, show]
        )
    note = (
        f"In {e.currency} per post. In up to: highest fee at which it is booked; more up to: at which more of it is. "
        "Settled on both sides, at most 5 % apart, by planning again or by a bound."
    )
    about = sum(any(t is not None and t.about is not None for t in (n.stays_to, n.enters_at, n.must_show))
                for n in e.negotiation)  # fmt: skip
    if about:
        note += (
            f" About: by the linear program, with fractions of creators; {counted_in(number(about), 'offers')} of "
            f"{number(len(e.negotiation))} that are farther from turning were not planned again."
        )
    if left_out := e.offers - e.offers_asked:
        note += f" {_left_out(e, left_out)} not asked about."
    columns = ["offer", "booked", "fee", "in up to", "more up to", "rate", "in from"]
    return Table(
        "Negotiation sheet", columns, rows, [False, True, True, False, False, True, False], note=note
    )


def _left_out(e: Explanation, many: int) -> str:
    """Of offers that were too many to ask about all of them."""
    does = "is" if many == 1 else "are"
    return (
        f"{number(many)} of {counted_in(number(e.offers), 'offers')} {does} farther from the plan, by the prices of "
        f"its limits, and {'was' if many == 1 else 'were'}"
    )


def _tipping_lines(e: Explanation) -> Sentences:
    lines = []
    for t in e.tipping:
        if t.changes_at is None or t.distance is None:
            continue
        way = "more" if t.direction == "up" else "less"
        where = f"at {field_text(t.field, t.changes_at)} ({percent(t.distance, 2)} {way})"
        today = f"{field_text(t.field, t.value)}, {span_text(t)}"
        lines.append(f"{t.field} of {printable(t.offer)} (today {today}): {where} {printable(t.change)}.")
    steady = [
        f"{t.field} of {printable(t.offer)} ({span_text(t)})" for t in e.tipping if t.changes_at is None
    ]
    if steady:
        lines.append("Who is booked was the same at every value tried of: " + "; ".join(steady) + ".")
    if left_out := e.offers - e.offers_asked:
        lines.append(f"{_left_out(e, left_out)} not looked at.")
    return Sentences("What decides it, nearest first", lines)


def _without_gain(status: str) -> str:
    """What stands for a step without a value."""
    return (
        "not settled"
        if status in UNSETTLED
        else STATUS_WORDS[status].cell
        if status in STATUS_WORDS
        else status
    )
