"""Which columns the Plan sheet of a plan has."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.language.measures import MEASURES, RATIOS
from optimizer.plan.plan import Line, Plan, asked_for
from optimizer.report.workbook.plan_numbers import PlanNumbers

LABELS = {"offer": "Offer", "tier": "Tier", "platform": "Platform", "format": "Format", "person": "Person",
          "filled": "Usual, not given"}  # fmt: skip
_SHEET_KINDS = {"money": "money", "hours": "hours", "creators": "count", "posts": "count"}
COLUMNS: dict[str, tuple[str, str]] = {
    "creators": ("Creators", "count"),
    "room": ("Available", "count"),
    "each": ("Posts each", "count"),
    "posts": ("Posts", "count"),
    "cost_per_post": ("Fee per post", "price"),
    "paid": ("Paid to creators", "money"),
    "agency": ("Agency fee", "money"),
    "contingency": ("Contingency", "money"),
    "commission": ("Commission", "money"),
    "setup": ("Set-up", "money"),
    "cost": ("Cost", "money"),
    "share": ("Share of cost", "share"),
    **{m.name: (m.header, _SHEET_KINDS.get(m.unit, "big")) for m in MEASURES.values()
       if m.name not in ("creators", "posts", "cost")},
}  # fmt: skip
"""Column -> header and kind of number, in order; own measures and the ratios follow."""
ADDED_UP = frozenset({"paid", "agency", "contingency", "commission", "setup", *MEASURES})
PARTS = {"paid": "creators", "agency": "agency", "contingency": "contingency", "commission": "commission",
         "setup": "setup"}  # fmt: skip
"""Column -> part of the cost in `Plan.totals.cost_parts`."""
RESULT_OF = {"cpc": "clicks", "cpa": "conversions", "revenue": "conversions",
             "cost_of_goods": "conversions", "profit": "conversions"}  # fmt: skip
"""Measure -> the result it is about."""


def known_somewhere(lines: Sequence[Line], measure: str) -> bool:
    """Whether any line has a number for a measure."""
    return any(x.of(measure) is not None for x in lines)


def chosen_columns(
    plan: Plan, lines: Sequence[Line], made_of: PlanNumbers, own: Sequence[str]
) -> tuple[dict[str, tuple[str, str]], int]:
    """The columns this plan has something for, and how many of them are worth the paper.

    Clicks and sales that only the benchmark set knows of stand last and are not printed.
    """
    chosen: dict[str, tuple[str, str]] = {"offer": (LABELS["offer"], "text")}
    for key in ("tier", "platform", "format", "person", "filled"):
        if any(getattr(x, key) for x in lines):
            chosen[key] = (LABELS[key], "text")
    money = known_somewhere(lines, "cost")
    pays = [made_of.offers[x.offer].numbers for x in lines]
    wanted = {
        "creators": True,
        "each": True,
        "room": any(x.room is not None for x in lines),
        "commission": money and any(n["commission"].value for n in pays if "commission" in n),
        "setup": money and any(n["setup_cost"].value for n in pays if "setup_cost" in n),
    } | dict.fromkeys(("cost_per_post", "paid", "agency", "contingency", "share"), money)
    for key, label in COLUMNS.items():
        if wanted[key] if key in wanted else known_somewhere(lines, key):
            chosen[key] = label
    chosen |= {m: (m, "number") for m in own}
    for name, ratio in RATIOS.items():
        if ratio.numerator in chosen and ratio.denominator in chosen:
            chosen[name] = (name.upper(), "price")
    beside = [key for key in chosen if not asked_for(plan, RESULT_OF.get(key, key))]
    ordered = [key for key in chosen if key not in beside] + beside
    return {key: chosen[key] for key in ordered}, len(chosen) - len(beside)
