"""True reach of plans that were chosen by overlaps of pairs, beside the most that any plan could truly reach.

Made-up audiences of three kinds stand for those nobody has seen: `blocks` of people with one interest and different
zeal, `power` laws of followings and zeal over a plane of interests, and `copied` followings, of creators whose
followers were mostly some other creator's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import highspy
import numpy as np

from optimizer import Scenario, optimize
from tests.quiet_highs import quiet_highs

Audiences = Mapping[str, set[int]] | Mapping[str, set[str]]
PEOPLE = 20_000
SAME_PRICE = {"davis": (1, 2, 3, 5), "facebook100": (3, 8, 20, 50)}
"""Creators that are paid, where all cost the same."""
PARTS = (0.06, 0.1, 0.3, 0.6)
"""Budgets as parts of what all creators cost together, where prices differ."""
GAP = 1e-4


@dataclass(frozen=True)
class Score:
    """A chosen plan: creators, budget, estimated and true reach, and the most that no plan truly exceeds."""

    creators: int
    budget: float
    estimated: float
    true: int
    most: float
    status: str


def true_reach(audiences: Audiences, plan: list[str]) -> int:
    """Different people in some creators' audiences."""
    return len(set().union(*(audiences[name] for name in plan)))


def most_reach(audiences: Audiences, prices: list[float], budget: float) -> float:
    """A bound on the true reach of every plan within a budget, from a program over groups of people, to `GAP`."""
    of_person: dict[int | str, list[int]] = {}
    for creator, members in enumerate(audiences.values()):
        for person in members:
            of_person.setdefault(person, []).append(creator)
    groups = Counter(tuple(creators) for creators in of_person.values())
    solver = quiet_highs()
    solver.setOptionValue("mip_rel_gap", GAP)
    solver.setOptionValue("time_limit", 60.0)
    solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
    count, infinite = len(prices), highspy.kHighsInf
    for creator in range(count):
        solver.addVar(0, 1)
        solver.changeColIntegrality(creator, highspy.HighsVarType.kInteger)
    solver.addRow(-infinite, budget, count, np.arange(count, dtype=np.int32), np.array(prices))
    for number, (creators, people) in enumerate(groups.items(), count):
        solver.addVar(0, 1)
        solver.changeColCost(number, people)
        row = np.array([number, *creators], dtype=np.int32)
        solver.addRow(-infinite, 0, len(row), row, np.array([1.0] + [-1.0] * len(creators)))
    solver.run()
    return float(solver.getInfo().mip_dual_bound)


def varied_prices(audiences: Audiences) -> list[float]:
    """Prices that rise with the audience, some twice and some half of what that would be."""
    rng = np.random.default_rng(7)
    return [round(20 + len(members) * float(rng.lognormal(0, 0.5)), 2) for members in audiences.values()]


def scenario(
    audiences: Audiences, people: float, prices: list[float], budget: float, segments: int | None = None
) -> Scenario:
    """Most reach for a budget, told sizes and overlaps of pairs only; `segments` is their number, if not chosen."""
    names = list(audiences)
    pairs = [
        (a, b, len(set(audiences[a]) & set(audiences[b]))) for i, a in enumerate(names) for b in names[:i]
    ]
    return Scenario(
        budget=budget,
        objective="reach",
        audience={"people": people, "overlaps": {"unit": "people", "pairs": pairs, "segments": segments}},
        offers=[
            {
                "name": name,
                "cost_per_post": price,
                "followers": len(audiences[name]),
                "reach_rate": 1,
                "creators": {"max": 1},
            }
            for name, price in zip(names, prices, strict=True)
        ],
    )


def score(
    audiences: Audiences, people: float, prices: list[float], budget: float, segments: int | None = None
) -> Score:
    """Choose a plan by pairs, and count what it truly reaches."""
    plan = optimize(scenario(audiences, people, prices, budget, segments), draws=0)
    true = true_reach(audiences, [line.offer for line in plan.lines])
    most = most_reach(audiences, prices, budget)
    return Score(len(plan.lines), budget, plan.totals.reach or 0.0, true, most, plan.status)


