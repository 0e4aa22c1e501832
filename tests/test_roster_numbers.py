"""How numbers are written is found by the whole column; two readings that both fit are asked back."""

from __future__ import annotations

from decimal import Decimal

import pytest

from optimizer.roster.column import Asked, numbers
from optimizer.roster.grid import Cell
from optimizer.roster.words import header
from tests.rosters import column, problems, reading, roster, values

FORMATS: dict[str, tuple[str, list[str], list[str | None]]] = {
    # what: (field, cells, numbers as they are meant)
    "K": ("followers", ["412.3K", "1K", "950"], ["412300", "1000", "950"]),
    "k and m": ("followers", ["3.3k", "475.8m", "29.0b"], ["3300", "475800000", "29000000000"]),
    "Mio with decimal comma": ("followers", ["1,2 Mio", "3,45 Mio.", "800"], ["1200000", "3450000", "800"]),
    "Tsd": ("followers", ["12,5 Tsd.", "1,2 Mio."], ["12500", "1200000"]),
    "rb and jt": ("followers", ["12,5 rb", "1,2 jt"], ["12500", "1200000"]),
    "nghìn and triệu": ("followers", ["12,5 nghìn", "1,2 triệu"], ["12500", "1200000"]),
    "lakh and crore": ("followers", ["1.5 lakh", "2 crore"], ["150000", "20000000"]),
    "mila and mln": ("followers", ["12 mila", "1,2 mln"], ["12000", "1200000"]),
    "glued to a word": ("followers", ["412.3Kfollowers", "12k subs", "900 fans"], ["412300", "12000", "900"]),
    "points between thousands": ("followers", ["1.234.567", "1.234", "12"], ["1234567", "1234", "12"]),
    "commas between thousands": ("followers", ["1,234,567", "1,234", "12"], ["1234567", "1234", "12"]),
    "gaps between thousands": ("followers", ["613 511 633", "1 234"], ["613511633", "1234"]),
    "narrow gaps": ("followers", ["613\u202f511", "1\u00a0234"], ["613511", "1234"]),
    "apostrophes": ("followers", ["1'234'567", "9’800"], ["1234567", "9800"]),
    "as in India": ("followers", ["12,34,567", "1,234"], ["1234567", "1234"]),
    "blanks of every kind": (
        "followers",
        ["-", "N/A", "#VALUE!", "", "n.d.", "#REF!", "–", "k.A.", "#NV", "NaN", "5000"],
        [*[None] * 10, "5000"],
    ),
    "about": ("followers", ["~12k", "≈ 900"], ["12000", "900"]),
    "dollars": ("cost_per_post", ["$1,200", "$85", "$1,234.50"], ["1200", "85", "1234.50"]),
    "dollars, thousands only": ("cost_per_post", ["$1,200"], ["1200"]),
    "euros before, gap": ("cost_per_post", ["€ 1 200", "€ 85,50"], ["1200", "85.50"]),
    "euros behind": ("cost_per_post", ["1.200,00 €", "85,50 €"], ["1200.00", "85.50"]),
    "euros, thousands only": ("cost_per_post", ["€ 1.200"], ["1200"]),
    "francs with a dash": ("cost_per_post", ["CHF 1'200.-", "CHF 85.50"], ["1200", "85.50"]),
    "dong": ("cost_per_post", ["5.000.000 ₫", "750.000 ₫"], ["5000000", "750000"]),
    "rupiah": ("cost_per_post", ["Rp 1.500.000", "Rp750.000"], ["1500000", "750000"]),
    "money in thousands": ("cost_per_post", ["$1.2K", "$3M"], ["1200", "3000000"]),
    "per post": ("cost_per_post", ["1,200.50 USD per post", "85 USD/post"], ["1200.50", "85"]),
    "percent": ("engagement_rate", ["3.2%", "0.89 %", "12%"], ["0.032", "0.0089", "0.12"]),
    "percent with comma": ("engagement_rate", ["3,2%", "0,89 %"], ["0.032", "0.0089"]),
    "percent with three decimals": ("engagement_rate", ["3,125%", "2,250%"], ["0.03125", "0.0225"]),
    "percent without its sign": ("engagement_rate", ["3.2", "0.9", "2.5"], ["0.032", "0.009", "0.025"]),
    "fractions": ("engagement_rate", ["0.032", "0.009", "0.025"], ["0.032", "0.009", "0.025"]),
    "percent glued": ("engagement_rate", ["3.2%ER", "2%"], ["0.032", "0.02"]),
    "full width percent": ("engagement_rate", ["0", "3,2%"], ["0", "0.032"]),
}


