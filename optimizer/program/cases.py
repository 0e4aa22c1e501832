"""The stress cases of a scenario, each with its own program: the same packages with other numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.language.measures import MEASURES
from optimizer.program.packages import Floats, Packages
from optimizer.program.program import Program, program_of
from optimizer.program.stressed import stress_cases
from optimizer.scenario.scenario import Goal, Scenario


@dataclass(frozen=True)
class Case:
    """One stress case.

    Attributes:
        name: as in the scenario.
        changes: in words.
        scenario: the scenario with these changes, without cases of its own.
        touched: names of the offers that changed.
        notes: what is worth knowing of how it was made.
    """

    name: str
    changes: tuple[str, ...]
    scenario: Scenario
    touched: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def program(self) -> Program:
        """The program of the changed scenario."""
        return program_of(self.scenario)


def cases(scenario: Scenario) -> tuple[Case, ...]:
    """The stress cases of a scenario that can be planned, in its order."""
    made, _ = stress_cases(scenario)
    return tuple(
        Case(name, scenario.stress[name], one.scenario, one.touched, one.notes) for name, one in made.items()
    )


def values_in(case: Case, packages: Packages, goal: Goal) -> Floats:
    """What one unit of each column of a scenario's program counts in a case, shape (columns,).

    Args:
        case: of the scenario.
        packages: of the scenario as it stands; those of the case are the same in the same order, but for switches.
        goal: a measure that adds up.
    """
    own = case.program.packages
    assert own.count == packages.count, "a stress case changes no packages"
    theirs = own.measures[goal.measure]
    result = np.zeros(packages.columns)
    result[: packages.count] = theirs[: own.count]
    once = {offer: float(theirs[own.count + s]) for s, offer in enumerate(own.setup_of)}
    for s, offer in enumerate(packages.setup_of):
        result[packages.count + s] = once.pop(offer, 0.0)
    assert goal.measure not in MEASURES or not any(once.values()), "what is set up in a case has a switch"
    return result
