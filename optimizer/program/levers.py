"""The numbers of a scenario that can be turned."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from optimizer.language.errors import KeyPath
from optimizer.language.measures import FIXED, unit_of
from optimizer.language.quantities import nice_step
from optimizer.language.records import FrozenDict, FrozenMap, Record
from optimizer.program.program import Program, program_of
from optimizer.scenario.fields import MONEY_FIELDS, Bound
from optimizer.scenario.scenario import Limit, Scenario


class Lever(Record):
    """A number of the scenario that can be turned: where it stands, today's value, and the change that sets another.

    Attributes:
        path: where it stands, e.g. `("offers", 3, "cost_per_post")`.
        number: today's value; a share for "20% of cost".
        of: what it is a share of, if anything.
        factor: what is written is the number times this: units of the offer's own currency per 1 of the scenario's.
        fixed: what is written besides, so that nothing else follows the number.
        step: steps in which it is turned; 0 where whoever turns it decides.
    """

    path: KeyPath
    number: float
    of: str | None = None
    factor: float = 1.0
    fixed: FrozenMap[KeyPath, object] = Field(default_factory=FrozenDict)
    step: float = 0.0

    def change(self, number: float) -> dict[KeyPath, object]:
        """The scenario change that sets it to another number, for `varied` and `with_changes`."""
        written = Bound(number, self.of).text() if self.of else number * self.factor
        return {**self.fixed, self.path: written}


class LimitLever(Lever):
    """One number of the scenario that limits the plan.

    Attributes:
        written: the path as text, for `--set` and `with_changes`.
        name: name of the limit.
        text: the limit in words.
        side: "max" for a ceiling, "min" for a floor.
        unit: unit of the number, e.g. "USD", "hours", "creators", "points of share".
        whole: whether only whole numbers make sense.
        most: beyond this a larger number changes nothing: 1 for a share of what it is a part of.
        offer: name of the offer whose room it is, if it is one's.
    """

    written: str
    name: str
    text: str
    side: Literal["min", "max"]
    unit: str
    whole: bool = False
    most: float = math.inf
    offer: str | None = None

    @property
    def relaxing(self) -> int:
        """+1 where a larger number allows more, -1 where a smaller one does."""
        return 1 if self.side == "max" else -1


CAPS: dict[KeyPath, str] = {("budget",): "budget", ("effort_hours",): "coordination hours"}
"""Paths of the two caps that stand by themselves, and what they are called."""


def limit_levers(program: Program) -> Iterator[LimitLever]:
    """Every number of the scenario that limits the plan: budget, hours, limits, bookings and creators available."""
    scenario = program.scenario
    for path, words in CAPS.items():
        name = str(path[0])
        number = getattr(scenario, name)
        if number is not None:
            unit = scenario.currency if name == "budget" else "hours"
            yield LimitLever(
                path=path, written=name, name=name, text=words, side="max", number=number, unit=unit
            )
    for index, limit in enumerate(scenario.limits):
        yield from sides_of(program, index, limit)
    for index, offer in enumerate(scenario.offers):
        name = program.packages.terms[index].name
        for side, bound in (("min", offer.creators.min or None), ("max", offer.creators.max)):
            if bound is not None:
                yield LimitLever(
                    path=("offers", index, "creators", side),
                    written=scenario.path_to("offers", index, "creators", side),
                    name=f"{name}: {'booked' if side == 'min' else 'available'}",
                    text=f"creators of {name} {'booked' if side == 'min' else 'available'}",
                    side=side,
                    number=bound,
                    unit="creators",
                    whole=scenario.solver.whole_creators,
                    most=bound if side == "max" and one_creator(program, index) else math.inf,
                    offer=name,
                )


def one_creator(program: Program, index: int) -> bool:
    """Whether an offer is somebody of whom there is one: a person, or a creator whose overlaps are measured."""
    terms = program.packages.terms[index]
    measured = None if program.reach is None else program.reach.measured
    one = terms.creators_max is not None and terms.creators_max <= 1
    return one and (
        terms.person is not None or (measured is not None and terms.name not in measured.unmeasured)
    )


def sides_of(program: Program, index: int, limit: Limit) -> Iterator[LimitLever]:
    """The sides of one limit."""
    rules = [rule for rule in program.rules if rule.path == ("limits", index)]
    if not rules:
        return
    where = limit.where_text()
    of = (f" of {where}" if where else "") + (f" in {' + '.join(limit.segments)}" if limit.segments else "")
    of += f" for each {limit.per}" if limit.per else ""
    name = limit.name or (rules[0].name if len(rules) == 1 else f"{limit.measure} per {limit.per}")
    for side in ("min", "max"):
        bound: Bound | None = getattr(limit, side)
        if bound is None:
            continue
        whole = (
            limit.measure in ("creators", "posts")
            and bound.of is None
            and bound.number == round(bound.number)
            and program.scenario.solver.whole_creators
        )
        # Profits and users' own measures may be negative: then one part can be more than all together.
        whole_of_it = program.packages.measures.get(limit.measure) if bound.of == limit.measure else None
        part_of_it = bound.of in FIXED or (whole_of_it is not None and not (whole_of_it < 0).any())
        yield LimitLever(
            path=("limits", index, side),
            written=program.scenario.path_to("limits", index, side),
            name=name,
            text=f"{limit.measure}{of} {'at least' if side == 'min' else 'at most'} {_words(bound)}"
            + (", or none" if limit.or_none and side == "min" else ""),
            side=side,
            number=bound.number,
            of=bound.of,
            unit=f"point of {bound.of}" if bound.of else unit_of(limit.measure, program.scenario.currency),
            whole=whole,
            most=1.0 if part_of_it else math.inf,
        )


STEP = 0.02
"""Step of a fee or a rate while it is turned, as a share of it, rounded down to 1, 2 or 5 times a power of ten."""


def fee_lever(scenario: Scenario, index: int) -> Lever | None:
    """An offer's fee per post in the scenario's currency; impressions stay as they are while it changes."""
    if program_of(scenario).packages.terms[index].get("cost_per_post") is None:
        return None
    return lever_of(scenario, index, "cost_per_post")


def rate_lever(scenario: Scenario, index: int) -> Lever | None:
    """An offer's engagement rate, or its engagements per post where it gives those."""
    terms = program_of(scenario).packages.terms[index]
    for field in ("engagement_rate", "engagements_per_post"):
        value = terms.get(field)
        if value is not None and value > 0:
            return lever_of(scenario, index, field)
    return None


