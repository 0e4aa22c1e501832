"""The scenario: everything a planner can write, as one frozen, validated object.

This module says what a scenario *may contain*; `optimizer.prepare` says whether it *can be planned*.
Every field is documented by the string under it, with its unit; those strings become the JSON schema
and `docs/reference/scenario.md`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator, model_validator

from optimizer.errors import Problem, did_you_mean
from optimizer.fields import (
    Amount,
    AnyAmount,
    Bound,
    BoundField,
    LowerText,
    Number,
    PositiveAmount,
    PositiveNumber,
    Posts,
    Share,
    ShareNumber,
    Text,
    Texts,
)
from optimizer.quantities import Estimate, plain

TIERS = ("nano", "micro", "mid", "macro", "mega")
ENGAGEMENT_KINDS = ("likes", "reactions", "comments", "shares", "saves")
FILTER_KEYS = ("name", "tier", "platform", "format")
"""What every offer can be filtered by; tags come on top."""
TRIANGLE_TOLERANCE = 0.05
"""Largest relative disagreement of cost_per_post, cpm and impressions that is taken as rounding."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _check_kinds(kinds: Mapping[str, Any]) -> None:
    for kind in kinds:
        if kind not in ENGAGEMENT_KINDS:
            raise ValueError(f"unknown kind of engagement {kind!r}; {did_you_mean(kind, ENGAGEMENT_KINDS)}")


class CreatorRoom(_Frozen):
    """How many creators of one offer may be booked."""

    min: Number = 0.0
    """Creators already booked or wanted at least. Unit: creators."""
    max: Number | None = None
    """Creators available at most; no maximum where left out. Unit: creators."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.max is not None and self.min > self.max:
            raise ValueError(f"min {plain(self.min)} is above max {plain(self.max)}")
        return self


class PostRoom(_Frozen):
    """How many posts one booked creator may make; the optimizer chooses within."""

    min: Posts = 1
    """Fewest posts per creator. Unit: posts."""
    max: Posts
    """Most posts per creator. Unit: posts."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}")
        if self.max - self.min >= 100:
            raise ValueError("at most 100 different numbers of posts per creator can be compared")
        return self


