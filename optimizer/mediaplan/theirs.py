"""A media plan file from elsewhere -> a scenario whose offers are its line items, with gaps left as comments.

A line item says what all of it costs and brings, not what one creator does. So each becomes an offer that is booked
as a whole or not at all, unless the file says how many creators and posts it stands for.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from optimizer.language.measures import RESERVED
from optimizer.language.names import TIERS
from optimizer.language.quantities import plain
from optimizer.language.yaml_text import comment, list_lines, mapping_lines, scalar
from optimizer.mediaplan.file import Campaign, LineItem, MediaPlan, own_line
from optimizer.scenario.offer import FILTER_KEYS
from optimizer.scenario.offer_names import numbered

CREATORS, HOURS, REVENUE = "Creators", "Coordination hours", "Revenue"
GROSS_REACH = "Reach of each creator, added up with duplicates"
"""Captions of custom metrics that we write and read."""
OURS = (CREATORS, HOURS, REVENUE, GROSS_REACH)
FIELDS = {
    "engagements": "engagements_per_post",
    "conversions": "conversion_rate",
    "clicks": "click_rate",
    "impressions": "impressions_per_post",
}
"""Measures an offer can know from a line item, best objective first -> the field that is missing without it."""
_NOT_COUNTS = re.compile(r"units|reach|impression_share|audience_size|max_.*|custom[0-9]+")
"""Metrics that do not add up over line items, or that no caption explains."""
_INFLUENCER = re.compile(r"influencer|creator|koc|kol|ugc|ambassador", re.IGNORECASE)

Data = dict[str, Any]


@dataclass
class OfferText:
    """An offer with what has to be said about it."""

    data: Data
    remarks: list[str]
    """Comments in front of it."""
    knows: set[str]
    """Measures it has figures for."""
    ours: bool
    """Whether the line item says for how many creators and posts it stands, as those do that we write."""
    missing: list[str] = field(default_factory=list)
    """Lines to fill in."""


def foreign_scenario(media_plan: MediaPlan, name: str) -> str:
    """The text of a scenario whose offers are the line items of a file."""
    campaign = media_plan.campaign
    currency, doubt = _currency(media_plan)
    rates = _rates(media_plan.lineitems, currency)
    offers = offers_of(media_plan, name, currency=currency, rates=rates)
    objective, remark = _objective(campaign, offers)
    _leave_gaps(offers, objective)
    lines = [
        f'# From the media plan "{comment(campaign.name)}"'
        f" (Media Plan Open Data Standard {media_plan.meta.standard})"
        + (
            f", made by {comment(media_plan.meta.created_by_name)}."
            if media_plan.meta.created_by_name
            else "."
        ),
        *_explained(offers),
        "# Lines that begin with # and hold ... are yours to fill in. Then: optimize check FILE",
        *mapping_lines({"name": campaign.name} if campaign.name.strip() else {}),
        f"currency: {currency}{doubt}",
    ]
    if rates:
        lines += mapping_lines({"exchange_rates": {code: _tidy(1 / rate) for code, rate in rates.items()}})
    if campaign.budget_total > 0:
        lines += mapping_lines({"budget": campaign.budget_total})
    else:
        lines.append("# budget: ...   # 0 in the file")
    known = all("hours_per_creator" in offer.data for offer in offers)
    hint = "the file has hours, but no ceiling on them" if known else "needs hours_per_creator of every offer"
    lines.append(f"# effort_hours: ...   # {hint}")
    lines += mapping_lines(
        {"dates": {"start": str(campaign.start_date), "end": str(campaign.end_date)}, "objective": objective}
    )
    lines[-1] += f"   # {comment(remark)}" if remark else ""
    sizes = [a for a in campaign.target_audiences if a.population_size]
    for audience in sizes:
        lines.append(
            f"# audience: {{people: {audience.population_size}}}"
            f"   # {comment(audience.name)}; for reach, which needs followers and reach_rate of every offer"
        )
    own = sorted({measure for offer in offers for measure in offer.data.get("measures", {})})
    if own:
        lines += mapping_lines({"measures": {measure: {"per": "creator"} for measure in own}})
    skipped = [item.name for item in media_plan.lineitems if item.is_aggregate]
    if skipped:
        lines.append(f"# left out, because they sum up others: {comment(', '.join(skipped))}")
    lines.append("offers:")
    for position, offer in enumerate(offers):
        lines += [""] if position else []
        lines += [f"  # {comment(remark)}" for remark in offer.remarks]
        lines += list_lines([offer.data], 2)
        lines += [f"    # {comment(gap)}" for gap in offer.missing]
    return "\n".join(lines) + "\n"


def _explained(offers: list[OfferText]) -> list[str]:
    """What the offers are, for the head of the file."""
    whole = [
        "# A line item says what all of it costs and brings, so each is an offer that is booked as a whole or not at",
        "# all. Where it stands for several creators, write creators: {max: ...} and the price of one post.",
    ]
    ours = ["# Prices and results are those of one post, with fees in the prices."]
    return ours if all(offer.ours for offer in offers) else whole


def offers_of(
    media_plan: MediaPlan,
    name: str,
    *,
    currency: str,
    rates: dict[str, float] | None = None,
    fees: float = 0.0,
) -> list[OfferText]:
    """The line items as offers, aggregates left out.

    Args:
        media_plan: the file.
        name: what messages call the file.
        currency: of the scenario.
        rates: currencies with one rate in the whole file -> units of `currency` per unit; prices stay in them.
        fees: share that the scenario adds on top of what creators are paid, and that the costs include already.
    """
    captions = {
        key: c.caption for key, c in media_plan.dictionary.custom_metrics.items() if c.status == "enabled"
    }
    tags = {
        key: c.caption
        for key, c in media_plan.dictionary.lineitem_custom_dimensions.items()
        if c.status == "enabled" and c.caption.strip()
    }
    taken: list[str] = []
    offers = []
    for index, item in enumerate(media_plan.lineitems):
        if item.is_aggregate:
            continue
        offer = _offer(media_plan.campaign, item, index, name, captions, tags, (currency, rates or {}, fees))
        wanted = " ".join(str(offer.data["name"]).split()) or f"line item {index + 1}"
        offer.data["name"] = numbered(wanted, taken)
        taken.append(offer.data["name"])
        offers.append(offer)
    return offers


def _offer(
    campaign: Campaign,
    item: LineItem,
    index: int,
    name: str,
    captions: dict[str, str],
    tags: dict[str, str],
    money: tuple[str, dict[str, float], float],
) -> OfferText:
    own = own_line(item, index, name)
    said = {captions[f"metric_{k}"]: v for k, v in item.metrics.items() if f"metric_{k}" in captions}
    creators = said.get(CREATORS) or (own.creators if own else 1.0)
    posts = own.posts_per_creator if own else 1
    data: Data = {"name": own.offer if own else item.name}
    labels = {
        "tier": own.tier if own else None,
        "platform": own.platform if own else item.vehicle or item.vehicle_custom,
        "format": own.format if own else item.adformat or item.adformat_custom,
    }
    data |= {key: value.strip().lower() for key, value in labels.items() if value and value.strip()}
    if "tier" in data and data["tier"] not in TIERS:
        remarks_of_tier = [f"tier {data.pop('tier')}: a scenario needs tier_borders for tiers of its own"]
    else:
        remarks_of_tier = []
    labelled = own.tags if own else _tags(item, tags)
    if labelled:
        data["tags"] = labelled
    remarks = [*remarks_of_tier, *_remarks(campaign, item, own is not None)]
    setup = min(own.setup_cost, item.cost_total) if own else 0.0
    cost = _in_plan_currency(item, money, data, remarks) / (item.cost_total or 1.0)
    data["cost_per_post"] = (item.cost_total - setup) * cost / (1 + money[2]) / (creators * posts)
    if setup:
        data["setup_cost"] = setup * cost
    if HOURS in said:
        data["hours_per_creator"] = said[HOURS] / creators
    metrics = {k: v for k, v in item.metrics.items() if k not in FIELDS and not _NOT_COUNTS.fullmatch(k)}
    knows = {"cost", *_response(item, said, creators * posts, data, remarks)}
    metrics |= {caption: v for caption, v in said.items() if caption not in OURS and caption.strip()}
    if metrics:
        data["measures"] = {_measure(k): v / creators for k, v in metrics.items()}
        knows |= set(data["measures"])
    data["creators"] = {"max": 1} if own is None else _room(own.creators_min, own.creators_max)
    data |= {"posts_per_creator": posts} if posts > 1 else {}
    if not data["creators"]:
        del data["creators"]
    for key, value in data.items():
        data[key] = _tidy(value)
    return OfferText(data, remarks, knows, own is not None)


def _tidy(value: Any) -> Any:
    """Quotients without the noise of their last digits."""
    if isinstance(value, dict):
        return {key: _tidy(inner) for key, inner in value.items()}
    return float(f"{value:.12g}") if isinstance(value, float) else value


def _room(least: float, most: float | None) -> Data:
    return ({"min": least} if least else {}) | ({} if most is None else {"max": most})


def _response(
    item: LineItem, said: dict[str, float], posts: float, data: Data, remarks: list[str]
) -> set[str]:
    """Impressions, engagements and the chain to revenue, as rates; the measures that are then known."""
    metrics = {name: item.metrics.get(name) for name in FIELDS}
    impressions, engagements, clicks, conversions = (
        metrics[name] for name in ("impressions", "engagements", "clicks", "conversions")
    )
    known = set()
    if impressions:
        data["impressions_per_post"] = impressions / posts
        known.add("impressions")
    if engagements is not None:
        data["engagements_per_post"] = engagements / posts
        known.add("engagements")
    if impressions and clicks is not None:
        if clicks > impressions:
            remarks.append(f"metric_clicks {plain(clicks)} is more than metric_impressions: left out")
            return known
        data["click_rate"] = clicks / impressions
        known.add("clicks")
    elif clicks is not None:
        remarks.append(
            f"metric_clicks {plain(clicks)} without metric_impressions: left out, because it needs them"
        )
    if "clicks" not in known or conversions is None:
        if conversions:
            remarks.append(f"metric_conversions {plain(conversions)} without metric_clicks: left out")
        return known
    if conversions > (clicks or 0.0):
        remarks.append(f"metric_conversions {plain(conversions)} is more than metric_clicks: left out")
        return known
    data["conversion_rate"] = conversions / clicks if clicks else 0.0
    known.add("conversions")
    if REVENUE in said and conversions:
        data["value_per_conversion"] = said[REVENUE] / conversions
    return known


def _measure(metric: str) -> str:
    """A metric of the standard as a measure of the scenario: `leads`; followers are new ones there."""
    name = metric.strip()
    if name in RESERVED or name == "<<":  # which means something else in a scenario
        return f"metric {name}"
    return "new_followers" if name == "followers" else name


def _tags(item: LineItem, captions: dict[str, str]) -> dict[str, str]:
    found = {captions[key].strip(): value for key, value in item.dimensions.items() if key in captions}
    found |= {"channel": channel} if (channel := item.channel or item.channel_custom) else {}
    reserved = (*FILTER_KEYS, "creator", "offer", "<<")  # words that mean something else in a scenario
    return {key: value.strip() for key, value in found.items() if key not in reserved and value.strip()}


def _remarks(campaign: Campaign, item: LineItem, own: bool) -> list[str]:
    remarks = []
    words = " ".join(
        text
        for text in (item.channel, item.channel_custom, item.media_product, item.partner, item.name)
        if text
    )
    if not own and not _INFLUENCER.search(words):
        channel = item.channel or item.channel_custom
        remarks.append(
            f"{f'channel {channel}' if channel else 'no channel'}: not influencer activity, as far as the file says"
        )
    if (item.start_date, item.end_date) != (campaign.start_date, campaign.end_date):
        remarks.append(f"runs from {item.start_date} to {item.end_date}")
    for side in ("cost_minimum", "cost_maximum"):
        value = getattr(item, side)
        if not own and value is not None:
            remarks.append(f"{side} {plain(value)} in the file")
    if not own and item.buy_commitment:
        remarks.append(
            f"buy_commitment {item.buy_commitment}; creators: {{min: 1, max: 1}} holds it in the plan"
        )
    return remarks


# --- money -------------------------------------------------------------------------------------------------


def _code(text: str | None) -> str | None:
    """A currency code, None where the text is none."""
    code = (text or "").strip().upper()
    return code if re.fullmatch(r"[A-Z]{3}", code) else None


def _currency(media_plan: MediaPlan) -> tuple[str, str]:
    """The currency of the scenario, and a comment where the file leaves a doubt."""
    said = media_plan.campaign.budget_currency
    code = _code(said)
    if code:
        return code, ""
    others = {_code(item.cost_currency) for item in media_plan.lineitems} - {None}
    if len(others) == 1 and not said:
        return str(others.pop()), "   # of the line items; the campaign names none"
    if said:
        return "USD", f"   # the file says {comment(scalar(said))}: write its code of three letters"
    return "USD", "   # the file names none: correct it"


def _rates(items: list[LineItem], currency: str) -> dict[str, float]:
    """Currencies of line items that have one rate in the whole file -> units of the scenario's per unit."""
    rates: dict[str, set[float | None]] = {}
    for item in items:
        code = _code(item.cost_currency)
        if code and code != currency:
            rates.setdefault(code, set()).add(item.cost_currency_exchange_rate)
    return {code: rate for code, (rate, *more) in rates.items() if rate is not None and not more}


