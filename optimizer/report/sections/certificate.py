"""What a proof was tried against, in words."""

from __future__ import annotations

from optimizer.plan.certificate import ProofChecks


def tried(checked: ProofChecks) -> str:
    """E.g. "solved twice with different settings, the same answer; 412 plans that differ by one booking: none is
    better"; of very many offers, "prices of 3 limits; bound over all 10,000 creators"."""
    parts = []
    if checked.prices:
        rows = "1 limit" if checked.prices == 1 else f"{checked.prices:,} limits"
        parts.append(f"prices of {rows}; bound over all {checked.creators:,} creators")
        if checked.core:
            parts[-1] += f", {checked.core:,} of them left to the solver"
        if checked.kept:
            parts[-1] += f"; the {checked.kept:,} booked or nearest to it became offers"
    if checked.opinions > 1:
        times = "twice" if checked.opinions == 2 else f"{checked.opinions} times"
        parts.append(f"solved {times} with different settings, the same answer")
    if checked.unfinished:
        parts.append("a second run with other settings did not end in its time")
    if checked.changes == 1:
        parts.append("1 plan that differs by one booking: it is not better")
    elif checked.changes:
        parts.append(f"{checked.changes:,} plans that differ by one booking: none is better")
    if checked.cut_off:
        plans = "1 plan that breaks" if checked.cut_off == 1 else f"{checked.cut_off} plans that break"
        parts.append(f"{plans} a limit by a fraction cut off")
    if checked.mistaken:
        runs = (
            "1 run of the solver was"
            if checked.mistaken == 1
            else f"{checked.mistaken} runs of the solver were"
        )
        parts.append(f"{runs} wrong and not counted")
    return "; ".join(parts)
