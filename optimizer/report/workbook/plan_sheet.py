"""The Plan sheet: the media plan line by line, live over counts, fees and rates, with totals and subtotals.

The formulas are those of `optimizer.program.packages`, times the creators booked; money in the plan's currency.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from optimizer.language.measures import KINDS, MEASURES, RATIOS
from optimizer.language.numbers import UNKNOWN
from optimizer.plan.not_given import ASKED
from optimizer.plan.plan import Line, Plan
from optimizer.report.sections.lines import sorted_lines
from optimizer.report.workbook.book import ACCENT, BAND, INPUT, INPUT_INK, LINE, MUTED, Sheet
from optimizer.report.workbook.cells import (
    Cell,
    Range,
    Term,
    either,
    every,
    function,
    is_number,
    number,
    or_false,
    plus,
    total,
    total_where,
)
from optimizer.report.workbook.columns import (
    ADDED_UP,
    LABELS,
    PARTS,
    chosen_columns,
    known_somewhere,
)
from optimizer.report.workbook.inputs import status
from optimizer.report.workbook.plan_numbers import PlanNumbers, plan_numbers
from optimizer.report.workbook.rates import Rates, discount
from optimizer.report.workbook.reach_segments import Reached, reach_block
from optimizer.report.workbook.trial_lines import trial_lines
from optimizer.scenario.offer import ENGAGEMENT_KINDS

HEADER_ROW = 6
SPARE = 1
"""Empty rows between the lines and their totals."""
MOST_ON_A4 = 22
"""Columns that can still be read on a page of A4."""


@dataclass
class Group:
    """Subtotals by tier or platform.

    Attributes:
        rows: label -> column -> its subtotal.
    """

    key: str
    rows: dict[str, dict[str, Cell]] = field(default_factory=dict)


class PlanSheet:
    """A plan on a sheet, and where its numbers stand.

    Attributes:
        lines: what is booked, then the other offers with 0 creators.
        columns: column -> its cells, one for each line.
        totals: column or ratio -> the cell of its total.
        groups: subtotals by tier and by platform.
        fits: for each line, whether counts are within what its offer allows.
        reach: the estimate of distinct people, None where there is no audience.
    """

    def __init__(self, sheet: Sheet, plan: Plan, heading: str | None = None) -> None:
        self.sheet, self.book, self.plan = sheet, sheet.book, plan
        self._heading = heading or plan.scenario.name
        self.made_of: PlanNumbers = plan_numbers(plan)
        self.lines = [*sorted_lines(plan), *trial_lines(plan, self.made_of)]
        self._lines_of: dict[str, list[int]] = {}
        for i, line in enumerate(self.lines):
            self._lines_of.setdefault(line.offer, []).append(i)
        self.own = [m for m, value in plan.totals.measures.items() if known_somewhere(self.lines, m)]
        self.columns: dict[str, Range] = {}
        self.totals: dict[str, Cell] = {}
        self.groups: list[Group] = []
        self.reach: Reached | None = None
        self._header, self._printed = chosen_columns(plan, self.lines, self.made_of, self.own)
        self._at = {key: i for i, key in enumerate(self._header)}
        self._top = HEADER_ROW + 1
        self.agency, self.contingency = self._head()
        self._body()
        self.sheet.raw.freeze_panes(self._top, 1)
        self.sheet.raw.repeat_rows(HEADER_ROW)
        self.sheet.finish()

    # --- the parts of the sheet ----------------------------------------------------------------------

    def _head(self) -> tuple[Cell, Cell]:
        sheet, plan = self.sheet, self.plan
        sheet.title(
            f"Plan: {self._heading}",
            f"Money in {plan.currency}. Expected values; “{UNKNOWN}”: not known.",
        )
        sheet.text(2, 0, "Yellow", bg_color=INPUT, font_color=INPUT_INK, border=1, border_color=LINE)
        sheet.text(2, 1, "is an input: change it, and everything else follows. Offers with 0 creators are not booked.",
                   runs_on=True, indent=1,
                   font_color=MUTED)  # fmt: skip
        cells = []
        for row, label, value in (
            (3, "Agency fee", self.made_of.agency),
            (4, "Contingency", self.made_of.contingency),
        ):
            sheet.text(row, 0, label)
            cells.append(sheet.input(row, 1, value, "share"))
            sheet.text(row, 2, "of what creators are paid", runs_on=True, indent=1, font_color=MUTED)
        sheet.status(HEADER_ROW - 1, status(plan.status == "optimal"), tinted=False)
        return cells[0], cells[1]

    def _body(self) -> None:
        sheet, count = self.sheet, len(self.lines)
        labels = [label for label, _ in self._header.values()]
        texts = sum(key in LABELS for key in self._header)
        sheet.header(HEADER_ROW, labels, left=range(texts), lines=2)
        self.rates = Rates(
            sheet, self.lines, self.made_of, row=self._top,
            fee_column=self._at.get("cost_per_post", len(labels)), column=len(labels) + 1, own=self.own,
            segments=[one.name for one in self.plan.segments],
        )  # fmt: skip
        self._write_labels_and_counts()
        first_work = len(labels) + 1 + self.rates.width + 1
        work = self._work_columns(first_work)
        self._write_measures(work)
        self.rates.write()
        self._anchor(self._top + count)
        end = self._totals_row(self._top + count + SPARE)
        for key in ("tier", "platform"):
            if key in self._header:
                end = self._subtotals(key, end + 1)
        if self.plan.audience is not None:
            creators = self.columns["creators"]
            who = [self.made_of.offers[line.offer].person for line in self.lines]
            self.reach = reach_block(
                sheet, self.plan, creators, work, self._of_segment, who, end + 1, first_work + len(work)
            )
            end = self.reach.end
        self.free_column = first_work + len(work) + (self.reach.width if self.reach else 0)
        sheet.header(HEADER_ROW, self.rates.headers, column=len(labels) + 1, left=(), lines=2)
        self.band(len(labels) + 1, "Prices and rates of the offer")
        sheet.raw.print_area(0, 0, end, self._printed - 1)
        if self._printed > MOST_ON_A4:
            sheet.raw.set_paper(8)  # A3

    def band(self, column: int, text: str) -> None:
        """A label above the headers of a block of columns."""
        self.sheet.text(HEADER_ROW - 1, column, text, runs_on=True, bold=True, font_color=ACCENT)

    def _anchor(self, row: int) -> None:
        """An empty row that all sums reach to: lines inserted above it count."""
        self.sheet.raw.set_row(row, 9)
        self.sheet.text(
            row, 0, "insert further lines above this one", runs_on=True, font_size=7, font_color=MUTED
        )

    def _write_labels_and_counts(self) -> None:
        sheet, top = self.sheet, self._top
        labels = [key for key in LABELS if key in self._at]
        cells: dict[str, list[Cell]] = {key: [] for key in (*labels, "creators", "each")}
        form = sheet.style.format("count", [line.creators for line in self.lines])
        for row, x in enumerate(self.lines, top):
            for key in labels:
                look: dict[str, Any] = {} if key == "offer" else {"indent": 1}
                look |= {} if x.creators else {"font_color": MUTED}
                cells[key].append(sheet.text(row, self._at[key], _label(x, key), **look))
            cells["creators"].append(
                sheet.input(row, self._at["creators"], x.creators, "count", num_format=form)
            )
            cells["each"].append(sheet.input(row, self._at["each"], x.posts_per_creator, "count"))
            if "room" in self._at:
                room = UNKNOWN if x.room is None else x.room
                sheet.value(row, self._at["room"], room, "count", font_color=MUTED)
        self.columns |= {key: Range(column, SPARE) for key, column in cells.items()}

    def _work_columns(self, column: int) -> dict[str, Range]:
        """Intermediate results of each line, so that every formula of the plan stays short."""
        sheet, get, lines = self.sheet, self.rates.get, range(len(self.lines))
        n, k = self.columns["creators"].cells, self.columns["each"].cells

        def effect(i: int) -> Term:
            lost = get(i, "repeat_decay")
            return either(lost.above(0), (1 - (1 - lost) ** k[i]) / lost, k[i])

        def real(i: int) -> Term:
            return get(i, "completion") * get(i, "authentic") * get(i, "on_target")

        def fits(i: int) -> Term:
            offer = self.made_of.offers[self.lines[i].offer]
            booked: Term = number(0.0)
            same = [n[j] for j in self._lines_of[offer.name]]
            for j, one in enumerate(same):
                booked = one if j == 0 else booked + one
            least, most = offer.creators
            tests = [booked.at_least(least)] if least else []
            spare = 0.0 if self.plan.whole_creators else 1e-6 * max(1.0, most or 0.0)
            tests += [] if most is None else [booked.at_most(most + spare)]
            tests += [k[i].at_least(offer.posts[0]), k[i].at_most(offer.posts[1])]
            if self.plan.whole_creators:
                tests.append(n[i].equals(function("INT", _floor, n[i])))
            return or_false(every([is_number(n[i]), is_number(k[i]), *tests]))

        blocks: dict[str, tuple[str, str, Callable[[int], Term]]] = {}
        if any(w.discounts for w in self.made_of.offers.values()) and "paid" in self._at:
            blocks["discount"] = ("Discount that applies", "rate", lambda i: discount(self.rates, i, k[i]))
        if {"engagements", *KINDS} & self._at.keys():
            blocks["effect"] = ("Posts in effect", "number", effect)
        if "gross_reach" in self._at:
            blocks["alone"] = (
                "Reached by one creator", "big",
                lambda i: real(i) * get(i, "reachable") * (1 - (1 - get(i, "reach_rate")) ** k[i]),
            )  # fmt: skip
        if self.plan.audience is not None and "impressions" in self._at:
            blocks["seen"] = (
                "Impressions on the audience", "big",
                lambda i: _booked(n[i], n[i] * real(i) * k[i] * get(i, "impressions_per_post")),
            )  # fmt: skip
        blocks["fits"] = ("Within what is available", "text", fits)
        work = {}
        sheet.header(HEADER_ROW, [label for label, _, _ in blocks.values()], column=column, left=(), lines=2)
        self.band(column, "Workings")
        for at, (key, (_, kind, make)) in enumerate(blocks.items(), column):
            terms = [make(i) for i in lines]
            work[key] = sheet.column(self._top, at, terms, kind, guard=kind != "text", spare=SPARE)
        self.fits = work["fits"]
        return work

    def _of_segment(self, i: int, segment: str) -> Term:
        """People of a segment that one creator of a line alone reaches."""
        get, k = self.rates.get, self.columns["each"].cells[i]
        real = get(i, "completion") * get(i, "authentic") * get(i, f"segments.{segment}")
        return real * get(i, "reachable") * (1 - (1 - get(i, "reach_rate")) ** k)

    def _write_measures(self, work: dict[str, Range]) -> None:
        get, columns, lines = self.rates.get, self.columns, range(len(self.lines))
        n, k = columns["creators"].cells, columns["each"].cells

        def put(key: str, make: Callable[[int], Term], *, always: bool = False) -> None:
            """A column; 0 where nobody is booked, whatever is not known of the offer, unless it counts `always`."""
            if key in self._at:
                kind = self._header[key][1]
                terms = [make(i) if always else _booked(n[i], make(i)) for i in lines]
                at = self._at[key]
                columns[key] = self.sheet.column(self._top, at, terms, kind, guard=True, spare=SPARE)

        def once(i: int, field_name: str) -> Term:
            """What is paid once for the offer, on its first line, if anyone of it is booked."""
            same = self._lines_of[self.lines[i].offer]
            booked = n[same[0]] if len(same) == 1 else function("MAX", max, *(n[j] for j in same))
            return either(booked.above(0), get(i, field_name), 0.0) if i == same[0] else number(0.0)

        def paid(i: int) -> Term:
            posts: Term = get(i, "cost_per_post") * k[i]
            if "discount" in work:
                posts = posts * (1 - work["discount"].cells[i])
            return n[i] * (get(i, "cost_per_creator") + posts)

        def hours(i: int) -> Term:
            spent = _booked(n[i], n[i] * (get(i, "hours_per_creator") + get(i, "hours_per_post") * k[i]))
            return spent + once(i, "setup_hours") if get(i, "setup_hours").value else spent

        put("posts", lambda i: n[i] * k[i])
        put("impressions", lambda i: n[i] * get(i, "completion") * k[i] * get(i, "impressions_per_post"))
        put("clicks", lambda i: columns["impressions"].cells[i] * get(i, "click_rate"))
        put("conversions", lambda i: columns["clicks"].cells[i] * get(i, "conversion_rate"))
        put("revenue", lambda i: columns["conversions"].cells[i] * get(i, "value_per_conversion"))
        put("cost_of_goods", lambda i: columns["conversions"].cells[i] * get(i, "cost_per_conversion"))

        def engaged(i: int) -> Term:
            real = get(i, "completion") * get(i, "authentic") * get(i, "on_target")
            return n[i] * real * get(i, "engagements_per_post") * work["effect"].cells[i]

        put("engagements", lambda i: engaged(i) * get(i, "engagement_weight"))
        for name, kinds in KINDS.items():
            put(name, lambda i, of=kinds: engaged(i) * self._share(i, of))  # type: ignore[misc]
        put("gross_reach", lambda i: n[i] * work["alone"].cells[i])
        put("paid", paid)
        put("agency", lambda i: columns["paid"].cells[i] * self.agency.fixed)
        put("contingency", lambda i: columns["paid"].cells[i] * self.contingency.fixed)
        put("commission", lambda i: self._commission(i))
        put("setup", lambda i: once(i, "setup_cost"), always=True)
        parts = [key for key in PARTS if key in columns]
        put("cost", lambda i: plus([columns[key].cells[i] for key in parts]), always=True)
        put("hours", hours, always=True)
        put("profit", lambda i: columns["revenue"].cells[i] - columns["cost_of_goods"].cells[i]
            - columns["cost"].cells[i], always=True)  # fmt: skip
        for name in (
            m for m in MEASURES if m in self._at and m not in columns
        ):  # without a formula of its own here
            put(name, lambda i, m=name: n[i] * self._of_one(i, m))  # type: ignore[misc]
        for name in self.own:
            each = name in self.made_of.per_post
            put(name, lambda i, m=name, p=each: n[i] * get(i, f"measures.{m}") * (k[i] if p else 1.0))  # type: ignore[misc]
        for name, ratio in RATIOS.items():
            put(name, lambda i, r=ratio: _ratio(r.factor, columns["cost"].cells[i], columns[r.denominator].cells[i]),  # type: ignore[misc]
                always=True)  # fmt: skip

    def _of_one(self, i: int, measure: str) -> Term:
        """What one creator of a line brings of a measure, as the plan has it: a constant."""
        line = self.lines[i]
        value = line.of(measure)
        return (
            Term(f'"{UNKNOWN}"', None)
            if value is None or not line.creators
            else number(value / line.creators)
        )

    def _share(self, i: int, kinds: Sequence[str]) -> Term:
        """Share of an offer's engagements that are of some kinds; its mix is scaled to a whole."""
        mix = {kind: self.rates.get(i, f"engagement_mix.{kind}") for kind in ENGAGEMENT_KINDS}
        return plus([mix[kind] for kind in kinds]) / plus(list(mix.values()))

    def _commission(self, i: int) -> Term:
        rate = self.rates.get(i, "commission")
        revenue = (
            self.columns["revenue"].cells[i] if "revenue" in self.columns else Term(f'"{UNKNOWN}"', None)
        )
        return either(rate.above(0), rate * revenue, 0.0)

    def _totals_row(self, row: int) -> int:
        look: dict[str, Any] = {"bold": True, "top": 1, "bottom": 6, "bg_color": BAND}
        for column, key in enumerate(self._header):
            kind = self._header[key][1]
            if key == "offer":
                self.sheet.text(row, column, "Total", **look)
            elif key in ADDED_UP or key in self.own:
                values = self.columns[key]
                form = self.sheet.style.format(kind, values.values)
                self.totals[key] = self.sheet.formula(
                    row, column, total(values), kind, guard=True, num_format=form, **look
                )
            else:
                self.sheet.raw.write_blank(row, column, None, self.book.format(**look))
        for name, ratio in RATIOS.items():
            if name in self._at:
                term = _ratio(ratio.factor, self.totals["cost"], self.totals[ratio.denominator])
                form = self.sheet.style.format("price", self.columns[name].values)
                self.totals[name] = self.sheet.formula(
                    row, self._at[name], term, "price", guard=True, num_format=form, **look
                )
        if "share" in self._at:
            shares = [_ratio(1, c, self.totals["cost"].fixed) for c in self.columns["cost"].cells]
            self.columns["share"] = self.sheet.column(
                self._top, self._at["share"], shares, "share", guard=True, spare=SPARE
            )
            self.totals["share"] = self.sheet.formula(
                row, self._at["share"], total(self.columns["share"]), "share", guard=True, **look
            )
        return row + 1

    def _subtotals(self, key: str, row: int) -> int:
        """Sums of the lines of each tier or platform, under the columns they belong to."""
        group = Group(key)
        self.sheet.heading(row, f"By {key}")
        labels = self.columns[key]
        for label in dict.fromkeys(labels.values):
            row += 1
            name = self.sheet.text(row, 0, str(label))
            cells: dict[str, Cell] = {}
            for column, k in enumerate(self._header):
                if k in ADDED_UP or k in self.own:
                    kind = self._header[k][1]
                    form = self.sheet.style.format(kind, self.columns[k].values)
                    term = total_where(labels, name, self.columns[k])
                    cells[k] = self.sheet.formula(row, column, term, kind, guard=True, num_format=form)
            if "share" in self._at:
                term = _ratio(1, cells["cost"], self.totals["cost"].fixed)
                cells["share"] = self.sheet.formula(row, self._at["share"], term, "share", guard=True)
            for ratio_name, ratio in RATIOS.items():
                if ratio_name in self._at:
                    term = _ratio(ratio.factor, cells["cost"], cells[ratio.denominator])
                    form = self.sheet.style.format("price", self.columns[ratio_name].values)
                    cells[ratio_name] = self.sheet.formula(
                        row, self._at[ratio_name], term, "price", guard=True, num_format=form
                    )
            group.rows[str(label)] = cells
        self.groups.append(group)
        return row + 1


def _label(line: Line, key: str) -> str:
    if key == "filled":
        return ", ".join(ASKED[field] for field in line.filled)
    return str(getattr(line, key) or UNKNOWN)


def _booked(creators: Term, term: Term) -> Term:
    """0 where nobody is booked: nothing has to be known of an offer that is not."""
    return either(creators.equals(0), 0.0, term)


def _floor(value: float) -> float:
    return float(value // 1)


def _ratio(factor: float, top: Term, bottom: Term) -> Term:
    return top / bottom if factor == 1 else factor * top / bottom
