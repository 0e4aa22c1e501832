"""Prices and rates on a Plan sheet: input cells, or formulas where one follows from others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from optimizer.language.numbers import UNKNOWN
from optimizer.plan.plan import Line
from optimizer.report.workbook.book import Sheet
from optimizer.report.workbook.cells import Cell, Term, cell, either, every, function, number, plus
from optimizer.report.workbook.plan_numbers import OfferNumbers, PlanNumbers

FIELDS: dict[str, tuple[str, str]] = {
    "cost_per_creator": ("Fee per creator", "price"),
    "commission": ("Commission on revenue", "rate"),
    "setup_cost": ("Set-up cost of the offer", "money"),
    "cpm": ("CPM on the price list", "price"),
    "hours_per_creator": ("Hours per creator", "number"),
    "hours_per_post": ("Hours per post", "number"),
    "setup_hours": ("Set-up hours of the offer", "number"),
    "followers": ("Followers", "big"),
    "reachable": ("Reachable people", "big"),
    "reach_rate": ("Reach rate", "rate"),
    "impressions_per_post": ("Impressions per post", "big"),
    "engagement_rate": ("Engagement rate", "rate"),
    "engagements_per_post": ("Engagements per post", "big"),
    "engagement_weight": ("Worth of an engagement", "number"),
    "authentic": ("Real people", "rate"),
    "on_target": ("In the audience", "rate"),
    "completion": ("Creators who deliver", "rate"),
    "repeat_decay": ("Lost per further post", "rate"),
    "click_rate": ("Click rate", "rate"),
    "conversion_rate": ("Conversion rate", "rate"),
    "value_per_conversion": ("Value per conversion", "price"),
    "cost_per_conversion": ("Cost of goods per conversion", "price"),
    "engagement_mix.likes": ("Share of likes", "rate"),
    "engagement_mix.reactions": ("Share of reactions", "rate"),
    "engagement_mix.comments": ("Share of comments", "rate"),
    "engagement_mix.shares": ("Share of shares", "rate"),
    "engagement_mix.saves": ("Share of saves", "rate"),
}
"""Field of an offer -> header and kind of number, in the order of the columns; the fee per post is not among them."""

IDLE = frozenset({"cpm", "engagement_rate", "followers"})
"""Numbers that count only where another follows from them."""
WHERE_ANY = {"commission": 0.0, "setup_cost": 0.0, "setup_hours": 0.0, "engagement_weight": 1.0,
             "cost_per_conversion": 0.0, "engagement_mix.reactions": 0.0}  # fmt: skip
"""Columns that are left out where every offer has this value, which then counts without a cell."""


class Rates:
    """The block of prices and rates: one row for each line of the plan.

    A second line of the same offer repeats the first one's numbers by formula, so that each is typed once.
    """

    def __init__(
        self,
        sheet: Sheet,
        lines: Sequence[Line],
        made_of: PlanNumbers,
        *,
        row: int,
        fee_column: int,
        column: int,
        own: Sequence[str],
        segments: Sequence[str] = (),
    ) -> None:
        self._sheet, self._row = sheet, row
        self._weights = made_of.weights
        self._offers = [made_of.offers[line.offer] for line in lines]
        first: dict[str, int] = {}
        self._first = [first.setdefault(offer.name, i) for i, offer in enumerate(self._offers)]
        self._by_name = first
        thresholds = sorted({posts for offer in self._offers for posts in offer.discounts})
        self._headers: dict[str, tuple[str, str]] = {}
        for field, (label, kind) in FIELDS.items():
            values = [_value(offer, field) for offer in self._offers]
            idle = field in WHERE_ANY and all(value in (None, WHERE_ANY[field]) for value in values)
            if not idle and any(value is not None for value in values):
                self._headers[field] = (label, kind)
        self._segments = [f"segments.{name}" for name in segments]
        self._headers |= {f"segments.{name}": (f"Share in {name}", "rate") for name in segments}
        for posts in thresholds:
            self._headers[f"bundle_discount.{posts}"] = (f"Discount from {posts} posts", "rate")
        for name in own:
            self._headers[f"measures.{name}"] = (
                f"{name} per {'post' if name in made_of.per_post else 'creator'}",
                "number",
            )
        self.thresholds = thresholds
        self._columns = {field: column + i for i, field in enumerate(self._headers)} | {
            "cost_per_post": fee_column
        }
        self.width = len(self._headers)
        self._used: set[tuple[int, str]] = set()
        self._formulas: dict[tuple[int, str], Term] = {}
        self._cells: dict[tuple[int, str], Cell] = {}

    @property
    def headers(self) -> list[str]:
        """The labels of the columns."""
        return [label for label, _ in self._headers.values()]

    def get(self, line: int, field: str) -> Term:
        """A number of a line's offer, for formulas; a constant where its column is left out."""
        if field not in self._columns:
            value = _value(self._offers[line], field)
            return Term(f'"{UNKNOWN}"', None) if value is None else number(value)
        first = self._first[line]
        if first != line:
            return self._place(line, field, self.get(first, field).value)
        if (line, field) not in self._cells:
            offer = self._offers[line]
            value = _value(offer, field)
            formula = self._identity(line, offer, field)
            if formula is not None and _close(formula.value, value):
                self._formulas[line, field] = formula
                value = formula.value  # type: ignore[assignment]
            self._cells[line, field] = self._place(line, field, value)
        return self._cells[line, field]

    def cell_of(self, offer: str, field: str) -> Cell | None:
        """Where a number of an offer stands on the sheet, if it does."""
        line = self._by_name.get(offer)
        if line is None or field not in self._columns or field not in self._offers[line].numbers:
            return None
        found = self.get(line, field)
        return found if isinstance(found, Cell) else None

    def write(self) -> None:
        """Write every cell; call once all formulas that use them are made."""
        kinds = {field: kind for field, (_, kind) in self._headers.items()} | {"cost_per_post": "price"}
        for field, column in self._columns.items():
            terms = [self.get(line, field) for line in range(len(self._offers))]
            look: dict[str, Any] = {
                "num_format": self._sheet.style.format(kinds[field], [t.value for t in terms])
            }
            for line, term in enumerate(terms):
                row, first = self._row + line, self._first[line]
                if first != line:
                    self._sheet.formula(row, column, self.get(first, field), kinds[field], **look)
                elif (line, field) in self._formulas:
                    self._sheet.formula(
                        row, column, self._formulas[line, field], kinds[field], guard=True, **look
                    )
                elif field in IDLE and (line, field) not in self._used:
                    self._sheet.value(row, column, term.value, kinds[field], **look)
                else:
                    self._sheet.input(row, column, term.value, kinds[field], **look)

    def _place(self, line: int, field: str, value: object) -> Cell:
        return cell(self._sheet.name, self._row + line, self._columns[field], value)  # type: ignore[arg-type]

    def _identity(self, line: int, offer: OfferNumbers, field: str) -> Term | None:
        """How a number follows from others, as `terms` derived it; None where it stands for itself."""
        known = offer.numbers.get(field)

        def use(other: str) -> Term:
            self._used.add((line, other))
            return self.get(line, other)

        if field == "on_target" and known is not None and self._segments:  # whoever gave it, it is their sum
            return plus([use(segment) for segment in self._segments])
        if known is None or known.origin != "derived":
            return None

        match field, known.follows_from:
            case "engagement_weight", kinds:
                shares = {kind: use(kind) for kind in kinds}
                counted = [
                    share * self._weights.get(kind.removeprefix("engagement_mix."), 1.0)
                    for kind, share in shares.items()
                ]
                return plus(counted) / plus(list(shares.values()))
            case "reachable", ("followers",):
                return use("followers")
            case "impressions_per_post", ("cost_per_post", "cpm"):
                return 1000 * use("cost_per_post") / use("cpm")
            case "impressions_per_post", ("reachable", "reach_rate"):
                return use("reachable") * use("reach_rate")
            case "reach_rate", ("impressions_per_post", "reachable"):
                return function("MIN", min, 1, use("impressions_per_post") / use("reachable"))
            case "cost_per_post", ("cpm", "impressions_per_post"):
                return use("cpm") * use("impressions_per_post") / 1000
            case "engagements_per_post", ("engagement_rate", "followers" | "impressions_per_post" as people):
                return use("engagement_rate") * use(people)
        return None


