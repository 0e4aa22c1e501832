"""What `optimize risk` answers: plans from bold to safe, what can be promised, where the mix turns, a target."""

from __future__ import annotations

from typing import Literal

from optimizer.finance.frontier.result import Booked, MixShare, amounts_of
from optimizer.language.records import Record
from optimizer.language.statuses import PlanStatus
from optimizer.plan.plan import ScenarioStamp
from optimizer.plan.risk import Chance

Origin = Literal["sweep", "today", "promise", "confidence", "target"]
"""Why a plan is told: best at some k; the scenario as it stands; promises most at a confidence; what `confidence:` in
the objective asks for; likeliest to reach the target."""


class Criterion(Record):
    """What was proven of a plan: no other has more of mean - k sd (less of mean + k sd, where less is wanted)."""

    k: float
    """How many standard deviations are given up; 0 for the best expected result."""
    value: float
    """Of this plan, in the measure's unit (of reach: the people whose index that is)."""
    bound: float | None
    """No plan can do better; None where nothing was proven."""
    gap: float | None
    """|bound - value| / |value|; None where bound is unknown, or value is 0 and bound is not."""
    status: PlanStatus
    """optimal: within the scenario's gap."""


class SafePlan(Record):
    """One plan and what it may come to. Amounts in the measure's unit; cost and hours by typical prices."""

    number: int
    """From 1, the best expected result first."""
    origins: tuple[Origin, ...]
    criterion: Criterion | None
    """At the smallest k at which it is the best; None for a plan that is the best at none of those looked at."""
    k_to: float | None
    """The largest k looked at where it still is the best."""
    sureness: float | None
    """In what share of the cases it comes to criterion.value or better: what k means as a confidence."""
    expected: float
    """Mean: computed; of reach, by the draws."""
    sd: float
    """Standard deviation; likewise."""
    p10: float
    """One case in ten is below."""
    p50: float
    p90: float
    """One case in ten is above."""
    dependable: tuple[float, ...]
    """What it comes to or better, for each of `Safety.confidences`, by the draws."""
    target_chance: float | None
    """Share of the cases in which it reaches the target; None without one."""
    chances: tuple[Chance, ...]
    """How often each limit is kept, but for those of single creators."""
    all_kept: float | None
    """How often all of them are; None where there is none."""
    cost: float | None
    hours: float | None
    creators: float
    mix: tuple[MixShare, ...]
    """By `Safety.mix_by`, in the order of tiers, small to large."""
    bookings: tuple[Booked, ...]


class Promise(Record):
    """What can be promised with a confidence, and what that costs."""

    confidence: float
    plan: int
    """Number of the plan whose result at this confidence is the best of all that were found, by the draws."""
    dependable: float
    """That result: the plan comes to it or better in that share of the cases."""
    boldest: float
    """What the plan with the best expected result comes to at this confidence."""
    gained: float
    """How much better `dependable` is than `boldest`; not negative."""
    given_up: float
    """How much worse the expected result is than the best."""
    given_up_share: float | None
    """As a share of the best expected result; None where that is not above 0."""
    asked_for: int | None
    """Number of the plan that is proven for `{maximize: ..., confidence: ...}`, with the k of its own draws. Mostly it
    is `plan`; another can be better by the draws, because mean - k sd knows nothing of how luck is skewed. None where
    time was up before."""
    asked_for_dependable: float | None
    """What that plan comes to, by the draws."""
    criterion: Criterion | None
    """Its proof."""


class MixMove(Record):
    """What one group of the mix does between two plans."""

    group: str
    creators_before: float
    creators_after: float
    share_before: float
    """Of the cost; of the creators where cost is not known."""
    share_after: float


class SafetyTurn(Record):
    """Where the mix turns on the way from bold to safe."""

    k: float
    """From here on; the plan before was the best up to one step less."""
    sureness: float | None
    """The same as a confidence: of the plan that begins here."""
    below: int
    """Number of the plan before."""
    at: int
    """Number of the plan from here on."""
    moves: tuple[MixMove, ...]
    """Groups that enter, leave or move by 5 points or more."""


class Target(Record):
    """The chance to reach a result, or to stay within it where less is wanted."""

    value: float
    today_chance: float
    plan: int
    """Number of the plan with the best chance of all that were found, by the draws."""
    chance: float
    """Its chance."""
    by_criterion: int | None
    """Number of the plan with the most (mean - target) / sd; None where the target is beyond the best expected
    result."""
    ratio: float | None
    """Its (mean - target) / sd, signed so that more is better; None as before, or where it is certain."""
    proof: Criterion | None
    """The solve that no other plan has more: with k = ratio no plan's mean - k sd is better than `bound`, and the
    target is that of the plan itself."""


class Safety(Record):
    """What it costs to be sure of the first objective."""

    scenario: ScenarioStamp
    currency: str
    measure: str
    sense: Literal["maximize", "minimize"]
    unit: str
    varies: bool
    """Whether anything behind the measure has a range; if not, there is one plan and nothing to choose."""
    draws: int
    seed: int
    confidences: tuple[float, ...]
    """Rising."""
    mix_by: Literal["tier", "platform", "offer"]
    plans: tuple[SafePlan, ...]
    """The best expected result first."""
    today: int
    """Number of the plan of the scenario as it stands."""
    promises: tuple[Promise, ...]
    """For each confidence."""
    turns: tuple[SafetyTurn, ...]
    target: Target | None
    left_out: tuple[str, ...]
    """Measures of later objectives; only today's plan looks at them."""
    skipped: int
    """Solves that time did not allow."""
    sentences: tuple[str, ...]
    """The findings in plain words, most important first."""
    version: str

    @property
    def proven(self) -> bool:
        """Whether every plan that is the best at some k is proven to be."""
        found = [plan.criterion for plan in self.plans if plan.criterion is not None]
        return bool(found) and all(criterion.status == "optimal" for criterion in found)

    def plan_of(self, number: int) -> SafePlan:
        """A plan by its number."""
        return self.plans[number - 1]


def shares_of(mix: tuple[MixShare, ...]) -> dict[str, float]:
    """Share of each group in the cost; in the creators where cost is not known. Empty without bookings."""
    _, amounts = amounts_of(mix)
    whole = sum(amounts.values())
    return {group: amount / whole for group, amount in amounts.items()} if whole else {}
