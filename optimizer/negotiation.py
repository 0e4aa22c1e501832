"""What to negotiate: the fee at which each offer enters or leaves the plan, and the response it must show.

Found by re-solving the whole scenario with changed numbers (never from dual values, which are wrong for whole
creators), between today's value and the first that changes the answer, by bisection to a stated step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict

from optimizer.errors import ScenarioError
from optimizer.flow import EVERYTHING, Effort
from optimizer.plan import tidy
from optimizer.prepare import prepare
from optimizer.quantities import nice_step
from optimizer.scenario import Scenario
from optimizer.whatif import Answer, Clock, answer_changed, linear_program, scenario_of

STEP = 0.02
"""Step of the search as a share of today's value, rounded down to 1, 2 or 5 times a power of ten."""
CLOSE = 0.05
"""The two sides of a threshold are brought as near to each other as this share of it (or one step)."""
FARTHEST = 64.0
"""A fee or rate this many times today's is no longer looked at."""
Kind = Literal["fee", "rate"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Threshold(_Frozen):
    """A value at which the plan changes, between `inside` and `outside`.

    Both were planned: at `inside` the sentence holds, at `outside` it does not. They are at most 5 % apart, or one step
    (2 % of today's value). None where no such value was found; `reason` says why.
    """

    inside: float | None
    outside: float | None
    reason: str = ""


class OfferNegotiation(_Frozen):
    """What one offer may cost and must bring."""

    offer: str
    used: bool
    creators: float
    fee: float | None
    """cost_per_post today, in the scenario's currency."""
    fee_step: float
    stays_to: Threshold | None = None
    """Used: highest fee at which it is still booked."""
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


class Dial(NamedTuple):
    """A number of one offer that can be turned: its value today, its step, and the change that sets it."""

    value: float
    step: float
    change: Callable[[float], dict[str, object]]


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
) -> OfferNegotiation:
    """Thresholds of one offer; a top-level function, so that any executor can run it.

    Args:
        scenario_json: the scenario.
        index: which offer.
        creators: creators per package in today's plan.
        kinds: look at the fee, the engagement rate, or both.
        until: moment of `time.time()`; thresholds not settled by then are left out with that reason.
    """
    scenario = scenario_of(scenario_json)
    clock = Clock.until(until)
    packages = prepare(scenario).packages
    mine = np.flatnonzero(packages.offer == index)

    def count(plan: tuple[float, ...]) -> float:
        return float(sum(plan[p] for p in mine)) if plan else 0.0

    def booked(result: Answer) -> float:  # for nothing, and with nothing else that limits it, ever more of it
        return np.inf if result.status == "unlimited" else count(result.creators)

    today = count(creators)
    fee = fee_dial(scenario, index)
    result: dict[str, object] = {
        "offer": packages.terms[index].name, "used": today > 0, "creators": tidy(today),
        "fee": None if fee is None else tidy(fee.value), "fee_step": 0.0 if fee is None else fee.step,
    }  # fmt: skip

    def search(dial: Dial, holds: Callable[[float], bool], way: int, most: float = np.inf) -> Threshold:
        start = round(dial.value / dial.step)
        end = 0 if way < 0 else int(min(most, FARTHEST * dial.value) / dial.step + 1e-9)
        today_holds = holds(today)
        plans = {start: creators}
        answers, settled = {start: today_holds}, {start: today_holds}

        def number(steps: int) -> float:  # today's value need not be a whole number of steps
            return tidy(dial.value if steps == start else steps * dial.step)

        def planned(steps: int, effort: Effort) -> Answer:
            result = None if clock.over else answer_changed(scenario_json, dial.change(number(steps)), effort)
            if result is None or result.status == "not_found":
                raise TimeoutError
            return result

        def quick(steps: int) -> bool:
            if steps not in answers:
                nearest = plans[min(plans, key=lambda known: abs(known - steps))]
                result = planned(steps, Effort(lean=False, start=nearest))
                answers[steps] = holds(booked(result))
                if result.creators:
                    plans[steps] = result.creators
            return answers[steps]

        def exact(steps: int) -> bool:
            if steps not in settled:
                settled[steps] = holds(booked(planned(steps, EVERYTHING)))
            return settled[steps]

        def guess(steps: int) -> bool:
            if clock.over:
                raise TimeoutError
            try:
                return holds(_relaxed(scenario.with_changes(dial.change(number(steps))), index))
            except ScenarioError:  # nothing limits it any more
                return holds(np.inf)

        try:
            found, rough = None, _change(guess, start, end, None)
            if rough is not None or exact(end) != today_holds:
                found = _change(exact, start, end, _change(quick, start, end, rough))
        except TimeoutError:
            return Threshold(inside=None, outside=None, reason="time was up")
        if found is None:
            word = "at" if end <= start else "up to"
            never = f"{'even' if today_holds else 'not even'} {word} {tidy(end * dial.step):,.6g}"
            if start == end:
                never = "it is 0 already" if end == 0 else "it is as high as it can be"
            return Threshold(inside=None, outside=None, reason=never)
        inside, outside = found if today_holds else found[::-1]
        return Threshold(inside=number(inside), outside=number(outside))

    if fee is not None and "fee" in kinds and fee.value > 0:
        if today > 0:
            result["stays_to"] = search(fee, lambda n: n > 1e-6, +1)
            full = today >= packages.room_max[index]
            all_booked = Threshold(inside=None, outside=None, reason="all there are booked")
            result["more_from"] = all_booked if full else search(fee, lambda n: n > today + 1e-6, -1)
        else:
            result["enters_at"] = search(fee, lambda n: n > 1e-6, -1)
    found = rate_dial(scenario, index)
    if found is not None and "rate" in kinds and _engagements_matter(scenario):
        name, dial = found
        result |= {"rate": tidy(dial.value), "rate_name": name, "rate_step": dial.step}
        most = 1.0 if name == "engagement_rate" else np.inf
        result["must_show"] = search(dial, lambda n: n > 1e-6, -1 if today > 0 else +1, most)
    return OfferNegotiation.model_validate(result)


