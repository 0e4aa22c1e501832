"""A media plan file of ours -> its scenario again, with what was changed in the file since it was written.

The file carries the whole scenario. Each of the standard's fields is compared with what it was when the file was
written; a change of name, dates, budget, currency or of a line's cost, impressions or engagements is taken over
into the scenario, and every change is named in a comment, taken over or not.
"""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field, ValidationError

from optimizer.language.errors import Problem, ScenarioError
from optimizer.language.paths import format_path
from optimizer.language.quantities import plain
from optimizer.language.records import Deferred
from optimizer.language.yaml_text import comment, mapping_lines
from optimizer.mediaplan.file import OWN, LineItem, MediaPlan, OwnLine, own_line, own_properties
from optimizer.mediaplan.theirs import offers_of
from optimizer.scenario.offer_names import numbered
from optimizer.scenario.scenario import Scenario
from optimizer.scenario.validation import validated

PRICES = ("cost_per_post", "cpm", "cost_per_creator")
RESULTS = {"metric_impressions": "impressions_per_post", "metric_engagements": "engagements_per_post"}
"""Metric of a line -> the offer's number that follows it."""
_SAME_THING = {
    "impressions_per_post": ("cpm",),
    "engagements_per_post": ("engagement_rate", "engagement_base"),
}
"""Number -> fields that would say it twice."""

Data = dict[str, Any]


class _Written(Deferred):
    """The campaign's fields when the file was written."""

    model_config = ConfigDict(strict=True, extra="ignore")

    name: str = ""
    start_date: str = ""
    end_date: str = ""
    budget_total: float = Field(default=-1.0, allow_inf_nan=False)
    budget_currency: str = ""


def own_scenario(media_plan: MediaPlan, own: Data, name: str) -> str:
    """The text of the scenario that a file of ours carries, with the changes made since.

    Raises:
        ScenarioError: where the scenario in the file is not one.
    """
    scenario = _carried(own["scenario"], name)
    data = scenario.model_dump(mode="json", exclude_unset=True)
    changes = [*_campaign_changes(media_plan, data), *_line_changes(media_plan, scenario, data, name)]
    head = [
        f'# The scenario that the media plan "{comment(media_plan.campaign.name)}" carries,',
        "# which optimize wrote as a file of the Media Plan Open Data Standard 3.0.",
    ]
    if changes:
        head += ["# The file was changed since:", *(f"#   - {comment(change)}" for change in changes)]
    head.append("# Plan it with: optimize FILE")
    if len(data["objective"]) == 1:
        goal = data["objective"][0]
        data["objective"] = goal["maximize"] if list(goal) == ["maximize"] else goal
    return "\n".join([*head, *mapping_lines(data)]) + "\n"


def _carried(raw: Any, name: str) -> Scenario:
    path = ("meta", "custom_properties", OWN, "scenario")
    scenario, found = validated(Scenario, raw)
    if scenario is None:
        hint = f"remove {format_path(path[:-1])} to read the line items alone"
        raise ScenarioError(
            Problem((*path, *p.path), p.message, p.hint or hint, file=name) for p in found.problems
        )
    return scenario


def _campaign_changes(media_plan: MediaPlan, data: Data) -> list[str]:
    """Take over name, dates, budget and currency where they differ from what was written; what was done."""
    campaign = media_plan.campaign
    own = own_properties(campaign.custom_properties) or {}
    try:
        written = _Written.model_validate(own.get("as_written") or {})
    except ValidationError:
        written = _Written()
    changes = []
    if campaign.name != written.name and campaign.name.strip():
        data["name"] = campaign.name
        changes.append(f"the campaign's name is {campaign.name}")
    start, end = str(campaign.start_date), str(campaign.end_date)
    if (start, end) != (written.start_date, written.end_date):
        data["dates"] = {"start": start, "end": end}
        changes.append(f"it runs from {start} to {end}")
    if campaign.budget_total != written.budget_total:
        data["budget"] = campaign.budget_total
        changes.append(f"its budget is {plain(campaign.budget_total)}")
    currency = campaign.budget_currency
    if currency is not None and currency != (written.budget_currency or data.get("currency", "USD")):
        changes.append(f"its currency is {currency}: not taken over, because no rate is known")
    return changes


