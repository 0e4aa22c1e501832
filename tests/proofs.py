"""Small scenarios that lie in wait for rounding: budgets and floors within a cent of what some plan comes to, in
dollars, yen and dong; and every plan of each counted one by one, in fractions.

Nothing but `faults` imports from `optimizer`. Numbers are drawn with few decimals, so that fractions of them are exact.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

MOST_PLANS = 4000
CURRENCIES = {"USD": 1, "JPY": 150, "VND": 25_000}
NEAR = ("0", "0.01", "-0.01", "0.003", "-0.003", "-0.004", "0.0001", "-0.0001", "-0.5", "0.5")
"""Of the currency's unit: what a budget or floor is off the total of some plan."""
Data = dict[str, Any]


def fraction(value: Any) -> Fraction:
    """A number as a scenario writes it, exactly."""
    if isinstance(value, str) and value.endswith("%"):
        return Fraction(value[:-1]) / 100
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)


@dataclass
class Truth:
    """What complete enumeration found: whether there is a plan, and the best value of the objective."""

    best: Fraction | None
    plans: int


class Plans:
    """Every plan of a scenario as rows of counts, one per package."""

    def __init__(self, data: Data) -> None:
        self.data = data
        self.offers: list[Data] = data["offers"]
        self.fees = 1 + sum((fraction(share) for share in data.get("fees", {}).values()), Fraction(0))
        self.keys = [(o, k) for o, offer in enumerate(self.offers) for k in posts_of(offer)]
        self.cost = [self._cost(o, k) for o, k in self.keys]
        self.hours = [
            self._get(o, "hours_per_creator") + k * self._get(o, "hours_per_post") for o, k in self.keys
        ]
        self.revenue = [self._revenue(o, k) for o, k in self.keys]
        self.goods = [self._revenue(o, k, "cost_per_conversion") for o, k in self.keys]
        self.engagements = [self._get(o, "completion", 1) * k * self._get(o, "engagements_per_post")
                            for o, k in self.keys]  # fmt: skip
        self.setup = [self._get(o, "setup_cost") for o in range(len(self.offers))]
        per_offer = []
        for offer in self.offers:
            room = offer["creators"]
            counts = itertools.product(range(room["max"] + 1), repeat=len(posts_of(offer)))
            per_offer.append([c for c in counts if room.get("min", 0) <= sum(c) <= room["max"]])
        self.counts = np.array([sum(plan, ()) for plan in itertools.product(*per_offer)], dtype=np.int64)

    def _get(self, o: int, name: str, default: int = 0) -> Fraction:
        return fraction(self.offers[o].get(name, default))

    def _revenue(self, o: int, k: int, each: str = "value_per_conversion") -> Fraction:
        result = self._get(o, "completion", 1) * k * self._get(o, "impressions_per_post")
        for name in ("click_rate", "conversion_rate", each):
            result *= self._get(o, name)
        return result

    def _cost(self, o: int, k: int) -> Fraction:
        discount = fraction(self.offers[o].get("bundle_discount", {}).get(str(k), 0))
        paid = self._get(o, "cost_per_creator") + self._get(o, "cost_per_post") * k * (1 - discount)
        return paid * self.fees + self._get(o, "commission") * self._revenue(o, k)

    def column(self, measure: str) -> list[Fraction]:
        """One creator's amount of a measure, for each package."""
        if measure == "profit":
            return [r - g - c for r, g, c in zip(self.revenue, self.goods, self.cost, strict=True)]
        if measure == "creators":
            return [Fraction(1)] * len(self.keys)
        return list(getattr(self, measure))

    def total(self, measure: str, counts: np.ndarray) -> Fraction:
        """Exact total of one plan."""
        result = sum(
            (int(n) * v for n, v in zip(counts, self.column(measure), strict=True) if n), Fraction(0)
        )
        if measure in ("cost", "profit"):
            used = {self.keys[p][0] for p in np.flatnonzero(counts)}
            result += (1 if measure == "cost" else -1) * sum((self.setup[o] for o in used), Fraction(0))
        return result

    def totals(self, measure: str) -> np.ndarray:
        """Totals of all plans, as floats."""
        values = self.counts @ np.array([float(v) for v in self.column(measure)])
        if measure in ("cost", "profit"):
            for o, setup in enumerate(self.setup):
                mine = [p for p, key in enumerate(self.keys) if key[0] == o]
                used = self.counts[:, mine].any(axis=1)
                values = values + (1 if measure == "cost" else -1) * float(setup) * used
        return values

    def allowed(self) -> np.ndarray:
        """Which plans keep every limit: by floats where they are clear, else by fractions."""
        keep = np.ones(len(self.counts), dtype=bool)
        for measure, low, high in self._sides():
            values = self.totals(measure)
            for side, sign in ((low, 1), (high, -1)):
                if side is None:
                    continue
                slack = sign * (values - float(side))
                unclear = np.abs(slack) <= 1e-9 * (np.abs(values) + abs(float(side)) + 1)
                keep &= (slack >= 0) | unclear
                for row in np.flatnonzero(unclear & keep):
                    keep[row] = _within(self.total(measure, self.counts[row]), side, sign)
        for limit in self.data.get("limits", ()):
            if limit.get("per") == "creator":
                keep &= self._within_share(limit)
        return keep

    def _sides(self) -> list[tuple[str, Fraction | None, Fraction | None]]:
        sides: list[tuple[str, Fraction | None, Fraction | None]] = []
        for key, measure in (("budget", "cost"), ("effort_hours", "hours")):
            if key in self.data:
                sides.append((measure, None, fraction(self.data[key])))
        for limit in self.data.get("limits", ()):
            if "per" not in limit:
                low, high = (fraction(limit[s]) if s in limit else None for s in ("min", "max"))
                sides.append((limit["measure"], low, high))
        return sides

    def _within_share(self, limit: Data) -> np.ndarray:
        """No creator costs more than a share of the budget or of the plan's cost."""
        share, _, of = limit["max"].partition(" of ")
        keep = np.ones(len(self.counts), dtype=bool)
        for row, counts in enumerate(self.counts):
            booked = np.flatnonzero(counts)
            if len(booked):
                most = max(self.cost[p] for p in booked)
                whole = fraction(self.data["budget"]) if of == "budget" else self.total("cost", counts)
                keep[row] = most <= fraction(share) * whole
        return keep

    def solve(self) -> Truth:
        """The best of all plans."""
        allowed = np.flatnonzero(self.allowed())
        if not len(allowed):
            return Truth(None, len(self.counts))
        goal = self.data["objective"]
        measure, sign = (goal, 1) if isinstance(goal, str) else (goal["minimize"], -1)
        values = sign * self.totals(measure)[allowed]
        near = allowed[values >= values.max() - 1e-9 * (1 + abs(values.max()))]
        return Truth(
            sign * max(sign * self.total(measure, self.counts[row]) for row in near), len(self.counts)
        )


