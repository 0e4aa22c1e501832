"""The best plan where limits or the objective have a confidence: solved by cuts, to value and bound.

The criterion of counts n is  mean . n - k sd(n),  sd(n)^2 = n' C n + d . n  (`program.moments`), which no linear row
says. Each gets further columns, in units of s:

    r >= sd / s,    t >= sqrt(d . n) / s,    D = d . n / s^2 = sum of D_i,  one interval i with y_i = 1

    t >= chord of the square root on the interval that D lies in. A chord lies below the root, so t is never too large.
    r >= (C m . n / s^2 + u t) / q  at any point (m, u), q = sqrt(m' C m / s^2 + u^2): sd is convex in (n, t), and a
         tangent lies below it (Cauchy and Schwarz), so r is never too large.

So what the program allows is a little more than the scenario, and its bound is a true one. Its plan is then counted
with the true sd; a tangent and a chord's end are added where it lies, and it is solved again, until value and bound
meet within the gap. The tangents of the continuous program come first, because they cost little.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from optimizer.language.errors import SolverError
from optimizer.program.packages import Floats
from optimizer.program.rules import Row
from optimizer.program.sure import Sure
from optimizer.solve.bookable import SAME, cleaned, least_plan
from optimizer.solve.model import Extra, build_model
from optimizer.solve.question import Checked, Found, NoPlanError, Question, UnboundedError
from optimizer.solve.search import allowed, search_plain
from optimizer.solve.solver import solve

RATIO = 1.25
"""Of the ends of one interval of d . n to those of the next; the chord is then at most 0.16 % of t too low."""
INTERVALS = 24
"""Between the largest d . n and where the first interval begins (a two-hundredth of it)."""
MAX_ROUNDS = 60
CONTINUOUS_ROUNDS = 30
MOST_LEARNT = 60
"""Places kept from one solve to the next."""
NEAR = 1e-5
"""Relative; a continuous program whose value moves by less has its tangents where they are needed."""
SOLVER_ROUNDING = 1e-5
"""Relative; the objective has columns that hold within the solver's tolerance only."""
FINEST = 1e-6
"""Relative gap: chords and tangents of floats do not meet closer."""


@dataclass
class _Criterion:
    """One limit or objective with a confidence while it is solved for."""

    sure: Sure
    k: float
    scale: float
    points: list[tuple[Floats, float]] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    guess: float = 1.0
    """Of sqrt(d . n) / s, where the continuous program takes the root's tangent."""

    @property
    def has_own(self) -> bool:
        return len(self.ends) > 0

    def extra(self, number: int, *, whole: bool) -> list[Extra]:
        columns = [Extra(f"sd_{number}")]
        if self.has_own:
            columns.append(Extra(f"own_{number}"))
        if self.has_own and whole:
            for i, end in enumerate(self.ends[1:]):
                columns.append(Extra(f"part_{number}_{i}", upper=end))
                columns.append(Extra(f"in_{number}_{i}", upper=1.0, whole=True))
        return columns

    def rows(self, columns: int, first: int, width: int, *, whole: bool) -> list[Row]:
        """Rows over all columns of the model; `first` is where its own begin."""
        moments, s = self.sure.moments, self.scale
        rows: list[Row] = []

        def row(name: str, lower: float, upper: float) -> Floats:
            coefficients = np.zeros(width)
            rows.append(Row(f"{self.sure.name} {name}", coefficients, lower, upper))
            return coefficients

        for number, (at, u) in enumerate(self.points):
            q = np.sqrt(max(0.0, float(at @ moments.cov @ at)) / s**2 + u**2)
            if q > 0:
                c = row(f"tangent {number}", 0.0, np.inf)
                c[:columns] = -(moments.cov @ at) / s**2 / q
                c[first] = 1.0
                if self.has_own:
                    c[first + 1] = -u / q
        if self.has_own and whole:
            c = row("own total", 0.0, 0.0)
            c[:columns] = moments.own / s**2
            one = row("one interval", 1.0, 1.0)
            chord = row("chord", 0.0, np.inf)
            chord[first + 1] = 1.0
            for i, (low, high) in enumerate(pairwise(self.ends)):
                part, inside = first + 2 + 2 * i, first + 3 + 2 * i
                c[part] = -1.0
                one[inside] = 1.0
                slope = 1 / (np.sqrt(low) + np.sqrt(high))
                chord[part] = -slope
                chord[inside] = -(np.sqrt(low) - slope * low)
                above = row(f"from {i}", 0.0, np.inf)
                above[part], above[inside] = 1.0, -low
                below = row(f"to {i}", -np.inf, 0.0)
                below[part], below[inside] = 1.0, -high
        elif self.has_own:
            c = row("root", self.guess / 2, np.inf)
            c[:columns] = -moments.own / s**2 / (2 * self.guess)
            c[first + 1] = 1.0
        if self.sure.bound is not None:
            c = row("kept", self.sure.least, np.inf)
            c[:columns] = self.sure.coefficients
            c[first] = -self.k * s
        return rows

    def spread(self, counts: Floats) -> tuple[float, float]:
        """sd and sqrt(d . n) of counts, in units of s."""
        own = max(0.0, float(self.sure.moments.own @ counts))
        return self.sure.moments.sd_of(counts) / self.scale, float(np.sqrt(own)) / self.scale

    def learn(self, counts: Floats, *, end: bool = True) -> None:
        """A tangent and, unless told otherwise, an end of a chord at some counts."""
        _, u = self.spread(counts)
        self.points.append((counts.copy(), u))
        self.guess = u or self.guess
        d = u * u
        if (
            end
            and self.has_own
            and 0 < d < self.ends[-1]
            and all(abs(d - end) > 1e-9 * end for end in self.ends[1:])
        ):
            self.ends = sorted([*self.ends, d])

    def start(self, counts: Floats) -> list[float]:
        """Values of its columns for whole counts."""
        r, u = self.spread(counts)
        if not self.has_own:
            return [r]
        values = [r, u]
        d = u * u
        placed = False
        for low, high in pairwise(self.ends):
            inside = not placed and low <= d <= high
            placed = placed or inside
            values += [d if inside else 0.0, 1.0 if inside else 0.0]
        return values


