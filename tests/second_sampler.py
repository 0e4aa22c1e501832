"""What a plan may come to, a second time: loop by loop with `random`, from what the plan's JSON says and nothing else.

Shares no line with `optimizer/program/draws.py` and `moments.py`. Numbers are put together as the documents say
(docs/explanation/ranges.md): each number of an offer at its own z, derived numbers from those, then creator by creator.
"""

from __future__ import annotations

import math
import random
from statistics import NormalDist
from typing import Any

Data = dict[str, Any]
Q = NormalDist().inv_cdf(0.9)
SHARES = frozenset({"commission", "reach_rate", "engagement_rate", "click_rate", "conversion_rate", "authentic",
                    "on_target", "completion", "repeat_decay"})  # fmt: skip
GROUPS = {"market": "country", "platform": "platform", "tier": "tier"}


def number_at(field: str, low: float, typical: float, high: float, z: float) -> float:
    """A number with a range, at a standard normal z: low at the 10th percentile, high at the 90th."""
    end, steps = (low, -z / Q) if z < 0 else (high, z / Q)
    if field in SHARES:
        if 0 < end < 1 and 0 < typical < 1:
            odds = (typical / (1 - typical)) * ((end / (1 - end)) / (typical / (1 - typical))) ** steps
            return odds / (1 + odds)
        return min(1.0, max(0.0, typical + steps * (end - typical)))
    if field.startswith("measures.") and low <= 0:
        return typical + steps * (end - typical)
    if end > 0 and typical > 0:
        return typical * (end / typical) ** steps
    return max(0.0, typical + steps * (end - typical))


