"""A plan as a sequence of headings, sentences and tables, which text, Markdown and HTML then draw alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from optimizer.measures import MEASURES, unit_of
from optimizer.plan import Assumption, Line, ObjectiveResult, Plan, sum_amounts
from optimizer.report.format import (
    UNKNOWN,
    count,
    gap_percent,
    money_digits,
    number,
    percent,
    plain_number,
    printable,
    rounded_to_total,
    short,
    significant,
)

TIER_ORDER = {tier: position for position, tier in enumerate(("nano", "micro", "mid", "macro", "mega"))}
SHARE_FIELDS = frozenset({
    "commission", "reach_rate", "engagement_rate", "click_rate", "conversion_rate", "authentic", "on_target", "completion",
    "repeat_decay", "audience.overlap", "fees.agency", "fees.contingency",
})  # fmt: skip
"""Assumptions that read better as percentages."""


@dataclass(frozen=True)
class Table:
    """A table; `numeric` says which columns are right-aligned, `strong` which rows stand out."""

    title: str
    columns: Sequence[str]
    rows: list[list[str]]
    numeric: Sequence[bool]
    strong: frozenset[int] = frozenset()
    note: str = ""


@dataclass(frozen=True)
class Sentences:
    """Lines of text under a title; the first of the whole report is the answer."""

    title: str
    lines: list[str] = field(default_factory=list)


Section = Table | Sentences


def sections(plan: Plan, *, every_assumption: bool = False) -> Iterator[Section]:
    """The whole report, most important first."""
    yield Sentences("", list(_answer(plan)))
    if plan.lines:
        yield _lines_table(plan)
        yield Sentences("Totals", list(_totals(plan)))
    if plan.limits:
        yield _limits_table(plan)
    if plan.unused:
        yield Sentences("Not used", list(_unused(plan)))
    if plan.flags:
        rows = [
            f"{flag.severity}: {printable(flag.message)} {printable(flag.advice)}".strip()
            for flag in plan.flags
        ]
        yield Sentences("Worth knowing", rows)
    yield from _assumptions(plan, every_assumption)
    yield Sentences("Certificate", list(_certificate(plan)))


def amount(plan: Plan, measure: str, value: float | None) -> str:
    """A value of a measure with its unit: "59,940 USD", "412,300 engagements"."""
    if value is None:
        return UNKNOWN
    unit = unit_of(measure, plan.currency)
    if measure in ("cost", "revenue", "profit"):
        return f"{number(value, money_digits([value], plan.currency))} {unit}"
    if measure in ("hours", "creators", "posts"):
        return f"{_tenths(value)} {unit}"
    if measure in ("impressions", "engagements", "clicks", "conversions", "reach", "gross_reach"):
        return f"{number(value) if abs(value) >= 100 else significant(value)} {unit}"
    return f"{plain_number(value)} {printable(unit)}"


def headline(plan: Plan) -> str:
    """The answer in one line."""
    goal, totals = plan.objective, plan.totals
    if not plan.lines:
        return "The best plan books nobody."
    parts = [] if goal.measure == "cost" else [amount(plan, goal.measure, goal.value)]
    if goal.measure == "cost":
        result = next(
            (m for m in ("engagements", "conversions", "clicks", "impressions") if getattr(totals, m)), None
        )
        parts += [amount(plan, "cost", goal.value)] + (
            [f"for {amount(plan, result, getattr(totals, result))}"] if result else []
        )
    elif totals.cost is not None:
        parts.append(f"for {amount(plan, 'cost', totals.cost)}")
    if totals.hours is not None and goal.measure != "hours":
        parts.append(f"and {amount(plan, 'hours', totals.hours)}")
    return " ".join(parts) + f", with {count(totals.creators)} creators and {count(totals.posts)} posts."


def _answer(plan: Plan) -> Iterator[str]:
    yield headline(plan)
    yield _proof(plan)
    binding = [printable(limit.name) for limit in plan.limits if limit.binding]
    full = [printable(name) for name in _full_offers(plan)]
    if binding:
        yield "Held back by " + _and(binding) + "."
    elif full and plan.lines:
        yield "Held back by the creators available, not by any limit."
    for later in plan.objectives[1:]:
        yield f"Then {_goal(plan, later)}: {amount(plan, later.measure, later.value)}."


def _proof(plan: Plan) -> str:
    goal = plan.objective
    word = "more" if goal.sense == "maximize" else "less"
    if plan.status != "optimal":
        if goal.gap is None:
            return "Stopped before the proof: a valid plan, but how far from the best is not known."
        return f"Stopped before the proof: at most {gap_percent(goal.gap)} better is possible ({_bound(plan, goal)})."
    if goal.gap == 0:
        text = f"Proven best: no plan within these limits brings {word}."
    else:
        text = (
            f"Proven best to within {gap_percent(goal.gap)}: no plan brings {word} than {_bound(plan, goal)}."
        )
    if goal.within and goal.value != goal.best:
        given = abs(goal.best - goal.value) / abs(goal.best) if goal.best else 0.0
        text += f" Of the best {amount(plan, goal.measure, goal.best)}, {percent(given)} is given up for what comes next."
    return text if goal.sense == "maximize" else text.replace("brings less", "needs less")


def _bound(plan: Plan, goal: ObjectiveResult) -> str:
    return amount(plan, goal.measure, goal.bound)


def _goal(plan: Plan, goal: ObjectiveResult) -> str:
    verb = "as much" if goal.sense == "maximize" else "as little"
    return f"{verb} {printable(goal.measure)} as possible"


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def _full_offers(plan: Plan) -> list[str]:
    booked: dict[str, float] = {}
    for line in plan.lines:
        booked[line.offer] = booked.get(line.offer, 0.0) + line.creators
    return list(
        dict.fromkeys(x.offer for x in plan.lines if x.room is not None and booked[x.offer] >= x.room - 1e-9)
    )


def _tenths(value: float | None) -> str:
    """Hours and counts: whole, or with one decimal where that is not the same."""
    if value is None:
        return UNKNOWN
    return number(value) if abs(value - round(value)) < 0.05 else number(value, 1)


_EXTRA = ("engagements", "clicks", "conversions", "revenue", "profit", "gross_reach")


def _shown_measures(plan: Plan) -> list[str]:
    """Result columns worth their space: the objectives, engagements, and what limits are about."""
    asked = [goal.measure for goal in plan.objectives] + [limit.measure for limit in plan.limits]
    names = [name for name in _EXTRA if name == "engagements" or name in asked]
    names += [name for name in dict.fromkeys(asked) if name in plan.totals.measures]
    known = [n for n in names if any(_value(line, n) is not None for line in plan.lines)]
    return known[:3]


def _value(line: Line, measure: str) -> float | None:
    if measure in MEASURES:
        value: float | None = getattr(line, measure)
        return value
    return line.measures.get(measure)


def sorted_lines(plan: Plan) -> list[Line]:
    """Lines by tier (small to large), then platform, in the order of the offers."""
    order = {line.offer: position for position, line in reversed(list(enumerate(plan.lines)))}
    return sorted(
        plan.lines,
        key=lambda x: (
            TIER_ORDER.get(x.tier or "", 9),
            x.platform or "",
            order[x.offer],
            x.posts_per_creator,
        ),
    )


def _lines_table(plan: Plan) -> Table:
    """Lines with a subtotal for each tier and platform that has several; parts add up to what is printed below."""
    lines = sorted_lines(plan)
    shown = _shown_measures(plan)
    with_impressions = any(line.impressions is not None for line in lines)
    with_cost = any(line.cost is not None for line in lines)
    digits = money_digits([line.cost for line in lines], plan.currency)
    costs = rounded_to_total([line.cost for line in lines], digits)
    results = {
        name: rounded_to_total([_value(line, name) for line in lines], _digits_of(plan, name))
        for name in shown
    }
    per = "engagements" in shown and with_cost
    columns = ["offer", "creators", "posts", *(["cost"] if with_cost else []), "hours"]
    columns += (
        (["impr."] if with_impressions else []) + [printable(n) for n in shown] + (["CPE"] if per else [])
    )
    rows: list[list[str]] = []
    strong: set[int] = set()

    def add(label: str, creators: str, chosen: Sequence[int], *, bold: bool) -> None:
        part = sum_amounts([lines[i] for i in chosen])
        row = [label, creators, count(part.posts)]
        if with_cost:
            row.append(number(_add(costs[i] for i in chosen), digits))
        row.append(_tenths(part.hours))
        if with_impressions:
            row.append(short(part.impressions))
        row += [number(_add(results[name][i] for i in chosen), _digits_of(plan, name)) for name in shown]
        if per:
            row.append(significant(part.cpe))
        if bold:
            strong.add(len(rows))
        rows.append(row)

    groups: dict[tuple[str, str], list[int]] = {}
    for i, line in enumerate(lines):
        groups.setdefault((line.tier or "", line.platform or ""), []).append(i)
    for (tier, platform), members in groups.items():
        for i in members:
            line = lines[i]
            times = f" ×{line.posts_per_creator}" if line.posts_per_creator > 1 else ""
            room = f"/{count(line.room)}" if line.room is not None else ""
            add(printable(line.offer) + times, count(line.creators) + room, [i], bold=False)
        label = " ".join(part for part in (tier, platform) if part)
        if len(members) > 1 and len(groups) > 1 and label:
            add(f"= {printable(label)}", count(sum(lines[i].creators for i in members)), members, bold=False)
    everything = list(range(len(lines)))
    add("total", count(plan.totals.creators), everything, bold=True)
    numeric = [False] + [True] * (len(columns) - 1)
    note = f"Cost in {plan.currency}." + (
        " ×3: three posts by each creator." if any(x.posts_per_creator > 1 for x in lines) else ""
    )
    if any(line.room is not None for line in lines):
        note += " 5/20: five booked of twenty available."
    return Table("Plan", columns, rows, numeric, frozenset(strong), note)


def _digits_of(plan: Plan, measure: str) -> int:
    """Decimals a result deserves: none for large counts, two for small ones."""
    if measure in ("revenue", "profit"):
        return money_digits([getattr(plan.totals, measure)], plan.currency)
    values = [v for line in plan.lines if (v := _value(line, measure)) is not None]
    whole = all(abs(v - round(v)) < 1e-9 for v in values)
    return (
        0 if whole or sum(abs(v) for v in values) >= 1000 else 1 if sum(abs(v) for v in values) >= 10 else 2
    )


def _add(values: Iterable[float | None]) -> float | None:
    values = list(values)
    return None if any(v is None for v in values) else sum(v for v in values if v is not None)


def _totals(plan: Plan) -> Iterator[str]:
    totals, currency = plan.totals, plan.currency
    parts = totals.cost_parts
    if totals.cost is not None:
        line = f"cost: {amount(plan, 'cost', totals.cost)}"
        if parts is not None and (parts.agency or parts.contingency or parts.commission or parts.setup):
            named = {"creators": parts.creators, "agency fee": parts.agency, "contingency": parts.contingency,
                     "commission": parts.commission, "set-up": parts.setup}  # fmt: skip
            digits = money_digits(list(named.values()), currency)
            rounded = rounded_to_total(list(named.values()), digits)
            line += " = " + " + ".join(
                f"{name} {number(v, digits)}" for name, v in zip(named, rounded, strict=True) if v
            )
        yield line
    for measure, ratio in (
        ("impressions", "cpm"),
        ("engagements", "cpe"),
        ("clicks", "cpc"),
        ("conversions", "cpa"),
    ):
        value = getattr(totals, measure)
        if value is not None:
            price = getattr(totals, ratio)
            words = {"cpm": "per 1,000 (CPM)", "cpe": "each (CPE)", "cpc": "each (CPC)", "cpa": "each (CPA)"}[
                ratio
            ]
            yield f"{amount(plan, measure, value)}" + (
                f", {significant(price)} {currency} {words}" if price is not None else ""
            )
    if totals.revenue is not None:
        yield f"revenue: {amount(plan, 'revenue', totals.revenue)}" + (
            f", profit {amount(plan, 'profit', totals.profit)}" if totals.profit is not None else ""
        )
    for name, value in totals.measures.items():
        if value is not None:
            yield f"{printable(name)}: {plain_number(value)}"
    if totals.reach is not None and plan.audience is not None:
        yield from _reach(plan)


def _reach(plan: Plan) -> Iterator[str]:
    totals, audience = plan.totals, plan.audience
    assert audience is not None
    assert totals.reach is not None
    share = totals.reach / audience.people
    overlap = (
        "audiences taken as independent"
        if audience.overlap is None
        else f"with {percent(audience.overlap)} overlap"
    )
    yield f"reach: about {short(totals.reach)} people, {percent(share, 2)} of the audience (estimate, {overlap})"
    extra = []
    if totals.frequency is not None:
        extra.append(f"average frequency {significant(totals.frequency, 2)}")
    if totals.reach_two_or_more is not None:
        extra.append(f"about {short(totals.reach_two_or_more)} people reached by two or more creators")
    if extra:
        yield "; ".join(extra)


def _limits_table(plan: Plan) -> Table:
    rows = []
    for limit in plan.limits:
        sides = []
        for word, value in (("min", limit.min), ("max", limit.max)):
            if value is not None:
                sides.append(f"{word} {_bare(plan, limit.measure, value)}")
        side = " ".join(sides) + (f" ({printable(limit.text)})" if limit.text else "")
        used = ""
        if limit.value is not None and limit.max and limit.min is None and limit.max > 0:
            used = percent(limit.value / limit.max)
        rows.append(
            [
                printable(limit.name),
                _bare(plan, limit.measure, limit.value),
                side,
                used,
                _bare(plan, limit.measure, limit.slack),
                "binding" if limit.binding else "",
            ]
        )
    strong = frozenset(i for i, limit in enumerate(plan.limits) if limit.binding)
    note = (
        "Binding: less is left than the smallest further booking would need."
        if strong and plan.whole_creators
        else ""
    )
    return Table("Limits", ["limit", "plan", "allowed", "used", "left", ""], rows,
                 [False, True, True, True, True, False], strong, note)  # fmt: skip


def _bare(plan: Plan, measure: str, value: float | None) -> str:
    if value is None:
        return UNKNOWN
    if measure in ("cpm", "cpe", "cpc", "cpa"):
        return significant(value)
    if measure in ("cost", "revenue", "profit"):
        return number(value, money_digits([value], plan.currency))
    if measure in MEASURES or measure == "reach":
        return number(value) if abs(value) >= 100 or value == round(value) else significant(value)
    return plain_number(value)


def _unused(plan: Plan) -> Iterator[str]:
    reasons: dict[str, list[str]] = {}
    for offer in plan.unused:
        why = offer.reason + (f": {printable(offer.detail)}" if offer.detail else "")
        reasons.setdefault(why, []).append(printable(offer.offer))
    for why, names in reasons.items():
        shown = names if len(names) <= 8 else [*names[:8], f"{len(names) - 8} more"]
        yield f"{', '.join(shown)} ({why})"


def _assumptions(plan: Plan, everything: bool) -> Iterator[Section]:
    used = {line.offer for line in plan.lines} | {""}
    chosen = [
        a
        for a in plan.assumptions
        if everything or (a.offer in used and a.origin not in ("derived", "yours"))
    ]
    yield Sentences("Assumptions", [_origin_counts(plan)])
    if not chosen:
        return
    merged: dict[tuple[str, str, str, str], list[str]] = {}
    for a in chosen:
        merged.setdefault((a.field, _range_text(a), a.origin, a.source), []).append(a.offer)
    total = len({a.offer for a in chosen if a.offer})
    rows = [
        [printable(field_name), value, _offers_text(offers, total, everything), _origin_text(origin, source)]
        for (field_name, value, origin, source), offers in sorted(
            merged.items(), key=lambda item: _field_order(item[0][0])
        )
    ]
    note = (
        "" if everything else "Of the offers in the plan; every number of every offer: --format md or json."
    )
    yield Table(
        "",
        ["number", "value (low to high)", "offers", "origin"],
        rows,
        [False, True, False, False],
        note=note,
    )


def _field_order(name: str) -> tuple[int, str]:
    first = ("cost", "cpm", "followers", "reach", "impressions", "engage", "hours")
    return next((i for i, start in enumerate(first) if name.startswith(start)), len(first)), name


def _origin_counts(plan: Plan) -> str:
    words = {
        "yours": "yours", "benchmark": "from benchmarks", "assumption": "our assumptions without public source",
        "default": "defaults", "derived": "computed from others",
    }  # fmt: skip
    counts = {origin: sum(a.origin == origin for a in plan.assumptions) for origin in words}
    return "Numbers behind this plan: " + ", ".join(f"{n} {words[o]}" for o, n in counts.items() if n) + "."


def _range_text(a: Assumption) -> str:
    def show(value: float) -> str:
        return percent(value) if a.field in SHARE_FIELDS else plain_number(value)

    return show(a.value) if a.low == a.high else f"{show(a.value)} ({show(a.low)} to {show(a.high)})"


def _offers_text(offers: list[str], total: int, everything: bool) -> str:
    names = [printable(name) for name in offers if name]
    if not names:
        return "all"
    if len(names) == total and total > 1:
        return f"all {total}"
    return ", ".join(names) if everything or len(names) <= 2 else f"{names[0]} + {len(names) - 1} more"


def _origin_text(origin: str, source: str) -> str:
    return origin + (f": {printable(source)}" if source else "")


def _certificate(plan: Plan) -> Iterator[str]:
    for goal in plan.objectives:
        bound = "unknown" if goal.bound is None else _bound(plan, goal)
        yield f"{goal.sense} {printable(goal.measure)}: found {amount(plan, goal.measure, goal.best)}, bound {bound}, gap {gap_percent(goal.gap)}"
    s = plan.solver
    yield f"solver {printable(s.version)} ({printable(s.raw_status)}, {s.seconds:.2f} s); every total and limit recounted in decimal arithmetic"
    yield f"scenario {printable(plan.scenario.name)}, sha256 {plan.scenario.sha256[:16]}; creatormix {plan.version}"
