"""A workbook and its sheets: styles, number formats, safe text, widths, print set-up; the only user of XlsxWriter."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from optimizer.language.numbers import UNKNOWN, money_digits, printable
from optimizer.report.workbook.cells import Cell, Range, Term, Value, address, cell, prefix, shown

INK, MUTED, ACCENT, LINE = "#1B2733", "#5B6875", "#17495E", "#B8C4CC"
HEAD, BAND, INPUT, INPUT_INK = "#17495E", "#EDF2F4", "#FFF6CC", "#1D4E9E"
GOOD, BAD, EDITED = ("#1E6B3C", "#DDF2E3"), ("#A32020", "#FBE0DE"), ("#8A5A00", "#FFE3A3")
SERIES = ("#17495E", "#4E9AA8", "#E0A030", "#B5523B", "#7A6C9D")
FONT = "Calibri"
LONGEST_TEXT = 2000
"""Characters of a text from a file that a cell shows."""
_NOT_IN_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")


def safe(text: str) -> str:
    """Text from a file without what steers a reader's screen or breaks a workbook."""
    text = _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", printable(text))
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def sheet_name(text: str, taken: Sequence[str]) -> str:
    """A name that sheets may have: at most 31 characters, none of []:*?/\\, not taken yet."""
    wanted = _NOT_IN_NAMES.sub(" ", safe(text)).strip("' ") or "Sheet"
    used = {name.casefold() for name in (*taken, "History")}
    name, copy = wanted[:31].rstrip("' "), 2
    while name.casefold() in used:
        ending = f" ({copy})"
        name, copy = wanted[: 31 - len(ending)].rstrip("' ") + ending, copy + 1
    return name


class Style:
    """Number formats by what is counted; money in one currency.

    Attributes:
        currency: of money.
    """

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self._code = f"[${currency}] " if re.fullmatch(r"[A-Z]{3}", currency) else ""
        self._cents = money_digits([0.5], currency)

    def format(self, kind: str, values: Sequence[Value] = ()) -> str:
        """The number format of a kind of value.

        Args:
            kind: money, price (per something), axis (round money), digits_N or digits_N_money (so many decimals),
                share, rate, hours, count, big, number or text; change_KIND for the same with a sign.
            values: what will be shown, where decimals depend on it.
        """
        if kind.startswith("change_"):
            plain = self.format(kind.removeprefix("change_"), values)
            return f"+{plain};-{plain};0"
        numbers = [abs(v) for v in values if isinstance(v, int | float) and v]
        if kind == "money":
            return f"{self._code}#,##0{_decimals(self._cents)}"
        if kind == "axis":
            return f"{self._code}#,##0{_decimals(self._cents if any(v != round(v) for v in numbers) else 0)}"
        if kind.startswith("digits_"):  # digits_2, digits_2_money
            _, decimals, *money = kind.split("_")
            return f"{self._code if money else ''}#,##0{_decimals(int(decimals))}"
        if kind == "price":
            smallest = min(numbers, default=1.0)
            digits = max(self._cents, 0 if smallest >= 100 else 2 if smallest >= 0.5 else 4)
            return f"{self._code}#,##0{_decimals(digits)}"
        if kind == "share":
            return "0.0%"
        if kind == "rate":
            return "0.00%"
        if kind == "hours":
            return "#,##0.0"
        if kind == "count":
            return "#,##0" if all(v == round(v) for v in numbers) else "#,##0.00"
        if kind == "big":
            size = max(numbers, default=0.0)
            return f"#,##0{_decimals(0 if size >= 1000 else 1 if size >= 10 else 3)}"
        if kind == "number":
            return "#,##0.######" if any(v != round(v) for v in numbers) else "#,##0"
        return "General"


def _decimals(digits: int) -> str:
    return "." + "0" * digits if digits else ""


