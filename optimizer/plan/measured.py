"""Plans whose reach rests on measured overlaps: how well segments fit, where reach lies for sure, what to flag."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from optimizer.language.numbers import tidy
from optimizer.plan.audience import MeasuredAudience
from optimizer.plan.flags import names_text, note, warn
from optimizer.plan.plan import Flag, Plan
from optimizer.program.measured import Measured
from optimizer.program.program import Program
from optimizer.program.union_bounds import Bounds


def overlaps_fitted(program: Program, plan: Plan) -> Iterator[Flag]:
    """Segments that fit measured overlaps badly or rest on few, and bookings of which nothing is measured."""
    measured = _measured(program, plan)
    if measured is None:
        return
    latent = measured.latent
    if latent is not None and latent.bad:
        yield warn(
            "overlaps-fit",
            f"Segments meet measured overlaps to {100 * latent.expected:.0f} % on average: reach may be a third or "
            "more off.",
            "Look for wrong lines in the file, measure more pairs, or plan by one overlap for all.",
        )
    elif latent is not None and latent.few:
        yield warn(
            "overlaps-few",
            f"Overlaps of only {100 * latent.known:.1f} % of the pairs are known, so reach may be a third too high.",
            "Measure more pairs, the largest creators' first; unlisted: zero says that the others share nobody.",
        )
    booked = {line.offer for line in plan.lines}
    unmeasured = [name for name in (*measured.unmeasured, *measured.several) if name in booked]
    if unmeasured:
        yield note(
            "overlaps-unmeasured",
            f"No overlap is measured of {names_text(unmeasured)}, counted as if anybody were as likely to follow.",
            "Measure their overlaps with the plan's largest creators; an offer is matched where it is one creator.",
        )


def overlaps_unlisted(program: Program, plan: Plan) -> Iterator[Flag]:
    """An export that leaves pairs out, of which nobody said what that means; not where few pairs are a flag already."""
    measured = _measured(program, plan)
    if measured is not None and measured.latent is not None and not measured.latent.few and measured.unsaid:
        of = measured.pairs + measured.unknown
        yield note(
            "overlaps-unlisted",
            f"The export lists {measured.pairs:,} of {of:,} pairs; the others count as unknown, not as sharing nobody.",
            "Say what it means: unlisted: zero where pairs that share nobody are left out, else unlisted: unknown.",
        )


def measured_audience(program: Program, plan: Plan) -> MeasuredAudience | None:
    """What the plan's reach rests on, and between which numbers it lies; None where nothing was measured."""
    measured = None if program.reach is None else program.reach.measured
    if measured is None:
        return None
    latent = measured.latent
    bounds = None
    if latent is not None and plan.totals.reach is not None and plan.whole_creators:
        bounds = bounds_of(program, measured, plan)
    return MeasuredAudience(
        how="followers" if latent is None else "overlaps",
        creators=measured.creators,
        pairs=measured.pairs,
        unknown=measured.unknown,
        segments=len(measured.segments.people),
        error=None if latent is None else tidy(latent.error),
        held_out=None if latent is None or latent.held_out is None else tidy(latent.held_out),
        low=None if bounds is None else tidy(bounds.low),
        high=None if bounds is None else tidy(bounds.high),
    )


def bounds_of(program: Program, measured: Measured, plan: Plan) -> Bounds:
    """Between which numbers the plan's reach lies; a person's largest booking counts for all of theirs."""
    packages = program.packages
    number = {packages.key(p): p for p in range(packages.count)}
    offers: list[int] = []
    reached: list[float] = []
    of_person: dict[str, int] = {}
    for line in plan.lines:
        package = number[line.offer, line.posts_per_creator]
        offer = int(packages.offer[package])
        alone = float(packages.reach[package])
        person = packages.terms[offer].person
        if person is not None and person in of_person:
            at = of_person[person]
            if alone > reached[at]:
                offers[at], reached[at] = offer, alone
            continue
        if person is not None:
            of_person[person] = len(offers)
        offers += [offer] * round(line.creators)
        reached += [alone] * round(line.creators)
    return measured.bounds(offers, np.array(reached))


def _measured(program: Program, plan: Plan) -> Measured | None:
    """What is measured, where the plan has a reach that rests on it."""
    return None if plan.totals.reach is None or program.reach is None else program.reach.measured
