"""What is wrong with a scenario as a whole, apart from its limits and its offers."""

from __future__ import annotations

import math

from optimizer.language.errors import PathItem, Problem, did_you_mean, nearest
from optimizer.language.measures import FIXED, RATIOS, RESERVED
from optimizer.language.quantities import plain
from optimizer.program.forms import shares_of
from optimizer.program.limit_checks import known_measures
from optimizer.scenario.scenario import Scenario


def custom_measure_problems(scenario: Scenario) -> list[Problem]:
    """Own measures under a name that is taken, or listed by offers without a declaration (once for each)."""
    problems = [
        Problem(("measures", name), f"{name!r} is taken: it has a meaning of its own", "choose another name")
        for name in scenario.measures
        if name in RESERVED
    ]
    users: dict[str, list[int]] = {}
    for index, offer in enumerate(scenario.offers):
        for name in offer.measures:
            if name not in scenario.measures:
                users.setdefault(name, []).append(index)
    for name, offers in users.items():
        more = _and_others(len(offers) - 1)
        close = nearest(name, scenario.measures)
        declare = f"declare it under measures: {{{name}: {{per: creator}}}}"
        if name in RESERVED:
            close, declare = None, "it follows from the offer's own fields; leave it out"
        hint = declare if close is None else f"did you mean {close!r}?"
        problems.append(
            Problem(
                ("offers", offers[0], "measures", name), f"the measure {name!r} is not declared{more}", hint
            )
        )
    return problems


def _and_others(count: int) -> str:
    return "" if count == 0 else f", here and in {count} other offer{'s' if count > 1 else ''}"


def objective_problems(scenario: Scenario) -> list[Problem]:
    """Objectives that are no measure, or a ratio."""
    problems = []
    known = known_measures(scenario)
    for index, goal in enumerate(scenario.objective):
        path = ("objective", index, goal.sense)
        if goal.measure not in known:
            if not any(goal.measure in offer.measures for offer in scenario.offers):  # said there already
                hint = did_you_mean(goal.measure, known)
                problems.append(Problem(path, f"unknown measure {goal.measure!r}", hint))
        elif goal.measure in RATIOS:
            part = RATIOS[goal.measure].denominator
            hint = f"maximize {part} with a limit on {goal.measure}, or minimize cost with a floor on {part}"
            problems.append(
                Problem(path, f"{goal.measure} is a ratio, so one creator alone might be its best plan", hint)
            )
    return problems


def within_problems(scenario: Scenario) -> list[Problem]:
    """A last objective that is to be given up for one that does not follow."""
    last = len(scenario.objective) - 1
    if scenario.objective[last].within == 0:
        return []
    message = "within says how much of this objective may be given up for the next one, but there is none"
    return [Problem(("objective", last, "within"), message, "add a second objective, or remove within")]


def whole_creator_problems(scenario: Scenario) -> list[Problem]:
    """Numbers of creators, and costs paid once, that do not go with whole or with fractional creators."""
    problems = []
    for index, offer in enumerate(scenario.offers):
        for side in ("min", "max"):
            number = getattr(offer.creators, side)
            if number is not None and scenario.solver.whole_creators and number != math.floor(number):
                problems.append(
                    Problem(
                        ("offers", index, "creators", side),
                        f"{plain(number)} creators cannot be booked",
                        "write a whole number, or set solver: {whole_creators: false}",
                    )
                )
        for once in ("setup_cost", "setup_hours"):
            if not scenario.solver.whole_creators and getattr(offer, once):
                problems.append(
                    Problem(
                        ("offers", index, once),
                        f"{once} is paid or not, which a linear program cannot decide",
                        "leave it out, or set solver: {whole_creators: true}",
                    )
                )
    return problems


CAPS = ("budget", "effort_hours")


def sure_places(scenario: Scenario) -> list[tuple[PathItem, ...]]:
    """Where a confidence stands in a scenario."""
    places: list[tuple[PathItem, ...]] = [
        (cap,) for cap in CAPS if getattr(scenario, f"{cap}_confidence") is not None
    ]
    goals = [goal.confidence for goal in scenario.objective]
    limits = [limit.confidence for limit in scenario.limits]
    for key, found in (("objective", goals), ("limits", limits)):
        places += [(key, i, "confidence") for i, confidence in enumerate(found) if confidence is not None]
    return places


def confidence_problems(scenario: Scenario) -> list[Problem]:
    """What does not go with a confidence, and common shares of variance that are more than all of it."""
    problems = []
    shares = shares_of(scenario)
    if sum(shares.values()) > 1 + 1e-12:
        said = " + ".join(f"{name} {100 * share:.4g} %" for name, share in shares.items())
        message = f"{said} is more than 100 % of what a number can be wrong by"
        problems.append(
            Problem(("correlation",), message, "lower one of them; those left out have their defaults")
        )
    caps = [f"{cap}_confidence" for cap in CAPS if getattr(scenario, f"{cap}_confidence") is not None]
    for confidence in caps:
        cap = confidence.removesuffix("_confidence")
        if getattr(scenario, cap) is None:
            message = f"there is no {cap} to be sure of"
            problems.append(Problem((confidence,), message, f"write {cap}: {{max: ...}}"))
    places = sure_places(scenario)
    if places and not scenario.solver.whole_creators:
        problems.append(
            Problem(
                places[0],
                "a fraction of a creator has no chance of its own, so nothing can be said with confidence",
                "leave confidence out, or set solver: {whole_creators: true}",
            )
        )
    for index, limit in enumerate(scenario.limits):
        shared = limit.min is not None and limit.min.of is not None and limit.min.of not in FIXED
        if limit.confidence is not None and limit.or_none and shared:
            problems.append(
                Problem(
                    ("limits", index, "confidence"),
                    f"at least {limit.min} or none cannot be combined with a confidence: where none is booked, what "
                    "the others vary by would still count",
                    "write the floor as a number, or leave confidence or or_none out",
                )
            )
    return problems
