"""How each offer's audience is spread over the segments of the scenario's: as it says, else by plain defaults.

given               the offer's shares; on_target is their sum
not given           on_target (default 100 %) in the segment that is the offer's country, where one is;
                    else on_target x segment / audience: spread by the size of the segments
"""

from __future__ import annotations

from optimizer.language.countries import parse_country
from optimizer.language.errors import Problem, did_you_mean
from optimizer.language.quantities import Estimate
from optimizer.program.filling import Sourced
from optimizer.scenario.scenario import Offer, Scenario

BY_SIZE = "not given: spread by the size of the segments"
BY_COUNTRY = "not given: all in the segment of its country"


def share_field(segment: str) -> str:
    """The number of an offer that says what share of its audience is in a segment."""
    return f"segments.{segment}"


def fill_segments(
    scenario: Scenario, index: int, offer: Offer, numbers: dict[str, Sourced], problems: list[Problem]
) -> None:
    """The share of an offer's audience in every segment, and on_target as their sum, where it is not given."""
    sizes = {} if scenario.audience is None else scenario.audience.segments
    unknown = [name for name in offer.segments if name not in sizes]
    if not sizes:
        if unknown and not any(other.segments for other in scenario.offers[:index]):
            example = ", ".join(f"{name}: ..." for name in offer.segments)
            problems.append(
                Problem(
                    ("offers", index, "segments"),
                    "the scenario's audience has no segments",
                    f"write audience: {{segments: {{{example}}}}} with the people of each",
                )
            )
        return
    for name in unknown:
        path = ("offers", index, "segments", name)
        problems.append(
            Problem(path, f"the audience has no segment {name!r}", did_you_mean(name, list(sizes)))
        )
    if offer.segments:
        source = offer.source or ""
        for name in sizes:
            numbers[share_field(name)] = _sure(offer.segments.get(name, 0.0), "yours", source)
        total = round(sum(offer.segments.values()), 12)
        numbers.setdefault(
            "on_target",
            Sourced(Estimate(total, total, total), "derived", "sum of its segments", _fields(sizes)),
        )
        return
    on_target = numbers["on_target"].estimate.typical if "on_target" in numbers else 1.0
    own = _of_country(offer.country or scenario.country, sizes)
    audience = sum(sizes.values())
    for name, people in sizes.items():
        if own is not None:
            numbers[share_field(name)] = _sure(on_target if name == own else 0.0, "default", BY_COUNTRY)
        else:
            numbers[share_field(name)] = _sure(on_target * people / audience, "default", BY_SIZE)


def _sure(share: float, origin: str, source: str) -> Sourced:
    return Sourced(Estimate(share, share, share), origin, source)  # type: ignore[arg-type]


def _fields(sizes: dict[str, float]) -> tuple[str, ...]:
    return tuple(map(share_field, sizes))


def _of_country(country: str | None, sizes: dict[str, float]) -> str | None:
    """The segment that a country is, however it is written; None where none is."""
    if country is None:
        return None
    for name in sizes:
        try:
            if parse_country(name) == country:
                return name
        except ValueError:
            continue
    return None
