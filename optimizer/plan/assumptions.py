"""Every number behind a plan, with where it comes from."""

from __future__ import annotations

from optimizer.benchmarks.correlation import CORRELATION
from optimizer.language.numbers import tidy
from optimizer.language.quantities import Estimate
from optimizer.plan.plan import Assumption
from optimizer.program.filling import Sourced
from optimizer.program.program import Program
from optimizer.program.terms import Terms
from optimizer.scenario.scenario import Scenario


def assumptions_of(program: Program) -> list[Assumption]:
    """Numbers of the whole scenario first, then offer by offer, in the order in which they are worked out."""
    scenario = program.scenario
    result = []

    def whole(field: str, value: float, source: str = "") -> None:
        result.append(
            Assumption(
                offer="", field=field, low=value, value=value, high=value, origin="yours", source=source
            )
        )

    if scenario.audience is not None:
        sizes = scenario.audience.segments
        whole("audience.people", scenario.audience.people, "sum of the segments" if sizes else "")
        for name, people in sizes.items():
            whole(f"audience.segments.{name}", people)
        measured = program.reach.measured if program.reach else None
        if scenario.audience.overlap is not None:
            whole("audience.overlap", scenario.audience.overlap)
        elif measured is not None:
            kind = "pairs" if measured.latent is not None else "followers"
            average = measured.average_overlap or 0.0
            whole("audience.overlap", average, f"average of measured {kind}; reach knows each of them")
        else:
            default = "none given: audiences are taken as independent"
            chance = (program.reach.chance or 0.0) if program.reach else 0.0
            result.append(
                Assumption(
                    offer="",
                    field="audience.overlap",
                    low=chance,
                    value=chance,
                    high=chance,
                    origin="default",
                    source=default,
                )
            )
    for currency, rate in scenario.exchange_rates.items():
        whole(f"exchange_rates.{currency}", rate)
    for name in ("agency", "contingency"):
        if getattr(scenario.fees, name):
            whole(f"fees.{name}", getattr(scenario.fees, name))
    for kind, weight in scenario.engagement_weights.items():
        whole(f"engagement_weights.{kind}", weight)
    result += _correlations(program)
    for terms in program.packages.terms:
        for field, sourced in (terms.numbers | _shape_of_terms(scenario, terms)).items():
            low, value, high = (tidy(number) for number in sourced.estimate)
            result.append(
                Assumption(
                    offer=terms.name,
                    field=field,
                    low=low,
                    value=value,
                    high=high,
                    origin=sourced.origin,
                    source=sourced.source,
                    follows_from=sourced.follows_from,
                )
            )
    return result


def _correlations(program: Program) -> list[Assumption]:
    """How far numbers of different offers are wrong together, where any number varies."""
    if not program.varying.anything:
        return []
    found = []
    for group, share in program.varying.shares.items():
        given = getattr(program.scenario.correlation, group) is not None
        found.append(
            Assumption(
                offer="",
                field=f"correlation.{group}",
                low=share,
                value=share,
                high=share,
                origin="yours" if given else "assumption",
                source="" if given else CORRELATION[group].reason,
            )
        )
    return found


def _shape_of_terms(scenario: Scenario, terms: Terms) -> dict[str, Sourced]:
    """What a plan rests on besides an offer's numbers: discounts, worth of an engagement, own measures."""
    found = {
        f"bundle_discount.{posts}": Sourced(Estimate(share, share, share), "yours")
        for posts, share in terms.bundle_discount.items()
    }
    if scenario.engagement_weights and terms.weight is not None:
        worth = Estimate(terms.weight, terms.weight, terms.weight)
        mix = tuple(field for field in terms.numbers if field.startswith("engagement_mix."))
        found["engagement_weight"] = Sourced(worth, "derived", "engagement_mix x engagement_weights", mix)
    return found | {f"measures.{name}": sourced for name, sourced in terms.measures.items()}
