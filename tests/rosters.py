"""Rosters for tests: text as a file, read; scenarios around it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from optimizer.roster.read import read_raw
from optimizer.roster.reading import Reading
from optimizer.roster.result import Column, Roster
from optimizer.scenario.roster import RosterFile

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "rosters"
"""Published lists; not part of the project, so that tests of them are skipped where they are not."""


def reading(text: str | bytes, name: str = "creators.csv", **asked: Any) -> Reading:
    """What is read of a file."""
    raw = text.encode() if isinstance(text, str) else text
    return read_raw(raw, name, RosterFile(file=name, **asked))


def roster(text: str | bytes, name: str = "creators.csv", **asked: Any) -> Roster:
    """The account of a file."""
    found = reading(text, name, **asked).roster
    assert found.rows == found.kept + len(found.dropped) + len(found.refused)  # whatever is read
    return found


def column(found: Roster, used_as: str) -> Column:
    """The column that is used for a field."""
    (one,) = [each for each in found.columns if each.used_as == used_as]
    return one


def values(found: Reading, field: str) -> dict[str, Any]:
    """Name -> value of a field, of all creators that take part."""
    return {creator.name: creator.values.get(field) for creator in found.creators}


def problems(found: Roster) -> list[str]:
    """Messages of all problems."""
    return [problem.message for problem in found.problems]


def saved(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Files in a folder; the answer is the first one."""
    for name, content in files.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder / next(iter(files))
