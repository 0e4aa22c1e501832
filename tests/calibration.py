"""How good forecasts are: the packaged benchmarks and what `learn` makes of results, scored on accounts whose later
month is known.

    make calibration PANEL=panel.csv            or   python -m tests.calibration panel.csv

The file has a row for each account and month: platform, creator, month (2022-09), followers, and the month's mean
views, likes, comments and shares of a post; a number that is not public is empty. Any such file does; the last month
of each platform is what is predicted.

Three questions, each by platform, for views per follower and for the engagement rate (of the base that the packaged
figure has there; of followers where a file has no views):

- `next month`: the later month of accounts from the earlier months of all, when no later month is known.
- `months of others`: the same for every second account, when the later month of the other accounts is known: months are
  unequal in number, and how much months differ is measured.
- `never seen`: every second account from the others, all months known: what a tier says of somebody new.

Compared are, in logarithms of the rate: the account's own last value (`raw`), the mean of the accounts of its tier that
are known (`tier`), the packaged figure (`packaged`) and `learn`. `in range` is how many of the later values lie in the
80 % range. A month's row is taken as a mean of `POSTS` posts, as the files do not say how many there were.
"""

from __future__ import annotations

import csv
import math
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import numpy as np

from optimizer.benchmarks.figures import DEFAULT_FORMATS, TENTH, Figure
from optimizer.benchmarks.learnt import Learnt, usual_tier
from optimizer.benchmarks.lookup import Benchmarks, Place
from optimizer.benchmarks.packaged import load_set
from optimizer.language.measures import TOLD
from optimizer.learning.assumed import AGAIN_OF_FOLLOWERS, ASSUMED, variance_of
from optimizer.learning.learn import learn
from optimizer.learning.learned import Learned
from optimizer.results.table import TEXTS, Results

POSTS = 30.0
"""Posts behind a month's mean: one a day. An assumption, the same for every platform; so many that months differ by
more than their posts do."""
FIELDS = ("reach_rate", "engagement_rate")
NAMES = {"reach_rate": "views per follower", "engagement_rate": "engagement rate"}
QUESTIONS = ("next month", "months of others", "never seen")
COUNTS = ("views", "likes", "comments", "shares")


class Row(NamedTuple):
    """One account in one month; NaN for what is not public."""

    platform: str
    creator: str
    month: str
    followers: float
    views: float
    likes: float
    comments: float
    shares: float


class Score(NamedTuple):
    """Root mean square errors of ln(rate), NaN where there is no such forecast, and the share inside the 80 % range."""

    platform: str
    question: str
    field: str
    accounts: int
    raw: float
    tier: float
    packaged: float
    learn: float
    packaged_inside: float
    inside: float


def read(path: Path) -> list[Row]:
    """The rows of a panel; views of 0 are taken as not public."""

    def number(text: str | None) -> float:
        return float(text) if text not in (None, "") else math.nan

    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [
            Row(
                each["platform"].strip().lower(), each["creator"], each["month"],
                *(number(each.get(name)) for name in ("followers", *COUNTS)),
            )
            for each in csv.DictReader(file)
        ]  # fmt: skip
    return [row._replace(views=row.views if row.views > 0 else math.nan) for row in rows if row.followers > 0]


def results(rows: Sequence[Row]) -> Results:
    """As `learn` takes them: totals of `POSTS` posts each."""
    count = len(rows)
    texts = {name: np.full(count, "", dtype=object) for name in TEXTS}
    numbers = {name: np.full(count, np.nan) for name in TOLD}
    texts["creator"][:] = [row.creator for row in rows]
    texts["platform"][:] = [row.platform for row in rows]
    texts["date"][:] = [f"{row.month}-01" for row in rows]
    numbers["posts"][:] = POSTS
    numbers["followers"][:] = [row.followers for row in rows]
    for name, mine in zip(("impressions", "likes", "comments", "shares"), COUNTS, strict=True):
        numbers[name][:] = [POSTS * getattr(row, mine) for row in rows]
    return Results(texts, numbers, np.zeros(count, dtype=np.int64), np.arange(1, count + 1), ("panel",))


