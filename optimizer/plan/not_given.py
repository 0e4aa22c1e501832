"""Which numbers of a named creator nobody gave, so that they are the benchmarks' for that size."""

from __future__ import annotations

from collections.abc import Mapping

from optimizer.program.filling import Origin

FILLED = ("benchmark", "assumption")
"""Origins of numbers that nobody gave."""
ASKED = {"cost_per_post": "fee", "engagement_rate": "engagement rate"}
"""What a person is asked for: fields of an offer, and how they are called."""


def filled_fields(creators_max: float | None, numbers: Mapping[str, tuple[float, Origin]]) -> tuple[str, ...]:
    """Which of `ASKED` nobody gave for an offer that is one person: room for one, whose own followers are given.

    Args:
        creators_max: room on the offer; None where there is no maximum.
        numbers: field -> typical value and where it comes from.
    """
    followers = numbers.get("followers")
    if creators_max != 1 or followers is None or followers[1] != "yours":
        return ()
    found = {field: numbers[field] for field in ASKED if field in numbers}
    return tuple(field for field, (value, origin) in found.items() if origin in FILLED and value)
