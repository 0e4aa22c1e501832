"""Files of results -> `Results`, with an account of every row and column: the door of this room."""

from __future__ import annotations

import gc
import os
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from optimizer.language.errors import Problem, ScenarioError
from optimizer.language.files import shown_name
from optimizer.language.measures import TOLD
from optimizer.results.asked import Wanted, wanted_of, wrong_currency
from optimizer.results.columns import columns_of
from optimizer.results.money import currency_of
from optimizer.results.reading import ResultsReading
from optimizer.results.repeats import drop_repeats
from optimizer.results.result import ResultsAccount, ResultsFile
from optimizer.results.rows import Kept, kept_of
from optimizer.results.table import TEXTS, Results
from optimizer.results.uses import uses_of
from optimizer.results.words import meant
from optimizer.roster.bulk_columns import BulkRead
from optimizer.roster.grid import Cell, Grid
from optimizer.roster.headers import headed, known_in
from optimizer.roster.read import file_bytes, grid_of
from optimizer.roster.reading import account, in_order
from optimizer.roster.result import Column, Refusal
from optimizer.roster.rows import misshapen

_LISTED = "results"


WANTED = (
    "write headers such as creator, posts, impressions, likes, paid in the first line, or name them: "
    "--column creator=HEADER"
)


class _File(NamedTuple):
    """One file, read as far as it can be read alone."""

    name: str
    grid: Grid
    header_line: int
    kept: Kept
    refusals: list[Refusal]


def read_results(
    paths: Sequence[str | os.PathLike[str]],
    *,
    columns: Mapping[str, Any] | None = None,
    currency: str | None = None,
) -> ResultsReading:
    """Reads what a campaign brought, by creator, by offer or by post.

    A file is read as it comes: encoding, delimiter, title lines, and how numbers and dates are written are found.
    Blank cells say nothing, 0 is 0. A row that says that nothing was delivered counts 0 posts. Nothing is made up: what
    could be read in two ways is an error that names both.

    Args:
        paths: CSV, TSV, TXT, XLSX or JSON records; several files are one set of results.
        columns: field (`optimizer.results.uses.FIELDS`) -> header of its column, where that is not found by itself; or
            {"from": header, "decimal": ",", "unit": "thousand", "currency": "EUR"}, for dates {"from": header, "order":
            "day-first"}.
        currency: of money for which no file names one, a code such as "EUR".

    Raises:
        ScenarioError: for all that has to be mended, with file and line.
        MissingPackageError: for a workbook without the packages of the extra `xlsx`.
    """
    wanted = wanted_of(columns)
    wrong = "" if currency is None else wrong_currency(currency)
    if wrong:
        raise ScenarioError([Problem(("currency",), wrong)])
    if isinstance(paths, str | os.PathLike):
        paths = [paths]
    if not paths:
        raise ScenarioError([Problem((), "no file of results is named")])
    collects = gc.isenabled()
    gc.disable()  # very many new objects, none of them garbage
    try:
        return _read(_each_once(paths), wanted, currency)
    finally:
        if collects:
            gc.enable()


def _each_once(paths: Sequence[str | os.PathLike[str]]) -> list[tuple[str, bytes]]:
    """Name and bytes of each file.

    Raises:
        ScenarioError: where a file cannot be read, or two are one.
    """
    problems: list[Problem] = []
    found: list[tuple[str, bytes]] = []
    seen: dict[bytes, str] = {}
    for path in paths:
        name = shown_name(path)
        try:
            raw = file_bytes(path, name, _LISTED)
        except ScenarioError as error:
            problems += error.problems
            continue
        if raw in seen:
            twice = "is named twice" if seen[raw] == name else f"holds the same as {seen[raw]}"
            problems.append(
                Problem((), f"{twice}: its results would count double", "name it once", file=name)
            )
        seen.setdefault(raw, name)
        found.append((name, raw))
    if problems:
        raise ScenarioError(problems)
    return found


