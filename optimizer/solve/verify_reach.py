"""Reach recounted in decimals, segment by segment, from its meaning: the part of `verify` that is about people.

Nothing here is shared with `program.audiences` or `program.reach`. What cannot be counted from a scenario alone, the
shape of each segment and latent segments, is taken as it was fitted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial

from optimizer.scenario.scenario import Scenario


@dataclass(frozen=True, eq=False)
class Fitted:
    """What a recount of reach takes from the fit.

    Attributes:
        shapes: shape a of each segment's reach model; infinite for independence.
        people: of latent segments, their sizes; empty where the scenario says them.
        share: (segment, offer) -> of the people of the audience whom the offer has, those in a latent segment.
    """

    shapes: tuple[float, ...]
    people: tuple[float, ...] = ()
    share: Callable[[int, int], float] = field(default=lambda segment, offer: 1.0)


@dataclass(frozen=True, eq=False)
class AudiencePart:
    """One segment.

    Attributes:
        people: its size.
        shape: of its reach model.
        name: the one the scenario gives it; "" for a latent one or the whole audience.
        latent: share of each offer's people of the audience that is in it; None where that is not fitted.
    """

    people: Decimal
    shape: float
    name: str = ""
    latent: Callable[[int], float] | None = None

    def field(self, offer: int) -> str:
        """The number of an offer that says what share of its followers belongs here, or to the audience."""
        return f"segments.{self.name}" if self.name else "on_target"

    def share(self, offer: int) -> Decimal:
        """The further share of these that is here."""
        return Decimal(1) if self.latent is None else Decimal(repr(self.latent(offer)))


def audience_parts(scenario: Scenario, fitted: Fitted, names: Sequence[str] = ()) -> list[AudiencePart]:
    """The segments with some names; all of them where none is said."""
    assert scenario.audience is not None, "reach needs an audience"
    if fitted.people:
        latent = enumerate(zip(fitted.people, fitted.shapes, strict=True))
        return [
            AudiencePart(Decimal(repr(people)), shape, "", partial(fitted.share, g))
            for g, (people, shape) in latent
        ]
    if not scenario.audience.segments:
        return [AudiencePart(Decimal(repr(scenario.audience.people)), fitted.shapes[0])]
    known = zip(scenario.audience.segments.items(), fitted.shapes, strict=True)
    return [
        AudiencePart(Decimal(repr(people)), shape, name)
        for (name, people), shape in known
        if not names or name in names
    ]


def reached_alone(number: Callable[[str], Decimal | None], posts: int, field: str) -> Decimal | None:
    """People whom one creator alone reaches, of those whom a share of the followers is of; None where not known.

    Args:
        number: the offer's numbers, as they were written.
        posts: how many are made.
        field: that share's name.
    """
    people, rate = number("reachable"), number("reach_rate")
    if people is None or rate is None:
        return None
    shares = [number(name) or Decimal(0) for name in ("completion", "authentic", field)]
    return math.prod(shares, start=people * (1 - (1 - rate) ** posts))


Booked = tuple[str | None, Decimal, Sequence[Decimal | None]]
"""A booking: person, creators, and the people of each part whom one creator alone reaches."""


def reached(parts: Sequence[AudiencePart], bookings: Sequence[Booked]) -> Decimal | None:
    """People of some parts reached at least once; None where not known."""
    total = Decimal(0)
    whole = [int(n) if n == n.to_integral_value() and person is None else None for person, n, _ in bookings]
    for number, part in enumerate(parts):
        index = Decimal(0)
        independent = math.isinf(part.shape)
        missed_by_all = Decimal(1)
        of_person: dict[str, list[tuple[Decimal, Decimal]]] = {}
        for (person, creators, alone), many in zip(bookings, whole, strict=True):
            people = alone[number]
            if people is None:
                return None
            if independent and many is not None:  # as below, without a logarithm and a power of it
                missed_by_one = 1 - people / part.people
                missed_by_all *= missed_by_one if many == 1 else missed_by_one**many
                continue
            missed = -(1 - people / part.people).ln()
            if not independent:
                a = Decimal(repr(part.shape))
                missed = a * ((missed / a).exp() - 1)
            if person is None:
                index += missed * creators
            else:
                of_person.setdefault(person, []).append((missed, creators))
        index += sum((_nested(mine) for mine in of_person.values()), Decimal(0))
        if not math.isinf(part.shape):
            a = Decimal(repr(part.shape))
            index = a * (1 + index / a).ln()
        total += part.people * (1 - missed_by_all * (-index).exp())
    return total


def _nested(bookings: Sequence[tuple[Decimal, Decimal]]) -> Decimal:
    """What one person counts for: the largest index, of fractions of bookings the largest first, one creator in all."""
    left, total = Decimal(1), Decimal(0)
    for index, creators in sorted(bookings, reverse=True):
        taken = min(left, creators)
        total += taken * index
        left -= taken
    return total
