"""The packaged set from the fit and the assumptions: `global-2026.json`, the one file that plans read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import yaml

from optimizer.benchmarks.curves import Country, Curve, Points, Share
from optimizer.benchmarks.figures import DEFAULT_FORMATS, Figure
from optimizer.benchmarks.making.fit import Fit, fit
from optimizer.benchmarks.making.holdout import spread_of_publishers
from optimizer.benchmarks.making.medians import median_figures, median_points
from optimizer.benchmarks.making.observations import (
    FORMATS,
    OF_VIEWS,
    PLATFORMS,
    Kind,
    Observation,
    curve,
    observations,
)
from optimizer.benchmarks.making.prices import SOURCE as PRICE_LEVELS
from optimizer.benchmarks.making.prices import price_levels
from optimizer.benchmarks.making.source import SOURCE, Row, source_rows
from optimizer.benchmarks.making.stated import STATED, stated
from optimizer.benchmarks.schema import BenchmarkSet
from optimizer.language.countries import country_code

HOME = Path(__file__).parents[1]
PACKAGED = HOME / "global-2026.json"
ASSUMPTIONS = Path(__file__).with_name("assumptions.yaml")
AS_OF = "2026-11-22"
DESCRIPTION = (
    "Creators of any size on Instagram (post, reel, story, carousel), TikTok, YouTube (video, dedicated, short), "
    "Facebook (post, reel) and X. Fee, reach rate and engagement rate are curves in the number of followers, fitted at "
    "once to cited figures about fees, reach, engagement, CPM and CPE; low and high hold 80 % of what publishers that "
    "the fit had not seen say is typical. A country moves fees only."
)
FIELDS: dict[str, Kind] = {
    "cost_per_post": "fee", "reach_rate": "reach", "engagement_rate": "engagement",
}  # fmt: skip
"""Field of an offer -> what the model calls it."""
SHOWN_SOURCES = 8
"""Sources that a curve names; the rest is only counted."""
Widenings = dict[str, dict[str, float]]


def our_formats(platform: str) -> tuple[str, ...]:
    """The formats the set knows on a platform, the usual one first."""
    special = dict.fromkeys(ours for ours in FORMATS[platform].values() if ours is not None)
    usual = ("video", "integration") if platform == "youtube" else (DEFAULT_FORMATS[platform],)
    return (*usual, *special)


def compose(widenings: Widenings, quality: dict[str, Any]) -> BenchmarkSet:
    """The set, fitted anew from the source table.

    Args:
        widenings: field -> platform ("" for none) -> factor on the range, from the held-out publishers.
        quality: held-out scores with their date, carried along.
    """
    known = stated()
    rows = observations(source_rows(), known)
    names = [name for platform in PLATFORMS for name in _names(platform)]
    fitted = fit(rows, known, names=names)
    entries = yaml.safe_load(ASSUMPTIONS.read_text(encoding="utf-8"))
    points = [_assumed_points(entry) for entry in entries if "followers" in entry]
    figures = [figure for entry in entries if "followers" not in entry for figure in _assumed(entry)]
    return BenchmarkSet(
        name=PACKAGED.stem,
        as_of=AS_OF,
        description=DESCRIPTION,
        over=None,
        figures=(*median_figures(), *figures),
        curves=tuple(_curves(fitted, widenings)),
        points=(*median_points(), *points),
        countries=tuple(_countries(fitted)),
        made={
            "rows": len(rows),
            "coefficients": {
                name: [round(float(mean), 4), round(float(np.sqrt(variance)), 4)]
                for name, mean, variance in zip(
                    fitted.names, fitted.mean, np.diag(fitted.covariance), strict=True
                )
            },
            "publishers": {
                kind: {"level": round(v.level, 4), "slope": round(v.slope, 4), "row": round(v.row, 4)}
                for kind, v in fitted.variances.items()
            },
            "stated": known.data,
            "widenings": widenings,
            "quality": quality,
        },
    )


def fingerprint() -> str:
    """Of everything that the held-out quality rests on: source table, stated numbers, prices, code of the fit."""
    home = Path(__file__).parent
    files = (
        SOURCE, STATED, home / "exchange_rates.csv", home / "price_levels.csv", home / "source.py",
        home / "observations.py", home / "fit.py", home / "holdout.py",
    )  # fmt: skip
    text = b"\0".join(path.read_bytes().replace(b"\r\n", b"\n") for path in files)
    return hashlib.sha256(text).hexdigest()[:16]


def as_json(benchmarks: BenchmarkSet) -> str:
    """The set as it is packaged: one curve, figure or country to a line."""
    data = benchmarks.model_dump(mode="json", exclude_defaults=True)
    data["over"] = None
    lines = []
    for key, value in data.items():
        if isinstance(value, list):
            items = ",\n".join(json.dumps(item, ensure_ascii=False) for item in value)
            lines.append(f"{json.dumps(key)}: [\n{items}\n]")
        elif key == "made":
            items = ",\n".join(
                f"{json.dumps(name)}: {json.dumps(part, ensure_ascii=False)}" for name, part in value.items()
            )
            lines.append(f"{json.dumps(key)}: {{\n{items}\n}}")
        else:
            lines.append(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _names(platform: str) -> list[str]:
    """Coefficients that must exist for every curve of a platform."""
    names = []
    for field in FIELDS.values():
        names += [field, f"{field}/", f"{field}@{platform}", f"{field}/@{platform}"]
        names += [f"{field}:{ours}" for ours in FORMATS[platform].values() if ours is not None]
    return names


def _curves(fitted: Fit, widenings: Widenings) -> Iterable[Curve]:
    for field, kind in FIELDS.items():
        for platform in PLATFORMS:
            for format in our_formats(platform):
                if field == "engagement_rate" and format == "story":
                    continue  # counted by impressions: an assumption of its own
                yield _curve(fitted, field, kind, platform, format, widenings)
        yield _of_no_platform(
            _curve(fitted, field, kind, "instagram", DEFAULT_FORMATS["instagram"], widenings)
        )


def _curve(fitted: Fit, field: str, kind: Kind, platform: str, format: str, widenings: Widenings) -> Curve:
    special = format if format in FORMATS[platform].values() else None
    parts = [curve(kind, platform, special, size) for size in (-1.0, 0.0, 1.0)]
    middle, _ = fitted.at(parts[1])
    slope = fitted.at(parts[2])[0] - middle
    widen = widenings[field].get(platform, widenings[field][""])
    below, at, above = (
        (fitted.at(part)[1] + spread_of_publishers(fitted.variances[kind], size)) * widen**2
        for part, size in zip(parts, (-1.0, 0.0, 1.0), strict=True)
    )
    own = [row for row in fitted.observations if row.kind == kind and _about(row, platform, special)]
    sources = _sources(fitted, parts[1])
    creators, posts = stated().spread(field, platform)
    direct = bool(own) or (
        special is None and any(_about(row, platform, None) for row in fitted.observations)
    )
    return Curve(
        field=field,
        platform=platform,
        format=format,
        base=_base(field, platform),
        level=round(middle, 4),
        slope=round(slope, 4),
        variance=(round(at, 5), round((above - below) / 2, 5), round((above + below) / 2 - at, 5)),
        spread=creators,
        post_spread=posts,
        kind="benchmark" if direct else "assumption",
        sources=sources[:SHOWN_SOURCES],
        figures=len(own),
        publishers=len({row.row.name for row in own}),
        years=_years(row.row for row in own),
        note=_note(kind, platform, special, own),
    )


def _about(row: Observation, platform: str, special: str | None) -> bool:
    formats = {name.partition(":")[2] for name in row.coefficients if ":" in name}
    return row.row.platform == platform and formats == ({special} if special else set())


def _note(kind: Kind, platform: str, special: str | None, own: Sequence[Observation]) -> str:
    if special is not None and not own:
        field = next(name for name, each in FIELDS.items() if each == kind)
        entry = stated().data["formats"][field][special]
        return f"no figure: {entry['factor']:g} times the {DEFAULT_FORMATS[platform]}; {entry['reason']}"
    brands = sum(bool(row.row.accounts) for row in own)
    notes = [f"{brands} of {len(own)} figures are of brands or pages"] if brands else []
    if not own:
        notes.append("no figure of its own; follows from CPM, CPE and the other platforms")
    return "; ".join(notes)


def _base(field: str, platform: str) -> Literal["followers", "impressions"] | None:
    if field != "engagement_rate":
        return None
    return "impressions" if platform in OF_VIEWS else "followers"


def _of_no_platform(instagram: Curve) -> Curve:
    """What is said of a platform without figures: Instagram's curve, as wide as platforms lie apart."""
    apart = stated().sd("platform engagement" if instagram.base else "platform") ** 2
    at, tilt, bend = instagram.variance
    return instagram.model_copy(
        update={
            "platform": None, "format": None, "variance": (round(at + apart, 5), tilt, bend),
            "kind": "assumption", "note": "no figures about this platform: Instagram's, with a wider range",
        }
    )  # fmt: skip


