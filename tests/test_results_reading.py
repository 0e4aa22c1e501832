"""Files of what a campaign brought: every row and column is accounted for, whatever form they come in."""

from __future__ import annotations

import csv
import io
import json
import random
from pathlib import Path

import numpy as np
import pytest
import xlsxwriter

from optimizer import load_scenario, optimize, read_results
from optimizer.actuals.review import review
from optimizer.language.errors import ScenarioError
from optimizer.language.measures import TOLD
from optimizer.report.formats import csv as plan_csv
from optimizer.report.layout.text import sections_text
from optimizer.report.sections.results import results_line, results_sections
from optimizer.results.table import TEXTS
from tests.more import more
from tests.results_files import account, column, reading, results, same, told
from tests.stories import FOLDER, plan_without_risk

ROWS = """\
Creator,Platform,Post link,Posted,Views,Reach,Likes,Fee (EUR)
@Anna.Rossi,Instagram,https://www.instagram.com/p/A1/,2026-11-03,"12,345","10,000",450,1200
anna.rossi,Instagram,https://www.instagram.com/p/A2/,2026-11-10,"8,000","7,000",,
https://www.tiktok.com/@bob,TikTok,https://www.tiktok.com/@bob/video/1,2026-11-04,"1,250,000",,9000,500.5
"""


def test_a_row_of_each_post(tmp_path: Path) -> None:
    found = results(tmp_path, ROWS)
    assert set(found.texts) == set(TEXTS)
    assert set(found.numbers) == set(TOLD)
    assert found.texts["creator"].tolist() == ["anna.rossi", "anna.rossi", "bob"]
    assert found.texts["name"].tolist() == ["Anna.Rossi", "anna.rossi", "bob"]
    assert found.texts["platform"].tolist() == ["instagram", "instagram", "tiktok"]
    assert found.texts["date"].tolist() == ["2026-11-03", "2026-11-10", "2026-11-04"]
    assert told(found, "impressions") == [12345, 8000, 1250000]
    assert told(found, "reach") == [10000, 7000, None]
    assert told(found, "likes") == [450, None, 9000]
    assert told(found, "paid") == [1200, None, 500.5]
    assert told(found, "posts") == [None] * 3
    assert (found.currency, found.line.tolist(), found.file.tolist()) == ("EUR", [2, 3, 4], [0, 0, 0])


def test_a_blank_is_unknown_and_0_is_0(tmp_path: Path) -> None:
    found = results(tmp_path, "creator,likes,comments,shares\nanna,0,,n/a\nben,-,5,#N/A\n")
    assert told(found, "likes") == [0, None]
    assert told(found, "comments") == [None, 5]
    assert told(found, "shares") == [None, None]


# --- the same results in every form -----------------------------------------------------------------------

TABLE: list[list[str]] = list(csv.reader(io.StringIO(ROWS)))


def text_of(separator: str, end: str = "\n", above: str = "") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator=end).writerows(TABLE)
    return above + out.getvalue()


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("results.csv", text_of(",").encode("utf-8-sig")),
        ("results.csv", text_of(";", "\r\n").encode("utf-16")),
        ("results.tsv", text_of("\t").encode()),
        ("results.txt", text_of("|").encode()),
        ("results.csv", text_of(",", "\r").encode()),
        ("results.csv", text_of(";", above="sep=;\n").encode()),
        ("results.csv", text_of(",", above="Results of spring\nExported by the tool\n\n").encode()),
        ("results.csv", text_of(",", "\n\n").encode()),
    ],
    ids=["bom", "utf-16", "tabs", "bars", "old-mac", "sep", "titles", "blank-lines"],
)
def test_every_form_of_csv_says_the_same(tmp_path: Path, name: str, raw: bytes) -> None:
    assert same(results(tmp_path, raw, name), results(tmp_path, ROWS))


def test_windows_1252_keeps_names(tmp_path: Path) -> None:
    found = results(tmp_path, "creator;views\nJürgen Müller;5\nZoë;6\n".encode("cp1252"))
    assert found.texts["name"].tolist() == ["Jürgen Müller", "Zoë"]


def test_json_records_say_the_same(tmp_path: Path) -> None:
    records = [dict(zip(TABLE[0], row, strict=True)) for row in TABLE[1:]]
    assert same(results(tmp_path, json.dumps({"data": records}), "results.json"), results(tmp_path, ROWS))