def _engagements_matter(scenario: Scenario) -> bool:
    asked = {goal.measure for goal in scenario.objective} | {limit.measure for limit in scenario.limits}
    asked |= {bound.of or "" for limit in scenario.limits for bound in (limit.min, limit.max) if bound}
    return bool(asked & {"engagements", "cpe"})


def _relaxed(scenario: Scenario, index: int) -> float:
    """Creators of one offer in the linear program of the first objective: a guess of where to look, no more."""
    prepared = prepare(scenario)
    _, solution = linear_program(prepared)
    if solution.status != "optimal":
        return 0.0
    return float(solution.values[: prepared.packages.count][prepared.packages.offer == index].sum())


def _change(
    test: Callable[[int], bool], start: int, end: int, rough: tuple[int, int] | None
) -> tuple[int, int] | None:
    """Where `test` changes between `start` and `end`, in steps: the last value with the answer at the start, the next.

    None where the answer at the end is that at the start. `rough` is where a cheaper test changed: this one gallops
    from there until the change is bracketed, and bisects until the two sides are close. Three tests work in turn:
    the linear program of the first objective, whole creators from a good start, and the plan as `optimize` makes it.
    """
    state = test(start)
    if start == end:
        return None
    near, far = (start, end) if rough is None else _bracket(test, state, start, end, rough)
    if far == end and test(end) == state:
        return None
    while abs(far - near) > _close(near):
        middle = (near + far) // 2
        near, far = (middle, far) if test(middle) == state else (near, middle)
    return near, far


def _close(steps: int) -> int:
    """How near the two sides of a threshold are brought, in steps."""
    return max(1, int(abs(steps) * CLOSE + 1e-9))


def _bracket(
    test: Callable[[int], bool], state: bool, start: int, end: int, rough: tuple[int, int]
) -> tuple[int, int]:
    """From a guess, gallop towards the change: a value with the answer at the start, and one beyond it without."""
    way = 1 if end > start else -1
    near, far = start, end
    low, high = rough
    stride = max(_close(low), abs(high - low))
    if low == start or test(low) == state:
        near = low
        while way * (far - near) > stride:
            at = high if near == low and high != low else near + way * stride
            if test(at) != state:
                return near, at
            near, stride = at, stride * 2
        return near, far
    far = low
    while way * (far - near) > stride:
        at = far - way * stride
        if test(at) == state:
            return at, far
        far, stride = at, stride * 2
    return near, far
