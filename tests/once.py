"""Independent jobs that several tests of a file ask for in the same words, done once.

What `Runner` runs are top-level functions whose arguments are all they know (so that any executor can run them): the
solves of a sweep, the points of a curve, the columns and mixtures of a comparison. A file of tests says

    solved_once = pytest.fixture(scope="module", autouse=True)(jobs_done_once)

and what it asks for again is answered from the first time. Jobs for an executor are always done anew, and so are
those that have an end of their own; so a test that the same question has the same answer must ask an executor, or a
process of its own.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from optimizer.jobs.runner import Runner


def jobs_done_once() -> Iterator[None]:
    """Until the end of this generator, for all jobs that are run in this process without a deadline."""
    answers: dict[bytes, Any] = {}
    run = Runner.run

    def once(function: Callable[..., Any]) -> Callable[..., Any]:
        def answer(*job: Any) -> Any:
            key = pickle.dumps((function.__module__, function.__qualname__, job))
            if key not in answers:
                answers[key] = function(*job)
            return answers[key]

        return answer

    def run_once(runner: Runner, function: Callable[..., Any], jobs: Sequence[tuple[Any, ...]]) -> list[Any]:
        timed = runner.executor is not None or runner.clock.left != float("inf")
        return run(runner, function if timed else once(function), jobs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Runner, "run", run_once)
        yield
