"""How long a very large roster takes by prices, beside HiGHS over all of it; arrays are made in memory.

Each case is a process of its own, so that its peak memory is its own: `python -m tests.speed.roster 100000 23 1e-4`.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

from optimizer.solve.lagrangian import plan_roster
from tests.roster_arrays import large, whole

CASES = (
    (10_000, 3, 1e-5),
    (100_000, 3, 1e-5),
    (1_000_000, 3, 1e-5),
    (10_000, 23, 5e-4),
    (100_000, 23, 1e-4),
    (1_000_000, 23, 1e-4),
)
"""Creators of three packages each, limits, gap asked for."""
WHOLE = 100_000
"""Creators up to which HiGHS is asked for all of it, with a model of its own."""
SECONDS = 120.0
OFFERS = (333, 1_000, 3_333)
"""Creators of scenarios, planned by prices and whole: from where prices pay."""
SCALE = 2**20 if sys.platform == "darwin" else 2**10


def rosters() -> None:
    """Time, memory, what was left open and the gap; wall seconds and seconds of processor time."""
    columns = ("creators", "limits", "seconds", "cpu", "MB", "passes", "undecided", "open", "booked", "gap")
    print("\n" + "".join(f"{name:>10}" for name in columns) + "   HiGHS over all of it")
    for creators, limits, gap in CASES:
        command = [sys.executable, "-m", "tests.speed.roster", str(creators), str(limits), str(gap)]
        print(subprocess.run(command, check=True, capture_output=True, text=True).stdout.rstrip(), flush=True)
    print(f"\n{'scenarios, seconds':>28} {'by prices':>10} {'whole':>10}   gaps")
    for creators in OFFERS:
        one_scenario(creators)


def one(creators: int, limits: int, gap: float) -> None:
    """One line of the table."""
    roster = large(creators, limits)
    began, cpu = time.perf_counter(), time.process_time()
    planned = plan_roster(roster, gap=gap, seconds=SECONDS)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / SCALE
    booked = int((planned.choice > 0).sum())
    cells = (
        f"{creators:,}",
        f"{limits}",
        f"{seconds:.2f}",
        f"{cpu:.2f}",
        f"{memory:,.0f}",
        f"{planned.passes}",
        f"{planned.undecided:,}",
        f"{planned.open:,}",
        f"{booked:,}",
        f"{planned.gap:.1e}",
    )
    print("".join(f"{cell:>10}" for cell in cells) + f"   {_whole(creators, limits, gap)}")


def _whole(creators: int, limits: int, gap: float) -> str:
    """What HiGHS does in the same time, as a process that can be ended: it looks at no clock in some of its steps."""
    if creators > WHOLE:
        return "not tried"
    command = [sys.executable, "-m", "tests.speed.roster", "whole", str(creators), str(limits), str(gap)]
    try:
        return subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=1.25 * SECONDS
        ).stdout.strip()
    except subprocess.TimeoutExpired:
        return f"not ended after {SECONDS:.0f} s"


def all_of_it(creators: int, limits: int, gap: float) -> None:
    """What is said about HiGHS on a line."""
    began = time.perf_counter()
    truth = whole(large(creators, limits), SECONDS, gap)
    seconds = time.perf_counter() - began
    if truth.value is None or truth.bound is None:
        print(f"no plan in {seconds:.0f} s")
    else:
        left = (truth.bound - truth.value) / abs(truth.value)
        print(f"{seconds:.1f} s, {truth.status.lower()}, gap {left:.1e}")


def one_scenario(creators: int) -> None:
    """A scenario of offers, by prices and whole: best plan, proof and lean plan, without the plan's tables."""
    from optimizer.program.program import program_of
    from optimizer.scenario.scenario import Scenario
    from optimizer.solve import ask
    from optimizer.solve.solved import solve_verified
    from tests.test_large import creators as offers

    usual, spent, gaps = ask.LARGE, [], []
    try:
        for most in (0, sys.maxsize):
            ask.LARGE = most
            program = program_of(Scenario.model_validate(offers(creators)))
            began = time.perf_counter()
            stage = solve_verified(program).stages[0]
            spent.append(time.perf_counter() - began)
            gaps.append("none" if stage.bound is None else f"{(stage.bound - stage.best) / stage.best:.1e}")
    finally:
        ask.LARGE = usual
    label = f"{3 * creators:,} packages"
    print(f"{label:>28} {spent[0]:9.2f}s {spent[1]:9.2f}s   {', '.join(gaps)}", flush=True)


if __name__ == "__main__":
    task = all_of_it if sys.argv[1] == "whole" else one
    task(int(sys.argv[-3]), int(sys.argv[-2]), float(sys.argv[-1]))
