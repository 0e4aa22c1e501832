"""A scenario whose rosters are too large to make an offer of each row -> one of those that matter.

All rows are planned by prices (`solve.sieve`); those that are booked, and the nearest others, become offers. Before
that, some rows are looked at as offers: one of each kind and those with the largest and smallest numbers, so that what
would be wrong with any is said as it is for small rosters.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Executor
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from optimizer.language.errors import Problem, ScenarioError, UnlimitedError
from optimizer.program.joined import Joined
from optimizer.program.many import OfRows
from optimizer.program.offered import Offered, OfTerms
from optimizer.program.program import Program, program_of, program_over, without_numbers
from optimizer.program.terms import resolve
from optimizer.roster.bulk_rows import Taken, kinds_of
from optimizer.roster.expand import Large, Part
from optimizer.roster.labels import Labels
from optimizer.scenario.changes import Layer
from optimizer.scenario.overrides import changed, inlined, nothing_behind, placed
from optimizer.scenario.scenario import Scenario
from optimizer.scenario.validation import validated
from optimizer.solve.ready import problems_of
from optimizer.solve.sieve import MOST_WHOLE, Sieved, Sifted, attached, cannot, sieved, sift

MOST_KINDS = 200
"""Kinds of rows of which one each is looked at; more are taken to be like these."""
MOST_TOLD = 20
"""Rows of which is told what they lack."""

Chosen = Sequence[Sequence[int]]
"""Of each roster, which of its rows."""


@dataclass(frozen=True)
class Rows:
    """All rows of a scenario's large rosters, for other questions about them.

    Attributes:
        large: the rosters, and the scenario without them.
        folder: of files that no file names.
        chosen: rows that are offers now.
    """

    large: Large
    folder: Path
    chosen: Chosen

    def anew(self, changes: Mapping[str, Any], executor: Executor | None = None) -> Scenario:
        """The scenario with other limits, numbers or objectives, planned over all rows: with the offers of those that
        matter then.

        Args:
            changes: path -> value, as for `--set`, but not of single offers.
            executor: as in `sift`.

        Raises:
            UnlimitedError: where nothing limits the objective any more.
            ScenarioError: where it cannot be planned.
            SolverError, ClusterError: as `sift`.
        """
        problems: list[Problem] = []
        layer = changed(
            Layer(deepcopy(self.large.layer.data), dict(self.large.layer.marks)), changes, problems
        )
        large = self.large._replace(layer=layer)
        found = sieved_scenario(large, self.folder, problems, {}, executor)
        if isinstance(found, Scenario):
            return found
        return _whole(large, self.folder)

    def whole(self) -> Scenario:
        """The scenario with an offer for each row."""
        return _whole(self.large, self.folder)


def rows_of(scenario: Scenario) -> Rows | None:
    """All rows of a scenario's large rosters; None where there are none, or a copy of the scenario asks something else
    of them."""
    rows: Rows | None = scenario._rows
    known: Sieved | None = scenario._sieved
    return rows if known is None or known.holds_for(scenario) else None


def with_named(scenario: Scenario, names: Collection[str]) -> Scenario:
    """The scenario with these creators among its offers, where they are rows of its large rosters.

    What was found over all rows holds for it too.
    """
    rows, missing = rows_of(scenario), set(names) - set(scenario.offer_names())
    if rows is None or scenario._sieved is None or not missing:
        return scenario
    return _with_rows(
        scenario,
        [[row for row, name in enumerate(part.names) if name in missing] for part in rows.large.parts],
    )


def with_shared(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """Scenarios that read the same creators of the same large rosters, each with those that any of them kept: so that
    they do not differ in whom they kept."""
    with_rows = [one for one in scenarios if rows_of(one) is not None and one._sieved is not None]
    return [
        _with_rows(one, _kept_by_any(one, with_rows)) if any(one is other for other in with_rows) else one
        for one in scenarios
    ]


def _kept_by_any(one: Scenario, scenarios: Sequence[Scenario]) -> Chosen:
    def same(part: Part, other: Part) -> bool:
        return (part.file, part.asked, part.names) == (other.file, other.asked, other.names)

    found: list[set[int]] = [set() for _ in one._rows.large.parts]
    for other in scenarios:
        for part, chosen in zip(other._rows.large.parts, other._rows.chosen, strict=True):
            for mine, rows in zip(one._rows.large.parts, found, strict=True):
                if same(mine, part):
                    rows |= set(chosen)
    return [sorted(rows) for rows in found]


def _with_rows(scenario: Scenario, more: Chosen) -> Scenario:
    """The scenario with more rows among its offers."""
    rows: Rows = scenario._rows
    known: Sieved = scenario._sieved
    chosen = [sorted({*own, *others}) for own, others in zip(rows.chosen, more, strict=True)]
    if chosen == [list(own) for own in rows.chosen]:
        return scenario
    found, _ = _scenario(rows.large, chosen, rows.folder, [], known.creators)
    found._rosters = scenario._rosters
    found._rows = Rows(rows.large, rows.folder, chosen)
    return attached(found, known)


class Picked(NamedTuple):
    """What was found over all rows of large rosters: which of them become offers; small enough to travel."""

    rows: Chosen
    sifted: Sifted
    creators: int


def sieved_scenario(
    large: Large,
    folder: Path,
    problems: list[Problem],
    on_offers: Mapping[str, Any],
    executor: Executor | None = None,
) -> Scenario | Layer:
    """`picked_scenario` of `picked`."""
    return picked_scenario(large, folder, picked(large, folder, problems, on_offers, executor))


def picked(
    large: Large,
    folder: Path,
    problems: list[Problem],
    on_offers: Mapping[str, Any],
    executor: Executor | None = None,
) -> Picked | None:
    """The rows that are booked and the nearest others, by a plan of all rows; None for all rows, where prices cannot
    plan it and there are not too many.

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
    every = large.creators <= MOST_WHOLE
    if on_offers and every:
        return None
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
            return None
        message = f"{large.creators:,} creators can only be planned by prices, but {reason}"
        hint = f"leave that out, or take at most {MOST_WHOLE:,} rows with keep"
        raise ScenarioError(placed([Problem(("rosters",), message, hint)], layer))
    assert program is not None
    own = len(program.packages.offered) - large.creators
    sifted = sift(program, own, executor)
    chosen = _rows_of(sifted.offers, program.packages.offered, len(large.parts))
    return Picked(chosen, sifted, len(program.packages.offered))


