"""Make the packaged set from its two sources: `python -m optimizer.benchmarks.making [folder of docs]`.

`global-2025` = the medians of `benchmarks.csv` + the reasoning of `assumptions.yaml`. The rule:

1. Rows are left out by `source.REASONS`, and where their unit is not the field's (`source.READINGS`).
2. A cell is a tier on a platform in a format (any of them may be "all"). Rows of compound tiers
   ("micro-to-mega") or of tiers we do not have ("celebrity") belong to none.
3. typical = median of the rows' typical values. A row without one counts with sqrt(low x high).
4. low = median of the lows that sources print, or the lower quartile of the typical values where that is
   lower; high likewise. So the range holds both what one source calls ordinary and what sources disagree on.
5. Medians and quartiles are taken on the log scale, since figures differ by factors: of two middle
   values it is sqrt(a x b), the same midpoint as in 3. Of an odd number it is the ordinary median.
6. An open-ended price ("10,000+") counts for low only. Where no source prints a low (or a high), the
   range reaches at least half (double) the typical value, and the note says so.
7. A cell that one publisher alone fills gives way to an assumption for the same cell, where there is one;
   a cell of two or more never does.
8. Three significant digits are kept: the sources carry no more.
"""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

from optimizer.benchmarks.making.source import ENGAGEMENT_BASES, READINGS, Reading, Row, counted, source_rows
from optimizer.benchmarks.schema import DEFAULT_FORMATS, FIELDS, BenchmarkSet, Figure, Key, describe
from optimizer.language.names import TIERS
from optimizer.language.quantities import plain

ASSUMPTIONS = Path(__file__).with_name("assumptions.yaml")
PACKAGED = Path(__file__).parents[1] / "global-2025.yaml"
QUICK = PACKAGED.with_suffix(".json")
AS_OF = "2026-11-22"
DESCRIPTION = (
    "Creators of five tiers on Instagram (post, reel, story), TikTok, YouTube, Facebook and X, any country "
    "and niche. Fee and reach rate are taken from the sources and CPM follows from them, because published "
    "fees, reach rates and CPMs contradict each other."
)
HALF_TO_DOUBLE = 2.0  # published cut-points between creators of one tier lie 5 to 8 times apart
MIX_KINDS = ("likes", "comments", "shares", "saves")
FORMATS = {
    "instagram": ("post", "reel", "story"),
    **{p: (f,) for p, f in DEFAULT_FORMATS.items() if p != "instagram"},
}

Triple = tuple[float, float, float]


def derive(rows: Iterable[Row] | None = None, assumptions: Path = ASSUMPTIONS) -> BenchmarkSet:
    """The set `global-2025` from the source table and the assumptions, without touching any file.

    Raises `ValueError` where an assumption refers to a figure that does not exist.
    """
    rows = source_rows() if rows is None else tuple(rows)
    figures: dict[Key, Figure] = {}
    for reading in READINGS:
        for figure in _cells(reading, counted(reading, rows)):
            figures[figure.key] = figure
    for figure in _engagement_mix(rows):
        figures[figure.key] = figure
    for entry in yaml.safe_load(assumptions.read_text(encoding="utf-8")):
        for figure in _assumed(entry, figures):
            measured = figures.get(figure.key)
            if measured is None or len(measured.publishers) < 2:
                figures[figure.key] = figure
    return BenchmarkSet(
        name="global-2025",
        as_of=AS_OF,
        description=DESCRIPTION,
        figures=tuple(sorted(figures.values(), key=_place)),
    )


def _cells(reading: Reading, rows: Sequence[Row]) -> list[Figure]:
    cells: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        key = _cell(reading, row)
        if key is not None:
            cells[key].append(row)
    return [
        _figure(reading, key, members)
        for key, members in cells.items()
        if any(row.triple[1] for row in members)
    ]


def _cell(reading: Reading, row: Row) -> Key | None:
    """The cell a row belongs to; None for tiers, platforms and formats the set does not cover."""
    tier = None if row.tier in ("all", "nano-mega") else row.tier
    if tier is not None and tier not in TIERS:
        return None
    if row.platform == "all":
        return (reading.field, tier, None, None) if tier or reading.field == "conversion_rate" else None
    format = reading.formats.get(row.format)
    return (reading.field, tier, row.platform, format) if format in FORMATS.get(row.platform, ()) else None


def _figure(reading: Reading, key: Key, rows: Sequence[Row]) -> Figure:
    field, tier, platform, format = key
    factors = [reading.units[row.unit] for row in rows]
    low, typical, high, assumed = summarize(
        [
            tuple(None if number is None else number * factor for number in row.triple)
            for row, factor in zip(rows, factors, strict=True)
        ]
    )
    base = ENGAGEMENT_BASES[platform or "all"][0] if field == "engagement_rate" else None
    if reading.field != "cost_per_post":
        high = min(high, 1.0)
    return _make(
        field=field, tier=tier, platform=platform, format=format, base=base,
        low=low, typical=typical, high=high, kind="benchmark", figures=len(rows),
        sources=_sources(rows), years=_years(rows), note="; ".join(_caveats(reading, rows, base, assumed)),
    )  # fmt: skip


