"""Ways to write scenarios in tests."""

from __future__ import annotations

from typing import Any

import yaml

from optimizer import Scenario

Data = dict[str, Any]


def scenario(**fields: Any) -> Scenario:
    """A scenario from plain data that asks for an exact optimum; `solver` may say otherwise."""
    return Scenario.model_validate({**fields, "solver": {"gap": 0, **fields.get("solver", {})}})


def offer(name: str, cost_per_post: float | None = None, **fields: Any) -> Data:
    """One offer as plain data; `most` and `least` are short for its room."""
    room = {side: fields.pop(word) for word, side in (("least", "min"), ("most", "max")) if word in fields}
    price = {} if cost_per_post is None else {"cost_per_post": cost_per_post}
    return {"name": name, **price, **({"creators": room} if room else {}), **fields}


def program(case: Data, *, whole: bool, sparse: bool = True) -> Data:
    """A linear program as a scenario: variables are offers with measures of our own, rows are limits.

    Args:
        case: `sense`, `worth` {variable: objective}, `room` {variable: [least, most]},
            `rows` {name: [{variable: coefficient}, "<=" or ">=", side]}.
        whole: whether the variables are whole numbers.
        sparse: leave coefficients of 0 out.
    """
    rows, rooms = case["rows"], case.get("room", {})
    offers = []
    for variable, worth in case["worth"].items():
        measures = {"worth": worth}
        for name, (coefficients, _, _) in rows.items():
            if not sparse or variable in coefficients:
                measures[f"row {name}"] = coefficients.get(variable, 0)
        least, most = rooms.get(variable, (0, None))
        room = {"min": least} | ({} if most is None else {"max": most})
        offers.append({"name": variable, "creators": room, "measures": measures})
    return {
        "name": case["id"],
        "objective": {case["sense"]: "worth"},
        "measures": {name: {"per": "creator"} for name in ("worth", *(f"row {row}" for row in rows))},
        "offers": offers,
        "limits": [
            {"measure": f"row {name}", ("max" if sense == "<=" else "min"): side}
            for name, (_, sense, side) in rows.items()
        ],
        "solver": {"gap": 0, "whole_creators": whole},
    }


def knapsack(case: Data) -> Data:
    """A knapsack with several capacities, as a case for `program`: each item once or not at all."""
    items = [f"item {number}" for number in range(1, len(case["worth"]) + 1)]
    return {
        "id": case["id"],
        "sense": "maximize",
        "worth": dict(zip(items, case["worth"], strict=True)),
        "room": dict.fromkeys(items, (0, 1)),
        "rows": {
            f"capacity {number}": (dict(zip(items, weights, strict=True)), "<=", capacity)
            for number, (weights, capacity) in enumerate(case["rows"], 1)
        },
        "whole": case["whole"],
    }


def roster(creators: list[list[float]], caps: Data) -> Data:
    """Named people under a budget and a cap on hours, in the fields a planner would use."""
    return {
        "name": "roster",
        "budget": caps["budget"],
        "effort_hours": caps["effort_hours"],
        "objective": "engagements",
        "offers": [
            {
                "name": f"creator {number}",
                "cost_per_post": cost,
                "hours_per_creator": hours,
                "engagements_per_post": engagements,
                "creators": {"max": 1},
            }
            for number, (cost, hours, engagements) in enumerate(creators, 1)
        ],
        "solver": {"gap": 0},
    }


def as_yaml(data: Data) -> str:
    """The text of a scenario file."""
    return yaml.safe_dump(data, sort_keys=False)
