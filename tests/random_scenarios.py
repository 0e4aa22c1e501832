"""Random small scenarios, the same for the same seed, in which limits are drawn around a plan that exists."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.enumeration import RATIOS, World

MOST_PLANS = 5000
PEOPLE = 200_000
OR_NONE_FROM = 9000
"""Scenarios from this seed on have a floor that may be left out besides; otherwise they are those of seed - 8000."""
KINDS_FROM = 18_000
"""Scenarios from this seed on count kinds of engagement and cost of goods; otherwise they are those of seed - 16000."""
Data = dict[str, Any]


def random_scenario(seed: int) -> Data:
    """A scenario as plain data, as it would stand in a YAML file."""
    alike = seed if seed < OR_NONE_FROM else seed - 8000 if seed < KINDS_FROM else seed - 16_000
    rng = np.random.default_rng(alike)
    data: Data = {"name": f"random {seed}", "solver": {"gap": 0}}
    traits = {
        "audience": rng.random() < 0.5,
        "sales": rng.random() < 0.5,
        "hours": rng.random() < 0.85,
        "weights": rng.random() < 0.25,
        "flights": rng.random() < 0.4,
        "setup": rng.random() < 0.3,
        "dong": rng.random() < 0.15,
        "own": rng.random() < 0.3,
        "bundles": rng.random() < 0.6,
    }
    if traits["audience"]:
        data["audience"] = {"people": PEOPLE}
        if rng.random() < 0.7:
            data["audience"]["overlap"] = f"{rng.integers(2, 40)}%"
    if traits["weights"]:
        data["engagement_weights"] = {"likes": 0, "comments": 2}
    if rng.random() < 0.4:
        data["fees"] = {"agency": "15%", "contingency": f"{rng.integers(0, 8)}%"}
    if traits["dong"]:
        data["exchange_rates"] = {"VND": 25_400}
    if traits["own"]:
        data["measures"] = {"samples": str(rng.choice(["creator", "post"]))}
    data["offers"] = [_offer(rng, i, traits) for i in range(rng.integers(2, 5))]
    more = np.random.default_rng(seed)
    if seed >= KINDS_FROM:
        for offer in data["offers"]:
            _mix_and_goods(more, offer)
    while World(data).size > MOST_PLANS:
        widest = max(data["offers"], key=lambda offer: offer["creators"]["max"])
        if widest["creators"]["max"] == 1:
            data["offers"].pop()
        else:
            widest["creators"]["max"] -= 1
            widest["creators"].pop("min", None)
    if traits["own"] and not any(o.get("measures", {}).get("samples") for o in data["offers"]):
        data["offers"][0]["measures"] = {"samples": 2}
    world = World(data)
    anchor = _some_plan(rng, world)
    data["objective"] = _objective(rng, data, traits)
    if rng.random() < 0.8:
        data["budget"] = _near(rng, world.total(anchor, "cost"), 0.75, 1.3)
    if traits["hours"] and rng.random() < 0.5:
        data["effort_hours"] = _near(rng, world.total(anchor, "hours"), 0.75, 1.3)
    first = data["objective"][0] if isinstance(data["objective"], list) else data["objective"]
    floors = isinstance(first, dict) and "minimize" in first
    data["limits"] = []
    for number in range(rng.integers(1, 5)):
        floor = floors and number == 0
        limit = _limit(rng, world, anchor, traits, floor=floor)
        if limit is not None:
            data["limits"].append(limit)
    if seed >= KINDS_FROM:
        _kinds(more, world, anchor, data)
    elif seed >= OR_NONE_FROM:
        _or_none(rng, world, anchor, data)
    _open_ended(rng, data)
    return data


def _offer(rng: np.random.Generator, i: int, traits: dict[str, bool]) -> Data:
    followers = int(rng.integers(10, 400)) * 100
    fee = round(float(rng.uniform(20, 60) + followers * rng.uniform(0.01, 0.03)), int(rng.integers(0, 3)))
    seen = float(rng.integers(8, 35))
    offer: Data = {
        "name": f"offer {'abcd'[i]}",
        "tier": str(rng.choice(["nano", "micro", "macro"])),
        "platform": str(rng.choice(["instagram", "tiktok"])),
        "followers": followers,
        "creators": {"max": int(rng.integers(1, 5))},
    }
    if rng.random() < 0.15:
        offer["creators"]["min"] = 1
    if traits["flights"] and rng.random() < 0.8:
        offer["tags"] = {"flight": str(rng.choice(["march", "april"]))}
    shown = round(followers * seen / 100 * rng.uniform(1.0, 1.6))
    triangle = rng.integers(0, 5)
    if triangle == 0:  # two of three give the third, in each of the ways there are
        offer |= {"cost_per_post": fee, "reach_rate": f"{seen:g}%"}
    elif triangle == 1:
        offer |= {"cost_per_post": fee, "impressions_per_post": shown}
    elif triangle == 2:
        offer |= {
            "cpm": round(1000 * fee / shown, 2),
            "impressions_per_post": shown,
            "reach_rate": f"{seen:g}%",
        }
    elif triangle == 3:
        offer |= {"cost_per_post": [fee * 0.8, fee, fee * 1.5], "cpm": round(1000 * fee / shown, 2)}
    else:
        offer |= {"cpm": round(10 * fee / seen / followers * 1e4, 2), "reach_rate": f"{seen:g}%"}
    if triangle != 2 and rng.random() < 0.2:
        offer["reachable"] = followers + 100 * int(rng.integers(0, 100))
    way = rng.integers(0, 3)
    if way == 0:
        offer["engagement_rate"] = f"{rng.integers(10, 90) / 10}%"
    elif way == 1:
        offer |= {"engagement_rate": f"{rng.integers(30, 150) / 10}%", "engagement_base": "impressions"}
    else:
        offer["engagements_per_post"] = int(followers * rng.uniform(0.01, 0.08)) + 1
    if traits["weights"]:
        likes = int(rng.integers(50, 95))
        offer["engagement_mix"] = {"likes": f"{likes}%", "comments": f"{95 - likes}%", "saves": "5%"}
    if traits["hours"]:
        offer["hours_per_creator"] = float(rng.integers(1, 25)) / 2
        if rng.random() < 0.7:
            offer["hours_per_post"] = float(rng.integers(1, 9)) / 4
    if traits["sales"]:
        offer |= {
            "click_rate": f"{rng.integers(3, 30) / 10}%",
            "conversion_rate": f"{rng.integers(5, 60) / 10}%",
        }
        offer["value_per_conversion"] = int(rng.integers(20, 300))
        if rng.random() < 0.3:
            offer["commission"] = f"{rng.integers(3, 20)}%"
    for name, low, high, chance in (
        ("authentic", 60, 98, 0.4), ("on_target", 20, 95, 0.4), ("completion", 70, 99, 0.3),
    ):  # fmt: skip
        if rng.random() < chance:
            offer[name] = f"{rng.integers(low, high)}%"
    if rng.random() < 0.3:
        offer["cost_per_creator"] = int(rng.integers(5, 120))
    if traits["setup"] and rng.random() < 0.6:
        offer["setup_cost"] = int(rng.integers(20, 400))
        if traits["hours"] and rng.random() < 0.5:
            offer["setup_hours"] = int(rng.integers(1, 10))
    if traits["bundles"] and rng.random() < 0.7:
        choices: list[Any] = [2, {"max": 2}, {"min": 1, "max": 3}, {"min": 2, "max": 3}]
        offer["posts_per_creator"] = choices[rng.integers(0, 4)]
        if rng.random() < 0.7:
            offer["repeat_decay"] = f"{rng.integers(5, 60)}%"
        if rng.random() < 0.6:
            offer["bundle_discount"] = {2: f"{rng.integers(2, 15)}%", 3: f"{rng.integers(15, 30)}%"}
    if traits["dong"] and rng.random() < 0.5:
        offer["currency"] = "VND"
        for name in ("cost_per_post", "cpm", "cost_per_creator", "setup_cost", "value_per_conversion"):
            if name in offer:
                price = offer[name]
                offer[name] = [p * 25_400 for p in price] if isinstance(price, list) else price * 25_400
    if traits["own"]:
        offer["measures"] = {"samples": int(rng.integers(-2, 6))}
    return offer


def _mix_and_goods(rng: np.random.Generator, offer: Data) -> None:
    """A mix of some kinds of engagement, and what the goods cost that are sold."""
    kinds = ["likes", "reactions", "comments", "shares", "saves"]
    cuts = sorted(int(cut) for cut in rng.integers(0, 101, size=len(kinds) - 1))
    shares = [high - low for low, high in zip([0, *cuts], [*cuts, 100], strict=True)]
    offer["engagement_mix"] = {k: f"{share}%" for k, share in zip(kinds, shares, strict=True) if share}
    if "value_per_conversion" in offer and rng.random() < 0.8:
        offer["cost_per_conversion"] = round(offer["value_per_conversion"] * float(rng.uniform(0.1, 0.9)), 2)


def _kinds(rng: np.random.Generator, world: World, anchor: Any, data: Data) -> None:
    """A floor on one kind of engagement and a ceiling on the cost of goods, around a plan that exists."""
    measure = str(rng.choice(["likes", "comments", "shares", "saves"]))
    where, chosen = _where(rng, world)
    floor = _near(rng, world.total(anchor, measure, chosen), 0.6, 1.02)
    data["limits"] = [*data["limits"][:1], _with(where, measure=measure, min=floor)]
    if all("value_per_conversion" in offer for offer in data["offers"]):
        ceiling = _near(rng, world.total(anchor, "cost_of_goods"), 0.95, 1.3)
        data["limits"].append({"measure": "cost_of_goods", "max": ceiling})
        data["objective"] = str(rng.choice(["profit", "revenue", measure]))
    else:
        data["objective"] = str(rng.choice(["likes", "comments", "shares", "saves"]))


def _objective(rng: np.random.Generator, data: Data, traits: dict[str, bool]) -> Any:
    good = ["engagements", "engagements", "impressions", "gross_reach", "posts", "creators"]
    good += ["reach"] * 6 * traits["audience"]
    good += ["clicks", "conversions", "revenue", "profit", "profit"] * traits["sales"] + ["samples"] * traits[
        "own"
    ]
    draw = rng.random()

    def some() -> str:
        return str(rng.choice(good))

    if draw < 0.4:
        return some()
    if draw < 0.6:
        return {"minimize": "hours" if traits["hours"] and rng.random() < 0.25 else "cost"}
    share = f"{rng.integers(1, 12)}%"
    goals: list[Any] = [{"maximize": some(), "within": share} if rng.random() < 0.8 else some(), some()]
    if rng.random() < 0.3:
        goals[1] = {"minimize": str(rng.choice(["cost", "posts"]))}
    if rng.random() < 0.2:
        goals[1] = {"maximize": some(), "within": "5%"}
        goals.append({"minimize": "creators"})
    return goals


def _some_plan(rng: np.random.Generator, world: World) -> Any:
    """A plan that books something on at least one offer."""
    while True:
        plan = tuple(options[rng.integers(0, len(options))] for options in world.options)
        if any(option["booked"] for option in plan):
            return plan


def _near(rng: np.random.Generator, value: float, low: float, high: float) -> float:
    """About the value; now and then exactly it, or next to it, which must make all the difference."""
    draw = rng.random()
    if draw < 0.15:
        return value
    if draw < 0.3:
        return value * (1 + float(rng.choice([-1e-5, 1e-5])))
    return float(f"{value * rng.uniform(low, high):.4g}")


def _limit(
    rng: np.random.Generator, world: World, anchor: Any, traits: dict[str, bool], *, floor: bool
) -> Data | None:
    """A limit of a random kind; with `floor`, one that asks for something."""
    brought = ["engagements", "impressions", "posts", "creators"]
    brought += ["conversions", "clicks"] * traits["sales"] + ["reach"] * 5 * traits["audience"]
    taken = ["cost", "creators", "posts"] + ["hours"] * traits["hours"] + ["samples"] * traits["own"]
    where, chosen = _where(rng, world)
    if floor:
        measure = str(rng.choice(brought))
        return _with(where, measure=measure, min=_near(rng, world.total(anchor, measure, chosen), 0.6, 1.05))
    measure = str(rng.choice(brought if rng.random() < 0.5 else taken))
    value = world.total(anchor, measure, chosen)
    kind = rng.integers(0, 8)
    side = "min" if measure in brought and rng.random() < 0.7 else "max"
    if kind == 0:  # floor or ceiling, now and then both
        limit = _with(where, measure=measure, **{side: _near(rng, value, 0.7, 1.25)})
        if rng.random() < 0.2:
            limit |= {"min": round(value - 0.3 * abs(value)), "max": round(value + 0.2 * abs(value)) + 1}
        return limit
    if kind == 1:  # share of a total
        of = measure if measure not in ("reach", "samples") else "engagements"
        of = "profit" if traits["sales"] and rng.random() < 0.1 else of
        part, whole = world.total(anchor, of, chosen), world.total(anchor, of)
        share = min(100, max(5, round(100 * part / whole * rng.uniform(0.7, 1.3))))
        return _with(where, measure=of, **{str(rng.choice(["min", "max"])): f"{share}% of {of}"})
    if kind == 2:  # share of something fixed
        if measure == "reach":
            share = 100 * world.total(anchor, "reach", chosen) / world.people * rng.uniform(0.7, 1.2)
            return _with(where, measure="reach", **{side: f"{share:.3g}% of audience"})
        name, fixed = ("hours", "effort_hours") if "effort_hours" in world.data else ("cost", "budget")
        if fixed not in world.data:
            return None
        share = 100 * world.total(anchor, name, chosen) / world.data[fixed] * rng.uniform(0.8, 1.3)
        return _with(
            where, measure=name, **{str(rng.choice(["min", "max"])): f"{min(share, 100):.3g}% of {fixed}"}
        )
    if kind == 3:  # ratio
        ratio = str(rng.choice(["cpm", "cpe"] + ["cpc", "cpa"] * traits["sales"]))
        bottom, factor = RATIOS[ratio]
        below = world.total(anchor, bottom)
        per = str(rng.choice(["", "", "creator", "platform", "tier", "offer"]))
        value = factor * world.total(anchor, "cost") / below
        limit = _with(
            where, measure=ratio, **{"min" if rng.random() < 0.15 else "max": _near(rng, value, 0.8, 1.5)}
        )
        return limit | ({"per": per} if per else {})
    packages = [p for o in chosen for p in world.packages[o]]
    some = packages[rng.integers(0, len(packages))]
    if kind == 4:  # each creator, in numbers
        name = "gross_reach" if measure == "reach" else measure
        return _with(where, measure=measure, per="creator", **{side: _near(rng, some[name], 0.9, 1.1)})
    if kind == 5 and "budget" in world.data:  # each creator, as a share of the budget
        share = 100 * some["cost"] / world.data["budget"] * rng.uniform(0.9, 1.1)
        return _with(where, measure="cost", per="creator", max=f"{share:.3g}% of budget")
    if kind in (5, 6):  # concentration: each creator, as a share of the plan
        odd = ["profit"] * traits["sales"] + ["samples"] * traits["own"]  # totals that may be negative
        of = str(rng.choice(["cost", "engagements", "impressions", *odd]))
        if rng.random() < 0.25:
            return _with(where, measure=of, per="creator", min=f"{rng.integers(5, 25)}% of {of}")
        return _with(where, measure=of, per="creator", max=f"{rng.integers(20, 70)}% of {of}")
    keys = ["tier", "platform", "offer"]
    keys += ["flight"] * 3 * any("tags" in o for o in world.offers)
    parts = [world.total(anchor, measure, [o]) or 0 for o in chosen]
    if rng.random() < 0.3:
        of = "cost" if measure in ("reach", "samples") else measure
        return _with(where, measure=of, per=str(rng.choice(keys)), max=f"{rng.integers(30, 80)}% of {of}")
    side = "max" if rng.random() < 0.8 else "min"
    size = max(parts) if side == "max" else min(parts)
    return _with(where, measure=measure, per=str(rng.choice(keys)), **{side: _near(rng, size, 0.9, 1.3)})


def _or_none(rng: np.random.Generator, world: World, anchor: Any, data: Data) -> None:
    """A floor that may be left out."""
    measures = ["creators", "creators", "engagements", "cost", "impressions", "posts"]
    measures += ["hours"] * all("hours_per_creator" in o for o in world.offers)
    measures += ["reach"] * 3 * ("audience" in data) + ["samples"] * 2 * bool(world.own)
    measures += ["profit"] * all("value_per_conversion" in o for o in world.offers)
    measure = str(rng.choice(measures))
    where, chosen = _where(rng, world)
    value = world.total(anchor, measure, chosen) or (world.total(anchor, measure) or 0) / 2
    limit = _with(where, measure=measure, min=_near(rng, value, 0.8, 1.6), or_none=True)
    draw = rng.random()
    if draw < 0.3:
        limit["per"] = str(rng.choice(["offer", "offer", "tier", "platform"]))
    elif draw < 0.7 and measure not in ("reach", "samples", "profit"):
        whole = world.total(anchor, measure)
        share = min(95, max(5, round(100 * value / whole * rng.uniform(1.0, 2.0)))) if whole else 30
        limit["min"] = f"{share}% of {measure}"
    elif draw < 0.8 and measure == "cost" and "budget" in data:
        limit["min"] = f"{rng.integers(10, 60)}% of budget"
    elif draw < 0.9 and measure == "reach":
        limit["min"] = f"{rng.integers(1, 12)}% of audience"
    if rng.random() < 0.2 and isinstance(limit["min"], float | int):
        limit["max"] = round(limit["min"] + 0.5 * abs(limit["min"])) + 1
    data["limits"].append(limit)


def _with(where: Data, **limit: Any) -> Data:
    return limit | ({"where": where} if where else {})


def _where(rng: np.random.Generator, world: World) -> tuple[Data, list[int]]:
    """A filter that matches at least one offer, and the offers it matches."""
    where: Data = {}
    if rng.random() < 0.5:
        like = int(rng.integers(0, len(world.offers)))
        for key in rng.choice(["tier", "platform", "flight", "name"], size=rng.integers(1, 3), replace=False):
            label = world.label(like, str(key))
            if label is not None:
                where[str(key)] = label
        other = world.label(int(rng.integers(0, len(world.offers))), "name")
        if "name" in where:
            where["name"] = [where["name"], other]
    chosen = [
        o
        for o in range(len(world.offers))
        if all(world.label(o, k) in (v if isinstance(v, list) else [v]) for k, v in where.items())
    ]
    return where, chosen


def _open_ended(rng: np.random.Generator, data: Data) -> None:
    """Now and then an offer without a maximum, which then only the budget limits."""
    if "budget" not in data or rng.random() > 0.25:
        return
    offer = data["offers"][rng.integers(0, len(data["offers"]))]
    before = offer["creators"].pop("max")
    cheapest = min(p["cost"] for p in World(data).packages[data["offers"].index(offer)])
    if data["budget"] / cheapest > 6 or World(data).size > MOST_PLANS:
        offer["creators"]["max"] = before
