"""A question -> the best plan for it, whatever it asks for."""

from __future__ import annotations

import time

import numpy as np

from optimizer.language.errors import SolverError
from optimizer.program.program import Program
from optimizer.solve.question import Found, NoPlanError, Question
from optimizer.solve.search import search_plain

LARGE = 3_000
"""Packages from which on prices are faster than the solver by itself (`python -m tests.speed roster`)."""


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
    if question.program.scenario._sieved is not None:
        from optimizer.solve.sieve import over_all  # hardly any scenario has a roster so large

        return over_all(question, lambda: _search(question, seconds))
    return _search(question, seconds)


def _search(question: Question, seconds: float) -> Found:
    began = time.perf_counter()
    if question.program.packages.count >= LARGE:
        from optimizer.solve.large import search_large  # hardly any scenario has so many offers

        found = search_large(question, seconds)
        if found is not None:
            return found
    return search_plain(question, max(0.01, seconds - (time.perf_counter() - began)))


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
