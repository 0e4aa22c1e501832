"""A plan against results -> sections: what came, why, how it will end, who was far from plan, what was not matched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from optimizer.finance.compare.findings import digits_for, signed
from optimizer.language.measures import KINDS, is_money
from optimizer.language.numbers import (
    chance,
    count,
    number,
    percent,
    printable,
    round_to,
    rounded_parts,
)
from optimizer.report.layout.parts import Section, Sentences, Table
from optimizer.report.sections.results import results_line, results_sections
from optimizer.report.sections.risk import rounded

if TYPE_CHECKING:
    from optimizer.actuals.result import Difference, Forecast, MeasureReview, Review

MOST = 10
"""Bookings, rows and lines that the text names; Markdown and other formats have all."""
WIDE = 4
"""Measures beside each other in the table of parts."""


def review_sections(result: Review, *, everything: bool = False) -> Iterator[Section]:
    """The whole report, most important first."""
    yield Sentences("", list(_answer(result)))
    if result.forecast:
        yield _forecast_table(result, everything)
    shown = [
        one for one in result.measures if everything or one is result.measures[0] or one.measure not in KINDS
    ]
    for start in range(0, len(shown), WIDE):
        yield _parts_table(result, shown[start : start + WIDE])
    if result.measures:
        yield from _group_tables(result)
        if len(result.lines) > 1:
            yield _lines_table(result, everything)
        if result.bookings:
            yield _bookings_table(result, everything)
    yield from _left_over(result, everything)


def _amount(one: MeasureReview, value: float, currency: str) -> str:
    unit = printable(one.unit)
    words = (
        f"{unit} of {one.measure.replace('_', ' ')}"
        if is_money(one.measure) and one.measure != "cost"
        else unit
    )
    return f"{number(value, _digits(one, currency))} {words}"


def _digits(one: MeasureReview, currency: str) -> int:
    digits = digits_for(one.measure, [one.total.planned, one.total.actual], currency)
    large = max(abs(one.total.planned), abs(one.total.actual)) >= 1000
    return 0 if large or not is_money(one.measure) else digits


def _answer(result: Review) -> Iterator[str]:
    done = "so far " if result.running else ""
    if not result.measures:
        yield "No number of the results is one that the plan knows, so nothing can be compared."
    for position, one in enumerate(
        m for m in result.measures if m.measure in (result.measures[0].measure, "cost")
    ):
        came = _amount(one, one.total.actual, result.currency)
        verb = (
            ("were" if position else "came")
            if one.measure != "cost"
            else "spent"
            if position
            else "were spent"
        )
        yield f"{came} {verb}{' ' + done.strip() if done else ''}: {_against(one, result)}."
    people = f"{count(result.creators_delivered)} of {count(result.creators_planned)} creators delivered"
    posts = f"{count(result.posts_delivered)} of {count(result.posts_planned)} posts are there"
    yield f"{people}, {posts}" + (
        f"; {count(result.posts_open)} are still to come." if result.running else "."
    )
    why = _why(result.measures[0], result.currency) if result.measures else ""
    if why:
        yield why
    for forecast in result.forecast[:1]:
        yield _ending(forecast, result.currency)
    ranges = result.measures[0].ranges if result.measures else None
    if ranges is not None:
        far = f"{count(ranges.below)} came out lower, {count(ranges.above)} higher"
        yield (
            f"Of {count(ranges.bookings)} bookings {count(ranges.inside)} lie inside their 8-in-10 range "
            f"(about {count(round(0.8 * ranges.bookings))} are expected); {far}."
        )
    first = result.measures[0] if result.measures else None
    if first is not None and first.planned_range is not None and first.within is not None:
        low, high = rounded([first.planned_range.p10, first.planned_range.p90])
        where = "inside" if first.within else "outside"
        yield f"All together lie {where} the range that was planned, {low} to {high}."


def _against(one: MeasureReview, result: Review) -> str:
    digits = _digits(one, result.currency)
    planned = round_to(one.total.planned, digits)
    change = round_to(round_to(one.total.actual, digits) - planned, digits)
    of = "planned for these" if result.running else "planned"
    if change == 0:
        return f"as {of}"
    share = f" ({percent(abs(change) / planned, 2)})" if planned > 0 else ""
    more = "more" if change > 0 else "less" if is_money(one.measure) or one.measure == "hours" else "fewer"
    return (
        f"{number(abs(change), digits)}{share} {more} than the {_amount(one, planned, result.currency)} {of}"
    )


def _why(one: MeasureReview, currency: str) -> str:
    digits = _digits(one, currency)
    names = _names()
    parts = _printed(one.total, digits)
    largest = sorted(((names[key], value) for key, value in parts.items() if value), key=lambda p: -abs(p[1]))
    if not largest:
        return ""
    named = ", ".join(f"{name} {signed(value, digits)}" for name, value in largest[:5])
    what = "All of the difference comes from" if len(largest) == 1 else "The difference is made up of"
    return f"{what} {named}."


def _names() -> dict[str, str]:
    from optimizer.actuals.result import PARTS

    return PARTS


def _printed(one: Difference, digits: int) -> dict[str, float]:
    """Parts rounded so that they add up to the printed change."""
    total = round_to(round_to(one.actual, digits) - round_to(one.planned, digits), digits)
    return dict(zip(one.parts, rounded_parts(list(one.parts.values()), digits, total), strict=True))


def _ending(forecast: Forecast, currency: str) -> str:
    low, half, high = rounded([forecast.end.p10, forecast.end.p50, forecast.end.p90])
    unit = printable(forecast.unit)
    if low == high:
        text = f"It will end at {half} {unit}, as nothing that is still to come has a range"
    else:
        text = f"Likely to end at {half} {unit}: 1 in 10 below {low}, 1 in 10 above {high}"
    if forecast.promised is not None and forecast.chance is not None:
        (promised,) = rounded([forecast.promised])
        bound = "are reached" if forecast.at_least else "suffice"
        text += f"; the promised {promised} {bound} in {chance(forecast.chance)} of the cases"
    return f"{text}."


def _forecast_table(result: Review, everything: bool) -> Table:
    rows = []
    for one in result.forecast:
        if one.measure in KINDS and one.measure != result.objective and not everything:
            continue
        low, half, high = rounded([one.end.p10, one.end.p50, one.end.p90])
        promised = (
            "" if one.promised is None else ("≥ " if one.at_least else "≤ ") + rounded([one.promised])[0]
        )
        (done,) = rounded([one.done])
        kept = "" if one.chance is None else chance(one.chance)
        rows.append([_head(one.measure, result.currency), done, low, half, high, promised, kept])
    columns = ["", "done", "1 in 10 below", "half above", "1 in 10 above", "promised", "kept in"]
    note = (
        f"What is done counts as it is, the rest as planned with its ranges ({count(result.draws)} cases, seed "
        f"{result.seed}). Promised: the plan's own number, or the cap."
    )
    return Table("How it will end", columns, rows, [False] + [True] * 6, note=note, key="forecast")


def _head(measure: str, currency: str) -> str:
    name = measure.replace("_", " ")
    return f"{name}, {currency}" if is_money(measure) else printable(name)


def _parts_table(result: Review, measures: Sequence[MeasureReview]) -> Table:
    digits = [_digits(one, result.currency) for one in measures]
    printed = [_printed(one.total, d) for one, d in zip(measures, digits, strict=True)]
    names = [name for name in _names() if any(parts.get(name) for parts in printed)]
    planned = "planned of what is done" if result.running else "planned"
    rows = [[planned, *(number(one.total.planned, d) for one, d in zip(measures, digits, strict=True))]]
    for name in names:
        cells = [
            signed(parts[name], d) if parts.get(name) else ""
            for parts, d in zip(printed, digits, strict=True)
        ]
        rows.append([f"  {_names()[name]}", *cells])
    rows.append(["came", *(number(one.total.actual, d) for one, d in zip(measures, digits, strict=True))])
    columns = ["", *(_head(one.measure, result.currency) for one in measures)]
    silent = [
        f"{_bookings(one.bookings_as_planned)} no {one.measure.replace('_', ' ')} and {_counts(one)} as planned"
        for one in measures
        if one.bookings_as_planned
    ]
    note = (
        ". ".join(["Each part is averaged over all orders of switching from planned to actual", *silent])
        + "."
    )
    title = "Why" if measures[0] is result.measures[0] else "Why, further measures"
    return Table(
        title, columns, rows, [False] + [True] * len(measures), frozenset({0, len(rows) - 1}), note, key="why"
    )


def _bookings(number: int) -> str:
    return "1 booking says" if number == 1 else f"{count(number)} bookings say"


def _counts(one: MeasureReview) -> str:
    return "counts" if one.bookings_as_planned == 1 else "count"


def _shown(result: Review) -> list[MeasureReview]:
    """The first measure, and what it cost."""
    found = [one for one in result.measures if one is result.measures[0] or one.measure == "cost"]
    return found[:2]


def _columns(result: Review) -> list[str]:
    heads = []
    for one in _shown(result):
        heads += [_head(one.measure, result.currency), "against plan"]
    return heads


def _cells(result: Review, of: Mapping[str, Difference]) -> list[str]:
    cells = []
    for one in _shown(result):
        mine, digits = of[one.measure], _digits(one, result.currency)
        change = round_to(round_to(mine.actual, digits) - round_to(mine.planned, digits), digits)
        share = f" ({percent(mine.change / mine.planned, 2)})" if mine.planned > 0 and change else ""
        cells += [number(mine.actual, digits), signed(change, digits) + share]
    return cells


def _group_tables(result: Review) -> Iterator[Table]:
    for by in ("tier", "platform"):
        groups = [group for group in result.groups if group.by == by]
        if len(groups) < 2:
            continue
        rows = [[printable(group.value) or "not said", *_cells(result, group.measures)] for group in groups]
        yield Table(f"By {by}", [by, *_columns(result)], rows, [False] + [True] * (len(rows[0]) - 1), key=by)


def _lines_table(result: Review, everything: bool) -> Table:
    first = result.measures[0].measure
    lines = sorted(result.lines, key=lambda line: -abs(line.measures[first].change))
    shown = lines if everything else lines[:MOST]
    rows = []
    for line in shown:
        posts = f" ×{line.posts_per_creator}" if line.posts_per_creator and line.posts_per_creator > 1 else ""
        name = (
            printable(line.offer)
            or " ".join(filter(None, (line.tier, line.platform, line.format)))
            or "others"
        )
        name += posts if line.planned else " (not planned)"
        came = f"{count(line.creators_delivered)}/{count(line.creators_planned)}" if line.planned else "+"
        rows.append([name, came, *_cells(result, line.measures)])
    more = len(lines) - len(shown)
    note = "Delivered: creators who delivered of those planned. The largest differences first."
    note += f" {count(more)} more lines differ less; -o review.xlsx has all." if more else ""
    columns = ["line", "delivered", *_columns(result)]
    return Table("By line", columns, rows, [False] + [True] * (len(columns) - 1), note=note, key="lines")


def _bookings_table(result: Review, everything: bool) -> Section:
    shown = [one for one in result.bookings if one.low is not None and one.high is not None]
    outside = [one for one in shown if not (one.low or 0) <= one.actual <= (one.high or 0)]
    title = "Outside their range"
    if not outside:
        return Sentences(
            title, ["Every booking with a range lies inside it." if shown else "No booking has a range."]
        )
    rows = []
    for one in outside if everything else outside[:MOST]:
        cells = rounded([one.low or 0.0, one.planned, one.high or 0.0, one.actual])
        rows.append([printable(one.name), *cells, "below" if one.actual < (one.low or 0) else "above"])
    more = len(outside) - len(rows)
    columns = ["booking", "1 in 10 below", "planned", "1 in 10 above", "came", ""]
    note = f"{_head(result.measures[0].measure, result.currency).capitalize()}."
    note += f" {count(more)} more bookings lie outside." if more else ""
    return Table(title, columns, rows, [False, True, True, True, True, False], note=note, key="bookings")


def _left_over(result: Review, everything: bool) -> Iterator[Section]:
    if result.missing:
        lines = [
            f"{printable(one.offer)}" + (f": {count(one.creators)} creators" if one.creators != 1 else "")
            for one in result.missing
        ]
        title = "Still to come, without a row" if result.running else "Booked, without a row: did not deliver"
        yield Sentences(title, _some(lines, everything), key="missing")
    if result.unmatched:
        lines = [
            f"{printable(one.file)}:{one.line} {printable(one.name)}: {printable(one.why)}"
            for one in result.unmatched
        ]
        yield Sentences("Rows that match no booking", _some(lines, everything), key="unmatched")
    files = () if result.read is None else result.read.files
    notes = [results_line(file) + "." for file in files]
    if result.matched_by_place:
        notes.append(
            f"Without a booking's name, counted for the only offer on its platform, in its format and tier: "
            f"{count(result.matched_by_place)} of {count(result.rows)} rows."
        )
    if result.posts_as_planned:
        notes.append(
            f"{count(result.posts_as_planned)} of the bookings do not say how many posts they made: one for each row, "
            "or as many as planned where there is one row."
        )
    if result.paid_only:
        notes.append(
            f"{count(result.paid_only)} bookings are paid and have no results yet: they are still to come."
        )
    if result.without_results:
        names = ", ".join(name.replace("_", " ") for name in result.without_results)
        notes.append(f"No row says anything about {names}.")
        if "reach" in result.without_results:
            notes.append(
                "People reached without counting anyone twice cannot be read from results of single creators."
            )
    if any(one.measure in ("engagements", "gross_reach") for one in result.measures):
        notes.append(
            "Shares of real people and of the audience asked for are the plan's: results do not know them."
        )
    if notes:
        yield Sentences("How results were read", notes, key="notes")
    if everything and result.read is not None:
        yield from results_sections(result.read, everything=True)


def _some(lines: Sequence[str], everything: bool) -> list[str]:
    if everything or len(lines) <= MOST:
        return list(lines)
    return [*lines[:MOST], f"and {count(len(lines) - MOST)} more"]
