"""What differs in the inputs of scenarios: number by number, limit by limit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from optimizer.pinned import GROUPS, OFFER_FIELDS, Pinned
from optimizer.terms import NUMBER_FIELDS

ABSENT = "–"
_NUMBERS = set(NUMBER_FIELDS)
_SHARES = {
    "reach_rate", "click_rate", "conversion_rate", "authentic", "on_target", "completion", "repeat_decay", "commission",
    "engagement_rate", "agency", "contingency", "overlap", "within", "gap",
}  # fmt: skip


class InputDifference(BaseModel):
    """One input that is not the same in every scenario."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: str
    """Key of the bridge's group: budget, prices, response, ..."""
    label: str
    """In words: "cost_per_post of micro-instagram-reel"."""
    values: list[str]
    """As a person would write them, one for each scenario; "–" where it has none."""


def input_differences(scenarios: Sequence[Pinned]) -> list[InputDifference]:
    """Every input that is not the same in all scenarios, in the order of the bridge's groups.

    Args:
        scenarios: pinned, all in one currency.
    """
    currency = scenarios[0].currency
    found = []
    for group in GROUPS:
        for label, values in [*_inputs(group, scenarios, currency), *_offer_fields(group, scenarios)]:
            if len(set(values)) > 1:
                found.append(InputDifference(group=group, label=label, values=values))
    return found


def _inputs(group: str, scenarios: Sequence[Pinned], currency: str) -> Iterator[tuple[str, list[str]]]:
    whole = [scenario.whole for scenario in scenarios]
    if group == "budget":
        yield "budget", [_amount(w.get("budget"), currency) for w in whole]
    elif group == "effort_hours":
        yield "effort_hours", [_amount(w.get("effort_hours"), "hours") for w in whole]
    elif group == "prices":
        yield from _mapping("fees.", [w.get("fees", {}) for w in whole], default=0.0)
    elif group == "response":
        yield from _mapping("audience.", [w.get("audience", {}) for w in whole])
        yield from _mapping("measures.", [w.get("measures", {}) for w in whole])
    elif group == "limits":
        yield from _limits(whole)
        yield "whole creators", [_plain("", w.get("whole_creators")) for w in whole]
    elif group == "offers":
        names = dict.fromkeys(name for scenario in scenarios for name in scenario.offers)
        for name in names:
            yield f"offer {name}", [_offer(s.offers.get(name)) for s in scenarios]
    elif group == "objective":
        yield "objective", [", then ".join(_goal(goal) for goal in w["objective"]) for w in whole]
    elif group == "solver":
        for key in ("gap", "time_limit", "name"):
            yield f"solver.{key}", [_plain(key, w.get(key)) for w in whole]


def _offer_fields(group: str, scenarios: Sequence[Pinned]) -> Iterator[tuple[str, list[str]]]:
    """Fields of offers that at least two scenarios have; those of the others come with the offer itself."""
    if group == "offers":
        return
    for name in dict.fromkeys(name for scenario in scenarios for name in scenario.offers):
        having = [scenario.offers.get(name) for scenario in scenarios]
        if sum(offer is not None for offer in having) < 2:
            continue
        for field in _changed(group, name, scenarios):
            yield (
                f"{field} of {name}",
                [
                    ABSENT if o is None else _plain(field, _value(s, name, field))
                    for s, o in zip(scenarios, having, strict=True)
                ],
            )


def _changed(group: str, name: str, scenarios: Sequence[Pinned]) -> list[str]:
    """Fields of a group that are not the same wherever the offer is.

    Numbers that follow from others (engagements from followers and a rate) only where nothing else explains the change.
    """
    more = {"prices": ("cpm",), "response": ("engagement_rate", "engagement_weight")}
    owners = [s for s in scenarios if name in s.offers]
    changed = [
        field
        for field in (*OFFER_FIELDS.get(group, ()), *more.get(group, ()))
        if len({_plain(field, _value(s, name, field)) for s in owners}) > 1
    ]
    follows = [
        f
        for f in changed
        if all(f in s.offers[name] and f in _NUMBERS and f not in s.written[name] for s in owners)
    ]
    return [f for f in changed if f not in follows] or follows


def _value(scenario: Pinned, name: str, field: str) -> Any:
    return scenario.written[name].get(field, scenario.offers[name].get(field))


def _limits(whole: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, list[str]]]:
    """Limits by their name, or by what they limit where they have none."""
    tables: list[dict[str, list[tuple[str, str]]]] = []
    for scenario in whole:
        table: dict[str, list[tuple[str, str]]] = {}
        for limit in scenario.get("limits", []):
            subject = _subject(limit)
            table.setdefault(limit.get("name") or subject, []).append((subject, _sides(limit)))
        tables.append(table)
    for key in dict.fromkeys(key for table in tables for key in table):
        found = [table.get(key, []) for table in tables]
        subjects = dict.fromkeys(subject for limits in found for subject, _ in limits)
        alike = len(subjects) == 1  # then said once
        label = f"limit {key}" + (f" ({next(iter(subjects))})" if alike and key not in subjects else "")
        yield (
            label,
            ["; ".join(s if alike else f"{about}: {s}" for about, s in limits) or ABSENT for limits in found],
        )


def _subject(limit: Mapping[str, Any]) -> str:
    where = ", ".join(" + ".join(values) for values in limit.get("where", {}).values())
    return (
        str(limit["measure"])
        + (f" of {where}" if where else "")
        + (f" per {limit['per']}" if limit.get("per") else "")
    )


def _sides(limit: Mapping[str, Any]) -> str:
    words = {"min": "at least", "max": "at most"}
    return " and ".join(
        f"{word} {_plain('', limit[side])}" for side, word in words.items() if limit.get(side) is not None
    )


def _goal(goal: Mapping[str, Any]) -> str:
    sense = "maximize" if goal.get("maximize") else "minimize"
    within = f" within {_plain('within', goal['within'])}" if goal.get("within") else ""
    return f"{sense} {goal[sense]}{within}"


def _offer(offer: Mapping[str, Any] | None) -> str:
    if offer is None:
        return ABSENT
    labels = [str(offer[key]) for key in ("tier", "platform", "format") if key in offer]
    labels += [f"{key} {value}" for key, value in offer.get("tags", {}).items()]
    return " ".join(labels) or "offered"


def _mapping(
    prefix: str, tables: Sequence[Mapping[str, Any]], default: Any = None
) -> Iterator[tuple[str, list[str]]]:
    for key in dict.fromkeys(key for table in tables for key in table):
        yield prefix + key, [_plain(key, table.get(key, default)) for table in tables]


def _amount(value: float | None, unit: str) -> str:
    return "no limit" if value is None else f"{_plain('', value)} {unit}"


def _plain(field: str, value: Any) -> str:
    """A value as a planner would write it."""
    from optimizer.report.format import percent, plain_number

    if value is None:
        return ABSENT
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return percent(value, 6) if field in _SHARES else plain_number(float(value))
    if isinstance(value, Mapping):
        if field == "creators":
            return _room(value)
        if field == "posts_per_creator":
            low, high = value["min"], value["max"]
            return str(low) if low == high else f"{low} to {high}"
        share = "within" if field == "bundle_discount" else ""
        return ", ".join(f"{key}: {_plain(share, v)}" for key, v in value.items()) or ABSENT
    return str(value)


def _room(room: Mapping[str, Any]) -> str:
    low, high = room.get("min") or 0, room.get("max")
    if high is None:
        return f"at least {_plain('', low)}" if low else "no limit"
    return _plain("", high) if low == high else f"{_plain('', low)} to {_plain('', high)}"
