"""Scenarios side by side: results, limits, what differs in the inputs, and the bridges between them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, Literal, NamedTuple

from optimizer.__version__ import __version__
from optimizer.finance.compare.bridge import Bridge, bridge
from optimizer.finance.compare.chances import compared_risk
from optimizer.finance.compare.comparison import (
    Column,
    ColumnStatus,
    ComparedLimit,
    ComparedSegment,
    Comparison,
    Figure,
    GroupFigures,
    Step,
    figure_of,
)
from optimizer.finance.compare.differences import input_differences
from optimizer.finance.compare.findings import sentences
from optimizer.finance.compare.pinned import pinned
from optimizer.flow import CONFLICT_SECONDS, check, optimize_within
from optimizer.infeasible.ways_out import infeasible
from optimizer.jobs.clock import Clock
from optimizer.jobs.runner import Runner
from optimizer.language.errors import InfeasibleError, Problem, ScenarioError, SolverError
from optimizer.language.measures import MEASURES, RATIOS, REACH, unit_in
from optimizer.language.names import tier_order
from optimizer.language.numbers import tidy
from optimizer.plan.plan import Amounts, Plan
from optimizer.plan.stamp import today
from optimizer.program.draws import DRAWS, SEED, check_draws
from optimizer.program.program import program_of
from optimizer.scenario.currency import in_currency, rate_between
from optimizer.scenario.given import given_scenario
from optimizer.scenario.offer_names import numbered
from optimizer.scenario.scenario import Scenario
from optimizer.solve.answer import answer_changed, scenario_of
from optimizer.solve.kept import with_shared
from optimizer.solve.lexicographic import BEST_VALUE
from optimizer.solve.question import NoPlanError
from optimizer.solve.sieve import Sieved, attached, known_over_all, told_for

PLANNING_SHARE = 0.7
"""Of a time limit, for the plans themselves; the rest is for what a step brings and for bridges."""
STEP = 0.05
"""How much more of the budget and of the hours is tried: large enough that whole creators fit in, small enough to
be a question of today."""


class _Answer(NamedTuple):
    """What became of one scenario, as it travels between processes: a plan as JSON, or why there is none."""

    status: ColumnStatus
    message: str
    plan: str | None


__all__ = ["Column", "ComparedLimit", "Comparison", "Figure", "GroupFigures", "Step", "compare"]


def compare(
    scenarios: Sequence[Scenario | Plan],
    *,
    names: Sequence[str] | None = None,
    sources: Sequence[str] | None = None,
    rates: Mapping[str, float] | None = None,
    bridges: bool = True,
    executor: Executor | None = None,
    time_limit: float | None = None,
    on_progress: Callable[[str, int, int], None] | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Comparison:
    """Scenarios side by side, the first as the base.

    Args:
        scenarios: scenarios, which are planned, or plans that were saved, which are taken as they are (planned again
            only where their currency is not the base's).
        names: what to call them; by default as they are called themselves, told apart by file or number.
        sources: their files.
        rates: exchange rates: units of a currency per 1 unit of the base's. By default those in the scenarios.
        bridges: whether to work out what caused each change.
        executor: any `concurrent.futures.Executor` for the independent solves; None solves in this process.
        time_limit: seconds for everything; what is not settled by then says so.
        on_progress: called with (what, done, in all).
        draws: cases that are drawn to see what each may come to and how often it beats the base, 100 to 1,000,000; 0
            leaves that out.
        seed: of these draws.

    Raises:
        ScenarioError: where a scenario cannot be planned, or an exchange rate is missing; all problems of all of them.
        ValueError: for fewer than two scenarios, or a number of draws that means nothing.

    A scenario that has no plan, or none in time, is a column that says so.
    """
    if isinstance(scenarios, str | Scenario | Plan) or len(scenarios) < 2:
        raise ValueError("a comparison needs a list of at least two scenarios")
    check_draws(draws, seed)
    where = {"what": ""}

    def progress(done: int, total: int) -> None:
        if on_progress is not None:
            on_progress(where["what"], done, total)

    runner = Runner(executor, time_limit, progress, _lost)
    given = [
        Scenario.model_validate(item.inputs) if isinstance(item, Plan) else given_scenario(item)
        for item in scenarios
    ]
    given = with_shared(given)  # else whom each kept of a large roster would count as a difference
    called = _names(given, names, sources)
    base = given[0]
    own_rates = _exchange_rates(given, rates)
    pairs = zip(given, own_rates, strict=True)
    used = [s if r is None else told_for(in_currency(s, base.currency, r), s) for s, r in pairs]
    problems = [p for s in used for p in check(s)]
    if problems:
        raise ScenarioError(problems)
    where["what"] = "planning"
    texts = [scenario.model_dump_json(exclude_unset=True) for scenario in used]
    answers = _answers(scenarios, own_rates, texts, [known_over_all(s) for s in used], runner)
    where["what"] = "prices"
    steps = _steps(used, texts, answers, runner)
    columns = [
        Column(
            name=called[i],
            source="" if sources is None else Path(sources[i]).name,
            status=found.status,
            message=found.message,
            plan=None if found.plan is None else Plan.model_validate_json(found.plan),
            currency=given[i].currency,
            exchange_rate=own_rates[i],
            budget_step=steps.get((i, "budget")),
            hours_step=steps.get((i, "effort_hours")),
        )
        for i, found in enumerate(answers)
    ]
    found_bridges = []
    for position, column in enumerate(columns[1:] if bridges else (), 1):
        if any(goal.over is not None for i in (0, position) for goal in used[i].objective):
            continue  # a bridge goes from one scenario's numbers to another's, which stress cases are none of
        where["what"] = f"bridge to {column.name}"
        found_bridges += _bridge(columns[0], column, runner, progress)
    comparison = _side_by_side(base, columns, found_bridges)
    inputs = input_differences([pinned(scenario) for scenario in used])
    plans = [column.plan for column in columns]
    risk = compared_risk(used, plans, base.objective[0], draws, seed) if draws else None
    comparison = comparison.model_copy(update={"inputs": inputs, "risk": risk})
    return comparison.model_copy(update={"sentences": sentences(comparison)})


def _answers(
    scenarios: Sequence[Scenario | Plan],
    rates: Sequence[float | None],
    texts: Sequence[str],
    known: Sequence[Sieved | None],
    runner: Runner,
) -> list[_Answer]:
    """The plan of each, or why there is none; a saved plan is its own answer unless its money was exchanged."""
    saved = [
        item if isinstance(item, Plan) and rate is None else None
        for item, rate in zip(scenarios, rates, strict=True)
    ]
    wanted = [i for i, plan in enumerate(saved) if plan is None]
    until = Clock(runner.clock.left * PLANNING_SHARE).moment
    solved = dict(
        zip(wanted, runner.run(_planned, [(texts[i], until, known[i]) for i in wanted]), strict=True)
    )
    late = _Answer("not_found", "time was up before it was planned", None)
    return [
        _Answer(plan.status, "", plan.model_dump_json()) if plan is not None else solved[i] or late
        for i, plan in enumerate(saved)
    ]


def _bridge(
    base: Column, other: Column, runner: Runner, progress: Callable[[int, int], None]
) -> list[Bridge]:
    """The bridge between two columns, if both have a plan."""
    if base.plan is None or other.plan is None:
        return []
    left = runner.clock.left
    made = bridge(
        base.plan,
        other.plan,
        names=(base.name, other.name),
        executor=runner.executor,
        time_limit=None if left == float("inf") else max(0.0, left),
        on_progress=progress,
    )
    return [made]


def _names(
    scenarios: Sequence[Scenario], names: Sequence[str] | None, sources: Sequence[str] | None
) -> list[str]:
    """One unique name each: the title, or the file where titles are alike, or numbered."""
    wanted = list(names or [scenario.title for scenario in scenarios])
    if names is None and sources is not None and len(set(wanted)) < len(wanted):
        stems = [Path(source).stem for source in sources]
        wanted = [
            stem if wanted.count(title) > 1 and stem else title
            for title, stem in zip(wanted, stems, strict=True)
        ]
    unique: list[str] = []
    for name in wanted:
        unique.append(numbered(name, unique))
    return unique


def _exchange_rates(scenarios: Sequence[Scenario], rates: Mapping[str, float] | None) -> list[float | None]:
    """For each scenario, units of its currency per 1 unit of the base's; None where they are the same."""
    base = scenarios[0]
    found: list[float | None] = []
    problems: list[Problem] = []
    for scenario in scenarios:
        try:
            same = scenario.currency == base.currency
            found.append(None if same else rate_between(base, scenario, rates))
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
    return found


def _planned(scenario_json: str, until: float, known: Sieved | None) -> _Answer:
    """Plan one scenario until a moment of `time.time()`, with what is known over all rows of its large rosters; a
    top-level function, so that any executor can run it."""
    clock = Clock.until(until)
    scenario = scenario_of(scenario_json)
    scenario = scenario if known is None else attached(scenario, known)
    try:
        try:
            plan = optimize_within(scenario, clock.left)
        except NoPlanError:
            raise infeasible(program_of(scenario), max(0.5, min(CONFLICT_SECONDS, clock.left))) from None
    except InfeasibleError as error:
        text, limits = error.message, [member.name for member in error.conflict]
        text += f": {', '.join(limits)}" if limits else ""
        return _Answer("infeasible", text, None)
    except SolverError as error:
        return _Answer("not_found", str(error), None)
    except Exception as error:  # a column that says so, rather than the loss of all the others
        return _Answer("failed", f"{type(error).__name__}: {error}", None)
    return _Answer(plan.status, "", plan.model_dump_json())


def _lost(job: tuple[Any, ...], error: BaseException) -> _Answer | None:
    """What stands for a job whose worker failed: a column that says so, or a step that is not known."""
    if len(job) > 3:
        return None
    return _Answer("failed", " ".join(f"{type(error).__name__}: {error}".split()).rstrip(" :"), None)


def _steps(
    scenarios: Sequence[Scenario], texts: Sequence[str], answers: Sequence[_Answer], runner: Runner
) -> dict[tuple[int, str], Step]:
    """What a little more budget and a few more hours would bring, each planned again exactly.

    Only where the first objective is the base's: people gained are not to be read as engagements.
    """
    goals = [(s.objective[0].measure, s.objective[0].sense, s.objective[0].by) for s in scenarios]
    planned = [i for i, found in enumerate(answers) if found.plan is not None and goals[i] == goals[0]]
    planned = [
        i for i in planned if goals[i][2] is None
    ]  # a step is about one scenario, not about stress cases
    wanted = [
        (i, path, getattr(scenarios[i], path))
        for i in planned
        for path in ("budget", "effort_hours")
        if getattr(scenarios[i], path)
    ]
    until = runner.clock.moment
    jobs: list[tuple[Any, ...]] = [(texts[i], {}, BEST_VALUE, until) for i in planned]
    jobs += [
        (texts[i], {(path,): tidy(number * (1 + STEP))}, BEST_VALUE, until) for i, path, number in wanted
    ]
    results = runner.run(answer_changed, jobs)
    today = dict(zip(planned, results[: len(planned)], strict=True))
    steps = {}
    for (i, path, number), more in zip(wanted, results[len(planned) :], strict=True):
        best = today[i]
        step = tidy(number * STEP)
        gain = None
        if best is not None and more is not None and best.value is not None and more.value is not None:
            sign = 1.0 if scenarios[i].objective[0].sense == "maximize" else -1.0
            gain = tidy(sign * (more.value - best.value)) + 0.0  # not -0.0
        steps[i, path] = Step(step=step, gain=gain, per_unit=None if gain is None else tidy(gain / step))
    return steps


def _side_by_side(base: Scenario, columns: list[Column], bridges: list[Bridge]) -> Comparison:
    goal = base.objective[0]
    plans = [column.plan for column in columns]
    additive = goal.measure in MEASURES and goal.measure not in ("cost", "hours", "creators")
    result = goal.measure if additive or goal.measure in base.measures else "engagements"
    return Comparison(
        currency=base.currency,
        measure=goal.measure,
        sense=goal.sense,
        columns=columns,
        figures=_figures(base, plans),
        by_tier=_groups(plans, "tier", result),
        by_platform=_groups(plans, "platform", result),
        result_measure=result,
        segments=_segments(plans),
        limits=_limits(plans),
        inputs=[],
        bridges=bridges,
        sentences=[],
        version=__version__,
        made=today(),
    )


def _segments(plans: Sequence[Plan | None]) -> list[ComparedSegment]:
    """Reach by segment, where all plans have the same segments, in the order of the first."""
    found = [None if plan is None else {one.name: one for one in plan.segments} for plan in plans]
    names = [list(one) for one in found if one is not None]
    if not names or any(set(other) != set(names[0]) for other in names):
        return []
    return [
        ComparedSegment(
            name=name,
            people=[None if one is None else one[name].people for one in found],
            reached=[None if one is None else one[name].reached for one in found],
            shares=[None if one is None else one[name].share for one in found],
        )
        for name in names[0]
    ]


def _figures(base: Scenario, plans: Sequence[Plan | None]) -> list[Figure]:
    """Everything that any plan knows, the objective first."""
    own = [name for plan in plans if plan is not None for name in plan.totals.measures]
    order = [goal.measure for goal in base.objective]
    order += [
        "cost",
        "hours",
        "creators",
        "posts",
        "engagements",
        "cpe",
        REACH.name,
        "frequency",
        "impressions",
        "cpm",
    ]
    order += [*MEASURES, *RATIOS, *own]
    figures = []
    segments = base.objective[0].segments
    if segments:
        figures.append(_in_segments(segments, plans, base.currency))
    for measure in dict.fromkeys(order):
        values = [None if plan is None else plan.totals.of(measure) for plan in plans]
        if all(value is None for value in values):
            continue
        figures.append(figure_of(measure, values, base.currency))
    return figures


def _in_segments(segments: Sequence[str], plans: Sequence[Plan | None], currency: str) -> Figure:
    """Reach in some segments, the objective of the base; None where an audience has not all of them."""
    values: list[float | None] = []
    for plan in plans:
        found = [] if plan is None else [one.reached for one in plan.segments if one.name in segments]
        known = [people for people in found if people is not None]
        values.append(tidy(math.fsum(known)) if len(known) == len(segments) else None)
    name = f"{REACH.name} in {' + '.join(segments)}"
    return figure_of(name, values, currency).model_copy(
        update={"unit": unit_in(REACH.name, currency, segments)}
    )


def _groups(
    plans: Sequence[Plan | None], key: Literal["tier", "platform"], result: str
) -> list[GroupFigures]:
    """Sums by tier or platform, small tiers first; 0 where a plan has none of a group."""

    tables = [
        None if plan is None else {group[0]: sums for group, sums in plan.subtotals(key)} for plan in plans
    ]
    names = dict.fromkeys(name for table in tables if table for name in table)

    def values(name: str, measure: str) -> list[float | None]:
        return [None if t is None else _amount(t.get(name), measure) for t in tables]

    return [
        GroupFigures(
            group=name or "other",
            creators=values(name, "creators"),
            cost=values(name, "cost"),
            result=values(name, result),
        )
        for name in sorted(names, key=lambda name: (tier_order(name), name))
    ]


def _amount(amounts: Amounts | None, measure: str) -> float | None:
    return 0.0 if amounts is None else amounts.of(measure)


def _limits(plans: Sequence[Plan | None]) -> list[ComparedLimit]:
    """Limits by name, in the order in which they first appear."""
    tables = [{} if plan is None else {limit.name: limit for limit in plan.limits} for plan in plans]
    found = []
    for name in dict.fromkeys(name for table in tables for name in table):
        columns = [table.get(name) for table in tables]
        measure = next(limit.measure for limit in columns if limit is not None)
        found.append(ComparedLimit(name=name, measure=measure, columns=columns))
    return found
