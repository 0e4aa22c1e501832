"""What is said where the offers are a few creators of rosters that are too large to make an offer of each row."""

from __future__ import annotations


def among(kept: int, creators: int, anew: str = "") -> list[str]:
    """A sentence on whom a result is about; none where every creator is an offer.

    Args:
        kept: creators that are offers.
        creators: all of them; 0 where every creator is an offer.
        anew: for what all of them were looked at again, such as "each point"; "" where the result is about those kept.
    """
    if not creators:
        return []
    if anew:
        return [f"All {creators:,} creators were looked at for {anew}, and its bound is over all of them."]
    return [
        f"Looked at here: {kept:,} of {creators:,} creators, whom the plan over all of them books or comes nearest to "
        "booking. What is called best or proven is so among these."
    ]


def told_by(kept: int, creators: int) -> str:
    """What is added to a reason that was found among those kept; "" where every creator is an offer."""
    return f" (told by {kept:,} of {creators:,} creators)" if creators else ""
