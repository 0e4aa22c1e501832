"""Latent segments: parts of the audience that explain which pairs of creators share how many people.

Symbols: A people of the audience; A_g of segment g; r_i people in creator i's audience; p_ig share of segment g that
follows creator i; m_ij people who follow both i and j, as measured.

    sum over g of A_g = A          sum over g of A_g p_ig = r_i          sum over g of A_g p_ig p_jg near m_ij

The first two hold exactly throughout; the third is fitted by steepest descent (Adam) on the sum over known pairs of

    (sqrt(m'_ij + e) - sqrt(m_ij + e))^2,      m'_ij = sum over g of A_g p_ig p_jg,      e = UNIT x mean of m

which near the optimum is (m' - m)^2 / 4 (m + e): an error of 100 people weighs less where thousands are shared. Far
from it a pair that is overestimated pulls no harder than one that is underestimated, without which descent gives up
segments early. Inside a segment people follow creators independently of each other.

Source: latent class analysis (P. F. Lazarsfeld & N. W. Henry, 1968, Latent Structure Analysis), fitted to pairs only;
D. P. Kingma & J. Ba (2015), Adam, ICLR. `docs/explanation/reach.md` says how far the estimates are from the truth.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.program.reach import Floats
from optimizer.program.segments import Segments

COUNTS = (1, 10, 15, 20, 30)
"""Numbers of segments that are tried. Fewer than ten met pairs as well, but put large audiences that share nobody into
one; more than 30 made estimates of real audiences no better, and plans slower."""
SMALL, COUNTS_OF_SMALL = 20, (1, 3, 5, 10, 15, 20, 30)
"""Up to so many creators fewer segments are tried too: ten would say more than their pairs do."""
CLOSE = 0.2
"""The fewest segments are taken whose expected error is at most so much (relative) above the lowest: three folds tell
no smaller difference from chance."""
FOLDS, HELD_OUT = 3, 0.1
"""How often pairs are held out, and which share of them each time."""
LEAST_HELD_OUT = 0.1
"""Weight of pairs held out where all are known: reach of three creators and more is in no pair."""
FEWEST_PAIRS = 20
"""With fewer known pairs none are held out, as the error on one or two of them says nothing."""
WITHOUT_CHOICE = 10
"""Number of segments where the pairs are too few to choose it by."""
MOST_COMPARED = 120
"""Creators by which the number of segments is chosen; of more, so many are drawn. Time rises with their square."""
BAD_FIT = 0.15
"""Expected error, relative to the average overlap, above which a fit is called bad. On real audiences with
fits below it, 9 of 10 random plans were within 10 % of their true reach; with fits above it some were a third or more
beside it."""
FEW = 0.1
"""Share of all pairs below which too few are known, however well those fit: with 8 % of the pairs of 100 real
creators, one plan in twenty was a third beside its true reach."""
UNIT = 0.02
"""e, as a share of the mean of the known overlaps: a pair that shares nobody is no more exact than that."""
LARGEST = 0.98
"""Share of the audience that a creator's following counts at most: beyond, segments could not differ."""
SEED = 2002
STARTS = 2
"""Starts of the last fit, of which the better is taken: around creators, and a random one."""
CORE = 0.8
"""Part of a creator's audience that is taken as the size of a segment at the start; the rest is of other segments."""
NEITHER = (0.002, 0.95)
"""Nobody and everybody, at the start."""
MANY = 400
"""Creators from which one start must do, for the time it takes."""

_LOGITS = (-12.0, 5.0)
"""Range of ln(p / (1 - p)): up to 99.3 % of a segment, because nobody's index may be infinite."""


