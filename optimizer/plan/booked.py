"""What a plan books, as columns of its model."""

from __future__ import annotations

import numpy as np

from optimizer.plan.plan import Plan
from optimizer.program.packages import Floats
from optimizer.program.program import Program


def columns_of_plan(program: Program, plan: Plan) -> Floats:
    """Creators of each package, then switches, shape (columns,); lines without a package of it count nothing."""
    packages = program.packages
    booked = {(line.offer, line.posts_per_creator): float(line.creators) for line in plan.lines}
    return packages.with_switches(np.array([booked.get(packages.key(p), 0.0) for p in range(packages.count)]))
