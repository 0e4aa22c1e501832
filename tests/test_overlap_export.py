"""The plan of the page about overlap exports against every plan there is."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from optimizer import load_scenario, optimize
from optimizer.program.program import program_of
from tests.documents import ROOT, blocks, workplace

PAGE = ROOT / "docs" / "how-to" / "use-an-overlap-export.md"


@pytest.mark.parametrize("budget", [10_000, 12_000, 14_000, 16_000])
def test_no_plan_of_the_twelve_candidates_beats_the_bound_of_the_proof(budget: int, tmp_path: Path) -> None:
    """HiGHS called worse plans the best ones, as long as it was not told that nobody reaches more than there are."""
    with workplace(tmp_path):
        for block in blocks(PAGE):
            if block.file:
                Path(block.file).write_text("\n".join(block.lines) + "\n", encoding="utf-8")
        scenario = load_scenario("export.yaml", {"budget": budget})
    program = program_of(scenario)
    assert program.reach is not None
    cost = np.asarray(program.packages.measures["cost"])
    plans = (np.array(each, dtype=float) for each in product((0, 1), repeat=program.packages.count))
    most = max(program.reach.reached(each) for each in plans if float(cost @ each) <= budget)
    objective = optimize(scenario).objective
    assert objective.bound is not None
    assert objective.bound >= most * (1 - 1e-9)
    assert objective.value >= most * (1 - 1e-3)
