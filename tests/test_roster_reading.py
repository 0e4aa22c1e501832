"""Encodings, dialects, headers, rows: nothing of a file is lost, nothing is made up."""

from __future__ import annotations

from decimal import Decimal

import pytest

from optimizer.language.errors import ScenarioError
from tests.rosters import column, problems, reading, roster, values

ROWS = [
    ("Zoë", "Deutschland", "12000", "350", "3.2%"),
    ("añejo.fit", "Spain", "8500", "120", "2.1%"),
    ("łukasz", "Poland", "45000", "", "1.5%"),
    ("chiara_b", "Italy", "153000", "1800", "-"),
]
HEADERS = ("Username", "Country", "Followers", "Est. fee", "ER")


def text_of(delimiter: str = ",", rows: object = None, end: str = "\n") -> str:
    lines = [HEADERS, *(ROWS if rows is None else rows)]  # type: ignore[misc]
    return "".join(delimiter.join(line) + end for line in lines)


PLAIN = text_of()
ENCODED = {
    "UTF-8": (PLAIN.encode(), "UTF-8"),
    "UTF-8 with BOM": (PLAIN.encode("utf-8-sig"), "UTF-8 with BOM"),
    "UTF-16 with BOM": (PLAIN.encode("utf-16"), "UTF-16"),
    "UTF-16 LE": (PLAIN.encode("utf-16-le"), "UTF-16"),
    "UTF-16 BE": (PLAIN.encode("utf-16-be"), "UTF-16"),
    "UTF-16 BE with BOM": (b"\xfe\xff" + PLAIN.encode("utf-16-be"), "UTF-16"),
}
DIALECTS = {
    "semicolons": text_of(";"),
    "tabs": text_of("\t"),
    "bars": text_of("|"),
    "Windows line ends": text_of(end="\r\n"),
    "old Mac line ends": text_of(end="\r"),
    "sep line": "sep=;\n" + text_of(";"),
    "everything in quotes": "".join('"' + '","'.join(line) + '"\n' for line in [HEADERS, *ROWS]),
    "blanks around": text_of(" , "),
    "blank lines": PLAIN.replace("\n", "\n\n\n"),
    "empty rows": PLAIN.replace("\n", "\n,,,,\n"),
    "empty columns at the right": PLAIN.replace("\n", ",,,\n"),
    "no line end": PLAIN.rstrip("\n"),
    "title lines": "Creator export\nMade on 2026-03-01;by Ana\n\n" + PLAIN,
    "title lines with commas": "Report, March\nclient: A, B and C\n" + PLAIN,
    "headers twice": PLAIN + text_of(rows=[]),
    "totals": PLAIN + "Total,,218500,2270,\n",
    "totals without a name": PLAIN + ",Total,218500,2270,\n",
    "a note below": PLAIN + "\nExported by a tool (c) 2026\n",
    "units below the headers": PLAIN.replace("ER\n", "ER\n,,people,USD,%\n"),
    "a column more": PLAIN.replace("ER\n", "ER,Bio\n").replace("%\n", '%,"likes tea, and; more"\n'),
}


def account(text: str | bytes) -> dict[str, object]:
    found = reading(text)
    assert found.roster.problems == ()
    assert found.roster.rows == found.roster.kept + len(found.roster.dropped)
    return {
        "kept": found.roster.kept,
        "followers": column(found.roster, "followers").sum,
        "fees": column(found.roster, "cost_per_post").sum,
        "creators": {
            one.name: (
                one.values.get("country"),
                one.values["followers"],
                one.values.get("cost_per_post"),
                one.values.get("engagement_rate"),
            )
            for one in found.creators
        },
    }


BY_HAND = {
    "kept": 4,
    "followers": 218500,
    "fees": 2270,
    "creators": {
        "Zoë": ("DE", Decimal(12000), Decimal(350), Decimal("0.032")),
        "añejo.fit": ("ES", Decimal(8500), Decimal(120), Decimal("0.021")),
        "łukasz": ("PL", Decimal(45000), None, Decimal("0.015")),
        "chiara_b": ("IT", Decimal(153000), Decimal(1800), None),
    },
}


