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

    from optimizer.flow import check, optimize
    from optimizer.language.errors import InfeasibleError, OptimizerError, Problem, ScenarioError, SolverError
    from optimizer.load import load_scenario, parse_scenario
    from optimizer.plan.plan import Plan
    from optimizer.scenario.scenario import Limit, Offer, Scenario

_HOME = {
    "InfeasibleError": "language.errors",
    "Limit": "scenario.scenario",
    "Offer": "scenario.scenario",
    "OptimizerError": "language.errors",
    "Plan": "plan.plan",
    "Problem": "language.errors",
    "Scenario": "scenario.scenario",
    "ScenarioError": "language.errors",
    "SolverError": "language.errors",
    "check": "flow",
    "load_scenario": "load",
    "optimize": "flow",
    "parse_scenario": "load",
}

__all__ = [  # noqa: RUF022 (in the order a reader meets them)
    "load_scenario",
    "parse_scenario",
    "optimize",
    "check",
    "Scenario",
    "Offer",
    "Limit",
    "Plan",
    "OptimizerError",
    "ScenarioError",
    "InfeasibleError",
    "SolverError",
    "Problem",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        from importlib import import_module

        return getattr(import_module(f"optimizer.{_HOME[name]}"), name)
    raise AttributeError(f"module 'optimizer' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
