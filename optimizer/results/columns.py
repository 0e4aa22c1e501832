"""The columns of a file of results, read: numbers and labels as in a roster, and what only results have.

That is names of bookings, dates, and words that say whether something was delivered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from optimizer.language.csv_in import without_apostrophe
from optimizer.language.names import composed
from optimizer.results.dates import ORDERS, Order, dates_of
from optimizer.results.uses import BOOKED
from optimizer.results.words import status_of
from optimizer.roster.accounts import Account, Link, account, linked
from optimizer.roster.bulk import Cells
from optimizer.roster.bulk_columns import BulkRead, bulk_columns, by_cell
from optimizer.roster.cells import NO_NAME, cell_text, check_names, read_columns, refusal_at
from optimizer.roster.figures import ERRORS, is_blank
from optimizer.roster.headers import Headed
from optimizer.roster.result import Refusal
from optimizer.roster.texts import Texts as Letters
from optimizer.roster.uses import Use

Refuse = Callable[[Refusal], None]
_OWN = (*BOOKED, "id", "date", "delivered")
"""Fields that are read here."""


class Columns(NamedTuple):
    """A file of results by columns.

    Attributes:
        headed: headers and rows; these are `cells`.
        cells: of all rows, as text.
        reads: every column, in the order of the file.
        links: of each row, to its post; None where it has none.
    """

    headed: Headed
    cells: Cells
    reads: list[BulkRead]
    links: Sequence[Link | None]

    def used(self) -> list[BulkRead]:
        """Columns that are used."""
        return [read for read in self.reads if read.use.field is not None]

    def of(self, field: str) -> BulkRead | None:
        """The column that is used for a field."""
        return next((read for read in self.reads if read.use.field == field), None)


def columns_of(
    headed: Headed,
    uses: Sequence[Use],
    delimiter: str | None,
    order: Order | None,
    refuse: Refuse,
) -> Columns:
    """Every column of the file.

    Args:
        headed: headers and rows.
        uses: what each column is used for.
        delimiter: of the file.
        order: of day and month in the column of dates, as the user says; None where it is to be found.
        refuse: takes what is wrong with a whole column.
    """
    width = len(headed.titles)
    # a row with cells too many is refused, and says nothing about its columns
    rows = [row.cells if len(row.cells) <= width else [""] * width for row in headed.rows]
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]
    mixed = any(Decimal in set(map(type, column)) for column in columns)
    texts = [list(map(cell_text, column)) for column in columns] if mixed else columns
    lines = np.array([row.line for row in headed.rows], dtype=np.int64)
    cells = Cells([*map(Letters.of, texts)], lines, headed.short)
    there = headed._replace(rows=cells)  # type: ignore[arg-type]
    shared = [use for use in uses if use.field not in _OWN]
    read = (
        [by_cell(one) for one in read_columns(headed, shared, delimiter, refuse)]
        if mixed
        else bulk_columns(there, cells, shared, delimiter, refuse)
    )
    found = {one.use.column: one for one in read}
    links: Sequence[Link | None] = [None] * len(rows)
    for use in uses:
        if use.field in _OWN:
            found[use.column] = _own(use, texts[use.column], there, order, refuse)
        if use.field == "post":
            links = _each(texts[use.column], _link)
    return Columns(there, cells, [found[use.column] for use in uses], links)


def _each(cells: Sequence[str], value: Callable[[str], Any]) -> list[Any]:
    """What is made of each cell, worked out once for each different one."""
    made = {cell: value(cell) for cell in dict.fromkeys(cells)}
    return list(map(made.__getitem__, cells))


def _own(use: Use, cells: Sequence[str], headed: Headed, order: Order | None, refuse: Refuse) -> BulkRead:
    if use.field == "date":
        return _dates(use, cells, headed, order, refuse)
    if use.field == "delivered":
        return _status(use, cells)
    if use.field == "creator":
        read = _texts(use, cells, _creator)
        texts = ["" if value is None else cell for cell, value in zip(cells, read.values, strict=True)]
        check_names(read, texts, headed, refuse)
        return read
    if use.field == "offer":
        return _texts(use, cells, lambda text: composed(without_apostrophe(text)))
    return _texts(use, cells, str)


def _texts(use: Use, cells: Sequence[str], value: Callable[[str], Any]) -> BulkRead:
    """A column of names: a creator may be called none or unknown, so that only what is empty says nothing."""
    values = _each(cells, lambda cell: None if cell in NO_NAME or ERRORS.fullmatch(cell) else value(cell))
    return _made(use, values, "text")


def _made(use: Use, values: list[Any], form: str) -> BulkRead:
    silent = np.array([value is None for value in values], dtype=bool)
    return BulkRead(use, values, int(silent.sum()), form, silent=silent)


def _creator(text: str) -> Account | None:
    """The account of a cell; of a link to a post the one that it names."""
    link = _link(text)
    return author_of(link) if link is not None and link.of_post else account(text)


def _link(text: str) -> Link | None:
    return linked(text) if "/" in text else None


def author_of(link: Link | None) -> Account | None:
    """The account that a link names; None where it names none."""
    return None if link is None or link.author is None else Account(link.author, link.platform)


def _status(use: Use, cells: Sequence[str]) -> BulkRead:
    """Whether something was delivered: yes, no, later."""
    read = _made(use, _each(cells, lambda cell: None if is_blank(cell) else status_of(cell)), "yes or no")
    for row, (cell, value) in enumerate(zip(cells, read.values, strict=True)):
        if value is None and not is_blank(cell):
            read.odd.append((row, cell, "neither delivered nor not: taken as empty"))
            read.unused.add(row)
    return read


def _dates(use: Use, cells: Sequence[str], headed: Headed, order: Order | None, refuse: Refuse) -> BulkRead:
    different = [cell for cell in dict.fromkeys(cells) if not is_blank(cell)]
    found = dates_of(different, order)
    read = _made(use, [found.values.get(cell) for cell in cells], "dates")
    if found.order is not None:
        read.format = "day/month" if found.order == ORDERS[0] else "month/day"
    say = f"say columns: {{date: {{from: {use.title}, order: day-first}}}} or order: month-first"
    if found.contrary is not None:
        early, late = found.contrary
        message = f"{early} has the month first, {late} the day: they cannot be read in one way"
        refuse(refusal_at(cells.index(early), message, "write the dates as 2026-11-03", use, headed))
    elif found.doubtful is not None and found.readings is not None:
        message = f"{found.doubtful} could be {found.readings[0]} or {found.readings[1]}, and no other date tells which"
        refuse(refusal_at(cells.index(found.doubtful), message, f"write 2026-11-03; or {say}", use, headed))
    for row, cell in enumerate(cells):
        if cell in found.unreadable:
            read.wrong[row] = (f"{cell!r} is no date", "write it as 2026-11-03, or leave the cell empty")
    if found.contrary or found.doubtful:
        read.open = frozenset(row for row, cell in enumerate(cells) if not is_blank(cell))
    return read