SET = Benchmarks(load_set("global-2026"))


def packaged(field: str, row: Row) -> Figure:
    """The packaged figure for an account."""
    tier = usual_tier(row.followers, None)
    found = SET.figure(field, Place(tier, row.platform, DEFAULT_FORMATS.get(row.platform), row.followers))
    assert found is not None
    return found.figure


def observed(field: str, row: Row) -> float:
    """ln(rate) of a month; NaN where it is not public. Kinds that are counted, of those that are public there."""
    if field == "reach_rate":
        return math.log(row.views / row.followers) if row.views > 0 else math.nan
    engaged = engagements(row)
    base = row.views if packaged(field, row).base == "impressions" else row.followers
    return math.log(engaged / base) if engaged > 0 and base > 0 else math.nan


def engagements(row: Row) -> float:
    """Of all kinds: those counted over the part of all that they usually are, as `learn` has it."""
    tier = usual_tier(row.followers, None)
    place = Place(tier, row.platform, DEFAULT_FORMATS.get(row.platform), row.followers)
    total, part = 0.0, 0.0
    for kind in ("likes", "comments", "shares"):
        count = getattr(row, kind)
        share = SET.figure(f"engagement_mix.{kind}", place)
        if count == count:
            total += count
            part += 0.0 if share is None else share.figure.typical
    return total / part if part > 0 else math.nan


class Forecast(NamedTuple):
    """Mean and variance of ln(rate) of an account's month."""

    mean: float
    variance: float


def noise(field: str, row: Row, post_spread: float | None) -> float:
    """Variance of a month's mean around the account, as `learn` has it, scaled as it was measured."""
    figure = packaged(field, row)
    usual = figure.post_spread or ASSUMED[field].post
    again = AGAIN_OF_FOLLOWERS if figure.base == "followers" else ASSUMED[field].again
    factor = 1.0 if post_spread is None else (post_spread / usual) ** 2
    return factor * (again**2 + usual**2 / POSTS)


def from_packaged(field: str, row: Row) -> Forecast:
    """What the packaged figure says: its range, creators and months around it; they have mean 1."""
    figure = packaged(field, row)
    around = (figure.spread or ASSUMED[field].spread) ** 2 + noise(field, row, None)
    return Forecast(math.log(figure.typical) - around / 2.0, variance_of(figure) + around)


def from_learned(field: str, row: Row, entry: Learnt) -> Forecast:
    """What was learnt of an account, or of its tier: the factor's range and, of a tier, creators around it; months."""
    half = (math.log(entry.high) - math.log(entry.low)) / 2.0 / TENTH
    spread = entry.spread or 0.0
    month = noise(field, row, entry.post_spread)
    mean = math.log(packaged(field, row).typical * entry.factor) - spread**2 / 2.0 - month / 2.0
    own = 0.0 if entry.shared is not None else spread**2  # one creator's own is part of his range
    return Forecast(mean, half**2 + own + month)


def scores(rows: Sequence[Row]) -> Iterator[Score]:
    """Every platform of a panel, question and field, where there is anything to score."""
    for platform in sorted({row.platform for row in rows}):
        mine = [row for row in rows if row.platform == platform]
        last = max(row.month for row in mine)
        by: dict[str, list[Row]] = defaultdict(list)
        for row in sorted(mine, key=lambda row: row.month):
            by[row.creator].append(row)
        for question in QUESTIONS:
            known, asked = _split(question, by, last)
            if not known or not asked:
                continue
            learned = learn(results(known))
            for field in FIELDS:
                found = _score(platform, question, field, known, asked, learned)
                if found is not None:
                    yield found


