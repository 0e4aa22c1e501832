"""Benchmark figures -> a table with sources, or JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from optimizer.benchmarks import BenchmarkSet, Figure
from optimizer.errors import did_you_mean
from optimizer.report.assumptions import SHARE_FIELDS
from optimizer.report.format import percent, plain_number, printable
from optimizer.report.parts import Table

if TYPE_CHECKING:
    from rich.console import Console


def chosen_figures(benchmarks: BenchmarkSet, tier: str | None, platform: str | None) -> list[Figure]:
    """The figures of a tier and a platform; either may be left out.

    Raises:
        ValueError: where the set knows no such tier or platform.
    """
    for word, attribute in ((tier, "tier"), (platform, "platform")):
        known = list(dict.fromkeys(v for f in benchmarks.figures if (v := getattr(f, attribute)) is not None))
        if word is not None and word.lower() not in known:
            raise ValueError(f"{benchmarks.name} has no {attribute} {word!r}; {did_you_mean(word, known)}")
    if tier is not None and platform is not None:  # what an offer would be filled with
        formats = list(dict.fromkeys(f.format for f in benchmarks.figures if f.platform == platform.lower()))
        found = [
            benchmarks.lookup(field, tier.lower(), platform.lower(), form)
            for field in dict.fromkeys(f.field for f in benchmarks.figures)
            for form in formats
        ]
        return [figure for figure in dict.fromkeys(found) if figure is not None]
    return [
        figure
        for figure in benchmarks.figures
        if (tier is None or figure.tier in (None, tier.lower()))
        and (platform is None or figure.platform in (None, platform.lower()))
    ]


def benchmarks_json(benchmarks: BenchmarkSet, tier: str | None, platform: str | None) -> str:
    """The chosen figures as JSON."""
    figures = [figure.model_dump(mode="json") for figure in chosen_figures(benchmarks, tier, platform)]
    return json.dumps(
        {"name": benchmarks.name, "currency": benchmarks.currency, "figures": figures},
        indent=2,
        ensure_ascii=False,
    )


def print_benchmarks(
    benchmarks: BenchmarkSet, tier: str | None, platform: str | None, console: Console
) -> None:
    """Draw the chosen figures."""
    from rich.padding import Padding
    from rich.text import Text

    from optimizer.report.text import print_table

    figures = chosen_figures(benchmarks, tier, platform)
    where = " on ".join(word for word in (tier, platform) if word) or "every tier and platform"
    console.print(Text(f"{benchmarks.name}: {where}, money in {benchmarks.currency}", style="bold"))
    rows: list[list[str]] = []
    strong: set[int] = set()
    reasons, before = [], ""
    for figure in figures:
        show = (
            percent
            if figure.field in SHARE_FIELDS or figure.field.startswith("engagement_mix.")
            else plain_number
        )
        of = f" of {figure.base}" if figure.base else ""
        place = " ".join(part for part in (figure.tier, figure.platform, figure.format) if part) or "all"
        basis = (
            "assumption"
            if figure.kind == "assumption"
            else f"{figure.figures} figure{'s' * (figure.figures != 1)}"
        )
        value = f"{show(figure.typical)}{of}"
        if figure.field != before:
            strong.add(len(rows))
            rows.append([printable(figure.field), "", "", ""])
            before = figure.field
        rows.append([f"  {printable(place)}", value, f"{show(figure.low)} to {show(figure.high)}", basis])
        why = figure.note if figure.kind == "assumption" else f"{figure.citation} ({figure.origin_text})"
        reasons.append(f"{printable(figure.field)}, {place}: {printable(why)}")
    columns = ["number", "typical", "low to high", "basis"]
    print_table(Table("", columns, rows, [False, True, True, False], frozenset(strong)), console)
    console.print(Text("\nSources and reasons", style="bold cyan"))
    for reason in reasons:
        console.print(Padding(Text(reason), (0, 0, 0, 2)))
    console.print(Text("\n" + printable(benchmarks.description), style="dim"))
