"""The computed tables of `docs/explanation/benchmarks.md`: what the set says, and the CPM that follows.

`python -m optimizer.benchmarks.making docs` renews them; a test fails where they are out of date.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from optimizer.benchmarks.making.derive import FORMATS, summarize
from optimizer.benchmarks.making.source import READINGS, REASONS, counted, source_rows
from optimizer.benchmarks.schema import DEFAULT_FORMATS, BenchmarkSet, Figure
from optimizer.language.names import TIERS

_BLOCK = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_HOME = {"instagram": "Instagram", "tiktok": "TikTok", "youtube": "YouTube", "facebook": "Facebook", "x": "X"}
_PUBLISHED = ("USD per 1000", "USD per 1000 impressions", "USD per 1000 views")


def refresh(page: str, benchmarks: BenchmarkSet) -> str:
    """The page with every `<!-- table: name -->` block computed anew; `KeyError` for an unknown name."""
    return _BLOCK.sub(lambda block: block[1] + TABLES[block[2]](benchmarks) + block[3], page)


def implied_cpm(figures: dict[str, Figure]) -> float:
    """Money per 1,000 impressions that follows from the rest: 1000 x fee / (followers x reach rate)."""
    return 1000 * figures["cost_per_post"].typical / _impressions(figures)


def implied_cpe(figures: dict[str, Figure]) -> float:
    """Money per engagement that follows from fee and engagement rate; every engagement counts 1."""
    rate = figures["engagement_rate"]
    people = _impressions(figures) if rate.base == "impressions" else figures["followers"].typical
    return figures["cost_per_post"].typical / (rate.typical * people)


def _impressions(figures: dict[str, Figure]) -> float:
    return figures["followers"].typical * figures["reach_rate"].typical


def _figures(benchmarks: BenchmarkSet) -> str:
    head = ("tier", "platform", "fee, USD", "reach rate", "engagement rate", "CPM", "CPE", "hours")
    rows: list[tuple[str, ...]] = []
    for platform, formats in FORMATS.items():
        for format in formats:
            for tier in TIERS:
                have = benchmarks.fill(tier, platform, format)
                base = "views" if have["engagement_rate"].base == "impressions" else "followers"
                rows.append((
                    tier, _HOME[platform] + (f" {format}" if len(formats) > 1 else ""),
                    _money(have["cost_per_post"]), _percent(have["reach_rate"]),
                    f"{_percent(have['engagement_rate'])} of {base}",
                    f"{implied_cpm(have):,.0f}", f"{implied_cpe(have):,.2f}",
                    f"{have['hours_per_creator'].typical:g} + {have['hours_per_post'].typical:g} a post",
                ))  # fmt: skip
    return _table(head, rows)


def _published(benchmarks: BenchmarkSet) -> str:
    """CPM as published per platform, any tier and format, beside what fee and reach rate imply."""
    rows = []
    for platform, format in DEFAULT_FORMATS.items():
        cited = [
            row for row in source_rows()
            if row.metric == "cpm" and row.platform == platform and row.unit in _PUBLISHED
            and row.left_out is None and row.triple[1] is not None
        ]  # fmt: skip
        implied = [implied_cpm(benchmarks.fill(tier, platform, format)) for tier in TIERS]
        found = f"{min(implied):,.0f} to {max(implied):,.0f}"
        if not cited:
            rows.append((_HOME[platform], "0", "", "", found))
            continue
        low, typical, high, _ = summarize([row.triple for row in cited])
        widest = [bound for row in cited for bound in row.triple if bound is not None]
        rows.append((
            _HOME[platform], str(len(cited)), f"{low:,.0f} / {typical:,.0f} / {high:,.0f}",
            f"{min(widest):,.0f} to {max(widest):,.0f}", found,
        ))  # fmt: skip
    return _table(
        ("platform", "figures", "published, low / typical / high", "all of them", "implied, nano to mega"),
        rows,
    )


def _reasons(benchmarks: BenchmarkSet) -> str:
    """How many rows of the source table are left out and why, and how many enter a median."""
    rows = source_rows()
    why = Counter(row.left_out for row in rows)
    used = sum(len(counted(reading, rows)) for reading in READINGS)
    lines = [(reason, str(why[reason])) for reason in REASONS]
    lines += [("none of these", str(why[None])), ("all", str(len(rows)))]
    text = _table(("left out as", "rows"), lines)
    kinds = Counter(figure.kind for figure in benchmarks.figures)
    return text + (
        f"\n{used} rows fit a field of the set in its unit; the others are about CPM, tiers, fraud, timing "
        f"and the like. The set holds {len(benchmarks.figures)} figures: {kinds['benchmark']} benchmarks and "
        f"{kinds['assumption']} assumptions.\n"
    )


def _assumptions(benchmarks: BenchmarkSet) -> str:
    """The reasoning behind what nobody publishes, once per field, platform and format."""
    seen = {
        (figure.field.partition(".")[0], figure.platform or "every", figure.format or "", figure.note): None
        for figure in benchmarks.figures
        if figure.kind == "assumption"
    }
    return _table(
        ("field", "platform", "reasoning"),
        [
            (f"`{field}`", f"{_HOME.get(platform, platform)} {format}".strip(), note)
            for field, platform, format, note in seen
        ],
    )


TABLES: dict[str, Callable[[BenchmarkSet], str]] = {
    "figures": _figures,
    "published_cpm": _published,
    "left_out": _reasons,
    "assumptions": _assumptions,
}
"""Name in the page -> how the table is made."""


def _money(figure: Figure) -> str:
    return f"{figure.low:,.0f} / {figure.typical:,.0f} / {figure.high:,.0f}"


def _percent(figure: Figure) -> str:
    return " / ".join(f"{number * 100:.3g}" for number in (figure.low, figure.typical, figure.high)) + " %"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)
