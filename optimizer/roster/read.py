"""A file of creators -> what was read of it: every column, every row, everything that has to be mended."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from optimizer.language.errors import Problem, ScenarioError
from optimizer.language.files import read_bytes, shown_name, shown_reason
from optimizer.language.names import word
from optimizer.roster.cells import Read, read_columns
from optimizer.roster.fees import far_fees
from optimizer.roster.grid import Cell, Grid, csv_grid
from optimizer.roster.headers import Headed, headed, known_in
from optimizer.roster.keep import keep_of
from optimizer.roster.reading import Reading, account, fields_of, in_order, titled
from optimizer.roster.records import json_grid
from optimizer.roster.result import Column, Refusal, Roster
from optimizer.roster.rows import Creator, Sorted, sorted_rows
from optimizer.roster.sheets import workbook_grid
from optimizer.roster.text import text_of
from optimizer.roster.uses import uses_of
from optimizer.scenario.roster import RosterFile

MAX_BYTES = 500_000_000
_WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_RECORDS = (".json", ".jsonl", ".ndjson")
_KNOWN = (".csv", ".tsv", ".txt", ".tab", *_RECORDS, *_WORKBOOKS)
FROM = 5_000
"""Rows from which on a CSV file is read by columns (`optimizer.roster.bulk_read`)."""


def read_roster(path: str | os.PathLike[str], asked: RosterFile, currency: str | None = None) -> Reading:
    """Reads a file of creators.

    Args:
        path: CSV, TSV, a workbook or JSON records.
        asked: what the user says of it.
        currency: of the scenario, for prices that name none.

    Raises:
        ScenarioError: where no rows can be told apart at all; everything else is among the problems of the answer.
        MissingPackageError: for a workbook without the package that reads it.
    """
    name = shown_name(path)
    raw = file_bytes(path, name, "creators")
    return read_raw(raw, name, asked, currency)


def read_raw(raw: bytes, name: str, asked: RosterFile, currency: str | None = None) -> Reading:
    """The same from the bytes of a file; its name says what it is."""
    named = [one.title for one in asked.columns.values()]
    if raw.count(b"\n") >= FROM and Path(name).suffix.lower() not in (*_WORKBOOKS, *_RECORDS):
        from optimizer.roster.bulk_read import read_bulk  # few files are so large

        large = read_bulk(raw, name, asked, currency)
        if large is not None:
            return large
    grid = grid_of(raw, name, "creators", lambda cells: known_in(cells, named), asked)
    found = headed(grid, name, named, asked.header)
    refusals: list[Refusal] = []
    refuse = refusals.append
    uses = uses_of(found, asked, refuse)
    columns = read_columns(found, uses, grid.delimiter, refuse)
    fields = {use.field for use in uses if use.field is not None} | fields_of(asked.defaults) | {"platform"}
    keep = keep_of(asked.keep, fields, _cells_by_line(found, columns), refuse)
    rows = sorted_rows(found, columns, asked.defaults, keep, refuse)
    _add_far_fees(rows.creators, columns, found, asked, currency)
    roster = Roster(
        file=name,
        encoding=grid.encoding,
        delimiter=grid.delimiter,
        sheet=grid.sheet,
        header_line=found.line,
        rows=len(found.rows),
        kept=len(rows.creators),
        dropped=tuple(rows.dropped),
        refused=tuple(rows.refused),
        columns=tuple(_column(read, rows, found) for read in columns),
        duplicates=tuple(rows.duplicates),
        problems=tuple(in_order(refusals)),
    )
    return Reading(
        roster, tuple(sorted(rows.creators, key=lambda one: (one.name.casefold(), one.key, one.line)))
    )


def file_bytes(path: str | os.PathLike[str], name: str, what: str) -> bytes:
    """All of a file.

    Args:
        path: of the file.
        name: what messages call it.
        what: it lists, in words.

    Raises:
        ScenarioError: where it cannot be read, or is too large.
    """
    if os.path.isdir(path):
        raise ScenarioError([Problem((), f"this is a folder, not a file of {what}", file=name)])
    try:
        raw = read_bytes(path, MAX_BYTES)
    except FileNotFoundError:
        raise ScenarioError([Problem((), "there is no such file", file=name)]) from None
    except OSError as error:
        raise ScenarioError([Problem((), f"cannot be read: {shown_reason(error)}", "", file=name)]) from None
    if len(raw) > MAX_BYTES:
        message = f"the file is larger than {MAX_BYTES // 1_000_000} MB"
        raise ScenarioError([Problem((), message, "split it, or leave out columns", file=name)])
    return raw


def grid_of(
    raw: bytes, name: str, what: str, known: Callable[[Sequence[Cell]], int], asked: RosterFile | None = None
) -> Grid:
    """The rows of a file, whatever it is.

    Args:
        raw: all of it.
        name: what messages call it; its ending says what it is.
        what: it lists, in words.
        known: how many cells of a row are headers that are known.
        asked: what the user says of encoding, delimiter and sheet; None for nothing.

    Raises:
        ScenarioError: where no rows can be told apart.
        MissingPackageError: for a workbook without the package that reads it.
    """
    ending = Path(name).suffix.lower()
    sheet, encoding, delimiter = (
        (asked.sheet, asked.encoding, asked.delimiter) if asked is not None else (None, None, None)
    )
    if ending in _WORKBOOKS or raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return workbook_grid(raw, name, what, known, sheet)
    if ending and ending not in _KNOWN:
        hint = "export it as CSV, XLSX or JSON records"
        raise ScenarioError(
            [Problem((), f"no {what} are read from a file that ends in {ending}", hint, file=name)]
        )
    text, encoding = text_of(raw, name, encoding)
    if ending in _RECORDS:
        return json_grid(text, encoding, name)
    return csv_grid(text, encoding, name, known, delimiter)


def _cells_by_line(found: Headed, columns: Sequence[Read]) -> Callable[[str], Mapping[int, str] | None]:
    """Header -> line -> text of a column."""

    def cells(title: str) -> Mapping[int, str] | None:
        read = titled(columns, title)
        if read is None:
            return None
        return {row.line: str(row.cells[read.use.column]) for row in found.rows}

    return cells


def _add_far_fees(
    creators: Sequence[Creator],
    columns: Sequence[Read],
    found: Headed,
    asked: RosterFile,
    currency: str | None,
) -> None:
    fee = next((read for read in columns if read.use.field == "cost_per_post"), None)
    if fee is None:
        return
    at = {row.line: position for position, row in enumerate(found.rows)}
    shared = {**asked.defaults, **asked.offer}
    platform, format = (
        None if shared.get(key) is None else word(str(shared[key])) for key in ("platform", "format")
    )
    for far in far_fees(creators, platform, format, currency):
        row = at[far.creator.line]
        fee.odd.append((row, str(found.rows[row].cells[fee.use.column]), far.why))


def _column(read: Read, rows: Sorted, found: Headed) -> Column:
    """The account of one column: over all rows that hold a creator, those left out and refused included."""
    counted = [row for row in range(len(found.rows)) if row not in rows.notes]
    said = {*read.wrong, *read.open, *read.unused}
    blanks = sum(read.values[row] is None and row not in said for row in counted)
    total = None
    if read.currencies is not None and not read.open:
        total = sum((value for row in counted if isinstance(value := read.values[row], Decimal)), Decimal(0))
    return account(
        read,
        lambda row: found.rows[row].line,
        rows.notes,
        values=len(counted) - blanks,
        blanks=blanks,
        total=total,
    )
