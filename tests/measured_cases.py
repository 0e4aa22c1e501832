"""Scenarios with measured overlaps in which a flag about a plan is raised, and one beside each in which it is not."""

from __future__ import annotations

from collections.abc import Sequence

from tests.builders import Data
from tests.flag_cases import Case, ask, deal

_KNOWN = {
    "hours_per_post": 0,
    "on_target": 0.9,
    "reach_rate": 0.5,
    "impressions_per_post": 2000,
    "country": "US",
}
_NAMES = ("ana", "bo", "cy", "di", "ed", "flo")


def follow(
    pairs: list[tuple[str, str, int]], booked: str = "", names: Sequence[str] = _NAMES, **said: str
) -> Data:
    """Creators of 2,000 followers each, who reach 900 of the audience; two are booked, one of them if you like."""
    offers = [
        deal(name, followers=2000, creators={"min": int(name == booked), "max": 1}, **_KNOWN)
        for name in names
    ]
    overlaps = {"unit": "people", "pairs": pairs, **said}
    return ask(*offers, budget=200, objective="reach", audience={"people": 100_000, "overlaps": overlaps})


ALL = [(one, other, 100) for i, one in enumerate(_NAMES) for other in _NAMES[i + 1 :]]
ODD = [
    (one, other, 2000 * ((i + j) % 2))
    for i, one in enumerate(_NAMES)
    for j, other in enumerate(_NAMES)
    if i < j
]
FEW = [("ana", "bo", 100), ("cy", "di", 100), ("ed", "flo", 100)]
"""A fifth of the pairs."""
WITHOUT_FLO = [pair for pair in ALL if "flo" not in pair]
COUPLES = [(f"c{i}", f"d{i}", 100) for i in range(15)]

CASES = [
    Case(
        "overlaps_fitted", "overlaps-few", "warning",
        follow(COUPLES, names=[name for pair in COUPLES for name in pair[:2]]), follow(FEW),
        "Overlaps of only 3.4 % of the pairs are known, so reach may be a third too high.",
        "Measure more pairs, the largest creators' first; unlisted: zero says that the others share nobody.",
    ),
    Case(
        "overlaps_fitted", "overlaps-fit", "warning",
        follow(ODD), follow(ALL),
        "Segments meet measured overlaps to 70 % on average: reach may be a third or more off.",
        "Look for wrong lines in the file, measure more pairs, or plan by one overlap for all.",
    ),
    Case(
        "overlaps_fitted", "overlaps-unmeasured", "note",
        follow(WITHOUT_FLO, "flo"), follow(ALL, "flo"),
        "No overlap is measured of flo, counted as if anybody were as likely to follow.",
        "Measure their overlaps with the plan's largest creators; an offer is matched where it is one creator.",
    ),
    Case(  # beside it somebody has said what is left out
        "overlaps_unlisted", "overlaps-unlisted", "note",
        follow(ALL[1:]), follow(ALL[1:], unlisted="unknown"),
        "The export lists 14 of 15 pairs; the others count as unknown, not as sharing nobody.",
        "Say what it means: unlisted: zero where pairs that share nobody are left out, else unlisted: unknown.",
    ),
]  # fmt: skip
