"""Reach over several segments, or with several offers of one person, on the Plan sheet: live, segment by segment.

The formulas are those of `optimizer.program.audiences`: of several offers of one person only the largest index that is
booked counts. What rests on measured overlaps, whose segments are no numbers of the scenario, stands there as solved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from optimizer.plan.plan import Plan
from optimizer.report.workbook.book import MUTED, Sheet
from optimizer.report.workbook.cells import (
    Cell,
    Range,
    Term,
    either,
    function,
    number,
    plus,
    total,
    total_products,
)
from optimizer.report.workbook.reach import (
    UNKNOWN_TERM,
    ReachBlock,
    index_of,
    marked_products,
    missed,
    shape_cell,
)

MOST_LINES = 150
"""Of persons with several; a formula names each of them, in some 40 of its at most 8,192 characters."""
HEADERS = ["Segment", "People", "Shape of the overlap", "Index of the plan", "Reached", "Share"]
Alone = dict[str, list[Term]]
"""Segment -> people of it that one creator of each line alone reaches."""


class SegmentsBlock:
    """The segments with their sizes and shapes, and what they make of the plan.

    Attributes:
        people: of the whole audience, a sum.
        reach, twice, frequency: results; twice is None where creators are fractions.
        reached: segment -> the cell of its people reached at least once.
        width: columns of workings.
        end: first free row below.
        live: whether it follows what is edited.
    """

    live = True

    def __init__(
        self,
        sheet: Sheet,
        plan: Plan,
        creators: Range,
        alone: Alone,
        persons: Sequence[Sequence[int]],
        seen: Range | None,
        row: int,
        column: int,
    ) -> None:
        """Write it.

        Args:
            sheet: the Plan sheet.
            plan: whose audience it is.
            creators: of each line.
            alone: see `Alone`; empty where nothing is known of reach.
            persons: lines of each person who has several.
            seen: impressions on the audience, of each line.
            row, column: first free row below, and first free column beside the lines.
        """
        assert plan.audience is not None
        self._sheet, self._creators, self._persons = sheet, creators, persons
        self._first = {line for person in persons for line in person[:1]}
        self._other = {line for person in persons for line in person[1:]}
        self._index: dict[str, Range] = {}
        self._alone: dict[str, Range] = {}
        self._shape: dict[str, Cell | None] = {}
        self._people: dict[str, Cell] = {}
        self.reached: dict[str, Cell] = {}
        self.reach: Cell | None = None
        self.twice: Cell | None = None
        self.frequency: Cell | None = None
        self.width = 0
        sheet.heading(row, "Reach by segment (estimate)")
        row += 1
        sheet.header(row, HEADERS, lines=2)
        whole = plan.audience
        shapes = {one.name: one.shape for one in plan.segments} or {"": whole.shape}
        sizes = {one.name: one.people for one in plan.segments} or {"": whole.people}
        names = list(sizes)
        first = row + 1
        for name in names:
            row += 1
            sheet.text(row, 0, name or "All of the audience")
            self._people[name] = sheet.input(row, 1, sizes[name], "big")
            self._shape[name] = shape_cell(sheet, row, 2, shapes[name])
        row += 1
        look: dict[str, Any] = {"bold": True, "top": 1}
        sheet.text(row, 0, "All", **look)
        self.people = sheet.formula(row, 1, total(Range(list(self._people.values()))), "big", **look)
        self.end = row + 1
        if not alone:
            return
        self._workings(alone, column)
        indices = {}
        for at, name in enumerate(names, first):
            z = sheet.formula(at, 3, self._total(name), "number", num_format="0.000000", guard=True)
            indices[name] = z
            reached = self._people[name].fixed * (1 - missed(z, self._shape[name]))
            self.reached[name] = sheet.formula(at, 4, reached, "big", guard=True)
            sheet.formula(at, 5, self.reached[name] / self._people[name], "rate", guard=True)
        self.reach = sheet.formula(
            row, 4, total(Range(list(self.reached.values()))), "big", guard=True, **look
        )
        sheet.formula(row, 5, self.reach / self.people, "rate", guard=True, **look)
        if plan.whole_creators:
            row += 1
            sheet.text(row, 0, "Reached by two or more")
            self.twice = self._twice(row, indices, column)
        if seen is not None:
            row += 1
            sheet.text(row, 0, "Average frequency")
            often = total(seen) / self.reach
            self.frequency = sheet.formula(row, 4, often, "number", num_format="0.00", guard=True)
        self.end = row + 1

    def of(
        self, segments: Sequence[str], lines: Sequence[int] | None = None, marks: Range | None = None
    ) -> Term:
        """People of some segments, of all by default, that some lines reach; arguments as those of `ReachBlock.of`."""
        names = list(segments) or list(self._people)
        if self.reach is None:
            return UNKNOWN_TERM
        if marks is None or lines is None:
            return self.reach if not segments else plus([self.reached[name] for name in names])
        parts = []
        for name in names:
            index = self._total(name, lines, marks)
            parts.append(self._people[name].fixed * (1 - missed(index, self._shape[name])))
        return plus(parts)

    def of_one(self, line: int, segments: Sequence[str]) -> Term | None:
        """People of some segments that one creator of a line alone reaches; None where gross reach says it."""
        return (
            plus([self._alone[name].cells[line] for name in segments]) if segments and self._alone else None
        )

    def size_of(self, segment: str) -> Cell | None:
        """The people of a segment."""
        return self._people.get(segment)

    def _workings(self, alone: Alone, column: int) -> None:
        """What one creator reaches of each segment, and its index."""
        sheet, top = self._sheet, self._creators.cells[0].row
        for name, terms in alone.items():
            of = f" of {name}" if name else ""
            labels = [f"One creator reaches{of}", f"Index{of}"]
            sheet.header(top - 1, labels, column=column + self.width, left=(), lines=2)
            spare = self._creators.spare
            people = sheet.column(top, column + self.width, terms, "big", guard=True, spare=spare)
            indices = [  # nothing has to be known of who is not booked
                either(n.equals(0), 0.0, index_of(r, self._people[name], self._shape[name]))
                for n, r in zip(self._creators.cells, people.cells, strict=True)
            ]
            self._alone[name] = people
            self._index[name] = sheet.column(
                top,
                column + self.width + 1,
                indices,
                "number",
                num_format="0.000000",
                guard=True,
                spare=spare,
            )
            self.width += 2

    def _total(self, name: str, lines: Sequence[int] | None = None, marks: Range | None = None) -> Term:
        """Index of some lines in a segment: the sum, but of each person the largest only."""
        index = self._index[name]
        plain = (
            total_products(self._creators, index)
            if marks is None
            else marked_products(marks, self._creators, index)
        )
        result = plain
        for person in self._persons:
            mine = [line for line in person if lines is None or line in lines]
            if len(mine) > 1:
                cells = [index.cells[line] for line in mine]
                each = [self._creators.cells[line] * index.cells[line] for line in mine]
                result = result + function("MAX", max, *cells) - plus(each)
        return result

    def _twice(self, row: int, indices: dict[str, Cell], column: int) -> Cell:
        """People reached by two creators or more: everyone reached, less those reached by exactly one."""
        assert self.reach is not None
        sheet, top = self._sheet, self._creators.cells[0].row
        once = []
        for name, z in indices.items():
            of = f" of {name}" if name else ""
            sheet.header(
                top - 1, [f"Reached{of} by this line only"], column=column + self.width, left=(), lines=2
            )
            terms = [self._once(name, i, z) for i in range(len(self._creators.cells))]
            found = sheet.column(
                top, column + self.width, terms, "number", num_format="0.000000", guard=True,
                spare=self._creators.spare,
            )  # fmt: skip
            once.append(self._people[name] * total(found))
            self.width += 1
        return sheet.formula(row, 4, function("MAX", max, 0, self.reach - plus(once)), "big", guard=True)

    def _once(self, name: str, line: int, z: Cell) -> Term:
        """Share of a segment that only the creators of a line reach; a person's stands in the first of their lines."""
        index, n, shape = self._index[name].cells, self._creators.cells[line], self._shape[name]
        if line in self._other:
            return number(0.0)
        one: Term = index[line]
        units: Term = n
        if line in self._first:
            (person,) = (person for person in self._persons if person[0] == line)
            one, units = function("MAX", max, *(index[i] for i in person)), number(1.0)
        rest = missed(function("MAX", max, 0, z.fixed - one), shape) - missed(z.fixed, shape)
        return units * rest if line in self._first else either(n.equals(0), 0.0, units * rest)


