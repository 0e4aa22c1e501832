"""How well the reach model estimates real audiences: `python -m tests.measure_reach FOLDER`.

The folder holds `NAME_audience.csv` (columns creator, audience_member) and `NAME_truth.json` with the
number of all people as `universe`. Plans are drawn at random; their true reach is counted and compared with
two estimates: one that takes audiences as independent, and the fitted model, which knows the average overlap
and nothing else.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
from collections import defaultdict
from pathlib import Path

import numpy as np

from optimizer.program.reach import ReachModel, fit

PLAN_SIZES = (2, 3, 5, 10, 20)
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


def main() -> None:
    """Print one table per data set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, help="print so many plans per size as JSON, for a test")
    arguments = parser.parse_args()
    for path in sorted(arguments.folder.glob("*_audience.csv")):
        name = path.name.removesuffix("_audience.csv")
        people = json.loads((path.parent / f"{name}_truth.json").read_text(encoding="utf-8"))["universe"]
        audiences = read_audiences(path)
        overlap = average_overlap(audiences)
        sizes = [len(members) for members in audiences.values()]
        fitted = fit(people, sizes, [1] * len(sizes), overlap)
        alone = ReachModel(people, math.inf, None, None)
        plan_sizes = [size for size in PLAN_SIZES if size < len(sizes)]
        if arguments.sample:
            plans = [p for size in plan_sizes for p in random_plans(audiences, size, arguments.sample)]
            sample = [[_true_reach(audiences, p), *(len(audiences[n]) for n in p)] for p in plans]
            print(json.dumps({"people": people, "overlap": overlap, "audiences": sizes, "plans": sample}))
            continue
        print(f"\n{name}: {len(sizes)} creators, {people:,} people, average overlap {100 * overlap:.1f} %, "
              f"chance {100 * (fitted.chance or 0):.1f} %, fitted shape {fitted.shape:.4g}")  # fmt: skip
        print(f"error of estimated reach, {PLANS_PER_SIZE} random plans per size, in %")
        print(
            f"{'creators':>8} {'model':>12} {'median':>8} {'p5':>8} {'p95':>8} {'median |e|':>11} {'rms':>7}"
        )
        pooled: dict[str, list[float]] = {"independence": [], "fitted": []}
        for size in plan_sizes:
            plans = random_plans(audiences, size, PLANS_PER_SIZE)
            for label, model in (("independence", alone), ("fitted", fitted)):
                errors = [
                    estimate(model, [len(audiences[n]) for n in p]) / _true_reach(audiences, p) - 1
                    for p in plans
                ]
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
