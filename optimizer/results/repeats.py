"""Results that stand in several rows: by the post they name, or by an id of their own."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from optimizer.language.measures import TOLD
from optimizer.results.rows import Kept
from optimizer.results.table import TEXTS

_BOOKING = ("offer", "creator", "platform", "post")


def drop_repeats(files: Sequence[tuple[str, Kept]]) -> None:
    """Takes out rows that name a post or an id and say the same as an earlier one; others of one post add up.

    Where such rows differ and are not of different dates, that is said with the row.

    Args:
        files: name and rows of each.
    """
    first: dict[Hashable, tuple[int, int]] = {}
    for number, (_, file) in enumerate(files):
        ids, posts = file.texts["id"].tolist(), file.texts["post"].tolist()
        for row in file.keep.nonzero()[0].tolist():
            key: Hashable
            if ids[row]:
                key = ids[row]
            elif posts[row]:
                key = tuple(file.texts[what][row] for what in _BOOKING)
            else:
                continue
            before = first.setdefault(key, (number, row))
            if before == (number, row):
                continue
            other_name, other = files[before[0]]
            line = int(other.lines[before[1]])
            where = f"line {line}" if before[0] == number else f"line {line} of {other_name}"
            if _says(file, row) == _says(other, before[1]):
                file.drop(row, f"the same as {where}")
            elif file.texts["date"][row] == other.texts["date"][before[1]]:
                field = "id" if ids[row] else "post"
                read = file.columns.of(field)
                assert read is not None
                cell = file.columns.cells.columns[read.use.column][row]
                read.odd.append((row, cell, f"stands in {where}, too, with other numbers: both count"))


def _says(file: Kept, row: int) -> tuple[object, ...]:
    numbers = (float(file.numbers[name][row]) if name in file.numbers else float("nan") for name in TOLD)
    return (
        *(file.texts[name][row] for name in TEXTS),
        *(None if value != value else value for value in numbers),
    )
