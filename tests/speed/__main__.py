"""`make bench`: how long things take, as whole processes and inside one process.

Whole processes are compared with a bare import of the same libraries in the same run, because seconds differ from
machine to machine and ratios do not. Best of several runs each. `python -m tests.speed frontier` runs one part.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
IMPORTS = "import pulp, numpy, pydantic, click, yaml, highspy"
SIZES = (6, 45, 150, 300, 900, 3000)


def best_of(runs: int, action: Callable[[], object]) -> float:
    """Shortest of several runs, in seconds."""
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        action()
        times.append(time.perf_counter() - began)
    return min(times)


def process(*command: str) -> Callable[[], object]:
    """A command to run to its end."""
    return lambda: subprocess.run(command, check=True, capture_output=True, cwd=ROOT)


def whole_processes() -> None:
    """`optimize` beside a bare import of what it uses."""
    optimize = str(Path(sys.executable).with_name("optimize"))
    cases = {
        f"python -c '{IMPORTS}'": process(sys.executable, "-c", IMPORTS),
        "optimize --help": process(optimize, "--help"),
        "optimize scenarios/quickstart.yaml": process(optimize, "scenarios/quickstart.yaml"),
        "optimize scenarios/launch-us.yaml": process(optimize, "scenarios/launch-us.yaml"),
        "optimize scenarios/quickstart.yaml --no-risk": process(
            optimize, "scenarios/quickstart.yaml", "--no-risk"
        ),
        "optimize scenarios/launch-us.yaml --no-risk": process(
            optimize, "scenarios/launch-us.yaml", "--no-risk"
        ),
    }
    best = dict.fromkeys(cases, float("inf"))
    for _ in range(9):  # in turn, so that a busy moment hits all alike
        for name, action in cases.items():
            best[name] = min(best[name], best_of(1, action))
    bare = best[next(iter(cases))]
    print(f"{'whole process, best of 9':58} {'ms':>7} {'ratio':>6}")
    for name, seconds in best.items():
        print(f"{name:58} {1000 * seconds:7.0f} {seconds / bare:6.2f}")


def one_process() -> None:
    """Load, build and solve at growing sizes."""
    import yaml

    from optimizer import load_scenario, optimize
    from optimizer.program.program import program_of
    from optimizer.solve.model import build_model
    from optimizer.solve.solver import solve
    from tests.speed.scenarios import scenario_data

    print(
        f"\n{'one process, whole creators':>28} {'load':>8} {'build':>8} {'solve':>8} {'optimize':>9}   status"
    )
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "scenario.yaml"
            path.write_text(yaml.safe_dump(scenario_data(size), sort_keys=False), encoding="utf-8")
            load = best_of(3, lambda path=path: load_scenario(path))  # type: ignore[misc]
            scenario = load_scenario(path)
        program = program_of(scenario)
        goal = scenario.objective[0]

        def build(program: object = program, goal: object = goal) -> object:
            return build_model(program, program.goal_values(goal), maximize=True, rows=program.rows)

        built = best_of(3, build)
        model = build()
        began = time.perf_counter()
        solve(model, solver="highs", gap=scenario.solver.gap, time_limit=60)
        solved = time.perf_counter() - began
        began = time.perf_counter()
        plan = optimize(scenario)
        whole = time.perf_counter() - began
        label = f"{program.packages.count} packages"
        proof = f"{plan.status}, gap {plan.objective.gap:.1e}"
        print(f"{label:>28} {load:7.3f}s {built:7.3f}s {solved:7.3f}s {whole:8.3f}s   {proof}")


def solves() -> None:
    """The solves of one plan: the best, the second opinion on it, the least cost, the fewest hours."""
    from optimizer import load_scenario, optimize
    from optimizer.solve import search
    from optimizer.solve.solver import SETTINGS
    from tests.speed.scenarios import scenario

    honest = search.solve
    names = ("best", "opinion", "less cost or hours")
    spent: dict[str, float] = {}

    def timed(model: object, **options: object) -> object:
        lean = options["max_nodes"] is not None and options["setting"] is SETTINGS[0]
        name = names[2] if lean else names[0] if options["setting"] is SETTINGS[0] else names[1]
        solution = honest(model, **options)  # type: ignore[arg-type]
        spent[name] = spent.get(name, 0.0) + solution.seconds
        return solution

    print(
        f"\n{'solves of one plan, seconds, best of 3':58} {'best':>7} {'opinion':>8} {'lean':>7} {'all / best':>11}"
    )
    cases = {name: load_scenario(ROOT / "scenarios" / f"{name}.yaml") for name in ("quickstart", "launch-us")}
    cases |= {f"{size} packages": scenario(size) for size in SIZES[2:]}
    search.solve = timed  # type: ignore[assignment]
    try:
        for label, case in cases.items():
            runs = []
            for _ in range(3):
                spent.clear()
                optimize(case)
                runs.append(tuple(spent.get(name, 0.0) for name in names))
            best, opinion, lean = min(runs)
            print(f"{label:58} {best:7.3f} {opinion:8.3f} {lean:7.3f} {(best + lean) / best:11.1f}")
    finally:
        search.solve = honest


def explanations() -> None:
    """`optimize explain` as a whole process, every section; and the explanation of 300 packages."""
    from concurrent.futures import ProcessPoolExecutor

    from optimizer.whatif.explain.explain import explain
    from tests.speed.scenarios import scenario

    optimize = str(Path(sys.executable).with_name("optimize"))
    print("\nexplain, every section, two processes")
    for name in ("quickstart", "launch-us"):
        seconds = best_of(2, process(optimize, "explain", f"scenarios/{name}.yaml", "--jobs", "2"))
        print(f"{'optimize explain scenarios/' + name + '.yaml':58} {seconds:7.1f}s")
    for sections, limit in (
        (("prices", "rules"), None),
        (("prices", "rules", "negotiation", "tipping"), 300.0),
    ):
        began = time.perf_counter()
        with ProcessPoolExecutor(2) as executor:
            found = explain(scenario(300), sections=sections, executor=executor, time_limit=limit)  # type: ignore[arg-type]
        seconds = time.perf_counter() - began
        what = f"300 packages, {' and '.join(sections) if limit is None else f'every section, at most {limit:g} s'}"
        print(f"{what:58} {seconds:7.1f}s   {found.unsettled} questions not settled")


def frontiers() -> None:
    """A frontier of 200 points, and 1,000 re-solves of a small scenario, on one process and on two."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    from optimizer import load_scenario
    from optimizer.finance.frontier.frontier import frontier

    print(f"\n{'frontier, every point to gap 0':58} {'points':>7} {'seconds':>8} {'points/s':>9}")
    for name, over in (
        ("launch-us", "budget=20_500:120k:500"),
        ("quickstart", "budget=20_020:40k:20"),
    ):
        scenario = load_scenario(ROOT / "scenarios" / f"{name}.yaml")
        for processes in (1, 2):
            began = time.perf_counter()
            if processes == 1:
                found = frontier(scenario, over)
            else:
                with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as executor:
                    found = frontier(scenario, over, executor=executor)
            seconds = time.perf_counter() - began
            label = f"{name} --over {over}, {processes} process{'es' if processes > 1 else ''}"
            count = len(found.points)
            print(f"{label:58} {count:7} {seconds:8.1f} {count / seconds:9.1f}")


