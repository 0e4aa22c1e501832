"""Plans for tests that ask neither why there is none nor what one may come to.

`optimize` looks for limits that cannot hold together and for ways out, which takes ten times as long as to see that
there is no plan, and draws ten thousand cases of a plan that it finds.
"""

from __future__ import annotations

import math

from optimizer import Plan, Scenario
from optimizer.flow import optimize_within
from optimizer.solve.question import NoPlanError


def plan_or_none(scenario: Scenario) -> Plan | None:
    """The plan that `optimize` makes, without its risk; None where there is none."""
    try:
        return optimize_within(scenario, math.inf)
    except NoPlanError:
        return None
