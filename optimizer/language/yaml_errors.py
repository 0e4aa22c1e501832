"""What libyaml says about a text that is not YAML, in a planner's words: what, where, how to mend it."""

from __future__ import annotations

import re
from typing import Any

LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_CLOSING = {"[": "]", "{": "}"}

Explained = tuple[str, str, tuple[int | None, int | None]]
"""Message, hint, (1-based line, 1-based column)."""


def explain(error: Any, text: str) -> Explained:
    """A `yaml.MarkedYAMLError` of libyaml's parser as a message for the user.

    Args:
        error: the error; its marks count from 0.
        text: what was parsed.
    """
    lines = LINE_BREAK.split(text)
    problem: str = error.problem or "unknown"
    context: str = error.context or ""
    mark, start = error.problem_mark, error.context_mark
    if mark is None:
        return f"this is not valid YAML: {problem}", "", (None, None)
    line = lines[mark.line] if mark.line < len(lines) else ""
    before, rest = line[: mark.column], line[mark.column :]
    here = (mark.line + 1, mark.column + 1)
    opened = (start.line + 1, start.column + 1) if start is not None else here

    if "cannot start any token" in problem or "tab character" in problem:
        if rest.startswith("\t") or "\t" in before[: len(before) - len(before.lstrip())]:
            return "the line is indented with a tab", "indent with spaces", here
        return _needs_quotes(rest, here)
    if "alphabetic or numeric character" in problem:  # *best* is read as the alias "best"
        return _needs_quotes(lines[opened[0] - 1][opened[1] - 1 :], opened)
    if "mapping values are not allowed" in problem:
        if ": " in before:
            return "a second colon stands in this line", "text with a colon needs quotes", here
        return (
            "this key does not fit the line above",
            "indent the keys of one mapping alike",
            _first(line, here),
        )
    if "could not find expected ':'" in problem:
        return "a key without a value stands here", "write key: value, with a space after the colon", opened
    if "flow mapping" in context or "flow sequence" in context:
        bracket = "{" if "mapping" in context else "["
        closing = _CLOSING[bracket]
        if "node content" in problem:
            return f"a value is missing between {bracket} and {closing}", "", here
        if mark.line + 1 > opened[0]:
            return f"this {bracket} is not closed", f"add {closing}", opened
        return f"a comma or {closing} is missing here", f"the {bracket} stands in column {opened[1]}", here
    if "unexpected end of stream" in problem:
        quote = lines[opened[0] - 1][opened[1] - 1 : opened[1]]
        return f"this {quote} is not closed", f"add {quote} at the end of the text", opened
    if "escape character" in problem or "escape code" in problem:
        return "a \\ inside double quotes means something else", "write \\\\, or use single quotes", here
    if "block sequence entries are not allowed" in problem:
        return "a list cannot start in the line of its key", "write the dash in the next line", here
    if problem.startswith("did not find expected"):  # '-' indicator, key, node content, <document start>
        if rest[:1] in ("]", "}"):
            return f"this {rest[0]} closes nothing", "remove it", here
        if before.rstrip().endswith(("'", '"')) and rest.strip():
            quote = before.rstrip()[-1]
            how = "write it twice: ''" if quote == "'" else 'write it as \\"'
            return (
                f"text goes on after the closing {quote}",
                f"where {quote} is part of the text, {how}",
                here,
            )
        return "this line does not fit the lines above", "indent the items of one list or mapping alike", here
    if "incompatible" in problem or "%YAML" in problem:
        return "this version of YAML is not known", "remove the line that begins with %", here
    if "undefined tag handle" in problem:
        return "tags (words that begin with !) are not allowed", "put the text in quotes", here
    return f"this is not valid YAML: {problem}", "", here


def _needs_quotes(rest: str, here: tuple[int, int]) -> Explained:
    word = re.match(r"[^,\]}#]*", rest)
    shown = (word[0].strip() if word else rest)[:40].replace("'", "''")
    return f"text cannot begin with {rest[:1]} without quotes", f"write '{shown}'", here


def _first(line: str, here: tuple[int, int]) -> tuple[int, int]:
    """The first character of a line that is not blank."""
    return here[0], len(line) - len(line.lstrip()) + 1
