"""The rows of a very large file sorted as in `rows`, by arrays; only what is odd about a row is looked at alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np

from optimizer.language.quantities import parse_number
from optimizer.roster.bulk import Cells
from optimizer.roster.bulk_columns import Alike, BulkRead
from optimizer.roster.headers import Headed, below_list
from optimizer.roster.keep import Keep, Rule
from optimizer.roster.labels import Bools, Floats, Ints, Labels, labels_of
from optimizer.roster.result import Dropped, Refusal
from optimizer.roster.rows import ENOUGH, Creator, Sorted, creator_of, each_once, made_of
from optimizer.roster.texts import Texts
from optimizer.roster.totals import begins_like_total, called_total, likely_totals
from optimizer.roster.words import MONEY

MOST_CODES = 10_000_000
"""Numbers up to which they are counted instead of sorted."""


@dataclass
class Taken(Sequence[Creator]):
    """Rows that take part, in the order of their names; a `Creator` is made of one when it is asked for.

    Attributes:
        headed: headers and all rows.
        used: columns that are used.
        rows: positions among all rows, shape (taken,).
        names: of the accounts.
        platform: of each, as the row says.
        currency: of the prices of each, where one is written.
        alike: whether some have one name, however it is written.
    """

    headed: Headed
    used: list[BulkRead]
    rows: Ints
    names: Texts
    platform: Labels
    currency: Labels
    alike: bool

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, at: int) -> Creator: ...
    @overload
    def __getitem__(self, at: slice) -> list[Creator]: ...
    def __getitem__(self, at: int | slice) -> Creator | list[Creator]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        row = int(self.rows[at])
        made = creator_of(self.headed, row, self.used, lambda refusal: None)
        assert made is not None, "rows that take part are creators"
        made.name = self.names[at]
        return made

    def lines(self) -> Ints:
        """Lines of the file, shape (taken,)."""
        rows = self.headed.rows
        assert isinstance(rows, Cells)
        return np.asarray(rows.lines[self.rows])

    def fields(self) -> list[str]:
        """Fields that columns are used for."""
        return [read.use.field for read in self.used if read.use.field is not None]

    def number(self, what: str) -> Floats | None:
        """A column of numbers, shape (taken,); None where the file has none."""
        read = next((one for one in self.used if one.use.field == what and one.numbers is not None), None)
        return None if read is None or read.numbers is None else read.numbers[self.rows]

    def label(self, what: str) -> Labels | None:
        """A column of labels; None where the file has none."""
        read = next((one for one in self.used if one.use.field == what and one.numbers is None), None)
        return None if read is None or read.labels is None else read.labels.part(self.rows)


def bulk_rows(
    headed: Headed,
    columns: Sequence[BulkRead],
    defaults: Mapping[str, Any],
    keep: Keep,
    refuse: Callable[[Refusal], None],
) -> tuple[Sorted, Taken]:
    """What became of all rows; arguments as those of `rows.sorted_rows`."""
    result = Sorted()
    cells = headed.rows
    assert isinstance(cells, Cells)
    used = [read for read in columns if read.use.field is not None]
    name = next(read for read in used if read.use.field == "name")
    assert name.names is not None
    takes_part = np.ones(len(cells), dtype=bool)
    assert name.silent is not None
    unnamed = name.silent
    filled = filled_of(cells)
    headed = headed._replace(below=below_list(cells, filled.tolist()))
    for row in np.flatnonzero(odd_rows(headed, cells, used, unnamed, filled)).tolist():
        if made_of(headed, row, used, name, result, refuse) is None:
            takes_part[row] = False
    currency = _currencies(headed, used, takes_part, result, refuse)
    order, again = name.names.folded().rising()
    several = _several(order, again, takes_part)
    renamed = _twice(headed, used, np.flatnonzero(several & takes_part), takes_part, result, refuse)
    _leave_out(used, defaults, takes_part, cells, result)
    _filter(used, defaults, keep, name.names, takes_part, cells, result)
    result.dropped.sort(key=lambda one: one.line)
    result.refused.sort()
    platform = _platforms(used, len(cells))
    form = next((read for read in used if read.use.field == "format" and read.labels is not None), None)
    order, alike = _in_order(
        order,
        again,
        takes_part,
        lambda row: (
            platform.at(row) or "",
            (form.labels.at(row) or "") if form is not None and form.labels is not None else "",
            int(cells.lines[row]),
        ),
    )
    names = name.names.with_changed(renamed).part(order)
    return result, Taken(headed, used, order, names, platform.part(order), currency.part(order), alike)


def _several(order: Ints, again: Bools, takes_part: Bools) -> Bools:
    """Rows with whose name, however it is written, several begin that take part, shape (rows,)."""
    found = np.zeros(len(order), dtype=bool)
    if not again.any():
        return found
    name = np.cumsum(~again)  # of each row in that order, the number of its name
    count = np.bincount(name, weights=takes_part[order])
    found[order] = count[name] > 1
    return found


def _in_order(
    order: Ints, again: Bools, takes_part: Bools, behind: Callable[[int], tuple[str, str, int]]
) -> tuple[Ints, bool]:
    """Rows that take part, by their names, and whether some have one name; those are sorted by `behind`."""
    name = np.cumsum(~again)[takes_part[order]]
    rows = order[takes_part[order]]
    same = np.flatnonzero(name[1:] == name[:-1])
    if not len(same):
        return rows, False
    rows = rows.copy()
    for number in dict.fromkeys(name[same].tolist()):
        first, end = np.searchsorted(name, number), np.searchsorted(name, number, side="right")
        rows[first:end] = sorted(rows[first:end].tolist(), key=behind)
    return rows, True


def filled_of(cells: Cells) -> Ints:
    """How many cells of each row say something, shape (rows,)."""
    filled = np.zeros(len(cells), dtype=np.int64)
    for column in cells.columns:
        filled += ~column.empty
    return filled


def odd_rows(headed: Headed, cells: Cells, used: Sequence[BulkRead], unnamed: Bools, filled: Ints) -> Bools:
    """Rows to look at one by one: torn, wrong, without a name, totals, notes, the headers again, shape (rows,).

    Args:
        headed: headers and rows.
        cells: of the rows, all of them text.
        used: columns that are used.
        unnamed: rows that name nothing, shape (rows,).
        filled: how many cells of each row say something, shape (rows,).
    """
    odd = np.zeros(len(cells), dtype=bool)
    odd[list(cells.short)] = True
    odd[list(headed.below)] = True
    for read in used:
        odd[list(read.wrong)] = True
        odd[list(read.open)] = True
    odd |= unnamed
    for title, column in zip(headed.titles, cells.columns, strict=True):
        if title:
            odd |= column.are([title])
    odd |= filled <= 1
    first = cells.columns[0]
    odd |= first.empty
    cells.totals = np.zeros(len(cells), dtype=bool)
    for row in np.flatnonzero(first.empty).tolist():
        cells.totals[row] = called_total(next((str(cell) for cell in cells[row].cells if cell), ""))
    likely = likely_totals(first)
    for row, cell in zip(likely.tolist(), first.part(likely), strict=True):
        cells.totals[row] |= called_total(cell)
        odd[row] |= begins_like_total(cell) or called_total(cell)
    return odd


def _currencies(
    headed: Headed,
    used: Sequence[BulkRead],
    takes_part: Bools,
    result: Sorted,
    refuse: Callable[[Refusal], None],
) -> Labels:
    """The currency of each row's prices; rows of several are refused."""
    rows = len(takes_part)
    keys: list[Ints] = []
    for read in used:
        if read.use.field in MONEY and read.currencies is not None and read.numbers is not None:
            written = read.currencies
            said = ~np.isnan(read.numbers)
            alike = isinstance(written, Alike)
            codes = np.zeros(rows, dtype=np.int64) if alike else labels_of(written).codes
            keys.append(np.where(said, codes, -1))
        elif read.use.field == "currency" and read.labels is not None:
            keys.append(read.labels.codes)
    if not keys:
        return Labels(np.full(rows, -1, dtype=np.int64), [])
    first, kind = kinds_of(keys)
    found: list[str | None] = []
    for number, row in enumerate(first):
        told: list[Refusal] = []
        made = creator_of(headed, int(row), used, told.append) if takes_part[row] else None
        found.append(None if made is None else made.currency)
        if told or not takes_part[row]:
            for each in np.flatnonzero((kind == number) & takes_part).tolist():
                one = creator_of(headed, each, used, refuse)
                if one is None:
                    takes_part[each] = False
                    result.refused.append(headed.rows[each].line)
                else:
                    found[-1] = one.currency
    labels = labels_of(found)
    return Labels(np.asarray(labels.codes[kind]), labels.values)


