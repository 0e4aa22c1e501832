"""Scenarios side by side as a page."""

from __future__ import annotations

from optimizer.finance.compare.comparison import Comparison
from optimizer.finance.compare.findings import more_is_better, relevant, shown, signed_percent
from optimizer.language.numbers import made_line, printable
from optimizer.report.page.bridges import bridge_chart
from optimizer.report.page.differences import differences_chart, shares_chart
from optimizer.report.page.document import Block, Charts, Page, Tile
from optimizer.report.page.risk import compared_chart
from optimizer.report.sections.compare import comparison_sections


def page_of_comparison(comparison: Comparison) -> Page:
    """What the page of a comparison says."""
    names = [printable(column.name) for column in comparison.columns]
    drawn = [differences_chart(comparison), compared_chart(comparison), shares_chart(comparison)]
    drawn += [
        bridge_chart(
            bridge,
            comparison.currency,
            f"bridge-{n}",
            better_up=not bridge.measures or more_is_better(comparison, bridge.measures[0].measure),
        )
        for n, bridge in enumerate(comparison.bridges, 1)
    ]
    charts = [chart for chart in drawn if chart is not None]
    _, *parts = comparison_sections(comparison, every_input=True)
    blocks: list[Block] = [Charts("", charts)] if charts else []
    lead, *lines = comparison.sentences or ["Nothing can be compared."]
    proven = all(column.status == "optimal" for column in comparison.columns)
    return Page(
        kind="Comparison",
        title=" and ".join(names[1:]) + f" against {names[0]}"
        if len(names) < 4
        else f"{len(names)} scenarios",
        lead=lead,
        proof="Every plan is proven to be the best within its limits." if proven else "",
        proven=proven,
        lines=lines,
        tiles=_tiles(comparison) if len(names) < 7 else [],
        blocks=[*blocks, *parts],
        foot=made_line(
            comparison.made,
            [column.plan.scenario.author for column in comparison.columns if column.plan is not None],
            comparison.version,
        ),
    )


def _tiles(comparison: Comparison) -> list[Tile]:
    """The objective in every scenario."""
    goal = relevant(comparison)[0]
    unit = "" if goal.unit == goal.label else printable(goal.unit)
    tiles = []
    for i, column in enumerate(comparison.columns):
        share = goal.shares[i]
        note = "base" if i == 0 else signed_percent(share) if share is not None else ""
        if column.plan is None:
            note = "no plan"
        value = shown(goal, goal.values[i], comparison)
        tiles.append(
            Tile(
                printable(column.name),
                value,
                "",
                f"{printable(goal.label)}{', ' + unit if unit else ''}; {note}" if note else "",
            )
        )
    return tiles
