"""Reserves -> sections: who comes in for whom, what that loses, who to ask next."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from optimizer.language.among import among
from optimizer.language.measures import counted_in
from optimizer.language.numbers import (
    UNKNOWN,
    count,
    measured,
    money_digits,
    number,
    percent,
    printable,
    tenths,
)
from optimizer.language.paths import format_path
from optimizer.report.layout.parts import Section, Sentences, Table
from optimizer.report.sections.lines import USUAL, asked_marks

if TYPE_CHECKING:
    from optimizer.whatif.reserves.result import Booked, Place, Reserves, StandIn

SHOWN = 30
"""Places that text shows; Markdown, CSV and JSON have all of them."""


def reserves_sections(result: Reserves, *, everything: bool = False) -> Iterator[Section]:
    """The whole report, most important first.

    Args:
        result: what `reserves` answers.
        everything: every place rather than those that are hardest to replace.
    """
    yield Sentences("", list(answer(result)))
    if result.places:
        yield _places_table(result, everything)
    nobody = [no_way(result, place) for place in result.places if place.best is None]
    if nobody:
        yield Sentences("Nobody comes in", nobody)
    if result.next:
        yield _next_table(result)
    yield Sentences("Worth knowing", worth_knowing(result))
    if result.unsettled:
        yield Sentences(
            "Not settled in the time there was", [f"{printable(line)}." for line in result.unsettled]
        )


def worth_knowing(result: Reserves) -> list[str]:
    """What was tried, and what else a reader should know."""
    notes = [f"{printable(note)}." for note in (*_how(result), *result.notes)]
    return [note[0].upper() + note[1:] for note in notes]


def stand_in_of(place: Place) -> StandIn | None:
    """The way that loses least."""
    ways = {"one": place.one, "several": place.several, "nobody": place.nobody}
    return None if place.best is None else ways[place.best]


def called(place: Place) -> str:
    """Who says no: the account that is booked; a person who is booked on several, with them in brackets."""
    booked = booked_text([one.model_copy(update={"filled": ()}) for one in place.drops])
    return booked if len(place.drops) == 1 else f"{printable(place.name)} ({booked})"


def booked_text(books: Iterable[Booked]) -> str:
    """`ann ×2 + bob fee?`: posts where an offer has several numbers of them, creators where there is more than one, and
    what nobody gave."""
    parts = []
    for one in books:
        many = "" if one.creators == 1 else f"{count(one.creators)} "
        posts = f" ×{one.posts_per_creator}" if one.several else ""
        parts.append(f"{many}{printable(one.offer)}{posts}{asked_marks(one.filled)}")
    return " + ".join(parts)


# --- the answer ----------------------------------------------------------------------------------------------


def answer(result: Reserves) -> Iterator[str]:
    """The findings in sentences."""
    places = len(result.places)
    who = "the one named creator" if places == 1 else f"one of the {places} named creators"
    yield f"Who to book if {who} of the plan says no; all other bookings stay, all limits hold."
    yield from among(result.scenario.kept, result.scenario.creators)
    lost = [called(place) for place in result.places if place.best is None]
    if lost:
        yield f"Nobody comes in for {', '.join(lost)}."
    filled = [(place, found) for place in result.places if (found := stand_in_of(place)) is not None]
    if filled:
        place, found = filled[0]
        first = "Then hardest" if lost else "Hardest"
        yield f"{first} to replace: {called(place)}, {_what(result, place, found)}."
        if len(filled) > 1:
            place, found = filled[-1]
            yield f"Easiest: {called(place)}, {_what(result, place, found)}."


def _what(result: Reserves, place: Place, found: StandIn) -> str:
    """`for whom ann comes in: 59 engagements less (0.4 %), 20 USD more`."""
    who = "nobody needs to come in" if place.best == "nobody" and place.fits else "nobody fits"
    if place.best != "nobody":
        who = f"for whom {booked_text(found.books)} {'comes' if len(found.books) == 1 else 'come'} in"
    parts = [_less(result, found)]
    if result.measure != "cost" and found.cost:
        parts.append(
            f"{_money(result, abs(found.cost))} {result.currency} {'more' if found.cost > 0 else 'less'}"
        )
    return f"{who}: {', '.join(parts)}"


def _less(result: Reserves, found: StandIn) -> str:
    if not found.loses:
        return f"as many {printable(result.unit)}" if result.unit != result.currency else "for the same"
    worse = found.loses > 0
    word = "less" if worse == (result.sense == "maximize") else "more"
    amount = counted_in(measured(abs(found.loses)), printable(result.unit))
    share = f" ({percent(abs(found.loses / result.value), 2)})" if result.value else ""
    return f"{amount} {word}{share}"


def no_way(result: Reserves, place: Place) -> str:
    """Why nobody comes in for somebody, and how to plan without her."""
    limits = ", ".join(printable(name) for name in place.in_the_way)
    why = f" (in the way: {limits})" if limits else ""
    said = "no plan keeps all others and every limit" if place.proven else "nobody was found who fits alone"
    leave = " ".join(
        f"--set {shlex.quote(format_path(('offers', offer, 'creators', 'max')) + '=0')}"
        for offer in dict.fromkeys(one.offer for one in place.drops)
    )
    loses = "" if place.anew is None else f", which brings {_less(result, place.anew)}"
    again = f"Plan again without her{loses}: {printable(leave)}"
    return f"{called(place)}: {said}{why}. {again}"


# --- tables --------------------------------------------------------------------------------------------------


def _places_table(result: Reserves, everything: bool) -> Table:
    places = result.places if everything else result.places[:SHOWN]
    rows: list[list[str]] = []
    strong: set[int] = set()
    for place in places:
        found = stand_in_of(place)
        name = called(place)
        strong.add(len(rows))
        if found is None:
            rows.append([name, "nobody fits", *[UNKNOWN] * (len(_heads(result)) + 2)])
            continue
        needed = "nobody is needed" if place.fits else "nobody fits"
        rows.append([name, booked_text(found.books) or needed, *_cells(result, found)])
        if place.best == "several" and place.one is not None:
            rows.append(["", f"or only {booked_text(place.one.books)}", *_cells(result, place.one)])
    more = len(result.places) - len(places)
    note = f"{more} more lose less: --format md, csv or json. " if more else ""
    note += _note(result)
    columns = ["says no", "book instead", f"loses {printable(result.unit)}", "share", *_heads(result)]
    numeric = [False, False] + [True] * (len(columns) - 2)
    return Table("If somebody says no", columns, rows, numeric, frozenset(strong), note, key="places")


def _next_table(result: Reserves) -> Table:
    names = {place.name: called(place) for place in result.places}
    rows = [
        [
            str(rank),
            booked_text([one.books]),
            names[one.in_for],
            *_cells(result, one.stand_in),
            str(one.fits),
        ]
        for rank, one in enumerate(result.next, 1)
    ]
    unit = printable(result.unit)
    columns = ["", "ask next", "in the place of", f"loses {unit}", "share", *_heads(result), "fits"]
    note = (
        "In the place where each loses least. Fits: for how many of the "
        f"{len(result.places)} each could come in alone."
    )
    numeric = [True, False, False] + [True] * (len(columns) - 3)
    return Table("Who to ask next", columns, rows, numeric, note=note, key="next")


def _heads(result: Reserves) -> list[str]:
    return [measure for measure in ("cost", "hours") if measure != result.measure]


def _cells(result: Reserves, found: StandIn) -> list[str]:
    share = percent(found.loses / abs(result.value), 2) if result.value else UNKNOWN
    cells = [measured(found.loses), share]
    if result.measure != "cost":
        cells.append(_signed(found.cost, None if found.cost is None else _money(result, found.cost)))
    if result.measure != "hours":
        cells.append(_signed(found.hours, tenths(found.hours)))
    return cells


def _signed(value: float | None, text: str | None) -> str:
    if value is None or text is None:
        return UNKNOWN
    return f"+{text}" if value > 0 and text != "0" else text


def _money(result: Reserves, value: float) -> str:
    changes = [found.cost for place in result.places if (found := stand_in_of(place)) is not None]
    return number(value, money_digits([*changes, value], result.currency))


def _note(result: Reserves) -> str:
    heads = _heads(result)
    what = " and ".join(heads)
    money = f" Cost in {result.currency}." if "cost" in heads else ""
    return f"{what[0].upper()}{what[1:]}: by how much more (+) or less (-).{money}"


def _how(result: Reserves) -> Iterator[str]:
    booked = [one.books for one in result.next]
    for place in result.places:
        booked += [
            one
            for found in (place.one, place.several, place.anew)
            if found is not None
            for one in found.books
        ]
    for field, (mark, meaning) in USUAL.items():
        if any(field in one.filled for one in booked):
            yield f"marked {mark}: {meaning.removesuffix('.')}"
    unproven = [place.name for place in result.places if not place.proven and place.best is not None]
    if result.method == "prices":
        yield (
            f"tried: the {number(result.tried)} of {number(result.packages)} packages (a creator with a number of "
            "posts) that are worth most at the prices of the limits; among the rest may be a better one"
        )
    else:
        yield (
            f"tried: all {number(result.packages)} packages (a creator with a number of posts) that have room, each "
            "in every place"
        )
    if unproven:
        places = f"{len(unproven)} of the {len(result.places)} places"
        yield f"whether several do better together is not known for {places}: there one was booked for one"


# --- CSV -----------------------------------------------------------------------------------------------------

COLUMNS = (
    "list", "rank", "says_no", "says_no_posts", "way", "best", "book", "book_posts", "book_creators", "book_filled",
    "measure", "value", "loses", "cost", "hours", "fits",
)  # fmt: skip


def reserves_rows(result: Reserves) -> Iterator[list[object]]:
    """Header, then a row for each way to fill each place (`says_no`), then for each who is asked next (`next`).

    Several names, and their numbers, stand in one cell with " + " between them.
    """
    yield list(COLUMNS)
    for rank, place in enumerate(result.places, 1):
        who = [
            _joined(one.offer for one in place.drops),
            _joined(one.posts_per_creator for one in place.drops),
        ]
        for way, found in (("one", place.one), ("several", place.several), ("nobody", place.nobody)):
            if found is not None:
                best = "yes" if way == place.best else "no"
                yield ["says_no", rank, *who, way, best, *_numbers(result, found), place.fits]
        if place.best is None:
            yield ["says_no", rank, *who, "none", "yes", *[None] * 4, result.measure, *[None] * 4, place.fits]
        if place.anew is not None:
            yield ["says_no", rank, *who, "anew", "no", *_numbers(result, place.anew), place.fits]
    posts = {place.name: place for place in result.places}
    for rank, one in enumerate(result.next, 1):
        drops = posts[one.in_for].drops
        who = [_joined(each.offer for each in drops), _joined(each.posts_per_creator for each in drops)]
        yield ["next", rank, *who, "one", None, *_numbers(result, one.stand_in), one.fits]


def _numbers(result: Reserves, found: StandIn) -> list[object]:
    books = found.books
    names = [
        _joined(one.offer for one in books), _joined(one.posts_per_creator for one in books),
        _joined(count(one.creators) for one in books), _filled(books),
    ]  # fmt: skip
    shown: list[object] = [name if name != "" else None for name in names]
    return [*shown, result.measure, found.value, found.loses, found.cost, found.hours]


def _filled(books: Sequence[Booked]) -> object:
    """What nobody gave, name by name as in `book`; empty where all was given."""
    return _joined(" ".join(one.filled) for one in books) if any(one.filled for one in books) else ""


def _joined(values: Iterable[object]) -> object:
    """One value as it is, several as text."""
    listed = list(values)
    if len(listed) == 1:
        return listed[0]
    return " + ".join(str(value) for value in listed)
