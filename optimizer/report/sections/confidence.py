"""What an objective or a limit with a confidence says, in words."""

from __future__ import annotations

from optimizer.language.numbers import cases, few_digits, significant
from optimizer.plan.certificate import ObjectiveResult
from optimizer.plan.plan import LimitResult


def promised(goal: ObjectiveResult, text: str, typical: str) -> str:
    """A result with a confidence: "in 9 of 10 cases at least 20,761 engagements (45,796 by typical numbers)"."""
    if goal.confidence is None:
        return text
    word = "at least" if goal.sense == "maximize" else "at most"
    also = f" ({typical} by typical numbers)" if typical else ""
    return f"in {cases(goal.confidence)} {word} {text}{also}"


def by_criterion(goal: ObjectiveResult) -> str:
    """By what a dependable plan is the best: the draws may know a better one."""
    if goal.confidence is None or goal.k is None:
        return ""
    return (
        f" by mean {'less' if goal.sense == 'maximize' else 'plus'} {significant(goal.k)} standard deviations"
    )


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
