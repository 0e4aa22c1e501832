"""Re-solving changed scenarios: the one tool behind prices, negotiation, ways out, alternatives and frontiers.

A what-if is a new Scenario. Answers are small and travel between processes; scenarios travel as JSON, never as
problem objects (solved PuLP problems cannot be pickled).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from optimizer.errors import OptimizerError, ScenarioError, SolverError
from optimizer.flow import WHAT_IF, Effort, Outcome, solve_verified
from optimizer.limits import Row
from optimizer.model import Model, build_model
from optimizer.packages import Floats
from optimizer.prepare import Prepared, prepare
from optimizer.processes import CANNOT_START, Workers
from optimizer.question import NoPlanError
from optimizer.scenario import Goal, Scenario
from optimizer.solve import Solution, solve
from optimizer.varied import varied

AnswerStatus = Literal["optimal", "feasible", "infeasible", "unlimited", "not_found", "refused"]
Change = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """The outcome of one re-solve.

    Attributes:
        status: as a plan's; "unlimited" where nothing limits the objective any more, "refused" where the changed
            scenario is not valid.
        value: first objective in its own unit, None without a plan.
        cost, hours: totals, None where not known.
        creators: creators per package, in the order of the packages.
        message: why there is no plan.
    """

    status: AnswerStatus
    value: float | None = None
    cost: float | None = None
    hours: float | None = None
    creators: tuple[float, ...] = ()
    message: str = ""

    @property
    def found(self) -> bool:
        """Whether there is a plan."""
        return self.value is not None


def answer(scenario: Scenario, effort: Effort = WHAT_IF, clock: Clock | None = None) -> Answer:
    """Plan a scenario and keep the essentials; never raises for a scenario without a plan.

    Raises:
        TimeoutError: where the clock ran out before the answer was proven.
    """
    return answer_prepared(prepare(scenario), effort, clock)


def answer_prepared(prepared: Prepared, effort: Effort = WHAT_IF, clock: Clock | None = None) -> Answer:
    """The same for a scenario that is prepared already."""
    if prepared.problems:
        unlimited = all(
            "no limit holds" in p.message or "nothing limits" in p.message for p in prepared.problems
        )
        return Answer("unlimited" if unlimited else "refused", message=str(prepared.problems[0]))
    try:
        return answer_of(prepared, proven_in_time(prepared, effort, clock))
    except NoPlanError:
        return Answer("infeasible", message="no plan satisfies every limit")
    except SolverError as error:
        return Answer("not_found", message=str(error))


def proven_in_time(prepared: Prepared, effort: Effort, clock: Clock | None) -> Outcome:
    """As `solve_verified`, in the time that is left of a longer command.

    Raises:
        TimeoutError: where that ran out before the answer was proven; the scenario's own time limit is another matter.
        NoPlanError, SolverError, ScenarioError: as `solve_verified`.
    """
    cut = clock is not None and clock.left < prepared.scenario.solver.time_limit
    try:
        outcome = solve_verified(in_time(prepared, clock), effort=effort)
    except SolverError:
        if cut:
            raise TimeoutError from None
        raise
    if cut and not all(stage.proven for stage in outcome.stages):
        raise TimeoutError
    return outcome


def in_time(prepared: Prepared, clock: Clock | None) -> Prepared:
    """The same scenario, to be solved in the time that is left of a longer command.

    Raises:
        TimeoutError: where none is left.
    """
    if clock is None or clock.left >= prepared.scenario.solver.time_limit:
        return prepared
    if clock.over:
        raise TimeoutError
    solver = prepared.scenario.solver.model_copy(update={"time_limit": clock.left})
    return replace(prepared, scenario=prepared.scenario.model_copy(update={"solver": solver}))


def answer_of(prepared: Prepared, outcome: Outcome) -> Answer:
    """The essentials of an outcome."""
    goal = outcome.stages[0].goal
    packages = prepared.packages
    proven = all(stage.proven for stage in outcome.stages)
    return Answer(
        status="optimal" if proven else "feasible",
        value=prepared.goal_amount(goal, float(prepared.goal_values(goal) @ outcome.columns)),
        cost=_total(packages.measures["cost"], outcome.columns),
        hours=_total(packages.measures["hours"], outcome.columns),
        creators=tuple(float(n) for n in outcome.columns[: packages.count]),
    )


def _total(values: Floats, columns: Floats) -> float | None:
    total = float(np.where(columns != 0, values, 0.0) @ columns)
    return None if np.isnan(total) else total


@lru_cache(maxsize=8)
def scenario_of(text: str) -> Scenario:
    """A scenario from its JSON; the last ones are kept, with all that was prepared for them."""
    return Scenario.model_validate_json(text)


def answer_changed(
    scenario_json: str, change: Change, effort: Effort = WHAT_IF, until: float = float("inf")
) -> Answer:
    """Plan a scenario (as JSON) with changes; a top-level function, so that any executor can run it.

    Raises:
        TimeoutError: where the answer was not proven `until` that moment of `time.time()`.
    """
    try:
        return answer(varied(scenario_of(scenario_json), change), effort, Clock.until(until))
    except ScenarioError as error:
        unlimited = all(
            "no limit holds" in p.message or "nothing limits" in p.message for p in error.problems
        )
        return Answer("unlimited" if unlimited else "refused", message=str(error.problems[0]))
    except OptimizerError as error:
        return Answer("not_found", message=str(error))


def linear_program(
    prepared: Prepared,
    clock: Clock | None = None,
    goal: Goal | None = None,
    rows: Sequence[Row] | None = None,
) -> tuple[Model, Solution]:
    """The first objective with fractions of creators, solved: where local rates and bounds come from.

    Args:
        prepared: the scenario.
        clock: when to stop.
        goal: another objective.
        rows: other rows than those of its limits.

    Raises:
        TimeoutError: where the clock has run out.
    """
    prepared = in_time(prepared, clock)
    goal = goal or prepared.scenario.objective[0]
    values = prepared.goal_values(goal)
    maximize = goal.sense == "maximize"
    held = prepared.rows if rows is None else rows
    model = build_model(prepared, values, maximize=maximize, rows=held, continuous=True)
    return model, solve(model, solver="highs", gap=0.0, time_limit=prepared.scenario.solver.time_limit)


class Clock:
    """The time left for a whole command."""

    def __init__(self, seconds: float | None) -> None:
        self._deadline = None if seconds is None else time.perf_counter() + seconds

    @classmethod
    def until(cls, moment: float) -> Clock:
        """To a moment of `time.time()`, which other processes know as well; infinite for no limit."""
        return cls(None if moment == float("inf") else moment - time.time())

    @property
    def moment(self) -> float:
        """When time is up, as `time.time()` has it; infinite without a limit."""
        return time.time() + self.left

    @property
    def left(self) -> float:
        """Seconds left; infinite without a limit."""
        return float("inf") if self._deadline is None else self._deadline - time.perf_counter()

    @property
    def over(self) -> bool:
        """Whether time is up."""
        return self.left <= 0


Failed = Callable[[tuple[Any, ...], BaseException], Any]


class Runner:
    """Runs independent jobs through an executor (or one after the other), in order, with progress and a deadline.

    Args:
        executor: any `concurrent.futures.Executor`; None runs in this process.
        seconds: time for all jobs; None for no limit. Jobs that do not start in time give None, and so do those that
            raise TimeoutError.
        on_progress: called with (done, all) after each job.
        on_failure: called with a job that failed and why; what it returns is the job's result. Without it the
            exception is raised. Jobs that a dying worker took along are run again, one at a time, so that only those
            fail which end their worker; without `on_failure` that is a SolverError.
    """

    def __init__(
        self,
        executor: Executor | None = None,
        seconds: float | None = None,
        on_progress: Callable[[int, int], None] | None = None,
        on_failure: Failed | None = None,
    ) -> None:
        self.executor = executor
        self.clock = Clock(seconds)
        self._say = on_progress or (lambda done, total: None)
        self._failed = on_failure
        self.skipped = 0

    def run(self, function: Callable[..., Any], jobs: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Results of `function(*job)` in the order of the jobs; None for a job that time did not allow."""
        futures = [self._submitted(function, job) for job in jobs]
        results: list[Any] = [None] * len(jobs)
        lost: list[tuple[int, BaseException]] = []
        done = 0
        try:
            for position, (job, future) in enumerate(zip(jobs, futures, strict=True)):
                try:
                    results[position] = self._result(function, job, future)
                except _LostError as error:
                    lost.append((position, error.why))
                    continue
                done += 1
                self._say(done, len(jobs))
            for position, again in self._one_by_one(function, [(n, jobs[n], why) for n, why in lost]):
                results[position] = again
                done += 1
                self._say(done, len(jobs))
        except BaseException:  # nobody waits for the rest any more
            for future in futures:
                if future is not None:
                    future.cancel()
            raise
        return results

    def _submitted(self, function: Callable[..., Any], job: tuple[Any, ...]) -> Future[Any] | None:
        if self.executor is None:
            return None
        try:
            return self.executor.submit(function, *job)
        except (
            Exception
        ) as error:  # a worker died while jobs were handed over, or none can be started any more
            future: Future[Any] = Future()
            gone = isinstance(error, CANNOT_START) and not isinstance(error, BrokenExecutor)
            future.set_exception(BrokenExecutor(str(error)) if gone else error)
            return future

    def _result(self, function: Callable[..., Any], job: tuple[Any, ...], future: Future[Any] | None) -> Any:
        try:
            if future is not None:
                left = self.clock.left
                return future.result(timeout=None if left == float("inf") else max(0.0, left))
            if not self.clock.over:
                return function(*job)
        except TimeoutError:
            if future is not None:
                future.cancel()
        except (Exception, CancelledError, SystemExit) as error:
            if _worker_died(error):
                raise _LostError(error) from None
            if self._failed is None:
                raise
            return self._failed(job, error)
        self.skipped += 1
        return None

    def _one_by_one(
        self, function: Callable[..., Any], jobs: Sequence[tuple[int, tuple[Any, ...], BaseException]]
    ) -> Iterator[tuple[int, Any]]:
        """Run jobs again that were lost with a worker; whatever ends its worker now is to blame itself.

        A broken pool of processes may take no more jobs, so they run in a process of their own, a new one after each
        that ends, or in this one where no process can be started; a cluster has other workers.
        """
        alone: Workers | None = None
        try:
            for position, job, why in jobs:
                future: Future[Any] | None = None
                try:
                    if not isinstance(why, BrokenExecutor):
                        assert self.executor is not None
                        future = self.executor.submit(function, *job)
                    else:
                        with suppress(*CANNOT_START):
                            alone = alone or Workers(1)
                            future = alone.submit(function, *job)
                    yield position, self._result(function, job, future)
                except _LostError as error:  # lost again
                    if self._failed is None:
                        raise SolverError(
                            "a process that solved a part of this was ended from outside, twice (for its memory?)"
                        ) from None
                    yield position, self._failed(job, error.why)
        finally:
            if alone is not None:
                alone.shutdown()


class _LostError(Exception):
    """A job was lost because the worker that ran it, or others beside it, died."""

    def __init__(self, why: BaseException) -> None:
        self.why = why
        super().__init__(str(why))


def _worker_died(error: BaseException) -> bool:
    """Whether a pool of processes is broken, or a Dask cluster (whose package need not be there) lost a worker."""
    return isinstance(error, BrokenExecutor) or type(error).__name__ == "KilledWorker"
