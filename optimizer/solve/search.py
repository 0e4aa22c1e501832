"""The best plan for one linear objective: solved, recounted exactly, and asked for a second opinion.

What a solver calls best rests on sums of floats and on tolerances, and was seen to be false where a limit lies next
to what some plan comes to. So every question goes this way:

1. The sides of all limits move outwards a little (`Setting.loose`), so that no plan that is allowed lies where the
   solver is unsure. The bound of this wider program holds for the scenario as well.
2. The plan that is found is recounted in decimals (`verify`). Where it breaks a limit it is cut off, with every plan
   that books at least as much, and the program is solved again (`cuts`): nothing that is allowed is lost.
3. What is found to be best is tried against every plan that differs by one booking (`moves`), and the question is put
   again with other settings, for as long as that is cheap. Where they disagree a third opinion is heard; the better
   plan and the weaker bound count.

With fractions of creators there are no tolerances on whole numbers and no cuts: a limit that is broken by rounding is
tightened by that much.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import localcontext

import numpy as np

from optimizer.language.errors import SolverError
from optimizer.program.packages import Floats
from optimizer.program.program import Program
from optimizer.program.rules import Row
from optimizer.solve.bookable import (
    SAME,
    bookings_of,
    cleaned,
    distance,
    fitted_of,
    keeps,
    least_plan,
    loosened,
)
from optimizer.solve.cuts import Cut, cut_off
from optimizer.solve.model import build_model
from optimizer.solve.moves import better_by_one
from optimizer.solve.question import Checked, Found, NoPlanError, Question, UnboundedError
from optimizer.solve.solver import SETTINGS, Setting, Solution, solve
from optimizer.solve.verify import Counter, Violation, violations

MAX_CUTS = 25
"""Plans that break a limit by rounding alone and are cut off, before a limit is tightened instead."""
MAX_TIGHTENINGS = 6
ROUNDED = "the solver's plans break a limit by rounding"
CHECK_SHARE = 1.0
CHECK_LEAST = 0.5
"""Time for a second opinion: that share of the first one's, but so many seconds at least."""
CHECK_NODES = 500
"""Branch-and-bound nodes for it, besides twice those of the first: what ends it on small programs, and the same each
time."""


def search_plain(question: Question, seconds: float) -> Found:
    """The best plan for a question, by its rows. Arguments and errors are those of `ask.search`."""
    return _Search(question, seconds).found()


def allowed(question: Question, columns: Floats) -> bool:
    """Whether a plan keeps every limit and further row, counted in decimals; not what has a confidence."""
    return _Search(question, 0.0)._allowed(columns)


def breaking(question: Question, columns: Floats) -> list[tuple[Row, float]]:
    """Rows that a plan breaks, with by how much: limits by the recount in decimals, further rows by floats.

    Raises:
        SolverError: where it breaks what no row says.
    """
    return _Search(question, 0.0)._broken(columns)


def reach_broken(program: Program, columns: Floats) -> dict[str, float]:
    """Floors on reach that no linear row says and that a plan breaks, counted in decimals: rule -> by how much."""
    if not program.reachings:
        return {}
    bookings = bookings_of(program, columns)
    found = violations(program.scenario, program.packages.terms, bookings, fitted_of(program))
    broken = {}
    for one in found:
        if one.limit >= 0 and one.limit in program.numbers:
            rule = program.rules[program.numbers.index(one.limit)]
            if program.reaching_of(rule) is not None:
                broken[rule.name] = one.amount
    return broken


def recounted_reach(program: Program, columns: Floats, segments: Sequence[str]) -> float | None:
    """People of some segments that a plan reaches, counted in decimals; None where that is not known."""
    terms = program.packages.terms
    with localcontext() as context:
        context.prec = 40
        counter = Counter(program.scenario, terms, bookings_of(program, columns), fitted_of(program))
        found = counter.reach(range(len(terms)), segments)
    return None if found is None else float(found)


