"""CSV files that name creators of a scenario, as audience tools export them: reading, columns, whose name is whose."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from optimizer.language.csv_in import Table, decoded, read_table, without_apostrophe
from optimizer.language.errors import Problem, ScenarioError, nearest
from optimizer.language.files import read_bytes, shown_name, shown_reason
from optimizer.language.names import bare, composed, folded
from optimizer.scenario.fields import parse_text
from optimizer.scenario.offer import Offer
from optimizer.scenario.offer_names import unique_names

MAX_BYTES = 50_000_000
"""A million pairs, or followers, fit in."""
MOST_PROBLEMS = 50
"""Bad lines that are told one by one; more would bury the first."""


def read_file(path: Path, name: str, at: tuple[str, ...]) -> tuple[Table, str]:
    """The rows of a CSV file, in any dialect that a spreadsheet writes, and what messages call it.

    Args:
        path: the file.
        name: as the scenario writes it.
        at: where in the scenario it stands.

    Raises:
        ScenarioError: where it is not there, cannot be read, or is no CSV.
    """
    file = shown_name(path)
    try:
        raw = read_bytes(path, MAX_BYTES)
    except OSError as error:
        raise ScenarioError([_missing_file(path, name, error, at)]) from None
    if len(raw) > MAX_BYTES:
        raise ScenarioError([Problem((), f"the file is larger than {MAX_BYTES // 1_000_000} MB", file=file)])
    return read_table(decoded(raw, file), file), file


def _missing_file(path: Path, name: str, error: OSError, at: tuple[str, ...]) -> Problem:
    """Why a file that the scenario names cannot be read."""
    if not isinstance(error, FileNotFoundError):
        return Problem(at, f"{shown_name(name)} cannot be read: {shown_reason(error)}")
    try:
        near = nearest(path.name, [shown_name(p.name) for p in path.parent.glob("*.[ct]s[vx]*")])
    except OSError:  # a folder that may not be listed
        near = None
    hint = "the path starts from the scenario's folder" if near is None else f"did you mean {near!r}?"
    return Problem(at, f"there is no file {shown_name(name)}", hint)


def plain_header(text: str) -> str:
    """A column's name without capitals, spaces and signs between words: "Creator A" and creator_a are creatora."""
    return re.sub(r"[\s_.\-]+", "", text.casefold())


def name_in(cell: str) -> str:
    """A name as it stands in a cell; an apostrophe that kept a spreadsheet from calculating is taken off."""
    return without_apostrophe(composed(cell))


def told(problems: Sequence[Problem], file: str) -> list[Problem]:
    """As many problems of a file as help, and how many more there are."""
    rest = len(problems) - MOST_PROBLEMS
    if rest <= 0:
        return list(problems)
    last = problems[MOST_PROBLEMS]
    more = Problem((), f"and {rest:,} more lines like these", file=file, line=last.line)
    return [*problems[:MOST_PROBLEMS], more]


class Creators:
    """The creators of a scenario and the names that files may call them by.

    Args:
        offers: plain data of the offers, valid or not, every `each` written out.
    """

    def __init__(self, offers: Any) -> None:
        self.names = tuple(dict.fromkeys(_names(offers if isinstance(offers, list) else [])))
        self._exact = frozenset(self.names)
        by_fold: dict[str, set[str]] = {}
        for name in self.names:
            by_fold.setdefault(folded(name), set()).add(name)
        self._by_fold = by_fold
        self._by_bare: dict[str, str] = {bare(name): name for name in self.names if bare(name)}

    def named(self, text: str) -> str | None:
        """The creator that a file calls so: exactly, or but for capitals, spaces and a leading @."""
        if text in self._exact:
            return text
        found = self._by_fold.get(folded(text), set())
        return next(iter(found)) if len(found) == 1 else None

    def unclear(self, text: str) -> str:
        """A hint where a name is none of the scenario's, but surely meant for one; "" where it is a stranger's."""
        several = self._by_fold.get(folded(text), set())
        if len(several) > 1:
            return f"it could be {' or '.join(repr(name) for name in sorted(several))}"
        near = self._by_bare.get(bare(text))
        return "" if near is None else f"did you mean {near!r}?"

    def near(self, strangers: Iterable[str], without: Iterable[str]) -> dict[str, str]:
        """Creators -> a stranger's name that is nearly theirs, for those creators of whom a file says nothing."""
        by_bare = {bare(name): name for name in strangers}
        close = {name: get_close_matches(bare(name), by_bare, n=1, cutoff=0.8) for name in without}
        return {name: by_bare[found[0]] for name, found in close.items() if found}


def _names(offers: Sequence[Any]) -> list[str]:
    """Names of offers and of persons, as far as they can be told from plain data."""
    given: list[tuple[str | None, str]] = []
    persons = []
    for item in offers:
        if not isinstance(item, Mapping):
            continue
        name = _text(item.get("name"))
        given.append((name, "offer" if name else _default_name(item)))
        persons.append(_text(item.get("person")))
    return [*unique_names(given), *(person for person in persons if person)]


def _text(value: Any) -> str | None:
    try:
        return None if value is None else parse_text(value)
    except ValueError:
        return None


def _default_name(item: Mapping[str, Any]) -> str:
    """The name of an offer that gives none, by its labels alone, whatever is wrong with the rest of it."""
    labels = ("tier", "platform", "format", "country", "tags")
    try:
        return Offer.model_validate({key: item[key] for key in labels if key in item}).default_name()
    except (ValueError, ScenarioError):  # its problem is said elsewhere
        return "offer"
