"""Commands and examples in the README and docs: found, run, and their output compared or refreshed.

- In a block marked `console`, a line `$ optimize …` is a command and the lines up to the next command are its
  output. A line `…` stands for any number of lines. `>`, `<` and `cat FILE |` work as in a shell; `$ echo $?`
  shows the exit code.
- A block marked `yaml` whose first line is a comment naming a file (`# spring.yaml`) is saved as that first;
  so is a block that names its file after its language (```csv signed.csv), for files that know no comments.
- A block marked `python` is run as it stands; one that names its file (```python made.py) is saved too, and
  `$ python made.py` runs it.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from click.testing import CliRunner

from tests.forked import NoPictures

ROOT = Path(__file__).resolve().parents[1]
ELISION = "…"
_FENCE = re.compile(r"^```(\w*)(?: (\S+\.\w+))?\s*$")
_FILE = re.compile(r"^# (\S+\.ya?ml)$")


class Block(NamedTuple):
    """A fenced block; `first` is the index of its first line in the page, `named` the file it is called after."""

    language: str
    first: int
    lines: list[str]
    named: str | None = None

    @property
    def file(self) -> str | None:
        """The file that a reader is asked to save it as."""
        name = _FILE.match(self.lines[0]) if self.language == "yaml" and self.lines else None
        return name.group(1) if name else self.named


class Example(NamedTuple):
    """A command with the output a page shows for it; `first` and `last` are line indices of that output.

    `files` are the blocks that a reader has saved between the command before and this one.
    """

    command: str
    output: list[str]
    first: int
    last: int
    files: list[Block]


def pages() -> list[Path]:
    """Every page a reader may copy a command from."""
    extra = ROOT / "scenarios" / "README.md"
    return [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *([extra] if extra.exists() else []),
        *sorted((ROOT / "docs").rglob("*.md")),
    ]


def blocks(page: Path) -> Iterator[Block]:
    """Every fenced block."""
    language, named, start = "", None, -1
    lines: list[str] = []
    for index, line in enumerate(page.read_text(encoding="utf-8").splitlines()):
        fence = _FENCE.match(line)
        if fence and start < 0:
            language, named, start, lines = fence.group(1), fence.group(2), index + 1, []
        elif fence:
            yield Block(language, start, lines, named)
            start = -1
        elif start >= 0:
            lines.append(line)


def examples(page: Path) -> list[Example]:
    """Every `$ command` of a page."""
    found, files = [], []
    for block in blocks(page):
        if block.file:
            files.append(block)
        if block.language != "console":
            continue
        at = [i for i, line in enumerate(block.lines) if line.startswith("$ ")]
        for i, end in zip(at, [*at[1:], len(block.lines)], strict=True):
            output = block.lines[i + 1 : end]
            found.append(Example(block.lines[i][2:], output, block.first + i + 1, block.first + end, files))
            files = []
    return found


@contextmanager
def workplace(folder: Path) -> Iterator[None]:
    """A folder with the shipped scenarios, as at the top of the project; changes stay in it."""
    if not (folder / "scenarios").exists():
        shutil.copytree(ROOT / "scenarios", folder / "scenarios")
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def run_page(page: Path) -> Iterator[tuple[Example, int, list[str]]]:
    """Every `optimize` command of a page in order, with exit code and output; for use in a `workplace`."""
    code = 0
    for example in examples(page):
        for block in example.files:
            Path(str(block.file)).write_text("\n".join(block.lines) + "\n", encoding="utf-8")
        if example.command == "echo $?":
            yield example, 0, [str(code)]
        elif re.match(r"(\w+=\S* |cat \S+ \| )*optimize\b", example.command):
            code, output = run(example.command)
            yield example, code, output
        elif script := re.fullmatch(r"python (\w+\.py)", example.command):
            ran = subprocess.run([sys.executable, script[1]], capture_output=True, text=True, check=False)
            yield example, ran.returncode, [*ran.stdout.splitlines(), *ran.stderr.splitlines()]


def run(command: str) -> tuple[int, list[str]]:
    """Exit code and what the terminal shows (results and messages) of a command, run in this process."""
    from optimizer.cli.commands import cli

    words = shlex.split(command, comments=True)
    source = target = None
    environment = {}
    while words[0] != "optimize":
        if words[0] == "cat" and words[2] == "|":
            source, words = Path(words[1]), words[3:]
        else:
            name, _, value = words[0].partition("=")
            environment[name] = value
            words = words[1:]
    for sign in "<>":
        if sign in words:
            at = words.index(sign)
            source, target = (Path(words[at + 1]), target) if sign == "<" else (source, Path(words[at + 1]))
            words = words[:at] + words[at + 2 :]
    typed = source.read_text(encoding="utf-8") if source else None
    # One process: to start others takes longer than what the pages plan, and the output is the same. A page of a plan
    # has fewer points around today's where there is little time for them, and no pictures; what is printed is the same.
    with (
        patch("optimizer.jobs.processes.processors", return_value=1),
        patch("optimizer.cli.pages.SECONDS", 5.0),
        patch("optimizer.report.page.render._vl_convert", NoPictures),
        patch("optimizer.report.page.document.bundle", return_value=""),  # which is kept once it is made
    ):
        result = CliRunner().invoke(cli, words[1:], prog_name="optimize", input=typed, env=environment)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    if target is not None:
        target.write_text(result.stdout, encoding="utf-8")
        return result.exit_code, result.stderr.splitlines()
    return result.exit_code, [line.rstrip() for line in result.output.splitlines()]


def masked(lines: list[str]) -> list[str]:
    """Output without what differs between machines and versions: solve times, the solver, fingerprints."""
    hidden = ((r"HiGHS [\d.]+", "HiGHS"), (r"\d+\.\d+ s\b", "0.00 s"), (r"sha256 [0-9a-f]+", "sha256 0"))
    for pattern, word in hidden:
        lines = [re.sub(pattern, word, line).rstrip() for line in lines]
    return lines


def matches(shown: list[str], real: list[str]) -> bool:
    """Whether real output is what a page shows, where `…` lines stand for any number of lines."""
    parts, real = _parts(masked(shown)), masked(_trimmed(real))
    if len(parts) == 1:
        return parts[0] == real
    first, *middle, last = parts
    if real[: len(first)] != first or real[len(real) - len(last) :] != last:
        return False
    real = real[len(first) : len(real) - len(last)]
    for part in middle:
        found = [i for i in range(len(real) - len(part) + 1) if real[i : i + len(part)] == part]
        if not found:
            return False
        real = real[found[0] + len(part) :]
    return True


def _parts(shown: list[str]) -> list[list[str]]:
    """What is shown before, between and after the `…` lines."""
    parts: list[list[str]] = [[]]
    for line in _trimmed(shown):
        parts.append([]) if line.rstrip() == ELISION else parts[-1].append(line)
    return parts


def refreshed(shown: list[str], real: list[str]) -> list[str] | None:
    """The output as it is now, elided where the page elides it; None where the places cannot be found again.

    A shown part runs from its first to its last line, or is as long as before where the last has changed;
    the first part begins and the last ends where the output does.
    """
    if not any(line.rstrip() == ELISION for line in shown):
        return real
    parts = _parts(shown)
    new: list[str] = []
    lines, at = masked(real), 0
    for position, part in enumerate(parts):
        if position:
            new.append(ELISION)
        if not part:
            continue
        first, last = masked([part[0], part[-1]])
        if position and first not in lines[at:]:
            return None
        begin = lines.index(first, at) if position else 0
        at = lines.index(last, begin) + 1 if last in lines[begin:] else begin + len(part)
        at = len(lines) if position == len(parts) - 1 else at
        new += real[begin:at]
    return new


def _trimmed(lines: list[str]) -> list[str]:
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    return lines
