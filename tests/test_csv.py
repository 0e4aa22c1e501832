"""CSV in every dialect that spreadsheets write, and CSV that Excel opens by a double click."""

from __future__ import annotations

import codecs
import subprocess
from pathlib import Path

import openpyxl
import pytest

from optimizer import ScenarioError, optimize
from optimizer.language.csv_in import read_table
from optimizer.report.formats import csv as csv_of
from optimizer.report.layout.csv import csv_text
from optimizer.whatif.replan.signed import parse_signed, read_signed
from tests.builders import offer, scenario
from tests.programs import needs, require
from tests.test_cli import run

ASKED = scenario(
    budget=1000,
    objective="engagements",
    offers=[
        offer("a", 5.25, engagements_per_post=3, most=9),
        offer("Döner, gross; 3|4", 10, engagements_per_post=2, most=9),
        offer("-rabatt", 10, engagements_per_post=1.5, most=9),
    ],
)


def signed(text: str | bytes, tmp_path: Path) -> dict[str, float]:
    file = tmp_path / "signed.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return {one.offer: one.creators for one in read_signed(file, ASKED)}


PLAIN = 'offer,creators\na,2\n"Döner, gross; 3|4",1\n'
SEMICOLONS = 'offer;creators\na;2\n"Döner, gross; 3|4";1\n'
TABS = "offer\tcreators\na\t2\nDöner, gross; 3|4\t1\n"


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        PLAIN.replace("\n", "\r\r\n").rstrip(),
        PLAIN.rstrip(),
        SEMICOLONS,
        TABS,
        'offer|creators\na|2\n"Döner, gross; 3|4"|1\n',
        "sep=;\n" + SEMICOLONS,
        "SEP=;\r\n" + SEMICOLONS.replace("\n", "\r\n"),
        "sep=,\r" + PLAIN.replace("\n", "\r"),
        "sep=\t\n" + TABS,
        '"sep=;"\n' + SEMICOLONS,
        "sep=;,,\n" + SEMICOLONS,
        'offer,creators,\na,2,\n"Döner, gross; 3|4",1,\n',
        'offer,creators,,,\na,2,,,\n"Döner, gross; 3|4",1,,\n,,,,\n',
        'offer,,creators\na,,2\n"Döner, gross; 3|4",,1\n',
        '\n\n  Offer , CREATORS \n\n a , 2 \n\n"Döner, gross; 3|4", 1\n\n\n',
        'offer;creators\na;2,0\n"Döner, gross; 3|4";1,0\n',
        "offer\tcreators\na\t2,0\nDöner, gross; 3|4\t1\n",
        '"offer","creators"\n"a","2"\n"Döner, gross; 3|4","1"\n',
        'offer,creators,tag_note\na,2,"two\nlines, and ""quotes"""\n"Döner, gross; 3|4",1,\n',
        codecs.BOM_UTF8 + PLAIN.encode(),
        codecs.BOM_UTF8 + b"sep=;\r\n" + SEMICOLONS.encode(),
        codecs.BOM_UTF16_LE + TABS.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TABS.replace("\n", "\r\n").encode("utf-16-be"),
    ],
    ids=lambda text: repr(text)[:40],
)
def test_every_dialect_says_the_same(text: str | bytes, tmp_path: Path) -> None:
    assert signed(text, tmp_path) == {"a": 2, "Döner, gross; 3|4": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sep=;\noffer;creators\na;x\n",
         "s.csv:3: creators: 'x' is not a number (write it like 60000, 60_000, 12M, 412k or 5%)"),
        ("offer,creators\ra,1\r\rb,1\r",
         "s.csv:4: the scenario has no offer 'b' (known: a, Döner, gross; 3|4, -rabatt)"),
        ('offer,creators,tag_note\na,1,"x\ny"\nb,1,\n',
         "s.csv:4: the scenario has no offer 'b' (known: a, Döner, gross; 3|4, -rabatt)"),
        ("offer\tcreators\na\t\n", "s.csv:2: creators: a number is missing"),
        ("offer;creators\na;1,5\n", "s.csv:2: 1.5 creators cannot be signed (write a whole number)"),
        ("offer,creators\na,2.000\n",
         "s.csv:2: creators: '2.000' could mean two numbers, because a point separates thousands in half of the world "
         "(write 2_000 or 2)"),
        ("offer;creators;\na;1;2\n",
         's.csv:2: the line has more values than there are columns (put text with commas in "quotes")'),
        ("sep=;\n", "s.csv:1: the file is empty (the first line names the columns: offer,creators)"),
        ("offer;creators;;price\na;1;;3\n",
         "s.csv:1: unknown column 'price' (known: offer, creators, posts_per_creator)"),
    ],
)  # fmt: skip
def test_errors_name_line_and_column_in_every_dialect(text: str, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_signed(text, ASKED, name="s.csv")
    assert str(caught.value) == message


def test_text_that_is_not_what_its_mark_says_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="byte 0xff is not UTF-8 text"):
        signed(b"offer,creators\na\xff,1\n", tmp_path)
    with pytest.raises(ScenarioError, match=r"signed\.csv:2: byte 0x3b is not UTF-16 text"):
        signed(codecs.BOM_UTF16_LE + "offer;\n".encode("utf-16-le") + b";", tmp_path)


