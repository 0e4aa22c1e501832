"""Exports as bad as they come: nothing lost, nothing invented, sums as counted here without the reader."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

import openpyxl
import pytest

from tests.more import more
from tests.rosters import problems, reading, roster, values


class Case(NamedTuple):
    """A file, and what must be read of it."""

    content: str | bytes
    kept: dict[str, tuple[str | None, int | None]]
    """Account -> currency of its fee, followers."""
    sums: dict[str, float]
    """Field -> sum over all rows that name a creator."""
    dropped: dict[int, str]
    """Line -> how the reason begins."""
    refused: tuple[int, ...] = ()
    file: str = "creators.csv"


def book() -> bytes:
    """A workbook whose list is on the second sheet, below a title."""
    made = openpyxl.Workbook()
    made.active.append(["Shortlist for spring"])
    sheet = made.create_sheet("Creators")
    for row in (
        ["Creator shortlist"], [], ["Handle", "Platform", "Followers", "ER", "Fee (EUR)"],
        ["@ann", "Instagram", 12500, 0.032, 300.5], ["bob", "TikTok", "45.3K", 0.021, "€ 1,200"],
        ["cat", "Instagram", 9000, "#N/A", None], [], ["007", "Instagram", 8000, 0.05, 90],
        ["Total", None, 74_800, None, 1590.5],
    ):  # fmt: skip
        sheet.append(row)
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


CASES = {
    "German, UTF-16, tabs, headers in two lines, a note with a line break": Case(
        (
            "Kampagne Frühjahr\t\t\t\t\t\t\nStand: 03.11.2026\t\t\t\t\t\t\n\t\t\t\t\t\t\n"
            "Profil\tProfil\tReichweite\tReichweite\tInteraktion\tKosten\t\n"
            "Benutzername\tPlattform\tFollower\tØ Aufrufe\tInteraktionsrate\tHonorar pro Post\tBemerkung\t\n"
            'lena_muster\tInstagram\t12.500\t8.200\t3,20 %\t1.234,50 €\t"nett,\nantwortet schnell"\t\n'
            "max.beispiel\tTikTok\t1.234.567\t–\t#NV\t€ 850\t\t\n\t\t\t\t\t\t\t\n"
            "=cmd\tInstagram\t950\t400\t12,5 %\tk.A.\t\t\nSumme\t\t1.248.017\t8.600\t\t2.084,50 €\t\t\n"
        ).encode("utf-16"),
        {"lena_muster": ("EUR", 12_500), "max.beispiel": ("EUR", 1_234_567), "=cmd": (None, 950)},
        {
            "followers": 1_248_017,
            "cost_per_post": 2084.5,
            "impressions_per_post": 8600,
            "engagement_rate": 0.157,
        },
        {11: "a line of totals"},
    ),
    "French, Windows-1252, pages": Case(
        (
            "Liste d'influenceurs;;;;;\r\n"
            "Nom d'utilisateur;Réseau social;Abonnés;Taux d'engagement;Tarif par post (€);Pays\r\n"
            "@élodie.p;Instagram;12 500;3,2 %;450,00;France\r\n"
            "@rené;TikTok;1\xa0234\xa0567;2,85 %;1 250,50;Belgique\r\nPage 1 / 2;;;;;\r\n"
            "NOM D'UTILISATEUR;RÉSEAU SOCIAL;ABONNÉS;TAUX D'ENGAGEMENT;TARIF PAR POST (€);PAYS\r\n"
            "@zoé;Instagram;8 900;#N/A;120;Suisse\r\n@chloé;Instagram;45 000;4 %;#VALEUR!;France\r\n"
            "Total général;;1 300 967;;1 820,50;\r\n"
        ).encode("cp1252"),
        {
            "élodie.p": ("EUR", 12_500),
            "rené": ("EUR", 1_234_567),
            "zoé": ("EUR", 8900),
            "chloé": (None, 45_000),
        },
        {"followers": 1_300_967, "cost_per_post": 1820.5, "engagement_rate": 0.1005},
        {5: "a note", 6: "the headers again", 9: "a line of totals"},
    ),
    "Vietnamese": Case(
        "\ufeffSTT,Tên kênh,Nền tảng,Lượng người theo dõi,Lượt xem TB,Giá booking,Tỷ lệ tương tác\n"
        '1,linh.an,TikTok,"1,2 triệu","85 nghìn","5.000.000 ₫","3,4%"\n'
        '2,@minh_ha,Instagram,"12,5 nghìn",,"750.000đ","5,1%"\n'
        '3,"Tú, Bà",TikTok,9.800,1.200,"1.250.000 VNĐ","2%"\nTổng cộng,,,1.222.300,86.200,7.000.000,\n',
        {"linh.an": ("VND", 1_200_000), "minh_ha": ("VND", 12_500), "Tú, Bà": ("VND", 9800)},
        {"followers": 1_222_300, "impressions_per_post": 86_200, "cost_per_post": 7_000_000},
        {5: "a line of totals"},
    ),
    "Indonesian, total named in another column": Case(
        "Daftar KOL\n\nNo;Nama Akun;Platform;Jumlah Pengikut;Tingkat Keterlibatan;Tarif\n"
        "1;@sari.id;Instagram;12,5 rb;3,2%;Rp 1.500.000\n2;budi_tv;YouTube;1,2 jt;1,05%;Rp 7,5 juta\n"
        "3;@ayu;TikTok;980;6%;Rp750.000\n;Jumlah;;1.213.480;;\n",
        {"sari.id": ("IDR", 12_500), "budi_tv": ("IDR", 1_200_000), "ayu": ("IDR", 980)},
        {"followers": 1_213_480, "cost_per_post": 9_750_000, "engagement_rate": 0.1025},
        {7: "a line of totals"},
    ),
    "pages with subtotals, then a mean": Case(
        "username,followers,fee\nann,1000,10\nbob,2000,20\nSubtotal,3000,30\nUsername,Followers,Fee\ncat,4000,40\n"
        "dan,5000,50\nPage total (2),9000,90\nTotal,12000,120\nAverage,3000,30\n",
        {"ann": (None, 1000), "bob": (None, 2000), "cat": (None, 4000), "dan": (None, 5000)},
        {"followers": 12_000, "cost_per_post": 120},
        {
            4: "a line of totals",
            5: "the headers again",
            8: "a line of totals",
            9: "a line of totals",
            10: "a line of totals",
        },
    ),
    "a sum at the top, of rounded numbers": Case(
        "username;followers;fee\n*** TOTAL ***;1,25M;$300\nann;1.2M;$100\nbob;45.3K;$200\n".replace(
            "1,25M", "1.25M"
        ),
        {"ann": ("USD", 1_200_000), "bob": ("USD", 45_300)},
        {"followers": 1_245_300, "cost_per_post": 300},
        {2: "a line of totals"},
    ),
    "creators who are called like totals": Case(
        "username,followers,fee\ntotal,2500,25\nann,1000,10\nSum Up,1100,20\nTotal Beauty,7000,70\n",
        {"total": (None, 2500), "ann": (None, 1000), "Sum Up": (None, 1100), "Total Beauty": (None, 7000)},
        {"followers": 11_600, "cost_per_post": 125},
        {},
    ),
    "figures of the campaign below the list": Case(
        "username;followers;fee;er\nann;12500;300;3,2%\nbob;8000;200;2,1%\n\nBudget;20000\nHours;160\n\n"
        "Contact: office at the agency\n",
        {"ann": (None, 12_500), "bob": (None, 8000)},
        {"followers": 20_500, "cost_per_post": 500},
        {5: "below the list", 6: "below the list", 8: "a note"},
    ),
    "short rows behind an empty line that are no block at the end": Case(
        "username;followers;fee;er\nann;12500;300;3,2%\n\nbob;8000;;\n\ncat;7000;100;2%\ndan;900;;\n",
        {"ann": (None, 12_500), "bob": (None, 8000), "cat": (None, 7000), "dan": (None, 900)},
        {"followers": 28_400, "cost_per_post": 400},
        {},
    ),
    "another order of columns below": Case(
        "username;followers;fee;er\nann;12500;300;3,2%\n\nusername;fee;followers;er\ncat;20;9000;1%\n",
        {"ann": (None, 12_500), "cat": (None, 20)},
        {"followers": 12_520},
        {},
        refused=(4,),
    ),
    "units in a line of their own": Case(
        "Creator,Creator,Audience,Audience,Cost\nHandle,Platform,Followers,ER,Fee\n,,count,%,EUR\n"
        "ann,instagram,12500,3.2,300\nbob,tiktok,8000,2.1,200\n",
        {"ann": ("EUR", 12_500), "bob": ("EUR", 8000)},
        {"followers": 20_500, "cost_per_post": 500, "engagement_rate": 0.053},
        {},
    ),
    "a channel that is a network": Case(
        "Account-Name;Kanal;Anzahl Follower;Ø Views pro Reel;Engagement-Rate in %;Honorar (netto, EUR);Land\n"
        "mia;IG;12.500;8.200;3,2;1.200,00;DE\nleo;TT;1.200.000;45.000;2,1;850,00;Österreich\n",
        {"mia": ("EUR", 12_500), "leo": ("EUR", 1_200_000)},
        {"followers": 1_212_500, "impressions_per_post": 53_200, "cost_per_post": 2050},
        {},
    ),
    "a cell missing in one row": Case(
        "username;platform;followers;fee\nann;instagram;12500;300\nbob;8000;200\ncat;tiktok;7000;100\n",
        {"ann": (None, 12_500), "cat": (None, 7000)},
        {"followers": 19_500, "cost_per_post": 400},
        {},
        refused=(3,),
    ),
    "a header missing in the middle": Case(
        "username;followers;fee\nann;instagram;12500;300\nbob;tiktok;8000;200\ncat;youtube;7000;100\n",
        {},
        {},
        {},
        refused=(2, 3, 4),
    ),
    "thousands of several kinds, an index without a header": Case(
        ",name,followers,fee\n0,ann,1'234'567,\"1'200.50\"\n1,bob,12’500,850.-\n2,cat,9800,90.–\n",
        {"ann": (None, 1_234_567), "bob": (None, 12_500), "cat": (None, 9800)},
        {"followers": 1_256_867, "cost_per_post": 2140.5},
        {},
    ),
    "digits of other scripts, dashes, words for none": Case(
        "username,followers,fee\nann,１２５００,‒\nbob,٨٠٠٠,―\ncat,7000,ask\ndan,6000,on request\neve,5000,90\n",
        {
            "ann": (None, 12_500),
            "bob": (None, 8000),
            "cat": (None, 7000),
            "dan": (None, 6000),
            "eve": (None, 5000),
        },
        {"followers": 38_500, "cost_per_post": 90},
        {},
    ),
    "glued words and marks": Case(
        "creator;platform;followers;engagement;price\nann;ig;12kfollowers;3.2%ER;450€/Post\n"
        "bob;tt;1.2Msubs;2.1%;300 EUR per post\ncat;yt;12,500*;5%;120€\n",
        {"ann": ("EUR", 12_000), "bob": ("EUR", 1_200_000)},
        {"cost_per_post": 870},
        {},
        refused=(4,),
    ),
    "quoted breaks, trailing separators": Case(
        '\ufeff"Name","Followers\n(total)","Fee,\nEUR","Bio",\r\n"Doe, Ann","12,500","1,200","she said ""hi""\r\n'
        'and left",\r\n'
        '"Bob\n","8,000","300",,\r\n,,,,\r\n',
        {"Doe, Ann": ("EUR", 12_500), "Bob": ("EUR", 8000)},
        {"followers": 20_500, "cost_per_post": 1500},
        {},
    ),
    "a workbook with the list on its second sheet": Case(
        book(),
        {"ann": ("EUR", 12_500), "bob": ("EUR", 45_300), "cat": (None, 9000), "007": ("EUR", 8000)},
        {"followers": 74_800, "cost_per_post": 1590.5, "engagement_rate": 0.103},
        {9: "a line of totals"},
        file="creators.xlsx",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_lost_and_nothing_invented(name: str) -> None:
    case = CASES[name]
    if case.file.endswith(".xlsx"):
        pytest.importorskip("python_calamine")
    found = reading(case.content, case.file)
    told = found.roster
    assert told.rows == told.kept + len(told.dropped) + len(told.refused)
    kept = {one.name: (one.currency, one.values.get("followers")) for one in found.creators}
    assert kept == case.kept
    sums = {column.used_as: column.sum for column in told.columns if column.used_as in case.sums}
    assert sums == {field: pytest.approx(total, rel=1e-12) for field, total in case.sums.items()}
    assert {one.line for one in told.dropped} == set(case.dropped)
    assert all(one.reason.startswith(case.dropped[one.line]) for one in told.dropped)
    assert told.refused == case.refused
    assert bool(told.problems) == bool(case.refused)


def test_what_a_spreadsheet_spoiled_is_said_with_what_to_do() -> None:
    found = roster("username;followers;er\nann;1,25E+05;3,2\nbob;8000;03. Feb\ncat;9000;3,4\ndan;9100;3,3\n")
    hints = {one.line: one.hint for one in found.problems}
    assert hints[2].startswith("a spreadsheet shortened this number")
    assert hints[3].startswith("did a spreadsheet take the number for a date?")


def test_a_second_table_says_so() -> None:
    (message,) = problems(roster(str(CASES["another order of columns below"].content)))
    assert message == "headers in another order stand here: a second table begins"


def test_a_price_without_a_currency_among_others_is_odd() -> None:
    text = "username,platform,followers,fee\na,instagram,10000,€500\nb,instagram,10000,$600\nc,instagram,10000,700\n"
    (fee,) = [column for column in roster(text).columns if column.used_as == "cost_per_post"]
    assert [(one.line, one.value) for one in fee.odd] == [(4, "700")]
    assert fee.odd[0].why.startswith("no currency, while others of the column have one")
    stated = text.replace("fee\n", "fee,currency\n").replace("€500", "500,EUR").replace("$600", "600,USD")
    stated = stated.replace("700", "700,EUR")
    assert not any(column.odd for column in roster(stated).columns)


# --- at random: one list under all kinds of dirt -----------------------------------------------------------------


def plain(number: int, sign: str) -> str:
    return f"{number:,}".replace(",", sign)


WAYS: dict[str, tuple[str, Callable[[int], str], Callable[[Decimal], str]]] = {
    # delimiter, followers, fee
    "English": (",", lambda n: plain(n, ","), lambda fee: f"${fee:,.2f}"),
    "German": (
        ";",
        lambda n: plain(n, "."),
        lambda fee: f"{plain(int(fee), '.')},{int(fee * 100) % 100:02} €",
    ),
    "Swiss": (
        ";",
        lambda n: plain(n, "’"),
        lambda fee: f"CHF {plain(int(fee), chr(39))}.{int(fee * 100) % 100:02}",
    ),
    "French": (
        "\t",
        lambda n: plain(n, "\u202f"),
        lambda fee: f"{plain(int(fee), ' ')},{int(fee * 100) % 100:02} EUR",
    ),
    "bare": ("|", str, str),
}
HEADS = {
    "English": ("Username", "Platform", "Followers", "Fee", "ER"),
    "German": ("Benutzername", "Plattform", "Follower", "Honorar", "Interaktionsrate"),
    "Swiss": ("Konto", "Netzwerk", "Abonnenten", "Preis pro Post", "ER"),
    "French": ("Nom d'utilisateur", "Réseau social", "Abonnés", "Tarif", "Taux d'engagement"),
    "bare": ("handle", "network", "subscribers", "rate per post", "engagement rate"),
}
TOTALS = ("Total", "TOTAL:", "Grand total", "Summe", "Sous-total", "Tổng cộng", "Total (page)")


class Dirty(NamedTuple):
    """A file, and what it was made of."""

    raw: bytes
    people: dict[str, tuple[int, Decimal | None, Decimal | None]]
    others: int


def dirty(seed: int) -> Dirty:
    chosen = random.Random(seed)
    way = chosen.choice(list(WAYS))
    delimiter, count, price = WAYS[way]
    people: dict[str, tuple[int, Decimal | None, Decimal | None]] = {}
    while len(people) < chosen.randint(6, 25):
        odd = ["=cmd", "007", "-5", "1e5", "+49"][len(people) % 5]  # fewer than half look like numbers
        name = odd if len(people) % 3 == 2 else chosen.choice(["ann", "bob", "zoë", "a, b", "x y"])
        fee = None if chosen.random() < 0.15 else Decimal(chosen.randint(2_000, 900_000)) / 100
        rate = None if chosen.random() < 0.15 else Decimal(chosen.randint(5, 90)) / 1000
        people[f"{name}{len(people)}"] = (
            chosen.randint(1_001, 3_000_000), fee, rate,
        )  # fmt: skip
    comma = way in ("German", "French")
    titles = HEADS[way]
    rows: list[list[str]] = []
    others = 0
    page: list[str] = []

    def sums(names: list[str], word: str) -> list[str]:
        fees = [fee for name in names if (fee := people[name][1]) is not None]
        followers = sum(people[name][0] for name in names)
        return [word, "", count(followers), price(sum(fees, Decimal(0))) if fees else "", ""]

    paged = chosen.random() < 0.5
    for number, (name, (followers, fee, rate)) in enumerate(people.items()):
        if paged and page and len(page) == 5:
            if chosen.random() < 0.7:
                rows.append(sums(page, chosen.choice(TOTALS)))
                others += 1
            rows.append([f"Page {number // 5} of 9", "", "", "", ""])
            rows.append([title.upper() if chosen.random() < 0.5 else title for title in titles])
            others += 2
            page = []
        page.append(name)
        er = "" if rate is None else f"{rate * 100:.1f}%"
        blank = chosen.choice(["", "-", "n/a", "#N/A"])
        rows.append(
            [name, chosen.choice(["Instagram", "TikTok"]), count(followers),
             blank if fee is None else price(fee), blank if rate is None else er.replace(".", ",") if comma else er]
        )  # fmt: skip
        if chosen.random() < 0.1:
            rows.append([])
    if chosen.random() < 0.6:
        rows.append(sums(list(people), chosen.choice(TOTALS)))
        others += 1
    if chosen.random() < 0.4:
        rows += [[], ["Budget", "", "20000", "", ""], ["made for the spring campaign", "", "", "", ""]]
        others += 2
    trailing = [""] * chosen.choice([0, 0, 2])
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    for line in chosen.choice([[], [["Creators of spring"]], [["Export"], [], ["3 November"]]]):
        writer.writerow(line)
    writer.writerows([[*row, *trailing] if row else row for row in [list(titles), *rows]])
    encoding = chosen.choice(["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    content = text.getvalue().replace("\n", chosen.choice(["\n", "\r\n"]))
    try:
        return Dirty(content.encode(encoding), people, others)
    except UnicodeEncodeError:
        return Dirty(content.encode("utf-8"), people, others)


@pytest.mark.parametrize("seed", range(more(60, 2_000)))
def test_one_list_under_any_dirt_is_that_list(seed: int) -> None:
    made = dirty(seed)
    found = reading(made.raw)
    told = found.roster
    assert told.problems == ()
    assert {one.name for one in found.creators} == set(made.people)
    assert (told.rows, told.kept, len(told.dropped)) == (
        len(made.people) + made.others, len(made.people), made.others,
    )  # fmt: skip
    for at, field in enumerate(("followers", "cost_per_post", "engagement_rate")):
        expected: dict[str, Any] = {name: one[at] for name, one in made.people.items()}
        assert values(found, field) == expected
        (column,) = [each for each in told.columns if each.used_as == field]
        known = [value for value in expected.values() if value is not None]
        assert column.sum == pytest.approx(float(sum(known)), rel=1e-12)
        assert column.values == len(known)
