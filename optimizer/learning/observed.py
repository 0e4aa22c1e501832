"""Rows of results -> what each says of each number of an offer, against the packaged figure for such a creator.

| number | what it is compared with |
|---|---|
| `cost_per_post` | paid / posts of a booking, both told once or for each post |
| `reach_rate` | impressions, else people reached, per post and follower |
| `engagement_rate` | engagements per post and follower, or per impression, as the packaged figure there |
| `hours` | hours of a booking / (hours_per_creator x creators + hours_per_post x posts): one factor on both |
| `click_rate` | clicks of impressions of a post, or a booking where its rows do not tell both |
| `conversion_rate` | conversions of clicks, likewise |
| `completion` | creators with posts of those booked, of files that tell of bookings without posts |
| `engagement_mix` | likes, comments, shares and saves of rows that count every kind that the packaged mix has there |

Engagements that are counted in part (likes and comments alone) are those over the part of all that the packaged mix
gives these kinds. A row that does not say how many posts it is of is one post.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from optimizer.benchmarks.answer import middle_of_tier
from optimizer.benchmarks.figures import Figure, meant_format
from optimizer.benchmarks.learnt import usual_borders, usual_tier
from optimizer.benchmarks.lookup import Benchmarks, Place
from optimizer.benchmarks.typicals import typicals
from optimizer.language.measures import KINDS
from optimizer.language.names import folded
from optimizer.learning.assumed import AGAIN_OF_FOLLOWERS, ASSUMED
from optimizer.learning.closed_forms import Floats, Ints, sums
from optimizer.learning.rows import Rows
from optimizer.learning.said import Cell, Logs, Tallies
from optimizer.results.table import Texts

Bools = np.typing.NDArray[np.bool_]


class Observed:
    """What rows say, by field.

    Args:
        rows: to learn from.
        benchmarks: the set that is learnt over.
    """

    def __init__(self, rows: Rows, benchmarks: Benchmarks) -> None:
        self.benchmarks = benchmarks
        whole = rows.texts["platform"] != ""
        self.left_out: dict[str, int] = {}
        if not whole.all():
            self.left_out["without platform"] = int(np.sum(~whole))
        kept = np.flatnonzero(whole)
        self.kept = kept
        self.texts = {name: values[kept] for name, values in rows.texts.items()}
        self.numbers = {name: values[kept] for name, values in rows.numbers.items()}
        self.count = len(kept)
        self._typical: dict[str, Floats] = {}
        self.gifts = 0
        self._places()
        self._units()
        self._posts()

    # --- where and who -----------------------------------------------------------------------------------------

    def _places(self) -> None:
        """Format as it is meant, followers (of a tier alone its middle) and tier by them."""
        texts = self.texts
        pairs = list(zip(texts["platform"].tolist(), texts["format"].tolist(), strict=True))
        meant = {pair: meant_format(pair[0], pair[1] or None) or "" for pair in set(pairs)}
        self.format: Texts = np.array([meant[pair] for pair in pairs], dtype=object)
        followers = self.numbers["followers"].copy()
        followers[~(followers > 0)] = np.nan
        tiers = list(zip(texts["platform"].tolist(), texts["tier"].tolist(), strict=True))
        middles = {pair: self._middle(*pair) for pair in set(tiers) if pair[1]}
        guessed = np.array([middles.get(pair, np.nan) for pair in tiers], dtype=float)
        self.followers: Floats = np.where(np.isnan(followers), guessed, followers)
        codes = sorted({text for text in texts["country"].tolist() if text})
        known = {code: code if code in self.benchmarks.countries else "" for code in codes}
        self.country: Texts = np.array(
            [known.get(text, "") for text in texts["country"].tolist()], dtype=object
        )

    def _middle(self, platform: str, tier: str) -> float:
        try:
            return middle_of_tier(self.benchmarks, Place(tier, platform))
        except ValueError:
            return float("nan")

    def _units(self) -> None:
        """Who is behind each row: a creator on a platform in a format; nobody named is somebody else on each row."""
        texts = self.texts
        people = np.nan_to_num(self.numbers["creators"], nan=1.0)
        named = (texts["creator"] != "") & ~(people > 1)
        keys = {text: folded(text) for text in set(texts["creator"].tolist())}
        creator = codes_of(np.array([keys[text] for text in texts["creator"].tolist()], dtype=object))
        who = np.where(named, creator, len(keys) + np.arange(self.count))
        self.unit: Ints = numbered(who, codes_of(texts["platform"]), codes_of(self.format))
        count = int(self.unit.max(initial=-1)) + 1
        first = np.zeros(count, dtype=np.int64)
        first[self.unit[::-1]] = np.arange(self.count)[::-1]
        unit = self.unit
        self.names = np.where(named, texts["creator"], "")[first].tolist()
        self.units = count
        self.people = np.maximum(people, 1.0)
        self.first: Ints = first
        self.h: Floats = 1.0 / self.people[first]
        size = np.where(self.followers > 0, np.log(np.where(self.followers > 0, self.followers, 1.0)), 0.0)
        having = sums(unit, self.followers > 0, count)
        mean = sums(unit, size, count) / np.maximum(having, 1.0)
        self.size: Floats = np.where(having > 0, np.exp(mean), np.nan)
        order = [(low, name) for name, (low, _) in usual_borders().items()]
        order.sort()
        place = np.searchsorted([low for low, _ in order], np.nan_to_num(self.size, nan=0.0), side="right")
        cells: dict[Cell, int] = {}
        cell = np.empty(count, dtype=np.int64)
        for number, row in enumerate(first.tolist()):
            tier = texts["tier"][row] or None
            if having[number]:
                tier = order[max(int(place[number]) - 1, 0)][1]
            found = Cell(texts["platform"][row], tier, self.format[row] or None)
            cell[number] = cells.setdefault(found, len(cells))
        self.cells: list[Cell] = list(cells)
        self.cell: Ints = cell

    def _posts(self) -> None:
        """Posts of each row, NaN where it has no result; and bookings: rows of one unit under one offer."""
        said = self.numbers["posts"]
        counts = ("impressions", "reach", "engagements", *KINDS, "clicks", "conversions")
        outcome = np.zeros(self.count, dtype=bool)
        for name in counts:
            outcome |= ~np.isnan(self.numbers[name])
        self.booking: Ints = numbered(self.unit, codes_of(self.texts["offer"]))
        self.bookings = int(self.booking.max(initial=-1)) + 1
        rows = sums(self.booking, np.ones(self.count), self.bookings)
        alone = (rows[self.booking] == 1) & (self.texts["post"] == "")
        each = np.nan_to_num(self.numbers["posts_per_creator"], nan=1.0) * self.people
        guessed = np.where(outcome, np.where(alone, each, 1.0), np.nan)
        self.posts: Floats = np.where(np.isnan(said), guessed, said)

    # --- packaged figures ----------------------------------------------------------------------------------------

    @cached_property
    def _groups(self) -> list[tuple[Place, Ints]]:
        """Rows of one platform, format, tier and country."""
        tier = np.where(self.followers > 0, "", self.texts["tier"]).astype(object)
        columns = (self.texts["platform"], self.format, tier, self.country)
        group = numbered(*(codes_of(column) for column in columns))
        order = np.argsort(group, kind="stable")
        parts = np.split(order, np.cumsum(np.bincount(group))[:-1]) if len(group) else []
        found = []
        for rows in parts:
            p, f, t, c = (column[rows[0]] for column in columns)
            found.append((Place(t or None, p, f or None, None, c or None), rows))
        return found

    def typical(self, field: str) -> Floats:
        """Packaged typical figure of each row, NaN where there is none, shape (rows,)."""
        if field not in self._typical:
            self._typical[field] = self._typicals(field)
        return self._typical[field]

    def _typicals(self, field: str) -> Floats:
        found = np.full(self.count, np.nan)
        for place, rows in self._groups:
            sizes = self.followers[rows]
            for low, high, tier in self._spans():
                inside = (sizes >= low) & (sizes < high)
                if inside.any():
                    found[rows[inside]] = typicals(
                        self.benchmarks, field, place._replace(tier=tier), sizes[inside]
                    ).values
            rest = ~(sizes > 0)
            if rest.any():
                found[rows[rest]] = typicals(self.benchmarks, field, place, sizes[rest]).values
        return found

    def typical_of_units(self, field: str, units: Ints, sizes: Floats) -> Floats:
        """Packaged typical figure of creators at some sizes, without a country, shape (units,)."""
        found = np.full(len(units), np.nan)
        cell = self.cell[units]
        for number in np.unique(cell).tolist():
            of, mine = self.cells[number], np.flatnonzero(cell == number)
            place = Place(of.tier, of.platform, of.format)
            found[mine] = typicals(self.benchmarks, field, place, sizes[mine]).values
        return found

    @staticmethod
    def _spans() -> list[tuple[float, float, str]]:
        """Borders of the usual tiers, the smallest from 0 on."""
        order = sorted((low, high or np.inf, name) for name, (low, high) in usual_borders().items())
        return [(low if number else 0.0, high, name) for number, (low, high, name) in enumerate(order)]

    def figure(self, field: str, cell: Cell, size: float, country: str | None = None) -> Figure | None:
        """The packaged figure of a cell at one size."""
        followers = size if size > 0 else None
        tier = usual_tier(followers, cell.tier)
        found = self.benchmarks.figure(field, Place(tier, cell.platform, cell.format, followers, country))
        return None if found is None else found.figure

    @cached_property
    def of_impressions(self) -> Bools:
        """Rows where the packaged engagement rate is a share of impressions, shape (rows,)."""
        result = np.zeros(self.count, dtype=bool)
        for place, rows in self._groups:
            size = np.nanmedian(self.followers[rows]) if (self.followers[rows] > 0).any() else np.nan
            figure = self.figure(
                "engagement_rate", Cell(place.platform or "", place.tier, place.format), size
            )
            result[rows] = figure is not None and figure.base == "impressions"
        return result

    def mix(self, kind: str) -> Floats:
        """Packaged share of a kind of engagement of each row, 0 where the mix is known without it, else NaN."""
        values = self.typical(f"engagement_mix.{kind}")
        total = sum(np.nan_to_num(self.typical(f"engagement_mix.{name}")) for name in KINDS)
        return np.where(total > 0, np.nan_to_num(values), np.nan)

    @cached_property
    def mixes(self) -> Mapping[str, Floats]:
        """By kind."""
        return {kind: self.mix(kind) for kind in KINDS}

    # --- what is said ----------------------------------------------------------------------------------------------

    @cached_property
    def shown(self) -> Floats:
        """Impressions of each row, else people reached."""
        views, reach = self.numbers["impressions"], self.numbers["reach"]
        return np.where(np.isnan(views), reach, views)

    @cached_property
    def engaged(self) -> Floats:
        """Engagements of all kinds of each row; those in part over the part that they usually are."""
        whole = self.numbers["engagements"]
        counted, covered = np.zeros(self.count), np.zeros(self.count)
        some = np.zeros(self.count, dtype=bool)
        for kind in KINDS:
            known = ~np.isnan(self.numbers[kind])
            some |= known
            counted += np.where(known, np.nan_to_num(self.numbers[kind]), 0.0)
            covered += np.where(known, np.nan_to_num(self.mixes[kind]), 0.0)
        unknown = np.isnan(self.mixes[next(iter(KINDS))])
        with np.errstate(divide="ignore", invalid="ignore"):
            part = np.where(covered > 0, counted / np.minimum(covered, 1.0), np.nan)
        part = np.where(unknown & some, counted, np.where(some, part, np.nan))
        return np.where(np.isnan(whole), part, whole)

    def logs(self, field: str) -> Logs:
        """What is said of a number that multiplies."""
        return {
            "cost_per_post": self._fees, "reach_rate": self._reach, "engagement_rate": self._engagement,
            "hours": self._hours,
        }[field]()  # fmt: skip

    def _reach(self) -> Logs:
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = self.shown / self.posts / self.followers
        return self._by_row("reach_rate", rate)

    def _engagement(self) -> Logs:
        with np.errstate(divide="ignore", invalid="ignore"):
            people = np.where(self.of_impressions, self.shown, self.followers * self.posts)
            # nobody engaged: half of one, as zero has no logarithm
            rate = np.where(self.engaged == 0, 0.5, self.engaged) / people
        return self._by_row("engagement_rate", rate)

    def _by_row(self, field: str, rate: Floats) -> Logs:
        with np.errstate(divide="ignore", invalid="ignore"):
            y = np.log(rate / self.typical(field))
        good = np.flatnonzero(np.isfinite(y) & (self.posts > 0))
        posts, post = self.posts[good], self._post_spread(field)[good]
        again = np.full(self.count, ASSUMED[field].again)
        if field == "engagement_rate":
            again[~self.of_impressions] = AGAIN_OF_FOLLOWERS
        d = post**2 / posts + np.where(posts > 1, again[good] ** 2, 0.0)
        return Logs(good, self.unit[good], y[good], d)

    def _post_spread(self, field: str) -> Floats:
        found = np.full(self.count, ASSUMED[field].post)
        for place, rows in self._groups:
            sizes = self.followers[rows]
            size = float(np.nanmedian(sizes)) if (sizes > 0).any() else float("nan")
            figure = self.figure(field, Cell(place.platform or "", place.tier, place.format), size)
            if figure is not None and figure.post_spread:
                found[rows] = figure.post_spread
        return found

    def _of_bookings(self, values: Floats) -> Floats:
        """Sums over bookings of a number of each row, NaN where no row of one says it, shape (bookings,)."""
        known = sums(self.booking, ~np.isnan(values), self.bookings) > 0
        return np.where(known, sums(self.booking, np.nan_to_num(values), self.bookings), np.nan)

    def _some(self, values: Floats) -> Bools:
        """Rows of bookings of which some row says a number, shape (rows,)."""
        return (sums(self.booking, ~np.isnan(values), self.bookings) > 0)[self.booking]

    @cached_property
    def _first(self) -> Ints:
        """First row of each booking."""
        first = np.zeros(self.bookings, dtype=np.int64)
        first[self.booking[::-1]] = np.arange(self.count)[::-1]
        return first

    def _booked(self, values: Floats, field: str) -> Logs:
        """Logs of bookings, from ln of result over packaged."""
        good = np.flatnonzero(np.isfinite(values))
        rows = self._first[good]
        return Logs(rows, self.unit[rows], values[good], np.full(len(good), ASSUMED[field].post ** 2))

    def _fees(self) -> Logs:
        paid = self._of_bookings(self.numbers["paid"])
        posts = sums(self.booking, np.nan_to_num(self.posts), self.bookings)
        with np.errstate(divide="ignore", invalid="ignore"):
            fee = np.where(posts > 0, paid / posts, np.nan)
            y = np.log(fee / self.typical("cost_per_post")[self._first])
        self.gifts = int(np.sum((paid == 0) & (posts > 0)))
        return self._booked(y, "cost_per_post")

    def _hours(self) -> Logs:
        hours = self._of_bookings(self.numbers["hours"])
        posts = sums(self.booking, np.nan_to_num(self.posts), self.bookings)
        once, post = (self.typical(f"hours_per_{what}")[self._first] for what in ("creator", "post"))
        with np.errstate(divide="ignore", invalid="ignore"):
            y = np.log(hours / (once * self.people[self._first] + post * posts))
        return self._booked(y, "hours")

    def tallies(self, field: str) -> Tallies:
        """What is said of a number that is counted."""
        return self._delivered() if field == "completion" else self._shares(field)

    def _shares(self, field: str) -> Tallies:
        hits, of = ("clicks", "impressions") if field == "click_rate" else ("conversions", "clicks")
        found, trials = self.numbers[hits], self.numbers[of]
        if field == "click_rate":
            trials = np.where(self._some(trials), trials, self.numbers["reach"])
        # each post for itself where all of a booking tell both numbers; else their sums, told once for several posts
        uneven = sums(self.booking, np.isnan(found) != np.isnan(trials), self.bookings) > 0
        alone, whole = ~uneven[self.booking], uneven
        row = np.concatenate([np.flatnonzero(alone), self._first[whole]])
        posts = np.nan_to_num(self.posts)
        found, trials, posts = (
            np.concatenate([each[alone], self._of_bookings(each)[whole]]) for each in (found, trials, posts)
        )
        posts = np.maximum(posts, 1.0)
        assumed = ASSUMED[field]
        d = assumed.post**2 / posts + np.where(posts > 1, assumed.again**2, 0.0)
        good = np.isfinite(found) & (trials > 0) & np.isfinite(self.typical(field)[row])
        good &= found <= trials  # more clicks than impressions are no clicks of these
        row = row[good]
        return Tallies(row, self.unit[row], found[good], trials[good], d[good])

    def _delivered(self) -> Tallies:
        """Creators with posts of those booked. Only where results tell of bookings that came to nothing, or of how many
        were booked: an export of posts alone knows nobody who did not deliver."""
        said = self.numbers["posts"]
        if not ((said == 0) | (~np.isnan(said) & ~np.isnan(self.numbers["posts_per_creator"]))).any():
            none, nobody = np.empty(0), np.empty(0, dtype=np.int64)
            return Tallies(nobody, nobody, none, none, none)
        made = sums(self.booking, np.nan_to_num(self.posts), self.bookings)
        people = self.people[self._first]
        each = np.nan_to_num(self.numbers["posts_per_creator"][self._first], nan=1.0)
        came = np.where(people > 1, np.minimum(people, np.floor(made / each)), made > 0)
        good = sums(self.booking, ~np.isnan(self.posts), self.bookings) > 0
        good &= np.isfinite(self.typical("completion")[self._first])
        row = self._first[good]
        return Tallies(row, self.unit[row], came[good].astype(float), people[good], np.zeros(len(row)))


def codes_of(texts: Texts) -> Ints:
    """A number for each text, the same for the same, from 0 in the order in which they are met."""
    every = texts.tolist()
    codes = {text: number for number, text in enumerate(dict.fromkeys(every))}
    return np.fromiter(map(codes.__getitem__, every), dtype=np.int64, count=len(every))


def numbered(*codes: Ints) -> Ints:
    """A number for each combination of codes, from 0 without a gap."""
    found = codes[0]
    for other in codes[1:]:
        found = found * (int(other.max(initial=0)) + 1) + other
        found = np.unique(found, return_inverse=True)[1].reshape(-1)
    return np.unique(found, return_inverse=True)[1].reshape(-1).astype(np.int64)