def summarize(triples: Sequence[Sequence[float | None]]) -> tuple[float, float, float, bool]:
    """Low, typical, high of a cell, and whether the range had to be assumed (points 3 to 6 of the rule).

    Args:
        triples: low, typical, high of each row, None where it does not count; at least one typical.
    """
    lows = [low for low, _, _ in triples if low is not None]
    typicals = [typical for _, typical, _ in triples if typical is not None]
    highs = [high for _, _, high in triples if high is not None]
    typical = quantile(typicals, 0.5)
    low = min(quantile(typicals, 0.25), quantile(lows, 0.5) if lows else typical / HALF_TO_DOUBLE)
    high = max(quantile(typicals, 0.75), quantile(highs, 0.5) if highs else typical * HALF_TO_DOUBLE)
    assumed = not lows or not highs
    return low, typical, high, assumed


def quantile(values: Sequence[float], share: float) -> float:
    """Quantile of positive values, linear between neighbours on the log scale; 0.5 is the median."""
    logs = sorted(math.log(value) for value in values)
    place = share * (len(logs) - 1)
    below = math.floor(place)
    above = min(below + 1, len(logs) - 1)
    return math.exp(logs[below] + (place - below) * (logs[above] - logs[below]))


def _caveats(reading: Reading, rows: Sequence[Row], base: str | None, assumed: bool) -> list[str]:
    """What a planner must know about a cell: thin evidence, brand accounts, unnamed bases, old figures."""
    notes = []
    if assumed:
        notes.append("where no source prints a bound, half or double is assumed")
    open_ended = sum(row.triple[1] is None for row in rows)
    if open_ended:
        notes.append(f"{open_ended} of {len(rows)} figures are open-ended and count for low only")
    if base is not None:
        silent = sum(row.unit == "percent" for row in rows)
        if silent:
            notes.append(f"{silent} of {len(rows)} figures name no base and are read as {base}")
    brands = sum(row.from_brands for row in rows)
    if brands:
        notes.append(f"{brands} of {len(rows)} figures are of brand accounts")
    years = [row.year for row in rows if row.year]
    if years and max(years) < 2020:
        notes.append(f"old: nothing after {max(years)}")
    return notes


def _engagement_mix(rows: Sequence[Row]) -> list[Figure]:
    """Kinds of engagement per platform and format, each from one source, so that the four sum to 1.

    Shares that a source does not print are what its printed total leaves; saves that nobody prints are 0.
    """
    printed: dict[tuple[str, str, str], dict[str, Row]] = defaultdict(dict)
    for row in rows:
        kind = row.metric.removeprefix("engagements_per_post_")
        if kind in MIX_KINDS and row.left_out is None and row.tier == "all":
            printed[row.platform, {"photo": "post"}.get(row.format, row.format), row.publisher][kind] = row
    figures: dict[Key, Figure] = {}
    for (platform, format, _), kinds in printed.items():
        # likes, comments and one kind more is the least that makes a mix
        if format in FORMATS.get(platform, ()) and {"likes", "comments"} < kinds.keys():
            for figure in _mix(platform, format, kinds):
                figures.setdefault(figure.key, figure)
    return list(figures.values())


def _mix(platform: str, format: str, kinds: dict[str, Row]) -> list[Figure]:
    printed = {kind: row.triple[1] or 0.0 for kind, row in kinds.items()}
    total = re.search(r"of ([\d,]+) engagements", kinds["likes"].note)
    whole = float(total[1].replace(",", "")) if total else sum(printed.values())
    if "shares" not in printed:
        printed["shares"] = whole - sum(printed.values())
    shares = {kind: round(printed.get(kind, 0.0) / whole, 4) for kind in MIX_KINDS}
    shares["likes"] = round(1.0 - sum(shares[kind] for kind in MIX_KINDS[1:]), 4)
    rows = list(kinds.values())
    note = "one source, normalised to 1; no range published; " + (
        "shares are what its total leaves; " if "shares" not in kinds else "saves not published, taken as 0; "
    )
    return [
        Figure(
            field=f"engagement_mix.{kind}", platform=platform, format=format,
            low=share, typical=share, high=share, unit="fraction of engagements",
            kind="benchmark", figures=len(rows), sources=_sources(rows),
            years=_years(rows), note=note + "business accounts",
        )
        for kind, share in shares.items()
    ]  # fmt: skip


