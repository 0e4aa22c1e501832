"""Plan -> CSV and a small HTML table for notebooks."""

from __future__ import annotations

import csv
import io
from html import escape

from optimizer.plan import Plan
from optimizer.report.format import printable
from optimizer.report.parts import Table
from optimizer.report.sections import headline, sections

_FORMULA_START = tuple("=+-@＝＋－＠")  # spreadsheets take wide ones for formulas too, where Japanese is set


def plan_csv(plan: Plan) -> str:
    """One row per line with stable headers; numbers unrounded, unknown ones empty.

    Text that a spreadsheet would take for a formula gets a leading apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(csv_cell(name) for name in plan.columns())
    for row in plan.records():
        writer.writerow(csv_cell(value) for value in row.values())
    return out.getvalue()


def csv_cell(value: object) -> object:
    """A value as it stands in a CSV file: text without control characters and without formulas, unknown empty."""
    if isinstance(value, str):
        value = printable(value)
        return f"'{value}" if value.startswith(_FORMULA_START) else value
    return "" if value is None else value


def table_html(plan: Plan) -> str:
    """The answer and the lines as an HTML fragment; all text escaped."""
    table = next((s for s in sections(plan) if isinstance(s, Table) and s.title == "Plan"), None)
    head = f"<p><strong>{escape(headline(plan))}</strong></p>"
    if table is None:
        return head
    cells = "".join(f"<th>{escape(name)}</th>" for name in table.columns)
    body = ""
    for row in table.rows:
        aligned = (
            f'<td style="text-align:{"right" if numeric else "left"}">{escape(cell)}</td>'
            for cell, numeric in zip(row, table.numeric, strict=True)
        )
        body += f"<tr>{''.join(aligned)}</tr>"
    return f"{head}<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table><p>{escape(table.note)}</p>"
