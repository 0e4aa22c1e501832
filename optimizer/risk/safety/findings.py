"""Safety -> its findings in plain sentences, most important first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from optimizer.language.among import among
from optimizer.language.measures import counted_in
from optimizer.language.numbers import cases, counted, measured, number, percent, printable
from optimizer.risk.safety.result import MixMove, Promise, SafePlan, Safety, SafetyTurn

SHOWN = 3
"""Turns and groups named."""
HEADLINE = 0.9
SAME = 0.005
"""A difference below half a percent is none that anybody would act on."""
SURE = 0.9995
"""Chances from here on are said to be practically certain."""


def sentences(s: Safety) -> list[str]:
    """The findings, most important first."""
    if not s.varies:
        lines = [
            f"No number behind {s.measure} has a range, so this plan is as sure as any other: "
            f"{amount(s, s.plans[0].expected)}. Give numbers as [low, typical, high], or a completion or spread.",
        ]
        if s.target is not None:
            reached = s.target.chance > 0
            lines.append(f"It {'reaches' if reached else 'does not reach'} {amount(s, s.target.value)}.")
        return [printable(line) for line in [*lines, *_among(s)]]
    lines = [*_price(s), *_among(s), *_today(s), *_target(s), *_turns(s), *_unproven(s), *_left_out(s)]
    return [printable(line) for line in lines]


def _among(s: Safety) -> list[str]:
    return among(s.scenario.kept, s.scenario.creators)


# --- words -------------------------------------------------------------------------------------------------


def amount(s: Safety, value: float) -> str:
    """A value of the objective with its unit: "32,000 engagements"."""
    return counted_in(rounded(value), s.unit)


def rounded(value: float) -> str:
    """A drawn or expected value: whole from 100 on, and no more than four digits of it."""
    if abs(value) >= 10_000:
        digits = len(f"{abs(value):.0f}") - 4
        return number(round(value, -digits) + 0.0)
    return measured(round(value) if abs(value) >= 100 else value)


def at_least(s: Safety, value: float) -> str:
    """A dependable result: "at least 20,800 engagements", "at most 12,000 USD"."""
    return f"at {'least' if s.sense == 'maximize' else 'most'} {amount(s, value)}"


def chance_text(chance: float) -> str:
    """A share of the cases: whole percents, and no certainty that 10,000 draws cannot know."""
    if chance >= SURE:
        return "100 %" if chance == 1 else "over 99.9 %"
    if 0 < chance < 0.005:
        return "under 1 %" if chance >= 0.001 else "under 0.1 %"
    return f"{number(100 * chance)} %" if chance < 0.99 else percent(chance)


def bad(s: Safety, plan: SafePlan) -> float:
    """The result that one case in ten misses."""
    return plan.p10 if s.sense == "maximize" else plan.p90


def good(s: Safety, plan: SafePlan) -> float:
    """The result that one case in ten comes to."""
    return plan.p90 if s.sense == "maximize" else plan.p10


def headline_promise(s: Safety) -> Promise:
    """That of 90 % where it is asked for, else of the highest confidence."""
    return next((p for p in s.promises if abs(p.confidence - HEADLINE) < 1e-9), s.promises[-1])


def _and(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else ", ".join(texts[:-1]) + " and " + texts[-1]


# --- sentences ---------------------------------------------------------------------------------------------


def _price(s: Safety) -> Iterator[str]:
    """What safety costs and what it brings."""
    promise, boldest = headline_promise(s), s.plans[0]
    if all(plan.criterion is None for plan in s.plans):
        mine = f"in {cases(promise.confidence)} it comes to {at_least(s, promise.dependable)}"
        yield f"Time was up before any other plan was found: of today's plan, {mine}."
        return
    where, what = cases(promise.confidence), amount(s, promise.dependable)
    lost = promise.given_up_share
    worth_it = promise.gained > SAME * max(abs(promise.boldest), abs(boldest.expected) * SAME)
    if not worth_it:
        yield (
            f"Safety costs nothing here: the plan with the best expected result ({amount(s, boldest.expected)}) is "
            f"also the one to promise; in {where} it comes to {at_least(s, promise.dependable)}."
        )
        return
    price = (
        f"{percent(lost, 2)} of the expected result" if lost is not None else f"{amount(s, promise.given_up)}"
    )
    if lost is not None and lost < SAME:
        price = "next to nothing"
    verb = "reach" if s.sense == "maximize" else "stay within"
    yield (
        f"Safety costs {price}: {where} {verb} {what} instead of {rounded(promise.boldest)} "
        f"(expected: {rounded(s.plan_of(promise.plan).expected)} instead of {rounded(boldest.expected)})."
    )


def _today(s: Safety) -> Iterator[str]:
    plan, promise = s.plan_of(s.today), headline_promise(s)
    place = s.confidences.index(promise.confidence)
    mine = plan.dependable[place]
    text = (
        f"Today's plan (plan {plan.number}) is expected to bring {amount(s, plan.expected)} and comes to "
        f"{at_least(s, mine)} in {cases(promise.confidence)}"
    )
    if promise.plan == plan.number:
        yield f"{text}: no plan found here promises more."
        return
    yield f"{text}; plan {promise.plan} to {rounded(promise.dependable)}."


def _target(s: Safety) -> Iterator[str]:
    if s.target is None:
        return
    t = s.target
    verb = "reaches" if s.sense == "maximize" else "stays within"
    text = f"Today's plan {verb} {amount(s, t.value)} in {chance_text(t.today_chance)} of the cases"
    if t.plan == s.today:
        text += "; no plan found here has a better chance"
    else:
        text += f"; the best chance has plan {t.plan}: {chance_text(t.chance)}"
    yield text + "."
    if t.by_criterion is None:
        beyond = "above" if s.sense == "maximize" else "below"
        yield (
            f"That is {beyond} the best expected result, where no proof is possible: plan {t.plan} is the best of the "
            f"{len(s.plans)} plans here by the draws."
        )
    elif t.by_criterion != t.plan:
        plan = s.plan_of(t.by_criterion)
        assert plan.target_chance is not None
        proven = (
            " is proven to be best" if t.proof is not None and t.proof.status == "optimal" else " is best"
        )
        yield (
            f"Chances are drawn. By mean and standard deviation alone plan {plan.number}{proven}, which the draws "
            f"do not bear out: {chance_text(plan.target_chance)}."
        )


def _turns(s: Safety) -> Iterator[str]:
    """The largest turns, in the order of k."""

    def size(turn: SafetyTurn) -> float:
        return sum(abs(move.share_after - move.share_before) for move in turn.moves)

    largest = sorted(s.turns, key=lambda turn: -size(turn))[:SHOWN]
    for turn in sorted(largest, key=lambda turn: turn.k):
        yield turn_text(s, turn)


def turn_text(s: Safety, turn: SafetyTurn) -> str:
    """`From k = 0.6 on (about 73 % confidence) 1 mega gives way to 14 micro.`"""
    sure = (
        ""
        if turn.sureness is None or turn.sureness < 0.5
        else f", that is about {number(100 * turn.sureness)} % confidence,"
    )
    return f"From k = {turn.k:.2f} on{sure} {_moved(s, turn.moves)} (plan {turn.at} instead of {turn.below})."


def _moved(s: Safety, moves: Sequence[MixMove]) -> str:
    fewer = [m for m in moves if m.share_after < m.share_before or m.creators_after == 0]
    more = [m for m in moves if m not in fewer]
    gone = [(m.group, m.creators_before - m.creators_after) for m in fewer]
    come = [(m.group, m.creators_after - m.creators_before) for m in more]
    if all(count > 0 for _, count in gone) and all(count > 0 for _, count in come):
        if gone and come:
            return f"{_counts(s, gone)} {'gives' if _one(gone) else 'give'} way to {_counts(s, come)}"
        if come:
            return f"{_counts(s, come)} more {'is' if _one(come) else 'are'} booked"
        return f"{_counts(s, gone)} {'is' if _one(gone) else 'are'} left out"
    words = [
        f"{m.group} goes from {percent(m.share_before, 2)} to {percent(m.share_after, 2)} of the money"
        for m in moves
    ]
    return _and(words[:SHOWN])


def _one(groups: Sequence[tuple[str, float]]) -> bool:
    return len(groups) == 1 and groups[0][1] == 1


def _counts(s: Safety, groups: Sequence[tuple[str, float]]) -> str:
    """`10 mid and 2 macro creators`; of platforms and offers `10 creators of tiktok`."""
    shown = sorted(groups, key=lambda group: -group[1])[:SHOWN]
    numbers = [counted(count, "creators") for _, count in shown]
    if s.mix_by != "tier":
        return _and([f"{text} of {name}" for text, (name, _) in zip(numbers, shown, strict=True)])
    words = [f"{text.split(' ')[0]} {name}" for text, (name, _) in zip(numbers, shown, strict=True)]
    return f"{_and(words)} {numbers[-1].split(' ')[1]}"


def _unproven(s: Safety) -> Iterator[str]:
    open_ones = [p.number for p in s.plans if p.criterion is not None and p.criterion.status != "optimal"]
    if open_ones:
        word = "plan" if len(open_ones) == 1 else "plans"
        yield f"Not proven in the time there was: {word} {_and([str(n) for n in open_ones])}."
    if s.skipped:
        yield f"{s.skipped} {'plan was' if s.skipped == 1 else 'plans were'} not solved in time."


def _left_out(s: Safety) -> Iterator[str]:
    if s.left_out:
        yield (
            f"Only today's plan looks at {_and(list(dict.fromkeys(s.left_out)))}: all others are the best for "
            f"{s.measure} alone."
        )
