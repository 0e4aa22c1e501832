"""Results to the screen or to files: whole or not at all, and never in the place of what is no file of this name's own.

A regular file gets its new content at once, under its old mode and owner. Devices, pipes and descriptors are written
through, links to what they lead to. What cannot be written is said before minutes of solving where that can be seen.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli import streams
from optimizer.cli.errors import shown
from optimizer.language import files
from optimizer.language.files import shown_name, shown_reason

if TYPE_CHECKING:
    from optimizer.report.layout.csv import Dialect
    from optimizer.report.layout.parts import Section

MAKING = threading.Lock()
"""Held while a temporary file is made; whoever ends the command keeps it."""
MAX_LINKS = 40


# --- before the work -----------------------------------------------------------------------------------------


def check_output(path: str | None) -> None:
    """Refuse what cannot be written, before the work is done.

    Raises:
        click.UsageError: which says why.
    """
    if path is None or path == "-":
        if streams.output_is_closed():
            raise click.UsageError("standard output is closed; write to a file: -o FILE")
        return
    if _descriptor(path) is not None:
        return
    try:
        status = _status(path)
        if status is None:
            folder = os.path.dirname(os.path.realpath(path))
            os.stat(folder)
            if not os.access(folder, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        elif stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        elif not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise _refused(path, error) from None


def check_apart(*outputs: str | None) -> None:
    """Refuse an output that the command has read from, and two outputs in one place; call it when all is read.

    Raises:
        click.UsageError: which names both.
    """
    taken: dict[object, str] = {}
    for path in outputs:
        if path is None:
            continue
        place = _place(path)
        if isinstance(place, tuple) and place in files.READ:
            known = files.READ[place]
            also = "" if known == shown_name(path) else f" (as {known})"
            raise click.UsageError(
                f"{shown_name(path)} is read by this command{also} and would be lost; choose another name"
            )
        if place in taken:
            raise click.UsageError(
                f"{shown_name(taken[place])} and {shown_name(path)} are one place; choose two names"
            )
        taken[place] = path


def _place(path: str) -> object:
    """Device and inode of a regular file that is there; else something that is equal for the same place."""
    number = 1 if path == "-" else _descriptor(path)
    if number is not None:
        return number
    with suppress(OSError):
        status = _status(path)
        if status is not None:
            return (status.st_dev, status.st_ino) if stat.S_ISREG(status.st_mode) else object()
    return os.path.normcase(os.path.realpath(path))


# --- reports -------------------------------------------------------------------------------------------------


def emit(
    result: Any,
    form: str,
    output: str | None,
    dialect: Dialect | None = None,
    *,
    title: str | None = None,
    everything: bool = False,
) -> None:
    """A result in its format to the screen or a file.

    Args:
        result: of any command.
        form: text, json, csv, md, xlsx, html or, for a plan, mediaplan-json.
        output: a file, "-" or None for the screen.
        dialect: of CSV.
        title: another title than the result has itself.
        everything: in text every assumption, input and point, as Markdown always has them.
    """
    from optimizer.report import formats

    if form == "json":
        emit_text(result.model_dump_json(indent=2) + "\n", output)
    elif form == "csv":
        emit_text(formats.csv(result, dialect or "plain"), output)
    elif form == "xlsx":
        emit_bytes(formats.workbook(result), output)
    elif form == "html":
        emit_text(formats.page(result), output)
    elif form == "mediaplan-json":
        from optimizer.mediaplan.write import mediaplan_json

        emit_text(mediaplan_json(result), output)
    else:
        parts = formats.sections_of(result, everything=everything or form == "md")
        emit_sections(formats.title_of(result) if title is None else title, parts, form, output)


def emit_sections(title: str, parts: Iterable[Section], form: str, output: str | None) -> None:
    """Any report as text or Markdown, to the screen (in colour on a terminal) or a file."""
    if form == "md":
        from optimizer.report.layout.markdown import sections_markdown

        emit_text(sections_markdown(title, parts), output)
        return
    from optimizer.report.layout.text import MAX_WIDTH, MIN_WIDTH, sections_text, styled_text

    if output or not sys.stdout.isatty():
        emit_text(sections_text(title, parts), output)
        return
    width = min(max(shutil.get_terminal_size().columns, MIN_WIDTH), MAX_WIDTH)
    if os.environ.get("TERM") == "dumb" or sys.platform == "win32":
        emit_text(sections_text(title, parts, width), output)
    else:
        emit_text(styled_text(title, parts, width, colours=not os.environ.get("NO_COLOR")), output)


def emit_text(text: str, output: str | None) -> None:
    """Finished text to the screen or a file."""
    emit_bytes(streams.encoded(text), output)


def emit_bytes(content: bytes, output: str | None) -> None:
    """A finished file of any kind to the screen or a file."""
    if output is None or output == "-":
        streams.to_output(content)
        return
    write(output, content)
    click.echo(f"wrote {shown(shown_name(output))}", err=True)


# --- files ---------------------------------------------------------------------------------------------------


def write(path: str, content: bytes) -> None:
    """Write to a file, whole or not at all; through to a device, a pipe, a descriptor or a link's target.

    Raises:
        click.UsageError: where it cannot be written; what was there before is as it was.
    """
    number = 1 if path == "-" else _descriptor(path)
    if number == 1:
        streams.to_output(content)
        return
    try:
        status = None if number is not None else _status(path)
        if number is not None:
            _written_to(os.dup(number), content)
        elif status is None or stat.S_ISREG(status.st_mode):
            _replace(os.path.realpath(path), content, status)
        else:
            _written_to(os.open(path, os.O_WRONLY | getattr(os, "O_NOCTTY", 0)), content)
    except BrokenPipeError:
        sys.exit(streams.CLOSED_PIPE)
    except OSError as error:
        raise _refused(path, error) from None


def write_filled(path: str, fill: Callable[[Path], object]) -> None:
    """As `write`, for what only writes to files of its own: `fill` gets the name of one.

    Raises:
        click.UsageError: as `write`.
    """
    import tempfile

    folder = ""
    try:
        with MAKING:
            folder = tempfile.mkdtemp(prefix="optimize-")
            files.UNFINISHED.add(folder)
        scratch = Path(folder, "content")
        fill(scratch)
        content = scratch.read_bytes()
    except OSError as error:
        raise _refused(path, error) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        files.UNFINISHED.discard(folder)
    write(path, content)


def _refused(path: str, error: OSError) -> click.UsageError:
    return click.UsageError(f"{shown_name(path)} cannot be written: {shown_reason(error)}")


def _status(path: str) -> os.stat_result | None:
    """What stands at a path, links followed; None for nothing."""
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None
    except ValueError:
        raise OSError(errno.EINVAL, "no file can have this name") from None


def _descriptor(path: str) -> int | None:
    """The number of an open descriptor that a name stands for, as /dev/stdout or what `>(...)` gives; else None."""
    at = os.path.abspath(path)
    for _ in range(MAX_LINKS):
        found = re.fullmatch(rf"(?:/dev|/proc/(?:self|thread-self|{os.getpid()}))/fd/(\d+)", at)
        if found:
            return int(found[1])
        try:
            leads_to = os.readlink(at)
        except (OSError, ValueError):
            return None
        at = os.path.normpath(os.path.join(os.path.dirname(at), leads_to))
    return None


def _written_to(descriptor: int, content: bytes) -> None:
    with open(descriptor, "wb", buffering=0) as file:
        rest = memoryview(content)
        while rest:
            rest = rest[file.write(rest) or 0 :]


def _replace(target: str, content: bytes, old: os.stat_result | None) -> None:
    """Give a regular file its content at once, by way of a temporary file in the same folder."""
    if old is not None:
        if not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if not _can_have_the_owner(old):
            _overwrite(target, content)
            return
    # not made of the target's name, which may be as long as names can be
    temporary = os.path.join(os.path.dirname(target), f".optimize-{os.getpid()}-{os.urandom(4).hex()}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with MAKING:
            descriptor = os.open(temporary, flags, 0o666 if old is None else 0o600)
            files.UNFINISHED.add(temporary)
    except PermissionError:
        if old is None:
            raise
        _overwrite(target, content)  # the file may be written, its folder takes no other
        return
    try:
        _written_to(descriptor, content)
        if old is not None:
            _as_before(temporary, old)
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    finally:
        files.UNFINISHED.discard(temporary)


def _can_have_the_owner(old: os.stat_result) -> bool:
    return not hasattr(os, "geteuid") or os.geteuid() in (0, old.st_uid)


def _as_before(path: str, old: os.stat_result) -> None:
    """Owner, group and mode of what is replaced."""
    if hasattr(os, "chown"):
        new = os.stat(path)
        if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
            with suppress(OSError):  # a group that the user is no longer in
                os.chown(path, old.st_uid, old.st_gid)
    os.chmod(path, stat.S_IMODE(old.st_mode))


def _overwrite(target: str, content: bytes) -> None:
    """Write into a file that must stay itself; room for all of it comes first, so that a full disk changes nothing."""
    descriptor = os.open(target, os.O_WRONLY | getattr(os, "O_BINARY", 0))
    try:
        size = os.fstat(descriptor).st_size
        if hasattr(os, "posix_fallocate") and len(content) > size:
            try:
                os.posix_fallocate(descriptor, 0, len(content))
            except OSError as error:
                os.ftruncate(descriptor, size)
                if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL):
                    raise
        _written_to(os.dup(descriptor), content)
        os.ftruncate(descriptor, len(content))
    finally:
        os.close(descriptor)
