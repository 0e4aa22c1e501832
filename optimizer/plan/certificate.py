"""What was asked for, how well it was met, and what was proven."""

from __future__ import annotations

from typing import Literal

from optimizer.language.records import Record
from optimizer.plan.objective import OverCases


class ObjectiveResult(Record):
    """What was asked for and how well it was met, in the measure's unit."""

    measure: str
    segments: tuple[str, ...] = ()
    """Segments of the audience in which reach is counted; none for all of it."""
    sense: Literal["maximize", "minimize"]
    value: float
    """Reached by this plan."""
    best: float
    """Best found when this objective was solved; differs from value only where `within` gave some of it up."""
    bound: float | None
    """No plan can do better than this; None where the solver proved nothing."""
    gap: float | None
    """(bound - best) / best as a share, never negative; None where bound is unknown or best is 0. Of a regret: the same
    difference as a share of the largest best value of a case."""
    within: float = 0.0
    """Share of best that later objectives were allowed to give up; of a regret, of what the gap is a share of."""
    confidence: float | None = None
    """In what share of the cases the value is reached; None for a typical result. Then value is mean - drawn_k sd
    (mean + drawn_k sd where less is wanted), best and bound are mean - k sd."""
    dependable: float | None = None
    """The same as value, where there is a confidence."""
    criterion: float | None = None
    """mean - k sd of this plan: what best and bound are about. The same as dependable where drawn_k is k."""
    k: float | None = None
    """Standard deviations in the criterion that was solved for."""
    drawn_k: float | None = None
    """Those that the draws of this very plan ask for; k where they agree within 1 %."""
    mean: float | None = None
    sd: float | None = None
    over: OverCases | None = None
    """Of an objective over stress cases: what it is in each; None for any other."""

    @property
    def asked(self) -> str:
        """What was asked for: "maximize engagements", "maximize engagements in the worst of 3 cases"."""
        if self.over is None:
            where = f" in {' + '.join(self.segments)}" if self.segments else ""
            return f"{self.sense} {self.measure}{where}"
        count = len(self.over.cases)
        cases = "the one case" if count == 1 else f"{count} cases"
        if self.over.by == "regret":
            return f"minimize the largest regret of {self.measure} in {cases}"
        return f"{self.sense} {self.measure} in {cases if count == 1 else f'the worst of {cases}'}"


class ProofChecks(Record):
    """What the proof of the first objective was tried against."""

    opinions: int
    """Solves with different settings that ended and agree."""
    unfinished: int
    """Second opinions that did not end in their time."""
    changes: int
    """Plans that differ by one booking, each looked at without the solver."""
    cut_off: int
    """Plans that a recount showed to break a limit, and that were cut off."""
    mistaken: int
    """Opinions that were shown to be false; they do not count."""
    prices: int = 0
    """Rows of limits whose prices give the bound, where it was found by prices; 0 for any other."""
    creators: int = 0
    """All creators that this bound is over."""
    core: int = 0
    """Creators whom the prices leave to an integer program, on which the bound rests then too."""
    kept: int = 0
    """Of a roster too large to make an offer of each row: rows that became one, those booked and the nearest others;
    the plan's inputs have no others. 0 where every creator is an offer."""


class SolverReport(Record):
    """How the plan was found."""

    name: str
    version: str
    seconds: float
    raw_status: str
    checked: ProofChecks
