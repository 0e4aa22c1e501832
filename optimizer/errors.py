"""Everything that can go wrong, as one tree.

    OptimizerError
    ├── ScenarioError      the input cannot be planned; carries every Problem at once
    ├── InfeasibleError    the input is fine, but no plan satisfies all its limits
    └── SolverError        the solver stopped before any plan, or its answer failed verification

The library raises these; only the command line turns them into messages and exit codes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

PathItem = str | int


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with the input, where it is, and how to mend it.

    Attributes:
        path: where in the scenario, e.g. `("offers", 3, "cpm")`.
        message: what is wrong, in one sentence, with the offending value.
        hint: how to mend it; empty where the message already says so.
        file: the file the value came from, or the option that set it; None for scenarios built in Python.
        line: 1-based line, or None where no file is involved.
        column: 1-based column, or None.
    """

    path: tuple[PathItem, ...]
    message: str
    hint: str = ""
    file: str | None = None
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        """`file:line:column: offers[3].cpm: message (hint)`."""
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        parts = [part for part in (place, format_path(self.path), self.message) if part]
        return ": ".join(parts) + (f" ({self.hint})" if self.hint else "")


class OptimizerError(Exception):
    """Base of every error this package raises on purpose."""


class ScenarioError(OptimizerError):
    """The scenario cannot be planned; `problems` lists every reason that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Conflict:
    """One member of a set of limits that cannot hold together.

    Attributes:
        name: the limit's name as in the plan.
        text: what it asks for, in plain words.
        path: where it stands in the scenario.
    """

    name: str
    text: str
    path: tuple[PathItem, ...] = field(default=())


class InfeasibleError(OptimizerError):
    """No plan satisfies every limit; `conflict` holds limits that cannot hold together."""

    def __init__(self, message: str, conflict: Sequence[Conflict] = ()) -> None:
        self.conflict: tuple[Conflict, ...] = tuple(conflict)
        super().__init__(message)


class SolverError(OptimizerError):
    """The solver gave no usable answer: stopped too early, missing, or failed verification.

    `timed_out` is True where a longer time limit may help.
    """

    def __init__(self, message: str, *, timed_out: bool = False) -> None:
        self.timed_out = timed_out
        super().__init__(message)


def format_path(path: Sequence[PathItem]) -> str:
    """`("offers", 3, "cpm")` as `offers[3].cpm`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known word, or all of them where none is near and they are few."""
    words = list(dict.fromkeys(known))
    close = get_close_matches(word.casefold(), [w.casefold() for w in words], n=1, cutoff=0.6)
    if close:
        return f"did you mean {next(w for w in words if w.casefold() == close[0])!r}?"
    return f"known: {', '.join(words)}" if 0 < len(words) <= 16 else ""