class FixedReach:
    """Reach as it was solved, where no plain formula follows it: constants, and said so."""

    live = False
    width = 0

    def __init__(
        self, sheet: Sheet, plan: Plan, why: str, of_segment: Callable[[int, str], Term], row: int
    ) -> None:
        assert plan.audience is not None
        self._of_segment = of_segment
        sheet.heading(
            row, "Reach (estimate, as solved)", f"Constants, {why}: they do not follow what is changed here."
        )
        row += 2
        sheet.text(row, 0, "People in the audience")
        self.people = sheet.value(row, 1, plan.audience.people, "big")
        self.reach: Cell | None = None
        self.twice: Cell | None = None
        self.frequency: Cell | None = None
        totals, self._segments = plan.totals, {one.name: one.reached for one in plan.segments}
        if totals.reach is not None and plan.lines:
            row += 1
            sheet.text(row, 0, "People reached at least once", bold=True)
            self.reach = sheet.value(row, 1, totals.reach, "big", bold=True, font_color=MUTED)
            row += 1
            sheet.text(row, 0, "Share of the audience")
            sheet.value(row, 1, totals.reach / plan.audience.people, "rate", font_color=MUTED)
            for one in plan.segments:
                row += 1
                sheet.text(row, 0, f"Reached of {one.name}", indent=1)
                sheet.value(row, 1, one.reached, "big", font_color=MUTED)
        if totals.reach_two_or_more is not None and plan.lines:
            row += 1
            sheet.text(row, 0, "Reached by two or more")
            self.twice = sheet.value(row, 1, totals.reach_two_or_more, "big", font_color=MUTED)
        if totals.frequency is not None:
            row += 1
            sheet.text(row, 0, "Average frequency")
            look = {"num_format": "0.00", "font_color": MUTED}
            self.frequency = sheet.value(row, 1, totals.frequency, "number", **look)
        if (found := plan.measured) is not None and found.low is not None and found.high is not None:
            for word, people in (
                ("At least, whatever the audiences", found.low),
                ("At most, likewise", found.high),
            ):
                row += 1
                sheet.text(row, 0, word)
                sheet.value(row, 1, people, "big", font_color=MUTED)
        self.end = row + 1

    def of(
        self, segments: Sequence[str], lines: Sequence[int] | None = None, marks: Range | None = None
    ) -> Term:
        """People reached by all lines; not known of some of them, which limits have as a constant."""
        if marks is not None or self.reach is None:
            return UNKNOWN_TERM
        parts = [self._segments.get(name) for name in segments]
        known = [part for part in parts if part is not None]
        return number(sum(known)) if segments and len(known) == len(parts) else self.reach

    def of_one(self, line: int, segments: Sequence[str]) -> Term | None:
        """People of some segments that one creator of a line alone reaches, live; None where gross reach says it."""
        return plus([self._of_segment(line, name) for name in segments]) if segments else None

    def size_of(self, segment: str) -> Cell | None:
        """None: nothing is calculated with it here."""
        return None


