"""What a comparison found, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.finance.compare.bridge import Bridge, MeasureBridge
from optimizer.finance.compare.comparison import (
    Comparison,
    Figure,
)
from optimizer.language.among import among
from optimizer.language.measures import KINDS, RATIOS, cost_of_each, is_money, more_is_good
from optimizer.language.numbers import (
    UNKNOWN,
    chance,
    each_further,
    gap_percent,
    money_digits,
    number,
    percent,
    printable,
    round_to,
    rounded_parts,
    significant,
)
from optimizer.plan.plan import asked_for


def heading(measure: MeasureBridge, currency: str) -> str:
    """The name of a measure over a column, with its currency where it is money."""
    name = measure.measure.upper() if measure.measure in RATIOS else measure.measure
    money = is_money(measure.measure) or measure.measure in RATIOS
    return f"{name}, {currency}" if money else printable(name)


def digits_of(measure: MeasureBridge, currency: str) -> int:
    """Decimals of the numbers of a bridge: those of the comparison's results, so that the two agree."""
    return digits_for(measure.measure, [measure.start, measure.end], currency)


def digits_for(measure: str, values: Sequence[float | None], currency: str) -> int:
    """Decimals that values of a measure deserve side by side: four digits for prices per something and frequency."""
    known = [abs(value) for value in values if value]
    if measure in RATIOS or measure == "frequency":
        return len(significant(min(known), 4).partition(".")[2]) if known else 2
    if is_money(measure):
        return money_digits(values, currency)
    if all(value == round(value) for value in known):
        return 0
    return 1 if measure == "hours" else 0 if max(known) >= 100 else 2


def signed(value: float | None, digits: int = 0) -> str:
    """A change with its sign: +1,200, -35, 0."""
    if value is None:
        return UNKNOWN
    text = number(value, digits)
    return f"+{text}" if value > 0 and text.strip("0.,") else text


def bridge_sentence(bridge: Bridge, currency: str, spoken_of: str | None = None) -> str:
    """The largest parts of the objective's change in one sentence; "" where there is nothing to say.

    Args:
        bridge: the bridge.
        currency: of all money.
        spoken_of: the measure that the sentence before is about; another one is named.
    """
    if not bridge.measures or not bridge.groups or not any(m.change for m in bridge.measures):
        return ""
    if len(bridge.groups) == 1:
        group = bridge.groups[0]
        one = len(group.changes) == 1
        cause = printable(group.changes[0]) if one else group.label
        return f"All of the change in {printable(bridge.other)} comes from {cause}."
    measure = bridge.measures[0]
    digits = digits_for(measure.measure, [measure.start, measure.end], currency)
    total = round_to(round_to(measure.end, digits) - round_to(measure.start, digits), digits)
    parts = zip(bridge.groups, rounded_parts(measure.parts, digits, total), strict=True)
    largest = sorted((p for p in parts if p[1]), key=lambda p: -abs(p[1]))
    if not largest:
        return ""
    thin = _from_few(measure)
    of = "" if spoken_of in (None, measure.measure) else f" in {heading(measure, currency)}"
    change = f"change of {signed(total, digits)}{of} in {printable(bridge.other)}"
    if len(largest) == 1:
        return f"All of the {change} comes from {largest[0][0].label}{thin}."
    named = [f"{group.label} {signed(part, digits)}" for group, part in largest[:4]]
    if largest[4:]:
        named.append(f"others {signed(sum(part for _, part in largest[4:]), digits)}")
    return f"The {change} is made up of {', '.join(named)}{thin}."


def _from_few(measure: MeasureBridge) -> str:
    """How many orders of switching a bridge rests on, where these are not all; "" where they are."""
    if measure.orders == measure.of_orders:
        return ""
    return f" (from {measure.orders:,} of {measure.of_orders:,} orders of switching)"


def sentences(comparison: Comparison) -> list[str]:
    """The findings: what each scenario brings against the base, why, and which have no plan."""
    base = comparison.columns[0]
    found = []
    if base.plan is None:
        why = printable(base.message).rstrip(".")
        found.append(
            f"The base, {printable(base.name)}, has no plan, so nothing can be compared with it: {why}."
        )
    bridges = {bridge.other: bridge for bridge in comparison.bridges}
    for position, column in enumerate(comparison.columns[1:], 1):
        if column.plan is not None and base.plan is not None:
            found.append(_against_base(comparison, position))
            if column.name in bridges:
                why = bridge_sentence(bridges[column.name], comparison.currency, comparison.measure)
                found += [why] if why else []
            found += _beaten(comparison, position)
    for column in comparison.columns:
        if column.plan is None:
            if column is not base:
                why = printable(column.message).rstrip(".")
                found.append(f"{printable(column.name)} has no plan: {why}.")
        elif column.status == "feasible":
            gap = column.plan.objective.gap
            most = (
                "how far from the best is not known"
                if gap is None
                else f"at most {gap_percent(gap)} better is possible"
            )
            found.append(f"{printable(column.name)} was stopped before the proof: {most}.")
    return found + _among(comparison)


def _among(comparison: Comparison) -> list[str]:
    """What was looked at, where rosters are too large to make an offer of each row."""
    found = []
    for column in comparison.columns:
        stamp = None if column.plan is None else column.plan.scenario
        if column.plan is None or stamp is None or not stamp.creators:
            continue
        of = f"{stamp.kept:,} of {stamp.creators:,} creators"
        if column.plan.solver.checked.kept:
            found.append(
                f"{printable(column.name)}: plan and bound are over all {stamp.creators:,} creators; what a little "
                f"more brings, and what causes a change, is told by {of}, whom a plan books or comes nearest to "
                "booking."
            )
        else:
            found.append(f"{printable(column.name)}: {' '.join(among(stamp.kept, stamp.creators))}")
    return found


