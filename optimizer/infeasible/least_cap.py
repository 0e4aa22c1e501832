"""The least cap (budget or hours) under which there is a plan, where limits are a share of that cap.

With R the cap, m the measure it caps, and a switch y_p for each package that a share per creator limits:

    minimise    R
    subject to  sum m n <= R
                sum over some packages of v n  >= or <=  share R
                v_p y_p <= share R  (and v_p >= share R where y_p = 1)
                every other limit

It has no monotone shortcut: a larger budget makes such floors harder and such ceilings easier.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

from optimizer.infeasible.conflicts import Member, deletion_filter, describe
from optimizer.jobs.clock import Clock
from optimizer.language.errors import Conflict, Problem, ScenarioError, SolverError
from optimizer.language.numbers import tidy
from optimizer.program.packages import Floats
from optimizer.program.program import Program, program_of
from optimizer.program.reaching import Reaching
from optimizer.program.rules import Row, Rule
from optimizer.scenario.fields import Bound
from optimizer.scenario.scenario import Goal, Scenario
from optimizer.solve.ask import search
from optimizer.solve.bookable import cleaned
from optimizer.solve.model import Extra
from optimizer.solve.question import NoPlanError, Question, UnboundedError
from optimizer.solve.ready import problems_of
from optimizer.solve.solver import Solution, Status
from optimizer.solve.unlimited import improving_direction

Least = Literal["cost", "hours"]
CAP: dict[str, str] = {"cost": "budget", "hours": "effort_hours"}
"""What caps each: the number that is looked for."""
MostStatus = Literal["proven", "time was up", "unlimited"]


def shares_of(scenario: Scenario, cap: str) -> list[int]:
    """The limits that are a share of the cap."""
    return [
        index
        for index, limit in enumerate(scenario.limits)
        if any(bound is not None and bound.of == cap for bound in (limit.min, limit.max))
    ]


def same_places(changed: Scenario, scenario: Scenario) -> Scenario:
    """A changed scenario with the file and line of what it has in common with the one it was made from."""
    changed._marks = dict(scenario._marks)
    return changed


@dataclass(frozen=True)
class CapProgram:
    """The program at the top of this file.

    Attributes:
        program: the scenario without the limits that are a share of the cap, but with the switches these
            need.
        shared: those limits as (rule, its sides that are a share of the cap).
        least: what the cap caps.
    """

    program: Program
    shared: list[tuple[Rule, dict[str, Bound]]]
    least: Least

    def rows(self, shared: Sequence[tuple[Rule, dict[str, Bound]]] | None = None) -> list[Row]:
        """m n <= R, and the rows of the shares; the cap R is the last column."""
        shared = self.shared if shared is None else shared
        largest = _largest(self.program, shared, self.least)
        rows = [Row(self.least, np.append(self.program.packages.measures[self.least], -1.0), -np.inf, 0.0)]
        for rule, bounds in shared:
            rows += _share_rows(self.program, rule, bounds, self.least, largest)
        return rows

    def solve(
        self,
        objective: Floats,
        *,
        maximize: bool,
        seconds: float,
        cap_from: float = 0.0,
        reaching: Reaching | None = None,
    ) -> Solution:
        """One solve, exactly; the objective is over packages, switches and the cap, which is `cap_from` or more; or
        reach that no linear column says."""
        # In units of about one booking, so that the cap is of the size of the other columns in any currency.
        values = self.program.packages.measures[self.least]
        unit = 2.0 ** round(math.log2(max(1.0, float(np.max(np.abs(values), initial=1.0)))))
        scale = np.append(np.ones(len(values)), unit)
        rows = [replace(row, coefficients=row.coefficients * scale) for row in self.rows()]
        question = Question(
            self.program,
            objective * scale,
            maximize,
            rows=rows,
            extra=[Extra(CAP[self.least], lower=cap_from / unit)],
            recounted=False,
            reaching=reaching,
        )
        limit = max(0.01, min(seconds, self.program.scenario.solver.time_limit))
        try:
            found = search(question, limit)
        except NoPlanError:
            return Solution("infeasible", np.zeros(0), None, 0.0, "Infeasible")
        except UnboundedError:
            return Solution("unbounded", np.zeros(0), None, 0.0, "Unbounded")
        except SolverError as error:
            if not error.timed_out:
                raise
            return Solution("not_found", np.zeros(0), None, limit, "Time limit reached")
        assert found.further is not None
        status: Status = "optimal" if found.proven else "feasible"
        columns = np.append(found.columns, found.further * unit)
        return Solution(status, columns, found.bound, found.seconds, found.raw_status)


def cap_program_of(asked: Scenario, least: Least) -> CapProgram:
    """The program of a scenario without the cap.

    Shares of the cap are first read as shares of its own measure (of cost, of hours), which need the same
    switches.
    """
    cap = CAP[least]
    data = asked.model_dump(mode="json", exclude_unset=True)
    for index in shares_of(asked, cap):
        for side in ("min", "max"):
            bound: Bound | None = getattr(asked.limits[index], side)
            if bound is not None and bound.of == cap:
                data["limits"][index][side] = Bound(bound.number, least).text()
    program = program_of(same_places(Scenario.model_validate(data), asked))
    problems = problems_of(program)
    if problems:
        raise ScenarioError(asked.locate(p) for p in problems)
    shared: list[tuple[Rule, dict[str, Bound]]] = []
    others = []
    for rule in program.rules:
        limit = asked.limits[int(rule.path[1])] if rule.path[0] == "limits" else None
        bounds = {
            side: bound
            for side in ("min", "max")
            if limit is not None and (bound := getattr(limit, side)) is not None and bound.of == cap
        }
        if bounds:
            shared.append((rule, bounds))
            rule = replace(
                rule,
                minimum=None if "min" in bounds else rule.minimum,
                maximum=None if "max" in bounds else rule.maximum,
            )
        if rule.minimum is not None or rule.maximum is not None:
            others.append(rule)
    return CapProgram(program.relaxed(others, program.packages.room_min), shared, least)


def _share_rows(
    program: Program, rule: Rule, bounds: Mapping[str, Bound], least: Least, largest: float
) -> list[Row]:
    """Rows of one limit that is a share of the cap, with the cap as the last column.

    `largest` is a cap beyond which more of it changes nothing, infinite where there is none.
    """
    packages = program.packages
    values = np.where(rule.columns, packages.measures[rule.measure], 0.0)
    rows: list[Row] = []

    def add(name: str, coefficients: Floats, share: float, side: str, side_at: float = 0.0) -> None:
        row = np.append(coefficients, -share)
        rows.append(Row(name, row, side_at, np.inf) if side == "min" else Row(name, row, -np.inf, side_at))

    for side, bound in bounds.items():
        if (
            rule.or_none and side == "min"
        ):  # sum m n - share R >= -M (1 - y), where M is a share of the largest R
            switch = packages.group_switch(rule.columns[: packages.count])
            loose = bound.number * _finite(largest)
            row = values.copy()
            row[switch] -= loose
            add(f"{rule.name} {side}", row, bound.number, side, -loose)
            continue
        if not rule.per_creator:
            add(f"{rule.name} {side}", values, bound.number, side)
            continue
        setups = len(packages.setup_of)
        for s in range(setups, setups + len(packages.share_of)):
            package = int(packages.switches[s][0])
            if not rule.columns[package]:
                continue
            name = f"{rule.name} {side}: {packages.key(package)}"
            row = np.zeros(packages.columns)
            value = float(values[package])
            if side == "max":  # v y <= share R
                row[packages.count + s] = value
                add(name, row, bound.number, side)
            else:  # v - share R >= -loose (1 - y), where loose is the most by which a plan could break it
                loose = max(0.0, bound.number * _finite(largest) - value)
                row[packages.count + s] = -loose
                add(name, row, bound.number, side, -loose - value)
    return rows


def _largest(program: Program, shared: Sequence[tuple[Rule, Mapping[str, Bound]]], least: Least) -> float:
    """A cap that no plan can use up, and whose shares no ceiling in the plan can reach; infinite where nothing limits
    how many creators there may be."""
    each = np.concatenate([program.caps, np.ones(program.packages.columns - program.packages.count)])

    def most(values: Floats) -> float:
        return float(values[values > 0] @ each[values > 0])

    largest = most(program.packages.measures[least])
    for rule, bounds in shared:
        ceiling = bounds.get("max")
        if ceiling is not None and ceiling.number > 0:
            values = np.where(rule.columns, program.packages.measures[rule.measure], 0.0)
            largest = max(largest, most(values) / ceiling.number)
    return largest


def _finite(largest: float) -> float:
    if math.isinf(largest):
        text = "nothing limits how many creators there may be"
        raise ScenarioError([Problem(("offers",), text, "add creators: {max: ...}")])
    return largest


class Most(NamedTuple):
    """The most of a measure, and whether that is proven."""

    value: float | None
    status: MostStatus


def most_of(capped: CapProgram, measure: str, seconds: float) -> Most:
    """The most of one measure that any plan brings at any money (hours)."""
    program = capped.program
    wish = Goal(maximize=measure)
    values = program.goal_values(wish)
    if np.isinf(program.caps).any() and not capped.shared:
        gain = values[: program.packages.count]
        if improving_direction(gain, np.isinf(program.caps), program.rows, (), program) is not None:
            return Most(None, "unlimited")
    solution = capped.solve(
        np.append(values, 0.0), maximize=True, seconds=seconds, reaching=program.reaching_goal(wish)
    )
    if not len(solution.values):
        return Most(None, "unlimited" if solution.status == "unbounded" else "time was up")
    columns = cleaned(program, solution.values)
    value = tidy(program.goal_amount(wish, program.goal_linear(wish, columns)))
    return Most(value, "proven" if solution.status == "optimal" else "time was up")


def cap_conflict(asked: Scenario, least: Least, clock: Clock) -> list[Conflict]:
    """Limits that cannot hold together with any cap; without any one of them they can.

    As `conflicts.find_conflict`, whose program has no cap to vary.
    """
    capped = cap_program_of(asked, least)
    program, packages = capped.program, capped.program.packages
    shared = {id(rule): (rule, bounds) for rule, bounds in capped.shared}
    members: list[Member] = [
        *(rule for rule, _ in capped.shared),
        *program.rules,
        *(int(o) for o in np.flatnonzero(packages.room_min > 0)),
    ]

    def impossible(kept: Sequence[Member], left: float) -> bool:
        rules = [m for m in kept if isinstance(m, Rule) and id(m) not in shared]
        booked = {m for m in kept if not isinstance(m, Rule)}
        room = np.array([low if o in booked else 0.0 for o, low in enumerate(packages.room_min)])
        part = CapProgram(
            program.relaxed(rules, room), [shared[id(m)] for m in kept if id(m) in shared], least
        )
        nothing = np.zeros(packages.columns + 1)
        return part.solve(nothing, maximize=False, seconds=left).status == "infeasible"

    kept, _ = deletion_filter(members, impossible, clock)
    found = []
    for member in kept:
        if isinstance(member, Rule) and id(member) in shared:
            bounds = shared[id(member)][1]
            member = replace(member, minimum=bounds.get("min"), maximum=bounds.get("max"))
        found.append(describe(program, member))
    return found
