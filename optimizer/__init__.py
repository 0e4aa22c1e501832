"""Decide how an influencer-marketing budget is spent.

>>> from optimizer import load_scenario, optimize
>>> plan = optimize(load_scenario("scenario.yaml"))  # doctest: +SKIP

Names are imported on first use, so that `import optimizer` costs nothing.
"""

from __future__ import annotations

from optimizer.__version__ import __version__ as __version__

# not from `typing`: its import takes longer than all else that is done before Ctrl-C is watched for
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from optimizer.actuals.result import Review
    from optimizer.actuals.review import review
    from optimizer.finance.compare.bridge import Bridge, bridge
    from optimizer.finance.compare.compare import compare
    from optimizer.finance.compare.comparison import Comparison
    from optimizer.finance.frontier.around import around_today
    from optimizer.finance.frontier.frontier import frontier
    from optimizer.finance.frontier.result import Frontier
    from optimizer.flow import check, optimize, save_lp
    from optimizer.jobs.cluster import cluster
    from optimizer.language.errors import (
        Conflict,
        InfeasibleError,
        OptimizerError,
        Problem,
        ScenarioError,
        SolverError,
        WayOut,
    )
    from optimizer.learning.learn import learn
    from optimizer.learning.learned import Learned
    from optimizer.learning.next import next_tests
    from optimizer.learning.result import NextTests
    from optimizer.load import load_scenario, parse_scenario
    from optimizer.mediaplan.read import scenario_from_mediaplan
    from optimizer.mediaplan.write import mediaplan_json
    from optimizer.plan.plan import Plan
    from optimizer.results.read import read_results
    from optimizer.risk.safety.result import Safety
    from optimizer.risk.safety.safety import safety
    from optimizer.risk.stress.result import Stress
    from optimizer.risk.stress.stress import stress
    from optimizer.roster.result import Roster
    from optimizer.roster.shown import read_roster
    from optimizer.scenario.scenario import Goal, Limit, Offer, Scenario
    from optimizer.whatif.alternatives.alternatives import Alternatives, alternatives
    from optimizer.whatif.explain.explain import explain
    from optimizer.whatif.explain.result import Explanation
    from optimizer.whatif.goal import goal
    from optimizer.whatif.goal_result import GoalAnswer
    from optimizer.whatif.replan.replan import Replan, replan
    from optimizer.whatif.replan.signed import read_signed
    from optimizer.whatif.reserves.reserves import reserves
    from optimizer.whatif.reserves.result import Reserves

_HOME = {
    "load_scenario": "load",
    "parse_scenario": "load",
    "read_roster": "roster.shown",
    "Roster": "roster.result",
    "check": "flow",
    "optimize": "flow",
    "save_lp": "flow",
    "Scenario": "scenario.scenario",
    "Offer": "scenario.scenario",
    "Limit": "scenario.scenario",
    "Goal": "scenario.scenario",
    "Plan": "plan.plan",
    "explain": "whatif.explain.explain",
    "Explanation": "whatif.explain.result",
    "alternatives": "whatif.alternatives.alternatives",
    "Alternatives": "whatif.alternatives.alternatives",
    "goal": "whatif.goal",
    "GoalAnswer": "whatif.goal_result",
    "replan": "whatif.replan.replan",
    "Replan": "whatif.replan.replan",
    "read_signed": "whatif.replan.signed",
    "reserves": "whatif.reserves.reserves",
    "Reserves": "whatif.reserves.result",
    "compare": "finance.compare.compare",
    "Comparison": "finance.compare.comparison",
    "bridge": "finance.compare.bridge",
    "Bridge": "finance.compare.bridge",
    "frontier": "finance.frontier.frontier",
    "Frontier": "finance.frontier.result",
    "around_today": "finance.frontier.around",
    "safety": "risk.safety.safety",
    "Safety": "risk.safety.result",
    "stress": "risk.stress.stress",
    "Stress": "risk.stress.result",
    "read_results": "results.read",
    "review": "actuals.review",
    "Review": "actuals.result",
    "learn": "learning.learn",
    "Learned": "learning.learned",
    "next_tests": "learning.next",
    "NextTests": "learning.result",
    "mediaplan_json": "mediaplan.write",
    "scenario_from_mediaplan": "mediaplan.read",
    "cluster": "jobs.cluster",
    "OptimizerError": "language.errors",
    "ScenarioError": "language.errors",
    "Problem": "language.errors",
    "InfeasibleError": "language.errors",
    "Conflict": "language.errors",
    "WayOut": "language.errors",
    "SolverError": "language.errors",
}
"""Name -> the module below `optimizer` where it is at home, in the order a reader meets them."""

__all__ = [  # noqa: RUF022 (in the order a reader meets them)
    "load_scenario",
    "parse_scenario",
    "read_roster",
    "Roster",
    "check",
    "optimize",
    "save_lp",
    "Scenario",
    "Offer",
    "Limit",
    "Goal",
    "Plan",
    "explain",
    "Explanation",
    "alternatives",
    "Alternatives",
    "goal",
    "GoalAnswer",
    "replan",
    "Replan",
    "read_signed",
    "reserves",
    "Reserves",
    "compare",
    "Comparison",
    "bridge",
    "Bridge",
    "frontier",
    "Frontier",
    "around_today",
    "safety",
    "Safety",
    "stress",
    "Stress",
    "read_results",
    "review",
    "Review",
    "learn",
    "Learned",
    "next_tests",
    "NextTests",
    "mediaplan_json",
    "scenario_from_mediaplan",
    "cluster",
    "OptimizerError",
    "ScenarioError",
    "Problem",
    "InfeasibleError",
    "Conflict",
    "WayOut",
    "SolverError",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        from importlib import import_module

        return getattr(import_module(f"optimizer.{_HOME[name]}"), name)
    raise AttributeError(f"module 'optimizer' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
