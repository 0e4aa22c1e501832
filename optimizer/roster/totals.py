"""Rows of an export that are no creators: sums and means, by name and by number, and the headers again on each page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache

from optimizer.roster.cells import Read
from optimizer.roster.grid import Cell
from optimizer.roster.headers import Headed
from optimizer.roster.vocabulary import vocabulary
from optimizer.roster.words import COUNTS, MONEY, plain_word

CLOSE = Decimal("0.001")
"""Relative; sums of rounded numbers, such as 12.5K, are as near as this."""


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


def is_last(headed: Headed, row: int) -> bool:
    """Whether nothing but notes, other totals and headers follows."""
    return all(
        sum(cell != "" for cell in one.cells) <= 2 or _first_is_total(one.cells) or headers_again(headed, at)
        for at, one in enumerate(headed.rows[row + 1 :], start=row + 1)
    )


def _first_is_total(cells: Sequence[Cell]) -> bool:
    return called_total(next((cell for cell in cells if isinstance(cell, str) and cell), ""))


def adds_up(headed: Headed, row: int, used: Sequence[Read]) -> bool:
    """Whether all numbers of a row are the sum, or all the mean, of a block of rows: of its page, or of the whole file.

    Only what can be added is looked at: money and counts.
    """
    columns = [read.values for read in used if read.use.field in MONEY | COUNTS]
    own = [(values, value) for values in columns if isinstance(value := values[row], Decimal)]
    if not own:
        return False
    for block in _blocks(headed, row):
        pairs = []
        for values, value in own:
            known = [one for at in block if isinstance(one := values[at], Decimal)]
            pairs.append((value, sum(known, Decimal(0)), len(known)))
        for sums in (True, False):
            if all(count and _near(value, total if sums else total / count) for value, total, count in pairs):
                return True
    return False


def _near(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= CLOSE * abs(other)


def _blocks(headed: Headed, row: int) -> Iterator[list[int]]:
    """Rows that a total can be of: back to the total before it, all before it, all behind it; without other totals."""
    plain = [at for at, one in enumerate(headed.rows) if at != row and not _first_is_total(one.cells)]
    before = [at for at in plain if at < row]
    last = max((at for at in range(row) if _first_is_total(headed.rows[at].cells)), default=-1)
    yield [at for at in before if at > last]
    yield before
    yield [at for at in plain if at > row]
