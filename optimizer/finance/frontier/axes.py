"""Axes of a frontier: which number of the scenario is varied, over which values, and what it is called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

from optimizer.finance.frontier.result import Axis, share_words
from optimizer.language.errors import (
    FieldError,
    KeyPath,
    Problem,
    ScenarioError,
    UnlimitedError,
    did_you_mean,
)
from optimizer.language.measures import unit_of
from optimizer.language.paths import format_path, split_assignment
from optimizer.language.quantities import could_be_two_numbers, kind_of, parse_number, plain
from optimizer.language.synonyms import measure_meant
from optimizer.program.levers import CAPS
from optimizer.program.program import program_of
from optimizer.scenario.changes import positioned, value_at
from optimizer.scenario.fields import MONEY_FIELDS, SHARE_FIELDS, Bound, parse_bound
from optimizer.scenario.scenario import Scenario
from optimizer.solve.ready import ready

MOST_POINTS = 10_000
MOST_AXES = 2
MOST_PERCENT = 100
"""Bare numbers up to this are shares where the bound is one today."""
Over = Mapping[str, Iterable[float]] | Sequence[Axis | str] | Axis | str

UNITS = {
    "hours_per_creator": "hours", "hours_per_post": "hours", "setup_hours": "hours", "followers": "followers",
    "reachable": "people", "people": "people", "impressions_per_post": "impressions",
    "engagements_per_post": "engagements", "creators": "creators", "posts_per_creator": "posts",
    "time_limit": "seconds",
}  # fmt: skip
MONEY = ("budget", *MONEY_FIELDS)


def axes_of(scenario: Scenario, over: Over) -> list[Axis]:
    """The axes asked for, checked against the scenario.

    Args:
        scenario: the scenario.
        over: text as for `--over` ("budget=20k:120k:5k", "limits.NAME.min=0%,10%,20%"), a mapping path -> numbers,
            or axes; one or two of them.

    Raises:
        ScenarioError: with every problem found: a path that does not exist or holds no number, values that are no
            numbers, do not rise or are not allowed there, the same path twice, too many axes or points.
    """
    given = [over] if isinstance(over, Axis | str) else over
    asked = list(given.items()) if isinstance(given, Mapping) else list(given)
    problems: list[Problem] = []
    axes: list[Axis] = []
    paths: list[KeyPath] = []
    for each in asked:
        try:
            path, axis = _axis(scenario, each)
        except ScenarioError as error:
            problems += error.problems
            continue
        if path in paths:
            first = axes[paths.index(path)].path
            hint = "vary two different numbers" if first == axis.path else f"{first} is the same number"
            problems.append(_problem(axis.path, "this number is varied already", hint))
        axes.append(axis)
        paths.append(path)
    if not asked:
        problems.append(_problem("", "nothing to vary", "write e.g. budget=20k:120k:5k"))
    if len(asked) > MOST_AXES:
        problems.append(
            _problem("", f"{len(asked)} numbers to vary are too many", "one makes a curve, two make a map")
        )
    count = 1
    for axis in axes:
        count *= len(axis.values)
    if count > MOST_POINTS and not problems:
        problems.append(
            _problem(
                "", f"{count:,} points are more than {MOST_POINTS:,}", "take larger steps or a shorter range"
            )
        )
    if problems:
        raise ScenarioError(problems)
    return axes


def change_of(axis: Axis, value: float) -> dict[str, Any]:
    """The scenario change that sets an axis to a value; a share of something stays a share of it."""
    return {axis.path: Bound(value, axis.of).text() if axis.of else value}


def steps(start: float, stop: float, step: float) -> list[float]:
    """start, start + step, ... up to stop, in decimal arithmetic: 0.1, 0.2, 0.3 and not 0.30000000000000004."""
    first, last, size = (Decimal(repr(float(number))) for number in (start, stop, step))
    return [float(first + i * size) for i in range(int((last - first) / size) + 1)]


# --- text --------------------------------------------------------------------------------------------------


def parse_over(text: str) -> tuple[str, list[float], str | None]:
    """Path, values and what they are a share of, from text such as "budget=20k:120k:5k".

    Raises:
        ScenarioError: where the text says no such thing.
    """
    path, numbers = (part.strip() for part in split_assignment(text) or ("", ""))
    if not path or not numbers:
        hint = "write PATH=START:STOP:STEP, e.g. budget=20k:120k:5k, or a list such as budget=20k,40k"
        raise ScenarioError([_problem(text, "a path and its values are wanted here", hint)])
    try:
        return path, *_values(numbers)
    except ValueError as error:
        message = getattr(error, "message", str(error))
        raise ScenarioError([_problem(path, message, getattr(error, "hint", ""))]) from None


def _values(text: str) -> tuple[list[float], str | None]:
    if ":" not in text:
        parts = [part.strip() for part in text.split(",")]
        for before, part in pairwise(parts):
            if len(part) == 3 and part.isdigit() and part[0] == "0":
                hint = f"write {before}_{part}, and commas between the numbers of a list"
                raise FieldError(f"{before},{part} could be one number or two", hint)
        bounds = [_bound(part) for part in parts]
        return _same_share(bounds)
    parts = [part.strip() for part in text.split(":")]
    if len(parts) != 3:
        raise FieldError(f"{text!r} is no range", "write START:STOP:STEP, e.g. 20k:120k:5k")
    bounds = [_bound(part) for part in parts]
    (start, stop, step), of = _same_share(bounds)
    if step <= 0:
        raise FieldError(f"a step of {parts[2]} never gets from {parts[0]} to {parts[1]}", "make it positive")
    if stop < start:
        raise FieldError(f"{parts[0]} is above {parts[1]}", f"write {parts[1]}:{parts[0]}:{parts[2]}")
    if (stop - start) / step >= MOST_POINTS:
        hint = "take larger steps or a shorter range"
        raise FieldError(f"{(stop - start) / step + 1:,.0f} points are more than {MOST_POINTS:,}", hint)
    return steps(start, stop, step), of


def _bound(text: str) -> Bound:
    """A number, or "25% of cost"; a bare "25%" is a number too."""
    return parse_bound(text) if " of " in text else Bound(parse_number(text))


def _same_share(bounds: list[Bound]) -> tuple[list[float], str | None]:
    """The numbers, and the one thing that those which say so are a share of."""
    of = list(dict.fromkeys(bound.of for bound in bounds if bound.of))
    if len(of) > 1:
        raise FieldError(f"shares of {' and of '.join(of)} cannot be mixed", "take one of them")
    return [bound.number for bound in bounds], of[0] if of else None


# --- checks ------------------------------------------------------------------------------------------------


def _axis(scenario: Scenario, asked: Axis | str | tuple[str, Iterable[float]]) -> tuple[KeyPath, Axis]:
    """Where an axis leads, and the axis with its label, unit and today's number."""
    if isinstance(asked, Axis):
        text, numbers, of = asked.path, list(asked.values), asked.of
    elif isinstance(asked, str):
        text, numbers, of = parse_over(asked)
    else:
        text, of = str(asked[0]), None
        try:
            numbers = [parse_number(value) for value in asked[1]]
        except (TypeError, ValueError) as error:
            message = getattr(error, "message", str(error))
            raise ScenarioError([_problem(text, message, getattr(error, "hint", ""))]) from None
    path, today, written_of = _today(scenario, text)
    of = of and measure_meant(of, scenario.own_measures())
    if isinstance(asked, str):
        _check_written(scenario, path, text, asked)
    if of is None and written_of is not None and max(numbers, default=0.0) <= MOST_PERCENT:
        of = written_of  # a bare 25% is of what the bound is of today (and 25 a slip); 5,000 is an amount
    if of is None and path[0] == "limits" and isinstance(asked, str) and "%" in asked:
        share = asked.partition("=")[2].strip().split(",")[-1].split(":")[0]
        raise ScenarioError(
            [_problem(text, f"{share} of what?", f"write {share} of budget, or {share} of cost")]
        )
    _check_values(text, numbers, of)
    what, label, unit = words_of(scenario, path, of)
    written = ""
    if today is not None and of != written_of:  # compared with its like only
        written = str(Bound(today, written_of)) if written_of else _with_unit(today, scenario, path)
        today = None
    axis = Axis(path=text, of=of, what=what, label=label, unit=unit, values=numbers, today=today,
                written=written)  # fmt: skip
    _check_accepted(scenario, path, axis)
    if isinstance(asked, Axis):
        return path, asked.model_copy(update={"of": of, "today": today, "written": written})
    return path, axis


