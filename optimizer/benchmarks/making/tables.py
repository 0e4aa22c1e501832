"""The computed tables of `docs/explanation/benchmarks.md`; `make docs` renews them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from optimizer.benchmarks.answer import Answer, answer
from optimizer.benchmarks.figures import TENTH, Figure
from optimizer.benchmarks.lookup import Benchmarks, Place
from optimizer.benchmarks.making.alone import SIZES
from optimizer.benchmarks.making.observations import observations
from optimizer.benchmarks.making.source import REASONS, source_rows
from optimizer.benchmarks.making.stated import stated
from optimizer.benchmarks.schema import BenchmarkSet
from optimizer.language.names import TIERS

_BLOCK = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_HOME = {"instagram": "Instagram", "tiktok": "TikTok", "youtube": "YouTube", "facebook": "Facebook", "x": "X"}
_FIELDS = {"cost_per_post": "fee", "reach_rate": "reach rate", "engagement_rate": "engagement rate"}


def refresh(page: str, benchmarks: BenchmarkSet) -> str:
    """The page with every `<!-- table: name -->` block computed anew; `KeyError` for an unknown name."""
    return _BLOCK.sub(
        lambda block: block[1] + TABLES[block[2]](benchmarks) + block[3] if block[2] in TABLES else block[0],
        page,
    )


def _tiers(benchmarks: BenchmarkSet) -> str:
    """The table by tier: curves at each tier's middle, as low / typical / high."""
    rows = []
    sets = Benchmarks(benchmarks)
    for platform, formats in benchmarks.platforms.items():
        for format in formats:
            if format == "integration":
                continue  # another name for the platform's usual video
            for tier in TIERS:
                rows.append(_tier_line(answer(sets, Place(tier, platform, format))))
    head = ("tier", "platform", "fee, USD", "reach rate", "engagement rate", "CPM", "CPE", "hours per 1,000")
    return _table(head, rows)


def _tier_line(found: Answer) -> tuple[str, ...]:
    fields, implied = found.fields, found.implied
    rate = fields["engagement_rate"].figure
    base = "views" if rate.base == "impressions" else "followers"
    return (
        found.place.tier or "",
        f"{_HOME[found.place.platform or '']} {found.place.format}",
        _money(fields["cost_per_post"].figure),
        _percent(fields["reach_rate"].figure),
        f"{_percent(rate)} of {base}",
        f"{implied.cpm:,.0f}",
        f"{implied.cpe:,.2f}",
        f"{implied.hours_per_1000_engagements:,.1f}",
    )


def _held_out(benchmarks: BenchmarkSet) -> str:
    quality = benchmarks.made["quality"]
    rows = [
        (
            kind, str(s["rows"]), f"{s['median_factor_error']:.2f}", f"{s['coverage']:.0%}",
            str(s["same_rows"]), f"{s['same_rows_factor_error']:.2f}", f"{s['cell_median_factor_error']:.2f}",
        )
        for kind, s in quality["held_out"].items()
    ]  # fmt: skip
    head = (
        "figures about", "rows", "median factor error", "inside the 80 % range",
        "rows with a cell", "error of the curve there", "error of the cell's median",
    )  # fmt: skip
    return _table(head, rows) + f"\nMeasured on {quality['measured_on']} with `make benchmarks`.\n"


def _alone(benchmarks: BenchmarkSet) -> str:
    rows = [
        (name, str(said["rows"]), *(_three(said[field], field) for field in ("fee", "reach", "engagement")))
        for name, said in benchmarks.made["quality"]["alone"].items()
    ]
    sizes = ", ".join(f"{size // 1000}k" for size in SIZES)
    head = ("rows", "number", f"fee at {sizes}, USD", f"reach rate at {sizes}", f"engagement rate at {sizes}")
    return _table(head, rows)


def _three(values: list[float] | None, field: str) -> str:
    if values is None:
        return "too few"
    return " / ".join(f"{v:,.0f}" if field == "fee" else f"{100 * v:.3g} %" for v in values)


