"""What a plan reaches of each segment of the audience, as a table."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.language.numbers import UNKNOWN, percent, printable, short, significant
from optimizer.plan.plan import Plan
from optimizer.report.layout.parts import Section, Table


def segment_sections(plan: Plan) -> Iterator[Section]:
    """Reach by segment; nothing where the audience has no named ones."""
    if not plan.segments:
        return
    rows = [
        [
            printable(one.name),
            short(one.people),
            UNKNOWN if one.reached is None else short(one.reached),
            UNKNOWN if one.share is None else percent(one.share, 2),
            UNKNOWN if one.frequency is None else significant(one.frequency, 2),
        ]
        for one in plan.segments
    ]
    header = ["segment", "people", "reached", "share", "frequency"]
    note = "Estimates. Frequency: how often a person who is reached is reached."
    yield Table("Reach by segment", header, rows, [False, True, True, True, True], note=note, key="segments")