@dataclass
class _Opinion:
    """What one setting came to: a plan that was recounted, or none; a bound, or none; whether it ended."""

    columns: Floats | None
    value: float
    bound: float | None
    ended: bool
    raw_status: str
    further: Floats | None = None
    rounded: bool = False
    """No plan is left since a limit that plans broke by rounding was tightened: there may be one, or none."""


class _Search:
    def __init__(self, question: Question, seconds: float) -> None:
        self.question = question
        self.program = question.program
        self.deadline = time.perf_counter() + seconds
        self.whole = self.program.scenario.solver.whole_creators
        self.cuts: list[Cut] = []
        self.spent = 0.0
        self.nodes: int | None = None

    @property
    def left(self) -> float:
        return self.deadline - time.perf_counter()

    def found(self) -> Found:
        try:
            first = self._opinion(SETTINGS[0], self.deadline, self.question.start)
        except SolverError:  # it gave up; perhaps another setting of it does not
            if self.program.scenario.solver.name != "highs":
                raise
            first = self._opinion(SETTINGS[2], self.deadline, self.question.start)
        if not self.whole or self.question.max_nodes is not None:
            return self._answer([first], first, Checked(cut_off=len(self.cuts)))
        return self._checked(first)

    # --- one opinion -----------------------------------------------------------------------------------------

    def _opinion(
        self, setting: Setting, until: float, start: Floats | None, max_nodes: int | None = None
    ) -> _Opinion:
        """Solve, recount, cut off and solve again, until a plan keeps every limit or none is left."""
        question = self.question
        bound: float | None = None
        tightened: dict[str, float] = {}
        for attempt in range(MAX_CUTS + MAX_TIGHTENINGS):
            left = min(until, self.deadline) - time.perf_counter()
            if left <= 0 and attempt:
                return _Opinion(None, 0.0, bound, False, "Time limit reached")
            solution = self._solve(setting, max(0.01, left), start, tightened, max_nodes)
            if solution.status == "unbounded":
                raise UnboundedError
            if solution.status == "infeasible":
                # Under a tightened limit that says nothing about the limit itself.
                rounded = bool(tightened) and self.whole
                return _Opinion(None, 0.0, bound, not rounded, solution.raw_status, rounded=rounded)
            if not tightened or not self.whole:
                bound = solution.bound
            if not len(solution.values):
                return _Opinion(None, 0.0, bound, False, solution.raw_status)
            columns = cleaned(self.program, solution.values)
            broken = self._broken(columns)
            if not broken:
                value = question.value(columns, solution.values)
                near = bound is not None and abs(bound - value) <= question.gap * abs(value)
                ended = (solution.status == "optimal" or near) and not (tightened and self.whole)
                first = self.program.packages.columns
                further = solution.values[first : first + len(question.extra)]
                return _Opinion(columns, value, bound, ended, solution.raw_status, further)
            start = None
            cut = cut_off(self.program, broken[0][0], columns, self._breaks) if self.whole else None
            if cut is not None and len(self.cuts) < MAX_CUTS:
                self.cuts.append(cut.numbered(len(self.cuts)))
                continue
            for row, amount in broken:
                size = max(abs(s) for s in (row.lower, row.upper, 1.0) if np.isfinite(s))
                tightened[row.name] = 2 * (tightened.get(row.name, 0.0) + amount) + 1e-9 * size
        raise SolverError(ROUNDED)

    def _solve(
        self,
        setting: Setting,
        seconds: float,
        start: Floats | None,
        tightened: dict[str, float],
        max_nodes: int | None,
    ) -> Solution:
        question, width = self.question, len(self.question.extra)
        wider = self.whole and question.recounted
        limits = [loosened(row, setting.loose) if wider else row for row in self.program.rows]
        rows = [*limits, *question.rows]
        extra = list(question.extra)
        for cut in self.cuts:
            rows += cut.rows(self.program.packages.columns, len(extra))
            extra += cut.extra
        options = self.program.scenario.solver
        model = build_model(
            self.program,
            np.append(
                question.objective, np.zeros(self.program.packages.columns + width - len(question.objective))
            ),
            maximize=question.maximize,
            rows=rows,
            tightened=tightened,
            extra=extra,
        )
        solution = solve(
            model,
            solver=options.name if setting is SETTINGS[0] else "highs",
            gap=question.gap,
            time_limit=seconds,
            start=start,
            max_nodes=max_nodes if question.max_nodes is None else question.max_nodes,
            setting=setting,
        )
        self.spent += solution.seconds
        if self.nodes is None:
            self.nodes = solution.nodes
        return solution

    def _broken(self, columns: Floats) -> list[tuple[Row, float]]:
        """Rows that a plan breaks, with by how much; by the exact recount for limits, by floats for further rows."""
        result = []
        for violation in self._violations(columns):
            if not np.isfinite(violation.amount):
                raise SolverError(f"the solver's plan failed verification: {violation.text}")
            rows = self.program.rows_of(self.program.rules[violation.limit])
            if not rows:  # a limit for each creator leaves packages out instead
                raise SolverError(f"the solver's plan failed verification: {violation.text}")
            off = [distance(row, columns) for row in rows]
            result.append((rows[int(np.argmax(off))], violation.amount))
        result += [
            (row, distance(row, columns)) for row in self.question.own_rows if not keeps([row], columns)
        ]
        return result

    def _allowed(self, columns: Floats) -> bool:
        """Whether any plan keeps everything, exactly."""
        return not self._violations(columns) and keeps(
            [*self.question.own_rows, *self._further_rows()], columns
        )

    def _further_rows(self) -> list[Row]:
        """Rows of rules that are none of the scenario's, as of signed bookings: the recount has no such limit."""
        if not self.question.recounted:
            return []
        rules = zip(self.program.rules, self.program.numbers, strict=True)
        return [row for rule, number in rules if number < 0 for row in self.program.rows_of(rule)]

    def _violations(self, columns: Floats) -> tuple[Violation, ...]:
        if not self.question.recounted:
            return ()
        bookings = bookings_of(self.program, columns)
        packages, numbers = self.program.packages, self.program.numbers
        found = violations(self.program.scenario, packages.terms, bookings, fitted_of(self.program))
        booked = np.bincount(packages.offer, weights=columns[: packages.count], minlength=len(packages.terms))
        kept = []
        for one in found:  # a program may have fewer limits and bookings than its scenario
            if one.limit >= 0 and one.limit in numbers:
                number = numbers.index(one.limit)
                if (
                    self.program.reaching_of(self.program.rules[number]) is None
                ):  # that is for `cutting` to see to
                    kept.append(replace(one, limit=number))
            elif one.limit < 0 and not (
                one.too_few and booked[one.offer or 0] >= packages.room_min[one.offer or 0]
            ):
                kept.append(one)
        return tuple(kept)

    def _breaks(self, row: Row, columns: Floats) -> bool:
        """Whether a plan breaks one row, by the same measure as `_broken`; its bookings need not be kept."""
        for violation in self._violations(columns):
            if violation.limit >= 0:
                rows = self.program.rows_of(self.program.rules[violation.limit])
                if any(one.name == row.name for one in rows) and distance(row, columns) > -SAME * abs(
                    violation.amount
                ):
                    return True
        return any(own is row for own in self.question.own_rows) and not keeps([row], columns)

    # --- further opinions ------------------------------------------------------------------------------------

    def _checked(self, first: _Opinion) -> Found:
        """Try what the first opinion says, and hear others where that is cheap or where it is wrong."""
        if not first.ended:
            found = self._first_plan(first)
            return self._answer([found], found, Checked(cut_off=len(self.cuts)))
        if first.columns is not None and not np.any(self.question.objective):
            return self._answer([first], first, Checked(cut_off=len(self.cuts)))
        until = time.perf_counter() + max(CHECK_LEAST, CHECK_SHARE * self.spent)
        nodes = CHECK_NODES + 2 * (self.nodes or 0)
        opinions = [first]
        if first.columns is None and (least := self._first_plan(first)).columns is not None:
            opinions.append(least)
        best = self._best(opinions)
        changes = mistaken = unfinished = 0
        improved, changes = self._improved(best)
        if improved is None and not self.question.twice:
            pass
        elif improved is None:
            second = self._further(SETTINGS[1], until, best, nodes)
            if second.ended or self._contradicts(second, first):
                opinions.append(second)
            else:
                unfinished = 1
        else:
            opinions.append(improved)
        best = self._best(opinions)
        if any(self._contradicts(best, o) for o in opinions):
            third = self._further(SETTINGS[2], self.deadline, best)
            opinions.append(third)
            best = self._best(opinions)
            improved, more = self._improved(best)
            changes += more
            if improved is not None:
                opinions.append(improved)
                best = self._best(opinions)
        mistaken = sum(1 for o in opinions if o.ended and self._contradicts(best, o))
        agree = [o for o in opinions if o.ended and not self._contradicts(best, o)]
        checked = Checked(len(agree), unfinished, changes, len(self.cuts), mistaken)
        return self._answer(agree, best, checked)

    def _further(
        self, setting: Setting, until: float, best: _Opinion, max_nodes: int | None = None
    ) -> _Opinion:
        """Another opinion; one that the solver cannot give counts as not ended."""
        start = best.columns
        if start is not None and best.further is not None and len(best.further):
            start = np.concatenate([start, best.further])
        try:
            return self._opinion(setting, until, start, max_nodes)
        except (SolverError, UnboundedError) as error:
            return _Opinion(None, 0.0, None, False, str(error))

    def _contradicts(self, one: _Opinion, other: _Opinion) -> bool:
        """Whether the plan of one opinion shows that another, which ended, is false."""
        if one.columns is None or not other.ended:
            return False
        if other.columns is None:
            return True
        limit = other.value if other.bound is None else other.bound
        return self.question.better(one.value, limit)

    def _best(self, opinions: Sequence[_Opinion]) -> _Opinion:
        """The first opinion with the best plan; one without a plan where none has any."""
        best = opinions[0]
        for one in opinions[1:]:
            if one.columns is not None and (
                best.columns is None
                or self._contradicts(one, best)
                or self.question.better(one.value, best.value)
            ):
                best = one
        return best

    def _improved(self, opinion: _Opinion) -> tuple[_Opinion | None, int]:
        """A plan that differs by one booking and is better than an opinion allows; and how many were looked at."""
        question = self.question
        if not (question.plain and question.recounted) or opinion.columns is None:
            return None, 0
        limit = opinion.value if opinion.bound is None else opinion.bound
        rows = [*self.program.rows, *question.rows]
        looked_at, candidates = better_by_one(
            self.program, question.objective, question.maximize, rows, opinion.columns, limit
        )
        for columns in candidates:
            if self._allowed(columns):
                value = question.value(columns, columns)
                if question.better(value, limit):
                    return _Opinion(columns, value, None, False, opinion.raw_status), looked_at
        return None, looked_at

    def _first_plan(self, opinion: _Opinion) -> _Opinion:
        """The plan of a search that was stopped: its own, or the plan that books just what must be booked."""
        if opinion.columns is not None or not (self.question.plain and self.question.recounted):
            return opinion
        columns = least_plan(self.program)
        if not self._allowed(columns):
            return opinion
        return _Opinion(
            columns, self.question.value(columns, columns), opinion.bound, False, opinion.raw_status
        )

    def _answer(self, agree: Sequence[_Opinion], best: _Opinion, checked: Checked) -> Found:
        """What the opinions that stand come to."""
        if best.columns is None:
            if best.ended and agree:
                raise NoPlanError
            if best.rounded:
                raise SolverError(ROUNDED)
            raise SolverError("time was up before any plan was found", timed_out=True)
        bounds = [o.bound for o in agree if o.bound is not None]
        bound = None
        if bounds:  # the first one's; a later one only where it is needed for the plan
            bound = self.question.best_of(bounds[0], best.value)
        proven = any(o.ended for o in agree) and bound is not None
        return Found(
            best.columns,
            best.value,
            bound,
            proven,
            self.spent,
            best.raw_status,
            self.nodes or 0,
            checked,
            best.further,
        )
