"""A question -> the best plan for it, whatever it asks for."""

from __future__ import annotations

import numpy as np

from optimizer.language.errors import SolverError
from optimizer.program.program import Program
from optimizer.solve.question import Found, NoPlanError, Question
from optimizer.solve.search import search_plain


def search(question: Question, seconds: float) -> Found:
    """The best plan for a question.

    Args:
        question: what is asked.
        seconds: time to spend.

    Raises:
        NoPlanError: where there is none.
        UnboundedError: where nothing limits the objective.
        SolverError: where time was up before any plan, or the solver failed.
    """
    if question.all_sures or question.all_reachings:
        from optimizer.solve.cutting import search_by_cuts  # most scenarios ask for nothing of the kind

        return search_by_cuts(question, seconds)
    return search_plain(question, seconds)


def has_plan(program: Program, seconds: float, *, twice: bool = True) -> bool | None:
    """Whether any plan keeps every limit; None where that was not found out in time. `twice` as in `Question`."""
    nothing = np.zeros(program.packages.columns)
    try:
        search(Question(program, nothing, maximize=False, gap=1.0, twice=twice), seconds)
    except NoPlanError:
        return False
    except SolverError:
        return None
    return True
