"""What is assumed of numbers where the packaged set does not say it, and which numbers are learnt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from optimizer.benchmarks.figures import TENTH, Figure


@dataclass(frozen=True)
class Assumed:
    """What is assumed of a number where the packaged set does not say it; sd of the natural logarithm.

    Attributes:
        spread: between creators of one size.
        post: between posts, or bookings, of one creator; 0 where that cannot be.
        again: between months or campaigns, besides what their posts differ: added for rows of several posts.
    """

    spread: float
    post: float
    again: float


ASSUMED: Mapping[str, Assumed] = {
    "cost_per_post": Assumed(0.8, 0.2, 0.0),
    "reach_rate": Assumed(0.8, 0.5, 0.43),
    "engagement_rate": Assumed(0.8, 0.3, 0.14),
    "hours": Assumed(0.5, 0.3, 0.0),
    "click_rate": Assumed(0.8, 0.4, 0.3),
    "conversion_rate": Assumed(0.6, 0.4, 0.3),
    "completion": Assumed(0.1, 0.0, 0.0),
}
"""Assumptions, held as lightly as `hierarchy.HELD` says. Spreads and posts of reach and engagement as in the packaged
set, where it has them. A fee is agreed anew for each booking, so it moves a little; hours are nobody's figures. Rates
of clicks and sales hang on product, offer and link as well as on the creator, so his posts differ by more than in
engagement: a choice. Whether somebody delivers is one trial for each booking, in which nothing else can differ."""
AGAIN_OF_FOLLOWERS = 0.3
"""`again` of an engagement rate of followers, which moves with reach, too."""
LOGARITHMIC = ("cost_per_post", "reach_rate", "engagement_rate", "hours")
COUNTED = ("click_rate", "conversion_rate", "completion")


def variance_of(figure: Figure) -> float:
    """Variance of the natural logarithm that the range of a figure stands for; of its lower side, where a share's upper
    side ends at 100 %."""
    if not 0 < figure.low <= figure.typical:
        return 0.25
    low, high = np.log(figure.typical / figure.low), np.log(figure.high / figure.typical)
    half = low if figure.high >= 1.0 > figure.typical else (low + high) / 2
    return float(max((half / TENTH) ** 2, 0.01**2))
