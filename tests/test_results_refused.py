"""Results that have to be mended, and what a user says of their columns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from optimizer import read_results
from optimizer.cli.commands import cli
from optimizer.language.errors import ScenarioError
from tests.results_files import refused, results, told
from tests.stories import plan_without_risk

# --- what is refused, and how to mend it ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("platform,views\ninstagram,5\n", "no column says of which booking a row is: no offer, creator or post"),
        ("creator,views\nanna,-5\n", "results.csv:2:2: views: -5 is negative, which impressions cannot be"),
        ("creator,views\nanna,many\nben,5\n", "'many' is no number"),
        ("creator;views\nanna;1.234\n", "1.234 could mean 1,234 or 1.234"),
        ("creator,likes,views,impressions\nanna,1,5,6\n", "two columns could be impressions, 'views' and"),
        ("creator,fee\nanna,€ 5\nben,$ 6\n", "results.csv:3:2: fee: this is money in USD, not in EUR as in line 2 of"),
        ("creator,fee,revenue\nanna,€ 5,£ 6\n", "this is money in GBP, not in EUR as in line 2 of"),
        ("creator,fee,currency\nanna,5,EUR\nben,6,CHF\n", "this is money in CHF, not in EUR as in line 2 of"),
        ("creator,fee\nanna,¥ 500\n", "this could be money in JPY or CNY"),
        ("creator,views\nanna,5,6,7\nben,8\n", "4 cells below 2 headers"),
        ("creator,platform,views\nanna,\"Instagram, TikTok\",5\n", "names several platforms"),
        ("", "the file is empty"),
    ],
)  # fmt: skip
def test_what_has_to_be_mended_is_said_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    assert any(said in problem for problem in refused(tmp_path, text)), refused(tmp_path, text)


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, "x", "results.pdf") == [
        "results.pdf: no results are read from a file that ends in .pdf (export it as CSV, XLSX or JSON records)"
    ]


# --- what the user says -----------------------------------------------------------------------------------


def test_a_column_is_used_as_the_user_says(tmp_path: Path) -> None:
    text = "who;What it brought;Net;on\nanna;1.234;500;03/04/2026\n"
    columns = {
        "creator": "who",
        "likes": {"from": "What it brought", "decimal": ","},
        "paid": {"from": "Net", "unit": "thousand", "currency": "CHF"},
        "date": {"from": "on", "order": "month-first"},
    }
    found = results(tmp_path, text, columns=columns)
    assert (told(found, "likes"), told(found, "paid"), found.currency) == ([1234], [500_000], "CHF")
    assert found.texts["date"].tolist() == ["2026-03-04"]


def test_a_command_takes_what_its_message_says(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(
        plan_without_risk("after-the-campaign").model_dump_json(), encoding="utf-8"
    )
    (tmp_path / "results.csv").write_text("creator;likes\nada.immenau;1.234\n")
    command = ["review", str(tmp_path / "plan.json"), str(tmp_path / "results.csv"), "--format", "json"]
    asked = CliRunner().invoke(cli, command)
    said = "{from: likes, decimal: ','}"
    assert asked.exit_code == 2
    assert f'--column "likes={said}"' in " ".join(asked.stderr.split())
    done = CliRunner().invoke(cli, [*command, "--column", f"likes={said}"])
    assert done.exit_code == 0, done.stderr
    (read,) = [
        one for one in json.loads(done.stdout)["read"]["files"][0]["columns"] if one["used_as"] == "likes"
    ]
    assert read["sum"] == 1234


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"creatr": "who"}, "no column can be used as 'creatr'"),
        ({"creator": "whom"}, "no column has the header 'whom'"),
        ({"creator": ""}, "a header is wanted here"),
        ({"creator": {"from": "who", "unti": 1}}, "unknown key 'unti'"),
        ({"likes": {"from": "likes", "decimal": "x"}}, "decimal is one of '.', ','"),
        ({"paid": {"from": "likes", "currency": "euro"}}, "'euro' is not a currency code"),
    ],
)
def test_what_the_user_says_has_to_be_so(tmp_path: Path, columns: dict[str, object], said: str) -> None:
    problems = refused(tmp_path, "who,likes\nanna,5\n", columns=columns)
    assert any(said in problem for problem in problems)


def test_money_without_a_currency_is_in_the_one_that_is_said(tmp_path: Path) -> None:
    text = "creator,fee,revenue\nanna,5,7\n"
    assert results(tmp_path, text).currency is None
    assert results(tmp_path, text, currency="EUR").currency == "EUR"
    named = text.replace(",fee", ",fee (USD)")
    assert results(tmp_path, named, currency="EUR").currency == "USD"
    assert results(tmp_path, named.replace("(USD)", "($)"), currency="CAD").currency == "CAD"


def test_no_currency_is_taken_from_another_file(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("creator,fee\nanna,€ 5\n")
    (tmp_path / "two.csv").write_text("creator,fee\nben,6\n")
    with pytest.raises(ScenarioError, match=r"no currency is named, while line 2 of .*one.csv counts in EUR"):
        read_results([tmp_path / "one.csv", tmp_path / "two.csv"])
    assert (
        read_results([tmp_path / "one.csv", tmp_path / "two.csv"], currency="EUR").results.currency == "EUR"
    )
    with pytest.raises(ScenarioError, match="money in EUR, not in USD as is said"):
        read_results([tmp_path / "one.csv", tmp_path / "two.csv"], currency="USD")
