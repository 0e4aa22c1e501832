"""What a frontier holds: its axes, its points, and what changes along it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from optimizer.language.records import Record
from optimizer.language.statuses import PointStatus
from optimizer.plan.plan import ScenarioStamp, Totals
from optimizer.plan.risk import Range


def share_words(of: str | None) -> str:
    """What follows the label of a side that is a share."""
    return f", share of {of}" if of else ""


class Axis(Record):
    """A number of the scenario that is varied."""

    path: str
    """Where it stands, as for `--set`: "budget", "offers.NAME.cost_per_post", "limits.NAME.max"."""
    of: str | None = None
    """What the number is a share of, for limits such as "20% of cost"."""
    what: str
    """What kind of number it is, without whose: "budget", "floor", "cost_per_post"."""
    label: str
    """In words: "budget", "coordination hours", "cost_per_post of NAME"."""
    unit: str
    """Of the values: "USD", "hours", "creators"; "" for plain shares and rates."""
    values: tuple[float, ...]
    """Rising."""
    today: float | None
    """The number in the scenario as it is; None where it has none, or one of another kind."""
    written: str = ""
    """The number in the scenario where it is of another kind than those of the axis: "30% of cost" beside numbers of
    USD."""

    @property
    def subject(self) -> str:
        """The label without what the number is a share of."""
        return self.label.removesuffix(share_words(self.of))


class MixShare(Record):
    """What one tier (or platform, or offer) has in a plan."""

    group: str
    creators: float
    cost: float | None
    hours: float | None
    result: float | None
    """Of the objective's measure; None for reach, which does not add up."""


def amounts_of(mix: Sequence[MixShare]) -> tuple[Literal["money", "bookings"], dict[str, float]]:
    """What groups are compared by, and what each has: their cost, or their creators where no cost tells them apart."""
    costs = {share.group: share.cost for share in mix}
    if any(cost is None for cost in costs.values()) or not any(costs.values()):
        return "bookings", {share.group: share.creators for share in mix}
    return "money", {group: cost or 0.0 for group, cost in costs.items()}


class Booked(Record):
    """Creators of one offer with so many posts each."""

    offer: str
    posts_per_creator: int
    creators: float


class FrontierPoint(Record):
    """The best plan at one point."""

    at: tuple[float, ...]
    """One number for each axis."""
    status: PointStatus
    message: str = ""
    """Why there is no plan."""
    value: float | None = None
    """First objective in this plan."""
    best: float | None = None
    """Best value of the first objective; differs from value where `within` gives some of it up."""
    gap: float | None = None
    totals: Totals | None = None
    binding: tuple[str, ...] = ()
    """Names of the limits that hold the plan."""
    mix: tuple[MixShare, ...] = ()
    """By `Frontier.mix_by`, in the order of tiers, small to large."""
    leader: str | None = None
    """The group with the largest share of the money (of the creators where cost is not known)."""
    bookings: tuple[Booked, ...] = ()
    range: Range | None = None
    """What the first objective of this plan may come to; None where that was not drawn, or nothing varies."""


class Marginal(Record):
    """What one more unit brings between two neighbouring points of a curve."""

    low: float
    high: float
    gain: float
    """Change of the best value of the objective from low to high, signed as the measure is."""
    per_unit: float
    """gain / (high - low): by what is allowed, spent or not."""
    cost: float | None
    """Change of what the plans cost; None where that is not known."""
    cost_of_each: float | None
    """cost / change of what these same plans bring: what each further unit of the result costs. None where the two do
    not move the same way."""


class Turn(Record):
    """Where the mix changes along a curve."""

    below: float
    """Last point of the old mix."""
    at: float
    """First point of the new one."""
    kind: Literal["turns", "enters", "leaves"]
    """turns: another group takes the largest share of the money."""
    group: str
    """The new leader, or the group that enters or leaves."""
    instead_of: str | None = None
    """The leader before."""


class Stretch(Record):
    """Neighbouring points of a curve without a plan."""

    low: float
    high: float
    status: PointStatus
    message: str


class Frontier(Record):
    """The best plan at every point of one or two axes."""

    scenario: ScenarioStamp
    currency: str
    measure: str
    """Of the first objective."""
    sense: Literal["maximize", "minimize"]
    unit: str
    confidence: float | None = None
    """In what share of the cases results are reached; None for typical results."""
    axes: tuple[Axis, ...]
    points: tuple[FrontierPoint, ...]
    """Row by row: the last axis varies fastest."""
    today: FrontierPoint | None
    """The scenario as it is; None where it has no plan, or no number today on some axis."""
    mix_by: Literal["tier", "platform", "offer"]
    """The finest of these that has at least two values: tier where known, else platform, else offer."""
    marginals: tuple[Marginal, ...]
    """Of a curve (one axis); empty for a map."""
    turns: tuple[Turn, ...]
    """Of a curve; empty for a map."""
    stretches: tuple[Stretch, ...]
    """Of a curve; empty for a map."""
    most: float | None = None
    """Best value of the objective however large the number that is varied: of a curve over budget or hours whose last
    points bring the same. None elsewhere, and where it was not found."""
    sentences: tuple[str, ...]
    """The findings in plain words, most important first."""
    version: str
    over_all: bool = False
    """Of rosters too large to make an offer of each row: whether all rows were looked at for each point, so that its
    bound is over all of them; False where it is about the scenario's offers."""
    draws: int = 0
    """Cases drawn for each point's range; 0 where none were."""
    seed: int = 0
    """Of these draws; the same for all points."""
