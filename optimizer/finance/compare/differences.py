"""What differs in the inputs of scenarios: number by number, limit by limit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from optimizer.finance.compare.pinned import GROUPS, OFFER_FIELDS, Pinned, alike, same_field, unnamed
from optimizer.language.records import Record
from optimizer.scenario.fields import NUMBER_FIELDS, SHARE_FIELDS
from optimizer.scenario.limit import filter_text

ABSENT = "–"
_DIGITS = 6
"""Significant digits of a number; more where two that differ would read alike."""
_MORE_DIGITS = 10
_NUMBERS = set(NUMBER_FIELDS)
_MIX = "engagement_mix"
_SHARES = {*(f.rpartition(".")[2] for f in SHARE_FIELDS if not f.startswith(_MIX)), "within", "gap"}


class InputDifference(Record):
    """One input that is not the same in every scenario."""

    group: str
    """Key of the bridge's group: budget, prices, response, ..."""
    label: str
    """In words: "cost_per_post of micro-instagram-reel"."""
    values: tuple[str, ...]
    """As a person would write them, one for each scenario; "–" where it has none."""


def input_differences(scenarios: Sequence[Pinned]) -> list[InputDifference]:
    """Every input that is not the same in all scenarios, in the order of the bridge's groups.

    Args:
        scenarios: pinned, all in one currency.
    """
    currency = scenarios[0].currency
    found = []
    for group in GROUPS:
        short, long = (
            [
                *_inputs(group, scenarios, currency, digits),
                *_offer_fields(group, scenarios, digits),
            ]
            for digits in (_DIGITS, _MORE_DIGITS)
        )
        for (label, values), (_, exact) in zip(short, long, strict=True):
            shown = values if len(set(values)) > 1 else exact
            if len(set(shown)) > 1:
                found.append(InputDifference(group=group, label=label, values=shown))
    return found


def _inputs(
    group: str, scenarios: Sequence[Pinned], currency: str, digits: int
) -> Iterator[tuple[str, list[str]]]:
    whole = [scenario.whole for scenario in scenarios]
    if group == "budget":
        yield "budget", [_amount(v, currency, digits) for v in _same([w.get("budget") for w in whole])]
    elif group == "effort_hours":
        hours = _same([w.get("effort_hours") for w in whole])
        yield "effort_hours", [_amount(v, "hours", digits) for v in hours]
    elif group == "prices":
        yield from _mapping("fees.", [w.get("fees", {}) for w in whole], digits, default=0.0)
    elif group == "rates":
        used = {code for s in scenarios for codes in s.foreign.values() for code in codes.values()}
        for code in sorted(used):
            rates = _same([s.rates.get(code) for s in scenarios])
            if sum(rate is not None for rate in rates) > 1:
                yield f"{code} per {currency}", [_plain("", rate, digits) for rate in rates]
    elif group == "response":
        yield from _mapping("audience.", [w.get("audience", {}) for w in whole], digits)
        yield from _mapping(
            "engagement_weights.", [w.get("engagement_weights", {}) for w in whole], digits, default=1.0
        )
        yield from _mapping("measures.", [w.get("measures", {}) for w in whole], digits)
    elif group == "limits":
        yield from _limits(_same([w.get("limits", []) for w in whole]), digits)
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


def _same(values: Sequence[Any]) -> list[Any]:
    """The values, with the first wherever one is the same but for its last bits."""
    return [next(first for first in values if alike(first, value)) for value in values]


def _offer_fields(group: str, scenarios: Sequence[Pinned], digits: int) -> Iterator[tuple[str, list[str]]]:
    """Fields of offers that at least two scenarios have; those of the others come with the offer itself."""
    if group == "offers":
        return
    for name in dict.fromkeys(name for scenario in scenarios for name in scenario.offers):
        having = [scenario.offers.get(name) for scenario in scenarios]
        if sum(offer is not None for offer in having) < 2:
            continue
        for field in _changed(group, name, scenarios):
            numbers, unit = _values(scenarios, name, field)
            values = _same(numbers)
            yield (
                f"{field} of {name}",
                [
                    _plain(field, value, digits) + (f" {unit}" if unit and value is not None else "")
                    for value in values
                ],
            )


def _changed(group: str, name: str, scenarios: Sequence[Pinned]) -> list[str]:
    """Fields of a group that are not the same wherever the offer is.

    Numbers that follow from others (engagements from followers and a rate) only where nothing else explains the change;
    what others follow from only where they differ, and where every scenario says it: a price written as a CPM in one
    and as a fee in another is the same price.
    """
    owners = [s for s in scenarios if name in s.offers]
    differing = [
        field
        for field in OFFER_FIELDS.get(group, ())
        if not all(same_field(s, owners[0], name, field) for s in owners[1:])
    ]
    causes = [
        cause
        for cause, effects in _FOLLOWS.items()
        if any(effect in differing for effect in effects)
        and all(cause in s.written[name] for s in owners)
        and not _all_alike(_values(owners, name, cause)[0])
    ]
    changed = differing + causes
    follows = [
        f
        for f in differing
        if all(f in s.offers[name] and f in _NUMBERS and f not in s.written[name] for s in owners)
    ]
    return [f for f in changed if f not in follows] or follows


_FOLLOWS = {
    "cpm": ("cost_per_post",),
    "engagement_rate": ("engagements_per_post",),
}
"""Numbers that stand for others: number -> what follows from it."""


