"""Limits of a plan, live: value, sides, what is left, and whether each is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from optimizer.language.measures import MEASURES, RATIOS, REACH
from optimizer.language.numbers import UNKNOWN
from optimizer.report.workbook.book import MUTED, Sheet
from optimizer.report.workbook.cells import (
    Cell,
    Range,
    Term,
    either,
    every,
    extreme,
    function,
    is_number,
    number,
    or_false,
    total_marked,
)
from optimizer.report.workbook.plan_numbers import LimitNumbers
from optimizer.report.workbook.plan_sheet import HEADER_ROW, PlanSheet

HEADERS = ["Limit", "Measure", "Counts", "In the plan", "Min", "Max", "Left", "Used", "Kept", "When solved"]
SHARE_HEADERS = ["Min, share", "Max, share", "Share of"]
WIDE = 13
_NOTHING = Term(f'"{UNKNOWN}"', None)


def kind_of(measure: str) -> str:
    """The kind of number a measure is shown as."""
    if measure in RATIOS:
        return "price"
    if measure == REACH.name:
        return "big"
    unit = MEASURES[measure].unit if measure in MEASURES else "number"
    return {
        "money": "money",
        "hours": "hours",
        "creators": "count",
        "posts": "count",
        "number": "number",
    }.get(unit, "big")


class LimitRow(NamedTuple):
    """Where one limit's numbers stand; a side is None where there is none."""

    made_of: LimitNumbers
    name: Cell
    value: Cell
    minimum: Cell | None
    maximum: Cell | None
    slack: Cell
    used: Cell | None
    kept: Cell


@dataclass
class _Total:
    """A limit's measure in the plan, and for a ratio what stands above the line; `fixed` where it follows nothing."""

    value: Term
    top: Term | None = None
    fixed: bool = False


