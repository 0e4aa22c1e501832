"""What to negotiate: the fee at which each offer enters or leaves the plan, and the response it must show.

Found by re-solving the whole scenario with changed numbers (never from dual values, which are wrong for whole
creators), between today's value and the first that changes the answer, by bisection to a stated step.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from optimizer.jobs.clock import Clock
from optimizer.language.numbers import tidy
from optimizer.language.records import Record
from optimizer.program.levers import Lever, fee_lever, rate_lever
from optimizer.program.program import program_of
from optimizer.scenario.fields import SHARE_FIELDS
from optimizer.scenario.scenario import Scenario
from optimizer.solve.answer import scenario_of
from optimizer.whatif.explain.thresholds import Rivals, Search, Threshold

FARTHEST = 64.0
"""A fee or rate this many times today's is no longer looked at."""
Kind = Literal["fee", "rate"]


class OfferNegotiation(Record):
    """What one offer may cost and must bring."""

    offer: str
    used: bool
    creators: float
    fee: float | None
    """cost_per_post today, in the scenario's currency."""
    fee_step: float
    stays_to: Threshold | None = None
    """Used: highest fee at which it is still booked; with `no_plan`, above it there is no plan any more."""
    more_from: Threshold | None = None
    """Used: highest fee at which more creators of it are booked than today."""
    enters_at: Threshold | None = None
    """Unused: highest fee at which it is booked."""
    rate: float | None = None
    """Engagement rate today (engagements per post, where the offer gives those)."""
    rate_name: str = "engagement_rate"
    rate_step: float = 0.0
    must_show: Threshold | None = None
    """Used: lowest rate at which it stays; unused: lowest at which it enters."""


def negotiate(
    scenario_json: str,
    index: int,
    creators: tuple[float, ...],
    kinds: tuple[Kind, ...] = ("fee", "rate"),
    until: float = np.inf,
    estimates: tuple[float | None, float | None] = (None, None),
    planned: bool = True,
) -> OfferNegotiation:
    """Thresholds of one offer; a top-level function, so that any executor can run it.

    Args:
        scenario_json: the scenario.
        index: which offer.
        creators: creators per package in today's plan.
        kinds: look at the fee, the engagement rate, or both.
        until: moment of `time.time()`; thresholds not settled by then are left out with that reason.
        estimates: where the linear program has the fee and the rate (`estimates.py`).
        planned: False to say no more than that.
    """
    scenario = scenario_of(scenario_json)
    packages = program_of(scenario).packages
    today = float(np.asarray(creators)[packages.offer == index].sum()) if creators else 0.0
    fee = fee_lever(scenario, index)
    result: dict[str, object] = {
        "offer": packages.terms[index].name, "used": today > 0, "creators": tidy(today),
        "fee": None if fee is None else tidy(fee.number), "fee_step": 0.0 if fee is None else fee.step,
    }  # fmt: skip
    rivals = Rivals(scenario, index, creators, Clock.until(until))

    def search(lever: Lever, near: float | None, way: int, most: float = np.inf) -> Threshold:
        if not planned:
            return Threshold(inside=None, outside=None, about=None if near is None else tidy(near))
        end = 0 if way < 0 else int(min(most, FARTHEST * lever.number) / lever.step + 1e-9)
        return Search(rivals, lever, 0.0, near).threshold(end)

    def search_more(lever: Lever) -> Threshold | None:
        if today >= packages.room_max[index]:
            return Threshold(inside=None, outside=None, reason="all there are booked")
        return Search(rivals, lever, today).threshold(0) if planned else None

    if fee is not None and "fee" in kinds and fee.number > 0:
        if today > 0:
            result["stays_to"] = search(fee, estimates[0], +1)
            result["more_from"] = search_more(fee)
        else:
            result["enters_at"] = search(fee, estimates[0], -1)
    rate = rate_lever(scenario, index)
    if rate is not None and "rate" in kinds and _engagements_matter(scenario):
        name = str(rate.path[-1])
        result |= {"rate": tidy(rate.number), "rate_name": name, "rate_step": rate.step}
        most = 1.0 if name in SHARE_FIELDS else np.inf
        result["must_show"] = search(rate, estimates[1], -1 if today > 0 else +1, most)
    return OfferNegotiation.model_validate(result)


def _engagements_matter(scenario: Scenario) -> bool:
    asked = {goal.measure for goal in scenario.objective} | {limit.measure for limit in scenario.limits}
    asked |= {bound.of or "" for limit in scenario.limits for bound in (limit.min, limit.max) if bound}
    return bool(asked & {"engagements", "cpe"})
