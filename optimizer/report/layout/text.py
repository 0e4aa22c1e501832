"""Any report -> text: readable at 80 columns, plain when piped, coloured on a terminal.

One layout serves both; colour adds nothing but colour.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING
from unicodedata import combining, east_asian_width

from optimizer.language.numbers import printable
from optimizer.report.layout.parts import Section, Sentences, Table

if TYPE_CHECKING:
    pass

MIN_WIDTH = 80
MAX_WIDTH = 120
MAX_LABEL = 36
"""A first column is folded beyond this."""
MIN_TEXT = 12
"""Every other column of text keeps this much room."""
MAX_NUMBER = 30
"""A number with words beside it is folded beyond this."""
INDENT = 2

StyledLine = tuple[str, str]
"""A line and its style: "", "bold", "dim", "yellow", ..."""


def sections_text(title: str, parts: Iterable[Section], width: int = MIN_WIDTH) -> str:
    """Any report as plain text of a given width, without colours."""
    return "".join(f"{line}\n" for line, _ in layout(title, parts, width))


def styled_text(title: str, parts: Iterable[Section], width: int, *, colours: bool) -> str:
    """Any report for a terminal: bold and dim, and colours unless they are not wanted."""
    return "".join(_styled(line, style, colours) + "\n" for line, style in layout(title, parts, width))


def _styled(line: str, style: str, colours: bool) -> str:
    codes = [code for word, code in _CODES.items() if word in style.split() and (colours or code < 10)]
    return f"\x1b[{';'.join(map(str, codes))}m{line}\x1b[0m" if codes and line else line


_CODES = {"bold": 1, "dim": 2, "red": 31, "green": 32, "yellow": 33, "cyan": 36}
"""ANSI codes of the words that a style is made of (ECMA-48, select graphic rendition)."""


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
            for part in _parts(section, width - indent):
                yield from _table(part, width - indent, " " * indent)
            continue
        for position, sentence in enumerate(section.lines):
            answer = number == 0 and position == 0
            style = "bold green" if answer else "yellow" if position in section.warnings else ""
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
    """Column widths: numbers whole, then the first column, then the other text shares what is left.

    Headers are folded where their columns would not fit otherwise; what is still too wide folds the widest column.
    """
    need = _needs(table, MAX_NUMBER)
    if _least(table, need) > room:
        need = _needs(table, MIN_TEXT)
    fixed = sum(w for w, numeric in zip(need, table.numeric, strict=True) if numeric) + len(need) - 1
    texts = [i for i, numeric in enumerate(table.numeric) if not numeric]
    left = room - fixed
    widths = list(need)
    for position, i in enumerate(texts):
        later = sum(min(need[t], MIN_TEXT) for t in texts[position + 1 :])
        most = left - later if position or len(texts) == 1 else min(left - later, MAX_LABEL)
        widths[i] = max(2, min(need[i], most))
        left -= widths[i]
    while sum(widths) + len(widths) - 1 > room and max(widths) > 2:
        widths[widths.index(max(widths))] -= 1
    return widths


def _needs(table: Table, header: int) -> list[int]:
    """Columns that the cells take unfolded, numbers up to `MAX_NUMBER`, headers up to `header`."""
    cells = [max((_cells(row[i]) for row in table.rows), default=0) for i in range(len(table.columns))]
    return [
        max(min(width, MAX_NUMBER), min(_cells(name), header)) if numeric else max(width, _cells(name))
        for name, width, numeric in zip(table.columns, cells, table.numeric, strict=True)
    ]


def _least(table: Table, need: list[int]) -> int:
    """Columns that the table takes at least, text folded."""
    least = [w if numeric else min(w, MIN_TEXT) for w, numeric in zip(need, table.numeric, strict=True)]
    return sum(least) + len(least) - 1


def _parts(table: Table, room: int) -> list[Table]:
    """A table with more numbers than fit side by side, as several below each other, each with the first column."""
    if _least(table, _needs(table, MIN_TEXT)) <= room:
        return [table]
    groups: list[list[int]] = [[0]]
    for i in range(1, len(table.columns)):
        wider = _part(table, [*groups[-1], i])
        if len(groups[-1]) > 1 and _least(wider, _needs(wider, MIN_TEXT)) > room:
            groups.append([0])
        groups[-1].append(i)
    parts = [_part(table, group) for group in groups]
    return [*(replace(part, note="") for part in parts[:-1]), parts[-1]]


def _part(table: Table, chosen: list[int]) -> Table:
    """The table with some of its columns."""
    return replace(
        table,
        columns=[table.columns[i] for i in chosen],
        rows=[[row[i] for i in chosen] for row in table.rows],
        numeric=[table.numeric[i] for i in chosen],
    )


def _wrapped(text: str, width: int) -> list[str]:
    if _cells(text) <= width:
        return [text]
    # a leading indent belongs to every line of a label
    lead = text[: len(text) - len(text.lstrip())] if len(text) - len(text.lstrip()) < width // 2 else ""
    if _cells(text) == len(text):
        return textwrap.wrap(text, max(1, width), subsequent_indent=lead, break_on_hyphens=False) or [""]
    return _wrapped_wide(text, max(2, width), lead)


def _wrapped_wide(text: str, width: int, lead: str) -> list[str]:
    """The same for text with wide characters, counted in columns of the terminal."""
    lines, line = [], ""
    for word in re.findall(r"\s*\S+", text):
        if line.strip() and _cells(line + word) > width:
            lines.append(line)
            line, word = lead, word.lstrip()
        for character in word:
            if line.strip() and _cells(line + character) > width:
                lines.append(line)
                line = lead
            line += character
    return [*lines, line]


def _aligned(text: str, width: int, *, right: bool) -> str:
    space = " " * max(0, width - _cells(text))
    return space + text if right else text + space


def _cells(text: str) -> int:
    """Columns a text takes on a terminal; wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)
