"""Bookings that are signed: what a file of them may say, and what is wrong with it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from optimizer.csv_in import FORMULA_START, decoded, number_text, read_table
from optimizer.errors import Problem, ScenarioError, did_you_mean
from optimizer.fields import Bound, Key
from optimizer.files import read_bytes, shown_name, shown_reason
from optimizer.limits import Bools, Rule
from optimizer.measures import RATIOS
from optimizer.names import composed
from optimizer.plan import ADDITIVE
from optimizer.prepare import Prepared, prepare
from optimizer.quantities import parse_number, plain
from optimizer.scenario import Scenario
from optimizer.terms import Terms

COLUMNS = ("offer", "creators", "posts_per_creator")
"""Columns that are read."""
OF_A_PLAN = frozenset({"tier", "platform", "format", *ADDITIVE, *RATIOS})
"""Columns that `optimize scenario.yaml --format csv` writes and that may stay in the file; so may tag_... and
measure_..."""
MAX_BYTES = 5_000_000
SIGNED = "signed: "
"""The names of the floors for what is signed begin with this."""


class Signed(BaseModel):
    """Creators of one offer whose contracts are signed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    offer: Key
    """Name of the offer."""
    creators: float
    """How many. Unit: creators."""
    posts_per_creator: int | None = None
    """How many posts each has signed for; None where that is still open."""
    place: str = ""
    """file:line, where it was read from a file."""

    @property
    def text(self) -> str:
        """In words: "4 creators of nano-instagram-reel with 2 posts"."""
        posts = "" if self.posts_per_creator is None else f" with {_counted(self.posts_per_creator, 'post')}"
        return f"{_counted(self.creators, 'creator')} of {self.offer}{posts}"


def signed_from(bookings: Mapping[str, float] | Sequence[Signed]) -> list[Signed]:
    """Signed bookings from offer -> creators, as they are from a list of them."""
    if isinstance(bookings, Mapping):
        return [Signed(offer=offer, creators=creators) for offer, creators in bookings.items()]
    return list(bookings)


def read_signed(path: str | os.PathLike[str], scenario: Scenario) -> list[Signed]:
    """Signed bookings from a CSV file with the columns offer, creators and, optionally, posts_per_creator.

    The rows of a plan's own CSV export will do: delete those that are not signed. Any dialect that a spreadsheet
    writes is read (`optimizer.csv_in`).

    Raises:
        ScenarioError: with every problem of the file, each with its line.
    """
    file = shown_name(path)
    try:
        raw = read_bytes(path, MAX_BYTES)
    except FileNotFoundError:
        raise ScenarioError([Problem((), "there is no such file", file=file)]) from None
    except OSError as error:
        raise ScenarioError([Problem((), f"cannot be read: {shown_reason(error)}", file=file)]) from None
    if len(raw) > MAX_BYTES:
        raise ScenarioError([Problem((), "the file is larger than 5 MB; is this the right one?", file=file)])
    return parse_signed(decoded(raw, file), scenario, name=file)


def parse_signed(text: str, scenario: Scenario, *, name: str = "<text>") -> list[Signed]:
    """As `read_signed`, from text; `name` is what messages call it."""
    problems: list[Problem] = []
    table = read_table(text, name)
    header = [cell.lower() for cell in table.header.cells]
    problems += _header_problems(header, name, table.header.line)
    if problems:
        raise ScenarioError(problems)
    terms = {t.name: t for t in prepare(scenario).packages.terms}
    result: list[Signed] = []
    taken: dict[tuple[str, int | None], int] = {}
    for line, row in table.rows:
        cells = dict(zip(header, row, strict=False))
        for column in COLUMNS[1:]:
            if column in cells:
                cells[column] = number_text(cells[column], table.separator)
        found = [
            Problem((), message, hint, file=name, line=line)
            for message, hint in _row_problems(cells, len(row) - len(header), terms, scenario)
        ]
        if found:
            problems += found
            continue
        posts = cells.get("posts_per_creator") or None
        signed = Signed(
            offer=_offer(cells),
            creators=parse_number(cells["creators"]),
            posts_per_creator=None if posts is None else int(parse_number(posts)),
            place=f"{name}:{line}",
        )
        key = (signed.offer, signed.posts_per_creator)
        if key in taken:
            message = f"{signed.offer} stands on line {taken[key]} already"
            problems.append(Problem((), message, "write one line with the sum", file=name, line=line))
            continue
        taken[key] = line
        if signed.creators:
            result.append(signed)
    if problems:
        raise ScenarioError(problems)
    return result


