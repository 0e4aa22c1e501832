"""Plan -> a file of the Media Plan Open Data Standard 3.0 (JSON), which media planning tools read.

What the standard has a field for stands there, rounded to cents, so that the lines add up to the total that is
printed. Everything else stands under `custom_properties.creatormix`, unrounded; that of `meta` carries the whole
scenario, from which `optimizer.mediaplan.file` starts a new one. Equal plans give equal bytes.

The standard: https://github.com/planmatic/mediaplanschema (MIT).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from optimizer.language.errors import Problem, ScenarioError
from optimizer.language.measures import RESERVED
from optimizer.language.numbers import money_digits, rounded_to_total, tidy
from optimizer.mediaplan.file import OWN
from optimizer.mediaplan.theirs import CREATORS, GROSS_REACH, HOURS, REVENUE
from optimizer.plan.plan import Line, Plan

if TYPE_CHECKING:
    from optimizer.scenario.scenario import Scenario

STANDARD = "3.0"
HOME = uuid5(NAMESPACE_URL, "https://github.com/planmatic/mediaplanschema#creatormix")
METRICS = ("impressions", "clicks", "engagements", "conversions")
WITH_POSTS = ("posts", *METRICS)
"""Measures that are metrics of the standard: posts are its units, the others have their own names."""
CUSTOM_METRICS = (
    ("creators", CREATORS),
    ("hours", HOURS),
    ("gross_reach", GROSS_REACH),
    ("revenue", REVENUE),
)
CUSTOM_COSTS = (
    ("agency", "Agency fee"),
    ("contingency", "Contingency"),
    ("commission", "Commission on sales"),
    ("setup", "Set-up"),
)
_UNPRINTABLE = re.compile(r"[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_NAMES = {"tiktok": "TikTok", "youtube": "YouTube", "linkedin": "LinkedIn", "x": "X"}

NO_DATES = Problem(
    ("dates",),
    "a media plan needs the first and the last day of the campaign",
    "write dates: {start: 2026-03-01, end: 2026-03-31} in the scenario",
)

Data = dict[str, Any]


def mediaplan_json(plan: Plan) -> str:
    """The plan as a file of the Media Plan Open Data Standard 3.0.

    Args:
        plan: of a scenario with dates.

    Raises:
        ScenarioError: where the scenario has no dates, or the cost of what is booked is not known; the standard
            needs both.
    """
    if not plan.inputs.get("dates"):
        raise ScenarioError([NO_DATES])
    unknown = next((line.offer for line in plan.lines if line.cost is None), None)
    if unknown is not None:
        message = f"a media plan needs the cost of every line, and that of {unknown} is not known"
        raise ScenarioError(
            [Problem(("offers",), message, "give its cost_per_post, 0 where there is no fee")]
        )
    text = json.dumps(_document(plan), ensure_ascii=False, indent=2, allow_nan=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def require_dates(scenario: Scenario) -> None:
    """Refuse a scenario without dates before it is planned for nothing.

    Raises:
        ScenarioError: with one problem at `dates`.
    """
    if scenario.dates is None:
        raise ScenarioError([scenario.locate(NO_DATES)])


def _document(plan: Plan) -> Data:
    items = _Items(plan)
    return {
        "meta": _meta(plan),
        "campaign": _campaign(plan),
        "lineitems": items.all(),
        "dictionary": items.dictionary(),
    }


def _meta(plan: Plan) -> Data:
    return {
        "id": str(uuid5(HOME, plan.scenario.sha256)),
        "schema_version": STANDARD,
        "name": plan.scenario.name,
        "created_by_name": f"{OWN} {plan.version}",
        # Not the time of the export: equal plans give equal files.
        "created_at": f"{plan.inputs['dates']['start']}T00:00:00Z",
        "comments": "created_at is the first day of the campaign. custom_properties hold the whole scenario, with "
        "offers that are not booked: delete them before the file goes to a seller.",
        "custom_properties": {
            OWN: {
                "version": plan.version,
                "scenario_sha256": plan.scenario.sha256,
                "status": plan.status,
                "objectives": [objective.model_dump(mode="json") for objective in plan.objectives],
                "totals": plan.totals.model_dump(mode="json", exclude_none=True),
                "limits": [
                    limit.model_dump(mode="json", exclude={"scope", "signed"}) for limit in plan.limits
                ],
                "booked": list(dict.fromkeys(line.offer for line in plan.lines)),
                "scenario": plan.inputs,
            }
        },
    }


def _campaign(plan: Plan) -> Data:
    inputs, totals = plan.inputs, plan.totals
    dates, name = inputs["dates"], plan.scenario.name
    cost = totals.cost or 0.0
    digits = money_digits([cost, *(line.cost for line in plan.lines)], plan.currency)
    budget = inputs.get("budget")
    campaign: Data = {
        "id": str(uuid5(HOME, f"{name} {dates['start']} {dates['end']}")),
        "name": name,
        "objective": _objective(plan),
        "start_date": dates["start"],
        "end_date": dates["end"],
        "budget_currency": plan.currency,
        "budget_total": _number(round(cost, digits) if budget is None else budget),
    }
    if plan.audience is not None:
        overlap = plan.audience.overlap
        audience: Data = {"name": "Campaign audience", "population_size": round(plan.audience.people)}
        if overlap is not None:
            percent = f"{_number(tidy(100 * overlap))} %"
            audience["description"] = f"two typical creators' audiences overlap by {percent} of the smaller"
        campaign["target_audiences"] = [audience]
    standard = (*WITH_POSTS, "reach")
    goals = [goal.measure for goal in plan.objectives if goal.measure in standard]
    kpis = [name for name in dict.fromkeys((*goals, *METRICS, "reach")) if getattr(totals, name)]
    for position, name in enumerate(kpis[:5], 1):
        campaign[f"kpi_name{position}"] = _metric(name)
        campaign[f"kpi_value{position}"] = _number(round(getattr(totals, name), 2))
    compared = ("name", "start_date", "end_date", "budget_total", "budget_currency")
    written = {key: campaign[key] for key in compared}
    return campaign | {"custom_properties": {OWN: {"as_written": written}}}


def _objective(plan: Plan) -> str:
    words = [goal.asked for goal in plan.objectives]
    return ", then ".join(words).capitalize()


def _metric(measure: str) -> str:
    """The standard's name for a measure: `metric_units` for posts."""
    return "metric_units" if measure == "posts" else f"metric_{measure}"


