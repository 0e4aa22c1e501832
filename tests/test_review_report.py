"""A review as CSV and as a page: every line, sums that hold, charts that say what came, names that stay names."""

from __future__ import annotations

import csv as reader
import io
from decimal import Decimal

import pytest

from optimizer.actuals.result import PARTS, BookingReview, Review
from optimizer.report.formats import csv, page, title_of
from optimizer.report.page.bookings import ABOVE, BELOW, INSIDE, MOST, NO_RANGE, bookings_chart, place_of
from optimizer.report.page.chart import Chart
from optimizer.report.page.colours import light
from optimizer.report.page.document import Charts
from optimizer.report.page.of_review import WHY, page_of_review
from tests.reviewed import REVIEWS, everything, finished, from_export, hostile, nothing_known, running
from tests.test_page import Read

every_review = pytest.mark.parametrize("name", REVIEWS)


def rows_of(review: Review) -> list[dict[str, str]]:
    return list(reader.DictReader(io.StringIO(csv(review))))


# CSV.


@every_review
def test_each_line_is_a_row_and_all_adds_up_along_and_down(name: str) -> None:
    review = REVIEWS[name]()
    *lines, total = rows_of(review)
    assert len(lines) == len(review.lines)
    assert (total["offer"], total["planned"]) == ("total", "")
    for one in review.measures:
        keys = ["planned", "actual", "change", *(part for part in PARTS if part in one.total.parts)]
        for row in (*lines, total):
            planned, actual, change, *parts = (Decimal(row[f"{one.measure}_{key}"]) for key in keys)
            assert actual - planned == change == sum(parts)
        for key in keys:
            column = f"{one.measure}_{key}"
            assert sum(Decimal(row[column]) for row in lines) == Decimal(total[column]), column
    for count in ("creators_planned", "creators_delivered", "posts_planned", "posts_delivered"):
        assert sum(float(row[count]) for row in lines) == pytest.approx(float(total[count]))


def test_columns_do_not_depend_on_what_is_asked_for() -> None:
    header = list(rows_of(finished())[0])
    assert header[:10] == ["offer", "planned", "tier", "platform", "format", "posts_per_creator", "creators_planned",
                           "creators_delivered", "posts_planned", "posts_delivered"]  # fmt: skip
    assert header[10:18] == ["cost_planned", "cost_actual", "cost_change", "cost_mix", "cost_delivery", "cost_posts",
                             "cost_price", "cost_contingency"]  # fmt: skip
    measures = list(dict.fromkeys(name.rpartition("_")[0] for name in header if name.endswith("_planned")))
    assert measures == ["creators", "posts", "cost", "hours", "impressions", "engagements"]
    assert list(rows_of(running())[0]) == header


def test_a_row_by_hand() -> None:
    nano, star, guest, total = rows_of(finished())
    shown = ("offer", "planned", "tier", "platform", "posts_per_creator", "creators_planned", "creators_delivered",
             "posts_planned", "posts_delivered", "cost_planned", "cost_actual", "engagements_actual")  # fmt: skip
    assert [nano[key] for key in shown] == [
        "nano", "yes", "nano", "instagram", "2", "10.0", "8.0", "20.0", "15.0", "1000.0", "800.0", "326.0",
    ]  # fmt: skip
    assert (star["cost_price"], star["engagements_change"]) == ("100.0", "-1500.0")
    assert [guest[key] for key in ("planned", "platform", "posts_per_creator", "cost_mix")] == [
        "no",
        "youtube",
        "",
        "80.0",
    ]
    assert (total["creators_delivered"], total["cost_change"]) == ("10.0", "-20.0")


def test_names_in_csv_are_no_formulas() -> None:
    names = [row["offer"] for row in rows_of(hostile())]
    assert any(name.startswith("'=") for name in names)
    assert not any(name.startswith(("=", "+", "-", "@")) for name in names)


# Pages.


def charts_of(review: Review) -> dict[str, Chart]:
    return {chart.key: chart for block in page_of_review(review).blocks if isinstance(block, Charts)
            for chart in block.charts}  # fmt: skip


@every_review
def test_every_review_makes_a_page_with_every_number_of_its_charts(name: str) -> None:
    review = REVIEWS[name]()
    text = page(review)
    assert Read(text).open == []
    assert page(review) == text
    shown = Read(text).text
    for chart in charts_of(review).values():
        assert chart.title in shown
        for row in chart.table.rows:
            assert all(cell.strip() in shown for cell in row)
    assert review.scenario.sha256 in shown