@dataclass(frozen=True, slots=True)
class Latent:
    """Segments that were fitted, and how well.

    Errors are sums of absolute errors over sums of measured overlaps, so 0.05 is 5 % of the average overlap.

    Attributes:
        segments: from the largest to the smallest, `shares` in the order of the creators that were given.
        chosen: whether their number was chosen, rather than given.
        error: of the pairs it was fitted to.
        held_out: of pairs it was not fitted to, average of the folds; None where there are too few pairs.
        tried: number of segments -> error of pairs held out.
        known: share of all pairs that are known.
    """

    segments: Segments
    chosen: bool
    error: float
    held_out: float | None
    tried: dict[int, float]
    known: float

    @property
    def expected(self) -> float:
        """The error to expect of all pairs, known or not."""
        return _expected(self.known, self.error, self.error if self.held_out is None else self.held_out)

    @property
    def bad(self) -> bool:
        """Whether overlaps are met so badly that reach may be far off."""
        return self.expected > BAD_FIT

    @property
    def few(self) -> bool:
        """Whether so few pairs are known that reach may be far off however well they fit."""
        return self.known < FEW


def fit_latent(
    people: float, names: Sequence[str], sizes: Floats, shared: Floats, count: int | None = None
) -> Latent:
    """Segments that explain measured overlaps.

    The same creators give the same segments in whichever order they and their pairs come; on another machine the last
    digits of numbers may differ, and with them a little more of a fit.

    Args:
        people: A.
        names: of the creators, each once; two at least.
        sizes: r of each creator, above 0, shape (creators,). Unit: people.
        shared: m of each pair, NaN where not known, symmetric, shape (creators, creators); the diagonal is not read.
            At least one pair is known.
        count: number of segments; None chooses it by pairs that are held out.
    """
    order = sorted(range(len(names)), key=lambda i: names[i])
    pairs = _Pairs(people, sizes[order], shared[np.ix_(order, order)])
    known = pairs.known / (len(names) * (len(names) - 1) / 2)
    errors: dict[int, tuple[float, float]] = {}
    if pairs.known >= FEWEST_PAIRS:
        counts = COUNTS if len(names) > SMALL else COUNTS_OF_SMALL
        errors = _tried(pairs, counts if count is None else (count,))
    expected = {n: _expected(known, met, out) for n, (met, out) in errors.items()}
    lowest = min(expected.values(), default=0.0)
    number = count or next((n for n, e in expected.items() if e <= lowest * (1 + CLOSE)), WITHOUT_CHOICE)
    tried = {n: out for n, (_, out) in errors.items()}
    starts = range(STARTS if len(names) < MANY else 1)
    fits = [pairs.fitted(number, pairs.weights, start, steps=1000, rate=0.4) for start in starts]
    best = min(fits, key=lambda fit: fit.loss)
    shares = np.empty_like(best.follows)
    shares[order] = best.follows * best.people / pairs.sizes[:, None]
    large_first = np.argsort(-best.people, kind="stable")
    segments = Segments(
        tuple(str(g + 1) for g in range(number)),
        best.people[large_first],
        shares[:, large_first],
        latent=True,
    )
    return Latent(segments, count is None, pairs.error(best, pairs.weights), tried.get(number), tried, known)


def _expected(known: float, met: float, held_out: float) -> float:
    """The error to expect: known pairs are met as they were fitted, others as those that were held out.

    Held-out pairs alone said 1 segment for 40 made-up creators with small overlaps, all known, because those are hard
    to predict; the plans chosen then reached 96 % of the most there was, and with 20 segments all of it.
    """
    unknown = max(1 - known, LEAST_HELD_OUT)
    return (1 - unknown) * met + unknown * held_out


def _tried(pairs: _Pairs, counts: Sequence[int]) -> dict[int, tuple[float, float]]:
    """Number of segments -> error on the pairs it was fitted to, and on pairs that were held out."""
    pairs = pairs.sample(MOST_COMPARED)
    folds = list(pairs.folds())
    found = {}
    for n in counts:
        fits = [(pairs.fitted(n, rest, 0, steps=200, rate=0.4), rest, out) for rest, out in folds]
        met = float(np.mean([pairs.error(fit, rest) for fit, rest, _ in fits]))
        held_out = float(np.mean([pairs.error(fit, out) for fit, _, out in fits]))
        found[n] = met, held_out
    return found


@dataclass(frozen=True, slots=True)
class _Fit:
    people: Floats
    """A_g, shape (segments,)."""
    follows: Floats
    """p_ig, shape (creators, segments)."""
    loss: float