def _check_written(scenario: Scenario, path: KeyPath, text: str, asked: str) -> None:
    """Refuse 25.000 where the scenario itself would."""
    for part in re.split("[,:]", (split_assignment(asked) or ("", ""))[1]):
        if could_be_two_numbers(part.strip()):
            try:
                scenario.with_changes({text: part.strip()})
            except ScenarioError as error:
                own = [_problem(text, p.message, p.hint) for p in error.problems if p.path == path]
                if own:
                    raise ScenarioError(own) from None


def _with_unit(value: float, scenario: Scenario, path: KeyPath) -> str:
    """A number of the scenario with its unit."""
    *_, unit = words_of(scenario, path)
    return f"{value:,.10g} {unit}".strip()


def is_cap(axis: Axis) -> bool:
    """Whether it is a cap that the scenario has beside its limits, which can be left out."""
    return axis.path in ("budget", "effort_hours")


def _today(scenario: Scenario, text: str) -> tuple[KeyPath, float | None, str | None]:
    """Where a path leads, the number that holds there, and what it is a share of."""
    data = scenario.model_dump(mode="json")
    try:
        path, value = value_at(data, text)
    except ScenarioError as error:
        raise ScenarioError([_problem(text, p.message, p.hint) for p in error.problems]) from None
    _check_known(data, text, path)
    of: str | None = None
    if isinstance(value, str) and path[0] == "limits" and path[-1] in ("min", "max"):
        bound = parse_bound(value)
        value, of = bound.number, bound.of
    if isinstance(value, list) and len(value) == 3 and all(isinstance(v, int | float) for v in value):
        value = value[1]  # the typical one of [low, typical, high]
    if isinstance(value, dict) and path[-1] == "posts_per_creator":
        value = value["min"] if value["min"] == value["max"] else None
    if value is None and path[0] == "offers" and len(path) == 3:
        value = program_of(scenario).packages.terms[int(path[1])].get(str(path[2]))  # from the benchmark set
    if isinstance(value, bool) or not isinstance(value, int | float | None):
        what = f"{value!r}" if isinstance(value, str) else "yes or no" if isinstance(value, bool) else ""
        holds = f"holds {what or 'a ' + kind_of(value)}, no number"
        inner = (
            [key for key, v in value.items() if not isinstance(v, dict | list)]
            if isinstance(value, dict)
            else []
        )
        hint = f"vary e.g. {text}.{inner[0]}" if inner else ""
        raise ScenarioError([_problem(text, f"this {holds}", hint)])
    return path, None if value is None else float(value), of


