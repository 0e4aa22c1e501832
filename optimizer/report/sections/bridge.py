"""A bridge as a table and a sentence: what is printed adds up to the change that is printed."""

from __future__ import annotations

from optimizer.finance.compare.bridge import Bridge, MeasureBridge
from optimizer.finance.compare.findings import digits_of, heading, signed
from optimizer.language.numbers import number, printable, round_to, rounded_parts
from optimizer.report.layout.parts import Section, Sentences, Table

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


def printed(measure: MeasureBridge, currency: str) -> tuple[str, list[str], str]:
    """Start, signed parts and end as printed; they add up."""
    digits = digits_of(measure, currency)
    start, end = (round_to(value, digits) for value in (measure.start, measure.end))
    parts = rounded_parts(measure.parts, digits, round_to(end - start, digits))
    return number(start, digits), [signed(part, digits) for part in parts], number(end, digits)
