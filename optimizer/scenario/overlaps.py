"""`pairs.csv` -> overlaps of pairs: a line for each pair of creators, as audience tools export them.

    creator_a,creator_b,people        creator_a;creator_b;share
    ana,bo,12400                      ana;bo;12,4%

Columns may have other usual names, and others may stand beside them. What the numbers are, people or shares of the
smaller audience, is said by the column's name, or by percent signs where the name leaves it open.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from optimizer.language.csv_in import Row, Table, number_text
from optimizer.language.errors import Problem, ScenarioError
from optimizer.language.names import folded
from optimizer.language.quantities import parse_number, plain, refuse_two_numbers
from optimizer.scenario.creator_files import Creators, name_in, plain_header, read_file, told
from optimizer.scenario.measured import Pair

Unit = Literal["people", "share"]
AT = ("audience", "overlaps")

_SIDES = ("creator", "account", "influencer", "profile", "user", "name", "handle", "channel", "")
_ONE = frozenset(f"{side}{end}" for side in _SIDES for end in ("a", "1", "one")) | {
    "source",
    "creator",
    "from",
}
_OTHER = frozenset(f"{side}{end}" for side in _SIDES for end in ("b", "2", "two")) | {"target", "other", "to"}
_PEOPLE = frozenset({
    "people", "shared", "sharedpeople", "sharedaudience", "sharedfollowers", "sharedusers", "followers", "common",
    "commonpeople", "commonfollowers", "commonaudience", "mutualfollowers", "overlappeople", "overlapfollowers",
    "overlapcount", "overlapsize", "intersection", "both", "users", "count",
})  # fmt: skip
_SHARE = frozenset({"share", "overlapshare", "sharedshare", "shareofsmaller", "overlapofsmaller", "fraction"})
_PERCENT = frozenset({"percent", "pct", "%", "overlappercent", "overlappct", "overlap%", "sharepercent", "sharepct",
                      "share%", "percentage", "overlappercentage", "shared%", "sharedpercent"})  # fmt: skip
_OPEN = frozenset({"overlap", "overlaps", "audienceoverlap", "value", "number", "amount"})
"""Columns that might be either: percent signs decide."""
COLUMNS_HINT = "the first line names the columns: creator_a,creator_b,people or creator_a,creator_b,share"


class _Columns(NamedTuple):
    """Where the columns are."""

    one: int
    other: int
    number: int
    unit: Unit | None
    """None where percent signs must say it."""
    percent: bool
    """Whether numbers without a percent sign are percent."""


def read_overlaps(path: Path, name: str, creators: Creators) -> dict[str, Any]:
    """Plain data of `Overlaps`: what a file says about the creators of a scenario.

    Args:
        path: the file.
        name: as the scenario writes it.
        creators: of the scenario.

    Raises:
        ScenarioError: with every problem of the file, each with its line.
    """
    table, file = read_file(path, name, AT)
    return parse_overlaps(table, file, creators)


def parse_overlaps(table: Table, file: str, creators: Creators) -> dict[str, Any]:
    """As `read_overlaps`, from rows; `file` is what messages call it."""
    columns = _columns(table, file)
    unit = columns.unit or _unit_by_signs(table, columns, file)
    problems: list[Problem] = []
    taken: dict[frozenset[str], Pair] = {}
    for row in table.rows:
        found = list(_problems(row, table, columns, unit, creators))
        problems += [Problem((), message, hint, file=file, line=row.line) for message, hint in found]
        if found:
            continue
        pair = _pair(row, table, columns)
        key = frozenset(
            {folded(creators.named(pair.one) or pair.one), folded(creators.named(pair.other) or pair.other)}
        )
        first = taken.setdefault(key, pair)
        if first.number != pair.number:
            message = f"{pair.one} and {pair.other} have another number on line {first.line}"
            problems.append(Problem((), message, "write one line for each pair", file=file, line=row.line))
    problems = problems or _all_fractions(table, columns, unit, taken.values(), file)
    if problems:
        raise ScenarioError(told(problems, file))
    return _of_these(list(taken.values()), unit, file, creators)


def _of_these(pairs: Sequence[Pair], unit: Unit, file: str, creators: Creators) -> dict[str, Any]:
    """What the pairs say about the creators of the scenario."""
    kept, listed, strangers = [], set(), {}
    for pair in pairs:
        names = [creators.named(pair.one), creators.named(pair.other)]
        for written, name in zip(pair[:2], names, strict=True):
            if name is None:
                strangers[written] = True
            else:
                listed.add(name)
        if names[0] is not None and names[1] is not None:
            kept.append([*sorted(n for n in names if n), pair.number, pair.line])
    if not kept:
        near = creators.near(strangers, creators.names)
        hint = "; ".join(f"is {theirs!r} the scenario's {ours!r}?" for ours, theirs in list(near.items())[:3])
        some = ", ".join(repr(name) for name in list(strangers)[:3])
        message = f"no line of {file} has two creators of this scenario; it names {some}"
        raise ScenarioError([Problem(AT, message, hint or "offers are matched by name (or person)")])
    without = [name for name in creators.names if name not in listed]
    return {
        "unit": unit,
        "pairs": sorted(kept, key=lambda pair: pair[:2]),
        "listed": sorted(listed),
        "ignored": float(len(pairs) - len(kept)),
        "near": creators.near(strangers, without),
    }


def _columns(table: Table, file: str) -> _Columns:
    """Which columns are which.

    Raises:
        ScenarioError: where one is missing or could be two.
    """
    header = [plain_header(cell) for cell in table.header.cells]

    def fail(message: str, hint: str) -> ScenarioError:
        return ScenarioError([Problem((), message, hint, file=file, line=table.header.line)])

    def among(known: frozenset[str]) -> list[int]:
        return [i for i, cell in enumerate(header) if cell in known]

    def written(indices: Sequence[int]) -> str:
        return " and ".join(repr(table.header.cells[i]) for i in indices)

    ones, others = among(_ONE), among(_OTHER)
    if not ones or not others:
        what = "first" if not ones else "second"
        raise fail(f"there is no column for the {what} creator of a pair", COLUMNS_HINT)
    if len(ones) > 1 or len(others) > 1:
        raise fail(f"{written(ones if len(ones) > 1 else others)} could both be that creator", COLUMNS_HINT)
    for known, unit, percent in (
        (_PEOPLE, "people", False), (_SHARE, "share", False), (_PERCENT, "share", True), (_OPEN, None, False),
    ):  # fmt: skip
        found = among(known)
        if len(found) > 1:
            raise fail(
                f"{written(found)} could both be the overlap", "name the one that counts people or share"
            )
        if found:
            return _Columns(ones[0], others[0], found[0], unit, percent)  # type: ignore[arg-type]
    raise fail("there is no column for the overlap", COLUMNS_HINT)


def _unit_by_signs(table: Table, columns: _Columns, file: str) -> Unit:
    """Shares, where every number has a percent sign.

    Raises:
        ScenarioError: where one has none: it could be people, a share, or percent.
    """
    column = repr(table.header.cells[columns.number])
    for row in table.rows:
        if "%" not in row.cells[columns.number]:
            message = f"the column {column} could count people, or be a share of the smaller audience"
            hint = "name it people, share or percent, or write percent signs"
            raise ScenarioError([Problem((), message, hint, file=file, line=row.line)])
    return "share"


def _problems(
    row: Row, table: Table, columns: _Columns, unit: Unit, creators: Creators
) -> Iterator[tuple[str, str]]:
    """What is wrong with a row, and how to mend it."""
    if len(row.cells) > len(table.header.cells):
        yield "the line has more values than there are columns", 'put text with commas in "quotes"'
        return
    names = [name_in(row.cells[i]) for i in (columns.one, columns.other)]
    for name in names:
        if not name:
            yield "the name of a creator is missing", ""
        elif creators.named(name) is None and (hint := creators.unclear(name)):
            yield f"unknown creator {name!r}", hint
    same = [creators.named(name) or folded(name) for name in names]
    if all(names) and same[0] == same[1]:
        yield f"{names[0]} is paired with itself", ""
    text = row.cells[columns.number]
    if not text:
        yield "the overlap is missing", "leave the line out where it was not measured"
        return
    try:
        number = _number(text, table, columns, large=unit == "people")
    except ValueError as error:
        yield str(error), ""
        return
    if number < 0:
        yield f"{text} is negative, which an overlap cannot be", ""
    elif unit == "people" and "%" in text:
        yield f"{text} is a share, but the column counts people", "name the column share"
    elif unit == "share" and number > 1:
        hint = ""
        if not columns.percent and "%" not in text:
            hint = (
                f"write {text}%, or name the column percent" if number <= 100 else "name the column people?"
            )
        yield f"{100 * number:.6g} % is above 100 % of the smaller audience", hint


def _number(text: str, table: Table, columns: _Columns, *, large: bool) -> float:
    written = number_text(text, table.separator)
    if large:
        refuse_two_numbers(written)
    return parse_number(f"{written}%" if columns.percent and "%" not in written else written)


def _pair(row: Row, table: Table, columns: _Columns) -> Pair:
    number = _number(row.cells[columns.number], table, columns, large=False)
    return Pair(name_in(row.cells[columns.one]), name_in(row.cells[columns.other]), number, row.line)


def _all_fractions(table: Table, columns: _Columns, unit: Unit, pairs: Any, file: str) -> list[Problem]:
    """People of whom there is never a whole one are shares under the wrong name."""
    numbers = [pair.number for pair in pairs if pair.number > 0]
    if unit != "people" or not numbers or max(numbers) >= 1:
        return []
    column = table.header.cells[columns.number]
    message = f"the column {column!r} counts people, but its largest number is {plain(max(numbers))}"
    return [Problem((), message, "name it share", file=file, line=table.header.line)]
