"""One offer with one number changed: what is written into the offer so that just that number is another, and what
follows from it.

A number may stand behind another: impressions may follow from a price, reach from impressions. So a change is put
where the number comes from, and what it must not move is written out as it is.

    changed                  where it comes from                 what is written
    fees, cost_per_post, cpm both prices, or one                 both by the same factor: impressions stay
    reach_rate               impressions_per_post / reachable    impressions_per_post by the same factor
    impressions_per_post     reachable x reach_rate              reach_rate by the same factor
    impressions_per_post     1000 x cost_per_post / cpm          impressions_per_post, and no cpm
    engagement_rate          engagements_per_post is given       engagements_per_post by the same factor
    engagements_per_post     engagement_rate x people            engagement_rate by the same factor
    followers                of the tier                         also what benchmarks and borders say by size, as it is
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from optimizer.language.quantities import Estimate, plain
from optimizer.program.terms import Terms
from optimizer.scenario.fields import MONEY_FIELDS, NUMBER_FIELDS, SHARE_FIELDS
from optimizer.scenario.offer import Offer
from optimizer.scenario.stress import PLAIN_FIELDS, Change

POSITIVE = ("followers", "reachable", "impressions_per_post", "cpm")
"""Numbers of an offer that are above 0."""
NOTHING_WITHOUT = (
    "cost_per_creator",
    "setup_cost",
    "setup_hours",
    "commission",
    "cost_per_conversion",
    "repeat_decay",
)
"""Numbers of an offer that mean 0 where they are left out."""
Written = dict[str, Any]
"""Field of an offer -> its new value as in a file; None takes it out."""


class CannotMoveError(Exception):
    """Why a change cannot be made of an offer that has the number; `hint` says what to write instead."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.message, self.hint = message, hint
        super().__init__(message)


def exact(value: float) -> Decimal:
    """A float as the decimal that a person would write."""
    return Decimal(repr(float(value)))


def new_value(change: Change, old: float, *, share: bool, rate: float = 1.0) -> tuple[float, bool]:
    """The number after a change, and whether it was cut at 0 or 100 %.

    Args:
        change: what is done.
        old: the number before.
        share: whether it is a share, between 0 and 1.
        rate: what an amount of the change is multiplied by, where the number is in another currency.
    """
    if change.kind == "times":
        new = exact(old) * change.number
    elif change.kind == "to":
        new = change.number if rate == 1.0 else change.number * exact(rate)
    else:
        new = exact(old) + (change.number if rate == 1.0 else change.number * exact(rate))
    if share:
        cut = min(max(new, Decimal(0)), Decimal(1))
        return float(cut), cut != new
    return float(new), False


def resized(estimate: Estimate, new: float, change: Change | None = None, *, share: bool = False) -> Estimate:
    """A range around a new typical value: low and high by the same factor, a share not above 100 %."""
    if not estimate.is_range:
        return Estimate(new, new, new)
    if not estimate.typical:
        by = exact(new) - exact(estimate.typical)
        low, high = (float(exact(end) + by) for end in (estimate.low, estimate.high))
    else:
        factor = exact(new) / exact(estimate.typical)
        if (
            change is not None
            and change.kind == "times"
            and float(exact(estimate.typical) * change.number) == new
        ):
            factor = change.number
        low, high = (float(exact(end) * factor) for end in (estimate.low, estimate.high))
    if share:
        low, high = min(low, 1.0), min(high, 1.0)
    return Estimate(min(low, new), new, max(high, new))