def _sources(fitted: Fit, parts: dict[str, float]) -> tuple[Share, ...]:
    """Sources by how much they count for a curve's level, the weightiest first."""
    total: dict[str, float] = {}
    for row, weight in zip(fitted.observations, fitted.weights(parts), strict=True):
        total[row.row.source] = total.get(row.row.source, 0.0) + float(weight)
    return tuple(
        (name, round(weight, 3))
        for name, weight in sorted(total.items(), key=lambda item: (-item[1], item[0]))
    )


def _countries(fitted: Fit) -> Iterable[Country]:
    known = stated()
    rows: dict[str | None, dict[str, list[Row]]] = {}
    for observation in fitted.observations:
        for name in observation.coefficients:
            if "#" in name:
                where = name.partition("#")[2]
                rows.setdefault(country_code(where), {}).setdefault(where, []).append(observation.row)
    for level in price_levels():
        own = rows.get(level.code, {})
        parts = {"fee price level": float(np.log10(level.level))} | {f"fee #{name}": 1.0 for name in own}
        value, variance = fitted.at(parts)
        cited = [row for group in own.values() for row in group]
        note = f"price level {level.level:g} of the United States ({PRICE_LEVELS}, {level.year})"
        if level.code == "US":
            note = "the mix is mostly American prices"
        elif not cited:
            variance += known.sd("country") ** 2
        yield Country(
            code=level.code,
            name=level.name,
            factor=round(10**value, 3),
            sd=round(float(np.sqrt(variance)), 3),
            kind="benchmark" if cited or level.code == "US" else "assumption",
            sources=_newest(cited)
            if cited
            else (("the sources without a country",) if level.code == "US" else ()),
            note=note,
        )


