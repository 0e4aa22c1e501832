"""What happens along a curve: what one more unit brings, where the mix changes, where there is no plan."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise

from optimizer.finance.frontier.result import FrontierPoint, Marginal, Stretch, Turn, amounts_of
from optimizer.language.measures import cost_of_each
from optimizer.language.numbers import tidy


def marginals(points: Sequence[FrontierPoint]) -> list[Marginal]:
    """What each step between neighbouring points with a plan brings."""
    found = []
    for before, after in pairwise(points):
        if before.best is not None and after.best is not None:
            (low,), (high,) = before.at, after.at
            gain = tidy(after.best - before.best)
            cost, each = spent(before, after)
            found.append(
                Marginal(
                    low=low,
                    high=high,
                    gain=gain,
                    per_unit=tidy(gain / tidy(high - low)),
                    cost=cost,
                    cost_of_each=each,
                )
            )
    return found


def spent(before: FrontierPoint, after: FrontierPoint) -> tuple[float | None, float | None]:
    """What one plan costs more than another, and what each further unit of the result costs between these two."""
    costs = [None if point.totals is None else point.totals.cost for point in (before, after)]
    if costs[0] is None or costs[1] is None or before.value is None or after.value is None:
        return None, None
    cost = tidy(costs[1] - costs[0]) + 0.0  # not -0.0
    each = cost_of_each(cost, tidy(after.value - before.value))
    return cost, None if each is None else tidy(each)


def turning_points(points: Sequence[FrontierPoint]) -> list[Turn]:
    """Where another group takes the lead, and where groups enter and leave; points without a plan are passed over."""
    found = []
    planned = [point for point in points if point.value is not None]
    leader = planned[0].leader if planned else None
    for before, after in pairwise(planned):
        (below,), (at,) = before.at, after.at
        if leader and after.leader and not leads(after, leader):
            found.append(Turn(below=below, at=at, kind="turns", group=after.leader, instead_of=leader))
        if not (leader and leads(after, leader)):
            leader = after.leader
        old, new = ([share.group for share in point.mix] for point in (before, after))
        found += [Turn(below=below, at=at, kind="enters", group=group) for group in new if group not in old]
        found += [Turn(below=below, at=at, kind="leaves", group=group) for group in old if group not in new]
    return found


def leads(point: FrontierPoint, group: str) -> bool:
    """Whether no other group has more."""
    _, amounts = amounts_of(point.mix)
    return amounts.get(group, 0.0) >= max(amounts.values(), default=0.0) * (1 - 1e-9) and group in amounts


def stretches(points: Sequence[FrontierPoint]) -> list[Stretch]:
    """Neighbouring points without a plan, for the same reason."""
    found = []
    for (has_plan, status), run in groupby(points, key=lambda point: (point.value is not None, point.status)):
        if not has_plan:
            listed = list(run)
            found.append(
                Stretch(low=listed[0].at[0], high=listed[-1].at[0], status=status, message=listed[-1].message)
            )
    return found
