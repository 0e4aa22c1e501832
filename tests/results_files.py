"""Files of results for tests: text as a file, read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optimizer.language.errors import ScenarioError
from optimizer.results.read import read_results
from optimizer.results.reading import ResultsReading
from optimizer.results.result import ResultsFile
from optimizer.results.table import Results
from optimizer.roster.result import Column


def reading(folder: Path, text: str | bytes, name: str = "results.csv", **asked: Any) -> ResultsReading:
    """What is read of a file; that every row and column is accounted for."""
    raw = text.encode() if isinstance(text, str) else text
    (folder / name).write_bytes(raw)
    found = read_results([folder / name], **asked)
    (file,) = found.account.files
    assert file.rows == file.kept + len(file.dropped)
    assert file.kept == found.results.rows
    for column in file.columns:
        assert column.values + column.blanks == file.kept, column.name
    return found


def results(folder: Path, text: str | bytes, name: str = "results.csv", **asked: Any) -> Results:
    """The results of a file."""
    return reading(folder, text, name, **asked).results


def account(folder: Path, text: str | bytes, name: str = "results.csv", **asked: Any) -> ResultsFile:
    """The account of a file."""
    return reading(folder, text, name, **asked).account.files[0]


def refused(folder: Path, text: str | bytes, name: str = "results.csv", **asked: Any) -> list[str]:
    """Problems of a file that is not read."""
    with pytest.raises(ScenarioError) as caught:
        reading(folder, text, name, **asked)
    return [str(problem).removeprefix(f"{folder}/") for problem in caught.value.problems]


def column(file: ResultsFile, used_as: str) -> Column:
    """The column that is used for a field."""
    (one,) = [each for each in file.columns if each.used_as == used_as]
    return one


def told(found: Results, name: str) -> list[float | None]:
    """A number of each row, None where it does not say."""
    return [None if np.isnan(value) else float(value) for value in found.numbers[name]]


def same(one: Results, other: Results) -> bool:
    """Whether two results say the same, file and line aside, in whatever order."""
    return sorted(map(repr, _rows(one))) == sorted(map(repr, _rows(other)))


def _rows(found: Results) -> list[tuple[object, ...]]:
    texts = [values.tolist() for values in found.texts.values()]
    numbers = [[None if np.isnan(v) else v for v in values] for values in found.numbers.values()]
    return list(zip(*texts, *numbers, strict=True))
