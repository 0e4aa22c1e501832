"""What to negotiate: the fee at which each offer enters or leaves the plan, and the response it must show.

Found by re-solving the whole scenario with changed numbers (never from dual values, which are wrong for whole
creators), between today's value and the first that changes the answer, by bisection to a stated step.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from optimizer.jobs.clock import Clock
from optimizer.language.numbers import tidy
from optimizer.language.quantities import nice_step
from optimizer.program.program import prepare
from optimizer.scenario.scenario import Scenario
from optimizer.solve.answer import scenario_of
from optimizer.whatif.explain.thresholds import Dial, Rivals, Search, Threshold

STEP = 0.02
"""Step of the search as a share of today's value, rounded down to 1, 2 or 5 times a power of ten."""
FARTHEST = 64.0
"""A fee or rate this many times today's is no longer looked at."""
Kind = Literal["fee", "rate"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OfferNegotiation(_Frozen):
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


def fee_dial(scenario: Scenario, index: int) -> Dial | None:
    """The offer's fee per post in the scenario's currency; impressions stay as they are while it changes."""
    terms = prepare(scenario).packages.terms[index]
    fee = terms.get("cost_per_post")
    if fee is None:
        return None
    offer = scenario.offers[index]
    rate = scenario.exchange_rates.get(offer.currency or "", 1.0)
    path = f"offers[#{index}]"
    fixed: dict[str, object] = {}
    shown = terms.numbers.get("impressions_per_post")
    if offer.cpm is not None:
        fixed[f"{path}.cpm"] = None
        if shown is not None and offer.impressions_per_post is None:
            fixed[f"{path}.impressions_per_post"] = shown.estimate.typical

    def change(value: float) -> dict[str, object]:
        return {**fixed, f"{path}.cost_per_post": value * rate}

    return Dial(fee, nice_step(fee * STEP), change)


def rate_dial(scenario: Scenario, index: int) -> tuple[str, Dial] | None:
    """The offer's engagement rate, or its engagements per post where it gives those."""
    terms = prepare(scenario).packages.terms[index]
    path = f"offers[#{index}]"
    for name in ("engagement_rate", "engagements_per_post"):
        value = terms.get(name)
        if not value:
            continue
        fixed: dict[str, object] = (
            {f"{path}.engagement_base": terms.engagement_base} if name == "engagement_rate" else {}
        )

        def change(value: float, name: str = name, fixed: dict[str, object] = fixed) -> dict[str, object]:
            return {**fixed, f"{path}.{name}": value}

        return name, Dial(value, nice_step(value * STEP), change)
    return None


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
    packages = prepare(scenario).packages
    today = float(np.asarray(creators)[packages.offer == index].sum()) if creators else 0.0
    fee = fee_dial(scenario, index)
    result: dict[str, object] = {
        "offer": packages.terms[index].name, "used": today > 0, "creators": tidy(today),
        "fee": None if fee is None else tidy(fee.value), "fee_step": 0.0 if fee is None else fee.step,
    }  # fmt: skip
    rivals = Rivals(scenario, index, creators, Clock.until(until))

    def search(dial: Dial, near: float | None, way: int, most: float = np.inf) -> Threshold:
        if not planned:
            return Threshold(inside=None, outside=None, about=None if near is None else tidy(near))
        end = 0 if way < 0 else int(min(most, FARTHEST * dial.value) / dial.step + 1e-9)
        return Search(rivals, dial, 0.0, near).threshold(end)

    def search_more(dial: Dial) -> Threshold | None:
        if today >= packages.room_max[index]:
            return Threshold(inside=None, outside=None, reason="all there are booked")
        return Search(rivals, dial, today).threshold(0) if planned else None

    if fee is not None and "fee" in kinds and fee.value > 0:
        if today > 0:
            result["stays_to"] = search(fee, estimates[0], +1)
            result["more_from"] = search_more(fee)
        else:
            result["enters_at"] = search(fee, estimates[0], -1)
    found = rate_dial(scenario, index)
    if found is not None and "rate" in kinds and _engagements_matter(scenario):
        name, dial = found
        result |= {"rate": tidy(dial.value), "rate_name": name, "rate_step": dial.step}
        most = 1.0 if name == "engagement_rate" else np.inf
        result["must_show"] = search(dial, estimates[1], -1 if today > 0 else +1, most)
    return OfferNegotiation.model_validate(result)


def _engagements_matter(scenario: Scenario) -> bool:
    asked = {goal.measure for goal in scenario.objective} | {limit.measure for limit in scenario.limits}
    asked |= {bound.of or "" for limit in scenario.limits for bound in (limit.min, limit.max) if bound}
    return bool(asked & {"engagements", "cpe"})
