"""What to test next: what knowing each uncertain number is worth to a decision, and whether asking for it pays.

    value       E[best plan's value with the number known - today's plan's value where it turns out so]
    test_value  the same with what a quote, an answer or one test post tells
    net         test_value - what the money and the hours of asking would have brought

The expected value of (partial) perfect information and of sample information (Raiffa and Schlaifer 1961), by solving
again at places of the number's range; everything else is typical, but for the same number of other offers, which moves
along as far as they hang together.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np

from optimizer.__version__ import __version__
from optimizer.flow import CONFLICT_SECONDS, optimize_within
from optimizer.infeasible.ways_out import infeasible
from optimizer.jobs.clock import Clock
from optimizer.jobs.runner import Runner
from optimizer.language.errors import Problem, ScenarioError
from optimizer.language.measures import unit_in
from optimizer.language.numbers import NOISE, tidy
from optimizer.learning.costs import Spent, brought_by, cost_of_asking, left_after
from optimizer.learning.findings import sentences
from optimizer.learning.numbers import Known, Uncertain, entering, uncertain_numbers
from optimizer.learning.result import NextTests, NumbersWithout, NumberWorth
from optimizer.learning.worth import Node, expected, node_at, places, rough_values, weights
from optimizer.plan.booked import columns_of_plan
from optimizer.plan.over_cases import refuse_over_cases
from optimizer.plan.stamp import stamp_of
from optimizer.program.program import Program
from optimizer.scenario.given import given_scenario
from optimizer.scenario.scenario import Scenario
from optimizer.solve.answer import answer_changed
from optimizer.solve.lexicographic import BEST_VALUE
from optimizer.solve.question import NoPlanError
from optimizer.solve.ready import ready, refuse_confidence
from optimizer.whatif.explain.estimates import margins

MOST = 12
"""Numbers that are solved for, 13 times each: those that matter most by a rough estimate."""
BOOKED = 24
OTHERS = 12
"""Of many offers, those that are booked and the others whose numbers are looked at, the nearest to turning first."""
TOGETHER = 8
"""Numbers estimated in one job."""
QUOTE_HOURS = 0.5
"""Hours of asking for a quote or putting a question: a message, a reminder, an entry in a sheet. An assumption."""
BASE_SHARE = 0.5
"""Of a time limit, for today's plan."""
LEAST_SECONDS = 1.0
"""For today's plan, however short the time: without one there is nothing to compare with."""


