"""Files that a user names: read as bytes, decoded as UTF-8 in any locale, called by a name that can be shown.

Which files were read is remembered, so that no output of the same command takes the place of one.
"""

from __future__ import annotations

import errno
import os
import stat

READ: dict[tuple[int, int], str] = {}
"""Device and inode of each regular file that was read -> its name, as shown."""


UNFINISHED: set[str] = set()
"""Temporary files and folders that nobody needs once the process ends, however it ends."""
_ACTUAL: dict[str, str] = {}


def read_bytes(path: str | os.PathLike[str], at_most: int) -> bytes:
    """What a file holds: at most one byte more than `at_most`, by which a caller sees that it is too large.

    Raises:
        OSError: where it cannot be read.
    """
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            if stat.S_ISREG(status.st_mode):
                READ[status.st_dev, status.st_ino] = shown_name(path)
            return file.read(at_most + 1)
    except ValueError:  # a NUL, or letters that this system's file names cannot have
        raise OSError(errno.EINVAL, "no file can have this name", os.fspath(path)) from None


def decoded(raw: bytes, file: str) -> str:
    """UTF-8 bytes as text, without a byte order mark.

    Raises:
        ScenarioError: where they are not UTF-8; names file, line, column and byte.
    """
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # a byte order mark counts in `error.start` no more than in what is cut off here
        bad = error.start + (len(raw) - len(error.object))
        line = raw.count(b"\n", 0, bad) + 1
        start = raw.rfind(b"\n", 0, bad) + 1
        column = len(raw[start:bad].decode("utf-8-sig")) + 1
        from optimizer.language.errors import Problem, ScenarioError

        message = f"byte 0x{raw[bad]:02x} is not UTF-8 text"
        raise ScenarioError(
            [Problem((), message, "save the file as UTF-8", file=file, line=line, column=column)]
        ) from None


def shown_name(path: str | os.PathLike[str]) -> str:
    """A file's name as text that can be written anywhere: bytes that are not UTF-8 become replacement characters."""
    name = os.fspath(path)
    try:
        shown = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except UnicodeEncodeError:  # half a pair of surrogates, which Windows allows
        shown = name.encode("utf-8", "replace").decode("utf-8")
    if shown != name:
        _ACTUAL[shown] = name
    return shown


def as_typed(text: str) -> str:
    """A word of the command line as it was typed in UTF-8, where a locale without letters could not read it."""
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:  # no UTF-8 either: whoever reads the value says so
        return text


def actual_name(shown: str) -> str:
    """The file's own name, from `shown_name`'s."""
    return _ACTUAL.get(shown, shown)


def shown_reason(error: OSError) -> str:
    """Why a file cannot be read or written, in the system's words."""
    return error.strerror or str(error)