class _Items:
    """The line items: one for each line of the plan, and the captions of the fields that we define."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._offers = _offers(plan)
        self._numbers: dict[str, Data] = {}
        for assumption in plan.assumptions:
            self._numbers.setdefault(assumption.offer, {})[assumption.field] = assumption.value
        self._lines_of = Counter(line.offer for line in plan.lines)
        parts = [self._parts(line) for line in plan.lines]
        amounts = [plan.totals.cost, *(line.cost for line in plan.lines)]
        self._digits = money_digits([*amounts, *(v for p in parts for v in p.values())], plan.currency)
        costs = rounded_to_total([line.cost for line in plan.lines], self._digits, plan.totals.cost)
        self._costs = [cost or 0.0 for cost in costs]
        self._parts_of = [self._rounded_parts(p, cost) for p, cost in zip(parts, self._costs, strict=True)]
        self._metrics = {
            measure: _column([getattr(line, measure) for line in plan.lines])
            for measure in (*METRICS, "posts", *(name for name, _ in CUSTOM_METRICS))
        }
        own = dict.fromkeys(name for line in plan.lines for name in line.measures)
        for name in own:
            values = [line.measures.get(name) for line in plan.lines]
            if all(value is None or value >= 0 for value in values):  # readers refuse metrics below zero
                self._metrics[f"measures.{name}"] = _column(values)
        known = [name for name, _ in CUSTOM_METRICS if any(v is not None for v in self._metrics[name])]
        self._custom = (known + [name for name in self._metrics if name.startswith("measures.")])[:10]
        self._tags = list(dict.fromkeys(key for line in plan.lines for key in line.tags))[:9]
        self._extra = [name for name, _ in CUSTOM_COSTS if any(p[name] > 0 for p in parts)]

    def all(self) -> list[Data]:
        """Every line item."""
        return [self._item(position, line) for position, line in enumerate(self._plan.lines)]

    def dictionary(self) -> Data:
        """What our own dimensions, metrics and costs mean, and which metrics follow from the cost."""
        captions = dict(CUSTOM_METRICS) | {n: n.removeprefix("measures.") for n in self._custom if "." in n}
        dimensions, costs = ["Tier", *self._tags], dict(CUSTOM_COSTS)
        linear = [_metric(m) for m in WITH_POSTS if any(v for v in self._metrics[m])]
        formula = {"formula_type": "cost_per_unit", "base_metric": "cost_total"}
        found = {
            "lineitem_custom_dimensions": _captions("dim_custom", dimensions),
            "standard_metrics": dict.fromkeys(linear, formula),
            "custom_metrics": _captions("metric_custom", [captions[name] for name in self._custom]),
            "custom_costs": _captions("cost_custom", [costs[name] for name in self._extra]),
        }
        return {name: entries for name, entries in found.items() if entries}

    def _item(self, position: int, line: Line) -> Data:
        plan, cost = self._plan, self._costs[position]
        several = self._lines_of[line.offer] > 1
        each = (
            f", {line.posts_per_creator} post{'s' if line.posts_per_creator > 1 else ''} each"
            if several
            else ""
        )
        item: Data = {
            "id": str(uuid5(HOME, f"{plan.scenario.sha256} {line.offer} {line.posts_per_creator}")),
            "name": f"{line.offer}{each}",
            "start_date": plan.inputs["dates"]["start"],
            "end_date": plan.inputs["dates"]["end"],
            "channel": "Social",
            "channel_custom": "Influencer",
        }
        if line.platform:
            item["vehicle"] = _NAMES.get(line.platform, line.platform.capitalize())
        item |= {"partner": line.offer, "media_product": "Creator posts"}
        if line.format:
            item["adformat"] = line.format.capitalize()
        item |= self._kpi(position)
        item["buy_type"] = "Direct"
        dimensions = [line.tier, *(line.tags.get(key) for key in self._tags)]
        item |= {f"dim_custom{i}": value for i, value in enumerate(dimensions, 1) if value is not None}
        item |= {"cost_currency": plan.currency, "cost_total": _number(cost)}
        parts = self._parts_of[position]
        item["cost_media"] = _number(parts["creators"])
        item |= {f"cost_custom{i}": _number(parts[name]) for i, name in enumerate(self._extra, 1)}
        item |= self._range(line, cost)
        for measure in WITH_POSTS:
            if (value := self._metrics[measure][position]) is not None:
                item[_metric(measure)] = _number(value)
        for i, name in enumerate(self._custom, 1):
            if (value := self._metrics[name][position]) is not None:
                item[f"metric_custom{i}"] = _number(value)
        if formulas := self._formulas(position, line):
            item["metric_formulas"] = formulas
        written = {k: v for k, v in item.items() if k == "cost_total" or re.match("metric_(?!formulas)", k)}
        return item | {"custom_properties": {OWN: self._own(line) | {"as_written": written}}}

    def _kpi(self, position: int) -> Data:
        """The objective, where it is a metric that belongs to one line (reach does not: it has duplicates)."""
        measure = self._plan.objective.measure
        if measure in WITH_POSTS:
            value = self._metrics[measure][position]
            return {"kpi": measure.capitalize(), "kpi_value": _number(value)} if value is not None else {}
        return {"kpi": "Reach"} if measure == "reach" else {}

    def _parts(self, line: Line) -> dict[str, float]:
        """Where the money of a line goes, as in `CostParts`."""
        fees = self._plan.inputs.get("fees") or {}
        agency, contingency = fees.get("agency", 0.0), fees.get("contingency", 0.0)
        rate = self._numbers[line.offer].get("commission") or 0.0
        commission = rate * (line.revenue or 0.0)
        paid = max(0.0, (line.cost or 0.0) - line.setup_cost - commission) / (1 + agency + contingency)
        return {
            "creators": paid,
            "agency": paid * agency,
            "contingency": paid * contingency,
            "commission": commission,
            "setup": line.setup_cost,
        }

    def _rounded_parts(self, parts: dict[str, float], cost: float) -> dict[str, float]:
        """Parts that add up to the rounded cost; noise of the last digits is no cent."""
        values = rounded_to_total([tidy(round(v, 9)) for v in parts.values()], self._digits, cost)
        return {name: value or 0.0 for name, value in zip(parts, values, strict=True)}

    def _range(self, line: Line, cost: float) -> Data:
        """What the line could cost at least and at most: the room of its offer at today's price, and the budget."""
        offer = self._offers[line.offer]
        room, posts = offer.get("creators") or {}, offer.get("posts_per_creator", 1)
        one_package = not isinstance(posts, Mapping) or posts.get("min", 1) == posts["max"]
        least = room.get("min", 0.0) if one_package else 0.0  # another number of posts may take the minimum
        each = ((line.cost or 0.0) - line.setup_cost) / line.creators
        low = least * each + (line.setup_cost if least else 0.0)
        ceilings = [] if line.room is None else [line.room * each + line.setup_cost]
        if self._plan.inputs.get("budget") is not None:
            ceilings.append(self._plan.inputs["budget"])
        found: Data = {"cost_minimum": _number(min(round(low, self._digits), cost))}
        if ceilings:
            found["cost_maximum"] = _number(max(round(min(ceilings), self._digits), cost))
        return found

    def _formulas(self, position: int, line: Line) -> Data:
        """Metrics in proportion to cost: exact for each further creator, unless a set-up is paid once."""
        cost = self._costs[position]
        if cost <= 0 or line.setup_cost:
            return {}
        found = {}
        for measure in WITH_POSTS:
            value = self._metrics[measure][position]
            if value:
                found[_metric(measure)] = {
                    "formula_type": "cost_per_unit",
                    "base_metric": "cost_total",
                    "coefficient": tidy(cost / value),
                    "comments": "holds for whole creators, from cost_minimum to cost_maximum",
                }
        return found

    def _own(self, line: Line) -> Data:
        offer = self._offers[line.offer]
        amounts = line.model_dump(mode="json", exclude_none=True)
        room = offer.get("creators") or {}
        return {
            "offer": line.offer,
            "tier": line.tier,
            "platform": line.platform,
            "format": line.format,
            "tags": line.tags,
            "creators": amounts["creators"],
            "posts_per_creator": line.posts_per_creator,
            "creators_min": room.get("min", 0),
            "creators_max": line.room,
            "setup_cost": line.setup_cost,
            "fixed_cost": line.setup_cost + self._parts(line)["commission"],
            "amounts": {k: v for k, v in amounts.items() if k in RESERVED or k == "measures"},
            "numbers": self._numbers[line.offer],
        }


def _offers(plan: Plan) -> dict[str, Data]:
    """Offers as the scenario gives them, by their names in the plan (every offer has assumptions, in order)."""
    names = dict.fromkeys(assumption.offer for assumption in plan.assumptions if assumption.offer)
    return dict(zip(names, plan.inputs["offers"], strict=True))


def _column(values: Sequence[float | None]) -> list[float | None]:
    """A metric of all lines in hundredths that add up; unknown ones stay unknown."""
    known = iter(rounded_to_total([v for v in values if v is not None], 2))
    return [None if value is None else next(known) for value in values]


def _captions(prefix: str, names: Sequence[str]) -> Data:
    return {f"{prefix}{i}": {"status": "enabled", "caption": n[:100]} for i, n in enumerate(names, 1)}


def _number(value: float | None) -> float | int | None:
    """Whole numbers without a point: 1200, not 1200.0."""
    return int(value) if value is not None and value == int(value) and abs(value) < 1e15 else value
