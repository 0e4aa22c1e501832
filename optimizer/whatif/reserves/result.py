"""What `reserves` answers: who comes in for whom, what that loses, and who to ask next."""

from __future__ import annotations

from typing import Literal

from optimizer.language.records import Record
from optimizer.plan.plan import Plan, ScenarioStamp

Way = Literal["one", "several", "nobody"]
"""How a place is filled: by one other creator, by whoever fits, or not at all."""


class Booked(Record):
    """Creators on one offer with one number of posts each."""

    offer: str
    posts_per_creator: int
    creators: float
    several: bool
    """Whether the offer is sold with different numbers of posts, so that a name needs the number."""
    filled: tuple[str, ...] = ()
    """What nobody gave for this one person, as in the lines of a plan: `cost_per_post`, `engagement_rate`."""


class StandIn(Record):
    """The plan with a place filled in one way, all other bookings as they are. It keeps every limit, recounted in
    decimals."""

    books: tuple[Booked, ...]
    """Who comes in; empty where nobody does."""
    value: float
    """First objective of that plan, in its unit."""
    loses: float
    """How much worse that is than the plan as booked, in the objective's unit; negative where it is better."""
    cost: float | None
    """How much more (negative: less) it costs, in the plan's currency; None where not known."""
    hours: float | None
    """How many more (negative: fewer) hours it takes; None where not known."""


class Place(Record):
    """The place of one booked creator, should she say no."""

    name: str
    """The person, where her offers name one; else the offer."""
    drops: tuple[Booked, ...]
    """What is lost with her: her booking, or all of a person's."""
    best: Way | None
    """The way that loses least; None where no way keeps every limit, or none was found in time."""
    one: StandIn | None
    """The best single creator in her place; None where nobody fits alone."""
    several: StandIn | None
    """The best of whoever fits, where that is better than one or nobody; None where not, or not looked for."""
    nobody: StandIn | None
    """Her place left empty; None where a limit does not allow that."""
    anew: StandIn | None
    """Where no way keeps every limit: the best plan without her in which other bookings may change too; `books` is who
    comes in. None elsewhere, where there is no such plan, or time was up."""
    fits: int
    """How many other offers have somebody who fits in alone, of those tried."""
    in_the_way: tuple[str, ...]
    """Limits that keep everybody out, where nobody fits alone: the one that keeps out most first."""
    proven: bool
    """Whether no way loses less, all other bookings kept."""


class Candidate(Record):
    """Somebody to ask next."""

    books: Booked
    in_for: str
    """In whose place she loses least: the worst fitting booking, seen from her."""
    stand_in: StandIn
    """The plan with her in that place."""
    fits: int
    """For how many of the places she fits alone."""


class Reserves(Record):
    """Who to call when somebody says no."""

    scenario: ScenarioStamp
    currency: str
    measure: str
    """First objective."""
    sense: Literal["maximize", "minimize"]
    unit: str
    """Of its values."""
    value: float
    """First objective of the plan as booked."""
    plan: Plan
    """The plan as booked."""
    places: tuple[Place, ...]
    """Each named creator of the plan, the hardest to replace first."""
    next: tuple[Candidate, ...]
    """Who to ask next, the one who loses least first."""
    method: Literal["all", "prices"]
    """all: everybody who is not booked was tried in every place. prices: only those worth most at the prices of the
    limits."""
    tried: int
    """Packages (an offer with a number of posts) that were tried in each place."""
    packages: int
    """Packages of the scenario that have room left."""
    unsettled: tuple[str, ...]
    """What time did not allow to settle, in words; empty when everything is settled."""
    notes: tuple[str, ...]
    """What else a reader should know."""
    version: str
