"""Explanation -> findings in plain sentences, tables, Markdown and text."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.explain import Explanation
from optimizer.measures import counted_in
from optimizer.prices import LimitPrice, PricePoint
from optimizer.report.assumptions import SHARE_FIELDS
from optimizer.report.format import (
    UNKNOWN,
    few_digits,
    measured,
    number,
    percent,
    plain_number,
    printable,
    signed_few,
    significant,
)
from optimizer.report.parts import Section, Sentences, Table
from optimizer.thresholds import Threshold
from optimizer.tipping import TippingPoint

STATUS = {"feasible": "not settled", "not_found": "not settled", "infeasible": "no plan"}
"""Words for a step without a value."""
PRACTICAL = 0.05
"""The step that sentences speak of: 5 % of a limit."""


def sentences(explanation: Explanation) -> list[str]:
    """The findings, most important first."""
    return [
        *_money_or_hours(explanation),
        *_dearest_rule(explanation),
        *_best_negotiation(explanation),
        *_closest_call(explanation),
    ]


def explanation_sections(explanation: Explanation) -> Iterator[Section]:
    """The whole report: findings, then the tables behind them."""
    goal = explanation.objective
    yield Sentences(
        "",
        [f"Why this plan: {goal.sense} {printable(goal.measure)}, {_amount(explanation, explanation.best)}."],
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


def _amount(e: Explanation, value: float | None) -> str:
    if value is None:
        return "no plan"
    return counted_in(measured(value), e.unit)


def _better(e: Explanation, gain: float) -> str:
    """A gain in words: more of what is maximised, less of what is minimised."""
    if gain == 0:
        return "nothing"
    word = "more" if e.objective.sense == "maximize" else "less"
    return f"{_amount(e, gain)} {word}" if e.unit else f"{few_digits(gain)} {word}"


def _step(price: LimitPrice) -> PricePoint | None:
    """The relaxing point nearest to a 5 % step."""
    relaxed = [p for p in price.points if p.gain is not None and (p.step > 0) == (price.side == "max")]
    if not relaxed:
        return None
    wish = PRACTICAL * abs(price.number or 1.0)
    return min(relaxed, key=lambda p: abs(abs(p.step) - wish))


def _money_or_hours(e: Explanation) -> list[str]:
    by_path = {price.path: (price, _step(price)) for price in e.prices}
    money, hours = by_path.get("budget"), by_path.get("effort_hours")
    parts = {}
    for key, found, unit in (("money", money, e.currency), ("hours", hours, "hours")):
        if found is not None and found[1] is not None and found[1].gain is not None:
            size = abs(found[1].step)
            more = (
                "1 more hour brings"
                if size == 1 and key == "hours"
                else f"{few_digits(size)} more {unit} bring"
            )
            parts[key] = (found[1].gain, f"{more} {_better(e, found[1].gain)}")
    if len(parts) == 2:
        (gain_m, text_m), (gain_h, text_h) = parts["money"], parts["hours"]
        if gain_m <= 0 and gain_h <= 0:
            return ["Neither 5 % more money nor 5 % more hours brings anything: " + _next(e, money, hours)]
        first, second = ("Hours", "money") if gain_h > gain_m else ("Money", "hours")
        texts = (text_h, text_m) if gain_h > gain_m else (text_m, text_h)
        verb = "holds" if first == "Money" else "hold"
        more = f"{first} {verb} this plan back more than {second} (5 % more of each)"
        return [f"{more}: {texts[0]}, {texts[1]}."]
    return [text[:1].upper() + text[1:] + "." for _, text in parts.values()]


def _next(e: Explanation, *found: tuple[LimitPrice, PricePoint | None] | None) -> str:
    texts = []
    for item in found:
        if item is not None:
            price = item[0]
            unit = price.unit
            texts.append(
                f"{price.text} {'have' if price.text.endswith('s') else 'has'} to grow by up to "
                f"{few_digits(price.next_better)} {unit} before the plan gets better"
                if price.next_better is not None
                else f"no more {price.text} would help"
            )
    return "; ".join(texts) + "."


def _dearest_rule(e: Explanation) -> list[str]:
    dear = [r for r in e.rules if r.gain and r.path not in ("budget", "effort_hours")]
    free = [
        f"the booking of {r.name}" if r.kind == "booking" else r.name
        for r in e.rules
        if r.gain == 0 and r.path not in ("budget", "effort_hours")
    ]
    lines = []
    if dear:
        rule = dear[0]
        better = (
            f"instead of {measured(e.best)}" if rule.share is None else f"{percent(rule.share, 2)} better"
        )
        comma = " " if rule.share is None else ", "
        lines.append(
            f"Besides budget and hours, the dearest rule is {rule.name} ({rule.text}): without it "
            f"{_amount(e, rule.value)}{comma}{better}."
        )
    if free:
        shown = ", ".join(free[:4]) + (f" and {len(free) - 4} more" if len(free) > 4 else "")
        shown = shown[:1].upper() + shown[1:] if shown.startswith("the booking") else shown
        lines.append(f"{shown} {'costs' if len(free) == 1 else 'cost'} nothing today.")
    return lines


def _best_negotiation(e: Explanation) -> list[str]:
    """The unused offer nearest to coming in, and the booked one with the least room to pay more."""
    entering = [
        (n.offer, n.fee, t.inside)
        for n in e.negotiation
        if (t := n.enters_at) and t.inside and n.fee  # for nothing is no offer to make
    ]
    staying = [
        (n.offer, n.fee, t.inside, t.outside)
        for n in e.negotiation
        if (t := n.stays_to) and t.inside is not None and t.outside and n.fee and not t.no_plan
    ]
    needed = [
        (n.offer, n.fee, t.outside)
        for n in e.negotiation
        if (t := n.stays_to) and t.outside is not None and n.fee and t.no_plan
    ]
    lines = []
    if entering:
        offer, fee, at = max(entering, key=lambda row: row[2] / row[1])
        lines.append(
            f"Nearest to coming in: {offer}, at {_money(at)} {e.currency} per post instead of {_money(fee)} "
            f"({percent(1 - at / fee, 2)} less)."
        )
    if staying:
        offer, fee, at, out = min(staying, key=lambda row: row[2] / row[1])
        lines.append(
            f"Least room to pay more: {offer} stays in up to {_money(at)} {e.currency} per post, "
            f"{percent(at / fee - 1, 2)} above today's {_money(fee)}."
            if at > fee
            else f"No room to pay more: {offer} drops out at {_money(out)} {e.currency} per post, "
            f"{percent(out / fee - 1, 2)} above today's {_money(fee)}."
        )
    if needed:
        offer, fee, at = min(needed, key=lambda row: row[2] / row[1])
        lines.append(
            f"{offer} has to be in the plan: at {_money(at)} {e.currency} per post, {percent(at / fee - 1, 2)} more "
            f"than today's {_money(fee)}, no plan is left."
        )
    return lines


def _closest_call(e: Explanation) -> list[str]:
    turning = [t for t in e.tipping if t.changes_at is not None and t.distance is not None]
    if not turning:
        return ["No assumption looked at changes who is booked at any value tried."] if e.tipping else []
    t = turning[0]
    way = "above" if t.direction == "up" else "below"
    value, at = _field_value(t.field, t.value), _field_value(t.field, t.changes_at)
    span = _span(t)
    return [
        f"Closest call: {t.field} of {t.offer}. At {at}, {percent(t.distance, 2)} {way} today's {value} ({span}), "
        f"{t.change}."
    ]


def _money(value: float) -> str:
    return number(value, 0 if abs(value) >= 100 or value == round(value) else 2)


def _field_value(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return percent(value) if name in SHARE_FIELDS else plain_number(float(f"{value:.4g}"))


def _rate(value: float | None) -> str:
    """A price per unit; 0 is written so."""
    return "–" if value is None else "0" if abs(value) < 1e-12 else significant(value)


def _price_table(e: Explanation) -> Table:
    rows: list[list[str]] = []
    strong: set[int] = set()
    for price in e.prices:
        strong.add(len(rows))
        today = f"{percent(price.number)} of {price.of}" if price.of else few_digits(price.number)
        per = f"{printable(e.unit)} per {'point' if price.of else printable(price.unit).removesuffix('s')}"
        rows.append([f"{printable(price.name)}: {today}, in {per}", "", "", _rate(price.local_price)])
        for point in price.points:
            gain = STATUS.get(point.status, point.status) if point.gain is None else signed_few(point.gain)
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
            [printable(n.offer), booked, "–" if n.fee is None else _money(n.fee), fee, more, today, show]
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
    columns = ["offer", "booked", "fee", "in up to", "more up to", "rate", "in from"]
    return Table(
        "Negotiation sheet", columns, rows, [False, True, True, False, False, True, False], note=note
    )


def _tipping_lines(e: Explanation) -> Sentences:
    lines = []
    for t in e.tipping:
        if t.changes_at is None or t.distance is None:
            continue
        way = "more" if t.direction == "up" else "less"
        where = f"at {_field_value(t.field, t.changes_at)} ({percent(t.distance, 2)} {way})"
        today = f"{_field_value(t.field, t.value)}, {_span(t)}"
        lines.append(f"{t.field} of {printable(t.offer)} (today {today}): {where} {printable(t.change)}.")
    steady = [f"{t.field} of {printable(t.offer)} ({_span(t)})" for t in e.tipping if t.changes_at is None]
    if steady:
        lines.append("Who is booked was the same at every value tried of: " + "; ".join(steady) + ".")
    return Sentences("What decides it, nearest first", lines)


def _span(t: TippingPoint) -> str:
    word = "range" if t.has_range else "tried"
    return f"{word} {_field_value(t.field, t.low)} to {_field_value(t.field, t.high)}"