def _quoted(benchmarks: BenchmarkSet) -> str:
    sets = Benchmarks(benchmarks)
    rows = []
    for platform, kinds in benchmarks.made["quality"]["cpm"].items():
        if platform not in _HOME:
            continue
        implied = [
            answer(sets, Place(None, platform, None, float(s))).implied.cpm or 0.0 for s in (5_000, 2_000_000)
        ]
        said = [
            " / ".join(f"{price:,.0f}" for price in kinds[how]) if how in kinds else ""
            for how in ("booked", "quoted")
        ]
        rows.append((_HOME[platform], *said, f"{implied[0]:,.0f} to {implied[1]:,.0f}"))
    head = (
        "platform",
        "bookings: lowest / median / highest",
        "quoted by pages",
        "the curves, 5k to 2M followers",
    )
    return _table(head, rows)


def _weights(benchmarks: BenchmarkSet) -> str:
    known = stated().data
    counts = Counter(row.row.evidence for row in observations(source_rows(), stated()))
    rows = [
        (kind, str(counts[kind]), f"{entry['variance']:g}", entry["reason"])
        for kind, entry in known["evidence"].items()
    ]
    rows += [(name, "", f"x {entry['variance']:g}", entry["reason"]) for name, entry in known["rows"].items()]
    return _table(("evidence", "rows", "variance", "because"), rows)


def _spreads(benchmarks: BenchmarkSet) -> str:
    rows = []
    for field, platforms in stated().data["spreads"].items():
        for platform, entry in platforms.items():
            numbers = (f"{entry['creators']:g}", f"{entry['posts']:g}")
            rows.append((_FIELDS[field], _HOME.get(platform, "any other"), *numbers, entry["reason"]))
    return _table(("of", "platform", "between creators", "between posts", "because"), rows)


def _countries(benchmarks: BenchmarkSet) -> str:
    rows = []
    for country in benchmarks.countries:
        if country.kind == "benchmark":
            range_of = f"{10 ** (TENTH * country.sd):.2f}"
            sources = ", ".join(country.sources)
            rows.append((f"{country.name} ({country.code})", f"{country.factor:.2f}", range_of, sources))
    exponent, sd = benchmarks.made["coefficients"]["fee price level"]
    ruled = [country for country in benchmarks.countries if country.kind == "assumption"]
    low, high = (min(c.factor for c in ruled), max(c.factor for c in ruled))
    return _table(("country", "fees times", "range, times or by", "from"), rows) + (
        f"\nThe other {len(ruled)} countries follow their price level to the power {exponent:.2f} (-+ {sd:.2f}): "
        f"{low:.2f} to {high:.2f} times.\n"
    )


def _left_out(benchmarks: BenchmarkSet) -> str:
    """How many rows of the source table are left out and why, and how many the fit takes."""
    rows = source_rows()
    why = Counter(row.left_out for row in rows)
    lines = [(reason, str(why[reason])) for reason in REASONS]
    lines += [("none of these", str(why[""])), ("all", str(len(rows)))]
    return _table(("left out as", "rows"), lines) + (
        f"\n{benchmarks.made['rows']} rows are observations of the curves; the others are about click and conversion "
        "rates, tiers, fraud, timing and the like, or have no unit of the model.\n"
    )


def _assumptions(benchmarks: BenchmarkSet) -> str:
    """The reasoning behind what nobody publishes, once per field, platform and format."""
    seen: dict[tuple[str, str, str, str], None] = {}
    for curve in benchmarks.curves:
        if curve.kind == "assumption":
            seen[curve.field, curve.platform or "other", curve.format or "", curve.note] = None
    for points in benchmarks.points:
        if points.kind == "assumption":
            seen[points.field, "every", "", points.note] = None
    for figure in benchmarks.figures:
        if figure.kind == "assumption":
            field = figure.field.partition(".")[0]
            seen[field, figure.platform or "every", figure.format or "", figure.note] = None
    return _table(
        ("field", "platform", "reasoning"),
        [
            (f"`{field}`", f"{_HOME.get(platform, platform)} {format}".strip(), note)
            for field, platform, format, note in seen
        ],
    )


TABLES: dict[str, Callable[[BenchmarkSet], str]] = {
    "tiers": _tiers,
    "held_out": _held_out,
    "alone": _alone,
    "quoted_cpm": _quoted,
    "weights": _weights,
    "spreads": _spreads,
    "countries": _countries,
    "left_out": _left_out,
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
