"""What a plan reaches of each segment of the audience, as a table."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.language.measures import REACH
from optimizer.language.numbers import UNKNOWN, percent, printable, short, significant
from optimizer.plan.plan import LimitResult, Plan
from optimizer.report.layout.parts import Section, Table


def segment_sections(plan: Plan) -> Iterator[Section]:
    """Reach by segment; nothing where the audience has no named ones."""
    if plan.segments:
        yield segments_table(plan)


def segments_table(plan: Plan) -> Table:
    """People, reached, share, frequency, and what a limit asks for at least where any does."""
    floors = [floor_of(plan, one.name) for one in plan.segments]
    asked = any(floor is not None for floor in floors)
    rows = []
    for one, floor in zip(plan.segments, floors, strict=True):
        row = [
            printable(one.name),
            short(one.people),
            UNKNOWN if one.reached is None else short(one.reached),
            UNKNOWN if one.share is None else percent(one.share, 2),
            UNKNOWN if one.frequency is None else significant(one.frequency, 2),
        ]
        rows.append([*row, "" if floor is None else short(floor)] if asked else row)
    header = ["segment", "people", "reached", "share", "frequency", *(["asked for"] if asked else [])]
    note = "Estimates. Frequency: how often a person who is reached is reached."
    note += " Asked for: what a limit wants at least." if asked else ""
    return Table(
        "Reach by segment", header, rows, [False] + [True] * (len(header) - 1), note=note, key="segments"
    )


def floor_of(plan: Plan, segment: str) -> float | None:
    """How many people of just this segment all bookings together must reach; None where no limit says that."""
    return max(
        (limit.min for limit in plan.limits if limit.min is not None and _of_one(limit, segment)),
        default=None,
    )


def _of_one(limit: LimitResult, segment: str) -> bool:
    scope = limit.scope
    whole = scope.offers is None and not scope.per_creator and not limit.unused
    return limit.measure == REACH.name and scope.segments == (segment,) and whole
