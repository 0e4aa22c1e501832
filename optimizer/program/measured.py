"""Measured overlaps or followers of a scenario -> segments of its audience, and bounds of any plan's reach.

What is measured is whole followings. The audience is the part of them that is real, on target and reachable; of the
people two creators share, the same part is taken as of the smaller one's following.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from optimizer.language.errors import Problem
from optimizer.language.quantities import grouped, plain
from optimizer.program.latent import Latent, fit_latent
from optimizer.program.reach import Floats
from optimizer.program.segments import Segments
from optimizer.program.terms import Terms
from optimizer.program.union_bounds import Bounds, thinned, union_bounds
from optimizer.scenario.measured import Followers, Overlaps, Pair
from optimizer.scenario.scenario import Scenario

ROUNDED = 0.01
"""How far an overlap may be above a following, relatively: 412k may be 412,499."""
ASTRAY = 1e-9
"""Share of a following that is not counted in its groups, so that nobody's index is infinite."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What the measured overlaps of a scenario come to.

    Attributes:
        segments: of the audience; `shares` in the order of the offers. An offer of which nothing is measured, or whose
            creators are several, is spread over them by size.
        people: A.
        whole: people in each offer's whole audience, NaN where not known, shape (offers,).
        shared: people of the audience in both of two offers' whole audiences, NaN where not known, shape (offers,
            offers).
        latent: how well the segments fit; None where they were counted.
        creators: how many creators were measured.
        pairs: how many of their pairs are known.
        unknown: how many are not.
        ignored: lines about creators whom the scenario does not have.
        unmeasured: offers of one creator of whom nothing is measured.
        several: offers that are measured under one name but may be several creators.
        near: those of `unmeasured` that the file may have under another name -> that name.
        unsaid: whether pairs are left out, none is listed as sharing nobody, and nobody said what that means
            (`unlisted`).
    """

    segments: Segments
    people: float
    whole: Floats
    shared: Floats
    latent: Latent | None
    creators: int
    pairs: int
    unknown: int
    ignored: int
    unmeasured: tuple[str, ...]
    several: tuple[str, ...]
    near: dict[str, str]
    unsaid: bool = False

    @property
    def average_overlap(self) -> float | None:
        """Shared people of all known pairs / people of the smaller audience of each; None where nobody is."""
        smaller = np.minimum(self.whole[:, None], self.whole[None, :])
        known = np.triu(np.isfinite(self.shared) & np.isfinite(smaller), 1)
        total = float(np.sum(smaller[known]))
        return float(np.sum(self.shared[known])) / total if total > 0 else None

    def bounds(self, offers: Sequence[int], reached: Floats) -> Bounds:
        """Between which numbers the reach of a plan lies, whatever people do.

        Args:
            offers: index of each booked creator's offer; two of one offer are two creators of unknown overlap.
            reached: people each reaches alone, shape (creators,).
        """
        at = np.asarray(offers, dtype=np.int64)
        whole = np.maximum(np.where(np.isnan(self.whole[at]), np.inf, self.whole[at]), reached)
        fractions = np.where(whole > 0, reached / np.where(whole > 0, whole, 1.0), 0.0)
        shared = self.shared[np.ix_(at, at)].copy()
        shared[at[:, None] == at[None, :]] = np.nan
        return union_bounds(self.people, np.minimum(reached, self.people), thinned(shared, fractions))


def measured(scenario: Scenario, terms: Sequence[Terms]) -> tuple[Measured | None, list[Problem]]:
    """Segments of the audience from what is measured; None without anything, or with problems.

    Args:
        scenario: with or without `audience.overlaps` or `audience.followers`.
        terms: of its offers.
    """
    audience = scenario.audience
    if audience is None:
        return None, []
    if audience.followers is not None:
        return _counted(scenario, terms, audience.followers, audience.people)
    if audience.overlaps is not None:
        return _fitted(scenario, terms, audience.overlaps, audience.people)
    return None, []


def whole_audience(terms: Terms) -> float:
    """People of the audience in one creator's whole following; NaN where not known."""
    reachable = terms.get("reachable")
    if reachable is None:
        return float("nan")
    return reachable * (terms.get("authentic") or 0.0) * (terms.get("on_target") or 0.0)


# --- who is who ---------------------------------------------------------------------------------------------


