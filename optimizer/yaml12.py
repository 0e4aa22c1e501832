"""YAML text -> plain values, and where each of them stands.

YAML is read by 1.2 rules (`no` is text, `012` is twelve), from libyaml's events rather than its constructors,
so that hostile input (tags, alias bombs, deep nesting) stops before it costs anything; duplicate keys are errors.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import yaml

from optimizer.errors import PathItem, Problem, ScenarioError

MAX_DEPTH = 40
MAX_VALUES = 2_000_000

Path_ = tuple[PathItem, ...]

_INT = re.compile(r"[+-]?[0-9]{1,300}")
_FLOAT = re.compile(r"[+-]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][+-]?[0-9]{1,4})?")
_BASED = {"0o": 8, "0x": 16}


class Mark(NamedTuple):
    """Where a value stands: a file (or the option that set it), 1-based line and column."""

    file: str | None = None
    line: int | None = None
    column: int | None = None


Marks = dict[Path_, Mark]


def read_yaml(text: str, file: str) -> tuple[Any, Marks]:
    """The value that a YAML or JSON text holds, and the mark of every value by its path.

    Args:
        text: one YAML document.
        file: name for messages.

    Raises:
        ScenarioError: where the text is not YAML, or uses what a scenario may not.
    """
    return _Builder(text, file).data()


def fail(message: str, mark: Mark, hint: str = "", path: Path_ = ()) -> ScenarioError:
    """One located problem as an error to raise."""
    return ScenarioError([Problem(path, message, hint, *mark)])


class _Node(NamedTuple):
    value: Any  # a scalar, list[_Node], or dict[str, tuple[Mark of the key, _Node]]
    mark: Mark


class _Builder:
    """Builds values from libyaml's events, without constructors, tags or recursion in the parser."""

    def __init__(self, text: str, file: str) -> None:
        self._file = file
        self._anchors: dict[str, _Node | None] = {}
        self._count = 0
        self._root = self._parse(text)

    def data(self) -> tuple[Any, Marks]:
        """Plain values, and the mark of each by its path."""
        marks: Marks = {}
        if self._root is None:
            return None, marks
        return self._expand(self._root, (), marks), marks

    def _mark(self, mark: Any) -> Mark:
        return Mark(self._file, mark.line + 1, mark.column + 1)

    def _parse(self, text: str) -> _Node | None:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        stack: list[tuple[_Node, list[Any], str | None]] = []  # node, [pending key, its mark], anchor
        root: _Node | None = None
        documents = 0
        try:
            for event in yaml.parse(text, Loader=loader):
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        raise fail(
                            "a second document starts here",
                            self._mark(event.start_mark),
                            "write one scenario per file, without ---",
                        )
                elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                    node, _, anchor = stack.pop()
                    if anchor:
                        self._anchors[anchor] = node
                    if not stack:
                        root = node
                elif isinstance(event, yaml.NodeEvent):
                    node = self._node(event)
                    if stack:
                        self._attach(stack[-1], node)
                    if isinstance(event, yaml.CollectionStartEvent):
                        stack.append((node, [None, None], event.anchor))
                        if len(stack) > MAX_DEPTH:
                            raise fail(f"values are nested deeper than {MAX_DEPTH} levels", node.mark)
                    elif not stack:
                        root = node
        except yaml.MarkedYAMLError as error:
            mark = self._mark(error.problem_mark) if error.problem_mark else Mark(self._file)
            problem = error.problem or "this is not YAML"
            raise fail(f"this is not valid YAML: {problem}", mark, _yaml_hint(problem)) from None
        except yaml.YAMLError as error:
            raise fail(
                f"this is not valid YAML: {str(error).splitlines()[0]}",
                Mark(self._file),
                "remove the control character",
            ) from None
        return root

    def _node(self, event: Any) -> _Node:
        mark = self._mark(event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            node = self._anchors.get(event.anchor)
            if node is None:
                why = "contains itself" if event.anchor in self._anchors else "is not defined above"
                raise fail(f"the alias *{event.anchor} {why}", mark)
            return node
        if event.tag is not None and event.tag not in ("!", "tag:yaml.org,2002:str"):
            raise fail(
                f"the tag {event.tag.replace('tag:yaml.org,2002:', '!!')} is not allowed",
                mark,
                "scenarios hold plain values only",
            )
        value: Any
        if isinstance(event, yaml.ScalarEvent):
            value = _scalar(event.value) if event.implicit[0] and event.tag is None else event.value
        else:
            value = {} if isinstance(event, yaml.MappingStartEvent) else []
        node = _Node(value, mark)
        if event.anchor:
            self._anchors[event.anchor] = node if isinstance(event, yaml.ScalarEvent) else None
        return node

    def _attach(self, top: tuple[_Node, list[Any], str | None], node: _Node) -> None:
        (parent, mark), pending, _ = top
        if isinstance(parent, list):
            parent.append(node)
        elif pending[1] is None:
            if isinstance(node.value, dict | list):
                raise fail("a key cannot be a list or a mapping", node.mark)
            pending[0], pending[1] = _key(node.value), node.mark
        else:
            key, key_mark = pending
            pending[1] = None
            if key == "<<":
                self._merge(parent, node, key_mark)
                return
            if key in parent and parent[key][2]:
                first = parent[key][0]
                raise fail(
                    f"the key {key!r} is written twice (first in line {first.line})",
                    key_mark,
                    "keep one of them",
                )
            parent[key] = (key_mark, node, True)

    @staticmethod
    def _merge(parent: dict[str, Any], node: _Node, mark: Mark) -> None:
        for source in node.value if isinstance(node.value, list) else [node]:
            if not isinstance(source.value, dict):
                raise fail("<< merges mappings only", mark)
            for key, (key_mark, value, _) in source.value.items():
                parent.setdefault(key, (key_mark, value, False))

    def _expand(self, node: _Node, path: Path_, marks: Marks) -> Any:
        self._count += 1
        if self._count > MAX_VALUES or len(path) > MAX_DEPTH:
            raise fail("aliases expand to too many values", node.mark)
        marks.setdefault(path, node.mark)
        if isinstance(node.value, list):
            return [self._expand(item, (*path, i), marks) for i, item in enumerate(node.value)]
        if isinstance(node.value, dict):
            result = {}
            for key, (key_mark, value, _) in node.value.items():
                marks[(*path, key)] = key_mark
                result[key] = self._expand(value, (*path, key), marks)
            return result
        return node.value


def _key(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else str(value)


def _scalar(text: str) -> Any:
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
        return float(text)
    base = _BASED.get(text[:2])
    if base and len(text) < 40:
        try:
            return int(text[2:], base)
        except ValueError:
            return text
    return text


def _yaml_hint(problem: str) -> str:
    if "'@'" in problem or "'`'" in problem:
        return "put the text in quotes: '@name'"
    if r"'\t'" in problem or "\t" in problem:
        return "indent with spaces, not tabs"
    if "mapping values are not allowed" in problem:
        return "text with a colon needs quotes"
    if "could not find expected ':'" in problem:
        return "a key is followed by a colon and a space"
    return ""