def _within(total: Fraction, side: Fraction, sign: int) -> bool:
    """Whether a total keeps a side, exactly; a side may be a total as it is printed, with 13 significant digits."""
    printed = Fraction(f"{Decimal(total.numerator) / Decimal(total.denominator):.12e}")
    return sign * (total - side) >= 0 or printed == side


def posts_of(offer: Data) -> range:
    """The numbers of posts that one creator of an offer may make."""
    posts = offer.get("posts_per_creator", {"min": 1, "max": 1})
    return range(posts["min"], posts["max"] + 1)


def scenario_in_wait(seed: int) -> Data:
    """A random scenario as plain data whose limits lie next to what some of its plans come to."""
    rng = np.random.default_rng([seed, 8])
    currency = str(rng.choice(list(CURRENCIES)))
    unit = CURRENCIES[currency]
    digits = 2 if currency == "USD" and rng.random() < 0.5 else 0
    data: Data = {"name": f"proof {seed}", "currency": currency, "solver": {"gap": 0}}
    if rng.random() < 0.6:
        data["fees"] = {
            "agency": f"{rng.choice(['12.5', '15', '17.5'])}%",
            "contingency": f"{rng.choice([0, 3, 5])}%",
        }
    sales = rng.random() < 0.4
    wide = rng.random() < 0.12
    offers: list[Data] = []
    for number in range(int(rng.integers(2, 5))):
        size = 10 ** rng.uniform(1.5, 4.8) if not wide else 10 ** rng.uniform(0, 9.5)
        offer: Data = {
            "name": f"o{number}",
            "cost_per_post": round(float(size * unit), digits) if digits else max(1, round(size * unit)),
            "engagements_per_post": int(size ** rng.uniform(0.8, 1.1) * 2) + 1,
            "creators": {"max": int(rng.integers(1, 8))},
        }
        if rng.random() < 0.7:
            offer["hours_per_creator"] = float(rng.integers(1, 120)) / 10
        if rng.random() < 0.3:
            offer["hours_per_post"] = float(rng.integers(1, 30)) / 10
        if rng.random() < 0.3:
            offer["cost_per_creator"] = int(rng.integers(5, 200)) * unit
        if rng.random() < 0.3:
            offer["setup_cost"] = int(rng.integers(50, 3000)) * unit
        if rng.random() < 0.3:
            offer["completion"] = f"{rng.integers(60, 99)}%"
        if rng.random() < 0.35:
            offer["posts_per_creator"] = {"min": 1, "max": int(rng.integers(2, 4))}
            offer["creators"]["max"] = min(3, offer["creators"]["max"])
            if rng.random() < 0.5:
                offer["bundle_discount"] = {"2": f"{rng.integers(2, 9)}%", "3": f"{rng.integers(10, 25)}%"}
        if rng.random() < 0.15:
            offer["creators"]["min"] = 1
        if sales:
            offer |= {
                "impressions_per_post": int(size * rng.integers(20, 80)) + 1,
                "click_rate": f"{rng.integers(30, 300) / 100}%",
                "conversion_rate": f"{rng.integers(10, 80) / 10}%",
                "value_per_conversion": int(rng.integers(20, 300)) * unit,
            }
            if seed % 2:  # no draw, so that the others stay what they are
                offer["cost_per_conversion"] = round(offer["value_per_conversion"] / 3, 2)
            if rng.random() < 0.4:
                offer["commission"] = f"{rng.integers(3, 25)}%"
        offers.append(offer)
    data["offers"] = offers
    while math.prod(_ways(offer) for offer in offers) > MOST_PLANS:
        widest = max(offers, key=_ways)
        widest["creators"]["max"] -= 1
    plans = Plans(data)
    anchor = plans.counts[rng.integers(0, len(plans.counts))]
    if not anchor.any():
        anchor = plans.counts[-1]

    def beside(measure: str) -> float:
        off = Fraction(str(rng.choice(NEAR)))
        return float(
            f"{round(float(plans.total(measure, anchor) + off), 4):.15g}"
        )  # as somebody would write it

    data["budget"] = max(0.01, beside("cost"))
    draw = rng.random()
    data["objective"] = "engagements" if draw < 0.45 else ("profit" if sales else "creators") if draw < 0.7 else {
        "minimize": "cost"}  # fmt: skip
    limits: list[Data] = []
    if data["objective"] == {"minimize": "cost"}:
        limits.append({"measure": "engagements", "min": beside("engagements")})
        if rng.random() < 0.5:
            data["budget"] = float(data["budget"] * rng.integers(1, 4))
    if rng.random() < 0.3:
        data["effort_hours"] = max(0.0, float(plans.total("hours", anchor)))
        for offer in offers:
            offer.setdefault("hours_per_creator", 1.5)
        data["effort_hours"] = float(Plans(data).total("hours", anchor))
    if rng.random() < 0.2:
        share = round(float(rng.uniform(15, 70)), 1)
        limits.append(
            {"measure": "cost", "per": "creator", "max": f"{share}% of {rng.choice(['budget', 'cost'])}"}
        )
    if rng.random() < 0.15:
        limits.append({"measure": "creators", "min": 1, "max": int(anchor.sum()) + int(rng.integers(0, 2))})
    if limits:
        data["limits"] = limits
    return data


