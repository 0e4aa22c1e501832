"""A bridge as a table and a sentence: what is printed adds up to the change that is printed."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.bridge import Bridge, MeasureBridge
from optimizer.measures import RATIOS
from optimizer.report.format import UNKNOWN, money_digits, number, printable, rounded_parts, significant
from optimizer.report.parts import Section, Sentences, Table

NOTE = (
    "Each input is switched from {base} to {other} and the plan made anew, in {every}; a part is what the switch "
    "adds, averaged over the orders. The parts add up to the change."
)


def bridge_sections(bridge: Bridge, currency: str) -> list[Section]:
    """The table of a bridge, and what differs in each group."""
    title = f"Bridge from {printable(bridge.base)} to {printable(bridge.other)}"
    if not bridge.measures:
        return [Sentences(title, [f"There is no bridge: {bridge.message}."])]
    if not bridge.groups:
        return [Sentences(title, ["Nothing differs in the inputs."])]
    columns = [heading(m, currency) for m in bridge.measures]
    shown = [printed(m, currency) for m in bridge.measures]
    rows = [[printable(bridge.base), *(start for start, _, _ in shown)]]
    for i, group in enumerate(bridge.groups):
        rows.append([f"  {group.label}", *(parts[i] for _, parts, _ in shown)])
    rows.append([printable(bridge.other), *(end for _, _, end in shown)])
    fewer = next((m for m in bridge.measures if m.orders < m.of_orders), None)
    every = "every order" if fewer is None else f"{fewer.orders:,} of {fewer.of_orders:,} orders"
    notes = [NOTE.format(base=printable(bridge.base), other=printable(bridge.other), every=every)]
    if len(bridge.groups) == 1:
        notes = ["One kind of input differs, so it has caused all of the change."]
    if fewer is not None:
        why = []
        if bridge.without_plan:
            why.append(f"that has no plan, such as {printable(bridge.without_plan[0])}")
        if bridge.not_in_time:
            why.append("that was not planned in time")
        if why:
            notes.append(f"The other orders pass through a mixture {', or one '.join(why)}.")
    table = Table(title, ["", *columns], rows, [False] + [True] * len(columns), frozenset({0, len(rows) - 1}),
                  " ".join(notes))  # fmt: skip
    return [table]


def heading(measure: MeasureBridge, currency: str) -> str:
    """The name of a measure over a column, with its currency where it is money."""
    name = measure.measure.upper() if measure.measure in ("cpm", "cpe", "cpc", "cpa") else measure.measure
    return f"{name}, {currency}" if measure.unit.startswith(currency) else printable(name)


def printed(measure: MeasureBridge, currency: str) -> tuple[str, list[str], str]:
    """Start, signed parts and end as printed; they add up."""
    digits = digits_of(measure, currency)
    start, end = (round_to(value, digits) for value in (measure.start, measure.end))
    parts = rounded_parts(measure.parts, digits, round_to(end - start, digits))
    return number(start, digits), [signed(part, digits) for part in parts], number(end, digits)


def digits_of(measure: MeasureBridge, currency: str) -> int:
    """Decimals of the numbers of a bridge: those of the comparison's results, so that the two agree."""
    return digits_for(measure.measure, [measure.start, measure.end], currency)


def digits_for(measure: str, values: Sequence[float | None], currency: str) -> int:
    """Decimals that values of a measure deserve side by side: four digits for prices per something and frequency."""
    known = [abs(value) for value in values if value]
    if measure in RATIOS or measure == "frequency":
        return len(significant(min(known), 4).partition(".")[2]) if known else 2
    if measure in ("cost", "revenue", "profit"):
        return money_digits(values, currency)
    if all(value == round(value) for value in known):
        return 0
    return 1 if measure == "hours" else 0 if max(known) >= 100 else 2


def round_to(value: float, digits: int) -> float:
    """The number that `number` prints."""
    return float(number(value, digits).replace(",", ""))


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