class Book:
    """A workbook in memory. Equal content gives equal bytes: it carries no date."""

    def __init__(self, currency: str, title: str, footer: str) -> None:
        import xlsxwriter  # type: ignore[import-untyped]

        self.style = Style(currency)
        self.title, self.footer = safe(title), safe(footer)
        self._buffer = io.BytesIO()
        self.file = xlsxwriter.Workbook(self._buffer, {"in_memory": True})
        self.file.set_properties(
            {"title": self.title[:200], "created": datetime(2000, 1, 1), "comments": self.footer[:200]}
        )
        self.file.set_size(2600, 1600)
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self.names: list[str] = []
        self.inputs: list[Cell] = []

    def sheet(self, name: str, *, portrait: bool = False) -> Sheet:
        """A new sheet, after the others."""
        name = sheet_name(name, self.names)
        self.names.append(name)
        return Sheet(self, name, portrait)

    def format(self, **properties: Any) -> Any:
        """The format with these properties, made once."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            base = {"font_name": FONT, "font_size": 10, "font_color": INK, "valign": "vcenter"}
            self._formats[key] = self.file.add_format(base | properties)
        return self._formats[key]

    def tint(self, ink: str, ground: str) -> Any:
        """The colours of a conditional format, which leaves the rest of a cell's format alone."""
        key = (("bg_color", ground), ("font_color", ink), ("tint", True))
        if key not in self._formats:
            self._formats[key] = self.file.add_format({"font_color": ink, "bg_color": ground})
        return self._formats[key]

    def content(self) -> bytes:
        """The finished file."""
        self.file.close()
        return self._buffer.getvalue()


