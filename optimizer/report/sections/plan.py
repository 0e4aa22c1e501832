"""A plan as a sequence of headings, sentences and tables, which text, Markdown and HTML then draw alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from optimizer.language.among import among
from optimizer.language.measures import KINDS, MEASURES, REACH, is_money, unit_of
from optimizer.language.numbers import (
    UNKNOWN,
    count,
    counted,
    gap_percent,
    measured,
    money_digits,
    number,
    percent,
    plain_number,
    printable,
    rounded_to_total,
    significant,
    tenths,
)
from optimizer.plan.certificate import ObjectiveResult
from optimizer.plan.contribution import contribution
from optimizer.plan.plan import Plan, asked_for
from optimizer.plan.typical import typical_of
from optimizer.report.layout.parts import Section, Sentences, Table
from optimizer.report.sections.assumptions import assumption_sections
from optimizer.report.sections.certificate import tried
from optimizer.report.sections.confidence import asked, by_criterion, by_other_k, criterion, promised
from optimizer.report.sections.lines import lines_table
from optimizer.report.sections.over_cases import case_by_case, in_which, verb
from optimizer.report.sections.reach import moved_line, of_all_reach, reach_lines, shown_reach
from optimizer.report.sections.risk import risk_lines, risk_sections
from optimizer.report.sections.segments import segment_sections


def sections(plan: Plan, *, every_assumption: bool = False) -> Iterator[Section]:
    """The whole report, most important first."""
    yield Sentences("", list(_answer(plan)), "answer")
    if plan.lines:
        yield lines_table(plan)
        yield Sentences("Totals", list(_totals(plan)), "totals")
        yield from segment_sections(plan)
        yield from risk_sections(plan)
    if plan.limits:
        yield _limits_table(plan)
    if plan.unused:
        yield Sentences("Not used", list(_unused(plan)), "unused")
    if plan.flags:
        rows = [
            f"{flag.severity}: {printable(flag.message)} {printable(flag.advice)}".strip()
            for flag in plan.flags
        ]
        warnings = frozenset(i for i, flag in enumerate(plan.flags) if flag.severity == "warning")
        yield Sentences("Worth knowing", rows, "flags", warnings)
    yield from assumption_sections(plan, everything=every_assumption)
    yield Sentences("Certificate", list(_certificate(plan)), "certificate")


def amount(plan: Plan, measure: str, value: float | None) -> str:
    """A value of a measure with its unit: "59,940 USD", "412,300 engagements"."""
    if value is None:
        return UNKNOWN
    text, unit = number_and_unit(plan, measure, value)
    of = f" of {measure.replace('_', ' ')}" if is_money(measure) and measure != "cost" else ""
    return f"{text} {unit}{of}"


def number_and_unit(plan: Plan, measure: str, value: float) -> tuple[str, str]:
    """The same in two: ("59,940", "USD")."""
    unit = unit_of(measure, plan.currency)
    if is_money(measure):
        return number(value, money_digits([value], plan.currency)), unit
    if measure in ("creators", "posts"):
        text = count(value)
    elif measure == "hours":
        text = tenths(value)
    elif measure in MEASURES or measure == REACH.name:
        text = measured(value)
    else:
        return plain_number(value), printable(unit)
    return text, unit.removesuffix("s") if text == "1" else unit


def headline(plan: Plan) -> str:
    """The answer in one line, in round numbers; the table below it has them to the cent."""
    goal, totals = plan.objective, plan.totals

    def about(measure: str, value: float | None) -> str:
        rounded = value if value is None or abs(value) < 100 or measure == "hours" else float(round(value))
        return amount(plan, measure, rounded)

    if not plan.lines:
        if plan.status != "optimal":
            return "Nobody is booked: time was up before any better plan was found."
        why = [flag.message for flag in plan.flags if flag.code == "budget-below-prices"]
        return " ".join(["The best plan books nobody.", *why])
    typical = "" if goal.confidence is None else about(goal.measure, typical_of(plan, goal)).split(" ")[0]
    where = f" in {printable(' + '.join(goal.segments))}" if goal.segments else ""
    value = shown_reach(plan) if of_all_reach(plan) else goal.value
    promise = promised(goal, about(goal.measure, value), typical) + where + in_which(goal)
    promise = promise[0].upper() + promise[1:] if goal.confidence is not None else promise
    if goal.over is not None and goal.over.by == "regret":
        promise = f"At most {promise}"
    parts = [] if goal.measure == "cost" else [promise]
    if goal.measure == "cost":
        result = next(
            (m for m in ("engagements", "conversions", "clicks", "impressions") if getattr(totals, m)), None
        )
        parts += [promise] + ([f"for {about(result, getattr(totals, result))}"] if result else [])
    elif totals.cost is not None:
        parts.append(f"for {about('cost', totals.cost)}")
    if totals.hours is not None and goal.measure != "hours":
        parts.append(f"and {about('hours', totals.hours)}")
    return " ".join(parts) + f": {counted(totals.creators, 'creators')}, {counted(totals.posts, 'posts')}."


def _answer(plan: Plan) -> Iterator[str]:
    yield headline(plan)
    yield _proof(plan)
    if not plan.solver.checked.kept:  # else the bound is over all, as the certificate says
        yield from among(plan.scenario.kept, plan.scenario.creators)
    if words := moved_line(plan):
        yield words
    yield from risk_lines(plan)
    for goal in plan.objectives:
        if goal.over is not None:
            typical = amount(plan, goal.measure, plan.totals.of(goal.measure))
            yield case_by_case(plan, goal, typical)
    binding = [printable(limit.name) for limit in plan.limits if limit.binding]
    full = [printable(name) for name in _full_offers(plan)]
    if binding:
        yield "Held back by " + _and(binding) + "."
    elif full and plan.lines:
        yield "Held back by the creators available, not by any limit."
    for later in plan.objectives[1:]:
        yield f"Then {_goal(plan, later)}: {promised(later, amount(plan, later.measure, later.value), '')}."


def _proof(plan: Plan) -> str:
    goal = plan.objective
    if plan.status != "optimal":
        if goal.gap is None:
            return "Stopped before the proof: a valid plan, but how far from the best is not known."
        if goal.gap == 0:  # a later one is open
            later = " and ".join(printable(g.measure) for g in plan.objectives[1:]) or "it"
            return f"Nothing is better for {printable(goal.measure)}; stopped before the proof for {later}."
        by = f"{by_criterion(goal)} " if by_other_k(goal) else ""
        most = f"at most {gap_percent(goal.gap)} better is possible ({_bound(plan, goal)})"
        return f"Stopped before the proof: {by.lstrip()}{most}."
    reached = goal.value if goal.criterion is None else goal.criterion
    given_up = goal.within > 0 and reached != goal.best
    by = by_criterion(goal)
    if by_other_k(goal) and not given_up:
        within = "" if goal.gap == 0 else f" to within {gap_percent(goal.gap)}"
        return f"Proven best{within}{by}; of the plans that are best by mean and deviation, it promises the most."
    if goal.gap == 0 and not given_up:
        return f"Proven best{by}: no plan within these limits {verb(goal, than=False)}."
    within = "" if goal.gap == 0 else f" to within {gap_percent(goal.gap)}"
    text = f"Proven{' best' if not given_up else ''}{within}{by}: no plan {verb(goal, than=True)} {_bound(plan, goal)}"
    if given_up:
        given = abs(goal.best - reached) / abs(goal.best) if goal.best else 0.0
        later = " and ".join(printable(g.measure) for g in plan.objectives[1:])
        text += f"; {percent(given)} of that is given up for {later}"
    return text + "."


def _bound(plan: Plan, goal: ObjectiveResult) -> str:
    return amount(plan, goal.measure, goal.bound)


def _goal(plan: Plan, goal: ObjectiveResult) -> str:
    if goal.over is not None:
        return printable(goal.asked.replace("minimize", "the least").replace("maximize", "the most"))
    return f"the {'most' if goal.sense == 'maximize' else 'least'} {printable(goal.measure)}"


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def _full_offers(plan: Plan) -> list[str]:
    booked: dict[str, float] = {}
    for line in plan.lines:
        booked[line.offer] = booked.get(line.offer, 0.0) + line.creators
    return list(
        dict.fromkeys(x.offer for x in plan.lines if x.room is not None and booked[x.offer] >= x.room - 1e-9)
    )


def _totals(plan: Plan) -> Iterator[str]:
    totals, currency = plan.totals, plan.currency
    parts = totals.cost_parts
    if totals.cost is not None:
        line = f"cost: {amount(plan, 'cost', totals.cost)}"
        if parts is not None and (parts.agency or parts.contingency or parts.commission or parts.setup):
            named = {"creators": parts.creators, "agency fee": parts.agency, "contingency": parts.contingency,
                     "commission": parts.commission, "set-up": parts.setup}  # fmt: skip
            digits = money_digits([totals.cost, *named.values()], currency)
            rounded = rounded_to_total(list(named.values()), digits, totals.cost)
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
        if value is not None and asked_for(plan, measure):
            price = getattr(totals, ratio)
            words = {"cpm": "per 1,000 (CPM)", "cpe": "each (CPE)", "cpc": "each (CPC)", "cpa": "each (CPA)"}[
                ratio
            ]
            yield (
                f"{amount(plan, measure, value)}"
                + (f", {significant(price)} {currency} {words}" if price is not None else "")
                + (_weights(plan) if measure == "engagements" else "")
            )
        if measure == "engagements" and (kinds := _kinds(plan)):
            yield kinds
    if totals.revenue is not None:
        yield _contribution(plan)
    for name in (m for m in MEASURES if m not in _TOLD and _asked_about(plan, m)):
        value = totals.of(name)
        if name != "cost_of_goods" or totals.revenue is None:  # else it stands between revenue and profit
            text = UNKNOWN if value is None else " ".join(number_and_unit(plan, name, value))
            yield f"{name.replace('_', ' ')}: {text}"
    for name, value in totals.measures.items():
        if value is not None:
            yield f"{printable(name)}: {plain_number(value)}"
    yield from reach_lines(plan)


_TOLD = frozenset({"cost", "hours", "creators", "posts", "impressions", "engagements", *KINDS, "clicks",
                   "conversions", "revenue", "profit", "gross_reach"})  # fmt: skip
"""Measures that have a line of their own among the totals, or stand in another."""


def _kinds(plan: Plan) -> str:
    """Engagements by kind, those that are known, in one line."""
    known = [(name, value) for name in KINDS if (value := plan.totals.of(name)) is not None]
    weighted = ", unweighted" if _weights(plan) else ""
    return "of these" + weighted + ": " + ", ".join(amount(plan, *kind) for kind in known) if known else ""


def _contribution(plan: Plan) -> str:
    """Revenue and what is left of it; where goods cost something, with each part."""
    text = amount(plan, "revenue", plan.totals.revenue)
    parts = contribution(plan)
    if parts is None:
        return text
    if not parts.goods:
        return f"{text}, {amount(plan, 'profit', plan.totals.profit)}"
    return (
        f"{text} - {parts.goods} cost of goods - {parts.cost} cost = {parts.profit} {plan.currency} of profit"
    )


def _asked_about(plan: Plan, measure: str) -> bool:
    return measure in {*(goal.measure for goal in plan.objectives), *(limit.measure for limit in plan.limits)}


def _weights(plan: Plan) -> str:
    """How kinds of engagement are weighted, where they are."""
    prefix = "engagement_weights."
    weights = [
        (a.field.removeprefix(prefix), a.value) for a in plan.assumptions if a.field.startswith(prefix)
    ]
    if all(value == 1 for _, value in weights):
        return ""
    return ", weighted: " + ", ".join(
        f"{printable(kind)} count {plain_number(value)}" for kind, value in weights
    )


def _limits_table(plan: Plan) -> Table:
    rows = []
    for limit in plan.limits:
        sides = []
        for word, value in (("min", limit.min), ("max", limit.max)):
            if value is not None:
                none = " or none" if limit.or_none and word == "min" else ""
                sides.append(f"{word} {_bare(plan, limit.measure, value)}{none}")
        side = " ".join(sides) + (f" ({printable(limit.text)})" if limit.text else "") + asked(limit)
        value = limit.value if limit.dependable is None else limit.dependable
        used = ""
        if value is not None and limit.max and limit.min is None and limit.max > 0:
            used = percent(value / limit.max)
        rows.append(
            [
                printable(limit.name),
                _bare(plan, limit.measure, value),
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
    if any(limit.confidence is not None for limit in plan.limits):
        sure = "Where cases are named, plan is what is kept in so many of them, not the typical number."
        note = f"{note} {sure}".strip()
    return Table("Limits", ["limit", "plan", "allowed", "used", "left", ""], rows,
                 [False, True, True, True, True, False], strong, note, "limits")  # fmt: skip


def _bare(plan: Plan, measure: str, value: float | None) -> str:
    if value is None:
        return UNKNOWN
    if measure in ("cpm", "cpe", "cpc", "cpa"):
        return significant(value)
    if is_money(measure):
        return number(value, money_digits([value], plan.currency))
    if measure == "hours":
        return tenths(value)
    if measure in MEASURES or measure == "reach":
        return measured(value)
    return plain_number(value)


def _unused(plan: Plan) -> Iterator[str]:
    reasons: dict[str, list[str]] = {}
    for offer in plan.unused:
        why = offer.reason + (f": {printable(offer.detail)}" if offer.detail else "")
        reasons.setdefault(why, []).append(printable(offer.offer))
    for why, names in reasons.items():
        shown = names if len(names) <= 8 else [*names[:8], f"{len(names) - 8} more"]
        yield f"{', '.join(shown)} ({why})"


def _certificate(plan: Plan) -> Iterator[str]:
    for goal in plan.objectives:
        bound = "unknown" if goal.bound is None else _bound(plan, goal)
        found = amount(plan, goal.measure, goal.best)
        asked_for = printable(goal.asked) + by_criterion(goal)
        yield f"{asked_for}: found {found}, bound {bound}, gap {gap_percent(goal.gap)}"
        if words := criterion(goal):
            yield words
    s = plan.solver
    yield (
        f"solver {printable(s.version)} ({printable(s.raw_status)}, {s.seconds:.2f} s); "
        "every total and limit recounted in decimal arithmetic"
    )
    if checked := tried(s.checked):
        yield f"checked: {checked}"
    yield f"scenario {printable(plan.scenario.name)}, sha256 {plan.scenario.sha256[:16]}; creatormix {plan.version}"