def _in_plan_currency(
    item: LineItem, money: tuple[str, dict[str, float], float], data: Data, remarks: list[str]
) -> float:
    """The cost of a line item, in the scenario's currency or in one that the scenario has a rate for."""
    currency, rates, _ = money
    code = _code(item.cost_currency)
    if item.cost_currency and code is None:
        remarks.append(f"cost_currency {item.cost_currency} is no code of three letters: taken as {currency}")
    if code is None or code == currency:
        return item.cost_total
    if code in rates:
        data["currency"] = code
        return item.cost_total
    if item.cost_currency_exchange_rate is not None:
        rate = item.cost_currency_exchange_rate
        remarks.append(f"{plain(item.cost_total)} {code} at {plain(rate)} {currency} each")
        return item.cost_total * rate
    remarks.append(f"in {code}, for which the file has no rate: add exchange_rates: {{{code}: ...}} above")
    data["currency"] = code
    return item.cost_total


# --- the objective -----------------------------------------------------------------------------------------


def _objective(campaign: Campaign, offers: list[OfferText]) -> tuple[str, str]:
    """What to maximise, and a remark: the first KPI that all offers know, else the best measure that they know,
    else the one that most know."""
    known = Counter(measure for offer in offers for measure in offer.knows if measure != "cost")
    kpis = [kpi.lower().removeprefix("metric_") for kpi in campaign.kpis]
    order = list(dict.fromkeys([kpi for kpi in kpis if kpi in known] + list(FIELDS) + sorted(known)))
    complete = [measure for measure in order if known[measure] == len(offers)]
    if not complete:
        best = max(order, key=lambda measure: (known[measure], -order.index(measure)))
        return best, "some line items do not say it: fill it in below"
    if campaign.kpis and complete[0] != kpis[0]:
        return complete[0], f"the first KPI is {campaign.kpis[0]}, which not every line item says"
    return complete[0], ""


def _leave_gaps(offers: list[OfferText], objective: str) -> None:
    """A line to fill in for every number that the objective needs and an offer does not have."""
    chain = ["impressions", "clicks", "conversions"]
    parts = chain[: chain.index(objective) + 1] if objective in chain else [objective]
    for offer in offers:
        for part in parts:
            if part not in offer.knows:
                wanted = f"{FIELDS[part]}: ..." if part in FIELDS else f"measures: {{{scalar(part)}: ...}}"
                offer.missing.append(f"{wanted}   # not in the file, and the objective needs it")