class Sampler:
    """Worlds in which a plan is carried out.

    Args:
        plan: the plan as JSON data.
        seed: of `random.Random`.
    """

    def __init__(self, plan: Data, seed: int) -> None:
        self.plan, self.rng = plan, random.Random(seed)
        self.numbers: dict[str, dict[str, Data]] = {}
        self.shares: dict[str, float] = {}
        fees = 1.0
        for a in plan["assumptions"]:
            if a["offer"]:
                self.numbers.setdefault(a["offer"], {})[a["field"]] = a
            elif a["field"].startswith("correlation."):
                self.shares[a["field"].removeprefix("correlation.")] = a["value"]
            elif a["field"].startswith("fees."):
                fees += a["value"]
        self.fees = fees
        self.inputs = {offer["name"]: offer for offer in plan["inputs"]["offers"]}
        self.country = plan["inputs"].get("country")

    def world(self) -> Data:
        """One case: the total of each measure, by offer, and reach."""
        self.common: dict[tuple[str, str, str], float] = {}
        self.values: dict[str, dict[str, float]] = {}
        by_offer: dict[str, dict[str, float]] = {}
        index = 0.0
        for line in self.plan["lines"]:
            name = line["offer"]
            if name not in self.values:
                self.values[name] = self._numbers(name)
            total = by_offer.setdefault(name, {})
            for creator in range(round(line["creators"])):
                found, reached = self._creator(name, line["posts_per_creator"])
                if creator == 0 and len(total) == 0:
                    found["cost"] = found.get("cost", 0.0) + self.values[name].get("setup_cost", 0.0)
                    found["hours"] = found.get("hours", 0.0) + self.values[name].get("setup_hours", 0.0)
                for measure, value in found.items():
                    total[measure] = total.get(measure, 0.0) + value
                index += self._index(reached)
        world: Data = {"by_offer": by_offer}
        for total in by_offer.values():
            for measure, value in total.items():
                world[measure] = world.get(measure, 0.0) + value
        if self.plan["audience"] is not None:
            people, shape = self.plan["audience"]["people"], self.plan["audience"]["shape"]
            missed = math.exp(-index) if shape is None else (1 + index / shape) ** -shape
            world["reach"] = people * (1 - missed)
        return world

    # --- numbers of an offer ---------------------------------------------------------------------------------

    def _z(self, name: str, field: str) -> float:
        """Common parts of market, platform and tier, and the offer's own rest."""
        offer = self.inputs[name]
        total, rest = 0.0, 1.0
        for group, key in GROUPS.items():
            label = offer.get(key) or (self.country if key == "country" else None) or ""
            share = self.shares[group]
            rest -= share
            place = (field, group, label)
            if place not in self.common:
                self.common[place] = self.rng.gauss(0, 1)
            total += math.sqrt(share) * self.common[place]
        return total + math.sqrt(rest) * self.rng.gauss(0, 1)

    def _numbers(self, name: str) -> dict[str, float]:
        given = self.numbers[name]
        values = {}
        for field, a in given.items():
            fixed = a["origin"] == "derived" or not a["low"] < a["high"]
            if field == "followers" and a["origin"] != "yours":
                fixed = True
            values[field] = (
                a["value"]
                if fixed
                else number_at(field, a["low"], a["value"], a["high"], self._z(name, field))
            )
        done: set[str] = set()
        while len(done) < len(given):  # a derived number follows when those behind it are known
            for field, a in given.items():
                if field in done or (
                    a["origin"] == "derived" and not done >= {f for f in a["follows_from"] if f in given}
                ):
                    continue
                if a["origin"] == "derived":
                    values[field] = self._derived(field, a, values, given)
                done.add(field)
        return values

    @staticmethod
    def _derived(field: str, a: Data, values: dict[str, float], given: dict[str, Data]) -> float:
        """A derived number moves with those it follows from, in proportion, or against them where it is divided."""
        divided = {
            ("impressions_per_post", "cost_per_post"): "cpm",
            ("reach_rate", "impressions_per_post"): "reachable",
        }
        follows: list[str] = a["follows_from"]
        value: float = a["value"]
        if field == "engagement_weight":
            return value
        for other in follows:
            moved = values[other] / given[other]["value"]
            value = value / moved if divided.get((field, follows[0])) == other else value * moved
        return value

    # --- one creator -----------------------------------------------------------------------------------------

    def _creator(self, name: str, posts: int) -> tuple[dict[str, float], float]:
        """What one creator costs and brings, and the people he reaches."""
        v, rng = self.values[name], self.rng
        delivers = rng.random() < v.get("completion", 1.0)
        spread, post_spread = v.get("spread", 0.0), v.get("post_spread", 0.0)
        own = math.exp(spread * rng.gauss(0, 1) - spread**2 / 2)
        each = [math.exp(post_spread * rng.gauss(0, 1) - post_spread**2 / 2) for _ in range(posts)]
        luck = own * sum(each) / posts if delivers else 0.0
        discount = 0.0
        for field, a in self.numbers[name].items():
            if field.startswith("bundle_discount.") and int(field.removeprefix("bundle_discount.")) <= posts:
                discount = max(discount, a["value"])
        found: dict[str, float] = {}
        due = 1.0 if delivers else v.get("paid_if_missed", 1.0)
        real = v.get("authentic", 1.0) * v.get("on_target", 1.0)
        if "impressions_per_post" in v:
            found["impressions"] = posts * v["impressions_per_post"] * luck
            if "click_rate" in v:
                found["clicks"] = found["impressions"] * v["click_rate"]
                if "conversion_rate" in v:
                    found["conversions"] = found["clicks"] * v["conversion_rate"]
                    if "value_per_conversion" in v:
                        found["revenue"] = found["conversions"] * v["value_per_conversion"]
        if "engagements_per_post" in v:
            decay = v.get("repeat_decay", 0.0)
            series = sum((1 - decay) ** j for j in range(posts))
            found["engagements"] = (
                real * v.get("engagement_weight", 1.0) * v["engagements_per_post"] * series * luck
            )
        if "cost_per_post" in v:
            fee = posts * v["cost_per_post"] * (1 - discount) * due
            found["cost"] = (fee + v.get("cost_per_creator", 0.0)) * self.fees
            found["cost"] += v.get("commission", 0.0) * found.get("revenue", 0.0)
        if "hours_per_creator" in v:
            found["hours"] = v["hours_per_creator"] + posts * v.get("hours_per_post", 0.0)
        reached = 0.0
        if "reach_rate" in v and "reachable" in v:
            a = self.numbers[name]["reach_rate"]
            typical = 1 - (1 - a["value"]) ** posts
            share = 1 - (1 - v["reach_rate"]) ** posts
            if a["origin"] == "derived":  # it scales what is reached
                share = typical * v["reach_rate"] / a["value"]
            reached = real * v["reachable"] * share * luck
            found["gross_reach"] = reached
        return found, reached

    def _index(self, reached: float) -> float:
        audience = self.plan["audience"]
        if audience is None or not reached:
            return 0.0
        missed = 1 - min(reached / audience["people"], 1 - 1e-9)
        shape = audience["shape"]
        return -math.log(missed) if shape is None else float(shape * (missed ** (-1 / shape) - 1))

    # --- limits ----------------------------------------------------------------------------------------------

    def kept(self, world: Data, limit: Data) -> bool:
        """Whether a limit on a sum, a ratio or reach is kept; its sides as the plan has them written."""
        value = self._value(world, limit)
        for side, sign in (("min", 1), ("max", -1)):
            if limit[side] is not None and sign * (value - self._side(world, limit, side)) < -1e-9 * max(
                1, value
            ):
                return False
        return True

    def _value(self, world: Data, limit: Data) -> float:
        chosen = limit["scope"]["offers"]
        if limit["measure"] == "reach":
            return float(world["reach"])

        def total(measure: str) -> float:
            return sum(
                found.get(measure, 0.0)
                for name, found in world["by_offer"].items()
                if chosen is None or name in chosen
            )

        if limit["measure"] == "cpe":
            return total("cost") / total("engagements") if total("engagements") else math.inf
        return total(limit["measure"])

    @staticmethod
    def _side(world: Data, limit: Data, side: str) -> float:
        written = limit["scope"][side]
        if isinstance(written, str) and written.endswith("% of cost"):
            return float(written.split("%")[0]) / 100 * float(world["cost"])
        return float(limit[side])
