"""Explanation -> findings in plain sentences, tables, Markdown and text."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.explain import Explanation
from optimizer.negotiation import Threshold
from optimizer.prices import LimitPrice, PricePoint
from optimizer.report.assumptions import SHARE_FIELDS
from optimizer.report.format import measured, number, percent, plain_number, printable, significant
from optimizer.report.parts import Section, Sentences, Table
from optimizer.tipping import TippingPoint

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
    yield Sentences(
        "Findings", [printable(line) for line in explanation.sentences] or ["Nothing stands out."]
    )
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
            "Not settled",
            [f"Time was up for {explanation.unsettled} questions; allow more with --total-time."],
        )


def _amount(e: Explanation, value: float | None) -> str:
    if value is None:
        return "no plan"
    return f"{measured(value)} {e.unit}"


def _better(e: Explanation, gain: float) -> str:
    """A gain in words: more of what is maximised, less of what is minimised."""
    if gain == 0:
        return "nothing"
    word = "more" if e.objective.sense == "maximize" else "less"
    return f"{_amount(e, gain)} {word}" if e.unit else f"{gain:,.0f} {word}"


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
                "1 more hour brings" if size == 1 and key == "hours" else f"{_bare(size)} more {unit} bring"
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
                f"{_bare(price.next_better)} {unit} before the plan gets better"
                if price.next_better is not None
                else f"no more {price.text} would help"
            )
    return "; ".join(texts) + "."


def _dearest_rule(e: Explanation) -> list[str]:
    dear = [r for r in e.rules if r.gain and r.path not in ("budget", "effort_hours")]
    free = [r.name for r in e.rules if r.gain == 0 and r.path not in ("budget", "effort_hours")]
    lines = []
    if dear:
        rule = dear[0]
        lines.append(
            f"Besides budget and hours, the dearest rule is {rule.name} ({rule.text}): without it "
            f"{_amount(e, rule.value)}, {percent(rule.share, 2)} better."
        )
    if free:
        shown = ", ".join(free[:4]) + (f" and {len(free) - 4} more" if len(free) > 4 else "")
        lines.append(f"{shown} {'costs' if len(free) == 1 else 'cost'} nothing today.")
    return lines


def _best_negotiation(e: Explanation) -> list[str]:
    """The unused offer nearest to coming in, and the booked one with the least room to pay more."""
    entering = [
        (n.offer, n.fee, t.inside)
        for n in e.negotiation
        if (t := n.enters_at) and t.inside is not None and n.fee
    ]
    staying = [
        (n.offer, n.fee, t.inside)
        for n in e.negotiation
        if (t := n.stays_to) and t.inside is not None and n.fee
    ]
    lines = []
    if entering:
        offer, fee, at = max(entering, key=lambda row: row[2] / row[1])
        lines.append(
            f"Nearest to coming in: {offer}, at {_money(at)} {e.currency} per post instead of {_money(fee)} "
            f"({percent(1 - at / fee, 2)} less)."
        )
    if staying:
        offer, fee, at = min(staying, key=lambda row: row[2] / row[1])
        lines.append(
            f"Least room to pay more: {offer} stays in up to {_money(at)} {e.currency} per post, "
            f"{percent(at / fee - 1, 2)} above today's {_money(fee)}."
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
        today = f"{percent(price.number)} of {price.of}" if price.of else _bare(price.number)
        per = f"{printable(e.unit)} per {'point' if price.of else printable(price.unit).removesuffix('s')}"
        rows.append([f"{printable(price.name)}: {today}, in {per}", "", "", _rate(price.local_price)])
        for point in price.points:
            gain = (
                point.status
                if point.gain is None
                else f"{point.gain:+,.4g}"
                if abs(point.gain) < 100
                else f"{point.gain:+,.0f}"
            )
            sign = "+" if point.step > 0 else "-"
            rows.append(
                [
                    f"  {sign}{_bare(abs(point.step))} {_unit(price, point.step)}",
                    gain,
                    _rate(point.per_unit),
                    "",
                ]
            )
        turn = []
        for word, size in (("better", price.next_better), ("worse", price.next_worse)):
            more = "more" if (word == "better") == (price.side == "max") else "less"
            turn.append(f"{word} within {_bare(size)} {more}" if size is not None else f"never {word}")
        rows.append([f"  {'; '.join(turn)}", "", "", ""])
    title = "Price of limits"
    note = (
        "By re-solving with whole creators; positive per unit means that relaxing helps. The local rate is that of the "
        "linear program with fractions of creators, true only for tiny steps."
    )
    return Table(
        title,
        ["step", "gain", "per unit", "local rate"],
        rows,
        [False, True, True, True],
        frozenset(strong),
        note,
    )


def _unit(price: LimitPrice, size: float = 2.0) -> str:
    unit = "points" if price.of else printable(price.unit)
    return unit.removesuffix("s") if abs(size) == 1 else unit


def _bare(value: float | None) -> str:
    if value is None:
        return "–"
    return number(value) if value == round(value) else f"{value:,.4g}"


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
    if t.inside is None:
        return t.reason
    return (
        plain_number(t.inside) if not rate else percent(t.inside) if t.inside <= 1 else plain_number(t.inside)
    )


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
        "Each was planned again on both sides, at most 5 % apart."
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
