"""Limits and objectives with a confidence: a linear form whose coefficients vary must be kept in most cases.

    floor      mean . n - k sd(n) >= bound        ceiling    mean . n + k sd(n) <= bound
    objective  the most of mean . n - k sd(n), or the least of mean . n + k sd(n)

k starts as the normal quantile of the confidence, 1.28 for 90 %, and is set by the draws of the plan found
(`solve.dependable`). As k is never negative, the mean keeps the bound too: that is the limit's linear row.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from statistics import NormalDist

import numpy as np

from optimizer.language.measures import FIXED, RATIOS, REACH
from optimizer.program.forms import Form, Varying, form_of, limit_form
from optimizer.program.moments import Moments, moments
from optimizer.program.packages import Floats
from optimizer.program.rows import contacts
from optimizer.program.rules import Row, Rule, fixed
from optimizer.scenario.fields import Bound
from optimizer.scenario.scenario import Goal


@dataclass(frozen=True, eq=False)
class Sure:
    """sign x mean . n - k sd(n) >= sign x bound, in most cases.

    Attributes:
        name: unique in its program; of a limit its name and side.
        confidence: in what share of the cases.
        sign: +1 where more is wanted, -1 where less is.
        bound: of a limit, linear (of reach an index); None for an objective.
        form: what varies.
        moments: its moments.
        switch: the column without which a floor asks nothing, None where it always asks.
        rule: name of the rule, "" for an objective.
        learnt: counts at which it was looked at, and whether they were whole: where the next solve begins.
    """

    name: str
    confidence: float
    sign: float
    bound: float | None
    form: Form
    moments: Moments
    switch: int | None = None
    rule: str = ""
    learnt: list[tuple[Floats, bool]] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What its k is kept under: both sides of a limit share one."""
        return self.rule or self.name

    @property
    def coefficients(self) -> Floats:
        """Of n in sign x mean . n - bound y, shape (columns,)."""
        result = self.sign * self.moments.mean
        if self.switch is not None and self.bound is not None:
            result = result.copy()
            result[self.switch] -= self.sign * self.bound
        return result

    @property
    def least(self) -> float:
        """What coefficients . n - k sd(n) must come to."""
        if self.bound is None:
            return -math.inf
        return 0.0 if self.switch is not None else self.sign * self.bound

    def worth(self, counts: Floats, k: float) -> float:
        """coefficients . n - k sd(n), for counts of shape (columns,)."""
        return float(self.coefficients @ counts) - k * self.moments.sd_of(counts)

    def row(self) -> Row:
        """The linear row of the mean."""
        name = self.name if self.rule else f"mean {self.name}"
        if self.switch is not None:
            return Row(name, self.coefficients, 0.0, math.inf, self.switch)
        bound = self.bound or 0.0
        low, high = (bound, math.inf) if self.sign > 0 else (-math.inf, bound)
        return Row(name, self.moments.mean, low, high)

    def held(self, bound: float) -> Sure:
        """An objective as a limit: at least (at most) that much of its dependable value."""
        return replace(self, bound=bound)


def normal_multiplier(confidence: float) -> float:
    """k of a normal distribution: 0 for 50 %, 1.28 for 90 %."""
    return NormalDist().inv_cdf(confidence)


def multiplier(sure: Sure, known: Mapping[str, float]) -> float:
    """The k of a limit or objective: as the draws set it, else the normal one."""
    return known.get(sure.key, normal_multiplier(sure.confidence))


def sures_of(vary: Varying, rule: Rule) -> list[Sure]:
    """The sides of a limit that has a confidence.

    Args:
        vary: what varies.
        rule: one with a confidence, not per creator.
    """
    scenario, packages = vary.scenario, vary.packages
    found = []
    sides: list[tuple[Bound | None, float, str]] = [(rule.minimum, 1.0, "min"), (rule.maximum, -1.0, "max")]
    for bound, sign, side in sides:
        if bound is None or rule.confidence is None:
            continue
        number = fixed(bound, scenario)
        if rule.measure in RATIOS:
            form = limit_form(vary, rule.measure, rule.columns, share=bound.number)
            number = 0.0
        elif number is None:
            form = limit_form(vary, rule.measure, rule.columns, share=bound.number, of=bound.of)
            number = 0.0
        else:
            form = limit_form(vary, rule.measure, rule.columns)
            if rule.measure == REACH.name and vary.reach is not None and vary.reach.one is not None:
                number = contacts(number, vary.reach.one)
        switch = None
        if rule.or_none and sign > 0 and bound.of in (None, *FIXED):
            switch = packages.group_switch(rule.columns[: packages.count])
        both = rule.minimum is not None and rule.maximum is not None
        name = f"{rule.name} {side}" if both else rule.name
        found.append(
            Sure(name, rule.confidence, sign, number, form, moments(vary, form), switch, rule=rule.name)
        )
    return found


def sure_goal(vary: Varying, goal: Goal, position: int) -> Sure | None:
    """An objective that has a confidence; None for one that has none."""
    if goal.confidence is None:
        return None
    form = form_of(vary, goal.measure)
    sign = 1.0 if goal.sense == "maximize" else -1.0
    return Sure(f"objective {position + 1}", goal.confidence, sign, None, form, moments(vary, form))


def nothing_varies(sure: Sure) -> bool:
    """Whether the mean says it all."""
    return not np.any(sure.moments.cov) and not np.any(sure.moments.own)
