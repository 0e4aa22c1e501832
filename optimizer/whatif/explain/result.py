"""What an explanation holds."""

from __future__ import annotations

from typing import Literal

from optimizer.language.records import Record
from optimizer.plan.certificate import ObjectiveResult
from optimizer.plan.plan import ScenarioStamp
from optimizer.whatif.explain.negotiation import OfferNegotiation
from optimizer.whatif.explain.prices import LimitPrice
from optimizer.whatif.explain.rule_costs import RuleCost
from optimizer.whatif.explain.tipping import TippingPoint

Section = Literal["prices", "rules", "negotiation", "tipping"]


SECTIONS: tuple[Section, ...] = ("prices", "rules", "negotiation", "tipping")


class Explanation(Record):
    """Why a plan is as it is. Values are of the first objective, in `unit`."""

    scenario: ScenarioStamp
    currency: str
    objective: ObjectiveResult
    best: float
    """Best value of the first objective, found exactly and before anything is given up for later objectives; gains are
    measured from it."""
    unit: str
    cost: float | None
    hours: float | None
    sentences: tuple[str, ...]
    """The findings in plain words, most important first."""
    prices: tuple[LimitPrice, ...]
    rules: tuple[RuleCost, ...]
    """What each rule costs, dearest first."""
    negotiation: tuple[OfferNegotiation, ...]
    tipping: tuple[TippingPoint, ...]
    """Assumptions by how close they are to changing who is booked."""
    unsettled: int
    """Questions that time did not allow to answer; 0 when all were."""
    asked: int
    """Questions in all, of the sections that were asked for."""
    not_priced: int
    """Offers booked to the last creator whose places were not priced by solving, because there are so many."""
    offers: int
    """Offers of the scenario."""
    offers_asked: int
    """Those whose fees and other numbers were asked about: of many, the booked and the nearest to coming in."""
    version: str
