"""A plan as a page: the answer, key figures, charts, lines, limits, assumptions with sources, certificate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from optimizer.finance.frontier.result import Frontier
from optimizer.language.measures import MEASURES
from optimizer.language.numbers import (
    gap_percent,
    made_line,
    measured,
    money_digits,
    number,
    percent,
    printable,
    short,
    significant,
    tenths,
)
from optimizer.plan.plan import Plan, asked_for
from optimizer.report.layout.parts import Section, Sentences, Table
from optimizer.report.page.chart import Chart
from optimizer.report.page.curve import curve_chart
from optimizer.report.page.document import Beside, Block, Charts, Facts, Folded, Page, Tile
from optimizer.report.page.grid import map_chart
from optimizer.report.page.limits import limits_chart
from optimizer.report.page.mix import mix_chart
from optimizer.report.page.ranges import MOST_BARS, doubts, ranges_chart, sources_table
from optimizer.report.page.reach import segments_chart
from optimizer.report.page.risk import risk_charts
from optimizer.report.sections.assumptions import assumption_sections
from optimizer.report.sections.certificate import tried
from optimizer.report.sections.confidence import by_criterion
from optimizer.report.sections.plan import amount, headline, number_and_unit, sections
from optimizer.report.sections.reach import bounds, of_all_reach, shown_reach

MOST_TILES = 6
PRICES = (
    ("cpe", "engagements", "per engagement"),
    ("cpm", "impressions", "per 1,000 impressions"),
    ("cpc", "clicks", "per click"),
    ("cpa", "conversions", "per conversion"),
)
"""Prices per result: measure, what it is per, and in words."""


def page_of_plan(plan: Plan, curve: Frontier | None, grid: Frontier | None) -> Page:
    """What the page of a plan says; curve and map are drawn where given."""
    parts = {part.key: part for part in sections(plan)}
    answer = parts["answer"]
    assert isinstance(answer, Sentences)
    return Page(
        kind="Plan",
        title=plan.scenario.name,
        lead=headline(plan),
        proof=answer.lines[1],
        proven=plan.status == "optimal",
        lines=answer.lines[2:],
        tiles=list(tiles(plan))[:MOST_TILES],
        blocks=list(_blocks(plan, parts, curve, grid)),
        foot=made_line(plan.scenario.made, [plan.scenario.author], plan.version),
    )


def _blocks(
    plan: Plan, parts: dict[str, Section], curve: Frontier | None, grid: Frontier | None
) -> Iterator[Block]:
    drawn: list[Chart | None] = [mix_chart(plan), limits_chart(plan)]
    drawn += [
        curve_chart(curve) if curve is not None else None,
        map_chart(grid) if grid is not None else None,
    ]
    ranges = ranges_chart(plan)
    charts = [chart for chart in drawn if chart is not None]
    if charts:
        yield Charts("", charts)
    likely = risk_charts(plan)
    if likely:
        yield Charts("What it may come to", likely)
    for key in ("lines", "totals"):
        if key in parts:
            yield parts[key]
    yield from _by_segment(plan, parts)
    ranges_of = parts.get("ranges")
    if isinstance(ranges_of, Table):
        yield replace(ranges_of, title="The ranges in numbers")
    for key in ("range-remarks", "limits"):  # the drivers and what to ask are drawn
        if key in parts:
            yield parts[key]
    flags, unused = parts.get("flags"), parts.get("unused")
    if flags is not None and unused is not None:
        yield Beside("", flags, unused)
    elif (one := flags or unused) is not None:
        yield one
    yield from _assumptions(plan, ranges)
    yield certificate(plan)


def _by_segment(plan: Plan, parts: dict[str, Section]) -> Iterator[Block]:
    """The picture of the segments beside their table, below the totals that reach is among."""
    table, chart = parts.get("segments"), segments_chart(plan)
    if isinstance(table, Table):
        yield table if chart is None else Beside(table.title, chart, replace(table, title=""))


def tiles(plan: Plan) -> Iterator[Tile]:
    """Key figures: the objective first, then money, hours, creators, prices and reach, where known."""
    totals, goal, currency = plan.totals, plan.objective, plan.currency
    if goal.measure not in ("cost", "hours", "creators"):
        reached = shown_reach(plan) if of_all_reach(plan) else None
        value, unit = number_and_unit(plan, goal.measure, goal.value if reached is None else reached)
        best, _ = number_and_unit(plan, goal.measure, goal.best)
        note = f"{goal.sense}d" if goal.value == goal.best else f"best possible {best}"
        if of_all_reach(plan) and plan.measured is not None and (sides := bounds(plan.measured)):
            note += f"; {' to '.join(sides)} whatever the audiences"
        said = unit in (goal.measure, goal.measure.removesuffix("s"))
        yield Tile(_name(goal.measure), value, "" if said else unit, note)
    if totals.cost is not None:
        yield Tile(
            "cost", number(totals.cost, money_digits([totals.cost], currency)), currency, _of(plan, "budget")
        )
    if totals.hours is not None:
        yield Tile("coordination", tenths(totals.hours), "hours", _of(plan, "effort_hours"))
    yield Tile("creators", number(totals.creators, 0 if plan.whole_creators else 1), "",
               f"{number(totals.posts)} {'post' if totals.posts == 1 else 'posts'}")  # fmt: skip
    # the price of what the plan is about first
    for ratio, measure, words in sorted(PRICES, key=lambda price: price[1] != goal.measure):
        price = getattr(totals, ratio)
        if price is not None and asked_for(plan, measure):
            yield Tile(f"cost {words}", significant(price), currency,
                       f"{short(getattr(totals, measure))} {measure}")  # fmt: skip
    reached = shown_reach(plan)
    if reached is not None and plan.audience is not None and (goal.measure != "reach" or goal.segments):
        share = percent(reached / plan.audience.people, 2)
        sides = [] if plan.measured is None else bounds(plan.measured)
        also = f"; {' to '.join(sides)} whatever the audiences" if sides else ""
        yield Tile("reach, estimated", short(reached), "people", f"{share} of the audience{also}")


def _name(measure: str) -> str:
    return printable(MEASURES[measure].name.replace("_", " ") if measure in MEASURES else measure)


def _of(plan: Plan, cap: str) -> str:
    """Use of the budget or the hours: "99.6 % of 100,000"."""
    limit = next((limit for limit in plan.limits if limit.scope.cap == cap), None)
    if limit is None or limit.value is None or not limit.max:
        return ""
    what = "budget" if cap == "budget" else "hours"
    return f"{percent(limit.value / limit.max)} of {measured(limit.max)} {what}"


def _assumptions(plan: Plan, ranges: Chart | None) -> Iterator[Block]:
    counted, *tables = assumption_sections(plan, everything=True)
    yield counted
    if ranges is not None:
        yield Beside("", ranges, sources_table(doubts(plan)[:MOST_BARS]))
    total = len(plan.assumptions)
    yield Folded(f"All {total} numbers behind this plan, with sources", list(tables),
                 f"All {total} numbers with their sources are in the file, under “All {total} numbers”.")  # fmt: skip


def certificate(plan: Plan) -> Facts:
    """What was proven, by what, about which scenario; without times, so that equal plans give equal pages."""
    rows = []
    for goal in plan.objectives:
        bound = "unknown" if goal.bound is None else amount(plan, goal.measure, goal.bound)
        found = amount(plan, goal.measure, goal.best)
        rows.append(
            (
                printable(goal.asked) + by_criterion(goal),
                f"found {found}, bound {bound}, gap {gap_percent(goal.gap)}",
            )
        )
    proof = "proven within the gap asked for" if plan.status == "optimal" else "stopped before the proof"
    rows.append(
        ("solver", f"{printable(plan.solver.version)} ({printable(plan.solver.raw_status)}): {proof}")
    )
    rows.append(("recount", "every total and limit recounted in decimal arithmetic, apart from the solver"))
    if words := tried(plan.solver.checked):
        rows.append(("checked", words))
    rows.append(("scenario", f"{printable(plan.scenario.name)}, sha256 {plan.scenario.sha256}"))
    return Facts("Certificate", rows)
