"""The numbers of a scenario that may turn out otherwise, what is believed of each, and the scenario with one known.

What is believed of a number is told on the scale of its own range: at 0 it is typical, at +-1.2816 high and low, and in
between and beyond as `Ranged` has it. There it is normal with

    mean 0, standard deviation 1                     of many creators who are alike: the number that holds for all
    mean -s^2 / (2 d), deviation sqrt(d^2 + s^2) / d    of one creator, who differs from others like her by s = spread

with d the standard deviation of the number's logarithm by its range. How one creator differs has mean 1, which is why
the mean is below 0: the middle one is below the average.

After a test post, what is expected of the number lies less far from what is expected today: both are multiplied by

    rho = sqrt(v / (v + noise^2))
    v = d^2 (+ s^2 of one creator),    noise^2 = post_spread^2 (+ spread^2 of many) + 1 / counted

(and the mean by rho^2): the preposterior distribution of a normal number seen once with normal noise (Raiffa and
Schlaifer 1961). `counted` is what one post is expected to bring of what is counted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np

from optimizer.benchmarks.figures import TENTH
from optimizer.language.measures import RATIOS, REACH
from optimizer.language.numbers import tidy
from optimizer.language.quantities import parse_estimate
from optimizer.program.forms import Factor, Part, form_of
from optimizer.program.moved import CannotMoveError, Moved, exact
from optimizer.program.packages import Floats
from optimizer.program.program import Program
from optimizer.program.ranged import Ranged
from optimizer.program.rules import Rule
from optimizer.program.terms import Terms
from optimizer.scenario.fields import NUMBER_FIELDS
from optimizer.scenario.scenario import Scenario
from optimizer.scenario.stress import Change

Way = Literal["quote", "question", "test_post", "time_sheet", "none"]
"""How a number is asked for."""

WAYS: dict[str, Way] = {
    "cost_per_post": "quote", "cpm": "quote", "cost_per_creator": "quote", "setup_cost": "quote",
    "commission": "quote",
    "followers": "question", "reachable": "question", "authentic": "question", "on_target": "question",
    "value_per_conversion": "question", "cost_per_conversion": "question",
    "engagement_rate": "test_post", "engagements_per_post": "test_post", "reach_rate": "test_post",
    "impressions_per_post": "test_post", "click_rate": "test_post", "conversion_rate": "test_post",
    "hours_per_creator": "time_sheet", "hours_per_post": "time_sheet", "setup_hours": "time_sheet",
    "completion": "none", "repeat_decay": "none",
}  # fmt: skip
"""Number -> how it is asked for. One post says nothing about who will not deliver, nor about the second post; a measure
of one's own (`measures.NAME`) is a question."""


class Belief(NamedTuple):
    """A normal distribution on the scale of a number's range."""

    mean: float
    deviation: float


@dataclass(frozen=True)
class Uncertain:
    """One number of one offer that is not known.

    Attributes:
        offer: its index.
        field: the number, or `measures.NAME`.
        ranged: its range.
        deviation: standard deviation of its logarithm by the range.
        own: `spread` of the one creator there is, where a test post tells of her; 0 where creators are alike.
        noise: standard deviation of the logarithm of what one post shows of it; None where no post does.
    """

    offer: int
    field: str
    ranged: Ranged
    deviation: float
    own: float
    noise: float | None

    @property
    def way(self) -> Way:
        """How it is asked for."""
        return WAYS.get(self.field, "question")

    @property
    def told(self) -> float:
        """Correlation rho of what one test post says with the number; 1 where it is asked for outright."""
        if self.noise is None:
            return 1.0
        variance = self.deviation**2 + self.own**2
        return math.sqrt(variance / (variance + self.noise**2))

    def belief(self, told: float = 1.0) -> Belief:
        """Where the number will be expected once it is known (1), or told of with that correlation."""
        if not self.own:
            return Belief(0.0, told)
        wide = math.hypot(self.deviation, self.own) / self.deviation
        return Belief(-((told * self.own) ** 2) / (2 * self.deviation), told * wide)

    def typical_steps(self, place: float) -> float:
        """Standard normal value of what is common to creators like her, given where the number itself is."""
        known = self.belief()
        return (place - known.mean) / known.deviation**2


