"""Texts as arrays answer as texts that are objects do; files cut at once have the cells of the csv module."""

from __future__ import annotations

import csv
import io
import random

import numpy as np
import pytest

from optimizer.roster import texts as texts_
from optimizer.roster.bulk_cut import cut
from optimizer.roster.bulk_numbers import plain
from optimizer.roster.texts import WIDE, Texts

LETTERS = "abcABC ßéıK-@\0日\n"


def some(draw: random.Random, count: int, longest: int) -> list[str]:
    """Texts of awkward letters, many of them alike."""
    return ["".join(draw.choice(LETTERS) for _ in range(draw.randint(0, longest))) for _ in range(count)]


@pytest.mark.parametrize("longest", [2, 20, 2 * WIDE])
def test_texts_answer_as_objects_do(longest: int) -> None:
    objects = some(random.Random(longest), 700, longest)
    texts = Texts.of(objects)
    assert list(texts) == objects
    assert texts[5] == objects[5]
    assert texts[3:9] == objects[3:9]
    assert list(texts.part(np.array([7, 3, 3]))) == [objects[7], objects[3], objects[3]]
    assert list(texts.trimmed()) == [text.strip(" \t\n\r\v\f\x1c\x1d\x1e\x1f") for text in objects]
    assert list(texts.folded()) == list(map(str.casefold, objects))
    assert texts == Texts.of([*objects, "more"]).part(np.arange(len(objects)))
    assert texts != texts.part(np.arange(len(objects) - 1))
    assert texts != texts.with_changed({4: "?" * len(objects[4].encode()) if objects[4] else "x"})
    assert texts.empty.tolist() == [text == "" for text in objects]
    assert texts.foreign.tolist() == [not text.isascii() for text in objects]
    codes, kinds = texts.kinds()
    assert kinds == list(dict.fromkeys(objects))
    assert [kinds[code] for code in codes] == objects
    order, again = texts.rising()
    assert order.tolist() == sorted(range(len(objects)), key=objects.__getitem__)
    rising = sorted(objects)
    assert again.tolist() == [at > 0 and rising[at - 1] == text for at, text in enumerate(rising)]
    wanted = {*objects[:9], "", "A", "SS", "i", "k"}
    folded = {text.casefold() for text in wanted}
    assert texts.are(wanted).tolist() == [text.casefold() in folded for text in objects]
    holding = set(texts.holding(["ab", "abc", "c-"]).tolist())
    said = {row for row, text in enumerate(objects) if any(word in text.lower() for word in ("ab", "c-"))}
    foreign_or_long = {row for row, text in enumerate(objects) if not text.isascii() or len(text) > WIDE}
    assert said | foreign_or_long <= holding
    begins = texts.beginning(["abc-x", "Abcd"])
    ascii_ = [row for row, text in enumerate(objects) if text[:3].isascii()]
    assert [bool(begins[row]) for row in ascii_] == [
        objects[row][:3].lower().startswith("abc") for row in ascii_
    ]
    assert texts.has("\0") == any("\0" in text for text in objects)
    assert texts.plain == all(map(str.isascii, objects))
    changed = texts.with_changed({4: "new", 9: "日本"})
    assert list(changed) == [
        "new" if row == 4 else "日本" if row == 9 else text for row, text in enumerate(objects)
    ]


def test_letters_that_are_folded_to_ascii_are_known() -> None:
    folded = [chr(number) for number in range(128, 0x110000) if chr(number).casefold().isascii()]
    assert {letter.encode() for letter in folded} == set(texts_._FOLDED_TO_ASCII)
    texts = Texts.of(["Straße", "strasse", "MÜLLER", "日本", "ſtrasse", "ﬁn" * 40])
    assert texts.are(["STRASSE"]).tolist() == [True, True, False, False, True, False]


def cells_by_csv(text: str, width: int) -> list[tuple[int, list[str]]]:
    """Line and cells of each row that has any, as the csv module has them."""
    reader, begin, found = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True), 0, []
    for cells in reader:
        if cells:
            found.append((begin, [*cells, *[""] * (width - len(cells))]))
        begin = reader.line_num
    return found


CELL = (
    '""',
    '"a,b"',
    '"two\nlines"',
    '"say ""hi"""',
    '""""',
    '" x "',
    "plain",
    "",
    "7",
    "é",
    "a b",
    '"""q"""',
)


@pytest.mark.parametrize("seed", range(60))
def test_a_file_cut_at_once_has_the_cells_of_the_csv_module(seed: int) -> None:
    draw = random.Random(seed)
    usual = CELL if seed % 2 else [cell for cell in CELL if '"' not in cell]
    odd = ('x"y', '""a', '"a" ', ' "a"', 'a""') if seed % 5 == 0 else ()
    rows = []
    for _ in range(40):
        cells = [draw.choice(usual) for _ in range(draw.choice((3, 3, 3, 1, 2)))]
        if odd and draw.random() < 0.05:
            cells[0] = draw.choice(odd)
        rows.append(",".join(cells))
    text = "\n".join(rows) + "\n" * draw.choice((0, 1, 3))
    wanted = cells_by_csv(text, 3)
    found = cut(text, ",", 0, 3)
    if found is None:
        assert any(cell in text for cell in odd)
        return
    assert not found.beyond
    cells = list(zip(*(list(column) for column in found.columns), strict=True))
    assert [(line, [*one]) for line, one in zip(found.lines.tolist(), cells, strict=True)] == wanted


def test_cells_beyond_the_headers_are_told() -> None:
    found = cut("a,b\n1,2,,\n3,4,five\n6\n", ",", 1, 2)
    assert found is not None
    assert found.beyond == [(1, "five")]
    assert found.short.tolist() == [2]
    assert found.lines.tolist() == [1, 2, 3]


@pytest.mark.parametrize("power", [0, -2, 3, 6])
def test_plain_numbers_are_those_that_python_reads(power: int) -> None:
    draw = random.Random(power)
    written = [f"{draw.lognormvariate(3, 5):.{draw.randint(0, 6)}f}" for _ in range(5_000)]
    written += ["", "0", "007", "123456789012345678901", "0.1234567890123456789", "9007199254740993", "0.30"]
    found = plain(Texts.of(written), "fee")
    assert found is not None
    assert found.point
    wanted = [float(f"{cell}e{power}") if cell else np.nan for cell in written]
    np.testing.assert_array_equal(found.values(power), wanted)


@pytest.mark.parametrize("odd", ["1.", ".5", "1.2.3", "1,5", "1e5", "-1", "1 000", "٣"])
def test_other_numbers_are_not_plain(odd: str) -> None:
    assert plain(Texts.of(["1", "2.25", odd]), "fee") is None


def test_a_point_that_could_stand_for_thousands_is_not_plain_but_in_shares() -> None:
    cells = Texts.of(["1.234", "12.500"])
    assert plain(cells, "followers") is None
    assert plain(cells, "engagement_rate") is not None
