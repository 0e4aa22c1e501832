"""Frontier -> its findings in plain sentences, most important first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from optimizer.finance.frontier.result import Axis, Frontier, FrontierPoint, Stretch, Turn, amounts_of
from optimizer.finance.frontier.turning_points import spent
from optimizer.finance.frontier.words import axis_value, result_text
from optimizer.language.among import among
from optimizer.language.measures import MEASURES, REACH
from optimizer.language.numbers import (
    each_further,
    measured,
    money_digits,
    number,
    percent,
    printable,
    significant,
)
from optimizer.language.statuses import STATUS_WORDS

SHOWN = 3
"""Turns, groups or points named in one sentence."""
ROOM = ("budget", "effort_hours")
"""What more of helps, unless a limit is a share of it."""


def sentences(f: Frontier) -> list[str]:
    """The findings, most important first."""
    few = among(f.scenario.kept, f.scenario.creators, "each point" if f.over_all else "")
    if not any(point.value is not None for point in f.points):
        found = list(_without_plan(f)) if len(f.axes) == 1 else list(_map_without_plan(f))
        return [printable(line) for line in (*found, *few)]
    if len(f.axes) == 1:
        gains = [*_next_step(f), *_lead(f), *_full(f)]
        gaps = list(_without_plan(f))
        no_plan_today = f.axes[0].today is not None and f.today is None
        found = [*(gaps + gains if no_plan_today else gains + gaps), *_comings_and_goings(f)]
    else:
        found = [*_next_steps(f), *_map_lead(f), *_map_held(f), *_map_without_plan(f)]
    written = [axis for axis in f.axes if axis.written]
    found += [
        f"Today the {axis.subject} is {axis.written}, which is no number of this kind." for axis in written
    ]
    return [printable(line) for line in (*found, *_unproven(f), *few)]


# --- words -------------------------------------------------------------------------------------------------


def counts_things(f: Frontier) -> bool:
    """Whether the objective is something more of which is wanted and that is not money: a price of one makes sense."""
    money = f.measure in MEASURES and MEASURES[f.measure].unit == "money"
    return f.sense == "maximize" and not money and (f.measure in MEASURES or f.measure == REACH.name)


def priced(f: Frontier) -> bool:
    """Whether steps have a price of each further unit: what is varied is the money, and what it buys is counted."""
    return f.axes[-1].path == "budget" and counts_things(f)


def largest(point: FrontierPoint, group: str) -> str:
    """`most of the money`, or `the largest share of the money` where it is no more than half."""
    what, amounts = amounts_of(point.mix)
    most = amounts.get(group, 0.0) > sum(amounts.values()) / 2
    return f"most of the {what}" if most else f"the largest share of the {what}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _and(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else ", ".join(texts[:-1]) + " and " + texts[-1]


def _limits(names: Sequence[str]) -> str:
    """`effort_hours holds the plan`, `budget and tiktok share hold the plan`."""
    shown = list(names[:SHOWN]) + ([f"{len(names) - SHOWN} more"] if len(names) > SHOWN else [])
    return f"{_and(shown)} {'holds' if len(names) == 1 else 'hold'} the plan"


def _difference(f: Frontier, gain: float) -> str:
    """A change of the objective in words of its own direction."""
    if abs(gain) < 1e-9:
        return "nothing"
    return result_text(f, abs(gain))


# --- curves ------------------------------------------------------------------------------------------------


def _next_step(f: Frontier) -> Iterator[str]:
    """What the next point after today's brings."""
    axis = f.axes[0]
    if f.today is None:
        return
    now = f.today.at[0]
    later = [point for point in f.points if point.at[0] > now]
    if not later or later[0].best is None:
        return
    same = _same_from(f)
    if same is not None and f.points[same].at[0] <= now:  # another sentence says that more brings nothing
        return
    yield _gained(f, axis, f.today, later[0], later[0].at[0] - now, now)


