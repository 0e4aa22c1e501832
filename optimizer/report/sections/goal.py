"""The smallest budget for a goal -> sections: the answer, what it brings, or what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from optimizer.language.among import among
from optimizer.language.numbers import UNKNOWN, measured, money_digits, number, percent, printable
from optimizer.report.layout.parts import Section, Sentences, Table
from optimizer.report.sections.lines import lines_table
from optimizer.report.sections.risk import risk_lines

if TYPE_CHECKING:
    from optimizer.whatif.goal_result import GoalAnswer, GoalFloor


def goal_sections(answer: GoalAnswer) -> Iterator[Section]:
    """The whole report, most important first."""
    few = among(answer.kept, answer.creators, "" if answer.kept else "this")
    yield Sentences("", [*(_answer(answer) if answer.reached else _no_answer(answer)), *few])
    yield _goals_table(answer)
    if answer.plan is not None and answer.plan.lines:
        yield lines_table(answer.plan)
    if answer.obstacles:
        lines = [
            printable(o.text) + (f" ({printable(o.place)})" if o.place else "") for o in answer.obstacles
        ]
        yield Sentences("These cannot all hold, whatever the " + _cap(answer), lines)


def _cap(answer: GoalAnswer) -> str:
    return "budget" if answer.least == "cost" else "hours"


def _value(value: float | None, unit: str) -> str:
    return UNKNOWN if value is None else f"{measured(value)} {printable(unit)}"


def _size(answer: GoalAnswer, value: float) -> str:
    """A budget to the cent, hours to the hundredth."""
    if answer.least == "hours":
        return f"{number(value, 0 if value == round(value) else 2)} hours"
    return f"{number(value, money_digits([value], answer.unit))} {answer.unit}"


def _wanted(goals: Sequence[GoalFloor]) -> str:
    return " and ".join(_value(goal.wanted, goal.unit) for goal in goals)


def _answer(answer: GoalAnswer) -> Iterator[str]:
    assert answer.needed is not None
    word = "The least budget" if answer.least == "cost" else "The fewest hours"
    yield f"{word} for {_wanted(answer.goals)}: {_size(answer, answer.needed)}."
    if answer.proven:
        yield "Proven: no smaller one is enough."
    else:
        known = UNKNOWN if answer.bound is None else _size(answer, answer.bound)
        of_all = bool(answer.creators and not answer.kept)
        why = "Not proven to the last digit" if of_all else "Time was up before the proof"
        yield f"{why}: no less than {known} can be enough."
    if answer.today is not None:
        more = answer.needed - answer.today
        change = "more" if more > 0 else "less"
        share = f", {percent(abs(more) / answer.today, 2)}" if answer.today else ""
        text = f"{_size(answer, abs(more))} {change} than today's {_size(answer, answer.today)}{share}"
        yield f"That is {text}." if more else f"That is today's {_cap(answer)}."
    if answer.moving:
        names = ", ".join(printable(name) for name in answer.moving)
        yield f"Limits that are a share of the {_cap(answer)} are shares of this one: {names}."
        spent = None if answer.plan is None else getattr(answer.plan.totals, answer.least)
        if spent is not None and answer.needed - spent > 0.01 * answer.needed:
            yield f"The plan uses {_size(answer, spent)} of it; only those limits ask for more."
    if answer.plan is not None:
        yield from risk_lines(answer.plan)


def _no_answer(answer: GoalAnswer) -> Iterator[str]:
    word = "money does" if answer.least == "cost" else "hours do"
    short = [g for g in answer.goals if g.most is not None and g.most < g.wanted]
    for goal in short:
        who = _and([printable(name) for name in goal.held_by]) or "the creators available"
        verb = "hold" if len(goal.held_by) > 1 or not goal.held_by else "holds"
        about = "" if goal.most_status == "proven" else " (the most found; time was up)"
        yield (
            f"More {word} not help: {who} {verb} {printable(goal.measure)} at {measured(goal.most)}, "
            f"not {measured(goal.wanted)}{about}."
        )
    if not short:
        yield f"More {word} not help: each goal is in reach by itself, but not all together."


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _goals_table(answer: GoalAnswer) -> Table:
    rows = []
    for goal in answer.goals:
        got = goal.reached if answer.reached else goal.most
        shown = "no limit" if goal.most_status == "unlimited" else _value(got, goal.unit)
        rows.append([printable(goal.measure), _value(goal.wanted, goal.unit), shown])
    last = "in this plan" if answer.reached else f"most at any {_cap(answer)}"
    return Table("Goal", ["measure", "wanted", last], rows, [False, True, True])