def test_bridges_go_from_planned_to_actual_in_the_colours_of_good_and_bad_news() -> None:
    charts = charts_of(finished())
    assert list(charts) == ["bridge-engagements", "bridge-cost", "bookings"]
    result, cost = charts["bridge-engagements"], charts["bridge-cost"]
    assert result.table.rows == [
        ["planned", "3,400"], ["who was booked", "+70"], ["who delivered", "-81"], ["posts of each", "-24"],
        ["views per post", "-205"], ["response", "-1,264"], ["actual", "1,896"],
    ]  # fmt: skip
    assert result.takeaway == "The largest part: response, -1,264 engagements."
    assert result.title == "Engagements: from planned to actual"
    assert charts_of(running())["bridge-cost"].title == "Cost, USD: from planned to actual, so far"
    for chart, colours in ((result, {"+": "gain", "-": "loss"}), (cost, {"+": "loss", "-": "gain"})):
        bars = next(
            layer["data"]["values"] for layer in chart.wide["layer"] if layer["mark"]["type"] == "bar"
        )
        assert {(bar["label"][0], bar["colour"]) for bar in bars[1:-1]} == {
            (sign, light(colour)) for sign, colour in colours.items()
        }
    assert set(WHY) == set(PARTS)


def test_where_nothing_differs_there_is_no_bridge_and_where_nothing_is_known_no_chart() -> None:
    assert charts_of(nothing_known()) == {}
    same = (
        finished()
        .measures[1]
        .total.model_copy(
            update={
                "actual": 2000.0,
                "change": 0.0,
                "parts": dict.fromkeys(finished().measures[1].total.parts, 0.0),
            }
        )
    )
    measures = [finished().measures[0], finished().measures[1].model_copy(update={"total": same})]
    assert "bridge-cost" not in charts_of(finished().model_copy(update={"measures": measures}))


def dots(chart: Chart | None) -> list[dict[str, object]]:
    assert chart is not None
    found: list[dict[str, object]] = next(
        layer["data"]["values"] for layer in chart.wide["layer"] if layer["mark"]["type"] == "point"
    )
    return found


def test_bookings_stand_furthest_first_where_they_came_out() -> None:
    review = from_export(running=False)
    chart = bookings_chart(review)
    assert chart is not None
    rows = dots(chart)
    assert [row["whole"] for row in rows] == [one.name for one in review.bookings]
    far = [abs(one.actual - one.planned) for one in review.bookings]
    assert far == sorted(far, reverse=True)
    colours = {INSIDE: light("total"), ABOVE: light("gain"), BELOW: light("loss"), NO_RANGE: light("mark")}
    counts = dict.fromkeys(colours, 0)
    for row, one in zip(rows, review.bookings, strict=True):
        where = place_of(one)
        counts[where] += 1
        assert row["colour"] == colours[where]
        assert row["at"] == pytest.approx(min(one.actual / one.planned, 4.0))
        assert row["shape"] == ("triangle-right" if one.actual > 4 * one.planned else "circle")
    ranges = review.measures[0].ranges
    assert ranges is not None
    assert (counts[INSIDE], counts[BELOW], counts[ABOVE]) == (ranges.inside, ranges.below, ranges.above)
    assert counts[ABOVE] > 2
    assert (
        chart.takeaway
        == f"{ranges.inside} of {ranges.bookings} bookings lie inside the range that was planned for them."
    )
    assert "A triangle lies beyond 4 times." in chart.notes
    assert any(row[5] == "above" for row in chart.table.rows)


def booking(n: int) -> BookingReview:
    return BookingReview(name=f"b{n}", offer="o", creators=1, posts=1, planned=100, actual=100 + 200 - n)


def test_at_most_thirty_bookings_are_drawn_and_the_rest_counted() -> None:
    many = finished().model_copy(update={"bookings": [booking(n) for n in range(45)]})
    chart = bookings_chart(many)
    assert len(dots(chart)) == MOST == 30
    assert chart is not None
    assert "15 more bookings are nearer to plan." in chart.notes
    assert chart.title == "Bookings against plan: engagements"
    assert "The line is the plan" in chart.notes


def test_tiles_say_what_came_and_the_chance_of_the_promise() -> None:
    tiles = {tile.label: tile for tile in page_of_review(from_export(running=True)).tiles}
    assert list(tiles) == ["Engagements", "Cost", "Creators who delivered", "Chance of the promise",
                           "Bookings inside their range"]  # fmt: skip
    assert tiles["Creators who delivered"].value == "23 of 26"
    assert tiles["Creators who delivered"].note == "2 to come"
    assert tiles["Chance of the promise"].note.startswith("at least 105,0")
    (cost,) = (tile for tile in page_of_review(finished()).tiles if tile.label == "Cost")
    assert (cost.value, cost.unit, cost.note) == ("1,980", "USD", "-1 % against 2,000 planned")


def test_titles_and_kinds() -> None:
    assert title_of(finished()) == "Two kinds: what came of it"
    assert page_of_review(finished()).kind == "Plan and results"
    assert page_of_review(running()).kind == "The campaign so far"
    assert len(everything().measures) == 14