def _assumed(entry: dict[str, Any]) -> list[Figure]:
    """The figures of one entry of `assumptions.yaml`: `values` [low, typical, high] or a `mix` that adds up to 1."""
    place = {name: entry.get(name) for name in ("tier", "platform", "format", "base")}
    place |= {"kind": entry.get("kind", "assumption"), "note": " ".join(entry["note"].split())}
    place["sources"] = tuple(entry.get("sources", ()))
    if place["kind"] == "benchmark":
        place["figures"] = len(entry["mix"])
    if "mix" in entry:
        whole = sum(entry["mix"].values())
        return [
            Figure.model_validate(
                place | {"field": f"engagement_mix.{kind}", "typical": round(count / whole, 4)}
            )
            for kind, count in entry["mix"].items()
        ]
    low, typical, high = entry["values"]
    numbers = {"field": entry["field"], "low": low, "typical": typical, "high": high}
    return [Figure.model_validate(place | numbers)]


def _assumed_points(entry: dict[str, Any]) -> Points:
    """An entry with `followers`: size -> [low, typical, high]."""
    sizes = sorted(entry["followers"])
    low, typical, high = zip(*(entry["followers"][size] for size in sizes), strict=True)
    return Points(
        field=entry["field"], followers=tuple(sizes), low=low, typical=typical, high=high, kind="assumption",
        sources=tuple(entry.get("sources", ())), note=" ".join(entry["note"].split()),
    )  # fmt: skip


def _newest(rows: Iterable[Row]) -> tuple[str, ...]:
    """Publisher and year, the newest first, each once."""
    ordered = sorted(rows, key=lambda row: (-(row.year or 0), row.source))
    return tuple(dict.fromkeys(row.source for row in ordered))


def _years(rows: Iterable[Row]) -> str:
    years = sorted({row.year for row in rows if row.year})
    return "" if not years else str(years[0]) if len(years) == 1 else f"{years[0]}-{years[-1]}"