class _Creators:
    """The measured creators of a scenario: one for an offer, one for all offers of a person.

    Attributes:
        names: of the creators, in the order of the offers.
        of: offers -> creator, -1 for offers that are not one creator.
        several: offers under a measured name that may be several creators.
    """

    def __init__(self, terms: Sequence[Terms], listed: Sequence[str]) -> None:
        names: dict[str, int] = {}
        several = []
        of = []
        for term in terms:
            person = term.person
            name = term.name if person is None or term.name in listed else person
            one = term.creators_max is not None and term.creators_max <= 1
            if not one:
                several += [term.name] if name in listed else []
                of.append(-1)
            else:
                of.append(names.setdefault(name, len(names)) if name in listed else -1)
        self.names, self.of, self.several = tuple(names), np.array(of, dtype=np.int64), tuple(several)

    def largest(self, values: Sequence[float]) -> Floats:
        """Of each creator the largest value of its offers, NaN where none is known, shape (creators,)."""
        found = np.full(len(self.names), np.nan)
        for creator, value in zip(self.of, values, strict=True):
            if creator >= 0:
                found[creator] = np.fmax(found[creator], value)
        return found

    def spread(self, shares: Floats, people: Floats) -> Floats:
        """Shares of creators by segment -> shares of offers; by size where an offer is none of them."""
        by_size = people / np.sum(people)
        return np.array([by_size if creator < 0 else shares[creator] for creator in self.of])

    def between(self, shared: Floats, whole: Floats) -> Floats:
        """Overlaps of creators -> overlaps of offers; two offers of one person share the smaller."""
        count = len(self.of)
        found = np.full((count, count), np.nan)
        for i in range(count):
            for j in range(count):
                one, other = self.of[i], self.of[j]
                if i != j and one >= 0 and other >= 0:
                    found[i, j] = min(whole[i], whole[j]) if one == other else shared[one, other]
        return found


# --- overlaps of pairs --------------------------------------------------------------------------------------


def _fitted(
    scenario: Scenario, terms: Sequence[Terms], overlaps: Overlaps, people: float
) -> tuple[Measured | None, list[Problem]]:
    if overlaps.pairs is None:
        hint = "load the scenario from a file, or give unit and pairs"
        return None, [Problem(("audience", "overlaps"), f"{overlaps.file} was not read", hint)]
    listed = {*overlaps.listed, *(name for pair in overlaps.pairs for name in pair[:2])}
    everybody = _Creators(terms, sorted(listed))
    reachable = everybody.largest([_or_nan(t.get("reachable")) for t in terms])
    whole_of_offers = np.array([whole_audience(t) for t in terms])
    whole = everybody.largest(list(whole_of_offers))
    at = {name: i for i, name in enumerate(everybody.names) if whole[i] > 0 and reachable[i] > 0}
    shared = np.full((len(everybody.names),) * 2, np.nan)
    if overlaps.unlisted == "zero":
        rows = np.array(sorted(at.values()), dtype=np.int64)
        shared[np.ix_(rows, rows)] = 0.0
    problems, pairs = [], 0
    for pair in overlaps.pairs:
        if pair.one not in at or pair.other not in at:
            continue
        i, j = at[pair.one], at[pair.other]
        small = i if reachable[i] <= reachable[j] else j
        share = pair.number if overlaps.unit == "share" else pair.number / float(reachable[small])
        if share > 1 + ROUNDED:
            problems.append(_too_many(overlaps, pair, everybody.names[small], float(reachable[small])))
        share = min(share, 1.0)
        shared[i, j] = shared[j, i] = min(share * whole[small], whole[i], whole[j])
        pairs += 1
    if problems:
        return None, problems
    if pairs == 0:
        message = "no pair is left of offers that are one creator each and whose followers are known"
        return None, [Problem(("audience", "overlaps"), message, "write creators: {max: 1} in these offers")]
    used = sorted(at.values())
    among = shared[np.ix_(used, used)]
    latent = _kept_fit(
        people,
        tuple(everybody.names[i] for i in used),
        whole[used].tobytes(),
        among.tobytes(),
        overlaps.segments,
    )
    shares = np.tile(latent.segments.people / people, (len(everybody.names), 1))
    shares[used] = latent.segments.shares
    segments = Segments(
        latent.segments.names,
        latent.segments.people,
        everybody.spread(shares, latent.segments.people),
        latent=True,
    )
    known = int(np.sum(np.triu(np.isfinite(among), 1)))
    return Measured(
        segments=segments,
        people=people,
        whole=whole_of_offers,
        shared=everybody.between(shared, whole_of_offers),
        latent=latent,
        creators=len(used),
        pairs=known,
        unknown=len(used) * (len(used) - 1) // 2 - known,
        ignored=int(overlaps.ignored),
        unmeasured=_unmeasured(terms, everybody),
        several=everybody.several,
        near=dict(overlaps.near),
        unsaid="unlisted" not in overlaps.model_fields_set
        and len(used) * (len(used) - 1) // 2 > known
        and not np.any(among == 0),
    ), []


