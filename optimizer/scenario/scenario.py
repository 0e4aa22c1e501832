"""The scenario: everything a planner can write, as one frozen, validated object.

This module says what a scenario *may contain*; `optimizer.program.program` says whether it *can be planned*.
Every field is documented by the string under it, with its unit; those strings become the JSON schema
and `docs/reference/scenario.md`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field, PrivateAttr, field_validator, model_validator

from optimizer.language.errors import FieldError, Marks, PathItem, Problem, ScenarioError, located
from optimizer.language.measures import REACH
from optimizer.language.paths import format_path, position
from optimizer.language.quantities import Estimate
from optimizer.scenario.audience import Audience
from optimizer.scenario.changes import Layer
from optimizer.scenario.fields import (
    Bound,
    Confidence,
    CountryCode,
    Day,
    Key,
    LargeNumber,
    Note,
    Number,
    PositiveNumber,
    ShareNumber,
)
from optimizer.scenario.goal import Goal
from optimizer.scenario.limit import Limit
from optimizer.scenario.measured import Followers, Overlaps
from optimizer.scenario.offer import (
    ENGAGEMENT_KINDS,
    FILTER_KEYS,
    TRIANGLE_TOLERANCE,
    CreatorRoom,
    Frozen,
    Offer,
    PostRoom,
    check_currency,
    check_kinds,
)
from optimizer.scenario.offer_names import unique_names
from optimizer.scenario.overrides import nothing_behind, overridden, placed
from optimizer.scenario.stress import Changes
from optimizer.scenario.validation import validated

if TYPE_CHECKING:
    from optimizer.scenario.fields import NumberLike


class Correlation(Frozen):
    """How far numbers of different offers are wrong together: share of the variance of each number's logarithm that
    is common to all offers of one market (country), platform or tier. Defaults come with their reasons."""

    market: ShareNumber | None = None
    """Among offers of one country. Unit: share."""
    platform: ShareNumber | None = None
    """Among offers on one platform, on top. Unit: share."""
    tier: ShareNumber | None = None
    """Among offers of one tier, on top. Unit: share."""


class Fees(Frozen):
    """What comes on top of what creators are paid, inside the budget."""

    agency: ShareNumber = 0.0
    """Agency fee. Unit: share of what creators are paid."""
    contingency: ShareNumber = 0.0
    """Reserve. Unit: share of what creators are paid."""


def _check_cap(cap: str, written: Mapping[str, Any]) -> None:
    """Refuse a cap with a confidence that is not written as one.

    Raises:
        FieldError: where it stands in the scenario.
    """
    example = f"write {cap}: {{max: 1000, confidence: 90%}}"
    for key in written:
        if key not in ("max", "confidence"):
            raise FieldError(f"unknown key {key!r}", example, at=(cap, str(key)))
    if written.get("max") is None:
        raise FieldError("a cap needs its max", example, at=(cap,))


class CustomMeasure(Frozen):
    """A measure the user names; offers carry its value under `measures`."""

    per: Literal["creator", "post"] = "creator"
    """Whether offers give the value per creator or per post."""
    unit: Note | None = None
    """Unit for reports. Default: the measure's name."""