Reached = ReachBlock | SegmentsBlock | FixedReach
"""What the Plan sheet says of distinct people."""


def reach_block(
    sheet: Sheet,
    plan: Plan,
    creators: Range,
    work: Mapping[str, Range],
    of_segment: Callable[[int, str], Term],
    who: Sequence[str | None],
    row: int,
    column: int,
) -> Reached:
    """What the sheet says of reach: live where formulas can follow it.

    Args:
        sheet: the Plan sheet.
        plan: a plan with an audience.
        creators: of each line.
        work: intermediate columns of the sheet.
        of_segment: line, segment -> people of it that one creator alone reaches.
        who: the person of each line, None for somebody else on each.
        row, column: first free row below, and first free column beside the lines.
    """
    lines: dict[str, list[int]] = {}
    for line, person in enumerate(who):
        if person is not None:
            lines.setdefault(person, []).append(line)
    persons = [mine for mine in lines.values() if len(mine) > 1]
    if plan.measured is not None:
        how = "measured overlaps" if plan.measured.how == "overlaps" else "who follows whom"
        return FixedReach(sheet, plan, f"from {how}", of_segment, row)
    if persons and not plan.whole_creators:
        return FixedReach(sheet, plan, "of parts of persons with several offers", of_segment, row)
    if sum(map(len, persons)) > MOST_LINES:
        return FixedReach(sheet, plan, "of many persons with several offers", of_segment, row)
    if not persons and len(plan.segments) < 2:
        return ReachBlock(sheet, plan, creators, dict(work), row, column)
    alone: Alone = {}
    if "alone" in work:
        names = [one.name for one in plan.segments]
        alone = {name: [of_segment(i, name) for i in range(len(who))] for name in names}
        alone = alone or {"": list(work["alone"].cells)}
    return SegmentsBlock(sheet, plan, creators, alone, persons, work.get("seen"), row, column)
