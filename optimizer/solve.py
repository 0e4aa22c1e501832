"""PuLP problem -> Solution. The only `.solve`; the only place that knows PuLP versions and solvers apart."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pulp

from optimizer.errors import SolverError
from optimizer.highs import OverrunError, highs_version, solve_problem, values_of
from optimizer.packages import Floats

if TYPE_CHECKING:
    from optimizer.limits import Row
    from optimizer.model import Model
    from optimizer.prepare import Prepared
    from optimizer.scenario import Goal

Status = Literal["optimal", "feasible", "infeasible", "unbounded", "not_found"]

SEED = 1
"""Fixed, with one thread, so that the same versions give the same plan."""
TOLERANCES = (1e-9, 1e-6)
"""How far HiGHS may be off a row or a whole number, tried in this order. At its own 1e-6 it takes 2.999999
creators for 3, which at 1,000,000 each is worth 1: it then breaks a budget by a cent, or calls a scenario
infeasible that is not. At 1e-9 it gives up on some rows of very large numbers, so an answer without a plan
is checked with the other."""

_EITHER = "Primal infeasible or unbounded"

SMALL_MODEL = 120
"""Columns up to which HiGHS goes without its search for early plans in sub-problems and without cuts below the
root. Those are for models where plans are rare; here they take longer than the proof (on the shipped scenarios
without both kinds: 1.5 to 30 times as fast, measured with `python -m tests.speed`)."""
_FOR_LARGE_MODELS = (
    "mip_heuristic_run_rins",
    "mip_heuristic_run_rens",
    "mip_heuristic_run_root_reduced_cost",
    "mip_allow_cut_separation_at_nodes",
)


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
    """

    status: Status
    values: Floats
    bound: float | None
    seconds: float
    raw_status: str


def expression(terms: Sequence[tuple[Any, float]]) -> Any:
    """A sum of coefficient x variable, by the fastest way that this PuLP has."""
    if not terms:
        return pulp.lpSum([])
    batch = getattr(pulp, "lpSum_vars_coefs", None)
    return pulp.LpAffineExpression(terms) if batch is None else batch(terms)


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
) -> Solution:
    """Solve a model.

    Args:
        model: from `build_model`; a minimisation.
        solver: "highs" or "cbc".
        gap: relative gap at which the search may stop.
        time_limit: seconds.
        start: a plan to start from, shape (columns,), if the solver takes one.
        max_nodes: stop after that many nodes (HiGHS only); unlike a time limit this repeats exactly.

    Raises:
        SolverError: where the solver is not installed or fails.
    """
    began = time.perf_counter()
    if solver == "highs":
        status, raw, bound = _solve_highs(model, gap, time_limit, start, max_nodes)
    else:
        status, raw, bound = _solve_cbc(model, gap, time_limit)
    seconds = time.perf_counter() - began
    if status not in ("optimal", "feasible"):
        return Solution(status, np.zeros(0), None, seconds, raw)
    values = values_of(model.variables)
    return Solution(status, values, None if bound is None else bound / model.scale, seconds, raw)


def _solve_highs(
    model: Model, gap: float, time_limit: float, start: Floats | None, max_nodes: int | None
) -> tuple[Status, str, float | None]:
    deadline = time.perf_counter() + time_limit
    options: dict[str, Any] = {"random_seed": SEED, "mip_heuristic_run_feasibility_jump": False}
    if len(model.variables) <= SMALL_MODEL:
        options |= dict.fromkeys(_FOR_LARGE_MODELS, False)
    if max_nodes is not None:
        options["mip_max_nodes"] = max_nodes
    proof: tuple[Status | None, str, float | None] | None = None
    for tolerance in TOLERANCES:
        options["mip_feasibility_tolerance"] = tolerance
        left = max(0.01, deadline - time.perf_counter())
        names = (v.name for v in model.variables)
        given = None if start is None else dict(zip(names, start, strict=True))
        try:
            highs = solve_problem(model.problem, seconds=left, gap=gap, start=given, options=options)
            status, raw, bound = _highs_answer(model, highs)
        except OverrunError:
            status, raw, bound = "not_found", "Time limit reached", None
        if proof is not None and status in (None, "not_found"):
            status, raw, bound = proof  # no time or no use to look again: what was proven stands
        if status not in (None, "infeasible") or (raw == "Infeasible" and not model.integer):
            break
        proof = (status, raw, bound) if status == "infeasible" else None
        if raw == _EITHER:
            options["presolve"] = "off"  # which is where it stopped looking
    if status is None:
        raise SolverError(f"HiGHS failed: {raw}")
    return status, raw, bound


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


def improving_direction(
    gain: Floats, uncapped: Any, rows: Sequence[Row], earlier: Sequence[Goal], prepared: Prepared
) -> Floats | None:
    """Packages that could grow for ever while the objective improves, or None where a limit holds it.

    Solves max gain . d over 0 <= d <= 1 on the uncapped packages, every row with its finite sides replaced by
    0: a linear program is unbounded exactly if this is positive (and it is feasible), and with rational data
    so is the integer program.
    """
    count = len(gain)
    problem = pulp.LpProblem("direction", pulp.LpMinimize)
    free = np.flatnonzero(uncapped)
    growth = {int(p): problem.add_variable(f"d{p}", 0, 1) for p in free}
    norm = float(np.max(np.abs(gain[free]), initial=1.0))
    problem.setObjective(expression([(d, -float(gain[p]) / norm) for p, d in growth.items()]))
    held = [(row.coefficients[:count], math.isfinite(row.lower), math.isfinite(row.upper)) for row in rows]
    for goal in earlier:
        values = prepared.goal_values(goal)[:count]
        held.append((values, goal.sense == "maximize", goal.sense == "minimize"))
    for number, (coefficients, floor, ceiling) in enumerate(held):
        size = float(np.max(np.abs(coefficients[free]), initial=0.0))
        if size == 0:
            continue
        total = expression([(d, float(coefficients[p]) / size) for p, d in growth.items() if coefficients[p]])
        if floor:
            problem += (total >= 0, f"floor{number}")
        if ceiling:
            problem += (total <= 0, f"ceiling{number}")
    solve_problem(problem, seconds=math.inf, gap=0.0, start=None, options={})
    d = np.zeros(count)
    for p, variable in growth.items():
        d[p] = variable.varValue or 0.0
    return (d > 1e-9).astype(float) if gain @ d > 1e-7 * norm else None
