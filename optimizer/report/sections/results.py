"""What was read of files of results: every column and row accounted for, and what is odd."""

from __future__ import annotations

from optimizer.language.numbers import number, printable
from optimizer.report.layout.parts import Section, Sentences
from optimizer.report.sections.roster import (
    MOST_LINES,
    columns_table,
    counted_rows,
    how_written,
    left_out,
    odd_values,
)
from optimizer.results.result import ResultsAccount, ResultsFile


def results_sections(account: ResultsAccount, *, everything: bool = False) -> list[Section]:
    """What was read of each file, in the order they were given.

    Args:
        account: of the files.
        everything: every row that was left out and every odd value, rather than the first ones.
    """
    most = 10**9 if everything else MOST_LINES
    found: list[Section] = []
    for file in account.files:
        found.append(Sentences(printable(file.file), _lead(file, account.currency)))
        found.append(columns_table(file.columns))
        found += left_out(file.dropped, most)
        found += odd_values(file.columns, most)
    return found


def results_line(file: ResultsFile) -> str:
    """A file in one line: how many of its rows are results."""
    parts = [f"{number(file.kept)} of {counted_rows(file.rows)} are results"]
    if file.dropped:
        parts.append(f"{number(len(file.dropped))} left out")
    if file.not_delivered:
        parts.append(f"{number(file.not_delivered)} not delivered")
    return f"{printable(file.file)}: {', '.join(parts)}"


def _lead(file: ResultsFile, currency: str | None) -> list[str]:
    parts = ["all are results" if file.kept == file.rows else f"{number(file.kept)} are results"]
    if file.dropped:
        parts.append(f"{number(len(file.dropped))} left out")
    if file.not_delivered:
        parts.append(f"{number(file.not_delivered)} of nothing delivered")
    lines = [f"{counted_rows(file.rows)}: {', '.join(parts)}.", how_written(file)]
    if currency is not None and any(column.used_as in ("paid", "revenue") for column in file.columns):
        lines.append(f"Money is in {currency}.")
    return lines
