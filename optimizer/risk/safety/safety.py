"""What it costs to be sure: plans between the best expected result and the most dependable one, each proven.

Every plan is the best by mean - k sd for some k: 0 gives the best expected result, the k of the highest confidence the
most dependable plan, equal steps of k the plans between. What a plan comes to in bad cases is then drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor

from optimizer.flow import optimize
from optimizer.jobs.runner import Runner
from optimizer.language.errors import SolverError
from optimizer.plan.build import build_plan
from optimizer.plan.plan import Plan
from optimizer.program.draws import DRAWS, SEED
from optimizer.program.sure import nothing_varies
from optimizer.risk.safety.asked import CONFIDENCES, checked, first_only
from optimizer.risk.safety.result import Safety
from optimizer.risk.safety.solving import Pool, Solved, solve_safe
from optimizer.risk.safety.target import likeliest
from optimizer.risk.safety.told import Found, told
from optimizer.scenario.given import given_scenario
from optimizer.scenario.scenario import Scenario
from optimizer.solve.answer import in_time
from optimizer.solve.question import NoPlanError
from optimizer.solve.ready import ready
from optimizer.solve.solved import solve_verified

Job = tuple[str, float | None, Mapping[str, float], float]
"""Arguments of `solve_safe`."""
STEPS = 10
"""Values of k from the best expected result to the most dependable plan."""


def safety(
    scenario: Scenario,
    *,
    confidences: Sequence[float | str] | str = CONFIDENCES,
    target: float | str | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
    executor: Executor | None = None,
    time_limit: float | None = None,
    on_progress: Callable[[str], None] | None = None,
) -> Safety:
    """What it costs to be sure of the first objective: about ten plans from bold to safe, each proven.

    Args:
        scenario: from `load_scenario`, or built in Python. Its first objective decides; later ones count for today's
            plan only.
        confidences: what to promise: shares from 0.5 to 0.999, or text such as "80,90,95".
        target: a result, in the measure's unit; the answer has today's chance of reaching it (of staying within it
            where less is wanted) and the plan with the best one.
        draws: cases that are drawn for each plan.
        seed: of these draws, the same for all plans.
        executor: any `concurrent.futures.Executor`; None solves in this process. The result is the same.
        time_limit: seconds for everything; solves that it does not allow are counted in `skipped`.
        on_progress: called with a short text at each step.

    Raises:
        ScenarioError: where the scenario cannot be planned, has fractions of creators, or what is asked makes no sense.
        InfeasibleError: where no plan satisfies every limit.
        SolverError: where time was up before any plan was found, or the solver failed.
    """
    say = on_progress or (lambda text: None)
    levels, aim = checked(given_scenario(scenario), confidences, target)
    runner = Runner(executor, time_limit)
    say("solving the scenario as it stands")
    plan, limits = _today(scenario, runner)
    top = ready(first_only(scenario, levels[-1]))
    pool = Pool(top, draws, seed)
    found = Found(scenario, pool, levels, aim, pool.add(plan, "today"))
    if not nothing_varies(pool.sure):
        _swept(found, runner, limits, say)
    return told(found, draws, seed)


def _today(scenario: Scenario, runner: Runner) -> tuple[Plan, dict[str, float]]:
    """The plan of the scenario as it stands, and the k of its limits with a confidence."""
    program = ready(scenario)
    try:
        outcome = solve_verified(in_time(program, runner.clock))
    except NoPlanError:
        optimize(scenario, draws=0)  # says why there is none
        raise
    except TimeoutError:
        raise SolverError("time was up before any plan was found", timed_out=True) from None
    limits = {name: k for name, k in outcome.multipliers.items() if not name.startswith("objective ")}
    return build_plan(program, outcome), limits


def _swept(found: Found, runner: Runner, limits: Mapping[str, float], say: Callable[[str], None]) -> None:
    """Solve for the best expected result, for each confidence, between them, and for the target."""
    pool, until = found.pool, runner.clock.moment
    text = pool.program.scenario.model_dump_json(exclude_unset=True)

    def run(jobs: list[Job]) -> list[Solved | None]:
        answers: list[Solved | None] = runner.run(solve_safe, jobs)
        found.skipped += sum(answer is None for answer in answers)
        return answers

    def at(ks: Sequence[float]) -> list[Solved | None]:
        return run([(text, k, limits, until) for k in ks])

    say("solving for the best expected result")
    (boldest,) = at([0.0])
    if boldest is not None:
        found.add(boldest)
    say("solving for each confidence")
    goals = [first_only(found.scenario, level) for level in found.confidences]
    jobs: list[Job] = [(goal.model_dump_json(exclude_unset=True), None, {}, until) for goal in goals]
    for level, solved in zip(found.confidences, run(jobs), strict=True):
        if solved is not None:
            found.add(solved)
            found.asked_for[level] = solved
    most = max((solved.k for solved in found.asked_for.values()), default=0.0)
    there = {solve.k for solve in found.solves}
    say(f"solving {STEPS - 2} plans between")
    for solved in at([k for k in (most * i / (STEPS - 1) for i in range(STEPS)) if k not in there]):
        if solved is not None:
            found.add(solved)
    if found.target is not None:
        say("solving for the target")
        found.likeliest = likeliest(pool, found.target, lambda k: at([k])[0])
