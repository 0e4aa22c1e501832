"""What the benchmarks say of a creator, or of every tier: tables with sources, or JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from optimizer.benchmarks.answer import Answer, answer
from optimizer.benchmarks.figures import DEFAULT_FORMATS, Figure
from optimizer.benchmarks.lookup import Benchmarks, Place
from optimizer.language.countries import COUNTRIES
from optimizer.language.names import TIERS
from optimizer.language.numbers import percent, plain_number, printable
from optimizer.report.layout.parts import Section, Sentences, Table
from optimizer.scenario.fields import SHARE_FIELDS

NAMES = {
    "cost_per_post": "fee of a post",
    "reach_rate": "reach rate",
    "engagement_rate": "engagement",
    "click_rate": "clicks",
    "conversion_rate": "conversions",
    "authentic": "real followers",
    "completion": "who post",
    "repeat_decay": "repeat decay",
    "hours_per_creator": "hours, creator",
    "hours_per_post": "hours, post",
}
"""Field -> what it is called in a table."""
_MIX = "engagement_mix."
SHOWN_SOURCES = 4


def answer_title(benchmarks: Benchmarks, found: Answer) -> str:
    """What is shown: `Instagram reel, 45,000 followers (micro), Italy`."""
    place = found.place
    where = " ".join(part for part in (place.platform, place.format) if part)
    tier = f" ({printable(place.tier)})" if place.tier else ""
    country = COUNTRIES[place.country] if place.country else "no country"
    return (
        f"{printable(where)}, {found.followers:,.0f} followers{tier}, {country}; {printable(benchmarks.name)}"
    )


def answer_sections(found: Answer) -> list[Section]:
    """The answer in one sentence, the figures with their ranges, what they imply, sources by weight."""
    lines = [_lead(found)]
    fee = found.fields.get("cost_per_post")
    if found.place.country is None and fee is not None and fee.figure.weights:
        lines.append("No country: the fee is the mix of the sources, mostly prices in the United States.")
    return [
        Sentences("", lines),
        _figures(found),
        _implied(found),
        Sentences("Sources and reasons", [_reason(field, each.figure) for field, each in _by_field(found)]),
    ]


def answer_json(benchmarks: Benchmarks, found: Answer) -> str:
    """The answer as JSON: followers, tier, platform, format, country, fields, implied."""
    fields = {field: _figure_data(each.figure) for field, each in found.fields.items()}
    data = {
        "name": benchmarks.name,
        "currency": found.currency,
        "followers": found.followers,
        "tier": found.place.tier,
        "platform": found.place.platform,
        "format": found.place.format,
        "country": found.place.country,
        "fields": fields,
        "implied": {name: _four(value) for name, value in asdict(found.implied).items()},
    }
    return json.dumps(data, indent=2, ensure_ascii=False)


def overview(
    benchmarks: Benchmarks, tier: str | None, followers: float | None, country: str | None
) -> list[Answer]:
    """Every platform and format of the sets, at one size or at every tier, from small to large.

    Raises:
        ValueError: with a message for the user, for an unknown tier.
    """
    tiers = [tier] if tier or followers else [each for each in TIERS if each != "mid"]
    bare = {platform: (usual,) for platform, usual in DEFAULT_FORMATS.items()}
    named = {platform: bare.get(platform, ()) for platform in benchmarks.named_platforms} or bare
    return [
        answer(benchmarks, Place(each, platform, format, followers, country))
        for platform, formats in (named | benchmarks.platforms).items()
        for format in formats
        for each in tiers
    ]


def overview_title(benchmarks: Benchmarks, size: str | None, country: str | None) -> str:
    """What an overview shows."""
    where = COUNTRIES[country] if country else "no country: mix of the sources"
    return f"{printable(benchmarks.name)}: {printable(size) if size else 'every tier'}, {where}, one post"


def overview_sections(answers: list[Answer]) -> list[Section]:
    """Typical figures and what they imply, a line for each platform and format, and each tier where there are more."""
    rows: list[list[str]] = []
    strong: set[int] = set()
    single = len({found.place.tier for found in answers}) == 1
    before = ""
    for found in answers:
        here = printable(" ".join(part for part in (found.place.platform, found.place.format) if part))
        if not single and here != before:
            strong.add(len(rows))
            rows.append([here, *[""] * 7])
            before = here
        rows.append([here if single else f"  {printable(found.place.tier or '')}", *_line(found)])
    currencies = list(dict.fromkeys(found.currency for found in answers))
    if len(currencies) > 1:
        for row, found in zip(
            (row for position, row in enumerate(rows) if position not in strong), answers, strict=True
        ):
            row[2] += f" {found.currency}"
    columns = ["", "followers", "fee", "reach", "engaged", "CPM", "CPE", "hours"]
    note = (
        f"fee, CPM and CPE (fee per engagement) in {' or '.join(currencies)}; engaged: of followers; hours: per 1,000 "
        "engagements, of a creator with one post"
    )
    return [Table("", columns, rows, [False] + [True] * 7, frozenset(strong), note)]


def overview_json(benchmarks: Benchmarks, answers: list[Answer]) -> str:
    """The overview as a list of answers."""
    found = [json.loads(answer_json(benchmarks, each)) for each in answers]
    return json.dumps(found, indent=2, ensure_ascii=False)


def _line(found: Answer) -> list[str]:
    def typical(field: str) -> float | None:
        each = found.fields.get(field)
        return None if each is None else each.figure.typical

    implied = found.implied
    return [
        f"{found.followers:,.0f}",
        _number(typical("cost_per_post")),
        _percent(typical("reach_rate")),
        _percent(implied.engagements_of_followers),
        _number(implied.cpm),
        _number(implied.cpe),
        _number(implied.hours_per_1000_engagements),
    ]


def _lead(found: Answer) -> str:
    implied, currency = found.implied, found.currency
    fee = found.fields.get("cost_per_post")
    parts = []
    if fee is not None:
        low, typical, high = (plain_number(n) for n in (fee.figure.low, fee.figure.typical, fee.figure.high))
        span = f"{'8 in 10 sources: ' if fee.figure.weights else ''}{low} to {high}"
        parts.append(f"A post costs about {typical} {currency}" + (f" ({span})" if low != high else ""))
    if implied.impressions is not None:
        parts.append(f"is seen {_number(implied.impressions)} times")
    if implied.engagements is not None:
        parts.append(f"brings {_number(implied.engagements)} engagements")
    text = ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1] if parts else "No figures"
    return f"{text}."


def _figures(found: Answer) -> Table:
    rows = []
    for field, each in _by_field(found):
        figure = each.figure
        if field == _MIX:
            continue  # four numbers that fit no column
        show = percent if field in SHARE_FIELDS else plain_number
        value = show(figure.typical) + (f" {each.currency}" if field == "cost_per_post" else "")
        single = ""
        if figure.spread:
            low, high = figure.range_of_creators
            single = f"{show(low)} to {show(high)}"
        span = f"{show(figure.low)} to {show(figure.high)}" if figure.low < figure.high else ""
        name = NAMES.get(field, printable(field)) + (f" of {figure.base}" if figure.base else "")
        rows.append(
            [
                name.replace("engagement of impressions", "engagement of views"),
                value,
                span,
                single,
                _basis(figure),
            ]
        )
    columns = ["number", "typical", "low to high", "8 in 10 creators", "basis"]
    note = (
        "low to high: what sources call typical, 8 in 10 of them where a curve is the basis. Single creators differ "
        "besides."
    )
    return Table("", columns, rows, [False, True, True, True, False], note=note)


def _implied(found: Answer) -> Table:
    implied, currency = found.implied, found.currency
    planned = ""
    if implied.cpe_planned is not None:
        planned = (
            f"{_number(implied.cpe_planned)} {currency}: of real followers, and of those creators who post"
        )
    rows = [
        ["kinds of engagement", _mix_text(found)],
        ["CPM", f"{_number(implied.cpm)} {currency} per 1,000 impressions"],
        ["cost per engagement", f"{_number(implied.cpe)} {currency}"],
        ["as a plan counts it", planned],
        ["engagements", f"{_percent(implied.engagements_of_followers)} of followers, "
                        f"{_percent(implied.engagements_of_reach)} of impressions"],
        ["effort with one post", f"{_number(implied.hours)} hours, "
                                 f"{_number(implied.hours_per_1000_engagements)} per 1,000 engagements"],
    ]  # fmt: skip
    return Table(
        "What follows", ["", "from the typical figures"], [row for row in rows if row[1]], [False, False]
    )


def _by_field(found: Answer) -> list[tuple[str, Any]]:
    """Fields with their figures; the kinds of engagement as one."""
    fields = [(field, each) for field, each in found.fields.items() if not field.startswith(_MIX)]
    mix = [each for field, each in found.fields.items() if field.startswith(_MIX)]
    return fields + ([(_MIX, mix[0])] if mix else [])


def _mix_text(found: Answer) -> str:
    kinds = {
        field.removeprefix(_MIX): each.figure.typical
        for field, each in found.fields.items()
        if field.startswith(_MIX)
    }
    return ", ".join(f"{kind} {percent(share)}" for kind, share in kinds.items() if share)


def _reason(field: str, figure: Figure) -> str:
    name = "kinds of engagement" if field == _MIX else NAMES.get(field, field)
    shown = list(zip(figure.sources, figure.weights, strict=False))[:SHOWN_SOURCES]
    if not shown:
        return f"{name}: {printable(figure.source_text)}"
    sources = ", ".join(f"{printable(source)} {percent(weight)}" for source, weight in shown)
    more = f"; {printable(figure.note)}" if figure.note else ""
    return f"{name}: by weight {sources}, others {percent(1 - sum(w for _, w in shown))}{more}"


def _basis(figure: Figure) -> str:
    if figure.kind == "assumption":
        return "assumption"
    if figure.weights:
        return "curve"
    return f"{figure.figures} figure{'s' if figure.figures != 1 else ''}" if figure.figures else "given"


def _figure_data(figure: Figure) -> dict[str, Any]:
    weights = figure.weights or (None,) * len(figure.sources)
    data: dict[str, Any] = {
        "low": figure.low,
        "typical": figure.typical,
        "high": figure.high,
        "unit": figure.unit,
        "spread": figure.spread,
        "post_spread": figure.post_spread,
        "kind": figure.kind,
        "figures": figure.figures,
        "sources": [{"source": s, "weight": w} for s, w in zip(figure.sources, weights, strict=True)],
        "note": figure.note,
    }
    return data | ({"base": figure.base} if figure.base else {})


def _number(value: float | None) -> str:
    return "unknown" if value is None else plain_number(float(f"{value:.3g}"))


def _percent(value: float | None) -> str:
    return "unknown" if value is None else percent(value)


def _four(value: float | None) -> float | None:
    """Four significant digits: one more than the figures it follows from."""
    return None if value is None else float(f"{value:.4g}")
