"""What `cutting` asks of a curve, be it a confidence (`dependable`) or reach (`curved`, `summed`)."""

from __future__ import annotations

from typing import Protocol

from optimizer.program.packages import Floats
from optimizer.program.rules import Row
from optimizer.solve.model import Extra


class Criterion(Protocol):
    """A curve while it is solved for."""

    @property
    def sets_objective(self) -> bool:
        """Whether it is the objective, rather than a limit."""

    def extra(self, number: int, *, whole: bool) -> list[Extra]:
        """Its columns, under a number that tells criteria apart; `whole` for whole creators."""

    def rows(self, columns: int, first: int, width: int, *, whole: bool) -> list[Row]:
        """Its rows over all columns: those of the program, then further ones, its own from `first` on."""

    def weigh(self, objective: Floats, first: int) -> None:
        """Change the objective over all columns, which is linear so far, into its own."""

    def learn(self, counts: Floats, *, end: bool = True) -> float:
        """Cuts where some counts lie; `end` is False for counts of the continuous program.

        The answer is how far above its true worth there it was, relatively, where it settles by that; else 0.
        """

    def surround(self, counts: Floats) -> None:
        """Cuts around the best counts of the continuous program, where they help."""

    def remember(self, counts: Floats, *, whole: bool) -> None:
        """Keep some counts for the next solve."""

    def recall(self) -> None:
        """Learn from the solves before."""

    def worth(self, counts: Floats) -> float:
        """The true value, of an objective."""

    def kept(self, counts: Floats) -> bool:
        """Whether it is kept, of a limit."""

    def start(self, counts: Floats) -> list[float]:
        """Values of its columns for whole counts."""