def read(what: str, cells: list[str] | list[Cell], title: str = "Column", **asked: object) -> object:
    given = Asked(**asked)  # type: ignore[arg-type]
    return numbers(list(cells), what, title, header(title), given, frozenset(), ",")


@pytest.mark.parametrize("name", FORMATS)
def test_a_way_to_write_numbers_is_read(name: str) -> None:
    what, cells, meant = FORMATS[name]
    found = read(what, cells)
    assert found.wrong == []  # type: ignore[attr-defined]
    got = found.values  # type: ignore[attr-defined]
    assert got == [None if number is None else Decimal(number) for number in meant]


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_in_a_file_has_the_sum_that_was_counted_by_hand(name: str) -> None:
    what, cells, meant = FORMATS[name]
    lines = "\n".join(f'u{i};9000;"{cell}"' for i, cell in enumerate(cells))
    other = "community size" if what == "followers" else "followers"
    if what == "followers":
        lines = "\n".join(f'u{i};x;"{cell}"' for i, cell in enumerate(cells))
        other = "bio"
    found = roster(f"username;{other};{what}\n{lines}\n")
    one = column(found, what)
    assert found.problems == ()
    expected = sum(Decimal(number) for number in meant if number is not None)
    assert one.sum == pytest.approx(float(expected), rel=1e-12)
    assert (one.values, one.blanks) == (len([m for m in meant if m]), meant.count(None))


@pytest.mark.parametrize(
    ("what", "cells", "first", "second"),
    [
        ("followers", ["1.234"], "1,234", "1.234"),
        ("followers", ["1.234", "5.678", "12.500"], "1,234", "1.234"),
        ("impressions_per_post", ["12.500", "9.750"], "12,500", "12.5"),
        ("cost_per_post", ["1.234", "2.500"], "1,234", "1.234"),
        ("followers", ["1,234K"], "1,234,000", "1,234"),
    ],
)
def test_a_number_with_two_readings_is_asked_back_naming_both(
    what: str, cells: list[str], first: str, second: str
) -> None:
    found = numbers(list(cells), what, "Col", header("Col"), Asked(), frozenset(), ";")
    (wrong,) = found.wrong
    assert wrong.whole
    assert f"could mean {first} or {second}" in wrong.message
    assert f"columns: {{{what}: {{from: Col, decimal: ','}}}}" in wrong.hint
    said = numbers(list(cells), what, "Col", header("Col"), Asked(decimal=","), frozenset(), ";")
    comma = second if "," in cells[0] else first
    assert (said.wrong, said.values[0]) == ([], Decimal(comma.replace(",", "")))


def test_the_answer_to_the_question_is_taken() -> None:
    text = "username,followers\nanna,1.234\n"
    (problem,) = roster(text).problems
    assert (problem.line, problem.column, problem.header) == (2, 2, "followers")
    found = reading(text, columns={"followers": {"from": "followers", "decimal": ","}})
    assert values(found, "followers") == {"anna": Decimal(1234)}


def test_another_column_of_the_file_can_tell_what_a_point_means() -> None:
    found = reading("username;followers;er\nanna;1.234;3,2%\nben;5.100;1,1%\n")
    assert values(found, "followers") == {"anna": Decimal(1234), "ben": Decimal(5100)}
    found = reading('username,followers,er\nanna,"1,234",3.2%\nben,"5,100",1.1%\n')
    assert values(found, "followers") == {"anna": Decimal(1234), "ben": Decimal(5100)}


