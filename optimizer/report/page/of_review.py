"""A plan against results as a page."""

from __future__ import annotations

from optimizer.actuals.result import PARTS, MeasureReview, Review
from optimizer.finance.compare.findings import signed, signed_percent
from optimizer.language.measures import more_is_good
from optimizer.language.numbers import chance, count, made_line, number, printable
from optimizer.report.layout.parts import Sentences, Table
from optimizer.report.page.bookings import bookings_chart
from optimizer.report.page.bridges import Steps, steps_chart
from optimizer.report.page.chart import Chart
from optimizer.report.page.document import Block, Charts, Facts, Page, Tile
from optimizer.report.sections.bridge import printed
from optimizer.report.sections.review import review_sections
from optimizer.report.sections.review_bridge import (
    ACTUAL,
    PLANNED,
    bridge_of,
    bridge_title,
    charted,
    read_from,
)

WHY = {
    "mix": "creators who were not planned, or more of an offer than planned",
    "delivery": "more or fewer creators delivered than planned",
    "posts": "those who delivered made more or fewer posts than booked",
    "views": "a post was seen more or less often than planned",
    "reach": "a post reached more or fewer people than planned",
    "response": "of those who saw a post more or fewer reacted",
    "click_rate": "of those who saw a post more or fewer clicked",
    "conversion_rate": "of those who clicked more or fewer bought",
    "value": "a sale was worth more or less than planned",
    "goods": "what was sold cost more or less to make and ship",
    "hours": "a post took more or fewer hours than planned",
    "price": "a post was paid more or less than planned",
    "contingency": "money that was planned for surprises",
}


def page_of_review(review: Review) -> Page:
    """What the page of a review says."""
    first, *parts = review_sections(review, everything=True)
    assert isinstance(first, Sentences)
    drawn = [_bridge(review, one) for one in charted(review)]
    drawn += [bookings_chart(review)]
    charts = [chart for chart in drawn if chart is not None]
    blocks: list[Block] = [Charts("", charts)] if charts else []
    facts = [
        ("results", f"{read_from(review)}, {review.rows:,} rows"),
        ("plan", f"{printable(review.scenario.name)}, sha256 {review.scenario.sha256}"),
    ]
    if review.running:
        facts.append(("draws", f"{review.draws:,} cases of what is still to come, seed {review.seed}"))
    return Page(
        kind="The campaign so far" if review.running else "Plan and results",
        title=review.scenario.name,
        lead=first.lines[0],
        proof="",
        proven=False,
        lines=first.lines[1:],
        tiles=_tiles(review),
        blocks=[*blocks, *parts, Facts("What was compared", facts)],
        foot=made_line(review.scenario.made, [review.scenario.author], review.version),
    )


def _bridge(review: Review, one: MeasureReview) -> Chart | None:
    """The waterfall of one measure; None where nothing differs."""
    keys, m = bridge_of(one)
    if not keys:
        return None
    labels = [PARTS[key] for key in keys]
    start, parts, end = printed(m, review.currency)
    rows = [
        [PLANNED, start],
        *([label, part] for label, part in zip(labels, parts, strict=True)),
        [ACTUAL, end],
    ]
    table = Table("", ["", printable(one.unit)], rows, [False, True], frozenset({0, len(rows) - 1}))
    steps = Steps(
        m,
        (PLANNED, ACTUAL),
        (
            "of the bookings that results are about" if review.running else "as the plan says",
            "as the results say",
        ),
        labels,
        [WHY[key] for key in keys],
        more_is_good(one.measure),
    )
    largest = max(zip(m.parts, parts, labels, strict=True), key=lambda part: abs(part[0]))
    takeaway = f"The largest part: {largest[2]}, {largest[1]} {printable(one.unit)}."
    notes = "Only what is done is compared; what is still to come is not." if review.running else ""
    return steps_chart(steps, review.currency, f"bridge-{one.measure.replace('_', '-')}", bridge_title(review, one),
                       table, takeaway, notes=notes)  # fmt: skip


def _tiles(review: Review) -> list[Tile]:
    """What came of the first measure and of cost, who delivered, what lay inside its range."""
    tiles = []
    for one in charted(review):
        start, _, end = printed(bridge_of(one).measure, review.currency)
        share = one.total.change / one.total.planned if one.total.planned > 0 else None
        against = signed(one.total.change) if share is None else signed_percent(share)
        unit = "" if one.unit == one.measure else printable(one.unit)
        name = printable(one.measure.replace("_", " ")).capitalize()
        tiles.append(Tile(name, end, unit, f"{against} against {start} planned"))
    delivered = f"{count(review.creators_delivered)} of {count(review.creators_planned)}"
    note = (
        f"{count(review.creators_open)} to come"
        if review.running
        else f"{count(review.posts_delivered)} posts"
    )
    tiles.append(Tile("Creators who delivered", delivered, "", note))
    for forecast in review.forecast[:1]:
        if forecast.promised is not None and forecast.chance is not None:
            bound = "at least" if forecast.at_least else "at most"
            note = f"{bound} {number(forecast.promised)} {printable(forecast.unit)} at the end"
            tiles.append(Tile("Chance of the promise", chance(forecast.chance), "", note))
    ranges = review.measures[0].ranges if review.measures else None
    if ranges is not None:
        inside = f"{ranges.inside} of {ranges.bookings}"
        tiles.append(Tile("Bookings inside their range", inside, "", "8 in 10 are expected"))
    return tiles
