"""Columns of plain numbers of a very large file, read letter by letter for all rows at once.

The number that comes of it is the one that `float` makes of the text: its digits without the point are a whole number,
which is divided by a power of ten, or multiplied with one; both are exact, so that it is rounded once, as the text is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.roster.labels import Floats, Ints
from optimizer.roster.texts import Letters, Texts
from optimizer.roster.words import SHARES

MOST_DIGITS = 15
"""Digits up to which every whole number is exact in floating point."""
LONGEST = 24
"""Letters of the longest number that is read so."""
_TENS = np.array([float(10**power) for power in range(23)])
"""Powers of ten that are exact in floating point."""
_DOT, _ZERO = ord("."), ord("0")


@dataclass(frozen=True)
class Plain:
    """Cells that are plain numbers: digits, at most one decimal point, nothing else; or empty.

    Attributes:
        digits: most digits behind a point.
        point: whether any has a point that can only be a decimal one.
        whole: digits of each without its point, as a number, shape (rows,); of too many digits, not all of them.
        behind: digits of each behind its point, shape (rows,).
        long: rows of more digits than are exact.
    """

    cells: Texts
    digits: int
    point: bool
    whole: Ints
    behind: NDArray[np.int8]
    long: Ints

    def values(self, power: int = 0) -> Floats:
        """The numbers times a power of ten, NaN for empty cells, shape (rows,)."""
        exponent = self.behind - np.int64(power)
        up, down = np.maximum(-exponent, 0), np.maximum(exponent, 0)
        if max(up.max(initial=0), down.max(initial=0)) >= len(_TENS):
            return np.array(
                [float(f"{cell}e{power}") if cell else np.nan for cell in self.cells], dtype=float
            )
        values = np.asarray(
            self.whole / _TENS[down] if not up.any() else self.whole * _TENS[up] / _TENS[down]
        )
        for row in self.long.tolist():
            values[row] = float(f"{self.cells[row]}e{power}")
        values[self.cells.empty] = np.nan
        return values


def plain(cells: Texts, what: str) -> Plain | None:
    """Whether all of a column is plain numbers and how; None where it is not, or could be read in two ways."""
    if cells.widest > LONGEST:
        return None
    rows = len(cells)
    whole, behind = np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=np.int8)
    long: list[Ints] = []
    decisive, point, first = what in SHARES, False, 0
    for piece in cells.pieces():
        part = slice(first, first + len(piece))
        read = _read(piece, cells.sizes[part])
        if read is None:
            return None
        whole[part], behind[part], said, digits = read
        point = point or bool(said.any())
        before = cells.sizes[part] - behind[part] - 1
        decisive = decisive or bool(
            (said & ((behind[part] != 3) | (before > 3) | (piece[:, 0] == _ZERO))).any()
        )
        long.append(np.flatnonzero(digits > MOST_DIGITS) + first)
        first += len(piece)
    if point and not decisive:
        return None
    return Plain(
        cells,
        int(behind.max(initial=0)),
        point,
        whole,
        behind,
        np.concatenate([np.zeros(0, np.int64), *long]),
    )


def _read(
    piece: Letters, sizes: Ints
) -> tuple[Ints, NDArray[np.int8], NDArray[np.bool_], NDArray[np.int8]] | None:
    """Digits as a number, digits behind the point, whether there is one, digits; None where anything else stands in a
    cell, or two points, or one without a digit on both sides."""
    rows = len(piece)
    whole = np.zeros(rows, dtype=np.int64)
    dots, behind, digits = (np.zeros(rows, dtype=np.int8) for _ in range(3))
    for at in range(int(sizes.max(initial=0))):
        letter = piece[:, at]
        dot = letter == _DOT
        digit = (letter - np.uint8(_ZERO)) < 10
        np.add(whole * 10, letter - np.uint8(_ZERO), out=whole, where=digit, casting="unsafe")
        dots += dot
        digits += digit
        behind += digit & (dots > 0)
    said = dots > 0
    if (digits + dots != sizes).any():
        return None
    if (dots > 1).any() or (said & ((behind == 0) | (piece[:, 0] == _DOT))).any():
        return None
    return whole, behind, said, digits
