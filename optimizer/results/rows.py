"""Rows of a file of results: which are results, which are none and why, which cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from optimizer.language.measures import OUTCOMES
from optimizer.language.names import word
from optimizer.results.columns import Columns, author_of
from optimizer.results.table import Floats, Texts
from optimizer.results.words import meant
from optimizer.roster.accounts import PLATFORMS, Account
from optimizer.roster.bulk_rows import filled_of, odd_rows
from optimizer.roster.headers import below_list, known_in
from optimizer.roster.labels import Bools, Ints
from optimizer.roster.result import Dropped, Refusal
from optimizer.roster.rows import aside, misshapen, other_headers, wrong_cells
from optimizer.roster.totals import numbers_of

LABELS = ("platform", "format", "tier", "country")
_TOO_LARGE = {"reach": "people", "likes": "likes"}


@dataclass
class Kept:
    """Rows of a file.

    Attributes:
        columns: of the file.
        texts: name -> of each row, shape (rows,).
        numbers: name -> of each row, NaN where it does not say; only those that the file has, shape (rows,).
        keep: which rows are results, shape (rows,).
        dropped: why others are none, by their position.
        not_delivered: rows that say that nothing was delivered, shape (rows,).
    """

    columns: Columns
    texts: dict[str, Texts]
    numbers: dict[str, Floats]
    keep: Bools
    dropped: dict[int, str]
    not_delivered: Bools

    def drop(self, row: int, reason: str) -> None:
        """Takes a row out."""
        self.keep[row] = False
        self.dropped[row] = reason

    @property
    def lines(self) -> Ints:
        """Of the file, on which each row begins, shape (rows,)."""
        return self.columns.cells.lines

    def reasons(self) -> tuple[Dropped, ...]:
        """Rows that are no results, in the order of the file."""
        return tuple(
            Dropped(line=int(self.lines[row]), reason=why) for row, why in sorted(self.dropped.items())
        )


def kept_of(columns: Columns, torn: Mapping[int, Refusal], refuse: Callable[[Refusal], None]) -> Kept:
    """What became of all rows.

    Args:
        columns: of the file.
        torn: rows of too many cells, by their position.
        refuse: takes what is wrong with a row.
    """
    cells, used = columns.cells, columns.used()
    rows = len(cells)
    texts = _texts(columns)
    numbers = {str(read.use.field): numbers_of(read) for read in used if read.numbers is not None}
    kept = Kept(columns, texts, numbers, np.ones(rows, dtype=bool), {}, np.zeros(rows, dtype=bool))
    named = _said(texts["offer"]) | _said(texts["creator"]) | _said(texts["post"])
    placed = _said(texts["platform"]) | _said(texts["format"]) | _said(texts["tier"])
    filled = filled_of(cells)
    headed = columns.headed._replace(below=below_list(cells, filled.tolist()))
    look = odd_rows(headed, cells, used, ~named, filled) if rows else np.zeros(0, dtype=bool)
    look[list(torn)] = True
    for row in np.flatnonzero(look).tolist():
        line = int(cells.lines[row])
        found = torn.get(row) or (None if row in headed.below else misshapen(headed, row, used))
        if found is not None:
            refuse(found)
            kept.drop(row, "")
            continue
        name = next((texts[what][row] for what in ("creator", "offer", "post") if texts[what][row]), None)
        reason = aside(headed, row, name, used)
        if reason is None and not named[row] and not placed[row]:
            reason = "names no booking: no offer, creator or post (of merged cells only the first is filled)"
        if reason is not None:
            kept.drop(row, reason)
            continue
        wrong = list(wrong_cells(line, row, used))
        if wrong and known_in(cells[row].cells, (), meant) > len(used) / 2:
            wrong = [other_headers(line)]
        for refusal in wrong:
            refuse(refusal)
    _deliver(kept)
    _look_for_odd(kept)
    return kept


def _said(texts: Texts) -> Bools:
    return np.asarray(texts != "", dtype=bool)


def _texts(columns: Columns) -> dict[str, Texts]:
    """What rows say of themselves, "" where nothing."""
    rows = len(columns.cells)
    found: dict[str, Texts] = {}
    for what in LABELS:
        read = columns.of(what)
        found[what] = np.full(rows, "", dtype=object)
        if read is not None and read.labels is not None:
            values = [_format(value) if what == "format" else value for value in read.labels.values]
            found[what] = np.array([*values, ""], dtype=object)[read.labels.codes]
    for what in ("offer", "post", "date", "id"):
        read = columns.of(what)
        found[what] = _objects([None] * rows if read is None else read.values, lambda value: value or "")
    creators = columns.of("creator")
    accounts: list[Any] = [None] * rows if creators is None else list(creators.values)
    if any(columns.links):
        accounts = [own or author_of(link) for own, link in zip(accounts, columns.links, strict=True)]
    found["creator"] = _objects(accounts, lambda one: one.key if isinstance(one, Account) else "")
    found["name"] = _objects(accounts, lambda one: one.name if isinstance(one, Account) else "")
    for linked in (accounts, columns.links):
        platforms = _objects(linked, lambda one: "" if one is None else one.platform or "")
        found["platform"] = np.where(_said(found["platform"]), found["platform"], platforms)
    return found


def _format(text: str) -> str:
    """A format without the platform before it: an IG reel is a reel."""
    first, _, rest = text.partition(" ")
    return word(rest) if rest and word(first) in PLATFORMS else text


def _objects(values: Any, text: Callable[[Any], str]) -> Texts:
    made = np.empty(len(values), dtype=object)
    made[:] = [text(value) for value in values]
    return made


def _deliver(kept: Kept) -> None:
    """Rows that were not delivered count 0 posts; what is still to come is no result."""
    read = kept.columns.of("delivered")
    if read is None:
        return
    said = _objects(read.values, lambda value: value or "")
    outcome = np.zeros(len(said), dtype=bool)
    for name in OUTCOMES:
        if name in kept.numbers:
            outcome |= np.nan_to_num(kept.numbers[name]) > 0
    cells = kept.columns.cells.columns[read.use.column]
    paid = kept.numbers.get("paid", np.full(len(said), np.nan))
    for row in np.flatnonzero(kept.keep & (said == "later")).tolist():
        if outcome[row]:
            read.odd.append((row, cells[row], "still to come, yet it has results: they count"))
            continue
        money = f"; {paid[row]:,.2f} paid are not counted" if paid[row] > 0 else ""
        kept.drop(row, f"still to come: {cells[row]}{money}")
    kept.not_delivered = kept.keep & np.asarray(said == "no", dtype=bool)
    posts = kept.numbers.setdefault("posts", np.full(len(said), np.nan))
    counted = kept.columns.of("posts")
    for row in np.flatnonzero(kept.not_delivered & (outcome | (posts > 0))).tolist():
        if outcome[row]:
            read.odd.append((row, cells[row], "not delivered, yet it has results: they count"))
        if posts[row] > 0 and counted is not None:
            shown = kept.columns.cells.columns[counted.use.column][row]
            counted.odd.append((row, shown, f"{cells[row]}, so that these posts do not count"))
    kept.numbers["posts"] = np.where(kept.not_delivered, 0.0, posts)


def _look_for_odd(kept: Kept) -> None:
    """More people or likes than impressions."""
    impressions = kept.numbers.get("impressions")
    if impressions is None:
        return
    for name, what in _TOO_LARGE.items():
        read = kept.columns.of(name)
        if read is None or read.numbers is None:
            continue
        for row in np.flatnonzero(kept.keep & (read.numbers > impressions)).tolist():
            cell = kept.columns.cells.columns[read.use.column][row]
            read.odd.append((row, cell, f"more {what} than impressions ({impressions[row]:,.0f})"))
