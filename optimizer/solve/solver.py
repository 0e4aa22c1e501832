"""PuLP problem -> Solution. The only `.solve`; the only place that knows PuLP versions and solvers apart."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pulp

from optimizer.language.errors import SolverError
from optimizer.program.packages import Floats
from optimizer.solve.highs import OverrunError, highs_version, solve_problem, values_of
from optimizer.solve.model import Model

Status = Literal["optimal", "feasible", "infeasible", "unbounded", "not_found"]


@dataclass(frozen=True)
class Setting:
    """One way to put a question to HiGHS. A proof that rests on one alone can be false (see `search`).

    Attributes:
        tolerance: how far HiGHS may be off a whole number. At 1e-6 it takes 2.999999 creators for 3; at 1e-9 it
            was seen to give up on rows of very large numbers, and with presolve to call plans best that are not.
        presolve: whether the program is simplified first.
        loose: by how much the sides of limits move outwards, as a share of the row's largest coefficient: more than
            what a creator within the tolerance is worth, so that no plan that is allowed lies on the edge of
            what the solver sees. What is let in by it is recounted and cut off.
        seed: of the solver's random choices.
    """

    tolerance: float
    presolve: bool
    loose: float
    seed: int


SETTINGS = (
    Setting(tolerance=1e-7, presolve=True, loose=1e-6, seed=1),
    Setting(tolerance=1e-6, presolve=False, loose=5e-6, seed=2),
    Setting(tolerance=1e-9, presolve=False, loose=1e-7, seed=3),
)
"""First, second and third opinion."""

_EITHER = "Primal infeasible or unbounded"

SMALL_MODEL = 120
"""Columns up to which HiGHS goes without its search for early plans in sub-problems and without cuts below the
root. Those are for models where plans are rare; here they take longer than the proof (on the shipped scenarios
without both kinds: 1.5 to 30 times as fast, measured with `python -m tests.speed`)."""
FINE_GAP = 1e-4
FINER = 0.01
"""A small model is solved to that share of a gap, if that is fine (the default is): it takes 4 % longer on `explain` of
launch-us, and the plan is the best there is instead of one within the gap, which other versions find others of."""
_HEURISTICS = ("mip_heuristic_run_rins", "mip_heuristic_run_rens", "mip_heuristic_run_root_reduced_cost")
_FOR_LARGE_MODELS = (*_HEURISTICS, "mip_allow_cut_separation_at_nodes")
_FOR_SMALL_MODELS = {"mip_heuristic_effort": 0.0, "mip_pscost_minreliable": 0}
"""Nor does a small model try out branches before it takes one: half as many nodes more, in a fifth less time."""


@dataclass(frozen=True)
class Solution:
    """What the solver said.

    Attributes:
        status: optimal (within the gap asked for), feasible (stopped early with a plan), infeasible,
            unbounded, not_found (stopped early without a plan).
        values: value of each column, shape (columns,); empty without a plan.
        bound: best linear objective any plan could have, in the direction asked for; None where not known.
        seconds: time in the solver.
        raw_status: the solver's own word.
        nodes: branch-and-bound nodes looked at.
    """

    status: Status
    values: Floats
    bound: float | None
    seconds: float
    raw_status: str
    nodes: int = 0


def solver_version(name: str) -> str:
    """Name and version of the solver, and of PuLP."""
    return highs_version() if name == "highs" else "CBC"


def solve(
    model: Model,
    *,
    solver: str,
    gap: float,
    time_limit: float,
    start: Floats | None = None,
    max_nodes: int | None = None,
    setting: Setting = SETTINGS[0],
) -> Solution:
    """Solve a model.

    Args:
        model: from `build_model`; a minimisation.
        solver: "highs" or "cbc".
        gap: relative gap at which the search may stop.
        time_limit: seconds.
        start: a plan to start from, shape (columns,), if the solver takes one; ignored where there are more columns.
        max_nodes: stop after that many nodes, and look for plans nowhere else (HiGHS only); unlike a time limit this
            repeats exactly. For improving on a plan that is there already.
        setting: how HiGHS is asked.

    Raises:
        SolverError: where the solver is not installed or fails.
    """
    began = time.perf_counter()
    if solver == "highs":
        status, raw, bound, nodes = _solve_highs(model, gap, time_limit, start, max_nodes, setting)
    else:
        status, raw, bound = _solve_cbc(model, gap, time_limit)
        nodes = 0
    seconds = time.perf_counter() - began
    if status not in ("optimal", "feasible"):
        return Solution(status, np.zeros(0), None, seconds, raw, nodes)
    values = values_of(model.variables)
    return Solution(status, values, None if bound is None else bound / model.scale, seconds, raw, nodes)


def _solve_highs(
    model: Model, gap: float, time_limit: float, start: Floats | None, max_nodes: int | None, setting: Setting
) -> tuple[Status, str, float | None, int]:
    deadline = time.perf_counter() + time_limit
    options: dict[str, Any] = {
        "random_seed": setting.seed,
        "mip_feasibility_tolerance": setting.tolerance,
        "mip_heuristic_run_feasibility_jump": False,
    }
    if not setting.presolve:
        options["presolve"] = "off"
    if len(model.variables) <= SMALL_MODEL:
        options |= dict.fromkeys(_FOR_LARGE_MODELS, False) | _FOR_SMALL_MODELS
        if gap <= FINE_GAP:
            gap *= FINER
    if max_nodes is not None:
        options |= {"mip_max_nodes": max_nodes, "mip_heuristic_effort": 0.0} | dict.fromkeys(
            _HEURISTICS, False
        )
    names = [v.name for v in model.variables]
    # Of part of the columns HiGHS would have to find the rest, which was seen to fail.
    given: dict[str, float] | None = None
    if start is not None and len(start) == len(names):
        given = dict(zip(names, start, strict=True))
        for total in model.totals:
            given[total.variable.name] = total.factor * float(total.values @ start[: len(total.values)])
    for _ in range(2):
        left = max(0.01, deadline - time.perf_counter())
        try:
            highs = solve_problem(model.problem, seconds=left, gap=gap, start=given, options=options)
        except OverrunError:
            return "not_found", "Time limit reached", None, 0
        status, raw, bound = _highs_answer(model, highs)
        nodes = max(0, int(highs.getInfo().mip_node_count))
        if (status is not None and raw != _EITHER) or "presolve" in options:
            break
        # Presolve is where it stopped looking, and a tolerance of its own where it fails.
        options |= {"presolve": "off", "mip_feasibility_tolerance": 1e-6}
    if status is None:
        raise SolverError(f"HiGHS failed: {raw}")
    return status, raw, bound, nodes


def _highs_answer(model: Model, highs: Any) -> tuple[Status | None, str, float | None]:
    """Status, HiGHS's own word and bound; None for the status where HiGHS failed."""
    raw = highs.modelStatusToString(highs.getModelStatus())
    info = highs.getInfo()
    found = info.primal_solution_status == 2  # kSolutionStatusFeasible
    value = info.objective_function_value
    if raw == "Optimal":
        if not model.integer:
            return "optimal", raw, value
        bound = info.mip_dual_bound if math.isfinite(info.mip_dual_bound) else value
        return "optimal", raw, min(bound, value)
    if raw in ("Infeasible", _EITHER):
        return "infeasible", raw, None
    if raw == "Unbounded":
        return "unbounded", raw, None
    if raw in (
        "Time limit reached",
        "Iteration limit reached",
        "Solution limit reached",
        "Interrupted by user",
    ):
        if not found or not math.isfinite(value):
            return "not_found", raw, None
        known = model.integer and math.isfinite(info.mip_dual_bound)
        return "feasible", raw, min(info.mip_dual_bound, value) if known else None
    if raw == "Empty":
        return "optimal", raw, 0.0
    return None, raw, None