def scores(name: str, audiences: Audiences, people: float, every: int = 1) -> Iterator[tuple[str, Score]]:
    """Eight budgets of one real data set, with equal and with different prices; or every second or fourth of them."""
    prices = varied_prices(audiences)
    cases = [("equal", [1.0] * len(audiences), float(count)) for count in SAME_PRICE.get(name, (1, 2, 4, 8))]
    cases += [("varied", prices, part * sum(prices)) for part in PARTS]
    for kind, of_each, budget in cases[every - 1 :: every]:
        yield kind, score(audiences, people, of_each, budget)


def print_scores(name: str, audiences: Audiences, people: float) -> None:
    """A table of them."""
    print(f"\n{name}: plans chosen by overlaps of pairs, {people:,.0f} people")
    print(f"{'prices':>8} {'budget':>10} {'creators':>8} {'true reach':>10} {'of most':>8} {'estimate':>9}")
    for prices, one in scores(name, audiences, people):
        print(f"{prices:>8} {one.budget:10,.0f} {one.creators:8} {one.true:10,} {100 * one.true / one.most:7.1f}% "
              f"{100 * (one.estimated / one.true - 1):+8.1f}%")  # fmt: skip


# --- audiences nobody has seen ------------------------------------------------------------------------------


def blocks(creators: int, seed: int) -> dict[str, set[int]]:
    """Followers come mostly from a creator's own of twelve blocks, the zealous ones first."""
    rng = np.random.default_rng(seed)
    size = rng.dirichlet(np.full(12, 2.0))
    block = rng.choice(12, PEOPLE, p=size)
    zeal = rng.gamma(2.0, 0.5, PEOPLE)
    found = {}
    for number in range(creators):
        home = rng.choice(12, p=size)
        followers = PEOPLE * min(0.2, 0.004 * float(rng.pareto(1.2) + 1))
        elsewhere = rng.choice([0.01, 0.05, 0.2]) * rng.random(12)[block]
        weight = np.where(block == home, 1.0, elsewhere) * zeal
        weight *= min(followers, 0.6 * float(np.sum(block == home))) / np.sum(weight)
        found[f"c{number:03d}"] = _drawn(rng, np.minimum(weight, 0.9))
    return found


def power(creators: int, seed: int) -> dict[str, set[int]]:
    """Followers come from around a creator's place on a plane; zeal and followings are power laws."""
    rng = np.random.default_rng(seed)
    place, zeal = rng.random((PEOPLE, 2)), rng.pareto(1.5, PEOPLE) + 0.3
    found = {}
    for number in range(creators):
        away = np.abs(place - rng.random(2))
        away = np.minimum(away, 1 - away)
        near = np.exp(-np.sum(away**2, axis=1) / (2 * rng.choice([0.05, 0.12, 0.3]) ** 2))
        followers = min(0.25 * PEOPLE, PEOPLE * 0.003 * (rng.pareto(1.1) + 1))
        weight = near * zeal
        found[f"c{number:03d}"] = _drawn(rng, 1 - np.exp(-1.3 * followers * weight / np.sum(weight)))
    return found


def copied(creators: int, seed: int) -> dict[str, set[int]]:
    """Seven in ten creators have followers who follow one creator before them, and some others."""
    rng = np.random.default_rng(seed)
    found: list[set[int]] = []
    for _ in range(creators):
        size = int(min(0.2 * PEOPLE, PEOPLE * 0.003 * (rng.pareto(1.1) + 1))) + 5
        members: set[int] = set()
        if found and rng.random() < 0.7:
            base = np.array(sorted(found[rng.integers(len(found))]))
            taken = min(len(base), int(size * rng.uniform(0.2, 0.9)))
            members = set(rng.choice(base, taken, replace=False).tolist())
        while len(members) < size:
            members |= set(rng.integers(0, PEOPLE, size - len(members)).tolist())
        found.append(members)
    return {f"c{number:03d}": members for number, members in enumerate(found)}


def _drawn(rng: np.random.Generator, chance: np.ndarray) -> set[int]:
    members = np.flatnonzero(rng.random(PEOPLE) < chance)
    return set((members if len(members) >= 5 else rng.choice(PEOPLE, 5, replace=False)).tolist())


KINDS = {"blocks": blocks, "power": power, "copied": copied}
