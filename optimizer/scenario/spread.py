"""What an offer may say of whose people it reaches, held against itself."""

from __future__ import annotations

from collections.abc import Mapping

from optimizer.language.errors import FieldError
from optimizer.language.quantities import Estimate, plain

SAME = 1e-9
"""Relative; sums of shares that differ by less are the same."""


def check_spread(segments: Mapping[str, float], on_target: Estimate | None) -> None:
    """Refuse shares of an audience that are more than all of it, or another sum than is said beside them.

    Raises:
        FieldError: where it stands in the offer.
    """
    total = sum(segments.values())
    if total > 1 + SAME:
        parts = " + ".join(f"{name} {100 * share:.4g} %" for name, share in segments.items())
        raise FieldError(
            f"{parts} is {100 * total:.4g} %, more than the creator's whole audience",
            "each share is one of all the creator's followers",
            at=("segments",),
        )
    if segments and on_target is not None and abs(on_target.typical - total) > SAME * max(total, 1e-3):
        raise FieldError(
            f"on_target is {100 * on_target.typical:.4g} %, but the segments add up to {100 * total:.4g} %",
            "leave on_target out: it is their sum",
            at=("on_target",),
        )


def check_person(person: str | None, most: float | None) -> None:
    """Refuse a person of whom several can be booked.

    Raises:
        FieldError: where it stands in the offer.
    """
    if person is not None and (most is None or most > 1):
        room = "has no maximum" if most is None else f"is {plain(most)}"
        raise FieldError(
            f"{person} is one person, but creators.max {room}",
            "write creators: {max: 1}",
            at=("person",) if most is None else ("creators", "max"),
        )
