"""A file of creators, read for whoever wants to see what is in it: what `optimize roster` shows, as a record."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from optimizer.language.errors import Problem, ScenarioError
from optimizer.roster.expand import asked_of
from optimizer.roster.read import read_roster as read
from optimizer.roster.result import Roster
from optimizer.scenario.changes import Layer


def read_roster(
    path: str | os.PathLike[str], how: Mapping[str, Any] | None = None, *, currency: str | None = None
) -> Roster:
    """What is read of a file of creators: every column, every row, what is odd, what has to be mended.

    The same as `optimize roster FILE --format json`; a scenario plans it with `rosters: [{file: FILE}]`.

    Args:
        path: CSV, TSV, XLSX or JSON records.
        how: how it is read, by the keys of an entry of `rosters:`, e.g. `{"columns": {"followers": "Fans"}, "keep":
            {"country": ["IT"]}}`; None where everything is to be found.
        currency: of prices that name none, by which fees far from their size are told; None for dollars.

    Returns:
        The account: `rows` = `kept` + the number of `dropped` + the number of `refused`. What has to be mended stands
        in `problems`, and is not raised.

    Raises:
        ScenarioError: where there is no such file, no rows can be told apart in it, or `how` is not valid.
        MissingPackageError: for a workbook without the packages of the extra `xlsx`.
    """
    if how is not None and not isinstance(how, Mapping):
        raise TypeError(f"how is a mapping such as {{'columns': ...}}, not {type(how).__name__}")
    problems: list[Problem] = []
    written = {**(how or {}), "file": os.fspath(path)}
    asked = asked_of(written, 0, Layer({"rosters": [written]}, {}), problems)
    if asked is None:
        raise ScenarioError([replace(one, path=one.path[2:]) for one in problems])
    return read(path, asked, currency).roster