@lru_cache(maxsize=16)
def _kept_fit(
    people: float, names: tuple[str, ...], sizes: bytes, shared: bytes, count: int | None
) -> Latent:
    """A fit, kept while the program runs: what-ifs change prices and limits far more often than audiences."""
    whole = np.frombuffer(sizes)
    return fit_latent(people, names, whole, np.frombuffer(shared).reshape(len(whole), len(whole)), count)


def _too_many(overlaps: Overlaps, pair: Pair, small: str, followers: float) -> Problem:
    what = f"{grouped(pair.number)} people follow {pair.one} and {pair.other}"
    if overlaps.unit == "share":
        what = f"{plain(100 * pair.number)} % of {small} follow {pair.one} and {pair.other}"
    message = f"{what}, but {small} has only {grouped(followers)} followers who can be reached"
    hint = f"correct the line, or followers of {small}"
    if overlaps.file is None or pair.line is None:
        return Problem(("audience", "overlaps"), message, hint)
    return Problem((), message, hint, file=overlaps.file, line=pair.line)


def _unmeasured(terms: Sequence[Terms], creators: _Creators) -> tuple[str, ...]:
    return tuple(
        t.name
        for t, creator in zip(terms, creators.of, strict=True)
        if creator < 0 and t.creators_max is not None and t.creators_max <= 1
    )


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value


# --- who follows whom ---------------------------------------------------------------------------------------


def _counted(
    scenario: Scenario, terms: Sequence[Terms], followers: Followers, people: float
) -> tuple[Measured | None, list[Problem]]:
    """One segment for each group of people who follow the same creators, and one for those who follow none.

    Inside a group everybody follows a creator or nobody does. Of the n_i people who follow creator i, the group g of
    A_g people is the share A_g / n_i; a package that reaches r of them reaches p_ig = r / n_i of every such group: a
    random part of the following. Where it is all of it, p would be 1 and an index infinite; so one in a billion is
    spread over everybody, and reach is counted to so many digits.

    An offer that is not in the file is spread over the groups by size.
    """
    place = ("audience", "followers")
    if followers.groups is None:
        hint = "load the scenario from a file, or give groups"
        return None, [Problem(place, f"{followers.file} was not read", hint)]
    listed = sorted({name for group in followers.groups for name in group.creators})
    everybody = _Creators(terms, listed)
    at = {name: i for i, name in enumerate(everybody.names)}
    by_creators: dict[tuple[int, ...], float] = {}
    for group in followers.groups:
        key = tuple(sorted({at[name] for name in group.creators if name in at}))
        by_creators[key] = by_creators.get(key, 0.0) + group.people
    nobody = people - sum(size for key, size in by_creators.items() if key)
    if nobody < 0:
        message = (
            f"{grouped(people - nobody)} people follow somebody, but the audience has only {grouped(people)}"
        )
        return None, [Problem(place, message, "raise audience.people")]
    groups = sorted((key, size) for key, size in by_creators.items() if key and size > 0)
    follows = np.zeros((len(everybody.names), len(groups) + 1))
    for g, (key, size) in enumerate(groups):
        follows[list(key), g] = size
    sizes = np.array([*(size for _, size in groups), nobody])
    if nobody == 0:
        follows, sizes = follows[:, :-1], sizes[:-1]
    total = np.sum(follows, axis=1)
    whole = np.array([whole_audience(t) for t in terms])
    problems = []
    for index, (term, creator) in enumerate(zip(terms, everybody.of, strict=True)):
        if creator >= 0 and whole[index] > total[creator] * (1 + ROUNDED):
            message = (
                f"{term.name} has {grouped(float(whole[index]), 6)} followers in the audience, but the file lists "
                f"{grouped(float(total[creator]))}"
            )
            hint = f"set followers, reachable or on_target so that it has {grouped(float(total[creator]))}"
            problems.append(Problem(("offers", index), message, hint))
    if problems:
        return None, problems
    spread = (1 - ASTRAY) * follows / total[:, None] + ASTRAY * sizes / people
    numbers = tuple(str(g + 1) for g in range(len(sizes)))  # nobody has named them, so no report lists them
    segments = Segments(numbers, sizes, everybody.spread(spread, sizes), latent=True)
    part = (follows > 0).astype(float)
    counted = (part * sizes) @ part.T
    of = everybody.of
    listed_whole = np.array([total[c] if c >= 0 else w for c, w in zip(of, whole, strict=True)])
    count = len(everybody.names)
    return Measured(
        segments=segments,
        people=people,
        whole=listed_whole,
        shared=everybody.between(counted, listed_whole),
        latent=None,
        creators=count,
        pairs=count * (count - 1) // 2,
        unknown=0,
        ignored=int(followers.ignored),
        unmeasured=_unmeasured(terms, everybody),
        several=everybody.several,
        near={},
    ), []