class Offer(_Frozen):
    """Something that can be bought many times: "a nano creator on Instagram, reels", or one named person."""

    name: Text | None = None
    """Name in the plan; unique. Default: tier, platform, format and tags joined by hyphens."""
    tier: LowerText | None = None
    """nano, micro, mid, macro or mega, or a tier of the scenario's own tier_borders.
    Default: from followers, where known."""
    platform: LowerText | None = None
    """instagram, tiktok, youtube, facebook, x, or any other."""
    format: LowerText | None = None
    """post, reel, story, video, or any other."""
    tags: dict[str, Text] = Field(default_factory=dict)
    """Free labels for filters and `per`, e.g. {market: US, flight: march}."""
    followers: PositiveAmount | None = None
    """Followers of one creator. Unit: people."""

    cost_per_post: Amount | None = None
    """Fee for one post before any bundle discount. Unit: currency per post."""
    cpm: PositiveAmount | None = None
    """Price per 1,000 impressions = 1000 x cost_per_post / impressions_per_post. Two of the three give the third.
    Unit: currency per 1,000 impressions."""
    cost_per_creator: Amount | None = None
    """Once per creator: product, shipping, contract. Unit: currency per creator."""
    setup_cost: Amount | None = None
    """Once if the offer is used at all; no agency or contingency fee on it. Unit: currency."""
    setup_hours: Amount | None = None
    """Once if the offer is used at all. Unit: hours."""
    bundle_discount: dict[int, ShareNumber] = Field(default_factory=dict)
    """Discount on cost_per_post from that many posts per creator on, e.g. {2: 5%, 3: 10%}. Unit: share."""
    commission: Share | None = None
    """Share of revenue paid to the creator; a cost. Unit: share of revenue."""
    currency: Text | None = None
    """Currency of this offer's prices, if not the scenario's; needs an exchange rate. ISO 4217."""

    reach_rate: Share | None = None
    """People reached by one post / reachable, at most 100 %. Unit: share."""
    reachable: PositiveAmount | None = None
    """People who may be shown one creator's posts. Default: followers. Unit: people."""
    impressions_per_post: PositiveAmount | None = None
    """Times one post is shown. Default: reachable x reach_rate. Unit: impressions per post."""
    engagement_rate: Share | None = None
    """Engagements per post / engagement_base. Unit: share."""
    engagement_base: Literal["followers", "impressions"] | None = None
    """What engagement_rate is a share of. Default: followers."""
    engagements_per_post: Amount | None = None
    """Engagements of one post, all kinds. Default: engagement_rate x its base. Unit: engagements per post."""
    engagement_mix: dict[str, ShareNumber] | None = None
    """Share of each kind of engagement, adding up to 100 %; needed where engagement_weights differ from 1."""
    click_rate: Share | None = None
    """Clicks / impressions. Unit: share."""
    conversion_rate: Share | None = None
    """Conversions / clicks. Unit: share."""
    value_per_conversion: Amount | None = None
    """Revenue of one conversion. Unit: currency."""
    authentic: Share | None = None
    """Share of the audience that is real people. Default: 100 %."""
    on_target: Share | None = None
    """Share of the audience that belongs to the scenario's audience (market, age). Default: 100 %."""
    completion: Share | None = None
    """Share of booked creators who deliver. Default: 100 %."""
    repeat_decay: Share | None = None
    """Each further post by one creator brings (1 - repeat_decay) of the engagements of the one before.
    Default: 0 %."""

    hours_per_creator: Amount | None = None
    """Coordination once per creator: finding, contract, briefing. Unit: hours per creator."""
    hours_per_post: Amount | None = None
    """Coordination for each post: approval, changes, reporting. Unit: hours per post."""

    creators: CreatorRoom = CreatorRoom()
    """How many can be booked. Default: no minimum, no maximum."""
    posts_per_creator: Posts | PostRoom = 1
    """Posts by each booked creator: a number means exactly that many. Default: 1."""
    measures: dict[str, AnyAmount] = Field(default_factory=dict)
    """Values of the scenario's own measures, per creator or per post as declared there; may be negative. An offer that
    lists some has 0 of those it leaves out; one that lists none has not said."""
    source: str | None = None
    """Where the numbers come from."""
    notes: str | None = None
    """Anything worth remembering."""

    @field_validator("creators", mode="before")
    @classmethod
    def _creators_is_a_mapping(cls, value: Any) -> Any:
        if isinstance(value, int | float | str) and not isinstance(value, bool):
            raise ValueError(
                f"write {{max: {value}}} for up to {value} creators, or {{min: {value}, max: {value}}} for exactly {value}"
            )
        return value

    @field_validator("posts_per_creator", mode="wrap")
    @classmethod
    def _posts(cls, value: Any, handler: Callable[[Any], Any]) -> Any:
        return PostRoom.model_validate(value) if isinstance(value, dict) else handler(value)

    @field_validator("tags")
    @classmethod
    def _tags_are_free(cls, tags: dict[str, str]) -> dict[str, str]:
        for key in tags:
            if key in (*FILTER_KEYS, "creator", "offer"):
                raise ValueError(f"{key!r} is a field of its own, not a tag")
        return tags

    @field_validator("engagement_mix")
    @classmethod
    def _mix_is_whole(cls, mix: dict[str, float] | None) -> dict[str, float] | None:
        if mix is not None:
            _check_kinds(mix)
            total = sum(mix.values())
            if abs(total - 1.0) > 0.01:
                raise ValueError(f"the shares add up to {100 * total:.4g} %, not 100 %")
        return mix

    @field_validator("bundle_discount")
    @classmethod
    def _discounts_make_sense(cls, discounts: dict[int, float]) -> dict[int, float]:
        before = 1.0
        for posts, discount in sorted(discounts.items()):
            if posts < 2:
                raise ValueError(f"a bundle has at least 2 posts, not {posts}")
            if posts * (1 - discount) < before:
                raise ValueError(
                    f"with {100 * discount:.4g} % off, {posts} posts would cost less than fewer posts"
                )
            before = posts * (1 - discount)
        return dict(sorted(discounts.items()))

    @model_validator(mode="after")
    def _numbers_agree(self) -> Self:
        if self.engagement_base is not None and self.engagement_rate is None:
            raise ValueError(
                "engagement_base says what engagement_rate is a share of, but there is no engagement_rate"
            )
        if self.engagement_rate is not None and self.engagements_per_post is not None:
            raise ValueError("give engagement_rate or engagements_per_post, not both")
        people = self.reachable or self.followers
        shown = self.impressions_per_post
        if (
            shown
            and people
            and self.reach_rate
            and people.typical * self.reach_rate.typical > shown.typical * (1 + TRIANGLE_TOLERANCE)
        ):
            raise ValueError(
                f"one post reaches {people.typical * self.reach_rate.typical:,.0f} people (reachable x reach_rate) "
                f"but has only {shown.typical:,.0f} impressions; correct one of them"
            )
        if shown is None and people and self.reach_rate:
            shown = people.scaled(self.reach_rate.typical)
        if self.cost_per_post and self.cpm and shown and shown.typical:
            implied = 1000 * self.cost_per_post.typical / shown.typical
            if abs(implied - self.cpm.typical) > TRIANGLE_TOLERANCE * self.cpm.typical:
                raise ValueError(
                    f"three prices disagree: cost_per_post {plain(self.cost_per_post.typical)} for {shown.typical:,.0f} "
                    f"impressions is a cpm of {implied:.4g}, but cpm says {plain(self.cpm.typical)}; leave one of the three out"
                )
        return self

    def default_name(self) -> str:
        """The name this offer has in the plan where it gives none."""
        parts = [part for part in (self.tier, self.platform, self.format, *self.tags.values()) if part]
        return "-".join(parts) or "offer"


