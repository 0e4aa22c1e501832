"""Rosters for tests: text as a file, read; scenarios around it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from optimizer.roster.bulk_read import read_bulk
from optimizer.roster.bulk_rows import Taken
from optimizer.roster.read import read_raw
from optimizer.roster.reading import Reading
from optimizer.roster.result import Column, Roster
from optimizer.scenario.roster import RosterFile

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "rosters"
"""Published lists; not part of the project, so that tests of them are skipped where they are not."""


def reading(text: str | bytes, name: str = "creators.csv", **asked: Any) -> Reading:
    """What is read of a file."""
    raw = text.encode() if isinstance(text, str) else text
    found = read_raw(raw, name, RosterFile(file=name, **asked))
    if name.endswith(".csv"):
        by_columns(raw, name, found, **asked)
    return found


def by_columns(raw: bytes, name: str, found: Reading, currency: str | None = None, **asked: Any) -> bool:
    """Asserts that the reader of very large files says the same, where it takes such a file; whether it does."""
    head = min(400, max(1, raw.count(b"\n") // 2))
    other = read_bulk(raw, name, RosterFile(file=name, **asked), currency, head=head)
    if other is None:
        return False
    for field in type(found.roster).model_fields:
        assert getattr(other.roster, field) == getattr(found.roster, field), field
    taken, creators = other.creators, list(found.creators)
    assert isinstance(taken, Taken)
    assert list(taken) == creators
    assert [taken.platform.at(i) for i in range(len(taken))] == [one.platform for one in creators]
    assert [taken.currency.at(i) for i in range(len(taken))] == [one.currency for one in creators]
    for what in taken.fields():
        numbers, labels = taken.number(what), taken.label(what)
        if numbers is not None:
            said = (one.values.get(what) for one in creators)
            wanted = np.array([np.nan if value is None else float(value) for value in said])
            np.testing.assert_array_equal(numbers, wanted, err_msg=what)
        elif labels is not None and what not in ("name", "url", "platform", "currency"):
            assert [labels.at(i) for i in range(len(taken))] == [one.values.get(what) for one in creators]
    return True


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
