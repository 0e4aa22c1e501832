"""How long a very large roster takes by prices, beside HiGHS over all of it; arrays are made in memory.

Each case is a process of its own, so that its peak memory is its own: `python -m tests.speed.roster 100000 23 1e-4`.
"""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from optimizer.roster.read import read_roster
from optimizer.scenario.roster import RosterFile
from optimizer.solve.lagrangian import plan_roster
from tests.roster_arrays import large, whole

if TYPE_CHECKING:
    from optimizer.program.program import Program
    from optimizer.solve.roster import Roster
    from optimizer.solve.sieve import Sifted

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
SECONDS, FILE_SECONDS = 120.0, 600.0
"""What HiGHS is given for arrays, and for a file of at most 10,000 rows, so that it comes to its end."""
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


def files() -> None:
    """From a file of creators to the printed plan, as a process: `optimize plan`, beside reading alone, an offer for
    each row, and HiGHS over all rows."""
    columns = ("rows", "seconds", "cpu", "MB", "kept", "booked", "gap", "read", "cpu", "MB")
    print(
        "\n"
        + "".join(f"{name:>10}" for name in columns)
        + "   an offer each: seconds, cpu, MB; HiGHS over all of it"
    )
    with tempfile.TemporaryDirectory() as folder:
        for rows in ROWS:
            print(_from_file(Path(folder), rows), flush=True)


def _from_file(folder: Path, rows: int) -> str:
    write_roster(folder / "creators.csv", rows)
    (folder / "plan.yaml").write_text(SCENARIO, encoding="utf-8")
    command = [sys.executable, "-m", "optimizer", "plan", str(folder / "plan.yaml"), "--no-risk"]
    plan = folder / "plan.json"
    spent = _process([*command, "-o", str(plan)])
    assert spent is not None
    saved = json.loads(plan.read_text(encoding="utf-8"))
    reading = f"from tests.speed.roster import only_read; only_read({str(folder / 'creators.csv')!r})"
    read = _process([sys.executable, "-c", reading])
    assert read is not None
    cells = (
        f"{rows:,}",
        *_shown(spent),
        f"{saved['solver']['checked']['kept']:,}",
        f"{saved['totals']['creators']:,}",
        f"{saved['objective']['gap']:.0e}",
        *_shown(read),
    )
    others = "not tried; not tried"
    if rows <= AN_OFFER_EACH:
        scenario = str(folder / "plan.yaml")
        each, whole_ = (
            _process(
                [sys.executable, "-c", f"from tests.speed.roster import {name}; {name}({scenario!r})"], most
            )
            for name, most in (("an_offer_each", None), ("all_of_file", 1.25 * FILE_SECONDS))
        )
        assert each is not None
        by_highs = (
            f"not ended after {FILE_SECONDS:.0f} s"
            if whole_ is None
            else f"{whole_.said}, {whole_.memory:,.0f} MB"
        )
        others = f"{', '.join(_shown(each))}; {by_highs}"
    return "".join(f"{cell:>10}" for cell in cells) + f"   {others}"


class _Spent(NamedTuple):
    """Seconds, processor seconds and peak memory (MB) of a process of its own; the last line that it said."""

    seconds: float
    processor: float
    memory: float
    said: str


def _shown(spent: _Spent) -> tuple[str, str, str]:
    return f"{spent.seconds:.1f}", f"{spent.processor:.1f}", f"{spent.memory:,.0f}"


def _process(command: list[str], most: float | None = None) -> _Spent | None:
    """Runs a command; None where it is not done after `most` seconds."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    ended = None if most is None else threading.Timer(most, process.kill)
    if ended is not None:
        ended.start()
    assert process.stdout is not None
    lines = process.stdout.read().splitlines()
    _, status, usage = os.wait4(process.pid, 0)
    if ended is not None:
        ended.cancel()
    if most is not None and status == signal.SIGKILL:
        return None
    assert status == 0, command
    seconds, processor = time.perf_counter() - began, usage.ru_utime + usage.ru_stime
    return _Spent(seconds, processor, usage.ru_maxrss / SCALE, lines[-1] if lines else "")


def only_read(path: str) -> None:
    """Reads a file of creators and no more."""
    read_roster(path, RosterFile(file=path), "USD")


def an_offer_each(path: str) -> None:
    """Plans a scenario with an offer for each row of its rosters."""
    from optimizer.flow import optimize
    from optimizer.load import load_scenario
    from optimizer.report import formats
    from optimizer.roster import expand

    expand.LARGE = sys.maxsize
    print(formats.text(optimize(load_scenario(path), draws=0)))


def all_of_file(path: str) -> None:
    """What HiGHS makes of all rows of a scenario's rosters, as one integer program of its own."""
    from optimizer.solve.large import as_roster
    from optimizer.solve.sieve import question_of

    question = question_of(_over_all_rows(path))
    asked = as_roster(question)
    assert not isinstance(asked, str), asked
    print(_said_of(asked.roster, question.gap, FILE_SECONDS))


def _over_all_rows(path: str) -> Program:
    """The program over all rows, before they are sifted."""
    from optimizer.load import load_scenario
    from optimizer.program.program import program_of
    from optimizer.solve import kept

    found: list[Program] = []
    sift = kept.sift

    def noting(program: Program, *others: Any) -> Sifted:
        found.append(program)
        return sift(program, *others)

    kept.sift = noting
    try:
        scenario = load_scenario(path)
    finally:
        kept.sift = sift
    return found[0] if found else program_of(scenario)


def write_roster(path: Path, rows: int) -> None:
    """Creators who do not exist, as a plain CSV file."""
    draw = random.Random(rows)
    with path.open("w", encoding="utf-8") as file:
        file.write("username,followers,fee,engagement rate,platform,country\n")
        for number in range(rows):
            followers = int(10 ** draw.gauss(4.4, 0.6))
            fee = followers * 0.012 * draw.lognormvariate(0, 0.5) + 20
            rate = 3 * draw.lognormvariate(0, 0.5) * (followers / 10_000) ** -0.1
            platform, country = draw.choice(("instagram", "tiktok")), draw.choice(("US", "DE", "IT", "GB"))
            file.write(f"creator_{number:07},{followers},{fee:.2f},{rate:.2f},{platform},{country}\n")


SCENARIO = """
objective: engagements
budget: 200_000
effort_hours: 4_000
rosters:
  - file: creators.csv
    defaults: {format: post, hours_per_creator: 6}
    offer: {posts_per_creator: {min: 1, max: 3}}
limits:
  - {measure: posts, max: 800}
"""
ROWS = (3_000, 10_000, 100_000, 1_000_000)
AN_OFFER_EACH = 10_000
"""Rows up to which each is made an offer, to see what that takes."""


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
    """What is said about HiGHS on a line, with the peak memory of this process."""
    said = _said_of(large(creators, limits), gap, SECONDS)
    print(f"{said}, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / SCALE:,.0f} MB")


def _said_of(roster: Roster, gap: float, seconds: float) -> str:
    """How long HiGHS takes for all of it, and how near it comes."""
    began, cpu = time.perf_counter(), time.process_time()
    truth = whole(roster, seconds, gap)
    spent, cpu = time.perf_counter() - began, time.process_time() - cpu
    if truth.value is None or truth.bound is None:
        return f"no plan in {spent:.0f} s"
    left = (truth.bound - truth.value) / abs(truth.value)
    return f"{spent:.1f} s, {cpu:.1f} of the processor, {truth.status.lower()}, gap {left:.1e}"


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
