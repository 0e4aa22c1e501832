"""What is signed: bookings that a plan must keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from optimizer.language.quantities import plain
from optimizer.language.records import Record
from optimizer.scenario.fields import Key

SIGNED = "signed: "
"""The names of the floors for what is signed begin with this."""


class Signed(Record):
    """Creators of one offer whose contracts are signed."""

    offer: Key
    """Name of the offer."""
    creators: float
    """How many. Unit: creators."""
    posts_per_creator: int | None = None
    """How many posts each has signed for; None where that is still open."""
    file: str | None = None
    """The file it was read from, if any."""
    line: int | None = None
    """1-based line in it."""

    @property
    def place(self) -> str:
        """file:line, where it was read from a file."""
        return "" if self.file is None else f"{self.file}:{self.line}"

    @property
    def text(self) -> str:
        """In words: "4 creators of nano-instagram-reel with 2 posts"."""
        posts = "" if self.posts_per_creator is None else f" with {in_number(self.posts_per_creator, 'post')}"
        return f"{in_number(self.creators, 'creator')} of {self.offer}{posts}"


def signed_from(bookings: Mapping[str, float] | Sequence[Signed]) -> list[Signed]:
    """Signed bookings from offer -> creators, as they are from a list of them."""
    if isinstance(bookings, Mapping):
        return [Signed(offer=offer, creators=creators) for offer, creators in bookings.items()]
    return list(bookings)


def in_number(number: float, word: str) -> str:
    """A number of things: "1 creator", "2 posts"."""
    return f"{plain(number)} {word}{'' if number == 1 else 's'}"


def by_offer(signed: Sequence[Signed]) -> dict[str, list[Signed]]:
    """Signed bookings by the name of their offer."""
    result: dict[str, list[Signed]] = {}
    for one in signed:
        result.setdefault(one.offer, []).append(one)
    return result