def draws() -> None:
    """What a plan may come to: ten thousand cases, nothing kept from before. The goal is half a second."""
    from optimizer import load_scenario, optimize
    from optimizer.plan.simulated import risk_of
    from optimizer.program.draws import forget
    from optimizer.solve.ready import ready

    print(f"\n{'what a plan may come to, best of 5':58} {'seconds':>8}")
    for name in ("launch-us", "quickstart"):
        scenario = load_scenario(ROOT / "scenarios" / f"{name}.yaml")
        plan = optimize(scenario, draws=0)

        def drawn(scenario: object = scenario, plan: object = plan) -> None:
            forget()
            risk_of(ready(scenario), plan)  # type: ignore[arg-type]

        print(f"{f'10,000 draws of {name}':58} {best_of(5, drawn):8.3f}")


def dependable() -> None:
    """Plans with a confidence beside plain ones."""
    from tests.speed.dependable import dependables

    dependables()


def rosters_by_prices() -> None:
    """Very large rosters, beside the solver over all of them."""
    from tests.speed.roster import files, rosters

    files()
    rosters()


def learning() -> None:
    """Learning from 100,000 results after reading, of 3,000 creators and of as many creators as results."""
    from optimizer.learning.learn import learn
    from tests.speed.many_results import made_results

    print("learning from 100,000 results, after reading, best of 3")
    for creators in (3_000, 100_000):
        results = made_results(100_000, creators)
        seconds = best_of(3, lambda results=results: learn(results))
        print(f"  {creators:>7,} creators {seconds:8.2f} s")


def on_a_cluster() -> None:
    """Passes over very large rosters by Dask workers."""
    from tests.speed.spread import spread

    spread()


def reach() -> None:
    """Most reach over segments of the audience beside one."""
    from tests.speed.reach import reaches

    reaches()


def results() -> None:
    """Reading files of results."""
    from tests.speed.results import reading

    reading()


PARTS = {
    "processes": whole_processes, "sizes": one_process, "solves": solves, "explain": explanations,
    "frontier": frontiers, "draws": draws, "dependable": dependable, "reach": reach,
    "roster": rosters_by_prices, "spread": on_a_cluster, "results": results, "learning": learning,
}  # fmt: skip

if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()
