"""A stress test in sentences: which case hurts most, what breaks, and where one would have booked otherwise."""

from __future__ import annotations

import math

from optimizer.language.measures import MEASURES, RATIOS, REACH, is_money, unit_of
from optimizer.language.numbers import (
    NOISE,
    UNKNOWN,
    count,
    measured,
    money_digits,
    number,
    percent,
    plain_number,
    significant,
    tenths,
)
from optimizer.language.statuses import STATUS_WORDS
from optimizer.risk.stress.result import BrokenLimit, Stress, StressCase


def figure(measure: str, value: float | None, currency: str) -> str:
    """A value without its unit, as people read it."""
    if value is None:
        return UNKNOWN
    if measure in RATIOS:
        return significant(value)
    if is_money(measure):
        return number(value, money_digits([value], currency))
    if measure in ("creators", "posts"):
        return count(value)
    if measure == "hours":
        return tenths(value)
    if measure in MEASURES or measure == REACH.name:
        return measured(float(round(value)) if abs(value) >= 100 else value)
    return plain_number(value)


def amount(measure: str, value: float | None, currency: str) -> str:
    """A value with its unit: "59,940 USD", "412,300 engagements"."""
    text = figure(measure, value, currency)
    unit = unit_of(measure, currency)
    return f"{text} {unit.removesuffix('s') if text == '1' and not is_money(measure) else unit}"


def share_changed(new: float | None, old: float | None) -> str:
    """`13.6 % less`, `2 % more`, `the same`; "" where it cannot be said as a share."""
    if new is None or not old:
        return ""
    share = (new - old) / abs(old)
    return "the same" if abs(share) <= NOISE else f"{percent(abs(share))} {'more' if share > 0 else 'less'}"


def too_much(broken: BrokenLimit, currency: str) -> str:
    """`budget (3,240 USD too much)`."""
    if broken.by is None:
        return f"{broken.name} (not known)"
    low = broken.min is not None and broken.value is not None and broken.value < broken.min
    return f"{broken.name} ({amount(broken.measure, broken.by, currency)} too {'little' if low else 'much'})"


def left_in(result: Stress, case: StressCase) -> float | None:
    """What is left of the result in a case: as booked, or, where that breaks limits, of the best plan that keeps them
    if that is less; None where nothing is known."""
    if case.keeps_limits or case.best is None or case.best.value is None or case.booked.value is None:
        return case.booked.value
    return (min if result.sense == "maximize" else max)(case.booked.value, case.best.value)


def loss(result: Stress, case: StressCase) -> float:
    """How much of the planned result is lost in a case, negative where more is left; infinite where no plan keeps
    every limit."""
    if not case.keeps_limits and case.status == "infeasible":
        return math.inf
    left = left_in(result, case)
    if left is None or result.planned.value is None:
        return 0.0
    return (result.planned.value - left) * (1.0 if result.sense == "maximize" else -1.0)


def hurts_most(result: Stress) -> str | None:
    """The case with the largest loss, the first of equal ones; None where nothing is lost and no limit breaks."""
    worst = max(result.cases, key=lambda case: (loss(result, case), not case.keeps_limits))
    least = NOISE * abs(result.planned.value or 0.0)
    return worst.name if loss(result, worst) > least or not worst.keeps_limits else None


def findings(result: Stress) -> tuple[str, ...]:
    """The findings, most important first."""
    return (_worst(result), _kept(result), _regret(result))


def _and(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def _verb(result: Stress) -> str:
    return "brings" if result.sense == "maximize" else "takes"


def _done(result: Stress) -> str:
    return "brought more" if result.sense == "maximize" else "taken less"


def _worst(result: Stress) -> str:
    if result.hurts_most is None:
        return f"No case hurts: as booked the plan {_verb(result)} what was planned or better, within every limit."
    (case,) = (case for case in result.cases if case.name == result.hurts_most)
    measure, currency = result.measure, result.currency
    planned = amount(measure, result.planned.value, currency)
    start = f'"{case.name}" hurts most: as booked the plan'
    if case.keeps_limits:
        change = share_changed(case.booked.value, result.planned.value)
        less = f", {change} than planned ({planned})" if change else f" (planned: {planned})"
        return f"{start} {_verb(result)} {amount(measure, case.booked.value, currency)}{less}, within every limit."
    broken = _and([too_much(one, currency) for one in case.broken])
    if case.best is None:
        why = STATUS_WORDS[case.status].why
        return f"{start} breaks {broken}, and {why if case.status == 'infeasible' else 'of a better one ' + why}."
    change = share_changed(case.best.value, result.planned.value)
    less = f", {change + ' as' if change == 'the same' else change + ' than'} planned" if change else ""
    best = amount(measure, case.best.value, currency)
    if case.change and loss(result, case) > 0 and case.booked.value == left_in(result, case):
        booked = amount(measure, case.booked.value, currency)
        fallen = share_changed(case.booked.value, result.planned.value)
        return (
            f"{start} {_verb(result)} {booked}, {fallen} than planned ({planned}), and breaks {broken}; the best plan "
            f"that keeps every limit {_verb(result)} {best}."
        )
    return f"{start} breaks {broken}; the best plan that keeps every limit {_verb(result)} {best}{less}."


def _kept(result: Stress) -> str:
    kept = sum(case.keeps_limits for case in result.cases)
    if kept == len(result.cases):
        return "As booked it keeps every limit in " + ("this case." if kept == 1 else f"all {kept} cases.")
    if len(result.cases) == 1:
        return "As booked it breaks limits in this case."
    broken = [f'"{case.name}"' for case in result.cases if not case.keeps_limits]
    return f"As booked it keeps every limit in {kept} of {len(result.cases)} cases; not in {_and(broken)}."


def _regret(result: Stress) -> str:
    known = [case for case in result.cases if case.regret is not None]
    if not known:
        return "What one would have booked had one known is not found for any case."
    worst = max(known, key=lambda case: case.regret or 0.0)
    if not worst.regret or worst.regret < 0:
        if any(not case.keeps_limits for case in known):
            return (
                "In no case is the plan as booked behind the best plan that keeps every limit; where it breaks limits, "
                "it is ahead only by that."
            )
        return f"No regret: had one known, no other booking would have {_done(result)}."
    assert worst.best is not None
    share = f" ({percent(worst.regret_share)})" if worst.regret_share is not None else ""
    behind = amount(result.measure, worst.regret, result.currency)
    return (
        f'Largest regret: in "{worst.name}" the plan as booked is {behind}{share} behind the best plan that one would '
        "have booked had one known."
    )