def _gained(
    f: Frontier, axis: Axis, today: FrontierPoint, after: FrontierPoint, more: float, now: float
) -> str:
    gain = (after.best or 0.0) - (today.best or 0.0)
    more = float(f"{more:.12g}")
    if axis.path not in ROOM:
        there, here = axis_value(axis, now + more), axis_value(axis, now)
        change = "the same"
        if abs(gain) >= 1e-9:
            change = f"{'higher' if gain > 0 else 'lower'} by {result_text(f, abs(gain))}"
        return f"At {there} instead of today's {here} ({axis.label}) the result is {change}."
    verb = "bring" if f.sense == "maximize" else "save"
    text = f"The next {axis_value(axis, more)} after today's {axis_value(axis, now, unit=False)} "
    if (
        gain if f.sense == "maximize" else -gain
    ) < -1e-9:  # a floor that is a share of the budget grows with it
        return text + f"make the result worse, by {result_text(f, abs(gain))}."
    text += f"{verb} {_difference(f, gain)}"
    if gain > 0 and counts_things(f):
        if axis.path != "budget":
            text += f", {significant(gain / more)} per hour"
            return text + "."
        cost, each = spent(today, after)
        if cost is not None and each is not None:
            # of the two plans: what they bring and cost more, which is not what the budget allows more
            plans = (after.value or 0.0) - (today.value or 0.0)
            own = (
                ""
                if abs(plans - gain) < 1e-9 * abs(gain)
                else f" at best; the plans bring {measured(plans)} more"
            )
            text += f"{own} for {money(f, cost)}; {each_further(f.measure, f.currency, each)}"
    return text + "."


def money(f: Frontier, value: float) -> str:
    """An amount with the currency, in cents where it has some."""
    return f"{number(value, money_digits([value], f.currency))} {f.currency}"


def _lead(f: Frontier) -> Iterator[str]:
    """Where another group takes the lead."""
    axis = f.axes[0]
    found = [turn for turn in f.turns if turn.kind == "turns"]
    by_place = {point.at[0]: point for point in f.points}
    if len(found) <= SHOWN:
        yield from (_turned(axis, turn, by_place[turn.at]) for turn in found)
        return
    names = list(dict.fromkeys(name for t in found for name in (t.instead_of, t.group) if name))
    shown = _and(names) if len(names) <= SHOWN + 1 else f"{len(names)} of them"
    last = found[-1]
    yield (
        f"The largest share of the money changes hands {len(found)} times between {axis_value(axis, found[0].at)} and "
        f"{axis_value(axis, last.at)}, between {shown}: creators come whole, so it goes back and forth."
    )
    yield _turned(axis, last, by_place[last.at])


def _turned(axis: Axis, turn: Turn, point: FrontierPoint) -> str:
    return (
        f"From {axis_value(axis, turn.at)} on {largest(point, turn.group)} goes to {turn.group} instead of "
        f"{turn.instead_of} (at {axis_value(axis, turn.below, unit=False)} not yet)."
    )


def _same_from(f: Frontier) -> int | None:
    """The point from which on the result stays the same to the end of the curve; None where it never does."""
    same = len(f.points) - 1
    while same > 0 and f.points[same - 1].best == f.points[-1].best:
        same -= 1
    return None if f.points[-1].best is None or same == len(f.points) - 1 else same


def _full(f: Frontier) -> Iterator[str]:
    """From where on more brings nothing, to the end of the curve."""
    axis, last, same = f.axes[0], f.points[-1], _same_from(f)
    if same is None:
        return
    start, end = axis_value(axis, f.points[same].at[0]), axis_value(axis, last.at[0])
    held = [name for name in last.binding if name != axis.path]
    if axis.path in ROOM:
        one, many = ("brings", "bring") if f.sense == "maximize" else ("saves", "save")
        verb = one if axis.path == "budget" else many
        more = "more budget" if axis.path == "budget" else "more hours"
        text = f"Beyond {start} {more} {verb} nothing"
        if f.most is not None and abs(f.most - (last.best or 0.0)) <= 1e-9 * abs(f.most):
            why = _limits(held) if held else "all that is worth booking is booked"
            yield f"{text}, however much: {why}."
        elif f.most is not None:
            yield f"{text} up to {end} (the last one tried), but later: {result_text(f, f.most)} without that cap."
        else:
            yield f"{text} (tried up to {end}){': ' + _limits(held) if held else ''}."
    elif same:
        yield f"From {start} on the result stays the same (tried up to {end})."
    else:
        yield f"Nothing changes with {axis.label}, from {axis_value(axis, f.points[0].at[0], unit=False)} to {end}."