def signed_problems(signed: Sequence[Signed], scenario: Scenario) -> list[Problem]:
    """What is wrong with bookings that were not read from a file, or were read for another scenario."""
    terms = {t.name: t for t in prepare(scenario).packages.terms}
    problems = []
    for one in signed:
        posts = "" if one.posts_per_creator is None else str(one.posts_per_creator)
        cells = {"offer": one.offer, "creators": repr(one.creators), "posts_per_creator": posts}
        for message, hint in _row_problems(cells, 0, terms, scenario):
            file, _, line = one.place.rpartition(":")
            at = int(line) if line.isdigit() else None
            problems.append(Problem(("keep", one.offer), message, hint, file=file or None, line=at))
    return problems


def _header_problems(header: Sequence[str], name: str, line: int) -> Iterator[Problem]:
    for column in dict.fromkeys(header):
        known = column in COLUMNS or column in OF_A_PLAN or column.startswith(("tag_", "measure_"))
        if not known:
            yield Problem((), f"unknown column {column!r}", did_you_mean(column, COLUMNS), name, line)
        elif header.count(column) > 1:
            yield Problem((), f"the column {column} is there twice", "", name, line)
    for column in COLUMNS[:2]:
        if column not in header:
            hint = f"the first line names the columns: {','.join(COLUMNS[:2])}"
            yield Problem((), f"there is no column {column}", hint, name, line)


def _offer(cells: Mapping[str, str]) -> str:
    name = composed(cells.get("offer", ""))
    return name[1:] if name.startswith("'") and name[1:].startswith(FORMULA_START) else name


def _row_problems(
    cells: Mapping[str, str], surplus: int, terms: Mapping[str, Terms], scenario: Scenario
) -> Iterator[tuple[str, str]]:
    if surplus > 0:
        yield "the line has more values than there are columns", 'put text with commas in "quotes"'
        return
    name = _offer(cells)
    if not name:
        yield "the offer is missing", ""
    elif name not in terms:
        yield f"the scenario has no offer {name!r}", did_you_mean(name, terms)
    number = _number(cells.get("creators", ""))
    if isinstance(number, str):
        yield f"creators: {number}", ""
    elif number < 0:
        yield f"{plain(number)} creators cannot be signed", ""
    elif scenario.solver.whole_creators and number != int(number):
        yield f"{plain(number)} creators cannot be signed", "write a whole number"
    written = cells.get("posts_per_creator", "")
    if written and name in terms:
        posts, allowed = _number(written), terms[name].posts
        if isinstance(posts, str):
            yield f"posts_per_creator: {posts}", ""
        elif posts not in allowed:
            span = _counted(allowed.start, "post")
            if len(allowed) > 1:
                span = f"{allowed.start} to {_counted(allowed.stop - 1, 'post')}"
            yield f"{name} is booked with {span}, not {plain(posts)}", "set posts_per_creator of the offer"


def _counted(number: float, word: str) -> str:
    return f"{plain(number)} {word}{'' if number == 1 else 's'}"


def _number(text: str) -> float | str:
    """A number, or what is wrong with it."""
    if not text:
        return "a number is missing"
    try:
        return parse_number(text)
    except ValueError as error:
        return str(error)


def with_signed(prepared: Prepared, signed: Sequence[Signed]) -> Prepared:
    """The scenario with a floor on creators for what is signed.

    Creators who signed for a number of posts hold that package; those for whom it is open come on top of
    them in the total of the offer.
    """
    packages = prepared.packages
    rules = list(prepared.rules)

    def hold(one: Signed, creators: float, name: str, columns: Bools) -> None:
        rules.append(
            Rule(name, "creators", columns, Bound(creators), None, one.offer, False, ("signed", one.offer))
        )

    for offer, ones in by_offer(signed).items():
        mine = np.array([packages.terms[o].name == offer for o in packages.offer])
        switches = np.zeros(len(packages.switches), dtype=bool)
        for one in ones:
            if one.posts_per_creator is None:
                total = sum(other.creators for other in ones)
                hold(one, total, f"{SIGNED}{offer}", np.concatenate([mine, switches]))
            else:
                exact = mine & (packages.posts == one.posts_per_creator)
                several = int(mine.sum()) > 1
                name = f"{SIGNED}{offer}" + (f" ×{one.posts_per_creator}" if several else "")
                hold(one, one.creators, name, np.concatenate([exact, switches]))
    return prepared.relaxed(rules, packages.room_min)


def by_offer(signed: Sequence[Signed]) -> dict[str, list[Signed]]:
    """Signed bookings by the name of their offer."""
    result: dict[str, list[Signed]] = {}
    for one in signed:
        result.setdefault(one.offer, []).append(one)
    return result