def _all_alike(values: Sequence[Any]) -> bool:
    return all(alike(value, values[0]) for value in values)


def _values(scenarios: Sequence[Pinned], name: str, field: str) -> tuple[list[Any], str]:
    """A number of an offer in every scenario, in the currency it was given in where that is the same one in all."""
    owners = [s for s in scenarios if name in s.offers]
    codes = {s.foreign[name].get(field) for s in owners}
    code = codes.pop() if len(codes) == 1 else None
    values = []
    for s in scenarios:
        value = None if name not in s.offers else s.number(name, field)
        values.append(value if value is None or code is None else value * s.rates[code])
    return values, code or ""


def _limits(limits_of: Sequence[Sequence[Mapping[str, Any]]], digits: int) -> Iterator[tuple[str, list[str]]]:
    """Limits by their name, or by what they limit where they have none."""
    limits_of = _without_common(limits_of)
    tables: list[dict[str, list[tuple[str, str]]]] = []
    for limits in limits_of:
        table: dict[str, list[tuple[str, str]]] = {}
        for limit in limits:
            subject = _subject(limit)
            table.setdefault(limit.get("name") or subject, []).append((subject, _sides(limit, digits)))
        tables.append(table)
    for key in dict.fromkeys(key for table in tables for key in table):
        found = [table.get(key, []) for table in tables]
        subjects = dict.fromkeys(subject for limits in found for subject, _ in limits)
        one = len(subjects) == 1  # then said once
        label = f"limit {key}" + (f" ({next(iter(subjects))})" if one and key not in subjects else "")
        yield (
            label,
            ["; ".join(s if one else f"{about}: {s}" for about, s in limits) or ABSENT for limits in found],
        )


def _without_common(limits_of: Sequence[Sequence[Mapping[str, Any]]]) -> list[list[Mapping[str, Any]]]:
    """Limits that not every scenario has in the same words, whatever they are called."""

    def everywhere(limit: Mapping[str, Any]) -> bool:
        (bare,) = unnamed([limit])
        return all(any(alike(bare, one) for one in unnamed(limits)) for limits in limits_of)

    return [[limit for limit in limits if not everywhere(limit)] for limits in limits_of]


def _subject(limit: Mapping[str, Any]) -> str:
    where = filter_text(limit.get("where", {}))
    return (
        str(limit["measure"])
        + (f" in {' + '.join(limit['segment'])}" if limit.get("segment") else "")
        + (f" of {where}" if where else "")
        + (f" per {limit['per']}" if limit.get("per") else "")
    )


def _sides(limit: Mapping[str, Any], digits: int) -> str:
    words = {"min": "at least", "max": "at most"}
    return " and ".join(
        f"{word} {_plain('', limit[side], digits)}"
        + (", or none" if limit.get("or_none") and side == "min" else "")
        for side, word in words.items()
        if limit.get(side) is not None
    )


def _goal(goal: Mapping[str, Any]) -> str:
    sense = "maximize" if goal.get("maximize") else "minimize"
    within = f" within {_plain('within', goal['within'])}" if goal.get("within") else ""
    where = f" in {' + '.join(goal['segment'])}" if goal.get("segment") else ""
    return f"{sense} {goal[sense]}{where}{within}"


def _offer(offer: Mapping[str, Any] | None) -> str:
    if offer is None:
        return ABSENT
    labels = [str(offer[key]) for key in ("tier", "platform", "format") if key in offer]
    labels += [f"{key} {value}" for key, value in sorted(offer.get("tags", {}).items())]
    labels += [f"by {offer['person']}"] if "person" in offer else []
    return " ".join(labels) or "offered"


def _mapping(
    prefix: str, tables: Sequence[Mapping[str, Any]], digits: int, default: Any = None
) -> Iterator[tuple[str, list[str]]]:
    for key in dict.fromkeys(key for table in tables for key in table):
        values = _same([table.get(key, default) for table in tables])
        yield prefix + key, [_plain(key, value, digits) for value in values]


def _amount(value: float | None, unit: str, digits: int) -> str:
    return "no limit" if value is None else f"{_plain('', value, digits)} {unit}"


def _plain(field: str, value: Any, digits: int = _DIGITS) -> str:
    """A value as a planner would write it."""
    from optimizer.language.numbers import number, percent, plain_number

    if value is None:
        return ABSENT
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        if field in _SHARES:
            return percent(value, digits)
        if digits == _DIGITS:
            return plain_number(float(value))
        return number(float(f"{value:.{digits}g}"), 12).rstrip("0").rstrip(".")
    if isinstance(value, Mapping):
        if field == "creators":
            return _room(value)
        if field == "posts_per_creator":
            low, high = value["min"], value["max"]
            return str(low) if low == high else f"{low} to {high}"
        share = (
            "within"
            if field in ("bundle_discount", _MIX) or (field == "segments" and _are_shares(value))
            else ""
        )
        return ", ".join(f"{key}: {_plain(share, v, digits)}" for key, v in value.items()) or ABSENT
    return str(value)


def _are_shares(parts: Mapping[str, Any]) -> bool:
    """Whether segments are shares of an offer's audience rather than people of the scenario's."""
    return all(number <= 1 for number in parts.values())


def _room(room: Mapping[str, Any]) -> str:
    low, high = room.get("min") or 0, room.get("max")
    if high is None:
        return f"at least {_plain('', low)}" if low else "no limit"
    return _plain("", high) if low == high else f"{_plain('', low)} to {_plain('', high)}"
