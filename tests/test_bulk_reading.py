"""Very large CSV files are read by columns: the same account as row by row, and this way is really taken."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer.roster import read
from optimizer.roster.bulk_rows import Taken
from optimizer.roster.read import read_raw
from optimizer.scenario.roster import RosterFile
from tests.made_roster import FILE
from tests.rosters import by_columns
from tests.test_many import roster

KEEPS: tuple[dict[str, Any], ...] = (
    {},
    {"followers": {"min": 20_000}},
    {"country": ["IT", "DE"], "platform": "tiktok"},
    {"niche": "food", "followers": {"max": 90_000}},
    {"name": "creator00007"},
    {"Followers": ["12000", "nobody"]},
)
AWKWARD = (
    "username;followers;fee;note\n"
    "anna;12000;100,50;likes \"tea\"\n"
    "\n"
    "ben;9000;-;\"two\nlines\"\n"
    "@Anna ;12000;100,50;likes \"tea\"\n"
    ";;;\n"
    "carla;8000;90,25\n"
    "username;followers;fee;note\n"
    "dora;7000;80,75;=\"x\"\n"
    "Total;36000;270,00;\n"
)  # fmt: skip


@pytest.mark.parametrize("keep", KEEPS)
def test_a_plain_file(keep: dict[str, Any]) -> None:
    raw = roster(600, 4).encode()
    found = read_raw(raw, "r.csv", RosterFile(file="r.csv", keep=keep))
    assert by_columns(raw, "r.csv", found, keep=keep)


@pytest.mark.parametrize("keep", [{}, {"country": ["IT"]}, {"followers": {"min": 30_000}}])
def test_the_dirty_file_of_the_scenarios(keep: dict[str, Any]) -> None:
    raw = FILE.read_bytes()
    found = read_raw(raw, "creators.csv", RosterFile(file="creators.csv", keep=keep), "EUR")
    assert by_columns(raw, "creators.csv", found, "EUR", keep=keep)


def test_torn_repeated_empty_and_total_rows() -> None:
    raw = AWKWARD.encode()
    found = read_raw(raw, "r.csv", RosterFile(file="r.csv"))
    assert [creator.name for creator in found.creators] == ["anna", "ben", "carla", "dora"]
    assert [creator.line for creator in found.creators] == [2, 4, 8, 10]
    assert by_columns(raw, "r.csv", found)


def test_quotes_around_every_cell_and_letters_of_all_kinds() -> None:
    rows = ['"username","followers","fee","full name","bio"']
    for number in range(60):
        long = "very " * (number % 40)
        rows.append(
            f'"@Creator{number:02}","{1000 * number + 5000}","{90 + number}.50","Zoë 日本 {number}",'
            f'"said ""yes"",{long}\nto tea"'
        )
    rows += [
        rows[5],
        '"total","9","9.00","",""',
        '"日本","7000","80.25","","\u200b"',
        "'=1+1,6000,75.00,,n/a",
    ]
    raw = "\n".join(rows).encode()
    found = read_raw(raw, "r.csv", RosterFile(file="r.csv"))
    assert {"Creator07", "日本", "=1+1"} <= {creator.name for creator in found.creators}
    assert by_columns(raw, "r.csv", found)


def test_a_name_behind_an_apostrophe_is_the_name() -> None:
    rows = [f"creator{number},{1000 * number + 5000},{number + 90}.50" for number in range(30)]
    raw = "\n".join(["username,followers,fee", *rows, "'=1+1,6000,75.00", "o'neil,7000,80.25"]).encode()
    found = read_raw(raw, "r.csv", RosterFile(file="r.csv"))
    assert {"=1+1", "o'neil"} <= {creator.name for creator in found.creators}
    assert by_columns(raw, "r.csv", found)


def test_a_large_file_is_read_so_and_a_small_one_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    raw, asked = roster(1_000, 4).encode(), RosterFile(file="r.csv")
    assert not isinstance(read_raw(raw, "r.csv", asked).creators, Taken)
    monkeypatch.setattr(read, "FROM", 1_000)
    assert isinstance(read_raw(raw, "r.csv", asked).creators, Taken)
    assert not isinstance(read_raw(raw.replace(b"\n", b",,x\n", 5), "r.csv", asked).creators, Taken)


@pytest.mark.parametrize(
    "numbers",
    [
        ["1", "2.5", "30"],
        ["1.234", "5.678", "9.012"],
        ["1.234", "5.67", "9"],
        ["0.5", "0.125", "12"],
        ["1e5", "3", "4"],
        [".5", "3", "4"],
        ["7.", "3", "4"],
        ["1.2.3", "3", "4"],
        ["-3", "3", "4"],
        ["007", "3", ""],
        ["99999999999999999999", "0.1", "3"],
    ],
)
@pytest.mark.parametrize("header", ["fee", "engagement rate", "hours per post"])
def test_numbers_in_every_form(numbers: list[str], header: str) -> None:
    rows = [f"creator{number:03},{1000 + number},{one}" for number, one in enumerate(numbers * 9)]
    raw = "\n".join([f"username,followers,{header}", *rows, ""]).encode()
    found = read_raw(raw, "r.csv", RosterFile(file="r.csv"))
    assert by_columns(raw, "r.csv", found)
