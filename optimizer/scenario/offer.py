"""The offer: something that can be bought, with its prices, expected response, effort and room.

Part of the scenario schema; see `optimizer.scenario.scenario`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from optimizer.language.errors import FieldError, did_you_mean
from optimizer.language.quantities import parse_number, plain
from optimizer.scenario.described import Described
from optimizer.scenario.fields import (
    Amount,
    AnyAmount,
    CountryCode,
    Key,
    LargeAmount,
    LargeNumber,
    LowerText,
    Note,
    PositiveLargeAmount,
    Posts,
    Share,
    ShareNumber,
    Spread,
    Text,
    parse_posts,
)
from optimizer.scenario.offer_names import joined_labels
from optimizer.scenario.spread import check_person, check_spread

if TYPE_CHECKING:
    from optimizer.scenario.fields import AmountLike, NumberLike

EngagementBase = Literal["followers", "impressions"]
ENGAGEMENT_KINDS = ("likes", "reactions", "comments", "shares", "saves")
MIX_TOLERANCE = 0.01
"""How far shares of kinds may be from 100 % in sum and still be a whole mix, rounded; they are scaled to it."""
FILTER_KEYS = ("name", "tier", "platform", "format", "country")
"""What every offer can be filtered by; tags come on top."""
TRIANGLE_TOLERANCE = 0.05
"""Largest relative disagreement of cost_per_post, cpm and impressions that is taken as rounding."""


class Frozen(Described):
    """Base of everything in a scenario: nothing changes after validation, and unknown keys are refused."""

    stands_at: ClassVar[tuple[str, ...]] = ()
    """Where in a scenario such a thing is written, "*" for any item of a list."""
    only_in_files: ClassVar[tuple[str, ...]] = ()
    """Keys that are dealt with while a file is read."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_means_left_out(cls, data: Any) -> Any:
        """`budget:` with nothing behind it, or null in JSON, is as good as no line at all."""
        if isinstance(data, dict) and None in data.values():
            return {k: v for k, v in data.items() if v is not None or k not in cls.model_fields}
        return data


def check_kinds(kinds: Mapping[str, Any]) -> None:
    """Refuse a kind of engagement that does not exist."""
    for kind in kinds:
        if kind not in ENGAGEMENT_KINDS:
            hint = did_you_mean(str(kind), ENGAGEMENT_KINDS)
            raise FieldError(f"unknown kind of engagement {kind!r}", hint, at=(str(kind),))


def check_currency(value: Any) -> str:
    """A currency code as it stands, e.g. USD."""
    if isinstance(value, str) and len(value) == 3 and value.isascii() and value.isalpha() and value.isupper():
        return value
    code = str(value).upper()
    hint = f"write {code}" if len(code) == 3 and code.isascii() and code.isalpha() else "write e.g. USD"
    raise FieldError(f"{value!r} is not a currency code of three capital letters", hint)


class CreatorRoom(Frozen):
    """How many creators of one offer may be booked."""

    min: LargeNumber = 0.0
    """Creators already booked or wanted at least. Unit: creators."""
    max: LargeNumber | None = None
    """Creators available at most; no maximum where left out. Unit: creators."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.max is not None and self.min > self.max:
            raise FieldError(f"min {plain(self.min)} is above max {plain(self.max)}", at=("min",))
        return self


class PostRoom(Frozen):
    """How many posts one booked creator may make; the optimizer chooses within."""

    min: Posts = 1
    """Fewest posts per creator. Unit: posts."""
    max: Posts
    """Most posts per creator. Unit: posts."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            raise FieldError(f"min {self.min} is above max {self.max}", at=("min",))
        if self.max - self.min >= 100:
            raise FieldError("at most 100 different numbers of posts can be compared", at=("max",))
        return self


