"""What was read of a file of creators: every column and row accounted for, what is odd, what has to be mended."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from optimizer.language.numbers import number, percent, printable
from optimizer.report.layout.parts import Section, Sentences, Table
from optimizer.roster.result import Column, Dropped, FileRead, Refusal, Roster
from optimizer.scenario.fields import SHARE_FIELDS

MOST_LINES = 12
_ALL = "; --all shows them"
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


def roster_title(roster: Roster) -> str:
    """The name of the file."""
    return printable(roster.file)


def roster_sections(roster: Roster, *, everything: bool = False) -> list[Section]:
    """What was read, most important first.

    Args:
        roster: a file, read.
        everything: every row that was left out, every odd value and duplicate, rather than the first ones.
    """
    most = 10**9 if everything else MOST_LINES
    found: list[Section] = [Sentences("", _lead(roster))]
    if roster.problems:
        lines = [problem_text(problem) for problem in roster.problems[:most]]
        found.append(
            Sentences(
                "To be mended", _cut(lines, len(roster.problems), _ALL), warnings=frozenset(range(len(lines)))
            )
        )
    found.append(columns_table(roster.columns))
    found += left_out(roster.dropped, most, _ALL)
    return found + odd_values(roster.columns, most, _ALL)


def odd_values(columns: Sequence[Column], most: int, hint: str = "") -> list[Section]:
    """Values that can hardly be meant, in the order of the file; nothing where there are none."""
    odd = [(one, column) for column in columns for one in column.odd]
    odd.sort(key=lambda pair: pair[0].line)
    lines = [
        f"line {one.line}, {printable(column.name)}: {printable(one.value)}: {printable(one.why)}"
        for one, column in odd[:most]
    ]
    return [Sentences("Odd values", _cut(lines, len(odd), hint))] if odd else []


def roster_json(roster: Roster) -> str:
    """The same as JSON."""
    data: dict[str, Any] = roster.model_dump(mode="json")
    for problem in data["problems"]:
        del problem["place"]
    return json.dumps(data, indent=2, ensure_ascii=False)


def _lead(roster: Roster) -> list[str]:
    rows = counted_rows(roster.rows)
    parts = ["1 can be an offer" if roster.kept == 1 else f"{number(roster.kept)} can be offers"]
    if roster.dropped:
        parts.append(f"{number(len(roster.dropped))} left out")
    if roster.refused:
        parts.append(f"{number(len(roster.refused))} to be mended")
    lines = [f"{rows}: {', '.join(parts)}.", how_written(roster)]
    used = {column.used_as for column in roster.columns}
    if "platform" not in used and roster.kept:
        lines.append("No column says the platform; say it in the scenario: defaults: {platform: instagram}.")
    return lines


def how_written(file: FileRead) -> str:
    """Encoding, delimiter and place of the headers."""
    how = file.encoding
    if file.delimiter is not None:
        how += f", {_DELIMITERS.get(file.delimiter, repr(file.delimiter))} between cells"
    if file.sheet is not None:
        how += f", sheet {printable(file.sheet)}"
    return f"{how}; headers in line {file.header_line}."


def counted_rows(count: int) -> str:
    """How many rows, in words."""
    return f"{number(count)} {'row' if count == 1 else 'rows'}"


def problem_text(problem: Refusal) -> str:
    """A problem in one line: where, what, how to mend it."""
    column = (
        f", {printable(problem.header)}"
        if problem.header
        else f", column {problem.column}"
        if problem.column and problem.line
        else ""
    )
    place = "" if problem.line is None else f"line {problem.line}{column}: "
    hint = f" ({printable(problem.hint)})" if problem.hint else ""
    return f"{place}{printable(problem.message)}{hint}"


def columns_table(columns: Sequence[Column], title: str = "Columns") -> Table:
    """Every column of a file, those that are used first."""
    used = [column for column in columns if column.used_as is not None]
    rest = [column for column in columns if column.used_as is None]
    rows = [
        [
            printable(column.name) or "(no header)",
            column.used_as or "not used",
            column.format if column.used_as else printable(column.note),
            number(column.values),
            number(column.blanks),
            _sum(column),
        ]
        for column in [*used, *rest]
    ]
    return Table(
        title,
        ("Header", "Used as", "Written in", "Values", "Empty", "Sum, mean"),
        rows,
        (False, False, False, True, True, True),
        note="Sum of amounts, mean of rates.",
    )


def _sum(column: Column) -> str:
    if column.sum is None or not column.values:
        return ""
    if column.used_as in SHARE_FIELDS:
        return percent(column.sum / column.values)
    return number(column.sum)


def left_out(dropped: Sequence[Dropped], most: int, hint: str = "") -> list[Section]:
    """Rows that were left out, with the reason; nothing where there are none."""
    if not dropped:
        return []
    lines = [f"line {one.line}: {printable(one.reason)}" for one in dropped[:most]]
    return [Sentences("Left out", _cut(lines, len(dropped), hint))]


def _cut(lines: list[str], count: int, hint: str) -> list[str]:
    more = count - len(lines)
    return lines if more <= 0 else [*lines, f"and {number(more)} more{hint}"]
