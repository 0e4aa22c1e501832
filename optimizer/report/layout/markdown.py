"""Any report -> GitHub-flavoured Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable

from optimizer.language.numbers import printable
from optimizer.report.layout.parts import Section, Sentences


def sections_markdown(title: str, content: Iterable[Section]) -> str:
    """Any report as GitHub-flavoured Markdown."""
    parts = [f"# {escape(printable(title))}"]
    for number, section in enumerate(content):
        if section.title:
            parts.append(f"## {escape(section.title)}")
        if isinstance(section, Sentences):
            lines = [escape(line) for line in section.lines]
            if number == 0:
                parts.append("\n\n".join([f"**{lines[0]}**", *lines[1:]]))
            else:
                parts.append("\n".join(f"- {line}" for line in lines))
            continue
        header = "| " + " | ".join(escape(name) for name in section.columns) + " |"
        rule = "|" + "|".join("---:" if numeric else "---" for numeric in section.numeric) + "|"
        rows = []
        for i, row in enumerate(section.rows):
            cells = [escape(cell) for cell in row]
            rows.append(
                "| " + " | ".join(f"**{c}**" if i in section.strong and c else c for c in cells) + " |"
            )
        parts.append("\n".join([header, rule, *rows]))
        if section.note:
            parts.append(escape(section.note))
    return "\n\n".join(parts) + "\n"


def escape(text: str) -> str:
    """Text that Markdown shows as it is."""
    text = re.sub(r"([\\`*_{}\[\]<>|#~&])", r"\\\1", text)
    return re.sub(r"^(\s*\d*)([-+.)])(?=\s|$)", r"\1\\\2", text)  # what would begin a list