def lever_of(scenario: Scenario, index: int, field: str) -> Lever:
    """A number of an offer that is known, money in the scenario's currency; what rests on it follows, but for this:

    impressions that are known from a fee and a CPM stay as they are, and the rate of engagement stays a share of the
    same thing.
    """
    offer, terms = scenario.offers[index], program_of(scenario).packages.terms[index]
    at: KeyPath = ("offers", index)
    fixed: dict[KeyPath, object] = {}
    if field == "cost_per_post" and offer.cpm is not None:
        fixed[*at, "cpm"] = None
        shown = terms.numbers.get("impressions_per_post")
        if shown is not None and offer.impressions_per_post is None:
            fixed[*at, "impressions_per_post"] = shown.estimate.typical
    elif field == "engagement_rate":
        fixed[*at, "engagement_base"] = terms.engagement_base
    number = terms.get(field)
    assert number is not None, "only a number that is known can be turned"
    rate = scenario.exchange_rates.get(offer.currency or "", 1.0) if field in MONEY_FIELDS else 1.0
    return Lever(path=(*at, field), number=number, factor=rate, fixed=fixed, step=nice_step(number * STEP))


def _words(bound: Bound) -> str:
    """A side as it reads in a sentence: "20% of budget", "10"."""
    return str(bound.text()) if bound.of else f"{bound.number:,.10g}"
