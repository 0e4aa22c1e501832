"""What scenarios side by side may come to, and how often one beats the base: drawn case by case with common chance."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.finance.compare.comparison import ComparedRisk
from optimizer.plan.plan import Plan
from optimizer.plan.simulated import against, drawn_measures, range_in
from optimizer.program.program import program_of
from optimizer.scenario.scenario import Goal, Scenario


def compared_risk(
    scenarios: Sequence[Scenario], plans: Sequence[Plan | None], goal: Goal, draws: int, seed: int
) -> ComparedRisk | None:
    """Ranges of every plan and its chances against the first; None where no number varies.

    Args:
        scenarios: one for each column, in one currency.
        plans: their plans, None where there is none.
        goal: the base's first objective.
        draws, seed: cases to draw; the same for every plan, so that what two of them share is the same in each case.
    """
    measures = tuple(dict.fromkeys((goal.measure, "cost")))
    programs = [None if plan is None else program_of(s) for s, plan in zip(scenarios, plans, strict=True)]
    if not any(program is not None and program.varying.anything for program in programs):
        return None
    drawn = [
        {} if program is None or plan is None else drawn_measures(program, plan, measures, draws, seed)
        for program, plan in zip(programs, plans, strict=True)
    ]
    beats: list[float | None] = [None]
    equal: list[float | None] = [None]
    base = drawn[0].get(goal.measure)
    for column in drawn[1:]:
        own = column.get(goal.measure)
        if base is None or own is None:
            beats.append(None)
            equal.append(None)
            continue
        better, same = against(own, base, goal.sense)
        beats.append(better)
        equal.append(same)
    return ComparedRisk(
        draws=draws,
        seed=seed,
        measures={
            name: [range_in(column[name]) if name in column else None for column in drawn]
            for name in measures
        },
        beats=beats,
        equal=equal,
    )
