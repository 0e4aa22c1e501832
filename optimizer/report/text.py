"""Any report -> text: readable at 80 columns, plain when piped, coloured on a terminal.

One layout serves both; rich only adds colour (and honours NO_COLOR), so that a piped plan does not wait for it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from unicodedata import combining, east_asian_width

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
INDENT = 2

StyledLine = tuple[str, str]
"""A line and its style: "", "bold", "dim", "yellow", ..."""


def plan_text(plan: Plan, width: int = MIN_WIDTH) -> str:
    """The report as plain text of a given width, without colours."""
    return sections_text(plan.scenario.name, sections(plan), width)


def sections_text(title: str, parts: Iterable[Section], width: int = MIN_WIDTH) -> str:
    """Any report as plain text of a given width, without colours."""
    return "".join(f"{line}\n" for line, _ in layout(title, parts, width))


def print_sections(title: str, parts: Iterable[Section], console: Console) -> None:
    """Any report on a terminal, with colours."""
    from rich.text import Text

    for line, style in layout(title, parts, console.width):
        console.print(Text(line, style=style), no_wrap=True, overflow="ignore", crop=False)


def layout(title: str, parts: Iterable[Section], width: int) -> Iterator[StyledLine]:
    """Lines of a report: the title, the answer in the first line below it, then section by section."""
    if title:
        yield printable(title), "bold"
    for number, section in enumerate(parts):
        if section.title:
            yield "", ""
            yield section.title, "bold cyan"
        indent = INDENT if number or not isinstance(section, Sentences) else 0
        if isinstance(section, Table):
            yield from _table(section, width - indent, " " * indent)
            continue
        for position, sentence in enumerate(section.lines):
            answer = number == 0 and position == 0
            style = "bold green" if answer else "yellow" if sentence.startswith("warning:") else ""
            for line in _wrapped(sentence, width - indent):
                yield " " * indent + line, style


def _table(table: Table, room: int, indent: str) -> Iterator[StyledLine]:
    widths = _widths(table, room)

    def drawn(cells: Iterable[str]) -> Iterator[str]:
        columns = [_wrapped(cell, width) for cell, width in zip(cells, widths, strict=True)]
        for i in range(max(len(column) for column in columns)):
            parts = [
                _aligned(column[i] if i < len(column) else "", width, right=numeric)
                for column, width, numeric in zip(columns, widths, table.numeric, strict=True)
            ]
            yield (indent + " ".join(parts)).rstrip()

    yield from ((line, "dim") for line in drawn(table.columns))
    yield indent + "─" * (sum(widths) + len(widths) - 1), "dim"
    for i, row in enumerate(table.rows):
        yield from ((line, "bold" if i in table.strong else "") for line in drawn(row))
    if table.note:
        yield from ((indent + line, "dim") for line in _wrapped(table.note, room))


def _widths(table: Table, room: int) -> list[int]:
    """Column widths: numbers whole, then the first column, then the other text shares what is left."""
    need = [
        max(_cells(name), *(_cells(row[i]) for row in table.rows)) for i, name in enumerate(table.columns)
    ]
    fixed = sum(w for w, numeric in zip(need, table.numeric, strict=True) if numeric) + len(need) - 1
    texts = [i for i, numeric in enumerate(table.numeric) if not numeric]
    left = room - fixed
    widths = list(need)
    for position, i in enumerate(texts):
        later = sum(min(need[t], MIN_TEXT) for t in texts[position + 1 :])
        most = left - later if position or len(texts) == 1 else min(left - later, MAX_LABEL)
        widths[i] = max(1, min(need[i], most))
        left -= widths[i]
    return widths


def _wrapped(text: str, width: int) -> list[str]:
    if _cells(text) <= width:
        return [text]
    # a leading indent belongs to every line of a label
    lead = text[: len(text) - len(text.lstrip())] if len(text) - len(text.lstrip()) < width // 2 else ""
    return textwrap.wrap(text, max(1, width), subsequent_indent=lead, break_on_hyphens=False) or [""]


def _aligned(text: str, width: int, *, right: bool) -> str:
    space = " " * max(0, width - _cells(text))
    return space + text if right else text + space


def _cells(text: str) -> int:
    """Columns a text takes on a terminal; wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)
