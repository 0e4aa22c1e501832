"""The hidden sheet that remembers every input as it was when the plan was made: what has been changed since, and by how
many cells, the other sheets say."""

from __future__ import annotations

from optimizer.language.numbers import UNKNOWN
from optimizer.report.workbook.book import Book
from optimizer.report.workbook.cells import Cell, Term, cell

NAME = "As solved"
_FIRST = 5


def edited() -> Cell:
    """How many inputs have been changed."""
    return cell(NAME, 0, 1, 0)


def unusable() -> Cell:
    """How many inputs hold something that is no number."""
    return cell(NAME, 1, 1, 0)


def first_unusable() -> Cell:
    """Where the first of these stands."""
    return cell(NAME, 2, 1, UNKNOWN)


def status(proven: bool) -> Term:
    """One line: whether the workbook still shows the plan as it was made, or what has been typed since."""
    good = "As solved: every input is the plan's" + (", which is proven best." if proven else ".")
    count, first = unusable().text, first_unusable().text
    wrong = f'"No number in "&{count}&" input(s), first in "&{first}&": what depends on it shows –."'
    changed = (
        f'"Edited ("&{edited().text}&"): numbers follow, the choice does not. The plan is no longer proven."'
    )
    return Term(f'IF({unusable().text}>0,{wrong},IF({edited().text}>0,{changed},"{good}"))', good)


def inputs_sheet(book: Book) -> None:
    """Write the sheet, last; every input cell must have been written before."""
    sheet = book.sheet(NAME)
    rows = [_FIRST + i for i in range(len(book.inputs))]
    last = max(rows, default=_FIRST) + 1
    sheet.text(0, 0, "Inputs that were changed")
    sheet.text(1, 0, "Inputs that are no number")
    sheet.text(2, 0, "The first of these")
    sheet.formula(0, 1, Term(f"COUNTIF($E${_FIRST + 1}:$E${last},FALSE)", 0), "count")
    sheet.formula(1, 1, Term(f"COUNTIF($D${_FIRST + 1}:$D${last},FALSE)", 0), "count")
    where = f'IFERROR(INDEX($A${_FIRST + 1}:$A${last},MATCH(FALSE,$D${_FIRST + 1}:$D${last},0)),"{UNKNOWN}")'
    sheet.formula(2, 1, Term(where, UNKNOWN), "text")
    sheet.header(_FIRST - 1, ["Cell", "Now", "As solved", "Can be used", "As it was"])
    for row, written in zip(rows, book.inputs, strict=True):
        sheet.text(row, 0, written.text.replace("'", ""))
        sheet.formula(row, 1, written, "number", num_format="General")
        solved = sheet.value(row, 2, written.value, "number", num_format="General")
        sheet.formula(
            row, 3, Term(f"OR(ISNUMBER({written.text}),{written.text}={solved.text})", True), "text"
        )
        sheet.formula(row, 4, Term(f"{written.text}={solved.text}", True), "text")
    sheet.finish()
    sheet.raw.hide()