def test_rows_keep_their_lines() -> None:
    assert [row.line for row in read_table("\n\nsep=;\na;b\nz;2\n", "t.csv").rows] == [5]
    table = read_table('sep=;\n\na;b\n\n"x\n\ny";1\nz;2\n', "t.csv")
    assert (table.header.line, table.separator) == (3, ";")
    assert [(row.line, row.cells) for row in table.rows] == [(5, ["x\n\ny", "1"]), (8, ["z", "2"])]


@pytest.mark.parametrize("dialect", ["plain", "excel", "excel-semicolon", "excel-comma"])
def test_what_is_written_is_read_again(dialect: str, tmp_path: Path) -> None:
    plan = optimize(ASKED)
    text = csv_of(plan, dialect)  # type: ignore[arg-type]
    assert ("'-rabatt" if dialect == "plain" else '"=""-rabatt"""') in text, "no formula"
    assert signed(text.encode(), tmp_path) == {line.offer: line.creators for line in plan.lines}


def test_bytes_of_each_dialect() -> None:
    rows = [["offer", "cost"], ["=1+1", 1234.5], ["a;b,c", None], ["@x", 7]]
    assert csv_text(rows) == "offer,cost\n'=1+1,1234.5\n\"a;b,c\",\n'@x,7\n"
    one, at = '"=""=1+1"""', '"=""@x"""'
    assert csv_text(rows, "excel") == f'\ufeffoffer,cost\r\n{one},1234.5\r\n"a;b,c",\r\n{at},7\r\n'
    assert csv_text(rows, "excel-semicolon") == (
        f'\ufeffoffer;cost\r\n{one};1234.5\r\n"a;b,c";\r\n{at};7\r\n'
    )
    assert csv_text(rows, "excel-comma") == (f'\ufeffoffer;cost\r\n{one};1234,5\r\n"a;b,c";\r\n{at};7\r\n')


NAMES = (
    "=cmd|' /C calc'!A0", "@name", "+49 170 1234567", "-rabatt", "＝wide", "007", "1e5", "MAR1", "3-4", "10:30", "5%",
    "TRUE", "12345678901234567890", 'say "hi" 2', "Döner, gross; 3|4", "anna", "o'neil", "日本1",
)  # fmt: skip
"""Handles that spreadsheets take for formulas, numbers, dates and truths, and some that they do not."""
AMOUNTS = (1234.5, 1e16, 1e-05, 0.1 + 0.2, 12345678901234.5, -7.25)


def test_no_number_has_an_exponent_and_each_is_the_same_number() -> None:
    text = csv_text([["n"], *([amount] for amount in AMOUNTS), [1e300], [5e-324]])
    cells = text.splitlines()[1:]
    assert not [cell for cell in cells if "e" in cell.lower()]
    assert [float(cell) for cell in cells] == [*AMOUNTS, 1e300, 5e-324]


@pytest.mark.parametrize("dialect", ["excel", "excel-semicolon", "excel-comma"])
def test_names_are_read_again_as_they_are(dialect: str) -> None:
    text = csv_text([["offer", "n"], *([name, 1] for name in NAMES)], dialect)  # type: ignore[arg-type]
    assert [row.cells[0] for row in read_table(text, "t.csv").rows] == list(NAMES)


