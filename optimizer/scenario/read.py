"""Files and text -> the plain data of a scenario, each value with its place; changes to them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from optimizer.language.errors import (
    Mark,
    Marks,
    Nothing,
    Problem,
    fail,
    nearest,
)
from optimizer.language.files import decoded, read_bytes, shown_name, shown_reason
from optimizer.language.quantities import shown
from optimizer.language.yaml12 import read_yaml
from optimizer.scenario.changes import Layer, laid_over
from optimizer.scenario.each import expanded

MAX_BYTES = 10_000_000


MAX_EXTENDS = 20


Carried = Callable[[str, str, Marks], tuple[dict[str, Any], Marks]]
"""Text, name and marks of a saved plan -> the scenario that it carries, and its marks."""
PLAN_KEYS = frozenset({"inputs", "lines", "objectives", "totals", "scenario"})
"""A file with all of these is a saved plan, which carries its scenario."""


def read_with_bases(
    path: Path, problems: list[Problem], carried: Carried, chain: tuple[Path, ...] = ()
) -> Layer:
    """What a file says together with those it extends.

    Args:
        path: the file.
        problems: what is wrong and leaves something to go on with is added here.
        carried: reads a saved plan.
        chain: files that lead here.

    Raises:
        ScenarioError: where nothing can be read.
    """
    layer = read_text(_read_file(path), shown_name(path), carried)
    return over_its_base(layer, path, problems, carried, chain)


def _read_file(path: Path) -> str:
    mark = Mark(shown_name(path))
    if os.path.isdir(path):
        raise fail("this is a folder, not a scenario file", mark)
    try:
        raw = read_bytes(path, MAX_BYTES)
    except FileNotFoundError:
        raise fail("there is no such file", mark, _near(path)) from None
    except OSError as error:
        raise fail(f"cannot be read: {shown_reason(error)}", mark) from None
    if len(raw) > MAX_BYTES:
        raise fail(
            f"the file is larger than {MAX_BYTES // 1_000_000} MB",
            mark,
            "a scenario is a few kilobytes; is this the right file?",
        )
    return decoded(raw, shown_name(path))


def _near(path: Path, besides: str = "") -> str:
    """A hint that names a scenario file in the same folder with nearly that name."""
    try:
        near = [shown_name(p.name) for p in path.parent.glob("*.y*ml") if p.name != besides]
    except OSError:  # a folder that may not be listed
        return ""
    name = nearest(path.name, near)
    return "" if name is None else f"did you mean {name!r}?"


def read_text(text: str, file: str, carried: Carried) -> Layer:
    """What one text says; `file` is what messages call it."""
    data, marks = read_yaml(text, file)
    if data is None:
        raise fail("the file is empty", Mark(file, 1, 1), "`optimize new` writes a scenario to start from")
    if not isinstance(data, dict):
        hint = "`optimize new` writes a scenario to start from"
        raise fail("a scenario consists of keys and values, such as budget: 60000", marks[()], hint)
    if data.keys() >= PLAN_KEYS:
        return Layer(*carried(text, file, marks))
    own = [
        key for key in data if key.startswith("x-")
    ]  # the user's own, for anchors; nothing here reads them
    return Layer(
        {key: value for key, value in data.items() if key not in own},
        {at: mark for at, mark in marks.items() if at[:1] not in [(key,) for key in own]},
    )


def over_its_base(
    layer: Layer, path: Path, problems: list[Problem], carried: Carried, chain: tuple[Path, ...] = ()
) -> Layer:
    """What a file says together with the file it extends, every `each` written out."""
    data, marks = expanded(*layer, problems)
    base_name = data.get("extends")
    mark, at = marks.get(("extends",), Mark(shown_name(path))), ("extends",)
    if base_name is None and not isinstance(mark, Nothing):
        return Layer({key: value for key, value in data.items() if key != "extends"}, marks)
    if not isinstance(base_name, str):
        raise fail("one file is wanted here", mark, "write e.g. extends: house-rates.yaml", at)
    try:
        here, base = Path(os.path.realpath(path)), path.parent / base_name  # also of a loop of links
        _check_base(base, base_name, here, path, chain, mark)
    except (OSError, ValueError, RuntimeError) as error:  # a name too long, a NUL in it
        why = error.strerror if isinstance(error, OSError) else "this is no name of a file"
        raise fail(f"{shown(base_name)} cannot be read: {why}", mark, path=at) from None
    inherited = read_with_bases(base, problems, carried, (*chain, here))
    del data["extends"]
    return Layer(*expanded(*laid_over(inherited, Layer(data, marks), problems), problems))


def _check_base(
    base: Path, base_name: str, here: Path, path: Path, chain: tuple[Path, ...], mark: Mark
) -> None:
    at = ("extends",)
    if (there := Path(os.path.realpath(base))) == here or there in chain:
        raise fail(
            f"{base_name} leads back to itself", mark, "scenarios cannot extend each other in a circle", at
        )
    if len(chain) >= MAX_EXTENDS:
        raise fail(f"more than {MAX_EXTENDS} files extend each other", mark, path=at)
    if os.path.isdir(base) or not os.path.exists(base):
        try:
            base.stat()
            what = f"{base_name} is a folder"
        except (FileNotFoundError, NotADirectoryError):
            what = f"there is no file {base_name}"
        except (OSError, ValueError) as error:
            raise fail(
                f"{base_name} cannot be read: {getattr(error, 'strerror', error)}", mark, path=at
            ) from None
        raise fail(what, mark, _near(base, path.name) or "the path starts from this file's folder", at)
