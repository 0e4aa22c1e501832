"""The numbers of a scenario that limit the plan, and how to turn them: budget, hours, limits, bookings, creators.

Prices, ways out of an infeasible scenario and the cost of rules all turn the same handles.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict

from optimizer.language.errors import PathItem
from optimizer.language.measures import unit_of
from optimizer.language.paths import format_path, position
from optimizer.program.program import Prepared
from optimizer.scenario.scenario import Bound, Limit


class Handle(BaseModel):
    """One number of the scenario that limits the plan, and how to turn it.

    Attributes:
        place: where it stands in the scenario.
        path: the same as text for `--set` and `with_changes`.
        name: name of the limit.
        text: the limit in words.
        side: "max" for a ceiling, "min" for a floor.
        number: today's value; a share for "20% of cost".
        of: what it is a share of, if anything.
        unit: unit of the number, e.g. "USD", "hours", "creators", "points of share".
        whole: whether only whole numbers make sense.
        most: beyond this a larger number changes nothing: 1 for a share of what it is a part of.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    place: tuple[PathItem, ...]
    path: str
    name: str
    text: str
    side: Literal["min", "max"]
    number: float
    of: str | None
    unit: str
    whole: bool
    most: float = math.inf

    def change(self, number: float) -> dict[str, object]:
        """The scenario change that sets it to another number."""
        return {self.path: Bound(number, self.of).text() if self.of else number}

    @property
    def relaxing(self) -> int:
        """+1 where a larger number allows more, -1 where a smaller one does."""
        return 1 if self.side == "max" else -1


def handles(prepared: Prepared) -> Iterator[Handle]:
    """Every number of the scenario that limits the plan: budget, hours, limits, bookings and creators available."""
    scenario = prepared.scenario
    for name, unit in (("budget", scenario.currency), ("effort_hours", "hours")):
        number = getattr(scenario, name)
        if number is not None:
            words = "budget" if name == "budget" else "coordination hours"
            yield Handle(
                place=(name,),
                path=name,
                name=name,
                text=words,
                side="max",
                number=number,
                of=None,
                unit=unit,
                whole=False,
            )
    for index, limit in enumerate(scenario.limits):
        yield from limit_handles(prepared, index, limit)
    names = {terms.name for terms in prepared.packages.terms}
    for index, offer in enumerate(scenario.offers):
        name = prepared.packages.terms[index].name
        for side, bound in (("min", offer.creators.min or None), ("max", offer.creators.max)):
            if bound is not None:
                yield Handle(
                    place=("offers", index, "creators", side),
                    path=format_path(("offers", position(index, names), "creators", side)),
                    name=f"{name}: {'booked' if side == 'min' else 'available'}",
                    text=f"creators of {name} {'booked' if side == 'min' else 'available'}",
                    side=side,
                    number=bound,
                    of=None,
                    unit="creators",
                    whole=scenario.solver.whole_creators,
                )


def limit_handles(prepared: Prepared, index: int, limit: Limit) -> Iterator[Handle]:
    """The sides of one limit."""
    rules = [rule for rule in prepared.rules if rule.path == ("limits", index)]
    if not rules:
        return
    where = ", ".join(" + ".join(values) for values in limit.where.values())
    of = (f" of {where}" if where else "") + (f" for each {limit.per}" if limit.per else "")
    name = limit.name or (rules[0].name if len(rules) == 1 else f"{limit.measure} per {limit.per}")
    for side in ("min", "max"):
        bound: Bound | None = getattr(limit, side)
        if bound is None:
            continue
        whole = (
            limit.measure in ("creators", "posts")
            and bound.of is None
            and bound.number == round(bound.number)
            and prepared.scenario.solver.whole_creators
        )
        # Profits and users' own measures may be negative: then one part can be more than all together.
        whole_of_it = prepared.packages.measures.get(limit.measure) if bound.of == limit.measure else None
        part_of_it = bound.of in ("budget", "effort_hours", "audience") or (
            whole_of_it is not None and not (whole_of_it < 0).any()
        )
        yield Handle(
            place=("limits", index, side),
            path=prepared.scenario.path_to("limits", index, side),
            name=name,
            text=f"{limit.measure}{of} {'at least' if side == 'min' else 'at most'} {_words(bound)}"
            + (", or none" if limit.or_none and side == "min" else ""),
            side=side,
            number=bound.number,
            of=bound.of,
            unit=f"point of {bound.of}" if bound.of else unit_of(limit.measure, prepared.scenario.currency),
            whole=whole,
            most=1.0 if part_of_it else math.inf,
        )


def _words(bound: Bound) -> str:
    """A side as it reads in a sentence: "20% of budget", "10"."""
    return str(bound.text()) if bound.of else f"{bound.number:,.10g}"
