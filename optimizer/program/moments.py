"""Mean, covariance and variance per creator of a linear form whose coefficients vary, exactly.

For counts n (creators of each package, switches):

    mean      mu . n
    variance  n' C n + d . n
              C: between different creators (what is common to an offer, a market, a platform, a tier), shape
                 (columns, columns), positive semidefinite
              d: what each creator adds by himself, shape (columns,)

A form is a sum of parts v_a g_a1(z_1) g_a2(z_2) ... (`forms`), numbers independent of each other, the same number of
two offers correlated by r. So with the normalised Hermite coefficients c of each g (Mehler 1866)

    E[part]          = v_a product_f c_af0
    E[part x part']  = v_a v_b product_f sum_j c_afj c_bfj r^j

and for a creator, with c the chance to deliver, s and t the spreads between creators and between the k posts of one:

    E[E^2] = exp(s^2) (1 + (exp(t^2) - 1) / k) = e        (E: lognormal, mean 1, posts count alike)
    d      = sum_ab v_a v_b E[rest of a x rest of b] E_c[cov_ab(c)]
    cov    = (c e - c^2) / typical c^2    result with result
             (1 - m) (c - c^2) / typical c    result with fee
             (1 - m)^2 (c - c^2)    fee with fee,    0 for what is certain
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from optimizer.program.forms import Factor, Form, Part, Varying
from optimizer.program.packages import Floats
from optimizer.program.ranged import Ranged, hermite_coefficients, nodes, products_of

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Moments:
    """Moments of one linear form.

    Attributes:
        mean: shape (columns,).
        cov: between different creators, shape (columns, columns).
        own: variance that each creator adds, shape (columns,); not negative.
    """

    mean: Floats
    cov: Floats
    own: Floats

    def mean_of(self, counts: Floats) -> float:
        """Mean of the form, for counts of shape (columns,)."""
        return float(self.mean @ counts)

    def variance_of(self, counts: Floats) -> float:
        """Variance of the form."""
        return max(0.0, float(counts @ self.cov @ counts)) + max(0.0, float(self.own @ counts))

    def sd_of(self, counts: Floats) -> float:
        """Standard deviation of the form."""
        return float(np.sqrt(self.variance_of(counts)))


def owners_of(vary: Varying) -> Ints:
    """The offer of each column, shape (columns,)."""
    packages = vary.packages
    first = [packages.offer[turned_on[0]] for turned_on in packages.switches]
    return np.concatenate([packages.offer, np.array(first, dtype=np.int64)])


def value_of(factor: Factor, number: Floats, ranged: Ranged, posts: int, due: float = 1.0) -> Floats:
    """How far a number moves a part, relative to typical, at values of the number; of the same shape."""
    typical = ranged.typical
    if factor.shape == "reached":
        return np.asarray(-np.expm1(posts * _log_rest(number)) / -np.expm1(posts * _log_rest(typical)))
    if factor.shape == "repeats":
        return np.asarray(_series(number, posts) / _series(np.asarray(typical), posts))
    if factor.shape == "due":
        return np.asarray(due + (1 - due) * number)
    return np.asarray((number / typical) ** factor.exponent)


def _log_rest(share: Floats | float) -> Floats:
    """log(1 - share), finite at 1."""
    return np.asarray(np.log1p(-np.minimum(share, 1 - 1e-15)))


def _series(decay: Floats, posts: int) -> Floats:
    """sum over j < posts of (1 - decay)^j."""
    total = np.zeros_like(decay, dtype=float)
    for j in range(posts):
        total = total + (1 - decay) ** j
    return total


class _Functions:
    """Functions of one number, each kept once: item (part, column) -> function."""

    def __init__(self) -> None:
        self.keys: dict[tuple[object, ...], int] = {(): 0}  # the constant 1
        self.values: list[Floats] = [np.ones_like(nodes()[0])]
        self.offers: list[int] = [-1]

    def number(
        self, key: tuple[object, ...], offer: int, factor: Factor, ranged: Ranged, posts: int, due: float
    ) -> int:
        if key not in self.keys:
            self.keys[key] = len(self.values)
            self.values.append(value_of(factor, ranged.at(nodes()[0]), ranged, posts, due))
            self.offers.append(offer)
        return self.keys[key]


def moments(vary: Varying, form: Form) -> Moments:
    """The moments of a form.

    Args:
        vary: what varies.
        form: its parts.
    """
    owners = owners_of(vary)
    items = list(form)
    where = _functions(vary, items, owners)
    values = np.concatenate([part.values for part in items])
    width = len(owners)
    mean = values.copy()
    pairs = np.outer(values, values)
    for functions, index in where.values():
        table = np.array(functions.values)
        coefficients = hermite_coefficients(table)
        mean *= coefficients[index, 0]
        pairs *= _products(vary, functions, table, coefficients)[np.ix_(index, index)]
    pairs -= np.outer(mean, mean)
    parts = len(items)
    cov = pairs.reshape(parts, width, parts, width).sum(axis=(0, 2))
    own = _own(vary, items, owners, where)
    return Moments(mean.reshape(parts, width).sum(axis=0), (cov + cov.T) / 2, own)


def _functions(vary: Varying, items: list[Part], owners: Ints) -> dict[str, tuple[_Functions, Ints]]:
    """Field -> its functions, and which of them each item (part by part, column by column) has."""
    packages = vary.packages
    posts = np.concatenate([packages.posts, np.ones(packages.columns - packages.count, dtype=np.int64)])
    width = len(owners)
    found: dict[str, tuple[_Functions, Ints]] = {}
    for a, part in enumerate(items):
        for column in np.flatnonzero(part.values):
            offer = int(owners[column])
            for factor in (*part.factors[offer], *_delivery(vary, part, offer)):
                functions, index = found.setdefault(
                    factor.field, (_Functions(), np.zeros(len(items) * width, dtype=np.int64))
                )
                ranged = vary.ranged[offer].get(factor.field) or _sure(vary.delivers[offer])
                by_posts = int(posts[column]) if factor.shape in ("reached", "repeats") else 0
                key = (offer, factor, by_posts)
                due = float(vary.due[offer])
                index[a * width + column] = functions.number(key, offer, factor, ranged, by_posts, due)
    return found


def _sure(share: float) -> Ranged:
    return Ranged(share, share, share, "share")


def _delivery(vary: Varying, part: Part, offer: int) -> tuple[Factor, ...]:
    """How the chance to deliver enters the mean of a part, given it."""
    if part.does == "result" and "completion" in vary.ranged[offer]:
        return (Factor("completion", "power"),)
    if (
        part.does == "fee"
        and vary.due[offer] < 1
        and ("completion" in vary.ranged[offer] or vary.delivers[offer] < 1)
    ):
        return (Factor("completion", "due"),)
    return ()


def _products(vary: Varying, functions: _Functions, table: Floats, coefficients: Floats) -> Floats:
    """E[g g'] of every pair of functions of one field, shape (functions, functions)."""
    offers = np.array(functions.offers)
    correlation = vary.correlation[np.ix_(offers, offers)]
    correlation[offers < 0] = correlation[:, offers < 0] = 0.0  # with a constant nothing is common
    result: Floats = np.zeros(correlation.shape)
    for r in sorted(set(correlation.ravel().tolist())):
        same = correlation == r
        result[same] = products_of(table, coefficients, r)[same]
    return result


def variance_shares(vary: Varying, form: Form, counts: Floats) -> dict[tuple[str, int], float]:
    """How much of a form's variance each number causes by itself: (field, offer) -> share.

    Of a number f alone, Var(E[form | z_f of all offers]) = sum_ij n_i n_j mean_i mean_j (E[g_i g_j] / (E[g_i] E[g_j])
    - 1); an offer's part is the sum over its own columns i. "spread" is what creators add by being different,
    "completion" also has what they add by not delivering. The shares add up to 1 less what numbers cause together.

    Args:
        vary, form: as for `moments`.
        counts: creators of each package, then switches, shape (columns,).
    """
    owners = owners_of(vary)
    # what is not booked adds nothing, and there may be much of it
    items = [replace(part, values=np.where(counts > 0, part.values, 0.0)) for part in form]
    where = _functions(vary, items, owners)
    whole = _variance(vary, items, owners, where, counts)
    found: dict[tuple[str, int], float] = {}
    if whole <= 0:
        return found
    weight = np.concatenate([part.values * counts for part in items])
    offers = np.tile(owners, len(items))
    tables = {field: np.array(functions.values) for field, (functions, _) in where.items()}
    firsts = {field: hermite_coefficients(table)[:, 0] for field, table in tables.items()}
    for field, (_, index) in where.items():
        weight = weight * firsts[field][index]
    for field, (functions, index) in where.items():
        first = firsts[field]
        products = _products(vary, functions, tables[field], hermite_coefficients(tables[field]))
        together = np.bincount(index, weights=weight, minlength=len(first)) @ (
            products / np.outer(first, first) - 1
        )
        parts = np.bincount(offers, weights=weight * together[index], minlength=len(vary.spread))
        for offer in np.flatnonzero(parts):
            found[field, int(offer)] = float(parts[offer]) / whole
    for field, own in (
        ("spread", _own(vary, items, owners, where) - _own(vary, items, owners, where, alike=True)),
        ("completion", _own(vary, items, owners, where, alike=True)),
    ):
        parts = np.bincount(owners, weights=own * counts, minlength=len(vary.spread))
        for offer in np.flatnonzero(parts > 0):
            key = (field, int(offer))
            found[key] = found.get(key, 0.0) + float(parts[offer]) / whole
    return found


def _variance(
    vary: Varying,
    items: list[Part],
    owners: Ints,
    where: dict[str, tuple[_Functions, Ints]],
    counts: Floats,
) -> float:
    """`moments(...).variance_of(counts)`, looking at what is booked only."""
    values = np.concatenate([part.values * counts for part in items])
    booked = np.flatnonzero(values)
    mean = values[booked]
    pairs = np.outer(mean, mean)
    for functions, index in where.values():
        table = np.array(functions.values)
        coefficients = hermite_coefficients(table)
        mine = index[booked]
        mean = mean * coefficients[mine, 0]
        pairs *= _products(vary, functions, table, coefficients)[np.ix_(mine, mine)]
    together = float((pairs - np.outer(mean, mean)).sum())
    return max(0.0, together) + max(0.0, float(_own(vary, items, owners, where) @ counts))


def _own(
    vary: Varying,
    items: list[Part],
    owners: Ints,
    where: dict[str, tuple[_Functions, Ints]],
    *,
    alike: bool = False,
) -> Floats:
    """Variance that each creator adds, shape (columns,); `alike`: if creators differed in nothing but delivery."""
    packages = vary.packages
    count, width = packages.count, len(owners)
    weights = nodes()[1]
    own = np.zeros(width)
    spread, post_spread = vary.spread[packages.offer], vary.post_spread[packages.offer]
    squared = np.exp(spread**2) * (1 + np.expm1(post_spread**2) / packages.posts)
    if alike:
        squared = np.ones_like(squared)
    typical = vary.delivers[packages.offer]
    due = vary.due[packages.offer]
    first, second = _chances(vary)
    first, second = first[packages.offer], second[packages.offer]
    safe = np.where(typical > 0, typical, 1.0)
    covariance = {
        ("result", "result"): (first * squared - second) / safe**2,
        ("result", "fee"): (1 - due) * (first - second) / safe,
        ("fee", "fee"): (1 - due) ** 2 * (first - second),
    }
    for a, one in enumerate(items):
        for b, other in enumerate(items):
            kinds = (one.does, other.does)
            between = covariance.get(kinds, covariance.get((other.does, one.does)))
            if between is None:
                continue
            product = one.values[:count] * other.values[:count] * between
            for field, (functions, index) in where.items():
                if field != "completion":
                    table = np.array(functions.values)
                    mine = table[index[a * width : a * width + count]]
                    theirs = table[index[b * width : b * width + count]]
                    product = product * ((mine * theirs) @ weights)
            own[:count] += product
    return np.maximum(own, 0.0)


def _chances(vary: Varying) -> tuple[Floats, Floats]:
    """E[c] and E[c^2] of each offer's chance to deliver, shapes (offers,)."""
    z, weights = nodes()
    first, second = vary.delivers.copy(), vary.delivers**2
    for offer, ranged in enumerate(vary.ranged):
        if "completion" in ranged:
            chance = ranged["completion"].at(z)
            first[offer], second[offer] = float(chance @ weights), float(chance**2 @ weights)
    return first, second
