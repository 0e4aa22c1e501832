"""Distinct people reached, live on the Plan sheet: the formulas of `optimizer.program.reach` in plain cells."""

from __future__ import annotations

import math
from collections.abc import Sequence

from optimizer.language.numbers import UNKNOWN
from optimizer.plan.plan import Plan
from optimizer.report.workbook.book import Sheet
from optimizer.report.workbook.cells import Cell, Range, Term, either, function, number, total, total_products

NEARLY_INDEPENDENT = 1000.0
"""From this shape on a power series stands for the power, whose last digits would be lost."""
UNKNOWN_TERM = Term(f'"{UNKNOWN}"', None)


class ReachBlock:
    """The audience of one segment, the shape of its overlap, and what they make of the plan.

    Attributes:
        columns: index (of one creator) and once (people reached by this line's creators only, as a share of people
            per audience), one cell for each line.
        people, shape: inputs; shape is None for independence.
        reach, twice, frequency, share: results; twice is None where creators are fractions.
        end: first free row below.
        live: whether it follows what is edited.
    """

    live = True

    def __init__(
        self, sheet: Sheet, plan: Plan, creators: Range, work: dict[str, Range], row: int, column: int
    ) -> None:
        assert plan.audience is not None
        self._creators = creators
        self.columns: dict[str, Range] = {}
        self.reach: Cell | None = None
        self.twice: Cell | None = None
        self.frequency: Cell | None = None
        self.index: Cell | None = None
        sheet.heading(row, "Reach (estimate)")
        row += 1
        sheet.text(row, 0, "People in the audience")
        self.people = sheet.input(row, 1, plan.audience.people, "big")
        row += 1
        sheet.text(row, 0, "Shape of the overlap")
        self.shape = shape_cell(sheet, row, 1, plan.audience.shape)
        self.end = row + 1
        if "alone" not in work:
            return
        first = creators.cells[0]
        labels = {"index": "Index of one creator", "once": "Reached by this line only"}
        if not plan.whole_creators:
            del labels["once"]
        sheet.header(first.row - 1, list(labels.values()), column=column, left=(), lines=2)
        indices = [  # nothing has to be known of who is not booked
            either(n.equals(0), 0.0, self.index_of(r))
            for n, r in zip(creators.cells, work["alone"].cells, strict=True)
        ]
        spare = creators.spare
        self.columns["index"] = sheet.column(
            first.row, column, indices, "number", num_format="0.000000", guard=True, spare=spare
        )
        row += 1
        sheet.text(row, 0, "Index of the plan")
        self.index = sheet.formula(
            row,
            1,
            total_products(creators, self.columns["index"]),
            "number",
            num_format="0.000000",
            guard=True,
        )
        row += 1
        sheet.text(row, 0, "People reached at least once", bold=True)
        self.reach = sheet.formula(row, 1, self.reached(self.index), "big", bold=True, guard=True)
        row += 1
        sheet.text(row, 0, "Share of the audience")
        sheet.formula(row, 1, self.reach / self.people, "rate", guard=True)
        if plan.whole_creators:
            row = self._twice(sheet, creators, row + 1, column + 1)
        if "seen" in work:
            row += 1
            sheet.text(row, 0, "Average frequency")
            self.frequency = sheet.formula(
                row, 1, total(work["seen"]) / self.reach, "number", num_format="0.00", guard=True
            )
        self.end = row + 1

    @property
    def width(self) -> int:
        """Columns of workings."""
        return len(self.columns)

    def _twice(self, sheet: Sheet, creators: Range, row: int, column: int) -> int:
        """People reached by two creators or more: everyone reached, less those reached by exactly one."""
        assert self.index is not None
        assert self.reach is not None
        at = self.index
        alone = [
            either(
                n.equals(0),
                0.0,
                n
                * (missed(function("MAX", max, 0, at.fixed - z), self.shape) - missed(at.fixed, self.shape)),
            )
            for n, z in zip(creators.cells, self.columns["index"].cells, strict=True)
        ]
        top = creators.cells[0].row
        self.columns["once"] = sheet.column(
            top,
            column,
            alone,
            "number",
            num_format="0.000000",
            guard=True,
            spare=creators.spare,
        )
        sheet.text(row, 0, "Reached by two or more")
        term = function("MAX", max, 0, self.reach - self.people * total(self.columns["once"]))
        self.twice = sheet.formula(row, 1, term, "big", guard=True)
        return row

    def of(
        self, segments: Sequence[str], lines: Sequence[int] | None = None, marks: Range | None = None
    ) -> Term:
        """People reached at least once by some lines, which a column marks by 1; by all of them by default.

        Args:
            segments: not read, as there is one.
            lines: which lines count, from 0; not read where `marks` say it.
            marks: a column with 1 for each of them.
        """
        if marks is None:
            return UNKNOWN_TERM if self.reach is None else self.reach
        if self.reach is None:
            return UNKNOWN_TERM
        return self.reached(marked_products(marks, self._creators, self.columns["index"]))

    def of_one(self, line: int, segments: Sequence[str]) -> Term | None:
        """People that one creator of a line alone reaches; None where gross reach says it."""
        return None

    def size_of(self, segment: str) -> Cell | None:
        """The people of a segment, of which there is one at most."""
        return self.people

    def index_of(self, alone: Term) -> Term:
        """Index z of a creator who alone reaches that many people."""
        return index_of(alone, self.people, self.shape)

    def reached(self, index: Term) -> Term:
        """People reached at least once by creators with that summed index Z."""
        return self.people.fixed * (1 - missed(index, self.shape))


def index_of(alone: Term, people: Cell, shape: Cell | None) -> Term:
    """Index z of a creator who alone reaches so many of these people."""
    rest = 1 - alone / people.fixed
    if shape is None:
        return -function("LN", math.log, rest)
    a = shape.fixed
    if nearly_independent(shape):
        log = -function("LN", math.log, rest)
        return log * (1 + log / a / 2 * (1 + log / a / 3))
    return a * (rest ** (number(-1) / a) - 1)


def missed(index: Term, shape: Cell | None) -> Term:
    """Share of people missed by creators with that summed index Z."""
    if shape is None:
        return function("EXP", math.exp, -index)
    a = shape.fixed
    if nearly_independent(shape):
        log = index * (1 - index / a / 2 * (1 - index / a * 2 / 3))
        return function("EXP", math.exp, -log)
    return (1 + index / a) ** (-a)


def nearly_independent(shape: Cell) -> bool:
    """Whether a power series stands for the power."""
    return isinstance(shape.value, float) and shape.value >= NEARLY_INDEPENDENT


def shape_cell(sheet: Sheet, row: int, column: int, shape: float | None) -> Cell | None:
    """The shape of an overlap as an input; None, and the word, for independence."""
    if shape is None:
        sheet.text(row, column, "independent", align="right")
        return None
    return sheet.input(row, column, shape, "number", num_format="0.0000")


def marked_products(marks: Range, creators: Range, index: Range) -> Term:
    """The sum of the products of creators and index over the lines whose mark is 1."""
    value = None
    if all(z is not None for z, m in zip(index.values, marks.values, strict=True) if m):
        parts = zip(marks.values, creators.values, index.values, strict=True)
        value = sum(float(m or 0) * float(n or 0) * float(z or 0) for m, n, z in parts)
    return Term(f"SUMPRODUCT({marks.text},{creators.text},{index.text})", value)
