"""Paths into a scenario, as they are typed after `--set` and printed in messages.

    budget                     a key
    offers.macro.cpm           an item of a list by its name; a name is looked for before a position
    offers[3].cpm              by its position, counted from 0, where nothing in the list is named 3
    offers.3.cpm               the same, where nothing in the list has a number for a name
    offers[#3].cpm             by its position, whatever the names
    offers["p[q].r=1"].cpm     any name at all; text in double quotes is read as JSON reads it
    offers['say "hi"'].cpm     any name at all; a single quote inside is written twice
    offers[p[q].r=1].cpm       without quotes where the brackets of the name come in pairs
    offers[tier=nano].cpm      of every offer that fits, where nothing in the list is named so; where a value is set
    offers[tier=nano,tier=micro,flight="a b"].cpm
                               several values of one key are alternatives, several keys must all fit

What `format_path` writes, `steps_of` reads back as the same path.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from optimizer.language.names import composed


class Position(int):
    """A position in a list where something is named like it, so that it has to be written `[#3]`."""


class Step(NamedTuple):
    """One step of a path: a key, or of a list the name of an item or its position."""

    text: str
    """Without brackets and quotes, in composed form (NFC)."""
    may_be_name: bool = True
    may_be_position: bool = False
    dotted: bool = True
    may_be_filter: bool = False
    """Whether it may say which offers are meant: between brackets, without quotes around all of it."""


_BARE = re.compile(r"[^.\[\]]+")
_PLAIN = re.compile(r"(?![#'\"\s])[^.\[\]=\\\x00-\x1f\x7f]+(?<!\s)")
"""A step that can be written without brackets and stay one step, also before `=`."""
_QUOTED = re.compile(r"""\[(?:("(?:[^"\\]|\\.)*")|'((?:[^']|'')*)')\]""", re.DOTALL)
_NUMBER = re.compile(r"#?([0-9]+)")


def format_path(path: Sequence[str | int]) -> str:
    """`("offers", 3, "cpm")` as `offers[3].cpm`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[#{int(part)}]" if isinstance(part, Position) else f"[{part}]"
        elif _PLAIN.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"[{json.dumps(part, ensure_ascii=False)}]"
    return text


def position(index: int, names: Collection[str]) -> int:
    """The position of an item as `format_path` has to be given it, beside such names in its list."""
    return Position(index) if str(index) in names else index


def steps_of(text: str) -> list[Step]:
    """The steps of a path.

    Raises:
        ValueError: where the text is no path.
    """
    steps: list[Step] = []
    at = 0
    while at < len(text):
        if steps and text[at] == ".":
            at += 1
        step, at = _bracketed(text, at) if text[at : at + 1] == "[" else _bare(text, at)
        steps.append(step)
    if not steps:
        raise ValueError("this is not a path")
    return steps


def split_assignment(text: str) -> tuple[str, str] | None:
    """Path and value of `PATH=VALUE`; an equals sign inside brackets belongs to the path. None without one."""
    at = 0
    while at < len(text) and text[at] != "=":
        try:
            at = _bracketed(text, at)[1] if text[at] == "[" else at + 1
        except ValueError:  # no path: what is wrong with it is said when it is read
            at = text.find("=", at)
            if at < 0:
                return None
    return (text[:at].strip(), text[at + 1 :]) if at < len(text) else None


def _bare(text: str, at: int) -> tuple[Step, int]:
    found = _BARE.match(text, at)
    if found is None:
        raise ValueError("this is not a path")
    return _step(found[0]), found.end()


def _bracketed(text: str, at: int) -> tuple[Step, int]:
    quoted = _QUOTED.match(text, at)
    if quoted is not None:
        if quoted[1] is None:
            return Step(composed(quoted[2].replace("''", "'"))), quoted.end()
        try:
            return Step(composed(json.loads(quoted[1], strict=False))), quoted.end()
        except ValueError:
            raise ValueError(r"a backslash between double quotes is written \\") from None
    depth = 0
    for end in range(at, len(text)):
        depth += {"[": 1, "]": -1}.get(text[end], 0)
        if depth == 0:
            inner = text[at + 1 : end]
            if not inner:
                break
            number = _NUMBER.fullmatch(inner)
            if number and inner[0] == "#":
                return Step(number[1], may_be_name=False, may_be_position=True, dotted=False), end + 1
            return _step(inner)._replace(dotted=False, may_be_filter="=" in inner), end + 1
    raise ValueError("this is not a path")


def _step(text: str) -> Step:
    return Step(composed(text), may_be_position=_NUMBER.fullmatch(text) is not None and text[0] != "#")
