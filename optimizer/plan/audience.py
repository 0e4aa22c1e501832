"""What a plan says of the people it reaches: how duplicates were removed, each segment, and what was measured."""

from __future__ import annotations

from typing import Literal

from optimizer.language.records import Record


class ReachAssumptions(Record):
    """How duplicates were removed."""

    people: float
    overlap: float | None
    chance: float | None
    """Overlap that independence would give."""
    shape: float | None
    """Shape a of the exposure distribution; None for independence."""


class SegmentResult(Record):
    """What a plan reaches of one segment of the audience."""

    name: str
    people: float
    """Size of the segment."""
    reached: float | None
    """People of it reached at least once; None where that is not known."""
    share: float | None
    """The same as a share of the segment."""
    impressions: float | None
    """Impressions on real people of the segment."""
    frequency: float | None
    """Impressions / reached: how often a person who is reached is reached; None where nobody is."""
    shape: float | None
    """Shape a of its exposure distribution; None for independence."""


class MeasuredAudience(Record):
    """What an estimate of reach rests on where overlaps of pairs, or who follows whom, were measured."""

    how: Literal["overlaps", "followers"]
    creators: int
    """Creators of the scenario that were measured."""
    pairs: int
    """How many of their pairs are known."""
    unknown: int
    """How many are not."""
    segments: int
    """How many latent segments were fitted, or groups of people who follow the same creators counted."""
    error: float | None
    """Sum of absolute errors of the overlaps it was fitted to / sum of these; None where people were counted."""
    held_out: float | None
    """The same of pairs held out of the fit; None where there are too few pairs for that."""
    low: float | None
    """Fewest people that the plan can reach, whoever follows whom: from sizes and pairs alone. None where people were
    counted, where reach is not known or creators are fractions."""
    high: float | None
    """Most people, likewise."""