def test_a_text_too_long_for_a_formula_stands_behind_an_apostrophe() -> None:
    longest, longer = "@" + "x" * 254, "@" + "x" * 255
    text = csv_text([["offer"], [longest], [longer]], "excel")
    assert text == f'\ufeffoffer\r\n"=""{longest}"""\r\n\'{longer}\r\n'


LOCALES = {"excel": ("44", "1033"), "excel-semicolon": ("59", "2055"), "excel-comma": ("59", "1031")}
"""Dialect -> separator and country by which LibreOffice opens it: United States, Switzerland, Germany."""


@needs("soffice")
@pytest.mark.parametrize("dialect", list(LOCALES))
def test_a_spreadsheet_shows_names_and_numbers_as_they_are(dialect: str, tmp_path: Path) -> None:
    rows = [["offer", "n"], *([name, amount] for name, amount in zip(NAMES, AMOUNTS * 3, strict=True))]
    file = tmp_path / "lines.csv"
    file.write_bytes(csv_text(rows, dialect).encode())  # type: ignore[arg-type]
    separator, country = LOCALES[dialect]
    profile = (tmp_path / "profile").as_uri()
    opened_as = f"CSV:{separator},34,76,1,,{country}"
    subprocess.run(
        [require("soffice"), f"-env:UserInstallation={profile}", "--headless",
         f"--infilter={opened_as}", "--convert-to", "xlsx", "--outdir", str(tmp_path), str(file)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    sheet = openpyxl.load_workbook(tmp_path / "lines.xlsx", data_only=True).active
    shown = [tuple(cell.value for cell in row) for row in sheet.iter_rows()]
    assert shown[0] == ("offer", "n")
    assert [name for name, _ in shown[1:]] == list(NAMES)
    assert [number for _, number in shown[1:]] == pytest.approx(list(AMOUNTS * 3), rel=1e-14)


def cells(text: str) -> list[list[str]]:
    """The cells of a CSV, without what keeps a spreadsheet from calculating."""
    table = read_table(text, "t.csv")
    return [[cell.removeprefix("'") for cell in row.cells] for row in (table.header, *table.rows)]


def test_each_command_that_writes_csv_writes_it_for_excel(tmp_path: Path) -> None:
    file, saved = tmp_path / "s.yaml", tmp_path / "p.json"
    file.write_text(
        "budget: 100\nobjective: creators\noffers: [{name: =a, cost_per_post: 5.5, creators: {max: 3}}]\n",
        encoding="utf-8",
    )
    named = tmp_path / "named.yaml"
    named.write_text(
        "budget: 40\nobjective: engagements\noffers:\n"
        "  - {name: =a, cost_per_post: 33, engagements_per_post: 40.5, creators: {max: 1}}\n"
        "  - {name: '@b', cost_per_post: 20, engagements_per_post: 24, creators: {max: 1}}\n",
        encoding="utf-8",
    )
    assert run(str(file), "-o", str(saved)).exit_code == 0
    for words in (
        (str(file),),
        ("report", str(saved)),
        ("compare", str(file), str(saved), "--no-bridge", "--jobs", "1"),
        ("frontier", str(file), "--over", "budget=10:20:10", "--jobs", "1"),
        ("risk", str(file), "--jobs", "1"),
        ("reserves", str(named), "--jobs", "1"),
    ):
        plain = run(*words, "--format", "csv").stdout
        assert run(*words, "--csv", "plain").stdout == plain
        out = tmp_path / "out.csv"
        assert run(*words, "--csv", "excel", "-o", str(out)).exit_code == 0
        written = out.read_bytes()
        assert written.startswith(codecs.BOM_UTF8)
        assert cells(written.decode("utf-8-sig")) == cells(plain)
        assert run(*words, "-o", str(out), "--csv", "excel-comma").exit_code == 0
        text = out.read_bytes().decode("utf-8-sig")
        assert ";" in text.splitlines()[0]
        assert "16,5" in text, "a decimal comma"
        refused = run(*words, "--csv", "excel", "--format", "md")
        assert refused.exit_code == 2
        assert "--csv says how CSV is written, but this is md" in refused.stderr
