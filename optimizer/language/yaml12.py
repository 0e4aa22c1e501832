"""YAML text -> plain values, and where each of them stands.

YAML is read by 1.2 rules (`no` is text, `012` is twelve), from libyaml's events rather than its constructors,
so that hostile input (tags, alias bombs, deep nesting) stops before it costs anything; duplicate keys are
errors.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml

from optimizer.language.errors import KeyPath, Mark, Marks, Nothing, fail
from optimizer.language.names import composed
from optimizer.language.quantities import could_be_two_numbers
from optimizer.language.yaml_errors import LINE_BREAK, explain

MAX_DEPTH = 40
MAX_VALUES = 2_000_000


_INT = re.compile(r"[+-]?[0-9]{1,300}")
_FLOAT = re.compile(r"[+-]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][+-]?[0-9]{1,4})?")
_OCTAL = re.compile(r"0o[0-7]{1,40}")
_HEX = re.compile(r"0x[0-9a-fA-F]{1,40}")
_JSON = re.compile('\ufeff?\\s*\\{\\s*"')


def read_yaml(text: str, file: str) -> tuple[Any, Marks]:
    """The value that a YAML or JSON text holds, and the mark of every value by its path.

    Keys come in composed form (NFC). Where nothing stands behind a key, the value is None and the mark a `Nothing`.

    Args:
        text: one YAML document.
        file: name for messages.

    Raises:
        ScenarioError: where the text is not YAML, or uses what a scenario may not.
    """
    return _Builder(text, file).data()


class _Node(NamedTuple):
    value: Any  # a scalar, list[_Node], or dict[str, _Entry]
    mark: Mark
    text: str = ""  # a scalar as it was written


class _Entry(NamedTuple):
    key_mark: Mark
    node: _Node


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet."""

    node: _Node
    anchor: str | None
    size: int = 1  # values it stands for, aliases counted in full
    key: str | None = None
    key_mark: Mark | None = None
    merges: list[tuple[Mark, _Node]] = field(default_factory=list)


