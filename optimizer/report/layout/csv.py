"""Rows -> CSV text, plain for programs or as Excel opens it by a double click."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from decimal import Decimal
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
    as_text: bool
    """Whether text that a spreadsheet would read as something else is written as ="text", which it shows as it is."""


_FORMS: dict[str, _Form] = {
    "plain": _Form("", ",", ".", "\n", False),
    "excel": _Form("\ufeff", ",", ".", "\r\n", True),
    "excel-semicolon": _Form("\ufeff", ";", ".", "\r\n", True),
    "excel-comma": _Form("\ufeff", ";", ",", "\r\n", True),
}


_DIGIT = re.compile(r"\d")
_TRUTHS = frozenset(
    ["true", "false", "wahr", "falsch", "vrai", "faux", "vero", "falso", "verdadero", "verdadeiro"]
)
LONGEST = 255
"""Characters of a text in a formula of Excel."""


def csv_text(rows: Iterable[Iterable[object]], dialect: Dialect = "plain") -> str:
    """CSV of rows of text, numbers and None (unknown, empty).

    Names stay as they are, whatever they look like. Where a program reads, text that a spreadsheet would take for a
    formula gets a leading apostrophe. In the dialects of Excel it is ="text" instead, and so is text with digits, which
    would become a number or a date (007, 1e5, MAR1, 12345678901234567890). Numbers are written without an exponent;
    control characters are replaced.

    Args:
        rows: the first is the header.
        dialect: "plain" is UTF-8 with commas and decimal points. The others have a byte order mark and Windows's ends
            of lines, and are for the Excel of countries that write 1,234.5 ("excel"), 1'234.5 with semicolons between
            values ("excel-semicolon"), or 1.234,5 ("excel-comma": semicolons and decimal commas).
    """
    form = _FORMS[dialect]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=form.separator, lineterminator=form.end)
    for number, row in enumerate(rows):
        writer.writerow([_cell(value, form, header=not number) for value in row])
    return form.mark + out.getvalue()


def _cell(value: object, form: _Form, *, header: bool) -> object:
    if isinstance(value, str):
        return _text(printable(value), form, header=header)
    if isinstance(value, float):
        return plain_float(value).replace(".", form.decimal)
    return "" if value is None else value


def _text(text: str, form: _Form, *, header: bool) -> str:
    formula = text.startswith(FORMULA_START)
    if form.as_text and len(text) <= LONGEST and (formula or (not header and _is_read_otherwise(text))):
        doubled = text.replace('"', '""')
        return f'="{doubled}"'
    return f"'{text}" if formula else text


def _is_read_otherwise(text: str) -> bool:
    """Whether a spreadsheet may take text for a number, a date or a truth."""
    return _DIGIT.search(text) is not None or text.strip().casefold() in _TRUTHS


def plain_float(value: float) -> str:
    """A float in all its digits, without an exponent: 10000000000000000.0, 0.00001."""
    text = repr(value)
    return text if "e" not in text else f"{Decimal(text):f}"
