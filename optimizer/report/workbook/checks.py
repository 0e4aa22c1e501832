"""The Checks sheet: pairs of numbers that must be the same, live, and one cell that says whether all are."""

from __future__ import annotations

from dataclasses import dataclass, field

from optimizer.report.format import UNKNOWN
from optimizer.report.workbook.book import Sheet
from optimizer.report.workbook.cells import Cell, Term, Value, number

ARITHMETIC = "Adds up"
LIMITS = "Limits are kept"
SOLVED = "As the solver returned it"
NOTES = {
    ARITHMETIC: "Must be TRUE whatever you enter.",
    LIMITS: "FALSE where a change you made breaks a limit.",
    SOLVED: "The numbers as the solver returned them: TRUE as delivered, FALSE once you change an input.",
}


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

    def write(self, sheet: Sheet) -> Cell:
        """All checks on their sheet; returns the cell that counts those that fail."""
        sheet.title("Checks", "Every number that must tie out, recalculated in this workbook.")
        sheet.text(3, 0, "All checks", bold=True)
        sheet.text(4, 0, "Checks that fail")
        row = 6
        for group, checks in self.groups.items():
            sheet.heading(row, group, NOTES.get(group, ""))
            row += 2
            sheet.header(row, ["Check", "This number", "Must equal", "Difference", "Tolerance", "TRUE?"])
            for check in checks:
                row += 1
                self.cells.append(self._row(sheet, row, check))
            row += 2
        first, last = self.cells[0], self.cells[-1]
        column = f"$F${first.row + 1}:$F${last.row + 1}"
        fails = sum(cell.value is False for cell in self.cells)
        # COUNTIF counts the answers only: headers between the groups are text
        failed = sheet.formula(4, 1, Term(f"COUNTIF({column},FALSE)", fails), "count")
        sheet.truth(3, 1, failed.equals(0), bold=True)
        sheet.finish(A=58)
        sheet.raw.freeze_panes(3, 0)
        return failed

    def _row(self, sheet: Sheet, row: int, check: Check) -> Cell:
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
            f"ABS({change.text})<={tolerance.text},{left.text}={right.text})"
        )
        return sheet.truth(row, 5, Term(text, close if both else same))


def status(failed: Cell, count: int) -> Term:
    """One line on the Summary: whether all checks are TRUE, or how many are not."""
    good = f"All {count} checks TRUE"
    fails = int(failed.value or 0)
    text = f'IF({failed.text}=0,"{good}",{failed.text}&" of {count} checks FALSE: see sheet Checks")'
    return Term(text, good if not fails else f"{fails} of {count} checks FALSE: see sheet Checks")


def _constant(value: Term | float | None) -> Term:
    if value is None:
        return Term(UNKNOWN, None)
    return value if isinstance(value, Term) else number(value)


def _is_constant(term: Term) -> bool:
    return "!" not in term.text
