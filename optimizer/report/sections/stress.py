"""A stress test -> sections: which case hurts most, the plan as booked, the best plan had one known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from optimizer.language.numbers import UNKNOWN, count, percent, printable
from optimizer.language.statuses import STATUS_WORDS
from optimizer.report.layout.parts import Section, Sentences, Table
from optimizer.risk.stress.findings import amount, figure, too_much

if TYPE_CHECKING:
    from optimizer.risk.stress.result import Stress, StressCase

SHOWN = 6
"""Bookings of one case that are named in its sentence."""


def stress_sections(result: Stress, *, everything: bool = False) -> Iterator[Section]:
    """The whole report, most important first."""
    yield Sentences("", [printable(line) for line in result.sentences])
    yield _booked_table(result)
    yield _best_table(result)
    broken = [printable(line) for case in result.cases for line in broken_lines(result, case)]
    if broken:
        yield Sentences("Limits that break as booked", broken)
    instead = [printable(line) for case in result.cases if (line := _instead(case, everything=everything))]
    if instead:
        yield Sentences("What one would have booked instead", instead)
    notes = [printable(f"{case.name}: {note}.") for case in result.cases for note in case.notes]
    if notes:
        yield Sentences("Worth knowing", notes)


def changed_text(result: Stress, case: StressCase) -> str:
    """What the measure is more or less than planned, in percent with its sign."""
    if case.change is None:
        return UNKNOWN
    if not result.planned.value:
        return figure(result.measure, case.change, result.currency)
    share = case.change / abs(result.planned.value)
    return "0 %" if not case.change else f"{'+' if share > 0 else ''}{percent(share)}"


def regret_text(result: Stress, case: StressCase) -> str:
    """How far the plan as booked is behind the best one."""
    return figure(result.measure, case.regret, result.currency)


def broken_names(case: StressCase) -> str:
    """Limits that break, or that all are kept."""
    return "breaks " + ", ".join(one.name for one in case.broken) if case.broken else "all kept"


def broken_lines(result: Stress, case: StressCase) -> list[str]:
    """A sentence for each limit that breaks in a case."""
    lines = []
    for one in case.broken:
        sides = [
            f"{word} {amount(one.measure, side, result.currency)}"
            for word, side in (("at least", one.min), ("at most", one.max))
            if side is not None
        ]
        value = figure(one.measure, one.value, result.currency)
        lines.append(
            f"{case.name}: {too_much(one, result.currency)}: {value}, {' and '.join(sides)} allowed."
        )
    return lines


def _booked_table(result: Stress) -> Table:
    measure, currency = result.measure, result.currency
    planned = result.planned
    twice = measure == "cost"
    rows = [
        [
            "as planned",
            figure(measure, planned.value, currency),
            "",
            *([] if twice else [_money(planned.cost, currency)]),
            figure("hours", planned.hours, currency),
            "",
        ]
    ]
    for case in result.cases:
        rows.append(
            [
                printable(case.name),
                figure(measure, case.booked.value, currency),
                changed_text(result, case),
                *([] if twice else [_money(case.booked.cost, currency)]),
                figure("hours", case.booked.hours, currency),
                printable(broken_names(case)),
            ]
        )
    columns = ["case", printable(_head(measure)), "change", *([] if twice else ["cost"]), "hours", "limits"]
    strong = frozenset(i for i, case in enumerate(result.cases, 1) if case.name == result.hurts_most)
    numeric = [False, *[True] * (len(columns) - 2), False]
    named = [case for case in result.cases if case.name != "; ".join(case.changes)]
    note = "The same creators, by the numbers of each case." + (
        " " + " ".join(printable(f"{case.name}: {', '.join(case.changes)}.") for case in named)
        if named
        else ""
    )
    return Table("The plan as booked", columns, rows, numeric, strong, note, "booked")


def _money(value: float | None, currency: str) -> str:
    """Whole where it is large: cents tell no two cases apart."""
    return figure("cost", float(round(value)) if value is not None and abs(value) >= 100 else value, currency)


def _head(measure: str) -> str:
    return measure.replace("_", " ")


def _best_table(result: Stress) -> Table:
    measure, currency = result.measure, result.currency
    twice = measure == "cost"
    rows = []
    for case in result.cases:
        best = case.best
        if best is None:
            rows.append([printable(case.name), STATUS_WORDS[case.status].cell, *[""] * (4 if twice else 5)])
            continue
        rows.append(
            [
                printable(case.name),
                figure(measure, best.value, currency) + ("" if case.status == "optimal" else "?"),
                *([] if twice else [_money(best.cost, currency)]),
                figure("hours", best.hours, currency),
                count(best.creators),
                regret_text(result, case),
                UNKNOWN if case.regret_share is None else percent(case.regret_share),
            ]
        )
    columns = [
        "case",
        printable(_head(measure)),
        *([] if twice else ["cost"]),
        "hours",
        "creators",
        "regret",
        "%",
    ]
    note = (
        f"The best plan for {printable(_head(measure))} alone that keeps every limit in the case. "
        "Regret: how far the plan as booked is behind it"
    )
    ahead = any((case.regret or 0.0) < 0 for case in result.cases)
    note += ", below 0 where that is ahead because it breaks limits." if ahead else "."
    if any(case.best is not None and case.status != "optimal" for case in result.cases):
        note += " ?: found, but not proven to be the best."
    return Table("Had one known", columns, rows, [False] + [True] * (len(columns) - 1), note=note, key="best")


def _instead(case: StressCase, *, everything: bool) -> str:
    """`dearer: 3 star instead of 5, 12 small ×2 instead of 0, and 4 more`; "" where nothing differs."""
    if case.best is None or not case.instead:
        return ""
    often: dict[str, int] = {}
    for one in case.instead:
        often[one.offer] = often.get(one.offer, 0) + 1
    ordered = sorted(case.instead, key=lambda one: -abs(one.best - one.booked))
    shown = ordered if everything else ordered[:SHOWN]
    parts = []
    for one in shown:
        more = one.best - one.booked
        posts = f" ×{one.posts_per_creator}" if often[one.offer] > 1 else ""
        parts.append(f"{'+' if more > 0 else '-'}{count(abs(more))} {one.offer}{posts}")
    left = len(ordered) - len(shown)
    return f"{case.name}: {', '.join(parts)}" + (f", and {left} more" if left else "") + "."


def stress_rows(result: Stress) -> list[list[object]]:
    """The header and a row for each case; numbers unrounded, unknown ones empty.

    Columns: case, changes, measure, unit, planned, booked and change (of the measure), cost, hours, keeps_limits,
    broken (names and by how much), status, best, best_cost, best_hours, regret, regret_share, hurts_most.
    """
    header: list[object] = [
        "case", "changes", "measure", "unit", "planned", "booked", "change", "cost", "hours", "keeps_limits", "broken",
        "status", "message", "best", "best_cost", "best_hours", "regret", "regret_share", "hurts_most",
    ]  # fmt: skip
    rows = [header]
    for case in result.cases:
        best = case.best
        broken = "; ".join(f"{one.name}: {one.by}" for one in case.broken)
        rows.append(
            [
                case.name,
                "; ".join(case.changes),
                result.measure,
                result.unit,
                result.planned.value,
                case.booked.value,
                case.change,
                case.booked.cost,
                case.booked.hours,
                "yes" if case.keeps_limits else "no",
                broken,
                case.status,
                case.message,
                None if best is None else best.value,
                None if best is None else best.cost,
                None if best is None else best.hours,
                case.regret,
                case.regret_share,
                "yes" if case.name == result.hurts_most else "no",
            ]
        )
    return rows
