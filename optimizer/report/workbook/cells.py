"""Formulas that carry their value: one expression gives both the text of a formula and the number it comes to.

A spreadsheet file stores a formula and the value it had when it was saved; viewers that do not calculate show that.
Written apart, the two drift apart. Here `creators * fee` of two cells is the text "E7*H7" and the product of their
values.
None is a value that is not known: it shows as "–", and whatever is calculated with it is not known either.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from optimizer.language.numbers import UNKNOWN

Value = float | int | str | bool | None

_COMPARE, _ADD, _MULTIPLY, _POWER, _ATOM = range(5)


@dataclass(frozen=True)
class Term:
    """Part of a formula: its text, its value, and how tightly it binds."""

    text: str
    value: Value
    rank: int = _ATOM

    def __add__(self, other: Term | float) -> Term:
        return _joined("+", operator.add, self, other, _ADD)

    def __sub__(self, other: Term | float) -> Term:
        return _joined("-", operator.sub, self, other, _ADD)

    def __mul__(self, other: Term | float) -> Term:
        return _joined("*", operator.mul, self, other, _MULTIPLY)

    def __truediv__(self, other: Term | float) -> Term:
        return _joined("/", operator.truediv, self, other, _MULTIPLY)

    def __pow__(self, other: Term | float) -> Term:
        return _joined("^", operator.pow, self, other, _POWER)

    def __radd__(self, other: float) -> Term:
        return number(other) + self

    def __rsub__(self, other: float) -> Term:
        return number(other) - self

    def __rmul__(self, other: float) -> Term:
        return number(other) * self

    def __neg__(self) -> Term:
        return number(0) - self

    def at_least(self, other: Term | float) -> Term:
        """TRUE where this is not below the other."""
        return _joined(">=", operator.ge, self, other, _COMPARE)

    def at_most(self, other: Term | float) -> Term:
        """TRUE where this is not above the other."""
        return _joined("<=", operator.le, self, other, _COMPARE)

    def above(self, other: Term | float) -> Term:
        """TRUE where this is above the other."""
        return _joined(">", operator.gt, self, other, _COMPARE)

    def equals(self, other: Term | float) -> Term:
        """TRUE where both are the same, text included."""
        other = _term(other)
        return Term(f"{_inside(self, _ADD)}={_inside(other, _ADD)}", shown(self) == shown(other), _COMPARE)


@dataclass(frozen=True)
class Cell(Term):
    """A cell that has been given its place and value."""

    sheet: str = ""
    row: int = 0
    column: int = 0

    @property
    def fixed(self) -> Term:
        """The cell by a reference that stays when a formula is copied elsewhere."""
        return Term(prefix(self.sheet) + address(self.row, self.column, fixed=True), self.value)


@dataclass(frozen=True)
class Range:
    """Neighbouring cells of one column, or one row.

    Attributes:
        cells: those with a value.
        spare: empty cells that follow and belong to it, so that rows inserted above them count.
    """

    cells: Sequence[Cell]
    spare: int = 0

    @property
    def text(self) -> str:
        """The reference, which stays when a formula is copied elsewhere."""
        first, last = self.cells[0], self.cells[-1]
        corners = [
            address(cell.row + more, cell.column, fixed=True)
            for cell, more in ((first, 0), (last, self.spare))
        ]
        return f"{prefix(first.sheet)}{corners[0]}:{corners[1]}"

    @property
    def values(self) -> list[Value]:
        """One for each cell."""
        return [cell.value for cell in self.cells]

    @property
    def known(self) -> bool:
        """Whether every cell has a value."""
        return all(value is not None for value in self.values)


def cell(sheet: str, row: int, column: int, value: Value) -> Cell:
    """A cell of a sheet; row and column count from 0."""
    return Cell(prefix(sheet) + address(row, column), value, _ATOM, sheet, row, column)


def prefix(sheet: str) -> str:
    """What stands before a reference from another sheet; the sheet itself leaves it out again."""
    return "'" + sheet.replace("'", "''") + "'!"


def address(row: int, column: int, *, fixed: bool = False) -> str:
    """A1 for (0, 0); $A$1 where fixed."""
    letters, rest = "", column
    while rest >= 0:
        letters, rest = chr(ord("A") + rest % 26) + letters, rest // 26 - 1
    return f"${letters}${row + 1}" if fixed else f"{letters}{row + 1}"


def number(value: float) -> Term:
    """A constant."""
    text = repr(value).replace("e", "E").removesuffix(".0")
    return Term(text, value, _ADD if value < 0 else _ATOM)


def shown(term: Term) -> Value:
    """The value as its cell shows it."""
    return UNKNOWN if term.value is None else term.value


def either(test: Term, yes: Term | float, no: Term | float) -> Term:
    """IF(test, yes, no)."""
    yes, no = _term(yes), _term(no)
    value = None if test.value is None else yes.value if test.value else no.value
    return Term(f"IF({test.text},{yes.text},{no.text})", value)


def plus(terms: Sequence[Term]) -> Term:
    """The sum of some terms, of one at least."""
    result = terms[0]
    for term in terms[1:]:
        result = result + term
    return result


def every(tests: Sequence[Term]) -> Term:
    """TRUE where all tests are."""
    if len(tests) == 1:
        return tests[0]
    values = [test.value for test in tests]
    return Term(f"AND({','.join(t.text for t in tests)})", None if None in values else all(values))


def all_true(values: Range) -> Term:
    """TRUE where every cell is; a range, since AND takes at most 255 arguments."""
    return Term(f"AND({values.text})", all(value is True for value in values.values))


def function(name: str, compute: Callable[..., float], *terms: Term | float) -> Term:
    """A function of numbers, such as LN or MAX."""
    parts = [_term(term) for term in terms]
    return Term(
        f"{name}({','.join(p.text for p in parts)})", _computed(compute, *(part.value for part in parts))
    )


def rounded(term: Term, digits: int) -> Term:
    """ROUND: halves go away from 0, judged by the decimal digits that a reader sees."""

    def compute(value: float) -> float:
        unit = Decimal(1).scaleb(-digits)
        return float(Decimal(f"{value:.15g}").quantize(unit, rounding=ROUND_HALF_UP))

    return Term(f"ROUND({term.text},{digits})", _computed(compute, term.value))


def is_number(term: Term) -> Term:
    """TRUE where a cell holds a number: what is not known, and text that was typed for a number, is none."""
    return Term(f"ISNUMBER({term.text})", isinstance(term.value, int | float))


def or_false(term: Term) -> Term:
    """FALSE instead of an error."""
    return Term(f"IFERROR({term.text},FALSE)", term.value)


def _unless_text(texts: str, term: str) -> str:
    """A sum that is not known where text stands among its parts: a dash, or what was typed for a number."""
    return f'IF(SUMPRODUCT({texts})>0,"{UNKNOWN}",{term})'


def total(values: Range) -> Term:
    """The sum; not known where a part is not."""
    return _total(values.text, values)


def fixed_total(values: Range) -> Term:
    """The sum of constants."""
    return Term(f"SUM({values.text})", math.fsum(v for v in values.values if isinstance(v, int | float)))


def total_above(values: Range, below: Cell) -> Term:
    """The sum of everything between the first of the values and a cell below, whatever has been inserted."""
    first = values.cells[0]
    column = "$" + address(0, first.column).rstrip("1")
    place = prefix(first.sheet)
    text = f"{first.fixed.text}:INDEX({place}{column}:{column},ROW({below.fixed.text})-1)"
    return _total(text, values)


def _total(text: str, values: Range) -> Term:
    numbers = [value for value in values.values if isinstance(value, int | float)]
    known = math.fsum(numbers) if values.known else None
    return Term(_unless_text(f"--ISTEXT({text})", f"SUM({text})"), known)


def total_where(labels: Range, label: Cell, values: Range) -> Term:
    """The sum of the values that stand beside a label; not known where a part is not."""
    chosen = [v for v, name in zip(values.values, labels.values, strict=True) if _same(name, label.value)]
    text = f"SUMIFS({values.text},{labels.text},{label.text})"
    if any(
        _steers(str(name)) for name in (*labels.values, label.value)
    ):  # SUMIFS reads =, <, *, ? and ~ itself
        text = f"SUMPRODUCT(--({labels.text}={label.text}),{values.text})"
    unknown = f"--({labels.text}={label.text}),--ISTEXT({values.text})"
    known = [v for v in chosen if isinstance(v, int | float)]
    return Term(_unless_text(unknown, text), math.fsum(known) if len(known) == len(chosen) else None)


def total_marked(marks: Range, values: Range) -> Term:
    """The sum of the values whose mark is 1; not known where such a part is not."""
    chosen = [v for v, mark in zip(values.values, marks.values, strict=True) if mark]
    known = [v for v in chosen if isinstance(v, int | float)]
    text = f"SUMPRODUCT({marks.text},{values.text})"
    unknown = f"{marks.text},--ISTEXT({values.text})"
    return Term(_unless_text(unknown, text), math.fsum(known) if len(known) == len(chosen) else None)


def extreme(values: Range, *, largest: bool) -> Term:
    """The largest or smallest number of a range; not known where it holds none."""
    known = [v for v in values.values if isinstance(v, int | float)]
    name, pick = ("MAX", max) if largest else ("MIN", min)
    text = f'IF(COUNT({values.text})=0,"{UNKNOWN}",{name}({values.text}))'
    return Term(text, pick(known) if known else None)


def _term(value: Term | float) -> Term:
    return value if isinstance(value, Term) else number(value)


def _joined(
    sign: str, compute: Callable[..., float], left: Term | float, right: Term | float, rank: int
) -> Term:
    left, right = _term(left), _term(right)
    # The right side is bracketed where it binds no tighter, so that the order of calculation is the one written here.
    text = f"{_inside(left, rank)}{sign}{_inside(right, rank + 1)}"
    return Term(text, _computed(compute, left.value, right.value), rank)


def _inside(term: Term, rank: int) -> str:
    return term.text if term.rank >= rank else f"({term.text})"


def _computed(compute: Callable[..., float], *values: Value) -> Value:
    """The result; None where a value is not known or there is no such number."""
    if any(value is None or isinstance(value, str) for value in values):
        return None
    try:
        result = compute(*values)
    except (ArithmeticError, ValueError):
        return None
    return (
        None
        if isinstance(result, complex) or (isinstance(result, float) and not math.isfinite(result))
        else result
    )


def _same(one: Value, other: Value) -> bool:
    return str(one).lower() == str(other).lower()


def _steers(label: str) -> bool:
    """Whether SUMIFS would read a label as a pattern, a comparison or a number."""
    plain = label.replace(" ", "").replace("-", "").replace("_", "")
    return not (plain.isalnum() and plain[0].isalpha()) or label.strip().lower() in ("true", "false")


def total_products(one: Range, other: Range) -> Term:
    """The sum of the products of two columns; not known where a part is not."""
    text = _unless_text(f"--ISTEXT({one.text})+ISTEXT({other.text})", f"SUMPRODUCT({one.text},{other.text})")
    if not (one.known and other.known):
        return Term(text, None)
    pairs = zip(one.values, other.values, strict=True)
    return Term(text, math.fsum(float(a or 0) * float(b or 0) for a, b in pairs))
