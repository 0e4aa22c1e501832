"""Campaigns that are over or still run, held against their plans, for tests of reports."""

from __future__ import annotations

from functools import cache
from typing import Any

from optimizer import Plan, optimize
from optimizer.actuals.result import Review
from optimizer.actuals.review import review
from optimizer.language.names import word
from tests import workbooks
from tests.builders import offer, scenario
from tests.results_made import Row, results
from tests.stories import plan


def of_two(**fields: Any) -> Plan:
    """Ten nano creators with two posts each (200 views, 20 engagements and an hour a post, 50 a post); a named star,
    whose views and engagements vary."""
    nano = offer("nano", 50, tier="nano", platform="instagram", format="reel", most=10, least=10,
                 posts_per_creator=2, impressions_per_post=200, engagements_per_post=20,
                 hours_per_creator=0, hours_per_post=1)  # fmt: skip
    star = offer("ada.example", 1000, tier="mega", platform="tiktok", format="video", most=1, least=1,
                 impressions_per_post=[50_000, 100_000, 150_000], engagements_per_post=[2000, 3000, 4000],
                 hours_per_creator=5, hours_per_post=0)  # fmt: skip
    return optimize(
        scenario(
            **{
                "name": "Two kinds",
                "budget": 5000,
                "objective": "engagements",
                "offers": [nano, star],
                **fields,
            }
        )
    )


def came() -> list[Row]:
    """Eight of the ten delivered, one of them once; the star was dearer and worse; somebody was not planned."""
    rows: list[Row] = [
        {"offer": "nano", "creator": f"n{i}", "posts": 1 if i == 7 else 2, "impressions": 300 if i == 7 else 420,
         "engagements": 18 if i == 7 else 44, "paid": 100, "hours": 2}
        for i in range(8)
    ]  # fmt: skip
    rows.append(
        {
            "creator": "@Ada.Example",
            "posts": 1,
            "impressions": 90_000,
            "engagements": 1500,
            "paid": 1100,
            "hours": 6,
        }
    )
    rows.append({"creator": "guest", "platform": "youtube", "posts": 1, "impressions": 5000, "engagements": 70,
                 "paid": 80, "hours": 1})  # fmt: skip
    return rows


@cache
def finished() -> Review:
    return review(of_two(), results(came()))


@cache
def running() -> Review:
    return review(of_two(), results(came()), running=True)


@cache
def from_export(*, running: bool) -> Review:
    """Named creators whose numbers vary: most delivered, one nothing, two are not in the results, one was not planned;
    each in his own factor of what was planned."""
    found = plan("from-an-export")
    rows: list[Row] = []
    for n, line in enumerate(found.lines[:-2]):
        factor = 0.0 if n == 3 else (0.1, 0.8, 1.0, 1.3, 6.0)[n % 5]
        assert line.impressions is not None
        assert line.engagements is not None
        assert line.cost is not None
        rows.append({"creator": f"@{line.offer.upper()}", "posts": 2 if factor else 0, "paid": line.cost * 1.05,
                     "impressions": line.impressions * factor, "engagements": line.engagements * factor})  # fmt: skip
    rows.append({"creator": "guest", "platform": "instagram", "posts": 1, "impressions": 1000, "engagements": 50,
                 "paid": 100})  # fmt: skip
    return review(found, results(rows), running=running)


@cache
def everything() -> Review:
    """Every measure that results may be about; set-up, fees, commission, several lines of one offer."""
    plan = workbooks.set_up()
    rows: list[Row] = []
    for n, line in enumerate(plan.lines):
        for i in range(round(line.creators)):
            size = 1 + ((3 * n + 2 * i) % 7 - 3) / 10
            rows.append(
                {"offer": line.offer, "creator": f"{line.offer} {n} {i}", "posts": line.posts_per_creator,
                 "posts_per_creator": line.posts_per_creator, "paid": 150 * size, "hours": 4 * size,
                 "impressions": 9000 * size, "reach": 3000 * size, "likes": 300 * size, "comments": 30 / size,
                 "shares": 0, "saves": 0, "clicks": 90 * size, "conversions": 4 * size, "revenue": 170 * size}
            )  # fmt: skip
    return review(plan, results(rows[2:]))


@cache
def nothing_known() -> Review:
    """Results about nothing that the plan knows."""
    plan = optimize(scenario(budget=300, objective="creators", offers=[offer("a", 100, most=3)]))
    return review(plan, results([{"offer": "a", "creators": 2, "posts": 2, "saves": 5}]))


@cache
def hostile() -> Review:
    """Names that a spreadsheet or a page would take for something else."""
    plan = workbooks.hostile()
    rows: list[Row] = [
        {"offer": line.offer, "posts": 1, "engagements": 90.0, "paid": 12} for line in plan.lines[1:]
    ]
    rows += [
        {
            "offer": f"{name} too",
            "creator": name,
            "platform": word(name),
            "posts": 1,
            "engagements": 5,
            "paid": 1,
        }
        for name in workbooks.HOSTILE
    ]
    return review(plan, results(rows))


REVIEWS = {
    "finished": finished,
    "running": running,
    "everything": everything,
    "nothing known": nothing_known,
    "hostile": hostile,
}
