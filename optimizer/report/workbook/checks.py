"""The Checks sheet: pairs of numbers that must be the same, live, and one cell that says whether all are."""

from __future__ import annotations

from dataclasses import dataclass, field

from optimizer.language.numbers import UNKNOWN
from optimizer.report.workbook.book import Sheet
from optimizer.report.workbook.cells import Cell, Term, Value, number
from optimizer.report.workbook.inputs import edited, unusable

ARITHMETIC = "Adds up"
LIMITS = "Limits are kept"
INPUTS = "What was entered"
SOLVED = "As the solver returned it"
NOTES = {
    ARITHMETIC: "Must be TRUE whatever you enter.",
    LIMITS: "FALSE where a change you made breaks a limit.",
    INPUTS: "FALSE where an input holds text or nothing; whatever depends on it shows –.",
    SOLVED: "The numbers as the solver returned them; “edited” once you change an input.",
}


@dataclass(frozen=True)
class Verdict:
    """The cells that count the checks that are FALSE, and how many checks there are.

    Attributes:
        ties: tie-outs that fail: the workbook does not add up.
        limits: limits that are broken, which says nothing against the workbook; None where there are none.
    """

    ties: Cell
    tie_count: int
    limits: Cell | None
    limit_count: int


@dataclass
class Check:
    """One line: what, the two numbers (or a yes/no cell), and how far apart they may be."""

    name: str
    left: Term
    right: Term | None
    kind: str
    tolerance: float


@dataclass
class Checks:
    """Tie-outs collected while the other sheets are written.

    Attributes:
        cells: the TRUE/FALSE cells once written.
    """

    groups: dict[str, list[Check]] = field(default_factory=dict)
    cells: list[Cell] = field(default_factory=list)

    def equal(self, group: str, name: str, left: Term, right: Term | float | None, kind: str) -> None:
        """Two numbers must be the same: money to half a cent, reach to a millionth, the others to 1e-9."""
        other = _constant(right)
        size = max((abs(v) for v in (left.value, other.value) if isinstance(v, int | float)), default=1.0)
        tolerance = 0.005 if kind == "money" else (1e-6 if kind == "reach" else 1e-9) * max(1.0, size)
        self.groups.setdefault(group, []).append(Check(name, left, other, kind, tolerance))

    def true(self, group: str, name: str, cell: Term) -> None:
        """A cell elsewhere must be TRUE."""
        self.groups.setdefault(group, []).append(Check(name, cell, None, "text", 0.0))

    @property
    def count(self) -> int:
        """Number of checks."""
        return sum(len(found) for found in self.groups.values())

    def write(self, sheet: Sheet, *, inputs: bool) -> Verdict:
        """All checks on their sheet, with one on the inputs where there are some; returns how many fail."""
        sheet.title("Checks", "Every number that must tie out, recalculated in this workbook.")
        sheet.text(3, 0, "All checks", bold=True)
        sheet.text(4, 0, "Tie-outs that fail")
        sheet.text(5, 0, "Limits that are broken")
        if inputs:
            self.true(INPUTS, "every input is a number", unusable().equals(0))
        row = 7
        places: dict[str, tuple[int, int]] = {}
        for group, checks in self.groups.items():
            begin = row + 4
            sheet.heading(row, group, NOTES.get(group, ""))
            row += 2
            sheet.header(row, ["Check", "This number", "Must equal", "Difference", "Tolerance", "TRUE?"])
            for check in checks:
                row += 1
                self.cells.append(self._row(sheet, row, check, edits=inputs and group == SOLVED))
            places[group] = (begin, row + 1)
            row += 2
        ties, limits = (
            sheet.formula(at, 1, self._failed([g for g in groups if g in places], places), "count")
            for at, groups in ((4, (ARITHMETIC, SOLVED)), (5, (LIMITS,)))
        )
        wrong = self._failed(list(places), places)
        sheet.truth(3, 1, wrong.equals(0), bold=True)
        sheet.finish(A=58)
        sheet.raw.freeze_panes(3, 0)
        count = {group: len(checks) for group, checks in self.groups.items()}
        tie_count = count.get(ARITHMETIC, 0) + count.get(SOLVED, 0)
        return Verdict(ties, tie_count, limits if LIMITS in count else None, count.get(LIMITS, 0))

    def _failed(self, groups: list[str], places: dict[str, tuple[int, int]]) -> Term:
        """How many checks of some groups are FALSE."""
        if not groups:
            return number(0)
        parts = [f"COUNTIF($F${places[g][0]}:$F${places[g][1]},FALSE)" for g in groups]
        rows = {row for g in groups for row in range(places[g][0] - 1, places[g][1])}
        fails = sum(cell.value is False for cell in self.cells if cell.row in rows)
        return Term("+".join(parts), fails, 1 if len(parts) > 1 else 4)

    def _row(self, sheet: Sheet, row: int, check: Check, *, edits: bool) -> Cell:
        sheet.text(row, 0, check.name)
        if check.right is None:
            for column in (1, 2, 3, 4):
                sheet.text(row, column, "")
            return sheet.truth(row, 5, check.left)
        kind = "big" if check.kind == "reach" else check.kind
        values: list[Value] = [check.left.value, check.right.value]
        look = {"num_format": sheet.style.format(kind, values)}
        left = sheet.formula(row, 1, check.left, kind, guard=True, **look)
        right = (
            sheet.value(row, 2, check.right.value, kind, **look)
            if _is_constant(check.right)
            else sheet.formula(row, 2, check.right, kind, guard=True, **look)
        )
        change = sheet.formula(row, 3, left - right, "number", guard=True, num_format="0.00E+00;-0.00E+00;0")
        tolerance = sheet.value(row, 4, check.tolerance, "number", num_format="0.0E+00")
        both = left.value is not None and right.value is not None
        close = both and abs(float(left.value) - float(right.value)) <= check.tolerance  # type: ignore[arg-type]
        same = left.value is None and right.value is None
        text = (
            f"IF(COUNT({left.text},{right.text})=2,"
            f"ABS({change.text})<=MAX({tolerance.text},1E-12*ABS({left.text})),{left.text}={right.text})"
        )
        if edits:  # another plan's numbers are not to be those of this one
            text = f'IF({edited().text}>0,"edited",{text})'
        return sheet.truth(row, 5, Term(text, close if both else same))


def tie_status(verdict: Verdict) -> Term:
    """One line on the Summary: whether all tie-outs are TRUE, or how many are not."""
    return _line(verdict.ties, verdict.tie_count, "tie-outs TRUE", "tie-outs FALSE: see sheet Checks")


def limit_status(verdict: Verdict) -> Term | None:
    """One line on the Summary: whether all limits are kept; None where there are none."""
    if verdict.limits is None:
        return None
    return _line(
        verdict.limits,
        verdict.limit_count,
        "limits kept",
        "limits broken by what you entered: see Limits",
    )


def _line(failed: Cell, count: int, good: str, bad: str) -> Term:
    fails = int(failed.value or 0)
    text = f'IF({failed.text}=0,"All {count} {good}",{failed.text}&" of {count} {bad}")'
    return Term(text, f"All {count} {good}" if not fails else f"{fails} of {count} {bad}")


def _constant(value: Term | float | None) -> Term:
    if value is None:
        return Term(UNKNOWN, None)
    return value if isinstance(value, Term) else number(value)


def _is_constant(term: Term) -> bool:
    return "!" not in term.text