@pytest.mark.parametrize("name", ENCODED)
def test_any_encoding_says_the_same(name: str) -> None:
    raw, said = ENCODED[name]
    assert account(raw) == BY_HAND
    assert roster(raw).encoding == said


def test_windows_1252_is_read_and_said() -> None:
    raw = "Username;Followers\nZoë;12000\nañejo;8500\n".encode("cp1252")
    found = reading(raw)
    assert (found.roster.encoding, [one.name for one in found.creators]) == ("Windows-1252", ["añejo", "Zoë"])


def test_a_damaged_byte_in_utf_8_is_not_read_as_another_encoding() -> None:
    raw = PLAIN.encode().replace(b"chiara", b"chi\xffara")
    with pytest.raises(ScenarioError) as error:
        reading(raw)
    (problem,) = error.value.problems
    assert (problem.line, problem.column) == (5, 4)
    assert "0xff" in problem.message
    assert "UTF-8" in problem.hint


@pytest.mark.parametrize("name", DIALECTS)
def test_any_dialect_says_the_same(name: str) -> None:
    assert account(DIALECTS[name]) == BY_HAND


def test_names_that_a_spreadsheet_kept_as_text_are_those_names() -> None:
    text = 'Username;Followers\n"=""007""";12000\n"=""anna.runs""";9000\n=1+1;8000\n'
    assert set(values(reading(text), "followers")) == {"007", "anna.runs", "=1+1"}


def test_lines_are_those_of_the_file() -> None:
    found = roster('Export\n\nusername,followers\n\nanna,5000\n"be\nn",6000\ncleo,0\n')
    assert found.header_line == 3
    assert [(one.line, one.reason) for one in found.dropped] == [(8, "0 followers")]


TWO_LINES = {
    "the second line ends the first": (
        "Creator,Follower,Engagement,Est.\nHandle,Count,Rate,Fee\na,5000,3%,100\nb,6000,2%,90\n"
    ),
    "groups above": ",Audience,,Price,\nUsername,Followers,Country,Est. fee,ER\na,5000,IT,100,3%\nb,6000,IT,90,2%\n",
}


@pytest.mark.parametrize("name", TWO_LINES)
def test_headers_in_two_lines(name: str) -> None:
    found = reading(TWO_LINES[name])
    assert found.roster.problems == ()
    assert values(found, "followers") == {"a": 5000, "b": 6000}
    assert values(found, "cost_per_post") == {"a": 100, "b": 90}
    assert values(found, "engagement_rate") == {"a": Decimal("0.03"), "b": Decimal("0.02")}


def test_headers_one_column_to_the_left_of_their_data_are_moved() -> None:
    found = reading(
        "Username,Country,Followers,Fee\n1,anna,Italy,5000,100\n2,ben,Spain,6000,90\n3,cleo,Spain,7000,80\n"
    )
    assert found.roster.problems == ()
    assert values(found, "followers") == {"anna": 5000, "ben": 6000, "cleo": 7000}
    assert found.roster.columns[0].used_as is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Username,Followers,Country\n5000,anna,IT\n6000,ben,IT\n7000,cleo,IT\n", "holds no numbers"),
        ("Username,Followers,Country\n5000,anna,IT\n6000,ben,IT\n7000,cleo,IT\n", "holds numbers"),
        ("Username,ER,Followers\na,5000,3.2\nb,6000,2.1\nc,7000,4.5\n", "followers"),
        ("Username,ER,Followers\na,5000,3.2\nb,6000,2.1\nc,7000,4.5\n", "fits neither"),
        ("Username,Country,Followers\na,Fashion,5000\nb,Beauty,6000\nc,Sport,7000\n", "to be country"),
        ("Username,Followers\na,12\nb,45\nc,38\n", "fewer than 100 followers"),
    ],
)
def test_wrong_headers_are_noticed(text: str, word: str) -> None:
    found = roster(text)
    assert any(word in problem.message for problem in found.problems)
    assert all(problem.hint and problem.line and problem.column for problem in found.problems)


