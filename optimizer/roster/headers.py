"""Where the headers of a file stand: below title lines, in two lines, moved by a column against the data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from decimal import Decimal
from typing import NamedTuple

from optimizer.language.errors import Problem, ScenarioError
from optimizer.roster.figures import is_blank, token
from optimizer.roster.grid import Cell, Grid, GridRow
from optimizer.roster.words import is_number, is_unit, meant

Meant = Callable[[str], str | None]
"""What a header means; None for one that is not known."""

FEWEST_USUAL = 3
"""Cells that most rows fill, from which rows of half as many are told from creators."""
LOOKED_AT = 40
"""Rows among which the headers are looked for."""


class Headed(NamedTuple):
    """Headers and the rows below them.

    Attributes:
        titles: one for each column, "" where it has none.
        line: of the headers, counted from 1.
        rows: all below, cells as many as there are columns, or more where text stands beyond.
        moved: how many columns the headers were moved to the right to stand above their data.
    """

    titles: list[str]
    line: int
    rows: list[GridRow]
    moved: int = 0
    short: frozenset[int] = frozenset()
    """Rows, by position, that had fewer cells than there are headers: they may be torn or glued."""
    below: frozenset[int] = frozenset()
    """Rows, by position, that stand below the list: behind an empty line, and all far shorter than a creator's."""


WANTED = "write headers such as username, followers, cost per post in the first line, or name them: columns: {name: X}"


def known_in(cells: Sequence[Cell], named: Collection[str] = (), meant: Meant = meant) -> int:
    """How many different fields a row names, if it is one of headers."""
    fields = {title if title in named else meant(title) for title in map(_title, cells) if title}
    return len(fields - {None})


def headed(
    grid: Grid,
    name: str,
    named: Collection[str] = (),
    line: int | None = None,
    meant: Meant = meant,
    hint: str = WANTED,
) -> Headed:
    """Finds the headers: the row by which most fields are known.

    Args:
        grid: the file.
        name: what messages call it.
        named: headers that the user names.
        line: where the user says that they stand.
        meant: the field that a header means.
        hint: which headers are wanted, where none are known.

    Raises:
        ScenarioError: where there are none.
    """
    rows = grid.rows
    if not rows:
        raise ScenarioError(
            [Problem((), "the file is empty", "export it again", file=name, line=1, column=1)]
        )
    if line is not None:
        at = next((i for i, row in enumerate(rows) if row.line == line), None)
        if at is None:
            raise ScenarioError(
                [
                    Problem(
                        (),
                        f"line {line} is empty or does not exist",
                        "correct header",
                        file=name,
                        line=line,
                        column=1,
                    )
                ]
            )
        titles, below = [_title(cell) for cell in rows[at].cells], at + 1
    else:
        at, titles, below = _found(rows, name, named, meant, hint)
    while below < len(rows) and _units_only(rows[below]):
        titles = [_with_unit(title, _title(unit)) for title, unit in _zipped(titles, rows[below].cells)]
        below += 1
    data = rows[below:]
    moved = _moved(titles, data, meant)
    titles = [""] * moved + titles
    while titles and not titles[-1] and not any(_at(row, len(titles) - 1) for row in data):
        titles.pop()
    width = len(titles)
    fitted = [GridRow(row.line, _fitted(row.cells, width)) for row in data]
    short = frozenset(i for i, row in enumerate(data) if len(row.cells) < width)
    by_line = grid.delimiter is not None or grid.sheet is not None
    return Headed(
        titles,
        rows[at].line,
        fitted,
        moved,
        short if grid.delimiter is not None else frozenset(),
        below_list(data, [sum(cell != "" for cell in row.cells) for row in data]) if by_line else frozenset(),
    )


def below_list(rows: Sequence[GridRow], filled: Sequence[int]) -> frozenset[int]:
    """Rows of a block of notes or figures below the list, by position; `filled` says how many cells each row fills."""
    usual = Counter(filled).most_common(1)[0][0] if filled else 0
    if usual < FEWEST_USUAL:
        return frozenset()
    begin = len(rows)
    for at in range(len(rows) - 1, 0, -1):
        if 2 * filled[at] > usual:
            break
        before = rows[at - 1]
        end = before.line + sum(cell.count("\n") for cell in before.cells if isinstance(cell, str))
        if rows[at].line > end + 1:
            begin = at
    return frozenset(range(begin, len(rows)))


