"""Data -> the text of a scenario file with comments, in the style of the shipped scenarios.

Text from elsewhere is quoted wherever it could be taken for anything but itself, by our reader or by another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from optimizer.language.quantities import could_be_two_numbers, plain

WIDTH = 100
"""A list or mapping that fits in so many characters stands in one line."""
_PLAIN = re.compile(r"[A-Za-z_]([A-Za-z0-9_ ./()%+-]*[A-Za-z0-9_.)%])?|\d{4}-\d\d-\d\d|\d[\d.]*% of \w+")
_WORDS = frozenset(["true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf"])


def scalar(value: Any) -> str:
    """One value as it stands in a YAML file."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        text = plain(value) if isinstance(value, float) else str(value)
        if could_be_two_numbers(text):
            return f"{text}0"
        # from here on a float is no longer the whole number that its digits spell
        return (
            f"{text}.0"
            if isinstance(value, float) and abs(value) >= 1e15 and text.lstrip("-").isdigit()
            else text
        )
    text = str(value)
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return f'"{"".join(_escaped(character) for character in text)}"'


def comment(text: str) -> str:
    """Text for a comment: one line, no character that steers a terminal or turns the reading direction."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def mapping_lines(data: Mapping[str, Any], indent: int = 0) -> list[str]:
    """The lines of a mapping in block style, what is short within it in one line."""
    space = " " * indent
    lines = []
    for name, value in data.items():
        key = str(name) if str(name).isdigit() else scalar(str(name))
        short = _flow(value)
        if short is not None and (not value or len(short) + len(key) + indent <= WIDTH):
            lines.append(f"{space}{key}: {short}")
        elif isinstance(value, Mapping):
            lines += [f"{space}{key}:", *mapping_lines(value, indent + 2)]
        elif isinstance(value, list | tuple):
            lines += [f"{space}{key}:", *list_lines(value, indent + 2)]
        else:
            lines.append(f"{space}{key}: {scalar(value)}")
    return lines


def list_lines(items: Sequence[Any], indent: int) -> list[str]:
    """The lines of a list in block style."""
    space = " " * indent
    lines = []
    for item in items:
        short = _flow(item)
        if short is not None and (not item or len(short) + indent <= WIDTH):
            lines.append(f"{space}- {short}")
        elif isinstance(item, Mapping):
            first, *rest = mapping_lines(item, indent + 2)
            gap = [""] if lines and len(rest) > 2 else []
            lines += [*gap, f"{space}- {first.lstrip(' ')}", *rest]
        elif isinstance(item, list | tuple):
            lines += [f"{space}-", *list_lines(item, indent + 2)]
        else:
            lines.append(f"{space}- {scalar(item)}")
    return lines


def _flow(value: Any) -> str | None:
    """A value in one line, None for a mapping or list that holds others."""
    if isinstance(value, Mapping):
        if any(isinstance(v, Mapping | list | tuple) and v for v in value.values()):
            return None
        pairs = (f"{k if str(k).isdigit() else scalar(str(k))}: {_flow(v)}" for k, v in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list | tuple):
        if any(isinstance(v, list | tuple) and v for v in value):
            return None
        parts = [_flow(v) for v in value]
        return None if None in parts else f"[{', '.join(str(part) for part in parts)}]"
    return scalar(value)


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character == "\n":
        return "\\n"
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:  # half of a character: no file can hold it
        return "\N{REPLACEMENT CHARACTER}"
    if character.isprintable():
        return character
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
