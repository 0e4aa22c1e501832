"""A curve or a map as a page."""

from __future__ import annotations

from optimizer.finance.frontier.result import Frontier
from optimizer.language.numbers import made_line, printable
from optimizer.report.layout.parts import Sentences
from optimizer.report.page.chart import Chart
from optimizer.report.page.curve import curve_chart, mix_along_chart, reached
from optimizer.report.page.document import Block, Charts, Facts, Page
from optimizer.report.page.grid import map_chart
from optimizer.report.sections.frontier import frontier_sections


def page_of_frontier(frontier: Frontier) -> Page:
    """What the page of a frontier says."""
    first, *parts = frontier_sections(frontier, every_point=True)
    assert isinstance(first, Sentences)
    findings = [part for part in parts if isinstance(part, Sentences) and part.key == "findings"]
    drawn: list[Chart | None] = [map_chart(frontier, full=True)]
    if len(frontier.axes) == 1:
        drawn = [curve_chart(frontier, full=True), mix_along_chart(frontier)]
    charts = [chart for chart in drawn if chart is not None]
    solved = [point for point in frontier.points if reached(point) is not None]
    proven = bool(solved) and all(point.status == "optimal" for point in solved)
    blocks: list[Block] = [Charts("", charts)] if charts else []
    rest = [part for part in parts if part not in findings]
    labels = " and ".join(printable(axis.label) for axis in frontier.axes)
    return Page(
        kind=f"{printable(frontier.measure)} by {labels}",
        title=frontier.scenario.name,
        lead=first.lines[0],
        proof=f"Each of {len(solved)} points is a plan of its own, proven." if proven else "",
        proven=proven,
        lines=[*first.lines[1:], *(line for part in findings for line in part.lines)],
        tiles=[],
        blocks=[*blocks, *rest, _certificate(frontier)],
        foot=made_line(frontier.scenario.made, [frontier.scenario.author], frontier.version),
    )


def _certificate(frontier: Frontier) -> Facts:
    counts: dict[str, int] = {}
    for point in frontier.points:
        counts[point.status] = counts.get(point.status, 0) + 1
    found = ", ".join(f"{number} {status.replace('_', ' ')}" for status, number in counts.items())
    scenario = f"{printable(frontier.scenario.name)}, sha256 {frontier.scenario.sha256}"
    return Facts("Certificate", [("points", found), ("scenario", scenario)])
