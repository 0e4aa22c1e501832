"""Changes in words, made: a scenario with other numbers written into the offers they touch.

A change applies to the typical value that the plan uses, wherever that comes from: written, of the benchmarks, derived
or a default. The result is a scenario like any other, without stress cases of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from pydantic import ValidationError

from optimizer.language.errors import FieldError, KeyPath, Problem, ScenarioError, did_you_mean
from optimizer.language.measures import REACH
from optimizer.language.quantities import LARGEST, Estimate, refuse_two_numbers, shown
from optimizer.program.checks import sure_places
from optimizer.program.chosen import WrongChangeError, chosen_offers
from optimizer.program.moved import CannotMoveError, Moved, Written, new_value
from optimizer.program.terms import Terms, resolve
from optimizer.scenario.fields import MONEY_FIELDS, SHARE_FIELDS
from optimizer.scenario.offer import Offer
from optimizer.scenario.scenario import Audience, Fees, Scenario
from optimizer.scenario.stress import (
    EXAMPLE,
    GROUPS,
    KNOWN,
    PLAIN_FIELDS,
    WHOLE,
    Change,
    Word,
    number_named,
    parse_change,
)
from optimizer.scenario.validation import problems_in

_LARGE = (*MONEY_FIELDS, "fees", "followers", "reachable", "impressions_per_post", "engagements_per_post", "budget",
          "audience_people")  # fmt: skip
"""Numbers that often run into thousands, so that +3.000 could mean two."""
_POSITIVE_WHOLE = ("audience_people",)


class Stressed(NamedTuple):
    """A scenario after the changes of one case.

    Attributes:
        scenario: with other numbers.
        touched: names of the offers that changed, in their order.
        notes: what is worth knowing, such as shares that were cut at 100 %; each once.
    """

    scenario: Scenario
    touched: tuple[str, ...]
    notes: tuple[str, ...]


def stressed(scenario: Scenario, changes: str | Sequence[str]) -> Scenario:
    """A scenario after changes in words, e.g. `["fees +20%", "completion -10 points"]`, made in this order.

    Raises:
        ScenarioError: where one of them cannot be read, cannot be made, or changes nothing.
    """
    return stressed_with_notes(scenario, (changes,) if isinstance(changes, str) else tuple(changes)).scenario


def stressed_with_notes(
    scenario: Scenario,
    changes: Sequence[str],
    *,
    path: KeyPath = (),
    file: str | None = None,
    terms: Sequence[Terms] | None = None,
) -> Stressed:
    """The same, with what it touched.

    Args:
        scenario: what is changed.
        changes: in words.
        path: where the case stands in the scenario; () for one of a command line.
        file: what messages call the place of a change that stands in no scenario.
        terms: the offers of the scenario as resolved, where that was done already.

    Raises:
        ScenarioError: with every problem of every change.
    """
    problems: list[Problem] = []
    touched: dict[str, None] = {}
    notes: dict[str, None] = {}
    now = _plain(scenario)
    resolved = list(resolve(scenario)[0] if terms is None else terms)
    for number, text in enumerate(changes):
        at = (*path, number) if path else ()
        try:
            change = parse_change(text)
        except ValueError as error:
            message, hint = (error.message, error.hint) if isinstance(error, FieldError) else (str(error), "")
            problems.append(Problem(at, message, hint, file))
            continue
        try:
            after, names = _changed(now, resolved, change, notes)
        except (WrongChangeError, FieldError) as error:
            said = error.message if path else f"{shown(text)}: {error.message}"
            problems.append(Problem(at, said, error.hint, file))
            continue
        touched |= dict.fromkeys(names)
        if number + 1 < len(changes) and after is not now:
            resolved = resolve(after)[0]
        now = after
    if problems:
        raise ScenarioError([scenario.locate(p) for p in problems] if path else problems)
    order = scenario.offer_names()
    return Stressed(now, tuple(name for name in order if name in touched), tuple(notes))


def _plain(scenario: Scenario) -> Scenario:
    """The scenario without cases and without objectives over them."""
    goals = tuple(goal.plain() if goal.over is not None else goal for goal in scenario.objective)
    result = scenario.model_copy(update={"stress": {}, "objective": goals})
    result.__pydantic_fields_set__.discard("stress")
    return _taking_over(result, scenario)


def _taking_over(result: Scenario, scenario: Scenario) -> Scenario:
    """The changed scenario, which may take over resolved offers from what it was changed from."""
    result._program = None
    result._like = scenario if scenario._like is None else scenario._like
    return result


def _changed(
    scenario: Scenario, terms: Sequence[Terms], change: Change, notes: dict[str, None]
) -> tuple[Scenario, list[str]]:
    """The scenario after one change, and the offers that changed."""
    named = number_named(change.words, frozenset(scenario.own_measures()))
    own = sorted(scenario.own_measures())
    if named is None:
        last = change.words[-1]
        hint = did_you_mean(last.value, [*own, *KNOWN]) or EXAMPLE
        raise WrongChangeError(f"{str(last)!r} is no number of an offer or of the scenario", hint)
    words, field = named
    if field in _LARGE and change.written:
        refuse_two_numbers(change.written)
    _check_kind(change, field, own)
    if field in WHOLE and field not in own:
        if words:
            filters = ", ".join(map(str, words))
            raise WrongChangeError(
                f"{field} is one number of the whole scenario, not of {filters}", f"leave {filters} out"
            )
        return _whole(scenario, change, field, notes), []
    return _offers(scenario, terms, change, words, field, notes)


def _check_kind(change: Change, field: str, own: Sequence[str]) -> None:
    """Refuse points of amounts, amounts of shares, and amounts of several numbers at once."""
    if field in PLAIN_FIELDS and field not in own:
        raise WrongChangeError(
            f"{field} moves no typical number, and a case is counted by those",
            "see what it does to the range: change it with --set and plan again",
        )
    group = GROUPS.get(field, (field,)) if field not in own else (field,)
    if len(group) > 1 and change.kind != "times":
        raise WrongChangeError(
            f"{field} are several numbers ({', '.join(group)}), which change by a factor only",
            "write e.g. hours +20%, or name one of them",
        )
    names = WHOLE.get(field, group) if field not in own else group
    share = ".".join(names) in SHARE_FIELDS
    if change.kind == "points" and not share:
        raise WrongChangeError(
            f"{field} is no share, so it has no percentage points", "write +10% or an amount, e.g. +5"
        )
    if change.kind == "plus" and share:
        number = f"{change.number:+f}".rstrip("0").rstrip(".")
        raise WrongChangeError(
            f"{field} is a share: {number} could be points or percent", f"write {number} points or {number}%"
        )
    if change.kind == "to" and share and not 0 <= change.number <= 1:
        raise WrongChangeError(f"{field} is a share, between 0 and 100 %", f"write e.g. {field} = 80%")
    if change.kind == "to" and change.share and not share:
        raise WrongChangeError(
            f"{field} is no share, so it cannot be a percentage", "write +20%, or = and the amount"
        )


# --- numbers of the scenario ---------------------------------------------------------------------------------


def _whole(scenario: Scenario, change: Change, field: str, notes: dict[str, None]) -> Scenario:
    where = WHOLE[field]
    share = ".".join(where) in SHARE_FIELDS
    holder: Any = scenario if len(where) == 1 else getattr(scenario, where[0])
    old: float | None = None if holder is None else getattr(holder, where[-1])
    name = " ".join(where)
    if holder is None or (old is None and change.kind != "to"):
        raise WrongChangeError(
            f"the scenario has no {name}, so there is nothing to change", f"give {'.'.join(where)}"
        )
    new, cut = new_value(change, 0.0 if old is None else old, share=share)
    if new < 0 or (new == 0 and field in _POSITIVE_WHOLE):
        raise WrongChangeError(f"{name} is {old:,.10g}, so {new:,.10g} would be left", "change it by less")
    _refuse_too_large(new, name)
    if new == old:
        raise WrongChangeError(
            f"it changes nothing: {name} is {_percent(new) if share else f'{new:,.10g}'} already"
        )
    if cut:
        notes[f"{name} is cut at {_percent(new)}"] = None
    if len(where) == 1:
        update: dict[str, Any] = {where[0]: new}
    else:
        kind = Audience if where[0] == "audience" else Fees
        data = holder.model_dump(mode="json", exclude_unset=True) | {where[1]: new}
        if where == ("audience", "people") and holder.segments:  # all of them by the same factor
            data["segments"] = {name: people * new / (old or 1.0) for name, people in holder.segments.items()}
            del data["people"]
        update = {where[0]: kind.model_validate(data)}
    return _taking_over(scenario.model_copy(update=update), scenario)


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"


def _refuse_too_large(new: float, name: str) -> None:
    if not new < LARGEST:
        raise WrongChangeError(f"{name} would be too large")


# --- numbers of offers ---------------------------------------------------------------------------------------


def _offers(
    scenario: Scenario,
    terms: Sequence[Terms],
    change: Change,
    words: Sequence[Word],
    field: str,
    notes: dict[str, None],
) -> tuple[Scenario, list[str]]:
    chosen = chosen_offers(terms, words)
    own = field in scenario.own_measures()
    fields = GROUPS.get(field, (field,)) if field != "fees" and not own else (field,)
    offers = list(scenario.offers)
    touched: list[str] = []
    missing = 0
    cut: dict[float, int] = {}
    for index in chosen:
        offer, of = scenario.offers[index], terms[index]
        foreign = offer.currency is not None and offer.currency != scenario.currency
        rate = scenario.exchange_rates.get(offer.currency or "", 1.0) if foreign else 1.0
        moved = Moved(offer, of, change, rate)
        written: Written = {}
        lacking = 0
        for each in fields:
            moved.missing = False
            try:
                written |= moved.written(each)
            except CannotMoveError as error:
                raise WrongChangeError(error.message, error.hint) from None
            lacking += moved.missing
        missing += lacking == len(fields)
        if moved.cut is not None:
            cut[moved.cut] = cut.get(moved.cut, 0) + 1
        if written:
            offers[index] = _rewritten(offer, of.name, written)
            touched.append(of.name)
    if not touched:
        raise _nothing(terms, chosen, words, field, fields, missing)
    for end, count in cut.items():
        whose = "1 offer" if count == 1 else f"{count} offers"
        notes[f"{field} of {whose} is cut at {_percent(end)}"] = None
    return _taking_over(scenario.model_copy(update={"offers": tuple(offers)}), scenario), touched


def _rewritten(offer: Offer, name: str, written: Written) -> Offer:
    data = offer.model_dump(mode="json", exclude_unset=True)
    data = {key: value for key, value in (data | written).items() if value is not None}
    try:
        return Offer.model_validate(data)
    except ValidationError as error:
        first = problems_in(error, Offer).problems[0]
        raise WrongChangeError(f"{name} could not be so: {first.message}", first.hint) from None


def _nothing(
    terms: Sequence[Terms],
    chosen: Sequence[int],
    words: Sequence[Word],
    field: str,
    fields: Sequence[str],
    missing: int,
) -> WrongChangeError:
    """Why no offer changed."""
    whose = "the offer" if len(chosen) == 1 and words else f"none of the {len(chosen)} offers"
    if missing == len(chosen):
        verb = f"{whose} has no {field}" if whose == "the offer" else f"{whose} has {field}"
        hint = "they are priced by post: change cost_per_post or fees" if field == "cpm" else ""
        return WrongChangeError(
            f"it changes nothing: {verb}", hint or "give it in the offers, or change another number"
        )
    values = [number for i in chosen for f in fields if (number := _number(terms[i], f)) is not None]
    same = f"{field} is {_shown(fields[0], values[0])} already" if len(set(values)) == 1 else f"{field} stays"
    return WrongChangeError(
        f"it changes nothing: {same} in {'that offer' if len(chosen) == 1 else 'these offers'}"
    )


def _number(terms: Terms, field: str) -> float | None:
    own = terms.measures.get(field)
    estimate: Estimate | None = None if own is None else own.estimate
    value = terms.get("cost_per_post" if field == "fees" else field)
    return value if estimate is None else estimate.typical


def _shown(field: str, value: float) -> str:
    return _percent(value) if field in SHARE_FIELDS else f"{value:,.6g}"


# --- the cases of a scenario ---------------------------------------------------------------------------------


def stress_cases(
    scenario: Scenario, terms: Sequence[Terms] | None = None
) -> tuple[Mapping[str, Stressed], list[Problem]]:
    """Every stress case of a scenario that can be made, by name, and what is wrong with the others.

    They are kept with the scenario, which never changes. A scenario that differs from another in a few numbers (see
    `varied`) does not say again what is wrong with them, and makes them only for an objective over them.
    """
    kept = scenario._cases
    if kept is not None and _same_but_solver(kept[0], scenario):
        return kept[1], []
    if scenario._like is not None and all(goal.over is None for goal in scenario.objective):
        return {}, []
    made: dict[str, Stressed] = {}
    problems: list[Problem] = []
    for name, changes in scenario.stress.items():
        try:
            made[name] = stressed_with_notes(scenario, changes, path=("stress", name), terms=terms)
        except ScenarioError as error:
            problems += [replace(p, file=None, line=None, column=None) for p in error.problems]
    if not problems:
        scenario._cases = (scenario, made)
    return made, problems


def _same_but_solver(one: Scenario, other: Scenario) -> bool:
    """Whether a scenario is a copy of another, but for the time and the gap it is solved with."""
    return all(getattr(one, f) is getattr(other, f) for f in Scenario.model_fields if f != "solver")


def added_setups(scenario: Scenario, cases: Mapping[str, Stressed]) -> frozenset[int]:
    """Offers that are set up in some case, by index, where an objective is over the cases: their use is what counts."""
    if all(goal.over is None for goal in scenario.objective):
        return frozenset()
    return frozenset(
        index
        for case in cases.values()
        for index, offer in enumerate(case.scenario.offers)
        for once in (offer.setup_cost, offer.setup_hours)
        if once is not None and once.typical
    )


def over_problems(scenario: Scenario) -> list[Problem]:
    """Objectives over stress cases that there are none of, or that cannot be proven."""
    problems = []
    sure = sure_places(scenario)
    for index, goal in enumerate(scenario.objective):
        path = ("objective", index, "over")
        if goal.over is None:
            continue
        if not scenario.stress:
            hint = "add e.g. stress: {dearer: fees +20%}, or leave over and by out"
            problems.append(Problem(path, "there are no stress cases to decide over", hint))
        if sure:
            message = (
                "stress cases are no draws, so an objective over them does not go with a confidence elsewhere"
            )
            problems.append(Problem(path, message, "leave out over and by, or the confidence"))
        if goal.measure == REACH.name:
            message = (
                "reach cannot be decided over stress cases: what further people each creator adds is another curve in "
                "each case, so that no linear program proves the best"
            )
            problems.append(
                Problem(path, message, "take gross_reach or impressions, or leave over and by out")
            )
    return problems
