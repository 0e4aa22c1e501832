"""What to test next -> sections: the answer, every number in order, what the values rest on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from optimizer.language.measures import counted_in, is_money
from optimizer.language.numbers import (
    UNKNOWN,
    few_digits,
    measured,
    money_digits,
    number,
    printable,
    tenths,
)
from optimizer.learning.findings import WAY_WORDS
from optimizer.report.layout.parts import Section, Sentences, Table

if TYPE_CHECKING:
    from optimizer.learning.result import NextTests, NumberWorth


def next_sections(result: NextTests) -> Iterator[Section]:
    """The whole report, most important first."""
    yield Sentences("", [printable(line) for line in result.sentences])
    rows = [one for one in result.numbers if one.value > 0]
    if rows:
        yield _table(result, rows)
    zero = len(result.numbers) - len(rows)
    more = "more " if rows else ""
    notes = [
        f"Planned today: {counted_in(_amount(result, result.planned), printable(result.unit))}.",
        *([f"{_several(zero, more)} solved for, and no answer would change the plan."] if zero else []),
        *([f"{_several(result.unsettled, more)} not settled in time."] if result.unsettled else []),
        *result.assumptions,
    ]
    yield Sentences("What the values rest on", [printable(line) for line in notes])


def _several(count: int, more: str) -> str:
    return f"1 {more}number was" if count == 1 else f"{number(count)} {more}numbers were"


def _table(result: NextTests, rows: list[NumberWorth]) -> Table:
    unit = printable(result.unit)
    cells = [
        [
            printable(f"{one.field} of {one.offer}"),
            _amount(result, one.value),
            "–" if one.way == "none" else WAY_WORDS[one.way].removeprefix("a "),
            UNKNOWN if one.test_value is None else _amount(result, one.test_value),
            _spent(result, one),
            UNKNOWN if one.brought is None else _amount(result, one.brought),
            UNKNOWN if one.net is None else _amount(result, one.net),
        ]
        for one in rows
    ]
    strong = frozenset(i for i, one in enumerate(rows) if one.worth_it)
    note = (
        f"In {unit}. Known: expected gain if the number were known. Told: with what asking tells. Brought: what its "
        "cost would have brought. Net: told less brought; worth asking where that is above 0."
    )
    columns = ["number", "known", "by", "told", "costs", "brought", "net"]
    return Table(
        "What to ask",
        columns,
        cells,
        [False, True, False, True, True, True, True],
        strong,
        note,
        "asked",
    )


def _amount(result: NextTests, value: float) -> str:
    """A value of the objective, without its unit."""
    if is_money(result.measure):
        rounded = float(round(value)) if abs(value) >= 100 else value
        return number(rounded, money_digits([rounded], result.currency))
    return measured(float(round(value)) if abs(value) >= 100 else value)


def _spent(result: NextTests, one: NumberWorth) -> str:
    """`480 USD, 4 h`."""
    if one.cost is None or one.hours is None:
        return UNKNOWN
    parts = [
        *([f"{few_digits(float(round(one.cost, 2)))} {result.currency}"] if one.cost else []),
        *([f"{tenths(one.hours)} h"] if one.hours else []),
    ]
    return ", ".join(parts) or "nothing"
