"""Bookings that are signed: what a file of them may say, and what is wrong with it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from optimizer.language.csv_in import decoded, number_text, read_table, without_apostrophe
from optimizer.language.errors import Problem, ScenarioError, did_you_mean
from optimizer.language.files import read_bytes, shown_name, shown_reason
from optimizer.language.measures import COUNTED, RATIOS
from optimizer.language.names import composed
from optimizer.language.quantities import parse_number, plain, refuse_two_numbers
from optimizer.program.program import program_of
from optimizer.program.terms import Terms
from optimizer.scenario.scenario import Scenario
from optimizer.scenario.signed import Signed, in_number
from optimizer.solve.kept import with_named

COLUMNS = ("offer", "creators", "posts_per_creator")
"""Columns that are read."""
OF_A_PLAN = frozenset({"tier", "platform", "format", *COUNTED, *RATIOS})
"""Columns that `optimize scenario.yaml --format csv` writes and that may stay in the file; so may tag_... and
measure_..."""
MAX_BYTES = 5_000_000


def read_signed(path: str | os.PathLike[str], scenario: Scenario) -> list[Signed]:
    """Signed bookings from a CSV file with the columns offer, creators and, optionally, posts_per_creator.

    The rows of a plan's own CSV export will do: delete those that are not signed. Any dialect that a spreadsheet
    writes is read (`optimizer.language.csv_in`).

    Args:
        path: the file.
        scenario: whose offers it names.

    Raises:
        ScenarioError: with every problem of the file, each with its line.
    """
    file = shown_name(path)
    try:
        raw = read_bytes(path, MAX_BYTES)
    except FileNotFoundError:
        raise ScenarioError([Problem((), "there is no such file", file=file)]) from None
    except OSError as error:
        raise ScenarioError([Problem((), f"cannot be read: {shown_reason(error)}", file=file)]) from None
    if len(raw) > MAX_BYTES:
        raise ScenarioError([Problem((), "the file is larger than 5 MB; is this the right one?", file=file)])
    text = decoded(raw, file)
    return parse_signed(text, with_named(scenario, _offers_of(text, file)), name=file)


def _offers_of(text: str, name: str) -> set[str]:
    """The offers that a file names."""
    table = read_table(text, name)
    header = [cell.lower() for cell in table.header.cells]
    return {_offer(dict(zip(header, row, strict=False))) for _, row in table.rows}


def parse_signed(text: str, scenario: Scenario, *, name: str = "<text>") -> list[Signed]:
    """As `read_signed`, from text; `name` is what messages call it."""
    problems: list[Problem] = []
    table = read_table(text, name)
    header = [cell.lower() for cell in table.header.cells]
    problems += _header_problems(header, name, table.header.line)
    if problems:
        raise ScenarioError(problems)
    terms = {t.name: t for t in program_of(scenario).packages.terms}
    result: list[Signed] = []
    taken: dict[tuple[str, int | None], int] = {}
    for line, row in table.rows:
        cells = dict(zip(header, row, strict=False))
        for column in COLUMNS[1:]:
            if column in cells:
                cells[column] = number_text(cells[column], table.separator)
        found = [
            Problem((), message, hint, file=name, line=line)
            for message, hint in _row_problems(cells, len(row) - len(header), terms, scenario)
        ]
        if found:
            problems += found
            continue
        posts = cells.get("posts_per_creator") or None
        signed = Signed(
            offer=_offer(cells),
            creators=parse_number(cells["creators"]),
            posts_per_creator=None if posts is None else int(parse_number(posts)),
            file=name,
            line=line,
        )
        key = (signed.offer, signed.posts_per_creator)
        if key in taken:
            message = f"{signed.offer} stands on line {taken[key]} already"
            problems.append(Problem((), message, "write one line with the sum", file=name, line=line))
            continue
        taken[key] = line
        if signed.creators:
            result.append(signed)
    if problems:
        raise ScenarioError(problems)
    return result


def signed_problems(signed: Sequence[Signed], scenario: Scenario) -> list[Problem]:
    """What is wrong with bookings that were not read from a file, or were read for another scenario."""
    terms = {t.name: t for t in program_of(scenario).packages.terms}
    problems = []
    for one in signed:
        posts = "" if one.posts_per_creator is None else str(one.posts_per_creator)
        cells = {"offer": one.offer, "creators": repr(one.creators), "posts_per_creator": posts}
        for message, hint in _row_problems(cells, 0, terms, scenario):
            problems.append(Problem(("keep", one.offer), message, hint, file=one.file, line=one.line))
    return problems


def _header_problems(header: Sequence[str], name: str, line: int) -> Iterator[Problem]:
    for column in dict.fromkeys(header):
        known = column in COLUMNS or column in OF_A_PLAN or column.startswith(("tag_", "measure_"))
        if not known:
            yield Problem((), f"unknown column {column!r}", did_you_mean(column, COLUMNS), name, line)
        elif header.count(column) > 1:
            yield Problem((), f"the column {column} is there twice", "", name, line)
    for column in COLUMNS[:2]:
        if column not in header:
            hint = f"the first line names the columns: {','.join(COLUMNS[:2])}"
            yield Problem((), f"there is no column {column}", hint, name, line)


def _offer(cells: Mapping[str, str]) -> str:
    return without_apostrophe(composed(cells.get("offer", "")))


def _row_problems(
    cells: Mapping[str, str], surplus: int, terms: Mapping[str, Terms], scenario: Scenario
) -> Iterator[tuple[str, str]]:
    if surplus > 0:
        yield "the line has more values than there are columns", 'put text with commas in "quotes"'
        return
    name = _offer(cells)
    if not name:
        yield "the offer is missing", ""
    elif name not in terms:
        yield f"the scenario has no offer {name!r}", did_you_mean(name, terms)
    whole = scenario.solver.whole_creators  # of fractions, three decimals are what a plan's own CSV has
    number = _number(cells.get("creators", ""), large=whole)
    if isinstance(number, str):
        yield f"creators: {number}", ""
    elif number < 0:
        yield f"{plain(number)} creators cannot be signed", ""
    elif whole and number != int(number):
        yield f"{plain(number)} creators cannot be signed", "write a whole number"
    written = cells.get("posts_per_creator", "")
    if written and name in terms:
        posts, allowed = _number(written), terms[name].posts
        if isinstance(posts, str):
            yield f"posts_per_creator: {posts}", ""
        elif posts not in allowed:
            span = in_number(allowed.start, "post")
            if len(allowed) > 1:
                span = f"{allowed.start} to {in_number(allowed.stop - 1, 'post')}"
            yield f"{name} is booked with {span}, not {plain(posts)}", "set posts_per_creator of the offer"


def _number(text: str, *, large: bool = False) -> float | str:
    """A number, or what is wrong with it."""
    if not text:
        return "a number is missing"
    try:
        if large:
            refuse_two_numbers(text)
        return parse_number(text)
    except ValueError as error:
        return str(error)
