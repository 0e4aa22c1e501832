"""How far typical numbers of different offers are wrong together, where a scenario says nothing: data with reasons.

A number's error, as the logarithm sees it, has parts in common with the same number of other offers: the season, the
product and the creative move a whole market, an algorithm moves a platform, a habit of pricing moves a tier. The
rest is the offer's own. Each strength is the share of the error's variance that is common.
"""

from __future__ import annotations

from typing import NamedTuple


class Strength(NamedTuple):
    """A share of the variance that offers have in common, and why it is taken to be that."""

    share: float
    reason: str


CORRELATION: dict[str, Strength] = {
    "market": Strength(
        0.30,
        "assumption: product, season and creative are common to a campaign; in the benchmark model the level that "
        "all platforms share is as uncertain as that of one platform (sd 0.14 and 0.13 of log10), and both are about "
        "a third of the whole",
    ),
    "platform": Strength(
        0.20,
        "assumption: an algorithm moves a whole platform; less than the model's own third, because a planner knows "
        "this season's platform better than the sources of five years do",
    ),
    "tier": Strength(
        0.10,
        "assumption: prices and response of one size move together; the model's slopes by size are the best known of "
        "its coefficients (sd 0.03 of log10 for ten times the followers)",
    ),
}
