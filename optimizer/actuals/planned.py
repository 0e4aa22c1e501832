"""What a plan expects of each of its lines, in the quantities that results are told in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from optimizer.language.measures import KINDS, MEASURES
from optimizer.plan.plan import Line, Plan
from optimizer.program.program import Program

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
OF_RESULTS = ("impressions", "gross_reach", "engagements", *KINDS, "clicks", "conversions", "revenue")
"""Measures that a creator's posts bring."""


@dataclass(frozen=True)
class Planned:
    """The lines of a plan as numbers; all arrays have shape (lines,).

    Attributes:
        program: of the plan's own scenario.
        lines: of the plan.
        package: of each line, in the program.
    """

    program: Program
    lines: tuple[Line, ...]
    package: Ints

    @cached_property
    def creators(self) -> Floats:
        """Booked."""
        return np.array([float(line.creators) for line in self.lines])

    @cached_property
    def posts_each(self) -> Floats:
        """Posts of one creator."""
        return np.array([float(line.posts_per_creator) for line in self.lines])

    @cached_property
    def delivering(self) -> Floats:
        """Creators expected to deliver."""
        return self.creators * self.number("completion", 1.0)

    def number(self, field: str, missing: float) -> Floats:
        """The typical value of a field of each line's offer."""
        return self.program.packages.measures.column(field, missing)[self.package]

    @cached_property
    def real(self) -> Floats:
        """Share of the audience that is real people of the audience asked for."""
        return self.number("authentic", 1.0) * self.number("on_target", 1.0)

    @cached_property
    def weight(self) -> Floats:
        """Worth of an average engagement; 1 where the mix is not known."""
        weight = self.program.packages.measures.weight[self.package]
        return np.where(np.isnan(weight), 1.0, weight)

    def of(self, measure: str) -> Floats:
        """What the creators of each line are expected to bring or take; NaN where not known. Without set-ups."""
        return self.program.packages.measures.of(measure)[self.package] * self.creators

    @cached_property
    def commission(self) -> Floats:
        """Share of revenue for the creators, as money."""
        rate = self.number("commission", 0.0)
        return np.where(rate > 0, rate * self.of("revenue"), 0.0)

    @cached_property
    def fees(self) -> Floats:
        """What creators are paid without their commission."""
        rates = self.program.scenario.fees
        return (self.of("cost") - self.commission) / (1 + rates.agency + rates.contingency)

    @cached_property
    def paid(self) -> Floats:
        """What creators are paid: fees, products and commission, without what comes on top."""
        return self.fees + self.commission

    @cached_property
    def setup_cost(self) -> Floats:
        """Once for the offer, on its first line."""
        return np.array([line.setup_cost for line in self.lines])

    @cached_property
    def setup_hours(self) -> Floats:
        """Likewise; what a line has more than its creators take."""
        hours = np.array([np.nan if line.hours is None else line.hours for line in self.lines])
        return np.maximum(0.0, np.round(hours - self.of("hours"), 9))

    @cached_property
    def kinds(self) -> Mapping[str, Floats]:
        """Share of each kind of engagement in all of them; NaN where the mix is not known."""
        counted = self.program.packages.measures
        every = counted.each_engagement[self.package] * self.creators
        with np.errstate(divide="ignore", invalid="ignore"):
            return {kind: np.where(every > 0, self.of(kind) / every, np.nan) for kind in KINDS}

    @cached_property
    def worth(self) -> Mapping[str, float]:
        """What one engagement of each kind counts."""
        weights = self.program.scenario.engagement_weights
        return {kind: weights.get(names[0], 1.0) for kind, names in KINDS.items()}

    def known(self, measure: str) -> bool:
        """Whether the plan knows a measure on every line."""
        return measure in MEASURES and not bool(np.isnan(self.of(measure)).any())


def planned_of(program: Program, plan: Plan) -> Planned:
    """The lines of a plan as numbers.

    Args:
        program: of the plan's scenario, the bookings' packages among its own.
        plan: the plan.
    """
    packages = program.packages
    at = {packages.key(p): p for p in range(packages.count)}
    package = [at[line.offer, line.posts_per_creator] for line in plan.lines]
    return Planned(program, plan.lines, np.array(package, dtype=np.int64))
