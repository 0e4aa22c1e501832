"""What headers, words and dates of a file of results mean, in eight languages and of the exports of known tools."""

from __future__ import annotations

import csv
from importlib.resources import files
from pathlib import Path

import pytest

from optimizer.language.measures import TOLD
from optimizer.results.dates import dates_of
from optimizer.results.uses import FIELDS
from optimizer.results.words import DERIVED, ESTIMATE, meant, status_of
from optimizer.roster.accounts import linked
from optimizer.roster.words import COUNTS, MONEY, OF_RESULTS, header, is_number
from tests.results_files import account, column, refused, results, told


def rows_of(file: str) -> list[dict[str, str]]:
    text = files("optimizer.results").joinpath(file).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def test_the_table_names_fields_that_there_are_and_every_number_has_headers_in_all_languages() -> None:
    lines = rows_of("headers.csv")
    assert {line["field"] for line in lines} <= {*FIELDS, DERIVED, ESTIMATE}
    for name in TOLD:
        if name not in ("followers", "creators", "posts_per_creator"):
            where = {line["where"] for line in lines if line["field"] == name}
            assert where >= {"generic", "de", "fr", "it", "es", "pt", "vi", "id"}, name


def test_averages_are_no_sums() -> None:
    """Headers that begin with a word for an average are none of what a row counts."""
    for line in rows_of("headers.csv"):
        if line["field"] in OF_RESULTS:
            texts = line["headers"].split("|")
            found = [text for text in texts if header(text).key.startswith("avg") and "bình luận" not in text]
            assert found == []


def test_no_header_of_the_table_means_two_numbers() -> None:
    seen: dict[str, str] = {}
    for line in rows_of("headers.csv"):
        for text in line["headers"].split("|"):
            field = seen.setdefault(header(text).key, line["field"])
            assert field == line["field"] or not {field, line["field"]} <= OF_RESULTS, text


def test_numbers_are_read_as_money_counts_or_hours() -> None:
    assert set(TOLD) - {"followers"} == OF_RESULTS
    assert {"hours"} == OF_RESULTS - MONEY - COUNTS
    assert all(is_number(name) for name in TOLD)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("Views", "impressions"), ("Video views", "impressions"), ("Plays", "impressions"), ("Aufrufe", "impressions"),
        ("Vues", "impressions"), ("Visualizzazioni", "impressions"), ("Reproducciones", "impressions"),
        ("Lượt xem", "impressions"), ("Tayangan", "impressions"), ("Impressões", "impressions"),
        ("Accounts reached", "reach"), ("Reichweite", "reach"), ("Copertura", "reach"), ("Alcance", "reach"),
        ("Gefällt mir", "likes"), ("J'aime", "likes"), ("Mi piace", "likes"), ("Me gusta", "likes"),
        ("Curtidas", "likes"),
        ("Link clicks", "clicks"), ("Klicks", "clicks"), ("Clics sur le lien", "clicks"),
        ("Amount spent (EUR)", "paid"), ("Total cost", "paid"), ("Fee paid", "paid"), ("Honorar", "paid"),
        ("Đã trả", "paid"),
        ("Orders", "conversions"), ("Bestellungen", "conversions"), ("GMV", "revenue"), ("Umsatz", "revenue"),
        ("Publish time", "date"), ("Veröffentlicht am", "date"), ("Fecha de publicación", "date"),
        ("Ngày đăng", "date"),
        ("Permalink", "post"), ("Post URL", "post"), ("Account username", "creator"), ("Instagram handle", "creator"),
        ("Line item", "offer"), ("Post type", "format"), ("Beitragstyp", "format"), ("Network", "platform"),
        ("Posts delivered", "posts"), ("Stunden", "hours"), ("Followers", "followers"), ("Status", "delivered"),
        ("CPM", DERIVED), ("Engagement rate", DERIVED), ("Avg. views", DERIVED), ("Cost per post", DERIVED),
        ("EMV", ESTIMATE), ("Potential reach", ESTIMATE), ("Planned cost", ESTIMATE), ("Favourite colour", None),
    ],
)  # fmt: skip
def test_what_a_header_means(text: str, field: str | None) -> None:
    assert meant(text) == field


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Published", "yes"), ("LIVE", "yes"), ("ja", "yes"), ("Oui", "yes"), ("sí", "yes"), ("Đã đăng", "yes"),
        ("published late", "yes"), ("posted, one day late", "yes"), ("1", "yes"),
        ("cancelled", "no"), ("Cancelled (illness)", "no"), ("nein", "no"), ("no-show", "no"), ("abgesagt", "no"),
        ("annullato", "no"), ("not delivered", "no"), ("Cancelled by brand", "no"),
        ("scheduled", "later"), ("ausstehend", "later"), ("en attente", "later"), ("not yet posted", "later"),
        ("no idea", None), ("gold", None), ("", None),
    ],
)  # fmt: skip
def test_what_a_status_says(text: str, said: str | None) -> None:
    assert status_of(text) == said


