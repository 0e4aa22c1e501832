"""A CSV file as spreadsheets write it -> a header and rows of text, whatever dialect it is in.

Excel writes commas, semicolons or tabs by country and menu, "Unicode text" as UTF-16, sometimes a first line `sep=;`,
line ends of every kind, and empty columns at the right where a cell was touched once.
"""

from __future__ import annotations

import csv
import io
import re
from typing import NamedTuple, NoReturn

from optimizer.language.errors import Problem, ScenarioError

SEPARATORS = (",", ";", "\t", "|")
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_SEP = re.compile(r'\n*"?sep=([^"\n])"?[ ,;\t]*\n', re.IGNORECASE)
"""A first line by which Excel is told the separator, however it was saved again."""
FORMULA_START = tuple("=+-@＝＋－＠")
"""Text that begins so is a formula to spreadsheets (wide ones too, where Japanese is set); so it stands in a plan's CSV
behind an apostrophe, or as ="text" where it is written for Excel."""
csv.field_size_limit(10_000_000)  # a cell may hold a whole biography
INVISIBLE = "\ufeff\u200b\u200e\u200f\u2060"
_AS_TEXT = re.compile(r'="((?:[^"]|"")*)"')
"""A formula that is nothing but a text: how a plan's CSV for Excel, and exports elsewhere, keep names as they are."""


class Row(NamedTuple):
    """One row of a file."""

    line: int
    """Line it begins on, counted from 1."""
    cells: list[str]
    """Stripped of spaces around them; as many as the header has, or more where text stands beyond it."""


class Table(NamedTuple):
    """What a CSV file holds."""

    header: Row
    rows: list[Row]
    separator: str


def decoded(raw: bytes, name: str) -> str:
    """The text of a CSV file: UTF-8, or what its byte order mark says.

    Raises:
        ScenarioError: where it is neither.
    """
    mark, encoding = next((pair for pair in _MARKS if raw.startswith(pair[0])), (b"", "utf-8"))
    try:
        return raw[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        before = raw[len(mark) :][: error.start].decode(encoding, "replace")
        at = raw[len(mark) + error.start]
        kind = "UTF-8" if encoding == "utf-8" else "UTF-16"
        _fail(
            name, f"byte 0x{at:02x} is not {kind} text", before.count("\n") + 1, "save the file as CSV UTF-8"
        )


def read_table(text: str, name: str) -> Table:
    """Header and rows; empty lines and empty columns at the right are left out.

    Args:
        text: of the file.
        name: what messages call the file.

    Raises:
        ScenarioError: where it is empty or no CSV.
    """
    text, declared, first = undeclared(text)
    separator = declared or _separator(text)
    rows = csv_rows(text, separator, name, first)
    if not rows:
        _fail(name, "the file is empty", 1, "the first line names the columns: offer,creators")
    header, *others = rows
    width = len(_trimmed(header.cells))
    fitted = [_fitted(row.cells, width) for row in others]
    used = [i for i in range(width) if header.cells[i] or any(cells[i] for cells in fitted)]
    found = [
        Row(row.line, [cells[i] for i in used] + cells[width:])
        for row, cells in zip(others, fitted, strict=True)
    ]
    return Table(Row(header.line, [header.cells[i] for i in used]), found, separator)


def undeclared(text: str) -> tuple[str, str | None, int]:
    """Text without a byte order mark and with line ends of one kind, the separator that a first line `sep=;` declares
    (that line is left out), and the number of the line with which the text begins then."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    declared = _SEP.match(text)
    if declared is None:
        return text, None, 1
    return text[declared.end() :], declared[1], 1 + declared[0].count("\n")


def csv_rows(text: str, separator: str, name: str, first: int = 1, most: int | None = None) -> list[Row]:
    """Rows that are not empty; cells without blanks and invisible characters around them, ="text" as its text.

    Args:
        text: as `undeclared` leaves it.
        separator: of the cells.
        name: what messages call the file.
        first: number of the line with which the text begins.
        most: rows that are enough; None for all.

    Raises:
        ScenarioError: where it is no CSV.
    """
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=separator != "\t"
    )
    rows: list[Row] = []
    line = first
    try:
        for cells in reader:
            stripped = [without_formula(cell.strip().strip(INVISIBLE).strip()) for cell in cells]
            if any(stripped):
                rows.append(Row(line, stripped))
            line = reader.line_num + first
            if most is not None and len(rows) >= most:
                break
    except csv.Error as error:
        _fail(name, f"this is not CSV: {error}", line, "save it again as CSV UTF-8")
    return rows


def without_apostrophe(name: str) -> str:
    """A name without the apostrophe that keeps a spreadsheet from reading it as a formula: '=cmd is =cmd."""
    return name[1:] if name.startswith("'") and name[1:].startswith(FORMULA_START) else name


def without_formula(cell: str) -> str:
    """The text of a cell that is written as ="text"; any other cell as it is."""
    found = _AS_TEXT.fullmatch(cell)
    return cell if found is None else found[1].replace('""', '"').strip()


def _separator(text: str) -> str:
    """What separates the names of the columns: that of which the first line outside quotes has most."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    outside = "".join(first.split('"')[::2])
    return max(SEPARATORS, key=outside.count)  # the first of these where none is there


def _trimmed(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells


def _fitted(cells: list[str], width: int) -> list[str]:
    """The cells under the columns, and beyond them only what is written there."""
    cells = cells[:width] + _trimmed(cells[width:])
    return cells + [""] * (width - len(cells))


def number_text(text: str, separator: str) -> str:
    """A number as it is written elsewhere, where it has a decimal comma.

    Only where commas do not separate the values: files with semicolons or tabs come from countries with that comma.
    """
    return text.replace(",", ".") if separator != "," and text.count(",") == 1 and "." not in text else text


def _fail(name: str, message: str, line: int, hint: str = "") -> NoReturn:
    raise ScenarioError([Problem((), message, hint, file=name, line=line)])