def _without_plan(f: Frontier) -> Iterator[str]:
    """Stretches without a plan, and points that failed or that time did not allow."""
    axis = f.axes[0]
    for stretch in [s for s in f.stretches if s.status not in ("failed", "skipped")][:SHOWN]:
        what = STATUS_WORDS[stretch.status].clause
        yield f"{_capital(_where(f, axis, stretch))} {what}: {stretch.message}."
    yield from _lost(f, axis)


def _where(f: Frontier, axis: Axis, stretch: Stretch) -> str:
    """`up to 25,000 USD`, `from 40,000 USD on`, `at every point`."""
    first, last = f.points[0].at[0] == stretch.low, f.points[-1].at[0] == stretch.high
    low, high = axis_value(axis, stretch.low), axis_value(axis, stretch.high)
    if first and last:
        return "at every point" if len(f.points) > 1 else f"at {low}"
    if first:
        return f"up to {high}"
    if last:
        return f"from {low} on"
    return f"at {low}" if stretch.low == stretch.high else f"from {low} to {high}"


def _lost(f: Frontier, axis: Axis | None) -> Iterator[str]:
    failed = [point for point in f.points if point.status == "failed"]
    if failed:
        more = f" and {len(failed) - SHOWN} more" if len(failed) > SHOWN else ""
        places = ", ".join(
            " and ".join(axis_value(a, v) for a, v in zip(f.axes, p.at, strict=True)) for p in failed[:SHOWN]
        )
        count = f"{len(failed)} of {len(f.points)} points" if len(f.points) > 1 else "The point"
        yield f"{count} failed (at {places}{more}): {failed[0].message.rstrip('.')}."
    left = sum(point.status == "skipped" for point in f.points)
    if left:
        yield f"Time was up before {left} of {len(f.points)} points; allow more with --total-time."


def _comings_and_goings(f: Frontier) -> Iterator[str]:
    """Where each group comes in first, and from where on it is out for good."""
    axis = f.axes[0]
    planned = [point for point in f.points if point.value is not None]
    present = {point.at[0]: {share.group for share in point.mix} for point in planned}
    first, last = planned[0].at[0], planned[-1].at[0]
    comes: list[Turn] = []
    goes: list[Turn] = []
    for turn in f.turns:
        if (
            turn.kind == "enters"
            and turn.group not in present[first]
            and turn.group not in [t.group for t in comes]
        ):
            comes.append(turn)
        if turn.kind == "leaves" and turn.group not in present[last]:
            goes = [t for t in goes if t.group != turn.group] + [turn]
    parts = []
    for found, word, ending in ((comes, "comes in at", ""), (goes, "is out from", " on")):
        if not found:
            continue
        shown = [
            f"{t.group} {word if i == 0 else word.split()[-1]} {axis_value(axis, t.at)}{ending}"
            for i, t in enumerate(found[: SHOWN + 1])
        ]
        more = [f"{len(found) - SHOWN - 1} more later"] if len(found) > SHOWN + 1 else []
        parts.append(_and([*shown, *more]))
    if parts:
        yield _capital("; ".join(parts)) + "."


def _unproven(f: Frontier) -> Iterator[str]:
    open_points = [point for point in f.points if point.status == "feasible"]
    if not open_points:
        return
    gaps = [point.gap for point in open_points]
    worst = None if any(gap is None for gap in gaps) else max(gap or 0.0 for gap in gaps)
    how = (
        "how far from the best is not known"
        if worst is None
        else f"at most {percent(worst, 2)} better is possible"
    )
    count = f"{len(open_points)} of {len(f.points)} points are" if len(open_points) > 1 else "One point is"
    yield f"{count} not proven best, because the search stopped early: {how}."


# --- maps --------------------------------------------------------------------------------------------------


def rows_of(f: Frontier) -> list[tuple[FrontierPoint, ...]]:
    """The points of a map, row by row."""
    wide = len(f.axes[1].values)
    return [f.points[i : i + wide] for i in range(0, len(f.points), wide)]