def uncertain_numbers(program: Program) -> list[Uncertain]:
    """Every number with a range, offer by offer."""
    return [
        uncertain(program, index, field)
        for index, ranged in enumerate(program.varying.ranged)
        for field in ranged
    ]


def uncertain(program: Program, index: int, field: str) -> Uncertain:
    """One number with a range."""
    vary, terms = program.varying, program.packages.terms[index]
    ranged = vary.ranged[index][field]
    tested = WAYS.get(field) == "test_post"
    spread, post_spread = float(vary.spread[index]), float(vary.post_spread[index])
    one = float(program.packages.room_max[index]) <= 1
    noise = None
    if tested:
        counted = counted_in_a_post(terms, field)
        noise = math.sqrt(
            post_spread**2 + (0.0 if one else spread**2) + (1 / counted if counted is not None else 0.0)
        )
    return Uncertain(index, field, ranged, _deviation(ranged), spread if tested and one else 0.0, noise)


def _deviation(ranged: Ranged) -> float:
    """Of the logarithm, the average of both sides; of a range that begins at 0, relative to typical."""
    if ranged.low > 0:
        return math.log(ranged.high / ranged.low) / (2 * TENTH)
    return (ranged.high - ranged.low) / (2 * TENTH * abs(ranged.typical))


def counted_in_a_post(terms: Terms, field: str) -> float | None:
    """What one post is expected to bring of what a number is counted by; None where that is not known, or nothing."""
    shown = terms.get("impressions_per_post")
    if field in ("engagement_rate", "engagements_per_post"):
        parts = [terms.get("engagements_per_post")]
    else:
        rates = {"click_rate": ("click_rate",), "conversion_rate": ("click_rate", "conversion_rate")}
        parts = [shown, *(terms.get(rate) for rate in rates.get(field, ()))]
    known = [part for part in parts if part is not None]
    product = math.prod(known)
    return product if len(known) == len(parts) and product > 0 else None


# --- which of them matter at all ------------------------------------------------------------------------------


def entering(program: Program) -> frozenset[tuple[int, str]]:
    """Numbers, as (offer, field), that enter the first objective or a limit. Any other changes nothing."""
    everything = np.ones(program.packages.columns, dtype=bool)
    uses = [(program.scenario.objective[0].measure, everything)]
    for rule in program.rules:
        uses += _uses_of(rule, everything)
    found: set[tuple[int, str]] = set()
    for measure, columns in uses:
        further = ("reachable", "followers") if measure in ("gross_reach", REACH.name) else ()
        for part in form_of(program.varying, measure):
            found |= _entering_part(program, part, columns, further)
    return frozenset(found)


