"""What a report is made of: sentences and tables, drawn alike by text, Markdown and HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Table:
    """A table; `numeric` says which columns are right-aligned, `strong` which rows stand out."""

    title: str
    columns: Sequence[str]
    rows: list[list[str]]
    numeric: Sequence[bool]
    strong: frozenset[int] = frozenset()
    note: str = ""
    key: str = ""
    """What it is, for whoever looks for it; a title is for readers."""


@dataclass(frozen=True)
class Sentences:
    """Lines of text under a title; the first of the whole report is the answer."""

    title: str
    lines: list[str] = field(default_factory=list)
    key: str = ""
    """What they are, for whoever looks for them; a title is for readers."""
    warnings: frozenset[int] = frozenset()
    """Which of the lines warn."""


Section = Table | Sentences
