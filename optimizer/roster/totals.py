"""Rows of an export that are no creators: sums and means, by name and by number, and the headers again on each page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

import numpy as np

from optimizer.roster.cells import Read
from optimizer.roster.grid import Cell
from optimizer.roster.headers import Headed
from optimizer.roster.labels import Bools, Floats, Ints
from optimizer.roster.texts import Texts
from optimizer.roster.vocabulary import vocabulary
from optimizer.roster.words import COUNTS, MONEY, plain_word

CLOSE = 0.005
"""Relative; a sum that is shown in three digits, such as 1.25M, is as near as this."""


def headers_again(headed: Headed, row: int) -> bool:
    """Whether a row repeats the headers, in whatever letters: exports in pages do."""
    titles = _plain_titles(tuple(headed.titles))
    filled = [(column, cell) for column, cell in enumerate(headed.rows[row].cells) if cell != ""]
    again = sum(
        column < len(titles) and isinstance(cell, str) and _plain(cell) == titles[column]
        for column, cell in filled
    )
    return again > len(filled) / 2 and again > 1


@lru_cache(maxsize=8)
def _plain_titles(titles: tuple[str, ...]) -> list[str]:
    return [_plain(title) for title in titles]


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def called_total(text: str) -> bool:
    """Whether a cell is a word for a sum or a mean and nothing else: `Total:`, `*** SUMME ***`."""
    return " ".join(_words(text)) in vocabulary("total")


def begins_like_total(text: str) -> bool:
    """Whether it begins with one: `Total (12 creators)`. A creator may be called so, too."""
    words = _words(text)
    return bool(words) and words[0] in vocabulary("total")


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", re.sub(r"[(\[].*?[)\]]", " ", plain_word(text)))


def likely_totals(texts: Texts) -> Ints:
    """Those of very many cells that `called_total` or `begins_like_total` may be true of."""
    words = vocabulary("total")
    letters = (texts.first() | np.uint8(ord(" "))) - np.uint8(ord("a")) < 26
    odd = np.flatnonzero(~letters | texts.foreign)
    likely = texts.beginning(words)
    likely[odd[texts.part(odd).holding(words)]] = True
    return np.flatnonzero(likely)


def is_last(headed: Headed, row: int) -> bool:
    """Whether nothing but notes, other totals and headers follows."""
    return all(
        sum(cell != "" for cell in headed.rows[at].cells) <= 2
        or _first_is_total(headed.rows[at].cells)
        or headers_again(headed, at)
        for at in range(row + 1, len(headed.rows))
    )


def _first_is_total(cells: Sequence[Cell]) -> bool:
    return called_total(next((cell for cell in cells if isinstance(cell, str) and cell), ""))


def adds_up(headed: Headed, row: int, used: Sequence[Read]) -> bool:
    """Whether all numbers of a row are sums, or all means, of the rows just above it: of its page or of all; or of all
    below, where it stands first.

    Only what can be added is looked at: money and counts.
    """
    columns = [numbers_of(read) for read in used if read.use.field in MONEY | COUNTS]
    own = [column for column in columns if not np.isnan(column[row])]
    if not own:
        return False
    plain = np.flatnonzero(~totals_of(headed))
    above, below = plain[plain < row][::-1], plain[plain > row]
    return _runs_to(own, row, above) or (not len(above) and _runs_to(own, row, below))


def totals_of(headed: Headed) -> Bools:
    """Which rows are called totals and nothing else, shape (rows,)."""
    known: Bools | None = getattr(headed.rows, "totals", None)  # of very many rows: found once
    return (
        np.array([_first_is_total(one.cells) for one in headed.rows], dtype=bool) if known is None else known
    )


def numbers_of(read: Read) -> Floats:
    """The numbers of a column, NaN where there is none, shape (rows,)."""
    known: Floats | None = getattr(read, "numbers", None)
    if known is not None:
        return known
    return np.array([float(value) if isinstance(value, Decimal) else np.nan for value in read.values])


def _runs_to(own: Sequence[Floats], row: int, rows: Ints) -> bool:
    """Whether the numbers are those of the first row, of the first two, ... of all rows."""
    sums = [np.cumsum(np.nan_to_num(column[rows])) for column in own]
    counts = [np.cumsum(~np.isnan(column[rows])) for column in own]
    known = np.all([count > 0 for count in counts], axis=0)
    means = [total / np.maximum(count, 1) for total, count in zip(sums, counts, strict=True)]
    return any(
        bool(np.any(known & np.all([_near(c[row], one) for c, one in zip(own, found, strict=True)], axis=0)))
        for found in (sums, means)
    )


def _near(one: float, others: Floats) -> Bools:
    return np.asarray(np.abs(one - others) <= CLOSE * np.abs(others))