def _ways(offer: Data) -> int:
    """About how many ways there are to book an offer."""
    packages = len(posts_of(offer))
    return math.comb(offer["creators"]["max"] + packages, packages)


def faults(seed: int) -> str | None:
    """What is wrong with the optimizer's answer to one scenario, by complete enumeration; None where nothing is."""
    from optimizer import InfeasibleError, Scenario, optimize
    from optimizer.language.errors import OptimizerError

    data = scenario_in_wait(seed)
    best = Plans(data).solve().best
    try:
        plan = optimize(Scenario.model_validate(data))
    except InfeasibleError:
        return None if best is None else f"{seed}: called impossible, but {float(best)} is there"
    except OptimizerError as error:
        return f"{seed}: {error}"
    if best is None:
        return f"{seed}: {plan.objective.value} found, but there is no plan"
    found, bound = plan.objective.best, plan.objective.bound
    size = 1e-9 * max(1.0, abs(float(best)))
    if plan.status != "optimal" or abs(found - float(best)) > size:
        return f"{seed}: {plan.status} {found}, but the best is {float(best)}"
    sign = 1 if plan.objective.sense == "maximize" else -1
    if bound is None or sign * (bound - found) < 0 or abs(bound - found) > size:
        return f"{seed}: bound {bound} of {found}"
    return None


def main() -> None:
    """`make fuzz`: ten thousand scenarios, none of which may be answered wrongly."""
    import sys
    from concurrent.futures import ProcessPoolExecutor

    first, last = (int(word) for word in sys.argv[1:3]) if len(sys.argv) > 2 else (0, 10_000)
    with ProcessPoolExecutor() as executor:
        wrong = [
            fault for fault in executor.map(faults, range(first, last), chunksize=50) if fault is not None
        ]
    for fault in wrong:
        print(fault)
    print(f"{last - first:,} scenarios that lie in wait, {len(wrong)} answered wrongly")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
