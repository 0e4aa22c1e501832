"""What is learnt as a set: what it says of groups and names, what it remembers, what it refuses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from optimizer import Scenario, ScenarioError, optimize
from optimizer.benchmarks.lookup import Benchmarks, Place
from optimizer.benchmarks.packaged import load_set
from optimizer.benchmarks.typicals import typicals
from optimizer.learning.house import house_text
from optimizer.learning.learn import learn
from optimizer.learning.learned import Learned
from optimizer.learning.rows import no_rows, packed, unpacked
from tests.results_made import Row, results

# --- results -> a set ----------------------------------------------------------------------------------------


def reels(count: int = 12, posts: int = 3, seed: int = 2, factor: float = 2.0) -> list[Row]:
    """Reels that are seen `factor` times as often as the packaged set says, by made-up creators of 30,000 followers."""
    rng = np.random.default_rng(seed)
    typical = packaged("reach_rate", 30_000.0)
    rows: list[Row] = []
    for number in range(count):
        own = factor * math.exp(rng.normal(-0.32, 0.8))
        for post in range(posts):
            views = 30_000 * typical * own * math.exp(rng.normal(-0.125, 0.5))
            rows.append(
                {
                    "creator": f"@maker_{number}", "platform": "instagram", "format": "reel", "followers": 30_000,
                    "post": f"p{post}", "impressions": round(views), "date": f"2026-05-{post + 1:02d}",
                }
            )  # fmt: skip
    return rows


def packaged(field: str, followers: float, format: str = "reel") -> float:
    found = Benchmarks(load_set("global-2026")).figure(field, Place("micro", "instagram", format, followers))
    assert found is not None
    return found.figure.typical


def test_what_is_learnt_of_a_group_lies_between_the_packaged_figure_and_the_results() -> None:
    few, many = learn(results(reels(2, 1))), learn(results(reels(200, 2)))
    for learned in (few, many):
        entry = group(learned)
        assert entry.old == packaged("reach_rate", 30_000.0)
        assert entry.low < entry.factor < entry.high
    assert group(few).weight < 0.7 < 0.97 < group(many).weight
    assert group(many).factor == pytest.approx(2.0, rel=0.15)
    assert group(few).high / group(few).low > 2 * group(many).high / group(many).low
    assert (group(many).results, group(many).creators) == (400, 200)


def group(learned: Learned, field: str = "reach_rate") -> Any:
    entry = learned.of(field, "instagram", "micro", "reel")
    assert entry is not None
    return entry


def test_learning_twice_from_the_same_results_changes_nothing(tmp_path: Any) -> None:
    rows = results(reels())
    first = learn(rows)
    file = tmp_path / "house.yaml"
    file.write_text(house_text(first), encoding="utf-8")
    again = learn(rows, house=load_set(str(file)))
    assert house_text(again) == house_text(first)
    assert (again.new, again.known, again.results) == (0, 36, 36)


def test_going_on_from_a_set_is_learning_from_everything_at_once(tmp_path: Any) -> None:
    first, second = results(reels(5, 2, 1)), results(reels(5, 2, 9))
    file = tmp_path / "house.yaml"
    file.write_text(house_text(learn(first)), encoding="utf-8")
    on = learn(second, house=load_set(str(file)))
    assert house_text(on) == house_text(learn([first, second]))
    assert (on.new, on.results) == (10, 20)


def test_rows_that_are_alike_in_one_file_all_count_and_once_each_over_files() -> None:
    twin = reels(1, 1) * 2
    assert learn(results(twin)).results == 2
    assert learn([results(twin), results(twin)]).results == 2
    assert learn([results(twin), results(twin * 2)]).results == 4


def test_a_result_told_anew_under_its_id_takes_the_old_ones_place() -> None:
    row = {**reels(1, 1)[0], "id": "77"}
    more = {**row, "impressions": row["impressions"] * 3}
    both = learn([results([row]), results([more])])
    assert (both.results, both.replaced) == (1, 1)
    assert group(both).factor == group(learn(results([more]))).factor


def test_a_post_is_known_by_its_link_unless_several_rows_have_it() -> None:
    row = {**reels(1, 1)[0], "post": "https://www.instagram.com/reel/A1/"}
    grown = {**row, "impressions": row["impressions"] * 2}
    assert learn([results([row]), results([grown])]).results == 1
    assert learn(results([row, grown])).results == 2


def test_the_memory_unfolds_to_what_was_folded_and_refuses_what_was_not() -> None:
    rows = learn(results(reels(2, 2)))._rows
    assert packed(unpacked(packed(rows))) == packed(rows)
    assert len(unpacked(packed(no_rows()))) == 0
    for text in ("", "AAAA", packed(rows)[:-8]):
        with pytest.raises(ValueError, match="memory of results cannot be read"):
            unpacked(text)


def test_a_plan_fills_from_the_set_named_creators_first() -> None:
    rows = reels(8, 6)
    learned = learn(results(rows))
    offers = [
        {"name": "@maker_3", "platform": "instagram", "format": "reel", "followers": 30_000, "creators": {"max": 1}},
        {"name": "stranger", "platform": "instagram", "format": "reel", "followers": 30_000, "creators": {"max": 1}},
        {"name": "story", "platform": "instagram", "format": "story", "followers": 30_000, "creators": {"max": 1}},
        {"name": "video", "platform": "tiktok", "followers": 30_000, "creators": {"max": 1}},
    ]  # fmt: skip
    plan = optimize(
        Scenario(
            budget=20_000,
            objective="impressions",
            benchmarks=learned.benchmarks().model_dump(mode="json"),
            offers=offers,
        )
    )
    told = {a.offer: a for a in plan.assumptions if a.field == "reach_rate"}
    one, everybody = learned.of("reach_rate", "instagram", None, "reel", "MAKER_3"), group(learned)
    assert one is not None
    assert told["@maker_3"].value == pytest.approx(packaged("reach_rate", 30_000.0) * one.factor, rel=0.01)
    assert told["stranger"].value == pytest.approx(
        packaged("reach_rate", 30_000.0) * everybody.factor, rel=0.01
    )
    assert "own results: 6, weight" in told["@maker_3"].source
    assert "own results: 48 of 8 creators, weight" in told["stranger"].source
    platform = learned.of("reach_rate", "instagram")
    assert platform is not None
    assert told["story"].value == pytest.approx(
        packaged("reach_rate", 30_000.0, "story") * platform.factor, rel=0.01
    )
    assert "own results" not in told["video"].source


def test_no_click_rate_of_one_post_is_believed_however_often_it_was_seen() -> None:
    rows = [{**row, "impressions": 10_000_000, "clicks": 120_000} for row in reels(1, 5)]
    one, five = (
        learn(results(some)).of("click_rate", "instagram", None, "reel", "maker_0")
        for some in (rows[:1], rows)
    )
    assert one is not None
    assert five is not None
    assert (one.results, five.results) == (1, 5)
    assert 0.7 < one.weight < 0.9 < five.weight < 0.98
    assert 2.0 < one.high / one.low < 4.0
    assert 1.3 < five.high / five.low < 0.8 * one.high / one.low
    assert five.new == pytest.approx(0.012, rel=0.1)


def test_clicks_that_are_told_once_for_a_booking_are_of_all_its_posts() -> None:
    rows = [{**row, "impressions": 50_000} for row in reels(1, 3)]
    once = [{**row, "clicks": 900} if row["post"] == "p0" else row for row in rows]
    each = [{**row, "clicks": 300} for row in rows]
    a, b = (
        learn(results(told)).of("click_rate", "instagram", None, "reel", "maker_0") for told in (once, each)
    )
    assert a is not None
    assert b is not None
    assert (a.results, b.results) == (1, 3)
    assert a.new == pytest.approx(b.new, rel=0.1)
    assert a.high / a.low > b.high / b.low  # three posts of one campaign, and how campaigns differ besides


def test_exports_of_posts_alone_say_nothing_of_who_delivers() -> None:
    posts = reels(6, 1)
    assert learn(results(posts)).of("completion", "instagram") is None
    missed = {"creator": "@gone", "platform": "instagram", "format": "reel", "followers": 30_000, "posts": 0}
    entry = learn(results([*posts, missed])).of("completion", "instagram", "micro", "reel")
    assert entry is not None
    assert (entry.results, entry.new < entry.old) == (7, True)


def test_fees_are_of_bookings_however_the_payment_is_told() -> None:
    rows = reels(6, 2)
    once = [{**row, "paid": 900} if row["post"] == "p0" else row for row in rows]
    each = [{**row, "paid": 450} for row in rows]
    a, b = (learn(results(told, "USD")) for told in (once, each))
    assert group(a, "cost_per_post").factor == group(b, "cost_per_post").factor
    assert group(a, "cost_per_post").results == 6


# --- refusals ------------------------------------------------------------------------------------------------


def test_money_in_another_currency_needs_a_stated_rate() -> None:
    rows = [{**row, "paid": 450} for row in reels(4, 1)]
    with pytest.raises(ScenarioError, match="what was paid is in EUR, the benchmark set in USD") as error:
        learn(results(rows, "EUR"))
    assert "--rate EUR=" in str(error.value)
    in_euro, in_dollars = (
        learn(results(rows, "EUR"), exchange_rates={"EUR": 0.5}),
        learn(results(rows, "USD")),
    )
    assert group(in_euro, "cost_per_post").factor > group(in_dollars, "cost_per_post").factor
    silent = learn(results(rows))
    assert silent.of("cost_per_post", "instagram") is None
    assert [each.why for each in silent.left_out] == ["paid in an unknown currency: fees are not learnt"]


def test_what_nothing_can_be_learnt_from_is_refused() -> None:
    with pytest.raises(ScenarioError, match="the results have no row"):
        learn(results([]))
    with pytest.raises(ScenarioError, match="nothing can be learnt") as error:
        learn(results([{"creator": "@a", "impressions": 5}]))
    assert "every row needs a platform" in str(error.value)
    with pytest.raises(ScenarioError, match="nothing can be learnt"):
        learn(results([{"creator": "@a", "platform": "instagram"}]))
    with pytest.raises(ScenarioError, match="was not learnt from results"):
        learn(results(reels(1, 1)), house=load_set("global-2026"))
    with pytest.raises(ValueError, match="no packaged set 'global-2025'"):
        learn(results(reels(1, 1)), over="global-2025")


# --- very many creators --------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["reach_rate", "engagement_rate", "cost_per_post", "click_rate"])
def test_very_many_creators_get_the_figures_that_each_gets_alone(field: str) -> None:
    rows = [{**row, "likes": 400 + number, "clicks": 30, "paid": 300 + 9 * number, "followers": 9_000 + 800 * number}
            for number, row in enumerate(reels(12, 2))]  # fmt: skip
    sets = Benchmarks(learn(results(rows, "USD")).benchmarks())
    rng = np.random.default_rng(3)
    followers = np.round(np.exp(rng.uniform(6, 15, 300)))
    followers[::20] = np.nan
    names = [f"Maker_{number}" if number < 30 else f"x{number}" for number in range(300)]
    place = Place(None, "instagram", "reel", None, "DE")
    found = typicals(sets, field, place, followers, names)
    for size, name, value in zip(followers.tolist(), names, found.values.tolist(), strict=True):
        one = sets.figure(field, place._replace(followers=size if size > 0 else None, names=(name,)))
        if size > 0:
            assert one is not None
            assert value == one.figure.typical, (size, name)