def _next_steps(f: Frontier) -> Iterator[str]:
    """What the next row and the next column after today's bring, where today stands on the map."""
    if f.today is None:
        return
    for position, axis in enumerate(f.axes):
        other = 1 - position
        now = f.today.at[position]
        later = [p for p in f.points if p.at[other] == f.today.at[other] and p.at[position] > now]
        if later and later[0].best is not None and f.today.at[other] in f.axes[other].values:
            yield _gained(f, axis, f.today, later[0], later[0].at[position] - now, now)


def _map_lead(f: Frontier) -> Iterator[str]:
    """Along each row, where the lead turns; the commonest turns, for the first few rows."""
    down, across = f.axes
    turned: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for row in rows_of(f):
        led = [point for point in row if point.leader]
        for before, after in pairwise(led):
            if before.leader != after.leader:
                pair = (str(before.leader), str(after.leader))
                turned.setdefault(pair, []).append((after.at[0], after.at[1]))
    leaders = Counter(point.leader for point in f.points if point.leader)
    if not turned:
        if len(leaders) == 1:
            everywhere = all(point.leader for point in f.points)
            where = "at every point" if everywhere else "wherever creators are booked"
            yield f"The largest share of the money goes to {next(iter(leaders))} {where}."
        elif leaders:
            yield f"Who has the largest share of the money depends on {down.label} alone."
        return
    most = sorted(turned.items(), key=lambda item: -len(item[1]))
    for (old, new), places in most[:2]:
        first: dict[float, float] = {}
        for row_at, column_at in places:
            first.setdefault(row_at, column_at)
        shown = [
            f"at {axis_value(down, row_at)} from {axis_value(across, column_at)} on"
            for row_at, column_at in list(first.items())[: SHOWN + 1]
        ]
        more = len(first) - len(shown)
        tail = f", and in {more} more row{'s' if more > 1 else ''}" if more else ""
        yield (
            f"The largest share of the money goes to {new} instead of {old} " + ", ".join(shown) + tail + "."
        )
    if len(most) > 2:
        yield "It changes hands in other ways too; the table of leaders shows all of them."


def held_by(point: FrontierPoint) -> str:
    """What holds a point of a map of budget by hours: money, hours, both, others (limits) or nothing."""
    money, hours = (name in point.binding for name in ROOM)
    if money or hours:
        return "both" if money and hours else "money" if money else "hours"
    return "others" if point.binding else "nothing"


def is_money_by_hours(f: Frontier) -> bool:
    """Whether the two axes are budget and hours."""
    return {axis.path for axis in f.axes} == set(ROOM)


def _map_held(f: Frontier) -> Iterator[str]:
    if not is_money_by_hours(f):
        return
    planned = [point for point in f.points if point.value is not None]
    counts = Counter(held_by(point) for point in planned)
    words = {"money": "money alone", "hours": "hours alone", "both": "both", "others": "other limits",
             "nothing": "none"}  # fmt: skip
    shown = [f"{words[name]} at {counts[name]}" for name in words if counts[name]]
    if len(shown) == 1 and (counts["money"] or counts["hours"]):
        name = next(iter(counts))
        where = "at every point" if len(planned) == len(f.points) else "wherever there is one"
        yield f"{_capital(words[name])} hold{'s' if name == 'money' else ''} the plan {where}."
    else:
        yield f"What holds the plan, of {len(planned)} points: {_and(shown)}."


def _map_without_plan(f: Frontier) -> Iterator[str]:
    counts = Counter(p.status for p in f.points if p.value is None and p.status not in ("failed", "skipped"))
    for status, count in counts.items():
        message = next(p.message for p in f.points if p.status == status)
        if status == "infeasible":
            message = _where_plans_begin(f) or message
        of = f"{count} of {len(f.points)} points" if count < len(f.points) else "any point"
        yield f"There is no plan at {of}: {message}."
    yield from _lost(f, None)


def _where_plans_begin(f: Frontier) -> str:
    """`none below 25,000 USD, none below 160 hours`; "" where that says nothing."""
    planned = [point for point in f.points if point.value is not None]
    parts = []
    for position, axis in enumerate(f.axes):
        least = min((point.at[position] for point in planned), default=None)
        if least is not None and least > axis.values[0]:
            parts.append(f"none below {axis_value(axis, least)}")
    return ", ".join(parts)
