"""No plan, in random scenarios: the limits named are a smallest set that conflicts, and every way out works."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

from optimizer import InfeasibleError, Scenario, optimize
from optimizer.infeasible import smallest_change
from optimizer.language.errors import WayOut
from optimizer.program.levers import LimitLever, limit_levers
from optimizer.program.program import program_of
from tests.builders import Data
from tests.changes import best_by_counting, changed, same
from tests.enumeration import World
from tests.more import more
from tests.random_scenarios import random_scenario

SEEDS = range(more(70, 300))
FEW = 250
"""Scenarios with more plans than that are left out: they take long to count."""


def tightened(seed: int) -> Data | None:
    """A random scenario with tighter limits and more bookings; None where it is large or has an offer without end."""
    data = random_scenario(seed)
    if not all("max" in each["creators"] for each in data["offers"]) or World(data).size > FEW:
        return None
    rng = np.random.default_rng(seed)
    for cap in ("budget", "effort_hours"):
        if cap in data:
            data[cap] = float(f"{data[cap] * rng.uniform(0.3, 0.9):.4g}")
    for limit in data["limits"]:
        both = "min" in limit and "max" in limit
        for side, factor in (("min", 1.6), ("max", 0.5)):
            if side not in limit or rng.random() < 0.4:
                continue
            value = limit[side]
            if isinstance(value, str):
                share, _, of = value.partition("% of ")
                limit[side] = f"{min(100.0, float(share) * factor):.4g}% of {of}"
            elif not both:
                whole = limit["measure"] in ("creators", "posts")
                limit[side] = round(value * factor) if whole else float(f"{value * factor:.4g}")
    for each in data["offers"]:
        if rng.random() < 0.3:
            each["creators"]["min"] = 1
    return data


def refused(data: Data) -> InfeasibleError:
    with pytest.raises(InfeasibleError) as caught:
        optimize(Scenario.model_validate(data))
    return caught.value


@cache
def random_conflicts() -> list[tuple[int, Data, InfeasibleError]]:
    found = []
    for seed in SEEDS:
        data = tightened(seed)
        if data is None or World(data).solve().feasible:
            continue
        found.append((seed, data, refused(data)))
    return found


def members_of(data: Data, error: InfeasibleError) -> list[Any]:
    """The conflict as rules and bookings of the enumerated world."""
    names = [rule.name for rule in program_of(Scenario.model_validate(data)).rules]
    return [
        ("booking", each.path[1]) if each.path[0] == "offers" else names.index(each.name)
        for each in error.conflict
    ]


def assert_smallest(data: Data, error: InfeasibleError) -> None:
    members = members_of(data, error)
    assert members
    assert error.minimal
    assert not World(data, members).solve().feasible, "these alone leave a plan"
    for member in members:
        rest = [m for m in members if m != member]
        assert World(data, rest).solve().feasible, (
            f"{error.conflict[members.index(member)].text} is not needed"
        )


def turned_of(data: Data) -> dict[str, LimitLever]:
    return {lever.written: lever for lever in limit_levers(program_of(Scenario.model_validate(data)))}


def one_step_less(data: Data, way: WayOut) -> Data:
    """The change of a way out but for one step."""
    ((path, value),) = way.changes.items()
    lever = turned_of(data)[path]
    number = float(value.partition("%")[0]) / 100 if isinstance(value, str) else float(str(value))
    (less,) = lever.change(number - lever.relaxing * smallest_change.step_of(lever)).values()
    return changed(data, {path: less})


def assert_ways_work(data: Data, error: InfeasibleError) -> Iterator[str]:
    """Each way out is counted; yields what sorts there were."""
    assert error.ways_out
    assert any(way.possible for way in error.ways_out), "there is always a way"
    assert len({way.text for way in error.ways_out}) == len(error.ways_out)
    order = [way.possible for way in error.ways_out]
    assert order == sorted(order, reverse=True), "those that help come first"
    for way in error.ways_out:
        if not way.possible:
            assert (dict(way.changes), way.value, way.result) == ({}, None, "")
            continue
        loose = changed(data, way.changes)
        best = best_by_counting(loose)
        assert best is not None, f"{way.text} does not help"
        assert same(way.value, best), way.text
        assert way.result
        if len(way.changes) == 1:
            assert best_by_counting(one_step_less(data, way)) is None, f"less than {way.text} helps as well"
            yield "single " + (
                "booking" if "creators.min" in str(way.changes) else next(iter(way.changes))[:6]
            )
        else:
            for path in way.changes:
                fewer = {key: value for key, value in way.changes.items() if key != path}
                assert best_by_counting(changed(data, fewer)) is None, f"{path} need not change in {way.text}"
            yield "joint"
    helping = [way for way in error.ways_out if way.possible]
    alone = {path for way in helping if len(way.changes) == 1 for path in way.changes}
    for way in helping:
        if len(way.changes) > 1:
            assert not alone & set(way.changes), "what helps alone needs no company"
    yield from assert_the_others_cannot_help(data, error)


def assert_the_others_cannot_help(data: Data, error: InfeasibleError) -> Iterator[str]:
    """What is said not to help alone does not, not even taken away altogether.

    Except for shares of a total that is negative, where no share is as good as none.
    """
    said = {way.text for way in error.ways_out if not way.possible}
    for each in error.conflict:
        if f"changing {each.name} alone does not help" not in said:
            continue
        if each.path[0] == "offers":
            gone: Data | None = changed(data, {f"offers[{each.path[1]}].creators.min": 0})
        elif "profit" in each.text or "samples" in each.text:
            gone = None
        elif each.path[0] == "limits":
            gone = changed(data, {f"limits[{each.path[1]}]": None})
        else:
            rests = any(f"of {each.path[0]}" in str(limit) for limit in data["limits"])
            gone = None if rests else changed(data, {str(each.path[0]): None})
        assert gone is None or best_by_counting(gone) is None, f"without {each.text} there is a plan"
        yield "hopeless"


def test_random_conflicts_are_smallest_sets() -> None:
    found = random_conflicts()
    assert len(found) >= 30
    for _, data, error in found:
        assert_smallest(data, error)


def test_every_way_out_of_a_random_conflict_works_and_one_step_less_does_not() -> None:
    met: Counter[str] = Counter()
    for _, data, error in random_conflicts():
        met.update(assert_ways_work(data, error))
    for sort in ("single booking", "single limits", "single budget", "single effort", "joint", "hopeless"):
        assert met[sort] >= 1, (sort, met)


def test_random_conflicts_can_be_written_as_json() -> None:
    for _, _, error in random_conflicts():
        record = json.loads(json.dumps(error.record()))
        assert record["status"] == "infeasible"
        assert [each["name"] for each in record["conflict"]] == [each.name for each in error.conflict]
        assert [way["value"] for way in record["ways_out"]] == [way.value for way in error.ways_out]


def test_the_random_conflicts_are_about_every_kind_of_limit() -> None:
    met: Counter[str] = Counter()
    for _, data, error in random_conflicts():
        world = World(data)
        for member in members_of(data, error):
            met["booking" if isinstance(member, tuple) else world.rules[member].kind] += 1
        met.update("set-up" for each in data["offers"] if "setup_cost" in each)
    for start in (
        "booking", "sum", "sum % of budget", "sum % of a total", "sum per creator", "ratio", "reach", "set-up",
    ):  # fmt: skip
        assert any(kind.startswith(start) for kind in met), (start, met)
