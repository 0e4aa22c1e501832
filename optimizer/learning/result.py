"""What `next_tests` answers: which numbers are worth asking for, in order."""

from __future__ import annotations

from typing import Literal

from optimizer.language.records import Record
from optimizer.learning.numbers import Way
from optimizer.plan.plan import ScenarioStamp
from optimizer.program.filling import Origin


class NumberWorth(Record):
    """What knowing one number of one offer is worth. Values are of the first objective, in its unit."""

    offer: str
    field: str
    low: float
    typical: float
    high: float
    """The range that is planned with, money in the scenario's currency."""
    origin: Origin
    source: str
    one_creator: bool
    """Whether there is one creator on the offer, so that a test post tells of her as well as of others like her."""
    along: int
    """Other offers whose same number is then expected elsewhere, because they hang together."""
    value: float
    """Expected gain of the best plan with the number known over today's plan: no way of asking can be worth more."""
    share: float | None
    """value / value of today's plan; None where that is 0."""
    other_plan: float
    """Chance that the number turns out so that another plan is better."""
    broken: float
    """Chance that it turns out so that today's plan breaks a limit, whatever of it is dropped or added."""
    way: Way
    """How it is asked for; none where no test tells it."""
    tells: float
    """Share of its variance that asking does away with: 1 for a quote, an answer and a time sheet; 0 for none."""
    test_value: float | None
    """Expected gain with what asking tells; None where nothing does."""
    cost: float | None
    """Of asking, in the scenario's currency; None where nothing tells it."""
    hours: float | None
    brought: float | None
    """What this money and these hours would have brought; None where without them no plan keeps every limit."""
    net: float | None
    """test_value - brought; None where either is not known."""
    worth_it: bool
    """Whether net is above 0."""


class NumbersWithout(Record):
    """Numbers of one name that can change nothing, whatever they are."""

    field: str
    offers: int


class NextTests(Record):
    """Which number, if known, would be worth most to a decision."""

    scenario: ScenarioStamp
    currency: str
    measure: str
    """Of the first objective."""
    sense: Literal["maximize", "minimize"]
    unit: str
    planned: float
    """Value of today's plan: the best for the first objective by typical numbers."""
    proven: bool
    """Whether it is proven to be the best; otherwise gains are too high by as much as it falls short."""
    numbers: tuple[NumberWorth, ...]
    """Those that were solved for, the largest net value first, then those that cannot be asked for, by their value."""
    without: tuple[NumbersWithout, ...]
    """Numbers with a range that enter neither the first objective nor a limit: knowing them is worth 0."""
    not_asked: int
    """Further numbers with a range, which matter less by a rough estimate and were not solved for."""
    unsettled: int
    """Numbers for which time was up, or which could not be solved for."""
    assumptions: tuple[str, ...]
    """What the values rest on."""
    sentences: tuple[str, ...]
    """The findings in plain words, most important first."""
    version: str
