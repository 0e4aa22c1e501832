"""Distinct people reached, live on the Plan sheet: the formulas of `optimizer.program.reach` in plain cells."""

from __future__ import annotations

import math

from optimizer.plan.plan import Plan
from optimizer.report.workbook.book import Sheet
from optimizer.report.workbook.cells import Cell, Range, Term, either, function, number, total, total_products

NEARLY_INDEPENDENT = 1000.0
"""From this shape on a power series stands for the power, whose last digits would be lost."""


class ReachBlock:
    """The audience, the shape of its overlap, and what they make of the plan.

    Attributes:
        columns: index (of one creator) and once (people reached by this line's creators only, as a share of people
            per audience), one cell for each line.
        people, shape: inputs; shape is None for independence.
        reach, twice, frequency, share: results; twice is None where creators are fractions.
        end: first free row below.
    """

    def __init__(
        self, sheet: Sheet, plan: Plan, creators: Range, work: dict[str, Range], row: int, column: int
    ) -> None:
        assert plan.audience is not None
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
        self.shape: Cell | None = None
        if plan.audience.shape is None:
            sheet.text(row, 1, "independent", align="right")
        else:
            self.shape = sheet.input(row, 1, plan.audience.shape, "number", num_format="0.0000")
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

    def _twice(self, sheet: Sheet, creators: Range, row: int, column: int) -> int:
        """People reached by two creators or more: everyone reached, less those reached by exactly one."""
        assert self.index is not None
        assert self.reach is not None
        at = self.index
        alone = [
            either(
                n.equals(0),
                0.0,
                n * (self._missed(function("MAX", max, 0, at.fixed - z)) - self._missed(at.fixed)),
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

    def index_of(self, alone: Term) -> Term:
        """Index z of a creator who alone reaches that many people."""
        missed = 1 - alone / self.people.fixed
        if self.shape is None:
            return -function("LN", math.log, missed)
        a = self.shape.fixed
        if isinstance(self.shape.value, float) and self.shape.value >= NEARLY_INDEPENDENT:
            log = -function("LN", math.log, missed)
            return log * (1 + log / a / 2 * (1 + log / a / 3))
        return a * (missed ** (number(-1) / a) - 1)

    def reached(self, index: Term) -> Term:
        """People reached at least once by creators with that summed index Z."""
        return self.people.fixed * (1 - self._missed(index))

    def _missed(self, index: Term) -> Term:
        """Share of people missed."""
        if self.shape is None:
            return function("EXP", math.exp, -index)
        a = self.shape.fixed
        if isinstance(self.shape.value, float) and self.shape.value >= NEARLY_INDEPENDENT:
            log = index * (1 - index / a / 2 * (1 - index / a * 2 / 3))
            return function("EXP", math.exp, -log)
        return (1 + index / a) ** (-a)