class _Builder:
    """Builds values from libyaml's events, without constructors, tags or recursion in the parser."""

    def __init__(self, text: str, file: str) -> None:
        self._file = file
        self._anchors: dict[str, tuple[_Node, int] | None] = {}  # None while the anchored value is still open
        self._json = _JSON.match(text) is not None
        self._root = self._parse(_readable(text, file))

    def data(self) -> tuple[Any, Marks]:
        """Plain values, and the mark of each by its path."""
        marks: Marks = {}
        if self._root is None:
            return None, marks
        marks[()] = self._root.mark
        return self._expand(self._root, (), marks), marks

    def _mark(self, mark: Any) -> Mark:
        return Mark(self._file, mark.line + 1, mark.column + 1)

    def _parse(self, text: str, kind_of_loader: Any = None) -> _Node | None:
        loader = (kind_of_loader or getattr(yaml, "CSafeLoader", yaml.SafeLoader))(text)
        stack: list[_Open] = []
        root: _Node | None = None
        documents = 0
        try:
            while True:
                event = loader.get_event()
                kind = type(event)
                if kind is yaml.ScalarEvent or kind is yaml.AliasEvent:
                    node, size = self._alias(event) if kind is yaml.AliasEvent else (self._scalar(event), 1)
                    if stack:
                        self._attach(stack[-1], node, size)
                    else:
                        root = node
                elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                    self._refuse_tag(event)
                    node = _Node({} if kind is yaml.MappingStartEvent else [], self._mark(event.start_mark))
                    if event.anchor:
                        self._anchors[event.anchor] = None
                    stack.append(_Open(node, event.anchor))
                    if len(stack) > MAX_DEPTH:
                        raise fail(f"values are nested deeper than {MAX_DEPTH} levels", node.mark)
                elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                    done = stack.pop()
                    self._merge(done)
                    if done.anchor:
                        self._anchors[done.anchor] = (done.node, done.size)
                    if stack:
                        self._attach(stack[-1], done.node, done.size)
                    else:
                        root = done.node
                elif kind is yaml.DocumentStartEvent:
                    documents += 1
                    if documents > 1:
                        hint = "write one scenario per file, without ---"
                        raise fail("a second document starts here", self._mark(event.start_mark), hint)
                elif kind is yaml.StreamEndEvent:
                    return root
        except yaml.MarkedYAMLError as error:
            if error.problem == "exceeded maximum nesting depth" and kind_of_loader is None:
                # libyaml's own limit, met while it looks ahead; the other parser has none and comes to ours
                return self._parse(text, yaml.SafeLoader)
            message, hint, mark = explain(error, text)
            raise fail(message, Mark(self._file, *mark), hint) from None
        except yaml.YAMLError as error:
            first = str(error).splitlines()[0]
            raise fail(f"this is not valid YAML: {first}", Mark(self._file)) from None
        finally:
            loader.dispose()

    def _refuse_tag(self, event: Any) -> None:
        if event.tag is not None and event.tag not in ("!", "tag:yaml.org,2002:str"):
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            hint = "scenarios hold plain values only; text that begins with ! needs quotes"
            raise fail(f"the tag {tag} is not allowed", self._mark(event.start_mark), hint)

    def _alias(self, event: Any) -> tuple[_Node, int]:
        known = self._anchors.get(event.anchor)
        if known is None:
            inside = event.anchor in self._anchors
            why = "stands inside the value it names" if inside else "is not defined above"
            hint = "" if inside else f"text that begins with * needs quotes: '*{event.anchor}'"
            raise fail(f"the alias *{event.anchor} {why}", self._mark(event.start_mark), hint)
        return known

    def _scalar(self, event: Any) -> _Node:
        self._refuse_tag(event)
        plain = event.tag is None and event.implicit[0]
        value = self._as_written(scalar(event.value), event.value) if plain else event.value
        node = _Node(value, self._mark(event.start_mark), event.value)
        if event.anchor:
            self._anchors[event.anchor] = (node, 1)
        return node

    def _as_written(self, value: Any, text: str) -> Any:
        """A number that remembers its text where that says more: a name such as 007 is compared as it is written, and
        1.234 may mean a thousand, unless a program wrote it."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return value
        if str(value) == text and (self._json or not could_be_two_numbers(text)):
            return value
        number = WrittenInt(value) if isinstance(value, int) else WrittenFloat(value)
        number.written = text
        return number

    @staticmethod
    def _attach(parent: _Open, node: _Node, size: int) -> None:
        parent.size += size
        if parent.size > MAX_VALUES:
            raise fail(f"aliases expand to more than {MAX_VALUES:,} values", node.mark)
        values = parent.node.value
        if isinstance(values, list):
            values.append(node)
        elif parent.key_mark is None:
            if isinstance(node.value, dict | list):
                raise fail(
                    "a key cannot be a list or a mapping", node.mark, "text that begins with { needs quotes"
                )
            parent.key, parent.key_mark = node.text, node.mark
        else:
            key, mark = composed(parent.key or ""), parent.key_mark
            parent.key_mark = None
            if key == "<<":
                parent.merges.append((mark, node))
                return
            if key in values:
                hint = (
                    "a list item needs a space after the dash" if key.startswith("-") else "keep one of them"
                )
                first = values[key].key_mark.line
                raise fail(f"the key {key!r} is written twice, first in line {first}", mark, hint)
            values[key] = _Entry(mark, node)

    @staticmethod
    def _merge(done: _Open) -> None:
        """Take over what << names; keys written in the mapping itself win, wherever they stand."""
        for mark, node in done.merges:
            for source in node.value if isinstance(node.value, list) else [node]:
                if not isinstance(source.value, dict):
                    raise fail("<< takes over mappings only", mark, "write <<: *name")
                for key, entry in source.value.items():
                    done.node.value.setdefault(key, entry)

    def _expand(self, node: _Node, path: KeyPath, marks: Marks) -> Any:
        value = node.value
        if isinstance(value, dict):
            result = {}
            for key, entry in value.items():
                inner = (*path, key)
                marks[inner] = Nothing(*entry.key_mark) if _is_empty(entry.node) else entry.key_mark
                result[key] = self._expand_inner(entry.node, inner, marks)
            return result
        if isinstance(value, list):
            items = []
            for index, item in enumerate(value):
                inner = (*path, index)
                marks[inner] = Nothing(*item.mark) if _is_empty(item) else item.mark
                items.append(self._expand_inner(item, inner, marks))
            return items
        return value

    def _expand_inner(self, node: _Node, path: KeyPath, marks: Marks) -> Any:
        if not isinstance(node.value, dict | list):
            return node.value
        if len(path) > MAX_DEPTH:
            raise fail(f"values are nested deeper than {MAX_DEPTH} levels", node.mark)
        return self._expand(node, path, marks)


class WrittenInt(int):
    """A whole number that is written in another way than numbers are shown, as 007."""

    written: str


class WrittenFloat(float):
    """A number that is written in another way than numbers are shown, as 1.10, or that may mean another, as 1.234."""

    written: str


def _is_empty(node: _Node) -> bool:
    return node.value is None and not node.text


def scalar(text: str) -> Any:
    """A plain scalar by the YAML 1.2 core schema."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE"):
        return True
    if text in ("false", "False", "FALSE"):
        return False
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text  # 1e400: its own text says more than "inf"
    if _OCTAL.fullmatch(text) or _HEX.fullmatch(text):
        return int(text[2:], 8 if text[1] == "o" else 16)
    return text


_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_SURROGATES = re.compile(r"(?<!\\)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")


def _readable(text: str, file: str) -> str:
    """The text without a byte order mark; of JSON, what YAML reads in another way mended."""
    text = text.removeprefix("\ufeff")
    wrong = _UNREADABLE.search(text)
    if wrong:
        before = LINE_BREAK.split(text[: wrong.start()])
        mark = Mark(file, len(before), len(before[-1]) + 1)
        raise fail(f"the character U+{ord(wrong[0]):04X} cannot stand in a text file", mark, "remove it")
    if text.lstrip().startswith("{"):

        def join(pair: re.Match[str]) -> str:
            return (bytes.fromhex(pair[1]) + bytes.fromhex(pair[2])).decode("utf-16-be")

        text = _SURROGATES.sub(join, text)  # one character written as two escapes
        for line_break in "\x85\u2028\u2029":  # YAML folds lines inside quotes
            text = text.replace(line_break, f"\\u{ord(line_break):04x}")
    return text