def search_sure(question: Question, seconds: float) -> Found:
    """The best plan for a question some of whose limits, or whose objective, have a confidence.

    Arguments and errors are those of `ask.search`.
    """
    return _Dependable(question, seconds).found()


class _Dependable:
    def __init__(self, question: Question, seconds: float) -> None:
        self.question = question
        self.program = question.program
        self.deadline = time.perf_counter() + seconds
        self.columns = self.program.packages.columns
        self.gap = max(question.gap, FINEST)
        self.spent = 0.0
        self.asked = [(sure, self.program.multiplier(sure)) for sure in question.all_sures]
        # where k is 0, the row of the mean says it all
        self.criteria = [_Criterion(sure, k, self._scale(sure)) for sure, k in self.asked if k > 0]
        self.objective = next((c for c in self.criteria if c.sure is question.sure), None)
        for criterion in self.criteria:
            self._prepare(criterion)
            for counts, whole in criterion.sure.learnt[-MOST_LEARNT:]:
                criterion.learn(counts, end=whole)

    @property
    def left(self) -> float:
        return self.deadline - time.perf_counter()

    # --- before the solves -------------------------------------------------------------------------------------

    def _scale(self, sure: Sure) -> float:
        """A power of two near the sd of the plans in question: the sd if one creator of everything were booked."""
        size = np.sqrt(
            float(np.max(np.diag(sure.moments.cov), initial=0.0) + np.max(sure.moments.own, initial=0.0))
        )
        return float(2.0 ** np.round(np.log2(size))) if size > 0 else 1.0

    def _prepare(self, criterion: _Criterion) -> None:
        """Ends of the intervals of d . n, up to the most that the limits allow."""
        own = criterion.sure.moments.own
        if not own.any():
            return
        model = build_model(
            self.program, own / criterion.scale**2, maximize=True, rows=self._limits(), continuous=True
        )
        solution = solve(model, solver="highs", gap=0.0, time_limit=max(0.01, self.left))
        self.spent += solution.seconds
        if solution.status == "infeasible":
            raise NoPlanError
        if not len(solution.values):
            raise (
                UnboundedError
                if solution.status == "unbounded"
                else SolverError("time was up", timed_out=True)
            )
        most = float(own / criterion.scale**2 @ solution.values[: self.columns]) * (1 + 1e-6)
        if most > 0:
            criterion.ends = [0.0, *(most / RATIO**i for i in range(INTERVALS, -1, -1))]

    def _limits(self) -> list[Row]:
        return [*self.program.rows, *self.question.own_rows]

    # --- one model ---------------------------------------------------------------------------------------------

    def _model(self, *, whole: bool) -> tuple[list[Extra], list[Row], Floats]:
        """Further columns, rows and objective over all columns."""
        extra = list(self.question.extra)
        firsts = []
        for number, criterion in enumerate(self.criteria):
            firsts.append(self.columns + len(extra))
            extra += criterion.extra(number, whole=whole)
        width = self.columns + len(extra)
        rows = []
        objective = np.zeros(width)
        objective[: len(self.question.objective)] = self.question.objective
        for criterion, first in zip(self.criteria, firsts, strict=True):
            rows += criterion.rows(self.columns, first, width, whole=whole)
            if criterion is self.objective:
                objective[first] -= criterion.sure.sign * criterion.k * criterion.scale
        return extra, rows, objective

    def _continuous(self) -> Floats | None:
        """Tangents where the best plans of the continuous program lie, the root taken at its tangent there.

        A tangent of the root lies above it, so this program's value bounds nothing; its plans are good places. The
        answer is the last one, rounded down to whole creators, to begin with.
        """
        before, rounded = None, None
        for _ in range(CONTINUOUS_ROUNDS):
            extra, rows, objective = self._model(whole=False)
            model = build_model(
                self.program,
                objective,
                maximize=self.question.maximize,
                rows=[*self.program.rows, *self.question.rows, *rows],
                continuous=True,
                extra=extra,
            )
            solution = solve(model, solver="highs", gap=0.0, time_limit=max(0.01, self.left))
            self.spent += solution.seconds
            if not len(solution.values) or self.left < 0.1:
                return rounded  # the integer program will say why
            counts = solution.values[: self.columns]
            rounded = self._rounded(counts)
            value = float(objective @ solution.values[: len(objective)])
            for criterion in self.criteria:
                criterion.learn(counts, end=False)
                criterion.sure.learnt.append((counts.copy(), False))
            if before is not None and abs(value - before) <= NEAR * max(abs(value), 1e-9):
                return rounded
            before = value
        return rounded

    def _begin(self, *plans: Floats | None) -> Floats | None:
        """The best of some plans that keep everything; None where none does."""
        good = [
            plan
            for plan in plans
            if plan is not None
            and not self.question.extra
            and allowed(self.question, plan)
            and self.kept(plan)
        ]
        sign = 1.0 if self.question.maximize else -1.0
        return max(good, key=lambda plan: sign * self.value(plan), default=None)

    def _rounded(self, counts: Floats) -> Floats | None:
        """Whole creators of a continuous plan, rounded down; None where bookings are lost by that."""
        packages = self.program.packages
        whole = packages.with_switches(np.floor(counts[: packages.count] + 1e-6))
        booked = np.bincount(packages.offer, weights=whole[: packages.count], minlength=len(packages.terms))
        return None if np.any(booked < packages.room_min) else whole

    # --- the loop ----------------------------------------------------------------------------------------------

    def found(self) -> Found:
        best = self._begin(self._continuous(), self.question.start)
        best_value = 0.0 if best is None else self.value(best)
        bound: float | None = None
        raw, nodes, ended = "", 0, False
        checked = Checked()
        confirmed = False
        better = max if self.question.maximize else min
        for _ in range(MAX_ROUNDS):
            if self.left <= 0 and best is not None:
                break
            extra, rows, objective = self._model(whole=True)
            inner = replace(
                self.question,
                objective=objective,
                rows=[*self.question.rows, *rows],
                extra=extra,
                sure=None,
                sures=(),
                gap=self.gap / 4,
                start=None if best is None else self._start(best),
                twice=confirmed,
                same=SOLVER_ROUNDING,
            )
            try:
                found = search_plain(inner, max(0.01, self.left))
            except SolverError as error:
                if best is None and not error.timed_out:
                    raise
                break
            self.spent += found.seconds
            nodes = max(nodes, found.nodes)
            raw, checked = found.raw_status, found.checked
            if found.bound is not None and found.proven:
                bound = (
                    found.bound
                    if bound is None
                    else (min if self.question.maximize else max)(bound, found.bound)
                )
            counts = cleaned(self.program, found.columns)
            value, kept = self.value(counts), self.kept(counts)
            if kept and (best is None or better(value, best_value) == value):
                best, best_value = counts, value
            if best is not None and bound is not None and self._met(best_value, bound):
                if not self.question.twice or confirmed:
                    ended = True
                    break
                confirmed = True
                continue
            confirmed = False
            if not found.proven and self.left <= 0:
                break
            for criterion in self.criteria:
                criterion.learn(counts)
                criterion.sure.learnt.append((counts, True))
        if best is None:
            best = self._least()
            best_value = self.value(best)
        if bound is not None:
            bound = better(bound, best_value)
        return Found(best, best_value, bound, ended, self.spent, raw, nodes, checked)

    def _least(self) -> Floats:
        """The plan that books just what must be booked, where time was up before any other was found.

        Raises:
            SolverError: where that keeps not everything.
        """
        counts = self._begin(least_plan(self.program))
        if counts is not None:
            return counts
        raise SolverError("time was up before any plan was found", timed_out=True)

    def _met(self, value: float, bound: float) -> bool:
        return abs(bound - value) <= self.gap * max(abs(value), 1e-9)

    def _start(self, counts: Floats) -> Floats:
        further = np.zeros(len(self.question.extra))
        own = [value for criterion in self.criteria for value in criterion.start(counts)]
        return np.concatenate([counts, further, own])

    def value(self, counts: Floats) -> float:
        """The objective with the true sd."""
        if self.objective is None:
            return float(self.question.objective[: self.columns] @ counts)
        sure = self.objective.sure
        return sure.sign * sure.worth(counts, self.objective.k)

    def kept(self, counts: Floats) -> bool:
        """Whether every limit with a confidence is kept, by the true sd."""
        for sure, k in self.asked:
            if sure.bound is not None:
                slack = SAME * max(1.0, abs(sure.least), abs(k * sure.moments.sd_of(counts)))
                if sure.worth(counts, k) < sure.least - slack:
                    return False
        return True
