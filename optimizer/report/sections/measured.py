"""What measured overlaps or followers come to, in a few lines: how many, how well segments fit, what is left out."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.program.latent import BAD_FIT, FEWEST_PAIRS, Latent
from optimizer.program.measured import Measured


def measured_lines(measured: Measured) -> list[str]:
    """What to know about them before a plan, the most important first."""
    latent = measured.latent
    return [*(_counted(measured) if latent is None else _fitted(measured, latent)), *_left_out(measured)]


def _counted(measured: Measured) -> list[str]:
    followers = _of(len(measured.segments.people), "group")
    return [
        f"Followers: {_of(measured.creators, 'creator')}, counted person by person as {followers} of people who follow "
        f"the same creators{_average(measured)}."
    ]


def _fitted(measured: Measured, latent: Latent) -> list[str]:
    unknown = f"; {_of(measured.unknown, 'more pair')} unknown" if measured.unknown else ""
    number = _of(len(latent.segments.people), "segment")
    how = "as given" if not latent.chosen else "chosen" if latent.tried else "by default"
    met = f"{number} {how}: overlaps are met to {_percent(latent.error)}"
    if latent.held_out is None:
        met += f"; too few pairs to hold some out and test that (fewer than {FEWEST_PAIRS})"
    else:
        met += f", those of pairs held out to {_percent(latent.held_out)}"
    lines = [
        f"Overlaps: {_of(measured.pairs, 'pair')} of {_of(measured.creators, 'creator')}"
        f"{_average(measured)}{unknown}.",
        f"{met}.",
    ]
    if latent.bad:
        lines.append(
            f"warning: a bad fit, above {_percent(BAD_FIT)}: reach may be estimated a third or more too high "
            "or low. Look for wrong lines, measure more pairs, or plan by one overlap for all."
        )
    if measured.unsaid and not latent.few:
        lines.append(
            "note: the export leaves out pairs, which count as unknown. Say what it means: unlisted: zero where pairs "
            "that share nobody are left out, else unlisted: unknown."
        )
    if latent.few and not latent.bad:
        lines.append(
            f"warning: only {_percent(latent.known)} of the pairs are known: reach of some plans may be estimated a "
            "third too high. Measure more pairs, the largest creators' first; or, where the file leaves out pairs that "
            "share nobody, write unlisted: zero."
        )
    return lines


def _average(measured: Measured) -> str:
    overlap = measured.average_overlap
    return "" if overlap is None else f"; on average two share {_percent(overlap)} of the smaller audience"


def _left_out(measured: Measured) -> list[str]:
    lines = []
    if measured.unmeasured:
        near = [f"{theirs!r} in the file may be {ours}" for ours, theirs in measured.near.items()]
        hint = f" ({'; '.join(near[:3])})" if near else ""
        lines.append(
            f"note: nothing is measured of {_names(measured.unmeasured)}{hint}: counted as if everybody in the "
            "audience were as likely to follow them."
        )
    if measured.several:
        lines.append(
            f"note: {_names(measured.several)} may be several creators, so what is measured does not apply; "
            "creators: {max: 1} says it is one."
        )
    if measured.ignored:
        what = "is about a creator" if measured.ignored == 1 else "are about creators"
        lines.append(f"note: {_of(measured.ignored, 'line')} {what} whom the scenario does not have.")
    return lines


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _of(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _names(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
