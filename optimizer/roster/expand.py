"""`rosters:` of a scenario written out: each row that takes part becomes an offer, with its place in the file."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from optimizer.language.errors import KeyPath, Mark, Problem, ScenarioError, did_you_mean
from optimizer.language.files import actual_name, shown_name
from optimizer.roster.offers import labels_of, marks_of, names_of, offers_of
from optimizer.roster.read import read_roster
from optimizer.roster.result import Refusal, Roster
from optimizer.roster.rows import Creator
from optimizer.scenario.changes import Layer, laid_over
from optimizer.scenario.offer import Offer
from optimizer.scenario.roster import RosterFile
from optimizer.scenario.scenario import Scenario
from optimizer.scenario.validation import validated

if TYPE_CHECKING:
    from optimizer.roster.bulk_rows import Taken

LARGE = 5_000
"""Rows from which on not each becomes an offer (`python -m tests.speed roster`)."""
FILLED_FROM = "global-2026"
"""The set that fills what rows leave out, where the scenario names none."""


class Expanded(NamedTuple):
    """A scenario whose rosters are offers, and what was read of each."""

    layer: Layer
    rosters: tuple[Roster, ...] | None = ()
    """None where one of them cannot be used."""
    large: Large | None = None
    """Rosters too large to make an offer of each row; the others are among the offers."""


class Part(NamedTuple):
    """A roster too large to make an offer of each row.

    Attributes:
        number: position among the scenario's rosters.
        asked: what the scenario says of it.
        file: how messages call it.
        rows: that take part.
        names: of these in the plan.
    """

    number: int
    asked: RosterFile
    file: str
    rows: Taken
    names: Sequence[str]


class Large(NamedTuple):
    """Rosters of which only some rows become offers, which are put behind those that are there."""

    layer: Layer
    currency: str
    parts: tuple[Part, ...]

    @property
    def creators(self) -> int:
        """Rows that take part."""
        return sum(len(part.rows) for part in self.parts)

    def with_rows(self, chosen: Sequence[Sequence[int]]) -> Layer:
        """The scenario with the offers of some rows.

        Args:
            chosen: of each part, which of its rows.
        """
        data, marks = dict(self.layer.data), dict(self.layer.marks)
        made: list[Any] = list(data.get("offers") or [])
        for part, rows in zip(self.parts, chosen, strict=True):
            creators = [part.rows[row] for row in rows]
            names = [part.names[row] for row in rows]
            found = offers_of(creators, names, part.asked, self.currency)
            shared = _shared_marks(self.layer, part.number, part.asked)
            marks |= marks_of(creators, found, part.asked, part.file, len(made), shared)
            made += found
        return Layer({**data, "offers": made}, marks)


def with_rosters(layer: Layer, folder: Path, problems: list[Problem]) -> Expanded:
    """The data of a scenario with the rows of its rosters behind its offers.

    Where no roster says `fill: never` and the scenario names no benchmark set, the packaged one fills what rows leave
    out.

    Args:
        layer: the data.
        folder: of rosters that no file names.
        problems: what is wrong is added here, with its place.
    """
    if "rosters" not in layer.data:
        return Expanded(layer)
    data = {key: value for key, value in layer.data.items() if key != "rosters"}
    written, marks = layer.data["rosters"], dict(layer.marks)
    for path in [path for path in marks if path[:1] == ("rosters",)]:
        del marks[path]
    if written is None:
        return Expanded(Layer(data, marks))
    if not isinstance(written, list):
        mark = _mark(layer, ("rosters",))
        hint = "write e.g. rosters: [{file: creators.csv}]"
        problems.append(Problem(("rosters",), "a list of files is wanted here", hint, *mark))
        problems += _rest(data)
        return Expanded(Layer(data, marks), None)
    before = len(problems)
    currency = data["currency"] if isinstance(data.get("currency"), str) else "USD"
    sources = [
        source
        for index, one in enumerate(written)
        if (source := _source(one, index, layer, folder, currency, problems)) is not None
    ]
    problems += _in_two_files(sources)
    if any(source.asked.fill is None for source in sources) and data.get("benchmarks") is None:
        data["benchmarks"] = FILLED_FROM
    if len(problems) > before:
        problems += _rest(data)
        return Expanded(Layer(data, marks), None)
    offers = data.get("offers")
    made: list[Any] = list(offers) if isinstance(offers, list) else []
    large = _large(sources) if not isinstance(offers, dict) else []
    all_names: list[Sequence[str]]
    if large:
        all_names = large_names(sources)
    else:
        names = iter(names_of([(creator, source.asked) for source in sources for creator in source.creators]))
        all_names = [list(islice(names, len(source.creators))) for source in sources]
    parts = []
    for source, own in zip(sources, all_names, strict=True):
        if any(source is one for one in large):
            assert source.taken is not None
            parts.append(Part(source.number, source.asked, source.file, source.taken, own))
            continue
        offered = offers_of(source.creators, own, source.asked, currency)
        shared = _shared_marks(layer, source.number, source.asked)
        marks |= marks_of(source.creators, offered, source.asked, source.file, len(made), shared)
        made += offered
    rosters = tuple(source.roster for source in sources)
    if parts:
        behind = Layer({**data, "offers": made}, marks)
        return Expanded(behind, rosters, Large(behind, currency, tuple(parts)))
    if isinstance(offers, dict):  # changes of rows by their names
        changed = {path: mark for path, mark in marks.items() if path[1:2] and path[1] in offers}
        rest = {path: mark for path, mark in marks.items() if path not in changed}
        whole = laid_over(Layer({**data, "offers": made}, rest), Layer({"offers": offers}, changed), problems)
        return Expanded(whole, rosters)
    return Expanded(Layer({**data, "offers": made} if offers is None or made else data, marks), rosters)


def _shared_marks(layer: Layer, number: int, asked: RosterFile) -> dict[tuple[str, str], Mark]:
    """Where what all rows of a roster share is written."""
    return {
        (group, key): _mark(layer, ("rosters", number, group, key))
        for group in ("defaults", "offer")
        for key in getattr(asked, group)
    }


def _large(sources: Sequence[_Source]) -> list[_Source]:
    """The rosters that are too large to make an offer of each row."""
    found = [source for source in sources if source.taken is not None]
    return found if sum(len(source.creators) for source in found) >= LARGE else []


class _Source(NamedTuple):
    """One file of creators, read; `number` is its position, `file` how messages call it."""

    number: int
    asked: RosterFile
    file: str
    roster: Roster
    creators: Sequence[Creator]

    @property
    def taken(self) -> Taken | None:
        """Its rows, where they are columns."""
        from optimizer.roster.bulk_rows import Taken

        return self.creators if isinstance(self.creators, Taken) else None

    @property
    def folded(self) -> list[str]:
        """Names of its creators as they are compared."""
        taken = self.taken
        names = [creator.name for creator in self.creators] if taken is None else taken.names
        return list(map(str.casefold, names))


def _source(
    written: Any, index: int, layer: Layer, folder: Path, currency: str, problems: list[Problem]
) -> _Source | None:
    """One file of creators; None where nothing of it can be read, which goes to `problems`."""
    asked = asked_of(written, index, layer, problems)
    if asked is None:
        return None
    try:
        place = _folder(layer, index, folder) / actual_name(asked.file)
        roster, creators = read_roster(place, asked, currency)
    except ScenarioError as error:
        problems += [_placed(problem, index, layer) for problem in error.problems]
        return None
    problems += [_problem(refusal, index, place, layer) for refusal in roster.problems]
    if not creators and not roster.problems:
        message = f"none of the {roster.rows} rows of {asked.file} takes part"
        why = roster.dropped[0].reason if roster.dropped else "there are no rows"
        at = ("rosters", index)
        problems.append(Problem(at, message, f"the first: {why}", *_mark(layer, at)))
    return _Source(index, asked, shown_name(place), roster, creators)


def _in_two_files(sources: Sequence[_Source]) -> Iterator[Problem]:
    """Accounts that stand in several files: what they say could contradict each other."""
    if len(sources) < 2:
        return
    several = _several(sources)
    seen: dict[tuple[str, ...], tuple[str, int]] = {}
    for source in sources:
        for position, name in enumerate(source.folded):
            if name not in several:
                continue
            creator = source.creators[position]
            key = (name, *(label or "" for label in labels_of(creator, source.asked)))
            where = seen.setdefault(key, (source.file, creator.line))
            if where[0] != source.file:
                message = f"{creator.name} stands in {where[0]}, line {where[1]}, too"
                hint = "take it out of one of the files"
                yield Problem((), message, hint, source.file, creator.line, creator.columns.get("name", 1))


def _several(sources: Sequence[_Source]) -> set[str]:
    """Names, as they are compared, that more than one creator has."""
    if len(sources) == 1 and sources[0].taken is not None and not sources[0].taken.alike:
        return set()
    folded = [name for source in sources for name in source.folded]
    if len(set(folded)) == len(folded):
        return set()
    counted = Counter(folded)
    return {name for name, count in counted.items() if count > 1}


def large_names(sources: Sequence[_Source]) -> list[Sequence[str]]:
    """As `names_of`, for each file, looking at single creators only where several have one name."""
    several = _several(sources)
    return [_names_in(source, several) for source in sources]


def _names_in(source: _Source, several: Collection[str]) -> Sequence[str]:
    taken = source.taken
    if taken is not None and not several:
        return taken.names
    names = []
    for position, name in enumerate(source.folded):
        if taken is not None and name not in several:
            names.append(taken.names[position])
            continue
        creator = source.creators[position]
        labels = [label for label in labels_of(creator, source.asked) if label]
        names.append("-".join([creator.name, *(labels if name in several else [])]))
    return names


def _rest(data: Mapping[str, Any]) -> list[Problem]:
    """What else is not valid in a scenario whose creators could not be read."""
    offers = data.get("offers")
    stand_in = offers if isinstance(offers, list) and offers else [{"name": "roster"}]
    _, refusal = validated(Scenario, {**data, "offers": stand_in})
    return refusal.problems


def asked_of(written: Any, index: int, layer: Layer, problems: list[Problem]) -> RosterFile | None:
    """What a scenario says of one file; None where that is not valid, which goes to `problems`."""
    at = ("rosters", index)
    if isinstance(written, str):
        written = {"file": written}
    asked, refusal = validated(RosterFile, written)
    found = [
        Problem((*at, *p.path), p.message, p.hint, *_mark(layer, (*at, *p.path))) for p in refusal.problems
    ]
    if asked is not None:
        for group in ("defaults", "offer"):
            for key in getattr(asked, group):
                path = (*at, group, key)
                if key not in Offer.model_fields:
                    hint = did_you_mean(key, Offer.model_fields)
                    found.append(Problem(path, f"unknown key {key!r}", hint, *_mark(layer, path)))
                elif key == "name":
                    found.append(Problem(path, "each row has its own name", "remove it", *_mark(layer, path)))
    problems += found
    return None if found else asked


def _mark(layer: Layer, path: KeyPath) -> Mark:
    """Where a value stands, or what it stands in."""
    return next((layer.marks[path[:n]] for n in range(len(path), -1, -1) if path[:n] in layer.marks), Mark())


def _folder(layer: Layer, index: int, folder: Path) -> Path:
    """The folder of the file that names the roster; of a changed value the one where the command runs."""
    mark = _mark(layer, ("rosters", index, "file"))
    if mark.file is None:
        return folder
    return Path() if mark.line is None else Path(os.path.dirname(actual_name(mark.file)))


def _placed(problem: Problem, index: int, layer: Layer) -> Problem:
    """A problem of a file that cannot be read, at the line that names it where it has no line of its own."""
    if problem.line is not None:
        return problem
    path = ("rosters", index, *(problem.path or ("file",)))
    message = problem.message if problem.file is None else f"{problem.file}: {problem.message}"
    hint = problem.hint or "the path starts from the folder of the scenario"
    return Problem(path, message, hint, *_mark(layer, path))


def _problem(refusal: Refusal, index: int, path: Path, layer: Layer) -> Problem:
    if refusal.line is None:
        at = ("rosters", index, *refusal.place)
        return Problem(at, refusal.message, refusal.hint, *_mark(layer, at))
    message = refusal.message if refusal.header is None else f"{refusal.header}: {refusal.message}"
    return Problem((), message, refusal.hint, shown_name(path), refusal.line, refusal.column)