def test_a_header_that_is_nearly_known_is_asked_back() -> None:
    (problem,) = roster("Username,Followers,Engagment Rate\na,5000,3%\n").problems
    assert "'Engagment Rate' is nearly one of engagement_rate" in problem.message
    assert "columns: {engagement_rate: Engagment Rate}, or ignore: [Engagment Rate]" in problem.hint
    assert roster("Username,Followers,Engagment Rate\na,5000,3%\n", ignore=["Engagment Rate"]).problems == ()
    asked = {"engagement_rate": "Engagment Rate"}
    assert (
        column(roster("Username,Followers,Engagment Rate\na,5000,3%\n", columns=asked), "engagement_rate").sum
        == 0.03
    )


def test_two_columns_for_one_field_are_asked_back_unless_they_say_the_same() -> None:
    text = "Username,Followers,Subscribers\na,5000,5000\nb,6000,{}\n"
    (problem,) = roster(text.format(7000)).problems
    assert "'Followers' and 'Subscribers'; they differ, first in line 3" in problem.message
    assert "columns: {followers: Followers}" in problem.hint
    found = roster(text.format(6000))
    assert (found.problems, column(found, "followers").name) == ((), "Followers")
    assert found.columns[2].note == "the same as 'Followers'"
    chosen = reading(text.format(7000), columns={"followers": "Subscribers"})
    assert values(chosen, "followers") == {"a": 5000, "b": 7000}


def test_repeated_headers_can_be_named() -> None:
    text = "Username,Rate,Followers,Rate\na,100,5000,3%\n"
    asked = {"cost_per_post": "Rate", "engagement_rate": "Rate (2)"}
    found = reading(text, columns=asked)
    assert found.roster.problems == ()
    assert (values(found, "cost_per_post"), values(found, "engagement_rate")) == (
        {"a": 100},
        {"a": Decimal("0.03")},
    )


def test_every_column_is_listed_as_used_or_not() -> None:
    found = roster("Username,Followers,Bio,,Rank\na,5000,x,1,2\n")
    assert [(c.name, c.used_as) for c in found.columns] == [
        ("Username", "name"), ("Followers", "followers"), ("Bio", None), ("", None), ("Rank", None),
    ]  # fmt: skip
    assert all(c.note for c in found.columns if c.used_as is None)


def test_a_file_without_names_or_headers_is_refused_with_what_it_has() -> None:
    (problem,) = roster("Followers,ER\n5000,3%\n").problems
    assert "no column names the creators; the headers are 'Followers', 'ER'" in problem.message
    for text in ("1,2,3\n4,5,6\n", "foo,bar\n1,2\n"):
        with pytest.raises(ScenarioError) as error:
            reading(text)
        assert "no line of headers was found" in error.value.problems[0].message
        assert error.value.problems[0].hint


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff", ",,,\n,,\n"])
def test_an_empty_file_says_so(text: str) -> None:
    with pytest.raises(ScenarioError, match="the file is empty"):
        reading(text)


def test_glued_and_torn_rows_are_told_by_line() -> None:
    text = PLAIN.replace("Zoë,Deutschland", "Zoë, die Beste,Deutschland").replace("8500,120", "8500 120")
    found = roster(text)
    assert found.refused == (2, 3)
    (more, less) = found.problems
    assert (more.line, "6 cells below 5 headers" in more.message) == (2, True)
    assert (less.line, "fewer cells than the 5 headers" in less.message) == (3, True)
    assert found.kept == 2


# --- the same account twice --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "again",
    ["anna", "@anna", "ANNA", " Anna ", "instagram.com/anna", "https://www.instagram.com/Anna/?hl=de"],
)
def test_the_same_account_however_it_is_written_is_one(again: str) -> None:
    found = reading(
        f"username,platform,followers\nanna,instagram,5000\nben,instagram,1000\n{again},IG,5000\n"
    )
    assert [one.name.casefold() for one in found.creators] == ["anna", "ben"]
    (dropped,) = found.roster.dropped
    assert dropped.line == 4
    assert "the same as line 2" in dropped.reason
    (duplicate,) = found.roster.duplicates
    assert (duplicate.lines, duplicate.identical) == ((2, 4), True)


def test_rows_of_one_account_that_contradict_each_other_are_an_error_with_both_lines() -> None:
    found = roster("username,followers,cost\nanna,5000,100\nben,1000,10\n@Anna,5000,120\n")
    (problem,) = found.problems
    assert (
        problem.message
        == "anna stands in line 2 too, and they differ: cost_per_post is 100 there and 120 here"
    )
    assert (problem.line, problem.column) == (4, 3)
    assert found.refused == (2, 4)
    assert (found.kept, found.duplicates[0].identical) == (1, False)


