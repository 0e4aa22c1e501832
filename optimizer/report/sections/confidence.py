"""What an objective or a limit with a confidence says, in words."""

from __future__ import annotations

from optimizer.language.numbers import few_digits, percent, significant
from optimizer.plan.certificate import ObjectiveResult
from optimizer.plan.plan import LimitResult


def cases(confidence: float) -> str:
    """A confidence as people say it: "9 of 10 cases", "95 of 100 cases", "99.5 % of the cases"."""
    for all_of in (10, 20, 100):
        found = confidence * all_of
        if abs(found - round(found)) < 1e-9:
            return f"{round(found)} of {all_of} cases" if all_of != 20 else f"{round(found * 5)} of 100 cases"
    return f"{percent(confidence)} of the cases"


def promised(goal: ObjectiveResult, text: str, typical: str) -> str:
    """A result with a confidence: "in 9 of 10 cases at least 20,761 engagements (45,796 by typical numbers)"."""
    if goal.confidence is None:
        return text
    word = "at least" if goal.sense == "maximize" else "at most"
    also = f" ({typical} by typical numbers)" if typical else ""
    return f"in {cases(goal.confidence)} {word} {text}{also}"


def criterion(goal: ObjectiveResult) -> str:
    """How a dependable result was counted, for the certificate; "" of one without a confidence."""
    if goal.confidence is None or goal.k is None:
        return ""
    sign = "-" if goal.sense == "maximize" else "+"
    counted = f"mean {sign} k x sd of the reach index"
    if goal.mean is not None and goal.sd is not None:
        counted = f"mean {few_digits(goal.mean, 6)} {sign} k x sd {few_digits(goal.sd, 6)}"
    return f"dependable in {cases(goal.confidence)}: {counted}, k = {significant(goal.k)} as the plan's draws ask for"


def asked(limit: LimitResult) -> str:
    """What is put behind the sides of a limit with a confidence."""
    return "" if limit.confidence is None else f" in {cases(limit.confidence)}"
