"""Why a plan is as it is, as a page."""

from __future__ import annotations

from optimizer.language.numbers import gap_percent, made_line, measured, printable
from optimizer.report.layout.parts import Sentences
from optimizer.report.page.document import Block, Charts, Facts, Page
from optimizer.report.page.steps import steps_chart, tipping_chart
from optimizer.report.sections.explanation import explanation_sections
from optimizer.whatif.explain.result import Explanation


def page_of_explanation(explanation: Explanation) -> Page:
    """What the page of an explanation says."""
    first, findings, *parts = explanation_sections(explanation)
    assert isinstance(first, Sentences)
    assert isinstance(findings, Sentences)
    charts = [chart for chart in (steps_chart(explanation), tipping_chart(explanation)) if chart is not None]
    blocks: list[Block] = [Charts("", charts)] if charts else []
    goal = explanation.objective
    found = (
        f"{measured(explanation.best)} {printable(explanation.unit)}, gap of the plan {gap_percent(goal.gap)}"
    )
    certificate = Facts(
        "Certificate",
        [
            (f"{goal.sense} {printable(goal.measure)}", found),
            ("found by", "solving the scenario again with changed numbers, whole creators"),
            ("scenario", f"{printable(explanation.scenario.name)}, sha256 {explanation.scenario.sha256}"),
        ],
    )
    return Page(
        kind="Why this plan",
        title=explanation.scenario.name,
        lead=findings.lines[0],
        proof="",
        proven=True,
        lines=[*findings.lines[1:], *first.lines],
        tiles=[],
        blocks=[*blocks, *parts, certificate],
        foot=made_line(explanation.scenario.made, [explanation.scenario.author], explanation.version),
    )
