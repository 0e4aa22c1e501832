"""The assumptions of a plan: every number with its origin, in full for files and condensed for the screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from optimizer.language.numbers import percent, plain_number, printable
from optimizer.plan.plan import Assumption, Plan
from optimizer.report.layout.parts import Section, Sentences, Table
from optimizer.scenario.fields import SHARE_FIELDS
from optimizer.scenario.offer import ENGAGEMENT_KINDS

SOURCE_WIDTH = 20
"""Characters of a source on the screen; a longer one is in the files."""
ORIGINS = {
    "yours": "yours",
    "benchmark": "from benchmarks",
    "assumption": "our assumptions without public source",
    "default": "defaults",
    "derived": "computed from others",
}


def assumption_sections(plan: Plan, *, everything: bool) -> Iterator[Section]:
    """How many numbers of which origin; then all of them, or those of the booked offers that are not the user's own."""
    counts = {origin: sum(a.origin == origin for a in plan.assumptions) for origin in ORIGINS}
    words = ", ".join(f"{number} {ORIGINS[origin]}" for origin, number in counts.items() if number)
    yield Sentences("Assumptions", [f"Numbers behind this plan: {words}."])
    table = _full(plan) if everything else _condensed(plan)
    if table.rows:
        yield table


def _merged(chosen: Sequence[Assumption]) -> list[tuple[tuple[str, str, str, str], list[str]]]:
    """Equal numbers of several offers as one: (field, value, origin, source) -> offers, by field."""
    merged: dict[tuple[str, str, str, str], list[str]] = {}
    for a in chosen:
        merged.setdefault((a.field, _range_text(a), a.origin, a.source), []).append(a.offer)
    return sorted(merged.items(), key=lambda item: _field_order(item[0][0]))


_MIX = "engagement_mix."


def _mixes(chosen: Sequence[Assumption]) -> list[tuple[tuple[str, str, str, str], list[str]]]:
    """As `_merged`, for shares of kinds of engagement: a whole mix in one row instead of one for each kind."""
    kinds = [k for k in ENGAGEMENT_KINDS if any(a.field == _MIX + k for a in chosen)]
    mixes: dict[str, dict[str, Assumption]] = {}
    for a in chosen:
        mixes.setdefault(a.offer, {})[a.field.removeprefix(_MIX)] = a
    merged: dict[tuple[str, str, str, str], list[str]] = {}
    for offer, mix in mixes.items():
        texts = [_range_text(mix[kind]) if kind in mix else "0 %" for kind in kinds]
        shares = (
            ", ".join(text.removesuffix(" %") for text in texts[:-1]) + ", " * (len(texts) > 1) + texts[-1]
        )
        origins, sources = (
            dict.fromkeys(getattr(a, of) for a in mix.values()) for of in ("origin", "source")
        )
        key = (_MIX[:-1] + ": " + ", ".join(kinds), shares, " and ".join(origins), "; ".join(sources))
        merged.setdefault(key, []).append(offer)
    return list(merged.items())


def _full(plan: Plan) -> Table:
    rows = []
    for (name, value, origin, source), offers in _merged(plan.assumptions):
        text = origin + (f": {printable(source)}" if source else "")
        rows.append([printable(name), value, ", ".join(printable(o) for o in offers if o) or "all", text])
    return Table("", ["number", "value (low to high)", "offers", "origin"], rows, [False, True, False, False])


def _condensed(plan: Plan) -> Table:
    used = {line.offer for line in plan.lines} | {""}
    chosen = [a for a in plan.assumptions if a.offer in used and a.origin not in ("derived", "yours")]
    total = len(used) - 1
    rows: list[list[str]] = []
    strong: set[int] = set()
    before = ""
    parts = [a for a in chosen if a.field.startswith(_MIX)]
    merged = _merged([a for a in chosen if not a.field.startswith(_MIX)]) + _mixes(parts)
    for (name, value, origin, source), offers in sorted(merged, key=lambda row: _field_order(row[0][0])):
        if name != before:
            strong.add(len(rows))
            rows.append([printable(name), "", ""])
            before = name
        short = printable(source)
        text = short if origin == "benchmark" and len(short) <= SOURCE_WIDTH else origin
        rows.append([f"  {_offers_text(offers, total)}", value, text])
    note = "Reasons and sources in full, and every number of every offer: --format md or json."
    return Table(
        "",
        ["number of offers in the plan", "value (low to high)", "origin"],
        rows,
        [False, True, False],
        frozenset(strong),
        note,
    )


def _offers_text(offers: list[str], total: int) -> str:
    names = [printable(name) for name in offers if name]
    if not names or (len(names) == total and total > 1):
        return "all"
    return names[0] if len(names) == 1 else f"{names[0]} + {len(names) - 1} more"


def _field_order(name: str) -> tuple[int, str]:
    first = ("cost", "cpm", "followers", "reach", "impressions", "engage", "hours")
    return next((i for i, start in enumerate(first) if name.startswith(start)), len(first)), name


def _range_text(a: Assumption) -> str:
    def show(value: float) -> str:
        return percent(value) if a.field in SHARE_FIELDS else plain_number(value)

    return show(a.value) if a.low == a.high else f"{show(a.value)} ({show(a.low)} to {show(a.high)})"
