"""Plan -> text for the terminal: readable at 80 columns, plain when piped."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

from optimizer.plan import Plan
from optimizer.report.format import printable
from optimizer.report.parts import Section, Sentences, Table
from optimizer.report.sections import sections

if TYPE_CHECKING:
    from rich.console import Console

MIN_WIDTH = 80
MAX_WIDTH = 120
MAX_LABEL = 36
"""A first column is folded beyond this."""
MIN_TEXT = 12
"""Every other column of text keeps this much room."""


def print_plan(plan: Plan, console: Console) -> None:
    """Draw a plan on a rich console."""
    print_sections(plan.scenario.name, sections(plan), console)


def print_sections(title: str, parts: Iterable[Section], console: Console) -> None:
    """Draw a report: the title, the answer in its first line, then section by section."""
    from rich.padding import Padding
    from rich.text import Text

    console.print(Text(printable(title), style="bold"))
    for number, section in enumerate(parts):
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
    for name, numeric, width in zip(
        section.columns, section.numeric, _widths(section, console.width - 2), strict=True
    ):
        table.add_column(Text(name), justify="right" if numeric else "left", overflow="fold", width=width)
    for i, row in enumerate(section.rows):
        table.add_row(*(Text(cell) for cell in row), style="bold" if i in section.strong else "")
    console.print(Padding(table, (0, 0, 0, 2)))
    if section.note:
        console.print(Padding(Text(section.note, style="dim"), (0, 0, 0, 2)))


def _widths(section: Table, room: int) -> list[int]:
    """Column widths: numbers whole, then the first column, then the other text shares what is left."""
    need = [max(len(name), *(len(row[i]) for row in section.rows)) for i, name in enumerate(section.columns)]
    fixed = sum(w for w, numeric in zip(need, section.numeric, strict=True) if numeric) + len(need) - 1
    texts = [i for i, numeric in enumerate(section.numeric) if not numeric]
    left = room - fixed
    widths = list(need)
    for position, i in enumerate(texts):
        later = sum(min(need[t], MIN_TEXT) for t in texts[position + 1 :])
        most = left - later if position or len(texts) == 1 else min(left - later, MAX_LABEL)
        widths[i] = max(1, min(need[i], most))
        left -= widths[i]
    return widths


def plan_text(plan: Plan, width: int = MIN_WIDTH) -> str:
    """The report as plain text of a given width, without colours."""
    return sections_text(plan.scenario.name, sections(plan), width)


def sections_text(title: str, parts: Iterable[Section], width: int = MIN_WIDTH) -> str:
    """Any report as plain text of a given width, without colours."""
    from rich.console import Console

    out = io.StringIO()
    console = Console(
        file=out, width=width, color_system=None, force_terminal=False, highlight=False, legacy_windows=False
    )
    print_sections(title, parts, console)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
