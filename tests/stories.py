"""The worked scenarios and the stories they tell, for tests."""

from __future__ import annotations

import shlex
from functools import cache
from pathlib import Path

from optimizer import Plan, Scenario, load_scenario, optimize
from optimizer.language.paths import split_assignment
from optimizer.load import parse_value

FOLDER = Path(__file__).resolve().parents[1] / "scenarios"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
INFEASIBLE = "too-tight"
PLANNED = [name for name in NAMES if name != INFEASIBLE]


def text(name: str) -> str:
    return (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


def story(name: str) -> list[str]:
    """The lines of the comment that a scenario begins with."""
    lines = text(name).splitlines()
    end = next(i for i, line in enumerate(lines) if not line.startswith("#"))
    return [line.removeprefix("#").strip() for line in lines[:end]]


def changed(name: str, *changes: str) -> Scenario:
    """A scenario, each change written as after `--set`."""
    split = [split_assignment(change) or (change, "") for change in changes]
    overrides = {path: parse_value(value) for path, value in split}
    return load_scenario(FOLDER / f"{name}.yaml", overrides)


@cache
def plan(name: str, *changes: str) -> Plan:
    """The plan of a scenario, each change written as after `--set`."""
    return optimize(changed(name, *changes))


@cache
def plan_without_risk(name: str, *changes: str) -> Plan:
    """The same without what it may come to, which nobody waits for who asks about bookings."""
    return optimize(changed(name, *changes), draws=0)


def booked(found: Plan, *offers: str) -> float:
    """Creators booked on some offers."""
    return sum(line.creators for line in found.lines if line.offer in offers)


def tries(name: str) -> list[tuple[str, ...]]:
    """The `--set` options of each line that the story says to try."""
    found = []
    for line in story(name):
        if line.removeprefix("Try next:").strip().startswith("--set"):
            words = shlex.split(line[line.index("--set") :].replace("'", ""))
            found.append(tuple(words[i + 1] for i, word in enumerate(words) if word == "--set"))
    return found