def _against_base(comparison: Comparison, position: int) -> str:
    """One scenario against the base in one sentence."""
    base, other = (printable(comparison.columns[i].name) for i in (0, position))
    goal = comparison.figures[0]
    cost = next((f for f in comparison.figures if f.measure == "cost"), None)
    verb = "brings" if comparison.sense == "maximize" else "needs"
    more = goal.differences[position]
    if more is None:
        return f"{other}: its {printable(goal.label)} cannot be compared with {base}'s."
    text = f"{other} {verb} {_than(goal, position, comparison, base)}"
    if cost is None or goal is cost or cost.differences[position] is None:
        return f"{text}."
    paid = cost.differences[position] or 0.0
    text += f" for {_than(cost, position, comparison)}"
    price = cost_of_each(paid, more)
    if comparison.sense == "maximize" and price is not None and not is_money(goal.measure):
        text += f"; {each_further(goal.measure, comparison.currency, price, more=more > 0)}"
    return f"{text}."


def _beaten(comparison: Comparison, position: int) -> list[str]:
    """How often a scenario is better than the base; nothing where that was not drawn."""
    risk = comparison.risk
    if risk is None or (beats := risk.beats[position]) is None:
        return []
    base, other = (printable(comparison.columns[i].name) for i in (0, position))
    same = risk.equal[position] or 0.0
    if same == 1:
        return [f"{other} and {base} come to the same in every case."]
    text = f"{other} beats {base} in {chance(beats)} of the cases"
    return [f"{text}; in {chance(same)} they come to the same." if same >= 0.005 else f"{text}."]


def _than(figure: Figure, position: int, comparison: Comparison, base: str = "") -> str:
    """A difference in words: "11,140 more engagements than A (+20.6 %)"; money without cents."""
    difference, share = figure.differences[position] or 0.0, figure.shares[position]
    unit = f" {printable(figure.unit)}" if figure.unit else ""
    of = f" of {figure.label}" if is_money(figure.measure) and figure.measure != "cost" else ""
    shown_digits = digits_for(figure.measure, figure.values, comparison.currency)
    rounded = _rounded_difference(figure, position, shown_digits)
    if not difference or not rounded:
        return f"the same {printable(figure.label)}" + (f" as {base}" if base else "")
    size = number(abs(rounded), 0 if abs(difference) >= 100 else shown_digits)
    if figure.unit in (comparison.currency, "hours"):
        text = f"{size}{unit}{of} {'more' if difference > 0 else 'less'}"
    else:
        text = f"{size} {'more' if difference > 0 else 'fewer'}{unit}"
    return (
        text
        + (f" than {base}" if base else "")
        + (f" ({signed_percent(share)})" if share is not None else "")
    )


def _rounded_difference(figure: Figure, position: int, digits: int) -> float:
    """The difference of two numbers as they are printed, so that a reader can check it."""
    value, base = figure.values[position], figure.values[0]
    if value is None or base is None:
        return 0.0
    return round_to(round_to(value, digits) - round_to(base, digits), digits)


def signed_percent(share: float | None) -> str:
    """A change in percent: +12.3 %."""
    if share is None:
        return ""
    return percent(share) if share <= 0 else f"+{percent(share)}"


def shown(figure: Figure, value: float | None, comparison: Comparison) -> str:
    """A value of a figure in as many decimals as the others in its row."""
    return number(value, digits_for(figure.measure, figure.values, comparison.currency))


def more_is_better(comparison: Comparison, measure: str) -> bool:
    """Whether a rise of a measure is good news: by the objective, else by what the measure is."""
    if measure in (comparison.measure, *(figure.measure for figure in comparison.figures[:1])):
        return comparison.sense == "maximize"
    return more_is_good(measure)


def relevant(comparison: Comparison) -> list[Figure]:
    """The figures worth a line: what is 0 or nobody's wish everywhere is left out."""
    plans = [column.plan for column in comparison.columns if column.plan is not None]
    goals = {goal.measure for plan in plans for goal in plan.objectives}
    wanted = {m for m in ("clicks", "conversions", *KINDS) if any(asked_for(plan, m) for plan in plans)}
    sales = {"cpa", "revenue", "cost_of_goods", "profit"}
    quiet = {"clicks", "cpc", "conversions", "gross_reach", "posts", *KINDS, *sales} - goals - wanted
    if "clicks" in wanted:
        quiet -= {"cpc"}
    if "conversions" in wanted:
        quiet -= sales
    return [f for f in comparison.figures if f.measure not in quiet]


def share_text(figure: Figure, position: int, comparison: Comparison) -> str:
    """A change in percent; 0 % where nothing of it is left in the digits that are printed."""
    share = figure.shares[position]
    seen = share and difference_text(figure, position, comparison).strip("0.,")
    return signed_percent(share if seen or share is None else 0.0)


def counts_money(figure: Figure) -> bool:
    """Whether a figure is money, or money per something."""
    return figure.measure in RATIOS or is_money(figure.measure)


def difference_text(figure: Figure, position: int, comparison: Comparison) -> str:
    """A difference from the first column with its sign."""
    if figure.differences[position] is None:
        return UNKNOWN
    digits = digits_for(figure.measure, figure.values, comparison.currency)
    return signed(_rounded_difference(figure, position, digits), digits)
