"""From one plan to another: how much of the change comes from which inputs."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BridgeGroup(_Frozen):
    """Inputs that are switched together."""

    key: str
    """budget, effort_hours, prices, response, hours, limits, offers, objective or solver."""
    label: str
    """In words: "prices"."""
    changes: list[str]
    """What differs, one line each: "budget: 60,000 -> 80,000 USD"."""


class MeasureBridge(_Frozen):
    """One measure from base to other; the parts add up exactly to the change."""

    measure: str
    """The objective's, then cost, hours and cpe."""
    unit: str
    start: float
    """In the base plan."""
    end: float
    """In the other plan."""
    change: float
    """end - start."""
    parts: list[float]
    """One for each group, in the order of `Bridge.groups`. As decimals (`Decimal(repr(part))`) they add up to `change`
    to the last digit."""
    orders: int
    """Orders of switching that the average is over."""
    of_orders: int
    """All orders there are; more than `orders` where some pass through a combination that has no plan."""


class Bridge(_Frozen):
    """What moved between two scenarios, and why."""

    base: str
    other: str
    groups: list[BridgeGroup]
    """Those that differ, in a fixed order; empty for equal scenarios."""
    measures: list[MeasureBridge]
    """The objective first. Measures that are not known in every plan needed are left out."""
    solved: int
    """Plans solved for it."""
    without_plan: list[str]
    """Combinations that have no plan, in words."""
    message: str
    """Why there is no bridge, "" where there is one."""
