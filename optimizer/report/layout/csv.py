"""Rows -> CSV text, plain for programs or as Excel opens it by a double click."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Literal, NamedTuple

from optimizer.language.csv_in import FORMULA_START
from optimizer.language.numbers import printable

Dialect = Literal["plain", "excel", "excel-semicolon", "excel-comma"]


class _Form(NamedTuple):
    """How a dialect is written."""

    mark: str
    """In front of everything. Excel takes a file without the byte order mark for the code page of its country."""
    separator: str
    decimal: str
    end: str


_FORMS: dict[str, _Form] = {
    "plain": _Form("", ",", ".", "\n"),
    "excel": _Form("\ufeff", ",", ".", "\r\n"),
    "excel-semicolon": _Form("\ufeff", ";", ".", "\r\n"),
    "excel-comma": _Form("\ufeff", ";", ",", "\r\n"),
}


def csv_text(rows: Iterable[Iterable[object]], dialect: Dialect = "plain") -> str:
    """CSV of rows of text, numbers and None (unknown, empty).

    Text that a spreadsheet would take for a formula gets a leading apostrophe; control characters are left out.

    Args:
        rows: the first is the header.
        dialect: "plain" is UTF-8 with commas and decimal points. The others have a byte order mark and Windows's ends
            of lines, and are for the Excel of countries that write 1,234.5 ("excel"), 1'234.5 with semicolons between
            values ("excel-semicolon"), or 1.234,5 ("excel-comma": semicolons and decimal commas).
    """
    form = _FORMS[dialect]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=form.separator, lineterminator=form.end)
    for row in rows:
        writer.writerow([_cell(value, form.decimal) for value in row])
    return form.mark + out.getvalue()


def _cell(value: object, decimal: str) -> object:
    if isinstance(value, str):
        value = printable(value)
        return f"'{value}" if value.startswith(FORMULA_START) else value
    if isinstance(value, float) and decimal != ".":
        return repr(value).replace(".", decimal)
    return "" if value is None else value