def _solve_cbc(model: Model, gap: float, time_limit: float) -> tuple[Status, str, float | None]:
    engine = getattr(pulp, "PULP_CBC_CMD", None) or pulp.COIN_CMD
    cbc = engine(msg=False, timeLimit=time_limit, gapRel=gap, threads=1)
    if not cbc.available():
        raise SolverError("the solver CBC is not installed; use solver: {name: highs}")
    result = model.problem.solve(cbc)
    if hasattr(result, "has_solution"):  # PuLP 4
        raw, found = result.status.name, bool(result.has_solution)
        bound = result.best_bound
    else:
        raw = pulp.LpStatus[model.problem.status]
        found = model.problem.sol_status in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible)
        bound = None
        if raw == "Optimal" and model.problem.sol_status != pulp.LpSolutionOptimal:
            raw = "TimeLimit"
    if raw == "Optimal" and found:
        value = float(pulp.value(model.problem.objective) or 0.0)
        # CBC says only that it stopped within the gap, so that is all the bound that is known.
        return (
            "optimal",
            raw,
            value
            if not model.integer
            else min(value, bound if bound is not None else value - gap * abs(value)),
        )
    if raw == "Unbounded":
        return "unbounded", raw, None
    if raw in ("Infeasible", "Undefined"):
        return "infeasible", raw, None
    return ("feasible", raw, bound) if found else ("not_found", raw, None)


def row_prices(model: Model) -> dict[str, float]:
    """Dual value of every constraint of a continuous model that was solved: change of the linear objective, in the
    direction asked for, per unit by which the constraint's side is raised.

    PuLP and solvers disagree on signs when maximising; models here always minimise (`build_model`), where all agree
    that the dual is d(minimised objective) / d(side). It is flipped back here, once.
    """
    constraints = model.problem.constraints()
    listed = constraints if isinstance(constraints, list) else list(constraints.values())
    raw = {c.name: float(c.pi or 0.0) for c in listed}
    return {name: pi * model.factors.get(name, 1.0) / model.scale for name, pi in raw.items()}
