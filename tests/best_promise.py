"""The most that any plan promises by its draws: every plan of a small scenario, each with the k of its own draws.

python -m tests.best_promise 200        how often the plan found promises as much, over that many random scenarios
"""

from __future__ import annotations

import sys

import numpy as np

from optimizer import InfeasibleError, Plan, Scenario, optimize
from optimizer.program.program import program_of
from optimizer.solve.calibrate import multipliers_of
from tests.builders import Data
from tests.closed_form import plans


def promised(plan: Plan) -> float:
    """What the plan found promises, the more the better."""
    assert plan.objective.dependable is not None
    return plan.objective.dependable * (1 if plan.objective.sense == "maximize" else -1)


def best_promise(case: Data) -> float:
    """The most that a plan promises which keeps every limit by its own draws, the more the better."""
    program = program_of(Scenario.model_validate(case))
    goal = program.scenario.objective[0]
    packages = program.packages
    found = []
    for counts in plans(case["offers"]):
        creators = np.array([counts[offer] for offer in packages.offer.tolist()], dtype=float)
        columns = packages.with_switches(creators)
        by_draws = program.with_multipliers(multipliers_of(program, columns))
        rows = all(row.lower - 1e-7 <= row.coefficients @ columns <= row.upper + 1e-7 for row in program.rows)
        worth = [sure.worth(columns, by_draws.multiplier(sure)) - sure.least for sure in program.sures]
        if rows and min(worth, default=0.0) >= -1e-7:
            found.append((1 if goal.sense == "maximize" else -1) * by_draws.goal_linear(goal, columns))
    return max(found)


def main(cases: int) -> None:
    """Print how many plans of random scenarios promise as much as any, and by how much the others fall short."""
    from tests.test_dependable import random_case

    short = []
    for seed in range(cases):
        case = random_case(seed)
        if "confidence" not in case["objective"]:
            continue
        try:
            plan = optimize(Scenario.model_validate(case), draws=0)
        except InfeasibleError:
            continue
        most = best_promise(case)
        short.append((most - promised(plan)) / max(abs(most), 1e-6))
    less = sorted(share for share in short if share > 0.01)
    print(f"{len(short)} scenarios: {len(short) - len(less)} plans promise as much as any, to 1 %")
    print("the others fall short by", ", ".join(f"{share:.1%}" for share in less))


if __name__ == "__main__":
    main(int(sys.argv[1]))
