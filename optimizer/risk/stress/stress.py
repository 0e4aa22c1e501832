"""Stress tests: a plan as booked in cases that are worse (or better) than planned, and the best plan had one known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from optimizer.__version__ import __version__
from optimizer.flow import optimize
from optimizer.language.among import among
from optimizer.language.errors import Problem, ScenarioError
from optimizer.language.measures import REACH, unit_in
from optimizer.language.numbers import NOISE, tidy
from optimizer.plan.booked import columns_of_plan
from optimizer.plan.limit_results import limit_result
from optimizer.plan.plan import Plan
from optimizer.plan.stamp import stamp_of
from optimizer.program.cases import Case, cases
from optimizer.program.checks import sure_places
from optimizer.program.packages import Floats
from optimizer.program.program import Program, program_of
from optimizer.program.stressed import stressed_with_notes
from optimizer.risk.stress.findings import findings, hurts_most
from optimizer.risk.stress.result import BrokenLimit, InCase, OtherBooking, Stress, StressCase
from optimizer.scenario.given import given_scenario
from optimizer.scenario.scenario import Goal, Scenario
from optimizer.scenario.stress import EXAMPLE, split_case
from optimizer.solve.answer import Answer, answer_program
from optimizer.solve.bookable import bookings_of, fitted_of
from optimizer.solve.lexicographic import Effort
from optimizer.solve.search import recounted_reach
from optimizer.solve.verify import Recount, verify

BY_TYPICAL = (
    "Counted by typical numbers: the plan was made to be sure, the best plans of the cases were not, so regret has the "
    "price of safety in it."
)
Changes = str | Sequence[str]
"""One case: changes in words, several as a list or with semicolons between them."""


def stress(
    planned: Scenario | Plan,
    changes: Mapping[str, Changes] | Sequence[Changes] = (),
    *,
    on_progress: Callable[[str], None] | None = None,
) -> Stress:
    """A plan under stress: what it comes to in every case, which limits break, and what one would have booked.

    Args:
        planned: a plan, taken as it is booked; or a scenario, which is planned first. The cases under `stress:` in the
            scenario are tested, and those of `changes` after them.
        changes: further cases: name -> changes in words, or a list of cases, which are then named by their words.
        on_progress: called with a short text at each step.

    Raises:
        ScenarioError: where there is no case, or one cannot be made; every problem at once.
        InfeasibleError, SolverError: as `optimize`, where a scenario is planned first.
    """
    say = on_progress or (lambda text: None)
    scenario = given_scenario(planned if isinstance(planned, Scenario) else _scenario_of(planned))
    listed = [_by_typical_numbers(case) for case in (*cases(scenario), *_further(scenario, changes))]
    if not listed:
        problem = Problem(
            ("stress",),
            "there is no case to test",
            'add --change "fees +20%", or stress: {dearer: fees +20%} to the scenario',
        )
        raise ScenarioError([scenario.locate(problem)])
    if isinstance(planned, Scenario):
        say("planning")
        planned = optimize(scenario, draws=0)
    goal = scenario.objective[0].plain()
    booked = program_of(scenario)
    creators = columns_of_plan(booked, planned)[: booked.packages.count]
    now = _in_case(program_of(scenario), goal, creators)[0]
    tested = []
    for number, case in enumerate(listed, 1):
        say(f"case {number}/{len(listed)}: {case.name}")
        tested.append(_tested(case, goal, creators, now))
    result = Stress(
        scenario=stamp_of(scenario),
        currency=scenario.currency,
        measure=goal.measure,
        sense=goal.sense,
        unit=unit_in(goal.measure, scenario.currency, goal.segments),
        planned=now,
        cases=tuple(tested),
        hurts_most=None,
        sentences=(),
        version=__version__,
    )
    result = result.model_copy(update={"hurts_most": hurts_most(result)})
    sure = (BY_TYPICAL,) if sure_places(scenario) else ()
    few = among(result.scenario.kept, result.scenario.creators)
    return result.model_copy(update={"sentences": (*sure, *findings(result), *few)})


def _scenario_of(plan: Plan) -> Scenario:
    if not isinstance(plan, Plan):
        raise TypeError(f"a Scenario or a Plan is wanted, not {type(plan).__name__}")
    return Scenario.model_validate(plan.inputs)


def _further(scenario: Scenario, changes: Mapping[str, Changes] | Sequence[Changes]) -> list[Case]:
    """Cases that do not stand in the scenario."""
    if isinstance(changes, str):
        raise TypeError(f"a list of cases is wanted, not text: [{changes!r}]")
    named = (
        [(name, _parts(case)) for name, case in changes.items()]
        if isinstance(changes, Mapping)
        else [("; ".join(_parts(case)), _parts(case)) for case in changes]
    )
    found: list[Case] = []
    problems: list[Problem] = []
    taken = set(scenario.stress)
    for name, parts in named:
        if name in taken:
            problems.append(Problem(("stress", name), "two cases have this name", "change one of them"))
            continue
        taken.add(name)
        if not parts:
            problems.append(Problem((), "a case without a change", EXAMPLE))
            continue
        try:
            made = stressed_with_notes(scenario, parts)
        except ScenarioError as error:
            problems += error.problems
            continue
        refused = program_of(made.scenario).problems
        if refused:
            message = f"{name}: with this the scenario cannot be planned: {refused[0].message}"
            problems.append(Problem((), message, refused[0].hint))
            continue
        found.append(Case(name, parts, made.scenario, made.touched, made.notes))
    if problems:
        raise ScenarioError(problems)
    return found


def _parts(case: Changes) -> tuple[str, ...]:
    return split_case(case) if isinstance(case, str) else tuple(case)


def _in_case(program: Program, goal: Goal, creators: Floats) -> tuple[InCase, Recount]:
    """What creators come to, recounted in decimals."""
    columns = program.packages.with_switches(creators)
    recount = verify(
        program.scenario, program.packages.terms, bookings_of(program, columns), fitted_of(program)
    )
    value = recount.reach if goal.measure == REACH.name else recount.totals[goal.measure]
    exact = None if value is None else float(value)
    if goal.segments:
        exact = recounted_reach(program, columns, goal.segments)
    numbers = [
        None if n is None else tidy(float(n))
        for n in (exact, recount.totals["cost"], recount.totals["hours"])
    ]
    booked = tidy(float(np.sum(creators)))
    return InCase(value=numbers[0], cost=numbers[1], hours=numbers[2], creators=booked), recount


def _tested(
    case: Case,
    goal: Goal,
    creators: Floats,
    planned: InCase,
) -> StressCase:
    program = case.program
    booked, recount = _in_case(program, goal, creators)
    broken = _broken(program, creators, recount)
    alone = _first_alone(case.scenario)
    best = answer_program(program_of(alone), Effort(twice=False, start=creators.tolist()))
    known = _best(best, program, goal)
    sign = 1.0 if goal.sense == "maximize" else -1.0
    regret = None
    if known is not None and known.value is not None and booked.value is not None:
        regret = _without_noise(sign * (known.value - booked.value), known.value)
        if regret < 0 and not broken:  # within the gap the best found may be a little less
            known, regret = booked, 0.0
            best = replace(best, creators=tuple(float(n) for n in creators))
    change = None
    if booked.value is not None and planned.value is not None:
        change = _without_noise(booked.value - planned.value, planned.value)
    of = None if known is None else known.value
    return StressCase(
        name=case.name,
        changes=case.changes,
        touched=case.touched,
        notes=case.notes,
        booked=booked,
        change=change,
        broken=broken,
        status=best.status,
        message=best.message,
        best=known,
        regret=regret,
        regret_share=None if regret is None or not of else tidy(regret / abs(of)),
        instead=_instead(program, creators, best),
    )


def _first_alone(scenario: Scenario) -> Scenario:
    """The scenario with its first objective alone: what later ones cost of it is no regret."""
    goal = scenario.objective[0].model_copy(update={"within": 0.0})
    return _with(scenario, objective=(goal,)) if scenario.objective != (goal,) else scenario


def _by_typical_numbers(case: Case) -> Case:
    """The case without any confidence: what it changes are typical numbers, and one plan in it is no draw."""
    scenario = case.scenario
    if not sure_places(scenario):
        return case
    goals = tuple(goal.model_copy(update={"confidence": None}) for goal in scenario.objective)
    limits = tuple(limit.model_copy(update={"confidence": None}) for limit in scenario.limits)
    caps = {"budget_confidence": None, "effort_hours_confidence": None}
    return replace(case, scenario=_with(scenario, objective=goals, limits=limits, **caps))


def _with(scenario: Scenario, **fields: object) -> Scenario:
    changed = scenario.model_copy(update=fields)
    changed._program = None
    return changed


def _best(best: Answer, program: Program, goal: Goal) -> InCase | None:
    return _in_case(program, goal, np.array(best.creators))[0] if best.found else None


def _without_noise(difference: float, of: float) -> float:
    return 0.0 if abs(difference) <= NOISE * abs(of) else tidy(difference)


def _broken(program: Program, creators: Floats, recount: Recount) -> tuple[BrokenLimit, ...]:
    """Limits that are not kept, each once, by how much in its own unit."""
    columns = program.packages.with_switches(creators)
    numbers = dict.fromkeys(v.limit for v in recount.violations if v.limit >= 0)
    found = []
    for number in numbers:
        one = limit_result(program, program.rules[number], columns)
        found.append(
            BrokenLimit(
                name=one.name,
                measure=one.measure,
                value=one.value,
                min=one.min,
                max=one.max,
                by=None if one.slack is None else tidy(max(0.0, -one.slack)),
            )
        )
    return tuple(found)


def _instead(program: Program, creators: Floats, best: Answer) -> tuple[OtherBooking, ...]:
    if not best.found:
        return ()
    packages = program.packages
    return tuple(
        OtherBooking(
            offer=packages.key(p)[0],
            posts_per_creator=packages.key(p)[1],
            booked=tidy(float(creators[p])),
            best=tidy(float(best.creators[p])),
        )
        for p in range(packages.count)
        if abs(creators[p] - best.creators[p]) > 1e-9
    )
