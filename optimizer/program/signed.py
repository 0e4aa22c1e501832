"""Bookings that are signed, as floors of a program."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from optimizer.program.program import Program
from optimizer.program.rules import Bools, Rule
from optimizer.scenario.fields import Bound
from optimizer.scenario.signed import SIGNED, Signed, by_offer


def with_signed(program: Program, signed: Sequence[Signed]) -> Program:
    """The scenario with a floor on creators for what is signed.

    Creators who signed for a number of posts hold that package; those for whom it is open come on top of
    them in the total of the offer.
    """
    packages = program.packages
    rules = list(program.rules)

    def hold(one: Signed, creators: float, name: str, columns: Bools) -> None:
        rules.append(
            Rule(
                name,
                "creators",
                columns,
                Bound(creators),
                None,
                one.offer,
                False,
                ("signed", one.offer),
                signed=one,
            )
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