def _check_known(data: dict[str, Any], text: str, path: KeyPath) -> None:
    """Refuse the first key that a scenario does not know; mappings of free names may be longer than today."""
    at: Any = data
    free = (
        "exchange_rates",
        "engagement_weights",
        "measures",
        "bundle_discount",
        "engagement_mix",
        "segments",
    )
    for position, key in enumerate(path):
        if at is None or (position and path[position - 1] in free):
            return
        if isinstance(at, dict) and key not in at:
            begun = [name for name in at if str(name).startswith(str(key))]
            hint = (
                f"did you mean {begun[0]!r}?"
                if begun
                else did_you_mean(str(key), (name for name in at if not str(name).endswith("_confidence")))
            )
            raise ScenarioError(
                [_problem(text, f"there is no {format_path(positioned(path[: position + 1], data))}", hint)]
            )
        at = at[key]


def _check_values(text: str, numbers: list[float], of: str | None) -> None:
    if not numbers:
        raise ScenarioError([_problem(text, "there are no values", "write e.g. budget=20k:120k:5k")])
    if any(high <= low for low, high in pairwise(numbers)):
        ordered = sorted(set(numbers))
        shown = [plain(number) for number in ordered[:6]] + (["..."] if len(ordered) > 6 else [])
        raise ScenarioError([_problem(text, "the values have to rise", f"write {','.join(shown)}")])
    if of is not None and max(numbers) > 1:
        most = plain(max(numbers))
        hint = f"write {most}%"
        raise ScenarioError([_problem(text, f"{most} would be {most} times the {of}", hint)])


