"""Verified solves for questions about plans near the best: the scenario with rows and columns of their own.

`flow` answers the scenario; `alternatives`, `goal` and `replan` ask more of it ("the most money on TikTok
while at least 98 % of the best is kept") and share this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.language.errors import SolverError
from optimizer.program.packages import Floats
from optimizer.program.program import Program
from optimizer.program.reaching import Reaching
from optimizer.program.rules import Row
from optimizer.scenario.scenario import Goal
from optimizer.solve.ask import search
from optimizer.solve.lexicographic import given_up, hold, unlimited
from optimizer.solve.model import Extra
from optimizer.solve.question import Found, Question, UnboundedError


def best_for(
    program: Program,
    objective: Floats,
    *,
    maximize: bool,
    seconds: float,
    rows: Sequence[Row | Reaching] = (),
    extra: Sequence[Extra] = (),
    gap: float = 0.0,
    max_nodes: int | None = None,
    reaching: Reaching | None = None,
) -> Found:
    """The best plan for one linear objective under all limits and further rows and columns.

    Args:
        program: the scenario.
        objective, maximize, extra, gap, max_nodes, reaching: as in `Question`.
        rows: further rows, and floors on reach that no row says.
        seconds: time to spend; the scenario's own limit counts where it is shorter.

    Raises:
        NoPlanError, UnboundedError, SolverError: as `search`.
    """
    plain = [row for row in rows if isinstance(row, Row)]
    floors = tuple(row for row in rows if isinstance(row, Reaching))
    question = Question(
        program, objective, maximize, plain, extra, gap, max_nodes, reaching=reaching, reachings=floors
    )
    left = min(seconds, program.scenario.solver.time_limit)
    if left <= 0:
        raise SolverError("time was up", timed_out=True)
    return search(question, left)


@dataclass(frozen=True)
class Best:
    """The best value of the first objective.

    Attributes:
        goal: the first objective.
        linear: best value found, as the model has it (effective contacts, for reach).
        bound: no plan has more (less, when minimising); linear; None where not known.
        proven: whether it is proven.
        raw_status: the solver's own word.
    """

    goal: Goal
    linear: float
    bound: float | None
    proven: bool
    raw_status: str

    def row(self, program: Program, share: float) -> Row | Reaching:
        """What keeps the first objective within a share of the best.

            maximise: value >= best - share |best|        minimise: value <= best + share |best|

        For reach the share is one of people, and the row is on the index that these people have, if there is one.
        """
        least = given_up(program, self.goal.model_copy(update={"within": share}), self.linear)
        return hold(program, self.goal, least)

    def floor(self, program: Program, share: float) -> float:
        """The same in the objective's own unit: what is kept at least (spent at most, when minimising)."""
        goal = self.goal.model_copy(update={"within": share})
        return program.goal_amount(goal, given_up(program, goal, self.linear))


def find_best(
    program: Program, seconds: float, rows: Sequence[Row] = (), extra: Sequence[Extra] = ()
) -> Best:
    """The best value of the first objective, found exactly.

    Raises:
        NoPlanError, SolverError: as `best_for`.
        UnlimitedError: where nothing limits the objective.
    """
    goal = program.scenario.objective[0]
    try:
        found = best_for(
            program,
            program.goal_values(goal),
            maximize=goal.sense == "maximize",
            seconds=seconds,
            rows=rows,
            extra=extra,
            reaching=program.reaching_goal(goal),
        )
    except UnboundedError:
        raise unlimited(program, 0) from None
    return Best(goal, found.value, found.bound, found.proven, found.raw_status)
