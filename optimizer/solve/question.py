"""What is asked of the solver, and what comes back: words that `search` and everybody who asks share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from optimizer.program.packages import Floats
from optimizer.program.program import Program
from optimizer.program.reaching import Reaching
from optimizer.program.rules import Row
from optimizer.program.sure import Sure, nothing_varies
from optimizer.solve.bookable import SAME
from optimizer.solve.model import Extra


class NoPlanError(Exception):
    """No plan satisfies every limit, with these k of those that have a confidence."""

    def __init__(self, multipliers: Mapping[str, float] | None = None) -> None:
        super().__init__()
        self.multipliers = dict(multipliers or {})


class UnboundedError(Exception):
    """Nothing limits what was asked for."""


@dataclass(frozen=True)
class Checked:
    """What a proof was tried against.

    Attributes:
        opinions: solves with different settings that ended and agree.
        unfinished: second opinions that did not end in their time.
        changes: plans that differ by one booking, all looked at.
        cut_off: plans cut off because the recount showed that they break a limit.
        mistaken: opinions that were shown to be false.
        prices: rows whose prices give the bound, where it is one over a roster (`lagrangian`).
        creators: all creators that this bound is over.
        core: creators whom the prices leave to an integer program that the bound rests on too.
        kept: of a roster too large to make an offer of each row, those that became one.
    """

    opinions: int = 1
    unfinished: int = 0
    changes: int = 0
    cut_off: int = 0
    mistaken: int = 0
    prices: int = 0
    creators: int = 0
    core: int = 0
    kept: int = 0


@dataclass(frozen=True)
class Found:
    """A verified plan that answers one question.

    Attributes:
        columns: creators per package, then switches, shape (columns,).
        value: linear objective of the question, recomputed from the columns where it has no others.
        bound: best that any plan could have, never worse than value; None where not known.
        proven: whether value is the best, within the gap asked for.
        seconds: time in the solver.
        raw_status: the solver's own word.
        nodes: branch-and-bound nodes of the first solve.
        further: values of the further columns, shape (extra,); unknown where the plan was not the solver's.
        checked: what the proof was tried against.
    """

    columns: Floats
    value: float
    bound: float | None
    proven: bool
    seconds: float
    raw_status: str
    nodes: int = 0
    checked: Checked = field(default_factory=Checked)
    further: Floats | None = None


@dataclass(frozen=True)
class Question:
    """One linear objective under all limits of a scenario and further rows.

    Attributes:
        program: the scenario.
        objective: value of one unit of each column, shape (columns,) or (columns + extra,).
        maximize: direction.
        rows: further rows, which hold as they are.
        extra: further columns.
        gap: relative gap to the bound at which it is good enough; 0 for the exact best.
        max_nodes: as in `solve`; no proof is looked for then, and no second opinion.
        start: columns of a plan to start from.
        twice: whether a second opinion is heard where the first is not shown to be false.
        same: relative difference of two values that is rounding; more where further columns of the solver count.
        counted: what the objective is of the columns of a plan, where it has further columns and these follow.
        sure: the objective, where it has a confidence; `objective` is then its mean.
        sures: further limits with a confidence, besides the program's.
        reaching: the objective, where it is reach that no linear column says; `objective` is then its contacts.
        reachings: further floors on such reach, besides the program's.
        recounted: whether plans are held against the scenario's limits in decimals; not where the rows ask for
            something else than the scenario does.
    """

    program: Program
    objective: Floats
    maximize: bool
    rows: Sequence[Row] = ()
    extra: Sequence[Extra] = ()
    gap: float = 0.0
    max_nodes: int | None = None
    start: Floats | None = None
    twice: bool = True
    recounted: bool = True
    same: float = SAME
    counted: Callable[[Floats], float] | None = None
    sure: Sure | None = None
    sures: tuple[Sure, ...] = ()
    reaching: Reaching | None = None
    reachings: tuple[Reaching, ...] = ()

    @property
    def all_reachings(self) -> list[Reaching]:
        """Limits and objective that are reach which no linear column says."""
        return [*self.program.reachings, *self.reachings, *([] if self.reaching is None else [self.reaching])]

    @property
    def all_sures(self) -> list[Sure]:
        """Limits and objective that have a confidence and vary."""
        found = [*self.program.sures, *self.sures, *([] if self.sure is None else [self.sure])]
        return [sure for sure in found if not nothing_varies(sure)]

    @property
    def plain(self) -> bool:
        """Whether it is about packages alone, so that any plan of these can be judged without the solver."""
        return not self.extra

    @property
    def own_rows(self) -> list[Row]:
        """The further rows that are about packages alone."""
        return [row for row in self.rows if len(row.coefficients) == self.program.packages.columns]

    def value(self, columns: Floats, values: Floats) -> float:
        """Linear objective of a plan; `values` are the solver's, for further columns."""
        if self.counted is not None:
            return self.counted(columns)
        further = values[self.program.packages.columns :]
        return float(self.objective @ np.concatenate([columns, further])[: len(self.objective)])

    def better(self, one: float, other: float) -> bool:
        """Whether a value is better than another by more than rounding."""
        slack = self.same * max(1e-6, abs(one), abs(other))
        return one > other + slack if self.maximize else one < other - slack

    def best_of(self, one: float, other: float) -> float:
        """The better of two values."""
        return max(one, other) if self.maximize else min(one, other)
