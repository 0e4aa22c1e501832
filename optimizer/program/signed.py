"""Bookings that are signed, as floors of a program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from optimizer.language.quantities import plain
from optimizer.program.program import Program
from optimizer.program.rules import Bools, Rule
from optimizer.scenario.fields import Bound, Key

SIGNED = "signed: "
"""The names of the floors for what is signed begin with this."""


class Signed(BaseModel):
    """Creators of one offer whose contracts are signed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    offer: Key
    """Name of the offer."""
    creators: float
    """How many. Unit: creators."""
    posts_per_creator: int | None = None
    """How many posts each has signed for; None where that is still open."""
    place: str = ""
    """file:line, where it was read from a file."""

    @property
    def text(self) -> str:
        """In words: "4 creators of nano-instagram-reel with 2 posts"."""
        posts = "" if self.posts_per_creator is None else f" with {_counted(self.posts_per_creator, 'post')}"
        return f"{_counted(self.creators, 'creator')} of {self.offer}{posts}"


def signed_from(bookings: Mapping[str, float] | Sequence[Signed]) -> list[Signed]:
    """Signed bookings from offer -> creators, as they are from a list of them."""
    if isinstance(bookings, Mapping):
        return [Signed(offer=offer, creators=creators) for offer, creators in bookings.items()]
    return list(bookings)


def _counted(number: float, word: str) -> str:
    return f"{plain(number)} {word}{'' if number == 1 else 's'}"


def with_signed(program: Program, signed: Sequence[Signed]) -> Program:
    """The scenario with a floor on creators for what is signed.

    Creators who signed for a number of posts hold that package; those for whom it is open come on top of
    them in the total of the offer.
    """
    packages = program.packages
    rules = list(program.rules)

    def hold(one: Signed, creators: float, name: str, columns: Bools) -> None:
        rules.append(
            Rule(name, "creators", columns, Bound(creators), None, one.offer, False, ("signed", one.offer))
        )

    for offer, ones in by_offer(signed).items():
        mine = np.array([packages.terms[o].name == offer for o in packages.offer])
        switches = np.zeros(len(packages.switches), dtype=bool)
        for one in ones:
            if one.posts_per_creator is None:
                total = sum(other.creators for other in ones)
                hold(one, total, f"{SIGNED}{offer}", np.concatenate([mine, switches]))
            else:
                exact = mine & (packages.posts == one.posts_per_creator)
                several = int(mine.sum()) > 1
                name = f"{SIGNED}{offer}" + (f" ×{one.posts_per_creator}" if several else "")
                hold(one, one.creators, name, np.concatenate([exact, switches]))
    return program.relaxed(rules, packages.room_min)


def by_offer(signed: Sequence[Signed]) -> dict[str, list[Signed]]:
    """Signed bookings by the name of their offer."""
    result: dict[str, list[Signed]] = {}
    for one in signed:
        result.setdefault(one.offer, []).append(one)
    return result