class Limit(_Frozen):
    """A floor or ceiling on a measure, over all offers or some of them."""

    name: Text | None = None
    """Name in the plan; unique. Default: made from measure and filter."""
    measure: str
    """cost, hours, creators, posts, impressions, engagements, clicks, conversions, revenue, profit, gross_reach, reach,
    cpm, cpe, cpc, cpa, or one of the scenario's own measures."""
    where: dict[str, Texts] = Field(default_factory=dict)
    """Which offers it counts: name, tier, platform, format or a tag, each one value or a list. Default: all."""
    per: str | None = None
    """Hold it for each creator, offer, tier, platform, format or value of a tag by itself."""
    min: BoundField | None = None
    """Floor: a number, '20% of budget', '30% of audience' (for reach), or '50% of cost' (of a measure's total)."""
    max: BoundField | None = None
    """Ceiling, written like the floor."""

    @model_validator(mode="after")
    def _has_a_side(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("a limit needs min, max or both")
        if self.min and self.max and self.min.of == self.max.of and self.min.number > self.max.number:
            raise ValueError(f"min {self.min.text()} is above max {self.max.text()}")
        return self


class Goal(_Frozen):
    """One objective: maximise or minimise a measure."""

    maximize: str | None = None
    """Measure to bring as high as possible."""
    minimize: str | None = None
    """Measure to bring as low as possible."""
    within: ShareNumber = 0.0
    """In a list of objectives: how much of this one may be given up for the next. Unit: share."""

    @model_validator(mode="after")
    def _one_direction(self) -> Self:
        if (self.maximize is None) == (self.minimize is None):
            raise ValueError("an objective is {maximize: MEASURE} or {minimize: MEASURE}")
        return self

    @property
    def measure(self) -> str:
        """The measure, whichever way it goes."""
        return self.maximize or self.minimize or ""

    @property
    def sense(self) -> Literal["maximize", "minimize"]:
        """The direction."""
        return "maximize" if self.maximize is not None else "minimize"


class Audience(_Frozen):
    """The people the campaign wants to reach, and how much creators' audiences overlap."""

    people: PositiveNumber
    """Size of the audience. Unit: people."""
    overlap: ShareNumber | None = None
    """Share of the smaller of two typical creators' audiences that also follows the other.
    Default: independence, flagged in the plan."""


class Fees(_Frozen):
    """What comes on top of what creators are paid, inside the budget."""

    agency: ShareNumber = 0.0
    """Agency fee. Unit: share of what creators are paid."""
    contingency: ShareNumber = 0.0
    """Reserve. Unit: share of what creators are paid."""


class CustomMeasure(_Frozen):
    """A measure the user names; offers carry its value under `measures`."""

    per: Literal["creator", "post"] = "creator"
    """Whether offers give the value per creator or per post."""
    unit: str | None = None
    """Unit for reports. Default: the measure's name."""


class SolverOptions(_Frozen):
    """How exactly and how long to solve."""

    gap: ShareNumber = 1e-4
    """Relative gap between plan and bound at which the search may stop. Unit: share."""
    time_limit: PositiveNumber = 60.0
    """Longest time for the whole solve. Unit: seconds."""
    whole_creators: bool = True
    """Whether creators are whole people; false gives the pure linear program."""
    name: Literal["highs", "cbc"] = "highs"
    """Solver; cbc only where it is installed."""


class Scenario(_Frozen):
    """One complete planning question: money, hours, offers, limits, objective."""

    name: str | None = None
    """Title of the plan."""
    notes: str | None = None
    """The story behind it."""
    currency: str = "USD"
    """Currency of all money in the scenario and the plan. ISO 4217."""
    exchange_rates: dict[str, PositiveNumber] = Field(default_factory=dict)
    """Units of that currency per 1 unit of the scenario's currency, e.g. {VND: 25400}."""
    budget: Number | None = None
    """Hard ceiling on cost. Unit: currency."""
    effort_hours: Number | None = None
    """Hard ceiling on coordination. Unit: hours."""
    objective: tuple[Goal, ...]
    """What to bring as high or low as possible: a measure, {maximize: MEASURE}, {minimize: MEASURE}, or a list in
    order of importance."""
    benchmarks: str | dict[str, Any] | None = None
    """Set that fills what offers leave out: a packaged set (global-2025) or a path to one's own."""
    tier_borders: str | dict[str, Any] = "grin"
    """Where tiers begin: grin, mediakix, micro-10k, or one's own {micro: 10k, macro: {default: 100k, youtube: 250k}}.
    Unit: followers."""
    audience: Audience | None = None
    """The people to reach; needed for reach."""
    engagement_weights: dict[str, Number] = Field(default_factory=dict)
    """Worth of each kind of engagement (likes, reactions, comments, shares, saves). Default: every engagement counts 1."""
    fees: Fees = Fees()
    """Agency fee and contingency on top of what creators are paid."""
    offers: tuple[Offer, ...] = Field(min_length=1)
    """What can be bought."""
    measures: dict[str, CustomMeasure] = Field(default_factory=dict)
    """The scenario's own measures."""
    limits: tuple[Limit, ...] = ()
    """Floors and ceilings besides budget and effort_hours."""
    solver: SolverOptions = SolverOptions()
    """How exactly and how long to solve."""

    _locate: Callable[[Problem], Problem] | None = PrivateAttr(None)
    _prepared: Any = PrivateAttr(None)

    @field_validator("objective", mode="before")
    @classmethod
    def _goals(cls, value: Any) -> Any:
        goals = value if isinstance(value, list | tuple) else [value]
        if not goals:
            raise ValueError("the objective is empty; name a measure, e.g. engagements")
        return [{"maximize": goal} if isinstance(goal, str) else goal for goal in goals]

    @field_validator("currency")
    @classmethod
    def _iso(cls, currency: str) -> str:
        if not (len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()):
            raise ValueError(f"{currency!r} is not a currency code of three capital letters, such as USD")
        return currency

    @field_validator("engagement_weights")
    @classmethod
    def _known_kinds(cls, weights: dict[str, float]) -> dict[str, float]:
        _check_kinds(weights)
        return weights

    @field_validator("measures", mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return {k: {"per": v} if isinstance(v, str) else {} if v is None else v for k, v in value.items()}
        return value

    @property
    def title(self) -> str:
        """The name, or a neutral title."""
        return self.name or "Scenario"

    def locate(self, problem: Problem) -> Problem:
        """The problem with file, line and column, where this scenario was read from a file."""
        if self._locate is None or problem.file is not None:
            return problem
        return self._locate(problem)

    def sha256(self) -> str:
        """Fingerprint of the content (not of the file): equal scenarios have equal fingerprints."""
        content = json.dumps(self.model_dump(mode="json", exclude_defaults=True), sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()

    def with_changes(self, changes: Mapping[str, Any]) -> Scenario:
        """A new scenario with some values changed, e.g. `{"budget": 80_000, "offers[0].cost_per_post": 70}`.

        Paths are written as for `--set`; list items are chosen by index or by name.

        Raises:
            ScenarioError: where a path does not exist or the changed scenario is not valid.
        """
        from optimizer.load import change_scenario

        return change_scenario(self, changes)


__all__ = [
    "ENGAGEMENT_KINDS", "FILTER_KEYS", "TIERS", "Audience", "Bound", "CreatorRoom", "CustomMeasure", "Estimate", "Fees",
    "Goal", "Limit", "Offer", "PostRoom", "Scenario", "SolverOptions",
]  # fmt: skip