def _found(
    rows: list[GridRow], name: str, named: Collection[str], meant: Meant, hint: str
) -> tuple[int, list[str], int]:
    """Position of the headers, their titles, position of the first row of data."""
    best, at, titles, below = 0, 0, [], 0
    for position, row in enumerate(rows[:LOOKED_AT]):
        if _numbers(row) > len(row.cells) / 3:
            continue
        single = [_title(cell) for cell in row.cells]
        count = known_in(single, named, meant)
        if count > best:
            best, at, titles, below = count, position, single, position + 1
        follow = rows[position + 1] if position + 1 < len(rows) else None
        if follow is None or _numbers(follow):
            continue
        double = [_joined(above, _title(cell)) for above, cell in _zipped(_carried(single), follow.cells)]
        plain = [_joined(above, _title(cell)) for above, cell in _zipped(single, follow.cells)]
        for pair in (plain, double):
            # two lines only where the second alone says less
            if (both := known_in(pair, named, meant)) > max(best, known_in(follow.cells, named, meant)):
                best, at, titles, below = both, position, pair, position + 2
    if best == 0:
        shown = ", ".join(_title(cell) for cell in rows[0].cells[:6] if _title(cell))
        message = f"no line of headers was found; the first line says {shown}"
        raise ScenarioError([Problem((), message, hint, file=name, line=rows[0].line, column=1)])
    return at, titles, below


def _title(cell: Cell) -> str:
    return " ".join(str(cell).split())


def _numbers(row: GridRow) -> int:
    return sum(
        isinstance(cell, Decimal) or (not is_blank(cell) and token(cell) is not None) for cell in row.cells
    )


def _units_only(row: GridRow) -> bool:
    filled = [str(cell) for cell in row.cells if cell != ""]
    return bool(filled) and all(map(is_unit, filled))


def _with_unit(title: str, unit: str) -> str:
    return f"{title} ({unit.strip('()[]{} ')})" if unit else title


def _joined(above: str, below: str) -> str:
    return f"{above} {below}".strip() if above != below else above


def _zipped(titles: Sequence[str], cells: Sequence[Cell]) -> list[tuple[str, Cell]]:
    width = max(len(titles), len(cells))
    return list(
        zip([*titles, *[""] * (width - len(titles))], [*cells, *[""] * (width - len(cells))], strict=True)
    )


def _carried(titles: Sequence[str]) -> list[str]:
    """A title over several columns stands in the first of them only."""
    result, last = [], ""
    for title in titles:
        last = title or last
        result.append(last)
    return result


def _at(row: GridRow, column: int) -> Cell:
    return row.cells[column] if column < len(row.cells) else ""


def _moved(titles: Sequence[str], rows: Sequence[GridRow], meant: Meant) -> int:
    """1 where the rows have one cell more than the headers and fit only if these stand one column to the right."""
    if not rows or not all(titles):
        return 0
    width = Counter(len(row.cells) for row in rows).most_common(1)[0][0]
    if width != len(titles) + 1:
        return 0
    sample = rows[:200]
    if any(
        row.cells and isinstance(cell := row.cells[0], str) and cell and token(cell) is None for row in sample
    ):
        return 0  # what has no header is counted, as an index is; else a header is missing elsewhere
    return int(_fit(titles, sample, 1, meant) > _fit(titles, sample, 0, meant))


def _fit(titles: Sequence[str], rows: Sequence[GridRow], move: int, meant: Meant) -> int:
    """How many cells are of the kind that their header wants."""
    wants = [None if (what := meant(title)) is None else is_number(what) for title in titles]
    good = 0
    for row in rows:
        for column, number in enumerate(wants):
            cell = _at(row, column + move)
            if number is not None and (isinstance(cell, Decimal) or not is_blank(cell)):
                good += number == (isinstance(cell, Decimal) or token(cell) is not None)
    return good


def _fitted(cells: list[Cell], width: int) -> list[Cell]:
    beyond = cells[width:]
    while beyond and beyond[-1] == "":
        beyond = beyond[:-1]
    return cells[:width] + beyond + [""] * (width - len(cells))