def _split(
    question: str, by: dict[str, list[Row]], last: str
) -> tuple[list[Row], list[tuple[Row | None, Row]]]:
    """What is known, and what is asked: an account's last known row, and the row to be predicted."""
    known: list[Row] = []
    asked: list[tuple[Row | None, Row]] = []
    for creator, rows in by.items():
        second = crc32(creator.encode()) % 2 == 1
        earlier = [row for row in rows if row.month < last]
        if question == "never seen":
            if second:
                known += rows
            else:
                asked.append((None, rows[-1]))
        elif question == "months of others" and second:
            known += rows
        else:
            known += earlier
            if earlier and rows[-1].month == last:
                asked.append((earlier[-1], rows[-1]))
    return known, asked


def _score(
    platform: str,
    question: str,
    field: str,
    known: Sequence[Row],
    asked: Iterable[tuple[Row | None, Row]],
    learned: Learned,
) -> Score | None:
    tiers: dict[str | None, list[float]] = defaultdict(list)
    for row in known:
        value = observed(field, row)
        if value == value:
            tiers[usual_tier(row.followers, None)].append(value)
    middle = {tier: float(np.mean(values)) for tier, values in tiers.items()}
    if not middle:
        return None
    errors: dict[str, list[float]] = defaultdict(list)
    format = DEFAULT_FORMATS.get(platform)
    for before, after in asked:
        truth = observed(field, after)
        as_known = after if before is None else before
        tier = usual_tier(as_known.followers, None)
        raw = math.nan if before is None else observed(field, before)
        if truth != truth or tier not in middle or (before is not None and raw != raw):
            continue
        entry = learned.of(field, platform, format=format, creator=after.creator) or learned.of(
            field, platform, tier, format
        )
        if entry is None:
            continue
        entry = entry.at(as_known.followers)
        from_set, from_own = from_packaged(field, as_known), from_learned(field, as_known, entry)
        errors["raw"].append(truth - raw)
        errors["tier"].append(truth - middle[tier])
        errors["packaged"].append(truth - from_set.mean)
        errors["learn"].append(truth - from_own.mean)
        errors["packaged_inside"].append((truth - from_set.mean) / math.sqrt(from_set.variance))
        errors["inside"].append((truth - from_own.mean) / math.sqrt(from_own.variance))
    if len(errors["learn"]) < 20:
        return None
    root = {
        name: float(np.sqrt(np.mean(np.square(errors[name]))))
        for name in ("raw", "tier", "packaged", "learn")
    }
    part = {name: float(np.mean(np.abs(errors[name]) <= TENTH)) for name in ("packaged_inside", "inside")}
    return Score(platform, question, field, len(errors["learn"]), **root, **part)


def table(found: Iterable[Score]) -> str:
    """The scores in Markdown."""
    head = (
        "platform", "question", "of", "accounts", "raw", "tier", "packaged", "learn", "in range, packaged",
        "in range, learn",
    )  # fmt: skip
    lines = [f"| {' | '.join(head)} |", f"| {' | '.join(['---'] * len(head))} |"]
    for each in found:
        errors = [("" if x != x else f"{x:.2f}") for x in (each.raw, each.tier, each.packaged, each.learn)]
        parts = [f"{100 * x:.0f} %" for x in (each.packaged_inside, each.inside)]
        cells = [each.platform, each.question, NAMES[each.field], f"{each.accounts:,}", *errors, *parts]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Prints the table for a panel: the argument, or what PANEL names."""
    name = arguments[0] if arguments else os.environ.get("PANEL", "")
    if not name or not Path(name).is_file():
        print(
            f"no panel at {name}" if name else "no panel given", "- nothing is scored; say where it is:",
            "make calibration PANEL=panel.csv", "(platform, creator, month, followers, views, likes, comments, shares)",
        )  # fmt: skip
        return 1 if arguments else 0
    print(table(scores(read(Path(name)))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
