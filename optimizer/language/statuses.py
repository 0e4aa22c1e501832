"""How a plan, an answer or a point came out, and the words for it."""

from __future__ import annotations

from typing import Literal, NamedTuple

PlanStatus = Literal["optimal", "feasible"]
"""Proven to be the best; or stopped before that was proven."""
AnswerStatus = Literal["optimal", "feasible", "infeasible", "unlimited", "not_found", "refused"]
"""Besides: no plan keeps every limit, nothing limits the objective, none found in time, the scenario is not valid."""
PointStatus = Literal[
    "optimal", "feasible", "infeasible", "unlimited", "not_found", "refused", "failed", "skipped"
]
"""Besides: the worker that solved it failed, time was up before it was begun."""


class StatusWords(NamedTuple):
    """A status in words.

    Attributes:
        cell: in a narrow cell of a table.
        sheet: in a cell of a workbook.
        clause: as part of a sentence: "from 10,000 USD down there is no plan".
        why: as a reason.
    """

    cell: str
    sheet: str
    clause: str
    why: str


STATUS_WORDS: dict[str, StatusWords] = {
    "optimal": StatusWords("proven", "proven best", "it is proven best", "proven best"),
    "feasible": StatusWords("not proven", "not proven", "it is not proven best", "not proven"),
    "infeasible": StatusWords("no plan", "no plan", "there is no plan", "no plan keeps every limit"),
    "unlimited": StatusWords(
        "unlimited", "unlimited", "nothing limits the result", "nothing limits the result"
    ),
    "not_found": StatusWords(
        "none found",
        "none found in time",
        "no plan was found in time",
        "no plan was found in the time there was",
    ),
    "refused": StatusWords("not valid", "refused", "the scenario is not valid", "this number is refused"),
    "failed": StatusWords("failed", "failed", "it failed", "the worker failed"),
    "skipped": StatusWords("not solved", "not reached in time", "it was not solved", "time was up"),
}

UNSETTLED = frozenset({"feasible", "not_found", "failed", "skipped"})
"""Of a question: more time might have given another answer."""
