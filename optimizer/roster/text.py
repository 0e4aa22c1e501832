"""The bytes of a file -> its text, and the encoding it was in."""

from __future__ import annotations

import re
from typing import NamedTuple

from optimizer.language.errors import Problem, ScenarioError

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8", "UTF-8 with BOM"),
    (b"\xff\xfe", "utf-16-le", "UTF-16"),
    (b"\xfe\xff", "utf-16-be", "UTF-16"),
)
_NAMES = {"utf-8": "UTF-8", "cp1252": "Windows-1252", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16"}
_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
"""A letter beyond ASCII in UTF-8."""


class Text(NamedTuple):
    """What a file says, and how it was encoded, in words."""

    text: str
    encoding: str


def text_of(raw: bytes, name: str, encoding: str | None = None) -> Text:
    """The text of a file in UTF-8, UTF-16 or Windows-1252, with or without a byte order mark.

    Windows-1252 is taken where the bytes are not UTF-8, unless nearly all of them are: then some are damaged.

    Args:
        raw: all of the file.
        name: what messages call it.
        encoding: one to read it with, by Python's names; found where left out.

    Raises:
        ScenarioError: for what is no text in any of these, with line and column of the first byte that is not.
    """
    if encoding is not None:
        return _as_told(raw, name, encoding)
    mark = next((mark for mark in _MARKS if raw.startswith(mark[0])), None)
    if mark is not None:
        return Text(_decoded(raw[len(mark[0]) :], mark[1], name), mark[2])
    wide = _wide(raw)
    if wide is not None:
        return Text(_decoded(raw, wide, name), "UTF-16")
    if b"\x00" in raw:
        _fail(
            name, "this is no text: it holds bytes of value 0", raw[: raw.index(b"\x00")].count(b"\n") + 1, 1
        )
    try:
        return Text(raw.decode("utf-8"), "UTF-8")
    except UnicodeDecodeError as error:
        bad = len(_LETTER.sub(b"", raw)) - len(re.sub(rb"[\x80-\xff]", b"", _LETTER.sub(b"", raw)))
        if len(_LETTER.findall(raw)) > bad:
            line, column = _place(raw, error.start)
            message = f"byte 0x{raw[error.start]:02x} is not UTF-8 text, while other letters of the file are"
            _fail(name, message, line, column)
        return Text(_decoded(raw, "cp1252", name), _NAMES["cp1252"])


def _as_told(raw: bytes, name: str, encoding: str) -> Text:
    try:
        return Text(raw.decode(encoding).removeprefix("\ufeff"), _NAMES.get(encoding.lower(), encoding))
    except LookupError:
        hint = "write e.g. utf-8, utf-16 or cp1252"
        raise ScenarioError([Problem(("encoding",), f"there is no encoding {encoding!r}", hint)]) from None
    except UnicodeDecodeError as error:
        line, column = _place(raw, error.start)
        _fail(name, f"byte 0x{raw[error.start]:02x} is not {encoding} text", line, column)
        raise  # for type checkers: never reached


def _wide(raw: bytes) -> str | None:
    """UTF-16 without a byte order mark: every other byte of plain letters is 0."""
    head = raw[:2000]
    if len(head) < 4 or len(raw) % 2:
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > 0.4 * half and even < 0.1 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * half and odd < 0.1 * half else None


def _decoded(raw: bytes, encoding: str, name: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode(encoding, "replace")
        line = before.count("\n") + 1
        column = len(before) - before.rfind("\n")
        kind = _NAMES[encoding]
        neither = "neither UTF-8 nor " if encoding == "cp1252" else "not "
        _fail(name, f"byte 0x{raw[error.start]:02x} is {neither}{kind} text", line, column)
        raise  # for type checkers: never reached


def _place(raw: bytes, at: int) -> tuple[int, int]:
    return raw.count(b"\n", 0, at) + 1, at - raw.rfind(b"\n", 0, at)


def _fail(name: str, message: str, line: int, column: int) -> None:
    hint = "save the file as CSV UTF-8"
    raise ScenarioError([Problem((), message, hint, file=name, line=line, column=column)])
