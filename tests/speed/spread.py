"""Passes over a very large roster, here and by two Dask workers of this machine: `python -m tests.speed spread`.

On two cores that do other work, too, workers are no faster: what is to be seen is what sending the roster and asking
about it cost, and what a pass costs, of which a cluster would share out the latter.
"""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from optimizer.jobs.cluster import Cluster, cluster
from optimizer.program.packages import Floats, Ints
from optimizer.solve import everybody as module
from optimizer.solve.everybody import NOBODY, Everybody, Spread, everybody, seen_of_part
from optimizer.solve.lagrangian import plan_roster
from optimizer.solve.pricing import Looked
from optimizer.solve.roster import Roster
from tests.roster_arrays import large
from tests.speed.roster import SECONDS

CASES = ((50_000, 3), (200_000, 3), (1_000_000, 3), (1_000_000, 23))
TIMES = 5
KEEPING = {"MALLOC_MMAP_THRESHOLD_": "16777216", "MALLOC_TRIM_THRESHOLD_": "16777216"}
"""Workers that keep memory for the next pass; as Dask starts them they give each array back at once, which on Linux
takes longer than to fill it."""


def spread() -> None:
    """A line for each roster: megabytes and seconds to send it; seconds of a pass and of a bound, best of five, here
    and there, and of finding the plan; what a pass brings back."""
    names = (
        "creators", "limits", "MB", "send", "pass", "there", "bound", "there", "KB back", "plan", "there", "asked",
    )  # fmt: skip
    print("\n" + "".join(f"{name:>10}" for name in names))
    for label, variables in (("as Dask starts workers", {}), ("workers that keep memory", KEEPING)):
        print(label, flush=True)
        _with_workers(variables)


def _with_workers(variables: dict[str, str]) -> None:
    import dask
    import distributed

    with (
        dask.config.set({f"distributed.nanny.pre-spawn-environ.{name}": at for name, at in variables.items()}),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=60,
        ) as local,
        cluster(local.scheduler_address) as executor,
    ):  # fmt: skip
        module.SPREAD = 0
        with everybody(large(1_000), executor) as first:  # what workers import takes its time once
            first.look(np.zeros(3))
        for creators, limits in CASES:
            print("".join(f"{cell:>10}" for cell in _line(creators, limits, executor)), flush=True)


def _line(creators: int, limits: int, executor: Cluster) -> tuple[str, ...]:
    roster = large(creators, limits)
    gap = 1e-5 if limits == 3 else 1e-4
    here, began = Everybody(roster), time.perf_counter()
    there = Spread(roster, executor)
    sent = time.perf_counter() - began
    planned = plan_roster(roster, gap=gap, seconds=SECONDS)
    y, at = planned.prices, np.arange(2_000)
    radius = np.maximum(np.abs(y), 1e-6)
    size = len(pickle.dumps(roster, protocol=5)) / 1e6
    back = len(pickle.dumps(seen_of_part(roster, y, radius, 2_000, at), protocol=5)) / 1e3
    looks = [_best(partial(one.look, y, radius, near=2_000, at=at)) for one in (here, there)]
    bounds = [_best(partial(one.bound, y, roster)) for one in (here, there)]
    there.held.release()
    with everybody(roster, executor) as again:
        counted = _Counted(again)
        other = plan_roster(roster, gap=gap, seconds=SECONDS, everybody=counted)
    assert np.array_equal(other.choice, planned.choice)
    assert other.bound == planned.bound
    seconds = (f"{one:.3f}" for one in (sent, *looks, *bounds))
    plans = (f"{planned.seconds:.2f}", f"{other.seconds:.2f}", f"{counted.looks}+{counted.bounds}")
    return (f"{creators:,}", f"{limits}", f"{size:.0f}", *seconds, f"{back:.0f}", *plans)


class _Counted(Everybody):
    """Counts passes and bounds."""

    def __init__(self, inner: Everybody) -> None:
        super().__init__(inner.roster)
        self.inner = inner
        self.looks = self.bounds = 0

    def look(self, y: Floats, radius: Floats | None = None, *, near: int = 0, at: Ints = NOBODY) -> Looked:
        self.looks += 1
        return self.inner.look(y, radius, near=near, at=at)

    def bound(self, y: Floats, sides: Roster) -> float:
        self.bounds += 1
        return self.inner.bound(y, sides)


def _best(action: Callable[[], object]) -> float:
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        action()
        times.append(time.perf_counter() - began)
    return min(times)
