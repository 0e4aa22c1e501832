"""What `goal` answers."""

from __future__ import annotations

from optimizer.infeasible.least_cap import Least, MostStatus
from optimizer.language.records import Record
from optimizer.plan.plan import Plan


class GoalFloor(Record):
    """One thing the plan must bring."""

    measure: str
    unit: str
    wanted: float
    reached: float | None
    """What the plan brings; None without a plan."""
    most: float | None = None
    """Where there is no plan: the most that can be reached at any money (hours), whatever the other goals."""
    most_status: MostStatus | None = None
    """Whether `most` is proven; "unlimited" where nothing holds this measure; None where there is a plan."""
    held_by: tuple[str, ...] = ()
    """Limits that hold it at `most`; empty where it is in reach by itself, or only the creators
    available hold it."""


class Obstacle(Record):
    """A limit that stands in the way."""

    name: str
    text: str
    place: str = ""
    """file:line, where the scenario was read from a file."""


class GoalAnswer(Record):
    """The smallest budget or the fewest hours for a goal."""

    least: Least
    unit: str
    """The currency, or "hours"."""
    goals: tuple[GoalFloor, ...]
    needed: float | None
    """The least budget (hours), rounded up to the cent (the whole dong, 0.01 hours); None where none is enough."""
    bound: float | None
    """No smaller budget is enough; equals needed up to rounding where that is proven."""
    proven: bool
    """Whether it is proven that no smaller one is enough; one cent (dong, 0.01 hours) less was tried then, too."""
    today: float | None
    """Today's budget (hours); None where the scenario has none."""
    plan: Plan | None
    """The plan; answers `goal_scenario(...)`."""
    moving: tuple[str, ...]
    """Limits that are a share of the number looked for, and moved with it."""
    obstacles: tuple[Obstacle, ...]
    """Where no budget is enough: limits that cannot hold together with the goal, and of which none can
    be left out."""
    version: str
    creators: int = 0
    """Where rosters are too large to make an offer of each row: all creators. 0 where every creator is an offer."""
    kept: int = 0
    """Of these, those that the answer is about alone; 0 where it is about all of them, and so is its bound."""

    @property
    def reached(self) -> bool:
        """Whether some budget (some hours) is enough."""
        return self.plan is not None
