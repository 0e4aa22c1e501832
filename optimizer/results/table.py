"""Results as columns: one row for each row of the file, unknown numbers NaN, unknown texts "".

What a row is of is said by its texts: a post (`post`), a creator (`creator`), or an offer as a whole (`offer` alone,
then `creators` says how many stand behind it). Several rows of one booking add up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Texts = NDArray[np.object_]

TEXTS = ("offer", "creator", "name", "post", "platform", "format", "tier", "country", "date", "id")
"""What a row may say of itself. `creator` is an account as accounts are compared (`optimizer.roster.accounts`), `name`
the same as the file writes it; `date` is an ISO date, `id` the result's own, by which it is known again; platform,
format and tier are words as `optimizer.language.names.word` makes them, `country` is a code."""


@dataclass(frozen=True)
class Results:
    """Results of one or several files.

    Attributes:
        texts: name of `TEXTS` -> shape (rows,), "" where a row does not say.
        numbers: name of `measures.TOLD` -> shape (rows,), NaN where a row does not say. All names are there.
        file: position in `files` of each row, shape (rows,).
        line: of each row in its file, counted from 1, shape (rows,).
        files: names, in the order they were given.
        currency: of money; None where no file says.
    """

    texts: Mapping[str, Texts]
    numbers: Mapping[str, Floats]
    file: Ints
    line: Ints
    files: tuple[str, ...]
    currency: str | None = None

    @property
    def rows(self) -> int:
        """How many rows."""
        return len(self.line)

    def known(self, name: str) -> bool:
        """Whether any row says a number."""
        return bool(np.any(~np.isnan(self.numbers[name])))