def next_tests(
    scenario: Scenario,
    *,
    quote_hours: float = QUOTE_HOURS,
    executor: Executor | None = None,
    time_limit: float | None = None,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> NextTests:
    """Which number of a scenario, if known, would be worth most to its plan, and whether a test is worth its cost.

    Args:
        scenario: the scenario; its first objective counts.
        quote_hours: hours of asking for a quote or an answer, which costs no money.
        executor: any `concurrent.futures.Executor` for the independent re-solves; None solves in this process.
        time_limit: seconds for everything; numbers that are not settled by then are left out and counted.
        on_progress: called with (what is done, jobs done, jobs in all).

    Raises:
        ScenarioError, InfeasibleError, SolverError: as `optimize`; ScenarioError also for a confidence, for an
            objective over stress cases, and for reach over several segments.
        ValueError: for hours that are no number from 0 upwards.
    """
    if not (math.isfinite(quote_hours) and quote_hours >= 0):
        raise ValueError(f"quote_hours is a number of hours from 0 upwards, not {quote_hours!r}")
    _refuse(scenario)
    where = {"step": ""}

    def progress(done: int, total: int) -> None:
        if on_progress is not None:
            on_progress(where["step"], done, total)

    runner = Runner(executor, time_limit, progress)
    base = _base(scenario, runner.clock)
    numbers = uncertain_numbers(base.program)
    matter = entering(base.program)
    asked = [one for one in numbers if (one.offer, one.field) in matter]
    left = Counter(one.field for one in numbers if (one.offer, one.field) not in matter)
    where["step"] = "putting numbers in order"
    chosen = _most_important(base, asked, runner)
    where["step"] = "numbers"
    valued = _valued(base, chosen, runner)
    where["step"] = "tests"
    worths = _with_costs(base, valued, quote_hours, runner)
    goal = base.program.scenario.objective[0]
    result = NextTests(
        scenario=stamp_of(scenario),
        currency=scenario.currency,
        measure=goal.measure,
        sense=goal.sense,
        unit=unit_in(goal.measure, scenario.currency, goal.segments),
        planned=base.value,
        proven=base.proven,
        numbers=tuple(sorted(worths, key=_order)),
        without=tuple(NumbersWithout(field=field, offers=count) for field, count in sorted(left.items())),
        not_asked=len(asked) - len(chosen),
        unsettled=len(chosen) - len(worths),
        assumptions=tuple(_assumptions(base.program, worths, quote_hours)),
        sentences=(),
        version=__version__,
    )
    return result.model_copy(update={"sentences": sentences(result)})


def _order(one: NumberWorth) -> tuple[bool, float, str, str]:
    return one.net is None, -(one.value if one.net is None else one.net), one.offer, one.field


def _refuse(scenario: Scenario) -> None:
    """Refuse what has no answer here.

    Raises:
        ScenarioError: at its place.
    """
    refuse_over_cases(given_scenario(scenario), "what a test is worth is counted for")
    refuse_confidence(
        scenario,
        "`learn --next` counts by typical numbers",
        f"ask without it, e.g. --set objective={scenario.objective[0].measure}",
    )
    program = ready(scenario)
    problems = [
        Problem(
            ("objective", position),
            "what a test is worth is not counted for reach over several segments: its best plan is found to 0.1 % "
            "only, which is more than most numbers are worth",
            "ask for gross_reach or for one segment, e.g. --set objective=gross_reach",
        )
        for position, goal in enumerate(scenario.objective[:1])
        if program.reaching_goal(goal) is not None
    ]
    problems += [
        Problem(rule.path, "what a test is worth is not counted with a floor on reach over several segments")
        for rule in program.rules
        if program.reaching_of(rule) is not None
    ]
    if problems:
        raise ScenarioError([scenario.locate(problem) for problem in problems])


class _Base(NamedTuple):
    """Today's plan, and what all questions about it share.

    Attributes:
        program: of the scenario with its first objective alone.
        text: that scenario as JSON.
        today: creators per package.
        value: of the first objective.
    """

    program: Program
    text: str
    today: tuple[float, ...]
    value: float
    proven: bool


def _base(scenario: Scenario, clock: Clock) -> _Base:
    goal = scenario.objective[0].model_copy(update={"within": 0.0})
    alone = scenario.model_copy(update={"objective": (goal,)})
    alone._program = None
    program = ready(alone)
    try:
        plan = optimize_within(alone, max(LEAST_SECONDS, BASE_SHARE * clock.left), exact=True)
    except NoPlanError:
        raise infeasible(program, max(LEAST_SECONDS, min(CONFLICT_SECONDS, clock.left))) from None
    columns = columns_of_plan(program, plan)
    return _Base(
        program=program,
        text=alone.model_dump_json(exclude_unset=True),
        today=tuple(float(n) for n in columns[: program.packages.count]),
        value=tidy(program.goal_amount(goal, program.goal_linear(goal, columns))),
        proven=plan.status == "optimal" and plan.objective.gap == 0,
    )


def _most_important(base: _Base, asked: Sequence[Uncertain], runner: Runner) -> list[Uncertain]:
    """The numbers to solve for: all of a few, else those that matter most by a rough estimate."""
    if len(asked) <= MOST:
        return list(asked)
    near = _near(base, runner.clock)
    asked = [one for one in asked if one.offer in near]
    keys = [(one.offer, one.field) for one in asked]
    chunks = [tuple(keys[i : i + TOGETHER]) for i in range(0, len(keys), TOGETHER)]
    helper = Runner(
        runner.executor, None if math.isinf(runner.clock.left) else BASE_SHARE * runner.clock.left
    )
    jobs = [(base.text, chunk, base.today, helper.clock.moment) for chunk in chunks]
    rough: list[float] = []
    for chunk, found in zip(chunks, helper.run(rough_values, jobs), strict=True):
        rough += [0.0] * len(chunk) if found is None else found
    names = [base.program.packages.terms[one.offer].name for one in asked]
    order = sorted(range(len(asked)), key=lambda i: (-rough[i], names[i], asked[i].field))
    return [asked[i] for i in order[:MOST]]


def _near(base: _Base, clock: Clock) -> frozenset[int]:
    """Offers whose numbers are looked at: all of a few dozen, else the booked and others, the nearest to turning."""
    offer = base.program.packages.offer
    count = len(base.program.packages.terms)
    if count <= BOOKED + OTHERS:
        return frozenset(range(count))
    try:
        margin = margins(base.program, clock)
    except TimeoutError:
        margin = np.zeros(count)
    booked = np.bincount(offer, weights=np.array(base.today), minlength=count) > 0
    order = sorted(range(count), key=lambda i: abs(margin[i]))
    return frozenset(
        [*[i for i in order if booked[i]][:BOOKED], *[i for i in order if not booked[i]][:OTHERS]]
    )


class _Valued(NamedTuple):
    """A number whose gains are known.

    Attributes:
        number: which one.
        nodes: at the places of `places(number)`.
    """

    number: Uncertain
    nodes: tuple[Node, ...]

    def value(self, told: float = 1.0) -> float:
        """Expected gain, of full knowledge or of what a test tells."""
        return expected([node.gain for node in self.nodes], self.number, told)

    def chance(self, which: Callable[[Node], bool]) -> float:
        """How likely the number is where a node is so."""
        shares = weights(self.number, self.number.belief())
        return tidy(float(shares @ np.array([float(which(node)) for node in self.nodes])))


def _valued(base: _Base, chosen: Sequence[Uncertain], runner: Runner) -> list[_Valued]:
    """Every number solved for at all its places, the most important first; those left out for which time was up."""
    until = runner.clock.moment
    jobs = [
        (base.text, one.offer, one.field, place, base.today, until) for one in chosen for place in places(one)
    ]
    nodes = iter(runner.run(node_at, jobs))
    found = []
    for one in chosen:
        mine = [next(nodes) for _ in places(one)]
        if all(node is not None for node in mine):
            found.append(_Valued(one, tuple(mine)))
    return found


def _with_costs(
    base: _Base, valued: Sequence[_Valued], quote_hours: float, runner: Runner
) -> list[NumberWorth]:
    """What asking for each number costs, and what that would have brought."""
    costs = [cost_of_asking(base.program, one.number, quote_hours) for one in valued]
    spent = list(dict.fromkeys(cost for cost in costs if cost is not None and cost != Spent(0.0, 0.0)))
    scenario, until = base.program.scenario, runner.clock.moment
    jobs = [(base.text, left_after(scenario, cost), BEST_VALUE, until) for cost in spent]
    answers = runner.run(answer_changed, jobs)
    brought: dict[Spent, float | None] = {Spent(0.0, 0.0): 0.0}
    unknown = set()
    for cost, answer in zip(spent, answers, strict=True):
        if answer is None or answer.status not in ("optimal", "infeasible", "refused"):
            unknown.add(cost)
        else:
            brought[cost] = brought_by(base.program, base.value, cost, answer)
    return [
        _worth_of(base, one, cost, None if cost is None else brought[cost])
        for one, cost in zip(valued, costs, strict=True)
        if cost not in unknown
    ]


def _worth_of(base: _Base, one: _Valued, cost: Spent | None, brought: float | None) -> NumberWorth:
    number = one.number
    terms = base.program.packages.terms[number.offer]
    sourced = (
        terms.measures[number.field.removeprefix("measures.")]
        if number.field.startswith("measures.")
        else terms.numbers[number.field]
    )
    value = _without_noise(base, one.value())
    test_value = None
    if (
        cost is not None
    ):  # who is told in part is never told more than the number; see the page on the value of a test
        test_value = min(value, _without_noise(base, one.value(number.told)))
    net = None if test_value is None or brought is None else tidy(test_value - brought)
    return NumberWorth(
        offer=terms.name,
        field=number.field,
        low=tidy(number.ranged.low),
        typical=tidy(number.ranged.typical),
        high=tidy(number.ranged.high),
        origin=sourced.origin,
        source=sourced.source,
        one_creator=number.own > 0,
        along=len(Known(base.program, number).along),
        value=value,
        share=tidy(value / abs(base.value)) if base.value else None,
        other_plan=one.chance(lambda node: node.gain > 0),
        broken=one.chance(lambda node: node.kept == "broken"),
        way=number.way,
        tells=0.0 if cost is None else tidy(number.told**2),
        test_value=test_value,
        cost=None if cost is None else cost.money,
        hours=None if cost is None else cost.hours,
        brought=brought,
        net=net,
        worth_it=net is not None and net > 0,
    )


def _without_noise(base: _Base, value: float) -> float:
    """An expected gain; 0 where it is only the last digits of sums."""
    return tidy(value) if value > NOISE * max(1e-9, abs(base.value)) else 0.0


def _assumptions(program: Program, worths: Sequence[NumberWorth], quote_hours: float) -> list[str]:
    """What the values rest on, only what plays a part."""
    ways = {one.way for one in worths}
    lines = [
        "Each number is looked at alone, everything else at its typical value. Where it turns out so that today's plan "
        "breaks a limit, today's plan drops bookings (or, where that does not help, adds to them) until it keeps all."
    ]
    if any(one.along for one in worths):
        shares = program.varying.shares
        parts = ", ".join(f"{group} {100 * share:.4g} %" for group, share in shares.items() if share)
        lines.append(
            f"The same number of other offers is then expected elsewhere too, by what they have in common ({parts})."
        )
    if ways & {"quote", "question"}:
        lines.append(
            f"A quote or an answer takes {quote_hours:g} hours of asking (--quote-hours) and is taken to be exact."
        )
    if "test_post" in ways:
        lines.append(
            "A test post is one post by one creator. It is paid for in full and its results are not counted for the "
            "campaign; each number it shows is valued by itself."
        )
    if "time_sheet" in ways:
        lines.append(
            "A time sheet is kept anyway: it costs nothing, and is known from the first bookings on."
        )
    return lines
