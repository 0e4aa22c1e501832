"""Everything that can go wrong, as one tree.

    OptimizerError
    ├── ScenarioError      the input cannot be planned; carries every Problem at once
    │   └── UnlimitedError    all that is wrong is that nothing limits an objective
    ├── InfeasibleError    the input is fine, but no plan satisfies all its limits
    ├── SolverError        the solver stopped before any plan, or its answer failed verification
    └── MissingPackageError   an optional package is not installed

The library raises these; only the command line turns them into messages and exit codes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import NamedTuple

from optimizer.language.paths import format_path
from optimizer.language.synonyms import stands_for

PathItem = str | int
KeyPath = tuple[PathItem, ...]
"""Where something stands in a scenario: keys, and positions in lists."""


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


class UnlimitedError(ScenarioError):
    """All that is wrong is that nothing limits an objective, which a budget would mend."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """One member of a set of limits that cannot hold together.

    Attributes:
        name: the limit's name as in the plan.
        text: what it asks for, in plain words.
        path: where it stands in the scenario.
        place: file:line:column, where the scenario was read from a file.
    """

    name: str
    text: str
    path: tuple[PathItem, ...] = field(default=())
    place: str = ""


@dataclass(frozen=True, slots=True)
class Turned:
    """One number of the scenario, set to another.

    Attributes:
        path: where it stands in the scenario.
        before: the number today; a share for "20% of cost".
        after: the number then.
        changes: path as text -> new value, as for `Scenario.with_changes` and `--set`.
        text: the change in words.
    """

    path: tuple[PathItem, ...]
    before: float
    after: float
    changes: Mapping[str, object]
    text: str


@dataclass(frozen=True, slots=True)
class WayOut:
    """A smallest change that makes a plan possible.

    Attributes:
        text: the change in words, e.g. "raise budget by 1,240 USD (to 11,240)".
        turned: the numbers that change.
        possible: whether the change helps; False says that changing this limit alone cannot.
        result: what the plan then reaches, in words; "" where there is none.
        value: objective of the plan then; None where there is none.
    """

    text: str
    turned: tuple[Turned, ...] = ()
    possible: bool = True
    result: str = ""
    value: float | None = None

    @property
    def changes(self) -> dict[str, object]:
        """Path -> new value, as for `Scenario.with_changes` and `--set`."""
        return {path: value for one in self.turned for path, value in one.changes.items()}


class InfeasibleError(OptimizerError):
    """No plan satisfies every limit.

    Attributes:
        conflict: limits that cannot hold together.
        minimal: whether it is proven that dropping any one of them resolves this conflict.
        ways_out: the smallest change of each that makes a plan possible; one for several where single ones cannot.
    """

    def __init__(
        self,
        message: str,
        conflict: Sequence[Conflict] = (),
        *,
        minimal: bool = True,
        ways_out: Sequence[WayOut] = (),
    ) -> None:
        self.conflict: tuple[Conflict, ...] = tuple(conflict)
        self.minimal = minimal
        self.ways_out: tuple[WayOut, ...] = tuple(ways_out)
        super().__init__(message)

    @property
    def message(self) -> str:
        """What is wrong, without the limits."""
        return str(self.args[0])

    def __str__(self) -> str:
        """What is wrong and the limits that conflict, which is all that a traceback shows."""
        if not self.conflict:
            return self.message
        return f"{self.message}: {'; '.join(member.text for member in self.conflict)}"

    def record(self) -> dict[str, object]:
        """Everything as plain values, for JSON."""
        return {
            "status": "infeasible",
            "message": self.message,
            "minimal": self.minimal,
            "conflict": [
                {"name": c.name, "text": c.text, "path": format_path(c.path), "place": c.place}
                for c in self.conflict
            ],
            "ways_out": [
                {
                    "text": w.text,
                    "possible": w.possible,
                    "changes": w.changes,
                    "result": w.result,
                    "value": w.value,
                }
                for w in self.ways_out
            ],
        }


class SolverError(OptimizerError):
    """The solver gave no usable answer: stopped too early, missing, or failed verification.

    `timed_out` is True where a longer time limit may help.
    """

    def __init__(self, message: str, *, timed_out: bool = False) -> None:
        self.timed_out = timed_out
        super().__init__(message)


class MissingPackageError(OptimizerError):
    """An optional package is not installed; the message says what to install."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} need optional packages: pip install 'creatormix[{extra}]'")


class FieldError(ValueError):
    """What a validator of the scenario raises where a plain `ValueError` cannot say enough.

    Attributes:
        message: what is wrong.
        hint: how to mend it.
        at: the key below the validated value that is to blame, for the line in the message.
    """

    def __init__(self, message: str, hint: str = "", at: tuple[PathItem, ...] = ()) -> None:
        self.message = message
        self.hint = hint
        self.at = at
        super().__init__(message + (f" ({hint})" if hint else ""))


class Mark(NamedTuple):
    """Where a value stands: a file (or the option that set it), 1-based line and column."""

    file: str | None = None
    line: int | None = None
    column: int | None = None


class Nothing(Mark):
    """The mark of a key or list item behind which nothing is written, not even null."""


Marks = dict[tuple[PathItem, ...], Mark]
"""The mark of every value of a file by its path."""

_SHORTHAND = ("maximize", "per")
"""Keys that stand in a path although the user wrote only their value (`objective: engagements`)."""


def located(problem: Problem, marks: Mapping[tuple[PathItem, ...], Mark]) -> Problem:
    """The problem with file, line and column, and its path as the user wrote it.

    `objective[0].maximize` becomes `objective` where the file says `objective: engagements`.
    """
    if problem.file is not None or not marks:
        return problem
    path: tuple[PathItem, ...] = ()
    mark = marks.get((), Mark())
    for part in problem.path:
        written = (*path, part)
        implied = isinstance(part, int) or part in _SHORTHAND
        if implied and written not in marks and path in marks:
            continue
        path = written
        mark = marks.get(path, mark)
    return replace(problem, path=path, file=mark.file, line=mark.line, column=mark.column)


def in_file_order(problems: Iterable[Problem], first: str | None) -> list[Problem]:
    """Problems sorted as a reader meets them: by file, the one named `first` first, then line and column."""
    listed = list(problems)
    files = list(dict.fromkeys([first, *(problem.file for problem in listed)]))
    return sorted(listed, key=lambda p: (files.index(p.file), p.line or 0, p.column or 0))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The nearest known word; None where none is near."""
    words = list(dict.fromkeys(known))
    close = get_close_matches(word.casefold(), [w.casefold() for w in words], n=1, cutoff=0.6)
    return next(w for w in words if w.casefold() == close[0]) if close else None


MOST_LISTED = 24
"""All measures and what a share can be taken of besides fit in, and the keys of a scenario."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names the known word that is meant, or all of them where none is and they are few.

    A planner's other word for one of them counts more than a spelling that is near.
    """
    words = list(dict.fromkeys(known))
    near, names = nearest(word, words), stands_for(word)
    if near is None or stands_for(near) != names:  # else it is the same word in another form
        near = next((name for name in names if name in words), near)
    if near is not None:
        return f"did you mean {near!r}?"
    return f"known: {', '.join(words)}" if 0 < len(words) <= MOST_LISTED else ""


def fail(message: str, mark: Mark, hint: str = "", path: KeyPath = ()) -> ScenarioError:
    """One located problem as an error to raise."""
    return ScenarioError([Problem(path, message, hint, *mark)])
