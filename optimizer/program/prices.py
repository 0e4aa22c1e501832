"""What prices come to against the budget: the cheapest booking, and exchange rates that look upside down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from optimizer.language.measures import coin_of
from optimizer.language.numbers import money_digits, number
from optimizer.program.program import Program

FAR_FROM_ONE = 10.0
"""A rate nearer to 1 than this moves prices too little, whichever way round, to tell the two ways apart."""
MOST_POSTS = 100_000
"""A budget that buys more posts of an offer than this buys everything there is."""


class TooDear(NamedTuple):
    """A budget and the cheapest booking: one creator with fees and set-up, which costs more than all of it."""

    offer: str
    cost: float
    budget: float
    currency: str

    @property
    def text(self) -> str:
        """`the budget is 100 USD; the cheapest booking, nano-reel, costs 140 USD`."""
        digits = money_digits([self.budget, self.cost], self.currency)
        budget, cost = number(self.budget, digits), number(self.cost, digits)
        return (
            f"the budget is {budget} {self.currency}; "
            f"the cheapest booking, {self.offer}, costs {cost} {self.currency}"
        )


class UpsideDown(NamedTuple):
    """An exchange rate that looks as if it was meant the other way round, with a price as an example."""

    currency: str
    rate: float
    offer: str
    price: float
    """Of one post, in the scenario's currency."""
    turned: float
    """The same with the rate the other way round."""


def too_dear(program: Program) -> TooDear | None:
    """The cheapest booking, where even that costs more than the budget; None where something can be paid."""
    budget, packages = program.scenario.budget, program.packages
    cost = packages.measures["cost"][: packages.count].copy()
    for switch, offer in enumerate(packages.setup_of):
        cost[packages.offer == offer] += packages.measures["cost"][packages.count + switch]
    bookable = (packages.room_max[packages.offer] > 0) & (program.excluded == 0)
    if budget is None or not program.scenario.solver.whole_creators or not bookable.any():
        return None
    if not np.all(cost[bookable] > budget):  # also where a cost is not known
        return None
    cheapest = int(np.argmin(np.where(bookable, cost, np.inf)))
    return TooDear(packages.key(cheapest)[0], float(cost[cheapest]), budget, program.scenario.currency)


def upside_down(program: Program) -> Iterator[UpsideDown]:
    """Rates that leave no price in their currency payable, where the other way round would, or below every coin.

    Payable is what is at least one coin and what the budget buys once and at most `MOST_POSTS` times.
    """
    scenario = program.scenario
    least, most = coin_of(scenario.currency), float("inf")
    if scenario.budget is not None:
        least, most = max(least, scenario.budget / MOST_POSTS), scenario.budget
    for currency, rate in scenario.exchange_rates.items():
        if 1 / FAR_FROM_ONE < rate < FAR_FROM_ONE:
            continue
        prices = {
            terms.name: price
            for terms in program.packages.terms
            if currency in terms.currencies.values()
            and (price := terms.get("cost_per_post") or terms.get("cost_per_creator"))
        }
        if any(least <= price <= most for price in prices.values()):
            continue
        for offer, price in prices.items():
            turned = price * rate * rate
            # a price below every coin cannot be meant, whatever the other way round costs
            if least <= turned <= most or price < coin_of(scenario.currency):
                yield UpsideDown(currency, rate, offer, price, turned)
                break
