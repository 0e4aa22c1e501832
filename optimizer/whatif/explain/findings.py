"""What an explanation found, in sentences."""

from __future__ import annotations

from optimizer.language.among import among
from optimizer.language.measures import counted_in
from optimizer.language.numbers import (
    few_digits,
    measured,
    number,
    percent,
    plain_number,
)
from optimizer.scenario.fields import SHARE_FIELDS
from optimizer.whatif.explain.prices import LimitPrice, PricePoint
from optimizer.whatif.explain.result import Explanation
from optimizer.whatif.explain.tipping import TippingPoint

PRACTICAL = 0.05
"""The step that sentences speak of: 5 % of a limit."""


def sentences(explanation: Explanation) -> list[str]:
    """The findings, most important first."""
    return [
        *_money_or_hours(explanation),
        *_dearest_rule(explanation),
        *_best_negotiation(explanation),
        *_closest_call(explanation),
        *among(explanation.scenario.kept, explanation.scenario.creators),
    ]


def amount_text(e: Explanation, value: float | None) -> str:
    """A value of the objective with its unit; "no plan" where there is none."""
    if value is None:
        return "no plan"
    return counted_in(measured(value), e.unit)


def _better(e: Explanation, gain: float) -> str:
    """A gain in words: more of what is maximised, less of what is minimised."""
    if gain == 0:
        return "nothing"
    word = "more" if e.objective.sense == "maximize" else "less"
    return f"{amount_text(e, gain)} {word}" if e.unit else f"{few_digits(gain)} {word}"


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
                f"{price.text} {'have' if price.path == 'effort_hours' else 'has'} to grow by up to "
                f"{few_digits(price.next_better)} {unit} before the plan gets better"
                if price.next_better is not None
                else f"no more {price.text} would help"
            )
    return "; ".join(texts) + "."


def _dearest_rule(e: Explanation) -> list[str]:
    dear = [r for r in e.rules if r.gain and r.path not in ("budget", "effort_hours")]
    free = [r for r in e.rules if r.gain == 0 and r.path not in ("budget", "effort_hours")]
    lines = []
    if dear:
        rule = dear[0]
        better = (
            f"instead of {measured(e.best)}" if rule.share is None else f"{percent(rule.share, 2)} better"
        )
        comma = " " if rule.share is None else ", "
        lines.append(
            f"Besides budget and hours, the dearest rule is {rule.name} ({rule.text}): without it "
            f"{amount_text(e, rule.value)}{comma}{better}."
        )
    if free:
        names = [f"the booking of {r.name}" if r.kind == "booking" else r.name for r in free[:4]]
        if free[0].kind == "booking":  # a name keeps its capitals
            names[0] = f"The booking of {free[0].name}"
        shown = ", ".join(names) + (f" and {len(free) - 4} more" if len(free) > 4 else "")
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
            f"Nearest to coming in: {offer}, at {money_text(at)} {e.currency} per post instead of {money_text(fee)} "
            f"({percent(1 - at / fee, 2)} less)."
        )
    if staying:
        offer, fee, at, out = min(staying, key=lambda row: row[2] / row[1])
        lines.append(
            f"Least room to pay more: {offer} stays in up to {money_text(at)} {e.currency} per post, "
            f"{percent(at / fee - 1, 2)} above today's {money_text(fee)}."
            if at > fee
            else f"No room to pay more: {offer} drops out at {money_text(out)} {e.currency} per post, "
            f"{percent(out / fee - 1, 2)} above today's {money_text(fee)}."
        )
    if needed:
        offer, fee, at = min(needed, key=lambda row: row[2] / row[1])
        lines.append(
            f"{offer} has to be in the plan: at {money_text(at)} {e.currency} per post, "
            f"{percent(at / fee - 1, 2)} more than today's {money_text(fee)}, no plan is left."
        )
    return lines


def _closest_call(e: Explanation) -> list[str]:
    turning = [t for t in e.tipping if t.changes_at is not None and t.distance is not None]
    if not turning:
        return ["No assumption looked at changes who is booked at any value tried."] if e.tipping else []
    t = turning[0]
    way = "above" if t.direction == "up" else "below"
    value, at = field_text(t.field, t.value), field_text(t.field, t.changes_at)
    span = span_text(t)
    return [
        f"Closest call: {t.field} of {t.offer}. At {at}, {percent(t.distance, 2)} {way} today's {value} ({span}), "
        f"{t.change}."
    ]


def money_text(value: float) -> str:
    """An amount in as many decimals as it deserves."""
    return number(value, 0 if abs(value) >= 100 or value == round(value) else 2)


def field_text(name: str, value: float | None) -> str:
    """A number of an offer: a share in percent."""
    if value is None:
        return "–"
    return percent(value) if name in SHARE_FIELDS else plain_number(float(f"{value:.4g}"))


def span_text(t: TippingPoint) -> str:
    """Between what an assumption was tried."""
    word = "range" if t.has_range else "tried"
    return f"{word} {field_text(t.field, t.low)} to {field_text(t.field, t.high)}"
