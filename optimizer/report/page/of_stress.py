"""A stress test as a page."""

from __future__ import annotations

from optimizer.language.numbers import UNKNOWN, made_line, percent, printable
from optimizer.report.layout.parts import Sentences
from optimizer.report.page.document import Block, Charts, Facts, Page, Tile
from optimizer.report.page.stress import stress_chart
from optimizer.report.sections.stress import changed_text, stress_sections
from optimizer.risk.stress.findings import amount, figure
from optimizer.risk.stress.result import Stress


def page_of_stress(result: Stress) -> Page:
    """What the page of a stress test says."""
    first, *parts = stress_sections(result, everything=True)
    assert isinstance(first, Sentences)
    chart = stress_chart(result)
    blocks: list[Block] = [] if chart is None else [Charts("", [chart])]
    solved = [case for case in result.cases if case.best is not None]
    proven = bool(solved) and all(case.status in ("optimal", "infeasible") for case in result.cases)
    scenario = f"{printable(result.scenario.name)}, sha256 {result.scenario.sha256}"
    kinds = ", ".join(f"{case.name}: {case.status.replace('_', ' ')}" for case in result.cases)
    few = f", among {result.scenario.kept:,} creators" if result.scenario.kept else ""
    facts = Facts(
        "Certificate",
        [
            ("as booked", "recounted in decimal arithmetic in every case"),
            ("best plan of each case", printable(kinds)),
            ("scenario", scenario),
        ],
    )
    return Page(
        kind="Stress test",
        title=result.scenario.name,
        lead=first.lines[0],
        proof=f"Every best plan had one known is proven{few}." if proven else "",
        proven=proven,
        lines=first.lines[1:],
        tiles=_tiles(result),
        blocks=[*blocks, *parts, facts],
        foot=made_line(result.scenario.made, [result.scenario.author], result.version),
    )


def _tiles(result: Stress) -> list[Tile]:
    measure, currency = result.measure, result.currency
    unit = "" if result.unit == measure else printable(result.unit)
    tiles = [Tile("as planned", figure(measure, result.planned.value, currency), unit, printable(measure))]
    worst = next((case for case in result.cases if case.name == result.hurts_most), None)
    if worst is not None:
        limits = "every limit kept" if worst.keeps_limits else "breaks limits"
        note = f"{changed_text(result, worst)}; {limits}"
        tiles.append(
            Tile(
                f"as booked in {printable(worst.name)}",
                figure(measure, worst.booked.value, currency),
                unit,
                note,
            )
        )
    kept = sum(case.keeps_limits for case in result.cases)
    tiles.append(Tile("keeps every limit in", f"{kept} of {len(result.cases)}", "cases", "as booked"))
    known = [case for case in result.cases if case.regret is not None]
    most = max(known, key=lambda case: case.regret or 0.0, default=None)
    if most is not None and (most.regret or 0.0) > 0:
        share = UNKNOWN if most.regret_share is None else percent(most.regret_share)
        behind = amount(measure, most.regret, currency)
        tiles.append(Tile("largest regret", share, "", f"{behind} in {printable(most.name)}"))
    return tiles