def test_no_word_of_a_status_stands_for_two_things() -> None:
    seen: dict[str, str] = {}
    for line in rows_of("vocabulary.csv"):
        if line["kind"] == "status":
            for word in line["words"].split("|"):
                assert seen.setdefault(word, line["value"]) == line["value"], word


# --- columns by what stands in them -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "cells", "field"),
    [
        ("Creators", ("12", "3"), "creators"),
        ("Creators", ("anna", "ben"), "creator"),
        ("Posts", ("2", "3"), "posts"),
        ("Post", ("1", "2"), "post"),
        ("Numero di post", ("1", "2"), "posts"),
        ("Delivered", ("yes", "no"), "delivered"),
        ("Delivered", ("3", "2"), "posts"),
        ("Published", ("2026-11-03", "2026-11-04"), "date"),
        ("Sales", ("12", "30"), "conversions"),
        ("Sales", ("€ 12", "€ 30"), "revenue"),
        ("Sales (EUR)", ("12", "30"), "revenue"),
        ("Engagement", ("1200", "340"), "engagements"),
        ("Engagement", ("2.5%", "3.1%"), None),
        ("Engagement", ("2.51", "3.14"), None),
        ("Paid", ("yes", "no"), None),
        ("Paid", ("100", "200"), "paid"),
        ("Week", ("W45", "W46"), None),
        ("Link", ("https://www.instagram.com/p/A/", "https://www.instagram.com/p/B/"), "post"),
    ],
)  # fmt: skip
def test_a_header_of_several_meanings_is_told_by_its_cells(
    tmp_path: Path, head: str, cells: tuple[str, str], field: str | None
) -> None:
    file = account(tmp_path, f"Offer,{head},Likes\na,{cells[0]},5\nb,{cells[1]},6\n")
    assert file.columns[1].used_as == field


def test_a_profile_link_names_the_creator_and_a_post_link_its_author(tmp_path: Path) -> None:
    profile = results(tmp_path, "Profile,Likes\nhttps://www.instagram.com/Anna.R/,5\n")
    post = results(tmp_path, "Post URL,Likes\nhttps://www.tiktok.com/@Anna.R/video/7,5\n")
    for found, platform in ((profile, "instagram"), (post, "tiktok")):
        assert found.texts["creator"].tolist() == ["anna.r"]
        assert found.texts["name"].tolist() == ["Anna.R"]
        assert found.texts["platform"].tolist() == [platform]
    assert results(tmp_path, "Post URL,Likes\nhttps://youtu.be/x1,5\n").texts["platform"].tolist() == [
        "youtube"
    ]


@pytest.mark.parametrize(
    ("url", "of_post", "author"),
    [
        ("https://www.instagram.com/anna/", False, "anna"),
        ("instagram.com/p/ABC/", True, None),
        ("https://www.instagram.com/anna/reel/ABC/", True, "anna"),
        ("https://www.instagram.com/stories/anna/31/", True, "anna"),
        ("https://www.tiktok.com/@bob/video/7?lang=de", True, "bob"),
        ("https://x.com/carl/status/9", True, "carl"),
        ("https://www.youtube.com/watch?v=abc", True, None),
        ("https://youtu.be/abc", True, None),
    ],
)
def test_what_a_link_leads_to(url: str, of_post: bool, author: str | None) -> None:
    link = linked(url)
    assert link is not None
    assert (link.of_post, link.author) == (of_post, author)


