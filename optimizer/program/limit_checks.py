"""What can be wrong with one limit of a scenario: measure, filter, per, shares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimizer.language.errors import PathItem, Problem, did_you_mean
from optimizer.language.measures import FIXED, MEASURES, RATIOS, REACH
from optimizer.language.synonyms import usual_tag
from optimizer.program.packages import Packages
from optimizer.scenario.fields import Bound
from optimizer.scenario.scenario import FILTER_KEYS, Limit, Scenario

Bools = NDArray[np.bool_]
PER_KEYS = ("creator", "offer", "tier", "platform", "format", "country")
"""What a limit can be held for one by one; tags come on top."""


def known_measures(scenario: Scenario) -> list[str]:
    """Every word that can stand as `measure` of a limit."""
    return [*MEASURES, REACH.name, *RATIOS, *scenario.measures]


def label_values(packages: Packages, key: str) -> list[str]:
    """Distinct values of tier, platform, format, country, name or a tag, in the order of the offers."""
    return packages.offered.labels(key).values


def tag_keys(packages: Packages) -> list[str]:
    """Keys of all tags, in the order of the offers."""
    return packages.offered.tag_keys


def selected(packages: Packages, limit: Limit) -> Bools:
    """Which offers a limit's filter matches, shape (offers,)."""
    chosen = np.ones(len(packages.offered), dtype=bool)
    for key, values in limit.where.items():
        chosen &= packages.offered.labels(key).among(values)
    return chosen


def limit_problems(scenario: Scenario, packages: Packages, limit: Limit, index: int) -> list[Problem]:
    """Everything that is wrong with one limit."""
    path: tuple[PathItem, ...] = ("limits", index)
    problems = []
    known = known_measures(scenario)
    if limit.measure not in known and not any(limit.measure in offer.measures for offer in scenario.offers):
        hint = did_you_mean(limit.measure, known)
        problems.append(Problem((*path, "measure"), f"unknown measure {limit.measure!r}", hint))
    problems += _filter_problems(packages, limit, (*path, "where"))
    if limit.per is not None:
        keys = [*PER_KEYS, *tag_keys(packages)]
        if limit.per not in keys:
            hint = _tag_hint(limit.per, keys)
            problems.append(Problem((*path, "per"), f"no offer has a tag {limit.per!r}", hint))
        elif limit.per != "creator" and not label_values(packages, limit.per):
            problems.append(
                Problem((*path, "per"), f"no offer has a {limit.per}", f"add {limit.per} to the offers")
            )
    if limit.or_none and limit.measure in RATIOS:
        message = f"{limit.measure} of nobody breaks no floor, so or_none says nothing"
        problems.append(Problem((*path, "or_none"), message, "leave it out"))
    elif limit.or_none and not scenario.solver.whole_creators:
        message = "at least so much or none is a yes/no decision, which a linear program cannot make"
        hint = "leave or_none out, or set solver: {whole_creators: true}"
        problems.append(Problem((*path, "or_none"), message, hint))
    for side in ("min", "max"):
        bound: Bound | None = getattr(limit, side)
        if bound is not None and bound.of is not None:
            problems += _share_problems(scenario, limit, bound, (*path, side))
    return problems


def _filter_problems(packages: Packages, limit: Limit, path: tuple[PathItem, ...]) -> list[Problem]:
    problems = []
    for key, values in limit.where.items():
        keys = [*FILTER_KEYS, *tag_keys(packages)]
        if key not in keys:
            hint = _tag_hint(key, keys)
            problems.append(Problem((*path, key), f"no offer has a tag {key!r}", hint))
            continue
        have = label_values(packages, key)
        for position, value in enumerate(values):
            if value not in have:
                hint = did_you_mean(value, have) or f"add {key} to the offers"
                problems.append(Problem((*path, key, position), f"no offer has the {key} {value!r}", hint))
    if not problems and limit.where and not selected(packages, limit).any():
        problems.append(Problem(path, "each value fits some offer, but no offer fits all of them"))
    return problems


def _tag_hint(key: str, keys: list[str]) -> str:
    """What to write instead of a tag that no offer has; a usual one can be added."""
    tag = usual_tag(key)
    if tag is None:
        return did_you_mean(key, keys)
    return f"did you mean {tag!r}?" if tag in keys else f"add tags: {{{tag}: ...}} to the offers"


def _share_problems(
    scenario: Scenario, limit: Limit, bound: Bound, path: tuple[PathItem, ...]
) -> list[Problem]:
    totals = [*MEASURES, *scenario.measures]
    of = bound.of or ""
    if limit.measure in RATIOS:
        return [
            Problem(path, f"{limit.measure} is a ratio, so {bound} is not a limit to it", "write a number")
        ]
    if of in _GIVEN:
        return _fixed_share_problems(scenario, limit, bound, path)
    if of not in totals:
        what = "a ratio" if of in RATIOS else "not a sum" if of == REACH.name else "no measure"
        shares = [*FIXED, *totals]
        return [Problem(path, f"{bound} cannot be taken: {of} is {what}", did_you_mean(of, shares))]
    if limit.measure == REACH.name:
        hint = "write a number, or e.g. 30% of audience"
        return [Problem(path, f"reach leaves out duplicates, so it cannot be compared with {bound}", hint)]
    if limit.per == "creator" and not scenario.solver.whole_creators:
        hint = "write a share of budget, or set solver: {whole_creators: true}"
        message = f"{bound} for each creator is a yes/no decision, which a linear program cannot make"
        return [Problem(path, message, hint)]
    return []


_GIVEN = {"budget": "money", "effort_hours": "hours", "audience": "people"}


def _fixed_share_problems(
    scenario: Scenario, limit: Limit, bound: Bound, path: tuple[PathItem, ...]
) -> list[Problem]:
    """A share of budget, effort_hours or audience: it must be given, and be of the limit's kind."""
    of = bound.of or ""
    reach = limit.measure == REACH.name
    unit = REACH.unit if reach else MEASURES[limit.measure].unit if limit.measure in MEASURES else None
    clash = unit in _GIVEN.values() and unit != _GIVEN[of]
    if clash or (of == "audience") != reach:
        owners = {"money": "budget", "hours": "effort_hours", "people": "audience"}
        hint = (
            f"write e.g. 20% of {owners[unit]}" if unit in owners and unit != "people" else "write a number"
        )
        if reach:
            hint = "write e.g. 30% of audience"
        return [Problem(path, f"{limit.measure} cannot be a share of {of}", hint)]
    if getattr(scenario, of) is None and not reach:  # reach without an audience is said once, elsewhere
        return [Problem(path, f"{bound} is asked for, but the scenario has no {of}", f"set {of}")]
    return []
