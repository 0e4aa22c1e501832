"""How well the reach model estimates real audiences: `python -m tests.measure_reach FOLDER`.

The folder holds `NAME_audience.csv` (columns creator, audience_member) and `NAME_truth.json` with the
number of all people as `universe`. Plans are drawn at random; their true reach is counted and compared with estimates:

    independence       audiences overlap as chance has it
    one overlap        the average overlap of all pairs is known
    10, 20, 30 segments, chosen    the overlap of every pair is known, and segments are fitted to them
    in bounds          chosen, and moved to the nearest bound where it lies beyond what sizes and pairs allow

With `--plans` plans are chosen by overlaps of pairs instead, and scored by the most that any plan truly reaches. With
`--known 30%` only such a part of the pairs is known to the segments, drawn at random.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np

from optimizer.language.quantities import parse_number
from optimizer.program.latent import Latent, fit_latent
from optimizer.program.reach import ReachModel, fit
from optimizer.program.union_bounds import Bounds, union_bounds
from tests.chosen_reach import print_scores

PLAN_SIZES = (2, 3, 5, 10, 20)
COUNTS = (10, 20, 30)
PLANS_PER_SIZE = 1000
SEED = 2002


def read_audiences(path: Path) -> dict[str, set[str]]:
    """Members of each creator's audience."""
    audiences: dict[str, set[str]] = defaultdict(set)
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            audiences[row["creator"]].add(row["audience_member"])
    return dict(sorted(audiences.items()))


def average_overlap(audiences: dict[str, set[str]]) -> float:
    """Shared people of all pairs / people of the smaller audience of all pairs."""
    members = list(audiences.values())
    shared = smaller = 0
    for i, one in enumerate(members):
        for other in members[:i]:
            shared += len(one & other)
            smaller += min(len(one), len(other))
    return shared / smaller


def random_plans(audiences: dict[str, set[str]], size: int, count: int) -> list[list[str]]:
    """Random plans of `size` creators; the same for the same arguments."""
    rng = np.random.default_rng((SEED, size))
    names = list(audiences)
    return [sorted(names[i] for i in rng.choice(len(names), size, replace=False)) for _ in range(count)]


def estimate(model: ReachModel, sizes: list[int]) -> float:
    """Reach of a plan of whole audiences under a model."""
    return float(model.reached(float(np.sum(model.index(np.array(sizes, dtype=float))))))


class Pairs:
    """What an export of overlaps says of a data set, and estimates by it."""

    def __init__(self, people: float, audiences: dict[str, set[str]], known: float) -> None:
        self.people, self.names = people, list(audiences)
        members = list(audiences.values())
        self.sizes = np.array([len(m) for m in members], dtype=float)
        shared = np.array([[float(len(one & other)) for other in members] for one in members])
        drawn = np.triu(np.random.default_rng(SEED).random(shared.shape) < known, 1)
        self.shared = np.where(drawn | drawn.T, shared, np.nan)

    def fitted(self, count: int | None = None) -> Latent:
        """Segments, so many or chosen."""
        return fit_latent(self.people, self.names, self.sizes, self.shared, count)

    def estimate(self, found: Latent, plan: list[str]) -> float:
        """Reach of whole audiences by segments."""
        at = [self.names.index(name) for name in plan]
        people = found.segments.people
        follows = found.segments.shares[at] * self.sizes[at, None] / people
        return float(np.sum(people * (1 - np.prod(1 - follows, axis=0))))

    def bounds(self, plan: list[str]) -> Bounds:
        """Bounds of the reach of whole audiences."""
        at = [self.names.index(name) for name in plan]
        return union_bounds(self.people, self.sizes[at], self.shared[np.ix_(at, at)])