def _value(offer: OfferNumbers, field: str) -> float | None:
    if field == "engagement_weight":
        return offer.weight
    if field.startswith("bundle_discount."):
        return offer.discounts.get(int(field.partition(".")[2]))
    known = offer.numbers.get(field)
    if known is None and field == "repeat_decay":  # never asked of offers that make one post each
        return 0.0
    if known is None and field.startswith("engagement_mix."):  # a kind that a mix does not name has none
        return 0.0 if any(name.startswith("engagement_mix.") for name in offer.numbers) else None
    if known is None and field in WHERE_ANY and field != "cost_per_conversion":
        return 0.0
    return None if known is None else known.value


def _close(one: object, other: float | None) -> bool:
    return isinstance(one, int | float) and other is not None and math.isclose(one, other, rel_tol=1e-9)


def discount(rates: Rates, line: int, posts: Term) -> Term:
    """Share off the fee per post: that of the largest bundle with at most so many posts.

    An empty (unknown) discount means the offer has none from there on, so the next smaller one holds.
    """
    result: Term = number(0.0)
    for threshold in rates.thresholds:
        share = rates.get(line, f"bundle_discount.{threshold}")
        given = Term(f"ISNUMBER({share.text})", share.value is not None)
        result = either(every([posts.at_least(threshold), given]), share, result)
    return result
