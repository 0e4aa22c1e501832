"""What was learnt -> sections: what changed most, every group, named creators, what did not count."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from optimizer.language.numbers import number, percent, plain_number, printable
from optimizer.learning.told import is_sure, place, sentences, shown, told
from optimizer.report.layout.parts import Section, Sentences, Table
from optimizer.report.sections.benchmarks import NAMES
from optimizer.report.sections.results import results_line, results_sections

if TYPE_CHECKING:
    from optimizer.benchmarks.learnt import Learnt
    from optimizer.learning.learned import Learned

PEOPLE, ODD = 15, 10
"""Named creators, and results far out, that text shows."""
_KIND = "engagement_mix."


def learned_sections(learned: Learned, *, everything: bool = False) -> Iterator[Section]:
    """The whole report, most important first."""
    yield Sentences("", [printable(line) for line in sentences(learned)])
    groups = told(learned)
    yield _groups(learned, [entry for entry in groups if not entry.field.startswith(_KIND)])
    kinds = [entry for entry in groups if entry.field.startswith(_KIND)]
    if kinds:
        yield _kinds(kinds)
    if learned.people:
        yield _people(learned, everything)
    if learned.moved:
        yield _moved(learned, everything)
    if learned.left_out:
        lines = [
            f"{number(each.rows)} row{'' if each.rows == 1 else 's'} {each.why}." for each in learned.left_out
        ]
        yield Sentences("Not learnt from", [printable(line) for line in lines])
    if learned.read is not None:
        if everything:
            yield from results_sections(learned.read, everything=True)
        else:
            yield Sentences("What was read", [results_line(file) for file in learned.read.files])


def _groups(learned: Learned, entries: list[Learnt]) -> Table:
    rows: list[list[str]] = []
    strong = set()
    before = ""
    for entry in entries:
        if entry.field != before:
            strong.add(len(rows))
            rows.append([NAMES[entry.field], *[""] * 6])
            before = entry.field
        group = " ".join(part for part in (entry.platform, entry.tier, entry.format) if part)
        where = group if entry.tier or entry.format else f"{group}, others"
        rows.append(
            [
                f"  {printable(where)}{' *' if is_sure(entry) else ''}",
                f"{number(entry.results)} ({number(entry.creators)})",
                _value(entry, entry.old),
                _value(entry, entry.new),
                f"{_value(entry, entry.new_low)} to {_value(entry, entry.new_high)}",
                percent(round(entry.weight, 2)),
                "" if entry.spread is None else plain_number(round(entry.spread, 2)),
            ]
        )
    columns = ["", "results", "old", "new", "8 in 10", "weight", "spread"]
    note = (
        f"results (of creators); fees in {learned.currency}; figures at the middle size of the group's creators; "
        "weight: of own results against the packaged figure; spread: between creators, sd of the natural logarithm; *: "
        "the old figure lies outside the new range"
    )
    return Table("What the numbers are now", columns, rows, [False] + [True] * 6, frozenset(strong), note)


def _kinds(entries: list[Learnt]) -> Table:
    rows = [
        [
            printable(f"{entry.field.removeprefix(_KIND)}, {place(entry)}"),
            number(entry.creators),
            percent(entry.old),
            percent(entry.new),
            percent(round(entry.weight, 2)),
        ]
        for entry in entries
    ]
    return Table("Kinds of engagement", ["", "creators", "old", "new", "weight"], rows, [False] + [True] * 4)


def _people(learned: Learned, everything: bool) -> Table:
    people = sorted(
        learned.people, key=lambda entry: (-entry.weight * entry.results, entry.creator or "", entry.field)
    )
    if everything:
        people = list(learned.people)
    shown_people = people if everything else people[:PEOPLE]
    rows = [
        [
            printable(entry.creator or ""),
            printable(f"{NAMES[entry.field]}, {place(entry)}"),
            number(entry.results),
            shown(entry.field, entry.old, learned.currency),
            shown(entry.field, entry.new, learned.currency),
            f"{_value(entry, entry.new_low)} to {_value(entry, entry.new_high)}",
            percent(round(entry.weight, 2)),
        ]
        for entry in shown_people
    ]
    more = len(people) - len(shown_people)
    note = f"{number(more)} more in --format md and json; " if more else ""
    columns = ["", "number", "results", "usual", "this one", "8 in 10", "weight"]
    numeric = [False, False] + [True] * 5
    return Table(
        "Named creators", columns, rows, numeric, note=f"{note}usual: the packaged figure for that size; weight: of "
        "the creator's own record against that of the group",
    )  # fmt: skip


def _moved(learned: Learned, everything: bool) -> Table:
    moved = learned.moved if everything else learned.moved[:ODD]
    rows = [
        [
            printable(each.name),
            NAMES.get(each.field, each.field),
            printable(each.platform),
            f"{each.times:,g} times",
        ]
        for each in moved
    ]
    more = len(learned.moved) - len(moved)
    note = f"{number(more)} more in --format md and json" if more else ""
    columns = ["", "number", "platform", "of the packaged figure"]
    return Table("Too far out to count fully", columns, rows, [False, False, False, True], note=note)


def _value(entry: Learnt, value: float) -> str:
    return (
        plain_number(value)
        if entry.field == "cost_per_post" or entry.field.startswith("hours")
        else percent(value)
    )