class LimitBlock:
    """The limits of one plan as rows of a sheet.

    Attributes:
        rows: one for each limit.
        end: first free row below.
    """

    def __init__(self, sheet: Sheet, on: PlanSheet, row: int) -> None:
        self._sheet, self._on = sheet, on
        self._marks: dict[frozenset[str], Range] = {}
        self._free = on.free_column
        self._fixed: dict[str, Term] = {}
        limits = on.made_of.limits
        self._shares = any(b is not None and b.of for x in limits for b in (x.minimum, x.maximum))
        sheet.header(row, HEADERS + (SHARE_HEADERS if self._shares else []), left=(0, 1, 2, 9, 12))
        self.rows: list[LimitRow] = []
        for limit in limits:
            row += 1
            self.rows.append(self._row(row, limit))
        self.end = row + 1
        on.sheet.finish()

    def _row(self, row: int, limit: LimitNumbers) -> LimitRow:
        sheet, result = self._sheet, limit.result
        kind = kind_of(result.measure)
        bold = result.binding
        name = sheet.text(row, 0, result.name, bold=bold)
        sheet.text(row, 1, result.measure, indent=1)
        none = self._none(limit)
        words = (
            ("each creator" + (f", {limit.where}" if limit.where else ""))
            if limit.per_creator
            else limit.where
        )
        words = words or "all offers"
        words += f", in {' + '.join(limit.segments)}" if limit.segments else ""
        sheet.text(row, 2, f"{words} (min or none)" if limit.or_none else words, indent=1)
        found = self._total(limit)
        form = sheet.style.format(kind, [result.value, result.min, result.max])
        look = {"num_format": form}
        if found.fixed:
            value = sheet.value(row, 3, found.value.value, kind, bold=bold, font_color=MUTED, **look)
        else:
            value = sheet.formula(row, 3, found.value, kind, guard=True, bold=bold, **look)
        minimum = self._side(row, 4, limit, "minimum", look)
        maximum = self._side(row, 5, limit, "maximum", look)
        if result.scope.cap is not None and maximum is not None:
            self._fixed[result.scope.cap] = maximum.fixed
        gaps = [value - minimum] if minimum is not None else []
        gaps += [maximum - value] if maximum is not None else []
        slack = gaps[0] if len(gaps) == 1 else function("MIN", min, *gaps)
        if none is not None:
            slack = either(none, _NOTHING if maximum is None else maximum - value, slack)
        left = sheet.formula(row, 6, slack, kind, guard=True, **look)
        used = None
        if minimum is None and maximum is not None and maximum.value:
            used = sheet.formula(row, 7, value / maximum, "share", guard=True)
        else:
            sheet.text(row, 7, "")
        keeps = self._kept(limit, found, value, minimum, maximum)
        if none is not None:  # the floor asks nothing; a ceiling may still be broken
            rest = Term("TRUE", True)
            if maximum is not None:
                rest = self._kept(limit, found, value, None, maximum)
            keeps = either(none, rest, keeps)
        kept = sheet.truth(row, 8, keeps)
        told = ["holds the plan"] * result.binding + ["a constant"] * found.fixed
        sheet.text(row, 9, ", ".join(told), bold=bold, indent=1)
        return LimitRow(limit, name, value, minimum, maximum, left, used, kept)

    def _kept(
        self, limit: LimitNumbers, found: _Total, value: Cell, low: Cell | None, high: Cell | None
    ) -> Term:
        tolerance = 1e-9 if self._on.plan.whole_creators else 1e-6

        def margin(side: Cell) -> Term:
            return tolerance * function("MAX", max, 1, function("ABS", abs, side))

        tests = [value.at_least(low - margin(low))] if low is not None else []
        tests += [value.at_most(high + margin(high))] if high is not None else []
        nothing = Term("FALSE", False)
        if limit.per_creator:
            nothing = Term("TRUE", True)  # nobody is booked who could break it
        elif found.top is not None:
            nothing = found.top.at_most(0) if high is not None else Term("TRUE", True)
        test = every(tests) if value.value is not None else Term(every(tests).text, False)
        sides = [is_number(side) for side in (low, high) if side is not None]
        return or_false(every([*sides, either(is_number(value), test, nothing)]))

    def _none(self, limit: LimitNumbers) -> Term | None:
        """Whether nothing of what a limit counts is booked; None where that makes no difference to it."""
        if not limit.or_none:
            return None
        return self._sum(limit, "creators").at_most(0) if self._on.lines else Term("TRUE", True)

    def _side(
        self, row: int, column: int, limit: LimitNumbers, side: str, look: dict[str, str]
    ) -> Cell | None:
        sheet, kind = self._sheet, kind_of(limit.result.measure)
        bound = limit.minimum if side == "minimum" else limit.maximum
        now = limit.result.min if side == "minimum" else limit.result.max
        if bound is None:
            sheet.text(row, column, "")
            return None
        if bound.of is None:
            return sheet.input(row, column, now, kind, signed=limit.result.measure == "profit", **look)
        share = sheet.input(row, column + 6, bound.number, "rate")
        sheet.text(row, 12, bound.of, indent=1)
        of = self._share_of(bound.of)
        if of is None:  # a total that the sheet does not have
            return sheet.value(row, column, now, kind, **look)
        return sheet.formula(row, column, share * of, kind, guard=True, **look)

    def _share_of(self, of: str) -> Term | None:
        if of == "audience":
            return self._on.reach.people if self._on.reach else None
        if of in self._fixed:
            return self._fixed[of]
        return self._on.totals.get(of)

    # --- what a limit counts -------------------------------------------------------------------------

    def _total(self, limit: LimitNumbers) -> _Total:
        on, measure = self._on, limit.result.measure
        if limit.per_creator:
            return _Total(self._worst_creator(limit))
        if measure in RATIOS:
            ratio = RATIOS[measure]
            top, bottom = self._sum(limit, ratio.numerator), self._sum(limit, ratio.denominator)
            return _Total(top / bottom if ratio.factor == 1 else ratio.factor * top / bottom, top)
        if measure == REACH.name:
            if on.reach is None or on.reach.reach is None:
                return _Total(_NOTHING)
            if not on.reach.live:
                value = limit.result.value
                return _Total(_NOTHING if value is None else number(value), fixed=True)
            if limit.everything:
                return _Total(on.reach.of(limit.segments))
            lines = [i for i, line in enumerate(on.lines) if line.offer in limit.offers]
            return _Total(on.reach.of(limit.segments, lines, self._marked(limit)))
        return _Total(self._sum(limit, measure))

    def _sum(self, limit: LimitNumbers, measure: str) -> Term:
        if measure not in self._on.columns:  # not known of any booked offer, so none of these is booked
            return number(0.0)
        if limit.everything:
            return self._on.totals[measure]
        return total_marked(self._marked(limit), self._on.columns[measure])

    def _marked(self, limit: LimitNumbers) -> Range:
        """A column of the Plan sheet with 1 for each line that the limit counts."""
        if limit.offers not in self._marks:
            sheet = self._on.sheet
            if not self._marks:
                self._on.band(self._free, "Which lines a limit counts")
            sheet.header(HEADER_ROW, [limit.where or limit.result.name], column=self._free, left=(), lines=2)
            cells = [
                sheet.value(HEADER_ROW + 1 + i, self._free, int(line.offer in limit.offers), "count")
                for i, line in enumerate(self._on.lines)
            ]
            self._marks[limit.offers] = Range(cells, self._on.columns["creators"].spare)
            self._free += 1
        return self._marks[limit.offers]

    def _worst_creator(self, limit: LimitNumbers) -> Term:
        """For a limit per creator: the booked creator nearest to a side."""
        on, sheet = self._on, self._on.sheet
        marks, creators = self._marked(limit), on.columns["creators"]
        terms = []
        for i in range(len(on.lines)):
            booked = every([creators.cells[i].above(0), marks.cells[i].equals(1)])
            terms.append(either(booked, self._of_one(limit.result.measure, i, limit.segments), _NOTHING))
        sheet.header(
            HEADER_ROW, [f"{limit.result.measure} of one creator"], column=self._free, left=(), lines=2
        )
        kind = kind_of(limit.result.measure)
        each = sheet.column(HEADER_ROW + 1, self._free, terms, kind, guard=True, spare=creators.spare)
        self._free += 1
        low, high = (
            None if side is None else value
            for side, value in ((limit.minimum, limit.result.min), (limit.maximum, limit.result.max))
        )
        if low is None or high is None:
            return extreme(each, largest=low is None)
        least, most = extreme(each, largest=False), extreme(each, largest=True)
        if least.value is None or most.value is None:
            return least
        nearer = (number(high) - most).at_most(least - low)
        return either(nearer, most, least)

    def _of_one(self, measure: str, line: int, segments: Sequence[str] = ()) -> Term:
        """A measure of one creator of a line; what is paid once for the offer is no creator's."""
        on, columns = self._on, self._on.columns
        n = columns["creators"].cells[line]
        once = columns["setup"].cells[line] if "setup" in columns else None

        def column(name: str) -> Term:
            return columns[name].cells[line] if name in columns else _NOTHING

        if measure == REACH.name and on.reach is not None:
            alone = on.reach.of_one(line, segments)
            if alone is not None:
                return alone
        if measure in (REACH.name, "gross_reach"):
            return column("gross_reach") / n
        if measure == "posts":
            return columns["each"].cells[line]
        if measure == "creators":
            return n / n
        if measure == "hours":
            get = on.rates.get
            return get(line, "hours_per_creator") + get(line, "hours_per_post") * columns["each"].cells[line]
        cost = column("cost") if once is None else column("cost") - once
        if measure in RATIOS:
            ratio = RATIOS[measure]
            return ratio.factor * cost / column(ratio.denominator)
        if measure == "cost":
            return cost / n
        if measure == "profit":
            return (column("revenue") - column("cost_of_goods") - cost) / n
        return column(measure) / n