def _check_accepted(scenario: Scenario, path: KeyPath, axis: Axis) -> None:
    """Refuse values that the number itself does not take: both ends, and the first that is not whole.

    What only together with the rest of the scenario makes no plan is a point without a plan, not an error.
    """
    fractions = [value for value in axis.values if value != round(value)]
    tried = dict.fromkeys([axis.values[0], axis.values[-1], *fractions[:1]])
    refused: list[ScenarioError] = []
    for value in tried:
        try:
            ready(scenario.with_changes(change_of(axis, value)))
        except ScenarioError as error:
            # "write 2%" would be the hint for 2, but what was written may have been 200%
            own = [replace(p, hint="" if path[-1] in SHARE_FIELDS else p.hint) for p in error.problems]
            own = [p for p in own if p.path == path]
            if own:
                raise ScenarioError(
                    [_problem(f"{axis.path}={plain(value)}", p.message, p.hint) for p in own]
                ) from None
            refused.append(error)
    if len(refused) == len(tried) and not all(isinstance(error, UnlimitedError) for error in refused):
        raise ScenarioError(
            [_problem(axis.path, f"{format_path(p.path)}: {p.message}", p.hint) for p in refused[0].problems]
        )


def _problem(where: str, message: str, hint: str = "") -> Problem:
    return Problem((), message, hint, f"--over {where}" if where else "--over")


# --- words -------------------------------------------------------------------------------------------------


def words_of(scenario: Scenario, path: KeyPath, of: str | None = None) -> tuple[str, str, str]:
    """What a number of the scenario is, the same with whose it is, and its unit ("" for shares and rates)."""
    last = str(path[-1])
    if path in CAPS:
        return CAPS[path], CAPS[path], scenario.currency if path == ("budget",) else "hours"
    if path[0] == "limits" and len(path) == 3:
        limit = scenario.limits[int(path[1])]
        where = limit.where_text()
        within = f" in {' + '.join(limit.segments)}" if limit.segments else ""
        name = limit.name or limit.measure + (f" of {where}" if where else "") + within
        each = f" for each {limit.per}" if limit.per and not limit.name else ""
        side = "floor" if last == "min" else "ceiling"
        share = share_words(of)
        return side, f"{side} of {name}{each}{share}", "" if of else unit_of(limit.measure, scenario.currency)
    if path[0] == "exchange_rates":
        rate = f"{last} per {scenario.currency}"
        return rate, rate, ""
    if path[:2] == ("audience", "segments"):
        return f"people in {last}", f"people in {last}", "people"
    if path[0] != "offers" or len(path) < 3:
        label = format_path(path).replace("_", " ").replace(".", " ")
        return label, label, UNITS.get(last, scenario.currency if last in MONEY else "")
    name = program_of(scenario).packages.terms[int(path[1])].name
    field = str(path[2])
    unit = UNITS.get(field, "")
    if field in MONEY:
        unit = scenario.offers[int(path[1])].currency or scenario.currency
    words = field
    if field == "creators":
        words = "creators booked at least" if last == "min" else "creators available"
    elif field == "posts_per_creator":
        words = {"min": "least posts per creator", "max": "most posts per creator"}.get(
            last, "posts per creator"
        )
    elif field == "segments":
        words = f"share in {last}"
    elif len(path) > 3:
        words = f"{field.replace('_', ' ')} {last}" if field != "measures" else last
        unit = last if field == "measures" else unit
    return words, f"{words} of {name}", unit
