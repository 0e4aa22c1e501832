"""A very large CSV file of creators -> the same account as of a small one, by columns instead of rows."""

from __future__ import annotations

import csv
import gc
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

import numpy as np

from optimizer.language.csv_in import csv_rows, undeclared
from optimizer.language.errors import Problem, ScenarioError
from optimizer.language.names import word
from optimizer.roster.bulk import Cells, cells_of
from optimizer.roster.bulk_columns import BulkRead, bulk_columns
from optimizer.roster.bulk_fees import may_be_far
from optimizer.roster.bulk_rows import Taken, bulk_rows
from optimizer.roster.fees import far_fees
from optimizer.roster.grid import Cell, Grid, GridRow, delimiter_of
from optimizer.roster.headers import Headed, headed, known_in
from optimizer.roster.keep import keep_of
from optimizer.roster.reading import Reading, account, fields_of, in_order, titled
from optimizer.roster.result import Column, Refusal, Roster
from optimizer.roster.rows import Sorted
from optimizer.roster.text import text_of
from optimizer.roster.uses import uses_of
from optimizer.scenario.roster import RosterFile

TOP = 4_000_000
"""Letters at the top of a file by which its delimiter is told."""
HEAD = 400
"""Rows at the top of a file by which its headers are found."""


def read_bulk(
    raw: bytes, name: str, asked: RosterFile, currency: str | None = None, *, head: int = HEAD
) -> Reading | None:
    """A large CSV file, read; None where its rows do not fit its headers, so that they have to be looked at singly.

    Args:
        raw: all of the file.
        name: what messages call it.
        asked: what the user says of it.
        currency: of the scenario, for prices that name none.
        head: rows at the top by which the headers are found; a file of fewer is not large.

    Raises:
        ScenarioError: as `read.read_raw`.
    """
    # millions of new objects, none of them garbage
    collects = gc.isenabled()
    gc.disable()
    try:
        return _read_bulk(raw, name, asked, currency, head)
    finally:
        if collects:
            gc.enable()


def _read_bulk(raw: bytes, name: str, asked: RosterFile, currency: str | None, many: int) -> Reading | None:
    named = [one.title for one in asked.columns.values()]

    def known(cells: Sequence[Cell]) -> int:
        return known_in(cells, named)

    text, encoding = text_of(raw, name, asked.encoding)
    text, declared, first = undeclared(text)
    start = text[:TOP]
    delimiter = asked.delimiter or declared or delimiter_of(start, known)
    head = csv_rows(start if start.count("\n") > 2 * many else text, delimiter, name, first, many)
    if len(head) < many:
        return None
    grid = Grid([GridRow(row.line, [*row.cells]) for row in head], encoding, delimiter)
    if asked.header is not None and asked.header > head[-1].line:
        return None
    top = headed(grid, name, named, asked.header)
    if top.moved or not all(top.titles) or not top.rows:
        return None
    try:
        cells = cells_of(text, delimiter, first, top.rows[0].line, len(top.titles))
    except csv.Error as error:
        raise ScenarioError(
            [Problem((), f"this is not CSV: {error}", "save it again as CSV UTF-8", file=name)]
        ) from None
    if cells is None:
        return None
    return _reading(top._replace(rows=cells, short=cells.short), cells, grid, name, asked, currency)  # type: ignore[arg-type]


def _reading(
    found: Headed, cells: Cells, grid: Grid, name: str, asked: RosterFile, currency: str | None
) -> Reading:
    refusals: list[Refusal] = []
    refuse = refusals.append
    uses = uses_of(found, asked, refuse)
    columns = bulk_columns(found, cells, uses, grid.delimiter, refuse)
    if all(read.use.field != "name" for read in columns):
        raise AssertionError("uses_of names a column of names") if not refusals else _refused(refusals, name)
    fields = {use.field for use in uses if use.field is not None} | fields_of(asked.defaults) | {"platform"}
    keep = keep_of(asked.keep, fields, _cells_by_line(cells, columns), refuse)
    rows, taken = bulk_rows(found, columns, asked.defaults, keep, refuse)
    _add_far_fees(taken, columns, cells, asked, currency)
    roster = Roster(
        file=name,
        encoding=grid.encoding,
        delimiter=grid.delimiter,
        header_line=found.line,
        rows=len(cells),
        kept=len(taken),
        dropped=tuple(rows.dropped),
        refused=tuple(rows.refused),
        columns=tuple(_column(read, rows, cells) for read in columns),
        duplicates=tuple(rows.duplicates),
        problems=tuple(in_order(refusals)),
    )
    return Reading(roster, taken)


def _refused(refusals: Sequence[Refusal], name: str) -> ScenarioError:
    return ScenarioError(
        Problem((), one.message, one.hint, name, one.line, one.column) for one in in_order(refusals)
    )


def _cells_by_line(cells: Cells, columns: Sequence[BulkRead]) -> Callable[[str], Mapping[int, str] | None]:
    """Header -> line -> text of a column."""

    def of(title: str) -> Mapping[int, str] | None:
        read = titled(columns, title)
        if read is None:
            return None
        return dict(zip(cells.lines.tolist(), cells.columns[read.use.column], strict=True))

    return of


def _add_far_fees(
    taken: Taken, columns: Sequence[BulkRead], cells: Cells, asked: RosterFile, currency: str | None
) -> None:
    fee = next((read for read in columns if read.use.field == "cost_per_post"), None)
    fees, followers = taken.number("cost_per_post"), taken.number("followers")
    if fee is None or fees is None or followers is None:
        return
    shared = {**asked.defaults, **asked.offer}
    platform, format = (
        None if shared.get(key) is None else word(str(shared[key])) for key in ("platform", "format")
    )
    likely = np.flatnonzero(may_be_far(taken, fees, followers, platform, format))
    at = dict(zip(taken.lines()[likely].tolist(), taken.rows[likely].tolist(), strict=True))
    for far in far_fees((taken[one] for one in likely.tolist()), platform, format, currency):
        row = at[far.creator.line]
        fee.odd.append((row, cells.columns[fee.use.column][row], far.why))


def _column(read: BulkRead, rows: Sorted, cells: Cells) -> Column:
    """The account of one column, as `read` gives it."""
    counted = len(cells) - len(rows.notes)
    said = {*read.wrong, *read.open, *read.unused}
    assert read.silent is not None
    blanks = int(read.silent.sum()) - sum(bool(read.silent[row]) and row not in said for row in rows.notes)
    total = None
    if read.total is not None and not read.open:
        of_notes = (value for row in rows.notes if isinstance(value := read.values[row], Decimal))
        total = read.total - sum(of_notes, Decimal(0))
    lines = cells.lines
    return account(
        read, lambda row: int(lines[row]), rows.notes, values=counted - blanks, blanks=blanks, total=total
    )
