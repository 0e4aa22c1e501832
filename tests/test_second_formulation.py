"""Random scenarios against another model of them, written for HiGHS directly with one column per creator."""

from __future__ import annotations

import math

import highspy
import numpy as np
import pytest

from optimizer import optimize, parse_scenario
from optimizer.language.errors import InfeasibleError
from optimizer.scenario.scenario import Scenario
from tests.programs import needs_cbc
from tests.quiet_highs import quiet_highs


def random_case(seed: int):
    """Prices, worth, hours, room and posts of some offers, and the limits they are under."""
    rng = np.random.default_rng(seed)
    offers = int(rng.integers(2, 7))
    return {
        "cost": rng.integers(20, 900, offers),
        "worth": rng.integers(5, 400, offers),
        "hours": rng.integers(1, 12, offers),
        "setup": np.where(rng.random(offers) < 0.3, rng.integers(50, 400, offers), 0),
        "low": np.where(rng.random(offers) < 0.2, 1, 0),
        "high": rng.integers(1, 9, offers),
        "posts": rng.integers(1, 4, offers),
        "decay": float(rng.choice([0.0, 0.25, 0.5])),
        "budget": int(rng.integers(1500, 8000)),
        "limit_hours": int(rng.integers(30, 150)),
        "share": float(rng.choice([0.2, 0.4, 0.6])),
        "floor": int(rng.integers(0, 6)),
    }


def scenario_of(case) -> Scenario:
    lines = [
        "objective: engagements\nsolver: {gap: 0}",
        f"budget: {case['budget']}\neffort_hours: {case['limit_hours']}",
        "offers:",
    ]
    for o in range(len(case["cost"])):
        setup = f", setup_cost: {case['setup'][o]}" if case["setup"][o] else ""
        lines.append(
            f"  - {{name: o{o}, platform: {'x' if o % 2 else 'instagram'}, cost_per_post: {case['cost'][o]}, "
            f"engagements_per_post: {case['worth'][o]}, hours_per_creator: {case['hours'][o]}, "
            f"repeat_decay: {case['decay']}, posts_per_creator: {{min: 1, max: {case['posts'][o]}}}, "
            f"creators: {{min: {case['low'][o]}, max: {case['high'][o]}}}{setup}}}"
        )
    lines.append("limits:")
    lines.append(f"  - {{measure: cost, where: {{platform: x}}, max: {case['share']} of cost}}")
    lines.append(f"  - {{measure: posts, where: {{platform: instagram}}, min: {case['floor']}}}")
    return parse_scenario("\n".join(lines))


def second_formulation(case) -> float | None:
    """The same by hand: one yes/no column per creator and number of posts, in HiGHS directly, maximising."""
    highs = quiet_highs()
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.setOptionValue("mip_feasibility_tolerance", 1e-9)
    objective, cost, hours, share, posts = [], [], [], [], []
    rooms: list[tuple[list[int], int, int]] = []
    switches: list[tuple[int, list[int]]] = []

    def column(gain: float, price: float, time: float, on_x: bool, made: int) -> int:
        objective.append(gain)
        cost.append(price)
        hours.append(time)
        share.append(price * ((1 if on_x else 0) - case["share"]))
        posts.append(0 if on_x else made)
        return len(objective) - 1

    for o in range(len(case["cost"])):
        on_x = o % 2 == 1
        mine = []
        for _creator in range(case["high"][o]):
            one = []
            for k in range(1, case["posts"][o] + 1):
                gain = case["worth"][o] * sum((1 - case["decay"]) ** j for j in range(k))
                one.append(column(gain, case["cost"][o] * k, case["hours"][o], on_x, k))
            rooms.append((one, 0, 1))
            mine += one
        rooms.append((mine, case["low"][o], case["high"][o]))
        if case["setup"][o]:
            switches.append((column(0.0, case["setup"][o], 0.0, on_x, 0), mine))
    for gain in objective:
        highs.addCol(gain, 0.0, 1.0, 0, [], [])
    for index in range(len(objective)):
        highs.changeColIntegrality(index, highspy.HighsVarType.kInteger)
    highs.changeObjectiveSense(highspy.ObjSense.kMaximize)

    def row(low: float, high: float, terms: dict[int, float]) -> None:
        highs.addRow(low, high, len(terms), list(terms), [float(v) for v in terms.values()])

    row(-math.inf, case["budget"], dict(enumerate(cost)))
    row(-math.inf, case["limit_hours"], dict(enumerate(hours)))
    row(-math.inf, 0.0, dict(enumerate(share)))
    row(case["floor"], math.inf, dict(enumerate(posts)))
    for members, low, high in rooms:
        row(low, high, dict.fromkeys(members, 1.0))
    for switch, members in switches:  # paid exactly where used, so that it cannot be bought to raise a total
        row(-math.inf, 0.0, {switch: 1.0} | dict.fromkeys(members, -1.0))
        for member in members:
            row(-math.inf, 0.0, {member: 1.0, switch: -1.0})
    highs.run()
    if highs.modelStatusToString(highs.getModelStatus()) != "Optimal":
        return None
    return highs.getObjectiveValue()


@pytest.mark.parametrize("seed", range(30))
def test_a_second_formulation_has_the_same_optimum(seed: int) -> None:
    case = random_case(seed)
    expected = second_formulation(case)
    if expected is None:
        with pytest.raises(InfeasibleError):
            optimize(scenario_of(case))
        return
    plan = optimize(scenario_of(case))
    assert plan.status == "optimal"
    assert plan.objective.value == pytest.approx(expected, rel=1e-9)
    assert plan.objective.bound >= plan.objective.value


def test_most_of_the_second_formulations_have_a_plan() -> None:
    assert sum(second_formulation(random_case(seed)) is not None for seed in range(30)) >= 20


@needs_cbc
@pytest.mark.parametrize("seed", range(5))
def test_cbc_finds_the_same_optimum(seed: int) -> None:
    case = random_case(seed)
    scenario = scenario_of(case).with_changes({"solver.name": "cbc"})
    expected = second_formulation(case)
    if expected is None:
        with pytest.raises(InfeasibleError):
            optimize(scenario)
        return
    plan = optimize(scenario)
    assert (plan.solver.name, plan.status) == ("cbc", "optimal")
    assert plan.objective.value == pytest.approx(expected, rel=1e-6)
    assert plan.objective.bound >= plan.objective.value - 1e-9
