"""Words of other people's files, as a table: thousands and millions, currencies, blanks, totals, countries."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files


@cache
def vocabulary(kind: str, room: str = "optimizer.roster") -> dict[str, str]:
    """Word in small letters -> what it stands for; the first of several.

    Args:
        kind: `power` (of ten, behind a number), `counted_in` (the same, in a header), `currency` (ISO 4217; several
            joined by a slash where a sign means several), `unit` (says nothing about the number before it), `between`
            (the two ends of a range, `from` before them), `blank`, `filler` (of headers, says nothing), `average`,
            `total` (a row that is no creator), `country`.
        room: whose table.
    """
    text = files(room).joinpath("vocabulary.csv").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for line in csv.DictReader(text.splitlines()):
        if line["kind"] == kind:
            for word in line["words"].split("|"):
                found.setdefault(word, line["value"])
    return found