def test_the_same_name_on_two_platforms_is_two_accounts() -> None:
    found = reading("username,platform,followers\nanna,instagram,5000\nanna,tiktok,9000\n")
    assert [(one.name, one.platform) for one in found.creators] == [("anna", "instagram"), ("anna", "tiktok")]


def test_links_tell_name_and_platform() -> None:
    text = "link,followers\nhttps://www.tiktok.com/@anna?lang=de,5000\nhttps://youtube.com/@ben,6000\nyoutube.com/channel/UCx,7000\n"
    found = reading(text)
    assert [(one.name, one.platform) for one in found.creators] == [
        ("anna", "tiktok"),
        ("ben", "youtube"),
        ("UCx", "youtube"),
    ]
    found = reading("username,profile url,followers\nanna,https://www.tiktok.com/@anna,5000\n")
    assert [(one.name, one.platform) for one in found.creators] == [("anna", "tiktok")]


# --- rows that take part -----------------------------------------------------------------------------------


def test_rows_are_left_out_with_line_and_reason() -> None:
    text = (
        "username,country,followers,cost\na,IT,5000,10\n,IT,900,10\nc,FR,7000,10\nd,IT,200,10\ne,,9000,10\nf,IT,-,10\n"
        "g,IT,0,5\n"
    )
    found = roster(text, keep={"followers": {"min": 1000}, "country": ["Italy", "CH"]})
    assert [(one.line, one.reason) for one in found.dropped] == [
        (3, "no name in column 'username'"),
        (4, "country FR is not among those to keep"),
        (5, "followers 200 is below 1,000"),
        (6, "no country, which keep asks for"),
        (7, "no followers"),
        (8, "0 followers"),
    ]
    assert (found.rows, found.kept) == (7, 1)


@pytest.mark.parametrize(
    ("keep", "kept"),
    [
        ({"niche": "beauty"}, ["a"]),
        ({"tags.niche": ["Beauty", "sport"]}, ["a", "b"]),
        ({"Status": "ok"}, ["b"]),
        ({"followers": {"max": 6000}}, ["a", "b"]),
        ({"cost_per_post": {"min": 15, "max": 25}}, ["b"]),
        ({"platform": "ig"}, ["a", "b", "c"]),
    ],
)
def test_rows_are_kept_by_any_column(keep: dict[str, object], kept: list[str]) -> None:
    text = (
        "username,niche,followers,cost,status\na,Beauty,5000,10,no\nb,sport,6000,20,OK\nc,travel,7000,30,no\n"
    )
    found = reading(text, keep=keep, defaults={"platform": "instagram"})
    assert [one.name for one in found.creators] == kept


@pytest.mark.parametrize(
    ("keep", "message"),
    [
        ({"folowers": {"min": 5}}, "no column is 'folowers'"),
        ({"followers": 5000}, "a range is wanted"),
        ({"followers": {"least": 5}}, "a range has a min, a max or both"),
        ({"country": {"min": 5}}, "a range is for numbers"),
        ({"country": "Atlantis"}, "is no country that is known"),
        ({"followers": {"min": "many"}}, "is not a number"),
    ],
)
def test_a_filter_that_means_nothing_is_refused(keep: dict[str, object], message: str) -> None:
    (problem,) = roster("username,followers,country\na,5000,IT\n", keep=keep).problems
    assert message in problem.message
    assert problem.hint
    assert problem.place[0] == "keep"


def test_all_problems_of_a_file_are_said_at_once() -> None:
    text = "username,followers,cost,er\na,1.234,10,3%\nb,2.345,x,2%\na,1.234,11,1%\n"
    found = roster(text, keep={"nothing": 1}, columns={"fee": "cost"})
    said = problems(found)
    assert len(said) == 4
    assert any("could mean" in one for one in said)
    assert any("'x' is no number" in one for one in said)
    assert any("no column is 'nothing'" in one for one in said)
    assert any("used as 'fee'" in one for one in said)
