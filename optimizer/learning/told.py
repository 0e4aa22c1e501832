"""What was learnt, in sentences: what changed most and how sure that is."""

from __future__ import annotations

from math import log

from optimizer.benchmarks.learnt import Learnt
from optimizer.language.numbers import counted, number, percent, plain_number
from optimizer.learning.learned import Learned

WORDS = {
    "cost_per_post": "the fee of a post",
    "reach_rate": "the reach rate",
    "engagement_rate": "the engagement rate",
    "click_rate": "the click rate",
    "conversion_rate": "the conversion rate",
    "completion": "the share of creators who post",
    "hours_per_creator": "the time for a creator",
    "hours_per_post": "the time for a post",
}
"""Field -> what a sentence calls it."""


def shown(field: str, value: float, currency: str) -> str:
    """A value of a field with its unit."""
    if field == "cost_per_post":
        return f"{plain_number(value)} {currency}"
    return f"{plain_number(value)} hours" if field.startswith("hours") else percent(value)


def told(learned: Learned) -> tuple[Learnt, ...]:
    """The groups worth a line: a platform with a single group below it is that group."""
    below: dict[tuple[str, str], int] = {}
    for entry in learned.groups:
        if entry.tier or entry.format:
            below[entry.field, entry.platform] = below.get((entry.field, entry.platform), 0) + 1
    return tuple(
        entry
        for entry in learned.groups
        if entry.tier or entry.format or below.get((entry.field, entry.platform), 0) != 1
    )


def is_sure(entry: Learnt) -> bool:
    """Whether the new range leaves out the old figure."""
    return entry.low > 1.0 or entry.high < 1.0


def place(entry: Learnt) -> str:
    """Where an entry holds: `micro, instagram reel`."""
    where = " ".join(part for part in (entry.platform, entry.format) if part)
    return f"{entry.tier}, {where}" if entry.tier else where


def change(entry: Learnt) -> str:
    """How the new figure differs from the old: `31 % lower`, `2.4 times as high`, `as before`."""
    ratio = entry.factor
    if ratio >= 2.0 or ratio <= 0.5:
        return f"{ratio:.2g} times as high"
    points = round(100 * abs(ratio - 1.0))
    if not points:
        return "as before"
    return f"{points} % {'higher' if ratio > 1 else 'lower'}"


def sentences(learned: Learned) -> list[str]:
    """The findings, most important first."""
    worth = [entry for entry in told(learned) if entry.field in WORDS]
    sure = [entry for entry in worth if is_sure(entry)]
    lines = []
    if sure:
        lines.append(_most(max(sure, key=_worth), learned.currency))
        rest = len(sure) - 1
        if rest:
            others = f"{rest} other number{'s' if rest > 1 else ''} of a group"
            lines.append(
                f"For {others} the old figure lies outside the new range, too; for {len(worth) - len(sure)} "
                "it lies inside."
            )
    else:
        lines.append(
            "No figure changes beyond doubt: every old figure lies inside its new range. "
            "More results narrow the ranges."
        )
        if worth:
            lines.append(_most(max(worth, key=_worth), learned.currency))
    lines.append(_counts(learned))
    if learned.moved:
        lines.append(
            "One result is so far out that it counts less, or not at all; look whether it is an error."
            if len(learned.moved) == 1
            else f"{number(len(learned.moved))} results are so far out that they count less, or not at all; look "
            "whether they are errors."
        )
    return lines


def _worth(entry: Learnt) -> float:
    """How much a change says: its size, times how far it rests on results."""
    return abs(log(entry.factor)) * entry.weight


def _most(entry: Learnt, currency: str) -> str:
    low, high, old, new = (
        shown(entry.field, value, currency) for value in (entry.new_low, entry.new_high, entry.old, entry.new)
    )
    what, how = WORDS[entry.field], change(entry)
    lead = f"{what[0].upper()}{what[1:]} is {how} ({place(entry)})"
    return (
        f"{lead}: {new} instead of {old}, 8 in 10 from {low} to {high}, from {_from(entry)}; weight of your own "
        f"results {percent(round(entry.weight, 2))}."
    )


def _from(entry: Learnt) -> str:
    results = f"{entry.results:,} result{'' if entry.results == 1 else 's'}"
    return f"{results} of {counted(entry.creators, 'creators')}"


def _counts(learned: Learned) -> str:
    text = f"{number(learned.results)} result{'' if learned.results == 1 else 's'} are known"
    if learned.results == 1:
        text = text.replace("are", "is")
    parts = [f"{number(learned.new)} new"]
    if learned.known:
        parts.append(f"{number(learned.known)} read before, which count once")
    if learned.replaced:
        parts.append(f"{number(learned.replaced)} told anew under their id")
    text += f" ({', '.join(parts)})"
    named = (
        f", of {counted(learned.creators, 'creators')} by name"
        if learned.creators
        else ", none of a named creator"
    )
    return f"{text}{named}."