class Sheet:
    """One sheet. Rows and columns count from 0; every cell that is written is returned, for formulas.

    A sheet with conditional formats gets no print area: LibreOffice 7.4 may crash when it prints one that has both.
    """

    def __init__(self, book: Book, name: str, portrait: bool) -> None:
        self.book, self.name, self.style = book, name, book.style
        self.raw = book.file.add_worksheet(name)
        self._widths: dict[int, float] = {}
        self._needed: dict[int, float] = {}  # for numbers alone, which show as ### where there is no room
        self._truths: dict[int, list[int]] = {}
        self.raw.hide_gridlines(2)
        self.raw.set_paper(9)  # A4
        self.raw.set_portrait() if portrait else self.raw.set_landscape()
        self.raw.set_margins(left=0.5, right=0.5, top=0.75, bottom=0.7)
        self.raw.fit_to_pages(1, 0)
        # a space: a text that begins with a digit would be read on as the size of its letters
        self.raw.set_header(f"&L&9 {_coded(book.title, 100)}&R&9 {_coded(name, 40)}")
        self.raw.set_footer(f"&L&8 {_coded(book.footer, 150)}&R&8Page &P of &N")

    # --- text ----------------------------------------------------------------------------------------

    def text(self, row: int, column: int, text: str, *, runs_on: bool = False, **look: Any) -> Cell:
        """Text, never read as a formula, whatever it begins with; `runs_on` over empty cells beside it."""
        text = safe(text)
        self.raw.write_string(row, column, text, self.book.format(**look))
        if not look.get("text_wrap") and not runs_on:
            self._fit(column, text, look)
        return cell(self.name, row, column, text)

    def title(self, text: str, subtitle: str = "") -> None:
        """The title in the first row, a line under it in the second."""
        self.raw.set_row(0, 26)
        self.text(0, 0, text, runs_on=True, font_size=18, bold=True, font_color=ACCENT)
        self.text(1, 0, subtitle, runs_on=True, font_color=MUTED)

    def status(self, row: int, term: Term, *, tinted: bool = True) -> Cell:
        """A line that says whether all is well: green, red where something is FALSE, amber where edited.

        Not `tinted` on a sheet with a print area.
        """
        written = self.formula(row, 0, term, "text", align="left", bold=True)
        if not tinted:
            return written
        for begins, (ink, ground) in (("All", GOOD), ("As", GOOD), ("Edited", EDITED), ("", BAD)):
            test = f'=LEFT({address(row, 0, fixed=True)},{len(begins)})="{begins}"'
            rule = {
                "type": "formula",
                "criteria": test,
                "format": self.book.tint(ink, ground),
                "stop_if_true": True,
            }
            self.raw.conditional_format(row, 0, row, 0, rule)
        return written

    def heading(self, row: int, text: str, note: str = "") -> None:
        """A heading over a table, and a line under it."""
        self.raw.set_row(row, 20)
        self.text(row, 0, text, runs_on=True, font_size=12, bold=True, font_color=ACCENT)
        if note:
            self.text(row + 1, 0, note, runs_on=True, font_color=MUTED, italic=True)

    def line(self, row: int, text: str, columns: int, width: int, **look: Any) -> None:
        """A sentence across so many columns, as high as it needs at that width in characters."""
        text = safe(text)
        look = {"text_wrap": True, "valign": "top"} | look
        size = int(look.get("font_size", 10))  # type: ignore[call-overload]
        rows = max(1, -(-len(text) * size // (width * 10)))
        self.raw.merge_range(row, 0, row, columns - 1, "", self.book.format(**look))
        self.raw.write_string(row, 0, text, self.book.format(**look))
        self.raw.set_row(row, (1.4 * size) * rows + 2)

    def header(
        self, row: int, labels: Sequence[str], column: int = 0, *, left: Sequence[int] = (0,), lines: int = 1
    ) -> None:
        """Column headers.

        Args:
            row: row.
            labels: one for each column.
            column: first column.
            left: labels that stand over text, counted from 0; the others are right-aligned.
            lines: lines of text in the row; words are then broken between.
        """
        for i, label in enumerate(labels):
            look = {"bold": True, "font_color": "#FFFFFF", "bg_color": HEAD, "text_wrap": lines > 1}
            align = "left" if i in left else "right"
            look |= {"indent": 1} if i in left and i else {}
            self.raw.write_string(row, column + i, safe(label), self.book.format(**look, align=align))
            longest = len(label) if lines == 1 else max((len(word) for word in label.split()), default=1)
            room = min(max(longest, -(-len(label) // lines)) * 1.15 + 1.5, 24)
            self._widths[column + i] = max(self._widths.get(column + i, 0), room)
        self.raw.set_row(row, 14.0 * lines + 4)

    # --- numbers -------------------------------------------------------------------------------------

    def value(self, row: int, column: int, value: Value, kind: str = "number", **look: Any) -> Cell:
        """A constant; what is not known is shown as a dash."""
        form = self._form(kind, [value], look)
        if value is None or (isinstance(value, str) and value == UNKNOWN):
            self.raw.write_string(row, column, UNKNOWN, form)
            value = None
        elif isinstance(value, bool):
            self.raw.write_boolean(row, column, value, form)
        elif isinstance(value, str):
            return self.text(row, column, value, **look)
        else:
            self.raw.write_number(row, column, value, form)
        self._fit_number(column, [value], kind, look)
        return cell(self.name, row, column, value)

    def input(
        self, row: int, column: int, value: Value, kind: str = "number", *, signed: bool = False, **look: Any
    ) -> Cell:
        """A constant that a reader may change: yellow and blue; not below 0 unless `signed`."""
        written = self.value(
            row,
            column,
            value,
            kind,
            bg_color=INPUT,
            font_color=INPUT_INK,
            border=1,
            border_color=LINE,
            **look,
        )
        allowed = {"share": (0, 1), "rate": (0, 1)}.get(kind)
        rule: dict[str, Any] | None = None
        if allowed:
            rule = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1,
                    "error_message": "A share lies between 0 % and 100 %."}  # fmt: skip
        elif kind in ("count", "money", "price", "hours") and not signed:
            rule = {"validate": "decimal", "criteria": ">=", "value": 0, "error_message": "Not below 0."}
        self.book.inputs.append(written)
        if rule:
            self.raw.data_validation(row, column, row, column, rule | {"error_title": "This number"})
        return written

    def formula(
        self, row: int, column: int, term: Term, kind: str = "number", *, guard: bool = False, **look: Any
    ) -> Cell:
        """A live formula with the value it has now.

        Args:
            row, column: place.
            term: formula and value.
            kind: number format, see `Style.format`.
            guard: show a dash where the formula comes to no number, as when it divides by 0.
            look: further properties of the format.
        """
        text = term.text.replace(prefix(self.name), "")
        if guard:
            text = f'IFERROR({text},"{UNKNOWN}")'
        form = self._form(kind, [term.value], look)
        self.raw.write_formula(row, column, "=" + text, form, shown(term))
        if isinstance(term.value, str):
            self._fit(column, term.value, look)
        else:
            self._fit_number(column, [term.value], kind, look)
        return cell(self.name, row, column, term.value)

    def column(
        self,
        row: int,
        column: int,
        terms: Sequence[Term],
        kind: str = "number",
        *,
        guard: bool = False,
        spare: int = 0,
        **look: Any,
    ) -> Range:
        """Formulas one below the other, with one number format and alike in being guarded; see `Range.spare`."""
        guard = guard or any(term.value is None for term in terms)
        look = look | {"num_format": self.style.format(kind, [term.value for term in terms])}
        cells = [
            self.formula(row + i, column, term, kind, guard=guard, **look) for i, term in enumerate(terms)
        ]
        return Range(cells, spare)

    def truth(self, row: int, column: int, term: Term, **look: Any) -> Cell:
        """A formula that is TRUE or FALSE, green or red."""
        written = self.formula(row, column, term, "text", align="center", **look)
        self._truths.setdefault(column, []).append(row)
        return written

    # --- the sheet as a whole ------------------------------------------------------------------------

    def finish(self, **fixed: float) -> None:
        """Set the widths of columns to what has been written, or as given by letter, and colour yes and no.

        Widths that are given grow where a number needs more.
        """
        for column, rows in self._truths.items():
            for first, last in _runs(rows):
                for test, (ink, ground) in (("{}", GOOD), ("NOT({})", BAD)):
                    formula = "=" + test.format(address(first, column))
                    rule = {"type": "formula", "criteria": formula, "format": self.book.tint(ink, ground)}
                    self.raw.conditional_format(first, column, last, column, rule)
        self._truths.clear()
        for column, width in self._widths.items():
            self.raw.set_column(column, column, min(max(width, 6), 60))
        for letters, width in fixed.items():
            column = ord(letters) - ord("A")
            self.raw.set_column(column, column, max(width, self._needed.get(column, 0)))

    def _form(self, kind: str, values: Sequence[Value], look: dict[str, Any]) -> Any:
        look = {"align": "right", "num_format": self.style.format(kind, values)} | look
        return self.book.format(**look)

    def _fit_number(self, column: int, values: Sequence[Value], kind: str, look: dict[str, Any]) -> None:
        pattern = str(look.get("num_format") or self.style.format(kind, values))
        digits = len(re.sub(r"^.*?#,##0", "", pattern.split(";")[0])) if "#,##0" in pattern else 2
        code = 4 if "[$" in pattern else 0
        for value in values:
            if isinstance(value, int | float) and not isinstance(value, bool):
                size = abs(value) * (100 if "%" in pattern else 1)
                length = (len(f"{size:,.0f}") + digits + code + (value < 0 or "+" in pattern)) * 1.1 + 1
                self._widths[column] = max(self._widths.get(column, 0), min(length, 30))
                # words of a format, such as "max ", stand before the number
                length += max((len(word) for word in re.findall(r'"([^"]*)"', pattern)), default=0)
                self._needed[column] = max(self._needed.get(column, 0), min(length, 30))
            else:
                self._widths[column] = max(self._widths.get(column, 0), 7)

    def _fit(self, column: int, text: str, look: dict[str, Any]) -> None:
        width = len(text) * look.get("font_size", 10) / 10 * (1.15 if look.get("bold") else 1.05) + 1
        self._widths[column] = max(self._widths.get(column, 0), min(width, 46))


def _runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of each run of neighbouring rows."""
    runs: list[tuple[int, int]] = []
    for row in sorted(rows):
        if runs and row == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return runs


def _coded(text: str, longest: int) -> str:
    """Text in a header or footer, where & begins a code."""
    return text[:longest].replace("&", "&&")