def kinds_of(keys: Sequence[Ints]) -> tuple[Ints, Ints]:
    """The first row of each combination of codes (from -1 on), and which combination each row is."""
    kind = np.zeros(len(keys[0]), dtype=np.int64)
    for key in keys:
        kind = kind * (int(key.max(initial=-1)) + 2) + key + 1
        if kind.max(initial=0) > MOST_CODES:
            kind = np.unique(kind, return_inverse=True)[1]
        else:
            kind = (np.cumsum(np.bincount(kind) > 0) - 1)[kind]
    first = np.zeros(int(kind.max(initial=-1)) + 1, dtype=np.int64)
    first[kind[::-1]] = np.arange(len(kind))[::-1]
    return first, kind


def _twice(
    headed: Headed,
    used: Sequence[BulkRead],
    rows: Ints,
    takes_part: Bools,
    result: Sorted,
    refuse: Callable[[Refusal], None],
) -> dict[int, str]:
    """Accounts in several rows: identical rows are dropped, others refused; rows that are spelled otherwise."""
    creators, at = [], {}
    for row in rows.tolist():
        made = creator_of(headed, row, used, refuse)
        if made is not None:
            creators.append(made)
            at[made.line] = row
    names = {creator.line: creator.name for creator in creators}
    kept = each_once(creators, result, refuse)
    lines = {creator.line for creator in kept}
    for line, row in at.items():
        takes_part[row] = line in lines
    return {at[one.line]: one.name for one in kept if one.name != names[one.line]}