class Moved:
    """One change to one offer."""

    def __init__(self, offer: Offer, terms: Terms, change: Change, rate: float) -> None:
        """Args: the offer as written and as resolved, what is done, and units of its currency per scenario's."""
        self.offer, self.terms, self.change, self.rate = offer, terms, change, rate
        self.cut: float | None = None
        """Where a share was cut: 0 or 1."""
        self.missing = False
        """Whether the offer does not have the number."""

    def written(self, field: str) -> Written:
        """What to write into the offer; empty where nothing changes.

        Raises:
            CannotMoveError: where it cannot be done.
        """
        if field in ("fees", "cost_per_post", "cpm"):
            return self._prices("cpm" if field == "cpm" else "cost_per_post")
        special = {
            "reach_rate": self._reach_rate,
            "impressions_per_post": self._impressions,
            "engagement_rate": self._engagement_rate,
            "engagements_per_post": self._engagements,
            "followers": self._followers,
            "on_target": self._on_target,
        }
        if field in special:
            return special[field]()
        if field not in NUMBER_FIELDS and field not in PLAIN_FIELDS:
            return self._own_measure(field)
        return self._alone(field)

    # --- one number -------------------------------------------------------------------------------------------

    def _now(self, field: str) -> Estimate | None:
        """The number in the offer's own currency: as written, else as the plan has it."""
        given = getattr(self.offer, field)
        if isinstance(given, Estimate):
            return given
        sourced = self.terms.numbers.get(field)
        if sourced is None:
            return None
        return self._in_own_money(field, sourced.estimate)

    def _in_own_money(self, field: str, estimate: Estimate) -> Estimate:
        money = field in MONEY_FIELDS and self.rate != 1.0
        return Estimate(*(float(exact(n) * exact(self.rate)) for n in estimate)) if money else estimate

    def _new(self, field: str, old: float) -> float:
        """The number after the change.

        Raises:
            CannotMoveError: where the change is of the wrong kind for it, or leaves no such number.
        """
        share = field in SHARE_FIELDS
        rate = self.rate if field in MONEY_FIELDS else 1.0
        new, cut = new_value(self.change, old, share=share, rate=rate)
        if cut and new != old:
            self.cut = new
        if new < 0:
            raise CannotMoveError(
                f"{field} of {self.terms.name} is {_said(old)}, so {_said(new)} would be left"
            )
        if new == 0 and field in POSITIVE:
            raise CannotMoveError(f"{field} of {self.terms.name} would be 0", "it must stay above 0")
        return new

    def _alone(self, field: str) -> Written:
        now = self._now(field)
        if now is None:
            zero = field in NOTHING_WITHOUT and self.change.kind != "times"
            if not zero and self.change.kind != "to":
                self.missing = True
                return {}
            now = Estimate(0.0, 0.0, 0.0)
        new = self._new(field, now.typical)
        if new == now.typical:
            return {}
        if field in PLAIN_FIELDS:
            return {field: new}
        return {field: resized(now, new, self.change, share=field in SHARE_FIELDS).plain()}

    def _own_measure(self, name: str) -> Written:
        sourced = self.terms.measures.get(name)
        if sourced is None and self.change.kind != "to":
            self.missing = True
            return {}
        now = Estimate(0.0, 0.0, 0.0) if sourced is None else sourced.estimate
        new, _ = new_value(self.change, now.typical, share=False)
        if new == now.typical:
            return {}
        others = {other: value.plain() for other, value in self.offer.measures.items()}
        return {"measures": {**others, name: resized(now, new, self.change).plain()}}

    def _on_target(self) -> Written:
        """on_target, and with it the shares of the segments that add up to it."""
        written = self._alone("on_target")
        old = self.terms.get("on_target")
        if not written or not self.offer.segments or not old:
            return written
        factor = self._factor(old, self._new("on_target", old))
        shares = {name: float(exact(share) * factor) for name, share in self.offer.segments.items()}
        return ({} if self.offer.on_target is None else written) | {"segments": shares}

    # --- numbers that stand behind others ---------------------------------------------------------------------

    def _derived(self, field: str, *from_fields: str) -> bool:
        """Whether a number follows from just these."""
        sourced = self.terms.numbers.get(field)
        return sourced is not None and sourced.origin == "derived" and sourced.follows_from == from_fields

    def _scaled(self, field: str, factor: Decimal) -> Any:
        """Another number of the offer by a factor, as written."""
        now = self._now(field)
        assert now is not None
        return Estimate(*(float(exact(n) * factor) for n in now)).plain()

    def _pinned(self, field: str) -> Any:
        """A number as the plan has it, as written."""
        return self._in_own_money(field, self.terms.numbers[field].estimate).plain()

    def _factor(self, old: float, new: float) -> Decimal:
        if self.change.kind == "times" and float(exact(old) * self.change.number) == new:
            return self.change.number
        return exact(new) / exact(old)

    def _prices(self, field: str) -> Written:
        """cost_per_post or cpm, and with it the other price, so that impressions stay."""
        now = self.offer.cpm if field == "cpm" else self._now("cost_per_post")
        if now is None:
            if field == "cpm" or self.change.kind != "to":
                self.missing = True
                return {}
            return {field: self._new(field, 0.0)}
        new = self._new(field, now.typical)
        if new == now.typical:
            return {}
        by_post = (
            self._now("cost_per_post") is not None and self.terms.numbers["cost_per_post"].origin != "derived"
        )
        prices = [
            f for f, is_there in (("cost_per_post", by_post), ("cpm", self.offer.cpm is not None)) if is_there
        ]
        if new > 0 and (self.change.kind == "times" or field == "cpm"):
            factor = self._factor(now.typical, new)
            return {
                price: resized(now, new, self.change).plain()
                if price == field
                else self._scaled(price, factor)
                for price in prices
            }
        written: Written = {"cost_per_post": resized(now, new, self.change).plain()}
        if self.offer.cpm is not None:
            written["cpm"] = None
            if self._derived("impressions_per_post", "cost_per_post", "cpm"):
                written["impressions_per_post"] = self._pinned("impressions_per_post")
        return written

    def _reach_rate(self) -> Written:
        if not self._derived("reach_rate", "impressions_per_post", "reachable"):
            return self._alone("reach_rate")
        old = self.terms.numbers["reach_rate"].estimate.typical
        new = self._new("reach_rate", old)
        if new == old or not old:
            return {}
        written = self._written_impressions(self._factor(old, new))
        shown, people = self.terms.get("impressions_per_post"), self.terms.get("reachable")
        if shown is not None and people is not None and shown > people:
            written["reach_rate"] = new  # it stood at 100 %, with more impressions than people
        return written

    def _written_impressions(self, factor: Decimal) -> Written:
        """Impressions by a factor; where they follow from two prices, that for a post stays."""
        written: Written = {"impressions_per_post": self._scaled("impressions_per_post", factor)}
        if self._derived("impressions_per_post", "cost_per_post", "cpm"):
            written["cpm"] = None
        return written

    def _impressions(self) -> Written:
        now = self._now("impressions_per_post")
        if now is None:
            return self._alone("impressions_per_post")
        new = self._new("impressions_per_post", now.typical)
        if new == now.typical:
            return {}
        factor = self._factor(now.typical, new)
        if not self._derived("impressions_per_post", "reachable", "reach_rate"):
            written = self._written_impressions(factor)
            return written | {"impressions_per_post": resized(now, new, self.change).plain()}
        rate = self._now("reach_rate")
        assert rate is not None
        share = float(exact(rate.typical) * factor)
        written = {"reach_rate": resized(rate, min(1.0, share), share=True).plain()}
        if share > 1 or self.change.kind != "times":
            written["impressions_per_post"] = new
        return written

    def _engagement_rate(self) -> Written:
        if self.offer.engagements_per_post is not None:
            if self.change.kind != "times":
                raise CannotMoveError(
                    f"{self.terms.name} gives engagements_per_post and no engagement_rate",
                    "write a factor, e.g. engagement_rate x0.7, or change engagements_per_post",
                )
            return self._alone("engagements_per_post")
        return self._with_base(self._alone("engagement_rate"))

    def _with_base(self, written: Written) -> Written:
        if "engagement_rate" in written and written["engagement_rate"] is not None:
            written["engagement_base"] = self.terms.engagement_base
        return written

    def _engagements(self) -> Written:
        rate = self._now("engagement_rate")
        if self.offer.engagements_per_post is not None or rate is None:
            return self._alone("engagements_per_post")
        now = self._now("engagements_per_post")
        if now is None:
            return self._alone("engagements_per_post")
        new = self._new("engagements_per_post", now.typical)
        if new == now.typical:
            return {}
        factor = self._factor(now.typical, new) if now.typical else Decimal(0)
        share = float(exact(rate.typical) * factor)
        if self.change.kind == "times" and share <= 1:
            return self._with_base({"engagement_rate": resized(rate, share, self.change, share=True).plain()})
        estimate = resized(rate, new) if rate.typical else Estimate(new, new, new)
        return {"engagements_per_post": estimate.plain(), "engagement_rate": None, "engagement_base": None}

    def _followers(self) -> Written:
        """Followers; what the benchmarks and the borders say of the size before is written out."""
        written = self._alone("followers")
        if not written:
            return {}
        for field, sourced in self.terms.numbers.items():
            if sourced.origin not in ("benchmark", "assumption") or field in written:
                continue
            if field in NUMBER_FIELDS:
                written[field] = self._pinned(field)
            elif field in PLAIN_FIELDS:
                written[field] = sourced.estimate.typical
            elif field.startswith("engagement_mix."):
                written.setdefault("engagement_mix", {})[field.removeprefix("engagement_mix.")] = (
                    sourced.estimate.typical
                )
        if self.offer.tier is None and self.terms.tier is not None:
            written |= {"tier": self.terms.tier, "name": self.terms.name}
        return self._with_base(written)


def _said(value: float) -> str:
    return plain(float(f"{value:.6g}"))
