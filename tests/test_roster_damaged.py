"""Whatever happens to a file, its rows are accounted for and problems say where: no traceback, no lost row."""

from __future__ import annotations

import csv
import io
import random

import pytest

from optimizer.language.errors import ScenarioError
from tests import made_roster
from tests.more import more
from tests.rosters import reading

LINES = made_roster.text().split("\r\n")
PIECES = [
    ";",
    ";;",
    '"',
    ",",
    ".",
    " ",
    "\t",
    "#VALUE!",
    "%",
    "€",
    "1.234",
    "-",
    "\x00",
    "=1+1",
    "𝔞",
    "\ufeff",
    "\n",
    "@",
    "K",
    "|",
]


def damaged(seed: int) -> str:
    """The made-up roster, 40 rows of it, with some characters put in, taken out or doubled."""
    chosen = random.Random(seed)
    text = "\r\n".join(LINES[3:44])
    for _ in range(chosen.randint(1, 12)):
        at = chosen.randrange(len(text))
        kind = chosen.random()
        if kind < 0.6:
            text = text[:at] + chosen.choice(PIECES) + text[at:]
        elif kind < 0.9:
            text = text[:at] + text[at + chosen.randint(1, 4) :]
        else:
            end = text.find("\r\n", at)
            text = text[:end] + "\r\n" + text[at:end] + text[end:]
    return text


@pytest.mark.parametrize("seed", range(more(150, 5_000)))
def test_a_damaged_file_is_accounted_for(seed: int) -> None:
    text = damaged(seed)
    raw = text.encode(random.Random(seed).choice(["utf-8", "utf-8-sig", "utf-16"]))
    try:
        found = reading(raw).roster
    except ScenarioError:  # that no rows can be told apart is an answer too
        return
    assert found.rows == found.kept + len(found.dropped) + len(found.refused)
    lines = [*(one.line for one in found.dropped), *found.refused]
    assert len(set(lines)) == len(lines)
    assert all(line > found.header_line for line in lines)
    assert all(problem.message and problem.hint for problem in found.problems)
    if found.delimiter == ";" and '"' not in text:
        lines_of_text = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        assert found.rows <= sum(bool(line.strip("; \t\ufeff")) for line in lines_of_text) - 1


DELIMITED = [";", ",", "\t", "|"]


@pytest.mark.parametrize("seed", range(20))
def test_order_encoding_and_delimiter_change_nothing(seed: int) -> None:
    chosen = random.Random(seed)
    rows = made_roster.rows()[: 40 + seed]
    plain = reading(written([*rows], ";").encode())
    again = [*rows, *chosen.sample(rows, 3)]
    chosen.shuffle(again)
    text = written(again, chosen.choice(DELIMITED), chosen.choice(["\n", "\r\n"]))
    other = reading(text.encode(chosen.choice(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])))
    assert other.roster.problems == plain.roster.problems == ()
    assert [said(one) for one in other.creators] == [said(one) for one in plain.creators]
    assert len(other.roster.dropped) == len(plain.roster.dropped) + 3


def said(creator: object) -> tuple[object, ...]:
    return (creator.name, creator.platform, creator.values, creator.currency)  # type: ignore[attr-defined]


def written(rows: list[list[str]], delimiter: str, end: str = "\n") -> str:
    target = io.StringIO()
    writer = csv.writer(target, delimiter=delimiter, lineterminator=end)
    writer.writerow(made_roster.HEADERS)
    writer.writerows(rows)
    return target.getvalue()
