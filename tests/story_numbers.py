"""What a story can tell of a plan, and the variants of the scenarios that stories speak of."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from optimizer import Plan, load_scenario
from optimizer.plan.plan import Line
from optimizer.plan.risk import Risk
from optimizer.program.program import program_of
from tests.stories import FOLDER, booked, story
from tests.stories import plan_without_risk as plan


def value(found: Plan) -> float:
    return found.objective.value


def best(found: Plan) -> float:
    """The first objective before anything is given up for the next."""
    return found.objectives[0].best


def total(field: str) -> Callable[[Plan], float | None]:
    return lambda found: getattr(found.totals, field)


def creators(*offers: str) -> Callable[[Plan], float]:
    return lambda found: booked(found, *offers)


def line(found: Plan, offer: str) -> Line:
    """The one line of an offer."""
    (only,) = (line for line in found.lines if line.offer == offer)
    return only


def line_share(measure: str, *offers: str) -> Callable[[Plan], float]:
    """Share of the total that some offers bring."""

    def share(found: Plan) -> float:
        mine = sum(getattr(line, measure) for line in found.lines if line.offer in offers)
        return mine / getattr(found.totals, measure)

    return share


def cpe_of(*offers: str) -> Callable[[Plan], float]:
    """Cost of each engagement that some offers bring together."""

    def cpe(found: Plan) -> float:
        mine = [line for line in found.lines if line.offer in offers]
        return float(sum(line.cost for line in mine) / sum(line.engagements for line in mine))

    return cpe


def bundles_of(posts: int | str, *offers: str) -> tuple[str, ...]:
    """The changes that make bundles of another size of what launch-us buys in threes."""
    return tuple(f"offers.{offer}.posts_per_creator={posts}" for offer in offers or BUNDLED)


def of_tier(measure: str, tier: str) -> Callable[[Plan], float]:
    return lambda found: sum(getattr(line, measure) for line in found.lines if line.tier == tier)


def against(name: str, field: str, *changes: str) -> Callable[[Plan], float]:
    """A total, relative to that of another plan of the scenario."""
    return lambda found: getattr(found.totals, field) / getattr(plan(name, *changes).totals, field) - 1


def more(name: str, field: str, *changes: str) -> Callable[[Plan], float]:
    """A total, beyond that of another plan of the scenario."""
    return lambda found: getattr(found.totals, field) - getattr(plan(name, *changes).totals, field)


def each(field: str, offer: str) -> Callable[[Plan], float]:
    """What one creator of an offer costs or brings; only where all are booked alike."""
    return lambda found: getattr(line(found, offer), field) / line(found, offer).creators


def people_per_dollar(offer: str) -> Callable[[Plan], float]:
    return lambda found: each("gross_reach", offer)(found) / each("cost", offer)(found)


def people_in(segment: str) -> Callable[[Plan], float]:
    """People of one segment of the audience who are reached."""
    return lambda found: next(s.reached for s in found.segments if s.name == segment)


def gift_per_order(found: Plan) -> float:
    """Product and shipping given away by product-seeding's stories, for each order they bring."""
    (offer,) = (o for o in found.inputs["offers"] if o["name"] == "micro-story")
    micro = line(found, "micro-story")
    return offer["cost_per_creator"] * micro.creators / micro.conversions


@dataclass(frozen=True)
class OfRisk:
    """A number of a plan that only one with its risk has."""

    number: Callable[[Risk], float]

    def __call__(self, found: Plan) -> float:
        assert found.risk is not None
        return self.number(found.risk)


def drawn(percentile: str, measure: str = "engagements") -> OfRisk:
    """What a plan comes to in the drawn cases: p10, p50 or p90."""
    return OfRisk(lambda risk: float(getattr(risk.measures[measure], percentile)))


def driver(field: str, offer: str) -> OfRisk:
    """Share of the variance that comes from one number."""

    def share(risk: Risk) -> float:
        (only,) = (d for d in risk.drivers if (d.field, d.offer) == (field, offer))
        return only.share_of_variance

    return OfRisk(share)


def chance(limit: str) -> OfRisk:
    """In what share of the drawn cases a limit is kept."""

    def share(risk: Risk) -> float:
        (only,) = (c for c in risk.chances if c.limit == limit)
        return only.chance

    return OfRisk(share)


def numbers(line: str) -> list[float]:
    """The numbers of a line, with thousands and decimals."""
    return [float(found.replace(",", "")) for found in re.findall(r"\d[\d,]*(?:\.\d+)?", line)]


