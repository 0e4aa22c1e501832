"""`optimizer.read_roster`: what `optimize roster` shows, as a record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from optimizer import Roster, ScenarioError, read_roster
from tests.stories import FOLDER
from tests.test_cli import run

LIST = "username;followers;fee\nanna;12500;500-800\nben;1.234.567;abc\nanna;12500;500-800\n"


@pytest.mark.parametrize("file", ["creators.csv", "list"])
def test_the_record_is_what_the_command_shows(file: str, tmp_path: Path) -> None:
    path = FOLDER / file
    if file == "list":
        path = tmp_path / "list.csv"
        path.write_text(LIST, encoding="utf-8")
    found = read_roster(path)
    ran = run("roster", str(path), "--format", "json")
    assert ran.exit_code == (2 if found.problems else 0)
    shown = json.loads(ran.stdout)
    told: dict[str, Any] = found.model_dump(mode="json")
    for problem in told["problems"]:
        del problem["place"]
    assert told == shown
    assert found.rows == found.kept + len(found.dropped) + len(found.refused)
    assert Roster.model_validate_json(found.model_dump_json()) == found


def test_problems_are_told_and_not_raised(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(LIST, encoding="utf-8")
    found = read_roster(str(path))
    assert [(one.line, one.header, one.message) for one in found.problems] == [
        (3, "fee", "'abc' is no number")
    ]
    assert (found.rows, found.kept, found.refused) == (3, 1, (3,))
    assert found.dropped[0].reason == "the same as line 2: anna"


def test_how_it_is_read_is_said_as_in_a_scenario(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Kanal;Fans;fee\nanna;1.234;10\nben;1.999;20\n", encoding="utf-8")
    how = {
        "columns": {"name": "Kanal", "followers": {"from": "Fans", "decimal": ","}},
        "keep": {"followers": {"min": 1500}},
    }
    found = read_roster(path, how)
    assert not found.problems
    assert [(c.used_as, c.sum) for c in found.columns] == [
        ("name", None),
        ("followers", 3233),
        ("cost_per_post", 30),
    ]
    assert [one.reason for one in found.dropped] == ["followers 1,234 is below 1,500"]


def test_fees_far_from_their_size_are_told_by_the_currency_of_the_scenario(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("username,platform,followers,fee\nanna,instagram,10000,900000\n", encoding="utf-8")
    (odd,) = next(c for c in read_roster(path).columns if c.used_as == "cost_per_post").odd
    assert odd.why.startswith("far above what 10,000 followers cost")
    assert not next(c for c in read_roster(path, currency="VND").columns if c.used_as == "cost_per_post").odd


def test_wrong_arguments_say_what_is_meant(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(LIST, encoding="utf-8")
    with pytest.raises(ScenarioError, match="there is no such file"):
        read_roster(tmp_path / "none.csv")
    with pytest.raises(ScenarioError, match="unknown key 'colums'") as error:
        read_roster(path, {"colums": {}})
    assert error.value.problems[0].path == ("colums",)
    with pytest.raises(TypeError, match="how is a mapping"):
        read_roster(path, "columns")  # type: ignore[arg-type]