class Offer(Frozen):
    """Something that can be bought many times: "a nano creator on Instagram, reels", or one named person."""

    stands_at: ClassVar[tuple[str, ...]] = ("offers", "*")
    only_in_files: ClassVar[tuple[str, ...]] = ("each",)

    name: Text | None = None
    """Name in the plan; unique. Default: tier, platform, format, country and tags joined by hyphens."""
    tier: LowerText | None = None
    """nano, micro, mid, macro or mega, or a tier of the scenario's own tier_borders.
    Default: from followers, where known."""
    platform: LowerText | None = None
    """instagram (ig, insta), tiktok (tt), youtube (yt), facebook (fb), x (twitter), or any other."""
    format: LowerText | None = None
    """post, reel, story, short, video (or posts, reels, ...), or any other."""
    country: CountryCode | None = None
    """Where the creators' market is, by code or name (IT, Italy): moves the fees of the benchmarks. Default: the
    scenario's."""
    tags: dict[Key, Text] = Field(default_factory=dict)
    """Free labels for filters and `per`, e.g. {market: US, flight: march}."""
    followers: PositiveLargeAmount | None = None
    """Followers of one creator. Unit: people."""

    cost_per_post: LargeAmount | None = None
    """Fee for one post before any bundle discount. Unit: currency per post."""
    cpm: PositiveLargeAmount | None = None
    """Price per 1,000 impressions = 1000 x cost_per_post / impressions_per_post. Two of the three give
    the third. Unit: currency per 1,000 impressions."""
    cost_per_creator: LargeAmount | None = None
    """Once per creator: product, shipping, contract. Unit: currency per creator."""
    setup_cost: LargeAmount | None = None
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
    reachable: PositiveLargeAmount | None = None
    """People who may be shown one creator's posts. Default: followers. Unit: people."""
    impressions_per_post: PositiveLargeAmount | None = None
    """Times one post is shown. Default: reachable x reach_rate. Unit: impressions per post."""
    engagement_rate: Share | None = None
    """Engagements per post / engagement_base. Unit: share."""
    engagement_base: EngagementBase | None = None
    """What engagement_rate is a share of. Default: followers."""
    engagements_per_post: LargeAmount | None = None
    """Engagements of one post, all kinds. Default: engagement_rate x its base. Unit: engagements per post."""
    engagement_mix: dict[str, ShareNumber] | None = None
    """Share of each kind of engagement (likes, reactions, comments, shares, saves), adding up to 100 %; a kind that
    is not named has none. Needed to count likes, comments, shares or saves, and where engagement_weights differ
    from 1. Unit: share of engagements."""
    click_rate: Share | None = None
    """Clicks / impressions. Unit: share."""
    conversion_rate: Share | None = None
    """Conversions / clicks. Unit: share."""
    value_per_conversion: LargeAmount | None = None
    """Revenue of one conversion. Unit: currency."""
    cost_per_conversion: Amount | None = None
    """Cost of goods of one conversion: making and shipping what is sold. It lowers profit, and is no part of cost or
    budget. Default: 0, so that profit is before cost of goods. Unit: currency."""
    authentic: Share | None = None
    """Share of the audience that is real people. Default: 100 %."""
    on_target: Share | None = None
    """Share of the audience that belongs to the scenario's audience (market, age). Default: 100 %."""
    segments: dict[Key, ShareNumber] = Field(default_factory=dict)
    """Share of the audience that belongs to each segment of the scenario's audience, e.g. {US: 70%, ID: 5%}; what is
    left over belongs to none. on_target is then their sum. Default: on_target in the segment of the country, where
    there is one, else spread by the size of the segments. Unit: share."""
    person: Text | None = None
    """Who posts, where one person has several offers (formats, flights): they reach the same people. Each such offer
    has room for one creator. Default: somebody else on every offer."""
    completion: Share | None = None
    """Share of booked creators who deliver. Default: 100 %."""
    repeat_decay: Share | None = None
    """Each further post by one creator brings (1 - repeat_decay) of the engagements of the one before.
    Default: 0 %."""

    spread: Spread | None = None
    """How much creators of this offer differ in what they bring, all posts together: standard deviation of the natural
    logarithm; 0.7 means that 8 in 10 lie within a factor of 2.5 up or down. Default: of the benchmarks, else 0."""
    post_spread: Spread | None = None
    """How much posts of one creator differ, likewise. Default: of the benchmarks, else 0."""
    paid_if_missed: ShareNumber | None = None
    """Share of cost_per_post that is due to a creator who does not deliver; product and shipping (cost_per_creator)
    are gone in any case. Default: 100 %, or 0 % where there is no fee. Unit: share."""

    hours_per_creator: Amount | None = None
    """Coordination once per creator: finding, contract, briefing. Unit: hours per creator."""
    hours_per_post: Amount | None = None
    """Coordination for each post: approval, changes, reporting. Unit: hours per post."""

    creators: CreatorRoom = CreatorRoom()
    """How many can be booked. Default: no minimum, no maximum."""
    posts_per_creator: Posts | PostRoom = 1
    """Posts by each booked creator: a number means exactly that many. Default: 1."""
    measures: dict[Key, AnyAmount] = Field(default_factory=dict)
    """Values of the scenario's own measures, per creator or per post as declared there; may be negative. An
    offer that lists some has 0 of those it leaves out; one that lists none has not said."""
    fill: Literal["never"] | None = None
    """never: what this offer leaves out is not filled by the benchmark set."""
    source: Note | None = None
    """Where the numbers come from."""
    notes: Note | None = None
    """Anything worth remembering."""

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            name: str | None = None,
            tier: str | None = None,
            platform: str | None = None,
            format: str | None = None,
            country: str | None = None,
            tags: Mapping[str, str] | None = None,
            followers: AmountLike | None = None,
            cost_per_post: AmountLike | None = None,
            cpm: AmountLike | None = None,
            cost_per_creator: AmountLike | None = None,
            setup_cost: AmountLike | None = None,
            setup_hours: AmountLike | None = None,
            bundle_discount: Mapping[int, NumberLike] | None = None,
            commission: AmountLike | None = None,
            currency: str | None = None,
            reach_rate: AmountLike | None = None,
            reachable: AmountLike | None = None,
            impressions_per_post: AmountLike | None = None,
            engagement_rate: AmountLike | None = None,
            engagement_base: EngagementBase | None = None,
            engagements_per_post: AmountLike | None = None,
            engagement_mix: Mapping[str, NumberLike] | None = None,
            click_rate: AmountLike | None = None,
            conversion_rate: AmountLike | None = None,
            value_per_conversion: AmountLike | None = None,
            cost_per_conversion: AmountLike | None = None,
            authentic: AmountLike | None = None,
            on_target: AmountLike | None = None,
            segments: Mapping[str, NumberLike] | None = None,
            person: str | None = None,
            completion: AmountLike | None = None,
            repeat_decay: AmountLike | None = None,
            spread: NumberLike | None = None,
            post_spread: NumberLike | None = None,
            paid_if_missed: NumberLike | None = None,
            hours_per_creator: AmountLike | None = None,
            hours_per_post: AmountLike | None = None,
            creators: CreatorRoom | Mapping[str, NumberLike] | None = None,
            posts_per_creator: int | PostRoom | Mapping[str, int] | None = None,
            measures: Mapping[str, AmountLike] | None = None,
            fill: Literal["never"] | None = None,
            source: str | None = None,
            notes: str | None = None,
        ) -> None: ...

    @field_validator("creators", mode="before")
    @classmethod
    def _creators_is_a_mapping(cls, value: Any) -> Any:
        if isinstance(value, dict | CreatorRoom):
            return value
        try:
            number = plain(parse_number(value))
        except ValueError:
            raise FieldError(
                "the room for creators has a min, a max or both", "write e.g. {max: 20}"
            ) from None
        raise FieldError(
            f"{number} could be the most or the exact number of creators",
            f"write {{max: {number}}} for up to {number}, "
            f"{{min: {number}, max: {number}}} for exactly {number}",
        )

    @field_validator("posts_per_creator", mode="wrap")  # a union's own errors would name both its members
    @classmethod
    def _posts(cls, value: Any, handler: Callable[[Any], Any]) -> int | PostRoom:
        if isinstance(value, list | tuple):
            raise FieldError(
                "posts per creator are one number or a min and a max", "write e.g. {min: 1, max: 3}"
            )
        return PostRoom.model_validate(value) if isinstance(value, dict | PostRoom) else parse_posts(value)

    @field_validator("currency", mode="before")
    @classmethod
    def _iso(cls, value: Any) -> Any:
        return value if value is None else check_currency(value)

    @field_validator("tags")
    @classmethod
    def _tags_are_free(cls, tags: dict[str, str]) -> dict[str, str]:
        for key in tags:
            if key in (*FILTER_KEYS, "creator", "offer"):
                raise FieldError(
                    f"{key!r} has a meaning already", "choose another name for the tag", at=(key,)
                )
        return tags

    @field_validator("engagement_mix")
    @classmethod
    def _mix_is_whole(cls, mix: dict[str, float] | None) -> dict[str, float] | None:
        if mix is not None:
            check_kinds(mix)
            total = sum(mix.values())
            if abs(total - 1.0) > MIX_TOLERANCE:
                raise FieldError(f"the shares add up to {100 * total:.4g} %, not to 100 %")
        return mix

    @field_validator("bundle_discount", mode="before")
    @classmethod
    def _bundles_are_numbers(cls, discounts: Any) -> Any:
        if not isinstance(discounts, dict):
            return discounts
        bundles: dict[str, Any] = {}
        for posts, discount in discounts.items():
            number = _whole(posts)
            if number is None or number < 2:
                hint = "write posts: discount, e.g. {2: 5%, 3: 10%}"
                raise FieldError(f"{posts!r} is not a number of posts from 2 upwards", hint, at=(posts,))
            bundles[str(number)] = discount
        return bundles

    @field_validator("bundle_discount")
    @classmethod
    def _bundles_cost_more(cls, discounts: dict[int, float]) -> dict[int, float]:
        fewer, paid = 1, 1.0
        for posts, discount in sorted(discounts.items()):
            if posts * (1 - discount) < paid:
                fewer_posts = "1 post" if fewer == 1 else f"{fewer} posts"
                raise FieldError(
                    f"with {100 * discount:.4g} % off, {posts} posts cost less than {fewer_posts}",
                    "a discount holds for each post of the bundle",
                    at=(str(posts),),
                )
            fewer, paid = posts, posts * (1 - discount)
        return dict(sorted(discounts.items()))

    @model_validator(mode="after")
    def _numbers_agree(self) -> Self:
        if self.engagement_base is not None and self.engagement_rate is None:
            raise FieldError(
                "there is no engagement_rate of which this is the base",
                "give engagement_rate, or leave engagement_base out",
                at=("engagement_base",),
            )
        if self.engagement_rate is not None and self.engagements_per_post is not None:
            raise FieldError(
                "engagement_rate and engagements_per_post say the same thing twice",
                "give one of them",
                at=("engagements_per_post",),
            )
        people = self.reachable or self.followers
        shown = self.impressions_per_post
        reached = people.typical * self.reach_rate.typical if people and self.reach_rate else None
        if shown and reached and reached > shown.typical * (1 + TRIANGLE_TOLERANCE):
            base = "followers" if self.reachable is None else "reachable"
            raise FieldError(
                f"one post reaches {reached:,.0f} people ({base} x reach_rate) but has only "
                f"{shown.typical:,.0f} impressions",
                "correct one of the three",
                at=("impressions_per_post",),
            )
        impressions = shown.typical if shown else reached
        if self.cost_per_post and self.cpm and impressions:
            implied = 1000 * self.cost_per_post.typical / impressions
            if abs(implied - self.cpm.typical) > TRIANGLE_TOLERANCE * self.cpm.typical:
                raise FieldError(
                    f"the prices disagree: cost_per_post {plain(self.cost_per_post.typical)} for "
                    f"{impressions:,.0f} impressions is a cpm of {plain(float(f'{implied:.4g}'))}, "
                    f"not {plain(self.cpm.typical)}",
                    "leave out cost_per_post, cpm or the impressions: two give the third",
                    at=("cpm",),
                )
        return self

    @model_validator(mode="after")
    def _one_audience(self) -> Self:
        check_spread(self.segments, self.on_target)
        check_person(self.person, self.creators.max)
        return self

    def default_name(self) -> str:
        """The name this offer has in the plan where it gives none."""
        return joined_labels((self.tier, self.platform, self.format, self.country, *self.tags.values()))


def _whole(value: Any) -> int | None:
    try:
        number = parse_number(value)
    except ValueError:
        return None
    return int(number) if number == int(number) else None
