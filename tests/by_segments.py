"""Random scenarios with segments and persons, and every integer plan of one, its reach counted by another formula."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Mapping
from typing import Any

from optimizer.program.program import Program

Plan = tuple[int, ...]
"""Creators of each package, in the order of the program's packages."""


def random_scenario(rng: random.Random, *, segments: int = 2, persons: bool = False) -> dict[str, Any]:
    """A small scenario that maximises reach within a budget."""
    names = [f"s{g}" for g in range(segments)]
    people = {name: float(rng.randint(40, 200) * 1000) for name in names}
    offers = []
    for number in range(rng.randint(2, 4)):
        cuts = sorted(rng.random() for _ in names)
        shares = [round(high - low, 3) for low, high in zip([0.0, *cuts], cuts, strict=False)]
        offer: dict[str, Any] = {
            "name": f"o{number}",
            "cost_per_post": float(rng.randint(50, 400)),
            "followers": float(rng.randint(5, 38) * 1000),
            "reach_rate": round(rng.uniform(0.2, 0.9), 2),
            "segments": dict(zip(names, shares, strict=True)),
            "creators": {"max": rng.randint(1, 3)},
        }
        if rng.random() < 0.4:
            offer["posts_per_creator"] = {"min": 1, "max": 2}
        if persons and number < 3:
            offer["person"] = "Kim Vale"
            offer["creators"] = {"max": 1}
        offers.append(offer)
    return {
        "budget": float(rng.randint(300, 1200)),
        "objective": "reach",
        "audience": {"segments": people, "overlap": rng.choice([0.05, 0.3, 0.6])},
        "offers": offers,
        "solver": {"gap": 0},
    }


def plans(program: Program) -> Iterator[Plan]:
    """Every plan that the rooms of the offers allow."""
    packages = program.packages
    most = [int(packages.room_max[o]) for o in packages.offer]
    for plan in itertools.product(*(range(n + 1) for n in most)):
        booked = [0] * len(packages.terms)
        for o, n in zip(packages.offer, plan, strict=True):
            booked[int(o)] += n
        rooms = zip(booked, packages.room_min, packages.room_max, strict=True)
        if all(low <= n <= high for n, low, high in rooms):
            yield plan


def cost_of(program: Program, plan: Plan) -> float:
    """What a plan costs, set-ups left out."""
    return math.fsum(n * float(c) for n, c in zip(plan, program.packages.measures["cost"], strict=False))


def reach_of(
    data: Mapping[str, Any], program: Program, plan: Plan, only: str | None = None, of: str = ""
) -> float:
    """People reached, from the meaning of the numbers: each segment's people missed by every booking that counts.

    Args:
        data: the scenario as plain values, every offer with its segments.
        program: for the order of packages and the fitted shapes.
        plan: creators of each package.
        only: a segment; all by default.
        of: an offer; all by default.
    """
    assert program.reach is not None
    total = 0.0
    for g, (name, people) in enumerate(data["audience"]["segments"].items()):
        if only not in (None, name):
            continue
        shape = program.reach.models[g].shape
        tendency = 0.0
        of_person: dict[str, float] = {}
        for p, n in enumerate(plan):
            offer = data["offers"][int(program.packages.offer[p])]
            if not n or of not in ("", offer["name"]):
                continue
            posts = int(program.packages.posts[p])
            alone = (
                offer["followers"]
                * offer["segments"].get(name, 0.0)
                * (1 - (1 - offer["reach_rate"]) ** posts)
            )
            share = alone / people
            z = -math.log(1 - share) if math.isinf(shape) else shape * ((1 - share) ** (-1 / shape) - 1)
            if "person" in offer:
                of_person[offer["person"]] = max(of_person.get(offer["person"], 0.0), z)
            else:
                tendency += n * z
        tendency += sum(of_person.values())
        missed = math.exp(-tendency) if math.isinf(shape) else (1 + tendency / shape) ** -shape
        total += people * (1 - missed)
    return total
