"""Plan -> CSV and a small HTML table for notebooks."""

from __future__ import annotations

from html import escape

from optimizer.plan.plan import Plan
from optimizer.report.layout.csv import Dialect, csv_text
from optimizer.report.layout.parts import Table
from optimizer.report.sections.plan import headline, sections


def plan_csv(plan: Plan, dialect: Dialect = "plain") -> str:
    """One row per line with stable headers; numbers unrounded, unknown ones empty."""
    return csv_text([plan.columns(), *(row.values() for row in plan.records())], dialect)


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
