"""A scenario whose rosters are too large to make an offer of each row -> one of those that matter.

All rows are planned by prices (`solve.sieve`); those that are booked, and the nearest others, become offers. Before
that, some rows are looked at as offers: one of each kind and those with the largest and smallest numbers, so that what
would be wrong with any is said as it is for small rosters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from optimizer.language.errors import Problem, ScenarioError, UnlimitedError
from optimizer.program.joined import Joined
from optimizer.program.many import OfRows
from optimizer.program.offered import Offered, OfTerms
from optimizer.program.program import Program, program_of, program_over, without_numbers
from optimizer.program.terms import resolve
from optimizer.roster.bulk_rows import Taken, kinds_of
from optimizer.roster.expand import Large
from optimizer.roster.labels import Labels
from optimizer.scenario.changes import Layer
from optimizer.scenario.overrides import inlined, nothing_behind, placed
from optimizer.scenario.scenario import Scenario
from optimizer.scenario.validation import validated
from optimizer.solve.ready import problems_of
from optimizer.solve.sieve import MOST_WHOLE, cannot, sieved, sift

MOST_KINDS = 200
"""Kinds of rows of which one each is looked at; more are taken to be like these."""
MOST_TOLD = 20
"""Rows of which is told what they lack."""

Chosen = Sequence[Sequence[int]]
"""Of each roster, which of its rows."""


def sieved_scenario(
    large: Large,
    folder: Path,
    problems: list[Problem],
    on_offers: Mapping[str, Any],
    executor: Executor | None = None,
) -> Scenario | Layer:
    """The scenario of the rows that are booked and the nearest others, with what was found over all of them.

    Where prices cannot plan it and there are not too many rows, the answer is the scenario's data with all rows.

    Args:
        large: the rosters, and the scenario without them.
        folder: of files that no file names.
        problems: what was found wrong so far.
        on_offers: changes of single offers, by path.
        executor: as in `sift`.

    Raises:
        ScenarioError: with every problem, each with its place.
        SolverError, ClusterError: as `sift`.
    """
    whole: Chosen = [range(len(part.rows)) for part in large.parts]
    every = large.creators <= MOST_WHOLE
    if on_offers and every:
        return large.with_rows(whole)
    if on_offers:
        problems.append(
            Problem(
                ("rosters",),
                f"of {large.creators:,} creators not one at a time can be changed: {next(iter(on_offers))}",
                "change the row in the file, or take fewer rows with keep",
            )
        )
    examples = [_examples(part.rows) for part in large.parts]
    scenario, layer = _scenario(large, examples, folder, problems)
    program = None
    reason = cannot(scenario)
    if not reason:
        program = _program(scenario, layer, large, examples)
        if program.problems:
            raise ScenarioError(placed(list(program.problems), layer))
        _refuse_incomplete(program, large, folder)
        reason = cannot(scenario, program)
    if reason:
        if every:
            return large.with_rows(whole)
        message = f"{large.creators:,} creators can only be planned by prices, but {reason}"
        hint = f"leave that out, or take at most {MOST_WHOLE:,} rows with keep"
        raise ScenarioError(placed([Problem(("rosters",), message, hint)], layer))
    assert program is not None
    own = len(program.packages.offered) - large.creators
    sifted = sift(program, own, executor)
    chosen = _rows_of(sifted.offers, program.packages.offered, len(large.parts))
    kept, layer = _scenario(large, chosen, folder, [])
    unlimited = not program_of(kept).problems
    rest = problems_of(program_of(kept))
    if rest:
        raise (UnlimitedError if unlimited else ScenarioError)(placed(list(rest), layer))
    kept._marks = layer.marks
    kept._sieved = sieved(kept, sifted, len(program.packages.offered))
    return kept


def _examples(rows: Taken) -> list[int]:
    """One row of each kind, and those with the largest and smallest numbers."""
    found: set[int] = {0}
    labels = [rows.platform, rows.currency]
    labels += [label for what in ("format",) if (label := rows.label(what)) is not None]
    first, _ = kinds_of([label.codes for label in labels])
    found |= set(first[:MOST_KINDS].tolist())
    for what in rows.fields():
        numbers = rows.number(what)
        if numbers is None:
            label = rows.label(what) if what not in ("name", "url", "full_name") else None
            if isinstance(label, Labels) and len(label.values) <= MOST_KINDS:
                found |= set(np.unique(label.codes, return_index=True)[1].tolist())
        elif not np.isnan(numbers).all():
            found |= {int(np.nanargmin(numbers)), int(np.nanargmax(numbers))}
            missing = np.flatnonzero(np.isnan(numbers))
            found |= set(missing[:1].tolist())
    return sorted(found)


def _scenario(large: Large, chosen: Chosen, folder: Path, problems: list[Problem]) -> tuple[Scenario, Layer]:
    """The scenario with some rows, valid."""
    layer = inlined(large.with_rows(chosen), folder, problems)
    scenario, refusal = validated(Scenario, layer.data, nothing_behind(layer.marks))
    found = [*problems, *refusal.problems]
    if scenario is None or found:
        raise ScenarioError(placed(found, layer))
    scenario._marks = layer.marks
    return scenario, layer


def _program(scenario: Scenario, layer: Layer, large: Large, examples: Chosen) -> Program:
    """The program over all offers and rows."""
    terms, problems = resolve(scenario)
    if problems:
        raise ScenarioError(placed(problems, layer))
    at = len(terms) - sum(map(len, examples))
    parts: list[Offered] = [OfTerms(terms[:at])] if at else []
    for part, rows in zip(large.parts, examples, strict=True):
        parts.append(OfRows(scenario, part.rows, part.names, part.asked, scenario.offers[at]))
        at += len(rows)
    return program_over(scenario, Joined(parts))


def _rows_of(offers: Any, offered: Offered, rosters: int) -> Chosen:
    """Positions among all offers as rows of each roster; offers that are none of a roster's are there anyway."""
    assert isinstance(offered, Joined)
    starts = offered.starts[-rosters - 1 :]
    return [
        (offers[(offers >= start) & (offers < end)] - start).tolist()
        for start, end in pairwise(starts.tolist())
    ]


def _refuse_incomplete(program: Program, large: Large, folder: Path) -> None:
    """Refuse rows that lack a number, or whose numbers contradict each other, as those of small rosters are.

    Raises:
        ScenarioError: for the first of them, and how many there are.
    """
    offered = program.packages.offered
    assert isinstance(offered, Joined)
    wrong = np.zeros(len(offered), dtype=bool)
    wrong[without_numbers(program)] = True
    for part, start in zip(offered.parts, offered.starts, strict=False):
        if isinstance(part, OfRows):
            wrong[start : start + len(part)] |= part.doubtful()
    found = np.flatnonzero(wrong)
    if not len(found):
        return
    chosen = _rows_of(found[:MOST_TOLD], offered, len(large.parts))
    scenario, layer = _scenario(large, chosen, folder, [])
    told = [p for p in program_of(scenario).problems if p.path[:1] == ("offers",)]
    more = len(found) - MOST_TOLD
    if more > 0:
        told.append(Problem(("rosters",), f"{more:,} more rows like these", "mend these first"))
    raise ScenarioError(placed(told, layer))
