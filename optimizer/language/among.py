"""What is said where the offers are a few creators of rosters that are too large to make an offer of each row."""

from __future__ import annotations


def among(kept: int, creators: int) -> list[str]:
    """A sentence for results that are about the offers alone; none where every creator is one.

    Args:
        kept: creators that are offers.
        creators: all of them; 0 where every creator is an offer.
    """
    if not creators:
        return []
    return [
        f"Looked at here: {kept:,} of {creators:,} creators, whom the plan over all of them books or comes nearest to "
        "booking. What is called best or proven is so among these."
    ]


def told_by(kept: int, creators: int) -> str:
    """What is added to a reason that was found among the offers; "" where every creator is one."""
    return f" (told by {kept:,} of {creators:,} creators)" if creators else ""


def over_all(creators: int, what: str) -> list[str]:
    """A sentence for results that are about all creators; none where every creator is an offer.

    Args:
        creators: all of them; 0 where every creator is an offer.
        what: was planned, such as "each point".
    """
    if not creators:
        return []
    return [f"All {creators:,} creators were looked at for {what}, and its bound is over all of them."]


def looked_at(kept: int, creators: int, what: str, *, every: bool) -> list[str]:
    """One or the other: results are about all creators (`every`), or among the offers."""
    return over_all(creators, what) if every else among(kept, creators)
