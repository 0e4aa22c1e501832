"""What must tie out in a plan's workbook."""

from __future__ import annotations

from optimizer.language.measures import MEASURES, RATIOS, REACH
from optimizer.report.workbook.cells import Range, Term, all_true, either, is_number, plus, total, total_above
from optimizer.report.workbook.checks import ARITHMETIC, LIMITS, SOLVED, Checks
from optimizer.report.workbook.columns import PARTS
from optimizer.report.workbook.limit_sheet import LimitBlock, kind_of
from optimizer.report.workbook.plan_sheet import PlanSheet

WORDS = {"paid": "paid to creators", "agency": "agency fee", "contingency": "contingency", "commission": "commission",
         "setup": "set-up"}  # fmt: skip


def plan_checks(checks: Checks, on: PlanSheet, limits: LimitBlock, of: str = "") -> None:
    """Collect the tie-outs of one plan; `of` names it where there are several."""
    _adds_up(checks, on, of)
    for row in limits.rows:
        checks.true(LIMITS, f"{of}{row.made_of.result.name}", row.kept)
    if on.lines:
        checks.true(LIMITS, f"{of}counts are within what each offer allows", all_true(on.fits))
    _as_solved(checks, on, limits, of)


def _adds_up(checks: Checks, on: PlanSheet, of: str) -> None:
    if not on.lines:
        return
    measures = [m for m in (*MEASURES, *on.own) if m in on.totals]
    for measure in measures:
        checks.equal(
            ARITHMETIC,
            f"{of}{measure}: lines to total",
            total_above(on.columns[measure], on.totals[measure]),
            on.totals[measure],
            kind_of(measure),
        )
    for group in on.groups:
        for measure in measures:
            parts = [cells[measure] for cells in group.rows.values()]
            checks.equal(
                ARITHMETIC,
                f"{of}{measure}: {group.key}s to total",
                total(Range(parts)),
                on.totals[measure],
                kind_of(measure),
            )
    if "cost" in on.totals:
        parts = [on.totals[key] for key in PARTS if key in on.totals]
        checks.equal(ARITHMETIC, f"{of}parts of the cost to total", plus(parts), on.totals["cost"], "money")
    if "share" in on.totals:
        whole = either(
            is_number(on.totals["share"]), 1.0, on.totals["share"]
        )  # nothing is no share of nothing
        checks.equal(ARITHMETIC, f"{of}shares of cost to 100 %", on.totals["share"], whole, "share")
    if "profit" in on.totals and "revenue" in on.totals:
        term = on.totals["revenue"] - on.totals["cost_of_goods"] - on.totals["cost"]
        checks.equal(
            ARITHMETIC,
            f"{of}revenue less cost of goods and cost to profit",
            term,
            on.totals["profit"],
            "money",
        )


def _as_solved(checks: Checks, on: PlanSheet, limits: LimitBlock, of: str) -> None:
    totals = on.plan.totals
    for measure in (*MEASURES, *on.own, *RATIOS):
        if measure in on.totals:
            solved = totals.of(measure)
            checks.equal(SOLVED, f"{of}{measure}", on.totals[measure], solved, kind_of(measure))
    parts = totals.cost_parts
    if parts is not None:
        for key, name in PARTS.items():
            if key in on.totals:
                checks.equal(SOLVED, f"{of}cost, {WORDS[key]}", on.totals[key], getattr(parts, name), "money")
    if on.reach is not None and on.reach.live:  # a constant always ties out with itself
        for name, cell, solved in (
            ("reach", on.reach.reach, totals.reach),
            ("reached by two creators or more", on.reach.twice, totals.reach_two_or_more),
            ("average frequency", on.reach.frequency, totals.frequency),
        ):
            if cell is not None:
                checks.equal(SOLVED, f"{of}{name}", cell, solved, "reach")
    if on.reach is not None and on.reach.live and on.reach.reach is not None and len(on.plan.segments) > 1:
        for one in on.plan.segments:
            checks.equal(SOLVED, f"{of}reach in {one.name}", on.reach.of([one.name]), one.reached, "reach")
    for row in limits.rows:
        result = row.made_of.result
        if _constant(on, result.measure) and not row.made_of.per_creator:
            continue
        kind = "reach" if result.measure == "reach" else kind_of(result.measure)
        checks.equal(SOLVED, f"{of}limit {result.name}", row.value, result.value, kind)
    for goal in on.plan.objectives:
        if goal.over is not None:  # of a case, which this workbook has no numbers of
            continue
        found: Term | None = on.totals.get(goal.measure)
        if goal.measure == REACH.name and on.reach is not None and on.reach.reach is not None:
            found = None if _constant(on, REACH.name) else on.reach.of(goal.segments)
        if found is not None:
            kind = "reach" if goal.measure == REACH.name else kind_of(goal.measure)
            where = f" in {' + '.join(goal.segments)}" if goal.segments else ""
            checks.equal(
                SOLVED, f"{of}objective {goal.measure}{where} to certificate", found, goal.value, kind
            )


def _constant(on: PlanSheet, measure: str) -> bool:
    return measure == REACH.name and on.reach is not None and not on.reach.live