def test_an_export_of_youtube_studio_counts_views_and_not_thumbnails(tmp_path: Path) -> None:
    file = account(
        tmp_path,
        "Content,Video publish time,Views,Watch time (hours),Subscribers,Impressions\n"
        'Total,,30000,100,50,400000\nabc,"Nov 3, 2026",20000,70,30,250000\ndef,"Oct 3, 2026",10000,30,20,150000\n',
    )
    assert column(file, "impressions").name == "Views"
    assert {one.name for one in file.columns if one.used_as is None} == {
        "Watch time (hours)", "Subscribers", "Impressions",
    }  # fmt: skip
    assert [one.reason for one in file.dropped] == ["a line of totals"]


def test_an_export_of_meta_in_german(tmp_path: Path) -> None:
    found = results(
        tmp_path,
        "Beitrags-ID,Benutzername des Kontos,Veröffentlichungszeitpunkt,Permalink,Beitragstyp,Aufrufe,Reichweite,"
        "„Gefällt mir“-Angaben,Geteilte Inhalte,Kommentare,Gespeichert\n"
        "179,anna,11/13/2026 10:30,https://www.instagram.com/reel/A/,IG Reel,12345,9000,400,10,20,5\n"
        "180,anna,11/03/2026 09:00,https://www.instagram.com/reel/B/,IG Reel,5000,4000,100,2,3,1\n",
    )
    assert found.texts["date"].tolist() == ["2026-11-13", "2026-11-03"]
    assert found.texts["format"].tolist() == ["reel", "reel"]
    assert [told(found, name)[0] for name in ("impressions", "reach", "likes", "shares", "comments", "saves")] == [
        12345, 9000, 400, 10, 20, 5,
    ]  # fmt: skip


# --- dates ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "iso"),
    [
        ("2026-11-03", "2026-11-03"), ("2026/11/3", "2026-11-03"), ("20261103", "2026-11-03"),
        ("2026-11-03T10:30:00Z", "2026-11-03"), ("2026-11-03 10:30", "2026-11-03"),
        ("03.11.2026", "2026-11-03"), ("3.11.26", "2026-11-03"), ("03.11.2026, 10:30 Uhr", "2026-11-03"),
        ("3 Nov 2026", "2026-11-03"), ("Nov 3, 2026", "2026-11-03"), ("November 3rd, 2026", "2026-11-03"),
        ("Tue, Nov 3, 2026 10:30 AM", "2026-11-03"), ("03-Nov-26", "2026-11-03"), ("3. November 2026", "2026-11-03"),
        ("3 novembre 2026", "2026-11-03"), ("3 de noviembre de 2026", "2026-11-03"), ("3 März 2026", "2026-03-03"),
        ("1793701800", "2026-11-03"),
    ],
)  # fmt: skip
def test_how_a_date_can_be_written(cell: str, iso: str) -> None:
    assert dict(dates_of([cell]).values) == {cell: iso}


@pytest.mark.parametrize(
    "cell", ["soon", "2026-13-01", "31.02.2026", "2026-11-03 to 2026-11-09", "11/2026", "45"]
)
def test_what_is_no_date(cell: str) -> None:
    assert dates_of([cell]).unreadable == {cell}


def test_day_and_month_are_told_by_the_whole_column(tmp_path: Path) -> None:
    for other, iso in (("25/11/2026", "2026-11-03"), ("11/25/2026", "2026-03-11")):
        found = results(tmp_path, f"creator,date,likes\na,03/11/2026,1\nb,{other},2\n")
        assert found.texts["date"].tolist() == [iso, "2026-11-25"]


def test_a_date_of_two_readings_is_asked_back(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, "creator,date,likes\na,03/11/2026,1\n")
    assert problem == (
        "results.csv:2:2: date: 03/11/2026 could be 2026-11-03 or 2026-03-11, and no other date tells which "
        "(write 2026-11-03; or say columns: {date: {from: date, order: day-first}} or order: month-first)"
    )
    assert results(tmp_path, "creator,date,likes\na,11/11/2026,1\n").texts["date"].tolist() == ["2026-11-11"]


def test_dates_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, "creator,date,likes\na,25/11/2026,1\nb,11/25/2026,2\n")
    assert "11/25/2026 has the month first, 25/11/2026 the day" in problem


def test_a_cell_that_is_no_date_is_refused_with_its_line(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, "creator,date,likes\na,2026-11-03,1\nb,soon,2\nc,2026-11-04,2\n")
    assert problem == (
        "results.csv:3:2: date: 'soon' is no date (write it as 2026-11-03, or leave the cell empty)"
    )
