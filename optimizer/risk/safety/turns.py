"""Where the mix turns on the way from bold to safe."""

from __future__ import annotations

from itertools import pairwise

from optimizer.finance.frontier.one_point import in_order
from optimizer.finance.frontier.result import MixShare
from optimizer.plan.plan import MixBy
from optimizer.risk.safety.result import MixMove, SafePlan, SafetyTurn, shares_of

POINTS = 0.05
"""A share that moves by as much is told."""
ROUNDING = 1e-9


def turns_of(sweep: list[SafePlan], by: MixBy) -> list[SafetyTurn]:
    """Every step between neighbouring plans at which a group enters, leaves or moves by 5 points.

    Args:
        sweep: the plans that are best at some k, in the order of k.
        by: what the mix is told apart by.
    """
    found = []
    for before, after in pairwise(sweep):
        moves = _moves(before.mix, after.mix, by)
        if moves and after.criterion is not None:
            found.append(
                SafetyTurn(
                    k=after.criterion.k,
                    sureness=after.sureness,
                    below=before.number,
                    at=after.number,
                    moves=moves,
                )
            )
    return found


def _moves(before: tuple[MixShare, ...], after: tuple[MixShare, ...], by: MixBy) -> list[MixMove]:
    old, new = shares_of(before), shares_of(after)
    creators = [{share.group: share.creators for share in mix} for mix in (before, after)]
    moves = []
    for group in in_order([share.group for share in (*before, *after)], by):
        low, high = old.get(group, 0.0), new.get(group, 0.0)
        if (group in creators[0]) != (group in creators[1]) or abs(high - low) >= POINTS - ROUNDING:
            moves.append(
                MixMove(
                    group=group,
                    creators_before=creators[0].get(group, 0.0),
                    creators_after=creators[1].get(group, 0.0),
                    share_before=low,
                    share_after=high,
                )
            )
    return moves
