"""Overlap exports and lists of followers: what is read, and the exact message of everything that is wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from optimizer import Scenario, ScenarioError, load_scenario, parse_scenario
from optimizer.language.csv_in import read_table
from optimizer.scenario.creator_files import MOST_PROBLEMS, Creators
from optimizer.scenario.followers import parse_followers
from optimizer.scenario.overlaps import COLUMNS_HINT, parse_overlaps

NAMES = ("ana", "Bo Li", "Élise", "@dan")


def creators(*names: str) -> Creators:
    return Creators([{"name": name} for name in names or NAMES])


def overlaps(text: str, *names: str) -> dict[str, Any]:
    return parse_overlaps(read_table(text, "pairs.csv"), "pairs.csv", creators(*names))


def followers(text: str) -> dict[str, Any]:
    return parse_followers(read_table(text, "f.csv"), "f.csv", creators())


def messages(text: str, read: Any = overlaps) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        read(text)
    return [str(problem) for problem in caught.value.problems]


# --- pairs that are read ----------------------------------------------------------------------------------


def test_people_of_pairs() -> None:
    assert overlaps("creator_a,creator_b,people\nana,Bo Li,12400\nÉlise,ana,0\n") == {
        "unit": "people",
        "pairs": [["Bo Li", "ana", 12400.0, 2], ["ana", "Élise", 0.0, 3]],
        "listed": ["Bo Li", "ana", "Élise"],
        "ignored": 0.0,
        "near": {},
    }


@pytest.mark.parametrize(
    "header",
    [
        "creator_a,creator_b,shared_people", "Creator A,Creator B,People", "a,b,shared",
        "account1,account2,Common Followers",
        "influencer a,influencer b,shared_audience", "source,target,count", "creator_1,creator_2,Overlap people",
    ],
)  # fmt: skip
def test_columns_that_count_people(header: str) -> None:
    found = overlaps(f"{header}\nana,Bo Li,12k\n")
    assert (found["unit"], found["pairs"][0][2]) == ("people", 12_000.0)


@pytest.mark.parametrize(
    ("header", "number", "share"),
    [
        ("share", "0.124", 0.124),
        ("share", "12.4%", 0.124),
        ("Share of smaller", "12.4 %", 0.124),
        ("overlap_share", "1", 1.0),
        ("percent", "12.4", 0.124),
        ("Overlap %", "12.4", 0.124),
        ("pct", "12.4%", 0.124),
        ("overlap", "12.4%", 0.124),
        ("audience overlap", "12.4%", 0.124),
    ],
)
def test_columns_of_shares(header: str, number: str, share: float) -> None:
    found = overlaps(f"a,b,{header}\nana,Bo Li,{number}\n")
    assert (found["unit"], found["pairs"][0][2]) == ("share", pytest.approx(share, rel=1e-12))


def test_people_are_taken_where_an_export_has_both_and_more() -> None:
    found = overlaps("date,a,b,share,people,jaccard\n2026-01-01,ana,Bo Li,12%,900,0.08\n")
    assert (found["unit"], found["pairs"]) == ("people", [["Bo Li", "ana", 900.0, 2]])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_files_as_spreadsheets_write_them(encoding: str, tmp_path: Path) -> None:
    """Semicolons, decimal commas, a byte order mark, quotes, carriage returns and empty lines."""
    text = 'sep=;\r\ncreator_a;creator_b;percent;;\r\n"Bo Li";Élise;12,4;;\r\n;;;;\r\n'
    (tmp_path / "pairs.csv").write_bytes(text.encode(encoding))
    scenario = GOOD.replace("name: ana", "name: Bo Li").replace("name: bo", "name: Élise")
    (tmp_path / "s.yaml").write_text(scenario, encoding="utf-8")
    assert pairs_of(load_scenario(tmp_path / "s.yaml")) == [("Bo Li", "Élise", 0.124)]


def test_names_are_matched_but_for_capitals_spaces_and_at_signs() -> None:
    found = overlaps("a,b,people\nANA,bo  li,5\nÉLISE,dan,6\n'@Dan,ana,7\n")
    assert [pair[:3] for pair in found["pairs"]] == [
        ["@dan", "ana", 7.0],
        ["@dan", "Élise", 6.0],
        ["Bo Li", "ana", 5.0],
    ]


def test_exact_names_come_first() -> None:
    found = overlaps("a,b,people\nana,Ana,5\nAna,bo,6\n", "ana", "Ana", "bo")
    assert [pair[:3] for pair in found["pairs"]] == [["Ana", "ana", 5.0], ["Ana", "bo", 6.0]]


def test_persons_are_creators_too() -> None:
    known = Creators([{"name": "ana on tiktok", "person": "ana"}, {"name": "bo"}])
    found = parse_overlaps(read_table("a,b,people\nana,bo,5\n", "p.csv"), "p.csv", known)
    assert found["pairs"] == [["ana", "bo", 5.0, 2]]


def test_offers_without_a_name_have_their_default_one() -> None:
    known = Creators([{"tier": "macro", "platform": "ig"}, {"name": "bo"}, {"tier": ["no tier"]}, "no offer"])
    assert known.names[:2] == ("macro-instagram", "bo")


def test_a_pair_that_is_there_twice_with_one_number_counts_once() -> None:
    found = overlaps("a,b,people\nana,bo li,5\nBo Li,ana,5\n")
    assert found["pairs"] == [["Bo Li", "ana", 5.0, 2]]
    assert found["ignored"] == 0


def test_lines_about_others_are_counted() -> None:
    found = overlaps("a,b,people\nana,Bo Li,5\nana,zoe,5\nyan,zoe,5\n")
    assert (found["ignored"], found["listed"]) == (2.0, ["Bo Li", "ana"])


def test_a_creator_that_is_not_there_may_be_there_under_another_name() -> None:
    found = overlaps("a,b,people\nana,Bo Li,5\nElisse,ana,5\nElisse B,ana,1\n")
    assert found["near"] == {"Élise": "Elisse"}


def test_the_order_of_lines_changes_only_their_numbers() -> None:
    lines = ["ana,Bo Li,5", "Élise,ana,6", "@dan,Bo Li,7"]
    one, other = (overlaps("\n".join(["a,b,people", *order])) for order in (lines, lines[::-1]))
    assert [pair[:3] for pair in one["pairs"]] == [pair[:3] for pair in other["pairs"]]


# --- pairs that are not -----------------------------------------------------------------------------------


def test_every_bad_line_is_told_with_its_number() -> None:
    text = """a;b;share
