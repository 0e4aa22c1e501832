"""Rows of an export that are no creators: sums and means, by name and by number, and the headers again on each page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from optimizer.roster.cells import Read, Value
from optimizer.roster.grid import Cell
from optimizer.roster.headers import Headed
from optimizer.roster.vocabulary import vocabulary
from optimizer.roster.words import COUNTS, MONEY, plain_word

CLOSE = Decimal("0.005")
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


def is_last(headed: Headed, row: int) -> bool:
    """Whether nothing but notes, other totals and headers follows."""
    return all(
        sum(cell != "" for cell in one.cells) <= 2 or _first_is_total(one.cells) or headers_again(headed, at)
        for at, one in enumerate(headed.rows[row + 1 :], start=row + 1)
    )


def _first_is_total(cells: Sequence[Cell]) -> bool:
    return called_total(next((cell for cell in cells if isinstance(cell, str) and cell), ""))


def adds_up(headed: Headed, row: int, used: Sequence[Read]) -> bool:
    """Whether all numbers of a row are sums, or all means, of the rows just above it: of its page or of all; or of all
    below, where it stands first.

    Only what can be added is looked at: money and counts.
    """
    columns = [read.values for read in used if read.use.field in MONEY | COUNTS]
    own = [(values, value) for values in columns if isinstance(value := values[row], Decimal)]
    if not own:
        return False
    plain = [at for at, one in enumerate(headed.rows) if at != row and not _first_is_total(one.cells)]
    above, below = [at for at in reversed(plain) if at < row], [at for at in plain if at > row]
    return _runs_to(own, above) or (not above and _runs_to(own, below))


def _runs_to(own: Sequence[tuple[Sequence[Value | None], Decimal]], rows: Sequence[int]) -> bool:
    """Whether the numbers are those of the first row, of the first two, ... of all rows."""
    sums, counts = [Decimal(0)] * len(own), [0] * len(own)
    for at in rows:
        for i, (values, _) in enumerate(own):
            if isinstance(one := values[at], Decimal):
                sums[i] += one
                counts[i] += 1
        if not all(counts):
            continue
        means = [total / count for total, count in zip(sums, counts, strict=True)]
        if any(
            all(_near(value, one) for (_, value), one in zip(own, found, strict=True))
            for found in (sums, means)
        ):
            return True
    return False


def _near(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= CLOSE * abs(other)
