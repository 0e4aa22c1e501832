"""Independent recomputation of a plan, in decimal arithmetic, from offers and limits: no numpy, no model, no solver.

Nothing here is shared with `packages`, `limits` or `model`, on purpose: a mistake there must not hide itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import partial

from optimizer.language.measures import MEASURES
from optimizer.program.terms import Terms
from optimizer.scenario.fields import Bound
from optimizer.scenario.scenario import Limit, Scenario
from optimizer.solve.verify_reach import AudiencePart, Fitted, audience_parts, reached, reached_alone

WRITTEN_DIGITS = 15
"""A number of more significant digits was not written by a person but worked out in floats, such as a derived price."""
PRINTED_DIGITS = 13
"""Totals are printed with so many significant digits; a bound of no more than that may be such a total, typed back."""
WHOLE_TOLERANCE = Decimal("1e-12")
"""Relative; for totals of numbers that were worked out in floats. Where all were written down there is none."""
CONTINUOUS_TOLERANCE = Decimal("1e-6")
"""Relative, for fractional plans, whose every number is rounded by the solver."""

_FACTOR = {"cpm": ("impressions", Decimal(1000)), "cpe": ("engagements", Decimal(1)),
           "cpc": ("clicks", Decimal(1)), "cpa": ("conversions", Decimal(1))}  # fmt: skip


@dataclass(frozen=True)
class Booking:
    """Creators booked on an offer (by index) with a number of posts each."""

    offer: int
    posts: int
    creators: float


@dataclass(frozen=True)
class Violation:
    """A limit that a plan breaks.

    `limit` counts the rules in order (budget, effort_hours, limits spelled out by `per`); -1 for creators per offer.
    `amount` is by how much, in the unit of the linear row (money for a limit on cpm).
    """

    limit: int
    text: str
    amount: float
    offer: int | None = None
    """Whose room is not kept, where it is not a limit."""
    too_few: bool = False
    """Whether fewer are booked there than must be."""


@dataclass(frozen=True)
class Recount:
    """Exact totals of a plan, and every limit it breaks."""

    totals: Mapping[str, Decimal | None]
    reach: Decimal | None
    violations: tuple[Violation, ...]


def verify(
    scenario: Scenario, terms: Sequence[Terms], bookings: Sequence[Booking], fitted: Fitted | None = None
) -> Recount:
    """Recount a plan.

    Args:
        scenario: limits and fees.
        terms: the resolved offers.
        bookings: the plan.
        fitted: what the fit of the reach model says; None where there is no audience.

    Returns:
        Totals and violations; a violation is anything beyond the tolerances above.
    """
    with localcontext() as context:
        context.prec = 40
        counter = Counter(scenario, terms, bookings, fitted)
        violations = counter.violations()
        names = [*MEASURES, *scenario.measures]
        everyone = range(len(terms))
        totals = {name: counter.total(name, everyone) for name in names}
        return Recount(totals, counter.reach(everyone), violations)


def violations(
    scenario: Scenario, terms: Sequence[Terms], bookings: Sequence[Booking], fitted: Fitted | None = None
) -> tuple[Violation, ...]:
    """What of `verify` a search needs: every limit that a plan breaks, without its totals."""
    with localcontext() as context:
        context.prec = 40
        return Counter(scenario, terms, bookings, fitted).violations()


def _decimal(number: float) -> Decimal:
    return Decimal(repr(float(number)))


def _digits(number: Decimal) -> int:
    """Significant digits."""
    return len(number.normalize().as_tuple().digits)


def _printed(number: Decimal) -> Decimal:
    """A number as it is printed."""
    with localcontext() as context:
        context.prec = PRINTED_DIGITS
        return +number


def _plain(number: Decimal) -> str:
    return f"{number:f}".rstrip("0").rstrip(".") if "." in f"{number:f}" else f"{number:f}"


class Counter:
    """Counts bookings in decimals."""

    def __init__(
        self, scenario: Scenario, terms: Sequence[Terms], bookings: Sequence[Booking], fitted: Fitted | None
    ) -> None:
        self.scenario = scenario
        self.terms = terms
        self.bookings = [b for b in bookings if b.creators]
        self.fitted = fitted
        self._alone: dict[tuple[int, int, str], Decimal | None] = {}
        self.worked_out = False  # whether a number was met that was worked out in floats
        self.tolerance = WHOLE_TOLERANCE if scenario.solver.whole_creators else CONTINUOUS_TOLERANCE

    def number(self, offer: int, field: str) -> Decimal | None:
        """A number of an offer as it was written; None where it is not known."""
        value = self.terms[offer].get(field)
        if value is None:
            return None
        number = _decimal(value)
        self.worked_out = self.worked_out or _digits(number) > WRITTEN_DIGITS
        return number

    def one(self, measure: str, offer: int, posts: int) -> Decimal | None:
        """Value of a measure for one creator with that many posts; None where not known."""
        get = self.number
        k = Decimal(posts)
        if measure == "creators":
            return Decimal(1)
        if measure == "posts":
            return k
        if measure in self.scenario.measures:
            own = self.terms[offer].measures.get(measure)
            if own is None:
                return None
            return _decimal(own.estimate.typical) * (
                k if self.scenario.measures[measure].per == "post" else 1
            )
        if measure == "hours":
            once, each = get(offer, "hours_per_creator"), get(offer, "hours_per_post")
            return None if once is None or each is None else once + each * k
        if measure == "impressions":
            shown = get(offer, "impressions_per_post")
            return None if shown is None else get(offer, "completion") * k * shown  # type: ignore[operator]
        if measure in ("clicks", "conversions", "revenue"):
            value = self.one("impressions", offer, posts)
            for field in ("click_rate", "conversion_rate", "value_per_conversion"):
                rate = get(offer, field)
                value = None if value is None or rate is None else value * rate
                if (measure, field) in (("clicks", "click_rate"), ("conversions", "conversion_rate")):
                    break
            return value
        if measure == "cost":
            return self._cost(offer, posts)
        if measure == "cost_of_goods":
            sold, each = self.one("conversions", offer, posts), get(offer, "cost_per_conversion")
            return None if sold is None or each is None else sold * each
        if measure == "profit":
            revenue, cost = self.one("revenue", offer, posts), self._cost(offer, posts)
            goods = self.one("cost_of_goods", offer, posts)
            return None if revenue is None or goods is None or cost is None else revenue - goods - cost
        if measure in ("engagements", "likes", "comments", "shares", "saves"):
            each, weight = get(offer, "engagements_per_post"), self._worth(offer, measure)
            if each is None or weight is None:
                return None
            keep = 1 - (get(offer, "repeat_decay") or Decimal(0))
            total = sum((each * (keep**j if j else 1) for j in range(posts)), Decimal(0))
            return self._real(offer) * weight * total
        if measure in ("gross_reach", "reach"):
            people, rate = get(offer, "reachable"), get(offer, "reach_rate")
            if people is None or rate is None:
                return None
            return self._real(offer) * people * (1 - (1 - rate) ** posts)
        raise AssertionError(measure)

    def _worth(self, offer: int, measure: str) -> Decimal | None:
        """How much one average engagement counts: weighted, or as the share of it that is of one kind."""
        if measure == "engagements":
            weight = self.terms[offer].weight
            return None if weight is None else _decimal(weight)
        prefix = "engagement_mix."
        mix = {f.removeprefix(prefix): f for f in self.terms[offer].numbers if f.startswith(prefix)}
        shares = {kind: self.number(offer, field) or Decimal(0) for kind, field in mix.items()}
        whole = sum(shares.values(), Decimal(0))
        if not whole:
            return None
        self.worked_out = self.worked_out or whole != 1  # scaled to a whole, which may be no finite decimal
        mine = shares.get(measure, Decimal(0))
        if measure == "likes":  # a reaction is a like of another face
            mine += shares.get("reactions", Decimal(0))
        return mine / whole

    def _real(self, offer: int) -> Decimal:
        result = Decimal(1)
        for field in ("completion", "authentic", "on_target"):
            share = self.number(offer, field)
            assert share is not None
            result *= share
        return result

    def _cost(self, offer: int, posts: int) -> Decimal | None:
        once, each = self.number(offer, "cost_per_creator"), self.number(offer, "cost_per_post")
        if once is None or each is None:
            return None
        discount = Decimal(0)
        for threshold, share in self.terms[offer].bundle_discount.items():
            if posts >= threshold:
                discount = _decimal(share)
        fees = self.scenario.fees
        cost = (once + each * posts * (1 - discount)) * (
            1 + _decimal(fees.agency) + _decimal(fees.contingency)
        )
        commission = self.number(offer, "commission")
        if commission:
            revenue = self.one("revenue", offer, posts)
            if revenue is None:
                return None
            cost += commission * revenue
        return cost

    def setup(self, measure: str, offer: int) -> Decimal:
        """What is paid or worked once where an offer is used."""
        field = {"cost": "setup_cost", "hours": "setup_hours", "profit": "setup_cost"}.get(measure)
        value = self.number(offer, field) if field else None
        return (value or Decimal(0)) * (-1 if measure == "profit" else 1)

    def total(self, measure: str, offers: Iterable[int]) -> Decimal | None:
        """A measure over the bookings of some offers; None where not known."""
        chosen = set(offers)
        result = Decimal(0)
        for b in self.bookings:
            if b.offer in chosen:
                value = self.one(measure, b.offer, b.posts)
                if value is None:
                    return None
                result += value * _decimal(b.creators)
        for offer in {b.offer for b in self.bookings} & chosen:
            result += self.setup(measure, offer)
        return result

    def reach(self, offers: Iterable[int], segments: Sequence[str] = ()) -> Decimal | None:
        """People of some segments of the audience reached at least once; None where not known."""
        if self.scenario.audience is None or self.fitted is None:
            return None
        parts, chosen = audience_parts(self.scenario, self.fitted, segments), set(offers)
        mine = [b for b in self.bookings if b.offer in chosen]
        alone = [[self.alone(b.offer, b.posts, part) for part in parts] for b in mine]
        who = [(self.terms[b.offer].person, _decimal(b.creators)) for b in mine]
        return reached(parts, [(*one, people) for one, people in zip(who, alone, strict=True)])

    def alone(self, offer: int, posts: int, part: AudiencePart) -> Decimal | None:
        """People of a part of the audience whom one creator alone reaches."""
        key = (offer, posts, part.field(offer))
        if key not in self._alone:
            self._alone[key] = reached_alone(partial(self.number, offer), posts, key[2])
        people = self._alone[key]
        return None if people is None else part.share(offer) * people

    # --- what is allowed -------------------------------------------------------------------------------

    def violations(self) -> tuple[Violation, ...]:
        """Everything that is not kept."""
        return (*self.room_violations(), *self.limit_violations())

    def room_violations(self) -> Iterable[Violation]:
        """Bookings that the offers have no room for."""
        creators = {b.offer: Decimal(0) for b in self.bookings}
        for b in self.bookings:
            creators[b.offer] += _decimal(b.creators)
        for index, terms in enumerate(self.terms):
            booked = creators.get(index, Decimal(0))
            slack = self.tolerance * max(Decimal(1), booked)
            if self.scenario.solver.whole_creators:
                slack = Decimal(0)
            if booked < _decimal(terms.creators_min) - slack:
                text = f"{_plain(booked)} creators of {terms.name}, but at least {_plain(_decimal(terms.creators_min))}"
                yield Violation(-1, text, float("nan"), index, True)
            if terms.creators_max is not None and booked > _decimal(terms.creators_max) + slack:
                text = f"{_plain(booked)} creators of {terms.name}, but at most {_plain(_decimal(terms.creators_max))}"
                yield Violation(-1, text, float("nan"), index)
        for b in self.bookings:
            name = self.terms[b.offer].name
            if b.creators < 0 or b.posts not in self.terms[b.offer].posts:
                yield Violation(
                    -1, f"{name}: {_plain(_decimal(b.creators))} creators with {b.posts} posts", float("nan")
                )
            if self.scenario.solver.whole_creators and b.creators != int(b.creators):
                yield Violation(
                    -1,
                    f"{name}: {_plain(_decimal(b.creators))} is not a whole number of creators",
                    float("nan"),
                )

    def limit_violations(self) -> Iterable[Violation]:
        """Limits that are broken; those with a confidence are for `verify_sure`."""
        everyone = list(range(len(self.terms)))
        number = 0
        for name, measure in (("budget", "cost"), ("effort_hours", "hours")):
            ceiling = getattr(self.scenario, name)
            if ceiling is not None:
                if getattr(self.scenario, f"{name}_confidence") is None:
                    yield from self._check(Limit(measure=measure, max=ceiling), everyone, number, name)
                number += 1
        for limit in self.scenario.limits:
            chosen = [i for i in everyone if self._matches(limit, i)]
            if limit.per == "creator":
                for b in self.bookings:
                    if self._matches(limit, b.offer):
                        yield from self._check_creator(limit, b, number)
                number += 1
            elif limit.per is None:
                if limit.confidence is None:
                    yield from self._check(limit, chosen, number, limit.measure)
                number += 1
            else:
                values = dict.fromkeys(v for t in self.terms if (v := t.labels(limit.per)) is not None)
                for value in values:
                    part = [i for i in chosen if self.terms[i].labels(limit.per) == value]
                    if part:
                        if limit.confidence is None:
                            yield from self._check(limit, part, number, f"{limit.measure} of {value}")
                        number += 1

    def _matches(self, limit: Limit, offer: int) -> bool:
        for key, allowed in limit.where.items():
            if not any(self.terms[offer].labels(key) == value for value in allowed):
                return False
        return True

    def _side(self, bound: Bound) -> Decimal | None:
        number = _decimal(bound.number)
        if bound.of is None:
            return number
        if bound.of == "budget":
            return number * _decimal(self.scenario.budget or 0)
        if bound.of == "effort_hours":
            return number * _decimal(self.scenario.effort_hours or 0)
        if bound.of == "audience":
            return number * _decimal(self.scenario.audience.people if self.scenario.audience else 0)
        total = self.total(bound.of, range(len(self.terms)))
        return None if total is None else number * total

    def _check(self, limit: Limit, offers: Sequence[int], number: int, text: str) -> Iterable[Violation]:
        if limit.or_none and not {b.offer for b in self.bookings} & set(offers):
            limit = limit.model_copy(update={"min": None})  # at least so much, or none: it is none
        if limit.measure in _FACTOR:
            bottom_name, factor = _FACTOR[limit.measure]
            top, bottom = self.total("cost", offers), self.total(bottom_name, offers)
            value = None if top is None else top * factor
        else:
            bottom = Decimal(1)
            reach = limit.measure == "reach"
            value = self.reach(offers, limit.segments) if reach else self.total(limit.measure, offers)
        yield from self._compare(limit, value, bottom, number, text)

    def _check_creator(self, limit: Limit, booking: Booking, number: int) -> Iterable[Violation]:
        if limit.measure in _FACTOR:
            bottom_name, factor = _FACTOR[limit.measure]
            cost = self.one("cost", booking.offer, booking.posts)
            value = None if cost is None else cost * factor
            bottom = self.one(bottom_name, booking.offer, booking.posts)
        else:
            value, bottom = self.one(limit.measure, booking.offer, booking.posts), Decimal(1)
            if limit.segments and self.fitted is not None:
                parts = audience_parts(self.scenario, self.fitted, limit.segments)
                found = [self.alone(booking.offer, booking.posts, part) for part in parts]
                value = None if value is None else sum((f for f in found if f is not None), Decimal(0))
        name = self.terms[booking.offer].name
        yield from self._compare(limit, value, bottom, number, f"{limit.measure} of one creator of {name}")

    def _compare(
        self, limit: Limit, value: Decimal | None, bottom: Decimal | None, number: int, text: str
    ) -> Iterable[Violation]:
        if value is None or bottom is None:
            yield Violation(number, f"{text} is not known", float("nan"))
            return
        for bound, sign in ((limit.min, 1), (limit.max, -1)):
            if bound is None:
                continue
            if (side := self._side(bound)) is None:
                yield Violation(number, f"{text}: its bound is not known", float("nan"))
                continue
            allowed = side * bottom
            short = sign * (allowed - value)
            tolerance = self.tolerance * max(Decimal(1), abs(value), abs(allowed))
            if self._exact(limit, bound):
                typed = _digits(allowed) <= PRINTED_DIGITS
                tolerance = abs(value - _printed(value)) if typed else Decimal(0)
            if short > tolerance:
                yield Violation(
                    number,
                    f"{text} breaks its limit by {_plain(_decimal(float(f'{short:.6g}')))}",
                    float(short),
                )

    def _exact(self, limit: Limit, bound: Bound) -> bool:
        """Whether all numbers behind a check were written down, so that it needs no tolerance."""
        if not self.scenario.solver.whole_creators or self.worked_out or limit.measure == "reach":
            return False
        return _digits(_decimal(bound.number)) <= WRITTEN_DIGITS