ana;Bo Li;12,5%
bo li;ANA;13%
ana;ana;5%
ana;ANA;5%
ana;Elise;5%
ana;Élise;120%
ana;@dan;-3%
ana;@dan;
ana;@dan;abc
ana;@dan;40
;@dan;4%
ana;@dan;4%;5
"""
    assert messages(text) == [
        "pairs.csv:3: bo li and ANA have another number on line 2 (write one line for each pair)",
        "pairs.csv:4: ana is paired with itself",
        "pairs.csv:5: ana is paired with itself",
        "pairs.csv:6: unknown creator 'Elise' (did you mean 'Élise'?)",
        "pairs.csv:7: 120 % is above 100 % of the smaller audience",
        "pairs.csv:8: -3% is negative, which an overlap cannot be",
        "pairs.csv:9: the overlap is missing (leave the line out where it was not measured)",
        "pairs.csv:10: 'abc' is not a number (write it like 60000, 60_000, 12M, 412k or 5%)",
        "pairs.csv:11: 4000 % is above 100 % of the smaller audience (write 40%, or name the column percent)",
        "pairs.csv:12: the name of a creator is missing",
        'pairs.csv:13: the line has more values than there are columns (put text with commas in "quotes")',
    ]


def test_a_name_that_two_creators_have() -> None:
    with pytest.raises(ScenarioError) as caught:
        overlaps("a,b,people\nANA,bo,5\n", "ana", "Ana", "bo")
    assert str(caught.value) == "pairs.csv:2: unknown creator 'ANA' (it could be 'Ana' or 'ana')"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b,overlap\nana,Bo Li,12%\nana,Élise,7\n",
         "pairs.csv:3: the column 'overlap' could count people, or be a share of the smaller audience (name it people, "
         "share or percent, or write percent signs)"),
        ("a,b,people\nana,Bo Li,12%\n",
         "pairs.csv:2: 12% is a share, but the column counts people (name the column share)"),
        ("a,b,people\nana,Bo Li,0.12\n",
         "pairs.csv:1: the column 'people' counts people, but its largest number is 0.12 (name it share)"),
        ("a,b,people\nana,Bo Li,1.200\n",
         "pairs.csv:2: '1.200' could mean two numbers, because a point separates thousands in half of the world (write "
         "1_200 or 1.2)"),
        ("a,b,share\nana,Bo Li,300\n",
         "pairs.csv:2: 30000 % is above 100 % of the smaller audience (name the column people?)"),
        ("a,b,jaccard\nana,Bo Li,5\n",
         f"pairs.csv:1: there is no column for the overlap ({COLUMNS_HINT})"),
        ("creator,people\nana,5\n",
         f"pairs.csv:1: there is no column for the second creator of a pair ({COLUMNS_HINT})"),
        ("ana,Bo Li,5\n",
         f"pairs.csv:1: there is no column for the first creator of a pair ({COLUMNS_HINT})"),
        ("a,creator_a,b,people\nana,ana,Bo Li,5\n",
         f"pairs.csv:1: 'a' and 'creator_a' could both be that creator ({COLUMNS_HINT})"),
        ("a,b,people,shared\nana,Bo Li,5,6\n",
         "pairs.csv:1: 'people' and 'shared' could both be the overlap (name the one that counts people or share)"),
        ("a,b,people\nyan,zoe,5\n",
         "audience.overlaps: no line of pairs.csv has two creators of this scenario; it names 'yan', 'zoe' (offers are "
         "matched by name (or person))"),
        ("a,b,people\nAnna,Bo Lii,5\n",
         "audience.overlaps: no line of pairs.csv has two creators of this scenario; it names 'Anna', 'Bo Lii' (is "
         "'Anna' the scenario's 'ana'?; is 'Bo Lii' the scenario's 'Bo Li'?)"),
    ],
)  # fmt: skip
def test_message_is_exactly(text: str, message: str) -> None:
    assert messages(text) == [message]


def test_a_file_that_is_wrong_throughout_says_so_in_fifty_lines() -> None:
    found = messages("a,b,people\n" + "ana,ana,5\n" * 1000)
    assert len(found) == MOST_PROBLEMS + 1
    assert found[-1] == "pairs.csv:52: and 950 more lines like these"


# --- followers --------------------------------------------------------------------------------------------


def test_people_are_grouped_and_forgotten() -> None:
    text = "creator,person\nana,1\nBO LI,1\nana,2\nana,3\nBo Li,3\nana,3\nzoe,3\nzoe,4\n"
    assert followers(text) == {
        "groups": [[["Bo Li", "ana"], 2.0], [["ana"], 1.0]],
        "ignored": 2.0,
    }


@pytest.mark.parametrize("header", ["Account,Follower ID", "creator,audience_member", "influencer,user_hash"])
def test_columns_of_followers(header: str) -> None:
    assert followers(f"{header}\nana,x\n")["groups"] == [[["ana"], 1.0]]


def test_every_bad_line_of_followers_is_told() -> None:
    assert messages("creator,person\nana,\n,2\nElise,3\nana,4,5\n", followers) == [
        "f.csv:2: the person is missing",
        "f.csv:3: the name of a creator is missing",
        "f.csv:4: unknown creator 'Elise' (did you mean 'Élise'?)",
        'f.csv:5: the line has more values than there are columns (put text with commas in "quotes")',
    ]
    hint = "(the first line names the columns: creator,person)"
    assert messages("creator,age\nana,5\n", followers) == [
        f"f.csv:1: there is no column for the person {hint}"
    ]
    assert messages("creator,user,id\nana,5,6\n", followers) == [
        f"f.csv:1: 'user' and 'id' could all be the person {hint}"
    ]
    assert messages("creator,person\nzoe,5\n", followers) == [
        "audience.followers: no line of f.csv has a creator of this scenario; it names 'zoe' (offers are matched by "
        "name (or person))"
    ]


# --- in a scenario ----------------------------------------------------------------------------------------

GOOD = """\
objective: reach
budget: 1000
audience: {people: 10k, overlaps: pairs.csv}
offers:
  - {name: ana, followers: 2k, reach_rate: 50%, cost_per_post: 10, creators: {max: 1}}
  - {name: bo, followers: 1k, reach_rate: 50%, cost_per_post: 10, creators: {max: 1}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scenario in a folder below the current one, and its pairs."""
    monkeypatch.chdir(tmp_path)
    inner = tmp_path / "campaign"
    inner.mkdir()
    (inner / "s.yaml").write_text(GOOD, encoding="utf-8")
    (inner / "pairs.csv").write_text("a,b,people\nana,bo,400\n", encoding="utf-8")
    return inner


def pairs_of(scenario: Scenario) -> list[tuple[Any, ...]]:
    assert scenario.audience is not None
    assert scenario.audience.overlaps is not None
    assert scenario.audience.overlaps.pairs is not None
    return [tuple(pair[:3]) for pair in scenario.audience.overlaps.pairs]


def test_the_path_starts_from_the_file_that_names_it(folder: Path) -> None:
    assert pairs_of(load_scenario("campaign/s.yaml")) == [("ana", "bo", 400.0)]
    Path("child.yaml").write_text("extends: campaign/s.yaml\nbudget: 500\n", encoding="utf-8")
    assert pairs_of(load_scenario("child.yaml")) == [("ana", "bo", 400.0)]
    Path("here.csv").write_text("a,b,people\nana,bo,300\n", encoding="utf-8")
    for path in ("audience.overlaps", "audience.overlaps.file"):
        assert pairs_of(load_scenario("campaign/s.yaml", {path: "here.csv"})) == [("ana", "bo", 300.0)]


def test_options_are_set_by_path_and_by_mapping(folder: Path) -> None:
    changed = load_scenario(
        "campaign/s.yaml", {"audience.overlaps.segments": 3, "audience.overlaps.unlisted": "zero"}
    )
    assert changed.audience is not None
    assert changed.audience.overlaps is not None
    assert (changed.audience.overlaps.segments, changed.audience.overlaps.unlisted) == (3, "zero")
    (folder / "t.yaml").write_text(
        GOOD.replace("pairs.csv", "{file: pairs.csv, segments: 3, unlisted: zero}"), encoding="utf-8"
    )
    assert load_scenario(folder / "t.yaml") == changed


def test_a_scenario_is_complete_without_the_file(folder: Path) -> None:
    scenario = load_scenario("campaign/s.yaml")
    (folder / "pairs.csv").unlink()
    again = scenario.with_changes({"budget": 500})
    assert pairs_of(again) == [("ana", "bo", 400.0)]
    saved = scenario.model_dump_json(exclude_unset=True)
    assert parse_scenario(saved).sha256() == scenario.sha256()


def test_a_changed_file_is_read_again(folder: Path) -> None:
    before = load_scenario("campaign/s.yaml")
    (folder / "pairs.csv").write_text("a,b,people\nana,bo,500\n", encoding="utf-8")
    assert pairs_of(load_scenario("campaign/s.yaml")) == [("ana", "bo", 500.0)]
    assert load_scenario("campaign/s.yaml").sha256() != before.sha256()


def problems(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text, name="s.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_what_cannot_stand_in_a_scenario(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    said = {
        "pairs.csv, overlap: 8%": [
            "audience.overlap: measured overlaps take the place of one overlap for all pairs (leave overlap "
            "out)"
        ],
        "pears.csv": ["audience.overlaps: there is no file pears.csv (did you mean 'pairs.csv'?)"],
        "other/none.csv": [
            "audience.overlaps: there is no file other/none.csv (the path starts from the scenario's folder)"
        ],
        "12": ["audience.overlaps: a file is wanted here, not 12 (write e.g. overlaps: pairs.csv)"],
        "{unlisted: zero}": ["audience.overlaps: the overlaps are missing (write e.g. overlaps: pairs.csv)"],
        "{file: pairs.csv, segments: 0}": [
            "audience.overlaps.segments: 0 is no number of segments: it is whole, from 1 to 60"
        ],
        "{pairs: [[ana, bo, 12%]]}": [
            "audience.overlaps: what the numbers of pairs are is missing (write unit: people or unit: share)"
        ],
        "{unit: share, pairs: [[ana, bo, 12%], [bo, ana, 13%]]}": [
            "audience.overlaps.pairs[1]: bo and ana are paired twice"
        ],
        "{unit: share, pairs: [[ana, bo, 120%]]}": [
            "audience.overlaps.pairs[0]: 120 % is no share of an audience"
        ],
        "{unit: share, pairs: [[ana, ana, 1%]]}": ["audience.overlaps.pairs[0]: ana is paired with itself"],
    }
    found = {value: problems(GOOD.replace("pairs.csv", value)) for value in said}
    for value, lines in said.items():
        assert [re.sub(r"^s\.yaml:3:\d+: ", "", line) for line in found[value]] == lines


def test_problems_of_the_scenario_and_of_the_file_are_told_together(folder: Path) -> None:
    (folder / "pairs.csv").write_text("a,b,people\nana,ana,400\nana,bo,5000\n", encoding="utf-8")
    (folder / "s.yaml").write_text(GOOD.replace("budget: 1000", "budget: lots"), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario("campaign/s.yaml")
    assert [(Path(p.file or "").name, p.line) for p in caught.value.problems] == [
        ("s.yaml", 2),
        ("pairs.csv", 2),
    ]
