"""Safety -> sections for text and Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.language.numbers import (
    UNKNOWN,
    cases,
    count,
    gap_percent,
    number,
    percent,
    printable,
    rounded_to_total,
    tenths,
)
from optimizer.report.layout.parts import Section, Sentences, Table
from optimizer.risk.safety.findings import bad, chance_text, good, headline_promise, rounded
from optimizer.risk.safety.result import SafePlan, Safety, shares_of

BUDGET = "budget"
MOST_OFFERS = 30
"""Rows of who is booked on the screen; files have all."""


def safety_sections(s: Safety, *, everything: bool = False) -> Iterator[Section]:
    """The whole report: what safety costs, the findings, then the plans behind them."""
    yield Sentences("", list(s.sentences[:1]))
    if len(s.sentences) > 1:
        yield Sentences("Findings", list(s.sentences[1:]), "findings")
    if s.varies:
        yield plans_table(s)
        yield promises_table(s)
    yield bookings_table(s, everything=everything)


def plans_table(s: Safety) -> Table:
    """Every plan, the best expected result first."""
    budget = any(kept_of(plan, BUDGET) is not None for plan in s.plans)
    # of a budget alone that would say the same twice
    kept = any(plan.all_kept is not None and plan.all_kept != kept_of(plan, BUDGET) for plan in s.plans)
    hours = any(plan.hours is not None for plan in s.plans)
    cost = any(plan.cost is not None for plan in s.plans)
    chosen = [
        ("plan", True, True),
        ("k", True, True),
        ("expected", True, True),
        ("bad case", True, True),
        ("half", True, True),
        ("good case", True, True),
        ("to target", True, s.target is not None),
        ("in budget", True, budget),
        ("all limits", True, kept),
        ("cost", True, cost),
        ("hours", True, hours),
        (f"% of {'money' if cost else 'creators'}", False, True),
    ]
    rows, strong = [], set()
    for position, plan in enumerate(s.plans):
        today = plan.number == s.today
        if today:
            strong.add(position)
        row = [
            f"{'*' if today else ''}{plan.number}",
            k_text(plan),
            rounded(plan.expected),
            rounded(bad(s, plan)),
            rounded(plan.p50),
            rounded(good(s, plan)),
            "" if plan.target_chance is None else chance_text(plan.target_chance),
            in_budget(plan),
            UNKNOWN if plan.all_kept is None else chance_text(plan.all_kept),
            number(plan.cost),
            tenths(plan.hours),
            mix_text(plan),
        ]
        rows.append([cell for cell, (_, _, wanted) in zip(row, chosen, strict=True) if wanted])
    columns = [(name, numeric) for name, numeric, wanted in chosen if wanted]
    worse, better = ("below", "above") if s.sense == "maximize" else ("above", "below")
    note = (
        f"Result in {printable(s.unit)}. *: today's plan. 1 in 10 cases is {worse} the bad case, half are above half, "
        f"1 in 10 is {better} the good case. Expected: the mean of all cases, which differs from the result by typical "
        "numbers where good luck goes further than bad luck. k: the plan is the best by its mean less k standard "
        "deviations."
    )
    if s.sense == "minimize":
        note = note.replace("mean less", "mean plus")
    gaps = [plan.criterion.gap for plan in s.plans if plan.criterion is not None]
    known = [gap for gap in gaps if gap is not None]
    if known and len(known) == len(gaps) and s.proven:
        by = f" by over {gap_percent(max(known))}" if max(known) > 0 else ""
        word = "more" if s.sense == "maximize" else "less"
        note += f" Each is proven: no other plan has {word} of it{by}."
    if any(plan.criterion is None for plan in s.plans):
        note += f" {UNKNOWN}: the best at none of the k looked at."
    return Table(
        "Plans from bold to safe", [name for name, _ in columns], rows, [n for _, n in columns],
        frozenset(strong), note, "plans",
    )  # fmt: skip


def k_text(plan: SafePlan) -> str:
    """The k at which a plan is the best."""
    return UNKNOWN if plan.criterion is None else f"{plan.criterion.k:.2f}"


def kept_of(plan: SafePlan, limit: str) -> float | None:
    """How often a limit is kept; None where there is none of this name."""
    return next((chance.chance for chance in plan.chances if chance.limit == limit), None)


def in_budget(plan: SafePlan) -> str:
    """How often the plan stays in the budget."""
    chance = kept_of(plan, BUDGET)
    return UNKNOWN if chance is None else chance_text(chance)


def mix_text(plan: SafePlan) -> str:
    """`macro 80, micro 20`, in percent, the largest first; they add up to 100."""
    shares = shares_of(plan.mix)
    if not shares:
        return "nobody"
    whole = dict(zip(shares, rounded_to_total([100 * v for v in shares.values()], 0, 100.0), strict=True))
    ordered = sorted(shares, key=lambda group: -shares[group])
    return ", ".join(
        f"{printable(group)}\N{NO-BREAK SPACE}{number(whole[group]) if whole[group] else '<1'}"
        for group in ordered
    )


def promises_table(s: Safety) -> Table:
    """What can be promised at each confidence."""
    others = any(p.asked_for is not None and p.asked_for != p.plan for p in s.promises)
    best = "at least" if s.sense == "maximize" else "at most"
    columns = [
        "in",
        best,
        "plan",
        "boldest",
        "gained",
        "expected given up",
        *(["confidence: gives"] * others),
    ]
    rows = []
    for p in s.promises:
        row = [
            cases(p.confidence),
            rounded(p.dependable),
            str(p.plan),
            rounded(p.boldest),
            percent(p.gained / abs(p.boldest), 2) if p.boldest else rounded(p.gained),
            UNKNOWN if p.given_up_share is None else percent(p.given_up_share, 2),
        ]
        if others:
            row.append(
                ""
                if p.asked_for_dependable is None
                else f"{rounded(p.asked_for_dependable)} (plan {p.asked_for})"
            )
        rows.append(row)
    note = f"In {printable(s.unit)}. Plan 1 has the best expected result."
    if others:
        note += (
            " The last column is the plan that confidence: in the objective is proven for; where another plan comes to "
            "more in the drawn cases, that one is told."
        )
    return Table(
        "What can be promised",
        columns,
        rows,
        [False, *[True] * (len(columns) - 1)],
        note=note,
        key="promises",
    )


def shown_plans(s: Safety) -> list[tuple[str, SafePlan]]:
    """Plans whose bookings are worth a column: today's, the one to promise, that for the target, the boldest."""
    found = [("today", s.plan_of(s.today))]
    if s.varies:
        found.append(("to promise", s.plan_of(headline_promise(s).plan)))
        if s.target is not None:
            found.append(("for the target", s.plan_of(s.target.plan)))
        found.append(("best expected", s.plans[0]))
    names: dict[int, list[str]] = {}
    for name, plan in found:
        names.setdefault(plan.number, []).append(name)
    return [(", ".join(words), s.plan_of(number_of)) for number_of, words in names.items()]


def bookings_table(s: Safety, *, everything: bool) -> Table:
    """Who is booked in today's plan, in the one to promise and in that for the target."""
    shown = shown_plans(s)
    counts = [{(b.offer, b.posts_per_creator): b.creators for b in plan.bookings} for _, plan in shown]
    keys = list(dict.fromkeys(key for each in counts for key in each))
    several = {offer for offer, _ in keys if sum(key[0] == offer for key in keys) > 1}
    posts = any(each > 1 for _, each in keys)
    rows = []
    for offer, each in keys if everything else keys[:MOST_OFFERS]:
        name = printable(offer)
        if posts and (each > 1 or offer in several):
            name += f" ({each} {'post' if each == 1 else 'posts'})"
        rows.append([name, *(count(found.get((offer, each), 0)) for found in counts)])
    columns = ["creators of", *(f"plan {plan.number}, {name}" for name, plan in shown)]
    left = len(keys) - len(rows)
    note = f"{left} more are left out; --format csv has all." if left else ""
    if not rows:
        rows.append(["nobody", *["0"] * len(shown)])
    return Table("Who is booked", columns, rows, [False, *[True] * len(shown)], note=note, key="bookings")
