"""JSON records as rows: a list of objects, a list under one key of an object, or one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from optimizer.language.errors import Problem, ScenarioError
from optimizer.roster.grid import Cell, Grid, GridRow

_HINT = 'write a list of records: [{"username": "anna", "followers": 12000}]'


def json_grid(text: str, encoding: str, name: str) -> Grid:
    """The records of a JSON file as rows, the first one holding the keys; keys of inner objects are joined by a blank.

    Raises:
        ScenarioError: where it is no JSON, or holds no records.
    """
    records = list(_records(text, name))
    titles: dict[str, None] = {}
    flat = []
    for line, record in records:
        if not isinstance(record, dict):
            _fail(name, f"a record is an object with keys, not {json.dumps(record, default=str)[:40]}", line)
        cells = dict(_flat(record))
        titles |= dict.fromkeys(cells)
        flat.append((line, cells))
    if not titles:
        _fail(name, "there are no records in this file", 1)
    rows = [GridRow(max(1, records[0][0]), list(titles))]
    for line, cells in flat:
        row = [cells.get(title, "") for title in titles]
        if any(cell != "" for cell in row):
            rows.append(GridRow(line, row))
    return Grid(rows, encoding)


def _records(text: str, name: str) -> Iterator[tuple[int, Any]]:
    """Each record with the line on which it begins."""
    decoder = json.JSONDecoder(parse_float=Decimal, parse_int=Decimal)
    at = _skipped(text, 0)
    try:
        if text.startswith("{", at):
            whole, end = decoder.raw_decode(text, at)
            rest = _skipped(text, end)
            if rest < len(text):  # one object a line
                yield from _one_a_line(text, at, decoder)
                return
            lists = [key for key, value in whole.items() if isinstance(value, list) and value]
            lists = [key for key in lists if isinstance(whole[key][0], dict)]
            if len(lists) != 1:
                what = "no list of records" if not lists else f"several lists of records: {', '.join(lists)}"
                _fail(name, f"this object holds {what}", 1)
            at = _list_of(text, at, lists[0], decoder)
        if not text.startswith("[", at):
            _fail(name, "this is no list of records", _line(text, at))
        line, counted = _line(text, at), at
        at = _skipped(text, at + 1)
        while not text.startswith("]", at):
            line, counted = line + text.count("\n", counted, at), at
            record, at = decoder.raw_decode(text, at)
            yield line, record
            at = _skipped(text, at)
            at = _skipped(text, at + 1) if text.startswith(",", at) else at
    except json.JSONDecodeError as error:
        problem = Problem(
            (), f"this is not JSON: {error.msg.lower()}", _HINT, name, error.lineno, error.colno
        )
        raise ScenarioError([problem]) from None


def _one_a_line(text: str, at: int, decoder: json.JSONDecoder) -> Iterator[tuple[int, Any]]:
    line, counted = 1, 0
    while at < len(text):
        line, counted = line + text.count("\n", counted, at), at
        record, at = decoder.raw_decode(text, at)
        yield line, record
        at = _skipped(text, at)


def _list_of(text: str, at: int, wanted: str, decoder: json.JSONDecoder) -> int:
    """Where the list under a key of an object begins."""
    at = _skipped(text, at + 1)
    while True:
        key, at = decoder.raw_decode(text, at)
        at = _skipped(text, _skipped(text, at) + 1)
        if key == wanted:
            return at
        _, at = decoder.raw_decode(text, at)
        at = _skipped(text, _skipped(text, at) + 1)


def _skipped(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _flat(record: dict[str, Any], before: str = "") -> Iterator[tuple[str, Cell]]:
    for key, value in record.items():
        title = f"{before} {key}".strip()
        if isinstance(value, dict):
            yield from _flat(value, title)
        elif isinstance(value, list):
            yield title, ", ".join(str(one) for one in value if not isinstance(one, dict | list))
        elif isinstance(value, bool):
            yield title, "yes" if value else "no"
        elif isinstance(value, Decimal):
            yield title, value
        else:
            yield title, "" if value is None else str(value).strip()


def _fail(name: str, message: str, line: int) -> None:
    raise ScenarioError([Problem((), message, _HINT, file=name, line=line, column=1)])
