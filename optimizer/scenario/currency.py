"""The same scenario in another currency, so that scenarios in different currencies can stand side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from optimizer.language.errors import Problem, ScenarioError
from optimizer.language.measures import MEASURES, RATIOS
from optimizer.scenario.scenario import Scenario

_MONEY = {name for name, measure in MEASURES.items() if measure.unit == "money"} | set(RATIOS)


def rate_between(base: Scenario, other: Scenario, rates: Mapping[str, float] | None = None) -> float:
    """Units of other's currency per 1 unit of base's: from `rates`, else base's exchange rates, else other's.

    Raises:
        ScenarioError: where none of them knows.
    """
    for known in (rates or {}, base.exchange_rates):
        if other.currency in known:
            return known[other.currency]
    if base.currency in other.exchange_rates:
        return 1.0 / other.exchange_rates[base.currency]
    raise ScenarioError(
        [
            Problem(
                ("exchange_rates",),
                f"{other.title} is in {other.currency}, {base.title} in {base.currency}, and there is no exchange rate",
                f"add --rate {other.currency}=…, how many {other.currency} make 1 {base.currency}",
            )
        ]
    )


def in_currency(scenario: Scenario, currency: str, rate: float) -> Scenario:
    """The scenario with all money in another currency; it has the same plans.

    Args:
        scenario: the scenario.
        currency: the new currency.
        rate: units of the scenario's own currency per 1 unit of the new one.
    """
    if scenario.currency == currency:
        return scenario
    for index, goal in enumerate(scenario.objective):
        if goal.over is not None:
            message = f"stress cases are words about {scenario.currency}, so this objective has no value in {currency}"
            problem = Problem(
                ("objective", index, "over"), message, "compare it with scenarios in its own currency"
            )
            raise ScenarioError([scenario.locate(problem)])
    data = scenario.model_dump(mode="json", exclude_unset=True)
    data.pop("stress", None)  # changes no plan
    own = scenario.currency
    data["currency"] = currency
    rates = {code: number * rate for code, number in scenario.exchange_rates.items() if code != currency}
    data["exchange_rates"] = rates | {own: rate}
    if scenario.budget is not None:
        data["budget"] = scenario.budget / rate
    for offer in data["offers"]:
        if offer.setdefault("currency", own) in (None, own):
            offer["currency"] = own
        elif offer["currency"] == currency:
            del offer["currency"]
    for limit in data.get("limits", []):
        if limit["measure"] in _MONEY:
            for side in ("min", "max"):
                limit[side] = _converted(limit.get(side), rate)
    return Scenario.model_validate(data)


def _converted(side: Any, rate: float) -> Any:
    """A side of a limit on money; shares ("20% of cost") are text and stay as they are."""
    return side / rate if isinstance(side, int | float) else side
