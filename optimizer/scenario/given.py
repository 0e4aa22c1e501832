"""Arguments of the library's functions that are not what is meant: said in a sentence, with what to write instead."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from typing import Any

from optimizer.language.errors import did_you_mean
from optimizer.language.quantities import parse_number, plain
from optimizer.scenario.scenario import Scenario


def given_scenario(scenario: Any) -> Scenario:
    """The scenario, if it is one.

    Raises:
        TypeError: where it is something else, such as the name of its file.
    """
    if isinstance(scenario, Scenario):
        return scenario
    if isinstance(scenario, str | os.PathLike):
        raise TypeError(
            f"a Scenario is wanted, not the name of a file: load_scenario({os.fspath(scenario)!r})"
        )
    if isinstance(scenario, dict):
        raise TypeError("a Scenario is wanted, not a dictionary: Scenario(**values)")
    raise TypeError(f"a Scenario is wanted, not {type(scenario).__name__}")


def given_share(name: str, value: Any) -> float:
    """A share between 0 and 1.

    Raises:
        TypeError: for text.
        ValueError: for a number that is none.
    """
    if isinstance(value, str):
        try:
            meant = f": {name}={plain(parse_number(value))}"
        except ValueError:
            meant = ""
        raise TypeError(f"{name} is a number between 0 and 1, not text{meant}")
    if not 0 <= value <= 1:
        raise ValueError(f"{name} must be a share between 0 and 1 (2 % is 0.02), not {value!r}")
    return float(value)


def given_words(what: str, values: Sequence[str], known: Collection[str]) -> None:
    """Refuse words that are none of those there are.

    Raises:
        TypeError: for text instead of a list of words.
        ValueError: which names the word and those there are.
    """
    if isinstance(values, str):
        raise TypeError(f"a list is wanted, not text: [{values!r}]")
    for value in values:
        if value not in known:
            raise ValueError(f"there is no {what} {value!r} ({did_you_mean(str(value), known)})")
