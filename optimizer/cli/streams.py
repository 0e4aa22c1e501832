"""Standard input, output and error: UTF-8 whatever the locale says, and one line where one is full or closed."""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys

TYPE_CHECKING = False  # as in `optimizer`
if TYPE_CHECKING:
    from typing import Any

CLOSED_PIPE = 141
"""Exit code where nobody reads any more (`| head`), as of a program that SIGPIPE ends."""
_CLOSED: set[int] = set()
"""Descriptors among 0, 1 and 2 that were closed when the command began."""


class StandardOutputError(Exception):
    """Standard output takes no more. No OSError, so that nothing between the write and the end takes it for its own."""

    def __init__(self, error: OSError) -> None:
        self.reader_gone = isinstance(error, BrokenPipeError) or (
            os.name == "nt" and error.errno == errno.EINVAL
        )
        super().__init__(f"standard output cannot be written: {error.strerror or error}")


class _Descriptor(io.FileIO):
    """Standard output or standard error; after the first failure everything goes nowhere, the interpreter's last
    flush too."""

    def __init__(self, number: int, *, quiet: bool) -> None:
        super().__init__(number, "wb", closefd=False)
        self._quiet = quiet
        self._lost = False

    def write(self, data: Any) -> int:
        size = memoryview(data).nbytes
        if self._lost:
            return size
        try:
            if self.fileno() in _CLOSED:
                raise OSError(errno.EBADF, "it is closed")
            return super().write(data) or 0
        except OSError as error:
            self._lost = True
            if self._quiet:  # nothing is left to say it on
                return size
            raise StandardOutputError(error) from None


def _replaced(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    return "\N{REPLACEMENT CHARACTER}" * (error.end - error.start), error.end


codecs.register_error("creatormix", _replaced)


def hold_places() -> None:
    """Give the numbers of closed streams to nothing, or the next files to be opened would get them, and with them what
    is meant for the streams."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            _CLOSED.add(number)
            os.open(os.devnull, os.O_RDWR)


def set_up() -> None:
    """Make the standard streams of this process what the rest relies on; for the command, not for a library."""
    sys.stdout = _stream(sys.stdout, 1)
    sys.stderr = _stream(sys.stderr, 2)


def _stream(present: Any, number: int) -> Any:
    if os.name == "nt" and present is not None and present.isatty():
        return present  # a console of Windows is written in characters, not in bytes
    raw = _Descriptor(number, quiet=number == 2)
    terminal = raw.isatty()
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding="utf-8",
        errors="creatormix",
        newline="\n",
        line_buffering=terminal or number == 2,
    )


def encoded(text: str) -> bytes:
    """Text as it is written everywhere."""
    return text.encode("utf-8", "creatormix")


def output_is_closed() -> bool:
    """Whether the command was started without a standard output."""
    return 1 in _CLOSED


def to_output(content: bytes) -> None:
    """Bytes to standard output."""
    sys.stdout.flush()
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:  # somebody's own stream of characters
        sys.stdout.write(content.decode("utf-8"))
    else:
        buffer.write(content)
    sys.stdout.flush()


def input_bytes() -> bytes:
    """All of standard input.

    Raises:
        OSError: where it is closed or cannot be read.
    """
    if 0 in _CLOSED or sys.stdin is None:
        raise OSError(errno.EBADF, "it is closed")
    content: bytes = sys.stdin.buffer.read()
    return content
