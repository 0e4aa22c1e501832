"""Plan -> text for the terminal: readable at 80 columns, plain when piped."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from optimizer.plan import Plan
from optimizer.report.format import printable
from optimizer.report.sections import Sentences, Table, sections

if TYPE_CHECKING:
    from rich.console import Console

MIN_WIDTH = 80
MAX_WIDTH = 120


def print_plan(plan: Plan, console: Console) -> None:
    """Draw a plan on a rich console."""
    from rich.padding import Padding
    from rich.text import Text

    console.print(Text(printable(plan.scenario.name), style="bold"))
    for number, section in enumerate(sections(plan)):
        if section.title:
            console.print()
            console.print(Text(section.title, style="bold cyan"))
        if isinstance(section, Sentences):
            for position, line in enumerate(section.lines):
                answer = number == 0 and position == 0
                style = "bold green" if answer else "yellow" if line.startswith("warning:") else ""
                console.print(Padding(Text(line, style=style), (0, 0, 0, 0 if number == 0 else 2)))
        else:
            print_table(section, console)


def print_table(section: Table, console: Console) -> None:
    """Draw one table on a rich console."""
    from rich import box
    from rich.padding import Padding
    from rich.table import Table as RichTable
    from rich.text import Text

    table = RichTable(
        box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 0), header_style="dim"
    )
    for name, numeric in zip(section.columns, section.numeric, strict=True):
        table.add_column(Text(name), justify="right" if numeric else "left", overflow="fold", no_wrap=numeric)
    for i, row in enumerate(section.rows):
        table.add_row(*(Text(cell) for cell in row), style="bold" if i in section.strong else "")
    console.print(Padding(table, (0, 0, 0, 2)))
    if section.note:
        console.print(Padding(Text(section.note, style="dim"), (0, 0, 0, 2)))


def plan_text(plan: Plan, width: int = MIN_WIDTH) -> str:
    """The report as plain text of a given width, without colours."""
    from rich.console import Console

    out = io.StringIO()
    console = Console(
        file=out, width=width, color_system=None, force_terminal=False, highlight=False, legacy_windows=False
    )
    print_plan(plan, console)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