def picked_scenario(large: Large, folder: Path, found: Picked | None) -> Scenario | Layer:
    """The scenario of the rows that were picked, with what was found over all of them; its data where all are.

    Raises:
        UnlimitedError, ScenarioError: where it cannot be planned.
    """
    if found is None:
        return large.with_rows([range(len(part.rows)) for part in large.parts])
    kept, layer = _scenario(large, found.rows, folder, [], found.creators)
    unlimited = not program_of(kept).problems
    rest = problems_of(program_of(kept))
    if rest:
        raise (UnlimitedError if unlimited else ScenarioError)(placed(list(rest), layer))
    kept._sieved = sieved(kept, found.sifted, found.creators)
    kept._rows = Rows(large, folder, found.rows)
    return kept


def _whole(large: Large, folder: Path) -> Scenario:
    return _scenario(large, [range(len(part.rows)) for part in large.parts], folder, [])[0]


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


def _scenario(
    large: Large, chosen: Chosen, folder: Path, problems: list[Problem], of: int = 0
) -> tuple[Scenario, Layer]:
    """The scenario with some rows, valid; with the number of creators that they were chosen from, unless 0."""
    layer = inlined(large.with_rows(chosen), folder, problems)
    if of:
        layer = Layer({**layer.data, "chosen_from": of}, layer.marks)
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
