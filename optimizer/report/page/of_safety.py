"""What it costs to be sure, as a page."""

from __future__ import annotations

from optimizer.language.numbers import cases, gap_percent, made_line, printable
from optimizer.report.layout.parts import Sentences
from optimizer.report.page.document import Block, Charts, Facts, Page, Tile
from optimizer.report.page.safety_charts import bands_chart, trade_chart
from optimizer.report.sections.safety import safety_sections
from optimizer.risk.safety.findings import chance_text, headline_promise, rounded
from optimizer.risk.safety.result import Safety


def page_of_safety(s: Safety) -> Page:
    """What the page of `optimize risk` says."""
    first, *parts = safety_sections(s, everything=True)
    assert isinstance(first, Sentences)
    findings = [part for part in parts if isinstance(part, Sentences)]
    charts = [chart for chart in (trade_chart(s), bands_chart(s)) if chart is not None]
    blocks: list[Block] = [Charts("", charts)] if charts else []
    number = sum(plan.criterion is not None for plan in s.plans)
    proof = f"Each of {number} plans from bold to safe is proven, for mean and standard deviation."
    return Page(
        kind=f"Risk of {printable(s.measure)}",
        title=s.scenario.name,
        lead=first.lines[0],
        proof=proof if s.proven and number > 1 else "",
        proven=s.proven,
        lines=[line for part in findings for line in part.lines],
        tiles=_tiles(s),
        blocks=[*blocks, *(part for part in parts if part not in findings), _certificate(s)],
        foot=made_line(s.scenario.made, [s.scenario.author], s.version),
    )


def _tiles(s: Safety) -> list[Tile]:
    """Today's result in bad cases, the one to promise, what is expected of both, the target."""
    if not s.varies:
        return []
    promise, today = headline_promise(s), s.plan_of(s.today)
    place, where = s.confidences.index(promise.confidence), cases(promise.confidence)
    safe = s.plan_of(promise.plan)
    word = "at least" if s.sense == "maximize" else "at most"
    unit = printable(s.unit)
    tiles = [
        Tile("Today's plan", rounded(today.dependable[place]), unit, f"{word}, in {where}"),
        Tile("Can be promised", rounded(promise.dependable), unit, f"{word}, in {where}; plan {safe.number}"),
        Tile("Expected of it", rounded(safe.expected), unit, f"today's plan {rounded(today.expected)}"),
    ]
    if s.target is not None:
        verb = "reaches" if s.sense == "maximize" else "stays within"
        note = f"plan {s.target.plan} {verb} {rounded(s.target.value)}; today's {chance_text(s.target.today_chance)}"
        tiles.append(Tile("Best chance", chance_text(s.target.chance), "", note))
    return tiles


def _certificate(s: Safety) -> Facts:
    rows = []
    for plan in s.plans:
        c = plan.criterion
        if c is not None:
            sign = "-" if s.sense == "maximize" else "+"
            bound = "no bound" if c.bound is None else f"bound {rounded(c.bound)}, gap {gap_percent(c.gap)}"
            what = f"mean {sign} {c.k:.3f} sd" if c.k else "mean"
            rows.append((f"plan {plan.number}", f"{what} = {rounded(c.value)}, {bound}"))
    rows.append(("draws", f"{s.draws:,} cases for each plan, seed {s.seed}"))
    rows.append(("scenario", f"{printable(s.scenario.name)}, sha256 {s.scenario.sha256}"))
    note = (
        "The proof is about mean and standard deviation; what a plan comes to in 9 of 10 cases is drawn."
        if s.varies
        else ""
    )
    return Facts("Certificate", rows, note)
