"""Benchmark figures -> a table with sources, or JSON."""

from __future__ import annotations

import json

from optimizer.benchmarks.schema import BenchmarkSet, Figure
from optimizer.language.errors import did_you_mean
from optimizer.language.numbers import percent, plain_number, printable
from optimizer.report.layout.parts import Section, Sentences, Table
from optimizer.scenario.fields import SHARE_FIELDS


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


def benchmark_title(benchmarks: BenchmarkSet, tier: str | None, platform: str | None) -> str:
    """What is shown."""
    where = " on ".join(word for word in (tier, platform) if word) or "every tier and platform"
    return f"{benchmarks.name}: {where}, money in {benchmarks.currency}"


def benchmark_sections(benchmarks: BenchmarkSet, tier: str | None, platform: str | None) -> list[Section]:
    """The chosen figures as a table, and where each comes from.

    Raises:
        ValueError: where the set knows no such tier or platform.
    """
    rows: list[list[str]] = []
    strong: set[int] = set()
    reasons, before = [], ""
    for figure in chosen_figures(benchmarks, tier, platform):
        rate = figure.field in SHARE_FIELDS or figure.field.startswith("engagement_mix.")
        show = percent if rate else plain_number
        place = " ".join(part for part in (figure.tier, figure.platform, figure.format) if part) or "all"
        value = show(figure.typical) + (f" of {figure.base}" if figure.base else "")
        if figure.field != before:
            strong.add(len(rows))
            rows.append([printable(figure.field), "", "", ""])
            before = figure.field
        span = f"{show(figure.low)} to {show(figure.high)}"
        rows.append([f"  {printable(place)}", value, span, _basis(figure)])
        reasons.append(f"{printable(figure.field)}, {place}: {printable(_reason(figure))}")
    columns = ["number", "typical", "low to high", "basis"]
    return [
        Table("", columns, rows, [False, True, True, False], frozenset(strong)),
        Sentences("Sources and reasons", reasons),
        *(
            [Sentences("About this set", [printable(benchmarks.description)])]
            if benchmarks.description
            else []
        ),
    ]


def _basis(figure: Figure) -> str:
    if figure.kind == "assumption":
        return "assumption"
    if not figure.figures:
        return "given"
    return f"{figure.figures} figure{'s' if figure.figures != 1 else ''}"


def _reason(figure: Figure) -> str:
    if figure.kind == "assumption":
        return figure.note or "no reason given"
    if not figure.citation:
        return figure.note or "no source given"
    return f"{figure.citation} ({figure.origin_text})" if figure.figures else figure.citation
