"""The cells of a column of numbers by kind: numbers, ranges, blanks, errors of formulas, and what cannot be read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from optimizer.roster.figures import ERRORS, Token, is_blank, span, token
from optimizer.roster.grid import Cell
from optimizer.roster.words import MONEY, NUMBERS, SHARES
from optimizer.scenario.fields import NUMBER_FIELDS

RANGED = NUMBERS & frozenset(NUMBER_FIELDS)
"""Fields that take a range."""


@dataclass
class ByKind:
    """Cells by kind; of a range both ends are among the tokens, and its row in `ranged`."""

    tokens: list[tuple[int, Token]]
    plain: list[tuple[int, Decimal]]
    blanks: int
    errors: int
    unreadable: list[tuple[int, str]]
    ranged: dict[int, str]


def by_kind(cells: Sequence[Cell], what: str) -> ByKind:
    """The cells of a column that is used for a field."""
    result = ByKind([], [], 0, 0, [], {})
    for row, cell in enumerate(cells):
        if isinstance(cell, Decimal):
            result.plain.append((row, cell))
        elif is_blank(cell):
            result.blanks += 1
            result.errors += ERRORS.fullmatch(cell) is not None
        elif (read := token(cell)) is not None and _may_be(read, what):
            result.tokens.append((row, read))
        elif what in RANGED and (ends := span(cell)) is not None and _may_be(ends[0], what):
            result.tokens += [(row, end) for end in ends]
            result.ranged[row] = cell
        else:
            result.unreadable.append((row, cell))
    return result


def _may_be(one: Token, what: str) -> bool:
    """Whether a field can have a number of this kind: only shares have percents, only prices a currency."""
    if what.startswith("measures."):
        return True
    return (not one.percent or what in SHARES) and (not one.currency or what in MONEY)


def unreadable(text: str, title: str, what: str) -> tuple[str, str]:
    """What is wrong with a cell that is no number, and a hint."""
    shown = text if len(text) <= 40 else f"{text[:37]}..."
    hint = "write one number, or leave the cell empty"
    found = token(text)
    if found is not None:
        kind = "a percentage" if found.percent else "an amount of money"
        return (
            f"{shown!r} is {kind}, not {what}",
            "are the headers moved against the columns, or is a cell missing?",
        )
    if text.casefold().endswith("mil"):
        hint = "mil is a thousand in Spanish, a million in English: write k or M"
    elif _SHORTENED.fullmatch(text):
        hint = "a spreadsheet shortened this number: show the column with all its digits, and export again"
    elif _DATE.search(text.casefold()):
        hint = "did a spreadsheet take the number for a date? write the number"
    elif any(sign in text for sign in "-–—") and sum(c.isdigit() for c in text) > 1:
        hint = "this looks like a range: write it as 500-800, or one number"
    return f"{shown!r} is no number", hint


_SHORTENED = re.compile(r"[0-9][0-9.,]*[eE][+-]?[0-9]+")
_DATE = re.compile(
    r"^[0-9]{1,2}[./ -]+(jan|gen|feb|fev|fév|m[aä]r|apr|avr|abr|ma[iyg]|giu|jui?n|ju[il]|lug"
    r"|aug|ao[uû]|ago|sep|set|o[ckt]t|out|nov|d[eé][czs]|dic)[a-zé]*"
)