def test_a_workbook_says_the_same(tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    with xlsxwriter.Workbook(tmp_path / "book.xlsx") as book:
        book.add_worksheet("Notes").write(0, 0, "made by the tool")
        sheet = book.add_worksheet("Results")
        for line, row in enumerate(TABLE):
            for at, cell in enumerate(row):
                bare = cell.replace(",", "")
                if line and at >= 4 and bare:
                    sheet.write_number(line + 2, at, float(bare))
                else:
                    sheet.write_string(line + 2, at, cell)
    found = read_results([tmp_path / "book.xlsx"])
    assert found.account.files[0].sheet == "Results"
    assert same(found.results, results(tmp_path, ROWS))


# --- several files ----------------------------------------------------------------------------------------


def test_several_files_are_one_set_of_results(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("creator,views\nanna,5\n")
    (tmp_path / "two.csv").write_text("Handle;Likes\n@ben;7\n@carl;8\n")
    found = read_results([tmp_path / "one.csv", tmp_path / "two.csv"])
    assert [file.kept for file in found.account.files] == [1, 2]
    assert found.results.file.tolist() == [0, 1, 1]
    assert told(found.results, "impressions") == [5, None, None]
    assert told(found.results, "likes") == [None, 7, 8]


@pytest.mark.parametrize(
    ("names", "words"),
    [(("one.csv", "one.csv"), "is named twice"), (("one.csv", "copy.csv"), "holds the same as")],
)
def test_a_file_that_comes_twice_is_refused(tmp_path: Path, names: tuple[str, ...], words: str) -> None:
    for name in names:
        (tmp_path / name).write_text("creator,views\nanna,5\n")
    with pytest.raises(ScenarioError, match=words):
        read_results([tmp_path / name for name in names])


def test_a_post_that_stands_in_two_files_counts_once(tmp_path: Path) -> None:
    (tmp_path / "week1.csv").write_text("creator,post url,views\nanna,p1,5\n")
    (tmp_path / "week2.csv").write_text("creator,post url,views\nanna,p1,5\nanna,p2,6\n")
    found = read_results([tmp_path / "week1.csv", tmp_path / "week2.csv"])
    assert told(found.results, "impressions") == [5, 6]
    (left,) = found.account.files[1].dropped
    assert (left.line, left.reason) == (2, f"the same as line 2 of {tmp_path / 'week1.csv'}")


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("creator,views\nanna,-5\n")
    (tmp_path / "two.csv").write_text("platform,views\ninstagram,7\n")
    with pytest.raises(ScenarioError) as caught:
        read_results([tmp_path / "one.csv", tmp_path / "two.csv", tmp_path / "none.csv"])
    assert [problem.message for problem in caught.value.problems] == ["there is no such file"]
    with pytest.raises(ScenarioError) as caught:
        read_results([tmp_path / "one.csv", tmp_path / "two.csv"])
    files = {Path(problem.file or "").name for problem in caught.value.problems}
    assert files == {"one.csv", "two.csv"}


# --- rows that are none, and rows that say little ---------------------------------------------------------


def test_totals_headers_and_notes_are_left_out_with_the_reason(tmp_path: Path) -> None:
    text = (
        "creator,views,likes\nanna,100,10\nben,200,20\nSubtotal,300,30\n"
        "creator,views,likes\ncarl,50,5\nTotal,350,35\nn/a: not told,,\n"
    )
    file = account(tmp_path, text)
    assert [(one.line, one.reason) for one in file.dropped] == [
        (4, "a line of totals"), (5, "the headers again"), (7, "a line of totals"),
        (8, "a note: only one cell is filled"),
    ]  # fmt: skip
    assert column(file, "impressions").sum == 350


def test_a_row_of_no_booking_is_left_out(tmp_path: Path) -> None:
    file = account(tmp_path, "creator,views,likes\nanna,100,10\n,200,20\n")
    ((left),) = file.dropped
    assert left.line == 3
    assert left.reason.startswith("names no booking")


def test_a_row_of_a_place_without_a_name_is_a_result(tmp_path: Path) -> None:
    found = results(tmp_path, "creator,platform,tier,views\nanna,tiktok,,100\n,Insta,Micro,200\n")
    assert found.texts["creator"].tolist() == ["anna", ""]
    assert (found.texts["platform"][1], found.texts["tier"][1]) == ("instagram", "micro")


def test_what_was_not_delivered_counts_no_posts(tmp_path: Path) -> None:
    text = (
        "creator,status,posts,views,fee\nanna,Published,2,100,5\nben,Cancelled (illness),2,,0\ncarl,nein,,,\n"
    )
    found = reading(tmp_path, text)
    assert told(found.results, "posts") == [2, 0, 0]
    file = found.account.files[0]
    assert file.not_delivered == 2
    (odd,) = column(file, "posts").odd
    assert (odd.line, odd.value, odd.why) == (3, "2", "Cancelled (illness), so that these posts do not count")


def test_what_is_still_to_come_is_no_result(tmp_path: Path) -> None:
    text = "creator,status,views,fee\nanna,live,100,5\nben,scheduled,,300\ncarl,pending,70,\n"
    found = reading(tmp_path, text)
    file = found.account.files[0]
    assert found.results.texts["creator"].tolist() == ["anna", "carl"]
    assert [(one.line, one.reason) for one in file.dropped] == [
        (3, "still to come: scheduled; 300.00 paid are not counted")
    ]
    (odd,) = column(file, "delivered").odd
    assert (odd.line, odd.why) == (4, "still to come, yet it has results: they count")


def test_a_word_that_says_neither_is_odd(tmp_path: Path) -> None:
    file = account(tmp_path, "creator,status,views\nanna,live,1\nben,live,2\ncarl,phase two,3\n")
    (odd,) = column(file, "delivered").odd
    assert (odd.line, odd.value, odd.why) == (4, "phase two", "neither delivered nor not: taken as empty")


def test_a_status_of_something_else_is_not_used(tmp_path: Path) -> None:
    file = account(tmp_path, "creator,status,views\nanna,gold,1\nben,silver,2\n")
    assert [one.used_as for one in file.columns] == ["creator", None, "impressions"]
    assert file.columns[1].note == "says neither that something was delivered nor that not"


def test_the_same_row_of_a_post_counts_once_and_others_of_it_are_said(tmp_path: Path) -> None:
    text = "creator,post url,views\nanna,p1,5\nanna,p1,5\nanna,p2,6\nanna,p2,7\nben,,8\nben,,8\n"
    found = reading(tmp_path, text)
    assert told(found.results, "impressions") == [5, 6, 7, 8, 8]  # ben's rows name no post: both count
    file = found.account.files[0]
    assert [(one.line, one.reason) for one in file.dropped] == [(3, "the same as line 2")]
    (odd,) = column(file, "post").odd
    assert (odd.line, odd.why) == (5, "stands in line 4, too, with other numbers: both count")


def test_an_id_of_the_campaign_is_no_id_of_a_result(tmp_path: Path) -> None:
    text = "id,creator,views\n{},anna,5\n{},ben,6\n{},carl,7\n"
    assert results(tmp_path, text.format(1, 2, 3)).texts["id"].tolist() == ["1", "2", "3"]
    shared = reading(tmp_path, text.format(7, 7, 7))
    assert shared.results.texts["id"].tolist() == [""] * 3
    assert shared.account.files[0].columns[0].note == "not one for each row"


def test_days_of_one_post_add_up_in_silence(tmp_path: Path) -> None:
    file = account(tmp_path, "creator,post url,date,views\nanna,p1,2026-11-03,5\nanna,p1,2026-11-04,6\n")
    assert column(file, "post").odd == ()


def test_more_people_or_likes_than_impressions_are_odd(tmp_path: Path) -> None:
    file = account(tmp_path, "creator,impressions,reach,likes\nanna,1000,2000,3\nben,1000,900,5000\n")
    assert [(one.line, one.value, one.why) for one in column(file, "reach").odd] == [
        (2, "2000", "more people than impressions (1,000)")
    ]
    assert [one.why for one in column(file, "likes").odd] == ["more likes than impressions (1,000)"]


# --- what the order, the encoding and the dialect of a file do not change ---------------------------------


@pytest.mark.parametrize("seed", range(more(4, 40)))
def test_order_encoding_and_numbers_with_separators_change_nothing(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    names = [f"Crëator_{draw.randrange(15)}" for _ in range(30)]
    rows = [
        [
            name,
            draw.choice(["Instagram", "TikTok"]),
            f"post-{n}",
            draw.randrange(10**6, 10**7),
            draw.randrange(5, 900),
        ]
        for n, name in enumerate(names)
    ]
    head = ["Handle", "Network", "Post ID", "Impressions", "Likes"]

    def written(rows: list[list[object]], separator: str, group: str) -> str:
        lines = [separator.join(head)]
        for *texts, views, likes in rows:
            grouped = f"{views:,}".replace(",", group)
            lines.append(separator.join([*map(str, texts), f'"{grouped}"', str(likes)]))
        return "\n".join(lines) + "\n"

    first = reading(tmp_path, written(rows, ",", ""))
    draw.shuffle(rows)
    for raw in (
        written(rows, ",", ",").encode(),
        written(rows, ";", ".").encode("utf-16"),
        written(rows, "\t", "'").encode("cp1252"),
        written(rows, "|", " ").encode("utf-8-sig"),
    ):
        found = reading(tmp_path, raw)
        assert same(found.results, first.results)
        sums = [(one.used_as, one.sum) for one in found.account.files[0].columns]
        assert sums == [(one.used_as, one.sum) for one in first.account.files[0].columns]
    assert column(first.account.files[0], "impressions").sum == sum(int(str(row[3])) for row in rows)
    assert float(np.nansum(first.results.numbers["likes"])) == sum(int(str(row[4])) for row in rows)


def test_very_many_rows_are_read_as_few_are(tmp_path: Path) -> None:
    few = [f"@c{n},Instagram,p{n},{n * 1001:d},{n},\n" for n in range(1, 61)]
    many = "Handle,Platform,Post ID,Views,Likes,Fee (EUR)\n" + "".join(
        line.replace("@c", f"@d{k}_").replace(",p", f",q{k}_") for k in range(100) for line in few
    )
    found = reading(tmp_path, many)
    assert found.results.rows == 6000
    assert column(found.account.files[0], "impressions").sum == 100 * sum(n * 1001 for n in range(1, 61))


# --- a plan's own export, and the campaign that the docs follow -------------------------------------------


def test_a_plans_own_csv_is_read(tmp_path: Path) -> None:
    plan = plan_without_risk("after-the-campaign")
    found = results(tmp_path, plan_csv(plan))
    assert found.texts["offer"].tolist() == [line.offer for line in plan.lines]
    for name, field in (
        ("paid", "cost"),
        ("impressions", "impressions"),
        ("creators", "creators"),
        ("posts", "posts"),
    ):
        wanted = [getattr(line, field) for line in plan.lines]
        assert found.numbers[name] == pytest.approx(wanted), name
    assert told(found, "posts_per_creator") == [line.posts_per_creator for line in plan.lines]


CAMPAIGN = FOLDER / "after-the-campaign-results.csv"


def test_the_campaigns_results_are_read_to_the_last_row() -> None:
    found = read_results([CAMPAIGN])
    (file,) = found.account.files
    assert (file.rows, file.kept, file.not_delivered, found.results.currency) == (29, 26, 2, "EUR")
    assert [(one.line, one.reason) for one in file.dropped] == [
        (19, "the same as line 6"), (32, "a line of totals"), (33, "a note: only one cell is filled"),
    ]  # fmt: skip
    unused = [one.name for one in file.columns if one.used_as is None]
    assert unused == ["ER"]
    (total,) = [row for row in csv.reader(CAMPAIGN.open(encoding="utf-8")) if row[:1] == ["Total"]]
    twice = next(row for row in csv.reader(CAMPAIGN.open(encoding="utf-8")) if "K002x" in ",".join(row))
    for at in range(7, 14):  # the file's own sums count the row that stands there twice
        one = file.columns[at]
        assert one.sum == int(total[at].replace(",", "")) - int(twice[at].replace(",", "")), one.name
    assert column(file, "paid").sum == 9_180
    assert results_line(file) == f"{file.file}: 26 of 29 rows are results, 3 left out, 2 not delivered"


def test_the_campaigns_results_fit_its_plan() -> None:
    found = read_results([CAMPAIGN]).results
    plan = optimize(load_scenario(FOLDER / "after-the-campaign.yaml"), draws=0)
    came = review(plan, found)
    assert [row.name for row in came.unmatched] == ["rosa.quellmann"]
    assert came.missing == ()
    lines = {line.offer: line for line in came.lines}
    assert lines["enza.montavo"].creators_delivered == 0
    assert (lines["mira_orvella"].posts_planned, lines["mira_orvella"].posts_delivered) == (3, 2)
    assert (lines["small reviewers"].creators_planned, lines["small reviewers"].creators_delivered) == (5, 4)


def test_what_was_read_is_shown() -> None:
    text = sections_text("results", results_sections(read_results([CAMPAIGN]).account))
    assert "29 rows: 26 are results, 3 left out, 2 of nothing delivered." in text
    assert "UTF-8, commas between cells; headers in line 4." in text
    assert "Money is in EUR." in text
    assert "  line 19: the same as line 6" in text
    assert [line.split() for line in text.splitlines() if line.startswith("  Impressions")] == [
        ["Impressions", "impressions", "1,234", "24", "2", "247,812"]
    ]


def test_text_of_a_file_is_shown_without_what_a_terminal_obeys(tmp_path: Path) -> None:
    found = reading(tmp_path, "creator,vi\x1b[31mews,status,views\nanna,x,live,5\nben,y,what\x1b[2J,6\n")
    assert "\x1b" not in sections_text("results", results_sections(found.account))