def main() -> None:
    """Print one table per data set."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, help="print so many plans per size as JSON, for a test")
    parser.add_argument("--known", type=parse_number, default=1.0, help="share of the pairs that is known")
    parser.add_argument("--plans", action="store_true", help="score plans chosen by overlaps")
    arguments = parser.parse_args()
    for path in sorted(arguments.folder.glob("*_audience.csv")):
        name = path.name.removesuffix("_audience.csv")
        people = json.loads((path.parent / f"{name}_truth.json").read_text(encoding="utf-8"))["universe"]
        audiences = read_audiences(path)
        if arguments.sample:
            _print_sample(people, audiences, arguments.sample)
        elif arguments.plans:
            print_scores(name, audiences, people)
        else:
            _print_table(name, people, audiences, arguments.known)


def _print_sample(people: float, audiences: dict[str, set[str]], count: int) -> None:
    sizes = [len(members) for members in audiences.values()]
    plans = [p for size in PLAN_SIZES if size < len(sizes) for p in random_plans(audiences, size, count)]
    sample = [[_true_reach(audiences, p), *(len(audiences[n]) for n in p)] for p in plans]
    print(
        json.dumps(
            {"people": people, "overlap": average_overlap(audiences), "audiences": sizes, "plans": sample}
        )
    )


def _print_table(name: str, people: float, audiences: dict[str, set[str]], known: float) -> None:
    overlap = average_overlap(audiences)
    sizes = [len(members) for members in audiences.values()]
    fitted = fit(people, sizes, [1] * len(sizes), overlap)
    alone = ReachModel(people, math.inf, None, None)
    pairs = Pairs(people, audiences, known)
    start = time.process_time()
    chosen = pairs.fitted()
    seconds = time.process_time() - start
    print(f"\n{name}: {len(sizes)} creators, {people:,} people, average overlap {100 * overlap:.1f} %, "
          f"chance {100 * (fitted.chance or 0):.1f} %, fitted shape {fitted.shape:.4g}")  # fmt: skip
    segments = {f"{n} segments": pairs.fitted(n) for n in COUNTS} | {"chosen": chosen}
    for label, found in segments.items():
        held_out = "" if found.held_out is None else f", of pairs held out {100 * found.held_out:.1f} %"
        print(
            f"{label}: {len(found.segments.people)} segments, error of overlaps {100 * found.error:.1f} %{held_out}"
        )
    print(f"choosing and fitting took {seconds:.1f} s of one processor")
    models: dict[str, Callable[[list[str]], float]] = {
        "independence": lambda plan: estimate(alone, [len(audiences[n]) for n in plan]),
        "one overlap": lambda plan: estimate(fitted, [len(audiences[n]) for n in plan]),
    }
    for label, found in segments.items():
        models[label] = lambda plan, found=found: pairs.estimate(found, plan)
    models["in bounds"] = lambda plan: pairs.bounds(plan).nearest(pairs.estimate(chosen, plan))
    models["lower bound"] = lambda plan: pairs.bounds(plan).low
    models["upper bound"] = lambda plan: pairs.bounds(plan).high
    print(f"error of estimated reach, {PLANS_PER_SIZE} random plans per size, in %")
    print(f"{'creators':>8} {'model':>12} {'median':>8} {'p5':>8} {'p95':>8} {'median |e|':>11} {'rms':>7}")
    pooled: dict[str, list[float]] = {label: [] for label in models}
    for size in [size for size in PLAN_SIZES if size < len(sizes)]:
        plans = random_plans(audiences, size, PLANS_PER_SIZE)
        true = [_true_reach(audiences, plan) for plan in plans]
        for label, model in models.items():
            errors = [model(plan) / reach - 1 for plan, reach in zip(plans, true, strict=True)]
            pooled[label] += errors
            _print_errors(str(size), label, errors)
    for label, errors in pooled.items():
        _print_errors("all", label, errors)


def _true_reach(audiences: dict[str, set[str]], plan: list[str]) -> int:
    return len(set().union(*(audiences[name] for name in plan)))


def _print_errors(size: str, label: str, errors: list[float]) -> None:
    e = 100 * np.array(errors)
    low, high = np.quantile(e, [0.05, 0.95])
    print(f"{size:>8} {label:>12} {np.median(e):8.1f} {low:8.1f} {high:8.1f} "
          f"{np.median(np.abs(e)):11.1f} {np.sqrt(np.mean(e**2)):7.1f}")  # fmt: skip


if __name__ == "__main__":
    main()