def test_a_decimal_point_elsewhere_does_not_make_followers_of_1_234_a_fraction() -> None:
    (problem,) = roster("username;followers;er\nanna;1.234;3.2%\nben;5.100;1.1%\n").problems
    assert "1,234 or 1.234" in problem.message


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_commas_that_nothing_explains_are_asked_back_too(delimiter: str) -> None:
    text = delimiter.join(["username", "followers"]) + "\n" + delimiter.join(["anna", "12,345"]) + "\n"
    (problem,) = roster(text).problems
    assert "12,345 or 12.345" in problem.message


def test_both_signs_in_one_column_name_both_cells() -> None:
    (problem,) = roster("username;followers;er\nanna;900;3.2%\nben;800;1,1%\n").problems
    assert "1,1 has a decimal comma, 3.2" in problem.message or "3.2" in problem.message
    assert problem.line in (2, 3)


def test_rates_that_could_be_percent_or_fractions_are_asked_back() -> None:
    text = "username,followers,er\na,5000,0.2\nb,5000,0.3\nc,5000,0.2\n"
    (problem,) = roster(text).problems
    assert "0.2 could mean 0.2 % or 20 %" in problem.message
    for unit, meant in (("percent", "0.002"), ("fraction", "0.2")):
        found = reading(text, columns={"engagement_rate": {"from": "er", "unit": unit}})
        assert found.roster.problems == ()
        assert values(found, "engagement_rate")["a"] == Decimal(meant)


def test_what_the_header_says_of_units_counts() -> None:
    text = "username,Followers (k),ER (%),Fee in EUR\na,412.3,3.2,100\nb,9.5,0.9,80\n"
    found = reading(text)
    assert found.roster.problems == ()
    assert values(found, "followers") == {"a": Decimal("412300"), "b": Decimal("9500")}
    assert values(found, "engagement_rate") == {"a": Decimal("0.032"), "b": Decimal("0.009")}
    assert {creator.currency for creator in found.creators} == {"EUR"}


@pytest.mark.parametrize(
    "cell", ["500-800-900", "10k – 50k – 90k", "=1+2", "=SUM(A1:A3)", "abc", "1.2.3", "mil 5", "12e5", "50+"]
)
def test_what_is_no_number_is_a_problem_of_its_cell(cell: str) -> None:
    found = roster(f"username,followers,cost\na,5000,10\nb,6000,20\nc,7000,30\nd,8000,{cell}\n")
    (problem,) = found.problems
    assert (problem.line, problem.column, problem.header) == (5, 3, "cost")
    assert cell in problem.message
    assert problem.hint
    assert found.refused == (5,)
    assert column(found, "cost_per_post").sum == 60


def test_the_number_of_a_formula_is_never_made_up() -> None:
    found = reading('username,followers,niche\n=1+1,5000,"=HYPERLINK(""x"")"\n')
    assert values(found, "tags.niche") == {"=1+1": '=HYPERLINK("x")'}


def test_numbers_of_a_workbook_or_json_need_no_reading() -> None:
    cells: list[Cell] = [Decimal("1.234"), Decimal("5.678")]
    found = numbers(cells, "cost_per_post", "Fee", header("Fee"), Asked(), frozenset(), None)
    assert (found.values, found.wrong) == (cells, [])


def test_negative_numbers_and_rates_above_all_are_not_used() -> None:
    found = roster("username,followers,er,cost\na,5000,350%,10\nb,6000,2%,-5\nc,7000,3%,(7)\n")
    assert problems(found) == [
        "-5 is negative, which cost_per_post cannot be",
        "(7) is negative, which cost_per_post cannot be",
    ]
    assert [(odd.line, odd.value, odd.why) for odd in column(found, "engagement_rate").odd] == [
        (2, "350%", "above 100 %: not used")
    ]