def _line_changes(media_plan: MediaPlan, scenario: Scenario, data: Data, name: str) -> list[str]:
    """Take over what was changed in the lines; what was done, and what was not."""
    offers = dict(zip(_names(scenario), data["offers"], strict=True))
    changes: list[str] = []
    strangers: list[LineItem] = []
    changed: set[str] = set()
    seen: set[str] = set()
    for index, item in enumerate(media_plan.lineitems):
        own = own_line(item, index, name)
        if own is None or own.offer not in offers:
            strangers.append(item)
            continue
        if own.offer in changed:
            found = _changes(item, own, dict(offers[own.offer]), data)  # a copy: said, not done
            found = (
                [f"{item.name}: not taken over, another line of {own.offer} was changed too"] if found else []
            )
        else:
            found = _changes(item, own, offers[own.offer], data)
        changed |= {own.offer} if found else set()
        changes += found
        seen.add(own.offer)
    own_meta = own_properties(media_plan.meta.custom_properties) or {}
    booked = own_meta.get("booked")
    for offer_name in booked if isinstance(booked, list) else []:
        if isinstance(offer_name, str) and offer_name in offers and offer_name not in seen:
            changes.append(f"the line of {offer_name} was removed; the offer can still be booked here")
    if strangers:
        fees = data.get("fees") or {}
        added = offers_of(
            MediaPlan(
                meta=media_plan.meta,
                campaign=media_plan.campaign,
                lineitems=strangers,
                dictionary=media_plan.dictionary,
            ),
            name,
            currency=data.get("currency", "USD"),
            fees=fees.get("agency", 0.0) + fees.get("contingency", 0.0),
        )
        taken = list(offers)
        for offer in added:
            offer.data["name"] = numbered(offer.data["name"], taken)
            taken.append(offer.data["name"])
            offer.data.pop("measures", None)
            data["offers"].append(offer.data)
            changes.append(f"added: the line item {offer.data['name']}, as an offer")
    return changes


def _changes(item: LineItem, own: OwnLine, offer: Data, data: Data) -> list[str]:
    return [*_price_changes(item, own, offer, data), *_result_changes(item, own, offer)]


def _names(scenario: Scenario) -> list[str]:
    """Names of the offers in the plan."""
    from optimizer.program.terms import resolve

    return [terms.name for terms in resolve(scenario)[0]]


def _price_changes(item: LineItem, own: OwnLine, offer: Data, data: Data) -> list[str]:
    before, now = own.as_written.get("cost_total"), item.cost_total
    if before is None or now == before:
        return []
    what = f"{item.name}: cost_total {plain(before)} -> {plain(now)}"
    paid, paid_now = before - own.fixed_cost, now - own.fixed_cost
    prices = {field: offer[field] for field in PRICES if offer.get(field) is not None}
    foreign = offer.get("currency") not in (None, data.get("currency", "USD"))
    if (
        "cost_per_post" not in prices
        and "cpm" not in prices
        and "cost_per_post" in own.numbers
        and not foreign
    ):
        prices["cost_per_post"] = own.numbers["cost_per_post"]
    if paid <= 0 or paid_now < 0 or not any(prices.values()):
        return [f"{what}: not taken over, no price of the offer explains it"]
    factor = paid_now / paid
    if factor == 0:
        prices.pop("cpm", None)  # which cannot be 0
        offer.pop("cpm", None)
        prices.setdefault("cost_per_post", 0.0)
    offer |= {field: _scaled(value, factor) for field, value in prices.items()}
    return [f"{what}: {' and '.join(prices)} x {plain(float(f'{factor:.4g}'))}"]


def _result_changes(item: LineItem, own: OwnLine, offer: Data) -> list[str]:
    changes = []
    for field, before in own.as_written.items():
        if not field.startswith("metric_"):
            continue
        now = item.metrics.get(field.removeprefix("metric_"))
        if now is None or now == before:
            continue
        what = f"{item.name}: {field} {plain(before)} -> {plain(now)}"
        number = RESULTS.get(field)
        known = None if number is None else offer.get(number, own.numbers.get(number))
        if number is None or not known or before <= 0 or now <= 0:
            changes.append(f"{what}: not taken over")
            continue
        if number == "impressions_per_post" and "cpm" in offer:  # the price stays, so the cpm goes
            offer.setdefault("cost_per_post", own.numbers.get("cost_per_post", 0.0))
        for other in _SAME_THING[number]:
            offer.pop(other, None)
        factor = now / before
        offer[number] = _scaled(known, factor)
        changes.append(f"{what}: {number} x {plain(float(f'{factor:.4g}'))}")
    return changes


def _scaled(value: Any, factor: float) -> Any:
    return [part * factor for part in value] if isinstance(value, list) else value * factor