class Dates(Frozen):
    """When the campaign runs."""

    start: Day
    """First day, year-month-day, e.g. 2026-03-01."""
    end: Day
    """Last day, written like the first."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.end < self.start:
            raise FieldError(
                f"the campaign ends on {self.end}, before it starts on {self.start}", at=("end",)
            )
        return self


SURE_GAP = 1e-3
"""Relative gap where something is solved by cuts (a confidence, reach over several segments), and the scenario names
none."""


class SolverOptions(Frozen):
    """How exactly and how long to solve."""

    gap: ShareNumber = 1e-4
    """Relative gap between plan and bound at which the search may stop. Unit: share."""
    time_limit: PositiveNumber = 60.0
    """Longest time for the whole solve. Unit: seconds."""
    whole_creators: bool = True
    """Whether creators are whole people; false gives the pure linear program."""
    name: Literal["highs", "cbc"] = "highs"
    """Solver; cbc only where it is installed."""


class Scenario(Frozen):
    """One complete planning question: money, hours, offers, limits, objective."""

    only_in_files: ClassVar[tuple[str, ...]] = ("extends", "rosters")

    name: Note | None = None
    """Title of the plan."""
    author: Note | None = None
    """Who answers for it; stands on pages and workbooks."""
    notes: Note | None = None
    """The story behind it."""
    dates: Dates | None = None
    """When the campaign runs; changes no number, other tools ask for it. First and last day."""
    currency: str = "USD"
    """Currency of all money in the scenario and the plan. ISO 4217."""
    exchange_rates: dict[str, PositiveNumber] = Field(default_factory=dict)
    """Units of that currency per 1 unit of the scenario's currency, e.g. {VND: 25400}."""
    budget: LargeNumber | None = None
    """Hard ceiling on cost, or {max: 60_000, confidence: 90%}. Unit: currency."""
    budget_confidence: Confidence | None = None
    """How sure the budget must be kept, as in {max: 60_000, confidence: 90%}. Default: by typical prices."""
    effort_hours: Number | None = None
    """Hard ceiling on coordination, or {max: 200, confidence: 90%}. Unit: hours."""
    effort_hours_confidence: Confidence | None = None
    """How sure the hours must be kept, likewise."""
    objective: tuple[Goal, ...]
    """What to bring as high or low as possible: a measure, {maximize: MEASURE}, {minimize: MEASURE}, or a
    list in order of importance."""
    country: CountryCode | None = None
    """Market of every offer that names none, by code or name (IT, Italy): moves the fees of the benchmarks."""
    benchmarks: str | dict[str, Any] | None = None
    """Set that fills what offers leave out: a packaged set (global-2026) or a path to one's own."""
    tier_borders: str | dict[str, Any] = "grin"
    """Where tiers begin: grin, mediakix, micro-10k, or one's own {micro: 10k, macro: {default: 100k, youtube:
    250k}}. Unit: followers."""
    audience: Audience | None = None
    """The people to reach; needed for reach."""
    engagement_weights: dict[str, Number] = Field(default_factory=dict)
    """Worth of each kind of engagement (likes, reactions, comments, shares, saves). Default: every engagement
    counts 1."""
    fees: Fees = Fees()
    """Agency fee and contingency on top of what creators are paid."""
    correlation: Correlation = Correlation()
    """How far numbers of different offers are wrong together; for ranges and for whatever has a confidence."""
    offers: tuple[Offer, ...] = Field(min_length=1)
    """What can be bought."""
    measures: dict[Key, CustomMeasure] = Field(default_factory=dict)
    """The scenario's own measures."""
    limits: tuple[Limit, ...] = ()
    """Floors and ceilings besides budget and effort_hours."""
    stress: dict[Key, Changes] = Field(default_factory=dict)
    """What might come otherwise, for `optimize stress` and objectives over it: a name -> one change in words or a
    list of them, e.g. {dearer: fees +20%, bad luck: [completion -10 points, instagram engagement_rate x0.7]}."""
    solver: SolverOptions = SolverOptions()
    """How exactly and how long to solve."""
    chosen_from: PositiveNumber | None = None
    """How many creators the offers were chosen from, where rosters are too large to make an offer of each row: those
    that a plan books or comes nearest to booking. Written by `optimize`, into saved plans too; what is then said of
    such offers is said of these alone. Unit: creators."""

    _marks: Marks = PrivateAttr(default_factory=dict)
    _program: Any = PrivateAttr(None)
    _cases: Any = PrivateAttr(None)
    _like: Any = PrivateAttr(None)  # the scenario that `varied` changed a few numbers of, to take over from

    _rosters: Any = PrivateAttr(())  # what was read of each file of creators

    _sieved: Any = PrivateAttr(None)  # what was found over all rows of rosters of which the offers are a few

    _rows: Any = PrivateAttr(None)  # all these rows, for other questions about them

    _multipliers: Any = PrivateAttr(None)  # k of what has a confidence, where a plan has set them

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            name: str | None = None,
            author: str | None = None,
            notes: str | None = None,
            dates: Dates | Mapping[str, str] | None = None,
            currency: str | None = None,
            exchange_rates: Mapping[str, NumberLike] | None = None,
            budget: NumberLike | Mapping[str, NumberLike] | None = None,
            budget_confidence: NumberLike | None = None,
            effort_hours: NumberLike | Mapping[str, NumberLike] | None = None,
            effort_hours_confidence: NumberLike | None = None,
            objective: str | Goal | Mapping[str, object] | Sequence[str | Goal | Mapping[str, object]],
            country: str | None = None,
            benchmarks: str | Mapping[str, Any] | None = None,
            tier_borders: str | Mapping[str, Any] | None = None,
            audience: Audience | Mapping[str, Any] | None = None,
            engagement_weights: Mapping[str, NumberLike] | None = None,
            fees: Fees | Mapping[str, NumberLike] | None = None,
            correlation: Correlation | Mapping[str, NumberLike] | None = None,
            offers: Sequence[Offer | Mapping[str, Any]],
            measures: Mapping[str, CustomMeasure | str | Mapping[str, str]] | None = None,
            limits: Sequence[Limit | Mapping[str, Any]] | None = None,
            stress: Mapping[str, str | Sequence[str]] | None = None,
            solver: SolverOptions | Mapping[str, object] | None = None,
            chosen_from: NumberLike | None = None,
        ) -> None: ...

    @model_validator(mode="before")
    @classmethod
    def _caps_with_confidence(cls, data: Any) -> Any:
        """`budget: {max: 60_000, confidence: 90%}` is the number and how sure it must be kept."""
        if not isinstance(data, dict):
            return data
        result = dict(data)
        for cap in ("budget", "effort_hours"):
            written = data.get(cap)
            if isinstance(written, dict):
                _check_cap(cap, written)
                result[cap] = written["max"]
                if written.get("confidence") is not None:
                    result[f"{cap}_confidence"] = written["confidence"]
        return result

    @field_validator("objective", mode="before")
    @classmethod
    def _goals(cls, value: Any) -> Any:
        goals = value if isinstance(value, list | tuple) else [value]
        if not goals:
            raise FieldError("the objective is empty", "name a measure, e.g. objective: engagements")
        for goal in goals:
            if not isinstance(goal, str | dict | Goal):
                raise FieldError("an objective names a measure", "write e.g. objective: engagements")
        return [{"maximize": goal} if isinstance(goal, str) else goal for goal in goals]

    @field_validator("benchmarks", "tier_borders", mode="before")
    @classmethod
    def _name_or_mapping(cls, value: Any) -> Any:
        if not isinstance(value, str | dict):
            raise FieldError("a name is wanted here", "write the name of one set")
        return value

    @field_validator("currency", mode="before")
    @classmethod
    def _iso(cls, value: Any) -> Any:
        return check_currency(value)

    @field_validator("engagement_weights")
    @classmethod
    def _known_kinds(cls, weights: dict[str, float]) -> dict[str, float]:
        check_kinds(weights)
        return weights

    @field_validator("measures", mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return {k: {"per": v} if isinstance(v, str) else v for k, v in value.items()}
        return value

    @model_validator(mode="after")
    def _measures_by_their_names(self) -> Self:
        """`maximize: sales` is `maximize: conversions`, in what the plan says and in the fingerprint too."""
        own = self.own_measures()
        self.__dict__["objective"] = tuple(goal.named(own) for goal in self.objective)
        self.__dict__["limits"] = tuple(limit.named(own) for limit in self.limits)
        return self

    def own_measures(self) -> set[str]:
        """Names of the user's own measures, also of those that an offer lists and nobody declares."""
        return {*self.measures, *(name for offer in self.offers for name in offer.measures)}

    @property
    def gap(self) -> float:
        """Relative gap to solve to: that of the solver options, else finer where nothing is solved by cuts."""
        given_ones = [self.budget_confidence, self.effort_hours_confidence]
        asked: list[Goal | Limit] = [*self.objective, *self.limits]
        given_ones += [one.confidence for one in asked]
        cuts = any(confidence is not None for confidence in given_ones)
        many = self.audience is not None and self.audience.many
        cuts = cuts or (many and any(one.measure == REACH.name and len(one.segments) != 1 for one in asked))
        given = "gap" in self.solver.model_fields_set
        return max(self.solver.gap, SURE_GAP) if cuts and not given else self.solver.gap

    @property
    def title(self) -> str:
        """The name, or a neutral title."""
        return self.name or "Scenario"

    def locate(self, problem: Problem) -> Problem:
        """The problem with file, line and column, where this scenario was read from a file."""
        found = located(problem, self._marks)
        return replace(found, path=self.written(found.path))

    def offer_names(self) -> list[str]:
        """The name of each offer in the plan: the one it gives, or its default one."""
        return unique_names((offer.name, offer.default_name()) for offer in self.offers)

    def written(self, path: Sequence[PathItem]) -> tuple[PathItem, ...]:
        """A path with its position so marked that, written and read again, it is no item's name."""
        if len(path) < 2 or not isinstance(path[1], int) or path[0] not in ("offers", "limits"):
            return tuple(path)
        offers = path[0] == "offers"
        names = self.offer_names() if offers else [limit.name for limit in self.limits if limit.name]
        return (path[0], position(path[1], names), *path[2:])

    def path_to(self, *path: PathItem) -> str:
        """A path as text for `with_changes` and `--set`, e.g. `offers[3].creators.min`."""
        return format_path(self.written(path))

    def __eq__(self, other: object) -> bool:
        """Whether two scenarios say the same, wherever they were read from."""
        return isinstance(other, Scenario) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(self.sha256())

    def sha256(self) -> str:
        """Fingerprint of the content (not of the file): equal scenarios have equal fingerprints."""
        content = json.dumps(self.model_dump(mode="json", exclude_defaults=True), sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()

    def with_changes(self, changes: Mapping[Any, Any]) -> Scenario:
        """A new scenario with some values changed, e.g. `{"budget": 80_000, "offers[0].cost_per_post": 70}`.

        Paths are written as for `--set` (see `optimizer.language.paths`), or are the steps themselves:
        `("offers", 0, "cost_per_post")`. None removes a value.

        Raises:
            ScenarioError: where a path does not exist or the changed scenario is not valid. Whether it can be planned
                is said by `check` and `optimize`.
        """
        problems: list[Problem] = []
        data = self.model_dump(mode="json", exclude_unset=True)
        written = {p if isinstance(p, str) else self.path_to(*p): value for p, value in changes.items()}
        layer = overridden(Layer(data, dict(self._marks)), written, Path(), problems)
        changed, found = validated(Scenario, layer.data, nothing_behind(layer.marks))
        problems += found.problems
        if changed is None or problems:
            raise ScenarioError(placed(problems, layer))
        changed._marks = layer.marks
        return changed


__all__ = [
    "ENGAGEMENT_KINDS", "FILTER_KEYS", "TRIANGLE_TOLERANCE", "Audience", "Bound", "Correlation", "CreatorRoom",
    "CustomMeasure", "Dates", "Estimate", "Fees", "Followers", "Goal", "Limit", "Offer", "Overlaps", "PostRoom",
    "Scenario", "SolverOptions",
]  # fmt: skip