class _Pairs:
    """Measured overlaps of creators in the order of their names.

    Attributes:
        sizes: r, shape (creators,).
        shared: m, 0 where not known, shape (creators, creators).
        weights: 1 for known pairs, else 0, symmetric, shape (creators, creators).
    """

    def __init__(self, people: float, sizes: Floats, shared: Floats) -> None:
        self.people = people
        self.sizes = np.minimum(sizes, LARGEST * people)
        self.weights = np.isfinite(shared).astype(float)
        np.fill_diagonal(self.weights, 0.0)
        smaller = np.minimum(self.sizes[:, None], self.sizes[None, :])
        self.shared = np.where(self.weights > 0, np.minimum(shared, smaller), 0.0)
        self.known = int(np.sum(self.weights)) // 2
        mean = float(np.sum(self.shared)) / max(2 * self.known, 1)
        self.unit = UNIT * mean if mean > 0 else UNIT * float(np.mean(self.sizes))

    def sample(self, most: int) -> _Pairs:
        """So many creators at most, drawn at random."""
        if len(self.sizes) <= most:
            return self
        drawn = np.sort(np.argsort(np.random.default_rng(SEED).random(len(self.sizes)))[:most])
        shared = np.where(self.weights > 0, self.shared, np.nan)[np.ix_(drawn, drawn)]
        return _Pairs(self.people, self.sizes[drawn], shared)

    def folds(self) -> Iterator[tuple[Floats, Floats]]:
        """Weights of the pairs to fit to, and of those held out; no pair is held out twice."""
        one, other = np.nonzero(np.triu(self.weights))
        mixed = np.argsort(np.random.default_rng(SEED).random(len(one)))
        size = max(1, round(HELD_OUT * len(one)))
        for fold in range(FOLDS):
            chosen = mixed[fold * size : (fold + 1) * size]
            out = np.zeros_like(self.weights)
            out[one[chosen], other[chosen]] = out[other[chosen], one[chosen]] = 1.0
            yield self.weights - out, out

    def error(self, fit: _Fit, weights: Floats) -> float:
        """Mean absolute error over these pairs / mean overlap of all known pairs."""
        errors = np.abs(_products(fit.follows, fit.people) - self.shared)
        mean = max(float(np.sum(self.shared)) / (2 * self.known), self.unit)
        return float(np.sum(weights * errors) / max(float(np.sum(weights)), 1.0) / mean)

    def fitted(self, number: int, weights: Floats, start: int, *, steps: int, rate: float) -> _Fit:
        """The fit to these pairs from one start: around creators the first, the others anywhere.

        Unknowns are logits t of p, and logarithms of A_g up to their sum. Before each step, t of a creator is moved
        as a whole until sum A_g p_ig = r_i; gradients are those of what then comes of it.
        """
        share = self.sizes / self.people
        if number == 1:
            one = _Fit(np.array([self.people]), share[:, None].copy(), 0.0)
            return _Fit(one.people, one.follows, self._loss(one, weights))
        logits, logs = self._around_creators(number) if start == 0 else self._anywhere(number, start)
        scale = float(np.sum(weights * (np.sqrt(self.shared + self.unit) - np.sqrt(self.unit)) ** 2))
        weights = weights / max(scale, self.unit)
        wanted = np.sqrt(self.shared + self.unit)
        moments = [(np.zeros_like(x), np.zeros_like(x)) for x in (logits, logs)]
        for step in range(1, steps + 1):
            parts = np.exp(logs - np.max(logs))
            parts /= np.sum(parts)
            people = self.people * parts
            logits = self._level(logits, people, rounds=2 if step > 3 else 30)
            follows = 1 / (1 + np.exp(-logits))
            slope = follows * (1 - follows)
            root = np.sqrt(_products(follows, people) + self.unit)
            pull = weights * (root - wanted) / root  # derivative by m'
            along = np.einsum("ij,jg->ig", pull, follows)
            by_follows = 2 * along * people
            by_people = np.sum(along * follows, axis=0)
            moved = np.sum(by_follows * slope, axis=1) / (slope @ people)  # what levelling gives back
            by_logits = slope * (by_follows - people * moved[:, None])
            by_people -= moved @ follows
            by_logs = people * (by_people - by_people @ parts)
            now = rate * 0.5 * (1 + np.cos(np.pi * step / steps))
            for x, gradient, (mean, square) in zip(
                (logits, logs), (by_logits, by_logs), moments, strict=True
            ):
                mean += 0.1 * (gradient - mean)
                square += 0.01 * (gradient**2 - square)
                x -= now * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-12)
        parts = np.exp(logs - np.max(logs))
        people = self.people * parts / np.sum(parts)
        follows = 1 / (1 + np.exp(-self._level(logits, people, rounds=60)))
        follows *= (self.sizes / (follows @ people))[:, None]  # the last digits
        fit = _Fit(people, follows, 0.0)
        return _Fit(people, follows, self._loss(fit, weights))

    def _anywhere(self, number: int, start: int) -> tuple[Floats, Floats]:
        """A random start: logits, and logarithms of sizes."""
        share = self.sizes / self.people
        random = np.random.default_rng((SEED, number, start)).random((len(self.sizes), number))
        return np.log(share / (1 - share))[:, None] + 4.0 * random - 2.0, np.zeros(number)

    def _around_creators(self, number: int) -> tuple[Floats, Floats]:
        """A start in which all segments but one are the audiences of creators who share few people with each other.

        Each next creator is the one most of whose people follow none so far, going by the best known overlap. Of a
        pair that is not known chance is taken. Without such a start, the large audiences that the best plans consist of
        end up in one segment though they share nobody, and their reach is a tenth too low.
        """
        count = len(self.sizes)
        by_chance = np.outer(self.sizes, self.sizes) / self.people
        shared = np.where(self.weights > 0, self.shared, by_chance)
        np.fill_diagonal(shared, self.sizes)
        follows = np.tile((self.sizes / self.people)[:, None], (1, number))
        people = np.zeros(number)
        covered, free = np.zeros(count), np.ones(count, dtype=bool)
        for g in range(min(number - 1, count)):
            centre = int(np.argmax(np.where(free, self.sizes * (1 - covered), -1.0)))
            free[centre] = False
            follows[:, g] = shared[:, centre] / self.sizes[centre]
            people[g] = CORE * self.sizes[centre]
            covered = np.maximum(covered, np.minimum(shared[:, centre] / self.sizes, 1.0))
        rest = people == 0
        people[rest] = max(self.people - float(np.sum(people)), (1 - LARGEST) * self.people) / np.sum(rest)
        follows = np.clip(follows, *NEITHER)
        random = np.random.default_rng((SEED, number)).random(follows.shape)  # no two segments quite alike
        return np.log(follows / (1 - follows)) + 0.2 * random - 0.1, np.log(people / np.sum(people))

    def _level(self, logits: Floats, people: Floats, rounds: int) -> Floats:
        """Logits moved, each creator's alike, until each creator has the people it has: Newton on the logarithm."""
        low, high = _LOGITS
        for _ in range(rounds):
            follows = 1 / (1 + np.exp(-logits))
            now = follows @ people
            slope = np.maximum((follows * (1 - follows)) @ people, 1e-3 * now)
            step = np.clip(np.log(self.sizes / now) * now / slope, -2.0, 2.0)
            logits = np.clip(logits + step[:, None], low, high)
        return logits

    def _loss(self, fit: _Fit, weights: Floats) -> float:
        root = np.sqrt(_products(fit.follows, fit.people) + self.unit)
        return float(np.sum(weights * (root - np.sqrt(self.shared + self.unit)) ** 2))


def _products(follows: Floats, people: Floats) -> Floats:
    """m' of all pairs, shape (creators, creators).

    By einsum, as its sums are those of one thread: the same wherever threads differ, and no slower at this size.
    """
    return np.asarray(np.einsum("ig,jg->ij", follows * people, follows))
