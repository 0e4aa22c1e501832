"""Where the cells of a very large CSV file begin and end, found for the whole file at once.

As the csv module has it: cells are apart by separators, rows by line ends; within quotes both are text, and two quotes
stand for one. Where a quote stands elsewhere than at the beginning or end of a cell, the file is left to that module.
"""

from __future__ import annotations

import csv
from typing import NamedTuple

import numpy as np

from optimizer.roster.labels import Bools, Ints
from optimizer.roster.texts import PAD, Letters, Texts

_LINE, _QUOTE = ord("\n"), ord('"')


class Cut(NamedTuple):
    """Cells below the headers.

    Attributes:
        columns: cells as they stand, without quotes around them.
        lines: on which each row begins, the first of the file being 0, shape (rows,).
        short: rows with fewer cells than there are headers.
        beyond: row and text of cells, not empty, that stand beyond the headers.
    """

    columns: list[Texts]
    lines: Ints
    short: Ints
    beyond: list[tuple[int, str]]


def cut(text: str, separator: str, start: int, width: int) -> Cut | None:
    """The cells of a file; None where that is left to the csv module.

    Args:
        text: with line ends of one kind.
        separator: of the cells, one letter.
        start: line on which the first row below the headers begins, the first of the file being 0.
        width: number of columns.
    """
    if not separator.isascii() or separator == '"' or "\r" in text:
        return None
    raw = text.encode("utf-8", "surrogatepass")
    ended = raw.endswith(b"\n")
    letters = np.frombuffer(b"".join([raw, b"" if ended else b"\n", PAD]), dtype=np.uint8)
    del raw
    size = len(letters) - len(PAD)
    is_end = letters[:size] == _LINE
    line_ends = np.flatnonzero(is_end)
    ends = np.flatnonzero(is_end | (letters[:size] == ord(separator)))
    quotes = np.flatnonzero(letters[:size] == _QUOTE)
    if len(quotes):
        if not _around_cells(letters, quotes, separator, size):
            return None
        ends = ends[np.searchsorted(quotes, ends) % 2 == 0]
    last = np.flatnonzero(letters[ends] == _LINE)  # cells behind which a row ends
    begins = np.concatenate([[0], ends[:-1] + 1])
    first = np.concatenate([[0], last[:-1] + 1])
    lines = np.searchsorted(line_ends, begins[first]) if len(last) < len(line_ends) else np.arange(len(last))
    count = last - first + 1
    skipped = int(np.searchsorted(lines, start))
    lines, first, count = lines[skipped:], first[skipped:], count[skipped:]
    sizes = ends - begins
    longest = int(sizes.max(initial=0))
    if longest >= csv.field_size_limit():
        return None
    filled = (count > 1) | (sizes[first] > 0) if len(first) else np.zeros(0, dtype=bool)
    if not filled.all():  # the csv module has no cells in an empty line
        lines, first, count = lines[filled], first[filled], count[filled]
    columns = [_column(letters, begins, sizes, first + at, count > at) for at in range(width)]
    beyond: list[tuple[int, str]] = []
    for at in range(width, int(count.max(initial=0))):
        rows = np.flatnonzero(count > at)
        cells = _column(letters, begins, sizes, first[rows] + at, np.ones(len(rows), dtype=bool))
        said = ~cells.empty
        beyond += zip(rows[said].tolist(), cells.part(said), strict=True)
    if len(quotes):
        columns = [_single_quotes(letters, column) for column in columns]
    return Cut(columns, lines, np.flatnonzero(count < width), beyond)


def _around_cells(letters: Letters, quotes: Ints, separator: str, size: int) -> bool:
    """Whether every quote opens or closes a cell, or is one of two within one."""
    if len(quotes) % 2:
        return False
    opening, closing = quotes[::2], quotes[1::2]
    apart = np.zeros(256, dtype=bool)
    apart[[_LINE, ord(separator)]] = True
    before = (opening == 0) | apart[letters[opening - 1]]
    behind = apart[letters[closing + 1]] & (closing + 1 < size)
    two = closing[:-1] + 1 == opening[1:]
    before[1:] |= two
    behind[:-1] |= two
    return bool(before.all() and behind.all())


def _column(letters: Letters, begins: Ints, sizes: Ints, at: Ints, there: Bools) -> Texts:
    """Cells by their number; those that are not there are empty. Quotes around cells are left out."""
    if not there.all():
        at = np.where(there, at, 0)
        starts, sizes = begins[at], np.where(there, sizes[at], 0)
    else:
        starts, sizes = begins[at], sizes[at]
    quoted = (letters[starts] == _QUOTE) & (sizes > 0)
    if quoted.any():
        starts, sizes = starts + quoted, sizes - 2 * quoted
    return Texts(letters, starts, sizes)


def _single_quotes(letters: Letters, column: Texts) -> Texts:
    """Cells in which two quotes stand for one."""
    places = np.flatnonzero((letters[:-1] == _QUOTE) & (letters[1:] == _QUOTE))
    inside = np.searchsorted(places, column.starts) < np.searchsorted(
        places, column.starts + column.sizes - 1
    )
    return column.each(np.flatnonzero(inside), lambda cell: cell.replace('""', '"'))