def _assumed(entry: dict[str, Any], known: dict[Key, Figure]) -> list[Figure]:
    """The figures of one entry of `assumptions.yaml`, which has one of four forms.

    values: {nano: [low, typical, high], ...}     or a single [low, typical, high] for every tier
    times: [low, typical, high], of: {...}        a multiple of another figure of the same tier
    between: [micro, macro]                       the midpoint of two tiers, for the tier named
    mix: {likes: 0.8, comments: 0.2}              four fields at once, sum 1
    """
    field, platform, format = entry["field"], entry.get("platform"), entry.get("format")
    place = {
        "platform": platform,
        "format": format,
        "kind": "assumption",
        "note": " ".join(entry["note"].split()),
    }
    place |= {"sources": tuple(entry.get("sources", ())), "base": entry.get("base"), "tier": None}
    if "mix" in entry:
        shares = {kind: entry["mix"].get(kind, 0.0) for kind in MIX_KINDS}
        triples = {f"{field}.{kind}": (share, share, share) for kind, share in shares.items()}
        return [_make(**place | {"field": name}, **_named(triple)) for name, triple in triples.items()]
    place["field"] = field
    if "between" in entry:
        ends = [_known(known, (field, tier, platform, format)) for tier in entry["between"]]
        middle = [math.sqrt(a * b) for a, b in zip(_triple(ends[0]), _triple(ends[1]), strict=True)]
        return [_make(**place | {"tier": entry["tier"], "base": ends[0].base}, **_named(middle))]
    if "times" in entry:
        figures = []
        for tier in entry.get("tiers", TIERS):
            of = entry["of"]
            origin = _known(known, (of.get("field", field), tier, of["platform"], of.get("format")))
            scaled = _product(_triple(origin), [float(factor) for factor in entry["times"]])
            limit = math.inf if field == "cost_per_post" else 1.0
            own = {"tier": tier, "base": origin.base}
            figures.append(_make(**place | own, **_named([min(number, limit) for number in scaled])))
        return figures
    values = entry["values"]
    if isinstance(values, list):
        return [_make(**place, **_named(values))]
    return [_make(**place | {"tier": tier}, **_named(triple)) for tier, triple in values.items()]


def _known(known: dict[Key, Figure], key: Key) -> Figure:
    if key not in known:
        raise ValueError(f"an assumption refers to {describe(*key)}, which has no figure above it")
    return known[key]


def _triple(figure: Figure) -> Triple:
    return (figure.low, figure.typical, figure.high)


def _product(first: Sequence[float], second: Sequence[float]) -> Triple:
    """Two ranges multiplied: typical by typical, the widths as independent errors on the log scale."""
    typical = first[1] * second[1]
    down = math.hypot(math.log(first[1] / first[0]), math.log(second[1] / second[0]))
    up = math.hypot(math.log(first[2] / first[1]), math.log(second[2] / second[1]))
    return (typical * math.exp(-down), typical, typical * math.exp(up))


def _named(numbers: Sequence[float]) -> dict[str, float]:
    low, typical, high = (float(number) for number in numbers)
    return {"low": low, "typical": typical, "high": high}


def _make(**parts: Any) -> Figure:
    for name in ("low", "typical", "high"):
        parts[name] = _digits(parts[name])
    return Figure.model_validate(parts)


def _digits(number: float) -> float:
    """The number with three significant digits."""
    return float(f"{number:.3g}")


def _sources(rows: Iterable[Row]) -> tuple[str, ...]:
    """Publisher and year, the newest first, each once."""
    return tuple(
        dict.fromkeys(row.source for row in sorted(rows, key=lambda row: (-(row.year or 0), row.source)))
    )


def _years(rows: Iterable[Row]) -> str:
    years = sorted({row.year for row in rows if row.year})
    return "" if not years else str(years[0]) if len(years) == 1 else f"{years[0]}-{years[-1]}"


def _place(figure: Figure) -> tuple[int, int, str, str]:
    tier = TIERS.index(figure.tier) if figure.tier else -1
    return (FIELDS.index(figure.field), tier, figure.platform or "", figure.format or "")


def as_yaml(benchmarks: BenchmarkSet) -> str:
    """The set as the text of its file: one figure in a few lines, readable by any YAML 1.2 reader."""
    lines = [
        "# Generated by `python -m optimizer.benchmarks.making` from benchmarks.csv and assumptions.yaml.",
        "# Do not edit: change those and run it again. The rule stands at the top of derive.py.",
        f"name: {benchmarks.name}",
        f'as_of: "{benchmarks.as_of}"',
        f"currency: {benchmarks.currency}",
        f"description: {json.dumps(benchmarks.description)}",
        "figures:",
    ]
    for figure in benchmarks.figures:
        parts = figure.model_dump(exclude_defaults=True)
        parts |= {"kind": figure.kind, **{name: plain(parts[name]) for name in ("low", "typical", "high")}}
        parts |= {
            name: json.dumps(parts[name]) for name in ("unit", "years", "note", "sources") if name in parts
        }
        rest = "".join(f",\n   {name}: {parts.pop(name)}" for name in ("sources", "note") if name in parts)
        lines.append("- {" + ", ".join(f"{name}: {value}" for name, value in parts.items()) + rest + "}")
    return "\n".join(lines) + "\n"


def as_json(benchmarks: BenchmarkSet) -> str:
    """The same set as JSON, which is read ten times as fast as YAML when a plan is made."""
    return benchmarks.model_dump_json(exclude_defaults=True) + "\n"
