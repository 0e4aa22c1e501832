"""CSV in every dialect that spreadsheets write, and CSV that Excel opens by a double click."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from optimizer import ScenarioError, optimize
from optimizer.language.csv_in import read_table
from optimizer.report.formats import csv as csv_of
from optimizer.report.layout.csv import csv_text
from optimizer.whatif.replan.signed import parse_signed, read_signed
from tests.builders import offer, scenario
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
    table = read_table('sep=;\n\na;b\n\n"x\n\ny";1\nz;2\n', "t.csv")
    assert (table.header.line, table.separator) == (3, ";")
    assert [(row.line, row.cells) for row in table.rows] == [(5, ["x\n\ny", "1"]), (8, ["z", "2"])]


@pytest.mark.parametrize("dialect", ["plain", "excel", "excel-semicolon", "excel-comma"])
def test_what_is_written_is_read_again(dialect: str, tmp_path: Path) -> None:
    plan = optimize(ASKED)
    text = csv_of(plan, dialect)  # type: ignore[arg-type]
    assert "'-rabatt" in text, "no formula"
    assert signed(text.encode(), tmp_path) == {line.offer: line.creators for line in plan.lines}


def test_bytes_of_each_dialect() -> None:
    rows = [["offer", "cost"], ["=1+1", 1234.5], ["a;b,c", None], ["@x", 7]]
    assert csv_text(rows) == "offer,cost\n'=1+1,1234.5\n\"a;b,c\",\n'@x,7\n"
    assert csv_text(rows, "excel") == "\ufeffoffer,cost\r\n'=1+1,1234.5\r\n\"a;b,c\",\r\n'@x,7\r\n"
    assert csv_text(rows, "excel-semicolon") == "\ufeffoffer;cost\r\n'=1+1;1234.5\r\n\"a;b,c\";\r\n'@x;7\r\n"
    assert csv_text(rows, "excel-comma") == "\ufeffoffer;cost\r\n'=1+1;1234,5\r\n\"a;b,c\";\r\n'@x;7\r\n"


def test_each_command_that_writes_csv_writes_it_for_excel(tmp_path: Path) -> None:
    file, saved = tmp_path / "s.yaml", tmp_path / "p.json"
    file.write_text(
        "budget: 100\nobjective: creators\noffers: [{name: =a, cost_per_post: 5.5, creators: {max: 3}}]\n",
        encoding="utf-8",
    )
    assert run(str(file), "-o", str(saved)).exit_code == 0
    for words in (
        (str(file),),
        ("report", str(saved)),
        ("compare", str(file), str(saved), "--no-bridge", "--jobs", "1"),
        ("frontier", str(file), "--over", "budget=10:20:10", "--jobs", "1"),
        ("risk", str(file), "--jobs", "1"),
    ):
        plain = run(*words, "--format", "csv").stdout
        assert run(*words, "--csv", "plain").stdout == plain
        out = tmp_path / "out.csv"
        assert run(*words, "--csv", "excel", "-o", str(out)).exit_code == 0
        assert out.read_bytes() == codecs.BOM_UTF8 + plain.replace("\n", "\r\n").encode()
        assert run(*words, "-o", str(out), "--csv", "excel-comma").exit_code == 0
        text = out.read_bytes().decode("utf-8-sig")
        assert ";" in text.splitlines()[0]
        assert "16,5" in text, "a decimal comma"
        refused = run(*words, "--csv", "excel", "--format", "md")
        assert refused.exit_code == 2
        assert "--csv says how CSV is written, but this is md" in refused.stderr
