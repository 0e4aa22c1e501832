"""Random draws of what a plan's numbers may come to, creator by creator: the same model as `moments`, sampled.

Every random number has a stream of its own, named for what it is about (a number of a market, a platform, a tier, an
offer; a creator of a package). So two scenarios that share a name share the draws, the order of offers means nothing,
and a creator more changes nothing about the others.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b

import numpy as np

from optimizer.program.audiences import Audiences
from optimizer.program.forms import LABELS, Factor, Form, Part, Varying, form_of
from optimizer.program.moments import owners_of, value_of
from optimizer.program.packages import Floats
from optimizer.program.reach import ReachModel
from optimizer.program.rules import Bools

DRAWS = 10_000
SEED = 1
FEWEST, MOST = 100, 1_000_000
"""Draws: fewer say nothing about one case in ten, more take minutes and gigabytes."""
EACH = 40
"""Creators of one package that are drawn one by one; the sum of more of them is drawn from a gamma distribution of the
same mean and variance (its 10th percentile is then off by less than 0.2 %)."""


@dataclass
class Draws:
    """Draws for the bookings of one plan.

    Attributes:
        vary: what varies.
        counts: creators of each package, then switches, shape (columns,).
        draws: how many.
        seed: of all streams.
    """

    vary: Varying
    counts: Floats
    draws: int = DRAWS
    seed: int = SEED
    _numbers: dict[tuple[int, str], Floats] = field(default_factory=dict, repr=False)
    _factors: dict[tuple[object, ...], Floats] = field(default_factory=dict, repr=False)
    _creators: dict[int, _Creators] = field(default_factory=dict, repr=False)
    _forms: dict[str, Form] = field(default_factory=dict, repr=False)
    _indices: dict[tuple[int, int], Floats] = field(default_factory=dict, repr=False)

    def form(self, measure: str) -> Form:
        """A measure as a form, put together once."""
        if measure not in self._forms:
            self._forms[measure] = form_of(self.vary, measure)
        return self._forms[measure]

    def total(self, form: Form) -> Floats:
        """The form for these counts in each draw, shape (draws,)."""
        total = np.zeros(self.draws)
        for part in form:
            total += self._part(part)
        return total

    def reach(self, columns: Bools | None = None, segments: Sequence[str] = ()) -> Floats:
        """People reached at least once in each draw, shape (draws,). A creator who does better than expected reaches
        strangers as well, but nobody twice and no more than the audience has.

        Args:
            columns: which columns count, shape (columns,); all by default.
            segments: which segments of the audience count; all by default.
        """
        assert self.vary.reach is not None, "reach needs an audience"
        total = np.zeros(self.draws)
        for g in self.vary.reach.numbers(segments):
            total += self._reach_in(g, columns)
        return total

    def _reach_in(self, segment: int, columns: Bools | None) -> Floats:
        """The same in one segment."""
        reach, packages = self.vary.reach, self.vary.packages
        assert reach is not None
        person_of = {p: number for number, person in enumerate(reach.persons) for p in person}
        largest: dict[int, Floats] = {}
        total = np.zeros(self.draws)
        for p in np.flatnonzero(self.counts[: packages.count] > 0):
            if columns is None or columns[p]:
                index = self._index(reach, segment, int(p))
                person = person_of.get(int(p))
                if person is None:
                    total += index
                else:  # offers of a person reach the same people, so the best of them counts
                    largest[person] = np.maximum(largest.get(person, 0.0), index)
        return reach.models[segment].reached(total + sum(largest.values(), np.zeros(self.draws)))

    def _index(self, reach: Audiences, segment: int, package: int) -> Floats:
        """Reach indices of a package's creators in one segment, shape (draws,); kept, because the plan's reach and each
        limit on reach ask for them."""
        key = (segment, package)
        if key not in self._indices:
            (part,) = self.form("gross_reach")
            alone = reach.alone[segment, package] * self._product(part, package)
            self._indices[key] = self._of(package).index(alone, reach.models[segment])
        return self._indices[key]

    # --- one part ----------------------------------------------------------------------------------------------

    def _part(self, part: Part) -> Floats:
        packages = self.vary.packages
        owners = owners_of(self.vary)
        total = np.zeros(self.draws)
        for column in np.flatnonzero((self.counts > 0) & (part.values != 0)):
            p = int(column)
            offer = int(owners[p])
            value = float(part.values[p]) * self._product(part, p)
            if p >= packages.count or part.does == "certain":
                total += value * float(self.counts[p])
            elif part.does == "result":
                typical = float(self.vary.delivers[offer])
                total += value * self._of(p).results / typical
            else:
                due = float(self.vary.due[offer])
                total += value * (due * float(self.counts[p]) + (1 - due) * self._of(p).delivered)
        return total

    def _product(self, part: Part, column: int) -> Floats:
        """How far the numbers of a column move a part in each draw, shape (draws,) or a scalar."""
        packages = self.vary.packages
        offer = int(owners_of(self.vary)[column])
        posts = int(packages.posts[column]) if column < packages.count else 1
        result = np.ones(1)
        for factor in part.factors[offer]:
            result = result * self._factor(offer, factor, posts)
        return result

    def _factor(self, offer: int, factor: Factor, posts: int) -> Floats:
        key = (offer, factor, posts if factor.shape in ("reached", "repeats") else 0)
        if key not in self._factors:
            ranged = self.vary.ranged[offer][factor.field]
            number = ranged.at(self._number(offer, factor.field))
            self._factors[key] = value_of(factor, number, ranged, posts)
        return self._factors[key]

    def _number(self, offer: int, name: str) -> Floats:
        """The standard normal behind one number of an offer, shape (draws,)."""
        key = (offer, name)
        if key not in self._numbers:
            terms = self.vary.packages.terms[offer]
            rest = 1.0
            total = np.zeros(self.draws)
            for group, label in LABELS.items():
                share = self.vary.shares[group]
                if share > 0:
                    rest -= share
                    total += math.sqrt(share) * self._normal(name, group, label(terms) or "")
            total += math.sqrt(max(0.0, rest)) * self._normal(name, "offer", terms.name)
            self._numbers[key] = total
        return self._numbers[key]

    def _normal(self, *name: str) -> Floats:
        return _normals(self.seed, self.draws, *name)

    def _of(self, package: int) -> _Creators:
        if package not in self._creators:
            offer = int(self.vary.packages.offer[package])
            ranged = self.vary.ranged[offer].get("completion")
            chance = (
                np.full(self.draws, float(self.vary.delivers[offer]))
                if ranged is None
                else ranged.at(self._number(offer, "completion"))
            )
            self._creators[package] = _Creators(self, package, offer, chance)
        return self._creators[package]


class _Creators:
    """The creators of one package, each draw with those who deliver and how they differ."""

    def __init__(self, draws: Draws, package: int, offer: int, chance: Floats) -> None:
        vary = draws.vary
        packages = vary.packages
        self.count = float(draws.counts[package])
        posts = int(packages.posts[package])
        spread, post_spread = float(vary.spread[offer]), float(vary.post_spread[offer])
        self.typical = float(vary.delivers[offer])
        names = (packages.terms[offer].name, str(posts))
        self.delivered = np.zeros(draws.draws)
        """Creators who deliver."""
        self.results = np.zeros(draws.draws)
        """Sum of E over those."""
        self._each: list[tuple[float, Floats]] = []
        self._many: tuple[float, Floats] | None = None
        whole = min(math.ceil(self.count), EACH) if self.count <= EACH else 0
        left = self.count
        for creator in range(whole):
            rng = stream(draws.seed, *names, str(creator))
            weight = min(1.0, left)
            left -= weight
            there = rng.random(draws.draws) < chance
            own = _lognormal(rng, spread, draws.draws) * _posts(rng, post_spread, posts, draws.draws)
            self.delivered += weight * there
            self.results += weight * there * own
            self._each.append((weight, there * own))
        if left > 0:
            rng = stream(draws.seed, *names, "many")
            number = math.floor(left)
            others = rng.binomial(number, chance) + (left - number) * chance
            squared = math.exp(spread**2) * (1 + math.expm1(post_spread**2) / posts)
            self.delivered += others
            more = np.asarray(others, dtype=float)
            if squared > 1:
                more = rng.gamma(np.maximum(others, 1e-9) / (squared - 1), squared - 1)
            self.results += more
            self._many = (left, more)

    def index(self, alone: Floats, model: ReachModel) -> Floats:
        """Sum of the creators' reach indices, shape (draws,).

        Args:
            alone: people one creator reaches, counting that some do not deliver, shape (draws,) or (1,).
            model: how audiences add up.
        """
        most = model.people * (1 - 1e-9)
        base = alone / self.typical
        total = np.zeros(len(self.results))
        for weight, own in self._each:
            total += weight * model.index(np.minimum(base * own, most))
        if self._many is not None:
            left, more = self._many
            total += left * model.index(np.minimum(base * more / left, most))
        return total


def _lognormal(rng: np.random.Generator, spread: float, draws: int) -> Floats:
    """Lognormal with mean 1, shape (draws,)."""
    if spread == 0:
        return np.ones(draws)
    return np.exp(spread * rng.standard_normal(draws) - spread**2 / 2)


def _posts(rng: np.random.Generator, spread: float, posts: int, draws: int) -> Floats:
    """Average of that many lognormals with mean 1, shape (draws,)."""
    if spread == 0:
        return np.ones(draws)
    return np.asarray(np.mean([_lognormal(rng, spread, draws) for _ in range(posts)], axis=0))


@lru_cache(maxsize=512)
def _normals(seed: int, draws: int, *name: str) -> Floats:
    """Standard normals of a name, shape (draws,); kept, because plans of one scenario ask for the same ones."""
    return stream(seed, *name).standard_normal(draws)


def forget() -> None:
    """Forget the standard normals that are kept, as a fresh process has none."""
    _normals.cache_clear()


def stream(seed: int, *name: str) -> np.random.Generator:
    """The random stream of a name."""
    digest = blake2b("\0".join((str(seed), *name)).encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest, "little")))


def check_draws(draws: int, seed: int) -> None:
    """Refuse numbers of draws and seeds that mean nothing; 0 draws are none at all.

    Raises:
        ValueError: which says what can be asked for.
    """
    if draws and not FEWEST <= draws <= MOST:
        raise ValueError(f"draws={draws}: between {FEWEST} and {MOST:,}, or 0 for none")
    if seed < 0:
        raise ValueError(f"seed={seed}: a whole number from 0")


def quantile(values: Floats, share: float) -> float:
    """The value below which that share of the draws lies."""
    return float(quantiles(values, np.array([share]))[0])


def quantiles(values: Floats, shares: Floats) -> Floats:
    """The values below which these shares of the draws lie, of the shape of shares; between two draws a straight line.

    As `numpy.quantile`, which would load parts of numpy that take longer than the draws of a small plan.
    """
    ordered = np.sort(values)
    places = shares * (len(ordered) - 1)
    below = np.floor(places).astype(np.int64)
    above = np.minimum(below + 1, len(ordered) - 1)
    part = places - below
    return np.asarray(ordered[below] * (1 - part) + ordered[above] * part)