def _read(files: Sequence[tuple[str, bytes]], wanted: Wanted, currency: str | None) -> ResultsReading:
    problems: list[Problem] = []
    read: list[_File] = []
    for name, raw in files:
        try:
            read.append(_file(name, raw, wanted))
        except ScenarioError as error:
            problems += error.problems
    drop_repeats([(one.name, one.kept) for one in read])
    names = [one.name for one in read]
    code = currency_of([one.kept for one in read], names, currency, [one.refusals.append for one in read])
    for one in read:
        problems += [_problem(refusal, one.name) for refusal in in_order(one.refusals)]
    if problems:
        raise ScenarioError(problems)
    shown = ResultsAccount(files=tuple(_shown(one) for one in read), currency=code)
    return ResultsReading(shown, _results(read, code))


def _file(name: str, raw: bytes, wanted: Wanted) -> _File:
    named = [title for title, _ in wanted.columns.values()]

    def known(cells: Sequence[Cell]) -> int:
        return known_in(cells, named, meant)

    grid = grid_of(raw, name, _LISTED, known)
    found = headed(grid, name, named, None, meant, WANTED)
    refusals: list[Refusal] = []
    uses = uses_of(found, wanted.columns, refusals.append)
    if refusals:  # what its columns are for is not known yet
        raise ScenarioError(_problem(refusal, name) for refusal in in_order(refusals))
    columns = columns_of(found, uses, grid.delimiter, wanted.order, refusals.append)
    width = len(found.titles)
    torn = {
        row: wrong
        for row, one in enumerate(found.rows)
        if len(one.cells) > width and (wrong := misshapen(found, row, ())) is not None
    }
    return _File(name, grid, found.line, kept_of(columns, torn, refusals.append), refusals)


def _problem(refusal: Refusal, name: str) -> Problem:
    message = refusal.message if refusal.header is None else f"{refusal.header}: {refusal.message}"
    return Problem(refusal.place, message, refusal.hint, name, refusal.line, refusal.column)


def _shown(file: _File) -> ResultsFile:
    kept = file.kept
    return ResultsFile(
        file=file.name,
        encoding=file.grid.encoding,
        delimiter=file.grid.delimiter,
        sheet=file.grid.sheet,
        header_line=file.header_line,
        rows=len(kept.keep),
        kept=int(kept.keep.sum()),
        dropped=kept.reasons(),
        not_delivered=int(kept.not_delivered.sum()),
        columns=tuple(_column(read, kept) for read in kept.columns.reads),
    )


def _column(read: BulkRead, kept: Kept) -> Column:
    """The account of one column over the rows that are results."""
    assert read.silent is not None
    unused = sum(bool(read.silent[row] and kept.keep[row]) for row in read.unused)
    rows, blanks = int(kept.keep.sum()), int((read.silent & kept.keep).sum()) - unused
    total = None
    if read.total is not None:
        left_out = (value for row in kept.dropped if isinstance(value := read.values[row], Decimal))
        total = read.total - sum(left_out, Decimal(0))
    lines = kept.lines
    return account(
        read, lambda row: int(lines[row]), kept.dropped, values=rows - blanks, blanks=blanks, total=total
    )


def _results(files: Sequence[_File], currency: str | None) -> Results:
    """The rows of all files, one file behind another."""
    keeps = [file.kept.keep for file in files]
    blank = [np.full(len(keep), np.nan) for keep in keeps]
    texts = {
        name: np.concatenate([file.kept.texts[name][keep] for file, keep in zip(files, keeps, strict=True)])
        for name in TEXTS
    }
    numbers = {
        name: np.concatenate(
            [
                file.kept.numbers.get(name, none)[keep]
                for file, keep, none in zip(files, keeps, blank, strict=True)
            ]
        )
        for name in TOLD
    }
    position = np.repeat(np.arange(len(files)), [int(keep.sum()) for keep in keeps])
    line = np.concatenate([file.kept.lines[keep] for file, keep in zip(files, keeps, strict=True)])
    return Results(texts, numbers, position, line, tuple(file.name for file in files), currency)
