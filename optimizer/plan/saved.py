"""A saved plan (JSON) read back: recounted from the scenario it carries, refused where it no longer adds up.

Everything that follows from the bookings is worked out again, as for a new plan, and compared field by field: lines,
totals, limits, values and gaps of the objectives, assumptions, findings. Bookings and limits are recounted in decimals
besides (`optimizer.solve.verify`). What only the solver knew cannot be recounted without solving: that no plan is
better than `bound`. It is checked as far as it goes: a bound is not worse than the plan, and a plan called optimal has
the gap that this needs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from optimizer.__version__ import __version__
from optimizer.language.errors import Marks, PathItem, Problem, ScenarioError, located
from optimizer.language.measures import MEASURES, RATIOS, is_money
from optimizer.language.numbers import tidy
from optimizer.language.quantities import plain
from optimizer.language.records import thawed
from optimizer.plan.booked import columns_of_plan
from optimizer.plan.build import GAP_ROUNDING, confidence_of, gap_between, plan_from, value_of
from optimizer.plan.certificate import ObjectiveResult
from optimizer.plan.over_cases import decided, over_of, regretted
from optimizer.plan.plan import Plan
from optimizer.program.cases import cases
from optimizer.program.packages import Floats
from optimizer.program.program import Program, program_of
from optimizer.program.signed import with_signed
from optimizer.scenario.read import PLAN_KEYS
from optimizer.scenario.scenario import Goal, Scenario
from optimizer.scenario.signed import Signed
from optimizer.solve.bookable import fitted_of
from optimizer.solve.ready import problems_of
from optimizer.solve.verify import Booking, verify

CLOSE = 1e-9
"""Relative; numbers this close are one number, written by another machine."""
MOST_SHOWN = 8
"""Problems told of one file; the first says enough, the rest follow from it."""
AGAIN = "a plan is not edited: change the scenario and plan it again"
_MONEY = frozenset({*(m for m in MEASURES if is_money(m)), *RATIOS, "setup_cost", "agency", "contingency",
                    "commission", "setup"})  # fmt: skip


def is_saved_plan(text: str) -> bool:
    """Whether the text of a file is a plan, as `-o plan.json` writes it, rather than a scenario."""
    text = text.removeprefix("\ufeff").lstrip()
    return text.startswith("{") and all(f'"{key}"' in text for key in PLAN_KEYS)


def read_plan(text: str, name: str) -> Plan:
    """A plan from the text of its file, recounted.

    Args:
        text: JSON.
        name: what messages call the file.

    Raises:
        ScenarioError: where it is no plan, or no longer adds up; each problem at its place.
    """
    text = text.removeprefix("\ufeff")
    again = "make one with: optimize scenario.yaml -o plan.json"
    try:
        plan = Plan.model_validate_json(text)
        scenario = Scenario.model_validate(plan.inputs)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        why = f"{place}: {first['msg'].lower()}" if place else "it is not JSON"
        message = f"this is not a plan saved by this version ({why})"
        raise ScenarioError([Problem((), message, again, file=name)]) from None
    if scenario.sha256() != plan.scenario.sha256:
        message = "this is not the scenario that the plan was made from"
        problems = [Problem(("inputs",), message)]
    else:
        problems = recounted(plan, scenario)
    if problems:
        more = len(problems) - MOST_SHOWN
        shown = problems[:MOST_SHOWN]
        if more > 0:
            shown.append(Problem((), f"{more} more numbers do not match"))
        hinted = shown[0] if shown[0].hint else replace(shown[0], hint=AGAIN)
        raise ScenarioError(_placed([hinted, *shown[1:]], text, name))
    return plan


def carried(text: str, name: str, marks: Marks) -> tuple[dict[str, Any], Marks]:
    """The scenario that a saved plan carries, as data, with its places in that file.

    Raises:
        ScenarioError: as `read_plan`.
    """
    inputs = thawed(read_plan(text, name).inputs)
    return inputs, {path[1:]: mark for path, mark in marks.items() if path[:1] == ("inputs",)}


def recounted(plan: Plan, scenario: Scenario) -> list[Problem]:
    """Everything in a plan that does not follow from its bookings and its scenario."""
    program = program_of(scenario)
    refused = problems_of(program)
    if refused:
        return [Problem(("inputs", *p.path), p.message, p.hint) for p in refused]
    program = with_signed(program, _signed(plan, program)).with_multipliers(*_multipliers(plan))
    found = list(_bookings(plan, program))
    if found:
        return found
    columns = columns_of_plan(program, plan)
    problems = list(_broken(plan, program, columns))
    if problems:
        return problems
    problems = list(_certificate(plan, program, columns))
    if problems:
        return problems
    objectives = [
        _recounted(o, goal, program, columns)
        for o, goal in zip(plan.objectives, scenario.objective, strict=False)
    ]
    rebuilt = plan_from(program, columns, objectives, plan.status, plan.solver)
    # read back on a later day than it was made
    stamp = rebuilt.scenario.model_copy(update={"made": plan.scenario.made})
    rebuilt = rebuilt.model_copy(update={"scenario": stamp})
    return list(_differences(plan, rebuilt, program))


def _signed(plan: Plan, program: Program) -> list[Signed]:
    """The signed bookings a replanned plan keeps: floors that stand after the limits of its scenario."""
    offers = {terms.name for terms in program.packages.terms}
    signed = [limit.signed for limit in plan.limits[len(program.rules) :] if limit.signed is not None]
    return signed if all(one.offer in offers for one in signed) else []


def _recounted(objective: ObjectiveResult, goal: Goal, program: Program, columns: Floats) -> ObjectiveResult:
    """An objective as it follows from the bookings; the best plan of a case alone is taken as the file has it."""
    over = over_of(program, goal, columns, _best_alone(objective))
    value = value_of(program.by_its_draws(), goal, columns) if over is None else decided(over)
    found: dict[str, object] = {
        "value": tidy(value),
        "gap": _gap(objective),
        "within": goal.within,
        "over": over,
    }
    found |= dict.fromkeys(("confidence", "dependable", "criterion", "k", "drawn_k", "mean", "sd"))
    return objective.model_copy(update=found | confidence_of(program, goal, columns))


def _best_alone(objective: ObjectiveResult) -> dict[str, float] | None:
    if objective.over is None or objective.over.by == "worst":
        return None
    return {one.case: one.best for one in objective.over.cases if one.best is not None}


def _multipliers(plan: Plan) -> tuple[dict[str, float], dict[str, float]]:
    """The k of what has a confidence, as solved for and as drawn, as the plan says them."""
    said = {f"objective {i + 1}": (each.k, each.drawn_k) for i, each in enumerate(plan.objectives)}
    said |= {limit.name: (limit.k, limit.drawn_k) for limit in plan.limits}
    asked = {name: k for name, (k, _) in said.items() if k is not None}
    return asked, {name: k for name, (_, k) in said.items() if k is not None}


def _gap(objective: ObjectiveResult) -> float | None:
    gap = gap_between(objective.sense, objective.best, objective.bound, regretted(objective.over))
    return None if gap is None else tidy(gap)


def _packages(program: Program) -> dict[tuple[str, int], int]:
    return {program.packages.key(p): p for p in range(program.packages.count)}


def _bookings(plan: Plan, program: Program) -> Iterator[Problem]:
    """Lines that are no bookings of the scenario."""
    packages = _packages(program)
    offers = {terms.name for terms in program.packages.terms}
    seen: set[tuple[str, int]] = set()
    for index, line in enumerate(plan.lines):
        path, key = ("lines", index), (line.offer, line.posts_per_creator)
        if line.offer not in offers:
            yield Problem((*path, "offer"), f"the scenario has no offer {line.offer!r}")
        elif key not in packages:
            what = f"{line.offer} is not booked with {plain(line.posts_per_creator)} posts per creator"
            yield Problem((*path, "posts_per_creator"), what)
        elif key in seen:
            yield Problem(
                path, f"{line.offer} with {plain(line.posts_per_creator)} posts stands here twice", AGAIN
            )
        elif not (math.isfinite(line.creators) and line.creators > 0):
            yield Problem((*path, "creators"), f"{line.creators!r} creators cannot be booked")
        seen.add(key)


def _broken(plan: Plan, program: Program, columns: Floats) -> Iterator[Problem]:
    """Rooms and limits that the bookings break, and totals that are not theirs, counted in decimals."""
    packages = program.packages
    keys = _packages(program)
    at = [keys[line.offer, line.posts_per_creator] for line in plan.lines]
    bookings = [Booking(int(packages.offer[p]), int(packages.posts[p]), float(columns[p])) for p in at]
    recount = verify(program.scenario, packages.terms, bookings, fitted_of(program))
    for violation in recount.violations:
        place: tuple[PathItem, ...] = ("limits", violation.limit)
        if violation.limit < 0:
            offer = None if violation.offer is None else packages.terms[violation.offer].name
            lines = [i for i, line in enumerate(plan.lines) if line.offer == offer]
            place = ("lines", lines[0]) if lines else ("lines",)
        yield Problem(place, violation.text)
    for name, exact in recount.totals.items():
        path = ("totals", "measures", name) if name in program.scenario.measures else ("totals", name)
        saved = plan.totals.of(name)
        expected = None if exact is None else float(exact)
        parts = [line.of(name) for line in plan.lines]
        # A sum of numbers of both signs has no more digits than these.
        scale = max((abs(part) for part in parts if part is not None), default=0.0)
        if name == "profit":
            scale = max(
                scale, *(float(recount.totals[part] or 0) for part in ("revenue", "cost_of_goods", "cost"))
            )
        if not _same(saved, expected, scale):
            yield _mismatch(path, saved, expected)


def _certificate(plan: Plan, program: Program, columns: Floats) -> Iterator[Problem]:
    """What the solver proved: not recounted, but not at odds with the plan either."""
    scenario = program.scenario
    goals = [(goal.measure, goal.result_sense) for goal in scenario.objective]
    for index, (objective, goal) in enumerate(zip(plan.objectives, scenario.objective, strict=False)):
        path = ("objectives", index)
        if (objective.measure, objective.sense) != (goal.measure, goal.result_sense):
            yield Problem(path, f"the scenario asks to {goal.sense} {goal.measure} here")
            continue
        wanted = [case.name for case in cases(scenario)] if goal.over is not None else []
        listed = [one.case for one in objective.over.cases] if objective.over is not None else []
        if listed != wanted:
            yield Problem((*path, "over"), "these are not the stress cases of the scenario")
            continue
        sign = 1.0 if goal.result_sense == "maximize" else -1.0
        again = _recounted(objective, goal, program, columns)
        value = again.value if again.criterion is None else again.criterion
        slack = CLOSE * max(1.0, abs(value), regretted(again.over) or 0.0)
        if objective.bound is not None and sign * (value - objective.bound) > slack:
            text = f"no plan can do better, it says, but this one does ({_number('', value)})"
            yield Problem((*path, "bound"), f"{_number('', objective.bound)}: {text}")
        given_up = abs(objective.best) if (of := regretted(again.over)) is None else of
        least = objective.best - sign * goal.within * given_up
        if sign * (least - value) > slack:
            text = (
                f"more than this plan reaches ({_number('', value)})"
                if sign > 0
                else "less than this plan needs"
            )
            yield Problem((*path, "best"), f"{_number('', objective.best)} is {text}")
    if not plan.objectives or len(plan.objectives) > len(goals):
        yield Problem(
            ("objectives",), f"there are {len(plan.objectives)}, the scenario has {len(goals)}", AGAIN
        )
    elif plan.status == "optimal":
        gaps = [_gap(objective) for objective in plan.objectives]
        proven = all(gap is not None and gap <= scenario.gap + GAP_ROUNDING for gap in gaps)
        if not proven or len(plan.objectives) < len(goals):
            yield Problem(("status",), "optimal, but the gap does not prove it")


def _differences(plan: Plan, rebuilt: Plan, program: Program) -> Iterator[Problem]:
    """Fields that differ from those worked out again."""
    order = {(line.offer, line.posts_per_creator): i for i, line in enumerate(rebuilt.lines)}
    saved, found = plan.model_dump(), rebuilt.model_dump()
    skipped = {"lines", "solver", "version", "inputs", "risk"}  # what is drawn is not counted again
    if plan.version != __version__:  # words of another version
        skipped |= {"flags", "unused"}
    for index, line in enumerate(plan.lines):
        again = found["lines"][order[line.offer, line.posts_per_creator]]
        if plan.version != __version__:  # an earlier one did not say it
            again["filled"] = saved["lines"][index]["filled"]
        yield from _of(saved["lines"][index], again, ("lines", index))
    for key in found:
        if key not in skipped:
            yield from _of(saved[key], found[key], (key,))


def _of(saved: Any, found: Any, path: tuple[PathItem, ...]) -> Iterator[Problem]:
    if isinstance(found, dict) and isinstance(saved, dict):
        scale = 0.0
        if path[0] == "limits" or "profit" in found:
            numbers = [
                found.get(k) for k in ("value", "min", "max", "cost", "revenue", "cost_of_goods", "reach")
            ]
            scale = max((abs(v) for v in numbers if isinstance(v, int | float)), default=0.0)
        for key in found | saved:
            if key not in saved or key not in found:
                yield Problem((*path, key), "this was added" if key in saved else "this is missing")
            elif isinstance(found[key], int | float) and key in _OF_LARGER:
                if not _same(saved[key], found[key], scale):
                    yield _mismatch((*path, key), saved[key], found[key])
            else:
                yield from _of(saved[key], found[key], (*path, key))
    elif isinstance(found, list | tuple) and isinstance(saved, list | tuple):
        if len(found) != len(saved):
            yield Problem(path, f"there are {len(saved)}, but {len(found)} follow from its inputs")
            return
        for index, (one, other) in enumerate(zip(saved, found, strict=True)):
            yield from _of(one, other, (*path, index))
    elif not _same(saved, found, 0.0):
        yield _mismatch(path, saved, found)


def _same(saved: Any, found: Any, scale: float) -> bool:
    numbers = (int, float)
    if (
        isinstance(saved, bool)
        or isinstance(found, bool)
        or not (isinstance(saved, numbers) and isinstance(found, numbers))
    ):
        return bool(saved == found)
    return math.isclose(saved, found, rel_tol=CLOSE, abs_tol=CLOSE * max(min(1.0, abs(found)), scale, 1e-3))


_OF_LARGER = ("slack", "profit", "reach_two_or_more")
"""Differences of larger numbers, which have no more digits than these."""
_SOURCE = {"totals": "its lines", "lines": "its bookings", "limits": "the plan", "objective": "the plan",
           "objectives": "the plan"}  # fmt: skip


def _mismatch(path: tuple[PathItem, ...], saved: Any, found: Any) -> Problem:
    field = str(path[-1])
    now, right = _number(field, saved), _number(field, found)
    if now == right:
        now, right = repr(saved), repr(found)
    return Problem(path, f"{now} does not match {_SOURCE.get(str(path[0]), 'its inputs')} ({right})")


def _number(field: str, value: Any) -> str:
    if value is None:
        return "not known"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return repr(value)
    return f"{value:,.2f}" if field in _MONEY else f"{value:,.10g}"


def _placed(problems: list[Problem], text: str, name: str) -> list[Problem]:
    """The problems with file, line and column."""
    from optimizer.language.yaml12 import read_yaml

    try:
        _, marks = read_yaml(text, name)
    except (ScenarioError, RecursionError):
        return [Problem(p.path, p.message, p.hint, file=name) for p in problems]
    return [located(problem, marks) for problem in problems]
