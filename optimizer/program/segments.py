"""The parts that an audience is made of, and how each offer's audience is spread over them."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.program.reach import Floats


@dataclass(frozen=True, slots=True)
class Segments:
    """Parts of the audience: known ones (countries, ages) or latent ones, fitted to measured overlaps.

    A package that alone reaches r people reaches the share p_g = r x share_g / A_g of segment g.

    Attributes:
        names: of the segments; latent ones are "1", "2", ...
        people: size A_g of each, shape (segments,). Unit: people.
        shares: of each offer's audience (the people of the audience it can reach) by segment, shape
            (offers, segments); rows sum to 1.
        latent: fitted rather than known.
    """

    names: tuple[str, ...]
    people: Floats
    shares: Floats
    latent: bool = False
