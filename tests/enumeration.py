"""Every plan of a small scenario, counted one by one: the formulas a second time, in plain Python.

Nothing here imports from `optimizer`, so that a mistake there cannot hide itself. Scenarios are plain data,
as they stand in a YAML file. The formulas are those of `docs/explanation/model.md`.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

TOLERANCE = 1e-9
"""Relative: rounding of sums of floats, nothing more."""
RATIOS = {"cpm": ("impressions", 1000), "cpe": ("engagements", 1), "cpc": ("clicks", 1),
          "cpa": ("conversions", 1)}  # fmt: skip
COUNTED = (
    "cost", "hours", "creators", "posts", "impressions", "engagements", "likes", "comments", "shares", "saves",
    "clicks", "conversions", "revenue", "cost_of_goods", "profit", "gross_reach",
)  # fmt: skip
FIXED = ("budget", "effort_hours", "audience")

Amounts = dict[str, Any]


def number(value: Any) -> float | None:
    """A number as scenarios write it: plain, a percentage, or [low, typical, high]."""
    if value is None:
        return None
    if isinstance(value, list):
        return number(value[1])
    if isinstance(value, str) and value.endswith("%"):
        return float(value[:-1]) / 100
    return float(value)


def product(*factors: float | None) -> float | None:
    return None if any(f is None for f in factors) else math.prod(factors)  # type: ignore[type-var]


@dataclass
class Rule:
    """One limit after `per` is spelled out. Sides are (number, of)."""

    measure: str
    offers: list[int]
    low: tuple[float, str | None] | None
    high: tuple[float, str | None] | None
    per: str | None = None
    or_none: bool = False

    @property
    def kind(self) -> str:
        """What sort of limit it is, for counting which sorts were put to the test."""
        sort = "ratio" if self.measure in RATIOS else "reach" if self.measure == "reach" else "sum"
        of = next((s[1] for s in (self.low, self.high) if s and s[1]), None)
        share = "" if of is None else f" % of {of}" if of in FIXED else " % of a total"
        none = " or none" if self.or_none else ""
        return f"{sort}{share}" + (f" per {self.per}" if self.per else "") + none


@dataclass
class Answer:
    """What complete enumeration found."""

    plans: int
    best: list[float] = field(default_factory=list)
    """Best value of each objective, given the floors that earlier ones leave; empty without a plan."""
    cost: float | None = None
    hours: float | None = None
    decisive: set[str] = field(default_factory=set)
    """Kinds of limits without which a better plan would be allowed."""

    @property
    def feasible(self) -> bool:
        return bool(self.best)


class World:
    """A scenario with all its plans. A plan is one option per offer: how many creators make how many posts.

    `only`: which rules count (by their number) and whose bookings, as ("booking", offer); None for all.
    """

    def __init__(self, data: dict[str, Any], only: list[Any] | None = None) -> None:
        self.data = data
        self.only = only
        self.offers: list[dict[str, Any]] = data["offers"]
        self.own: dict[str, str] = data.get("measures", {})
        self.measures = [*COUNTED, *self.own]
        self.people = number(data["audience"]["people"]) if "audience" in data else None
        self.packages = [[self.package(offer, k) for k in posts_allowed(offer)] for offer in self.offers]
        self.shape = self.fit_shape()
        for package in itertools.chain.from_iterable(self.packages):
            package["index"] = self.index(package["gross_reach"])

    # --- one creator (section 4) ---------------------------------------------------------------------------

    def package(self, offer: dict[str, Any], k: int) -> Amounts:
        """What one creator with k posts costs, takes and brings."""

        def get(name: str, default: float | None = None) -> float | None:
            return number(offer[name]) if name in offer else default

        rate = self.data.get("exchange_rates", {}).get(offer.get("currency"), 1.0)

        def money(name: str, default: float | None = None) -> float | None:
            return product(get(name, default), 1 / rate)

        reachable = get("reachable", get("followers"))
        fee, cpm = money("cost_per_post"), money("cpm")
        shown, seen = get("impressions_per_post"), get("reach_rate")
        if shown is None and fee is not None and cpm is not None:
            shown = 1000 * fee / cpm
        if seen is None and shown is not None and reachable is not None:
            seen = min(1.0, shown / reachable)
        if shown is None:
            shown = product(reachable, seen)
        if fee is None:
            fee = product(cpm, shown, 1 / 1000)
        each = get("engagements_per_post")
        if each is None and "engagement_rate" in offer:
            of_impressions = offer.get("engagement_base") == "impressions"
            each = product(get("engagement_rate"), shown if of_impressions else get("followers"))

        completion = get("completion", 1.0)
        real = product(completion, get("authentic", 1.0), get("on_target", 1.0))
        decay = get("repeat_decay", 0.0)
        impressions = product(completion, k, shown)
        clicks = product(impressions, get("click_rate"))
        conversions = product(clicks, get("conversion_rate"))
        revenue = product(conversions, money("value_per_conversion"))
        none = 0.0 if "value_per_conversion" in offer else None
        goods = product(conversions, money("cost_per_conversion", none))
        engaged = product(real, each, sum((1 - decay) ** j for j in range(k)))
        discount = 0.0
        for threshold, share in sorted(offer.get("bundle_discount", {}).items()):
            discount = number(share) if k >= threshold else discount
        fees = 1 + sum(number(share) for share in self.data.get("fees", {}).values())
        cost = (money("cost_per_creator", 0.0) + (fee or 0.0) * k * (1 - discount)) * fees
        if get("commission", 0.0):
            cost = None if revenue is None else cost + get("commission") * revenue
        hours = None
        if "hours_per_creator" in offer or "hours_per_post" in offer:
            hours = get("hours_per_creator", 0.0) + get("hours_per_post", 0.0) * k
        amounts: Amounts = {
            "cost": cost,
            "hours": hours,
            "creators": 1,
            "posts": k,
            "impressions": impressions,
            "on audience": product(real, k, shown),
            "engagements": product(engaged, self.weight(offer)),
            "likes": product(engaged, self.share(offer, "likes", "reactions")),
            **{kind: product(engaged, self.share(offer, kind)) for kind in ("comments", "shares", "saves")},
            "clicks": clicks,
            "conversions": conversions,
            "revenue": revenue,
            "cost_of_goods": goods,
            "profit": None if None in (revenue, goods, cost) else revenue - goods - cost,
            "gross_reach": None if seen is None else product(real, reachable, 1 - (1 - seen) ** k),
        }
        for name, per in self.own.items():
            worth = number(offer["measures"].get(name, 0)) if "measures" in offer else None
            amounts[name] = product(worth, k if per == "post" else 1)
        return amounts

    def weight(self, offer: dict[str, Any]) -> float | None:
        """Worth of one average engagement."""
        weights = self.data.get("engagement_weights", {})
        mix = offer.get("engagement_mix")
        if all(w == 1 for w in weights.values()):
            return 1.0
        return (
            None if mix is None else sum(number(share) * weights.get(kind, 1) for kind, share in mix.items())
        )

    @staticmethod
    def share(offer: dict[str, Any], *kinds: str) -> float | None:
        """Share of the engagements that are of some kinds."""
        mix = offer.get("engagement_mix")
        return (
            None
            if mix is None
            else sum(number(mix.get(k, 0)) for k in kinds) / sum(map(number, mix.values()))
        )

    # --- reach without duplicates --------------------------------------------------------------------------

    def index(self, reached: float | None) -> float | None:
        """z of one creator who alone reaches that many people."""
        if self.people is None or reached is None:
            return None
        left, a = 1 - reached / self.people, self.shape
        return -math.log(left) if math.isinf(a) else a * (left ** (-1 / a) - 1)

    def missed(self, index: float) -> float:
        """Share of the audience that creators with that summed index miss: G."""
        return math.exp(-index) if math.isinf(self.shape) else (1 + index / self.shape) ** -self.shape

    def fit_shape(self) -> float:
        """The shape whose average pairwise overlap of whole audiences is the assumed one, by bisection."""
        self.shape = math.inf
        overlap = number(self.data.get("audience", {}).get("overlap"))
        if self.people is None or overlap is None:
            return math.inf
        audiences, pairs = [], []
        for offer in self.offers:
            shares = [number(offer.get(name, 1)) for name in ("authentic", "on_target")]
            audiences.append(number(offer.get("reachable", offer.get("followers"))) * math.prod(shares))
            if offer.get("creators", {}).get("max", math.inf) >= 2:
                pairs.append((audiences[-1], audiences[-1]))
        pairs += itertools.combinations(audiences, 2)

        def average(shape: float) -> float:
            self.shape = shape
            shared = sum(
                one + other - self.people * (1 - self.missed(self.index(one) + self.index(other)))
                for one, other in pairs
            )
            return shared / sum(min(pair) for pair in pairs)

        if overlap <= average(math.inf):
            return math.inf
        low, high = 0.02, 1e6
        while low < (middle := math.sqrt(low * high)) < high:  # until there is no number between them
            low, high = (middle, high) if average(middle) > overlap else (low, middle)
        return middle

    # --- plans ---------------------------------------------------------------------------------------------

    @cached_property
    def options(self) -> list[list[Amounts]]:
        """Every way to book each offer: amounts with set-up, and `booked` = (creators, package) pairs."""
        return [self._options_of(o) for o in range(len(self.offers))]

    def _options_of(self, o: int) -> list[Amounts]:
        offer, packages = self.offers[o], self.packages[o]
        room = offer.get("creators", {})
        most = room.get("max")
        if most is None:  # only the budget limits it
            most = math.floor(self.data["budget"] / min(p["cost"] for p in packages) + TOLERANCE)
        counts = itertools.product(range(most + 1), repeat=len(packages))
        must = self.only is None or ("booking", o) in self.only
        least = room.get("min", 0) if must else 0
        return [self.option(o, c) for c in counts if least <= sum(c) <= most]

    def option(self, o: int, counts: tuple[int, ...]) -> Amounts:
        booked = [(n, p) for n, p in zip(counts, self.packages[o], strict=True) if n]

        def add(name: str) -> float | None:
            return None if any(p[name] is None for _, p in booked) else sum(n * p[name] for n, p in booked)

        result: Amounts = {name: add(name) for name in [*self.measures, "index", "on audience"]}
        offer = self.offers[o]
        if booked:
            rate = self.data.get("exchange_rates", {}).get(offer.get("currency"), 1.0)
            setup = (number(offer.get("setup_cost")) or 0.0) / rate
            hours = number(offer.get("setup_hours")) or 0.0
            for name, more in (("cost", setup), ("profit", -setup), ("hours", hours)):
                result[name] = None if result[name] is None else result[name] + more
        return result | {"booked": booked, "counts": counts}

    def plans(self) -> Any:
        return itertools.product(*self.options)

    @property
    def size(self) -> int:
        return math.prod(len(options) for options in self.options)

    def total(self, plan: Any, measure: str, offers: Any = None) -> float | None:
        chosen = plan if offers is None else [plan[o] for o in offers]
        if measure == "reach":
            return self.people * (1 - self.missed(sum(option["index"] for option in chosen)))
        result: float = 0
        for option in chosen:
            if option["booked"]:
                part = option[measure]
                if part is None:
                    return None
                result += part
        return result

    def reached_by_two(self, plan: Any) -> float:
        """People reached by two or more of the creators booked."""
        booked = [pair for option in plan for pair in option["booked"]]
        z = sum(n * p["index"] for n, p in booked)
        once = sum(n * (self.missed(z - p["index"]) - self.missed(z)) for n, p in booked)
        return self.people * (1 - self.missed(z) - once)

    # --- limits --------------------------------------------------------------------------------------------

    @cached_property
    def rules(self) -> list[Rule]:
        everyone = list(range(len(self.offers)))
        rules = [
            Rule(measure, everyone, None, (self.data[name], None))
            for name, measure in (("budget", "cost"), ("effort_hours", "hours"))
            if name in self.data
        ]
        for limit in self.data.get("limits", ()):
            rules += self._spelled_out(limit)
        return [rule for n, rule in enumerate(rules) if self.only is None or n in self.only]

    def _spelled_out(self, limit: dict[str, Any]) -> list[Rule]:
        everyone = range(len(self.offers))
        wanted = {key: v if isinstance(v, list) else [v] for key, v in limit.get("where", {}).items()}
        chosen = [o for o in everyone if all(self.label(o, key) in wanted[key] for key in wanted)]
        low, high, per = bound(limit.get("min")), bound(limit.get("max")), limit.get("per")
        if per in (None, "creator"):
            return [Rule(limit["measure"], chosen, low, high, per, limit.get("or_none", False))]
        values = dict.fromkeys(value for o in everyone if (value := self.label(o, per)) is not None)
        parts = [[o for o in chosen if self.label(o, per) == value] for value in values]
        none = limit.get("or_none", False)
        return [Rule(limit["measure"], part, low, high, per, none) for part in parts if part]

    def label(self, o: int, key: str) -> str | None:
        offer = self.offers[o]
        key = "name" if key == "offer" else key
        return offer.get(key, offer.get("tags", {}).get(key))

    def side(self, rule_side: tuple[float, str | None], plan: Any) -> float:
        """A side of a limit as a number."""
        share, of = rule_side
        if of is None:
            return share
        if of in FIXED:
            return share * (self.people if of == "audience" else self.data[of])
        return share * self.total(plan, of)

    def holds(self, rule: Rule, plan: Any) -> bool:
        if (
            rule.measure in RATIOS
        ):  # cost <= bound x what it buys, which also says what holds for a plan of nothing
            bottom, factor = RATIOS[rule.measure]
            top = "cost"
        else:
            top, bottom, factor = rule.measure, None, 1
        if rule.per == "creator":
            name = "gross_reach" if top == "reach" else top
            packages = [p for o in rule.offers for _, p in plan[o]["booked"]]
            values = [(p[name] * factor, p[bottom] if bottom else 1.0) for p in packages]
        else:
            below = self.total(plan, bottom, rule.offers) if bottom else 1.0
            values = [(self.total(plan, top, rule.offers) * factor, below)]
        for rule_side, sign in ((rule.low, 1), (rule.high, -1)):
            if rule_side is None:
                continue
            if sign > 0 and rule.or_none and not any(plan[o]["booked"] for o in rule.offers):
                continue
            side = self.side(rule_side, plan)
            for value, below in values:
                if sign * (side * below - value) > TOLERANCE * max(1.0, abs(value), abs(side * below)):
                    return False
        return True

    def keeps_limits(self, plan: Any) -> bool:
        return all(self.holds(rule, plan) for rule in self.rules)

    # --- the best plan -------------------------------------------------------------------------------------

    @property
    def goals(self) -> list[tuple[str, float, float]]:
        """(measure, +1 to maximise or -1 to minimise, within)."""
        goals = self.data["objective"]
        result = []
        for goal in goals if isinstance(goals, list) else [goals]:
            goal = {"maximize": goal} if isinstance(goal, str) else goal
            sign = 1.0 if "maximize" in goal else -1.0
            result.append((goal.get("maximize") or goal["minimize"], sign, number(goal.get("within", 0))))
        return result

    def solve(self) -> Answer:
        """Look at every plan."""
        answer = Answer(self.size)
        allowed = []
        almost: list[tuple[float, str]] = []
        first, sign, _ = self.goals[0]
        for plan in self.plans():
            broken = list(itertools.islice((r for r in self.rules if not self.holds(r, plan)), 2))
            if not broken:
                allowed.append(plan)
            elif len(broken) == 1:
                almost.append((sign * self.total(plan, first), broken[0].kind))
        for measure, sign, within in self.goals if allowed else ():
            values = [sign * self.total(plan, measure) for plan in allowed]
            best = max(values)
            answer.best.append(sign * best)
            floor = best - within * abs(best)
            allowed = [
                p for p, v in zip(allowed, values, strict=True) if v >= floor - TOLERANCE * max(1, abs(floor))
            ]
        for measure in ("cost", "hours") if allowed else ():
            values = [self.total(plan, measure) for plan in allowed]
            if None in values:
                continue
            least = min(values)
            setattr(answer, measure, least)
            allowed = [
                p for p, v in zip(allowed, values, strict=True) if v <= least + TOLERANCE * max(1, least)
            ]
        bar = self.goals[0][1] * answer.best[0] if answer.best else -math.inf
        answer.decisive = {
            kind for value, kind in almost if value > bar + 1e-6 * abs(bar if answer.best else 0)
        }
        return answer


def posts_allowed(offer: dict[str, Any]) -> range:
    posts = offer.get("posts_per_creator", 1)
    low, high = (posts.get("min", 1), posts["max"]) if isinstance(posts, dict) else (posts, posts)
    return range(low, high + 1)


def bound(value: Any) -> tuple[float, str | None] | None:
    """`20% of cost` as (0.2, "cost"), a number as (number, None)."""
    if value is None:
        return None
    share, _, of = value.partition(" of ") if isinstance(value, str) else (value, "", "")
    return number(share), of or None
