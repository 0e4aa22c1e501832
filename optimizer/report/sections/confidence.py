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
    """By what a dependable plan is the best; the draws may know a better one."""
    if goal.confidence is None or goal.k is None:
        return ""
    if goal.k == 0:
        return " by the mean"
    return (
        f" by mean {'less' if goal.sense == 'maximize' else 'plus'} {significant(goal.k)} standard deviations"
    )


def criterion(goal: ObjectiveResult) -> str:
    """How a dependable result was counted, for the certificate; "" of one without a confidence."""
    if goal.confidence is None or goal.k is None or goal.drawn_k is None:
        return ""
    sign = "-" if goal.sense == "maximize" else "+"
    counted = f"mean {sign} k x sd of the reach index"
    if goal.mean is not None and goal.sd is not None:
        counted = f"mean {few_digits(goal.mean, 6)} {sign} k x sd {few_digits(goal.sd, 6)}"
    k = f"k = {significant(goal.drawn_k)} as the plan's draws ask for"
    other = f"; solved for with k = {significant(goal.k)}, whose best plan promises more by its draws"
    return f"dependable in {cases(goal.confidence)}: {counted}, {k}{other if by_other_k(goal) else ''}"


def by_other_k(goal: ObjectiveResult) -> bool:
    """Whether a dependable plan was solved for with another k than its own draws ask for."""
    return goal.drawn_k is not None and goal.drawn_k != goal.k


def asked(limit: LimitResult) -> str:
    """What is put behind the sides of a limit with a confidence."""
    return "" if limit.confidence is None else f" in {cases(limit.confidence)}"
