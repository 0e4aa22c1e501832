"""Scenario -> everything the model needs, or every reason why it cannot be planned."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from optimizer.language.errors import PathItem, Problem, did_you_mean
from optimizer.language.measures import MEASURES, RATIOS, REACH, RESERVED
from optimizer.language.quantities import plain
from optimizer.program import reach as audience
from optimizer.program.limit_checks import known_measures
from optimizer.program.packages import Floats, Ints, Packages, build_packages
from optimizer.program.reach import ReachModel
from optimizer.program.rows import build_rows, caps_from, needs_caps
from optimizer.program.rules import Row, Rule, build_rules, left_out, needs_switch, parts_of, values_of
from optimizer.program.terms import Terms, resolve
from optimizer.scenario.scenario import Goal, Scenario

WHOLE = 1e-9
"""Relative; somebody who reaches so nearly everybody reaches everybody, and there is no index of that."""


@dataclass(frozen=True)
class Prepared:
    """A scenario resolved into columns and rules.

    Attributes:
        reach: the reach model, None without an audience.
        excluded: packages that a limit per creator rules out, shape (packages,).
        numbers: which of the scenario's rules, in their order, each rule is; -1 for one that is none of them.
        problems: why it cannot be planned; empty if it can.
    """

    scenario: Scenario
    packages: Packages
    rules: list[Rule]
    reach: ReachModel | None
    excluded: Floats
    numbers: tuple[int, ...]
    problems: tuple[Problem, ...] = field(default=())

    @cached_property
    def rows(self) -> list[Row]:
        """Linear rows of every rule, in the order of the rules."""
        return [row for rule in self.rules for row in self.rows_of(rule)]

    @cached_property
    def caps(self) -> Floats:
        """Most creators each package can have by room and by simple ceilings; inf where nothing caps it."""
        none = np.full(self.packages.count, np.inf)
        simple = [
            row
            for rule in self.rules
            if not needs_switch(rule)
            for row in build_rows(rule, self.scenario, self.packages, self.reach, none)
        ]
        return np.where(self.excluded > 0, 0.0, caps_from(simple, self.packages))

    def rows_of(self, rule: Rule) -> list[Row]:
        """Linear rows of one rule."""
        return build_rows(rule, self.scenario, self.packages, self.reach, self.caps)

    def relaxed(self, rules: list[Rule], room_min: Floats) -> Prepared:
        """The same columns with fewer rules and other bookings."""
        excluded = np.zeros(self.packages.count)
        for rule in rules:
            out = left_out(rule, self.scenario, self.packages, self.reach)
            excluded = np.maximum(excluded, out.astype(float))
        known = {id(rule): number for rule, number in zip(self.rules, self.numbers, strict=True)}
        numbers = tuple(known.get(id(rule), -1) for rule in rules)
        packages = replace(self.packages, room_min=room_min)
        return Prepared(self.scenario, packages, rules, self.reach, excluded, numbers)

    def goal_values(self, goal: Goal) -> Floats:
        """Linear column of an objective; for reach, A z, which reach increases in."""
        return values_of(goal.measure, self.packages, self.reach)

    def goal_amount(self, goal: Goal, linear: float) -> float:
        """An objective in its own unit from its linear value."""
        if goal.measure == REACH.name and self.reach is not None:
            return float(self.reach.reached(linear / self.reach.people))
        return linear


def prepare(scenario: Scenario) -> Prepared:
    """Resolve a scenario; the result is kept with the scenario, which never changes."""
    result: Prepared | None = scenario._prepared
    if result is None or result.scenario is not scenario:  # pydantic's model_copy takes the result along
        result = _prepare(scenario)
        if not result.problems:
            result = replace(result, problems=tuple(_unlimited_problems(result)))
        scenario._prepared = result
    return result


def problems_besides_freedom(scenario: Scenario) -> tuple[Problem, ...]:
    """Why part of a scenario cannot be planned, apart from "no limit holds ...", which the rest may mend."""
    return _prepare(scenario).problems


def _prepare(scenario: Scenario) -> Prepared:
    terms, problems = resolve(scenario)
    packages = build_packages(scenario, terms)
    rules, rule_problems = build_rules(scenario, packages)
    limited = [rule.columns[: packages.count] for rule in rules if needs_switch(rule)]
    groups: dict[str, Ints] = {}
    for rule in rules:
        group = np.flatnonzero(rule.columns[: packages.count])
        if rule.or_none and not any(np.array_equal(group, other) for other in groups.values()):
            groups[rule.name] = group
    if limited or groups:
        chosen = np.flatnonzero(np.any(limited, axis=0)) if limited else ()
        packages = build_packages(scenario, terms, share_limited=[int(p) for p in chosen], groups=groups)
        rules, _ = build_rules(scenario, packages)
    problems += rule_problems
    problems += _custom_measure_problems(scenario)
    problems += _objective_problems(scenario)
    problems += _within_problems(scenario)
    problems += _whole_creator_problems(scenario)
    reach, reach_problems = _reach_model(scenario, packages)
    problems += reach_problems
    problems += _unknown_numbers(scenario, packages, rules, problems)
    nothing = np.zeros(packages.count)
    numbers = tuple(range(len(rules)))
    prepared = Prepared(scenario, packages, rules, reach, nothing, numbers, tuple(problems))
    return prepared if problems else prepared.relaxed(rules, packages.room_min)


def _custom_measure_problems(scenario: Scenario) -> list[Problem]:
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
        close = did_you_mean(name, scenario.measures)
        declare = f"declare it under measures: {{{name}: {{per: creator}}}}"
        if name in RESERVED:
            close, declare = "", "it follows from the offer's own fields; leave it out"
        hint = close if close.startswith("did") else declare
        problems.append(
            Problem(
                ("offers", offers[0], "measures", name), f"the measure {name!r} is not declared{more}", hint
            )
        )
    return problems


def _and_others(count: int) -> str:
    return "" if count == 0 else f", here and in {count} other offer{'s' if count > 1 else ''}"


def _objective_problems(scenario: Scenario) -> list[Problem]:
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


def _within_problems(scenario: Scenario) -> list[Problem]:
    last = len(scenario.objective) - 1
    if scenario.objective[last].within == 0:
        return []
    message = "within says how much of this objective may be given up for the next one, but there is none"
    return [Problem(("objective", last, "within"), message, "add a second objective, or remove within")]


def _whole_creator_problems(scenario: Scenario) -> list[Problem]:
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


def _reach_model(scenario: Scenario, packages: Packages) -> tuple[ReachModel | None, list[Problem]]:
    if scenario.audience is None:
        users: list[tuple[PathItem, ...]] = [
            ("objective", i, goal.sense)
            for i, goal in enumerate(scenario.objective)
            if goal.measure == REACH.name
        ]
        users += [
            ("limits", i, "measure") for i, limit in enumerate(scenario.limits) if limit.measure == REACH.name
        ]
        hint = "add audience: {people: 12M, overlap: 8%}"
        return None, [Problem(path, "reach needs the size of the audience", hint) for path in users[:1]]
    people = scenario.audience.people
    problems = []
    for index in _offers(packages.offer[packages.reach >= people * (1 - WHOLE)]):
        most = float(np.nanmax(packages.reach[packages.offer == index]))
        short = f"{most:,.0f} people, but the audience has only {people:,.0f}"
        problems.append(
            Problem(
                ("offers", int(index)),
                f"one creator of {packages.terms[index].name} would reach "
                + (f"all {people:,.0f} people of the audience" if most <= people * (1 + WHOLE) else short),
                "lower on_target, the share of followers who belong to the audience, "
                "or correct audience.people",
            )
        )
    if problems:
        return None, problems
    whole = [_whole_audience(t) for t in packages.terms]
    model = audience.fit(people, whole, list(packages.room_max), scenario.audience.overlap)
    largest = np.max(people * model.index(packages.reach[np.isfinite(packages.reach)]), initial=0.0)
    if largest > 1e13:
        overlap = scenario.audience.overlap or 0.0
        problem = Problem(
            ("audience", "overlap"),
            f"an overlap of {100 * overlap:.4g} % cannot be combined with creators who reach most of the "
            "audience",
            "lower the overlap or the largest creators' reach_rate",
        )
        return model, [problem]
    return model, []


def _whole_audience(terms: Terms) -> float:
    reachable = terms.get("reachable")
    if reachable is None:
        return math.nan
    return reachable * (terms.get("authentic") or 0.0) * (terms.get("on_target") or 0.0)


def _unknown_numbers(
    scenario: Scenario, packages: Packages, rules: list[Rule], problems: list[Problem]
) -> list[Problem]:
    """Every offer that lacks a number which the objective or a limit asks for, once per number.

    Not for offers that have another problem already, nor where figures are missing only because the benchmark
    set, its currency or the tiers could not be read.
    """
    if any(p.path[:1] in (("benchmarks",), ("exchange_rates",), ("tier_borders",)) for p in problems):
        return []
    told = {p.path[1] for p in problems if p.path[:1] == ("offers",) and p.path[2:] != ("name",)}
    everything = np.ones(packages.count, dtype=bool)
    uses = [(goal.measure, everything, "the objective needs") for goal in scenario.objective]
    for rule in rules:
        user = f"{rule.name} limits" if len(rule.path) == 1 else f"the limit {rule.name!r} needs"
        uses.append((rule.measure, rule.columns[: packages.count], user))
        for bound in (rule.minimum, rule.maximum):
            if bound is not None and bound.of is not None and bound.of in packages.measures:
                uses.append((bound.of, everything, user))
    asked: dict[tuple[int, str], Problem] = {}
    for measure, columns, user in uses:
        for part in parts_of(measure):
            if part == REACH.name:
                values = packages.reach
            elif part in packages.measures:
                values = packages.measures[part][: packages.count]
            else:
                continue
            for index in _offers(packages.offer[columns & np.isnan(values)]):
                if index not in told:
                    terms = packages.terms[index]
                    hint = _what_is_missing(scenario, terms, part)
                    message = f"{_not_known(part, terms.name)}, but {user} {_PRONOUN.get(part, 'them')}"
                    asked.setdefault((index, hint), Problem(("offers", index), message, hint))
    return list(asked.values())


_PRONOUN = dict.fromkeys(("cost", "revenue", "profit", "reach", "gross_reach"), "it")


def _not_known(measure: str, offer: str) -> str:
    """Grammar: `cost of X is not known`, `hours of X are not known`, `X does not say its samples`."""
    if measure not in MEASURES and measure != REACH.name:
        return f"{offer} does not say its {measure}"
    return f"{measure} of {offer} {'is' if measure in _PRONOUN else 'are'} not known"


def _what_is_missing(scenario: Scenario, terms: Terms, measure: str) -> str:
    """The fields to give, as a hint."""

    def lacks(name: str) -> bool:
        return terms.get(name) is None

    if measure in ("reach", "gross_reach"):
        need = (
            "reach_rate"
            if not lacks("reachable")
            else "followers and reach_rate"
            if lacks("reach_rate")
            else "followers"
        )
    elif measure == "cost" and (lacks("cost_per_post") and lacks("cost_per_creator")):
        need = "cost_per_post, 0 where there is no fee"
    elif measure in ("cost", "profit") and terms.get("commission") and not lacks("cost_per_post"):
        return "commission is a share of revenue, so " + _what_is_missing(scenario, terms, "revenue")
    elif measure == "profit":
        return _what_is_missing(scenario, terms, "cost" if lacks("cost_per_post") else "revenue")
    elif measure == "hours":
        need = "hours_per_creator or hours_per_post"
    elif measure == "engagements" and terms.weight is None:
        need = "engagement_mix, because engagement_weights tell kinds apart"
    elif measure == "engagements":
        if lacks("engagement_rate"):
            need = "engagements_per_post, or engagement_rate and followers"
        else:
            need = "impressions_per_post" if terms.engagement_base == "impressions" else "followers"
    elif measure == "impressions" or (
        measure in ("clicks", "conversions", "revenue") and lacks("impressions_per_post")
    ):
        need = "impressions_per_post, or followers and reach_rate"
    elif measure in ("clicks", "conversions", "revenue"):
        chain = ["click_rate", "conversion_rate", "value_per_conversion"]
        upto = chain[: ["clicks", "conversions", "revenue"].index(measure) + 1]
        need = " and ".join(name for name in upto if lacks(name))
    else:
        need = f"measures: {{{measure}: ...}}"
    if scenario.benchmarks is None or measure in scenario.measures:
        return f"give {need}"
    if terms.tier is None or terms.platform is None:
        return f"give {need}, or tier and platform, so that the benchmark set can fill it"
    return f"give {need}; the benchmark set has no such figure for {terms.tier}, {terms.platform}"


def _unlimited_problems(prepared: Prepared) -> list[Problem]:
    """Objectives that nothing limits, and switches that nothing caps."""
    packages, scenario = prepared.packages, prepared.scenario
    problems = []
    uncapped = np.isinf(prepared.caps)
    asked = {int(p) for s in packages.switches for p in s}
    for rule in prepared.rules:
        asked |= set(np.flatnonzero(needs_caps(rule, scenario, packages)).tolist())
    for index in dict.fromkeys(int(packages.offer[p]) for p in sorted(asked) if uncapped[p]):
        problems.append(
            Problem(
                ("offers", index, "creators"),
                f"nothing limits how many creators {packages.terms[index].name} may have, "
                "which set-up costs, shares per creator and or_none need to know",
                "add creators: {max: ...}, or a budget",
            )
        )
    if problems or not uncapped.any():
        return problems
    from optimizer.solve.solver import improving_direction

    for index, goal in enumerate(scenario.objective):
        values = prepared.goal_values(goal)[: packages.count]
        gain = values if goal.sense == "maximize" else -values
        if not np.any(gain[uncapped] > 0):
            continue
        direction = improving_direction(gain, uncapped, prepared.rows, scenario.objective[:index], prepared)
        if direction is not None:
            names = list(
                dict.fromkeys(packages.terms[packages.offer[p]].name for p in np.flatnonzero(direction))
            )
            more = "more" if goal.sense == "maximize" else "less"
            problems.append(
                Problem(
                    ("objective", index, goal.sense),
                    f"no limit holds {goal.measure}: {_listed(names)} could bring ever {more}",
                    "add a budget, effort_hours, creators: {max: ...} or another limit",
                )
            )
            break
    return problems


def _listed(names: list[str]) -> str:
    """`a`, `a and b`, `a, b, c and 2 others`."""
    if len(names) > 4:
        names = [*names[:3], f"{len(names) - 3} others"]
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def _offers(indices: Ints) -> list[int]:
    """Each offer once, in order (`np.unique` would load a good part of numpy that nothing else here needs)."""
    return sorted(set(indices.tolist()))