def rows(name: str, start: str, count: int) -> list[list[float]]:
    """The numbers of the table rows below a line of the story."""
    lines = story(name)
    first = next(i for i, line in enumerate(lines) if line.startswith(start)) + 1
    return [numbers(line) for line in lines[first:] if line][:count]


def unit(name: str, offer: str, overrides: dict[str, object] | None = None) -> dict[str, float]:
    """What the first package of an offer costs, takes and brings."""
    packages = program_of(load_scenario(FOLDER / f"{name}.yaml", overrides or {})).packages
    index = next(p for p in range(packages.count) if packages.key(p)[0] == offer)
    return {"reach": float(packages.reach[index])} | {
        m: float(v[index]) for m, v in packages.measures.items()
    }


Q, L, B, P, T, A, V, X, M, D, F, R = (
    "quickstart", "launch-us", "small-business-niche", "product-seeding", "traffic-and-leads", "always-on",
    "vietnam-launch", "too-tight", "macro-vs-micro", "one-bet-or-many", "four-markets", "after-the-campaign",
)  # fmt: skip
PROFIT = ("objective=profit",)
ONE_SET = ("offers.micro-story.cost_per_creator=55",)
NO_YOUTUBE = ("limits.youtube share.min=0% of cost",)
HALF_HOURS = ("effort_hours=400",)
MEGA = (*HALF_HOURS, "limits.one creator.max=20% of budget")
DEARER = ("offers.micro-instagram-reel.cost_per_post=550",)
BUNDLED = ("micro-instagram-reel", "mid-instagram-reel", "micro-tiktok-video", "mid-tiktok-video")
NO_RULE = ("limits.one creator.max=2_500",)
NATIONAL = ("offers.food-show.on_target=100%", *NO_RULE)
HALF_MONEY = ("budget=1_250",)
QUOTE = ("offers.city-guides.cost_per_post=300",)
ONE_PURSE = ("budget=45_000", "limits.month.max=45_000")
NO_PRESENCE = "limits.presence.min=0"
LESS_TIME = ("limits.desk.max=120",)
NO_WEIGHTS = ("engagement_weights={}",)
FREE = ("limits.instagram share.max=100% of cost",)
NANO = ("nano-instagram-reel", "nano-tiktok-video")
CONVERSIONS = ("objective=conversions",)
APPLAUSE = ("objective=engagements",)
CPA_48 = ("limits.cpa.max=48",)
YOUTUBE = ("micro-youtube-video", "mid-youtube-video")
STORIES = line_share("conversions", "story-micro", "story-mid")
MORE_MONEY, MORE_HOURS = ("limits.month.max=16_000",), ("limits.desk.max=140",)
TIKTOK_BOOKED = ("offers.tiktok-september.creators.min=1",)
TIKTOK = tuple(f"tiktok-{month}" for month in ("september", "october", "november"))
LIKE_MICRO = ("offers.macro.engagement_rate=2.57%",)
RICH = ("budget=100_000",)
NO_NORTH = ("limits.north.min=0% of cost",)
HOURS_350 = ("effort_hours=350",)
ONE_FACE = ("limits.one face.max=100% of budget",)
DEAR_MID = ("offers.beauty-mid-hcmc.cost_per_post=1_000",)
NO_FACE = ("offers.face.creators.min=0",)
FACE_50, FACE_55 = ("budget=21_860",), ("limits.community first.min=45% of cost",)
SURE = ("objective={maximize: engagements, confidence: 90%}",)
SURE_200, SURE_120 = (*SURE, "effort_hours=200"), (*SURE, "effort_hours=120")
SURE_HOURS = (*SURE, "effort_hours={max: 300, confidence: 90%}")
HER_RATE, HER_SPREAD = ("offers.the star.engagement_rate=[2.5%, 3%, 3.5%]",), ("offers.the star.spread=0.2",)
HER_OWN = (*HER_RATE, *HER_SPREAD)
CHEAPER = ("offers.micro creators.cost_per_post=380",)
MORE_HOURS_F = ("effort_hours=4_650",)
NO_US_FLOOR = ("limits.people in US.min=0",)
SINGER = ("limits.one creator.max=10% of budget",)
MORE_MONEY_F = ("budget=2_200_000",)
EASIER = ("offers[tier=macro].hours_per_creator=15",)