def _leave_out(
    used: Sequence[BulkRead], defaults: Mapping[str, Any], takes_part: Bools, cells: Cells, result: Sorted
) -> None:
    """Creators who cannot be booked at all, as `rows.left_out` has it."""
    by_field = {read.use.field: read for read in used}
    followers = by_field.get("followers")
    if followers is not None and followers.numbers is not None:
        _drop(takes_part & (followers.numbers == 0), lambda row: "0 followers", takes_part, cells, result)
    enough = ("followers", "tier") if followers is not None else ENOUGH
    if any(what in defaults for what in enough):
        return
    known = np.zeros(len(takes_part), dtype=bool)
    for what in enough:
        read = by_field.get(what)
        if read is not None and read.numbers is not None:
            known |= ~np.isnan(read.numbers)
        elif read is not None and read.labels is not None:
            known |= read.labels.codes >= 0
    why = (
        "no followers"
        if followers is not None
        else "nothing that says what it brings: no followers, views or engagements"
    )
    _drop(takes_part & ~known, lambda row: why, takes_part, cells, result)


def _drop(chosen: Bools, why: Callable[[int], str], takes_part: Bools, cells: Cells, result: Sorted) -> None:
    for row in np.flatnonzero(chosen).tolist():
        result.dropped.append(Dropped(line=int(cells.lines[row]), reason=why(row)))
    takes_part[chosen] = False


def _filter(
    used: Sequence[BulkRead],
    defaults: Mapping[str, Any],
    keep: Keep,
    names: Sequence[str],
    takes_part: Bools,
    cells: Cells,
    result: Sorted,
) -> None:
    """What `keep` leaves out, each row by the first filter that says so."""
    given: dict[str, Any] = {key: value for key, value in defaults.items() if not isinstance(value, dict)}
    given |= {f"tags.{key}": value for key, value in dict(defaults.get("tags") or {}).items()}
    platforms = _platforms(used, len(cells))
    for rule in keep.rules:
        read = next((one for one in used if one.use.field == rule.key), None)
        chosen, value = _against(rule, read, given.get(rule.key), names, platforms, cells)

        def why(row: int, rule: Rule = rule, value: Callable[[int], Any] = value) -> str:
            reason = rule.reason(int(cells.lines[row]), {rule.key: value(row)})
            assert reason is not None
            return reason

        _drop(takes_part & chosen, why, takes_part, cells, result)


def _against(
    rule: Rule,
    read: BulkRead | None,
    usual: Any,
    names: Sequence[str],
    platforms: Labels,
    cells: Cells,
) -> tuple[Bools, Callable[[int], Any]]:
    """Rows that a filter leaves out, and the value of a row that it sees."""
    rows = len(cells)
    if rule.others is None and read is not None and read.numbers is not None and rule.values is None:
        numbers = read.numbers
        standing = np.nan if usual is None else parse_number(usual)
        seen = np.where(np.isnan(numbers), standing, numbers)
        out = np.isnan(seen)
        if rule.least is not None:
            out |= seen < rule.least
        if rule.most is not None:
            out |= seen > rule.most
        values = read.values
        return out, lambda row: usual if values[row] is None else values[row]
    labels: Labels | None = None
    if rule.others is None and rule.key == "platform":
        labels = platforms
    elif rule.others is None and read is not None and rule.key != "name":
        labels = read.labels
    if labels is not None:
        said = labels

        def of(row: int) -> Any:
            own = said.at(row)
            return usual if own is None else own

        wrong = np.array(
            [rule.reason(0, {rule.key: value}) is not None for value in [*labels.values, usual]], dtype=bool
        )
        return np.asarray(wrong[labels.codes]), of

    def one(row: int) -> Any:
        return names[row] if rule.key == "name" else usual

    out = np.array(
        [
            rule.reason(int(line), {rule.key: one(row)}) is not None
            for row, line in enumerate(cells.lines.tolist())
        ],
        dtype=bool,
    ).reshape(rows)
    return out, one


def _platforms(used: Sequence[BulkRead], rows: int) -> Labels:
    """The platform of each row: as it is written, else as its link says."""
    stated = next((read for read in used if read.use.field == "platform" and read.labels is not None), None)
    links = [read.labels for read in used if read.use.field in ("name", "url") and read.labels is not None]
    parts = [] if stated is None or stated.labels is None else [stated.labels]
    parts += reversed(links)  # the last link that says it counts
    numbers: dict[str, int] = {}
    codes = np.full(rows, -1, dtype=np.int64)
    for part in parts:
        own = np.array(
            [*(numbers.setdefault(value, len(numbers)) for value in part.values), -1], dtype=np.int64
        )
        codes = np.where(codes >= 0, codes, own[part.codes])
    return Labels(codes, list(numbers))
