"""An objective over stress cases in words: its value, which case decides, and what it is in each."""

from __future__ import annotations

from optimizer.language.numbers import printable
from optimizer.plan.certificate import ObjectiveResult
from optimizer.plan.plan import Plan
from optimizer.risk.stress.findings import figure


def in_which(goal: ObjectiveResult) -> str:
    """` in the worst of 3 cases ("bad luck")`; "" for an objective that is not over cases."""
    over = goal.over
    if over is None:
        return ""
    decides = f'"{printable(over.decides)}"'
    if over.by == "regret":
        alone = f"in the case {decides}" if len(over.cases) == 1 else f"in any of {len(over.cases)} cases"
        return f" behind the best plan {alone}" + ("" if len(over.cases) == 1 else f" (most in {decides})")
    if len(over.cases) == 1:
        return f" in the case {decides}"
    return f" in the worst of {len(over.cases)} cases ({decides})"


def case_by_case(plan: Plan, goal: ObjectiveResult, typical: str) -> str:
    """`As the scenario stands: 24,779 engagements. By case: dearer 24,779, bad luck 17,797.`

    Args:
        plan: the plan.
        goal: one of its objectives, over cases.
        typical: what the plan comes to as the scenario stands, with its unit.
    """
    assert goal.over is not None

    def shown(value: float) -> str:
        return figure(goal.measure, value, plan.currency)

    parts = []
    for one in goal.over.cases:
        text = f"{printable(one.case)} {shown(one.value)}"
        if one.best is not None:
            text += f" (best {shown(one.best)})"
        parts.append(text)
    sign = 1.0 if goal.sense == "maximize" else -1.0
    ahead = any(one.best is not None and sign * (one.value - one.best) > 0 for one in goal.over.cases)
    why = " Where it is ahead of the best plan, it breaks limits in that case." if ahead else ""
    return f"As the scenario stands: {typical}. By case: {', '.join(parts)}.{why}"


def verb(goal: ObjectiveResult, *, than: bool) -> str:
    """What no other plan does: `brings more`, `needs less than`, `has a smaller regret in its worst case`."""
    after = " than" if than else ""
    if goal.confidence is not None:
        return ("comes to more" if goal.sense == "maximize" else "comes to less") + after
    if goal.over is not None and goal.over.by == "regret":
        return f"has a smaller largest regret{after}"
    found = "brings more" if goal.sense == "maximize" else "needs less"
    return f"{found}{' in its worst case' if goal.over is not None else ''}{after}"
