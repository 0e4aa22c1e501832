"""What a plan reaches of each segment of the audience."""

from __future__ import annotations

import math

import numpy as np

from optimizer.language.numbers import tidy
from optimizer.plan.audience import SegmentResult
from optimizer.program.packages import Floats
from optimizer.program.program import Program


def segments_of_plan(program: Program, columns: Floats) -> list[SegmentResult]:
    """The segments in the order of the scenario; none where the audience is not told apart, or only fitted apart."""
    reach, packages = program.reach, program.packages
    if reach is None or reach.segments.names == ("",) or reach.segments.latent:
        return []
    creators = columns[: packages.count]
    booked = np.flatnonzero(creators > 0)
    known = not np.isnan(packages.reach[booked]).any()
    each = reach.reached_in(creators) if known else np.full(len(reach.models), np.nan)
    shares = reach.segments.shares[packages.offer[booked]]
    seen = (packages.audience_impressions[booked] * creators[booked]) @ shares
    result = []
    for g, (name, model) in enumerate(zip(reach.segments.names, reach.models, strict=True)):
        people, shown = (None if math.isnan(n) else tidy(float(n)) for n in (each[g], seen[g]))
        result.append(
            SegmentResult(
                name=name,
                people=model.people,
                reached=people,
                share=None if people is None else tidy(people / model.people),
                impressions=shown,
                frequency=None if not people or shown is None else tidy(shown / people),
                shape=None if math.isinf(model.shape) else tidy(model.shape),
            )
        )
    return result