def _uses_of(rule: Rule, everything: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """Measures that a limit sums up, and over which columns."""
    ratio = RATIOS.get(rule.measure)
    names = [rule.measure] if ratio is None else [ratio.numerator, ratio.denominator]
    uses = [(name, rule.columns) for name in names]
    for bound in (rule.minimum, rule.maximum):
        if (
            bound is not None
            and bound.of is not None
            and bound.of not in ("budget", "effort_hours", "audience")
        ):
            uses.append((bound.of, everything))
    return uses


def _entering_part(
    program: Program, part: Part, columns: np.ndarray, further: tuple[str, ...]
) -> set[tuple[int, str]]:
    """Those that enter one part; `further` are fields that it may rest on besides its factors: of people reached, where
    the reach rate follows from impressions, a factor says all but the bend."""
    packages = program.packages
    owner = np.full(packages.columns, -1)
    owner[: packages.count] = packages.offer
    owner[packages.count : packages.count + len(packages.setup_of)] = packages.setup_of
    used = columns & (part.values != 0) & (owner >= 0)
    found = set()
    for index in np.unique(owner[used]):
        posts = packages.posts[packages.offer == index]
        fields = [factor.field for factor in part.factors[index] if _moves(factor, posts)]
        fields += ["completion", *further] if part.does == "result" else further
        found |= {(int(index), field) for field in fields if field in program.varying.ranged[index]}
    return found


def _moves(factor: Factor, posts: Floats) -> bool:
    """Whether a factor is ever another than 1: what a second post brings less is nothing where there is none."""
    return factor.shape != "repeats" or bool(np.any(posts > 1))


# --- the scenario with a number known --------------------------------------------------------------------------


@dataclass(frozen=True)
class Known:
    """A scenario in which one number is known.

    Attributes:
        program: of the scenario as it stands.
        number: which one.
    """

    program: Program
    number: Uncertain

    @cached_property
    def along(self) -> dict[int, float]:
        """Other offers whose same number is then expected elsewhere -> its correlation with this one."""
        row = self.program.varying.correlation[self.number.offer]
        return {
            index: float(row[index])
            for index, ranged in enumerate(self.program.varying.ranged)
            if index != self.number.offer and self.number.field in ranged and row[index] > 0
        }

    def at(self, place: float) -> Scenario:
        """The scenario where the number is at this place of its range; others of its kind are at their expectation,
        E[z' | z] = r z, everything else is typical.
        """
        number, vary = self.number, self.program.varying
        values = {number.offer: number.ranged.at(np.array(place))}
        z = number.typical_steps(place)
        for index, correlation in self.along.items():
            values[index] = vary.ranged[index][number.field].at(np.array(correlation * z))
        scenario = self.program.scenario
        offers = list(scenario.offers)
        for index, value in values.items():
            written = _written(self.program, index, number.field, tidy(float(value)))
            offers[index] = offers[index].model_copy(
                update={key: _held(key, new) for key, new in written.items()}
            )
        result = scenario.model_copy(update={"offers": tuple(offers)})
        result._program = None
        result._like = scenario if scenario._like is None else scenario._like
        return result


def _held(key: str, written: Any) -> Any:
    """A value as an offer holds it. Offers are not validated again: of hundreds that takes as long as solving."""
    if key in NUMBER_FIELDS and written is not None:
        return parse_estimate(written)
    if key == "measures":
        return {name: parse_estimate(value) for name, value in written.items()}
    return written


def _written(program: Program, index: int, field: str, value: float) -> dict[str, object]:
    """What to write into an offer so that a number of it is this, in the scenario's currency."""
    scenario = program.scenario
    offer = scenario.offers[index]
    foreign = offer.currency is not None and offer.currency != scenario.currency
    rate = scenario.exchange_rates.get(offer.currency or "", 1.0) if foreign else 1.0
    change = Change(text="", words=(), kind="to", number=exact(value))
    moved = Moved(offer, program.packages.terms[index], change, rate)
    try:
        written = moved.written(field.removeprefix("measures."))
    except CannotMoveError:  # a number that nothing rests on, such as a rate beside engagements of one's own
        return {}
    return written | _reached(program.packages.terms[index], written)


def _reached(terms: Terms, written: Mapping[str, Any]) -> dict[str, object]:
    """The reach rate, lowered where a post would otherwise reach more people than it is shown to."""

    def now(field: str) -> float | None:
        new = written.get(field)
        return terms.get(field) if new is None else parse_estimate(new).typical

    rate, shown = now("reach_rate"), now("impressions_per_post")
    people = now("followers") if terms.get("reachable") == terms.get("followers") else now("reachable")
    known = terms.numbers.get("reach_rate"), terms.numbers.get("impressions_per_post")
    if any(one is None or one.origin == "derived" for one in known):
        return {}
    if rate is None or shown is None or not people or rate * people <= shown:
        return {}
    return {"reach_rate": tidy(shown / people * (1 - 1e-12))}
