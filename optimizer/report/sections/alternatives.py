"""Near-optimal alternatives -> sections: what is fixed, what is free, the other plans and how far
apart they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from optimizer.language.among import among
from optimizer.language.numbers import UNKNOWN, count, measured, number, percent, printable, tenths
from optimizer.report.layout.parts import Section, Sentences, Table

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan
    from optimizer.whatif.alternatives.alternatives import Alternative, Alternatives, Swap
    from optimizer.whatif.alternatives.ranges import End, GroupRange, Range

WORDS = {"unsettled": "not settled"}
"""Verdicts in words, where the word itself is not good enough."""
HEADINGS = {"tier": "Tiers", "platform": "Platforms", "offer": "Offers"}
SHOWN = 8
"""Swaps of one plan that are named in its sentence."""


def alternatives_sections(result: Alternatives) -> Iterator[Section]:
    """The whole report, most important first."""
    yield Sentences("", list(_answer(result)))
    if result.plans:
        yield _plans_table(result)
        yield Sentences("What each swaps against the base plan", [_swaps(a) for a in result.plans])
        if len(result.plans) > 1:
            yield _distances_table(result)
    for kind in HEADINGS:
        groups = [g for g in result.groups if g.kind == kind]
        if groups:
            yield _ranges_table(result, kind, groups)
    if result.notes:
        yield Sentences("Worth knowing", [f"{printable(note)}." for note in result.notes])
    if result.unsettled:
        lines = [printable(line) for line in result.unsettled]
        yield Sentences("Not settled in the time there was", lines)


def swap_text(swaps: Iterable[Swap]) -> str:
    """`+12 nano-instagram, -1 macro-tiktok`; `×2` where an offer is sold with different numbers of posts."""
    parts = []
    for swap in swaps:
        sign = "+" if swap.creators > 0 else "-"
        posts = f" ×{swap.posts_per_creator}" if swap.several else ""
        parts.append(f"{sign}{count(abs(swap.creators))} {printable(swap.offer)}{posts}")
    return ", ".join(parts)


def _answer(result: Alternatives) -> Iterator[str]:
    kept = result.objective
    side = "at least" if kept.sense == "maximize" else "at most"
    yield (
        f"Plans within {percent(result.within)} of the best: {side} {_amount(kept.floor, kept.unit)} "
        f"(best {_amount(kept.best, kept.unit)})."
    )
    yield from among(result.scenario.kept, result.scenario.creators)
    offers = [g for g in result.groups if g.kind == "offer"]
    for verdict, text in (
        ("must-have", "In every such plan: {}."),
        ("never", "In none of them: {}."),
        ("free", "A matter of taste: {}."),
    ):
        names = [printable(g.name) for g in offers if g.verdict == verdict]
        if names:
            yield text.format(", ".join(names))
    if result.plans:
        farthest = max(result.plans, key=lambda a: a.apart)
        many = len(result.plans) > 1
        what = "money" if result.measured_by == "cost" else "creators"
        plans = f"{len(result.plans)} other plans follow" if many else "One other plan follows"
        yield f"{plans}; {farthest.name} moves {percent(farthest.apart, 2)} of the {what} elsewhere."


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return UNKNOWN
    return f"{measured(value)} {printable(unit)}"


def _plans_table(result: Alternatives) -> Table:
    kept = result.objective
    what = "money" if result.measured_by == "cost" else "creators"
    columns = ["plan", printable(kept.unit), "given up", "cost", "hours", "creators", f"{what} moved"]
    shown = kept.measure not in ("cost", "hours", "creators")
    rows = [_plan_row("base", result.base, result, shown, 0)]
    for position, alternative in enumerate(result.plans, 1):
        rows.append(_plan_row(alternative.name, alternative.plan, result, shown, position))
    if not shown:
        columns.pop(1)
    note = (
        f"Base: the plan that `optimize` gives. Cost in {result.currency}. Moved: share of the base plan's {what} "
        "that is spent elsewhere."
    )
    return Table("Plans", columns, rows, [False] + [True] * (len(columns) - 1), frozenset({0}), note)


def _plan_row(name: str, plan: Plan, result: Alternatives, shown: bool, position: int) -> list[str]:
    kept = result.objective
    worse = kept.best - plan.objective.value if kept.sense == "maximize" else plan.objective.value - kept.best
    share = max(0.0, worse / abs(kept.best)) if kept.best else 0.0
    value = plan.objective.value
    return [
        name,
        *([measured(value)] if shown else []),
        percent(0.0 if share < 1e-9 else share, 2),
        number(plan.totals.cost),
        tenths(plan.totals.hours),
        count(plan.totals.creators),
        percent(result.distances[0][position], 2) if position else "",
    ]


def _swaps(alternative: Alternative) -> str:
    more = len(alternative.swaps) - SHOWN
    text = swap_text(alternative.swaps[:SHOWN]) + (f", and {more} more" if more > 0 else "")
    proof = "" if alternative.proven else " (one further apart may exist: time was up)"
    return f"{alternative.name}: {text or 'no change'}{proof}"


def _distances_table(result: Alternatives) -> Table:
    rows = [
        [name, *(percent(d, 2) if i != j else "" for j, d in enumerate(result.distances[i]))]
        for i, name in enumerate(result.names)
    ]
    columns = ["", *result.names]
    what = "money" if result.measured_by == "cost" else "creators"
    note = f"Share of the base plan's {what} that two plans spend differently."
    return Table(
        "How far apart the plans are", columns, rows, [False] + [True] * len(result.names), note=note
    )


def _ranges_table(result: Alternatives, by: str, groups: list[GroupRange]) -> Table:
    rows = []
    for group in groups:
        verdict = WORDS.get(group.verdict, group.verdict)
        if group.booked and group.verdict == "must-have":
            verdict += f" ({count(group.booked)} booked)"
        rows.append(
            [
                printable(group.name),
                verdict,
                count(group.creators.base),
                _span(group.creators, money=False),
                UNKNOWN if group.cost is None else number(group.cost.base),
                UNKNOWN if group.cost is None else _span(group.cost, money=True),
            ]
        )
    columns = [by, "", "creators", "least to most", "cost", "least to most"]
    strong = frozenset(i for i, group in enumerate(groups) if group.verdict == "must-have")
    open_ends = any(
        not end.proven
        for group in groups
        for span in (group.creators, group.cost)
        if span is not None
        for end in (span.least, span.most)
    )
    note = ""
    if by == "offer":  # said once, under the last of the three tables
        note = "Must-have: every plan near the best has it; never: none has; free: some have it, some do not."
    note += " ?: found, but not proven to be the end." if open_ends else ""
    return Table(HEADINGS[by], columns, rows, [False, False, True, True, True, True], strong, note)


def _span(span: Range, *, money: bool) -> str:
    low, high = _end(span.least, money), _end(span.most, money)
    return low if low == high else f"{low} to {high}"


def _end(end: End, money: bool) -> str:
    if end.value is None:
        return "any"
    return (number(end.value) if money else count(end.value)) + ("" if end.proven else "?")
