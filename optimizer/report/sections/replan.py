"""A re-planned plan -> sections: what keeping costs, what is kept, added and dropped, the new plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from optimizer.language.among import among
from optimizer.language.numbers import UNKNOWN, count, measured, percent, printable
from optimizer.report.layout.parts import Section, Sentences, Table
from optimizer.report.sections.lines import lines_table
from optimizer.report.sections.risk import risk_lines

if TYPE_CHECKING:
    from optimizer.whatif.replan.replan import Change, Replan


def replan_sections(result: Replan) -> Iterator[Section]:
    """The whole report, most important first."""
    yield Sentences("", list(_answer(result)))
    if result.changes:
        yield _changes_table(result)
    yield _price_table(result)
    if result.plan.lines:
        yield lines_table(result.plan)


def _amount(result: Replan, value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return f"{measured(value)} {printable(result.unit)}"


def _answer(result: Replan) -> Iterator[str]:
    kept = f"{_bookings(result.kept)} {'stays' if result.kept == 1 else 'stay'}"
    if not result.added and not result.dropped:
        yield f"Nothing changes: {kept}."
    else:
        dropped, added = (f"{count(n)} {'is' if n == 1 else 'are'}" for n in (result.dropped, result.added))
        yield f"{kept}, {dropped} dropped, {added} added."
    for word, changed in (
        ("Dropped", [(c.dropped, c) for c in result.changes if c.dropped]),
        ("Added", [(c.added, c) for c in result.changes if c.added]),
    ):
        if changed:
            yield f"{word}: {', '.join(f'{count(number)} {_name(c)}' for number, c in changed)}."
    brings = "brings" if result.sense == "maximize" else "needs"
    yield f"The plan {brings} {_amount(result, result.value)}; {_price(result)}."
    yield from map(printable, result.notes)
    yield from among(result.scenario.kept, result.scenario.creators)
    yield from risk_lines(result.plan)
    if not result.proven:
        yield "Time was up before all of this was proven: fewer changes or a better plan may exist."
    elif result.changes_at_best > result.added + result.dropped:
        yield (
            f"Giving up nothing would change {_bookings(result.changes_at_best)} instead of "
            f"{count(result.added + result.dropped)}."
        )
    gone = [c for c in result.changes if not c.offered]
    if gone:
        yield "Not offered any more: " + ", ".join(_name(c) for c in gone) + "."


def _price(result: Replan) -> str:
    if abs(result.price) <= 1e-9 * max(1.0, abs(result.free)):
        return "keeping costs nothing"
    parts = []
    kept = [("keeping what is signed", result.price_of_signed)] if result.signed else []
    for words, price in (*kept, ("changing few bookings", result.price_of_calm)):
        share = f" ({percent(price / abs(result.free), 2)})" if result.free else ""
        nothing = abs(price) <= 1e-9 * max(1.0, abs(result.free))
        parts.append(f"{words} costs " + ("nothing" if nothing else f"{_amount(result, price)}{share}"))
    return ", ".join(parts)


def _bookings(number: float) -> str:
    return f"{count(number)} booking{'' if number == 1 else 's'}"


def _name(change: Change) -> str:
    posts = f" ×{change.posts_per_creator}" if change.several else ""
    return f"{printable(change.offer)}{posts}"


def _changes_table(result: Replan) -> Table:
    rows = []
    for c in result.changes:
        cells = [c.before, c.kept, c.dropped, c.added, c.after, c.signed]
        rows.append([_name(c), *(count(cell) if cell else "" for cell in cells)])
    total = [sum(c.before for c in result.changes), result.kept, result.dropped, result.added,
             sum(c.after for c in result.changes), sum(one.creators for one in result.signed)]  # fmt: skip
    rows.append(["total", *(count(cell) for cell in total)])
    columns = ["offer", "before", "kept", "dropped", "added", "after", "signed"]
    return Table("Bookings", columns, rows, [False] + [True] * 6, frozenset({len(rows) - 1}))


def _price_table(result: Replan) -> Table:
    def row(name: str, value: float, price: float | None) -> list[str]:
        shown = "" if price is None else measured(price)
        return [name, measured(value), shown]

    what = "what is signed" if result.signed else "all bookings free"
    if result.keep_all_but is not None:
        what += f", at most {count(result.keep_all_but)} dropped"
    rows = [
        row("best if nothing were signed", result.free, None),
        row(f"best with {what}" if result.signed else f"best, {what}", result.best, result.price_of_signed),
        row(f"this plan: fewest changes within {percent(result.within)}", result.value, result.price_of_calm),
    ]
    columns = ["", printable(result.unit), "price"]
    note = "Price: how much the line gives up against the one above it."
    return Table("Price of keeping", columns, rows, [False, True, True], frozenset({2}), note)
